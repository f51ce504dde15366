"""Neighbours by an index: what it finds, what it says of what it misses."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

import contexture_lite as cl
from contexture_lite.empirical.inverted_lists import Best

RNG = np.random.default_rng(3)


def curved(n, features=16):
    Z = RNG.standard_normal((n, 3))
    return np.sin(Z @ RNG.standard_normal((3, features)))


POINTS = curved(3000)


def found(near, X=POINTS):
    k = near.positions.shape[1]
    exact = NearestNeighbors(n_neighbors=k).fit(X).kneighbors(X, return_distance=False)
    return np.mean([len(set(a) & set(b)) / k for a, b in zip(exact, near.positions)])


@pytest.fixture(scope="module")
def context():
    return cl.approximate_knn_context(POINTS, 10, recall=0.99)


def test_exact_neighbours_are_exact():
    for X in (POINTS, POINTS[:, :4]):
        near = cl.nearest_neighbours(X, 7)
        assert found(near, X) == 1 and near.recall == 1 and "exact" in repr(near)
        assert (near.positions[:, 0] == np.arange(len(X))).all()


@pytest.mark.parametrize("recall", [0.9, 0.998])
def test_an_index_has_the_recall_that_it_says(recall):
    near = cl.nearest_neighbours(POINTS, 10, exact=False, recall=recall)
    assert near.recall >= recall and 0 < near.probed < near.cells
    assert found(near) == pytest.approx(near.recall, abs=0.005 if recall > 0.99 else 0.02)
    rows = np.arange(len(POINTS))[:, None]
    assert (near.positions == rows).any(axis=1).all()  # a point is its own neighbour
    assert all(len(set(row)) == 10 for row in near.positions)


def test_more_cells_are_looked_into_for_a_higher_recall():
    low, high = (cl.nearest_neighbours(POINTS, 10, exact=False, recall=recall)
                 for recall in (0.8, 0.999))
    assert low.probed < high.probed and low.recall < high.recall


def test_a_recall_that_is_not_reached_is_refused():
    scattered = RNG.standard_normal((5001, 60))
    with pytest.raises(RuntimeError, match=r"recall is 0\.\d+ after .* use the exact search"):
        cl.approximate_knn_context(scattered, 10)


def test_the_context_is_nearly_the_exact_one_and_says_what_it_is(context):
    exact = cl.knn_context(POINTS, 10)
    assert context.p_x == pytest.approx(1 / 3000) and context.joint.nnz == 30_000
    shared = (context.joint.minimum(exact.joint)).sum()
    assert shared == pytest.approx(context.recall, abs=0.005) and shared > 0.985
    assert context.pieces == context.components()[0]
    assert f"recall {context.recall:.4f}" in repr(context) and "piece" in repr(context)


def test_the_spectrum_of_a_good_index_is_that_of_the_exact_context():
    context = cl.approximate_knn_context(POINTS, 10, recall=0.999)
    approximate, exact = (cl.singular_system(c, 6) for c in (context, cl.knn_context(POINTS, 10)))
    assert approximate.values == pytest.approx(exact.values, abs=5e-3)
    assert approximate.residual < 1e-6


def test_pieces_are_counted():
    apart = np.vstack([curved(400), curved(400) + 50])
    context = cl.approximate_knn_context(apart, 5, recall=0.9)
    assert context.pieces >= 2 and f"in {context.pieces} pieces" in repr(context)
    assert cl.singular_system(context, 1).values[0] == 1


def test_new_points_have_neighbours_too(context):
    again = context.conditional_at(POINTS[:50])
    old = context.conditional()[:50]
    assert (again.minimum(old)).sum(axis=1).mean() > 0.97
    assert again.sum(axis=1) == pytest.approx(1)
    system = cl.singular_system(context, 2)
    assert np.corrcoef(system.extend(again)[:, 0], system.left[:50, 0])[0, 1] > 0.99


def test_copies_do_not_stop_it():
    near = cl.nearest_neighbours(np.repeat(POINTS[:300], 3, axis=0), 5, exact=False)
    assert near.positions.shape == (900, 5)
    assert cl.approximate_knn_context(np.zeros((50, 2)), 3).shape == (50, 50)


def test_positions_and_distances_are_small_numbers():
    best = Best(5, 2)
    assert best.squared.dtype == np.float32 and best.positions.dtype == np.int32


def test_a_bar_may_be_shown(capsys):
    cl.nearest_neighbours(POINTS[:600], 5, exact=False, progress=True)
    assert "%|" in capsys.readouterr().err
    cl.nearest_neighbours(POINTS[:600], 5, exact=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("options", "words"), [
    ({"k": 3000}, "k is 3000; it must be smaller"), ({"k": 0}, "k is 0"),
    ({"k": 5, "recall": 0.0}, "recall is 0"), ({"k": 5, "recall": 1.1}, "recall is 1.1"),
])
def test_bad_input_is_named(options, words):
    for build in (cl.nearest_neighbours, cl.approximate_knn_context):
        with pytest.raises(ValueError, match=words):
            build(POINTS, **options)
    with pytest.raises(ValueError, match=r"X\[1, 0\] is nan"):
        cl.approximate_knn_context([[0.0], [np.nan], [1.0]], 1)
