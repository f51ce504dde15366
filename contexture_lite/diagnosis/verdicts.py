"""What measured errors say: verdicts, the best context, which mix to try, and how sure that is."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from contexture_lite.experiment.protocol import SCORES, first_least
from contexture_lite.usefulness.rehearsing import criterion

WRONG = 0.05  # how often a family of strengths, or a comparison, may be judged wrongly
MARGIN = 0.1  # what is at most a tenth worse than the best is as good
TRIALS = 20_000


def standard_error(values, overlap, axis=0):
    """Of the mean over J splits that share rows: √((1/J + overlap) · variance among them)."""
    return np.sqrt((1 / values.shape[axis] + overlap) * values.var(axis=axis, ddof=1))


def least_elsewhere(errors):
    """For each split, the place of the least mean error on the *other* splits; errors (J, K)."""
    return first_least(errors.sum(axis=-2, keepdims=True) - errors)


def beside_the_best(errors):
    """(J, K) errors minus, in each split, that of the context chosen on the other splits.

    So no split is compared with a context that was chosen for being good on it.
    """
    chosen = least_elsewhere(errors)[..., None]
    return errors - np.take_along_axis(errors, chosen, axis=-1)


@lru_cache(maxsize=64)
def far(splits, strengths, overlap):
    """By how many standard errors an end must be worse than the best to be called so.

    Where all strengths are equally good, either end is further off in 5 of 100 families: the
    95 % quantile of the larger of the two t values, simulated with normal errors,
    independent between strengths, one part of them common to splits that share rows.
    Of two strengths it is Student's, with J − 1 degrees of freedom.
    """
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(TRIALS, splits, strengths))
    errors += np.sqrt(overlap) * rng.normal(size=(TRIALS, 1, strengths))
    ends = beside_the_best(errors)[..., [0, -1]]
    se = standard_error(ends, overlap, axis=1)
    t = np.divide(ends.mean(axis=1), se, out=np.zeros_like(se), where=se > 0)
    return float(np.quantile(t.max(axis=1), 1 - WRONG))


def sure(splits):
    """The same for a comparison of two things decided beforehand: Student's t, both sides."""
    from scipy.stats import t

    return float(t.ppf(1 - WRONG / 2, splits - 1))


def verdicts(errors, overlap):
    """What each strength of a family is, weakest first: (K,) words, from errors (J, K) of J splits.

    One test, from both ends inwards: a strength is *too weak* (*too strong*) if it, and every
    weaker (stronger) one, is worse than the best by more than `far` standard errors of the
    paired difference, the best of each split chosen on the other splits. The first strength
    that is not ends the test on its side, so a wrong verdict needs that a strength which is
    truly as good as all beyond it is found worse, the first of them from its end: this
    happens in at most 5 of 100 families, whatever their number of strengths. From the best
    outwards, strengths are *as good as the best* as long as they are at most a tenth worse,
    even with `sure` standard errors added. About what is left, the splits *cannot tell*.
    """
    worse = beside_the_best(errors)
    mean, se = worse.mean(axis=0), standard_error(worse, overlap)
    best = int(first_least(errors.mean(axis=0)))
    beyond = mean > far(*errors.shape, overlap) * se
    least = (errors - worse).mean()
    close = mean + sure(len(errors)) * se <= MARGIN * least
    close[best] = True
    said = np.full(errors.shape[1], "cannot tell", dtype="<U19")
    said[:best][np.logical_and.accumulate(beyond[:best])] = "too weak"
    said[best + 1:][np.logical_and.accumulate(beyond[:best:-1])[::-1]] = "too strong"
    said[:best + 1][np.logical_and.accumulate(close[best::-1])[::-1]] = "as good as the best"
    said[best:][np.logical_and.accumulate(close[best:])] = "as good as the best"
    return said


# -- the tables ------------------------------------------------------------------------


def summarise(runs, splits):
    """Means over the splits, family by family, and the verdicts."""
    import pandas as pd

    blocks = []
    for name, cells in runs.items():
        def column(key, cells=cells):
            return np.array([[cell[key] for cell in row] for row in cells])

        block = {key: column(key).mean(axis=0)
                 for key in ("share", "s1", "chi2", *SCORES, "rehearsal")}
        points = block.pop("share") * len(splits[0].parts[0])
        block = {"family": name, "place": np.arange(len(points)), "points": points} | block
        if splits[0].target:
            block |= _judged(column("error"), splits[0].overlap)
            block |= {"d": np.median(column("d"), axis=0), "right": column("right").mean(axis=0)}
        blocks.append(pd.DataFrame(block))
    return pd.concat(blocks, ignore_index=True)


def _judged(errors, overlap):
    worse = beside_the_best(errors)
    return {"error": errors.mean(axis=0), "se": standard_error(errors, overlap),
            "worse": worse.mean(axis=0), "worse_se": standard_error(worse, overlap),
            "verdict": verdicts(errors, overlap)}


def best_row(table):
    """The row of the least error; of equal ones the first."""
    return table.iloc[first_least(table["error"].to_numpy())]


def best_two(table):
    """The best rows of the two best families."""
    first = best_row(table)
    second = best_row(table[table["family"] != first["family"]])
    return table.loc[[first.name, second.name]]


def best(table, errors, rights):
    """The context with the least error.

    ``fresh`` is, by split, the error of the context chosen on the others, ``honest`` its mean.
    """
    row, every = best_row(table), np.hstack(list(errors.values()))
    chosen = np.arange(len(every)), least_elsewhere(every)
    return {"family": row["family"], "place": int(row["place"]), "points": float(row["points"]),
            "d": int(row["d"]), "error": float(row["error"]), "se": float(row["se"]),
            "fresh": every[chosen], "honest": float(every[chosen].mean()),
            "right": float(np.hstack(list(rights.values()))[chosen].mean())}


def least_rehearsed(sides, table, splits):
    """Columns and functions of the context that rehearsed best, in each split."""
    names = list(sides)
    risk = np.array([[np.inf if side is None else side["rehearsal"] for side in sides[name]]
                     for name in names])
    families = [names[i] for i in first_least(risk, axis=0)]
    nothing = {"place": 0, "d": 0}  # every context is independent: the columns alone
    cells = [sides[name][j] or nothing | splits[j].ridge for j, name in enumerate(families)]
    points = table.set_index(["family", "place"])["points"]
    errors = np.array([cell["error"] for cell in cells])
    return {"errors": errors, "error": float(errors.mean()),
            "se": float(standard_error(errors, splits[0].overlap)),
            "right": float(np.mean([cell["right"] for cell in cells])), "families": families,
            "points": [float(points[name, cell["place"]]) for name, cell in zip(families, cells)],
            "d": [cell["d"] for cell in cells]}


def by_labels(runs, splits):
    """The context that `criterion` chooses in each split, by its labels and no test point.

    ``fresh`` is its error by split, ``alone`` that of the context that leave-one-out chooses alone.
    """
    m, overlap = len(splits[0].parts[1]), splits[0].overlap
    places = [(name, place) for name, rows in runs.items() for place in range(len(rows[0]))]
    cells = [[rows[j][place] for rows in runs.values() for place in range(len(rows[j]))]
             for j in range(len(splits))]
    left_out, rehearsal, error, right = (
        np.array([[cell[key] for cell in row] for row in cells])
        for key in ("left_out", "rehearsal", "error", "right"))
    chosen, alone = (np.argmin(values, axis=1)
                     for values in (criterion(left_out, rehearsal, m), left_out))
    which = np.arange(len(splits))
    points = [cells[j][i]["share"] * len(splits[0].parts[0]) for j, i in enumerate(chosen)]
    return {"families": [places[i][0] for i in chosen], "points": points,
            "fresh": error[which, chosen], "error": float(error[which, chosen].mean()),
            "right": float(right[which, chosen].mean()),
            "se": float(standard_error(error[which, chosen], overlap)),
            "alone": float(error[which, alone].mean())}


def compared(change, overlap):
    """Two things measured on the same splits: mean difference, its standard error, the word."""
    mean, se = float(np.mean(change)), float(standard_error(np.asarray(change), overlap))
    far_off = abs(mean) > sure(len(change)) * se
    word = "not measured" if np.isnan(mean) else (
        "cannot tell" if not far_off else "worse" if mean > 0 else "better")
    return {"change": mean, "change_se": se, "verdict": word}


# -- the mixes ---------------------------------------------------------------------------


def state(rows):
    """What is wrong with the best context of a family: "too weak", "too strong", or "neither".

    The best is too strong if it is the weakest of the family and the strong end is worse: what
    would be better lies beyond the weak end. And the other way round.
    """
    place, said = best_row(rows)["place"], list(rows["verdict"])
    if len(rows) > 1 and place == 0 and said[-1] == "too strong":
        return "too strong"
    if len(rows) > 1 and place == len(rows) - 1 and said[0] == "too weak":
        return "too weak"
    return "neither"


def suggestion(table, chosen):
    """The mix that the rule of notebook 07 names for the best contexts of the two best families."""
    parts = tuple(chosen["family"])
    states = tuple(state(table[table["family"] == name]) for name in parts)
    mix = {("too weak", "too weak"): "concatenation", ("too strong", "too strong"): "convolution",
           ("too strong", "too weak"): "convex combination"}.get(tuple(sorted(states)))
    return {"mix": mix, "parts": parts, "states": states}


def judge_mixes(mixed, best, overlap):
    """The table of mixes: ``mixed`` {mix: error} and ``best`` the error to beat, by split."""
    import pandas as pd

    errors = pd.DataFrame(mixed)
    return pd.DataFrame([
        {"mix": mix, "error": column.mean(), "se": standard_error(column.to_numpy(), overlap)}
        | compared(column.to_numpy() - best, overlap) for mix, column in errors.items()])


def advice(comparisons):
    """What to use: "ridge", "context", "both", or "nothing" that is better than the mean.

    Ridge regression on the columns, unless something is seen to be better than it, which by
    chance happens in at most 5 of 100 tables on which nothing is.
    """
    word = {pair: found["verdict"] for pair, found in comparisons.items()}
    if not any(word[f"{name}, mean"] == "better" for name in ("ridge", "context", "both")):
        return "nothing"
    better = [name for name in ("both", "context") if word[f"{name}, ridge"] == "better"]
    if len(better) == 2:  # the one of less error
        return "both" if comparisons["both, context"]["change"] <= 0 else "context"
    return better[0] if better else "ridge"
