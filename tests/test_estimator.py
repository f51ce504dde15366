"""The transformer: scikit-learn's own checks in full, and what its columns mean."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

import contexture_lite as cl

CHECKED = {
    "knn": cl.ContextureEmbedding(),
    "rbf": cl.ContextureEmbedding("rbf"),
    "identity": cl.ContextureEmbedding(strength=1),
    "nearly independent": cl.ContextureEmbedding("rbf", strength=0.05),
    "more components than points": cl.ContextureEmbedding(n_components=500),
}


# the array API check needs an environment variable before SciPy is imported: see test_wheel.py
@pytest.mark.parametrize("estimator, check", [
    pytest.param(estimator, check, id=f"{name}-{getattr(check, 'func', check).__name__}")
    for name, fresh in CHECKED.items() for estimator, check in estimator_checks_generator(fresh)
    if "array_api" not in getattr(check, "func", check).__name__])
def test_scikit_learns_check(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.mark.parametrize("context", ["knn", "rbf"])
def test_columns_are_the_singular_functions(context, iris):
    X, _ = iris
    embedding = cl.ContextureEmbedding(context, n_components=5, strength=0.6)
    features = embedding.fit_transform(X)
    system = cl.singular_system(embedding.context_, 5)
    np.testing.assert_allclose(features, system.left, atol=1e-9)
    np.testing.assert_allclose(embedding.singular_values_, system.values)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(features.T @ features / len(X), np.eye(5), atol=1e-9)
    np.testing.assert_array_equal(embedding.transform(X), features)


@pytest.mark.parametrize("context", ["knn", "rbf"])
def test_new_points_follow_the_extension(context, iris):
    X, _ = iris
    embedding = cl.ContextureEmbedding(context).fit(X[::2])
    rows = embedding.context_.conditional_at(X[1::2])
    expected = (rows @ embedding.system_.right) / embedding.singular_values_
    np.testing.assert_allclose(embedding.transform(X[1::2]), expected, atol=1e-12)
    alone = np.vstack([embedding.transform(x[None]) for x in X[1::2]])
    np.testing.assert_allclose(alone, expected, atol=1e-12)


def test_scaled_features_give_the_dual_kernel(iris):
    X, _ = iris
    embedding = cl.ContextureEmbedding(n_components=len(X) - 1)
    features = embedding.fit_transform(X[:60]) * embedding.singular_values_
    kernel = embedding.context_.dual_kernel().toarray()
    np.testing.assert_allclose(features @ features.T, kernel - 1, atol=1e-8)


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.8])
def test_strength_means_the_same_for_both_families(strength):
    X = np.random.default_rng(0).normal(size=(100, 3))
    told = []
    for context in ("knn", "rbf"):
        rows = cl.ContextureEmbedding(context, strength=strength).fit(X).context_.conditional()
        rows = rows.toarray() if context == "knn" else rows
        logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
        told.append(1 + (rows * logs).sum() / 100 / np.log(100))
    k = round(100 ** (1 - strength))
    assert told[0] == pytest.approx(1 - np.log(k) / np.log(100))
    assert told[1] == pytest.approx(strength, abs=1e-6)


@pytest.mark.parametrize("context", ["knn", "rbf"])
def test_a_stronger_context_is_more_associated_from_independence_to_identity(context):
    X = np.random.default_rng(0).normal(size=(60, 2))
    chi2 = [cl.ContextureEmbedding(context, strength=strength).fit(X).context_.chi2()
            for strength in (1e-16, 1e-9, 0.2, 0.4, 0.6, 0.8, 1)]
    assert (np.diff(chi2) > -1e-9).all()
    assert chi2[0] == pytest.approx(0, abs=0.02) and chi2[-1] == pytest.approx(59)


def test_components_that_do_not_exist():
    X = np.random.default_rng(0).normal(size=(6, 2))
    embedding = cl.ContextureEmbedding(n_components=50).fit(X)
    assert embedding.transform(X).shape == (6, 5) and embedding.n_components_ == 5
    same = cl.ContextureEmbedding("rbf").fit(np.ones((20, 2)))  # copies tell nothing apart
    assert (same.singular_values_ == 0).all() and (same.transform(np.eye(2)) == 0).all()


def test_names_of_features(iris):
    X = pd.DataFrame(iris[0], columns=["a", "b", "c", "d"])
    embedding = cl.ContextureEmbedding(n_components=2).set_output(transform="pandas").fit(X)
    names = ["contextureembedding0", "contextureembedding1"]
    assert list(embedding.get_feature_names_out()) == names
    assert list(embedding.transform(X).columns) == names
    assert list(embedding.feature_names_in_) == ["a", "b", "c", "d"]
    assert embedding.n_features_in_ == 4


def test_clone_and_pickle(iris):
    X, _ = iris
    embedding = cl.ContextureEmbedding("rbf", n_components=3, strength=0.4).fit(X)
    assert not hasattr(clone(embedding), "system_")
    assert clone(embedding).get_params() == {"context": "rbf", "n_components": 3, "strength": 0.4}
    again = pickle.loads(pickle.dumps(embedding))
    np.testing.assert_array_equal(again.transform(X + 0.1), embedding.transform(X + 0.1))


def test_a_linear_probe_reads_the_classes_from_a_few_columns(iris):
    X, y = iris
    probe = make_pipeline(cl.ContextureEmbedding(n_components=8), LogisticRegression())
    assert cross_val_score(probe, X, y).mean() > 0.95


def test_the_strength_can_be_searched_for():
    X, y = (part[:400] for part in load_digits(return_X_y=True))
    probe = make_pipeline(cl.ContextureEmbedding(n_components=16), LogisticRegression(max_iter=500))
    search = GridSearchCV(probe, {"contextureembedding__strength": [0.02, 0.5]}, cv=3).fit(X, y)
    weak, medium = search.cv_results_["mean_test_score"]
    assert search.best_params_ == {"contextureembedding__strength": 0.5}
    assert medium > 0.9 and medium > weak + 0.03


@pytest.mark.parametrize("setting, error, words", [
    ({"context": "label"}, ValueError, "context is 'label'; it must be 'knn' or 'rbf'"),
    ({"context": None}, ValueError, "context is None"),
    ({"n_components": 0}, ValueError, "n_components is 0; it must be at least 1"),
    ({"n_components": -1}, ValueError, "n_components is -1"),
    ({"n_components": 2.0}, TypeError, "n_components is 2.0; it must be an integer"),
    ({"n_components": "8"}, TypeError, "n_components is '8'"),
    ({"strength": 0}, ValueError, "strength is 0; it must be above 0"),
    ({"strength": 1.2}, ValueError, "strength is 1.2; it must be at most 1"),
    ({"strength": np.nan}, ValueError, "strength is nan; it must be finite"),
    ({"strength": "weak"}, TypeError, "strength is 'weak'; it must be a number"),
    ({"strength": None}, TypeError, "strength is None"),
])
def test_bad_settings(setting, error, words, iris):
    with pytest.raises(error, match=words):
        cl.ContextureEmbedding(**setting).fit(iris[0])


@pytest.mark.parametrize("X, words", [
    (np.array([[1.0, np.nan], [0, 1]]), "Input X contains NaN"),
    (np.array([[1.0, np.inf], [0, 1]]), "Input X contains infinity"),
    (np.ones(3), "Expected 2D array"),
    (np.ones((1, 3)), "minimum of 2 is required"),
    (np.ones((0, 3)), "0 sample"),
    (np.array([["a", "b"], ["c", "d"]]), "could not convert string"),
])
def test_bad_points(X, words):
    with pytest.raises(ValueError, match=words):
        cl.ContextureEmbedding().fit(X)
