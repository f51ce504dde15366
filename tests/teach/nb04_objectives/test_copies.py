"""Copies in notebook 04: what they cost by the losses themselves, and the best assignment."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

import contexture_lite as cl
from contexture_lite.learn import laws, losses
from contexture_lite.teach import copies
from contexture_lite.teach.nb04_objectives.experiment import strings

CONTEXT = strings()
NU, SQUARES = (lambda s: (s.right, s.values**2))(cl.singular_system(CONTEXT))
COUNTS = [(1, 1, 1), (2, 1, 0), (3, 0, 0), (0, 1, 4)]


@pytest.mark.parametrize("counts", COUNTS)
def test_the_costs_are_the_losses_at_the_best_scales(counts):
    law, columns = laws.views(CONTEXT), np.repeat(np.arange(3), counts)
    psi = NU[:, columns]

    def vicreg(scales):
        f = torch.tensor(psi * scales)
        return losses.vicreg(law, f, f).item()

    best = minimize(vicreg, np.full(len(columns), 0.7), method="Powell").fun
    cost = sum(copies.vicreg(s, n) for s, n in zip(SQUARES, counts) if n)
    assert cost / len(columns) == pytest.approx(best, rel=1e-4)
    f = torch.tensor(psi)
    assert losses.barlow_twins(law, f, f).item() == pytest.approx(
        sum(copies.barlow(s, n) for s, n in zip(SQUARES, counts)))


@pytest.mark.parametrize("cost", [copies.barlow, copies.vicreg])
def test_output_by_output_is_the_best_of_all_assignments(cost):
    for squares, d in ((SQUARES[:4], 6), ([0.95, 0.94, 0.5], 8), ([0.99, 0.98, 0.97, 0.2], 5)):
        def total(counts, squares=squares):
            return sum(cost(s, n) for s, n in zip(squares, counts) if n)

        every = [np.bincount(c, minlength=len(squares))
                 for c in combinations_with_replacement(range(len(squares)), d)]
        assert total(copies.assigned(cost, squares, d)) == pytest.approx(min(map(total, every)))


def test_a_further_copy_costs_more_than_the_one_before():
    for square in np.linspace(0, 0.99, 12):
        for cost in (copies.barlow, copies.vicreg):
            costs = [0, *(cost(square, n) for n in range(1, 30))]
            assert (np.diff(costs, 2) >= -1e-9).all()
