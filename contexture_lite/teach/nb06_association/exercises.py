"""Exercises of notebook 06: association strength."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.experiment import protocol
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    call,
    compared,
    number_of,
    refuse,
)

LARGEST_VALUE, SMALL_TAU, MOST = 0.1, 1.2, 20  # of the last exercise
FEWEST_POINTS, MOST_POINTS, MOST_COLUMNS, U_MARGIN, U_STRENGTHS = 60, 600, 10, 0.1, 6
IMAGES, LABELS, NEIGHBOURS, CLOSE = 200, 40, (2, 4, 8, 16, 32, 64, 128), 1.5


def _tables():
    """Tables P(a|x), some cells 0."""
    rng = np.random.default_rng(63)
    for shape in ((5, 6), (4, 4)):
        table = rng.random(shape) ** 3 * (rng.random(shape) < 0.7) + np.eye(*shape)
        yield table / table.sum(axis=1, keepdims=True)


def _check_too_weak(answer):
    try:
        X, y = (np.asarray(part, dtype=float) for part in answer)
    except (TypeError, ValueError):
        X = y = np.zeros(0)
    if X.ndim != 2 or y.shape != X.shape[:1] or not np.isfinite(X).all() * np.isfinite(y).all():
        raise Hint("answer must be a pair (X, y): a table of numbers, points × columns, and a "
                   "number for each point.")
    refuse(not FEWEST_POINTS <= len(X) <= MOST_POINTS or not 1 <= X.shape[1] <= MOST_COLUMNS,
           f"{FEWEST_POINTS} to {MOST_POINTS} points with 1 to {MOST_COLUMNS} columns, please; "
           f"yours is {len(X)} × {X.shape[1]}.")
    try:
        error = cl.sweep({"mine": (X, y)}, "rbf", strengths=U_STRENGTHS, seeds=(0,), n_jobs=1,
                         progress=False)["error_oracle"].to_numpy()
    except ValueError as problem:
        raise Hint(f"the sweep refuses this table: {problem}") from None
    said = f"weak to strong, the error is {', '.join(f'{e:.3f}' for e in error)}. "
    refuse(error.min() > 0.9, f"{said}No strength helps: nothing about y can be learned from X.")
    for end, hint in ((0, "The weakest is about as good as any: its smooth functions say enough. "
                          "Which y is no smooth function of X?"),
                      (-1, "The strongest is about as good as any: its functions single out the "
                           "nearest points. Give y something that far points share.")):
        refuse(error[end] < (1 + U_MARGIN) * error.min(), said + hint)
    return (f"{said}The weakest Gaussian context has smooth polynomials of the columns, few of "
            "them within reach of the arithmetic. Whether they suffice is not in the spectrum.")


@cache
def _two_tasks():
    """(images, {task: (values, {K: error of a probe from half the images})})."""
    digits, rng = datasets.digits(), np.random.default_rng(0)
    picked = rng.permutation(len(digits.X))[:IMAGES]
    X = digits.X[picked][:, digits.X[picked].std(axis=0) > 0]
    X = np.clip((X - X.mean(axis=0)) / X.std(axis=0), -protocol.CLIP, protocol.CLIP)
    tasks = {"is it even": np.where(digits.y[picked] % 2 == 0, 1.0, -1.0),
             "the largest variance": X @ np.linalg.svd(X)[2][0]}
    functions = {k: cl.singular_system(cl.knn_context(X, k), d=65).left for k in NEIGHBOURS}
    half = IMAGES // 2
    errors = {name: {k: min(protocol.probe_error(f[:half, :d], f[half:, :d], y[:half, None],
                                                 y[half:, None])[0] for d in (4, 8, 16, 32, 64))
                     for k, f in functions.items()} for name, y in tasks.items()}
    return X, {name: (y, errors[name]) for name, y in tasks.items()}


def _check_two_tasks(answer):
    X, tasks = _two_tasks()
    labelled = np.random.default_rng(1).permutation(IMAGES)[:LABELS]
    chosen, hints = {}, []
    for name, (y, errors) in tasks.items():
        k = number_of(call(answer, X, labelled, y[labelled], takes="X, labelled, y"), "K")
        refuse(k not in errors, f"K must be one of {', '.join(map(str, NEIGHBOURS))}; yours is "
               f"{k:g}.")
        chosen[name], cost = int(k), errors[k] / min(errors.values())
        if cost > CLOSE:
            hints.append(f"for “{name}” K = {k:g} has {cost:.1f} times the error of the best")
    if hints and len(set(chosen.values())) == 1:
        hints.append("you choose the same K for both tasks, as every score of the spectrum must; "
                     "let the labels speak: which K has the least cross-validated error?")
    refuse(hints, "; ".join(hints) + ".")
    return ("K = " + ", ".join(f"{k} for “{name}”" for name, k in chosen.items())
            + ". Same images, same spectra, another task: a score of the spectrum cannot know.")


def _check_useless(answer):
    try:
        joint = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        joint = np.zeros(0)
    refuse(joint.ndim != 2 or not joint.size or not np.isfinite(joint).all(),
           "answer must be a joint table (N, M): a two-dimensional array of numbers.")
    refuse(max(joint.shape) > MOST, f"at most {MOST} inputs and {MOST} context values, please; "
           f"yours is {joint.shape[0]}×{joint.shape[1]}.")
    refuse((joint < 0).any() or not np.isclose(joint.sum(), 1), "a joint table has no negative "
           f"cells and sums to 1; yours sums to {joint.sum():.4g}.")
    context = cl.Context.from_counts(joint, drop_empty=True)
    s = cl.singular_system(context).values if min(context.shape) > 1 else np.zeros(1)
    refuse(s[0] < 1e-6, "that is independent of the input: every s is 0, and τ is undefined. Keep "
           "a trace of it.")
    refuse(s[0] > LARGEST_VALUE, f"s₁ = {s[0]:.3f} is above {LARGEST_VALUE:g}: not useless enough. "
           "Show the input less often.")
    score = cl.tau(context)
    if score.value >= SMALL_TAU:
        modes = cl.usefulness.effective_rank(context).value
        raise Hint(f"useless enough, but τ = {score.value:.3f}. τ falls to about 1 + 1/K if K "
                   f"values are equal, however small; yours are like {modes:.1f} equal ones. "
                   "Which example of notebook 02 has equal values?")
    return (f"s₁ = {s[0]:.3f}, and yet τ = {score.value:.3f}, better than every example of the "
            "gallery. The second term of τ knows no scale: a flat spectrum looks good, however "
            "weak it is.")


EXERCISES = (
    Exercise(
        "ex_06_1", "Too weak, even for Gaussian weights",
        "For most tables the weakest Gaussian context is the best. Find one for which it is not: "
        f"set `answer` to `(X, y)`, {FEWEST_POINTS} to {MOST_POINTS} points with at most "
        f"{MOST_COLUMNS} columns and a float to predict, such that the error along the strength is "
        "a U: at the weakest *and* at the strongest end at least "
        f"{U_MARGIN:.0%} above the best. Try your table with `cl.sweep({{'mine': (X, y)}}, 'rbf', "
        f"strengths={U_STRENGTHS}, seeds=(0,), n_jobs=1, progress=False)`, column `error_oracle`.",
        _check_too_weak,
        """
X = np.random.default_rng(0).uniform(size=(400, 2))
answer = X, np.sin(25 * X[:, 0])  # weak contexts know smooth polynomials; this has eight waves
""",
    ),
    Exercise(
        "ex_06_2", "One table, two tasks",
        f"The same {IMAGES} images of digits serve two tasks: is the digit even, and the position "
        "along the direction of largest variance. Set `answer` to a function of `(X, labelled, "
        "y)` that returns a number K of neighbours, one of "
        f"{', '.join(map(str, NEIGHBOURS))}: X are the images, `labelled` the positions of "
        f"{LABELS} of them, y their labels. For both tasks the error with your K must be at most "
        f"{CLOSE:g} times that of the best K. (The first functions at all images are "
        "`cl.singular_system(cl.knn_context(X, K), d=8).left`.)",
        _check_two_tasks,
        """
def answer(X, labelled, y):
    errors = {}
    for k in (2, 4, 8, 16, 32, 64, 128):
        features = cl.singular_system(cl.knn_context(X, k), d=8).left
        errors[k] = cl.linear_probe(features[labelled], y).error  # cross-validated
    return min(errors, key=errors.get)
""",
        takes="X, labelled, y",
    ),
    compared(
        "ex_06_3", "How wide is a row?",
        "The strength of a context of neighbours is k/n, that of a kernel a bandwidth; to compare "
        "them, measure how many context values a row spreads over. Set `answer` to a function of a "
        "table P(a|x) (N, M), rows summing to 1, that returns the effective share: the mean over "
        "the rows of the perplexity exp(−Σ_a P(a|x) log P(a|x)), divided by M. Some cells are 0. "
        "numpy or scipy only.",
        """
from scipy.special import xlogy

def answer(rows):
    h = -xlogy(rows, rows).sum(axis=1)
    return np.exp(h).mean() / len(rows.T)
""",
        takes="rows", what="the effective share", cases=_tables,
        mistakes={
            "xlogy(rows, rows) → (rows * np.log(rows))":
                "NaN: a cell of probability 0 adds nothing, but 0 · log 0 is NaN in numpy. Use "
                "only the cells above 0, or scipy.special.xlogy.",
            (".mean() → ", ".mean() / len(rows.T) → "):
                "that is one number a row; take their mean.",
            " / len(rows.T) → ":
                "right as a number of context values; divide by how many there are.",
            "np.exp(h).mean() → np.exp(h.mean())": "first exp, row by row, then the mean.",
            ("np.exp(h) → h", "np.exp(h).mean() / len(rows.T) → h.mean()"):
                "that is the entropy; its exponential is a number of context values.",
            "sum(axis=1) → sum(axis=1) / np.log(2)":
                "exp goes with the natural logarithm; with log2 take 2 to that power.",
            "-xlogy → xlogy": "the entropy has a minus: −Σ P log P is positive.",
            "np.mean(rows > 0)": "that counts every cell above 0 alike; a hardly possible value "
                                 "should hardly count.",
        },
        otherwise=lambda wanted, share, rows: (
            f"for one table it is {wanted:.4f}, yours gives {share:.4f}. Row by row "
            "exp(−Σ P log P), then the mean, then divide by the number of columns."),
        right="k equally likely neighbours of n give k/n: on this scale a context of neighbours "
              "and one of a kernel can be compared.",
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
    ),
)
