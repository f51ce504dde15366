"""How an embedding goes wrong, and what one sees of it: collapse, hubs, sparse codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_number,
    as_numbers,
    row_by_row,
)
from contexture_lite._text import said

TINY = 1e-300  # instead of 0 in a denominator


def masses(weights, n):
    """The weights of n points, which add up to 1; equal ones if there are none."""
    return np.full(n, 1 / n) if weights is None else as_distribution("weights", weights, n)


# -- collapse --------------------------------------------------------------------------


@dataclass(frozen=True)
class CollapseReport:
    """Numbers that only together tell a healthy embedding from a collapsed one.

    Attributes
    ----------
    std : float
        Mean standard deviation of the coordinates: 0 is complete collapse. Blind to copies.
    effective_rank : float
        exp of the entropy of the singular values σ_i/Σσ of the centred features; 0 if there are
        none. Blind to scale.
    raw_rank : float
        The same without centring (RankMe, Garrido et al. 2023, arXiv 2210.02885): a cone has
        a small one, though it has lost nothing.
    mean_cosine : float
        ‖E f/‖f‖‖²: 1 is a cone. A row of zeros counts as 0.
    perplexity : float
        exp of the entropy of the distinct points: how many codes are in use.
    """

    std: float
    effective_rank: float
    raw_rank: float
    mean_cosine: float
    perplexity: float

    def __repr__(self):
        # a tie goes down, whatever the last digits are: 2/64 is 0.0312 on every processor
        numbers = ", ".join(f"{name} {value - 1e-12:z.4f}" for name, value in vars(self).items())
        return said(f"CollapseReport({numbers})")


def collapse_report(features, weights=None):
    """Variance, rank, anisotropy and codes of an embedding side by side: a `CollapseReport`.

    ``features`` is (n, m), n ≥ 2 points; ``weights`` (n,) their masses, equal by default. Rows
    that agree to 1e-9 of the largest entry are one point.
    """
    features, weights = row_by_row(features=features, weights=weights)
    features = as_numbers("features", features, "(n, m)")
    if len(features) < 2:
        raise ValueError("features has one point; collapse shows from two points on")
    w = masses(weights, len(features))
    spread = features - w @ features
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), TINY)
    scale = max(np.abs(features).max(), TINY)
    _, code = np.unique((features / scale).round(9), axis=0, return_inverse=True)
    return CollapseReport(
        float(np.sqrt(w @ spread**2).mean()), _rank(spread, w, scale), _rank(features, w, scale),
        float(((w @ unit) ** 2).sum()), _perplexity(np.bincount(code.ravel(), w)))


def _rank(features, w, scale):
    sizes = np.linalg.svd(np.sqrt(w)[:, None] * features / scale, compute_uv=False)
    return _perplexity(sizes[sizes > 1e-12])


def _perplexity(masses):
    share = masses[masses > 0] / max(masses.sum(), TINY)
    return float(np.exp(-(share * np.log(share)).sum())) if len(share) else 0.0


def soft_threshold(values, level):
    """sign(v) (|v| − level)₊, the shape of v kept: what weight decay leaves of singular values.

    Two towers with loss −2 E⟨Φ, Ψ⟩ + E⟨Φ, Ψ⁻⟩² + l (E‖Φ‖² + E‖Ψ‖²) learn (s_i − l)₊; also the
    step that makes codes sparse (ISTA). ``level`` ≥ 0. Source: the nuclear norm as factored
    weight decay (Srebro et al. 2004).
    """
    values, level = as_numbers("values", values), as_number("level", level, least=0)
    return np.sign(values) * np.maximum(np.abs(values) - level, 0)


# -- neighbours ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Hubs:
    """How often each point is among the k nearest others of a point: ``counts`` (n,), mean k.

    ``skewness`` of the counts is 0 for a symmetric distribution and large with hubs; ``largest``
    count; ``orphans``: the share of points that are nobody's neighbour.
    """

    counts: np.ndarray
    skewness: float
    largest: int
    orphans: float

    def __repr__(self):
        return said(f"Hubs(skewness {self.skewness:.2f}, largest {self.largest}, "
                    f"orphans {self.orphans:.2f})")


def hubness(features, k=10):
    """Who is everybody's neighbour? The `Hubs` of n points, Euclidean distance.

    ``features`` is (n, m), not all rows equal, and 1 ≤ k < n. Among equal distances the first
    point in the table is nearer. Radovanović et al. 2010.
    """
    features, k = as_numbers("features", features, "(n, m)"), as_count("k", k)
    if k >= len(features):
        raise ValueError(f"k is {k}; {len(features)} points have {len(features) - 1} neighbours "
                         "at most")
    if np.ptp(features, axis=0).max() == 0:
        raise ValueError("features are constant: all points coincide, and none is nearer")
    features = features - features.mean(axis=0)
    squares = (features**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * features @ features.T
    distances = (distances / squares.max()).round(12)  # equal ones are equal on every processor
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1, kind="stable")[:, :k]
    counts = np.bincount(near.ravel(), minlength=len(features))
    skewness = (((counts - k) / max(counts.std(), TINY)) ** 3).mean()
    return Hubs(counts, float(skewness), int(counts.max()), float((counts == 0).mean()))


# -- sparse codes ----------------------------------------------------------------------


@dataclass(frozen=True)
class SparseCode:
    """A unit ReLU(z − t) of a Gaussian feature.

    The share that is ``active``, its ``accuracy`` (R² for z), and the ``agreement`` of two views
    (correlation).
    """

    active: float
    accuracy: float
    agreement: float


def sparse_code(threshold, rho):
    """What sparsity costs one unit: ReLU(z − t) of z ~ N(0, 1), views of correlation ρ.

    P = P(z > t) is active, R² = P² / Var with Var = (1 + t²) P − tφ(t) − (φ(t) − tP)²; the
    views' correlation is a quadrature of E[(z − t)₊ (z⁺ − t)₊]. ``threshold`` t from −6 to 6,
    0 ≤ ``rho`` ≤ 1; for two views of one input ρ is s², not s. Our derivation.
    """
    from scipy.stats import norm

    t = as_number("threshold", threshold, least=-6, most=6)
    rho = as_number("rho", rho, least=0, most=1)
    active, mean = norm.sf(t), norm.pdf(t) - t * norm.sf(t)
    variance = (1 + t**2) * active - t * norm.pdf(t) - mean**2
    nodes, weights = np.polynomial.legendre.leggauss(400)
    span = (12 + max(0, -2 * t)) / 2
    z = t + span * (nodes + 1)
    noise, above = max(np.sqrt(1 - rho**2), 1e-9), rho * z - t
    other = above * norm.cdf(above / noise) + noise * norm.pdf(above / noise)
    both = span * (weights * norm.pdf(z) * (z - t)) @ other
    return SparseCode(float(active), float(active**2 / variance),
                      float((both - mean**2) / variance))
