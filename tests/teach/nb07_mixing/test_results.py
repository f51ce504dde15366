"""Mixes on real tables: the shipped table can be remade, the judge judges, the figure says so."""

from importlib import resources

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import scipy.stats
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.experiment import protocol
from contexture_lite.teach.nb07_mixing import experiment, halves, results
from contexture_lite.teach.nb07_mixing.experiment import DATASETS, MIXES, PAIRS, POINTS, VIEWS

KEYS = ["dataset", "views", "pair", "k_first", "k_second", "seed", "context"]
SMALL = dict(pairs={"strong + strong": ((2, 3),)}, views=["halves"], n_jobs=1, progress=False)


@pytest.fixture(scope="module")
def shipped():
    return results.shipped()


def test_the_shipped_table_is_complete(shipped):
    sizes = [(pair, *ks) for pair, kinds in PAIRS.items() for ks in kinds]
    assert len(shipped) == len(DATASETS) * len(VIEWS) * len(sizes) * 5 * 6
    assert not shipped.duplicated(KEYS).any()
    assert set(shipped.dataset) == set(DATASETS) and set(shipped.seed) == set(range(5))
    assert set(shipped.context) == {"first", "second", *MIXES}
    assert set(zip(shipped.pair, shipped.k_first, shipped.k_second)) == set(sizes)
    scored = shipped.context != "embeddings"
    assert shipped[["chi2", "tau"]].notna().all(axis=1).equals(scored)
    assert (shipped.error_best <= shipped.error).all()
    file = resources.files("contexture_lite.teach.nb07_mixing") / "mixing.csv.gz"
    assert file.stat().st_size < 200_000


@pytest.mark.processor
@pytest.mark.parametrize("name, pair", [("concrete", (2, 2)), ("college", (4, 75))])
def test_a_pair_run_again_is_the_shipped_one(shipped, name, pair):
    """Every number, on every processor; contexts of concrete fall into pieces."""
    kind = next(kind for kind, pairs in PAIRS.items() if pair in pairs)
    again = results.run([name], {kind: [pair]}, ["halves"], seeds=[1], n_jobs=1, progress=False)
    both = again.merge(shipped, on=KEYS, suffixes=("", "_shipped"), validate="one_to_one")
    assert len(both) == len(again) == 6
    for column in ("chi2", "tau", "d", "error", "error_best"):
        np.testing.assert_allclose(both[column], both[column + "_shipped"], rtol=1e-4, atol=2e-5,
                                   err_msg=column)
    chi2 = again.set_index("context")["chi2"]
    assert chi2["combination"] == pytest.approx((chi2["first"] + chi2["second"]) / 2, rel=1e-9)


def test_what_mixing_does_to_the_spectrum(shipped):
    """Weaker, the average, stronger: χ² on every table, with no exception."""
    chi2 = shipped.pivot(index=KEYS[:-1], columns="context", values="chi2")
    parts = chi2[["first", "second"]]
    assert (chi2.convolution <= parts.min(axis=1)).all()
    np.testing.assert_allclose(chi2.combination, parts.mean(axis=1), rtol=1e-4)  # five digits
    assert (chi2.concatenation >= parts.max(axis=1)).all()


@pytest.mark.processor
def test_by_kernels_is_by_the_packages_spectrum():
    """The same errors from the singular functions of the contexts themselves."""
    data = datasets.load("concrete")
    points, target, sides = experiment._points(data.X, data.y, "halves", np.random.default_rng(3))
    parts = [experiment._knows(columns, cl.knn_context(points[0][:, columns], k))
             for columns, k in zip(sides, (3, 20))]
    for context in (*parts, cl.convolve(*parts), cl.convex_combination(parts, [1, 1]),
                    cl.concatenate(cl.convolve(*parts), parts[0])):
        rows = [context.conditional_at(part).toarray() for part in points[1:]]
        direct = protocol.errors(cl.singular_system(context), *rows, *target)
        by_kernels = experiment._judged(experiment._solved(context, points), target)
        assert by_kernels["chi2"] == pytest.approx(context.chi2())
        assert by_kernels["d"] == direct["d_loo"]
        assert by_kernels["error"] == pytest.approx(direct["error_loo"], rel=1e-6)
        assert by_kernels["error_best"] == pytest.approx(direct["error_oracle"], rel=1e-6)


def test_embeddings_take_turns_and_no_repeated_value_is_cut():
    one, two = (experiment._Solved([np.full((4, len(starts)), number)] * 2, np.array(starts), None)
                for number, starts in ((1.0, [0, 1]), (2.0, [0, 1, 1, 3])))
    together = experiment._together(one, two)
    assert together.features[0].tolist() == [[1, 2, 1, 2, 2, 2]] * 4
    # the first of one; the first of each; two of one and, with its twin, three of the other
    assert protocol.cuts(together.starts, [1, 2, 4, 5]).tolist() == [1, 2, 5, 5]


def test_workers_change_nothing():
    with threadpool_limits(1), joblib.parallel_config("threading"):
        both = [results.run(["college"], seeds=[0, 1], **SMALL | {"n_jobs": n}) for n in (1, 2)]
    assert both[0].equals(both[1])


def test_finished_work_is_kept(tmp_path, monkeypatch):
    first = results.run(["college"], seeds=[0], cache=tmp_path, **SMALL)
    monkeypatch.setattr(experiment, "_judged", None)
    assert results.run(["college"], seeds=[0], cache=tmp_path, **SMALL).equals(first)


def test_halves_know_different_columns_and_small_tables_are_split():
    for name, sizes in (("concrete", (150, 206, 206)), ("diamonds", POINTS)):
        data = datasets.load(name)
        rng = np.random.default_rng(0)
        points, target, sides = experiment._points(data.X, data.y, "halves", rng)
        sides = list(sides)
        assert tuple(map(len, points)) == sizes and tuple(map(len, target)) == sizes[1:]
        assert sorted(np.concatenate(sides)) == list(range(points[0].shape[1]))


def test_one_piece_while_the_reader_waits():
    found = results.one("college", "convolution", 2, 3, seeds=[1])
    assert list(found.columns) == ["first", "second", "convolution"] and list(found.index) == [1]
    whole = results.run(["college"], mixes=["convolution"], seeds=[1], **SMALL)
    assert found.loc[1].to_dict() == whole.set_index("context").error.to_dict()


# -- the judge ----------------------------------------------------------------------------


def judged(first, second, **mixes):
    """A table of one case from errors of every seed."""
    rows = [dict(dataset="d", views="halves", pair="strong + strong", k_first=2, k_second=2,
                 seed=seed, context=context, error=error)
            for context, found in ({"first": first, "second": second} | mixes).items()
            for seed, error in enumerate(found)]
    return pd.DataFrame(rows)


def test_a_verdict_is_students_t_from_the_better_part():
    table = judged([0.5, 0.6, 0.7], [0.4, 0.5, 0.9], convolution=[0.3, 0.4, 0.6],
                   combination=[0.5, 0.7, 0.6], concatenation=[0.61, 0.69, 0.8])
    found = results.verdicts(table).set_index("mix")
    assert found.verdict.to_dict() == {"convolution": "better", "combination": "same",
                                       "concatenation": "worse"}
    assert found.ratio["combination"] == pytest.approx(1.8 / 1.6)
    gaps = np.array([0.21, 0.19, 0.1])  # to 0.4, 0.5, 0.7
    assert found.gap["concatenation"] == pytest.approx(gaps.mean())
    assert found.se["concatenation"] == pytest.approx(gaps.std(ddof=1) / np.sqrt(3))
    assert results.counts(results.verdicts(table)).loc["combination"].tolist() == [0, 1, 0, 0]
    assert not found.premise.any()  # there is no medium pair to compare with


def test_the_premise_is_that_the_better_part_is_worse_than_a_medium_one():
    strong = judged([0.5, 0.6], [0.4, 0.5], convolution=[0.3, 0.4])  # better part .45
    medium = strong.assign(pair="medium + medium", k_first=12, k_second=12)
    for factor, holds in ((0.92, False), (0.9, True)):
        part = medium.assign(error=medium.error * factor)
        found = results.verdicts(pd.concat([strong, part])).set_index("pair")
        assert found.premise.to_dict() == {"strong + strong": holds, "medium + medium": False}


def test_verdicts_agree_with_a_second_route(shipped):
    found = results.verdicts(shipped)
    assert len(found) == 6 * 2 * 7 * 4
    for row in found.sample(20, random_state=0).itertuples():
        case = shipped[(shipped.dataset == row.dataset) & (shipped.views == row.views)
                       & (shipped.k_first == row.k_first) & (shipped.k_second == row.k_second)]
        error = {name: part.sort_values("seed").error.to_numpy()
                 for name, part in case.groupby("context")}
        gaps = np.array([mix - min(pair) for mix, *pair in zip(
            error[row.mix], error["first"], error["second"])])
        far = scipy.stats.ttest_1samp(gaps, 0).pvalue < 0.05
        verdict = ("better" if gaps.mean() < 0 else "worse") if far else "same"
        assert row.verdict == verdict


def test_counts_add_up_and_the_figure_says_them(shipped):
    found = results.verdicts(shipped)
    table = results.counts(found, ["pair", "mix"])
    assert set(table.index) == {(pair, mix) for pair in PAIRS for mix in MIXES}
    for (pair, _), row in table.iterrows():
        assert row[["better", "same", "worse"]].sum() == 12 * len(PAIRS[pair])
        assert row["either by chance"] == round(0.3 * len(PAIRS[pair]), 1)
    picture = results.figure(found)
    for (pair, mix), row in table.drop(index="medium + medium").iterrows():
        assert f"{pair}, {mix}: {row.better:.0f} better, {row.worse:.0f} worse" in picture.alt


def test_what_the_notebook_says_of_the_mixes(shipped):
    """Each sentence below the figure, held against what chance alone does."""
    found = results.verdicts(shipped)
    table = results.counts(found)
    chance = table["either by chance"]
    assert table.loc["convolution", "worse"] >= 10 * chance["convolution"]
    assert table.loc["convolution", "better"] <= chance["convolution"]
    assert table.loc["embeddings", "worse"] == 0
    assert table.loc["embeddings", "better"] > 5 * chance["embeddings"]
    assert table.loc["combination", "better"] > 5 * chance["combination"]
    assert table.loc["combination", "worse"] <= chance["combination"]
    by_pair = results.counts(found, ["pair", "mix"])
    assert by_pair.loc[("weak + weak", "concatenation"), "better"] == table.loc[
        "concatenation", "better"]
    asked = found[found.premise]
    assert set(asked.pair) == {"strong + strong", "weak + weak"}
    named = asked[asked["mix"] == asked["pair"].map(results.RULE)]
    assert len(named) == 12 and not (named.verdict == "better").any()


# -- the halves of a digit --------------------------------------------------------------


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_the_halves_of_a_digit_on_three_splits(seed):
    """One drawn at random beats both halves; both seen, and 3 neighbours, needs all labels."""
    order = slice(None) if seed is None else np.random.default_rng(seed).permutation(1797)
    pair = halves.parts(8, 8, order)
    drawn = halves.misclassified(cl.convex_combination(pair, [0.5, 0.5]), 150, order)
    assert drawn < 0.75 * min(halves.misclassified(part, 150, order) for part in pair)
    pair = halves.parts(3, 3, order)
    one, both = cl.convex_combination(pair, [0.5, 0.5]), cl.concatenate(*pair)
    pieces = connected_components(sp.block_array([[None, both.joint], [both.joint.T, None]]))[0]
    one, both = (halves._functions(context, order) for context in (one, both))
    assert both[0].shape[1] == pieces - 1 > 250  # as often has it the value 1, which is not cut
    assert halves._misclassified(both, 60, order) > 3 * halves._misclassified(one, 60, order)
    assert halves._misclassified(both, 600, order) < halves._misclassified(one, 600, order)


# -- what comes in ------------------------------------------------------------------------


@pytest.mark.parametrize("wrong, message", [
    (dict(views=["thirds"]), "views has 'thirds'; there are halves, same columns"),
    (dict(mixes=["average"]), "mixes has 'average'; there are convolution"),
    (dict(datasets=["moon"]), "name is 'moon'"),
    (dict(pairs={"none": ((0, 2),)}), "k is 0"),
    (dict(seeds=[-1]), r"seeds\[0\] is -1"),
])
def test_bad_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        results.run(**dict(datasets=["college"], n_jobs=1, progress=False) | wrong)


def test_one_seed_has_no_standard_error():
    with pytest.raises(ValueError, match="one seed only"):
        results.verdicts(judged([0.5], [0.4], convolution=[0.3]))
