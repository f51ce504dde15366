"""The picture of an operator: every number of it by a second route."""

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import ChannelExplorer
from contexture_lite.teach.cast import members
from contexture_lite.teach.nb01_operators.explorer import FUNCTIONS, function_of_a, variance_kept


@pytest.fixture(scope="module")
def explorer():
    return ChannelExplorer()


def test_numbers_equal_direct_computation(explorer):
    rng = np.random.default_rng(5)
    for name in members.CAST:
        strength, kind = float(rng.random()), str(rng.choice(FUNCTIONS))
        values = explorer.numbers(explorer.compute(name, strength, kind))
        context = members.CAST[name].build(strength)
        joint = context.joint
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        g = function_of_a(name, strength, kind)
        Tg = joint @ g / p
        assert values["chi2"] == pytest.approx((joint**2 / np.outer(p, q)).sum() - 1, abs=1e-10)
        assert values["s1"] == pytest.approx(cl.singular_system(context).values[0], abs=1e-10)
        share = (p @ Tg**2 - (p @ Tg) ** 2) / (q @ g**2 - (q @ g) ** 2)
        assert values["variance_kept"] == pytest.approx(share, abs=1e-9)
        assert values["variance_kept"] <= values["s1"] ** 2 + 1e-9
        best = explorer.numbers(explorer.compute(name, strength, "best predicted"))
        assert best["variance_kept"] == pytest.approx(values["s1"] ** 2, abs=1e-9)


@pytest.mark.parametrize("name", members.CAST)
def test_both_ends_of_every_context_can_be_drawn(name, explorer):
    for strength in (0.0, 1.0):
        explorer.update(context=name, strength=strength)
        assert explorer.error is None


def test_nothing_to_keep(explorer):
    explorer.update(context="hypercube", strength=0.0, g="best predicted")
    assert explorer.values()["variance_kept"] == pytest.approx(0, abs=1e-12)


def test_variance_kept_of_a_binary_channel():
    context = cl.gallery.binary_channel(0.6)
    assert variance_kept(context, np.array([0.0, 1.0])) == pytest.approx(0.36)
