"""Notebook 03's live picture: a task, where its energy lies, and what a linear probe misses."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

from contexture_lite.teach import style, task_list
from contexture_lite.teach.cast import CAST, ticks
from contexture_lite.teach.explorer import Explorer, choice, slider, whole
from contexture_lite.teach.headline import Headline
from contexture_lite.teach.task_hand import Hand
from contexture_lite.teach.task_numbers import MOST, RANDOM, step_at

TASK_TEXT = "#007A5A"  # the green of tasks, dark enough for letters
KEPT, CUT, PALE = "#8CC4E8", "#DADDE1", "#A9DBC9"  # light blue, light grey, light green


class TaskExplorer(Explorer):
    """Which tasks does a context make easy? Pick one, or draw it.

    Panels: the task f on the inputs (green) with the part that the first ``d`` singular
    functions catch (blue); the squared singular values (light bars) and the share of f's
    energy on each (green; the functions of a tie share one bar, since only its sum has a
    meaning; solid is caught); and the error of the best linear probe against d, beside
    50 random encoders, the raw inputs, and the worst task of the same compatibility.

    ``task`` is "coarse", "finer" or "finest" (each context has its own names for them),
    "one", "random" or "own"; for "own" a slider for each input (seven knots on the number
    line) appears below the picture, and ``update(drawn=[…])`` sets them all.

    Keys of `values`: ``d`` (no more than there are functions), ``compatibility``,
    ``error``, ``error_random`` (mean), ``error_raw``, ``error_worst``; NaN for a constant task.
    """

    alt = ("Three panels: a task as bars over the inputs, with the part that the first singular "
           "functions catch; its energy on each singular function in front of the squared "
           "singular values; the error of a linear probe against the number of functions, "
           "beside random encoders, the raw inputs and the worst task.")

    def __init__(self, context="hypercube", task="coarse", strength=0.8, d=3):
        self._start = context, task, strength, d
        self._named, self.hand = context, Hand(self._moved)
        super().__init__()
        self.widget.children += (self.hand.box,)

    def make_controls(self):
        """Context, task, strength and d."""
        context, task, strength, d = self._start
        controls = {"context": choice("Context", task_list.CONTEXTS, context, "190px"),
                    "task": choice("Task", _options(context), task, "240px"),
                    "strength": slider("Strength", strength),
                    "d": whole("d, functions", d, 0, MOST)}
        controls["strength"].layout.width = controls["d"].layout.width = "240px"  # all in one row
        return controls

    def update(self, drawn=None, **params):
        """Set controls by name and redraw; ``drawn`` sets the sliders of "own", and picks it."""
        if drawn is not None:
            params = {"task": "own"} | params
        for name, value in params.items():
            self._refuse(name, value)
        if drawn is not None:
            self._quiet = True
            try:
                self.hand.set(params.get("context", self.params["context"]), drawn)
            finally:
                self._quiet = False
        super().update(**params)

    def compute(self, context, task, strength, d):
        """The numbers of one setting."""
        if task == "own":
            return step_at(context, strength, "your own task", d, self.hand.task(context))
        title = task_list.names(context)[task_list.KINDS.index(task)]
        return step_at(context, strength, title, d, task_list.task(context, task))

    def _refresh(self):
        context, task = self.params["context"], self.params["task"]
        if context != self._named:  # the tasks are the same, their names are the context's
            quiet, self._quiet, self._named = self._quiet, True, context
            self.controls["task"].options = _options(context)
            self.controls["task"].value = task
            self._quiet = quiet
        self.hand.show(context if task == "own" else None)
        super()._refresh()

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        self.headline = Headline(figure)
        self.moving(self.headline.artist)
        self.task, self.spectrum, self.curve = (
            figure.add_axes((left, 0.17, width, 0.6))
            for left, width in ((0.035, 0.25), (0.33, 0.215), (0.65, 0.185)))
        self._build_task(self.task)
        self._build_spectrum(self.spectrum)
        self._build_curve(self.curve)

    def _build_task(self, ax):
        _titled(ax, ("The task f", TASK_TEXT), (", what d catch", style.INPUT))
        ax.set_xlabel("input $x$")
        ax.set(ylim=(-1.3, 1.3), yticks=[0])
        ax.axhline(0, color=style.INK, lw=1)
        self.bars = style.Bars(ax, [0], 0.78, style.TASK)
        self.moving(self.bars.artist)
        self.wave = self.moving(ax.plot([], [], color=style.TASK, lw=5)[0])
        self.caught = self.moving(ax.plot([], [], color=style.INPUT, mec="white", mew=1.5)[0])

    def _build_spectrum(self, ax):
        _titled(ax, ("Spectrum s²", style.INPUT), (", energy of f", TASK_TEXT))
        ax.set_xlabel("index $i$  (a tie is one bar)")
        ax.set(ylim=(0, 1.06), yticks=[0, 0.5, 1])
        self.squares = style.Bars(ax, [0], 0.94)
        self.moving(self.squares.artist)
        self.shares = PolyCollection([], closed=True, linewidths=0)
        self.levels = LineCollection([], linewidths=3.5, capstyle="butt")
        for artist in (self.shares, self.levels):
            ax.add_collection(artist, autolim=False)
            self.moving(artist)
        across = ax.get_yaxis_transform()
        self.rho = self.moving(ax.plot([0, 1.01], [0, 0], "--", color=style.INK, lw=2,
                                       transform=across, clip_on=False)[0])
        self.rho_text = self.moving(ax.text(1.025, 0, "", transform=across, va="center",
                                            fontweight="bold"))

    def _build_curve(self, ax):
        style.label(ax, "What a probe misses", "d, features used", "")
        ax.set(ylim=(-0.03, 1.06), yticks=[0, 0.5, 1])
        self.band = PolyCollection([], closed=True, linewidths=0, facecolors=CUT)
        self.choices = PolyCollection([], closed=True, linewidths=0, facecolors=PALE)
        for artist in (self.band, self.choices):
            ax.add_collection(artist, autolim=False)
            self.moving(artist)
        lines = {"random": dict(color=style.GREY, lw=3),
                 "worst": dict(color=style.INK, lw=2, ls="--"),
                 "raw": dict(color=style.ORANGE, marker="s", ms=7, lw=2),
                 "top": dict(color=style.TASK, marker="o", ms=7, lw=3)}
        self.curves = {name: self.moving(ax.plot([], [], clip_on=False, **look)[0])
                       for name, look in lines.items()}
        self.ring = self.moving(ax.plot([], [], "o", ms=16, mfc="none", mec=style.CONTEXT, mew=3.2,
                                        clip_on=False)[0])

    def scene(self, step):
        """A new context changes ticks and the legend."""
        return step.context

    def set_scene(self, step):
        """Ticks, widths and legend of one context."""
        member, labels = CAST[step.context], CAST[step.context].build(step.strength).x_labels
        self.rows, most = member.shown(labels, len(labels)), len(step.energy)
        self.task.set_xlim(-0.6, len(self.rows) - 0.4)
        self.task.set_xticks(*ticks([labels[i] for i in self.rows], room=36))
        self.bars.place(np.arange(len(self.rows)))
        on_a_line = member.layout == "curve"
        self.bars.artist.set_visible(not on_a_line)
        self.wave.set_visible(on_a_line)
        self.caught.set(marker="" if on_a_line else "o", linestyle="-" if on_a_line else "",
                        markersize=11 if len(self.rows) < 10 else 9)
        self.squares.place(np.arange(1, most + 1))
        places = np.arange(1, most + 1, 1 if most < 9 else 2)
        more = most < len(labels) - 1
        self.spectrum.set_xlim(0.4, most + 0.6 + more)
        self.spectrum.set_xticks([*places, most + 1][:len(places) + more],
                                 [*map(str, places), "rest"][:len(places) + more])
        self.curve.set_xlim(-0.3, most + 0.3)
        self.curve.set_xticks(np.arange(0, most + 1, 1 if most < 9 else 2))
        raw = task_list.raw_inputs(step.context)[0]
        named = {"top": "singular functions", "choices": "(other choices\nin a tie)",
                 "raw": f"raw inputs (PCA):\n{raw}", "random": f"{RANDOM} random\nencoders",
                 "worst": "worst task\nwith this ρ"}
        handles = self.curves | {"choices": self.choices}
        self.curve.legend([handles[name] for name in named], named.values(), frameon=False,
                          loc="upper left", bbox_to_anchor=(1.04, 1.04), fontsize=11.5,
                          handlelength=1.6, labelspacing=0.7, borderpad=0)

    def draw(self, step):
        """Move everything to this setting."""
        self.headline.set(_headline(step))
        scale = max(np.abs(step.f[self.rows]).max(), 1e-12)
        f, caught = step.f[self.rows] / scale, step.caught[self.rows] / scale
        places = np.arange(len(f))
        self.bars.set(f)
        self.wave.set_data(places, f)
        self.caught.set_data(places, caught)
        self._draw_spectrum(step)
        self._draw_curve(step)

    def _draw_spectrum(self, step):
        most, squared = len(step.energy), np.zeros(len(step.energy))
        squared[:] = step.system.values[:most] ** 2
        kept = np.arange(most) < step.d
        self.squares.set(squared, np.where(kept, KEPT, CUT))
        self.levels.set_segments([[(i + 0.55, height), (i + 1.45, height)]
                                  for i, height in enumerate(squared)])
        self.levels.set_color(np.where(kept, style.INPUT, "#80868B"))
        boxes, colors = [], []
        for first, end, share, caught in step.shares:
            for low, high, color in ((0, caught, style.TASK), (caught, share, PALE)):
                boxes.append([(first + 0.78, low), (first + 0.78, high),
                              (end + 0.22, high), (end + 0.22, low)])
                colors.append(color)
        self.shares.set_verts(boxes)
        self.shares.set_facecolors(colors)
        rho2 = step.compatibility**2
        self.rho.set_ydata([rho2, rho2])
        self.rho_text.set_position((1.025, rho2))
        self.rho_text.set_text("" if np.isnan(rho2) else f"ρ² = {rho2:.2f}")

    def _draw_curve(self, step):
        d = np.arange(len(step.errors))
        low, high = step.random.min(axis=0), step.random.max(axis=0)
        self.band.set_verts([np.column_stack([[*d, *d[::-1]], [*low, *high[::-1]]])])
        self.choices.set_verts(_choices_in_ties(step))
        for name, errors in (("top", step.errors), ("raw", step.raw), ("worst", step.worst),
                             ("random", step.random.mean(axis=0))):
            self.curves[name].set_data(d, errors)
        self.ring.set_data([step.d], [step.errors[step.d]])

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        return {"d": step.d, "compatibility": step.compatibility,
                "error": float(step.errors[step.d]),
                "error_random": float(step.random[:, step.d].mean()),
                "error_raw": float(step.raw[step.d]),
                "error_worst": float(step.worst[step.d])}

    def sentence(self, step):
        """One line of words."""
        start = f"{_capital(step.task)}, {step.context}"
        if np.isnan(step.compatibility):
            return f"{start}: constant, so there is nothing to predict. Make two inputs differ."
        error, random, raw, worst = (100 * share for share in (
            step.errors[step.d], step.random[:, step.d].mean(), step.raw[step.d],
            step.worst[step.d]))
        return (f"{start}: ρ = {step.compatibility:.3f}. With d = {step.d} a probe misses "
                f"{error:.0f} % of f (random encoders {random:.0f} %, raw inputs {raw:.0f} %, "
                f"worst f of this ρ {worst:.0f} %). {_reach(step)}")


def _options(context):
    return list(zip(task_list.names(context), task_list.KINDS))


def _capital(text):
    return text[0].upper() + text[1:]


def _titled(ax, *parts):
    """A title whose parts have the colours of what they name, and so are the legend."""
    words = [TextArea(text, textprops=dict(color=color, fontsize=13, fontweight="bold"))
             for text, color in parts]
    line = HPacker(children=words, align="baseline", pad=0, sep=0)
    ax.add_artist(AnchoredOffsetbox("lower left", child=line, frameon=False, pad=0, borderpad=0,
                                    bbox_to_anchor=(0, 1.03), bbox_transform=ax.transAxes))


def _headline(step):
    if np.isnan(step.compatibility):
        return "A constant task: there is nothing to predict"
    caught = 100 * (1 - step.errors[step.d])
    there = min(step.d, step.system.rank)
    functions = "the first function catches" if there == 1 else f"{there} functions catch"
    if step.system.rank == 0:
        return "Independent: the context says nothing about any task"
    return (f"{_capital(step.task)}: ρ = {step.compatibility:.2f};  "
            f"{functions} {caught:.0f} %")


def _reach(step):
    """How many functions the task needs, and whether d cuts a tie."""
    cut = next(((first, end) for first, end in step.ties if first < step.d < end), None)
    said = f"d cuts the tie {cut[0] + 1}–{cut[1]}. " if cut else ""
    enough = np.flatnonzero(step.errors < 0.01)
    if enough.size:
        return said + f"d = {enough[0]} catches 99 %."
    where = "lies where s = 0" if len(step.f) - 1 == len(step.energy) else "is beyond them all"
    return said + f"{100 * step.errors[-1]:.0f} % of f {where}."


def _choices_in_ties(step):
    """Where the error may lie, inside each tie, over the choices of its basis: polygons."""
    polygons = []
    for first, end in step.ties:
        before, after = step.errors[first], step.errors[end]
        if end - first > 1:
            polygons.append([(first, before), (end - 1, before), (end, after), (first + 1, after)])
    return polygons
