"""Laws of pairs: the two marginals and the cross moment, against sums over all pairs."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from joints import contexts

import contexture_lite as cl
from contexture_lite.learn import laws

torch.set_num_threads(1)
CONTEXT = cl.Context.from_counts(np.random.default_rng(0).random((4, 3)) + 0.1)
EXACT = [laws.pairs, laws.views, laws.inputs]


def joint_of(law, context):
    """The law as a table, written down from the definition."""
    if law is laws.pairs:
        return context.joint
    if law is laws.views:
        return np.outer(context.p_a, context.p_a) * context.positive_pair_kernel()
    return np.outer(context.p_x, context.p_x) * context.dual_kernel()


def values(n, d=2, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@given(contexts)
def test_cross_moments_are_sums_over_all_pairs(context):
    for make in EXACT:
        law, joint = make(context), joint_of(make, context)
        f, g = values(joint.shape[0]), values(joint.shape[1], 3, 1)
        cross = sum(joint[i, j] * np.outer(f[i], g[j]) for i, j in np.ndindex(*joint.shape))
        assert law.cross(torch.tensor(f), torch.tensor(g)).numpy() == pytest.approx(cross)
        assert law.p.numpy() == pytest.approx(joint.sum(1))
        assert law.q.numpy() == pytest.approx(joint.sum(0))
        assert law.size is None


@pytest.mark.parametrize("make", EXACT)
def test_a_sparse_context_has_the_same_law_and_the_same_gradient(make):
    law, thin = make(CONTEXT), make(cl.Context(sp.csr_array(CONTEXT.joint)))
    f = torch.tensor(values(len(law.p)), requires_grad=True)
    g = torch.tensor(values(len(law.q), seed=1), requires_grad=True)
    assert torch.allclose(law.cross(f, g), thin.cross(f, g))
    assert torch.autograd.gradcheck(thin.cross, (f, g))


def test_swapped_pairs():
    law = laws.swapped(laws.pairs(CONTEXT))
    f, g = torch.tensor(values(3)), torch.tensor(values(4, seed=1))
    assert torch.allclose(law.cross(f, g), laws.pairs(CONTEXT).cross(g, f).T)
    assert torch.equal(law.p, laws.pairs(CONTEXT).q) and torch.equal(law.q, laws.pairs(CONTEXT).p)


def test_swapping_keeps_the_size_of_a_batch():
    assert laws.swapped(laws.batch(5)).size == 5


def test_a_kernel_in_the_place_of_a_law():
    k, p = values(4, 4), np.array([0.1, 0.2, 0.3, 0.4])
    k = k @ k.T
    f, g = values(4), values(4, seed=1)
    expected = np.einsum("i,j,ij,ik,jl->kl", p, p, k, f, g)
    law = laws.kernel(k, p)
    assert law.cross(torch.tensor(f), torch.tensor(g)).numpy() == pytest.approx(expected)


def test_the_dual_kernel_gives_back_the_law_of_two_inputs():
    f, g = torch.tensor(values(4)), torch.tensor(values(4, seed=1))
    by_kernel = laws.kernel(CONTEXT.dual_kernel(), CONTEXT.p_x)
    assert torch.allclose(by_kernel.cross(f, g), laws.inputs(CONTEXT).cross(f, g))


def test_a_batch_has_averages():
    law = laws.batch(5, torch.float64)
    f, g = values(5), values(5, 3, 1)
    cross = law.cross(torch.tensor(f), torch.tensor(g)).numpy()
    assert cross == pytest.approx(sum(np.outer(a, b) for a, b in zip(f, g)) / 5)
    assert law.p.tolist() == law.q.tolist() == [0.2] * 5 and law.size == 5


@pytest.mark.parametrize("make", EXACT)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_precision_is_the_one_asked_for(make, dtype):
    law = make(CONTEXT, dtype)
    ones = torch.ones(len(law.p), 1, dtype=dtype), torch.ones(len(law.q), 1, dtype=dtype)
    assert law.p.dtype == law.q.dtype == law.cross(*ones).dtype == dtype
    assert laws.batch(3, dtype).p.dtype == laws.kernel(np.eye(2), [1, 1], dtype).p.dtype == dtype


@pytest.mark.parametrize("make", EXACT)
def test_a_table_is_no_context(make):
    with pytest.raises(TypeError, match="context is a ndarray"):
        make(CONTEXT.joint)


@pytest.mark.parametrize("attempt, error, message", [
    (lambda: laws.kernel(np.ones((2, 3)), [1, 1]), ValueError, r"values has shape \(2, 3\)"),
    (lambda: laws.kernel(np.eye(3), [1, 1]), ValueError, r"p has shape \(2,\)"),
    (lambda: laws.kernel(np.eye(2), [1, -1]), ValueError, r"p\[1\] is -1"),
    (lambda: laws.kernel([["a"]], [1]), TypeError, "values has dtype"),
    (lambda: laws.batch(0), ValueError, "n is 0"),
    (lambda: laws.batch(2.5), TypeError, "n is 2.5"),
])
def test_bad_input(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()
