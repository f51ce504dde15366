"""Alignment, uniformity and temperature: what the best unit-norm encoder looks like.

Everything is exact: population losses, and for symmetric contexts the optimum itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import (
    as_dense,
    as_function,
    as_number,
    as_numbers,
    refuse_cells,
    row_by_row,
)
from contexture_lite._text import said
from contexture_lite.contexts import as_context
from contexture_lite.geometry.collapse import masses

LARGEST = 512  # context values in which a symmetry is looked for
SAME = 1e-9  # probabilities, lengths and weights this close are the same
ALL_ONE = 1 - 1e-12  # an eigenvalue above it is 1
NOTHING = 1e-12  # an eigenvalue below it is 0
STEPS = 200  # most of an interior-point method that takes 15 to 60
FLAT = 1e-9  # a curvature below it is rounding
CLOSE = 0.05  # how far a solution may still move


# -- alignment and uniformity ----------------------------------------------------------


def alignment_loss(context, f):
    """E‖f(A) − f(A⁺)‖² over two views of one input, = 2 Σ_{i≥1} (1 − s_i²) ‖E f ν_i‖².

    ``f`` is (M,) or (M, m), a row for each context value. Computed as 2 (E‖f(A)‖² − E‖T f‖²) of
    the centred f, so that it needs no table of pairs. 0 only where views never part: for a
    connected context, if f is constant. Wang & Isola 2020, arXiv 2005.10242.
    """
    f = as_function("f", f, as_context(context).shape[1], context.a_labels)
    f = f.reshape(len(f), -1)
    f = f - context.p_a @ f
    lost = context.p_a @ (f**2).sum(axis=1) - context.p_x @ (context.expect(f) ** 2).sum(axis=1)
    return max(0.0, 2 * float(lost))


def uniformity(f, weights=None, t=2.0):
    """Log E e^{−t ‖f(A) − f(A⁻)‖²}: the smaller, the more evenly spread are points on a sphere.

    ``f`` is (n, m) with rows of length 1, else a ValueError; ``weights`` (n,) are their masses,
    equal by default; t > 0. All pairs count, a point with itself too; code that leaves these
    out gives lower values, also lower than any of ours. Wang & Isola 2020, arXiv 2005.10242.
    """
    f, weights = row_by_row(f=f, weights=weights)
    f = as_numbers("f", f, "(n, m)")
    weights, t = masses(weights, len(f)), as_number("t", t, above=0)
    lengths = np.linalg.norm(f, axis=1)
    refuse_cells("the length of row f", lengths, lambda v: np.abs(v - 1) > SAME,
                 "it must be 1: divide each row by its length")
    return float(np.log(weights @ np.exp(2 * t * (f @ f.T - 1)) @ weights))


# -- the best encoder of a symmetric context -------------------------------------------


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best unit-norm encoder ⊕_k √w_k ν_k of a symmetric context.

    Attributes
    ----------
    weights, eigenvalues, multiplicities : (K,) arrays
        w_k, which add up to 1, λ_k = s_k² and the number of functions of each frequency k: the
        constant first, then by falling λ_k.
    features : (M, rank) array
        √w_k ν_k, rows of length 1.
    """

    weights: np.ndarray
    eigenvalues: np.ndarray
    multiplicities: np.ndarray
    features: np.ndarray

    @property
    def mean_cosine(self):
        """E⟨f, f⁻⟩ = ‖E f‖² = w_0: 1 if all points coincide, 0 if their mean is the centre."""
        return float(self.weights[0])

    @property
    def rank(self):
        """Dimensions used, the constant one included."""
        return self.features.shape[1]

    def __repr__(self):
        return said(f"Optimum(mean cosine {self.mean_cosine:.4f}, rank {self.rank})")


def contrastive_optimum(context, temperature):
    """The best encoder for −E⟨f, f⁺⟩/τ + E log E⁻ e^{⟨f, f⁻⟩/τ}, InfoNCE with endless negatives.

    Among *all* unit-norm encoders of any dimension, for a context whose views are invariant
    under a commutative group that takes every value to every other: w minimises
    −(1/τ) Σ w_k λ_k + log E_g e^{(1/τ) Σ w_k κ_k(g)} over w ≥ 0, Σ w = 1, with κ_k the group's
    real characters. The group is looked for among products of cyclic groups in the order of the
    context values (cycles, rings, cubes, equal clusters, trees); without one, a ValueError.
    ``temperature`` is τ > 0. Returns an `Optimum`; w_0 = (1 − τ/τ_c)₊. Our derivation.
    """
    rate = 1 / as_number("temperature", temperature, above=0)
    return _optimum(context, rate, rate)


def uniform_optimum(context, weight, t=2.0):
    """The best encoder for `alignment_loss` + ``weight`` × `uniformity`, as `contrastive_optimum`.

    One point for all if ``weight`` · t ≤ 1 − s_1². ``weight`` and t are > 0. Our derivation.
    """
    weight, t = as_number("weight", weight, above=0), as_number("t", t, above=0)
    return _optimum(context, 2 / weight, 2 * t)


def critical_temperature(context):
    """τ_c: above it the best contrastive encoder has mean 0, below it mean cosine 1 − τ/τ_c.

    1/Σ h_k, where h ≥ 0 minimises −Σ h_k λ_k + log E_g e^{Σ h_k κ_k(g)} without a constraint on
    its sum. 0 if s_1 = 1 (parts whose views never meet go to opposite poles), ∞ for an
    independent context: with nothing to learn one point is best. Contexts, errors and source
    as for `contrastive_optimum`.
    """
    angles, values, count = _frequencies(context)
    if values[1] > ALL_ONE:
        return 0.0
    if values[1] < NOTHING:
        return np.inf
    return float(1 / _least(np.cos(angles[1:]), values[1:], count[1:]).sum())


def _frequencies(context):
    """(angles (K, M), λ, multiplicities (K,)) of the views' group: κ_k = cos of the angles."""
    m = as_context(context).shape[1]
    if not 2 <= m <= LARGEST:
        raise ValueError(f"context has {m} values; it must have 2 to {LARGEST}")
    views = as_dense(context.positive_pair_kernel()) / m  # P(A⁺ | A), if A is uniform
    place = np.arange(m)
    for shape in _factorings(m) if np.ptp(context.p_a) < SAME / m else ():
        at, size = np.array(np.unravel_index(place, shape)), np.reshape(shape, (-1, 1))
        moved = (at[:, None, :] - at[:, :, None]) % size[..., None]
        if np.abs(views - views[0][np.ravel_multi_index(moved, shape)]).max() < SAME / m:
            break
    else:
        raise ValueError(
            "context is not symmetric: no product of cyclic groups, in the order of its values, "
            "leaves its views unchanged; give one such as gallery.cycle_walk(.5), hypercube(.8) "
            "or clusters(.8), or train an encoder")
    angles = 2 * np.pi * (at / size).T @ at
    mirror = np.ravel_multi_index(-at % size, shape)
    kept = place[place <= mirror]  # a frequency and its mirror image have one cosine
    values = np.clip(np.cos(angles[kept]) @ views[0], 0, 1)
    order = np.r_[0, 1 + np.argsort(-values[1:].round(12), kind="stable")]
    count = np.where(kept == mirror[kept], 1, 2)
    return angles[kept][order], values[order], count[order]


def _factorings(m):
    """All ways to write m as an ordered product: (m,), (2, m/2), …"""
    yield (m,)
    for first in range(2, m // 2 + 1):
        if m % first == 0:
            yield from ((first, *rest) for rest in _factorings(m // first))


def _optimum(context, pull, push):
    """The encoder whose weights minimise −pull Σ w_k λ_k + log E e^{push Σ w_k κ_k}."""
    angles, values, count = _frequencies(context)
    first = int(values[1] > ALL_ONE)  # opposite poles beat the constant, if only by e^{−push}
    weights = np.zeros(len(values))
    weights[first:] = _least(
        np.cos(angles[first:]), pull / push * values[first:], count[first:], push) / push
    used, waves = weights > 0, np.sqrt(weights)[:, None, None] * np.stack(
        [np.cos(angles), np.sin(angles) * (count == 2)[:, None]], axis=1)
    features = waves[used].reshape(-1, waves.shape[2])
    return Optimum(weights, values, count, features[np.abs(features).max(axis=1) > 0].T)


def _least(kappa, gain, count, total=None):
    """The v ≥ 0 of least −⟨v, gain⟩ + log E_g e^{Σ v_k κ_k(g)}; Σ v = total if there is one.

    Convex: a primal-dual interior-point method. The barrier weighs a frequency by its number of
    functions, which chooses among solutions that no computer can tell apart.
    """
    share = count / count.sum()
    v = share * (1 if total is None else total)
    z, y = share / v, 0.0
    for _ in range(STEPS):
        mean, curve = _moments(kappa, v)
        slope = mean - gain - y
        if np.abs(slope - z).max() < 1e-12 and v @ z < 1e-17:
            break
        aim = 0.05 * (v @ z) * share / v
        dv, dy = _step(curve + np.diag(z / v + FLAT / 10), aim - slope, total, v)
        dz = aim - z - z / v * dv
        step = 0.95 / max(0.95, (-dv / v).max(), (-dz / z).max())
        v, z, y = v + step * dv, z + step * dz, y + step * dy
    on, best = v > z, np.where(v > z, v, 0.0)
    for _ in range(3):  # without a barrier, to the last digit
        mean, curve = _moments(kappa[on], best[on])
        if np.linalg.eigvalsh(curve + 1)[0] < FLAT:  # 1 is the direction that a total fixes
            break
        best[on] += _step(curve, y + gain[on] - mean, total, best[on])[0]
    best = best if np.abs(best - v).max() < CLOSE * v.max() else v
    return np.where(on & (best > SAME * v.max()), best, 0.0)


def _moments(kappa, v):
    """Mean and covariance of κ(g) under e^{Σ v_k κ_k(g)}: slope and curvature of its log-mean."""
    e = np.exp(v @ kappa - (v @ kappa).max())
    e /= e.sum()
    mean = kappa @ e
    return mean, (kappa * e) @ kappa.T - np.outer(mean, mean)


def _step(curve, right, total, v):
    """(dv, dy): curve dv − dy = right and Σ(v + dv) = total, or dy = 0 without a total."""
    if total is None:
        return np.linalg.solve(curve, right), 0.0
    system = np.ones((len(v) + 1, len(v) + 1))
    system[:-1, :-1], system[:-1, -1], system[-1, -1] = curve, -1, 0
    change = np.linalg.solve(system, np.append(right, total - v.sum()))
    return change[:-1], change[-1]
