"""Distribution shift: importance weights, robust risks, reweighting, and spectra under shift.

The robust risks (`cvar`, `chi2_risk`, `doro`, `group_risks` and their worst weights) are plain
functions of losses, NumPy arrays or torch tensors alike.
"""

from contexture_lite.shift.reweighting import descend, reweighted_ridge
from contexture_lite.shift.risks import (
    chi2_risk,
    chi2_weights,
    cvar,
    cvar_weights,
    doro,
    doro_weights,
    group_risks,
    worst_group,
)
from contexture_lite.shift.spectra import ShiftedSpectrum, shifted_spectrum
from contexture_lite.shift.weights import (
    Weights,
    effective_size,
    estimated_weights,
    importance_weights,
)

__all__ = [
    "importance_weights", "estimated_weights", "effective_size", "Weights",
    "cvar", "cvar_weights", "chi2_risk", "chi2_weights", "doro", "doro_weights",
    "group_risks", "worst_group",
    "reweighted_ridge", "descend", "shifted_spectrum", "ShiftedSpectrum",
]
