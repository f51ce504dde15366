import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joints import contexts, prescribed
from scipy import optimize

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite.shift import (
    chi2_risk,
    chi2_weights,
    cvar,
    cvar_weights,
    descend,
    doro,
    doro_weights,
    effective_size,
    estimated_weights,
    group_risks,
    importance_weights,
    reweighted_ridge,
    worst_group,
)
from contexture_lite.shift.spectra import shifted_spectrum


@st.composite
def given_losses(draw, least=1, largest=12):
    """(losses, masses): with ties, with points of no mass, on any scale."""
    n = draw(st.integers(least, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale, less = 10.0 ** draw(st.integers(-3, 3)), draw(st.sampled_from([0, 1]))
    losses = scale * rng.gamma(1.0, size=n) - less
    if draw(st.booleans()):
        losses = np.round(losses, 1)
    masses = rng.gamma(0.5, size=n) + 1e-6
    if draw(st.booleans()):
        masses[rng.random(n) < 0.3] = 0
        masses[rng.integers(n)] = 1
    return losses, masses / masses.sum()


shares = st.one_of(st.just(1.0), st.floats(1e-3, 1))
radii = st.one_of(st.just(0.0), st.floats(1e-8, 100))
removable = st.one_of(st.just(0.0), st.floats(0, 0.9))


def close(losses, tolerance=1e-8):
    return {"rel": tolerance, "abs": tolerance * np.abs(losses).max(initial=1e-3)}


# -- CVaR --------------------------------------------------------------------------


@given(case=given_losses(), alpha=shares)
def test_cvar_is_its_dual_and_its_primal(case, alpha):
    losses, p = case
    q = cvar_weights(losses, alpha, p)
    assert q.sum() == pytest.approx(1) and (q >= 0).all() and (q <= p / alpha + 1e-12).all()
    dual = min(eta + p @ np.maximum(losses - eta, 0) / alpha for eta in losses)
    risk = cvar(losses, alpha, p)
    assert risk == pytest.approx(q @ losses, **close(losses))
    assert risk == pytest.approx(dual, **close(losses))


@given(case=given_losses(), first=shares, second=shares)
def test_cvar_falls_with_alpha_from_the_maximum_to_the_mean(case, first, second):
    losses, p = case
    slack = 1e-12 * np.abs(losses).max(initial=1)
    low, high = sorted([first, second])
    assert cvar(losses, high, p) <= cvar(losses, low, p) + slack
    assert cvar(losses, 1, p) == pytest.approx(p @ losses, **close(losses, 1e-12))
    top = losses[p > 0].max()
    assert cvar(losses, low, p) <= top + slack
    at_top = min(p[losses == top].sum(), 1)
    assert cvar(losses, at_top, p) == pytest.approx(top, **close(losses))


@pytest.mark.parametrize("seed", range(10))
def test_cvar_against_a_linear_program(seed):
    rng = np.random.default_rng(seed)
    losses, p, alpha = rng.standard_normal(8), rng.dirichlet(np.ones(8)), rng.uniform(0.05, 1)
    program = optimize.linprog(-losses, A_eq=[np.ones(8)], b_eq=[1],
                               bounds=np.c_[np.zeros(8), p / alpha])
    assert cvar(losses, alpha, p) == pytest.approx(-program.fun, abs=1e-8)


def test_cvar_by_hand():
    assert cvar([3, 1, 2, 4], 0.5) == 3.5
    assert cvar([3, 1, 2, 4], 0.375) == pytest.approx((4 + 3 / 2) / 1.5)
    assert cvar([0, 1], 0.5, weights=[3, 1]) == 0.5  # masses ¾ and ¼: half of the worst half
    assert np.allclose(cvar_weights([3, 1, 2, 4], 0.5), [0.5, 0, 0, 0.5])


# -- χ² ----------------------------------------------------------------------------


def chi2_dual(losses, p, radius):
    """The infimum over η, by Brent's method."""
    losses, p = losses[p > 0], p[p > 0]
    top, spread = losses.max(), np.ptp(losses) + 1e-12
    lowest = top - spread * (2 + 2 / np.sqrt(2 * radius))

    def dual(eta):
        return eta + np.sqrt((1 + 2 * radius) * (p @ np.maximum(losses - eta, 0) ** 2))

    least = optimize.minimize_scalar(dual, bounds=(lowest, top), method="bounded",
                                     options={"xatol": 1e-13 * spread, "maxiter": 1000})
    return min(least.fun, top)


@given(case=given_losses(), radius=radii)
def test_chi2_is_its_dual_and_its_primal(case, radius):
    losses, p = case
    q = chi2_weights(losses, radius, p)
    ratio = np.divide(q, p, out=np.ones_like(p), where=p > 0)
    assert q.sum() == pytest.approx(1) and (q >= 0).all() and (q[p == 0] == 0).all()
    assert p @ (ratio - 1) ** 2 / 2 <= radius * (1 + 1e-9) + 1e-12
    risk = chi2_risk(losses, radius, p)
    assert risk == pytest.approx(q @ losses, **close(losses))
    if radius > 1e-4:  # below, the search over η begins too far away to be exact
        assert risk == pytest.approx(chi2_dual(losses, p, radius), **close(losses))


@given(case=given_losses(), first=radii, second=radii)
def test_chi2_grows_with_the_radius_from_the_mean_to_the_maximum(case, first, second):
    losses, p = case
    slack = 1e-12 * np.abs(losses).max(initial=1)
    low, high = sorted([first, second])
    assert chi2_risk(losses, low, p) <= chi2_risk(losses, high, p) + slack
    assert chi2_risk(losses, 0, p) == pytest.approx(p @ losses, **close(losses, 1e-12))
    assert np.allclose(chi2_weights(losses, 0, p), p, atol=1e-15)
    top = losses[p > 0].max()
    at_top = p[losses == top].sum()
    enough = (1 / at_top - 1) / 2
    assert chi2_risk(losses, high, p) <= top + slack
    assert chi2_risk(losses, enough * 1.001 + 1e-9, p) == pytest.approx(top, **close(losses))


@given(case=given_losses(least=2), share=st.floats(0.01, 1))
def test_chi2_is_mean_plus_deviation_while_no_point_is_dropped(case, share):
    losses, p = case
    mean = p @ losses
    deviation = np.sqrt(p @ (losses - mean) ** 2)
    if deviation <= 1e-9 * np.abs(losses).max():
        return
    widest = (deviation / (mean - losses[p > 0].min())) ** 2 / 2  # the next Q has a zero
    value = mean + np.sqrt(2 * share * widest) * deviation
    assert chi2_risk(losses, share * widest, p) == pytest.approx(value, **close(losses, 1e-11))
    if np.count_nonzero(p) > 2 and len(np.unique(losses[p > 0])) > 2:
        assert chi2_risk(losses, 1.5 * widest, p) < mean + np.sqrt(3 * widest) * deviation


@pytest.mark.parametrize("seed", range(8))
def test_chi2_against_a_general_optimiser(seed):
    rng = np.random.default_rng(seed)
    losses, p, radius = rng.gamma(1.0, size=7), rng.dirichlet(2 * np.ones(7)), rng.uniform(0.05, 2)
    solution = optimize.minimize(
        lambda w: -(p * w) @ losses, np.ones(7), jac=lambda w: -p * losses, method="SLSQP",
        bounds=[(0, None)] * 7, options={"ftol": 1e-15, "maxiter": 1000},
        constraints=[
            {"type": "eq", "fun": lambda w: p @ w - 1, "jac": lambda w: p},
            {"type": "ineq", "fun": lambda w: radius - p @ (w - 1) ** 2 / 2,
             "jac": lambda w: -p * (w - 1)},
        ],
    )
    assert chi2_risk(losses, radius, p) == pytest.approx(-solution.fun, abs=1e-6)


def test_chi2_by_hand():
    """Losses 0 and 1 with equal masses: ½ + √(ρ/2) as far as ρ = ½, where Q is at the 1."""
    for radius in (0, 0.02, 0.3, 0.5):
        assert chi2_risk([0, 1], radius) == pytest.approx(0.5 + np.sqrt(radius / 2), abs=1e-12)
    assert chi2_risk([0, 1], 7) == 1
    assert chi2_risk([5, 5, 5], 2) == 5
    assert np.allclose(chi2_weights([5, 5, 5], 2), 1 / 3)


# -- how they compare ----------------------------------------------------------------


@given(case=given_losses(least=2), alpha=shares, seed=st.integers(0, 100))
def test_cvar_bounds_groups_and_is_bounded_by_chi2(case, alpha, seed):
    losses, p = case
    slack = 1e-9 * np.abs(losses).max(initial=1)
    ball = (1 / alpha - 1) / 2
    assert cvar(losses, alpha, p) <= chi2_risk(losses, ball, p) + slack
    if alpha <= 0.5:
        assert cvar(losses, alpha, p) <= chi2_risk(losses, (1 / alpha - 1) ** 2 / 2, p) + slack
    groups = np.random.default_rng(seed).integers(0, 3, len(p))
    groups[p == 0] = groups[np.argmax(p)]
    masses = [p[groups == g].sum() for g in np.unique(groups)]
    assert worst_group(losses, groups, p) <= cvar(losses, min(masses), p) + slack


def test_the_published_radius_fails_beyond_a_half():
    losses, p, alpha = [0, 1], [0.1, 0.9], 0.9
    assert cvar(losses, alpha, p) == pytest.approx(1)
    published = (1 / alpha - 1) ** 2 / 2
    assert chi2_risk(losses, published, p) == pytest.approx(0.9 + 0.3 / 9)
    assert chi2_risk(losses, (1 / alpha - 1) / 2, p) == pytest.approx(1)


def test_group_risks():
    losses, groups = [1.0, 2, 3, 6], ["b", "a", "b", "a"]
    assert group_risks(losses, groups) == {"a": 4, "b": 2}
    assert list(group_risks(losses, groups)) == ["a", "b"]
    assert group_risks(losses, groups, [1, 3, 3, 1]) == {"a": 3, "b": 2.5}
    assert worst_group(losses, groups) == 4
    assert group_risks(losses, [1, 1, 0, 0]) == {0: 4.5, 1: 1.5}


# -- DORO --------------------------------------------------------------------------


@given(case=given_losses(), alpha=shares, epsilon=removable)
def test_doro_is_cvar_of_what_is_left(case, alpha, epsilon):
    losses, p = case
    q = doro_weights(losses, alpha, epsilon, p)
    risk = doro(losses, alpha, epsilon, p)
    assert q.sum() == pytest.approx(1)
    assert (q >= 0).all() and (q <= p / (alpha * (1 - epsilon)) * (1 + 1e-9)).all()
    assert risk == pytest.approx(q @ losses, **close(losses))
    assert risk <= cvar(losses, alpha, p) + 1e-9 * np.abs(losses).max(initial=1)
    if epsilon == 0:
        assert risk == pytest.approx(cvar(losses, alpha, p), **close(losses, 1e-12))


@given(case=given_losses(largest=7), alpha=st.floats(0.05, 1), epsilon=st.floats(0, 0.8))
def test_doro_against_every_way_to_remove_mass(case, alpha, epsilon):
    """CVaR is concave in P′: its least value is at a vertex, all but one point kept or gone."""
    losses, p = case
    n, most, best = len(p), p / (1 - epsilon), np.inf
    for kept in range(2**n):
        whole = np.array([kept >> i & 1 for i in range(n)], dtype=bool)
        rest = 1 - most[whole].sum()
        for i in np.flatnonzero(~whole):
            if -1e-12 <= rest <= most[i] + 1e-12:
                kept_p = np.where(whole, most, 0)
                kept_p[i] = max(rest, 0)
                best = min(best, cvar(losses, alpha, kept_p))
        if abs(rest) < 1e-12:
            best = min(best, cvar(losses, alpha, np.where(whole, most, 0)))
    assert doro(losses, alpha, epsilon, p) == pytest.approx(best, **close(losses))


@pytest.mark.parametrize("seed", range(5))
def test_doro_against_linear_programs(seed):
    """For each η in turn, the least E_{P′}(ℓ − η)₊ over removable mass is a linear program."""
    rng = np.random.default_rng(seed)
    losses, p = rng.standard_normal(8), rng.dirichlet(np.ones(8))
    alpha, epsilon = rng.uniform(0.1, 0.9), rng.uniform(0, 0.5)
    programs = [
        eta + optimize.linprog(
            np.maximum(losses - eta, 0) / alpha, A_eq=[np.ones(8)], b_eq=[1],
            bounds=np.c_[np.zeros(8), p / (1 - epsilon)]).fun
        for eta in losses
    ]
    assert doro(losses, alpha, epsilon, p) == pytest.approx(min(programs), abs=1e-8)


@pytest.mark.parametrize(("n", "alpha", "epsilon"), [
    (100, 0.4, 0.1), (20, 0.5, 0.2), (10, 0.25, 0.2), (8, 1.0, 0.5), (50, 1 / 3, 0.1)])
def test_the_batch_formula_where_its_numbers_are_whole(n, alpha, epsilon):
    losses = np.random.default_rng(n).gamma(1.0, size=n)
    first, last = epsilon * n, (epsilon + alpha * (1 - epsilon)) * n
    assert first == round(first) and last == pytest.approx(round(last))
    sorted_losses = np.sort(losses)[::-1][int(first) : round(last)]
    assert doro(losses, alpha, epsilon) == pytest.approx(
        sorted_losses.sum() / (alpha * (n - first)), abs=1e-12)


def test_doro_splits_a_point_that_is_partly_dropped():
    # four equal points: half of the 4 goes, then the worst half of what is left, 3½ quarters
    assert doro([1, 2, 3, 4], 0.5, 0.125) == pytest.approx((0.5 * 4 + 3 + 0.25 * 2) / 1.75)
    assert np.allclose(doro_weights([1, 2, 3, 4], 0.5, 0.125), np.array([0, 1, 4, 2]) / 7)


@pytest.mark.parametrize("size", [1e2, 1e6])
def test_one_outlier_moves_cvar_and_not_doro(size):
    losses = np.r_[np.linspace(0, 1, 99), size]
    assert cvar(losses, 0.1) > size / 10
    assert doro(losses, 0.1, 0.01) == pytest.approx(cvar(losses[:-1], 0.1), abs=1e-9)


# -- one outlier in a location model, with exact answers -------------------------------
# x is 0 or 1 (mass g), and M for a share e of outliers; ℓ = (x − θ)². By the minimax theorem
# the θ of a worst-case risk is the mean of x under its worst Q, the Q of largest variance.


def location_losses(theta, outlier):
    return (np.array([0.0, 1.0, outlier]) - theta) ** 2


def location_masses(g, e):
    return np.array([(1 - e) * (1 - g), (1 - e) * g, e])


def mean_theta(g, e, outlier):
    """(1 − e)g + eM."""
    return (1 - e) * g + e * outlier


def clean_cvar_theta(g, alpha):
    """min(g/α, ½) for g ≤ ½: the minority counts as far as the middle."""
    return min(g / alpha, 0.5)


def cvar_theta(g, e, outlier, alpha):
    """min(M/2, (eM + (α − e − a₀)₊) / α), a₀ = (1 − e)(1 − g), where that is at least ½."""
    spare = max(alpha - e - (1 - e) * (1 - g), 0)
    theta = min(outlier / 2, (e * outlier + spare) / alpha)
    assert theta >= 0.5, "the outlier is too near or too light"
    return theta


def doro_theta(g, e, outlier, alpha, epsilon):
    """ε ≥ e: min(g′/α, ½) with g′ = ((1 − e)g − (ε − e))₊/(1 − ε); ε < e: CVaR of the rest."""
    if epsilon < e:
        a_0, a_1, rest = np.array(location_masses(g, e) - [0, 0, epsilon]) / (1 - epsilon)
        return cvar_theta(a_1 / (a_0 + a_1), rest, outlier, alpha)
    left = max((1 - e) * g - (epsilon - e), 0) / (1 - epsilon)
    return clean_cvar_theta(left, alpha)


def least_theta(risk, outlier):
    """The θ of least risk: a grid, fine near the people, then Brent's method beside its best."""
    grid = np.r_[np.linspace(-1, 2, 61), np.linspace(2, outlier + 1, 61)[1:]]
    best = np.argmin([risk(theta) for theta in grid[1:-1]]) + 1
    return optimize.minimize_scalar(risk, bounds=(grid[best - 1], grid[best + 1]),
                                    method="bounded", options={"xatol": 1e-10}).x


@pytest.mark.parametrize("g", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.6])
@pytest.mark.parametrize(("e", "outlier"), [(0.02, 10), (0.02, 100), (0.06, 30)])
def test_the_location_model(g, alpha, e, outlier):
    p = location_masses(g, e)

    def least(risk):
        return least_theta(lambda theta: risk(location_losses(theta, outlier)), outlier)

    assert least(lambda losses: p @ losses) == pytest.approx(mean_theta(g, e, outlier), abs=1e-6)
    clean = location_masses(g, 0)
    assert least(lambda losses: cvar(losses, alpha, clean)) == pytest.approx(
        clean_cvar_theta(g, alpha), abs=1e-6)
    if e * outlier / alpha >= 0.5:
        assert least(lambda losses: cvar(losses, alpha, p)) == pytest.approx(
            cvar_theta(g, e, outlier, alpha), abs=1e-6)
    for epsilon in (e, e + 0.03):
        assert least(lambda losses, epsilon=epsilon: doro(losses, alpha, epsilon, p)) == (
            pytest.approx(doro_theta(g, e, outlier, alpha, epsilon), abs=1e-6))
    assert doro_theta(g, e, outlier, alpha, e) == pytest.approx(clean_cvar_theta(g, alpha))
    if (e / 2) / (1 - e / 2) * outlier / alpha >= 0.5:
        assert least(lambda losses: doro(losses, alpha, e / 2, p)) == pytest.approx(
            doro_theta(g, e, outlier, alpha, e / 2), abs=1e-6)


def test_the_location_model_in_numbers():
    g, e, alpha = 0.2, 0.02, 0.3
    assert clean_cvar_theta(g, alpha) == 0.5 and mean_theta(g, 0, 0) == 0.2
    for outlier, mean, robust in [(10, 0.396, 2 / 3), (100, 2.196, 20 / 3), (1e3, 20.196, 200 / 3)]:
        assert mean_theta(g, e, outlier) == pytest.approx(mean)
        assert cvar_theta(g, e, outlier, alpha) == pytest.approx(robust)
        assert doro_theta(g, e, outlier, alpha, e) == pytest.approx(0.5)


# -- torch gives the same, with gradients ----------------------------------------------

RISKS = {
    "cvar": (lambda losses, p: cvar(losses, 0.3, p),
             lambda losses, p: cvar_weights(losses, 0.3, p)),
    "chi2": (lambda losses, p: chi2_risk(losses, 0.7, p),
             lambda losses, p: chi2_weights(losses, 0.7, p)),
    "doro": (lambda losses, p: doro(losses, 0.3, 0.1, p),
             lambda losses, p: doro_weights(losses, 0.3, 0.1, p)),
    "group": (lambda losses, p: worst_group(losses, [0, 1, 2] * 5, p), None),
}


@pytest.mark.parametrize("name", RISKS)
@pytest.mark.parametrize("seed", range(2))
def test_torch_and_numpy_agree_and_the_gradient_is_the_worst_distribution(name, seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    losses, p = rng.standard_normal(15), rng.dirichlet(np.ones(15))
    risk, worst = RISKS[name]
    tensor = torch.tensor(losses, requires_grad=True)
    value = risk(tensor, p)
    assert value.shape == () and float(value.detach()) == pytest.approx(risk(losses, p), abs=1e-12)
    value.backward()
    if worst is not None:
        assert np.allclose(tensor.grad.numpy(), worst(losses, p), atol=1e-15)
        assert np.allclose(worst(tensor, torch.tensor(p)), worst(losses, p), atol=1e-15)
    assert torch.autograd.gradcheck(lambda t: risk(t, p), tensor, eps=1e-7, atol=1e-5)


def test_a_tensor_keeps_its_precision_and_is_not_changed():
    torch = pytest.importorskip("torch")
    losses = torch.tensor([3.0, 1, 2, 4])
    risk = cvar(losses, 0.5)
    assert risk.dtype == torch.float32 and float(risk) == 3.5
    assert losses.tolist() == [3, 1, 2, 4]
    with pytest.raises(TypeError, match=r"losses has dtype torch\.int64"):
        cvar(torch.tensor([1, 2]), 0.5)
    with pytest.raises(ValueError, match=r"losses\[1\] is nan"):
        chi2_risk(torch.tensor([1, np.nan]), 0.5)


# -- bad input to the risks ------------------------------------------------------------

PLAIN = {
    "cvar": lambda losses, weights=None: cvar(losses, 0.5, weights),
    "cvar_weights": lambda losses, weights=None: cvar_weights(losses, 0.5, weights),
    "chi2_risk": lambda losses, weights=None: chi2_risk(losses, 0.5, weights),
    "chi2_weights": lambda losses, weights=None: chi2_weights(losses, 0.5, weights),
    "doro": lambda losses, weights=None: doro(losses, 0.5, 0.1, weights),
    "doro_weights": lambda losses, weights=None: doro_weights(losses, 0.5, 0.1, weights),
    "group_risks": lambda losses, weights=None: group_risks(losses, [0, 0, 0], weights),
    "worst_group": lambda losses, weights=None: worst_group(losses, [0, 0, 0], weights),
}


@pytest.mark.parametrize("name", PLAIN)
def test_bad_losses_and_weights_are_named(name):
    risk = PLAIN[name]
    losses, weights = np.array([3.0, 1, 2]), np.array([1.0, 2, 0])
    for bad, error, words in [
        ([], ValueError, r"losses has shape \(0,\)"),
        ([[1, 2]], ValueError, r"losses has shape \(1, 2\)"),
        ([1, np.nan], ValueError, r"losses\[1\] is nan"),
        ([np.inf, 1], ValueError, r"losses\[0\] is inf"),
        (["a", "b"], TypeError, "losses has dtype"),
    ]:
        with pytest.raises(error, match=words):
            risk(bad)
    for bad, error, words in [
        ([1, 2], ValueError, r"weights has shape \(2,\)"),
        ([1, -1, 1], ValueError, r"weights\[1\] is -1"),
        ([0, 0, 0], ValueError, "weights has total 0"),
        ([1, np.inf, 1], ValueError, r"weights\[1\] is inf"),
    ]:
        with pytest.raises(error, match=words):
            risk(losses, bad)
    risk(losses, weights)
    assert losses.tolist() == [3, 1, 2] and weights.tolist() == [1, 2, 0]


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: cvar([1, 2], 0), ValueError, "alpha is 0; it must be above 0"),
    (lambda: cvar([1, 2], 1.1), ValueError, "alpha is 1.1; it must be at most 1"),
    (lambda: cvar_weights([1, 2], "half"), TypeError, "alpha is 'half'"),
    (lambda: chi2_risk([1, 2], -1), ValueError, "radius is -1; it must be at least 0"),
    (lambda: chi2_weights([1, 2], np.inf), ValueError, "radius is inf"),
    (lambda: doro([1, 2], 0.5, 1), ValueError, "epsilon is 1; it must be below 1"),
    (lambda: doro_weights([1, 2], 0.5, -0.1), ValueError, "epsilon is -0.1"),
    (lambda: doro([1, 2], 2, 0.1), ValueError, "alpha is 2"),
    (lambda: group_risks([1, 2], [0]), ValueError, r"groups has shape \(1,\); it must be \(2,\)"),
    (lambda: worst_group([1, 2], ["a", "b"], [1, 0]), ValueError, "group b has no mass"),
])
def test_bad_options_of_risks_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- importance weights ----------------------------------------------------------------


@given(case=given_losses(least=2), seed=st.integers(0, 2**32 - 1))
def test_weights_carry_means_over_and_measure_chi2(case, seed):
    losses, p = case
    target = np.random.default_rng(seed).gamma(0.7, size=len(p)) * (p > 0)
    target = target / target.sum()
    w = importance_weights(p, target)
    assert p @ (w * losses) == pytest.approx(target @ losses, **close(losses, 1e-10))
    seen = p > 0
    chi2 = np.sum((target[seen] - p[seen]) ** 2 / p[seen])
    assert p @ w**2 == pytest.approx(1 + chi2)
    assert 1 - 1e-12 <= effective_size(w) <= len(p) + 1e-9


def test_effective_size():
    assert effective_size([1, 1, 1, 1]) == 4
    assert effective_size([0, 7, 0]) == 1
    assert effective_size([1, 2]) == pytest.approx(9 / 5)
    assert effective_size([1e-300, 1e-300]) == 2
    rng = np.random.default_rng(0)
    x = rng.standard_normal(200_000)
    w = importance_weights(np.exp(-(x**2) / 2), np.exp(-((x - 0.5) ** 2) / 2))  # densities
    assert effective_size(w) / len(x) == pytest.approx(np.exp(-0.25), rel=0.02)


@pytest.mark.parametrize("shift", [0, 0.5, 1.0])
def test_estimated_weights_of_two_gaussians(shift):
    """The density ratio is exp(δx − δ²/2), and 1 + χ² = exp(δ²)."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        source, target = rng.standard_normal(2000), rng.standard_normal(3000) + shift
        w = estimated_weights(source, target, seed=seed)
        true = np.exp(shift * source - shift**2 / 2)
        assert np.mean(np.abs(w.values - true)) < 0.1
        assert w.values.mean() == pytest.approx(1, abs=0.1)
        assert w.effective_size == pytest.approx(2000 * np.exp(-(shift**2)), rel=0.2)
        weighted = w.values @ source / w.values.sum()
        assert weighted == pytest.approx(shift, abs=0.2)
        chance = w.model.predict_proba([[shift / 2]])[0, 1]  # as dense in both: only counts speak
        assert chance == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("gap", [6, 10, 100])
@pytest.mark.parametrize("columns", [1, 20])
def test_two_samples_that_share_nothing_leave_next_to_nothing(gap, columns):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        source = rng.standard_normal((500, columns))
        target = rng.standard_normal((500, columns)) + gap * np.eye(columns)[0]
        w = estimated_weights(source, target, seed=seed)
        assert 1 <= w.effective_size < 5 and w.values.mean() < 0.05
        if gap == 100:  # what the weights alone would say
            assert effective_size(w.values) > 400


def test_estimated_weights_may_be_repeated_and_change_nothing():
    rng = np.random.default_rng(0)
    source, target = rng.standard_normal((40, 2)), rng.standard_normal((30, 2))
    copies = source.copy(), target.copy()
    first, again = (estimated_weights(source, target, seed=3) for _ in range(2))
    assert (first.values == again.values).all() and first.values.shape == (40,)
    assert (source == copies[0]).all() and (target == copies[1]).all()
    assert repr(first).startswith("Weights(40 points, effective size ")


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: importance_weights([0.5, 0.5], [1, 0, 0]), ValueError, r"target has shape \(3,\)"),
    (lambda: importance_weights([1, 0], [0.5, 0.5]), ValueError,
     r"target\[1\] is 0.5; it must be 0 where p is 0"),
    (lambda: importance_weights([-1, 2], [0.5, 0.5]), ValueError, r"p\[0\] is -1"),
    (lambda: importance_weights([1, 1], [np.nan, 1]), ValueError, r"target\[0\] is nan"),
    (lambda: importance_weights("ab", [1, 1]), TypeError, "p has dtype"),
    (lambda: effective_size([]), ValueError, r"weights has shape \(0,\)"),
    (lambda: effective_size([0, 0]), ValueError, "weights are all 0"),
    (lambda: effective_size([1, -1]), ValueError, r"weights\[1\] is -1"),
    (lambda: estimated_weights(np.ones((9, 2)), np.ones((9, 3))), ValueError,
     "target has 3 columns, source has 2"),
    (lambda: estimated_weights(np.ones(4), np.ones(9)), ValueError,
     "source has 4 points; 5 folds need 5"),
    (lambda: estimated_weights(np.ones(9), np.full(9, np.inf)), ValueError, r"target\[0\] is inf"),
    (lambda: estimated_weights(np.ones((9, 0)), np.ones(9)), ValueError, "source has shape"),
    (lambda: estimated_weights(np.ones(9), np.ones(9), seed="x"), TypeError, "seed is 'x'"),
])
def test_bad_input_to_weights_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- reweighting ------------------------------------------------------------------------


def wide(seed, n=5, features=20):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, features)), rng.standard_normal(n), rng


WEIGHTINGS = {
    "equal": lambda rng: np.ones(5),
    "fixed": lambda rng: rng.uniform(0.2, 1.2, 5),
    "random at every step": lambda rng: lambda losses: rng.uniform(0.2, 1.2, 5),
    "where the loss is": lambda rng: lambda losses: 0.1 + losses / (losses.max() + 1e-12),
    "exponential": lambda rng: lambda losses: np.clip(np.exp(3 * losses), None, 10),
}


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("seed", range(2))
def test_every_weighting_ends_at_the_same_interpolator(weighting, seed):
    X, y, rng = wide(seed, features=60)
    for start in (np.zeros(60), rng.standard_normal(60)):
        path = descend(X, y, WEIGHTINGS[weighting](rng), steps=1500,
                       start=start if start.any() else None)
        end = start + np.linalg.pinv(X) @ (y - X @ start)
        assert path.shape == (1501, 60) and np.array_equal(path[0], start)
        assert np.allclose(path[-1], end, atol=1e-10)
        distances = np.linalg.norm(path - end, axis=1)
        assert (np.diff(distances) <= 1e-12).all()  # never farther from it


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_falls_as_fast_as_promised(seed):
    X, y, rng = wide(seed)
    w = rng.uniform(0.5, 1.5, 5)
    size = np.linalg.svd(X, compute_uv=False)
    rate = 1 - (w.min() / w.max()) * (size[-1] / size[0]) ** 2
    end = np.linalg.pinv(X) @ y
    distances = np.linalg.norm(descend(X, y, w, steps=200) - end, axis=1)
    assert (distances <= distances[0] * rate ** np.arange(201) + 1e-12).all()


@pytest.mark.parametrize("seed", range(2))
def test_cvar_training_ends_there_too(seed):
    """Even weights that vanish on most points, as long as they go where the loss is."""
    X, y, _ = wide(seed)
    path = descend(X, y, lambda losses: cvar_weights(losses, 0.3), steps=2000)
    assert np.allclose(path[-1], np.linalg.pinv(X) @ y, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_a_small_penalty_leaves_the_interpolator_and_a_visible_one_does_not(seed):
    X, y, rng = wide(seed)
    w = rng.dirichlet(np.ones(5)) + 0.05
    w /= w.sum()
    target = np.linalg.pinv(X) @ y
    assert np.allclose(reweighted_ridge(X, y, w, 0), target, atol=1e-12)
    bound = np.linalg.norm(target) / (w.min() * np.linalg.svd(X, compute_uv=False)[-1] ** 2)
    for penalty in (1e-8, 1e-4, 1e-2, 1.0):
        distance = np.linalg.norm(reweighted_ridge(X, y, w, penalty) - target)
        assert 0 < distance <= penalty * bound + 1e-14
    small, large = (np.linalg.norm(reweighted_ridge(X, y, w, penalty)
                                   - reweighted_ridge(X, y, np.ones(5), penalty))
                    for penalty in (1e-8, 1.0))
    assert small < 1e-7 and large > 0.01


@pytest.mark.parametrize("seed", range(5))
def test_where_a_model_cannot_interpolate_weights_matter(seed):
    rng = np.random.default_rng(seed)
    X, y, w = rng.standard_normal((30, 4)), rng.standard_normal(30), rng.uniform(0.1, 3, 30)
    exact = np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y))
    assert np.allclose(reweighted_ridge(X, y, w, 0), exact, atol=1e-12)
    assert np.linalg.norm(reweighted_ridge(X, y, np.ones(30), 0) - exact) > 0.01
    assert np.allclose(descend(X, y, w, steps=3000)[-1], exact, atol=1e-8)


@pytest.mark.parametrize("shape", [(30, 4), (5, 20), (6, 6)])
def test_reweighted_ridge_against_scikit_learn(shape):
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    X, y, w = rng.standard_normal(shape), rng.standard_normal((shape[0], 2)), rng.random(shape[0])
    model = Ridge(alpha=0.3, fit_intercept=False, solver="svd").fit(
        X, y, sample_weight=w / w.sum())
    assert np.allclose(reweighted_ridge(X, y, w, 0.3), model.coef_.T, atol=1e-12)
    assert np.allclose(reweighted_ridge(X, y[:, 0], w, 0.3), model.coef_[0], atol=1e-12)


def test_points_of_weight_zero_are_left_out():
    X, y, _ = wide(0)
    theta = reweighted_ridge(X, y, [1, 1, 0, 1, 1], 0.1)
    kept = [0, 1, 3, 4]
    assert np.allclose(theta, reweighted_ridge(X[kept], y[kept], np.ones(4), 0.1), atol=1e-12)
    assert np.array_equal(descend(np.zeros((2, 3)), [1, 2], [1, 1], steps=2), np.zeros((3, 3)))
    assert descend(X, y, np.ones(5), steps=0).shape == (1, 20)


def test_bad_input_to_reweighting_is_named_and_nothing_is_changed():
    X, y, _ = wide(0)
    copies, w = (X.copy(), y.copy()), np.ones(5)
    for call, error, words in [
        (lambda: reweighted_ridge(y, y, w, 0), ValueError, r"X has shape \(5,\)"),
        (lambda: reweighted_ridge(X, y[:3], w, 0), ValueError, r"y has shape \(3,\)"),
        (lambda: reweighted_ridge(X, y, w[:2], 0), ValueError, r"weights has shape \(2,\)"),
        (lambda: reweighted_ridge(X, y, -w, 0), ValueError, r"weights\[0\] is -1"),
        (lambda: reweighted_ridge(X, y, w, -1), ValueError, "penalty is -1"),
        (lambda: reweighted_ridge(np.full((5, 2), np.nan), y, w, 0), ValueError, r"X\[0, 0\]"),
        (lambda: descend(X, X, w, steps=3), ValueError, r"y has shape \(5, 20\)"),
        (lambda: descend(X, y, 0 * w, steps=3), ValueError, "weights has total 0"),
        (lambda: descend(X, y, lambda losses: [1], steps=3), ValueError, "weights has shape"),
        (lambda: descend(X, y, w, steps=-1), ValueError, "steps is -1"),
        (lambda: descend(X, y, w, steps=1.5), TypeError, "steps is 1.5"),
        (lambda: descend(X, y, w, steps=1, start=[0]), ValueError, r"start has shape \(1,\)"),
        (lambda: descend(X, y, w, steps=1, start=X.T), ValueError, r"start has shape \(20, 5\)"),
    ]:
        with pytest.raises(error, match=words):
            call()
    reweighted_ridge(X, y, w, 1), descend(X, y, w, steps=3)
    assert (X == copies[0]).all() and (y == copies[1]).all() and (w == 1).all()


# -- the spectrum under input shift --------------------------------------------------------


@given(context=contexts.filter(lambda c: min(c.shape) > 1), seed=st.integers(0, 2**32 - 1),
       strength=st.floats(0, 2))
def test_the_sandwich(context, seed, strength):
    w = np.exp(strength * np.random.default_rng(seed).standard_normal(context.shape[0]))
    shifted = shifted_spectrum(context, context.p_x * w)
    assert shifted.before.shape == shifted.after.shape == (min(context.shape) - 1,)
    assert shifted.least_ratio / shifted.largest_ratio == pytest.approx(w.min() / w.max())
    squares = shifted.low**2, shifted.after**2, shifted.high**2
    assert (squares[0] <= squares[1] + 1e-9).all() and (squares[1] <= squares[2] + 1e-9).all()
    assert (shifted.low <= shifted.before + 1e-12).all()
    assert (shifted.before <= shifted.high + 1e-12).all()


def test_no_shift_and_the_ends_of_the_spectrum():
    context = prescribed(np.sqrt([0.9, 0.5]), 6, 5)[0]
    same = shifted_spectrum(context, context.p_x)
    for values in (same.after, same.low, same.high):
        assert np.allclose(values, same.before, atol=1e-7)  # √ of what is nearly 0
    assert same.least_ratio == pytest.approx(1) and same.largest_ratio == pytest.approx(1)
    labels = shifted_spectrum(gallery.deterministic_label(3, size=2), [1, 2, 3, 4, 5, 6])
    assert np.allclose(labels.after, labels.before)  # s = 1 stays 1
    assert np.allclose(labels.low, 1, atol=1e-6) and np.allclose(labels.high, 1)
    assert len(shifted_spectrum(cl.Context([[0.5, 0.5]]), [1]).after) == 0  # no mode at all
    assert repr(labels) == "ShiftedSpectrum(2 values, 0.286 <= p′/p <= 1.71)"


def test_a_shift_wakes_a_task_but_no_mode():
    """x = 2 looks like a toss between 0 and 1: f = (1, 1, −1) is unseen until one is rarer."""
    f, rows = [1, 1, -1], [[1, 0, 0], [0, 0.5, 0.5], [0.5, 0.25, 0.25]]
    context = cl.Context.from_conditional(rows, [1, 1, 2])
    assert cl.compatibility(context, f) == pytest.approx(0, abs=1e-12)
    p_new = np.array([1, 5, 2]) / 8
    shifted = shifted_spectrum(context, p_new)
    assert shifted.least_ratio == 0.5 and shifted.largest_ratio == 2.5
    rho = cl.compatibility(context.with_marginal_x(p_new), f)
    assert 0.1 < rho**2 <= 1 - 0.5 / 2.5
    assert shifted.before[1] == shifted.after[1] == 0  # the rank of P(a | x) is what it was


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda c: shifted_spectrum(np.eye(3), [1, 1, 1]), TypeError, "context is a ndarray"),
    (lambda c: shifted_spectrum(c, [1, 1]), ValueError, r"p_new has shape \(2,\)"),
    (lambda c: shifted_spectrum(c, [1, 1, 0]), ValueError, r"p_new\[2\] is 0; it must be positive"),
    (lambda c: shifted_spectrum(c, [1, 1, -1]), ValueError, r"p_new\[2\] is -1"),
    (lambda c: shifted_spectrum(c, [0, 0, 0]), ValueError, "p_new has total 0"),
])
def test_bad_input_to_shifted_spectrum_is_named(call, error, words):
    context = gallery.symmetric_channel(0.5, n=3)
    joint = context.joint.copy()
    with pytest.raises(error, match=words):
        call(context)
    assert (context.joint == joint).all()
