"""Notebook 08: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints
from scipy.optimize import curve_fit

from contexture_lite.teach.nb08_scaling import exercises
from contexture_lite.teach.widgets.exercises import verdict


def by_chance(d1, d2, n):
    """All d1 d2 squared correlations, each 1/(n − 1) in the mean, over their largest number."""
    return d1 * d2 / (n - 1) / min(d1, d2)


def advice(s, energies, found, d):
    now = 1 - sum(share * energy for share, energy in zip(found, energies))
    height = 1 - sum(energy for _, energy in sorted(zip(s, energies))[-d:])
    return now, height, "network" if now > 2 * height else "context"


test_a_solution_is_right = agree_with({
    "ex_08_2": advice, "ex_08_4": by_chance,
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_08_1": {
        "fitted[0], error → fitted[0] + 0.02, error": "by least squares in the errors",
        "answer = fitted[0], error → answer = 0.0, error": "falls forever",
        "fitted[0], error(20_000, *fitted) - error(200_000, *fitted) → "
        "error(20_000, *fitted) - error(200_000, *fitted), fitted[0]": "other way round",
        "error(20_000, *fitted) - error(200_000, *fitted) → error(200_000, *fitted)":
            "by how much",
        "- error(200_000, *fitted) → - fitted[0]": "all that is left",
        "200_000 → 40_000": "E is right",
        "fitted[0], error → 1, fitted[0], error": "shape",
    },
    "ex_08_3": {
        "tree.joint, second, second → tree.joint, second": "three things",
        "second, second → second, second[:3]": "shape",
        "second, second → 0 * second + 1, second": "f is constant",
        "second, second → second, 0 * second": "phi is constant",
        "binary_tree(0.7, 0.4) → hypercube(0.6)": "which function comes first",
        "left[:, 1] → left[:, 0]": "too much of this context",
        "second, second → cl.singular_system(tree).left[:, 0], second": "What should the task",
    },
    "ex_08_4": {"d1 * d2 / (n - 1)": "there are 15 of them", "0": "One direction at random",
                "d1 * d2 / n / min(d1, d2)": "n − 1"},
    "ex_08_2": {"1 - found → 1 - s": "the error now is", "[:d] → [:d + 1]": "found in full",
                "now - height > → now >": "Which is more?", '"network" → "train"': 'advice is "n',
                "return now, height → return height, now": "other way round",
                "now, height = 1 - found @ energies, 1 - → now, height = found @ energies, ":
                    "the error is the rest",
                "found @ energies → found[top] @ energies[top]": "Sum over all modes",
                "found @ → found**2 @": "do not square it",
                "np.argsort(-s)[:d] → slice(d)": "in no order",
                "argsort(-s) → argsort(-energies)": "whatever the target needs"},
})


def test_the_fit_of_the_check_is_that_of_curve_fit():
    """By another optimiser, from another start."""
    weights, errors = exercises._networks()
    found, _ = curve_fit(lambda N, E, a, alpha: E + a * (N / 1e4) ** -alpha, weights, errors,
                         p0=(0.1, 0.1, 2))
    E, a, alpha = exercises._fitted()
    assert np.allclose([E, a * 1e4**-alpha, alpha], found, rtol=1e-3)
    assert len(weights) == 24


def test_any_table_with_the_property_is_taken():
    joint = np.diag([0.4, 0.3, 0.2, 0.1])  # s₁ = s₂ = 1: nothing comes first
    first, second = np.array([1.0, 1, -1, -1]), np.array([1.0, -1, 1, -1])
    assert verdict("ex_08_3", (joint, first, second))[0] == "wrong"
    joint = (1 + 0.7 * np.outer(first, first) + 0.2 * np.outer(second, second)) / 16
    assert verdict("ex_08_3", (joint, second + 0.3 * first, second))[0] == "right"
    assert verdict("ex_08_3", (joint.tolist(), second, -5 * second + 1))[0] == "right"
