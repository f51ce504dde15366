"""Irreducible representations of small groups of permutations, and how often an action has each."""

from __future__ import annotations

import numpy as np

from contexture_lite.gallery.permutations import as_group

LARGEST_GROUP = 200  # of which the irreducible representations are looked for


def multiplicities(known, fixed):
    """m_λ for each of the representations, from the numbers of fixed points."""
    characters = np.array([np.trace(D, axis1=1, axis2=2) for D in known])
    return np.rint((characters.conj() @ fixed).real / len(fixed)).astype(int)


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
