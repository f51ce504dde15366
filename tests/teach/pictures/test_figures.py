"""Still pictures: their words, their errors, and that they show what they are given."""

import io

import numpy as np
import pytest
from PIL import Image

import contexture_lite as cl
from contexture_lite.teach.pictures import figures

SYSTEM = cl.singular_system(cl.gallery.cycle_walk(0.5), 4)
LINE = np.linspace(-2, 2, 8)
MAP = np.column_stack([np.cos(LINE), LINE])


def drawn(kind, functions, values):
    if kind == "circle":
        return figures.functions_on_circle(functions, values)
    if kind == "line":
        return figures.functions_on_line(LINE, functions, values, xlabel="place")
    return figures.functions_on_map(MAP, functions, values, groups=[0] * 4 + [1] * 4)


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)))


@pytest.mark.parametrize("kind, where", [("circle", "on a circle"), ("line", "of place"),
                                         ("map", "over a map")])
def test_a_picture_shows_its_functions_and_says_so(kind, where):
    picture = drawn(kind, SYSTEM.left, SYSTEM.values)
    assert where in repr(picture) and "4 functions" in repr(picture) and "0.854" in repr(picture)
    assert (pixels(picture) != pixels(drawn(kind, -SYSTEM.left, SYSTEM.values))).any()


def test_a_picture_is_the_same_twice():
    first, second = (drawn("circle", SYSTEM.left, SYSTEM.values) for _ in range(2))
    assert (pixels(first) == pixels(second)).all()


@pytest.mark.parametrize("kind", ["circle", "line", "map"])
def test_shapes_that_do_not_fit(kind):
    with pytest.raises(ValueError, match="functions has shape"):
        drawn(kind, SYSTEM.left[:, 0], SYSTEM.values)
    with pytest.raises(ValueError, match="values has 3 entries for 4 functions"):
        drawn(kind, SYSTEM.left, SYSTEM.values[:3])


def test_points_and_functions_must_be_as_many():
    for draw in (figures.functions_on_line, figures.functions_on_map):
        with pytest.raises(ValueError, match=r"functions has shape \(8, 4\); it must be \(5, k\)"):
            draw(MAP[:5], SYSTEM.left, SYSTEM.values)


def test_names_replace_the_symbols():
    plain = figures.functions_on_circle(SYSTEM.left, SYSTEM.values)
    named = figures.functions_on_circle(SYSTEM.left, SYSTEM.values, names=["a", "b", "c", "d"])
    assert (pixels(plain) != pixels(named)).any()
    with pytest.raises(ValueError, match="names has 1 entries"):
        figures.functions_on_circle(SYSTEM.left, SYSTEM.values, names=["a"])


def test_rare_ends_of_a_line_are_left_out():
    f = np.where(np.abs(LINE) > 1.9, 1e6, LINE)[:, None]
    mass = np.array([1e-4, 1, 1, 1, 1, 1, 1, 1e-4]) / 6.0002
    seen = figures.functions_on_line(LINE, f, [1.0], sizes=mass).figure.axes[0]
    assert seen.get_ylim()[1] < 10


def test_a_row_of_images():
    digits = cl.datasets.digits().X[:3]
    picture = figures.image_row(digits, titles="abc")
    assert repr(picture) == "3 pictures, titled a, b, c"
    assert pixels(picture).std() > 10
    with pytest.raises(ValueError, match=r"images has shape \(3, 63\)"):
        figures.image_row(digits[:, 1:], titles="abc")
    with pytest.raises(ValueError, match="titles has 2 entries for 3 images"):
        figures.image_row(digits, titles="ab")


def test_curves_with_one_name_look_alike_in_every_panel_and_end_in_words():
    places = [1, 2, 4]
    both = {"left": {"a": [3.0, 2.0, 1.0], "b": [1.0, 1.0, 1.0]}, "right": {"b": [0.5, 0.4, 0.25]}}
    picture = figures.curves(places, both, "size", "error", log=True)
    assert repr(picture) == (
        "error along size, at the end: left: a 1.000, b 1.000; right: b 0.250")
    left, right = picture.figure.axes
    assert left.lines[1].get_color() == right.lines[0].get_color() != left.lines[0].get_color()
    assert left.get_ylim() == right.get_ylim()


def test_the_names_of_a_single_panel_stand_beside_it_and_are_whole():
    picture = figures.curves([1, 2], {"t": {"a long name for a curve": [1.0, 2.0]}}, "x", "y")
    panel, names = picture.figure.axes
    assert panel.get_legend() is None
    picture.figure.canvas.draw()
    box = names.get_legend().get_window_extent()
    assert panel.bbox.x1 < box.x0 and box.x1 < picture.figure.bbox.x1


def test_curves_that_cannot_be_told_apart_or_do_not_fit():
    with pytest.raises(ValueError, match="7 different names; at most 6"):
        figures.curves([1], {"t": {str(i): [0.0] for i in range(7)}}, "x", "y")
    wrong = r"panels\['t'\]\['a'\] has shape \(2,\); it must be \(3,\)"
    with pytest.raises(ValueError, match=wrong):
        figures.curves([1, 2, 3], {"t": {"a": [1.0, 2.0]}}, "x", "y")
