"""Dense and sparse tables behind one face."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def sums(table, axis):
    return np.asarray(table.sum(axis=axis)).ravel()


def as_dense(table):
    """The table as a dense array; a dense one is not copied."""
    return table.toarray() if sp.issparse(table) else table


def scaled(table, left=None, right=None):
    """diag(left) · table · diag(right), dense or sparse as the table is."""
    left = np.ones(table.shape[0]) if left is None else left
    right = np.ones(table.shape[1]) if right is None else right
    if sp.issparse(table):
        table = sp.csr_array(table, copy=True)
        table.data = table.data * np.repeat(left, np.diff(table.indptr)) * right[table.indices]
        return table
    result = table * left[:, None]
    result *= right
    return result


def column(weights, values):
    return weights if values.ndim == 1 else weights[:, None]


def read_only(table):
    """The table with writing switched off, so that a Context cannot change."""
    parts = (table.data, table.indices, table.indptr) if sp.issparse(table) else (table,)
    for part in parts:
        part.flags.writeable = False
    return table


def refuse_empty(name, kind, empty, labels):
    if empty.any():
        where = [str(labels[i] if labels else i) for i in np.flatnonzero(empty)]
        shown = ", ".join(where[:5]) + (f" and {len(where) - 5} more" if len(where) > 5 else "")
        raise ValueError(f"{name} has no mass in {kind} {shown}; pass drop_empty=True to leave "
                         f"such {kind}s out")


def without_empty(name, table, x_labels, a_labels, drop_empty):
    """Refuse, or drop, rows and columns that sum to zero."""
    empty_x, empty_a = sums(table, axis=1) == 0, sums(table, axis=0) == 0
    if not drop_empty:
        refuse_empty(name, "row", empty_x, x_labels)
        refuse_empty(name, "column", empty_a, a_labels)
        return table, x_labels, a_labels
    x, a = np.flatnonzero(~empty_x), np.flatnonzero(~empty_a)
    labels = ([(labels or range(len(empty)))[i] for i in kept] if labels or empty.any() else None
              for labels, empty, kept in ((x_labels, empty_x, x), (a_labels, empty_a, a)))
    return table[x][:, a], *labels
