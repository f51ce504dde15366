"""The picture of a diagnosis: drawn for every kind of result, with its numbers in words."""

import sys

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach.pictures import style


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    return X, X[:, 0] + rng.normal(size=90)


@pytest.fixture(scope="module")
def found(table):
    return cl.diagnose(*table, ["rbf", "knn"], progress=False)


def titles(picture):
    return [ax.get_title(loc="left") for ax in picture.figure.axes]


def test_it_shows_what_to_use_and_every_family(found):
    picture = found.figure()
    assert titles(picture) == ["What to use", "rbf: error", "knn: error"]
    panel = picture.figure.axes[1]
    drawn = max(panel.lines, key=lambda line: len(line.get_xdata()) * (line.get_marker() == "o"))
    assert np.allclose(drawn.get_ydata(), found.errors["rbf"].mean(axis=0))
    assert picture.alt.startswith("Use ") and f"(error {found.best['error']:.3f})" in picture.alt


def test_the_best_is_ringed_where_it_is(found):
    axes = found.figure().figure.axes
    rings = {ax.get_title(loc="left"): line for ax in axes for line in ax.lines
             if line.get_markerfacecolor() == "none"}
    assert list(rings) == [f"{found.best['family']}: error"]
    [ring] = rings.values()
    assert ring.get_ydata() == found.best["error"]


def test_words_stand_at_their_band(found):
    for ax, name in zip(found.figure().figure.axes[1:], found.families):
        rows = found.table[found.table["family"] == name].reset_index(drop=True)
        for text in ax.texts:
            words = " ".join(text.get_text().split())
            if words in {"too weak", "too strong", "cannot tell", "as good as the best"}:
                assert rows["verdict"][int(text.get_position()[0])] == words
            elif words == "best":
                assert rows["error"].argmin() == text.get_position()[0]


def test_a_verdict_is_where_the_band_leaves_the_line(found):
    """The same test in the picture: below the band of a strength that is worse lies the line."""
    panel = found.figure().figure.axes[2]
    rows = found.table[found.table["family"] == "knn"].reset_index(drop=True)
    line = next(line for line in panel.lines if line.get_color() == style.TASK
                and len(line.get_xdata()) == 2).get_ydata()[0]
    [band] = [one for one in panel.collections if len(one.get_paths()[0].vertices) > 8]
    for place, verdict in enumerate(rows["verdict"]):
        low = min(y for x, y in band.get_paths()[0].vertices if x == place)
        if verdict in ("too weak", "too strong"):
            assert low > line


def test_words_stay_inside_and_apart(found):
    """Nothing is cut off, and the names of what is compared do not run into each other."""
    picture = found.figure()
    renderer, panel = picture.figure.canvas.get_renderer(), picture.figure.axes[0]
    texts = [*panel.get_yticklabels(), *panel.texts]
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("labels", [True, False])
def test_one_family_and_no_labels(table, labels):
    X, y = table
    picture = cl.diagnose(X, y if labels else None, ["knn"], progress=False).figure()
    assert titles(picture) == (["What to use", "knn: error"] if labels
                               else ["knn: risk on invented tasks"])
    assert ("Without y" in picture.alt) != labels


def test_a_notebook_gets_picture_and_report(found, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    found._ipython_display_()
    use, picture, report = shown
    assert use.data.startswith("**") and isinstance(picture, style.Picture)
    assert report.data.startswith("**Diagnosis of 90 × 3: regression")


def test_without_matplotlib_there_are_still_the_words(found, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "contexture_lite.diagnosis.figure", None)  # as it then is
    found._ipython_display_()
    assert capsys.readouterr().out.startswith("Diagnosis of 90 × 3")
