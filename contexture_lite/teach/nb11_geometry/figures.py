"""Pictures of notebook 11: temperature, two losses, four learners, low ranks, sparse codes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from contexture_lite import geometry
from contexture_lite.teach.pictures import style

NAMES = {"digits": "digits", "mnist": "MNIST", "abalone": "abalone"}
SHADES = (style.INPUT, "#3A8FC4", style.ORANGE, style.CONTEXT, style.PINK, style.GREY)


def slope(table, data, at=0.02):
    """V of the line 1 − τV through the mean cosine of the networks at one temperature."""
    rows = table[(table.experiment == "temperature") & (table.data == data)]
    return float((1 - rows.mean_cosine[rows.setting.astype(float) == at].mean()) / at)


def temperature(table, *names):
    """A panel for each data set: mean cosine of networks along τ, and the line from τ = 0.02."""
    rows = table[table.experiment == "temperature"]
    rows = rows.assign(tau=rows.setting.astype(float))
    fig, axes = style.panels(len(names))
    said = []
    with style.settings():
        for ax, name in zip(axes, names):
            of, V = rows[(rows.data == name) & (rows.tau <= 0.2)], slope(rows, name)
            along = np.linspace(0, 0.21, 300)
            ax.plot(along, np.maximum(1 - V * along, 0), "--", color=style.INK, lw=2,
                    label="line through\n" + r"$\tau=0.02$")
            ax.plot(of.tau, of.mean_cosine, "o", color=style.TASK, ms=7, mfc="none", mew=2,
                    label="networks")
            style.label(ax, NAMES[name], r"temperature $\tau$", "mean cosine")
            ax.set(ylim=(-0.03, 1.03), xlim=(0, 0.215), xticks=[0, 0.1, 0.2], yticks=[0, 0.5, 1])
            ax.legend(loc="upper right", frameon=False)
            said.append(f"{NAMES[name]} " + " ".join(
                f"{tau:g}: {part.mean_cosine.mean():.1f}" for tau, part in of.groupby("tau")))
    return style.Picture(fig, "Mean cosine of networks by temperature, beside a straight line. "
                         + "; ".join(said))


def two_losses(table):
    """Alignment and uniformity of the encoders of `experiment.two_losses`, coloured by accuracy."""
    rows = table[table.experiment == "sweep"]
    fig, axes = style.panels(2, right=0.82)
    with style.settings():
        for ax, (column, name) in zip(axes, (("probe", "Which digit?"), ("ink", "How much ink?"))):
            shown = ax.scatter(rows.alignment, rows.uniformity, c=rows[column].clip(0, 1), s=46,
                               cmap="viridis", edgecolors=style.INK, linewidths=0.5)
            style.label(ax, name, "alignment loss", "uniformity")
            colors = fig.colorbar(shown, ax=ax, fraction=0.06, pad=0.04)
            colors.ax.set_title({"probe": "right", "ink": "$R^2$"}[column], fontsize=12)
    return style.Picture(fig, f"{len(rows)} encoders of digits by alignment and uniformity; how "
                         "well a probe tells the digit, and how well the ink.")


def learners(histories, values, rate):
    """A panel for each learner: energy of each mode along the steps (log), dashed the theory.

    ``histories`` maps a name to (energies (steps + 1, k), power): dashed is
    (1 − power · rate · (1 − λ))^(2 · step); no line for power None.
    """
    fig, axes = style.panels(len(histories), width=2.9, left=0.24)
    with style.settings():
        for ax, (name, (energies, power)) in zip(axes, histories.items()):
            along = np.arange(len(energies))
            for color, energy, value in zip(SHADES, energies.T, values):
                ax.plot(along, energy, color=color, lw=3)
                if power is not None:
                    decay = (1 - power * rate * (1 - value)) ** (2 * along)
                    ax.plot(along, energy[0] * decay, "--", color=style.INK, lw=1.5)
            style.label(ax, name, "steps", "energy of a mode" if ax is axes[0] else "")
            ax.set(yscale="log", ylim=(1e-8, 1e3), yticks=[1e-8, 1e-4, 1])
            ax.tick_params(which="minor", left=False)
    ends = ", ".join(f"{name}: {'alive' if energies[-1].sum() > 0.1 else 'collapsed'}"
                     for name, (energies, _) in histories.items())
    return style.Picture(fig, f"Energy of each mode along the steps. {ends}.")


def rank_two(points=300, m=64, seed=0):
    """{name: embedding (points, m)} of which some effective rank is 2, for four reasons."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal((points, m))
    white = np.linalg.svd(white - white.mean(axis=0), full_matrices=False)[0] * np.sqrt(points)
    dead, corner = np.zeros((points, m)), 2 * np.pi * np.arange(3) / 3
    dead[:, :2] = white[:, :2]
    three = np.c_[np.cos(corner), np.sin(corner)][np.arange(points) % 3] * np.sqrt(2)
    spread = np.linalg.qr(rng.standard_normal((m, 2)))[0].T * np.sqrt(m / 2)

    def cone(size):
        return np.c_[white[:, 1:], np.full(points, size)]

    size = brentq(lambda size: geometry.collapse_report(cone(size)).raw_rank - 2, 10, 1e6)
    return {"dead coordinates": dead, "copies": np.repeat(white[:, :2], m // 2, axis=1),
            "clusters": three @ spread, "cone": cone(size)}


def matrices(embeddings, shown=60):
    """The first points of each embedding as a picture of its numbers, a row for each point."""
    fig, axes = style.panels(len(embeddings), width=2.6, left=0.06, right=0.96, bottom=0.14)
    with style.settings():
        for ax, (name, f) in zip(axes, embeddings.items()):
            scale = min(np.abs(f).max(), 3)
            ax.imshow(f[:shown], aspect="auto", cmap="RdBu", vmin=-scale, vmax=scale)
            style.label(ax, name.capitalize(), f"{f.shape[1]} coordinates")
            ax.set(xticks=[], yticks=[])
    said = "; ".join(f"{name}: {geometry.collapse_report(f)!r}" for name, f in embeddings.items())
    return style.Picture(fig, f"Numbers of embeddings, points by coordinates. {said}")


def sparse_codes(table, rho=0.64):
    """Two panels: the exact price of sparsity for one unit, and 256 units on digits."""
    fig, (one, many) = style.panels(2, right=0.93)
    active = np.geomspace(0.005, 0.7, 60)
    codes = [geometry.sparse_code(norm.isf(share), rho) for share in active]
    mean = table.groupby("share").probe.agg(["mean", "min", "max"])
    with style.settings():
        for name, color, word in (("accuracy", style.TASK, "$R^2$ of the feature"),
                                  ("agreement", style.INPUT, "agreement of views")):
            one.plot(active, [getattr(code, name) for code in codes], color=color, label=word)
        style.label(one, "One unit, exactly", "share active", "")
        one.legend(loc="upper left", frameon=False)
        many.errorbar(mean.index, mean["mean"], np.abs(mean[["min", "max"]].sub(
            mean["mean"], axis=0)).T, color=style.TASK, marker="o", ms=7)
        style.label(many, "256 units on digits", "share active", "share right")
        for ax in (one, many):
            ax.set(xscale="log", ylim=(0, 1.02 if ax is many else 1.3), yticks=[0, 0.5, 1],
                   xlim=(0.004, 1.2))
            ax.set_xticks([0.01, 0.1, 1], ["1 %", "10 %", "100 %"])
            ax.tick_params(which="minor", bottom=False)
    return style.Picture(fig, "Accuracy and agreement of sparse codes fall with the share active; "
                         "256 units lose nothing down to a third.")
