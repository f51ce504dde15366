"""The shape of an embedding: alignment, uniformity, temperature, collapse, hubs, sparse codes.

An encoder f gives every context value a point, f (M, m). A positive pair is two views A, A⁺ of
one input, so that λ_i = s_i² are the eigenvalues of the views; A⁻ is an independent draw.
Expectations over two points are over *all* pairs, a point with itself included.
"""

from contexture_lite.geometry.collapse import (
    CollapseReport,
    Hubs,
    SparseCode,
    collapse_report,
    hubness,
    soft_threshold,
    sparse_code,
)
from contexture_lite.geometry.contrastive import (
    Optimum,
    alignment_loss,
    contrastive_optimum,
    critical_temperature,
    uniform_optimum,
    uniformity,
)

__all__ = [
    "alignment_loss", "uniformity", "contrastive_optimum", "uniform_optimum",
    "critical_temperature", "Optimum", "collapse_report", "CollapseReport", "hubness", "Hubs",
    "soft_threshold", "sparse_code", "SparseCode",
]
