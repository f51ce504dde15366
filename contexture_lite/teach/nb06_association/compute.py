"""What notebook 06's live picture shows: spectrum, scores and error along the strength.

A `StrengthCurve` is one source with one task (finite contexts) or one family of contexts
(tables), from the weakest strength to the strongest. Finite contexts: the scores are exact,
the error is that of a small experiment, repeated. Tables: the protocol of
`contexture_lite.sweep`, shipped, or made on the spot where the table is small.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets, usefulness
from contexture_lite.contexts import Context
from contexture_lite.experiment import protocol
from contexture_lite.experiment.families import FAMILIES, conditionals
from contexture_lite.experiment.protocol import first_least
from contexture_lite.teach.cast import tasks
from contexture_lite.teach.cast.members import CAST, GRID, systems
from contexture_lite.teach.cast.sampled import CONTEXTS, learned, samples

PAIRS, LABELS, NOISE = 200, 30, 1.0  # of one run on a finite context; the task has variance 1
RUNS = 200
SCORES = ("tau", "effective rank", "log trace", "decay rate")
SLACK = 1.05  # an error within 5 % of the best is about right

FINITE = tuple(name for name in CONTEXTS if name != "binary channel")  # it has one task only
LIVE = {"digits (live)": ("digits", 300), "wine (live)": ("wine", 178)}  # the first rows
DIMENSIONS = ("best", "leave-one-out", *protocol.DIMENSIONS)


@dataclass(frozen=True)
class StrengthCurve:
    """One source and case along k strengths, weakest first."""

    source: str
    case: str
    strengths: np.ndarray  # (k,), from 0 to 1
    neighbours: np.ndarray | None  # (k,), of a point in effect (perplexity); None if finite
    points: int  # of how many
    squares: np.ndarray  # (k, m): s_i² of the context, of seed 0 for a table
    scores: dict  # name -> (k,) values for that spectrum, NaN where it is undefined
    missed: np.ndarray  # (k,): the first of τ's two terms
    errors: dict  # d, "best" or "leave-one-out" -> (r, k): error of the probe, r repetitions
    used: dict  # the same keys -> (k,): how many functions that means, in the first repetition

    def mean(self, d):
        """Mean error at every strength."""
        return self.errors[d].mean(axis=0)

    def uncertainty(self, d):
        """Standard error of that mean, over the repetitions."""
        return self.errors[d].std(axis=0, ddof=1) / np.sqrt(len(self.errors[d]))

    def about_right(self, d):
        """(k,) whether the error is within 5 % of the best, or the two standard errors overlap."""
        mean, around = self.mean(d), self.uncertainty(d)
        best = first_least(mean)
        return (mean <= SLACK * mean[best]) | (mean - around <= mean[best] + around[best])

    def points_to(self, score):
        """The strength that a score calls best, of several the weakest; None if it never varies."""
        values = self.scores[score] * (-1 if score == "decay rate" else 1)
        least, alike = np.nanmin(values), 1e-6 * np.nanmax(np.abs(values))
        if np.nanmax(values) - least <= alike:
            return None
        return int(np.flatnonzero(values <= least + alike)[0])

    def place(self, at, room="long"):
        """A strength in words; ``room`` is "long", "short" or "tick"."""
        if self.neighbours is None:
            return f"{self.strengths[at]:.{1 if room == 'tick' else 2}f}"
        count = f"{self.neighbours[at]:.0f}"
        return f"{count} of {self.points} points" if room == "long" else count


def sources():
    """Names of all sources: small tables, finite contexts, tables of the sweep."""
    return [*LIVE, *FINITE, *shipped()]


def cases(source):
    """The four tasks of a finite context, or the four families of a table."""
    return tasks.names(source)[:4] if source in FINITE else list(FAMILIES)


@cache
def strength_curve(source, case):
    """The `StrengthCurve` of a source and one of its `cases`; made once."""
    if source in FINITE:
        return _finite(source, case)
    X, rows = _table(source, case)
    spectra = [_values(context) for context in contexts(X, case)]
    return _curve(source, case, spectra, **_measured(rows, spectra))


def _curve(source, case, spectra, **rest):
    """The scores of these singular values, and the rest as it comes."""
    scores, missed = zip(*map(_scores, spectra))
    most = max(map(len, spectra))  # of copies some may be nobody's context
    squares = np.array([np.pad(values, (0, most - len(values))) ** 2 for values in spectra])
    return StrengthCurve(source, case, squares=squares, missed=np.array(missed),
                         scores={name: np.array([of[name] for of in scores]) for name in SCORES},
                         **rest)


def _scores(values):
    """({name: value}, first term of τ), NaN where nothing is associated."""
    if not values.any():
        return dict.fromkeys(SCORES, np.nan), np.nan
    scores = [score(values) for score in (usefulness.tau, usefulness.effective_rank,
                                          usefulness.log_trace, usefulness.decay_rate)]
    return {score.name: score.value for score in scores}, scores[0].terms["missed"]


def _finite(name, task):
    f = tasks.task(name, tasks.KINDS[cases(name).index(task)])
    strengths, spectra = GRID[::2], [system.values for system in systems(name)[::2]]
    made = [probe_runs(CAST[name].build(strength), f) for strength in strengths]
    along, left_out, count = np.array(made).transpose(1, 3, 2, 0)  # (runs, D, k) each
    most = along.shape[1]
    best, chosen = first_least(along.mean(axis=0), axis=0), first_least(left_out, axis=1)
    at = {"best": np.broadcast_to(best, chosen.shape), "leave-one-out": chosen}
    at |= {d: np.full(chosen.shape, min(d, most) - 1) for d in protocol.DIMENSIONS}
    errors, used = ({key: np.take_along_axis(table, place[:, None], axis=1)[:, 0]
                     for key, place in at.items()} for table in (along, count))
    used = {key: of_runs[0].astype(int) for key, of_runs in used.items()}
    return _curve(name, task, spectra, strengths=strengths, neighbours=None, points=len(f),
                  errors=errors, used=used)


def probe_runs(context, f, pairs=PAIRS, labels=LABELS, noise=NOISE, runs=RUNS, seed=0):
    """Both stages on a finite context, many times: learn from pairs, then probe with labels.

    One run: the encoder is the singular functions of ``pairs`` sampled (x, a); the probe is
    ridge regression on the first d of them, from ``labels`` sampled x with f(x) and normal
    noise of that standard deviation (its square is the penalty). Its error is
    Σ p(x) (f̂(x) − f(x))² / Var f: a part of f that the functions miss, and a part that the
    labels leave uncertain.

    Returns (3, D, runs) for d = 1 … D: the error, the leave-one-out error, and of how many
    functions, since no repeated value of the sampled pairs is cut.
    """
    p_x, most = context.p_x, min(context.shape) - 1
    f = f - p_x @ f
    f = f / np.sqrt(p_x @ f**2)
    features, squares = learned(samples(context, pairs, runs, [seed, 0]), most)
    rng = np.random.default_rng([seed, 1])
    x = rng.choice(len(p_x), (runs, labels), p=p_x)
    y = f[x] + noise * rng.standard_normal(x.shape)
    seen, middle = np.take_along_axis(features, x[:, :, None], axis=1), y.mean(axis=1)[:, None]
    average = seen.mean(axis=1, keepdims=True)
    Z, new, centred = seen - average, features - average, y - middle
    along = np.empty((2, most, runs))
    for d in range(1, most + 1):
        A = Z[:, :, :d]
        solve = np.linalg.solve(A.transpose(0, 2, 1) @ A + noise**2 * np.eye(d),
                                A.transpose(0, 2, 1))
        w = solve @ centred[:, :, None]
        guess = middle + (new[:, :, :d] @ w)[:, :, 0]
        own = 1 / labels + np.einsum("rmd,rdm->rm", A, solve)  # of a label on its own guess
        left_out = (centred - (A @ w)[:, :, 0]) / (1 - own)
        along[:, d - 1] = (guess - f) ** 2 @ p_x, (left_out**2).mean(axis=1)
    ends = protocol.group_ends(np.sqrt(squares), np.arange(1, most + 1)).T
    return np.concatenate([np.take_along_axis(along, ends[None] - 1, axis=1), ends[None]])


@cache
def shipped():
    """{name: rows} of the shipped sweep."""
    from contexture_lite.teach.nb06_association import results  # brings pandas

    return dict(list(results.shipped().groupby("dataset")))


def _table(source, family):
    """(X, rows of the sweep) of a table."""
    if source not in LIVE:
        rows = shipped()[source]
        return datasets.load(source).X, rows[rows.family == family]
    name, most = LIVE[source]
    X, y = datasets.load(name).X[:most], datasets.load(name).y[:most]
    return X, cl.sweep({source: (X, y)}, family, n_jobs=1, progress=False)


def contexts(X, family, strengths=12, seed=0):
    """The contexts that `contexture_lite.sweep` makes of a table with this seed."""
    rng = np.random.default_rng(seed)
    trained = protocol.split(len(X), rng)[:1]
    Z = protocol.standardised(X, trained[0])
    for rows, in conditionals(family, Z, trained, strengths, rng):
        yield Context.from_conditional(rows)


def _values(context):
    """All singular values, without the functions."""
    Q = context.matrix() - np.outer(np.sqrt(context.p_x), np.sqrt(context.p_a))
    squares = np.linalg.eigvalsh(Q @ Q.T)[::-1][: min(context.shape) - 1]
    values = np.sqrt(np.clip(squares, 0, 1))
    return np.where(values > protocol.SMALLEST, values, 0)


def _measured(rows, spectra):
    """Errors and sizes from rows of the sweep, those of one table and family."""
    from contexture_lite.teach.nb06_association.results import error_with

    rows = rows.sort_values(["seed", "strength"])
    strengths, seeds = np.unique(rows.strength), rows.seed.nunique()
    points = int(protocol.sizes(rows.n.iloc[0])[0])

    def by_seed(column):
        return np.reshape(column, (seeds, len(strengths)))

    most = 2 ** np.log2(np.maximum(rows["rank"], 1)).astype(int)
    errors = {"best": rows.error_oracle, "leave-one-out": rows.error_loo}
    wanted = {"best": rows.d_oracle, "leave-one-out": rows.d_loo}
    for d in protocol.DIMENSIONS:
        errors[d], wanted[d] = error_with(rows, d), np.minimum(d, most)
    used = {key: np.array([protocol.group_ends(values[values > 0], [d])[0]
                           for values, d in zip(spectra, by_seed(of_key)[0])])
            for key, of_key in wanted.items()}
    return dict(strengths=strengths, points=points, used=used,
                neighbours=points * by_seed(rows.share).mean(axis=0),
                errors={key: by_seed(of_key) for key, of_key in errors.items()})
