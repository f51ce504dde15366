"""Classes, clusters and a tree of them, and the two extremes."""

from __future__ import annotations

from itertools import product

import numpy as np

from contexture_lite.gallery._parts import channel, fraction, names_of, size_between


def clusters(strength, n_clusters=3, size=3):
    """Equal clusters; A is a random point of X's own cluster, or of another one.

    A is uniform on the own cluster with probability 1 − ε, else uniform on all points of
    the other k − 1. s_i = |1 − εk/(k − 1)| for i = 1 … k − 1, the rest 0; the left
    functions that count are constant on clusters.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − εk/(k − 1), so ε = (1 − strength)(k − 1)/k.
    n_clusters : int, k ≥ 2
    size : int ≥ 1
        Points of each cluster; at most 5000 points in all.

    Source: the balanced stochastic block model (Holland, Laskey and Leinhardt 1983).
    """
    strength = fraction("strength", strength)
    k, size = size_between("n_clusters", n_clusters, 2), size_between("size", size, 1)
    size_between("n_clusters * size", k * size)
    error = (1 - strength) * (k - 1) / k
    between = np.full((k, k), error / ((k - 1) * size))
    np.fill_diagonal(between, (1 - error) / size)
    names = _cluster_names(k, size)
    rows = np.kron(between, np.ones((size, size)))
    return channel(rows, np.full(k - 1, strength), names, names)


def binary_tree(strength, inner=None):
    """Eight points: two halves, each of two leaves, each of two points.

    A falls into X's own half with probability (1 + t)/2; if so, into the own leaf with
    probability (1 + u)/2; and is uniform inside the part so chosen. With a, b, g the
    probabilities of the own leaf, the sibling leaf and the other half, the singular
    values are |a + b − g| = t for the halves, |a − b| = u(1 + t)/2 twice, for the
    leaves within each half, and 0 four times, for the points within each leaf.

    Parameters
    ----------
    strength : float in [0, 1]
        t.
    inner : float in [0, 1], optional
        u; equal to t by default. With strength = 0 and inner > 0 the halves are mixed
        but the leaves are not.

    Source: hierarchical block models; our derivation.
    """
    t = fraction("strength", strength)
    u = t if inner is None else fraction("inner", inner)
    own, sibling, other = (1 + t) * (1 + u) / 4, (1 + t) * (1 - u) / 4, (1 - t) / 4
    half = np.array([[own, sibling], [sibling, own]])
    across = np.full((2, 2), other)
    rows = np.kron(np.block([[half, across], [across, half]]), np.full((2, 2), 0.5))
    names = [f"{half}{leaf}{point}" for half, leaf, point in product("LR", "LR", "12")]
    return channel(rows, [t, u * (1 + t) / 2, u * (1 + t) / 2], names, names)


def deterministic_label(n_classes=3, size=3):
    """A is the class of X, without noise: A = h(X).

    P(a|x) = 1[a = h(x)], X uniform. s_i = 1 for i = 1 … k − 1, and there are no others:
    the dual kernel is 1[h(x) = h(x')] / P(h(x)). Always the strongest association with k
    context values, so it has no strength.

    Parameters
    ----------
    n_classes : int, k ≥ 2
    size : int ≥ 1
        Inputs of each class; at most 5000 in all.

    Source: Zhai et al. 2025, arXiv 2505.01557 (labels as a context).
    """
    k, size = size_between("n_classes", n_classes, 2), size_between("size", size, 1)
    size_between("n_classes * size", k * size)
    rows = np.kron(np.eye(k), np.ones((size, 1)))
    a_labels = [f"class {c + 1}" for c in range(k)]
    return channel(rows, np.ones(k - 1), _cluster_names(k, size), a_labels)


def independent(n=5, m=None):
    """X and A uniform and independent: s_i = 0 for all i; the context teaches nothing.

    n and m (n by default) are the numbers of inputs and of context values, 1 to 5000.
    Source: the weakest case.
    """
    n = size_between("n", n, 1)
    m = n if m is None else size_between("m", m, 1)
    return channel(np.full((n, m), 1 / m), [], names_of(n), names_of(m))


def identity(n=5):
    """A = X, uniform on n points: s_i = 1 for i = 1 … n − 1; nothing is left out, or grouped.

    n is an integer from 1 to 5000. Source: the strongest case.
    """
    n = size_between("n", n, 1)
    return channel(np.eye(n), np.ones(n - 1), names_of(n), names_of(n))


def _cluster_names(n_clusters, size):
    return [f"{c + 1}.{i + 1}" for c in range(n_clusters) for i in range(size)]
