"""What notebook 06's live picture shows: spectrum, scores and error along the strength.

A `Course` is one source with one task (finite contexts) or one family of contexts (tables),
from the weakest strength to the strongest. Finite contexts: the scores are exact, the error
is that of a small experiment, repeated. Tables: the protocol of `contexture_lite.sweep`,
shipped, or made on the spot where the table is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets, experiment, usefulness
from contexture_lite.contexts import Context
from contexture_lite.teach import task_list
from contexture_lite.teach.cast import CAST, GRID, systems
from contexture_lite.teach.extraction import CONTEXTS
from contexture_lite.teach.readings import learned, samples

PAIRS, LABELS, NOISE = 200, 30, 1.0  # of one run on a finite context; the task has variance 1
RUNS = 200
SEEDS = (0, 1, 2)  # of what is made on the spot
SCORES = ("tau", "effective rank", "log trace", "decay rate")
SLACK = 1.05  # an error within 5 % of the best is about right

FINITE = tuple(name for name in CONTEXTS if name != "binary channel")  # it has one task only
LIVE = {"digits (live)": ("digits", 300), "wine (live)": ("wine", 178)}  # the first rows
DIMENSIONS = ("best", "leave-one-out", *experiment.DIMENSIONS)


@dataclass(frozen=True)
class Course:
    """One source and case along k strengths, weakest first.

    Attributes
    ----------
    source, case : str
    strengths : (k,) array
        From 0 to 1.
    tied : (k,) array or None
        To how many points a point is tied (mean perplexity of P(a|x)); None for a finite
        context.
    points : int
        Of how many.
    squares : (k, m) array
        s_i² of the context, of seed 0 for a table.
    scores : dict
        Name -> (k,) values for that spectrum, NaN where it is undefined.
    missed : (k,) array
        The first of τ's two terms.
    errors : dict
        d, "best" or "leave-one-out" -> (r, k): error of the probe in each of r repetitions.
    used : dict
        The same keys -> (k,): how many functions that means, for seed 0.
    """

    source: str
    case: str
    strengths: np.ndarray
    tied: np.ndarray | None
    points: int
    squares: np.ndarray
    scores: dict
    missed: np.ndarray
    errors: dict
    used: dict

    def mean(self, d):
        """Mean error at every strength."""
        return self.errors[d].mean(axis=0)

    def uncertainty(self, d):
        """Standard error of that mean, over the repetitions."""
        return self.errors[d].std(axis=0, ddof=1) / np.sqrt(len(self.errors[d]))

    def about_right(self, d):
        """(k,) whether the error at a strength is within 5 % of the best."""
        return self.mean(d) <= SLACK * self.mean(d).min()

    def points_to(self, score):
        """The strength that a score calls best, of several the weakest; None if it never varies."""
        values = self.scores[score] * (-1 if score == "decay rate" else 1)
        least, alike = np.nanmin(values), 1e-6 * np.nanmax(np.abs(values))
        if np.nanmax(values) - least <= alike:
            return None
        return int(np.flatnonzero(values <= least + alike)[0])

    def place(self, at, room="long"):
        """A strength in words; ``room`` is "long", "short" or "tick"."""
        if self.tied is None:
            return f"{self.strengths[at]:.{1 if room == 'tick' else 2}f}"
        count = f"{self.tied[at]:.0f}"
        return f"{count} of {self.points} points" if room == "long" else count


def sources():
    """Names of all sources: small tables, finite contexts, tables of the sweep."""
    return [*LIVE, *FINITE, *shipped()]


def cases(source):
    """The four tasks of a finite context, or the four families of a table."""
    return task_list.names(source)[:4] if source in FINITE else list(experiment.FAMILIES)


@cache
def course(source, case):
    """The `Course` of a source and one of its `cases`; made once."""
    if source in FINITE:
        return _finite(source, case)
    X, rows = _table(source, case)
    spectra = [_values(context) for context in contexts(X, case)]
    return _course(source, case, spectra, **_measured(rows))


def _course(source, case, spectra, **rest):
    """The scores of these singular values, and the rest as it comes."""
    found = [_scores(values) for values in spectra]
    most = max(map(len, spectra))  # of copies some may be nobody's context
    squares = np.array([np.pad(values, (0, most - len(values))) ** 2 for values in spectra])
    return Course(source, case, squares=squares,
                  scores={name: np.array([f[name] for f, _ in found]) for name in SCORES},
                  missed=np.array([missed for _, missed in found]), **rest)


def _scores(values):
    """({name: value}, first term of τ), NaN where nothing is associated."""
    if not values.any():
        return dict.fromkeys(SCORES, np.nan), np.nan
    found = (score(values) for score in (usefulness.tau, usefulness.effective_rank,
                                         usefulness.log_trace, usefulness.decay_rate))
    found = {score.name: score for score in found}
    return ({name: score.value for name, score in found.items()}, found["tau"].terms["missed"])


# -- finite contexts --------------------------------------------------------------------


def _finite(name, task):
    f = task_list.task(name, task_list.KINDS[cases(name).index(task)])
    strengths, spectra = GRID[::2], [system.values for system in systems(name)[::2]]
    made = [CAST[name].build(strength) for strength in strengths]
    found, left_out = np.array([probe_runs(context, f) for context in made]).transpose(1, 3, 2, 0)
    most, k = found.shape[1:]  # both are (runs, D, k)
    best = found.mean(axis=0).argmin(axis=0)
    chosen = left_out.argmin(axis=1)
    errors = {"best": found[:, best, np.arange(k)],
              "leave-one-out": np.take_along_axis(found, chosen[:, None], axis=1)[:, 0]}
    used = {"best": best + 1, "leave-one-out": chosen[0] + 1}
    for d in experiment.DIMENSIONS:
        errors[d], used[d] = found[:, min(d, most) - 1], np.full(k, min(d, most))
    return _course(name, task, spectra, strengths=strengths, tied=None, points=len(f),
                   errors=errors, used=used)


def probe_runs(context, f, pairs=PAIRS, labels=LABELS, noise=NOISE, runs=RUNS, seed=0):
    """Both stages on a finite context, many times: learn from pairs, then probe with labels.

    One run: the encoder is the singular functions of ``pairs`` sampled (x, a); the probe is
    ridge regression on the first d of them, from ``labels`` sampled x with f(x) and normal
    noise of that standard deviation (its square is the penalty). Its error is
    Σ p(x) (f̂(x) − f(x))² / Var f: a part of f that the functions miss, and a part that the
    labels leave uncertain.

    Returns (2, D, runs) for d = 1 … D: the error, and the leave-one-out error.
    """
    p_x, most = context.p_x, min(context.shape) - 1
    f = f - p_x @ f
    f = f / np.sqrt(p_x @ f**2)
    features, _ = learned(samples(context, pairs, runs, [seed, 0]), most)
    rng = np.random.default_rng([seed, 1])
    x = rng.choice(len(p_x), (runs, labels), p=p_x)
    y = f[x] + noise * rng.standard_normal(x.shape)
    seen, middle = np.take_along_axis(features, x[:, :, None], axis=1), y.mean(axis=1)[:, None]
    average = seen.mean(axis=1, keepdims=True)
    Z, new, centred = seen - average, features - average, y - middle
    found = np.empty((2, most, runs))
    for d in range(1, most + 1):
        A = Z[:, :, :d]
        solve = np.linalg.solve(A.transpose(0, 2, 1) @ A + noise**2 * np.eye(d),
                                A.transpose(0, 2, 1))
        w = solve @ centred[:, :, None]
        guess = middle + (new[:, :, :d] @ w)[:, :, 0]
        own = 1 / labels + np.einsum("rmd,rdm->rm", A, solve)  # of a label on its own guess
        left_out = (centred - (A @ w)[:, :, 0]) / (1 - own)
        found[:, d - 1] = (guess - f) ** 2 @ p_x, (left_out**2).mean(axis=1)
    return found


# -- tables -----------------------------------------------------------------------------


@cache
def shipped():
    """{name: rows} of the shipped sweep; empty where the package came without notebooks."""
    from contexture_lite.teach import sweep_results  # brings pandas

    try:
        return dict(list(sweep_results.shipped().groupby("dataset")))
    except FileNotFoundError:
        return {}


def _table(source, family):
    """(X, rows of the sweep) of a table."""
    if source not in LIVE:
        rows = shipped()[source]
        return datasets.load(source).X, rows[rows.family == family]
    name, most = LIVE[source]
    data = datasets.load(name)
    X, y = data.X[:most], data.y[:most]
    return X, cl.sweep({source: (X, y)}, family, seeds=SEEDS, n_jobs=1, progress=False)


def contexts(X, family, strengths=12, seed=0):
    """The contexts that `contexture_lite.sweep` makes of a table with this seed."""
    rng = np.random.default_rng(seed)
    trained = experiment.split(len(X), rng)[:1]
    Z = experiment.standardised(X, trained[0])
    for rows, in experiment.conditionals(family, Z, trained, strengths, rng):
        yield Context.from_conditional(rows)


def _values(context):
    """All singular values, without the functions."""
    Q = context.linear_operator().matmat(np.eye(context.shape[1]))
    squares = np.linalg.eigvalsh(Q @ Q.T)[::-1][: min(context.shape) - 1]
    values = np.sqrt(np.clip(squares, 0, 1))
    return np.where(values > experiment.SMALLEST, values, 0)


def _measured(rows):
    """Errors and sizes from rows of the sweep, those of one table and family."""
    from contexture_lite.teach.sweep_results import error_with

    rows = rows.sort_values(["seed", "strength"])
    strengths, seeds = np.unique(rows.strength), rows.seed.nunique()
    points = int(experiment.sizes(rows.n.iloc[0])[0])

    def by_seed(column):
        return np.reshape(column, (seeds, len(strengths)))

    errors = {"best": by_seed(rows.error_oracle), "leave-one-out": by_seed(rows.error_loo)}
    used = {"best": by_seed(rows.d_oracle)[0], "leave-one-out": by_seed(rows.d_loo)[0]}
    for d in experiment.DIMENSIONS:
        errors[d] = by_seed(error_with(rows, d))
        upto = [k for k in experiment.DIMENSIONS if k <= d]
        there = by_seed(rows[[f"error_{k}" for k in upto]].notna().sum(axis=1))[0]
        used[d] = np.array(upto)[np.maximum(there, 1) - 1]
    return dict(strengths=strengths, tied=points * by_seed(rows.share).mean(axis=0),
                points=points, errors=errors, used=used)
