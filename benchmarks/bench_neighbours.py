"""knn_context beside scikit-learn's search for the same neighbours: CPU seconds, their ratio.

    make bench

Budget where distances repeat (grids, binary columns, a curve without noise): 3 times the search
alone. Beside the search, a context finds the copies, settles repeated distances and builds P.
"""

import time

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

import contexture_lite as cl

RNG = np.random.default_rng(0)
TURNS = 3


def grid(side, features):
    return np.indices([side] * features).reshape(features, -1).T.astype(float)


def circle(n):
    angle = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angle), np.sin(angle)])


POINTS = {
    "grid, 100 × 100": grid(100, 2),
    "grid, 316 × 316": grid(316, 2),
    "grid, 22 × 22 × 22": grid(22, 3),
    "grid, 46 × 46 × 46": grid(46, 3),
    "20,000 × 30 binary": RNG.integers(0, 2, (20_000, 30)).astype(float),
    "circle of 20,000": circle(20_000),
    "20,000 rounded Gaussian, 3 features": RNG.normal(size=(20_000, 3)).round(1),
    "20,000 Gaussian, 2 features": RNG.normal(size=(20_000, 2)),
    "20,000 Gaussian, 8 features": RNG.normal(size=(20_000, 8)),
    "20,000 Gaussian, 32 features": RNG.normal(size=(20_000, 32)),
}


def search(X, k):
    return NearestNeighbors(n_neighbors=k).fit(X).kneighbors(X, k)


def seconds(function, *arguments):
    taken = []
    for _ in range(TURNS):
        start = time.process_time()
        function(*arguments)
        taken.append(time.process_time() - start)
    return np.median(taken)


@pytest.mark.parametrize("k", [6, 15])
def bench_neighbours(k):
    print(f"\nk = {k}{'':<33} scikit-learn  knn_context  ratio")
    for name, X in POINTS.items():
        alone, context = seconds(search, X, k), seconds(cl.knn_context, X, k)
        print(f"{name:<40} {alone:10.3f} {context:12.3f} {context / alone:6.2f}")
