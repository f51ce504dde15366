"""Notebook 11: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import gets_hints

from contexture_lite.teach.widgets.exercises import answer_of, exercise


def distances(context):
    """Rows whose distances are meant, from the table."""
    P = np.asarray(context.joint)
    return (P / P.sum(axis=0)).T / np.sqrt(P.sum(axis=1))


def test_the_embedding_has_the_distances_of_the_table():
    oracles = {"ex_11_1": distances}
    task = exercise(*oracles)
    for (context,) in task.cases():
        f, rows = answer_of(task.solution)(context), oracles[task.identifier](context)
        apart = [np.sum((z[:, None] - z[None]) ** 2, axis=2) for z in (f, rows)]
        np.testing.assert_allclose(*apart, atol=1e-9)


test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_11_1": {"np.ones(3)": "of shape (values, k)",
                "np.ones((9, 2))": "one for each context value",
                "np.random.default_rng(0).standard_normal((context.shape[1], 2))": "sum over x"},
    "ex_11_2": {"cl.datasets.karate().y": "how few can it cut", "np.zeros(34)": "uses 1 values",
                "np.arange(34)": "uses 34 values", "[1, 2]": "must have shape"},
    "ex_11_3": {"10": "at d = 10 whitening costs", "3": "must be one of"},
})
