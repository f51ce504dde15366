"""Exact minima and minimisers of the objectives, over unrestricted encoders in the population.

Everything is read off the singular system, an eigensystem or the conditional mean of the
context: no optimiser is used, so that one can be tested against it.
Zhai et al. 2025, arXiv 2505.01557; our derivation for the penalised covariance.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_dense
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

SAME = 1e-8  # values closer than this are one repeated value, values below it are 0


# -- the singular system ----------------------------------------------------------


def singular_values(context, d):
    """s₁ … s_d, with zeros beyond the last."""
    return system(context, d)[0]


def minus_squares(context, d):
    """−Σ_{i≤d} s_i²."""
    return -float((singular_values(context, d) ** 2).sum())


def system(context, d):
    """(s, μ, ν): (d,), (N, d) and (M, d); zeros beyond the rank."""
    full = singular_system(context)
    k = min(d, full.rank)
    return tuple(np.pad(part[..., :k], [(0, 0)] * (part.ndim - 1) + [(0, d - k)])
                 for part in (full.values, full.left, full.right))


def whitened(context, d, side):
    """The first d singular functions of one ``side``, "x" or "a", as orthonormal functions.

    Beyond the rank any orthonormal functions of mean zero will do; if there are not
    enough of them the d features cannot be whitened, a ValueError.
    """
    _, mu, nu = system(context, d)
    functions, p = (mu, context.p_x) if side == "x" else (nu, context.p_a)
    if d > len(p) - 1:
        raise ValueError(
            f"d is {d}; only {len(p) - 1} whitened features exist on {len(p)} points"
        )
    root = np.sqrt(p)[:, None]
    known = functions[:, functions.any(axis=0)]
    k = 1 + known.shape[1]
    others = np.linalg.qr(np.hstack([root, known * root]), mode="complete")[0][:, k:]
    return np.hstack([known, others[:, : d + 1 - k] / root])


def contexture(context, d):
    """μ₁ … μ_d, (N, d′): without those of value 0, and with all that share the value s_d."""
    if d == 0:
        return np.empty((context.shape[0], 0))
    full = singular_system(context)
    return top(full.values, full.left, d)


def top(values, functions, d):
    """The functions whose value is at least the d-th largest, none whose value is 0."""
    last = values[min(d, len(values)) - 1] if len(values) else 0.0
    return functions[:, : np.count_nonzero(values >= max(last - SAME, SAME))]


def surviving(context, d, strength):
    """Variances (1 − (1 − s_i²)/λ)₊ that a penalty of ``strength`` λ leaves to the modes."""
    return np.maximum(1 - (1 - singular_values(context, d) ** 2) / strength, 0)


def penalised_minimum(context, d, strength):
    """Σ_{i≤d} h(1 − s_i²), h(u) = 2u − u²/λ below λ and λ above."""
    u = np.minimum(1 - singular_values(context, d) ** 2, strength)
    return float((2 * u - u**2 / strength).sum())


# -- regression: supervised and denoising objectives ------------------------------


def conditional_mean(context, targets, given):
    """(m, weights, noise): E[U | given], its distribution, and E‖U − E[U | given]‖².

    ``given`` is "x" for targets of A, (M, k), and "a" for targets of X, (N, k).
    """
    p, q = context.p_x, context.p_a
    if given == "x":
        mean, own, other = context.expect(targets), p, q
    else:
        mean, own, other = context.expect_adjoint(targets), q, p
    return mean, own, float(other @ (targets**2).sum(1) - own @ (mean**2).sum(1))


def principal_components(mean, weights):
    """(κ, scores, axes) of values m (n, k): m − E m = scores @ axes, κ the scores' variances."""
    root = np.sqrt(weights)[:, None]
    u, sigma, axes = np.linalg.svd((mean - weights @ mean) * root, full_matrices=False)
    return sigma**2, u * sigma / root, axes


def regression_minimum(context, targets, given, d):
    """E‖U − m‖² + Σ_{i>d} κ_i."""
    mean, weights, noise = conditional_mean(context, targets, given)
    return float(noise + principal_components(mean, weights)[0][d:].sum())


def best_prediction(context, targets, given, d):
    """The best linear head on the best d features: E m plus the first d components of m."""
    mean, weights, _ = conditional_mean(context, targets, given)
    _, scores, axes = principal_components(mean, weights)
    return weights @ mean + scores[:, :d] @ axes[:d]


def regression_span(context, targets, given, d):
    """Functions of ``given``: the top d components of m, and all that share the d-th value."""
    kappa, scores, _ = principal_components(*conditional_mean(context, targets, given)[:2])
    return top(kappa, scores, d)


def hidden_tokens(context):
    """(cells, U): what a masked string hides, as a function of the pair (x, a).

    ``cells`` is the context whose inputs are the pairs (x, a) that occur. U has a
    coordinate for each position and token: 1[x_j = t] − Pr(x_j = t) where a hides
    position j, 0 where it shows it. Labels as those of `gallery.masked_tokens` are
    needed, where "·" stands for a hidden token; else a ValueError.
    """
    import scipy.sparse as sp

    strings, masked = (_tokens(labels) for labels in (context.x_labels, context.a_labels))
    joint = sp.coo_array(context.joint)
    if (strings is None or masked is None or strings.shape[1] != masked.shape[1]
            or "·" not in masked):
        raise ValueError(
            "context has no labels with hidden tokens; masked reconstruction needs strings of "
            "one length for inputs and for context values, and in some of the latter '·' for a "
            "hidden token, as gallery.masked_tokens has them"
        )
    x, a = joint.coords
    count = joint.data.size
    cells = Context(sp.csr_array((joint.data, (np.arange(count), a)), (count, context.shape[1])))
    one_hot = strings[:, :, None] == np.unique(strings)
    centred = one_hot - np.tensordot(context.p_x, one_hot, 1)
    hidden = (masked == "·")[a]
    return cells, (centred[x] * hidden[:, :, None]).reshape(count, -1)


def _tokens(labels):
    """Labels as an array of tokens (n, length); None if they are not strings of one length."""
    if labels is None or not all(isinstance(label, str) for label in labels):
        return None
    spaced = any(" " in label for label in labels)
    rows = [label.split(" ") if spaced else list(label) for label in labels]
    return np.array(rows) if len({len(row) for row in rows}) == 1 else None


# -- eigensystems: graphs and kernels ---------------------------------------------


def eigensystem(matrix, p):
    """Eigenvalues, largest first, and functions of an operator on mean-zero functions.

    ``matrix`` is symmetric, in orthonormal coordinates of L²(p). The n − 1 functions are
    orthonormal there. Values keep their sign.
    """
    root = np.sqrt(p)
    keep = np.eye(len(p)) - np.outer(root, root)
    matrix = keep @ matrix @ keep
    apart = 1 + np.linalg.norm(matrix)  # puts the constant below all others
    values, vectors = np.linalg.eigh(matrix - apart * np.outer(root, root))
    return values[:0:-1], vectors[:, :0:-1] / root[:, None]


def walk(context):
    """Signed eigensystem of the walk on a graph, the symmetric joint as its edge weights."""
    refuse_directed(context)
    return eigensystem(as_dense(context.matrix()), context.p_x)


def refuse_directed(context):
    """A ValueError unless the joint is square and symmetric: the edges of a graph."""
    n, m = context.shape
    if n != m:
        raise ValueError(f"context is {n}×{m}; a graph needs a square joint, points × points")
    gap = as_dense(abs(context.joint - context.joint.T))
    if gap.max() > 1e-12:
        i, j = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
        raise ValueError(
            f"context is not symmetric: joint[{i}, {j}] and joint[{j}, {i}] differ by "
            f"{gap.max():.3g}; edges of a graph have no direction"
        )


def leading(system, d, whole=False):
    """The first d eigenfunctions; if ``whole``, all whose value reaches the d-th."""
    values, functions = system
    if d > len(values):
        raise ValueError(f"d is {d}; only {len(values)} whitened features exist on "
                         f"{len(values) + 1} points")
    return functions[:, : np.count_nonzero(values >= values[d - 1] - SAME) if whole else d]


# -- InfoNCE ----------------------------------------------------------------------


def log_ratio(context, d):
    """(f, g) with f gᵀ = log P/(p q) + c(x), the best critic, as an inner product in ℝ^d.

    A ValueError where P has a zero, since there the best critic is −∞ and is only
    approached, and where d is less than the rank the critic needs.
    """
    joint = as_dense(context.joint)
    if (joint == 0).any():
        raise ValueError("the joint has zeros; InfoNCE's infimum is approached, not attained")
    critic = np.log(joint / np.outer(context.p_x, context.p_a))
    u, sigma, vt = np.linalg.svd(critic - critic.mean(axis=1, keepdims=True))
    rank = np.count_nonzero(sigma > SAME)
    if d < rank:
        raise ValueError(f"d is {d}; the log density ratio of this context needs d = {rank}, "
                         "and below it InfoNCE's minimum has no closed form here")
    f, g = u[:, :rank] * sigma[:rank], vt[:rank].T
    return np.pad(f, [(0, 0), (0, d - rank)]), np.pad(g, [(0, 0), (0, d - rank)])
