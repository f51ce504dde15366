"""A probe on m labelled points: exact risks on fixed features, and their Monte Carlo."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_count, as_generator, as_number, scaled, sums
from contexture_lite.contexts import as_context
from contexture_lite.sampling.monte_carlo import (
    as_setting,
    labelled,
    least_squares,
    monte_carlo,
    refuse_few_labels,
    risk_of,
)


def probe_risk(energies, d, m, noise):
    """E excess = err_d + (σ² + err_d) d / (m − d − 1), err_d = Σ_{i>d} u_i²; inf for m ≤ d + 1.

    Exact, not only for large m, if the features are jointly Gaussian and orthonormal: what
    the d features miss is then one more noise, and E tr (ZᵀZ)⁻¹ = d / (m − d − 1). Noise
    included, a new point costs (σ² + err_d) (m − 1) / (m − d − 1).

    ``energies`` (D,) are the u_i² ≥ 0 of the target in orthonormal features, in the order they
    are used; ``d`` of them, 0 to D, go to the probe (with 0 nothing is fitted); ``m`` ≥ 1 labels;
    ``noise`` is σ² ≥ 0. Returns a `Risk`.

    Source: our derivation; the mean of an inverse Wishart matrix.
    """
    energies, d, m, noise = as_setting(energies, d, m, noise)
    return risk_of(energies[d:].sum(), 0.0, d, m, noise)


def simulate_probe(energies, d, m, noise, *, replicates=1000, seed=0):
    """The risk of `probe_risk` by drawing m Gaussian points and labels, and least squares.

    One draw for each replicate: ‖b̂ − b‖² of the fitted coefficients, the excess on new
    points. Needs m ≥ d + 2 (else the mean is infinite; below m = d + 4 it is finite but the
    standard error is not). Returns a `MonteCarlo`.
    """
    energies, d, m, noise = as_setting(energies, d, m, noise)
    refuse_few_labels(m, d)
    rng, b = as_generator("seed", seed), np.sqrt(energies)

    def draw(count):
        z, y = labelled(rng, count, m, b, noise)
        fitted = least_squares(z[..., :d], y)
        return np.sum((fitted - b[:d]) ** 2, axis=1) + energies[d:].sum()

    return monte_carlo(draw, replicates, m * len(b))


def best_dimension(energies, m, noise):
    """argmin_d of probe_risk(energies, d, m, noise).total over d = 0 … D; the least if tied.

    More features are better while (σ² + err_d) / (m − d − 1) falls: so d* rises with m and
    falls with the noise, whatever the energies.
    """
    energies, _, m, noise = as_setting(energies, 0, m, noise)
    missed = [energies[d:].sum() for d in range(len(energies) + 1)]
    return int(np.argmin([risk_of(e, 0.0, d, m, noise).total for d, e in enumerate(missed)]))


def kept_modes(energies, m, noise):
    """u_i² > σ²/m: which modes to keep, a bool array, to make Σ_{lost} u_i² + |kept| σ²/m least.

    The trade-off of `probe_risk` for m far above d and little missed, mode by mode: one is
    worth its label noise or not. The context decides the order of modes, the task their
    energies; if these fall, the kept modes are the first ones, and their number is the best d.
    """
    energies, _, m, noise = as_setting(energies, 0, m, noise)
    return energies > noise / m


def mixture_error(distance, m):
    """π̄ b + π (1 − b): two classes x = yθ + N(0, I), θ known up to sign, m labels to name them.

    b = Φ̄(‖θ‖) is the error if θ is known, π = Φ̄(√m ‖θ‖) the probability that the vote
    sign Σ_j y_j θᵀx_j of the labels is wrong, π̄ = 1 − π; Φ̄ is the tail of the normal
    distribution. ``distance`` is ‖θ‖ ≥ 0, from a centre to the middle; ``m`` ≥ 0, with m = 0
    the error of a coin. Source: our derivation.
    """
    from scipy.special import ndtr

    distance, m = as_number("distance", distance, least=0), as_count("m", m, least=0)
    best, flipped = ndtr(-distance), ndtr(-np.sqrt(m) * distance)
    return float(best * (1 - flipped) + (1 - best) * flipped)


def simulate_mixture(distance, m, *, replicates=10_000, seed=0):
    """The error of `mixture_error` by drawing m labelled points, their vote, and a new point.

    Only the coordinate along ±θ is drawn, since it is known. Returns a `MonteCarlo` whose
    draws are 1 for a mistake.
    """
    distance, m = as_number("distance", distance, least=0), as_count("m", m, least=0)
    rng = as_generator("seed", seed)

    def draw(count):
        sides = rng.choice([-1, 1], size=(count, m + 1))  # the last is the new point
        known = rng.choice([-1, 1], size=(count, 1))  # the sign with which θ is known
        x = known * (sides * distance + rng.standard_normal((count, m + 1)))
        vote = np.where(np.sum(sides[:, :m] * x[:, :m], axis=1) >= 0, 1, -1)
        return (vote * x[:, m] * sides[:, m] < 0).astype(float)

    return monte_carlo(draw, replicates, m + 1)


def chance_chi2(inputs, contexts, pairs):
    """(N − 1)(M − 1) / (n − 1): the mean of Σ ŝ_i² over all pairings of the n drawn x and a.

    What a table of counts shows where X says nothing about A: subtract it, or draw it
    beside the measured χ². N and M are how many inputs and context values occur among the
    n ≥ 2 pairs. Source: classical, Pearson's statistic with fixed margins.
    """
    inputs, contexts = as_count("inputs", inputs), as_count("contexts", contexts)
    pairs = as_count("pairs", pairs, least=2)
    if pairs < max(inputs, contexts):
        raise ValueError(f"pairs is {pairs}; {max(inputs, contexts)} values cannot all occur in "
                         f"them (count the inputs and context values that do)")
    return (inputs - 1) * (contexts - 1) / (pairs - 1)


def complexity(context):
    """κ² = max_x k_X(x, x) = 1 + max_x χ²(P(·|x) ‖ P_A): how hard the context is to learn from.

    From 1 (independence) to 1 / min P_X (A names X); no smaller than 1 + Σ s_i². Bounds
    the Rademacher complexity of the ball ‖f‖ ≤ B of the kernel's functions by Bκ/√n.
    Source: Zhai, Liu, Risteski, Kolter, Ravikumar 2024
    (arXiv 2306.00788), for augmentations.
    """
    rows = scaled(as_context(context).conditional(), right=context.p_a**-0.5)
    return float(sums(rows * rows, axis=1).max())
