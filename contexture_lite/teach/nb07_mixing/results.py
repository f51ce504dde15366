"""The results of notebook 07: does a mix of two contexts beat the better part?

``python -m contexture_lite.experiment 07 FILE.csv.gz`` makes the table that the course
ships, by `run`; `shipped` reads it, `verdicts` and `counts` judge it, `figure` draws it. `one`
makes a piece of it while the reader waits.
"""

import numpy as np

import contexture_lite as cl
from contexture_lite.datasets import digits, tables
from contexture_lite.teach.nb07_mixing import halves
from contexture_lite.teach.nb07_mixing.experiment import MIXES, run
from contexture_lite.teach.pictures import style

RULE = {"strong + strong": "convolution", "strong + weak": "combination",
        "weak + weak": "concatenation"}
TITLES = {"strong + strong": "Two strong contexts", "strong + weak": "One strong, one weak",
          "weak + weak": "Two weak contexts"}
SHORT = {"convolution": "conv.", "combination": "comb.", "concatenation": "conc.",
         "embeddings": "features"}
LOOKS = {"better": style.TASK, "same": style.GREY, "worse": style.CONTEXT}
TICKS = (0.5, 1, 2, 4)
WRONG, CLEARLY = 0.05, 1.1  # share of verdicts that chance makes; ten per cent worse


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "mixing.csv.gz")


def one(dataset, mix, k_first, k_second, *, views="halves", seeds=range(3)):
    """Errors of one mix and its parts on one table, made now: seeds × ("first", "second", mix).

    Arguments as in `run`, with one entry each. Some seconds with many neighbours, else less.
    """
    table = run([dataset], {"this pair": ((k_first, k_second),)}, [views], [mix], seeds,
                n_jobs=1, progress=False)
    return table.pivot(index="seed", columns="context", values="error")[["first", "second", mix]]


def verdicts(table):
    """Each mix against the better part: a DataFrame, one row for each table, view, pair and mix.

    The better part is decided anew for each seed (halves of the columns differ), by its test
    error, which is a little hard on the mix. Columns ``ratio``, of mean errors, mix to better
    part; ``gap``, the mean difference over seeds, and ``se``, its standard error;
    ``verdict``, "better" or "worse" if Student's t, with as many degrees of freedom as
    seeds less one, is beyond its 95 % range, else "same": of cases without a difference 5 of 100
    are called better or worse by chance, and rather more, since the seeds of a small table share
    rows. ``premise`` is whether the rule of thumb may be asked: the better part
    is at least 10 % worse than the better one of two medium contexts of the same columns, so that
    strong parts are too strong, weak ones too weak.
    """
    import pandas as pd
    from scipy.stats import t

    if table.seed.nunique() < 2:
        raise ValueError("table has one seed only; a standard error needs two or more")
    case = ["dataset", "views", "pair", "k_first", "k_second"]
    errors = table.pivot(index=[*case, "seed"], columns="context", values="error")
    part = errors[["first", "second"]].min(axis=1)
    errors = errors[[mix for mix in MIXES if mix in errors]].rename_axis(columns="mix")
    gaps, better = errors.sub(part, axis=0).groupby(case), part.groupby(case).mean()
    ratio = errors.groupby(case).mean().div(better, axis=0)
    columns = {"ratio": ratio, "gap": gaps.mean(), "se": gaps.sem()}
    judged = pd.concat({name: by_mix.stack() for name, by_mix in columns.items()}, axis=1)
    judged["verdict"] = np.select([judged.gap < 0, judged.gap > 0], ["better", "worse"], "same")
    unsure = judged.gap.abs() <= t.ppf(1 - WRONG / 2, table.seed.nunique() - 1) * judged.se
    judged["verdict"] = judged["verdict"].mask(unsure, "same")
    judged = judged.reset_index()
    medium = better.reset_index().query("pair == 'medium + medium'").groupby(case[:2])[0].min()
    part, medium = (of.reindex(pd.MultiIndex.from_frame(judged[columns])).to_numpy()
                    for of, columns in ((better, case), (medium, case[:2])))
    judged["premise"] = judged.gap.notna() & (part >= CLEARLY * medium)
    return judged


def counts(judged, by="mix"):
    """How often better, the same and worse, and how often either would be by chance.

    ``judged`` is a table of `verdicts`, or some rows of it; ``by`` one or more of its columns.
    """
    many = judged.groupby([*np.atleast_1d(by), "verdict"], sort=False).size().unstack(fill_value=0)
    many = many.reindex(columns=list(LOOKS), fill_value=0).rename_axis(columns=None)
    many["either by chance"] = (WRONG / 2 * many.sum(axis=1)).round(1)
    return many


@style.settings()
def figure(judged):
    """One point for each case, error of the mix over that of the better part, by kind of pair."""
    fig, axes = style.panels(len(TITLES), height=3.9, left=0.15, bottom=0.09, top=0.92)
    low, high = 0.72 * judged.ratio.min(), 1.4 * judged.ratio.max()  # room for the counts
    for ax, (pair, title) in zip(axes, TITLES.items()):
        style.label(ax, title)
        ax.set(yscale="log", ylim=(low, high), xlim=(-0.55, len(SHORT) - 0.45))
        ax.set_yticks(TICKS, [f"×{tick:g}" for tick in TICKS])
        ax.minorticks_off()
        ax.axhline(1, color=style.INK, lw=1.5)
        for place, mix in enumerate(SHORT):
            _column(ax, place, judged[(judged.pair == pair) & (judged.mix == mix)])
        ax.set_xticks(range(len(SHORT)), SHORT.values())
        ax.tick_params(axis="x", length=0)
        place = list(SHORT).index(RULE[pair])
        ax.axvspan(place - 0.5, place + 0.5, color=style.SHADE, lw=0, zorder=0)
        ax.text(place, 0.9, "the rule", ha="center", va="top", fontsize=11.5,
                transform=ax.get_xaxis_transform())
    said = "; ".join(
        f"{pair}, {mix}: {row.better:.0f} better, {row.worse:.0f} worse" for (pair, mix), row
        in counts(judged[judged.pair.isin(TITLES)], ["pair", "mix"]).iterrows())
    return style.Picture(fig, "Error of every mix over that of the better part, a dot for each of "
                              f"24 cases; green: better, vermilion: worse, and how many. {said}.")


def _column(ax, place, cases):
    """The cases of one mix, best to the left; how many are worse above, better below."""
    cases = cases.sort_values("ratio")
    across = place + np.linspace(-0.34, 0.34, len(cases)) if len(cases) > 1 else [place]
    for x, case in zip(across, cases.itertuples()):
        color = LOOKS[case.verdict]
        ax.plot([x], [case.ratio], "o", ms=7 if case.premise else 5.5, mew=1.5, zorder=3,
                mec=style.INK if case.premise else color,
                mfc="white" if case.verdict == "same" else color)
    for y, verdict in ((0.045, "better"), (0.955, "worse")):
        ax.text(place, y, (cases.verdict == verdict).sum(), ha="center", va="center", fontsize=14,
                color=LOOKS[verdict], fontweight="bold", transform=ax.get_xaxis_transform())


def halves_figure(neighbours=8, labels=150):
    """A digit as either context sees it; digits misclassified with either, and with one drawn."""
    parts = halves.parts(neighbours, neighbours)
    contexts = {"left half": parts[0], "right half": parts[1],
                "one, at random": cl.convex_combination(parts, [0.5, 0.5])}
    found = {name: halves.misclassified(context, labels) for name, context in contexts.items()}
    fig, (paper, ax) = style.panels(2, height=2.1, width=4.4, left=0.06, right=0.94, bottom=0.05,
                                    top=0.85)
    picture = digits().X[0].reshape(8, 8)
    for start, color in ((0, style.ORANGE), (4, style.PINK)):
        paper.axvspan(start - 0.5, start + 3.5, color=color, alpha=0.3, lw=0)
    paper.imshow(np.ma.masked_equal(picture, 0), cmap="Greys", vmin=-4, vmax=16, zorder=2)
    paper.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5))
    style.label(paper, "Two contexts: a half each")
    style.bare(paper)
    ax.set_position([0.34, 0.05, 0.62, 0.8])
    percent = 100 * np.array(list(found.values()))
    bars = ax.barh(list(found), percent, color=(style.ORANGE, style.PINK, style.INPUT))
    ax.bar_label(bars, [f"{share:.0f} %" for share in percent], padding=4, fontsize=13)
    ax.set(xticks=[], ylim=(2.6, -0.6), xlim=(0, 1.28 * percent.max()))
    ax.spines["bottom"].set_visible(False)
    style.label(ax, f"Error with {labels} labels")
    said = ", ".join(f"{name} {share:.0f} %" for name, share in zip(found, percent))
    return style.Picture(fig, f"A digit, its left and its right half; digits misclassified with "
                              f"{labels} labels and {neighbours} neighbours: {said}")
