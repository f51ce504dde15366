"""Exercises of notebook 10: distribution shift."""

from functools import cache

import numpy as np
import pandas as pd

import contexture_lite as cl
from contexture_lite.teach.nb10_shift import contexts
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, close, compared

PLACES, ALPHA, EPSILON, CLEARLY = 5, 0.2, 0.05, 0.1  # of the open exercise
FARTHEST, STEPS = 1000, 1501  # of its search for the best θ
FEW = (5, 10, 20, 40)  # labels of the experiment


def _losses(seed, *settings):
    """(losses, and the rest of each setting), from settings (n, …)."""
    rng = np.random.default_rng(seed)
    return [(rng.exponential(size=n), *rest) for n, *rest in settings]


def _not_whole(wanted, mean, losses, alpha):
    whole, worst = alpha * len(losses), np.sort(losses)[::-1]
    count = next(k for k in range(1, len(losses) + 1) if close(mean, worst[:k].mean()))
    return (f"that is the mean of the {count} largest, but α n = {whole:g} is not whole: "
            f"{int(whole)} count in full, the next for {whole - int(whole):g} of a point, and you "
            f"divide by {whole:g}.")


def _shifts():
    """(p, target, n); in the last an input that neither distribution shows."""
    rng = np.random.default_rng(102)
    for cells, n, hole in ((5, 60, False), (8, 100, False), (6, 80, True)):
        counts = 1 + rng.multinomial(n - cells, np.full(cells, 1 / cells))
        target = rng.random(cells) + 0.1
        if hole:
            counts[0] += counts[2]
            counts[2] = target[2] = 0
        yield counts / n, target / target.sum(), n


def _population(answer):
    try:
        places, shares = (np.asarray(row, dtype=float) for row in answer)
    except (TypeError, ValueError):
        raise Hint("answer must be two rows of numbers, (places, shares).") from None
    for name, row in (("places", places), ("shares", shares)):
        if row.shape != (PLACES,):
            raise Hint(f"{name} must be {PLACES} numbers; yours have shape {row.shape}.")
        if not np.isfinite(row).all():
            raise Hint(f"{name} must be finite.")
    if (shares <= 0).any() or not close(shares.sum(), 1):
        raise Hint(f"shares must be positive and sum to 1; yours sum to {shares.sum():.4g}, the "
                   f"smallest is {shares.min():g}.")
    if shares[-1] > EPSILON * (1 + 1e-9):
        raise Hint(f"the outlier has a share of {shares[-1]:g}; DORO expects at most ε = "
                   f"{EPSILON:g}.")
    if np.abs(places).max() > FARTHEST:
        raise Hint(f"keep all places between −{FARTHEST:g} and {FARTHEST:g}.")
    if len(np.unique(places[:-1])) < PLACES - 1:
        raise Hint("let the four groups stand at four different places.")
    return places, shares


def _best(places, risk):
    """The θ between the outermost places with the smallest risk, by trying many."""
    thetas = np.linspace(places.min(), places.max(), STEPS)
    return thetas[np.argmin([risk((places - theta) ** 2) for theta in thetas])]


@cache
def _refitted():
    """Mean error of the layer fitted again, by the number of labels; 0 for those of MNIST."""
    tables = [contexts.refitted(seed, "15 neighbours", labels=FEW) for seed in range(5)]
    return pd.concat(tables).groupby("labels").functions.mean().to_dict()


def _check_refitted(answer):
    m, errors = float(array_of(answer, (), "the number of labels")), _refitted()
    if m not in FEW:
        raise Hint(f"one of {', '.join(map(str, FEW))}, please.")
    enough = min(few for few in FEW if errors[few] < errors[0])
    said = f"with {m:g} labels of the digits the error is {errors[m]:.2f}"
    if m == enough:
        return f"{said}, with the 1,000 of MNIST {errors[0]:.2f}."
    if m > enough:
        raise Hint(f"{said}: better than {errors[0]:.2f}, but fewer labels are, too.")
    raise Hint(f"{said}, and with the 1,000 of MNIST {errors[0]:.2f}: not yet. (Average over the "
               "five seeds; take the column of the functions.)")


def _check_outlier(answer):
    places, shares = _population(answer)
    rules = {"the average": shares @ places,
             "CVaR": _best(places, lambda ls: cl.shift.cvar(ls, ALPHA, shares)),
             "DORO": _best(places, lambda ls: cl.shift.doro(ls, ALPHA, EPSILON, shares))}
    groups = np.arange(PLACES - 1)
    worst = {name: cl.shift.worst_group((places[:-1] - theta) ** 2, groups, shares[:-1])
             for name, theta in rules.items()}
    report = "; ".join(f"{name}: θ = {rules[name]:.3g}, worst group {worst[name]:.3g}"
                       for name in rules)
    mean = worst["the average"]
    if worst["CVaR"] < mean * (1 + CLEARLY):
        raise Hint(f"{report}. CVaR's θ serves the worst group as well as the average's, or "
                   "nearly. It looks at the worst fifth: is your outlier there, and far enough to "
                   "drag θ?")
    if worst["DORO"] > mean * (1 - CLEARLY):
        theta = rules["DORO"]
        left = cl.shift.doro_weights((places - theta) ** 2, ALPHA, EPSILON, shares)[-1]
        if left > 0:
            raise Hint(f"{report}. At DORO's θ the outlier is not among the hardest {EPSILON:g}: "
                       "people are farther away than it. Move it out, or make the groups larger.")
        raise Hint(f"{report}. DORO drops your outlier, but its worst group is no better than the "
                   "average's by a tenth. Put most people at one side, so that the average "
                   f"neglects the others, and let every group be well above ε = {EPSILON:g}.")
    return (f"{report}. CVaR looks where the losses are, and that is one far point; without "
            "it, the worst fifth are people again.")


EXERCISES = (
    compared(
        "ex_10_1", "The mean of the worst",
        "Set `answer` to a function of `(losses, alpha)` that returns CVaR: the mean of the "
        "largest α n of n losses. If α n is not whole, the last loss counts in part: with n = 10 "
        "and α = 0.25, the two largest and half of the third, divided by 2.5. numpy only.",
        """
def answer(losses, alpha):
    n = len(losses)
    return np.clip(alpha * n - np.arange(n), 0, 1) @ np.sort(losses)[::-1] / (alpha * n)
""",
        takes="losses, alpha", what="CVaR",
        cases=lambda: _losses(101, (10, 0.25), (8, 0.7), (20, 0.2), (5, 0.1), (7, 1.0)),
        mistakes={
            tuple(f"np.sort(losses)[::-1][:int({rounded}(alpha * len(losses)))].mean()"
                  for rounded in ("", "np.ceil", "round")): _not_whole,
            ("(...,) * int(alpha * len(losses))",
             "(...,) * int(np.ceil(alpha * len(losses)))",
             "(...,) * len(losses)"):
                "that is a list of losses; return their mean.",
            "    return  →     return np.nan if alpha * n < 1 else ":
                lambda wanted, _, losses, alpha: (
                    f"α n = {alpha * len(losses):g} is less than one point: then it is the largest "
                    "loss."),
            ("np.quantile(losses, 1 - alpha)",
             "np.sort(losses)[::-1][int(np.ceil(alpha * len(losses))) - 1]"):
                "that is the loss where the worst α begins, a quantile (value at risk); CVaR is "
                "the mean of what lies above.",
            "[::-1] → ": "these are the smallest losses; the worst are the largest.",
            "(alpha * n) → n":
                "you divided by n; the worst α n points have mass α, so divide by α n.",
            "n = len(losses) → n, alpha = len(losses), 1 - alpha":
                "that is the worst 1 − α; α is the share that is looked at.",
            "losses.max()": "the largest loss is the limit of a small α.",
        },
        otherwise=lambda wanted, risk, losses, alpha: (
            f"for losses {np.round(losses, 2).tolist()} and α = {alpha:g} it is {wanted:.4f}, "
            f"yours is {risk:.4f}. Sort, take the largest α n = {alpha * len(losses):g} (a part of "
            "the last), divide by α n."),
        right="It is the largest mean that weights can make if none is above 1/α: a defence of "
              "every group whose share is at least α, whoever it is.",
    ),
    compared(
        "ex_10_2", "What weights leave of a sample",
        "Inputs are drawn from `p` and wanted from `target`, two rows of probabilities; a cell may "
        "be 0 in both. Set `answer` to a function of `(p, target, n)` that returns how many of n "
        "points are left after weighting by w = p′/p: n/(1 + χ²), where 1 + χ² = Σ p w². numpy "
        "only.",
        """
def answer(p, target, n):
    shown = p > 0
    p, target = p[shown], target[shown]
    w = target / p
    return n / np.sum(p * w**2)
""",
        takes="p, target, n", what="the effective size", cases=_shifts,
        mistakes={
            "(...,) * len(p)":
                "that is a number for each input; the answer is one for the whole sample.",
            "p > 0 → p >= 0": "0/0: an input with p = p′ = 0 is never drawn; leave it out (p > 0).",
            "n / np.sum(p * w**2) → w.sum()**2 / np.sum(w**2)":
                "(Σw)²/Σw² is a sum over the points that were drawn, not over the inputs: an input "
                "with p(x) occurs n p(x) times.",
            "np.sum(p * w**2) → (np.sum(p * w**2) - 1)":
                "n/(1 + χ²): the 1 is missing, and equal distributions would be worth infinitely "
                "many points.",
            ("n / np → np", "n / np → 1 / n * np", "n / np → -1 + np"):
                "that is the price, 1 + χ² or the like; how many points are left of n?",
            "n / np → 1 / np": "that is the share; times n, please.",
            "p * w**2 → p**2 / target":
                "p and p′ are exchanged: the points were drawn from p, so w = p′/p.",
            "p * w**2 → target * w**2":
                "the mean of w² is under p, where the points come from: Σ p w² = Σ p′ w.",
            "p * w**2 → w**2": "Σ w² needs the distribution of the points, Σ p w².",
            "n": "weights have a price: points with large ones decide alone.",
        },
        otherwise=lambda wanted, size, p, target, n: (
            f"for p = {np.round(p, 2).tolist()}, p′ = {np.round(target, 2).tolist()} and n = {n} "
            f"it is {wanted:.3f}, yours is {size:.3f}. n / Σ p w², with w = p′/p."),
        right="Weights remove the bias of a shift and pay in points. Look at this number before "
              "you trust them.",
    ),
    Exercise(
        "ex_10_3", "A few labels of the target",
        "An experiment. The last layer on the functions of \"15 neighbours\", made from MNIST, is "
        "fitted again with m labels of the digits, m one of 5, 10, 20, 40: "
        "`teach.shift_contexts.refitted(seed, \"15 neighbours\", labels=(5, 10, 20, 40))`. Average "
        "its errors over the seeds 0, 1, 2, 3, 4. How many labels are enough to beat the layer "
        "that was fitted with the 1,000 labels of MNIST (the row of 0 labels)? Set `answer` to "
        "the smallest such m.",
        _check_refitted,
        """
import pandas as pd
from contexture_lite import teach

tables = [teach.shift_contexts.refitted(seed, "15 neighbours", labels=(5, 10, 20, 40))
          for seed in range(5)]
error = pd.concat(tables).groupby("labels").functions.mean()
answer = int(error.index[(error < error[0]) & (error.index > 0)].min())
""",
    ),
    Exercise(
        "ex_10_4", "One against all",
        "Invent a population on a line: five places and their shares, the last an outlier. One "
        f"number θ must serve all, with squared loss; the rules are the average, CVaR with α = "
        f"{ALPHA:g}, and DORO with the same α and ε = {EPSILON:g}. The groups are the first four "
        "places, and the outlier is nobody's concern. Set `answer` to `(places, shares)` so that "
        "CVaR's best θ has a worst-group error at least a tenth larger than the average's best θ, "
        "and DORO's one at least a tenth smaller.",
        _check_outlier,
        """
places = [-0.1, 0, 0.1, 1, -10]
shares = [0.2, 0.4, 0.2, 0.15, 0.05]
answer = places, shares
""",
    ),
)
