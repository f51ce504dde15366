"""Notebook 11's trained networks: what the text says of them, over five seeds and four sweeps."""

import numpy as np
import pytest

from contexture_lite import geometry
from contexture_lite.teach.nb11_geometry import experiment, figures

TABLE = experiment.shipped()
HOT = TABLE[TABLE.experiment == "temperature"].assign(tau=lambda t: t.setting.astype(float))
LEARNERS = TABLE[TABLE.experiment == "learner"].set_index("setting")
SWEEP = TABLE[TABLE.experiment == "sweep"]


def at(data, tau):
    return HOT[(HOT.data == data) & (HOT.tau == tau)]


def test_the_table_is_complete():
    sizes = HOT.groupby(["data", "tau"]).seed.nunique()
    assert (sizes == 5).all() and len(sizes) == 15
    assert (LEARNERS.groupby("setting").seed.nunique() == 5).all() and len(LEARNERS) == 30
    assert len(SWEEP) == experiment.SWEEPS * experiment.ENCODERS


@pytest.mark.processor
@pytest.mark.parametrize("row", [("temperature", "digits", "0.05"),
                                 ("learner", "digits", "no predictor, stop")])
def test_a_row_can_be_made_again(row):
    kept = TABLE[(TABLE[["experiment", "data", "setting"]] == list(row)).all(axis=1)
                 & (TABLE.seed == 0)].iloc[0]
    made = (experiment.at_temperature("digits", 0.05, 0) if row[0] == "temperature"
            else experiment.learner(row[2], 0))
    for name in ("mean_cosine", "effective_rank", "variance", "found"):
        if name in made:
            assert made[name] == pytest.approx(kept[name], rel=0.05), name


def test_digits_and_mnist_follow_the_line_and_abalone_does_not():
    for data, misses in (("digits", False), ("mnist", False), ("abalone", True)):
        line = max(0, 1 - 0.05 * figures.slope(TABLE, data))
        off = np.abs(at(data, 0.05).mean_cosine - line)
        assert (off > 0.1).all() if misses else (off < 0.03).all()
    assert (at("digits", 0.2).mean_cosine < 0.01).all()


def test_heat_costs_dimensions_and_accuracy_hardly_cares():
    ranks = HOT[HOT.data == "digits"].pivot(index="seed", columns="tau", values="effective_rank")
    assert (ranks[3] < 0.5 * ranks[0.2]).all()
    probes = HOT[HOT.data == "digits"].pivot(index="seed", columns="tau", values="probe")
    assert (np.ptp(probes, axis=1) < 0.05).all()


def test_four_learners():
    stop = LEARNERS.loc["best predictor, stop"]
    assert (stop.found > 0.8).all() and (stop.probe > 0.9).all() and (stop.variance > 1).all()
    assert (stop.spectrum_off < 0.05).all()
    for name in ("best predictor, no stop", "no predictor, stop"):
        dead = LEARNERS.loc[name]
        assert (dead.variance < 0.01).all() and (dead.effective_rank > 8.5).all()
        assert (dead.probe < 0.4).all() and (dead.found < 0.3).all()
    # a trained predictor that lags uses fewer dimensions than the best one
    assert LEARNERS.loc["SimSiam"].effective_rank.max() < stop.effective_rank.min() - 2


def test_alignment_and_uniformity_do_not_tell_the_task():
    for _, rows in SWEEP.groupby("seed"):
        both = rows.alignment + rows.uniformity
        assert -0.9 < both.corr(rows.probe, method="spearman") < -0.4
        assert rows.alignment.corr(rows.ink, method="spearman") > 0.6


def test_whitening_costs_neighbours_and_no_probe():
    table = experiment.weights((40, 150), seeds=range(5)).set_index(["d", "weight"])
    white, weighted = table.loc[(150, "1")], table.loc[(150, "s")]
    lost = weighted.neighbours.to_numpy() - white.neighbours.to_numpy()
    assert (lost > 0.02).all() and lost.mean() > 0.08
    np.testing.assert_allclose(white.probe, weighted.probe, atol=0.005)
    assert (white.skewness > 3).all() and (weighted.skewness < 1).all()
    assert np.abs(table.loc[(40, "1")].neighbours.to_numpy()
                  - table.loc[(40, "s")].neighbours.to_numpy()).max() < 0.02


def test_sparse_codes_are_free_down_to_a_third():
    accuracy = experiment.sparse((1.0, 0.3, 0.02)).pivot(index="seed", columns="share",
                                                         values="probe")
    assert (accuracy[0.3] > accuracy[1.0] - 0.005).all() and (accuracy[0.02] < 0.7).all()
    assert accuracy[0.3].mean() > accuracy[1.0].mean()


def test_four_embeddings_have_a_rank_of_two_and_one_number_tells_each():
    reports = {name: geometry.collapse_report(f) for name, f in figures.rank_two().items()}
    assert all(report.raw_rank == pytest.approx(2) for report in reports.values())
    assert reports["dead coordinates"].std == pytest.approx(2 / 64)
    assert reports["copies"].std == pytest.approx(1)
    assert reports["clusters"].perplexity == pytest.approx(3)
    assert reports["cone"].mean_cosine > 0.99
    assert reports["cone"].effective_rank == pytest.approx(63)


def test_neighbours_by_hand():
    f, y = np.array([[0.0], [1], [2], [10]]), np.array([0, 0, 1, 1])
    assert experiment.by_neighbours(f, y, np.array([[0.4], [9.0]]), np.array([0, 1]), k=1) == 1
    assert experiment.by_neighbours(f, y, np.array([[0.4]]), np.array([1]), k=3) == 0
