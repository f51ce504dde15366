"""What the tests of a lesson's exercises share: solutions beside oracles, answers beside hints."""

import pytest

from contexture_lite.teach.widgets.exercises import answer_of, close, exercise, spelled, verdict


def agree_with(oracles):
    """A test that each solution agrees with its oracle, a function that computes it otherwise."""
    @pytest.mark.parametrize("identifier", oracles)
    def test(identifier):
        task = exercise(identifier)
        for case in task.cases():
            assert close(answer_of(task.solution)(*case), oracles[identifier](*case)), case

    return test


def verdict_on(identifier, answer):
    """(status, message) for an answer written in one of the three ways of `spelled`."""
    task = exercise(identifier)
    return verdict(identifier, answer_of(spelled(answer, task.solution, task.takes)))


def gets_hints(answers):
    """A test that each wrong answer gets its hint.

    ``answers`` maps an identifier to {answer: a part of the hint}: what no listed mistake
    spells, and what means the same as a listed one.
    """
    cases = [(identifier, answer, hint) for identifier, hints in answers.items()
             for answer, hint in hints.items()]

    @pytest.mark.parametrize("identifier, answer, hint", cases,
                             ids=[f"{identifier}-{hint}" for identifier, _, hint in cases])
    def test(identifier, answer, hint):
        status, message = verdict_on(identifier, answer)
        assert status == "wrong"
        assert hint in message

    return test
