"""contexture_lite: why learned representations work, as a course and a small package.

``import contexture_lite as cl`` brings in only NumPy and scipy.sparse; everything
else is imported when its name is first used.
"""

from contexture_lite._lazy import on_first_use
from contexture_lite.contexts import Context
from contexture_lite.spectrum import SingularSystem, singular_system

__version__ = "0.1.0"

# public name -> the module that defines it; a module's own name stands for itself
_ON_FIRST_USE = {
    "gallery": "gallery",
    "claims": "claims",
    "datasets": "datasets",
    "teach": "teach",
    "learn": "learn",
    "alignment": "alignment",
    "compatibility": "tasks",
    "minimax_error": "tasks",
    "worst_case_error": "tasks",
    "ratio_trace": "tasks",
    "ritz": "tasks",
    "linear_probe": "probes",
    "usefulness": "usefulness",
    "tau": "usefulness",
    "rehearsal": "usefulness.rehearsing",
    "sweep": "experiment",
    "diagnose": "diagnosis",
    "convolve": "mixing",
    "convex_combination": "mixing",
    "concatenate": "mixing",
    "concatenate_embeddings": "mixing",
    "geometry": "geometry",
    "sampling": "sampling",
    "retrieval": "retrieval",
    "shift": "shift",
    "identifiability": "identifiability",
    "tokens": "tokens",
    "symmetry": "symmetry",
    "knn_context": "empirical",
    "rbf_context": "empirical",
    "nearest_neighbours": "empirical",
    "approximate_knn_context": "empirical",
    "label_context": "empirical",
    "graph_context": "empirical",
    "masked": "empirical",
    "ContextureEmbedding": "estimator",
}

__all__ = ["Context", "SingularSystem", "singular_system", *_ON_FIRST_USE]
__getattr__, __dir__ = on_first_use(__name__, _ON_FIRST_USE)
