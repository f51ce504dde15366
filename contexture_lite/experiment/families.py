"""The contexts of the sweep (notebook 06): a family of them at every strength, from one pass.

A family is "rbf" or "knn", as `contexture_lite.rbf_context` and `knn_context`, or one of them
averaged over random masks that hide a fifth of the features, as `contexture_lite.masked`. All
strengths of a family come from the same distances, which is why they are not made by those
functions one by one; the tests say that it is the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import euclidean_distances

from contexture_lite.empirical.points import entropies, gaussian_rows

FAMILIES = ("rbf", "knn", "masked rbf", "masked knn")
WEAKEST, STRONGEST = 0.9, 2  # effective neighbours: a share of the points, a number
MASKS, MASKED_SHARE = 50, 0.2
ROUNDING = 1e-9  # of a squared distance between equal points, with coordinates up to 8


def conditionals(family, Z, parts, strengths, rng):
    """Rows P(a | x) of the three parts, for every strength, weakest first.

    ``Z`` (n, features) are points; ``parts`` positions, of which the first are the context
    values. A point that is nobody's context (a copy may be) has no column.
    """
    ends = np.cumsum([len(part) for part in parts])[:-1]
    for rows in weights(family, Z, parts, strengths, rng):
        yield np.split(normalised(rows, used_columns(rows, len(parts[0]))), ends)


def weights(family, Z, parts, strengths, rng, masks=MASKS, places=slice(None)):
    """What `conditionals` normalises: (points of all parts, context points), weakest first.

    Of the strengths only those at ``places``, if these are given.
    """
    trained = parts[0]
    everybody = np.concatenate(parts)
    masks = _masks(Z.shape[1], rng, masks) if family.startswith("masked") else [slice(None)]
    sizes = np.geomspace(WEAKEST * len(trained), STRONGEST, strengths)[places]
    if family.endswith("knn"):
        add, settings = _add_neighbours, np.round(sizes).astype(int)
    else:
        add, settings = _add_gaussian, bandwidths(Z[trained], masks, sizes)
    total = np.zeros((len(sizes), len(everybody), len(trained)), dtype=np.float32)
    for mask in masks:
        add(total, _squared_distances(Z[everybody][:, mask], Z[trained][:, mask]), settings)
    yield from total


def sampled(parts, views, rng):
    """The rows of all parts as so many draws a point show them; whole if ``views`` is inf."""
    if np.isinf(views):
        return parts
    counts = rng.multinomial(views, np.concatenate(parts))
    rows = normalised(counts, used_columns(counts, len(parts[0])))
    return np.split(rows, np.cumsum([len(part) for part in parts])[:-1])


def used_columns(rows, trained):
    """Which points are the context of a training point; of copies some may be nobody's."""
    return rows[:trained].any(axis=0)


def normalised(rows, used):
    """P(a | x) from weights, on the context values that are used."""
    rows = rows[:, used].astype(float)
    rows[rows.sum(axis=1) == 0] = 1.0  # all its neighbours are nobody's: it tells nothing
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def _squared_distances(points, others):
    """In single precision, in which what is equal but for rounding becomes equal again."""
    squared = euclidean_distances(points, others, squared=True)
    squared[squared < ROUNDING] = 0
    return squared.astype(np.float32)


def _masks(features, rng, count):
    """Positions of the features that each of the masks keeps."""
    kept = features - min(max(1, round(MASKED_SHARE * features)), features - 1)
    return [np.sort(rng.permutation(features)[:kept]) for _ in range(count)]


def _add_gaussian(total, squared, bandwidths):
    excess = squared - squared.min(axis=1, keepdims=True)
    for rows, bandwidth in zip(total, bandwidths):
        weights = np.exp(excess * np.float32(-0.5 / bandwidth**2))
        rows += weights / weights.sum(axis=1, keepdims=True)


def _add_neighbours(total, squared, sizes):
    """One for the k nearest points; of equal distances the first, on every machine."""
    keys = squared.view(np.int32).astype(np.int64) << 32  # bits of floats >= 0 are in order
    keys |= np.arange(squared.shape[1])
    ordered = np.sort(keys, axis=1)
    for rows, k in zip(total, sizes):
        rows += keys <= ordered[:, k - 1 : k]


def bandwidths(Z, masks, sizes):
    """Bandwidths at which P(a | x) has these mean perplexities, under the first masks."""
    some = slice(None, None, max(1, len(Z) // 150))
    tables = [cdist(Z[some][:, mask], Z[:, mask], "sqeuclidean") for mask in masks[:3]]
    middle = np.sqrt(np.median([np.median(table) for table in tables]) + 1e-12)
    grid = middle * np.geomspace(1e-3, 1e2, 61)

    @cache
    def reached(i):
        return np.mean([perplexity(gaussian_rows(t, grid[i])) for t in tables])

    places = range(len(grid) - 1)
    first = max(0, bisect_left(places, min(sizes), key=reached) - 1)  # it rises
    around = np.arange(first, bisect_right(places, max(sizes), key=reached) + 1)
    rising = np.maximum.accumulate([reached(i) for i in around]) + 1e-9 * around
    return np.exp(np.interp(np.log(sizes), np.log(rising), np.log(grid[around])))


def perplexity(rows):
    """Mean over x of e^H(A | X = x): how many neighbours a point has in effect."""
    return float(np.exp(entropies(rows)).mean())
