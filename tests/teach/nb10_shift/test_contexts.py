"""Which contexts survive the shift from MNIST to digits, and the table that says so."""

import numpy as np
import pandas as pd
import pytest

from contexture_lite.experiment.protocol import earlier_of_class
from contexture_lite.teach.nb10_shift import contexts as data
from contexture_lite.teach.nb10_shift.changes import CHANGES, moved, stretched
from contexture_lite.teach.nb10_shift.data import domains


@pytest.fixture(scope="module")
def shipped():
    return data.shipped()


def means(table, column):
    return table.groupby("context")[column].mean()


def gap(table, first, second, column="digits"):
    """Mean over seeds of first − second, in standard errors."""
    wide = table.pivot(index="seed", columns="context", values=column)
    gaps = wide[first] - wide[second]
    return gaps.mean() / gaps.sem()


def test_changes_keep_images_images():
    source = domains()[0].X[:50]
    for changes in CHANGES.values():
        assert any(np.allclose(change(source), source, atol=1e-6) for change in changes)
        for change in changes:
            assert change(source).shape == source.shape
            assert 0 <= change(source).min() and change(source).max() <= 1


def test_moves_and_stretches_go_where_they_say():
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = 1
    away = moved(1, -1)(image.reshape(1, 64)).reshape(8, 8)
    assert away[4, 3] == 1 and away.sum() == 1
    bar = np.zeros((1, 8, 8))
    bar[0, 2:6, 3:5] = 1
    tall = stretched(1.5, 1)(bar.reshape(1, 64)).reshape(8, 8)
    assert tall.sum(axis=1).astype(bool).sum() > 4 and (tall.sum(axis=0) > 0).sum() == 2
    np.testing.assert_allclose(tall, tall[::-1], atol=1e-12)  # about the middle


@pytest.mark.processor
def test_the_shipped_table_is_complete_and_can_be_remade(shipped):
    names = {"none: pixels", "none: 5 nearest", "none: 5 nearest, changed", *data.CONTEXTS}
    assert set(shipped.context) == names and set(shipped.seed) == set(range(5))
    assert len(shipped) == 5 * len(names)
    some = ["5 neighbours", "contrast changed", "15 neighbours in each"]
    again = data.contexts(2, some)
    old = shipped[shipped.seed == 2].set_index("context").loc[again.context]
    for column in ("held_out", "digits"):  # an image or two may change sides
        np.testing.assert_allclose(again[column], old[column], atol=0.004)


def test_which_contexts_survive(shipped):
    """Sentences of notebook 10, over five splits."""
    # on digits local contexts and those of changed images beat pixels, weak ones do not
    for name in ("5 neighbours", *CHANGES):
        assert gap(shipped, "none: pixels", name) > 2
    assert gap(shipped, "200 neighbours", "5 neighbours") > 2
    assert gap(shipped, "5 neighbours", "moved, stretched, contrast") > 2
    # unlabelled images of the target domain help as well, with the same number of neighbours
    for name in ("15 neighbours among both", "15 neighbours in each"):
        assert gap(shipped, "15 neighbours", name) > 2
    assert (means(shipped, "digits") > means(shipped, "held_out") + 0.19).all()  # none is immune


def test_the_vote_of_the_nearest_images_is_the_fair_rival(shipped):
    """No context clearly beats it; the vote that knows what may change beats them all."""
    best = "moved, stretched, contrast"
    assert 0 < gap(shipped, "none: 5 nearest", best) < 2
    for name in ("5 neighbours", "15 neighbours", "50 neighbours"):
        assert gap(shipped, name, "none: 5 nearest") > 2
    assert (means(shipped, "digits") > means(shipped, "digits")["none: 5 nearest"]).mean() > 0.5
    digits, held_out = means(shipped, "digits"), means(shipped, "held_out")
    assert digits.idxmin() == "none: 5 nearest, changed"
    assert gap(shipped, best, "none: 5 nearest, changed") > 2
    assert held_out[best] < held_out["none: 5 nearest, changed"] < digits.min() / 2
    assert gap(shipped, "none: 5 nearest, changed", best, "held_out") > 2


def test_few_labels_of_the_target_are_worth_more_than_many_of_the_source():
    again = pd.concat([data.refitted(seed, labels=(20, 50, 100)) for seed in range(5)])
    functions, pixels = (again.pivot(index="seed", columns="labels", values=kind)
                         for kind in ("functions", "pixels"))
    for m in (20, 50, 100):
        gain = functions[0] - functions[m]
        assert gain.mean() > 2 * gain.sem()
    beyond = pixels[[20, 50, 100]] - functions[[20, 50, 100]]
    assert (beyond.mean() > 0).all() and beyond[20].mean() > 2 * beyond[20].sem()


def test_labels_of_the_target_come_class_by_class_and_never_from_the_test():
    split = data._split(3)
    assert not set(map(bytes, split.free.X)) & set(map(bytes, split.images[2]))
    order = np.argsort(earlier_of_class(split.free.y), kind="stable")
    assert sorted(split.free.y[order[:20]]) == sorted(2 * list(range(10)))


@pytest.mark.parametrize("seed", range(3))
def test_spectrum_under_shift_stays_in_its_sandwich(seed):
    spectra = data.spectra(seed, images=150)
    assert spectra.largest_ratio / spectra.least_ratio == pytest.approx(81)
    assert (spectra.low <= spectra.after + 1e-9).all()
    assert (spectra.after <= spectra.high + 1e-9).all()
    assert not np.allclose(spectra.before, spectra.after, atol=1e-3)


def test_the_picture_says_what_it_shows(shipped):
    shown = data.picture(shipped)
    for name, error in means(shipped, "digits").items():
        assert name in shown.alt and f"{error:.3f}" in shown.alt
    data.picture(shipped[shipped.seed == 0])  # one seed: no standard error


@pytest.mark.parametrize("call, message", [
    (lambda: data.contexts(-1), "seed is -1"),
    (lambda: data.contexts(0, ["blured"]), "names has 'blured'"),
    (lambda: data.spectra(-1), "seed is -1"),
])
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
