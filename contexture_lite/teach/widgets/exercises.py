"""Exercises that check themselves: a verdict, a hint for each typical mistake, a solution.

Every exercise asks for something called ``answer``, a value or a function. Left as
``...`` it is "not attempted", and the notebook runs on.
"""

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
from contexture_lite.teach.widgets.answers import (
    Hint,
    NotAttempted,
    array_of,
    call,
    close,
    is_text,
    number_of,
    refuse,
    shape_of,
)

__all__ = [  # what a lesson's exercises are made of
    "Exercise", "Hint", "answer_of", "array_of", "call", "close", "compared", "is_text",
    "marginals", "moments", "number_of", "random_joints", "refuse", "shape_of", "with_functions"]


@dataclass(frozen=True)
class Exercise:
    """``check(answer)`` returns what to say about a right answer, or raises a `Hint`.

    ``solution`` is source text that defines ``answer``. Where the answer is a
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


class Shown:
    """What unfolds in a notebook, or is set as Markdown; elsewhere it is ``plain``."""

    def __init__(self, plain, kind, text):
        self.plain, self.bundle = plain, {kind: text, "text/plain": said(plain)}

    def __repr__(self):
        return said(self.plain)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.bundle


def solution(identifier):
    """The reference solution, folded; show it as the last line of a cell."""
    task = exercise(identifier)
    page = (f"<details><summary><b>Solution of {task.identifier}</b>: {html.escape(task.title)}"
            f"</summary><pre>{html.escape(task.solution.strip())}</pre></details>")
    return Shown(f"Solution of {task.identifier} (unfolds in the notebook)", "text/html", page)


def prompt(identifier):
    """The statement, as Markdown; show it as the last line of a cell."""
    task = exercise(identifier)
    stop = "" if task.title.endswith("?") else "."
    return Shown(f"{task.identifier}: {task.title}", "text/markdown",
                 f"**{task.identifier} · {task.title}{stop}** {task.prompt}")


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
    return (repr(mistaken) == repr(result) if isinstance(mistaken, Exception) else
            close(result, mistaken))


def _readable(result, wanted, what):
    """A wrong result, if it is like what is wanted apart from its numbers; else a hint."""
    if isinstance(result, Exception):
        raise result
    try:
        shape = np.asarray(wanted, dtype=float).shape
    except (TypeError, ValueError):  # several things, which only ``otherwise`` can tell apart
        return result
    return array_of(result, shape, what) if shape else number_of(result, what)


# ---- random tables to try an answer on


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
