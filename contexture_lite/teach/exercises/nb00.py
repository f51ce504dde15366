"""Exercises of notebook 00."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
    random_joints,
)


def _check_conditional(answer):
    for joint in random_joints():
        rows = array_of(call(answer, joint, takes="joint"), joint.shape, "P(a|x)")
        wanted = joint / joint.sum(axis=1, keepdims=True)
        if close(rows, joint):
            raise Hint("that is still the joint table; each row has to be divided by its sum.")
        if close(rows, joint / joint.sum(axis=0)):
            raise Hint("your columns sum to 1: that is P(x|a). Here the input x is known, so the "
                       "rows have to sum to 1.")
        if not close(rows.sum(axis=1), np.ones(len(rows))):
            raise Hint(f"every row must sum to 1; the first of yours sums to {rows[0].sum():.3f}.")
        if not close(rows, wanted):
            raise Hint("the rows sum to 1, but a row must stay proportional to the joint's row.")
    return "Each row of P(a|x) is the joint's row, divided by P(x)."


def _check_independent(answer):
    k = number_of(answer, "k")
    if k == 1:
        raise Hint("with k = 1 every image is its own and only neighbour: that is identical, the "
                   "other end.")
    if k in (299, 0):
        raise Hint("count again: an image is its own neighbour too, and everybody has to be in.")
    if k != 300:
        raise Hint("X and A are independent if the neighbours of every image are the same set.")
    return "With all 300 as neighbours, every image has the same neighbours; A says nothing of X."


def _check_rule(answer):
    rng = np.random.default_rng(21)
    for n, k in ((12, 1), (30, 6), (25, 10), (40, 39)):
        chi2 = number_of(call(answer, n, k, takes="n, k"), "chi2")
        wanted = cl.knn_context(rng.standard_normal((n, 3)), k).chi2()
        if close(chi2, wanted):
            continue
        if close(chi2, n / k):
            raise Hint("nearly: this counts the constant mode as well, which is always there "
                       "and says nothing. What is χ² for k = n?")
        if close(chi2, k / n):
            raise Hint("upside down: fewer neighbours make a stronger association.")
        raise Hint(f"for n = {n} points and k = {k} neighbours χ² is {wanted:.3f}, and yours is "
                   f"{chi2:.3f}. Read χ² from the explorer at k = 300, 150, 100, 30: what is it "
                   "times k?")
    return "χ² = n/k − 1 holds for any points, and falls to 0 at k = n."


@cache
def _pieces(k):
    """Connected components of the k-neighbour context of the first 300 digits."""
    return cl.knn_context(cl.datasets.digits().X[:300], k).components()[0]


def _check_connected(answer):
    k = number_of(answer, "k")
    if not (k == int(k) and 1 <= k <= 300):
        raise Hint("k must be a whole number from 1 to 300.")
    k = int(k)
    if _pieces(k) > 1:
        raise Hint(f"with k = {k} there are still {_pieces(k)} pieces, so {_pieces(k) - 1} of the "
                   "non-constant s are exactly 1. More neighbours join them.")
    if _pieces(k - 1) == 1:
        raise Hint(f"connected, yes, but with k = {k - 1} it already is; look for the smallest.")
    return f"With {k - 1} neighbours there are {_pieces(k - 1)} pieces, with {k} only one: s₁ < 1."


EXERCISES = (
    Exercise(
        "ex_00_1", "The weak end",
        "The digits explorer has 300 images. For which number k of neighbours (each image counts "
        "as its own neighbour) are the image X and its context A independent? "
        "Set `answer` to that number.",
        _check_independent,
        "answer = 300  # everybody is everybody's neighbour",
        {"answer = 1": "other end", "answer = 299": "own neighbour", "answer = 150": "same set",
         "answer = 'all'": "array of numbers", "answer = [300]": "one number"},
    ),
    Exercise(
        "ex_00_2", "From the joint table to P(a|x)",
        "Set `answer` to a function of a joint table (an array that sums to 1, rows are inputs) "
        "that returns the conditional table P(a|x).",
        _check_conditional,
        "answer = lambda joint: joint / joint.sum(axis=1, keepdims=True)",
        {"answer = lambda joint: joint": "still the joint",
         "answer = lambda joint: joint / joint.sum(axis=0)": "P(x|a)",
         "answer = lambda joint: joint / joint.sum(axis=1)": "stopped with ValueError",
         "answer = lambda joint: joint.sum(axis=1)": "shape",
         "answer = lambda joint: 2 * joint": "must sum to 1",
         "answer = lambda joint: np.full(joint.shape, 1 / joint.shape[1])": "proportional",
         "def answer(joint):\n    joint / joint.sum()": "return missing",
         "answer = np.eye(3)": "must be a function"},
    ),
    Exercise(
        "ex_00_3", "A rule in the numbers",
        "Read χ² off the digits explorer (`story.values()['chi2']`) at k = 300, 150, 100 and 30. "
        "Set `answer` to a function of n (points) and k (neighbours) that gives χ² for any k.",
        _check_rule,
        "answer = lambda n, k: n / k - 1",
        {"answer = lambda n, k: n / k": "constant mode",
         "answer = lambda n, k: k / n": "upside down",
         "answer = lambda n, k: 9.0": "times k", "answer = 9": "must be a function"},
    ),
    Exercise(
        "ex_00_4", "Hanging together",
        "Every non-constant singular value that is exactly 1 counts one more separate piece of the "
        "neighbour graph. Find the smallest k for which the context of the first 300 digits "
        "(`cl.knn_context(cl.datasets.digits().X[:300], k)`) hangs together, that is, has one "
        "piece, and set `answer` to it. `Context.components()` may help.",
        _check_connected,
        """
X = cl.datasets.digits().X[:300]
answer = next(k for k in range(1, 301) if cl.knn_context(X, k).components()[0] == 1)
""",
        {"answer = 2": "pieces", "answer = 100": "already is", "answer = 0": "whole number",
         "answer = 4.5": "whole number"},
    ),
)
