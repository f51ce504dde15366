"""What a claim is tried on: what the reader gives, or else something random from a seed."""

import numpy as np

from contexture_lite._checks import as_count, as_number, as_numbers, in_order
from contexture_lite.claims.by_hand import centred, table, whitened
from contexture_lite.contexts import Context
from contexture_lite.symmetry import group

# -- a second context ------------------------------------------------------------------


def two_contexts(context, other, seed, values=3):
    """The context and a second one on the same inputs, under their distribution."""
    if other is not None:
        return [context, other]
    rows = np.random.default_rng(seed).gamma(0.3, size=(context.shape[0], values)) + 1e-3
    return [context, Context.from_conditional(rows, context.p_x)]


def both_shares(share):
    """The probability of the first context, and of the second one."""
    share = as_number("share", share, above=0, below=1)
    return np.array([share, 1 - share])


def erasing(keep, size):
    """P(a | x) of an erasure: the symbols, then "?"."""
    return np.column_stack([keep * np.eye(size), np.full(size, 1 - keep)])


# -- an encoder, and a function of X or A ------------------------------------------------


def dimension(context, d):
    """The reader's number of modes, at most min(N, M) − 1; by default 2, or 1 if there is but 1."""
    modes = min(context.shape) - 1
    if d is None:
        return min(2, modes)
    if as_count("d", d) > modes:
        raise ValueError(f"d is {d}; this context has {modes} non-constant singular values")
    return int(d)


def encoder_on(context, side, d, encoder, seed):
    """The reader's encoder of inputs ("x") or context values ("a"), or a random one."""
    size = context.shape["xa".index(side)]
    if encoder is None:
        return np.random.default_rng(seed).standard_normal((size, dimension(context, d)))
    labels = context.x_labels if side == "x" else context.a_labels
    encoder = as_numbers("encoder", in_order("encoder", encoder, labels), f"({size}, d)")
    count, modes = encoder.shape[1], min(context.shape) - 1
    if d is not None and d != count:
        raise ValueError(f"d is {d}, but encoder has {count} features")
    if not 1 <= count <= modes:
        raise ValueError(f"encoder has {count} features; it must have 1 to {modes} here")
    return encoder


def features(context, d, encoder, seed):
    """The reader's encoder (N, d) of rank d, or d random features with covariance I."""
    p, phi = table(context)[1], encoder_on(context, "x", d, encoder, seed)
    if encoder is None:
        return whitened(p, phi)
    rank = np.linalg.matrix_rank(centred(p, phi) * np.sqrt(p)[:, None])
    if rank < phi.shape[1]:
        raise ValueError(
            f"encoder has {phi.shape[1]} features and a covariance of rank {rank}; they must be "
            "linearly independent, and not constant"
        )
    return phi


def function_on(size, values, name, seed):
    """The reader's function on ``size`` points, or a random one."""
    if values is None:
        return np.random.default_rng(seed).standard_normal(size)
    return as_numbers(name, values, f"({size},)")


def losses_on(context, losses, seed):
    """The reader's losses on X, or squares of Gaussian numbers."""
    if losses is None:
        return np.random.default_rng(seed).standard_normal(context.shape[0]) ** 2
    return function_on(context.shape[0], losses, "losses", seed)


def unit_task(context, f, seed):
    """The reader's task or a random one, with mean 0 and length 1."""
    p = table(context)[1]
    f = centred(p, function_on(len(p), f, "f", seed))
    length = np.sqrt(p @ f**2)
    if not length > 0:
        raise ValueError("f is constant; a task must take different values")
    return f / length


# -- a group that acts on the inputs -----------------------------------------------------


def group_on(context, permutations, seed):
    """The reader's group on the inputs, or a random one of pairs and triples equally likely."""
    if permutations is not None:
        return permutations
    p = table(context)[1]
    order = np.random.default_rng(seed).permutation(len(p))
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


def distribution_on(permutations, distribution, seed):
    """The reader's distribution on the group, or a random one."""
    if distribution is not None:
        return distribution
    return np.random.default_rng(seed).dirichlet(np.ones(len(permutations)))
