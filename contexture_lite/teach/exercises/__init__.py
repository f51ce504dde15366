"""Exercises that check themselves: a verdict, a hint for each typical mistake, a solution.

Every exercise asks for something called ``answer``, a value or a function. Left as
``...`` it is "not attempted", and the notebook runs on.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np


class Hint(Exception):
    """Raised by a check: what is wrong with the answer, in words that help."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    ``check(answer)`` returns what to say about a right answer and raises `Hint` for a
    wrong one. ``solution`` is source text that defines ``answer``; ``wrong_answers``
    maps the source of a typical mistake to a part of the hint it must get.
    """

    identifier: str
    title: str
    prompt: str
    check: Callable
    solution: str
    wrong_answers: Mapping[str, str] = field(default_factory=dict)


def exercise(identifier):
    """The `Exercise` called ``identifier``, such as "ex_01_2"."""
    parts = identifier.split("_") if isinstance(identifier, str) else []
    try:
        chapter = import_module(f"{__name__}.nb{parts[1]}")
        return next(e for e in chapter.EXERCISES if e.identifier == identifier)
    except (ImportError, IndexError, StopIteration):
        raise ValueError(f"identifier is {identifier!r}; no exercise has that name") from None


def verdict(identifier, answer):
    """(status, message) for an answer; status is "untouched", "right" or "wrong"."""
    task = exercise(identifier)
    if answer is ...:
        return "untouched", "not attempted yet. Put your answer in place of the ... and run again."
    try:
        return "right", task.check(answer)
    except Hint as hint:
        return "wrong", str(hint)
    except NotAttempted:
        return "untouched", "not attempted yet. Your function still returns ..."


def check(identifier, answer):
    """Print whether ``answer`` solves the exercise, or a hint."""
    status, message = verdict(identifier, answer)
    mark = {"untouched": "", "right": "✓ right. ", "wrong": "✗ not yet. "}[status]
    print(f"{identifier}: {mark}{message}")


class Solution:
    """A solution that unfolds on a click."""

    def __init__(self, task):
        self._task = task

    def __repr__(self):
        return f"Solution of {self._task.identifier} (unfolds in the notebook)"

    def _repr_html_(self):
        return (f"<details><summary><b>Solution of {self._task.identifier}</b>: "
                f"{html.escape(self._task.title)}</summary>"
                f"<pre>{html.escape(self._task.solution.strip())}</pre></details>")


class Prompt:
    """The statement of an exercise, as Markdown."""

    def __init__(self, task):
        self._task = task

    def __repr__(self):
        return f"{self._task.identifier}: {self._task.title}"

    def _repr_markdown_(self):
        stop = "" if self._task.title.endswith("?") else "."
        return f"**{self._task.identifier} · {self._task.title}{stop}** {self._task.prompt}"


def solution(identifier):
    """The reference solution, folded; show it as the last line of a cell."""
    return Solution(exercise(identifier))


def prompt(identifier):
    """The statement; show it as the last line of a cell."""
    return Prompt(exercise(identifier))


# ---- for the checks


class NotAttempted(Exception):
    """The answer is a function that still returns an ellipsis."""


def call(answer, *arguments, takes):
    """Call the reader's function, turning what can go wrong into hints.

    ``takes`` names the arguments in words, as in "joint, g".
    """
    if not callable(answer):
        raise Hint(f"answer must be a function of ({takes}), such as lambda {takes}: ... ; "
                   f"it is a {type(answer).__name__}.")
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        with np.errstate(all="ignore"):
            result = answer(*copies)
    except Exception as error:
        raise Hint(f"your function stopped with {type(error).__name__}: {error}") from error
    if result is None:
        raise Hint("your function returns nothing; is a return missing?")
    if result is ...:
        raise NotAttempted
    return result


def array_of(result, shape, what):
    """``result`` as a finite float array of this shape, or a hint."""
    try:
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        kind = type(result).__name__
        raise Hint(f"{what} must be an array of numbers; it is a {kind}.") from None
    if result.shape != shape:
        raise Hint(f"{what} must have shape {shape}; yours has {result.shape}.")
    if not np.isfinite(result).all():
        raise Hint(f"{what} contains NaN or infinity; is there a division by zero?")
    return result


def shape_of(result):
    """The shape of an array, number or list; None for a ragged list, which has none."""
    try:
        return np.shape(result)
    except ValueError:
        return None


def number_of(result, what):
    """``result`` as a finite float, or a hint."""
    if shape_of(result):
        raise Hint(f"{what} must be one number; yours is an array of shape {shape_of(result)}.")
    return float(array_of(result, (), what))


def close(result, wanted, tolerance=1e-6):
    """Whether two numbers or arrays agree; False if their shapes do not, or for anything else."""
    if shape_of(result) != np.shape(wanted):
        return False
    try:
        return bool(np.allclose(result, wanted, atol=tolerance, rtol=0))
    except TypeError:  # words
        return False


def random_joints():
    """A few random joint tables, tall, wide, and with cells that never occur."""
    rng = np.random.default_rng(20)
    for shape in ((4, 3), (3, 5), (6, 6)):
        table = rng.random(shape) ** 2
        table[0, 0] = 0
        yield table / table.sum()
