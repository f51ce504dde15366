"""What the sweep of notebook 06 says: do scores of a context agree with the error it leads to?

`shipped` reads the table that the course ships, ``python -m contexture_lite.experiment 06
FILE.csv.gz`` makes it again, by `make`; each other function is one line of the notebook.
Contexts are compared within one table and one seed: four families × twelve strengths.
"""

import numpy as np
import pandas as pd

from contexture_lite.datasets import tables
from contexture_lite.experiment.protocol import BETAS, D0S, DIMENSIONS, SCORES, sizes
from contexture_lite.experiment.strengths import sweep
from contexture_lite.usefulness import rehearsing as rehearsal

SIGN = {"smaller": 1, "larger": -1}  # so that a score that is right agrees with the error
DIAL = {"strength": "smaller"}  # no score: the position of the dial itself, the weaker the better
GAUSSIAN = {"rbf": "Gaussian", "masked rbf": "masked Gaussian"}
KEYS = ["family", "dataset", "seed"]
PAPER = {"median Pearson": 0.587, "mean Pearson": 0.431, "above .5": 16, "negative": 4,
         "data sets": 28, "median distance corr.": 0.659, "mean distance corr.": 0.611}


def make(names=None, *, cache=None, n_jobs=-1, progress=True):
    """`contexture_lite.sweep` with its usual settings, and the rehearsal of every context."""
    return sweep(names, tasks=rehearsal.DEFAULT, cache=cache, n_jobs=n_jobs, progress=progress)


def shipped():
    """The table of `make` on all data sets, as it is shipped; a DataFrame."""
    return tables.shipped(__package__, "sweep.csv.gz")


def error_with(table, d):
    """The error with d functions, or with as many as there are: a Series. d is 1, 2, 4, … 512."""
    if d not in DIMENSIONS:
        raise ValueError(f"d is {d!r}; the table has {', '.join(map(str, DIMENSIONS))}")
    upto = [f"error_{known}" for known in DIMENSIONS if known <= d]
    return table[upto].ffill(axis=1).iloc[:, -1]


def distance_correlation(x, y):
    """√( Σ A∘B / √(Σ A∘A · Σ B∘B) ), A and B the doubly centred distances |x_i − x_j|, |y_i − y_j|.

    For x, y of shape (n,). In [0, 1]; of distributions, 0 only for independence; of n points
    never 0, which is why a permutation null belongs beside it. A constant has 0 with
    everything. Székely, Rizzo and Bakirov 2007.
    """
    A, B = _centred(x), _centred(y)
    return float(np.sqrt((A * B).sum() / _size(A, B)))


def _centred(x):
    distance = np.abs(np.subtract.outer(np.asarray(x, dtype=float), np.asarray(x, dtype=float)))
    return distance - distance.mean(axis=0) - distance.mean(axis=1)[:, None] + distance.mean()


def _size(A, B):
    return np.sqrt((A * A).sum() * (B * B).sum()) or 1.0  # of a constant nothing is left


def agreement(table, permutations=200):
    """How each score goes with the error (at the best d), over the contexts of each data set.

    The last "score" is none: the position of the dial, ``strength``, called the better the
    weaker. A row for each data set and score, averaged over the seeds: ``pearson`` (positive
    where the score is right), its least and largest value among the seeds ``low`` and ``high``,
    ``distance`` (distance correlation); and from shuffled errors ``pearson_null`` (the size that
    one in twenty exceeds), ``distance_null`` (mean) and ``distance_null95``.
    """
    rng, rows = np.random.default_rng(0), []
    for (name, seed), contexts in table.groupby(["dataset", "seed"]):
        errors = contexts["error_oracle"].to_numpy()
        shuffled = np.array([rng.permutation(len(errors)) for _ in range(permutations)])
        B = _centred(errors)
        mixed = B[shuffled[:, :, None], shuffled[:, None, :]].reshape(permutations, -1)
        for score, better in (SCORES | DIAL).items():
            values = SIGN[better] * contexts[score].to_numpy()
            A = _centred(values)
            null = np.sqrt(np.maximum(0, mixed @ A.ravel()) / _size(A, B))
            straight = np.abs(_standard(errors)[shuffled] @ _standard(values)) / len(errors)
            rows.append({
                "dataset": name, "score": score, "seed": seed,
                "pearson": _pearson(values, errors),
                "distance": distance_correlation(values, errors),
                "pearson_null": np.quantile(straight, 0.95),
                "distance_null": null.mean(), "distance_null95": np.quantile(null, 0.95)})
    groups = pd.DataFrame(rows).groupby(["dataset", "score"], sort=False)
    mean = groups.mean().drop(columns="seed")
    mean.insert(1, "low", groups["pearson"].min())
    mean.insert(2, "high", groups["pearson"].max())
    return mean.reset_index()


def _pearson(x, y):
    return float(_standard(x) @ _standard(y)) / len(x)


def _standard(x):
    """Mean 0 and variance 1; all zeros for a constant."""
    x = np.asarray(x, dtype=float)
    return (x - x.mean()) / (x.std() or 1)


def by_score(agreement):
    """Medians and counts over the data sets, a row for each score, from `agreement`'s table."""
    groups = agreement.groupby("score", sort=False)
    return pd.DataFrame({
        "median Pearson": groups["pearson"].median(),
        "above .5": groups["pearson"].agg(lambda r: int((r > 0.5).sum())),
        "negative": groups["pearson"].agg(lambda r: int((r < 0).sum())),
        "data sets": groups.size(),
        "median distance corr.": groups["distance"].median(),
        "its null": groups["distance_null"].median(),
    }).rename(index={"strength": "the dial itself"})


def beside_the_paper(agreement):
    """τ and the error, here and in Zhai et al. 2025, arXiv 2505.01557, Section 5: two rows.

    There 28 data sets, other ones, with 140 contexts each, four families × 35 strengths.
    """
    tau = agreement[agreement["score"] == "tau"]
    here = by_score(agreement).loc["tau"].to_dict() | {
        "mean Pearson": tau["pearson"].mean(), "mean distance corr.": tau["distance"].mean()}
    return pd.DataFrame([here, PAPER], ["here", "the paper"], columns=list(PAPER))


def failures(table, agreement):
    """The data sets where τ goes the wrong way (Pearson < 0), worst first.

    Beside it the same for the effective rank, and where the best context was: its family (the
    most frequent over the seeds) and how many neighbours a point had in effect (median).
    """
    pearson = agreement.pivot(index="dataset", columns="score", values="pearson")
    wrong = pearson[pearson["tau"] < 0].sort_values("tau")
    best = table.loc[table.groupby(["dataset", "seed"])["error_oracle"].idxmin()]
    points = best["n"].map(lambda n: sizes(n)[0])  # that make the context
    about = best.assign(points=best["share"] * points).groupby("dataset").agg(
        kind=("kind", "first"), features=("features", "first"),
        best_family=("family", lambda f: f.mode()[0]), neighbours=("points", "median"))
    return about.loc[wrong.index].join(wrong[["tau", "effective_rank"]].add_prefix("Pearson "))


def sensitivity(table):
    """Median Pearson of τ with the error when one detail of the experiment is changed.

    The first column is the median over the data sets of the mean over the seeds; the others
    are the medians that one seed alone gives. Contexts where the changed τ is infinite (more
    than d₀ values of 1) are left out.
    """
    oracle = table["error_oracle"]
    changes = {"as it is: best d, β = 1, d₀ = 512": (table["tau"], oracle),
               "d by leave-one-out": (table["tau"], table["error_loo"])}
    changes |= {f"d = {d}": (table["tau"], error_with(table, d)) for d in (8, 32, 128)}
    changes |= {f"β = {beta:g}": (table[f"tau_b{beta:g}"], oracle) for beta in BETAS}
    changes |= {f"d₀ = {d0}": (table[f"tau_d0_{d0}"], oracle) for d0 in D0S}
    changes |= {"the constant counted": (table["tau_constant"], oracle)}
    rows = {}
    for name, (score, error) in changes.items():
        pairs = table[["dataset", "seed"]].assign(score=score, error=error)[np.isfinite(score)]
        pearson = pairs.groupby(["dataset", "seed"])[["score", "error"]].apply(
            lambda group: _pearson(group["score"], group["error"])).unstack("seed")
        rows[name] = {"median Pearson": pearson.mean(axis=1).median()} | {
            f"seed {seed}": median for seed, median in pearson.median().items()}
    return pd.DataFrame(rows).T


def along_strength(table):
    """Error relative to the best along strength: rows (family, dataset), a column a strength.

    Errors are averaged over the seeds first; 1 is the best strength of that family.
    """
    mean = table.pivot_table(index=["family", "dataset"], columns="strength",
                             values="error_oracle")
    return mean.div(mean.min(axis=1), axis=0)


def u_shapes(table, margin=0.05):
    """For how many data sets is the error U-shaped along strength? A row for each family.

    An end counts if its error is at least ``margin`` above the best of the family.
    """
    curves = along_strength(table)
    weak, strong = curves.iloc[:, 0] >= 1 + margin, curves.iloc[:, -1] >= 1 + margin
    shapes = {"both ends": weak & strong, "weak end only": weak & ~strong,
              "strong end only": strong & ~weak, "neither": ~weak & ~strong}
    counts = pd.DataFrame({name: is_so.groupby("family").sum() for name, is_so in shapes.items()})
    return counts.assign(**{"data sets": counts.sum(axis=1)}).loc[list(table["family"].unique())]


def pointed_at(table, scores=SCORES, error="error_oracle"):
    """How often the least error is at each strength, and how often each score points there.

    Counted over data sets and seeds, the weakest where several are as good: a row for each
    family and rule ("least error", then the scores), a column for each strength.
    """
    families, table = table["family"].unique(), table.sort_values("strength")
    rules = {"least error": table[error]}
    rules |= {score: SIGN[better] * table[score] for score, better in scores.items()}
    counts = {}
    for rule, values in rules.items():
        best = table.loc[values.groupby([table[key] for key in KEYS]).idxmin()]
        counts[rule] = pd.crosstab(best["family"], best["strength"])
    counts = pd.concat(counts, names=["rule"]).swaplevel()
    order = [(family, rule) for family in families for rule in rules]
    return counts.reindex(columns=table["strength"].unique()).fillna(0).astype(int).loc[order]


def cost_of_choosing(table, scores=SCORES, error="error_oracle"):
    """What choosing one of the contexts by a rule costs: its error over the least error.

    Quartiles and mean over the data sets (mean over seeds), a row for each score and for rules
    that look at nothing: the weakest context of a Gaussian family, always; the middle of the
    dial (the mean over the families); and "the median context", a blind choice at its median.
    """
    rows = {}
    for key, contexts in table.groupby(["dataset", "seed"]):
        errors, dial, family = (contexts[column] for column in (error, "strength", "family"))
        costs = {score: errors[(SIGN[better] * contexts[score]).idxmin()]
                 for score, better in scores.items()}
        costs |= {f"the weakest {name}": errors[(family == given) & (dial == 0)].iloc[0]
                  for given, name in GAUSSIAN.items() if (family == given).any()}
        off = (dial - 0.5).abs()
        costs["the middle of the dial"] = errors[off <= off.min() + 1e-3].mean()
        rows[key] = pd.Series(costs | {"the median context": errors.median()}) / errors.min()
    costs = pd.DataFrame(rows).T.groupby(level=0).mean()
    quartiles = costs.quantile([0.25, 0.5, 0.75]).T
    return quartiles.set_axis(["quarter", "median", "three quarters"], axis=1).assign(
        mean=costs.mean())
