"""Two linear towers: one SVD, what noise shows in it, and the gap between the two sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    row_by_row,
)
from contexture_lite._text import said
from contexture_lite.alignment import unit_rows

FLAT = 1e-12  # a variance that is smaller is none, beside the largest


@dataclass(frozen=True, eq=False)
class LinearTowers:
    """Two linear maps into one space, x ↦ (x − E x) W and a ↦ (a − E a) V.

    Attributes
    ----------
    values : (d,) array
        ρ₁ ≥ … ≥ ρ_d: canonical correlations, less what the ridge takes.
    x_mean, a_mean, x_map, a_map : arrays
        The means, W (features of x, d) and V (features of a, d).
    columns : tuple
        Names of the features of x and of a, None where they have none.
    """

    values: np.ndarray
    x_mean: np.ndarray
    a_mean: np.ndarray
    x_map: np.ndarray
    a_map: np.ndarray
    columns: tuple

    def __repr__(self):
        first = [f"{rho:.3f}" for rho in self.values[:4]] + ["…"] * (len(self.values) > 4)
        return said(f"LinearTowers(values=[{', '.join(first)}], d={len(self.values)})")

    def of_x(self, X):
        """Where the inputs lie in the shared space: (n, d)."""
        return self._image("X", X, self.columns[0], self.x_mean, self.x_map)

    def of_a(self, A):
        """Where the context values lie in the shared space: (m, d)."""
        return self._image("A", A, self.columns[1], self.a_mean, self.a_map)

    def scores(self, X, A):
        """Cosines of all x with all a, (n, m)."""
        return unit_rows(self.of_x(X)) @ unit_rows(self.of_a(A)).T

    def _image(self, name, values, columns, mean, towards):
        values = as_numbers(name, in_columns(name, values, columns, "the towers"), "(n, features)")
        if values.shape[1] != len(mean):
            raise ValueError(f"{name} has {values.shape[1]} features; the towers were made from "
                             f"{len(mean)}")
        return (values - mean) @ towards


def linear_towers(X, A, d, *, ridge=0.0, weights=None):
    """The linear towers with the least −2 E⟨Φ, Ψ⟩ + E_{p×q}⟨Φ, Ψ⟩²: one SVD, no training.

    W Vᵀ = C_X^{−½} U_d diag(ρ) V_dᵀ C_A^{−½} with U diag(ρ) Vᵀ = svd(C_X^{−½} C_XA C_A^{−½}); the
    least value is −Σ_{i≤d} ρ_i². Only that product is determined: W ↦ W R, V ↦ V R^{−ᵀ} costs
    nothing and changes every cosine. These are balanced, √ρ_i on either side.

    Parameters
    ----------
    X, A : (n, features) arrays
        Row i of the one belongs to row i of the other.
    d : int
        Dimension of the shared space.
    ridge : float
        Added to every variance, in units of the mean variance of its side.
    weights : (n,) array or None
        Probabilities of the pairs; equal by default.
    """
    columns = columns_of(X), columns_of(A)
    X, A, weights = row_by_row(X=X, A=A, weights=weights)
    X, ridge = as_numbers("X", X, "(n, features)"), as_number("ridge", ridge, least=0)
    A = as_numbers("A", A, f"({len(X)}, features)")
    p = as_distribution("weights", np.ones(len(X)) if weights is None else weights, len(X))
    x_mean, a_mean = p @ X, p @ A
    X, A = X - x_mean, A - a_mean
    white_x, white_a = (_whitening(side.T @ (p[:, None] * side), ridge) for side in (X, A))
    U, rho, Vt = np.linalg.svd(white_x.T @ (X.T @ (p[:, None] * A)) @ white_a, full_matrices=False)
    if as_count("d", d) > len(rho):
        raise ValueError(f"d is {d}; X and A have {len(rho)} pairs of directions that vary")
    root = np.sqrt(rho[:d])
    x_map, a_map = white_x @ U[:, :d] * root, white_a @ Vt[:d].T * root
    sign = np.where(x_map[np.abs(x_map).argmax(axis=0), np.arange(d)] < 0, -1.0, 1.0)
    return LinearTowers(rho[:d], x_mean, a_mean, x_map * sign, a_map * sign, columns)


def _whitening(C, ridge):
    """B with Bᵀ (C + ridge) B = I on the directions that vary, (features, directions)."""
    variances, axes = np.linalg.eigh(C)
    there = variances > FLAT * max(variances[-1], 0)
    return axes[:, there] / np.sqrt(variances[there] + ridge * np.trace(C) / len(C))


def noise_edge(n, d_x, d_a):
    """√(c₁(1 − c₂)) + √(c₂(1 − c₁)), c_i = d_i / n: the largest correlation of n unrelated pairs.

    For Gaussian features without any association, d_x and d_a of them, as n grows; 1 where
    d_x + d_a ≥ n. What a training spectrum shows below it may be noise. Wachter 1980.
    """
    n, d_x, d_a = as_count("n", n), as_count("d_x", d_x), as_count("d_a", d_a)
    if d_x + d_a >= n:
        return 1.0
    c, e = d_x / n, d_a / n
    return float(np.sqrt(c * (1 - e)) + np.sqrt(e * (1 - c)))


def with_modality_gap(phi, psi, gamma):
    """(√(1 − γ²) φ, γ) and (√(1 − γ²) ψ, −γ): the same InfoNCE loss at temperature (1 − γ²)T.

    Cross-modal rankings stay, too. For unit vectors φ (n, d) and ψ (m, d) and γ in [0, 1); they
    stay unit vectors. Returns the two tables, one column wider.
    """
    gamma, columns = as_number("gamma", gamma, least=0, below=1), columns_of(phi)
    phi = as_numbers("phi", phi, "(n, d)")
    psi = as_numbers("psi", in_columns("psi", psi, columns, "phi"), f"(m, {phi.shape[1]})")
    return tuple(np.c_[np.sqrt(1 - gamma**2) * rows, np.full(len(rows), side)]
                 for rows, side in ((phi, gamma), (psi, -gamma)))
