"""Exercises of notebook 12: which factors can be recovered?"""

import numpy as np

from contexture_lite import identifiability
from contexture_lite.contexts import Context
from contexture_lite.gallery import product
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, compared

ENOUGH = 0.98  # purity
GRID = np.indices((12, 12)).reshape(2, -1).T


def _spectra():
    """Lists of spectra, falling; each mistake is wrong on some."""
    powers = np.arange(1, 6)
    yield ([np.array([0.6, 0.1]), np.array([0.5, 0.1])],)
    yield ([0.9**powers, 0.7**powers],)
    yield ([np.array([0.9]), np.array([0.8]), np.array([0.5])],)
    yield ([np.array([0.9, 0.3]), np.array([0.7, 0.6])],)
    yield ([np.array([0.6, 0.5]), np.array([0.9, 0.55]), np.array([0.8, 0.1])],)
    rng = np.random.default_rng(12)
    for m in (2, 3, 2, 3):
        yield ([np.sort(rng.random(rng.integers(1, 4)))[::-1] ** 0.4 for _ in range(m)],)


def _not_the_rule(wanted, result, spectra):
    shown = "; ".join(str(np.round(s, 2).tolist()) for s in spectra)
    return (f"for the spectra {shown} it is {bool(wanted)}. List all products of one entry (or 1) "
            "from each spectrum, sort them, and look at the first m.")


def _check_unrotated(answer):
    features = array_of(answer, (144, 2), "answer, the features of the 144 bars,")
    if (np.ptp(features, axis=0) == 0).any():
        raise Hint("one of your features is constant.")
    pure = identifiability.purity(features, GRID)
    each = identifiability.one_each(features, GRID)
    if pure >= ENOUGH > each:
        raise Hint(f"purity {pure:.2f}, but both features belong to the same factor.")
    if each < ENOUGH:
        raise Hint(f"purity {pure:.2f}; a random rotation of the factors has 0.82. The two "
                   "features are independent and not Gaussian: their distribution still knows the "
                   "axes. (sklearn.decomposition.FastICA)")
    return (f"Purity {pure:.3f}. Pairs gave the plane of the two factors, and the shape of the "
            "distribution in that plane gave the axes.")


def _check_no_symmetry(answer):
    try:
        first, second = answer
    except (TypeError, ValueError):
        raise Hint("answer must be two contexts, (first, second).") from None
    for name, context in (("first", first), ("second", second)):
        if not isinstance(context, Context):
            raise Hint(f"{name} must be a Context; it is a {type(context).__name__}.")
        if context.shape[0] != 3 or np.ptp(context.p_x) > 1e-9:
            raise Hint(f"{name} must have three inputs, equally likely; it has "
                       f"{context.shape[0]}, with P_X = {np.round(context.p_x, 3).tolist()}.")
    left = len(identifiability.relabellings(product(first, second)))
    alone = [len(identifiability.relabellings(each)) for each in (first, second)]
    if left == 1:
        return ("Only one is left, the right one: where no two levels behave alike, even their "
                "names are known.")
    if left > np.prod(alone):
        raise Hint(f"{left} are left, more than {alone[0]} · {alone[1]}, those of the factors "
                   "alone: levels are exchanged in one place and not in another, or the two "
                   "factors with each other. Are two levels alike? Are the factors?")
    raise Hint(f"{left} = {alone[0]} · {alone[1]} are left: the names of one factor's levels can "
               "be exchanged. Let every level have a row of the kernel of its own.")


EXERCISES = (
    compared(
        "ex_12_1", "One function for each factor?",
        "Set `answer` to a function of `spectra`, a list with the singular values of each factor's "
        "own context (falling, no two alike), that returns whether the first m functions of the "
        "product of these m contexts are one for each factor. Not with `separates`; two lines do.",
        """
def answer(spectra):
    first = sorted([s[0] for s in spectra], reverse=True)
    second = max([s[1] for s in spectra if len(s) > 1], default=0)
    return first[-1] > max(first[0] * first[1], second)
""",
        takes="spectra", what="the answer", cases=_spectra,
        mistakes={
            ("len(set(s[0] for s in spectra)) == len(spectra)", "True"):
                "distinct strengths do not suffice: with .9 and .7 of Gaussian factors, .9² = .81 "
                "comes before .7.",
            "max(first[0] * first[1], second) → first[0] * first[1]":
                "that is the strongest interaction; the second function of one factor, a harmonic, "
                "may come before, too.",
            "max(first[0] * first[1], second) → second":
                "these are the harmonics; with three factors the interaction of the two strongest "
                "may come before the third: .9 · .8 = .72 > .5.",
            "first[0] * first[1] → first[0] ** 2":
                "a square is the harmonic of a Gaussian factor only; here the spectra are given.",
        },
        otherwise=_not_the_rule,
        right="What a context shows first need not be what you hope for: look at the products.",
    ),
    Exercise(
        "ex_12_2", "Take the rotation back",
        "An experiment. Two equally strong factors: `features, _ = teach.factor_bars."
        "context_encoder((0.8, 0.8), seed=0)` trains a network on pairs of bars (half a second) "
        "and gives two features of the 144 bars, (144, 2), each a mixture of position and angle. "
        "Without using the factors, find a rotation that separates them, and set `answer` to the "
        f"new features. They should have a purity of {ENOUGH:g} or more.",
        _check_unrotated,
        """
from sklearn.decomposition import FastICA

from contexture_lite import teach

features, _ = teach.factor_bars.context_encoder((0.8, 0.8), seed=0)
answer = FastICA(whiten="unit-variance", random_state=0).fit_transform(features)
""",
    ),
    Exercise(
        "ex_12_3", "Even the names",
        "The symmetric channels left 36 relabellings: names of levels, which no learner can "
        "know. Invent two contexts, each on three equally likely inputs, whose "
        "`cl.gallery.product` leaves *one* relabelling, so that even the names are known. Set "
        "`answer` to `(first, second)`; `cl.Context.from_conditional(rows)` makes one.",
        _check_no_symmetry,
        """
first = cl.Context.from_conditional([[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 0.3, 0.7]])
second = cl.Context.from_conditional([[0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
answer = first, second
""",
    ),
)
