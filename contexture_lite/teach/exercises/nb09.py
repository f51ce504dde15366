"""Exercises of notebook 09: how many labels, and how many points without."""

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
    shape_of,
)

FUNCTIONS, POINTS, LABELS, NOISE = 8, 200, 50, 0.2  # of the open exercise
REPLICATES, CLEARLY = 400, 3  # of its simulation; standard errors
MOST = 1e6  # ratio of eigenvalues, for numbers that a computer can tell apart


def _number(found, what):
    """A number or infinity, or a hint."""
    try:
        if shape_of(found) == () and float(found) == np.inf:
            return np.inf
    except (TypeError, ValueError):  # words, which get the usual hint
        pass
    return number_of(found, what)


def _total(energies, d, m, noise):
    return cl.sampling.probe_risk(energies, d, m, noise).total


# ---- ex_09_1


def _risk_of(answer, energies, d, m, noise):
    return _number(call(answer, energies, d, m, noise, takes="energies, d, m, noise"), "the risk")


def _check_risk(answer):
    rng = np.random.default_rng(91)
    for d, m in ((3, 12), (2, 9), (0, 4), (6, 20)):
        energies, noise = rng.random(6), 0.2 + rng.random()
        found, wanted = _risk_of(answer, energies, d, m, noise), _total(energies, d, m, noise)
        missed, share = energies[d:].sum(), d / (m - d - 1)
        if close(found, wanted):
            continue
        if close(found, missed + noise * share):
            raise Hint("what the d functions miss is noise to the probe, too: it fits σ² + err_d.")
        if close(found, missed + (noise + missed) * d / m) or close(found, missed + noise * d / m):
            raise Hint("d/m is what is left of it when labels are plenty; the exact price of d "
                       "functions is d/(m − d − 1).")
        if close(found, missed + (noise + missed) * d / (m - d)):
            raise Hint("nearly: the mean of tr (ZᵀZ)⁻¹ is d/(m − d − 1), not d/(m − d).")
        if close(found, (noise + missed) * share):
            raise Hint("that is the probe's part alone; what is missed stays missed, add err_d.")
        if close(found, wanted + noise):
            raise Hint("the noise of the new label is in yours; the excess is what comes on top "
                       "of σ².")
        if close(found, missed + (noise**2 + missed) * share):
            raise Hint("noise is σ² already, a variance; do not square it.")
        if close(found, _total(np.delete(energies, d), d, m, noise)) if d < 6 else False:
            raise Hint("one energy is lost: the first d are energies[:d], the rest energies[d:].")
        kept = energies[:d].sum()
        if close(found, kept + (noise + kept) * share):
            raise Hint("these are the energies the probe has; err_d sums those it has not.")
        raise Hint(f"for energies {np.round(energies, 2).tolist()}, d = {d}, m = {m} and noise "
                   f"{noise:.2f} it is {wanted:.4f}, yours is {found:.4f}. "
                   "err_d + (σ² + err_d) d/(m − d − 1).")
    for d, m in ((4, 5), (5, 3)):
        few = (f"with {m} labels for {d} functions (m ≤ d + 1) the fit is so loose that its mean "
               "error is infinite: return np.inf.")
        energies = rng.random(6)
        try:
            found = _risk_of(answer, energies, d, m, 0.3)
        except Hint as hint:
            raise Hint(few if "Division" in str(hint) else str(hint)) from None
        if found != _total(energies, d, m, 0.3):
            raise Hint(few + (" A squared error is never negative." if found < 0 else ""))
    return ("A function the probe does not get costs twice: it is missed, and it blurs the fit of "
            "the others.")


# ---- ex_09_2


def _check_kept(answer):
    rng = np.random.default_rng(92)
    for m in (20, 100):
        energies, noise = rng.permutation(0.5 ** np.arange(1, 13)), 0.3 + rng.random() / 2
        found = call(answer, energies, m, noise, takes="energies, m, noise")
        wanted = cl.sampling.kept_modes(energies, m, noise)
        if close(found, wanted.sum()):
            raise Hint("that is how many; which ones?")
        if close(found, np.flatnonzero(wanted)) or close(found, energies[wanted]):
            raise Hint("the right functions, but one True or False for each, please: the bare "
                       "comparison.")
        found = array_of(found, energies.shape, "the answer")
        if close(found, wanted):
            continue
        if close(found, ~wanted):
            raise Hint("these are the ones to leave out.")
        if close(found, np.arange(12) < wanted.sum()):
            raise Hint("the right number, but not the first ones: here the energies are in no "
                       "order, and each function is judged by itself.")
        if close(found, energies > noise):
            raise Hint("more labels make every function cheaper: σ²/m.")
        if close(found, energies > noise / np.sqrt(m)):
            raise Hint("σ/√m is the standard error of a coefficient; an energy is a square, "
                       "compare it with the square.")
        if close(found, np.sqrt(energies) > noise / m):
            raise Hint("energies are u_i² already; no root.")
        if close(found, energies > noise**2 / m):
            raise Hint("noise is σ² already, a variance; do not square it.")
        raise Hint(f"with noise {noise:.2f} and {m} labels a coefficient costs "
                   f"{noise / m:.4f}: keep the {wanted.sum()} functions whose energy is above, "
                   f"yours are {int(found.sum())}.")
    return ("A function is worth keeping if its energy exceeds the variance of its coefficient. "
            "Only the order that the context gives lets you say “the first d”.")


# ---- ex_09_3


def _fewest(energies, noise, wanted, functions=None):
    """Fewest labels for which the best d among ``functions`` has total risk <= wanted.

    The last energy is what no function carries. The risk falls with m: bisection.
    """
    functions = range(1, len(energies)) if functions is None else functions

    def enough(m):
        return min(_total(energies, d, m, noise) for d in functions) <= wanted

    if min(energies[d:].sum() for d in functions) >= wanted:
        return np.inf
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _check_labels(answer):
    rng = np.random.default_rng(93)
    for wanted, noise in ((0.25, 0.6), (0.16, 0.5), (0.6, 0.1), (0.06, 0.3)):
        energies = np.sort(rng.random(6) ** 3)[::-1]
        energies *= 0.9 / energies.sum()
        full, D = np.append(energies, 1 - energies.sum()), len(energies)
        found = _number(call(answer, energies, noise, wanted, takes="energies, noise, wanted"),
                        "the number of labels")
        fewest = _fewest(full, noise, wanted)
        if found == fewest:
            continue
        case = (f"energies {np.round(energies, 2).tolist()}, noise {noise:g} and a wanted risk of "
                f"{wanted:g}")
        if fewest == np.inf:
            raise Hint(f"for {case} no number is enough, since {full[-1]:.2f} is missed whatever d "
                       f"and m: return np.inf, not {found:g}.")
        if found == np.inf:
            raise Hint(f"for {case} it can be done, with {fewest} labels.")
        if found == _fewest(full, noise, wanted, [D]):
            raise Hint("that is for all the functions; with fewer of them fewer labels may do. Try "
                       "every d.")
        if found == _fewest(np.append(energies, 0), noise, wanted):
            raise Hint("the energies do not sum to 1: what they leave of the task is missed "
                       "whatever d, and it is noise to the probe.")
        if found in [d for d in range(1, D + 1) if _total(full, d, fewest, noise) <= wanted]:
            raise Hint("that is a number of functions, the best one; how many labels do they need?")
        if found in (fewest - 1, fewest + 1) or np.ceil(found) == fewest:
            raise Hint(f"for {case} it is {fewest}, yours is {found:g}: the risk must be at most "
                       "the wanted one, with a whole number of labels, so round up, and not more.")
        missed, d = np.array([full[d:].sum() for d in range(1, D + 1)]), np.arange(1, D + 1)
        good = missed < wanted
        plenty = (d * (noise + missed))[good] / (wanted - missed[good])
        if found == np.ceil(plenty.min()):
            raise Hint("that comes from d/m; the price of d functions is d/(m − d − 1), so d + 1 "
                       "labels more.")
        raise Hint(f"for {case} it is {fewest}, yours is {found:g}. For each d solve err_d + "
                   "(σ² + err_d) d/(m − d − 1) ≤ wanted for m, then take the smallest.")
    return ("Labels buy down what a probe pays, never what the context does not carry: that needs "
            "another context.")


# ---- ex_09_4


def _spectrum_and_task(answer):
    try:
        eigenvalues, energies = (np.asarray(row, dtype=float) for row in answer)
    except (TypeError, ValueError):
        raise Hint("answer must be two rows of numbers, (eigenvalues, energies).") from None
    for name, row in (("eigenvalues", eigenvalues), ("energies", energies)):
        if row.shape != (FUNCTIONS,):
            raise Hint(f"{name} must be {FUNCTIONS} numbers; yours have shape {row.shape}.")
        if not np.isfinite(row).all() or (row < 0).any():
            raise Hint(f"{name} must be finite and not negative.")
    if (eigenvalues[1:] >= eigenvalues[:-1] * (1 - 1e-6)).any() or eigenvalues[-1] <= 0:
        raise Hint("eigenvalues must be positive and fall, each below the one before: of equal "
                   "ones no first d are defined. A gap may be small, but a gap.")
    if eigenvalues[0] > MOST * eigenvalues[-1]:
        raise Hint(f"the first eigenvalue may be at most {MOST:g} times the last.")
    if not close(energies.sum(), 1):
        raise Hint(f"the energies must sum to 1, the variance of the task; yours sum to "
                   f"{energies.sum():.4g}.")
    return eigenvalues / eigenvalues[0], energies


def _check_gap(answer):
    eigenvalues, energies = _spectrum_and_task(answer)
    carry = int(np.flatnonzero(energies)[-1]) + 1
    known = cl.sampling.best_dimension(energies, LABELS, NOISE)
    if known < carry:
        raise Hint(f"{carry} functions carry your task, but {known} would be best even if all were "
                   f"known exactly: that is the price of labels, not of a gap. Each energy must be "
                   f"worth its noise, about {NOISE / LABELS:g} and a bit more.")
    draws = np.array([cl.sampling.simulate_two_stage(
        eigenvalues, energies, d, POINTS, LABELS, NOISE, replicates=REPLICATES).draws
        for d in range(FUNCTIONS + 1)])  # one seed: the same points and labels for every d
    risks = draws.mean(axis=1)
    best = int(np.argmin(risks))
    report = (f"{carry} functions carry your task; with {POINTS} points without labels they cost "
              f"{risks[carry]:.4f} (simulated)")
    if best > carry:
        raise Hint(f"{report}, but d = {best} costs {risks[best]:.4f}: more is better, since "
                   "together they hold what the points mix up. Let all eigenvalues from "
                   f"ℓ_{carry} on be near each other, and the last energy small.")
    if best == carry:
        first_order = cl.sampling.two_stage_risk(eigenvalues, energies, carry, POINTS, LABELS,
                                                 NOISE)
        if first_order.pretraining < NOISE / LABELS:
            raise Hint(f"{report}, the best. Pre-training loses only "
                       f"{first_order.pretraining:.4f} of that: move ℓ_{carry + 1}, and what comes "
                       f"after, nearer to ℓ_{carry}.")
        turned = cl.sampling.turn(eigenvalues, carry, POINTS)
        raise Hint(f"{report}, still the best. To first order pre-training would lose "
                   f"{first_order.pretraining:.2g}, but the space is turned by {turned:.2g}, too "
                   "far for that, and a function found in part may still be worth having. Give the "
                   "last one less energy, or a smaller gap.")
    gain = draws[carry] - draws[best]
    errors = gain.mean() / (gain.std(ddof=1) / np.sqrt(REPLICATES))
    if errors < CLEARLY:
        raise Hint(f"{report}, d = {best} costs {risks[best]:.4f}, a difference of only "
                   f"{errors:.1f} standard errors. Make it clearer: more eigenvalues near "
                   f"ℓ_{carry}.")
    return (f"{report}, d = {best} costs {risks[best]:.4f}, and yet d = {carry} would be best if "
            "they were known exactly. A function that the points cannot tell from its "
            "neighbours is paid for in full and had in part.")


# ---- what the readers see


def _risk_source(result="missed + (noise + missed) * d / (m - d - 1)", missed="energies[d:]",
                 few="m <= d + 1"):
    return f"""
def answer(energies, d, m, noise):
    missed = {missed}.sum()
    return np.inf if {few} else {result}
"""


def _kept_source(result):
    return f"answer = lambda energies, m, noise: {result}"


def _labels_source(functions="range(1, len(energies) + 1)", missed="1 - energies[:d].sum()",
                   labels="d + 1 + np.ceil(d * (noise + missed) / (wanted - missed))",
                   few="missed < wanted", result="fewest"):
    return f"""
def answer(energies, noise, wanted):
    fewest = np.inf
    for d in {functions}:
        missed = {missed}
        if {few}:
            fewest = min(fewest, {labels})
    return {result}
"""


def _gap_source(eigenvalues="5, 1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01",
                energies="0.99, 0.01, 0, 0, 0, 0, 0, 0"):
    return f"""
eigenvalues = [{eigenvalues}]
energies = [{energies}]
answer = eigenvalues, energies
"""


EXERCISES = (
    Exercise(
        "ex_09_1", "What a probe pays",
        "Set `answer` to a function of `(energies, d, m, noise)` that returns the expected excess "
        "risk of a probe on the first d functions with m labels, the noise being σ²: err_d + "
        "(σ² + err_d) d/(m − d − 1), where err_d sums the energies beyond the first d. With "
        "d ≥ 1 and m ≤ d + 1 it is infinite: return np.inf. numpy only.",
        _check_risk,
        _risk_source(),
        {_risk_source("missed + noise * d / (m - d - 1)"): "is noise to the probe, too",
         _risk_source("missed + (noise + missed) * d / m"): "exact price",
         _risk_source("missed + (noise + missed) * d / (m - d)"): "not d/(m − d)",
         _risk_source("(noise + missed) * d / (m - d - 1)"): "stays missed",
         _risk_source("(noise + missed) * (m - 1) / (m - d - 1)"): "on top",
         _risk_source("missed + (noise**2 + missed) * d / (m - d - 1)"): "do not square",
         _risk_source(missed="energies[d + 1:]"): "one energy is lost",
         _risk_source(missed="energies[:d]"): "those it has not",
         _risk_source(few="False"): "return np.inf",
         _risk_source(few="m == d + 1"): "never negative",
         _risk_source("missed"): "for energies",
         "answer = lambda energies, d, m, noise: energies": "must be one number"},
    ),
    Exercise(
        "ex_09_2", "Worth its labels?",
        "With labels plenty, a function is worth keeping if its energy u_i² is larger than the "
        "variance of its fitted coefficient, σ²/m. Set `answer` to a function of `(energies, m, "
        "noise)`, the energies in no order, that returns a True or False for each. One line is "
        "enough.",
        _check_kept,
        _kept_source("energies > noise / m"),
        {_kept_source("np.sum(energies > noise / m)"): "how many",
         _kept_source("np.flatnonzero(energies > noise / m)"): "bare comparison",
         _kept_source("energies < noise / m"): "leave out",
         _kept_source("np.arange(len(energies)) < np.sum(energies > noise / m)"):
             "not the first ones",
         _kept_source("energies > noise"): "more labels",
         _kept_source("energies > noise / np.sqrt(m)"): "standard error",
         _kept_source("np.sqrt(energies) > noise / m"): "no root",
         _kept_source("energies > noise**2 / m"): "do not square",
         _kept_source("energies > 0"): "a coefficient costs",
         _kept_source("energies[:3]"): "must have shape"},
    ),
    Exercise(
        "ex_09_3", "How many labels do I need?",
        "A task has variance 1; the energies in the functions of a context sum to less, and the "
        "rest no function carries. Set `answer` to a function of `(energies, noise, wanted)` that "
        "returns the fewest labels m with which a probe on the first d functions, d ≥ 1 the best "
        "for the purpose, has a total risk (that of ex_09_1) of at most `wanted`, a number below "
        "1. If no number is enough, return np.inf. (A loop over m would never end then; each d "
        "can be solved for m.)",
        _check_labels,
        _labels_source(),
        {_labels_source("[len(energies)]"): "Try every d",
         _labels_source(missed="energies[d:].sum()"): "do not sum to 1",
         _labels_source(labels="np.ceil(d * (noise + missed) / (wanted - missed))"):
             "comes from d/m",
         _labels_source(labels="d + 1 + d * (noise + missed) // (wanted - missed)"): "round up",
         _labels_source(labels="d + 1 + d * (noise + missed) / (wanted - missed)"): "round up",
         _labels_source(labels="(d + 1 + np.ceil(d * (noise + missed) / (wanted - missed)), d)",
                        result="fewest[1]").replace("fewest = np.inf", "fewest = (np.inf, 0)"):
             "a number of functions",
         _labels_source(result="fewest if fewest < np.inf else 0"): "no number is enough",
         _labels_source(result="np.inf"): "it can be done",
         _labels_source(labels="d + 1 + np.ceil(d * noise / (wanted - missed))"): "For each d",
         "answer = lambda energies, noise, wanted: None": "returns nothing"},
    ),
    Exercise(
        "ex_09_4", "Better without",
        f"Invent a spectrum and a task for which it is better to use fewer functions than carry "
        f"the task, and only since {POINTS} points without labels cannot find them all. Set "
        f"`answer` to `(eigenvalues, energies)`, {FUNCTIONS} numbers each: the eigenvalues "
        f"positive and falling, the energies summing to 1. With {LABELS} labels and noise "
        f"{NOISE:g}, all functions with energy must be best if they are known exactly "
        f"(`cl.sampling.best_dimension`), but fewer if they are principal components of the "
        f"points (`cl.sampling.two_stage_risk`; the check simulates).",
        _check_gap,
        _gap_source(),
        {_gap_source(energies="0.999, 0.001, 0, 0, 0, 0, 0, 0"): "price of labels",
         _gap_source("8, 7, 1, 0.9, 0.8, 0.7, 0.6, 0.5"): "move ℓ_3",
         _gap_source(energies="0.5, 0.5, 0, 0, 0, 0, 0, 0"): "the last energy small",
         _gap_source("5, 1.3, 1.05, 1.04, 1.03, 1.02, 1.01, 1", "0.97, 0.03, 0, 0, 0, 0, 0, 0"):
             "less energy",
         _gap_source("5, 1.01, 1, 0.05, 0.04, 0.03, 0.02, 0.01"): "more is better",
         _gap_source(energies="1, 1, 0, 0, 0, 0, 0, 0"): "sum to 1",
         _gap_source("5, 1, 1, 1, 1, 1, 1, 1"): "A gap may be small",
         _gap_source("1, 2, 3, 4, 5, 6, 7, 8"): "and fall",
         _gap_source("1e9, 7, 6, 5, 4, 3, 2, 1"): "times the last",
         _gap_source("3, 2, 1"): "yours have shape",
         _gap_source(energies="1.1, -0.1, 0, 0, 0, 0, 0, 0"): "not negative",
         "answer = lambda x: x": "two rows of numbers"},
    ),
)
