"""Risks under distribution shift, as plain functions of losses; spectra under input shift."""

from __future__ import annotations

import numpy as np


def cvar(losses, alpha, weights=None):
    """Sup over Q ≤ P/α of E_Q ℓ = inf_η {η + E(ℓ − η)₊ / α}."""
    losses = np.asarray(losses, dtype=float)
    return float(np.sum(cvar_weights(losses, alpha, weights) * losses))


def cvar_weights(losses, alpha, weights=None):
    """The worst Q: mass 1/α times P on the largest losses."""
    losses = np.asarray(losses, dtype=float)
    p = np.full(len(losses), 1 / len(losses)) if weights is None else np.asarray(weights, float)
    order = np.argsort(-losses, kind="stable")
    before = np.cumsum(p[order]) - p[order]
    q = np.empty_like(p)
    q[order] = np.clip(alpha - before, 0, p[order]) / alpha
    return q


def doro(losses, alpha, epsilon, weights=None):
    """CVaR after the hardest ε of the mass is dropped."""
    losses = np.asarray(losses, dtype=float)
    p = np.full(len(losses), 1 / len(losses)) if weights is None else np.asarray(weights, float)
    order = np.argsort(-losses, kind="stable")
    before = np.cumsum(p[order]) - p[order]
    kept = np.empty_like(p)
    kept[order] = p[order] - np.clip(epsilon - before, 0, p[order])
    return cvar(losses, alpha, kept / kept.sum())
