"""The experiment of notebook 07: two contexts of a real table, their mixes, a probe's error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets as real
from contexture_lite._checks import as_count, as_dense, scaled
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import SMALLEST, errors, standardised

DATASETS = ("abalone", "cells", "college", "computers", "concrete", "diamonds")
POINTS = 150, 400, 600  # that make the context, have a label, test
# neighbours of each part: few is strong, many is weak
PAIRS = {"strong + strong": ((2, 2), (4, 4)), "strong + weak": ((2, 120), (4, 75)),
         "weak + weak": ((75, 75), (120, 120)), "medium + medium": ((12, 12),)}
VIEWS = ("halves", "same columns")
MIXES = ("convolution", "combination", "concatenation", "embeddings")


def run(datasets=DATASETS, pairs=PAIRS, views=VIEWS, mixes=MIXES, seeds=range(5), *, n_jobs=-1,
        progress=True):
    """Two contexts of neighbours and their mixes: probe errors; a DataFrame.

    The parts are `contexture_lite.knn_context` of 150 points. Views "halves": one knows a
    random half of the columns, the other the other half; "same columns": both know all. The
    mixes are `convolve` (the first part first), `convex_combination` with equal weights,
    revealed, `concatenate`, and `concatenate_embeddings` of d/2 functions each. Points,
    probe and error are those of `contexture_lite.sweep`, with 150 points for the context,
    400 with a label and 600 to test on (60/20/20 % of smaller tables); the number of
    functions and the penalty are chosen by leave-one-out.

    Parameters
    ----------
    datasets : sequence of names
        As in `contexture_lite.datasets.tabular`.
    pairs : dict from str to sequence of (int, int)
        Numbers of neighbours of the two parts, by the name of the kind of pair.
    views : sequence of str
        Some of "halves", "same columns".
    mixes : sequence of str
        Some of "convolution", "combination", "concatenation", "embeddings".
    seeds : sequence of int
        One split of the points and of the columns each.
    n_jobs : int
        Workers of `joblib.Parallel`; the result does not depend on it.
    progress : bool
        Show a bar.

    Returns
    -------
    pandas.DataFrame
        One row for each table, view, pair, seed and context ("first", "second" and the
        mixes), with columns dataset, views, pair, k_first, k_second, seed, context, chi2 and
        tau (empty for embeddings, which have no spectrum), d, error, and error_best, the
        least over d of the test error.
    """
    import joblib
    import pandas as pd
    from tqdm.auto import tqdm

    for name, given, known in (("views", views, VIEWS), ("mixes", mixes, MIXES)):
        for entry in given:
            if entry not in known:
                raise ValueError(f"{name} has {entry!r}; there are {', '.join(known)}")
    sizes = [tuple(as_count("k", k) for k in pair) for kind in pairs.values() for pair in kind]
    tables = {name: real.load(name) for name in datasets}
    jobs = [(name, table.X, table.y, view, sizes, tuple(mixes), as_count("seed", seed, least=0))
            for name, table in tables.items() for view in views for seed in seeds]
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(
        joblib.delayed(_unit)(*job) for job in jobs)
    bar = tqdm(work, total=len(jobs), unit="unit", disable=not progress)
    found = pd.DataFrame([row for rows in bar for row in rows])
    names = {pair: kind for kind, entries in pairs.items() for pair in entries}
    found.insert(2, "pair", [names[pair] for pair in zip(found.k_first, found.k_second)])
    return found


def _unit(name, X, y, view, sizes, mixes, seed):
    """The rows of one table, view and seed."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        points, target, sides = _points(X, y, view, np.random.default_rng(seed))
        parts = {}
        for place, columns in enumerate(sides):
            for k in {pair[place] for pair in sizes}:
                context = _knows(columns, cl.knn_context(points[0][:, columns], k))
                parts[place, k] = context, _solved(context, points)
        rows = []
        for first, second in sizes:
            pair = parts[0, first], parts[1, second]
            about = {"dataset": name, "views": view, "k_first": first, "k_second": second,
                     "seed": seed}
            for label, solved in _everything(pair, mixes, points):
                rows.append(about | {"context": label} | _judged(solved, target))
        return rows


def _points(X, y, view, rng):
    """The three parts of the points, targets of the last two, the columns of each context."""
    sizes = POINTS
    if len(X) < sum(sizes):
        sizes = np.minimum(sizes, (np.array([0.6, 0.2, 0.2]) * len(X)).astype(int))
    ends = np.cumsum(sizes)
    parts = np.split(rng.permutation(len(X))[: ends[2]], ends[:2])
    Z = standardised(X, parts[0])
    y = y[:, None] if y.dtype.kind == "f" else (y[:, None] == np.unique(y)).astype(float)
    everything = rng.permutation(Z.shape[1])
    sides = [everything, everything]
    if view == "halves":
        sides = np.array_split(everything, 2)
    return [Z[part] for part in parts], [y[part] for part in parts[1:]], map(np.sort, sides)


def _knows(columns, context):
    """The same context for points with more columns than it looks at."""
    return DataContext(context.joint, extension=lambda X: context.conditional_at(X[:, columns]))


def _everything(pair, mixes, points):
    """(name, `_Solved`) of both parts and of every mix."""
    (first, one), (second, two) = pair
    yield "first", one
    yield "second", two
    if "convolution" in mixes:
        yield "convolution", _solved(cl.convolve(first, second), points)
    if "combination" in mixes:
        yield "combination", _solved(cl.convex_combination([first, second], [1, 1]), points)
    if "concatenation" in mixes:
        yield "concatenation", _solved(cl.concatenate(first, second), points)
    if "embeddings" in mixes:
        yield "embeddings", _together(one, two)


@dataclass(frozen=True)
class _Solved:
    """What `errors` takes: ``rows @ right / values`` are functions at labelled and test points."""

    values: np.ndarray
    right: np.ndarray
    rows: list
    spectrum: np.ndarray  # empty if there is none

    def functions(self):
        """μ at labelled and at test points."""
        return [rows @ self.right / self.values for rows in self.rows]


def _solved(context, points):
    """μ at labelled and test points, by kernels.

    A concatenation is as wide as there are pairs of neighbours, so it is not decomposed but
    its kernel of 150 points is: s² and μ are eigen of k_X − 1, and
    μ(x) = s⁻² Σ_x' p(x') k_X(x, x') μ(x').
    """
    root = np.sqrt(context.p_x)
    kernel = as_dense(context.dual_kernel())
    squares, u = np.linalg.eigh(root[:, None] * (kernel - 1) * root)
    squares, u = squares[::-1], u[:, ::-1] / root[:, None]
    kept = squares > SMALLEST**2
    values = np.sqrt(np.minimum(squares[kept], 1))
    told = scaled(context.joint, right=1 / context.p_a).T  # P(x | a)
    rows = [_product(context.conditional_at(part), told) for part in points[1:]]
    return _Solved(values, u[:, kept] / values, rows, values)


def _product(rows, told):
    """Of sparse tables; as dense ones where much is filled, which is several times faster."""
    if rows.nnz > 0.1 * np.prod(rows.shape):
        return rows.toarray() @ told.toarray()
    return (rows @ told).toarray()


def _together(one, two):
    """Functions of both side by side, in turn, so that the first d are d/2 of each."""
    order = np.argsort(np.concatenate([np.arange(len(s.values)) for s in (one, two)]),
                       kind="stable")
    rows = [cl.concatenate_embeddings(*pair)[:, order]
            for pair in zip(one.functions(), two.functions())]
    return _Solved(np.ones(len(order)), np.eye(len(order)), rows, np.array([]))


def _judged(solved, target):
    found = errors(solved, *solved.rows, *target)
    scores = {"chi2": np.nan, "tau": np.nan}
    if solved.spectrum.size:
        scores = {"chi2": (solved.spectrum**2).sum(), "tau": cl.tau(solved.spectrum).value}
    return scores | {"d": found["d_loo"], "error": found["error_loo"],
                     "error_best": found["error_oracle"]}
