"""What notebook 08's live picture computes: the table as arrays, a network of it, a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

KEYS = ["context", "width", "depth", "seed"]
COLUMNS = ("cca", "cca_held_out", "ratio_trace", "ratio_trace_exact", "error", "error_exact",
           "error_linear", "parameters")
DISTANCE = "distance"  # what is left to learn: 1 − alignment
EVERY = 10  # steps between two pictures of a training
NEAR = 0.95  # alignment with the exact functions that counts as arrived


@dataclass(frozen=True, eq=False)
class Grid:
    """The networks of one task as arrays."""

    task: str
    contexts: list  # from the weakest to the best, by the error that their exact functions leave
    widths: list
    depths: list
    seeds: list
    steps: int  # of every training
    samples: int
    # a column of the table each, and `DISTANCE`
    values: dict  # of (contexts, widths, depths, seeds) arrays

    @cached_property
    def mean(self):
        """Means over the seeds by column, (contexts, widths, depths) arrays."""
        return {name: values.mean(axis=3) for name, values in self.values.items()}

    @cached_property
    def exact(self):
        """What belongs to a context and not to a network by column: one number a context."""
        return {name: self.values[name].mean(axis=(1, 2, 3))
                for name in ("ratio_trace_exact", "error_exact", "error_linear")}

    @property
    def linear(self):
        """Error of a ridge on the raw columns."""
        return float(self.exact["error_linear"].mean())

    @property
    def highest(self):
        """The largest error to be drawn."""
        return max(self.linear, self.exact["error_exact"].max(), self.values["error"].max())

    @cached_property
    def most(self):
        """The largest difference of two errors."""
        errors = self.mean["error"]
        return float(errors.max() - errors.min()) or 1.0


def grid(table, task):
    """The full grid in the table's rows of one task, as a `Grid`; cuts along it are left out."""
    rows = rows_of(table, task)
    steps, samples = rows.groupby(["steps", "samples"]).size().idxmax()  # of most rows
    rows = rows[(rows["steps"] == steps) & (rows["samples"] == samples)]
    order = rows.groupby("context")["error_exact"].mean().sort_values(ascending=False)
    axes = [list(order.index), *(sorted(rows[key].unique().tolist()) for key in KEYS[1:])]
    cells = rows.drop_duplicates(KEYS).set_index(KEYS)[list(COLUMNS)]
    cells = cells.reindex(pd.MultiIndex.from_product(axes, names=KEYS))
    shape = [len(axis) for axis in axes]
    values = {name: cells[name].to_numpy(dtype=float).reshape(shape) for name in COLUMNS}
    return Grid(task, *axes, int(steps), int(samples), values | {DISTANCE: 1 - values["cca"]})


def rows_of(table, task):
    """The rows of one task."""
    refuse_unknown("task", task, table["task"].unique())
    return table[table["task"] == task]


def refuse_unknown(name, value, known):
    """What the table does not have."""
    if value not in known:
        raise ValueError(f"{name} is {value!r}; the table has {', '.join(map(repr, known))}")


@dataclass(frozen=True)
class Step:
    """One network of the table: positions of its context, its width and its depth."""

    grid: Grid
    context: int
    column: int
    layer: int

    @property
    def width(self):
        """Hidden units."""
        return self.grid.widths[self.column]

    @property
    def depth(self):
        """Hidden layers."""
        return self.grid.depths[self.layer]

    def here(self, name):
        """The mean of this network."""
        return float(self.grid.mean[name][self.context, self.column, self.layer])

    def exact(self, name):
        """The same for the exact functions of the context."""
        return float(self.grid.exact[f"{name}_exact"][self.context])

    @property
    def arrived(self):
        """Whether the network has found the exact functions, by its alignment.

        The ratio trace of a weak context says little here: it is small for all functions.
        """
        return self.here("cca") >= NEAR

    @property
    def other(self):
        """The best context; seen from there, the next."""
        best = len(self.grid.contexts) - 1
        return best - (self.context == best)

    def bigger(self):
        """Weights in units of this network's, and change of error, with some ten times as many.

        Same depth. Of the widest the other way round: with a tenth of them.
        """
        weights = self.grid.mean["parameters"][self.context, :, self.layer]
        weights = weights / self.here("parameters")
        to = int(np.abs(np.log10(weights) - 1).argmin())
        if weights[to] < 3:
            to = int(np.abs(np.log10(weights) + 1).argmin())
        there = self.grid.mean["error"][self.context, to, self.layer]
        return float(weights[to]), float(there - self.here("error"))

    def better(self):
        """Change of the error with the `other` context and the same network."""
        there = self.grid.mean["error"][self.other, self.column, self.layer]
        return float(there - self.here("error"))

    def changes(self):
        """(in words, change of the error) of both ways to change something."""
        times, change = self.bigger()
        size = f"{times:.0f} times the" if times > 1 else f"{1 / times:.0f} times fewer"
        return (f"{size} weights", change), (self.grid.contexts[self.other], self.better())

    def cells(self):
        """The table: four numbers of the network, three of the exact functions."""
        learned = [self.here(DISTANCE), 1 - self.here("cca_held_out"), self.here("error")]
        exact = [0, 0, self.exact("error")]
        return [*(f"{value:.3f}" for value in learned), f"{self.here('parameters'):,.0f}",
                *(f"{value:.3f}" for value in exact)]


@dataclass(eq=False)
class Live:
    """A network trained in front of the reader: where it belongs, and its points so far."""

    task: str
    context: str
    width: int
    depth: int
    seed: int
    training: object  # iterator of points
    points: list = field(default_factory=list)
    finished: bool = False

    def __str__(self):
        return f"{self.context}, width {self.width}, depth {self.depth}, seed {self.seed}"


def training(task, context, width, depth, seed, steps, samples):
    """Points of one training of `contexture_lite.learn.scaling`; nothing happens before the first.

    A generator, so that importing torch and making the context are done by who asks for it.
    """
    from contexture_lite.learn import scaling

    setting = scaling.setting(task, context, seed, samples)
    yield from scaling.train(setting, width, depth, steps=steps, seed=seed, every=EVERY)


def headline(step):
    """The message in words: what weights give, what a context gives."""
    (size, by_weights), (_, by_context) = step.changes()
    best = step.other > step.context
    context = "the best context" if best else "the next best context"
    return (f"{'Little' if step.arrived else 'Much'} left to learn: {size} "
            f"{_verb(by_weights, '')}; {context} {_verb(by_context, 's')}")


def _verb(change, s):
    if abs(change) < 5e-4:
        return f"change{s} nothing"
    return f"{'gain' if change < 0 else 'lose'}{s} {abs(change):.3f}"
