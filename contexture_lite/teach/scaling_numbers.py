"""What notebook 08's live picture computes: a network of the table, and those trained beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from contexture_lite.teach.scaling_results import Grid

EVERY = 10  # steps between two pictures of a training
NEAR = 0.95  # alignment with the exact functions that counts as arrived


@dataclass(frozen=True, eq=False)
class Means:
    """A task's grid and what is needed of it at every step."""

    grid: Grid

    @cached_property
    def values(self):
        """Means over the seeds, (contexts, widths, depths) arrays."""
        return {name: self.grid.mean(name) for name in self.grid.values}

    @cached_property
    def exact(self):
        """What belongs to a context and not to a network: one number a context."""
        return {name: self.grid.exact(name)
                for name in ("ratio_trace_exact", "error_exact", "error_linear")}

    @cached_property
    def most(self):
        """The largest difference of two errors of the task."""
        errors = self.values["error"]
        return float(np.nanmax(errors) - np.nanmin(errors)) or 1.0


@dataclass(frozen=True)
class Step:
    """One network of the table: positions of its context, its width and its depth."""

    of: Means
    context: int
    column: int
    layer: int

    @property
    def grid(self):
        """All networks of the task."""
        return self.of.grid

    @property
    def means(self):
        """Their means over the seeds."""
        return self.of.values

    @property
    def width(self):
        """Hidden units."""
        return self.grid.widths[self.column]

    @property
    def depth(self):
        """Hidden layers."""
        return self.grid.depths[self.layer]

    @property
    def linear(self):
        """Error of a ridge on the raw columns."""
        return float(self.of.exact["error_linear"].mean())

    @property
    def highest(self):
        """The largest error to be drawn."""
        return max(self.linear, self.of.exact["error_exact"].max(),
                   np.nanmax(self.grid.values["error"]))

    @property
    def most(self):
        """The largest difference of two errors of the task."""
        return self.of.most

    def here(self, name):
        """The mean of this network."""
        return float(self.means[name][self.context, self.column, self.layer])

    def exact(self, name):
        """The same for the exact functions of the context."""
        return float(self.of.exact[f"{name}_exact"][self.context])

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
        weights = self.means["parameters"][self.context, :, self.layer] / self.here("parameters")
        to = int(np.abs(np.log10(weights) - 1).argmin())
        if weights[to] < 3:
            to = int(np.abs(np.log10(weights) + 1).argmin())
        there = self.means["error"][self.context, to, self.layer]
        return float(weights[to]), float(there - self.here("error"))

    def better(self):
        """Change of the error with the `other` context and the same network."""
        there = self.means["error"][self.other, self.column, self.layer]
        return float(there - self.here("error"))

    def changes(self):
        """(in words, change of the error) of both ways to change something."""
        times, change = self.bigger()
        size = f"{times:.0f} times the" if times > 1 else f"{1 / times:.0f} times fewer"
        return (f"{size} weights", change), (self.grid.contexts[self.other], self.better())

    def cells(self):
        """The table: five numbers of the network, four of the exact functions."""
        found = [self.here(name) for name in ("cca", "cca_held_out", "ratio_trace", "error")]
        exact = [1, 1, self.exact("ratio_trace"), self.exact("error")]
        return [*(f"{value:.3f}" for value in found), f"{self.here('parameters'):,.0f}",
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


def refuse_uneven(tasks):
    """All tasks need the same networks, and something to compare."""
    sizes = [(means.grid.widths, means.grid.depths) for means in tasks.values()]
    if any(size != sizes[0] for size in sizes):
        raise ValueError("table has other widths or depths for one task than for another")
    for task, means in tasks.items():
        if len(means.grid.widths) < 2 or len(means.grid.contexts) < 2:
            raise ValueError(f"table has {len(means.grid.widths)} widths and "
                             f"{len(means.grid.contexts)} contexts of {task}; a comparison needs "
                             "two or more")


def headline(step):
    """The message in words: what weights give, what a context gives."""
    (size, by_weights), (_, by_context) = step.changes()
    best = step.other > step.context
    context = "the best context" if best else "the next best context"
    return (f"{'On the plateau' if step.arrived else 'Not there yet'}: {size} "
            f"{_verb(by_weights, '')}; {context} {_verb(by_context, 's')}")


def _verb(change, s):
    if abs(change) < 5e-4:
        return f"change{s} nothing"
    return f"{'gain' if change < 0 else 'lose'}{s} {abs(change):.3f}"
