"""Exercises of notebook 08: what a larger network gives, and what it cannot."""

from functools import cache

import numpy as np
from scipy.optimize import minimize_scalar

import contexture_lite as cl
from contexture_lite.teach.nb08_scaling import law, results
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, close, compared

HERE = 20_000  # weights of the network that is to become ten times as large
NEAR = 0.0015  # two fits of one curve


def _networks():
    """Weights and errors on the digits, 10 neighbours."""
    of = law.networks(results.shipped()).loc["10 neighbours"]
    return of["weights"].to_numpy(), of["error"].to_numpy()


@cache
def _fitted():
    """E, a and α of E + a N^−α by least squares: for each α the rest is a line."""
    weights, errors = _networks()

    def line(exponent):
        columns = np.c_[np.ones(len(weights)), weights**-exponent]
        return np.linalg.lstsq(columns, errors, rcond=None)

    exponent = minimize_scalar(lambda alpha: line(alpha)[1].item(), bounds=(0.1, 4)).x
    return (*line(exponent)[0], exponent)


def _check_ten_times(answer):
    floor, bought = array_of(answer, (2,), "(E, bought)")
    E, a, alpha = _fitted()
    left = a * HERE**-alpha
    gain = left * (1 - 10**-alpha)
    if close(floor, E, NEAR) and close(bought, gain, NEAR):
        return (f"{E:.3f}, and {gain:.3f}: after that at most {left - gain:.3f} is left for "
                "networks of any size. What E is, only another context decides.")
    if close(floor, gain, NEAR) and close(bought, E, NEAR):
        raise Hint("the other way round: (E, bought).")
    if abs(floor) < 1e-6:
        raise Hint("a power alone, a line in the logarithms, has E = 0: it promises that the error "
                   "falls forever. E is to be fitted, too.")
    if not close(floor, E, NEAR):
        raise Hint(f"E is {E:.3f} by least squares in the errors themselves, yours is {floor:.3f}. "
                   "curve_fit needs a start that is not far off: p0=(0.2, 1000, 1).")
    if close(bought, E + left - gain, NEAR):
        raise Hint("that is the error with ten times the weights; by how much does it fall?")
    if close(bought, left, NEAR):
        raise Hint("that is all that is left, a N^−α: an infinite network would gain it. With ten "
                   "times the weights a (10 N)^−α of it remains.")
    raise Hint(f"E is right. The error at {HERE:,} weights minus that at {10 * HERE:,} is "
               f"{gain:.3f}, yours is {bought:.3f}.")


def _check_wrong_context(answer):
    try:
        joint, f, phi = answer
    except (TypeError, ValueError):
        raise Hint("answer must be three things, (joint, f, phi).") from None
    try:
        context = cl.Context(joint)
    except (TypeError, ValueError) as wrong:
        raise Hint(str(wrong)) from None
    f, phi = (array_of(row, context.p_x.shape, name) for row, name in ((f, "f"), (phi, "phi")))
    for row, name in ((f, "f"), (phi, "phi")):
        if np.ptp(row) < 1e-6 * np.abs(row).max(initial=1e-300):
            raise Hint(f"{name} is constant: there is nothing in it to be predicted, or to predict "
                       "with.")
    system = cl.singular_system(context)
    first, second = np.r_[system.values, 0.0][:2]
    if first - second < 0.01:
        raise Hint(f"s₁ = {first:.3f} and s₂ = {second:.3f}: the context does not say which "
                   "function comes first. Let there be a gap of 0.01.")
    trace = cl.ritz(context, phi[:, None]).values[0]
    if trace > first**2 / 2:
        raise Hint(f"phi keeps {trace:.3f} of its variance, more than half of the largest, "
                   f"s₁² = {first**2:.3f}: it has learned too much of this context.")
    small, large = (_missed(context.p_x, f, g) for g in (phi, system.left[:, 0]))
    if small > large - 0.5:
        raise Hint(f"the error is {small:.2f} with phi and {large:.2f} with μ₁: with phi it must "
                   "be lower by 0.5. What should the task be made of?")
    return (f"error {small:.2f} with the small network, {large:.2f} with the large one, which "
            "learned what it was told. Nothing in the table said so: the task did.")


def _missed(p, f, g):
    """1 − squared correlation of f with g: what a probe on g misses."""
    f, g = f - p @ f, g - p @ g
    return 1 - (p @ (f * g)) ** 2 / ((p @ f**2) * (p @ g**2))


# (s, energies, found, d): modes in no order; a network's gain and the rest differ clearly
_TRAININGS = tuple((*map(np.array, rows), d) for *rows, d in (
    ([0.9, 0.3, 0.7, 0.5], [0.3, 0.1, 0.4, 0.1], [0.9, 0.0, 0.2, 0.0], 2),
    ([0.2, 0.95, 0.6, 0.1], [0.4, 0.1, 0.1, 0.3], [0.0, 0.9, 0.6, 0.0], 2),
    ([0.5, 0.4, 0.8], [0.05, 0.6, 0.15], [0.2, 0.7, 0.9], 1),
    ([0.1, 0.2, 0.3, 0.4, 0.5], [0.02, 0.05, 0.1, 0.3, 0.5], [0.3, 0.0, 0.1, 0.2, 0.6], 3)))


def _not_advice(wanted, result, s, energies, found, d):
    try:
        now, height, advice = result
        now, height = array_of([now, height], (2,), "(now, height)")
    except (TypeError, ValueError):
        return "return three things, (now, height, advice): two errors and a word."
    if not close(now, wanted[0]):
        return (f"the error now is 1 − Σ found_i · energies_i, {wanted[0]:.3f} here; yours is "
                f"{now:.3f}.")
    if not close(height, wanted[1]):
        return (f"in the end the d functions of largest s are found in full: {wanted[1]:.3f} "
                f"here; yours is {height:.3f}.")
    if not isinstance(advice, str) or advice not in ("network", "context"):
        return 'advice is "network" or "context".'
    return (f"now {wanted[0]:.2f}, in the end {wanted[1]:.2f}: a larger network gains at most "
            f"{wanted[0] - wanted[1]:.2f}, and {wanted[1]:.2f} is left for another context. Which "
            "is more?")


EXERCISES = (
    Exercise(
        "ex_08_1", "What would ten times the weights buy?",
        "An experiment. `teach.scaling_law.networks(teach.scaling_results.shipped()).loc[\"10 "
        "neighbours\"]` has `weights` and `error` of 24 networks on the digits. Fit E + a N^−α to "
        "the errors by least squares (`scipy.optimize.curve_fit`), and set `answer` to `(E, "
        f"bought)`: E, and by how much the error of a network of {HERE:,} weights falls, by your "
        "fit, if it gets ten times as many.",
        _check_ten_times,
        """
from scipy.optimize import curve_fit
from contexture_lite import teach

def error(N, E, a, alpha):
    return E + a * N**-alpha

ten = teach.scaling_law.networks(teach.scaling_results.shipped()).loc["10 neighbours"]
fitted, _ = curve_fit(error, ten.weights, ten.error, p0=(0.2, 1000, 1))
answer = fitted[0], error(20_000, *fitted) - error(200_000, *fitted)
""",
    ),
    compared(
        "ex_08_2", "A larger network, or another context?",
        "A context's functions μ_i have singular values `s`, in no order; `energies` are the "
        "shares of a target's variance that lie on them (what is missing to 1 is no function of "
        "this context). A network with d functions is being trained; `found` are the shares of "
        "each μ_i that its span holds so far, and take its probe error to be 1 − Σ found_i · "
        "energies_i. A larger network would in the end hold the d functions of largest s and no "
        "others. Set `answer` to a function of `(s, energies, found, d)` that returns "
        "`(now, height, advice)`: the error now, the error of the largest network, and "
        '"network" if going there gains more than the height leaves for another context, else '
        '"context".',
        """
def answer(s, energies, found, d):
    top = np.argsort(-s)[:d]
    now, height = 1 - found @ energies, 1 - energies[top].sum()
    return now, height, "network" if now - height > height else "context"
""",
        takes="s, energies, found, d", what="(now, height, advice)", cases=lambda: _TRAININGS,
        mistakes={
            "(1 - energies[np.argsort(-s)[:d]].sum(), 1 - found @ energies, ...)":
                "the other way round: first the error now, then the height's.",
            "(found @ energies, energies[np.argsort(-s)[:d]].sum(), ...)":
                "these are the shares explained; the error is the rest, 1 − Σ.",
            "(1 - found[np.argsort(-s)[:d]] @ energies[np.argsort(-s)[:d]], ..., ...)":
                "the error now: a network in training may also hold something of functions that "
                "are not among the top d. Sum over all modes.",
            "(1 - found**2 @ energies, ..., ...)":
                "the error now: found is a share of variance already; do not square it.",
            "(1 - found @ energies, 1 - energies[:d].sum(), ...)":
                "the height: the modes come in no order; the top d have the largest s.",
            "(1 - found @ energies, 1 - np.sort(energies)[-d:].sum(), ...)":
                "the height: a network learns the functions with the largest s, whatever the "
                "target needs. That the two differ is what can go wrong.",
        },
        otherwise=_not_advice,
        right="A larger network comes to that height, up or down. Only another context moves it, "
              "and which one cannot be read off the spectrum: the target decides.",
    ),
    Exercise(
        "ex_08_3", "Where the larger network is worse",
        "Invent a context, a task and a small network such that learning more makes it worse. Set "
        "`answer` to `(joint, f, phi)`: a table of probabilities, the task, and the only function "
        "that the small network has learned, both with one value for each row of the table. phi "
        "must have at most half of the largest ratio trace, s₁², and its error on f (the share of "
        "the variance of f that it does not explain) must be lower by 0.5 than that of μ₁, which "
        "the largest network learns. Let s₁ exceed s₂ by 0.01.",
        _check_wrong_context,
        """
import contexture_lite as cl

tree = cl.gallery.binary_tree(0.7, 0.4)
second = cl.singular_system(tree).left[:, 1]
answer = tree.joint, second, second
""",
    ),
    compared(
        "ex_08_4", "Agreement by chance",
        "Two networks have nothing to do with each other; one has d1 functions, the other d2, and "
        "they are compared at n points (d1 and d2 below n). Set `answer` to a function of "
        "`(d1, d2, n)`: the mean squared canonical correlation to be expected, the mean being over "
        "min(d1, d2) of them.",
        "answer = lambda d1, d2, n: max(d1, d2) / (n - 1)",
        takes="d1, d2, n", what="the value by chance",
        cases=lambda: ((15, 15, 1000), (64, 10, 129), (3, 40, 41)),
        mistakes={
            "d1 * d2 / (n - 1)": lambda wanted, _, d1, d2, n: (
                f"that is the sum of the squared correlations; there are {min(d1, d2)} of them, "
                "and the measure is their mean."),
            ("n - 1 → n", "n - 1 → n - 2"): "n − 1: the mean is taken off, so that a function on n "
                                            "points has n − 1 directions to be in.",
            "max → min": "the wider of the two counts: it is the one that is easy to hit.",
            "(max(d1, d2) / (n - 1))**0.5": "that is the root; the measure is the mean of squares.",
        },
        otherwise=lambda wanted, value, d1, d2, n: (
            f"for d₁ = {d1}, d₂ = {d2}, n = {n} it is {wanted:.4g}, yours {value:.4g}. One "
            "direction at random: which share of its square lies in d of n − 1 dimensions?"),
        right="As wide as there are points, and any two networks agree perfectly: print the null.",
    ),
)
