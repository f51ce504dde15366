"""Collapse, Barlow Twins and the signed walk: the pictures, and the numbers by a second route."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite.learn import laws, losses
from contexture_lite.teach import BarlowExplorer, CollapseExplorer, SignedWalkExplorer
from contexture_lite.teach.cast import members
from contexture_lite.teach.nb04_objectives import barlow, copies
from contexture_lite.teach.nb04_objectives.collapse import (
    COLLAPSING,
    minimised,
    surviving_variances,
    trained_variances,
)
from contexture_lite.teach.nb04_objectives.signed_walk import (
    FREQUENCIES,
    POINTS,
    fourier,
    orders,
    walk_eigenvalues,
)

made = cache(lambda kind: kind())


# ---- collapse


def squares(name, strength, d=7):
    values = cl.singular_system(members.CAST[name].build(strength)).values[:d]
    count = min(d, members.CAST[name].build(strength).shape[1] - 1)
    return np.pad(values**2, (0, count - len(values)))


@pytest.mark.parametrize("name", COLLAPSING)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_training_leaves_the_variances_of_the_formula(name, seed):
    rng = np.random.default_rng(seed)
    for strength, penalty in [(0.0, 0.02), (0.0, 1.5), (1.0, 0.02), *rng.uniform(0, 1.5, (4, 2))]:
        strength = members.CAST[name].strength(min(strength, 1))
        trained = trained_variances(name, strength, float(penalty) + 0.02, seed)
        exact = surviving_variances(squares(name, strength), penalty + 0.02)
        assert trained == pytest.approx(exact, abs=5e-3), (strength, penalty)


@pytest.mark.parametrize("name, strength", [("hypercube", 0.7), ("cycle walk", 0.5)])
def test_a_mode_is_switched_off_at_its_threshold(name, strength):
    first = squares(name, strength)[0]
    assert trained_variances(name, strength, 1 - first - 0.02).max() < 1e-6
    assert trained_variances(name, strength, 1 - first + 0.02).max() > 0.02


def test_the_formula_is_the_exact_minimum_of_one_mode():
    """One mode of variance v costs 2(1 − s²)v + λ(v − 1)²: look at every v."""
    v = np.linspace(0, 1, 100_001)
    for s2 in (0.0, 0.3, 0.8, 1.0):
        for penalty in (0.05, 0.3, 0.7, 1.0, 2.0):
            cost = 2 * (1 - s2) * v + penalty * (v - 1) ** 2
            assert surviving_variances(s2, penalty) == pytest.approx(v[cost.argmin()], abs=2e-5)


def test_collapse_numbers():
    explorer = made(CollapseExplorer)
    explorer.update(context="hypercube", strength=0.7, penalty=0.6)
    values = explorer.values()
    assert (values["alive"], values["trained_alive"]) == (3, 3)  # .49 > .4 > .2401
    assert values["largest_variance"] == pytest.approx(1 - 0.51 / 0.6, abs=1e-3)
    explorer.update(strength=1.0, penalty=0.02)
    assert explorer.values()["trained_alive"] == 7
    explorer.update(strength=0.0, penalty=1.0)
    assert explorer.values()["alive"] == explorer.values()["trained_alive"] == 0
    assert "every mode" not in explorer.sentence(explorer.result)
    explorer.update(penalty=1.5)
    assert explorer.values()["alive"] == explorer.values()["trained_alive"] == 7


def test_minimised_finds_the_bottom_of_a_bowl():
    bottom = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64)
    solution = minimised(lambda table: ((table - bottom) ** 2).sum(), np.zeros((2, 2)))
    assert solution == pytest.approx(bottom.numpy(), abs=1e-6)


# ---- Barlow Twins

S1, S2 = BarlowExplorer.squares


def barlow_loss(angles, penalty, first=S1, second=S2):
    """The loss of unit vectors at these angles in the plane of ν₁ and ν₂, from the definition."""
    u = torch.stack([torch.cos(angles), torch.sin(angles)])
    R = u.T @ torch.diag(torch.tensor([first, second], dtype=torch.float64)) @ u
    own = torch.diagonal(R)
    return ((1 - own) ** 2).sum() + penalty * ((R**2).sum() - (own**2).sum())


@pytest.mark.parametrize("first, second", [(0.9, 0.1), (0.5, 0.5), (1.0, 0.3), (0.2, 0.0)])
def test_three_letters_have_the_two_modes_asked_for(first, second):
    context = barlow.three_letters(first, second)
    assert cl.singular_system(context).values ** 2 == pytest.approx([first, second], abs=1e-12)
    assert context.p_x == pytest.approx(np.full(3, 1 / 3))


def test_costs_are_the_loss_at_copies_and_at_both():
    context = barlow.three_letters(S1, S2)
    nu, law = cl.singular_system(context).right, laws.views(context)
    for penalty in (0.005, 0.3, 2.0):
        for d in barlow.COPIES:
            alike = torch.tensor(nu[:, [0] * d])
            assert losses.barlow_twins(law, alike, alike, penalty).item() == pytest.approx(
                copies.barlow(S1, d, penalty))
            split = [losses.barlow_twins(law, t, t, penalty).item() for k in range(1, d)
                     for t in [torch.tensor(nu[:, [0] * k + [1] * (d - k)])]]
            assert barlow.both_cost(S1, S2, d, penalty) == pytest.approx(min(split))
    assert copies.barlow(S1, 2, 0.005) == pytest.approx(0.0281)
    assert barlow.both_cost(S1, S2, 2, 0.005) == pytest.approx(0.82)


def test_two_outputs_reach_the_global_minimum():
    """All pairs of directions in the plane, every half degree, never beat the minimum."""
    angle = np.linspace(0, np.pi, 361)
    cos, sin = np.cos(angle), np.sin(angle)
    own = S1 * cos**2 + S2 * sin**2
    between = S1 * np.outer(cos, cos) + S2 * np.outer(sin, sin)
    minima = 2 * made(BarlowExplorer).curves[2]["minimum"]
    for penalty, minimum in zip(barlow.PENALTIES, minima, strict=True):
        every = (1 - own[:, None]) ** 2 + (1 - own) ** 2 + 2 * penalty * between**2
        assert minimum == pytest.approx(every.min(), abs=3e-4) and minimum < every.min() + 1e-8


@pytest.mark.parametrize("d", barlow.COPIES)
def test_other_starts_find_nothing_lower(d):
    context, some = barlow.three_letters(S1, S2), (0.005, 0.05, 0.16, 0.63, 2.0)
    at = [barlow.PENALTIES.index(penalty) for penalty in some]
    minimum = made(BarlowExplorer).curves[d]["minimum"][at]
    for seed in (1, 2):
        _, again = barlow.barlow_minima(context, d, some, starts=8, seed=seed)
        assert (minimum < again / d + 1e-6).all()


@pytest.mark.parametrize("d", barlow.COPIES)
def test_copies_stop_being_a_minimum_where_the_curvature_says(d):
    until, start = barlow.rank_one_until(S1, S2, d), torch.zeros(d, dtype=torch.float64)
    for factor, sign in ((0.99, 1), (1.01, -1)):
        hessian = torch.autograd.functional.hessian(
            lambda angles, penalty=factor * until: barlow_loss(angles, penalty), start)
        assert np.sign(torch.linalg.eigvalsh(hessian)[0].item()) == sign
    curves, penalties = made(BarlowExplorer).curves[d], np.array(barlow.PENALTIES)
    assert (curves["shares"][penalties < until, 1] < 1e-4).all()
    assert (curves["shares"][penalties > 1.05 * until, 1] > 5e-3).all()
    assert (curves["minimum"] <= curves["copies"] + 1e-7).all()
    assert (curves["minimum"] <= curves["both"] + 1e-7).all()


def test_the_arrows_are_the_minimiser():
    """The loss of the drawn vectors is the loss that is drawn."""
    for d, curves in made(BarlowExplorer).curves.items():
        assert np.linalg.norm(curves["vectors"], axis=1) == pytest.approx(1)
        assert curves["shares"].sum(axis=1) == pytest.approx(1)
        for penalty, (x, y), minimum in zip(barlow.PENALTIES, curves["vectors"], curves["minimum"],
                                          strict=True):
            loss = barlow_loss(torch.tensor(np.arctan2(y, x)), penalty).item()
            assert loss / d == pytest.approx(minimum, abs=1e-9)


def test_from_rank_one_to_rank_two():
    explorer = made(BarlowExplorer)
    explorer.update(penalty=0.005, d=2)
    assert explorer.values()["second"] == pytest.approx(0, abs=1e-6)
    assert "2 copies of ν₁, rank one" in explorer.sentence(explorer.result)
    explorer.update(penalty=2.0)
    values = explorer.values()
    assert values["second"] == pytest.approx(0.5, abs=1e-4)
    assert values["minimum"] == pytest.approx(values["both"], abs=1e-9)


# ---- the signed walk


@pytest.mark.parametrize("laziness", [0.0, 0.1, 0.34, 0.5, 0.8, 1.0])
def test_the_waves_are_the_eigenfunctions(laziness):
    context, waves = gallery.cycle_walk(laziness, POINTS), fourier()
    eigenvalues = walk_eigenvalues(laziness)
    assert waves.T @ waves / POINTS == pytest.approx(np.eye(7), abs=1e-12)
    assert context.expect(waves) == pytest.approx(eigenvalues * waves, abs=1e-12)
    closed = laziness + (1 - laziness) * np.cos(2 * np.pi * np.array(FREQUENCIES) / POINTS)
    assert eigenvalues == pytest.approx(closed, abs=1e-12)
    by_size, by_sign = orders(eigenvalues)
    s = cl.singular_system(context).values
    assert np.abs(eigenvalues)[by_size] == pytest.approx(s, abs=1e-9)
    signed = np.linalg.eigvalsh(context.joint * POINTS)[::-1]
    assert eigenvalues[by_sign] == pytest.approx(np.delete(signed, np.argmax(signed)), abs=1e-9)


def test_smoothness_picks_the_cheapest_set_and_the_loss_agrees():
    explorer, waves = made(SignedWalkExplorer), fourier()
    for laziness in (0.0, 0.2, 0.5, 0.9):
        law = laws.pairs(gallery.cycle_walk(laziness, POINTS))
        for d in range(1, POINTS):
            explorer.update(laziness=laziness, d=d)
            values, step = explorer.values(), explorer.result
            every = [np.mean(1 - step.eigenvalues[list(s)]) for s in combinations(range(7), d)]
            assert values["smooth_price"] == pytest.approx(min(every))
            for name, order in (("singular", step.singular), ("smooth", step.smooth)):
                f = torch.tensor(waves[:, order[:d]])
                loss = losses.graph_smoothness(law, f, f).item() / d
                assert values[f"{name}_price"] == pytest.approx(loss, abs=1e-7)


def test_the_alternating_function_is_best_and_worst():
    explorer = made(SignedWalkExplorer)
    explorer.update(laziness=0.0, d=1)
    values = explorer.values()
    assert values["singular"] == pytest.approx(-1) and values["singular_price"] == pytest.approx(2)
    assert values["smooth"] == pytest.approx(np.cos(np.pi / 4)) and values["agree"] == 0
    for laziness in (0.5, 0.52, 0.75, 1.0):
        for d in range(1, POINTS):
            explorer.update(laziness=laziness, d=d)
            assert explorer.values()["agree"] == 1
