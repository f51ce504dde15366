"""Notebook 04's live picture: objectives of five families race to the same functions.

The training runs in the event loop of the kernel, in slices of some 30 ms with a pause
after each, so that sliders and buttons are answered in between. There is no thread: what
is not in its slice does not run.
"""

import asyncio

import ipywidgets as widgets
import numpy as np

from contexture_lite.learn import objectives as known
from contexture_lite.teach.cast.members import CAST
from contexture_lite.teach.nb04_objectives.race import panels
from contexture_lite.teach.nb04_objectives.race.compute import at_start, largest_gap, rotated
from contexture_lite.teach.pictures import style
from contexture_lite.teach.widgets.explorer import choice, slider, whole
from contexture_lite.teach.widgets.training import TrainingExplorer

FIVE = ("class-balanced supervised", "spectral contrastive", "whitened non-contrastive",
        "balanced denoising", "graph smoothness")
STEPS = 200
SLICE, PAUSE = 0.03, 0.02  # seconds of training, and of listening to the reader


class TrainingRace(TrainingExplorer):
    """Objectives of different families, trained at once on one context.

    Panels: the alignment of each with the exact functions μ_1 … μ_d against the steps of
    its training; what each has found, the Ritz values λ_i of its features, beside the exact
    s_i²; and its first functions, all drawn over each other, with the exact ones as circles.
    The encoders are tables of free values that start at random. "graph smoothness" is
    trained on the walk x → a → x′, which is a graph on the inputs whatever the context.

    It is shown after a whole race, or before the first step if ``finished`` is False. A hand on
    a control, or the button *Race* (which takes new random starts), begins another that can be
    stopped and taken up again; Python's `update` and `run` return when it is over.

    Keys of `values`: ``step``, the alignment under each objective's name, ``largest_gap``
    (of |λ_i − s_i²|, over all objectives and i ≤ d).
    """

    alt = ("Alignment with the exact functions against training steps, a curve for each objective.",
           "The alignment of each in numbers, and its Ritz values on exact squared singular values "
           "as bars.",
           "The learned functions over each other, the exact ones as circles.")
    height = 3.5
    frozen = {"context": ("clusters", "cycle walk", "hypercube"), "strength": (0.2, 0.5, 0.8),
              "step": (0, 5, 10, 20, 30, 50, 80, 120, 200)}

    def __init__(self, context="cycle walk", strength=0.5, d=4, objectives=FIVE, seed=0,
                 finished=True):
        self._seed = seed
        super().__init__(context, strength, d, tuple(objectives))
        controls, picture, line = self.widget.children
        self.widget.children = (controls, self.bar, picture, line)
        self.widget.remove_class("contexture-explorer").add_class("contexture-race")
        self.run() if finished else self.status()

    def make_controls(self, context, strength, d, objectives):
        others = sorted({row.name for row in known.table()} - {*FIVE})
        several = widgets.SelectMultiple(
            options=[*FIVE, *others], value=objectives, description="Objectives (Ctrl: several)",
            rows=5, style={"description_width": "initial"},
            layout={"width": "430px", "height": "100px"})
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "d": whole("d, functions wanted", d, 1, 6), "objectives": several}

    def make_buttons(self):
        """Race, Stop or Go on, and the progress bar."""
        self.race = widgets.Button(description="Race", icon="flag-checkered",
                                   tooltip="Start again from new random starts")
        self.toggle = widgets.Button(icon="pause", layout={"width": "110px"})
        self.progress = widgets.IntProgress(
            min=0, max=STEPS, style={"description_width": "initial", "bar_color": style.TASK},
            layout={"width": "480px"})
        self.race.on_click(lambda _: self._at_home(self._again))
        self.toggle.on_click(lambda _: self._at_home(self._pressed))
        return [self.race, self.toggle, self.progress]

    def compute(self, context, strength, d, objectives):
        _refuse_count(objectives)
        return at_start(context, strength, d, objectives, self._seed, STEPS)

    # ---- the race

    def run(self):
        """Run the race to its end, without a pause."""
        self._halt()
        with self._errors_shown():
            self.result.advance()
            self._ended()

    def update(self, **params):
        """Set controls by name and run the race to its end; errors are raised here."""
        self._halt()
        super().update(**params)
        self.run()

    @property
    def state(self):
        """The controls, and the step at which the race stands."""
        return self.params | {"step": self.result.step}

    def visit(self, step, **params):
        """Race up to this step, from the start if it is another race or a step back."""
        self._halt()
        if params != self.params or step < self.result.step:
            super().update(**params)
        self.result.advance(until=step)
        self._ended()

    async def pieces(self):
        """Slices of training with a picture after each."""
        while not self.result.finished:
            self.result.advance(SLICE)
            self._paint(self.result)
            yield
            await asyncio.sleep(PAUSE)

    def status(self):
        """Bar and buttons."""
        race = self.result
        self.progress.value = race.step
        self.progress.description = f"Step {race.step} of {STEPS}, random start {self._seed}"
        self.toggle.description = "Stop" if self.running else "Go on" if race.step else "Start"
        self.toggle.icon = "pause" if self.running else "play"
        self.toggle.disabled = race.finished or self.error is not None

    def _refuse(self, name, value):
        if name == "step":  # no control, but part of the state
            if value not in range(0, STEPS + 1):
                raise ValueError(f"step is {value!r}; it must be a whole number from 0 to {STEPS}")
            return
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

    def _again(self):
        self._seed += 1
        self._restart()

    def _restart(self):
        self._halt()
        try:
            self._refresh()
            self._begin()
        finally:
            self.status()  # once: on the page the button does not flicker through "Start"

    def _begin(self):
        if self.error is None and not self.result.finished:
            super()._begin()

    def _pressed(self):
        self._stop() if self.running else self._begin()

    # ---- drawing

    def build(self, figure):
        curves, found, functions = figure.subfigs
        high = 0.72 / panels.SHOWN
        small = [functions.add_axes((0.09, 0.89 - (i + 1) * high + 0.015, 0.88, high - 0.03))
                 for i in range(panels.SHOWN)]
        self.panels = (
            panels.Curves(style.axes(curves, left=0.12, right=0.95), self.moving, STEPS),
            panels.Board(style.axes(found, left=0.02, bottom=0.58, top=0.98), self.moving),
            panels.Values(style.axes(found, left=0.12, bottom=0.175, top=0.51), self.moving),
            panels.Functions(small, self.moving))

    def scene(self, race):
        """Another context, d or choice of objectives changes ticks and names."""
        return race.name, race.d, tuple(racer.name for racer in race.racers)

    def set_scene(self, race):
        """Names, ticks and layouts."""
        for panel in self.panels:
            panel.set_scene(race)

    def draw(self, race):
        for panel in self.panels:
            panel.draw(race)

    # ---- reading

    def numbers(self, race):
        scores = {racer.name: racer.alignments[-1] for racer in race.racers}
        return {"step": race.step, **scores, "largest_gap": largest_gap(race)}

    def sentence(self, race):
        # .75² lies between two printed values: the last digit is not to choose
        values = ", ".join(f"{s**2 + 1e-12:.3f}" for s in race.system.values[:race.d])
        start = f"{race.name.capitalize()} at strength {race.strength:.2f}: "
        if not race.racers:
            return f"{start}X and A are independent, so there is nothing to learn."
        low = min(race.racers, key=lambda racer: racer.alignments[-1])
        gap = largest_gap(race)
        return (f"{start}sᵢ² = {values}. After {race.step} of {STEPS} steps every alignment is at "
                f"least {low.alignments[-1]:.3f} ({low.name}), every λᵢ "
                f"{f'{gap:.3f} or less from' if gap > 5e-4 else 'equal to'} its sᵢ².")


def _refuse_count(objectives):
    if not 1 <= len(objectives) <= panels.MOST:
        raise ValueError(f"objectives has {len(objectives)} entries; choose 1 to {panels.MOST}")


def race_promise():
    """A still picture, the lesson's first: everybody's first function before and after training."""
    race = at_start("cycle walk", 0.5, 4, FIVE, 0, STEPS)
    fig, (start, end) = style.panels(2, height=2.9, bottom=0.2)  # on a projector's first screen
    for ax in (start, end):
        for racer, color, line in zip(race.racers, panels.COLORS, panels.LINES):
            ax.plot(rotated(racer.ritz.functions, race.system)[:, 0], color=color, ls=line)
        ax.set(ylim=(-2.6, 2.6), xticks=np.arange(0, 12, 3))
        race.advance()
    end.plot(race.system.left[:, 0], "o", ms=13, mfc="none", mec=style.INK, mew=1.6)
    style.label(start, "Five random starts", "place on the cycle")
    style.label(end, f"After {STEPS} steps", "place on the cycle  (○ exact)")
    least = min(racer.alignments[-1] for racer in race.racers)
    return style.Picture(fig, "The first function on a cycle of twelve places, as five learners "
                         "have it: five different curves at the start, one curve, the exact one, "
                         f"after {STEPS} steps, when every alignment is {least:.3f}.")
