"""A network on real data: what it has learned, seen while it learns, and its pictures.

The steps are public calls; only their sequence is here, so that a notebook can ask for
several runs and a test for several seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.empirical import DataContext
from contexture_lite.spectrum import SingularSystem
from contexture_lite.teach import figures, style


@dataclass(frozen=True, eq=False)
class RealTask:
    """Real points, some of them held out, and the functions that a network should find.

    Attributes
    ----------
    name : str
    points, held_out : (n, features) and (m, features) arrays
        Standardised by mean and deviation of ``points``.
    context : DataContext
        The 30 nearest neighbours among ``points``.
    system : SingularSystem
        The exact answer, d functions and five beyond.
    extended : (m, d + 5) array
        Its functions at the held out points.
    d : int
    """

    name: str
    points: np.ndarray
    held_out: np.ndarray
    context: DataContext
    system: SingularSystem
    extended: np.ndarray
    d: int

    def __repr__(self):
        s = self.system.values
        return (f"{self.name}: {len(self.points)} points to learn from, {len(self.held_out)} held "
                f"out; s{self.d} = {s[self.d - 1]:.3f}, s{self.d + 1} = {s[self.d]:.3f}")


@dataclass(frozen=True, eq=False)
class Progress:
    """What a network's outputs, reduced to d functions by `cl.ritz`, have learned after ``step``.

    Attributes
    ----------
    step : int
    train, held_out : float
        Mean squared canonical correlation with the d exact functions, on the training
        points and on the held out ones.
    share : float
        Their ratio trace, divided by the best possible Σ_{i≤d} s_i².
    found : (d + 5,) array
        Share of the variance of each exact μ_i that they explain.
    rank : int
        Of the covariance of the outputs.
    """

    step: int
    train: float
    held_out: float
    share: float
    found: np.ndarray
    rank: int


def abalone(d=15, seed=0):
    """4177 shellfish with 8 measurements, 2923 of them to learn from. ``seed`` splits them."""
    return _task("abalone", cl.datasets.abalone().X, d, seed)


def digits(d=15, seed=0):
    """1797 pictures of 8 × 8 pixels, 1258 of them to learn from. ``seed`` splits them."""
    return _task("digits", cl.datasets.digits().X, d, seed)


def _task(name, X, d, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    points, held_out = np.split(X[order], [7 * len(X) // 10])
    mean, deviation = points.mean(axis=0), points.std(axis=0)
    deviation[deviation == 0] = 1  # a pixel that is always white stays 0
    points, held_out = (points - mean) / deviation, (held_out - mean) / deviation
    context = cl.knn_context(points, 30)
    system = cl.singular_system(context, d + 5)
    extended = system.extend(context.conditional_at(held_out))
    return RealTask(name, points, held_out, context, system, extended, d)


def learned(task, network, step=0):
    """The `Progress` of a network: Ritz on its outputs, then the comparison with the exact."""
    with torch.no_grad():
        outputs, elsewhere = (network(X).numpy() for X in (task.points, task.held_out))
    ritz = cl.ritz(task.context, outputs)
    f, g = ritz.functions[:, : task.d], ritz.extend(elsewhere)[:, : task.d]
    exact, new = task.system.left, task.extended[:, : task.d]
    return Progress(
        step=step,
        train=float(cl.alignment.squared_cca(f, exact[:, : task.d])),
        held_out=float(cl.alignment.squared_cca(g, new)),
        share=ritz.values[: task.d].sum() / (task.system.values[: task.d] ** 2).sum(),
        found=((f.T @ exact / len(f)) ** 2).sum(axis=0),
        rank=len(ritz.values),
    )


def watch(task, outputs=64, *, seed=0, steps=150, learning_rate=1e-2, every=10, progress=False):
    """Train a residual MLP on the whitened trace of the context; yield `Progress`.

    −tr(C⁻¹ B) of all ``outputs``, on all training points at once; ``seed`` is that of the
    network's first weights.
    """
    network = learn.ResidualMLP(task.points.shape[1], outputs, seed=seed)
    law = learn.laws.inputs(task.context, dtype=torch.float32)
    points = torch.tensor(task.points, dtype=torch.float32)

    def loss():
        features = network(points)
        return learn.losses.whitened_trace(law, features, features)

    for record in learn.train(loss, network, steps=steps, learning_rate=learning_rate,
                              every=every, progress=progress):
        yield learned(task, network, record.step)


def picture(task, runs):
    """Runs side by side: alignment and ratio trace while they learn, functions found at the end.

    ``runs`` is {name: list of Progress}, at most six.
    """
    if not runs or len(runs) > len(figures.COLOURS):
        raise ValueError(f"runs has {len(runs)} entries; it must have 1 to {len(figures.COLOURS)}")
    empty = [name for name, run in runs.items() if not run]
    if empty:
        raise ValueError(f"runs[{empty[0]!r}] is empty; it must be a list of Progress")
    fig, axes = style.panels(3, size=(13.5, 4.3), bottom=0.16, top=0.76, gap=0.26)
    for (name, run), colour, dash in zip(runs.items(), figures.COLOURS, figures.DASHES):
        steps = [seen.step for seen in run]
        look = dict(color=colour, ls=dash, lw=2.5)
        axes[0].plot(steps, [seen.train for seen in run], label=name, **look)
        axes[0].plot(steps, [seen.held_out for seen in run], ls="none", marker="o", ms=5,
                     mfc="white", mec=colour)
        axes[1].plot(steps, [seen.share for seen in run], **look)
        axes[2].plot(np.arange(1, task.d + 6), run[-1].found, marker="o", ms=5, **look)
    axes[2].axvline(task.d + 0.5, color=style.GREY, lw=1.5, zorder=0)
    for ax, title, x in zip(axes, ("Canonical correlation²", "Ratio trace / best possible",
                                   r"Share of each $\mu_i$ found"), ("step", "step", "i")):
        style.label(ax, title, x)
        ax.set_ylim(0.7, 1.01)  # what comes before is the first few steps
    axes[2].set_ylim(-0.03, 1.05)
    axes[2].set_xticks([1, 5, 10, task.d, task.d + 5])
    with style.settings():
        lines = [*axes[0].lines[::2], axes[0].lines[1]]
        fig.legend(lines, [*runs, "held out"], loc="upper left", frameon=False, fontsize=13,
                   bbox_to_anchor=(0.045, 1.0), ncols=len(lines), handlelength=2.6)
    return style.Picture(fig, f"{task.name}: " + "; ".join(
        f"{name} end at {run[-1].train:.2f}, held out {run[-1].held_out:.2f}, with "
        f"{(run[-1].found[: task.d] > 0.9).sum()} of {task.d} functions found"
        for name, run in runs.items()))
