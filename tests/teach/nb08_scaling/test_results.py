"""The analysis of the scaling grid on tables whose answers are known, and the shipped table."""

import numpy as np
import pandas as pd
import pytest
from scaling_table import EXACT, LINEAR, made_up
from scipy import stats

from contexture_lite.learn import scaling
from contexture_lite.teach.nb08_scaling import compute, law, results


@pytest.fixture(scope="module")
def table():
    return made_up()


# -- the grid and its plateau -----------------------------------------------------------


def test_the_grid_holds_every_network_and_no_cut(table):
    grid = compute.grid(table, "digits")
    assert grid.contexts == list(EXACT["digits"]) and grid.seeds == [0, 1, 2]
    assert (grid.steps, grid.samples) == (300, 1000)
    main = table[(table.task == "digits") & (table.steps == 300) & (table.samples == 1000)]
    assert grid.values["cca"].shape == (3, 8, 4, 3) and len(main) == 3 * 8 * 4 * 3
    for row in main.sample(40, random_state=0).itertuples():
        at = (grid.contexts.index(row.context), grid.widths.index(row.width),
              grid.depths.index(row.depth), grid.seeds.index(row.seed))
        for name in compute.COLUMNS:
            assert grid.values[name][at] == getattr(row, name)


def test_contexts_go_from_weak_to_best_by_the_exact_error(table):
    reversed_ = table.assign(error_exact=1 - table.error_exact)
    assert compute.grid(reversed_, "abalone").contexts == list(EXACT["abalone"])[::-1]
    shuffled = table.sample(frac=1, random_state=1)
    again, grid = (compute.grid(t, "abalone") for t in (shuffled, table))
    assert again.contexts == grid.contexts
    assert np.array_equal(again.values["error"], grid.values["error"])


def test_the_plateau_is_a_mean_over_wide_and_deep_networks(table):
    plateau = results.plateau(table)
    assert list(plateau.index) == [(task, context) for task in EXACT for context in EXACT[task]]
    for (task, context), row in plateau.iterrows():
        chosen = table[(table.task == task) & (table.context == context) & (table.steps == 300)
                       & (table.samples == 1000) & (table.width >= 256) & (table.depth >= 2)]
        assert len(chosen) == 2 * 3 * 3
        ratio, error = EXACT[task][context]
        assert row["distance"] == pytest.approx(1 - chosen["cca"].mean(), abs=1e-12)
        assert row["trace_missing"] == pytest.approx(1 - chosen["ratio_trace"].mean() / ratio)
        assert row["error"] == pytest.approx(chosen["error"].mean(), abs=1e-12)
        assert row["ratio_trace_exact"] == pytest.approx(ratio)
        assert row["error_exact"] == pytest.approx(error)
        assert row["error_linear"] == pytest.approx(LINEAR[task])


# -- the shipped table --------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return results.shipped()


def test_the_shipped_table_has_the_whole_grid_and_both_cuts(shipped):
    assert set(shipped.task) == set(scaling.TASKS)
    assert not shipped.duplicated(["task", "steps", "samples", *compute.KEYS]).any()
    assert shipped.notna().all(axis=None)
    for task in scaling.TASKS:
        grid = compute.grid(shipped, task)
        assert grid.contexts == list(scaling.CONTEXTS[task])  # weakest first, as they say
        assert (grid.widths, grid.depths) == (list(scaling.WIDTHS), list(scaling.DEPTHS))
        assert grid.seeds == list(scaling.SEEDS)
        assert (grid.steps, grid.samples) == (scaling.STEPS, 1000)
    assert results.cuts(shipped).png


def test_each_context_has_its_plateau(shipped):
    plateau = results.plateau(shipped)
    assert plateau.trace_missing.max() < 0.01
    assert plateau.distance.max() < 0.01
    for task in scaling.TASKS:
        assert (plateau.loc[task].error.diff().dropna() < 0).all()  # a better context moves it
        mean = compute.grid(shipped, task).mean["ratio_trace"]
        assert np.abs(mean[:, -1, 1:] - mean[:, -2, 1:]).max() < 0.01  # a bigger network does not


# -- the law and the pictures -----------------------------------------------------------


def test_power_and_worth_are_the_lines_of_another_library():
    rng = np.random.default_rng(5)
    weights, distance = np.geomspace(1e3, 1e6, 9), rng.uniform(0.01, 1, 9)
    falls, costs = law.power(weights, distance), law.worth(distance, weights)
    logs = stats.linregress(np.log(weights), np.log(distance))
    plain = stats.linregress(distance, weights)
    assert np.allclose(falls, (np.exp(logs.intercept), -logs.slope, logs.rvalue))
    assert np.allclose(costs, (plain.intercept, plain.slope, plain.rvalue))
    assert np.allclose(falls.at(weights), np.exp(logs.intercept) * weights**logs.slope)
    assert np.allclose(costs.at([0, 2]), plain.intercept + plain.slope * np.array([0, 2]))


def test_a_law_that_holds_is_found_in_every_context(table):
    rows = table.assign(cca=1 - 30 * table.parameters**-0.7)
    rows["error"] = rows.error_exact + 0.02 + 0.5 * (1 - rows.cca)
    found = law.summary(law.networks(rows, "digits"))
    assert list(found.index) == list(EXACT["digits"])
    assert np.allclose(found.exponent, 0.7) and np.allclose(found.r, -1)
    assert np.allclose(found["κ"], 0.5) and np.allclose(found.E, found.error_exact + 0.02)


def test_networks_are_means_over_the_seeds_or_one_of_them(table):
    of, one = law.networks(table, "digits"), law.networks(table, "digits", seed=2)
    assert len(of) == 3 * 3 * 8 and of.index.get_level_values("depth").min() == 2
    assert np.allclose(one.error - of.error, 0.001)  # a seed lifts errors by a thousandth
    main = table.query("task == 'digits' and steps == 300 and samples == 1000")
    main = main.set_index(["context", "depth", "width"]).sort_index()
    for network, row in of.sample(20, random_state=0).iterrows():
        chosen = main.loc[[network]]
        assert len(chosen) == 3
        assert np.allclose(row, [chosen.parameters.mean(), 1 - chosen.cca.mean(),
                                 chosen.error.mean(), chosen.error_exact.mean()])


def test_the_picture_of_the_law_is_fitted_to_the_small_networks_only(table):
    picture = law.picture(law.networks(table, "digits"))
    far = table.assign(cca=np.where(table.parameters < law.SMALL, table.cca, 1 - 1e-4))
    assert picture.alt == law.picture(law.networks(far, "digits")).alt
    assert picture.png and "10 neighbours: distance falls as the power −" in picture.alt
    assert law.picture(law.networks(far, "digits"), below=np.inf).alt != picture.alt


def test_cuts_have_their_ends_in_words_and_count_the_compute(table):
    picture = results.cuts(table)
    assert "width 128, depth 2" in picture.alt
    network = table[(table.width == 128) & (table.depth == 2) & (table.task == "digits")]
    for context, rows in network.groupby("context"):
        for along, cut in (("steps", rows[rows.samples == 1000]),
                           ("samples", rows[rows.steps == 300])):
            error = cut.groupby(along)["error"].mean()
            assert (f"{context}: error {error.iloc[0]:.3f} with {cut[along].min()} "
                    f"{along}, {error.iloc[-1]:.3f} with 1000") in picture.alt
    solid, dotted = picture.figure.axes[0].lines[:2]
    assert (len(solid.get_xdata()), len(dotted.get_xdata())) == (8, 5)
    sizes = network.parameters.iloc[0]
    assert np.allclose(dotted.get_xdata(), 6 * sizes * np.array([10, 30, 100, 300, 1000]) * 1000)
    assert "1 % of the points" in [t.get_text() for t in picture.figure.axes[2].get_legend().texts]


def test_one_task_one_seed_and_few_networks_can_be_drawn():
    small = made_up(["digits"], widths=(4, 64), depths=(2,), seeds=(5,))
    assert law.picture(law.networks(small, "digits")).png and results.cuts(small).png
    assert len(results.plateau(small)) == 3


# -- what comes in ----------------------------------------------------------------------


@pytest.mark.parametrize("draw, message", [
    (lambda t: law.networks(t, "moons"), "task is 'moons'; the table has 'abalone', 'digits'"),
    (lambda t: law.networks(t, "digits", 7), "seed is 7; the table has 0, 1, 2"),
])
def test_bad_input_is_named(draw, message, table):
    before = table.copy()
    with pytest.raises(ValueError, match=message):
        draw(table)
    pd.testing.assert_frame_equal(table, before)
