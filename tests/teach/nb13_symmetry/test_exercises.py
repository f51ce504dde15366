"""Notebook 13: solutions beside oracles, wrong answers beside their hints."""

from exercising import gets_hints, verdict_on


def test_other_right_answers():
    for identifier, answer in (
            ("ex_13_1", "answer = np.array([.5, 0, .5] + 9 * [0])"),
            ("ex_13_1", "answer = np.roll([.5, 0, .5] + 9 * [0], 5)"),
            ("ex_13_2", "answer = np.array([1, 2, 1]) / 4, np.bool_(False)")):
        assert verdict_on(identifier, answer)[0] == "right", answer


test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_13_1": {"[0, 2]] = 0.5 → [0, 1, 11]] = 1/3": "keeps a third",
                "[0, 2]] = 0.5 → [0, 1, 2]] = 0.5": "no probabilities",
                "[0, 2]] = 0.5 → [0, 1, 2, 3]] = 0.25": "at most 3 may",
                "[0, 2]] = 0.5 → [0, 6]] = 0.5": "is forgotten, too",
                "[0, 2]] = 0.5 → [0, 10]] = [1.5, -0.5]": "no probabilities",
                "np.zeros(12) → np.zeros(10)": "shape (12,)"},
    "ex_13_2": {"[1/4, 1/2, 1/4] → [1/3, 1/3, 1/3]": "times -0.333",
                "[1/4, 1/2, 1/4] → [1/2, 0, 1/2]": "exactly the wave that hurts",
                "[1/4, 1/2, 1/4] → [1/2, 1/2, 0]": "symmetric",
                "[1/4, 1/2, 1/4] → [1, 2, 1]": "sum to 1", ", False → , True": "try it",
                "[1/4, 1/2, 1/4] → [1/2, 1/2]": "shape (3,)", ", False → , 0": "True or False",
                "0.5": "a pair"},
    "ex_13_3": {"rho(digits.X[chosen], nine), rho(turns, np.tile(nine, 4)) → rho(turns, "
                "np.tile(nine, 4)), rho(digits.X[chosen], nine)": "other way round",
                "np.tile(nine, 4)) → np.repeat(nine, 4))": "np.tile the labels",
                "return cl.compatibility(cl.knn_context(X, 10), f) → return "
                "cl.compatibility(cl.knn_context(X, 10), f)**2": "ρ is asked for",
                "(X, 10) → (X, 5)": "with 10 neighbours", "[1.0]": "shape (2,)"},
})
