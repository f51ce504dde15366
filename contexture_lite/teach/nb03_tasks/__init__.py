"""Notebook 03, which tasks become easy: its public names, and the modules they stand for."""

PUBLIC = {
    "TaskExplorer": "explorer",
    "RotationExplorer": "rotation",
}
