"""Inputs made of independent factors: contexts side by side, and a factor with an order."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_dense
from contexture_lite.contexts import Context, as_context
from contexture_lite.gallery._parts import (
    LARGEST_TABLE,
    channel,
    fraction,
    names_of,
    size_between,
)


def product(first, second):
    """Two independent factors, each with a context of its own: X = (X₁, X₂), A = (A₁, A₂).

    P(x, a) = P₁(x₁, a₁) P₂(x₂, a₂), the Kronecker product, so T = T₁ ⊗ T₂. Its singular values
    are all products s_{1,k} s_{2,l} with s_{j,0} = 1 but the constant one, its functions are
    μ_{1,k}(x₁) μ_{2,l}(x₂): *pure* if k or l is 0, else an *interaction*
    (`contexture_lite.identifiability.pure_modes` tells them apart).

    Parameters
    ----------
    first, second : Context
        The factors. For three of them, ``product(product(first, second), third)``.

    The labels are tuples, one entry a factor. ``exact_values`` are known where both factors
    know theirs. At most 25 million cells.

    Source: our derivation; for Laplacians Singer 2006, for slow features Sprekeler, Zito and
    Wiskott 2014.
    """
    as_context(first, "first"), as_context(second, "second")
    N, M = (one * other for one, other in zip(first.shape, second.shape))
    if N * M > LARGEST_TABLE:
        raise ValueError(f"first and second give {N} × {M} cells; at most {LARGEST_TABLE:,} fit")
    exact = None
    if first.exact_values is not None and second.exact_values is not None:
        values = np.outer(np.append(1, first.exact_values), np.append(1, second.exact_values))
        exact = np.zeros(min(N, M) - 1)
        exact[: values.size - 1] = np.sort(values.ravel())[-2::-1]
    return Context(np.kron(as_dense(first.joint), as_dense(second.joint)), exact_values=exact,
                   x_labels=_pairs(first.x_labels, second.x_labels, first.shape[0], N),
                   a_labels=_pairs(first.a_labels, second.a_labels, first.shape[1], M))


def _pairs(one, other, size, total):
    """Labels of the pairs, the second factor moving fastest; tuples are joined."""
    one, other = one or names_of(size), other or names_of(total // size)
    one, other = ([x if isinstance(x, tuple) else (x,) for x in labels] for labels in (one, other))
    return [x + y for x in one for y in other]


def reflecting_walk(strength, n=12):
    """An ordered factor: a walk on the path 0 … n − 1 that turns round at its ends.

    In continuous time, P = exp(−t L) with L the Laplacian of the path, X uniform: a heat kernel.
    s_k = r^{λ_k/λ_1} for k = 1 … n − 1, λ_k = 2 − 2 cos(πk/n); the singular functions are the
    cosines cos(πk(x + ½)/n), of which the first is monotone in x.

    Parameters
    ----------
    strength : float in [0, 1]
        r = s_1 = exp(−t λ_1). 0 is independence (t = ∞), 1 the identity (t = 0).
    n : int from 2 to 5000

    Source: the cosine transform diagonalises the Laplacian of a path.
    """
    strength, n = fraction("strength", strength), size_between("n", n, 2)
    k = np.arange(1, n)
    values = strength ** ((1 - np.cos(np.pi * k / n)) / (1 - np.cos(np.pi / n)))
    cosines = np.sqrt(2) * np.cos(np.pi * np.outer(np.arange(n) + 0.5, k) / n)
    rows = np.maximum((1 + (cosines * values) @ cosines.T) / n, 0)
    return channel(rows, values, names_of(n), names_of(n))
