"""Every reference solution passes, every typical mistake gets its own hint."""

import json

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import check, exercises, prompt, solution
from contexture_lite.teach.exercises import (
    nb00,
    nb01,
    nb02,
    nb03,
    nb04,
    nb05,
    nb06,
    nb07,
    nb08,
    nb09,
    nb10,
)

CHAPTERS = (nb00, nb01, nb02, nb03, nb04, nb05, nb06, nb07, nb08, nb09, nb10)
ALL = [task for chapter in CHAPTERS for task in chapter.EXERCISES]
RAGGED, WORDS = [[1], [1, 2]], ("a", "b")
JUNK = [None, "text", object(), np.nan, [], {}, lambda *a: ..., RAGGED, WORDS, lambda *a: RAGGED,
        lambda *a: WORDS]
MISTAKES = [(task, source, hint) for task in ALL for source, hint in task.wrong_answers.items()]


def answer_of(source):
    names = {"np": np, "cl": cl}
    exec(source, names)
    return names["answer"]


def test_every_notebook_has_three_to_five():
    for chapter in CHAPTERS:
        assert 3 <= len(chapter.EXERCISES) <= 5
    identifiers = [task.identifier for task in ALL]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.identifier)
def test_the_reference_solution_is_right(task):
    status, message = exercises.verdict(task.identifier, answer_of(task.solution))
    assert status == "right", message


@pytest.mark.parametrize("task, source, hint", MISTAKES,
                         ids=[f"{task.identifier}-{hint}" for task, _, hint in MISTAKES])
def test_a_typical_mistake_gets_its_hint(task, source, hint):
    status, message = exercises.verdict(task.identifier, answer_of(source))
    assert status == "wrong"
    assert hint in message


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.identifier)
def test_left_alone_it_is_not_attempted(task, capsys):
    check(task.identifier, ...)
    said = capsys.readouterr().out
    assert said.startswith(f"{task.identifier}: not attempted") and "\n" == said[-1]


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.identifier)
@pytest.mark.parametrize("junk", JUNK)
def test_nothing_a_reader_types_stops_the_notebook(task, junk):
    status, message = exercises.verdict(task.identifier, junk)
    assert status in ("wrong", "untouched") and message


def test_a_function_that_fails_is_told_why():
    assert "ZeroDivisionError" in exercises.verdict("ex_01_1", lambda joint: 1 / 0)[1]


def test_the_table_handed_out_cannot_be_spoilt():
    def answer(joint):
        joint[:] = 0
        return joint.sum(axis=0)

    assert exercises.verdict("ex_01_1", answer)[0] == "wrong"
    assert exercises.verdict("ex_01_1", lambda joint: joint.sum(axis=0))[0] == "right"


def test_verdicts_are_printed(capsys):
    check("ex_01_1", lambda joint: joint.sum(axis=0))
    check("ex_01_1", lambda joint: joint.sum(axis=1))
    right, wrong = capsys.readouterr().out.splitlines()
    assert right.startswith("ex_01_1: ✓ right") and wrong.startswith("ex_01_1: ✗ not yet")


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.identifier)
def test_prompt_and_solution_show_themselves(task):
    folded = solution(task.identifier)
    assert repr(folded) == f"Solution of {task.identifier} (unfolds in the notebook)"
    assert folded._repr_html_().startswith("<details><summary>")
    assert task.prompt in prompt(task.identifier)._repr_markdown_()
    assert "`answer" in task.prompt
    json.dumps(folded._repr_html_())


@pytest.mark.parametrize("name", ["ex_99_1", "ex_01_9", "", "x", None, 3])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match="no exercise has that name"):
        check(name, ...)
