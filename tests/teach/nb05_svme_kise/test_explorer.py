"""Reading a spectrum off an encoder: the estimates, their biases, and the picture of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import contexture_lite as cl
from contexture_lite.teach import ExtractionExplorer
from contexture_lite.teach.cast import members
from contexture_lite.teach.cast.sampled import (
    CONTEXTS,
    DRAWS,
    exact_moments,
    fresh_moments,
    learned,
    readings,
    ritz_values,
    samples,
)
from contexture_lite.teach.nb05_svme_kise.explorer import SIZES


def context_of(name, strength=0.6):
    return members.CAST[name].build(strength)


def top(context, d):
    """s_1² … s_d²."""
    return cl.singular_system(context).values[:d] ** 2


# ---- the encoder


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_encoder_is_the_singular_system_of_the_sample(name):
    context = context_of(name)
    d = min(3, min(context.shape) - 1)
    tables = samples(context, 2000, 4, 7)
    features, squares = learned(tables, d)
    for table, phi, values in zip(tables, features, squares, strict=True):
        empirical = cl.Context.from_counts(table, drop_empty=True)
        system = cl.singular_system(empirical)
        assert values == pytest.approx(system.values[:d] ** 2, abs=1e-9)
        p = table.sum(axis=1) / table.sum()
        there = values > 1e-9
        assert p @ phi == pytest.approx(np.zeros(d), abs=1e-6)
        assert (phi.T @ (p[:, None] * phi))[np.ix_(there, there)] == pytest.approx(
            np.eye(there.sum()), abs=1e-6)
        seen = empirical.expect_adjoint(phi[p > 0][:, there])  # RT of the sample is the top sum
        B = seen.T @ (empirical.p_a[:, None] * seen)
        assert np.trace(B) == pytest.approx(values.sum(), abs=1e-6)


@given(arrays(float, (1, 4, 3), elements=st.integers(0, 6).map(float)).filter(np.any))
def test_any_table_of_counts_gives_an_encoder(table):
    """Empty rows and columns, repeated values, one cell: ŝ² in [0, 1], their sum at most χ²."""
    features, squares = learned(table, 3)
    kept = table[0][table[0].any(axis=1)][:, table[0].any(axis=0)]
    assert np.isfinite(features).all() and (features[0, ~table[0].any(axis=1)] == 0).all()
    assert (squares >= 0).all() and (squares <= 1 + 1e-9).all()
    assert squares.sum() == pytest.approx(cl.Context.from_counts(kept).chi2(), abs=1e-8)


def test_unseen_inputs_get_the_mean():
    table = np.array([[[3.0, 1, 0], [0, 0, 0], [1, 2, 2]]])
    features, _ = learned(table, 2)
    assert (features[0, 1] == 0).all() and np.isfinite(features).all()


def test_beyond_the_rank_there_is_no_feature():
    features, squares = learned(np.array([[[2.0, 2], [4, 4]]]), 1)
    assert squares == pytest.approx(0) and (features == 0).all()


# ---- the moments


@pytest.mark.parametrize("name", CONTEXTS)
def test_exact_values_are_ritz_values_and_never_above_the_truth(name):
    context = context_of(name, 0.7)
    d = min(4, min(context.shape) - 1)
    for size in (50, 300):
        features, values = readings(context, d, size, draws=8)
        assert (values["exact"] <= top(context, d) + 1e-8).all()
        for phi, exact in zip(features, values["exact"], strict=True):
            if np.linalg.matrix_rank(phi - context.p_x @ phi) == d:
                assert exact == pytest.approx(cl.ritz(context, phi).values, abs=1e-7)


@pytest.mark.parametrize(
    "name, n", [("hypercube", 20), ("masked tokens", 30), ("four letters", 60)])
def test_fresh_moments_have_the_bias_that_is_stated(name, n):
    """20 000 samples of n pairs: Ĉ is unbiased, B̂ misses what is seen only once, no more."""
    context, draws = context_of(name), 20_000
    d = 2
    phi = np.random.default_rng(1).standard_normal((context.shape[0], d))
    C, B = exact_moments(context, phi[None])
    tables = samples(context, n, draws, 3)
    C_hat, B_hat = fresh_moments(tables, np.broadcast_to(phi, (draws, *phi.shape)))
    m, q = context.expect_adjoint(phi), context.p_a
    missed = m.T @ ((q * (1 - q) ** (n - 1))[:, None] * m)
    for estimates, wanted in ((C_hat, C[0]), (B_hat, B[0] - missed)):
        error = estimates.std(axis=0) / np.sqrt(draws)
        assert (np.abs(estimates.mean(axis=0) - wanted) < 4.5 * error).all()
    assert (np.linalg.eigvalsh(missed) > 0).all()  # what is missed is a loss, never a gain


def test_the_plug_in_moment_is_too_large():
    """Averages over few x, squared, count their own noise: the reason for `fresh_moments`."""
    context, n, draws = context_of("hypercube"), 40, 4000
    phi = np.random.default_rng(1).standard_normal((8, 1))
    tables = samples(context, n, draws, 3)
    _, B = exact_moments(context, phi[None])
    sums, n_a = tables.transpose(0, 2, 1) @ phi[:, 0], tables.sum(axis=1)
    means = np.divide(sums, n_a, out=np.zeros_like(sums), where=n_a > 0)
    plug_in = (n_a * means**2).sum(axis=1) / n - (sums.sum(axis=1) / n) ** 2
    _, fresh = fresh_moments(tables, np.broadcast_to(phi, (draws, 8, 1)))
    error = plug_in.std() / np.sqrt(draws)
    assert plug_in.mean() - B[0, 0, 0] > 20 * error
    assert abs(fresh.mean() - B[0, 0, 0]) < 0.1 * (plug_in.mean() - B[0, 0, 0])


def test_fresh_moments_by_hand():
    """Three pairs: (0, 0), (1, 0), (1, 1). Different pairs that share an a: the first two."""
    C, B = fresh_moments(np.array([[[1, 0], [1, 1]]]), np.array([[[0.0], [1.0]]]))
    assert C[0, 0, 0] == pytest.approx(np.var([0, 1, 1], ddof=1))
    apart = np.mean([0 * 1, 0 * 1, 1 * 1])  # products of all different pairs
    assert B[0, 0, 0] == pytest.approx(2 / 3 * (0 * 1) - apart)


def test_ritz_values_leave_out_what_has_no_variance():
    C, B = np.diag([2.0, 0.0, 1.0])[None], np.diag([1.0, 0.0, 0.8])[None]
    assert ritz_values(C, B)[0] == pytest.approx([0.8, 0.5, 0])
    assert ritz_values(0 * C, 0 * B)[0] == pytest.approx([0, 0, 0])


# ---- the biases


@pytest.mark.parametrize("name", ["hypercube", "binary tree", "cycle walk", "masked tokens"])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_pairs_flatter_and_fresh_pairs_do_not(name, seed):
    context, d = context_of(name, 0.5), 3
    truth = top(context, d).mean()
    _, values = readings(context, d, 100, draws=100, seed=seed)
    means = {way: each.mean(axis=1) for way, each in values.items()}
    assert means["same"].mean() > truth + 0.03
    assert means["exact"].max() <= truth + 1e-9
    assert abs(means["fresh"].mean() - means["exact"].mean()) < 0.06 < means["same"].mean() - truth


@pytest.mark.parametrize("seed", range(3))
def test_independence_read_off_the_same_pairs(seed):
    """All modes of n independent pairs: (N − 1)(M − 1)/(n − 1) instead of 0."""
    context, n, draws = context_of("four letters", 0.0), 60, 4000
    _, values = readings(context, 3, n, draws=draws, seed=seed)
    total = values["same"].sum(axis=1)
    assert total.mean() == pytest.approx(9 / (n - 1), abs=5 * total.std() / np.sqrt(draws))
    fresh = values["fresh"].mean(axis=1)
    assert abs(fresh.mean()) < 0.005


@pytest.mark.parametrize("name", CONTEXTS)
def test_with_all_pairs_there_is_no_luck(name):
    context = context_of(name)
    d = min(3, min(context.shape) - 1)
    _, values = readings(context, d, np.inf, draws=2)
    for each in values.values():
        assert each == pytest.approx(np.tile(top(context, d), (2, 1)), abs=1e-8)


# ---- the picture's numbers


def test_numbers_equal_direct_computation():
    explorer, rng = ExtractionExplorer(), np.random.default_rng(2)
    for _ in range(5):
        name, size, d = str(rng.choice(CONTEXTS)), SIZES[rng.integers(8)], int(rng.integers(1, 7))
        explorer.update(context=name, strength=0.5, n=size, d=d)
        context, values = context_of(name, 0.5), explorer.values()
        d = min(d, min(context.shape) - 1)
        assert values["truth"] == pytest.approx(np.pad(top(context, d), (0, d))[:d].mean())
        features, drawn = readings(context, d, size)
        for way in ("same", "fresh", "exact"):
            assert values[way] == pytest.approx(drawn[way].mean())
        assert features.shape[0] == DRAWS


def test_nothing_to_learn_is_said_so():
    explorer = ExtractionExplorer("hypercube", 0.0, 50, 6)
    values = explorer.values()
    assert values["truth"] == 0
    assert values["same"] > 0.1 > abs(values["fresh"]) and values["exact"] < 1e-9
