"""Pictures of notebook 13: spectra of augmentations, and tables of `experiment`, drawn."""

from __future__ import annotations

import numpy as np

from contexture_lite.teach.nb13_symmetry import compute, experiment
from contexture_lite.teach.pictures import artists, style

KINDS = {"raw": style.GREY, "invariant": style.INPUT, "equivariant": style.ORANGE}
VIEWS = {"anywhere": "any", "one pixel": "0, 1", "two pixels": "0, 2", "four and four": "4, 4"}


def spectra(contexts):
    """A panel for each context of {name: Context}: its singular values, the constant's 1 first."""
    fig, axes = style.panels(len(contexts), width=2.6, height=2.85, left=0.24,
                             right=0.9, bottom=0.2)
    said = []
    for ax, (name, context) in zip(axes, contexts.items()):
        values = np.linalg.svd(context.matrix(), compute_uv=False)
        ones = int((values > 1 - 1e-9).sum())
        style.label(ax, name, "index $i$", "$s_i$")
        ax.text(1.1, 0.8, f"{ones} ones", fontsize=12, fontweight="bold", ha="right",
                transform=ax.transAxes)
        ax.fill_between([1, ones], [1, 1], color=style.INPUT, alpha=0.3, lw=0)
        ax.plot(np.arange(1, len(values) + 1), values, color=style.INPUT, drawstyle="steps-mid")
        ax.set(ylim=(-0.03, 1.06), xlim=(1, len(values)), yticks=[0, 0.5, 1])
        ax.set_xticks([1, len(values) // 2, len(values)])
        said.append(f"{name}: {ones} of {len(values)} singular values are 1")
    return style.Picture(fig, "; ".join(said))


def errors_along(dimensions, errors):
    """How far the first d features are from moving along, for each d; rounding is at 1e-15."""
    fig, [ax] = style.panels(1, width=5.4, left=0.15)
    shown = np.maximum(errors, 1e-16)
    style.label(ax, "Do the first d features move along?", "features $d$", "error")
    for d, error in zip(dimensions, shown):
        ax.plot([d, d], [1e-17, error], color=style.INPUT if error < 1e-9 else style.CONTEXT, lw=9,
                solid_capstyle="butt")
    ax.set(yscale="log", ylim=(1e-17, 20), xticks=dimensions, yticks=[1e-15, 1e-10, 1e-5, 1])
    whole = [int(d) for d, error in zip(dimensions, errors) if error < 1e-9]
    return style.Picture(fig, f"Equivariant to rounding for d = {', '.join(map(str, whole))}; for "
                         "the others the error is of order one")


def moved():
    """What and where along the largest move: exact (16 features), and learned from pixels."""
    table = experiment.shipped()
    table = table[table.experiment == "moved"].assign(case=lambda t: t.case.astype(int))
    fig, [exact, learned] = style.panels(2, width=4.2, left=0.17)
    windows = list(compute.WINDOWS)
    step = compute.step_at(0, 6, experiment.FIRST)
    looks = {"what": (style.TASK, "-", "o"), "where": (style.ORANGE, "--", "s")}
    for name, (color, dash, mark) in looks.items():
        exact.plot(windows, 1 - step.errors[name], color=color, ls=dash, marker=mark, label=name)
        part = table[table.measure == name].groupby("case").value
        learned.errorbar(list(part.groups), part.mean(), part.std(), color=color, ls=dash,
                         marker=mark, capsize=4)
    for ax, title, y in ((exact, "Exact, 16 features", "share explained"),
                         (learned, "Learned from pixels", "what: accuracy, where: $R^2$")):
        style.label(ax, title, "largest move $w$", y)
        ax.set(xticks=windows, ylim=(-0.08, 1.06), yticks=[0, 0.5, 1])
    with style.settings():
        exact.legend(frameon=False, loc="center right")
    rows = table.groupby(["measure", "case"]).value.mean().round(2)
    said = "; ".join(f"{name}: " + ", ".join(f"{v:.2f}" for v in rows[name]) for name in looks)
    return style.Picture(fig, f"From pixels, w = {', '.join(map(str, rows['what'].index))}: {said}")


def networks():
    """Share of answers that stay the same if the image moves, for each network; its accuracy."""
    means = experiment.means("networks")
    fig, [ax] = style.panels(1, width=5, height=3.4, left=0.39, right=0.99, bottom=0.03, top=0.8)
    shares = means[list(VIEWS)].to_numpy()
    ax.imshow(shares, cmap=style.PROBABILITY, vmin=0, vmax=1.25, aspect="auto",
              extent=(-0.5, 3.5, len(means) - 0.5, -0.5))
    columns = [*VIEWS.values(), "right"]
    for row, (name, values) in enumerate(zip(means.index, shares)):
        for column, value in enumerate([*values, means.accuracy[name]]):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=12.5,
                    fontweight="bold" if value == 1 else "normal",
                    color="white" if column < 4 and value > 0.8 else style.INK)
    ax.set(xlim=(-0.5, 4.5), ylim=(len(means) - 0.5, -0.5))
    ax.set_xticks(range(5), columns)
    ax.set_yticks(range(len(means)), means.index)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    style.label(ax, "Same answer after a move?")
    ax.title.set_fontsize(13)
    said = "; ".join(f"{name} " + " ".join(f"{v:.2f}" for v in values)
                     for name, values in zip(means.index, shares))
    return style.Picture(fig, f"Same answer after a move {', '.join(VIEWS)}: {said}")


def cost():
    """Share misclassified with raw, invariant and equivariant features, in three situations."""
    means = 1 - experiment.means("turned")
    asked = {"6 or 9, 100 labels": ("upright, 100 labels", "6 or 9"),
             "Ten digits, turned": ("turned, 100 labels", "ten digits"),
             "Which turn?": ("turned, 1000 labels", "which turn")}
    fig, axes = style.panels(3, bottom=0.14)
    said = []
    for ax, (title, (case, measure)) in zip(axes, asked.items()):
        errors = [means[measure][f"{case}, {kind}"] for kind in KINDS]
        style.label(ax, title, y="share misclassified")
        ax.bar(range(3), errors, color=list(KINDS.values()), width=0.7)
        for place, error in enumerate(errors):
            ax.text(place, error + 0.03 * max(errors), f"{error:.2f}", ha="center", fontsize=14,
                    fontweight="bold")
        ax.set_xticks(range(3), list(KINDS))
        ax.set(ylim=(0, 1.2 * max(errors)))
        ax.locator_params(axis="y", nbins=4)
        said.append(f"{title}: " + ", ".join(f"{k} {e:.2f}" for k, e in zip(KINDS, errors)))
    return style.Picture(fig, "Share misclassified. " + "; ".join(said))


def which_turn():
    """How often the turn of each digit is recognised, against how alike half-turned ones are."""
    means = experiment.means("which_turn")
    fig, [ax] = style.panels(1, width=4.8, left=0.16)
    style.label(ax, "Which way up?", "alike after a half turn", "recognised")
    digits = artists.Labels(ax, 15)
    ax.set(xlim=(means.alike.min() - 0.06, means.alike.max() + 0.06),
           ylim=(means.recognised.min() - 0.05, 1.01))
    scale = np.array([0.4, 0.2])  # of the two axes
    places = artists.spread(means[["alike", "recognised"]].to_numpy() / scale, 0.1) * scale
    digits.set([str(digit) for digit in means.index], places, style.INPUT)
    correlation = np.corrcoef(means.alike, means.recognised)[0, 1]
    return style.Picture(fig, f"How often the turn of each digit is recognised: correlation "
                         f"{correlation:.1f} with how alike the digit is after a half turn")
