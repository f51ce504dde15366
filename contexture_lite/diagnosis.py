"""Which context suits a table of one's own: too weak, about right, too strong, and a mix.

The sweep of `contexture_lite.experiment` on one table, with what can be said about it and
how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite import _measured, _readers_table, _verdicts
from contexture_lite._checks import as_count
from contexture_lite._families import FAMILIES


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What `diagnose` found; printed it is a report, in a notebook with its figure.

    Attributes
    ----------
    table : DataFrame
        One row for each family and strength, weakest first: points (how many context values a
        point is tied to: the mean perplexity of P(a | x)), s1, chi2, the scores tau,
        effective_rank, log_trace, decay_rate, all means over the splits, and with labels d,
        error, se, worse (error minus the family's least), worse_se, behind (error minus the
        least of all), behind_se, verdict ("too weak", "about right", "too strong"; of a
        family of one strength beside the best of all).
    best : dict or None
        The context with the least error: family, place (0 the weakest), points, d, error, se,
        and fresh: the mean error where the context is chosen without the split it is measured
        on, since the least of many errors is a little flattered; beside_ridge (error minus
        that of ridge regression on the columns) and beside_ridge_se.
    mixes : DataFrame or None
        One row for each mix of the best contexts of the two best families: error, se, change
        (from the best context), change_se, verdict ("better", "worse", "cannot
        tell", or "not measured": a convolution of contexts whose values are not points).
    suggestion : dict or None
        mix, parts (two families) and why: which mix theory suggests.
    errors : dict
        By family, (splits, strengths).
    baseline : (splits,) array
        Error of ridge regression on the columns themselves.
    values : dict
        By family, a list of the first squared singular values, (strengths, ≤ 64), of one split.
    shape, kind, sizes, notes
        Of the table; "regression", "classification" or None; how many points made the
        context, were labelled, tested; what was done to the table.
    """

    table: object
    best: dict | None
    mixes: object | None
    suggestion: dict | None
    errors: dict
    baseline: np.ndarray
    values: dict
    shape: tuple[int, int]
    kind: str | None
    sizes: tuple[int, int, int]
    notes: tuple[str, ...]

    @property
    def families(self):
        """Names of the families, in the order they were measured."""
        return tuple(self.errors)

    def figure(self):
        """The error along the strength of every family, the scores beneath, the mixes beside."""
        import contexture_lite

        return contexture_lite.teach.draw_diagnosis(self)

    def __repr__(self):
        from contexture_lite._diagnosis_text import report

        return report(self)

    def _ipython_display_(self):
        """The figure, and the report below it, where there is a notebook to show them."""
        import contexture_lite

        try:
            contexture_lite.teach.show_diagnosis(self)
        except ImportError:  # without matplotlib there are still the words
            print(self)


def diagnose(X, y=None, contexts=None, *, seed=0, progress=True):
    """Measure contexts of every strength on a table, and say which are too weak or too strong.

    On 5 random splits of the rows, at most 400 points make the context, 300 with a label
    train a ridge probe on its first d singular functions (penalty and d by leave-one-out),
    600 test it: error = mean squared error / variance, for classes on one-hot labels;
    predictions are brought into the range of the labels. A strength is *too weak* or *too
    strong* if its error is above the least of its family by more than 2 standard errors of
    the paired difference, and *about right* if not. Splits share rows, so that the variance
    of a mean over J of them is taken as (1/J + n_test/n_rest) times the variance among them
    (Nadeau and Bengio 2003). Then the best contexts of the two best families are mixed in
    three ways, measured on the same splits.

    Parameters
    ----------
    X : (rows, columns) DataFrame or array
        At least 30 rows. Numbers, texts, booleans, categories, dates. Missing numbers become
        the median, texts one column for each value, and everything is standardised, by what
        is seen at the context's points.
    y : (rows,) array or Series, optional
        Floats, or whole numbers with more than 20 values, are quantities; texts, booleans
        and other whole numbers are classes. Rows whose y is missing are left out. Without y
        there are spectra and scores, which cannot say what is best.
    contexts : sequence of names, or dict, optional
        Some of "rbf", "knn", "masked rbf", "masked knn" (all of them by default); or your
        own, measured beside these four: {name: [functions, weakest first]}, each of
        which makes a `DataContext` of an array of points.
    seed : int
        Of the splits and of the masks.
    progress : bool
        Show a bar.

    Returns
    -------
    Diagnosis

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> diagnose(*load_iris(return_X_y=True), ["knn"], progress=False).best["family"]
    'knn'
    """
    from threadpoolctl import threadpool_limits

    seed, families = as_count("seed", seed, least=0), _families(contexts)
    table = _readers_table.read(X, y)
    with threadpool_limits(1):  # the work is shared out by split and family
        splits = _measured.splits(table, seed)
        found = _in_parallel(
            _measured.along, [(family, split, [seed, number]) for family in families.values()
                              for number, split in enumerate(splits)], "contexts", progress)
        found = {name: found[i * len(splits):(i + 1) * len(splits)]
                 for i, name in enumerate(families)}
        rows = _verdicts.table(found, splits)
        errors = {name: np.array([[cell["error"] for cell in row] for row in runs])
                  for name, runs in found.items()}
        best = mixed = suggestion = None
        if table.target is not None:
            best = _verdicts.best(rows, errors)
            best |= _verdicts.beside_ridge(best, errors, splits)
            rows = _verdicts.beside(rows, errors, best, splits[0].overlap)
            if len(families) > 1:
                chosen = rows.loc[rows.groupby("family")["error"].idxmin()].nsmallest(2, "error")
                suggestion = _verdicts.suggestion(rows, chosen)
                mixed = _mixes(families, chosen, errors, splits, seed, progress)
    return Diagnosis(
        rows, best, mixed, suggestion, errors, np.array([split.baseline for split in splits]),
        {name: [cell["values"] ** 2 for cell in runs[0]] for name, runs in found.items()},
        table.shape, table.kind, tuple(map(len, splits[0].parts)), table.notes)


def _families(contexts):
    """{name: a name of FAMILIES, or a list of functions}."""
    if isinstance(contexts, dict):
        for name, makers in contexts.items():
            makers = [makers] if callable(makers) else makers
            if name in FAMILIES or not isinstance(makers, (list, tuple)) or not makers \
                    or not all(map(callable, makers)):
                raise TypeError(f"contexts[{name!r}] must have a new name and be a list of "
                                "functions from points to a DataContext, weakest first, such as "
                                "[functools.partial(cl.knn_context, k=k) for k in (100, 30, 10)]")
            contexts = contexts | {name: list(makers)}
        return {name: name for name in FAMILIES} | {str(k): v for k, v in contexts.items()}
    names = FAMILIES if contexts is None else contexts
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if not isinstance(name, str) or name not in FAMILIES:
            raise ValueError(f"contexts has {name!r}; there are {', '.join(FAMILIES)}, and a dict "
                             "{name: [functions]} for your own")
    if not names:
        raise ValueError("contexts is empty; leave it out for all four families")
    return {name: name for name in names}


def _in_parallel(function, jobs, unit, progress):
    """Results in the order of the jobs; threads, since the work is in NumPy's hands."""
    import joblib
    from tqdm.auto import tqdm

    work = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        joblib.delayed(function)(*job) for job in jobs)
    return list(tqdm(work, total=len(jobs), desc=unit, disable=not progress))


def _mixes(families, chosen, errors, splits, seed, progress):
    """The three mixes of two contexts, measured, against the better of the two."""
    names, places, dimensions = chosen["family"], chosen["place"], chosen["d"].astype(int)
    parts = [families[name] for name in names]
    found = _in_parallel(_measured.mixes, [
        (split, [seed, number], parts, list(places), list(dimensions))
        for number, split in enumerate(splits)], "mixes", progress)
    best = errors[names.iloc[0]][:, places.iloc[0]]
    return _verdicts.mixes(found, best, splits[0].overlap)
