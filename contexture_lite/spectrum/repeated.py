"""Repeated singular values: of their functions only the span has a meaning, so a basis is chosen.

One rule for signs and bases (`settled`) makes every solver give the same functions;
`rotation_towards` turns them towards others instead.
"""

from __future__ import annotations

import numpy as np

SAME_VALUE = 1e-10  # singular values closer than this count as one repeated value
TIE = 1e-4  # shares of the largest; iterative solvers know functions to 1e-5 where values crowd


def repeated(values, tol):
    """Index arrays of the runs of values whose neighbours differ by at most ``tol``."""
    return np.split(np.arange(len(values)), 1 + np.flatnonzero(-np.diff(values) > tol))


def rotation_towards(target, functions, p, groups):
    """The orthogonal R, mixing inside groups only, with the least Σ_x p(x) ‖(f R − target)(x)‖².

    For each group R = U Vᵀ of the SVD of E[f targetᵀ] (Procrustes). ``functions`` f and
    ``target`` are (N, k); ``groups`` index arrays, of which places beyond k are left out.
    """
    k = functions.shape[1]
    R = np.zeros((k, k))
    for group in groups:
        inside = group[group < k]
        overlap = (functions[:, inside] * p[:, None]).T @ target[:, inside]
        U, _, Vt = np.linalg.svd(overlap)
        R[np.ix_(inside, inside)] = U @ Vt
    return R


def settled(u, s, v):
    """Orthonormal coordinates by the rule for signs and repeated values of `singular_system`."""
    left, right = np.array(u, order="C"), np.array(v, order="C")
    for group in repeated(s, SAME_VALUE):
        if group.size > 1:
            R = _pivoted_basis(u[:, group])
            left[:, group], right[:, group] = u[:, group] @ R, v[:, group] @ R
    size = np.abs(left)
    first = np.argmax(size >= (1 - TIE) * size.max(axis=0, initial=0), axis=0)
    signs = np.sign(left[first, np.arange(len(s))])
    left *= signs
    right *= signs
    return left, right


def _pivoted_basis(u):
    """The orthogonal matrix that takes u to a basis depending on its span only.

    Column after column: project every input's indicator on what is left of the span,
    and keep the direction of the longest projection.
    """
    R, left_over = np.zeros((u.shape[1], u.shape[1])), np.einsum("ij,ij->i", u, u)
    for j in range(u.shape[1]):
        direction = u[np.argmax(left_over >= (1 - TIE) * left_over.max())]
        for _ in range(2):
            direction = direction - R[:, :j] @ (R[:, :j].T @ direction)
        R[:, j] = direction / np.linalg.norm(direction)
        left_over -= (u @ R[:, j]) ** 2
    return R
