"""What a claim is tried on beside the context: random, from one seed."""

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite.claims.by_hand import centred, table, whitened
from contexture_lite.contexts import Context
from contexture_lite.symmetry import group

SEED = 0  # of everything drawn here
FEATURES = 2  # of an encoder, where there is room
WEIGHTS = np.array([0.4, 0.6])  # of two contexts that are mixed


def rng(place=0):
    """The generator of a claim's draws; those of one claim differ by their ``place``."""
    return np.random.default_rng(SEED + place)


# -- a second context ------------------------------------------------------------------


def second_context(context, values=3, place=0):
    """A context with that many values on the same inputs, under their distribution."""
    rows = rng(place).gamma(0.3, size=(context.shape[0], values)) + 1e-3
    return Context.from_conditional(rows, context.p_x)


def two_contexts(context, values=3):
    """The context and a second one on the same inputs."""
    return [context, second_context(context, values)]


def next_context(context):
    """A random context on A, under the distribution of A."""
    size = context.shape[1]
    rows = rng().gamma(0.3, size=(size, size)) + np.eye(size) + 1e-3
    return Context.from_conditional(rows, context.p_a)


def erasing(keep, size):
    """P(a | x) of an erasure: the symbols, then "?"."""
    return np.column_stack([keep * np.eye(size), np.full(size, 1 - keep)])


def channel_from(size, values):
    """A random channel P(b | a), a stochastic matrix (size, values)."""
    rows = rng().gamma(0.5, size=(size, values)) + 1e-6
    return rows / rows.sum(axis=1, keepdims=True)


# -- an encoder, and a function of X or A ------------------------------------------------


def dimension(context, d=None):
    """The reader's number of modes, at most min(N, M) − 1; by default 2, or 1 if there is but 1."""
    modes = min(context.shape) - 1
    if d is None:
        return min(FEATURES, modes)
    if as_count("d", d) > modes:
        raise ValueError(f"d is {d}; this context has {modes} non-constant singular values")
    return int(d)


def encoder_on(context, side, d=None, place=0):
    """Random features of inputs ("x") or context values ("a"), (N, d) or (M, d)."""
    size = context.shape["xa".index(side)]
    return rng(place).standard_normal((size, dimension(context, d)))


def features(context, d=None, place=0):
    """Random features of the inputs with covariance I, (N, d)."""
    return whitened(table(context)[1], encoder_on(context, "x", d, place))


def function_on(size, place=0):
    """A random function on ``size`` points, or a random array of that shape."""
    return rng(place).standard_normal(size)


def groups_on(size, count):
    """One of ``count`` groups for each of ``size`` points, at random."""
    return rng().integers(0, count, size)


def new_distribution(context):
    """p′: p times random factors."""
    p = table(context)[1]
    target = p * np.exp(0.7 * function_on(len(p)))
    return target / target.sum()


def losses_on(context, place=0):
    """Losses on X: squares of Gaussian numbers."""
    return function_on(context.shape[0], place) ** 2


def unit_task(context):
    """A random task, with mean 0 and length 1."""
    p = table(context)[1]
    f = centred(p, function_on(len(p)))
    return f / np.sqrt(p @ f**2)


# -- a group that acts on the inputs -----------------------------------------------------


def group_on(context):
    """A random group of pairs and triples of inputs that are equally likely."""
    p = table(context)[1]
    order = rng().permutation(len(p))
    order = order[np.argsort(np.round(p[order] / p.max(), 10), kind="stable")]
    jumps = np.abs(np.diff(p[order])) > 1e-13 * p[order][1:]
    alike = np.split(order, np.flatnonzero(jumps) + 1)
    return powers([part for points in alike for part in pairs_and_triples(points)], len(p))


def pairs_and_triples(points):
    """The points cut into two, three, two, … and what is left."""
    ends = np.cumsum(np.tile([2, 3], len(points)))
    return np.split(points, ends[ends < len(points)])


def powers(cycles, n):
    """The group of the one permutation of n points that has these cycles."""
    step = np.arange(n)
    for cycle in cycles:
        step[cycle] = np.roll(cycle, -1)
    return group([step])


def distribution_on(size):
    """A random distribution on so many elements."""
    return rng().dirichlet(np.ones(size))
