"""Contexts made from a group that acts on the inputs: A is X, randomly transformed.

An action is an integer array (elements, points): row g holds the image gx of every point x.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from contexture_lite._checks import (
    as_distribution,
    as_numbers,
    refuse_cells,
    row_by_row,
)
from contexture_lite.contexts import SUM_TOLERANCE, Context
from contexture_lite.gallery._parts import channel, names_of, refuse_large

SAME = 1e-12  # relative; probabilities this close are the same
LARGEST_GROUP = 200  # of which the irreducible representations are looked for


def orbits(permutations, p_x=None):
    """A is a uniform element of X's orbit: all that can be reached from X by the permutations.

    T T* averages a function over orbits, so every singular value is 0 or 1; there are as many
    ones, the constant's included, as orbits: (1/|G|) Σ_g #{x : gx = x}.

    Parameters
    ----------
    permutations : (k, N) integers
        The image of every point under each of k permutations; generators of the group do.
    p_x : (N,) array, optional
        Any distribution of X; uniform by default. Points without mass are left out.

    Source: the lemma of Burnside, Cauchy and Frobenius.
    """
    places = as_permutations("permutations", permutations)
    n = places.shape[1]
    p = np.full(n, 1 / n) if p_x is None else as_distribution("p_x", p_x, n)
    orbit = orbit_of(places)
    rows = (orbit[:, None] == orbit) / np.bincount(orbit)[orbit][:, None]
    there = np.flatnonzero(p)
    ones = np.ones(len(set(orbit[there])) - 1)
    names = names_of(n)
    return channel(rows[there], ones, [names[x] for x in there], names, p[there])


def group_steps(permutations, distribution, p_x=None):
    """A = gX with a random element g of a group, independent of X.

    For every irreducible representation D_λ of the group, of dimension d_λ, the d_λ singular
    values of Σ_g ν(g) D_λ(g) are singular values of the context, each m_λ times,
    m_λ = (1/|G|) Σ_g conj(tr D_λ(g)) #{x : gx = x}.

    ``exact_values`` are these, where `irreducibles` knows the representations.

    Parameters
    ----------
    permutations : (|G|, N) integers
        All elements of the group, as in `contexture_lite.symmetry.group`.
    distribution : (|G|,) array
        ν, the probability of each element; sums to 1.
    p_x : (N,) array, optional
        An invariant distribution of X, p(gx) = p(x) > 0; uniform by default.

    Source: Diaconis 1988 (random walks on groups); with m_λ for any action, our derivation.
    """
    permutations, distribution = row_by_row(permutations=permutations, distribution=distribution)
    places = as_group("permutations", permutations)
    nu = as_probabilities("distribution", distribution, len(places))
    p = as_invariant("p_x", p_x, places)
    n = places.shape[1]
    rows = np.zeros((n, n))
    for weight, moved in zip(nu, places):
        rows[np.arange(n), moved] += weight
    names, exact = names_of(n), _spectrum(places, nu)
    if exact is None:
        return Context(rows * p[:, None], x_labels=names, a_labels=names)
    return channel(rows, exact, names, names, p)


def _spectrum(places, nu):
    """All singular values but the constant's, or None."""
    known = irreducibles(places)
    if known is None:
        return None
    fixed = (places == np.arange(places.shape[1])).sum(axis=1)
    values = [np.repeat(np.linalg.svd(np.tensordot(nu, D, 1), compute_uv=False), times)
              for D, times in zip(known, multiplicities(known, fixed))]
    return np.sort(np.concatenate(values))[::-1][1:]


def multiplicities(known, fixed):
    """m_λ for each of the representations, from the numbers of fixed points."""
    characters = np.array([np.trace(D, axis1=1, axis2=2) for D in known])
    return np.rint((characters.conj() @ fixed).real / len(fixed)).astype(int)


# -- representations -----------------------------------------------------------------


def irreducibles(permutations):
    """The irreducible representations of a group, each a unitary array (|G|, d, d).

    Of groups of at most 200 elements that are commutative (cycles, and products of cycles), or
    have a commutative half (D4, any dihedral group, and their products with cycles); None for
    others. The trivial one, D(g) = 1, comes first, the larger ones last. ``permutations`` are all
    elements of the group, (|G|, N).

    Source: characters extended from a subgroup, root by root; induction from a subgroup of
    index 2 (Serre 1977, ch. 7 and 8).
    """
    places = as_group("permutations", permutations)
    if len(places) > LARGEST_GROUP:
        return None
    times = _products(places)
    half = _commutative_part(times)
    if half is None:
        return None
    members, characters = _characters(times, half)
    found = []
    for row in characters:
        onto = np.zeros(len(places), dtype=complex)
        onto[members] = row
        found += _above(times, members, onto)
    found.sort(key=lambda D: D.shape[1])
    traces = np.round([np.trace(D, axis1=1, axis2=2) for D in found], 6)
    first = np.sort(np.unique(traces + 0, axis=0, return_index=True)[1])  # a pair induces one
    return [found[i] for i in first]


def _products(places):
    """times[g, h], the position of the element x ↦ g(hx)."""
    position = {element.tobytes(): g for g, element in enumerate(places)}
    return np.array([[position[g[h].tobytes()] for h in places] for g in places])


def _commutative_part(times):
    """The whole group, or else the half that commutes with one element, if it is commutative."""
    for fixed in range(len(times)):
        part = np.flatnonzero(times[fixed] == times[:, fixed])
        inside = times[np.ix_(part, part)]
        if 2 * len(part) >= len(times) and (inside == inside.T).all():
            return part
    return None


def _identity(times):
    return int(np.flatnonzero((times == np.arange(len(times))).all(axis=1))[0])


def _characters(times, members):
    """(members, characters) of a commutative subgroup, extended from element to element.

    If g^m is the first power of g that is known already, χ(g) is any m-th root of χ(g^m).
    """
    known, characters = [_identity(times)], np.ones((1, 1), dtype=complex)
    for g in members:
        if g in known:
            continue
        powers = [known[0]]
        while (following := times[powers[-1], g]) not in known:
            powers.append(following)
        m = len(powers)
        roots = (characters[:, [known.index(following)]] ** (1 / m)
                 * np.exp(2j * np.pi * np.arange(m) / m))
        values = roots[:, :, None] ** np.arange(m)  # of the powers, for each root
        characters = np.einsum("crm,ck->crmk", values, characters).reshape(m * len(characters), -1)
        known = [times[power, h] for power in powers for h in known]
    return known, characters


def _above(times, members, character):
    """The irreducible representations of the group that hold this character of its half."""
    if len(members) == len(times):
        return [character[:, None, None]]
    e = _identity(times)
    s = next(g for g in range(len(times)) if g not in members)
    inverse = np.argmax(times == e, axis=1)
    turned = character[times[inverse[s]][times[:, s]]]  # g ↦ χ(s⁻¹ g s)
    if not np.allclose(turned, character):
        return [np.moveaxis([[character[times[inverse[i]][times[:, j]]] for j in (e, s)]
                             for i in (e, s)], 2, 0)]
    root = np.sqrt(character[times[s, s]])
    outside = character[times[inverse[s]]]  # sh ↦ χ(h)
    return [(character + sign * root * outside)[:, None, None] for sign in (1, -1)]


# -- what comes in ---------------------------------------------------------------------


def as_permutations(name, permutations):
    """The argument as an integer array (k, N), each row a permutation of 0 … N − 1."""
    table = as_numbers(name, permutations, "(elements, points)")
    refuse_large(f"the number of points of {name}", table.shape[1])
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
    nu = as_numbers(name, distribution, f"({size},)")
    refuse_cells(name, nu, lambda v: v < 0, "probabilities must be >= 0")
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
