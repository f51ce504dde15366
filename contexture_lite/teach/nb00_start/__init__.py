"""Notebook 00, start here: its public names, and the modules they stand for."""

PUBLIC = {
    "StoryExplorer": "explorer",
    "digits_479": "pairs",
    "two_tasks": "pairs",
    "drawn_pairs": "pairs",
    "probe_errors": "pairs",
    "neighbours_drawn": "figures",
    "friendships": "figures",
}
