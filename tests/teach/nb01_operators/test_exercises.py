"""Notebook 01: solutions beside oracles, wrong answers beside their hints."""

from exercising import agree_with, gets_hints

import contexture_lite as cl

test_a_solution_is_right = agree_with({
    "ex_01_1": lambda joint: cl.Context(joint).p_a,
    "ex_01_2": lambda joint, g: cl.Context(joint).expect(g),
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_01_1": {"joint[0]": "sum to 1", "joint[0] / joint[0].sum()": "over all inputs",
                "print(joint.sum(axis=0))": "return missing",
                "list(joint.sum(axis=1))": "that is P(X)"},
    "ex_01_2": {"joint.T @ g": "stopped with ValueError", "2 * joint @ g": "Σ_a",
                "g @ joint.T": "P(a|x), which sum to 1"},
    "ex_01_3": {"('Brown', 'Blue')": "largest* fall", "('Hazel', 'Blue')": "leaves χ² = 0.162",
                "('Red', 'Blue')": "different ones of Brown", "('Blue', 'Blue')": "different ones",
                "'Blue'": "two names", "[1, 2]": "two names"},
    "ex_01_4": {"np.eye(3) / 3": "strongest", "np.full((3, 3), 1 / 9)": "independent",
                "np.eye(3) / 6 + np.full((3, 3), 1 / 18)": "sums their squares",
                "np.eye(3)": "sum to 1", "np.diag([.5, .25, .25])": "uniform",
                "np.eye(2) / 2": "shape", "0.9 * np.eye(3) / 3 + 0.1 / 9": "it has to be 1",
                "np.eye(3) * 2 / 3 - 1 / 9": "negative"},
})
