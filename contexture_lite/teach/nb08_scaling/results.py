"""The results of notebook 08: what a bigger network reaches, and what moves it.

`shipped` reads the table that ``make scaling`` writes (`contexture_lite.learn.scaling.grid`);
`plateau` is its message in numbers, `cuts` the picture of what compute and points change.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contexture_lite.datasets import tables
from contexture_lite.teach.nb08_scaling.compute import DISTANCE, grid, rows_of
from contexture_lite.teach.pictures import style

__all__ = ["shipped", "plateau", "cuts"]

# from the weakest to the best context: lines, the same dark enough for letters, marks
COLOURS = (style.ORANGE, style.PINK, style.INPUT)
LETTERS = ("#9A6A00", "#A0417A", style.INPUT)
MARKS = "osD"
PLATEAU = ("ratio_trace_exact", "trace_missing", DISTANCE, "error", "error_exact", "error_linear")
EXACT = (0, (4, 2))  # dashes of the exact functions


def shipped():
    """The table of `contexture_lite.learn.scaling.grid` as it is shipped; a DataFrame."""
    return tables.shipped(__package__, "scaling.csv.gz")


def plateau(table):
    """Where the networks end: a row for each task and context, weakest first.

    Means over the seeds, the two largest widths and all depths of two or more: what is left to
    learn (``trace_missing``, the share of the largest ratio trace, and ``distance``) and the
    ``error``, beside that of the exact functions and of a ridge on the raw columns.
    """
    found = {}
    for task in table["task"].unique():
        of = grid(table, task)
        deep = np.array(of.depths) >= 2
        found[task] = pd.DataFrame({name: values[:, -2:][:, :, deep].mean(axis=(1, 2, 3))
                                    for name, values in of.values.items()}, of.contexts)
    means = pd.concat(found, names=["task", "context"])
    means["trace_missing"] = 1 - means["ratio_trace"] / means["ratio_trace_exact"]
    return means[list(PLATEAU)]


def cuts(table, task="digits"):
    """What compute leaves to learn, and the error along steps and along points: three panels.

    Compute is 6 × weights × steps × points, the usual count of multiplications and additions of
    a training. Solid: networks of all widths, as long as the grid's; dotted, and in the other
    two panels: one network. Dashed are the exact errors, which move with the number of points,
    since the context is made of them.
    """
    networks = grid(table, task)
    along = {name: _cut(table, networks, name) for name in ("steps", "samples")}
    (rows, width, depth), said = along["steps"], []
    ladder = rows_of(table, task)
    ladder = ladder[(ladder["steps"] == networks.steps) & (ladder["samples"] == networks.samples)
                    & (ladder["depth"] == depth)]
    fig, axes = style.panels(3, left=0.23)
    handles = []
    for i, context in enumerate(networks.contexts):
        looks = dict(color=COLOURS[i], marker=MARKS[i], ms=7, lw=2.4, mec="white", mew=0.8)
        for part, line in ((ladder, "-"), (rows, ":")):
            axes[0].plot(*_compute(part[part["context"] == context]), ls=line, **looks)
        handles.append(axes[0].lines[-2])
        for ax, (name, (cut, *_)) in zip(axes[1:], along.items()):
            means = cut[cut["context"] == context].groupby(name)[["error", "error_exact"]].mean()
            ax.plot(means["error"], **looks)
            ax.plot(means["error_exact"], color=COLOURS[i], lw=2.2, ls=EXACT)
            said.append(f"{context}: error {means.error.iloc[0]:.3f} with {means.index[0]} {name}, "
                        f"{means.error.iloc[-1]:.3f} with {means.index[-1]}")
    style.label(axes[0], "Compute", "6 × weights × steps × points", "distance, 1 − alignment")
    axes[0].set(xscale="log", yscale="log")
    for ax, name, title, what in ((axes[1], "steps", "Error along training", "steps"),
                                  (axes[2], "samples", "Error along points",
                                   "points without labels")):
        places = sorted(along[name][0][name].unique())
        style.label(ax, title, what, "error")
        ax.set(xscale="log", ylim=(0, 1.06 * max(cut["error"].max() for cut, *_ in along.values())))
        ax.set_xticks(places, [f"{place:g}" for place in places])
        ax.minorticks_off()
    names = networks.contexts, [_share(name, networks.samples) for name in networks.contexts]
    axes[2].set_ylim(0, 1.4 * axes[2].get_ylim()[1])  # room for the names
    for ax, them, corner in zip(axes[::2], names, ("lower left", "upper right")):
        legend(ax, zip(handles, them, LETTERS), loc=corner)
    return style.Picture(fig, f"{task}. Left, solid: all widths, {networks.steps} steps; dotted, "
                              f"and in the other panels: width {width}, depth {depth}. "
                              + "; ".join(said))


# -- inside ---------------------------------------------------------------------------


def _compute(rows):
    """Compute and distance of the networks in these rows, means over the seeds."""
    rows = rows.assign(compute=6.0 * rows["parameters"] * rows["steps"] * rows["samples"],
                       distance=1 - rows["cca"])
    means = rows.groupby(["width", "steps"])[["compute", DISTANCE]].mean().sort_values("compute")
    return means["compute"], means[DISTANCE]


def _share(context, samples):
    """"10 neighbours" of 1000 points as "1 % of the points"."""
    count = context.split()[0]
    return f"{100 * int(count) / samples:g} % of the points" if count.isdigit() else context


def legend(ax, handles, **options):
    """Lines with their names in their colours: ``handles`` are (line, name, colour)."""
    lines, names, colours = zip(*handles)
    with style.settings():
        ax.legend(lines, names, labelcolor=colours, framealpha=0.8, edgecolor="none",
                  alignment="left", handlelength=1.8, borderpad=0, labelspacing=0.3,
                  **{"fontsize": 11.5} | options)


def _cut(table, networks, along):
    """The rows along ``along`` with all else as in the grid, and width and depth of the network."""
    other = {"steps": "samples", "samples": "steps"}[along]
    rows = rows_of(table, networks.task)
    rows = rows[rows[other] == getattr(networks, other)]
    aside = rows[rows[along] != getattr(networks, along)]
    width, depth = aside[["width", "depth"]].iloc[0].tolist()
    return rows[(rows["width"] == width) & (rows["depth"] == depth)], width, depth
