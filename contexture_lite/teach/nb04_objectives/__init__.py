"""Notebook 04, objectives that learn it: its public names, and the modules they stand for."""

PUBLIC = {
    "objectives_experiment": "experiment",
    "race_promise": "race.explorer",
    "TemperatureExplorer": "temperature",
    "copies": "copies",
    "TrainingRace": "race.explorer",
    "CollapseExplorer": "collapse",
    "BarlowExplorer": "barlow",
    "SignedWalkExplorer": "signed_walk",
}
EXPERIMENTS = {"04": "contexture_lite.teach.nb04_objectives.experiment.run"}
