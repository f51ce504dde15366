"""A small sweep, for the tests and for the processes that they start."""

import numpy as np

import contexture_lite as cl


def points(n=60, features=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features))


def table(n=60, features=5, seed=0):
    X = points(n, features, seed)
    return X, X[:, 0] ** 2 + X @ np.arange(features)


def classes(n=60, seed=0):
    X, y = table(n, seed=seed)
    return X, np.digitize(y, np.quantile(y, [0.3, 0.6]))


def small(**settings):
    """A sweep of two units, each of two strengths."""
    settings = {"datasets": {"a": table(), "b": classes()}, "families": ["knn"], "strengths": 2,
                "seeds": [0], "n_jobs": 1, "progress": False} | settings
    return cl.sweep(**settings)
