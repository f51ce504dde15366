"""Spectrally transformed kernels: another s(λ) on the same functions of a context.

With λ_i = s_i² and μ_i of the context, K_s(x, x') = Σ_{i≥1} s(λ_i) μ_i(x) μ_i(x'). The
context says which functions are smooth; the transform says how much smoothness counts.
(Zhai, Pukdee, Jin, Balcan, Ravikumar 2024, arXiv 2402.00645.)
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_dense,
    as_number,
    as_numbers,
    as_positions,
    row_by_row,
)
from contexture_lite.contexts import as_context
from contexture_lite.spectrum import singular_system


def truncation(d):
    """s(λ_i) = λ_i for i ≤ d, 0 beyond: kernel principal components, ``d`` of them."""
    d = as_count("d", d, least=0)
    return lambda eigenvalues: np.where(np.arange(len(eigenvalues)) < d, eigenvalues, 0.0)


def inverse_laplacian(eta):
    """s(λ) = λ / (1 − η λ) = Σ_{p≥1} η^{p−1} λ^p, for 0 ≤ η < 1; η = 0 is the plain kernel."""
    eta = as_number("eta", eta, least=0, below=1)
    return lambda eigenvalues: eigenvalues / (1 - eta * eigenvalues)


def transformed_ridge(context, labelled, y, penalty, transform):
    """f̂ = v(·)ᵀ α + c with (G + n β I) α + c 1 = y and Σ α = 0: kernel ridge with K_s.

    G is K_s among the n labelled inputs, v(x) is K_s between x and them, β the penalty.
    The same as least squares on the features √s(λ_i) μ_i with β ‖w‖² added to the mean
    square; the constant c costs nothing, as everywhere in a linear probe.

    The context has N inputs, labelled or not: λ and μ are those of all of them. ``labelled``
    (n,) are the positions of the labelled ones, where one may come more than once, and ``y``
    (n,) their labels, numbers; β > 0. ``transform`` takes λ₁ ≥ λ₂ ≥ … (an array) to s(λ_i) ≥ 0:
    `truncation`, `inverse_laplacian`, or any other. Returns f̂ at every input, (N,).
    """
    as_context(context)
    labelled, y = row_by_row(labelled=labelled, y=y)
    labelled = as_positions("labelled", labelled, context.shape[0])
    y = as_numbers("y", y, f"({max(1, len(labelled))},)")
    penalty = as_number("penalty", penalty, above=0)
    kernel = _transformed_kernel(context, labelled, transform)
    values, vectors = np.linalg.eigh(kernel[labelled])
    # (G + n β I)⁻¹ of y and of 1; by eigenvectors, so that no β is too small to be added
    weights = np.maximum(values, 0) + len(y) * penalty
    of_y, of_one = (vectors @ (vectors.T @ v / weights) for v in (y, np.ones(len(y))))
    constant = of_y.sum() / of_one.sum()
    return kernel @ (of_y - constant * of_one) + constant


def repeated_averaging(context, eta, steps):
    """Σ_{p=1}^{steps} η^{p−1} K^p, K = T T* without its constant: `inverse_laplacian`'s kernel.

    No spectrum is needed: K₁ = k_X − 1, then K_{j+1} = k_X − 1 + η T T* K_j, and T T* is to
    average over the context and back. What is missing after ``steps`` of them is at most
    the share η^steps of the whole. Returns an (N, N) array of values at pairs of inputs.
    """
    as_context(context)
    eta, steps = as_number("eta", eta, least=0, below=1), as_count("steps", steps)
    kernel = as_dense(context.dual_kernel()) - 1
    total = kernel
    for _ in range(steps - 1):
        total = kernel + eta * context.expect(context.expect_adjoint(total))
    return total


def _transformed_kernel(context, columns, transform):
    """K_s between every input and those in ``columns``: (N, n)."""
    if not callable(transform):
        raise TypeError(f"transform is {transform!r}; it must be a function of the eigenvalues "
                        "such as truncation(3)")
    if min(context.shape) == 1:  # there is nothing but the constant
        return np.zeros((context.shape[0], len(columns)))
    system = singular_system(context)
    scale = as_numbers("transform(eigenvalues)", transform(system.values**2),
                       f"({len(system.values)},)", least=0)
    return (system.left * scale) @ system.left[columns].T
