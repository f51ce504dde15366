"""How fast the live pictures are: in the kernel, and from a key press to pixels in a browser.

    make bench

Budgets: 30 ms in the kernel, 100 ms from key to pixels, both as medians. While the race
trains: 200 ms from a key on a slider to the new words, 500 ms from Stop to its new label.
"""

import shutil
import statistics
import time

import numpy as np
import pytest
import shape
from lab import Lab, chromium, find_chromium, jupyterlab
from race_page import answers, notebook, opened, stops

from contexture_lite import teach
from contexture_lite.teach.nb04_objectives.race.explorer import SLICE
from contexture_lite.teach.widgets.explorer import offered

EXPLORERS = [name for name in teach.__all__ if name.endswith("Explorer") and name != "Explorer"]
SETTINGS, PRESSES = 200, 40


def random_params(explorer, rng):
    """A random value for every control."""
    params = {}
    for name, control in explorer.controls.items():
        values = offered(control)
        if values is not None:
            params[name] = values[rng.integers(len(values))]
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
                        explorer.settle()
                    report(f"browser  {path.stem}  {name}", taken)


def bench_race_kernel():
    """A whole race; one slice of it; a picture; a new start."""
    race = teach.TrainingRace()

    def times(act, count):
        taken = []
        for _ in range(count):
            start = time.perf_counter()
            act()
            taken.append(1000 * (time.perf_counter() - start))
        return taken

    report("kernel   TrainingRace, a whole race", times(race.update, 5))
    report("kernel   TrainingRace, a new start", times(race._refresh, 30))
    report("kernel   TrainingRace, a slice", times(lambda: race.result.advance(SLICE), 15))
    report("kernel   TrainingRace, a picture", times(lambda: race._paint(race.result), 30))


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")
def bench_race_in_the_browser(tmp_path):
    """A key on the strength slider while it trains, and Stop."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook(folder)
    with jupyterlab(folder, tmp_path) as (address, token), chromium() as page:
        _, race = opened(page, address, token)
        report("browser  TrainingRace, key to words during training", answers(race, 30))
        report("browser  TrainingRace, Stop to its label", stops(race, 8))
