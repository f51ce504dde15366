"""The results of notebook 07: on real tables, does a mix of two contexts beat the better part?

``python -m contexture_lite.teach.mixing_results FILE.csv.gz`` makes the table that the course
ships, by `run`; `shipped` reads it, `verdicts` and `counts` judge it, `figure` draws it. `one`
makes a piece of it while the reader waits.
"""

from __future__ import annotations

import sys

import numpy as np
from matplotlib.lines import Line2D

from contexture_lite.teach import style
from contexture_lite.teach.mixing_experiment import MIXES, run
from contexture_lite.teach.shipped import FOLDER, read

__all__ = ["run", "shipped", "one", "better_part", "verdicts", "counts", "figure"]

SHIPPED = FOLDER / "mixing.csv.gz"
RULE = {"strong + strong": "convolution", "strong + weak": "combination",
        "weak + weak": "concatenation"}
SHORT = {"convolution": "convolve", "combination": "combine",
         "concatenation": "concat.\ncontexts", "embeddings": "concat.\nfeatures"}
LOOKS = {"better": style.TASK, "same": style.GREY, "worse": style.CONTEXT}
TICKS = (0.25, 0.5, 1, 2, 4)


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return read(SHIPPED, "python -m contexture_lite.teach.mixing_results FILE.csv.gz")


def one(dataset, mix, k_first, k_second, *, views="halves", seeds=range(3)):
    """Errors of one mix and its parts on one table, made now: seeds × ("first", "second", mix).

    Arguments as in `run`, with one entry each. Some seconds with many neighbours, else less.
    """
    found = run([dataset], {"this pair": ((k_first, k_second),)}, [views], [mix], seeds,
                n_jobs=1, progress=False)
    return found.pivot(index="seed", columns="context", values="error")[["first", "second", mix]]


def better_part(table):
    """Mean over seeds of the better part's error: tables and views × numbers of neighbours.

    To see whether the parts are too strong, or too weak, in the first place: whether those of
    medium strength do better.
    """
    case = ["dataset", "views", "k_first", "k_second"]
    parts = table[table.context.isin(["first", "second"])]
    best = parts.groupby([*case, "seed"])["error"].min()
    return best.groupby(case).mean().unstack(["k_first", "k_second"])


def verdicts(table):
    """Each mix against the better part: a DataFrame, one row for each table, view, pair and mix.

    The better part is decided anew for each seed (halves of the columns differ), by its test
    error, which is a little hard on the mix. Columns ``ratio``, of mean errors, mix to better
    part; ``gap``, the mean difference over seeds, and ``se``, its standard error;
    ``verdict``, "better" or "worse" if the gap is beyond 2 ``se``, else "same". With five
    seeds that happens by chance in about one case of nine where there is no difference; and
    seeds of a small table share points, so ``se`` is rather too small.
    """
    import pandas as pd

    if table.seed.nunique() < 2:
        raise ValueError("table has one seed only; a standard error needs two or more")
    case = ["dataset", "views", "pair", "k_first", "k_second"]
    rows = []
    for key, found in table.groupby(case, sort=False):
        errors = found.pivot(index="seed", columns="context", values="error")
        part = errors[["first", "second"]].min(axis=1)
        for mix in (mix for mix in MIXES if mix in errors):
            gaps = errors[mix] - part
            gap, se = gaps.mean(), gaps.std() / np.sqrt(len(gaps))
            verdict = "better" if gap < -2 * se else "worse" if gap > 2 * se else "same"
            rows.append(dict(zip(case, key)) | {
                "mix": mix, "ratio": errors[mix].mean() / part.mean(), "gap": gap, "se": se,
                "verdict": verdict})
    return pd.DataFrame(rows)


def counts(table):
    """How often each mix is better, the same, worse than the better part: pairs × mixes."""
    found = verdicts(table)
    many = found.groupby(["pair", "mix", "verdict"]).size().unstack(fill_value=0)
    many = many.reindex(columns=["better", "same", "worse"], fill_value=0)
    text = many.apply(lambda row: ", ".join(f"{n} {name}" for name, n in row.items()), axis=1)
    return text.unstack("mix").loc[list(found.pair.unique()), list(found.mix.unique())]


def figure(table):
    """One point for each case, error of the mix over that of the better part, by kind of pair."""
    found = verdicts(table)
    pairs, mixes = found.pair.unique(), list(found.mix.unique())
    fig, axes = style.panels(len(pairs), size=(13.5, 5.2), left=0.06, bottom=0.2, top=0.81,
                             gap=0.1)
    low, high = 0.75 * found.ratio.min(), 1.3 * found.ratio.max()  # room for the counts
    for ax, pair in zip(axes, pairs):
        style.label(ax, pair.replace("+", "and"), "", "error ÷ better part's" * (ax is axes[0]))
        ax.set(yscale="log", ylim=(low, high), xlim=(-0.55, len(mixes) - 0.45))
        ax.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS] if ax is axes[0] else [])
        ax.minorticks_off()
        ax.axhline(1, color=style.INK, lw=1.5)
        for place, mix in enumerate(mixes):
            _column(ax, place, found[(found.pair == pair) & (found.mix == mix)])
        ax.set_xticks(range(len(mixes)), [SHORT[mix] for mix in mixes], fontsize=10.5)
        ax.tick_params(axis="x", length=0)
        if pair in RULE and RULE[pair] in mixes:
            place = mixes.index(RULE[pair])
            ax.axvspan(place - 0.5, place + 0.5, color=style.SHADE, lw=0, zorder=0)
            ax.text(place, -0.23, "the rule", transform=ax.get_xaxis_transform(), ha="center",
                    va="center", fontweight="bold")
    _legend(fig)
    said = "; ".join(f"{pair}: " + ", ".join(f"{mix} {text}" for mix, text in row.items())
                     for pair, row in counts(table).iterrows())
    return style.Picture(fig, f"Mixes against the better part, beyond 2 standard errors. {said}.")


def _column(ax, place, found):
    """The cases of one mix, best to the left; how many are worse above, better below."""
    found = found.sort_values("ratio")
    across = place + np.linspace(-0.34, 0.34, len(found)) if len(found) > 1 else [place]
    for x, case in zip(across, found.itertuples()):
        color = LOOKS[case.verdict]
        ax.plot([x], [case.ratio], "o" if case.views == "halves" else "D", ms=6.5, mec=color,
                mfc="white" if case.verdict == "same" else color, mew=1.5, zorder=3)
    for y, verdict in ((0.045, "better"), (0.955, "worse")):
        ax.text(place, y, str((found.verdict == verdict).sum()), ha="center", va="center",
                color=LOOKS[verdict], fontweight="bold", fontsize=14,
                transform=ax.get_xaxis_transform())


def _legend(fig):
    marks = [("o", LOOKS["better"], "mix better (and how often)"), ("o", None, "no difference"),
             ("o", LOOKS["worse"], "mix worse (and how often)"),
             ("o", style.INK, "halves of the columns"), ("D", style.INK, "same columns")]
    with style.settings():
        handles = [Line2D([], [], ls="", marker=mark, ms=9, mec=color or style.GREY, mew=1.5,
                          mfc=color or "white") for mark, color, _ in marks]
        fig.legend(handles, [text for *_, text in marks], loc="upper left", frameon=False,
                   bbox_to_anchor=(0.045, 1.0), ncols=5, fontsize=12.5, handletextpad=0.2,
                   columnspacing=1.4)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contexture_lite.teach.mixing_results FILE.csv.gz")
    run().round(5).to_csv(sys.argv[1], index=False, compression={"method": "gzip", "mtime": 0})
