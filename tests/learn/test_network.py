"""What notebook 05 says of a network on real data, over five splits and five networks."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.learn import scaling
from contexture_lite.teach import networks

torch.set_num_threads(1)

SEEDS = range(5)


@pytest.fixture(scope="module")
def abalone():
    return [scaling.setting("abalone", "30 neighbours", seed, samples=3000) for seed in SEEDS]


def at_the_end(settings, outputs, **options):
    """A run for each split, with another network on each."""
    return [networks.run(setting, outputs, seed=setting.seed, every=1000, **options)
            for setting in settings]


@pytest.fixture(scope="module")
def wide(abalone):
    return at_the_end(abalone, 64)


@pytest.fixture(scope="module")
def narrow(abalone):
    return at_the_end(abalone, 15)


def test_with_more_outputs_than_functions_it_finds_them_all(wide):
    assert min(run.last.cca for run in wide) >= 0.98
    assert min(run.last.cca_held_out for run in wide) >= 0.98
    assert min(run.found[:15].min() for run in wide) > 0.9


def test_with_as_many_outputs_the_same_steps_leave_a_function_out(wide, narrow):
    for rich, poor in zip(wide, narrow):
        assert poor.last.cca < rich.last.cca - 0.03
        assert poor.last.cca_held_out < rich.last.cca_held_out - 0.03
        assert poor.found[:15].min() < 0.5


def test_one_direction_is_missing_and_no_rank_is_lost(narrow):
    """All 15 dimensions are used; one of them is not where it belongs, but just beyond."""
    for run in narrow:
        assert run.rank == 15
        assert 0.7 < 15 - run.found[:15].sum() < 1.3
        assert run.found[:10].min() > 0.9 and run.found[:15].argmin() >= 10
        assert run.found[15:].sum() > 0.5


def test_the_ratio_trace_hardly_sees_it(narrow):
    """Exchanging μ₁₅ for μ₁₆ costs s₁₅² − s₁₆² of the ratio trace, and no more."""
    for run in narrow:
        share = run.last.ratio_trace / run.last.ratio_trace_exact
        assert 1 - share < 0.4 * (1 - run.last.cca)


def test_twice_the_steps_bring_the_missing_function_back(abalone):
    for run in at_the_end(abalone, 15, steps=300):
        assert run.last.cca > 0.97 and run.found[:15].min() > 0.7


def test_the_force_that_turns_a_wrong_direction_vanishes_with_it(abalone):
    """Ratio trace of μ₁ … μ₁₄ and cos θ μ₁₆ + sin θ μ₁₅: flat at θ = 0, and nearly so around.

    It is Σ_{i≤14} s_i² + s₁₆² + (s₁₅² − s₁₆²) sin²θ, by the spectrum; here by the trace.
    """
    context = abalone[0].context
    system = cl.singular_system(context, 16)
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
