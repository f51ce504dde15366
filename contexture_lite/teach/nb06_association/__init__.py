"""Notebook 06, association strength: its public names, and the modules they stand for."""

PUBLIC = {
    "AssociationExplorer": "explorer",
    "sweep_results": "results",
    "sweep_figures": "figures",
    "tau_along_d": "dimension",
    "sampled_sweep": "weak_contexts",
    "sampled_figures": "sampled_figures",
}
EXPERIMENTS = {
    "06": "contexture_lite.teach.nb06_association.results.make",
    "06-sampled": "contexture_lite.teach.nb06_association.weak_contexts.make",
}
