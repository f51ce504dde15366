"""Notebook 15's experiments on texts: the price of a tokeniser, what its tokens mean, languages."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, cached_property, lru_cache

import numpy as np
import scipy.sparse as sp

import contexture_lite as cl
from contexture_lite import tokens
from contexture_lite._lazy import needed
from contexture_lite.sampling import chance_chi2
from contexture_lite.tokens import Bpe

TRAIN, HELD_OUT = 280_000, 75_000  # letters
VOCABULARIES = {"bytes": 0, "BPE 100": 100, "BPE 400": 400, "BPE 1600": 1600,
                "words": None}  # how many merges
LANGUAGES = {
    "eng": "English", "fra": "French", "deu_1996": "German", "fin": "Finnish", "tur": "Turkish",
    "vie": "Vietnamese", "swh": "Swahili", "ell_monotonic": "Greek", "rus": "Russian",
    "heb": "Hebrew", "arb": "Arabic", "hin": "Hindi", "cmn_hans": "Chinese", "jpn": "Japanese",
    "kor": "Korean"}
# written down before anything was measured
CLASSES = {
    "numbers": "one two three four five six seven eight ten",
    "pronouns": "i you he she we they it",
    "pets": "dog dogs cat cats puppy kitty",
    "drinks": "coffee tea water juice milk soda",
    "buying": "bought ordered purchased buy order purchase tried",
    "praise": "good great excellent wonderful delicious tasty amazing perfect fantastic",
    "time": "day week month year days weeks months years",
    "family": "husband son daughter wife kids family mother"}


def cut(texts, name, bpe):
    """The tokens of each text in a vocabulary: words, or numbers of the first merges of ``bpe``."""
    if name == "words":
        return [tokens.WORD.findall(text) for text in texts]
    known = Bpe(bpe.merges[:VOCABULARIES[name]])
    return [known.encode(text) for text in texts]


# -- the price of a text -------------------------------------------------------------------


@lru_cache(maxsize=3)
def halves(seed):
    """(text to fit, held-out text, the 1,600 merges of the first) of reviews in random order."""
    texts = cl.datasets.reviews().texts
    order = np.random.default_rng(seed).permutation(len(texts))
    whole = "\n".join(texts[i] for i in order[:1200])
    fit, held_out = whole[:TRAIN], whole[TRAIN:TRAIN + HELD_OUT]
    return fit, held_out, Bpe.fit(fit, 1600)


def prices(seeds=(0, 1, 2)):
    """The same reviews as bytes, subwords and words: a DataFrame, one row for each and each seed.

    ``unigram`` and ``bigram`` are bits a byte of held-out text, of which ``spelling`` for words
    that the vocabulary lacks; ``plug_in`` is s₁ of the text, ``held_out`` the correlation of a
    half's first pair of functions in the other half; ``chi2`` and what of it ``chance`` gives.
    """
    return needed("pandas").DataFrame([
        {"seed": seed, "tokeniser": name} | _price(name, seed)
        for seed in seeds for name in VOCABULARIES])


def _price(name, seed):
    fit, new, spelling, size = _numbered(name, seed)
    context = tokens.next_token_context(fit)
    text_bytes, new_bytes = (len(text.encode()) for text in halves(seed)[:2])
    unigram, bigram = (tokens.ngram_bits(fit, new, size, order) + spelling for order in (0, 1))
    return {"vocabulary": len(np.unique(fit)), "tokens": len(fit) / text_bytes,
            "unigram": unigram / new_bytes, "bigram": bigram / new_bytes,
            "spelling": spelling / new_bytes,
            "plug_in": cl.singular_system(context, 1).values[0],
            "held_out": tokens.held_out_values(fit, 1)[1][0], "chi2": context.chi2(),
            "chance": chance_chi2(*context.shape, len(fit) - 1)}


def _numbered(name, seed):
    """(tokens to fit, held-out tokens, bits for what they do not spell, how many there are)."""
    *both, bpe = halves(seed)
    fit, held_out = cut(both, name, bpe)
    if name != "words":
        return fit, held_out, 0.0, 256 + VOCABULARIES[name]
    often = {word for word, n in Counter(fit).items() if n > 2}
    code = {word: i for i, word in enumerate(sorted(often), 1)}  # 0 stands for all others
    rare, unknown = ("".join(word + "\0" for word in text if word not in often)
                     for text in (fit, held_out))
    letters = Bpe(())
    spelling = tokens.ngram_bits(letters.encode(rare), letters.encode(unknown), 256)
    return (*(np.array([code.get(word, 0) for word in text]) for text in (fit, held_out)),
            spelling, len(code) + 1)


# -- what the tokens mean --------------------------------------------------------------------


def readability(seeds=(0, 1, 2)):
    """How well logistic regression on bags of tokens tells a concept: a DataFrame of shares right.

    Half of the `activities` are fitted, the others judged.
    """
    texts, y = activities()
    rows = []
    for seed in seeds:
        fit, new = two_halves(y, seed)
        bpe = Bpe.fit("\n".join(texts[i] for i in fit)[:TRAIN], 1600)
        rows += [{"seed": seed, "tokeniser": name,
                  "right": judged(bags(texts, name, bpe), y, fit, new)} for name in VOCABULARIES]
    return needed("pandas").DataFrame(rows)


@cache
def activities():
    """(descriptions, section) of the economic activities of the eight largest sections."""
    data = cl.datasets.nace()
    largest = [section for section, _ in Counter(data.y.tolist()).most_common(8)]
    kept = np.flatnonzero(np.isin(data.y, largest))
    return [data.texts[i] for i in kept], data.y[kept]


def two_halves(y, seed):
    """Places to fit, and places to judge."""
    order = np.random.default_rng(seed).permutation(len(y))
    return order[::2], order[1::2]


def bags(texts, name, bpe):
    """log(1 + counts) of every token in every text, sparse."""
    tokenised = cut(texts, name, bpe)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in tokenised])
    kinds, columns = np.unique(np.concatenate(tokenised), return_inverse=True)
    bags = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(kinds)))
    return bags.tocsr().log1p()


def judged(bags, y, fit, new):
    """Share of the texts at ``new`` that logistic regression, fitted to the others, tells right."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(bags[fit], y[fit])
    return float(model.score(bags[new], y[new]))


class Words:
    """Words of one random half of the reviews with at least 30 uses, and pictures of them.

    ``known`` are the words; `vectors` puts each into a space, `partners` scores its neighbours.
    """

    def __init__(self, seed=0):
        texts = cl.datasets.reviews().texts
        order = np.random.default_rng(seed).permutation(len(texts))
        self.text = " . ".join(texts[i].lower() for i in order[:len(texts) // 2])
        found = re.findall(r"[a-z']+", self.text)
        count = Counter(found)
        self.known = sorted(word for word, n in count.items() if n >= 30)
        self._found, self._common = found, [word for word, _ in count.most_common(600)]

    def context(self):
        """X a word, A one of the 600 commonest at −2, −1, 1 or 2, with its place: a `Context`."""
        x, a = (np.array([place.get(word, -1) for word in self._found]) for place in (
            {word: i for i, word in enumerate(words)} for words in (self.known, self._common)))
        rows, columns = [], []
        for k, (word, other) in enumerate([(x[2:], a[:-2]), (x[1:], a[:-1]), (x[:-1], a[1:]),
                                           (x[:-2], a[2:])]):
            there = (word >= 0) & (other >= 0)
            rows.append(word[there])
            columns.append(other[there] + 600 * k)
        rows, columns = np.concatenate(rows), np.concatenate(columns)
        counts = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(self.known), 2400))
        return cl.Context.from_counts(counts, x_labels=self.known, drop_empty=True)

    def letters(self):
        """The letters of each word, counted."""
        return np.array([[word.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz'"]
                         for word in self.known], dtype=float)

    @cached_property
    def _bpe(self):
        return Bpe.fit(self.text[:TRAIN], 1600)

    def from_tokens(self, merges, d=32):
        """The mean over a word's tokens of their functions, next and previous, (words, 2 d)."""
        bpe = Bpe(self._bpe.merges[:merges])
        context = tokens.next_token_context(bpe.encode(self.text))
        system = cl.singular_system(context, min(d, min(context.shape) - 1))
        both = [{token: row * system.values for token, row in zip(labels, functions)}
                for labels, functions in ((context.x_labels, system.left),
                                          (context.a_labels, system.right))]
        return np.array([np.concatenate([np.mean([of[t] for t in bpe.encode(" " + word)], axis=0)
                                         for of in both]) for word in self.known])


def nearest(vectors, words):
    """{word: the word whose vector has the largest cosine with its own}."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    alike = np.round(unit @ unit.T, 9)
    np.fill_diagonal(alike, -2)
    return dict(zip(words, np.array(words)[alike.argmax(axis=1)].tolist()))


def scores(neighbour):
    """(share of the words of `CLASSES` with a neighbour of their class, share of plural pairs)."""
    member = {word: name for name, words in CLASSES.items() for word in words.split()}
    classed = [word for word in neighbour if word in member]
    plurals = [(word, word + "s") for word in neighbour if word + "s" in neighbour
               and len(word) > 2]
    same = np.mean([member.get(neighbour[word]) == member[word] for word in classed])
    pairs = np.mean([neighbour[a] == b or neighbour[b] == a for a, b in plurals])
    return float(same), float(pairs)


def chance(words):
    """Share of the words of `CLASSES` whose neighbour, drawn at random, is of their class."""
    sizes = [sum(word in words for word in names.split()) for names in CLASSES.values()]
    return sum(n * (n - 1) for n in sizes) / (len(words) - 1) / sum(sizes)


# -- fifteen languages -----------------------------------------------------------------------


def languages(merges=1000):
    """Length of the Universal Declaration relative to English, in 15 languages: a DataFrame.

    In letters, in bytes, and in tokens of two vocabularies: of English reviews, and of the fifteen
    texts themselves.
    """
    data = cl.datasets.universal_declaration()
    english = Bpe.fit("\n".join(cl.datasets.reviews().texts)[:TRAIN], merges)
    fifteen = Bpe.fit("\n".join(data.texts), merges)
    frame = needed("pandas").DataFrame({
        "letters": [len(text) for text in data.texts],
        "bytes": [len(text.encode()) for text in data.texts],
        "BPE of English": [len(english.encode(text)) for text in data.texts],
        "BPE of all": [len(fifteen.encode(text)) for text in data.texts]},
        index=[LANGUAGES[code] for code in data.y])
    return (frame / frame.loc["English"]).loc[list(LANGUAGES.values())]
