"""Notebook 01, expectation operators: its public names, and the modules they stand for."""

PUBLIC = {
    "ChannelExplorer": "explorer",
    "variance_split": "figures",
    "kernels": "figures",
}
