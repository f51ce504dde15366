"""Examples of the doors of notebook 14: retrieval, and neighbours by an index."""

import numpy as np
from doors.inputs import CONTEXT, COUNTS, MORE, POINTS, RNG, made

from contexture_lite import retrieval

CAPTIONS, NEW_CAPTIONS = POINTS[:, :3] + RNG.standard_normal((40, 3)), MORE[:7, :3]
TOWERS = made(retrieval.linear_towers, POINTS, CAPTIONS, d=2)
MANY = RNG.standard_normal((600, 2))

EXAMPLES = {
    "linear_towers": [{"X": POINTS, "A": CAPTIONS, "d": 2},
                      {"X": POINTS, "A": CAPTIONS, "d": 2, "ridge": 0.1,
                       "weights": RNG.random(40) + 0.1}],
    "LinearTowers.of_x": {"self": TOWERS, "X": MORE},
    "LinearTowers.of_a": {"self": TOWERS, "A": NEW_CAPTIONS},
    "LinearTowers.scores": {"self": TOWERS, "X": MORE, "A": NEW_CAPTIONS},
    "noise_edge": {"n": 100, "d_x": 9, "d_a": 20},
    "recall_at": {"scores": RNG.standard_normal((6, 9)), "k": 2},
    "information_ceiling": {"information": 1.0, "n": 100},
    "infonce_value": {"context": CONTEXT, "candidates": 4},
    "infonce_bias": {"context": CONTEXT, "candidates": 4},
    "best_gaussian_score": {"x": MORE, "a": POINTS, "rho": np.array([0.9, 0.6, 0.3, 0.1])},
    "gaussian_recall": {"rho": 0.5, "dimension": 4, "n": 30},
    "log_q_critic": {"context": CONTEXT, "drawn_from": np.array([0.1, 0.2, 0.3, 0.3, 0.1])},
    "hard_critic": {"context": CONTEXT, "beta": 0.5},
    "all_negatives_loss": {"phi": POINTS, "psi": POINTS[::-1] + 1.0},
    "queue_drift": {"momentum": 0.9, "age": 5},
    "with_modality_gap": {"phi": POINTS, "psi": MORE, "gamma": 0.5},
    "nearest_neighbours": [{"X": POINTS, "k": 5}, {"X": MANY, "k": 5, "exact": False}],
    "approximate_knn_context": {"X": MANY, "k": 5},
    "ApproximateContext": {"joint": COUNTS / COUNTS.sum(), "recall": 0.99},
}
