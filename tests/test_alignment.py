"""Agreement of features: against brute force, other libraries, and every permutation there is."""

import itertools
import tracemalloc

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from joints import orthonormal, prescribed
from sklearn.cross_decomposition import CCA
from sklearn.neighbors import NearestNeighbors

import contexture_lite as cl
from contexture_lite import alignment
from contexture_lite.alignment import (
    canonical_correlations,
    cka,
    mutual_neighbours,
    principal_angles,
    squared_cca,
    unit_rows,
)

MEASURES = [squared_cca, cka, mutual_neighbours]
seeds = st.integers(0, 2**32 - 1)


def pair(n=60, d1=4, d2=3, seed=0, shared=0.5):
    """Two related feature sets, with means, and unequal weights."""
    rng = np.random.default_rng(seed)
    f = rng.standard_normal((n, d1)) + 1
    g = shared * f @ rng.standard_normal((d1, d2)) + rng.standard_normal((n, d2)) - 2
    return f, g, rng.random(n) + 0.1


def by_pairs(f, g, weights):
    """CKA as it is defined: the cosine of two n × n matrices."""
    n = len(f)
    w = np.full(n, 1 / n) if weights is None else weights / weights.sum()
    H = np.sqrt(w)[:, None] * (np.eye(n) - w)
    K, L = H @ f @ f.T @ H.T, H @ g @ g.T @ H.T
    return (K * L).sum() / np.sqrt((K * K).sum() * (L * L).sum())


def neighbour_sets(f, k):
    neighbours = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute").fit(f)
    return [set(row) for row in neighbours.kneighbors(return_distance=False)]


# ---- values


@given(seeds, st.integers(3, 40), st.integers(1, 6), st.integers(1, 6), st.booleans())
def test_cka_is_the_cosine_of_the_two_kernels(seed, n, d1, d2, weighted):
    f, g, w = pair(n, d1, d2, seed)
    w = w if weighted else None
    assert np.isclose(float(cka(f, g, w)), by_pairs(f, g, w), rtol=0, atol=1e-12)


@given(seeds, st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_canonical_correlations_are_cosines_of_scipys_angles(seed, d1, d2, weighted):
    f, g, w = pair(30, d1, d2, seed)
    w = w / w.sum() if weighted else np.full(30, 1 / 30)
    root = np.sqrt(w)[:, None]
    angles = scipy.linalg.subspace_angles(root * (f - w @ f), root * (g - w @ g))[::-1]
    rho = canonical_correlations(f, g, w)
    assert np.allclose(rho, np.cos(angles), rtol=0, atol=1e-12)
    assert np.allclose(principal_angles(f, g, w), angles, rtol=0, atol=1e-12)
    assert np.isclose(float(squared_cca(f, g, w)), np.mean(np.cos(angles) ** 2), atol=1e-12)


def test_canonical_correlations_are_those_of_scikit_learn():
    f, g, _ = pair(200)
    u, v = CCA(n_components=3, tol=1e-10, max_iter=10_000).fit(f, g).transform(f, g)
    wanted = [np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(3)]
    assert np.allclose(canonical_correlations(f, g), wanted, rtol=0, atol=1e-6)


def test_canonical_correlations_of_a_context_are_its_singular_values():
    # indicators of X and of A on the cells of the table, weighted by the joint
    context, _, _ = prescribed([0.6, 0.4, 0.1], 6, 5)
    x, a = np.indices(context.shape).reshape(2, -1)
    rho = canonical_correlations(np.eye(6)[x], np.eye(5)[a], context.joint.ravel())
    # six indicators sum to 1, so five directions; five give four, and one is missing
    assert np.allclose(rho, [*context.exact_values, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("angle", [1e-12, 1e-9, 1e-5, 0.3, np.pi / 2])
def test_prescribed_angles_come_back_also_tiny_ones(angle):
    rng = np.random.default_rng(0)
    w = rng.random(50) + 0.1
    e = orthonormal(w / w.sum(), 4, rng)
    f = e[:, :2] @ [[1, 2], [3, 4]]
    g = np.column_stack([np.cos(angle) * e[:, 0] + np.sin(angle) * e[:, 2], e[:, 1]])
    assert np.allclose(principal_angles(f, g, w), [0, angle], rtol=1e-3, atol=1e-14)


@given(seeds, st.integers(6, 40), st.integers(1, 5))
def test_neighbours_are_those_of_scikit_learn(seed, n, k):
    f, g, w = pair(n, 4, 3, seed)
    both = zip(neighbour_sets(f, k), neighbour_sets(g, k))
    overlap = np.array([len(one & other) / k for one, other in both])
    assert np.isclose(float(mutual_neighbours(f, g, k)), overlap.mean(), atol=1e-12)
    assert np.isclose(float(mutual_neighbours(f, g, k, w)), w @ overlap / w.sum(), atol=1e-12)


def test_products_of_unit_rows_are_cosines():
    f = np.array([[3.0, 4.0], [0.0, 0.0], [-1e-150, 0.0], [5e8, 5e8]])
    cosines = [[1, 0, -0.6, 1.4 / 2**0.5], [0, 0, 0, 0]]
    assert np.allclose(unit_rows(f)[:2] @ unit_rows(f).T, cosines, atol=1e-15)
    assert f[0, 0] == 3 and unit_rows(np.ones((0, 3))).shape == (0, 3)


def test_neighbours_do_not_depend_on_the_blocks(monkeypatch):
    f, g, w = pair(100)
    f[40:60] = f[40]  # equal ones
    whole = float(mutual_neighbours(f, g, 7, w))
    monkeypatch.setattr(alignment, "BLOCK", 9)
    assert float(mutual_neighbours(f, g, 7, w)) == whole


def test_of_equal_neighbours_the_first_in_the_table_is_taken():
    same = np.ones((6, 3))
    assert alignment._neighbours(same, 2).tolist() == [
        [1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 1],
    ]
    # four points at 0°, 90°, 180°, 270°: two are equally near, one is far
    square = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    assert alignment._neighbours(square, 1).ravel().tolist() == [1, 0, 1, 0]
    # a point of length zero is at right angles to all
    assert alignment._neighbours(np.array([[0.0, 0], [1, 1], [-1, -1]]), 1).ravel().tolist() == [
        1, 0, 0,
    ]


def test_neighbours_nearer_than_single_precision_can_tell():
    angles = np.array([0.0, 3e-5, -2e-5, 1.0, 1 + 1e-5, 1 - 2e-5])
    f = np.column_stack([np.cos(angles), np.sin(angles)])
    assert alignment._neighbours(f, 1).ravel().tolist() == [2, 0, 0, 4, 3, 3]


# ---- what changes nothing, and what must change something


@given(seeds)
def test_spans_do_not_see_invertible_maps(seed):
    f, g, w = pair(seed=seed)
    rng = np.random.default_rng(seed)
    F, G = np.linalg.qr(rng.standard_normal((4, 4)))[0], np.linalg.qr(rng.random((3, 3)))[0]
    F, G = F * [1, 10, 100, 0.1], G * [5, 1e-3, 1]
    before, after = (canonical_correlations(*fg, w) for fg in ((f, g), (f @ F + 3, g @ G - 7)))
    assert np.allclose(before, after, rtol=0, atol=1e-9)
    assert np.isclose(float(squared_cca(f, g, w)), float(squared_cca(f @ F, g @ G, w)), atol=1e-9)


@given(seeds)
def test_cka_sees_nothing_of_rotations_shifts_and_one_scale(seed):
    f, g, w = pair(seed=seed)
    rng = np.random.default_rng(seed)
    F, G = np.linalg.qr(rng.standard_normal((4, 4)))[0], np.linalg.qr(rng.random((3, 3)))[0]
    rotated = cka(1e-9 * f @ F + 1e-9, 1e200 * (g @ G), w)
    assert np.isclose(float(cka(f, g, w)), float(rotated), rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_cka_and_neighbours_do_see_a_stretch(seed):
    f, _, w = pair(200, seed=seed)
    stretched = f * [1, 1, 1, 10]
    assert float(squared_cca(f, stretched, w)) > 1 - 1e-12
    assert float(cka(f, stretched, w)) < 0.8
    assert float(mutual_neighbours(f, stretched, 10, w)) < 0.8


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_see_neither_rotations_nor_lengths_but_do_see_a_shift(seed):
    f, _, _ = pair(200, seed=seed)
    rng = np.random.default_rng(seed)
    rotation, lengths = np.linalg.qr(rng.standard_normal((4, 4)))[0], rng.random((200, 1)) + 0.1
    assert float(mutual_neighbours(f, lengths * f @ rotation)) == 1
    assert float(mutual_neighbours(f, f + 5)) < 0.8


@pytest.mark.parametrize("measure", MEASURES)
def test_a_feature_set_agrees_with_itself_and_the_order_does_not_matter(measure):
    f, g, w = pair()
    assert np.isclose(float(measure(f, f, weights=w)), 1, atol=1e-12)
    assert np.isclose(float(measure(f, g, weights=w)), float(measure(g, f, weights=w)))
    shuffle = np.random.default_rng(1).permutation(len(f))
    shuffled = measure(f[shuffle], g[shuffle], weights=w[shuffle])
    assert np.isclose(float(measure(f, g, weights=w)), float(shuffled), atol=1e-12)


def test_between_whitened_features_cka_is_the_sum_of_squared_correlations():
    rng = np.random.default_rng(0)
    w = rng.random(40) + 0.1
    w /= w.sum()
    f, g = orthonormal(w, 3, rng) + 1, orthonormal(w, 5, rng)
    total = (canonical_correlations(f, g, w) ** 2).sum()
    assert np.isclose(float(cka(f, g, w)), total / np.sqrt(15), atol=1e-12)


def test_weights_are_how_often_a_point_counts():
    f, g, _ = pair(20)
    times = np.random.default_rng(0).integers(0, 4, 20)
    again = np.repeat(np.arange(20), times)
    for measure in (canonical_correlations, principal_angles):
        assert np.allclose(measure(f, g, times), measure(f[again], g[again]), atol=1e-7)
    for measure in (squared_cca, cka):
        assert np.isclose(float(measure(f, g, times)), float(measure(f[again], g[again])))


@pytest.mark.parametrize("measure", MEASURES)
def test_points_of_weight_zero_are_left_out(measure):
    f, g, w = pair(40)
    w[10:] = 1
    w[:10] = 0
    f[:10] = 1e6
    agreement, wanted = measure(f, g, weights=w), measure(f[10:], g[10:])
    assert np.isclose(agreement.value, wanted.value, atol=1e-12)
    assert np.isclose(agreement.unrelated, wanted.unrelated, atol=1e-12)


def test_left_functions_of_a_context_are_found_under_any_rotation():
    context, mu, _ = prescribed([0.5, 0.4, 0.3], 9, 7)
    system = cl.singular_system(context, 3)
    mixed = mu @ np.random.default_rng(0).standard_normal((3, 3))
    assert float(squared_cca(system.left, mixed, context.p_x)) > 1 - 1e-9
    assert float(squared_cca(system.left[:, :2], mu[:, 2:], context.p_x)) < 1e-9


# ---- unrelated


def mean_over_all(measure, f, g, **options):
    n = len(g)
    orders = itertools.permutations(range(n))
    return np.mean([float(measure(f, g[list(order)], **options)) for order in orders])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("d1, d2", [(1, 1), (2, 3), (4, 2), (6, 1)])
def test_unrelated_is_the_mean_over_every_permutation(seed, d1, d2):
    f, g, w = pair(5, d1, d2, seed)
    for measure in (squared_cca, cka):
        assert np.isclose(mean_over_all(measure, f, g), measure(f, g).unrelated, atol=1e-10)
    if min(d1, d2) > 1:  # on a line all cosines are ±1
        for weights in (None, w):
            agreement = mutual_neighbours(f, g, 2, weights)
            mean = mean_over_all(mutual_neighbours, f, g, k=2, weights=weights)
            assert np.isclose(mean, agreement.unrelated, atol=1e-12)


def test_unrelated_in_closed_form():
    f, g, _ = pair(50, 4, 3)
    assert np.isclose(squared_cca(f, g).unrelated, 4 * 3 / 49 / 3)
    assert np.isclose(mutual_neighbours(f, g, 5).unrelated, 5 / 49)
    C, D = np.cov(f.T), np.cov(g.T)
    wanted = np.trace(C) * np.trace(D) / 49 / np.linalg.norm(C) / np.linalg.norm(D)
    assert np.isclose(cka(f, g).unrelated, wanted)


@pytest.mark.parametrize("measure", MEASURES)
def test_features_drawn_apart_agree_as_much_as_chance(measure):
    agreements = [measure(*pair(40, seed=seed, shared=0.0)[:2]) for seed in range(40)]
    values, unrelated = np.transpose([(a.value, a.unrelated) for a in agreements])
    assert abs(values.mean() - unrelated.mean()) < 4 * values.std() / np.sqrt(40)


def test_at_unequal_weights_chance_is_another_one_and_no_closed_form_is_claimed():
    values = []
    for seed in range(20):
        f, g, _ = pair(200, shared=0.0, seed=seed)
        w = np.where(np.arange(200) < 20, 50.0, 1.0)
        assert np.isnan([squared_cca(f, g, w).unrelated, cka(f, g, w).unrelated]).all()
        values.append(float(squared_cca(f, g, w)))
    assert np.mean(values) > 3 * squared_cca(f, g).unrelated


@pytest.mark.parametrize("measure", MEASURES)
def test_equal_weights_are_no_weights(measure):
    f, g, _ = pair(30)
    one, other = measure(f, g), measure(f, g, weights=np.full(30, 0.1))
    assert np.isclose(one.value, other.value) and np.isclose(one.unrelated, other.unrelated)


# ---- conditioning and rank


@pytest.mark.parametrize("condition", [1e1, 1e2, 1e3, 1e4, 1e6, 1e8, 1e10])
def test_ill_conditioned_features_keep_their_correlations(condition):
    rng = np.random.default_rng(0)
    e = orthonormal(np.full(300, 1 / 300), 12, rng)
    rho = np.array([0.9, 0.7, 0.5, 0.2, 0.1, 0.0])
    g = e[:, :6] * rho + e[:, 6:] * np.sqrt(1 - rho**2)
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    f = e[:, :6] @ (rotation * np.geomspace(1, 1 / condition, 6)) @ rotation.T
    error = np.abs(canonical_correlations(f, g) - rho).max()
    assert error < 1e-10 + 1e-14 * condition  # the second: f itself is only known so well


@pytest.mark.parametrize("size", [1e-300, 1e-140, 1.0, 1e140, 1e300])
def test_units_do_not_matter(size):
    f, g, _ = pair()
    if 1e-150 < size < 1e150:  # columns of one set, so that their squares are numbers
        assert np.isclose(float(squared_cca(f * [size, 1, 1, 1], g)), float(squared_cca(f, g)))
    for measure in MEASURES:
        assert np.isclose(float(measure(f * size, g)), float(measure(f, g)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dependent_columns_add_no_direction(dtype):
    f, g, _ = pair(500, 4, 6)
    f, g = f.astype(dtype), g.astype(dtype)
    wide = np.hstack([f, f @ np.ones((4, 3), dtype) + 1, np.ones((500, 1), dtype)])
    assert np.allclose(canonical_correlations(wide, g)[:4], canonical_correlations(f, g), atol=1e-5)
    assert np.allclose(canonical_correlations(wide, g)[4:], 0)
    assert np.isclose(squared_cca(wide, g).unrelated, 4 * 6 / 499 / 6)


def test_a_collapsed_encoder_is_not_flattered():
    f, _, _ = pair(100, 4)
    collapsed = np.column_stack([f[:, 0], 2 * f[:, 0], 1 - f[:, 0], f[:, 0]])
    assert np.isclose(float(squared_cca(collapsed, f)), 1 / 4)
    assert np.allclose(principal_angles(collapsed, f), [0, *[np.pi / 2] * 3], atol=1e-7)


def test_with_more_features_than_points_everything_agrees_and_chance_says_so():
    f, g, _ = pair(8, 20, 15)
    agreement = squared_cca(f, g)
    assert np.allclose(canonical_correlations(f, g), np.ones(7))
    assert np.allclose([agreement.value, agreement.unrelated], 1)


def test_one_feature_may_be_a_vector():
    f, g, _ = pair(30, 1, 1)
    r = np.corrcoef(f[:, 0], g[:, 0])[0, 1]
    assert np.isclose(float(squared_cca(f[:, 0], g[:, 0])), r**2)
    assert np.isclose(float(cka(f[:, 0], g)), r**2)


def test_memory_stays_far_below_a_table_of_pairs():
    f, g, _ = pair(6000, 3, 3)
    for measure in (*MEASURES, principal_angles):
        tracemalloc.start()
        measure(f, g)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 6000**2 * 8 / 4


# ---- the result, and what is refused


def test_the_result_reads_well():
    f, g, _ = pair(30)
    agreement = squared_cca(f, g)
    assert float(agreement) == agreement.value
    value, unrelated = agreement.value, agreement.unrelated
    assert repr(agreement) == f"Alignment({value:.4f}, unrelated {unrelated:.4f})"


@pytest.mark.parametrize("measure", [*MEASURES, canonical_correlations, principal_angles])
@pytest.mark.parametrize("change, message", [
    ({"f": np.zeros((29, 2))}, "f has 29 rows and g 30"),
    ({"g": [[np.nan, 1]] * 30}, r"g\[0, 0\] is nan"),
    ({"f": np.zeros((30, 0))}, r"f has shape \(30, 0\)"),
    ({"f": np.zeros((30, 2, 2))}, r"f has shape \(30, 2, 2\)"),
    ({"weights": np.ones(29)}, r"weights has shape \(29,\)"),
    ({"weights": -np.ones(30)}, r"weights\[0\] is -1"),
    ({"weights": np.eye(30)[0]}, "1 points of positive weight"),
])
def test_bad_features_are_named(measure, change, message):
    f, g, _ = pair(30)
    with pytest.raises(ValueError, match=message):
        measure(**({"f": f, "g": g} | change))


@pytest.mark.parametrize("measure", [squared_cca, cka, canonical_correlations, principal_angles])
@pytest.mark.parametrize("level", [0.0, 1.0, 0.1])
def test_constant_features_are_refused(measure, level):
    f, _, w = pair(30)
    with pytest.raises(ValueError, match="g is constant"):
        measure(f, np.full((30, 2), level), w)


def test_text_is_no_feature():
    f, g, _ = pair(30)
    with pytest.raises(TypeError, match="f has dtype"):
        cka(f.astype(str), g)


@pytest.mark.parametrize("k, error", [(0, ValueError), (30, ValueError), (2.0, TypeError)])
def test_a_bad_number_of_neighbours_is_refused(k, error):
    f, g, _ = pair(30)
    with pytest.raises(error, match="k is"):
        mutual_neighbours(f, g, k)
