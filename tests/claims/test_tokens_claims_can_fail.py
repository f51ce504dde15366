"""Every claim of notebook 15 is seen to fail when the package is wrong."""

from functools import partial

import numpy as np
from broken import (
    GRAPH,
    ORDINARY,
    another_answer,
    large_values,
    small_values,
    wrong_functions,
)

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import tokens
from contexture_lite.contexts import Context

use = partial(another_answer, tokens)


def columns_compared(monkeypatch, context):
    """P(a|x) in the place of the ratio P(a|x)/q_a."""
    def wrong(context, a, b):
        P, p, q = context.joint, context.p_x, context.p_a
        return q[a] * q[b] / (q[a] + q[b]) * np.sum((P[:, a] - P[:, b]) ** 2 / p)

    monkeypatch.setattr(tokens, "merge_cost", wrong)


def in_bits(monkeypatch, context):
    """The information of every context in another unit."""
    true = Context.mutual_information
    monkeypatch.setattr(Context, "mutual_information", lambda self: true(self) / np.log(2))


def averaged_unweighted(monkeypatch, context):
    """E[g(A) | X] of another channel."""
    monkeypatch.setattr(Context, "expect", lambda self, g: np.tile(
        np.mean(g, axis=0), (self.shape[0], 1)))


MUTATIONS = {  # claim: (context, what is broken)
    "merge-cost": [(ORDINARY, columns_compared), (ORDINARY, use("merge_cost", lambda c: 2 * c))],
    "merge-interlacing": [(ORDINARY, large_values), (ORDINARY, small_values)],
    "merge-information": [(ORDINARY, in_bits)],
    "token-blocks": [(GRAPH, large_values), (GRAPH, small_values)],
    "cosine-loss": [(ORDINARY, averaged_unweighted)],
    "next-and-visible": [(ORDINARY, averaged_unweighted)],
    "teacher-reorders": [(ORDINARY, small_values), (ORDINARY, wrong_functions),
                         (ORDINARY, averaged_unweighted)],
}
NOT_STATIONARY = cl.Context.from_counts(
    np.random.default_rng(0).gamma(0.5, size=(4, 4)) * [1, 2, 4, 8] + 0.01)
OUTSIDE = {"token-blocks": (NOT_STATIONARY, {})}
SURVEYED = {"15": ([ORDINARY, GRAPH, gallery.identity(4), gallery.independent(3)], 4)}


def test_blocks_of_a_channel_that_flips_a_quarter():
    check = claims.check("token-blocks", gallery.binary_channel(0.5))
    assert np.allclose(check.sides.left[::2], 0.5)
    assert np.allclose(np.array(check.sides.left[1::2]) / np.log(2), [1, 0.906, 0.874], atol=5e-4)
