"""Exercises of notebook 09: how many labels, and how many points without."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.nb09_samples import experiment
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, close, compared

FUNCTIONS, POINTS, LABELS, NOISE = 8, 200, 50, 0.2  # of the open exercise
REPLICATES, CLEARLY = 400, 3  # of its simulation; standard errors
MOST = 1e6  # ratio of eigenvalues, for numbers that a computer can tell apart


def _probes():
    """(energies, d, m, noise); at the end with too few labels for the d functions."""
    rng = np.random.default_rng(91)
    for d, m in ((3, 12), (2, 9), (0, 4), (6, 20), (4, 5), (5, 3)):
        yield rng.random(6), d, m, 0.2 + rng.random()


def _not_the_risk(wanted, risk, energies, d, m, noise):
    if m <= d + 1:
        negative = not isinstance(risk, Hint) and risk < 0
        return (f"with {m} labels for {d} functions (m ≤ d + 1) the fit is so loose that its mean "
                "error is infinite: return np.inf."
                + (" A squared error is never negative." if negative else ""))
    return (f"for energies {np.round(energies, 2).tolist()}, d = {d}, m = {m} and noise "
            f"{noise:.2f} it is {wanted:.4f}, yours is {risk:.4f}. err_d + (σ² + err_d) "
            "d/(m − d − 1).")


@cache
def _least_errors():
    """Least error of a probe on digits with 20 labels: (drawn at random, two of each digit)."""
    tables = (experiment.curves("digits", [1000], [20], balanced=balanced, progress=False)
              for balanced in (False, True))
    return [table[table.d < 19].groupby("d").error.mean().min() for table in tables]


def _check_balanced(answer):
    ratio = float(array_of(answer, (), "the ratio"))
    random, balanced = _least_errors()
    if close(ratio, balanced / random, 0.03):
        return (f"{random:.2f} with labels drawn at random, {balanced:.2f} with two of each digit. "
                "A class without a label is a class that the probe never names.")
    if close(ratio, random / balanced, 0.03):
        raise Hint("the other way round: balanced over random, a number below 1.")
    if close(ratio, random - balanced, 0.03):
        raise Hint("this is the difference; the ratio is asked for.")
    raise Hint(f"the least error of a fit with m > d + 1 is {random:.2f} with labels at random; "
               "average over the seeds first, then take the least over d, once for each table.")


def _wishes():
    """(energies, noise, wanted); the last risk is more than labels can buy."""
    rng = np.random.default_rng(93)
    for wanted, noise in ((0.25, 0.6), (0.16, 0.5), (0.6, 0.1), (0.06, 0.3)):
        energies = np.sort(rng.random(6) ** 3)[::-1]
        yield energies * 0.9 / energies.sum(), noise, wanted


def _not_fewest(fewest, result, energies, noise, wanted):
    full = np.append(energies, 1 - energies.sum())
    case = (f"energies {np.round(energies, 2).tolist()}, noise {noise:g} and a wanted risk of "
            f"{wanted:g}")
    if fewest == np.inf:
        return (f"for {case} no number is enough, since {full[-1]:.2f} is missed whatever d and m: "
                f"return np.inf, not {result:g}.")
    if result == np.inf:
        return f"for {case} it can be done, with {fewest:g} labels."
    risks = [cl.sampling.probe_risk(full, d, int(fewest), noise).total for d in range(1, len(full))]
    if result in [d for d, risk in enumerate(risks, 1) if risk <= wanted]:
        return "that is a number of functions, the best one; how many labels do they need?"
    if result in (fewest - 1, fewest + 1) or np.ceil(result) == fewest:
        return (f"for {case} it is {fewest:g}, yours is {result:g}: the risk must be at most the "
                "wanted one, with a whole number of labels, so round up, and not more.")
    return (f"for {case} it is {fewest:g}, yours is {result:g}. For each d solve err_d + "
            "(σ² + err_d) d/(m − d − 1) ≤ wanted for m, then take the smallest.")


def _spectrum_and_task(answer):
    try:
        eigenvalues, energies = answer
    except (TypeError, ValueError):
        raise Hint("answer must be two rows of numbers, (eigenvalues, energies).") from None
    eigenvalues = array_of(eigenvalues, (FUNCTIONS,), "eigenvalues")
    energies = array_of(energies, (FUNCTIONS,), "energies")
    if (energies < 0).any():
        raise Hint("energies are squares, 0 or more, not negative.")
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
    best = int(risks.argmin())
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
        turned = cl.sampling.subspace_rotation(eigenvalues, carry, POINTS)
        raise Hint(f"{report}, still the best. To first order pre-training would lose "
                   f"{first_order.pretraining:.2g}, but the space is rotated by {turned:.2g}, too "
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


EXERCISES = (
    compared(
        "ex_09_1", "What a probe pays",
        "Set `answer` to a function of `(energies, d, m, noise)` that returns the expected excess "
        "risk of a probe on the first d functions with m labels, the noise being σ²: err_d + "
        "(σ² + err_d) d/(m − d − 1), where err_d sums the energies beyond the first d. With "
        "d ≥ 1 and m ≤ d + 1 it is infinite: return np.inf. numpy only.",
        """
def answer(energies, d, m, noise):
    missed = energies[d:].sum()
    return np.inf if m <= d + 1 else missed + (noise + missed) * d / (m - d - 1)
""",
        takes="energies, d, m, noise", what="the risk", cases=_probes,
        mistakes={
            "(noise + missed) → noise":
                "what the d functions miss is noise to the probe, too: it fits σ² + err_d.",
            ("(m - d - 1) → m", "(noise + missed) * d / (m - d - 1) → noise * d / m"):
                "d/m is what is left of it when labels are plenty; the exact price of d functions "
                "is d/(m − d − 1).",
            "(m - d - 1) → (m - d)":
                "nearly: the mean of tr (ZᵀZ)⁻¹ is d/(m − d − 1), not d/(m − d).",
            "missed + ( → (":
                "that is the probe's part alone; what is missed stays missed, add err_d.",
            "else missed → else noise + missed":
                "the noise of the new label is in yours; the excess is what comes on top of σ².",
            "(noise + → (noise**2 +": "noise is σ² already, a variance; do not square it.",
            "energies[d:] → energies[d + 1:]":
                "one energy is lost: the first d are energies[:d], the rest energies[d:].",
            "energies[d:] → energies[:d]":
                "these are the energies the probe has; err_d sums those it has not.",
            ("np.inf", *("np.inf if m <= d + 1 else missed + (noise + missed) * d / (m - d - 1) → "
                         f"missed + {d} / (m - d - 1) * (noise + missed)"
                         for d in ("d", "float(d)"))): _not_the_risk,
        },
        otherwise=_not_the_risk,
        right="A function the probe does not get costs twice: it is missed, and it blurs the fit "
              "of the others.",
    ),
    Exercise(
        "ex_09_2", "Two labels of every digit",
        "An experiment. Twenty digits of a thousand are labelled: drawn at random, or two of each "
        "digit (`teach.sample_experiment.curves(\"digits\", points=[1000], labels=[20], "
        "balanced=True)`). Take the error averaged over the seeds, its least over d (of d < 19, "
        "where there are labels to spare), and set `answer` to the ratio, balanced over random.",
        _check_balanced,
        """
from contexture_lite import teach

def least(balanced):
    table = teach.sample_experiment.curves("digits", [1000], [20], balanced=balanced,
                                           progress=False)
    return table[table.d < 19].groupby("d").error.mean().min()

answer = least(True) / least(False)
""",
    ),
    compared(
        "ex_09_3", "How many labels do I need?",
        "A task has variance 1; the energies in the functions of a context sum to less, and the "
        "rest no function carries. Set `answer` to a function of `(energies, noise, wanted)` that "
        "returns the fewest labels m with which a probe on the first d functions, d ≥ 1 the best "
        "for the purpose, has a total risk (that of ex_09_1) of at most `wanted`, a number below "
        "1. If no number is enough, return np.inf. (A loop over m would never end then; each d "
        "can be solved for m.)",
        """
def answer(energies, noise, wanted):
    fewest = np.inf
    for d in range(1, len(energies) + 1):
        missed = 1 - energies[:d].sum()
        if missed < wanted:
            fewest = min(fewest, d + 1 + np.ceil(d * (noise + missed) / (wanted - missed)))
    return fewest
""",
        takes="energies, noise, wanted", what="the number of labels", cases=_wishes,
        mistakes={
            "range(1, len(energies) + 1) → [len(energies)]":
                "that is for all the functions; with fewer of them fewer labels may do. Try every "
                "d.",
            "1 - energies[:d] → energies[d:]":
                "the energies do not sum to 1: what they leave of the task is missed whatever d, "
                "and it is noise to the probe.",
            "d + 1 + np.ceil → np.ceil": "that comes from d/m; the price of d functions is d/(m − "
                                         "d − 1), so d + 1 labels more.",
            "np.inf": _not_fewest,
        },
        otherwise=_not_fewest,
        right="Labels buy down what a probe pays, never what the context does not carry: that "
              "needs another context.",
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
        """
eigenvalues = [5, 1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01]
energies = [0.99, 0.01, 0, 0, 0, 0, 0, 0]
answer = eigenvalues, energies
""",
    ),
)
