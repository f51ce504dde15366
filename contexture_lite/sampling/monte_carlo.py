"""What the risks of `probe` and `two_stages` have in common: parts, checks, Monte Carlo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import as_count, as_number, as_numbers
from contexture_lite._text import said

AT_ONCE = 1_000_000  # random numbers held at a time
ROUNDING = 1e-12  # numbers this close, relatively, differ by rounding only


@dataclass(frozen=True, eq=False)
class MonteCarlo:
    """Mean of independent replicates and its standard error."""

    mean: float
    error: float
    draws: np.ndarray

    def __float__(self):
        return self.mean

    def __repr__(self):
        return said(f"MonteCarlo({self.mean:.4g} ± {self.error:.1g}, {len(self.draws)} replicates)")

    def off_by(self, value):
        """(mean − value) in standard errors; 0 if they differ by rounding only."""
        gap = self.mean - as_number("value", value)
        if abs(gap) <= ROUNDING * max(1.0, abs(value)):
            return 0.0
        return gap / self.error if self.error > 0 else float(np.copysign(np.inf, gap))


@dataclass(frozen=True)
class Risk:
    """Excess risk over the noise σ², in its parts; ``total`` is their sum."""

    approximation: float  # what the exact top d functions miss
    pretraining: float  # what is lost since n points estimate them
    probe: float  # what is lost since m labels fit the probe
    total: float

    def __repr__(self):
        return said(
            f"Risk(approximation={self.approximation:.4g}, pretraining={self.pretraining:.4g}, "
            f"probe={self.probe:.4g}, total={self.total:.4g})")


def risk_of(missed, lost, d, m, noise):
    """The parts of a risk whose features miss missed + lost of the target."""
    probe = 0.0 if d == 0 else (noise + missed + lost) * d / (m - d - 1) if m > d + 1 else np.inf
    return Risk(*map(float, (missed, lost, probe, missed + lost + probe)))


def as_setting(energies, d, m, noise):
    """What every risk of a probe is asked for, checked."""
    energies = as_numbers("energies", energies, "(D,)", empty=True, least=0)
    d, m = as_count("d", d, least=0), as_count("m", m)
    if d > len(energies):
        raise ValueError(f"d is {d}; there are {len(energies)} energies")
    return energies, d, m, as_number("noise", noise, least=0)


def refuse_few_labels(m, d):
    """A mean that is infinite cannot be simulated."""
    if 0 < d and m < d + 2:
        raise ValueError(f"m is {m}; with {d} features the risk is infinite below {d + 2} labels")


def labelled(rng, count, m, b, noise):
    """(count, m, D) standard normal points and their (count, m) labels b · z + ε."""
    z = rng.standard_normal((count, m, len(b)))
    return z, z @ b + np.sqrt(noise) * rng.standard_normal((count, m))


def least_squares(features, y):
    """Coefficients (count, d) of count least-squares fits at once."""
    transposed = features.swapaxes(1, 2)
    return np.linalg.solve(transposed @ features, transposed @ y[..., None])[..., 0]


def monte_carlo(draw, replicates, numbers):
    """``replicates`` results of draw(count), which needs ``numbers`` random ones for each."""
    replicates = as_count("replicates", replicates, least=2)
    block = max(1, AT_ONCE // max(1, numbers))
    parts = [draw(min(block, replicates - done)) for done in range(0, replicates, block)]
    draws = np.concatenate(parts)
    return MonteCarlo(float(draws.mean()), float(draws.std(ddof=1) / np.sqrt(replicates)), draws)
