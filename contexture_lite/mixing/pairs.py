"""Two contexts observed together: a table with a column for each pair of values that occurs."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_dense, scaled, sums

LARGEST_TABLE = 25_000_000  # cells that a concatenation may fill


def observed_together(first, second):
    """A = (A₁, A₂): its joint, what makes its rows from rows of the two, and its labels."""
    _refuse_large(first, second)
    joint = _row_products(first.joint, second.conditional())
    kept = _used_columns(joint)
    joint = _columns(joint, kept)
    # place j · M₂ + k holds the pair (j, k); P(a₁, a₂ | a_j) is P(a₁, a₂) / P(a_j)
    positions, p_a = np.divmod(kept, second.shape[1]), sums(joint, axis=0)
    told_by = [sp.csr_array((p_a / part.p_a[place], (place, np.arange(len(kept)))),
                            shape=(part.shape[1], len(kept)))
               for part, place in zip((first, second), positions)]

    labels = None
    if first.a_labels and second.a_labels:
        labels = [(first.a_labels[j], second.a_labels[k]) for j, k in zip(*positions)]
    return joint, partial(_rows_together, kept, told_by), labels


def _rows_together(kept, told_by, *rows):
    new = _columns(_row_products(*rows), kept)
    total = sums(new, axis=1)
    unseen = np.flatnonzero(total == 0)
    if unseen.size == 0:
        return scaled(new, left=1 / total)
    alone = sum(part[unseen] @ told for part, told in zip(rows, told_by)) / 2
    into = sp.csr_array((np.ones(len(unseen)), (unseen, np.arange(len(unseen)))),
                        shape=(len(total), len(unseen)))
    total[unseen] = 1
    return scaled(new, left=1 / total) + into @ alone


def _row_products(left, right):
    """Row by row, every entry of ``left`` times every entry of ``right``: (N, M₁ M₂)."""
    if sp.issparse(left) and sp.issparse(right):
        return _sparse_products(sp.csr_array(left), sp.csr_array(right))
    left, right = as_dense(left), as_dense(right)
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def _sparse_products(left, right):
    row = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))  # of every entry of left
    partners = np.diff(right.indptr)[row]
    first = np.repeat(np.arange(left.nnz), partners)
    starts = np.cumsum(partners) - partners
    second = np.arange(len(first)) - starts[first] + right.indptr[row][first]
    place = left.indices[first].astype(np.int64) * right.shape[1] + right.indices[second]
    shape = (left.shape[0], left.shape[1] * right.shape[1])
    products = sp.csr_array((left.data[first] * right.data[second], (row[first], place)), shape)
    products.eliminate_zeros()
    return products


def _used_columns(table):
    """Positions of the columns that hold something, in order."""
    if not sp.issparse(table):
        return np.flatnonzero(table.any(axis=0))
    places = np.sort(table.indices)
    return places[np.diff(places, prepend=-1) > 0]


def _columns(table, kept):
    """The columns at positions ``kept``; a sparse table may be too wide for an index of all."""
    if not sp.issparse(table):
        return table[:, kept]
    cells = table.tocoo()
    row, column = cells.coords
    place = np.minimum(np.searchsorted(kept, column), len(kept) - 1)
    known = kept[place] == column
    cells = (cells.data[known], (row[known], place[known]))
    return sp.csr_array(cells, shape=(table.shape[0], len(kept)))


def _refuse_large(first, second):
    """More cells than memory likes, counted before any of them is made."""
    cells = float(first.shape[0]) * first.shape[1] * second.shape[1]
    if first.is_sparse and second.is_sparse:
        cells = np.diff(first.joint.indptr).astype(float) @ np.diff(second.joint.indptr)
    if cells > LARGEST_TABLE:
        raise ValueError(
            f"contexts of shapes {first.shape} and {second.shape} make a table of {cells:.3g} "
            f"cells together; at most {LARGEST_TABLE}: take contexts with fewer values, or sparse "
            "ones (neighbours), or concatenate_embeddings")
