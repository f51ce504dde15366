"""What notebook 05 says of a network on real data, over five splits and five networks."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.teach import networks

torch.set_num_threads(1)

SEEDS = range(5)


@pytest.fixture(scope="module")
def abalone():
    return [networks.abalone(seed=seed) for seed in SEEDS]


def at_the_end(tasks, outputs, **options):
    """The last record for each split, with another network on each."""
    return [list(networks.watch(task, outputs, seed=seed, every=1000, **options))[-1]
            for seed, task in enumerate(tasks)]


@pytest.fixture(scope="module")
def wide(abalone):
    return at_the_end(abalone, 64)


@pytest.fixture(scope="module")
def narrow(abalone):
    return at_the_end(abalone, 15)


def test_with_more_outputs_than_functions_it_finds_them_all(wide):
    assert min(seen.train for seen in wide) >= 0.98
    assert min(seen.held_out for seen in wide) >= 0.97
    assert min(seen.found[:15].min() for seen in wide) > 0.9


def test_with_as_many_outputs_the_same_steps_leave_a_function_out(wide, narrow):
    for rich, poor in zip(wide, narrow):
        assert poor.train < rich.train - 0.02 and poor.held_out < rich.held_out - 0.02
        assert poor.found[:15].min() < 0.7


def test_one_direction_is_missing_and_no_rank_is_lost(narrow):
    """All 15 dimensions are used; one of them is not where it belongs, mostly just beyond."""
    for seen in narrow:
        assert seen.rank == 15
        assert 0.8 < 15 - seen.found[:15].sum() < 1.7
        assert seen.found[:10].min() > 0.9 and seen.found[:15].argmin() >= 10
    assert np.median([seen.found[15:].sum() for seen in narrow]) > 0.6


def test_the_ratio_trace_hardly_sees_it(narrow):
    """Exchanging μ₁₅ for μ₁₆ costs s₁₅² − s₁₆² of the ratio trace, and no more."""
    for seen in narrow:
        assert 1 - seen.share < 0.4 * (1 - seen.train)


def test_twice_the_steps_bring_the_missing_function_back(abalone):
    assert min(seen.train for seen in at_the_end(abalone, 15, steps=300)) > 0.98


def test_digits():
    tasks = [networks.digits(seed=seed) for seed in SEEDS]
    seen = at_the_end(tasks, 64, steps=300)
    assert min(end.train for end in seen) > 0.985
    assert min(end.held_out for end in seen) > 0.93


def test_the_force_that_turns_a_wrong_direction_vanishes_with_it(abalone):
    """Ratio trace of μ₁ … μ₁₄ and cos θ μ₁₆ + sin θ μ₁₅: flat at θ = 0, and nearly so around.

    It is Σ_{i≤14} s_i² + s₁₆² + (s₁₅² − s₁₆²) sin²θ, by the spectrum; here by the trace.
    """
    context, system = abalone[0].context, abalone[0].system
    s = system.values
    for angle in (0.0, 0.1, 0.8, np.pi / 2):
        last = np.cos(angle) * system.left[:, 15] + np.sin(angle) * system.left[:, 14]
        encoder = np.column_stack([system.left[:, :14], last])
        expected = (s[:14] ** 2).sum() + s[15] ** 2 + (s[14] ** 2 - s[15] ** 2) * np.sin(angle) ** 2
        assert cl.ratio_trace(context, encoder) == pytest.approx(expected, abs=1e-6)


def test_float32_and_a_sparse_context_give_the_ratio_trace_and_its_gradient(abalone):
    """The loss that the network sees, beside float64 and the dense table."""
    task = abalone[0]
    rows = np.sort(np.random.default_rng(0).choice(len(task.points), 300, replace=False))
    sparse = cl.knn_context(task.points[rows], 10)
    dense = cl.Context(sparse.joint.toarray())
    f = np.random.default_rng(1).standard_normal((300, 6))
    exact = cl.ratio_trace(sparse, f)
    gradients = []
    for context, dtype in ((sparse, torch.float32), (dense, torch.float64)):
        values = torch.tensor(f, dtype=dtype, requires_grad=True)
        loss = learn.losses.whitened_trace(learn.laws.inputs(context, dtype), values, values)
        loss.backward()
        assert loss.item() == pytest.approx(-exact, rel=1e-4)
        gradients.append(values.grad.numpy())
    assert np.allclose(*gradients, rtol=1e-3, atol=1e-6)
