"""Notebook 10, distribution shift: its public names, and the modules they stand for."""

PUBLIC = {
    "ShiftExplorer": "explorer",
    "shift_contexts": "contexts",
    "shift_data": "data",
    "shift_experiment": "experiment",
    "shift_weights": "weights",
}
EXPERIMENTS = {"10": "contexture_lite.teach.nb10_shift.contexts.run",
               "10-wages": "contexture_lite.teach.nb10_shift.experiment.run"}
