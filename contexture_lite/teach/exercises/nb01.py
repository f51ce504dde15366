"""Exercises of notebook 01: expectation operators."""

import numpy as np

from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
    random_joints,
)


def _marginals(joint):
    return joint.sum(axis=1), joint.sum(axis=0)


def _check_marginal(answer):
    for joint in random_joints():
        p, q = _marginals(joint)
        result = call(answer, joint, takes="joint")
        if close(result, p):
            raise Hint("that is P(X), the sum along each row; P(A) sums over the inputs.")
        result = array_of(result, q.shape, "P(A)")
        if close(result * len(p), q):
            raise Hint("that is the mean of each column; a probability is their sum.")
        if not close(result.sum(), 1.0):
            raise Hint(f"probabilities must sum to 1; yours sum to {result.sum():.3f}.")
        if not close(result, q):
            raise Hint("P(A = a) is the sum of P(x, a) over all inputs x.")
    return "P(A) sums the joint table over the inputs."


def _check_expect(answer):
    rng = np.random.default_rng(22)
    for joint in random_joints():
        (p, q), g = _marginals(joint), rng.standard_normal(joint.shape[1])
        result = array_of(call(answer, joint, g, takes="joint, g"), p.shape, "T g")
        if close(result, joint @ g):
            raise Hint("that weighs g with P(x, a); given x the weights are P(a|x), which sum "
                       "to 1. Try it with g = 1 everywhere: T g must be 1.")
        if close(result, (joint / q) @ g):
            raise Hint("you divided by P(a); given x, divide each row by P(x).")
        if close(result, np.full(len(p), q @ g)):
            raise Hint("that is E[g(A)] whatever x is; T g is a function of x.")
        if not close(result, joint @ g / p):
            raise Hint("(T g)(x) = Σ_a P(a|x) g(a), with P(a|x) = P(x, a) / P(x).")
    return "(T g)(x) is the mean of g under P(·|x)."


def _check_matrix(answer):
    for joint in random_joints():
        p, q = _marginals(joint)
        Q = array_of(call(answer, joint, takes="joint"), joint.shape, "Q")
        if close(Q, joint / p[:, None]):
            raise Hint("that is T = D_p⁻¹ P, which acts on plain vectors. In orthonormal "
                       "coordinates both sides carry a square root: D_p^(-1/2) P D_q^(-1/2).")
        if close(Q, joint / np.outer(p, q)):
            raise Hint("that is the density ratio P/(p q); take square roots of the marginals.")
        if close(Q, joint * np.sqrt(np.outer(p, q))):
            raise Hint("you multiplied by the square roots; divide by them.")
        if not close(Q @ np.sqrt(q), np.sqrt(p)):
            raise Hint("T keeps constants, so Q √q must be √p; yours is not.")
        if not close(Q, joint / np.sqrt(np.outer(p, q))):
            raise Hint("Q = P(x, a) / √(P(x) P(a)), cell by cell.")
    return "Q √q = √p is 'T keeps constants', and no singular value of Q is above 1."


def _check_chi2(answer):
    for joint in random_joints():
        p, q = _marginals(joint)
        expected = np.outer(p, q)
        chi2 = number_of(call(answer, joint, takes="joint"), "χ²")
        if close(chi2, (joint**2 / expected).sum()):
            raise Hint("1 too much: this contains the constant mode (s₀ = 1). For independent X "
                       "and A it must be 0.")
        if close(chi2, ((joint - expected) ** 2).sum()):
            raise Hint("each squared difference has to be divided by P(x) P(a).")
        if close(chi2, (np.abs(joint - expected) / expected).sum()) or close(
                chi2, ((joint - expected) / expected).sum()):
            raise Hint("square the differences.")
        if close(chi2, 0.0):
            raise Hint("0 whatever the table: without the square the differences cancel.")
        with np.errstate(all="ignore"):
            neyman = np.nansum(np.where(joint > 0, (joint - expected) ** 2 / joint, 0))
        if close(chi2, neyman):
            raise Hint("divide by P(x) P(a), not by the joint.")
        if not close(chi2, ((joint - expected) ** 2 / expected).sum()):
            raise Hint("χ² = Σ (P(x, a) − P(x) P(a))² / (P(x) P(a)).")
    return "χ² is 0 for independence only, and equals Σ s_i² of the non-constant modes."


def _check_design(answer):
    joint = array_of(answer, (3, 3), "the joint table")
    if joint.min() < 0:
        raise Hint("probabilities cannot be negative.")
    if not close(joint.sum(), 1.0):
        raise Hint(f"a joint table must sum to 1; yours sums to {joint.sum():.3f}.")
    p, q = _marginals(joint)
    if not (close(p, np.full(3, 1 / 3)) and close(q, np.full(3, 1 / 3))):
        raise Hint("both marginals must be uniform: every row and column has to sum to 1/3.")
    chi2 = 9 * ((joint - 1 / 9) ** 2).sum()
    if close(chi2, 1.0, 1e-4):
        return "χ² = 1, half of what a 3 × 3 table can reach."
    if close(chi2, 2.0):
        raise Hint("χ² is 2: X and A are identical, the strongest a 3 × 3 table can be.")
    if close(chi2, 0.0):
        raise Hint("χ² is 0: X and A are independent.")
    if close(chi2, 0.5):
        raise Hint("χ² is ½: mixing half and half halves the singular values, and χ² sums their "
                   "squares.")
    raise Hint(f"χ² is {chi2:.4f}; it has to be 1.")


EXERCISES = (
    Exercise(
        "ex_01_1", "The marginal of the context",
        "Set `answer` to a function of a joint table (an N×M array, rows are inputs, columns "
        "context values) that returns P(A), an array of M probabilities.",
        _check_marginal,
        "answer = lambda joint: joint.sum(axis=0)",
        {"answer = lambda joint: joint.sum(axis=1)": "that is P(X)",
         "answer = lambda joint: joint.mean(axis=0)": "mean of each column",
         "answer = lambda joint: joint.sum()": "shape",
         "answer = lambda joint: joint[0]": "sum to 1",
         "answer = lambda joint: joint[0] / joint[0].sum()": "over all inputs",
         "answer = lambda joint: print(joint.sum(axis=0))": "return missing"},
    ),
    Exercise(
        "ex_01_2", "T by hand",
        "Set `answer` to a function of a joint table and of g (M values) that returns T g, the N "
        "conditional expectations E[g(A) | X = x]. Use numpy only.",
        _check_expect,
        """
def answer(joint, g):
    p_x = joint.sum(axis=1)
    return joint @ g / p_x
""",
        {"answer = lambda joint, g: joint @ g": "P(a|x), which sum to 1",
         "answer = lambda joint, g: (joint / joint.sum(axis=0)) @ g": "divided by P(a)",
         "answer = lambda joint, g: np.full(len(joint), joint.sum(axis=0) @ g)": "function of x",
         "answer = lambda joint, g: g": "shape",
         "answer = lambda joint, g: joint.T @ g": "stopped with ValueError",
         "answer = lambda joint, g: 2 * joint @ g": "Σ_a"},
    ),
    Exercise(
        "ex_01_3", "T in orthonormal coordinates",
        "Set `answer` to a function of a joint table that returns Q, the N×M matrix of T in "
        "orthonormal coordinates. What must Q do to √q, if T keeps constants?",
        _check_matrix,
        """
def answer(joint):
    p_x, p_a = joint.sum(axis=1), joint.sum(axis=0)
    return joint / np.sqrt(np.outer(p_x, p_a))
""",
        {"answer = lambda joint: joint / joint.sum(axis=1, keepdims=True)": "plain vectors",
         "answer = lambda joint: joint / np.outer(joint.sum(1), joint.sum(0))": "density ratio",
         "answer = lambda joint: joint * np.sqrt(np.outer(joint.sum(1), joint.sum(0)))":
             "divide by them",
         "answer = lambda joint: joint": "keeps constants",
         "answer = lambda joint: np.sqrt(np.outer(joint.sum(1), joint.sum(0)))": "cell by cell",
         "answer = lambda joint: joint @ joint.T": "shape"},
    ),
    Exercise(
        "ex_01_4", "χ² without the package",
        "Set `answer` to a function of a joint table that returns χ² = Σ (P − p q)²/(p q), the "
        "total strength of association. Compare with `cl.Context(joint).chi2()`.",
        _check_chi2,
        """
def answer(joint):
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return ((joint - expected) ** 2 / expected).sum()
""",
        {"answer = lambda P: (P**2 / np.outer(P.sum(1), P.sum(0))).sum()": "constant mode",
         "answer = lambda P: ((P - np.outer(P.sum(1), P.sum(0)))**2).sum()": "has to be divided",
         "answer = lambda P: (P - np.outer(P.sum(1), P.sum(0))).sum()": "cancel",
         "answer = lambda P: (abs(P - (e := np.outer(P.sum(1), P.sum(0)))) / e).sum()": "square",
         "answer = lambda P: sum((p - e)**2 / p for p, e in "
         "zip(P.ravel(), np.outer(P.sum(1), P.sum(0)).ravel()) if p > 0)": "not by the joint",
         "answer = lambda P: len(P)": "χ² =",
         "answer = lambda P: P": "one number"},
    ),
    Exercise(
        "ex_01_5", "A table to order",
        "Design a 3×3 joint table with uniform marginals and χ² = 1 (to four decimals), and set "
        "`answer` to it. There are many; the largest possible χ² is 2.",
        _check_design,
        """
s = 1 / np.sqrt(2)  # two singular values, each s; 2 s² = 1
answer = s * np.eye(3) / 3 + (1 - s) * np.full((3, 3), 1 / 9)
""",
        {"answer = np.eye(3) / 3": "strongest", "answer = np.full((3, 3), 1 / 9)": "independent",
         "answer = np.eye(3) / 6 + np.full((3, 3), 1 / 18)": "sums their squares",
         "answer = np.eye(3)": "sum to 1",
         "answer = np.diag([.5, .25, .25])": "uniform", "answer = np.eye(2) / 2": "shape",
         "answer = 0.9 * np.eye(3) / 3 + 0.1 / 9": "it has to be 1",
         "answer = np.eye(3) * 2 / 3 - 1 / 9 ": "negative"},
    ),
)
