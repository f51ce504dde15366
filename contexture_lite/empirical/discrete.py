"""Contexts without distances: of labels, and of a graph."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_classes,
    as_number,
    as_table,
    index_of,
    order_of,
    without_empty,
)
from contexture_lite.contexts import Context


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
    Context
        n × K, sparse if noise = 0, with the K classes in ``a_labels``.
    """
    names, y, noise = index_of(y), as_classes("y", y), as_number("noise", noise, least=0, most=1)
    classes, position = np.unique(y, return_inverse=True)
    if noise > 0 and len(classes) == 1:
        raise ValueError(f"noise is {noise:g}, but y has one class only: there is no other label")
    n = len(y)
    joint = sp.csr_array((np.full(n, 1 / n), position, np.arange(n + 1)), shape=(n, len(classes)))
    if noise > 0:
        joint = np.where(joint.toarray() > 0, 1 - noise, noise / (len(classes) - 1)) / n
    return Context(joint, x_labels=names, a_labels=classes.tolist())


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
    Context
        n × n, sparse if ``adjacency`` is, and for a networkx graph.
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
    return Context(weights / weights.sum(), x_labels=names, a_labels=names)


def _refuse_asymmetric(weights):
    if weights.shape[0] != weights.shape[1]:
        raise ValueError(f"adjacency has shape {weights.shape}; it must be square, nodes × nodes")
    excess = sp.coo_array(abs(weights - weights.T))
    worst = np.argmax(excess.data) if excess.data.size else None
    if worst is not None and excess.data[worst] > 1e-12 * weights.max():
        u, v = sorted(int(place[worst]) for place in excess.coords)
        raise ValueError(f"adjacency[{u}, {v}] is {weights[u, v]:g}, adjacency[{v}, {u}] is "
                         f"{weights[v, u]:g}; it must be symmetric")
