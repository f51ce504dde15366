"""Two modalities in one space: linear towers, what retrieval can reach, what InfoNCE shows.

X and A are the two modalities (a picture and its name), r(x, a) = P(x, a) / p(x) q(a) the density
ratio of their joint distribution, I = E log r their mutual information in nats and χ² = Σ s_i² its
strength. A *critic* is a score f(x, a), by which a gallery of candidates is ranked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_count,
    as_dense,
    as_distribution,
    as_generator,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    in_order,
    index_of,
    order_of,
    row_by_row,
)
from contexture_lite._text import said
from contexture_lite.contexts import as_context

__all__ = [
    "LinearTowers", "linear_towers", "noise_edge", "recall_at", "information_ceiling",
    "infonce_value", "infonce_bias", "best_gaussian_score", "gaussian_recall", "log_q_critic",
    "hard_critic", "all_negatives_loss", "queue_drift", "with_modality_gap",
]  # fmt: skip

STEP = 0.25  # of the integral over log t: the rule of trapezoids errs by e^{−π²/STEP} there
ROWS = 2**15  # of a table, multiplied at a time
FLAT = 1e-12  # a variance, or a difference of scores, that is smaller is none, beside the largest


# -- two towers -----------------------------------------------------------------------


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
        return _unit(self.of_x(X)) @ _unit(self.of_a(A)).T

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
    white_x, white_a = _whitening(X.T @ (p[:, None] * X), ridge), _whitening(
        A.T @ (p[:, None] * A), ridge)
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


def _unit(rows):
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, where=length > 0, out=np.zeros_like(rows))


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


# -- what retrieval can reach -----------------------------------------------------------


def recall_at(scores, k):
    """Share of queries whose partner is among the k best of the gallery.

    ``scores`` is (n, m), m ≥ n: the partner of query i is column i. Of scores that are equal (to
    12 digits of the largest) the order is drawn at random, and the mean over these orders is
    returned: with g scores above the partner's and t beside it that is (k − g)/(t + 1), at least
    0 and at most 1.
    """
    order = order_of("scores' columns", columns_of(scores), "its rows", index_of(scores))
    scores = as_numbers("scores", scores, "(queries, gallery)")
    scores = scores if order is None else scores[:, order]
    if scores.shape[1] < len(scores):
        raise ValueError(f"scores has shape {scores.shape}; the partner of query i is column i, so "
                         "it needs at least as many columns as rows")
    if as_count("k", k) > scores.shape[1]:
        raise ValueError(f"k is {k}; the gallery has {scores.shape[1]} items")
    ahead, same = scores - np.diag(scores)[:, None], FLAT * np.abs(scores).max()
    above, tied = (ahead > same).sum(axis=1), (np.abs(ahead) <= same).sum(axis=1) - 1
    return float(np.clip((k - above) / (tied + 1), 0, 1).mean())


def information_ceiling(information, n, k=1):
    """min(1, (I + log 2) / log(n/k)): no decoder's recall@k in a gallery of n exceeds it.

    One of the n belongs to the query, the others are drawn independently. ``information`` is I in
    nats. Fano's inequality for lists; loose for small n.
    """
    information, k = as_number("information", information, least=0), as_count("k", k)
    n = as_count("n", n, least=k + 1)
    return float(min(1.0, (information + np.log(2)) / np.log(n / k)))


def best_gaussian_score(x, a, rho):
    """The best score of Gaussian modalities, log r(x, a): (n, m).

    In canonical coordinates, standardised, with correlations ρ_j:
    log r = c(x) − ½ Σ_j ρ_j²/(1 − ρ_j²) (a_j − x_j/ρ_j)², c(x) = Σ_j (x_j² − log(1 − ρ_j²))/2:
    nearest to x/ρ, not to the regression ρ x. ``x`` is (n, d), ``a`` (m, d), ``rho`` (d,) in
    (−1, 1).
    """
    columns = columns_of(x)
    x = as_numbers("x", x, "(n, d)")
    a = as_numbers("a", in_columns("a", a, columns, "x"), f"(m, {x.shape[1]})")
    rho = as_numbers("rho", in_order("rho", rho, columns, "x"), f"({x.shape[1]},)")
    if (np.abs(rho) >= 1).any():
        j = int(np.argmax(np.abs(rho) >= 1))
        raise ValueError(f"rho[{j}] is {rho[j]:g}; correlations must be above -1 and below 1")
    share = rho**2 / (1 - rho**2)
    own = -0.5 * (x**2 @ share + np.log(1 - rho**2).sum())
    return own[:, None] + (x * rho / (1 - rho**2)) @ a.T - 0.5 * (a**2 @ share)


def gaussian_recall(rho, dimension, n, k=1, *, draws=2000, rng=0):
    """Recall@k of Gaussian modalities with the best score, for a gallery of any size n.

    E Pr[Bin(n − 1, π(x, a)) < k], π = F(‖a − x/ρ‖²) with F the non-central χ² distribution of
    ``dimension`` degrees and non-centrality ‖x‖²/ρ²: only (x, a) is drawn. All ``dimension``
    correlations are ρ, so I = −½ D log(1 − ρ²).
    """
    from scipy.stats import binom, ncx2

    rho, D = as_number("rho", rho, above=0, below=1), as_count("dimension", dimension)
    k = as_count("k", k)
    n, rng = as_count("n", n, least=k), as_generator("rng", rng)
    x, noise = rng.standard_normal((2, as_count("draws", draws), D))
    a = rho * x + np.sqrt(1 - rho**2) * noise
    beaten = ncx2.cdf(((a - x / rho) ** 2).sum(axis=1), D, (x**2).sum(axis=1) / rho**2)
    return float(binom.cdf(k - 1, n - 1, beaten).mean())


# -- what InfoNCE shows, and what it learns -------------------------------------------------


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


# -- negatives --------------------------------------------------------------------------


def all_negatives_loss(phi, psi):
    """−2 mean_i ⟨φ_i, ψ_i⟩ + mean_{i≠j} ⟨φ_i, ψ_j⟩²: the spectral loss with all n² − n negatives.

    Σ_ij ⟨φ_i, ψ_j⟩² = ⟨ΦᵀΦ, ΨᵀΨ⟩ costs n d², not n² d. Without i = j it is unbiased for every n.
    ``phi`` and ``psi`` are (n, d), n ≥ 2; sums are taken in double precision.
    """
    phi, psi = row_by_row(phi=phi, psi=psi)
    psi = in_columns("psi", psi, columns_of(phi), "phi")
    phi = _table("phi", phi, "(n, d)")
    n, d = phi.shape
    psi = _table("psi", psi, f"({n}, {d})")
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


def _table(name, values, wanted):
    """As `as_numbers`, without a copy of a large array of floats and without a look at each."""
    plain = type(values) is np.ndarray and values.ndim == 2 and values.dtype.kind == "f"
    rows = as_numbers(name, values[:1] if plain and len(values) else values,
                      wanted if not plain else None)
    if plain and wanted != "(n, d)" and str(values.shape) != wanted:
        raise ValueError(f"{name} has shape {values.shape}; it must be {wanted}")
    return values if plain else rows


def queue_drift(momentum, age):
    """Mean squared drift of keys ``age`` steps old, relative to an encoder without momentum.

    1 − 2m(1 − m^j)/(1 − m²)j for parameters that move as a random walk and keys from their
    average with momentum m in [0, 1). A steady drift is not calmed.
    """
    m, j = as_number("momentum", momentum, least=0, below=1), as_count("age", age)
    return float(1 - 2 * m * (1 - m**j) / ((1 - m**2) * j))


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
