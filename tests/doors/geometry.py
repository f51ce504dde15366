"""Examples of notebook 11's doors."""

import numpy as np
from doors.inputs import CONTEXT, OF_A, POINTS, VALUES, WEIGHTS, made

import contexture_lite as cl

UNIT = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
RING = np.roll(np.eye(9), 1, axis=0) + 2 * np.eye(9) + np.roll(np.eye(9), -1, axis=0)
WALK = made(cl.Context.from_counts, RING)

EXAMPLES = {
    "alignment_loss": {"context": CONTEXT, "f": OF_A},
    "uniformity": {"f": UNIT, "weights": WEIGHTS},
    "contrastive_optimum": {"context": WALK, "temperature": 0.2},
    "uniform_optimum": {"context": WALK, "weight": 0.7},
    "critical_temperature": {"context": WALK},
    "collapse_report": {"features": POINTS, "weights": WEIGHTS},
    "hubness": {"features": POINTS, "k": 3},
    "soft_threshold": {"values": VALUES, "level": 0.4},
    "sparse_code": {"threshold": 0.5, "rho": 0.4},
}
