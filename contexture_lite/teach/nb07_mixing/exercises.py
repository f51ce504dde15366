"""Exercises of notebook 07: mixing contexts."""

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.nb07_mixing import halves
from contexture_lite.teach.widgets.exercises import Exercise, Hint, close, compared, refuse

BITS = np.array([[x >> shift & 1 for shift in (2, 1, 0)] for x in range(8)])
TASK = BITS[:, 0] + BITS[:, 1]


def _pairs(seed, same_inputs):
    """Two joint tables: of (X, A) and (X, B) with the same P(x), or of (X, A) and (A', B)."""
    rng = np.random.default_rng(seed)
    for n, m, k in ((4, 3, 5), (5, 4, 4), (4, 4, 4)):
        first = rng.random((n, m)) ** 2
        first /= first.sum()
        second = rng.random((n if same_inputs else m, k)) ** 2
        weights = first.sum(axis=1) if same_inputs else rng.random(m) + 0.2
        second *= (weights / weights.sum() / second.sum(axis=1))[:, None]
        yield first, second


def _error(context):
    """Share of the task's variance that a probe on μ₁, μ₂ misses; X is uniform."""
    f = TASK - TASK.mean()
    rank = min(context.shape) - 1
    mu = cl.singular_system(context, min(2, rank)).left if rank else np.zeros((8, 0))
    return 1 - np.sum((mu.T @ f / 8) ** 2) / np.mean(f**2)


def _contexts(answer):
    try:
        tables = [np.asarray(table, dtype=float) for table in answer]
    except (TypeError, ValueError):
        raise Hint("answer must be two joint tables, (first, second).") from None
    refuse(len(tables) != 2, "answer must be two joint tables, (first, second); yours has "
           f"{len(tables)}.")
    for name, table in zip(("first", "second"), tables):
        refuse(table.ndim != 2 or len(table) != 8 or not 1 <= table.shape[1] <= 64,
               f"the {name} table has shape {table.shape}; it must be (8, M), a row for each "
               "input, M at most 64.")
        refuse(not np.isfinite(table).all() or (table < 0).any(), f"the {name} table must hold "
               "finite numbers >= 0.")
        refuse(not close(table.sum(axis=1), np.full(8, 1 / 8)), f"each row of the {name} table "
               "must sum to 1/8: X is uniform.")
    return [cl.Context.from_counts(table, drop_empty=True) for table in tables]


def _check_better(answer):
    contexts = _contexts(answer)
    mixed = cl.convex_combination(contexts, [0.5, 0.5])
    errors = [_error(context) for context in contexts]
    best, together = min(errors), _error(mixed)
    report = f"the errors are {errors[0]:.3f} and {errors[1]:.3f}, that of the mix {together:.3f}"
    refuse(best < 1e-6, f"one of your contexts solves the task alone: {report}. Give each only a "
           "part of what the task needs.")
    refuse(together > best - 1e-9, f"{report}: no better than the better part. The task is the sum "
           "of two bits; what should the first context show, and what the second?")
    refuse(together > best / 2, f"{report}: better than both, but not by half yet.")
    return (f"{report}. Neither part has both functions that the task needs among its first two; "
            "the mix does.")


def _check_neighbours(answer):
    try:
        given = tuple(answer)
        left, right = map(int, given)
    except (TypeError, ValueError):
        raise Hint("answer must be two whole numbers, (left, right).") from None
    refuse((left, right) != given or not 1 <= min(left, right) <= max(left, right) <= 600,
           f"answer is ({given[0]}, {given[1]}); both must be whole numbers from 1 to 600, the "
           "number of pictures.")
    mix = cl.convex_combination(halves.parts(left, right), [0.5, 0.5])
    error = halves.misclassified(mix, 60)
    refuse(error >= 0.19, f"with {left} and {right} neighbours {100 * error:.0f} % are "
           "misclassified. So few labels want smooth functions: are your contexts weak enough, "
           "and do they still tell the digits apart?")
    return (f"with {left} and {right} neighbours {100 * error:.0f} % are misclassified. Few labels "
            "want weaker contexts than many; and you have chosen by the test digits, so expect a "
            "little less elsewhere.")


def _check_labels(answer):
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)) \
            or answer not in range(100, 601, 100):
        raise Hint("answer must be one of 100, 200, …, 600.")
    refuse(answer != halves.overtakes(), f"with {answer} labels, one drawn at random "
               + ("still misclassifies fewer." if answer < halves.overtakes() else
                  "was overtaken before.") + " Is d at the end of the repeated value s = 1?")
    return (f"only with {answer} labels, one for each picture that makes the contexts. The 311 "
            "functions that tell its 312 pieces apart are all needed, and each "
            "piece needs a label of its own.")


EXERCISES = (
    compared(
        "ex_07_1", "A chain of contexts",
        "Two joint tables are given, the first of (X, A), (N, M), the second (M, K), of a context "
        "on the values of A. Set `answer` to a function of `(first, second)` that returns the "
        "joint of the chain X → A → B, where b is drawn given a as in the second table. The second "
        "table was made under another distribution of A. numpy only.",
        "answer = lambda first, second: first @ (second / second.sum(axis=1, keepdims=True))",
        takes="first, second", what="the joint", cases=lambda: _pairs(71, same_inputs=False),
        mistakes={
            ("first @ second", "first @ second / (first @ second).sum()"):
                "the second table must be a channel, P(b|a): divide its rows by their sums. A "
                "joint brings its own distribution of A along.",
            ": first → : first / first.sum(axis=1, keepdims=True)":
                "that is P(b|x), the channel of the chain; the joint is P(x, b).",
            "axis=1, keepdims=True → axis=0": "you divided by P(b); P(b|a) has rows that sum to 1.",
            "np.outer(first.sum(axis=1), second.sum(axis=0))":
                "that makes X and B independent; A carries something on.",
        },
        otherwise="P(x, b) = Σ_a P(x, a) P(b|a), with P(b|a) from the second table: one division "
                  "and one matrix product.",
        right="T = T₁ T₂, and no singular value can be larger than in either factor.",
    ),
    Exercise(
        "ex_07_2", "Two numbers of neighbours",
        "With 8 neighbours by the left half of a digit and 8 by the right one, one look drawn at "
        "random and 60 labels, 22 % of the unseen digits are misclassified. Do better: set "
        "`answer` to `(left, right)`, two numbers of neighbours for which fewer than 19 % are. Use "
        "`cl.knn_context` and `error` as above; the two numbers need not be equal.",
        _check_neighbours, "answer = 40, 15",
    ),
    Exercise(
        "ex_07_3", "When observing both pays",
        "With 3 neighbours: with how many labels does observing both halves first misclassify "
        "fewer digits than drawing one of them? Try 100, 200, 300, …, 600 labels and set `answer` "
        "to the number.",
        _check_labels, "answer = 600",
    ),
    compared(
        "ex_07_4", "r erasures",
        "An erasure shows X with probability `keep`, and else '?'. Predict what r of them keep: "
        "set `answer` to a function of `(keep, r)` that returns `(in a row, side by side)`, the "
        "probability that X is shown at the end of a chain of r erasures, and that at least one "
        "of r independent erasures of the same X shows it.",
        "answer = lambda keep, r: (keep**r, 1 - (1 - keep)**r)",
        takes="keep, r", what="the answer, (in a row, side by side),",
        cases=lambda: ((0.5, 3), (0.9, 2), (0.2, 4), (0.7, 1)),
        mistakes={
            "(1 - (1 - keep)**r, keep**r)": "the other way round: in a row everything must come "
                                            "through each time, side by side once is enough.",
            "(keep**(r / 2), (1 - (1 - keep)**r)**0.5)":
                "these are the singular values, √(keep rate); give the keep rates.",
            "(..., r * keep)": lambda wanted, _, keep, r: (
                f"r · keep would be {r * keep:g} here. What is the probability that all r "
                "observations are erased?"),
            "(..., (1 - keep)**r)": "that is the probability that X is never shown.",
            ("(1 - (1 - keep)**r, ...)", "(keep, ...)"):
                "in a row, X must be kept by the first erasure and by the second and …",
        },
        otherwise=lambda wanted, result, keep, r: (
            f"for keep = {keep:g} and r = {r} they are {np.round(wanted, 4).tolist()}, yours "
            f"{np.round(result, 4).tolist()}. Count the ways to lose X."),
        right="Convolution takes s² = k to k^r, concatenation to 1 − (1 − k)^r: two strength "
              "dials.",
    ),
    Exercise(
        "ex_07_5", "A mix that beats both",
        "X is one of 0 … 7, uniform, three bits: x = 4 b₁ + 2 b₂ + b₃; the task is f(x) = b₁ + b₂. "
        "Invent two contexts so that a probe on the first two singular functions of their revealed "
        "mix (½ each) makes at most half the error that the better one of the two makes. Set "
        "`answer` to their joint tables, `(first, second)`, of shapes (8, M₁) and (8, M₂), each "
        "row summing to 1/8.",
        _check_better,
        """
x = np.arange(8)
BITS = np.column_stack([x // 4, x // 2 % 2, x % 2])
show = lambda label: (label[:, None] == np.unique(label)) / 8
answer = show(BITS[:, 0]), show(BITS[:, 1])
""",
    ),
)
