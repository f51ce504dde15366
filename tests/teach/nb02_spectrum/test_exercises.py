"""Notebook 02: solutions beside oracles, wrong answers beside their hints."""

from exercising import agree_with, gets_hints

test_a_solution_is_right = agree_with({
    "ex_02_1": lambda values: 1 + sum(round(s, 9) == 1 for s in values),
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_02_1": {"1 + np.sum(values > 0.4)": "pieces is 3; yours says",
                "1 + np.sum(values > 0.95)": "only rounding keeps it from 1",
                "1 + np.sum(np.round(values, 1) == 1)": "only rounding keeps it from 1",
                "1 + list(values).count(1)": "tolerance", "np.sum(values == 1)": "one too few"},
    "ex_02_2": {"('Black', 'Blond')": "loses most", "('Brown', 'Black')": "1 of the six pairs",
                "('Black', 'Black')": "different", "('black', 'Red')": "two of Black, Brown",
                "'Black'": "two of Black", "0.22": "two hair colours"},
    "ex_02_3": {"f = f - p @ f\n        f = f / np.sqrt(p @ f**2)\n → pass\n": "become a constant",
                "f = f / np.sqrt(p @ f**2) → pass": "zero everywhere",
                "f - p @ f → f - f.mean()": "plain mean",
                "np.sqrt(p @ f**2) → np.linalg.norm(f)": "E[f²]",
                "range(1000) → range(1)": "more rounds"},
    "ex_02_4": {"({(0,): 1.0}, np.ones(8))": "constant",
                "({(0, 1): 0.5, (2,): 0.5}, np.eye(8)[0])": "mean 0",
                "({(0, 1): 0.5, (2,): 0.5}, np.eye(8)[0] - np.eye(8)[1])": "not singular",
                "({(0, 1): 0.5, (2,): 0.5}, [1] * 4 + [-1] * 4)": "one token only",
                "({(0,): 0.5, (1,): 0.5}, [1, 1, -1, -1, -1, -1, 1, 1])": "never shows",
                "({(0, 1): 1.0}, [1, 1, -1, -1, -1, -1, 1, 1])": "always shows",
                "({(0, 1): 0.5}, [1, 1, -1, -1, -1, -1, 1, 1])": "does not work",
                "('prefix', np.ones(8))": "dict", "1": "pair",
                "({(0, 1): .5, (): .5}, [1, -1])": "shape"},
})
