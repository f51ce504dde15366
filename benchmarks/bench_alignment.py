"""Our measures of agreement beside the usual ways to compute them: seconds, ratios, values.

    make bench

5000 points, two times 512 features. In each table the methods take turns; seconds are
medians. "difference" is from the value of the last method, the definition in full.
"""

import time

import numpy as np
import pytest

from contexture_lite import alignment

POINTS, FEATURES, TURNS = 5000, 512, 3


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    f = rng.standard_normal((POINTS, FEATURES))
    return f, f @ rng.standard_normal((FEATURES, FEATURES)) / 20 + rng.standard_normal(f.shape)


def table(title, methods):
    """Run the methods in turn and print a line for each."""
    seconds, values = {name: [] for name in methods}, {}
    for _ in range(TURNS):
        for name, method in methods.items():
            start = time.perf_counter()
            values[name] = float(method())
            seconds[name].append(time.perf_counter() - start)
    first, *_, last = methods
    ours = np.median(seconds[first])
    print(f"\n{title}\n{'':<44} seconds  / ours  difference")
    for name, taken in seconds.items():
        median, difference = np.median(taken), abs(values[name] - values[last])
        print(f"{name:<44} {median:7.2f} {median / ours:7.1f} {difference:11.0e}")


def bench_cka(features):
    f, g = features

    def by_pairs():
        centre = np.eye(POINTS) - 1 / POINTS
        K, L = centre @ f @ f.T @ centre, centre @ g @ g.T @ centre
        return (K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum())

    def by_centred_pairs():
        K, L = f @ f.T, g @ g.T
        for table in (K, L):
            table -= table.mean(axis=0)
            table -= table.mean(axis=1, keepdims=True)
        return np.vdot(K, L) / np.sqrt(np.vdot(K, K) * np.vdot(L, L))

    table("linear CKA", {
        "ours": lambda: alignment.cka(f, g),
        "n × n, means taken off": by_centred_pairs,
        "n × n, centring matrices": by_pairs,
    })


def bench_cca(features):
    f, g = features

    def by_qr():
        q, r = (np.linalg.qr(values - values.mean(axis=0))[0] for values in (f, g))
        return (np.linalg.svd(q.T @ r, compute_uv=False) ** 2).mean()

    def by_angles():
        from scipy.linalg import subspace_angles

        angles = subspace_angles(f - f.mean(axis=0), g - g.mean(axis=0))
        return (np.cos(angles) ** 2).mean()

    table("mean squared canonical correlation", {
        "ours": lambda: alignment.squared_cca(f, g),
        "ours, one column twice": lambda: alignment.squared_cca(
            np.column_stack([f, f[:, 0]]), g),
        "QR": by_qr,
        "SciPy's subspace_angles": by_angles,
    })


def bench_mutual_neighbours(features):
    from sklearn.neighbors import NearestNeighbors

    f, g = features

    def by_scikit_learn():
        neighbours = []
        for values in (f, g):
            unit = values / np.linalg.norm(values, axis=1, keepdims=True)
            near = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(unit)
            neighbours.append(near.kneighbors(return_distance=False))
        return np.mean([len(np.intersect1d(one, other)) for one, other in zip(*neighbours)]) / 10

    table("mutual 10 nearest neighbours", {
        "ours": lambda: alignment.mutual_neighbours(f, g),
        "scikit-learn": by_scikit_learn,
    })
