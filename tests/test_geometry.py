"""Embeddings: optima against brute force, reports against known collapses, bad input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats
from scipy.special import logsumexp

import contexture_lite as cl
from contexture_lite import gallery, geometry

RING = gallery.cycle_walk(0.5, n=12)
RNG = np.random.default_rng(0)


def signs(n=16):
    """Sixteen points, orthogonal features of ±1, the first one constant."""
    H = np.ones((1, 1))
    while len(H) < n:
        H = np.block([[H, H], [H, -H]])
    return H


# -- alignment and uniformity ------------------------------------------------------


def test_alignment_is_the_sum_over_pairs_also_of_a_sparse_context():
    context = cl.knn_context(RNG.standard_normal((40, 2)), 5)
    f = RNG.standard_normal((40, 3))
    P = context.joint.toarray()
    views = P.T @ (P / P.sum(axis=1, keepdims=True))
    pairs = np.sum(views * np.sum((f[:, None] - f[None]) ** 2, axis=2))
    assert geometry.alignment_loss(context, f) == pytest.approx(pairs)
    assert geometry.alignment_loss(context, f + 1e6) == pytest.approx(pairs, rel=1e-6)
    assert geometry.alignment_loss(context, np.ones(40)) == 0


def test_uniformity_counts_a_point_with_itself_and_its_masses():
    f = np.array([[1.0, 0], [-1, 0], [0, 1]])
    assert geometry.uniformity(f[:2]) == pytest.approx(np.log((1 + np.exp(-8)) / 2))
    w = np.array([0.5, 0.25, 0.25])
    pairs = sum(w[i] * w[j] * np.exp(-3 * np.sum((f[i] - f[j]) ** 2))
                for i in range(3) for j in range(3))
    assert geometry.uniformity(f, 4 * w, t=3) == pytest.approx(np.log(pairs))
    assert geometry.uniformity(f[:1]) == 0


def test_copies_of_the_coordinates_change_neither():
    f = geometry.contrastive_optimum(RING, 0.3).features
    twice = np.hstack([f, f]) / np.sqrt(2)
    assert geometry.alignment_loss(RING, twice) == pytest.approx(geometry.alignment_loss(RING, f))
    assert geometry.uniformity(twice) == pytest.approx(geometry.uniformity(f))


# -- the optimum -------------------------------------------------------------------

INFONCE = {0.02: (0.9162, 0.0838, 0), 0.1: (0.5808, 0.4192, 0), 0.2: (0.1617, 0.8383, 0),
           0.5: (0, 0.8159, 0.1841), 5: (0, 1, 0), 20: (0, 1, 0)}
BOTH_NUMBERS = {0.02: (0.0217, -0.3074), 0.1: (0.1086, -1.0689), 0.2: (0.2171, -1.4776),
                0.5: (0.3724, -1.7668), 5: (0.2590, -1.5750), 20: (0.2590, -1.5750)}


@pytest.mark.parametrize("temperature", INFONCE)
def test_the_optimum_of_the_lazy_ring(temperature):
    best = geometry.contrastive_optimum(RING, temperature)
    assert_allclose(best.weights[:3], INFONCE[temperature], atol=5e-5)
    numbers = geometry.alignment_loss(RING, best.features), geometry.uniformity(best.features)
    assert_allclose(numbers, BOTH_NUMBERS[temperature], atol=5e-5)
    assert_allclose(np.linalg.norm(best.features, axis=1), 1)
    assert best.mean_cosine == pytest.approx(np.sum(best.features.mean(axis=0) ** 2))


@pytest.mark.parametrize("weight, weights, numbers", [
    (0.06, (1, 0, 0), (0, 0)), (0.1, (0.8115, 0.1885, 0), (0.0488, -0.6167)),
    (0.5, (0, 1, 0), (0.2590, -1.5750)), (1, (0, 0.6275, 0.2745), (0.5984, -2.0699)),
    (1000, (0, 0.1828, 0.1823), (1.3615, -2.3538))])
def test_the_optimum_of_alignment_and_uniformity(weight, weights, numbers):
    best = geometry.uniform_optimum(RING, weight)
    assert_allclose(best.weights[:3], weights, atol=5e-5)
    assert_allclose([geometry.alignment_loss(RING, best.features),
                     geometry.uniformity(best.features)], numbers, atol=5e-5)


@pytest.mark.parametrize("stay, critical", [(0.2, 0.3160), (0.5, 0.2386), (0.8, 0.1168),
                                            (0.95, 0.0664)])
def test_the_critical_temperature_of_the_ring(stay, critical):
    assert geometry.critical_temperature(gallery.cycle_walk(stay, n=12)) == pytest.approx(
        critical, abs=5e-5)


def free_points(context, temperature, m, seed):
    """The least InfoNCE of free unit vectors, by L-BFGS from a random start."""
    P = np.asarray(context.joint)
    views, q = P.T @ (P / P.sum(axis=1, keepdims=True)), P.sum(axis=0)

    def loss(z):
        z = z.reshape(len(q), m)
        length = np.linalg.norm(z, axis=1, keepdims=True)
        f = z / length
        S = f @ f.T / temperature
        lse = logsumexp(S, axis=1, b=q)
        D = (q[:, None] * np.exp(S - lse[:, None]) * q - views) / temperature
        g = (D + D.T) @ f
        slope = (g - (g * f).sum(axis=1, keepdims=True) * f) / length
        return q @ lse - np.sum(views * S), slope.ravel()

    start = np.random.default_rng(seed).standard_normal(len(q) * m)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B",
                              options={"maxiter": 3000, "ftol": 1e-16, "gtol": 1e-10})
    return found.fun, loss


@pytest.mark.parametrize("context", [gallery.cycle_walk(0.3, n=7), gallery.hypercube(0.6, 3),
                                     gallery.clusters(0.7, 3, 2)], ids=["ring", "cube", "clusters"])
@pytest.mark.parametrize("part", [0.4, 2.5])
def test_no_free_points_are_better(context, part):
    temperature = part * geometry.critical_temperature(context)
    least, loss = free_points(context, temperature, context.shape[1], seed=1)
    f = geometry.contrastive_optimum(context, temperature).features
    assert loss(np.pad(f, [(0, 0), (0, len(f) - f.shape[1])]).ravel())[0] == pytest.approx(
        least, abs=1e-8)


def test_closed_forms_of_channel_and_cube():
    channel, cube = gallery.binary_channel(0.8), gallery.hypercube(0.6, 3)
    assert geometry.critical_temperature(channel) == pytest.approx(1 / np.arctanh(0.64))
    f = geometry.contrastive_optimum(channel, 0.5).features
    assert np.sum((f[0] - f[1]) ** 2) == pytest.approx(2 * np.arctanh(0.64))  # 4 τ artanh λ
    assert geometry.critical_temperature(cube) == pytest.approx(1 / (3 * np.arctanh(0.36)))
    best = geometry.contrastive_optimum(cube, 0.4)
    assert_allclose(best.weights[1:4], 0.4 * np.arctanh(0.36))
    assert best.rank == 4 and best.weights[4:].max() == 0


def test_the_ends_of_strength():
    same, apart = gallery.identity(12), gallery.independent(8)
    assert geometry.critical_temperature(same) == 0
    assert geometry.critical_temperature(apart) == np.inf
    for temperature in (0.02, 20):
        best = geometry.contrastive_optimum(same, temperature)
        assert_allclose(best.weights, np.r_[0, best.multiplicities[1:] / 11], atol=1e-7)
        assert geometry.contrastive_optimum(apart, temperature).mean_cosine == pytest.approx(1)
    halves = gallery.cycle_walk(0, n=12)  # even points never meet odd ones
    hot, cold = (geometry.contrastive_optimum(halves, t) for t in (20, 0.05))
    assert hot.rank == 1 and np.unique(hot.features.round(9)).tolist() == [-1, 1]
    assert cold.mean_cosine == 0 and cold.weights[1] == pytest.approx(0.8839, abs=5e-5)


def test_a_symmetry_is_found_in_products_and_refused_elsewhere():
    assert geometry.critical_temperature(gallery.binary_tree(0.8, inner=1 / 3)) < np.inf
    shuffled = cl.Context(np.asarray(RING.joint)[:, [0, 2, 1, *range(3, 12)]])
    for context in (shuffled, gallery.masked_tokens(0.6), cl.Context.from_counts([[3, 1], [1, 2]])):
        with pytest.raises(ValueError, match=r"context is not symmetric: .*cycle_walk"):
            geometry.contrastive_optimum(context, 0.3)


# -- collapse ----------------------------------------------------------------------

H = signs()
X = H[:, 1:9]
REPORTS = {  # std, effective rank, raw rank, mean cosine, perplexity
    "healthy": (X, (1, 8, 8, 0, 16)),
    "complete": (np.ones((16, 8)), (0, 0, 1, 1, 1)),
    "dimensional": (X[:, :2] @ np.eye(2, 8), (0.25, 2, 2, 0, 4)),
    "copies": (np.repeat(X[:, :1], 8, axis=1), (1, 1, 1, 0, 2)),
    "cone": (np.c_[X, 5 * np.ones(16)], (8 / 9, 8, 13 * 5 ** (-5 / 13), 25 / 33, 16)),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_report_says_of_a_known_collapse(name):
    features, expected = REPORTS[name]
    report = geometry.collapse_report(features)
    assert_allclose(list(vars(report).values()), expected, atol=1e-9)
    doubled = geometry.collapse_report(np.vstack([features, features]), np.repeat([1, 3], 16))
    assert_allclose(list(vars(doubled).values()), expected, atol=1e-9)


def test_ranks_do_not_see_the_scale_and_the_deviation_does():
    small, large = (geometry.collapse_report(c * X) for c in (1e-12, 1e6))
    assert small.effective_rank == pytest.approx(8) and large.effective_rank == pytest.approx(8)
    assert small.std == pytest.approx(1e-12)
    assert geometry.collapse_report(np.zeros((3, 2))).perplexity == 1


def test_soft_threshold():
    assert_allclose(geometry.soft_threshold([-3, -0.5, 0, 0.5, 3], 1), [-2, 0, 0, 0, 2])
    assert geometry.soft_threshold(np.eye(2), 0).shape == (2, 2)


# -- neighbours --------------------------------------------------------------------


def test_hubs_are_counted_as_one_by_one():
    points = RNG.standard_normal((30, 4))
    hubs, counts = geometry.hubness(points, k=4), np.zeros(30)
    for i in range(30):
        distances = np.linalg.norm(points - points[i], axis=1)
        distances[i] = np.inf
        counts[np.argsort(distances)[:4]] += 1
    assert_allclose(hubs.counts, counts)
    assert hubs.skewness == pytest.approx(stats.skew(counts))
    assert hubs.largest == counts.max() and hubs.orphans == (counts == 0).mean()


def test_high_dimensions_have_hubs_and_a_ring_has_none():
    rng = np.random.default_rng(0)
    skews = [geometry.hubness(rng.standard_normal((500, d))).skewness for d in (3, 50)]
    assert skews[0] < 1 < 2 < skews[1]
    angle = 2 * np.pi * np.arange(20) / 20
    ring = geometry.hubness(np.c_[np.cos(angle), np.sin(angle)], k=2)
    assert ring.counts.tolist() == [2] * 20 and ring.skewness == 0


# -- sparse codes ------------------------------------------------------------------


@pytest.mark.parametrize("active, accuracy, agreement", [
    (0.5, 0.7335, 0.5688), (0.2, 0.4274, 0.4749), (0.1, 0.2696, 0.4087), (0.05, 0.1645, 0.3488),
    (0.01, 0.0475, 0.2371)])
def test_the_price_of_sparsity(active, accuracy, agreement):
    code = geometry.sparse_code(stats.norm.isf(active), 0.64)
    assert_allclose([code.active, code.accuracy, code.agreement], [active, accuracy, agreement],
                    atol=5e-5)


def test_a_sparse_code_by_integration_in_the_plane():
    t, rho = 0.4, 0.5
    plane = stats.multivariate_normal(cov=[[1, rho], [rho, 1]])
    both = integrate.dblquad(lambda v, u: (u - t) * (v - t) * plane.pdf([u, v]), t, 7, t, 7,
                             epsabs=1e-6)[0]
    mean = integrate.quad(lambda u: (u - t) * stats.norm.pdf(u), t, 9)[0]
    second = integrate.quad(lambda u: (u - t) ** 2 * stats.norm.pdf(u), t, 9)[0]
    assert geometry.sparse_code(t, rho).agreement == pytest.approx(
        (both - mean**2) / (second - mean**2), abs=1e-4)
    assert geometry.sparse_code(t, 1).agreement == pytest.approx(1)
    assert geometry.sparse_code(t, 0).agreement == pytest.approx(0, abs=1e-9)
    assert geometry.sparse_code(-6, 0.3).accuracy == pytest.approx(1, abs=1e-6)


# -- bad input ---------------------------------------------------------------------

UNIT = np.eye(3)


@pytest.mark.parametrize("call, error, words", [
    (lambda: geometry.alignment_loss(RING, np.ones(5)), ValueError, r"f has shape \(5,\)"),
    (lambda: geometry.alignment_loss(UNIT, UNIT), TypeError, "context is a ndarray"),
    (lambda: geometry.uniformity(2 * UNIT), ValueError, "length of row f.*divide each row"),
    (lambda: geometry.uniformity([[1, np.nan]]), ValueError, r"f\[0, 1\] is nan"),
    (lambda: geometry.uniformity(UNIT[0]), ValueError, r"f has shape \(3,\)"),
    (lambda: geometry.uniformity(UNIT, t=0), ValueError, "t is 0"),
    (lambda: geometry.uniformity(UNIT, [1, 2]), ValueError, r"weights has shape \(2,\)"),
    (lambda: geometry.contrastive_optimum(RING, 0), ValueError, "temperature is 0"),
    (lambda: geometry.contrastive_optimum(RING, "cold"), TypeError, "temperature is 'cold'"),
    (lambda: geometry.contrastive_optimum(np.eye(3), 1), TypeError, "context is a ndarray"),
    (lambda: geometry.uniform_optimum(RING, 0), ValueError, "weight is 0"),
    (lambda: geometry.uniform_optimum(RING, 1, t=-1), ValueError, "t is -1"),
    (lambda: geometry.critical_temperature(gallery.independent(3, 1)), ValueError,
     "context has 1 values"),
    (lambda: geometry.critical_temperature(gallery.identity(600)), ValueError, "512"),
    (lambda: geometry.collapse_report([[1, 2]]), ValueError, "features has one point"),
    (lambda: geometry.collapse_report([[1, np.inf], [0, 0]]), ValueError, r"features\[0, 1\]"),
    (lambda: geometry.hubness(np.ones((20, 2))), ValueError, "features are constant"),
    (lambda: geometry.hubness(UNIT, k=3), ValueError, "k is 3; 3 points have 2"),
    (lambda: geometry.hubness(UNIT, k=0), ValueError, "k is 0"),
    (lambda: geometry.soft_threshold([1, 2], -1), ValueError, "level is -1"),
    (lambda: geometry.sparse_code(9, 0.5), ValueError, "threshold is 9"),
    (lambda: geometry.sparse_code(0, 1.5), ValueError, "rho is 1.5"),
])
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_they_say_what_they_are():
    assert repr(geometry.contrastive_optimum(RING, 0.1)) == "Optimum(mean cosine 0.5808, rank 3)"
    assert repr(geometry.collapse_report(X)).startswith("CollapseReport(std 1.0000, effective_r")
    assert "orphans" in repr(geometry.hubness(X, 2))
