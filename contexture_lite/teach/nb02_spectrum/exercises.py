"""Exercises of notebook 02: singular functions."""

from itertools import combinations

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    compared,
    marginals,
    random_joints,
    refuse,
)

_SPECTRA = tuple(map(np.array, ([1.0, 1.0, 0.5], [0.9, 0.2], [1 - 1e-13, 0.3], [1.0, 1 - 1e-12],
                                [0.9973, 0.99])))  # the last: connected, though only just


def _check_merged(answer):
    table = cl.datasets.hair_eye_color().X
    try:
        pair = set(answer)
    except TypeError:
        raise Hint("answer must be two hair colours, such as (\"Black\", \"Red\").") from None
    refuse(isinstance(answer, str) or len(answer) != 2 or not pair <= set(table.index),
           f"answer must be two of {', '.join(table.index)}.")
    refuse(len(pair) == 1, "two different colours.")
    left = {}
    for first, second in combinations(table.index, 2):
        merged = table.rename(index={second: first}).groupby(level=0, sort=False).sum()
        left[first, second] = cl.Context.from_counts(merged).chi2()
    kept = next(chi2 for both, chi2 in left.items() if set(both) == pair)
    if kept == max(left.values()):
        return f"χ² goes from {cl.Context.from_counts(table).chi2():.4f} to {kept:.4f} only."
    worse = sum(chi2 > kept for chi2 in left.values())
    refuse(kept == min(left.values()), "of all pairs this one loses most: these two are at the "
           "ends of μ₁. Look for two colours whose singular functions are nearly the same, "
           "weighted by s.")
    raise Hint(f"χ² becomes {kept:.4f}; {worse} of the six pairs lose less. Merge the rows of "
               "each pair in turn, and ask cl.Context.from_counts(merged).chi2().")


def _check_alternating(answer):
    for joint in (*random_joints(), cl.gallery.binary_tree(0.7, 0.3).joint):
        p, q = marginals(joint)
        f = array_of(call(answer, joint, takes="joint"), p.shape, "f")
        refuse(close(f, np.zeros(len(f))), "f is zero everywhere; normalise in every round, before "
               "it fades away.")
        variance = p @ (f - p @ f) ** 2
        refuse(variance < 1e-6 * (p @ f**2), "f has become a constant, which every context "
               "predicts perfectly; take its mean off in every round.")
        refuse(not close(p @ f, 0.0, 1e-6), f"f has mean {p @ f:.3f} under P(X); centre it with "
               "the weights P(x), not with a plain mean.")
        refuse(not close(p @ f**2, 1.0, 1e-6), f"E[f²] is {p @ f**2:.3f} under P(X); divide f by "
               "the root of it.")
        Tf = joint @ ((joint.T @ f) / q) / p
        s1 = np.linalg.svd(joint / np.sqrt(np.outer(p, q)), compute_uv=False)[1]
        refuse(p @ (Tf * f) < s1**2 - 1e-5, f"f is predicted with s² = {p @ (Tf * f):.4f}, the "
               f"best has {s1**2:.4f}: go on for more rounds, and use both averages, T* and then "
               "T.")
    return "Alternating averages are power iteration: they find the best-predicted feature μ₁."


def _check_own_distribution(answer):
    try:
        kept, f = answer
    except (TypeError, ValueError):
        raise Hint("answer must be a pair: (kept, f).") from None
    refuse(not isinstance(kept, dict), "kept must be a dict from tuples of kept positions to "
           "probabilities, such as {(0, 1): 0.5, (2,): 0.5}.")
    try:
        context = cl.gallery.masked_tokens(1.0, 3, 2, kept)
    except (TypeError, ValueError) as error:
        raise Hint(f"this distribution does not work: {error}") from error
    f = array_of(f, (8,), "f")
    refuse(close(f, np.full(8, f.mean())), "f is constant; it says nothing about the string.")
    refuse(not close(f.mean(), 0.0), "a singular function other than the constant has mean 0; "
           f"yours has {f.mean():.3f}.")
    f = f / np.sqrt(np.mean(f**2))
    image = context.expect(context.expect_adjoint(f))
    energy = float(np.mean(f * image))
    refuse(not close(image, energy * f), "f is not singular: T T* f is not a multiple of f. Try "
           "products of ±1, one factor for each token in a set S.")
    cube = f.reshape(2, 2, 2)
    uses = [not close(cube, np.flip(cube, axis)) for axis in range(3)]
    refuse(sum(uses) < 2, "this f depends on one token only; take one that needs two or three.")
    refuse(energy < 1e-9, "s² = 0: your distribution never shows the tokens of f together.")
    refuse(energy > 1 - 1e-9, "s² = 1: your distribution always shows the tokens of f, so nothing "
           "is hard to predict.")
    return f"s² = {energy:.3f}, the probability that all tokens of f are kept."


EXERCISES = (
    compared(
        "ex_02_1", "Counting pieces",
        "Set `answer` to a function of the non-constant singular values (an array) that returns "
        "the number of connected pieces of the context.",
        "answer = lambda values: 1 + np.sum(values > 1 - 1e-9)",
        takes="values", what="the number of pieces", cases=lambda: _SPECTRA,
        mistakes={
            "1 + np.sum(values == 1)":
                "computed values are 1 only up to rounding: compare with a tolerance, not with ==.",
            "np.sum(values > 1 - 1e-9)":
                "one too few: the constant's s₀ = 1 was deflated, and one piece is always there.",
        },
        otherwise=lambda wanted, count, values: (
            f"for s = {values.tolist()} the number of pieces is {wanted}; yours says {count:g}. "
            "A value is 1 if only rounding keeps it from 1."),
        right="The pieces are the values equal to 1, and one more for the constant.",
    ),
    Exercise(
        "ex_02_2", "Two hair colours for one",
        "An experiment. A hairdresser's form has room for three hair colours only. Which two of "
        "Black, Brown, Red, Blond can be merged so that hair still says as much as possible about "
        "eyes, with the largest χ²? Set `answer` to the two names. (Guess "
        "from μ₁ first. `cl.datasets.hair_eye_color().X` is the table.)",
        _check_merged,
        """
from itertools import combinations

table = cl.datasets.hair_eye_color().X

def left(pair):
    merged = table.rename(index={pair[1]: pair[0]}).groupby(level=0).sum()
    return cl.Context.from_counts(merged).chi2()

answer = max(combinations(table.index, 2), key=left)
""",
    ),
    Exercise(
        "ex_02_3", "The best-predicted feature by alternating averages",
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
    ),
    Exercise(
        "ex_02_4", "Your own masking distribution",
        "X is a string of three fair bits; A shows the bits in a random kept set. Invent a "
        "distribution of that set, a dict from tuples of kept positions (0, 1, 2) to "
        "probabilities, and a function f of the eight strings 000, 001, … 111 that is a singular "
        "function under it, depends on at least two bits, and has 0 < s < 1. Set "
        "`answer = (kept, f)`. "
        "(The context is `cl.gallery.masked_tokens(1, 3, 2, kept)`.)",
        _check_own_distribution,
        """
kept = {(0, 1): 0.5, (1, 2): 0.25, (): 0.25}
sign = np.array([1, -1])
f = np.multiply.outer(np.multiply.outer(sign, sign), [1, 1]).ravel()  # bit 0 times bit 1, as ±1
answer = (kept, f)
""",
    ),
)
