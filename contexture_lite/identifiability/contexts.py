"""What a context leaves open about the factors, and how many pairs show it."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_count, as_dense, as_numbers
from contexture_lite.contexts import as_context
from contexture_lite.identifiability.scores import factor_shares
from contexture_lite.spectrum import SingularSystem
from contexture_lite.spectrum.repeated import SAME_VALUE

SAME = 1e-9  # entries of a kernel this close are the same
MOST_RELABELLINGS = 400_000  # a little more than 9!
PURE = 1 - 1e-6  # of the variance of a pure mode


def relabellings(context):
    """All relabellings σ of X with P_X(σx) = P_X(x) and k_X(σx, σx') = k_X(x, x').

    An objective that depends on the context through P_X and its kernel has the same value at Φ
    and at Φ∘σ, so no learner that has nothing else can prefer one. They are a group.

    Returns an integer array (count, N), σ(x) in column x, in lexicographic order; more than 400,000
    at any stage of the search (ten inputs alike have 10! of them) are refused with a ValueError.
    """
    p, kernel = as_context(context).p_x, as_dense(context.dual_kernel())
    found = np.zeros((1, 0), dtype=np.int16)
    for x in range(len(p)):
        longer = []
        for y in range(len(p)):
            fits = (np.abs(kernel[found, y] - kernel[:x, x]) < SAME).all(axis=1)
            fits &= (found != y).all(axis=1) & (abs(p[y] - p[x]) < SAME)
            fits &= abs(kernel[y, y] - kernel[x, x]) < SAME
            longer.append(np.insert(found[fits], x, y, axis=1))
        found = np.concatenate(longer)
        if len(found) > MOST_RELABELLINGS:
            raise ValueError(f"context has more than {MOST_RELABELLINGS:,} relabellings of its "
                             f"first {x + 1} inputs; take one with fewer inputs that are alike")
    return found[np.lexsort(found.T[::-1])]


def pure_modes(system, factors):
    """The factor that each mode belongs to, as its position; −1 for an interaction or a tie.

    The main effects of a factor have the same total variance in every basis of a repeated
    value, so that all of its functions belong to one factor or count as −1. ``system`` is a
    SingularSystem on N inputs, ``factors`` (N, m). Returns (rank,) integers.
    """
    if not isinstance(system, SingularSystem):
        raise TypeError(f"system is a {type(system).__name__}; it must be a SingularSystem")
    shares = factor_shares(system.left[:, : system.rank], factors, system.p_x)
    owner = np.full(system.rank, -1)
    for group in system.groups():
        group = group[group < system.rank]
        mean = shares[group].mean(axis=0) if group.size else np.zeros(1)
        if mean.max() >= PURE:
            owner[group] = mean.argmax()
    return owner


def separates(spectra):
    """Whether the first m functions of a product of m contexts are one for each factor.

    With σ_1 ≥ … ≥ σ_m the largest values s_{j,1} of the factors, sorted: if and only if they are
    distinct and σ_m > max(σ_1 σ_2, max_j s_{j,2}). (In a tie of two factors their span is found,
    but no function of one alone.)

    ``spectra`` is a list of m arrays, the singular values of each factor's own context, falling.
    """
    if isinstance(spectra, str) or not np.iterable(spectra):
        raise TypeError(f"spectra is {spectra!r}; it must be a list of arrays, one a factor")
    spectra = [as_numbers(f"spectra[{j}]", s, "(k,)", least=0, most=1)
               for j, s in enumerate(spectra)]
    for j, s in enumerate(spectra):
        if (np.diff(s) > 0).any():
            raise ValueError(f"spectra[{j}] must fall: s₁ ≥ s₂ ≥ …")
    if not spectra:
        raise ValueError("spectra is empty; give one spectrum for each factor")
    first = np.sort([s[0] for s in spectra])[::-1]
    others = [s[1] for s in spectra if len(s) > 1] + [first[:2].prod() if len(first) > 1 else 0]
    return bool(first[-1] > max(others) + SAME_VALUE and (-np.diff(first) > SAME_VALUE).all())


def angle_variance(values, n, symmetric=False):
    """Variance of ϑ in the first estimated function, μ₁ + ϑ μ₂ + …, from n pairs; to first order.

    For independent factors of any distribution, ``values`` s₁ > s₂ their two strengths:
    (1 − s₁²)(s₁² + s₂² − 2 s₁² s₂²) / (n (s₁² − s₂²)²); for a ``symmetric`` context, the pairs
    pooled both ways, (1 − s₁²)(1 − s₁ s₂) / (2 n (s₁ − s₂)²). Infinite in a tie. In radians²
    while small.
    """
    s1, s2 = as_numbers("values", values, "(2,)")
    if not 0 <= s2 <= s1 <= 1:
        raise ValueError(f"values are {s1:g} and {s2:g}; they must fall, inside [0, 1]")
    n = as_count("n", n)
    if s1 == s2:
        return np.inf
    if symmetric:
        return float((1 - s1**2) * (1 - s1 * s2) / (2 * n * (s1 - s2) ** 2))
    return float((1 - s1**2) * (s1**2 + s2**2 - 2 * (s1 * s2) ** 2) / (n * (s1**2 - s2**2) ** 2))
