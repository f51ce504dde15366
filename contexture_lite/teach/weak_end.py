"""Why weak contexts hurt: not in exact arithmetic, but as soon as the context is sampled.

The error along strength for Gaussian contexts of one real table, when each point sees its
whole row P(a | x), and when it sees m values drawn from it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contexture_lite import datasets, experiment
from contexture_lite._checks import as_count
from contexture_lite._families import conditionals, normalised, used_columns
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

PARTS = 200, 200, 400  # points that make the context, have a label, test: fewer than in the sweep
STRENGTHS = 7
EXACT = np.inf


def sampled_errors(name="diamonds", draws=(1, 4, 16, 64, EXACT), seeds=(0, 1, 2)):
    """Error along strength of the "rbf" family, by the number of values drawn a point.

    The protocol of `contexture_lite.sweep` with fewer points. With m draws the rows P(a | x) of
    all points, old and new, are replaced by the shares among m independent draws.

    Parameters
    ----------
    name : str
        As in `contexture_lite.datasets.tabular`.
    draws : sequence of int, or `numpy.inf` for the rows themselves
    seeds : sequence of int
        One split and one set of draws each.

    Returns
    -------
    DataFrame
        Columns strength (0 weakest … 1 strongest), draws, seed, error (at the best d).
    """
    draws = [m if m == EXACT else as_count("draws", m) for m in draws]
    data = datasets.load(name)
    _, target = experiment.targets(data.y)
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        parts = experiment.split(len(data.X), rng, PARTS)
        Z = experiment.standardised(data.X, parts[0])
        exact = conditionals("rbf", Z, parts, STRENGTHS, rng)
        for strength, channel in zip(np.linspace(0, 1, STRENGTHS), exact):
            for m in draws:
                trained, labelled, test = _drawn(channel, m, rng)
                system = singular_system(Context.from_conditional(trained))
                found = experiment.errors(system, labelled, test, target[parts[1]],
                                          target[parts[2]])
                rows.append({"strength": strength, "draws": m, "seed": seed,
                             "error": found["error_oracle"]})
    return pd.DataFrame(rows)


def _drawn(channel, m, rng):
    """The three parts of a channel as m draws a point show them."""
    if m == EXACT:
        return channel
    counts = rng.multinomial(m, np.concatenate(channel))
    rows = normalised(counts, used_columns(counts, len(channel[0])))
    return np.split(rows, np.cumsum([len(part) for part in channel])[:-1])
