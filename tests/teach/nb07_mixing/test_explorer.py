"""The live picture of mixing: its numbers are the package's, its bands hold, each mix has a use."""

from functools import reduce

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

import contexture_lite as cl
from contexture_lite import usefulness
from contexture_lite.teach.nb07_mixing import compute
from contexture_lite.teach.nb07_mixing.compute import MIXES, PAIRS
from contexture_lite.teach.nb07_mixing.explorer import MixingExplorer

START = dict(contexts="three bits: flips, masks", mix=("combine", 0.5), first=0.8, second=0.5)
MADE = []


def made():
    if not MADE:
        MADE.append(MixingExplorer())
    return MADE[0]


def mixed(first, second, kind, amount):
    """The package's mix: r times the first, then or beside the second; or weighted."""
    if kind == "combine":
        return cl.convex_combination([first, second], [amount, 1 - amount])
    mix = cl.convolve if kind == "convolve" else cl.concatenate
    return mix(reduce(mix, [first] * amount), second)


def strengths(count=3, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.98, (count, 2))


@pytest.mark.parametrize("pair", PAIRS)
def test_kernels_are_those_of_the_packages_mixes(pair):
    for first, second in strengths():
        parts = [compute.part(pair, place, s) for place, s in enumerate((first, second))]
        kernels = compute.mixes(pair, first, second)
        contexts = dict(zip(("first", "second"), parts))
        contexts |= {mix: mixed(*parts, *mix) for mix in MIXES}
        for name, context in contexts.items():
            root = np.sqrt(context.p_x)
            assert_allclose(root**2, 1 / len(root))
            kernel = root[:, None] * (context.dual_kernel() - 1) * root
            assert_allclose(kernels[name], kernel, atol=1e-12)
            values = cl.singular_system(context).values
            found = compute.squares(kernels[name])
            assert_allclose(found[:len(values)], values**2, atol=1e-10)
            assert (found[len(values):] < 1e-10).all()


@pytest.mark.parametrize("pair", PAIRS)
def test_every_mix_stays_in_its_band(pair):
    for first, second in strengths(6, seed=1):
        kernels = compute.mixes(pair, first, second)
        one, two = (compute.squares(kernels[name]) for name in ("first", "second"))
        for kind, amount in MIXES:
            mix = compute.squares(kernels[kind, amount])
            low, high, least, most = compute.bounds(kind, amount, one, two)
            assert (low - 1e-10 <= mix).all() and (mix <= high + 1e-10).all()
            assert (least - 1e-10 <= np.cumsum(mix)).all()
            assert (np.cumsum(mix) <= most + 1e-10).all()
            if kind == "combine":
                assert mix.sum() == pytest.approx(most[-1])


def test_closed_forms():
    """Errors and erasures multiply; r errors are one of strength s^r; copies of flips compose."""
    s, keep = 0.7, 0.6
    kernels = compute.mixes("six letters: errors, erasures", s, keep)
    for r in (1, 2, 3):
        assert_allclose(compute.squares(kernels["convolve", r]), s ** (2 * r) * keep)
    for w in (0.1, 0.5, 0.9):
        assert_allclose(compute.squares(kernels["combine", w]), w * s**2 + (1 - w) * keep)
    kernels = compute.mixes("three bits: flips, masks", s, keep)
    sizes = np.repeat([1, 2, 3], [3, 3, 1])
    assert_allclose(compute.squares(kernels["convolve", 2]), (s**4 * keep) ** sizes)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("mix", [("convolve", 1), ("combine", 0.3), ("concatenate", 1)])
def test_the_error_is_that_of_a_ridge_probe(pair, mix):
    """Ridge from scikit-learn on s μ, every input labelled three times; the error is exact."""
    first, second = 0.8, 0.6
    parts = [compute.part(pair, place, s) for place, s in enumerate((first, second))]
    system = cl.singular_system(mixed(*parts, *mix))
    features, task, copies = system.left * system.values, PAIRS[pair].task, 3
    inputs, labels = len(task), copies * len(task)
    probe = Ridge(alpha=compute.PENALTY * labels, fit_intercept=False)
    probe.fit(np.repeat(features, copies, axis=0), np.eye(labels))
    answer = probe.predict(features)  # the probe is linear in the labels
    missed = task - answer @ np.repeat(task, copies)
    noise = compute.NOISE * labels / (inputs - 1)  # variance, so that v (N − 1) = NOISE
    expected = np.mean(missed**2) + noise * np.mean((answer**2).sum(axis=1))
    kernel = compute.mixes(pair, first, second)[mix]
    assert compute.error(kernel, task) == pytest.approx(expected)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("place", [0, 1])
def test_strength_is_strength(pair, place):
    chi2 = [compute.part(pair, place, s).chi2() for s in np.linspace(0.1, 0.98, 23)]
    assert (np.diff(chi2) >= -1e-12).all() and chi2[0] < 0.8 < chi2[-1]


def test_tasks_are_standard():
    for pair in PAIRS.values():
        assert np.mean(pair.task) == pytest.approx(0, abs=1e-12)
        assert np.mean(pair.task**2) == pytest.approx(1)


def test_values_are_the_packages():
    explorer = made()
    explorer.update(**START)
    values = explorer.values()
    parts = [compute.part(START["contexts"], place, START[name])
             for place, name in enumerate(("first", "second"))]
    mix = mixed(*parts, *START["mix"])
    for end, context in (("_first", parts[0]), ("_second", parts[1]), ("", mix)):
        assert values["chi2" + end] == pytest.approx(context.chi2())
        assert values["tau" + end] == pytest.approx(usefulness.tau(context).value)
        assert values["rank" + end] == pytest.approx(usefulness.effective_rank(context).value)
    assert values["error"] == pytest.approx(explorer.result.curve[MIXES.index(START["mix"])])


@pytest.mark.parametrize("first, second, pair, kind", [
    (0.95, 0.95, "three bits: flips, masks", "convolve"),
    (0.96, 0.3, "three bits: flips, first bit", "combine"),
    (0.14, 0.14, "three bits: flips, first bit", "concatenate"),
])
def test_each_mix_has_its_use(first, second, pair, kind):
    """Too strong, mixed, too weak: the best mix is of the kind that the rule says."""
    explorer = MixingExplorer(pair, (kind, dict(MIXES)[kind]), first, second)
    step = explorer.result
    best = int(np.argmin(step.curve))
    assert MIXES[best][0] == kind
    assert step.curve[best] < 0.9 * min(step.errors["first"], step.errors["second"])
    explorer.update(mix=MIXES[best])
    assert "better than both parts" in explorer.sentence(explorer.result)


def test_the_sentence_says_where_the_inequality_is_tight():
    explorer = made()
    explorer.update(**START)  # both have the same functions in the same order
    assert "equal at d = 1, 2, 3, 4, 5, 6, 7" in explorer.sentence(explorer.result)
    assert explorer.values()["tight"] == 7
    explorer.update(contexts="eight points: groups, shifted groups")
    assert "equal at d = 2, 3" in explorer.sentence(explorer.result)
    explorer.update(contexts="ring of 8: windows, jumps", mix=("concatenate", 2))
    assert "equal nowhere" in explorer.sentence(explorer.result)
    explorer.update(contexts="six letters: errors, erasures", mix=("convolve", 3))
    assert "equal at i = 1, 2, 3, 4, 5)" in explorer.sentence(explorer.result)


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="mix is 'convolve'; it must be one of"):
        made().update(mix="convolve")
    with pytest.raises(ValueError, match=r"first is 0; it must be a number from 0\.1 to 0\.98"):
        made().update(first=0)
