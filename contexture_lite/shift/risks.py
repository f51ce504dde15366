"""Risks of a list of losses that look at its worst part: CVaR, χ², DORO, groups.

Everywhere ``losses`` is an (n,) array or a torch tensor, and ``weights`` (n,) the masses p of
its points, divided by their sum; equal by default. Arrays give floats. A tensor gives a tensor
to differentiate: by Danskin's theorem the gradient of a worst case is the worst weights (where
losses are equal, one of the subgradients). PyTorch itself is never imported here.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_classes,
    as_distribution,
    as_number,
    as_numbers,
    row_by_row,
)


def cvar(losses, alpha, weights=None):
    """CVaR_α = sup {E_Q ℓ : Q ≤ P/α} = inf_η {η + E(ℓ − η)₊ / α}: the mean of the worst α.

    Computed by the dual, at η = the loss above which lies a mass of α; `cvar_weights` gives
    the Q. ``alpha`` is in (0, 1]; 1 is the mean, and a small one the largest loss.
    """
    return doro(losses, alpha, 0.0, weights)


def cvar_weights(losses, alpha, weights=None):
    """The worst Q of CVaR: p/α on the largest losses, until the mass is 1. (n,) array."""
    return doro_weights(losses, alpha, 0.0, weights)


def chi2_risk(losses, radius, weights=None):
    """χ²-DRO: sup {E_Q ℓ : ½ E(dQ/dP − 1)² ≤ ρ} = inf_η {η + √(1 + 2ρ) (E(ℓ − η)₊²)^½}.

    With η* the best η and S, m, v the mass, mean and variance of the losses above it, the
    infimum is m + √(((1 + 2ρ)S − 1) v), and η* itself m − √(v / ((1 + 2ρ)S − 1)): exact, no
    iteration. As long as Q keeps every point it is E ℓ + √(2ρ Var ℓ); from 1 + 2ρ = 1/P(ℓ =
    max ℓ) on it is the largest loss. ``radius`` is ρ ≥ 0; 0 is the mean.

    Source: Duchi and Namkoong 2021 (arXiv 1810.08750) for the dual; the closed form is our
    derivation.
    """
    values, p = _read(losses, weights)
    return _risk(losses, *_in_ball(values, p, as_number("radius", radius, least=0)))


def chi2_weights(losses, radius, weights=None):
    """The worst Q of the χ² ball: q = p (ℓ − η*)₊ / E(ℓ − η*)₊. (n,) array."""
    values, p = _read(losses, weights)
    return _in_ball(values, p, as_number("radius", radius, least=0))[1]


def doro(losses, alpha, epsilon, weights=None):
    """DORO: inf {CVaR_α(P′) : P′ ≤ P/(1 − ε)} = CVaR_α after the hardest ε of the mass is dropped.

    The infimum is over every distribution P′ of which P can be a contamination,
    P = (1 − ε)P′ + εP̃. For n equal points, and εn and γn whole, it is
    Σ_{εn < j ≤ γn} ℓ_(j) / (α(1 − ε)n) of the losses from the largest down, γ = ε + α(1 − ε);
    other masses are split exactly. ``epsilon`` is in [0, 1): the share of outliers thought
    possible; with fewer dropped than there are, the rest decides as in CVaR.

    Source: Zhai, Dan, Kolter, Ravikumar 2021, arXiv 2106.06142.
    """
    values, kept, q = _after_hardest(losses, alpha, epsilon, weights)
    eta = values[q > 0].min()
    return _risk(losses, eta + kept @ np.maximum(values - eta, 0) / alpha, q)


def doro_weights(losses, alpha, epsilon, weights=None):
    """The Q of DORO: 0 on the hardest ε, p/(α(1 − ε)) on the next, 0 on the rest. (n,) array."""
    return _after_hardest(losses, alpha, epsilon, weights)[2]


def group_risks(losses, groups, weights=None):
    """{group: E[ℓ | group]} in the order of the sorted labels ``groups`` (n,).

    Labels are of one kind, and every group needs a positive mass (TypeError, ValueError).
    """
    losses, groups, weights = row_by_row(losses=losses, groups=groups, weights=weights)
    values, p = _read(losses, weights)
    labels = as_classes("groups", groups)
    if labels.shape != values.shape:
        raise ValueError(f"groups has shape {labels.shape}; it must be {values.shape}")
    risks, (found, place) = {}, np.unique(labels, return_inverse=True)
    for number, label in enumerate(found.tolist()):
        q = np.where(place == number, p, 0)
        if q.sum() <= 0:
            raise ValueError(f"group {label} has no mass; its mean loss is undefined")
        q = q / q.sum()
        risks[label] = _risk(losses, q @ values, q)
    return risks


def worst_group(losses, groups, weights=None):
    """R_max = max over groups of E[ℓ | group]; at most CVaR_α for α the smallest group's mass."""
    return max(group_risks(losses, groups, weights).values())


# -- the worst weights -------------------------------------------------------------


def _after_hardest(losses, alpha, epsilon, weights):
    """(losses, P′ without the hardest ε, Q = P′/α on its largest losses until the mass is 1)."""
    values, p = _read(losses, weights)
    epsilon = as_number("epsilon", epsilon, least=0, below=1)
    alpha = as_number("alpha", alpha, above=0, most=1)
    order, places = np.argsort(-values, kind="stable"), np.empty((2, len(p)))
    kept = p[order] - _first(p[order], epsilon)
    kept /= kept.sum()
    places[:, order] = kept, _first(kept, alpha) / alpha
    return values, *places


def _first(p, mass):
    """What of p comes first, up to this mass."""
    return np.clip(mass - (np.cumsum(p) - p), 0, p)


def _in_ball(values, p, radius):
    """(risk, Q) of the χ² ball: which k losses lie above η*, then the closed form."""
    support = np.flatnonzero(p)
    order = support[np.argsort(-values[support], kind="stable")]
    top = values[order[0]]
    span = (top - values[order[-1]]) or 1.0
    x, mass = (values[order] - top) / span, p[order]
    gaps, below = x[:-1] - x[1:], np.cumsum(mass)[:-1]
    # E(x − x_{k+1})₊ and E(x − x_{k+1})₊², k = 1 …, as sums of positive terms
    first = np.cumsum(gaps * below)
    second = np.cumsum(gaps * (first + np.r_[0, first[:-1]]))
    if (1 + 2 * radius) * mass[x == 0].sum() >= 1:
        k = np.count_nonzero(x == 0)
    else:
        enough = (first > 0) & (second <= (1 + 2 * radius) * first**2)
        k = 1 + np.argmax(enough) if enough.any() else len(x)
    x, mass, left_out = x[:k], mass[:k], mass[k:].sum()
    mean = mass @ x / mass.sum()
    size = np.sqrt(mass @ (x - mean) ** 2 / mass.sum())
    excess = np.sqrt(max(2 * radius * (1 - left_out) - left_out, 0))  # ((1 + 2ρ)S − 1)^½
    q = np.zeros_like(p)
    q[order[:k]] = np.maximum(mass * (1 + excess * (x - mean) / (size or 1)), 0)
    return top + span * (mean + excess * size), q / q.sum()


# -- what comes in, and what goes out ------------------------------------------------


def _is_tensor(losses):
    return hasattr(losses, "detach")


def _read(losses, weights):
    """The losses and their masses as arrays."""
    if _is_tensor(losses):
        if not losses.is_floating_point():
            raise TypeError(f"losses has dtype {losses.dtype}; it must hold floating-point numbers")
    losses, weights = row_by_row(losses=losses, weights=weights)
    values = as_numbers("losses", losses, "(n,)")
    weights = np.ones(len(values)) if weights is None else weights
    return values, as_distribution("weights", weights, len(values))


def _risk(losses, value, q):
    """The value, or for a tensor Σ q ℓ, whose gradient is q."""
    if _is_tensor(losses):
        return (losses.new_tensor(q) * losses).sum()
    return float(value)
