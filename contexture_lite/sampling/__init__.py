"""How many samples: exact risks of a probe on learned features, and their Monte Carlo.

A risk is the expected excess of the squared error over the noise σ² (``noise``, a variance),
on new points. The formulas are for jointly Gaussian features; beside each stands a
simulation that draws points and labels, fits, and never looks at the formula. Features may
be estimated themselves (`two_stages`), and few inputs of a context labelled (`transforms`).
"""

from contexture_lite.sampling.monte_carlo import MonteCarlo, Risk
from contexture_lite.sampling.probe import (
    best_dimension,
    chance_chi2,
    complexity,
    kept_modes,
    mixture_error,
    probe_risk,
    simulate_mixture,
    simulate_probe,
)
from contexture_lite.sampling.transforms import (
    inverse_laplacian,
    repeated_averaging,
    transformed_ridge,
    truncation,
)
from contexture_lite.sampling.two_stages import (
    factor_risk,
    simulate_two_stage,
    subspace_rotation,
    two_stage_risk,
)

__all__ = ["Risk", "MonteCarlo", "probe_risk", "simulate_probe", "best_dimension", "kept_modes",
           "two_stage_risk", "subspace_rotation", "factor_risk", "simulate_two_stage",
           "mixture_error", "simulate_mixture", "chance_chi2", "complexity", "truncation",
           "inverse_laplacian", "transformed_ridge", "repeated_averaging"]
