"""Claims about rehearsal: what one fit tells of many (notebook 16)."""

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite.claims import given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.rehearsal import PENALTIES, left_out
from contexture_lite.spectrum import singular_system

claim = lesson("16", source="standard for linear smoothers")

MOST_POINTS = 40  # each is left out once, for every penalty


def left_out_by_hand(features, y):
    """The least, over the penalties, mean squared error of fits that leave one point out."""
    m, d = features.shape
    errors = np.zeros(len(PENALTIES))
    for out in range(m):
        rest = np.arange(m) != out
        mean, middle = features[rest].mean(axis=0), y[rest].mean()
        centred = features[rest] - mean
        for place, penalty in enumerate(PENALTIES):
            slope = np.linalg.solve(centred.T @ centred + penalty * np.eye(d),
                                    centred.T @ (y[rest] - middle))
            errors[place] += (y[out] - middle - (features[out] - mean) @ slope) ** 2 / m
    return errors.min()


@claim("left-out-shortcut", "One fit tells what leaving out every point would",
       r"$\frac1m\sum_i\bigl(y_i-\hat f_{-i}(x_i)\bigr)^2=\frac1m\sum_i\Bigl(\frac{y_i-\hat f(x_i)}"
       r"{1-h_{ii}}\Bigr)^2$ for ridge regression with a free constant, "
       r"$h_{ii}=\frac1m+\sum_jU_{ij}^2\frac{\sigma_j^2}{\sigma_j^2+\lambda}$",
       needs=[HAS_MODE],
       routes=("one singular value decomposition, at the best penalty",
               "m fits for every penalty, each without one point"))
def left_out_shortcut(context, m=12, d=2, y=None, seed=0):
    """Points drawn from X, their first d functions, and the reader's labels or random ones."""
    m, d = as_count("m", m, least=4), as_count("d", d)
    if m > MOST_POINTS or d > m - 2:
        raise ValueError(f"m is {m} and d is {d}; m must be at most {MOST_POINTS} and d at most "
                         "m − 2")
    points, _ = context.sample(m, np.random.default_rng(seed))
    features = singular_system(context).left[points, :d]
    y = given.function_on(m, y, "y", seed + 1)
    y = y - y.mean()
    return Sides(left_out(features, y[:, None])[0], left_out_by_hand(features, y))
