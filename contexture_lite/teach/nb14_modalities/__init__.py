"""Notebook 14, pictures and their names: its public names, and the modules they stand for."""

PUBLIC = {
    "ModalityExplorer": "explorer",
    "modality_data": "compute",
    "modality_experiment": "experiment",
    "modality_pictures": "figures",
}
EXPERIMENTS = {"14": "contexture_lite.teach.nb14_modalities.experiment.run"}
