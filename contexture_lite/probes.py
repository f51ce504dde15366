"""The linear probe: how well a linear map on features predicts a label.

This is how representations are judged in practice. What it can reach on functions of X is
the theory's err(Φ, f) = min_{w, b} E (f − w·Φ − b)² (Zhai et al. 2025, arXiv 2505.01557,
Section 4); `linear_probe` with penalty=0 and the inputs themselves as ``test``, weighted by
P_X, gives just that, divided by Var f.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_generator,
    as_number,
    as_numbers,
    as_target,
    columns_of,
    in_columns,
    kind_of_label,
    row_by_row,
)
from contexture_lite._text import said

ROUNDING = 1e-10  # relative; columns that vary less say nothing
PENALTIES = {"regression": np.logspace(-8, 2, 21), "classification": np.logspace(-4, 1, 6)}


@dataclass(frozen=True, eq=False)
class Probe:
    """The result of `linear_probe`.

    ``error`` is the mean squared error / variance of y for regression (0 perfect, 1 no better
    than the mean), the share of wrong labels for classification; on the test points if there are
    any, else on the points left out in each fold.
    """

    error: float
    kind: str  # "regression" or "classification"
    penalty: float  # the one used by ``model``, given or chosen
    model: Any  # scikit-learn pipeline, fitted to all the points; ``model.predict(features)``

    def __repr__(self):
        return said(f"Probe(error={self.error:.4f}, {self.kind}, penalty={self.penalty:.1e})")


def linear_probe(
    features, y, *, weights=None, test=None, kind="auto", penalty=None, cv=5, seed=0
):
    """Ridge or logistic regression of y on features, and its error on points not fitted.

    min_{β, b} E ℓ(y, β·z + b) + penalty ‖β‖², with z the features brought to mean 0 and
    variance 1, ℓ the squared or the logistic loss, E the mean over the points by weight.
    The features are standardised since a probe shall judge what they say, not in which
    units: a factor on one of them changes nothing, and a penalty means the same for every
    encoder. (To let scales count, use scikit-learn's Ridge on the features as they are.)

    Parameters
    ----------
    features : (n, d) array, or (n,)
    y : (n,) array
        Numbers or class labels.
    weights : (n,) array, optional
        Weight of each point in fit and error, as P_X of a finite context; points of weight 0
        are left out.
    test : (features, y) or (features, y, weights), optional
        Held-out points for the error. Without, it is cross-validated: every fold is
        predicted by a probe fitted, penalty and all, to the others.
    kind : {"auto", "regression", "classification"}
        "auto": floats are quantities; integers, booleans and texts are classes.
    penalty : float, optional
        At least 0; 0 is plain least squares. By default chosen by cross-validation:
        leave-one-out for regression, ``cv`` folds and the logistic loss for classes.
    cv : int
        Number of folds, shuffled, with every class in every fold.
    seed : int or numpy.random.Generator
        For the folds.

    Returns
    -------
    Probe

    Raises
    ------
    ValueError, TypeError
        For shapes that do not fit, NaN, a constant y or one class only, and fewer points
        (of a class) than the folds need.
    """
    if kind not in ("auto", "regression", "classification"):
        raise ValueError(f"kind is {kind!r}; it must be 'auto', 'regression' or 'classification'")
    cv = as_count("cv", cv, least=2)
    penalty = None if penalty is None else as_number("penalty", penalty, least=0)
    seed = int(as_generator("seed", seed).integers(2**31))
    x, y, w = _points("", features, y, weights, kind)
    kind = _kind(y, kind)
    _refuse_too_few(y, kind, cv, chooses=penalty is None, validates=test is None)
    model, used = _fitted(x, y, w, kind, penalty, cv, seed)
    if test is not None:
        if not isinstance(test, (tuple, list)) or len(test) not in (2, 3):
            raise TypeError("test must be (features, y) or (features, y, weights)")
        new = in_columns("test features", test[0], columns_of(features), "features")
        x_test, y_test, w_test = _points("test ", new, test[1], *(test[2:] or [None]), kind)
        if x_test.shape[1] != x.shape[1]:
            raise ValueError(
                f"test features have {x_test.shape[1]} columns, features have {x.shape[1]}"
            )
        if kind_of_label(y_test[0]) != kind_of_label(y[0]):
            one, other = y_test.tolist()[0], y.tolist()[0]
            raise TypeError(f"test y[0] is {one!r} and y[0] is {other!r}; labels must be of one "
                            "kind")
        error = _error(kind, y_test, model.predict(x_test), w_test, "test y")
        return Probe(error, kind, used, model)
    predicted = np.empty_like(y)
    for rest, fold in _folds(kind, cv, seed).split(x, y):
        of_fold, _ = _fitted(x[rest], y[rest], w[rest], kind, penalty, cv, seed)
        predicted[fold] = of_fold.predict(x[fold])
    return Probe(_error(kind, y, predicted, w, "y"), kind, used, model)


def _points(which, features, y, weights, kind):
    """Checked features (n, d), labels (n,) and weights, without points of weight 0."""
    given = {f"{which}features": features, f"{which}y": y, f"{which}weights": weights}
    features, y, weights = row_by_row(**given)
    x = as_numbers(f"{which}features", features, "(points, features) or (points,)")
    x = x.reshape(len(x), -1)
    y = as_target(f"{which}y", y, quantity=kind == "regression")
    if y.shape != (len(x),):
        raise ValueError(f"{which}y has shape {y.shape}; features have {len(x)} rows, so it must "
                         f"be ({len(x)},)")
    w = np.ones(len(x)) if weights is None else weights
    w = as_distribution(f"{which}weights", w, len(x))
    return x[w > 0], y[w > 0], w[w > 0]


def _kind(y, kind):
    """What is asked for, or what y looks like; refuses a y with a single value."""
    if kind == "auto":
        kind = "regression" if y.dtype.kind == "f" else "classification"
    if (y == y[0]).all():
        what = "constant" if kind == "regression" else "of one class only"
        raise ValueError(f"y is {what} ({y[0]}); there is nothing to be learned")
    return kind


def _refuse_too_few(y, kind, cv, chooses, validates):
    """Every fold needs a point of every class; choosing the penalty splits once more."""
    if validates and len(y) < cv:
        raise ValueError(f"there are {len(y)} points for cv={cv} folds; use fewer folds")
    if kind == "regression" or not (chooses or validates):
        return
    needed = cv
    if chooses and validates:  # what is left without one fold must make cv folds again
        needed = next(size for size in range(cv, 3 * cv) if size + (-size // cv) >= cv)
    labels, sizes = np.unique(y, return_counts=True)
    if sizes.min() < needed:
        raise ValueError(
            f"class {labels[np.argmin(sizes)]} of y has {sizes.min()} points; cv={cv} folds need "
            f"{needed} of every class. Use fewer folds, or kind='regression' if y is a quantity"
        )


def _folds(kind, cv, seed):
    from sklearn.model_selection import KFold, StratifiedKFold

    folds = KFold if kind == "regression" else StratifiedKFold
    return folds(cv, shuffle=True, random_state=seed)


def _fitted(x, y, w, kind, penalty, cv, seed):
    """The fitted pipeline and its penalty. Weights of sum 1 make E of scikit-learn's sums."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = (_ridge if kind == "regression" else _logistic)(penalty, cv, seed)
    model, w = make_pipeline(StandardScaler(), last), w / w.sum()
    scaler, regression = (f"{name}__sample_weight" for name, _ in model.steps)
    with np.errstate(invalid="ignore"):  # a constant's variance may round to just below 0
        model.fit(_constants_exact(x), y, **{scaler: len(w) * w, regression: w})
    if penalty is None:
        penalty = float(last.alpha_ if kind == "regression" else 1 / (2 * last.C_))
    return model, penalty


def _constants_exact(x):
    """Columns that vary by rounding alone, made constant: standardised, they would be noise.

    A function of one piece of a graph is constant on points of the others, up to the last digits,
    which differ from processor to processor.
    """
    middle = x.mean(axis=0)
    rounding = np.abs(x - middle).max(axis=0) <= ROUNDING * np.abs(x).max(axis=0)
    return np.where(rounding, middle, x)


def _ridge(penalty, cv, seed):
    from sklearn.linear_model import LinearRegression, Ridge, RidgeCV

    if penalty is None:
        return RidgeCV(alphas=PENALTIES["regression"])
    return Ridge(alpha=penalty) if penalty > 0 else LinearRegression()


def _logistic(penalty, cv, seed):
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

    if penalty is None:
        return LogisticRegressionCV(
            Cs=1 / (2 * PENALTIES["classification"][::-1]), l1_ratios=(0.0,), max_iter=10_000,
            cv=_folds("classification", cv, seed), scoring="neg_log_loss",
            use_legacy_attributes=False,
        )
    return LogisticRegression(C=1 / (2 * penalty) if penalty > 0 else np.inf, max_iter=10_000)


def _error(kind, y, predicted, w, name):
    if kind == "classification":
        return float(w @ (predicted != y))
    variance = w @ (y - w @ y) ** 2
    if (y == y[0]).all():
        raise ValueError(f"{name} is constant ({y[0]}); an error relative to its variance needs "
                         "a y that varies")
    return float(w @ (y - predicted) ** 2 / variance)
