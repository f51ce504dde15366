"""Mixes on real tables: the shipped table can be remade, the judge judges, the figure says so."""

import re

import numpy as np
import pandas as pd
import pytest

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.experiment import errors
from contexture_lite.teach import mixing_experiment as experiment
from contexture_lite.teach import mixing_results as results
from contexture_lite.teach.mixing_experiment import DATASETS, MIXES, PAIRS, POINTS, VIEWS

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
    assert results.SHIPPED.stat().st_size < 200_000


def test_one_table_run_again_is_the_shipped_one(shipped):
    again = results.run(["college"], views=["halves"], seeds=[1], n_jobs=1, progress=False)
    both = again.merge(shipped, on=KEYS, suffixes=("", "_shipped"), validate="one_to_one")
    assert len(both) == len(again) == 7 * 6
    for name in ("chi2", "tau", "error_best"):
        known = both[name].notna()
        np.testing.assert_allclose(both[name][known], both[name + "_shipped"][known], rtol=1e-3,
                                   atol=2e-5)
    same = both.d == both.d_shipped  # a choice by leave-one-out may be a near tie
    assert same.mean() > 0.9
    np.testing.assert_allclose(both.error[same], both.error_shipped[same], rtol=1e-3)


def test_what_mixing_does_to_the_spectrum(shipped):
    """Weaker, the average, stronger: χ² on every table, with no exception."""
    chi2 = shipped.pivot(index=KEYS[:-1], columns="context", values="chi2")
    parts = chi2[["first", "second"]]
    assert (chi2.convolution <= parts.min(axis=1) + 1e-4).all()
    np.testing.assert_allclose(chi2.combination, parts.mean(axis=1), atol=1e-4)
    assert (chi2.concatenation >= parts.max(axis=1) - 1e-4).all()


def test_by_kernels_is_by_the_packages_spectrum():
    """The same errors from the singular functions of the contexts themselves."""
    data = datasets.load("concrete")
    points, target, sides = experiment._points(data.X, data.y, "halves", np.random.default_rng(3))
    parts = [experiment._knows(columns, cl.knn_context(points[0][:, columns], k))
             for columns, k in zip(sides, (3, 20))]
    for context in (*parts, cl.convolve(*parts), cl.convex_combination(parts, [1, 1]),
                    cl.concatenate(cl.convolve(*parts), parts[0])):
        rows = [context.conditional_at(part).toarray() for part in points[1:]]
        direct = errors(cl.singular_system(context), *rows, *target)
        by_kernels = experiment._judged(experiment._solved(context, points), target)
        assert by_kernels["chi2"] == pytest.approx(context.chi2())
        assert by_kernels["error"] == pytest.approx(direct["error_loo"], rel=1e-3)
        assert by_kernels["error_best"] == pytest.approx(direct["error_oracle"], rel=1e-3)


def test_embeddings_take_turns():
    one, two = (experiment._Solved(np.ones(k), np.eye(k), [np.full((4, k), number)] * 2, np.ones(k))
                for number, k in ((1.0, 2), (2.0, 4)))
    rows = experiment._together(one, two).functions()[0]
    assert rows.tolist() == [[1, 2, 1, 2, 2, 2]] * 4


def test_workers_change_nothing():
    assert results.run(["college"], seeds=[0, 1], **SMALL).equals(
        results.run(["college"], seeds=[0, 1], **SMALL | {"n_jobs": 2}))


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


def test_the_better_part(shipped):
    found = results.better_part(shipped)
    assert found.shape == (12, 7)
    case = shipped[(shipped.dataset == "cells") & (shipped["views"] == "halves")
                   & (shipped.k_first == 4) & (shipped.k_second == 75)]
    pairs = case[case.context.isin(["first", "second"])].groupby("seed")["error"]
    lowest = [min(errors) for _, errors in pairs]
    assert len(lowest) == 5
    assert found.loc[("cells", "halves"), (4, 75)] == pytest.approx(np.mean(lowest))


# -- the judge ----------------------------------------------------------------------------


def judged(first, second, **mixes):
    """A table of one case from errors of every seed."""
    rows = [dict(dataset="d", views="halves", pair="strong + strong", k_first=2, k_second=2,
                 seed=seed, context=context, error=error)
            for context, found in ({"first": first, "second": second} | mixes).items()
            for seed, error in enumerate(found)]
    return pd.DataFrame(rows)


def test_a_verdict_is_two_standard_errors_from_the_better_part():
    table = judged([0.5, 0.6, 0.7], [0.4, 0.5, 0.9], convolution=[0.3, 0.4, 0.6],
                   combination=[0.5, 0.7, 0.6], concatenation=[0.61, 0.69, 0.8])
    found = results.verdicts(table).set_index("mix")
    assert found.verdict.to_dict() == {"convolution": "better", "combination": "same",
                                       "concatenation": "worse"}
    assert found.ratio["combination"] == pytest.approx(1.8 / 1.6)
    gaps = np.array([0.21, 0.19, 0.1])  # to 0.4, 0.5, 0.7
    assert found.gap["concatenation"] == pytest.approx(gaps.mean())
    assert found.se["concatenation"] == pytest.approx(gaps.std(ddof=1) / np.sqrt(3))
    text = results.counts(table).loc["strong + strong", "combination"]
    assert text == "0 better, 1 same, 0 worse"


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
        far = abs(gaps.mean()) > 2 * gaps.std(ddof=1) / np.sqrt(5)
        verdict = ("better" if gaps.mean() < 0 else "worse") if far else "same"
        assert row.verdict == verdict


def test_counts_add_up_and_the_figure_says_them(shipped):
    text = results.counts(shipped)
    assert list(text.index) == list(PAIRS) and list(text.columns) == list(MIXES)
    for pair, row in text.iterrows():
        for cell in row:
            assert sum(map(int, re.findall(r"\d+", cell))) == 12 * len(PAIRS[pair])
    picture = results.figure(shipped)
    for mix in MIXES:
        assert all(f"{mix} {cell}" in picture.alt for cell in text[mix])


# -- what comes in ------------------------------------------------------------------------


@pytest.mark.parametrize("wrong, message", [
    (dict(views=["thirds"]), "views has 'thirds'; there are halves, same columns"),
    (dict(mixes=["average"]), "mixes has 'average'; there are convolution"),
    (dict(datasets=["moon"]), "name is 'moon'"),
    (dict(pairs={"none": ((0, 2),)}), "k is 0"),
    (dict(seeds=[-1]), "seed is -1"),
])
def test_bad_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        results.run(**dict(datasets=["college"], n_jobs=1, progress=False) | wrong)


def test_one_seed_has_no_standard_error():
    with pytest.raises(ValueError, match="one seed only"):
        results.verdicts(judged([0.5], [0.4], convolution=[0.3]))


def test_a_missing_table_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "mixing.csv.gz")
    with pytest.raises(FileNotFoundError, match=r"mixing_results FILE\.csv\.gz` makes"):
        results.shipped()
