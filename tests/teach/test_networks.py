"""Networks of notebook 05: what they found against the public calls, the picture, its words."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.learn import scaling
from contexture_lite.teach import networks

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def setting():
    return scaling.setting("digits", "30 neighbours", samples=200)


@pytest.fixture(scope="module")
def run(setting):
    return networks.run(setting, 20, steps=6, every=3)


def test_a_run_is_the_public_calls_one_after_the_other(setting, run):
    net = learn.ResidualMLP(setting.points.shape[1], 20)
    points = torch.tensor(setting.points, dtype=torch.float32)
    law = learn.laws.inputs(setting.context, dtype=torch.float32)
    def loss():
        return learn.losses.kise(law, net(points), net(points))
    history = list(learn.train(loss, net, steps=6, every=3))
    assert [point.steps for point in run.points] == [record.step for record in history] == [0, 3, 6]
    assert run.last is run.points[-1]
    ritz = cl.ritz(setting.context, net(points).detach().numpy())
    assert run.last.ratio_trace == pytest.approx(ritz.values[:15].mean(), rel=1e-3)
    assert history[-1].loss == pytest.approx(-ritz.values.sum(), rel=1e-4)
    rho = cl.alignment.canonical_correlations(ritz.functions[:, :15], setting.system.left)
    assert run.last.cca == pytest.approx((rho**2).mean(), rel=1e-3)
    assert run.found[:15].sum() == pytest.approx((rho**2).sum(), rel=1e-3) and run.rank == 20


class Given(torch.nn.Module):
    """A "network" whose outputs are given functions of the points."""

    def __init__(self, function):
        super().__init__()
        self.forward = lambda X: torch.as_tensor(function(np.asarray(X)))


def test_a_network_that_knows_some_functions_has_found_those(setting):
    exact = cl.singular_system(setting.context, 20)
    def known(X):  # μ₁, μ₂, μ₄ and μ₁₇, in a mixture
        return exact.extend(setting.context.conditional_at(X))[:, [0, 1, 3, 16]] @ np.triu(
            np.ones((4, 4)))
    found, rank = networks.found(setting, Given(known))
    expected = np.zeros(20)
    expected[[0, 1, 3, 16]] = 1
    assert rank == 4 and np.allclose(found, expected, atol=1e-6)


def test_a_constant_output_lowers_the_rank(setting):
    found, rank = networks.found(
        setting, Given(lambda X: np.column_stack([X[:, 20:25], np.ones(len(X))])))
    assert rank == 5 and 0 < found.sum() <= 5


def test_the_seed_is_that_of_the_first_weights(setting, run):
    again, other = (networks.run(setting, 20, seed=seed, steps=6, every=6) for seed in (0, 1))
    assert again.last.cca == run.last.cca != other.last.cca
    assert other.last.seed == 1


def test_the_picture_shows_every_run_and_says_how_it_ended(setting, run):
    other = networks.run(setting, 15, steps=4, every=2)
    picture = networks.picture({"twenty": run, "fewer": other})
    assert repr(picture) == (
        f"digits, 30 neighbours: twenty end at {run.last.cca:.3f}, held out "
        f"{run.last.cca_held_out:.3f}, with {(run.found[:15] > 0.9).sum()} of 15 functions "
        f"found; fewer end at {other.last.cca:.3f}, held out {other.last.cca_held_out:.3f}, with "
        f"{(other.found[:15] > 0.9).sum()} of 15 functions found")
    correlation, trace, found = picture.figure.axes
    assert np.allclose(correlation.lines[0].get_ydata(), [point.cca for point in run.points])
    assert np.allclose(correlation.lines[1].get_ydata(),
                       [point.cca_held_out for point in run.points])
    assert np.allclose(trace.lines[0].get_ydata() * (setting.system.values**2).mean(),
                       [point.ratio_trace for point in run.points])
    assert np.allclose(found.lines[1].get_ydata(), other.found)


def test_runs_that_cannot_be_drawn(run):
    with pytest.raises(ValueError, match="runs has 0 entries; it must have 1 to 6"):
        networks.picture({})
    with pytest.raises(TypeError, match=r"runs\['a'\] is a list; it must be a Run, as run"):
        networks.picture({"a": run.points})


def test_a_setting_is_needed(setting):
    with pytest.raises(TypeError, match="setting is a DataContext; it must be a Setting"):
        networks.run(setting.context)
