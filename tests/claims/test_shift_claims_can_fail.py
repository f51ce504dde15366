"""Every claim of notebook 10 is seen to fail when the package is wrong; and its options."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    draw,
    everywhere,
    wrong_marginals,
)

import contexture_lite as cl
from contexture_lite import claims, gallery, shift
from contexture_lite.claims import given, robust
from contexture_lite.shift import spectra

UNEVEN = cl.Context.from_conditional([[0.9, 0.1], [0.2, 0.8]], [0.1, 0.9])
TRUE = {name: getattr(shift, name) for name in (
    "importance_weights", "reweighted_ridge", "descend", "cvar", "cvar_weights",
    "chi2_risk", "chi2_weights", "doro")}
BEYOND = {"alpha": 0.9, "losses": [0, 1]}  # the likely input has the loss
LAST = {"losses_on": np.array([0.0, 1.0])}
AT_THE_BOUND = cl.Context(np.diag([0.7, 0.3]))  # α = .3
NO_SHIFT = {"new_distribution": ORDINARY.p_x}


# -- ways to be wrong --------------------------------------------------------------


use = partial(another_answer, shift)


def weights_upside_down(monkeypatch, context):
    """P/p′ in the place of p′/p."""
    monkeypatch.setattr(shift, "importance_weights",
                        lambda p, target: TRUE["importance_weights"](target, p))


def other_values(change):
    """The spectra are of other values."""

    def mutation(monkeypatch, context):
        def wrong(context):
            system = cl.singular_system(context)
            return replace(system, values=change(system.values))

        monkeypatch.setattr(spectra, "singular_system", wrong)

    mutation.__name__ = f"values_{change.__name__}d"
    return mutation


small_values, large_values = other_values(np.square), other_values(np.sqrt)


def narrow_bounds(monkeypatch, context):
    """Bounds that forget the weights: both are what was before."""
    true = spectra.shifted_spectrum

    def other(context, p_new):
        right = true(context, p_new)
        return spectra.ShiftedSpectrum(
            right.before, right.after, right.before, right.before, 1, 1)

    monkeypatch.setattr(shift, "shifted_spectrum", other)


def low_compatibility(monkeypatch, context):
    """A tenth of ρ."""
    everywhere(monkeypatch, "compatibility", lambda *given: 0.1 * cl.compatibility(*given))


def equal_masses(name):
    """The masses of the points are ignored."""

    def mutation(monkeypatch, context):
        def other(losses, *arguments):
            return TRUE[name](losses, *arguments[:-1])

        monkeypatch.setattr(shift, name, other)

    mutation.__name__ = f"{name}_of_equal_masses"
    return mutation


def plain_cvar(monkeypatch, context):
    """Nothing is dropped."""
    monkeypatch.setattr(
        shift, "doro", lambda losses, alpha, eps, p: TRUE["cvar"](losses, alpha, p))


def half_the_radius(monkeypatch, context):
    """ρ without its ½."""
    monkeypatch.setattr(shift, "chi2_risk", lambda losses, radius, p: TRUE["chi2_risk"](
        losses, radius / 2, p))


def twice_the_ball(monkeypatch, context):
    """Both the risk and its distribution look too far."""
    for name in ("chi2_risk", "chi2_weights"):
        monkeypatch.setattr(shift, name, lambda losses, radius, p, name=name: TRUE[name](
            losses, 2 * radius, p))


def penalised(monkeypatch, context):
    """A penalty nobody asked for."""
    monkeypatch.setattr(shift, "reweighted_ridge", lambda X, y, w, penalty: TRUE[
        "reweighted_ridge"](X, y, w, penalty + 0.1))


def half_a_step(monkeypatch, context):
    """Descent stops at once."""
    monkeypatch.setattr(shift, "descend", lambda X, y, w, steps, start: TRUE["descend"](
        X, y, w, steps=1, start=start))


def mean(monkeypatch, context):
    """The mean in the place of a robust risk."""
    for name in ("cvar", "chi2_risk"):
        monkeypatch.setattr(shift, name, lambda losses, level, p: losses @ np.asarray(p))


MUTATIONS = {  # claim: (context, what is broken, options), at least one each
    "importance-weights": [(ORDINARY, weights_upside_down), (ORDINARY, wrong_marginals)],
    "shifted-probe": [(ORDINARY, use("reweighted_ridge", lambda theta: 2 * theta))],
    "shifted-spectrum": [(ORDINARY, narrow_bounds), (ORDINARY, small_values, NO_SHIFT),
                         (ORDINARY, large_values, NO_SHIFT)],
    "shifted-task": [(ORDINARY, low_compatibility, NO_SHIFT)],
    "cvar-dual": [(ORDINARY, equal_masses("cvar")), (ORDINARY, equal_masses("cvar_weights")),
                  (ORDINARY, mean)],
    "chi2-dual": [(ORDINARY, half_the_radius), (ORDINARY, twice_the_ball),
                  (ORDINARY, equal_masses("chi2_weights"))],
    "chi2-variance": [(ORDINARY, half_the_radius), (ORDINARY, mean)],
    "worst-group": [(ORDINARY, mean)],
    "cvar-in-the-ball": [(ORDINARY, mean), (AT_THE_BOUND, half_the_radius, LAST)],
    "cvar-published-radius": [(ORDINARY, mean)],
    "doro-trimming": [(ORDINARY, plain_cvar), (ORDINARY, equal_masses("doro"))],
    "doro-bound": [(ORDINARY, use("doro", lambda risk: risk / 10))],
    "reweighting": [(ORDINARY, penalised), (ORDINARY, half_a_step)],
    "reweighted-ridge": [(ORDINARY, penalised)],
}


OUTSIDE = {  # claim: (a context outside its hypotheses, options), and the two sides differ
    "chi2-variance": (cl.Context(np.diag([0.02, 0.98])), LAST),
    "cvar-published-radius": (cl.Context(np.diag([0.1, 0.9])), {"alpha": 0.9, "losses": [0, 1]}),
}
SURVEYED = {"10": ([ORDINARY, UNEVEN, gallery.hypercube(0.6)], 13)}


# -- other numbers, and where the claims end -------------------------------------------


@pytest.mark.parametrize("alpha", [0.01, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_any_share_may_be_asked_for(alpha, seed, monkeypatch):
    monkeypatch.setattr(given, "SEED", seed)
    monkeypatch.setattr(robust, "ALPHA", alpha)
    for name in ("cvar-dual", "cvar-in-the-ball", "doro-trimming"):
        assert claims.check(name, ORDINARY)
    published = claims.check("cvar-published-radius", ORDINARY, alpha=alpha)
    assert bool(published) == (alpha <= 0.5)


def test_the_published_radius_is_seen_to_fail_beyond_a_half(monkeypatch):
    draw(monkeypatch, LAST)
    for alpha, holds in [(0.9, False), (0.7, False), (0.51, False), (0.5, True)]:
        options = {"alpha": alpha, "losses": [0, 1]}
        two = cl.Context.from_conditional(np.eye(2), [1 - alpha, alpha])
        check = claims.check("cvar-published-radius", two, anyway=True, **options)
        assert check.holds == holds and check.sides.left == pytest.approx(1)
        below = alpha + (1 - alpha) * np.sqrt((1 - alpha) / alpha)
        assert check.sides.right == pytest.approx(min(below, 1))
        monkeypatch.setattr(robust, "ALPHA", alpha)
        assert claims.check("cvar-in-the-ball", two)
    beyond = claims.check("cvar-published-radius", UNEVEN, **BEYOND)
    assert "needs α ≤ ½, this one has α = 0.9" in repr(beyond)


@pytest.mark.parametrize(("radius", "losses", "words"), [
    (5, [0, 1], "allows ρ up to 0.05556"), (0.06, [0, 1], "allows ρ up to 0.05556"),
    (0.05555, [0, 1], ""), (0.5, [1, 0], ""), (3, [2, 2], "")])
def test_a_wide_ball_drops_points(radius, losses, words, monkeypatch):
    draw(monkeypatch, {"losses_on": np.array(losses, float)})
    monkeypatch.setattr(robust, "RADIUS", radius)
    check = claims.check("chi2-variance", UNEVEN, anyway=True)
    assert check.holds == check.applies == (words == "") and words in repr(check)


def test_weights_of_a_known_shift(monkeypatch):
    draw(monkeypatch, {"new_distribution": np.array([0.9, 0.1]), "losses_on": np.array([0.0, 1])})
    check = claims.check("importance-weights", UNEVEN)  # from (.1, .9) to (.9, .1)
    assert check and np.allclose(check.sides.left, [0.1, 0.81 / 0.1 + 0.01 / 0.9])


@pytest.mark.parametrize(("options", "words"), [
    ({"alpha": 0}, "alpha is 0"), ({"alpha": -1}, "alpha is -1"), ({"alpha": 2}, "alpha is 2"),
    ({"losses": [1, 2]}, r"losses has shape \(2,\)")])
def test_bad_options_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        claims.check("cvar-published-radius", ORDINARY, anyway=True, **options)
