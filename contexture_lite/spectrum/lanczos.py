"""Lanczos kept off known vectors: without restarts, else SciPy's; and a search for missed twins."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-8  # of the eigenvalues, relative to them
SMALLEST = 1e-11  # … and of values below it, relative to it
ROUNDING = 1e-14
NOISE = 1e-12
COPIES = 1e-9  # apart are copies of one value, relative to the largest
RESTARTS = 2000  # before giving up
LOOK = 20  # steps between two looks for a twin; where none is likely, one look is enough
HARMLESS = 1e-8  # of known vectors in those of Lanczos; T suffers by the square of it
MEMORY = 50_000_000  # numbers in the vectors that are kept (400 MB)
BLOCK = 4_000_000  # numbers in an array of vectors; above 32 MB glibc would not keep the place


def complete(search, apply, start, d, known, rng, symmetric):
    """The d largest eigenvectors (rows) orthogonal to ``known``, checked to be the largest.

    They are found by ``search``, `without_restarts` or `with_restarts`.

    From one start Lanczos sees one vector of every eigenspace; rounding shows the others
    late, or too late. So a run from a fresh start looks for a larger eigenvalue among
    vectors orthogonal to all those of before, until there is none. Where symmetries make
    repeated values likely, that run goes on until it has converged; else it is short.
    What was missed is orthogonal to all that Lanczos has made of its start. So the long run
    is kept off some more of that, of smaller values, and has not to tell it from what it seeks.
    """
    values, vectors, beside = search(apply, start, d, known, d if symmetric else 0)
    # what is not converged, or of values beyond 1, has to be taken away at every step
    residual = TOLERANCE if search is without_restarts and not symmetric else None
    while len(known) + d < len(start):
        basis = np.vstack([known, vectors])
        least = values[-1] * (1 + 1e-8) + ROUNDING
        off = np.vstack([basis, beside])
        vector = _missed(apply, rng.standard_normal(len(start)), off, least, symmetric, residual)
        if vector is None:
            break
        value, vector, _ = with_restarts(apply, vector, 1, basis)
        if value[0] <= least:  # it was rounding
            break
        values, vectors = np.append(values, value), np.vstack([vectors, vector])
        order = np.argsort(-values, kind="stable")[:d]
        values, vectors = values[order], vectors[order]
    return vectors


def without_restarts(apply, start, d, known, more=0):
    """The d largest eigenvalues (d,) and eigenvectors (d, n) of A beside those in ``known``.

    And at most ``more`` vectors (k, n) of smaller values, not converged, orthogonal to all these.

    Lanczos without restarts and without making its vectors orthogonal again: fewer products,
    little else to do, more memory. Rounding then repeats values that have converged, but to the
    last digits, and one of the copies has more of the start in it than the others (C. C. Paige;
    J. Cullum & R. A. Willoughby). Where it does not end well, ARPACK is asked.
    """
    check, top = 2 * d + 16, d + 8
    for V, a, b in _steps(apply, start, known, ROUNDING):
        j = len(a)
        if _ended(a, b, start, known) or j * len(start) + BLOCK > MEMORY:
            break
        if j < check:
            continue
        values, y, bounds = _top(a, b, top)
        while top < j and len(_copies(values)) < d + 4:
            top = 2 * top
            values, y, bounds = _top(a, b, top)
        chosen = _converged(values, bounds, np.abs(y[0]), d)
        near = _converged(values, bounds / 100, np.abs(y[0]), d) is not None
        check = j + (max(4, j // 24) if near else max(8, j // 6))  # a look takes j / 50 steps
        if chosen is not None:
            vectors = _combined(V, y[:, chosen], known)
            overlap = vectors @ vectors.T
            if np.abs(overlap - np.eye(d)).max() > 1e-4:
                break
            vectors = np.linalg.inv(np.linalg.cholesky(overlap)) @ vectors
            off = np.vstack([known, vectors])
            return values[chosen], vectors, _beside(V, a, b, off, values[chosen[-1]], more)
    return with_restarts(apply, start, d, known)


def _top(a, b, top):
    """The largest values of T, at most ``top``, their vectors, and how far A may be from them.

    By bisection (stebz). LAPACK's stemr, which takes about as long, counts values to √ε only:
    where some are close, it gives up, or has one 1e-9 below instead of a larger, without a word.
    """
    from scipy.linalg import eigh_tridiagonal

    wanted = (max(0, len(a) - top), len(a) - 1)
    values, y = eigh_tridiagonal(a, b[:-1], select="i", select_range=wanted, lapack_driver="stebz")
    return values[::-1], y[:, ::-1], b[-1] * np.abs(y[-1, ::-1])


def _copies(values):
    """Positions of values, largest first, that are copies of one."""
    apart = -np.diff(values) > COPIES * values[0]
    return np.split(np.arange(len(values)), 1 + np.flatnonzero(apart))


def _beside(V, a, b, known, least, more):
    """At most ``more`` orthonormal vectors (k, n) made by Lanczos, of values below ``least``."""
    if more == 0:
        return known[:0]
    values, y, _ = _top(a, b, 1 + 3 * more)
    first = np.abs(y[0])
    places = np.flatnonzero((first > 1e-7) & (values < (1 - COPIES) * least))
    if len(places) == 0:
        return known[:0]
    chosen = [max(places[group], key=lambda i: first[i]) for group in _copies(values[places])]
    return np.linalg.qr(_combined(V, y[:, chosen[:more]], known).T)[0].T


def _ended(a, b, start, known):
    """Whether the vectors fill a space that A leaves as it is: the next one would be noise."""
    return b[-1] <= NOISE * max(a) or len(a) + len(known) >= len(start)


def _converged(values, bounds, first, d):
    """Positions of the d largest values, one of all copies of each; None if some still move.

    A value that moves is a copy on its way if it has none of the start in it, or if it may be one
    of the values that stand.
    """
    good = bounds < TOLERANCE * np.maximum(values, SMALLEST)
    places = np.flatnonzero(good)
    if len(places) < d or len(copies := _copies(values[places])) < d:
        return None
    chosen = [max(places[group], key=lambda i: first[i]) for group in copies[:d]]
    above = slice(chosen[-1])
    far = np.abs(values[above, None] - values[chosen]).min(axis=1) > bounds[above]
    return None if (~good[above] & far & (first[above] > 1e-7)).any() else chosen


def _missed(apply, start, known, least, symmetric, residual=None):
    """A vector (n,) whose value is above ``least``, to begin from; None if none is likely.

    Beside values from 0 to e, the j-th Chebyshev polynomial of 2t/e − 1 makes what the start has of
    a value t larger e^(j arccosh(2t/e − 1)) / 2 times: enough, if to more than 100 √n.
    """
    for V, a, b in _steps(apply, start, known, residual):
        j = len(a)
        last = _ended(a, b, start, known)
        if j % LOOK and not last:
            continue
        value, y, bound = _top(a, b, 1)
        if value[0] > least:  # no Ritz value is above the largest eigenvalue
            return _combined(V, y, known)[0]
        edge = max(value[0] + bound[0], ROUNDING)
        enough = np.log(200 * np.sqrt(len(start)))
        seen = edge < least and j * np.arccosh(2 * least / edge - 1) > enough
        if last or not symmetric or seen:
            return None
        if j * len(start) + BLOCK > MEMORY // 2:
            value, vector, _ = with_restarts(apply, start, 1, known)
            return vector[0] if value[0] > least else None


def _steps(apply, start, known, residual=None):
    """After each step of Lanczos (V, a, b): A V = V T + b_j v_{j+1} e_jᵀ, T of diagonal a.

    V is a list of arrays of many rows, the last of them in part filled; b_1 … b_{j−1} lie
    beside the diagonal of T. The start's part in ``known`` (rows) is taken away, and the images'.

    If these are eigenvectors up to a ``residual``, of values in [0, 1], an image has no more of
    them than is left of them in v_j and v_{j−1}. A bound of that is kept; only where it is no
    longer harmless they are taken away, of two vectors in a row (B. Parlett & D. Scott; H. Simon).
    """
    from scipy.linalg.blas import daxpy, dgemv

    def off_known(w):
        return dgemv(-1, known.T, known @ w, 1, w, overwrite_y=True) if len(known) else w

    w, before, V, a, b = off_known(start.copy()), None, [], [], []
    size = np.linalg.norm(w)
    left, left_before, again = ROUNDING, 0.0, False
    rows = min(len(start), max(1, BLOCK // len(start)))
    while True:
        place = len(a) % rows
        if place == 0:
            V.append(np.empty((rows, len(start))))
        v = np.divide(w, size, out=V[-1][place])
        w = apply(v) if residual else off_known(apply(v))
        if a:
            w = daxpy(before, w, a=-b[-1])  # w − b_{j−1} v_{j−1}, in place
            left_before *= b[-1]
        a.append(v @ w)
        w = daxpy(v, w, a=-a[-1])
        b.append(np.sqrt(w @ w))
        if residual:
            grown = max(a[-1], 1 - a[-1]) * left + left_before + residual
            left, left_before = min(1.0, grown / max(b[-1], ROUNDING)), left
            if again or left > max(HARMLESS, 1000 * residual):
                w = off_known(w)
                w = off_known(w) if left > 0.1 else w  # what cancels at first is noise
                left, again, b[-1] = ROUNDING, not again, np.sqrt(w @ w)
        yield V, a, b
        before, size = v, b[-1]


def _combined(V, y, known):
    """Unit vectors (d, n): the sums of the rows of V with coefficients y (j, d), off ``known``."""
    size = len(V[0])
    vectors = sum(y[i : i + size].T @ rows[: len(y) - i]
                  for i, rows in zip(range(0, len(y), size), V))
    vectors -= (vectors @ known.T) @ known
    return vectors / np.linalg.norm(vectors, axis=1)[:, None]


def with_restarts(apply, start, d, known, more=0):
    """The same by ARPACK, which keeps few vectors, and also where A is computed with some noise.

    Never ``more``. With K = knownᵀ, whose span A leaves as it is, they are those of
    A − K Kᵀ (A + 1), in which the known ones have become −1.
    """
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    def deflated(v):
        image = apply(v.ravel())
        return image - (known @ (image + v.ravel())) @ known

    n = len(start)
    operator = LinearOperator((n, n), matvec=deflated, dtype=float)
    try:
        values, vectors = eigsh(
            operator, d, which="LA", v0=start - (known @ start) @ known,
            ncv=min(n, max(20, 2 * d + 8)), tol=TOLERANCE, maxiter=RESTARTS,
        )  # fmt: skip
    except ArpackNoConvergence:
        raise RuntimeError(
            f"did not converge in {RESTARTS} restarts; try another solver or another d"
        ) from None
    order = np.argsort(-values, kind="stable")
    return values[order], vectors.T[order], np.empty((0, n))
