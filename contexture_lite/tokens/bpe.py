"""Byte pair encoding, and what a word is."""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np

from contexture_lite._checks import as_count, as_positions
from contexture_lite._text import said

_MARKS = r"!-/:-@\[-`{-~"  # ASCII's punctuation
# No token spans two words; a space belongs to the word after it.
WORD = re.compile(rf" ?[^\s{_MARKS}]+| ?[{_MARKS}]+|\s+(?!\S)|\s+")


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
        found = Counter(WORD.findall(as_text("text", text)))
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
            changed, new = defaultdict(int), 256 + len(learnt)
            for i in where.pop(pair):
                old, words[i] = words[i], _merged(words[i], pair, new)
                if len(words[i]) == len(old):
                    continue  # an earlier merge has taken the pair from this word
                for other in pairwise(old):
                    changed[other] -= times[i]
                for other in pairwise(words[i]):
                    changed[other] += times[i]
                    if new in other:
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
        words = WORD.findall(as_text("text", text))
        for word in set(words) - self._seen.keys():
            self._seen[word] = self._encoded(word.encode())
        return np.fromiter(chain.from_iterable(map(self._seen.get, words)), dtype=np.int64)

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

    @cached_property
    def _seen(self):
        """The tokens of every word so far: most words of a text have been in another."""
        return {}

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


def as_text(name, text):
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
