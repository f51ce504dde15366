"""Notebook 02's live picture: strength and d, the spectrum and its functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl
from contexture_lite.teach import style
from contexture_lite.teach.cast import CAST, largest_cell, system_at, ticks
from contexture_lite.teach.explorer import Explorer, choice, slider, whole

BARS = 12
FUNCTIONS = 4
FADED = "#B8BCC1"


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    name: str
    strength: float
    d: int  # at most the number of modes
    channel: cl.Context
    system: cl.SingularSystem
    rebuilt: np.ndarray  # (N, M) the table from the first d functions
    chi2: float
    kept: float  # share of χ² in the first d functions

    @property
    def largest_gap(self):
        """Largest distance of a drawn value from its closed form; 0 without one."""
        exact = self.channel.exact_values
        return 0.0 if exact is None else float(np.abs(self.system.values - exact)[:BARS].max())


def rebuilt_table(system, d):
    """p(x) q(a) (1 + Σ_{i≤d} s_i μ_i(x) ν_i(a)), an (N, M) array."""
    modes = (system.left[:, :d] * system.values[:d]) @ system.right[:, :d].T
    return np.multiply.outer(system.p_x, system.p_a) * (1 + modes)


class SpectrumExplorer(Explorer):
    """The singular values and functions of a context, and the table they rebuild.

    Panels: s_i² as bars (the first ``d`` in blue, closed forms as open circles); the
    first four left functions over the natural layout of the inputs, each scaled to its
    largest value (a wave around the circle for the cycle, a curve for the Gaussian pair,
    bars otherwise); the joint table; and the table rebuilt from d functions.

    Keys of `values`: ``d`` (no more than there are modes), ``s1``, ``s2`` (0 if there is
    none), ``chi2``, ``chi2_kept`` (share, 1 when there is nothing to keep).
    """

    alt = ("Four panels: squared singular values as bars with closed forms as circles; the first "
           "four singular functions; the joint table; the table rebuilt from d functions.")

    def __init__(self, context="cycle walk", strength=0.5, d=2):
        self._start = context, strength, d
        super().__init__()

    def make_controls(self):
        """Context, strength and d."""
        context, strength, d = self._start
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "d": whole("d, functions kept", d, 0, BARS)}

    def compute(self, context, strength, d):
        """The numbers of one setting."""
        strength = CAST[context].strength(strength)
        channel, system = CAST[context].build(strength), system_at(context, strength)
        d, energy = min(d, len(system.values)), system.values**2
        kept = float(energy[:d].sum() / energy.sum()) if system.rank else 1.0
        return Step(context, strength, d, channel, system, rebuilt_table(system, d),
                    channel.chi2(), kept)

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        outer = figure.add_gridspec(1, 4, width_ratios=[1, 1.3, 1, 1], left=0.05, right=0.985,
                                    bottom=0.18, top=0.88, wspace=0.28)
        spectrum, table, rebuilt = (figure.add_subplot(outer[i]) for i in (0, 2, 3))
        inner = outer[1].subgridspec(2, 2, hspace=0.42, wspace=0.1)
        self.small = [figure.add_subplot(inner[i]) for i in range(FUNCTIONS)]
        self._build_spectrum(spectrum)
        self._build_functions(figure)
        style.label(table, "The table itself", "context value $a$", "input $x$")
        style.label(rebuilt, "Rebuilt from d functions", " ", "")
        rebuilt.set_yticks([])
        self.tables = [style.Cells(ax, style.SIGNED_PROBABILITY) for ax in (table, rebuilt)]
        for cells in self.tables:
            self.moving(cells.artist)
        self.share = self.moving(rebuilt.text(
            0.5, -0.045, "", transform=rebuilt.transAxes, ha="center", va="top", fontweight="bold",
            color=style.INPUT))
        self.table_axes = (table, rebuilt)

    def _build_spectrum(self, ax):
        self.spectrum = ax
        style.label(ax, "How well each is predicted", "index $i$", "squared singular value $s_i^2$")
        ax.set(ylim=(0, 1.06), yticks=[0, 0.5, 1])
        ax.tick_params(axis="x", pad=7)
        self.bars = style.Bars(ax, np.arange(1, BARS + 1), 0.76)
        self.moving(self.bars.artist)
        self.exact = self.moving(ax.plot([], [], "o", ms=9, mfc="none", mec=style.INK, mew=1.8,
                                         clip_on=False)[0])
        ax.text(0.97, 0.97, "○ closed form", ha="right", va="top", transform=ax.transAxes)

    def _build_functions(self, figure):
        box = self.small[0].get_position()
        figure.text(box.x0, 0.906, "The first functions of X", fontsize=13, fontweight="bold")
        self.titles = style.Labels(figure, 11.5)
        self.moving(self.titles.artist)
        self.function_bars, self.curves, self.zeros = [], [], []
        for ax in self.small:
            style.bare(ax)
            self.zeros.append(ax.plot([], [], color=style.GREY, lw=1.2)[0])
            self.function_bars.append(style.Bars(ax, [0], 0.74))
            self.moving(self.function_bars[-1].artist)
            self.curves.append(self.moving(ax.plot([], [], "-o", ms=4, lw=2.2, clip_on=False)[0]))

    def scene(self, step):
        """A new context changes ticks and layouts."""
        return step.name

    def set_scene(self, step):
        """Ticks, scales and layouts of one context."""
        member, channel = CAST[step.name], step.channel
        self.rows = member.shown(channel.x_labels, channel.shape[0])
        self.columns = member.shown(channel.a_labels, channel.shape[1])
        rows, columns = len(self.rows), len(self.columns)
        for cells in self.tables:
            cells.place(rows, columns)
        self.table_axes[0].set_xticks(*ticks([channel.a_labels[j] for j in self.columns]))
        self.table_axes[0].set_yticks(*ticks([channel.x_labels[i] for i in self.rows], room=40))
        self.table_axes[0].tick_params(length=0)
        self.table_axes[1].set_xticks([])
        modes = min(len(step.system.values), BARS)
        self.spectrum.set_xlim(0.3, max(modes, 3) + 0.7)
        self.spectrum.set_xticks(np.arange(1, max(modes, 3) + 1, 1 if modes < 9 else 2))
        for i, ax in enumerate(self.small):
            ax.set_visible(i < modes)
            self._lay_out(ax, self.function_bars[i], self.zeros[i], member.layout, rows)

    def _lay_out(self, ax, bars, zero, layout, count):
        if layout == "loop":
            turn = np.linspace(0, 2 * np.pi, 100)
            zero.set_data(np.sin(turn), np.cos(turn))
            ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
            return
        bars.place(np.arange(count))
        zero.set_data([-0.6, count - 0.4], [0, 0])
        ax.set(xlim=(-0.6, count - 0.4), ylim=(-1.12, 1.12), aspect="auto")

    def draw(self, step):
        """Move everything to this setting."""
        values, place = step.system.values, np.arange(1, BARS + 1)
        heights = np.zeros(BARS)
        heights[:len(values)] = values[:BARS] ** 2
        self.bars.set(heights, [style.INPUT if i <= step.d else style.GREY for i in place])
        exact = step.channel.exact_values
        exact = np.array([]) if exact is None else exact[:BARS]
        self.exact.set_data(place[:len(exact)], exact**2)
        count = min(FUNCTIONS, len(values))
        for i in range(count):
            self._draw_function(i, step)
        self._draw_titles(count, step)
        shown, top = np.ix_(self.rows, self.columns), largest_cell(step.name)
        self.tables[0].set(step.channel.joint[shown], -top, top)
        self.tables[1].set(step.rebuilt[shown], -top, top)
        negative = "\n(orange: below 0)" if step.rebuilt[shown].min() < -0.01 * top else ""
        self.share.set_text(f"d = {step.d} keeps {100 * step.kept:.0f} % of χ²{negative}"
                            if step.system.rank else "χ² = 0: nothing to keep")

    def _draw_function(self, i, step):
        layout = CAST[step.name].layout
        color = style.INPUT if i < step.d else FADED
        f = step.system.left[self.rows, i]
        f = f / max(np.abs(f).max(), 1e-12)
        there = i < step.system.rank
        self.curves[i].set_visible(there and layout != "bars")
        self.function_bars[i].artist.set_visible(there and layout == "bars")
        if layout == "bars":
            self.function_bars[i].set(f, color)
        elif layout == "curve":
            self.curves[i].set_data(np.arange(len(f)), f)
        else:
            turn, radius = 2 * np.pi * np.arange(len(f) + 1) / len(f), 1 + 0.42 * np.append(f, f[0])
            self.curves[i].set_data(radius * np.sin(turn), radius * np.cos(turn))
        self.curves[i].set_color(color)

    def _draw_titles(self, count, step):
        """"μ₁, s₁ =" and the number under each function: few texts, so that they are kept."""
        texts, places, colors = [], [], []
        for i in range(count):
            box, letter = self.small[i].get_position(original=True), "₁₂₃₄"[i]
            there = i < step.system.rank
            texts += [f"μ{letter},  s{letter} =" if there else f"no μ{letter},  s{letter} =",
                      f"{step.system.values[i]:.2f}" if there else "0"]
            places += [(box.x0 + along * box.width, box.y0 - 0.035) for along in (0.4, 0.82)]
            colors += 2 * [style.INPUT if there and i < step.d else "#6B7075"]
        self.titles.set(texts, places, colors)

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        values = step.system.values
        return {"d": step.d, "s1": float(values[0]),
                "s2": float(values[1]) if len(values) > 1 else 0.0,
                "chi2": step.chi2, "chi2_kept": step.kept}

    def sentence(self, step):
        """One line of words."""
        first = ", ".join(f"{s:.3f}" for s in step.system.values[:4])
        gap = step.largest_gap
        exact = "" if step.channel.exact_values is None else (
            "; the closed form agrees" if gap < 1e-8 else f"; the closed form is {gap:.0e} away")
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}: s = {first}{exact}. "
                f"d = {step.d} of {len(step.system.values)} functions keep "
                f"{100 * step.kept:.1f} % of χ² = {step.chi2:.3f}.")
