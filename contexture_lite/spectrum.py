"""The singular system of a context: which features of X the context predicts best.

T ν_i = s_i μ_i and T* μ_i = s_i ν_i with s₁ ≥ s₂ ≥ … in [0, 1]; the μ_i are
orthonormal in L²(P_X), the ν_i in L²(P_A), and all have mean zero, since the
constant pair (s₀ = 1) is removed before the decomposition
(Zhai et al., ICML 2025, arXiv 2505.01557, Section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_count,
    as_generator,
    as_numbers,
    refuse_cells,
    refuse_dtype,
    sums,
)
from contexture_lite._solvers import SOLVERS, best_solver
from contexture_lite.contexts import Context

TIE = 1e-10  # singular values closer than this are treated as one tie
LARGEST_RESIDUAL = 1e-6


@dataclass(frozen=True, eq=False)
class SingularSystem:
    """The d largest non-constant singular values of a context and their functions.

    Attributes
    ----------
    values : (d,) array
        s₁ ≥ … ≥ s_d; exactly 0 at and beyond ``rank``.
    left, right : (N, d) and (M, d) arrays
        μ_i and ν_i, orthonormal in L²(P_X) and L²(P_A) for i ≤ rank. Beyond the rank
        there is no singular function to speak of: those columns are zero.
    p_x, p_a : (N,) and (M,) arrays
        The marginals that define the two inner products.
    rank : int
        How many of the d values are positive.
    residual : float
        Largest of ‖T ν_i − s_i μ_i‖ and ‖T* μ_i − s_i ν_i‖ over i ≤ rank.
    solver : str
        The method that was used.
    """

    values: np.ndarray
    left: np.ndarray
    right: np.ndarray
    p_x: np.ndarray
    p_a: np.ndarray
    rank: int
    residual: float
    solver: str

    def __repr__(self):
        first = [f"{s:.4f}" for s in self.values[:6]] + ["…"] * (len(self.values) > 6)
        return f"SingularSystem(values=[{', '.join(first)}], rank={self.rank})"

    def extend(self, p_a_given_x):
        """Left functions at new inputs: μ_i(x) = s_i⁻¹ Σ_a P(a|x) ν_i(a).

        ``p_a_given_x`` is (n, M), dense or sparse, rows summing to 1. Returns (n, d),
        zero in the columns beyond the rank. At the old inputs this gives ``left``.
        """
        name = "p_a_given_x"
        if sp.issparse(p_a_given_x):
            refuse_dtype(name, p_a_given_x.dtype)
            rows = sp.csr_array(p_a_given_x)
        else:
            rows = as_numbers(name, p_a_given_x)
        if rows.ndim != 2 or rows.shape[1] != len(self.p_a):
            raise ValueError(f"{name} has shape {rows.shape}; it must be (n, {len(self.p_a)})")
        refuse_cells(name, rows, lambda v: ~np.isfinite(v) | (v < 0), "must be finite and >= 0")
        totals = sums(rows, axis=1)
        off = np.flatnonzero(np.abs(totals - 1) > 1e-6)
        if off.size:
            raise ValueError(f"row {off[0]} of {name} sums to {totals[off[0]]:.6g}; it must be 1")
        features = rows @ self.right
        return np.divide(features, self.values, where=self.values > 0, out=np.zeros_like(features))

    def reconstruct(self):
        """p(x) q(a) (1 + Σ_{i≤d} s_i μ_i(x) ν_i(a)): the best rank-d picture of the joint.

        A dense (N, M) array; with every mode it is the joint itself.
        """
        return np.multiply.outer(self.p_x, self.p_a) * (
            1 + (self.left * self.values) @ self.right.T
        )

    def groups(self, tol=1e-8):
        """Ties: a list of index arrays, each a run of values whose neighbours differ by ≤ tol.

        Inside a group only the span of the functions has a meaning.
        """
        return _ties(self.values, as_tolerance(tol))

    def aligned_with(self, previous, tol=1e-6):
        """The same system with signs, and rotations inside ties, nearest to ``previous``.

        For pictures that move: the span of each group stays, its basis is turned by
        the orthogonal R that minimises ‖μ R − μ_previous‖ (Procrustes). ``previous`` is
        a SingularSystem on the same inputs.
        """
        if not isinstance(previous, SingularSystem):
            raise TypeError(f"previous is a {type(previous).__name__}; it must be a SingularSystem")
        if previous.left.shape[0] != self.left.shape[0]:
            raise ValueError(
                f"previous has {previous.left.shape[0]} inputs, this system {self.left.shape[0]}"
            )
        left, right = self.left.copy(), self.right.copy()
        shared = min(self.rank, previous.rank)
        for group in self.groups(tol):
            group = group[group < shared]
            if group.size:
                overlap = (self.left[:, group] * self.p_x[:, None]).T @ previous.left[:, group]
                U, _, Vt = np.linalg.svd(overlap)
                left[:, group], right[:, group] = left[:, group] @ U @ Vt, right[:, group] @ U @ Vt
        return replace(self, left=left, right=right)


def as_tolerance(tol):
    """The argument as a finite number, at least 0."""
    if isinstance(tol, (bool, np.bool_)) or not isinstance(tol, (int, float, np.number)):
        raise TypeError(f"tol is {tol!r}; it must be a number")
    if not (np.isrealobj(tol) and 0 <= tol < np.inf):
        raise ValueError(f"tol is {tol}; it must be a finite number >= 0")
    return tol


def singular_system(context, d=None, *, solver="auto", rng=0, initial=None):
    """The d largest non-constant singular values and functions of a context.

    Q̃ = D_p^{-1/2} P D_q^{-1/2} − √p √qᵀ = Σ_{i≥1} s_i u_i v_iᵀ, μ_i = D_p^{-1/2} u_i,
    ν_i = D_q^{-1/2} v_i. Deflating first keeps the constant out even when s₁ = 1
    (a disconnected context), where a plain SVD may rotate it into μ₁.

    Parameters
    ----------
    context : Context
    d : int, optional
        1 ≤ d ≤ min(N, M) − 1; all of them by default (dense solver only).
    solver : {"auto", "dense", "lanczos", "shift-invert"}
        "dense" is the SVD of the whole matrix: exact, and below a shorter side of 300
        (and 4 million cells) a matter of milliseconds; also when d is above a quarter of
        the modes. "lanczos" multiplies by Q and Qᵀ only; it needs the more products the
        closer the s_i lie. "shift-invert" factorises σ² − QᵀQ, σ just above 1, which
        pulls the s_i near 1 apart, so that a few d solves do. In the graph that joins x
        and a where P(x, a) > 0, a short way between any two points (a cloud) means
        well separated s_i and a factor that fills up; a long thin graph (a curve, a
        ring) means crowded s_i and a cheap factor. So "auto" takes "shift-invert" where
        a breadth-first search from one end has 300 levels or more, and none of them
        holds more than four points a level. For a sheet the two meet at 50,000 points.
    rng : int or numpy.random.Generator
        Starting vectors of the iterative solvers.
    initial : SingularSystem, optional
        A system of a nearby context of the same shape, to start the iteration from.

    The iterative solvers hold about 2 d + 30 vectors of the shorter side beside Q. They work
    with s², whose rounding error is 1e-16, so values below 1e-7 count as 0 there (the dense
    solver: about 1e-12). Modes with s = 1 of a disconnected context are written down from
    its components. Lanczos may miss a twin of a repeated value, so afterwards a second run
    looks for one: to the end if the context looks symmetric, else for some 20 steps, enough
    in a context without symmetry, whose values repeat by accident only. Where d cuts through
    a tie, the functions kept are some of that tie's.

    Signs and ties follow one rule. In every group of tied values the first function
    is the one with the largest projection on a single input (the first such input
    within 1e-6), the next one likewise among what is left; for a value without a tie
    this says that the entry of √p μ_i of largest size is positive.

    Raises ValueError or TypeError for bad arguments, and RuntimeError rather than
    return a result whose residual is above 1e-6.
    """
    if not isinstance(context, Context):
        raise TypeError(f"context is a {type(context).__name__}; it must be a Context")
    modes = min(context.shape) - 1
    if d is not None and as_count("d", d) > modes:
        raise ValueError(
            f"d is {d}; a {context.shape[0]}×{context.shape[1]} context has "
            f"{modes} non-constant singular values"
        )
    if solver not in ("auto", *SOLVERS):
        raise ValueError(
            f"solver is {solver!r}; it must be 'auto', {', '.join(map(repr, SOLVERS))}"
        )
    if d is None and solver not in ("auto", "dense"):
        raise ValueError(f"d must be given for the {solver} solver")
    if initial is not None and not isinstance(initial, SingularSystem):
        raise TypeError(f"initial is a {type(initial).__name__}; it must be a SingularSystem")
    if initial is not None and (initial.left.shape[0], initial.right.shape[0]) != context.shape:
        raise ValueError(
            f"initial belongs to a {initial.left.shape[0]}×{initial.right.shape[0]} context, "
            f"not to {context.shape[0]}×{context.shape[1]}"
        )
    if solver == "auto":
        solver = best_solver(context, d)
    u, s, v, smallest = SOLVERS[solver](context, d, as_generator("rng", rng), initial)
    return _finish(context, u, s, v, smallest, solver)


def _finish(context, u, s, v, smallest, solver):
    """Settle ties and signs, check the residual, go back to functions."""
    rank = int(np.count_nonzero(s > smallest))
    s = np.minimum(s, 1.0)
    s[rank:] = 0.0
    u, v = settled(u[:, :rank], s[:rank], v[:, :rank])
    root_p, root_q = np.sqrt(context.p_x)[:, None], np.sqrt(context.p_a)[:, None]
    left, right = np.zeros((len(root_p), len(s))), np.zeros((len(root_q), len(s)))
    left[:, :rank], right[:, :rank] = u / root_p, v / root_q
    residual = _residual(context, left[:, :rank], s[:rank], right[:, :rank])
    if not residual <= LARGEST_RESIDUAL:
        raise RuntimeError(
            f"the {solver} solver left a residual of {residual:.1e} (allowed: "
            f"{LARGEST_RESIDUAL:.0e}); try another solver or another d"
        )
    return SingularSystem(s, left, right, context.p_x, context.p_a, rank, residual, solver)


def _residual(context, mu, s, nu):
    """Largest of ‖T̃ ν_i − s_i μ_i‖ and ‖T̃* μ_i − s_i ν_i‖, T̃ being T without the constant."""
    p, q = context.p_x, context.p_a
    forward = (context.joint @ nu) / p[:, None] - q @ nu - s * mu
    backward = (context.joint.T @ mu) / q[:, None] - p @ mu - s * nu
    return float(
        np.sqrt(max((p @ forward**2).max(initial=0.0), (q @ backward**2).max(initial=0.0)))
    )


def _ties(values, tol):
    """Index arrays of the runs of values whose neighbours differ by at most ``tol``."""
    return np.split(np.arange(len(values)), 1 + np.flatnonzero(-np.diff(values) > tol))


def settled(u, s, v):
    """Apply the rule for signs and ties (see `singular_system`) to orthonormal coordinates."""
    u, v = u.copy(), v.copy()
    for group in _ties(s, TIE):
        if group.size > 1:
            turn = _pivoted_basis(u[:, group])
            u[:, group], v[:, group] = u[:, group] @ turn, v[:, group] @ turn
    size = np.abs(u)
    first = np.argmax(size >= (1 - 1e-6) * size.max(axis=0, initial=0), axis=0)
    signs = np.sign(u[first, np.arange(len(s))])
    return u * signs, v * signs


def _pivoted_basis(u):
    """Rotation of the columns of u that depends on their span only.

    Column after column: project every input's indicator on what is left of the span,
    and keep the direction of the longest projection.
    """
    turn, left_over = np.zeros((u.shape[1], u.shape[1])), u.copy()
    for j in range(u.shape[1]):
        length = (left_over**2).sum(axis=1)
        direction = left_over[np.argmax(length >= (1 - 1e-6) * length.max())]
        direction = direction - turn[:, :j] @ (turn[:, :j].T @ direction)
        turn[:, j] = direction / np.linalg.norm(direction)
        left_over = left_over - np.outer(left_over @ turn[:, j], turn[:, j])
    return turn
