"""τ_d and the error along d, for contexts of three strengths: the paper's Figure 3, made again."""

import numpy as np
import pandas as pd

from contexture_lite import datasets, usefulness
from contexture_lite.empirical import knn_context
from contexture_lite.experiment import protocol
from contexture_lite.spectrum import singular_system


def tau_along_d(name="abalone", neighbours=(150, 30, 5), seeds=(0, 1, 2)):
    """A DataFrame with columns neighbours, seed, d (1, 2, 4 … 512), tau_d, error.

    The protocol of `contexture_lite.sweep`: 600 points make the context, a seed is one split.
    """
    data, rows = datasets.load(name), []
    _, target = protocol.targets(data.y)
    for seed in seeds:
        parts = protocol.split(len(data.X), np.random.default_rng(seed))
        trained, labelled, test = (protocol.standardised(data.X, parts[0])[part] for part in parts)
        for k in neighbours:
            context = knn_context(trained, k)
            system = singular_system(context)
            new = (context.conditional_at(points).toarray() for points in (labelled, test))
            errors = protocol.errors(system, *new, target[parts[1]], target[parts[2]])
            values = np.where(system.values > protocol.SMALLEST, system.values, 0)
            curve = usefulness.tau(values).curve
            rows += [{"neighbours": k, "seed": seed, "d": d, "tau_d": curve[d - 1],
                      "error": errors[f"error_{d}"]} for d in protocol.DIMENSIONS]
    return pd.DataFrame(rows)
