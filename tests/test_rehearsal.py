"""Rehearsal on invented tasks: brute force, invariances, what it sees and what it refuses."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.linear_model import Ridge

import contexture_lite as cl
from contexture_lite import rehearsal


def cloud(m=120, columns=4, seed=0):
    """(functions, columns) of m points: waves of the first two columns, and noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, columns)) * [10.0**i for i in range(columns)] + 5
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    waves = [np.cos(k * z[:, i]) for k in (1, 2, 3) for i in range(2)]
    return np.column_stack([*z.T, *waves, *rng.normal(size=(20, m))]), X


def least_left_out(features, y):
    """(T,) least mean of `rehearsal.squares_left_out` over the penalties."""
    u, s, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    return rehearsal.squares_left_out(u, s, y, rehearsal.PENALTIES).mean(axis=1).min(axis=0)


def test_the_left_out_error_is_that_of_fits_without_each_point():
    features, X = cloud(m=25)
    features, y = features[:, :5], rehearsal.tasks(X, 1)["smooth"]
    wanted = []
    for penalty in rehearsal.PENALTIES:
        missed = []
        for out in range(25):
            rest = np.arange(25) != out
            fit = Ridge(alpha=penalty).fit(features[rest], y[rest])
            missed.append(y[out] - fit.predict(features[[out]]))
        wanted.append(np.mean(np.square(missed)))
    # the middle of the columns is taken from all points: a little less is left out
    assert least_left_out(features, y)[0] == pytest.approx(min(wanted), rel=0.03)
    centred = features - features.mean(axis=0)
    exact = []
    for penalty in rehearsal.PENALTIES:
        hat = centred @ np.linalg.solve(centred.T @ centred + penalty * np.eye(5), centred.T)
        exact.append((((y - hat @ y)[:, 0] / (1 - 1 / 25 - np.diag(hat))) ** 2).mean())
    assert least_left_out(features, y)[0] == pytest.approx(min(exact), rel=1e-9)


def test_the_risk_is_the_formula():
    features, X = cloud()
    found = rehearsal.risk(features, X, noise=0.3, each=2, dimensions=(1, 4, 16), rng=5)
    every = np.hstack([*rehearsal.tasks(X, 2, 5).values()])
    least = np.min([least_left_out(features[:, :d], every) + 0.3 * d / 121
                    for d in (1, 4, 16)], axis=0).clip(max=1)
    assert found.value == pytest.approx(least.mean()) and found.better == "smaller"
    assert list(found.terms) == ["linear", "smooth", "rules"]
    assert np.mean([*found.terms.values()]) == pytest.approx(found.value)
    assert found.terms["smooth"] == pytest.approx(least[2:4].mean())


@pytest.mark.parametrize("seed", range(3))
def test_tasks_are_what_they_are_called(seed):
    X = cloud(m=400, seed=seed)[1]
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    invented = rehearsal.tasks(X, 20, seed)
    for values in invented.values():
        assert values.shape == (400, 20)
        assert np.allclose(values.mean(axis=0), 0) and np.allclose(values.std(axis=0), 1)
    left = [y - z @ np.linalg.lstsq(z, y, rcond=None)[0] for y in invented.values()]
    assert np.allclose(left[0], 0) and np.abs(left[1]).max() > 0.1
    assert max(len(np.unique(rule)) for rule in invented["rules"].T) <= 8


def test_a_smooth_task_is_a_draw_of_the_gaussian_process():
    """Its covariance is the Gaussian kernel of that bandwidth, times half the number of waves."""
    z, rng, h = np.random.default_rng(0).normal(size=(6, 3)), np.random.default_rng(1), 1.7
    draws = np.array([rehearsal._wave(z, h, rng) for _ in range(4000)])
    kernel = np.exp(-squareform(pdist(z, "sqeuclidean")) / (2 * h**2))
    assert np.cov(draws.T) / (rehearsal.WAVES / 2) == pytest.approx(kernel, abs=0.1)


def test_units_of_the_columns_and_constant_ones_do_not_count():
    features, X = cloud()
    other = np.column_stack([X * [3, 0.1, 7, 1] - 2, np.full(len(X), 4.0)])
    assert rehearsal.risk(features, other).value == pytest.approx(
        rehearsal.risk(features, X).value, rel=1e-9)


def test_a_turn_of_functions_that_share_a_value_changes_nothing():
    features, X = cloud()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    turned = np.column_stack([features[:, :4] @ turn, features[:, 4:]])
    settings = {"dimensions": (4, 8, 16)}
    assert rehearsal.risk(turned, X, **settings).value == pytest.approx(
        rehearsal.risk(features, X, **settings).value, rel=1e-9)


def test_more_tasks_give_the_same_value_within_the_error():
    features, X = cloud()
    few = [rehearsal.risk(features, X, each=4, rng=seed).value for seed in range(12)]
    many = rehearsal.risk(features, X, each=60, rng=99).value
    assert abs(np.mean(few) - many) < 3 * np.std(few, ddof=1) / np.sqrt(12) * np.sqrt(1 + 12 / 15)


@pytest.mark.parametrize("seed", range(3))
def test_the_functions_of_strangers_are_worth_nothing(seed):
    """Same singular values, other points' functions: no score of the spectrum can tell."""
    rng = np.random.default_rng(seed)
    X = cl.datasets.digits().X[rng.permutation(1797)[:500]]
    context = cl.knn_context(X[:300], 15)
    system = cl.singular_system(context, d=65)
    features = system.extend(context.conditional_at(X[300:]))
    settings = {"dimensions": (1, 2, 4, 8, 16, 32, 64), "rng": seed}
    own = rehearsal.risk(features, X[300:], **settings).value
    assert own < 0.8
    strangers = rehearsal.risk(features[rng.permutation(200)], X[300:], **settings).value
    assert 0.95 < strangers <= 1


def test_it_shows_itself_and_is_the_same_twice():
    features, X = cloud()
    first, again = (rehearsal.risk(features, X) for _ in range(2))
    assert repr(first) == repr(again) and "rehearsal risk = " in repr(first)
    assert "linear" in repr(first) and "smaller is better" in repr(first)


X = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize("call, error, words", [
    (lambda: rehearsal.risk(X[0], X), ValueError, r"features has shape \(3,\)"),
    (lambda: rehearsal.risk(X, X[0]), ValueError, r"X has shape \(3,\)"),
    (lambda: rehearsal.risk(X[:15], X), ValueError, "features has 15 rows and X 20"),
    (lambda: rehearsal.risk(X[:5], X[:5]), ValueError, "at least 20"),
    (lambda: rehearsal.risk(X * np.nan, X), ValueError, r"features\[0, 0\] is nan"),
    (lambda: rehearsal.risk(X, X + np.inf), ValueError, r"X\[0, 0\] is inf"),
    (lambda: rehearsal.risk(X, X, noise=-1), ValueError, "noise is -1"),
    (lambda: rehearsal.risk(X, X, each=0), ValueError, "each is 0"),
    (lambda: rehearsal.risk(X, X, dimensions=(8,)), ValueError, "between 1 and 3"),
    (lambda: rehearsal.risk(X, X, rng="x"), TypeError, "rng is 'x'"),
    (lambda: rehearsal.risk(X, np.ones((20, 2))), ValueError, "no column that varies"),
    (lambda: rehearsal.risk("x", X), TypeError, "features"),
    (lambda: rehearsal.risk(X[:0], X[:0]), ValueError, "keep at least 20 points back"),
    (lambda: cl.usefulness.rehearsal(X, X, tasks=()), ValueError, "tasks is empty"),
    (lambda: cl.usefulness.rehearsal(X, X, tasks="waves"), ValueError,
     "tasks has 'waves'; there are linear, smooth, rules, classes"),
    (lambda: cl.usefulness.rehearsal(X, X, tasks=lambda X, rng: X[:, 0] * 0), ValueError,
     "1 of them different"),
    (lambda: cl.usefulness.rehearsal(X, X, tasks=lambda X, rng: X[:5, 0]), ValueError,
     "has 5 values"),
    (lambda: cl.usefulness.rehearsal(X, X[:, 0]), ValueError, r"X has shape \(20,\)"),
])
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_rule_that_asks_nothing_is_drawn_again():
    rare = np.zeros((50, 1))
    rare[0] = 1
    rules = rehearsal.tasks(rare, 5)["rules"]
    assert np.allclose(rules.std(axis=0), 1)


def test_the_short_name_is_the_risk_on_the_tasks_asked_for():
    features, X = cloud()
    short = cl.usefulness.rehearsal(features, X, tasks=("rules", "classes"), each=2, rng=4)
    long = rehearsal.risk(features, X, kinds=("rules", "classes"), each=2, rng=4)
    assert short.value == long.value and list(short.terms) == ["rules", "classes"]
    assert len(short.curve) == 6 and short.curve[0] == 1  # d = 0, 1, 2, 4, 8, 16 of 30
    assert short.value <= short.curve.min()
    usual = cl.usefulness.rehearsal(features, X, each=8)
    assert usual.value == rehearsal.risk(features, X).value


def test_classes_have_a_number_for_each_cluster():
    X = np.repeat(np.eye(6) * 9, 10, axis=0) + np.random.default_rng(0).normal(size=(60, 6))
    few, *_ = rehearsal.tasks(X, 3, kinds="classes")["classes"].T
    assert len(np.unique(few)) == 5
    group = np.repeat(np.arange(6), 10)
    assert sum(len(np.unique(few[group == k])) == 1 for k in range(6)) >= 4
    three = rehearsal.tasks(np.repeat([[0.0], [1], [5]], 10, axis=0), 3, kinds="classes")["classes"]
    assert len(np.unique(three[:, 1])) == 3  # no more clusters than points that differ


def test_a_task_of_ones_own():
    features, X = cloud()

    def second(X, rng):
        return 3 * X[:, 1] + 7

    found = cl.usefulness.rehearsal(features, X, tasks=second, each=2)
    assert list(found.terms) == ["second"]
    assert found.value == pytest.approx(0.5 * 2 / 121, rel=0.01)  # it is the second function


def test_one_column_is_enough():
    features, X = cloud()
    assert 0 < cl.usefulness.rehearsal(features, X[:, :1]).value < 1


@pytest.mark.parametrize("seed", range(3))
def test_a_sampled_context_of_neighbours_is_best_in_between(seed):
    """Cars (auto), neighbours, 16 views a point: neither the weakest nor the strongest."""
    from contexture_lite.diagnosis import measure
    from contexture_lite.diagnosis.table import read
    from contexture_lite.experiment.families import conditionals, sampled

    rng, data = np.random.default_rng(seed), cl.datasets.load("auto")
    split = measure.split(read(data.X, data.y), (230, 78, 78), rng)
    drawn = (sampled(rows, 16, rng) for rows in conditionals("knn", split.Z, split.parts, 8, rng))
    risks = [measure.measured(measure.of_parts(rows), split)[0]["rehearsal"] for rows in drawn]
    assert 0 < np.argmin(risks) < 7
