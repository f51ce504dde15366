"""Exercises of notebook 07: mixing contexts."""

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    shape_of,
)

BITS = np.array([[x >> shift & 1 for shift in (2, 1, 0)] for x in range(8)])
TASK = BITS[:, 0] + BITS[:, 1]


def _pairs(seed, same_law):
    """Two joint tables: of (X, A) and (X, B) with one law of X, or of (X, A) and (A', B)."""
    rng = np.random.default_rng(seed)
    for n, m, k in ((4, 3, 5), (5, 4, 4), (4, 4, 4)):
        first = rng.random((n, m)) ** 2
        first /= first.sum()
        second = rng.random((n if same_law else m, k)) ** 2
        law = first.sum(axis=1) if same_law else rng.random(m) + 0.2
        second *= (law / law.sum() / second.sum(axis=1))[:, None]
        yield first, second


def _check_chain(answer):
    for first, second in _pairs(71, same_law=False):
        shape = (len(first), second.shape[1])
        found = array_of(call(answer, first, second, takes="first, second"), shape, "the joint")
        wanted = first @ (second / second.sum(axis=1)[:, None])
        if close(found, first @ second) or close(found, first @ second / (first @ second).sum()):
            raise Hint("the second table must be a channel, P(b|a): divide its rows by their sums. "
                       "A joint brings its own law of A along.")
        if close(found, wanted / first.sum(axis=1)[:, None]):
            raise Hint("that is P(b|x), the channel of the chain; the joint is P(x, b).")
        if close(found, first @ (second / second.sum(axis=0))):
            raise Hint("you divided by P(b); P(b|a) has rows that sum to 1.")
        if close(found, np.outer(first.sum(axis=1), second.sum(axis=0))):
            raise Hint("that makes X and B independent; A carries something on.")
        if not close(found, wanted):
            raise Hint("P(x, b) = Σ_a P(x, a) P(b|a), with P(b|a) from the second table: one "
                       "division and one matrix product.")
    return "T = T₁ T₂, and no singular value can be larger than in either factor."


def _check_revealed(answer):
    for first, second in _pairs(72, same_law=True):
        share, shape = 0.3, (len(first), first.shape[1] + second.shape[1])
        found = call(answer, first, second, share, takes="first, second, share")
        same = first.shape == second.shape
        if same and close(found, share * first + (1 - share) * second):
            raise Hint("that hides which context was drawn, and merges values that only share a "
                       "column. Revealed, each context keeps columns of its own.")
        if same and close(found, np.vstack([share * first, (1 - share) * second])):
            raise Hint("side by side, not one below the other: the inputs are the same.")
        try:
            found = array_of(found, shape, "the joint")
        except Hint as hint:
            raise Hint(f"{hint} Which of the contexts was drawn is part of A: M₁ + M₂ "
                       "columns.") from None
        if close(found, np.hstack([first, second])):
            raise Hint("your table sums to 2; each context is drawn with a probability.")
        if close(found, np.hstack([first, second]) / 2):
            raise Hint("use the share: the first is drawn with probability share, not ½.")
        if close(found, np.hstack([(1 - share) * first, share * second])):
            raise Hint("the share belongs to the first context.")
        if close(found, np.hstack([share * first, (1 - share) * second])
                 / first.sum(axis=1)[:, None]):
            raise Hint("that is P(a|x); the joint sums to 1.")
        if not close(found, np.hstack([share * first, (1 - share) * second])):
            raise Hint("P(x, (1, a)) = share · P₁(x, a) and P(x, (2, b)) = (1 − share) · P₂(x, b), "
                       "first the columns of the first context.")
    return "The dual kernels mix, k = w k₁ + (1 − w) k₂, and Σ s² is the average of both."


def _check_together(answer):
    for first, second in _pairs(73, same_law=True):
        n, m, k = *first.shape, second.shape[1]
        found = call(answer, first, second, takes="first, second")
        p = first.sum(axis=1)
        product = first[:, :, None] * second[:, None, :]
        wanted = product / p[:, None, None]
        if shape_of(found) == (n, m, k):
            raise Hint(f"one column for each pair, please: reshape to ({n}, {m * k}).")
        if shape_of(found) == (n * n, m * k):
            raise Hint("np.kron pairs the inputs as well; both contexts look at the same x. Take "
                       "products within a row.")
        found = array_of(found, (n, m * k), "the joint")
        if close(found, product.reshape(n, -1)):
            raise Hint("P(x) is in both tables, so yours has it squared, and does not sum to 1: "
                       "divide by it once.")
        if close(found, product.reshape(n, -1) / product.sum()):
            raise Hint("it sums to 1, but the law of X has become P(x)². Divide each row by P(x).")
        if close(found, wanted.reshape(n, -1) / p[:, None]):
            raise Hint("that is P(a, b|x); the joint has P(x) in it, once.")
        if close(found, wanted.transpose(0, 2, 1).reshape(n, -1)):
            raise Hint("right cells, other order: (a₁, b₁), (a₁, b₂), … , so b runs faster.")
        if not close(found, wanted.reshape(n, -1)):
            raise Hint("given x the two are independent: P(x, a, b) = P(x) P(a|x) P(b|x) = "
                       "P₁(x, a) P₂(x, b) / P(x).")
    return "Each s_i is at least as large as in either part: two looks tell more than one."


def _check_rates(answer):
    for keep, r in ((0.5, 3), (0.9, 2), (0.2, 4), (0.7, 1)):
        found = call(answer, keep, r, takes="keep, r")
        chained, copied = keep**r, 1 - (1 - keep) ** r
        wanted = np.array([chained, copied])
        found = array_of(found, (2,), "the answer, (in a row, side by side),")
        if close(found, wanted):
            continue
        if close(found, wanted[::-1]):
            raise Hint("the other way round: in a row everything must come through each time, side "
                       "by side once is enough.")
        if close(found, np.sqrt(wanted)):
            raise Hint("these are the singular values, √(keep rate); give the keep rates.")
        if close(found, [keep / r, r * keep]) or close(found[1], r * keep):
            raise Hint(f"r · keep would be {r * keep:g} here. What is the probability that all r "
                       "observations are erased?")
        if close(found[1], (1 - keep) ** r):
            raise Hint("that is the probability that X is never shown.")
        if close(found[0], 1 - (1 - keep) ** r) or close(found[0], keep):
            raise Hint("in a row, X must be kept by the first erasure and by the second and …")
        raise Hint(f"for keep = {keep:g} and r = {r} they are {np.round(wanted, 4).tolist()}, "
                   f"yours {np.round(found, 4).tolist()}. Count the ways to lose X.")
    return "Convolution takes s² = k to k^r, concatenation to 1 − (1 − k)^r: two strength dials."


def _error(context):
    """Share of the task's variance that a probe on μ₁, μ₂ misses, under a uniform law."""
    f = TASK - TASK.mean()
    rank = min(context.shape) - 1
    mu = cl.singular_system(context, min(2, rank)).left if rank else np.zeros((8, 0))
    return 1 - np.sum((mu.T @ f / 8) ** 2) / np.mean(f**2)


def _contexts(answer):
    try:
        tables = [np.asarray(table, dtype=float) for table in answer]
    except (TypeError, ValueError):
        raise Hint("answer must be two joint tables, (first, second).") from None
    if len(tables) != 2:
        raise Hint(f"answer must be two joint tables, (first, second); yours has {len(tables)}.")
    for name, table in zip(("first", "second"), tables):
        if table.ndim != 2 or len(table) != 8 or not 1 <= table.shape[1] <= 64:
            raise Hint(f"the {name} table has shape {table.shape}; it must be (8, M), a row for "
                       "each input, M at most 64.")
        if not np.isfinite(table).all() or (table < 0).any():
            raise Hint(f"the {name} table must hold finite numbers >= 0.")
        if not close(table.sum(axis=1), np.full(8, 1 / 8)):
            raise Hint(f"each row of the {name} table must sum to 1/8: X is uniform.")
    return [cl.Context.from_counts(table, drop_empty=True) for table in tables]


def _check_better(answer):
    contexts = _contexts(answer)
    mixed = cl.convex_combination(contexts, [0.5, 0.5])
    errors = [_error(context) for context in contexts]
    best, together = min(errors), _error(mixed)
    report = f"the errors are {errors[0]:.3f} and {errors[1]:.3f}, that of the mix {together:.3f}"
    if best < 1e-6:
        raise Hint(f"one of your contexts solves the task alone: {report}. Give each only a part "
                   "of what the task needs.")
    if together > best - 1e-9:
        raise Hint(f"{report}: no better than the better part. The task is the sum of two bits; "
                   "what should the first context show, and what the second?")
    if together > best / 2:
        raise Hint(f"{report}: better than both, but not by half yet.")
    return (f"{report}. Neither part has both functions that the task needs among its first two; "
            "the mix does.")


def _better_source(first="BITS[:, 0]", second="BITS[:, 1]"):
    return f"""
x = np.arange(8)
BITS = np.column_stack([x // 4, x // 2 % 2, x % 2])
show = lambda label: (label[:, None] == np.unique(label)) / 8
answer = show({first}), show({second})
"""


_CHANNEL = "second / second.sum(axis=1, keepdims=True)"

EXERCISES = (
    Exercise(
        "ex_07_1", "A chain of contexts",
        "Two joint tables are given, the first of (X, A), (N, M), the second (M, K), of a context "
        "on the values of A. Set `answer` to a function of `(first, second)` that returns the "
        "joint of the chain X → A → B, where b is drawn given a as in the second table. The second "
        "table was made under another law of A. numpy only.",
        _check_chain,
        f"answer = lambda first, second: first @ ({_CHANNEL})",
        {"answer = lambda first, second: first @ second": "must be a channel",
         "answer = lambda first, second: first @ second / (first @ second).sum()":
             "must be a channel",
         f"answer = lambda first, second: first / first.sum(1, keepdims=True) @ ({_CHANNEL})":
             "that is P(b|x)",
         "answer = lambda first, second: first @ (second / second.sum(axis=0))":
             "divided by P(b)",
         "answer = lambda first, second: np.outer(first.sum(1), second.sum(0))": "independent",
         f"answer = lambda first, second: first**2 @ ({_CHANNEL})": "one matrix product",
         "answer = lambda first, second: first": "shape"},
    ),
    Exercise(
        "ex_07_2", "A mixture that says what it is",
        "Two joint tables on the same inputs, (N, M₁) and (N, M₂), with the same P(x). With "
        "probability `share` A is drawn from the first, else from the second, and A says from "
        "which. Set `answer` to a function of `(first, second, share)` that returns the joint, "
        "the columns of the first context first. numpy only.",
        _check_revealed,
        "answer = lambda first, second, share: np.hstack([share * first, (1 - share) * second])",
        {"answer = lambda a, b, w: np.hstack([a, b])": "sums to 2",
         "answer = lambda a, b, w: np.hstack([a, b]) / 2": "not ½",
         "answer = lambda a, b, w: np.hstack([(1 - w) * a, w * b])": "belongs to the first",
         "answer = lambda a, b, w: np.hstack([w * a, (1 - w) * b]) / a.sum(1)[:, None]":
             "that is P(a|x)",
         "answer = lambda a, b, w: np.hstack([(1 - w) * b, w * a])": "first the columns",
         "answer = lambda a, b, w: w * a": "M₁ + M₂",
         "answer = lambda a, b, w: w * a + (1 - w) * b if a.shape == b.shape else "
         "np.hstack([w * a, (1 - w) * b])": "hides which context",
         "answer = lambda a, b, w: np.vstack([w * a, (1 - w) * b]) if a.shape == b.shape else "
         "np.hstack([w * a, (1 - w) * b])": "one below the other"},
    ),
    Exercise(
        "ex_07_3", "Two looks at one input",
        "Two joint tables on the same inputs, (N, M₁) and (N, M₂), with the same P(x). A = (A₁, "
        "A₂): both are observed, independent of each other given x. Set `answer` to a function of "
        "`(first, second)` that returns the joint, (N, M₁ M₂), columns in the order (a₁, b₁), (a₁, "
        "b₂), …, so that b runs faster. numpy only.",
        _check_together,
        """
def answer(first, second):
    p = first.sum(axis=1)
    return (first[:, :, None] * second[:, None, :] / p[:, None, None]).reshape(len(p), -1)
""",
        {"answer = np.kron": "pairs the inputs as well",
         "answer = lambda a, b: a[:, :, None] * b[:, None, :]": "one column for each pair",
         "answer = lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)": "squared",
         """
def answer(a, b):
    product = (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)
    return product / product.sum()
""": "P(x)²",
         "answer = lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(a), -1) / "
         "a.sum(1)[:, None]**2": "that is P(a, b|x)",
         "answer = lambda a, b: (b[:, :, None] * a[:, None, :]).reshape(len(a), -1) / "
         "a.sum(1)[:, None]": "other order",
         "answer = lambda a, b: np.hstack([a, b])": "shape",
         "answer = lambda a, b: np.ones((len(a), a.shape[1] * b.shape[1]))": "P(x) P(a|x) P(b|x)"},
    ),
    Exercise(
        "ex_07_4", "r erasures",
        "An erasure shows X with probability `keep`, and else '?'. Predict what r of them keep: "
        "set `answer` to a function of `(keep, r)` that returns `(in a row, side by side)`, the "
        "probability that X is shown at the end of a chain of r erasures, and that at least one "
        "of r independent erasures of the same X shows it.",
        _check_rates,
        "answer = lambda keep, r: (keep**r, 1 - (1 - keep)**r)",
        {"answer = lambda keep, r: (1 - (1 - keep)**r, keep**r)": "other way round",
         "answer = lambda k, r: (k**(r / 2), (1 - (1 - k)**r)**0.5)": "give the keep rates",
         "answer = lambda keep, r: (keep**r, r * keep)": "all r observations",
         "answer = lambda keep, r: (keep**r, (1 - keep)**r)": "never shown",
         "answer = lambda keep, r: (keep, 1 - (1 - keep)**r)": "and by the second",
         "answer = lambda keep, r: (keep**r, keep**(1 / r))": "ways to lose X",
         "answer = lambda keep, r: keep**r": "in a row, side by side"},
    ),
    Exercise(
        "ex_07_5", "A mix that beats both",
        "X is one of 0 … 7, uniform, three bits: x = 4 b₁ + 2 b₂ + b₃; the task is f(x) = b₁ + b₂. "
        "Invent two contexts so that a probe on the first two singular functions of their revealed "
        "mix (½ each) makes at most half the error that the better one of the two makes. Set "
        "`answer` to their joint tables, `(first, second)`, of shapes (8, M₁) and (8, M₂), each "
        "row summing to 1/8.",
        _check_better,
        _better_source(),
        {_better_source(second="BITS[:, 0]"): "no better than the better part",
         _better_source(first="BITS[:, 0] + BITS[:, 1]"): "solves the task alone",
         "answer = np.eye(8), np.eye(8)": "sum to 1/8",
         "answer = np.eye(8) / 8": "yours has 8",
         "answer = np.eye(4) / 4, np.eye(4) / 4": "it must be (8, M)",
         "answer = np.eye(8) / 8, -np.eye(8) / 8": ">= 0",
         "answer = lambda x: x": "two joint tables"},
    ),
)
