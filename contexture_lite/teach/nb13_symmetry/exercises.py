"""Exercises of notebook 13: forgetting on purpose, a blur, and sixes that are turned."""

from functools import cache

import numpy as np

from contexture_lite.teach.widgets.exercises import Exercise, Hint, answer_of, array_of, close

CYCLE, LEAST, MOST = 12, 0.6, 3  # places, of |ν̂(1)|, shifts


def _probabilities(answer):
    nu = array_of(answer, (CYCLE,), "answer")
    if (nu < 0).any() or not close(nu.sum(), 1):
        raise Hint(f"these are no probabilities: they must be at least 0 and sum to 1; yours sum "
                   f"to {nu.sum():.4g}.")
    if (nu > 1e-9).sum() > MOST:
        raise Hint(f"{(nu > 1e-9).sum()} shifts have some probability; at most {MOST} may.")
    return nu


def _check_wave(answer):
    waves = np.abs(np.fft.fft(_probabilities(answer)))
    report = f"|ν̂(1)| = {waves[1]:.3f} and |ν̂(3)| = {waves[3]:.3f}"
    if waves[3] > 1e-9:
        near = " A window of −1 … 1 keeps a third of it." if close(waves[3], 1 / 3) else ""
        raise Hint(f"{report}: wave 3 is not forgotten.{near} It changes its sign every two "
                   "places; two shifts that are two places apart cancel.")
    if waves[1] < LEAST:
        gone = " Wave 1 is forgotten, too." if waves[1] < 1e-9 else ""
        raise Hint(f"{report}: wave 1 must keep at least {LEAST}.{gone} Keep the shifts together.")
    return (f"{report}. Forgotten is a wave and not all that is faster than another: wave 6 keeps "
            f"{waves[6]:.2f}.")


def _check_blur(answer):
    try:
        taps, survives = answer
    except (TypeError, ValueError):
        raise Hint("answer must be a pair: three taps, and True or False.") from None
    taps = array_of(taps, (3,), "the blur")
    if not isinstance(survives, bool | np.bool_):
        raise Hint("the second part must be True or False.")
    if not close(taps.sum(), 1):
        raise Hint(f"the taps must sum to 1; yours sum to {taps.sum():.4g}.")
    if not close(taps[0], taps[2]):
        raise Hint("the blur must be symmetric, its first and last tap the same.")
    left = float(taps[1] - taps[0] - taps[2])
    if abs(left) > 1e-9:
        most = " It keeps exactly the wave that hurts." if close(abs(left), 1) else ""
        raise Hint(f"the wave (−1)^x passes your blur times {left:.3f}; it must be 0, for every "
                   f"second pixel sees it as a constant that changes its sign with a shift.{most}")
    if survives:
        raise Hint("the blur is right, but try it: ReLU of a blurred signal holds the wave (−1)^x "
                   "again, and every second pixel of it has another mean after a shift by one.")
    return "[1, 2, 1]/4 is the only one, and a ReLU behind it undoes what it has done."


TURNED = """
from contexture_lite import datasets

digits = datasets.digits()
chosen = np.isin(digits.y, (6, 9))
images, nine = digits.X[chosen].reshape(-1, 8, 8), (digits.y[chosen] == 9) * 1.0
turns = np.vstack([np.rot90(images, k, axes=(1, 2)).reshape(-1, 64) for k in range(4)])

def rho(X, f):
    return cl.compatibility(cl.knn_context(X, 10), f)

answer = rho(digits.X[chosen], nine), rho(turns, np.tile(nine, 4))
"""


@cache
def _compatibilities():
    """(upright, in all four turns) of the task "6 or 9", and with labels in another order."""
    return *answer_of(TURNED), answer_of(TURNED.replace("np.tile", "np.repeat"))[1]


def _check_turned(answer):
    upright, turned = array_of(answer, (2,), "answer")
    wanted = _compatibilities()
    if close([upright, turned], wanted[:2], 2e-3):
        return (f"{wanted[0]:.2f} upright and {wanted[1]:.2f} in all turns: a turned six looks "
                "like a nine to us, yet its nearest neighbours are turned sixes. That the two "
                "cannot be told apart is true of a font and not of these hands.")
    if close([turned, upright], wanted[:2], 2e-3):
        raise Hint("the other way round: upright first.")
    if close(turned, wanted[2], 2e-3):
        raise Hint("your labels do not stand beside their images: `vstack` puts all images of one "
                   "turn together, so np.tile the labels.")
    if close([upright, turned], np.square(wanted[:2]), 2e-3):
        raise Hint("these are ρ²; ρ is asked for.")
    raise Hint(f"with 10 neighbours the upright ones have ρ = {wanted[0]:.3f}; yours is "
               f"{upright:.3f}, and {turned:.3f} in all four turns.")


EXERCISES = (
    Exercise(
        "ex_13_1", "Forget one wave",
        f"An invention. A is X, moved by a random number of places on a cycle of {CYCLE}. Set "
        f"`answer` to the {CYCLE} probabilities of the shifts 0 … {CYCLE - 1}, at most {MOST} of "
        f"them above 0, so that wave 3 is forgotten, |ν̂(3)| = 0, and wave 1 keeps "
        f"|ν̂(1)| ≥ {LEAST}. (`np.abs(np.fft.fft(answer))` are the |ν̂(k)|.)",
        _check_wave,
        """
answer = np.zeros(12)
answer[[0, 2]] = 0.5
""",
    ),
    Exercise(
        "ex_13_2", "Repair a stride",
        "A linear layer takes every second value of a circular signal and averages them: its "
        "output changes when the signal moves by one. Find a symmetric blur of three taps with "
        "sum 1 that, put before it, makes the output exactly invariant. And is it still invariant "
        "with a ReLU between the blur and the stride? Set `answer` to `(taps, True or False)`.",
        _check_blur,
        """
answer = [1/4, 1/2, 1/4], False
""",
    ),
    Exercise(
        "ex_13_3", "Sixes that are turned",
        "An experiment: can a six that was turned be told from a nine? Take the sixes and nines of "
        "`datasets.digits()`, the context of 10 neighbours (`cl.knn_context`), and the task “is it "
        "a nine?”. Set `answer` to two compatibilities ρ (`cl.compatibility`): of the upright "
        "images, and of all images in all four quarter turns, with their labels.",
        _check_turned,
        TURNED,
    ),
)
