"""Notebook 12, which factors: its public names, and the modules they stand for."""

PUBLIC = {
    "FactorExplorer": "explorer",
    "factor_pairs": "compute",
    "factor_bars": "bars",
    "factor_tasks": "tasks",
    "factor_mixing": "unmixing",
    "factor_results": "results",
    "factor_pictures": "figures",
}
EXPERIMENTS = {"12": "contexture_lite.teach.nb12_identifiability.results.run"}
