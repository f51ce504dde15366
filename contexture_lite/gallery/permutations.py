"""Permutations of points: what comes in as one, groups of them, their orbits and distributions."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from contexture_lite._checks import as_distribution, as_numbers, refuse_cells
from contexture_lite.contexts import SUM_TOLERANCE
from contexture_lite.gallery._parts import size_between

SAME = 1e-12  # relative; probabilities this close are the same


def as_permutations(name, permutations):
    """The argument as an integer array (k, N), each row a permutation of 0 … N − 1."""
    table = as_numbers(name, permutations, "(elements, points)")
    size_between(f"the number of points of {name}", table.shape[1])
    wrong = np.flatnonzero((np.sort(table, axis=1) != np.arange(table.shape[1])).any(axis=1))
    if wrong.size:
        raise ValueError(f"{name}[{wrong[0]}] is no permutation; it must hold each of 0 to "
                         f"{table.shape[1] - 1} once")
    return table.astype(int)


def as_group(name, permutations):
    """The argument as all elements of a group, each once."""
    places = as_permutations(name, permutations)
    elements, first = np.unique(places, axis=0, return_index=True)
    if len(elements) < len(places):
        twice = min(set(range(len(places))) - set(first.tolist()))
        raise ValueError(f"{name}[{twice}] is an element that came before; a group has each once")
    if closure(places, len(places)) is None:
        raise ValueError(f"{name} is not a group: some product of its {len(places)} elements is "
                         f"not among them; symmetry.group({name}) adds what is missing")
    return places


def closure(generators, most):
    """All products of the permutations, the identity first; None if there are more than that."""
    elements, used = [np.arange(generators.shape[1])], []
    known = {elements[0].tobytes()}
    for generator in generators:
        if generator.tobytes() in known:
            continue
        used.append(generator)
        for element in elements:  # which grows
            for step in used:
                product = step[element]
                if product.tobytes() not in known:
                    known.add(product.tobytes())
                    elements.append(product)
            if len(elements) > most:
                return None
    return np.array(elements)


def orbit_of(places):
    """The number of the orbit of every point, (N,)."""
    n = places.shape[1]
    edges = (np.ones(places.size), (np.tile(np.arange(n), len(places)), places.ravel()))
    return connected_components(sp.coo_array(edges, shape=(n, n)).tocsr(), directed=False)[1]


def as_probabilities(name, distribution, size):
    """The argument as probabilities (size,) that sum to 1."""
    nu = as_numbers(name, distribution, f"({size},)", least=0)
    if abs(nu.sum() - 1) > SUM_TOLERANCE:
        raise ValueError(f"{name} sums to {nu.sum():.10g}; probabilities must sum to 1 within "
                         f"{SUM_TOLERANCE:g}")
    return nu / nu.sum()


def as_invariant(name, p_x, places):
    """The argument as a distribution that no element changes, every point with some mass."""
    n = places.shape[1]
    if p_x is None:
        return np.full(n, 1 / n)
    p = as_distribution(name, p_x, n)
    refuse_cells(name, p, lambda v: v == 0, "every point must have some mass")
    off = np.argwhere(np.abs(p[places] - p) > SAME * p)
    if off.size:
        g, x = map(int, off[0])
        raise ValueError(f"{name} is not invariant: element {g} moves point {x} of probability "
                         f"{p[x]:.4g} to point {places[g, x]} of probability {p[places[g, x]]:.4g}")
    return p
