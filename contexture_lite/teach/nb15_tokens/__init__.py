"""Notebook 15, tokens: its public names, and the modules they stand for."""

PUBLIC = {
    "TokenExplorer": "explorer",
    "Sentences": "sentences",
    "token_texts": "texts",
    "token_pictures": "results",
    "digpt": "digpt",
}
EXPERIMENTS = {"15": "contexture_lite.teach.nb15_tokens.digpt.run"}
