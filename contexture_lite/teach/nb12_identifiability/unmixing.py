"""Notebook 12's almost linear mixings: x = A s + δ h(s), unmixed by FastICA; two photographs.

Everything is drawn from seeds; an error is the largest entry of W A off its diagonal, its rows
matched to the sources and divided by their diagonal.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from sklearn.decomposition import FastICA
from tqdm.auto import tqdm

from contexture_lite import identifiability
from contexture_lite._lazy import needed

A = np.array([[1, 0.4], [-0.3, 1.2]])
SAMPLES, DELTAS = 20_000, (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
ON_PHOTOGRAPHS = (0.0, 0.05, 0.1, 0.2, 0.4)
METHODS = "ICA", "right-hand neighbour", "8 pixels away"


def bend(s):
    """h(s) = (s₁s₂, s₁² − 1 + ½ s₁³)."""
    return np.column_stack([s[:, 0] * s[:, 1], s[:, 0] ** 2 - 1 + s[:, 0] ** 3 / 2])


def even(s):
    """The same without its cube: of even degree."""
    return np.column_stack([s[:, 0] * s[:, 1], s[:, 0] ** 2 - 1])


def uniform(levels=401):
    """Two uniform sources of variance 1 as a grid (levels², 2), to take exact moments of."""
    one = np.linspace(-1, 1, levels)
    return np.array(list(product(one / one.std(), repeat=2)))


def unmixed(s, delta, h=bend, seed=0):
    """W A after FastICA (cube) of A s + δ h(s): rows matched, signs and scales taken out."""
    ica = FastICA(whiten="unit-variance", fun="cube", tol=1e-5, max_iter=1000, random_state=seed)
    return matched(ica.fit(s @ A.T + delta * h(s)).components_ @ A)


def matched(product_):
    """Rows in the order of the sources, divided by their diagonal."""
    swap = np.abs(product_[0, 0] * product_[1, 1]) < np.abs(product_[0, 1] * product_[1, 0])
    rows = product_[::-1] if swap else product_
    return rows / np.diag(rows)[:, None]


def error(rows):
    """The larger of the two entries off the diagonal, in size."""
    return float(max(abs(rows[0, 1]), abs(rows[1, 0])))


def sources(kind, n, seed):
    """(n, 2) independent, of variance 1: "uniform" or "normal"."""
    rng = np.random.default_rng(seed)
    return (rng.uniform(-np.sqrt(3), np.sqrt(3), (n, 2)) if kind == "uniform"
            else rng.standard_normal((n, 2)))


def run(seeds=range(5), deltas=DELTAS, n=SAMPLES):
    """A row for each bend, δ and seed: ``error``, and (W A)₂₁ as ``entry``.

    The same samples serve every δ, so that the differences of entries are free of the floor.
    """
    cases = [("uniform", bend), ("uniform", even), ("normal", bend)]
    rows = []
    for (kind, h), seed in tqdm([(case, seed) for case in cases for seed in seeds]):
        s = sources(kind, n, seed)
        for delta in deltas:
            found = unmixed(s, delta, h, seed)
            rows.append({"sources": kind, "bend": h.__name__, "delta": delta, "seed": seed,
                         "error": error(found), "entry": found[1, 0],
                         "mcc": correlation(s, s @ A.T + delta * h(s), found)})
    return pd.DataFrame(rows)


def correlation(s, x, product_):
    """MCC of the unmixed x with the sources; W A and A give W."""
    return identifiability.matched_correlation(x @ np.linalg.inv(A).T @ product_.T, s)


# -- two photographs --------------------------------------------------------------------


@lru_cache(maxsize=2)
def photographs(whole=False):
    """Two grey photographs, every second pixel, the second one turned by 180°.

    They are inside scikit-learn (Pillow reads them), under CC BY 2.0. Of 400 × 600 pixels of the
    upper left corners, turned so, the two are nearly uncorrelated; the ``whole`` ones are not.
    """
    needed("PIL")
    from sklearn.datasets import load_sample_images

    size = slice(None) if whole else slice(400), slice(None) if whole else slice(600)
    grey = [image[size][::2, ::2].mean(axis=2) for image in load_sample_images().images]
    return grey[0], grey[1][::-1, ::-1]


def photograph_sources(whole=False):
    """((rows, columns), (pixels, 2)): the two photographs, each of mean 0 and variance 1."""
    first, second = photographs(whole)
    s = np.column_stack([first.ravel(), second.ravel()])
    return first.shape, (s - s.mean(0)) / s.std(0)


def by_neighbour(x, shape, lag):
    """Unmixing whose context is the pixel ``lag`` places to the right: canonical variables.

    Symmetric in the two pixels, as the sources' own correlations with their neighbours are.
    """
    images = x.reshape(*shape, 2)
    here, there = (part.reshape(-1, 2) for part in (images[:, :-lag], images[:, lag:]))
    here, there = here - here.mean(0), there - there.mean(0)
    both = here.T @ here + there.T @ there
    return eigh(here.T @ there + there.T @ here, both)[1][:, ::-1].T


def mixed_photographs(delta, whole=False):
    """((rows, columns), (pixels, 2)): A s + δ h(s), h(s) = (s₁s₂, ½ (s₁² − 1))."""
    shape, s = photograph_sources(whole)
    return shape, s @ A.T + delta * even(s) * [1, 0.5]


def on_photographs(deltas=ON_PHOTOGRAPHS, whole=False):
    """Error and MCC of ICA and of two neighbours as context; a DataFrame."""
    s, rows = photograph_sources(whole)[1], []
    for delta in deltas:
        shape, x = mixed_photographs(delta, whole)
        ica = FastICA(whiten="unit-variance", fun="logcosh", random_state=0, tol=1e-4,
                      max_iter=1000)
        for method, W in zip(METHODS, (ica.fit(x).components_, by_neighbour(x, shape, 1),
                                       by_neighbour(x, shape, 8))):
            found = matched(W @ A)
            rows.append({"delta": delta, "method": method, "error": error(found),
                         "mcc": correlation(s, x, found)})
    return pd.DataFrame(rows)
