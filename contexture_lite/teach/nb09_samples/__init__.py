"""Notebook 09, how many samples: its public names, and the modules they stand for."""

PUBLIC = {
    "SampleExplorer": "explorer",
    "sample_experiment": "experiment",
    "sample_pictures": "figures",
}
