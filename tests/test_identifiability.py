"""What a context leaves open, closed forms beside simulations, scores beside their nulls."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy import linalg, optimize, stats
from sklearn.decomposition import FastICA
from sklearn.metrics import mutual_info_score

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite import identifiability as idf

GRID = np.indices((12, 12)).reshape(2, -1).T * 1.0


def letters(one, other, n=3):
    return gallery.product(gallery.symmetric_channel(one, n), gallery.symmetric_channel(other, n))


# -- counting -------------------------------------------------------------------------


@pytest.mark.parametrize("n, counts", [(2, (24, 8, 8, 4)), (3, (362_880, 1296, 72, 36))])
def test_relabellings_of_a_grid_are_the_orders_of_the_groups(n, counts):
    strengths = ((0, 0), (0.8, 0), (0.8, 0.8), (0.8, 0.5))
    assert tuple(len(idf.relabellings(letters(*s, n))) for s in strengths) == counts


@pytest.mark.parametrize("one, other", [(0.8, 0.8), (0.8, 0.5), (0.8, 0.0)])
def test_relabellings_are_those_that_leave_the_joint_as_it_is(one, other):
    """X and A are the same symbols here: all 9! permutations of both at once."""
    P = letters(one, other).joint
    every = np.array(list(permutations(range(9))))
    for i, j in product(range(9), repeat=2):
        every = every[np.abs(P[every[:, i], every[:, j]] - P[i, j]) < 1e-12]
    found = idf.relabellings(letters(one, other))
    assert np.array_equal(np.unique(found, axis=0), np.unique(every, axis=0))


def test_relabellings_are_a_group_and_keep_the_distribution():
    found = {tuple(s) for s in idf.relabellings(gallery.hypercube(0.7))}
    assert len(found) == 48 and tuple(range(8)) in found
    assert all(tuple(np.array(s)[list(t)]) in found for s in found for t in [max(found)])
    assert len(idf.relabellings(gallery.binary_channel(0.8, prior=0.3))) == 1


def test_ten_inputs_that_are_alike_are_too_many():
    with pytest.raises(ValueError, match=r"context has more than 400,000 relabellings of its fir"):
        idf.relabellings(gallery.independent(10))
    with pytest.raises(TypeError, match="context is a list"):
        idf.relabellings([[1.0]])


# -- pure modes, and when they come first ------------------------------------------------


def test_pure_modes_of_two_walks_are_known_by_their_values():
    context = gallery.product(gallery.reflecting_walk(0.9), gallery.reflecting_walk(0.6))
    owners = idf.pure_modes(cl.singular_system(context), GRID)
    assert owners[:6].tolist() == [0, 0, 1, -1, 0, -1]


def test_a_tie_belongs_to_nobody_and_a_repeated_value_of_one_factor_to_that_factor():
    walk = gallery.reflecting_walk(0.8)
    owners = idf.pure_modes(cl.singular_system(gallery.product(walk, walk)), GRID)
    assert owners[:3].tolist() == [-1, -1, -1]
    grid = np.indices((3, 2)).reshape(2, -1).T
    apart = gallery.product(gallery.symmetric_channel(0.8, 3), gallery.binary_channel(0.5))
    assert idf.pure_modes(cl.singular_system(apart), grid).tolist() == [0, 0, 1, -1, -1]


def brute_force(spectra):
    """Whether the m largest products are one first value of each factor, without ties."""
    full = [[1.0, *s] for s in spectra]
    modes = sorted(((np.prod([s[k] for s, k in zip(full, ks)]), ks)
                    for ks in product(*(range(len(s)) for s in full)) if any(ks)), reverse=True)
    m = len(spectra)
    first = {tuple(int(i == j) for i in range(m)) for j in range(m)}
    values = [value for value, _ in modes[:m + 1]]
    return {ks for _, ks in modes[:m]} == first and (np.diff(values) < 0).all()


def test_separates_agrees_with_sorting_all_products():
    rng, answers = np.random.default_rng(4), []
    for _ in range(400):
        spectra = [np.sort(rng.random(rng.integers(1, 4)) ** 0.5)[::-1]
                   for _ in range(rng.integers(1, 4))]
        answers.append(idf.separates(spectra))
        assert answers[-1] == brute_force(spectra), spectra
    assert 100 < sum(answers) < 300


def test_distinct_strengths_do_not_suffice_and_ties_do_not_count():
    powers = np.arange(1, 15)
    assert not idf.separates([0.9**powers, 0.7**powers]) and idf.separates([0.9**powers, [0.82]])
    assert not idf.separates([[0.9], [0.8], [0.5]]) and idf.separates([[0.9], [0.8], [0.73]])
    assert not idf.separates([[0.8], [0.8]])


@pytest.mark.parametrize("spectra, error, words", [
    ("ab", TypeError, "spectra is 'ab'"), (3, TypeError, "spectra is 3"),
    ([], ValueError, "spectra is empty"), ([[0.5, 0.6]], ValueError, r"spectra\[0\] must fall"),
    ([[0.5], [1.2]], ValueError, r"spectra\[1\]\[0\] is 1.2"),
    ([[0.5], []], ValueError, r"spectra\[1\] has shape"),
])
def test_bad_spectra_are_named(spectra, error, words):
    with pytest.raises(error, match=words):
        idf.separates(spectra)


# -- how many pairs -----------------------------------------------------------------------


def angles(s1, s2, n, replicates, seed):
    """ϑ of the first canonical function: two ± 1 factors; plain, and pooled both ways."""
    cells = np.array(list(product([-1, 1], repeat=4)), float)
    chances = (1 + s1 * cells[:, 0] * cells[:, 2]) * (1 + s2 * cells[:, 1] * cells[:, 3]) / 16
    counts = np.random.default_rng(seed).multinomial(n, chances, size=replicates) / n
    plain, pooled = [], []
    for share in counts:
        mean = share @ cells
        S = cells.T @ (cells * share[:, None]) - np.outer(mean, mean)
        Sx, Sa, Sxa = S[:2, :2], S[2:, 2:], S[:2, 2:]
        w = linalg.eigh(Sxa @ np.linalg.solve(Sa, Sxa.T), Sx)[1][:, -1]
        plain.append(w[1] / w[0])
        w = linalg.eigh((Sxa + Sxa.T) / 2, (Sx + Sa) / 2)[1][:, -1]
        pooled.append(w[1] / w[0])
    return np.array(plain), np.array(pooled)


@pytest.mark.parametrize("s1, s2", [(0.9, 0.7), (0.8, 0.65), (0.7, 0.4)])
def test_the_angle_has_the_variance_of_the_formula(s1, s2):
    n, replicates = 6000, 1200
    for drawn, symmetric in zip(angles(s1, s2, n, replicates, seed=6), (False, True)):
        squares = drawn**2
        error = squares.std() / np.sqrt(replicates)
        assert abs(squares.mean() - idf.angle_variance((s1, s2), n, symmetric)) < 3 * error


def test_the_angle_of_the_worked_examples():
    assert np.isclose(idf.angle_variance((0.9, 0.7), 1, symmetric=True), 0.87875)
    needed = idf.angle_variance((0.72, 0.70), 1, symmetric=True) / np.radians(5) ** 2
    assert round(needed) == 39_209
    assert idf.angle_variance((0.8, 0.8), 100) == np.inf
    assert idf.angle_variance((1.0, 0.5), 100) == 0


@pytest.mark.parametrize("given, words", [
    (((0.5, 0.9), 10), "values are 0.5 and 0.9"), (((1.5, 0.9), 10), "values are 1.5"),
    (((0.9,), 10), "values has shape"), (((0.9, 0.5), 0), "n is 0"),
])
def test_bad_settings_of_the_angle_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        idf.angle_variance(*given)


# -- many tasks ----------------------------------------------------------------------------


def half_spaces(n, d, r, tasks, seed):
    rng = np.random.default_rng(seed)
    M = np.linalg.qr(rng.standard_normal((d, r)))[0]
    X, V = rng.standard_normal((n, d)), rng.standard_normal((r, tasks))
    return X, np.sign(X @ M @ V), M, V / np.linalg.norm(V, axis=0), rng


def test_the_first_step_is_the_gradient_that_torch_finds():
    torch = pytest.importorskip("torch")
    X, Y, _, _, rng = half_spaces(60, 5, 2, 3, seed=1)
    neurons = torch.tensor(rng.standard_normal((7, 5)), requires_grad=True)
    heads = torch.tensor(Y).T @ torch.relu(torch.tensor(X) @ neurons.T) / 60
    (heads**2).mean(0).sum().backward()
    assert np.allclose(idf.first_step(X, Y, neurons.detach()), neurons.grad, atol=1e-14)


def test_with_many_inputs_a_step_moves_a_neuron_inside_the_span_only():
    X, _, M, V, rng = half_spaces(200_000, 4, 2, 3, seed=2)
    X = np.vstack([X, -X])
    w = rng.standard_normal((1, 4))
    step = idf.first_step(X, np.sign(X @ M @ V), w)[0]
    assert np.allclose(step, M @ V @ V.T @ M.T @ w[0] / (3 * np.pi), atol=4e-3)
    assert np.abs(step - M @ (M.T @ step)).max() < 4e-3


@pytest.mark.parametrize("r, d, n", [(2, 200, 1000), (3, 200, 1000), (5, 100, 1000)])
def test_many_tasks_reach_the_ceiling_and_no_more(r, d, n):
    overlaps = []
    for seed in range(3):
        X, Y, M, _, rng = half_spaces(n, d, r, 200, seed)
        step = idf.first_step(X, Y, rng.standard_normal((64, d)))
        top = np.linalg.svd(step, full_matrices=False)[2][:r]
        overlaps.append(((top @ M) ** 2).sum() / r)
    assert abs(np.mean(overlaps) - idf.task_ceiling(d, n, r)) < 0.03


@pytest.mark.parametrize("given, words", [
    ((0, 10, 1), "d is 0"), ((5, 0, 1), "n is 0"), ((5, 10, 6), "r is 6; it must be at most d = 5"),
])
def test_bad_sizes_of_the_ceiling_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        idf.task_ceiling(*given)


@pytest.mark.parametrize("X, labels, neurons, words", [
    (np.ones((3, 2)), np.zeros((3, 1)), np.ones((1, 2)), r"labels\[0, 0\] is 0; labels are −1"),
    (np.ones((3, 2)), np.ones((2, 1)), np.ones((1, 2)), r"labels has shape \(2, 1\)"),
    (np.ones((3, 2)), np.ones((3, 1)), np.ones((1, 3)), r"neurons has shape \(1, 3\)"),
])
def test_a_bad_step_is_named(X, labels, neurons, words):
    with pytest.raises(ValueError, match=words):
        idf.first_step(X, labels, neurons)


# -- an almost linear mixing -------------------------------------------------------------------

LEVELS = np.linspace(-1.5, 1.5, 7) / np.linspace(-1.5, 1.5, 7).std()
SOURCES = np.array(list(product(LEVELS, LEVELS)))
MIXING = np.array([[1, 0.4], [-0.3, 1.2]])


def model(seed):
    """Two independent six-level sources with their probabilities, a mixing, a smooth bend."""
    rng = np.random.default_rng(seed)
    levels, chances = [], []
    for _ in range(2):
        v, w = rng.standard_normal(6), rng.dirichlet(3 * np.ones(6))
        v = v - w @ v
        levels.append(v / np.sqrt(w @ v**2))
        chances.append(w)
    s = np.array(list(product(*levels)))
    c = rng.standard_normal((2, 3))
    bend = np.column_stack([a * s[:, 0] * s[:, 1] + b * s[:, i] ** 2 + d * np.sin(s.sum(axis=1))
                            for i, (a, b, d) in enumerate(c)])
    return s, np.kron(*chances), np.eye(2) + 0.4 * rng.standard_normal((2, 2)), bend


def unmixed(s, p, A, bend, delta):
    """W A of the contrast's optimum on the exact distribution, by a search over the angle."""
    x = s @ A.T + delta * bend
    x = x - p @ x
    white = linalg.inv(linalg.sqrtm(x.T @ (p[:, None] * x)).real)
    back = white @ A  # near an orthogonal matrix: begin where it leads
    u, _, vt = np.linalg.svd(back)
    start = (u @ vt).T
    y = x @ white.T @ start.T

    def contrast(angle):
        c, t = np.cos(angle), np.sin(angle)
        return -((p @ (y @ [[c, -t], [t, c]]) ** 4 - 3) ** 2).sum()

    best = optimize.minimize_scalar(contrast, bounds=(-0.2, 0.2), method="bounded",
                                    options={"xatol": 1e-12}).x
    c, t = np.cos(best), np.sin(best)
    return np.array([[c, t], [-t, c]]) @ start @ white @ A


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 6])
def test_the_slope_is_that_of_the_exact_optimum(seed):
    s, p, A, bend = model(seed)
    h = 1e-3
    ends = [unmixed(s, p, A, bend, delta) for delta in (h, -h, 2 * h, -2 * h)]
    slope = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * h)
    wanted = sum(idf.robust_slope(s, bend, A, p))
    assert np.abs(slope - wanted).max() < 2e-4 * max(1, np.abs(wanted).max())


def test_the_slope_of_the_worked_example_is_mostly_the_linear_part():
    bend = np.column_stack([SOURCES.prod(axis=1), SOURCES[:, 0] ** 2 - 1 + SOURCES[:, 0] ** 3 / 2])
    linear, rotation = idf.robust_slope(SOURCES, bend, MIXING)
    assert np.isclose(np.abs(linear + rotation)[1, 0], 0.58983, atol=1e-5)
    assert np.isclose(linear[1, 0], -0.66288, atol=1e-5)
    even = np.column_stack([SOURCES.prod(axis=1), SOURCES[:, 0] ** 2 - 1])
    assert np.abs(idf.robust_slope(SOURCES, even, MIXING)).max() < 1e-14


def test_the_floor_is_the_variance_of_fast_ica():
    rng, n, found = np.random.default_rng(17), 5000, []
    uniform = np.linspace(-np.sqrt(3), np.sqrt(3), 401)
    uniform /= uniform.std()
    wanted = idf.sampling_floor(np.array(list(product(uniform, uniform))), n)
    for seed in range(60):
        s = rng.uniform(-np.sqrt(3), np.sqrt(3), (n, 2))
        ica = FastICA(whiten="unit-variance", fun="cube", random_state=seed, tol=1e-8)
        unmixing = ica.fit(s).components_
        found += [row[np.argmin(np.abs(row))] / np.abs(row).max() for row in unmixing]
    assert abs(np.mean(np.square(found)) / wanted - 1) < 5 * np.sqrt(2 / 60)


@pytest.mark.parametrize("change, words", [
    ({"sources": SOURCES + 1}, "mean 0 and variance 1"), ({"bend": SOURCES[:5]}, "bend has shape"),
    ({"mixing": np.ones((2, 2))}, "mixing is singular"), ({"mixing": np.eye(3)}, "mixing has shap"),
])
def test_a_bad_mixture_is_named(change, words):
    given = {"sources": SOURCES, "bend": SOURCES**2, "mixing": MIXING} | change
    with pytest.raises(ValueError, match=words):
        idf.robust_slope(**given)


def test_sources_without_kurtosis_and_three_sources_are_refused():
    three = np.array([-np.sqrt(3), 0, np.sqrt(3)])
    s, p = np.array(list(product(three, three))), np.kron([1, 4, 1], [1, 4, 1])
    with pytest.raises(ValueError, match="kurtosis 0"):
        idf.robust_slope(s, s**2, MIXING, p)
    with pytest.raises(ValueError, match="kurtosis 0"):
        idf.sampling_floor(s, 100, p)
    with pytest.raises(ValueError, match="two sources"):
        idf.sampling_floor(np.array(list(product([-1.0, 1], repeat=3))), 100)


# -- scores -----------------------------------------------------------------------------------


def test_shares_on_a_grid_are_the_analysis_of_variance():
    f = 3 * GRID[:, 0] + 2 * GRID[:, 1] + (GRID[:, 0] - 5.5) * (GRID[:, 1] - 5.5)
    v = GRID[:, 0].var()
    [[one, other]] = idf.factor_shares(f[:, None], GRID)
    assert np.allclose([one, other], np.array([9 * v, 4 * v]) / (13 * v + v**2))


def test_scores_of_the_factors_of_their_rotation_and_of_one_twice():
    z = GRID - GRID.mean(axis=0)
    turned = z @ [[1, 1], [1, -1]]
    twice = np.column_stack([z[:, 0], z[:, 0] ** 2])
    for score, of_turned in ((idf.purity, 0.5), (idf.one_each, 0.5),
                             (idf.matched_correlation, np.sqrt(0.5)),
                             (idf.mutual_information_gap, 0)):
        assert np.isclose(score(-3 * z[:, ::-1], GRID), 1)
        assert np.isclose(score(turned, GRID), of_turned)
    assert np.isclose(idf.purity(twice, GRID), 1) and np.isclose(idf.one_each(twice, GRID), 0.5)


def test_the_information_is_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    z = rng.integers(0, 4, (3000, 2)) * 1.0
    f = z @ [[1, 0.5], [0.3, -1]] + 0.3 * rng.standard_normal((3000, 2))
    gaps = []
    for level in z.T:
        known = [mutual_info_score(np.digitize(c, np.linspace(c.min(), c.max(), 21)[1:-1]), level)
                 for c in f.T]
        gaps.append(abs(np.diff(known)[0]) / stats.entropy(np.unique(level,
                                                                     return_counts=True)[1]))
    assert np.isclose(idf.mutual_information_gap(f, z), np.mean(gaps))


def test_a_circular_factor_in_two_numbers_has_no_gap():
    angle = np.repeat(2 * np.pi * np.arange(24) / 24, 2)
    f = np.column_stack([np.cos(angle), np.sin(angle)])
    assert abs(idf.mutual_information_gap(f, angle[:, None])) < 0.05


def test_the_nulls_of_two_factors_are_known():
    for score, null in ((idf.purity, 0.5 + 1 / np.pi), (idf.one_each, 0.5 + 1 / np.pi),
                        (idf.matched_correlation, 2 * np.sqrt(2) / np.pi)):
        assert abs(idf.rotation_null(score, GRID, draws=800) - null) < 0.015
    assert abs(idf.rotation_null(idf.matched_correlation, np.indices((3, 3, 3)).reshape(3, -1).T,
                                 draws=800) - 0.827) < 0.015


@pytest.mark.parametrize("score", [idf.purity, idf.one_each, idf.matched_correlation,
                                   idf.mutual_information_gap])
def test_bad_features_are_named(score):
    with pytest.raises(ValueError, match="column 1 of features is constant"):
        score(np.column_stack([GRID[:, 0], np.ones(144)]), GRID)
    with pytest.raises(ValueError, match=r"factors has shape \(5, 2\); it must be \(144, m\)"):
        score(GRID, GRID[:5])
    with pytest.raises(ValueError, match=r"features\[0, 0\] is nan"):
        score(np.full((144, 2), np.nan), GRID)
    with pytest.raises(ValueError, match="weights has shape"):
        score(GRID, GRID, [1, 2])


def test_one_feature_has_no_gap_and_bins_are_counted():
    with pytest.raises(ValueError, match="features has one column"):
        idf.mutual_information_gap(GRID[:, :1], GRID)
    with pytest.raises(ValueError, match="bins is 1"):
        idf.mutual_information_gap(GRID, GRID, bins=1)
    with pytest.raises(TypeError, match="system is a list"):
        idf.pure_modes([], GRID)
