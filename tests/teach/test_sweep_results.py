"""The analysis of the sweep on tables whose answers are known, and the table that is shipped."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

import contexture_lite as cl
from contexture_lite.experiment import DIMENSIONS
from contexture_lite.teach import sweep_figures, sweep_results, weak_end


def made_up(error=lambda strength, family: 1 + (strength - 0.5) ** 2, seeds=(0, 1)):
    """A sweep in which the error is ``error(strength, family)``, and every score a line of it."""
    rows = []
    for dataset in ("one", "two"):
        for family in ("rbf", "knn"):
            for seed in seeds:
                for strength in np.linspace(0, 1, 5):
                    e = error(strength, family)
                    rows.append({
                        "dataset": dataset, "kind": "regression", "n": 100, "features": 3,
                        "family": family, "strength": strength, "share": 1 - strength,
                        "seed": seed, "error_oracle": e, "error_loo": 1.2 * e, "d_oracle": 8,
                        "d_loo": 16, "tau": 2 * e + 1, "effective_rank": -e, "log_trace": 3.0,
                        "decay_rate": -e})
    table = pd.DataFrame(rows)
    for d in DIMENSIONS:
        factor = 1 + abs(np.log2(d / 8)) if d <= 64 else np.nan
        table[f"error_{d}"] = table["error_oracle"] * factor
    for name in ("tau_b0.25", "tau_b0.5", "tau_b2", "tau_b4", "tau_d0_32", "tau_d0_128"):
        table[name] = table["tau"]
    return table.assign(tau_constant=-table["tau"])


# Distance correlation


def by_definition(x, y):
    """Sample distance covariances as sums over all quadruples of means (Székely et al., 2007)."""
    def covariance(x, y):
        a, b = (squareform(pdist(np.reshape(z, (-1, 1)))) for z in (x, y))
        return (a * b).mean() + a.mean() * b.mean() - 2 * (a.mean(axis=0) * b.mean(axis=0)).mean()
    return np.sqrt(covariance(x, y) / np.sqrt(covariance(x, x) * covariance(y, y)))


@pytest.mark.parametrize("seed", range(5))
def test_distance_correlation_is_that_of_the_definition(seed):
    x, noise = np.random.default_rng(seed).normal(size=(2, 30))
    y = x**2 + noise
    found = sweep_results.distance_correlation(x, y)
    assert found == pytest.approx(by_definition(x, y), rel=1e-10)
    assert found == pytest.approx(sweep_results.distance_correlation(3 - 2 * y, 7 * x))


@pytest.mark.parametrize("rho", [0, 0.5, 0.9])
def test_distance_correlation_of_a_gaussian_pair(rho):
    """Theorem 7 of Székely, Rizzo and Bakirov (2007)."""
    x, z = np.random.default_rng(0).normal(size=(2, 2000))
    y = rho * x + np.sqrt(1 - rho**2) * z
    above = (rho * np.arcsin(rho) + np.sqrt(1 - rho**2) - rho * np.arcsin(rho / 2)
             - np.sqrt(4 - rho**2) + 1)
    expected = np.sqrt(above / (1 + np.pi / 3 - np.sqrt(3)))
    assert sweep_results.distance_correlation(x, y) == pytest.approx(expected, abs=0.05)


def test_distance_correlation_of_lines_and_constants():
    x = np.array([1.0, 2, 5, 3])
    assert sweep_results.distance_correlation(x, 4 - x) == pytest.approx(1)
    assert sweep_results.distance_correlation(x, np.ones(4)) == 0


# Agreement


def test_agreement_knows_right_wrong_and_nothing():
    found = sweep_results.agreement(made_up()).set_index(["dataset", "score"])
    assert np.allclose(found.loc["one", "pearson"][["tau", "decay_rate"]], 1)
    assert found.loc[("one", "effective_rank"), "pearson"] == pytest.approx(-1)
    assert found.loc[("one", "log_trace"), "pearson"] == 0  # it is constant
    assert found.loc[("one", "tau"), "distance"] == pytest.approx(1)
    assert (found["low"] <= found["pearson"]).all() and (found["pearson"] <= found["high"]).all()


def test_the_null_is_that_of_shuffled_errors():
    table = made_up(seeds=(0,))
    rng = np.random.default_rng(3)
    table["error_oracle"] = rng.normal(size=len(table))
    table["tau"] = rng.normal(size=len(table))
    found = sweep_results.agreement(table, permutations=2000).query("score == 'tau'").iloc[0]
    one = table[table["dataset"] == "one"]
    errors = one["error_oracle"].to_numpy()
    shuffled = [rng.permutation(errors) for _ in range(2000)]
    null = [sweep_results.distance_correlation(one["tau"], order) for order in shuffled]
    straight = [abs(np.corrcoef(one["tau"], order)[0, 1]) for order in shuffled]
    assert found["distance_null"] == pytest.approx(np.mean(null), rel=0.03)
    assert found["distance_null95"] == pytest.approx(np.quantile(null, 0.95), rel=0.05)
    assert found["pearson_null"] == pytest.approx(np.quantile(straight, 0.95), rel=0.07)


def test_medians_and_counts():
    found = sweep_results.by_score(sweep_results.agreement(made_up()))
    assert found.loc["tau", ["above .5", "negative", "data sets"]].tolist() == [2, 0, 2]
    assert found.loc["effective_rank", ["above .5", "negative"]].tolist() == [0, 2]


def test_failures_are_named_with_where_the_best_context_was():
    table = made_up(lambda strength, family: 2 - strength + (family == "rbf"))
    table["tau"] = -table["error_oracle"]
    found = sweep_results.failures(table, sweep_results.agreement(table))
    assert found.index.tolist() == ["one", "two"]
    assert found["best_family"].tolist() == ["knn", "knn"]
    assert np.allclose(found["tied_to"], 0) and np.allclose(found["Pearson tau"], -1)
    assert len(sweep_results.failures(made_up(), sweep_results.agreement(made_up()))) == 0


# Details, shapes, choices


def test_the_error_with_d_functions_or_as_many_as_there_are():
    table = made_up()
    assert np.allclose(sweep_results.error_with(table, 32), table["error_32"])
    assert np.allclose(sweep_results.error_with(table, 512), table["error_64"])
    with pytest.raises(ValueError, match="d is 5; the table has 1, 2, 4"):
        sweep_results.error_with(table, 5)


def test_sensitivity_has_every_change_and_every_seed():
    table = made_up()
    table.loc[3, "tau_d0_32"] = np.inf  # is left out
    found = sweep_results.sensitivity(table)
    assert found.columns.tolist() == ["median Pearson", "seed 0", "seed 1"] and len(found) == 12
    assert np.allclose(found.drop("the constant counted"), 1)
    assert np.allclose(found.loc["the constant counted"], -1)


def test_dimensions_and_what_leave_one_out_costs():
    found = sweep_results.dimensions(made_up())
    assert np.allclose(found.loc["one"], [8, 16, 1.2])


@pytest.mark.parametrize("error, shape", [
    (lambda s, f: 1 + (s - 0.5) ** 2, "both ends"), (lambda s, f: 2 - s, "weak end only"),
    (lambda s, f: 1 + s, "strong end only"), (lambda s, f: 1 + 0.04 * s, "neither")])
def test_the_four_shapes(error, shape):
    found = sweep_results.u_shapes(made_up(error))
    assert found.index.tolist() == ["rbf", "knn"]
    assert (found[shape] == 2).all() and (found["data sets"] == 2).all()


def test_what_choosing_by_a_score_costs():
    found = sweep_results.cost_of_choosing(made_up())["median"]
    assert found["tau"] == pytest.approx(1) and found["effective_rank"] == pytest.approx(1.25)
    assert found["the median context"] == pytest.approx(1 + 1 / 16)


# The shipped table


@pytest.fixture(scope="module")
def table():
    return sweep_results.shipped()


def test_the_shipped_table_is_whole_and_small(table):
    assert sweep_results.SHIPPED.stat().st_size < 2_000_000
    sizes = table.groupby(["dataset", "family", "seed"]).size()
    assert len(sizes) == len(cl.datasets.tabular()) * 4 * 3 and (sizes == 12).all()
    assert set(table["dataset"]) == set(cl.datasets.tabular())
    scores = table[[*sweep_results.SCORES, "error_oracle", "error_loo", "tau_constant"]]
    assert np.isfinite(scores).all(axis=None)


@pytest.mark.parametrize("name", ["wine"])
def test_one_data_set_again_gives_the_shipped_numbers(table, name):
    again = cl.sweep([name], n_jobs=1, progress=False)
    kept = table[table["dataset"] == name].reset_index(drop=True)
    assert again.columns.tolist() == kept.columns.tolist()
    keys = ["dataset", "kind", "n", "features", "family", "seed"]
    assert again[keys].equals(kept[keys])
    for column in ["strength", "share", "s1", "chi2", *sweep_results.SCORES]:
        assert np.allclose(again[column], kept[column], rtol=1e-3), column
    # the least values of a weak context are near rounding, so a few errors may differ elsewhere
    for column in ["error_1", "error_8", "error_oracle", "error_loo"]:
        off = np.abs(again[column] / kept[column] - 1)
        assert off.median() < 1e-3 and (off < 0.02).mean() > 0.95, column


def test_without_the_notebooks_the_reader_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="installed without the notebooks"):
        sweep_results.shipped(tmp_path / "sweep.csv.gz")


def test_what_the_notebook_says_about_the_shipped_table(table):
    """Each for every seed alone: what is said must not hang on one of them."""
    for seed in (0, 1, 2):
        one = table[table["seed"] == seed]
        scores = sweep_results.by_score(sweep_results.agreement(one))
        assert scores.loc["effective_rank", "median Pearson"] > scores.loc["tau", "median Pearson"]
        assert scores.loc["tau", "median Pearson"] > 0.3
        assert (scores["median distance corr."] > scores["its null"]).all()
        shapes = sweep_results.u_shapes(one)
        assert shapes.loc["knn", "both ends"] > shapes.loc["knn", "data sets"] / 2
        curves = sweep_results.along_strength(one)
        assert (curves.loc["rbf"].idxmin(axis=1) == 0).mean() > 0.5  # the weakest is best
        wrong = sweep_results.failures(one, sweep_results.agreement(one)).index
        assert {"digits", "leaves"} <= set(wrong)


# The pictures


def test_the_pictures_say_what_they_show(table):
    shapes = sweep_figures.u_shapes(table)
    for family, count in sweep_results.u_shapes(table).iterrows():
        assert f"{family}: U-shaped on {count['both ends']} of {count['data sets']}" in shapes.alt
    found = sweep_results.agreement(table)
    picture = sweep_figures.agreement(found)
    median = sweep_results.by_score(found).loc["tau", "median Pearson"]
    assert f"τ: median Pearson {median:.2f}" in picture.alt


def test_pictures_of_a_small_table():
    small = made_up()
    assert "knn: U-shaped on 2 of 2" in sweep_figures.u_shapes(small).alt
    assert "τ: median Pearson 1.00, 0 of 2" in sweep_figures.agreement(
        sweep_results.agreement(small)).alt


# The weak end


@pytest.fixture(scope="module")
def sampled():
    return weak_end.sampled_errors()


def test_sampling_makes_the_u_complete_and_without_it_the_weakest_is_best(sampled):
    for seed in (0, 1, 2):
        one = sampled[sampled["seed"] == seed].pivot(index="strength", columns="draws",
                                                     values="error")
        assert one[np.inf].idxmin() == 0
        for draws in (4, 16, 64):
            curve = one[draws]
            assert min(curve.iloc[0], curve.iloc[-1]) > 1.05 * curve.min()
        weakest = one.iloc[0]
        assert weakest[[4, 16, 64, np.inf]].is_monotonic_decreasing  # more draws, less penalty


def test_draws_are_shares_of_the_row(sampled):
    rows = np.array([[0.5, 0.5, 0], [0.2, 0.3, 0.5]])
    channel = [rows, rows, rows]
    drawn = weak_end._drawn(channel, 40_000, np.random.default_rng(0))
    assert all(np.allclose(part, rows, atol=0.02) for part in drawn)
    assert weak_end._drawn(channel, np.inf, None) is channel
    single = weak_end._drawn(channel, 1, np.random.default_rng(0))[0]
    assert ((single == 0) | (single == 1)).all()


def test_the_picture_of_the_weak_end(sampled):
    alt = sweep_figures.weak_end(sampled).alt
    assert "exact: " in alt and "(strength 0.00)" in alt and "1 draw: " in alt


@pytest.mark.parametrize("draws", [[0], [-2]])
def test_draws_must_be_positive(draws):
    with pytest.raises(ValueError, match="draws is"):
        weak_end.sampled_errors("wine", draws)
