"""What measured errors say: verdicts, the best context, the mix to try, and how sure that is."""

from __future__ import annotations

import numpy as np

from contexture_lite import _measured

SURE = 2  # standard errors
FAR = 3  # positions apart at which two families are said to disagree


def standard_error(values, overlap, axis=0):
    """Of the mean over J splits that share rows: √((1/J + overlap) · variance among them)."""
    return np.sqrt((1 / values.shape[axis] + overlap) * values.var(axis=axis, ddof=1))


def table(found, splits):
    """Means over the splits, family by family, and the verdicts."""
    import pandas as pd

    overlap, blocks = splits[0].overlap, []
    columns = ["share", "s1", "chi2", *_measured.SCORES]
    for name, runs in found.items():
        block = pd.DataFrame({
            column: np.mean([[cell[column] for cell in row] for row in runs], axis=0)
            for column in columns})
        block.insert(0, "family", name)
        block["place"] = np.arange(len(block))
        block["points"] = block.pop("share") * len(splits[0].parts[0])
        if splits[0].target:
            errors = np.array([[cell["error"] for cell in row] for row in runs])
            block["d"] = np.median([[cell["d"] for cell in row] for row in runs], axis=0)
            block["error"], block["se"] = errors.mean(axis=0), standard_error(errors, overlap)
            worse = errors - errors[:, [errors.mean(axis=0).argmin()]]
            block["worse"], block["worse_se"] = worse.mean(axis=0), standard_error(worse, overlap)
            block["verdict"] = verdicts(block["worse"].to_numpy(), block["worse_se"].to_numpy())
        blocks.append(block)
    table = pd.concat(blocks, ignore_index=True)
    first = ["family", "place", "points"]
    return table[[*first, *(column for column in table if column not in first)]]


def verdicts(worse, worse_se):
    """For each strength, weakest first, what it is beside the best of its family."""
    best = worse.argmin()
    end = np.where(np.arange(len(worse)) < best, "too weak", "too strong")
    return np.where(worse > SURE * worse_se, end, "about right")


def beside(table, errors, best, overlap):
    """The table with every context beside the best one, which also judges a lonely strength."""
    behind = np.hstack(list(errors.values())) - errors[best["family"]][:, [best["place"]]]
    table = table.assign(behind=behind.mean(axis=0), behind_se=standard_error(behind, overlap))
    lonely = ~table["family"].duplicated(keep=False)
    worse = table["behind"] > SURE * table["behind_se"]
    end = np.where(table["points"] > best["points"], "too weak", "too strong")
    return table.assign(verdict=table["verdict"].mask(lonely & worse, end))


def best(table, errors):
    """The context with the least error, and what it costs to have chosen it."""
    row = table.loc[table["error"].idxmin()]
    every = np.hstack(list(errors.values()))
    chosen = [np.delete(every, j, axis=0).mean(axis=0).argmin() for j in range(len(every))]
    fresh = every[np.arange(len(every)), chosen]
    return {"family": row["family"], "place": int(row["place"]), "points": float(row["points"]),
            "d": int(row["d"]), "error": float(row["error"]), "se": float(row["se"]),
            "fresh": float(fresh.mean())}


def beside_ridge(best, errors, splits):
    """The best context beside ridge regression on the columns: is any context worth it?"""
    change = errors[best["family"]][:, best["place"]] - [split.baseline for split in splits]
    return {"beside_ridge": float(change.mean()),
            "beside_ridge_se": float(standard_error(change, splits[0].overlap))}


def suggestion(table, chosen):
    """Which mix of the two best families theory suggests."""
    first, second = chosen["family"]
    places = list(chosen["place"])
    of_best = table[table["family"] == first]
    strong_hurts = of_best["verdict"].iloc[-1] == "too strong"
    if abs(places[0] - places[1]) >= FAR:
        mix, why = "convex combination", "one family is best when strong, the other when weak"
    elif places[0] <= 1 or not strong_hurts:
        mix = "concatenation"
        why = ("the weakest contexts are the best, and side by side they tell more"
               if places[0] <= 1 else "no context is seen to be too strong, and together they "
               "are stronger")
    else:
        mix, why = "convolution", "strong contexts hurt, and a chain of two is weaker than either"
    return {"mix": mix, "parts": (first, second), "why": why}


def mixes(found, best, overlap):
    """The table of mixes: ``found`` {mix: error} and ``best`` the error to beat, by split."""
    import pandas as pd

    found = pd.DataFrame(found)
    change = found.sub(best, axis=0)
    table = pd.DataFrame({
        "error": found.mean(), "se": standard_error(found.to_numpy(), overlap),
        "change": change.mean(), "change_se": standard_error(change.to_numpy(), overlap)})
    least = SURE * table["change_se"]
    table["verdict"] = np.select(
        [table["change"].isna(), table["change"] > least, table["change"] < -least],
        ["not measured", "worse", "better"], "cannot tell")
    return table.rename_axis("mix").reset_index()
