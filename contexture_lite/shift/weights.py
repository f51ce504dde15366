"""Importance weights: from two distributions, or from two samples by a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from contexture_lite._checks import (
    as_generator,
    as_numbers,
    columns_of,
    in_columns,
    refuse_cells,
    row_by_row,
)
from contexture_lite._text import said

FOLDS = 5  # every weight comes from a classifier that has not seen its point


def importance_weights(p, target):
    """E_{p′} ℓ = E_p[w ℓ] with w = p′/p; and E_p w² = 1 + χ²(p′ ‖ p).

    ``p`` and ``target`` (n,) are probabilities, or densities, of the source and of the target at
    the same points, not normalised here. ``target`` is 0 wherever ``p`` is (ValueError): what
    the source never shows, no weight brings back. The weight there is 0.
    """
    p, target = row_by_row(p=p, target=target)
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

    ``model``, fitted to all points, is a scikit-learn pipeline; its ``predict_proba(points)[:, 1]``
    is the probability that a point is of the target.
    """

    values: np.ndarray  # (n,) estimates of p′/p at the source's points, of mean near 1 if good
    effective_size: float  # n / (1 + χ²), from 1 to n, 1 + χ²(p′ ‖ p) = E_{p′} w on the target
    model: Any

    def __repr__(self):
        return said(f"Weights({len(self.values)} points, effective size "
                    f"{self.effective_size:.1f}, mean {self.values.mean():.3g})")


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

    ``source`` and ``target``, (n, k) and (m, k), or (n,) and (m,), are points of both
    distributions, at least five of each; ``seed`` is for the folds. Returns `Weights`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    target = in_columns("target", target, columns_of(source), "source")
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


# -- what comes in -------------------------------------------------------------------


def _densities(name, values):
    """A finite, non-negative (n,) array."""
    return as_numbers(name, values, "(n,)", least=0)


def _points(name, points):
    """A finite (n, k) array with a point for every fold."""
    points = as_numbers(name, points, "(points, columns) or (points,)")
    if len(points) < FOLDS:
        raise ValueError(f"{name} has {len(points)} points; {FOLDS} folds need {FOLDS}")
    return points.reshape(len(points), -1)
