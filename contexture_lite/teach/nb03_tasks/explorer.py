"""Notebook 03's live picture: a task, where its energy lies, and what a linear probe misses."""

import numpy as np
from matplotlib.collections import LineCollection

from contexture_lite.teach.cast import tasks
from contexture_lite.teach.cast.members import CAST
from contexture_lite.teach.nb03_tasks.compute import MOST, RANDOM, step_at
from contexture_lite.teach.nb03_tasks.hand_drawn import Hand
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, whole

TASK_TEXT = "#007A5A"  # the green of tasks, dark enough for letters
KEPT, CUT, PALE = "#8CC4E8", "#DADDE1", "#A9DBC9"  # light blue, light grey, light green


class TaskExplorer(Explorer):
    """Which tasks does a context make easy? Pick one, or draw it.

    Panels: the task f on the inputs (green) with the part that the first ``d`` singular
    functions catch (blue); the squared singular values (light bars) and the share of f's
    energy on each (green; the functions of a repeated value share one bar, since only their
    sum has a meaning; solid is caught); and the error of the best linear probe against d, beside
    the worst task of the same compatibility and, with ``rivals``, 50 random encoders, the raw
    inputs, and other bases of a repeated value.

    ``task`` is "coarse", "finer" or "finest" (each context has its own names for them),
    "one", "random" or "own"; for "own" a slider for each input (seven knots on the number
    line) appears below the picture, and ``update(drawn=[…])`` sets them all.

    Keys of `values`: ``d`` (no more than there are functions), ``compatibility``,
    ``error``, ``error_random`` (mean), ``error_raw``, ``error_worst``; NaN for a constant task.
    """

    alt = ("A task as bars over the inputs, with the part that the first singular functions catch.",
           "Its energy on each singular function, in front of the squared singular values.",
           "The error of a linear probe against the number of functions, beside the worst task and "
           "other encoders.")
    height = 3.3
    frozen = {"context": ("hypercube", "Gaussian pair"), "task": ("coarse", "finer", "finest"),
              "strength": (0.2, 0.5, 0.8), "d": (0, 1, 2, 3, 4, 5, 7, 12)}

    def __init__(self, context="hypercube", task="coarse", strength=0.8, d=3,
                 rivals=False):
        self._named, self.hand, self.rivals = context, Hand(self._moved), rivals
        super().__init__(context, task, strength, d)
        self.widget.children += (self.hand.box,)

    def make_controls(self, context, task, strength, d):
        return {"context": choice("Context", tasks.CONTEXTS, context, "190px"),  # all in one row
                "task": choice("Task", _options(context), task, "240px"),
                "strength": slider("Strength", strength, width="240px"),
                "d": whole("d, functions", d, 0, MOST, "240px")}

    def update(self, drawn=None, **params):
        """Set controls by name and redraw; ``drawn`` sets the sliders of "own", and picks it."""
        if drawn is not None:
            params = {"task": "own"} | params
        for name, value in params.items():
            self._refuse(name, value)
        if drawn is not None:
            with self.quiet():
                self.hand.set(params.get("context", self.params["context"]), drawn)
        super().update(**params)

    def compute(self, context, task, strength, d):
        if task == "own":
            return step_at(context, strength, "your own task", d, self.hand.task(context))
        title = tasks.names(context)[tasks.KINDS.index(task)]
        return step_at(context, strength, title, d, tasks.task(context, task))

    def _refresh(self):
        context, task = self.params["context"], self.params["task"]
        if context != self._named:  # the tasks are the same, their names are the context's
            self._named = context
            self.rename("task", _options(context))
        self.hand.show(context if task == "own" else None)
        super()._refresh()

    def build(self, figure):
        task, spectrum, curve = figure.subfigs
        self.task = style.axes(task, left=0.08)
        self.spectrum = style.axes(spectrum, left=0.13, right=0.84)
        self.curve = style.axes(curve, left=0.13, top=0.66 if self.rivals else 0.77)
        self._build_task(self.task)
        self._build_spectrum(self.spectrum)
        self._build_curve(self.curve)

    def _build_task(self, ax):
        artists.title(ax, ("Task f", TASK_TEXT), (", by d functions", style.INPUT))
        ax.set_xlabel("input $x$")
        ax.set(ylim=(-1.5, 1.5), yticks=[0])
        ax.axhline(0, color=style.INK, lw=1)
        self.bars = self.moving(artists.Bars(ax, [0], 0.78, style.TASK))
        self.wave = self.moving(ax.plot([], [], color=style.TASK, lw=5)[0])
        self.caught = self.moving(ax.plot([], [], color=style.INPUT, mec="white", mew=1.5)[0])

    def _build_spectrum(self, ax):
        artists.title(ax, ("Spectrum s²", style.INPUT), (", energy of f", TASK_TEXT))
        ax.set_xlabel("index $i$ (energy: one bar for equal $s_i$)")
        ax.set(ylim=(0, 1.06), yticks=[0, 0.5, 1])
        self.squares = self.moving(artists.Bars(ax, [0], 0.94))
        self.shares = self.moving(artists.polygons(ax))
        self.levels = self.moving(ax.add_collection(
            LineCollection([], linewidths=3.5, capstyle="butt"), autolim=False))
        across = ax.get_yaxis_transform()
        self.rho = self.moving(ax.plot([0, 1.01], [0, 0], "--", color=style.INK, lw=2,
                                       transform=across, clip_on=False)[0])
        self.rho_text = self.moving(ax.text(1.025, 0, "", transform=across, va="center",
                                            fontweight="bold"))

    def _build_curve(self, ax):
        style.label(ax, x="d, features used")
        ax.set_title("What a probe misses", pad=62 if self.rivals else 28)
        ax.set(ylim=(-0.03, 1.06), yticks=[0, 0.5, 1])
        self.band, self.choices = (self.moving(artists.polygons(ax, facecolors=color))
                                   for color in (CUT, PALE))
        lines = {"random": dict(color=style.GREY, lw=3),
                 "worst": dict(color=style.INK, lw=2, ls="--"),
                 "raw": dict(color=style.ORANGE, marker="s", ms=7, lw=2),
                 "top": dict(color=style.TASK, marker="o", ms=7, lw=3)}
        self.curves = {name: self.moving(ax.plot([], [], clip_on=False, **look)[0])
                       for name, look in lines.items()}
        for rival in (self.band, self.choices, self.curves["raw"], self.curves["random"]):
            rival.set_visible(self.rivals)
        self.ring = self.moving(artists.ring(ax))

    def scene(self, step):
        """A new context changes ticks and the legend."""
        return step.context

    def set_scene(self, step):
        """Ticks, widths and legend of one context."""
        member, labels = CAST[step.context], CAST[step.context].build(step.strength).x_labels
        self.rows, most = member.shown(labels), len(step.energy)
        self.task.set_xlim(-0.6, len(self.rows) - 0.4)
        self.task.set_xticks(*member.ticks(labels, room=36))
        self.bars.place(np.arange(len(self.rows)))
        on_a_line = member.layout == "curve"
        self.bars.artist.set_visible(not on_a_line)
        self.wave.set_visible(on_a_line)
        self.caught.set(marker="" if on_a_line else "o", linestyle="-" if on_a_line else "",
                        markersize=11 if len(self.rows) < 10 else 9)
        self.squares.place(np.arange(1, most + 1))
        every, more = 1 if most < 9 else 2, most < len(labels) - 1
        places = [*range(1, most + 1, every), most + 1][:None if more else -1]
        self.spectrum.set_xlim(0.4, most + 0.6 + more)
        self.spectrum.set_xticks(places, ["rest" if i > most else str(i) for i in places])
        self.curve.set_xlim(-0.3, most + 0.3)
        self.curve.set_xticks(np.arange(0, most + 1, every))
        names = {"top": "singular functions", "raw": "raw inputs (PCA)", "choices": "other bases",
                 "worst": "worst f", "random": f"{RANDOM} random"}
        shown = {self.curves.get(name, self.choices): said for name, said in names.items()
                 if self.rivals or name in ("top", "worst")}
        self.curve.legend(shown, shown.values(), frameon=False, loc="lower left", ncols=2,
                          bbox_to_anchor=(-0.15, 1), handlelength=1.5, handletextpad=0.5,
                          columnspacing=1, labelspacing=0.3, borderpad=0)

    def draw(self, step):
        scale = max(np.abs(step.f[self.rows]).max(), 1e-12)
        f, places = step.f[self.rows] / scale, np.arange(len(self.rows))
        self.bars.set(f)
        self.wave.set_data(places, f)
        self.caught.set_data(places, step.caught[self.rows] / scale)
        self._draw_spectrum(step)
        self._draw_curve(step)

    def _draw_spectrum(self, step):
        squared = step.system.values[:len(step.energy)] ** 2
        kept = np.arange(len(squared)) < step.d
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
        self.rho_text.set_text("" if np.isnan(rho2) else f"ρ² =\n{rho2:.2f}")

    def _draw_curve(self, step):
        d = np.arange(len(step.errors))
        self.band.set_verts([artists.between(d, step.random.min(axis=0), step.random.max(axis=0))])
        self.choices.set_verts(step.other_bases)
        for name, errors in zip(self.curves, (step.random.mean(axis=0), step.worst, step.raw,
                                              step.errors)):
            self.curves[name].set_data(d, errors)
        self.ring.set_data([step.d], [step.errors[step.d]])

    def headline(self, step):
        if np.isnan(step.compatibility):
            return "A constant task: there is nothing to predict"
        if step.system.rank == 0:
            return "Independent: the context says nothing about any task"
        there = min(step.d, step.system.rank)
        functions = "the first function catches" if there == 1 else f"{there} functions catch"
        return (f"{_capital(step.task)}: ρ = {step.compatibility:.2f};  "
                f"{functions} {100 * (1 - step.errors[step.d]):.0f} %")

    def numbers(self, step):
        return {"d": step.d, "compatibility": step.compatibility,
                "error": float(step.errors[step.d]),
                "error_random": float(step.random[:, step.d].mean()),
                "error_raw": float(step.raw[step.d]),
                "error_worst": float(step.worst[step.d])}

    def sentence(self, step):
        start = f"{_capital(step.task)}, {step.context}"
        if np.isnan(step.compatibility):
            return f"{start}: constant, so there is nothing to predict. Make two inputs differ."
        _, _, error, random, raw, worst = (100 * value for value in self.numbers(step).values())
        rivals = f"random encoders {random:.0f} %, raw inputs {raw:.0f} %, " if self.rivals else ""
        return (f"{start}: ρ = {step.compatibility:.3f}. With d = {step.d} a probe misses "
                f"{error:.0f} % of f ({rivals}worst f of this ρ {worst:.0f} %). {_reach(step)}")


def _options(context):
    return list(zip(tasks.names(context), tasks.KINDS))


def _capital(text):
    return text[0].upper() + text[1:]


def _s(i):
    return "s" + "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(i))


def _reach(step):
    """How many functions the task needs, and whether d cuts a repeated value."""
    said = "".join(f"d cuts {_s(first + 1)} = {_s(end)}, a repeated value. "
                   for first, end in step.repeated if first < step.d < end)
    enough = np.flatnonzero(step.errors < 0.01)
    if enough.size:
        return said + f"99 % is reached at d = {enough[0]}."
    where = "lies where s = 0" if len(step.f) - 1 == len(step.energy) else "is beyond them all"
    return said + f"{100 * step.errors[-1]:.0f} % of f {where}."
