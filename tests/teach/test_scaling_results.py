"""The analysis of the scaling grid on tables whose answers are known, and the shipped table."""

import re

import numpy as np
import pandas as pd
import pytest
from scaling_table import EXACT, LINEAR, made_up

from contexture_lite.learn import scaling
from contexture_lite.teach import scaling_results as results


@pytest.fixture(scope="module")
def table():
    return made_up()


# -- the grid and its plateau -----------------------------------------------------------


def test_the_grid_holds_every_network_and_no_cut(table):
    grid = results.grid(table, "digits")
    assert grid.contexts == list(EXACT["digits"]) and grid.seeds == [0, 1, 2]
    assert (grid.steps, grid.samples) == (300, 1000)
    main = table[(table.task == "digits") & (table.steps == 300) & (table.samples == 1000)]
    assert grid.values["cca"].shape == (3, 8, 4, 3) and len(main) == 3 * 8 * 4 * 3
    for row in main.sample(40, random_state=0).itertuples():
        at = (grid.contexts.index(row.context), grid.widths.index(row.width),
              grid.depths.index(row.depth), grid.seeds.index(row.seed))
        for name in results.COLUMNS:
            assert grid.values[name][at] == getattr(row, name)


def test_contexts_go_from_weak_to_best_by_the_exact_error(table):
    turned = table.assign(error_exact=1 - table.error_exact)
    assert results.grid(turned, "abalone").contexts == list(EXACT["abalone"])[::-1]
    shuffled = table.sample(frac=1, random_state=1)
    again, grid = (results.grid(t, "abalone") for t in (shuffled, table))
    assert again.contexts == grid.contexts
    assert np.array_equal(again.values["error"], grid.values["error"])


def test_the_plateau_is_a_mean_over_wide_and_deep_networks(table):
    found = results.plateau(table)
    assert list(found.index) == [(task, context) for task in EXACT for context in EXACT[task]]
    for (task, context), row in found.iterrows():
        chosen = table[(table.task == task) & (table.context == context) & (table.steps == 300)
                       & (table.samples == 1000) & (table.width >= 256) & (table.depth >= 2)]
        assert len(chosen) == 2 * 3 * 3
        for name, value in row.items():
            assert value == pytest.approx(chosen[name].mean(), abs=1e-12)
        ratio, error = EXACT[task][context]
        assert row["ratio_trace_exact"] == pytest.approx(ratio)
        assert row["error_exact"] == pytest.approx(error)
        assert row["error_linear"] == pytest.approx(LINEAR[task])


def test_a_training_that_diverged_is_left_out_of_the_means(table):
    lost = table.copy()
    one = (lost.task == "digits") & (lost.width == 512) & (lost.seed == 1)
    lost.loc[one, ["cca", "ratio_trace", "error"]] = np.nan
    rest = made_up(seeds=(0, 2))
    for name in ("cca", "ratio_trace", "error"):
        found, wanted = (results.grid(t, "digits").mean(name)[:, -1] for t in (lost, rest))
        np.testing.assert_allclose(found, wanted)
    every = lost.assign(error=np.where(lost.width == 512, np.nan, lost.error))
    assert np.isnan(results.grid(every, "digits").mean("error")[:, -1]).all()
    assert results.figure(every, "digits").png and results.depths(every, "digits",
                                                                  "10 neighbours").png


# -- the shipped table --------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return results.shipped()


def test_the_shipped_table_has_the_whole_grid_and_both_cuts(shipped):
    assert set(shipped.task) == set(scaling.TASKS)
    assert not shipped.duplicated(["task", "steps", "samples", *results.KEYS]).any()
    assert shipped.notna().all(axis=None)
    for task in scaling.TASKS:
        grid = results.grid(shipped, task)
        assert grid.contexts == list(scaling.CONTEXTS[task])  # weakest first, as they say
        assert (grid.widths, grid.depths) == (list(scaling.WIDTHS), list(scaling.DEPTHS))
        assert grid.seeds == [0, 1, 2] and (grid.steps, grid.samples) == (scaling.STEPS, 1000)
    assert results.cuts(shipped).png
    assert results.SHIPPED.stat().st_size < 100_000


def test_each_context_has_its_plateau(shipped):
    found = results.plateau(shipped)
    assert (found.ratio_trace - found.ratio_trace_exact).abs().max() < 0.02
    assert found.cca.min() > 0.98
    for task in scaling.TASKS:
        assert (found.loc[task].error.diff().dropna() < 0).all()  # a better context moves it
        mean = results.grid(shipped, task).mean("ratio_trace")
        assert np.abs(mean[:, -1, 1:] - mean[:, -2, 1:]).max() < 0.01  # a bigger network does not


# -- pictures ---------------------------------------------------------------------------


def heights(ax, dashed):
    """Of the horizontal lines of a panel, dashed or not."""
    return sorted(line.get_ydata()[0] for line in ax.lines if len(line.get_xdata()) == 2
                  and (line.get_linestyle() == "--") == dashed)


@pytest.mark.parametrize("task", list(EXACT))
def test_the_figure_shows_each_contexts_own_plateau(task, table):
    picture = results.figure(table, task)
    _, traces, errors = picture.figure.axes
    assert heights(traces, True) == pytest.approx(sorted(r for r, _ in EXACT[task].values()))
    assert heights(errors, True) == pytest.approx(sorted(e for _, e in EXACT[task].values()))
    assert heights(errors, False) == pytest.approx([LINEAR[task]])
    for context, (ratio, error) in EXACT[task].items():
        assert re.search(rf"{context}: .* of {ratio:.3f}, error .*, exact {error:.3f}", picture.alt)
    deeper = results.figure(table, task, depth=4)
    assert deeper.alt != picture.alt and "depth 4" in deeper.alt
    at = picture.figure.axes[0].lines[1].get_ydata()  # the second line: the weakest context
    assert np.all(np.diff(at) > 0) and len(at) == 8


def test_depths_are_one_line_each(table):
    picture = results.depths(table, "digits", "10 neighbours")
    assert picture.alt.count("alignment") == 4 and "0.860" in picture.alt
    assert heights(picture.figure.axes[1], True) == [pytest.approx(0.86)]


def test_cuts_have_their_ends_in_words(table):
    picture = results.cuts(table)
    assert "Networks of width 128, depth 2" in picture.alt
    network = table[(table.width == 128) & (table.depth == 2)]
    for (task, context), rows in network.groupby(["task", "context"]):
        for along, cut in (("steps", rows[rows.samples == 1000]),
                           ("samples", rows[rows.steps == 300])):
            error = cut.groupby(along)["error"].mean()
            assert (f"{task}, {context}: error {error.iloc[0]:.3f} with {cut[along].min()} "
                    f"{along}, {error.iloc[-1]:.3f} with 1000") in picture.alt


def test_one_task_one_seed_and_few_networks_can_be_drawn():
    small = made_up(["digits"], widths=(4, 64), depths=(2,), seeds=(5,))
    assert results.figure(small, "digits").png and results.cuts(small).png
    assert len(results.plateau(small)) == 3


# -- what comes in ----------------------------------------------------------------------


@pytest.mark.parametrize("draw, message", [
    (lambda t: results.figure(t, "moons"), "task is 'moons'; the table has 'abalone', 'digits'"),
    (lambda t: results.figure(t, "digits", 7), "depth is 7; the table has 1, 2, 3, 4"),
    (lambda t: results.depths(t, "digits", "5"), "context is '5'; the table has 300 neighbours"),
    (lambda t: results.cuts(t[t.samples == 1000]), "one number of samples for abalone"),
    (lambda t: results.grid(t.drop(index=5), "abalone"), "lacks 1 of the 288 networks of abalone"),
    (lambda t: results.plateau(t[t.depth == 1]), "no network of abalone with two or more"),
    (lambda t: results.grid(pd.concat([t, t.assign(context="x"), t.assign(context="y")]),
                            "digits"), "5 contexts of digits; at most 3"),
])
def test_bad_input_is_named(draw, message, table):
    before = table.copy()
    with pytest.raises(ValueError, match=message):
        draw(table)
    pd.testing.assert_frame_equal(table, before)


def test_a_missing_table_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"learn\.scaling FILE\.csv\.gz` makes"):
        results.shipped(tmp_path / "scaling.csv.gz")
