"""The diagnosis of a table: what comes in, what is measured, what is said, and who is told off."""

import io
import re
from functools import partial
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.linear_model import RidgeCV

import contexture_lite as cl
from contexture_lite import rehearsal
from contexture_lite.diagnosis import measure, mixes, verdicts
from contexture_lite.diagnosis.report import markdown
from contexture_lite.diagnosis.rows import summary
from contexture_lite.diagnosis.table import read
from contexture_lite.experiment import families, protocol
from contexture_lite.usefulness import effective_rank

quick = partial(cl.diagnose, contexts=["knn"], progress=False)


@pytest.fixture
def brief(monkeypatch):
    """Two splits and four strengths, where what is measured does not matter."""
    monkeypatch.setattr(measure, "MORE", 2)
    monkeypatch.setattr(measure, "STRENGTHS", 4)


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
    table = read(frame, None)
    assert table.frame.shape == (60, 14) and table.shape == frame.shape
    assert table.notes == (
        "left out, the same value everywhere: constant",
        "left out, no value in any row: empty, none",
        "left out, a text of its own in most rows: name",
        "read as numbers: digits", "read as days: date, month, zone, lasted",
    ) or set(table.notes[3:]) == {"read as numbers: digits",
                                  "read as days: date, month, zone, lasted"}
    points = table.points(np.arange(60), np.arange(40))
    assert points.shape[0] == 60 and np.isfinite(points).all()
    pd.testing.assert_frame_equal(frame, before)


def test_what_is_missing_is_learned_from_the_context_points_only():
    X = np.array([[1.0], [3.0], [np.nan]] + [[100.0]] * 40)
    points = read(X, None).points(np.array([0, 1, 2]), np.array([0, 1]))
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
    table = read(everything(), y)
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
def test_bad_tables_are_told_what_to_do(which, brief):
    X, y, message = BAD[which]
    with pytest.raises(ValueError, match=message):
        quick(X, y)


@pytest.mark.parametrize(("X", "y", "message"), [
    (np.eye(50) * 1j, None, r"X\['0'\] is complex; give its real and imaginary part"),
    (__import__("scipy.sparse").sparse.eye_array(50), None, r"X is sparse; give .*toarray"),
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
def test_bad_contexts_are_told_what_to_do(contexts, error, message, brief):
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
def test_hard_tables_are_diagnosed(which, brief):
    X, y = HARD[which]
    found = cl.diagnose(X, y, ["rbf", "knn"], progress=False)
    assert np.isfinite(found.table["error"]).all()
    assert found.best["error"] == pytest.approx(found.table["error"].min(), rel=1e-6)
    assert repr(found) and markdown(found)


def stall(n=120):
    """A flea market's list as it is kept by hand, and the same rows as a person would clean them.

    A column of every kind of dirt, and three that nobody would keep.
    """
    rng = np.random.default_rng(16)
    weight, price = rng.gamma(2, 900, n).round(1), rng.gamma(3, 500, n).round(2)
    share, days = rng.integers(0, 1000, n) / 10, rng.permutation(n) * 5
    when = pd.Timestamp("2023-01-30") + pd.to_timedelta(days, unit="D")
    town, sold = rng.choice(["Bern", "Genf", "Chur"], n), rng.choice(["yes", "no"], n)
    worth = (0.1 * price + weight * (town == "Bern")).round(1)
    clean = pd.DataFrame({"day": days - days.min(), "again": days - days.min(), "weight": weight,
                          "price": price, "share": share, "few": weight, "town": town,
                          "sold": sold})
    clean.loc[::7, "weight"], clean.loc[1::3, "few"], clean.loc[::9, "town"] = np.nan, np.nan, None
    lines = ["day;again;weight;price;share;few;town;sold;id;empty;country;worth"]
    for i in range(n):
        euros = f"{price[i]:,.2f}".translate(str.maketrans(",.", ".,"))
        lines.append(";".join([
            f"{when[i]:%d.%m.%Y}", f"{when[i]:%Y-%m-%d}",
            "?" if i % 7 == 0 else f"{weight[i]:.1f}".replace(".", ","), f"{euros} €",
            f"{share[i]}%", "n/a" if i % 3 == 1 else f"{weight[i]:,.1f}",
            "" if i % 9 == 0 else town[i], sold[i], f"no {i}", "", "CH",
            "?" if i % 11 == 0 else f"{worth[i]:.1f}".replace(".", ",")]))
    clean["worth"] = np.where(np.arange(n) % 11 == 0, np.nan, worth)
    return pd.read_csv(io.StringIO("\n".join(lines)), sep=";"), clean


@pytest.mark.parametrize("labelled", [True, False])
def test_of_a_dirty_table_nothing_is_lost_that_a_person_would_keep(labelled, brief):
    found, wanted = (quick(frame.drop(columns="worth"), frame["worth"] if labelled else None)
                     for frame in stall())
    pd.testing.assert_frame_equal(found.table, wanted.table, rtol=1e-6)
    said = repr(found)
    for note in ("left out, no value in any row: empty", "left out, a text of its own in most "
                 "rows: id", "left out, the same value everywhere: country", "read as days: day, "
                 "again"):
        assert note in said
    assert said.count("left out,") == 3
    if labelled:
        assert found.baseline == pytest.approx(wanted.baseline, rel=1e-6)
        assert "11 rows without a y were left out" in said


# -- what is measured -----------------------------------------------------------------


def test_a_familys_rows_are_those_of_the_public_functions(monkeypatch):
    """One context measured by hand: the same error, rehearsal and scores."""
    monkeypatch.setattr(measure, "MORE", 2)
    X, y = plain(3)
    found = quick(X, y)
    split = measure.splits(read(X, y), 0)[0]
    trained, labelled, test = (split.Z[part] for part in split.parts)
    k = round(float(np.geomspace(0.9 * len(trained), 2, 8)[4]))
    context = cl.knn_context(trained, k)
    system = cl.singular_system(context, 89)
    features, new = (system.extend(context.conditional_at(Z)) for Z in (labelled, test))
    along = [protocol.probe_error(features[:, :d], new[:, :d], *split.target[1:])
             for d in (1, 4, 16, 64)]
    error, _ = min(along, key=lambda pair: pair[1])
    assert found.errors["knn"][0, 4] == pytest.approx(error)
    assert found.table["points"][4] == pytest.approx(k)
    cell, _ = measure.measured(context_of(split, 4), split)
    assert cell["tau"] == pytest.approx(cl.tau(system.values).value)
    assert cell["effective_rank"] == pytest.approx(effective_rank(context).value)
    risk = [[1] + [least_left_out(features[:, :d], task) + 0.5 * d / (len(task) + 1) for d in (
        1, 4, 16, 64)] for task in split.tasks.T]
    assert cell["rehearsal"] == pytest.approx(np.mean(np.min(risk, axis=1)), rel=1e-6)


def context_of(split, place):
    return list(measure.contexts("knn", split, [0, 0]))[place]


def least_left_out(features, task):
    """The same by scikit-learn, one penalty at a time."""
    probe = RidgeCV(protocol.PENALTIES, store_cv_results=True).fit(features, task)
    return probe.cv_results_.mean(axis=0).min()


def test_a_familys_own_functions_give_the_family(monkeypatch):
    """All strengths: the strongest fall into pieces, but no d cuts their repeated s = 1."""
    monkeypatch.setattr(measure, "MORE", 2)
    monkeypatch.setattr(measure, "MASKS", 2)
    X, y = plain(4, 120)
    sizes = np.round(np.geomspace(0.9 * 72, 2, 8)).astype(int)
    own = {"mine": [partial(cl.knn_context, k=k) for k in sizes]}
    found = cl.diagnose(X, y, own, progress=False)
    assert found.families == (*families.FAMILIES, "mine")
    np.testing.assert_allclose(found.errors["mine"], found.errors["knn"], atol=1e-8)
    assert found.table.query("family == 'knn'")["s1"].iloc[-1] == pytest.approx(1)


def test_mixes_are_those_of_the_mixing_module(monkeypatch):
    X, y = plain(5, 150)
    split = measure.splits(read(X, y), 0)[0]
    trained, labelled, test = (split.Z[part] for part in split.parts)
    sizes = np.round(np.geomspace(0.9 * 90, 2, 8)).astype(int)
    monkeypatch.setattr(mixes, "MOST_PAIRS", 90 * sizes[3] * sizes[4])
    errors = mixes.measured_mixes(split, [0, 0], ["knn", "knn"], [3, 4], [16, 16])
    parts = [cl.knn_context(trained, sizes[at]) for at in (3, 4)]
    for mix, name in ((cl.convolve(*parts), "convolution"),
                      (cl.convex_combination(parts, [1, 1]), "convex combination"),
                      (cl.concatenate(*parts), "concatenation")):
        system = cl.singular_system(cl.Context(mix.joint.toarray()))
        features = [system.extend(mix.conditional_at(Z)) for Z in (labelled, test)]
        along = protocol.errors_along(*features, *split.target[1:],
                                      protocol.group_starts(system.values), (1, 4, 16, 64))
        error, _ = min(along.values(), key=lambda pair: pair[1])
        assert errors[name] == pytest.approx(error, rel=1e-5)
    side_by_side = [np.hstack([cl.singular_system(part, 16).extend(part.conditional_at(Z))
                               for part in parts]) for Z in (labelled, test)]
    error, _ = protocol.probe_error(*side_by_side, *split.target[1:])
    assert errors["features side by side"] == pytest.approx(error, rel=1e-5)
    monkeypatch.setattr(mixes, "MOST_PAIRS", 90 * sizes[3] * sizes[4] - 1)
    too_wide = mixes.measured_mixes(split, [0, 0], ["knn", "knn"], [3, 4], [16, 16])
    assert np.isnan(too_wide["concatenation"])


def test_columns_and_functions_side_by_side():
    """The context of the least rehearsal risk; d by leave-one-out, d = 0 the columns alone."""
    X, y = blobs(2, 150)
    split = measure.splits(read(X, y), 0)[0]
    cells, side = measure.measure_family("knn", split, [0, 0])
    assert side["place"] == np.argmin([cell["rehearsal"] for cell in cells])
    context, target = context_of(split, side["place"]), split.target[1:]
    system = cl.singular_system(context)
    tried = {0: protocol.probe_error(*(split.Z[part] for part in split.parts[1:]), *target)}
    for d in protocol.group_ends(system.values, (1, 4, 16, 64)):
        both = [np.hstack([split.Z[part], system.extend(context.conditional_at(i))[:, :d]])
                for i, part in enumerate(split.parts) if i]
        tried[int(d)] = protocol.probe_error(*both, *target)
    assert side["d"] == min(tried, key=lambda d: tried[d][1]) > 0
    assert side["error"] == pytest.approx(tried[side["d"]][0], rel=1e-5)
    assert side["error"] < split.ridge["error"]  # the columns are two coordinates


def test_the_share_of_labels_is_the_readers(brief):
    assert measure.sizes(200) == (120, 40, 40) and measure.sizes(9999) == (400, 300, 600)
    assert measure.sizes(200, 0.5) == (75, 100, 25) and measure.sizes(9999, 0.5) == (400, 1000, 600)
    few, many = (cl.diagnose(*plain(0), ["knn"], labels=share, progress=False)
                 for share in (0.1, 0.6))
    assert few.sizes == (101, 15, 34) and many.sizes == (45, 90, 15)
    assert "101 points make the context, 15 with a label, 34 to test" in repr(few)


def test_a_whole_number_of_labels_is_their_number(brief):
    found = cl.diagnose(*plain(0), ["knn"], labels=30, progress=False)
    assert found.sizes == (90, 30, 30)


@pytest.mark.parametrize("labels", [0.9, 0, 5, 121, 1.0, "all", True, np.nan])
def test_a_wrong_share_of_labels_is_refused(labels):
    with pytest.raises(ValueError, match=r"labels is .* from 0.05 to 0.8, or .* from 10 to 120"):
        quick(*plain(0), labels=labels)


def test_of_classes_the_share_that_is_right_is_told_too(brief):
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 120)
    X = np.eye(3)[group] * 9 + rng.normal(size=(120, 3))
    found = quick(X, group)
    assert found.best["right"] == found.both["right"] == found.baseline_right == 1
    assert "100 % of the classes right" in repr(found) and "right" in summary(found)
    assert np.isnan(quick(X, X[:, 0]).best["right"])


def test_strangers_neighbours_rehearse_badly():
    """The same spectrum on points that are nobody's neighbours: no score of it can tell."""
    X, y = plain(1, 150)
    split = measure.splits(read(X, y), 0)[0]
    context = context_of(split, 3)
    rows = [context.conditional_at(part) for part in range(3)]
    shuffle = np.random.default_rng(0).permutation
    strangers = measure.of_parts([rows[0][shuffle(90)], *(row[shuffle(30)] for row in rows[1:])])
    own, others = (measure.measured(c, split)[0] for c in (context, strangers))
    assert others["tau"] == pytest.approx(own["tau"], rel=1e-6)
    assert own["rehearsal"] < 0.6 and 0.9 < others["rehearsal"] < 1.15


def test_more_columns_than_points_change_no_neighbour_and_no_weight():
    rng = np.random.default_rng(0)
    Z, trained = rng.normal(size=(60, 200)), np.arange(30)
    short = measure._fewer(Z, trained)
    assert short.shape == (60, 29)
    for make in (partial(cl.rbf_context, bandwidth=9.0), partial(cl.knn_context, k=5)):
        rows = [make(points[:30]).conditional_at(points[30:]) for points in (Z, short)]
        assert abs(rows[0] - rows[1]).max() < 1e-9


def test_the_seed_decides_and_the_workers_do_not(brief):
    X, y = plain(6, 60)
    first = quick(X, y)
    with joblib.parallel_config("sequential"):
        pd.testing.assert_frame_equal(first.table, quick(X, y).table)
    assert (first.errors["knn"] != quick(X, y, seed=1).errors["knn"]).any()


def test_progress_is_shown(capsys, brief):
    cl.diagnose(*plain(7, 60), ["knn"])
    assert "contexts: 100%" in capsys.readouterr().err


# -- what is said ---------------------------------------------------------------------


def test_the_standard_error_knows_that_splits_share_rows():
    values = np.random.default_rng(0).normal(size=(5, 3))
    independent = verdicts.standard_error(values, 0)
    np.testing.assert_allclose(independent, scipy.stats.sem(values))
    np.testing.assert_allclose(verdicts.standard_error(values, 0.25), independent * 1.5)


def test_the_best_is_chosen_on_the_other_splits():
    errors = np.array([[1.0, 3.5, 5], [1, 3.5, 5], [7, 3.5, 5]])
    assert verdicts.least_elsewhere(errors).tolist() == [1, 1, 0]
    assert verdicts.beside_the_best(errors).tolist() == [
        [-2.5, 0, 1.5], [-2.5, 0, 1.5], [0, -3.5, -2]]
    table = pd.DataFrame({"family": ["a", "a", "b"], "place": [0, 1, 0], "points": 1.0, "d": 1,
                          "error": [3.0, 3.5, 5], "se": 0.1})
    families = {"a": errors[:, :2], "b": errors[:, 2:]}
    best = verdicts.best(table, families, families)
    assert best["honest"] == (3.5 + 3.5 + 7) / 3 and best["error"] == 3


def with_noise(means, size, splits=5):
    """Errors whose differences have mean exactly ``means`` and a standard deviation ``size``."""
    noise = np.random.default_rng(0).normal(size=(splits, len(means)))
    noise -= noise.mean(axis=0)
    return np.array(means) + size * noise / noise.std(axis=0, ddof=1)


def test_verdicts_run_from_the_best_outwards():
    """Worse, but nearer to the best than one that cannot be told: not called too strong."""
    means = [0.9, 0.6, 0.5, 0.51, 0.52, 0.7, 0.53, 0.9]
    errors = with_noise(means, 0.002 + 0.02 * np.eye(8)[6])
    assert verdicts.verdicts(errors, 0).tolist() == [
        "too weak", "too weak", *3 * ["as good as the best"], "cannot tell", "cannot tell",
        "too strong"]
    unsure = verdicts.verdicts(with_noise(means, 0.4), 0).tolist()
    assert unsure.count("cannot tell") == 7 and unsure[2] == "as good as the best"


def test_two_strengths_are_judged_by_students_t():
    for splits in (5, 10):
        assert verdicts.sure(splits) == pytest.approx(scipy.stats.t.ppf(0.975, splits - 1))
        assert verdicts.far(splits, 2, 0.1) == pytest.approx(verdicts.sure(splits), rel=0.03)
    assert verdicts.far(5, 8, 0.1) > verdicts.far(5, 3, 0.1) > verdicts.far(10, 3, 0.1)


CURVES = {"flat": np.zeros(8), "only the ends": np.r_[0, np.full(6, 3.0), 0],
          "a floor": np.r_[3.0, 3, 3, 0, 0, 3, 3, 3], "a weak half": np.repeat([0, 2.0], 4)}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("like", [0, 0.9])  # correlation of neighbouring strengths
@pytest.mark.parametrize("overlap", [0.07, 0.25])
def test_a_wrong_verdict_is_as_rare_as_the_docstring_says(curve, like, overlap):
    """500 families with known errors; splits share rows, so part of the noise is common."""
    rng, means, families = np.random.default_rng(1), CURVES[curve], 500
    root = np.linalg.cholesky(like ** np.abs(np.subtract.outer(np.arange(8), np.arange(8))))
    wrong = told = 0
    for _ in range(families):
        noise = (rng.normal(size=(5, 8)) + np.sqrt(overlap) * rng.normal(size=8)) @ root.T
        said = verdicts.verdicts(rng.normal(size=(5, 1)) + means + noise, overlap)
        weak = [not (means[k + 1:] < means[k]).any() for k in np.flatnonzero(said == "too weak")]
        strong = [not (means[:k] < means[k]).any() for k in np.flatnonzero(said == "too strong")]
        wrong += any(weak + strong)
        told += np.isin(said, ["too weak", "too strong"]).sum()
    assert wrong <= scipy.stats.binom.ppf(0.999, families, verdicts.WRONG)
    if curve == "a floor":
        assert told > families  # and it does find what is there


def test_mixes_by_hand():
    errors = [{"worse": 2.0, "better": 0.5, "like": 1.0, "none": np.nan},
              {"worse": 2.1, "better": 0.6, "like": 1.4, "none": np.nan}]
    table = verdicts.judge_mixes(errors, np.array([1.0, 1.1]), 0.5).set_index("mix")
    assert table["verdict"].tolist() == ["worse", "better", "cannot tell", "not measured"]
    assert table.loc["like", "change"] == pytest.approx(0.15)
    assert table.loc["like", "change_se"] == pytest.approx(0.3 / np.sqrt(2))


WEAK = ["as good as the best", "cannot tell", "too strong"]  # the weakest is best
STRONG = ["too weak", "cannot tell", "as good as the best"]
INSIDE = ["too weak", "as good as the best", "too strong"]


@pytest.mark.parametrize(("first", "second", "states", "mix"), [
    (WEAK, WEAK, ("too strong", "too strong"), "convolution"),
    (STRONG, STRONG, ("too weak", "too weak"), "concatenation"),
    (STRONG, WEAK, ("too weak", "too strong"), "convex combination"),
    (INSIDE, WEAK, ("neither", "too strong"), None),
    (["as good as the best", "cannot tell", "cannot tell"], WEAK, ("neither", "too strong"), None),
])
def test_the_suggestion_is_the_notebooks_rule(first, second, states, mix):
    table = pd.DataFrame({"family": list("aaabbb"), "place": 2 * [0, 1, 2],
                          "verdict": first + second})
    table["error"] = (table["verdict"] != "as good as the best") * 1.0
    found = verdicts.suggestion(table, pd.DataFrame({"family": ["a", "b"]}))
    assert found == {"mix": mix, "parts": ("a", "b"), "states": states}


@pytest.mark.parametrize(("words", "use"), [
    ("cannot better cannot", "both"), ("better better better", "both"),
    ("better better worse", "context"), ("better cannot cannot", "context"),
    ("worse cannot cannot", "ridge"), ("cannot worse worse", "ridge"),
])
def test_what_to_use(words, use):
    pairs = ("context, ridge", "both, ridge", "both, context")
    found = {pair: {"verdict": word, "change": 0.1 if word == "worse" else -0.1}
             for pair, word in zip(pairs, words.split())}
    found |= {f"{name}, mean": {"verdict": "better"} for name in ("ridge", "context", "both")}
    assert verdicts.advice(found) == use
    found |= {f"{name}, mean": {"verdict": "cannot tell"} for name in ("ridge", "context", "both")}
    assert verdicts.advice(found) == "nothing"


@pytest.mark.parametrize("seed", range(3))
def test_weak_contexts_do_not_see_groups_and_strong_ones_learn_noise(seed, monkeypatch):
    """Two tasks of which we know the answer."""
    monkeypatch.setattr(measure, "STRENGTHS", 4)
    local, smooth = quick(*blobs(seed)).table, quick(*plain(seed, 300)).table
    assert local["verdict"].iloc[0] == "too weak" and local["error"].min() < 0.1
    assert smooth["verdict"].iloc[-1] == "too strong" and smooth["error"].min() < 0.5


def test_it_says_when_no_context_is_worth_it():
    X, _ = plain(0, 300)
    linear = cl.diagnose(X, X[:, 0] * 1.0, ["knn"], progress=False)
    assert repr(linear).splitlines()[2].startswith("* Use ridge regression on the columns: error 0")
    noise = cl.diagnose(X, np.random.default_rng(1).normal(size=300), ["knn"], progress=False)
    assert "Nothing measured here predicts y better than its mean" in repr(noise)


def test_it_says_by_how_much_columns_and_context_are_better():
    found = cl.diagnose(*blobs(3), ["knn"], progress=False)
    change = found.comparisons["both, ridge"]
    assert change["verdict"] == found.comparisons["context, ridge"]["verdict"] == "better"
    assert change["change"] == pytest.approx(found.both["error"] - found.baseline.mean())
    used = change if found.comparisons["both, context"]["change"] <= 0 else (
        found.comparisons["context, ridge"])
    assert f"better than ridge on the columns by {-used['change']:.3f} ±" in repr(found)


def test_without_labels_nothing_is_called_best(brief):
    found = quick(everything(30))
    assert found.best is None and found.mixes is None and found.suggestion is None
    assert found.both is None and found.comparisons == {} and "the one to begin with" in repr(found)
    assert not {"error", "verdict", "d"} & set(found.table) and np.isnan(found.baseline).all()
    assert "Without y there is no best context" in repr(found)
    assert {"tau", "effective_rank", "log_trace", "decay_rate"} < set(found.table)


def test_the_report_says_what_the_table_says(brief):
    found = cl.diagnose(*blobs(1, 120), ["rbf", "knn"], progress=False)
    text, best = repr(found), found.best
    assert text.startswith("Diagnosis of 120 × 2: regression, 2 random splits, 72 points")
    assert f"{best['error']:.3f}, which the choice may flatter; the honest estimate" in text
    for name in ("τ", "effective rank", "log trace", "decay rate", "rbf:", "knn:", "rehearsal"):
        assert name in text
    for row in found.mixes.itertuples():
        told = f"{row.mix} {row.error:.3f} ({row.change:+.3f} ± {row.change_se:.3f}: {row.verdict})"
        told = f"{row.mix} not measured (" if row.verdict == "not measured" else told
        assert told in text
    assert list(found.mixes["mix"]) == ["convolution", "convex combination", "concatenation",
                                        "features side by side"]
    assert "comparisons above would be wrong" in text
    rows = [line for line in markdown(found).splitlines() if line.startswith("|")]
    assert len(rows) == len(summary(found)) + 2
    assert len({row.count("|") for row in rows}) == 1


def test_no_word_contradicts_another(brief):
    """On the way out from the best of a family a verdict never gets milder again."""
    found = cl.diagnose(*plain(2), ["rbf", "knn", "masked knn"], progress=False)
    steps = {"as good as the best": 0, "cannot tell": 1, "too weak": 2, "too strong": 2}
    for _, rows in found.table.groupby("family"):
        grade, at = rows["verdict"].map(steps).to_numpy(), int(rows["error"].to_numpy().argmin())
        assert grade[at] == 0 and (np.diff(grade[at:]) >= 0).all()
        assert (np.diff(grade[:at + 1]) <= 0).all()
        assert "too strong" not in list(rows["verdict"])[:at + 1]
        assert "too weak" not in list(rows["verdict"])[at:]


# -- few labels, other tasks, a page to hand in -----------------------------------------


def test_few_labels_choose_by_leave_one_out_and_rehearsal_together():
    left_out, risk = np.array([0.4, 0.5]), np.array([0.8, 0.2])
    assert rehearsal.criterion(left_out, risk, 20) == pytest.approx(
        np.log([0.4 * 0.8**2, 0.5 * 0.2**2]))
    assert rehearsal.criterion(left_out, risk, 100) == pytest.approx(np.log(left_out))
    cells = [{"left_out": a, "rehearsal": b, "error": c, "share": d, "right": np.nan}
             for a, b, c, d in zip(left_out, risk, [0.7, 0.3], [0.5, 0.1])]
    parts = [range(50), range(20), range(10)]
    split = SimpleNamespace(parts=parts, overlap=0.2)
    found = verdicts.by_labels({"a": [cells[:1]] * 3, "b": [cells[1:]] * 3}, [split] * 3)
    assert found["families"] == ["b"] * 3 and found["points"] == [5.0] * 3
    assert [found["error"], found["alone"]] == pytest.approx([0.3, 0.7])


def test_with_few_labels_the_report_says_what_they_choose(brief):
    few, more = (quick(*plain(3), labels=m) for m in (20, 110))
    assert f"error {few.chosen['error']:.3f}, by leave-one-out alone" in repr(few)
    assert "40/20 of the rehearsal risk" in repr(few) and "leave-one-out alone" not in repr(more)
    assert more.chosen["error"] == more.chosen["alone"]
    assert few.context[0] == few.chosen["error"] and more.context[0] == more.best["honest"]
    assert few.comparisons["context, ridge"]["change"] == pytest.approx(
        few.chosen["error"] - few.baseline.mean())
    assert f"the context that the labels choose {few.context[0]:.3f}" in repr(few)
    assert f"the best context {more.context[0]:.3f}" in repr(more)


def test_the_tasks_are_the_readers(brief):
    X = blobs(0)[0]
    usual, classes = quick(X), quick(X, tasks=["classes"])
    assert usual.tasks == ("linear", "smooth", "rules") and classes.tasks == ("classes",)
    assert "(linear, smooth, rules)" in repr(usual) and 'tasks=("classes",)' in repr(usual)
    assert "(classes)" in repr(classes) and "say so" not in repr(classes)
    assert classes.table["points"][classes.table["rehearsal"].idxmin()] < 40
    with pytest.raises(ValueError, match="tasks has 'cubic'; there are linear, smooth"):
        quick(X, tasks="cubic")


def test_a_diagnosis_is_saved_as_one_file_without_scripts(brief, tmp_path):
    X, y = plain(0)
    frame = pd.DataFrame(X, columns=["<script>alert(1)</script>", "a&b", "$c$"]).assign(same=1)
    frame["<img src=http://x>"] = "one"
    quick(frame, y).save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "left out, the same value everywhere" in page and "Diagnosis of 150" in page
    assert page.count("<img") == 1 and "data:image/png;base64," in page
    tags = set(re.findall(r"<(/?\w+)", page))
    assert not {"script", "a", "link", "iframe"} & tags
    assert "<img src=http" not in page and "href" not in page and "default-src 'none'" in page
    with pytest.raises(ValueError, match=r"path is 'report.csv'; it must end in .html"):
        quick(X, y).save("report.csv")
