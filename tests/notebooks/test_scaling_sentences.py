"""What notebook 08 says of networks of every size holds for five seeds.

Three are in the shipped table; two more are trained here, of the sizes that are spoken of.
"""

import pandas as pd
import pytest

from contexture_lite.learn import scaling
from contexture_lite.teach import scaling_results

FRESH = (3, 4)
KEYS = ["task", "context", "width", "depth", "steps", "samples", "seed"]


@pytest.fixture(scope="module")
def networks():
    """All columns by task, context, width, depth, steps, samples and seed."""
    wide = {"depths": [2], "seeds": FRESH, "n_jobs": 1, "progress": False}
    cut = wide | {"tasks": ["digits"], "contexts": ["30 neighbours"], "widths": [128]}
    tables = [scaling_results.shipped(), scaling.grid(widths=[4, 64, 256, 512], **wide),
              scaling.grid(**cut, steps=[300, 1000]), scaling.grid(**cut, samples=[200, 500])]
    return pd.concat(tables).set_index(KEYS).sort_index()


def of(networks, task, context, width, *, depth=2, steps=300, samples=1000):
    """The rows of one kind of network, five seeds."""
    found = networks.loc[task, context, width, depth, steps, samples]
    assert set(found.index) == {0, 1, 2, *FRESH}
    return found


CONTEXTS = [(task, context) for task, names in scaling.CONTEXTS.items() for context in names]


@pytest.mark.parametrize("task, context", CONTEXTS)
def test_every_network_ends_at_the_height_of_its_context(networks, task, context):
    for width in (256, 512):
        found = of(networks, task, context, width)
        assert (found.ratio_trace <= found.ratio_trace_exact + 1e-6).all()
        assert (found.ratio_trace > found.ratio_trace_exact - 0.02).all()


@pytest.mark.parametrize("task", scaling.TASKS)
def test_heights_are_far_apart_and_no_network_crosses(networks, task):
    found = networks.loc[task].query("samples == 1000 and steps == 300")
    reached = found.groupby("context").ratio_trace.agg(["min", "max"]).sort_values("max")
    exact = found.groupby("context").ratio_trace_exact.min()
    for lower, higher in zip(reached.index, reached.index[1:]):
        assert reached["max"][lower] < exact[higher] - 0.05


def test_thirty_times_the_weights_gain_hardly_any_alignment(networks):
    small, large = (of(networks, "abalone", "30 neighbours", width) for width in (64, 512))
    assert (large.parameters > 30 * small.parameters).all()
    assert ((large.cca - small.cca) < 0.03).all()


def test_a_better_context_moves_the_plateau(networks):
    poor, good = (of(networks, "abalone", context, 512).error
                  for context in ("30 neighbours", "100 neighbours, whitened"))
    assert (good < poor - 0.1).all()
    weak, strong = (of(networks, "digits", context, 512).error
                    for context in ("300 neighbours", "10 neighbours"))
    assert (strong < weak - 0.2).all()


@pytest.mark.parametrize("context", ["300 neighbours", "30 neighbours"])
def test_a_larger_network_is_worse_where_the_context_is_worse_than_the_columns(networks, context):
    small, large = (of(networks, "abalone", context, width) for width in (4, 512))
    assert (large.error > small.error + 0.05).all()
    assert (large.error_exact > large.error_linear + 0.05).all()
    assert ((small.error - small.error_linear).abs() < 0.05).all()  # it kept to the columns


@pytest.mark.parametrize("task, context", CONTEXTS)
def test_the_largest_networks_are_not_less_aligned(networks, task, context):
    large, largest = (of(networks, task, context, width).cca for width in (256, 512))
    assert (largest > large - 0.002).all()


def test_on_unseen_points_the_weakest_context_of_the_digits_loses_a_little(networks):
    small, largest = (of(networks, "digits", "300 neighbours", width).cca_held_out
                      for width in (64, 512))
    assert (largest < small).all()
    assert 0.003 < (small - largest).mean() < 0.02


def test_points_close_the_distance_to_the_exact_functions_and_steps_do_not(networks):
    def distance(**cut):
        found = of(networks, "digits", "30 neighbours", 128, **cut)
        return found.error - found.error_exact

    assert (distance() < distance(samples=500)).all()
    assert (distance(samples=500) < distance(samples=200)).all()
    assert ((distance() - distance(steps=1000)).abs() < 0.02).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_torn_context_has_a_plateau_that_says_nothing(seed):
    """Break it: two neighbours each among 200 digits."""
    torn = scaling.setting("digits", "10 neighbours", seed=seed, samples=200)
    *_, lost = scaling.train(torn, width=128, depth=2, seed=seed, every=scaling.STEPS)
    assert lost.ratio_trace > 0.99 * lost.ratio_trace_exact
    assert lost.cca < 0.5
    assert lost.error > 0.8
    assert lost.error_linear < 0.5
