"""Notebook 12's live picture: its exact numbers, ties, few pairs."""

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite import gallery, identifiability
from contexture_lite.teach.nb12_identifiability import compute as model
from contexture_lite.teach.nb12_identifiability.compute import ALONE, TOGETHER
from contexture_lite.teach.nb12_identifiability.explorer import FactorExplorer, owner_of

GRID = np.indices((12, 12)).reshape(2, -1).T


@pytest.fixture(scope="module")
def explorer():
    return FactorExplorer()


def owners(step):
    return "".join({"position": "P", "angle": "A", "interaction": "x", "mixed": "?"}[owner_of(s)]
                   for s in step.shares)


@pytest.mark.parametrize("r1, r2, mode, values, names", [
    (0.9, 0.7, TOGETHER, [0.9, 0.7, 0.6608, 0.63, 0.4626, 0.4043], "PAPxxP"),
    (0.9, 0.6, TOGETHER, [0.9, 0.6608, 0.6, 0.54, 0.4043, 0.3965], "PPAxPx"),
    (0.8, 0.8, TOGETHER, [0.8, 0.8, 0.64], "??x"),
    (0.9, 0.7, ALONE, [0.45, 0.35, 0.3304, 0.2021, 0.123, 0.1065], "PAPPAP"),
])
def test_values_and_owners_of_known_settings(r1, r2, mode, values, names):
    step = model.step_at(r1, r2, np.inf, mode)
    assert np.allclose(step.values[:len(values)], values, atol=6e-5)
    assert owners(step).startswith(names)


@pytest.mark.parametrize("mode", [TOGETHER, ALONE])
def test_values_and_maps_are_those_of_the_package(mode):
    walks = [gallery.reflecting_walk(r) for r in (0.86, 0.6)]
    new = gallery.independent(12)
    context = gallery.product(*walks) if mode == TOGETHER else cl.convex_combination(
        [gallery.product(walks[0], new), gallery.product(new, walks[1])], [0.5, 0.5],
        revealed=False)
    step, system = model.step_at(0.86, 0.6, np.inf, mode), cl.singular_system(context, 8)
    assert np.allclose(step.values, system.values, atol=1e-10)
    maps = step.maps.transpose(0, 2, 1).reshape(3, -1)
    assert np.allclose(np.abs(maps @ system.left[:, :3]) / 144, np.eye(3), atol=1e-8)
    assert identifiability.pure_modes(system, GRID)[:3].tolist() == [
        ["position", "angle"].index(owner_of(share)) for share in step.shares[:3]]


def test_a_tie_is_shown_as_three_rotations_and_belongs_to_nobody(explorer):
    step = model.step_at(0.7, 0.7, np.inf, TOGETHER)
    first, second, third = step.maps
    assert step.tied and not step.both and step.first == (1, 1)
    assert np.allclose(first, first[0]) and not np.allclose(second, second[0])
    assert np.isclose((first * third).mean(), 0.5)  # 60 degrees apart
    assert np.allclose(step.shares[:2], 0.5)
    explorer.update(r1=0.7, r2=0.7, n=np.inf)
    assert "every rotation" in explorer.headline(explorer.result)
    assert "no second moment" in explorer.sentence(explorer.result)


def test_the_square_is_right_about_which_two_come_first():
    for r1, r2 in np.random.default_rng(3).uniform(0.1, 0.98, (40, 2)):
        spectra = [r ** model.powers()[1:] for r in (r1, r2)]
        assert model.step_at(r1, r2, np.inf, TOGETHER).both == identifiability.separates(spectra)
        assert identifiability.separates(spectra) == (
            min(r1, r2) > max(r1, r2) ** model.powers()[2])


def test_few_pairs_rotate_the_two_into_each_other_as_predicted():
    """The angle of the first function, from a million pairs at three settings."""
    for r1, r2 in ((0.72, 0.7), (0.8, 0.75), (0.9, 0.7)):
        step = model.step_at(r1, r2, 1_000_000, TOGETHER)
        assert step.shares[0, 1] < np.sin(np.radians(4 * step.wobble)) ** 2 + 1e-4
    few = model.step_at(0.72, 0.7, 1000, TOGETHER)
    assert round(few.wobble) == 31 and np.isnan(model.step_at(0.9, 0.7, 1000, ALONE).wobble)


def test_what_it_says(explorer):
    explorer.update(r1=0.9, r2=0.7, n=np.inf)
    assert explorer.headline(explorer.result) == "The top two functions are the two factors"
    explorer.update(r2=0.4)
    assert "do not show the angle: it comes fourth" in explorer.headline(explorer.result)
    explorer.update(r1=0.72, r2=0.7, n=1000)
    assert "too few pairs" in explorer.headline(explorer.result)
    assert "about 31°" in explorer.sentence(explorer.result)
    explorer.update(r1=0.8, r2=0.8)
    assert "wobble" not in explorer.values()


def test_frozen_states_are_few_and_tell_of_the_tie():
    states = [np.prod([len(values) for values in part.values()]) for part in FactorExplorer.frozen]
    assert sum(states) <= 400
    both = FactorExplorer.frozen[0]
    assert set(both["r1"]) & set(both["r2"])
