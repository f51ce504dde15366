"""The diagnosis of a table: what comes in, what is measured, what is said, and who is told off."""

from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.linear_model import RidgeCV

import contexture_lite as cl
from contexture_lite import _measured, _readers_table, _verdicts, experiment
from contexture_lite._diagnosis_text import markdown, summary

quick = partial(cl.diagnose, contexts=["knn"], progress=False)


def blobs(seed, n=240, groups=12):
    """Far-apart groups of points, each with a number of its own: only strong contexts see it."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    X = rng.normal(scale=6, size=(groups, 2))[group] + 0.3 * rng.normal(size=(n, 2))
    return X, rng.normal(size=groups)[group] + 0.1 * rng.normal(size=n)


def plain(seed, n=150):
    """A linear task under noise: weak contexts do, strong ones learn the noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X[:, 0] + X[:, 1] + 0.5 * rng.normal(size=n)


def everything(n=60):
    """A column of every kind that a reader may have."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "number": rng.normal(size=n), "count": rng.integers(0, 9, n), "text": rng.choice(
            ["a", "b", None], n), "category": pd.Categorical(rng.choice(list("pq"), n)),
        "truth": rng.random(n) > 0.5, "date": pd.date_range("2020", periods=n),
        "constant": 1, "empty": np.nan, "none": None, "name": [f"no {i}" for i in range(n)],
        "digits": [str(i % 7) for i in range(n)], "mixed": [1, "a"] * (n // 2),
        "maybe": pd.array([True, None, False] * (n // 3), dtype="boolean"),
        "string": pd.array(rng.choice(["u", "v"], n), dtype="string"),
        "month": pd.period_range("2020", periods=n, freq="D").asfreq("M"),
    })
    frame["zone"] = frame["date"].dt.tz_localize("UTC")
    frame["lasted"] = frame["date"] - frame["date"].min()
    frame.loc[3, ["date", "number"]] = None
    return pd.concat([frame, frame[["number"]]], axis=1)  # and one name twice


# -- the table ------------------------------------------------------------------------


def test_every_kind_of_column_is_read_or_left_out_with_a_reason():
    frame = everything()
    before = frame.copy()
    table = _readers_table.read(frame, None)
    assert table.frame.shape == (60, 14) and table.shape == frame.shape
    assert table.notes == (
        "left out, the same value everywhere: constant",
        "left out, no value in any row: empty, none",
        "left out, a text of its own in most rows: name",
        "read as numbers: digits", "read as days: date, zone, lasted",
    ) or set(table.notes[3:]) == {"read as numbers: digits", "read as days: date, zone, lasted"}
    points = table.points(np.arange(60), np.arange(40))
    assert points.shape[0] == 60 and np.isfinite(points).all()
    pd.testing.assert_frame_equal(frame, before)


def test_what_is_missing_is_learned_from_the_context_points_only():
    X = np.array([[1.0], [3.0], [np.nan]] + [[100.0]] * 40)
    points = _readers_table.read(X, None).points(np.array([0, 1, 2]), np.array([0, 1]))
    assert points[:, 0].tolist() == [1, 3, 2]  # the median of 1 and 3, not of everything


@pytest.mark.parametrize(("y", "kind", "columns"), [
    (np.arange(60) * 0.5, "regression", 1),
    (np.arange(60), "regression", 1),
    (np.arange(60) % 3, "classification", 3),
    (np.arange(60) % 3 * 1.0, "regression", 1),
    (np.where(np.arange(60) < 6, np.nan, np.arange(60) % 3), "classification", 3),
    (np.arange(60) % 2 > 0, "classification", 2),
    (["x", "y", None] * 20, "classification", 2),
    (pd.Series(["x", "y"] * 30, dtype="category", index=range(60, 120)), "classification", 2),
    (pd.Series(pd.date_range("2020", periods=60)), "regression", 1),
    (pd.DataFrame({"y": [0, 1] * 30}), "classification", 2),
])
def test_what_y_is(y, kind, columns):
    table = _readers_table.read(everything(), y)
    missing = int(pd.isna(pd.DataFrame(y).iloc[:, 0]).sum())
    assert (table.kind, table.target.shape) == (kind, (60 - missing, columns))
    assert len(table.frame) == 60 - missing
    assert any("without a y" in note for note in table.notes) == (missing > 0)
    if kind == "regression":
        np.testing.assert_allclose([table.target.mean(), table.target.std()], [0, 1], atol=1e-12)
    else:
        assert (table.target.sum(axis=1) == 1).all() and table.target.any(axis=0).all()


BAD = {
    "five rows": (np.ones((5, 2)), None, "X has 5 rows; diagnose needs at least 30"),
    "no columns": (pd.DataFrame(index=range(50)), None, "X has no columns"),
    "one dimension": (np.arange(50), None, r"X has shape \(50,\); it must be a table"),
    "ragged": ([[1, 2], [3]] * 30, None, "rows have different lengths"),
    "only constants": (np.ones((50, 2)), None, "no column to make a context from .*0, 1"),
    "nothing there": (np.full((50, 2), np.nan), None, "no value in any row: 0, 1"),
    "names only": (pd.DataFrame({"id": [f"n{i}" for i in range(50)]}), None, "text of its own"),
    "infinite": (np.where(np.eye(50) > 0, np.inf, 1.0), None, r"X\['0'\] is inf in row 0"),
    "huge": (np.eye(50) * 1e200, None, "scale what is huge"),
    "too short": (np.eye(50), np.arange(49), r"y has shape \(49,\); X has 50 rows"),
    "two columns": (np.eye(50), np.eye(50)[:, :2], r"y has shape \(50, 2\)"),
    "one class": (np.eye(50), ["a"] * 50, "y is 'a' in every row, so there is nothing to predict"),
    "no y": (np.eye(50), [None] * 50, "X has 0 rows with a y"),
    "many classes": (np.eye(50), [f"c{i % 25}" for i in range(50)], "y has 25 classes in 50 rows"),
    "infinite y": (np.eye(50), [0.5] * 49 + [np.inf], "y is inf in row 49"),
    "rare class": (np.eye(200), [1] + [0] * 199, "do not vary; give more rows of the rare kind"),
}


@pytest.mark.parametrize("which", BAD)
def test_bad_tables_are_told_what_to_do(which):
    X, y, message = BAD[which]
    with pytest.raises(ValueError, match=message):
        quick(X, y)


@pytest.mark.parametrize(("X", "y", "message"), [
    (np.eye(50) * 1j, None, r"X\['0'\] is complex; give its real and imaginary part"),
    (__import__("scipy.sparse").sparse.eye_array(50), None, r"sparse matrix; give .*toarray"),
    (pd.DataFrame({"a": range(50)}), "a", r"diagnose\(X.drop\(columns='a'\), X\['a'\]\)"),
])
def test_wrong_kinds_are_told_what_to_do(X, y, message):
    with pytest.raises(TypeError, match=message):
        quick(X, y)


@pytest.mark.parametrize(("contexts", "error", "message"), [
    (["knn", "tree"], ValueError, "contexts has 'tree'; there are rbf, knn"),
    ([], ValueError, "contexts is empty"),
    ([3], ValueError, "contexts has 3"),
    ({"knn": [cl.knn_context]}, TypeError, "must have a new name"),
    ({"mine": [3]}, TypeError, "list of functions from points to a DataContext"),
    ({"mine": []}, TypeError, "list of functions"),
    ({"mine": [lambda Z: Z]}, TypeError, "contexts needs functions that make a DataContext"),
    ({"mine": lambda Z: cl.knn_context(Z[:9], 3)}, TypeError, "of the 36 points they are given"),
])
def test_bad_contexts_are_told_what_to_do(contexts, error, message):
    with pytest.raises(error, match=message):
        cl.diagnose(everything(), contexts=contexts, progress=False)


HARD = {
    "all kinds of columns": (everything(), np.arange(60) % 2),
    "only texts": (everything()[["text", "category", "string"]], np.arange(60) % 2),
    "one column of two values": ((np.arange(60) % 2)[:, None], np.arange(60) * 0.5),
    "copies": (np.repeat(np.eye(3), 20, axis=0), np.arange(60) % 3),
    "wider than long": (np.random.default_rng(0).normal(size=(40, 90)), np.arange(40) * 0.5),
    "half is missing": (np.where(np.eye(60)[:, :9] + np.arange(60)[:, None] % 2 > 0, np.nan, [
        np.arange(9.0)] * 60) + np.arange(60)[:, None], np.arange(60) % 2),
    "noise": (plain(0, 60)[0], np.random.default_rng(5).normal(size=60)),
}


@pytest.mark.parametrize("which", HARD)
def test_hard_tables_are_diagnosed(which):
    X, y = HARD[which]
    found = cl.diagnose(X, y, ["rbf", "knn"], progress=False)
    assert np.isfinite(found.table["error"]).all()
    assert found.best["error"] == found.table["error"].min()
    assert repr(found) and markdown(found)


# -- what is measured -----------------------------------------------------------------


def test_a_familys_rows_are_those_of_the_public_functions():
    """One context measured by hand: the same spectrum, scores and error."""
    X, y = plain(3)
    found = quick(X, y)
    split = _measured.splits(_readers_table.read(X, y), 0)[0]
    trained, labelled, test = (split.Z[part] for part in split.parts)
    k = round(float(np.geomspace(0.9 * len(trained), 2, 8)[4]))
    context = cl.knn_context(trained, k)
    system = cl.singular_system(context, 89)
    features, new = (system.extend(context.conditional_at(Z)) for Z in (labelled, test))
    probes = [RidgeCV(_measured.PENALTIES).fit(features[:, :d], split.target[1])
              for d in (1, 4, 16, 64)]
    d = [1, 4, 16, 64][int(np.argmax([probe.best_score_ for probe in probes]))]
    predicted = probes[int(np.log2(d) / 2)].predict(new[:, :d]).reshape(-1, 1)
    misses = split.target[2] - np.clip(predicted, split.target[1].min(), split.target[1].max())
    assert found.errors["knn"][0, 4] == pytest.approx((misses**2).mean() / split.target[2].var())
    np.testing.assert_allclose(found.values["knn"][4][:9], system.values[:9] ** 2, atol=1e-9)
    assert found.table["points"][4] == pytest.approx(k)


def test_a_familys_own_functions_give_the_family():
    X, y = plain(4, 120)
    sizes = np.round(np.geomspace(0.9 * 72, 2, 8)).astype(int)
    own = {"mine": [partial(cl.knn_context, k=k) for k in sizes[:4]]}
    found = cl.diagnose(X, y, own, progress=False)
    assert found.families == (*experiment.FAMILIES, "mine")
    # not the strongest: they fall into pieces, and d cuts through the tie of their s = 1
    np.testing.assert_allclose(found.errors["mine"], found.errors["knn"][:, :4], atol=1e-8)


def test_mixes_are_those_of_the_mixing_module():
    X, y = plain(5, 150)
    split = _measured.splits(_readers_table.read(X, y), 0)[0]
    trained, labelled, test = (split.Z[part] for part in split.parts)
    sizes = np.round(np.geomspace(0.9 * 90, 2, 8)).astype(int)
    found = _measured.mixes(split, [0, 0], ["knn", "knn"], [3, 4], [16, 16])
    first, second = (cl.knn_context(trained, sizes[at]) for at in (4, 5))
    for mix, name in ((cl.convolve(first, second), "convolution"), (cl.convex_combination(
            [cl.knn_context(trained, sizes[3]), first], [1, 1]), "convex combination")):
        system = cl.singular_system(cl.Context(mix.joint.toarray()))
        features = [system.extend(mix.conditional_at(Z)) for Z in (labelled, test)]
        error, _ = _measured.probe(*features, split.target, (1, 4, 16, 64))
        assert found[name] == pytest.approx(error, rel=1e-5)
    assert 0 < found["concatenation"] < 1.5


def test_more_columns_than_points_change_no_neighbour_and_no_weight():
    rng = np.random.default_rng(0)
    Z, trained = rng.normal(size=(60, 200)), np.arange(30)
    short = _measured._fewer(Z, trained)
    assert short.shape == (60, 29)
    for make in (partial(cl.rbf_context, bandwidth=9.0), partial(cl.knn_context, k=5)):
        rows = [make(points[:30]).conditional_at(points[30:]) for points in (Z, short)]
        assert abs(rows[0] - rows[1]).max() < 1e-9


def test_the_seed_decides_and_the_workers_do_not():
    X, y = plain(6, 90)
    first = quick(X, y)
    with joblib.parallel_config("sequential"):
        pd.testing.assert_frame_equal(first.table, quick(X, y).table)
    assert (first.errors["knn"] != quick(X, y, seed=1).errors["knn"]).any()


def test_progress_is_shown(capsys):
    cl.diagnose(*plain(7, 60), ["knn"])
    assert "contexts: 100%" in capsys.readouterr().err


# -- what is said ---------------------------------------------------------------------


def test_the_standard_error_knows_that_splits_share_rows():
    values = np.random.default_rng(0).normal(size=(5, 3))
    independent = _verdicts.standard_error(values, 0)
    np.testing.assert_allclose(independent, scipy.stats.sem(values))
    np.testing.assert_allclose(_verdicts.standard_error(values, 0.25), independent * 1.5)


def test_verdicts_by_hand():
    worse, se = np.array([0.3, 0.1, 0.0, 0.05, 0.4]), np.array([0.1, 0.06, 0, 0.02, 0.3])
    assert _verdicts.verdicts(worse, se).tolist() == [
        "too weak", "about right", "about right", "too strong", "about right"]


def test_the_best_is_measured_afresh_on_the_split_that_did_not_choose_it():
    errors = {"a": np.array([[1.0, 3.5], [1, 3.5], [7, 3.5]]), "b": np.array([[5.0], [5], [5]])}
    table = pd.DataFrame({"family": ["a", "a", "b"], "place": [0, 1, 0], "points": 1.0, "d": 1,
                          "error": [3.0, 3.5, 5], "se": 0.1})
    assert _verdicts.best(table, errors)["fresh"] == (3.5 + 3.5 + 7) / 3


def test_a_lonely_strength_is_judged_beside_the_best_of_all():
    errors = {"a": np.array([[1.0, 2], [1.2, 2.1]]), "b": np.array([[3.0], [3.1]]),
              "c": np.array([[3.0], [3.1]]), "d": np.array([[1.5], [1.0]])}
    table = pd.DataFrame({"family": ["a", "a", "b", "c", "d"], "points": [9.0, 5, 30, 3, 3],
                          "verdict": "about right"})
    found = _verdicts.beside(table, errors, {"family": "a", "place": 0, "points": 9.0}, 0)
    assert found["verdict"].tolist() == [
        "about right", "about right", "too weak", "too strong", "about right"]
    np.testing.assert_allclose(found["behind"], [0, 0.95, 1.95, 1.95, 0.15])


def test_mixes_by_hand():
    found = [{"worse": 2.0, "better": 0.5, "like": 1.0, "none": np.nan},
             {"worse": 2.1, "better": 0.6, "like": 1.4, "none": np.nan}]
    table = _verdicts.mixes(found, np.array([1.0, 1.1]), 0.5).set_index("mix")
    assert table["verdict"].tolist() == ["worse", "better", "cannot tell", "not measured"]
    assert table.loc["like", "change"] == pytest.approx(0.15)
    assert table.loc["like", "change_se"] == pytest.approx(0.3 / np.sqrt(2))


@pytest.mark.parametrize(("places", "verdict", "mix"), [
    ([2, 5], "too strong", "convex combination"), ([1, 2], "too strong", "concatenation"),
    ([3, 4], "too strong", "convolution"), ([3, 4], "about right", "concatenation"),
])
def test_the_suggestion_follows_theory(places, verdict, mix):
    chosen = pd.DataFrame({"family": ["a", "b"], "place": places})
    table = pd.DataFrame({"family": ["a", "b"], "verdict": [verdict, "too strong"]})
    found = _verdicts.suggestion(table, chosen)
    assert found["mix"] == mix and found["parts"] == ("a", "b")


@pytest.mark.parametrize("seed", range(3))
def test_weak_contexts_do_not_see_groups_and_strong_ones_learn_noise(seed):
    """Two tasks of which we know the answer."""
    local, smooth = quick(*blobs(seed)).table, cl.diagnose(
        *plain(seed), ["rbf"], progress=False).table
    assert local["verdict"].iloc[0] == "too weak" and local["error"].min() < 0.1
    assert smooth["verdict"].iloc[-1] == "too strong" and smooth["error"].min() < 0.5


def test_it_says_when_no_context_is_worth_it():
    X, _ = plain(0, 400)
    linear = cl.diagnose(X, X[:, 0] * 1.0, ["knn"], progress=False)
    assert linear.best["beside_ridge"] == pytest.approx(
        linear.best["error"] - linear.baseline.mean())
    assert "Ridge regression on the columns does better" in repr(linear)
    noise = cl.diagnose(X, np.random.default_rng(1).normal(size=400), ["knn"], progress=False)
    assert "No context is seen to predict y" in repr(noise)


def test_without_labels_nothing_is_called_best():
    found = quick(everything())
    assert found.best is None and found.mixes is None and found.suggestion is None
    assert not {"error", "verdict", "d"} & set(found.table) and np.isnan(found.baseline).all()
    assert "Without y there is no best context" in repr(found)
    assert {"tau", "effective_rank", "log_trace", "decay_rate"} < set(found.table)


def test_the_report_says_what_the_table_says():
    found = cl.diagnose(*blobs(1, 120), ["rbf", "knn"], progress=False)
    text, best = repr(found), found.best
    assert text.startswith("Diagnosis of 120 × 2: regression, 5 random splits, 72 points")
    assert f"error {best['error']:.3f} ± {best['se']:.3f}" in text
    for name in ("τ", "effective rank", "log trace", "decay rate", "rbf:", "knn:"):
        assert name in text
    asked = found.mixes.set_index("mix").loc[found.suggestion["mix"]]
    assert f"{asked['change']:+.3f} ± {asked['change_se']:.3f}: {asked['verdict']}" in text
    assert list(found.mixes["mix"]) == ["convolution", "convex combination", "concatenation"]
    rows = [line for line in markdown(found).splitlines() if line.startswith("|")]
    assert len(rows) == len(summary(found)) + 2
    assert len({row.count("|") for row in rows}) == 1
