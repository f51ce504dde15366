"""How useful is a context? Scores that look at its spectrum alone.

τ is the score of Zhai et al. 2025 (arXiv 2505.01557); the others stand beside it, since no
score of a spectrum is right everywhere: none of them sees *which* functions carry the values.
`scores` gives all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from contexture_lite._checks import as_count, as_number, as_numbers, refuse_cells
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

INDEPENDENT = ("the context is independent of the input (every singular value is 0), so {} is "
               "undefined")


@dataclass(frozen=True, eq=False)
class Usefulness:
    """A score of a context.

    Attributes
    ----------
    name : str
    value : float
    better : str
        "smaller" or "larger": which contexts the score calls useful.
    d : int or None
        The embedding dimension at which the value is reached, where there is one.
    curve : (d_max,) array or None
        The score at d = 1, 2, …, where it depends on d.
    terms : dict
        What the value is made of, by name.
    """

    name: str
    value: float
    better: str
    d: int | None = None
    curve: np.ndarray | None = None
    terms: dict = field(default_factory=dict)

    def __float__(self):
        return self.value

    def __repr__(self):
        at = "" if self.d is None else f" at d = {self.d}"
        parts = ", ".join(f"{name} {term:.4f}" for name, term in self.terms.items())
        return f"{self.name} = {self.value:.4f}{at} ({parts + '; ' if parts else ''}" \
               f"{self.better} is better)"


def tau(context_or_values, beta=1.0, d0=512):
    """τ = min_d τ_d, τ_d = 1/(1 − s²_{d+1}) + β Σ_{i≤d} s_i² / Σ_{i≤d₀} s_i², d = 1 … d₀.

    The first term is what the best d functions miss of compatible tasks, the second what it
    costs to estimate them. Smaller is better; values near 1 + β say little (too weak, or too
    strong for τ to judge). The second term knows no scale, so a weak but *flat* spectrum
    looks good.

    Parameters
    ----------
    context_or_values : Context, or (k,) array
        Or the non-constant singular values, largest first; beyond them they count as 0.
    beta : float
        β > 0.
    d0 : int
        Largest d; 512 as in the paper.

    Returns
    -------
    Usefulness
        ``curve`` is τ_1 … τ_{d₀}, ``terms`` the two summands at the best d.

    Raises
    ------
    ValueError
        Also for an independent context, where the second term is 0/0.

    References
    ----------
    Zhai et al. 2025, arXiv 2505.01557. That d starts at 1 is understood: at d = 0 useless
    contexts would score best.
    """
    beta, d0 = as_number("beta", beta, above=0), as_count("d0", d0)
    energy = np.zeros(d0 + 1)
    squares = _squares(context_or_values, "τ")[: d0 + 1]
    energy[: len(squares)] = squares
    energy[d0] = 0 if len(squares) <= d0 else energy[d0]
    with np.errstate(divide="ignore"):
        missed = 1 / (1 - energy[1:])
    cost = beta * np.cumsum(energy[:d0]) / energy[:d0].sum()
    curve = missed + cost
    best = int(np.argmin(curve))
    terms = {"missed": float(missed[best]), "cost": float(cost[best])}
    return Usefulness("tau", float(curve[best]), "smaller", best + 1, curve, terms)


def effective_rank(context_or_values):
    """(Σ s_i²)² / Σ s_i⁴, the participation ratio: how many functions carry the association.

    k for a flat spectrum of k values. The smaller, the faster the spectrum decays.
    """
    squares = _squares(context_or_values, "the effective rank")
    value = squares.sum() ** 2 / (squares**2).sum()
    return Usefulness("effective rank", float(value), "smaller")


def log_trace(context_or_values):
    """The log of Σ s_i² = χ²: how strong the association is in total."""
    squares = _squares(context_or_values, "the log trace")
    return Usefulness("log trace", float(np.log(squares.sum())), "smaller")


def decay_rate(context_or_values, d0=512):
    """λ of the exponential s_i² = e^{−λ i} that fits the first d₀ values best (least squares).

    Large λ: weak association, few functions; small λ: strong, many. Zhai et al. 2025,
    arXiv 2505.01557.
    """
    from scipy.optimize import minimize_scalar

    squares = _squares(context_or_values, "the decay rate")[: as_count("d0", d0)]
    place = np.arange(1, len(squares) + 1)

    def misfit(log_rate):
        return ((squares - np.exp(-np.exp(log_rate) * place)) ** 2).sum()

    grid = np.linspace(-12, 6, 181)
    start = grid[np.argmin([misfit(point) for point in grid])]
    found = minimize_scalar(misfit, bounds=(start - 0.1, start + 0.1), method="bounded",
                            options={"xatol": 1e-10})
    return Usefulness("decay rate", float(np.exp(found.x)), "larger",
                      terms={"misfit": float(found.fun)})


def minimax(context_or_values, eps, d):
    """Smallest worst-case error of d features over (1 − ε)-compatible tasks.

    (s₁² − (1−ε)²) / (s₁² − s²_{d+1}) for 1 − s₁ ≤ ε ≤ 1 − s_{d+1}, and 1 for larger ε.
    ``curve`` has d = 1, 2, … up to the number of values. `contexture_lite.minimax_error` is
    the same for one context and one d.

    Raises ValueError where no task is so compatible (ε < 1 − s₁).
    """
    eps, d = as_number("eps", eps, least=0, most=1), as_count("d", d)
    squares = np.append(_squares(context_or_values, "the minimax error"), 0.0)
    wanted = (1 - eps) ** 2
    if wanted > squares[0]:
        raise ValueError(f"eps is {eps:g}, but no task is that compatible: it must be at least "
                         f"1 − s₁ = {1 - np.sqrt(squares[0]):.4g}")
    next_one = squares[1:]
    curve = np.ones(len(next_one))
    inside = (wanted >= next_one) & (squares[0] > next_one)
    curve[inside] = (squares[0] - wanted) / (squares[0] - next_one[inside])
    value = curve[min(d, len(curve)) - 1]
    return Usefulness("minimax error", float(value), "smaller", d, curve)


def scores(context_or_values, *, eps=0.3, d=8):
    """Every score of the spectrum, {name: Usefulness}, so that none is looked at alone.

    ``eps`` and ``d`` are those of `minimax`, which is left out where no task is so
    compatible.
    """
    values = _values(context_or_values)
    found = [score(values) for score in (tau, effective_rank, log_trace, decay_rate)]
    if values[0] >= 1 - eps:
        found.append(minimax(values, eps, d))
    return {score.name: score for score in found}


def _values(context_or_values):
    """Singular values in [0, 1], largest first, from a context or as given."""
    if isinstance(context_or_values, Context):
        return singular_system(context_or_values).values
    values = as_numbers("context_or_values", context_or_values)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"context_or_values has shape {values.shape}; it must be a Context or the "
                         "singular values, largest first")
    refuse_cells("context_or_values", values, lambda v: ~((v >= 0) & (v <= 1 + 1e-12)),
                 "singular values lie in [0, 1]")
    rising = np.flatnonzero(np.diff(values) > 1e-12)
    if rising.size:
        i = rising[0] + 1
        raise ValueError(f"context_or_values[{i}] is {values[i]:g}, more than the one before; "
                         "singular values come largest first")
    return np.minimum(values, 1.0)


def _squares(context_or_values, what):
    """The s_i² that are above 0, refused if there are none."""
    squares = _values(context_or_values) ** 2
    squares = squares[squares > 0]
    if squares.size == 0:
        raise ValueError(INDEPENDENT.format(what))
    return squares
