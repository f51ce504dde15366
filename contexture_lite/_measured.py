"""Contexts of a reader's table measured: spectrum, scores and probe error on several splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite import _families, experiment, mixing
from contexture_lite._checks import as_dense
from contexture_lite.contexts import Context
from contexture_lite.empirical import DataContext
from contexture_lite.spectrum import singular_system

PARTS = 400, 300, 600  # at most so many points make the context, have a label, test
SPLITS, STRENGTHS, MASKS = 5, 8, 16
DIMENSIONS = 1, 4, 16, 64, 256
PENALTIES = experiment.PENALTIES[::2]
SHOWN = 64  # singular values kept for the picture
MIXES = ("convolution", "convex combination", "concatenation")
SCORES = experiment.SCORES


@dataclass(frozen=True, eq=False)
class Split:
    """One random division of the rows, and the numbers made of them.

    Attributes
    ----------
    Z : (n, features) array
        Standardised by the context's points; only the rows that are in some part.
    parts : three arrays of positions in Z
    target : list of the parts' (n, k) arrays, or None without labels
    overlap : float
        Number of test points over the number of other rows of the table.
    baseline : float
        Error of a ridge regression on Z itself, with the same labels.
    """

    Z: np.ndarray
    parts: list
    target: list | None
    overlap: float
    baseline: float


def splits(table, seed):
    """SPLITS random divisions in each of which something varies, in the columns and in y."""
    found = []
    for number in range(SPLITS):
        rng = np.random.default_rng([seed, number])
        for _ in range(50):
            split = _split(table, rng)
            if split is not None:
                break
        else:
            raise ValueError(
                "y, or every column of X, is nearly always the same, so that parts of the rows "
                "drawn at random do not vary; give more rows of the rare kind, or leave y out")
        found.append(split)
    return found


def _split(table, rng):
    parts = experiment.split(len(table.frame), rng, PARTS)
    rows = np.concatenate(parts)
    places = np.split(np.arange(len(rows)), np.cumsum([len(part) for part in parts])[:-1])
    Z = experiment.standardised(table.points(rows, parts[0]), places[0])
    target = None if table.target is None else [table.target[part] for part in parts]
    if Z.shape[1] == 0 or (target and not all(part.std(axis=0).any() for part in target[1:])):
        return None
    Z = _fewer(Z, places[0])
    overlap = len(places[2]) / (len(table.frame) - len(places[2]))
    baseline = np.nan
    if target:
        baseline, _ = probe(Z[places[1]], Z[places[2]], target, [Z.shape[1]])
    return Split(Z, places, target, overlap, baseline)


def _fewer(Z, trained):
    """Principal components instead of more columns than points.

    No distance to a context point changes but by what is the same for all of them, so
    neighbours and Gaussian weights stay what they were. A mask then hides components.
    """
    if Z.shape[1] < len(trained):
        return Z
    from sklearn.decomposition import PCA

    return PCA(len(trained) - 1, svd_solver="full").fit(Z[trained]).transform(Z)


def probe(features, new, target, dimensions):
    """Test error / variance of a ridge probe on the first d features, and d.

    Penalty and d are chosen by leave-one-out. Predictions are brought into the range of the
    labels: functions with a tiny singular value explode at a point that is far from the others.
    """
    from sklearn.linear_model import RidgeCV

    y, y_test = target[1:]
    found = [(d, RidgeCV(PENALTIES).fit(features[:, :d], y)) for d in dimensions]
    d, best = max(found, key=lambda pair: pair[1].best_score_)
    predicted = best.predict(new[:, :d]).reshape(y_test.shape)
    misses = y_test - np.clip(predicted, y.min(axis=0), y.max(axis=0))
    return float((misses**2).sum() / ((y_test - y_test.mean(axis=0)) ** 2).sum()), d


# -- contexts -------------------------------------------------------------------------


def contexts(family, split, seed):
    """The contexts of a family, weakest first, that know all points of the split.

    ``family`` is a name of `_families.FAMILIES` or a list of functions from points to a
    DataContext. Where a "new point" is asked for, it is asked for by the number of its part.
    """
    Z, trained = split.Z, split.parts[0]
    if not isinstance(family, str):
        yield from (_made(make, Z, split.parts) for make in family)
        return
    rng = np.random.default_rng([*seed, _families.FAMILIES.index(family)])
    for rows in _families.weights(family, Z, split.parts, STRENGTHS, rng, MASKS):
        used = _families.used_columns(rows, len(trained))
        rows = _families.normalised(rows, used)
        yield _known([rows[part] for part in split.parts], np.flatnonzero(used))


def _known(rows, a_labels=None):
    joint = rows[0] / len(rows[0])
    return DataContext(joint, extension=rows.__getitem__, a_labels=a_labels)


def _made(make, Z, parts):
    """The context that the reader's function makes of the context points."""
    context = make(Z[parts[0]])
    if not isinstance(context, DataContext) or context.shape[0] != len(parts[0]):
        raise TypeError(f"{make} returned {context!r}; contexts needs functions that make a "
                        f"DataContext of the {len(parts[0])} points they are given, such as "
                        "functools.partial(cl.knn_context, k=15)")
    rows = [context.conditional(), *(context.conditional_at(Z[part]) for part in parts[1:])]
    points = range(len(parts[0])) if context.shape[1] == len(parts[0]) else None
    return _known([as_dense(part) for part in rows], points)


# -- what is measured -----------------------------------------------------------------


def measured(context, split):
    """What the sweep's table tells of a context, its first values, and the error with its d."""
    system = singular_system(context)
    rows = context.conditional()
    found = {"values": system.values[:SHOWN],
             "share": _families.perplexity(rows) / rows.shape[1]}
    if system.values[0] <= experiment.SMALLEST:  # independence: the probe knows the mean only
        nothing = {"s1": 0.0, "chi2": 0.0, "rank": 0} | dict.fromkeys(SCORES, np.nan)
        return found | nothing | {"error": 1.0 if split.target else np.nan, "d": 0}
    found |= experiment.spectrum_summary(system)
    if not split.target:
        return found | {"error": np.nan, "d": 0}
    rank = int((system.values > experiment.SMALLEST).sum())
    features = _features(context, system, rank)
    error, d = probe(*features, split.target, [d for d in DIMENSIONS if d <= rank])
    return found | {"error": error, "d": d}


def along(family, split, seed):
    """`measured` for every strength of a family, weakest first."""
    return [measured(context, split) for context in contexts(family, split, seed)]


def mixes(split, seed, families, positions, dimensions):
    """{mix: error} of two families' contexts, each at its position, on this split.

    Convolution weakens, so it takes contexts one position stronger; concatenation puts
    the first functions, ``dimensions`` of each, side by side.
    """
    made = [list(contexts(family, split, seed)) for family in families]
    parts = [row[place] for row, place in zip(made, positions)]
    stronger = [row[min(place + 1, len(row) - 1)] for row, place in zip(made, positions)]
    features = [_features(context, singular_system(context), d)
                for context, d in zip(parts, dimensions)]
    features = list(map(mixing.concatenate_embeddings, *features))
    return {
        "convolution": _convolution(*stronger, split),
        "convex combination": measured(mixing.convex_combination(parts, [1, 1]), split)["error"],
        "concatenation": probe(*features, split.target, [features[0].shape[1]])[0],
    }


def _convolution(first, second, split):
    """Error of the chain, or nan where the values of the first are not points."""
    if first.a_labels is None:
        return np.nan
    channel = second.conditional()[list(first.a_labels)]
    chain = mixing.convolve(first, Context.from_conditional(channel, drop_empty=True))
    return measured(chain, split)["error"]


def _features(context, system, d):
    """The first d functions, as many as there are, at the labelled and at the test points."""
    d = min(d, int((system.values > experiment.SMALLEST).sum()))
    return [context.conditional_at(part) @ system.right[:, :d] / system.values[:d]
            for part in (1, 2)]
