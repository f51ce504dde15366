"""Exercises of notebook 10: distribution shift."""

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    call,
    close,
    number_of,
    shape_of,
)

PLACES, ALPHA, EPSILON, CLEARLY = 5, 0.2, 0.05, 0.1  # of the open exercise
FARTHEST, STEPS = 1000, 1501  # of its search for the best θ


# ---- ex_10_1


def _check_cvar(answer):
    rng = np.random.default_rng(101)
    for n, alpha in ((10, 0.25), (8, 0.7), (20, 0.2), (5, 0.1), (7, 1.0)):
        losses = rng.exponential(size=n)
        found, wanted = call(answer, losses, alpha, takes="losses, alpha"), cl.shift.cvar(
            losses, alpha)
        if close(found, wanted):
            continue
        worst, whole = np.sort(losses)[::-1], alpha * n
        down, up = int(whole + 1e-9), int(np.ceil(whole - 1e-9))
        if shape_of(found) not in ((), None) and 0 < np.size(found) <= n:
            raise Hint("that is a list of losses; return their mean.")
        if down == 0 and not np.all(np.isfinite(np.asarray(found, dtype=float))):
            raise Hint(f"α n = {whole:g} is less than one point: then it is the largest loss.")
        found = number_of(found, "CVaR")
        for count in {down, up, round(whole)} - {0}:
            if close(found, worst[:count].mean()):
                raise Hint(f"that is the mean of the {count} largest, but α n = {whole:g} is not "
                           f"whole: {down} count in full, the next for {whole - down:g} of a "
                           f"point, and you divide by {whole:g}.")
        if close(found, np.quantile(losses, 1 - alpha)) or close(found, worst[up - 1]):
            raise Hint("that is the loss where the worst α begins, a quantile (value at risk); "
                       "CVaR is the mean of what lies above.")
        if close(found, -cl.shift.cvar(-losses, alpha)):
            raise Hint("these are the smallest losses; the worst are the largest.")
        if close(found, alpha * wanted):
            raise Hint("you divided by n; the worst α n points have mass α, so divide by α n.")
        if close(found, cl.shift.cvar(losses, 1 - alpha)):
            raise Hint("that is the worst 1 − α; α is the share that is looked at.")
        if close(found, losses.max()):
            raise Hint("the largest loss is the limit of a small α.")
        raise Hint(f"for losses {np.round(losses, 2).tolist()} and α = {alpha:g} it is "
                   f"{wanted:.4f}, yours is {found:.4f}. Sort, take the largest α n = {whole:g} "
                   "(a part of the last), divide by α n.")
    return ("It is the largest mean that weights can make if none is above 1/α: a defence of every "
            "group whose share is at least α, whoever it is.")


# ---- ex_10_2


def _check_effective(answer):
    rng = np.random.default_rng(102)
    for cells, n, hole in ((5, 60, False), (8, 100, False), (6, 80, True)):
        counts = 1 + rng.multinomial(n - cells, np.full(cells, 1 / cells))
        target = rng.random(cells) + 0.1
        if hole:  # an input that neither law shows
            counts[0] += counts[2]
            counts[2] = target[2] = 0
        p, target = counts / n, target / target.sum()
        found = call(answer, p, target, n, takes="p, target, n")
        w = cl.shift.importance_weights(p, target)
        wanted = cl.shift.effective_size(np.repeat(w, counts))
        if close(found, wanted):
            continue
        if shape_of(found) == p.shape:
            raise Hint("that is a number for each input; the answer is one for the whole sample.")
        if hole and np.isnan(np.asarray(found, dtype=float)).any():
            raise Hint("0/0: an input with p = p′ = 0 is never drawn; leave it out (p > 0).")
        found = number_of(found, "the effective size")
        second = n / wanted  # 1 + χ²
        if close(found, cl.shift.effective_size(w)):
            raise Hint("(Σw)²/Σw² is a sum over the points that were drawn, not over the inputs: "
                       "an input with p(x) occurs n p(x) times.")
        if close(found, n / (second - 1)):
            raise Hint("n/(1 + χ²): the 1 is missing, and equal laws would be worth infinitely "
                       "many points.")
        if close(found, second) or close(found, second / n) or close(found, second - 1):
            raise Hint("that is the price, 1 + χ² or the like; how many points are left of n?")
        if close(found, wanted / n):
            raise Hint("that is the share; times n, please.")
        if not hole and close(found, n / np.sum(p**2 / target)):
            raise Hint("p and p′ are exchanged: the points were drawn from p, so w = p′/p.")
        if close(found, n / (target @ w**2)):
            raise Hint("the mean of w² is under p, where the points come from: Σ p w² = Σ p′ w.")
        if close(found, n / np.sum(w**2)):
            raise Hint("Σ w² needs the law of the points, Σ p w².")
        if close(found, n):
            raise Hint("weights have a price: points with large ones decide alone.")
        raise Hint(f"for p = {np.round(p, 2).tolist()}, p′ = {np.round(target, 2).tolist()} and "
                   f"n = {n} it is {wanted:.3f}, yours is {found:.3f}. n / Σ p w², with w = p′/p.")
    return ("Weights remove the bias of a shift and pay in points. Look at this number before you "
            "trust them.")


# ---- ex_10_3


def _check_doro(answer):
    rng = np.random.default_rng(103)
    for n, alpha, epsilon in ((40, 0.25, 0.2), (40, 0.5, 0.1), (20, 0.5, 0.0), (12, 1.0, 0.25)):
        losses = rng.exponential(size=n)
        found = number_of(call(answer, losses, alpha, epsilon, takes="losses, alpha, epsilon"),
                          "the risk")
        wanted = cl.shift.doro(losses, alpha, epsilon)
        if close(found, wanted):
            continue
        worst, drop = np.sort(losses)[::-1], round(epsilon * n)
        whole, kept = round(alpha * n), round(alpha * (1 - epsilon) * n)
        if close(found, cl.shift.cvar(losses, alpha)):
            raise Hint("that is CVaR: nothing is dropped.")
        if close(found, worst[drop : drop + whole].sum() / whole):
            raise Hint("α is a share of what is left: after dropping, α(1 − ε)n points, not αn.")
        if whole > drop and close(found, worst[drop:whole].mean()):
            raise Hint("you dropped from the worst α n. First the hardest ε of all points go, then "
                       "CVaR takes α of the rest.")
        if close(found, cl.shift.cvar(worst[: n - drop], alpha)):
            raise Hint("you dropped the smallest losses; an outlier has a large one.")
        if close(found, worst[drop : drop + kept].sum() / whole):
            raise Hint("the right points, the wrong divisor: there are α(1 − ε)n of them.")
        if close(found, worst[drop:].mean()):
            raise Hint("that is the mean of what is left; take its worst α.")
        if close(found, -cl.shift.doro(-losses, alpha, epsilon)):
            raise Hint("these are the smallest losses; sort from the largest down.")
        raise Hint(f"for {n} losses, α = {alpha:g} and ε = {epsilon:g} it is {wanted:.4f}, yours "
                   f"{found:.4f}. From the largest down skip {drop}, then average {kept}.")
    return ("ε is a bet: too small, and outliers decide as in CVaR; too large, and a minority goes "
            "with them.")


# ---- ex_10_4


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
    if np.ptp(places) == 0:
        raise Hint("all stand at one place; there is nothing to trade.")
    return places, shares


def _best(places, risk):
    """The θ between the outermost places with the smallest risk, by trying many."""
    thetas = np.linspace(places.min(), places.max(), STEPS)
    return thetas[np.argmin([risk((places - theta) ** 2) for theta in thetas])]


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


# ---- what the readers see


def _cvar_source(take="np.clip(alpha * n - np.arange(n), 0, 1)", order="[::-1]",
                 divide="(alpha * n)"):
    return f"""
def answer(losses, alpha):
    n = len(losses)
    return {take} @ np.sort(losses){order} / {divide}
"""


def _top_source(count):
    return f"answer = lambda losses, alpha: np.sort(losses)[::-1][:int({count})].mean()"


def _effective_source(result="n / np.sum(p * w**2)", shown="p > 0"):
    return f"""
def answer(p, target, n):
    shown = {shown}
    p, target = p[shown], target[shown]
    w = target / p
    return {result}
"""


def _doro_source(drop="round(epsilon * n)", count="round(alpha * (1 - epsilon) * n)",
                 result="worst[drop:drop + count].mean()", order="[::-1]"):
    return f"""
def answer(losses, alpha, epsilon):
    n = len(losses)
    worst = np.sort(losses){order}
    drop, count = {drop}, {count}
    return {result}
"""


def _outlier_source(places="-0.1, 0, 0.1, 1, -10", shares="0.2, 0.4, 0.2, 0.15, 0.05"):
    return f"""
places = [{places}]
shares = [{shares}]
answer = places, shares
"""


EXERCISES = (
    Exercise(
        "ex_10_1", "The mean of the worst",
        "Set `answer` to a function of `(losses, alpha)` that returns CVaR: the mean of the "
        "largest α n of n losses. If α n is not whole, the last loss counts in part: with n = 10 "
        "and α = 0.25, the two largest and half of the third, divided by 2.5. numpy only.",
        _check_cvar,
        _cvar_source(),
        {_top_source("alpha * len(losses)"): "is not whole",
         _top_source("np.ceil(alpha * len(losses))"): "is not whole",
         "answer = lambda losses, alpha: np.quantile(losses, 1 - alpha)": "value at risk",
         "answer = lambda ls, alpha: ls[ls >= np.quantile(ls, 1 - alpha)].mean()": "is not whole",
         _cvar_source(order=""): "smallest losses",
         _cvar_source(divide="n"): "divided by n",
         _cvar_source("np.clip((1 - alpha) * n - np.arange(n), 0, 1)", divide="((1 - alpha) * n)"):
             "the share that is looked at",
         "answer = lambda losses, alpha: losses.max()": "limit of a small α",
         "answer = lambda ls, alpha: np.sort(ls)[::-1][:int(alpha * len(ls))]": "return their mean",
         "answer = lambda ls, a: np.clip(a * len(ls) - np.arange(len(ls)), 0, 1) @ "
         "np.sort(ls)[::-1] / (a * len(ls)) if a * len(ls) >= 1 else np.nan": "less than one point",
         "answer = lambda losses, alpha: losses.mean()": "a part of the last"},
    ),
    Exercise(
        "ex_10_2", "What weights leave of a sample",
        "Inputs are drawn from `p` and wanted from `target`, two rows of probabilities; a cell may "
        "be 0 in both. Set `answer` to a function of `(p, target, n)` that returns how many of n "
        "points are left after weighting by w = p′/p: n/(1 + χ²), where 1 + χ² = Σ p w². numpy "
        "only.",
        _check_effective,
        _effective_source(),
        {_effective_source("w.sum()**2 / np.sum(w**2)"): "not over the inputs",
         _effective_source("n / (np.sum(p * w**2) - 1)"): "the 1 is missing",
         _effective_source("np.sum(p * w**2)"): "that is the price",
         _effective_source("1 / np.sum(p * w**2)"): "times n",
         _effective_source("n / np.sum(p**2 / target)"): "exchanged",
         _effective_source("n / np.sum(target * w**2)"): "under p",
         _effective_source("n / np.sum(w**2)"): "needs the law",
         _effective_source("n"): "have a price",
         _effective_source("w"): "for the whole sample",
         _effective_source(shown="p >= 0"): "0/0",
         _effective_source("n * np.abs(p - target).sum()"): "n / Σ p w²"},
    ),
    Exercise(
        "ex_10_3", "Drop the hardest first",
        "Set `answer` to a function of `(losses, alpha, epsilon)` that returns the DORO risk: drop "
        "the largest εn of the n losses, and take the mean of the largest share α of those that "
        "are left. εn and α(1 − ε)n are whole, up to rounding: use round(). numpy only.",
        _check_doro,
        _doro_source(),
        {_doro_source(drop="0", count="round(alpha * n)"): "nothing is dropped",
         _doro_source(count="round(alpha * n)"): "share of what is left",
         _doro_source(result="worst[drop:round(alpha * n)].mean()"): "dropped from the worst",
         _doro_source(result="worst[:n - drop][:count].mean()"): "smallest losses",
         _doro_source(result="worst[drop:drop + count].sum() / (alpha * n)"): "wrong divisor",
         _doro_source(result="worst[drop:].mean()"): "take its worst",
         _doro_source(order=""): "from the largest down",
         _doro_source(result="worst[drop]"): "down skip 8",
         _doro_source(result="worst[drop:drop + count]"): "must be one number"},
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
        _outlier_source(),
        {_outlier_source("-0.1, 0, 0.1, 1, 1.1"): "far enough",
         _outlier_source("-0.1, 0, 0.1, 1, -10", "0.2, 0.4, 0.15, 0.15, 0.1"): "DORO expects",
         _outlier_source("-0.1, 0, 0.1, 1, 6"): "no better than",
         _outlier_source("-0.1, 0, 0.1, 4, -3.8", "0.32, 0.3, 0.3, 0.03, 0.05"): "not among",
         _outlier_source(shares="0.2, 0.4, 0.2, 0.15, 0.5"): "sum to 1",
         _outlier_source(shares="0.2, 0.4, 0.2, 0.2, 0"): "must be positive",
         _outlier_source("0, 0, 0, 1, 1e200"): "keep all places",
         _outlier_source("0, 0, 0, 0, 0"): "nothing to trade",
         _outlier_source("0, 1, -10"): "yours have shape",
         "answer = lambda x: x": "two rows of numbers"},
    ),
)
