"""A live picture at many settings."""

import numpy as np

from contexture_lite.teach.widgets.explorer import offered


def pixels(explorer):
    """The picture as it stands, an array (height, width, 4)."""
    return np.array(explorer.figure.canvas.buffer_rgba())


def settings(explorer, count, seed=0):
    """Both ends of every control at once, then ``count`` random settings."""
    rng = np.random.default_rng(seed)
    choices = {name: offered(control) or ends(control) for name, control in
               explorer.controls.items()}
    yield {name: values[0] for name, values in choices.items()}
    yield {name: values[-1] for name, values in choices.items()}
    for _ in range(count):
        yield {name: drawn(control, rng) for name, control in explorer.controls.items()}


def ends(control):
    return [control.min, control.max]


def drawn(control, rng):
    """A random value of a control, of a long list one of the first ten: each may take seconds."""
    values = offered(control)
    if values is not None:
        return values[rng.integers(min(len(values), 10))]
    return type(control.value)(rng.uniform(*ends(control)))
