"""What every live picture must do, whatever it shows."""

import html
import io

import numpy as np
from PIL import Image


def pixels(explorer):
    """The picture as an integer array (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB")).astype(int)


def settings(explorer, count, seed=0):
    """Both ends of every control at once, then ``count`` random settings."""
    rng = np.random.default_rng(seed)
    choices = {name: _allowed(control, rng) for name, control in explorer.controls.items()}
    yield {name: values[0] for name, values in choices.items()}
    yield {name: values[-1] for name, values in choices.items()}
    for _ in range(count):
        yield {name: values[rng.integers(len(values))] for name, values in choices.items()}


def _allowed(control, rng):
    if hasattr(control, "options"):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    inner = rng.uniform(control.min, control.max, 4)
    return [control.min, *(type(control.value)(v) for v in inner), control.max]


def check(explorer, start, count=8):
    """Draws everywhere, from the setting alone, inside the frame; every control counts.

    ``start`` is a setting in which every control has something to say.
    """
    assert len(explorer.controls) <= 4 and explorer.alt.endswith(".")
    visited = list(settings(explorer, count))
    pictures = []
    for params in visited:
        explorer.update(**params)
        assert explorer.error is None
        assert all(np.isfinite(value) for value in explorer.values().values()), params
        assert html.escape(explorer.sentence(explorer.result)) in explorer.line.value
        assert "\n" not in explorer.sentence(explorer.result)
        shown = pixels(explorer)
        for edge in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
            assert (edge > 250).all(), params
        pictures.append(explorer.png)
    explorer._scenes.clear()  # a fast step and a full redraw give the same picture
    for params, picture in reversed(list(zip(visited, pictures, strict=True))):
        explorer.update(**params)
        assert explorer.png == picture, params
    for name, control in explorer.controls.items():
        assert control.description
        explorer.update(**start)
        before = explorer.png
        explorer.update(**{name: next(s[name] for s in visited if s[name] != start[name])})
        assert explorer.png != before, name
