"""The experiment of notebook 06: many real tables, contexts of every strength, and the error.

For each table, family of contexts, strength and seed: the spectrum of the context, the scores
of it (`contexture_lite.usefulness`), and the error of a linear probe on the first d singular
functions at points that neither the context nor the probe has seen. After Zhai et al. 2025,
arXiv 2505.01557; differences are named in `sweep`.

``python -m contexture_lite.experiment FILE.csv.gz`` makes the table that the course ships.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.linear_model import RidgeCV

from contexture_lite import datasets as real
from contexture_lite import usefulness
from contexture_lite._checks import as_count
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

FAMILIES = ("rbf", "knn", "masked rbf", "masked knn")
PRETRAIN, LABELLED, TEST = 600, 400, 600
WEAKEST, STRONGEST = 0.9, 2  # share of the points, number of points that a point is tied to
MASKS, MASKED_SHARE = 50, 0.2
CLIP = 8.0  # standard deviations
DIMENSIONS = tuple(2**k for k in range(10))  # 1 … 512
PENALTIES = np.logspace(-6, 4, 21)
SMALLEST = 1e-6  # singular values below are rounding


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
        Names as in `contexture_lite.datasets.tabular`; all of them by default.
    families : sequence of str
        Some of "rbf", "knn", "masked rbf", "masked knn".
    strengths : int
        How many; geometric in the number of points that a point is tied to (perplexity, or
        K), from 0.9 of them all (weakest) to 2 (strongest).
    seeds : sequence of int
        One split and one set of masks each.
    cache : path, optional
        Folder of finished work (`joblib.Memory`): a killed sweep goes on where it stopped.
    n_jobs : int
        Workers of `joblib.Parallel`; the result does not depend on it. Inside
        ``joblib.parallel_config("dask")`` the same call runs on a cluster.
    progress : bool
        Show a bar.

    Returns
    -------
    pandas.DataFrame
        One row for each table, family, seed and strength, with columns dataset, kind, n,
        features, family, strength (0 weakest … 1 strongest), share (mean perplexity of
        P(a|x) over the number of points), seed, s1, chi2, rank, tau, tau_d, effective_rank,
        log_trace, decay_rate, error_1 … error_512 (empty beyond the rank), d_oracle and
        error_oracle (least test error), d_loo and error_loo (least leave-one-out error).
    """
    import joblib
    import pandas as pd
    from tqdm.auto import tqdm

    families, strengths = _families(families), as_count("strengths", strengths, least=2)
    seeds = [as_count("seed", seed, least=0) for seed in seeds]
    tables = _tables(datasets)
    memory = joblib.Memory(cache, verbose=0)
    unit = memory.cache(_unit)
    jobs = [(name, X, y, family, strengths, seed)
            for name, (X, y) in tables.items() for family in families for seed in seeds]
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(
        joblib.delayed(_quietly)(unit, *job) for job in jobs)
    bar = tqdm(work, total=len(jobs), unit="unit", disable=not progress)
    return pd.DataFrame([row for rows in bar for row in rows])


def _quietly(unit, *job):
    """One BLAS thread for each worker: they share the cores already."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return unit(*job)


def _unit(name, X, y, family, strengths, seed):
    """The rows of one table, family and seed, weakest first."""
    rng = np.random.default_rng(seed)
    parts = _split(len(X), rng)
    Z = standardised(X, parts[0])
    kind, target = _target(y)
    about = {"dataset": name, "kind": kind, "n": len(X), "features": X.shape[1], "family": family}
    rows = []
    made = conditionals(family, Z, parts, strengths, rng)
    for position, (trained, labelled, test) in zip(np.linspace(0, 1, strengths), made):
        system = singular_system(Context.from_conditional(trained))
        found = errors(system, labelled, test, target[parts[1]], target[parts[2]])
        place = {"strength": position, "share": _perplexity(trained) / len(trained), "seed": seed}
        rows.append(about | place | spectrum_summary(system) | found)
    return rows


def spectrum_summary(system):
    """The scores of a spectrum that the table lists."""
    values = np.where(system.values > SMALLEST, system.values, 0)
    tau = usefulness.tau(values)
    return {
        "s1": values[0], "chi2": (values**2).sum(), "rank": int((values > 0).sum()),
        "tau": tau.value, "tau_d": tau.d,
        "effective_rank": usefulness.effective_rank(values).value,
        "log_trace": usefulness.log_trace(values).value,
        "decay_rate": usefulness.decay_rate(values).value,
    }


def errors(system, labelled, test, y, y_test):
    """Probe error along d: at test points, and by leave-one-out among the labelled ones.

    ``labelled`` and ``test`` are rows P(a | x), ``y`` and ``y_test`` (n, k) targets.
    """
    rank = int((system.values > SMALLEST).sum())
    features, new = (rows @ system.right[:, :rank] / system.values[:rank]
                     for rows in (labelled, test))
    scale = y_test.var(axis=0).sum()
    found, left_out = {}, {}
    for d in DIMENSIONS:
        if d > rank:
            found[d] = left_out[d] = np.nan
            continue
        probe = RidgeCV(PENALTIES).fit(features[:, :d], y)
        misses = y_test - probe.predict(new[:, :d]).reshape(y_test.shape)
        found[d] = (misses**2).mean(axis=0).sum() / scale
        left_out[d] = -probe.best_score_
    oracle, chosen = (min(table, key=lambda d: (np.isnan(table[d]), table[d]))
                      for table in (found, left_out))
    return {f"error_{d}": error for d, error in found.items()} | {
        "d_oracle": oracle, "error_oracle": found[oracle],
        "d_loo": chosen, "error_loo": found[chosen],
    }


# -- the points -----------------------------------------------------------------------


def _split(n, rng, most=(PRETRAIN, LABELLED, TEST)):
    """Positions of the points that make the context, that have a label, that test."""
    order = rng.permutation(n)
    sizes = most
    if n < sum(most):
        sizes = int(0.6 * n), int(0.2 * n), n - int(0.6 * n) - int(0.2 * n)
        sizes = tuple(np.minimum(sizes, most))
    ends = np.cumsum(sizes)
    return order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : ends[2]]


def standardised(X, trained):
    """Columns in standard deviations of the training points, at most 8; constant ones left out."""
    mean, spread = X[trained].mean(axis=0), X[trained].std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(mean))
    return np.clip((X - mean)[:, varies] / spread[varies], -CLIP, CLIP)


def _target(y):
    """("regression", (n, 1) numbers) or ("classification", (n, K) one-hot)."""
    y = np.asarray(y)
    if y.dtype.kind == "f":
        return "regression", y[:, None]
    return "classification", (y[:, None] == np.unique(y)).astype(float)


# -- the contexts ---------------------------------------------------------------------


def conditionals(family, Z, parts, strengths, rng):
    """Rows P(a | x) of the three parts, for every strength, weakest first."""
    ends = np.cumsum([len(part) for part in parts])[:-1]
    for rows in weights(family, Z, parts, strengths, rng):
        yield np.split(normalised(rows, used_columns(rows, len(parts[0]))), ends)


def weights(family, Z, parts, strengths, rng, masks=MASKS):
    """What `conditionals` normalises: (points of all parts, context points), weakest first.

    Every strength of a family comes from the same distances, which is why this is not
    `rbf_context`, `knn_context` and `masked` one by one: the tests say that it is the same.
    """
    trained = parts[0]
    everybody = np.concatenate(parts)
    masks = _masks(Z.shape[1], rng, masks) if family.startswith("masked") else [slice(None)]
    sizes = np.geomspace(WEAKEST * len(trained), STRONGEST, strengths)
    if family.endswith("knn"):
        settings = np.round(sizes).astype(int)
    else:
        settings = bandwidths(Z[trained], masks, sizes)
    total = np.zeros((strengths, len(everybody), len(trained)), dtype=np.float32)
    for mask in masks:
        squared = cdist(Z[everybody][:, mask], Z[trained][:, mask], "sqeuclidean")
        add = _add_neighbours if family.endswith("knn") else _add_gaussian
        add(total, squared.astype(np.float32), settings)
    yield from total


def used_columns(rows, trained):
    """Which points are the context of a training point; of copies some may be nobody's."""
    return rows[:trained].any(axis=0)


def normalised(rows, used):
    """P(a | x) from weights, on the context values that are used."""
    rows = rows[:, used].astype(float)
    rows[rows.sum(axis=1) == 0] = 1.0
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def _masks(features, rng, count):
    """Positions of the features that each of the masks keeps."""
    dropped = min(max(1, round(MASKED_SHARE * features)), features - 1)
    return [np.sort(rng.permutation(features)[dropped:]) for _ in range(count)]


def _add_gaussian(total, squared, bandwidths):
    excess = squared - squared.min(axis=1, keepdims=True)
    for rows, bandwidth in zip(total, bandwidths):
        weights = np.exp(excess * np.float32(-0.5 / bandwidth**2))
        rows += weights / weights.sum(axis=1, keepdims=True)


def _add_neighbours(total, squared, sizes):
    """One for the k nearest points; a tie goes to the first point, on every machine."""
    keys = squared.view(np.int32).astype(np.int64) << 32  # bits of floats >= 0 are in order
    keys |= np.arange(squared.shape[1])
    ordered = np.sort(keys, axis=1)
    for rows, k in zip(total, sizes):
        rows += keys <= ordered[:, k - 1 : k]


def bandwidths(Z, masks, sizes):
    """Bandwidths at which P(a | x) has these mean perplexities, under the first masks."""
    some = slice(None, None, max(1, len(Z) // 150))
    tables = [cdist(Z[some][:, mask], Z[:, mask], "sqeuclidean") for mask in masks[:3]]
    middle = np.sqrt(np.median([np.median(table) for table in tables]) + 1e-12)
    grid = middle * np.geomspace(1e-3, 1e2, 61)
    found = np.array([np.mean([_perplexity(_gaussian(t, h)) for t in tables]) for h in grid])
    rising = np.maximum.accumulate(found) + 1e-9 * np.arange(len(grid))
    return np.exp(np.interp(np.log(sizes), np.log(rising), np.log(grid)))


def _gaussian(squared, bandwidth):
    weights = np.exp(-(squared - squared.min(axis=1, keepdims=True)) / (2 * bandwidth**2))
    return weights / weights.sum(axis=1, keepdims=True)


def _perplexity(rows):
    """Mean over x of e^H(A | X = x), the effective number of points that a point is tied to."""
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
    return float(np.exp(-(rows * logs).sum(axis=1)).mean())


# -- what comes in --------------------------------------------------------------------


def _families(families):
    families = [families] if isinstance(families, str) else list(families)
    for family in families:
        if family not in FAMILIES:
            raise ValueError(f"families has {family!r}; there are {', '.join(FAMILIES)}")
    return families


def _tables(datasets):
    """{name: (X, y)} of what was asked for."""
    if datasets is None:
        datasets = real.tabular()
    if not isinstance(datasets, dict):
        datasets = [datasets] if isinstance(datasets, str) else datasets
        found = {name: real.load(name) for name in datasets}
        return {name: (table.X, table.y) for name, table in found.items()}
    tables = {}
    for name, pair in datasets.items():
        X, y = (np.asarray(part) for part in pair)
        if X.ndim != 2 or y.shape != (len(X),) or len(X) < 20:
            raise ValueError(f"datasets[{name!r}] has X of shape {X.shape} and y of shape "
                             f"{y.shape}; they must be (n, features) and (n,), n at least 20")
        if not np.isfinite(X.astype(float)).all():
            raise ValueError(f"datasets[{name!r}] has an X that is not finite everywhere")
        tables[str(name)] = (X.astype(float), y)
    return tables


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contexture_lite.experiment FILE.csv.gz")
    warnings.simplefilter("default")
    sweep(cache="build/sweep").round(5).to_csv(sys.argv[1], index=False)
