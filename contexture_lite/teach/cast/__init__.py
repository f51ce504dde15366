"""The contexts, tasks and sampled encoders that come back in every lesson."""
