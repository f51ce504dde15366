"""Our solvers beside SciPy's, on eight geometries: processor time, ratios, angles, memory.

    make bench

A line for each geometry: seconds of `singular_system`, and of these its search alone; of the
fastest of SciPy's `eigsh` (on Q̃ᵀQ̃), `svds` with ARPACK and `svds` with PROPACK among those that
reach the accuracy; and the ratio to that of the whole and of the search. Each of SciPy's is given
three tolerances; "angle" is the largest principal angle to the space that `eigsh` finds at
tolerance 1e-12, up to the last gap in the spectrum. It may be 1e-5. All in one run and one
process, single-threaded, the methods taking turns; the least of as many as fit into some ten
seconds, but of 3 to 25: a short one is lengthened by a half where a machine is disturbed.

SciPy's eigsh is what our iterative solvers fall back on (`spectrum/lanczos.py`): where Lanczos
without restarts would keep too many vectors, or does not end well. Ours also looks for repeated
values that were missed, which SciPy's do not, finds components and residuals and settles signs:
that is the whole without the search, and takes as long beside a short one as beside a long one.
"""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator, eigsh, svds

import contexture_lite as cl
from contexture_lite.spectrum import graph, solvers

FEATURES, NEIGHBOURS, MODES, ANGLE = 32, 15, 16, 1e-5
TURNS, BUDGET = (3, 25), 10.0  # turns of a line; seconds of processor time for them
GEOMETRIES = ["blobs", "cloud", "spiral", "roll", "ring", "grid", "binary", "power"]


def points(kind, n):
    """Where the neighbours are looked for: (n, features)."""
    from sklearn.datasets import make_blobs, make_swiss_roll

    rng = np.random.default_rng(0)
    if kind == "blobs":
        return make_blobs(n, FEATURES, random_state=0)[0]
    if kind == "cloud":
        return rng.standard_normal((n, 8))
    if kind == "spiral":  # with noise in thirty more dimensions
        t = rng.uniform(0, 4 * np.pi, n)
        curve = np.column_stack([t * np.cos(t), t * np.sin(t), np.zeros((n, FEATURES - 2))])
        return curve + 0.3 * rng.standard_normal(curve.shape)
    if kind == "roll":
        turn = np.linalg.qr(rng.standard_normal((FEATURES, 3)))[0]
        sheet = make_swiss_roll(n, random_state=0)[0]
        return sheet @ turn.T + 1e-3 * rng.standard_normal((n, FEATURES))
    if kind == "grid":
        rows = int(np.sqrt(n / 2))
        return np.indices((rows, n // rows)).reshape(2, -1).T.astype(float)
    return (rng.random((n, 24)) < 0.5).astype(float)  # binary columns


def context_of(kind, n):
    if kind == "ring":  # each point is known by its five neighbours
        x = np.repeat(np.arange(n), 5)
        a = (x + np.tile(np.arange(-2, 3), n)) % n
        return cl.Context(sp.csr_array((np.full(5 * n, 0.2 / n), (x, a)), shape=(n, n)))
    if kind == "power":  # two sides whose degrees follow a power law
        rng, weights = np.random.default_rng(0), np.arange(1, n + 1) ** -0.8
        x, a = (rng.choice(n, 15 * n, p=weights / weights.sum()) for _ in range(2))
        counts = sp.coo_array((np.ones(15 * n), (x, a)), shape=(n, n))
        return cl.Context.from_counts(counts, drop_empty=True)
    return cl.knn_context(points(kind, n), NEIGHBOURS)


def operators(context):
    """Q̃ and Q̃ᵀQ̃ for SciPy, with the 32-bit positions that it chooses itself."""
    Q = sp.csr_array(sp.coo_array(context.matrix()))
    Q = sp.csr_array((Q.data, Q.indices.astype(np.int32), Q.indptr.astype(np.int32)), Q.shape)
    Qt, root_p, root_q = Q.T, np.sqrt(context.p_x), np.sqrt(context.p_a)

    def forward(v):
        return Q @ v - root_p * (root_q @ v)

    def back(u):
        return Qt @ u - root_q * (root_p @ u)

    n, m = Q.shape
    return (LinearOperator((n, m), dtype=float, matvec=lambda v: forward(v.ravel()),
                           rmatvec=lambda u: back(u.ravel())),
            LinearOperator((m, m), dtype=float, matvec=lambda v: back(forward(v.ravel()))))


def of_eigsh(gram, tol):
    values, vectors = eigsh(gram, MODES, tol=tol, v0=start(gram.shape[0]), maxiter=3000)
    return vectors[:, np.argsort(-values)]


def of_svds(operator, tol, **options):
    _, s, vt = svds(operator, MODES, tol=tol, rng=np.random.default_rng(0), **options)
    return vt[np.argsort(-s)].T


def start(n):
    return np.random.default_rng(0).standard_normal(n)


def scipys(context):
    operator, gram = operators(context)
    methods = {}
    for tol in (1e-4, 1e-6, 1e-8):
        methods[f"eigsh {tol:.0e}"] = lambda tol=tol: of_eigsh(gram, tol)
        methods[f"arpack {tol:.0e}"] = lambda tol=tol: of_svds(operator, tol)
        methods[f"propack {tol:.0e}"] = lambda tol=tol: of_svds(
            operator, tol, solver="propack", maxiter=320)
    return methods


def ours(context, solver="auto"):
    system = cl.singular_system(context, MODES, solver=solver)
    return system.right * np.sqrt(system.p_a)[:, None]


@contextmanager
def search_alone():
    """A list of the processor times of our searches, meanwhile."""
    taken, search = [], solvers.without_restarts

    def timed(*arguments):
        spent, found = seconds(lambda: search(*arguments))
        taken.append(spent)
        return found

    with mock.patch.object(solvers, "without_restarts", timed):
        yield taken


def seconds(method):
    """Processor time, and what was found: None if the method gave up."""
    begin = time.process_time()
    try:
        found = method()
    except (ArithmeticError, RuntimeError, np.linalg.LinAlgError):
        found = None
    return time.process_time() - begin, found


def angle(found, truth, values):
    """The largest angle between the spaces up to the last gap among the first ``MODES``."""
    if found is None:
        return np.inf
    last = max(j for j in range(1, MODES + 1) if values[j - 1] - values[j] > 1e-7)
    u, v = np.linalg.qr(found[:, :last])[0], truth[:, :last]
    return np.arcsin(min(1.0, np.linalg.norm(u - v @ (v.T @ u), 2)))


def exact(context):
    """Vectors and values s² of Q̃ᵀQ̃, some beyond ``MODES``; of the ring by our factorisation."""
    if len(graph.graph_levels(context.joint)[1]) > 1000:
        system = cl.singular_system(context, MODES + 2, solver="shift-invert")
        return system.right * np.sqrt(system.p_a)[:, None], system.values**2
    gram = operators(context)[1]
    values, vectors = eigsh(gram, MODES + 4, tol=1e-12, v0=start(gram.shape[0]), ncv=80)
    order = np.argsort(-values)
    return vectors[:, order], values[order]


def line(kind, n):
    """The title of the geometry, and what each method took; SciPy is not asked twice in vain."""
    context = context_of(kind, n)
    truth, values = exact(context)
    methods = {"ours": lambda: ours(context)}
    if kind != "ring":  # on 20,000 points ARPACK takes ten seconds and does not converge
        methods |= scipys(context)
    taken, angles, search = {}, {}, np.inf

    def turn(methods):
        nonlocal search
        for name, method in methods.items():
            with search_alone() as searches:
                spent, found = seconds(method)
            taken[name] = min(spent, taken.get(name, np.inf))
            if name == "ours":
                search = min(sum(searches), search)
            angles[name] = angle(found, truth, values)

    turn(methods)
    able = {name: methods[name] for name in methods if name == "ours" or angles[name] <= ANGLE}
    whole = sum(taken[name] for name in able)
    for _ in range(1, int(np.clip(BUDGET / whole, *TURNS))):
        turn(able)
    right = {name: taken[name] for name in taken if name != "ours" and angles[name] <= ANGLE}
    best = min(right, key=right.get, default=None)
    beside = (f"{right[best]:6.3f} {taken['ours'] / right[best]:6.2f} {search / right[best]:6.2f}"
              f"  {best}" if best else "  none")
    print(f"{kind:8} {n:7,} {taken['ours']:6.3f} {search:6.3f} {angles['ours']:8.0e}   {beside}",
          flush=True)


@pytest.mark.parametrize("n", [20_000, 50_000])
def bench_geometries(n):
    print(f"\n{'':8} {'n':>7} {'ours':>6} {'search':>6} {'angle':>8}   {'SciPy':>6} "
          f"{'ratio':>6} {'search':>6}  which")
    for kind in GEOMETRIES:
        line(kind, n)


@pytest.mark.parametrize("kind", GEOMETRIES)
def bench_auto(kind, n=5000):
    """Seconds of each of our solvers: what "auto" chooses should not be five times slower."""
    context = context_of(kind, n)
    chosen = cl.singular_system(context, MODES).solver
    taken = {solver: seconds(lambda solver=solver: ours(context, solver))[0]
             for solver in ("lanczos", "shift-invert")}
    shown = ", ".join(f"{solver} {spent:.2f}" for solver, spent in taken.items())
    print(f"\n{kind} of {n}: auto is {chosen}; {shown}", end="")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", GEOMETRIES)
def bench_memory(kind):
    """Peak of a process that makes the points, finds the neighbours and decomposes."""
    code = f"import bench_solvers; bench_solvers.peak({kind!r})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=__file__.rpartition("/")[0])


def peak(kind, n=50_000):
    system = cl.singular_system(context_of(kind, n), MODES)
    # not ru_maxrss, which a new process takes over from its parent
    status = next(row for row in Path("/proc/self/status").open() if row.startswith("VmHWM"))
    megabytes = int(status.split()[1]) / 1024
    print(f"\n{kind}: {megabytes:.0f} MB at the peak, residual {system.residual:.0e}")


def bench_slider_step():
    """Budget: 1 ms."""
    context = cl.Context.from_counts(np.random.default_rng(0).random((40, 40)))
    steps = {"svd alone": lambda: np.linalg.svd(context.matrix()),
             "singular_system": lambda: cl.singular_system(context)}
    taken = {name: [] for name in steps}
    for _ in range(300):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            taken[name].append(time.perf_counter() - begin)
    for name, spent in taken.items():
        print(f"\n40 × 40 dense: {name:<16} median {1000 * np.median(spent):.3f} ms", end="")
    print()
