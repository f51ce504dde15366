"""Notebook 08's live picture: networks of every size, and the plateau that their context sets.

The numbers are those of a table; a network trained in front of the reader is a star beside
them. It trains in a thread, a few steps at a time: a step of a large network, or making its
context, takes longer than a reader's hand should wait.
"""

from __future__ import annotations

import asyncio

import ipywidgets as widgets
from matplotlib.lines import Line2D

from contexture_lite.teach import style
from contexture_lite.teach.background import TrainingExplorer
from contexture_lite.teach.explorer import choice, steps
from contexture_lite.teach.headline import Headline
from contexture_lite.teach.scaling_numbers import (
    Live,
    Means,
    Step,
    headline,
    refuse_uneven,
    training,
)
from contexture_lite.teach.scaling_panels import Changes, Errors, Traces
from contexture_lite.teach.scaling_results import COLOURS, EXACT, LETTERS, MARKS, grid, shipped


class ScalingExplorer(TrainingExplorer):
    """A bigger network comes to its context's plateau and no further; a better context moves it.

    Left the downstream error along the width (thin: all depths, thick: the chosen one, its
    band from the least to the largest over the seeds), in the middle the ratio trace along
    the number of weights, a dot for each network. Dashed is the value of the exact functions
    of each context. Right the chosen network in numbers, and what some ten times its weights,
    or another context, would change.

    ``table`` is that of `contexture_lite.learn.scaling.grid`, by default the shipped one.
    ``context`` is a position from the weakest, 0, to the best, or a name.

    *Train this point* trains such a network now, with a seed that the table does not have (so
    another split of the data, too): dots on its way, in the end a star. *Stop* leaves it where
    it is. Python's `run` does the same and returns when it is over.

    Keys of `values`: ``error``, ``error_exact``, ``error_linear``, ``ratio_trace``,
    ``ratio_trace_exact``, ``alignment``, ``alignment_held_out``, ``weights``; ``times``, how many
    times the weights the network in comparison has, ``change_by_weights`` and
    ``change_by_context`` of the error; after a live training at this point ``live_error`` and
    ``live_ratio_trace``.
    """

    alt = ("Three panels: the error of networks along their width for three contexts, each with "
           "a dashed plateau; the ratio trace along the number of weights, with the same plateaus; "
           "a table, and two bars for what more weights or another context change.")

    def __init__(self, table=None, data="abalone", context=1, width=64, depth=2):
        table = shipped() if table is None else table
        self._tasks = {task: Means(grid(table, task)) for task in table["task"].unique()}
        refuse_uneven(self._tasks)
        if data not in self._tasks:
            raise ValueError(f"data is {data!r}; the table has {', '.join(self._tasks)}")
        found = self._tasks[data].grid
        for name, value, known in (("width", width, found.widths), ("depth", depth, found.depths)):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; the table has "
                                 f"{', '.join(map(str, known))}")
        self._seed = int(table["seed"].max())  # of the last training
        self._named, self.live = data, []
        self._start = data, self._position(data, context), width, depth
        super().__init__()
        self.widget.children = (*self.widget.children, self.bar)

    def make_controls(self):
        """Data, context, width and depth."""
        data, context, width, depth = self._start
        found = self._tasks[data].grid
        controls = {"data": choice("Data", list(self._tasks), data, "190px"),
                    "context": steps("Context (weak … best)", self._contexts(data), context),
                    "width": steps("Width", [(str(w), w) for w in found.widths], width),
                    "depth": steps("Depth", [(str(d), d) for d in found.depths], depth)}
        for name, room in (("context", "460px"), ("width", "300px"), ("depth", "220px")):
            controls[name].layout.width = room
        return controls

    def make_buttons(self):
        """Train, Stop, and the progress bar."""
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
        """Which network of the table it is."""
        means = self._tasks[data]
        return Step(means, context, means.grid.widths.index(width), means.grid.depths.index(depth))

    def _contexts(self, data):
        return [(name, i) for i, name in enumerate(self._tasks[data].grid.contexts)]

    def _position(self, data, context):
        known = self._tasks[data].grid.contexts
        if context in range(len(known)):
            return context
        if context not in known:
            raise ValueError(f"context is {context!r}; for {data} it must be one of {known}, or "
                             "its position")
        return known.index(context)

    def _refresh(self):
        data, control = self.params["data"], self.controls["context"]
        if data != self._named:  # the names of the contexts are the data's
            quiet, self._quiet, self._named = self._quiet, True, data
            context = self.params["context"]
            control.options = self._contexts(data)
            control.value, self._quiet = context, quiet
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
        """Bar and buttons."""
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
        """Axes and artists, once."""
        self.headline = Headline(figure)
        self.moving(self.headline.artist)
        self.errors = Errors(figure.add_axes((0.056, 0.17, 0.315, 0.575)), self.moving)
        self.traces = Traces(figure.add_axes((0.42, 0.17, 0.285, 0.575)), self.moving)
        self.changes = Changes(figure.add_axes((0.74, 0.5, 0.235, 0.245)),
                               figure.add_axes((0.74, 0.06, 0.235, 0.34)), self.moving)
        looks = [dict(color=colour, marker=mark, ms=9, lw=3, mec="white")
                 for colour, mark in zip(COLOURS, MARKS)]
        looks += [dict(color=style.INK, lw=2.4, ls=EXACT), dict(color=style.GREY, lw=1.5),
                  dict(color="none", marker="*", ms=17, mfc=style.YELLOW, mec=style.INK)]
        self.legend = figure.legend(
            [Line2D([], [], **look) for look in looks],
            [*len(COLOURS) * " ", "exact functions", "raw columns", "trained live"],
            loc="center left", bbox_to_anchor=(0.004, 0.868), ncols=len(looks), frameon=False,
            fontsize=13, handlelength=1.9, columnspacing=1.3, borderpad=0, handletextpad=0.6)

    def scene(self, step):
        """Another table of data changes the axes."""
        return step.grid.task

    def set_scene(self, step):
        """Axes, and everything faint."""
        texts, handles = self.legend.get_texts(), self.legend.legend_handles
        for i in range(len(COLOURS)):
            there = i < len(step.grid.contexts)
            texts[i].set(text=step.grid.contexts[i] if there else "", color=LETTERS[i],
                         fontweight="bold")
            handles[i].set_visible(there)
        for panel in (self.errors, self.traces, self.changes):
            panel.set_scene(step)

    def draw(self, step):
        """Move everything to this network."""
        self.headline.set(headline(step))
        live = [run for run in self.live if run.task == step.grid.task and run.points]
        for panel in (self.errors, self.traces):
            panel.draw(step, live)
        self.changes.draw(step)

    # ---- reading

    def numbers(self, step):
        """Key numbers of one network."""
        times, change = step.bigger()
        found = {"error": step.here("error"), "error_exact": step.exact("error"),
                 "error_linear": step.linear, "ratio_trace": step.here("ratio_trace"),
                 "ratio_trace_exact": step.exact("ratio_trace"), "alignment": step.here("cca"),
                 "alignment_held_out": step.here("cca_held_out"),
                 "weights": int(step.here("parameters")), "times": times,
                 "change_by_weights": change, "change_by_context": step.better()}
        point = self._live_at(step)
        return found if point is None else found | {"live_error": point.error,
                                                    "live_ratio_trace": point.ratio_trace}

    def sentence(self, step):
        """One line of words."""
        name, at = step.grid.contexts[step.context], step.here
        live, point = "", self._live_at(step)
        if point is not None:
            live = (f" Trained live (seed {point.seed}): error {point.error:.3f}, exact "
                    f"{point.error_exact:.3f}.")
        return (f"{step.grid.task.capitalize()}, {name}, width {step.width}, depth {step.depth}: "
                f"alignment {at('cca'):.3f} (on new points {at('cca_held_out'):.3f}), ratio trace "
                f"/ d {at('ratio_trace'):.3f} of {step.exact('ratio_trace'):.3f}, error "
                f"{at('error'):.3f}, with the exact functions {step.exact('error'):.3f}, with the "
                f"raw columns {step.linear:.3f}.{live}")

    def _live_at(self, step):
        """The last point of the newest finished training of this very network, or None."""
        name = step.grid.contexts[step.context]
        key = step.grid.task, name, step.width, step.depth
        for run in reversed(self.live):
            if run.finished and (run.task, run.context, run.width, run.depth) == key:
                return run.points[-1]
        return None
