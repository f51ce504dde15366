"""Notebook 15's experiments on texts: what the page says of them holds on every split."""

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach.nb15_tokens import texts

SPLITS = 0, 1, 2
BPE = ["bytes", "BPE 100", "BPE 400", "BPE 1600"]


@pytest.fixture(scope="module")
def prices():
    return texts.prices(SPLITS)


@pytest.fixture(scope="module")
def halves():
    """(words, context) of two random halves of the reviews; the notebook asserts it of another."""
    made = [texts.Words(seed) for seed in SPLITS[1:]]
    return [(words, words.context()) for words in made]


def test_longer_tokens_cost_less_until_words_have_to_be_spelled(prices):
    for _, table in prices.groupby("seed"):
        row = table.set_index("tokeniser")
        assert (np.diff(row.bigram[BPE]) < -0.2).all() and (np.diff(row.unigram[BPE]) < -0.4).all()
        assert (np.diff(row.tokens) < 0).all() and (np.diff(row.vocabulary) > 0).all()
        assert row.bigram["words"] > row.bigram["BPE 1600"]
        assert row.bigram["words"] - row.spelling["words"] < 0.75 * row.bigram["BPE 1600"]
        assert 0.3 < row.spelling["words"] / row.bigram["words"] < 0.45
        assert row.bigram["BPE 1600"] < 0.63 * row.bigram["bytes"]


def test_the_prices_hardly_differ_between_splits(prices):
    spread = prices.groupby("tokeniser")[["tokens", "unigram", "bigram", "spelling"]].std().max()
    assert spread.bigram < 0.02 and spread.max() < 0.05


def test_the_plug_in_value_means_nothing_where_tokens_are_rare(prices):
    for _, table in prices.groupby("seed"):
        row = table.set_index("tokeniser")
        assert row.plug_in["words"] > 0.98 and row.held_out["words"] < 0.7
        assert row.chance["words"] > 0.6 * row.chi2["words"]
    # the two bytes of a letter that occurs in one place: perfect in the text, nothing held out
    perfect = prices[prices.plug_in > 0.999]
    assert len(perfect) >= 6 and (perfect.held_out.abs() < 0.01).sum() >= 2


def test_words_are_numbered_and_the_rest_is_spelled():
    fit, new, bits, size = texts._numbered("words", 0)
    assert size - 1 == fit.max() == len(np.unique(fit)) - 1 and new.max() < size
    assert 0.1 < np.mean(new == 0) < 0.14 and bits / np.sum(new == 0) > 20


def test_company_against_spelling(halves):
    for words, context in halves:
        by_letters = texts.scores(texts.nearest(words.letters(), words.known))
        rows = texts.scores(texts.nearest(context.conditional().toarray(), words.known))
        system = cl.singular_system(context, 30)
        by_company = texts.scores(texts.nearest(system.left * system.values, words.known))
        assert by_company[0] > 0.5 > 0.35 > by_letters[0]
        assert by_letters[1] > 0.7 > 0.2 > by_company[1]
        assert rows[0] > by_company[0] + 0.02  # the plain counts are a little better
        assert texts.chance(words.known) < 0.015


def test_a_vocabulary_is_the_slider_between_the_two(halves):
    for words, _ in halves:
        plural = [texts.scores(texts.nearest(words.from_tokens(m), words.known))[1]
                  for m in (100, 400, 1600)]
        assert plural[0] > 0.65 and plural[2] < 0.2 and (np.diff(plural) < -0.15).all()


def test_neighbours_are_by_cosine_and_scores_count_pairs():
    words = ["cat", "cats", "dog", "tea"]
    vectors = np.array([[1, 0.1], [2, 0.1], [1, 0.2], [0, 1.0]])
    near = texts.nearest(vectors, words)
    assert near == {"cat": "cats", "cats": "cat", "dog": "cat", "tea": "dog"}
    assert texts.scores(near) == (0.75, 1.0)
    assert texts.chance(words) == pytest.approx(3 * 2 / 3 / 4)
