"""Numbers of notebook 15's live picture: one text, merged in two directions.

The text is 20,000 letters of reviews in lower case, with 30 different ones. To the left of 0 the
*context* is merged: the next letter is counted as one of fewer classes, the cheapest merge first.
To the right the *text* is merged: byte pair encoding makes longer tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import scipy.sparse as sp

import contexture_lite as cl
from contexture_lite import tokens
from contexture_lite.sampling import chance_chi2
from contexture_lite.spectrum.repeated import repeated
from contexture_lite.tokens.next_token import alternate_blocks, functions_at, pooled_correlations

LETTERS, BLOCK = 20_000, 50
SAME = 1e-7  # values this close are one: rounding of their squares
LADDER = (*range(-28, 1), 5, 10, 20, 40, 60, 80, 100, 150, 200, 250)
SHOWN, SHOWN_TOKENS = 10, 300  # singular values, and tokens of the text
WEIGHTS = ("contexture", "one-hot loss")


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting.

    ``pieces`` are the tokens at the beginning of the text, ``marks`` their classes if letters are
    merged; ``size`` is how many there are to come next. ``values``, ``null`` and ``held_out`` are
    the first ten s_i: of the text, of the shuffled text, and as found again in held-out blocks.
    ``pair`` are the best-predicted tokens, ``bits`` those of `bits`.
    """

    merges: int
    size: int
    pieces: list
    marks: np.ndarray | None
    values: np.ndarray
    null: np.ndarray
    held_out: np.ndarray
    chi2: float
    chance: float
    pair: tuple
    bits: dict
    per_letter: float


@lru_cache(maxsize=1)
def text():
    """The first 20,000 letters of the reviews, cleaned."""
    words = " ".join(cl.datasets.reviews().texts[:200]).lower()
    return re.sub(r" +", " ", re.sub(r"[^a-z '.,]", " ", words))[:LETTERS]


@lru_cache(maxsize=1)
def bpe():
    """The 250 merges."""
    return tokens.Bpe.fit(text(), max(LADDER))


@lru_cache(maxsize=1)
def classes():
    """The class of each letter after 0, 1, … 28 merges of the next letter: (29, 30)."""
    context = tokens.next_token_context(text())
    of = [np.arange(context.shape[1])]
    for a, b, _ in tokens.cheapest_merges(context)[:-min(LADDER)]:
        of.append(np.where(of[-1] == b, a, of[-1]))
    return np.array(of)


@cache
def encoded(merges):
    """The text after so many merges, as token numbers of `bpe`."""
    return tokens.Bpe(bpe().merges[:merges]).encode(text())


@cache
def coded(merges, shuffle):
    """(names of the tokens, x, a): the tokens of the text, and the class to predict of each."""
    found = encoded(max(merges, 0))
    if shuffle:
        found = np.random.default_rng(15).permutation(found)
    known, x = np.unique(found, return_inverse=True)
    names = [bpe().vocabulary[i].decode() for i in known]
    return names, x, x if merges > 0 else classes()[-merges][x]


@cache
def step_at(merges, given, weight, shuffle):
    """The `Step` of one setting."""
    names, x, a = coded(merges, shuffle)
    values, (kinds, left), (columns, right) = of_text(x, a, given, weight)
    seen = len(x) - given
    chi2 = float((values**2).sum())
    chance = chance_chi2(len(kinds), len(columns), seen)
    if weight != WEIGHTS[0]:  # of independent tokens, to the same order
        q = np.bincount(a[given:]) / seen
        chance = (len(kinds) - 1) * (1 - (q**2).sum()) / (seen - 1)
    null = values if shuffle else of_text(*coded(merges, True)[1:], given, weight)[0]
    pieces, first = [names[i] for i in x[:SHOWN_TOKENS]], repeated(values, SAME)[0]
    return Step(merges, len(columns), pieces, a[:SHOWN_TOKENS] if merges < 0 else None,
                _first(values), _first(null), _first(held_out(x, a, given, weight)), chi2, chance,
                _pair(names, kinds, left[:, first], columns, right[:, first], given, merges),
                bits(shuffle)[merges], len(x) / LETTERS)


def _first(values):
    return np.r_[values, np.zeros(SHOWN)][:SHOWN]


def _pair(names, kinds, left, columns, right, given, merges):
    """The tokens at which the first functions are largest and agree: all those of one value."""
    most = (left**2).sum(axis=1).round(9).argmax()  # the first of those that tie
    before = kinds[most] if given == 1 else kinds[most] % len(names)
    after = columns[(right @ left[most]).round(9).argmax()]
    if merges < 0:
        return names[before], "".join(np.array(names)[classes()[-merges] == after])
    return names[before], names[after]


@lru_cache(maxsize=2)
def bits(shuffle):
    """{merges: bits a letter}: unigram, bigram (plug-in), bigram fitted to one half of the text.

    Of classes of letters the first two are what is left to say: they do not spell the text.
    """
    found = {}
    for merges in LADDER:
        names, x, a = coded(merges, shuffle)
        one, before, both = (_entropy(codes) for codes in (
            a[1:], x[:-1], x[:-1] * len(names) + a[1:]))
        share, half = len(x) / LETTERS, len(x) // 2
        found[merges] = {"unigram": one * share, "bigram": (both - before) * share}
        if merges >= 0:
            cost = tokens.ngram_bits(x[:half], x[half:], len(names))
            letters = sum(len(names[i]) for i in x[half:])
            found[merges]["held-out"] = cost / letters
    return found


def _entropy(codes):
    p = np.bincount(codes) / len(codes)
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def preceding(x, order):
    """What comes before each token, two as one number; at the first ones it means nothing."""
    one = np.roll(x, 1)
    return one if order == 1 else np.roll(x, 2) * (int(x.max()) + 1) + one


def of_text(x, a, order, weight):
    """`spectrum` of all places of a text."""
    return spectrum(preceding(x, order)[order:], a[order:], weight)


def spectrum(x, a, weight):
    """(values, left, right) of counts, of (P − p q) / √(p q), or of (P − p q) / √p for one-hot."""
    (kinds, rows), (names, columns) = (np.unique(of, return_inverse=True) for of in (x, a))
    P = sp.coo_array((np.full(len(rows), 1 / len(rows)), (rows, columns)),
                     shape=(len(kinds), len(names))).tocsr()
    p, q = np.asarray(P.sum(axis=1)).ravel(), np.asarray(P.sum(axis=0)).ravel()
    scale = 1 / np.sqrt(q) if weight == WEIGHTS[0] else np.ones(len(q))
    Q = P.multiply(1 / np.sqrt(p)[:, None]).multiply(scale).tocsr()
    # through the smaller square: the constant is taken off there
    gram = (Q.T @ Q).toarray() - np.outer(q * scale, q * scale)
    energies, vectors = np.linalg.eigh(gram)
    energies, vectors = np.maximum(energies[::-1], 0), vectors[:, ::-1]
    values = np.sqrt(energies)
    groups, kept = repeated(values, SAME), 0
    while kept < min(SHOWN, len(values)):  # no value is cut from others of its size
        kept = groups.pop(0)[-1] + 1
    top = vectors[:, :kept]
    left = (Q @ top - np.outer(np.sqrt(p), (q * scale) @ top)) / np.sqrt(p)[:, None]
    left /= np.maximum(values[:kept], 1e-12)
    return values, (kinds, left), (names, top * scale[:, None])


def held_out(x, a, order, weight):
    """s_i in every other block of 50, of the functions fitted to the rest: their correlation.

    For the one-hot loss times the length of the second function, as its s_i have it.
    """
    before, (fit, new) = preceding(x, order), alternate_blocks(len(x), BLOCK, order)
    values, x_functions, a_functions = spectrum(before[fit], a[fit], weight)
    f, g = functions_at(before[new], *x_functions), functions_at(a[new], *a_functions)
    groups = repeated(values[:f.shape[1]], SAME)
    found = pooled_correlations(f, g, groups)
    if weight != WEIGHTS[0]:
        for group in groups:
            found[group] *= np.sqrt(g[:, group].var(axis=0).mean())
    return found
