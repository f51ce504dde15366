"""Neighbours by an index, up to a million points: CPU seconds, recall, memory, the residual.

    make bench                                         10,000 to 100,000 points, 64 features, k = 10
    python benchmarks/bench_index.py 1000000 32 15     a million, 32 features, k = 15, 16 functions
    python benchmarks/bench_index.py exact             100,000 points beside scikit-learn's search

Budgets: 100,000 points in 64 dimensions at recall .999 in a quarter of the CPU time of
scikit-learn's exact search; a million in 32 dimensions, graph and 16 functions, in 30 CPU minutes
and 6 GB. The second line draws cost against n, from 10,000 points, to build/index.png.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.neighbors import NearestNeighbors

import contexture_lite as cl

CLUSTERS, INSIDE = 200, 8  # of them, and dimensions of the curved surface that they lie on


def surface(n, features, seed=0):
    """Clusters on a curved surface of eight dimensions, with a little noise."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((CLUSTERS, INSIDE))
    Z = centres[rng.integers(0, CLUSTERS, n)] + 0.5 * rng.standard_normal((n, INSIDE))
    W, V = rng.standard_normal((2, INSIDE, features)) / 3
    return np.sin(Z @ W) + np.cos(Z @ V) + 0.02 * rng.standard_normal((n, features))


def cpu(function, *arguments, **options):
    start = time.process_time()
    answer = function(*arguments, **options)
    return answer, time.process_time() - start


def peak():
    """The largest memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def line(n, features, k, d, recall=0.998):
    """Graph and spectrum of n points, printed; (seconds of the graph, of the spectrum)."""
    context, graph = cpu(cl.approximate_knn_context, surface(n, features), k, recall=recall)
    system, spectrum = cpu(cl.singular_system, context, d)
    print(f"{n:9,d} points: graph {graph:8.1f} s, {d} functions {spectrum:8.1f} s, recall "
          f"{context.recall:.4f}, {context.pieces} pieces, s {system.values[0]:.5f} … "
          f"{system.values[-1]:.5f}, residual {system.residual:.1e}, peak {peak():.2f} GB",
          flush=True)
    return graph, spectrum


def bench_index():
    print()
    for n in (10_000, 30_000, 100_000):
        line(n, 64, 10, 8)


def exact(n=100_000, features=64, k=10):
    """The budget beside scikit-learn: one run each."""
    X = surface(n, features)
    near, ours = cpu(cl.nearest_neighbours, X, k, exact=False, recall=0.999)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X)
    true, theirs = cpu(search.kneighbors, X, return_distance=False)
    found = np.mean([len(np.intersect1d(*rows)) for rows in zip(true, near.positions)]) / k
    print(f"{n:,d} points, {features} features, k = {k}: {near!r}; of all {found:.4f}; "
          f"{ours:.1f} CPU s, scikit-learn {theirs:.1f} CPU s, ratio {ours / theirs:.3f}")


def main(n, features, k, d=16):
    """From 10,000 points up to n, the cost against n on two logarithmic axes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    sizes = [*(size for size in (10_000, 30_000, 100_000, 300_000) if size < n), n]
    seconds = np.array([line(size, features, k, d) for size in sizes])
    slopes = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"slopes: graph n^{slopes[0]:.2f}, spectrum n^{slopes[1]:.2f}")
    figure, ax = plt.subplots(figsize=(5, 4), layout="constrained")
    ax.loglog(sizes, seconds, "o-", label=["graph", f"{d} functions"])
    ax.set(xlabel="points", ylabel="CPU seconds")
    ax.legend()
    path = Path("build/index.png")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)


if __name__ == "__main__":
    if sys.argv[1:] == ["exact"]:
        exact()
    else:
        main(*map(int, sys.argv[1:]))
