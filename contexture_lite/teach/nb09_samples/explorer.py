"""Notebook 09's live picture: how many functions should a probe see?"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from contexture_lite.teach.nb09_samples import compute as model
from contexture_lite.teach.nb09_samples.compute import ALONG, D
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, slider, steps, whole

POINTS = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, np.inf)
LABELS = (3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 140, 200, 300, 500, 1000, 2000)
SHOWN = 24  # functions in the middle panel
TOP = 1.25  # of the left panel; more is not worth showing, since no function at all costs 1
MISSED, POINTS_LOST, LABELS_LOST = "#C9CED3", "#66AAD1", "#8FD1BC"


class SampleExplorer(Explorer):
    """How many functions should a probe see, given n unlabelled points and m labels?

    x ~ N(0, diag(ℓ)) in 40 dimensions, ℓ_i = ρ^{2(i−1)} + 0.05: the association ρ sets how slowly
    the spectrum falls to a floor of noise. The target's energies b_i² ∝ 0.7^i add up to 1, the
    labels' noise is 0.5. The functions are principal components of the n points, the probe is
    least squares on d of them (`contexture_lite.sampling.two_stage_risk`).

    Panels: the excess risk along d in its three parts, with the means of 32 simulated
    experiments and two standard errors; the spectrum and the energies with the line σ²/m above
    which a function is worth its keep (24 of 40); the least risk along m with its d.

    Keys of `values`: ``best``, ``least`` (its risk), ``missed``, ``points`` and ``labels`` (its
    parts), ``worth`` (energies above σ²/m), and for the chosen d ``risk``, ``simulated`` and
    ``error`` where they are finite.
    """

    alt = ("Excess risk of a probe along the number of functions, as areas for what the functions "
           "miss, too few points and too few labels, with simulated dots.",
           "Spectrum and energies of the target, with a threshold.",
           "The least risk along the number of labels, with the best number of functions.")
    height = 3.4
    frozen = {"n": (100, 1000, 10_000, np.inf), "m": (20, 50, 200, 500),
              "d": (0, 1, 2, 3, 4, 5, 7, 9, 12, 16)}

    def make_controls(self, rho=0.8, n=1000, m=20, d=9):
        return {"rho": slider("Association ρ", rho, 0.5, 0.95, 0.05, "265px"),
                "n": steps("Points n", [(_count(n), n) for n in POINTS], n, "280px"),
                "m": steps("Labels m", [(_count(m), m) for m in LABELS], m, "280px"),
                "d": whole("Functions d", d, 0, model.LARGEST, "265px")}

    def compute(self, rho, n, m, d):
        return model.step_at(round(rho, 4), n, m, d)  # a slider adds its steps up

    def build(self, figure):
        parts, spectrum, labels = figure.subfigs
        self._build_parts(style.axes(parts, top=0.735))
        self._build_spectrum(style.axes(spectrum, right=0.835))
        self._build_labels(style.axes(labels))

    def _build_parts(self, ax):
        style.label(ax, x="functions $d$", y="excess risk")
        ax.set_title("What d functions cost", pad=46)
        dots = Line2D([], [], marker="o", color=style.INK, lw=0, ms=6)
        ax.legend([*(Patch(facecolor=c) for c in (MISSED, POINTS_LOST, LABELS_LOST)), dots],
                  ["missing functions", "too few points", "too few labels", "simulated"],
                  loc="lower left", bbox_to_anchor=(-0.245, 0.99), ncols=2, frameon=False,
                  handlelength=1.1, handletextpad=0.5, columnspacing=1, borderpad=0)
        ax.set(xlim=(-0.3, D[-1] + 0.3), ylim=(0, TOP), xticks=D[::2], yticks=[0, 0.5, 1])
        *self.areas, self.nothing = (
            self.moving(artists.polygons(ax, facecolors=color))
            for color in (MISSED, POINTS_LOST, LABELS_LOST, style.SHADE))
        self.words = self.moving(ax.text(
            0, TOP / 2, "the probe interpolates:\nno finite risk", rotation=90, ha="center",
            va="center", fontsize=12.5))
        self.total = self.moving(ax.plot([], [], color=style.INK, lw=2)[0])
        self.bars = self.moving(ax.add_collection(
            LineCollection([], colors=style.INK, linewidths=1.6), autolim=False))
        self.dots = self.moving(ax.plot([], [], "o", ms=6, color=style.INK, lw=0)[0])
        self.drop = self.moving(ax.plot([], [], color=style.TASK, lw=4)[0])
        self.star = self.moving(ax.plot([], [], "*", ms=19, mfc=style.TASK, mec="white")[0])
        self.ring = self.moving(artists.ring(ax, 17))
        self.best = self.moving(artists.Labels(ax, 13))

    def _build_spectrum(self, ax):
        style.label(ax, "Above: worth its noise", "function $i$")
        ax.set(xlim=(0, SHOWN + 0.6), yscale="log", ylim=(8e-5, 2), xticks=[1, 8, 16, 24],
               yticks=[1e-4, 1e-2, 1])
        ax.tick_params(axis="y", which="minor", left=False)
        place = np.arange(1, SHOWN + 1)
        self.spectrum = self.moving(ax.plot(place, place, color=style.INPUT, marker="o", ms=4)[0])
        ax.text(place[-1], 0.72, "spectrum $\\ell_i$", color=style.INPUT, ha="right", fontsize=13)
        ax.plot(place, model.ENERGIES[:SHOWN], "o", color=style.GREY, ms=6, mfc="white", mew=1.5)
        self.worth = self.moving(ax.plot([], [], "o", color=style.TASK, ms=8)[0])
        ax.text(0.7, 3.6e-4, "target $b_i^2$", color="#007A5A", fontsize=13)
        self.threshold = self.moving(ax.plot([0, SHOWN + 0.6], [1, 1], "--", color=style.INK,
                                        lw=2)[0])
        self.name = self.moving(ax.text(SHOWN + 1.2, 1, "$\\sigma^2/m$", va="center",
                                        fontsize=13.5))
        self.chosen = self.moving(ax.axvline(0, 0.24, 0.86, color=style.CONTEXT, lw=2.5, ls=":"))

    def _build_labels(self, ax):
        style.label(ax, "How many labels?", "labels $m$", "excess risk")
        ax.set(xscale="log", yscale="log", xlim=(2.6, 2400), ylim=(0.005, 1.6))
        ax.set_xticks([10, 100, 1000], ["10", "100", "1000"])
        ax.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
        ax.tick_params(which="minor", left=False)
        self.own = self.moving(ax.plot([], [], "--", color=style.CONTEXT, lw=2)[0])
        self.least = self.moving(ax.plot([], [], color=style.TASK, lw=3.2)[0])
        ax.legend([self.least, self.own], ["best d", "your d"], loc="lower left", frameon=False,
                  handlelength=1.8, borderpad=0)
        self.here = self.moving(artists.ring(ax, 17))
        self.counts = self.moving(artists.Labels(ax, 12.5))

    def draw(self, step):
        shown = np.minimum(step.risk, 1e3)
        edges = [np.zeros(len(D)), step.missed, step.learned, shown]
        for area, low, high in zip(self.areas, edges, edges[1:]):
            area.set_verts([artists.between(D, low, high)])
        self.total.set_data(D, shown)
        self._draw_nothing(step.m - 1)
        ends = step.mean + 2 * step.error * np.array([[-1], [1]])
        self.bars.set_segments(np.stack([np.tile(D[:len(step.mean)], (2, 1)), ends], 2)
                               .transpose(1, 0, 2))
        self.dots.set_data(D[:len(step.mean)], step.mean)
        least = step.risk[step.best]
        self.drop.set_data([step.best, step.best], [0, least])
        self.star.set_data([step.best], [least])
        self.best.set([f"best: {step.best}"], [_beside(step)])
        self.ring.set_data([step.d], [min(step.risk[step.d], TOP)])
        line = model.NOISE / step.m
        self.chosen.set_xdata([step.d + 0.5, step.d + 0.5])
        self.spectrum.set_ydata(model.eigenvalues(step.rho)[:SHOWN])
        worth = np.arange(step.worth)
        self.worth.set_data(worth + 1, model.ENERGIES[worth])
        self.threshold.set_ydata([line, line])
        self.name.set_y(line)
        self.own.set_data(ALONG, np.minimum(step.own_along, 1e3))
        self.least.set_data(ALONG, step.least_along)
        self.here.set_data([step.m], [min(step.risk[step.d], 1e3)])
        self._draw_counts(step)

    def _draw_nothing(self, first):
        """The region in which the probe has no more labels than functions and constant."""
        there = np.array([first, D[-1] + 0.3])
        self.words.set_visible(first <= D[-1])
        self.words.set_x(there.mean())
        self.nothing.set_verts([artists.between(there, (0, 0), (TOP, TOP))] * bool(first <= D[-1]))

    def _draw_counts(self, step):
        """The best d below the curve of the least risk, at four numbers of labels."""
        at = [int(np.searchsorted(ALONG, m)) for m in (10, 40, 160, 640)]
        self.counts.set([f"d={step.best_along[j]}" for j in at],
                        [(ALONG[j] * 0.62, step.least_along[j] * 0.7) for j in at], "#007A5A")

    def headline(self, step):
        now = step.best
        points = "exact functions" if np.isinf(step.n) else f"{_count(step.n)} points"
        functions = f"{now} function{'s' * (now != 1)}" if now else "none"
        lost, paid = step.learned[now] - step.missed[now], step.risk[now] - step.learned[now]
        return (f"{points}, {_count(step.m)} labels: keep {functions}; more "
                f"{'points' if lost > paid else 'labels'} would help most")

    def numbers(self, step):
        k = step.best
        values = {"best": k, "least": float(step.risk[k]), "missed": float(step.missed[k]),
                  "points": float(step.learned[k] - step.missed[k]),
                  "labels": float(step.risk[k] - step.learned[k]), "worth": step.worth}
        if np.isfinite(step.risk[step.d]):
            values["risk"] = float(step.risk[step.d])
        if step.d < len(step.mean):
            values |= {"simulated": float(step.mean[step.d]), "error": float(step.error[step.d])}
        return values

    def sentence(self, step):
        values = self.numbers(step)
        said = (f"Best d = {step.best}: excess risk {values['least']:.2f} = {values['missed']:.2f} "
                f"not among the functions + {values['points']:.2f} for too few points + "
                f"{values['labels']:.2f} for too few labels. Your d = {step.d}: ")
        if "risk" not in values:
            return said + (f"with {step.m} labels the probe interpolates, and its expected risk is "
                           "infinite.")
        said += f"{values['risk']:.2f}"
        if step.d == 0 or "simulated" not in values:
            return said + "."
        return said + f", simulated {values['simulated']:.2f} ± {values['error']:.2f}."


def _beside(step):
    """Where the name of the best d has room: above everything drawn there, or beside 0."""
    if step.best == 0:
        return 3.2, 0.12
    high = step.risk[step.best]
    if step.best < len(step.mean):
        high = max(high, step.mean[step.best] + 2 * step.error[step.best])
    return np.clip(step.best, 2.6, D[-1] - 2.6), high + (0.17 if step.best == step.d else 0.13)


def _count(number):
    return "∞" if np.isinf(number) else f"{number:,}".replace(",", "\u2009")
