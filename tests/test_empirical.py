"""Contexts from data: known answers, brute force, what may and what must change them."""

import pickle

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from joints import ring
from scipy.spatial.distance import cdist
from scipy.stats import norm

import contexture_lite as cl
from contexture_lite.empirical import DataContext, neighbours


def grid_points(largest=3, most=12):
    """Points with small integer coordinates: full of equal distances and of copies."""
    sizes = st.tuples(st.integers(2, most), st.integers(1, 3))
    return sizes.flatmap(lambda size: st.lists(
        st.lists(st.integers(-largest, largest), min_size=size[1], max_size=size[1]),
        min_size=size[0], max_size=size[0])).map(lambda rows: np.array(rows, dtype=float))


def circle(n):
    angle = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angle), np.sin(angle)])


def cloud(n, features=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features))


def values(context):
    return cl.singular_system(context).values


def dense(table):
    return table.toarray() if sp.issparse(table) else table


def built(seed=0):
    """One context of every kind, with what its extension is asked about."""
    X = cloud(20, seed=seed)
    y = np.arange(20) % 3
    return {
        "knn": (cl.knn_context(X, 4), X),
        "knn with copies": (cl.knn_context(X[y], 4), X[y]),
        "rbf": (cl.rbf_context(X, 0.7), X),
        "masked knn": (cl.masked(cl.knn_context, X, k=4, n_masks=5), X),
        "masked rbf": (cl.masked(cl.rbf_context, X, bandwidth=0.7, n_masks=5), X),
    }


SPARSE = {"knn", "knn with copies", "masked knn"}
KINDS = list(built())


# -- what holds for every kind ----------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_old_point_asked_again_gets_its_old_row_and_features(kind):
    context, old = built()[kind]
    assert isinstance(context, DataContext)
    rows = context.conditional_at(old)
    np.testing.assert_allclose(dense(rows), dense(context.conditional()), atol=1e-14)
    system = cl.singular_system(context)
    strong = system.values > 1e-6  # dividing by a tiny s would only show rounding
    np.testing.assert_allclose(system.extend(rows)[:, strong], system.left[:, strong], atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sparse_stays_sparse(kind):
    context, old = built()[kind]
    for table in (context.joint, context.conditional(), context.conditional_at(old[:2])):
        assert sp.issparse(table) == (kind in SPARSE)
    assert context.is_sparse == (kind in SPARSE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickled_context_still_knows_new_points(kind):
    context, old = built()[kind]
    again = pickle.loads(pickle.dumps(context))
    np.testing.assert_array_equal(dense(again.joint), dense(context.joint))
    np.testing.assert_array_equal(dense(again.conditional_at(old)),
                                  dense(context.conditional_at(old)))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_changed(kind):
    context, _ = built()[kind]
    for name in ("joint", "p_x", "_extension", "anything"):
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(context, name, None)


def test_the_arguments_are_not_written_to_and_may_be_changed_afterwards():
    X = cloud(10)
    context, before = cl.rbf_context(X, 1), X.copy()
    np.testing.assert_array_equal(X, before)
    rows = context.conditional_at(before)
    X[:] = 0
    np.testing.assert_array_equal(context.conditional_at(before), rows)


def test_another_distribution_of_the_inputs_keeps_the_extension():
    X = cloud(10)
    context = cl.knn_context(X, 3)
    shifted = context.with_marginal_x(np.arange(1, 11))
    assert (shifted.conditional_at(X) != context.conditional_at(X)).nnz == 0
    np.testing.assert_allclose(shifted.p_x, np.arange(1, 11) / 55)


def test_a_context_without_an_extension_says_so():
    with pytest.raises(ValueError, match="without an extension"):
        DataContext.from_counts(np.eye(3)).conditional_at(np.eye(3))


# -- k nearest neighbours ---------------------------------------------------------


def knn_by_hand(X, k, X_new):
    """Sort the points, nearest first; share each place among its copies."""
    rows = np.zeros((len(X_new), len(X)))
    for row, x in zip(rows, X_new):
        order = sorted(range(len(X)), key=lambda j, x=x: (((X[j] - x) ** 2).sum(),
                                                          np.abs(X[j] - x).max(), *X[j]))
        for j in order[:k]:
            copies = (X == X[j]).all(axis=1)
            row[copies] += 1 / k / copies.sum()
    return rows


@given(grid_points(), grid_points(), st.data())
def test_knn_equals_sorting_by_hand_equal_distances_and_copies_included(X, others, data):
    k = data.draw(st.integers(1, len(X) - 1))
    context = cl.knn_context(X, k)
    np.testing.assert_allclose(context.conditional().toarray(), knn_by_hand(X, k, X), atol=1e-12)
    if others.shape[1] == X.shape[1]:
        rows = context.conditional_at(others / 2)
        np.testing.assert_allclose(rows.toarray(), knn_by_hand(X, k, others / 2), atol=1e-12)


@given(grid_points(), st.data())
def test_every_point_is_its_own_neighbour_however_many_copies_there_are(X, data):
    context = cl.knn_context(X, data.draw(st.integers(1, len(X) - 1)))
    again = context.conditional_at(X)
    assert (context.joint.diagonal() > 0).all() and (again.diagonal() > 0).all()
    np.testing.assert_allclose(again.toarray(), context.conditional().toarray(), atol=1e-14)


def test_three_copies_share_the_mass_of_their_place():
    rows = cl.knn_context([[0], [0], [0], [1], [9]], k=2).conditional().toarray()
    np.testing.assert_allclose(rows[:3], [[1 / 3, 1 / 3, 1 / 3, 0, 0]] * 3)
    np.testing.assert_allclose(rows[3], [1 / 6, 1 / 6, 1 / 6, 1 / 2, 0])


def test_knn_on_a_circle_of_points_is_the_ring_of_neighbours():
    for n, half_width in [(8, 1), (9, 2), (12, 4)]:
        expected = ring(n, half_width).exact_values
        np.testing.assert_allclose(values(cl.knn_context(circle(n), 2 * half_width + 1)), expected,
                                   atol=1e-10)


def test_two_clusters_far_apart_give_the_indicator_of_the_cluster():
    X = np.vstack([cloud(10), cloud(20, seed=1) + 100])
    system = cl.singular_system(cl.knn_context(X, 6))
    assert system.values[0] == pytest.approx(1, abs=1e-12) and system.values[1] < 1 - 1e-6
    indicator = np.where(np.arange(30) < 10, np.sqrt(2), -np.sqrt(1 / 2))  # mean 0, variance 1
    np.testing.assert_allclose(system.left[:, 0], indicator, atol=1e-10)


def test_the_two_ends_of_the_dial():
    X = cloud(12)
    np.testing.assert_allclose(cl.knn_context(X, 1).conditional().toarray(), np.eye(12))
    for k in (1, 3, 11):  # every point is somebody's neighbour, so χ² = n/k − 1 exactly
        assert cl.knn_context(X, k).chi2() == pytest.approx(12 / k - 1, abs=1e-12)


def test_a_hub_is_drawn_more_often():
    star = np.vstack([np.zeros(3), np.eye(3), -np.eye(3)])  # the centre is nearest to all
    context = cl.knn_context(star, 2)
    assert context.p_a[0] == pytest.approx(7 / 14)
    assert np.ptp(context.p_x) == pytest.approx(0)


@given(grid_points(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_the_points_does_not_matter(X, random, data):
    k = data.draw(st.integers(1, len(X) - 1))
    order = random.sample(range(len(X)), len(X))
    shuffled = cl.knn_context(X[order], k).joint.toarray()
    np.testing.assert_allclose(shuffled, cl.knn_context(X, k).joint.toarray()[order][:, order],
                               atol=1e-14)


@pytest.mark.parametrize("scale, shift", [(1e-6, 0), (7.3, 0), (1e100, 0), (1, 1e6), (1, -3.3)])
def test_knn_ignores_unit_and_origin(scale, shift):
    X = cloud(50)
    moved = cl.knn_context(X * scale + shift, 5).joint
    assert abs(moved - cl.knn_context(X, 5).joint).max() < 1e-15


def test_but_the_unit_of_one_feature_matters():
    X = cloud(50)
    assert abs(cl.knn_context(X * [100, 1, 1], 5).joint - cl.knn_context(X, 5).joint).max() > 0.001


def test_points_that_a_matrix_product_cannot_tell_apart():
    X = np.array([[0.0], [1e-9], [2.1e-9], [1.0]])  # squared distances of 1e-18 beside 1
    np.testing.assert_allclose(cl.knn_context(X, 2).conditional().toarray(), knn_by_hand(X, 2, X))
    X = np.array([[0.0], [1e-200], [1.0]])  # whose square underflows
    np.testing.assert_allclose(cl.knn_context(X, 1).conditional().toarray(), np.eye(3))


RNG = np.random.default_rng(0)
REPEATING = {  # distances that are equal for many points, up to rounding or exactly
    "grid, 2 features": np.indices([13, 13]).reshape(2, -1).T / 3,
    "grid, 3 features": np.indices([6, 5, 6]).reshape(3, -1).T * 0.1 - 7,
    "binary": RNG.integers(0, 2, size=(150, 20)).astype(float),
    "binary, few features, copies": RNG.integers(0, 2, size=(150, 5)).astype(float),
    "all at one distance": np.eye(80),
    "rounded": RNG.normal(size=(150, 2)).round(1),
    "curve": np.column_stack([np.arange(150.0), np.arange(150.0) ** 2]) / 7,
}


@pytest.mark.parametrize("k, block", [(1, 2**15), (4, 2**15), (15, 500), (60, 2**15)])
@pytest.mark.parametrize("name", REPEATING)
def test_where_distances_repeat_the_few_places_measured_are_enough(name, k, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK_CELLS", block)
    X = REPEATING[name]
    context, order = cl.knn_context(X, k), np.random.default_rng(k).permutation(len(X))
    rows = context.conditional().toarray()
    np.testing.assert_allclose(rows, knn_at_once(X, k, X), atol=1e-12)
    shuffled = cl.knn_context(X[order], k).conditional().toarray()
    np.testing.assert_allclose(shuffled, rows[order][:, order], atol=1e-14)
    new = np.vstack([(X[:40] + X[5:45]) / 2, X[:9] + 0.05])
    np.testing.assert_allclose(context.conditional_at(new).toarray(), knn_at_once(X, k, new),
                               atol=1e-12)
    alone = sp.vstack([context.conditional_at(x[None]) for x in new[::6]])
    np.testing.assert_allclose(alone.toarray(), context.conditional_at(new[::6]).toarray(),
                               atol=1e-14)


def knn_at_once(X, k, X_new):
    """All places against all: by distance, largest difference, order; copies share evenly."""
    places, place_of = np.unique(X, axis=0, return_inverse=True)
    copies = np.bincount(place_of)
    keys = cdist(X_new, places, "chebyshev"), cdist(X_new, places)
    order = np.lexsort(keys, axis=1)
    before = np.cumsum(copies[order], axis=1) - copies[order]
    taken = np.zeros(order.shape)
    np.put_along_axis(taken, order, np.clip(k - before, 0, copies[order]), axis=1)
    return (taken / copies / k)[:, place_of]


def test_a_repeated_distance_is_settled_without_measuring_every_place(monkeypatch):
    """Every row of a grid is open after the first search; none asks for more than 40 places."""
    asked, search = [], neighbours._search

    def counted(points):
        def few(X, width):
            asked.append(width)
            return nearest(X, width)

        nearest = search(points)
        return few

    monkeypatch.setattr(neighbours, "_search", counted)
    cl.knn_context(np.indices([30, 30]).reshape(2, -1).T.astype(float), 15)
    assert min(asked) == 16 and 16 < max(asked) <= 40


def test_negative_zero_is_zero():
    np.testing.assert_allclose(cl.knn_context([[0.0], [-0.0]], 1).joint.toarray(), 1 / 4)


def test_a_data_frame_is_read_as_points():
    X = cloud(10)
    assert (cl.knn_context(pd.DataFrame(X), 3).joint != cl.knn_context(X, 3).joint).nnz == 0


# -- Gaussian weights -------------------------------------------------------------


@pytest.mark.parametrize("bandwidth", [0.1, 0.5, 1, 3])
def test_two_points(bandwidth):
    # P = [[1, e], [e, 1]] / 2(1 + e), e = exp(-t²/2h²): s = (1 - e)/(1 + e) = tanh(t²/4h²)
    t = 0.8
    expected = np.tanh(t**2 / (4 * bandwidth**2))
    assert values(cl.rbf_context([[0], [t]], bandwidth))[0] == pytest.approx(expected, abs=1e-12)


def test_on_a_circle_the_values_are_the_fourier_coefficients_of_the_weights():
    X = circle(11)
    weights = np.exp(-((X - X[0]) ** 2).sum(axis=1) / (2 * 0.4**2))
    expected = np.sort(np.abs(np.fft.fft(weights / weights.sum()))[1:])[::-1]
    np.testing.assert_allclose(values(cl.rbf_context(X, 0.4)), expected, atol=1e-12)


@pytest.mark.parametrize("bandwidth", [0.7, 1.0, 2.0])
def test_on_a_bell_curve_the_bandwidth_is_a_correlation(bandwidth):
    # X ~ N(0, 1), A | x ~ N(x / (1 + h²), h² / (1 + h²)): a Gaussian pair, s_i = ρ^i
    X = norm.ppf((np.arange(800) + 0.5) / 800)[:, None]
    rho = 1 / np.sqrt(1 + bandwidth**2 * (1 + bandwidth**2))
    s = cl.singular_system(cl.rbf_context(X, bandwidth), 3).values
    np.testing.assert_allclose(s, rho ** np.arange(1, 4), atol=0.02)


def test_the_bandwidth_runs_from_identity_to_independence():
    X = cloud(10)
    for tiny in (1e-3, 1e-200, 5e-324):
        np.testing.assert_allclose(cl.rbf_context(X, tiny).conditional(), np.eye(10), atol=1e-12)
    for large in (1e9, 1e300):
        assert cl.rbf_context(X, large).chi2() < 1e-12


def test_the_bandwidth_is_in_the_units_of_the_points():
    X = cloud(20)
    same = cl.rbf_context(3 * X, 3 * 0.5)
    np.testing.assert_allclose(same.joint, cl.rbf_context(X, 0.5).joint, atol=1e-14)
    assert np.abs(cl.rbf_context(3 * X, 0.5).joint - same.joint).max() > 0.001


def test_no_new_point_is_too_far():
    context = cl.rbf_context([[0.0], [1.0], [2.0]], 0.01)
    np.testing.assert_allclose(context.conditional_at([[1e12], [-1e12]]), [[0, 0, 1], [1, 0, 0]])


def test_rbf_follows_the_order_of_the_points():
    X, order = cloud(20), np.random.default_rng(0).permutation(20)
    np.testing.assert_allclose(cl.rbf_context(X[order], 1).joint,
                               cl.rbf_context(X, 1).joint[order][:, order], atol=1e-16)


def test_the_eigenvalues_of_the_walk_are_singular_values_only_under_the_degrees():
    X = cloud(12, features=2)
    uniform = cl.rbf_context(X, 1.0)
    assert np.ptp(uniform.p_a) > 0.01  # the rows are normalised, the columns are not
    walk = np.sort(np.abs(np.linalg.eigvals(uniform.conditional())))[::-1][1:]
    assert np.abs(values(uniform) - walk).max() > 0.01
    degree = np.exp(-((X[:, None] - X[None]) ** 2).sum(axis=2) / 2).sum(axis=1)
    np.testing.assert_allclose(values(uniform.with_marginal_x(degree)), walk, atol=1e-10)


# -- labels -----------------------------------------------------------------------


def test_a_label_without_noise_has_ones_and_spans_the_indicators():
    y = np.array(["cat", "dog", "cat", "eel", "dog", "dog"])
    context = cl.label_context(y)
    system = cl.singular_system(context)
    np.testing.assert_allclose(system.values, [1, 1], atol=1e-12)
    assert context.a_labels == ["cat", "dog", "eel"]
    design = np.column_stack([np.ones(6), system.left])
    indicators = (y[:, None] == context.a_labels).astype(float)
    fitted = design @ np.linalg.lstsq(design, indicators, rcond=None)[0]
    np.testing.assert_allclose(fitted, indicators, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("noise", [0.1, 0.5, 0.9, 1])
def test_noise_shrinks_all_values_alike(classes, noise):
    s = values(cl.label_context(np.arange(4 * classes) % classes, noise))
    np.testing.assert_allclose(s, abs(1 - noise * classes / (classes - 1)), atol=1e-12)


@pytest.mark.parametrize("y", [[2, 1, 2], [0.5, -1.0, 0.5], ["b", "a", "b"], [True, False, True],
                               np.array(["b", "a", "b"], dtype=object), pd.Series(["b", "a", "b"]),
                               pd.Categorical(["b", "a", "b"])])
def test_labels_of_any_kind(y):
    context = cl.label_context(y)
    np.testing.assert_allclose(context.conditional().toarray(), [[0, 1], [1, 0], [0, 1]])


def test_one_class_says_nothing():
    assert cl.label_context(["a", "a"]).chi2() == pytest.approx(0)


# -- graphs -----------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 8])
def test_the_walk_on_a_cycle(n):
    expected = cl.gallery.cycle_walk(0, n).exact_values
    cosines = np.sort(np.abs(np.cos(2 * np.pi * np.arange(1, n) / n)))[::-1]
    for graph in (nx.cycle_graph(n), nx.to_numpy_array(nx.cycle_graph(n))):
        np.testing.assert_allclose(values(cl.graph_context(graph)), expected, atol=1e-10)
        np.testing.assert_allclose(expected, cosines, atol=1e-10)


@given(st.integers(2, 7), st.integers(0, 2**32 - 1))
def test_singular_values_are_the_sizes_of_the_walks_eigenvalues(n, seed):
    W = np.random.default_rng(seed).uniform(size=(n, n))
    W = W + W.T
    context = cl.graph_context(W)
    eigenvalues = np.linalg.eigvals(W / W.sum(axis=1, keepdims=True)).real
    expected = np.sort(np.abs(eigenvalues))[::-1][1:]
    np.testing.assert_allclose(values(context), expected, atol=1e-9)
    np.testing.assert_allclose(context.p_x, W.sum(axis=1) / W.sum())
    np.testing.assert_allclose(context.p_x, context.p_a)


def test_the_first_function_of_the_karate_club_foretells_its_split():
    graph = nx.karate_club_graph()
    context = cl.graph_context(nx.to_scipy_sparse_array(graph, weight=None))
    side = cl.singular_system(context, 1).left[:, 0] > 0
    club = np.array([graph.nodes[member]["club"] == "Officer" for member in graph])
    agree = np.mean(side == club)
    assert max(agree, 1 - agree) == pytest.approx(32 / 34)  # 94 %


def test_names_of_nodes_are_kept():
    graph = nx.Graph([("b", "a"), ("a", "c")])
    graph.add_node("alone")
    with pytest.raises(ValueError, match="alone"):
        cl.graph_context(graph)
    assert cl.graph_context(graph, drop_empty=True).x_labels == ["b", "a", "c"]
    table = nx.to_pandas_adjacency(nx.Graph([("b", "a"), ("a", "c")]))
    assert cl.graph_context(table).a_labels == ["b", "a", "c"]


# -- masks ------------------------------------------------------------------------


@pytest.mark.parametrize("build, setting", [(cl.knn_context, {"k": 4}),
                                            (cl.rbf_context, {"bandwidth": 0.8})])
def test_a_masked_context_is_the_average_over_masks(build, setting):
    X, new = cloud(15, features=4), cloud(3, features=4, seed=1)
    context = cl.masked(build, X, share=0.5, n_masks=7, rng=3, **setting)
    rng = np.random.default_rng(3)
    masks = [np.sort(rng.permutation(4)[:2]) for _ in range(7)]
    parts = [build(X[:, mask], **setting) for mask in masks]
    joint = np.mean([dense(part.joint) for part in parts], axis=0)
    np.testing.assert_allclose(dense(context.joint), joint, atol=1e-15)
    rows = [dense(part.conditional_at(new[:, mask])) for part, mask in zip(parts, masks)]
    np.testing.assert_allclose(dense(context.conditional_at(new)), np.mean(rows, axis=0),
                               atol=1e-15)


def test_many_masks_come_near_the_average_over_all():
    X = cloud(15, features=4)
    every = np.mean([cl.rbf_context(np.delete(X, j, axis=1), 1).joint for j in range(4)], axis=0)
    context = cl.masked(cl.rbf_context, X, bandwidth=1, share=0.25, n_masks=4000)
    np.testing.assert_allclose(context.joint, every, atol=0.002)


def test_a_seed_settles_the_masks_and_no_share_means_no_mask():
    X = cloud(15, features=6)
    first, again, other = (cl.masked(cl.knn_context, X, k=3, n_masks=3, rng=seed).joint
                           for seed in (1, 1, 2))
    assert (first != again).nnz == 0 and (first != other).nnz > 0
    plain = cl.masked(cl.knn_context, X, k=3, share=0, n_masks=3).joint
    assert abs(plain - cl.knn_context(X, 3).joint).max() < 1e-15


def test_a_small_share_of_few_features_still_masks_one():
    X = cloud(15, features=2)
    rows = cl.masked(cl.knn_context, X, k=1, share=0.01, n_masks=50, rng=0).conditional().toarray()
    np.testing.assert_allclose(rows, np.eye(15))
    assert cl.masked(cl.knn_context, X, k=2, share=0.01).joint.nnz > 30  # two different neighbours


def test_points_that_a_mask_makes_equal_share_their_mass():
    X = np.array([[0, 0.0], [0, 1], [0, 2], [5, 0]])
    context = cl.masked(cl.knn_context, X, k=1, share=0.5, n_masks=200, rng=0)
    assert (context.joint.diagonal() > 0).all()
    assert context.conditional_at(X).toarray() == pytest.approx(context.conditional().toarray())


# -- bad input --------------------------------------------------------------------

POINTS = cloud(5)


@pytest.mark.parametrize("build", [lambda X: cl.knn_context(X, 1), lambda X: cl.rbf_context(X, 1.0),
                                   lambda X: cl.masked(cl.knn_context, X, k=1)],
                         ids=["knn", "rbf", "masked"])
@pytest.mark.parametrize("X, error, words", [
    ([[1, 2], [np.nan, 3]], ValueError, r"X\[1, 0\] is nan; it must be finite"),
    ([[1, 2], [3, -np.inf]], ValueError, r"X\[1, 1\] is -inf; it must be finite"),
    ([[1, 2], [3, 1e200]], ValueError, r"X\[1, 1\] is 1e\+200"),
    ([1.0, 2.0], ValueError, r"X has shape \(2,\); it must be \(points, features\)"),
    (np.zeros((2, 2, 2)), ValueError, r"X has shape \(2, 2, 2\)"),
    (3.0, ValueError, r"X has shape \(\)"),
    (np.zeros((0, 2)), ValueError, r"X has shape \(0, 2\); it must be .*, and not empty"),
    (np.zeros((2, 0)), ValueError, r"X has shape \(2, 0\); it must be .*, and not empty"),
    ([[1, 2], [3]], ValueError, "X is not a rectangular array"),
    ([["a", "b"]], TypeError, "X has dtype <U1"),
    ("points", TypeError, "X has dtype"),
    (None, TypeError, "X has dtype object"),
    ([[1j, 2]], TypeError, "X has dtype complex128"),
    (sp.eye_array(3), TypeError, "X is sparse"),
])
def test_bad_points(build, X, error, words):
    with pytest.raises(error, match=words):
        build(X)


@pytest.mark.parametrize("kind", ["knn", "rbf", "masked knn", "masked rbf"])
@pytest.mark.parametrize("X_new, error, words", [
    ([[1, 2, np.nan]], ValueError, r"X_new\[0, 2\] is nan"),
    ([[1, 2]], ValueError, "X_new has 2 features; the context was made from 3"),
    ([1, 2, 3], ValueError, r"X_new has shape \(3,\)"),
    ([["a", "b", "c"]], TypeError, "X_new has dtype"),
])
def test_bad_new_points(kind, X_new, error, words):
    with pytest.raises(error, match=words):
        built()[kind][0].conditional_at(X_new)


@pytest.mark.parametrize("k, error, words", [
    (0, ValueError, "k is 0; it must be at least 1"), (-2, ValueError, "k is -2"),
    (6, ValueError, "k is 6; it must be smaller"), (5, ValueError, "k is 5; it must be smaller"),
    (True, TypeError, "k is True"), (2.0, TypeError, "k is 2.0"), ("3", TypeError, "k is '3'"),
    (None, TypeError, "k is None"), (np.nan, TypeError, "k is nan"),
])
def test_bad_k(k, error, words):
    with pytest.raises(error, match=words):
        cl.knn_context(POINTS, k)


@pytest.mark.parametrize("bandwidth, error, words", [
    (0, ValueError, "bandwidth is 0; it must be above 0"), (-1.5, ValueError, "bandwidth is -1.5"),
    (np.nan, ValueError, "bandwidth is nan; it must be finite"),
    (np.inf, ValueError, "bandwidth is inf"), ("1", TypeError, "bandwidth is '1'"),
    (None, TypeError, "bandwidth is None"), (True, TypeError, "bandwidth is True"),
    ([1.0], TypeError, "bandwidth is"), (1j, TypeError, "bandwidth is 1j"),
])
def test_bad_bandwidth(bandwidth, error, words):
    with pytest.raises(error, match=words):
        cl.rbf_context(POINTS, bandwidth)


@pytest.mark.parametrize("y, error, words", [
    ([], ValueError, "y is empty"), ([[1, 2]], ValueError, r"y has shape \(1, 2\)"),
    (3, ValueError, r"y has shape \(\)"), ("label", ValueError, r"y has shape \(\)"),
    ([1, np.nan], ValueError, r"y\[1\] is missing"),
    (["a", None], ValueError, r"y\[1\] is missing"),
    (["a", np.nan], ValueError, r"y\[1\] is missing"), (["a", 2], TypeError, r"y\[1\] is 2"),
])
def test_bad_labels(y, error, words):
    with pytest.raises(error, match=words):
        cl.label_context(y)


@pytest.mark.parametrize("noise, error, words", [
    (-0.1, ValueError, "noise is -0.1; it must be at least 0"),
    (1.1, ValueError, "noise is 1.1; it must be at most 1"),
    (np.nan, ValueError, "noise is nan"), ("a", TypeError, "noise is 'a'"),
])
def test_bad_noise(noise, error, words):
    with pytest.raises(error, match=words):
        cl.label_context([0, 1], noise)


def test_noise_needs_a_second_class():
    with pytest.raises(ValueError, match="y has one class only"):
        cl.label_context(["a", "a"], 0.1)


@pytest.mark.parametrize("as_given", [np.asarray, sp.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("adjacency, words", [
    ([[0, 1], [2, 0]], r"adjacency\[0, 1\] is 1, adjacency\[1, 0\] is 2; it must be symmetric"),
    ([[0, -1], [-1, 0]], r"adjacency\[0, 1\] is -1"),
    ([[0, np.nan], [np.nan, 0]], r"adjacency\[0, 1\] is nan"),
    ([[0, 1, 0], [1, 0, 1]], r"adjacency has shape \(2, 3\); it must be square"),
    ([[0, 0], [0, 0]], "adjacency has no edges"),
    ([[0, 1, 0], [1, 0, 0], [0, 0, 0]], "adjacency has no mass in row 2"),
])
def test_bad_adjacency(as_given, adjacency, words):
    with pytest.raises(ValueError, match=words):
        cl.graph_context(as_given(adjacency))


def test_other_bad_graphs():
    with pytest.raises(TypeError, match="adjacency has dtype"):
        cl.graph_context([["a", "b"], ["c", "d"]])
    with pytest.raises(ValueError, match="must be symmetric"):
        cl.graph_context(nx.DiGraph([(0, 1)]))
    with pytest.raises(ValueError, match="without nodes"):
        cl.graph_context(nx.Graph())
    with pytest.raises(ValueError, match=r"columns: .* 'b', 'c', .* rows are 'a', 'b'"):
        cl.graph_context(pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["b", "c"]))


@pytest.mark.parametrize("setting, error, words", [
    ({"share": 1}, ValueError, "share is 1; it must be below 1"),
    ({"share": -0.2}, ValueError, "share is -0.2"),
    ({"share": np.nan}, ValueError, "share is nan"),
    ({"share": "half"}, TypeError, "share is 'half'"),
    ({"share": 0.9}, ValueError, "share is 0.9: no feature is left of the 3"),
    ({"n_masks": 0}, ValueError, "n_masks is 0"),
    ({"n_masks": 2.5}, TypeError, "n_masks is 2.5"),
    ({"k": 9}, ValueError, "k is 9"),
])
def test_bad_masks(setting, error, words):
    with pytest.raises(error, match=words):
        cl.masked(cl.knn_context, POINTS, **{"k": 2, **setting})


@pytest.mark.parametrize("build, words", [
    ("knn", "build is 'knn'; it must be a function"),
    (lambda X: cl.Context.from_counts(np.eye(5)), "build returned Context"),
    (lambda X: cl.label_context([0, 1, 0, 1, 0]), "build returned Context"),
])
def test_bad_builders(build, words):
    with pytest.raises(TypeError, match=words):
        cl.masked(build, POINTS)
