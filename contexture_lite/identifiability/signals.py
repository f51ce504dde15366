"""Two answers beyond one context: many tasks on one projection, and an almost linear mixing."""

from __future__ import annotations

from math import gamma, sqrt

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_numbers,
    columns_of,
    in_columns,
    index_of,
    refuse_cells,
    row_by_row,
)

GAUSSIAN = 1e-9  # a kurtosis this small is none


def first_step(X, labels, neurons):
    """The first gradient of a two-layer ReLU network with one head a task, heads at their best.

    The loss −y f(x) with a ridge on the heads has the best heads ∝ a_t(w) = mean_i y_ti σ(w·x_i),
    and what is left is −Σ_w q(w), q(w) = mean_t a_t(w)², with
    ∇q(w) = (2/T) Σ_t a_t(w) mean_i y_ti 1[w·x_i > 0] x_i. For half-spaces y = sign(v_t·Mᵀx) of
    standard normal x this tends to (1/πT) Σ_t M v_t v_tᵀ Mᵀ w: a step moves a neuron inside the
    span of M only.

    ``X`` (n, d), ``labels`` (n, T) of ±1, ``neurons`` (k, d), the first layer. Returns (k, d): what
    is left of the layer after one step if weight decay cancels where it started.
    Source: the setting of Collins et al. 2024 (arXiv 2307.06887); the closed form is ours.
    """
    names = columns_of(X)
    X, labels = row_by_row(X=X, labels=labels)
    X = as_numbers("X", X, "(n, d)")
    labels = as_numbers("labels", labels, f"({len(X)}, T)")
    neurons = as_numbers("neurons", in_columns("neurons", neurons, names, "X"),
                         f"(k, {X.shape[1]})")
    refuse_cells("labels", labels, lambda v: np.abs(v) != 1, "labels are −1 or 1")
    inside = X @ neurons.T
    heads = labels.T @ np.maximum(inside, 0) / len(X)
    return 2 * ((labels @ heads) * (inside > 0)).T @ X / (len(X) * labels.shape[1])


def task_ceiling(d, n, r):
    """Mean cos² between the learned and the true r directions of d, as the tasks become many.

    All tasks are half-spaces and label the same n standard normal inputs:
    (1 + (d/n) r / (E‖z‖)²)⁻¹ with z standard normal in r dimensions. More tasks do not raise it,
    only more inputs. To first order; our derivation.
    """
    d, n, r = as_count("d", d), as_count("n", n), as_count("r", r)
    if r > min(d, 300):
        raise ValueError(f"r is {r}; it must be at most d = {d}, and 300")
    length = sqrt(2) * gamma((r + 1) / 2) / gamma(r / 2)
    return 1 / (1 + d / n * r / length**2)


def robust_slope(sources, bend, mixing, weights=None):
    """Of x = A s + δ h(s), what ICA makes of A: W A = I + δ (−K + Θ) + O(δ²). Returns (−K, Θ).

    For sources s of mean 0 and variance 1, independent under ``weights``, and the contrast
    Σ κ₄(y_i)²: with k = A⁻¹h centred, K_ij = E k_i s_j is the linear part of h, no mistake of ICA;
    of the rest r = k − K s, with κ_i the excess kurtosis of s_i and
    R_ij = 3 E r_i s_i² s_j + E s_i³ r_j, comes Θ_ij = (κ_i R_ij − κ_j R_ji) / (κ_i² + κ_j²).

    ``sources`` and ``bend``, s and h(s), are (n, m), ``mixing`` A is (m, m).
    Source: our derivation, for the setting of Buchholz and Schölkopf 2024 (arXiv 2503.15355).
    """
    s, p = _sources(sources, weights)
    h = as_numbers("bend", row_by_row(sources=sources, bend=bend)[1], f"{s.shape}")
    m = s.shape[1]
    A = as_numbers("mixing", mixing, f"({m}, {m})")
    if np.linalg.matrix_rank(A) < m:
        raise ValueError("mixing is singular; no unmixing could undo it")
    k = (h - p @ h) @ np.linalg.inv(A).T
    K = k.T @ (p[:, None] * s)
    r, kappa = k - s @ K.T, p @ s**4 - 3
    R = 3 * (r * s**2).T @ (p[:, None] * s) + (s**3).T @ (p[:, None] * r)
    size = np.add.outer(kappa**2, kappa**2)
    if (size <= GAUSSIAN).any():
        raise ValueError("sources has two columns of kurtosis 0; ICA cannot tell them apart")
    rotation = kappa[:, None] * R
    return -K, (rotation - rotation.T) / size


def sampling_floor(sources, n, weights=None):
    """Variance of (W A)₁₂ at δ = 0 when ICA sees n samples of two sources: v / n, first order.

    v = Var[(κ₁(s₁³s₂ − a₁s₁s₂ − m₁s₂) − κ₂(s₂³s₁ − a₂s₁s₂ − m₂s₁)) / (κ₁² + κ₂²) − ½ s₁s₂] with
    a_i = (E s_i⁴ + 3)/2 and m_i = E s_i³, for the contrast of `robust_slope`. Our derivation.
    """
    s, p = _sources(sources, weights)
    if s.shape[1] != 2:
        raise ValueError(f"sources has shape {s.shape}; it must be (k, 2), two sources")
    third, fourth, n = p @ s**3, p @ s**4, as_count("n", n)
    kappa = fourth - 3
    if (kappa**2).sum() <= GAUSSIAN:
        raise ValueError("sources has two columns of kurtosis 0; ICA cannot tell them apart")
    swapped, both = s[:, ::-1], s.prod(axis=1)
    parts = s**3 * swapped - (fourth + 3) / 2 * both[:, None] - third * swapped
    psi = parts @ (kappa * [1, -1]) / (kappa**2).sum() - both / 2
    return float((p @ psi**2 - (p @ psi) ** 2) / n)


def _sources(sources, weights):
    s = as_numbers("sources", sources, "(n, m)")
    p = as_distribution("weights", np.ones(len(s)) if weights is None else weights, len(s),
                        index_of(sources))
    if max(np.abs(p @ s).max(), np.abs(p @ s**2 - 1).max()) > 1e-6:
        raise ValueError("sources must have mean 0 and variance 1 in every column; standardise "
                         "them, and put the scales into the mixing")
    return s, p
