"""What is particular to the claims about tasks: their options, and where they end."""

import numpy as np
import pytest
from joints import prescribed

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import given
from contexture_lite.claims.tasks import trace_gap

VALUES = np.sqrt([0.9, 0.6, 0.5, 0.1])
CONTEXT, MU, _ = prescribed(VALUES, 7, 6)
EPS = 1 - 0.9 * CONTEXT.exact_values[0] / VALUES[0]  # the spectrum and 1 − ε scaled alike


def test_all_are_tried_with_one_line():
    survey = claims.survey(CONTEXT, taught_in="03")
    assert all(survey.checks) and len(survey.checks) >= 13


@pytest.mark.parametrize(("d", "value"), [(1, 0.3), (2, 0.225), (3, 0.1125)])
def test_the_minimax_value(d, value):
    check = claims.check("minimax-value", CONTEXT, d=d, eps=EPS)
    assert check and check.sides.right == pytest.approx(value, abs=1e-9)


def test_the_encoder_may_be_rotated_up_to_the_threshold_and_no_further():
    allowed = np.arcsin(np.sqrt(0.6))
    for angle, holds in [(0, True), (0.5, True), (allowed - 1e-9, True), (-0.5, True)]:
        check = claims.check("rotated-encoder", CONTEXT, d=2, angle=angle)
        assert check.applies and check.holds == holds
    beyond = claims.check("rotated-encoder", CONTEXT, d=2, angle=1)
    assert not beyond.applies and "allows θ up to 0.8861" in repr(beyond)
    errors = [
        claims.check("rotated-encoder", CONTEXT, d=2, angle=angle, anyway=True).sides.left
        for angle in (allowed, 0.9, 1.0, 1.2)
    ]
    assert (np.diff(errors) > 1e-4).all()


def test_the_trace_gap_as_first_printed_is_seen_to_fail():
    """s = (1/2, 0), ε = 1/2, Φ = cos ½ μ₁ + sin ½ μ₂."""
    mu = np.array([[1, 0, -1], [1, -2, 1]]).T * np.sqrt([3 / 2, 1 / 2])
    context = cl.Context((1 + 0.5 * mu[:, :1] * [1, -1]) / 6)
    phi = mu @ [[np.cos(0.5)], [np.sin(0.5)]]
    error, gap = cl.tasks.worst_case_error(context, phi, 0.5), trace_gap(context, phi)
    right, printed = (0.5 * r / (0.25 - r**2) for r in (np.sqrt(gap), gap))  # c = s₁ = ½
    assert printed == pytest.approx(0.116, abs=1e-3) and printed < error < right
    assert [error, right] == pytest.approx([0.230, 0.623], abs=1e-3)


@pytest.mark.parametrize(
    ("identifier", "context", "options", "words"),
    [
        ("minimax-value", CONTEXT, {"d": 2, "eps": 0.9}, "this one has the range 0.7"),
        ("minimax-value", CONTEXT, {"d": 2, "eps": 0.1}, "needs 1 − s₁ ≤ ε ≤ 1 − s_{d+1}"),
        ("minimax-value", gallery.hypercube(0.6), {"d": 2}, "needs s₁ > s_{d+1}, this one has 0.6"),
        ("worst-task", gallery.binary_channel(0.6), {}, "not constant, this one has 1"),
        ("minimax-value", gallery.identity(4), {}, "more than d functions of X"),
        ("beyond-the-range", gallery.binary_channel(0.6), {}, "needs s_{d+1} > 0, this one has"),
        ("rotated-encoder", CONTEXT, {"d": 1}, "this one has 6 functions for 1 features"),
    ],
)
def test_what_lies_outside_is_named(identifier, context, options, words):
    check = claims.check(identifier, context, **options)
    assert not check.applies and words in repr(check)
    with pytest.raises(ValueError, match="cannot be computed"):
        claims.check(identifier, context, anyway=True, **options)


@pytest.mark.parametrize("seed", range(20))
def test_twenty_encoders_and_tasks_keep_to_the_bounds(seed, monkeypatch):
    monkeypatch.setattr(given, "SEED", seed)
    monkeypatch.setattr(given, "FEATURES", 1 + seed % 3)
    for identifier in ("minimax-bound", "worst-case-dual", "beyond-the-range",
                       "compatibility-bound", "correlation-ratio", "per-task-bound"):
        assert claims.check(identifier, CONTEXT)
    bound = claims.check("trace-gap-bound", CONTEXT)
    assert bound or "needs TG(Φ) < s₁²" in repr(bound)


@pytest.mark.parametrize(
    ("identifier", "options", "error", "words"),
    [
        ("minimax-value", {"eps": 2}, ValueError, "eps is 2; it must be at most 1"),
        ("minimax-value", {"d": 0}, ValueError, "d is 0"),
        ("rotated-encoder", {"angle": "far"}, TypeError, "angle is 'far'"),
    ],
)
def test_bad_options_are_named(identifier, options, error, words):
    with pytest.raises(error, match=words):
        claims.check(identifier, CONTEXT, **options)
