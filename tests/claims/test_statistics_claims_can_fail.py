"""Every claim of notebook 09 is seen to fail when the package is wrong; and its options."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    large_values,
    use_system,
    wrong_marginals,
)

from contexture_lite import claims, gallery, sampling
from contexture_lite.claims import statistics
from contexture_lite.sampling import transforms

MASKED = gallery.masked_tokens(0.6)
TRUE = {name: getattr(sampling, name) for name in ("transformed_ridge", "repeated_averaging")}
TRUE_PROBE = statistics.linear_probe


# -- ways to be wrong --------------------------------------------------------------


use = partial(another_answer, sampling)


def wrong_transform(monkeypatch, context):
    """The plain kernel in the place of the transformed one."""
    monkeypatch.setattr(sampling, "inverse_laplacian", lambda eta: lambda values: values)


def shared_penalty(monkeypatch, context):
    """A penalty that is not multiplied by the number of labels."""

    def other(context, labelled, y, penalty, transform):
        return TRUE["transformed_ridge"](context, labelled, y, penalty / len(y), transform)

    monkeypatch.setattr(sampling, "transformed_ridge", other)


def unweighted_probe(monkeypatch, context):
    """Every input counts alike in the fit."""

    def other(features, y, *, weights, **options):
        return TRUE_PROBE(features, y, **options)

    monkeypatch.setattr(statistics, "linear_probe", other)


def penalised_probe(monkeypatch, context):
    """The probe has a penalty."""

    def other(features, y, **options):
        return TRUE_PROBE(features, y, **options | {"penalty": 0.1})

    monkeypatch.setattr(statistics, "linear_probe", other)


def constant_kept(monkeypatch, context):
    """The averages of averages begin with k_X, its constant left in."""

    def other(context, eta, steps):
        return TRUE["repeated_averaging"](context, eta, steps) + 1

    monkeypatch.setattr(sampling, "repeated_averaging", other)


def stopped_early(monkeypatch, context):
    """Three steps only."""

    def other(context, eta, steps):
        return TRUE["repeated_averaging"](context, eta, 3)

    monkeypatch.setattr(sampling, "repeated_averaging", other)


def long_functions(monkeypatch, context):
    """Functions that are not of unit length."""
    use_system(monkeypatch, lambda s: replace(s, left=1.1 * s.left), transforms)


too_small = use("complexity", lambda right: 0.7 * right, "too_small")
too_large = use("complexity", lambda right: 1.2 / ORDINARY.p_x.min(), "too_large")
MUTATIONS = {  # claim: (context, what is broken)
    "complexity": [(ORDINARY, too_small), (ORDINARY, too_large), (ORDINARY, wrong_marginals)],
    "complexity-bound": [(ORDINARY, use("complexity", lambda right: 1.0, "of_independence")),
                         (ORDINARY, too_large)],
    "complexity-masked": [(MASKED, too_small), (MASKED, too_large)],
    "rademacher": [(MASKED, too_small)],
    "chance-chi-square": [(ORDINARY, use("chance_chi2", lambda right: 6 / 5 * right, "biased"))],
    "probe-risk": [
        (ORDINARY, use("probe_risk", lambda r: replace(r, total=r.approximation), "for_nothing")),
        (ORDINARY, use("probe_risk", lambda r: replace(r, total=r.total - r.approximation),
                       "misses_nothing")),
        (ORDINARY, long_functions),
    ],
    "best-dimension": [(ORDINARY, use("best_dimension", lambda d: d - 1, "less_one")),
                       (ORDINARY, use("best_dimension", lambda d: d + 1, "and_one"))],
    "kept-modes": [(ORDINARY, use("kept_modes", np.logical_not, "the_others")),
                   (ORDINARY, use("kept_modes", np.ones_like, "all"))],
    "probe-orbit": [(ORDINARY, unweighted_probe), (ORDINARY, penalised_probe)],
    "ridge-orbit": [(ORDINARY, shared_penalty), (ORDINARY, long_functions)],
    "transformed-ridge": [(ORDINARY, wrong_transform), (ORDINARY, shared_penalty),
                          (ORDINARY, long_functions)],
    "repeated-averaging": [(ORDINARY, wrong_transform), (ORDINARY, constant_kept),
                           (ORDINARY, stopped_early), (ORDINARY, large_values)],
}


OUTSIDE = {"ridge-orbit": (gallery.hypercube(0.6), {"stretch": 3.0})}
SURVEYED = {"09": ([ORDINARY, MASKED, gallery.identity(4), gallery.independent(3)], 9)}


# -- options -----------------------------------------------------------------------


def test_a_reader_may_ask_for_other_numbers():
    assert claims.check("rademacher", ORDINARY, n=12, radius=3.0)
    assert claims.check("chance-chi-square", ORDINARY, n=7)
    for m in (3, 5, 1000):
        assert claims.check("probe-risk", ORDINARY, m=m, noise=0.0)
        assert claims.check("best-dimension", ORDINARY, m=m, noise=2.0)
    assert claims.check("kept-modes", ORDINARY, m=10**6)
    assert claims.check("transformed-ridge", ORDINARY, y=[1, 2], labelled=[0, 5], eta=0.0)
    assert claims.check("repeated-averaging", ORDINARY, eta=0.2, steps=20)


def test_a_task_that_is_brought_has_its_own_energies():
    g = np.arange(5.0)
    check = claims.check("probe-risk", ORDINARY, g=g, m=50, noise=0.3)
    f = ORDINARY.expect(g)
    variance = ORDINARY.p_x @ (f - ORDINARY.p_x @ f) ** 2
    assert check and check.sides.left[0] == pytest.approx(variance)  # d = 0 misses all of it
    assert check.sides.left[-1] == pytest.approx(0.3 * 4 / 45)  # d = 4 misses nothing


def test_masked_strings_are_recognised_and_nothing_else():
    for keep, n in ((0.0, 2), (0.3, 1), (0.6, 4), (1.0, 3)):
        check = claims.check("complexity-masked", gallery.masked_tokens(keep, n))
        assert check and check.sides.right == pytest.approx((1 + keep) ** n)
    for other in (ORDINARY, gallery.masked_tokens(1, kept="prefix"), gallery.hypercube(0.5),
                  gallery.masked_tokens(0.5, 2, vocabulary=3)):
        assert not claims.check("complexity-masked", other).applies


def test_the_repr_of_a_stretched_ridge_says_what_is_missing():
    check = claims.check("ridge-orbit", ORDINARY, stretch=2.0)
    assert not check.applies
    assert "needs a map without stretch, this one stretches by 2" in repr(check)


@pytest.mark.parametrize(
    ("identifier", "options", "words"),
    [
        ("rademacher", {"n": 13}, "n is 13; it must be at most 12"),
        ("rademacher", {"radius": 0}, "radius is 0"),
        ("chance-chi-square", {"n": 8}, "n is 8; it must be at most 7"),
        ("chance-chi-square", {"n": 1}, "n is 1"),
        ("probe-risk", {"m": 2}, "m is 2"),
        ("probe-risk", {"noise": -1}, "noise is -1"),
        ("probe-risk", {"g": [1, 2]}, r"g has shape \(2,\)"),
        ("kept-modes", {"noise": -1.0}, "noise is -1"),
        ("ridge-orbit", {"labelled": [9], "y": [1]}, "labelled runs from 9 to 9"),
        ("transformed-ridge", {"eta": 1}, "eta is 1"),
        ("transformed-ridge", {"penalty": 0}, "penalty is 0"),
        ("repeated-averaging", {"steps": 0}, "steps is 0"),
    ],
)
def test_bad_options_are_named(identifier, options, words):
    with pytest.raises(ValueError, match=words):
        claims.check(identifier, ORDINARY, **options)
