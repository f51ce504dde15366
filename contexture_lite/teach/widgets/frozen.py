"""A live picture for a page without a kernel: every state of its controls, drawn beforehand.

A picture is its scene, which `Explorer` keeps apart already, and what moves over it on a
transparent ground. Each panel of each is one WebP, stored once however many states share it.
The data are a script and not something to fetch, so that the page opens from a folder too.
"""

import hashlib
import html
import json
from itertools import product
from operator import itemgetter
from pathlib import Path

import ipywidgets as widgets
import numpy as np

from contexture_lite.teach.pictures import page
from contexture_lite.teach.widgets.controls import offered

MOST = 400  # states of one explorer
LEVELS = np.minimum((np.arange(256) + 2) // 5 * 5, 255).astype(np.uint8)  # every fifth
PLAYER = Path(__file__).with_name("player")
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title><link rel="stylesheet" href="player.css"><script src="player.js"></script>
<body style="font-family:sans-serif">{place}</body></html>
"""


def states(explorer):
    """The states that a page without a kernel can show, each once: a list of {name: value}.

    ``explorer.frozen`` is a dict from a control's name to some of its values, all combinations
    of which are taken, or a tuple of such dicts. What a dict leaves out stays at its start, and
    the start itself is always one of the states.
    """
    blocks, start = explorer.frozen, explorer.state
    wanted = [start | dict(zip(block, values))
              for block in ((blocks,) if isinstance(blocks, dict) else blocks)
              for values in product(*block.values())]
    found = {tuple(state.values()): state for state in [*wanted, start]}
    for state in found.values():
        _refuse_off_step(explorer, state)
    if len(found) > MOST:
        raise ValueError(f"{type(explorer).__name__}.frozen has {len(found)} states; "
                         f"at most {MOST} are worth their weight")
    return list(found.values())


def freeze(explorer, folder, name=None):
    """Write ``name``.js (all states), ``name``.html (a page of them) and the player to a folder.

    ``name`` is the class's by default. Returns what a page that has loaded ``player.js`` and
    ``player.css`` shows the picture by: a <div>, to be filled by the player.
    """
    name, folder = name or type(explorer).__name__, Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    start = explorer.state
    all_states, layers = states(explorer), Layers(explorer)
    try:
        shown = [_shown(explorer, state, layers) for state in all_states]
    finally:
        layers.close()
        explorer.visit(**start)
    begin = shown[all_states.index(start)][1]
    data = {"panels": _panels(explorer), "kinds": [_kind(explorer, key) for key in start],
            "tree": _tree(sorted(shown, key=itemgetter(0))), "start": [label for _, label in begin],
            "images": [page.base64_of(image) for image in layers.images]}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{name}.js").write_text(f"contextureFrozen({json.dumps(name)},{text});\n",
                                       encoding="utf-8")
    place = f'<div class="contexture-frozen" data-name="{html.escape(name)}"></div>'
    (folder / f"{name}.html").write_text(PAGE.format(name=html.escape(name), place=place),
                                         encoding="utf-8")
    for file in PLAYER.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return place


class Layers:
    """The panels of scenes and of what moves over them, as images, none of them stored twice."""

    def __init__(self, explorer):
        self.explorer, self.images, self._numbers = explorer, [], {}
        explorer._paint = explorer._draw  # sends nothing

    def close(self):
        """Give the explorer its own way of showing back."""
        del self.explorer._paint

    def pixels(self):
        """(scene, what moves) of the explorer as it stands, each (height, width, 4).

        What moves are the pixels in which the picture is not its scene; the rest is transparent.
        """
        explorer = self.explorer
        scene = np.asarray(explorer._scenes[explorer.scene(explorer.result)])
        whole = np.asarray(explorer.figure.canvas.buffer_rgba())
        one, other = whole.view(np.uint32), scene.view(np.uint32)  # a pixel, a number
        return scene, np.where(one != other, one, 0).view(np.uint8)

    def numbers(self):
        """The numbers of its images: the scene's, a panel each, then those that move."""
        columns = page.pieces(self.explorer.figure)
        return [self._number(pixels[:, piece]) for pixels in self.pixels() for piece in columns]

    def _number(self, pixels):
        pixels = np.ascontiguousarray(pixels)
        key = hashlib.sha256(pixels).digest()
        if key not in self._numbers:
            self._numbers[key] = len(self.images)
            self.images.append(webp(pixels))
        return self._numbers[key]


def webp(pixels):
    """Pixels as a WebP, off by at most two of 255 levels, which makes it a quarter lighter."""
    return page.webp(LEVELS[pixels])


def _refuse_off_step(explorer, state):
    """A value must be on offer, that of a slider up to the two decimals it shows."""
    for name, value in state.items():
        explorer._refuse(name, value)
        control = explorer.controls.get(name)
        step = getattr(control, "step", None)
        if step and value != explorer.state[name]:
            nearest = control.min + step * round((value - control.min) / step)
            if abs(nearest - value) > 0.006:
                raise ValueError(f"{type(explorer).__name__}.frozen has {name} = {value!r}, where "
                                 f"the slider never stops; the nearest value is {nearest:.2f}")


def _shown(explorer, state, layers):
    """(its place, [(title, label) of each control], [images, headline, sentence])."""
    explorer.visit(**state)
    places = tuple(_place(explorer.controls.get(name), value) for name, value in state.items())
    words = [(_title(explorer, name), _label(explorer, name, value))
             for name, value in state.items()]
    result = explorer.result
    return places, words, [layers.numbers(), explorer.headline(result), explorer.sentence(result)]


def _tree(shown, depth=0):
    """Nested [title, [[label, …], …]], one level a control, with what is seen as leaves."""
    _, words, seen = shown[0]
    if depth == len(words):
        return seen
    groups = {}
    for one in shown:
        groups.setdefault(one[1][depth], []).append(one)
    title = words[depth][0]
    return [title, [[label, _tree(group, depth + 1)] for (_, label), group in groups.items()]]


def _place(control, value):
    """Where a value stands in its control: its position in a list, or itself."""
    if hasattr(control, "options") and not isinstance(control, widgets.SelectMultiple):
        return offered(control).index(value)
    return value


def _label(explorer, name, value):
    """What the live control says for this value."""
    control = explorer.controls.get(name)
    if isinstance(control, widgets.SelectMultiple):
        return ", ".join(value)
    if hasattr(control, "options"):
        option = control.options[_place(control, value)]
        return option[0] if isinstance(option, tuple) else str(option)
    return f"{value:.2f}" if isinstance(control, widgets.FloatSlider) else str(value)


def _title(explorer, name):
    control = explorer.controls.get(name)
    if isinstance(control, widgets.SelectMultiple):  # how to choose several is for a live one
        return control.description.partition(" (")[0]
    return name.capitalize() if control is None else control.description


def _kind(explorer, name):
    """A list of names is a list, also where the live control takes any; a slider is a range."""
    control = explorer.controls.get(name)
    return "list" if isinstance(control, widgets.Dropdown | widgets.Combobox) else "range"


def _panels(explorer):
    """[alt text, pixels across, pixels down, CSS pixels across at least] of each panel."""
    height = explorer.figure.canvas.get_width_height()[1]
    return [[alt, piece.stop - piece.start, height, page.css_width(explorer.figure, piece)]
            for alt, piece in zip(explorer.alt, page.pieces(explorer.figure), strict=True)]
