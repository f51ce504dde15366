"""Notebook 02's live picture: strength and d, the spectrum and its functions."""

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.cast.members import CAST, largest_cell, system_at
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, whole

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
    kept: float  # share of χ² in the first d functions


class SpectrumExplorer(Explorer):
    """The singular values and functions of a context, and the table they rebuild.

    Panels: s_i² as bars (the first ``d`` in blue, closed forms as open circles); the
    first four left functions over the natural layout of the inputs, each scaled to its
    largest value (a wave around the circle for the cycle, a curve for the Gaussian pair,
    bars otherwise); the joint table beside the table rebuilt from d functions.

    Keys of `values`: ``d`` (no more than there are modes), ``s1``, ``s2`` (0 if there is
    none), ``chi2``, ``chi2_kept`` (share, 1 when there is nothing to keep).
    """

    alt = ("Squared singular values as bars, with closed forms as circles.",
           "The first four singular functions.",
           "The joint table, and beside it the table rebuilt from the first d functions.")
    frozen = {"context": ("four letters", "cycle walk", "hypercube", "Gaussian pair"),
              "strength": (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0), "d": (1, 2, 3, 4, 5, 7)}

    def make_controls(self, context="cycle walk", strength=0.5, d=2):
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "d": whole("d, functions kept", d, 0, BARS)}

    def compute(self, context, strength, d):
        strength = CAST[context].strength(strength)
        channel, system = CAST[context].build(strength), system_at(context, strength)
        d, energy = min(d, len(system.values)), system.values**2
        kept = float(energy[:d].sum() / energy.sum()) if system.rank else 1.0
        return Step(context, strength, d, channel, system, kept)

    def build(self, figure):
        bars, functions, tables = figure.subfigs
        self._build_spectrum(style.axes(bars))
        self._build_functions(functions)
        self._build_tables(tables)

    def _build_spectrum(self, ax):
        self.spectrum = ax
        style.label(ax, "How well each is predicted", "index $i$", "squared value $s_i^2$")
        ax.set(ylim=(0, 1.06), yticks=[0, 0.5, 1])
        self.bars = self.moving(artists.Bars(ax, np.arange(1, BARS + 1), 0.76))
        self.exact = self.moving(artists.ring(ax, 9, style.INK, 1.8))
        ax.text(0.97, 0.97, "○ closed form", ha="right", va="top", transform=ax.transAxes)

    def _build_tables(self, panel):
        self.table_axes = [panel.add_axes((left, 0.26, 0.37, 0.625)) for left in (0.195, 0.61)]
        style.label(self.table_axes[0], "The table", "context value $a$")
        style.label(self.table_axes[1], "Rebuilt")
        self.table_axes[0].set_ylabel("input $x$", labelpad=1)
        self.table_axes[1].set_yticks([])
        self.tables = [self.moving(artists.Cells(ax, style.SIGNED_PROBABILITY))
                       for ax in self.table_axes]
        self.share = self.moving(artists.note(self.table_axes[1], 0.5, -0.045, "", style.INPUT,
                                              ha="center", va="top"))

    def _build_functions(self, panel):
        self.small = panel.subplots(2, 2, gridspec_kw=dict(
            left=0.06, right=0.98, bottom=0.1, top=0.9, hspace=0.3, wspace=0.1)).ravel()
        panel.text(0.06, 0.923, "The first functions of X", fontsize=13, fontweight="bold")
        self.titles = self.moving(artists.Labels(panel, 12))
        self.function_bars, self.curves, self.zeros = [], [], []
        for ax in self.small:
            style.bare(ax)
            self.zeros.append(ax.plot([], [], color=style.GREY, lw=1.2)[0])
            self.function_bars.append(self.moving(artists.Bars(ax, [0], 0.74)))
            self.curves.append(self.moving(ax.plot([], [], "-o", ms=4, lw=2.2, clip_on=False)[0]))

    def scene(self, step):
        """A new context changes ticks and layouts."""
        return step.name

    def set_scene(self, step):
        """Ticks, scales and layouts of one context."""
        member, channel = CAST[step.name], step.channel
        self.rows, self.columns = member.shown(channel.x_labels), member.shown(channel.a_labels)
        for cells in self.tables:
            cells.place(len(self.rows), len(self.columns))
        self.table_axes[0].set_xticks(*member.ticks(channel.a_labels, room=14))
        self.table_axes[0].set_yticks(*member.ticks(channel.x_labels, room=40))
        self.table_axes[0].tick_params(length=0)
        self.table_axes[1].set_xticks([])
        modes = min(len(step.system.values), BARS)
        self.spectrum.set_xlim(0.3, max(modes, 3) + 0.7)
        self.spectrum.set_xticks(np.arange(1, max(modes, 3) + 1, 1 if modes < 9 else 2))
        for i, ax in enumerate(self.small):
            ax.set_visible(i < modes)
            if member.layout == "loop":
                self.zeros[i].set_data(*artists.around(np.zeros(99)))
                ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
            else:
                ends = (-0.6, len(self.rows) - 0.4)
                self.function_bars[i].place(np.arange(len(self.rows)))
                self.zeros[i].set_data(ends, [0, 0])
                ax.set(xlim=ends, ylim=(-1.12, 1.12), aspect="auto")

    def draw(self, step):
        self.bars.set_spectrum(step.system.values**2, step.d)
        exact = step.channel.exact_values
        exact = np.array([]) if exact is None else exact[:BARS]
        self.exact.set_data(np.arange(1, len(exact) + 1), exact**2)
        count = min(FUNCTIONS, len(step.system.values))
        for i in range(count):
            self._draw_function(i, step)
        self._draw_titles(count, step)
        shown, top = np.ix_(self.rows, self.columns), largest_cell(step.name)
        rebuilt = step.system.reconstruct(step.d)[shown]
        self.tables[0].set(step.channel.joint[shown], -top, top)
        below = rebuilt < -0.01 * top  # shown, however little it is
        self.tables[1].set(np.where(below, np.minimum(rebuilt, -0.4 * top), rebuilt), -top, top)
        negative = "\n(orange: < 0)" if below.any() else ""
        self.share.set_text(f"d = {step.d} keeps\n{100 * step.kept:.0f} % of χ²{negative}"
                            if step.system.rank else "χ² = 0:\nnothing\nto keep")

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
            self.curves[i].set_data(*artists.around(f))
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

    def numbers(self, step):
        values = step.system.values
        return {"d": step.d, "s1": float(values[0]),
                "s2": float(values[1]) if len(values) > 1 else 0.0,
                "chi2": step.channel.chi2(), "chi2_kept": step.kept}

    def sentence(self, step):
        first = ", ".join(f"{s:.3f}" for s in step.system.values[:4])
        closed, exact = step.channel.exact_values, ""
        if closed is not None:
            gap = np.abs(step.system.values - closed)[:BARS].max()
            exact = ("; the closed form agrees" if gap < 1e-8 else
                     f"; the closed form is {gap:.0e} away")
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}: s = {first}{exact}. "
                f"d = {step.d} of {len(step.system.values)} functions keep "
                f"{100 * step.kept:.1f} % of χ² = {step.channel.chi2():.3f}.")
