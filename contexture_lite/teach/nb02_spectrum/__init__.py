"""Notebook 02, singular functions: its public names, and the modules they stand for."""

PUBLIC = {
    "SpectrumExplorer": "explorer",
}
