"""How many samples: exact risks of a probe on learned features, and their Monte Carlo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class MonteCarlo:
    """Mean of independent replicates and its standard error."""

    mean: float
    error: float
    draws: np.ndarray

    def __float__(self):
        return self.mean

    def off_by(self, value):
        """(mean − value) in standard errors."""
        return (self.mean - value) / self.error


@dataclass(frozen=True)
class Risk:
    """Excess risk over the noise σ², in its parts; ``total`` is their sum."""

    approximation: float  # what the exact top d functions miss
    pretraining: float  # what is lost since n points estimate them
    probe: float  # what is lost since m labels fit the probe
    total: float


def probe_risk(energies, d, m, noise):
    """E excess = err_d + (σ² + err_d) d / (m − d − 1), err_d = Σ_{i>d} u_i²; inf for m ≤ d + 1."""
    missed = np.sum(np.asarray(energies, dtype=float)[d:])
    probe = (noise + missed) * d / (m - d - 1) if m > d + 1 else np.inf
    return Risk(missed, 0.0, probe, missed + probe)


def two_stage_risk(eigenvalues, energies, d, n, m, noise):
    """PCA on n unlabelled points, then least squares on its d features with m labels.

    x ~ N(0, diag(ℓ)), y = Σ_i b_i x_i / √ℓ_i + ε, energies b_i². To first order in 1/n
    err = Σ_{k>d} b_k² + (1/n) Σ_{i≤d<k} ℓ_k² (b_i² − b_k²) / (ℓ_i − ℓ_k)²,
    E excess = err + (σ² + err) d / (m − d − 1).
    """
    ell, b2 = np.asarray(eigenvalues, dtype=float), np.asarray(energies, dtype=float)
    top, rest = ell[:d, None], ell[None, d:]
    missed = b2[d:].sum()
    lost = np.sum((rest / (top - rest)) ** 2 * (b2[:d, None] - b2[None, d:])) / n
    probe = (noise + missed + lost) * d / (m - d - 1) if m > d + 1 else np.inf
    return Risk(missed, lost, probe, missed + lost + probe)
