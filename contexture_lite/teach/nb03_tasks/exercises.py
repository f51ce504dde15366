"""Exercises of notebook 03: which tasks become easy."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    compared,
    random_joints,
    refuse,
    with_functions,
)

BAND = (0.69, 0.75)
FIRST, SHARE = 1000, 0.7  # the digits of the experiment, and what is to be caught


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
            refuse(np.ptp(f) < 1e-6 * np.abs(f).max(initial=1e-300), f"your {name} compatible task "
                   "is constant. √p is a singular vector too, with s = 0 once it is deflated: "
                   "that one does not count.")
        high, low = (cl.compatibility(context, f) ** 2 for f in (best, worst))
        refuse(high < low, "the other way round: first the most compatible, then the least.")
        u = np.linalg.svd(context.matrix())[0]
        refuse(close(abs(u[:, 1] @ best), np.linalg.norm(best)), "these are singular vectors of Q; "
               "the functions are μ = u/√p.")
        refuse(high < squared[0] - 1e-6, f"the most compatible task has ρ² = {squared[0]:.4f} "
               f"here, yours {high:.4f}. It is μ₁.")
        refuse(low > squared[-1] + 1e-6, f"there is a task with ρ² = {squared[-1]:.4f} here, yours "
               f"has {low:.4f}. With more inputs than context values, some tasks leave no trace "
               "in A: ask the SVD for all left vectors (full_matrices=True).")
    return "μ₁ is the easiest task, and the last left function the hardest."


@cache
def _ten_tasks():
    """ρ (10,) of the tasks "is it a k?", and what 1, 2, … 64 functions miss of each, (64, 10)."""
    digits = cl.datasets.digits()
    context = cl.knn_context(digits.X[:FIRST], k=15)
    tasks = (digits.y[:FIRST, None] == np.arange(10)).astype(float)
    tasks = (tasks - tasks.mean(axis=0)) / tasks.std(axis=0)
    caught = (cl.singular_system(context, 64).left.T @ tasks / FIRST) ** 2
    return cl.compatibility(context, tasks), 1 - np.cumsum(caught, axis=0)


def _check_experiment(answer):
    try:
        digit, d = answer
        digit, d = int(digit), int(d)
    except (TypeError, ValueError):
        raise Hint("answer must be two whole numbers: (digit, d).") from None
    rho, missed = _ten_tasks()
    hardest = int(rho.argmin())
    refuse(digit == rho.argmax(), f"the {digit} has the largest compatibility, {rho[digit]:.3f}; "
           "the smallest is asked for.")
    refuse(digit != hardest, f"\"is it a {digit}?\" has ρ = {rho[digit]:.3f}; another digit has "
           "less. `cl.compatibility` takes ten columns at once.")
    needed = 1 + int(np.argmax(missed[:, hardest] <= 1 - SHARE))
    if d == needed:
        return f"ρ = {rho[hardest]:.3f}; {d} functions catch {1 - missed[d - 1, hardest]:.2f}."
    if d == needed - 1:
        raise Hint(f"{d} functions catch {1 - missed[d - 1, hardest]:.3f}: not quite. (Is it the "
                   "index of the first that is enough, counted from 0?)")
    said = f"{d} functions catch {1 - missed[d - 1, hardest]:.3f}" if 1 <= d <= 64 else f"not {d}"
    raise Hint(f"{said}; the smallest d with at least {SHARE} is asked for. What μ_i catches of a "
               "task of mean 0 and variance 1 is E[f μ_i]².")


def _check_own_task(answer):
    refuse(callable(answer), "answer must be eight numbers, one for each string 000, 001, … 111.")
    f = array_of(answer, (8,), "the task")
    refuse(not np.isin(f, (-1, 1)).all(), "a yes-or-no task has the values 1 and −1 only.")
    refuse(np.ptp(f) == 0, "the same answer for every string is not a task.")
    context, (low, high) = cl.gallery.hypercube(0.8, 3), BAND
    rho = cl.compatibility(context, f)
    if low <= rho <= high:
        return f"ρ = {rho:.4f}. Its energy lies on products of different numbers of bits."
    f = f - f.mean()
    image = context.expect(context.expect_adjoint(f))
    refuse(close(image, rho**2 * f), f"ρ = {rho:.3f}: this is a product of bits, a singular "
           "function; ρ is then one of 0.8, 0.64, 0.512. Mix them.")
    refuse(rho > high,
           f"ρ = {rho:.4f} is above {high}: let it depend a little less on single bits.")
    raise Hint(f"ρ = {rho:.4f} is below {low}: let it depend more on single bits.")


EXERCISES = (
    compared(
        "ex_03_1", "The compatibility of a task",
        "Set `answer` to a function of a joint table and a task f (one value for each row, mean "
        "not zero) that returns ρ(f), with numpy only.",
        """
def answer(joint, f):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    f = f - p @ f
    g = joint.T @ f / q                       # T* f, the average of f given a
    return np.sqrt((q @ g**2) / (p @ f**2))
""",
        takes="joint, f", what="the compatibility", cases=lambda: with_functions(31, 0),
        mistakes={
            "np.sqrt → ": "this is ρ²; take the square root.",
            "f - p @ f → f":
                "centre f first: a constant is predicted perfectly and hides the rest.",
            "f - p @ f → f - f.mean()":
                "f.mean() treats all inputs alike; the mean of f(X) has the weights P(x).",
            "g = joint.T @ f / q → q, g = p, joint @ f / p":
                "this is T applied to f. f is a function of x, so average it given a: T*.",
            "(q @ g**2) / (p @ f**2) → np.sum(g**2) / np.sum(f**2)":
                "the lengths need weights: ‖f‖² = E[f(X)²] and ‖g‖² = E[g(A)²].",
        },
        otherwise=lambda wanted, rho, joint, f: (
            f"for one table it is {wanted:.4f}, yours gives {rho:.4f}. Centre f, take its average "
            "given a, and divide the lengths: after by before."),
        right="ρ is the share of its length that a task keeps when it is averaged given A.",
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
        takes="joint",
    ),
    Exercise(
        "ex_03_3", "The hardest digit",
        "An experiment. The context is `cl.knn_context(digits.X[:1000], k=15)`, with `digits = "
        "cl.datasets.digits()`, and there are ten tasks, \"is it a k?\". Which digit's task has "
        "the smallest compatibility, and how many singular functions are needed to catch at least "
        f"{SHARE} of its variance on these images? Set `answer = (digit, d)`.",
        _check_experiment,
        """
digits = cl.datasets.digits()
context = cl.knn_context(digits.X[:1000], k=15)
tasks = (digits.y[:1000, None] == np.arange(10)).astype(float)
digit = int(np.argmin(cl.compatibility(context, tasks)))
f = tasks[:, digit]
f = (f - f.mean()) / f.std()
functions = cl.singular_system(context, 64).left
caught = np.cumsum((functions.T @ f / 1000) ** 2)
answer = (digit, 1 + int(np.argmax(caught >= 0.7)))
""",
    ),
    Exercise(
        "ex_03_4", "A question of medium difficulty",
        "The context is `cl.gallery.hypercube(0.8, 3)`: three fair bits, and A is a noisy copy. "
        "Single bits have ρ = 0.8, products of two 0.64, parity 0.512. Find a yes-or-no task, "
        f"eight values 1 or −1 for 000, 001, … 111, with {BAND[0]:.2f} ≤ ρ ≤ {BAND[1]:.2f}. "
        "Set `answer` to it.",
        _check_own_task,
        "answer = [-1, -1, -1, 1, -1, 1, 1, 1]   # the majority of the three bits",
    ),
)
