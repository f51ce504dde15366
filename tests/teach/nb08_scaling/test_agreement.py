"""Two networks on one context agree, on two contexts as far as these do: over five seeds.

Forty networks take a minute, so how far they agree lies in `agreement.csv.gz`, which this file
writes when it is run as a program; two of them are trained again and compared with it.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import contexture_lite as cl
from contexture_lite import claims, learn
from contexture_lite.learn import scaling
from contexture_lite.teach.nb08_scaling import agreement

torch.set_num_threads(1)
SEEDS = range(5)
TABLE = Path(__file__).with_name("agreement.csv.gz")
ONE, OWN, TWO, EXACT = agreement.KINDS


@pytest.fixture(scope="module")
def again():
    """{(context, by): `Features`} of the digits and seed 0, both networks on "30 neighbours"."""
    chosen = [(context, "exact") for context in agreement.CONTEXTS["digits"]]
    chosen += [("30 neighbours", by) for by in agreement.NETWORKS]
    return {(context, by): agreement._features(scaling.setting("digits", context, 0), by, 0,
                                               agreement.STEPS) for context, by in chosen}


@pytest.fixture(scope="module")
def pairs():
    """{(task, seed): what `pairs` returns}, of 40 networks."""
    whole = pd.read_csv(TABLE).groupby(["task", "seed"])
    assert set(whole.groups) == {(task, seed) for task in agreement.CONTEXTS for seed in SEEDS}
    return {key: table.drop(columns=["task", "seed"]) for key, table in whole}


def by_kind(pairs, kind):
    return pairs[pairs.kind == kind].groupby(["points", "measure"])["value"]


# -- the statements, over five seeds ---------------------------------------------------


def test_those_of_two_networks_are_made_again(again, pairs):
    """Trainings end a little differently on another processor, exact functions do not."""
    columns, names = ["value", "unrelated"], ["points", "first", "second", "measure"]
    kept, compared = pairs["digits", 0].set_index(names)[columns], set()
    for first, second in product(again, again):
        for points, measure in product(agreement.POINTS, agreement.MEASURES):
            key = points, ", ".join(first[::-1]), ", ".join(second[::-1]), measure
            if key in kept.index:
                made = agreement.compare(again[first], again[second], points)[measure]
                assert made.unrelated == pytest.approx(kept.unrelated[key], abs=1e-4)
                exact = first[1] == second[1] == "exact"
                assert abs(made.value - kept.value[key]) < (1e-3 if exact else 0.05), key
                compared.add(key[1:3])
    assert len(compared) == 4  # the contexts, each network and its context, the two networks


def test_networks_on_one_context_agree_far_above_chance(pairs):
    for key, table in pairs.items():
        null = table.groupby(["points", "measure"])["unrelated"].max()
        assert (by_kind(table, ONE).min() > 30 * null).all(), key
        assert (by_kind(table, ONE).min() > 0.5).all(), key


def test_every_pair_on_one_context_agrees_more_than_any_pair_on_two(pairs):
    for key, table in pairs.items():
        assert (by_kind(table, ONE).min() > by_kind(table, TWO).max() + 0.07).all(), key


def test_networks_on_two_contexts_agree_as_far_as_the_contexts_do(pairs):
    for key, table in pairs.items():
        exact = by_kind(table, EXACT).mean()
        apart = (by_kind(table, TWO).mean() - exact).abs()
        assert (apart.drop("neighbours", level="measure") < 0.06).all(), key
        assert (apart < 0.1).all(), key


def test_the_contexts_are_far_from_unrelated_and_from_equal(pairs):
    for table in pairs.values():
        cca = by_kind(table, EXACT).mean().xs("CCA", level="measure")
        assert cca.between(0.3, 0.7).all()


def test_every_network_comes_near_its_context(pairs):
    for key, table in pairs.items():
        near = by_kind(table, OWN).min().xs("CCA", level="measure")
        assert near["training"] > 0.7 and near["held out"] > 0.65, key


def test_the_theory_bounds_how_far_the_networks_can_be_apart(again, short):
    names = agreement.CONTEXTS["digits"]
    f, g = (one.functions for one in short if one.by == "wide")
    first, second = (scaling.setting("digits", name, 3).context for name in names)
    assert claims.check("agreement-of-contexts", first, encoder=f, second=g, other=second)
    trained = again["30 neighbours", "deep"].functions
    context = scaling.setting("digits", "30 neighbours", 0).context
    check = claims.check("plateau-agreement", context, encoder=trained)
    assert check and check.sides.left > 0


# -- what runs does --------------------------------------------------------------------


@pytest.fixture(scope="module")
def short():
    return agreement.runs("digits", 3, steps=2)


@pytest.fixture(scope="module")
def every(short):
    return agreement.pairs(short)


@pytest.fixture(scope="module")
def table(every):
    return agreement.means_of(every)


@pytest.fixture(scope="module")
def picture(short):
    return agreement.picture(short)


def test_two_networks_and_the_exact_functions_on_each_of_two_contexts(short):
    assert [(one.context, one.by) for one in short] == [
        (context, by) for context in ("300 neighbours", "30 neighbours")
        for by in ("exact", "wide", "deep")]
    for one in short:
        assert one.values.shape == (15,) and one.functions.shape == (1000, 15)
        assert one.held_out.shape == (797, 15)
        assert np.allclose(one.functions.T @ one.functions / 1000, np.eye(15), atol=1e-6)
        assert one.at("training") is one.functions and one.at("held out") is one.held_out


def test_the_exact_functions_are_the_contexts_own(short):
    setting = scaling.setting("digits", "30 neighbours", 3)
    assert np.array_equal(short[3].functions, setting.system.left)
    assert np.array_equal(short[3].held_out, setting.exact_held_out)
    assert np.allclose(short[3].values, setting.system.values**2)


def test_a_network_is_the_public_calls_one_after_the_other(short):
    setting = scaling.setting("digits", "30 neighbours", 3)
    points, held_out = (torch.tensor(X, dtype=torch.float32)
                        for X in (setting.points, setting.held_out))
    net = learn.ResidualMLP(points.shape[1], 64, width=64, depth=3, seed=15)
    law = learn.laws.inputs(setting.context, dtype=torch.float32)
    list(learn.train(lambda: learn.losses.spectral_contrastive(law, net(points), net(points)),
                     net, steps=2))
    ritz = cl.ritz(setting.context, net(points).detach().numpy())
    deep = short[5]
    assert np.allclose(deep.values, ritz.values[:15], atol=1e-4)
    new = ritz.extend(net(held_out).detach().numpy())[:, :15]
    assert float(cl.alignment.squared_cca(deep.held_out, new)) > 0.999


def test_the_seed_decides_everything_and_a_bar_counts_the_networks(short, capfd):
    again, other = (agreement.runs("digits", seed, steps=2, progress=seed == 3) for seed in (3, 4))
    assert "6/6" in capfd.readouterr().err
    assert all(np.array_equal(a.functions, b.functions) for a, b in zip(short, again))
    assert not any(np.array_equal(a.values, b.values) for a, b in zip(short, other))


@pytest.mark.parametrize(("arguments", "words"), [
    (dict(task="mnist"), "task is 'mnist'; there are abalone, digits"),
    (dict(task="digits", seed=-1), "seed is -1"),
    (dict(task="digits", steps=0), "steps is 0"),
])
def test_runs_that_cannot_be_made(arguments, words):
    with pytest.raises(ValueError, match=words):
        agreement.runs(**arguments)


# -- the comparisons -------------------------------------------------------------------


def made(contexts=("a", "b"), by=("exact", "wide", "deep"), n=60):
    rng = np.random.default_rng(0)
    return [agreement.Features(context, who, np.linspace(1, 0.5, 15),
                               *rng.standard_normal((2, n, 15)))
            for context in contexts for who in by]


def test_functions_agree_with_themselves_and_compare_is_the_public_measures():
    first, second = made()[:2]
    assert all(float(seen) == pytest.approx(1) for seen in agreement.compare(first, first).values())
    seen = agreement.compare(first, second, "held out")
    f, g = first.held_out, second.held_out
    root = np.sqrt(first.values)
    assert list(seen) == list(agreement.MEASURES)
    assert float(seen["CCA"]) == float(cl.alignment.squared_cca(f, g))
    assert float(seen["CKA"]) == float(cl.alignment.cka(f * root, g * root))
    assert float(seen["neighbours"]) == float(cl.alignment.mutual_neighbours(f, g, 10))


def test_every_pair_but_a_network_with_the_other_context():
    table = agreement.pairs(made())
    assert len(table) == 2 * 3 * 11
    counts = table.groupby("kind")["value"].count() / 6
    assert counts.to_dict() == {ONE: 2, OWN: 4, TWO: 4, EXACT: 1}
    mixed = table[table["first"].str.startswith("exact, a") & table["second"].str.contains(", b")]
    assert set(mixed["second"]) == {"exact, b"}


def test_the_table_holds_the_means_and_what_chance_gives(table, every):
    assert list(table.index) == [*agreement.KINDS, "unrelated"]
    chosen = every[(every.kind == ONE) & (every.points == "held out") & (every.measure == "CKA")]
    assert table.loc[ONE, ("held out", "CKA")] == pytest.approx(chosen.value.mean())
    assert table.loc["unrelated", ("training", "CCA")] == pytest.approx(15 / 999)
    assert table.loc["unrelated", ("training", "neighbours")] == pytest.approx(10 / 999)


# -- the picture -----------------------------------------------------------------------


def test_the_picture_shows_every_pair_beside_chance(every, picture):
    for ax, measure in zip(picture.figure.axes, agreement.MEASURES):
        shown = every[every.measure == measure]
        null, dashed, *dots = ax.lines
        assert null.get_xdata()[0] == pytest.approx(shown.unrelated.mean())
        exact = shown[(shown.kind == EXACT) & (shown.points == "training")].value.item()
        assert list(dashed.get_xdata()) == [exact, exact]
        assert np.allclose(sorted(np.concatenate([dot.get_xdata() for dot in dots])),
                           sorted(shown.value))


def test_the_picture_says_its_numbers(table, picture):
    said = repr(picture)
    assert said.startswith("Agreement on the contexts 300 neighbours / 30 neighbours. two networks,"
                           f" one context: CCA {table.iloc[0, 0]:.2f} (held out")
    assert f"unrelated: CCA {table.iloc[4, 0]:.2f}" in said


if __name__ == "__main__":
    tables = [agreement.pairs(agreement.runs(task, seed)).assign(task=task, seed=seed)
              for task in agreement.CONTEXTS for seed in SEEDS]
    pd.concat(tables).to_csv(TABLE, index=False, float_format="%.4f",
                             compression={"method": "gzip", "mtime": 0})
