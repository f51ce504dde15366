"""Exercises of notebook 06: association strength."""

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

LARGEST_VALUE, SMALL_TAU, MOST = 0.1, 1.2, 20


def _tau(squares, beta, d0, shift=1):
    """τ_1 … τ_{d₀} with s_{d+shift} in the first term."""
    padded = np.r_[squares, np.zeros(d0 + 1)]
    cost = np.cumsum(padded[:d0]) / padded[:d0].sum()
    return 1 / (1 - padded[shift:d0 + shift]) + beta * cost


def _check_curve(answer):
    for values, beta, d0 in (([0.9, 0.7, 0.4, 0.1], 1.5, 3), ([0.8, 0.5], 0.5, 4)):
        s = np.array(values)
        found = call(answer, s, beta, d0, takes="values, beta, d0")
        wanted = _tau(s**2, beta, d0)
        from_zero = np.r_[1 / (1 - s[0] ** 2), wanted]
        if close(found, from_zero) or close(found, from_zero[:-1]):
            raise Hint("d = 0 is among your values. It must not be: without features a context "
                       "that knows nothing would score best, 1/(1 − 0) = 1.")
        if shape_of(found) == (len(s),) != (d0,):
            raise Hint(f"d runs from 1 to d0 = {d0}, whatever the number of values; beyond the "
                       "last value s is 0.")
        found = array_of(found, (d0,), "the curve")
        if close(found, _tau(s**2, beta, d0, shift=0)):
            raise Hint("the first term has s_{d+1}, the first value that is left out; yours has "
                       "s_d. Python counts from 0: s_{d+1} is values[d].")
        if close(found, _tau(s, beta, d0)):
            raise Hint("these are s where s² belongs, in both terms.")
        if close(found, _tau(s**2, 1.0, d0)):
            raise Hint("β is missing before the second term.")
        if d0 < len(s) and close(found, wanted - _tau(s**2, beta, d0) + 1 / (
                1 - s[1:d0 + 1] ** 2) + beta * np.cumsum(s[:d0] ** 2) / np.sum(s**2)):
            raise Hint("the sum below goes up to i = d0, not over all values.")
        if not close(found, wanted):
            raise Hint(f"for s = {values}, β = {beta:g} and d0 = {d0} it is "
                       f"{np.round(wanted, 4).tolist()}, yours is {np.round(found, 4).tolist()}. "
                       "Append zeros, square, then one term after the other.")
    return "τ is the smallest of these. At d = rank the first term is 1 and the second is β."


def _values(joint):
    root = np.sqrt(np.outer(joint.sum(axis=1), joint.sum(axis=0)))
    return np.linalg.svd(joint / root - root, compute_uv=False)


def _participation(weights):
    return np.sum(weights) ** 2 / np.sum(weights**2)


def _check_rank(answer):
    for joint in random_joints():
        found = number_of(call(answer, joint, takes="joint"), "the effective rank")
        s = _values(joint)
        wanted = _participation(s**2)
        if close(found, _participation(np.r_[1, s**2])):
            raise Hint("the constant is counted, s₀ = 1: remove it first, or leave out the first "
                       "singular value.")
        if close(found, _participation(s)):
            raise Hint("the weights are s², not s: (Σ s²)² / Σ s⁴.")
        if close(found, 1 / wanted):
            raise Hint("upside down: k equal values should give k.")
        if close(found, np.sum(s**2) / np.sum(s**4)):
            raise Hint("the sum above is squared.")
        if close(found, np.linalg.matrix_rank(joint)) or close(found, np.sum(s > 1e-9)):
            raise Hint("that is the rank, which counts a tiny value like a large one.")
        if close(found, _participation(np.linalg.svd(joint, compute_uv=False) ** 2)):
            raise Hint("these are the singular values of the bare table. The s_i are those of "
                       "P / √(p q), without the constant.")
        if not close(found, wanted):
            raise Hint(f"for one table it is {wanted:.4f}, yours gives {found:.4f}. Take the s_i "
                       "of P / √(p q) − √(p q), then (Σ s²)² / Σ s⁴.")
    return "Three equal values have effective rank 3, one that outshines the others nearly 1."


def _check_perplexity(answer):
    rng = np.random.default_rng(63)
    for shape in ((5, 6), (4, 4)):
        table = rng.random(shape) ** 3 * (rng.random(shape) < 0.7) + np.eye(*shape)
        table, m = table / table.sum(axis=1, keepdims=True), shape[1]
        found = call(answer, table, takes="rows")
        if isinstance(found, (float, np.floating)) and np.isnan(found):
            raise Hint("NaN: a cell of probability 0 adds nothing, but 0 · log 0 is NaN in numpy. "
                       "Use only the cells above 0, or scipy.special.xlogy.")
        with np.errstate(all="ignore"):
            entropy = -np.sum(np.where(table > 0, table * np.log(table), 0), axis=1)
        wanted = np.mean(np.exp(entropy)) / m
        if close(found, np.exp(entropy)) or close(found, np.exp(entropy) / m):
            raise Hint("that is one number a row; take their mean.")
        found = number_of(found, "the effective share")
        if close(found, wanted * m):
            raise Hint("right as a number of context values; divide by how many there are.")
        if close(found, np.exp(entropy.mean()) / m):
            raise Hint("first exp, row by row, then the mean.")
        if close(found, entropy.mean()) or close(found, entropy.mean() / m):
            raise Hint("that is the entropy; its exponential is a number of context values.")
        if close(found, np.mean(np.exp(entropy / np.log(2))) / m):
            raise Hint("exp goes with the natural logarithm; with log2 take 2 to that power.")
        if close(found, np.mean(np.exp(-entropy)) / m):
            raise Hint("the entropy has a minus: −Σ P log P is positive.")
        if close(found, np.mean(table > 0)):
            raise Hint("that counts every cell above 0 alike; a hardly possible value should "
                       "hardly count.")
        if not close(found, wanted):
            raise Hint(f"for one table it is {wanted:.4f}, yours gives {found:.4f}. Row by row "
                       "exp(−Σ P log P), then the mean, then divide by the number of columns.")
    return ("k equally likely neighbours of n give k/n: on this scale a context of neighbours and "
            "one of a kernel can be compared.")


STRENGTH = np.array([0.3, 0.0, 0.1, 1.0, 0.6, 0.2, 0.45, 0.8])
ERROR = np.array([0.42, 0.70, 0.55, 0.66, 0.418, 0.47, 0.40, 0.51])


def _check_range(answer):
    for strength, error, share in ((STRENGTH, ERROR, 0.05), (STRENGTH, ERROR + 1, 0.05),
                                   (STRENGTH[::-1] ** 2, 3 * ERROR[::-1], 0.3)):
        found = call(answer, strength, error, share, takes="strength, error, share")
        good = strength[error <= (1 + share) * error.min()]
        wanted = np.array([good.min(), good.max()])
        if close(found, wanted):
            continue
        best = strength[np.argmin(error)]
        if close(found, best) or close(found, [best, best]):
            raise Hint("that is the best strength alone. How far can you go to either side before "
                       "the error is more than the share above the smallest?")
        if close(found, np.argmin(error)) or close(found, error.min()):
            raise Hint("give strengths: (weakest, strongest).")
        found = array_of(found, (2,), "the answer, (weakest, strongest),")
        if close(found, wanted[::-1]):
            raise Hint("weakest first, please.")
        near = strength[error <= error.min() + share]
        if close(found, [near.min(), near.max()]):
            raise Hint("the tolerance is relative: at most (1 + share) times the smallest error, "
                       "since the errors of two data sets have different sizes.")
        if close(found, [good[0], good[-1]]):
            raise Hint("the rows are in no order; take the smallest and the largest of the "
                       "strengths that are good enough.")
        worst = strength[error >= (1 - share) * error.max()]
        if close(found, [worst.min(), worst.max()]):
            raise Hint("these have the largest errors.")
        raise Hint(f"for strength {np.round(strength, 2).tolist()}, error "
                   f"{np.round(error, 2).tolist()} and share {share:g} it is "
                   f"{np.round(wanted, 2).tolist()}, yours is {np.round(found, 2).tolist()}.")
    return ("If both ends of the scale lie outside, the curve is a U: too weak on one side, too "
            "strong on the other.")


def _check_useless(answer):
    try:
        joint = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        joint = np.zeros(0)
    if joint.ndim != 2 or not joint.size or not np.isfinite(joint).all():
        raise Hint("answer must be a joint table (N, M): a two-dimensional array of numbers.")
    if max(joint.shape) > MOST:
        raise Hint(f"at most {MOST} inputs and {MOST} context values, please; yours is "
                   f"{joint.shape[0]}×{joint.shape[1]}.")
    if (joint < 0).any() or not np.isclose(joint.sum(), 1):
        raise Hint(f"a joint table has no negative cells and sums to 1; yours sums to "
                   f"{joint.sum():.4g}.")
    context = cl.Context.from_counts(joint, drop_empty=True)
    s = cl.singular_system(context).values if min(context.shape) > 1 else np.zeros(1)
    if s[0] < 1e-6:
        raise Hint("that is independent of the input: every s is 0, and τ is undefined. Keep a "
                   "trace of it.")
    if s[0] > LARGEST_VALUE:
        raise Hint(f"s₁ = {s[0]:.3f} is above {LARGEST_VALUE:g}: not useless enough. Show the "
                   "input less often.")
    score = cl.tau(context)
    if score.value >= SMALL_TAU:
        modes = cl.usefulness.effective_rank(context).value
        raise Hint(f"useless enough, but τ = {score.value:.3f}. τ falls to about 1 + 1/K if K "
                   f"values are equal, however small; yours are like {modes:.1f} equal ones. "
                   "Which example of notebook 02 has equal values?")
    return (f"s₁ = {s[0]:.3f}, and yet τ = {score.value:.3f}, better than every example of the "
            "gallery. The second term of τ knows no scale: a flat spectrum looks good, however "
            "weak it is.")


def _curve_source(square="**2", shift="1:d0 + 1", beta="beta * ", total="[:d0]"):
    return f"""
def answer(values, beta, d0):
    s2 = np.r_[values, np.zeros(d0 + 1)]{square}
    return 1 / (1 - s2[{shift}]) + {beta}np.cumsum(s2[:d0]) / s2{total}.sum()
"""


def _rank_source(table="joint / root - root", result="(s**2).sum()**2 / (s**4).sum()"):
    return f"""
def answer(joint):
    root = np.sqrt(np.outer(joint.sum(axis=1), joint.sum(axis=0)))
    s = np.linalg.svd({table}, compute_uv=False)
    return {result}
"""


def _share_source(entropy="-xlogy(rows, rows).sum(axis=1)",
                  result="np.exp(h).mean() / len(rows.T)"):
    return f"""
from scipy.special import xlogy

def answer(rows):
    h = {entropy}
    return {result}
"""


def _range_source(limit="(1 + share) * error.min()", result="good.min(), good.max()"):
    return f"""
def answer(strength, error, share):
    good = strength[error <= {limit}]
    return {result}
"""


EXERCISES = (
    Exercise(
        "ex_06_1", "The τ curve",
        "Set `answer` to a function of `(values, beta, d0)` that returns τ_1 … τ_{d0} as an array: "
        "τ_d = 1/(1 − s²_{d+1}) + β (s₁² + … + s_d²)/(s₁² + … + s_{d0}²). The values are s₁ ≥ s₂ ≥ "
        "…, all below 1; there may be fewer than d0 of them or more, and s is 0 beyond the last. "
        "numpy only.",
        _check_curve,
        _curve_source(),
        {_curve_source(square=""): "s where s² belongs",
         _curve_source(shift=":d0"): "yours has s_d",
         _curve_source(beta=""): "β is missing",
         _curve_source(total=""): "not over all values",
         _curve_source(shift=":d0").replace("np.cumsum(s2[:d0])",
                                            "np.r_[0, np.cumsum(s2[:d0 - 1])]"): "d = 0",
         "answer = lambda s, beta, d0: 1 / (1 - np.r_[s[1:], 0]**2) + beta * np.cumsum(s**2) / "
         "np.sum(s**2)": "whatever the number of values",
         "answer = lambda s, beta, d0: np.ones(d0)": "for s = [0.9"},
    ),
    Exercise(
        "ex_06_2", "The effective rank",
        "Set `answer` to a function of a joint table that returns the effective rank of its "
        "spectrum, (Σ s_i²)² / Σ s_i⁴ over i ≥ 1. numpy only.",
        _check_rank,
        _rank_source(),
        {_rank_source(table="joint / root"): "constant is counted",
         _rank_source(result="s.sum()**2 / (s**2).sum()"): "not s:",
         _rank_source(result="(s**4).sum() / (s**2).sum()**2"): "upside down",
         _rank_source(result="(s**2).sum() / (s**4).sum()"): "sum above is squared",
         _rank_source(table="joint"): "bare table",
         "answer = np.linalg.matrix_rank": "that is the rank",
         _rank_source(result="s.sum()"): "for one table"},
    ),
    Exercise(
        "ex_06_3", "How wide is a row?",
        "The strength of a context of neighbours is k/n, that of a kernel a bandwidth; to compare "
        "them, measure how many context values a row spreads over. Set `answer` to a function of a "
        "table P(a|x) (N, M), rows summing to 1, that returns the effective share: the mean over "
        "the rows of the perplexity exp(−Σ_a P(a|x) log P(a|x)), divided by M. Some cells are 0. "
        "numpy or scipy only.",
        _check_perplexity,
        _share_source(),
        {_share_source(entropy="-(rows * np.log(rows)).sum(axis=1)"): "0 · log 0",
         _share_source(result="np.exp(h)"): "take their mean",
         _share_source(result="np.exp(h).mean()"): "divide by how many",
         _share_source(result="np.exp(h.mean()) / len(rows.T)"): "first exp",
         _share_source(result="h.mean()"): "that is the entropy",
         _share_source(entropy="-xlogy(rows, rows).sum(axis=1) / np.log(2)"): "log2",
         _share_source(entropy="xlogy(rows, rows).sum(axis=1)"): "has a minus",
         "answer = lambda rows: np.mean(rows > 0)": "counts every cell",
         "answer = lambda rows: 0.5": "for one table"},
    ),
    Exercise(
        "ex_06_4", "Neither too weak nor too strong",
        "A data set was tried at several strengths. Set `answer` to a function of `(strength, "
        "error, share)` that returns `(weakest, strongest)`: the smallest and the largest strength "
        "whose error is at most (1 + share) times the smallest error. The rows are in no order.",
        _check_range,
        _range_source(),
        {_range_source(result="strength[error.argmin()]"): "best strength alone",
         _range_source(result="error.argmin()"): "give strengths",
         _range_source(result="good.max(), good.min()"): "weakest first",
         _range_source(limit="error.min() + share"): "relative",
         _range_source(result="good[0], good[-1]"): "in no order",
         "answer = lambda s, e, share: (s[e >= (1 - share) * e.max()].min(), "
         "s[e >= (1 - share) * e.max()].max())": "largest errors",
         "answer = lambda s, e, share: (s.min(), s.max())": "for strength"},
    ),
    Exercise(
        "ex_06_5", "Fool the score",
        "Invent a context that is all but useless and that τ likes: set `answer` to a joint table "
        f"of at most {MOST} inputs and {MOST} context values whose largest singular value is "
        f"positive but at most {LARGEST_VALUE:g}, with τ below {SMALL_TAU:g} (β = 1).",
        _check_useless,
        """
keep, n = 0.005, 10  # an erasure that shows hardly anything
answer = np.column_stack([keep * np.eye(n), np.full(n, 1 - keep)]) / n
""",
        {"answer = np.full((10, 10), 0.01)": "τ is undefined",
         "answer = np.eye(10) / 10": "not useless enough",
         "answer = np.array([[0.26, 0.24], [0.24, 0.26]])": "useless enough, but",
         "answer = np.ones((30, 30)) / 900": "at most 20",
         "answer = np.eye(5)": "sums to",
         "answer = lambda joint: joint": "must be a joint table"},
    ),
)
