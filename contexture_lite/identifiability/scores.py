"""Scores of an answer against the true factors, and what a random rotation of them gets."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_generator,
    as_numbers,
    index_of,
    row_by_row,
)

CONSTANT = 1e-9  # of a column's largest entry


def factor_shares(features, factors, weights=None):
    """Var E[f | z_j] / Var f: the share of each feature that is a function of one factor, (d, m).

    The main effects of the analysis of variance. A share is 1 if the feature depends on that
    factor only; what a row lacks to 1 is interactions, if the factors are independent.
    """
    f, z, p = _matched(features, factors, weights)
    shares = np.empty((f.shape[1], z.shape[1]))
    for j, level in enumerate(z.T):
        level = np.unique(level, return_inverse=True)[1]
        mass = np.bincount(level, p)
        means = np.stack([np.bincount(level, p * column) for column in f.T], axis=1)
        shares[:, j] = (means**2 / mass[:, None]).sum(axis=0)
    return shares


def purity(features, factors, weights=None):
    """Mean over the features of the larger of their `factor_shares`; 1 if each has one owner.

    Two factors at a random rotation have ½ + 1/π = .818 (`rotation_null`). Two features may be
    pure and belong to the same factor: see `one_each`.
    """
    return float(factor_shares(features, factors, weights).max(axis=1).mean())


def one_each(features, factors, weights=None):
    """Mean over the factors of the `factor_shares` if every factor gets a feature of its own.

    At the best assignment; a factor that gets none counts 0. ½ says that one of two is absent.
    """
    return _assigned(factor_shares(features, factors, weights))


def matched_correlation(features, factors, weights=None):
    """MCC: mean correlation, in size, of the factors with a feature each, best assignment.

    Two factors at a random rotation have 2√2/π = .900.
    """
    f, z, p = _matched(features, factors, weights)
    return _assigned(np.abs(f.T @ (p[:, None] * _standardised("factors", z, p))))


def mutual_information_gap(features, factors, weights=None, bins=20):
    """MIG (Chen et al. 2018): for each factor the two largest I(f_i; z_j), their gap over H(z_j).

    Averaged over the factors, f_i in ``bins`` of equal width. A perfect circular factor in two
    features, its cosine and sine, scores 0, since both know as much.
    """
    f, z, p = _matched(features, factors, weights)
    if f.shape[1] < 2:
        raise ValueError("features has one column; a gap needs two")
    bins = as_count("bins", bins, least=2)
    low, high = f.min(axis=0), f.max(axis=0)
    binned = np.minimum(((f - low) / (high - low) * bins).astype(int), bins - 1)
    gaps = []
    for level in z.T:
        level = np.unique(level, return_inverse=True)[1]
        entropy = _entropy(np.bincount(level, p))
        known = [_entropy(np.bincount(column, p)) + entropy
                 - _entropy(np.bincount(column * (level.max() + 1) + level, p))
                 for column in binned.T]
        gaps.append(np.diff(np.sort(known)[-2:])[0] / entropy)
    return float(np.mean(gaps))


def rotation_null(score, factors, weights=None, draws=1000, rng=0):
    """Mean of ``score(features, factors, weights)`` if the features are the factors, rotated.

    At random orthogonal matrices, the factors standardised: what an answer gets that has found the
    space of the factors and none of its axes.
    """
    z = as_numbers("factors", factors, "(n, m)")
    p = as_distribution("weights", np.ones(len(z)) if weights is None else weights, len(z),
                        index_of(factors))
    draws, rng = as_count("draws", draws), as_generator("rng", rng)
    z, m = _standardised("factors", z, p), z.shape[1]
    rotations = [np.linalg.qr(rng.standard_normal((m, m)))[0] for _ in range(draws)]
    return float(np.mean([score(z @ rotation, z, p) for rotation in rotations]))


def _matched(features, factors, weights):
    """(standardised features (n, d), factors (n, m), weights (n,)) of the same points."""
    if weights is None:
        features, factors = row_by_row(features=features, factors=factors)
    else:
        features, factors, weights = row_by_row(
            features=features, factors=factors, weights=weights)
    f = as_numbers("features", features, "(n, d)")
    z = as_numbers("factors", factors, f"({len(f)}, m)")
    p = as_distribution("weights", np.ones(len(f)) if weights is None else weights, len(f))
    return _standardised("features", f, p), z, p


def _standardised(name, values, p):
    """Mean 0 and variance 1 in every column; a constant one is refused."""
    seen = values[p > 0]
    constant = np.flatnonzero(np.ptp(seen, axis=0) <= CONSTANT * np.abs(seen).max(axis=0))
    if constant.size:
        raise ValueError(f"column {constant[0]} of {name} is constant; leave it out")
    values = values - p @ values
    return values / np.sqrt(p @ values**2)


def _assigned(matrix):
    """Sum of the best assignment of rows to columns, over the number of columns."""
    from scipy.optimize import linear_sum_assignment

    return float(matrix[linear_sum_assignment(matrix, maximize=True)].sum() / matrix.shape[1])


def _entropy(p):
    p = p[p > 0]
    return float(-p @ np.log(p))
