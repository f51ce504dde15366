"""The contexts of the sweep, by a second route."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sweeping import points

import contexture_lite as cl
from contexture_lite.empirical.points import gaussian_rows
from contexture_lite.experiment import families, protocol


def parts_of(n):
    return protocol.split(n, np.random.default_rng(1))


@pytest.mark.parametrize("family", ["rbf", "masked rbf"])
def test_kernel_contexts_are_those_of_the_package(family):
    Z, strengths = points(50), 4
    parts = parts_of(len(Z))
    trained, labelled, test = (Z[part] for part in parts)
    made = list(families.conditionals(family, Z, parts, strengths, np.random.default_rng(5)))
    masks = families._masks(5, np.random.default_rng(5), 50) if "masked" in family else [range(5)]
    sizes = np.geomspace(0.9 * len(trained), 2, strengths)
    for bandwidth, rows in zip(families.bandwidths(trained, masks, sizes), made):
        if "masked" in family:
            context = cl.masked(cl.rbf_context, trained, bandwidth=bandwidth,
                                rng=np.random.default_rng(5))
        else:
            context = cl.rbf_context(trained, bandwidth)
        for table, new in zip(rows, (trained, labelled, test)):
            assert np.allclose(table, context.conditional_at(new), atol=1e-5)  # single precision


@pytest.mark.parametrize("family", ["knn", "masked knn"])
def test_neighbour_contexts_are_those_of_the_package(family):
    Z, strengths = points(50), 4
    parts = parts_of(len(Z))
    trained, labelled, test = (Z[part] for part in parts)
    made = families.conditionals(family, Z, parts, strengths, np.random.default_rng(5))
    for k, rows in zip([27, 11, 5, 2], made):
        if "masked" in family:
            context = cl.masked(cl.knn_context, trained, k=k, rng=np.random.default_rng(5))
        else:
            context = cl.knn_context(trained, k)
        for table, new in zip(rows, (trained, labelled, test)):
            assert np.allclose(table, context.conditional_at(new).toarray(), atol=1e-6)


@pytest.mark.parametrize("family", families.FAMILIES)
def test_some_of_the_strengths_are_what_they_are_among_all(family):
    Z, parts = points(50), parts_of(50)
    whole, some = ([*families.weights(family, Z, parts, 6, np.random.default_rng(5), 4, places)]
                   for places in (slice(None), slice(2, 4)))
    assert len(some) == 2 and np.array_equal(some, whole[2:4])


def test_copies_go_to_the_first_and_a_copy_that_is_nobodys_context_has_no_column():
    Z = np.repeat(points(6), 4, axis=0)  # every point four times
    parts = np.arange(0, 24), np.arange(0, 4), np.arange(4, 8)
    *_, (trained, labelled, _) = families.conditionals("knn", Z, parts, 2, None)
    assert trained.shape == (24, 12)  # K = 2: the first two copies of each place
    assert np.allclose(trained[:4, :2], 0.5) and np.allclose(labelled, trained[:4])


def test_a_point_with_nobodys_contexts_knows_nothing():
    rows = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 3]])
    used = families.used_columns(rows, 2)
    assert used.tolist() == [True, True, False]
    assert np.allclose(families.normalised(rows, used), [[1, 0], [0, 1], [0.5, 0.5]])


def test_bandwidths_give_the_perplexities_asked_for():
    Z, sizes = points(140, 4), np.geomspace(126, 2, 6)
    for size, bandwidth in zip(sizes, families.bandwidths(Z, [range(4)], sizes)):
        reached = families.perplexity(cl.rbf_context(Z, bandwidth).conditional())
        assert reached == pytest.approx(size, rel=0.05)


@pytest.mark.parametrize("sizes", [[0.5, 7], [1e9, 1], np.geomspace(126, 2, 6)])
def test_bandwidths_are_those_of_the_whole_grid(sizes):
    """Although only what lies around the sizes is tried, from end to end and beyond it."""
    squared = cdist(points(140, 4), points(140, 4), "sqeuclidean")
    grid = np.sqrt(np.median(squared) + 1e-12) * np.geomspace(1e-3, 1e2, 61)
    reached = [families.perplexity(gaussian_rows(squared, h)) for h in grid]
    rising = np.maximum.accumulate(reached) + 1e-9 * np.arange(61)
    wanted = np.exp(np.interp(np.log(sizes), np.log(rising), np.log(grid)))
    found = families.bandwidths(points(140, 4), [slice(None)], np.array(sizes))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_perplexity_of_equal_shares_is_their_number():
    rows = np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0, 0.5, 0]])
    assert families.perplexity(rows) == pytest.approx(3)


def test_a_whole_row_is_the_exact_context():
    channel = [np.full((2, 3), 1 / 3)] * 3
    assert families.sampled(channel, np.inf, None) is channel
    drawn = families.sampled(channel, 4, np.random.default_rng(0))
    assert all(np.allclose(part.sum(axis=1), 1) and np.allclose(part * 4, np.round(part * 4))
               for part in drawn)
