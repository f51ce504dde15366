"""Notebook 15: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints, verdict_on

import contexture_lite as cl
from contexture_lite.teach.nb15_tokens import exercises
from contexture_lite.teach.widgets.exercises import exercise


def cost(joint, a, b):
    """χ² before less χ² after."""
    merged = joint.copy()
    merged[:, a] += merged[:, b]
    return cl.Context(joint).chi2() - cl.Context(np.delete(merged, b, axis=1)).chi2()


def blocks(f, k):
    """From the table of all pairs of blocks."""
    step = np.array([[1 - f, f], [f, 1 - f]])
    path = np.array([0.5, 0.5])
    for _ in range(2 * k - 1):
        path = path[..., None] * step
    table = path.reshape(2**k, 2**k)
    p = table.sum(axis=1)
    return cl.singular_system(cl.Context(table)).values[0], -(p @ np.log2(p)) / k


def per_byte(bits, tokens, unknown, spelling):
    """A text of a million bytes, token by token."""
    count = tokens * 1e6
    return (count * bits + count * unknown * spelling) / 1e6


test_a_solution_is_right = agree_with({
    "ex_15_1": cost, "ex_15_2": per_byte, "ex_15_3": blocks})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_15_1": {"ratio = joint / p[:, None] / q → ratio = joint / p[:, None]": "compare the ratios",
                "0.0": "takes", "(p @ (ratio[:, a] - ratio[:, b]) ** 2) → (p @ (ratio[:, a] - "
                "ratio[:, b]))": "yours is"},
    "ex_15_2": {"bits": "per token", "bits / tokens": "more bits than a raw byte",
                "tokens * bits": "must still be spelled", "1.0": "yours is 1.000"},
    "ex_15_3": {"abs(1 - 2 * f) → f": "it is (0.500, 0.874)",
                "abs(1 - 2 * f), h + (1 - h) / k → abs(1 - 2 * f) ** k, h + (1 - h) / k":
                    "the two blocks touch",
                "abs(1 - 2 * f), h + (1 - h) / k → abs(1 - 2 * f), h": "entropy rate",
                "(0.3, 0.2)": "it is (0.500, 0.874)"},
    "ex_15_4": {"300": "not yet", "2000": "fewer merges", "700": "one of 100"},
    "ex_15_5": {'answer = "growing"': "a list of 20", "answer = [1] * 20": "a string of 1",
                'answer = ["a"] * 20': "yours are 1", "answer = list('abcdefghijklmnopqrst')":
                "in one section and no other"},
})


def test_the_open_solution_wins_on_each_of_the_three_halves_together():
    assert verdict_on("ex_15_5", exercise("ex_15_5").solution)[0] == "right"
    assert 0.75 < exercises._opponent() < 0.83
