"""Predictions: recorded, scored, and silent when left alone."""

import ipywidgets as widgets
import pytest

from contexture_lite._text import escaped
from contexture_lite.teach import predict


def number():
    return predict("p_1", "How much <of it>?", low=0, high=1)


def choice():
    return predict("p_2", "Which?", choices=["more", "less"])


def order():
    return predict("p_3", "Sort them.", order=["a", "b", "c"])


def places(guess):
    return guess.widget.children[1]


@pytest.mark.parametrize("make, value, text", [
    (number, 0.36, "The answer: 0.36."),
    (number, 1, "The answer: 1."),
    (choice, "less", "The answer: less."),
    (order, ["c", "a", "b"], "The answer: c < a < b."),
])
def test_untouched_the_answer_is_folded(make, value, text):
    guess = make()
    assert guess.guess is None
    seen = guess.reveal(value)
    assert repr(seen) == text and seen.score is None
    page = seen._repr_html_()
    assert "No guess yet. Show the answer</summary>" in page
    assert page.index("</summary>") < page.index(escaped(text)) < page.index("</details>")


@pytest.mark.parametrize("low, high, step, shown", [
    (0, 7, None, 2), (0, 33, 1, 0), (0.9, 1, 0.001, 3), (-10, 30, None, 1)])
def test_what_the_page_rounds_is_no_guess(low, high, step, shown):
    guess = predict("p_4", "How much?", low=low, high=high, step=step)
    slider, start = places(guess), places(guess).value
    steps = (start - low) / slider.step
    assert steps == pytest.approx(round(steps)) and slider.readout_format == f".{shown}f"
    slider.value = start * (1 + 1e-15)
    assert guess.guess is None
    slider.value = start + slider.step
    assert guess.guess == pytest.approx(start + slider.step)


@pytest.mark.parametrize("said, answer, begins, score", [
    (0.36, 0.36, "Spot on", 1.0),
    (0.30, 0.36, "Close", 0.94),
    (0.10, 0.36, "The right direction", 0.74),
    (1.00, 0.00, "A surprise", 0.0),
])
def test_a_number_is_scored_by_its_distance(said, answer, begins, score):
    guess = number()
    places(guess).value = said
    seen = guess.reveal(answer)
    assert seen.text.startswith(begins) and seen.score == pytest.approx(score)
    assert f"{said:g}" in guess._status.value


def test_a_choice_is_right_or_a_surprise():
    guess = choice()
    places(guess).value = "more"
    assert guess.reveal("more").score == 1.0
    assert guess.reveal("less").score == 0.0 and "the answer is less" in guess.reveal("less").text


def test_an_order_counts_pairs():
    guess = order()
    for place, name in zip(places(guess).children, "ab"):
        place.value = name
    assert guess.guess is None and "Not complete" in guess._status.value
    places(guess).children[2].value = "c"
    assert guess.guess == ("a", "b", "c")
    assert guess.reveal(["a", "b", "c"]).score == 1.0
    assert guess.reveal(["b", "a", "c"]).score == pytest.approx(2 / 3)
    places(guess).children[2].value = "a"  # twice the same name
    assert guess.guess is None


@pytest.mark.parametrize("make", [number, choice, order])
def test_what_is_saved_does_not_depend_on_the_guess(make):
    guess = make()
    before = guess._repr_mimebundle_()
    control = places(guess)
    for part in control.children if isinstance(control, widgets.Box) else [control]:
        part.value = part.options[-1] if hasattr(part, "options") else part.max
    assert guess._repr_mimebundle_() == before
    assert before["text/plain"].startswith("Predict. ")
    assert "<of it>" not in before["text/html"]
    assert before["application/vnd.jupyter.widget-view+json"]["model_id"] == guess.widget.model_id


@pytest.mark.parametrize("kwargs, message", [
    ({}, "exactly one"),
    ({"low": 0, "high": 1, "choices": ["a", "b"]}, "exactly one"),
    ({"low": 1, "high": 1}, "low < high"),
    ({"low": 1}, "two numbers"),
    ({"low": 0, "high": 1, "step": 0}, "above 0"),
    ({"low": 0, "high": 1, "step": 2}, "at most"),
    ({"choices": ["a"]}, "choices is"),
    ({"choices": ["a", "a"]}, "different names"),
    ({"order": list("abcdef")}, "2 to 5"),
])
def test_bad_questions_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        predict("p", "?", **kwargs)


def test_bad_answers_are_refused():
    with pytest.raises(TypeError, match="every entry must be text"):
        predict("p", "?", choices=[1, 2])
    with pytest.raises(TypeError, match="asks for a number"):
        number().reveal("much")
    with pytest.raises(ValueError, match="one of"):
        choice().reveal("equal")
    with pytest.raises(ValueError, match="an order of"):
        order().reveal(["a", "b"])
