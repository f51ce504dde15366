"""Pictures of notebook 09's experiments: tables of `sample_experiment`, drawn."""

from __future__ import annotations

import numpy as np

from contexture_lite.teach import style
from contexture_lite.teach.sample_experiment import DIMENSIONS, best, refuse_other_table

TICKS = (0, 1, 2, 4, 8, 16, 32, 64)  # of d
BLUES = ["#58A6D6", style.INPUT, "#00395A"]
GREENS = ["#E69F00", "#8CBF5A", "#3FA535", "#00805E", "#00463A"]
LOOKS = {"plain": ("#6B7076", dict(ls=":", marker="o")),
         "first 9 functions": ("#9A6A00", dict(ls="--", marker="s")),
         "first 20 functions": (style.INPUT, dict(ls="--", marker="o")),
         "inverse Laplacian": ("#007A5A", dict(marker="o", lw=3.2))}


def picture(table):
    """Three panels of a table of `curves`: error along d, best d and its error along m.

    Full lines are measured, dashed ones the formula; the first panel has the most points.
    """
    fig, (along, dimension, least) = style.panels(3, left=0.05, right=0.925, bottom=0.15, top=0.91,
                                                  gap=0.3)
    found, ns = best(table), sorted(table.n.unique())
    with style.settings():
        _draw_along(along, table[table.n == ns[-1]], found[found.n == ns[-1]])
        style.label(dimension, "Best number of functions", "labels $m$", "")
        style.label(least, "Its error", "labels $m$", "")
        dimension.set_yticks([DIMENSIONS.index(d) for d in TICKS], TICKS)
        for color, (_, part) in zip(_shades(BLUES, len(ns)), found.groupby("n")):
            for suffix, look in (("", dict(marker="o", ms=7)), ("_predicted", dict(ls="--", lw=2))):
                dimension.plot(part.m, [DIMENSIONS.index(d) for d in part["d" + suffix]],
                               color=color, **look)
                least.plot(part.m, part["error" + suffix], color=color, **look)
        for ax in (dimension, least):
            ax.set(xscale="log", xticks=[],
                   ylim=(-0.4, len(DIMENSIONS) - 0.6) if ax is dimension else (0, 1.15))
            ax.set_xticks(sorted(found.m.unique()), sorted(found.m.unique()))
            ax.minorticks_off()
        _names(least, found.m.max(), [f"n = {n}" for n in ns],
               [part.error.iloc[-1] for _, part in found.groupby("n")], _shades(BLUES, len(ns)))
        dimension.plot([], [], "-o", color=style.INK, label="measured")
        dimension.plot([], [], "--", color=style.INK, lw=2, label="formula")
        dimension.legend(loc="lower right", frameon=False, fontsize=12.5)
    return style.Picture(fig, _said(found))


def _draw_along(ax, table, found):
    """Error along d for every number of labels; the best is marked."""
    style.label(ax, f"Error, {table.n.iloc[0]} points", "functions $d$", "share of the variance")
    ax.set_xticks([DIMENSIONS.index(d) for d in TICKS], TICKS)
    ax.set(ylim=(0, 1.3), xlim=(-0.3, len(DIMENSIONS) - 0.7))
    for color, (m, part) in zip(_shades(GREENS, len(found)), table.groupby("m")):
        mean = part.groupby("d")[["error", "predicted"]].mean()
        place = [DIMENSIONS.index(d) for d in mean.index]
        ax.plot(place, mean.error, color=color)
        ax.plot(place, mean.predicted, "--", color=color, lw=2)
        top = found[found.m == m].iloc[0]
        at = DIMENSIONS.index(top.d)
        ax.plot(at, top.error, "*", ms=17, color=color, mec="white", zorder=5)
        ax.plot([], [], color=color, label=f"{m} labels")
    ax.legend(loc="lower left", frameon=False, fontsize=12.5, handlelength=1.2, labelspacing=0.25,
              borderpad=0)


def _said(found):
    """What `picture` shows, in words."""
    lines = [f"{part.n.iloc[0]} points: " + ", ".join(
        f"{row.m} labels d = {row.d} (formula {row.d_predicted}) error {row.error:.2f} "
        f"(formula {row.error_predicted:.2f})" for row in part.itertuples())
        for _, part in found.groupby("n")]
    return "Best number of functions. " + "; ".join(lines) + "."


def picture_transforms(table):
    """A panel for each m of `transforms`: share misread along n, a line a kernel."""
    refuse_other_table(table, ("n", "m", "kernel", "misread"), "transforms()")
    labels, ns = sorted(table.m.unique()), sorted(table.n.unique())
    fig, axes = style.panels(len(labels), left=0.05, right=0.83, bottom=0.15, top=0.91, gap=0.18)
    mean = table.groupby(["m", "kernel", "n"]).misread.mean()
    with style.settings():
        for ax, m in zip(axes, labels):
            style.label(ax, f"{m} labelled digits", "points $n$",
                        "share misread" if ax is axes[0] else "")
            for name, (color, look) in LOOKS.items():
                ax.plot(ns, mean[m, name], color=color, **look)
            ax.set(xscale="log", ylim=(0, 0.8), xticks=[], yticks=[0, 0.2, 0.4, 0.6, 0.8])
            ax.set_xticks(ns, ns)
            ax.minorticks_off()
        _names(axes[-1], ns[-1], LOOKS, [mean[labels[-1], name].iloc[-1] for name in LOOKS],
               [color for color, _ in LOOKS.values()])
    said = "; ".join(f"{m} labels: " + ", ".join(
        f"{name} " + " ".join(f"{v:.2f}" for v in mean[m, name]) for name in LOOKS) for m in labels)
    return style.Picture(fig, f"Share misread with {', '.join(map(str, ns))} points. {said}.")


def _names(ax, x, names, ends, colors):
    """Each curve's name beside its end at (x, end), apart from the others."""
    places = style.spread(np.column_stack([np.zeros(len(ends)), ends]), 0.085 * ax.get_ylim()[1])
    places = np.sort(places[:, 1])[np.argsort(np.argsort(ends))]
    for name, y, color in zip(names, places, colors):
        ax.annotate(name, (x, y), (11, 0), textcoords="offset points", color=color, va="center",
                    fontsize=13, fontweight="bold", annotation_clip=False)


def _shades(colors, count):
    """``count`` of the colours, the last ones."""
    return colors[len(colors) - count:] if count <= len(colors) else count * [colors[-1]]
