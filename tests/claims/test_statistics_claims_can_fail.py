"""Every claim of notebook 09 is seen to fail when the package is wrong."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    draw,
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


# -- other numbers, and where claims end ------------------------------------------------


@pytest.mark.parametrize(("m", "noise"), [(3, 0.0), (5, 2.0), (1000, 0.1)])
def test_the_risk_is_right_for_any_number_of_labels(m, noise, monkeypatch):
    monkeypatch.setattr(statistics, "LABELS", m)
    monkeypatch.setattr(statistics, "NOISE", noise)
    assert claims.check("probe-risk", ORDINARY) and claims.check("best-dimension", ORDINARY)


def test_a_task_that_is_brought_has_its_own_energies(monkeypatch):
    g = np.arange(5.0)
    draw(monkeypatch, {"function_on": g})
    check = claims.check("probe-risk", ORDINARY)
    f = ORDINARY.expect(g)
    variance = ORDINARY.p_x @ (f - ORDINARY.p_x @ f) ** 2
    assert check and check.sides.left[0] == pytest.approx(variance)  # d = 0 misses all of it
    assert check.sides.left[-1] == pytest.approx(0.1 * 4 / 25)  # d = 4 misses nothing


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
