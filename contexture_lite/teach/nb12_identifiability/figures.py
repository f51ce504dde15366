"""Still pictures of notebook 12: relabelled grids, bars, tasks, mixtures."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from contexture_lite import identifiability
from contexture_lite.teach.nb12_identifiability import bars, tasks, unmixing
from contexture_lite.teach.pictures import style
from contexture_lite.teach.pictures.figures import SIGNED

SMALL = 1.95  # inches, of a panel among four
LETTERS = "abc"
LEGEND = dict(frameon=False, labelspacing=0.2, borderpad=0, handlelength=1.4)


def relabelled(contexts, seed=3):
    """One relabelling that each context cannot notice, drawn at random, of a 3 × 3 grid.

    ``contexts`` maps a name to a context on nine inputs, the second factor moving fastest.
    """
    fig, axes = style.panels(len(contexts), width=SMALL, height=2.3, left=0.05, right=0.95,
                             bottom=0.03, top=0.77)
    said = []
    for ax, (name, context) in zip(axes, contexts.items()):
        found = identifiability.relabellings(context)
        image = found[np.random.default_rng(seed).integers(len(found))]
        style.label(ax, f"{name}\n{len(found):,} left")
        ax.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
        style.bare(ax)
        for x, at in enumerate(image):
            row, column = divmod(int(at), 3)
            color = (style.INPUT, style.ORANGE, style.TASK)[x // 3]
            ax.add_patch(Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, color=color, lw=0))
            ax.text(column, row, f"{LETTERS[x // 3]}{x % 3 + 1}", fontsize=16, color="white",
                    ha="center", va="center", weight="bold")
        said.append(f"{name}: {len(found)} relabellings, one is "
                    + " ".join(f"{LETTERS[x // 3]}{x % 3 + 1}" for x in np.argsort(image)))
    return style.Picture(fig, ". ".join(said) + ".")


def recovered(features, strengths):
    """Pairs of bars that a context of these strengths gives, and two features (144, 2) as maps."""
    fig, (pairs, *maps) = style.panels(3, width=2.75, height=2.7, left=0.26, right=0.96)
    images, context = bars.bars()[0].numpy(), bars.context_of(strengths)
    x, a = context.sample(5, np.random.default_rng(3))
    noisy = images[np.stack([x, a], 1)] + bars.NOISE * np.random.default_rng(0).standard_normal(
        (5, 2, 256))
    pairs.imshow(np.pad(noisy.reshape(5, 2, 16, 16), ((0, 0), (0, 0), (1, 1), (1, 1)),
                        constant_values=0.4).transpose(1, 2, 0, 3).reshape(36, 90),
                 cmap=style.PROBABILITY, vmin=0, vmax=1.3)
    style.bare(pairs)
    style.label(pairs, "Five pairs")
    shares = identifiability.factor_shares(features, bars.bars()[1])
    for i, (ax, f) in enumerate(zip(maps, features.T)):
        ax.imshow(f.reshape(12, 12).T, origin="lower", cmap=SIGNED, aspect="auto",
                  extent=(-4.4, 4.4, -49, 49), vmin=-2, vmax=2)
        owner = ("position", "angle")[shares[i].argmax()]
        style.label(ax, f"Feature {i + 1}: {owner}", "position", "angle")
        ax.set(xticks=[-4, 0, 4], yticks=[-45, 0, 45])
    return style.Picture(fig, "Five pairs of noisy bars, and the two features of a network trained "
                         "on such pairs as maps over position and angle: shares of "
                         + "; ".join(f"{a:.2f} and {b:.2f}" for a, b in shares) + ".")


def learners(table, null):
    """Scores of all random starts, a line for each learner; the dashed line is ``null``."""
    names = list(bars.LEARNERS)
    fig, [ax] = style.panels(1, width=5.4, height=3.9, left=0.43, right=0.97, top=0.9)
    ax.axvline(null, color=style.GREY, ls="--", lw=2)
    ax.text(null - 0.008, -0.75, "random rotation", ha="right", va="center", fontsize=12,
            color="#6B7076")
    for place, name in enumerate(names):
        rows = table[table["case"] == name]
        ax.plot(rows["purity"], len(rows) * [place - 0.14], "o", ms=8, color=style.INPUT,
                alpha=0.75, mew=0)
        ax.plot(rows["one_each"], len(rows) * [place + 0.14], "D", ms=7, mfc="none",
                color=style.CONTEXT, mew=1.8)
    style.label(ax, "", "share of variance that is one factor's")
    ax.set(ylim=(len(names) - 0.5, -1.1), xlim=(0.23, 1.02),
           xticks=[0.4, 0.6, 0.8, 1])
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.legend(ax.lines[1:3], ["purity", "one feature for each factor"], ncols=2, frameon=False,
              loc="lower left", bbox_to_anchor=(-0.74, 1.0), borderpad=0)
    mean = table.groupby("case")[["purity", "one_each"]].agg(["min", "max"]).round(2)
    said = "; ".join(f"{name} {mean.loc[name, ('purity', 'min')]:.2f} to "
                     f"{mean.loc[name, ('purity', 'max')]:.2f}" for name in names)
    return style.Picture(fig, f"Purity over the random starts: {said}.")


def many_tasks(table, downstream):
    """cos² against the number of tasks beside its ceiling; new tasks after n = 20 d inputs."""
    fig, (left, right) = style.panels(2, width=4.0, height=3.2, left=0.18)
    style.label(left, "One step on T tasks", "tasks $T$ on the same 2,000 inputs",
                "cos² with the true directions")
    said = []
    for d, color in zip(sorted(table["d"].unique()), (style.INPUT, style.CONTEXT)):
        rows = table[table["d"] == d].groupby("tasks").overlap
        mean, spread = rows.mean(), rows.std()
        ceiling = identifiability.task_ceiling(int(d), tasks.INPUTS, tasks.R)
        left.axhline(ceiling, color=color, ls="--", lw=2)
        left.errorbar(mean.index, mean, spread, color=color, marker="o", ms=7, lw=2)
        left.text(330, ceiling - 0.055, f"d = {d}", color=color, ha="right", va="top",
                  weight="bold")
        said.append(f"d = {d}: " + " ".join(f"{v:.2f}" for v in mean) + f" under {ceiling:.2f}")
    left.set(xscale="log", ylim=(0, 1.04), yticks=[0, 0.5, 1])
    left.set_xticks(tasks.TASKS, tasks.TASKS)
    left.minorticks_off()
    style.label(right, "A new task, 200 labels", "dimension $d$ (before: $20\\,d$ inputs)",
                "share right")
    looks = {"true directions": (style.GREY, "--"), "one step": (style.TASK, "-"),
             "as drawn": (style.INK, ":")}
    mean = downstream.groupby(["case", "x"]).right.mean()
    for layer, (color, line) in looks.items():
        for task, marker in (("half-space", "o"), ("parity", "s")):
            rows = mean[f"{task}/{layer}"]
            right.plot(rows.index, rows, line, marker=marker, color=color, ms=7)
    right.set(xscale="log", ylim=(0.45, 1.04), yticks=[0.5, 0.75, 1])
    right.set_xticks(rows.index.astype(int), rows.index.astype(int))
    right.minorticks_off()
    for x, y, text, color in ((420, 1.0, "true directions", "#6B7076"),
                              (420, 0.845, "one step", "#007A5A"),
                              (110, 0.55, "as drawn", style.INK),
                              (420, 0.7, "● half-space  ■ parity", style.INK)):
        right.text(x, y, text, color=color, va="center", ha="right", fontsize=12)
    return style.Picture(fig, "cos² for 1, 2, 3, 10, 30, 100 and 300 tasks: " + "; ".join(said)
                         + ". Share right after one step: " + ", ".join(
                             f"{task} " + " ".join(f"{v:.2f}" for v in mean[f"{task}/one step"])
                             for task in ("half-space", "parity")) + ".")


def almost_linear(table, *photographs):
    """Error of FastICA against δ beside the closed form and its floor; corners, whole pictures."""
    fig, (left, *others) = style.panels(1 + len(photographs), width=2.75, left=0.27, right=0.95)
    s = unmixing.uniform()
    slope = np.abs(sum(identifiability.robust_slope(s, unmixing.bend(s), unmixing.A)))[1, 0]
    floor = identifiability.sampling_floor(s, unmixing.SAMPLES)
    style.label(left, "Drawn sources", r"bend $\delta$", "error of ICA")
    along = np.geomspace(0.005, 0.4, 100)
    left.plot(along, np.sqrt(slope**2 * along**2 + floor), "--", color=style.INK, lw=2,
              label="closed form")
    looks = {"normal/bend": ("normal", style.GREY, "v"),
             "uniform/bend": ("uniform", style.INPUT, "o"),
             "uniform/even": ("uniform, even bend", style.TASK, "s")}
    mean = table[table["x"] > 0].groupby(["case", "x"]).error.mean()
    for case, (name, color, marker) in looks.items():
        left.plot(mean[case], marker=marker, color=color, ms=7, lw=2, label=name)
    left.set(xscale="log", yscale="log", ylim=(0.002, 30))
    left.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    left.set_xticks([0.01, 0.1], ["0.01", "0.1"])
    left.minorticks_off()
    left.legend(loc="upper left", **LEGEND)
    said = ["Error of ICA on uniform sources: " + ", ".join(
        f"{error:.3f} at {delta:g}" for delta, error in mean["uniform/bend"].items())]
    for ax, rows, name in zip(others, photographs, ("Corners of photos", "Whole photos")):
        style.label(ax, name, r"bend $\delta$", "error")
        for method, color, marker in zip(unmixing.METHODS,
                                         (style.INPUT, style.CONTEXT, style.GREY), "os^"):
            one = rows[rows["method"] == method]
            ax.plot(one["delta"], one["error"], marker=marker, color=color, ms=7, lw=2,
                    label=method)
            said.append(f"{name}, {method}: " + " ".join(f"{v:.2f}" for v in one["error"]))
        ax.set(ylim=(0, 1.0), xticks=[0, 0.2, 0.4], yticks=[0, 0.2, 0.4, 0.6])
        ax.legend(loc="upper left", **LEGEND)
    return style.Picture(fig, ". ".join(said) + ".")


def unmixed_photographs(delta=0.2):
    """The two mixtures, and what the right-hand neighbour as context makes of them."""
    fig, axes = style.panels(4, width=SMALL, height=1.6, left=0.02, right=0.98, bottom=0.02,
                             top=0.82)
    shape, x = unmixing.mixed_photographs(delta)
    found = x @ unmixing.by_neighbour(x, shape, 1).T
    s = unmixing.photograph_sources()[1]
    matched = np.abs(np.corrcoef(found.T, s.T)[:2, 2:]).max(axis=1)
    signs = np.sign([f @ s[:, np.abs(f @ s).argmax()] for f in found.T])
    for ax, image, name in zip(axes, [*x.T, *(found * signs).T],
                               ["Mixture 1", "Mixture 2", "Function 1", "Function 2"]):
        low, high = np.quantile(image, [0.01, 0.99])
        ax.imshow(image.reshape(shape), cmap="gray", vmin=low, vmax=high)
        style.label(ax, name)
        style.bare(ax)
    return style.Picture(fig, f"Two mixtures of two photographs, bend {delta:g}, and the two "
                         "functions of the context 'right-hand neighbour': correlations with the "
                         f"photographs {matched[0]:.3f} and {matched[1]:.3f}.")
