"""Notebook 10: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints

import contexture_lite as cl


def points_left(p, target, n):
    """(Σ w)² / Σ w² over the points that are drawn."""
    weights = cl.shift.importance_weights(p, target)
    return cl.shift.effective_size(np.repeat(weights, np.rint(n * p).astype(int)))


test_a_solution_is_right = agree_with({
    "ex_10_1": cl.shift.cvar, "ex_10_2": points_left,
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_10_1": {"np.sort(losses)[::-1][:int(alpha * len(losses))].mean()": "the 2 largest, but α n",
                "losses[losses >= np.quantile(losses, 1 - alpha)].mean()": "is not whole",
                "np.sort(losses)[-int(np.ceil(alpha * len(losses))):]": "return their mean",
                "losses[:int(alpha * len(losses))]": "return their mean",
                "np.cumsum(losses)": "return their mean",
                "cl.shift.cvar(losses, alpha) if alpha * len(losses) >= 1 else np.nan":
                    "α n = 0.5 is less than one point",
                "np.partition(losses, -3)[-3] if len(losses) == 10 else 0": "value at risk",
                "losses.mean()": "a part of the last"},
    "ex_10_2": {"np.sum(p * w**2) → np.abs(p - target).sum()": "n / Σ p w²",
                "n / np.sum(p * w**2) → np.sum(p * w**2) - 1": "that is the price",
                "n / np.sum(p * w**2) → np.sum(p * w**2) / n": "that is the price",
                "target / p": "for the whole sample"},
    "ex_10_3": {"5": "not yet", "40": "fewer labels are, too", "15": "one of 5, 10, 20, 40",
                "[10, 20]": "shape"},
    "ex_10_4": {"1, -10 → 1, 1.1": "far enough", "0.2, 0.15, 0.05 → 0.2, 0.1, 0.1": "DORO expects",
                "1, -10 → 1, 6": "no better than",
                "([-.1, 0, .1, 4, -3.8], [.32, .3, .3, .03, .05])": "not among",
                "0.15, 0.05 → 0.15, 0.5": "sum to 1", "0.15, 0.05 → 0.2, 0": "must be positive",
                "1, -10 → 1, 1e200": "keep all places",
                "[-0.1, 0, 0.1, 1, -10] → [0, 0, 0, 1, -20]": "four different places",
                "-0.1, 0, 0.1 → 0.1": "yours have shape", "answer = lambda x: x": "two rows of"},
})
