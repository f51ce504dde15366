"""Pictures of notebook 09's experiments: tables of `experiment`, drawn."""

from __future__ import annotations

from contexture_lite.teach.nb09_samples.experiment import DIMENSIONS, best
from contexture_lite.teach.pictures import style

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
    fig, (along, dimension, least) = style.panels(3, right=0.95)
    rows, ns = best(table), sorted(table.n.unique())
    with style.settings():
        _draw_along(along, table[table.n == ns[-1]], rows[rows.n == ns[-1]])
        style.label(dimension, "Best number of functions", "labels $m$", "")
        style.label(least, "Its error", "labels $m$", "")
        dimension.set_yticks([DIMENSIONS.index(d) for d in TICKS], TICKS)
        for color, (_, part) in zip(_shades(BLUES, len(ns)), rows.groupby("n")):
            for suffix, look in (("", dict(marker="o", ms=7)), ("_predicted", dict(ls="--", lw=2))):
                dimension.plot(part.m, [DIMENSIONS.index(d) for d in part["d" + suffix]],
                               color=color, **look)
                least.plot(part.m, part["error" + suffix], color=color, **look)
        for ax in (dimension, least):
            ax.set(xscale="log", xticks=[],
                   ylim=(-0.4, len(DIMENSIONS) - 0.6) if ax is dimension else (0, 1.15))
            ax.set_xticks(sorted(rows.m.unique()), sorted(rows.m.unique()))
            ax.minorticks_off()
        least.legend(least.lines[::2], [f"{n} points" for n in ns], loc="upper right",
                     frameon=False)
        dimension.plot([], [], "-o", color=style.INK, label="measured")
        dimension.plot([], [], "--", color=style.INK, lw=2, label="formula")
        dimension.legend(loc="lower right", frameon=False)
    return style.Picture(fig, _said(rows))


def _draw_along(ax, table, rows):
    """Error along d for every number of labels; the best is marked."""
    style.label(ax, f"Error, {table.n.iloc[0]} points", "functions $d$", "share of the variance")
    ax.set_xticks([DIMENSIONS.index(d) for d in TICKS], TICKS)
    ax.set(ylim=(0, 1.3), xlim=(-0.3, len(DIMENSIONS) - 0.7))
    for color, (m, part) in zip(_shades(GREENS, len(rows)), table.groupby("m")):
        mean = part.groupby("d")[["error", "predicted"]].mean()
        place = [DIMENSIONS.index(d) for d in mean.index]
        ax.plot(place, mean.error, color=color)
        ax.plot(place, mean.predicted, "--", color=color, lw=2)
        top = rows[rows.m == m].iloc[0]
        at = DIMENSIONS.index(top.d)
        ax.plot(at, top.error, "*", ms=17, color=color, mec="white", zorder=5)
        ax.plot([], [], color=color, label=m)
    ax.legend(loc="lower left", frameon=False, handlelength=1.2, labelspacing=0.25, borderpad=0,
              title="labels")


def _said(rows):
    """What `picture` shows, in words."""
    lines = [f"{part.n.iloc[0]} points: " + ", ".join(
        f"{row.m} labels d = {row.d} (formula {row.d_predicted}) error {row.error:.2f} "
        f"(formula {row.error_predicted:.2f})" for row in part.itertuples())
        for _, part in rows.groupby("n")]
    return "Best number of functions. " + "; ".join(lines) + "."


def picture_transforms(table):
    """A panel for each m of `transforms`: share misclassified along n, a line a kernel.

    Bars are standard errors over the splits.
    """
    labels, ns = sorted(table.m.unique()), sorted(table.n.unique())
    fig, axes = style.panels(len(labels), right=0.94)
    by_n = table.groupby(["m", "kernel", "n"]).misclassified
    mean, error = by_n.mean(), by_n.sem()
    with style.settings():
        for ax, m in zip(axes, labels):
            style.label(ax, f"{m} labelled digits", "points $n$",
                        "share misclassified" if ax is axes[0] else "")
            for name, (color, look) in LOOKS.items():
                ax.errorbar(ns, mean[m, name], error[m, name], color=color, **look)
            ax.set(xscale="log", ylim=(0, 0.8), xticks=[], yticks=[0, 0.2, 0.4, 0.6, 0.8])
            ax.set_xticks(ns, ns)
            ax.minorticks_off()
        axes[-1].legend(axes[-1].containers, LOOKS, loc="upper right", frameon=False)
    said = "; ".join(f"{m} labels: " + ", ".join(
        f"{name} " + " ".join(f"{v:.2f}" for v in mean[m, name]) for name in LOOKS) for m in labels)
    return style.Picture(fig, f"Share misclassified with {', '.join(map(str, ns))} points. {said}.")


def _shades(colors, count):
    """``count`` of the colours, the last ones."""
    return colors[len(colors) - count:] if count <= len(colors) else count * [colors[-1]]
