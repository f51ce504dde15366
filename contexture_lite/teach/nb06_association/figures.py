"""The pictures of notebook 06's experiment; the numbers are those of `results`."""

import numpy as np

from contexture_lite.experiment import protocol
from contexture_lite.teach.nb06_association import results
from contexture_lite.teach.pictures import artists, style

NAMES = protocol.SCORE_NAMES | {"strength": "the dial itself", "rehearsal": "rehearsal"}
FAMILY_NAMES = {"rbf": "Gaussian weights", "knn": "Nearest neighbours",
                "masked rbf": "Gaussian, masked", "masked knn": "Neighbours, masked"}
COSTS = {1: "best", 1.1: "+10 %", 1.25: "+25 %", 1.5: "+50 %", 2: "×2", 3: "×3"}


@style.settings()
def one_table(table, name, family="knn", margin=0.1):
    """Error along the strength on one data set: a thin line a seed, thick their mean.

    Grey where the mean is more than ``margin`` above the least.
    """
    rows = table[(table["dataset"] == name) & (table["family"] == family)]
    points = protocol.sizes(rows["n"].iloc[0])[0]
    by_seed = rows.pivot(index="strength", columns="seed", values="error_oracle")
    neighbours = points * rows.groupby("strength")["share"].mean()
    mean, at = by_seed.mean(axis=1), by_seed.index.to_numpy()
    fig, (ax,) = style.panels(1, width=4.4, height=2.4, left=0.14, bottom=0.225, top=0.98)
    _shade_the_ends(ax, at, mean <= (1 + margin) * mean.min(), 1.09 * mean.max())
    ax.plot(at, by_seed.to_numpy(), color=style.TASK, lw=1, alpha=0.6)
    ax.plot(at, mean, color=style.TASK, lw=3.5, marker="o", ms=7)
    best = mean.idxmin()
    for place, side, lift in ((0.0, "left", 14), (best, "center", -20), (1.0, "right", -82)):
        said = "best" if place == best else f"{mean[place] / mean.min():.2f} × the best"
        ax.annotate(said, (place, mean[place]), (0, lift), textcoords="offset points", ha=side)
    ax.set(xlim=(at[0] - at[1] / 2, 1 + at[1] / 2), ylim=(0, 1.12 * mean.max()))
    ax.set_xticks(at[::2], [f"{number:.0f}" for number in neighbours[::2]])
    style.label(ax, "", f"weak  ←  neighbours among {points}  →  strong", "share of variance")
    return style.Picture(fig, f"error along the strength on {name}, {family}: {mean.iloc[0]:.3f} "
                              f"with {neighbours.iloc[0]:.0f} of {points} points as neighbours, "
                              f"least {mean.min():.3f} with {neighbours[best]:.0f}, "
                              f"{mean.iloc[-1]:.3f} with {neighbours.iloc[-1]:.0f}")


def _shade_the_ends(ax, at, right, height):
    """Grey beyond the first and the last strength that is about right, and two words."""
    edge, (first, *_, last) = at[1] / 2, np.flatnonzero(right)[[0, -1]]
    for low, high, word, side in ((at[0] - edge, at[first] - edge, "too weak", "left"),
                                  (at[last] + edge, at[-1] + edge, "too strong", "center")):
        if low < high:
            ax.axvspan(low, high, color="#E8EAED", zorder=0)
            ax.text(low + edge / 4 if side == "left" else (low + high) / 2, height, word, ha=side,
                    va="top", fontsize=13, fontweight="bold", color=style.INK)


def name_the_ends(ax):
    """Weakest and strongest below an axis from 0 to 1."""
    ax.set_xticks([0, 1], ["weakest", "strongest"])
    for text, side in zip(ax.get_xticklabels(), ("left", "right")):
        text.set_ha(side)


@style.settings()
def u_shapes(table, margin=0.05):
    """Error relative to the best along strength: a panel a family, a thin line a data set."""
    curves = results.along_strength(table)
    counts = results.u_shapes(table, margin)
    fig, axes = style.panels(len(counts), width=3.9, height=3.3, bottom=0.12, top=0.83)
    strengths = curves.columns.to_numpy()
    for ax, (family, count) in zip(axes, counts.iterrows()):
        lines = curves.loc[family].to_numpy()
        ax.axhspan(1, 1 + margin, color=style.SHADE, zorder=0)
        ax.plot(strengths, lines.T, color=style.TASK, lw=0.9, alpha=0.45)
        ax.plot(strengths, np.median(lines, axis=0), color=style.INK, lw=3.5)
        ax.set(yscale="log", ylim=(0.97, 3.2), xlim=(-0.03, 1.03))
        ax.minorticks_off()
        ax.set_yticks(list(COSTS), COSTS.values())
        name_the_ends(ax)
        style.label(ax, f"{FAMILY_NAMES.get(family, family)}:\na U on {count['both ends']} of "
                        f"{count['data sets']} tables")
    middle = curves.groupby("family").median()
    said = "; ".join(
        f"{family}: U-shaped on {count['both ends']} of {count['data sets']} data sets, median "
        f"{middle.loc[family].iloc[0]:.2f} at the weakest, {middle.loc[family].iloc[-1]:.2f} at "
        "the strongest" for family, count in counts.iterrows())
    return style.Picture(fig, "error relative to the best strength of each family, a thin line "
                              f"for each data set, thick their median; {said}")


@style.settings()
def along_d(table):
    """τ_d and the error along d, ringed where least, for a table of `dimension.tau_along_d`."""
    fig, (left, right) = style.panels(2, width=3.9, left=0.12)
    mean, said = table.groupby(["neighbours", "d"])[["tau_d", "error"]].mean(), []
    looks = ((style.SKY, "o:"), (style.INPUT, "s--"), (style.BLACK, "^-"))
    for k, (color, look) in zip(sorted(table["neighbours"].unique(), reverse=True), looks):
        curves = mean.loc[k]
        for ax, column, most in ((left, "tau_d", 9), (right, "error", np.inf)):
            curve = curves[column]
            ax.plot(curve.index, curve.clip(upper=most), look, color=color, ms=7, label=f"K = {k}")
            artists.ring(ax, width=2.5).set_data([curve.idxmin()], [curve.min()])
        said.append(f"K = {k}: τ_d is least at d = {curves['tau_d'].idxmin()}, the error at d = "
                    f"{curves['error'].idxmin()}")
    for ax in (left, right):
        ax.set_xscale("log", base=2)
        ax.set_xticks([*map(int, mean.index.unique("d")[::2])])
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.legend(frameon=False, handlelength=1.2,
                  loc="upper left" if ax is left else "upper center")
    left.set(ylim=(1.5, 4.2))
    style.label(left, "From the spectrum: $τ_d$", "functions d")
    style.label(right, "From the labels: the error", "functions d")
    return style.Picture(fig, "τ_d and error along d; " + "; ".join(said))


@style.settings()
def pointed_at(counts, title):
    """Where the least error is and where each score points along the dial, as histograms.

    ``counts`` is one family's part of `results.pointed_at`: a row for each rule.
    """
    total, said = int(counts.iloc[0].sum()), []
    fig = style.figure((4.4, 0.62 * len(counts) + 0.75))
    axes = fig.subplots(len(counts), 1, sharex=True, gridspec_kw=dict(
        left=0.35, right=0.985, bottom=0.11, top=0.91, hspace=0.12))
    for ax, (rule, row) in zip(axes, counts.iterrows()):
        name = NAMES.get(rule, rule)
        color = style.TASK if rule == "least error" else style.INK
        bars = ax.bar(range(len(row)), row / total, 0.82, color=color)
        ax.bar_label(bars, [count or "" for count in row])
        ax.set(ylim=(0, 1.45), yticks=[], xlim=(-0.5, len(row) - 0.5))
        ax.spines["left"].set_visible(False)
        ax.tick_params(bottom=False)
        artists.note(ax, -0.01, 0.3, name, color, ha="right")
        stronger = int(row.iloc[len(row) // 2:].sum())
        said.append(f"{name}: {row.iloc[0]} at the weakest, {stronger} in the stronger half")
    axes[0].set_title(f"{title}, {total} times", x=-0.53)
    axes[-1].set_xticks([0, len(row) - 1], ["weakest", "strongest"])
    axes[-1].get_xticklabels()[1].set_ha("right")
    return style.Picture(fig, f"{title}, of {total}: " + "; ".join(said))


@style.settings()
def agreement(table):
    """How each score goes with the error, a dot a data set, beside what chance alone gives.

    ``table`` is that of `results.agreement`.
    """
    fig, (left, right) = style.panels(2, width=3.9, height=4, left=0.33, bottom=0.185, top=0.92)
    said = []
    for place, (score, rows) in enumerate(table.groupby("score", sort=False)):
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
        ax.set_yticks(range(len(said)), [NAMES[score] for score in table["score"].unique()])
    left.axvline(0, color=style.INK, lw=1, zorder=1)
    style.label(left, "Pearson correlation", "bar: median\ngrey: 95 % of shuffled errors")
    style.label(right, "Distance correlation", "bar: median\ngrey: shuffled, line: its mean")
    return style.Picture(fig, "agreement of scores with the error, a dot for each data set; "
                         + "; ".join(said))


def _row(ax, place, values, low, high):
    """Dots of one score, spread in height by their order; the null's band; the median."""
    ends = [place - 0.38, place + 0.38]
    ax.fill_betweenx(ends, low, high, color="#DFE2E6", lw=0, zorder=0)
    ax.scatter(values, place + _heights(values), s=32, color=style.INPUT, edgecolors="white",
               lw=0.7, zorder=3)
    ax.plot([np.median(values)] * 2, ends, color=style.CONTEXT, lw=3.5, zorder=4)


def _heights(values):
    """Dots a little above and below their row, in the order of their values."""
    height = np.empty(len(values))
    height[np.argsort(values)] = np.resize([0, 0.2, -0.1, 0.1, -0.2], len(values))
    return height


def _name_the_wrong(ax, place, rows):
    """The names of the data sets where a score goes the wrong way, each led to its dot."""
    wrong = rows[rows["pearson"] < 0].sort_values("pearson")
    heights = dict(zip(rows["dataset"], place + _heights(rows["pearson"])))
    for i, (name, value) in enumerate(zip(wrong["dataset"], wrong["pearson"])):
        ax.plot(value, heights[name], "o", ms=7, color=style.CONTEXT, zorder=5)
        ax.annotate(name, (value, heights[name]), (-1.05 + 0.4 * i, place + 0.47 + 0.17 * (i % 2)),
                    va="center", fontsize=10.5, color=style.CONTEXT,
                    arrowprops=dict(arrowstyle="-", color=style.CONTEXT, lw=1, shrinkB=4))
