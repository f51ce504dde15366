"""The sweep: its errors and scores recomputed, its cache damaged on purpose, a cluster."""

import ast
import gzip
import pickle
import resource
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweeping import classes, points, small, table

import contexture_lite as cl
from contexture_lite import rehearsal
from contexture_lite.experiment import families, jobs, protocol
from contexture_lite.experiment import strengths as experiment

ROOT = Path(__file__).parents[2]
KINDS = "linear", "smooth", "rules"


@pytest.fixture
def count(monkeypatch):
    """How many times a probe was fitted: two for each unit of work with two strengths."""
    calls = []
    plain = protocol.errors

    def counted(*args):
        calls.append(1)
        return plain(*args)

    monkeypatch.setattr(protocol, "errors", counted)
    return calls


def test_the_neighbours_strength_is_in_the_table():
    found = small(datasets={"a": table(100)}, strengths=3)
    assert found["strength"].tolist() == [0, 0.5, 1]
    assert np.allclose(found["share"], np.array([54, 10, 2]) / 60)


@pytest.mark.parametrize("make", [table, classes])
def test_the_errors_are_those_of_the_probe_on_the_packages_functions(make):
    X, y = make()
    row = small(datasets={"a": (X, y)}, families="rbf").iloc[1]
    parts = protocol.split(len(X), np.random.default_rng(0))
    trained, labelled, test = (protocol.standardised(X, parts[0])[part] for part in parts)
    target = y[:, None] if make is table else np.eye(3)[y]
    _, bandwidth = families.bandwidths(trained, [slice(None)],
                                       np.geomspace(0.9 * len(trained), 2, 2))
    context = cl.rbf_context(trained, bandwidth)
    system = cl.singular_system(context)
    inside, new = (system.extend(context.conditional_at(part)) for part in (labelled, test))
    left_out = {}
    for d in (1, 2, 4, 8, 16, 32):
        error, left_out[d] = protocol.probe_error(inside[:, :d], new[:, :d],
                                                  target[parts[1]], target[parts[2]])
        assert row[f"error_{d}"] == pytest.approx(error, rel=1e-3)
    assert np.isnan(row["error_64"])  # 36 points have no more than 35 functions
    assert row["d_oracle"] == min(left_out, key=lambda d: row[f"error_{d}"])
    assert row["d_loo"] == min(left_out, key=left_out.get)
    assert row["error_loo"] == row[f"error_{row['d_loo']}"] >= row["error_oracle"]


def test_a_context_in_pieces_has_one_error_for_all_its_repeated_values():
    """Six far-apart clouds make five values of 1: error_1, 2 and 4 are those of all five."""
    cloud = np.arange(300) % 6
    X = points(300, 2) + 100 * cloud[:, None]
    row = small(datasets={"a": (X, cloud * 1.0)}, strengths=3).iloc[1]  # of 30 points 18 nearest
    assert row["s1"] == pytest.approx(1)
    assert row["error_1"] == row["error_2"] == row["error_4"] < 1e-12


def test_the_scores_are_those_of_the_context():
    X, y = table()
    row = small(datasets={"a": (X, y)}).iloc[1]
    parts = protocol.split(len(X), np.random.default_rng(0))
    context = cl.knn_context(protocol.standardised(X, parts[0])[parts[0]], 2)
    values = cl.singular_system(context).values
    values[values < protocol.SMALLEST] = 0
    assert row["chi2"] == pytest.approx((values**2).sum(), rel=1e-5)
    assert row["rank"] == (values > 0).sum()
    assert row["tau"] == pytest.approx(cl.tau(values).value, rel=1e-5)
    assert row["tau_b4"] == pytest.approx(cl.tau(values, beta=4).value, rel=1e-5)
    assert row["tau_d0_32"] == pytest.approx(cl.tau(values, d0=32).value, rel=1e-5)
    for name in ("effective_rank", "log_trace", "decay_rate"):
        score = getattr(cl.usefulness, name)(values).value
        assert row[name] == pytest.approx(score, rel=1e-4), name


@pytest.mark.parametrize("shown", [np.inf, 4])
def test_the_rehearsal_is_that_of_the_functions_at_the_labelled_points(shown):
    X, y = table(150)
    row = small(datasets={"a": (X, y)}, families="rbf", tasks=KINDS, views=[shown]).iloc[1]
    rng = np.random.default_rng(0)
    parts = protocol.split(len(X), rng)
    Z = protocol.standardised(X, parts[0])
    *_, channel = families.conditionals("rbf", Z, parts, 2, rng)
    if shown == 4:  # the weaker context has drawn before
        channel, _ = [families.sampled(c, 4, rng)
                      for c in families.conditionals("rbf", Z, parts, 2, rng)][::-1]
    system = cl.singular_system(cl.Context.from_conditional(channel[0]))
    features, = protocol.functions(system, channel[1])
    ends = protocol.group_ends(system.values[: features.shape[1]], rehearsal.DIMENSIONS)
    risk = rehearsal.risk(features, Z[parts[1]], dimensions=ends.tolist(), rng=0)
    assert row["rehearsal"] == pytest.approx(risk.value, rel=1e-6) and row["views"] == shown


def test_whole_rows_stay_what_they_are_beside_sampled_ones():
    whole, both = small(), small(views=[np.inf, 3], tasks=["linear"])
    assert both["views"].tolist() == [np.inf, 3] * 4
    pd.testing.assert_frame_equal(both[whole.columns][::2].reset_index(drop=True), whole)
    sampled = both[1::2].reset_index(drop=True)
    assert not np.allclose(sampled["s1"], whole["s1"])
    assert sampled["share"].equals(whole["share"])
    assert both["rehearsal"].isna().all()  # 12 labels are too few to rehearse with


def test_the_parts_have_no_more_points_than_asked_for():
    found = small(datasets={"a": table(200)}, points=[50, 30, 40], tasks=KINDS)
    assert np.allclose(found["share"], [0.9, 2 / 50]) and found["rehearsal"].notna().all()


# One table whoever makes it


def test_columns_rows_and_their_order():
    found = small(families=["knn", "rbf"], seeds=[3, 1])
    assert found.columns[:8].tolist() == ["dataset", "kind", "n", "features", "family", "strength",
                                          "share", "seed"]
    assert found["dataset"].tolist() == ["a"] * 8 + ["b"] * 8
    assert found["family"].tolist() == (["knn"] * 4 + ["rbf"] * 4) * 2
    assert found["seed"].tolist() == [3, 3, 1, 1] * 4
    assert found["kind"].tolist() == ["regression"] * 8 + ["classification"] * 8


def test_the_result_does_not_depend_on_the_number_of_workers():
    settings = {"families": ["masked knn", "rbf"], "seeds": [0, 1]}
    pd.testing.assert_frame_equal(small(**settings), small(**settings, n_jobs=2), check_exact=True)


def test_seeds_differ_and_repeat():
    one, two, again = (small(seeds=[seed]) for seed in (0, 1, 0))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not np.allclose(one["error_oracle"], two["error_oracle"])


# The cache


def test_a_finished_unit_is_never_computed_again(tmp_path, count):
    first = small(cache=tmp_path)
    assert len(count) == 4
    pd.testing.assert_frame_equal(small(cache=tmp_path), first)
    assert len(count) == 4
    small(cache=tmp_path, seeds=[0, 1])
    assert len(count) == 8


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path, count, monkeypatch):
    counted = protocol.errors

    def killed(*args):
        if len(count) == 3:  # in the middle of the second unit
            raise KeyboardInterrupt
        return counted(*args)

    monkeypatch.setattr(protocol, "errors", killed)
    with pytest.raises(KeyboardInterrupt):
        small(cache=tmp_path)
    monkeypatch.setattr(protocol, "errors", counted)
    found = small(cache=tmp_path)
    assert len(count) == 3 + 2  # the second unit anew, the first one not
    pd.testing.assert_frame_equal(found, small())


def test_a_process_killed_outright_leaves_finished_units(tmp_path, count):
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from contexture_lite.experiment import protocol
from sweeping import small
plain, calls = protocol.errors, []
def errors(*args):
    calls.append(1)
    return plain(*args) if len(calls) < 4 else os._exit(9)
protocol.errors = errors
small(cache={str(tmp_path)!r})
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    small(cache=tmp_path)
    assert len(count) == 2


def test_two_folders_in_one_process_are_both_good_in_the_next(tmp_path, count):
    for folder in ("one", "two"):
        small(cache=tmp_path / folder)
    assert len(count) == 8
    first, again = small(cache=tmp_path / "two"), small(cache=tmp_path / "two", n_jobs=2)
    assert len(count) == 8 and len(list((tmp_path / "two").iterdir())) == 2
    pd.testing.assert_frame_equal(first, again)


def another(tmp_path, entry):
    """The whole and sound file of another job."""
    return next(file for file in tmp_path.iterdir() if file != entry).read_bytes()


@pytest.mark.parametrize("damage", [  # mtime=0: a test's name may not hold the hour it was read
    b"", b"nonsense", "half", "another",
    gzip.compress(b"[1, 2]", mtime=0), gzip.compress(b"[" * 100_000, mtime=0)])
def test_a_damaged_entry_is_computed_again_with_a_warning(tmp_path, count, damage):
    first = small(cache=tmp_path)
    entry = sorted(tmp_path.iterdir())[0]
    whole = entry.read_bytes()
    found = {"half": whole[:-20], "another": another(tmp_path, entry)}
    entry.write_bytes(found.get(damage, damage))
    with pytest.warns(RuntimeWarning, match=r"json.gz cannot be read .*; [ab], knn, seed 0 "
                                            "was computed again") as told:
        found = small(cache=tmp_path)
    assert len(told) == 1 and ("another job" in str(told[0].message)) == (damage == "another")
    assert len(count) == 6
    pd.testing.assert_frame_equal(found, first)
    assert entry.read_bytes() == whole
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(cache=tmp_path)  # and it is whole again
    assert len(count) == 6


def test_a_warning_of_a_worker_reaches_the_reader(tmp_path):
    small(cache=tmp_path)
    sorted(tmp_path.iterdir())[0].write_bytes(b"nonsense")
    with pytest.warns(RuntimeWarning, match="computed again"):
        small(cache=tmp_path, n_jobs=2)


class Planted:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_planted_pickle_is_never_run(tmp_path):
    """Under the name that a file has now, and under one that a file of an older version had."""
    folder, ran = tmp_path / "cache", tmp_path / "ran"
    first = small(cache=folder)
    bad = gzip.compress(pickle.dumps(Planted(ran)))
    for entry in list(folder.iterdir()):
        entry.write_bytes(bad)
        entry.with_name(entry.name.replace("json", "pkl")).write_bytes(bad)
    with pytest.warns(RuntimeWarning) as told:
        pd.testing.assert_frame_equal(small(cache=folder), first)
    assert "computed again" in str(told[1].message)
    old = [str(warning.message) for warning in told if "older version" in str(warning.message)]
    assert len(told) == 3 and len(old) == 1 and str(folder) in old[0] and "delete them" in old[0]
    assert told[0].filename.endswith("sweeping.py")  # where sweep was called
    pickle.loads(gzip.decompress(bad))  # it would have been seen
    assert ran.exists()


def test_nothing_in_the_package_unpickles_a_file():
    loads = {"joblib": "load", "torch": "load", "pandas": "read_pickle", "pd": "read_pickle"}
    for file in (ROOT / "contexture_lite").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                modules = [alias.name for alias in node.names] + [getattr(node, "module", "")]
                assert not {"pickle", "dill", "cloudpickle", "shelve"} & set(modules), file
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert loads.get(node.value.id) != node.attr, file
            assert not isinstance(node, ast.keyword) or node.arg != "allow_pickle", file


def test_a_full_disk_costs_a_warning_and_no_answer(tmp_path):
    """No file may grow beyond ten bytes, which is a real failure in the middle of writing."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.warns(RuntimeWarning, match="cannot be kept in .*File too large") as told:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        try:
            found = small(cache=tmp_path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(told) == 1  # for two jobs
    assert not list(tmp_path.iterdir())  # not a half either
    pd.testing.assert_frame_equal(found, small(cache=tmp_path))


def test_a_folder_that_cannot_be_written_to_costs_a_warning_and_no_answer(tmp_path):
    first = small(cache=tmp_path)
    entry = sorted(tmp_path.iterdir())[0]
    entry.unlink()
    (entry / "in the way").mkdir(parents=True)
    with pytest.warns(RuntimeWarning) as told:
        pd.testing.assert_frame_equal(small(cache=tmp_path), first)
    assert "cannot be read" in str(told[0].message) and "cannot be kept" in str(told[1].message)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_where_no_folder_can_be_is_refused_before_the_work(tmp_path, count):
    (tmp_path / "file").touch()
    for place in ("file", "file/below"):
        with pytest.raises(OSError, match=r"cache is .*file.*leave cache out"):
            small(cache=tmp_path / place)
    assert not count


def test_files_are_the_same_bytes_whoever_makes_them(tmp_path):
    for folder, n_jobs in (("one", 1), ("two", 2)):
        small(cache=tmp_path / folder, n_jobs=n_jobs)
    files = [{file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()}
             for folder in ("one", "two")]
    assert files[0] == files[1] and len(files[0]) == 2


def test_another_experiment_in_the_same_folder_has_files_of_its_own(tmp_path):
    settings = {"cache": tmp_path, "edition": 0, "n_jobs": 1, "progress": False, "label": str}
    assert jobs.run(pow, [(2, 3)], **settings) == [8]
    assert jobs.run(divmod, [(2, 3)], **settings) == [[0, 2]]
    assert jobs.run(pow, [(2, 3)], **settings) == [8]


def test_another_edition_of_the_code_does_not_take_old_results(tmp_path, count, monkeypatch):
    small(cache=tmp_path)
    monkeypatch.setattr(experiment, "EDITION", experiment.EDITION + 1)
    small(cache=tmp_path)
    assert len(count) == 8


def test_workers_and_a_single_process_share_a_cache(tmp_path, count):
    large = points(400, 400), np.arange(400.0)  # more than a megabyte, which joblib would map
    strided = np.arange(120.0).reshape(60, 2)[:, 1]
    settings = {"datasets": {"a": large, "b": (points(), strided)}, "cache": tmp_path}
    first = small(**settings, n_jobs=2)
    assert count == []
    pd.testing.assert_frame_equal(small(**settings), first)
    assert count == []


def test_a_relative_cache_is_beside_the_reader(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small(cache="here", n_jobs=2)
    assert len(list((tmp_path / "here").rglob("*.json.gz"))) == 2


# What the reader sees


def test_a_bar_counts_the_units(capfd):
    small(progress=True)
    assert "2/2" in capfd.readouterr().err
    small(progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("wrong, message", [
    ({"families": ["knn", "cnn"]}, "families has 'cnn'; there are rbf, knn"),
    ({"families": []}, "families is empty"),
    ({"strengths": 1}, "strengths is 1; it must be at least 2"),
    ({"seeds": []}, "seeds is empty"),
    ({"tasks": ["hard"]}, "tasks has 'hard'; there are linear"),
    ({"tasks": []}, "tasks is empty"),
    ({"views": []}, "views is empty; inf"),
    ({"views": [4, 0]}, r"views\[1\] is 0"),
    ({"points": [60, 1, 60]}, r"points\[1\] is 1"),
    ({"seeds": [0, -1]}, r"seeds\[1\] is -1"),
    ({"n_jobs": 0}, "n_jobs is 0"),
    ({"datasets": []}, "datasets is empty"),
    ({"datasets": {}}, "datasets is empty"),
    ({"datasets": ["wine", "beer"]}, "name is 'beer'; it must be one of abalone"),
    ({"datasets": {"a": (points(10), np.ones(10))}}, r"datasets\['a'\] has X of shape \(10, 5\)"),
    ({"datasets": {"a": (points(), np.ones(30))}}, r"y of shape \(30,\)"),
    ({"datasets": {"a": (points()[:, 0], np.ones(60))}}, r"X of shape \(60,\)"),
    ({"datasets": {"a": (points() * [1, np.nan, 1, 1, 1], np.ones(60))}},
     r"X of datasets\['a'\]\[0, 1\] is nan"),
    ({"datasets": {"a": (points(), np.full(60, np.inf))}}, r"y of datasets\['a'\]\[0\] is inf"),
    ({"datasets": {"a": (points(), [None] * 60)}}, r"y of datasets\['a'\]\[0\] is missing"),
    ({"datasets": {"a": (points(), np.ones(60))}}, "nothing varies among the 36 points"),
    ({"datasets": {"a": (np.ones((60, 2)), np.arange(60.0))}}, "nothing varies"),
])
def test_wrong_values_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        small(**wrong)


@pytest.mark.parametrize("wrong, message", [
    ({"seeds": 3}, "seeds is 3; it must be a sequence"),
    ({"seeds": [0.5]}, r"seeds\[0\] is 0.5"),
    ({"n_jobs": "two"}, "n_jobs is 'two'"),
    ({"views": ["few"]}, r"views\[0\] is 'few'"),
    ({"points": 600}, "points is 600; it must be three numbers"),
    ({"n_jobs": 1.5}, "n_jobs is 1.5"),
    ({"strengths": 2.5}, "strengths is 2.5"),
    ({"datasets": {"a": points()}}, r"datasets\['a'\] is a ndarray; it must be a pair"),
    ({"datasets": {"a": (np.full((60, 2), "x"), np.ones(60))}}, r"X of datasets\['a'\] has dtype"),
    ({"datasets": {"a": (points(), [1, *"ab" * 29, "a"])}}, "labels must be of one kind"),
])
def test_wrong_types_are_named(wrong, message):
    with pytest.raises(TypeError, match=message):
        small(**wrong)
