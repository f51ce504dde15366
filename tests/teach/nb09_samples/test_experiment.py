"""Notebook 09's experiments on real data: what is said of them holds over seeds."""

from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import contexture_lite as cl
from contexture_lite import sampling
from contexture_lite.teach.nb09_samples import experiment
from contexture_lite.teach.nb09_samples import figures as pictures

SEEDS = range(3)


@pytest.fixture(scope="module", autouse=True)
def functions_once():
    """Random and balanced labels are drawn on the same functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "_functions", cache(experiment._functions))
        yield


@cache
def made(name):
    """Each table once for the whole module, of three of the five seeds."""
    if name == "transforms":
        return experiment.transforms(seeds=SEEDS, progress=False)
    return experiment.curves({"balanced": "digits"}.get(name, name), balanced=name == "balanced",
                             seeds=SEEDS, progress=False)


def column(name, value, **where):
    """One column of `best` for a given n or m, in order."""
    rows = experiment.best(made(name))
    for key, wanted in where.items():
        rows = rows[rows[key] == wanted]
    return rows[value].to_numpy()


# ---- what the notebook says


@pytest.mark.parametrize("name", ["digits", "balanced", "abalone"])
@pytest.mark.parametrize("n", experiment.POINTS)
def test_more_labels_more_functions_and_a_smaller_error(name, n):
    best = column(name, "d", n=n)
    if name == "digits":  # 20 random labels rarely show all ten digits
        best = best[1:]
    assert (np.diff(best) >= 0).all() and best[-1] > best[0]
    assert (np.diff(column(name, "error", n=n)) < 0).all()


def test_more_labels_more_functions_for_every_seed():
    """On abalone for the contexts of 300 points and more; with 100 one seed takes 6 always."""
    for name, few, factor, points in (("digits", 50, 2, experiment.POINTS),
                                      ("balanced", 20, 4, experiment.POINTS),
                                      ("abalone", 20, 3, experiment.POINTS[1:])):
        for seed in SEEDS:
            rows = experiment.best(made(name)[made(name).seed == seed]).set_index(["n", "m"])
            for n in points:
                assert rows.d[n, 400] >= factor * max(rows.d[n, few], 1), (name, seed, n)


def test_more_unlabelled_points_lower_the_error():
    """On digits for every seed; on abalone 300 are enough."""
    for seed in SEEDS:
        part = made("digits")[made("digits").seed == seed]
        for m in (100, 200, 400):
            least = part[part.m == m].groupby(["n", "d"]).error.mean().groupby("n").min()
            assert (np.diff(least) < -0.03).all(), (seed, m)
    for m in (100, 200, 400):
        least = column("abalone", "error", m=m)
        assert least[1] < least[0] - 0.02 and abs(least[2] - least[1]) < 0.02


def test_ten_times_the_points_are_worth_three_times_the_labels_and_more():
    """1000 points with so many labels are as good as 100 points with 400."""
    assert 40 < experiment.worth(made("balanced"), 400) < 100
    assert 40 < experiment.worth(made("digits"), 400) < 100
    assert 80 < experiment.worth(made("abalone"), 400) < 140


def test_the_best_number_hardly_depends_on_the_points():
    """Within a factor 1.5; it is the number of labels that decides."""
    for name in ("balanced", "abalone"):
        for m in experiment.LABELS:
            best = column(name, "d", m=m)
            assert best.max() <= 1.5 * best.min(), (name, m)


@pytest.mark.parametrize("name", ["digits", "balanced", "abalone"])
def test_where_the_formula_is_good(name):
    """From 100 labels on: within a fifth of the error; d within a factor 2, never too small."""
    rows = experiment.best(made(name))
    enough = rows[rows.m >= 100]
    assert (np.abs(np.log(enough.error_predicted / enough.error)) < np.log(1.2)).all()
    assert (enough.d_predicted >= enough.d).all()
    assert (enough.d_predicted <= 2 * enough.d).all()


def test_where_it_is_not():
    """20 random labels miss a digit: worse than nothing. With two of each: better than said."""
    assert (column("digits", "error", m=20)[1:] > 1).all()
    assert (column("digits", "error_predicted", m=20) < 0.9).all()
    assert (column("balanced", "error", m=20) < column("digits", "error_predicted", m=20)).all()
    table = made("digits").groupby(["n", "m", "d"]).error.mean()
    assert table[1000, 20, 8] > 5 and table[1000, 50, 48] > 100  # nearly as many as labels
    assert column("digits", "error_interpolated", m=20)[1] < 0.9  # 64 functions, least norm


def test_transformed_kernels_use_the_unlabelled_points():
    table = made("transforms")
    mean = table.groupby(["kernel", "m", "n"]).misclassified.mean()
    for m in experiment.FEW:
        assert (np.diff(mean["inverse Laplacian", m]) < 0).all()
        assert mean["inverse Laplacian", m, 300] < mean["plain", m, 300]
    for m in (10, 20):
        assert mean["plain", m, 1000] > mean["plain", m, 100] + 0.1
    assert (mean["inverse Laplacian"] < mean["first 20 functions"] + 0.02).all()
    assert (mean["inverse Laplacian"] < mean["first 9 functions"] + 0.02).all()
    assert mean["first 9 functions", 10, 1000] < mean["first 20 functions", 10, 1000]
    assert mean["first 9 functions", 50, 1000] > 1.5 * mean["first 20 functions", 50, 1000]
    each = table[table.n == 1000].set_index(["kernel", "m", "seed"]).misclassified.sort_index()
    for m in experiment.FEW:  # for every seed
        assert (each["inverse Laplacian", m] < each["plain", m] - 0.1).all()


# ---- the numbers are what they are called


def test_errors_are_those_of_least_squares():
    functions, target = experiment._functions("digits", 100, 0)
    errors = experiment._errors(functions, target, 50, np.random.default_rng([0, 50]), False)
    rng, wanted = np.random.default_rng([0, 50]), []
    for _ in range(experiment.DRAWS):
        order = rng.permutation(len(functions))
        fit = LinearRegression().fit(functions[order[:50], :8], target[order[:50]])
        test = order[400:]
        left = target[test] - fit.predict(functions[test, :8])
        wanted.append((left**2).mean(axis=0).sum() / target[test].var(axis=0).sum())
    assert errors[experiment.DIMENSIONS.index(8)] == pytest.approx(np.mean(wanted))
    table = made("digits")
    row = table[(table.n == 100) & (table.m == 50) & (table.d == 8) & (table.seed == 0)]
    assert row.error.iloc[0] == pytest.approx(np.mean(wanted))


def test_energies_and_prediction_are_right_for_gaussian_functions():
    rng = np.random.default_rng(0)
    energies, noise, size = 0.8 ** np.arange(64), 0.5, 4000
    functions = rng.standard_normal((size, 64))
    mixed = functions @ np.triu(rng.standard_normal((64, 64)) * 0.05 + np.eye(64))
    target = (functions @ np.sqrt(energies) + rng.normal(0, noise**0.5, size))[:, None]
    estimated, left = experiment._energies(mixed, target)
    assert left == pytest.approx(noise, rel=0.1)
    assert np.cumsum(estimated) == pytest.approx(np.cumsum(energies), rel=0.1)
    measured = np.mean([experiment._errors(functions, target, 100, np.random.default_rng(s), False)
                        for s in range(8)], axis=0)
    for d in (0, 4, 16, 48):
        risk = sampling.probe_risk(energies, d, 99, noise).total
        wanted = (noise + risk) * 1.01 / (noise + energies.sum())
        assert measured[experiment.DIMENSIONS.index(d)] == pytest.approx(wanted, rel=0.1)


def test_balanced_labels_come_one_of_each():
    classes = np.array([2, 2, 0, 1, 2, 0, 0])
    assert experiment.earlier_of_class(classes).tolist() == [0, 1, 0, 0, 2, 1, 2]


def test_kernels_are_those_of_transformed_ridge():
    Z, y, (points, _) = experiment._split("digits", 100, 0)
    context, target = cl.knn_context(Z[points], 10), y[points]
    rng, m = np.random.default_rng([0, 20]), 20
    orders = [rng.permutation(100) for _ in range(experiment.DRAWS)]
    table = experiment.transforms([100], [m], [0], progress=False).set_index("kernel")
    for name, transform in experiment.KERNELS.items():
        wrong = []
        for order in orders:
            told = np.column_stack([
                sampling.transformed_ridge(context, order[:m], one[order[:m]], experiment.PENALTY,
                                           transform) for one in target.T])
            rest = order[m:]
            wrong.append(np.mean(told[rest].argmax(axis=1) != target[rest].argmax(axis=1)))
        assert table.misclassified[name] == pytest.approx(np.mean(wrong))


def test_a_split_keeps_its_parts_apart():
    for task in ("digits", "abalone"):
        _, _, (few, others) = experiment._split(task, 100, 3)
        _, _, (many, same) = experiment._split(task, 1000, 3)
        assert not set(many) & set(others) and (others == same).all()
        assert (many[:100] == few).all() and len(set(many)) == 1000


# ---- pictures


def test_pictures_say_what_they_show():
    picture = pictures.picture(made("digits"))
    rows = experiment.best(made("digits")).iloc[-1]
    assert f"400 labels d = {rows.d:.0f} (formula {rows.d_predicted:.0f})" in repr(picture)
    along, dimension, least = picture.figure.axes
    stars = [line for line in along.lines if line.get_marker() == "*"]
    assert len(stars) == len(experiment.LABELS)
    assert [text.get_text() for text in least.get_legend().get_texts()] == [
        "100 points", "300 points", "1000 points"]
    assert len(dimension.lines) >= 6
    picture = pictures.picture_transforms(made("transforms"))
    assert "inverse Laplacian" in repr(picture) and len(picture.figure.axes) == 3


def test_a_picture_of_a_small_table():
    table = experiment.curves("digits", [100], [30, 60], [0], progress=False)
    assert "30 labels" in repr(pictures.picture(table))


# ---- errors


@pytest.mark.parametrize("change, message", [
    ({"task": "weather"}, "task is 'weather'; there are digits, abalone"),
    ({"points": [50]}, "points"), ({"points": [2000]}, "points is 2000; it must be at most 1000"),
    ({"labels": [2]}, "labels"), ({"labels": [500]}, "labels is 500; it must be at most 400"),
    ({"seeds": [-1]}, "seed"), ({"task": "abalone", "balanced": True}, "abalone has no classes"),
])
def test_bad_settings_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        experiment.curves(**{"progress": False} | change)


def test_other_bad_input_is_refused():
    for change, message in (({"points": [2000]}, "points is 2000"), ({"labels": [1]}, "labels"),
                            ({"labels": [100]}, "labels is 100"), ({"seeds": [-1]}, "seed")):
        with pytest.raises(ValueError, match=message):
            experiment.transforms(**{"progress": False} | change)
    with pytest.raises(ValueError, match="m is 77; the table has 20, 50"):
        experiment.worth(made("digits"), 77)
