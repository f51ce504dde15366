"""Notebook 05, SVME and KISE: its public names, and the modules they stand for."""

PUBLIC = {
    "ExtractionExplorer": "explorer",
    "networks": "networks",
}
EXPERIMENTS = {"05": "contexture_lite.teach.nb05_svme_kise.networks.table"}
