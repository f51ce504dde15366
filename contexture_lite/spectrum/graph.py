"""The graph of a sparse context, which joins x and a where P(x, a) > 0: its levels and parts.

What is connected, and how long it is, says much about the spectrum before anything is decomposed.
"""

from __future__ import annotations

import numpy as np

from contexture_lite.contexts import bipartite_graph


def graph_levels(table, least=0, first=0):
    """Breadth-first search of the part of the graph that holds the point ``first``.

    Returns (order, widths): x and a (counted after the x) by distance from one end of that
    part, and how many there are at each distance. Widths may be of a search from elsewhere if
    they show that no search has ``least`` levels: none has twice as many as another.
    """
    edges = bipartite_graph(table)
    order, widths = _levels(edges, first)
    if 2 * len(widths) < least:
        return order, widths
    return _levels(edges, order[-1])  # the last point reached is an end


def _levels(edges, first):
    from scipy.sparse.csgraph import breadth_first_order

    order, parent = breadth_first_order(edges, first, directed=False)
    place = np.empty(edges.shape[0], dtype=int)
    place[order] = np.arange(len(order))
    parents = place[parent[order[1:]]]  # ascending, so each level is one run
    ends = [0, 1]
    while ends[-1] < len(order):
        ends.append(1 + int(np.searchsorted(parents, ends[-1])))
    return order, np.diff(ends)


def survey(context, least):
    """`Context.components` of a sparse context, and the widths of the levels of the largest.

    A search finds one component, most often the largest; the others are looked for in the rest.
    ``least`` as in `graph_levels`.
    """
    from scipy.sparse.csgraph import connected_components

    n, of = context.shape[0], np.zeros(sum(context.shape), dtype=np.int32)
    order, widths = graph_levels(context.joint, least)
    if len(order) == len(of):
        return (1, of[:n], of[n:]), widths
    of[order] = -1
    rest = np.flatnonzero(of == 0)
    x, a = rest[rest < n], rest[rest >= n] - n
    others, of[rest] = connected_components(bipartite_graph(context.joint[x][:, a]), directed=False)
    of += 1
    largest = np.argmax(np.bincount(of))
    if largest > 0:
        _, widths = graph_levels(context.joint, least, np.argmax(of == largest))
    return (1 + others, of[:n], of[n:]), widths


def unit_modes(context, d, components=None):
    """Orthonormal u (N, k) and v (M, k) with s = 1: k = min(d, components − 1) contrasts.

    Contrast j sets component j, by descending mass m_j, against all lighter ones, of mass t_j
    together: √(t_j / m_j (m_j + t_j)) there, −√(m_j / t_j (m_j + t_j)) on those, 0 elsewhere.
    """
    count, of_x, of_a = components or context.components()
    if count == 1:
        return tuple(np.empty((size, 0)) for size in context.shape)
    mass = np.bincount(of_x, weights=context.p_x, minlength=count)
    order = np.argsort(-mass, kind="stable")
    rank = np.argsort(order)
    tail = np.cumsum(mass[order][::-1])[::-1]  # m_j + t_j
    j = np.arange(min(d, count - 1))
    m, t = mass[order][j], tail[j + 1]
    i = np.arange(count)[:, None]
    contrast = np.where(i == j, np.sqrt(t / m), np.where(i > j, -np.sqrt(m / t), 0.0))
    contrast /= np.sqrt(m + t)
    return (
        contrast[rank[of_x]] * np.sqrt(context.p_x)[:, None],
        contrast[rank[of_a]] * np.sqrt(context.p_a)[:, None],
    )
