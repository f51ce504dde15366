"""Notebook 08, scaling curves: its public names, and the modules they stand for."""

PUBLIC = {
    "ScalingExplorer": "explorer",
    "agreement": "agreement",
    "scaling_law": "law",
    "scaling_results": "results",
}
EXPERIMENTS = {"08": "contexture_lite.learn.scaling.grid_and_cuts"}
