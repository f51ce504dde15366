"""Notebook 06: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints
from scipy.stats import entropy

test_a_solution_is_right = agree_with({
    "ex_06_3": lambda rows: np.mean([np.exp(entropy(row)) / len(row) for row in rows]),
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_06_1": {"np.eye(3)": "must be a pair", "np.zeros((5, 2)), np.zeros(5)": "60 to 600 points",
                "np.zeros((100, 2)), np.zeros(100)": "the sweep refuses",
                "np.sin(25 * X[:, 0]) → X[:, 0] + X[:, 1]": "The weakest is about as good",
                "np.sin(25 * X[:, 0]) → np.random.default_rng(1).normal(size=400)":
                    "No strength helps"},
    "ex_06_2": {"answer = 8": "must be a function",
                "3": "must be one of", "16": "the same K for both tasks",
                "128 if len(set(y)) == 2 else 2": "for “is it even” K = 128 has",
                "min(errors, key=errors.get) → max(errors, key=errors.get)": "times the error"},
    "ex_06_3": {"0.5": "for one table", "rows.sum() * np.nan": "0 · log 0"},
    "ex_06_5": {"np.full((10, 10), 0.01)": "τ is undefined", "np.eye(10) / 10": "not useless",
                "np.array([[0.26, 0.24], [0.24, 0.26]])": "useless enough, but",
                "np.ones((30, 30)) / 900": "at most 20", "np.eye(5)": "sums to",
                "answer = lambda joint: joint": "must be a joint table"},
})
