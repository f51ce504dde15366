"""Recall, and what it can reach: the information, and Gaussian modalities in closed form."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_generator,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    in_order,
    index_of,
    order_of,
)

FLAT = 1e-12  # a difference of scores that is smaller is none, beside the largest


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
