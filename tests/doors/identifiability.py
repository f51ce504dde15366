"""Examples of the doors of lesson 12."""

import numpy as np
from doors.inputs import CONTEXT, POINTS, RNG, SYSTEM, VALUES, WEIGHTS

from contexture_lite import identifiability

FACTORS = np.column_stack([np.arange(40) % 5, np.arange(40) // 8, RNG.integers(0, 3, 40)]) * 1.0
SCORED = {"features": POINTS, "factors": FACTORS, "weights": WEIGHTS}


def standard(z):
    z = z - z.mean(axis=0)
    return z / z.std(axis=0)


SOURCES = standard(RNG.uniform(size=(40, 2)))
EXAMPLES = {
    "product": {"first": CONTEXT, "second": CONTEXT}, "reflecting_walk": {"strength": 0.5},
    "relabellings": {"context": CONTEXT},
    "pure_modes": {"system": SYSTEM, "factors": FACTORS[:6]},
    "separates": {"spectra": [VALUES, np.array([0.7, 0.2])]},
    "angle_variance": {"values": np.array([0.9, 0.7]), "n": 50},
    "first_step": {"X": POINTS, "labels": np.where(FACTORS > 1.5, 1.0, -1.0),
                   "neurons": RNG.standard_normal((7, 4))},
    "task_ceiling": {"d": 50, "n": 200, "r": 3},
    "robust_slope": {"sources": SOURCES, "bend": SOURCES**2, "mixing": np.eye(2)},
    "sampling_floor": {"sources": SOURCES, "n": 50},
    "factor_shares": SCORED, "purity": SCORED, "one_each": SCORED,
    "matched_correlation": SCORED, "mutual_information_gap": SCORED,
    "rotation_null": {"score": identifiability.purity, "factors": FACTORS, "weights": WEIGHTS,
                      "draws": 3},
}
