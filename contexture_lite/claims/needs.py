"""What several claims need before they are tried, the sources they share, and their default d, ε.

A hypothesis that only one file uses stands there, unless it is about the class of tasks.
"""

import numpy as np

from contexture_lite._checks import as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.registry import Hypothesis
from contexture_lite.spectrum import singular_system

PAPER = "Zhai et al. 2025 (arXiv 2505.01557)"
SECTION_2 = f"{PAPER}, Section 2"
MIXING = "Zhai 2025 (arXiv 2504.19792)"

SAME = 1e-12  # entries of a joint this close are the same
UNIT = 1e-9  # a singular value this close to 1 is 1
CLEAR = 1e-5  # singular values nearer than this are too near to divide by their difference


def size(context):
    """What a table has in the place of the size that is needed."""
    return f"is {context.shape[0]}×{context.shape[1]}"


def strongest(context):
    """s₁, or 0 if there is no mode."""
    return singular_system(context).values[0] if min(context.shape) > 1 else 0.0


TWO_INPUTS = Hypothesis(
    "at least two inputs", lambda c: c.shape[0] > 1, lambda c: "has one", to_compute=True)
HAS_MODE = Hypothesis(
    "at least two inputs and two context values", lambda c: min(c.shape) > 1, size, to_compute=True)
TWO_MODES = Hypothesis(
    "at least three inputs and three context values", lambda c: min(c.shape) > 2, size,
    to_compute=True)
HAS_ASSOCIATION = Hypothesis(
    "some association, s₁ > 0", lambda c: strongest(c) > 1e-4,
    lambda c: "has s₁ below 1e-4", to_compute=True)


def same(left, right):
    """Whether two tables, or distributions, are the same but for rounding."""
    return left.shape == right.shape and bool(np.abs(left - right).max() <= SAME)


def is_undirected(context):
    """Whether P(x, a) = P(a, x)."""
    P = by_hand.table(context)[0]
    return same(P, P.T)


UNDIRECTED = Hypothesis(
    "an undirected graph, P(x, a) = P(a, x)", is_undirected, lambda c: "is not", to_compute=True)
DETERMINISTIC = Hypothesis(
    "A = h(X), one context value for each input",
    lambda c: bool((np.count_nonzero(by_hand.table(c)[0], axis=1) == 1).all()),
    lambda c: f"has an input with {np.count_nonzero(by_hand.table(c)[0], axis=1).max()} of them")


# -- the worst task of a class: d features, compatibility at least 1 − ε -----------------

MINIMAX = r"\frac{s_1^2-(1-\epsilon)^2}{s_1^2-s_{d+1}^2}"


def setting(context, d=None, eps=None, **others):
    """(s, d, c): the singular values, the number of features, and 1 − ε; ``others`` do not matter.

    s is s₁ … s_{N−1} and one more zero: one for every function of X of mean zero, 0 where the
    context is blind. Unless given, d is 2, or as many values as equal s₁, and c is half-way
    between s₁ and s_{d+1}, or .9 s₁ where these two are equal.
    """
    s, modes = np.zeros(context.shape[0]), min(context.shape) - 1
    s[:modes] = singular_system(context).values
    if d is not None:
        d = given.dimension(context, d)
    else:
        d = min(max(np.count_nonzero(s > s[0] - CLEAR), min(given.FEATURES, len(s) - 2)), modes)
    first, last = s[0], s[min(d, len(s) - 1)]
    if eps is not None:
        return s, d, 1 - as_number("eps", eps, least=0, most=1)
    return s, d, (first + last) / 2 if first - last > CLEAR else 0.9 * first


def ends(context, **options):
    """s₁ and s_{d+1}."""
    s, d, _ = setting(context, **options)
    return s[0], s[min(d, len(s) - 1)]


def _is_in_range(context, **o):
    first, last = ends(context, **o)
    return last - 1e-12 <= setting(context, **o)[2] <= first + 1e-12


ROOM = Hypothesis(
    "more than d functions of X that are not constant",
    lambda c, **o: setting(c, **o)[1] < c.shape[0] - 1,
    lambda c: f"has {c.shape[0] - 1}", to_compute=True)
GAP = Hypothesis(
    "s₁ > s_{d+1}", lambda c, **o: -np.diff(ends(c, **o)).item() > CLEAR,
    lambda c, **o: "has {:.4g} and {:.4g}".format(*ends(c, **o)), to_compute=True)
RANGE = Hypothesis(
    "1 − s₁ ≤ ε ≤ 1 − s_{d+1}", _is_in_range,
    lambda c, **o: "has the range {:.4g} to {:.4g}".format(*(1 - np.array(ends(c, **o)))),
    to_compute=True)
IN_RANGE = (HAS_ASSOCIATION, ROOM, GAP, RANGE)


def beyond(context):
    """As `setting`, but d is so small that s_{d+1} > 0, and c is .9 s_{d+1}."""
    s = setting(context)[0]
    d = max(1, min(given.FEATURES, np.count_nonzero(s > 1e-4) - 1))
    return s, d, 0.9 * s[min(d, len(s) - 1)]


def _next_value(context):
    """s_{d+1}."""
    s, d, _ = beyond(context)
    return s[min(d, len(s) - 1)]


BEYOND = Hypothesis(
    "s_{d+1} > 0", lambda c: _next_value(c) > 1e-4,
    lambda c: f"has s_{{d+1}} = {_next_value(c):.4g}", to_compute=True)
