"""Notebook 13, symmetry: its public names, and the modules they stand for."""

PUBLIC = {
    "SymmetryExplorer": "explorer",
    "symmetry_experiment": "experiment",
    "symmetry_pictures": "figures",
}
EXPERIMENTS = {"13": "contexture_lite.teach.nb13_symmetry.experiment.run"}
