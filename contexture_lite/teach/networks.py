"""Notebook 05: networks with more and with fewer outputs, and which exact functions they find.

The points, the contexts and the training are those of `contexture_lite.learn.scaling`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl
from contexture_lite.learn import scaling
from contexture_lite.teach import figures, style

D = scaling.D
BEYOND = 5  # exact functions that are looked at after those that are wanted


@dataclass(frozen=True, eq=False)
class Run:
    """A training, and what its network has found in the end.

    Attributes
    ----------
    points : list of `contexture_lite.learn.scaling.Point`
        Before the first step, then every few steps.
    found : (20,) array
        Share of the variance of each exact μ_i that the network's 15 functions explain.
    rank : int
        How many of its outputs are independent.
    """

    points: list[scaling.Point]
    found: np.ndarray
    rank: int

    @property
    def last(self):
        """The point at the end."""
        return self.points[-1]


def run(setting, outputs=64, *, seed=0, steps=150, every=10, progress=False):
    """Train a residual MLP on the whitened trace of a setting's context; a `Run`.

    Parameters
    ----------
    setting : Setting
        From `contexture_lite.learn.scaling.setting`.
    outputs : int
        Of the network; with more than 15 Rayleigh–Ritz takes 15 functions from them.
    seed : int
        Of the network's first weights.
    steps, every : int
        Of the training; between two points.
    progress : bool
        Show a bar.
    """
    network = scaling.network(setting, seed=seed, outputs=outputs)
    points = list(scaling.watch(setting, network, steps=steps, every=every, progress=progress))
    return Run(points, *found(setting, network))


def found(setting, network):
    """Share of each exact μ_1 … μ_20 that a network's 15 functions explain, and its rank."""
    exact = cl.singular_system(setting.context, D + BEYOND).left
    seen = scaling.functions(setting, network)
    return ((seen.training.T @ exact / len(exact)) ** 2).sum(axis=0), seen.rank


def picture(runs):
    """Runs side by side: alignment and ratio trace while they learn, functions found at the end.

    ``runs`` is {name: `Run`}, at most six.
    """
    if not runs or len(runs) > len(figures.COLOURS):
        raise ValueError(f"runs has {len(runs)} entries; it must have 1 to {len(figures.COLOURS)}")
    wrong = [name for name, one in runs.items() if not isinstance(one, Run)]
    if wrong:
        raise TypeError(f"runs[{wrong[0]!r}] is a {type(runs[wrong[0]]).__name__}; "
                        "it must be a Run, as run returns it")
    fig, axes = style.panels(3, size=(13.5, 4.3), bottom=0.16, top=0.76, gap=0.26)
    for one, colour, dash in zip(runs.values(), figures.COLOURS, figures.DASHES):
        steps = [point.steps for point in one.points]
        look = dict(color=colour, ls=dash, lw=2.5)
        axes[0].plot(steps, [point.cca for point in one.points], **look)
        axes[0].plot(steps, [point.cca_held_out for point in one.points], ls="none", marker="o",
                     ms=5, mfc="white", mec=colour)
        axes[1].plot(steps, [point.ratio_trace / point.ratio_trace_exact for point in one.points],
                     **look)
        axes[2].plot(np.arange(1, D + BEYOND + 1), one.found, marker="o", ms=5, **look)
    axes[2].axvline(D + 0.5, color=style.GREY, lw=1.5, zorder=0)
    for ax, title, x in zip(axes, ("Canonical correlation²", "Ratio trace / best possible",
                                   r"Share of each $\mu_i$ found"), ("step", "step", "i")):
        style.label(ax, title, x)
        ax.set_ylim(0.7, 1.01)  # what comes before is the first few steps
    axes[2].set_ylim(-0.03, 1.05)
    axes[2].set_xticks([1, 5, 10, D, D + BEYOND])
    with style.settings():
        lines = [*axes[0].lines[::2], axes[0].lines[1]]
        fig.legend(lines, [*runs, "held out"], loc="upper left", frameon=False, fontsize=13,
                   bbox_to_anchor=(0.045, 1.0), ncols=len(lines), handlelength=2.6)
    last = next(iter(runs.values())).last
    return style.Picture(fig, f"{last.task}, {last.context}: " + "; ".join(
        f"{name} end at {one.last.cca:.3f}, held out {one.last.cca_held_out:.3f}, with "
        f"{(one.found[:D] > 0.9).sum()} of {D} functions found" for name, one in runs.items()))
