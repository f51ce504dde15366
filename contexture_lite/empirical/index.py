"""Nearest neighbours of many points: exact, or by inverted lists, which says what it misses.

An index of inverted lists cuts the points into m cells, and looks for the neighbours of a point in
the t cells whose centres are nearest to it: about (m + t n/m) distances a point in the place of n.
It misses neighbours at the borders of cells, and such misses are not like random ones: they cut a
context into pieces, and every piece is a singular value 1 that is not there. So the recall is
measured, more cells are looked into until it is good enough, and the pieces are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_count, as_number
from contexture_lite._text import said
from contexture_lite.empirical.inverted_lists import Best, Index, probe
from contexture_lite.empirical.neighbours import _search
from contexture_lite.empirical.points import DataContext, as_points, names_of


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest points of every point, itself among them.

    Attributes
    ----------
    positions : (n, k) integer array
        Nearest first; of an inexact search in no order.
    recall : float
        Share of the true neighbours among them, measured on a sample; 1 if exact.
    cells, probed : int
        Cells of the index, and how many were looked into for every point; 0 if exact.
    """

    positions: np.ndarray
    recall: float
    cells: int
    probed: int

    def __repr__(self):
        way = "exact" if not self.cells else (
            f"recall {self.recall:.4f} on a sample, {self.probed} of {self.cells} cells probed")
        return said(f"Neighbours({len(self.positions)} points, k = {self.positions.shape[1]}, "
                    f"{way})")


def nearest_neighbours(X, k, *, exact=True, recall=0.998, progress=False):
    """The k nearest of the points X for every one of them, by Euclidean distance.

    Parameters
    ----------
    X : (n, features) array
    k : int
        1 ≤ k < n; a point is its own first neighbour (of copies, any one may be).
    exact : bool
        Measure all distances, or use an index of inverted lists: single precision, cells by
        k-means. Worth it from some 20,000 points on.
    recall : float
        What an index must reach; it looks into more cells until it does, and raises a
        RuntimeError where that no longer pays.
    progress : bool
        Show a bar while the index is searched (tqdm).
    """
    X, k = as_points("X", X), as_count("k", k)
    recall = as_number("recall", recall, above=0, most=1)
    _refuse_many(k, X)
    if not exact:
        index = Index(X)
        near, recall, probed = probe(index, k, recall, progress)
        return Neighbours(near, recall, len(index.centres), probed)
    _, near = _search(X - X.mean(axis=0))(X - X.mean(axis=0), k)
    return Neighbours(np.reshape(near, (len(X), k)), 1.0, 0, 0)


def approximate_knn_context(X, k, *, recall=0.998, progress=False):
    """`knn_context` for up to millions of points, by an index: A = one of the k nearest of x.

    P(a | x) = 1/k as there, but a few neighbours are missed, farther ones in their place, and
    of copies and equal distances any may be taken. The context says so: its ``recall`` is
    measured on a sample of 500 points and not below the one asked for (else a RuntimeError), and
    ``pieces`` counts its connected components, each beyond the first a singular value 1.
    Recall .95, enough for retrieval, is not enough for a spectrum.

    Parameters are those of `nearest_neighbours`. New points have their neighbours by the same
    index. Memory: some 200 bytes for each of the n k neighbours at the peak.
    """
    names = names_of(X)
    X, k = as_points("X", X), as_count("k", k)
    _refuse_many(k, X)
    index = Index(X)
    recall = as_number("recall", recall, above=0, most=1)
    near, recall, probed = probe(index, k, recall, progress)
    joint = _rows(near, len(X))
    joint.data /= len(X)
    return ApproximateContext(joint, recall=recall, extension=partial(_new_rows, index, k, probed),
                              **names)


class ApproximateContext(DataContext):
    """A `DataContext` of neighbours that an index returned; ``recall`` and ``pieces`` say how well.

    ``recall`` is the share of true neighbours on a sample, ``pieces`` the number of connected
    components. Other arguments as for `DataContext`.
    """

    def __init__(self, joint, *, recall, **others):
        super().__init__(joint, **others)
        recall = as_number("recall", recall, least=0, most=1)
        self.__dict__.update(recall=recall, pieces=self.components()[0])

    def __repr__(self):
        parts = "in one piece" if self.pieces == 1 else f"in {self.pieces} pieces"
        return said(f"ApproximateContext({self.shape[0]} points, recall {self.recall:.4f} on a "
                    f"sample, {parts})")


def _refuse_many(k, X):
    if k >= len(X):
        raise ValueError(f"k is {k}; it must be smaller than the number of points, {len(X)}")


def _rows(positions, n):
    """P(a | x), equal on the positions of each row: (rows, n), sparse."""
    rows, k = positions.shape
    start = np.arange(0, rows * k + 1, k, dtype=np.int32 if rows * k < 2**31 else np.int64)
    data = np.full(rows * k, 1 / k)
    return sp.csr_array((data, positions.astype(start.dtype).ravel(), start), shape=(rows, n))


def _new_rows(index, k, probed, X_new):
    X_new = as_points("X_new", X_new, index.points.shape[1])
    best = Best(len(X_new), k)
    index.search(index.centred(X_new), range(probed), best)
    return _rows(best.positions, len(index.points))
