"""Two stages: n unlabelled points for the features, then m labels for the probe on them.

Everything is Gaussian: x ~ N(0, Σ) with eigenvalues ℓ₁ ≥ … ≥ ℓ_D, the features are the top
d principal components of n points, the probe is least squares. What is known exactly, to
first order in 1/n, and by simulation.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_generator,
    as_number,
    as_numbers,
    refuse_cells,
    row_by_row,
)
from contexture_lite.sampling.monte_carlo import (
    ROUNDING,
    as_setting,
    labelled,
    least_squares,
    monte_carlo,
    refuse_few_labels,
    risk_of,
)


def two_stage_risk(eigenvalues, energies, d, n, m, noise):
    """PCA on n unlabelled points, then least squares on its d features with m labels.

    x ~ N(0, diag ℓ), y = Σ_i b_i x_i / √ℓ_i + ε. To first order in 1/n

    err = Σ_{k>d} b_k² + (1/n) Σ_{i≤d<k} ℓ_k² (b_i² − b_k²) / (ℓ_i − ℓ_k)²,
    E excess = err + (σ² + err) d / (m − d − 1), exact given err, inf for m ≤ d + 1.

    The second part of err is ``pretraining``; it is negative where the discarded directions
    carry more of the target than the kept ones, so that a wrong space is the better one.

    Derivation (ours): in coordinates x_i / √ℓ_i the estimated space is the graph of a
    (D − d) × d matrix H; err = ‖(I + HHᵀ)^{-1/2} (b₂ − H b₁)‖². By reflection symmetry
    the H_ki have mean 0 and are uncorrelated, with variance ℓ_k² / (n (ℓ_i − ℓ_k)²) to
    first order, so that E‖H b₁‖² − E‖Hᵀ b₂‖² is left; what follows is of order 1/n².
    Given the space, everything is Gaussian and `probe_risk` exact.

    ``eigenvalues`` (D,) are ℓ₁ ≥ … ≥ ℓ_D > 0 with a gap after the d-th, ℓ_d > ℓ_{d+1};
    ``energies`` (D,) the b_i² ≥ 0, the target's energy in each unit-variance direction,
    b_i² = β_i² ℓ_i for y = Σ β_i x_i + ε; d is from 0 to D, and ``noise`` is σ² ≥ 0. Returns a
    `Risk`, valid where n is large against the gap: trust it while `subspace_rotation`
    is at most 0.05.
    """
    ell, energies, d, n, m, noise = _two_stages(eigenvalues, energies, d, n, m, noise)
    top, rest = ell[:d, None], ell[None, d:]
    per_point = (rest / (top - rest)) ** 2 * (energies[:d, None] - energies[None, d:])
    return risk_of(energies[d:].sum(), per_point.sum() / n, d, m, noise)


def subspace_rotation(eigenvalues, d, n):
    """(1/n) Σ_{i≤d<k} ℓ_i ℓ_k / (ℓ_i − ℓ_k)²: mean squared rotation of the top d space, estimated.

    To first order the mean of Σ sin² θ over the angles between the true space and that of n
    points, and the scale on which the first order of `two_stage_risk` ends: in simulations
    its ``pretraining`` was within a quarter of the truth up to 0.05, and off by up to a
    factor of three from 0.5 on.
    """
    ell = as_numbers("eigenvalues", eigenvalues, "(D,)", empty=True)
    ell, _, d, n, _, _ = _two_stages(ell, np.zeros(len(ell)), d, n, 1, 0.0)
    top, rest = ell[:d, None], ell[None, d:]
    return float(np.sum(top * rest / (top - rest) ** 2) / n)


def factor_risk(strengths, coefficients, dimension, specific, n, m, noise):
    """`two_stage_risk` of a factor model: Σ has eigenvalues e_i + ψ (i ≤ d), then ψ (D − d times).

    pretraining = (D − d)/n · ψ² Σ_{i≤d} β_i² (e_i + ψ) / e_i², for y = Σ_{i≤d} β_i u_iᵀx + ε.

    ``strengths`` e_i > 0 and ``coefficients`` β_i are (d,); ``dimension`` D ≥ d,
    ``specific`` ψ ≥ 0. Each unlabelled point tells about all D coordinates, so the cost
    grows with D − d and falls with n, whatever the number of labels. If y depends on the
    latent factors instead, y = Σ w_i f_i + η, then β_i = w_i √e_i / (e_i + ψ) and
    σ² = Var η + Σ w_i² ψ / (e_i + ψ). Source: our derivation.
    """
    strengths, coefficients = row_by_row(strengths=strengths, coefficients=coefficients)
    strengths = as_numbers("strengths", strengths, "(d,)", empty=True, above=0)
    d = len(strengths)
    coefficients = as_numbers("coefficients", coefficients, f"({d},)", empty=True)
    dimension = as_count("dimension", dimension, least=d)
    specific, noise = as_number("specific", specific, least=0), as_number("noise", noise, least=0)
    n, m = as_count("n", n), as_count("m", m)
    per_point = specific**2 * np.sum(coefficients**2 * (strengths + specific) / strengths**2)
    return risk_of(0.0, (dimension - d) * per_point / n, d, m, noise)


def simulate_two_stage(eigenvalues, energies, d, n, m, noise, *, replicates=1000, seed=0):
    """The risk of `two_stage_risk` by drawing n points, PCA, m labelled points, least squares.

    The points have mean 0 and are not centred again. Needs n ≥ d and m ≥ d + 2 (see
    `simulate_probe`). Takes some 15 ms for a million numbers, replicates × (n + m) × D.
    Returns a `MonteCarlo`.
    """
    ell, energies, d, n, m, noise = _two_stages(eigenvalues, energies, d, n, m, noise)
    refuse_few_labels(m, d)
    if n < d:
        raise ValueError(f"n is {n}; {d} principal components need at least {d} points")
    rng, b, root = as_generator("seed", seed), np.sqrt(energies), np.sqrt(ell)

    def draw(count):
        points = rng.standard_normal((count, n, len(ell))) * root
        _, vectors = np.linalg.eigh(points.swapaxes(1, 2) @ points)  # smallest first
        # in unit-variance coordinates z = x / √ℓ, a principal component is √ℓ u · z
        components = root[:, None] * vectors[:, :, len(ell) - d :]
        z, y = labelled(rng, count, m, b, noise)
        fitted = least_squares(z @ components, y)
        return np.sum(((components @ fitted[..., None])[..., 0] - b) ** 2, axis=1)

    return monte_carlo(draw, replicates, (n + m) * len(ell))


def _two_stages(eigenvalues, energies, d, n, m, noise):
    eigenvalues, energies = row_by_row(eigenvalues=eigenvalues, energies=energies)
    energies, d, m, noise = as_setting(energies, d, m, noise)
    ell = as_numbers("eigenvalues", eigenvalues, "(D,)", empty=True, above=0)
    n = as_count("n", n)
    if ell.shape != energies.shape:
        raise ValueError(f"eigenvalues has shape {ell.shape}, energies {energies.shape}; they must "
                         "be one for each direction")
    refuse_cells("eigenvalues", ell, lambda v: np.diff(v, prepend=np.inf) > 0,
                 "the largest comes first")
    if 0 < d < len(ell) and ell[d - 1] - ell[d] <= ROUNDING * ell[d]:
        raise ValueError(f"eigenvalues[{d - 1}] and eigenvalues[{d}] are both {ell[d]:g}; the top "
                         f"{d} directions are not defined, take another d")
    return ell, energies, d, n, m, noise
