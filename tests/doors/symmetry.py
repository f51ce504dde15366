"""Examples of the doors of notebook 13: five points of which three go round a cycle, and others."""

import numpy as np
from doors.inputs import RNG

STEP, OTHER = np.array([1, 2, 0, 3, 4]), np.array([1, 2, 0, 4, 5, 3, 6])
CYCLE = np.array([np.arange(5), STEP, STEP[STEP]])
BESIDE = np.array([np.arange(7), OTHER, OTHER[OTHER]])
NU, FEATURES = np.array([0.5, 0.3, 0.2]), RNG.standard_normal((5, 2))

EXAMPLES = {
    "orbits": {"permutations": CYCLE}, "group_steps": {"permutations": CYCLE, "distribution": NU},
    "group": {"generators": CYCLE[1:]}, "fixed_points": {"permutations": CYCLE},
    "number_of_orbits": {"permutations": CYCLE},
    "soft_burnside": {"permutations": CYCLE, "distribution": NU},
    "forgotten_subgroup": {"support": CYCLE[:2]}, "irreducibles": {"permutations": CYCLE},
    "averaged": {"f": FEATURES, "permutations": CYCLE},
    "representation": {"features": FEATURES, "permutation": STEP},
    "equivariance_error": {"features": FEATURES, "permutations": CYCLE},
    "free_weights": {"permutations_x": CYCLE, "permutations_y": BESIDE},
}
