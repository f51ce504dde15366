"""Notebook 03: solutions beside oracles, wrong answers beside their hints."""

from exercising import agree_with, gets_hints, verdict_on

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import answer_of, exercise

test_a_solution_is_right = agree_with({
    "ex_03_1": lambda joint, f: cl.compatibility(cl.Context(joint), f),
})


def test_the_natural_second_guess_counts_too():
    assert verdict_on("ex_03_4", "[-1, -1, -1, -1, -1, -1, -1, 1]")[0] == "right"  # all three bits


def test_one_function_too_few_is_seen():
    _, needed = answer_of(exercise("ex_03_3").solution)
    assert "not quite" in verdict_on("ex_03_3", f"(8, {needed - 1})")[1]


test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_03_1": {"0.5": "yours gives 0.5000",
                "cl.compatibility(cl.Context(joint), f)**2": "square root"},
    "ex_03_2": {
        "u / np.sqrt(p)[:, None] → u": "singular vectors of Q",
        "full_matrices=True → full_matrices=False": "full_matrices=True",
        "functions[:, 1], functions[:, -1] → functions[:, -1], functions[:, 1]": "other way round",
        "functions[:, 1] → functions[:, 2]": "It is μ₁",
        "functions[:, 1] → functions[:, 0]": "your most compatible task is constant",
        "functions[:, -1] → functions[:, 0]": "your least compatible task is constant",
        "joint[:, 0]": "two tasks", "(joint[0], joint[1])": "shape"},
    "ex_03_3": {"(0, 5)": "largest compatibility", "(9, 5)": "another digit has less",
                "8": "two whole numbers",
                "(8, 1)": "smallest d", "(8, 100)": "not 100"},
    "ex_03_4": {"[-1] * 4 + [1] * 4": "a product of bits",
                "[1, -1, -1, 1, -1, 1, 1, -1]": "a product of bits",
                "[-1] * 6 + [1] * 2": "above 0.75", "[1, -1, -1, 1, -1, 1, 1, 1]": "below 0.69",
                "[1] * 8": "not a task", "[0, 1, 1, 2, 1, 2, 2, 3]": "1 and −1 only",
                "[1, -1]": "shape", "answer = lambda x: x": "eight numbers"},
})
