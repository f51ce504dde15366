"""Every claim of notebook 11 is seen to fail when the package is wrong."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    draw,
    large_values,
    small_values,
    wrong_functions,
)

from contexture_lite import claims, gallery, geometry
from contexture_lite.claims import by_hand, codes, collapse

RING, CLUSTERS = gallery.cycle_walk(0.5, n=8), gallery.clusters(0.85)

use = partial(another_answer, geometry)
more = use("alignment_loss", lambda right: 1.2 * right, "more")
less = use("alignment_loss", lambda right: 0.01 * right, "less")


def other_weights(monkeypatch, context):
    """Encoders of twice the temperature."""
    true = geometry.contrastive_optimum
    monkeypatch.setattr(geometry, "contrastive_optimum", lambda c, t: true(c, 2 * t))


def other_critical(monkeypatch, context):
    """A line that is too short, for a right encoder."""
    true = geometry.contrastive_optimum
    monkeypatch.setattr(geometry, "contrastive_optimum", lambda c, t: true(c, 0.9 * t))


def never_collapsed(monkeypatch, context):
    """Encoders that always spread."""
    true = geometry.uniform_optimum
    monkeypatch.setattr(geometry, "uniform_optimum", lambda c, w, t: true(c, 9 * w, t))


def always_collapsed(monkeypatch, context):
    """Encoders that never do."""
    true = geometry.uniform_optimum
    monkeypatch.setattr(geometry, "uniform_optimum", lambda c, w, t: true(c, w / 9, t))


def pairs_of_inputs(monkeypatch, context):
    """Pairs (x, a) are taken for two views: s in the place of s²."""
    monkeypatch.setattr(by_hand, "views", lambda c: by_hand.table(c)[0])


def no_inverse(monkeypatch, context):
    """A predictor that is not the best one."""
    true = collapse.best_linear
    monkeypatch.setattr(collapse, "best_linear", lambda c, f: (*true(c, f)[:2], true(c, f)[1].T))


def loud_codes(monkeypatch, context):
    """Codes that agree more, or are more accurate, than they are."""
    true = codes.sparse_code

    def louder(t, rho):
        return replace(true(t, rho), agreement=1.1 * true(t, rho).agreement)

    monkeypatch.setattr(codes, "sparse_code", louder)


def sharp_codes(monkeypatch, context):
    """Codes that are more accurate than they are."""
    true = codes.sparse_code

    def sharper(t, rho):
        return replace(true(t, rho), accuracy=1.1 * true(t, rho).accuracy)

    monkeypatch.setattr(codes, "sparse_code", sharper)


def too_low(monkeypatch, context):
    """A loss that counts no repulsion, and attraction tenfold."""
    monkeypatch.setattr(codes, "low_rank", lambda P, f, g: -20 * np.sum(P * (f @ g.T)))


hard = another_answer(codes, "soft_threshold", lambda right: 1.1 * right, "hard")
SYMMETRIC = gallery.cycle_walk(0.3, n=5)
MUTATIONS = {  # claim: (context, what is broken)
    "alignment-modes": [(ORDINARY, more), (ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "alignment-wall": [(ORDINARY, less)],
    "infonce-splits": [(ORDINARY, more), (SYMMETRIC, pairs_of_inputs)],
    "contrastive-optimum": [(RING, other_weights), (RING, pairs_of_inputs)],
    "temperature-line": [(RING, other_weights), (RING, other_critical)],
    "collapse-weight": [(RING, never_collapsed), (RING, always_collapsed), (RING, small_values)],
    "cluster-collapse": [(CLUSTERS, other_weights)],
    "collapse-rates": [(SYMMETRIC, pairs_of_inputs), (ORDINARY, large_values)],
    "best-predictor-keeps": [(ORDINARY, no_inverse)],
    "best-predictor-invasion": [(SYMMETRIC, pairs_of_inputs), (ORDINARY, large_values)],
    "slow-target": [(SYMMETRIC, pairs_of_inputs), (ORDINARY, large_values)],
    "predictor-decay": [(SYMMETRIC, pairs_of_inputs), (ORDINARY, large_values)],
    "minimum-two-towers-with-weight-decay": [(ORDINARY, small_values)],
    "bound-two-towers-with-weight-decay": [(ORDINARY, too_low)],
    "classes-vanish": [(ORDINARY, hard)],
    "code-agreement": [(CLUSTERS, small_values, {"groups_on": np.repeat([0, 1, 2], 3)})],
    "distances": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "analogies": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "sparse-code": [(ORDINARY, loud_codes), (ORDINARY, sharp_codes)],
}
SURVEYED = {"11": ([ORDINARY, RING, CLUSTERS, gallery.identity(4), gallery.independent(3)], 11)}


def test_the_true_clusters_are_the_best_code_there_is(monkeypatch):
    draw(monkeypatch, {"groups_on": np.repeat([0, 1, 2], 3)})
    sides = claims.check("code-agreement", CLUSTERS).sides
    assert sides.left[0] == pytest.approx(sides.right[0])


@pytest.mark.parametrize("identifier, context, words", [
    ("contrastive-optimum", ORDINARY, "shows no such symmetry"),
    ("temperature-line", gallery.identity(4), "has s₁ = 1"),
    ("cluster-collapse", RING, "has others"),
    ("sparse-code", gallery.identity(4), "the series is too long"),
])
def test_where_a_claim_does_not_apply(identifier, context, words):
    assert words in repr(claims.check(identifier, context))
