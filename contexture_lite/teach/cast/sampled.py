"""Encoders fitted to sampled pairs, and the spectra read off them, for many samples at once."""

import numpy as np

from contexture_lite.teach.cast.members import CAST

DRAWS = 20  # repetitions of every sample
SEED = 0


def learned(tables, d):
    """SVME's encoder on sampled pairs: the first d singular functions of their frequencies.

    Φ(x) = (μ̂₁(x), …, μ̂_d(x)), orthonormal in the sample; inputs that were never seen get
    the mean, 0, and so do all where the sample has no further function.
    ``tables`` (R, N, M) are counts. Returns Φ (R, N, d) and ŝ² (R, d), the values read off
    with C and B of the same pairs.
    """
    joint = tables / tables.sum(axis=(1, 2), keepdims=True)
    p, q = joint.sum(axis=2), joint.sum(axis=1)
    over_p, over_q = (np.divide(1, np.sqrt(m), out=np.zeros_like(m), where=m > 0) for m in (p, q))
    Q = over_p[:, :, None] * joint * over_q[:, None, :] - np.sqrt(p[:, :, None] * q[:, None, :])
    squares, u = np.linalg.eigh(Q @ Q.transpose(0, 2, 1))
    squares, u = squares[:, ::-1][:, :d], u[:, :, ::-1][:, :, :d]
    there = squares > 1e-12
    return over_p[:, :, None] * u * there[:, None], np.where(there, squares, 0)


def exact_moments(context, features):
    """C = Cov Φ(X) and B = Cov (T*Φ)(A) of the context itself, for Φ (R, N, d)."""
    centred = features - (context.p_x @ features)[:, None]
    back = (context.joint.T @ centred) / context.p_a[:, None]
    return (_gram(centred, context.p_x), _gram(back, context.p_a))


def fresh_moments(tables, features):
    """Estimates of C and B from pairs that the encoder has not seen.

    Ĉ is the sample covariance (n − 1). B̂ averages φ(x) φ(x′)ᵀ over *different* pairs that
    share an a, weighted by n_a/n, less the same average over all different pairs; the
    square of an average over few x would be too large by its own noise.
    E Ĉ = C and E B̂ = B − Σ_a q_a (1 − q_a)^{n−1} m_a m_aᵀ, m_a = E[Φ|a]: a value seen only
    once adds nothing, so B̂ errs downwards if at all. No estimate is free of bias for every
    distribution, since 1/q_a is no polynomial in the probabilities (our derivation).
    """
    n, n_x, n_a = tables.sum(axis=(1, 2)), tables.sum(axis=2), tables.sum(axis=1)
    S = tables.transpose(0, 2, 1) @ features  # Σ φ over the pairs of each a
    share = np.where(n_a >= 2, 1 / np.maximum(n_a - 1, 1), 0) / n[:, None]
    within = _gram(S, share) - _gram(features, (tables @ share[:, :, None])[:, :, 0])
    total = S.sum(axis=1)
    outer, own = total[:, :, None] * total[:, None, :], _gram(features, n_x)
    n = n[:, None, None]
    return (own - outer / n) / (n - 1), within - (outer - own) / (n * (n - 1))


def ritz_values(C, B):
    """Rayleigh–Ritz: the λ of B v = λ C v, largest first, (R, d); 0 where C has no variance."""
    variances, v = np.linalg.eigh(C)
    good = variances > 1e-9 * np.maximum(variances[:, -1:], 1e-300)
    W = v * np.where(good, 1 / np.sqrt(np.where(good, variances, 1)), 0)[:, None, :]
    inner = W.transpose(0, 2, 1) @ B @ W
    return np.linalg.eigvalsh((inner + inner.transpose(0, 2, 1)) / 2)[:, ::-1]


def samples(context, size, draws, seed):
    """Tables of ``size`` pairs, (draws, N, M); the distribution itself if ``size`` is infinite."""
    if np.isinf(size):
        return np.repeat(context.joint[None], draws, axis=0)
    rng, cells = np.random.default_rng(seed), context.joint.ravel()
    return rng.multinomial(size, cells / cells.sum(), draws).reshape(draws, *context.shape)


def readings(context, d, size, draws=DRAWS, seed=SEED):
    """The encoders and the three spectra read off them.

    Returns Φ (draws, N, d) and {"same": ŝ², "fresh": …, "exact": …}, each (draws, d).
    """
    features, same = learned(samples(context, size, draws, [seed, 0]), d)
    exact = ritz_values(*exact_moments(context, features))
    if np.isinf(size):
        return features, {"same": same, "fresh": exact, "exact": exact}
    fresh = fresh_moments(samples(context, size, draws, [seed, 1]), features)
    return features, {"same": same, "fresh": ritz_values(*fresh), "exact": exact}


def _gram(features, weights):
    return features.swapaxes(-1, -2) @ (weights[..., None] * features)


CONTEXTS = tuple(name for name in CAST if name != "Gaussian pair")  # 74 × 74 is too large to repeat
