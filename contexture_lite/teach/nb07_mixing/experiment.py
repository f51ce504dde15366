"""The experiment of notebook 07: two contexts of a real table, their mixes, a probe's error."""

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets as real
from contexture_lite._checks import as_count, as_dense, scaled
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import jobs, protocol

DATASETS = ("abalone", "cells", "college", "computers", "concrete", "diamonds")
POINTS = 150, 400, 600  # that make the context, have a label, test
# neighbours of each part: few is strong, many is weak
PAIRS = {"strong + strong": ((2, 2), (4, 4)), "strong + weak": ((2, 120), (4, 75)),
         "weak + weak": ((75, 75), (120, 120)), "medium + medium": ((12, 12),)}
VIEWS = ("halves", "same columns")
MIXES = ("convolution", "combination", "concatenation", "embeddings")
EDITION = 1  # to be raised with every change of the code that changes numbers, as in `strengths`


def run(datasets=DATASETS, pairs=PAIRS, views=VIEWS, mixes=MIXES, seeds=range(5), *, cache=None,
        n_jobs=-1, progress=True):
    """Two contexts of neighbours and their mixes: probe errors; a DataFrame.

    The parts are `contexture_lite.knn_context` of 150 points. Views "halves": one knows a
    random half of the columns, the other the other half; "same columns": both know all. The
    mixes are `convolve` (the first part first), `convex_combination` with equal weights,
    revealed, `concatenate`, and `concatenate_embeddings` of d/2 functions each. Points,
    probe and error are those of `contexture_lite.sweep`, with 150 points for the context,
    400 with a label and 600 to test on (60/20/20 % of smaller tables); the number of
    functions and the penalty are chosen by leave-one-out.

    ``datasets`` are names as in `contexture_lite.datasets.tabular`; ``pairs`` numbers of
    neighbours of the two parts, by the name of the kind of pair; ``views`` and ``mixes`` some
    of ``VIEWS`` and ``MIXES``. A seed is one split of the points and of the columns. ``cache``,
    ``n_jobs`` and ``progress`` as in `contexture_lite.sweep`.

    One row for each table, view, pair, seed and context ("first", "second" and the mixes), with
    columns dataset, views, pair, k_first, k_second, seed, context, chi2 and tau (empty for
    embeddings, which have no spectrum), d, error, and error_best, the least over d of the test
    error.
    """
    import pandas as pd

    for name, given, known in (("views", views, VIEWS), ("mixes", mixes, MIXES)):
        for entry in given:
            if entry not in known:
                raise ValueError(f"{name} has {entry!r}; there are {', '.join(known)}")
    sizes = [tuple(as_count("k", k) for k in pair) for kind in pairs.values() for pair in kind]
    tables = {name: real.load(name) for name in datasets}
    units = [(name, table.X, table.y, view, sizes, tuple(mixes), seed)
             for name, table in tables.items() for view in views for seed in jobs.as_seeds(seeds)]
    work = jobs.run(_unit, units, cache=cache, edition=EDITION, n_jobs=n_jobs,
                    progress=progress, label=_label)
    table = pd.DataFrame([row for rows in work for row in rows])
    names = {pair: kind for kind, entries in pairs.items() for pair in entries}
    table.insert(2, "pair", [names[pair] for pair in zip(table.k_first, table.k_second)])
    return table


def _label(name, X, y, view, sizes, mixes, seed):
    return f"{name}, {view}, seed {seed}"


def _unit(name, X, y, view, sizes, mixes, seed):
    """The rows of one table, view and seed."""
    points, target, sides = _points(X, y, view, np.random.default_rng(seed))
    parts = {}
    for place, columns in enumerate(sides):
        for k in {pair[place] for pair in sizes}:
            context = _knows(columns, cl.knn_context(points[0][:, columns], k))
            parts[place, k] = context, _solved(context, points)
    rows = []
    for first, second in sizes:
        about = {"dataset": name, "views": view, "k_first": first, "k_second": second,
                 "seed": seed}
        for label, solved in _everything(parts[0, first], parts[1, second], mixes, points):
            rows.append(about | {"context": label} | _judged(solved, target))
    return rows


def _points(X, y, view, rng):
    """The three parts of the points, targets of the last two, the columns of each context."""
    parts = protocol.split(len(X), rng, POINTS)
    Z, (_, target) = protocol.standardised(X, parts[0]), protocol.targets(y)
    everything = rng.permutation(Z.shape[1])
    sides = np.array_split(everything, 2) if view == "halves" else [everything] * 2
    return [Z[part] for part in parts], [target[part] for part in parts[1:]], map(np.sort, sides)


def _knows(columns, context):
    """The same context for points with more columns than it looks at."""
    return DataContext(context.joint, extension=lambda X: context.conditional_at(X[:, columns]))


def _everything(one, two, mixes, points):
    """(name, `_Solved`) of two (context, `_Solved`) and of every mix."""
    (first, solved), (second, also) = one, two
    yield "first", solved
    yield "second", also
    makers = {"convolution": cl.convolve, "concatenation": cl.concatenate,
              "combination": lambda *parts: cl.convex_combination(parts, [1, 1])}
    for mix in MIXES:
        if mix in mixes:
            yield mix, (_together(solved, also) if mix == "embeddings" else
                        _solved(makers[mix](first, second), points))


@dataclass(frozen=True)
class _Solved:
    """The functions at labelled and at test points, and which of them belong together."""

    features: list
    starts: np.ndarray  # as in `protocol.group_starts`
    values: np.ndarray  # empty if there is no spectrum


def _solved(context, points):
    """μ at labelled and test points, by kernels.

    A concatenation is as wide as there are pairs of neighbours, so it is not decomposed but
    its kernel of 150 points is: s² and μ are eigen of k_X − 1, and
    μ(x) = s⁻² Σ_x' p(x') k_X(x, x') μ(x').
    """
    root = np.sqrt(context.p_x)
    kernel = as_dense(context.dual_kernel())
    squares, u = np.linalg.eigh(root[:, None] * (kernel - 1) * root)
    squares, mu = squares[::-1], u[:, ::-1] / root[:, None]
    kept = squares > protocol.SMALLEST**2
    told = scaled(context.joint, right=1 / context.p_a).T  # P(x | a)
    features = [_product(context.conditional_at(part), told) @ (mu[:, kept] / squares[kept])
                for part in points[1:]]
    values = np.sqrt(np.minimum(squares[kept], 1))
    return _Solved(features, protocol.group_starts(values), values)


def _product(rows, told):
    """Of sparse tables; as dense ones where much is filled, which is several times faster."""
    if rows.nnz > 0.1 * np.prod(rows.shape):
        return rows.toarray() @ told.toarray()
    return (rows @ told).toarray()


def _together(one, two):
    """Functions of both side by side, in turn, so that the first d are d/2 of each."""
    starts = np.concatenate([2 * one.starts, 2 * two.starts + 1])
    order = np.argsort(starts, kind="stable")
    features = [cl.concatenate_embeddings(*pair)[:, order]
                for pair in zip(one.features, two.features)]
    return _Solved(features, starts[order], np.array([]))


def _judged(solved, target):
    errors = protocol.error_columns(
        protocol.errors_along(*solved.features, *target, solved.starts))
    known = solved.values.size  # nothing of embeddings
    return {"chi2": (solved.values**2).sum() if known else np.nan,
            "tau": cl.tau(solved.values).value if known else np.nan, "d": errors["d_loo"],
            "error": errors["error_loo"], "error_best": errors["error_oracle"]}
