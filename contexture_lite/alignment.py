"""How far two sets of features of the same points agree, beside what chance gives.

Features f (n, d₁) and g (n, d₂), or (n,), of the same n points are centred with weights w (n,):
a distribution such as P_X of a finite context, equal by default; points of weight 0 are left
out. Every measure has its own idea of "the same features":

* `squared_cca`, `canonical_correlations`, `principal_angles`: the same span, in any
  coordinates (unchanged by every invertible map of f or of g);
* `cka`: the same span *and* the same variances (unchanged by rotations and one scale only);
* `mutual_neighbours`: the same points are near each other.

All three are well above 0 for features that have nothing to do with each other, the more the
wider they are. So each is an `Alignment` with its value for *unrelated* features: its mean over
all permutations of the rows of g, in closed form. Sums run over features, never over pairs of
points. Features that are constant, not finite, or of different length are refused with a
ValueError or TypeError.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_numbers,
    rounding_unit,
    row_by_row,
)
from contexture_lite._text import said

WELL_CONDITIONED = 1e-6  # the Gram matrix squares the condition: an error of 1e-10 at most
BLOCK = 256  # points whose neighbours are looked up together


@dataclass(frozen=True)
class Alignment:
    """A measure of agreement and its value by chance; ``float(·)`` is the measure.

    Attributes
    ----------
    value : float
        From 0 to 1.
    unrelated : float
        Its mean over all permutations of the rows of one of the two feature sets; NaN at
        unequal weights for `squared_cca` and `cka`, where it has no closed form.
    """

    value: float
    unrelated: float

    def __float__(self):
        return self.value

    def __repr__(self):
        return said(f"Alignment({self.value:.4f}, unrelated {self.unrelated:.4f})")


def canonical_correlations(f, g, weights=None):
    """ρ₁ ≥ ρ₂ ≥ …: the singular values of Uᵀ V, with U, V orthonormal bases of f̃ and g̃.

    ρ_i is the largest correlation of a combination of f with one of g, both uncorrelated
    with those before. A (min(d₁, d₂, n − 1),) array: directions that are missing count as
    correlation 0, so that a collapsed encoder is not flattered. Of columns that depend on others,
    but for rounding, only the span counts. Rounding to the dtype that the features came with, of
    unit ε, changes centred columns of unit norm by less than ε (Σ_j ‖f_j‖² / ‖f̃_j‖²)^½ together,
    and so their singular values; what is below that (or a tenth of the largest, if that is less)
    is no direction.
    """
    f, g, w = _checked(f, g, weights)
    rho = np.linalg.svd(_products(_basis(f, w), _basis(g, w)), compute_uv=False)
    return _padded(np.minimum(rho, 1.0), f, g, 0.0)


def principal_angles(f, g, weights=None):
    """θ₁ ≤ θ₂ ≤ … in radians between the spans of f̃ and g̃ in L²(w); cos θ_i = ρ_i.

    As many as `canonical_correlations`; a missing direction counts as π/2. Small angles keep
    their digits (Björck & Golub 1973, as in SciPy).
    """
    from scipy.linalg import subspace_angles

    f, g, w = _checked(f, g, weights)
    spans = (z @ coefficients for z, coefficients in (_basis(f, w), _basis(g, w)))
    return _padded(subspace_angles(*spans)[::-1], f, g, np.pi / 2)


def squared_cca(f, g, weights=None):
    """Σ_i ρ_i² / min(d₁, d₂, n − 1): the mean squared canonical correlation.

    Unrelated, at equal weights: E Σ ρ_i² = r₁ r₂ / (n − 1), with r the ranks (a random
    permutation Π takes V Vᵀ, centred, to r₂/(n − 1) of the projector off the constant on
    average). Dependent columns count as in `canonical_correlations`.
    """
    f, g, w = _checked(f, g, weights)
    u, v, size = _basis(f, w), _basis(g, w), _most(f, g)
    chance = u[1].shape[1] * v[1].shape[1] / ((len(w) - 1) * size)
    return _beside_chance(np.linalg.norm(_products(u, v)) ** 2 / size, chance, w)


def cka(f, g, weights=None):
    """Linear CKA: ‖Cov(f, g)‖²_F / (‖Cov f‖_F ‖Cov g‖_F), covariances weighted by w.

    The cosine of f̃ f̃ᵀ and g̃ g̃ᵀ (Kornblith et al. 2019, arXiv 1905.00414); between whitened
    features Σ ρ_i² / √(d₁ d₂). Unrelated, at equal weights: tr Cov f · tr Cov g / ((n − 1)
    ‖Cov f‖_F ‖Cov g‖_F).
    """
    f, g, w = _checked(f, g, weights)
    a, b = _unit_covariance(f, w), _unit_covariance(g, w)
    chance = (a**2).sum() * (b**2).sum() / (len(w) - 1)
    return _beside_chance(np.linalg.norm(a.T @ b) ** 2, chance, w)


def mutual_neighbours(f, g, k=10, weights=None):
    """Σ_i w_i |N_f(i) ∩ N_g(i)| / k: the share of the k nearest neighbours in common.

    N_f(i): the k other points whose f has the largest cosine with f(i); f is not centred.
    Cosines are compared after rounding to 12 digits; of equal ones the first point in the table
    is taken. A row of zeros has cosine 0 with all. (Huh et al. 2024, arXiv 2405.07987.)

    Unrelated: k/(n − 1), exactly and for any weights, which enter the mean only.
    """
    f, g, w = _checked(f, g, weights)
    n, k = len(w), as_count("k", k)
    if k >= n:
        raise ValueError(f"k is {k}; {n} points have {n - 1} neighbours at most")
    both = np.sort(np.hstack([_neighbours(f.values, k), _neighbours(g.values, k)]), axis=1)
    share = w @ (both[:, 1:] == both[:, :-1]).sum(axis=1) / k
    return Alignment(min(1.0, float(share)), k / (n - 1))


def unit_rows(features):
    """f(x) / ‖f(x)‖ for every row of ``features`` (n, d): their products are cosines.

    A row of zeros stays as it is, with cosine 0 to all.
    """
    features = as_numbers("features", features, "(n, d)", empty=True)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.divide(features, lengths, out=features, where=lengths > 0)


# ---- the parts


@dataclass(frozen=True, eq=False)
class Features:
    """Checked features: name, values (n, d), and the rounding unit they came with."""

    name: str
    values: np.ndarray
    eps: float


def _checked(f, g, weights):
    """Both as `Features` and the weights (n,), without the points of weight 0."""
    f, g, weights = row_by_row(f=f, g=g, weights=weights)
    f, g = _features("f", f), _features("g", g)
    n = len(f.values)
    if len(g.values) != n:
        raise ValueError(f"f has {n} rows and g {len(g.values)}; both must be of the same points")
    w = np.full(n, 1 / n) if weights is None else as_distribution("weights", weights, n)
    kept = w > 0
    if kept.sum() < 2:
        raise ValueError(f"there are {kept.sum()} points of positive weight; at least 2 are needed")
    return *(replace(h, values=h.values[kept]) for h in (f, g)), w[kept]


def _features(name, values):
    eps = rounding_unit(values)
    values = as_numbers(name, values, "(points, features) or (points,)")
    values = values.reshape(len(values), -1)
    return Features(name, values / (np.abs(values).max() or 1.0), eps)  # no measure sees the scale


def _beside_chance(value, chance, w):
    equal = np.ptp(w) <= 1e-9 * w.max()
    return Alignment(min(1.0, float(value)), float(chance) if equal else np.nan)


def _most(f, g):
    """How many canonical correlations there can be."""
    return min(f.values.shape[1], g.values.shape[1], len(f.values) - 1)


def _padded(values, f, g, missing):
    return np.append(values, np.full(_most(f, g) - len(values), missing))


def _weighted(f, w):
    """√w (f − mean), without its constant columns, and what rounding can make of unit columns."""
    root, arithmetic = np.sqrt(w)[:, None], 10 * np.sqrt(max(f.values.shape)) * np.finfo(float).eps
    z = f.values - f.values[0]  # of a constant nothing is left, not even rounding
    z = root * (z - w @ z)
    raw, length = np.linalg.norm(root * f.values, axis=0), np.linalg.norm(z, axis=0)
    varies = length > max(f.eps, arithmetic) * raw
    if not varies.any():
        raise ValueError(f"{f.name} is constant; it has no direction to be compared")
    noise = max(f.eps * np.linalg.norm(raw[varies] / length[varies]), arithmetic)
    return (z if varies.all() else z[:, varies]), noise


def _unit_covariance(f, w):
    """√w f̃, scaled so that its Gram matrix has Frobenius norm 1."""
    z, _ = _weighted(f, w)
    z = z / np.linalg.norm(z)
    return z / np.sqrt(np.linalg.norm(z.T @ z))


def _basis(f, w):
    """(z, R), where z @ R is an orthonormal basis (n, r) of the span of √w f̃.

    By Cholesky of the Gram matrix; by QR and SVD, several times slower, where that loses digits.
    """
    from scipy.linalg import lapack

    z, noise = _weighted(f, w)
    z = z / np.linalg.norm(z, axis=0)
    gram = z.T @ z
    lower, failed = lapack.dpotrf(gram, lower=1)
    if not failed:
        reciprocal_condition, _ = lapack.dpocon(lower, np.linalg.norm(gram, 1), uplo="L")
        if reciprocal_condition > max(WELL_CONDITIONED, noise**2):
            return z, lapack.dtrtri(lower, lower=1)[0].T
    q, r = np.linalg.qr(z)
    left, spread, _ = np.linalg.svd(r, full_matrices=False)
    return q, left[:, spread > min(noise, spread[0] / 10)]


def _products(u, v):
    """Uᵀ V of two bases, from features by features."""
    return u[1].T @ (u[0].T @ v[0]) @ v[1]


def _neighbours(values, k):
    """The k nearest by cosine, (n, k), in the order of the table."""
    unit, n = unit_rows(values), len(values)
    nearest = np.empty((n, k), dtype=int)
    for start in range(0, n, BLOCK):
        rows = np.arange(start, min(start + BLOCK, n))
        cosines = unit[rows] @ unit.T
        np.round(cosines, 12, out=cosines)
        cosines[rows - start, rows] = -np.inf
        last = np.partition(cosines, n - k, axis=1)[:, [n - k]]
        near = cosines >= last
        for i in np.flatnonzero(near.sum(axis=1) > k):  # of equal ones the first
            near[i, np.flatnonzero(cosines[i] == last[i])[k - near[i].sum():]] = False
        nearest[rows] = np.nonzero(near)[1].reshape(-1, k)
    return nearest
