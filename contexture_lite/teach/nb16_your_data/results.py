"""What choosing a context costs, from the table of `contexture_lite.diagnosis.choices`.

Cost is the error of what a rule chooses over the least error among the 16 contexts of that table,
seed and number of views; averages are over seeds first, medians, means and bootstrap over tables.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from contexture_lite.usefulness.rehearsing import criterion

SCORES = "rehearsal", "effective_rank", "tau"
RULES = {"rehearsal": "rehearsal R", "effective_rank": "effective rank", "tau": "τ",
         "middle": "middle of the dial", "another": "error of another split"}
KEYS = ["dataset", "seed"]
DRAWS = 4000  # of the bootstrap


def rules(table):
    """For each data set, number of views and rule: cost, Pearson with the error, at the weak end.

    ``pearson`` (NaN for the middle of the dial) and ``weakest``, the share of seeds where the rule
    takes a weakest context, are means over seeds like ``cost``. The rule "another" looks at the
    error itself, of another seed's split: what noise allows.
    """
    contexts, rows = table[table["views"].notna()], []
    ordered = contexts.sort_values(KEYS, kind="stable")  # of each seed the contexts in one order
    for (name, views), block in ordered.groupby(["dataset", "views"]):
        seeds = block["seed"].nunique()
        by_seed = {column: block[column].to_numpy().reshape(seeds, -1)
                   for column in ("error", "strength", *SCORES)}
        error, off = by_seed["error"], np.abs(by_seed["strength"] - 0.5)
        cost = error / error.min(axis=1, keepdims=True)
        found = {rule: [] for rule in RULES}
        for seed in range(seeds):
            told = [(score, by_seed[score][seed]) for score in SCORES]
            told += [("another", error[other]) for other in range(seeds) if other != seed]
            for rule, values in told:
                chosen = np.where(np.isnan(values), np.inf, values).argmin()  # of independence
                known = np.where(np.isnan(values), np.nanmax(values), values)
                found[rule].append((cost[seed, chosen], pearson(known, error[seed]),
                                    by_seed["strength"][seed, chosen] == 0))
            middle = off[seed] <= off[seed].min() + 1e-3
            found["middle"].append((cost[seed, middle].mean(), np.nan, np.nan))
        rows += [{"views": views, "rule": rule, "dataset": name}
                 | dict(zip(("cost", "pearson", "weakest"), np.mean(values, axis=0)))
                 for rule, values in found.items() if values]
    return pd.DataFrame(rows)


def pearson(x, y):
    """Pearson's correlation; 0 for a constant."""
    x, y = (np.asarray(v, dtype=float) - np.mean(v) for v in (x, y))
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 1e-12 else 0.0


def summary(found):
    """Medians and means over the data sets, a row for each number of views and rule."""
    groups = found.groupby(["views", "rule"])
    return pd.DataFrame({
        "median cost": groups["cost"].median(), "mean cost": groups["cost"].mean(),
        "median Pearson": groups["pearson"].median(), "weakest taken": groups["weakest"].mean(),
        "tables": groups["dataset"].nunique()}).reindex(list(RULES), level="rule")


def against(found, rule="rehearsal", other="effective_rank"):
    """Mean over tables of the log cost of a rule minus another's, with a 95 % interval."""
    rows = {}
    for views, block in found.groupby("views"):
        log = np.log(block.pivot(index="dataset", columns="rule", values="cost"))
        rows[views] = interval((log[rule] - log[other]).to_numpy())
    return pd.DataFrame(rows, ["mean log ratio", "from", "to"]).T.rename_axis("views")


def interval(values, seed=0, of=np.mean):
    """(mean, 2.5 % and 97.5 % quantile of the mean) under a bootstrap over the values.

    ``of`` may be another statistic that takes an axis.
    """
    rng = np.random.default_rng(seed)
    drawn = of(values[rng.integers(len(values), size=(DRAWS, len(values)))], axis=1)
    return of(values, axis=0), *np.quantile(drawn, [0.025, 0.975])


def by_group(found, groups):
    """How the rehearsal does on each of the ``groups`` {name: data sets}, by number of views.

    Median of its Pearson with the error, and of its cost, each with a 95 % interval; mean cost;
    how often a weakest context is taken; medians of the rule "another" beside it.
    """
    rows = {}
    for (group, names), views in product(groups.items(), sorted(found["views"].unique())):
        here = found[(found["views"] == views) & found["dataset"].isin(names)]
        block, another = (here[here["rule"] == rule] for rule in ("rehearsal", "another"))
        if len(block):
            row = {("", "tables"): len(block)}
            for column, title in (("pearson", "Pearson"), ("cost", "cost")):
                told = interval(block[column].to_numpy(), of=np.median)
                row |= {(title, key): x for key, x in zip(("median", "from", "to"), told)}
            row |= {("cost", "mean"): block["cost"].mean(),
                    ("weakest", "taken"): block["weakest"].mean(),
                    ("another split", "Pearson"): another["pearson"].median(),
                    ("another split", "cost"): another["cost"].median()}
            rows[views, group] = row
    table = pd.DataFrame(rows).T.rename_axis(["views", "group"]).astype({("", "tables"): int})
    return table.sort_index(level="views", sort_remaining=False)


# -- labels come in ----------------------------------------------------------------------


def with_labels(table):
    """Errors of what labels choose, over those of ridge regression on the columns.

    A row for each data set, number of labels m ("20", "100", "all") and way: the exact context
    of least R, of least leave-one-out error (LOO), of least log LOO + (40/m) log R; columns and
    context side by side; kernel ridge; a forest. ``ratio`` of errors averaged over seeds.
    """
    rows = []
    for (name, _), block in table.groupby(KEYS):
        exact, rivals = block[block["views"] == np.inf], block[block["views"].isna()]
        rivals = rivals.set_index("family")
        for m, end in {"20": "_20", "100": "_100", "all": ""}.items():
            error, left_out = exact[f"error{end}"], exact[f"left_out{end}"]
            if rivals[f"error{end}"].isna().any() or error.isna().all():
                continue
            count = exact["labels"].iloc[0] if m == "all" else int(m)
            left_out, risk = left_out.fillna(np.inf), exact["rehearsal"]
            chosen = {"context by R": risk, "context by LOO": left_out,
                      "context by both": criterion(left_out, risk, count)}
            errors = {way: error[score.idxmin()] for way, score in chosen.items()}
            errors |= rivals[f"error{end}"].to_dict()
            rows += [{"dataset": name, "labels": m, "way": way, "error": value}
                     for way, value in errors.items()]
    mean = pd.DataFrame(rows).groupby(["labels", "way", "dataset"])["error"].mean()
    ratio = mean / mean.xs("columns", level="way").reindex(mean.index.droplevel("way")).to_numpy()
    return ratio.rename("ratio").reset_index()


def beside_columns(ratios, ways=None):
    """Median, geometric mean with its 95 % interval, and worst ratio by labels and way."""
    rows = {}
    for (m, way), block in ratios.groupby(["labels", "way"]):
        if way != "columns" and (ways is None or way in ways):
            ratio = block["ratio"].to_numpy()
            mean, low, high = np.exp(interval(np.log(ratio)))
            rows[m, way] = {"median": np.median(ratio), "geometric mean": mean, "from": low,
                            "to": high, "worst": ratio.max(), "tables": len(ratio)}
    table = pd.DataFrame(rows).T.rename_axis(["labels", "way"]).astype({"tables": int})
    return table.reindex(["20", "100", "all"], level="labels")


# -- where the prior is wrong ------------------------------------------------------------


def by_prior(table, names):
    """Cost of the context that rehearses best: the three usual kinds of task, classes alone.

    A row for each of the data sets ``names`` and number of views, mean over seeds.
    """
    rows = []
    for (name, views, _), block in table[table["views"].notna()].groupby(
            ["dataset", "views", "seed"]):
        least = block["error"].min()
        rows.append({"dataset": name, "views": views} | {
            column: block["error"][block[score].idxmin()] / least
            for column, score in (("linear, smooth, rules", "rehearsal"), ("classes", "classes"))})
    mean = pd.DataFrame(rows).groupby(["dataset", "views"]).mean()
    return mean.loc[list(names)]
