"""Sample sizes: every formula against draws of the thing itself, brute force, and limits.

Monte Carlo: formulas agree within 3 standard errors, for the seeds 0, 1, 2, chosen before
looking. Where several settings are compared the bound is what a normal variable exceeds with
probability 0.0027 in any of them (Bonferroni): 3.5 for six, as wide as 3 for one.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

import contexture_lite as cl
from contexture_lite import gallery

S = cl.sampling
SEEDS = (0, 1)
FALLING = 0.8 ** np.arange(20)
ELL = np.array([6.0, 4.0, 1.0, 0.9, 0.8, 0.7, 0.5, 0.3])
B2 = np.array([2.0, 1.0, 0.5, 0.1, 0.0, 0.3, 0.2, 0.1])
energies = st.lists(st.floats(0, 10), min_size=0, max_size=10).map(np.array)


def bound(comparisons):
    """Standard errors exceeded by one of so many normal variables with probability .0027."""
    return norm.isf(0.00135 / comparisons)


def test_three_standard_errors_for_one_comparison():
    assert bound(1) == pytest.approx(3, abs=1e-3) and 4 < bound(50) < 4.2


# -- a probe on fixed features -----------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("d", "m", "noise"), [
    (1, 5, 0.0), (3, 8, 0.3), (6, 40, 0.25), (10, 30, 2.0), (20, 100, 0.3), (0, 4, 1.0),
])
def test_the_probe_pays_what_the_formula_says(d, m, noise, seed):
    simulated = S.simulate_probe(FALLING, d, m, noise, replicates=4000, seed=seed)
    assert abs(simulated.off_by(S.probe_risk(FALLING, d, m, noise).total)) < bound(6)


def test_a_wrong_formula_would_be_seen():
    simulated = S.simulate_probe(FALLING, 6, 20, 0.3, replicates=4000)
    missed, right = FALLING[6:].sum(), S.probe_risk(FALLING, 6, 20, 0.3).total
    without = missed + 0.3 * 6 / 13  # what is missed is no noise
    first_order = missed + (0.3 + missed) * 6 / 20  # m for m − d − 1
    assert abs(simulated.off_by(right)) < 3
    assert simulated.off_by(without) > 5 and simulated.off_by(first_order) > 5


@given(energies=energies, m=st.integers(1, 40), noise=st.floats(0, 5))
def test_parts_add_up_and_the_ends_are_as_they_must_be(energies, m, noise):
    size = len(energies)
    for d in range(size + 1):
        risk = S.probe_risk(energies, d, m, noise)
        assert risk.total == pytest.approx(risk.approximation + risk.pretraining + risk.probe)
        assert risk.approximation == pytest.approx(energies[d:].sum()) and risk.pretraining == 0
        assert np.isinf(risk.total) == (0 < d >= m - 1)
    nothing = S.probe_risk(energies, 0, m, noise)
    assert nothing.probe == 0 and nothing.total == pytest.approx(energies.sum())


def test_many_labels_cost_noise_times_features_over_labels():
    missed, m = FALLING[5:].sum(), 10**7
    probe = S.probe_risk(FALLING, 5, m, 0.3).probe
    assert probe * m == pytest.approx((0.3 + missed) * 5, rel=1e-5)


@given(energies=energies, m=st.integers(1, 40), noise=st.floats(0, 5))
def test_the_best_dimension_is_the_best(energies, m, noise):
    best = S.best_dimension(energies, m, noise)
    totals = [S.probe_risk(energies, d, m, noise).total for d in range(len(energies) + 1)]
    assert totals[best] == min(totals) and best == totals.index(min(totals))


@given(energies=energies, m=st.integers(1, 40), noise=st.floats(0, 5), d=st.integers(0, 9))
def test_the_best_dimension_moves_as_the_formula_says(energies, m, noise, d):
    """Up with the labels, down with the noise, for energies in any order.

    d' > d is better if (σ² + err_d') / (σ² + err_d) < (m − d' − 1) / (m − d − 1): the left side
    rises with σ², the right side with m.
    """
    best = S.best_dimension(energies, m, noise)
    assert S.best_dimension(energies, m + 1 + d, noise) >= best
    assert S.best_dimension(energies, m, noise + 0.1 * (d + 1)) <= best


def test_the_best_dimension_moves_far():
    by_labels = [S.best_dimension(FALLING, m, 0.3) for m in (2, 5, 20, 80, 400, 2000, 10**5)]
    by_noise = [S.best_dimension(FALLING, 60, noise) for noise in (0.0, 0.1, 1.0, 10.0, 100.0)]
    assert by_labels == sorted(by_labels) and by_labels[0] == 0 and by_labels[-1] == 20
    assert by_noise == sorted(by_noise, reverse=True) and by_noise[0] > 15 and by_noise[-1] < 3


@given(energies=energies, m=st.integers(1, 40), noise=st.floats(0, 5))
def test_kept_modes_are_the_best_subset(energies, m, noise):
    kept = S.kept_modes(energies, m, noise)
    subsets = (np.arange(2 ** len(energies))[:, None] >> np.arange(len(energies))) & 1
    sums = np.where(subsets == 1, noise / m, energies).sum(axis=1)
    assert kept.dtype == bool and kept.shape == energies.shape
    assert np.where(kept, noise / m, energies).sum() == pytest.approx(sums.min())


def test_for_many_labels_the_best_dimension_is_the_number_of_kept_modes():
    falling = 0.3 ** np.arange(8)
    for noise in (10.0, 1e3, 1e4, 1e5):
        kept = S.kept_modes(falling, 10**6, noise)
        assert kept.tolist() == sorted(kept.tolist(), reverse=True)
        assert S.best_dimension(falling, 10**6, noise) == kept.sum()
    assert kept.sum() == 2  # 1 and .3 are above .1


# -- two stages --------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("d", "n", "m", "noise"), [
    (2, 200, 30, 0.3), (2, 1000, 30, 0.3), (1, 400, 20, 0.0), (0, 10, 10, 0.3), (8, 100, 30, 1.0),
    (2, 600, 200, 0.0),
])
def test_two_stages_cost_what_the_formula_says(d, n, m, noise, seed):
    assert S.subspace_rotation(ELL, d, n) < 0.05
    simulated = S.simulate_two_stage(ELL, B2, d, n, m, noise, replicates=500, seed=seed)
    expected = S.two_stage_risk(ELL, B2, d, n, m, noise).total
    assert abs(simulated.off_by(expected)) < bound(6)


@pytest.fixture(scope="module", params=SEEDS)
def spaces(request):
    """4000 estimated top planes of n = 4000 points, whose moments have a Wishart distribution."""
    from scipy.stats import wishart

    moments = wishart.rvs(4000, np.diag(ELL), size=4000, random_state=request.param)
    return np.linalg.eigh(moments)[1][:, :, -2:]


def standard_errors_off(draws, expected):
    return (draws.mean() - expected) / (draws.std(ddof=1) / np.sqrt(len(draws)))


@pytest.mark.parametrize("target", [[2, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 2],
                                    [0, 0, 2, 1, 1, 1, 1, 1]])
def test_the_cost_of_pretraining_alone(target, spaces):
    """err − ‖b₂‖² of a probe with infinitely many labels, beside the sum of the derivation."""
    b = np.sqrt(target)
    basis = np.linalg.qr(np.sqrt(ELL)[:, None] * spaces)[0]
    err = b @ b - np.sum((basis.swapaxes(1, 2) @ b) ** 2, axis=1)
    expected = S.two_stage_risk(ELL, target, 2, 4000, 100, 0.0).pretraining
    assert abs(standard_errors_off(err - np.sum(target[2:]), expected)) < bound(3)


def test_turn_is_the_angle_between_the_spaces(spaces):
    squared_sines = np.sum(spaces[:, 2:] ** 2, axis=(1, 2))
    assert abs(standard_errors_off(squared_sines, S.subspace_rotation(ELL, 2, 4000))) < 3


def test_the_formula_ends_where_turn_says():
    """Beyond a rotation of 0.5 the first order understates what is lost by more than a half."""
    target, m = [2, 1, 0, 0, 0, 0, 0, 0], 60
    few = int(np.ceil(S.subspace_rotation(ELL, 2, 1) / 0.5))
    lost = S.simulate_two_stage(ELL, target, 2, few, m, 0.0).mean / (1 + 2 / (m - 3))
    assert lost > 2 * S.two_stage_risk(ELL, target, 2, few, m, 0.0).pretraining


def test_a_wrong_space_may_be_the_better_one():
    """Where the discarded directions carry the target, an error of pretraining is a gain."""
    upside_down = [0, 0, 2, 1, 1, 1, 1, 1]
    risk = S.two_stage_risk(ELL, upside_down, 2, 60, 40, 0.0)
    exact = S.probe_risk(upside_down, 2, 40, 0.0)
    simulated = S.simulate_two_stage(ELL, upside_down, 2, 60, 40, 0.0, replicates=8000)
    assert risk.pretraining < 0
    assert simulated.off_by(exact.total) < -3


def test_infinitely_many_points_leave_the_probe_alone():
    for d in range(9):
        if d not in (0, 8):
            assert S.two_stage_risk(ELL, B2, d, 10, 30, 0.3).pretraining != 0
        limit = S.two_stage_risk(ELL, B2, d, 10**12, 30, 0.3)
        assert limit.total == pytest.approx(S.probe_risk(B2, d, 30, 0.3).total, rel=1e-8)


def test_all_or_none_of_the_directions_need_no_pretraining():
    for d in (0, 8):
        two, one = S.two_stage_risk(ELL, B2, d, 1, 30, 0.3), S.probe_risk(B2, d, 30, 0.3)
        assert two == one and S.subspace_rotation(ELL, d, 1) == 0
    tied = S.two_stage_risk(np.ones(3), np.ones(3), 3, 5, 30, 0.3)  # no gap is needed there
    assert tied.pretraining == 0


def test_scaling_x_changes_nothing():
    once, scaled = (S.two_stage_risk(c * ELL, B2, 2, 50, 30, 0.3) for c in (1.0, 7.0))
    assert once.total == pytest.approx(scaled.total)


# -- the factor model --------------------------------------------------------------


@given(
    strengths=st.lists(st.floats(0.5, 5), min_size=1, max_size=4),
    rest=st.integers(0, 5),
    specific=st.floats(0.1, 3),
    n=st.integers(1, 500),
    m=st.integers(1, 50),
)
def test_isotropic_noise_is_the_closed_form(strengths, rest, specific, n, m):
    strengths = np.sort(strengths)[::-1]
    coefficients = np.linspace(1, -2, len(strengths))
    ell = np.append(strengths, np.zeros(rest)) + specific
    energies = np.append(coefficients**2 * (strengths + specific), np.zeros(rest))
    general = S.two_stage_risk(ell, energies, len(strengths), n, m, 0.4)
    size = len(strengths) + rest
    closed = S.factor_risk(strengths, coefficients, size, specific, n, m, 0.4)
    for part in ("approximation", "pretraining", "probe", "total"):
        assert getattr(closed, part) == pytest.approx(getattr(general, part))


@pytest.mark.parametrize("seed", SEEDS)
def test_factors_that_cannot_be_seen(seed):
    """x = Λ f + u and y = w·f + η, drawn as such: the target is linear in the latent factors."""
    rng = np.random.default_rng(seed)
    strengths, w, psi, noise = np.array([4.0, 2.0]), np.array([1.0, -0.8]), 0.5, 0.2
    size, n, m, draws = 6, 400, 40, 1500
    frame = np.linalg.qr(rng.standard_normal((size, 2)))[0]
    loadings = frame * np.sqrt(strengths)

    def points(count):
        f = rng.standard_normal((draws, count, 2))
        x = f @ loadings.T + np.sqrt(psi) * rng.standard_normal((draws, count, size))
        return x, f @ w + np.sqrt(noise) * rng.standard_normal((draws, count))

    x, _ = points(n)
    top = np.linalg.eigh(x.swapaxes(1, 2) @ x)[1][:, :, -2:]
    x, y = points(m)
    z = x @ top
    fitted = np.linalg.solve(z.swapaxes(1, 2) @ z, z.swapaxes(1, 2) @ y[..., None])
    direction = (top @ fitted)[..., 0]
    # the squared error on a new point, E (y − v·x)², from the distribution of (x, y)
    sigma = loadings @ loadings.T + psi * np.eye(size)
    error = noise + w @ w - 2 * direction @ (loadings @ w) + np.sum(
        direction @ sigma * direction, axis=1)
    beta = w * np.sqrt(strengths) / (strengths + psi)
    best = noise + np.sum(w**2 * psi / (strengths + psi))
    expected = best + S.factor_risk(strengths, beta, size, psi, n, m, best).total
    assert abs(error.mean() - expected) < 3 * error.std() / np.sqrt(draws)


# -- two classes -------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("distance", "m"), [(0.5, 0), (0.5, 1), (1.0, 3), (0.0, 3), (0.8, 30)])
def test_labels_that_name_two_classes(distance, m, seed):
    simulated = S.simulate_mixture(distance, m, seed=seed)
    assert abs(simulated.off_by(S.mixture_error(distance, m))) < bound(5)
    assert set(simulated.draws) <= {0.0, 1.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_other_coordinates_change_nothing(seed):
    """Three dimensions, θ known up to sign, three labels: drawn whole."""
    rng, theta, m, draws = np.random.default_rng(seed), np.array([0.5, -0.3, 0.4]), 3, 100_000
    y = rng.choice([-1, 1], size=(draws, m))
    x = y[..., None] * theta + rng.standard_normal((draws, m, 3))
    sign = np.sign(np.einsum("rm,rmk,k->r", y, x, theta))
    side = rng.choice([-1, 1], size=draws)
    new = side[:, None] * theta + rng.standard_normal((draws, 3))
    wrong = np.mean(np.sign(sign * (new @ theta)) != side)
    expected = S.mixture_error(np.linalg.norm(theta), m)
    assert abs(wrong - expected) < 3 * np.sqrt(expected * (1 - expected) / draws)


def test_the_mixture_at_its_ends():
    assert S.mixture_error(1.3, 0) == 0.5 and S.mixture_error(0, 100) == 0.5
    assert S.mixture_error(1.3, 10**6) == pytest.approx(norm.sf(1.3))
    by_labels = [S.mixture_error(0.4, m) for m in range(50)]
    assert by_labels == sorted(by_labels, reverse=True)


# -- about a context ---------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_independent_draws_show_an_association(seed):
    rng, n, draws = np.random.default_rng(seed), 60, 1500
    x = np.repeat(np.arange(4), [10, 15, 15, 20])
    a = np.repeat(np.arange(5), [8, 10, 12, 14, 16])
    values = []
    for _ in range(draws):
        counts = np.zeros((4, 5))
        np.add.at(counts, (x, rng.permutation(a)), 1)
        values.append(cl.Context.from_counts(counts).chi2())
    error = np.std(values) / np.sqrt(draws)
    assert abs(np.mean(values) - S.chance_chi2(4, 5, n)) < 3 * error


def test_chance_at_its_ends():
    assert S.chance_chi2(1, 7, 10) == 0
    assert S.chance_chi2(5, 5, 5) == 4  # every pairing is a bijection: four values of 1
    assert S.chance_chi2(4, 5, 10**9) == pytest.approx(0, abs=1e-7)


def test_complexity_of_known_contexts():
    assert S.complexity(gallery.independent(3, 4)) == pytest.approx(1)
    assert S.complexity(cl.Context(np.diag([0.1, 0.2, 0.7]))) == pytest.approx(10)
    for keep, n in ((0.2, 2), (0.9, 4)):
        assert S.complexity(gallery.masked_tokens(keep, n)) == pytest.approx((1 + keep) ** n)


def test_complexity_needs_no_kernel():
    import scipy.sparse as sp

    size = 40_000  # 1.6 × 10⁹ pairs of inputs
    walk = sp.diags_array([np.full(size, 0.5), np.full(size - 1, 0.5)], offsets=[0, 1])
    assert S.complexity(cl.Context.from_counts(walk)) > 10_000


# -- transformed kernels -----------------------------------------------------------


def ordinary(seed=0, shape=(8, 6)):
    return cl.Context.from_counts(np.random.default_rng(seed).gamma(0.4, size=shape) + 1e-3)


TRANSFORMS = {
    "truncation": S.truncation(3),
    "inverse Laplacian": S.inverse_laplacian(0.7),
    "own": lambda values: values**2,
}


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_ridge_is_scikit_learns_ridge_on_the_features(name, seed):
    from sklearn.linear_model import Ridge

    context, rng = ordinary(seed), np.random.default_rng(seed)
    labelled, y, penalty = rng.integers(8, size=12), rng.standard_normal(12) + 5, 0.03
    system = cl.singular_system(context)
    features = system.left * np.sqrt(TRANSFORMS[name](system.values**2))
    model = Ridge(alpha=12 * penalty).fit(features[labelled], y)
    fitted = S.transformed_ridge(context, labelled, y, penalty, TRANSFORMS[name])
    assert np.allclose(fitted, model.predict(features), atol=1e-10)


def test_ridge_at_its_ends():
    context, y = ordinary(), np.array([1.0, 5.0, 3.0])
    every = S.truncation(5)
    mean = S.transformed_ridge(context, [0, 1, 2], y, 1e12, every)
    assert np.allclose(mean, 3)  # a heavy penalty leaves the constant, which is free
    assert np.allclose(S.transformed_ridge(context, [0, 1, 2], y, 0.1, S.truncation(0)), 3)
    assert np.allclose(S.transformed_ridge(context, [0, 1, 2], y, 1e-12, every)[:3], y)
    assert np.allclose(S.transformed_ridge(cl.Context([[1.0]]), [0], [2.0], 0.1, every), 2)
    shifted = S.transformed_ridge(context, [0, 1, 2], y + 7, 0.1, every)
    assert np.allclose(shifted, 7 + S.transformed_ridge(context, [0, 1, 2], y, 0.1, every))


def test_unlabelled_inputs_help():
    """Three clusters, one label each: the context says which inputs belong together."""
    context = gallery.clusters(0.95, n_clusters=3, size=4)
    labels = np.repeat([0.0, 1.0, 5.0], 4)
    fitted = S.transformed_ridge(context, [0, 4, 8], labels[[0, 4, 8]], 1e-6, S.truncation(2))
    assert np.allclose(fitted, labels, atol=1e-4)


@pytest.mark.parametrize("eta", [0.0, 0.3, 0.9])
def test_averaging_comes_to_the_inverse_laplacian(eta):
    context = ordinary(1)
    system = cl.singular_system(context)
    scale = S.inverse_laplacian(eta)(system.values**2)
    spectral = (system.left * scale) @ system.left.T
    root = np.sqrt(context.p_x)
    gaps = []
    for steps in (1, 5, 20, 400):
        gap = root[:, None] * (S.repeated_averaging(context, eta, steps) - spectral) * root
        gaps.append(np.linalg.norm(gap, 2))
        assert gaps[-1] <= eta**steps * np.linalg.norm(root[:, None] * spectral * root, 2) + 1e-12
    assert gaps[-1] < 1e-12 and (eta == 0 or gaps[0] > gaps[1])


def test_transforms_are_functions_of_sorted_eigenvalues():
    values = np.array([0.9, 0.5, 0.5, 0.0])
    assert S.truncation(2)(values).tolist() == [0.9, 0.5, 0, 0]
    assert S.truncation(0)(values).tolist() == [0, 0, 0, 0]
    assert np.allclose(S.inverse_laplacian(0.5)(values), values / (1 - values / 2))
    series = sum(0.5 ** (p - 1) * values**p for p in range(1, 60))
    assert np.allclose(S.inverse_laplacian(0.5)(values), series)


def test_a_sparse_context_gives_the_same():
    import scipy.sparse as sp

    dense = gallery.clusters(0.9)
    sparse = cl.Context(sp.csr_array(dense.joint))
    assert S.complexity(sparse) == pytest.approx(S.complexity(dense))
    assert np.allclose(S.repeated_averaging(sparse, 0.5, 9), S.repeated_averaging(dense, 0.5, 9))


# -- invariance under a change of the representation -------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_stage_risk_does_not_see_the_basis(seed):
    """Turning the estimated features, or any invertible map of them, leaves each prediction."""
    from sklearn.linear_model import LinearRegression, Ridge

    rng = np.random.default_rng(seed)
    z, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    mix, turn = rng.standard_normal((4, 4)), np.linalg.qr(rng.standard_normal((4, 4)))[0]

    def predictions(model, features):
        return model.fit(features, y).predict(features)

    plain, ridge = LinearRegression(), Ridge(alpha=2.0)
    assert np.allclose(predictions(plain, z), predictions(plain, z @ mix))
    assert np.allclose(predictions(ridge, z), predictions(ridge, z @ turn))
    assert np.abs(predictions(ridge, z) - predictions(ridge, z @ mix)).max() > 1e-3


# -- Monte Carlo -------------------------------------------------------------------


def test_a_monte_carlo_knows_its_error():
    simulated = S.simulate_mixture(1.0, 3, replicates=400, seed=5)
    assert simulated.error == pytest.approx(simulated.draws.std(ddof=1) / 20)
    assert float(simulated) == simulated.mean == simulated.draws.mean()
    assert simulated.off_by(simulated.mean - 2 * simulated.error) == pytest.approx(2)
    assert repr(S.MonteCarlo(0.5, 0.01, np.zeros(9))) == "MonteCarlo(0.5 ± 0.01, 9 replicates)"


def test_what_has_no_error_is_right_or_infinitely_wrong():
    certain = S.simulate_probe(FALLING, 0, 5, 0.3)
    assert certain.off_by(FALLING.sum()) == 0
    exact = S.MonteCarlo(1.0, 0.0, np.ones(3))
    assert exact.off_by(1 + 1e-15) == 0
    assert exact.off_by(0.5) == np.inf and exact.off_by(2) == -np.inf


def test_a_seed_is_repeated_and_blocks_are_not():
    first, again = (S.simulate_probe(FALLING, 3, 30, 0.3, seed=4) for _ in range(2))
    assert (first.draws == again.draws).all()
    many = S.simulate_two_stage(ELL, B2, 2, 3000, 30, 0.3, replicates=90)  # several blocks
    assert len(many.draws) == 90 == len(np.unique(many.draws))
    rng = np.random.default_rng(4)
    assert (S.simulate_probe(FALLING, 3, 30, 0.3, seed=rng).draws == first.draws).all()


# -- bad input ---------------------------------------------------------------------

CONTEXT = ordinary()
RIDGE = {"labelled": [0, 1], "y": [1.0, 2.0], "penalty": 0.1, "transform": S.truncation(2)}


def ridge(**changes):
    return S.transformed_ridge(CONTEXT, **RIDGE | changes)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: S.probe_risk([1, -1], 1, 9, 1), ValueError, r"energies\[1\] is -1"),
        (lambda: S.probe_risk([1, np.nan], 1, 9, 1), ValueError, r"energies\[1\] is nan"),
        (lambda: S.probe_risk([[1]], 1, 9, 1), ValueError, r"energies has shape \(1, 1\)"),
        (lambda: S.probe_risk(["a"], 1, 9, 1), TypeError, "energies has dtype"),
        (lambda: S.probe_risk([1], 2, 9, 1), ValueError, "d is 2; there are 1 energies"),
        (lambda: S.probe_risk([1], -1, 9, 1), ValueError, "d is -1"),
        (lambda: S.probe_risk([1], 1.0, 9, 1), TypeError, "d is 1.0"),
        (lambda: S.probe_risk([1], 1, 0, 1), ValueError, "m is 0"),
        (lambda: S.probe_risk([1], 1, 9, -1), ValueError, "noise is -1"),
        (lambda: S.probe_risk([1], 1, 9, "1"), TypeError, "noise is '1'"),
        (lambda: S.best_dimension([1], 2.5, 1), TypeError, "m is 2.5"),
        (lambda: S.kept_modes([-1], 2, 1), ValueError, r"energies\[0\] is -1"),
        (lambda: S.simulate_probe([1, 1], 1, 2, 1), ValueError, "infinite below 3 labels"),
        (lambda: S.simulate_probe([1], 1, 9, 1, replicates=1), ValueError, "replicates is 1"),
        (lambda: S.simulate_probe([1], 1, 9, 1, seed="x"), TypeError, "seed is 'x'"),
        (lambda: S.two_stage_risk([1, 2], [1, 1], 1, 9, 9, 1), ValueError,
         r"eigenvalues\[1\] is 2; the largest comes first"),
        (lambda: S.two_stage_risk([1, 0], [1, 1], 1, 9, 9, 1), ValueError, r"\[1\] is 0"),
        (lambda: S.two_stage_risk([1], [1, 1], 1, 9, 9, 1), ValueError, "one for each"),
        (lambda: S.two_stage_risk([2, 1, 1], [1, 1, 1], 2, 9, 9, 1), ValueError,
         r"eigenvalues\[1\] and eigenvalues\[2\] are both 1; .* take another d"),
        (lambda: S.two_stage_risk([2, 1], [1, 1], 1, 0, 9, 1), ValueError, "n is 0"),
        (lambda: S.subspace_rotation([1, 1], 1, 9), ValueError, "are both 1"),
        (lambda: S.subspace_rotation([2, 1], 3, 9), ValueError, "d is 3"),
        (lambda: S.simulate_two_stage([3, 2, 1], [1, 1, 1], 2, 1, 9, 1), ValueError,
         "n is 1; 2 principal components need at least 2 points"),
        (lambda: S.simulate_two_stage([2, 1], [1, 1], 1, 9, 2, 1), ValueError, "infinite below 3"),
        (lambda: S.factor_risk([0], [1], 3, 1, 9, 9, 1), ValueError, r"strengths\[0\] is 0"),
        (lambda: S.factor_risk([1], [1, 1], 3, 1, 9, 9, 1), ValueError, "coefficients has shape"),
        (lambda: S.factor_risk([1, 1], [1, 1], 1, 1, 9, 9, 1), ValueError, "dimension is 1"),
        (lambda: S.factor_risk([1], [1], 3, -1, 9, 9, 1), ValueError, "specific is -1"),
        (lambda: S.mixture_error(-1, 3), ValueError, "distance is -1"),
        (lambda: S.mixture_error(1, -3), ValueError, "m is -3"),
        (lambda: S.simulate_mixture(np.inf, 3), ValueError, "distance is inf"),
        (lambda: S.chance_chi2(0, 3, 9), ValueError, "inputs is 0"),
        (lambda: S.chance_chi2(3, 3, 1), ValueError, "pairs is 1"),
        (lambda: S.chance_chi2(3, 12, 9), ValueError, "12 values cannot all occur"),
        (lambda: S.complexity(np.eye(2)), TypeError, "context is a ndarray"),
        (lambda: S.repeated_averaging("x", 0.5, 3), TypeError, "context is a str"),
        (lambda: S.repeated_averaging(CONTEXT, 1, 3), ValueError, "eta is 1; it must be below 1"),
        (lambda: S.repeated_averaging(CONTEXT, 0.5, 0), ValueError, "steps is 0"),
        (lambda: S.inverse_laplacian(-0.1), ValueError, "eta is -0.1"),
        (lambda: S.truncation(-1), ValueError, "d is -1"),
        (lambda: S.transformed_ridge(3, **RIDGE), TypeError, "context is a int"),
        (lambda: ridge(labelled=[0, 8]), ValueError, "labelled runs from 0 to 8"),
        (lambda: ridge(labelled=[0.5, 1]), TypeError, "labelled must be a list of integer"),
        (lambda: ridge(y=[1.0]), ValueError, r"y has shape \(1,\); it must be \(2,\)"),
        (lambda: ridge(labelled=[], y=[]), ValueError, r"y has shape \(0,\).* not empty"),
        (lambda: ridge(y=[1.0, np.inf]), ValueError, r"y\[1\] is inf"),
        (lambda: ridge(penalty=0), ValueError, "penalty is 0; it must be above 0"),
        (lambda: ridge(transform=2), TypeError, "transform is 2; it must be a function"),
        (lambda: ridge(transform=np.sum), ValueError, r"transform\(eigenvalues\) has shape \(\)"),
        (lambda: ridge(transform=np.negative), ValueError, r"transform\(eigenvalues\)\[0\] is -"),
        (lambda: S.MonteCarlo(1.0, 0.1, np.ones(3)).off_by("x"), TypeError, "value is 'x'"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_what_comes_in_is_left_as_it_was():
    ell, b2 = ELL.copy(), B2.copy()
    S.simulate_two_stage(ell, b2, 2, 20, 20, 0.3, replicates=5)
    S.two_stage_risk(ell, b2, 2, 20, 20, 0.3)
    S.kept_modes(b2, 20, 0.3)
    assert (ell == ELL).all() and (b2 == B2).all()
