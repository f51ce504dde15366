"""Notebook 15's live picture: its numbers beside the package's, and a reader's own sentences."""

from itertools import pairwise

import numpy as np
import pytest
from hostile import NAMES

import contexture_lite as cl
from contexture_lite import teach, tokens
from contexture_lite.teach.nb15_tokens import compute as model
from contexture_lite.teach.nb15_tokens.sentences import Sentences

CONTEXTURE, ONE_HOT = model.WEIGHTS


@pytest.fixture(scope="module")
def explorer():
    return teach.TokenExplorer()


@pytest.mark.parametrize(("merges", "size", "values", "chi2", "unigram", "bigram"), [
    (-28, 2, [0.522], 0.2728, 0.96, 0.74),
    (0, 30, [0.591, 0.499, 0.408], 1.373, 4.20, 3.39),
    (250, 276, [0.804, 0.745, 0.696], 23.28, 3.19, 1.73)])
def test_both_ends_and_the_middle(explorer, merges, size, values, chi2, unigram, bigram):
    explorer.update(merges=merges, given=1, weight=CONTEXTURE, shuffle=False)
    step = explorer.result
    assert step.size == size and step.values[:len(values)] == pytest.approx(values, abs=6e-4)
    assert step.chi2 == pytest.approx(chi2, rel=5e-4)
    assert (step.bits["unigram"], step.bits["bigram"]) == pytest.approx((unigram, bigram), abs=6e-3)


@pytest.mark.parametrize("merges", [0, 40, 250])
@pytest.mark.parametrize("given", [1, 2])
def test_the_spectrum_is_the_packages(merges, given):
    _, x, _ = model.coded(merges, False)
    context = tokens.next_token_context(x, given)
    step = model.step_at(merges, given, CONTEXTURE, False)
    values = cl.singular_system(context, 10).values
    assert step.values == pytest.approx(values, abs=1e-7)
    assert step.chi2 == pytest.approx(context.chi2())
    assert step.chance == pytest.approx(
        cl.sampling.chance_chi2(*context.shape, len(x) - given))


def test_the_one_hot_loss_is_what_a_linear_model_explains():
    _, x, _ = model.coded(40, False)
    context = tokens.next_token_context(x)
    p, q, joint = context.p_x, context.p_a, context.joint.toarray()
    values = np.linalg.svd((joint - np.outer(p, q)) / np.sqrt(p)[:, None], compute_uv=False)
    assert model.step_at(40, 1, ONE_HOT, False).values == pytest.approx(values[:10], abs=1e-9)


@pytest.mark.parametrize("weight", model.WEIGHTS)
def test_of_a_shuffled_text_only_chance_is_left(weight):
    step = model.step_at(100, 1, weight, True)
    assert step.chi2 == pytest.approx(step.chance, rel=0.03)
    assert np.abs(step.held_out).max() < 0.06 and np.array_equal(step.values, step.null)


def test_held_out_is_near_the_text_for_letters_and_far_for_pairs_of_long_tokens():
    letters, long = (model.step_at(m, g, CONTEXTURE, False) for m, g in ((0, 1), (250, 2)))
    assert np.abs(letters.held_out - letters.values).max() < 0.05
    assert long.values[0] > 0.99 and long.held_out[0] < 0.6


def test_merging_letters_lowers_every_value_and_chi2():
    steps = [model.step_at(m, 1, CONTEXTURE, False) for m in range(0, -29, -1)]
    for more, fewer in pairwise(steps):
        assert (fewer.values <= more.values + 1e-6).all() and fewer.chi2 < more.chi2
        assert (fewer.values[:-1] >= more.values[1:] - 1e-6).all()  # by one rank at most


def test_the_two_last_classes_are_markovs():
    of, (names, *_) = model.classes()[28], model.coded(0, False)
    vowels = {name for name, group in zip(names, of) if group == of[names.index("a")]}
    assert set("aeiou ") <= vowels and not vowels & set("bcdfgjmnpqrstvwxz")


def test_the_rare_pair_comes_first_in_one_view_and_a_frequent_one_in_the_other(explorer):
    explorer.update(merges=100, given=1, weight=CONTEXTURE, shuffle=False)
    assert explorer.result.pair == (" co", "ffee")
    x = model.coded(100, False)[1]
    rare = np.mean(x == model.coded(100, False)[0].index("ffee"))
    assert rare < 0.003
    explorer.update(weight=ONE_HOT)
    assert explorer.result.pair != (" co", "ffee")


# -- sentences ----------------------------------------------------------------------------


def test_a_reader_pastes_two_sentences(explorer):
    explorer.update(merges=250, given=1, weight=CONTEXTURE, shuffle=False)
    pasted = "I love this coffee", "Я люблю этот кофе"
    for box, text in zip(explorer.own, pasted):
        box.value = text
    english, russian = Sentences(*pasted, 250).rows
    assert "".join(english["pieces"]) == "i love this coffee" and english["next"]
    assert russian["bytes"] == 31 and len(russian["pieces"]) >= 28 and russian["next"] == ()
    assert russian["bits"] > 2 * english["bits"]
    assert "кофе" not in explorer.pasted.value and "‹d0›" in explorer.pasted.value
    explorer.update(merges=0)
    assert explorer.pasted.value.count("background:") == 18 + 31
    explorer.own[1].value = ""
    assert explorer.pasted.value.count("background:") == 18


@pytest.mark.parametrize("text", [*NAMES, "", "a", "😀", "नमस्ते"])
def test_any_text_is_cut_and_harmless(text):
    shown = Sentences(text, text, 100)
    assert sum(len(piece) for piece in shown.rows[0]["pieces"]) >= len(text)
    page = shown._repr_html_()
    assert "<script" not in page and "<img" not in page
    assert "bytes" in repr(shown)


def test_a_wrong_number_of_merges_is_named():
    with pytest.raises(ValueError, match="merges is 251"):
        Sentences(merges=251)
