"""Notebook 12's experiments: what the page says holds over the random starts; rows made again."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import identifiability
from contexture_lite.teach.nb12_identifiability import (
    bars,
    compute,
    figures,
    results,
    tasks,
    unmixing,
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def on_bars():
    return results.shipped("bars")


def of(table, case, score):
    return table[table["case"] == case].sort_values("seed")[score].to_numpy()


# -- bars -----------------------------------------------------------------------------------


def test_every_learner_has_ten_starts_and_no_other_part_is_asked_for(on_bars):
    assert on_bars.groupby("case").seed.nunique().to_dict() == dict.fromkeys(bars.LEARNERS, 10)
    with pytest.raises(ValueError, match="part is 'birds'; there are bars, downstream, mixing"):
        results.shipped("birds")


def test_the_product_context_finds_both_factors_from_every_start(on_bars):
    for case in ("product context", "tied strengths, then ICA"):
        assert of(on_bars, case, "one_each").min() > 0.99
        assert of(on_bars, case, "agreement").min() > 0.99


def test_images_alone_find_them_less_often_than_chance(on_bars):
    chance = np.arcsin(np.sqrt(0.1)) / (np.pi / 4)  # a random rotation has a purity above .9
    for case in bars.BETAS:
        purity = of(on_bars, case, "purity")
        assert np.ptp(purity) > 0.2 and (purity > 0.9).sum() < 10 * chance


def test_a_tie_may_agree_on_a_mixture_and_far_apart_one_factor_is_absent(on_bars):
    tied, far = (of(on_bars, case, "one_each") for case in ("tied strengths", "too far apart"))
    assert np.ptp(tied) > 0.2 and of(on_bars, "tied strengths", "agreement").min() > 0.85
    assert (np.abs(far - 0.5) < 0.05).all() and of(on_bars, "too far apart", "purity").min() > 0.98
    assert of(on_bars, "too far apart", "agreement").min() > 0.99


@pytest.mark.processor
@pytest.mark.parametrize("learner", ["product context", "tied strengths, then ICA",
                                     "too far apart"])
def test_a_start_made_again_says_the_same(on_bars, learner):
    scores = bars.scores(bars.features_of(learner, seed=3))
    shipped = on_bars[(on_bars["case"] == learner) & (on_bars["seed"] == 3)].iloc[0]
    assert abs(scores["one_each"] - shipped["one_each"]) < 0.005
    assert abs(scores["purity"] - shipped["purity"]) < 0.005


def test_the_loss_of_a_vae_is_the_elbo_of_torch():
    x, generator = bars.bars()[0][:6], torch.Generator().manual_seed(1)
    encoder, decoder = bars.mlp(256, 8, 4), bars.mlp(2, 8, 256)
    loss = bars.vae_loss(encoder, decoder, x, 3.0, generator)
    mean, logvar = encoder(x).chunk(2, dim=1)
    q = torch.distributions.Normal(mean, (logvar / 2).exp())
    z = mean + torch.randn(mean.shape, generator=torch.Generator().manual_seed(1)) * q.scale
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1)
    log_p = torch.distributions.Normal(decoder(z), 0.1).log_prob(x).sum(1)
    constant = 256 * np.log(0.1 * np.sqrt(2 * np.pi))
    assert torch.isclose(loss, (3 * kl - log_p - constant).mean(), rtol=1e-4)


# -- angles and tasks -------------------------------------------------------------------------


@pytest.mark.parametrize("values", [(0.9, 0.7), (0.8, 0.7), (0.75, 0.7)])
def test_simulated_angles_have_the_predicted_variance(values):
    squares = compute.simulated_angles(values, 40_000) ** 2
    error = squares.std() / np.sqrt(len(squares))
    wanted = identifiability.angle_variance(values, 40_000, symmetric=True)
    assert abs(squares.mean() - wanted) < 3 * error


def test_many_tasks_reach_the_ceiling_which_inputs_raise_and_tasks_do_not():
    table = tasks.overlaps(tasks=(1, 30, 300))
    mean = table.groupby(["d", "tasks"]).overlap.mean()
    for d in tasks.DIMENSIONS:
        ceiling = identifiability.task_ceiling(d, tasks.INPUTS, tasks.R)
        assert abs(mean[d, 30] - ceiling) < 0.03 and abs(mean[d, 300] - ceiling) < 0.03
        assert mean[d, 1] < 0.36
    more = np.mean([tasks.overlap(*tasks.learned(400, 30, 8000, seed)) for seed in range(2)])
    assert more > mean[400, 300] + 0.1


def test_downstream_is_flat_in_d_after_inputs_in_proportion():
    table = results.shipped("downstream")
    mean = table.groupby(["case", "x"]).right.mean().unstack()
    assert table.groupby("case").seed.nunique().min() == 5
    for task in ("half-space", "parity"):
        assert np.ptp(mean.loc[f"{task}/one step"]) < 0.02
    assert mean.loc["half-space/as drawn"].iloc[0] - mean.loc["half-space/as drawn"].iloc[-1] > 0.15


def test_a_row_of_new_tasks_made_again():
    table = results.shipped("downstream")
    rows = table[(table["x"] == 50) & (table["seed"] == 1)].set_index("case").right
    for (task, layer), right in tasks.downstream(50, 1).items():
        assert abs(rows[f"{task}/{layer}"] - right) < 0.01


def test_one_half_space_shows_one_direction_and_parity_two():
    first, second = tasks.one_task("half-space")
    assert np.isclose(first[0], np.sqrt(2 / np.pi), atol=0.01)
    assert np.abs(first[1:]).max() < 1e-12 and np.abs(second).max() < 1e-12
    first, second = tasks.one_task("parity")
    assert np.abs(first).max() < 1e-12 and np.isclose(second[0, 1], 2 / np.pi, atol=0.01)
    second[0, 1] = second[1, 0] = 0
    assert np.abs(second).max() < 1e-12


# -- almost linear --------------------------------------------------------------------------------


def test_the_error_over_delta_is_the_closed_form_within_a_tenth():
    table = results.shipped("mixing")
    rows = table[table["case"] == "uniform/bend"].pivot(index="seed", columns="x", values="entry")
    s = unmixing.uniform()
    wanted = sum(identifiability.robust_slope(s, unmixing.bend(s), unmixing.A))[1, 0]
    for delta in (0.01, 0.02, 0.04):
        slope = ((rows[delta] - rows[0.0]) / delta).mean()  # the same samples: free of the floor
        assert abs(slope / wanted - 1) < 0.1
    floor = np.sqrt(identifiability.sampling_floor(s, unmixing.SAMPLES))
    at_zero = table[(table["case"] == "uniform/bend") & (table["x"] == 0)].error
    assert 0.5 * floor < at_zero.mean() < 2 * floor


def test_an_even_bend_costs_nothing_in_first_order_and_normal_sources_stay_at_the_null():
    table = results.shipped("mixing")
    even = table[table["case"] == "uniform/even"].groupby("x").error.mean()
    floor = np.sqrt(identifiability.sampling_floor(unmixing.uniform(), unmixing.SAMPLES))
    assert even[0.04] < 2 * floor
    normal = table[(table["case"] == "normal/bend") & (table["x"] <= 0.08)]
    assert abs(normal.mcc.mean() - 2 * np.sqrt(2) / np.pi) < 0.04


def test_a_row_of_the_mixtures_made_again():
    table = results.shipped("mixing")
    s = unmixing.sources("uniform", unmixing.SAMPLES, 2)
    row = table[(table["case"] == "uniform/bend") & (table["x"] == 0.04) & (table["seed"] == 2)]
    assert np.isclose(unmixing.unmixed(s, 0.04, seed=2)[1, 0], row["entry"].iloc[0], atol=2e-4)


def test_photographs_are_nearly_uncorrelated_in_their_corners_only():
    for whole, bound in ((False, (0, 0.01)), (True, (0.1, 0.12))):
        shape, s = unmixing.photograph_sources(whole)
        assert np.prod(shape) == len(s)
        assert bound[0] <= abs(s[:, 0] @ s[:, 1] / len(s)) < bound[1]


def test_pictures_say_what_they_show(on_bars):
    letters = cl.gallery.symmetric_channel(0.8, 3)
    said = figures.relabelled({"equal": cl.gallery.product(letters, letters)}).alt
    assert "equal: 72 relabellings" in said and sorted(said.split(" is ")[1][:-1].split()) == [
        f"{a}{b}" for a in "abc" for b in "123"]
    assert "product context" in figures.learners(on_bars, 0.8).alt
