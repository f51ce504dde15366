"""Claims about rehearsal: what one fit tells of many (notebook 16)."""

import numpy as np

from contexture_lite.claims import given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.spectrum import singular_system
from contexture_lite.usefulness.rehearsing import PENALTIES, squares_left_out

claim = lesson("16", source="standard for linear smoothers")


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
def left_out_shortcut(context):
    """Twelve points drawn from X, their first two functions, and random labels."""
    points, _ = context.sample(12, given.rng())
    features, y = singular_system(context).left[points, :2], given.function_on(12, 1)
    u, s, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    squares = squares_left_out(u, s, (y - y.mean())[:, None], PENALTIES)
    return Sides(squares.mean(axis=1).min(), left_out_by_hand(features, y))
