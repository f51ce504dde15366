"""The decompositions behind `singular_system`: dense SVD, Lanczos, shift-invert Lanczos.

All three return (u, s, v, smallest): orthonormal u (N, d) and v (M, d) with Q̃ v = s u and
Q̃ᵀ u = s v for Q̃ = Q − √p √qᵀ, and the size below which a value s cannot be told from 0.

The two iterative ones look for the largest eigenvalues s² of QᵀQ (or QQᵀ, on the shorter
side) among vectors orthogonal to what is known beforehand: √q, and one contrast for every
further connected component, all of them with s = 1. They never form Q̃.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_dense
from contexture_lite.spectrum.graph import graph_levels, survey, unit_modes
from contexture_lite.spectrum.lanczos import complete, with_restarts, without_restarts

DENSE_SIDE = 300  # up to this shorter side a full dense SVD is the fastest
DENSE_CELLS = 4_000_000  # … as long as the table has at most this many cells (32 MB)
LARGEST_DENSE = 30_000_000  # "auto" does not densify a sparse table beyond this (240 MB)
LONG = 300  # a graph of that many levels is long …
THIN = 4  # … and thin, if its widest level has at most this many points a level
ROWS = 16  # of a dense Q, read at a time
SMALL = 1000  # shorter side up to which a second thread of BLAS gains nothing in an SVD
FEW = 0.02  # share of exchangeable columns that is put down to chance


def best_solver(context, d):
    """What "auto" stands for; the docstring of `singular_system` gives the reasons.

    Returns its name, and the components of the graph if it had to look for them, else None.
    """
    shorter, cells = min(context.shape), np.prod(context.shape, dtype=float)
    if d is None or d > shorter / 4 or (shorter <= DENSE_SIDE and cells <= DENSE_CELLS):
        if not context.is_sparse or cells <= LARGEST_DENSE:
            return "dense", None
        if d is None:
            raise ValueError(
                f"d must be given: all modes of a sparse {context.shape[0]}×"
                f"{context.shape[1]} context would need it densified"
            )
    if not context.is_sparse:
        return "lanczos", None
    components, widths = survey(context, least=LONG)
    long_and_thin = len(widths) >= LONG and max(widths) <= THIN * len(widths)
    return "shift-invert" if long_and_thin else "lanczos", components


def dense(context, d, rng, components):
    """Full SVD of what is left of Q when √p and √q are reflected to −e₁: [[1, 0], [0, R]].

    Of Q̃ itself the SVD would mix √p, where Q̃ is 0, into the modes of very small s.
    """
    Q = as_dense(context.matrix())
    reflect_x, reflect_a = _reflection(context.p_x), _reflection(context.p_a)
    R = reflect_a(reflect_x(Q).T).T[1:, 1:]
    u, s, vt = thin_svd(R)
    u = reflect_x(np.vstack([np.zeros(len(s)), u])[:, :d])
    v = reflect_a(np.vstack([np.zeros(len(s)), vt.T])[:, :d])
    return u, s[:d], v, 10 * max(context.shape) * np.finfo(float).eps


def thin_svd(matrix):
    """(u, s, vt) of a matrix, also where LAPACK's fast solver gives up.

    A small one gets one thread: on busy cores several take four times as long, since they wait
    for each other in every column.
    """
    with _blas().limit(limits=1) if min(matrix.shape) <= SMALL else nullcontext():
        try:
            return np.linalg.svd(matrix, full_matrices=False)
        except np.linalg.LinAlgError:  # seen at many values that repeat; the slow solver copes
            from scipy.linalg import svd

            return svd(matrix, full_matrices=False, lapack_driver="gesvd")


@cache
def _blas():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _reflection(p):
    """The map of columns that exchanges √p and −e₁: I − w wᵀ / w₁ with w = √p + e₁."""
    w = np.sqrt(p)
    w[0] += 1
    return lambda columns: columns - np.outer(w, (w @ columns) / w[0])


def lanczos(context, d, rng, components):
    """Lanczos on QᵀQ. A dense Q is read from memory once for both products, some rows at a time."""

    def gram(Q):
        if sp.issparse(Q):
            return _sparse_gram(Q)
        blocks = np.split(np.ascontiguousarray(Q), range(ROWS, len(Q), ROWS))

        def product(v):
            image = np.zeros(len(v))
            for rows in blocks:
                image += (rows @ v) @ rows
            return image

        return product, slice(None)

    return _iterate(context, d, rng, components, gram, without_restarts)


def _sparse_gram(Q):
    """QᵀQ of a sparse Q, with its rows and those of Qᵀ by their number of entries; that order.

    Where lengths vary, a processor is up to a third faster if it can foresee that of the next row.
    """
    A = Q if Q.format == "csr" else Q.T
    rows, columns = (
        np.argsort(np.minimum(lengths, 32_767).astype(np.int16), kind="stable")  # by counting
        for lengths in (np.diff(A.indptr), np.bincount(A.indices, minlength=A.shape[1]))
    )
    place = np.empty(len(columns), A.indices.dtype)
    place[columns] = np.arange(len(columns))
    B = A[rows]
    B = sp.csr_array((B.data, place[B.indices], B.indptr), B.shape)
    Bt = B.T.tocsr()
    return (lambda v: Bt @ (B @ v), columns) if A is Q else (lambda v: B @ (Bt @ v), rows)


def shift_invert(context, d, rng, components):
    """Lanczos on (σ² − QᵀQ)⁻¹, whose largest eigenvalues are 1/(σ² − s²).

    With σ just above 1 they are far apart even where the s are not. On a graph of L
    levels 1 − s² is of the order 1/L² (a random walk needs L² steps to cross it), so
    this is the distance of σ² from 1.
    """
    from scipy.sparse.linalg import splu

    def inverse(Q):
        reached, widths = graph_levels(Q := sp.csr_array(Q))
        near = reached[reached >= Q.shape[0]] - Q.shape[0]
        order = np.concatenate([near, np.setdiff1d(np.arange(Q.shape[1]), near)])
        Q = Q[:, order]  # neighbours side by side: less to fill
        system = (1 + len(widths) ** -2.0) * sp.eye_array(Q.shape[1], format="csc") - Q.T @ Q
        # positive definite since σ > 1 ≥ s: no pivoting, and an ordering for symmetric matrices
        factor = splu(
            sp.csc_array(system),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0,
            options={"SymmetricMode": True},
        )
        return factor.solve, order

    return _iterate(context, d, rng, components, inverse, with_restarts)


SOLVERS = {"dense": dense, "lanczos": lanczos, "shift-invert": shift_invert}


def _iterate(context, d, rng, components, operator_of, search):
    """Unit modes from the components, the others by Lanczos on the shorter side."""
    u, v = unit_modes(context, d, components)
    if u.shape[1] == d:
        return u, np.ones(d), v, 0.0
    Q = context.matrix()
    known, root = v, np.sqrt(context.p_a)
    flip = Q.shape[0] < Q.shape[1]
    if flip:
        known, root, Q = u, np.sqrt(context.p_x), Q.T
    start = rng.standard_normal(len(root))
    symmetric = _may_be_symmetric(Q, root, rng)
    known = np.vstack([root, known.T])
    apply, order = operator_of(Q)  # it works on the columns of Q in an order of its own
    found = complete(search, apply, start, d - u.shape[1], known[:, order], rng, symmetric)
    vectors = np.empty_like(found)
    vectors[:, order] = found
    image, s, mixed = _rayleigh_ritz(Q @ vectors.T)
    x, a = (vectors.T @ mixed, image) if flip else (image, vectors.T @ mixed)
    return np.hstack([u, x]), np.concatenate([np.ones(u.shape[1]), s]), np.hstack([v, a]), 1e-7


def _rayleigh_ritz(image):
    """u, s and v of the SVD of a tall matrix; of its Gram matrix, where the squares do as well."""
    squares, v = np.linalg.eigh(image.T @ image)
    if squares[0] < 0.01 * squares[-1]:
        u, s, vt = thin_svd(image)
        return u, s, vt.T
    s, v = np.sqrt(squares[::-1]), v[:, ::-1]
    return image @ (v / s), s, v


def _may_be_symmetric(Q, root, rng):
    """Whether many columns look alike, as those do that a symmetry of the context exchanges.

    Colour refinement: every column gets a number made of those of its neighbours and of
    theirs, up to ten times; then only columns that a symmetry exchanges have equal numbers.
    Plain copies of a column, which a random mixture tells, add values s = 0 only, and a few
    exchanges between neighbours, as in any large set of points, repeat no large value.
    """
    colour, mixture = root / root.max(), Q.T @ rng.standard_normal(Q.shape[0])
    for _ in range(10):
        order = np.argsort(colour)
        alike = np.diff(colour[order]) < 1e-13
        copies = np.abs(np.diff(mixture[order])) < 1e-13
        if np.count_nonzero(alike & ~copies) <= FEW * len(root):
            return False
        colour = Q.T @ (Q @ (colour + colour**2))
        colour /= colour.max()
    return True
