"""Contexts made from a group that acts on the inputs: A is X, randomly transformed.

An action is an integer array (elements, points): row g holds the image gx of every point x.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_distribution, row_by_row
from contexture_lite.contexts import Context
from contexture_lite.gallery._parts import channel, names_of
from contexture_lite.gallery.permutations import (
    as_group,
    as_invariant,
    as_permutations,
    as_probabilities,
    orbit_of,
)
from contexture_lite.gallery.representations import irreducibles, multiplicities


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
