"""Every claim of notebook 12 is seen to fail when the package is wrong; and its options."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    large_values,
    small_values,
    use_system,
)

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import identifiability

WALK, WEAKER = gallery.reflecting_walk(0.9, 6), gallery.reflecting_walk(0.7, 5)
BIT, FAR = gallery.binary_channel(0.8), gallery.reflecting_walk(0.4, 5)
use = partial(another_answer, identifiability)


def summed(monkeypatch, context):
    """The second factor's context stands beside the first, not on an input of its own."""
    def other(first, second):
        p, q = first.p_x, first.p_a
        weak = cl.Context((first.joint + np.outer(p, q)) / 2)
        return TRUE_PRODUCT(weak, second)

    monkeypatch.setattr(identifiability, "product", other)


TRUE_PRODUCT = identifiability.product


def mixed_functions(monkeypatch, context):
    """A basis that mixes the first functions."""
    def change(system):
        left = system.left.copy()
        left[:, :2] = left[:, :2] @ [[0.6, 0.8], [-0.8, 0.6]]
        return replace(system, left=left)

    use_system(monkeypatch, change)


def interactions_only(monkeypatch, context):
    """The folk rule: no look at the harmonics of one factor."""
    def rule(spectra):
        first = np.sort([s[0] for s in spectra])[::-1]
        return bool(first[-1] > first[0] * first[1])

    monkeypatch.setattr(identifiability, "separates", rule)


def hidden_index(monkeypatch, context):
    """The mixture does not say which factor is shown."""
    def other(contexts, weights):
        tables = [weight * each.joint for weight, each in zip(weights, contexts)]
        width = max(table.shape[1] for table in tables)
        return cl.Context(sum(np.pad(table, ((0, 0), (0, width - table.shape[1])))
                              for table in tables))

    monkeypatch.setattr(identifiability, "convex_combination", other)


MUTATIONS = {  # claim: (context, what is broken, options)
    "product-spectrum": [(ORDINARY, summed), (ORDINARY, large_values)],
    "one-per-factor": [(WALK, mixed_functions, {"other": WEAKER}),
                       (WALK, interactions_only, {"other": FAR}),
                       (WALK, use("separates", lambda right: not right), {"other": WEAKER})],
    "tied-factors": [(ORDINARY, use("compatibility", np.square, "squared")), (ORDINARY, summed)],
    "one-at-a-time": [(ORDINARY, hidden_index), (ORDINARY, small_values)],
    "relabellings": [(BIT, use("relabellings", lambda found: found[1:], "without_one")),
                     (gallery.cycle_walk(0.5, 5),
                      use("relabellings", lambda found: found[::2], "half"))],
    "unrotate": [(ORDINARY, small_values), (ORDINARY, mixed_functions)],
    "unseen-factor": [(gallery.symmetric_channel(0.5, 3), use(
        "product", lambda context: gallery.product(gallery.binary_channel(0.5),
                                                   gallery.symmetric_channel(0.7, 3)), "seen"))],
}
OUTSIDE = {
    "one-per-factor": (gallery.binary_channel(0.9),
                       {"other": gallery.symmetric_channel(0.85, 3)}),
    "unseen-factor": (gallery.independent(3), {}),
}
SURVEYED = {"12": ([ORDINARY, BIT, gallery.identity(4), gallery.independent(3)], 3)}


# -- options -----------------------------------------------------------------------


def test_distinct_strengths_do_not_suffice():
    far = claims.check("one-per-factor", WALK, other=FAR)
    near = claims.check("one-per-factor", WALK, other=WEAKER)
    assert near and near.sides.left and far and not far.sides.left


def test_the_rotation_of_two_tied_walks_is_seen_in_the_fourth_moment_only():
    check = claims.check("tied-factors", WALK)
    compatibilities, kurtosis = check.sides.left[::2], check.sides.left[1::2]
    assert check and np.ptp(compatibilities) < 1e-12 < 0.1 < np.ptp(kurtosis)


def test_a_hypothesis_that_is_missing_is_said():
    check = claims.check("one-per-factor", gallery.hypercube(0.6))
    assert not check.applies and "repeats one of them" in repr(check)
    assert "has two that are alike" in repr(claims.check("unseen-factor", gallery.independent(3)))
    assert "this one has 8" in repr(claims.check("relabellings", gallery.hypercube(0.6)))


def test_two_walks_alike_are_a_tie():
    """The basis that the package chooses may be pure, the rule says no."""
    tied = gallery.reflecting_walk(0.8, 4)
    assert not claims.check("one-per-factor", tied, other=tied).applies


@pytest.mark.parametrize(("identifier", "options", "words"), [
    ("product-spectrum", {"other": gallery.independent(200)}, "at most 40,000 cells"),
])
def test_bad_options_are_named(identifier, options, words):
    with pytest.raises((ValueError, AssertionError), match=words):
        assert claims.check(identifier, ORDINARY, **options), repr(
            claims.check(identifier, ORDINARY, **options))
