"""What InfoNCE shows of the information, what it learns, and losses with many negatives."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_count,
    as_dense,
    as_distribution,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    row_by_row,
)
from contexture_lite.contexts import as_context

STEP = 0.25  # of the integral over log t: the rule of trapezoids errs by e^{−π²/STEP} there
ROWS = 2**15  # of a table, multiplied at a time


def infonce_value(context, candidates):
    """What InfoNCE with K candidates shows of the information at its optimum: log K − L_K, in nats.

    = E log (K r(x, a₁) / Σ_j r(x, a_j)), a₁ the partner and the other K − 1 from q; at most
    min(I, log K). Exact for every K: log u/v = ∫ (e^{−tv} − e^{−tu})/t dt turns the mean over
    galleries into a product, E e^{−t Σ r} = e^{−t r₁} (E_q e^{−tr})^{K−1}.
    """
    context, K = as_context(context), as_count("candidates", candidates, least=2)
    cells = sp.coo_array(context.joint)
    x, a = cells.coords
    P, q = cells.data, context.p_a[a]
    r = P / (context.p_x[x] * q)
    least, missing = min(1.0, r[P > 1e-18 / len(P)].min()), 0.0
    for u in np.arange(np.log(1e-18 / (K + context.chi2() + 1)), np.log(45 / least), STEP):
        t = np.exp(u)
        less = np.bincount(x, q * np.expm1(-t * r), minlength=context.shape[0])  # E e^{−tr} − 1
        others = np.exp((K - 1) * np.log1p(np.maximum(less, -1 + 1e-16)))
        missing += np.exp(-t * K) - P @ (np.exp(-t * r) * others[x])
    return float(P @ np.log(r) - STEP * missing)


def infonce_bias(context, candidates):
    """χ²/2K: what `infonce_value` misses of I, to first order; for K well above χ²."""
    return as_context(context).chi2() / (2 * as_count("candidates", candidates, least=2))


def log_q_critic(context, drawn_from=None, *, corrected=False):
    """What InfoNCE learns, (N, M), when the negatives are drawn from Q: log P(a|x) − log Q(a).

    Up to any c(x), for every number of candidates. With in-batch negatives, Q = q (the default),
    that is log r. ``corrected``: −log Q was added to all logits, and log P(a|x) is learned.
    −∞ where P(x, a) = 0.
    """
    conditional = as_dense(as_context(context).conditional())
    q = context.p_a if drawn_from is None else as_distribution(
        "drawn_from", drawn_from, context.shape[1], context.a_labels)
    if (q <= 0).any():
        raise ValueError(f"drawn_from[{int(np.argmin(q))}] is 0; every value must be drawn at "
                         "times")
    with np.errstate(divide="ignore"):
        return np.log(conditional) - (0.0 if corrected else np.log(q))


def hard_critic(context, beta, *, refreshed=False):
    """What InfoNCE learns, (N, M), from hard negatives: (1 − β) log r, up to any c(x).

    These are drawn from q(a) r(x, a)^β: at β = 1 like positives, and nothing is learned.
    ``refreshed``: from q e^{βf} with the critic f itself, which settles at log r / (1 + β).
    −∞ where P(x, a) = 0.
    """
    beta, log_r = as_number("beta", beta, least=0), log_q_critic(context)
    share = 1 / (1 + beta) if refreshed else 1 - beta
    return np.where(np.isfinite(log_r), share * np.nan_to_num(log_r, neginf=0.0), -np.inf)


def all_negatives_loss(phi, psi):
    """−2 mean_i ⟨φ_i, ψ_i⟩ + mean_{i≠j} ⟨φ_i, ψ_j⟩²: the spectral loss with all n² − n negatives.

    Σ_ij ⟨φ_i, ψ_j⟩² = ⟨ΦᵀΦ, ΨᵀΨ⟩ costs n d², not n² d. Without i = j it is unbiased for every n.
    ``phi`` and ``psi`` are (n, d), n ≥ 2; sums are taken in double precision.
    """
    phi, psi = row_by_row(phi=phi, psi=psi)
    psi = in_columns("psi", psi, columns_of(phi), "phi")
    phi = _floats("phi", phi)
    psi, (n, d) = _floats("psi", psi, phi.shape), phi.shape
    if n < 2:
        raise ValueError("phi has one row; a negative needs a second")
    gram_phi, gram_psi, paired, squares = np.zeros((d, d)), np.zeros((d, d)), 0.0, 0.0
    for start in range(0, n, ROWS):
        f, g = (part[start:start + ROWS].astype(float, copy=False) for part in (phi, psi))
        own = np.einsum("ij,ij->i", f, g)
        gram_phi, gram_psi = gram_phi + f.T @ f, gram_psi + g.T @ g
        paired, squares = paired + own.sum(), squares + own @ own
    loss = -2 * paired / n + ((gram_phi * gram_psi).sum() - squares) / (n * (n - 1))
    if not np.isfinite(loss):
        as_numbers("phi", phi), as_numbers("psi", psi)  # say which number it is
        raise ValueError("phi and psi are too large: the squares of their products overflow")
    return float(loss)


def _floats(name, values, shape=None):
    """As `as_numbers`, without a copy of a large array of floats and without a look at each."""
    if type(values) is np.ndarray and values.dtype.kind == "f" and values.size:
        if values.ndim == 2 and shape in (None, values.shape):
            return values
    return as_numbers(name, values, str(shape or "(n, d)"))


def queue_drift(momentum, age):
    """Mean squared drift of keys ``age`` steps old, relative to an encoder without momentum.

    1 − 2m(1 − m^j)/(1 − m²)j for parameters that move as a random walk and keys from their
    average with momentum m in [0, 1). A steady drift is not calmed.
    """
    m, j = as_number("momentum", momentum, least=0, below=1), as_count("age", age)
    return float(1 - 2 * m * (1 - m**j) / ((1 - m**2) * j))
