"""Networks on real data: the steps against the public calls, the picture, its words."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.teach import networks

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def task():
    return networks.digits(d=4)


@pytest.fixture(scope="module")
def run(task):
    return list(networks.watch(task, 6, steps=6, every=3))


def test_a_task_splits_its_points_and_knows_the_answer(task):
    assert (task.points.shape, task.held_out.shape) == ((1257, 64), (540, 64))
    assert np.allclose(task.points.mean(axis=0), 0)
    assert set(task.points.std(axis=0).round(9)) == {0.0, 1.0}
    assert task.system.values.shape == (9,) and task.extended.shape == (540, 9)
    assert np.allclose(task.system.extend(task.context.conditional_at(task.points)),
                       task.system.left, atol=1e-6)
    assert "digits: 1257 points to learn from, 540 held out; s4 = " in repr(task)


def test_the_seed_decides_the_split(task):
    assert np.array_equal(task.points, networks.digits(d=4).points)
    assert not np.array_equal(task.points, networks.digits(d=4, seed=1).points)


def test_a_run_is_the_public_calls_one_after_the_other(task, run):
    net = learn.ResidualMLP(64, 6)
    points = torch.tensor(task.points, dtype=torch.float32)
    law = learn.laws.inputs(task.context, dtype=torch.float32)
    def loss():
        return learn.losses.kise(law, net(points), net(points))
    history = list(learn.train(loss, net, steps=6, every=3))
    assert [seen.step for seen in run] == [record.step for record in history] == [0, 3, 6]
    best = (task.system.values[:4] ** 2).sum()
    ritz = cl.ritz(task.context, net(points).detach().numpy())
    assert run[-1].share == pytest.approx(ritz.values[:4].sum() / best, rel=1e-3)
    assert history[-1].loss == pytest.approx(-ritz.values.sum(), rel=1e-4)


def test_a_network_that_knows_the_functions_has_found_them(task):
    class Exact(torch.nn.Module):
        def forward(self, X):
            rows = task.context.conditional_at(X)
            return torch.as_tensor(task.system.extend(rows)[:, :4] @ np.diag([1, 2, 3, 4.0]))
    seen = networks.learned(task, Exact())
    assert seen.train == pytest.approx(1) and seen.held_out == pytest.approx(1)
    assert seen.share == pytest.approx(1) and seen.rank == 4
    assert np.allclose(seen.found, [1, 1, 1, 1, 0, 0, 0, 0, 0], atol=1e-6)


def test_a_constant_output_lowers_the_rank(task):
    class Poor(torch.nn.Module):
        def forward(self, X):
            return torch.as_tensor(np.column_stack([X[:, 20:25], np.ones(len(X))]))
    seen = networks.learned(task, Poor())
    assert seen.rank == 5 and seen.share < 1


def test_the_picture_shows_every_run_and_says_how_it_ended(task, run):
    picture = networks.picture(task, {"six": run, "again": run[:2]})
    assert repr(picture) == (
        f"digits: six end at {run[-1].train:.2f}, held out {run[-1].held_out:.2f}, with "
        f"{(run[-1].found[:4] > 0.9).sum()} of 4 functions found; again end at "
        f"{run[1].train:.2f}, held out {run[1].held_out:.2f}, with "
        f"{(run[1].found[:4] > 0.9).sum()} of 4 functions found")
    correlation, trace, found = picture.figure.axes
    assert np.allclose(correlation.lines[0].get_ydata(), [seen.train for seen in run])
    assert np.allclose(correlation.lines[1].get_ydata(), [seen.held_out for seen in run])
    assert np.allclose(trace.lines[0].get_ydata(), [seen.share for seen in run])
    assert np.allclose(found.lines[1].get_ydata(), run[1].found)


def test_runs_that_cannot_be_drawn(task, run):
    with pytest.raises(ValueError, match="runs has 0 entries; it must have 1 to 6"):
        networks.picture(task, {})
    with pytest.raises(ValueError, match=r"runs\['a'\] is empty; it must be a list of Progress"):
        networks.picture(task, {"a": []})
