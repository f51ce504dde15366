"""The pictures of notebook 06's experiment; the numbers are those of `sweep_results`."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import NullLocator

from contexture_lite.teach import style, sweep_results

NAMES = {"tau": "τ", "effective_rank": "effective rank", "log_trace": "log trace",
         "decay_rate": "decay rate"}
FAMILY_NAMES = {"rbf": "Gaussian", "knn": "nearest neighbours", "masked rbf": "Gaussian, masked",
                "masked knn": "neighbours, masked"}
COSTS = {1: "best", 1.1: "+10 %", 1.25: "+25 %", 1.5: "+50 %", 2: "×2", 3: "×3"}


def u_shapes(table, margin=0.05):
    """Error relative to the best along strength: a panel a family, a thin line a data set."""
    curves = sweep_results.along_strength(table)
    counts = sweep_results.u_shapes(table, margin)
    fig, axes = style.panels(len(counts), size=(13.5, 4.3), left=0.085, bottom=0.15, top=0.81,
                             gap=0.1)
    strengths = curves.columns.to_numpy()
    for ax, (family, count) in zip(axes, counts.iterrows()):
        lines = curves.loc[family].to_numpy()
        ax.axhspan(1, 1 + margin, color=style.SHADE, zorder=0)
        ax.plot(strengths, lines.T, color=style.TASK, lw=0.9, alpha=0.45)
        ax.plot(strengths, np.median(lines, axis=0), color=style.INK, lw=3.5)
        ax.set(yscale="log", ylim=(0.97, 3.2), xlim=(-0.03, 1.03))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_yticks(list(COSTS), COSTS.values() if ax is axes[0] else [""] * len(COSTS))
        ax.set_xticks([0, 1], ["weakest", "strongest"])
        for text, side in zip(ax.get_xticklabels(), ("left", "right")):
            text.set_ha(side)
        style.label(ax, f"{FAMILY_NAMES.get(family, family)}\nU on {count['both ends']} of "
                        f"{count['data sets']}", "association strength",
                    "error beside the best" if ax is axes[0] else "")
    with style.settings():
        fig.text(0.985, 0.955, "thin: one data set, thick: their median", ha="right", fontsize=12)
    middle = curves.groupby("family").median()
    said = "; ".join(
        f"{family}: U-shaped on {count['both ends']} of {count['data sets']} data sets, median "
        f"{middle.loc[family].iloc[0]:.2f} at the weakest, {middle.loc[family].iloc[-1]:.2f} at "
        "the strongest" for family, count in counts.iterrows())
    return style.Picture(fig, "error relative to the best strength of each family, a line for "
                              f"each data set and their median; {said}")


def agreement(found):
    """How each score goes with the error, a dot a data set, beside what chance alone gives.

    ``found`` is the table of `sweep_results.agreement`.
    """
    fig, (left, right) = style.panels(2, size=(13.5, 4.8), left=0.115, bottom=0.14, top=0.9,
                                      gap=0.08)
    said = []
    for place, (score, rows) in enumerate(found.groupby("score", sort=False)):
        straight, any_way = rows["pearson"].to_numpy(), rows["distance"].to_numpy()
        _row(left, place, straight, -rows["pearson_null"].mean(), rows["pearson_null"].mean())
        _row(right, place, any_way, 0, rows["distance_null95"].mean())
        right.plot(np.repeat(rows["distance_null"].mean(), 2), [place - 0.38, place + 0.38],
                   color=style.GREY, lw=2, zorder=1)
        if score == "tau":
            _name_the_wrong(left, place, rows)
        said.append(f"{NAMES[score]}: median Pearson {np.median(straight):.2f}, "
                    f"{(straight < 0).sum()} of {len(rows)} negative, median distance correlation "
                    f"{np.median(any_way):.2f} (chance {rows['distance_null'].mean():.2f})")
    for ax, low in ((left, -1.02), (right, -0.02)):
        ax.set(xlim=(low, 1.02), ylim=(len(said) - 0.45, -0.55))
        ax.spines["left"].set_visible(False)
        ax.tick_params(left=False)
    left.set_yticks(range(len(said)), [NAMES[score] for score in found["score"].unique()],
                    fontsize=13.5)
    right.set_yticks([])
    left.axvline(0, color=style.INK, lw=1, zorder=1)
    style.label(left, "Straight-line agreement with the error   (bar: median)",
                "Pearson correlation   (grey: 95 % of shuffled errors)")
    style.label(right, "Agreement of any shape",
                "distance correlation   (grey: 95 % of shuffled, line: mean)")
    return style.Picture(fig, "agreement of scores with the error, a dot for each data set; "
                         + "; ".join(said))


def _row(ax, place, values, low, high):
    """Dots of one score, spread in height by their order; the null's band; the median."""
    ax.fill_betweenx([place - 0.38, place + 0.38], low, high, color="#DFE2E6", lw=0, zorder=0)
    height = np.empty(len(values))
    height[np.argsort(values)] = np.resize([0, 0.2, -0.1, 0.1, -0.2], len(values))
    ax.scatter(values, place + height, s=48, color=style.INPUT, edgecolors="white", lw=0.7,
               zorder=3)
    ax.plot([np.median(values)] * 2, [place - 0.38, place + 0.38], color=style.CONTEXT, lw=3.5,
            zorder=4)


def _name_the_wrong(ax, place, rows):
    wrong = rows[rows["pearson"] < 0].sort_values("pearson")
    for i, (name, value) in enumerate(zip(wrong["dataset"], wrong["pearson"])):
        ax.annotate(name, (value, place), (0, 17 if i % 2 else -17), textcoords="offset points",
                    ha="center", va="center", fontsize=11, color=style.INK)


def weak_end(found):
    """Error along strength by the number of draws a point: `weak_end.sampled_errors`' table."""
    fig, (ax,) = style.panels(1, size=(13.5, 4.6), left=0.07, right=0.8, bottom=0.13, top=0.9)
    mean = found.pivot_table(index="strength", columns="draws", values="error")
    shades = style.PROBABILITY(np.linspace(0.48, 0.95, max(1, len(mean.columns) - 1)))
    said = []
    for i, (draws, curve) in enumerate(mean.items()):
        exact = bool(np.isinf(draws))
        color = style.TASK if exact else shades[i]
        for _, seed in found[found["draws"] == draws].groupby("seed"):
            ax.plot(seed["strength"], seed["error"], color=color, lw=0.9, alpha=0.5)
        ax.plot(curve.index, curve, color=color, lw=3.5, marker="o", ms=6)
        best = curve.idxmin()
        ax.scatter(best, curve[best], s=190, facecolors="none", edgecolors=style.CONTEXT, lw=2.5,
                   zorder=5)
        name = "exact" if exact else f"{draws:g} draw{'s' * (draws > 1)}"
        said.append(f"{name}: {curve.iloc[0]:.3f} at the weakest, {curve.min():.3f} at best "
                    f"(strength {best:.2f}), {curve.iloc[-1]:.3f} at the strongest")
        ax.text(1.025, mean.iloc[-1].max() - 0.08 * i, name + " (the whole row)" * exact,
                va="center", fontsize=13, fontweight="bold", color=color)
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.06))
    ax.set_xticks([0, 1], ["weakest", "strongest"])
    style.label(ax, "Weak contexts fail when sampled, not in exact arithmetic   (ring: best)",
                "association strength", "error of the probe")
    return style.Picture(fig, "error along strength of Gaussian contexts; " + "; ".join(said))
