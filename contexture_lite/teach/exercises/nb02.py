"""Exercises of notebook 02: singular functions."""

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
    shape_of,
)


def _check_components(answer):
    cases = (([1.0, 1.0, 0.5], 3), ([0.9, 0.2], 1), ([1 - 1e-13, 0.3], 2), ([1.0, 1 - 1e-12], 3))
    for values, wanted in cases:
        count = number_of(call(answer, np.array(values), takes="values"), "the number of pieces")
        if count == wanted - 1 and values[0] == 1 and values[1] in (1, 0.3, 0.5):
            raise Hint("one too few: the constant's s₀ = 1 was deflated, and one piece is always "
                       "there.")
        if count != wanted and max(values) < 1 and wanted > 1:
            raise Hint("computed values are 1 only up to rounding: compare with a tolerance, not "
                       "with ==.")
        if count != wanted:
            raise Hint(f"for s = {values} there are {wanted} pieces; yours says {count:g}.")
    return "The pieces are the values equal to 1, and one more for the constant."


def _check_deflated(answer):
    for joint in random_joints():
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        Q = joint / np.sqrt(np.outer(p, q))
        wanted = np.linalg.svd(Q, compute_uv=False)[1:]
        result = call(answer, joint, takes="joint")
        if close(result, np.append(1.0, wanted)):
            raise Hint("the first value, 1, belongs to the constant pair: subtract √p √qᵀ first, "
                       "or leave it out.")
        if shape_of(result) == (len(wanted) + 1,) and close(result[-1], 0.0):
            result = result[:-1]  # deflated, the constant's own zero still there
        values = array_of(result, wanted.shape, "s")
        if close(values, wanted**2):
            raise Hint("these are the squares s²; take the singular values themselves.")
        if close(values, wanted[::-1]) and len(wanted) > 1:
            raise Hint("right values, but largest first, please.")
        if not close(values, wanted):
            raise Hint("take the SVD of Q − √p √qᵀ with Q = P/√(p q); is the joint itself in "
                       "there, or T?")
    return "The deflated SVD gives s₁ ≥ s₂ ≥ …, without the constant."


def _check_cycle(answer):
    if shape_of(answer) == (6,):
        raise Hint("five values: the constant (k = 0) is not counted.")
    values = array_of(answer, (5,), "s")
    wanted = np.array([1, 0.5, 0.5, 0.5, 0.5])
    if values.min() < 0:
        raise Hint("singular values are never negative: s = |cos(2πk/6)|.")
    if close(np.sort(values)[::-1], wanted) and not close(values, wanted):
        raise Hint("right values, but largest first, please.")
    if close(values, wanted**2):
        raise Hint("these are the squares.")
    if values.max() < 1:
        raise Hint("one of them is 1: a walker on a cycle of even length knows whether it is on an "
                   "even or an odd place.")
    if not close(values, wanted, 1e-3):
        raise Hint("a walk on a cycle has Fourier modes: mode k is multiplied by cos(2πk/6).")
    return "|cos(2πk/6)| for k = 1 … 5, sorted; even and odd places make the 1."


def _check_alternating(answer):
    for joint in (*random_joints(), cl.gallery.binary_tree(0.7, 0.3).joint):
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        f = array_of(call(answer, joint, takes="joint"), p.shape, "f")
        if close(f, np.zeros(len(f))):
            raise Hint("f is zero everywhere; normalise in every round, before it fades away.")
        variance = p @ (f - p @ f) ** 2
        if variance < 1e-6 * (p @ f**2):
            raise Hint("f has become a constant, which every context predicts perfectly; take its "
                       "mean off in every round.")
        if not close(p @ f, 0.0, 1e-6):
            raise Hint(f"f has mean {p @ f:.3f} under P(X); centre it with the weights P(x), not "
                       "with a plain mean.")
        if not close(p @ f**2, 1.0, 1e-6):
            raise Hint(f"E[f²] is {p @ f**2:.3f} under P(X); divide f by the root of it.")
        Tf = joint @ ((joint.T @ f) / q) / p
        s1 = np.linalg.svd(joint / np.sqrt(np.outer(p, q)), compute_uv=False)[1]
        if p @ (Tf * f) < s1**2 - 1e-5:
            raise Hint(f"f is predicted with s² = {p @ (Tf * f):.4f}, the best has {s1**2:.4f}: "
                       "go on for more rounds, and use both averages, T* and then T.")
    return "Alternating averages are power iteration: they find the best-predicted feature μ₁."


def _check_own_law(answer):
    try:
        law, f = answer
    except (TypeError, ValueError):
        raise Hint("answer must be a pair: (law, f).") from None
    if not isinstance(law, dict):
        raise Hint("law must be a dict from tuples of kept positions to probabilities, such as "
                   "{(0, 1): 0.5, (2,): 0.5}.")
    try:
        context = cl.gallery.masked_tokens(1.0, 3, 2, law)
    except (TypeError, ValueError) as error:
        raise Hint(f"this law does not work: {error}") from error
    f = array_of(f, (8,), "f")
    if close(f, np.full(8, f.mean())):
        raise Hint("f is constant; it says nothing about the string.")
    if not close(f.mean(), 0.0):
        raise Hint("a singular function other than the constant has mean 0; yours has "
                   f"{f.mean():.3f}.")
    f = f / np.sqrt(np.mean(f**2))
    image = context.expect(context.expect_adjoint(f))
    energy = float(np.mean(f * image))
    if not close(image, energy * f):
        raise Hint("f is not singular: T T* f is not a multiple of f. Try products of ±1, one "
                   "factor for each token in a set S.")
    cube = f.reshape(2, 2, 2)
    uses = [not close(cube, np.flip(cube, axis)) for axis in range(3)]
    if sum(uses) < 2:
        raise Hint("this f depends on one token only; take one that needs two or three.")
    if energy < 1e-9:
        raise Hint("s² = 0: your law never shows the tokens of f together.")
    if energy > 1 - 1e-9:
        raise Hint("s² = 1: your law always shows the tokens of f, so nothing is hard to predict.")
    return f"s² = {energy:.3f}, the probability that all tokens of f are kept."


EXERCISES = (
    Exercise(
        "ex_02_1", "Counting pieces",
        "Set `answer` to a function of the non-constant singular values (an array) that returns "
        "the number of connected pieces of the context.",
        _check_components,
        "answer = lambda values: 1 + np.sum(values > 1 - 1e-9)",
        {"answer = lambda values: 1 + np.sum(values == 1)": "tolerance",
         "answer = lambda values: np.sum(values > 1 - 1e-9)": "one too few",
         "answer = lambda values: 1 + np.sum(values > 0.4)": "pieces; yours says",
         "answer = lambda values: values > 0.99": "one number"},
    ),
    Exercise(
        "ex_02_2", "Deflate, then decompose",
        "Set `answer` to a function of a joint table that returns its non-constant singular values "
        "s₁ ≥ s₂ ≥ … with numpy only.",
        _check_deflated,
        """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    return np.linalg.svd(joint / root - root, compute_uv=False)[:-1]
""",
        {"answer = lambda P: np.linalg.svd(P / np.sqrt(np.outer(P.sum(1), P.sum(0))), "
         "compute_uv=False)": "constant pair",
         "answer = lambda P: np.linalg.svd(P, compute_uv=False)[1:]": "joint itself",
         "answer = lambda P: np.linalg.svd(P / P.sum(1, keepdims=True), compute_uv=False)[1:]":
             "or T?",
         "answer = lambda P: np.linalg.svd(P / np.sqrt(np.outer(P.sum(1), P.sum(0))), "
         "compute_uv=False)[1:]**2": "squares",
         "answer = lambda P: np.linalg.svd(P / np.sqrt(np.outer(P.sum(1), P.sum(0))), "
         "compute_uv=False)[:0:-1]": "largest first",
         "answer = lambda P: 0.5": "shape"},
    ),
    Exercise(
        "ex_02_3", "Six places on a cycle",
        "A walker on a cycle of 6 places steps left or right with probability ½: A is the place "
        "after the step. Without computing an SVD, set `answer` to the five non-constant singular "
        "values, largest first.",
        _check_cycle,
        "answer = np.sort(np.abs(np.cos(2 * np.pi * np.arange(1, 6) / 6)))[::-1]",
        {"answer = np.cos(2 * np.pi * np.arange(1, 6) / 6)": "never negative",
         "answer = np.abs(np.cos(2 * np.pi * np.arange(6) / 6))": "constant",
         "answer = np.abs(np.cos(2 * np.pi * np.arange(1, 6) / 6))": "largest first",
         "answer = [1, .25, .25, .25, .25]": "squares", "answer = [.5, .5, .5, .5, .5]": "even",
         "answer = [1, .9, .5, .5, .1]": "Fourier", "answer = [1, .5, .5]": "shape"},
    ),
    Exercise(
        "ex_02_4", "The best-predicted feature by alternating averages",
        "Set `answer` to a function of a joint table that finds μ₁ without an SVD: start from any "
        "f, then repeat: average to A (g = T* f), average back (f = T g), centre, normalise, with "
        "P(x) as weights. Return f with mean 0 and E[f²] = 1; its sign is free.",
        _check_alternating,
        """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = np.random.default_rng(0).standard_normal(len(p))
    for _ in range(1000):
        g = joint.T @ f / q
        f = joint @ g / p
        f = f - p @ f
        f = f / np.sqrt(p @ f**2)
    return f
""",
        {"""
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = np.random.default_rng(0).standard_normal(len(p))
    for _ in range(1000):
        f = joint @ (joint.T @ f / q) / p
    return f
""": "become a constant", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = np.random.default_rng(0).standard_normal(len(p))
    for _ in range(2000):
        f = joint @ (joint.T @ f / q) / p
        f = f - p @ f
    return f
""": "zero everywhere", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = np.random.default_rng(0).standard_normal(len(p))
    for _ in range(1000):
        f = joint @ (joint.T @ f / q) / p
        f = f - f.mean()
        f = f / np.sqrt(p @ f**2)
    return f
""": "plain mean", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = np.random.default_rng(0).standard_normal(len(p))
    for _ in range(1000):
        f = joint @ (joint.T @ f / q) / p
        f = f - p @ f
        f = f / np.linalg.norm(f)
    return f
""": "E[f²]", """
def answer(joint):
    p = joint.sum(axis=1)
    f = np.random.default_rng(0).standard_normal(len(p))
    f = f - p @ f
    return f / np.sqrt(p @ f**2)
""": "more rounds"},
    ),
    Exercise(
        "ex_02_5", "Your own masking law",
        "X is a string of three fair bits; A shows the bits in a random kept set. Invent a law of "
        "that set, a dict from tuples of kept positions (0, 1, 2) to probabilities, and a function "
        "f of the eight strings 000, 001, … 111 that is a singular function under it, depends on "
        "at least two bits, and has 0 < s < 1. Set `answer = (law, f)`. "
        "(The context is `cl.gallery.masked_tokens(1, 3, 2, law)`.)",
        _check_own_law,
        """
law = {(0, 1): 0.5, (1, 2): 0.25, (): 0.25}
sign = np.array([1, -1])
f = np.multiply.outer(np.multiply.outer(sign, sign), [1, 1]).ravel()  # bit 0 times bit 1, as ±1
answer = (law, f)
""",
        {"answer = ({(0,): 1.0}, np.ones(8))": "constant",
         "answer = ({(0, 1): 0.5, (2,): 0.5}, np.eye(8)[0])": "mean 0",
         "answer = ({(0, 1): 0.5, (2,): 0.5}, np.eye(8)[0] - np.eye(8)[1])": "not singular",
         "answer = ({(0, 1): 0.5, (2,): 0.5}, [1] * 4 + [-1] * 4)": "one token only",
         "answer = ({(0,): 0.5, (1,): 0.5}, [1, 1, -1, -1, -1, -1, 1, 1])": "never shows",
         "answer = ({(0, 1): 1.0}, [1, 1, -1, -1, -1, -1, 1, 1])": "always shows",
         "answer = ({(0, 1): 0.5}, [1, 1, -1, -1, -1, -1, 1, 1])": "does not work",
         "answer = ('prefix', np.ones(8))": "dict",
         "answer = 1": "pair", "answer = ({(0, 1): .5, (): .5}, [1, -1])": "shape"},
    ),
)
