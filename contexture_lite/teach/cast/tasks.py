"""Tasks on the inputs of the cast, from coarse to fine, and what the raw inputs are."""

import numpy as np

from contexture_lite.teach.cast.members import CAST

CONTEXTS = [name for name in CAST if name != "binary channel"]  # two inputs have one task only
KNOTS = np.arange(-3.0, 4.0)  # where a task on the number line is drawn by hand
KINDS = ("coarse", "finer", "finest", "one", "random", "own")

_LETTERS = {"two against two": "++--", "alternating": "+-+-", "the outer two": "+--+"}
_BITS = {"first bit": "----++++", "first two bits agree": "++----++",
         "parity of all bits": "-++-+--+"}
PATTERNS = {
    "four letters": _LETTERS,
    "erasure": _LETTERS,
    "clusters": {"cluster 1 or not": "+++------", "cluster 1, one label wrong": "++-------",
                 "place inside a cluster": "+0-+0-+0-"},
    "binary tree": {"which half": "++++----", "which leaf of a half": "++--++--",
                    "which point of a leaf": "+-+-+-+-"},
    "hypercube": _BITS,
    "masked tokens": _BITS,
}
_VALUES = {"+": 1.0, "0": 0.0, "-": -1.0}
_ANGLE = 2 * np.pi * np.arange(12) / 12
WAVES = {"one slow wave": np.cos(_ANGLE), "a wave of three turns": np.cos(3 * _ANGLE),
         "even or odd place": (-1.0) ** np.arange(12)}
ON_THE_LINE = {
    "the number itself": lambda x: x,
    "distance from zero": np.abs,
    "stripes of width 1": lambda x: np.where(np.floor(x) % 2 == 0, 1.0, -1.0),
}


def names(context):
    """What each of KINDS is called in this context, in order."""
    table = {"cycle walk": WAVES, "Gaussian pair": ON_THE_LINE}.get(context, PATTERNS.get(context))
    one = "a narrow window" if context == "Gaussian pair" else "one input against the rest"
    return [*table, one, "random values", "draw your own"]


def task(context, kind):
    """Values of a task on the inputs of a context of the cast, shape (N,).

    ``kind`` is one of KINDS but "own".
    """
    labels = CAST[context].build(0.5).x_labels
    if kind == "random":
        return np.random.default_rng(1).standard_normal(len(labels))
    if context == "Gaussian pair":
        x = np.array(labels)
        if kind == "one":
            return (np.abs(x - 1) < 0.35).astype(float)
        return list(ON_THE_LINE.values())[KINDS.index(kind)](x)
    if kind == "one":
        return (np.arange(len(labels)) == len(labels) // 2).astype(float)
    if context == "cycle walk":
        return list(WAVES.values())[KINDS.index(kind)]
    signs = list(PATTERNS[context].values())[KINDS.index(kind)]
    return np.array([_VALUES[sign] for sign in signs])


def handles(context):
    """Names of the sliders that draw a task by hand: one an input, or one a knot."""
    if context == "Gaussian pair":
        return [f"{x:.0f}".replace("-", "−") for x in KNOTS]
    return [str(label) for label in CAST[context].build(0.5).x_labels]


def first_drawing(context):
    """Where those sliders start: the coarse task, in steps of a tenth."""
    values = task(context, "coarse")
    if context == "Gaussian pair":
        values = np.interp(KNOTS, CAST[context].build(0.5).x_labels, values)
    return np.round(values / np.abs(values).max(), 1) + 0.0


def drawn(context, heights):
    """The task whose sliders stand at ``heights``; straight between the knots of a line."""
    if context == "Gaussian pair":
        return np.interp(CAST[context].build(0.5).x_labels, KNOTS, heights)
    return np.array(heights, dtype=float)


def raw_inputs(context):
    """(what the input is before any learning, its coordinates (N, k)).

    The coordinates are uncorrelated and equally large; one-hot inputs, the default where
    nothing better is known, have N − 1 of them, a basis of all functions of mean zero.
    """
    labels = CAST[context].build(0.5).x_labels
    if context in ("hypercube", "masked tokens"):
        return "the three bits", np.array([list(map(float, label)) for label in labels])
    if context == "cycle walk":
        return "place on the circle", np.column_stack([np.cos(_ANGLE), np.sin(_ANGLE)])
    if context == "Gaussian pair":
        return "the number x", np.array(labels)[:, None]
    return "one-hot", np.eye(len(labels))[:, 1:]
