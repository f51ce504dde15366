"""How useful is a context, before there is a label? Rehearse on invented tasks.

The singular values do not say which functions carry them. An invented task does: a function of
the columns, known at every point, so that its labels are free. `risk`, for short
`contexture_lite.usefulness.rehearsal`, is the error that a probe may be expected to have on tasks
drawn from a stated prior (`tasks`); the prior is a choice, and where the real task is of another
kind, the answer misleads.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_count, as_generator, as_number, as_numbers, row_by_row
from contexture_lite.spectrum.solvers import thin_svd
from contexture_lite.usefulness.spectra import Usefulness

DIMENSIONS = tuple(2**k for k in range(9))  # 1 … 256
PENALTIES = np.logspace(-5, 4, 19)
WAVES, DEPTH, FEWEST = 300, 3, 20
KEEP = f"keep at least {FEWEST} points back when you make it"
CLUSTERS = 5, 15, 40  # how many, in turn
FEW, WORTH = 100, 40  # up to how many labels rehearsal has a say, and how many it is worth
ROUNDING = 1e-14  # shares below are rounding


def risk(features, X, *, noise=0.5, kinds=None, each=8, dimensions=DIMENSIONS, rng=0):
    """R = (1/T) Σ_t min_d [ e_t(d) + σ² d/(m + 1) ] over T invented `tasks` t, d = 0 among the d.

    e_t(d) is the leave-one-out error of ridge regression of task t, of variance 1, on the first
    d functions, at the best penalty: what d functions miss of it. σ² d/(m + 1) is what label
    noise of variance σ² adds where d coefficients are estimated from m labels. With d = 0, the
    mean alone, the risk is 1.

    Parameters
    ----------
    features : (m, k) array
        Functions of a context, the best first, at m points *that did not make the context*;
        functions are zero and one at the points that made it without knowing anything.
    X : (m, columns) array
        The same points; the tasks are functions of these columns.
    noise : float
        σ², beside the variance 1 of a task.
    kinds : sequence of names or functions
        What kinds of task are expected: see `tasks`.
    each : int
        How many tasks of each kind.
    dimensions : sequence of int
        Which d are tried beside 0, those above k left out; none should cut a repeated singular
        value, or R depends on the solver.
    rng : int or numpy.random.Generator
        For the tasks; the same for contexts that are compared.

    Returns
    -------
    Usefulness
        Smaller is better, 1 is no better than the mean; ``terms`` has R of each kind of task,
        ``curve`` the mean over the tasks at each of the d tried, 0 first.
    """
    features, X = row_by_row(features=features, X=X)
    if np.shape(features)[:1] == (0,):
        raise ValueError(f"features has no rows, so no point is left outside the context; {KEEP}")
    features = as_numbers("features", features, "(points, functions)")
    X = as_numbers("X", X, "(points, columns)")
    if len(X) != len(features) or len(X) < FEWEST:
        raise ValueError(f"features has {len(features)} rows and X {len(X)}; both must be "
                         f"of the same points, at least {FEWEST}, that did not make the context; "
                         f"{KEEP}")
    noise = as_number("noise", noise, least=0)
    known = sorted({d for d in dimensions if 0 < d <= features.shape[1]})
    if not known:
        raise ValueError(f"dimensions is {dimensions!r}; at least one must lie between 1 and "
                         f"{features.shape[1]}, the number of functions")
    invented = tasks(X, each, rng, kinds)
    every = np.hstack([*invented.values()])
    along = _along({d: _centred(features[:, :d]) for d in known}, every, noise)
    by_kind = np.reshape(np.min(along, axis=0), (len(invented), -1)).mean(axis=1)
    return Usefulness("rehearsal risk", float(by_kind.mean()), "smaller",
                      curve=np.mean(along, axis=1), terms=dict(zip(invented, by_kind.tolist())))


def risks(solved, tasks, noise=0.5):
    """(T,) min_d [ e_t(d) + σ² d/(m + 1) ] of every task, d = 0 among the d.

    ``solved`` is {d: (U, S)} of the first d functions, centred; ``tasks`` (m, T) have mean 0 and
    variance 1. `risk` for whoever has decomposed the functions already.
    """
    return np.min(_along(solved, tasks, noise), axis=0)


def _along(solved, tasks, noise):
    """What `risks` takes the least of: a row (T,) for d = 0 and for each d."""
    m, count = tasks.shape
    return [np.ones(count)] + [_least_left_out(*parts, tasks) + noise * d / (m + 1)
                               for d, parts in solved.items()]


def _centred(features):
    """U and S of the centred features."""
    return thin_svd(features - features.mean(axis=0))[:2]


def _least_left_out(u, s, y):
    return squares_left_out(u, s, y, PENALTIES).mean(axis=1).min(axis=0)


def squares_left_out(u, s, y, penalties):
    """(penalties, m, T) squared leave-one-out errors of ridge regression of y, of mean 0.

    With centred features U S Vᵀ the fit misses r = y − U S²/(S² + λ) Uᵀ y, and a label that is
    left out is missed by r_i / (1 − 1/m − Σ_j U_ij² s_j²/(s_j² + λ)).
    """
    inside, lost = u.T @ y, penalties[:, None] / (s**2 + penalties[:, None])
    missed = y - u @ inside + u @ (lost[:, :, None] * inside)
    others = 1 - 1 / len(y) - (u**2).sum(axis=1) + lost @ (u**2).T
    return (missed / np.maximum(others, ROUNDING)[:, :, None]) ** 2


def criterion(left_out, rehearsal, m):
    """What chooses a context where there are m labels: log LOO + (40/m) log R, or LOO if m ≥ 100.

    ``left_out`` is the leave-one-out error of its probe, ``rehearsal`` its `risk` R; R counts as
    much as 40 labels do. Arrays of one shape; the least is chosen.
    """
    with np.errstate(divide="ignore"):
        few = WORTH / m * np.log(rehearsal) if m < FEW else 0.0
        return np.log(left_out) + few


def tasks(X, each=8, rng=0, kinds=None):
    """Invented tasks, {kind: (m, each) array}, each task of mean 0 and variance 1.

    With z the standardised columns, "linear": w·z, w normal. "smooth": Σ_j a_j cos(w_j·z + b_j),
    j ≤ 300, with w_j normal of variance 1/h² and h the median distance, a draw of the Gaussian
    process whose kernel has bandwidth h. "rules": a tree of three random questions "is this
    column above that value?", with a normal number at each of its eight leaves. These three are
    the default. "classes": a normal number for each of 5, 15 or 40 clusters (k-means). A
    function of one's own is called as ``function(X, rng)``, ``each`` times, and returns m values.
    """
    X = as_numbers("X", X, "(points, columns)")
    each, rng, kinds = as_count("each", each), as_generator("rng", rng), kinds_of(kinds)
    spread = X.std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(X.mean(axis=0)))
    if not varies.any():
        raise ValueError("X has no column that varies, so there is no task to invent")
    z = (X - X.mean(axis=0))[:, varies] / spread[varies]
    return {name: _standard(INVENTED[make](z, each, rng) if make in INVENTED else
                            _own(make, name, X, each, rng)) for name, make in kinds.items()}


def kinds_of(kinds):
    """{name: a name of `tasks`' kinds, or a function}, checked; None for the three usual ones."""
    kinds = DEFAULT if kinds is None else kinds
    kinds = [kinds] if isinstance(kinds, str) or callable(kinds) else list(kinds)
    for kind in kinds:
        if not callable(kind) and kind not in INVENTED:
            raise ValueError(f"tasks has {kind!r}; there are {', '.join(INVENTED)}, and functions "
                             "of your own that are called with (X, rng) and return a value a point")
    if not kinds:
        raise ValueError(f"tasks is empty; there are {', '.join(INVENTED)}")
    return {getattr(kind, "__name__", str(kind)): kind for kind in kinds}


def _own(make, name, X, each, rng):
    """Values of a reader's function, refused where they do not vary."""
    values = [as_numbers(f"what {name} returns", make(X.copy(), rng), "(points,)")
              for _ in range(each)]
    for value in values:
        if len(value) != len(X) or not np.ptp(value):
            raise ValueError(f"what {name} returns has {len(value)} values, "
                             f"{len(np.unique(value))} of them different; it must be one for each "
                             f"of the {len(X)} points, and vary")
    return np.column_stack(values)


def _linear(z, each, rng):
    return z @ rng.standard_normal((z.shape[1], each))


def _smooth(z, each, rng):
    from scipy.spatial.distance import pdist

    h = np.median(pdist(z[:: max(1, len(z) // 300)])) or 1.0
    return np.column_stack([_wave(z, h, rng) for _ in range(each)])


def _rules(z, each, rng):
    return np.column_stack([_rule(z, rng) for _ in range(each)])


def _classes(z, each, rng):
    """A number for each cluster; of few points there are fewer, four points to each."""
    from sklearn.cluster import KMeans

    most, values = min(len(z) // 4, len(np.unique(z, axis=0))), []
    for place in range(each):
        k = max(2, min(CLUSTERS[place % len(CLUSTERS)], most))
        seed = int(rng.integers(2**31))
        labels = KMeans(k, n_init=1, random_state=seed).fit_predict(z)
        values.append(rng.standard_normal(k)[labels])
    return np.column_stack(values)


DEFAULT = "linear", "smooth", "rules"
INVENTED = {"linear": _linear, "smooth": _smooth, "rules": _rules, "classes": _classes}


def _wave(z, h, rng):
    w, b = rng.standard_normal((z.shape[1], WAVES)) / h, rng.uniform(0, 2 * np.pi, WAVES)
    return np.cos(z @ w + b) @ rng.standard_normal(WAVES)


def _rule(z, rng):
    """The tree's value at every point; a tree that asks nothing is drawn again."""
    while True:
        node, point = np.zeros(len(z), dtype=int), np.arange(len(z))
        for level in range(DEPTH):
            column = rng.integers(z.shape[1], size=2**level)
            above = z[rng.integers(len(z), size=2**level), column]
            node = 2 * node + (z[point, column[node]] > above[node])
        if np.ptp(node):
            return rng.standard_normal(2**DEPTH)[node]


def _standard(values):
    values = values - values.mean(axis=0)
    return values / np.maximum(values.std(axis=0), ROUNDING)
