"""Scores of a context that look at its spectrum alone.

τ is the score of Zhai et al. 2025 (arXiv 2505.01557); the others stand beside it, since no
score of a spectrum is right everywhere: none of them sees *which* functions carry the values.
`scores` gives all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from contexture_lite._checks import as_count, as_number, as_singular_values
from contexture_lite._text import said
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system
from contexture_lite.spectrum.system import minimax_curve

ROUNDING = 1e-14  # singular values are known to about this


@dataclass(frozen=True, eq=False)
class Usefulness:
    """A score of a context."""

    name: str
    value: float
    better: str  # "smaller" or "larger": which contexts the score calls useful
    d: int | None = None  # the embedding dimension at which the value is reached, if there is one
    curve: np.ndarray | None = None  # the score at d = 1, 2, …, where it depends on d
    terms: dict = field(default_factory=dict)  # what the value is made of, by name

    def __float__(self):
        return self.value

    def __repr__(self):
        at = "" if self.d is None else f" at d = {self.d}"
        notes = [f"{name} {term:.4f}" for name, term in self.terms.items()]
        notes = "; ".join([*filter(None, [", ".join(notes)]), f"{self.better} is better"])
        return said(f"{self.name} = {self.value:.4f}{at} ({notes})")


def tau(context_or_values, beta=1.0, d0=512):
    """τ = min_d τ_d, τ_d = 1/(1 − s²_{d+1}) + β Σ_{i≤d} s_i² / Σ_{i≤d₀} s_i², d = 1 … d₀.

    The first term is what the best d functions miss of compatible tasks, the second what it
    costs to estimate them. Smaller is better; a value near 1 + β says little: nearly all of
    the energy had to be paid for, which happens to weak contexts and to strong ones. The
    second term knows no scale, so a weak but *flat* spectrum looks good.

    The first argument is a Context, or its non-constant singular values, largest first; beyond
    them they count as 0. ``beta`` is β > 0, ``d0`` the largest d, 512 as in the paper.
    Returns a `Usefulness`: ``curve`` is τ_1 … τ_{d₀}, infinite where s_{d+1} = 1; ``terms`` are
    the two summands at the best d, the smallest one if several are as good. τ ≤ 1 + β if at
    most d₀ values are positive. An independent context, where the second term is 0/0, is
    refused (ValueError).

    Source: Zhai et al. 2025, arXiv 2505.01557. That d starts at 1 is understood: at d = 0
    useless contexts would score best.
    """
    beta, d0 = as_number("beta", beta, above=0), as_count("d0", d0)
    known = _squares(context_or_values, "τ", d0 + 1)
    squares = np.zeros(d0 + 1)
    squares[: len(known)] = known
    with np.errstate(divide="ignore"):
        missed = 1 / (1 - squares[1:])
    spent = np.cumsum(squares[:d0] / squares[0])
    cost = beta * spent / spent[-1]
    curve = missed + cost
    best = int(np.argmin(curve))
    terms = {"missed": float(missed[best]), "cost": float(cost[best])}
    return Usefulness("tau", float(curve[best]), "smaller", best + 1, curve, terms)


def effective_rank(context_or_values):
    """(Σ s_i²)² / Σ s_i⁴, the participation ratio: how many functions carry the association.

    k for a flat spectrum of k values; the smaller, the faster it decays. Arguments as for `tau`.
    """
    squares = _squares(context_or_values, "the effective rank")
    share = squares / squares[0]
    return Usefulness("effective rank", float(share.sum() ** 2 / (share**2).sum()), "smaller")


def log_trace(context_or_values):
    """Log χ² = log Σ s_i²: how strong the association is in total. Arguments as for `tau`."""
    squares = _squares(context_or_values, "the log trace")
    return Usefulness("log trace", float(np.log(squares.sum())), "smaller")


def decay_rate(context_or_values, d0=512):
    """λ of the exponential s_i² = e^{−λ i} that fits best (least squares) over i = 1 … d₀.

    Large λ: weak association, few functions; small λ: strong, many. Values beyond the last
    one count as 0 here too, so that an exact 0 and a rounding error say the same. ``terms``
    has the sum of squares that is left. Arguments and errors as for `tau`.

    Source: Zhai et al. 2025, arXiv 2505.01557.
    """
    from scipy.optimize import minimize_scalar

    known = _squares(context_or_values, "the decay rate", as_count("d0", d0))
    k = len(known)

    def misfit(log_rate):
        rate = np.exp(log_rate)
        near = (known - np.exp(-np.multiply.outer(rate, np.arange(1, k + 1)))) ** 2
        beyond = np.expm1(-2 * rate * (d0 - k)) / np.expm1(-2 * rate)  # Σ e^{−2 λ i}, 0 ≤ i < d₀−k
        return near.sum(axis=-1) + np.exp(-2 * rate * (k + 1)) * beyond

    grid = np.linspace(-12, 7, 191)  # e^−λ from 0.99999 to the smallest number there is
    start = grid[np.argmin(misfit(grid))]
    best = minimize_scalar(misfit, bounds=(start - 0.1, start + 0.1), method="bounded",
                           options={"xatol": 1e-10})
    return Usefulness("decay rate", float(np.exp(best.x)), "larger",
                      terms={"misfit": float(best.fun)})


def minimax(context_or_values, eps, d):
    """Smallest worst-case error of d features over (1 − ε)-compatible tasks.

    `contexture_lite.minimax_error` with its whole curve: d = 1, 2, … up to the number of
    positive values, beyond which it stays as it is. From bare values, X is taken to have more
    functions than these; from a Context of N inputs the error is 0 at d = N − 1, where there
    are no others. ``eps`` and ``d`` as there, the context or its values as for `tau`.
    """
    eps, d = as_number("eps", eps, least=0, most=1), as_count("d", d)
    squares = _squares(context_or_values, "the minimax error")
    if (1 - eps) ** 2 > squares[0] + ROUNDING:
        raise ValueError(f"eps is {eps:g}, but no task is that compatible: it must be at least "
                         f"1 − s₁ = {1 - np.sqrt(squares[0]):.4g}")
    curve = minimax_curve(np.append(squares, 0.0), 1 - eps)[1:]
    functions = np.inf
    if isinstance(context_or_values, Context):
        functions = context_or_values.shape[0] - 1  # all that X has, beside the constant
        curve[functions - 1 :] = 0.0
    value = 0.0 if d >= functions else curve[min(d, len(curve)) - 1]
    return Usefulness("minimax error", float(value), "smaller", d, curve)


def scores(context_or_values, *, eps=0.3, d=8):
    """Every score of the spectrum, {name: Usefulness}, so that none is looked at alone.

    ``eps`` and ``d`` are those of `minimax`, which is left out where no task is so compatible.
    Other arguments and errors as for `tau`.
    """
    eps, d = as_number("eps", eps, least=0, most=1), as_count("d", d)
    values = np.sqrt(_squares(context_or_values, "every score"))
    every = [score(values) for score in (tau, effective_rank, log_trace, decay_rate)]
    if (1 - eps) ** 2 <= values[0] ** 2 + ROUNDING:
        every.append(minimax(context_or_values, eps, d))
    return {score.name: score for score in every}


# -- what comes in ----------------------------------------------------------------------


def _squares(context_or_values, what, most=None):
    """The s_i² above 0, no more than ``most``; refused if there are none."""
    squares = _values(context_or_values, most)[:most] ** 2
    if not squares.any():
        raise ValueError("the context is independent of the input (every singular value is 0), so "
                         f"{what} is undefined")
    return squares[squares > 0]


def _values(context_or_values, most):
    """Singular values in [0, 1], largest first, from a context or as given."""
    if isinstance(context_or_values, Context):
        modes = min(context_or_values.shape) - 1
        d = most if most and most < modes else None
        return singular_system(context_or_values, d).values
    values = as_singular_values("context_or_values", context_or_values, "(n,)")
    rising = np.flatnonzero(np.diff(values) > 1e-12)
    if rising.size:
        i = rising[0] + 1
        raise ValueError(f"context_or_values[{i}] is {values[i]:g}, more than the one before; "
                         "singular values come largest first")
    return np.minimum(values, 1.0)
