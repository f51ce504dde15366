"""Notebook 11, geometry and collapse: its public names, and the modules they stand for."""

PUBLIC = {
    "GeometryExplorer": "explorer",
    "geometry_experiment": "experiment",
    "geometry_pictures": "figures",
}
