"""Exercises of notebook 16: few labels, a prior of one's own, an experiment."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.teach.nb16_your_data import compute
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, close, compared

KEPT = slice(300, 600)  # the digits at which one rehearses
MARGIN = 0.03


def _contexts():
    """(left_out, rehearsal, m) where the two disagree."""
    rng = np.random.default_rng(162)
    for m in (20, 20, 50, 80, 400):
        yield rng.uniform(0.2, 1, 12), rng.uniform(0.2, 1, 12), m
    yield np.array([0.5, 0.52]), np.array([0.9, 0.3]), 120


def _not_chosen(wanted, result, left_out, rehearsal, m):
    return (f"with {m} labels it is context {wanted:g}, yours is {result:g}: the place of the "
            "least log LOO + (40/m) · log R, and from 100 labels on of the least LOO.")


@cache
def _digits():
    """Two exact contexts of digits, the weakest Gaussian and about 12 neighbours, and the points.

    (functions, where d may end) for each, at the labelled points.
    """
    table = compute.of_course("digits")
    tried = table.tried(compute.EXACT)
    return table.Z[table.parts[1]], [(t.known, t.ends) for t in (
        tried[0], tried[compute.STRENGTHS + 3])]


def _check_prior(answer):
    if not callable(answer):
        raise Hint("answer must be a function of (X, rng) that returns a value for every point.")
    Z, contexts = _digits()
    try:
        weak, near = (cl.rehearsal.risk(known, Z, kinds=answer, each=6, dimensions=ends).value
                      for known, ends in contexts)
    except (ValueError, TypeError) as error:
        raise Hint(f"your function cannot be used: {error}") from None
    report = f"R = {weak:.2f} for the weakest Gaussian context, {near:.2f} for neighbours"
    if min(weak, near) > 0.97:
        raise Hint(f"{report}: your tasks cannot be learned by either. Is it noise that does not "
                   "depend on X?")
    if near > weak - MARGIN:
        raise Hint(f"{report}: neighbours must be better by at least {MARGIN}. Points that are "
                   "near each other should share a value, others should not.")
    return f"{report}: whoever expects such tasks should choose neighbours."


@cache
def _rehearsed():
    """R on classes and on smooth tasks: at other points, and at those that made the context."""
    X = datasets.digits().X
    context = cl.knn_context(X[:300], 10)
    system = cl.singular_system(context)
    places = X[KEPT], X[:300]
    features = [system.extend(context.conditional_at(points)) for points in places]
    return [[cl.usefulness.rehearsal(f, points, tasks=kind).value for kind in ("classes", "smooth")]
            for f, points in zip(features, places)]


def _check_rehearsed(answer):
    answer, (wanted, inside) = array_of(answer, (2,), "answer"), _rehearsed()
    if close(answer, wanted, 0.01):
        return (f"{wanted[0]:.2f} on classes and {wanted[1]:.2f} on smooth tasks: neighbours of "
                "digits know classes better than slopes.")
    if close(answer[::-1], wanted, 0.01):
        raise Hint("the other way round: classes first.")
    if close(answer, inside, 0.01):
        raise Hint("these are risks at the points that made the context, where its functions are "
                   "better than anywhere else: rehearse on digits 300 to 599.")
    raise Hint(f"on classes R is {wanted[0]:.3f} with `tasks=\"classes\"` and everything else as "
               f"it is; yours is {answer[0]:.3f}, and {answer[1]:.3f} on smooth tasks.")


EXERCISES = (
    compared(
        "ex_16_1", "Few labels and a rehearsal",
        "Set `answer` to a function of `left_out` and `rehearsal` (the leave-one-out error and R "
        "of every context) and `m` labels that returns the place of the context to choose: of the "
        "least log LOO + (40/m) · log R where m < 100, of the least LOO else.",
        """
def answer(left_out, rehearsal, m):
    weight = 40 / m if m < 100 else 0
    return np.argmin(np.log(left_out) + weight * np.log(rehearsal))
""",
        takes="left_out, rehearsal, m", what="the place", cases=_contexts,
        mistakes={
            "np.argmin(left_out)": "this forgets the rehearsal, which is worth about 40 labels.",
            "40 / m → m / 40": "upside down: the fewer labels, the more the rehearsal counts.",
            "np.argmin(rehearsal)": "this forgets the labels.",
            "np.argmin(np.log → np.argmax(np.log": "the largest is the worst.",
            " if m < 100 else 0 → ": "from 100 labels on they speak alone.",
        },
        otherwise=_not_chosen,
        right="with 20 labels R counts twice as much as they do, with 80 half as much.",
    ),
    Exercise(
        "ex_16_2", "A prior of your own",
        "An invention. For the digits, seen by exact contexts, linear, smooth and rules tasks all "
        "prefer the weakest Gaussian context to 12 neighbours. Set `answer` to a function of "
        "`(X, rng)` that draws a task, a value for each row of X, such that rehearsal on these "
        f"tasks prefers neighbours, R being less by at least {MARGIN}. (Not with `classes` of the "
        "package.)",
        _check_prior,
        """
def answer(X, rng):
    centres = X[rng.choice(len(X), 15, replace=False)]
    distance = ((X[:, None] - centres) ** 2).sum(axis=2)
    return rng.standard_normal(15)[distance.argmin(axis=1)]
""",
        takes="X, rng",
    ),
    Exercise(
        "ex_16_3", "Rehearse",
        "An experiment. The first 300 of `datasets.digits().X` make a context of 10 neighbours "
        "(`cl.knn_context`, `cl.singular_system`). Rehearse on digits 300 to 599 "
        "(`cl.usefulness.rehearsal`, three tasks of a kind, everything else as it is). Set "
        "`answer` to two risks: of tasks \"classes\", and of tasks \"smooth\".",
        _check_rehearsed,
        """
from contexture_lite import datasets

X = datasets.digits().X
context = cl.knn_context(X[:300], 10)
new = X[300:600]
features = cl.singular_system(context).extend(context.conditional_at(new))
answer = [cl.usefulness.rehearsal(features, new, tasks=kind).value
          for kind in ("classes", "smooth")]
""",
    ),
)
