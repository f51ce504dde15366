"""Contexts made from data: neighbours, kernels, labels, graphs, random feature masks.

Each function turns data points into a channel P(a | x) and returns a `DataContext`,
which also knows the row P(a | x) of a point it has never seen. Handed to
`SingularSystem.extend`, that row gives the features of the new point,
μ_i(x) = s_i⁻¹ Σ_a P(a|x) ν_i(a), the Nyström extension of kernel PCA with the dual
kernel (Zhai et al., ICML 2025, arXiv 2505.01557).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from contexture_lite._checks import (
    as_count,
    as_dense,
    as_number,
    as_numbers,
    as_table,
    refuse_cells,
    scaled,
    sums,
    without_empty,
)
from contexture_lite.contexts import Context

LARGEST_COORDINATE = 1e150  # squares of larger ones overflow
DISTANCE_ERROR = 1e-12  # of a squared distance from a matrix product, relative to squared norms
BLOCK_CELLS = 4_000_000  # distances held at one time when ties are settled


class DataContext(Context):
    """A Context of data points that can be asked about new ones.

    ``extension`` is a function from new points to their rows P(a | x), the rule that
    made the context; the functions of this module supply it. Other arguments as for
    `Context`.
    """

    def __init__(self, joint, *, extension=None, **labels):
        super().__init__(joint, **labels)
        self.__dict__["_extension"] = extension

    def conditional_at(self, X_new):
        """P(a | x) at new points: (n, M), rows sum to 1, sparse if the context is.

        ``X_new`` is what the context was made from: points of shape (n, features); for
        `label_context` labels of shape (n,); for `graph_context` edge weights to the
        nodes, (n, M). At the old points this is `conditional()`, up to rounding.
        """
        if self._extension is None:
            raise ValueError("this DataContext was made without an extension to new points")
        return self._extension(X_new)

    def with_marginal_x(self, p_x):
        """The same channel, and its extension, under another law of the inputs."""
        joint = super().with_marginal_x(p_x).joint
        return DataContext(joint, extension=self._extension, x_labels=self.x_labels,
                           a_labels=self.a_labels)


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
        equal). With k = n every point would be everybody's neighbour and A independent of
        X, which is refused, since it is hardly ever meant.

    Returns
    -------
    DataContext
        n × n, sparse. A new point has its k nearest training points.

    Notes
    -----
    The row depends on where a point lies and on nothing else, neither on the order of the
    points nor on whether it is old or new. So copies of one point share the place's mass
    evenly (a place with m copies costs m² entries); a tie at the k-th distance between
    different places goes to the smaller largest difference in one coordinate, then to
    the first in the order of coordinates.
    """
    X, k = _as_points("X", X), as_count("k", k)
    if k >= len(X):
        raise ValueError(f"k is {k}; it must be smaller than the number of points, {len(X)}")
    places, place_of, copies = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    share = sp.csr_array((1 / copies[place_of], (place_of, np.arange(len(X)))))
    centre = places.mean(axis=0)  # near the origin squared distances lose fewest digits
    index = NearestNeighbors().fit(places - centre)
    rows_at = partial(_knn_rows, places, copies, share, centre, index, k)
    return DataContext(rows_at(X) / len(X), extension=rows_at)


def _knn_rows(places, copies, share, centre, index, k, X_new):
    """P(a | x) for places with numbers of copies: nearest places first until k is reached."""
    X_new = _as_points("X_new", X_new, places.shape[1])
    width = min(k + 1, len(places))
    distance, near = index.kneighbors(X_new - centre, width)
    tied = _undecided(distance**2, near, X_new - centre, places - centre, copies, k)
    for rows in np.array_split(tied, 1 + tied.size * len(places) // BLOCK_CELLS):
        near[rows] = _nearest_exactly(X_new[rows], places, width)
    taken = _taken(copies[near], k)
    ends = np.arange(0, near.size + 1, width)
    rows = sp.csr_array((taken.ravel() / k, near.ravel(), ends), shape=(len(X_new), len(places)))
    rows.eliminate_zeros()
    return sp.csr_array(rows @ share)


def _taken(copies, k):
    """How many points of each place, nearest first, are among the k nearest points."""
    before = np.cumsum(copies, axis=1) - copies
    return np.clip(k - before, 0, copies)


def _undecided(squared, near, X_new, places, copies, k):
    """Rows in which rounding or a tie could change who is among the k nearest."""
    taken = _taken(copies[near], k)
    last = (taken > 0).sum(axis=1) - 1
    row = np.arange(len(near))
    partly = taken[row, last] < copies[near[row, last]]
    fence = np.full((len(near), 1), np.inf)
    gap = np.diff(np.hstack([-fence, squared, fence]), axis=1)  # gap[j] lies before place j
    gap = np.minimum(gap[row, last + 1], np.where(partly, gap[row, last], np.inf))
    size = (X_new**2).sum(axis=1) + (places**2).sum(axis=1).max()
    return np.flatnonzero(gap <= DISTANCE_ERROR * size)


def _nearest_exactly(X_new, places, width):
    """The nearest places by distance, then largest difference, then order of the places.

    The largest difference also tells apart what underflow of the squares makes equal.
    """
    keys = cdist(X_new, places, "chebyshev"), cdist(X_new, places)
    return np.lexsort(keys, axis=1)[:, :width]


def rbf_context(X, bandwidth):
    """A = a training point, drawn with Gaussian weights around x.

    P(a | x) = exp(−‖x − a‖² / 2h²) / Σ_{a'} exp(−‖x − a'‖² / 2h²), P_X uniform. The rows
    are normalised, so P_A is not uniform: points in dense places are drawn more often.

    Parameters
    ----------
    X : (n, features) array
        Training points; distances are Euclidean, so the units of the features matter.
    bandwidth : float
        h > 0, in the units of X. h → 0 is the identity (if no two points are equal),
        h → ∞ independence. Weights are relative to the nearest point's, so no
        bandwidth is too small and no new point too far.

    Returns
    -------
    DataContext
        n × n, dense.
    """
    X = _as_points("X", X)
    rows_at = partial(_rbf_rows, X, as_number("bandwidth", bandwidth, above=0))
    return DataContext(rows_at(X) / len(X), extension=rows_at)


def _rbf_rows(X, bandwidth, X_new):
    return gaussian_rows(cdist(_as_points("X_new", X_new, X.shape[1]), X, "sqeuclidean"), bandwidth)


def gaussian_rows(squared, bandwidth):
    """Rows ∝ exp(−squared / 2 bandwidth²) of a table of squared distances."""
    excess = squared - squared.min(axis=1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):
        weights = np.exp(-(excess / bandwidth) / bandwidth / 2)
    return weights / weights.sum(axis=1, keepdims=True)


def label_context(y, noise=0):
    """A = the label, kept with probability 1 − noise, else one of the other classes.

    P(a | x) = 1 − noise if a = y(x), noise / (K − 1) else, P_X uniform. Without noise all
    K − 1 non-constant singular values are 1; in K equal classes they are
    |1 − noise·K/(K−1)|: 0 at noise = (K−1)/K, and beyond that the label is
    informative again, by what it is not.

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
    y, noise = _as_labels("y", y), as_number("noise", noise, least=0, most=1)
    classes = np.unique(y)
    if noise > 0 and len(classes) == 1:
        raise ValueError(f"noise is {noise:g}, but y has one class only: there is no other label")
    rows_at = partial(_label_rows, classes, noise)
    return DataContext(rows_at(y) / len(y), a_labels=classes.tolist(), extension=rows_at)


def _label_rows(classes, noise, y_new):
    y_new = _as_labels("X_new", y_new)
    known = np.isin(y_new, classes)
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

    P(u, v) = w(u, v) / Σ w, so P_X = P_A is the law of degrees and T is self-adjoint. Its
    eigenvalues λ lie in [−1, 1] and s_i = |λ_i|: an oscillating mode (λ near −1; −1
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
    _refuse_asymmetric(weights)
    if names != columns:
        raise ValueError("adjacency has different labels on its rows and its columns")
    if weights.sum() <= 0:
        raise ValueError("adjacency has no edges; at least one weight must be positive")
    weights, names, _ = without_empty("adjacency", weights, names, names, drop_empty)
    rows_at = partial(_graph_rows, weights.shape[0], sp.issparse(weights))
    return DataContext(weights / weights.sum(), x_labels=names, a_labels=names, extension=rows_at)


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


def masked(build, X, *, share=0.2, n_masks=50, rng=0, **settings):
    """The context of a random part of the features, averaged over which part it is.

    P(a | x) = mean over masks of P_mask(a | x), where P_mask is ``build`` on the features
    that the mask keeps: a mixture in which the context does not say which mask it was.

    Parameters
    ----------
    build : function
        `knn_context`, `rbf_context`, or any function from points to a DataContext with
        one context value per point and uniform P_X.
    X : (n, features) array
    share : float
        In [0, 1): each mask drops round(share · features) features, at least one
        if share > 0; at least one must stay.
    n_masks : int
        How many masks are drawn, independently (equal ones are built once).
    rng : int or numpy.random.Generator
        Seed of the masks.
    **settings
        Handed to ``build``: ``masked(knn_context, X, k=15)``.

    Returns
    -------
    DataContext
        n × n, sparse if ``build``'s contexts are; a new point's row is the average of
        its rows in the masked contexts.
    """
    X, n_masks = _as_points("X", X), as_count("n_masks", n_masks)
    if not callable(build):
        raise TypeError(f"build is {build!r}; it must be a function such as knn_context")
    kept = _keep(X.shape[1], as_number("share", share, least=0, below=1))
    rng = np.random.default_rng(rng)
    drawn = np.sort([rng.permutation(X.shape[1])[:kept] for _ in range(n_masks)], axis=1)
    masks, times = np.unique(drawn, axis=0, return_counts=True)
    parts, joint = [], 0
    for mask, weight in zip(masks, times / n_masks):
        base = build(X[:, mask], **settings)
        if not isinstance(base, DataContext) or base.shape != (len(X), len(X)):
            raise TypeError(f"build returned {base!r}; it must return a DataContext with one input "
                            f"and one context value for each of the {len(X)} points")
        joint = joint + weight * base.joint
        parts.append((mask, weight, base._extension))
    return DataContext(joint, extension=partial(_masked_rows, X.shape[1], parts))


def _keep(features, share):
    dropped = max(1, round(share * features)) if share > 0 else 0
    if dropped >= features:
        raise ValueError(f"share is {share:g}: no feature is left of the {features} of X")
    return features - dropped


def _masked_rows(features, parts, X_new):
    X_new = _as_points("X_new", X_new, features)
    return sum(weight * rows_at(X_new[:, mask]) for mask, weight, rows_at in parts)


# -- what comes in ----------------------------------------------------------------


def _as_points(name, X, features=None):
    """The argument as finite points, a new (n, features) float array."""
    if sp.issparse(X):
        raise TypeError(f"{name} is sparse; points must be a dense array")
    X = as_numbers(name, X)
    if X.ndim != 2:
        raise ValueError(f"{name} has shape {X.shape}; it must be two-dimensional, "
                         "points × features")
    if 0 in X.shape:
        raise ValueError(f"{name} has shape {X.shape}; it needs at least one point and one feature")
    if features is not None and X.shape[1] != features:
        raise ValueError(f"{name} has {X.shape[1]} features; the context was made from {features}")
    refuse_cells(name, X, lambda v: ~np.isfinite(v), "must be finite")
    refuse_cells(name, X, lambda v: np.abs(v) > LARGEST_COORDINATE,
                 f"must be at most {LARGEST_COORDINATE:g} in size, for its square to be finite")
    return X


def _as_labels(name, y):
    """The argument as a one-dimensional array of labels that can be sorted, none missing."""
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ValueError(f"{name} has shape {labels.shape}; it must be one-dimensional, "
                         "one label a point")
    if labels.size == 0:
        raise ValueError(f"{name} is empty; it needs at least one label")
    entries = y.tolist() if hasattr(y, "tolist") else list(y)  # as given: NumPy makes NaN a string
    for place, label in enumerate(entries):
        if label is None or label != label:
            raise ValueError(f"{name}[{place}] is {label}; every point needs a label")
        if isinstance(label, str) != isinstance(entries[0], str):
            raise TypeError(f"{name}[0] is {entries[0]!r} and {name}[{place}] is {label!r}; "
                            "labels must be of one kind")
    return labels
