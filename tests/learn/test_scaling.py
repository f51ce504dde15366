"""The grid of networks: its settings by a second route, its scores on known features, its table."""

from dataclasses import fields
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.linear_model import RidgeCV
from threadpoolctl import threadpool_limits

import contexture_lite as cl
from contexture_lite.experiment import protocol
from contexture_lite.learn import Diverged, scaling
from contexture_lite.learn.scaling.settings import SAMPLES
from contexture_lite.teach.nb08_scaling import results

COLUMNS = [field.name for field in fields(scaling.Point)]
SCORES = ["cca", "cca_held_out", "ratio_trace", "error"]
EVERY = [(task, context) for task in scaling.TASKS for context in scaling.CONTEXTS[task]]


def small(**options):
    """A grid of two small networks."""
    options = {"tasks": ["digits"], "contexts": ["10 neighbours"], "widths": [4, 8], "depths": [1],
               "steps": [5], "samples": [100], "seeds": [0], "n_jobs": 1,
               "progress": False} | options
    return scaling.grid(**options)


def same(one, two):
    pd.testing.assert_frame_equal(one.drop(columns="seconds"), two.drop(columns="seconds"))


# The settings


@pytest.mark.parametrize("task, context", EVERY)
def test_a_setting_is_that_of_its_definition(task, context):
    made = scaling.setting(task, context, seed=1)
    X = made.points
    neighbours, whitened = scaling.CONTEXTS[task][context]
    assert X.shape[0] == 1000 and np.abs(X).max() <= protocol.CLIP
    if whitened:  # Euclidean distance after whitening is Mahalanobis distance, but for the clip
        X = (X - X.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(X.T))).T
        unclipped = np.abs(X).max(axis=1) < 2  # whatever the rotation, these are in the box
    else:
        unclipped = np.ones(len(X), bool)
    near = np.argsort(cdist(X, X), axis=1)[:, :neighbours]
    neighbour = made.context.conditional().toarray() > 0
    assert (neighbour.sum(axis=1) == neighbours).mean() > 0.97  # more for copies of one point
    shared = np.take_along_axis(neighbour, near, axis=1).mean(axis=1)[unclipped]
    assert shared.mean() > 0.98
    values = cl.singular_system(made.context, 20).values[:15]
    assert made.ratio_trace_exact == pytest.approx((values**2).mean())


@pytest.mark.parametrize("task", scaling.TASKS)
def test_held_out_and_labelled_points_do_not_depend_on_the_samples(task):
    few, many = (scaling.setting(task, "30 neighbours", 2, n) for n in (100, 1000))
    assert few.points.shape[0] == 100 and len(few.labelled) == len(many.labelled) == 400
    assert len(many.held_out) == {"abalone": 1000, "digits": 797}[task]
    assert np.array_equal(few.y, many.y) and np.array_equal(few.y_held_out, many.y_held_out)
    assert np.array_equal(few.points, few.labelled[:100])
    assert np.array_equal(many.points[:400], many.labelled)


@pytest.mark.parametrize("task", scaling.TASKS)
def test_nobody_is_held_out_and_seen(task):
    made = scaling.setting(task, "30 neighbours", samples=SAMPLES[task])
    if task == "digits":  # no two pictures are equal
        assert cdist(made.points, made.held_out).min() > 0
    assert len(made.points) + len(made.held_out) <= len(cl.datasets.load(task).X)


def test_with_fewer_points_the_share_of_neighbours_stays():
    for samples, k in [(100, 3), (500, 15), (1000, 30)]:
        made = scaling.setting("digits", "30 neighbours", samples=samples)
        assert made.context.joint.nnz == samples * k
    assert scaling.setting("digits", "10 neighbours", samples=100).context.joint.nnz == 200


def test_the_exact_functions_are_extended_to_labelled_and_held_out_points():
    made = scaling.setting("abalone", "30 neighbours")
    assert np.allclose(made.exact_labelled, made.system.left[:400], atol=1e-8)
    assert np.allclose(made.exact_held_out, made.system.extend(
        made.context.conditional_at(made.held_out)))


@pytest.mark.parametrize("task", scaling.TASKS)
def test_the_error_is_that_of_a_plain_recomputation(task, monkeypatch):
    penalties = np.logspace(-2, 2, 3)
    monkeypatch.setattr(protocol, "PENALTIES", penalties)
    made = scaling.setting(task, "30 neighbours")
    train, new = made.exact_labelled[:, :5], made.exact_held_out[:, :5]
    probe = RidgeCV(penalties).fit(train, made.y)  # leaves one out
    misses = made.y_held_out - probe.predict(new).reshape(made.y_held_out.shape)
    expected = (misses**2).sum() / ((made.y_held_out - made.y_held_out.mean(axis=0)) ** 2).sum()
    assert made.error(train, new) == pytest.approx(expected)


def test_a_target_among_the_features_has_no_error_and_noise_has_all():
    made = scaling.setting("abalone", "30 neighbours")
    assert made.error(made.y, made.y_held_out) < 1e-6
    noise = np.random.default_rng(0).normal(size=(1400, 3))
    assert made.error(noise[:400], noise[400:]) == pytest.approx(1, abs=0.1)


def test_a_setting_cannot_be_changed():
    made = scaling.setting("digits", "10 neighbours")
    with pytest.raises(ValueError, match="read-only"):
        made.points[0] = 0
    assert scaling.setting("digits", "10 neighbours") is made  # and so it may be shared
    assert "Setting(digits, 10 neighbours, seed 0: 1000 points, 797 held out" in repr(made)


# The scores of features that are known


class Known(torch.nn.Module):
    """A "network" whose outputs at a setting's points are given."""

    def __init__(self, setting, mixture):
        super().__init__()
        self.outputs = {len(values): torch.tensor(values @ mixture, dtype=torch.float32)
                        for values in (setting.system.left, setting.exact_labelled,
                                       setting.exact_held_out)}

    def forward(self, points):
        return self.outputs[len(points)]


@pytest.mark.parametrize("context", scaling.CONTEXTS["digits"])
def test_a_network_that_is_the_exact_answer_has_its_scores(context):
    made = scaling.setting("digits", context)
    mixture = np.random.default_rng(0).normal(size=(15, 64))  # its span is what counts
    scores = scaling.scores(made, Known(made, mixture))
    assert scores == {"cca": pytest.approx(1, abs=1e-5),
                     "cca_held_out": pytest.approx(1, abs=1e-4),
                     "ratio_trace": pytest.approx(made.ratio_trace_exact, abs=1e-5),
                     "error": pytest.approx(made.error_exact, abs=1e-3)}


@pytest.mark.parametrize("r", [1, 4, 14])
def test_functions_that_a_network_does_not_have_count_as_zero(r):
    """64 outputs of which r are independent: the rounding of the others is no function."""
    made = scaling.setting("digits", "10 neighbours")
    mixture = np.zeros((15, 64))
    mixture[:r] = np.random.default_rng(r).normal(size=(r, 64))
    scores = scaling.scores(made, Known(made, mixture))
    assert scores["cca"] == pytest.approx(r / 15, abs=1e-5)
    assert scores["ratio_trace"] == pytest.approx(
        (made.system.values[:r] ** 2).sum() / 15, abs=1e-5)


@settings(max_examples=6)
@given(st.sampled_from(EVERY), st.integers(1, 40), st.integers(1, 4), st.integers(0, 3))
def test_no_network_is_above_the_context(which, width, depth, seed):
    made = scaling.setting(*which, samples=200)
    for point in scaling.train(made, width, depth, steps=8, seed=seed, every=4):
        assert point.ratio_trace <= point.ratio_trace_exact + 1e-6
        assert 0 <= point.cca <= 1 and 0 <= point.cca_held_out <= 1
        assert point.error > 0


# One network


def test_training_hands_out_points_and_comes_nearer_to_the_exact_answer():
    for seed in range(3):
        made = scaling.setting("digits", "30 neighbours", seed, samples=200)
        points = list(scaling.train(made, 32, 2, steps=40, seed=seed, every=15))
        assert [point.steps for point in points] == [0, 15, 30, 40]
        assert points[-1].cca > points[0].cca
        assert points[-1].ratio_trace > points[0].ratio_trace
        seconds = [point.seconds for point in points]
        assert seconds == sorted(seconds) and seconds[0] >= 0


def test_parameters_are_those_that_are_trained():
    made = scaling.setting("abalone", "30 neighbours", samples=100)
    point = next(scaling.train(made, 5, 3, steps=1))
    assert point.parameters == (8 * 64 + 64) + (8 * 5 + 5) + 2 * (5 * 5 + 5) + 5 * 64


def test_a_row_of_the_grid_is_the_last_point_of_the_training():
    row = small(widths=[6], depths=[3], seeds=[2]).iloc[0]
    made = scaling.setting("digits", "10 neighbours", 2, samples=100)
    with threadpool_limits(1):  # as the grid's jobs have it; two threads add up in another order
        *_, point = scaling.train(made, 6, 3, steps=5, seed=2, every=2)
    for name in COLUMNS[:-1]:
        assert row[name] == getattr(point, name), name


def diverging(law, f, g):
    return (f.sum() - f.sum().detach()) * np.nan


def test_a_training_that_diverges_is_a_row_without_scores(monkeypatch):
    plain = small()
    monkeypatch.setattr(scaling.losses, "whitened_trace", diverging)
    diverged = small()
    assert diverged[SCORES].isna().all(axis=None) and not plain.isna().any(axis=None)
    same(diverged.drop(columns=SCORES), plain.drop(columns=SCORES))
    with pytest.raises(Diverged):
        list(scaling.train(scaling.setting("digits", "10 neighbours"), 4, 1, steps=2))


# The grid


def test_columns_rows_and_their_order():
    table = small(contexts=["30 neighbours", "10 neighbours"], seeds=[3, 1], steps=[2, 1])
    assert table.columns.tolist() == COLUMNS == [
        "task", "context", "width", "depth", "steps", "samples", "seed", "parameters", "cca",
        "cca_held_out", "ratio_trace", "ratio_trace_exact", "error", "error_exact",
        "error_linear", "seconds"]
    places = table[["context", "seed", "steps", "width"]].itertuples(index=False, name=None)
    assert list(places) == list(product(["30 neighbours", "10 neighbours"], [3, 1], [2, 1], [4, 8]))


def test_every_context_of_a_task_by_default():
    table = small(contexts=None, tasks=["digits", "abalone"], widths=[4], steps=[1])
    pairs = table[["task", "context"]].itertuples(index=False, name=None)
    assert list(pairs) == EVERY[3:] + EVERY[:3]


def test_the_result_is_the_same_again_and_with_two_workers():
    first = small()
    same(first, small())
    same(first, small(n_jobs=2))
    other = small(seeds=[1])
    assert (other[SCORES] != first[SCORES]).all(axis=None)


def test_a_killed_grid_goes_on_where_it_stopped(tmp_path, monkeypatch):
    plain, calls = scaling.scores, []

    def killed(*args):
        calls.append(1)
        if len(calls) == 4:  # in the second network: two points each
            raise KeyboardInterrupt
        return plain(*args)

    monkeypatch.setattr(scaling, "scores", killed)
    with pytest.raises(KeyboardInterrupt):
        small(cache=tmp_path)
    table = small(cache=tmp_path)
    assert len(calls) == 4 + 2  # the second network anew, the first one not
    pd.testing.assert_frame_equal(table, small(cache=tmp_path))  # the seconds too: from the files
    assert len(calls) == 6
    same(table, small())


def test_a_damaged_file_is_made_again_with_a_warning(tmp_path):
    first = small(cache=tmp_path)
    entry = sorted(tmp_path.glob("*.json.gz"))[0]
    entry.write_bytes(b"nonsense")
    with pytest.warns(RuntimeWarning, match=r"digits, 10 neighbours, width [48], depth 1, seed 0 "
                                            "was computed again"):
        same(small(cache=tmp_path), first)


# What comes in


@pytest.mark.parametrize("wrong, message", [
    ({"tasks": ["digits", "mnist"]}, "task is 'mnist'; there are abalone, digits"),
    ({"contexts": ["5 neighbours"]}, "context is '5 neighbours'; of digits there are: 300 neighb"),
    ({"widths": [4, 0]}, "widths is 0; it must be at least 1"),
    ({"depths": [0]}, "depths is 0"),
    ({"steps": [0]}, "steps is 0"),
    ({"samples": [99]}, "samples is 99; it must be at least 100"),
    ({"samples": [1001]}, "samples is 1001; of digits there are at most 1000"),
    ({"seeds": []}, "seeds is empty"),
    ({"seeds": [-1]}, r"seeds\[0\] is -1"),
    ({"n_jobs": 0}, "n_jobs is 0"),
])
def test_wrong_values_are_named(wrong, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        small(**wrong, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("wrong, message", [
    ({"widths": [6.5]}, "widths is 6.5; it must be an integer"),
    ({"seeds": 0}, "seeds is 0; it must be a sequence"),
    ({"n_jobs": "all"}, "n_jobs is 'all'"),
])
def test_wrong_types_are_named(wrong, message):
    with pytest.raises(TypeError, match=message):
        small(**wrong)


@pytest.mark.parametrize("arguments, message", [
    (("wine", "30 neighbours"), "task is 'wine'; there are abalone, digits"),
    (("digits", "best"), "context is 'best'; of digits there are: 300 neighbours; 30 neighbours; "),
    (("digits", "100 neighbours, whitened"), "of digits there are"),
    (("digits", "30 neighbours", -1), "seed is -1"),
    (("digits", "30 neighbours", 0, 50), "samples is 50; it must be at least 100"),
    (("abalone", "30 neighbours", 0, 3001), "samples is 3001; of abalone there are at most 3000"),
])
def test_a_setting_that_is_not_there(arguments, message):
    with pytest.raises(ValueError, match=message):
        scaling.setting(*arguments)


@pytest.mark.parametrize("wrong, error, message", [
    ({"setting": "digits"}, TypeError, "setting is a str; it must be a Setting"),
    ({"width": 0}, ValueError, "width is 0"),
    ({"depth": 1.5}, TypeError, "depth is 1.5"),
    ({"steps": 0}, ValueError, "steps is 0"),
    ({"every": 0}, ValueError, "every is 0"),
    ({"seed": -1}, ValueError, "seed is -1"),
])
def test_a_training_that_cannot_be(wrong, error, message):
    options = {"setting": scaling.setting("digits", "10 neighbours", samples=100), "width": 4,
               "depth": 1} | wrong
    with pytest.raises(error, match=message):  # at once, before anything is asked for
        scaling.train(**options)


def test_a_setting_of_another_kind():
    with pytest.raises(TypeError, match="setting is a str; it must be a Setting"):
        scaling.fit("digits", torch.nn.Linear(64, 15), scaling.losses.whitened_trace)


# The table that is shipped


@pytest.fixture(scope="module")
def shipped():
    return results.shipped()


def test_the_table_is_complete(shipped):
    assert shipped.columns.tolist() == COLUMNS
    names = ["task", "context", "seed", "samples", "steps", "depth", "width"]
    places = [*shipped[names].itertuples(index=False, name=None)]
    full = {(*which, *rest) for which, rest in product(EVERY, product(
        scaling.SEEDS, (1000,), (scaling.STEPS,), scaling.DEPTHS, scaling.WIDTHS))}
    cuts = {(*which, seed, 1000, steps, 2, 128)
            for which, seed, steps in product(EVERY, scaling.SEEDS, (10, 30, 100, 1000))}
    cuts |= {(*which, seed, samples, scaling.STEPS, 2, 128)
             for which, seed, samples in product(EVERY, scaling.SEEDS, (100, 200, 500, 2000))
             if samples <= SAMPLES[which[0]]}
    assert len(places) == len(set(places)) and set(places) == full | cuts


def test_no_network_of_the_table_is_above_its_context(shipped):
    assert not shipped.isna().any(axis=None)  # none diverged
    assert (shipped["ratio_trace"] <= shipped["ratio_trace_exact"] + 1e-6).all()
    assert shipped[["cca", "cca_held_out"]].stack().between(0, 1).all()


@pytest.mark.processor
@pytest.mark.parametrize("place", [("digits", "10 neighbours", 0, 1000, 10, 2, 128),
                                   ("abalone", "100 neighbours, whitened", 1, 1000, 30, 2, 128)])
def test_a_row_of_the_table_is_made_again(shipped, place):
    """What is exact to the file's five digits; what is trained within the seeds' spread.

    Training amplifies the last digit of every sum, which depends on the processor.
    """
    names = ["task", "context", "seed", "samples", "steps", "depth", "width"]
    task, context, _, *sizes = place
    table = shipped.set_index(names, drop=False).sort_index()
    row, made = table.loc[place], scaling._unit(*place)
    spread = table.loc[task, context, :, *sizes][SCORES].std()
    for name in ["ratio_trace_exact", "error_exact", "error_linear"]:
        assert row[name] == pytest.approx(made[name], abs=5e-6 + 1e-6), name
    for name in SCORES:
        assert row[name] == pytest.approx(made[name], abs=spread[name]), name
    assert row["parameters"] == made["parameters"]
    assert set(made) == set(row.index)
