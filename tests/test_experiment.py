"""The sweep: its contexts by a second route, its probe recomputed, its cache damaged on purpose."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import contexture_lite as cl
from contexture_lite import _families, experiment

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "notebooks/data/sweep.csv.gz"


def points(n=60, features=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features))


def table(n=60, features=5, seed=0):
    X = points(n, features, seed)
    return X, X[:, 0] ** 2 + X @ np.arange(features)


def classes(n=60, seed=0):
    X, y = table(n, seed=seed)
    return X, np.digitize(y, np.quantile(y, [0.3, 0.6]))


@pytest.fixture
def count(monkeypatch):
    """How many times a probe was fitted: two for each unit of work with two strengths."""
    calls = []
    plain = experiment.errors

    def counted(*args):
        calls.append(1)
        return plain(*args)

    monkeypatch.setattr(experiment, "errors", counted)
    return calls


def small(**settings):
    """A sweep of two units, each of two strengths."""
    settings = {"datasets": {"a": table(), "b": classes()}, "families": ["knn"], "strengths": 2,
                "seeds": [0], "n_jobs": 1, "progress": False} | settings
    return cl.sweep(**settings)


# The contexts, by a second route


def parts_of(n):
    return experiment.split(n, np.random.default_rng(1))


@pytest.mark.parametrize("family", ["rbf", "masked rbf"])
def test_kernel_contexts_are_those_of_the_package(family):
    Z, strengths = points(50), 4
    parts = parts_of(len(Z))
    trained, labelled, test = (Z[part] for part in parts)
    made = list(_families.conditionals(family, Z, parts, strengths, np.random.default_rng(5)))
    masks = _families._masks(5, np.random.default_rng(5), 50) if "masked" in family else [range(5)]
    sizes = np.geomspace(0.9 * len(trained), 2, strengths)
    for bandwidth, rows in zip(_families.bandwidths(trained, masks, sizes), made):
        if "masked" in family:
            context = cl.masked(cl.rbf_context, trained, bandwidth=bandwidth,
                                rng=np.random.default_rng(5))
        else:
            context = cl.rbf_context(trained, bandwidth)
        for found, new in zip(rows, (trained, labelled, test)):
            assert np.allclose(found, context.conditional_at(new), atol=1e-5)  # single precision


@pytest.mark.parametrize("family", ["knn", "masked knn"])
def test_neighbour_contexts_are_those_of_the_package(family):
    Z, strengths = points(50), 4
    parts = parts_of(len(Z))
    trained, labelled, test = (Z[part] for part in parts)
    made = _families.conditionals(family, Z, parts, strengths, np.random.default_rng(5))
    for k, rows in zip([27, 11, 5, 2], made):
        if "masked" in family:
            context = cl.masked(cl.knn_context, trained, k=k, rng=np.random.default_rng(5))
        else:
            context = cl.knn_context(trained, k)
        for found, new in zip(rows, (trained, labelled, test)):
            assert np.allclose(found, context.conditional_at(new).toarray(), atol=1e-6)


def test_copies_go_to_the_first_and_a_copy_that_is_nobodys_context_has_no_column():
    Z = np.repeat(points(6), 4, axis=0)  # every point four times
    parts = np.arange(0, 24), np.arange(0, 4), np.arange(4, 8)
    *_, (trained, labelled, _) = _families.conditionals("knn", Z, parts, 2, None)
    assert trained.shape == (24, 12)  # K = 2: the first two copies of each place
    assert np.allclose(trained[:4, :2], 0.5) and np.allclose(labelled, trained[:4])


def test_a_point_tied_to_nobodys_contexts_knows_nothing():
    rows = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 3]])
    used = _families.used_columns(rows, 2)
    assert used.tolist() == [True, True, False]
    assert np.allclose(_families.normalised(rows, used), [[1, 0], [0, 1], [0.5, 0.5]])


def test_bandwidths_give_the_perplexities_asked_for():
    Z, sizes = points(140, 4), np.geomspace(126, 2, 6)
    for size, bandwidth in zip(sizes, _families.bandwidths(Z, [range(4)], sizes)):
        found = _families.perplexity(cl.rbf_context(Z, bandwidth).conditional())
        assert found == pytest.approx(size, rel=0.05)


def test_perplexity_of_equal_shares_is_their_number():
    rows = np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0, 0.5, 0]])
    assert _families.perplexity(rows) == pytest.approx(3)


def test_the_neighbours_strength_is_in_the_table():
    found = small(datasets={"a": table(100)}, strengths=3)
    assert found["strength"].tolist() == [0, 0.5, 1]
    assert np.allclose(found["share"], np.array([54, 10, 2]) / 60)


# The points


@pytest.mark.parametrize("n, sizes", [(100, (60, 20, 20)), (23, (13, 4, 6)),
                                      (1500, (600, 300, 300)), (5000, (600, 400, 600))])
def test_the_three_parts_do_not_overlap(n, sizes):
    parts = parts_of(n)
    assert tuple(map(len, parts)) == sizes
    assert len(np.unique(np.concatenate(parts))) == sum(sizes)


def test_features_are_standardised_by_the_first_part_and_clipped():
    X = points(40) * [1, 5, 1e3, 1, 0] + 7
    X[30, 0] = 1e6
    Z = experiment.standardised(X, np.arange(20))
    assert Z.shape == (40, 4)  # the constant column is gone
    assert np.allclose(Z[:20].mean(axis=0), 0) and np.allclose(Z[:20].std(axis=0), 1)
    assert Z[30, 0] == 8


# The error, recomputed plainly


def plain_error(train, y, new, y_new, penalties):
    """Ridge with the penalty of least leave-one-out error, one point left out at a time."""
    def left_out(penalty):
        misses = []
        for i in range(len(y)):
            rest = np.arange(len(y)) != i
            guess = Ridge(penalty).fit(train[rest], y[rest]).predict(train[i : i + 1])
            misses.append(((y[i] - guess) ** 2).mean())
        return np.mean(misses)

    scores = [left_out(penalty) for penalty in penalties]
    model = Ridge(penalties[int(np.argmin(scores))]).fit(train, y)
    wrong = ((y_new - model.predict(new).reshape(y_new.shape)) ** 2).mean(axis=0).sum()
    return wrong / y_new.var(axis=0).sum(), min(scores)


@pytest.mark.parametrize("make", [table, classes])
def test_the_probe_error_is_that_of_a_plain_recomputation(make, monkeypatch):
    penalties = np.logspace(-4, 2, 4)
    monkeypatch.setattr(experiment, "PENALTIES", penalties)
    X, y = make()
    row = small(datasets={"a": (X, y)}, families="rbf").iloc[1]
    parts = experiment.split(len(X), np.random.default_rng(0))
    trained, labelled, test = (experiment.standardised(X, parts[0])[part] for part in parts)
    target = y[:, None] if make is table else np.eye(3)[y]
    _, bandwidth = _families.bandwidths(trained, [slice(None)],
                                        np.geomspace(0.9 * len(trained), 2, 2))
    context = cl.rbf_context(trained, bandwidth)
    system = cl.singular_system(context)
    inside, new = (system.extend(context.conditional_at(part)) for part in (labelled, test))
    left_out = {}
    for d in (1, 2, 4, 8, 16, 32):
        error, left_out[d] = plain_error(inside[:, :d], target[parts[1]], new[:, :d],
                                         target[parts[2]], penalties)
        assert row[f"error_{d}"] == pytest.approx(error, rel=1e-3)
    assert np.isnan(row["error_64"])  # 36 points have no more than 35 functions
    assert row["d_oracle"] == min(left_out, key=lambda d: row[f"error_{d}"])
    assert row["d_loo"] == min(left_out, key=left_out.get)
    assert row["error_loo"] == row[f"error_{row['d_loo']}"] >= row["error_oracle"]


def test_the_scores_are_those_of_the_context():
    X, y = table()
    row = small(datasets={"a": (X, y)}).iloc[1]
    parts = experiment.split(len(X), np.random.default_rng(0))
    context = cl.knn_context(experiment.standardised(X, parts[0])[parts[0]], 2)
    values = cl.singular_system(context).values
    values[values < experiment.SMALLEST] = 0
    assert row["chi2"] == pytest.approx((values**2).sum(), rel=1e-5)
    assert row["rank"] == (values > 0).sum()
    assert row["tau"] == pytest.approx(cl.tau(values).value, rel=1e-5)
    assert row["tau_b4"] == pytest.approx(cl.tau(values, beta=4).value, rel=1e-5)
    assert row["tau_d0_32"] == pytest.approx(cl.tau(values, d0=32).value, rel=1e-5)
    for name in ("effective_rank", "log_trace", "decay_rate"):
        score = getattr(cl.usefulness, name)(values).value
        assert row[name] == pytest.approx(score, rel=1e-4), name


def test_an_independent_context_has_no_scores():
    found = experiment.spectrum_summary(
        cl.singular_system(cl.Context.from_conditional(np.ones((5, 5)))))
    assert found["rank"] == found["s1"] == found["chi2"] == 0
    assert np.isnan([found["tau"], found["effective_rank"], found["tau_constant"]]).all()


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
    counted = experiment.errors

    def killed(*args):
        if len(count) == 3:  # in the middle of the second unit
            raise KeyboardInterrupt
        return counted(*args)

    monkeypatch.setattr(experiment, "errors", killed)
    with pytest.raises(KeyboardInterrupt):
        small(cache=tmp_path)
    monkeypatch.setattr(experiment, "errors", counted)
    found = small(cache=tmp_path)
    assert len(count) == 3 + 2  # the second unit anew, the first one not
    pd.testing.assert_frame_equal(found, small())


def test_a_process_killed_outright_leaves_finished_units(tmp_path, count):
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from contexture_lite import experiment
from test_experiment import small
plain, calls = experiment.errors, []
def errors(*args):
    calls.append(1)
    return plain(*args) if len(calls) < 4 else os._exit(9)
experiment.errors = errors
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


@pytest.mark.parametrize("damage", [b"", b"nonsense", "half"])
def test_a_damaged_entry_is_computed_again_with_a_warning(tmp_path, count, damage):
    first = small(cache=tmp_path)
    entry = sorted(tmp_path.rglob("*.pkl.gz"))[0]
    entry.write_bytes(entry.read_bytes()[:-20] if damage == "half" else damage)
    with pytest.warns(RuntimeWarning, match=r"pkl.gz cannot be read .*; [ab], knn, seed 0 "
                                            "was computed again"):
        found = small(cache=tmp_path)
    assert len(count) == 6
    pd.testing.assert_frame_equal(found, first)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(cache=tmp_path)  # and it is whole again
    assert len(count) == 6


def test_a_warning_of_a_worker_reaches_the_reader(tmp_path):
    small(cache=tmp_path)
    sorted(tmp_path.rglob("*.pkl.gz"))[0].write_bytes(b"nonsense")
    with pytest.warns(RuntimeWarning, match="computed again"):
        small(cache=tmp_path, n_jobs=2)


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
    assert len(list((tmp_path / "here").rglob("*.pkl.gz"))) == 2


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
    ({"n_jobs": 1.5}, "n_jobs is 1.5"),
    ({"strengths": 2.5}, "strengths is 2.5"),
    ({"datasets": {"a": points()}}, r"datasets\['a'\] is a ndarray; it must be a pair"),
    ({"datasets": {"a": (np.full((60, 2), "x"), np.ones(60))}}, r"X of datasets\['a'\] has dtype"),
    ({"datasets": {"a": (points(), np.array([None] * 60))}}, r"y of datasets\['a'\] has dtype"),
])
def test_wrong_types_are_named(wrong, message):
    with pytest.raises(TypeError, match=message):
        small(**wrong)


# On a cluster


def test_the_same_call_runs_on_a_dask_cluster(tmp_path):
    """In a process of its own: what the cluster starts, warns of or leaves behind is its own."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
import joblib, psutil
from distributed import Client, LocalCluster
from test_experiment import small
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None,
                      local_directory={str(tmp_path)!r}) as cluster, Client(cluster):
        with joblib.parallel_config("dask"):
            found = small(n_jobs=-1, families=["rbf", "knn"], seeds=[0, 1])
    found.to_pickle({str(tmp_path / "found.pkl")!r})
    left = [p for p in psutil.Process().children(recursive=True)
            if "resource_tracker" not in " ".join(p.cmdline())]
    assert not left, left
"""
    script = tmp_path / "on_dask.py"
    script.write_text(code)
    answer = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path,
                            env=os.environ | {"DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "10m"})
    assert answer.returncode == 0, answer.stderr
    here = small(families=["rbf", "knn"], seeds=[0, 1])
    pd.testing.assert_frame_equal(pd.read_pickle(tmp_path / "found.pkl"), here, check_exact=True)


# The table that is shipped


def test_the_command_needs_to_know_where_to_write():
    answer = subprocess.run([sys.executable, "-m", "contexture_lite.experiment"],
                            capture_output=True, text=True)
    assert answer.returncode == 1 and answer.stderr.startswith("usage: python -m")


def test_the_command_writes_the_same_file_twice(tmp_path, monkeypatch):
    made = small()
    monkeypatch.setattr(experiment, "sweep", lambda cache: made)
    path = tmp_path / "sweep.csv.gz"
    experiment._remake(path)
    first = path.read_bytes()
    os.utime(path, (0, 0))
    experiment._remake(path)
    assert path.read_bytes() == first and first[4:8] == bytes(4)  # no time of day in it
    pd.testing.assert_frame_equal(pd.read_csv(path), made, rtol=1e-4, check_dtype=False)
