"""Notebook 07: solutions beside oracles, wrong answers beside their hints."""

from itertools import product

import numpy as np
from exercising import agree_with, gets_hints

import contexture_lite as cl


def shown(keep, r):
    """The probabilities that all of r erasures show X, and that one does, way by way."""
    ways = [(np.prod([keep if shown else 1 - keep for shown in way]), way)
            for way in product((True, False), repeat=r)]
    return [sum(chance for chance, way in ways if enough(way)) for enough in (all, any)]


test_a_solution_is_right = agree_with({
    "ex_07_1": lambda first, second: cl.convolve(cl.Context(first), cl.Context(second)).joint,
    "ex_07_4": shown,
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_07_1": {": first → : first**2": "one matrix product", "first": "shape",
                "(lambda J: J / J.sum())(first @ second)": "must be a channel"},
    "ex_07_2": {"(8, 8)": "22 % are misclassified", "(300, 300)": "still tell the digits apart",
                "40": "two whole numbers", "(40, 15, 8)": "two whole numbers",
                "(40.5, 15)": "from 1 to 600", "(0, 15)": "from 1 to 600"},
    "ex_07_3": {"100": "still misclassifies fewer", "150": "one of 100", "True": "one of 100",
                "600.0": "one of 100"},
    "ex_07_4": {"(keep**r, r * keep)": "all r observations", "(0, r * keep)": "keep would be 1.5",
                "(keep / r, r * keep)": "all r observations",
                "(keep**r, (1 - keep)**r)": "never shown", "(0.1, (1 - keep)**r)": "never shown",
                "(keep, 1 - (1 - keep)**r)": "and by the second", "(keep, 0.1)": "by the second",
                "np.array([1 - (1 - keep)**r, 0.1])": "and by the second",
                "(keep**r, keep**(1 / r))": "ways to lose X"},
    "ex_07_5": {"show(BITS[:, 1]) → show(BITS[:, 0])": "no better than the better part",
                "show(BITS[:, 0]) → show(BITS[:, 0] + BITS[:, 1])": "solves the task alone",
                "(np.eye(8), np.eye(8))": "sum to 1/8", "np.eye(8) / 8": "yours has 8",
                "(np.eye(4) / 4, np.eye(4) / 4)": "it must be (8, M)",
                "(np.eye(8) / 8, -np.eye(8) / 8)": ">= 0",
                "answer = lambda x: x": "two joint tables"},
})
