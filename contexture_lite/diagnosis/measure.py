"""Contexts of a reader's table measured: spectrum, scores and probe error on several splits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from contexture_lite import usefulness
from contexture_lite._checks import as_dense
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import protocol
from contexture_lite.experiment.families import (
    FAMILIES,
    normalised,
    perplexity,
    used_columns,
    weights,
)
from contexture_lite.spectrum import singular_system
from contexture_lite.usefulness import rehearsing as rehearsal

PARTS = 400, 300, 600  # at most so many points make the context, have a label, test
MOST_LABELS = 1000  # where a share of labels is asked for
SPLITS, MORE, FEW_ROWS = 5, 10, 500  # more of them of a table with few rows
STRENGTHS, MASKS = 8, 16
DIMENSIONS = 1, 4, 16, 64, 256
EACH, NOISE = 3, 0.5  # invented tasks of each kind, variance of their labels' noise


@dataclass(frozen=True, eq=False)
class Split:
    """One random division of the rows, and the numbers made of them."""

    Z: np.ndarray  # (n, features), standardised by the context's points; only rows in some part
    parts: list  # three arrays of positions in Z
    target: list | None  # the parts' (n, k) arrays, None without labels
    overlap: float  # number of test points over the number of other rows of the table
    tasks: np.ndarray  # invented ones of variance 1, at the labelled points
    kinds: tuple[str, ...]  # of them
    ridge: dict  # "error" and "right" of a ridge regression on Z itself, with the same labels

    def points(self):
        """The points of the three parts."""
        return [self.Z[part] for part in self.parts]

    def of_first(self, m):
        """The same division where only the first m labels are known."""
        context, labelled, test = self.parts
        parts, target = [context, labelled[:m], test], list(self.target)
        target[1] = target[1][:m]
        ridge = probed(protocol.decomposed(self.Z[parts[1]]), self.Z[test], *target[1:])
        return replace(self, parts=parts, target=target, tasks=self.tasks[:m], ridge=ridge)


def sizes(n, labels=None):
    """How many of n rows make the context, have a label, test.

    ``labels`` is the share that has a label, if the reader asks for one; three quarters of the
    others make the context.
    """
    if labels is None:
        return protocol.sizes(n, PARTS)
    labelled = min(round(labels * n), MOST_LABELS)
    context = min(int(0.75 * (n - labelled)), PARTS[0])
    return context, labelled, min(n - labelled - context, PARTS[2])


def splits(table, seed, labels=None, kinds=None):
    """Random divisions in each of which something varies, in the columns and in y.

    ``kinds`` of invented tasks, as of `contexture_lite.rehearsal.tasks`.
    """
    made, most = [], sizes(len(table.frame), labels)
    for number in range(SPLITS if len(table.frame) >= FEW_ROWS else MORE):
        made.append(split(table, most, np.random.default_rng([seed, number]), kinds))
    return made


def split(table, most, rng, kinds=None):
    """One of `splits`; ``most`` are the numbers of points of its three parts."""
    for _ in range(50):
        made = _split(table, most, rng, kinds)
        if made is not None:
            return made
    raise ValueError(
        "y, or every column of X, is nearly always the same, so that parts of the rows "
        "drawn at random do not vary; give more rows of the rare kind, or leave y out")


def _split(table, most, rng, kinds):
    parts = protocol.split(len(table.frame), rng, most)
    rows = np.concatenate(parts)
    places = np.split(np.arange(len(rows)), np.cumsum([len(part) for part in parts])[:-1])
    Z = protocol.standardised(table.points(rows, parts[0]), places[0])
    target = None if table.target is None else [table.target[part] for part in parts]
    if Z.shape[1] == 0 or (target and not all(part.std(axis=0).any() for part in target[1:])):
        return None
    Z = _fewer(Z, places[0])
    if not Z[places[1]].std(axis=0).any():
        return None
    overlap = len(places[2]) / (len(table.frame) - len(places[2]))
    known, new = Z[places[1]], Z[places[2]]
    ridge = probed(protocol.decomposed(known), new, *target[1:]) if target else {}
    invented = rehearsal.tasks(known, EACH, rng, kinds)
    return Split(Z, places, target, overlap, np.hstack([*invented.values()]), tuple(invented),
                 ridge)


def _fewer(Z, trained):
    """Principal components instead of more columns than points.

    No distance to a context point changes but by what is the same for all of them, so
    neighbours and Gaussian weights stay what they were. A mask then hides components.
    """
    if Z.shape[1] < len(trained):
        return Z
    from sklearn.decomposition import PCA

    return PCA(len(trained) - 1, svd_solver="full").fit(Z[trained]).transform(Z)


# -- contexts -------------------------------------------------------------------------


def contexts(family, split, seed, places=slice(None)):
    """The contexts of a family, weakest first, that know all points of the split.

    ``family`` is a name of `experiment.families.FAMILIES` or a list of functions from points to a
    DataContext; ``places`` a slice of its strengths. Where a "new point" is asked for, it is asked
    for by the number of its part.
    """
    Z, trained = split.Z, split.parts[0]
    if not isinstance(family, str):
        yield from (_made(make, Z, split.parts) for make in family[places])
        return
    rng = np.random.default_rng([*seed, FAMILIES.index(family)])
    for rows in weights(family, Z, split.parts, STRENGTHS, rng, MASKS, places):
        used = used_columns(rows, len(trained))
        rows = normalised(rows, used)
        yield of_parts([rows[part] for part in split.parts], np.flatnonzero(used))


def of_parts(rows, a_labels=None):
    """The context of P(a | x) at the points of the three parts."""
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
    return of_parts([as_dense(part) for part in rows], points)


# -- what is measured -----------------------------------------------------------------


def probed(parts, new, y, y_test):
    """Error at new points, share of classes that are right, leave-one-out error of a ridge probe.

    ``parts`` as of `protocol.decomposed`. Predictions are brought into the range of the labels.
    """
    guess, left_out = protocol.fitted(*parts, new, y)
    error = protocol.relative_error(y_test, np.clip(guess, y.min(axis=0), y.max(axis=0)))
    right = np.mean(guess.argmax(axis=1) == y_test.argmax(axis=1)) if y.shape[1] > 1 else np.nan
    return {"error": error, "right": right, "left_out": left_out}


def least(cells):
    """The cell of the least leave-one-out error."""
    return cells[protocol.first_least(np.array([cell["left_out"] for cell in cells]))]


def measured(context, split):
    """(what is told of a context, its functions as far as they were probed and where d may end).

    The scores of its spectrum, its risk on the invented tasks (`contexture_lite.rehearsal`) and,
    with labels, the probe's error with d chosen by leave-one-out; no repeated value is cut.
    """
    system = singular_system(context)
    cell = _scores(system.values) | {"share": perplexity(context.conditional()) / context.shape[1]}
    risks = [np.ones(split.tasks.shape[1])]  # of no function at all
    if not cell["s1"]:  # independence: the probe knows the mean only
        return cell | {"rehearsal": 1.0, "risks": risks[0]} | _ignorant(split), None
    (known, new), starts = features_of(context, system)
    ends = np.unique(protocol.cuts(starts, [d for d in DIMENSIONS if d <= len(starts)])).tolist()
    probes = []
    for d in ends:
        parts = protocol.decomposed(known[:, :d])
        missed = protocol.left_out(*parts[1:3], split.tasks).mean(axis=1).min(axis=0)
        risks.append(missed + NOISE * d / (len(known) + 1))
        if split.target:
            probes.append({"d": d} | probed(parts, new[:, :d], *split.target[1:]))
    cell["risks"] = np.min(risks, axis=0)
    cell["rehearsal"] = float(cell["risks"].mean())
    return cell | (least(probes) if probes else {}), (known, new, ends)


def features_of(context, system):
    """The functions at the labelled and at the test points, and where their groups start."""
    features = protocol.functions(system, *map(context.conditional_at, (1, 2)))
    return features, protocol.group_starts(system.values[: features[0].shape[1]])


def _scores(values):
    values = np.where(values > protocol.SMALLEST, values, 0)
    scores = {name: float(getattr(usefulness, name)(values)) if values.any() else np.nan
              for name in protocol.SCORES}
    return {"s1": values[0], "chi2": (values**2).sum()} | scores


def _ignorant(split):
    """What the mean, or the most frequent class, achieves."""
    if not split.target:
        return {}
    y, y_test = split.target[1:]
    right = y_test[:, y.mean(axis=0).argmax()].mean() if y.shape[1] > 1 else np.nan
    return {"error": 1.0, "right": right, "d": 0, "left_out": np.inf}


def measure_family(family, split, seed):
    """(`measured` for every strength, weakest first; columns and functions side by side)."""
    cells, best, features = [], None, None
    for place, context in enumerate(contexts(family, split, seed)):
        cell, functions = measured(context, split)
        cells.append(cell)
        if functions and (best is None or cell["rehearsal"] < cells[best]["rehearsal"]):
            best, features = place, functions
    if best is None or not split.target:
        return cells, None
    return cells, side_by_side(*features, split) | {
        "place": best, "rehearsal": cells[best]["rehearsal"]}


def side_by_side(known, new, ends, split):
    """A ridge probe on the columns and the first d functions; d, perhaps 0, by leave-one-out."""
    Z, target = [split.Z[part] for part in split.parts[1:]], split.target[1:]
    cells = [{"d": 0} | split.ridge]
    for d in ends:
        both, both_new = np.hstack([Z[0], known[:, :d]]), np.hstack([Z[1], new[:, :d]])
        cells.append({"d": d} | probed(protocol.decomposed(both), both_new, *target))
    return least(cells)
