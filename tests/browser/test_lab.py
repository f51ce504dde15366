"""The browser sees what it should complain about: a small notebook in which things go wrong."""

import nbformat.v4 as v4
import pytest
from execute import normalise
from lab import Lab, chromium, jupyterlab
from nbformat import write

STUCK = """
import io
import ipywidgets as widgets
from PIL import Image

def png(grey):
    file = io.BytesIO()
    Image.new("L", (60, 40), grey).save(file, "png")
    return file.getvalue()

slider = widgets.IntSlider(value=1, min=0, max=3)
picture = widgets.Image(value=png(200))
explorer = widgets.VBox([slider, picture]).add_class("contexture-explorer")

def draw(change):
    if change["new"] == 2:
        raise ArithmeticError("no picture of two")
    if change["new"] == 0:
        picture.value = png(100)

slider.observe(draw, names="value")
explorer
"""


# The next cell has to be waiting when this one fails, or the kernel would run it.
PROMPTS_ARE = """wanted => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
    .map(p => p.textContent.trim()).join() == wanted.join()"""
FAILS = ["import os, time\nwhile not os.path.exists('go'): time.sleep(.01)\n1 / 0", "2"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A notebook with a failing cell, and one with a picture that is stuck at some values."""
    home = tmp_path_factory.mktemp("broken")
    for name, sources in {"fails": FAILS, "stuck": [STUCK]}.items():
        cells = [v4.new_code_cell(source) for source in sources]
        write(normalise(v4.new_notebook(cells=cells)), home / f"{name}.ipynb")
    with jupyterlab(home, home) as (address, token), chromium() as page:
        broken = Lab(page, address, token)
        broken.home = home
        yield broken


def test_a_failing_cell_is_seen(broken):
    broken.open("fails.ipynb")
    broken.start_all()
    broken.page.wait_for_function(PROMPTS_ARE, arg=["[*]:", "[*]:"])
    (broken.home / "go").touch()
    broken.wait_idle()
    assert broken.prompts() == ["[1]:", "[ ]:"]
    assert "ZeroDivisionError" in broken.error_outputs()[0]
    assert broken.kernel_errors == ["division by zero"]


def test_a_failing_callback_and_a_stuck_picture_are_seen(broken):
    broken.open("stuck.ipynb")
    broken.run_all()
    assert broken.kernel_errors == []
    (explorer,) = broken.explorers()
    (handle,) = explorer.sliders()
    before, pixels = explorer.readouts(), explorer.pixels()
    explorer.press(handle, "ArrowRight")
    explorer.settle()
    assert (explorer.readouts(), explorer.pixels()) == (["2"], pixels) != (before, pixels)
    assert broken.kernel_errors == ["no picture of two"]
    explorer.press(handle, "ArrowLeft", times=2)
    explorer.wait_for_change(["2"], pixels)
    explorer.settle()
    assert explorer.readouts() == ["0"]


def test_an_error_in_the_browser_is_seen(broken):
    broken.open("stuck.ipynb")
    broken.page.evaluate("() => console.error('something broke')")
    with broken.page.expect_event("pageerror"):
        broken.page.evaluate("() => { setTimeout(() => { throw new Error('loose end'); }); }")
    assert "something broke" in broken.console_errors[0]
    assert "loose end" in broken.console_errors[1]
