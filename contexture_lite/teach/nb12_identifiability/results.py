"""Notebook 12's experiments over random starts, as they are shipped, and how they were made.

``python -m contexture_lite.experiment 12 FILE.csv.gz`` makes the table of `run` anew: one row for
each number, with the columns part ("bars", "downstream" or "mixing"), case, x, seed, score, value.
"""

from __future__ import annotations

import pandas as pd

from contexture_lite.datasets import tables
from contexture_lite.teach.nb12_identifiability import bars, tasks, unmixing

SEEDS = range(10)  # of the networks on bars; five of the rest


def run():
    """All three experiments, long."""
    parts = {"bars": (bars.run(SEEDS), ["learner"], "seed"),
             "downstream": (tasks.run(), ["task", "layer"], "d"),
             "mixing": (unmixing.run(), ["sources", "bend"], "delta")}
    return pd.concat([_long(*part).assign(part=name) for name, part in parts.items()],
                     ignore_index=True)[["part", "case", "x", "seed", "score", "value"]]


def _long(table, names, x):
    table = table.assign(case=table[names].agg("/".join, axis=1), x=table[x]).drop(columns=names)
    kept = ["case", "x", "seed"]
    return table.melt(kept, [c for c in table if c not in {*kept, x}], "score", "value")


def shipped(part):
    """One experiment's rows as they are shipped, a column for each score: case, x, seed, …"""
    table = tables.shipped(__package__, "results.csv.gz")
    names = sorted(table["part"].unique())
    if part not in names:
        raise ValueError(f"part is {part!r}; there are {', '.join(names)}")
    wide = table[table["part"] == part].pivot(index=["case", "x", "seed"], columns="score",
                                              values="value")
    return wide.reset_index().rename_axis(columns=None)
