"""What every live picture must do, whatever it shows; a new one is found by its name."""

import base64
import gc
import html
import io
import re
import threading
import time
import types

import ipywidgets
import ipywidgets as widgets
import live
import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from contexture_lite import teach
from contexture_lite._text import escaped
from contexture_lite.teach.pictures import artists, page
from contexture_lite.teach.widgets import frozen, shown
from contexture_lite.teach.widgets.explorer import offered, slider

# The training race is none of them: it trains at every setting, and has its own tests.
KINDS = [name for name in teach.__all__ if re.fullmatch(".+Explorer", name)]


@pytest.fixture(scope="module", params=KINDS)
def explorer(request):
    """One of each kind; making the first one takes seconds."""
    return getattr(teach, request.param)()


@pytest.fixture(scope="module")
def visited(explorer):
    """[(setting, PNGs)]: both ends, and random settings each followed by one with the same lists.

    The second of a pair is drawn over a kept background, unless its numbers change that too.
    """
    rng, pictures = np.random.default_rng(4), []
    for number, params in enumerate(live.settings(explorer, 2, seed=6)):
        near = {name: params[name] if offered(control) else live.drawn(control, rng)
                for name, control in explorer.controls.items()}
        for setting in [params, near][:1 + (number > 1)]:
            explorer.update(**setting)
            check_drawn(explorer, setting)
            pictures.append((setting, seen(explorer)))
    return pictures


def seen(explorer):
    """The panels as they were sent, PNG bytes."""
    return [image.value for image in explorer.images]


def check_drawn(explorer, params):
    """Numbers, words, and panels that are not cut at their edges."""
    assert explorer.params == params and explorer.error is None
    assert all(np.isfinite(value) for value in explorer.values().values()), params
    said = explorer.sentence(explorer.result)
    assert escaped(said) in explorer.line.value and "\n" not in said
    for i, piece in enumerate(page.pieces(explorer.figure)):
        panel = live.pixels(explorer)[:, piece]
        for edge in (panel[:2], panel[-2:], panel[:, :2], panel[:, -2:]):
            assert (edge > 250).all(), (i, params)


def test_a_page_without_a_kernel_has_states_of_it(explorer):
    assert explorer.frozen, f"{type(explorer).__name__}.frozen is not set"
    states = frozen.states(explorer)  # raises where a value is not on offer, or there are too many
    assert 1 < len(states) <= frozen.MOST and explorer.state in states


def test_any_setting_can_be_drawn(explorer, visited):
    shown = [np.hstack([np.asarray(Image.open(io.BytesIO(png))) for png in panels])
             for _, panels in visited[-2:]]
    assert np.array_equal(shown[-1], live.pixels(explorer))
    assert np.array_equal(shown[-1], np.asarray(Image.open(io.BytesIO(explorer.png))))
    assert len(visited) == 6 and shown[0].shape == shown[1].shape


def test_a_picture_depends_on_the_setting_only(explorer, visited):
    for params, picture in reversed(visited):
        explorer.update(**params)
        assert seen(explorer) == picture, params


def test_a_fast_step_draws_what_a_full_redraw_draws(explorer, visited):
    params, picture = visited[3]
    explorer._scenes.clear()
    explorer.update(**params)
    assert seen(explorer) == picture, params


def test_every_control_changes_the_picture(explorer, visited):
    """At one of the settings at least: a slider may have nothing to say at another."""
    for name, control in explorer.controls.items():
        assert control.description
        assert any(changes(explorer, name, params, picture, visited)
                   for params, picture in visited[:1:-1]), name


def changes(explorer, name, params, picture, visited):
    for value in dict.fromkeys(other[name] for other, _ in reversed(visited)):
        explorer.update(**params | {name: value})
        if seen(explorer) != picture:
            return True
    return False


def test_the_bundle_has_view_images_and_text(explorer):
    bundle = explorer._repr_mimebundle_()
    images = re.findall('<img alt="(.+?)" style=".+?" src="data:image/webp;base64,(.+?)">',
                        bundle["text/html"])
    assert [html.unescape(alt) for alt, _ in images] == list(explorer.alt)
    panels = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for _, data in images]
    assert np.array_equal(np.hstack(panels), live.pixels(explorer)[:, :, :3])
    for words in (explorer.headline(explorer.result),
                  explorer.sentence(explorer.result)):
        assert not words or escaped(words) in bundle["text/html"]
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.widget.model_id
    whole = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB")
    levels = np.abs(np.asarray(whole).astype(int) - live.pixels(explorer)[:, :, :3])
    assert levels.max() <= 16  # of 255: it has 256 colours
    assert bundle["text/plain"] == repr(explorer)
    name = type(explorer).__name__
    assert bundle["text/plain"].startswith(name + "(") and "0x" not in bundle["text/plain"]


def test_moving_a_control_is_the_same_as_update(explorer, visited):
    (first, _), (last, wanted) = visited[:2]
    explorer.update(**first)
    for name, value in last.items():
        explorer.controls[name].value = value
    assert seen(explorer) == wanted


def test_each_panel_is_an_image_of_fixed_size_with_a_name(explorer):
    shown, left = live.pixels(explorer), 0
    for image, alt in zip(explorer.images, explorer.alt, strict=True):
        panel = np.asarray(Image.open(io.BytesIO(image.value)))
        assert (image.height, image.width) == tuple(map(str, panel.shape[:2]))
        assert np.array_equal(panel, shown[:, left:left + panel.shape[1]])
        assert image.tooltip == alt and alt.endswith(".")
        assert image.description == ""  # the browser reads it beside the tooltip
        left += panel.shape[1]
    assert left == shown.shape[1] and len(explorer.controls) <= 4


def test_text_is_large_enough_where_a_panel_is_smallest(explorer):
    """16 pixels of the page, rounded, and at most three panels."""
    texts = [text for text in explorer.figure.findobj(Text) if text.get_text().strip()]
    points = [text.get_fontsize() for text in texts]
    points += [part.points for part in vars(explorer).values() if isinstance(part, artists.Labels)]
    assert min(points) * page.CSS_PIXELS / 72 >= 15.9, texts
    assert len(explorer.images) <= 3


def test_global_settings_stay_the_readers_own(explorer, visited):
    """And, once more, a full redraw is the same as a fast step."""
    params, picture = visited[-1]
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 30, "text.color": "red", "axes.facecolor": "black"}):
        explorer._scenes.clear()
        explorer.update(**params)
    assert seen(explorer) == picture
    assert dict(matplotlib.rcParams) == before


# ---- the class itself


class Fragile(teach.Explorer):
    """Fails on purpose in the upper half."""

    def make_controls(self):
        return {"strength": slider("Strength", 0.2)}

    def build(self, figure):
        ax = figure.subplots()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.dot = self.moving(ax.plot([], [], "o")[0])

    def compute(self, strength):
        if strength > 0.5:
            raise ArithmeticError("too <strong>")
        return strength

    def draw(self, result):
        self.dot.set_data([result], [result])

    def numbers(self, result):
        return {"strength": result, "minus nothing": -1e-12}

    def sentence(self, result):
        return f"It is {result:.2f}."


def test_an_error_is_shown_and_raised_and_goes_away():
    explorer = Fragile()
    assert repr(explorer) == "Fragile(strength=0.200): strength=0.200, minus nothing=0.000"
    with pytest.raises(ArithmeticError):
        explorer.update(strength=0.8)
    shown = explorer.line.value
    assert "contexture-error" in shown and "ArithmeticError" in shown and "strength=0.800" in shown
    assert "too &#60;strong&#62;" in shown
    assert "too <strong>" in repr(explorer)
    with pytest.raises(ArithmeticError):  # the reader's hand on the slider
        explorer.controls["strength"].value = 0.9
    explorer.update(strength=0.3)
    assert "contexture-error" not in explorer.line.value and "It is 0.30." in explorer.line.value


@pytest.fixture(scope="module")
def channel():
    return teach.ChannelExplorer()


@pytest.mark.parametrize(
    "params, message",
    [
        ({"strength": 1.4}, "strength is 1.4; it must be a number from 0"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"strength": "strong"}, "strength is 'strong'"),
        ({"colour": 1}, "'colour' is not a control; there are context, strength, g"),
        ({"context": "weather"}, "context is 'weather'; it must be one of"),
        ({"g": None}, "g is None; it must be one of"),
    ],
)
def test_bad_settings_are_refused_and_change_nothing(params, message, channel):
    before, picture = channel.params, channel.png
    with pytest.raises(ValueError, match=re.escape(message)):
        channel.update(**params)
    assert channel.params == before and channel.png == picture


def test_at_most_four_controls():
    class Crowded(Fragile):
        def make_controls(self):
            return {f"c{i}": slider(f"c{i}") for i in range(5)}

    with pytest.raises(ValueError, match="5 entries"):
        Crowded()


def test_other_labels_of_a_list_leave_its_value_and_the_picture(channel):
    before, names = channel.png, offered(channel.controls["g"])
    channel.update(g=names[2])
    shown = channel.png
    channel.rename("g", [(f"the {name}", name) for name in names])
    assert channel.controls["g"].value == names[2] and channel.png == shown != before


@pytest.fixture
def pair():
    return Pair()


class Pair(Fragile):
    """Two panels, of which only the first moves while the strength is low."""

    alt = ("A dot that moves.", "A dot that moves late & far.")

    def build(self, figure):
        self.dots = []
        for panel in figure.subfigs:
            ax = panel.subplots()
            ax.set(xlim=(0, 1), ylim=(0, 1))
            self.dots.append(self.moving(ax.plot([], [], "o")[0]))

    def draw(self, result):
        for dot, place in zip(self.dots, (result, max(result, 0.4))):
            dot.set_data([place], [place])

    def headline(self, result):
        return "Strong & far" if result > 0.3 else ""


def heard(explorer):
    """What is sent from now on, by name."""
    sent = []
    for i, image in enumerate(explorer.images):
        image.observe(lambda change, i=i: sent.append(f"image {i}"), "value")
    for name in ("top", "line"):
        getattr(explorer, name).observe(lambda change, name=name: sent.append(name), "value")
    return sent


def test_a_step_sends_the_panels_that_change_once_and_the_words(pair):
    """One message each, so that nothing queues up."""
    sent = heard(pair)
    pair.update(strength=0.25)
    assert sent == ["image 0", "line"]
    pair.update(strength=0.45)
    assert sent[2:] == ["image 0", "image 1", "top", "line"]
    assert "Strong &#38; far" in pair.top.value
    pair.update(strength=0.45)
    assert len(sent) == 6


def test_panels_wrap_and_are_at_least_wide_enough_to_be_read(pair):
    row = pair.images[0]
    assert row.layout.width == "100%" and row.layout.height == "auto"
    (grid,) = [part for part in pair.widget.children[1].children
               if isinstance(part, widgets.GridBox)]
    assert grid.layout.grid_template_columns == (
        "repeat(auto-fit, minmax(min(360px, 100%), 1fr))")
    html_row = pair._repr_mimebundle_()["text/html"]
    assert "flex-wrap:wrap" in html_row and html_row.count("flex:1 1 360px;min-width:0") == 2


def test_twice_as_fine_is_the_same_picture(pair):
    style = teach.style
    try:
        style.crisp()
        fine = Pair()
        fine.update(strength=0.5)
        large = live.pixels(fine)
    finally:
        style.crisp(1)
    pair.update(strength=0.5)
    small = live.pixels(pair)
    assert large.shape == (2 * small.shape[0], 2 * small.shape[1], 4)
    halved = large.reshape(small.shape[0], 2, small.shape[1], 2, 4).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 3
    assert page.css_width(fine.figure, fine._columns[1]) == 360
    with pytest.raises(ValueError, match="scale is 5; it must be 1, 2 or 3"):
        style.crisp(5)


def test_a_new_choice_in_a_list_says_at_once_that_it_is_computed():
    channel, said = teach.ChannelExplorer(), []
    channel.line.observe(lambda change: said.append(change["new"]), "value")
    channel.update(strength=0.3)
    assert len(said) == 1  # a slider does not
    channel.update(context="clusters")
    assert "Computing" in said[1] and len(said) == 3
    channel.update(context="four letters")  # it is known
    assert len(said) == 4 and not any("Computing" in words for words in said[2:])


# ---- what a cell keeps


@pytest.fixture
def run(monkeypatch):
    """Show what it is given in the cell "a", or another, in a run of its own."""
    runs = iter(range(1000))
    monkeypatch.setattr(shown, "_SHOWN", {})

    def show(*explorers, cell="a"):
        number = next(runs)
        monkeypatch.setattr(shown, "running_cell", lambda: (cell, number))
        for explorer in explorers:
            explorer._repr_mimebundle_()

    return show


def kept():
    gc.collect()
    return len(ipywidgets.widgets.widget._instances)


def test_a_cell_that_runs_again_keeps_no_more(run):
    for _ in range(3):
        run(Pair())
    before = kept()
    for _ in range(5):
        run(Pair())
    assert kept() == before


def test_what_was_shown_before_goes_on_working_in_python(run, pair):
    run(pair)
    run(Pair(), Pair())
    assert pair.widget.comm is None and not pair._scenes
    pair.update(strength=0.5)
    assert pair.values()["strength"] == 0.5 and pair.png


def test_what_is_shown_elsewhere_or_again_stays(run, pair):
    other = Pair()
    run(pair, other)
    run(other)
    run(Pair(), cell="b")
    assert other.widget.comm is not None and pair.widget.comm is None


def test_outside_a_kernel_nothing_is_closed(pair):
    assert shown.running_cell() is None
    pair._repr_mimebundle_()
    pair._repr_mimebundle_()
    assert pair.widget.comm is not None


def test_which_cell_runs_is_told_by_its_name_or_its_code(monkeypatch):
    message = {"header": {"msg_type": "execute_request", "msg_id": "7"},
               "content": {"code": "x"}, "metadata": {}}
    shell = types.SimpleNamespace(parent_header=message)
    monkeypatch.setattr(shown, "get_ipython", lambda: shell)
    assert shown.running_cell() == ("x", "7")
    message["metadata"]["cellId"] = "name"
    assert shown.running_cell() == ("name", "7")
    message["header"]["msg_type"] = "comm_msg"
    assert shown.running_cell() is None


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'Explore'"):
        teach.Explore  # noqa: B018
    assert teach.style.INPUT == "#0072B2"


def test_two_threads_draw_one_picture_at_a_time(monkeypatch, channel):
    """JupyterLab may deliver a slider's move in a thread of its own, while a cell draws."""
    inside, most, true = [], [], channel.draw

    def slow(result):
        inside.append(result)
        most.append(len(inside))
        time.sleep(0.01)  # room for the other thread
        true(result)
        inside.pop()

    monkeypatch.setattr(channel, "draw", slow)
    threads = [threading.Thread(target=channel.update, kwargs={"strength": strength})
               for strength in (0.2, 0.5, 0.8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
