"""The other route: what the claims compute from the table itself, without the package.

`table` gives P, p and q, and what follows is written with these. Orthonormal coordinates hold
√p f in the place of a function f of X: there every point weighs as its space weighs it.
"""

import numpy as np

from contexture_lite._checks import as_dense
from contexture_lite.spectrum import singular_system

# -- the table, its spectrum and its operators -----------------------------------------


def table(context):
    """P, p and q as dense arrays, the marginals summed from the table itself."""
    joint = as_dense(context.joint)
    return joint, joint.sum(axis=1), joint.sum(axis=0)


def deflated(context):
    """T without its constant, in orthonormal coordinates: (P − p qᵀ) / √(p qᵀ), (N, M)."""
    P, p, q = table(context)
    expected = np.multiply.outer(p, q)
    return (P - expected) / np.sqrt(expected)


def chi_square(context):
    """χ² of the joint and the product of its marginals, summed over the cells."""
    return np.sum(deflated(context) ** 2)


def squares(context, d=None):
    """s₁² … s_d², by an SVD of the table; all min(N, M) − 1 of them unless d is given."""
    d = min(context.shape) - 1 if d is None else d
    return np.minimum(np.linalg.svd(deflated(context), compute_uv=False)[:d], 1) ** 2


def density_ratio(context):
    """P / (p q), cell by cell: (N, M)."""
    P, p, q = table(context)
    return P / np.multiply.outer(p, q)


def within_rows(P, g):
    """E Var(g(A) | X) under the joint P, cell by cell."""
    return np.sum(P * (g - (P @ g / P.sum(axis=1))[:, None]) ** 2)


def unexplained(context, f):
    """1 − ρ(f)² = E Var(f(X) | A) / Var f(X), by sums over the table."""
    P, p, _ = table(context)
    return within_rows(P.T, f) / (p @ centred(p, f) ** 2)


def views(context):
    """The distribution of two views (A, A⁺) of one input: Σ_x p(x) P(a|x) P(a'|x), (M, M)."""
    P, p, _ = table(context)
    return P.T @ (P / p[:, None])


def view_kernel(context):
    """k_A, the density ratio of two views, (M, M)."""
    q = table(context)[2]
    return views(context) / np.multiply.outer(q, q)


def kernel(context):
    """k_X by sums over the table, (N, N)."""
    P, p, q = table(context)
    rows = P / p[:, None] / np.sqrt(q)
    return rows @ rows.T


def operator(context):
    """T T* in orthonormal coordinates, by sums over the table: √p k_X √p, (N, N)."""
    P, p, q = table(context)
    matrix = P / np.sqrt(np.multiply.outer(p, q))
    return matrix @ matrix.T


def package_operator(context):
    """The package's T T*, to compare with: √p k_X √p from its kernel, (N, N)."""
    root = np.sqrt(context.p_x)
    return root[:, None] * as_dense(context.dual_kernel()) * root


def largest_excess(smaller, larger):
    """The largest eigenvalue of the difference: at most 0 if smaller ⪯ larger."""
    return np.linalg.eigvalsh(smaller - larger)[-1]


def padded(values, length):
    """The values, followed by the zeros of the modes that are no longer there."""
    return np.r_[values, np.zeros(length)][:length]


def values(context, length=None):
    """s₁, s₂, … by an SVD of the table, as many as asked for, or min(N, M) − 1."""
    return padded(np.sqrt(squares(context)), min(context.shape) - 1 if length is None else length)


def package_values(context, length=None):
    """The package's s₁, s₂, …, to compare with, as many as asked for, or min(N, M) − 1."""
    found = singular_system(context).values if min(context.shape) > 1 else np.zeros(0)
    return found if length is None else padded(found, length)


# -- functions and encoders ------------------------------------------------------------


def centred(weights, f):
    """The features less their mean: f − E f."""
    return f - weights @ f


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


def gram(weights, f, g=None):
    """⟨f_i, g_j⟩ = E f_i g_j of functions in columns, (k, l); f with itself unless g is given."""
    return f.T @ (weights[:, None] * (f if g is None else g))


def pulled_back(context, phi):
    """T*Φ: the mean of Φ over the inputs of every context value, column by column."""
    P, _, q = table(context)
    return (P.T @ phi) / q[:, None]


def second_tower(context, phi):
    """The Ψ with which ⟨Φ(x), Ψ(a)⟩ is nearest to P / (p q) − 1, by weighted least squares."""
    root = np.sqrt(table(context)[1])[:, None]
    return np.linalg.lstsq(root * phi, root * (density_ratio(context) - 1), rcond=None)[0].T


def moments(context, phi):
    """C = Cov Φ(X) and B = Cov (T*Φ)(A), by sums over the table."""
    _, p, q = table(context)
    phi = centred(p, phi)
    return gram(p, phi), gram(q, pulled_back(context, phi))


def fitted(weights, features, targets):
    """The best linear head with a bias, at every point: weighted least squares, (N,) or (N, k)."""
    root = np.sqrt(weights)
    design = np.c_[np.ones(len(features)), features]
    head = np.linalg.lstsq(root[:, None] * design, (root * targets.T).T, rcond=None)[0]
    return design @ head


def probe_errors(context, phi, tasks):
    """‖f − best linear probe on Φ‖² for a task f, (N,), or for k of them, (N, k)."""
    p = table(context)[1]
    return p @ (tasks - fitted(p, phi, tasks)) ** 2


def completed(weights, known=()):
    """All n − 1 orthonormal functions of mean zero, the known ones first."""
    root = np.sqrt(weights)[:, None]
    known = np.reshape(known, (len(weights), -1))
    basis = np.linalg.qr(root * np.c_[np.ones(len(weights)), known], mode="complete")[0]
    return np.c_[known, basis[:, known.shape[1] + 1 :] / root]


def top_modes(context, d):
    """sᵢ, μᵢ and νᵢ of the top d modes; where sᵢ = 0, any functions orthogonal to the others."""
    system = singular_system(context, d)
    left = completed(np.asarray(context.p_x), system.left[:, : system.rank])
    right = completed(np.asarray(context.p_a), system.right[:, : system.rank])
    return system.values, left[:, :d], right[:, :d]


def view_modes(context):
    """λᵢ = sᵢ² and νᵢ, (M − 1,) and (M, M − 1); where no mode reaches, λ = 0."""
    system, q = singular_system(context), table(context)[2]
    found = completed(q, system.right[:, : system.rank])
    return padded(system.values[: system.rank] ** 2, len(q) - 1), found


def top_functions(context, count):
    """μ₁ … μ_count, up to N − 1 of them: completed to an orthonormal family where s = 0."""
    system = singular_system(context)
    return completed(np.asarray(context.p_x), system.left[:, : system.rank])[:, :count]


def rotation(d, rng):
    """A random orthogonal d × d matrix."""
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


def rotated(phi, rng):
    """Φ O + c, with a random rotation O and a random c."""
    d = phi.shape[1]
    return phi @ rotation(d, rng) + rng.standard_normal(d)


def mixing(d, rng):
    """A random d × d matrix of condition number at most 3."""
    return (rotation(d, rng) * rng.uniform(1, 3, d)) @ rotation(d, rng)


def remixed(phi, rng):
    """Φ G + c, with a random G of condition number at most 3 and a random c."""
    d = phi.shape[1]
    return phi @ mixing(d, rng) + rng.standard_normal(d)
