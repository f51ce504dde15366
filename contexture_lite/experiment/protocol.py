"""The shared protocol of experiments on real tables: split, standardise, targets, probe, errors."""

from __future__ import annotations

from functools import partial

import numpy as np

from contexture_lite import usefulness
from contexture_lite.spectrum.solvers import thin_svd
from contexture_lite.usefulness.rehearsing import DIMENSIONS as REHEARSED
from contexture_lite.usefulness.rehearsing import risks, squares_left_out

PARTS = 600, 400, 600  # points that make the context, have a label, test
CLIP, FAR = 8.0, 4.0  # standard deviations, of columns and of whitened ones
DIMENSIONS = tuple(2**k for k in range(10))  # 1 … 512
PENALTIES = np.logspace(-6, 4, 21)
SMALLEST = 1e-6  # singular values below are rounding
REPEATED = 1e-6  # singular values that differ by no more, relatively, are one that is repeated
SAME = 1e-6  # errors that differ by no more, relatively, are equal

# scores of a spectrum that the table lists, and which values each calls useful
SCORES = {"tau": "smaller", "effective_rank": "smaller", "log_trace": "smaller",
          "decay_rate": "larger"}
SCORE_NAMES = {"tau": "τ"} | {score: score.replace("_", " ") for score in [*SCORES][1:]}
BETAS, D0S = (0.25, 0.5, 2.0, 4.0), (32, 128)  # how τ is varied beside β = 1, d₀ = 512


def spectrum_summary(system):
    """The scores of a spectrum that the table lists; empty (NaN) for an independent context."""
    values = np.where(system.values > SMALLEST, system.values, 0)
    tau = usefulness.tau
    scores = {"tau": tau, "tau_d": lambda values: tau(values).d}
    scores |= {name: getattr(usefulness, name) for name in [*SCORES][1:]}
    scores |= {f"tau_b{beta:g}": partial(tau, beta=beta) for beta in BETAS}
    scores |= {f"tau_d0_{d0}": partial(tau, d0=d0) for d0 in D0S}
    scores |= {"tau_constant": lambda values: tau(np.append(1, values))}
    numbers = {name: score(values) if values.any() else np.nan for name, score in scores.items()}
    return {"s1": values[0], "chi2": (values**2).sum(), "rank": int((values > 0).sum())} | {
        name: getattr(number, "value", number) for name, number in numbers.items()}


# -- no d cuts a repeated singular value ----------------------------------------------


def group_starts(values):
    """For every function, how many come before the run of repeated values that it is in.

    ``values`` (…, k) fall; neighbours that differ by at most ``REPEATED``, relatively, repeat.
    """
    new = np.ones(values.shape, dtype=bool)
    new[..., 1:] = -np.diff(values) > REPEATED * values[..., :-1]
    return np.maximum.accumulate(np.where(new, np.arange(values.shape[-1]), 0), axis=-1)


def group_ends(values, dimensions):
    """Each d rounded up to the end of the run of repeated values that s_d is in, at most k.

    Inside a run only the span of all its functions has a meaning: which of them come first is
    the solver's choice, and in the last digits the processor's. ``values`` (…, k) fall.
    """
    return cuts(group_starts(values), dimensions)


def cuts(starts, dimensions):
    """How many functions are among the first d: those with ``starts`` below d, for each d."""
    return (starts[..., None, :] < np.reshape(dimensions, (-1, 1))).sum(axis=-1)


# -- the probe ------------------------------------------------------------------------


def errors(system, labelled, test, y, y_test, tasks=None):
    """Probe error along d: at test points, and by leave-one-out among the labelled ones.

    ``labelled`` and ``test`` are rows P(a | x), ``y`` and ``y_test`` (…, targets). A dict of
    columns error_1 … error_512 (NaN beyond the rank), d_oracle, error_oracle, d_loo, error_loo.
    No repeated value is cut: error_8 is that of the first 8 functions and of all that share
    their value with the 8th. With invented ``tasks`` (m, T), of mean 0 and variance 1 at the
    labelled points, a column rehearsal has the risk on them; NaN if there is no function.
    """
    features, new = functions(system, labelled, test)
    solved = solved_along(features, group_starts(system.values[: features.shape[1]]))
    row = error_columns(probed_along(solved, new, y, y_test))
    if tasks is not None:
        tried = {end: parts[1:3] for d, (end, parts) in solved.items() if d in REHEARSED}
        row["rehearsal"] = risks(tried, tasks).mean() if tried else np.nan
    return row


def functions(system, *parts):
    """The functions of positive value at the points of every part, given by their P(a | x)."""
    rank = int((system.values > SMALLEST).sum())
    return [rows @ system.right[:, :rank] / system.values[:rank] for rows in parts]


def errors_along(features, new, y, y_test, starts, dimensions=DIMENSIONS):
    """{d: (probe error at new points, leave-one-out error)}, for every d with so many functions.

    ``features`` (m, k) and ``new`` (n, k) are functions at labelled and at test points,
    ``starts`` (k,) as `group_starts` makes them.
    """
    return probed_along(solved_along(features, starts, dimensions), new, y, y_test)


def solved_along(features, starts, dimensions=DIMENSIONS):
    """{d: (where its run of repeated values ends, the functions up to there `decomposed`)}."""
    known = [d for d in dimensions if d <= len(starts)]
    ends = cuts(starts, known).tolist()
    parts = {end: decomposed(features[:, :end]) for end in set(ends)}
    return {d: (end, parts[end]) for d, end in zip(known, ends)}


def probed_along(solved, new, y, y_test):
    """`errors_along` from `solved_along`."""
    parts = dict(solved.values())
    measured = {end: _probed(parts[end], new[:, :end], y, y_test) for end in parts}
    return {d: measured[end] for d, (end, _) in solved.items()}


def error_columns(along):
    """The columns of `errors` from those of `errors_along`."""
    table = np.array([along.get(d, (np.nan, np.nan)) for d in DIMENSIONS])
    oracle, chosen = (first_least(column) for column in table.T)
    return {f"error_{d}": error for d, error in zip(DIMENSIONS, table[:, 0])} | {
        "d_oracle": DIMENSIONS[oracle], "error_oracle": table[oracle, 0],
        "d_loo": DIMENSIONS[chosen], "error_loo": table[chosen, 0]}


def first_least(errors, axis=-1):
    """Position of the first error that is the least but for rounding; NaN is no error."""
    least = np.min(errors, axis=axis, keepdims=True, initial=np.inf, where=~np.isnan(errors))
    return np.argmax(errors <= least + SAME * np.abs(least), axis=axis)


def probe_error(features, new, y, y_test):
    """(mean squared error over variance at new points, leave-one-out error) of `ridge_probe`.

    Predictions are brought into the range of the labels: functions with a tiny singular value
    explode at a point that is far from the others.
    """
    return _probed(decomposed(features), new, y, y_test)


def _probed(parts, new, y, y_test):
    guess, left_out = fitted(*parts, new, y)
    return relative_error(y_test, np.clip(guess, y.min(axis=0), y.max(axis=0))), left_out


def ridge_probe(features, new, y):
    """(predictions at new points, leave-one-out error) of min Σ ‖y_i − β·φ_i − b‖² + λ ‖β‖².

    λ is that of the least leave-one-out error (`squares_left_out`), the largest of several.
    ``features`` (m, d), ``new`` (n, d), ``y`` (m, targets).
    """
    return fitted(*decomposed(features), new, y)


def decomposed(features):
    """Means and SVD (mean, U, S, Vᵀ) of features, from which every ridge regression follows."""
    mean = features.mean(axis=0)
    return mean, *thin_svd(features - mean)


def left_out(u, s, y):
    """Squared leave-one-out errors of every penalty: (penalties, m, targets)."""
    return squares_left_out(u, s, y - y.mean(axis=0), PENALTIES)


def fitted(mean, u, s, vt, new, y):
    """`ridge_probe` from `decomposed` features."""
    middle, errors = y.mean(axis=0), left_out(u, s, y).mean(axis=(1, 2))
    best = -1 - first_least(errors[::-1])
    slopes = vt.T @ ((s / (s**2 + PENALTIES[best]))[:, None] * (u.T @ (y - middle)))
    return middle + (new - mean) @ slopes, float(errors[best])


def relative_error(y, guess):
    """Mean squared error over variance, of all (n, targets) together."""
    return float(((y - guess) ** 2).mean(axis=0).sum() / y.var(axis=0).sum())


# -- the points -----------------------------------------------------------------------


def sizes(n, most=PARTS):
    """How many of n points make the context, have a label, test: 60/20/20 % of a small table."""
    if n >= sum(most):
        return most
    first, second = int(0.6 * n), int(0.2 * n)
    return tuple(np.minimum((first, second, n - first - second), most))


def split(n, rng, most=PARTS):
    """Positions of the points that make the context, that have a label, that test."""
    order, ends = rng.permutation(n), np.cumsum(sizes(n, most))
    return order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] : ends[2]]


def earlier_of_class(classes):
    """How many of its own class come before each: sorted by it, one of each class comes first."""
    same = classes[:, None] == np.unique(classes)
    return (np.cumsum(same, axis=0) - 1)[same]


def standardised(X, trained):
    """Columns in standard deviations of the training points, at most 8; constant ones left out."""
    mean, spread = X[trained].mean(axis=0), X[trained].std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(mean))
    return np.clip((X - mean)[:, varies] / spread[varies], -CLIP, CLIP)


def whitened(Z, trained):
    """Principal components of the columns, each of variance 1 and clipped at 4 deviations."""
    from sklearn.decomposition import PCA

    return np.clip(PCA(whiten=True).fit(Z[trained]).transform(Z), -FAR, FAR)


def targets(y):
    """("regression", (n, 1) numbers) or ("classification", (n, K) one-hot)."""
    y = np.asarray(y)
    if y.dtype.kind == "f":
        return "regression", y[:, None]
    return "classification", (y[:, None] == np.unique(y)).astype(float)
