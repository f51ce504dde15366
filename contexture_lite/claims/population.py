"""Losses as the course writes them: sums over all pairs of points, never over moments.

Every loss takes the law of a pair as a table (n, m) that sums to 1: the joint itself for
(X, A), `views` for two views of one input, a symmetric joint for the edges of a graph.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from contexture_lite._checks import as_function
from contexture_lite.claims.machinery import table
from contexture_lite.claims.spectrum import dimension
from contexture_lite.spectrum import singular_system

# -- laws and losses ---------------------------------------------------------------


def views(context):
    """Law of two views (A, A⁺) of one input: Σ_x p(x) P(a|x) P(a'|x), (M, M)."""
    P, p, _ = table(context)
    return P.T @ (P / p[:, None])


def marginals(law):
    """Probabilities of the first and of the second member of the pair."""
    return law.sum(axis=1), law.sum(axis=0)


def centred(weights, f):
    """The features less their mean: f − E f."""
    return f - weights @ f


def squared_distance(law, f, g):
    """E ‖f − g‖² over the pairs of the law."""
    return np.sum(law * cdist(f, g, "sqeuclidean"))


def spectral_contrastive(law, f, g):
    """−E⟨f̃, g̃⟩ over pairs + ½ E⟨f̃, g̃⟩² over independent draws."""
    p, q = marginals(law)
    products = centred(p, f) @ centred(q, g).T
    return -np.sum(law * products) + p @ products**2 @ q / 2


def low_rank(law, f, g):
    """−2 E⟨f, g⟩ over pairs + E⟨f, g⟩² over independent draws, not centred."""
    p, q = marginals(law)
    products = f @ g.T
    return -2 * np.sum(law * products) + p @ products**2 @ q


def info_nce(law, critic):
    """−E f(x, a) over pairs + E_x log E_a e^f over independent a, for a critic f (n, m)."""
    p, q = marginals(law)
    met = law > 0
    return -np.sum(law[met] * critic[met]) + p @ logsumexp(critic, axis=1, b=q)


def correlations(law, f, g):
    """R_ij = corr(f_i, g_j) over the pairs of the law."""
    p, q = marginals(law)
    f, g = centred(p, f), centred(q, g)
    return f.T @ law @ g / np.sqrt(np.multiply.outer(p @ f**2, q @ g**2))


def barlow_twins(law, f, redundancy):
    """Σ_i (1 − R_ii)² + λ Σ_{i≠j} R_ij²."""
    R = correlations(law, f, f)
    own = np.diag(R)
    return np.sum((1 - own) ** 2) + redundancy * (np.sum(R**2) - np.sum(own**2))


# -- encoders ----------------------------------------------------------------------


def turn(d, seed):
    """A random orthogonal d × d matrix."""
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def mix(d, seed):
    """A random d × d matrix of condition number at most 3."""
    stretch = np.random.default_rng(seed).uniform(1, 3, d)
    return (turn(d, seed + 1) * stretch) @ turn(d, seed + 2)


def shift(d, seed):
    """A random constant to add to d features."""
    return np.random.default_rng(seed).standard_normal(d)


def whitened(weights, f):
    """Features of the same span with mean zero and covariance I; dependent ones are refused."""
    root = np.sqrt(weights)[:, None]
    basis, mixing = np.linalg.qr(root * centred(weights, f))
    size = np.abs(np.diag(mixing))
    if size.min() <= 1e-12 * np.abs(mixing).max():
        raise ValueError(
            f"encoder has {len(size)} features that cannot be whitened; they must be linearly "
            "independent, and not constant"
        )
    return basis / root


def fitted(weights, features, targets):
    """The best linear head with a bias: weighted least squares, its values at every point."""
    root = np.sqrt(weights)[:, None]
    design = np.c_[np.ones(len(features)), features]
    return design @ np.linalg.lstsq(root * design, root * targets, rcond=None)[0]


def top(context, d):
    """sᵢ, μᵢ and νᵢ of the top d modes; where sᵢ = 0, any functions orthogonal to the others."""
    system = singular_system(context, d)
    p, q = np.asarray(context.p_x), np.asarray(context.p_a)
    return (system.values, _filled(p, system.left, system.rank),
            _filled(q, system.right, system.rank))


def _filled(weights, functions, rank):
    if rank == functions.shape[1]:
        return functions
    return completed_basis(weights, functions, rank)[:, : functions.shape[1]]


def completed_basis(weights, functions, rank):
    """All n − 1 functions of mean zero: the first ``rank`` of these, then orthonormal others."""
    root = np.sqrt(weights)[:, None]
    known = root * np.c_[np.ones(len(weights)), functions[:, :rank]]
    others = np.linalg.qr(known, mode="complete")[0][:, rank + 1 :]
    return np.c_[functions[:, :rank], others / root]


def label_modes(context):
    """Eigenvalues κᵢ and eigenfunctions of ⟨m̃(x), m̃(x')⟩, m(x) = P(·|x), from the modes.

    m − E m = Σ sᵢ μᵢ(x) yᵢ with yᵢ(a) = q(a) νᵢ(a): an SVD of the rows sᵢ yᵢ turns the μᵢ.
    """
    system = singular_system(context)
    rows = system.values[:, None] * system.right.T * np.asarray(context.p_a)
    turned, roots, _ = np.linalg.svd(rows, full_matrices=False)
    return roots**2, system.left @ turned


def walk_modes(context):
    """Eigenvalues λᵢ and eigenfunctions of a reversible walk, from its modes: (N − 1), signed.

    In the basis of the μᵢ the walk is sᵢ⟨νᵢ, μⱼ⟩.
    """
    s, mu, nu = top(context, context.shape[0] - 1)
    walk = s[:, None] * (nu.T @ (np.asarray(context.p_x)[:, None] * mu))
    values, turned = np.linalg.eigh((walk + walk.T) / 2)
    return values[::-1], mu @ turned[:, ::-1]


def encoder_on(context, side, d, encoder, seed):
    """The reader's encoder of inputs ("x") or context values ("a"), or a random one."""
    size = context.shape["xa".index(side)]
    if encoder is None:
        return np.random.default_rng(seed).standard_normal((size, dimension(context, d)))
    encoder = as_function("encoder", encoder, size)
    if encoder.ndim != 2:
        raise ValueError(f"encoder has shape {encoder.shape}; it must be ({size}, d)")
    count, modes = encoder.shape[1], min(context.shape) - 1
    if d is not None and d != count:
        raise ValueError(f"d is {d}, but encoder has {count} features")
    if not 1 <= count <= modes:
        raise ValueError(f"encoder has {count} features; it must have 1 to {modes} here")
    return encoder
