"""Contexts without distances: of labels, and of a graph."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_classes,
    as_dense,
    as_number,
    as_table,
    index_of,
    kind_of_label,
    order_of,
    scaled,
    sums,
    without_empty,
)
from contexture_lite.empirical.points import DataContext


def label_context(y, noise=0):
    """A = the label, kept with probability 1 − noise, else one of the other classes.

    P(a | x) = 1 − noise if a = y(x), noise / (K − 1) else, P_X uniform. Without noise all
    K − 1 non-constant singular values are 1; in K equal classes they are
    |1 − noise·K/(K−1)|: 0 at noise = (K−1)/K, and beyond that the label is
    informative again: it tells which class it is not.

    Parameters
    ----------
    y : (n,) array
        Labels of any kind that can be sorted: numbers, strings, booleans.
    noise : float
        In [0, 1].

    Returns
    -------
    DataContext
        n × K, sparse if noise = 0, with the K classes in ``a_labels``. It extends to
        new *labels*: ``conditional_at(y_new)``.
    """
    names, y, noise = index_of(y), as_classes("y", y), as_number("noise", noise, least=0, most=1)
    classes = np.unique(y)
    if noise > 0 and len(classes) == 1:
        raise ValueError(f"noise is {noise:g}, but y has one class only: there is no other label")
    rows_at = partial(_label_rows, classes, noise)
    return DataContext(rows_at(y) / len(y), x_labels=names, a_labels=classes.tolist(),
                       extension=rows_at)


def _label_rows(classes, noise, y_new):
    y_new = as_classes("X_new", y_new)
    same_kind = kind_of_label(y_new[0]) == kind_of_label(classes[0])
    known = np.isin(y_new, classes) & same_kind
    if not known.all():
        first = int(np.argmin(known))
        raise ValueError(f"X_new[{first}] is {y_new.tolist()[first]!r}; it must be one of the "
                         f"classes {classes.tolist()}")
    n, position = len(y_new), np.searchsorted(classes, y_new)
    own = sp.csr_array((np.ones(n), position, np.arange(n + 1)), shape=(n, len(classes)))
    if noise == 0:
        return own
    other = noise / (len(classes) - 1)
    return np.where(own.toarray() > 0, 1 - noise, other)


def graph_context(adjacency, *, drop_empty=False):
    """A = the node that one step of the random walk reaches.

    P(u, v) = w(u, v) / Σ w, so P_X = P_A is proportional to the degrees and T is self-adjoint.
    Its eigenvalues λ lie in [−1, 1] and s_i = |λ_i|: an oscillating mode (λ near −1; −1
    itself on a bipartite graph) counts as much as a smooth one.

    Parameters
    ----------
    adjacency : (n, n) array, DataFrame, scipy.sparse matrix or networkx graph
        Symmetric weights w ≥ 0; a self-loop is a weight on the diagonal.
    drop_empty : bool
        Leave isolated nodes out instead of raising; the labels tell who is left.

    Returns
    -------
    DataContext
        n × n, sparse if ``adjacency`` is, and for a networkx graph. A new node is given
        by its edge weights to the (kept) nodes.
    """
    names = None
    if hasattr(adjacency, "nodes") and hasattr(adjacency, "adj"):  # a networkx graph
        from networkx import to_scipy_sparse_array

        names = list(adjacency.nodes)
        if not names:
            raise ValueError("adjacency is a graph without nodes")
        adjacency = to_scipy_sparse_array(adjacency, nodelist=names, dtype=float)
    weights, names, columns = as_table("adjacency", adjacency, names, names)
    order = order_of("adjacency's columns", columns, "its rows", names)
    weights = weights if order is None else weights[:, order]
    _refuse_asymmetric(weights)
    if weights.sum() <= 0:
        raise ValueError("adjacency has no edges; at least one weight must be positive")
    weights, names, _ = without_empty("adjacency", weights, names, names, drop_empty)
    rows_at = partial(_graph_rows, weights.shape[0], sp.issparse(weights))
    return DataContext(weights / weights.sum(), x_labels=names, a_labels=names, features=names,
                       extension=rows_at)


def _refuse_asymmetric(weights):
    if weights.shape[0] != weights.shape[1]:
        raise ValueError(f"adjacency has shape {weights.shape}; it must be square, nodes × nodes")
    excess = sp.coo_array(abs(weights - weights.T))
    worst = np.argmax(excess.data) if excess.data.size else None
    if worst is not None and excess.data[worst] > 1e-12 * weights.max():
        u, v = sorted(int(place[worst]) for place in excess.coords)
        raise ValueError(f"adjacency[{u}, {v}] is {weights[u, v]:g}, adjacency[{v}, {u}] is "
                         f"{weights[v, u]:g}; it must be symmetric")


def _graph_rows(n, sparse, weights):
    rows, _, _ = as_table("X_new", weights, None, None)
    if rows.shape[1] != n:
        raise ValueError(f"X_new has shape {rows.shape}; it must be (new nodes, {n}), "
                         "edge weights to the nodes")
    degree = sums(rows, axis=1)
    lonely = np.flatnonzero(degree == 0)
    if lonely.size:
        raise ValueError(f"X_new has no edge in row {lonely[0]}; a new node needs at least one")
    rows = scaled(rows, left=1 / degree)
    return sp.csr_array(rows) if sparse else as_dense(rows)
