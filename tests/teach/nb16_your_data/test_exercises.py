"""Notebook 16: solutions beside oracles, wrong answers beside their hints."""

import math

from exercising import agree_with, gets_hints, verdict_on


def chosen(left_out, rehearsal, m):
    """The least product LOO · R^(40/m)."""
    power = 40 / m if m < 100 else 0
    products = [a * math.pow(b, power) for a, b in zip(left_out, rehearsal)]
    return products.index(min(products))


test_a_solution_is_right = agree_with({"ex_16_1": chosen})


def test_solutions_of_the_other_two():
    from contexture_lite.teach.widgets.exercises import exercise
    for name in ("ex_16_2", "ex_16_3"):
        assert verdict_on(name, exercise(name).solution)[0] == "right"


test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_16_1": {"np.argmin(np.log(left_out) + weight * np.log(rehearsal)) → 99": "yours is 99"},
    "ex_16_2": {"rng.standard_normal(15)[distance.argmin(axis=1)] → X[:, 20]": "must be better",
                "rng.standard_normal(15)[distance.argmin(axis=1)] → X @ rng.standard_normal("
                "X.shape[1])": "must be better",
                "rng.standard_normal(15)[distance.argmin(axis=1)] → rng.standard_normal(len(X))":
                    "noise that does not",
                "rng.standard_normal(15)[distance.argmin(axis=1)] → X[:3]": "cannot be used"},
    "ex_16_3": {'("classes", "smooth") → ("smooth", "classes")': "other way round",
                "new = X[300:600] → new = X[:300]": "that made the context",
                "(X[:300], 10) → (X[:300], 50)": "everything else as it is",
                "[cl.usefulness.rehearsal(features, new, tasks=kind).value\n          for kind in "
                '("classes", "smooth")] → [0.5]': "shape (2,)"},
})
