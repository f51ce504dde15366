"""Tokens: byte pair encoding, what merging costs, and what a text costs in bits a byte.

A tokeniser chooses X and A, hence the operator: in the context of a text X is the token before (or
the few before) and A the next one. Two opposite moves are both called merging. Counting two symbols
as one is a coarsening, and lowers every s_i (`merge_cost`, `cheapest_merges`). A merge of byte pair
encoding makes a longer symbol beside the two: at the cuts that are left, the next token names the
next character, so no s_i falls (`Bpe`). Losses of different tokenisers are compared in bits a byte.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_classes, as_count, as_dense, as_positions
from contexture_lite._text import said
from contexture_lite.contexts import Context, as_context
from contexture_lite.spectrum import singular_system

_MARKS = r"!-/:-@\[-`{-~"  # ASCII's punctuation
# No token spans two words; a space belongs to the word after it.
WORD = re.compile(rf" ?[^\s{_MARKS}]+| ?[{_MARKS}]+|\s+(?!\S)|\s+")
DISCOUNT = 0.75  # of Kneser and Ney

# -- byte pair encoding ------------------------------------------------------------------


@dataclass(frozen=True)
class Bpe:
    """Byte pair encoding: the 256 bytes are tokens, and every merge of two tokens is one more.

    Token 256 + k is the pair ``merges[k]``. Every text is encoded, and decoded without loss.
    ``Bpe(bpe.merges[:100])`` is the same tokeniser after its first 100 merges. Source: for text
    Sennrich, Haddow, Birch 2016 (arXiv 1508.07909).
    """

    merges: tuple[tuple[int, int], ...]

    def __repr__(self):
        return said(f"Bpe({len(self.merges)} merges, {256 + len(self.merges)} tokens)")

    @classmethod
    def fit(cls, text, merges):
        """Learn ``merges`` merges: always the pair that occurs most often within the words of text.

        Of pairs that are equally frequent the one with the smallest tokens. ValueError if every
        word is one token before that many are found.
        """
        wanted = as_count("merges", merges, least=0)
        found = Counter(WORD.findall(_as_text("text", text)))
        if not found:
            raise ValueError("text is empty; there is nothing to learn merges from")
        words, times = [list(word.encode()) for word in found], list(found.values())
        count, where = Counter(), defaultdict(set)  # of every pair: how often, and in which words
        for i, word in enumerate(words):
            for pair in pairwise(word):
                count[pair] += times[i]
                where[pair].add(i)
        heap, learnt = [(-n, pair) for pair, n in count.items()], []
        heapq.heapify(heap)
        while len(learnt) < wanted:
            if not heap:
                raise ValueError(f"merges is {wanted}; after {len(learnt)} of them every word of "
                                 "this text is one token")
            n, pair = heapq.heappop(heap)
            if n == 0 or count[pair] != -n:
                continue  # its count has changed since, and is in the heap again
            changed = Counter()
            for i in where.pop(pair):
                old, words[i] = words[i], _merged(words[i], pair, 256 + len(learnt))
                for sign, word in ((-1, old), (1, words[i])):
                    for other in pairwise(word):
                        changed[other] += sign * times[i]
                        if sign > 0:
                            where[other].add(i)
            learnt.append(pair)
            count[pair] = 0
            for other, more in changed.items():
                if more and other != pair:
                    count[other] += more
                    heapq.heappush(heap, (-count[other], other))
        return cls(tuple(learnt))

    @cached_property
    def vocabulary(self):
        """The bytes of every token, in order."""
        spelled = [bytes([i]) for i in range(256)]
        for a, b in self.merges:
            spelled.append(spelled[a] + spelled[b])
        return tuple(spelled)

    def encode(self, text):
        """The tokens of a text, an array of integers: the merges in their order, word by word."""
        words = WORD.findall(_as_text("text", text))
        known = {word: self._encoded(word.encode()) for word in set(words)}
        return np.fromiter(chain.from_iterable(map(known.get, words)), dtype=np.int64)

    def decode(self, tokens):
        """The text of an array of tokens; ValueError if their bytes are no UTF-8."""
        tokens = as_positions("tokens", tokens, len(self.vocabulary))
        spelled = b"".join(self.vocabulary[token] for token in tokens)
        try:
            return spelled.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"tokens spell bytes that are not UTF-8: {spelled[error.start]:#04x} "
                             f"at byte {error.start} ({error.reason})") from None

    @cached_property
    def _rank(self):
        return {pair: 256 + k for k, pair in enumerate(self.merges)}

    def _encoded(self, spelled):
        """The tokens of one word: as long as a pair of it has been learnt, merge the earliest."""
        word = list(spelled)
        while len(word) > 1:
            new, pair = min((self._rank.get(pair, np.inf), pair) for pair in pairwise(word))
            if new == np.inf:
                break
            word = _merged(word, pair, new)
        return word


def _merged(word, pair, new):
    """The word with ``new`` in the place of every such pair, from left to right."""
    out, i = [], 0
    while i < len(word):
        found = word[i] == pair[0] and tuple(word[i:i + 2]) == pair
        out.append(new if found else word[i])
        i += 2 if found else 1
    return out


def _as_text(name, text):
    """The argument if it is text that UTF-8 can spell."""
    if not isinstance(text, str):
        advice = f"; decode it first: {name}.decode()" if isinstance(text, bytes) else ""
        raise TypeError(f"{name} is a {type(text).__name__}; it must be a str{advice}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name}[{error.start}] is {text[error.start]!r}, half of a surrogate "
                         "pair, which UTF-8 cannot spell") from None
    return text


# -- merging symbols ---------------------------------------------------------------------


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


# -- the next token, and what it costs ---------------------------------------------------


def next_token_context(tokens, order=1):
    """The context of a text: X the ``order`` tokens before, A the next token; counts, sparse.

    ``tokens`` is an array of integers, a list of labels, or a text, which is one of letters. The
    labels are the tokens that occur, and for order > 1 tuples of them. Of n tokens that have
    nothing to do with each other the χ² is about `sampling.chance_chi2`: see `held_out_values`.
    """
    names, codes = _coded(tokens)
    order = as_count("order", order)
    if len(codes) <= order:
        raise ValueError(f"tokens has {len(codes)} entries; with order {order} it needs at least "
                         f"{order + 1}")
    before = np.stack([codes[i:len(codes) - order + i] for i in range(order)], axis=1)
    seen, x = np.unique(before, axis=0, return_inverse=True)
    following, a = np.unique(codes[order:], return_inverse=True)
    counts = sp.coo_array((np.ones(len(a)), (x.ravel(), a)), shape=(len(seen), len(following)))
    labels = [tuple(names[i] for i in row) if order > 1 else names[row[0]] for row in seen]
    return Context.from_counts(counts, x_labels=labels, a_labels=[names[i] for i in following])


def held_out_values(tokens, d, block=50):
    """(s_i of one half of a text, correlations of its μ_i(X), ν_i(A) in the other half), (d,) each.

    Every other block of tokens is in the same half. The second are 0 on average where X
    says nothing about A, the first are not. Where a token did not occur its functions are 0.
    Functions of a repeated value have one correlation, Σ cov / √(Σ var Σ var) over all of them,
    since no single one has a meaning.
    """
    codes = _coded(tokens)[1]
    block = as_count("block", block, least=2)
    starts = range(0, len(codes) - 1, block)
    pieces = [[codes[i:i + block] for i in starts[half::2]] for half in (0, 1)]
    if not pieces[1]:
        raise ValueError(f"tokens has {len(codes)} entries; with blocks of {block} at least "
                         f"{block + 2} are needed")
    (x, a), (x_new, a_new) = (
        np.concatenate([np.stack([piece[:-1], piece[1:]]) for piece in half], axis=1)
        for half in pieces)
    size = codes.max() + 1
    seen_x, seen_a = np.unique(x), np.unique(a)
    cells = np.searchsorted(seen_x, x), np.searchsorted(seen_a, a)
    counts = sp.coo_array((np.ones(len(x)), cells))
    system = _up_to_a_gap(Context.from_counts(counts), as_count("d", d))
    left, right = np.zeros((size, system.rank)), np.zeros((size, system.rank))
    left[seen_x], right[seen_a] = system.left, system.right
    f, g = left[x_new] - left[x_new].mean(0), right[a_new] - right[a_new].mean(0)
    return system.values[:d], pooled_correlations(f, g, system.groups())[:d]


def pooled_correlations(f, g, groups):
    """Σ cov / √(Σ var Σ var) over each group of columns of centred f and g, (d,)."""
    found = np.empty(f.shape[1])
    for group in groups:
        covariance, *variances = ((a[:, group] * b[:, group]).sum() for a, b in (
            (f, g), (f, f), (g, g)))
        length = np.sqrt(np.prod(variances))
        found[group] = covariance / length if length > 0 else 0
    return found


def _up_to_a_gap(context, d):
    """The singular system of d functions, and of all others of the d-th value."""
    most, more = min(context.shape) - 1, d
    while True:
        system = singular_system(context, more)
        if more >= most or system.values[-1] < system.values[d - 1] - 1e-8:
            return system
        more = min(2 * more + 8, most)


def ngram_bits(tokens, held_out, size, order=1):
    """−Σ log₂ P(token | the one before) over a held-out text, of a model fitted to another.

    Interpolated Kneser–Ney with discount ¾: ``order`` 1 is a bigram, 0 a unigram. Below both lies
    1/``size``, the number of tokens that there are, so that none is impossible. ``tokens`` and
    ``held_out`` are arrays of integers, at least two each.
    """
    size = as_count("size", size)
    fit, new = (as_positions(name, values, size)
                for name, values in (("tokens", tokens), ("held_out", held_out)))
    if as_count("order", order, least=0) > 1:
        raise ValueError(f"order is {order}; it must be 0 (unigram) or 1 (bigram)")
    for name, values in (("tokens", fit), ("held_out", new)):
        if len(values) < 2:
            raise ValueError(f"{name} has {len(values)} tokens; at least 2 are needed")
    if order == 0:
        return float(-np.log2(_discounted(np.bincount(fit, minlength=size))[new]).sum())
    pairs, times = np.unique(fit[:-1] * size + fit[1:], return_counts=True)
    continuing = _discounted(np.bincount(pairs % size, minlength=size))
    total = np.bincount(fit[:-1], minlength=size)
    kinds = np.bincount(pairs // size, minlength=size)
    wanted = new[:-1] * size + new[1:]
    place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    seen = np.where(pairs[place] == wanted, times[place] - DISCOUNT, 0)
    n = np.maximum(total, 1)[new[:-1]]
    left = np.where(total[new[:-1]] > 0, DISCOUNT * kinds[new[:-1]] / n, 1)
    p = seen / n + left * continuing[new[1:]]
    return float(-np.log2(p).sum() - np.log2(continuing[new[0]]))


def _discounted(counts):
    """Counts as probabilities: ¾ taken from each that is there, and shared among all."""
    p = np.maximum(counts - DISCOUNT, 0) + DISCOUNT * np.count_nonzero(counts) / len(counts)
    return p / counts.sum()


def bits_per_byte(bpe, text, held_out, order=1):
    """Bits that a byte of the held-out text costs with this tokeniser: `ngram_bits` / bytes.

    The model is fitted to ``text``. Losses per token are no measure of that: longer tokens are
    fewer. It is an upper bound: other segmentations of the same text have a probability, too.
    """
    if not isinstance(bpe, Bpe):
        raise TypeError(f"bpe is a {type(bpe).__name__}; it must be a Bpe")
    fit, new = bpe.encode(_as_text("text", text)), bpe.encode(_as_text("held_out", held_out))
    return ngram_bits(fit, new, len(bpe.vocabulary), order) / len(held_out.encode())


def _coded(tokens):
    """The different tokens, in order, and every token as its place among them."""
    if type(tokens) is not np.ndarray or tokens.dtype.kind not in "iu":
        tokens = as_classes("tokens", list(tokens) if isinstance(tokens, str) else tokens)
    names, codes = np.unique(tokens, return_inverse=True)
    return names.tolist(), codes
