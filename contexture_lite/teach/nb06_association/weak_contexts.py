"""Why weak contexts hurt: not in exact arithmetic, but as soon as the context is sampled.

The error along strength, and three scores, when each point sees its whole row P(a | x) and when
it sees m values drawn from it. ``python -m
contexture_lite.experiment 06-sampled FILE.csv.gz`` makes the table that the course ships.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contexture_lite import datasets, rehearsal, usefulness
from contexture_lite._checks import as_count
from contexture_lite.contexts import Context
from contexture_lite.datasets import tables
from contexture_lite.experiment import jobs, protocol
from contexture_lite.experiment.families import conditionals, normalised, used_columns
from contexture_lite.spectrum import singular_system
from contexture_lite.teach.nb06_association import results

PARTS = 300, 300, 400  # points that make the context, have a label, test: fewer than in the sweep
STRENGTHS = 8
PICTURED = "diamonds"
SCORES = {"tau": "smaller", "effective_rank": "smaller", "rehearsal": "smaller"}
EXACT = np.inf
EDITION = 1  # to be raised with every change of the code that changes numbers


def shipped():
    """The table of `run` on all data sets, as it is shipped; a DataFrame."""
    return tables.shipped(__package__, "sampled.csv.gz")


def pointed_at(table):
    """`results.pointed_at` for the three scores of this table."""
    return results.pointed_at(table, SCORES, "error")


def cost_of_choosing(table):
    """`results.cost_of_choosing` for the three scores of this table."""
    return results.cost_of_choosing(table, SCORES, "error")


def make(cache):
    """What is shipped: sixteen draws on all tables, other numbers of them on the pictured one."""
    return pd.concat([run(cache=cache), run([PICTURED], ["rbf"], (4, 64, EXACT), cache=cache)],
                     ignore_index=True)


def run(names=None, families=("rbf", "knn"), draws=(16,), seeds=(0, 1, 2), *, cache=None,
        n_jobs=1, progress=True):
    """Error and scores along strength, by the number of values drawn a point; a DataFrame.

    The protocol of `contexture_lite.sweep` with fewer points. With m draws the rows P(a | x) of
    all points, old and new, are replaced by the shares among m independent draws. The rehearsal
    risk sees the functions at the labelled points, and no label.

    ``names`` are of `contexture_lite.datasets.tabular`, all by default; ``draws`` are whole
    numbers or `numpy.inf` for the rows themselves; a seed is one split, one set of draws and one
    of invented tasks. Columns dataset, family, draws, seed, strength (0 weakest … 1 strongest),
    error (at the best d), tau, effective_rank, rehearsal.
    """
    names = datasets.tabular() if names is None else names
    draws = [m if m == EXACT else as_count("draws", m) for m in draws]
    units = [(name, family, draws, seed) for name in names for family in families
             for seed in jobs.as_seeds(seeds)]
    work = jobs.run(_unit, units, cache=cache, edition=EDITION, n_jobs=n_jobs, progress=progress,
                    label=_label)
    return pd.DataFrame([row for rows in work for row in rows])


def _label(name, family, draws, seed):
    return f"{name}, {family}, seed {seed}"


def _unit(name, family, draws, seed):
    """The rows of one table, family and seed, weakest first."""
    data, rng, rows = datasets.load(name), np.random.default_rng(seed), []
    _, target = protocol.targets(data.y)
    parts = protocol.split(len(data.X), rng, PARTS)
    Z = protocol.standardised(data.X, parts[0])
    exact = conditionals(family, Z, parts, STRENGTHS, rng)
    for strength, channel in zip(np.linspace(0, 1, STRENGTHS), exact):
        for m in draws:
            about = {"dataset": name, "family": family, "draws": m, "seed": seed,
                     "strength": strength}
            rows.append(about | _measured(_drawn(channel, m, rng), Z[parts[1]],
                                          *(target[part] for part in parts[1:]), seed))
    return rows


def _measured(channel, X, y, y_test, seed):
    """Error and scores of a context, given by the rows of its three parts."""
    trained, labelled, test = channel
    system = singular_system(Context.from_conditional(trained))
    values = np.where(system.values > protocol.SMALLEST, system.values, 0)
    features, = protocol.functions(system, labelled)
    ends = protocol.group_ends(values[: features.shape[1]], rehearsal.DIMENSIONS)
    return {"error": protocol.errors(system, labelled, test, y, y_test)["error_oracle"],
            "tau": usefulness.tau(values).value,
            "effective_rank": usefulness.effective_rank(values).value,
            "rehearsal": rehearsal.risk(features, X, dimensions=ends.tolist(), rng=seed).value}


def _drawn(channel, m, rng):
    """The three parts of a channel as m draws a point show them."""
    if m == EXACT:
        return channel
    counts = rng.multinomial(m, np.concatenate(channel))
    rows = normalised(counts, used_columns(counts, len(channel[0])))
    return np.split(rows, np.cumsum([len(part) for part in channel])[:-1])
