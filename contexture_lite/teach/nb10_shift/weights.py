"""Importance weights on images: where they help, and where source and target hardly overlap."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from contexture_lite import shift
from contexture_lite._checks import as_count
from contexture_lite.teach.nb10_shift.data import domains

TILT = 2.0  # of the weights along boldness: p′/p ∝ exp(TILT · boldness)


def weighting(seed=0):
    """Even or odd, by logistic regression on 4 × 4 pixels, with and without weights; a DataFrame.

    Shift "thin to bold": each image of MNIST is put into the source or into the target by a coin
    with odds exp(2 · boldness) for the target, boldness its standardised mean grey; so p′/p ∝
    exp(2 · boldness) exactly. Shift "MNIST to digits": scikit-learn's digits are the target.
    Weights are estimated by `contexture_lite.shift.estimated_weights` from half of the target
    without labels; errors are on the other half. Columns shift, weights ("none", "estimated",
    "exact", and "none, trained on the target" with that half's labels), error,
    effective_size (as the package estimates it; of exact weights (Σw)²/Σw²), source, seed.
    """
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    mnist, digits = ((_coarse(data.X), data.y % 2) for data in domains())
    boldness = mnist[0].mean(axis=1)
    boldness = (boldness - boldness.mean()) / boldness.std()
    bold = rng.random(len(boldness)) < 1 / (1 + np.exp(-TILT * boldness))
    exact = np.exp(TILT * boldness[~bold])
    cases = {"thin to bold": ([part[~bold] for part in mnist], [part[bold] for part in mnist],
                              exact / exact.mean()),
             "MNIST to digits": (mnist, digits, None)}
    rows = []
    for name, (source, target, exact) in cases.items():
        seen, kept = np.array_split(rng.permutation(len(target[1])), 2)
        estimate = shift.estimated_weights(source[0], target[0][seen], seed=seed)
        weights, size = estimate.values / estimate.values.mean(), len(source[1])
        tries = {"none": (source, None, float(size)),
                 "estimated": (source, weights, estimate.effective_size)}
        if exact is not None:
            tries["exact"] = source, exact, shift.effective_size(exact)
        tries["none, trained on the target"] = ([part[seen] for part in target], None,
                                                float(len(seen)))
        rows += [{"shift": name, "weights": kind, "error": _error(points, w, target, kept),
                  "effective_size": n, "source": size}
                 for kind, (points, w, n) in tries.items()]
    return pd.DataFrame(rows).assign(seed=seed)


def _coarse(X):
    """4 × 4 pixels of 8 × 8: too few for a linear model to be right everywhere."""
    return X.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(len(X), 16)


def _error(points, weights, target, kept):
    model = LogisticRegression(max_iter=1000).fit(*points, sample_weight=weights)
    return 1 - model.score(target[0][kept], target[1][kept])


def separability(seed=0):
    """(accuracy, effective size) of the classifier that tells MNIST from digits on 8 × 8 pixels.

    Accuracy on a half of both that the classifier has not seen; the effective size of all 5,000
    images of MNIST as a sample of digits.
    """
    images = [data.X for data in domains()]
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    seen, kept = zip(*(np.array_split(X[rng.permutation(len(X))], 2) for X in images))
    model = shift.estimated_weights(*seen, seed=seed).model
    right = [model.predict(part) == side for side, part in enumerate(kept)]
    whole = shift.estimated_weights(*images, seed=seed)
    return float(np.concatenate(right).mean()), whole.effective_size
