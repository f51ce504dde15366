"""Why weak contexts hurt: not in exact arithmetic, but as soon as the context is sampled.

The error along strength, and three scores, when each point sees its whole row P(a | x) and when
it sees m values drawn from it. ``python -m
contexture_lite.experiment 06-sampled FILE.csv.gz`` makes the table that the course ships.
"""

import numpy as np
import pandas as pd

from contexture_lite.datasets import tables
from contexture_lite.experiment.strengths import sweep
from contexture_lite.teach.nb06_association import results
from contexture_lite.usefulness import rehearsing as rehearsal

PARTS = 300, 300, 400  # points that make the context, have a label, test: fewer than in the sweep
STRENGTHS = 8
PICTURED = "diamonds"
SCORES = {"tau": "smaller", "effective_rank": "smaller", "rehearsal": "smaller"}
EXACT = np.inf
COLUMNS = ["dataset", "family", "draws", "seed", "strength", "error", *SCORES]


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

    `contexture_lite.sweep` with fewer points and strengths; ``draws`` are its ``views``. Columns
    dataset, family, draws, seed, strength (0 weakest … 1 strongest), error (at the best d), tau,
    effective_rank, rehearsal.
    """
    table = sweep(names, families, STRENGTHS, seeds=seeds, tasks=rehearsal.DEFAULT, views=draws,
                  points=PARTS, cache=cache, n_jobs=n_jobs, progress=progress)
    return table.rename(columns={"views": "draws", "error_oracle": "error"})[COLUMNS]
