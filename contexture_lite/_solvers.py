"""The decompositions behind `singular_system`: dense SVD, Lanczos, shift-invert Lanczos.

All three return (u, s, v, smallest): orthonormal u (N, d) and v (M, d) with Q̃ v = s u and
Q̃ᵀ u = s v for Q̃ = Q − √p √qᵀ, and the size below which a value s cannot be told from 0.

The two iterative ones never form Q̃ or QᵀQ. They look for the largest eigenvalues s² of
QᵀQ (or QQᵀ, on the shorter side) among vectors orthogonal to what is known beforehand:
√q, and one contrast for every further connected component, all of them with s = 1.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

DENSE_SIDE = 300  # up to this shorter side a full dense SVD is the fastest
DENSE_CELLS = 4_000_000  # … as long as the table has at most this many cells (32 MB)
LARGEST_DENSE = 30_000_000  # "auto" does not densify a sparse table beyond this (240 MB)
LONG = 200  # a graph of that many levels is long …
THIN = 4  # … and thin, if its widest level has at most this many points a level

TOLERANCE = 1e-9  # residual of the eigenvalues, relative to them
ROUNDING = 1e-14  # … but no better than this
CHECK_STEPS = 24
CYCLES = 2000


def best_solver(context, d):
    """What "auto" stands for; the docstring of `singular_system` gives the reasons."""
    shorter, cells = min(context.shape), np.prod(context.shape, dtype=float)
    if d is None or d > shorter / 4 or (shorter <= DENSE_SIDE and cells <= DENSE_CELLS):
        if not context.is_sparse or cells <= LARGEST_DENSE:
            return "dense"
        if d is None:
            raise ValueError(
                f"d must be given: all modes of a sparse {context.shape[0]}×"
                f"{context.shape[1]} context would need it densified"
            )
    levels, widest = graph_shape(context)
    return "shift-invert" if levels >= LONG and widest <= THIN * levels else "lanczos"


def graph_shape(context):
    """(levels, widest level) of the graph joining x and a if P(x, a) > 0, seen from one end."""
    if not context.is_sparse:
        return 1, sum(context.shape)
    from scipy.sparse.csgraph import breadth_first_order

    edges = sp.csr_array(sp.block_array([[None, context.joint], [context.joint.T, None]]))
    start = 0
    for _ in range(2):  # the last point reached from anywhere is an end
        order, parent = breadth_first_order(edges, start, directed=True)
        start = order[-1]
    place = np.empty(edges.shape[0], dtype=int)
    place[order] = np.arange(len(order))
    parents = place[parent[order[1:]]]  # ascending, so each level is one run
    ends = [0, 1]
    while ends[-1] < len(order):
        ends.append(1 + int(np.searchsorted(parents, ends[-1])))
    return len(ends) - 1, int(np.diff(ends).max())


def dense(context, d, rng, initial):
    """Full SVD of the deflated matrix."""
    Q = context.matrix()
    Q = Q.toarray() if context.is_sparse else Q
    u, s, vt = np.linalg.svd(
        Q - np.outer(np.sqrt(context.p_x), np.sqrt(context.p_a)), full_matrices=False
    )
    keep = min(context.shape) - 1 if d is None else d
    return u[:, :keep], s[:keep], vt[:keep].T, 10 * max(context.shape) * np.finfo(float).eps


def lanczos(context, d, rng, initial):
    """Lanczos on QᵀQ."""
    return _iterate(context, d, rng, initial, lambda Q: lambda v: Q.T @ (Q @ v))


def shift_invert(context, d, rng, initial):
    """Lanczos on (σ² − QᵀQ)⁻¹, whose largest eigenvalues are 1/(σ² − s²).

    With σ just above 1 they are far apart even where the s are not. On a graph of L
    levels 1 − s² is of the order 1/L² (a random walk needs L² steps to cross it), so
    this is the distance of σ² from 1. Solving σ x = Q y, σ y = Qᵀ x + v gives
    y = σ (σ² − QᵀQ)⁻¹ v without QᵀQ, which one popular context value would fill.
    """
    from scipy.sparse.linalg import splu

    def inverse(Q):
        Q = sp.csr_array(Q)
        n, m = Q.shape
        sigma = np.sqrt(1 + graph_shape(context)[0] ** -2.0)
        system = sp.block_array(
            [[sigma * sp.eye_array(n), -Q], [-Q.T, sigma * sp.eye_array(m)]], format="csc"
        )
        # positive definite since σ > 1 ≥ s: no pivoting, and an ordering for symmetric matrices
        factor = splu(
            system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options={"SymmetricMode": True}
        )
        return lambda v: factor.solve(np.concatenate([np.zeros(n), v]))[n:]

    return _iterate(context, d, rng, initial, inverse)


SOLVERS = {"dense": dense, "lanczos": lanczos, "shift-invert": shift_invert}


def _iterate(context, d, rng, initial, operator_of):
    """Unit modes from the components, the others by Lanczos on the shorter side."""
    u, v = _unit_modes(context, d)
    if u.shape[1] == d:
        return u, np.ones(d), v, 0.0
    Q = context.matrix()
    known, root, start = v, np.sqrt(context.p_a), initial and initial.right
    flip = Q.shape[0] < Q.shape[1]
    if flip:
        known, root, start, Q = u, np.sqrt(context.p_x), initial and initial.left, Q.T
    start = rng.standard_normal(len(root)) if start is None else start.sum(axis=1) * root
    found = _complete(operator_of(Q), start, d - u.shape[1], np.vstack([root, known.T]), rng)
    image, s, turn = np.linalg.svd(Q @ found.T, full_matrices=False)  # Rayleigh–Ritz
    x, a = (found.T @ turn.T, image) if flip else (image, found.T @ turn.T)
    return np.hstack([u, x]), np.concatenate([np.ones(u.shape[1]), s]), np.hstack([v, a]), 1e-7


def _unit_modes(context, d):
    """Orthonormal u (N, k) and v (M, k) with s = 1: k = min(d, components − 1) contrasts.

    Contrast j sets component j, by descending mass m_j, against all lighter ones, of mass t_j
    together: √(t_j / m_j (m_j + t_j)) there, −√(m_j / t_j (m_j + t_j)) on those, 0 elsewhere.
    """
    count, of_x, of_a = context.components()
    mass = np.bincount(of_x, weights=context.p_x, minlength=count)
    order = np.argsort(-mass, kind="stable")
    rank = np.argsort(order)
    tail = np.cumsum(mass[order][::-1])[::-1]  # m_j + t_j
    j = np.arange(min(d, count - 1))
    m, t = mass[order][j], tail[j + 1]
    i = np.arange(count)[:, None]
    contrast = np.where(i == j, np.sqrt(t / m), np.where(i > j, -np.sqrt(m / t), 0.0)) / np.sqrt(
        m + t
    )
    return (
        contrast[rank[of_x]] * np.sqrt(context.p_x)[:, None],
        contrast[rank[of_a]] * np.sqrt(context.p_a)[:, None],
    )


def _complete(apply, start, d, known, rng):
    """The d largest eigenvectors (rows) orthogonal to ``known``, checked to be the largest.

    From one start Lanczos sees one vector of every eigenspace; rounding shows the others
    late, or too late. So a short run from a fresh start looks for a larger eigenvalue
    among vectors orthogonal to all that was found, until there is none.
    """
    values, vectors = _largest(apply, start, d, known)
    while len(known) + d < len(start):
        basis = np.vstack([known, vectors])
        value, vector = _largest(
            apply, rng.standard_normal(len(start)), 1, basis, CHECK_STEPS, cycles=1
        )
        if value[0] <= values[-1] * (1 + 1e-8) + ROUNDING:
            break
        value, vector = _largest(apply, vector[0], 1, basis)
        order = np.argsort(-np.concatenate([values, value]), kind="stable")[:d]
        values, vectors = (
            np.concatenate([values, value])[order],
            np.vstack([vectors, vector])[order],
        )
    return vectors


def _largest(apply, start, d, known, steps=None, cycles=None):
    """Thick-restart Lanczos (Wu and Simon, SIAM J. Matrix Anal. Appl. 22, 2000).

    B orthonormal, A Bᵀ = Bᵀ H + b·(last vector): eigenvectors y of H give the best
    approximations y B, with residual b |y_last|. When B is full, go on from the best few.
    Returns (values (d,), vectors (d, n)); with ``cycles`` = 1, as good as they are by then.
    """
    first = len(known)
    steps = min(steps or 2 * d + 12, len(start) - first)
    basis = np.empty((first + steps + 1, len(start)))
    basis[:first] = known
    B, H, kept = basis[first:], np.zeros((steps, steps)), 0
    B[0] = _orthogonal(start, basis[:first])[0]
    for cycle in range(1, (cycles or CYCLES) + 1):
        for j in range(kept, steps):
            near = first + j - 1 if j > kept else 0  # A B_j lies in B_{j−1}, B_j and the next one
            B[j + 1], h, b = _orthogonal(apply(B[j]), basis[: first + j + 1], near)
            H[: j + 1, j] = H[j, : j + 1] = h[first:]
        values, y = np.linalg.eigh(H)
        values, y = values[::-1], y[:, ::-1]
        if cycle == cycles or np.all(
            b * np.abs(y[-1, :d]) <= np.maximum(TOLERANCE * values[:d], ROUNDING)
        ):
            break
        kept = min(d + (steps - d) // 3, steps - 2)
        B[:kept], B[kept] = y[:, :kept].T @ B[:steps], B[steps]
        H[:] = 0
        H[range(kept), range(kept)] = values[:kept]
    else:
        raise RuntimeError(
            f"Lanczos did not converge in {CYCLES} restarts; try another solver or another d"
        )
    return values[:d], y[:, :d].T @ B[:steps]


def _orthogonal(w, basis, near=0):
    """W = h·basis + b·(unit vector orthogonal to basis): returns (unit vector, h, b).

    One round against basis[near:], where nearly all of w is, and one against everything,
    to clear what rounding left (a single round would multiply the error of the basis by
    |w| / b); a third one should that cancel most of w. If then nothing but rounding is
    left, the basis spans an invariant space, and any other direction continues it, b = 0.
    """
    h, size = np.zeros(len(basis)), np.linalg.norm(w)
    after = size
    for rows in (slice(near, None), slice(None), slice(None)):
        step = basis[rows] @ w
        w, h[rows], before = w - step @ basis[rows], h[rows] + step, after
        after = np.linalg.norm(w)
        if after <= ROUNDING * size:
            break
        if rows.start is None and after > before / 10:
            return w / after, h, after
    if len(basis) == len(w):
        return np.zeros_like(w), h, 0.0
    return _orthogonal(np.random.default_rng(len(basis)).standard_normal(len(w)), basis)[0], h, 0.0
