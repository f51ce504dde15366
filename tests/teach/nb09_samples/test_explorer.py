"""The live picture of sample sizes: its formulas are the package's, its dots real experiments."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from contexture_lite import sampling
from contexture_lite.teach.nb09_samples import compute as model
from contexture_lite.teach.nb09_samples.explorer import ALONG, LABELS, POINTS, SampleExplorer

RHOS = np.arange(10, 20) / 20
MADE = []


def made():
    if not MADE:
        MADE.append(SampleExplorer())
    return MADE[0]


@pytest.mark.parametrize("m", [3, 10, 20, 100, 2000])
def test_without_a_second_stage_it_is_the_exact_risk_of_a_probe(m):
    missed, learned = model.misses(0.7, np.inf)
    assert_allclose(missed, learned)
    risks = [sampling.probe_risk(model.ENERGIES, d, m, model.NOISE).total for d in range(17)]
    assert_allclose(learned + model.probe_parts(learned, m), risks)
    explorer = made()
    explorer.update(rho=0.7, n=np.inf, m=m)
    assert explorer.values()["best"] == np.argmin(risks)
    best = sampling.best_dimension(model.ENERGIES, m, model.NOISE)
    assert explorer.values()["best"] == min(best, model.LARGEST)
    assert explorer.values()["worth"] == sampling.kept_modes(
        model.ENERGIES, m, model.NOISE).sum()


@pytest.mark.parametrize("rho", [0.8, 0.9, 0.95])
def test_with_clear_gaps_it_is_the_two_stage_risk(rho):
    missed, learned = model.misses(rho, 100_000)
    for m in (20, 300):
        total = learned + model.probe_parts(learned, m)
        for d in range(12):
            risk = sampling.two_stage_risk(model.eigenvalues(rho), model.ENERGIES, d, 100_000, m,
                                           model.NOISE)
            assert total[d] == pytest.approx(risk.total)
            assert missed[d] == pytest.approx(risk.approximation)


def test_the_rule_below_the_floor_is_right_within_forty_percent(monkeypatch):
    """Of what the learned functions miss; and within 5 % as long as it is a first order."""
    monkeypatch.setattr(model, "REPLICATES", 200)
    for rho in RHOS[:9:4]:
        for n in (100, 1000, 100_000):
            weights = model._learned.__wrapped__(rho, n)
            truth = np.append(1, (1 - np.cumsum(weights**2, axis=1)).mean(axis=0))
            learned = model.misses(rho, n)[1]
            assert (np.abs(np.log(learned / truth)) < np.log(1.4)).all(), (rho, n)
            for d in range(1, 17):
                if sampling.subspace_rotation(model.eigenvalues(rho), d, n) < 0.05:
                    assert learned[d] == pytest.approx(truth[d], rel=0.05), (rho, n, d)


@pytest.mark.parametrize("n, m, d", [(100, 20, 3), (100, 50, 9), (1000, 12, 5), (np.inf, 30, 8)])
def test_dots_have_the_distribution_of_points_drawn_one_by_one(n, m, d, monkeypatch):
    """Four comparisons at 3.5 standard errors: one in 500 by chance."""
    monkeypatch.setattr(model, "REPLICATES", 800)
    for name in ("_learned", "_labelled"):
        monkeypatch.setattr(model, name, getattr(model, name).__wrapped__)
    mean, error = model.simulated(0.8, n, m)
    if np.isinf(n):
        direct = sampling.simulate_probe(model.ENERGIES, d, m, model.NOISE)
    else:
        direct = sampling.simulate_two_stage(model.eigenvalues(0.8), model.ENERGIES, d, n, m,
                                             model.NOISE, replicates=150)
    assert abs(mean[d] - direct.mean) < 3.5 * np.hypot(error[d], direct.error)


@pytest.mark.parametrize("m", [3, 5, 10, 50])
def test_dots_end_where_their_variance_does(m):
    mean, error = model.simulated(0.8, 1000, m)
    assert len(mean) == len(error) == min(16, max(m - 4, 0)) + 1
    assert mean[0] == 1 and error[0] == 0


def test_dots_move_as_smoothly_as_the_areas():
    """Common random numbers: from one ρ to the next a dot strays by less than the noise in it."""
    for m in (30, 200):
        strays, errors = [], []
        for low, high in pairwise(RHOS[4:]):
            before, after = (
                mean - (learned + model.probe_parts(learned, m))[:len(mean)] for mean, learned in (
                    (model.simulated(rho, 1000, m)[0], model.misses(rho, 1000)[1])
                    for rho in (low, high)))
            strays.append(np.abs(after - before)[1:])
            errors.append(model.simulated(high, 1000, m)[1][1:])
        assert np.median(strays) < np.median(errors)


def test_more_labels_more_functions():
    """For each spectrum and number of points; the least risk falls with both."""
    for rho in RHOS:
        least = []
        for n in POINTS:
            _, learned = model.misses(rho, n)
            risk = learned + model.probe_parts(learned, np.array(LABELS)[:, None])
            assert (np.diff(risk.argmin(axis=1)) >= 0).all()
            least.append(risk.min(axis=1))
        assert (np.diff(least, axis=0) <= 1e-12).all() and (np.diff(least, axis=1) <= 1e-12).all()


def test_no_labels_to_spare():
    explorer = made()
    explorer.update(rho=0.8, n=1000, m=10, d=9)
    assert np.isinf(explorer.result.risk[9:]).all() and np.isfinite(explorer.result.risk[:9]).all()
    assert "interpolates" in explorer.sentence(explorer.result)
    assert "risk" not in explorer.values() and "simulated" not in explorer.values()
    explorer.update(d=8)
    assert "interpolates" not in explorer.sentence(explorer.result)


def test_the_curve_along_labels_goes_through_the_left_panel():
    explorer = made()
    for m in (10, 100, 1000):
        explorer.update(rho=0.7, n=500, m=m, d=3)
        step, place = explorer.result, int(np.searchsorted(ALONG, m))
        assert step.best == step.best_along[np.abs(ALONG - m).argmin()]
        assert step.own_along[place] == pytest.approx(step.risk[3], rel=0.2)
