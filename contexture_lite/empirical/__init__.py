"""Contexts made from data: neighbours, kernels, labels, graphs, random feature masks.

Each function turns data points into a channel P(a | x) and returns a `DataContext`,
which also knows the row P(a | x) of a point it has never seen. Handed to
`SingularSystem.extend`, that row gives the features of the new point,
μ_i(x) = s_i⁻¹ Σ_a P(a|x) ν_i(a), the Nyström extension of kernel PCA with the dual
kernel (Zhai et al., ICML 2025, arXiv 2505.01557).
"""

from contexture_lite.empirical.discrete import graph_context, label_context
from contexture_lite.empirical.index import approximate_knn_context, nearest_neighbours
from contexture_lite.empirical.neighbours import knn_context
from contexture_lite.empirical.points import DataContext, masked, rbf_context

__all__ = [
    "DataContext", "knn_context", "rbf_context", "label_context", "graph_context", "masked",
    "nearest_neighbours", "approximate_knn_context",
]  # fmt: skip
