"""Notebook 05, SVME and KISE: its public names, and the modules they stand for."""

PUBLIC = {
    "ExtractionExplorer": "explorer",
    "networks": "networks",
}
