"""Distribution shift: importance weights, robust risks, reweighting, and spectra under shift.

The robust risks (`cvar`, `chi2_risk`, `doro`, `group_risks` and their worst weights) are plain
functions of losses, NumPy arrays or torch tensors alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from contexture_lite._checks import (
    as_distribution,
    as_generator,
    as_numbers,
    refuse_cells,
)
from contexture_lite._reweighting import descend, reweighted_ridge
from contexture_lite._risks import (
    chi2_risk,
    chi2_weights,
    cvar,
    cvar_weights,
    doro,
    doro_weights,
    group_risks,
    worst_group,
)
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

__all__ = [
    "importance_weights", "estimated_weights", "effective_size", "Weights",
    "cvar", "cvar_weights", "chi2_risk", "chi2_weights", "doro", "doro_weights",
    "group_risks", "worst_group",
    "reweighted_ridge", "descend", "shifted_spectrum", "ShiftedSpectrum",
]

FOLDS = 5  # every weight comes from a classifier that has not seen its point


# -- importance weights ------------------------------------------------------------


def importance_weights(p, target):
    """E_{p′} ℓ = E_p[w ℓ] with w = p′/p; and E_p w² = 1 + χ²(p′ ‖ p).

    Parameters
    ----------
    p, target : (n,) arrays
        Probabilities, or densities, of the source and of the target at the same points; not
        normalised here. ``target`` is 0 wherever ``p`` is (ValueError): what the source never
        shows, no weight brings back. The weight there is 0.

    Returns
    -------
    (n,) array
    """
    p, target = _densities("p", p), _densities("target", target)
    if p.shape != target.shape:
        raise ValueError(f"target has shape {target.shape}; it must be {p.shape}, as p")
    refuse_cells("target", np.where(p > 0, 0, target), lambda v: v > 0,
                 "it must be 0 where p is 0, since the source never shows that point")
    return np.divide(target, p, out=np.zeros_like(p), where=p > 0)


def effective_size(weights):
    """(Σw)² / Σw²: as many equally weighted points have a mean of the same variance.

    n for equal weights, about n / (1 + χ²(p′ ‖ p)) for importance weights, 1 if one has all.
    """
    weights = _densities("weights", weights)
    if not weights.any():
        raise ValueError("weights are all 0; at least one must be positive")
    weights = weights / weights.max()
    return float(weights.sum() ** 2 / (weights**2).sum())


@dataclass(frozen=True, eq=False)
class Weights:
    """Importance weights that a classifier estimated (see `estimated_weights`).

    Attributes
    ----------
    values : (n,) array
        An estimate of p′/p at every point of the source; their mean is near 1 if it is good.
    effective_size : float
        n / (1 + χ²), from 1 to n, with 1 + χ²(p′ ‖ p) = E_{p′} w measured on the target.
    model : scikit-learn pipeline
        The classifier fitted to all points; ``model.predict_proba(points)[:, 1]`` is the
        probability that a point is of the target.
    """

    values: np.ndarray
    effective_size: float
    model: Any

    def __repr__(self):
        return (f"Weights({len(self.values)} points, effective size {self.effective_size:.1f}, "
                f"mean {self.values.mean():.3g})")


def estimated_weights(source, target, *, seed=0):
    """w(x) = (n/m) P(target | x) / P(source | x), by a classifier of source and target.

    The classifier is a logistic regression on standardised columns with scikit-learn's default
    penalty, so that log w is linear in x; exact in the limit for Gaussians that differ in their
    mean. Each point gets its weight from one fitted to the other folds of five.

    Where the two samples can be told apart there is no common ground to weight. The points of
    the source then all look equally impossible: their weights are tiny, and may be so alike
    that (Σw)²/Σw² is near n again. Hence the effective size is n / (1 + χ²) with
    1 + χ² = E_p w² = E_{p′} w, a mean over the target: a few points at most, and the weights
    have a mean near 0 instead of 1.

    Parameters
    ----------
    source, target : (n, k) and (m, k) arrays, or (n,) and (m,)
        Points of both laws, at least five of each.
    seed : int or numpy.random.Generator
        For the folds.

    Returns
    -------
    Weights
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    source, target = _points("source", source), _points("target", target)
    if source.shape[1] != target.shape[1]:
        raise ValueError(f"target has {target.shape[1]} columns, source has {source.shape[1]}")
    points = np.vstack([source, target])
    label = np.arange(len(points)) >= len(source)
    folds = StratifiedKFold(
        FOLDS, shuffle=True, random_state=int(as_generator("seed", seed).integers(2**31)))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000))
    log_odds = cross_val_predict(model, points, label, cv=folds, method="decision_function")
    w = np.exp(log_odds) * len(source) / len(target)
    size = float(np.clip(len(source) / w[label].mean(), 1, len(source)))
    return Weights(w[~label], size, model.fit(points, label))


# -- the spectrum under input shift --------------------------------------------------


@dataclass(frozen=True, eq=False)
class ShiftedSpectrum:
    """Singular values before and after the inputs have shifted (see `shifted_spectrum`).

    Attributes
    ----------
    before, after : (min(N, M) - 1,) arrays
        s₁, s₂, … under the old law of the inputs, and under the new one.
    low, high : (min(N, M) - 1,) arrays
        What c and C alone say of ``after``.
    least_ratio, largest_ratio : float
        c = min p′/p and C = max p′/p.
    """

    before: np.ndarray
    after: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least_ratio: float
    largest_ratio: float

    def __repr__(self):
        return (f"ShiftedSpectrum({len(self.before)} values, {self.least_ratio:.3g} <= p′/p <= "
                f"{self.largest_ratio:.3g})")


def shifted_spectrum(context, p_new):
    """(c/C)(1 − s_i²) ≤ 1 − s_i′² ≤ (C/c)(1 − s_i²), for the same P(a | x) under a new p′.

    c ≤ p′/p ≤ C. (The Rayleigh quotient of 1 − s² is a ratio of two means over X, and each
    moves by at most its factor.) The same holds for 1 − ρ(f)² of every task f: one that the
    context told nothing of may reach ρ′² = 1 − c/C. Modes with s_i = 1 stay, and so does the
    number of those above 0, since it belongs to P(a | x).

    Parameters
    ----------
    context : Context
    p_new : (N,) array
        Positive; divided by its sum.

    Returns
    -------
    ShiftedSpectrum

    Source: our derivation.
    """
    if not isinstance(context, Context):
        raise TypeError(f"context is a {type(context).__name__}; it must be a Context")
    p_new = as_distribution("p_new", p_new, context.shape[0])
    refuse_cells("p_new", p_new, lambda v: v <= 0,
                 "must be positive, so that both spectra are of the same inputs")
    ratio = importance_weights(context.p_x, p_new)
    c, C = ratio.min(), ratio.max()
    before = singular_system(context).values
    after = singular_system(context.with_marginal_x(p_new)).values
    unexplained = 1 - before**2
    low = np.sqrt(np.maximum(1 - C / c * unexplained, 0))
    high = np.sqrt(np.maximum(1 - c / C * unexplained, 0))
    return ShiftedSpectrum(before, after, low, high, float(c), float(C))


# -- what comes in -------------------------------------------------------------------


def _densities(name, values):
    """A finite, non-negative (n,) array."""
    values = as_numbers(name, values)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"{name} has shape {values.shape}; it must be (n,), with n >= 1")
    refuse_cells(name, values, lambda v: ~np.isfinite(v), "must be finite")
    refuse_cells(name, values, lambda v: v < 0, "must be >= 0")
    return values


def _points(name, points):
    """A finite (n, k) array with a point for every fold."""
    points = as_numbers(name, points)
    if points.ndim not in (1, 2) or points.size == 0:
        raise ValueError(f"{name} has shape {points.shape}; it must be (points, columns)")
    refuse_cells(name, points, lambda v: ~np.isfinite(v), "must be finite")
    if len(points) < FOLDS:
        raise ValueError(f"{name} has {len(points)} points; {FOLDS} folds need {FOLDS}")
    return points.reshape(len(points), -1)
