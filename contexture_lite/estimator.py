"""The features a context predicts best, as a scikit-learn transformer."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.spatial.distance import pdist, squareform
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from contexture_lite._checks import as_count, as_number, plain
from contexture_lite.empirical import knn_context, rbf_context
from contexture_lite.empirical.points import entropies, gaussian_rows
from contexture_lite.spectrum import singular_system


class ContextureEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Embed points by the leading singular functions of a context made from them.

    φ(x) = (μ₁(x), …, μ_d(x)), which spans what contrastive, non-contrastive and
    reconstruction objectives on this context learn (Zhai et al., ICML 2025,
    arXiv 2505.01557, Section 3); at new points μ_i(x) = s_i⁻¹ Σ_a P(a|x) ν_i(a).

    Parameters
    ----------
    context : {"knn", "rbf"}
        A is one of the nearest training points, or drawn with Gaussian weights. Both
        use Euclidean distances: standardise features of different units first.
    n_components : int
        d. With n training points there are only n − 1 functions: at most so many
        columns are made (``n_components_``).
    strength : float
        In (0, 1]; how much of x the context tells, on one scale for both families:
        strength = 1 − H(A|X) / log n, so that x has n^(1−strength) effective neighbours.
        0 is independence, 1 the identity, 1/2 means √n neighbours. "knn" takes
        k = n^(1−strength), rounded and at most n − 1; "rbf" the bandwidth at which the mean
        entropy of P(a|x) is (1 − strength) log n.

    Attributes
    ----------
    context_ : DataContext
    system_ : SingularSystem
    singular_values_ : (n_components_,) array
        s_i; 0 says that there is no such function, and the column is zero.
    n_components_ : int
        The number of columns.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    The columns are not scaled: over the training points each has mean 0, variance 1 and
    no correlation with the others. Multiplied by ``singular_values_``, their inner
    products are k_X⁺ − 1, the dual kernel, up to the functions left out.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> ContextureEmbedding(n_components=2).fit_transform(load_iris().data).shape
    (150, 2)
    """

    def __init__(self, context="knn", n_components=8, strength=0.5):
        self.context = context
        self.n_components = n_components
        self.strength = strength

    def fit(self, X, y=None):
        """Make the context of the points X, (n, features), and decompose it; y is ignored."""
        if self.context not in ("knn", "rbf"):
            raise ValueError(f"context is {self.context!r}; it must be 'knn' or 'rbf'")
        wanted = as_count("n_components", self.n_components)
        strength = as_number("strength", self.strength, above=0, most=1)
        X = validate_data(self, plain("X", X), dtype=float, ensure_min_samples=2)
        if self.context == "knn":
            k = round(len(X) ** (1 - strength))
            self.context_ = knn_context(X, min(max(1, k), len(X) - 1))
        else:
            self.context_ = rbf_context(X, _bandwidth(X, strength))
        self.n_components_ = min(wanted, len(X) - 1)
        self.system_ = singular_system(self.context_, self.n_components_)
        self.singular_values_ = self.system_.values
        return self

    def transform(self, X):
        """μ_1 … μ_d at the points X, (n, features): an array of shape (n, n_components_)."""
        check_is_fitted(self)
        X = validate_data(self, plain("X", X), dtype=float, reset=False)
        return self.system_.extend(self.context_.conditional_at(X))

    @property
    def _n_features_out(self):
        return self.n_components_


def _bandwidth(X, strength):
    """The bandwidth at which the mean entropy of P(a|x) is (1 − strength) log n.

    The entropy of every row grows with the bandwidth, so there is one; if copies of
    points put the target out of reach, the end of the range that is nearest to it.
    """
    distances = pdist(X)
    if not distances.any():
        return 1.0  # all points are equal: every bandwidth says the same
    squared = squareform(distances) ** 2

    def excess(log_bandwidth):
        rows = gaussian_rows(squared, np.exp(log_bandwidth))
        return entropies(rows).mean() - (1 - strength) * np.log(len(X))

    least, most = distances[distances > 0].min() / 100, distances.max() * 100
    if excess(np.log(least)) >= 0:
        return least
    if excess(np.log(most)) <= 0:
        return most
    return np.exp(brentq(excess, np.log(least), np.log(most), xtol=1e-6))
