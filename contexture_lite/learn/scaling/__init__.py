"""The experiment of notebook 08: networks of every size on real data, and what a context gives.

For each task, context, width, depth and seed: a network that learns from the context alone,
how near it comes to the context's own top functions, and the error of a linear probe on what
it has learned, beside that on the exact functions. After Zhai et al. 2025, arXiv 2505.01557.

``python -m contexture_lite.experiment 08 FILE.csv.gz`` makes the table that the course ships.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import product
from time import process_time

import numpy as np
import torch

from contexture_lite._checks import as_count
from contexture_lite._lazy import needed
from contexture_lite.experiment import jobs
from contexture_lite.learn import laws, losses
from contexture_lite.learn.encoders import ResidualMLP
from contexture_lite.learn.scaling.learned import Functions, functions, scores
from contexture_lite.learn.scaling.settings import CONTEXTS, TASKS, D, Setting, known, setting
from contexture_lite.learn.training import Diverged
from contexture_lite.learn.training import train as training

__all__ = ["Point", "Setting", "Functions", "setting", "train", "network", "fit",
           "functions", "grid", "grid_and_cuts", "CONTEXTS", "TASKS", "WIDTHS", "DEPTHS", "STEPS",
           "D"]

EDITION = 1  # to be raised with every change of the code that changes numbers
WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512)
DEPTHS = (1, 2, 3, 4)
STEPS = 300
SEEDS = (0, 1, 2, 3, 4)
OUTPUTS = 64  # of a network; Ritz takes D functions from them


@dataclass(frozen=True)
class Point:
    """One network: a row of the table. Scores are NaN if its training diverged.

    Attributes
    ----------
    task, context : str
    width, depth, steps, samples, seed, parameters : int
        ``steps`` made so far; ``parameters`` is how many numbers were trained.
    cca, cca_held_out : float
        Mean squared canonical correlation of the network's 15 functions with the exact ones,
        at the training points and at held out ones; missing functions count as 0.
    ratio_trace, ratio_trace_exact : float
        Σ_{i≤15} λ_i / 15 of the network, and the largest possible, Σ_{i≤15} s_i² / 15.
    error, error_exact, error_linear : float
        Probe error (see `Setting.error`) with the network's functions, the exact functions,
        and the columns.
    seconds : float
        Of processor time, for the training alone.
    """

    task: str
    context: str
    width: int
    depth: int
    steps: int
    samples: int
    seed: int
    parameters: int
    cca: float
    cca_held_out: float
    ratio_trace: float
    ratio_trace_exact: float
    error: float
    error_exact: float
    error_linear: float
    seconds: float


def train(setting, width, depth, *, steps=STEPS, seed=0, every=10, progress=False):
    """Train one network on a context; yield a `Point` before the first step and every few steps.

    A residual MLP with 64 outputs makes −tr(C⁻¹ B) small (`losses.whitened_trace`), see `fit`.
    Then its 15 functions are those that `tasks.ritz` takes from the outputs. ``seed`` is that
    of the network's first weights, ``every`` counts the steps between two points. Raises
    `Diverged` while it is iterated.
    """
    net = network(setting, width, depth, seed)
    run = fit(setting, net, losses.whitened_trace, steps=steps, every=every, progress=progress)
    return _watched(run, net, setting, _unknown(setting, net, steps))


def network(setting, width=128, depth=2, seed=0):
    """A `ResidualMLP` for the points of a setting, as `train` trains it."""
    _refuse_other(setting)
    return ResidualMLP(setting.points.shape[1], OUTPUTS, width, depth, seed)


def fit(setting, network, objective, *, steps=STEPS, every=10, progress=False):
    """Train a network on a context; yield the records of `learn.train`.

    It makes ``objective(law, features, features)`` small, where ``law`` is the distribution of
    two inputs with a context in common, on all points at once, with AdamW and one cycle of the
    rate up to 0.01. It sees no label.
    """
    _refuse_other(setting)
    law = laws.inputs(setting.context, dtype=torch.float32)
    points = torch.tensor(setting.points, dtype=torch.float32)

    def loss():
        features = network(points)
        return objective(law, features, features)

    return training(loss, network, steps=steps, learning_rate=1e-2, every=every,
                    progress=progress)


def _watched(run, network, setting, point):
    """The training's records as points; the time between them is not the training's."""
    seconds, start = 0.0, process_time()
    for record in run:
        seconds += process_time() - start
        yield replace(point, steps=record.step, seconds=seconds, **scores(setting, network))
        start = process_time()


def _unknown(setting, network, steps):
    """The point of a network that has no scores."""
    none = dict.fromkeys(("cca", "cca_held_out", "ratio_trace", "error", "seconds"), np.nan)
    return Point(
        task=setting.task, context=setting.name, width=network.width, depth=network.depth,
        steps=steps, samples=setting.samples, seed=network.seed,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        ratio_trace_exact=setting.ratio_trace_exact, error_exact=setting.error_exact,
        error_linear=setting.error_linear, **none)


def grid(tasks=TASKS, contexts=None, widths=WIDTHS, depths=DEPTHS, steps=(STEPS,),
         samples=(1000,), seeds=SEEDS, *, cache=None, n_jobs=-1, progress=True):
    """Every combination, one network each; a DataFrame with a row for each network.

    Parameters
    ----------
    tasks, contexts : sequence of str
        As in `setting`; all by default. A context must be known for every task.
    widths, depths, steps, samples : sequence of int
        As in `train` and `setting`.
    seeds : sequence of int
        Each is the seed of a split and of the network's first weights.
    cache : path, optional
        Folder of finished work, a file for each network: a killed grid goes on where it stopped.
    n_jobs, progress
        As in `experiment.jobs.run`; the scores do not depend on them.

    Returns
    -------
    pandas.DataFrame
        Columns are the attributes of `Point`. Where a training diverged, its scores are empty.
    """
    pd = needed("pandas")

    sizes = product(*([as_count(name, value) for value in values] for name, values in (
        ("samples", samples), ("steps", steps), ("depths", depths), ("widths", widths))))
    pairs = [(task, context) for task in tasks for context in contexts or CONTEXTS.get(task, "?")]
    units = [(*known(*pair, seed, size[0]), *size[1:])
             for pair, seed, size in product(pairs, jobs.as_seeds(seeds), sizes)]
    work = jobs.run(_unit, units, cache=cache, edition=EDITION, n_jobs=n_jobs,
                    progress=progress, label=_label)
    return pd.DataFrame(work)


def grid_and_cuts(cache=None):
    """The table that the course ships: all of `grid`, and two cuts at width 128, depth 2."""
    pd = needed("pandas")

    cut = {"cache": cache, "widths": [128], "depths": [2]}
    return pd.concat([grid(cache=cache), grid(**cut, steps=[10, 30, 100, 1000]),
                      grid(["abalone"], **cut, samples=[100, 200, 500, 2000]),
                      grid(["digits"], **cut, samples=[100, 200, 500])])


def _unit(task, context, seed, samples, steps, depth, width):
    """The row of one network."""
    data, point = setting(task, context, seed, samples), None
    try:
        *_, point = train(data, width, depth, steps=steps, seed=seed, every=steps)
    except Diverged:
        point = _unknown(data, network(data, width, depth, seed), steps)
    return asdict(point)


def _label(task, context, seed, samples, steps, depth, width):
    return f"{task}, {context}, width {width}, depth {depth}, seed {seed}"


# -- what comes in --------------------------------------------------------------------


def _refuse_other(setting):
    if not isinstance(setting, Setting):
        raise TypeError(f"setting is a {type(setting).__name__}; it must be a Setting, such as "
                        "setting('digits', '30 neighbours')")
