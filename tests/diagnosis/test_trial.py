"""The trial of `diagnose` on tables that did not design it: complete, made again, judged."""

import numpy as np
import pandas as pd
import pytest

import contexture_lite as cl
from contexture_lite.datasets import tables
from contexture_lite.diagnosis import trial, verdicts


def test_the_shipped_table_is_complete_and_of_other_tables_than_the_sweeps():
    shipped = trial.shipped()
    assert set(shipped["dataset"]) == set(trial.TABLES) and len(trial.TABLES) == 24
    splits = shipped.groupby("dataset")["split"].agg(["min", "max", "size"])
    few = shipped.groupby("dataset")["rows"].first() < 500
    assert (splits["max"] == np.where(few, 9, 4)).all() and (splits["min"] == 0).all()
    assert (splits["size"] == splits["max"] + 1).all()
    used = {place for place, *_ in tables.RDATASETS.values()}
    assert not used & {place for place, *_ in trial.TABLES.values()}


@pytest.mark.processor
def test_a_table_run_again_is_the_shipped_one():
    again = trial.run(["crabs"], progress=False)
    shipped = trial.shipped().query("dataset == 'crabs'").reset_index(drop=True)
    for column in again:
        if again[column].dtype.kind == "f":
            np.testing.assert_allclose(again[column], shipped[column], rtol=1e-3)
        else:
            assert list(again[column]) == list(shipped[column]), column


def test_the_honest_context_is_diagnoses():
    X, y = trial.table("crabs")
    assert len(X) == len(y) == 200 and "sp" not in X and "index" not in X
    found = cl.diagnose(X, y, progress=False)
    shipped = trial.shipped().query("dataset == 'crabs'")
    assert found.best["honest"] == pytest.approx(shipped["context"].mean(), rel=1e-3)
    assert found.both["error"] == pytest.approx(shipped["both"].mean(), rel=1e-3)
    assert found.both["d"] == list(shipped["d"])
    assert found.baseline.mean() == pytest.approx(shipped["ridge"].mean(), rel=1e-3)


def test_verdicts_are_those_of_a_t_test_with_the_overlap():
    results = pd.DataFrame({
        "dataset": ["a"] * 5 + ["b"] * 5, "overlap": 0.2, "ridge": 1.0,
        "context": [1.1, 1.2, 1.15, 1.1, 1.2, 0.4, 1.3, 0.9, 1.0, 0.9],
        "both": [0.7, 0.71, 0.72, 0.7, 0.69, 1, 1, 1, 1, 1]})
    found = trial.judged(results).set_index(["dataset", "what"])
    assert list(found["verdict"]) == ["worse", "better", "cannot tell", "cannot tell"]
    assert found.loc[("a", "both"), "ratio"] == pytest.approx(0.704)
    se = np.sqrt(1 / 5 + 0.2) * np.std([1.1, 1.2, 1.15, 1.1, 1.2], ddof=1)
    assert found.loc[("a", "context"), "change_se"] == pytest.approx(se)
    assert 0.15 > verdicts.sure(5) * se


def test_what_the_notebook_says_of_it():
    """Safe, and seldom a gain: what chance alone would do is no less than what is lost."""
    found = trial.judged(trial.shipped())
    words = found.groupby(["what", "verdict"]).size().unstack(fill_value=0)
    assert words.loc["both", "worse"] == 0 and words.loc["both", "better"] == 1
    assert words.loc["context", "worse"] == 6 > 24 * verdicts.WRONG / 2
