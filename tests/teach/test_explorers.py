"""The live pictures, driven from Python: numbers, pictures, text, errors, speed of nothing."""

import base64
import html
import io
import subprocess
import sys
import threading
import time

import ipywidgets as widgets
import matplotlib
import numpy as np
import pytest
from PIL import Image

import contexture_lite as cl
from contexture_lite.teach import (
    AssociationExplorer,
    ChannelExplorer,
    Explorer,
    MixingExplorer,
    RotationExplorer,
    SampleExplorer,
    ScalingExplorer,
    ShiftExplorer,
    SpectrumExplorer,
    StoryExplorer,
    TaskExplorer,
    cast,
)
from contexture_lite.teach.channel import function_of_a, variance_kept
from contexture_lite.teach.explorer import slider
from contexture_lite.teach.story import NEIGHBOURS, probe_errors

MADE = {}


def made(kind):
    """One explorer of each kind for the whole module; making the story takes seconds."""
    if kind not in MADE:
        MADE[kind] = kind()
    return MADE[kind]


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB")).astype(int)


def allowed(control):
    """All values of a list, both ends and a few inner values of a slider."""
    if hasattr(control, "options"):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    rng = np.random.default_rng(3)
    inner = rng.uniform(control.min, control.max, 3)
    return [control.min, control.max, *(type(control.value)(v) for v in inner)]


def settings(explorer, count):
    """Both ends of everything, then random settings."""
    rng = np.random.default_rng(4)
    choices = {name: allowed(control) for name, control in explorer.controls.items()}
    yield {name: values[0] for name, values in choices.items()}
    yield {name: values[-1] for name, values in choices.items()}
    for _ in range(count):
        yield {name: values[rng.integers(len(values))] for name, values in choices.items()}


class Association(AssociationExplorer):
    """Two of its sources; each of some forty takes a second at first choice."""

    def make_controls(self):
        controls = super().make_controls()
        controls["source"].options = ["digits (live)", "hypercube"]
        return controls


@pytest.fixture(params=[StoryExplorer, ChannelExplorer, SpectrumExplorer, TaskExplorer,
                        RotationExplorer, MixingExplorer, SampleExplorer, ShiftExplorer,
                        ScalingExplorer, Association],
                ids=lambda k: k.__name__)
def explorer(request):
    return made(request.param)


def test_any_setting_can_be_drawn(explorer):
    size = explorer.figure.canvas.get_width_height()
    for params in settings(explorer, 25):
        explorer.update(**params)
        assert explorer.params == params
        assert explorer.error is None
        assert Image.open(io.BytesIO(explorer.png)).size == size
        values = explorer.values()
        assert all(np.isfinite(value) for value in values.values())
        assert html.escape(explorer.sentence(explorer.result)) in explorer.line.value


def test_every_context_can_be_drawn_at_both_ends():
    for kind in (ChannelExplorer, SpectrumExplorer):
        for name in cast.CAST:
            for strength in (0.0, 0.37, 1.0):
                made(kind).update(context=name, strength=strength)
                assert made(kind).error is None


def test_a_picture_depends_on_the_setting_only(explorer):
    visited = list(settings(explorer, 4))
    pictures = []
    for params in visited:
        explorer.update(**params)
        pictures.append(explorer.png)
    for params, picture in reversed(list(zip(visited, pictures))):
        explorer.update(**params)
        assert explorer.png == picture


def test_a_fast_step_draws_what_a_full_redraw_draws(explorer):
    first, *others = settings(explorer, 3)
    explorer.update(**first)
    for params in others:
        explorer.update(**params)
        fast = pixels(explorer)
        explorer._scenes.clear()
        explorer.update(**params)
        assert np.array_equal(fast, pixels(explorer))


def test_every_control_changes_the_picture(explorer):
    start = next(settings(explorer, 0))
    if start.get("context") in cast.CAST:  # a context in which every control has something to say
        start |= {"context": "erasure", "strength": 0.6}
    for name, control in explorer.controls.items():
        explorer.update(**start)
        before = pixels(explorer)
        others = [value for value in allowed(control) if value != start[name]]
        explorer.update(**{name: others[-1]})
        assert (pixels(explorer) != before).any(), name
        assert control.description, name


def test_nothing_is_cut_at_the_edges(explorer):
    for params in settings(explorer, 6):
        explorer.update(**params)
        shown = pixels(explorer)
        for edge in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
            assert (edge > 250).all()


def test_the_bundle_has_view_image_and_text(explorer):
    bundle = explorer._repr_mimebundle_()
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorer.widget.model_id
    assert base64.b64decode(bundle["image/png"]) == explorer.png
    assert bundle["text/plain"] == repr(explorer)
    name = type(explorer).__name__
    assert bundle["text/plain"].startswith(name + "(") and "0x" not in bundle["text/plain"]


def test_moving_a_control_is_the_same_as_update(explorer):
    first, last = list(settings(explorer, 0))
    explorer.update(**last)
    wanted = explorer.png
    explorer.update(**first)
    for name, value in last.items():
        explorer.controls[name].value = value
    assert explorer.png == wanted


def test_the_image_has_a_fixed_size_and_a_name(explorer):
    width, height = explorer.figure.canvas.get_width_height()
    assert (explorer.image.width, explorer.image.height) == (str(width), str(height))
    assert explorer.image.tooltip.startswith(explorer.alt)
    assert explorer.image.description == ""  # the browser reads it beside the tooltip
    assert len(explorer.controls) <= 4


def test_global_settings_stay_the_readers_own(explorer):
    before = dict(matplotlib.rcParams)
    for params in settings(explorer, 2):
        explorer.update(**params)
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"font.size": 30, "text.color": "red", "axes.facecolor": "black"}):
        explorer._scenes.clear()
        explorer.update(**next(settings(explorer, 0)))
        loud = explorer.png
    explorer._scenes.clear()
    explorer.update(**next(settings(explorer, 0)))
    assert explorer.png == loud


# ---- the numbers are the package's


def test_channel_numbers_equal_direct_computation():
    rng = np.random.default_rng(5)
    explorer = made(ChannelExplorer)
    for _ in range(12):
        name, strength = rng.choice(list(cast.CAST)), float(rng.random())
        kind = rng.choice(["one value", "a step", "random", "best predicted"])
        explorer.update(context=str(name), strength=strength, g=str(kind))
        context = cast.CAST[name].build(strength)
        joint, values = context.joint, explorer.values()
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        g = function_of_a(name, strength, kind)
        Tg = joint @ g / p
        assert values["chi2"] == pytest.approx((joint**2 / np.outer(p, q)).sum() - 1, abs=1e-10)
        assert values["s1"] == pytest.approx(cl.singular_system(context).values[0], abs=1e-10)
        share = (p @ Tg**2 - (p @ Tg) ** 2) / (q @ g**2 - (q @ g) ** 2)
        assert values["variance_kept"] == pytest.approx(share, abs=1e-9)
        assert values["variance_kept"] <= values["s1"] ** 2 + 1e-9
        if kind == "best predicted":
            assert values["variance_kept"] == pytest.approx(values["s1"] ** 2, abs=1e-9)


def test_spectrum_numbers_equal_direct_computation():
    rng = np.random.default_rng(6)
    explorer = made(SpectrumExplorer)
    for _ in range(12):
        name, strength = str(rng.choice(list(cast.CAST))), float(rng.random())
        d = int(rng.integers(13))
        explorer.update(context=name, strength=strength, d=d)
        context, values, step = cast.CAST[name].build(strength), explorer.values(), explorer.result
        joint = context.joint
        s = np.linalg.svd(joint / np.sqrt(np.outer(context.p_x, context.p_a)), compute_uv=False)[1:]
        assert values["d"] == min(d, len(s))
        assert values["s1"] == pytest.approx(s[0], abs=1e-8)
        assert values["chi2_kept"] == pytest.approx((s[:d] ** 2).sum() / (s**2).sum(), abs=1e-8)
        error = joint - step.rebuilt
        left_out = (error**2 / np.outer(context.p_x, context.p_a)).sum()
        assert left_out == pytest.approx((s[d:] ** 2).sum(), abs=1e-8)


def test_nothing_to_keep_is_said_so():
    explorer = SpectrumExplorer("four letters", 0.0, 2)
    nothing = {"d": 2, "s1": 0.0, "s2": 0.0, "chi2": pytest.approx(0), "chi2_kept": 1.0}
    assert explorer.values() == nothing
    explorer = ChannelExplorer("hypercube", 0.0, "best predicted")
    assert explorer.values()["variance_kept"] == pytest.approx(0, abs=1e-12)


def test_pictures_stay_calm_under_the_slider():
    """A small step of the strength turns no function around (away from crossings)."""
    for name in ("clusters", "hypercube", "Gaussian pair", "binary tree", "masked tokens"):
        for before, after in zip(cast.systems(name)[10:40], cast.systems(name)[11:41]):
            overlap = np.einsum("xi,xi,x->i", before.left, after.left, before.p_x)[:1]
            assert overlap > 0.95, name


def test_variance_kept_of_a_binary_channel():
    context = cl.gallery.binary_channel(0.6)
    assert variance_kept(context, np.array([0.0, 1.0])) == pytest.approx(0.36)


# ---- the story


def test_the_story_has_both_ends():
    explorer = made(StoryExplorer)
    explorer.update(neighbours=300)
    values = explorer.values()
    assert values["chi2"] == pytest.approx(0, abs=1e-9) and values["error"] > 0.85
    explorer.update(neighbours=1)
    values = explorer.values()
    assert values["chi2"] == pytest.approx(299, abs=1e-6) and values["error"] > 0.6
    assert values["lowest_error"] < 0.25


@pytest.mark.parametrize("k", [250, 30, 4, 2])
def test_story_numbers_equal_direct_computation(k):
    digits = cl.datasets.digits()
    explorer = made(StoryExplorer)
    explorer.update(neighbours=k)
    context = cl.knn_context(digits.X[:300], k)
    values = explorer.values()
    assert values["chi2"] == pytest.approx(context.chi2(), abs=1e-8)
    assert values["chi2"] == pytest.approx(300 / k - 1, abs=1e-8)
    s1 = cl.singular_system(context).values[0]
    assert values["s1_squared"] == pytest.approx(s1**2, abs=1e-8)


@pytest.mark.parametrize("d, labels", [(5, 50), (16, 100)])
def test_the_u_is_not_a_lucky_d(d, labels):
    """Too weak and too strong are both worse, for other d and other numbers of labels."""
    explorer = StoryExplorer(d=d, labels=labels, draws=5)
    mean = explorer.mean
    best = int(mean.argmin())
    assert 0 < best < len(NEIGHBOURS) - 1
    assert mean[0] > 1.5 * mean[best] and mean[-1] > 1.5 * mean[best]


def test_the_probe_is_right_where_it_can_be():
    digits = np.arange(40) % 10
    errors = probe_errors(np.eye(10)[digits], digits, np.eye(10)[digits[:10]], digits[:10], 40, 3)
    assert (errors == 0).all()


@pytest.mark.parametrize("d", [1, 0, 31])
def test_story_refuses_other_d(d):
    with pytest.raises(ValueError, match=f"d is {d}"):
        StoryExplorer(d=d)


# ---- errors


class Fragile(Explorer):
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
    assert "contexture-error" in shown and "strength=0.800" in shown
    assert "ArithmeticError: too &lt;strong&gt;" in shown
    assert "too <strong>" in repr(explorer)
    with pytest.raises(ArithmeticError):  # the reader's hand on the slider
        explorer.controls["strength"].value = 0.9
    explorer.update(strength=0.3)
    assert "contexture-error" not in explorer.line.value and "It is 0.30." in explorer.line.value


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
def test_bad_settings_are_refused_and_change_nothing(params, message):
    explorer = made(ChannelExplorer)
    before, picture = explorer.params, explorer.png
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        explorer.update(**params)
    assert explorer.params == before and explorer.png == picture


def test_at_most_four_controls():
    class Crowded(Fragile):
        def make_controls(self):
            return {f"c{i}": slider(f"c{i}") for i in range(5)}

    with pytest.raises(ValueError, match="5 entries"):
        Crowded()


def test_one_message_a_step():
    """The kernel answers a slider step with one picture and one line, so nothing queues up."""
    explorer, sent = made(ChannelExplorer), []
    explorer.update(strength=0.2)
    explorer.image.observe(lambda change: sent.append("image"), "value")
    explorer.line.observe(lambda change: sent.append("line"), "value")
    explorer.update(strength=0.4, context="clusters", g="random")
    assert sent == ["image", "line"]
    assert isinstance(explorer.widget, widgets.VBox)


def test_importing_teach_is_light():
    code = ("import sys, contexture_lite.teach as t; "
            "print(sorted(m for m in ('matplotlib', 'ipywidgets', 'torch') if m in sys.modules), "
            "len(dir(t)) > 5)")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[] True"


def test_unknown_names_are_refused():
    import contexture_lite.teach as teach

    with pytest.raises(AttributeError, match="no attribute 'Explore'"):
        teach.Explore  # noqa: B018
    assert teach.style.INPUT == "#0072B2"


def test_two_threads_draw_one_picture_at_a_time(monkeypatch):
    """JupyterLab may deliver a slider's move in a thread of its own, while a cell draws."""
    explorer, inside, most = ChannelExplorer(), [], []
    true = explorer.draw

    def slow(result):
        inside.append(result)
        most.append(len(inside))
        time.sleep(0.01)  # room for the other thread
        true(result)
        inside.pop()

    monkeypatch.setattr(explorer, "draw", slow)
    threads = [threading.Thread(target=explorer.update, kwargs={"strength": strength})
               for strength in (0.2, 0.5, 0.8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]
