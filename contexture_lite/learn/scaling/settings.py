"""A task, a context and its exact functions: what the networks of `scaling` are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from contexture_lite import datasets, empirical, spectrum
from contexture_lite._checks import as_count, read_only
from contexture_lite._text import said
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import protocol
from contexture_lite.spectrum import SingularSystem

TASKS = ("abalone", "digits")
# of each task, worst probe error first: (neighbours of 1000 points, among whitened columns?)
CONTEXTS = {
    "abalone": {"300 neighbours": (300, False), "30 neighbours": (30, False),
                "100 neighbours, whitened": (100, True)},
    "digits": {"300 neighbours": (300, False), "30 neighbours": (30, False),
               "10 neighbours": (10, False)},
}
D = 15  # functions that are compared
LABELLED, HELD_OUT, FEWEST = 400, 1000, 100
SAMPLES = {"abalone": 3000, "digits": 1000}  # at most: the others are held out


@dataclass(frozen=True, eq=False)
class Setting:
    """A task and a context: what a network is given, and what it should find.

    Attributes
    ----------
    task, name : str
        Of the data and of the context.
    seed, samples : int
        Of the split; how many points make the context.
    points, labelled, held_out : (n, features) arrays
        Columns standardised by ``points``; the labelled ones are the first of the points
        (or, where there are fewer points, go on beyond them).
    context : DataContext
        Of ``points``.
    system : SingularSystem
        Its top 15 functions, the exact answer.
    exact_labelled, exact_held_out : (n, 15) arrays
        These functions extended to the labelled and to the held out points.
    y, y_held_out : (n, k) arrays
        Targets of the labelled and of the held out points; classes are one-hot.
    error_exact, error_linear : float
        Probe error with the exact functions, and with the columns themselves.
    """

    task: str
    name: str
    seed: int
    samples: int
    points: np.ndarray
    labelled: np.ndarray
    held_out: np.ndarray
    context: DataContext
    system: SingularSystem
    exact_labelled: np.ndarray
    exact_held_out: np.ndarray
    y: np.ndarray
    y_held_out: np.ndarray
    error_exact: float = np.nan
    error_linear: float = np.nan

    def __repr__(self):
        return said(f"Setting({self.task}, {self.name}, seed {self.seed}: {self.samples} points, "
                    f"{len(self.held_out)} held out; exact functions {self.error_exact:.3f}, "
                    f"columns {self.error_linear:.3f})")

    @property
    def ratio_trace_exact(self):
        """Σ_{i≤15} s_i² / 15: the most that any network can reach."""
        return float((self.system.values**2).mean())

    def error(self, labelled, held_out):
        """Mean squared error over variance, at held out points, of a ridge probe on features."""
        guess, _ = protocol.ridge_probe(labelled, held_out, self.y)
        return protocol.relative_error(self.y_held_out, guess)


def setting(task, context, seed=0, samples=1000):
    """A `Setting`: the points, a context of them, and its exact functions.

    The context of a point is one of its K nearest training points, itself included, among the
    standardised columns or among their whitened principal components (clipped at 4 standard
    deviations). "30 neighbours" means 30 of 1000 points: with other ``samples`` K is that share
    of them, at least 2. With so few a context may fall into pieces (s_i = 1 for i ≤ 15 and
    beyond), and its exact functions are then some of many. The labelled and the held out points
    do not depend on ``samples``.

    Parameters
    ----------
    task : {"abalone", "digits"}
        Age of 4177 shellfish, or which digit 1797 pictures show.
    context : str
        A name in ``CONTEXTS[task]``.
    seed : int
        Of the split.
    samples : int
        From 100 to 3000 (abalone) or 1000 (digits).
    """
    return _setting(*known(task, context, as_count("seed", seed, least=0), samples))


@lru_cache(maxsize=4)
def _setting(task, name, seed, samples):
    data = datasets.load(task)
    _, target = protocol.targets(data.y)
    order = np.random.default_rng(seed).permutation(len(data.X))
    points, labelled = order[:samples], order[:LABELLED]
    held_out = order[max(SAMPLES[task], len(order) - HELD_OUT):]
    Z = protocol.standardised(data.X, points)
    k, whitened = CONTEXTS[task][name]
    # the network sees the columns always, the neighbours may be those of another view
    seen = protocol.whitened(Z, points) if whitened else Z
    context = empirical.knn_context(seen[points], max(2, round(k * samples / 1000)))
    system = spectrum.singular_system(context, D)
    exact = (system.extend(context.conditional_at(seen[part])) for part in (labelled, held_out))
    arrays = (Z[points], Z[labelled], Z[held_out], *exact, target[labelled], target[held_out])
    first, last = arrays[:3], arrays[3:]
    for array in arrays:
        read_only(array)  # the next caller gets the same ones
    made = Setting(task, name, seed, samples, *first, context, system, *last)
    return replace(made, error_exact=made.error(made.exact_labelled, made.exact_held_out),
                   error_linear=made.error(made.labelled, made.held_out))


def known(task, context, seed, samples):
    """The names and sizes of a setting, checked."""
    if task not in TASKS:
        raise ValueError(f"task is {task!r}; there are {', '.join(TASKS)}")
    if context not in CONTEXTS[task]:
        raise ValueError(f"context is {context!r}; of {task} there are: "
                         f"{'; '.join(CONTEXTS[task])}")
    samples = as_count("samples", samples, least=FEWEST)
    if samples > SAMPLES[task]:
        raise ValueError(f"samples is {samples}; of {task} there are at most {SAMPLES[task]}: "
                         "the other points are held out")
    return task, context, seed, samples
