"""Contexts of points: one that can be asked about new ones, Gaussian weights, masked features."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.spatial.distance import cdist

from contexture_lite._checks import (
    as_count,
    as_number,
    as_numbers,
    columns_of,
    in_columns,
    index_of,
    refuse_cells,
)
from contexture_lite.contexts import Context

LARGEST_COORDINATE = 1e150  # squares of larger ones overflow


class DataContext(Context):
    """A Context of data points that can be asked about new ones.

    ``extension`` is a function from new points to their rows P(a | x), the rule that
    made the context, and ``features`` the names of the columns that it takes, if they have
    names; the functions of this package supply both. Other arguments as for `Context`.
    """

    def __init__(self, joint, *, extension=None, features=None, **labels):
        super().__init__(joint, **labels)
        self.__dict__.update(_extension=extension, _features=features)

    def conditional_at(self, X_new):
        """P(a | x) at new points: (n, M), rows sum to 1, sparse if the context is.

        ``X_new`` are points of shape (n, features). Columns with names are brought into the
        order of the old ones. At the old points this is `conditional()`, up to rounding.
        """
        if self._extension is None:
            raise ValueError("this DataContext was made without an extension to new points")
        return self._extension(in_columns("X_new", X_new, self._features, "the context"))

    def with_marginal_x(self, p_x):
        """The same channel, and its extension, under another distribution of the inputs."""
        joint = super().with_marginal_x(p_x).joint
        return DataContext(joint, extension=self._extension, features=self._features,
                           x_labels=self.x_labels, a_labels=self.a_labels)


def as_points(name, X, features=None):
    """The argument as finite points, a new (n, features) float array."""
    X = as_numbers(name, X, "(points, features)")
    if features is not None and X.shape[1] != features:
        raise ValueError(f"{name} has {X.shape[1]} features; the context was made from {features}")
    refuse_cells(name, X, lambda v: np.abs(v) > LARGEST_COORDINATE,
                 f"it must be at most {LARGEST_COORDINATE:g} in size, for its square to be finite")
    return X


def names_of(X):
    """What a context of the points X takes from a DataFrame: the names of columns and of rows."""
    rows = index_of(X)
    return {"features": columns_of(X), "x_labels": rows, "a_labels": rows}


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
    names, X = names_of(X), as_points("X", X)
    rows_at = partial(_rbf_rows, X, as_number("bandwidth", bandwidth, above=0))
    return DataContext(rows_at(X) / len(X), extension=rows_at, **names)


def _rbf_rows(X, bandwidth, X_new):
    return gaussian_rows(cdist(as_points("X_new", X_new, X.shape[1]), X, "sqeuclidean"), bandwidth)


def gaussian_rows(squared, bandwidth):
    """Rows ∝ exp(−squared / 2 bandwidth²) of a table of squared distances."""
    excess = squared - squared.min(axis=1, keepdims=True)
    with np.errstate(over="ignore", under="ignore"):
        weights = np.exp(-(excess / bandwidth) / bandwidth / 2)
    return weights / weights.sum(axis=1, keepdims=True)


def entropies(rows):
    """H(A | X = x) = −Σ_a P(a|x) log P(a|x) in nats, for every row P(a | x) of a dense table."""
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
    return -(rows * logs).sum(axis=1)


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
    names, X, n_masks = names_of(X), as_points("X", X), as_count("n_masks", n_masks)
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
    return DataContext(joint, extension=partial(_masked_rows, X.shape[1], parts), **names)


def _keep(features, share):
    dropped = max(1, round(share * features)) if share > 0 else 0
    if dropped >= features:
        raise ValueError(f"share is {share:g}: no feature is left of the {features} of X")
    return features - dropped


def _masked_rows(features, parts, X_new):
    X_new = as_points("X_new", X_new, features)
    return sum(weight * rows_at(X_new[:, mask]) for mask, weight, rows_at in parts)
