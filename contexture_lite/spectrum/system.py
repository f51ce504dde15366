"""The singular system of a context: which features of X the context predicts best.

T ν_i = s_i μ_i and T* μ_i = s_i ν_i with s₁ ≥ s₂ ≥ … in [0, 1]; the μ_i are
orthonormal in L²(P_X), the ν_i in L²(P_A), and all have mean zero, since the
constant pair (s₀ = 1) is removed before the decomposition
(Zhai et al., ICML 2025, arXiv 2505.01557, Section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_generator,
    as_number,
    as_table,
    sums,
)
from contexture_lite._text import said
from contexture_lite.contexts import as_context
from contexture_lite.spectrum.repeated import SAME_VALUE, repeated, rotation_towards, settled
from contexture_lite.spectrum.solvers import SOLVERS, best_solver

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
        return said(f"SingularSystem(values=[{', '.join(first)}], rank={self.rank})")

    def extend(self, p_a_given_x):
        """Left functions at new inputs: μ_i(x) = s_i⁻¹ Σ_a P(a|x) ν_i(a).

        ``p_a_given_x`` is (n, M), dense or sparse, rows summing to 1. Returns (n, d),
        zero in the columns beyond the rank. At the old inputs this gives ``left``.
        """
        name = "p_a_given_x"
        wanted = f"(n, {len(self.p_a)})"
        rows, *_ = as_table(name, p_a_given_x, wanted=wanted, empty=True)
        totals = sums(rows, axis=1)
        off = np.flatnonzero(np.abs(totals - 1) > 1e-6)
        if off.size:
            raise ValueError(f"row {off[0]} of {name} sums to {totals[off[0]]:.6g}; it must be 1")
        features = rows @ self.right
        return np.divide(features, self.values, where=self.values > 0, out=np.zeros_like(features))

    def reconstruct(self, d=None):
        """p(x) q(a) (1 + Σ_{i≤d} s_i μ_i(x) ν_i(a)): the best approximation of rank d + 1.

        A dense (N, M) array, from all functions of the system if d is not given; with
        every mode of the context it is the joint itself.
        """
        ratio = 1 + (self.left[:, :d] * self.values[:d]) @ self.right[:, :d].T
        return np.multiply.outer(self.p_x, self.p_a) * ratio

    def groups(self, tol=1e-8):
        """Index arrays of repeated values: runs in which neighbours differ by at most ``tol``.

        Inside a group only the span of the functions has a meaning.
        """
        return repeated(self.values, as_number("tol", tol, least=0))

    def aligned_with(self, previous, tol=1e-6):
        """The same system with signs, and bases of repeated values, nearest to ``previous``.

        For pictures that move: the span of each group stays, see `rotation_towards`.
        ``previous`` is a SingularSystem on the same inputs.
        """
        if not isinstance(previous, SingularSystem):
            raise TypeError(f"previous is a {type(previous).__name__}; it must be a SingularSystem")
        if previous.left.shape[0] != self.left.shape[0]:
            raise ValueError(
                f"previous has {previous.left.shape[0]} inputs, this system {self.left.shape[0]}"
            )
        left, right = self.left.copy(), self.right.copy()
        k = min(self.rank, previous.rank)
        R = rotation_towards(previous.left[:, :k], left[:, :k], self.p_x, self.groups(tol))
        left[:, :k], right[:, :k] = left[:, :k] @ R, right[:, :k] @ R
        return replace(self, left=left, right=right)


def singular_system(context, d=None, *, solver="auto", rng=0):
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
        closer the s_i lie, and keeps a vector of each, up to 400 MB of them (beyond that
        ARPACK, which keeps few, begins anew). "shift-invert" factorises σ² − QᵀQ, σ just
        above 1, which pulls the s_i near 1 apart, so that a few d solves do. In the graph
        that joins x and a where P(x, a) > 0, a short way between any two points (a cloud)
        means well separated s_i and a factor that fills up; a long thin graph (a curve, a
        ring) means crowded s_i and a cheap factor. So "auto" takes "shift-invert" where
        a breadth-first search of the largest component, from one end, has 300 levels or
        more, and none of them holds more than four points a level. For a sheet the two
        meet at 50,000 points.
    rng : int or numpy.random.Generator
        Starting vectors of the iterative solvers.

    Beside these vectors, the iterative solvers hold about 3 d + 30 of the shorter side. They work
    with s², whose rounding error is 1e-16, so values below 1e-7 count as 0 there (the dense
    solver: about 1e-12). Modes with s = 1 of a disconnected context are written down from
    its components. Lanczos may miss a twin of a repeated value, so afterwards a second run
    looks for one: to the end if the context looks symmetric, else for some 20 steps, enough
    in a context without symmetry, whose values repeat by accident only. Where d cuts through
    a repeated value, the functions kept are some of those that belong to it.

    Signs and bases follow one rule. Of the functions of a repeated value the first
    is the one with the largest projection on a single input (the first such input
    within a share of 1e-4), the next one likewise among what is left; for a simple value
    this says that the entry of √p μ_i of largest size is positive. Where values are very
    crowded (a cycle of some thousand points), an iterative solver does not know a function
    to 1e-4; which inputs tie may then be rounding's choice.

    Raises ValueError or TypeError for bad arguments, and RuntimeError rather than
    return a result whose residual is above 1e-6.
    """
    as_context(context)
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
    solver, components = best_solver(context, d) if solver == "auto" else (solver, None)
    u, s, v, smallest = SOLVERS[solver](context, d, as_generator("rng", rng), components)
    return _finish(context, u, s, v, smallest, solver)


def _finish(context, u, s, v, smallest, solver):
    """Settle signs and repeated values, check the residual, go back to functions."""
    rank = int(np.count_nonzero(s > smallest))
    s = np.minimum(s, 1.0)
    s[rank:] = 0.0
    left, right = settled(u[:, :rank], s[:rank], v[:, :rank])
    left /= np.sqrt(context.p_x)[:, None]
    right /= np.sqrt(context.p_a)[:, None]
    residual = _residual(context, left, s[:rank], right, solver == "dense")
    if not residual <= LARGEST_RESIDUAL:
        raise RuntimeError(
            f"the {solver} solver left a residual of {residual:.1e} (allowed: "
            f"{LARGEST_RESIDUAL:.0e}); try another solver or another d"
        )
    if rank < len(s):
        left, right = (np.pad(f, ((0, 0), (0, len(s) - rank))) for f in (left, right))
    return SingularSystem(s, left, right, context.p_x, context.p_a, rank, residual, solver)


def _residual(context, mu, s, nu, both):
    """Largest of ‖T̃ ν_i − s_i μ_i‖ and ‖T̃* μ_i − s_i ν_i‖, T̃ being T without the constant.

    Not of ``both``: an iterative solver makes the functions of the longer side by one of the
    two equations, which so holds to rounding; the other is looked at.
    """
    p, q = context.p_x, context.p_a
    sides = [(context.joint, p, q, nu, mu), (context.joint.T, q, p, mu, nu)]
    squares = []
    for table, at, of, f, g in sides if both else [sides[len(p) >= len(q)]]:
        rest = table @ f
        rest /= at[:, None]
        rest -= of @ f
        rest -= s * g
        squares.append(np.einsum("i,ij,ij->j", at, rest, rest).max(initial=0.0))
    return float(np.sqrt(max(squares)))


def minimax_curve(squares, c):
    """(s₁² − c²) / (s₁² − s_{d+1}²) for d = 0, 1, …, from s₁² ≥ s₂² ≥ …; 1 where s_{d+1} > c.

    The least error that d features can promise for all unit tasks of compatibility at least c.
    """
    over, gap = max(squares[0] - c**2, 0.0), squares[0] - squares
    return np.divide(over, gap, out=np.ones(len(gap)), where=gap > max(over, SAME_VALUE))
