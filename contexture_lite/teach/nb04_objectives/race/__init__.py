"""The race of the objectives, notebook 04."""
