"""Two modalities in one space: linear towers, what retrieval can reach, what InfoNCE shows.

X and A are the two modalities (a picture and its name), r(x, a) = P(x, a) / p(x) q(a) the density
ratio of their joint distribution, I = E log r their mutual information in nats and χ² = Σ s_i² its
strength. A *critic* is a score f(x, a), by which a gallery of candidates is ranked.
"""

from contexture_lite.retrieval.infonce import (
    all_negatives_loss,
    hard_critic,
    infonce_bias,
    infonce_value,
    log_q_critic,
    queue_drift,
)
from contexture_lite.retrieval.recall import (
    best_gaussian_score,
    gaussian_recall,
    information_ceiling,
    recall_at,
)
from contexture_lite.retrieval.towers import (
    LinearTowers,
    linear_towers,
    noise_edge,
    with_modality_gap,
)

__all__ = [
    "LinearTowers", "linear_towers", "noise_edge", "recall_at", "information_ceiling",
    "infonce_value", "infonce_bias", "best_gaussian_score", "gaussian_recall", "log_q_critic",
    "hard_critic", "all_negatives_loss", "queue_drift", "with_modality_gap",
]  # fmt: skip
