"""Colours that can be told apart, labels that do not collide, small artists."""

import configparser
import io
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contexture_lite.teach.pictures import artists, page, style


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


@pytest.fixture
def two():
    fig, axes = style.panels(2, height=2, width=1.5)
    axes[0].plot([0, 1], [0, 1])
    style.label(axes[1], "squares $s_i^2$")
    with style.settings():
        fig.canvas.draw()
    return fig


def test_an_image_is_the_canvas(two):
    canvas = np.asarray(two.canvas.buffer_rgba())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(page.png(canvas)))), canvas)
    webp = np.asarray(Image.open(io.BytesIO(page.webp(canvas[:, :, :3]))))
    assert np.array_equal(webp, canvas[:, :, :3])


def test_panels_are_of_the_same_size_and_make_the_figure(two):
    assert page.pieces(two) == [slice(0, 195), slice(195, 390)]
    assert [page.css_width(two, piece) for piece in page.pieces(two)] == [150, 150]
    assert two.canvas.get_width_height() == (390, 260)


def test_a_picture_says_what_it_shows(two):
    picture = style.Picture(two, 'a "line" < a panel')
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == repr(picture) == 'a "line" < a panel'
    assert set(bundle) == {"text/plain", "image/png", "text/html"}
    assert re.findall('alt="(.*?)"', bundle["text/html"]) == [
        "a &quot;line&quot; &lt; a panel", "squares s_i^2"]


def test_what_is_compared_of_a_saved_picture_is_its_words(two):
    """nbval reads the patterns so: pixels differ between processors, numbers must not."""
    rules = configparser.RawConfigParser()
    rules.read(Path(__file__).parents[2] / "sanitize.cfg")
    page = style.Picture(two, "0.123 of 4")._repr_mimebundle_()["text/html"]
    for name in rules.sections():
        page = re.sub(rules[name]["regex"], rules[name]["replace"], page)
    assert "0.123 of 4" in page and page.count('src="PIXELS"') == 2 and len(page) < 500


@given(st.integers(1, 12), st.integers(0, 1000))
def test_labels_are_moved_apart_and_stay_inside(count, seed):
    points = np.random.default_rng(seed).uniform(-0.1, 0.1, (count, 2))
    places = artists.spread(points, 0.2, edge=1.0)
    assert np.abs(places).max() <= 1.0
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + 10 * np.eye(count)
    assert distances.min() > 0.15
    assert np.array_equal(places, artists.spread(points, 0.2, edge=1.0))


def test_labels_apart_already_stay():
    points = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert np.array_equal(artists.spread(points, 0.2), points)


def test_all_labels_on_one_spot_and_in_a_corner():
    places = artists.spread(np.full((10, 2), -1.0), 0.24, edge=1.05)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + 10 * np.eye(10)
    assert distances.min() > 0.2


def test_bars_have_the_heights_they_are_given():
    _, (ax,) = style.panels(1)
    bars = artists.Bars(ax, [1, 2, 3], 0.5)
    bars.set([0.2, -0.4, 0.0])
    corners = [path.vertices for path in bars.artist.get_paths()]
    assert [np.abs(c[:, 1]).max() for c in corners] == [0.2, 0.4, 0.0]
    assert np.ptp(corners[0][:, 0]) == pytest.approx(0.5)


def test_bars_of_a_spectrum_are_blue_as_far_as_they_are_in_use():
    _, (ax,) = style.panels(1)
    bars = artists.Bars(ax, [1, 2, 3, 4])
    bars.set_spectrum(np.array([0.9, 0.5, 0.1]), 2)
    heights = [np.abs(path.vertices[:, 1]).max() for path in bars.artist.get_paths()]
    assert heights == [0.9, 0.5, 0.1, 0.0]
    colors = [matplotlib.colors.to_hex(c, keep_alpha=False).upper()
              for c in bars.artist.get_facecolors()]
    assert colors == [style.INPUT] * 2 + [style.GREY] * 2
