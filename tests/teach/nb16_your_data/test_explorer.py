"""Notebook 16's live picture: a context beside the package, suggestions, a table of one's own."""

import numpy as np
import pandas as pd
import pytest

from contexture_lite import rehearsal, teach
from contexture_lite.teach.nb16_your_data import compute


def own(n=160, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X[:, 0] + X[:, 1] * X[:, 2]


def test_the_risk_is_the_packages_and_the_rule_is_diagnoses():
    table = compute.Table(*own())
    tried = table.tried(16)[8]
    Z = table.Z[table.parts[1]]
    assert tried.family == "knn" and len(tried.known) == len(Z)
    assert tried.risks == rehearsal.risk(tried.known, Z, kinds=compute.KINDS, each=3,
                                         dimensions=tried.ends, rng=0).terms
    step = compute.step_at(table, "rules", 16, 20)
    left_out, errors = table.probed(16, 20)
    score = rehearsal.criterion(left_out, step.risks.ravel(), 20)
    assert step.suggested == divmod(int(np.argmin(score)), compute.STRENGTHS)
    assert np.array_equal(step.errors.ravel(), errors) and step.cost >= 1


def test_without_a_label_the_least_risk_is_suggested_and_no_label_is_looked_at():
    X, y = own()
    steps = [compute.step_at(compute.Table(X, target), "smooth", 4, 0) for target in (y, -y[::-1])]
    assert steps[0].suggested == steps[1].suggested
    assert steps[0].risks.ravel()[np.ravel_multi_index(
        steps[0].suggested, steps[0].risks.shape)] == steps[0].risks.min()


def test_a_table_of_ones_own_with_words_and_gaps():
    X, y = own()
    frame = pd.DataFrame(X, columns=list("abc")).assign(word=np.where(y > 0, "yes", "no"))
    frame.loc[3, "a"] = np.nan
    explorer = teach.DiagnosisExplorer(X=frame, y=y > 0)
    assert explorer.params["table"] == "your table" and explorer.values()["columns"] < 0.1


@pytest.mark.parametrize(("X", "y", "words"), [
    (own()[0], None, "y is missing"), (own(50)[0], own(50)[1], "at least 100"),
    (own()[0], own(150)[1], "160 rows"),
    (pd.DataFrame({"a": [f"{v:.2f}".replace(".", ",") for v in own()[1]]}), own()[1],
     r"X\['a'\] has \d+ different values that are not numbers; .*decimal="),
    (own()[0], [f"{v:.1f}" for v in own()[1]], "give a quantity as floats"),
    (own()[0], np.arange(160) // 2, "80 classes in 160 rows"),
])
def test_a_table_that_cannot_be_used_says_why(X, y, words):
    with pytest.raises(ValueError, match=words):
        teach.DiagnosisExplorer(X=X, y=y)


def test_what_the_notebook_says_of_the_first_picture_and_of_the_wrong_prior():
    first = compute.step_at(compute.of_course("digits"), "linear, smooth, rules", 16, 0)
    assert first.suggested[0] == 1 and first.cost < 1.05
    assert first.both < 0.7 * first.columns
    whole = compute.step_at(compute.of_course("digits"), "smooth", compute.EXACT, 0)
    assert whole.suggested == (0, 0) and whole.cost > 1.3
