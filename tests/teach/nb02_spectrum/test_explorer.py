"""The picture of a spectrum: every number of it by a second route."""

import numpy as np
import pytest

from contexture_lite.teach import SpectrumExplorer
from contexture_lite.teach.cast import members


@pytest.fixture(scope="module")
def explorer():
    return SpectrumExplorer()


@pytest.mark.parametrize("name", members.CAST)
def test_numbers_equal_direct_computation(name, explorer):
    rng = np.random.default_rng(list(members.CAST).index(name))
    for strength, d in zip(rng.random(2), rng.integers(13, size=2)):
        step = explorer.compute(name, float(strength), int(d))
        context, values = members.CAST[name].build(strength), explorer.numbers(step)
        both = np.outer(context.p_x, context.p_a)
        s = np.linalg.svd(context.joint / np.sqrt(both), compute_uv=False)[1:]
        assert values["d"] == min(d, len(s))
        assert values["s1"] == pytest.approx(s[0], abs=1e-8)
        assert values["chi2_kept"] == pytest.approx((s[:d] ** 2).sum() / (s**2).sum(), abs=1e-8)
        left_out = ((context.joint - step.system.reconstruct(step.d)) ** 2 / both).sum()
        assert left_out == pytest.approx((s[d:] ** 2).sum(), abs=1e-8)


@pytest.mark.parametrize("name", members.CAST)
def test_both_ends_of_every_context_can_be_drawn(name, explorer):
    for strength in (0.0, 1.0):
        explorer.update(context=name, strength=strength)
        assert explorer.error is None


def test_nothing_to_keep_is_said_so(explorer):
    explorer.update(context="four letters", strength=0.0, d=2)
    nothing = {"d": 2, "s1": 0.0, "s2": 0.0, "chi2": pytest.approx(0), "chi2_kept": 1.0}
    assert explorer.values() == nothing
