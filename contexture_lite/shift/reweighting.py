"""What weights can do to a linear model that is fitted by least squares: often nothing."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_function,
    as_number,
    as_numbers,
    columns_of,
    in_order,
    row_by_row,
)


def reweighted_ridge(X, y, weights, penalty):
    """θ = argmin Σ w_i (y_i − x_i·θ)² + penalty ‖θ‖², with Σ w_i = 1; no intercept.

    With ``penalty`` 0 the shortest of the minimisers. If a model can interpolate, that is
    X⁺y for every positive w, and ‖θ_penalty − X⁺y‖ ≤ penalty ‖X⁺y‖ / (min w · σ_min(X)²),
    σ_min the least positive singular value.

    ``X`` is (n, D), ``y`` (n,) or (n, k), and θ (D,) or (D, k). ``weights`` (n,) are at least 0,
    and divided by their sum; a point of weight 0 is left out.

    Source: Zhai, Dan, Kolter, Ravikumar 2023, arXiv 2201.12293; the bound is our derivation.
    """
    X, y, weights = _design(X, y, weights)
    root = np.sqrt(as_distribution("weights", weights, len(X)))
    penalty = as_number("penalty", penalty, least=0)
    if X.shape[1] > len(X):  # θ is a combination of the points: as many coordinates as points
        Q, R = np.linalg.qr(X.T)
        return Q @ reweighted_ridge(R.T, y, weights, penalty)
    left, right = root[:, None] * X, (root * y.T).T
    if penalty > 0:  # a ridge is least squares with further rows √penalty I
        left = np.vstack([left, np.sqrt(penalty) * np.eye(X.shape[1])])
        right = np.concatenate([right, np.zeros((X.shape[1], *y.shape[1:]))])
    return np.linalg.lstsq(left, right, rcond=None)[0]


def descend(X, y, weights, *, steps, start=None):
    """Gradient descent on ½ Σ w_i (x_i·θ − y_i)²: the path θ_0, θ_1, …, θ_steps.

    A model that can interpolate ends at θ_0 + X⁺(y − Xθ_0), the interpolator nearest to the
    start, for any weights between two positive bounds, even such that change with time or
    with the losses. The step is 1 / (max w · σ_max(X)²); every step then leaves at most
    1 − (min w / max w)(σ_min / σ_max)² of the distance to the end.

    ``X`` is (n, D), ``y`` (n,). ``weights`` (n,) are at least 0 and not all 0; or a function of
    the losses (x_i·θ − y_i)², (n,), that is asked for them before every step. ``start`` is θ_0,
    0 by default. Returns a (steps + 1, D) array.

    Source: Zhai, Dan, Kolter, Ravikumar 2023, arXiv 2201.12293.
    """
    names = columns_of(X)
    X, y, weights = _design(X, y, weights)
    if y.ndim != 1:
        raise ValueError(f"y has shape {y.shape}; it must be ({len(X)},)")
    path = np.zeros((as_count("steps", steps, least=0) + 1, X.shape[1]))
    if start is not None:
        path[0] = as_numbers("start", in_order("start", start, names, "X"), f"({X.shape[1]},)")
    w = None if callable(weights) else as_distribution("weights", weights, len(X))
    size = np.linalg.norm(X, 2) ** 2 or 1.0
    for step in range(steps):
        residual = X @ path[step] - y
        if callable(weights):
            w = as_distribution("weights", weights(residual**2), len(X))
        path[step + 1] = path[step] - X.T @ (w * residual) / (w.max() * size)
    return path


def _design(X, y, weights):
    """A finite (n, D) matrix, its labels, and the weights in the same order."""
    X, y, weights = row_by_row(X=X, y=y, weights=weights)
    X = as_numbers("X", X, "(points, features)")
    return X, as_function("y", y, len(X)), weights
