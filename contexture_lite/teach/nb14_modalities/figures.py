"""Pictures of notebook 14: recall by method, what a batch shows, what a gallery allows."""

from __future__ import annotations

import numpy as np

from contexture_lite import retrieval
from contexture_lite.teach.nb14_modalities import compute, experiment
from contexture_lite.teach.pictures import style

DIMENSIONS = 16  # of the Gaussian modalities
GALLERIES = np.unique(np.round(np.geomspace(2, 10**6, 40)).astype(int))


def methods():
    """Recall@1 of every method on five splits, held-out pairs and held-out subgroups."""
    table, fig = experiment.table(), style.row(1, height=3.7, width=5.2)
    ax = style.axes(fig.subfigs[0], left=0.475, right=0.97, top=0.78)
    names, words = list(experiment.METHODS), []
    with style.settings():
        for hold_out, color in zip(compute.HOLD_OUT, (style.INPUT, style.CONTEXT)):
            some = table[table.hold_out == hold_out]
            for place, name in enumerate(names):
                recall = some[some.method == name]["recall@1"]
                ax.plot(recall, np.full(len(recall), place), "o", color=color, ms=6, alpha=0.55)
                ax.plot([recall.mean()] * 2, [place - 0.3, place + 0.3], color=color, lw=3)
                words.append(f"{name}, new {hold_out}: {recall.mean():.2f}")
            ax.plot([], [], "o", color=color, label=f"new {hold_out}")
        ax.axvline(1 / compute.GALLERY, color=style.INK, ls=":", lw=2, label="by chance")
        ax.set(yticks=range(len(names)), xlim=(0, 0.17), ylim=(len(names) - 0.5, -0.6),
               xticks=[0, 0.05, 0.1, 0.15])
        ax.set_yticklabels(names)
        ax.legend(loc="lower left", bbox_to_anchor=(-0.93, 0.99), ncols=3, frameon=False,
                  handlelength=1, handletextpad=0.4, columnspacing=1, borderpad=0)
        style.label(ax, x="recall@1 of five splits, and mean")
        ax.set_title("Its name is the nearest of 400", pad=28, x=-0.9)
    return style.Picture(fig, "Recall@1. " + ", ".join(words))


def batches(context, sizes):
    """What InfoNCE shows of the information along the number of candidates, and its bias."""
    fig, (shown, missing) = style.panels(2, width=4.4, height=3.2, left=0.16)
    information = context.mutual_information()
    value = np.array([retrieval.infonce_value(context, K) for K in sizes])
    bias = np.array([retrieval.infonce_bias(context, K) for K in sizes])
    with style.settings():
        shown.plot(sizes, np.log(sizes), ":", color=style.INK, label=r"$\log K$")
        shown.axhline(information, color=style.CONTEXT, ls="--", label="information")
        shown.plot(sizes, value, "o-", color=style.INPUT, label="InfoNCE shows")
        missing.plot(sizes, bias, "--", color=style.CONTEXT, label=r"$\chi^2/2K$")
        missing.plot(sizes, information - value, "o-", color=style.INPUT, label="missing")
        for ax in (shown, missing):
            ax.set_xscale("log")
            ax.legend(frameon=False, borderpad=0)
        shown.set(ylim=(0, 1.25 * information))
        missing.set(yscale="log", ylim=(0.5 * (information - value)[-1], 40 * information))
        style.label(shown, "At the optimum", "candidates $K$", "nats")
        style.label(missing, "What is missing", "candidates $K$", "nats")
    return style.Picture(fig, "InfoNCE at its optimum shows " + ", ".join(
        f"{v:.2f} nats with {K} candidates" for K, v in zip(sizes, value))
        + f" of {information:.2f}")


def galleries(informations):
    """Recall@1 of Gaussian modalities, best score, along the size of the gallery.

    ``informations`` in nats, each spread over 16 equal correlations; a star at e^I.
    """
    fig = style.row(1, height=3.2, width=5)
    ax, words = style.axes(fig.subfigs[0], left=0.14, right=0.96), []
    with style.settings():
        colors = [style.GREY, style.TASK, style.INPUT, style.CONTEXT]
        for information, color in zip(informations, colors):
            rho = np.sqrt(1 - np.exp(-2 * information / DIMENSIONS))
            recall = [retrieval.gaussian_recall(rho, DIMENSIONS, int(n), draws=500)
                      for n in GALLERIES]
            ax.plot(GALLERIES, recall, color=color, label=f"{information:g} nats")
            at = np.exp(information)
            ax.plot(at, np.interp(np.log(at), np.log(GALLERIES), recall), "*", ms=15, color=color,
                    mec="white")
            words.append(f"{information:g} nats: {recall[-1]:.2f} of a million, "
                         f"{np.interp(np.log(400), np.log(GALLERIES), recall):.2f} of 400")
        ax.set(xscale="log", ylim=(0, 1.03), xlim=(2, 1e6))
        ax.minorticks_off()
        ax.legend(frameon=False, loc="upper right")
        style.label(ax, "Gaussian modalities, best decoder",
                    "pictures in the gallery; the star is at $e^I$", "recall@1")
    return style.Picture(fig, "Recall@1 of Gaussian modalities with " + "; ".join(words))
