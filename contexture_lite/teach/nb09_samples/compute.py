"""Numbers of notebook 09's live picture: what a probe on d learned functions loses, and why.

The model is that of `SampleExplorer`: ℓ_i has the decay of a Gaussian pair of correlation ρ above
a floor of noise, and y = Σ_i b_i x_i / √ℓ_i + ε.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from contexture_lite import sampling

MODES, LARGEST = 40, 16  # dimensions of x, most functions shown
FLOOR, NOISE = 0.05, 0.5
ENERGIES = 0.7 ** np.arange(MODES)
ENERGIES /= ENERGIES.sum()
REPLICATES = 32
D = np.arange(LARGEST + 1)
ALONG = np.unique(np.geomspace(3, 2000, 120).round())  # numbers of labels


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting; arrays along d = 0 … 16."""

    rho: float
    n: float
    m: int
    d: int
    missed: np.ndarray  # by the exact first d functions
    learned: np.ndarray  # by those learned from n points
    risk: np.ndarray  # with the probe's share
    mean: np.ndarray  # simulated, as far as the variance is finite
    error: np.ndarray
    best_along: np.ndarray  # best d for every number of labels in `ALONG`
    least_along: np.ndarray  # its risk
    own_along: np.ndarray  # the risk of the chosen d

    @property
    def worth(self):
        """How many energies lie above σ²/m (they fall)."""
        return int(sampling.kept_modes(ENERGIES, self.m, NOISE).sum())

    @property
    def best(self):
        """The d of least risk."""
        return int(self.risk.argmin())


def step_at(rho, n, m, d):
    """The `Step` of one setting."""
    missed, learned = misses(rho, n)
    along = learned + probe_parts(learned, ALONG[:, None])
    return Step(rho, n, m, d, missed, learned, learned + probe_parts(learned, m),
                *simulated(rho, n, m), along.argmin(axis=1), along.min(axis=1), along[:, d])


def eigenvalues(rho):
    """ℓ_i = ρ^{2(i−1)} + 0.05."""
    return rho ** (2.0 * np.arange(MODES)) + FLOOR


@lru_cache(maxsize=512)
def misses(rho, n):
    """(what the exact first d functions miss, what those learned from n points miss), d = 0 … 16.

    The second is `contexture_lite.sampling.two_stage_risk`, first order in 1/n, as long as the
    next ℓ_i is far enough from the rest. Below the floor it is not, and the next component is
    little better than one drawn at random: d − k of them among the 40 − k directions left after
    the k-th catch the share (d − k) / (40 − k) of what is missed there. The least over k ≤ d.
    """
    missed, lost = np.transpose([_parts(rho, n, d) for d in D])
    left = MODES - D
    return missed, np.maximum(missed, left * np.minimum.accumulate((missed + lost) / left))


def _parts(rho, n, d):
    enough = d + 2  # labels: neither part depends on how many
    if np.isinf(n):
        risk = sampling.probe_risk(ENERGIES, d, enough, NOISE)
    else:
        risk = sampling.two_stage_risk(eigenvalues(rho), ENERGIES, d, n, enough, NOISE)
    return risk.approximation, risk.pretraining


def probe_parts(missed, m):
    """(σ² + err_d) d / (m − d − 1), infinite for m ≤ d + 1; ``m`` may be an array (k, 1)."""
    spare = np.asarray(m, dtype=float) - D - 1
    return np.where(spare > 0, (NOISE + missed) * D / np.where(spare > 0, spare, 1), np.inf)


def simulated(rho, n, m):
    """(mean, standard error) of the excess risk of 32 experiments, d = 0 … as far as it has one.

    Each draws n points and m labels and fits. Only their second moments count, and these are
    drawn directly: a Wishart matrix is A Aᵀ with A triangular (Bartlett 1933). The same draws
    serve every ρ and d, so that dots move as smoothly as the areas. From d = m − 3 on the
    variance is infinite.
    """
    weights, (factor, inverse) = _learned(rho, n), _labelled(m)
    left = 1 - np.cumsum(weights**2, axis=1)
    rest = np.sqrt(left[:, -1:] + NOISE)  # all that is not in the first 16 functions
    full = np.hstack([weights, rest])[:, None, :]
    draws = np.empty((max(0, min(LARGEST, m - 4)) + 1, REPLICATES))
    draws[0] = 1
    for d in range(1, len(draws)):
        # of the fitted weights, in functions made orthonormal one after another
        error = full[:, :, d:] @ factor[:, d:, :d] @ inverse[:, :d, :d]
        draws[d] = left[:, d - 1] + (error[:, 0] ** 2).sum(axis=1)
    return draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(REPLICATES)


@lru_cache(maxsize=512)
def _learned(rho, n):
    """Weights of y on the components of n points, orthonormalised: (replicates, 16)."""
    b, ell = np.sqrt(ENERGIES), eigenvalues(rho)
    if np.isinf(n):
        return np.tile(b[:LARGEST], (REPLICATES, 1))
    factor = np.sqrt(ell)[:, None] * _bartlett(n, MODES, seed=0)
    components = np.linalg.eigh(factor @ factor.transpose(0, 2, 1))[1][:, :, :-LARGEST - 1:-1]
    space, triangle = np.linalg.qr(np.sqrt(ell)[:, None] * components)
    sign = np.sign(np.einsum("rii->ri", components[:, :LARGEST] * triangle))
    return sign * (b @ space)


@lru_cache(maxsize=32)
def _labelled(m):
    """Triangular factor of the second moments of m white points, inverse of its first block."""
    factor, most = _bartlett(m, LARGEST + 1, seed=1), min(LARGEST, m)
    return factor, np.linalg.inv(factor[:, :most, :most])


def _bartlett(count, size, seed):
    """A with A Aᵀ the sum of ``count`` outer products of white Gaussian vectors."""
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.standard_normal((REPLICATES, size, size)), -1)
    rank, place = min(count, size), np.arange(size)
    factor[:, place[:rank], place[:rank]] = np.sqrt(
        rng.chisquare(count - place[:rank], (REPLICATES, rank)))
    return factor * (place < rank)
