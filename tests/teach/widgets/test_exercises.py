"""Every reference solution passes, every typical mistake gets its own hint."""

import json
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from contexture_lite import teach
from contexture_lite.teach import check, prompt, solution
from contexture_lite.teach.widgets.exercises import Hint, answer_of, close, compared, verdict

CHAPTERS = [import_module(f"{teach.__name__}.{room}.exercises") for room in teach.ROOMS]
ALL = [task for chapter in CHAPTERS for task in chapter.EXERCISES]
RAGGED, WORDS = [[1], [1, 2]], ("a", "b")
RESULTS = [..., RAGGED, WORDS, {}, "text", object(), np.nan, []]
JUNK = [None, *RESULTS[1:], *(lambda *a, result=result: result for result in RESULTS)]
MISTAKES = [(task, source, hint) for task in ALL for source, hint in task.mistakes.items()
            if "..." not in source]  # one that leaves a part open is no answer

each_task = pytest.mark.parametrize("task", ALL, ids=lambda task: task.identifier)


def test_every_notebook_has_three_to_five():
    for chapter in CHAPTERS:
        assert 3 <= len(chapter.EXERCISES) <= 5
    identifiers = [task.identifier for task in ALL]
    assert len(set(identifiers)) == len(identifiers)


@each_task
def test_the_reference_solution_is_right(task):
    status, message = verdict(task.identifier, answer_of(task.solution))
    assert status == "right", message


@pytest.mark.parametrize("task, source, hint", MISTAKES,
                         ids=[f"{task.identifier}-{source}" for task, source, _ in MISTAKES])
def test_a_typical_mistake_gets_its_hint(task, source, hint):
    assert source != task.solution
    status, message = verdict(task.identifier, answer_of(source))
    assert status == "wrong"
    # a hint that is a function puts numbers in: the room's own tests name its words
    assert callable(hint) or message == hint


@pytest.mark.parametrize("task", [task for task in ALL if task.mistakes],
                         ids=lambda task: task.identifier)
def test_the_shape_and_whether_it_is_a_function_are_seen(task):
    assert "must be a function of" in verdict(task.identifier, 3)[1]
    large = verdict(task.identifier, lambda *a: np.zeros((7, 7, 7)))[1]
    assert re.search("shape|must be one number|two things|three things", large)


@each_task
def test_left_alone_it_is_not_attempted(task, capsys):
    check(task.identifier, ...)
    said = capsys.readouterr().out
    assert said.startswith(f"{task.identifier}: not attempted") and "\n" == said[-1]


@each_task
def test_nothing_a_reader_types_stops_the_notebook(task):
    for junk in JUNK:
        status, message = verdict(task.identifier, junk)
        assert status in ("wrong", "untouched") and message, junk


def test_a_function_that_fails_is_told_why():
    assert "ZeroDivisionError" in verdict("ex_01_1", lambda joint: 1 / 0)[1]


def test_the_table_handed_out_cannot_be_spoilt():
    def answer(joint):
        sums = joint.sum(axis=1)
        joint[:] = 0
        return sums

    assert "that is P(X)" in verdict("ex_01_1", answer)[1]


def test_verdicts_are_printed(capsys):
    check("ex_01_1", lambda joint: joint.sum(axis=0))
    check("ex_01_1", lambda joint: joint.sum(axis=1))
    right, wrong = capsys.readouterr().out.splitlines()
    assert right.startswith("ex_01_1: ✓ right") and wrong.startswith("ex_01_1: ✗ not yet")


@each_task
def test_prompt_and_solution_show_themselves(task):
    folded = solution(task.identifier)
    assert repr(folded) == f"Solution of {task.identifier} (unfolds in the notebook)"
    assert folded._repr_mimebundle_()["text/html"].startswith("<details><summary>")
    assert task.prompt in prompt(task.identifier)._repr_mimebundle_()["text/markdown"]
    assert "`answer" in task.prompt
    json.dumps(folded._repr_mimebundle_())


@pytest.mark.parametrize("name", ["ex_xx_1", "ex_01_9", "", "x", None, 3])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match="no exercise has that name"):
        check(name, ...)


def test_each_room_tests_its_solutions_and_its_hints():
    for room, chapter in zip(teach.ROOMS, CHAPTERS):
        text = (Path(__file__).parents[1] / room / "test_exercises.py").read_text("utf-8")
        for task in chapter.EXERCISES:
            assert text.count(f'"{task.identifier}": ') == 1 + bool(task.mistakes)


# ---- answers that are compared: x² wanted of -2, then 2, 3 and 1


def said_to(answer, **changes):
    """What an exercise that asks for the square says to ``answer``, or None if it is right."""
    task = compared("ex", "Square", "", "answer = lambda x: x**2", **{
        "takes": "x", "what": "the square", "cases": lambda: (-2, 2, 3, 1), "right": "",
        "mistakes": {"**2 → **3": "a cube", "x + 1": "one more", "-x**2": "the sign",
                     "x**2 if x > 0 else 1 / 0": "below 0", "x - 6": "six less"},
        "otherwise": lambda wanted, result, x: f"{x} gives {wanted:g}, not {result:g}", **changes})
    try:
        return task.check(answer) or None
    except Hint as hint:
        return str(hint)


def test_the_first_case_that_is_wrong_decides():
    assert said_to(lambda x: x**2) is None
    assert said_to(lambda x: -x * x) == "the sign"
    assert said_to(lambda x: x**2 + (x == 3)) == "3 gives 9, not 10"
    assert said_to(lambda x: x**2 if x < 3 else x**3) == "a cube"


def test_where_two_mistakes_agree_the_other_cases_decide():
    """x³ and x − 6 are both −8 at −2, 8 and −4 at 2."""
    assert said_to(lambda x: x**3) == "a cube"
    assert said_to(lambda x: x - 6) == "six less"


def test_answers_that_stop_alike_are_the_same_mistake():
    assert said_to(lambda x: x * x if x > 0 else 1 / 0) == "below 0"
    assert "NameError" in said_to(lambda x: x * x if x > 0 else nowhere)  # noqa: F821


def test_what_no_mistake_explains_is_read_before_it_is_judged():
    assert "must be one number" in said_to(lambda x: [x, x])
    assert "NaN" in said_to(lambda x: np.nan)
    assert "is a dict" in said_to(lambda x: {})
    assert said_to(lambda x: 7.5) == "-2 gives 4, not 7.5"


def test_no_case_is_tried_before_it_is_needed():
    """An answer that is wrong at once and never ends on a later case is told so."""
    seen = []
    assert said_to(lambda x: seen.append(x) or -4) == "the sign"
    assert set(seen) == {-2}


def test_close_knows_shapes_words_and_what_is_free():
    assert close(np.nan, np.nan) and close([1, 2], np.array([1, 2])) and close(True, 1)
    assert not close([1], 1) and not close("a", 1) and not close([1, 2], 1)
    assert close((1, [2, 3], "x"), (1, np.array([2, 3]), "x")) and not close((1, "x"), (1, "y"))
    assert close([5, 2], (..., 2)) and not close([5, 3], (..., 2)) and not close(5, (..., 2))
