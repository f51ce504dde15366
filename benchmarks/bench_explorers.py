"""How fast the live pictures are: in the kernel, and from a key press to pixels in a browser.

    make bench

Budgets: 30 ms in the kernel, 100 ms from key to pixels, both as medians.
"""

import shutil
import statistics
import time

import numpy as np
import pytest
import shape
from lab import Lab, chromium, find_chromium, jupyterlab

from contexture_lite import teach

EXPLORERS = [name for name in teach.__all__ if name.endswith("Explorer") and name != "Explorer"]
SETTINGS, PRESSES = 200, 40


def random_params(explorer, rng):
    """A random value for every control."""
    params = {}
    for name, control in explorer.controls.items():
        if hasattr(control, "options"):
            options = [o[1] if isinstance(o, tuple) else o for o in control.options]
            params[name] = options[rng.integers(len(options))]
        else:
            steps = round((control.max - control.min) / control.step)
            value = control.min + control.step * rng.integers(steps + 1)
            params[name] = min(type(control.value)(value), control.max)
    return params


def report(what, milliseconds):
    """One line: the median and the slow tail."""
    median, tail = statistics.median(milliseconds), np.quantile(milliseconds, 0.95)
    print(f"{what:<60} median {median:6.1f} ms   95 % {tail:6.1f} ms   n = {len(milliseconds)}")


@pytest.mark.parametrize("name", EXPLORERS)
def bench_kernel(name):
    """`update` over random settings: compute, draw, encode."""
    explorer, rng, taken = getattr(teach, name)(), np.random.default_rng(0), []
    for _ in range(SETTINGS):
        params = random_params(explorer, rng)
        start = time.perf_counter()
        explorer.update(**params)
        taken.append(1000 * (time.perf_counter() - start))
    report(f"kernel   {name}", taken)


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")
def bench_key_to_pixels(tmp_path):
    """Every slider of every explorer of every notebook, back and forth."""
    served = shutil.copytree(shape.FOLDER, tmp_path / "notebooks")
    with jupyterlab(served, tmp_path) as (address, token), chromium() as page:
        lab = Lab(page, address, token)
        for path in shape.PATHS:
            lab.open(path.name)
            lab.run_all()
            for explorer in lab.explorers():
                for handle, name in zip(explorer.sliders(), explorer.names(), strict=True):
                    keys = [explorer.free_direction(handle)]
                    keys.append({"ArrowRight": "ArrowLeft", "ArrowLeft": "ArrowRight"}[keys[0]])
                    taken = []
                    for press in range(PRESSES):
                        taken.append(explorer.latency(handle, keys[press % 2]))
                        page.wait_for_timeout(50)
                    report(f"browser  {path.stem}  {name}", taken)
