"""Panels against one picture: processor time of a step in the kernel, in one process.

    make bench

The other way is what explorers did before: every moving artist drawn, all pixels encoded as one
PNG of the same size. The ratio is that of medians over the same random settings; "crisp" is at
twice the resolution.
"""

import statistics
import time

import numpy as np
import pytest
from bench_explorers import random_params

from contexture_lite import teach
from contexture_lite.teach.pictures import page, style

NAMES = ("SpectrumExplorer", "TaskExplorer", "SampleExplorer", "ShiftExplorer", "CollapseExplorer")
STEPS = 60


def milliseconds(act):
    """Processor time of one call."""
    start = time.process_time()
    act()
    return 1000 * (time.process_time() - start)


def whole(explorer):
    """A step as it was: all of it drawn and encoded."""
    explorer._draw(explorer.compute(**explorer.params))
    return page.png(np.asarray(explorer.figure.canvas.buffer_rgba()))


def steps(explorer, settings):
    """Median milliseconds of a step in panels, and as one picture; and panels sent a step."""
    panels, one, sent = [], [], []
    for image in explorer.images:
        image.observe(lambda change: sent.append(1), "value")
    for params in settings:
        with explorer.quiet():
            for name, value in params.items():
                explorer.controls[name].value = value
        explorer.compute(**params)  # what is cached is so for both
        one.append(milliseconds(lambda: whole(explorer)))
        panels.append(milliseconds(explorer._refresh))
    return statistics.median(panels), statistics.median(one), len(sent) / len(settings)


@pytest.mark.parametrize("name", NAMES)
def bench_panels(name):
    """One slider's way back and forth, at both resolutions."""
    rng, medians = np.random.default_rng(0), {}
    for scale in (1, 2):
        style.crisp(scale)
        try:
            explorer = getattr(teach, name)()
        finally:
            style.crisp(1)
        start = explorer.params
        moved = next(n for n, c in explorer.controls.items() if not hasattr(c, "options"))
        settings = [start | {moved: random_params(explorer, rng)[moved]} for _ in range(STEPS)]
        medians[scale] = steps(explorer, settings)
        explorer.close()
    (new, old, sent), (crisp, *_) = medians[1], medians[2]
    print(f"{name:<20} panels {new:5.1f} ms, one picture {old:5.1f} ms, ratio {new / old:4.2f}; "
          f"{sent:.1f} panels sent a step; crisp {crisp:5.1f} ms")
