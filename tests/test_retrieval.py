"""Towers, recall, ceilings and InfoNCE's value against closed forms, enumeration and simulation."""

import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import logsumexp

import contexture_lite as cl
from contexture_lite import gallery, retrieval

RNG = np.random.default_rng(0)
CONTEXT = cl.Context.from_counts(RNG.gamma(0.5, size=(3, 4)) + 0.02)


def ratio(context):
    return context.joint / np.multiply.outer(context.p_x, context.p_a)


# -- towers ---------------------------------------------------------------------------


def correlated(n=400):
    Z = RNG.standard_normal((n, 3))
    return (Z @ RNG.standard_normal((3, 5)) + RNG.standard_normal((n, 5)),
            Z @ RNG.standard_normal((3, 4)) + RNG.standard_normal((n, 4)))


def test_towers_are_canonical_correlations_and_their_loss_is_minus_the_sum_of_squares():
    X, A = correlated()
    towers = retrieval.linear_towers(X, A, 4)
    assert towers.values == pytest.approx(cl.alignment.canonical_correlations(X, A))
    products = towers.of_x(X) @ towers.of_a(A).T
    loss = -2 * np.diag(products).mean() + (products**2).mean()
    assert loss == pytest.approx(-(towers.values**2).sum())


def test_gradient_descent_finds_nothing_better():
    from scipy.optimize import minimize

    X, A = correlated(60)
    X, A, d, n = X - X.mean(0), A - A.mean(0), 2, 60

    def loss(u):
        W, V = u[:5 * d].reshape(5, d), u[5 * d:].reshape(4, d)
        S = (X @ W) @ (A @ V).T
        D = -2 * np.eye(n) / n + 2 * S / n**2
        value = -2 * np.trace(S) / n + (S**2).mean()
        return value, np.r_[(X.T @ D @ (A @ V)).ravel(), (A.T @ D.T @ (X @ W)).ravel()]

    best = min((minimize(loss, RNG.standard_normal(9 * d), jac=True) for _ in range(4)),
               key=lambda run: run.fun)
    towers = retrieval.linear_towers(X, A, d)
    assert best.fun == pytest.approx(-(towers.values**2).sum(), abs=1e-6)
    W, V = best.x[:5 * d].reshape(5, d), best.x[5 * d:].reshape(4, d)
    assert np.allclose(W @ V.T, towers.x_map @ towers.a_map.T, atol=1e-3)


def test_weights_are_repetitions_and_constant_features_are_left_out():
    X, A = correlated(50)
    times = RNG.integers(1, 4, 50)
    X = np.c_[X, np.full(50, 3.0)]
    weighted = retrieval.linear_towers(X, A, 3, weights=times)
    repeated = retrieval.linear_towers(np.repeat(X, times, 0), np.repeat(A, times, 0), 3)
    assert np.allclose(weighted.values, repeated.values)
    assert np.allclose(weighted.scores(X, A), repeated.scores(X, A))
    assert np.allclose(weighted.x_map[-1], 0)


def test_towers_are_balanced_and_a_ridge_makes_the_values_smaller():
    X, A = correlated()
    towers = retrieval.linear_towers(X, A, 3)
    for rows in (towers.of_x(X), towers.of_a(A)):
        assert (rows**2).mean(axis=0) == pytest.approx(towers.values)
    assert (retrieval.linear_towers(X, A, 3, ridge=1.0).values < towers.values).all()
    assert "d=3" in repr(towers)


def test_unrelated_features_end_at_the_noise_edge():
    for n, d_x, d_a in ((1200, 100, 100), (900, 150, 40)):
        X, A = RNG.standard_normal((n, d_x)), RNG.standard_normal((n, d_a))
        top = retrieval.linear_towers(X, A, 1).values[0]
        assert top == pytest.approx(retrieval.noise_edge(n, d_x, d_a), abs=0.02)
    assert retrieval.noise_edge(1201, 100, 100) == pytest.approx(0.553, abs=5e-4)
    assert retrieval.noise_edge(50, 25, 25) == 1


# -- recall ---------------------------------------------------------------------------


def test_ties_are_broken_at_random():
    """By brute force over all orders of the gallery."""
    scores = np.array([[1.0, 1, 0, 1], [2, 1, 1, 0], [0, 0, 0, 0]])
    for k in (1, 2, 3, 4):
        hits = [np.mean([list(sorted(order, key=lambda j: -row[j])).index(i) < k
                         for order in itertools.permutations(range(4))])
                for i, row in enumerate(scores)]
        assert retrieval.recall_at(scores, k) == pytest.approx(np.mean(hits))


def test_recall_of_frames_is_by_name():
    scores = pd.DataFrame(RNG.random((4, 4)), index=list("abcd"), columns=list("abcd"))
    moved = scores[list("dbca")]
    assert retrieval.recall_at(moved, 1) == retrieval.recall_at(scores, 1)


def test_no_decoder_beats_the_ceiling():
    for power in (1, 3, 9):
        context = cl.Context.from_counts(CONTEXT.joint[:, :3] ** power)
        information, q, r = context.mutual_information(), context.p_a, ratio(context)
        for n, k in ((4, 1), (5, 2)):
            best = 0.0
            for x, gallery_ in itertools.product(range(3), itertools.product(range(3), repeat=n)):
                items = list(gallery_)
                chances = np.sort(context.p_x[x] * r[x, items] * np.prod(q[items]) / n)
                best += chances[::-1][:k].sum()
            assert best <= retrieval.information_ceiling(information, n, k) + 1e-12
    assert retrieval.information_ceiling(0.0, 10**6) == pytest.approx(np.log(2) / np.log(10**6))
    assert retrieval.information_ceiling(50.0, 10) == 1


def test_the_gaussian_score_is_the_log_ratio_of_densities():
    rho, x, a = np.array([0.9, -0.6, 0.0]), RNG.standard_normal((2, 3)), RNG.standard_normal((4, 3))
    scores = retrieval.best_gaussian_score(x, a, rho)
    for i, j in itertools.product(range(2), range(4)):
        wanted = sum(stats.multivariate_normal([0, 0], [[1, s], [s, 1]]).logpdf([u, v])
                     - stats.norm.logpdf(u) - stats.norm.logpdf(v)
                     for s, u, v in zip(rho, x[i], a[j]))
        assert scores[i, j] == pytest.approx(wanted)
    nearest = ((a[:, :2] - x[0, :2] / rho[:2]) ** 2 @ (rho**2 / (1 - rho**2))[:2]).argsort()
    assert (nearest == np.argsort(-scores[0])).all()


@pytest.mark.parametrize(("rho", "D", "n", "k"), [(0.9, 2, 20, 1), (0.7, 4, 50, 5)])
def test_gaussian_recall_is_that_of_simulated_retrieval(rho, D, n, k):
    rng, hits, queries = np.random.default_rng(7), 0, 1500
    for _ in range(queries):
        x, a = rng.standard_normal((1, D)), rng.standard_normal((n, D))
        a[0] = rho * x[0] + math.sqrt(1 - rho**2) * a[0]
        hits += retrieval.recall_at(retrieval.best_gaussian_score(x, a, np.full(D, rho)), k)
    wanted = retrieval.gaussian_recall(rho, D, n, k, draws=20_000)
    assert abs(hits / queries - wanted) < 3.5 * math.sqrt(wanted * (1 - wanted) / queries)


def test_gaussian_recall_of_a_gallery_of_a_million():
    assert retrieval.gaussian_recall(0.7, 8, 10**3) == pytest.approx(0.140, abs=0.02)
    assert retrieval.gaussian_recall(0.5, 96, 10**4) == pytest.approx(0.923, abs=0.02)
    assert retrieval.gaussian_recall(0.7, 8, 10**6) < 0.01
    assert retrieval.gaussian_recall(0.7, 8, 5, 5) == 1


# -- InfoNCE --------------------------------------------------------------------------


def by_enumeration(context, K):
    """log K − L_K at log r, all galleries of K − 1."""
    q, r, value = context.p_a, ratio(context), 0.0
    for others in itertools.product(range(context.shape[1]), repeat=K - 1):
        others = list(others)
        for x, a in itertools.product(*map(range, context.shape)):
            if r[x, a] > 0:
                value += (context.joint[x, a] * np.prod(q[others])
                          * np.log(K * r[x, a] / (r[x, a] + r[x, others].sum())))
    return value


@pytest.mark.parametrize("K", [2, 3, 5])
@pytest.mark.parametrize("context", [
    CONTEXT, gallery.erasure(0.6, n=3), gallery.binary_channel(1.0)], ids=str)
def test_infonce_value_is_the_mean_over_all_galleries(context, K):
    assert retrieval.infonce_value(context, K) == pytest.approx(by_enumeration(context, K),
                                                                abs=1e-12)


@pytest.mark.parametrize(("K", "shown"), [(2, 0.692), (64, 4.116), (256, 5.377), (1024, 6.347),
                                          (4096, 6.778), (16384, 6.877), (65536, 6.900)])
def test_a_thousand_items_each_its_own_picture(K, shown):
    """log K − E log(1 + Bin(K − 1, 1/M)): the table to three decimals, and to ten digits."""
    context = cl.Context.from_counts(cl.graph_context(np.eye(1000)).joint)
    value, counts = retrieval.infonce_value(context, K), np.arange(K)
    exact = math.log(K) - stats.binom.pmf(counts, K - 1, 1 / 1000) @ np.log1p(counts)
    assert value == pytest.approx(exact, abs=1e-10) and round(value, 3) == shown
    assert retrieval.infonce_bias(context, K) == pytest.approx(999 / (2 * K))


def test_the_bias_is_the_spectrum():
    information = CONTEXT.mutual_information()
    for K in (10**4, 10**6):
        missing = information - retrieval.infonce_value(CONTEXT, K)
        assert missing == pytest.approx(retrieval.infonce_bias(CONTEXT, K), rel=20 / K**0.5)
    assert retrieval.infonce_value(gallery.independent(4), 9) == pytest.approx(0, abs=1e-12)


def k_way(critic, positives, negatives, K):
    """The loss by enumeration of one input."""
    others = np.array(list(itertools.product(range(len(critic)), repeat=K - 1)))
    rest = logsumexp(critic[others], axis=1)
    each = np.logaddexp(critic, rest[:, None]) - critic
    return np.prod(negatives[others], axis=1) @ each @ positives


def test_critics_are_the_best_ones_of_three_candidates():  # of two: claims log-q, hard-negatives
    from scipy.optimize import minimize

    q, other = CONTEXT.p_a, np.array([0.4, 0.3, 0.2, 0.1])
    r = ratio(CONTEXT)[0]
    positives = CONTEXT.joint[0] / CONTEXT.p_x[0]
    cases = [(retrieval.log_q_critic(CONTEXT), q), (retrieval.log_q_critic(CONTEXT, other), other),
             (retrieval.log_q_critic(CONTEXT, other, corrected=True) - np.log(other), other),
             (retrieval.hard_critic(CONTEXT, 0.5), q * r**0.5 / (q @ r**0.5)),
             (retrieval.hard_critic(CONTEXT, 2.0), q * r**2 / (q @ r**2)),
             (retrieval.hard_critic(CONTEXT, 0.5, refreshed=True),
              q * r ** (1 / 3) / (q @ r ** (1 / 3)))]
    for critic, negatives in cases:
        best = minimize(lambda f: k_way(f, positives, negatives, 3), np.zeros(4),  # noqa: B023
                        options={"gtol": 1e-8})
        assert np.allclose(best.x - best.x.mean(), critic[0] - critic[0].mean(), atol=1e-5)


def test_at_beta_one_nothing_is_learned():
    critic = retrieval.hard_critic(gallery.erasure(0.6, n=3), 1.0)
    assert set(np.unique(critic)) == {-np.inf, 0.0}
    assert (retrieval.hard_critic(CONTEXT, 0.0) == retrieval.log_q_critic(CONTEXT)).all()


# -- negatives --------------------------------------------------------------------------


def test_all_negatives_in_single_precision():  # in double: claim all-negatives, and notebook 14
    phi, psi = RNG.standard_normal((2, 1000, 16))
    rounded = retrieval.all_negatives_loss(phi.astype(np.float32), psi.astype(np.float32))
    assert rounded == pytest.approx(retrieval.all_negatives_loss(phi, psi), abs=1e-5)


def test_a_million_million_negatives_cost_as_much_as_sixteen_squared_columns():
    """Eight times the rows, at most some sixteen times the time: no pair is ever looked at."""
    phi = RNG.standard_normal((40_000, 16))
    start = time.process_time()
    retrieval.all_negatives_loss(phi[:5000], phi[:5000])
    few = time.process_time() - start
    start = time.process_time()
    retrieval.all_negatives_loss(phi, phi)
    assert time.process_time() - start < 30 * max(few, 1e-3)


def test_the_loss_is_unbiased_on_batches_of_two():
    phi, psi, cells = RNG.standard_normal((3, 2)), RNG.standard_normal((4, 2)), CONTEXT.joint
    mean = sum(cells[x, a] * cells[y, b] * retrieval.all_negatives_loss(phi[[x, y]], psi[[a, b]])
               for x, a, y, b in itertools.product(range(3), range(4), range(3), range(4)))
    products = phi @ psi.T
    population = -2 * (cells * products).sum() + CONTEXT.p_x @ products**2 @ CONTEXT.p_a
    assert mean == pytest.approx(population)


def test_a_number_that_is_not_finite_is_named_and_so_is_an_overflow():
    phi = RNG.standard_normal((5, 2))
    psi = phi.copy()
    psi[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"psi\[3, 1\] is nan"):
        retrieval.all_negatives_loss(phi, psi)
    with np.errstate(over="ignore", invalid="ignore"):
        with pytest.raises(ValueError, match="too large"):
            retrieval.all_negatives_loss(1e200 * phi, 1e200 * phi)


def test_the_drift_of_a_queue_is_that_of_averaged_random_walks():
    for m, j in ((0.9, 5), (0.99, 40), (0.999, 256)):
        t = np.arange(40_000)
        weights = 1 - m ** (t + 1.0)
        weights[j:] -= 1 - m ** (t[:-j] + 1.0)
        assert retrieval.queue_drift(m, j) == pytest.approx((weights**2).sum() / j)
    assert retrieval.queue_drift(0.999, 256) == pytest.approx(0.118, abs=5e-4)
    assert retrieval.queue_drift(0.0, 7) == 1


def test_a_modality_gap_is_free_and_large():
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True)
            for rows in RNG.standard_normal((2, 9, 4))]
    apart = retrieval.with_modality_gap(*unit, 0.8)
    assert all(np.allclose(np.linalg.norm(rows, axis=1), 1) for rows in apart)
    assert (np.argsort(apart[0] @ apart[1].T) == np.argsort(unit[0] @ unit[1].T)).all()
    assert (apart[0] @ apart[0].T).min() > (apart[0] @ apart[1].T).max()  # γ² > ½


@pytest.mark.parametrize(("name", "options", "words"), [
    ("linear_towers", {"X": np.eye(3), "A": np.eye(4), "d": 1}, r"A has shape \(4, 4\)"),
    ("linear_towers", {"X": np.eye(3), "A": np.eye(3), "d": 3}, "d is 3; X and A have 2 pairs"),
    ("linear_towers", {"X": np.eye(3), "A": np.eye(3), "d": 1, "ridge": -1}, "ridge is -1"),
    ("recall_at", {"scores": np.ones((3, 2)), "k": 1}, "as many columns as rows"),
    ("recall_at", {"scores": np.eye(3), "k": 4}, "k is 4; the gallery has 3"),
    ("recall_at", {"scores": np.eye(3), "k": 0}, "k is 0"),
    ("information_ceiling", {"information": -1, "n": 9}, "information is -1"),
    ("information_ceiling", {"information": 1, "n": 3, "k": 3}, "n is 3; it must be at least 4"),
    ("best_gaussian_score", {"x": np.eye(2), "a": np.eye(2), "rho": [0.5, 1.0]}, r"rho\[1\] is 1"),
    ("best_gaussian_score", {"x": np.eye(2), "a": np.eye(3), "rho": [0.5, 0.5]}, "a has shape"),
    ("gaussian_recall", {"rho": 1, "dimension": 2, "n": 9}, "rho is 1"),
    ("infonce_value", {"context": CONTEXT, "candidates": 1}, "candidates is 1"),
    ("log_q_critic", {"context": CONTEXT, "drawn_from": [0, 1, 1, 1]}, r"drawn_from\[0\] is 0"),
    ("hard_critic", {"context": CONTEXT, "beta": -1}, "beta is -1"),
    ("all_negatives_loss", {"phi": np.eye(3), "psi": np.ones((3, 2))}, r"psi has shape \(3, 2\)"),
    ("all_negatives_loss", {"phi": np.ones((1, 2)), "psi": np.ones((1, 2))}, "phi has one row"),
    ("queue_drift", {"momentum": 1, "age": 3}, "momentum is 1"),
    ("with_modality_gap", {"phi": np.eye(2), "psi": np.eye(2), "gamma": 1}, "gamma is 1"),
    ("noise_edge", {"n": 0, "d_x": 1, "d_a": 1}, "n is 0"),
])
def test_bad_input_is_named(name, options, words):
    with pytest.raises(ValueError, match=words):
        getattr(retrieval, name)(**options)


def test_what_is_no_context_is_refused():
    with pytest.raises(TypeError, match="context is a ndarray"):
        retrieval.infonce_value(np.eye(2), 2)
