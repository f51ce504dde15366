"""Which tasks a context makes easy, and how well an encoder serves the worst of them.

A task f on X is (1 − ε)-compatible with the context if E f = 0 and ρ(f) ≥ 1 − ε. The
error of a linear probe on Φ is err(Φ, f) = min_{w,b} ‖wᵀΦ + b − f‖² in L²(P_X), and what
an encoder must answer for is the largest one over the unit tasks of that class
(Zhai et al. 2025, arXiv 2505.01557).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_function,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    rounding_unit,
)
from contexture_lite._text import said
from contexture_lite.contexts import as_context
from contexture_lite.spectrum import singular_system
from contexture_lite.spectrum.repeated import SAME_VALUE, settled
from contexture_lite.spectrum.system import minimax_curve

DEPENDENT = 1e-10  # relative to a feature's size, what is left of it counts as nothing
ROUNDING = 1e-14  # singular values are known to about this


def compatibility(context, f):
    """ρ(f) = max_g ⟨f̃, Tg⟩ / (‖f̃‖ ‖g‖) = ‖T* f̃‖ / ‖f̃‖, where f̃ = f − E f.

    How well the best function of A correlates with the task: 1 if A tells f(X), 0 if it
    tells nothing of it on average. ρ² is the correlation ratio of f(X) on A; with
    f̃ = Σ u_i μ_i it is Σ s_i² u_i² / Σ u_i².

    ``f`` is one task, (N,), or one in every column, (N, k); none of them constant. Returns a
    float, or a (k,) array of one number a column, in [0, 1].

    Source: Zhai et al. 2025, arXiv 2505.01557.
    """
    as_context(context)
    f = as_function("f", f, context.shape[0], context.x_labels)
    p, q = context.p_x, context.p_a
    f = f / np.maximum(np.abs(f).max(axis=0), np.finfo(float).tiny)
    centred = f - p @ f
    length = np.sqrt(p @ centred**2)
    if (length <= DEPENDENT).any():
        place = "" if f.ndim == 1 else f"[:, {np.argmax(length <= DEPENDENT)}]"
        raise ValueError(f"f{place} is constant; a task must take different values")
    rho = np.minimum(np.sqrt(q @ context.expect_adjoint(centred) ** 2) / length, 1.0)
    return float(rho) if f.ndim == 1 else rho


def minimax_error(context, d, eps):
    """min_Φ err(Φ; F_ε) = (s₁² − (1 − ε)²) / (s₁² − s_{d+1}²) over encoders of d features.

    The least that the worst (1 − ε)-compatible task can be brought to with d features.
    μ₁ … μ_d reach it; the worst task is then √(1 − e) μ₁ + √e μ_{d+1}, e being the value.
    It is 1, whatever the encoder, for ε above 1 − s_{d+1} and wherever s₁ = s_{d+1}; and 0 if
    X has no more than d non-constant functions.

    ``d`` is at least 1, and ``eps`` in [0, 1] at least 1 − s₁: below that no task is
    (1 − ε)-compatible (ValueError).

    Source: Zhai et al. 2025, arXiv 2505.01557; the range is our derivation.
    """
    as_context(context)
    d, functions, modes = as_count("d", d), context.shape[0] - 1, min(context.shape) - 1
    s = np.zeros(d + 1)
    if modes > 0:
        known = singular_system(context, min(d + 1, modes)).values
        s[: len(known)] = known
    c = _least_compatibility(s[:1] if functions else [], eps)
    return 0.0 if d >= functions else float(minimax_curve(s**2, c)[d])


def worst_case_error(context, encoder, eps):
    """err(Φ; F_ε) = min_{t ≥ 0} λ_max(P_⊥ + t (D − (1 − ε)² I)).

    The largest squared error of the best linear probe on Φ over all unit tasks of mean
    zero with ρ(f) ≥ 1 − ε. P_⊥ projects off the centred features, and D = diag(s_i²), both
    on all functions of mean zero. The minimum over t is the Lagrange dual of that
    maximum, and equal to it.

    The whole singular system is needed: tables of up to a few thousand a side. Of ``encoder``
    (N, d) only the span of the features counts: constant ones, and what of a feature depends
    linearly on the others (to 1e-10 of its size, or the rounding of float32 or float16), are left
    out. ``eps`` is as in `minimax_error`.

    Source: our derivation. Two quadratic forms on a sphere fill a convex set from
    dimension 3 on (Brickman 1961), so that there is no duality gap; in dimension 2 they
    trace an ellipse, whose boundary holds every maximum, and in dimension 1 a point.
    """
    U = _span(context, encoder)[0]
    s, B = _in_modes(context, U)
    c = _least_compatibility(s, eps)
    if B.shape[1] == len(s):  # Φ spans every function
        return 0.0
    if c > s[0] - ROUNDING:  # only the tasks at the very top are left
        top = B[s > s[0] - SAME_VALUE]
        return float(np.clip(np.linalg.eigvalsh(np.eye(len(top)) - top @ top.T)[-1], 0, 1))
    unseen = np.linalg.qr(B, mode="complete")[0][:, B.shape[1] :]
    missed = np.linalg.eigvalsh((unseen.T * s**2) @ unseen)[-1]  # max ρ² of what Φ cannot see
    if missed >= c**2:
        return 1.0
    error = _least_top_eigenvalue(np.eye(len(s)) - B @ B.T, s**2 - c**2, missed - c**2)
    return float(np.clip(error, 0, 1))


def _least_top_eigenvalue(P, m, slope):
    """min_{t ≥ 0} λ_max(P + t diag(m)), where λ_max is 1 at t = 0 and falls there by ``slope``.

    φ(t) = λ_max is convex, and vᵀPv + t vᵀdiag(m)v lies below it for every unit v. Two such
    lines, one falling and one rising, bound the minimum; the line of the eigenvector at their
    crossing then replaces one of them, until φ there is down to the bound.
    """
    falling, rising = (1.0, slope), (P[0, 0], m[0])
    best = 1.0
    for _ in range(200):
        t = (falling[0] - rising[0]) / (rising[1] - falling[1])
        bound = rising[0] + t * rising[1]
        values, vectors = np.linalg.eigh(P + t * np.diag(m))
        best = min(best, values[-1])
        if best - bound <= 1e-12 * (1 + t * np.abs(m).max()):
            break
        steepness = vectors[:, -1] ** 2 @ m
        line = (values[-1] - t * steepness, steepness)
        falling, rising = (line, rising) if steepness < 0 else (falling, line)
    return best


@dataclass(frozen=True, eq=False)
class Ritz:
    """Ordered functions and values of an encoder (see `ritz`)."""

    values: np.ndarray  # (r,) λ₁ ≥ … ≥ λ_r in [0, 1], never above s₁², …, s_r²
    functions: np.ndarray  # (N, r) (encoder − mean) @ weights: of mean zero, orthonormal in L²(P_X)
    weights: np.ndarray  # (d, r)
    mean: np.ndarray  # (d,) E Φ(X)
    columns: list | None = None  # the names of the encoder's features, if it was a DataFrame

    def __repr__(self):
        first = [f"{value:.4f}" for value in self.values[:6]] + ["…"] * (len(self.values) > 6)
        return said(f"Ritz(values=[{', '.join(first)}], {len(self.values)} of {len(self.mean)} "
                    "features)")

    def extend(self, features):
        """The functions at new points, from the encoder's features (n, d) there: (n, r)."""
        features = in_columns("features", features, self.columns, "the encoder")
        features = as_numbers("features", features, f"(n, {len(self.mean)})", empty=True)
        return (features - self.mean) @ self.weights


def ritz(context, encoder):
    """B v = λ C v, largest λ first: what an encoder knows of the singular system.

    C = Cov Φ(X) and B = Cov (T*Φ)(A). λ_i ≤ s_i² always, with equality for i ≤ k as soon as
    the span of Φ holds μ₁ … μ_k, and the functions are then those. Signs and repeated values follow
    the rule of `singular_system`.

    ``encoder`` (N, d) holds any features. With a covariance C of rank r < d (a constant
    feature, or features that depend linearly on others, as in `worst_case_error`) there are r
    functions. Returns a `Ritz`.

    Source: Rayleigh–Ritz; Zhai et al. 2025, arXiv 2505.01557.
    """
    U, weights, mean = _span(context, encoder)
    root_p, root_q = np.sqrt(context.p_x)[:, None], np.sqrt(context.p_a)[:, None]
    pulled = np.linalg.qr(root_q * context.expect_adjoint(U / root_p), mode="r")
    _, size, rotation = np.linalg.svd(pulled, full_matrices=True)
    s = np.zeros(U.shape[1])
    s[: len(size)] = np.minimum(size, 1.0)
    U, weights = settled(U @ rotation.T, s, weights @ rotation.T)
    return Ritz(s**2, U / root_p, weights, mean, columns_of(encoder))


def ratio_trace(context, encoder):
    """RT(Φ) = tr(C⁻¹ B), with C = Cov Φ(X) and B = Cov (T*Φ)(A).

    How much of the context an encoder (N, d) has learned: at most s₁² + … + s_d², and that
    exactly if it spans the d top singular functions. Where C is singular its pseudo-inverse is
    meant: only the span of the features counts, and a collapsed encoder has 0.

    Source: Zhai et al. 2025, arXiv 2505.01557.
    """
    return float(ritz(context, encoder).values.sum())


# -- what they share ---------------------------------------------------------------


def _span(context, encoder):
    """(U, weights, mean) with U = D_p^{1/2} (Φ − mean) weights, its r columns orthonormal."""
    as_context(context)
    eps = rounding_unit(encoder)
    encoder = as_function("encoder", encoder, context.shape[0], context.x_labels)
    if encoder.ndim != 2:
        raise ValueError(f"encoder has shape {encoder.shape}; it must be ({len(encoder)}, d)")
    mean = context.p_x @ encoder
    centred = np.sqrt(context.p_x)[:, None] * (encoder - mean)
    length = np.linalg.norm(centred, axis=0)
    raw = np.sqrt(context.p_x @ encoder**2)
    varies = (length > DEPENDENT * np.abs(encoder).max(axis=0)) & (length > eps * raw)
    unit = np.divide(1, length, where=varies, out=np.zeros_like(length))
    U, size, Vt = np.linalg.svd(centred * unit, full_matrices=False)
    noise = eps * np.linalg.norm(raw[varies] / length[varies])  # as in `alignment`
    most = size.max(initial=0)
    kept = size > max(DEPENDENT * most, min(noise, most / 10))
    return U[:, kept], unit[:, None] * Vt[kept].T / size[kept], mean


def _in_modes(context, U):
    """(s, B): singular values (n,), and U in the coordinates μ₁, μ₂, … (n, r).

    After the modes with s > 0 come as many with s = 0 as U reaches, and one more if X has
    it: the rest of the functions, which neither context nor encoder can tell apart.
    """
    root_p = np.sqrt(context.p_x)[:, None]
    modes, s = np.zeros((len(root_p), 0)), np.zeros(0)
    if min(context.shape) > 1:
        system = singular_system(context)
        modes, s = root_p * system.left[:, : system.rank], system.values[: system.rank]
    inside = modes.T @ U
    outside = np.linalg.svd(U - modes @ inside, full_matrices=False)
    outside = np.vstack([outside[1][:, None] * outside[2], np.zeros((1, U.shape[1]))])
    outside = outside[: len(root_p) - 1 - len(s)]
    return np.r_[s, np.zeros(len(outside))], np.vstack([inside, outside])


def _least_compatibility(s, eps):
    """1 − ε, or an error if no task has that compatibility; ``s`` begins with s₁."""
    c = 1 - as_number("eps", eps, least=0, most=1)
    if len(s) == 0:
        raise ValueError("context has one input; there is no task on it that is not constant")
    if c > s[0] + ROUNDING:
        raise ValueError(f"eps is {eps:g}; it must be at least 1 − s₁ = {1 - s[0]:.6g} here: no "
                         f"task of this context has a compatibility above s₁ = {s[0]:.6g}")
    return c
