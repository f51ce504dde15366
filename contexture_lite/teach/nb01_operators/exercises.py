"""Exercises of notebook 01: expectation operators."""

from itertools import combinations

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    close,
    compared,
    marginals,
    random_joints,
    refuse,
    with_functions,
)


def _left(eyes, pair):
    """χ² of the table in which these two columns are one."""
    merged = eyes.drop(columns=list(pair)).assign(both=eyes[list(pair)].sum(axis=1))
    return cl.Context.from_counts(merged).chi2()


def _check_merged(answer):
    eyes = cl.datasets.hair_eye_color().X
    pair = tuple(answer) if isinstance(answer, list | tuple) else ()
    refuse(len(pair) != 2 or not all(isinstance(name, str) for name in pair),
           "answer must be two names of colours.")
    refuse(pair[0] == pair[1] or not set(pair) <= set(eyes.columns), "choose two different ones of "
           f"{', '.join(eyes.columns)}.")
    left = {two: _left(eyes, two) for two in combinations(eyes.columns, 2)}
    mine, best = _left(eyes, pair), max(left.values())
    refuse(close(mine, min(left.values())), f"of χ² = {cl.Context.from_counts(eyes).chi2():.3f} "
           f"this leaves {mine:.3f}: the *largest* fall of all. Which two tell the least apart?")
    refuse(not close(mine, best), f"this leaves χ² = {mine:.3f}, but another two leave {best:.3f}.")
    return f"χ² falls to {best:.3f} only: these two go with nearly the same hair."


def _check_design(answer):
    joint = array_of(answer, (3, 3), "the joint table")
    refuse(joint.min() < 0, "probabilities cannot be negative.")
    refuse(not close(joint.sum(), 1.0), "a joint table must sum to 1; yours sums to "
           f"{joint.sum():.3f}.")
    refuse(not close(marginals(joint), (np.full(3, 1 / 3), np.full(3, 1 / 3))),
           "both marginals must be uniform: every row and column has to sum to 1/3.")
    chi2 = 9 * ((joint - 1 / 9) ** 2).sum()
    if close(chi2, 1.0, 1e-4):
        return "χ² = 1, half of what a 3 × 3 table can reach."
    refuse(close(chi2, 2.0), "χ² is 2: X and A are identical, the strongest a 3 × 3 table can be.")
    refuse(close(chi2, 0.0), "χ² is 0: X and A are independent.")
    refuse(close(chi2, 0.5), "χ² is ½: mixing half and half halves the singular values, and χ² "
           "sums their squares.")
    raise Hint(f"χ² is {chi2:.4f}; it has to be 1.")


EXERCISES = (
    compared(
        "ex_01_1", "The marginal of the context",
        "Set `answer` to a function of a joint table (an N×M array, rows are inputs, columns "
        "context values) that returns P(A), an array of M probabilities.",
        "answer = lambda joint: joint.sum(axis=0)",
        takes="joint", what="P(A)", cases=random_joints,
        mistakes={
            "joint.sum(axis=1)": "that is P(X), the sum along each row; P(A) sums over the inputs.",
            "joint.mean(axis=0)": "that is the mean of each column; a probability is their sum.",
        },
        otherwise=lambda wanted, result, joint: (
            "P(A = a) is the sum of P(x, a) over all inputs x." if close(result.sum(), 1.0) else
            f"probabilities must sum to 1; yours sum to {result.sum():.3f}."),
        right="P(A) sums the joint table over the inputs.",
    ),
    compared(
        "ex_01_2", "T by hand",
        "Set `answer` to a function of a joint table and of g (M values) that returns T g, the N "
        "conditional expectations E[g(A) | X = x]. (The package would do; by hand you learn more.)",
        """
def answer(joint, g):
    p_x = joint.sum(axis=1)
    return joint @ g / p_x
""",
        takes="joint, g", what="T g", cases=lambda: reversed(list(with_functions(22, 1))),
        mistakes={
            "joint @ g": "that weighs g with P(x, a); given x the weights are P(a|x), which sum to "
                         "1. Try it with g = 1 everywhere: T g must be 1.",
            "(joint / joint.sum(axis=0)) @ g":
                "you divided by P(a); given x, divide each row by P(x).",
            "np.full(len(joint), joint.sum(axis=0) @ g)":
                "that is E[g(A)] whatever x is; T g is a function of x.",
        },
        otherwise="(T g)(x) = Σ_a P(a|x) g(a), with P(a|x) = P(x, a) / P(x).",
        right="(T g)(x) is the mean of g under P(·|x).",
    ),
    Exercise(
        "ex_01_3", "Two colours as one",
        "An experiment with the 592 people of the notebook (`people.X`, hair by eyes). Suppose "
        "that two of the four eye colours are written down as one: add up their columns, and χ² "
        "falls. For which two does it fall the least? Set `answer` to their two names, such as "
        '`("Brown", "Blue")`.',
        _check_merged,
        """
from itertools import combinations

eyes = cl.datasets.hair_eye_color().X

def merged(first, second):
    return eyes.drop(columns=[first, second]).assign(both=eyes[first] + eyes[second])

answer = max(combinations(eyes.columns, 2),
             key=lambda pair: cl.Context.from_counts(merged(*pair)).chi2())
""",
    ),
    Exercise(
        "ex_01_4", "A table to order",
        "Design a 3×3 joint table with uniform marginals and χ² = 1 (to four decimals), and set "
        "`answer` to it. There are many; the largest possible χ² is 2.",
        _check_design,
        """
s = 1 / np.sqrt(2)  # two singular values, each s; 2 s² = 1
answer = s * np.eye(3) / 3 + (1 - s) * np.full((3, 3), 1 / 9)
""",
    ),
)
