"""Exercises of notebook 03: which tasks become easy."""

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

BAND = (0.70, 0.75)


def _cases():
    """(joint, f) with f not centred; the square table comes first."""
    rng = np.random.default_rng(31)
    for joint in reversed(list(random_joints())):
        yield joint, rng.standard_normal(len(joint)) + 1


def _check_compatibility(answer):
    for joint, f in _cases():
        rho = number_of(call(answer, joint, f, takes="joint, f"), "the compatibility")
        p, q = joint.sum(axis=1), joint.sum(axis=0)

        def ratio(f, p=p, q=q, joint=joint):
            return np.sqrt(q @ (joint.T @ f / q) ** 2 / (p @ f**2))

        wanted, centred = ratio(f - p @ f), f - p @ f
        if close(rho, wanted**2):
            raise Hint("this is ρ²; take the square root.")
        if close(rho, ratio(f)):
            raise Hint("centre f first: a constant is predicted perfectly and hides the rest.")
        if close(rho, ratio(f - f.mean())):
            raise Hint("f.mean() treats all inputs alike; the mean of f(X) has the weights P(x).")
        square = len(p) == len(q)
        if square and close(rho, np.sqrt(p @ (joint @ centred / p) ** 2 / (p @ centred**2))):
            raise Hint("this is T applied to f. f is a function of x, so average it given a: T*.")
        if close(rho, np.linalg.norm(joint.T @ centred / q) / np.linalg.norm(centred)):
            raise Hint("the lengths need weights: ‖f‖² = E[f(X)²] and ‖g‖² = E[g(A)²].")
        if not close(rho, wanted):
            raise Hint(f"for one table it is {wanted:.4f}, yours gives {rho:.4f}. Centre f, take "
                       "its average given a, and divide the lengths: after by before.")
    return "ρ is the share of its length that a task keeps when it is averaged given A."


def _check_extremes(answer):
    for joint in random_joints():
        context = cl.Context(joint)
        result = call(answer, joint, takes="joint")
        try:
            best, worst = result
        except (TypeError, ValueError):
            raise Hint("return two tasks: best, worst.") from None
        best = array_of(best, context.p_x.shape, "the most compatible task")
        worst = array_of(worst, context.p_x.shape, "the least compatible task")
        squared = np.linalg.svd(context.matrix(), full_matrices=True)[1] ** 2
        squared = np.append(squared, np.zeros(len(joint)))[1:len(joint)]
        for f, name in ((best, "most"), (worst, "least")):
            if np.ptp(f) < 1e-6 * np.abs(f).max(initial=1e-300):
                raise Hint(f"your {name} compatible task is constant. √p is a singular vector too, "
                           "with s = 0 once it is deflated: that one does not count.")
        high, low = (cl.compatibility(context, f) ** 2 for f in (best, worst))
        if high < low:
            raise Hint("the other way round: first the most compatible, then the least.")
        u = np.linalg.svd(context.matrix())[0]
        if close(abs(u[:, 1] @ best), np.linalg.norm(best)):
            raise Hint("these are singular vectors of Q; the functions are μ = u/√p.")
        if high < squared[0] - 1e-6:
            raise Hint(f"the most compatible task has ρ² = {squared[0]:.4f} here, yours "
                       f"{high:.4f}. It is μ₁.")
        if low > squared[-1] + 1e-6:
            raise Hint(f"there is a task with ρ² = {squared[-1]:.4f} here, yours has {low:.4f}. "
                       "With more inputs than context values, some tasks leave no trace in A: ask "
                       "the SVD for all left vectors (full_matrices=True).")
    return "μ₁ is the easiest task, and the last left function the hardest."


def _check_minimax(answer):
    many, few = np.array([0.9, 0.7, 0.6, 0.2]), np.sqrt([0.9, 0.5, 0.1])
    cases = ((few, 2, 0.1), (few, 1, 0.1), (many, 2, 0.3), (many, 2, 0.5), (many, 1, 0.75))
    for values, d, eps in cases:
        error = number_of(call(answer, values, d, eps, takes="values, d, eps"), "the error")
        first, cut, least = values[0], values[d], 1 - eps
        wanted = (first**2 - least**2) / (first**2 - cut**2) if least >= cut else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            if close(error, (first - least) / (first - cut)):
                raise Hint("the formula has squares: s², and (1 − ε)².")
            if close(error, (first**2 - least) / (first**2 - cut**2)):
                raise Hint("1 − ε is to be squared as well.")
            if close(error, (first**2 - least**2) / (first**2 - values[d - 1] ** 2)):
                raise Hint("that is s_d; the first function left out is number d + 1, which is "
                           "values[d].")
        if least < cut and error > 1:
            raise Hint(f"an error above 1 cannot be: f itself has length 1. For ε = {eps} > 1 − "
                       "s_{d+1} a task off all d features is allowed, and the error is 1.")
        if not close(error, wanted):
            raise Hint(f"for s = {np.round(values, 3)}, d = {d}, ε = {eps} it is {wanted:.4f}; "
                       f"yours is {error:.4f}.")
    return "(s₁² − (1 − ε)²)/(s₁² − s_{d+1}²), and 1 beyond its range."


def _check_probe(answer):
    rng = np.random.default_rng(33)
    for n, d in ((6, 2), (9, 3)):
        p = rng.random(n) ** 2
        p, features, f = p / p.sum(), rng.standard_normal((n, d)) + 1, rng.standard_normal(n) + 2
        error = number_of(call(answer, p, features, f, takes="p, features, f"), "the error")

        def left(weights, columns, measure, f=f):
            root = np.sqrt(weights)
            w = np.linalg.lstsq(columns * root[:, None], f * root, rcond=None)[0]
            return measure @ (f - columns @ w) ** 2

        ones, even = np.column_stack([features, np.ones(n)]), np.full(n, 1 / n)
        variance = p @ (f - p @ f) ** 2
        wanted = left(p, ones, p) / variance
        if close(error, left(p, features, p) / variance):
            raise Hint("the probe has an intercept b: add a column of ones, or centre everything.")
        if close(error, left(even, ones, even) / f.var()) or close(
                error, left(even, ones, p) / variance):
            raise Hint("inputs count with P(x): multiply the rows, and f, by √P(x) before lstsq.")
        if close(error, left(p**2, ones, p) / variance):
            raise Hint("multiply the rows by √P(x), not by P(x): lstsq squares what it sums.")
        if close(error, wanted * variance):
            raise Hint("divide by the variance of f(X), so that 1 means nothing was learned.")
        if close(error, 1 - wanted):
            raise Hint("this is the share that is caught; the error is the share that is missed.")
        if not close(error, wanted):
            raise Hint(f"for one case it is {wanted:.4f}, yours gives {error:.4f}.")
    return "Weighted least squares with an intercept: the best linear probe."


def _check_own_task(answer):
    if callable(answer):
        raise Hint("answer must be eight numbers, one for each string 000, 001, … 111.")
    f = array_of(answer, (8,), "the task")
    if not np.isin(f, (-1, 1)).all():
        raise Hint("a yes-or-no task has the values 1 and −1 only.")
    if np.ptp(f) == 0:
        raise Hint("the same answer for every string is not a task.")
    context, (low, high) = cl.gallery.hypercube(0.8, 3), BAND
    rho = cl.compatibility(context, f)
    if low <= rho <= high:
        return f"ρ = {rho:.4f}. Its energy lies on products of different numbers of bits."
    f = f - f.mean()
    image = context.expect(context.expect_adjoint(f))
    if close(image, rho**2 * f):
        raise Hint(f"ρ = {rho:.3f}: this is a product of bits, a singular function; ρ is then one "
                   "of 0.8, 0.64, 0.512. Mix them.")
    if rho > high:
        raise Hint(f"ρ = {rho:.4f} is above {high}: let it depend a little less on single bits.")
    raise Hint(f"ρ = {rho:.4f} is below {low}: let it depend more on single bits.")


EXERCISES = (
    Exercise(
        "ex_03_1", "The compatibility of a task",
        "Set `answer` to a function of a joint table and a task f (one value for each row, mean "
        "not zero) that returns ρ(f), with numpy only.",
        _check_compatibility,
        """
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = f - p @ f
    g = joint.T @ f / q                       # T* f, the average of f given a
    return np.sqrt((q @ g**2) / (p @ f**2))
""",
        {"""
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = f - p @ f
    return q @ (joint.T @ f / q) ** 2 / (p @ f**2)
""": "square root", """
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    return np.sqrt(q @ (joint.T @ f / q) ** 2 / (p @ f**2))
""": "centre f first", """
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = f - f.mean()
    return np.sqrt(q @ (joint.T @ f / q) ** 2 / (p @ f**2))
""": "treats all inputs alike", """
def answer(joint, f):
    p = joint.sum(axis=1)
    f = f - p @ f
    return np.sqrt(p @ (joint @ f / p) ** 2 / (p @ f**2))
""": "T applied to f", """
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = f - p @ f
    return np.linalg.norm(joint.T @ f / q) / np.linalg.norm(f)
""": "need weights",
         "answer = lambda joint, f: joint.T @ f": "one number",
         "answer = lambda joint, f: 0.5": "yours gives 0.5000",
         "answer = 0.5": "must be a function"},
    ),
    Exercise(
        "ex_03_2", "The easiest and the hardest task",
        "Set `answer` to a function of a joint table that returns two tasks, `best, worst`: one of "
        "the largest and one of the smallest compatibility of all that are not constant. Their "
        "means and sizes do not matter.",
        _check_extremes,
        """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u = np.linalg.svd(joint / np.sqrt(np.outer(p, q)), full_matrices=True)[0]
    functions = u / np.sqrt(p)[:, None]       # column 0 is the constant
    return functions[:, 1], functions[:, -1]
""",
        {"""
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u = np.linalg.svd(joint / root - root, full_matrices=False)[0]
    return u[:, 0] / np.sqrt(p), u[:, -1] / np.sqrt(p)
""": "does not count", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u = np.linalg.svd(joint / np.sqrt(np.outer(p, q)))[0]
    return u[:, 1], u[:, -1]
""": "singular vectors of Q", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u = np.linalg.svd(joint / np.sqrt(np.outer(p, q)), full_matrices=False)[0] / np.sqrt(p)[:, None]
    return u[:, 1], u[:, -1]
""": "full_matrices=True", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u = np.linalg.svd(joint / np.sqrt(np.outer(p, q)))[0] / np.sqrt(p)[:, None]
    return u[:, -1], u[:, 1]
""": "other way round", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u = np.linalg.svd(joint / np.sqrt(np.outer(p, q)))[0] / np.sqrt(p)[:, None]
    return u[:, 2], u[:, -1]
""": "It is μ₁",
         "answer = lambda joint: joint[:, 0]": "two tasks",
         "answer = lambda joint: (joint[0], joint[1])": "shape"},
    ),
    Exercise(
        "ex_03_3", "The worst case of the best encoder",
        "Set `answer` to a function of `(values, d, eps)`: all non-constant singular values, "
        "largest first; d < len(values) features; and ε ≥ 1 − s₁. It returns the least worst-case "
        "error over the (1 − ε)-compatible tasks, also where ε is above 1 − s_{d+1}.",
        _check_minimax,
        """
def answer(values, d, eps):
    first, left_out = values[0] ** 2, values[d] ** 2   # values[d] is s_{d+1}
    if 1 - eps < values[d]:
        return 1.0
    return (first - (1 - eps) ** 2) / (first - left_out)
""",
        {"answer = lambda s, d, eps: (s[0] - (1 - eps)) / (s[0] - s[d])": "has squares",
         "answer = lambda s, d, eps: (s[0]**2 - (1 - eps)) / (s[0]**2 - s[d]**2)":
             "squared as well",
         "answer = lambda s, d, eps: (s[0]**2 - (1 - eps)**2) / (s[0]**2 - s[d-1]**2)": "values[d]",
         "answer = lambda s, d, eps: (s[0]**2 - (1 - eps)**2) / (s[0]**2 - s[d]**2)": "above 1",
         "answer = lambda s, d, eps: 0.5": "d = 2",
         "answer = lambda s, d, eps: s": "one number"},
    ),
    Exercise(
        "ex_03_4", "A linear probe on a finite context",
        "Set `answer` to a function of `(p, features, f)`: P(x), an (N, d) encoder, and a task. It "
        "returns the error of the best linear probe with an intercept, min E(w·Φ(X) + b − f(X))², "
        "divided by the variance of f(X).",
        _check_probe,
        """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    root = np.sqrt(p)
    w = np.linalg.lstsq(columns * root[:, None], f * root, rcond=None)[0]
    return p @ (columns @ w - f) ** 2 / (p @ (f - p @ f) ** 2)
""",
        {"""
def answer(p, features, f):
    root = np.sqrt(p)
    w = np.linalg.lstsq(features * root[:, None], f * root, rcond=None)[0]
    return p @ (features @ w - f) ** 2 / (p @ (f - p @ f) ** 2)
""": "intercept", """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    w = np.linalg.lstsq(columns, f, rcond=None)[0]
    return np.mean((columns @ w - f) ** 2) / np.var(f)
""": "count with P(x)", """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    w = np.linalg.lstsq(columns, f, rcond=None)[0]
    return p @ (columns @ w - f) ** 2 / (p @ (f - p @ f) ** 2)
""": "count with P(x)", """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    w = np.linalg.lstsq(columns * p[:, None], f * p, rcond=None)[0]
    return p @ (columns @ w - f) ** 2 / (p @ (f - p @ f) ** 2)
""": "not by P(x)", """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    root = np.sqrt(p)
    w = np.linalg.lstsq(columns * root[:, None], f * root, rcond=None)[0]
    return p @ (columns @ w - f) ** 2
""": "divide by the variance", """
def answer(p, features, f):
    columns = np.column_stack([features, np.ones(len(p))])
    root = np.sqrt(p)
    w = np.linalg.lstsq(columns * root[:, None], f * root, rcond=None)[0]
    return 1 - p @ (columns @ w - f) ** 2 / (p @ (f - p @ f) ** 2)
""": "share that is caught",
         "answer = lambda p, features, f: 0.5": "yours gives",
         "answer = lambda p, features, f: f": "one number"},
    ),
    Exercise(
        "ex_03_5", "A question of medium difficulty",
        "The context is `cl.gallery.hypercube(0.8, 3)`: three fair bits, and A is a noisy copy. "
        "Single bits have ρ = 0.8, products of two 0.64, parity 0.512. Find a yes-or-no task, "
        f"eight values 1 or −1 for 000, 001, … 111, with {BAND[0]:.2f} ≤ ρ ≤ {BAND[1]:.2f}. "
        "Set `answer` to it.",
        _check_own_task,
        "answer = [-1, -1, -1, 1, -1, 1, 1, 1]   # the majority of the three bits",
        {"answer = [-1] * 4 + [1] * 4": "a product of bits",
         "answer = [1, -1, -1, 1, -1, 1, 1, -1]": "a product of bits",
         "answer = [-1] * 6 + [1] * 2": "above 0.75",
         "answer = [1] + [-1] * 7": "below 0.7",
         "answer = [1] * 8": "not a task",
         "answer = [0, 1, 1, 2, 1, 2, 2, 3]": "1 and −1 only",
         "answer = [1, -1]": "shape",
         "answer = lambda x: x": "eight numbers"},
    ),
)
