"""Which hidden factors can be recovered: what a context leaves open, and how to score an answer.

Inputs are x = g(z) with independent factors z = (z₁ … z_m) and an unknown bijection g. Where
``factors`` are asked for they are an (n, m) array, the level of every factor at each of n inputs,
and ``weights`` the distribution of the inputs, uniform by default.
"""

from contexture_lite.identifiability.contexts import (
    angle_variance,
    pure_modes,
    relabellings,
    separates,
)
from contexture_lite.identifiability.scores import (
    factor_shares,
    matched_correlation,
    mutual_information_gap,
    one_each,
    purity,
    rotation_null,
)
from contexture_lite.identifiability.signals import (
    first_step,
    robust_slope,
    sampling_floor,
    task_ceiling,
)

__all__ = [
    "relabellings", "pure_modes", "separates", "angle_variance", "first_step", "task_ceiling",
    "robust_slope", "sampling_floor", "factor_shares", "purity", "one_each",
    "matched_correlation", "mutual_information_gap", "rotation_null",
]  # fmt: skip
