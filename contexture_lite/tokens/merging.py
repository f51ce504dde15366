"""Counting two context values as one: what it costs, and the cheapest way down."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_dense, as_positions
from contexture_lite.contexts import as_context


def merge_cost(context, a, b):
    """q_a q_b / (q_a + q_b) Σ_x p_x (P(a|x)/q_a − P(b|x)/q_b)²: the χ² lost if a and b are one.

    Zero if the two say the same about X, P(x|a) = P(x|b). ``a`` and ``b`` are labels of the
    context if it has some, else positions. Source: our derivation; Ward's cost of merging in
    the coordinates of correspondence analysis.
    """
    as_context(context)
    one, other = (_position(context, name, value) for name, value in (("a", a), ("b", b)))
    if one == other:
        raise ValueError(f"a and b are both {a!r}; two different context values can be merged")
    spread, weight = _profiles(context)
    share = weight[one] * weight[other] / (weight[one] + weight[other])
    return float(share * np.sum((spread[:, one] - spread[:, other]) ** 2))


def cheapest_merges(context):
    """Merge the two context values that cost least χ², until one is left.

    Returns the M − 1 steps (a, b, cost): a < b are positions, and from then on the value at b
    counts as that at a. A greedy path, Ward's clustering.
    """
    spread, weight = _profiles(as_context(context))
    cost = np.full((len(weight), len(weight)), np.inf)
    for a in range(len(weight)):
        cost[a, a + 1:] = _costs(spread, weight, a)[a + 1:]
    steps = []
    for _ in range(len(weight) - 1):
        a, b = np.unravel_index(np.round(cost, 12).argmin(), cost.shape)
        steps.append((int(a), int(b), float(cost[a, b])))
        spread[:, a] = spread[:, [a, b]] @ weight[[a, b]] / (weight[a] + weight[b])
        weight[a] += weight[b]
        cost[b], cost[:, b] = np.inf, np.inf
        fresh = _costs(spread, weight, a)
        cost[a, a + 1:] = np.where(np.isfinite(cost[a, a + 1:]), fresh[a + 1:], np.inf)
        cost[:a, a] = np.where(np.isfinite(cost[:a, a]), fresh[:a], np.inf)
    return steps


def _profiles(context):
    """√p_x P(a|x) / q_a, (N, M): columns whose squared distances are weighed; and q."""
    return as_dense(context.joint) / np.sqrt(context.p_x)[:, None] / context.p_a, context.p_a.copy()


def _costs(spread, weight, a):
    """What merging value a with each of the others costs."""
    share = weight[a] * weight / (weight[a] + weight)
    return share * np.sum((spread - spread[:, [a]]) ** 2, axis=0)


def _position(context, name, value):
    """Where the context value stands."""
    if context.a_labels is None:
        return int(as_positions(name, value, context.shape[1])[0])
    if value not in context.a_labels:
        raise ValueError(f"{name} is {value!r}, which is no value of this context; there are "
                         f"{', '.join(map(repr, context.a_labels[:8]))}"
                         + ", …" * (len(context.a_labels) > 8))
    return context.a_labels.index(value)
