"""Every claim of notebook 10 is seen to fail when the package is wrong; and its options."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    everywhere,
    wrong_marginals,
)

import contexture_lite as cl
from contexture_lite import claims, gallery, shift
from contexture_lite.shift import spectra

UNEVEN = cl.Context.from_conditional([[0.9, 0.1], [0.2, 0.8]], [0.1, 0.9])
TRUE = {name: getattr(shift, name) for name in (
    "importance_weights", "reweighted_ridge", "descend", "cvar", "cvar_weights",
    "chi2_risk", "chi2_weights", "doro")}
BEYOND = {"alpha": 0.9, "losses": [0, 1]}  # the likely input has the loss
NO_SHIFT = {"target": ORDINARY.p_x}


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
    "cvar-in-the-ball": [(ORDINARY, mean), (UNEVEN, half_the_radius, BEYOND)],
    "cvar-published-radius": [(ORDINARY, mean)],
    "doro-trimming": [(ORDINARY, plain_cvar), (ORDINARY, equal_masses("doro"))],
    "doro-bound": [(ORDINARY, use("doro", lambda risk: risk / 10))],
    "reweighting": [(ORDINARY, penalised), (ORDINARY, half_a_step)],
    "reweighted-ridge": [(ORDINARY, penalised)],
}


OUTSIDE = {  # claim: (a context outside its hypotheses, options), and the two sides differ
    "chi2-variance": (gallery.symmetric_channel(0.5), {"radius": 5.0}),
    "cvar-published-radius": (cl.Context(np.diag([0.1, 0.9])), {"alpha": 0.9, "losses": [0, 1]}),
}
SURVEYED = {"10": ([ORDINARY, UNEVEN, gallery.hypercube(0.6)], 13)}


# -- options, and where the claims end -------------------------------------------------


@pytest.mark.parametrize("alpha", [0.01, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_any_share_may_be_asked_for(alpha, seed):
    for name in ("cvar-dual", "cvar-in-the-ball", "doro-trimming"):
        assert claims.check(name, ORDINARY, alpha=alpha, seed=seed)
    published = claims.check("cvar-published-radius", ORDINARY, alpha=alpha, seed=seed)
    assert bool(published) == (alpha <= 0.5)


def test_the_published_radius_is_seen_to_fail_beyond_a_half():
    for alpha, holds in [(0.9, False), (0.7, False), (0.51, False), (0.5, True)]:
        options = {"alpha": alpha, "losses": [0, 1]}
        two = cl.Context.from_conditional(np.eye(2), [1 - alpha, alpha])
        check = claims.check("cvar-published-radius", two, anyway=True, **options)
        assert check.holds == holds and check.sides.left == pytest.approx(1)
        below = alpha + (1 - alpha) * np.sqrt((1 - alpha) / alpha)
        assert check.sides.right == pytest.approx(min(below, 1))
        assert claims.check("cvar-in-the-ball", two, **options)
    beyond = claims.check("cvar-published-radius", UNEVEN, **BEYOND)
    assert "needs α ≤ ½, this one has α = 0.9" in repr(beyond)


def test_a_wide_ball_drops_points():
    widest = claims.check("chi2-variance", UNEVEN, radius=5, losses=[0, 1])
    assert not widest.applies and "allows ρ up to 0.05556" in repr(widest)
    assert claims.check("chi2-variance", UNEVEN, radius=0.05555, losses=[0, 1])
    assert claims.check("chi2-variance", UNEVEN, radius=0.5, losses=[1, 0])
    assert not claims.check("chi2-variance", UNEVEN, radius=0.06, losses=[0, 1], anyway=True).holds
    assert claims.check("chi2-variance", UNEVEN, radius=3, losses=[2, 2])


@pytest.mark.parametrize("radius", [0, 1e-3, 0.1, 2, 50])
def test_any_radius_may_be_asked_for(radius):
    assert claims.check("chi2-dual", ORDINARY, radius=radius)


def test_the_reader_may_bring_distributions_groups_and_tasks():
    check = claims.check("importance-weights", UNEVEN, target=[0.9, 0.1], losses=[0, 1])
    assert check and np.allclose(check.sides.left, [0.1, 0.81 / 0.1 + 0.01 / 0.9])
    groups = claims.check("worst-group", ORDINARY, groups=[0, 0, 0, 1, 1, 1], losses=[
        1, 1, 1, 0, 0, 0])
    assert groups and groups.sides.left == pytest.approx(1)
    for eps in (0, 0.01, 0.3):
        assert claims.check("doro-bound", ORDINARY, eps=eps, size=1e6)
    for d in (1, 4):
        assert claims.check("shifted-probe", ORDINARY, d=d, target=[1, 2, 3, 4, 5, 6])
    for penalty in (0, 1e-9, 10):
        assert claims.check("reweighted-ridge", ORDINARY, penalty=penalty, f=range(6))


@pytest.mark.parametrize(("identifier", "options", "error", "words"), [
    ("importance-weights", {"target": [1, 1]}, ValueError, r"target has shape \(2,\)"),
    ("shifted-spectrum", {"target": [1, 1, 1, 1, 1, 0]}, ValueError, r"p_new\[5\] is 0"),
    ("shifted-task", {"f": [1, 1, 1, 1, 1, 1]}, ValueError, "f is constant"),
    ("cvar-dual", {"alpha": 0}, ValueError, "alpha is 0"),
    ("cvar-in-the-ball", {"alpha": 0}, ValueError, "alpha is 0"),
    ("cvar-published-radius", {"alpha": -1}, ValueError, "alpha is -1"),
    ("chi2-dual", {"radius": -1}, ValueError, "radius is -1"),
    ("doro-trimming", {"eps": 1}, ValueError, "epsilon is 1"),
    ("doro-bound", {"eps": 1}, ValueError, "eps is 1"),
    ("doro-bound", {"losses": [-1, 0, 0, 0, 0, 0]}, ValueError, r"losses\[0\] is -1"),
    ("worst-group", {"groups": [1]}, ValueError, r"groups has shape \(1,\)"),
    ("reweighting", {"f": [1]}, ValueError, r"f has shape \(1,\)"),
    ("reweighted-ridge", {"penalty": -1}, ValueError, "penalty is -1"),
])
def test_bad_options_are_named(identifier, options, error, words):
    with pytest.raises(error, match=words):
        claims.check(identifier, ORDINARY, **options)
