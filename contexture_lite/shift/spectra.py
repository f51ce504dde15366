"""Spectra under a shift of the inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import as_distribution, refuse_cells
from contexture_lite._text import said
from contexture_lite.contexts import as_context
from contexture_lite.shift.weights import importance_weights
from contexture_lite.spectrum import singular_system


@dataclass(frozen=True, eq=False)
class ShiftedSpectrum:
    """Singular values before and after the inputs have shifted (see `shifted_spectrum`)."""

    before: np.ndarray  # (min(N, M) − 1,) s₁, s₂, … under the old distribution of the inputs
    after: np.ndarray  # and under the new one
    low: np.ndarray  # what c and C alone say of ``after``: bounds below
    high: np.ndarray  # and above
    least_ratio: float  # c = min p′/p
    largest_ratio: float  # C = max p′/p

    def __repr__(self):
        return said(f"ShiftedSpectrum({len(self.before)} values, {self.least_ratio:.3g} <= p′/p "
                    f"<= {self.largest_ratio:.3g})")


def shifted_spectrum(context, p_new):
    """(c/C)(1 − s_i²) ≤ 1 − s_i′² ≤ (C/c)(1 − s_i²), for the same P(a | x) under a new p′.

    c ≤ p′/p ≤ C. (The Rayleigh quotient of 1 − s² is a ratio of two means over X, and each
    moves by at most its factor.) The same holds for 1 − ρ(f)² of every task f: one that the
    context told nothing of may reach ρ′² = 1 − c/C. Modes with s_i = 1 stay, and so does the
    number of those above 0, since it belongs to P(a | x).

    ``p_new`` (N,) is positive, and divided by its sum. Returns a `ShiftedSpectrum`.

    Source: our derivation.
    """
    as_context(context)
    p_new = as_distribution("p_new", p_new, context.shape[0], context.x_labels)
    refuse_cells("p_new", p_new, lambda v: v <= 0,
                 "it must be positive, so that both spectra are of the same inputs")
    ratio = importance_weights(context.p_x, p_new)
    c, C = ratio.min(), ratio.max()
    before = singular_system(context).values
    after = singular_system(context.with_marginal_x(p_new)).values
    unexplained = 1 - before**2
    low = np.sqrt(np.maximum(1 - C / c * unexplained, 0))
    high = np.sqrt(np.maximum(1 - c / C * unexplained, 0))
    return ShiftedSpectrum(before, after, low, high, float(c), float(C))
