"""Notebook 04's live picture: objectives of five families race to the same functions.

The training runs in the event loop of the kernel, in slices of some 30 ms with a pause
after each, so that sliders and buttons are answered in between. There is no thread: what
is not in its slice does not run. JupyterLab may hand over a moved slider or a pressed
button in a thread of its own (a "subshell"); it is then done in the loop's thread.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import ipywidgets as widgets
import numpy as np

import contexture_lite as cl
from contexture_lite.learn import objectives as learned
from contexture_lite.learn import train
from contexture_lite.teach import style
from contexture_lite.teach.cast import CAST, system_at, ticks
from contexture_lite.teach.explorer import Explorer, choice, slider, whole

FIVE = ("class-balanced supervised", "spectral contrastive", "whitened non-contrastive",
        "balanced denoising", "graph smoothness")
STEPS, EVERY, RATE = 200, 5, 0.4
SLICE, PAUSE = 0.03, 0.02  # seconds of training, and of listening to the reader
MOST = 6  # racers that can be told apart
SHOWN = 3  # functions
EXTRA = 1  # exact values shown beyond d
COLORS = (style.TASK, style.ORANGE, style.SKY, style.PINK, style.INK, "#8C564B")
MARKERS = "osD^vP"
LINES = ("-", (0, (6, 1.5)), (0, (3, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (1.2, 1)), "-")
EXACT = "#A9D3EC"  # light blue: the exact answer behind the learned ones


@dataclass
class Racer:
    """One objective in training: its alignment at every record, and what it has found."""

    name: str
    problem: object
    training: object
    steps: list = field(default_factory=list)
    alignments: list = field(default_factory=list)
    found: object = None  # the Ritz values and functions at the last record

    @property
    def step(self):
        """Steps made."""
        return self.steps[-1]


@dataclass
class Race:
    """The exact answer at one setting, and who is on the way to it."""

    name: str
    strength: float
    d: int  # at most the number of functions there are
    channel: cl.Context
    system: cl.SingularSystem
    racers: list

    @property
    def step(self):
        """Steps that everybody has made."""
        return min((racer.step for racer in self.racers), default=STEPS)

    @property
    def finished(self):
        """Whether everybody has arrived; True if there is nothing to learn."""
        return all(racer.training.finished for racer in self.racers)

    def advance(self, seconds=np.inf):
        """Train for about this long, always the one that is furthest behind."""
        end = time.perf_counter() + seconds
        while not self.finished and time.perf_counter() < end:
            self.record(min(self.racers, key=lambda racer: racer.step))

    def record(self, racer):
        """Train one of them up to its next record."""
        racer.steps.append(next(racer.training).step)
        racer.found = cl.ritz(self.channel, racer.problem.features())
        exact = completed(self.system, self.d)
        racer.alignments.append(aligned(racer.found.functions, exact, self.channel.p_x, self.d))


def completed(system, d):
    """μ_1 … μ_d, and the rest of a tie that d cuts through: an (N, ≥ d) array."""
    groups = [group for group in system.groups() if group[0] < d]
    return system.left[:, :min(groups[-1][-1] + 1, system.rank)]


def aligned(functions, exact, p, d):
    """Mean squared canonical correlation (1/d) Σ_{i≤d} ρ_i² with the exact functions.

    Both arguments hold orthonormal functions in their columns, so Σ ρ_i² is the sum of all
    squared inner products. 1 exactly if d functions were found and all lie in the exact
    span; a direction that was lost counts as 0.
    """
    return min(1.0, float(np.sum((functions.T @ (p[:, None] * exact)) ** 2) / d))


def dual(context):
    """The walk x → a → x′: the symmetric context P D_q⁻¹ Pᵀ, with eigenvalues s_i²."""
    half = context.joint / np.sqrt(context.p_a)
    return cl.Context(half @ half.T)


def turned(functions, system):
    """Learned functions (N, k) with signs, and rotations inside ties, nearest to μ_1 … μ_k."""
    functions = functions.copy()
    k = functions.shape[1]
    for group in system.groups():
        group = group[group < k]
        if group.size:
            overlap = (functions[:, group] * system.p_x[:, None]).T @ system.left[:, group]
            U, _, Vt = np.linalg.svd(overlap)
            functions[:, group] = functions[:, group] @ U @ Vt
    return functions


class TrainingRace(Explorer):
    """Objectives of different families, trained at once on one context.

    Panels: the alignment of each with the exact functions μ_1 … μ_d against the steps of
    its training; what each has found, the Ritz values λ_i of its features, beside the exact
    s_i²; and its first functions, all drawn over each other, with the exact ones as circles.
    The encoders are tables of free values that start at random. "graph smoothness" is
    trained on the walk x → a → x′, which is a graph on the inputs whatever the context.

    It is shown after a whole race. A hand on a control, or the button *Race* (which takes
    new random starts), begins another that can be stopped and taken up again; Python's
    `update` and `run` return when it is over.

    Keys of `values`: ``step``, the alignment under each objective's name, ``largest_gap``
    (of |λ_i − s_i²|, over all objectives and i ≤ d).
    """

    alt = ("Three panels: alignment with the exact functions against training steps, one curve "
           "for each objective; learned Ritz values on exact squared singular values as bars; "
           "the learned functions over each other, exact ones as circles.")

    def __init__(self, context="cycle walk", strength=0.5, d=4, objectives=FIVE, seed=0):
        self._start, self._seed, self._task = (context, strength, d, tuple(objectives)), seed, None
        self.result = self.error = None
        self._home = _running_loop()
        self._buttons()
        super().__init__()
        controls, picture, line = self.widget.children
        self.widget.children = (controls, self.bar, picture, line)
        self.widget.remove_class("contexture-explorer").add_class("contexture-race")
        self.run()

    def make_controls(self):
        """Context, strength, d and the objectives."""
        context, strength, d, objectives = self._start
        names = sorted({row.name for row in learned.table()}, key=_five_first)
        several = widgets.SelectMultiple(
            options=names, value=objectives, rows=5, description="Objectives (Ctrl: several)",
            style={"description_width": "initial"}, layout={"width": "430px", "height": "100px"})
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "d": whole("d, functions wanted", d, 1, 6), "objectives": several}

    def _buttons(self):
        """Race, Stop or Go on, and the progress bar."""
        self.race = widgets.Button(description="Race", icon="flag-checkered",
                                   tooltip="Start again from new random starts")
        self.toggle = widgets.Button(icon="pause", layout={"width": "110px"})
        self.progress = widgets.IntProgress(
            min=0, max=STEPS, style={"description_width": "initial", "bar_color": style.TASK},
            layout={"width": "480px"})
        self.race.on_click(lambda _: self._at_home(self._again))
        self.toggle.on_click(lambda _: self._at_home(self._pressed))
        self.bar = widgets.HBox([self.race, self.toggle, self.progress])

    # ---- numbers

    def compute(self, context, strength, d, objectives):
        """The exact answer, and everybody at their random starts."""
        _refuse_count(objectives)
        strength = CAST[context].strength(strength)
        channel, system = CAST[context].build(strength), system_at(context, strength)
        d = min(d, system.rank)
        race = Race(context, strength, d, channel, system, [])
        names = [row.name for row in learned.table()]
        for name in objectives if d else ():
            on = dual(channel) if name == "graph smoothness" else channel
            own = len(names) * self._seed + names.index(name)  # a random start of its own
            problem = learned.find(name).on(on, d, seed=own)
            training = train(problem.loss, problem, steps=STEPS, learning_rate=RATE, every=EVERY)
            race.racers.append(Racer(name, problem, training))
            race.record(race.racers[-1])
        return race

    # ---- the race

    @property
    def running(self):
        """Whether a race is under way in the background."""
        return self._task is not None

    def run(self):
        """Run the race to its end, without a pause."""
        self._halt()
        with self._errors_shown():
            self.result.advance()
            self._show(self.result)

    def update(self, **params):
        """Set controls by name and run the race to its end; errors are raised here."""
        self._halt()
        super().update(**params)
        self.run()

    def close(self):
        """Stop, and take the widgets away."""
        self._halt()
        self.widget.close()

    def _refuse(self, name, value):
        if name != "objectives":
            return super()._refuse(name, value)
        allowed = self.controls[name].options
        for one in [value] if isinstance(value, str) else value:
            if one not in allowed:
                raise ValueError(f"objectives has {one!r}; it may have {', '.join(allowed)}")
        _refuse_count(value)

    def _moved(self, change):
        if not self._quiet:
            self._at_home(self._restart)

    def _at_home(self, act):
        """Do it in the thread of the loop in which this was made."""
        home = self._home
        if home is None or home.is_closed() or home is _running_loop():
            act()
        else:
            home.call_soon_threadsafe(act)

    def _again(self):
        self._seed += 1
        self._restart()

    def _restart(self):
        self._halt()
        try:
            self._refresh()
        finally:
            self._status()
        self._begin()

    def _begin(self):
        """Race in the background, if there is an event loop and somebody left to arrive."""
        if self.error is not None or self.result.finished:
            return
        loop = _running_loop()
        if loop is None:  # plain Python: `run` does it
            return
        self._task = loop.create_task(self._go(), name=type(self).__name__)
        self._status()

    def _halt(self):
        """Stop; what there is stays, to be taken up again. Returns whether there was a race."""
        if self._task is None:
            return False
        self._task.cancel()
        self._task = None
        return True

    def _pressed(self):
        """Stop, or go on."""
        if self._halt():
            self._show(self.result)
        else:
            self._begin()

    async def _go(self):
        """Slices of training with a picture after each; the words change at the end."""
        try:
            with self._errors_shown():
                while not self.result.finished:
                    self.result.advance(SLICE)
                    self.image.value = self._rendered(self.result)
                    self._status()
                    await asyncio.sleep(PAUSE)
                self._task = None
                self._show(self.result)
        except Exception:
            self._task = None
            self._status()
            raise

    def _show(self, result):
        super()._show(result)
        self._status()

    def _status(self):
        """Bar and buttons."""
        race = self.result
        step, over = (0, True) if race is None else (race.step, race.finished)
        self.progress.value = step
        self.progress.description = f"Step {step} of {STEPS}, random start {self._seed}"
        self.toggle.description = "Stop" if self.running else "Go on"
        self.toggle.icon = "pause" if self.running else "play"
        self.toggle.disabled = over or self.error is not None

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        self.curves_axes = figure.add_axes([0.04, 0.16, 0.265, 0.71])
        self.board = figure.add_axes([0.322, 0.16, 0.175, 0.71])
        self.values_axes = figure.add_axes([0.558, 0.16, 0.175, 0.71])
        self.small = [figure.add_axes([0.775, 0.87 - (i + 1) * 0.71 / SHOWN + 0.015, 0.21,
                                       0.71 / SHOWN - 0.03]) for i in range(SHOWN)]
        self._build_curves(self.curves_axes)
        self._build_board(figure)
        self._build_values(self.values_axes)
        self._build_functions(figure)

    def _build_curves(self, ax):
        style.label(ax, "Alignment with the exact functions", "training steps", "")
        ax.set_xscale("function", functions=(np.sqrt, np.square))  # most happens early
        ax.set(xlim=(0, STEPS), ylim=(0, 1.12), xticks=[0, 10, 25, 50, 100, STEPS],
               yticks=[0, 0.5, 1])
        ax.axhline(1, color=style.INPUT, lw=1.2)
        ax.text(STEPS, 1.035, "exact functions", color=style.INPUT, ha="right", fontsize=11.5)
        self.nothing = ax.text(0.5, 0.5, "", transform=ax.transAxes, ha="center", va="center",
                               fontsize=14)
        self.curves = [self.moving(ax.plot([], [], **_look(i), lw=2.4, ms=7, clip_on=False,
                                           markevery=(i, 8))[0])
                       for i in range(MOST)]

    def _build_board(self, figure):
        ax = self.board
        style.bare(ax)
        ax.set(xlim=(0, 1), ylim=(MOST - 0.6, -0.4))
        self.samples = [ax.plot([0.0, 0.07, 0.14], 3 * [i], **_look(i), lw=2.4, ms=7,
                                markevery=[1], clip_on=False)[0] for i in range(MOST)]
        self.names = [ax.text(0.2, i, "", va="center", linespacing=1.1) for i in range(MOST)]
        self.scores = style.Labels(ax, 12)
        self.moving(self.scores.artist).set_clip_on(False)

    def _build_values(self, ax):
        self.bars = style.Bars(ax, [1], 0.84)
        self.moving(self.bars.artist)
        style.label(ax, "What each has found", "index $i$",
                    "found $\\lambda_i$ (marks), exact $s_i^2$ (bars)")
        ax.set(ylim=(0, 1.12), yticks=[0, 0.5, 1])
        self.found = [self.moving(ax.plot([], [], ls="", marker=MARKERS[i], color=COLORS[i], ms=6,
                                          mec="white", mew=0.6, clip_on=False)[0])
                      for i in range(MOST)]

    def _build_functions(self, figure):
        figure.text(0.775, 0.898, "The functions themselves", fontsize=13,
                    fontweight="bold")
        self.learned, self.exact, self.letters = [], [], []
        for i, ax in enumerate(self.small):
            ax.set(ylim=(-1.5, 1.5), yticks=[])
            ax.spines[:].set_visible(False)
            ax.axhline(0, color=style.GREY, lw=0.8, zorder=0)
            self.letters.append(ax.text(-0.045, 0.5, f"$\\mu_{i + 1}$", transform=ax.transAxes,
                                        ha="center", va="center", fontsize=14))
            self.learned.append([self.moving(ax.plot([], [], color=COLORS[k])[0])
                                 for k in range(MOST)])
            self.exact.append(self.moving(ax.plot([], [], "o", ms=5, mfc="white", mec=style.INPUT,
                                                  mew=1.6, clip_on=False)[0]))

    def scene(self, race):
        """Another context, d or choice of objectives changes ticks and names."""
        return race.name, race.d, tuple(racer.name for racer in race.racers)

    def set_scene(self, race):
        """Names, ticks and layouts."""
        count = len(race.racers)
        self.nothing.set_text("" if count else "The context says nothing\nabout the input:\n"
                              "there is nothing to learn.")
        for i, (sample, name) in enumerate(zip(self.samples, self.names)):
            sample.set_visible(i < count)
            name.set_text(_wrapped(race.racers[i].name) if i < count else "")
        shown = min(race.d + EXTRA, len(race.system.values))
        self.values_axes.set(xlim=(0.4, shown + 0.6), xticks=np.arange(1, shown + 1))
        self.bars.place(np.arange(1, shown + 1))
        channel = race.channel
        self.rows = CAST[race.name].shown(channel.x_labels, channel.shape[0])
        for i, ax in enumerate(self.small):
            ax.set_visible(i < race.d)
            ax.set_xlim(-0.6, len(self.rows) - 0.4)
            ax.set_xticks([])
            ax.set_xlabel("")
        if race.d:
            last = self.small[min(race.d, SHOWN) - 1]
            last.set_xticks(*ticks([channel.x_labels[i] for i in self.rows]))
            last.tick_params(length=0)
            last.set_xlabel("input $x$")

    def draw(self, race):
        """Move everything to where the race stands."""
        count = len(race.racers)
        for i in range(MOST):
            there = i < count
            racer = race.racers[i] if there else None
            self.curves[i].set_data(*((racer.steps, racer.alignments) if there else ([], [])))
            values = racer.found.values if there else np.array([])
            beside = 0.8 * ((i + 0.5) / max(count, 1) - 0.5)
            self.found[i].set_data(np.arange(1, len(values) + 1) + beside, values)
        self.scores.set([f"{racer.alignments[-1]:.3f}" for racer in race.racers],
                        [(0.91, i) for i in range(count)], count * [style.INK])
        exact = race.system.values[:len(self.bars.positions)] ** 2
        self.bars.set(exact, [EXACT if i < race.d else style.SHADE for i in range(len(exact))])
        self._draw_functions(race, [turned(racer.found.functions, race.system)
                                    for racer in race.racers])

    def _draw_functions(self, race, functions):
        along = np.arange(len(self.rows))
        steps = "steps-mid" if CAST[race.name].layout == "bars" else "default"
        for i in range(min(SHOWN, race.d)):
            exact = race.system.left[self.rows, i]
            scale = np.abs(exact).max()
            self.exact[i].set_data(along, exact / scale)
            for k, line in enumerate(self.learned[i]):
                there = k < len(functions) and i < functions[k].shape[1]
                line.set_data(*((along, functions[k][self.rows, i] / scale) if there
                                else ([], [])))
                line.set(drawstyle=steps, linewidth=2.2 + 2.8 * max(len(functions) - 1 - k, 0))

    # ---- reading

    def numbers(self, race):
        """Key numbers of the race as it stands."""
        scores = {racer.name: racer.alignments[-1] for racer in race.racers}
        return {"step": race.step, **scores, "largest_gap": largest_gap(race)}

    def sentence(self, race):
        """One line of words."""
        values = ", ".join(f"{s**2:.3f}" for s in race.system.values[:race.d])
        start = f"{race.name.capitalize()} at strength {race.strength:.2f}: "
        if not race.racers:
            return f"{start}X and A are independent, so there is nothing to learn."
        low = min(race.racers, key=lambda racer: racer.alignments[-1])
        gap = largest_gap(race)
        return (f"{start}sᵢ² = {values}. After {race.step} of {STEPS} steps every alignment is at "
                f"least {low.alignments[-1]:.3f} ({low.name}), every λᵢ "
                f"{f'{gap:.3f} or less from' if gap > 5e-4 else 'equal to'} its sᵢ².")


def largest_gap(race):
    """The largest |λ_i − s_i²| over all racers and i ≤ d; a lost direction counts as λ_i = 0."""
    exact = race.system.values[:race.d] ** 2
    gaps = []
    for racer in race.racers:
        values = np.zeros(race.d)
        values[:len(racer.found.values)] = racer.found.values
        gaps.append(np.abs(values - exact).max())
    return float(max(gaps, default=0.0))


def _running_loop():
    """The event loop of this thread, None in plain Python."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _look(i):
    return {"color": COLORS[i], "ls": LINES[i], "marker": MARKERS[i], "mec": "white", "mew": 0.6}


def _wrapped(name):
    """A name on two lines."""
    head, _, tail = name.rpartition(" ")
    return f"{head}\n{tail}" if head else tail


def _refuse_count(objectives):
    if not 1 <= len(objectives) <= MOST:
        raise ValueError(f"objectives has {len(objectives)} entries; choose 1 to {MOST}")


def _five_first(name):
    return (FIVE.index(name) if name in FIVE else len(FIVE)), name
