"""The picture of a diagnosis: drawn for every kind of result, with its numbers in words."""

import builtins

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import style


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    return X, X[:, 0] + rng.normal(size=90)


@pytest.fixture(scope="module")
def found(table):
    return cl.diagnose(*table, ["rbf", "knn"], progress=False)


def test_it_shows_every_family_and_the_mixes(found):
    picture = found.figure()
    assert picture.figure.get_size_inches().tolist() == list(style.SIZE)
    titles = [ax.get_title(loc="left") for ax in picture.figure.axes]
    assert [title for title in titles if title] == ["rbf", "knn", "mixes"]
    above = picture.figure.axes[0]
    drawn = max(above.lines, key=lambda line: len(line.get_xdata()) * (line.get_marker() == "o"))
    assert np.allclose(drawn.get_ydata(), found.errors["rbf"].mean(axis=0))
    assert f"error {found.best['error']:.3f} ± {found.best['se']:.3f}" in picture.alt


def test_the_best_is_ringed_where_it_is(found):
    axes = found.figure().figure.axes
    rings = {ax.get_title(loc="left"): line for ax in axes for line in ax.lines
             if line.get_markerfacecolor() == "none"}
    assert list(rings) == [found.best["family"]]
    assert rings[found.best["family"]].get_ydata() == found.best["error"]


def test_words_stay_inside_and_apart(found):
    """Nothing is cut off, and the names of the mixes do not run into each other."""
    picture = found.figure()
    renderer, width = picture.figure.canvas.get_renderer(), picture.figure.bbox.width
    texts = [*picture.figure.texts, *picture.figure.axes[-1].texts]
    boxes = [text.get_window_extent(renderer) for text in texts]
    assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("labels", [True, False])
def test_one_family_and_no_labels(table, labels):
    X, y = table
    picture = cl.diagnose(X, y if labels else None, ["knn"], progress=False).figure()
    assert len(picture.figure.axes) == 2
    assert ("Without y" in picture.alt) != labels


def test_a_notebook_gets_picture_and_report(found, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    found._ipython_display_()
    picture, report = shown
    assert isinstance(picture, style.Picture)
    assert report.data.startswith("**Diagnosis of 90 × 3: regression")


def test_without_matplotlib_there_are_still_the_words(found, monkeypatch, capsys):
    def refuse(name, *args, **kwargs):
        if name.startswith("IPython"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    found._ipython_display_()
    assert capsys.readouterr().out.startswith("Diagnosis of 90 × 3")
