"""The pictures and names of notebook 14 as features, split into training pairs and a gallery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from scipy.linalg import eigh
from sklearn.feature_extraction.text import TfidfVectorizer

import contexture_lite as cl

GALLERY = 400  # pairs that are held out
HOLD_OUT = ("pairs", "subgroups")


@cache
def emoji():
    """The data set, read once."""
    return cl.datasets.emoji()


@cache
def split(seed=0, hold_out="pairs"):
    """(training pairs, gallery): positions. The gallery is 400 pairs drawn at random, or whole
    subgroups drawn at random, so that none of their relatives is among the training pairs.
    """
    if hold_out not in HOLD_OUT:
        raise ValueError(f"hold_out is {hold_out!r}; it must be one of {HOLD_OUT}")
    rng, subgroups = np.random.default_rng(seed), emoji().subgroups
    order = rng.permutation(len(subgroups))
    if hold_out == "pairs":
        return order[GALLERY:], order[:GALLERY]
    drawn, out = rng.permutation(np.unique(subgroups)), np.zeros(len(order), dtype=bool)
    for subgroup in drawn:
        if out.sum() < GALLERY:
            out |= subgroups == subgroup
    return order[~out[order]], order[out[order]][:GALLERY]


@dataclass(frozen=True, eq=False)
class Features:
    """Principal components of pixels (x) and of letters (a), learned on the training pairs.

    ``x``, ``a`` are (n, k) of the training pairs, ``x_new``, ``a_new`` of the gallery; ``train``
    and ``gallery`` their positions; ``letters(names)`` are the features of any other names.
    """

    x: np.ndarray
    a: np.ndarray
    x_new: np.ndarray
    a_new: np.ndarray
    train: np.ndarray
    gallery: np.ndarray
    letters: object


@lru_cache(maxsize=12)
def features(seed=0, hold_out="pairs", k=200):
    """K principal components of 768 pixels, and of tf-idf of 2 to 4 letters within words."""
    data, (train, gallery) = emoji(), split(seed, hold_out)
    pixels = data.pictures.reshape(len(data.names), -1) / 255
    centred = pixels - pixels[train].mean(axis=0)
    axes = _top(centred[train].T @ centred[train], k)
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))
    table = tfidf.fit_transform(data.names[train])
    mean = np.asarray(table.mean(axis=0)).ravel()
    products = (table @ table.T).toarray() - (table @ mean)[:, None] - table @ mean + mean @ mean
    towards = _top(products, k)  # the components themselves, up to their lengths
    back = (table.T @ towards - np.outer(mean, towards.sum(axis=0)))
    back /= np.linalg.norm(back, axis=0)

    def letters(names):
        return tfidf.transform(list(names)) @ back - mean @ back

    x = centred @ axes
    return Features(x[train], letters(data.names[train]), x[gallery], letters(data.names[gallery]),
                    train, gallery, letters)


def _top(symmetric, k):
    """The k leading eigenvectors, with the largest entry of each positive."""
    n = len(symmetric)
    vectors = eigh(symmetric, subset_by_index=[n - k, n - 1])[1][:, ::-1]
    return vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(k)])


def correlations(x, a):
    """Correlation of two tables, column by column: (d,)."""
    x, a = (rows - rows.mean(axis=0) for rows in (x, a))
    return (x * a).sum(axis=0) / np.sqrt((x**2).sum(axis=0) * (a**2).sum(axis=0))
