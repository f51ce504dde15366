"""What a page without a kernel can show: the states that an explorer names."""

import base64
import io
import json

import live
import numpy as np
import pytest
from PIL import Image

from contexture_lite import teach
from contexture_lite.teach.widgets import frozen
from contexture_lite.teach.widgets.explorer import choice, slider


class Two(teach.Explorer):
    """A list and a slider."""

    alt = ("A dot.", "Another <dot>.")
    frozen = {"kind": ("plain", "wavy"), "strength": (0.0, 0.4, 1.0)}

    def make_controls(self):
        return {"kind": choice("Kind", ["plain", "wavy"]), "strength": slider("Strength", 0.2)}

    def build(self, figure):
        self.axes = [panel.subplots() for panel in figure.subfigs]
        for ax in self.axes:
            ax.set(xlim=(0, 1), ylim=(0, 1))
        self.dot = self.moving(self.axes[0].plot([], [], "o", alpha=0.7)[0])

    def compute(self, kind, strength):
        return kind, strength

    def scene(self, result):
        return result[0]

    def set_scene(self, result):
        self.axes[1].set_title(result[0])

    def draw(self, result):
        self.dot.set_data([result[1]], [0.5])

    def numbers(self, result):
        return {"strength": result[1]}

    def sentence(self, result):
        return f"{result[0]}, {result[1]:.2f}"


@pytest.fixture
def two():
    return Two()


def states(explorer, blocks):
    explorer.frozen = blocks
    return [tuple(state.values()) for state in frozen.states(explorer)]


def test_all_combinations_and_the_start(two):
    assert states(two, {}) == [("plain", 0.2)]
    assert states(two, {"kind": ("plain", "wavy")}) == [("plain", 0.2), ("wavy", 0.2)]
    assert states(two, {"kind": ("wavy", "plain"), "strength": (0.0, 1.0)}) == [
        ("wavy", 0.0), ("wavy", 1.0), ("plain", 0.0), ("plain", 1.0), ("plain", 0.2)]


def test_several_blocks_are_one_list_without_repetitions(two):
    blocks = {"kind": ("plain",), "strength": (0.2, 0.4)}, {"strength": (0.4, 0.6)}
    assert states(two, blocks) == [("plain", 0.2), ("plain", 0.4), ("plain", 0.6)]


@pytest.mark.parametrize("wrong, message", [
    ({"kind": ("round",)}, "kind is 'round'; it must be one of"),
    ({"strength": (0.5, 1.2)}, "strength is 1.2; it must be a number from 0.0 to 1.0"),
    ({"strength": (0.33,)}, "strength = 0.33, where the slider never stops; the nearest value "
                            "is 0.32"),
    ({"strenght": (0.5,)}, "'strenght' is not a control; there are kind, strength"),
])
def test_what_is_not_on_offer_is_refused(two, wrong, message):
    with pytest.raises(ValueError, match=message):
        states(two, wrong)
    assert two.params == {"kind": "plain", "strength": 0.2}


def test_too_many_are_refused(two, monkeypatch):
    monkeypatch.setattr(frozen, "MOST", 5)
    with pytest.raises(ValueError, match=r"Two\.frozen has 7 states; at most 5"):
        states(two, {"kind": ("plain", "wavy"), "strength": (0.0, 0.5, 1.0)})


# ---- what is written


def read(path):
    """The data of a frozen explorer, whose page gets them as a script."""
    name, text = path.read_text(encoding="utf-8").removeprefix("contextureFrozen(").split(",", 1)
    assert json.loads(name) == path.stem
    return json.loads(text.removesuffix(");\n"))


def leaves(level, depth):
    """Every (labels, what is seen) of a tree."""
    if depth == 0:
        yield (), level
        return
    for label, below in level[1]:
        for labels, seen in leaves(below, depth - 1):
            yield (label, *labels), seen


def seen_pixels(data, numbers):
    """The picture that a browser makes of the scene and what moves over it, as RGB."""
    images = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data["images"][i])))
                         .convert("RGBA")).astype(int) for i in numbers]
    half = len(images) // 2
    scene, moving = np.hstack(images[:half]), np.hstack(images[half:])
    assert set(np.unique(moving[:, :, 3])) <= {0, 255}
    return np.where(moving[:, :, 3:] > 0, moving, scene)[:, :, :3]


def test_it_is_a_tree_of_its_states(two, tmp_path):
    before = two.png
    place = two.freeze(tmp_path)
    assert place == '<div class="contexture-frozen" data-name="Two"></div>'
    assert {path.name for path in tmp_path.iterdir()} == {"Two.js", "Two.html", "player.js",
                                                          "player.css"}
    data = read(tmp_path / "Two.js")
    assert data["kinds"] == ["list", "range"] and data["start"] == ["plain", "0.20"]
    assert [panel[0] for panel in data["panels"]] == ["A dot.", "Another <dot>."]
    assert data["tree"][0] == "Kind" and data["tree"][1][0][1][0] == "Strength"
    labels = [labels for labels, _ in leaves(data["tree"], 2)]
    assert labels == [("plain", "0.00"), ("plain", "0.20"), ("plain", "0.40"), ("plain", "1.00"),
                      ("wavy", "0.00"), ("wavy", "0.40"), ("wavy", "1.00")]
    assert two.params == {"kind": "plain", "strength": 0.2} and two.png == before
    assert [seen[2] for _, seen in leaves(data["tree"], 2)][:2] == ["plain, 0.00", "plain, 0.20"]


def test_what_is_the_same_is_stored_once(two, tmp_path):
    two.freeze(tmp_path, "again")
    data = read(tmp_path / "again.js")
    numbers = [seen[0] for _, seen in leaves(data["tree"], 2)]
    assert len({row[1] for row in numbers}) == 2  # the scene of the second panel: two titles
    assert len({row[2] for row in numbers}) == 4  # the dot: four places
    assert len({row[3] for row in numbers}) == 1  # nothing moves in the second panel
    assert len(data["images"]) == 1 + 2 + 4 + 1


def test_an_error_leaves_the_live_picture_alive(two, tmp_path, monkeypatch):
    before = two.png
    monkeypatch.setattr(two, "sentence", lambda result: 1 / 0 if result[1] == 1 else "fine")
    with pytest.raises(ZeroDivisionError):
        two.freeze(tmp_path)
    assert two.state == {"kind": "plain", "strength": 0.2} and two.png == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["RotationExplorer", "TemperatureExplorer"])
def test_it_looks_as_the_live_picture_does(name, tmp_path):
    explorer = getattr(teach, name)()
    explorer.freeze(tmp_path)
    data = read(tmp_path / f"{name}.js")
    found = dict(leaves(data["tree"], len(explorer.state)))
    states = frozen.states(explorer)
    assert len(found) == len(states)
    for state in states:
        explorer.visit(**state)
        labels = tuple(frozen._label(explorer, key, value) for key, value in state.items())
        numbers, headline, sentence = found[labels]
        result = explorer.result
        assert (headline, sentence) == (explorer.headline(result), explorer.sentence(result))
        away = seen_pixels(data, numbers) - live.pixels(explorer)[:, :, :3].astype(int)
        assert np.abs(away).max() <= 2, labels


def test_the_player_is_short_and_reads_what_is_written():
    text = (frozen.PLAYER / "player.js").read_text(encoding="utf-8")
    assert text.count("\n") < 150 and "http" not in text.replace("image/webp", "")
