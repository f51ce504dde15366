"""The results of notebook 08: what a bigger network reaches, and what moves it.

`shipped` reads the table that ``make scaling`` writes (`contexture_lite.learn.scaling.grid`);
`plateau` is its message in numbers, `figure`, `depths` and `cuts` are its pictures. `grid`
turns the table into arrays, for these and for the live picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from contexture_lite.teach import style
from contexture_lite.teach.shipped import FOLDER, read

__all__ = ["shipped", "plateau", "figure", "depths", "cuts", "Grid", "grid"]

SHIPPED = FOLDER / "scaling.csv.gz"
KEYS = ["context", "width", "depth", "seed"]
# column: (the same with the exact functions, title, y axis)
PANELS = {"cca": (None, "alignment", "squared correlation"),
          "ratio_trace": ("ratio_trace_exact", "Ratio trace", "ratio trace / d"),
          "error": ("error_exact", "Downstream error", "error, share of variance")}
COLUMNS = ("cca", "cca_held_out", "ratio_trace", "ratio_trace_exact", "error", "error_exact",
           "error_linear", "parameters")
# from the weakest to the best context: lines, the same dark enough for letters, marks
COLOURS = (style.ORANGE, style.PINK, style.INPUT)
LETTERS = ("#9A6A00", "#A0417A", style.INPUT)
MARKS = "osD"
EXACT = (0, (4, 2))  # dashes of the exact functions


def shipped(path=SHIPPED):
    """The table of `contexture_lite.learn.scaling.grid` as it is shipped; a DataFrame."""
    return read(path, "python -m contexture_lite.learn.scaling FILE.csv.gz")


@dataclass(frozen=True, eq=False)
class Grid:
    """The networks of one task as arrays.

    Attributes
    ----------
    task : str
    contexts : list of str
        From the weakest to the best: by the error that their exact functions leave.
    widths, depths, seeds : lists of int
    steps, samples : int
        Of every training.
    values : dict of (contexts, widths, depths, seeds) arrays
        A column of the table each; NaN where a training diverged.
    """

    task: str
    contexts: list
    widths: list
    depths: list
    seeds: list
    steps: int
    samples: int
    values: dict

    def mean(self, column):
        """Over the seeds: a (contexts, widths, depths) array."""
        return _mean(self.values[column], 3)

    def exact(self, column):
        """What does not depend on the network, such as "error_exact": one number a context."""
        return _mean(self.values[column], (1, 2, 3))


def grid(table, task):
    """The full grid in the table's rows of one task, as a `Grid`; cuts along it are left out."""
    found = _of(table, task)
    steps, samples = _usual(found)
    found = found[(found["steps"] == steps) & (found["samples"] == samples)]
    order = found.groupby("context")["error_exact"].mean().sort_values(ascending=False)
    if len(order) > len(COLOURS):
        raise ValueError(f"table has {len(order)} contexts of {task}; at most {len(COLOURS)} can "
                         "be told apart")
    axes = [list(order.index), *(sorted(found[key].unique().tolist()) for key in KEYS[1:])]
    cells = found.drop_duplicates(KEYS).set_index(KEYS)[list(COLUMNS)]
    cells = cells.reindex(pd.MultiIndex.from_product(axes, names=KEYS))
    lacking = cells.index[cells["parameters"].isna()]
    if len(lacking):
        raise ValueError(f"table lacks {len(lacking)} of the {len(cells)} networks of {task}, "
                         f"first {dict(zip(KEYS, lacking[0]))}")
    shape = [len(axis) for axis in axes]
    return Grid(task, *axes, int(steps), int(samples),
                {name: cells[name].to_numpy(dtype=float).reshape(shape) for name in COLUMNS})


def plateau(table):
    """Where the networks end: a row for each task and context, weakest first.

    Means over the seeds, the two largest widths and all depths of two or more, beside the
    values of the exact functions and the error of a ridge on the raw columns.
    """
    rows = {}
    for task in table["task"].unique():
        found = grid(table, task)
        deep = np.array(found.depths) >= 2
        if not deep.any():
            raise ValueError(f"table has no network of {task} with two or more layers")
        largest = {name: _mean(values[:, -2:][:, :, deep], (1, 2, 3))
                   for name, values in found.values.items()}
        for i, context in enumerate(found.contexts):
            rows[task, context] = {name: largest[name][i] for name in COLUMNS[:-1]}
    index = pd.MultiIndex.from_tuples(rows, names=["task", "context"])
    return pd.DataFrame(list(rows.values()), index=index)


# -- pictures -------------------------------------------------------------------------


def figure(table, task, depth=2):
    """Alignment, ratio trace and error along the width, a colour for each context.

    Lines are means over the seeds, bands run from the least to the largest; dashed is each
    context's exact value, grey the ridge on the raw columns.
    """
    found = grid(table, task)
    layer = _position("depth", depth, found.depths)
    fig, axes = _along(found, f"{task}, depth {depth}")
    handles = []
    for i, context in enumerate(found.contexts):
        for ax, (column, (exact, *_)) in zip(axes, PANELS.items()):
            line = _curve(ax, found.values[column][i, :, layer], COLOURS[i], MARKS[i])
            if exact:
                ax.axhline(found.exact(exact)[i], color=COLOURS[i], lw=2.2, ls=EXACT)
        handles.append((line, context, LETTERS[i]))
    _legend(fig, handles, raw=True)
    said = "; ".join(
        f"{context}: alignment {end['cca']:.3f}, ratio trace {end['ratio_trace']:.3f} of "
        f"{found.exact('ratio_trace_exact')[i]:.3f}, error {end['error']:.3f}, exact "
        f"{found.exact('error_exact')[i]:.3f}"
        for i, (context, end) in enumerate(zip(found.contexts, _ends(found, layer))))
    return style.Picture(fig, f"{task}, networks of depth {depth}, at width {found.widths[-1]}: "
                              f"{said}; ridge on the raw columns {_linear(found):.3f}")


def depths(table, task, context):
    """The same along the width for one context, a shade of blue for each depth."""
    found = grid(table, task)
    i = _position("context", context, found.contexts)
    shades = style.PROBABILITY(np.linspace(0.4, 1, len(found.depths)))
    fig, axes = _along(found, f"{task}, {context}")
    handles = []
    for layer, depth in enumerate(found.depths):
        for ax, column in zip(axes, PANELS):
            line = _curve(ax, found.values[column][i, :, layer], shades[layer], "oDs^v"[layer % 5])
        handles.append((line, f"depth {depth}", style.INK))
    for ax, (exact, *_) in zip(axes[1:], list(PANELS.values())[1:]):
        ax.axhline(found.exact(exact)[i], color=style.INK, lw=2.2, ls=EXACT)
    _legend(fig, handles, raw=True)
    ends = [_ends(found, layer)[i] for layer in range(len(found.depths))]
    said = "; ".join(f"depth {depth}: alignment {end['cca']:.3f}, ratio trace "
                     f"{end['ratio_trace']:.3f}, error {end['error']:.3f}"
                     for depth, end in zip(found.depths, ends))
    return style.Picture(fig, f"{task}, {context}, at width {found.widths[-1]}: {said}; exact "
                              f"ratio trace {found.exact('ratio_trace_exact')[i]:.3f}, error "
                              f"{found.exact('error_exact')[i]:.3f}")


def cuts(table):
    """Ratio trace and error of one network along steps of training and along points.

    Dashed are the exact values, which move with the number of points, since the context is
    made of them.
    """
    tasks, said = list(table["task"].unique()), []
    fig = style.figure((13.5, 6.6))
    with style.settings():
        axes = fig.subplots(2, 2 * len(tasks), sharex="col", squeeze=False, gridspec_kw=dict(
            left=0.06, right=0.985, bottom=0.1, top=0.82, wspace=0.2, hspace=0.16))
    for t, task in enumerate(tasks):
        found, handles = grid(table, task), []
        for c, along in enumerate(("steps", "samples")):
            rows, width, depth = _cut(table, found, along)
            column = axes[:, 2 * t + c]
            for i, context in enumerate(found.contexts):
                mine = rows[rows["context"] == context]
                if mine.empty:
                    continue
                for ax, name in zip(column, ("ratio_trace", "error")):
                    line = _lines(ax, mine, along, name, COLOURS[i], MARKS[i])
                handles.append((line, context, LETTERS[i]))
                mean = mine.groupby(along)["error"].mean()
                said.append(f"{task}, {context}: error {mean.iloc[0]:.3f} with {mean.index[0]} "
                            f"{along}, {mean.iloc[-1]:.3f} with {mean.index[-1]}")
            places = sorted(rows[along].unique())
            column[0].set_ylim(0, 1.04)
            column[1].set_ylim(0, 1.06 * _of(table, task)["error"].max())
            column[1].set_xticks(places, [f"{place:g}" for place in places])
            style.label(column[0], f"{task}: {'training' if along == 'steps' else 'points'}",
                        "", "ratio trace / d" if c + t == 0 else "")
            style.label(column[1], "", {"steps": "steps", "samples": "points"}[along],
                        "error" if c + t == 0 else "")
        _legend(fig, handles[:len(found.contexts)], task, top=0.965 - 0.062 * t)
    return style.Picture(fig, f"Networks of width {width}, depth {depth}. " + "; ".join(said))


# -- inside ---------------------------------------------------------------------------


def _of(table, task):
    found = table[table["task"] == task]
    if found.empty:
        raise ValueError(f"task is {task!r}; the table has "
                         f"{', '.join(map(repr, table['task'].unique()))}")
    return found


def _mean(values, axis):
    """Of the trainings that did not diverge; NaN if all did."""
    return np.ma.masked_invalid(values).mean(axis=axis).filled(np.nan)


def _usual(found):
    """Steps and samples of the full grid: those of most rows."""
    return found.groupby(["steps", "samples"]).size().idxmax()


def _position(name, value, known):
    if value not in known:
        raise ValueError(f"{name} is {value!r}; the table has {', '.join(map(str, known))}")
    return known.index(value)


def _linear(found):
    return float(found.exact("error_linear").mean())


def _ends(found, layer):
    """Of each context, the means of the widest network of this depth."""
    return [{name: found.mean(name)[i, -1, layer] for name in PANELS}
            for i in range(len(found.contexts))]


def _along(found, title):
    """Three panels along the width, each tick a doubling; the raw columns in the last."""
    fig, axes = style.panels(3, size=(13.5, 4.5), left=0.06, bottom=0.15, top=0.82, gap=0.26)
    for ax, (column, (_, name, ylabel)) in zip(axes, PANELS.items()):
        style.label(ax, f"{title}: {name}" if ax is axes[0] else name, "width of the network",
                    ylabel)
        ax.set_xscale("log", base=2)
        ax.set_xticks(found.widths, [f"{width:g}" for width in found.widths])
        ax.minorticks_off()
        ax.set_ylim(0, 1.04 if column != "error" else _ceiling(found))
    axes[0].axhline(1, color=style.INK, lw=2.2, ls=EXACT)
    axes[2].axhline(_linear(found), color=style.GREY, lw=1.5, zorder=0)
    return fig, axes


def _ceiling(found):
    """Top of an axis of errors."""
    return 1.06 * max(_linear(found), found.exact("error_exact").max(),
                      np.nanmax(found.values["error"]))


def _curve(ax, values, colour, mark):
    """Mean and range over the seeds of (widths, seeds) values, over the panel's ticks."""
    at = ax.get_xticks()
    low, high = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
    ax.fill_between(at, low, high, color=colour, alpha=0.2, lw=0)
    return ax.plot(at, _mean(values, 1), color=colour, marker=mark, ms=7, lw=3, mec="white",
                   mew=0.8)[0]


def _legend(fig, handles, title="", top=0.96, raw=False):
    """One row: the lines with their names in their colours, and the dashes."""
    others = [(Line2D([], [], color=style.INK, lw=2.2, ls=EXACT), "exact functions", style.INK),
              (Line2D([], [], color=style.GREY, lw=1.5), "raw columns", style.INK)][:1 + raw]
    with style.settings():
        fig.text(0.012, top, title, fontsize=17, fontweight="bold", va="center")
        legend = fig.legend([line for line, *_ in handles + others],
                            [name for _, name, _ in handles + others],
                            loc="center right", bbox_to_anchor=(0.992, top), frameon=False,
                            ncols=len(handles + others), fontsize=13.5, handlelength=2.2,
                            borderpad=0, columnspacing=1.5)
    for text, (_, _, colour) in zip(legend.get_texts(), handles):
        text.set(color=colour, fontweight="bold")


def _cut(table, found, along):
    """The rows along ``along`` with all else as in the grid, and width and depth of the network."""
    other = {"steps": "samples", "samples": "steps"}[along]
    rows = _of(table, found.task)
    rows = rows[rows[other] == getattr(found, other)]
    aside = rows[rows[along] != getattr(found, along)]
    if aside.empty:
        raise ValueError(f"table has one number of {along} for {found.task}; a cut needs more")
    width, depth = aside[["width", "depth"]].iloc[0].tolist()
    return rows[(rows["width"] == width) & (rows["depth"] == depth)], width, depth


def _lines(ax, rows, along, name, colour, mark):
    """Mean and range over the seeds, and the exact values dashed."""
    groups = rows.groupby(along)[name]
    at = list(groups.groups)
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.fill_between(at, groups.min(), groups.max(), color=colour, alpha=0.2, lw=0)
    ax.plot(at, rows.groupby(along)[f"{name}_exact"].mean(), color=colour, lw=2.2, ls=EXACT)
    return ax.plot(at, groups.mean(), color=colour, marker=mark, ms=7, lw=3, mec="white",
                   mew=0.8)[0]
