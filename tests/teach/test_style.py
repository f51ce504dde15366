"""Colours that can be told apart, labels that do not collide, small artists."""

import io

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contexture_lite.teach import style


def lightness(color):
    """Rec. 709 luminance, from 0 to 1."""
    return np.dot(matplotlib.colors.to_rgb(color), [0.2126, 0.7152, 0.0722])


def test_meanings_differ_in_grey():
    shades = [lightness(c) for c in (style.INK, style.INPUT, style.GREY, "#FFFFFF")]
    assert np.diff(shades).min() > 0.15
    assert len(set(style.CLASSES)) == 10


@pytest.mark.parametrize("colors", [style.PROBABILITY])
def test_more_is_darker(colors):
    shades = [lightness(colors(v)) for v in np.linspace(0, 1, 20)]
    assert (np.diff(shades) < 0).all()


def test_zero_is_white():
    assert matplotlib.colors.to_hex(style.PROBABILITY(0.0)) == "#ffffff"
    assert lightness(style.SIGNED_PROBABILITY(0.5)) > 0.99


def test_png_is_the_canvas():
    fig, axes = style.panels(2, size=(3, 2))
    axes[0].plot([0, 1], [0, 1])
    with style.settings():
        fig.canvas.draw()
    image = np.asarray(Image.open(io.BytesIO(style.png(fig.canvas))))
    assert np.array_equal(image, np.asarray(fig.canvas.buffer_rgba()))


def test_a_picture_says_what_it_shows():
    fig, _ = style.panels(1, size=(2, 2))
    picture = style.Picture(fig, "an empty panel")
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == repr(picture) == "an empty panel"
    assert set(bundle) == {"text/plain", "image/png"}


@given(st.integers(1, 12), st.integers(0, 1000))
def test_labels_are_moved_apart_and_stay_inside(count, seed):
    points = np.random.default_rng(seed).uniform(-0.1, 0.1, (count, 2))
    places = style.spread(points, 0.2, edge=1.0)
    assert np.abs(places).max() <= 1.0
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + 10 * np.eye(count)
    assert distances.min() > 0.15
    assert np.array_equal(places, style.spread(points, 0.2, edge=1.0))


def test_labels_apart_already_stay():
    points = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert np.array_equal(style.spread(points, 0.2), points)


def test_all_labels_on_one_spot_and_in_a_corner():
    places = style.spread(np.full((10, 2), -1.0), 0.24, edge=1.05)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + 10 * np.eye(10)
    assert distances.min() > 0.2


def test_bars_have_the_heights_they_are_given():
    _, (ax,) = style.panels(1)
    bars = style.Bars(ax, [1, 2, 3], 0.5)
    bars.set([0.2, -0.4, 0.0])
    corners = [path.vertices for path in bars.artist.get_paths()]
    assert [np.abs(c[:, 1]).max() for c in corners] == [0.2, 0.4, 0.0]
    assert np.ptp(corners[0][:, 0]) == pytest.approx(0.5)
