"""Strings with some tokens hidden."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

import numpy as np

from contexture_lite.contexts import SUM_TOLERANCE
from contexture_lite.gallery._parts import (
    LARGEST_SIDE,
    LARGEST_TABLE,
    channel,
    fraction,
    size_between,
)


def masked_tokens(keep, n_tokens=3, vocabulary=2, kept=None):
    """A string of uniform tokens with some hidden: A = (K, x_K) for a random kept set K.

    X is uniform on v^n strings. For each non-empty set S of positions
    s_S² = Pr(S ⊆ K), (v − 1)^|S| times; for v = 2 the singular functions of X are the
    Walsh functions. K is drawn in two steps: a set L from the distribution ``kept``, then
    each position of L stays with probability ``keep``: Pr(S ⊆ K) = keep^|S| Pr(S ⊆ L).

    Parameters
    ----------
    keep : float in [0, 1]
        The probability that a token of L is shown; with keep = 1, K = L. Kept sets that
        never occur have no column, so M is (1 + v)^n in between, less at 0 and, for most
        distributions, at 1.
    n_tokens, vocabulary : int
        n ≥ 1 and v ≥ 2, with v^n ≤ 5000.
    kept : None, "prefix", "hide_one" or dict
        None: L is the whole string. "prefix": its first ℓ tokens, ℓ uniform on 0 … n
        (Pr(S ⊆ L) = 1 − max S/(n + 1), positions counted from 1). "hide_one": all but
        one, uniformly (Pr(S ⊆ L) = 1 − |S|/n). Else {tuple of positions, from 0:
        probability}, summing to 1 within 1e-8.

    Labels show the hidden tokens as "·". Source: our derivation, from the decomposition
    of Efron and Stein 1981.
    """
    keep = fraction("keep", keep)
    n, v = size_between("n_tokens", n_tokens, 1, 12), size_between("vocabulary", vocabulary, 2)
    if v**n > LARGEST_SIDE:
        raise ValueError(
            f"vocabulary ** n_tokens is {v}^{n} = {v**n} strings; at most {LARGEST_SIDE}"
        )
    full_sets = _distribution(kept, n)
    kept_sets = _thinned_sets(full_sets, keep)
    columns = sum(v ** len(K) for K in kept_sets)
    if v**n * columns > LARGEST_TABLE:
        raise ValueError(
            f"n_tokens = {n} and vocabulary = {v} give {v**n} × {columns} cells; "
            f"at most {LARGEST_TABLE} in all"
        )
    strings = np.array(list(product(range(v), repeat=n)))
    blocks, a_labels = [], []
    for K, probability in kept_sets.items():
        code = strings[:, K] @ v ** np.arange(len(K))[::-1]
        blocks.append(probability * (code[:, None] == np.arange(v ** len(K))))
        a_labels += [_masked_name(K, tokens, n, v) for tokens in product(range(v), repeat=len(K))]
    subsets = [set(S) for size in range(1, n + 1) for S in combinations(range(n), size)]
    shown = [keep ** len(S) * sum(w for L, w in full_sets.items() if S <= set(L)) for S in subsets]
    values = np.repeat(np.sqrt(shown), [(v - 1) ** len(S) for S in subsets])
    x_labels = [_masked_name(range(n), string, n, v) for string in product(range(v), repeat=n)]
    return channel(np.hstack(blocks), values, x_labels, a_labels)


def _distribution(kept, n):
    """The argument ``kept`` as {sorted tuple of positions: positive probability}."""
    if kept is None:
        return {tuple(range(n)): 1.0}
    if isinstance(kept, str):
        if kept not in ("prefix", "hide_one"):
            raise ValueError(f"kept is {kept!r}; it must be None, 'prefix', 'hide_one' or a dict")
        if kept == "prefix":
            return {tuple(range(length)): 1 / (n + 1) for length in range(n + 1)}
        return {tuple(j for j in range(n) if j != hidden): 1 / n for hidden in range(n)}
    if not isinstance(kept, Mapping):
        raise TypeError(f"kept is a {type(kept).__name__}; it must be None, a name or a dict")
    clean = {}
    for L, probability in kept.items():
        if not isinstance(L, tuple):
            raise TypeError(f"kept has the key {L!r}; keys are tuples of kept positions")
        positions = [size_between(f"position {j!r} in kept[{L!r}]", j, 0, n - 1) for j in L]
        positions = tuple(sorted(positions))
        if len(set(positions)) < len(positions) or positions in clean:
            raise ValueError(f"kept names the set {L!r} or one of its positions twice")
        clean[positions] = fraction(f"kept[{L!r}]", probability)
    total = sum(clean.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"kept sums to {total:.10g}; its probabilities must sum to 1")
    return {L: probability / total for L, probability in clean.items() if probability > 0}


def _thinned_sets(full_sets, keep):
    """{K: probability}, smallest sets first, when each position of L stays with ``keep``."""
    sets = {}
    for L, weight in full_sets.items():
        for size in range(len(L) + 1):
            probability = weight * keep**size * (1 - keep) ** (len(L) - size)
            if probability > 0:
                for K in combinations(L, size):
                    sets[K] = sets.get(K, 0.0) + probability
    return dict(sorted(sets.items(), key=lambda item: (len(item[0]), item[0])))


def _masked_name(K, shown, n, vocabulary):
    tokens = ["·"] * n
    for position, token in zip(K, shown):
        tokens[position] = str(token)
    return ("" if vocabulary <= 10 else " ").join(tokens)
