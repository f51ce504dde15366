"""The experiment of notebook 06: many real tables, contexts of every strength, and the error.

For each table, family of contexts, strength and seed: the spectrum of the context, the scores
of it (`contexture_lite.usefulness`), and the error of a linear probe on the first d singular
functions at points that neither the context nor the probe has seen. After Zhai et al. 2025,
arXiv 2505.01557; differences are named in `sweep`.
"""

from __future__ import annotations

from numbers import Real

import numpy as np

from contexture_lite import datasets as real
from contexture_lite._checks import as_count, as_numbers, as_target, row_by_row
from contexture_lite._lazy import needed
from contexture_lite.contexts import Context
from contexture_lite.experiment import jobs, protocol
from contexture_lite.experiment.families import FAMILIES, conditionals, perplexity, sampled
from contexture_lite.spectrum import singular_system
from contexture_lite.usefulness import rehearsing as rehearsal

# To be raised with every change of the code that changes numbers: the cache cannot see code, it
# knows finished work by what went in, and this goes in.
EDITION = 2


def sweep(datasets=None, families=FAMILIES, strengths=12, *, seeds=(0, 1, 2), tasks=None,
          views=None, points=protocol.PARTS, cache=None, n_jobs=-1, progress=True):
    """Contexts of every strength on real tables: spectrum, scores, probe error; a DataFrame.

    Protocol: points are split at random into 600 that make the context (P_X uniform), 400
    with a label and 600 to test on (60/20/20 % of smaller tables). Features are standardised
    by the first part and clipped at 8. The context of a point is one of the first part's
    points: Gaussian weights ("rbf") or the nearest ("knn", itself included), or the average
    of these over 50 random masks that hide a fifth of the features each ("masked …"). A ridge
    probe, its penalty chosen by leave-one-out, sees the first d functions, extended to the
    labelled points, d rounded up so that no repeated singular value is cut; its predictions
    are brought into the range of the labels; error is the mean squared error over the variance
    of the target (one-hot for classes). The paper uses other tables, 35 strengths and up to
    twice as many points.

    Parameters
    ----------
    datasets : sequence of names, or dict from name to (X, y), optional
        Names as in `contexture_lite.datasets.tabular`; all of them by default. Of own tables
        X is (n, features), y floats (regression) or integers, booleans, texts (classes).
    families : sequence of str
        Some of "rbf", "knn", "masked rbf", "masked knn".
    strengths : int
        How many; geometric in the effective number of neighbours under one mask (the mean
        perplexity of P(a|x), or K), from 0.9 of all points (weakest) to 2 (strongest).
    seeds : sequence of int
        One split, one set of masks, of draws and of invented tasks each.
    tasks : sequence of names or functions, optional
        Kinds of invented tasks, such as "linear", "smooth", "rules" (`contexture_lite.rehearsal`):
        a column rehearsal has the risk on eight of each. It sees the functions at the labelled
        points, and no label; it is empty where these are fewer than 20.
    views : sequence of int or inf, optional
        How many context values every point, old and new, shows: its row P(a | x) becomes the
        shares among so many independent draws, or stays a whole one, inf. A column names it.
    points : three int
        At most how many points make the context, have a label, test.
    cache : path, optional
        Folder of finished work, a file for each table, family and seed: a killed sweep goes on
        where it stopped. A file that cannot be read or written costs a warning, and no result.
    n_jobs, progress : int, bool
        Workers of `joblib.Parallel`, on which the result does not depend; whether to show a
        bar. Inside ``joblib.parallel_config("dask")`` the same call runs on a cluster
        (``cache`` then must be a folder that every worker sees).

    Returns
    -------
    pandas.DataFrame
        One row for each table, family, seed and strength, with columns dataset, kind, n,
        features, family, strength (0 weakest … 1 strongest), share (effective neighbours over
        the number of points), seed, s1, chi2, rank, tau, tau_d, effective_rank, log_trace,
        decay_rate, tau_b0.25 … (τ with another β), tau_d0_32 … (with another d₀),
        tau_constant (with the constant mode counted), error_1 … error_512 (each with the
        whole run of repeated values that d falls in; empty beyond the rank), d_oracle and
        error_oracle (least test error), d_loo and error_loo (least leave-one-out error; of
        equal ones the smaller d). Scores and errors of an independent context are empty.
    """
    pd = needed("pandas")

    families, strengths = _families(families), as_count("strengths", strengths, least=2)
    seeds, tables = jobs.as_seeds(seeds), _tables(datasets)
    settings = _kinds(tasks), _views(views), _points(points)
    units = [(name, X, y, family, strengths, seed, *settings)
             for name, (X, y) in tables.items() for family in families for seed in seeds]
    work = jobs.run(_unit, units, cache=cache, edition=EDITION, n_jobs=n_jobs,
                    progress=progress, label=_label)
    return pd.DataFrame([row for rows in work for row in rows])


def _label(name, X, y, family, strengths, seed, *settings):
    return f"{name}, {family}, seed {seed}"


def _unit(name, X, y, family, strengths, seed, tasks, views, points):
    """The rows of one table, family and seed, weakest first."""
    rng = np.random.default_rng(seed)
    parts = protocol.split(len(X), rng, points)
    Z = protocol.standardised(X, parts[0])
    kind, target = protocol.targets(y)
    for part, which in zip(parts, ("the context", "the labels", "the test")):
        if not Z.size or (target[part] == target[part[0]]).all():
            raise ValueError(f"datasets[{name!r}], seed {seed}: nothing varies among the "
                             f"{len(part)} points of {which}; give more points or another seed")
    about = {"dataset": name, "kind": kind, "n": len(X), "features": X.shape[1], "family": family}
    rows, invented = [], _invented(Z[parts[1]], tasks, seed)
    made = conditionals(family, Z, parts, strengths, rng)
    for position, channel in zip(np.linspace(0, 1, strengths), made):
        share = perplexity(channel[0]) / len(channel[0])
        for shown in views or [np.inf]:
            trained, labelled, test = sampled(channel, shown, rng)
            system = singular_system(Context.from_conditional(trained))
            row = about | {"strength": position, "share": share, "seed": seed}
            row |= protocol.spectrum_summary(system)
            row |= protocol.errors(system, labelled, test, target[parts[1]], target[parts[2]],
                                   invented)
            if tasks:
                row.setdefault("rehearsal", np.nan)
            if views:
                row["views"] = shown
            rows.append(row)
    return rows


def _invented(X, kinds, seed):
    """The tasks of these kinds, (m, T); None where there is nothing to rehearse with."""
    if not kinds or len(X) < rehearsal.FEWEST or not np.ptp(X, axis=0).any():
        return None
    return np.hstack([*rehearsal.tasks(X, rng=seed, kinds=kinds).values()])


# -- what comes in --------------------------------------------------------------------


def _families(families):
    families = [families] if isinstance(families, str) else list(families)
    for family in families:
        if family not in FAMILIES:
            raise ValueError(f"families has {family!r}; there are {', '.join(FAMILIES)}")
    if not families:
        raise ValueError(f"families is empty; there are {', '.join(FAMILIES)}")
    return families


def _kinds(tasks):
    """The kinds of invented tasks as a list, checked by `rehearsal`; None for no rehearsal."""
    return None if tasks is None else list(rehearsal.kinds_of(tasks).values())


def _views(views):
    if views is None:
        return None
    views = [views] if isinstance(views, (str, Real)) else list(views)
    if not views:
        raise ValueError("views is empty; inf stands for the whole row of every point")
    return [shown if shown == np.inf else as_count(f"views[{i}]", shown)
            for i, shown in enumerate(views)]


def _points(points):
    if not np.iterable(points) or isinstance(points, str) or len(points) != 3:
        raise TypeError(f"points is {points!r}; it must be three numbers, such as "
                        f"{protocol.PARTS}")
    return tuple(as_count(f"points[{i}]", count, least=2) for i, count in enumerate(points))


def _tables(datasets):
    """{name: (X, y)} of what was asked for."""
    datasets = real.tabular() if datasets is None else datasets
    datasets = [datasets] if isinstance(datasets, str) else datasets
    if not len(datasets):
        raise ValueError("datasets is empty; `datasets.tabular()` lists the names")
    if isinstance(datasets, dict):
        return {str(name): _own(f"datasets[{name!r}]", pair) for name, pair in datasets.items()}
    return {name: (np.ascontiguousarray(table.X), np.ascontiguousarray(table.y))
            for name, table in ((name, real.load(name)) for name in datasets)}


def _own(name, pair):
    """A reader's own X and y, checked."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"{name} is a {type(pair).__name__}; it must be a pair (X, y)")
    X, y = row_by_row(**{f"X of {name}": pair[0], f"y of {name}": pair[1]})
    X = as_numbers(f"X of {name}", X)
    y = as_target(f"y of {name}", y)
    if X.ndim != 2 or y.shape != (len(X),) or len(X) < 20:
        raise ValueError(f"{name} has X of shape {X.shape} and y of shape {y.shape}; they must be "
                         "(n, features) and (n,), n at least 20")
    return np.ascontiguousarray(X), y
