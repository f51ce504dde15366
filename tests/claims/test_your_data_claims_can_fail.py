"""Every claim of notebook 16 is seen to fail when the package is wrong."""

from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
)
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_score

from contexture_lite import gallery
from contexture_lite.claims import your_data

use = partial(another_answer, your_data)


def no_constant(monkeypatch, context):
    """The share 1/m of the constant in h is forgotten."""
    true = your_data.squares_left_out

    def other(u, s, y, penalties):
        return true(u, s, y, penalties) * (1 - 1 / len(y)) ** 2

    monkeypatch.setattr(your_data, "squares_left_out", other)


def resubstituted(monkeypatch, context):
    """The error of the fit at its own points."""
    def other(u, s, y, penalties):
        return ((y - u @ (u.T @ y)) ** 2)[None]

    monkeypatch.setattr(your_data, "squares_left_out", other)


MUTATIONS = {"left-out-shortcut": [(ORDINARY, no_constant), (ORDINARY, resubstituted),
                                   (ORDINARY, use("squares_left_out", lambda e: 1.1 * e, "large"))]}
SURVEYED = {"16": ([ORDINARY, gallery.identity(4), gallery.independent(3)], 0)}


def test_by_hand_is_what_scikit_learn_does():
    rng = np.random.default_rng(0)
    features, y = rng.normal(size=(15, 3)), rng.normal(size=15)
    errors = [-cross_val_score(Ridge(alpha=alpha), features, y, cv=LeaveOneOut(),
                               scoring="neg_mean_squared_error").mean()
              for alpha in your_data.PENALTIES]
    assert your_data.left_out_by_hand(features, y) == pytest.approx(min(errors), rel=1e-9)
