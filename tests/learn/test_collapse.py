"""Notebook 11's objectives: what they learn, how low they go, how they collapse."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.alignment import squared_cca
from contexture_lite.learn import laws, objectives
from contexture_lite.learn.objectives.collapse import decayed_low_rank, predicted

CUBE = cl.gallery.masked_tokens(0.6, 3, 2)
TABLE = cl.Context.from_counts(np.random.default_rng(3).gamma(0.5, size=(6, 5)) + 0.01)


def trained(problem, steps=500):
    *_, last = learn.train(problem.loss, problem, steps=steps, learning_rate=0.05, every=steps)
    return last.loss


def spread(context, problem):
    f = problem.encoder().detach().numpy()
    return float(context.p_a @ ((f - context.p_a @ f) ** 2).sum(axis=1))


def test_the_best_predictor_with_a_stopped_gradient_finds_the_whole_space_from_ten_of_ten_starts():
    exact = objectives.optima.contexture(CUBE, 3)
    for seed in range(10):
        problem = objectives.least_squares_predictor().on(CUBE, 3, seed=seed)
        trained(problem, 300)
        assert float(squared_cca(problem.features(), exact, CUBE.p_x)) >= 0.999
        assert spread(CUBE, problem) > 1


def test_its_predictor_has_the_eigenvalues_of_the_context():
    problem = objectives.least_squares_predictor().on(TABLE, 2, seed=1)
    trained(problem, 300)
    C, _, B = learn.losses.moments(problem.law, problem.encoder(), problem.encoder())
    values = np.sort(torch.linalg.eigvals(torch.linalg.solve(C, B)).real.detach().numpy())[::-1]
    np.testing.assert_allclose(values, cl.singular_system(TABLE, 2).values ** 2, rtol=1e-3)


def test_the_predictor_is_the_best_one_and_gradient_is_stopped():
    law, rng = laws.views(TABLE), np.random.default_rng(0)
    f = torch.tensor(rng.standard_normal((5, 2)), requires_grad=True)
    predicted(law, f, f).backward()
    q, views = TABLE.p_a, (TABLE.joint / TABLE.p_x[:, None]).T @ TABLE.joint
    z = f.detach().numpy() - q @ f.detach().numpy()
    C, B = z.T @ (q[:, None] * z), z.T @ views @ z
    W = np.linalg.solve(C, B).T
    np.testing.assert_allclose(f.grad.numpy(), (q[:, None] * z @ W.T - views @ z) @ W, atol=1e-8)


def test_without_the_stop_it_collapses():
    problem, law = objectives.least_squares_predictor().on(CUBE, 3), laws.views(CUBE)

    def loss():
        f = problem.encoder()
        return learn.losses.squared_error(law, learn.losses.linear_fit(law, f, f), f) / 2

    *_, last = learn.train(loss, problem, steps=500, learning_rate=0.05, every=500)
    assert last.loss < 1e-6 and spread(CUBE, problem) < 1e-5


@pytest.mark.parametrize("decay", [0.0, 0.1, 0.5])
def test_decayed_towers_reach_their_minimum_and_go_no_lower(decay):
    row = objectives.decayed_two_towers(decay)
    lowest = row.minimum(TABLE, 3)
    s = np.linalg.svd(TABLE.matrix(), compute_uv=False)[1:4]
    assert lowest == pytest.approx(-(np.maximum(s - decay, 0) ** 2).sum())
    f, g = (torch.tensor(side) for side in row.minimiser(TABLE, 3))
    assert float(row.loss(laws.pairs(TABLE), f, g)) == pytest.approx(lowest)
    problem = row.on(TABLE, 3)
    assert lowest - 1e-9 <= trained(problem, 250) <= lowest + 1e-3
    assert row.span(TABLE, 3).shape[1] == np.count_nonzero(s > decay)


def test_bad_input_is_named():
    law, f = laws.views(TABLE), torch.zeros(5, 2, dtype=torch.float64)
    for call, error, words in [
        (lambda: predicted(law, f[:3], f), ValueError, r"f has shape \(3, 2\)"),
        (lambda: predicted(3, f, f), TypeError, "law is a int"),
        (lambda: decayed_low_rank(law, f, f, decay=-1), ValueError, "decay is -1"),
        (lambda: objectives.decayed_two_towers(-1), ValueError, "decay is -1"),
        (lambda: objectives.decayed_two_towers("much"), TypeError, "decay is 'much'"),
    ]:
        with pytest.raises(error, match=words):
            call()
