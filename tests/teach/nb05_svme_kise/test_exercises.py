"""Notebook 05: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
import pytest
from exercising import agree_with, gets_hints, verdict_on

from contexture_lite.teach.widgets.exercises import answer_of, exercise


def largest(kernel, p, d):
    """The d largest eigenvalues of f ↦ E[k̃(·, X) f(X)], with k̃ = k centred on both sides."""
    centre = np.eye(len(p)) - p
    return np.sort(np.linalg.eigvals(centre @ kernel @ centre.T * p).real)[-d:].sum()


def held_out(x, a):
    """The first pair by plain SVD of the standardised table of the first half."""
    half = len(x) // 2
    table = np.array([[np.sum((x[:half] == i) & (a[:half] == j)) for j in range(a.max() + 1)]
                      for i in range(x.max() + 1)]) / half
    p, q = table.sum(1), table.sum(0)
    U, _, V = np.linalg.svd(table / np.sqrt(np.outer(p, q)) - np.sqrt(np.outer(p, q)))
    mu, nu = U[:, 0] / np.sqrt(p), V[0] / np.sqrt(q)
    return np.corrcoef(mu[x[half:]], nu[a[half:]])[0, 1]


test_a_solution_is_right = agree_with({
    "ex_05_1": lambda C, B: (np.sort(np.linalg.eigvals(np.linalg.solve(C, B)))[::-1], ...),
    "ex_05_2": largest, "ex_05_3": held_out,
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_05_1": {"values[::-1], V[:, ::-1] → values, V": "largest first",
                "values[::-1], V[:, ::-1] → values[[1, 0, 2][:len(C)]], V": "largest first",
                "V[:, ::-1] → V": "go with value i", "V[:, ::-1] → V[:, ::-1].T": "transposed",
                "V[:, ::-1] → V[:, ::-1] * 2": "their lengths are not",
                "(np.linalg.eigvalsh(B)[::-1], np.linalg.eigh(B)[1][:, ::-1])": "B alone",
                "np.linalg.eigh(B)": "B alone", "eigh(B, C) → eigh(C, B)": "changed places",
                "values[::-1], V[:, ::-1] → 1 / values, V": "changed places",
                "values[::-1], V[:, ::-1] → values[::-1]**0.5, V[:, ::-1]": "these are s_i",
                "np.linalg.eig(np.linalg.solve(C, B))[::-1]": "shape",
                "(np.ones(len(C)), np.eye(len(C)))": "scipy.linalg.eigh(B, C)"},
    "ex_05_2": {"[-d:] → [:d]": "d largest", "[-d:].sum() → [-d:][::-1]": "sum of these",
                "np.sqrt(p) → np.ones(len(p)) / np.sqrt(len(p))": "all inputs alike"},
    "ex_05_3": {"np.corrcoef(x, a)[0, 1]": "look up", "0.0": "look up",},
    "ex_05_4": {"mu @ mix + 3 → mu": "mix the outputs",
                "mu @ mix + 3 → -5 * mu[:, ::-1] + 1": "mix the outputs",
                "mu @ mix + 3 → mu @ np.ones((4, 4))": "depend on each other",
                "mu @ mix + 3 → mu * 0 + 1": "is constant",
                "mu @ mix + 3 → u @ (np.ones((4, 4)) - 2 * np.eye(4))": "orthonormal coordinates",
                "np.random.default_rng(0).standard_normal((len(joint), 4))": "not both in the span",
                "mu @ mix + 3 → mu[:, :3]": "shape"},
})


def test_the_vectors_of_the_solution_are_the_ritz_vectors():
    task = exercise("ex_05_1")
    for C, B in task.cases():
        values, V = answer_of(task.solution)(C, B)
        assert np.allclose(B @ V, C @ V * values) and np.allclose(V.T @ C @ V, np.eye(len(C)))


@pytest.mark.parametrize("answer", [
    "V[:, ::-1] → -V[:, ::-1]", "V[:, ::-1] → V[:, ::-1] * (-1)**np.arange(len(C))",
    "values[::-1], V[:, ::-1] → values[::-1] + 0j, V[:, ::-1] + 0j"])
def test_signs_are_free_and_zeros_may_be_imaginary(answer):
    assert verdict_on("ex_05_1", answer)[0] == "right"
