"""Notebook 07, mixing contexts: its public names, and the modules they stand for."""

PUBLIC = {
    "MixingExplorer": "explorer",
    "mixing_results": "results",
}
EXPERIMENTS = {
    "07": "contexture_lite.teach.nb07_mixing.experiment.run",
    "07-trial": "contexture_lite.diagnosis.trial.run",
}
