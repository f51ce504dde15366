"""The linear probe: against closed forms, against the theory's error, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joints import prescribed
from sklearn.datasets import load_iris

import contexture_lite as cl


def cloud(n=80, d=4, seed=0, noise=1.0):
    """(features, quantity, classes)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)) * [10.0**i for i in range(d)] + 3
    y = x @ [1 / 10.0**i for i in range(d)] + noise * rng.standard_normal(n)
    return x, y, np.where(y > np.median(y), "high", "low")


def ridge(x, y, w, penalty):
    """min_{β, b} Σ w (y − β·z − b)² + penalty ‖β‖² by the normal equations; predicts at any x."""
    mean, spread = w @ x, np.sqrt(w @ (x - w @ x) ** 2)
    z = (x - mean) / spread
    beta = np.linalg.solve(z.T @ (w[:, None] * z) + penalty * np.eye(x.shape[1]),
                           z.T @ (w * (y - w @ y)))
    return lambda new: w @ y + (new - mean) / spread @ beta


# ---- regression


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-3, 1.0, 100.0]), st.booleans())
def test_ridge_is_the_solution_of_the_normal_equations(seed, penalty, weighted):
    x, y, _ = cloud(seed=seed)
    rng = np.random.default_rng(seed)
    w = rng.random(80) + 0.1 if weighted else np.ones(80)
    w = w / w.sum()
    probe = cl.linear_probe(x, y, weights=w, test=(x, y, w), penalty=penalty)
    predict = ridge(x, y, w, penalty)
    assert np.allclose(probe.model.predict(x), predict(x), rtol=0, atol=1e-8)
    wanted = w @ (y - predict(x)) ** 2 / (w @ (y - w @ y) ** 2)
    assert np.isclose(probe.error, wanted, rtol=0, atol=1e-9)
    assert (probe.kind, probe.penalty) == ("regression", penalty)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_on_the_inputs_themselves_it_is_the_error_of_the_theory(seed, d):
    # for f = Σ u_i μ_i and the encoder μ_1 … μ_d, in any coordinates: Σ_{i>d} u_i² / Σ u_i²
    context, mu, _ = prescribed([0.9, 0.6, 0.5, 0.2, 0.1], 9, 7, seed)
    rng = np.random.default_rng(seed)
    u, p = rng.standard_normal(5), context.p_x
    encoder = mu[:, :d] @ (np.eye(d) + np.triu(rng.random((d, d)), 1)) * 5 + 2
    f = mu @ u + 1
    probe = cl.linear_probe(encoder, f, weights=p, penalty=0, test=(encoder, f, p))
    assert np.isclose(probe.error, (u[d:] ** 2).sum() / (u**2).sum(), rtol=0, atol=1e-9)


def test_cross_validated_error_leaves_every_point_out_once():
    # with as many folds as points there is one way to split: leave-one-out, in closed form
    x, y, _ = cloud(20)
    z = np.column_stack([np.ones(20), x])
    hat = z @ np.linalg.pinv(z)
    left_out = ((y - hat @ y) / (1 - np.diag(hat))) ** 2
    probe = cl.linear_probe(x, y, penalty=0, cv=20)
    assert np.isclose(probe.error, left_out.mean() / y.var(), rtol=0, atol=1e-9)


def test_noise_is_not_predicted_and_a_linear_label_is():
    x, y, _ = cloud(300, noise=0)
    assert cl.linear_probe(x, y).error < 1e-6
    for seed in range(5):
        noise = np.random.default_rng(seed).standard_normal(300)
        assert 0.95 < cl.linear_probe(x, noise).error < 1.1


@pytest.mark.parametrize("seed", range(5))
def test_the_chosen_penalty_saves_a_probe_with_many_features(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1100, 80))
    y = x[:, 0] + 2 * rng.standard_normal(1100)
    test = (x[100:], y[100:])
    chosen, plain = (cl.linear_probe(x[:100], y[:100], test=test, penalty=p) for p in (None, 0))
    assert chosen.error < 1.2 < plain.error
    assert chosen.penalty > 1e-2


def test_the_cross_validated_error_is_near_the_held_out_one():
    x, y, _ = cloud(4000)
    held_out = cl.linear_probe(x[:400], y[:400], test=(x[400:], y[400:])).error
    assert np.isclose(cl.linear_probe(x[:400], y[:400]).error, held_out, rtol=0.2)


# ---- classification


def test_three_classes_of_flowers():
    iris = load_iris()
    probe = cl.linear_probe(iris.data, iris.target, cv=3)
    assert probe.kind == "classification"
    assert probe.error <= 0.05
    named = cl.linear_probe(iris.data, iris.target_names[iris.target], cv=3)
    assert named.error == probe.error and set(named.model.predict(iris.data)) == {
        "setosa", "versicolor", "virginica"
    }


def test_logistic_regression_is_at_the_minimum_of_its_objective():
    x, _, labels = cloud()
    w = np.random.default_rng(0).random(80) + 0.1
    w /= w.sum()
    probe = cl.linear_probe(x, labels, weights=w, test=(x, labels), penalty=0.1)
    z = probe.model[:-1].transform(x)
    assert np.allclose(w @ z, 0, atol=1e-9) and np.allclose(w @ z**2, 1)
    beta = probe.model[-1].coef_[0]
    residual = w * (probe.model.predict_proba(x)[:, 1] - (labels == probe.model.classes_[1]))
    assert np.allclose(z.T @ residual + 2 * 0.1 * beta, 0, atol=1e-4)  # the gradient
    assert np.isclose(probe.error, np.mean(probe.model.predict(x) != labels))


def test_without_a_penalty_classes_that_overlap_are_fitted_to_the_end():
    x, _, labels = cloud(200)
    probe = cl.linear_probe(x, labels, test=(x, labels), penalty=0)
    z, y = probe.model[:-1].transform(x), labels == probe.model.classes_[1]
    assert np.allclose(z.T @ (probe.model.predict_proba(x)[:, 1] - y) / 200, 0, atol=1e-3)


def test_shuffled_classes_are_not_predicted():
    x, _, labels = cloud(200)
    errors = [cl.linear_probe(x, np.random.default_rng(s).permutation(labels), penalty=0.01).error
              for s in range(5)]
    assert 0.4 < np.mean(errors) < 0.65


def test_a_class_never_seen_counts_as_wrong():
    x, _, labels = cloud()
    test = (x[:4], ["high", "low", "new", "new"])
    assert cl.linear_probe(x, labels, test=test, penalty=0.01).error >= 0.5


# ---- both


@pytest.mark.parametrize("label", [1, 2])
def test_units_of_the_features_do_not_matter(label):
    data = cloud()
    x, y = data[0], data[label]
    for penalty in (None, 0.1):
        one, other = (cl.linear_probe(f, y, penalty=penalty, cv=2)
                      for f in (x, x * [1e-4, 1, 50, 7] - 9))
        assert np.isclose(one.error, other.error, atol=1e-6)
        assert one.penalty == other.penalty


@pytest.mark.parametrize("label", [1, 2])
def test_weights_are_how_often_a_point_counts(label):
    data = cloud()
    x, y = data[0], data[label]
    times = np.random.default_rng(0).integers(1, 4, 80)
    times[:3] = 0
    again = np.repeat(np.arange(80), times)
    one = cl.linear_probe(x, y, weights=times, test=(x, y, times), penalty=0.1)
    other = cl.linear_probe(x[again], y[again], test=(x[again], y[again]), penalty=0.1)
    assert np.isclose(one.error, other.error, atol=1e-6)


@pytest.mark.parametrize("label", [1, 2])
def test_points_of_weight_zero_are_left_out(label):
    data = cloud()
    x, y = data[0].copy(), data[label]
    w = np.ones(80)
    w[:10], x[:10] = 0, 1e3
    assert np.isclose(cl.linear_probe(x, y, weights=w, cv=2).error,
                      cl.linear_probe(x[10:], y[10:], cv=2).error)


@pytest.mark.parametrize("label", [1, 2])
def test_the_seed_makes_the_folds(label):
    data = cloud(40, noise=5)
    probe = [cl.linear_probe(data[0], data[label], seed=seed, penalty=0.1).error
             for seed in (0, 0, 1, 2, 3)]
    assert probe[0] == probe[1] and len(set(probe)) > 1


def test_kinds_are_told_by_the_dtype_unless_given():
    x, y, _ = cloud(100)
    counts = np.arange(100) % 2
    assert cl.linear_probe(x, y).kind == "regression"
    for labels in (counts, counts > 0, counts.astype(str), counts.astype(str).astype(object)):
        assert cl.linear_probe(x, labels, penalty=1).kind == "classification"
    assert cl.linear_probe(x, counts, kind="regression").kind == "regression"
    assert cl.linear_probe(x, 1.0 * counts, kind="classification", penalty=1).error <= 1


def test_one_feature_may_be_a_vector_and_a_constant_one_says_nothing():
    x, y, _ = cloud()
    assert cl.linear_probe(x[:, 0], y).error == cl.linear_probe(x[:, :1], y).error
    for seed in range(5):
        w = np.random.default_rng(seed).random(80)
        constant = np.full(80, 0.1 + seed)
        probe = cl.linear_probe(constant, y, weights=w, penalty=0, test=(constant, y, w))
        assert np.isclose(probe.error, 1, rtol=0, atol=1e-12)
        both = np.column_stack([x[:, 0], constant])
        alone = cl.linear_probe(x[:, 0], y, weights=w, penalty=0.1)
        assert np.isclose(cl.linear_probe(both, y, weights=w, penalty=0.1).error, alone.error)


def test_the_result_reads_well():
    x, y, _ = cloud()
    probe = cl.linear_probe(x, y, penalty=0.01)
    assert repr(probe) == f"Probe(error={probe.error:.4f}, regression, penalty=1.0e-02)"
    assert probe.model.predict(x[:3]).shape == (3,)


# ---- refused


@pytest.mark.parametrize("change, error, message", [
    ({"features": [[np.nan] * 4] * 80}, ValueError, r"features\[0, 0\] is nan; it must be finite"),
    ({"features": np.zeros((80, 0))}, ValueError, r"features has shape \(80, 0\)"),
    ({"features": [["a"]] * 80}, TypeError, "features has dtype"),
    ({"y": np.arange(79.0)}, ValueError, r"y has shape \(79,\); features have 80 rows"),
    ({"y": np.ones((80, 2))}, ValueError, r"y has shape \(80, 2\)"),
    ({"y": [np.inf, *np.arange(79)]}, ValueError, r"y\[0\] is inf; it must be finite"),
    ({"y": np.ones(80)}, ValueError, r"y is constant \(1.0\)"),
    ({"y": np.ones(80, int)}, ValueError, r"y is of one class only \(1\)"),
    ({"y": ["a"] * 80}, ValueError, r"y is of one class only \(a\)"),
    ({"y": ["a"] * 79 + ["b"]}, ValueError, "class b of y has 1 points; cv=5 folds need 7"),
    ({"y": ["a"] * 79 + ["b"], "penalty": 1}, ValueError, "cv=5 folds need 5 of every class"),
    ({"y": range(80)}, ValueError, "kind='regression' if y is a quantity"),
    ({"y": [None, *"ab" * 39, "a"]}, ValueError, r"y\[0\] is missing"),
    ({"y": [2, *"ab" * 39, "a"]}, TypeError, "labels must be of one kind"),
    ({"y": ["a"] * 80, "kind": "regression"}, TypeError, "y has dtype"),
    ({"y": np.full(80, 1j)}, TypeError, "y has dtype complex128"),
    ({"weights": np.ones(79)}, ValueError, r"weights has shape \(79,\)"),
    ({"weights": -np.ones(80)}, ValueError, r"weights\[0\] is -1"),
    ({"weights": np.eye(80)[0]}, ValueError, "y is constant"),
    ({"kind": "ridge"}, ValueError, "kind is 'ridge'"),
    ({"penalty": -1}, ValueError, "penalty is -1"),
    ({"penalty": "auto"}, TypeError, "penalty is 'auto'"),
    ({"cv": 1}, ValueError, "cv is 1"),
    ({"cv": 81}, ValueError, "80 points for cv=81 folds"),
    ({"seed": "x"}, TypeError, "seed is 'x'"),
    ({"test": 3}, TypeError, r"test must be \(features, y\)"),
    ({"test": (np.ones((3, 2)), np.arange(3.0))}, ValueError, "test features have 2 columns"),
    ({"test": (np.ones((3, 4)), np.arange(2.0))}, ValueError, "test y has shape"),
    ({"test": (np.ones((3, 4)), np.ones(3))}, ValueError, "test y is constant"),
    ({"test": (np.ones((3, 4)), np.arange(3.0), [1, 2, -1])}, ValueError, r"test weights\[2\]"),
])
def test_bad_input_is_named(change, error, message):
    x, y, _ = cloud()
    arguments = {"features": x, "y": y} | change
    with pytest.raises(error, match=message):
        cl.linear_probe(**arguments)


def test_five_points_of_two_classes_are_too_few_for_five_folds():
    x, _, labels = cloud()
    with pytest.raises(ValueError, match="Use fewer folds"):
        cl.linear_probe(x[:5], labels[:5], cv=5)


@pytest.mark.parametrize("cv, fewest", [(2, 4), (3, 5), (5, 7)])
def test_the_fewest_points_of_a_class_that_are_let_in_are_enough(cv, fewest):
    # one fold apart, each class must still have a point for every fold
    x, _, _ = cloud()
    labels = np.array(["rare"] * fewest + ["often"] * 20)
    cl.linear_probe(x[: fewest + 20], labels, cv=cv)
    with pytest.raises(ValueError, match=f"folds need {fewest} of every class"):
        cl.linear_probe(x[1 : fewest + 20], labels[1:], cv=cv)


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_a_column_that_varies_by_rounding_alone_says_nothing(kind):
    """As a function of one piece of a graph does on the labelled points of the others."""
    rng = np.random.default_rng(5)
    x, new = rng.normal(size=(40, 3)), rng.normal(size=(200, 3))
    y, y_new = (np.where(z[:, 0] + z[:, 1] > 0, 1, 0) for z in (x, new))
    y, y_new = (v.astype(float if kind == "regression" else int) for v in (y, y_new))
    elsewhere = rng.normal(size=200) * 10
    errors = [cl.linear_probe(np.column_stack([x, 0.1 + noise]), y, kind=kind, penalty=1e-3,
                              test=(np.column_stack([new, elsewhere]), y_new)).error
              for noise in (np.zeros(40), 1e-15 * rng.normal(size=40), 1e-14 * rng.random(40))]
    assert errors[0] == pytest.approx(errors[1], abs=1e-9) == pytest.approx(errors[2], abs=1e-9)
