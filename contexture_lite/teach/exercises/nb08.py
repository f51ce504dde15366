"""Exercises of notebook 08: what a larger network gives, and what it cannot."""

import numpy as np

from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
)

# -- the height of the plateau ---------------------------------------------------------


def _check_plateau(answer):
    for s, d in (([0.9, 0.6, 0.5, 0.1], 2), ([0.99, 0.98, 0.3, 0.2, 0.2], 4), ([0.7, 0.4], 1)):
        s = np.array(s)
        found = number_of(call(answer, s, d, takes="s, d"), "the ratio trace")
        top = s[:d] ** 2
        if close(found, s[:d].sum()):
            raise Hint("the ratio trace counts squares: a function that loses half of its length "
                       "on the way to A keeps a quarter of its variance.")
        if d < len(s) and close(found, np.sum(s**2)):
            raise Hint("that is χ², with every function; the network has d of them.")
        if d > 1 and close(found, top.mean()):
            raise Hint("that is the mean over d functions; the ratio trace is the sum.")
        if close(found, 1 + top.sum()):
            raise Hint("the constant s₀ = 1 is not counted: features are centred.")
        if close(found, np.sum(s[d:] ** 2)):
            raise Hint("that is what d functions leave out.")
        if not close(found, top.sum()):
            raise Hint(f"for s = {s.tolist()} and d = {d} it is {top.sum():.4g}, yours is "
                       f"{found:.4g}. Which encoder has the largest ratio trace?")
    return "No width, depth or time goes beyond that; only another context has another height."


# -- the size of a network -------------------------------------------------------------


def _check_parameters(answer):
    from contexture_lite import learn  # needs torch, which is loaded for the check only

    for inputs, outputs, width, depth in ((8, 64, 128, 2), (64, 15, 10, 4), (3, 5, 7, 1)):
        sizes = inputs, outputs, width, depth
        network = learn.ResidualMLP(inputs, outputs, width=width, depth=depth)
        wanted = sum(parameter.numel() for parameter in network.parameters())
        found = number_of(call(answer, *sizes, takes="inputs, outputs, width, depth"), "the count")
        skip, inner = outputs * (inputs + 1), width**2 + width
        biases = outputs + depth * width
        slips = {
            biases: "add the biases: one for each output of every map but the last.",
            skip: "x also goes straight to the outputs, by a linear map with a bias.",
            -inner: "depth counts all hidden layers, and the first of them maps from the inputs: "
                    "depth − 1 maps lead from hidden units to hidden units.",
            -outputs: "the map from the last hidden layer to the outputs has no bias; the skip's "
                      "is enough.",
        }
        for missing, hint in slips.items():
            if close(found, wanted - missing):
                raise Hint(hint)
        if not close(found, wanted):
            raise Hint(f"for inputs, outputs, width, depth = {sizes} there are {wanted}, yours is "
                       f"{found:g}. Count map by map: skip, first, depth − 1 inner ones, last.")
    return "Twice the width is nearly four times the numbers, if there is more than one layer."


# -- what ten times as many parameters gave --------------------------------------------


def _tables():
    """Sizes and errors of networks, in no order; no two of one size."""
    rng = np.random.default_rng(83)
    for n in (20, 12, 8):
        parameters = rng.permutation(np.unique(np.geomspace(50, 40_000, n).astype(int)))
        yield parameters, (0.5 + 1 / parameters**0.5) * (0.9 + 0.2 * rng.random(n))


def _tenfold(parameters, errors, factor=10, least=0.95, partner=np.argmin):
    """(helped, tried): partners are networks with ``factor`` times the parameters or more."""
    helped = tried = 0
    for size, error in zip(parameters, errors):
        larger = np.flatnonzero(parameters >= factor * size)
        if len(larger):
            tried += 1
            helped += errors[larger[partner(parameters[larger])]] < least * error
    return np.array([helped, tried], dtype=float)


def _check_tenfold(answer):
    for parameters, errors in _tables():
        found = array_of(call(answer, parameters, errors, takes="parameters, errors"), (2,),
                         "the answer, (helped, tried),")
        wanted = _tenfold(parameters, errors)
        if close(found, wanted):
            continue
        if close(found, wanted[::-1]):
            raise Hint("the other way round: (helped, tried).")
        if close(found, _tenfold(parameters, errors, least=1)):
            raise Hint("a little less is not enough: the error must fall below 95 % of what it "
                       "was.")
        if close(found, _tenfold(parameters, errors, partner=np.argmax)):
            raise Hint("compare with the smallest network that is large enough, not with the "
                       "largest of all.")
        if close(found, _tenfold(*np.array(sorted(zip(parameters, errors))).T, factor=1 + 1e-9)):
            raise Hint("the next larger network is not ten times as large.")
        if close(found[1], len(parameters)):
            raise Hint("the largest networks have none ten times their size: they are not tried.")
        if not close(found[1], wanted[1]):
            raise Hint(f"of {len(parameters)} networks {wanted[1]:.0f} have one with at least ten "
                       f"times their parameters; you tried {found[1]:g}. The table is in no order.")
        raise Hint(f"of {wanted[1]:.0f} tried {wanted[0]:.0f} helped, yours {found[0]:g}. The "
                   "partner is the smallest network with at least ten times the parameters.")
    return "Do the same with another context in the place of the larger network, and compare."


# -- agreement by chance ---------------------------------------------------------------


def _check_chance(answer):
    for d1, d2, n in ((15, 15, 1000), (64, 10, 129), (3, 40, 41)):
        found = number_of(call(answer, d1, d2, n, takes="d1, d2, n"), "the value by chance")
        total, least = d1 * d2 / (n - 1), min(d1, d2)
        wanted = total / least
        if close(found, wanted):
            continue
        if close(found, total):
            raise Hint(f"that is the sum of the squared correlations; there are {least} of them, "
                       "and the measure is their mean.")
        if close(found, d1 * d2 / n / least) or close(found, d1 * d2 / (n - 2) / least):
            raise Hint("n − 1: the mean is taken off, so that a function on n points has n − 1 "
                       "directions to be in.")
        if close(found, least / (n - 1)):
            raise Hint("the wider of the two counts: it is the one that is easy to hit.")
        if close(found, wanted**0.5):
            raise Hint("that is the root; the measure is the mean of squares.")
        raise Hint(f"for d₁ = {d1}, d₂ = {d2}, n = {n} it is {wanted:.4g}, yours {found:.4g}. One "
                   "direction at random: which share of its square lies in d of n − 1 dimensions?")
    return "As wide as there are points, and any two networks agree perfectly: print the null."


# -- a larger network, or another context? ---------------------------------------------


def _cases():
    """(s, energies, found, d): modes in no order; a network's gain and the rest differ clearly."""
    yield np.array([0.9, 0.3, 0.7, 0.5]), np.array([0.3, 0.1, 0.4, 0.1]), \
        np.array([0.9, 0.0, 0.2, 0.0]), 2
    yield np.array([0.2, 0.95, 0.6, 0.1]), np.array([0.4, 0.1, 0.1, 0.3]), \
        np.array([0.0, 0.9, 0.6, 0.0]), 2
    yield np.array([0.5, 0.4, 0.8]), np.array([0.05, 0.6, 0.15]), np.array([0.2, 0.7, 0.9]), 1
    yield np.array([0.1, 0.2, 0.3, 0.4, 0.5]), np.array([0.02, 0.05, 0.1, 0.3, 0.5]), \
        np.array([0.3, 0.0, 0.1, 0.2, 0.6]), 3


def _advice(now, plateau):
    return "network" if now - plateau > plateau else "context"


def _check_advice(answer):
    for s, energies, found, d in _cases():
        given = call(answer, s, energies, found, d, takes="s, energies, found, d")
        try:
            now, plateau, advice = given
            errors = array_of([now, plateau], (2,), "(now, plateau)")
        except (TypeError, ValueError):
            raise Hint("return three things, (now, plateau, advice): two errors and a "
                       "word.") from None
        top = np.argsort(-s)[:d]
        wanted = 1 - np.array([found @ energies, energies[top].sum()])
        if close(errors, wanted[::-1]):
            raise Hint("the other way round: first the error now, then the plateau's.")
        if close(errors, 1 - wanted):
            raise Hint("these are the shares explained; the error is the rest, 1 − Σ.")
        _check_now(errors[0], wanted[0], found, energies, top)
        _check_height(errors[1], wanted[1], energies, d)
        if not isinstance(advice, str) or advice not in ("network", "context"):
            raise Hint('advice is "network" or "context".')
        if advice != _advice(*wanted):
            raise Hint(f"now {wanted[0]:.2f}, at the plateau {wanted[1]:.2f}: a larger network "
                       f"gains at most {wanted[0] - wanted[1]:.2f}, and {wanted[1]:.2f} is left "
                       "for another context. Which is more?")
    return ("A larger network comes to the plateau, up or down. Only another context moves it, and "
            "which one cannot be read off the spectrum: the target decides.")


def _check_now(now, wanted, found, energies, top):
    if close(now, wanted):
        return
    if close(now, 1 - (found[top] @ energies[top])):
        raise Hint("the error now: a network in training may also hold something of functions "
                   "that are not among the top d. Sum over all modes.")
    if close(now, 1 - found**2 @ energies):
        raise Hint("the error now: found is a share of variance already; do not square it.")
    raise Hint(f"the error now is 1 − Σ found_i · energies_i, {wanted:.3f} here; yours is "
               f"{now:.3f}.")


def _check_height(plateau, wanted, energies, d):
    if close(plateau, wanted):
        return
    if close(plateau, 1 - energies[:d].sum()):
        raise Hint("the plateau: the modes come in no order; the top d have the largest s.")
    if close(plateau, 1 - np.sort(energies)[-d:].sum()):
        raise Hint("the plateau: a network learns the functions with the largest s, whatever the "
                   "target needs. That the two differ is what can go wrong.")
    raise Hint(f"at the plateau the d functions of largest s are found in full: {wanted:.3f} "
               f"here; yours is {plateau:.3f}.")


_TENFOLD = """
def answer(parameters, errors):
    helped = tried = 0
    for size, error in zip(parameters, errors):
        larger = np.flatnonzero(parameters >= 10 * size)
        if len(larger):
            tried += 1
            helped += errors[larger[np.argmin(parameters[larger])]] < 0.95 * error
    return helped, tried
"""
_ADVICE = """
def answer(s, energies, found, d):
    top = np.argsort(-s)[:d]
    now, plateau = 1 - found @ energies, 1 - energies[top].sum()
    return now, plateau, "network" if now - plateau > plateau else "context"
"""
_SIZES = "answer = lambda inputs, outputs, width, depth: "

EXERCISES = (
    Exercise(
        "ex_08_1", "The height of the plateau",
        "A context has singular values s₁ ≥ s₂ ≥ … (an array, without s₀), and networks learn d "
        "functions from it. Set `answer` to a function of `(s, d)`: the largest ratio trace that "
        "any network can have, however large.",
        _check_plateau,
        "answer = lambda s, d: np.sum(s[:d] ** 2)",
        {"answer = lambda s, d: np.sum(s[:d])": "counts squares",
         "answer = lambda s, d: np.sum(s**2)": "that is χ²",
         "answer = lambda s, d: np.mean(s[:d] ** 2)": "mean over d",
         "answer = lambda s, d: 1 + np.sum(s[:d] ** 2)": "not counted",
         "answer = lambda s, d: np.sum(s[d:] ** 2)": "leave out",
         "answer = lambda s, d: d * s[0]": "Which encoder",
         "answer = lambda s, d: s[:d] ** 2": "one number"},
    ),
    Exercise(
        "ex_08_2", "The size of a network",
        "`learn.ResidualMLP` computes Φ(x) = L₀ x + L₁ h, where h = h_depth, h₁ = tanh(W x + b) "
        "and h_{k+1} = h_k + tanh(W_k h_k + b_k); L₀ has a bias, L₁ has none. x has `inputs` "
        "numbers, every h has `width`, Φ(x) has `outputs`. Set `answer` to a function of "
        "`(inputs, outputs, width, depth)`: how many numbers are trained.",
        _check_parameters,
        f"{_SIZES}(\n    outputs * (inputs + 1) + width * (inputs + 1) + (depth - 1) * "
        "width * (width + 1)\n    + outputs * width)",
        {f"{_SIZES}(inputs * outputs + inputs * width + (depth - 1) * width**2 + "
         "outputs * width)": "add the biases",
         f"{_SIZES}(width * (inputs + 1) + (depth - 1) * width * (width + 1) + outputs * width)":
             "straight to the outputs",
         f"{_SIZES}(outputs * (inputs + 1) + width * (inputs + 1) + depth * width * (width + 1) "
         "+ outputs * width)": "depth counts all hidden layers",
         f"{_SIZES}(outputs * (inputs + 1) + width * (inputs + 1) + (depth - 1) * width * "
         "(width + 1) + outputs * (width + 1))": "has no bias",
         f"{_SIZES}inputs * width * outputs": "map by map"},
    ),
    Exercise(
        "ex_08_3", "Ten times as many parameters",
        "A table of networks that learned from one context: `parameters` and `errors`, two arrays, "
        "in no order. For each network take the smallest one that has at least ten times its "
        "parameters, if there is one. Set `answer` to a function of `(parameters, errors)` that "
        "returns `(helped, tried)`: for how many networks there is one, and for how many of these "
        "its error is below 95 % of theirs.",
        _check_tenfold,
        _TENFOLD,
        {_TENFOLD.replace("helped, tried\n", "tried, helped\n"): "other way round",
         _TENFOLD.replace("0.95 * error", "error"): "95 %",
         _TENFOLD.replace("argmin", "argmax"): "not with the largest",
         _TENFOLD.replace(">= 10 * size", "> size"): "next larger",
         _TENFOLD.replace("return helped, tried", "return helped, len(errors)"): "are not tried",
         _TENFOLD.replace(">= 10", ">= 100"): "you tried",
         _TENFOLD.replace("0.95", "0.5"): "tried",
         "answer = lambda parameters, errors: 3": "(helped, tried)"},
    ),
    Exercise(
        "ex_08_4", "Agreement by chance",
        "Two networks have nothing to do with each other; one has d1 functions, the other d2, and "
        "they are compared at n points (d1 and d2 below n). Set `answer` to a function of "
        "`(d1, d2, n)`: the mean squared canonical correlation to be expected, the mean being over "
        "min(d1, d2) of them.",
        _check_chance,
        "answer = lambda d1, d2, n: max(d1, d2) / (n - 1)",
        {"answer = lambda d1, d2, n: d1 * d2 / (n - 1)": "the sum of the squared",
         "answer = lambda d1, d2, n: max(d1, d2) / n": "n − 1",
         "answer = lambda d1, d2, n: max(d1, d2) / (n - 2)": "n − 1",
         "answer = lambda d1, d2, n: min(d1, d2) / (n - 1)": "the wider of the two",
         "answer = lambda d1, d2, n: (max(d1, d2) / (n - 1)) ** 0.5": "that is the root",
         "answer = lambda d1, d2, n: 0": "One direction at random"},
    ),
    Exercise(
        "ex_08_5", "A larger network, or another context?",
        "A context's functions μ_i have singular values `s`, in no order; `energies` are the "
        "shares of a target's variance that lie on them (what is missing to 1 is no function of "
        "this context). A network with d functions is being trained; `found` are the shares of "
        "each μ_i that its span holds so far, and take its probe error to be 1 − Σ found_i · "
        "energies_i. A larger network would in the end hold the d functions of largest s and no "
        "others. Set `answer` to a function of `(s, energies, found, d)` that returns "
        "`(now, plateau, advice)`: the error now, the error of the largest network, and "
        '"network" if going there gains more than the plateau leaves for another context, else '
        '"context".',
        _check_advice,
        _ADVICE,
        {_ADVICE.replace("return now, plateau", "return plateau, now"): "other way round",
         _ADVICE.replace("1 - ", ""): "the error is the rest",
         _ADVICE.replace("found @ energies", "found[top] @ energies[top]"): "Sum over all modes",
         _ADVICE.replace("found @", "found**2 @"): "do not square it",
         _ADVICE.replace("found @", "s @"): "the error now is",
         _ADVICE.replace("np.argsort(-s)[:d]", "slice(d)"): "in no order",
         _ADVICE.replace("argsort(-s)", "argsort(-energies)"): "whatever the target needs",
         _ADVICE.replace("[:d]", "[:d + 1]"): "found in full",
         _ADVICE.replace("now - plateau > plateau", "now > plateau"): "Which is more?",
         _ADVICE.replace('"network" if', '"train" if'): 'advice is "network" or',
         "answer = lambda s, energies, found, d: 1": "three things"},
    ),
)
