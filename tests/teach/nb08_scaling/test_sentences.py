"""What notebook 08 says of networks of every size holds for all five seeds of its table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contexture_lite.learn import scaling
from contexture_lite.teach.nb08_scaling import agreement, law, results

KEYS = ["task", "context", "width", "depth", "steps", "samples", "seed"]
CONTEXTS = [(task, context) for task, names in scaling.CONTEXTS.items() for context in names]


@pytest.fixture(scope="module")
def networks():
    """All columns by task, context, width, depth, steps, samples and seed."""
    return results.shipped().set_index(KEYS).sort_index()


def of(networks, task, context, width, *, depth=2, steps=300, samples=1000):
    """The rows of one kind of network, five seeds."""
    rows = networks.loc[task, context, width, depth, steps, samples]
    assert set(rows.index) == set(scaling.SEEDS)
    return rows


@pytest.mark.parametrize("task, context", CONTEXTS)
def test_every_network_ends_at_the_height_of_its_context(networks, task, context):
    for width in (256, 512):
        rows = of(networks, task, context, width)
        assert (rows.ratio_trace <= rows.ratio_trace_exact + 1e-6).all()
        assert (rows.ratio_trace > rows.ratio_trace_exact - 0.02).all()


def test_on_the_digits_ten_neighbours_reward_size_and_three_hundred_do_not(networks):
    ten, many = ([of(networks, "digits", context, width) for width in (4, 512)]
                 for context in ("10 neighbours", "300 neighbours"))
    assert (ten[0].error > ten[0].error_linear).all() and (ten[1].error < 0.21).all()
    assert ((many[0].error - many[1].error).abs() < 0.02).all()
    assert (many[1].error > many[1].error_linear + 0.04).all()


def test_nine_times_the_weights_gain_nothing_where_another_context_gains_much(networks):
    here, larger = (of(networks, "digits", "300 neighbours", width) for width in (128, 512))
    other = of(networks, "digits", "10 neighbours", 128)
    assert (larger.parameters > 9 * here.parameters).all()
    assert ((larger.error - here.error).abs() < 0.01).all()
    assert (other.error < here.error - 0.23).all()


def test_a_better_context_moves_the_height(networks):
    poor, good = (of(networks, "abalone", context, 512).error
                  for context in ("30 neighbours", "100 neighbours, whitened"))
    assert (good < poor - 0.1).all()


# -- the law -----------------------------------------------------------------------------


def fits(task, seed, below=law.LARGE):
    """Networks of one seed, and by context the laws of those below so many weights."""
    every = law.networks(results.shipped(), task, seed)
    return every, law.summary(every[every.distance > 0], below)


@pytest.mark.parametrize("seed", scaling.SEEDS)
def test_the_distance_is_a_power_of_the_size_nearly_the_same_in_every_context(seed):
    every, found = fits("digits", seed)
    assert found.exponent.between(1.38, 1.52).all() and (found.r < -0.989).all()
    for context, mine in every.groupby("context"):
        whole = mine[mine.weights < law.LARGE]
        large = mine[mine.weights > law.LARGE]
        wanted = law.power(whole.weights, whole.distance).at(large.weights)
        assert (large.distance < wanted).all(), context  # beyond, it falls faster


def test_on_the_average_the_law_is_that_of_the_text():
    every = law.networks(results.shipped())
    for _, mine in every[every.weights < law.LARGE].groupby("context"):
        small, near = (mine[(mine.weights < law.SMALL) == part] for part in (True, False))
        predicted = law.power(small.weights, small.distance).at(near.weights)
        assert np.abs(np.log(predicted / near.distance)).max() < np.log(2.3)
        assert mine.distance.max() > 100 * mine.distance.min()
    found = law.summary(every)
    assert np.allclose(found.exponent.round(2), [1.43, 1.48, 1.47], atol=0.011)
    assert (found.r < -0.99).all()


@pytest.mark.parametrize("seed", scaling.SEEDS)
def test_small_networks_predict_large_ones(seed):
    every = law.networks(results.shipped(), "digits", seed)
    for _, mine in every.groupby("context"):
        small = mine[mine.weights < law.SMALL]
        falls = law.power(small.weights, small.distance)
        costs = law.worth(small.distance, small.error)
        large = mine[mine.weights >= law.SMALL]
        errors = costs.at(falls.at(large.weights))
        assert np.abs(errors - large.error).max() < 0.03
        near = large[large.weights < law.LARGE]
        assert np.abs(np.log(falls.at(near.weights) / near.distance)).max() < np.log(3.5)
    largest = every.loc["10 neighbours", 2, 512].distance
    assert 1e-4 < largest < 1e-3  # the prediction


@pytest.mark.parametrize("seed", scaling.SEEDS)
def test_what_is_missing_costs_error_where_it_carries_the_digits(seed):
    _, found = fits("digits", seed)
    good = found.loc[["30 neighbours", "10 neighbours"]]
    assert good["κ"].between(0.6, 0.95).all()
    assert (good.E - good.error_exact).between(0.01, 0.045).all()
    assert abs(found["κ"]["300 neighbours"]) < 0.2
    assert abs(found.E["300 neighbours"] - found.error_exact["300 neighbours"]) < 0.01


@pytest.mark.parametrize("seed", scaling.SEEDS)
def test_on_the_abalone_what_is_missing_is_worth_less_than_nothing(seed):
    _, found = fits("abalone", seed)
    assert (found["κ"][:2] < -0.25).all() and abs(found["κ"].iloc[2]) < 0.1
    least = law.networks(results.shipped(), "abalone", seed).groupby(
        "context", sort=False).error.idxmin()
    assert all(width <= 8 for *_, width in least[:2])


def test_little_compute_asks_for_few_steps_and_much_for_a_wider_network(networks):
    """Wide with a tenth of the steps beside narrow with all; wider beside longer."""
    wide, narrow = (of(networks, "digits", "10 neighbours", *size[:1], steps=size[1])
                    for size in ((128, 30), (4, 300)))
    assert (30 * wide.parameters < 300 * narrow.parameters).all()
    assert (wide.cca > narrow.cca + 0.1).all()
    wider, longer = (of(networks, "digits", "10 neighbours", width, steps=steps)
                     for width, steps in ((256, 300), (128, 1000)))
    assert (300 * wider.parameters < 1000 * longer.parameters).all()
    assert (1 - wider.cca < 0.7 * (1 - longer.cca)).all()


# -- the wrong context, and what does not help ---------------------------------------------


@pytest.mark.parametrize("context", ["300 neighbours", "30 neighbours"])
def test_a_larger_network_is_worse_where_the_context_is_worse_than_the_columns(networks, context):
    small, large = (of(networks, "abalone", context, width) for width in (4, 512))
    assert (large.error > small.error + 0.05).all()
    assert (large.error_exact > large.error_linear + 0.05).all()
    assert ((small.error - small.error_linear).abs() < 0.05).all()  # it kept to the columns


@pytest.mark.parametrize("task, context", CONTEXTS)
def test_the_largest_networks_are_not_less_aligned(networks, task, context):
    large, largest = (of(networks, task, context, width).cca for width in (256, 512))
    assert (largest > large - 0.002).all()


def test_on_unseen_points_the_weakest_context_of_the_digits_loses_a_little(networks):
    small, largest = (of(networks, "digits", "300 neighbours", width).cca_held_out
                      for width in (64, 512))
    assert (largest < small).all()
    assert 0.003 < (small - largest).mean() < 0.02


def test_points_close_the_distance_to_the_exact_functions_and_steps_do_not(networks):
    def distance(**cut):
        rows = of(networks, "digits", "30 neighbours", 128, **cut)
        return rows.error - rows.error_exact

    assert (distance() < distance(samples=500)).all()
    assert (distance(samples=500) < distance(samples=200)).all()
    assert ((distance() - distance(steps=1000)).abs() < 0.02).all()
    for context in scaling.CONTEXTS["digits"]:
        short, long = (of(networks, "digits", context, 128, steps=steps).error
                       for steps in (300, 1000))
        assert abs((short - long).mean()) < 0.02


def test_networks_on_the_digits_agree_as_far_as_their_contexts_do():
    """On the table from which `test_agreement` makes one seed again."""
    kept = pd.read_csv(Path(__file__).with_name("agreement.csv.gz")).query("task == 'digits'")
    _, own, two, exact = agreement.KINDS
    means = kept.groupby(["seed", "points", "measure", "kind"]).value.mean().unstack()
    assert len(means) == 5 * 2 * 3 and ((means[two] - means[exact]).abs() < 0.03).all()
    beside = kept[kept.kind == own]
    by, context = beside.second.str.split(", ", expand=True).to_numpy().T
    beside = beside.assign(by=by, context=context).set_index(
        ["seed", "points", "measure", "context", "by"]).value.unstack()
    assert (beside["deep"] < beside["wide"]).all()  # the narrow, deep one is farther away


@pytest.mark.parametrize("seed", range(5))
def test_a_torn_context_has_a_plateau_that_says_nothing(seed):
    """Break it: two neighbours each among 200 digits; 60 steps reach the plateau."""
    torn = scaling.setting("digits", "10 neighbours", seed=seed, samples=200)
    *_, lost = scaling.train(torn, width=128, depth=2, steps=60, seed=seed, every=60)
    assert lost.ratio_trace > 0.99 * lost.ratio_trace_exact
    assert lost.cca < 0.5
    assert lost.error > 0.8
    assert lost.error_linear < 0.5
