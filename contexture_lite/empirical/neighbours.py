"""The context of the k nearest neighbours, also where distances repeat."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp
from scipy.spatial import KDTree
from sklearn.neighbors import NearestNeighbors

from contexture_lite._checks import as_count
from contexture_lite.empirical.points import DataContext, as_points, names_of

DISTANCE_ERROR = 1e-12  # of a squared distance from a matrix product, relative to squared norms
TREE_FEATURES = 15  # with more, measuring all distances is faster
BLOCK_CELLS = 2**15  # distances asked for at one time


def knn_context(X, k):
    """A = one of the k nearest training points of x, x itself among them.

    P(a | x) = 1/k if a is among the k nearest, P_X uniform. Every row is equally
    spread, but P_A is not uniform: a hub is a neighbour of many (q(a) = (number of
    points that have a as neighbour) / nk).

    Parameters
    ----------
    X : (n, features) array
        Training points; distances are Euclidean, so the units of the features matter.
    k : int
        1 ≤ k < n. Smaller is stronger: k = 1 is the identity (if no two points are
        equal). k = n, with which A would be independent of X, is refused.

    Returns
    -------
    DataContext
        n × n, sparse. A new point has its k nearest training points.

    Notes
    -----
    The row depends on where a point lies and on nothing else, neither on the order of the
    points nor on whether it is old or new. So copies of one point share the place's mass
    evenly (a place with m copies costs m² entries). Of different places at the same
    distance, those with the smaller largest difference in one coordinate are nearer, then
    those that come first in the order of coordinates.
    """
    names, X, k = names_of(X), as_points("X", X), as_count("k", k)
    if k >= len(X):
        raise ValueError(f"k is {k}; it must be smaller than the number of points, {len(X)}")
    places, place_of, copies = _distinct(X)
    share = sp.csr_array((1 / copies[place_of], (place_of, np.arange(len(X)))))
    centre = places.mean(axis=0)  # near the origin squared distances lose fewest digits
    rows_at = partial(_knn_rows, places, copies, share, centre, _search(places - centre), k)
    return DataContext(rows_at(X) / len(X), extension=rows_at, **names)


def _distinct(X):
    """As np.unique of the rows, several times faster: (places, place of every row, counts)."""
    order = np.lexsort(X.T[::-1])
    first = np.append(True, (np.diff(X[order], axis=0) != 0).any(axis=1))
    place_of = np.empty(len(X), dtype=int)
    place_of[order] = np.cumsum(first) - 1
    return X[order][first], place_of, np.bincount(place_of)


def _search(points):
    """The function (X, width) → (distances, positions) of the nearest points, nearest first."""
    if points.shape[1] <= TREE_FEATURES:
        return KDTree(points).query
    return NearestNeighbors(algorithm="brute").fit(points).kneighbors


def _knn_rows(places, copies, share, centre, search, k, X_new):
    """P(a | x): the places around x, nearest first, until they hold k points.

    k + 1 places settle most rows. Where the last of them may be no farther than the one with
    the k-th point, half as many more are asked for; after a third of such rows, at once.
    """
    X_new = as_points("X_new", X_new, places.shape[1])
    size = ((X_new - centre) ** 2).sum(axis=1) + ((places - centre) ** 2).sum(axis=1).max()
    todo, cells = [(np.arange(len(X_new)), k + 1)], []
    while todo:
        rows, width = todo.pop()
        width, wider = min(width, len(places)), width + width // 2
        rows, rest = np.split(rows, [max(1, BLOCK_CELLS // width)])
        distance, near = (np.reshape(part, (len(rows), width))
                          for part in search(X_new[rows] - centre, width))
        error = DISTANCE_ERROR * size[rows, None]
        taken, unsettled = _taken(places, copies, k, X_new[rows], distance**2, error, near)
        used = (taken > 0) & ~unsettled[:, None]
        cells.append((taken[used], np.repeat(rows, used.sum(axis=1)), near[used]))
        then = wider if 3 * unsettled.sum() > len(rows) else width
        todo += [work for work in ((rest, then), (rows[unsettled], wider)) if work[0].size]
    taken, row, place = map(np.concatenate, zip(*cells))
    return sp.csr_array((taken / k, (row, place)), shape=(len(X_new), len(places))) @ share


def _taken(places, copies, k, X, squared, error, near):
    """How many points of each near place are among the k nearest, and where more must be seen.

    Places in an order that rounding may have made are first put in order, in ``near``.
    """
    count = copies[near]
    last = (np.cumsum(count, axis=1) < k).sum(axis=1)[:, None]  # place of the k-th point
    excess = squared - np.take_along_axis(squared, last, axis=1)
    unsettled = (excess[:, -1] <= error[:, 0]) & (near.shape[1] < len(places))
    choice = ((count * (excess <= error)).sum(axis=1) > k) & ~unsettled
    row, j = np.nonzero((np.abs(excess) <= error) & choice[:, None])
    near[row, j] = near[row, j][_in_order(X, places, row, near[row, j])]
    count = copies[near]
    return np.clip(k + count - np.cumsum(count, axis=1), 0, count), unsettled


def _in_order(X, places, row, place):
    """Row by row, by distance, then largest difference, then order of the places.

    The largest difference also tells apart what underflow of the squares makes equal.
    """
    squared = largest = np.zeros(len(row))
    for x, a in zip(X.T, places.T):
        difference = np.abs(x[row] - a[place])
        squared, largest = squared + difference**2, np.maximum(largest, difference)
    return np.lexsort((place, largest, np.sqrt(squared), row))
