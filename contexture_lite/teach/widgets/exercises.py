"""Exercises that check themselves: a verdict, a hint for each typical mistake, a solution.

Every exercise asks for something called ``answer``, a value or a function. Left as
``...`` it is "not attempted", and the notebook runs on.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import teach
from contexture_lite._lazy import needed
from contexture_lite._text import said


class Hint(Exception):
    """Raised by a check: what is wrong with the answer, in words that help."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    ``check(answer)`` returns what to say about a right answer and raises `Hint` for a
    wrong one. ``solution`` is source text that defines ``answer``. Where the answer is a
    function, ``takes`` names its arguments, as in "joint, g"; where it is `compared`,
    ``mistakes`` maps the source of each typical mistake to its hint, and ``cases()`` gives
    the arguments on which it is tried.
    """

    identifier: str
    title: str
    prompt: str
    check: Callable
    solution: str
    takes: str = ""
    mistakes: Mapping = field(default_factory=dict)
    cases: Callable | None = None

    def __repr__(self):
        return said(f"Exercise({self.identifier!r}, {self.title!r})")


def of_lesson(number):
    """The exercises of a lesson, such as "01", in order; none if there is no such lesson."""
    rooms = [room for room in teach.ROOMS if room[2:4] == number]
    return needed(f"{teach.__name__}.{rooms[0]}.exercises").EXERCISES if rooms else ()


def exercise(identifier):
    """The `Exercise` called ``identifier``, such as "ex_01_2"."""
    for candidate in of_lesson(str(identifier)[3:5]):
        if candidate.identifier == identifier:
            return candidate
    raise ValueError(f"identifier is {identifier!r}; no exercise has that name")


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
    print(said(f"{identifier}: {mark}{message}"))


class Solution:
    """A solution that unfolds on a click."""

    def __init__(self, task):
        self._task = task

    def __repr__(self):
        return said(f"Solution of {self._task.identifier} (unfolds in the notebook)")

    def _repr_html_(self):
        return (f"<details><summary><b>Solution of {self._task.identifier}</b>: "
                f"{html.escape(self._task.title)}</summary>"
                f"<pre>{html.escape(self._task.solution.strip())}</pre></details>")


class Prompt:
    """The statement of an exercise, as Markdown."""

    def __init__(self, task):
        self._task = task

    def __repr__(self):
        return said(f"{self._task.identifier}: {self._task.title}")

    def _repr_markdown_(self):
        stop = "" if self._task.title.endswith("?") else "."
        return f"**{self._task.identifier} · {self._task.title}{stop}** {self._task.prompt}"


def solution(identifier):
    """The reference solution, folded; show it as the last line of a cell."""
    return Solution(exercise(identifier))


def prompt(identifier):
    """The statement; show it as the last line of a cell."""
    return Prompt(exercise(identifier))


# ---- answers that are compared


def compared(identifier, title, prompt, solution, *, takes, what, cases, mistakes, otherwise,
             right, tidy=lambda result, *_: result):
    """An `Exercise` whose answer, a function, must agree with the solution on ``cases()``.

    ``cases()`` gives the arguments, one or a tuple of them. Where the answer is wrong for the
    first time the ``mistakes`` are run, too, each written as for `spelled`; the one that does
    the same (if several do, also on the other cases) says its hint. Else the result must have
    the shape of what is wanted and be finite; then ``otherwise`` is said. A hint is text, or a
    function of what is wanted, the result, and the arguments. A mistake that returns … in a
    tuple leaves that part open. ``what`` names the result, and ``tidy(result, *arguments)``
    takes from it what the reader is free to choose.
    """
    sources = {spelled(mistake, solution, takes): hint for alike, hint in mistakes.items()
               for mistake in ([alike] if isinstance(alike, str) else alike)}

    def fresh():
        return [case if isinstance(case, tuple) else (case,) for case in cases()]

    def outcome(answer, case):
        try:
            return tidy(call(answer, *case, takes=takes), *case)
        except (Hint, NotAttempted) as stopped:
            return stopped

    def doing(result, case, among):
        with warnings.catch_warnings(action="ignore"):  # a mistake's own are not the reader's
            return [source for source in among if _same(outcome(answer_of(source), case), result)]

    def check(answer):
        tried = fresh()
        for case in tried:
            wanted, result = outcome(answer_of(solution), case), outcome(answer, case)
            if not close(result, wanted):
                break
        else:
            return right
        no_mistake_here = doing(wanted, case, sources)
        alike = [source for source in doing(result, case, sources) if source not in no_mistake_here]
        for other in tried:
            if len(alike) > 1 and other is not case:  # only now: an answer may be slow
                alike = doing(outcome(answer, other), other, alike) or alike
        if not alike:
            result = _readable(result, wanted, what)
        hint = sources[alike[0]] if alike else otherwise
        raise Hint(hint if isinstance(hint, str) else hint(wanted, result, *case))

    return Exercise(identifier, title, prompt, check, solution, takes, sources, fresh)


def spelled(answer, solution, takes):
    """Source text that defines ``answer``, which is written in one of three ways.

    As such source; as an expression in the arguments ``takes``; or as "piece → other", the
    solution with ``other`` in the place of ``piece``.
    """
    if " → " in answer:
        return solution.replace(*answer.split(" → "))
    if "answer =" in answer or "def answer" in answer:
        return answer
    return f"answer = lambda {takes}: {answer}" if takes else f"answer = {answer}"


@cache
def answer_of(source):
    """What ``source`` defines as ``answer``, with the names that every notebook has."""
    names = {"np": np, "cl": cl}
    exec(source, names)
    return names["answer"]


def _same(mistaken, result):
    """Whether two outcomes agree; two that stopped do if the same was said."""
    if isinstance(mistaken, Exception):
        return repr(mistaken) == repr(result)
    return close(result, mistaken)


def _readable(result, wanted, what):
    """A wrong result, if it is like what is wanted apart from its numbers; else a hint."""
    if isinstance(result, Exception):
        raise result
    try:
        shape = np.asarray(wanted, dtype=float).shape
    except (TypeError, ValueError):  # several things, which only ``otherwise`` can tell apart
        return result
    return array_of(result, shape, what) if shape else number_of(result, what)


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
        if is_text(result):  # NumPy would read "300" as a number
            raise TypeError
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        kind = type(result).__name__
        raise Hint(f"{what} must be an array of numbers; it is a {kind}.") from None
    if result.shape != shape:
        raise Hint(f"{what} must have shape {shape}; yours has {result.shape}.")
    if not np.isfinite(result).all():
        raise Hint(f"{what} contains NaN or infinity; is there a division by zero?")
    return result


def is_text(result):
    """Whether this is text, or a list of texts."""
    return np.asarray(result).dtype.kind in "US"


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
    """Whether two numbers or arrays agree; False if their shapes do not, or for anything else.

    NaN agrees with NaN. Words agree if they are the same, tuples part by part, and the part …
    of ``wanted`` agrees with anything.
    """
    if wanted is ...:
        return True
    if isinstance(wanted, str):
        return isinstance(result, str) and result == wanted
    if isinstance(wanted, tuple):
        parts = tuple(result) if np.iterable(result) else ()
        return len(parts) == len(wanted) and all(map(close, parts, wanted))
    if shape_of(result) != np.shape(wanted) or is_text(result):
        return False
    try:
        result = np.asarray(result, dtype=complex if np.iscomplexobj(result) else float)
    except (TypeError, ValueError):  # words
        return False
    return bool(np.allclose(result, wanted, atol=tolerance, rtol=0, equal_nan=True))


SEED = 20  # of the random tables; `teach.grade` can take another for a class


def random_joints(*shapes):
    """Random joint tables with a cell that never occurs: a tall, a wide and a square one."""
    rng = np.random.default_rng(SEED)
    for shape in shapes or ((4, 3), (3, 5), (6, 6)):
        table = rng.random(shape) ** 2
        table[0, 0] = 0
        yield table / table.sum()


def with_functions(seed, side, *columns):
    """(joint, functions) with one row for each input (side 0) or context value (side 1).

    Neither centred nor white. The square table is the first: on it T and T* are confused
    without an error.
    """
    rng = np.random.default_rng(seed)
    for joint in reversed(list(random_joints())):
        yield joint, rng.standard_normal((joint.shape[side], *columns)) + 0.5


def marginals(joint):
    """P(X) and P(A)."""
    return joint.sum(axis=1), joint.sum(axis=0)


def moments(joint, features):
    """C = Cov Φ(X) under P(X) and B = Cov (T*Φ)(A) under P(A)."""
    p, q = marginals(joint)
    features = features - p @ features
    back = joint.T @ features / q[:, None]
    return features.T @ (p[:, None] * features), back.T @ (q[:, None] * back)
