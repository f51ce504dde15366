"""Our solvers beside SciPy's and scikit-learn's: seconds, ratios, memory, angles.

    make bench

Each table is measured in one run, the methods taking turns; seconds are medians. "angle"
is the largest principal angle to the space SciPy's ARPACK finds at tolerance 1e-8; a
method with a larger one has solved another problem, or has not solved it.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import svds

import contexture_lite as cl

POINTS, FEATURES, NEIGHBOURS, MODES, TURNS = 50_000, 32, 15, 16, 3


def points(kind):
    """Three clouds, or a rolled-up sheet turned into 32 dimensions, with a little noise."""
    from sklearn.datasets import make_blobs, make_swiss_roll

    if kind == "blobs":
        return make_blobs(POINTS, FEATURES, random_state=0)[0]
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((FEATURES, 3)))[0]
    sheet = make_swiss_roll(POINTS, random_state=0)[0]
    return sheet @ turn.T + 1e-3 * rng.standard_normal((POINTS, FEATURES))


def knn_solved(kind):
    """What the memory is measured of: from points to singular functions."""
    context = cl.knn_context(points(kind), NEIGHBOURS)
    return context, cl.singular_system(context, MODES)


def of_scipy(context, **options):
    start = np.random.default_rng(0).standard_normal(min(context.shape))
    operator = context.linear_operator()
    return svds(operator, k=MODES, v0=start, **options)[0]


def spectral_embedding(graph):
    """scikit-learn's coordinates are eigenvectors divided by the roots of the degrees."""
    from sklearn.manifold import spectral_embedding

    found = spectral_embedding(graph, n_components=MODES, eigen_solver="arpack", random_state=0)
    return found * np.sqrt(np.asarray(graph.sum(axis=1)))


def angle(u, v):
    u, v = np.linalg.qr(u)[0], np.linalg.qr(v)[0]
    return np.arcsin(min(1.0, np.linalg.norm(u - v @ (v.T @ u), 2)))


def table(title, methods, truth):
    """Run the methods in turn and print a line for each."""
    seconds, found = {name: [] for name in methods}, {}
    for _ in range(TURNS):
        for name, method in methods.items():
            start = time.perf_counter()
            try:
                found[name] = method()
            except (ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
                found[name] = str(error)
            seconds[name].append(time.perf_counter() - start)
    ours = np.median(seconds["ours"])
    print(f"\n{title}\n{'':<44} seconds  / ours    angle")
    for name, space in found.items():
        median = np.median(seconds[name])
        end = space if isinstance(space, str) else f"{angle(space, truth):8.0e}"
        print(f"{name:<44} {median:7.2f} {median / ours:7.2f} {end}")


def ours(context, solver="auto"):
    system = cl.singular_system(context, MODES, solver=solver)
    return system.left * np.sqrt(system.p_x)[:, None]


@pytest.mark.parametrize("kind", ["blobs", "roll"])
def bench_neighbours(kind):
    context, system = knn_solved(kind)
    P = context.joint
    own = sp.csr_matrix(P @ sp.diags_array(1 / context.p_a) @ P.T)
    plain = sp.csr_matrix(P + P.T)
    methods = {
        "ours": lambda: ours(context),
        "svds(arpack), tol 1e-4 (s² to 1e-8, as ours)": lambda: of_scipy(context, tol=1e-4),
        "svds(arpack), tol 1e-8": lambda: of_scipy(context, tol=1e-8),
        "svds(propack), 320 steps": lambda: of_scipy(context, solver="propack", maxiter=320),
    }
    if kind == "roll":  # on blobs neither ends within minutes: the factor fills up
        methods["spectral_embedding of the context's T T*"] = lambda: spectral_embedding(own)
        methods["spectral_embedding of the neighbour graph"] = lambda: spectral_embedding(plain)
    title = f"{kind}: {POINTS} points, k = {NEIGHBOURS}, d = {MODES}; ours is {system.solver}"
    table(title, methods, of_scipy(context, tol=1e-8))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["blobs", "roll"])
def bench_memory(kind):
    """Peak of a process that makes the points, finds the neighbours and decomposes."""
    code = f"import bench_solvers; bench_solvers.peak({kind!r})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=__file__.rpartition("/")[0])


def peak(kind):
    _, system = knn_solved(kind)
    # not ru_maxrss, which a new process takes over from its parent
    line = next(line for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
    megabytes = int(line.split()[1]) / 1024
    print(f"\n{kind}: {megabytes:.0f} MB at the peak, residual {system.residual:.0e}")


def bench_long_and_thin():
    """Where auto factorises: points on a ring, each known by its five neighbours."""
    n = 20_000
    x = np.repeat(np.arange(n), 5)
    a = (x + np.tile(np.arange(-2, 3), n)) % n
    context = cl.Context(sp.csr_array((np.full(5 * n, 0.2 / n), (x, a)), shape=(n, n)))
    start = time.perf_counter()
    system = cl.singular_system(context, MODES)
    taken = time.perf_counter() - start
    angles = 2 * np.pi * np.outer(np.repeat(np.arange(1, 9), 2), np.arange(-2, 3)) / n
    error = np.abs(system.values - np.cos(angles).mean(axis=1)).max()
    print(f"\nring of {n}: {system.solver}, {taken:.2f} s, largest error of a value {error:.0e}")


def bench_dense_5000():
    from scipy.spatial.distance import cdist

    points = np.random.default_rng(0).standard_normal((5000, 5))
    context = cl.Context.from_counts(np.exp(-cdist(points, points, "sqeuclidean") / 2))
    methods = {
        "ours": lambda: ours(context),
        "svds(arpack), tol 1e-4": lambda: of_scipy(context, tol=1e-4),
        "svds(arpack), tol 1e-8": lambda: of_scipy(context, tol=1e-8),
        "svds(propack), 320 steps": lambda: of_scipy(context, solver="propack", maxiter=320),
    }
    table("5000 × 5000 dense, a Gaussian kernel", methods, of_scipy(context, tol=1e-8))


def bench_slider_step():
    """Budget: 1 ms."""
    context = cl.Context.from_counts(np.random.default_rng(0).random((40, 40)))
    seconds = {"svd alone": [], "singular_system": []}
    for _ in range(300):
        for name, step in (
            ("svd alone", lambda: np.linalg.svd(context.matrix())),
            ("singular_system", lambda: cl.singular_system(context)),
        ):
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    for name, taken in seconds.items():
        print(f"\n40 × 40 dense: {name:<16} median {1000 * np.median(taken):.3f} ms", end="")
    print()
