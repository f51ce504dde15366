"""The experiments of notebook 09: points without labels, points with labels, functions; real data.

`curves` fits probes on the functions of contexts of neighbours and puts the formula beside
them, `transforms` labels a few points of a context and compares kernels on its functions.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from tqdm.auto import tqdm

import contexture_lite as cl
from contexture_lite import datasets as real
from contexture_lite import sampling
from contexture_lite._checks import as_count
from contexture_lite.experiment.protocol import (
    earlier_of_class,
    standardised,
    targets,
    whitened,
)

NEIGHBOURS = {"digits": 10, "abalone": 30}  # of points whose columns are whitened for abalone
POINTS, LABELS = (100, 300, 1000), (20, 50, 100, 200, 400)
DIMENSIONS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
DRAWS = 5  # of labelled points for each seed
KERNELS = {"plain": sampling.inverse_laplacian(0), "first 9 functions": sampling.truncation(9),
           "first 20 functions": sampling.truncation(20),
           "inverse Laplacian": sampling.inverse_laplacian(0.99)}
FEW, PENALTY = (10, 20, 50), 0.1


def curves(task="digits", points=POINTS, labels=LABELS, seeds=range(5), *, balanced=False,
           progress=True):
    """Error of least squares with m labels on d functions learned from n points; a DataFrame.

    n points without labels make `contexture_lite.knn_context`: 10 neighbours in the
    standardised pixels of digits, 30 in the whitened columns of abalone. Its first d functions
    are extended by P(a|x) to all other points; m of these, drawn five times, get labels
    (one-hot for digits) and the rest test the fit with a constant. With m ≤ d it is the one of
    least norm.

    ``predicted`` is (σ² + `contexture_lite.sampling.probe_risk` at m − 1) (1 + 1/m), the
    risk of such a fit in Gaussian functions. Its energies and noise σ² are estimated with the
    labels of all other points; σ² is what 64 functions leave, whatever the reason.

    ``task`` is "digits" or "abalone"; ``points`` n from 100 to 1000, ``labels`` m from 3 to 400;
    ``seeds`` make one split each. ``balanced`` draws as many labels of each digit, not at random:
    functions that are nearly constant on each digit say nothing about one that no label has.
    Columns n, m, d, seed, error and predicted, both as shares of the variance.
    """
    if task not in NEIGHBOURS:
        raise ValueError(f"task is {task!r}; there are {', '.join(NEIGHBOURS)}")
    if balanced and task != "digits":
        raise ValueError(f"balanced is {balanced!r}, but {task} has no classes")
    points = [as_count("points", n, POINTS[0], POINTS[-1]) for n in points]
    labels = [as_count("labels", m, 3, LABELS[-1]) for m in labels]
    seeds = [as_count("seed", seed, least=0) for seed in seeds]
    rows = []
    for seed, n in tqdm([(s, n) for s in seeds for n in points], disable=not progress):
        functions, target = _functions(task, n, seed)
        energies, noise = _energies(functions, target)
        for m in labels:
            rng = np.random.default_rng([seed, m])
            for d, error in zip(DIMENSIONS, _errors(functions, target, m, rng, balanced)):
                risk = sampling.probe_risk(energies, d, m - 1, noise).total
                predicted = (noise + risk) * (1 + 1 / m) / (noise + energies.sum())
                rows.append({"n": n, "m": m, "d": d, "seed": seed, "error": error,
                             "predicted": predicted})
    return pd.DataFrame(rows)


def best(table):
    """Best d for each n and m: measured, predicted; and the mean errors there; a DataFrame.

    Columns n, m, d, error, d_predicted, error_predicted (of the formula, at its own best d)
    and error_interpolated, the least error of fits with m ≤ d, which the first two leave out.
    """
    mean = table.groupby(["n", "m", "d"], as_index=False)[["error", "predicted"]].mean()
    spare = mean[mean.d < mean.m - 1].set_index("d").groupby(["n", "m"])
    through = mean[mean.d >= mean.m - 1].groupby(["n", "m"]).error.min()
    return pd.DataFrame({
        "d": spare.error.idxmin(), "error": spare.error.min(),
        "d_predicted": spare.predicted.idxmin(), "error_predicted": spare.predicted.min(),
        "error_interpolated": through}).reset_index()


def worth(table, m=400):
    """How many labels the most points need to be as good as the fewest with ``m``; a float.

    Between the numbers of labels tried, along straight lines of log error over log m.
    """
    rows = best(table)
    few, most = (rows[rows.n == n].set_index("m").error for n in (rows.n.min(), rows.n.max()))
    if m not in few.index:
        raise ValueError(f"m is {m!r}; the table has {', '.join(map(str, few.index))}")
    falling = np.minimum.accumulate(most.to_numpy())[::-1]
    return float(np.exp(np.interp(np.log(few[m]), np.log(falling), np.log(most.index[::-1]))))


def transforms(points=POINTS, labels=FEW, seeds=range(5), *, progress=True):
    """Share of digits misclassified with m of n labelled, by the kernel on the context's functions.

    n digits make the context of 10 neighbours, m of them, drawn five times, have labels, and
    the others are classified by ridge regression (β = 0.1, one-hot labels, the largest wins) in
    √s(λ_i) μ_i, which is `contexture_lite.sampling.transformed_ridge`. Transforms s: λ (plain),
    the first 9 or 20 of these, and the inverse Laplacian λ / (1 − 0.99 λ).

    Returns a DataFrame with columns n, m, kernel, seed, misclassified.
    """
    points = [as_count("points", n, POINTS[0], POINTS[-1]) for n in points]
    labels = [as_count("labels", m, 2, POINTS[0] - 1) for m in labels]
    rows = []
    for seed, n in tqdm([(as_count("seed", s, least=0), n) for s in seeds for n in points],
                        disable=not progress):
        Z, y, parts = _split("digits", n, seed)
        y, target = y[parts[0]].argmax(axis=1), y[parts[0]]
        system = cl.singular_system(cl.knn_context(Z[parts[0]], NEIGHBOURS["digits"]))
        scales = {name: np.sqrt(transform(system.values**2)) for name, transform in KERNELS.items()}
        kernels = {name: system.left[:, scale > 0] * scale[scale > 0]
                   for name, scale in scales.items()}
        for m in labels:
            rng = np.random.default_rng([seed, m])
            drawn = [rng.permutation(n) for _ in range(DRAWS)]
            for name, features in kernels.items():
                wrong = [np.mean(Ridge(alpha=m * PENALTY).fit(features[o[:m]], target[o[:m]])
                                 .predict(features).argmax(axis=1)[o[m:]] != y[o[m:]])
                         for o in drawn]
                rows.append({"n": n, "m": m, "kernel": name, "seed": seed,
                             "misclassified": np.mean(wrong)})
    return pd.DataFrame(rows)


_load = lru_cache(maxsize=2)(real.load)


# -- one split ------------------------------------------------------------------------


def _split(task, n, seed):
    """(columns, targets, (positions of the n points, positions of others)).

    The others are the same for every n, the n points the first of the same thousand.
    """
    data = _load(task)
    order = np.random.default_rng(seed).permutation(len(data.X))
    parts = order[:n], order[POINTS[-1]:]
    Z = standardised(data.X, parts[0])
    if task == "abalone":
        Z = whitened(Z, parts[0])
    return Z, targets(data.y)[1], parts


def _functions(task, n, seed):
    """The first 64 functions of the n points' context, at all other points, and the targets."""
    Z, y, (points, others) = _split(task, n, seed)
    context = cl.knn_context(Z[points], NEIGHBOURS[task])
    system = cl.singular_system(context, DIMENSIONS[-1])
    return system.extend(context.conditional_at(Z[others])), y[others]


def _energies(functions, target):
    """u_i² of the target in the functions made orthonormal one by one, and what is left."""
    count = len(functions)
    basis = np.linalg.qr(np.column_stack([np.ones(count), functions]))[0]
    weights = basis.T @ target
    noise = ((target - basis @ weights) ** 2).sum() / (count - basis.shape[1])
    # an estimated square is too large by its variance
    return np.maximum((weights[1:] ** 2).sum(axis=1) / count - noise / count, 0), noise


def _errors(functions, target, m, rng, balanced):
    """Error of least squares for every d, as a share of the variance, averaged over draws."""
    errors = []
    columns = np.column_stack([np.ones(len(functions)), functions])
    for _ in range(DRAWS):
        order = rng.permutation(len(functions))
        if balanced:  # the first of every class, then the second of every class, …
            order = order[np.argsort(earlier_of_class(target[order].argmax(axis=1)), kind="stable")]
        (X, y), (X_test, y_test) = ((columns[part], target[part])
                                    for part in (order[:m], order[LABELS[-1]:]))
        fits = np.zeros((len(DIMENSIONS), X.shape[1], y.shape[1]))
        for fit, d in zip(fits, DIMENSIONS):
            fit[:d + 1] = np.linalg.lstsq(X[:, :d + 1], y, rcond=None)[0]
        missed = ((y_test - X_test @ fits) ** 2).sum(axis=(1, 2))
        errors.append(missed / (len(y_test) * y_test.var(axis=0).sum()))
    return np.mean(errors, axis=0)
