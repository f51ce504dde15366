"""Notebook 07, mixing contexts: its public names, and the modules they stand for."""

PUBLIC = {
    "MixingExplorer": "explorer",
    "mixing_results": "results",
}
