"""Which context suits a table of one's own: too weak, too strong or as good as the best, and a mix.

The sweep of `contexture_lite.experiment` on one table, with what can be said about it and
how sure it is.
"""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite._lazy import needed
from contexture_lite.diagnosis import measure, mixes, verdicts
from contexture_lite.diagnosis.result import Diagnosis
from contexture_lite.diagnosis.table import read
from contexture_lite.experiment.families import FAMILIES
from contexture_lite.usefulness import rehearsing as rehearsal

FEWEST_LABELS = 10


def diagnose(X, y=None, contexts=None, *, labels=None, tasks=None, seed=0, progress=True):
    """Measure contexts of every strength on a table, and say which are too weak or too strong.

    On 5 random splits of the rows (10 of fewer than 500 rows), at most 400 points make the
    context, 300 with a label train a ridge probe on its first d singular functions (penalty and
    d by leave-one-out, no repeated value cut), 600 test it: error = mean squared error /
    variance, for classes on one-hot labels; predictions are brought into the range of the
    labels. Splits share rows, so that the variance of a mean over J of them is taken as
    (1/J + n_test/n_rest) times the variance among them (Nadeau and Bengio 2003).

    *Verdicts on strengths*: in at most 5 of 100 families is a strength called too weak or too
    strong that is as good as all beyond it (`verdicts.verdicts`). *Comparisons*, each wrong in 5
    of 100 by chance: the best context, and the columns with a context's functions side by side,
    against ridge regression on the columns; and the best contexts of the two best families
    mixed in four ways, against the better of the two.

    Parameters
    ----------
    X : (rows, columns) DataFrame or array
        At least 30 rows. Numbers, texts, booleans, categories, dates; numbers and dates in
        texts, too ("?" for nothing, "1.234,5", "12 %"); words among numbers ("<5") go to a
        column beside them. Missing numbers become the median, texts one column for each value,
        and everything is standardised, by what is seen at the context's points.
    y : (rows,) array or Series, optional
        Floats, or whole numbers with more than 20 values, are quantities; texts, booleans
        and other whole numbers are classes. Rows whose y is missing are left out. Without y
        there are scores and a rehearsal on invented tasks, which cannot say what is best.
    contexts : sequence of names, or dict, optional
        Some of "rbf", "knn", "masked rbf", "masked knn" (all of them by default); or your
        own, measured beside these four: {name: [functions, weakest first]}, each of
        which makes a `DataContext` of an array of points.
    labels : float or int, optional
        Share of the rows that have a label, from 0.05 to 0.8, at most 1,000 of them; or how many,
        a whole number from 10 on. By default a fifth, at most 300.
    tasks : sequence of names or functions, optional
        The kinds of task that you expect, on which contexts rehearse: "linear", "smooth" and
        "rules" by default, "classes" (many of them), or your own (`contexture_lite.rehearsal`).
    seed, progress : int, bool
        Of the splits and of the masks; whether to show a bar.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> diagnose(*load_iris(return_X_y=True), ["knn"], progress=False).best["family"]
    'knn'
    """
    from threadpoolctl import threadpool_limits

    seed, families = as_count("seed", seed, least=0), _families(contexts)
    table = read(X, y)
    with threadpool_limits(1):  # the work is shared out by split and family
        splits = measure.splits(table, seed, _labels(labels, len(table.frame)), tasks)
        runs, sides = _measured(families, splits, seed, progress)
        rows = verdicts.summarise(runs, splits)
        errors, rights = (
            {name: np.array([[cell.get(key, np.nan) for cell in row] for row in of_family])
             for name, of_family in runs.items()} for key in ("error", "right"))
        about = dict.fromkeys(("best", "both", "chosen", "mixes", "suggestion"))
        about |= {"comparisons": {}}
        if table.target is not None:
            about = _judged(rows, errors, rights, sides, splits, verdicts.by_labels(runs, splits))
            if len(families) > 1:
                about |= _mixes(families, rows, errors, splits, seed, progress)
    ridge = [[split.ridge.get(key, np.nan) for split in splits] for key in ("error", "right")]
    return Diagnosis(
        rows, **about, errors=errors, baseline=np.array(ridge[0]),
        baseline_right=float(np.mean(ridge[1])), shape=table.shape, kind=table.kind,
        sizes=tuple(map(len, splits[0].parts)), overlap=splits[0].overlap, notes=table.notes,
        tasks=splits[0].kinds)


def _labels(labels, rows):
    """The share of the rows that have a label, None for the usual one."""
    if labels is None:
        return None
    if isinstance(labels, Integral) and not isinstance(labels, bool) and labels >= FEWEST_LABELS:
        labels = labels / rows
        if labels <= 0.8:
            return labels
    if isinstance(labels, bool) or not isinstance(labels, Real) or not 0.05 <= labels <= 0.8:
        raise ValueError(f"labels is {labels!r}; it must be the share of the rows that have a "
                         "label, from 0.05 to 0.8, or their number, a whole one from "
                         f"{FEWEST_LABELS} to {int(0.8 * rows)}")
    return float(labels)


def _measured(families, splits, seed, progress):
    """({family: cells by split and strength}, {family: columns and functions, by split})."""
    units = [(family, split, [seed, number]) for family in families.values()
             for number, split in enumerate(splits)]
    found = _in_parallel(measure.measure_family, units, "contexts", progress)
    blocks = {name: found[i * len(splits):(i + 1) * len(splits)]
              for i, name in enumerate(families)}
    return ({name: [cells for cells, _ in block] for name, block in blocks.items()},
            {name: [side for _, side in block] for name, block in blocks.items()})


def _judged(rows, errors, rights, sides, splits, chosen):
    """The best context and both side by side, beside each other and ridge regression."""
    overlap, best = splits[0].overlap, verdicts.best(rows, errors, rights)
    both = verdicts.least_rehearsed(sides, rows, splits)
    fresh = best.pop("fresh"), chosen.pop("fresh")
    few = len(splits[0].parts[1]) < rehearsal.FEW
    every = {"ridge": np.array([split.ridge["error"] for split in splits]),
             "context": fresh[few], "both": both.pop("errors"), "mean": np.ones(len(splits))}
    pairs = [("context", "ridge"), ("both", "ridge"), ("both", "context"),
             *((name, "mean") for name in ("ridge", "context", "both"))]
    comparisons = {f"{one}, {other}": verdicts.compared(every[one] - every[other], overlap)
                   for one, other in pairs}
    return {"best": best, "both": both, "chosen": chosen, "mixes": None, "suggestion": None,
            "comparisons": comparisons}


def _families(contexts):
    """{name: a name of FAMILIES, or a list of functions}."""
    if isinstance(contexts, dict):
        own = {name: [make] if callable(make) else make for name, make in contexts.items()}
        for name, makers in own.items():
            if name in FAMILIES or not isinstance(makers, (list, tuple)) or not makers \
                    or not all(map(callable, makers)):
                raise TypeError(f"contexts[{name!r}] must have a new name and be a list of "
                                "functions from points to a DataContext, weakest first, such as "
                                "[functools.partial(cl.knn_context, k=k) for k in (100, 30, 10)]")
        return dict(zip(FAMILIES, FAMILIES)) | {str(name): own[name] for name in own}
    names = FAMILIES if contexts is None else contexts
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if not isinstance(name, str) or name not in FAMILIES:
            raise ValueError(f"contexts has {name!r}; there are {', '.join(FAMILIES)}, and a dict "
                             "{name: [functions]} for your own")
    if not names:
        raise ValueError("contexts is empty; leave it out for all four families")
    return dict(zip(names, names))


def _in_parallel(function, jobs, unit, progress):
    """Results in the order of the jobs; threads, since the work is in NumPy's hands."""
    import joblib

    tqdm = needed("tqdm.auto").tqdm
    work = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        joblib.delayed(function)(*job) for job in jobs)
    return list(tqdm(work, total=len(jobs), desc=unit, disable=not progress))


def _mixes(families, rows, errors, splits, seed, progress):
    """The mixes of the best contexts of the two best families, against the better of the two."""
    chosen = verdicts.best_two(rows)
    names, places, dimensions = chosen["family"], chosen["place"], chosen["d"].astype(int)
    parts = [families[name] for name in names]
    mixed = _in_parallel(mixes.measured_mixes, [
        (split, [seed, number], parts, list(places), list(dimensions))
        for number, split in enumerate(splits)], "mixes", progress)
    best = errors[names.iloc[0]][:, places.iloc[0]]
    return {"suggestion": verdicts.suggestion(rows, chosen),
            "mixes": verdicts.judge_mixes(mixed, best, splits[0].overlap)}
