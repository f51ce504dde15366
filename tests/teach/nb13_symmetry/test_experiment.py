"""Notebook 13's experiments: what the text says holds over seeds; the table is made again."""

import numpy as np
import pytest

from contexture_lite.teach.nb13_symmetry import experiment, figures


def by_seed(name):
    """(case, measure) × seed."""
    table = experiment.shipped()
    return table[table.experiment == name].pivot_table(
        index=["case", "measure"], columns="seed", values="value")


def assert_made_again(name, rows, tolerance):
    table = by_seed(name)
    for row in rows:
        wanted = table.loc[(str(row["case"]), row["measure"]), 0]
        assert row["value"] == pytest.approx(wanted, abs=tolerance), row


# ---- what the text says


def test_five_seeds():
    assert sorted(experiment.shipped().seed.unique()) == list(experiment.SEEDS) == [0, 1, 2, 3, 4]


def test_wider_moves_trade_where_for_what_in_every_seed():
    table = by_seed("moved")
    what, where = (np.array([table.loc[str(w), name] for w in (0, 2, 4, 8)])
                   for name in ("what", "where"))
    assert (np.diff(what, axis=0) > 0).all() and (np.diff(where, axis=0) < 0).all()
    assert (what[0] < 0.4).all() and (what[-1] > 0.78).all()
    assert (where[0] > 0.97).all() and (where[-1] < 0.05).all()


def test_what_invariance_costs_and_buys():
    table = by_seed("turned")

    def error(case, measure="ten digits"):
        return 1 - table.loc[(case, measure)]

    few, many = "{}, 100 labels, {}", "{}, 1000 labels, {}"
    pair = {kind: error(few.format("upright", kind), "6 or 9") for kind in figures.KINDS}
    assert (pair["invariant"] > 0.05).all() and (pair["invariant"] < 0.2).all()
    assert (pair["equivariant"] < 0.01).all()
    assert (error(many.format("upright", "invariant"), "6 or 9") < 0.05).all()
    for m in (few, many):
        rivals = [error(m.format("turned", kind)) for kind in ("raw", "equivariant")]
        assert (error(m.format("turned", "invariant")) < np.min(rivals, axis=0)).all()
    turn = error(many.format("turned", "invariant"), "which turn")
    assert np.abs(turn - 0.75).max() < 0.04  # at chance
    assert (error(many.format("turned", "equivariant"), "which turn") < 0.15).all()
    assert by_seed("read_upside_down").loc["6 as 9"].mean(axis=None) > 0.7


def test_what_breaks_a_network():
    table = by_seed("networks")
    for name in ("circular", "largest phase, twice"):
        for view in figures.VIEWS:
            assert (table.loc[(name, view)] == 1).all(), (name, view)
    for name in experiment.NETWORKS:
        if name != "zero padding":
            assert (table.loc[(name, "four and four")] == 1).all()
    assert (table.loc[("blur and stride, twice", "two pixels")] == 1).all()
    blurred, plain, pooled = (table.loc[(f"{name}, twice", "one pixel")] for name in (
        "blur and stride", "stride 2", "2 × 2 max pool"))
    assert (blurred > pooled).all() and (pooled > plain).all() and (blurred < 1).all()
    accuracy = table.xs("accuracy", level="measure")
    lost = accuracy.loc["circular"] - accuracy.loc["largest phase, twice"]
    assert (lost > 0.05).all() and lost.mean() == pytest.approx(0.09, abs=0.005)
    assert blurred.mean() == pytest.approx(0.94, abs=0.005)
    moved = table.loc[("zero padding", "accuracy, moved")]
    assert (moved < 0.65 * accuracy.loc["zero padding"]).all()


def test_digits_that_look_the_same_after_a_half_turn_are_recognised_worst():
    means = experiment.means("which_turn")
    assert np.corrcoef(means.alike, means.recognised)[0, 1] < -0.7
    assert set(means.sort_values("recognised").index[:3]) == {"0", "1", "8"}
    table = by_seed("which_turn")
    for seed in experiment.SEEDS:
        right, alike = (table.xs(name, level="measure")[seed] for name in ("recognised", "alike"))
        assert np.corrcoef(alike, right)[0, 1] < -0.4


# ---- the table can be made again


@pytest.mark.processor
def test_cheap_rows_are_made_again():
    assert_made_again("moved", experiment.moved(0, [2]), 0.02)
    assert_made_again("which_turn", experiment.which_turn(0), 0.02)
    assert_made_again("read_upside_down", experiment.read_upside_down(0), 0.02)
    assert_made_again("networks", experiment.networks(0, ["stride 2, twice"]), 0.02)


def test_the_networks_are_as_invariant_as_they_are_called():
    """To the rounding of float32, before any read-out."""
    rng, images = np.random.default_rng(0), np.pad(experiment._digits()[0], experiment.MARGIN)
    filters, images = experiment.random_filters(images, 0), images[:20]
    assert np.allclose(filters[0].sum((1, 2, 3)), 0, atol=1e-6)
    for name, (padding, down) in experiment.NETWORKS.items():
        features = experiment.network(padding, down, filters)
        still = features(images)
        off = {by: np.abs(features(np.roll(images, by, (1, 2))) - still).max() / still.max()
               for by in ((0, 1), (4, 8), tuple(rng.integers(12, size=2)))}
        if name in ("circular", "largest phase, twice"):
            assert max(off.values()) < 1e-6, (name, off)
        elif name == "zero padding":
            assert min(off.values()) > 1e-4
        else:
            assert off[4, 8] < 1e-6 < 1e-3 < off[0, 1], (name, off)
