"""What choosing a context costs: the shipped table is complete, made again, and read rightly."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from contexture_lite import datasets, rehearsal
from contexture_lite.diagnosis import choices, trial
from contexture_lite.teach.nb16_your_data import results


@pytest.fixture(scope="module")
def shipped():
    return choices.shipped()


@pytest.fixture(scope="module")
def samples():
    return choices.shipped_samples()


def test_the_shipped_table_has_three_seeds_of_every_table(shipped):
    assert set(shipped["dataset"]) == set(choices.NAMES) and len(choices.NAMES) == 58
    assert (shipped.groupby("dataset")["seed"].nunique() == 3).all()
    assert (shipped.groupby(["dataset", "seed"]).size() == 2 * 8 * 4 + 4).all()
    assert set(shipped["views"].dropna()) == {4, 16, 64, np.inf}


@pytest.mark.processor
def test_a_table_run_again_is_the_shipped_one(shipped):
    again = choices.run(["crabs"], [0], progress=False)
    wanted = shipped.query("dataset == 'crabs' and seed == 0").reset_index(drop=True)
    assert list(again["family"]) == list(wanted["family"])
    for column in ("rehearsal", "classes", "error", "error_20", "effective_rank"):
        np.testing.assert_allclose(again[column], wanted[column], rtol=2e-3, err_msg=column)


def test_a_cost_is_the_error_of_the_choice_over_the_least():
    table = pd.DataFrame({"dataset": "a", "seed": 0, "views": 4.0, "strength": [0, 0.5, 1],
                          "family": "knn", "error": [0.9, 0.3, 0.6], "rehearsal": [0.5, 0.7, 0.6],
                          "effective_rank": [9, 2, 3], "tau": [np.nan, 2, 1.5]})
    found = results.rules(table).set_index("rule")
    assert found["cost"].to_dict() == pytest.approx(
        {"effective_rank": 1, "middle": 1, "rehearsal": 3, "tau": 2})
    assert found["weakest"].loc[["rehearsal", "tau"]].tolist() == [1, 0]
    r = np.corrcoef([0.5, 0.7, 0.6], table["error"])[0, 1]
    assert found.loc["rehearsal", "pearson"] == pytest.approx(r)
    assert results.pearson([2, 2], [1, 3]) == 0


def test_another_split_chooses_by_its_own_errors():
    """Both of two seeds, each by the other's: costs 2 and 4."""
    table = pd.DataFrame({"dataset": "a", "views": 4.0, "family": ["rbf", "rbf", "knn"] * 2,
                          "seed": [0, 0, 0, 1, 1, 1], "strength": [0, 0.5, 1] * 2,
                          "error": [0.1, 0.2, 0.4, 0.8, 0.2, 0.4], "rehearsal": 0.5,
                          "effective_rank": 2.0, "tau": 2.0})
    found = results.rules(table).set_index("rule").loc["another"]
    assert found["cost"] == pytest.approx((2 + 4) / 2) and found["weakest"] == 0.5
    assert found["pearson"] == pytest.approx(np.corrcoef([0.1, 0.2, 0.4], [0.8, 0.2, 0.4])[0, 1])


def test_the_ratios_follow_the_rule_for_few_labels():
    row = {"dataset": "a", "seed": 0, "labels": 40}
    exact = [row | {"views": np.inf, "family": "rbf", "error": e, "left_out": left,
                    "rehearsal": r, "error_20": 2 * e, "left_out_20": left}
             for e, left, r in ((0.5, 0.4, 0.8), (0.3, 0.5, 0.2))]
    rivals = [row | {"family": name, "error": 0.6, "error_20": 0.6} for name in (
        "columns", "side by side", "kernel ridge", "forest")]
    table = pd.DataFrame(exact + rivals).assign(error_100=np.nan, left_out_100=np.nan)
    ratio = results.with_labels(table).set_index(["labels", "way"])["ratio"]
    assert set(ratio.index.get_level_values("labels")) == {"20", "all"}
    left_out, risk = np.array([0.4, 0.5]), np.array([0.8, 0.2])
    chosen = int(np.argmin(rehearsal.criterion(left_out, risk, 20)))
    assert chosen == 1 and ratio["20", "context by both"] == pytest.approx(1)
    assert ratio["20", "context by LOO"] == pytest.approx(1 / 0.6)
    assert ratio["all", "context by R"] == pytest.approx(0.5)


def test_the_interval_is_that_of_a_mean():
    values = np.random.default_rng(0).normal(size=400)
    mean, low, high = results.interval(values)
    assert mean == values.mean() and (high - low) / 2 == pytest.approx(
        1.96 * values.std() / 20, rel=0.1)


def test_the_shipped_samples_have_three_seeds_of_every_table(samples):
    assert set(samples["dataset"]) == set(choices.ALL)
    assert (samples.groupby(["dataset", "seed", "views"]).size() == 2 * 8).all()
    assert set(samples["views"]) == {4, 16, 64, np.inf} and set(samples["seed"]) == {0, 1, 2}
    assert np.isfinite(samples.drop(columns=["dataset", "family", "views"])).all(axis=None)


def test_every_table_is_in_one_group_and_the_first_half_has_the_least_md5():
    groups = choices.groups()
    names = [name for group in groups.values() for name in group]
    assert {name: len(group) for name, group in groups.items()} == {
        "development": 17, "test": 16, "outside": 8, "new": 24} and len(set(names)) == 65
    hashes = [[hashlib.md5(name.encode()).hexdigest() for name in groups[half]]
              for half in ("development", "test")]
    assert max(hashes[0]) < min(hashes[1])
    assert set(groups["development"] + groups["test"]) == set(datasets.tabular())


def test_a_group_is_told_by_medians_over_its_tables():
    found = pd.DataFrame([{"views": 4.0, "rule": rule, "dataset": name, "cost": cost + more,
                           "pearson": cost / 4, "weakest": 0.0}
                          for rule, more in (("rehearsal", 0), ("another", 1), ("tau", 7))
                          for name, cost in (("a", 1), ("b", 1.5), ("c", 3), ("d", 9))])
    told = results.by_group(found, {"some": ["a", "b", "c"], "none": ["e"]})
    assert list(told.index) == [(4, "some")]
    row = told.iloc[0]
    assert row["", "tables"] == 3 and row["weakest", "taken"] == 0
    assert row["cost"].tolist() == pytest.approx([1.5, 1, 3, 5.5 / 3])  # median, from, to, mean
    assert row["Pearson"].tolist() == pytest.approx([1.5 / 4, 1 / 4, 3 / 4])
    assert row["another split"].tolist() == pytest.approx([1.5 / 4, 2.5])


@pytest.mark.processor
def test_samples_of_a_table_again_are_the_shipped_ones(samples):
    again = choices.sampled(["crabs"], [0], progress=False)
    wanted = samples.query("dataset == 'crabs' and seed == 0").reset_index(drop=True)
    assert list(again["family"]) == list(wanted["family"])
    for column in ("labels", "rehearsal", "error", "effective_rank", "tau"):
        np.testing.assert_allclose(again[column], wanted[column], rtol=2e-3, err_msg=column)


VIEWS = [4, 16, 64]


def test_what_the_notebook_says_of_sampled_contexts(samples):
    found = results.rules(samples[samples["dataset"].isin([*trial.TABLES])])
    weakest = found[found["views"] < 100].groupby("rule")["weakest"].mean()
    assert weakest["tau"] == 1 and weakest["rehearsal"] == 0
    for other in ("effective_rank", "middle", "tau"):
        assert (results.against(found, other=other)["to"] < 0).all()
    means = [results.against(found, other=other)["mean log ratio"].loc[VIEWS]
             for other in ("effective_rank", "middle")]
    assert np.exp(np.concatenate(means)).round(2).min() >= 0.9
    assert np.exp(np.concatenate(means)).round(2).max() <= 0.94
    noise = results.against(found, other="another").loc[VIEWS]  # no rule sees past it
    assert (noise["mean log ratio"] < 0).all()
    assert (results.summary(found).xs("rehearsal", level="rule")["median cost"] < 1.08).all()


def test_what_was_asked_for_is_reached_in_cost_and_hardly_in_correlation(samples):
    """Cost <= 1.05, never the weakest end, Pearson >= .8: on tables without a part in the design.

    The cost is reached where there are more than 100 labels, the correlation there within a few
    hundredths; neither on the small tables. No group stands better than with the errors of
    another split.
    """
    groups = choices.groups()
    unused = {*groups["test"], *groups["outside"], *groups["new"]}
    many = unused & set(samples.loc[samples["labels"] > 100, "dataset"])
    groups |= {"many": many, "few": unused - many}
    told = results.by_group(results.rules(samples[samples["views"] < 100]), groups)
    r, cost = told["Pearson", "median"].unstack(), told["cost", "median"].unstack()
    assert (told["weakest", "taken"] == 0).all() and len(told) == 3 * 6
    assert r["development"].between(0.79, 0.87).all() and r["test"].between(0.76, 0.8).all()
    assert r["outside"].between(0.7, 0.77).all() and r["new"].between(0.6, 0.7).all()
    assert r["many"].between(0.77, 0.81).all() and (r["few"] < 0.65).all()
    assert cost["many"].between(1.02, 1.05).all() and (cost["few"] > 1.1).all()
    assert cost["new"].between(1.06, 1.08).all() and cost.drop(columns="few").stack().max() < 1.11
    r_noise, cost_noise = (told["another split", what].unstack() for what in ("Pearson", "cost"))
    assert (r < r_noise).all(axis=None)
    assert (r_noise["development"] > 0.9).all() and (r_noise["new"] < 0.8).all()
    assert cost_noise.drop(columns="few").stack().between(1.02, 1.1).all()
    for seed in (0, 1, 2):  # with one seed alone
        one = results.rules(samples[(samples["seed"] == seed) & (samples["views"] < 100)])
        told = results.by_group(one, groups)
        assert (told["weakest", "taken"] == 0).all()
        r, cost = told["Pearson", "median"].unstack(), told["cost", "median"].unstack()
        assert r["many"].between(0.76, 0.85).all() and (r["few"] < 0.7).all()
        assert (cost["many"] <= 1.05).all()


def test_what_the_notebook_says(shipped):
    new = shipped[shipped["dataset"].isin([*trial.TABLES])]
    found = results.rules(new)  # few labels choose d: noisier, no gain with whole rows
    sampled = found[found["views"] < 100]
    weakest = sampled.groupby("rule")["weakest"].mean()
    assert weakest["tau"] == 1 and weakest["rehearsal"] < 0.01
    for other in ("effective_rank", "middle", "tau"):
        gain = results.against(found, other=other).loc[VIEWS]
        assert (gain["to"] < 0).all()
    assert results.against(found)["to"].loc[np.inf] > 0
    ratios = results.with_labels(new)
    beside = results.beside_columns(ratios)
    assert beside.loc[("20", "side by side"), "from"] > 1  # with 20 labels it costs a little
    for labels in ("20", "all"):
        assert beside.loc[labels, "worst"].idxmin() == "side by side"
    assert beside["median"].drop("context by LOO", level="way").between(0.99, 1.13).all()


def test_what_the_notebook_says_of_notebook_06s_tables(shipped):
    old = shipped[shipped["dataset"].isin(datasets.tabular())]
    found = results.rules(old)
    for other in ("effective_rank", "middle"):
        assert (results.against(found, other=other)["to"].loc[[4, 16, 64]] < 0).all()
    assert (results.against(found, other="another")["from"].loc[[4, 16, 64]] < 0).all()
    weakest = results.summary(found).xs("rehearsal", level="rule")["weakest taken"]
    assert (weakest.loc[VIEWS] == 0).all()
    beside = results.beside_columns(results.with_labels(old))
    few, every = beside.loc["20"], beside.loc["all"]
    assert few["geometric mean"]["side by side"] == pytest.approx(1.09, abs=0.01)
    assert few["worst"].idxmin() == "kernel ridge"
    assert every["geometric mean"]["side by side"] == pytest.approx(0.94, abs=0.01)
    assert every["geometric mean"]["kernel ridge"] == pytest.approx(0.86, abs=0.01)
    assert every["geometric mean"].idxmin() == "kernel ridge"
    assert every["worst"].drop("kernel ridge").idxmin() == "side by side"
