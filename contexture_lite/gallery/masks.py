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


def masked_tokens(keep, n_tokens=3, vocabulary=2, law=None):
    """A string of uniform tokens with some hidden: A = (K, x_K) for a random kept set K.

    X is uniform on v^n strings. For each non-empty set S of positions
    s_S² = Pr(S ⊆ K), (v − 1)^|S| times; for v = 2 the singular functions of X are the
    Walsh functions. K is drawn in two steps: the law draws a set L, then each position
    of L is kept with probability ``keep``, so that Pr(S ⊆ K) = keep^|S| Pr(S ⊆ L).

    Parameters
    ----------
    keep : float in [0, 1]
        Without a law, the probability that a token is shown. With keep = 1 the kept
        set is the law's own, K = L. Kept sets that never occur have no column, so M is
        (1 + v)^n in between, less at 0 and, for most laws, at 1.
    n_tokens, vocabulary : int
        n ≥ 1 and v ≥ 2, with v^n ≤ 5000.
    law : None, "prefix", "hide_one" or dict
        None: L is the whole string. "prefix": its first ℓ tokens, ℓ uniform on 0 … n
        (Pr(S ⊆ L) = 1 − max S/(n + 1), positions counted from 1). "hide_one": all but
        one, uniformly (Pr(S ⊆ L) = 1 − |S|/n). Else {tuple of kept positions, from 0:
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
    law = _mask_law(law, n)
    kept_sets = _thinned_sets(law, keep)
    columns = sum(v ** len(kept) for kept in kept_sets)
    if v**n * columns > LARGEST_TABLE:
        raise ValueError(
            f"n_tokens = {n} and vocabulary = {v} give {v**n} × {columns} cells; "
            f"at most {LARGEST_TABLE} in all"
        )
    strings = np.array(list(product(range(v), repeat=n)))
    blocks, a_labels = [], []
    for kept, probability in kept_sets.items():
        code = strings[:, kept] @ v ** np.arange(len(kept))[::-1]
        blocks.append(probability * (code[:, None] == np.arange(v ** len(kept))))
        a_labels += [
            _masked_name(kept, shown, n, v) for shown in product(range(v), repeat=len(kept))
        ]
    subsets = [set(S) for size in range(1, n + 1) for S in combinations(range(n), size)]
    shown = [keep ** len(S) * sum(w for L, w in law.items() if S <= set(L)) for S in subsets]
    values = np.repeat(np.sqrt(shown), [(v - 1) ** len(S) for S in subsets])
    x_labels = [_masked_name(range(n), string, n, v) for string in product(range(v), repeat=n)]
    return channel(np.hstack(blocks), values, x_labels, a_labels)


def _mask_law(law, n):
    """The argument ``law`` as {sorted tuple of positions: positive probability}."""
    if law is None:
        return {tuple(range(n)): 1.0}
    if isinstance(law, str):
        if law not in ("prefix", "hide_one"):
            raise ValueError(f"law is {law!r}; it must be None, 'prefix', 'hide_one' or a dict")
        if law == "prefix":
            return {tuple(range(length)): 1 / (n + 1) for length in range(n + 1)}
        return {tuple(j for j in range(n) if j != hidden): 1 / n for hidden in range(n)}
    if not isinstance(law, Mapping):
        raise TypeError(f"law is a {type(law).__name__}; it must be None, a name or a dict")
    clean = {}
    for kept, probability in law.items():
        if not isinstance(kept, tuple):
            raise TypeError(f"law has the key {kept!r}; keys are tuples of kept positions")
        positions = [size_between(f"position {j!r} in law[{kept!r}]", j, 0, n - 1) for j in kept]
        positions = tuple(sorted(positions))
        if len(set(positions)) < len(positions) or positions in clean:
            raise ValueError(f"law names the kept set {kept!r} or one of its positions twice")
        clean[positions] = fraction(f"law[{kept!r}]", probability)
    total = sum(clean.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"law sums to {total:.10g}; its probabilities must sum to 1")
    return {kept: probability / total for kept, probability in clean.items() if probability > 0}


def _thinned_sets(law, keep):
    """{kept set: probability}, smallest sets first, when each position survives with ``keep``."""
    sets = {}
    for full, weight in law.items():
        for size in range(len(full) + 1):
            probability = weight * keep**size * (1 - keep) ** (len(full) - size)
            if probability > 0:
                for kept in combinations(full, size):
                    sets[kept] = sets.get(kept, 0.0) + probability
    return dict(sorted(sets.items(), key=lambda item: (len(item[0]), item[0])))


def _masked_name(kept, shown, n, vocabulary):
    tokens = ["·"] * n
    for position, token in zip(kept, shown):
        tokens[position] = str(token)
    return ("" if vocabulary <= 10 else " ").join(tokens)
