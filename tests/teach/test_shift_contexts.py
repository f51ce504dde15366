"""Which contexts survive the shift from MNIST to digits, and the table that says so."""

import numpy as np
import pytest

from contexture_lite.teach import shift_contexts as data
from contexture_lite.teach.shift_data import domains


@pytest.fixture(scope="module")
def shipped():
    return data.shipped()


def means(table, column):
    return table.groupby("context")[column].mean()


def gap(table, first, second, column="digits"):
    """Mean over seeds of first − second, in standard errors."""
    found = table.pivot(index="seed", columns="context", values=column)
    gaps = found[first] - found[second]
    return gaps.mean() / gaps.sem()


def test_changes_keep_images_images():
    source = domains()[0].X[:50]
    for changes in data.CHANGES.values():
        assert any(np.allclose(change(source), source, atol=1e-6) for change in changes)
        for change in changes:
            assert change(source).shape == source.shape
            assert 0 <= change(source).min() and change(source).max() <= 1


def test_moves_and_stretches_go_where_they_say():
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = 1
    moved = data._moved(1, -1)(image.reshape(1, 64)).reshape(8, 8)
    assert moved[4, 3] == 1 and moved.sum() == 1
    bar = np.zeros((1, 8, 8))
    bar[0, 2:6, 3:5] = 1
    tall = data._stretched(1.5, 1)(bar.reshape(1, 64)).reshape(8, 8)
    assert tall.sum(axis=1).astype(bool).sum() > 4 and (tall.sum(axis=0) > 0).sum() == 2
    np.testing.assert_allclose(tall, tall[::-1], atol=1e-12)  # about the middle


def test_the_shipped_table_is_complete_and_can_be_remade(shipped):
    names = {"none: pixels", *data.CONTEXTS}
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
    for name in ("5 neighbours", *data.CHANGES):
        assert gap(shipped, "none: pixels", name) > 2
    assert gap(shipped, "200 neighbours", "5 neighbours") > 2
    assert gap(shipped, "5 neighbours", "moved, stretched, contrast") > 2
    # unlabelled images of the target domain help as well, with the same number of neighbours
    for name in ("15 neighbours among both", "15 neighbours in each"):
        assert gap(shipped, "15 neighbours", name) > 2
    assert (means(shipped, "digits") > means(shipped, "held_out") + 0.2).all()  # none is immune


@pytest.mark.parametrize("seed", range(3))
def test_spectrum_under_shift_stays_in_its_sandwich(seed):
    found = data.spectra(seed, images=150)
    assert found.largest_ratio / found.least_ratio == pytest.approx(81)
    assert (found.low <= found.after + 1e-9).all() and (found.after <= found.high + 1e-9).all()
    assert not np.allclose(found.before, found.after, atol=1e-3)


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


def test_a_missing_table_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "SHIPPED", tmp_path / "shift.csv")
    with pytest.raises(FileNotFoundError, match=r"contexture_lite\.teach\.shift_contexts"):
        data.shipped()
