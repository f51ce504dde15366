"""Each claim about two modalities fails when what it checks is wrong."""

from dataclasses import replace
from functools import partial

import numpy as np
from broken import (
    ORDINARY,
    another_answer,
    small_values,
    wrong_functions,
)

import contexture_lite as cl
from contexture_lite import claims, gallery, retrieval
from contexture_lite.claims import modalities

MANY = gallery.identity(80)
TRUE = retrieval.with_modality_gap

use = partial(another_answer, retrieval)
towers = partial(another_answer, modalities)


def gap_on_one_side(monkeypatch, context):
    """Only one tower is moved."""
    def other(phi, psi, gamma):
        moved, _ = TRUE(phi, psi, gamma)
        return moved, np.c_[psi, np.zeros(len(psi))]

    monkeypatch.setattr(retrieval, "with_modality_gap", other)


MUTATIONS = {  # claim: (context, what is broken)
    "linear-towers": [
        (ORDINARY, towers("linear_towers", lambda t: replace(t, x_map=1.1 * t.x_map), "too_long")),
        (ORDINARY, towers("linear_towers", lambda t: replace(t, a_map=t.a_map[::-1]), "mixed_up"))],
    "platonic-bound": [(ORDINARY, towers("canonical_correlations", lambda rho: 1.1 * rho + 0.1))],
    "platonic-attained": [(ORDINARY, wrong_functions),
                          (ORDINARY, towers("canonical_correlations", lambda rho: rho**2))],
    "zero-shot": [(ORDINARY, wrong_functions), (ORDINARY, small_values)],
    "retrieval-information": [(ORDINARY, use("infonce_value", lambda v: v + 0.01))],
    "bigger-batch": [(ORDINARY, use("infonce_value", lambda v: v - 0.01))],
    "batch-bias": [(ORDINARY, use("infonce_value", lambda v: v + 0.01))],
    "recall-ceiling": [(MANY, use("information_ceiling", lambda v: 0.3 * v, "of_less"))],
    "log-q": [(ORDINARY, use("log_q_critic", lambda f: 1.2 * f, "too_steep")),
              (ORDINARY, use("log_q_critic", np.zeros_like, "flat"))],
    "hard-negatives": [(ORDINARY, use("hard_critic", lambda f: 1.5 * f, "too_steep")),
                       (ORDINARY, use("hard_critic", lambda f: -f, "reversed"))],
    "all-negatives": [(ORDINARY, use("all_negatives_loss", lambda v: 40 / 39 * v, "biased"))],
    "modality-gap": [(ORDINARY, gap_on_one_side)],
}
SURVEYED = {"14": ([ORDINARY, gallery.identity(4), gallery.independent(3)], 10)}


def test_the_largest_ratio_is_looked_at():
    joint = np.array([[1e-6, 0.0], [0.0, 1 - 1e-6]])
    check = claims.check("batch-bias", cl.Context(joint))
    assert not check.applies and "a density ratio of at most 1000" in repr(check)
