"""Notebook 11, geometry and collapse: its public names, and the modules they stand for."""

PUBLIC = {
    "GeometryExplorer": "explorer",
    "geometry_experiment": "experiment",
    "geometry_pictures": "figures",
}
EXPERIMENTS = {"11": "contexture_lite.teach.nb11_geometry.experiment.run"}
