"""Notebook 16, your own data: its public names, and the modules they stand for."""

PUBLIC = {
    "DiagnosisExplorer": "explorer",
    "choice_results": "results",
    "choice_pictures": "figures",
}
EXPERIMENTS = {"16": "contexture_lite.diagnosis.choices.run",
               "16-sampled": "contexture_lite.diagnosis.choices.sampled"}
