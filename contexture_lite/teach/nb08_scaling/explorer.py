"""Notebook 08's live picture: networks of every size, and the height that their context sets.

The numbers are those of a table; a network trained in front of the reader is a star beside
them. It trains in a thread, a few steps at a time: a step of a large network, or making its
context, takes longer than a reader's hand should wait.
"""

from __future__ import annotations

import asyncio

import ipywidgets as widgets

from contexture_lite.teach.nb08_scaling.compute import (
    DISTANCE,
    Live,
    Step,
    grid,
    headline,
    refuse_unknown,
    training,
)
from contexture_lite.teach.nb08_scaling.panels import Changes, Distances, Errors
from contexture_lite.teach.nb08_scaling.results import shipped
from contexture_lite.teach.pictures import style
from contexture_lite.teach.widgets.explorer import choice, steps
from contexture_lite.teach.widgets.training import TrainingExplorer


class ScalingExplorer(TrainingExplorer):
    """A bigger network learns what its context has and no more; another context has another height.

    Left the downstream error along the width (thin: all depths, thick: the chosen one with its
    range over the seeds; dashed: the exact functions of each context), in the middle the
    distance to the exact functions, 1 − alignment, along the number of weights, a dot for each
    network. Right the chosen network in numbers, and what some ten times its weights, or another
    context, would change.

    ``table`` is that of `contexture_lite.learn.scaling.grid`, by default the shipped one.
    ``context`` is a position from the weakest, 0, to the best, or a name.

    *Train this point* trains such a network now, with a seed (and a split of the data) that the
    table does not have: dots on its way, in the end a star. Python's `run` does the same and
    returns when it is over.

    Keys of `values`: ``error``, ``error_exact``, ``error_linear``, ``ratio_trace``,
    ``ratio_trace_exact``, ``distance``, ``distance_held_out``, ``weights``; ``times``, how many
    times the weights the network in comparison has, ``change_by_weights`` and
    ``change_by_context`` of the error; after a live training at this point ``live_error`` and
    ``live_distance``.
    """

    alt = ("The error of networks along their width, with a dashed height for each context.",
           "What the networks have left to learn, 1 minus alignment, along their weights.",
           "A table of the chosen network, and two bars for what more weights or another context "
           "change.")
    height = 3.3
    frozen = {"data": ("digits", "abalone"), "context": (0, 1, 2),
              "width": (4, 16, 32, 128, 512), "depth": (1, 2, 4)}

    def __init__(self, table=None, data="digits", context=0, width=128, depth=2):
        table = shipped() if table is None else table
        self._tasks = {task: grid(table, task) for task in table["task"].unique()}
        of = next(iter(self._tasks.values()))  # all have the same networks
        for name, value, known in (("data", data, self._tasks), ("width", width, of.widths),
                                   ("depth", depth, of.depths)):
            refuse_unknown(name, value, known)
        self._seed = int(table["seed"].max())  # of the last training
        self._named, self.live = data, []
        super().__init__(data, self._position(data, context), width, depth)
        self.widget.children = (*self.widget.children, self.bar)

    def make_controls(self, data, context, width, depth):
        of = self._tasks[data]
        return {"data": choice("Data", list(self._tasks), data, "190px"),
                "context": steps("Context (weak … best)", self._contexts(data), context, "460px"),
                "width": steps("Width", [(str(w), w) for w in of.widths], width, "300px"),
                "depth": steps("Depth", [(str(d), d) for d in of.depths], depth, "220px")}

    def make_buttons(self):
        self.train = widgets.Button(description="Train this point", icon="play",
                                    tooltip="Train such a network now, with a new seed",
                                    layout={"width": "170px"})
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True,
                                   layout={"width": "100px"})
        self.progress = widgets.IntProgress(min=0, max=1, layout={"width": "200px"},
                                            style={"bar_color": style.TASK})
        self.said = widgets.Label("Nothing trained yet")
        self.train.on_click(lambda _: self._at_home(self._begin))
        self.stop.on_click(lambda _: self._at_home(self._stop))
        return [self.train, self.stop, self.progress, self.said]

    def update(self, **params):
        """Set controls by name and redraw; ``context`` may be a name."""
        if isinstance(params.get("context"), str):
            data = params.get("data", self.params["data"])
            self._refuse("data", data)
            params["context"] = self._position(data, params["context"])
        super().update(**params)

    def compute(self, data, context, width, depth):
        of = self._tasks[data]
        return Step(of, context, of.widths.index(width), of.depths.index(depth))

    def _contexts(self, data):
        return [(name, i) for i, name in enumerate(self._tasks[data].contexts)]

    def _position(self, data, context):
        known = self._tasks[data].contexts
        if context in range(len(known)):
            return context
        if context not in known:
            raise ValueError(f"context is {context!r}; for {data} it must be one of {known}, or "
                             "its position")
        return known.index(context)

    def _refresh(self):
        data = self.params["data"]
        if data != self._named:  # the names of the contexts are the data's
            self._named = data
            self.rename("context", self._contexts(data))
        super()._refresh()

    # ---- training

    def run(self):
        """Train the chosen point to its end, without a pause; returns its last `Point`."""
        self._stop()
        run = self._new()
        try:
            with self._errors_shown():
                for point in run.training:
                    run.points.append(point)
                run.finished = True
                self._refresh()
        finally:
            self.status()
        return run.points[-1]

    def pieces(self):
        """A new training of the chosen point, a few steps at a time in a thread."""
        return self._pieces(self._new())

    async def _pieces(self, run):
        # a piece that is being made when it is stopped is thrown away
        while (point := await asyncio.to_thread(next, run.training, None)) is not None:
            run.points.append(point)
            self._refresh()
            yield
        run.finished = True

    def _new(self):
        """A training of the chosen point, with the next seed."""
        step = self.result
        self._seed += 1
        of = (step.grid.task, step.grid.contexts[step.context], step.width, step.depth, self._seed)
        self.live.append(Live(*of, training(*of, step.grid.steps, step.grid.samples)))
        self.progress.max = step.grid.steps
        return self.live[-1]

    def _begin(self):
        """Train the chosen point instead of another."""
        self._stop()
        self._refresh()
        super()._begin()

    def _ended(self):
        """For where the controls are now, not for the last result that could be drawn."""
        self._refresh()
        self.status()

    def status(self):
        if not self.running:  # what was stopped before its first point leaves nothing
            self.live = [run for run in self.live if run.points]
        self.stop.disabled = not self.running
        self.train.description = "Start again" if self.running else "Train this point"
        run = self.live[-1] if self.live else None
        step = run.points[-1].steps if run and run.points else 0
        self.progress.value = step
        if run is None:
            self.said.value = "Nothing trained yet"
        elif not run.points:
            self.said.value = f"{run}: making the context …"
        else:
            stopped = "" if run.finished or self.running else ", stopped"
            self.said.value = f"{run}: step {step} of {self.progress.max}{stopped}"

    # ---- drawing

    def build(self, figure):
        errors, distances, changes = figure.subfigs
        self.errors = Errors(style.axes(errors), self.moving)
        self.distances = Distances(style.axes(distances), self.moving)
        self.changes = Changes(style.axes(changes, left=0.03, bottom=0.46, top=0.86),
                               style.axes(changes, left=0.03, bottom=0.04, top=0.32), self.moving)

    def scene(self, step):
        return step.grid.task

    def set_scene(self, step):
        for part in (self.errors, self.distances):
            part.set_scene(step)

    def draw(self, step):
        live = [run for run in self.live if run.task == step.grid.task and run.points]
        for panel in (self.errors, self.distances):
            panel.draw(step, live)
        self.changes.draw(step)

    # ---- reading

    def headline(self, step):
        return headline(step)

    def numbers(self, step):
        times, change = step.bigger()
        numbers = {"error": step.here("error"), "error_exact": step.exact("error"),
                   "error_linear": step.grid.linear, "ratio_trace": step.here("ratio_trace"),
                   "ratio_trace_exact": step.exact("ratio_trace"), "distance": step.here(DISTANCE),
                   "distance_held_out": 1 - step.here("cca_held_out"),
                   "weights": int(step.here("parameters")), "times": times,
                   "change_by_weights": change, "change_by_context": step.better()}
        point = self._live_at(step)
        return numbers if point is None else numbers | {"live_error": point.error,
                                                        "live_distance": 1 - point.cca}

    def sentence(self, step):
        name, at = step.grid.contexts[step.context], step.here
        point = self._live_at(step)
        live = "" if point is None else (
            f" Trained live (seed {point.seed}): error {point.error:.3f}, exact "
            f"{point.error_exact:.3f}.")
        return (f"{step.grid.task.capitalize()}, {name}, width {step.width}, depth {step.depth}: "
                f"distance {at(DISTANCE):.3f} (on new points {1 - at('cca_held_out'):.3f}), ratio "
                f"trace / d {at('ratio_trace'):.3f} of {step.exact('ratio_trace'):.3f}, error "
                f"{at('error'):.3f}, with the exact functions {step.exact('error'):.3f}, with the "
                f"raw columns {step.grid.linear:.3f}.{live}")

    def _live_at(self, step):
        """The last point of the newest finished training of this very network, or None."""
        key = step.grid.task, step.grid.contexts[step.context], step.width, step.depth
        return next((run.points[-1] for run in reversed(self.live) if run.finished and
                     (run.task, run.context, run.width, run.depth) == key), None)
