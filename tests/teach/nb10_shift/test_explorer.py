"""The live picture of remedies: risks are the package's, closed forms hold, the story is true."""

import live
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

import contexture_lite as cl
from contexture_lite.teach.nb10_shift import compute
from contexture_lite.teach.nb10_shift.compute import ATOMS, FAR, METHODS, MINORITY, SPREAD, step_at
from contexture_lite.teach.nb10_shift.explorer import ShiftExplorer

START = dict(shift=0.8, alpha=0.1, outliers=0.02, epsilon=0.01)
MADE = []


def made():
    if not MADE:
        MADE.append(ShiftExplorer())
    return MADE[0]


def draws(count, seed=0):
    """Settings as random as the sliders allow."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield (rng.uniform(0, 1), rng.uniform(0.05, 1), rng.uniform(0, 0.1), rng.uniform(0, 0.3))


def grid():
    return ((s, a, t, e) for s in (0, 0.6, 1) for a in (0.05, 0.2, 1)
            for t in (0, 0.02, 0.1) for e in (0, 0.02, 0.3))


def test_risks_are_the_packages():
    theta = np.array([-2.9, -1, 0.1, 0.4, 2])
    for shift, alpha, outliers, epsilon in draws(12):
        people = compute.population(shift, outliers)
        losses = (people.z - theta[:, None]) ** 2
        values = {name: compute.risks(theta, people.z, people.p, *how) for name, how in (
            ("mean", ()), ("cvar", (alpha,)), ("doro", (alpha, epsilon)))}
        assert_allclose(values["mean"], losses @ people.p)
        for i, loss in enumerate(losses):
            assert values["cvar"][i] == pytest.approx(cl.shift.cvar(loss, alpha, people.p))
            assert values["doro"][i] == pytest.approx(cl.shift.doro(loss, alpha, epsilon, people.p))
            dropped, looked = compute.split(loss, people.p, alpha)
            assert not dropped.any()
            worst = cl.shift.cvar_weights(loss, alpha, people.p)
            assert_allclose(looked / alpha, worst, atol=1e-12)
            looked = compute.split(loss, people.p, alpha, epsilon)[1]
            worst = cl.shift.doro_weights(loss, alpha, epsilon, people.p)
            assert_allclose(looked / looked.sum(), worst, atol=1e-12)


def test_known_groups_are_importance_weights():
    people = compute.population(0.7, 0.04)
    weights = cl.shift.importance_weights(people.p, people.target)
    assert_allclose(weights * people.p, people.target)
    assert_allclose(weights[[0, ATOMS, -1]], [0.5 / 0.8 / 0.96, 0.5 / 0.2 / 0.96, 0])


def test_what_is_dropped_and_looked_at_is_the_hardest():
    for shift, alpha, outliers, epsilon in draws(12, seed=1):
        people = compute.population(shift, outliers)
        losses = (people.z - 0.3) ** 2
        dropped, looked = compute.split(losses, people.p, alpha, epsilon)
        assert dropped.sum() == pytest.approx(epsilon)
        assert looked.sum() == pytest.approx(alpha * (1 - epsilon))
        rest = people.p - dropped - looked
        assert min(dropped.min(), looked.min(), rest.min()) > -1e-12
        seen, left = losses[looked > 1e-12], losses[rest > 1e-12]
        assert losses[dropped > 1e-12].min() >= seen.max() - 1e-12
        assert left.size == 0 or seen.min() >= left.max() - 1e-12


def test_the_population_is_what_it_says():
    people = compute.population(0.7, 0.04)
    majority, minority = people.z[:ATOMS], people.z[ATOMS:-1]
    assert_allclose([majority.mean(), minority.mean(), people.z[-1]], [0, 0.7, FAR], atol=1e-12)
    assert_allclose([majority.std(), minority.std()], SPREAD)
    shares = [people.p[:ATOMS].sum(), people.p[ATOMS:-1].sum(), people.p[-1]]
    assert_allclose(shares, [0.96 * (1 - MINORITY), 0.96 * MINORITY, 0.04])
    assert people.target.sum() == pytest.approx(1) and people.target[-1] == 0


def test_errors_are_group_risks_of_the_clean_population():
    for setting in draws(5, seed=2):
        step = step_at(*setting)
        clean = compute.population(setting[0], 0)
        for name in METHODS:
            losses = (clean.z - step.theta[name]) ** 2
            assert_allclose(step.errors[name], [losses[:ATOMS].mean(), losses[ATOMS:-1].mean(),
                                                losses @ clean.p])
            assert step.worst(name) == max(step.errors[name][:2])


@pytest.mark.parametrize("setting", [*draws(6, seed=3)])
def test_each_theta_is_the_least_point_of_its_risk(setting):
    """SciPy from eleven starts finds nothing lower, by more than a cell of the grid allows."""
    step, (shift, alpha, _, epsilon) = step_at(*setting), setting
    z, p = step.people.z, step.people.p
    risk = {"erm": lambda t: p @ (z - t) ** 2,
            "cvar": lambda t: cl.shift.cvar((z - t) ** 2, alpha, p),
            "doro": lambda t: cl.shift.doro((z - t) ** 2, alpha, epsilon, p),
            "known": lambda t: step.people.target @ (z - t) ** 2}
    for name in METHODS:
        lowest = min(minimize_scalar(risk[name], bounds=(low, low + 0.5), method="bounded").fun
                     for low in np.arange(-3.4, 2.1, 0.5))
        assert step.least[name] == pytest.approx(risk[name](step.theta[name]))
        assert step.least[name] < lowest + 0.005
    assert step.theta["erm"] == pytest.approx(p @ z, abs=1e-3)
    assert step.theta["known"] == pytest.approx(shift / 2, abs=1e-3)


def three_atoms(shift, alpha, outliers, epsilon):
    """θ of CVaR, or of DORO with ε ≥ outliers, if each group is one point.

    With the majority at 0, the minority of mass m at s and outliers at o, θ is the mean of the
    worst Q: all outliers, then the minority, then the majority, unless two of them are equally
    far, which makes θ their middle.
    """
    minority = (1 - outliers) * MINORITY
    if epsilon:
        minority, outliers = (minority - (epsilon - outliers)) / (1 - epsilon), 0
    mean = outliers * FAR + min(alpha - outliers, minority) * shift
    return max((FAR + shift) / 2, min(shift / 2, mean / alpha))


@pytest.mark.parametrize("shift", [0.2, 0.7, 1.0])
@pytest.mark.parametrize("alpha", [0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("outliers", [0.0, 0.02, 0.06])
def test_groups_of_one_point_have_closed_forms(shift, alpha, outliers):
    for epsilon in (0, outliers, outliers + 0.05):
        step = step_at(shift, alpha, outliers, epsilon, spread=0.0)
        minority = (1 - outliers) * MINORITY
        erm = minority * shift + outliers * FAR
        assert step.theta["erm"] == pytest.approx(erm, abs=1e-3)
        cvar = three_atoms(shift, alpha, outliers, 0)
        assert step.theta["cvar"] == pytest.approx(cvar, abs=2e-3)
        assert step.worst("cvar") == pytest.approx(max(cvar**2, (cvar - shift) ** 2), abs=0.01)
        doro = three_atoms(shift, alpha, outliers, epsilon) if epsilon else cvar
        assert step.theta["doro"] == pytest.approx(doro, abs=2e-3)


def test_special_cases_are_each_other():
    for shift, alpha, outliers, epsilon in draws(6, seed=4):
        same = step_at(shift, alpha, outliers, 0)
        assert_allclose(same.curves["doro"], same.curves["cvar"])
        same = step_at(shift, 1, outliers, epsilon)
        assert_allclose(same.curves["cvar"], same.curves["erm"])
        assert same.theta["known"] == step_at(shift, 1, 0, 0).theta["known"]


# ---- the story


def test_axes_stay_put_and_hold_everything():
    explorer = made()
    before = None
    for setting in grid():
        step = step_at(*setting)
        for ax, highest in ((explorer.risks["erm"].axes, max(step.least.values())),
                            (explorer.bars[0].artist.axes, max(map(step.worst, METHODS)))):
            assert 0 < np.sqrt(highest) < 0.98 * ax.get_ylim()[1]
        low, high = explorer.lines["erm"].axes.get_xlim()
        assert all(low + 0.5 < theta < high for theta in step.theta.values())
    for params in live.settings(explorer, 4):
        explorer.update(**params)
        frames = [(ax.get_xlim(), ax.get_ylim()) for ax in explorer.figure.axes]
        assert before in (None, frames)
        before = frames


@pytest.mark.parametrize("shift", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_without_outliers_cvar_helps_the_worst_group_at_a_price(shift, alpha):
    step = step_at(shift, alpha, 0, 0)
    assert step.worst("cvar") < step.worst("erm") - 0.01
    assert step.errors["cvar"][2] > step.errors["erm"][2]
    assert step.worst("known") <= step.worst("cvar")


def test_cvar_never_harms_without_outliers():
    for shift, alpha, _, _ in draws(25, seed=5):
        step = step_at(shift, alpha, 0, 0)
        assert step.worst("cvar") <= step.worst("erm") + 0.002


@pytest.mark.parametrize("shift", [0.2, 0.5, 0.8, 1.0])
def test_two_per_cent_of_outliers_break_cvar_and_doro_repairs_it(shift):
    step = step_at(shift, 0.05, 0.02, 0.02)
    assert step.worst("cvar") > 2 * step.worst("erm")
    clean = step_at(shift, 0.05, 0, 0)
    assert step.worst("doro") == pytest.approx(clean.worst("cvar"), abs=0.01)


@pytest.mark.parametrize("shift", [0.6, 0.8, 1.0])
def test_doro_with_too_large_epsilon_forgets_the_minority(shift):
    few, many = step_at(shift, 0.05, 0.02, 0.02), step_at(shift, 0.05, 0.02, 0.3)
    assert many.left_out[1] > 0.8 > 0.1 > few.left_out[1]
    assert abs(many.theta["doro"]) < 0.05
    assert many.worst("doro") > max(many.worst("erm"), 1.5 * few.worst("doro"))


def test_doro_with_too_small_epsilon_is_not_enough():
    step = step_at(0.8, 0.05, 0.1, 0.05)
    assert step.worst("doro") > 2 * step.worst("erm")


# ---- words


@pytest.mark.parametrize("setting, said", [
    ((0, 1, 0, 0), "All four agree: there is nothing to repair"),
    ((0.8, 0.05, 0, 0), "CVaR helps the worst group: 0.27 (ERM 0.45); on average 0.17 (0.14)"),
    ((0.8, 0.05, 0.02, 0),
     "CVaR follows the outliers: worst group 1.82 (ERM 0.53); DORO drops nothing yet"),
    ((0.8, 0.05, 0.02, 0.02),
     "CVaR follows the outliers: worst group 1.82 (ERM 0.53); DORO drops them: 0.27"),
    ((0.8, 0.05, 0.02, 0.3), "; DORO drops 98 % of the minority: 0.64"),
    ((0.8, 0.05, 0.1, 0.05), "worst group 3.25 (ERM 0.95); DORO with ε < outliers: 3.56"),
    ((0.8, 0.2, 0.02, 0.02), "CVaR helps the worst group: 0.40 (ERM 0.53); "
                             "DORO drops the outliers: 0.30"),
    ((0.8, 1, 0, 0), "CVaR is no better than ERM: worst group 0.45 (ERM 0.45)"),
])
def test_headlines(setting, said):
    assert said in made().headline(step_at(*setting))


def test_sentences():
    explorer = made()
    explorer.update(shift=0.8, alpha=0.05, outliers=0.02, epsilon=0.02)
    said, values = explorer.sentence(explorer.result), explorer.values()
    assert f"ERM {values['worst_erm']:.2f} / {values['average_erm']:.2f}, " in said
    assert "DORO drops 100 % of the outliers and 0 % of the minority. " in said
    gain = values["worst_erm"] - values["worst_doro"]
    price = values["average_doro"] - values["average_erm"]
    assert said.endswith(
        f"DORO against ERM: {gain:.2f} less on the worst group, {price:.2f} more on average.")
    explorer.update(epsilon=0)
    assert "DORO drops nothing. Neither CVaR nor DORO beats ERM" in explorer.sentence(
        explorer.result)


def test_values_are_those_of_the_step():
    explorer = made()
    explorer.update(**START)
    step, values = step_at(*START.values()), explorer.values()
    assert len(values) == 3 * len(METHODS)
    for name in METHODS:
        assert values[f"theta_{name}"] == step.theta[name]
        assert values[f"worst_{name}"] == step.worst(name)
        assert values[f"average_{name}"] == step.errors[name][2]


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match=r"alpha is 0; it must be a number from 0\.05 to 1"):
        made().update(alpha=0)
    with pytest.raises(ValueError, match="'radius' is not a control"):
        made().update(radius=1)
