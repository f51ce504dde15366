"""Byte pair encoding beside HuggingFace's and a recount; costs and n-grams beside sums by hand."""

import time
from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

import contexture_lite as cl
from contexture_lite import tokens
from contexture_lite.tokens import Bpe
from contexture_lite.tokens import bpe as bpe_module
from contexture_lite.tokens.next_token import pooled_correlations

WORDS = "the cat sat on the mat and the rat sat on the hat that the cat had".split()
TWENTY = Bpe.fit(" ".join(WORDS), 20)
RNG = np.random.default_rng(15)


@pytest.fixture(scope="module")
def reviews():
    return "\n".join(cl.datasets.reviews().texts)


@pytest.fixture(scope="module")
def bpe(reviews):
    return Bpe.fit(reviews[:30_000], 400)


# -- byte pair encoding --------------------------------------------------------------


def recounted(text, merges):
    """The merges, found by counting all pairs of all words anew each time."""
    words, learnt = [list(word.encode()) for word in tokens.WORD.findall(text)], []
    for k in range(merges):
        count = Counter(pair for word in words for pair in pairwise(word))
        most = max(count.values())
        pair = min(pair for pair, n in count.items() if n == most)
        words = [bpe_module._merged(word, pair, 256 + k) for word in words]
        learnt.append(pair)
    return tuple(learnt)


@pytest.mark.parametrize("text", [" ".join(RNG.choice(WORDS, 200)), "aaaa aaaaa aaa baaa " * 3,
                                  "naïve Straße — Straßen, naïve; 東京都 東京"])
def test_fit_finds_what_a_recount_finds(text):
    assert Bpe.fit(text, 9).merges == recounted(text, 9)


def test_fit_finds_what_a_recount_finds_on_reviews(reviews):
    assert Bpe.fit(reviews[:4000], 60).merges == recounted(reviews[:4000], 60)


def theirs(bpe):
    """HuggingFace's BPE with the same merges; its bytes are letters of their own."""
    letter = dict(zip(range(256), map(chr, range(0x4E00, 0x4F00))))
    spelled = ["".join(letter[byte] for byte in token) for token in bpe.vocabulary]
    merges = [(spelled[a], spelled[b]) for a, b in bpe.merges]
    model = Tokenizer(models.BPE({token: i for i, token in enumerate(spelled)}, merges))
    model.pre_tokenizer = pre_tokenizers.Split(" ", "isolated")  # our words hold none

    def encode(text):
        words = ["".join(letter[byte] for byte in word.encode())
                 for word in tokens.WORD.findall(text)]
        return model.encode(words, is_pretokenized=True).ids

    return encode


def test_encode_agrees_with_huggingface(reviews, bpe):
    encode = theirs(bpe)
    declaration = cl.datasets.universal_declaration().texts
    for text in (reviews[30_000:60_000], *(text[:2000] for text in declaration)):
        assert bpe.encode(text).tolist() == encode(text)


@given(st.text(max_size=60), st.integers(0, 20))
def test_nothing_is_lost(text, merges):
    bpe = Bpe(TWENTY.merges[:merges])
    ids = bpe.encode(text)
    assert bpe.decode(ids) == text
    assert len(ids) <= len(text.encode())
    assert sum(len(bpe.vocabulary[i]) for i in ids) == len(text.encode())


@given(st.text(alphabet="ab é\n.", min_size=1, max_size=40))
def test_a_text_of_any_letters_teaches_and_comes_back(text):
    bpe = Bpe.fit(text * 3, 0)
    try:
        bpe = Bpe.fit(text * 3, 5)
    except ValueError as error:
        assert "every word of this text is one token" in str(error)
    assert bpe.decode(bpe.encode(text)) == text


def test_words_are_cut_as_promised():
    cut = tokens.WORD.findall("I  said: \"don't\"\n\nनमस्ते  दुनिया 東京。")
    assert cut == ["I", " ", " said", ":", ' "', "don", "'", "t", '"', "\n", "\n", "नमस्ते", " ",
                   " दुनिया", " 東京。"]


def test_1600_merges_and_a_megabyte_take_the_time_that_was_promised(reviews):
    start = time.process_time()
    bpe = Bpe.fit(reviews[:280_000], 1600)
    learnt = time.process_time()
    size = len(bpe.encode(reviews[:1_000_000]))
    assert learnt - start < 5 and time.process_time() - learnt < 1
    assert size < 330_000 and len(bpe.vocabulary) == 1856


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda b: Bpe.fit("", 1), ValueError, "text is empty"),
    (lambda b: Bpe.fit(b"ab", 1), TypeError, r"text is a bytes.*text\.decode\(\)"),
    (lambda b: Bpe.fit("ab ab", -1), ValueError, "merges is -1"),
    (lambda b: Bpe.fit("ab ab", 1.5), TypeError, "merges is 1.5"),
    (lambda b: Bpe.fit("ab ab", 9), ValueError, "merges is 9; after 2 of them"),
    (lambda b: b.encode(3), TypeError, "text is a int"),
    (lambda b: b.encode("ab\ud800"), ValueError, r"text\[2\] is '\\ud800'"),
    (lambda b: b.decode([999]), ValueError, "tokens runs from 999 to 999; positions are 0 to"),
    (lambda b: b.decode(["the"]), TypeError, "tokens must be a list of integer"),
    (lambda b: b.decode([97, 0xE4, 98]), ValueError, "not UTF-8: 0xe4 at byte 1"),
    (lambda b: tokens.bits_per_byte(b, "ab", ""), ValueError, "held_out has 0 tokens"),
    (lambda b: tokens.bits_per_byte("b", "ab", "ab"), TypeError, "bpe is a str"),
    (lambda b: tokens.ngram_bits([1, 2], [1, 9], 9), ValueError, "held_out runs from 1 to 9"),
    (lambda b: tokens.ngram_bits([1, 2], [1, 3], 9, 2), ValueError, "order is 2"),
    (lambda b: tokens.next_token_context("", 1), ValueError, "tokens is empty"),
    (lambda b: tokens.next_token_context("ab", 2), ValueError, "tokens has 2 entries"),
    (lambda b: tokens.next_token_context([1, None]), ValueError, r"tokens\[1\] is missing"),
    (lambda b: tokens.held_out_values("abab" * 5, 1), ValueError, "tokens has 20 entries"),
    (lambda b: tokens.merge_cost(tokens.next_token_context("abcab"), "a", "z"), ValueError,
     "b is 'z', which is no value of this context; there are 'a', 'b', 'c'"),
    (lambda b: tokens.merge_cost(cl.Context(np.eye(3) / 3), 0, 3), ValueError, "b runs from 3"),
    (lambda b: tokens.merge_cost(cl.Context(np.eye(3) / 3), 2, 2), ValueError, "a and b are both"),
])
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call(Bpe.fit("the cat the cat", 3))


# -- merging symbols -------------------------------------------------------------------


def test_the_path_takes_the_cheapest_pair_each_time_and_ends_with_nothing():
    context = cl.Context.from_counts(RNG.gamma(0.4, size=(6, 7)) + 0.01)
    P = context.joint.copy()
    alive = list(range(7))
    for a, b, cost in tokens.cheapest_merges(context):
        left = {pair: cl.Context(P[:, alive]).chi2() - without(P, alive, *pair)
                for pair in product(alive, alive) if pair[0] < pair[1]}
        assert (a, b) == min(left, key=left.get) and cost == pytest.approx(left[a, b])
        P[:, a] += P[:, b]
        alive.remove(b)
    assert alive == [0]
    assert sum(step[2] for step in tokens.cheapest_merges(context)) == pytest.approx(context.chi2())


def without(P, alive, a, b):
    other = P.copy()
    other[:, a] += other[:, b]
    return cl.Context(other[:, [i for i in alive if i != b]]).chi2()


def test_symbols_that_say_the_same_merge_for_nothing():
    table = RNG.random((5, 3))
    context = cl.Context.from_counts(np.c_[table, 2.5 * table[:, 1]], a_labels=list("abcd"))
    assert tokens.merge_cost(context, "b", "d") == pytest.approx(0, abs=1e-15)
    assert tokens.cheapest_merges(context)[0][:2] == (1, 3)


# -- a BPE merge is the opposite move -----------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_at_the_cuts_that_are_left_no_value_falls(seed):
    """X the letter before the cut, A the next token instead of the next letter."""
    text = " ".join(np.random.default_rng(seed).choice(WORDS, 300))
    bpe = Bpe.fit(text, 12)
    for m in range(1, 13):
        spelled = [Bpe(bpe.merges[:m]).vocabulary[i] for i in Bpe(bpe.merges[:m]).encode(text)]
        before = [token[-1] for token in spelled[:-1]]
        by_token, by_letter = (
            cl.singular_system(cl.Context.from_counts(counts(before, after))).values
            for after in (spelled[1:], [token[0] for token in spelled[1:]]))
        k = min(len(by_token), len(by_letter))
        assert (by_token[:k] >= by_letter[:k] - 1e-12).all()


def counts(x, a):
    rows, columns = sorted(set(x)), sorted(set(a))
    table = np.zeros((len(rows), len(columns)))
    for one, other in zip(x, a):
        table[rows.index(one), columns.index(other)] += 1
    return table


# -- the next token ------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_context_of_a_text_counts_what_follows(order):
    text = "".join(RNG.choice(list("abcd"), 300))
    context = tokens.next_token_context(text, order)
    count = Counter((text[i:i + order], text[i + order]) for i in range(300 - order))
    for (x, a), n in count.items():
        row = context.x_labels.index(x if order == 1 else tuple(x))
        assert context.joint[row, context.a_labels.index(a)] == pytest.approx(n / (300 - order))
    assert context.joint.nnz == len(count)
    coded = tokens.next_token_context(np.array([ord(letter) for letter in text]), order)
    assert (coded.joint != context.joint).nnz == 0


def test_functions_of_a_repeated_value_are_held_out_as_one():
    """Three vocabularies that never meet: two values are 1, and any basis of theirs may come."""
    rng = np.random.default_rng(0)
    text = np.concatenate([10 * rng.integers(3) + rng.integers(4, size=200) for _ in range(60)])
    names = rng.permutation(40)
    (values, found), (_, renamed) = (
        tokens.held_out_values(codes, 1, block=200) for codes in (text, names[text]))
    assert values[0] > 1 - 1e-9 and found[0] > 0.99 and np.isclose(found[0], renamed[0], atol=1e-9)
    f, g = rng.standard_normal((2, 50, 3))
    turn = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    groups = [np.array([0]), np.array([1, 2])]
    apart = pooled_correlations(f, g, groups)
    f[:, 1:], g[:, 1:] = f[:, 1:] @ turn, g[:, 1:] @ turn
    assert np.allclose(pooled_correlations(f, g, groups), apart) and apart[1] == apart[2]


def test_held_out_values_are_zero_without_order_and_right_with_it():
    """Seven shuffled texts: mean 0 within 4 standard errors; a chain of flips has s₁ = ½."""
    shuffled = []
    for seed in range(7):
        text = np.random.default_rng(seed).integers(0, 12, 3000)
        values, held_out = tokens.held_out_values(text, 4)
        assert (values > 0.05).all()
        shuffled.append(held_out)
    mean, error = np.mean(shuffled), np.std(shuffled, ddof=1) / np.sqrt(28)
    assert abs(mean) < 4 * error
    flips = np.cumsum(np.random.default_rng(1).random(40_000) < 0.25) % 2
    fitted, held_out = tokens.held_out_values(flips, 1)
    assert fitted == pytest.approx(0.5, abs=0.03) and held_out == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("order", [0, 1])
def test_the_model_is_a_distribution_and_sums_up_what_it_says(order):
    text, size = RNG.integers(0, 4, 40), 6  # two tokens that never occur
    first = tokens.ngram_bits(text, [0, 1], size, order) - tokens.ngram_bits(
        text, [1, 1], size, order)
    assert np.isfinite(first)
    for before in range(size):
        alone = [tokens.ngram_bits(text, [before, after], size, order) for after in range(size)]
        start = tokens.ngram_bits(text, [before, before, 0], size, order) - tokens.ngram_bits(
            text, [before, 0], size, order)  # what (before → before) costs
        offset = alone[before] - start
        assert (2.0 ** -(np.array(alone) - offset)).sum() == pytest.approx(1)


def test_a_chain_costs_its_entropy_rate():
    flips = np.cumsum(np.random.default_rng(2).random(60_000) < 0.25) % 2
    rate = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75))
    bits = [tokens.ngram_bits(flips[:30_000], flips[30_000:], 2, order) / 30_000
            for order in (0, 1)]
    assert bits == pytest.approx([1, rate], abs=0.01)


def test_bits_per_byte_is_bits_over_bytes(bpe, reviews):
    text, held_out = reviews[:20_000], "Sehr gut, naïve " + reviews[40_000:44_000]
    bits = tokens.ngram_bits(bpe.encode(text), bpe.encode(held_out), 656)
    assert tokens.bits_per_byte(bpe, text, held_out) == pytest.approx(
        bits / len(held_out.encode()))


# -- bytes ------------------------------------------------------------------------------------


def test_two_byte_letters_have_a_perfect_first_mode_whatever_they_say():
    greek = "".join(chr(0x3B1 + k) for k in RNG.integers(0, 25, 3000))
    values = cl.singular_system(tokens.next_token_context(Bpe(()).encode(greek)), 2).values
    assert values[0] == pytest.approx(1)
