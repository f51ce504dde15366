"""The experiment of notebook 06: many real tables, contexts of every strength, and the error.

For each table, family of contexts, strength and seed: the spectrum of the context, the scores
of it (`contexture_lite.usefulness`), and the error of a linear probe on the first d singular
functions at points that neither the context nor the probe has seen. After Zhai et al. 2025,
arXiv 2505.01557; differences are named in `sweep`.

``python -m contexture_lite.experiment FILE.csv.gz`` makes the table that the course ships.
"""

from __future__ import annotations

import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV

from contexture_lite import _units, usefulness
from contexture_lite import datasets as real
from contexture_lite._checks import as_count, as_numbers, refuse_cells
from contexture_lite._families import FAMILIES, conditionals, perplexity
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

# To be raised with every change of the code that changes numbers: the cache cannot see code, it
# knows finished work by what went in, and this goes in.
EDITION = 1
PRETRAIN, LABELLED, TEST = 600, 400, 600
CLIP, FAR = 8.0, 4.0  # standard deviations, of columns and of whitened ones
DIMENSIONS = tuple(2**k for k in range(10))  # 1 … 512
PENALTIES = np.logspace(-6, 4, 21)
SMALLEST = 1e-6  # singular values below are rounding
# scores of a spectrum that the table lists, and which values each calls useful
SCORES = {"tau": "smaller", "effective_rank": "smaller", "log_trace": "smaller",
          "decay_rate": "larger"}
BETAS, D0S = (0.25, 0.5, 2.0, 4.0), (32, 128)  # how τ is varied beside β = 1, d₀ = 512


def sweep(datasets=None, families=FAMILIES, strengths=12, *, seeds=(0, 1, 2), cache=None,
          n_jobs=-1, progress=True):
    """Contexts of every strength on real tables: spectrum, scores, probe error; a DataFrame.

    Protocol: points are split at random into 600 that make the context (P_X uniform), 400
    with a label and 600 to test on (60/20/20 % of smaller tables). Features are standardised
    by the first part and clipped at 8. The context of a point is one of the first part's
    points: Gaussian weights ("rbf") or the nearest ("knn", itself included), or the average
    of these over 50 random masks that hide a fifth of the features each ("masked …"). A ridge
    probe, its penalty chosen by leave-one-out, sees the first d functions, extended to the
    labelled points; error is the mean squared error over the variance of the target (one-hot
    for classes). The paper uses other tables, 35 strengths and up to twice as many points.

    Parameters
    ----------
    datasets : sequence of names, or dict from name to (X, y), optional
        Names as in `contexture_lite.datasets.tabular`; all of them by default. Of own tables
        X is (n, features), y floats (regression) or integers, booleans, texts (classes).
    families : sequence of str
        Some of "rbf", "knn", "masked rbf", "masked knn".
    strengths : int
        How many; geometric in the number of points that a point is tied to under one mask
        (mean perplexity, or K), from 0.9 of them all (weakest) to 2 (strongest).
    seeds : sequence of int
        One split and one set of masks each.
    cache : path, optional
        Folder of finished work, a file for each table, family and seed: a killed sweep goes on
        where it stopped. A file that cannot be read any more is made again, with a warning.
    n_jobs : int
        Workers of `joblib.Parallel`; the result does not depend on it. Inside
        ``joblib.parallel_config("dask")`` the same call runs on a cluster (``cache`` then
        must be a folder that every worker sees).
    progress : bool
        Show a bar.

    Returns
    -------
    pandas.DataFrame
        One row for each table, family, seed and strength, with columns dataset, kind, n,
        features, family, strength (0 weakest … 1 strongest), share (mean perplexity of
        P(a|x) over the number of points), seed, s1, chi2, rank, tau, tau_d, effective_rank,
        log_trace, decay_rate, tau_b0.25 … (τ with another β), tau_d0_32 … (with another d₀),
        tau_constant (with the constant mode counted), error_1 … error_512 (empty beyond the
        rank), d_oracle and error_oracle (least test error), d_loo and error_loo (least
        leave-one-out error). Scores and errors of an independent context are empty.

    Raises
    ------
    ValueError, TypeError
        For names that are not there, and for tables with something missing, too few points
        or nothing to tell apart.
    """
    import pandas as pd

    families, strengths = _families(families), as_count("strengths", strengths, least=2)
    seeds, tables = _units.as_seeds(seeds), _tables(datasets)
    jobs = [(name, X, y, family, strengths, seed)
            for name, (X, y) in tables.items() for family in families for seed in seeds]
    work = _units.run(_unit, jobs, cache=cache, edition=EDITION, n_jobs=n_jobs,
                      progress=progress, label=_label)
    return pd.DataFrame([row for rows in work for row in rows])


def _label(name, X, y, family, strengths, seed):
    return f"{name}, {family}, seed {seed}"


def _unit(name, X, y, family, strengths, seed):
    """The rows of one table, family and seed, weakest first."""
    rng = np.random.default_rng(seed)
    parts = split(len(X), rng)
    Z = standardised(X, parts[0])
    kind, target = targets(y)
    for part, which in zip(parts, ("the context", "the labels", "the test")):
        if not Z.size or (target[part] == target[part[0]]).all():
            raise ValueError(f"datasets[{name!r}], seed {seed}: nothing varies among the "
                             f"{len(part)} points of {which}; give more points or another seed")
    about = {"dataset": name, "kind": kind, "n": len(X), "features": X.shape[1], "family": family}
    rows = []
    made = conditionals(family, Z, parts, strengths, rng)
    for position, (trained, labelled, test) in zip(np.linspace(0, 1, strengths), made):
        system = singular_system(Context.from_conditional(trained))
        found = errors(system, labelled, test, target[parts[1]], target[parts[2]])
        place = {"strength": position, "share": perplexity(trained) / len(trained), "seed": seed}
        rows.append(about | place | spectrum_summary(system) | found)
    return rows


def spectrum_summary(system):
    """The scores of a spectrum that the table lists; empty (NaN) for an independent context."""
    values = np.where(system.values > SMALLEST, system.values, 0)
    names = {"effective_rank": usefulness.effective_rank, "log_trace": usefulness.log_trace,
             "decay_rate": usefulness.decay_rate}
    variants = {f"tau_b{beta:g}": {"beta": beta} for beta in BETAS}
    variants |= {f"tau_d0_{d0}": {"d0": d0} for d0 in D0S}
    found = {"s1": values[0], "chi2": (values**2).sum(), "rank": int((values > 0).sum())}
    if not found["rank"]:
        return found | dict.fromkeys(["tau", "tau_d", *names, *variants, "tau_constant"], np.nan)
    tau = usefulness.tau(values)
    found |= {"tau": tau.value, "tau_d": tau.d}
    found |= {name: score(values).value for name, score in names.items()}
    found |= {name: usefulness.tau(values, **how).value for name, how in variants.items()}
    return found | {"tau_constant": usefulness.tau(np.append(1, values)).value}


def errors(system, labelled, test, y, y_test):
    """Probe error along d: at test points, and by leave-one-out among the labelled ones.

    ``labelled`` and ``test`` are rows P(a | x), ``y`` and ``y_test`` (n, k) targets.
    """
    rank = int((system.values > SMALLEST).sum())
    features, new = (rows @ system.right[:, :rank] / system.values[:rank]
                     for rows in (labelled, test))
    found, left_out = {}, {}
    for d in DIMENSIONS:
        if d > rank:
            found[d] = left_out[d] = np.nan
            continue
        found[d], left_out[d] = probe_error(features[:, :d], y, new[:, :d], y_test)
    oracle, chosen = (min(table, key=lambda d: (np.isnan(table[d]), table[d]))
                      for table in (found, left_out))
    return {f"error_{d}": error for d, error in found.items()} | {
        "d_oracle": oracle, "error_oracle": found[oracle],
        "d_loo": chosen, "error_loo": found[chosen],
    }


def probe_error(features, y, new, y_test):
    """(mean squared error over variance at test points, leave-one-out error) of a ridge probe."""
    probe = RidgeCV(PENALTIES).fit(features, y)
    misses = y_test - probe.predict(new).reshape(y_test.shape)
    error = (misses**2).mean(axis=0).sum() / y_test.var(axis=0).sum()
    return error, -probe.best_score_


# -- the points -----------------------------------------------------------------------


def sizes(n, most=(PRETRAIN, LABELLED, TEST)):
    """How many of n points make the context, have a label, test: 60/20/20 % of a small table."""
    if n >= sum(most):
        return most
    first, second = int(0.6 * n), int(0.2 * n)
    return tuple(np.minimum((first, second, n - first - second), most))


def split(n, rng, most=(PRETRAIN, LABELLED, TEST)):
    """Positions of the points that make the context, that have a label, that test."""
    order, ends = rng.permutation(n), np.cumsum(sizes(n, most))
    return order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : ends[2]]


def standardised(X, trained):
    """Columns in standard deviations of the training points, at most 8; constant ones left out."""
    mean, spread = X[trained].mean(axis=0), X[trained].std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(mean))
    return np.clip((X - mean)[:, varies] / spread[varies], -CLIP, CLIP)


def whitened(Z, trained):
    """Principal components of the columns, each of variance 1 and clipped at 4 deviations."""
    return np.clip(PCA(whiten=True).fit(Z[trained]).transform(Z), -FAR, FAR)


def targets(y):
    """("regression", (n, 1) numbers) or ("classification", (n, K) one-hot)."""
    y = np.asarray(y)
    if y.dtype.kind == "f":
        return "regression", y[:, None]
    return "classification", (y[:, None] == np.unique(y)).astype(float)


# -- what comes in --------------------------------------------------------------------


def _families(families):
    families = [families] if isinstance(families, str) else list(families)
    for family in families:
        if family not in FAMILIES:
            raise ValueError(f"families has {family!r}; there are {', '.join(FAMILIES)}")
    if not families:
        raise ValueError(f"families is empty; there are {', '.join(FAMILIES)}")
    return families


def _tables(datasets):
    """{name: (X, y)} of what was asked for."""
    datasets = real.tabular() if datasets is None else datasets
    datasets = [datasets] if isinstance(datasets, str) else datasets
    if not len(datasets):
        raise ValueError("datasets is empty; `datasets.tabular()` lists the names")
    if isinstance(datasets, dict):
        return {str(name): _own(f"datasets[{name!r}]", pair) for name, pair in datasets.items()}
    found = {name: real.load(name) for name in datasets}
    return {name: (np.ascontiguousarray(table.X), np.ascontiguousarray(table.y))
            for name, table in found.items()}


def _own(name, pair):
    """A reader's own X and y, checked."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(f"{name} is a {type(pair).__name__}; it must be a pair (X, y)")
    X, y = as_numbers(f"X of {name}", pair[0]), np.array(pair[1])
    if X.ndim != 2 or y.shape != (len(X),) or len(X) < 20:
        raise ValueError(f"{name} has X of shape {X.shape} and y of shape {y.shape}; they must be "
                         "(n, features) and (n,), n at least 20")
    refuse_cells(f"X of {name}", X, lambda v: ~np.isfinite(v), "must be finite")
    if y.dtype.kind == "f":
        refuse_cells(f"y of {name}", y, lambda v: ~np.isfinite(v), "must be finite")
    elif y.dtype.kind not in "biuUS" and not all(isinstance(label, str) for label in y):
        raise TypeError(f"y of {name} has dtype {y.dtype}; it must hold numbers or class labels")
    return np.ascontiguousarray(X), y


def _remake(path):
    """Write the table that the course ships."""
    _units.write(sweep(cache="build/sweep"), path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contexture_lite.experiment FILE.csv.gz")
    from contexture_lite import experiment  # by its own name, under which workers find it

    experiment._remake(sys.argv[1])
