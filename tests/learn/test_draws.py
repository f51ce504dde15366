"""Sampled pairs follow the distribution that they are drawn from."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from scipy.stats import chisquare

import contexture_lite as cl
from contexture_lite.learn import draws

SPARSE = cl.Context.from_counts(
    sp.csr_array([[3.0, 0, 1, 0], [0, 2, 0, 2], [1, 1, 0, 0]])
)
DENSE = cl.Context.from_counts(np.random.default_rng(0).random((4, 3)) + 0.05)


def expected(context, kind):
    """The table of probabilities of the pairs."""
    P = context.joint.toarray() if context.is_sparse else context.joint
    return {
        draws.pairs: P,
        draws.inputs: P @ (P / context.p_a).T,
    }[kind]


@pytest.mark.parametrize("kind", [draws.pairs, draws.inputs])
@pytest.mark.parametrize("context", [SPARSE, DENSE], ids=["sparse", "dense"])
def test_the_pairs_follow_their_distribution(kind, context):
    joint = expected(context, kind)
    first, second = kind(context)(20_000, torch.Generator().manual_seed(0))
    counts = np.zeros(joint.shape)
    np.add.at(counts, (first, second), 1)
    assert counts[joint == 0].sum() == 0
    assert chisquare(counts[joint > 0], 20_000 * joint[joint > 0] / joint.sum()).pvalue > 1e-3


def test_the_same_seed_draws_the_same_pairs():
    draw = draws.inputs(DENSE)
    one, two = (draw(50, torch.Generator().manual_seed(3)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, two))


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match="context is a ndarray; it must be a Context"):
        draws.pairs(np.eye(2))
    with pytest.raises(ValueError, match="n is 0; it must be at least 1"):
        draws.pairs(DENSE)(0, torch.Generator())
    with pytest.raises(TypeError, match=r"generator is a int; it must be a torch\.Generator"):
        draws.inputs(DENSE)(5, 0)
