"""A network trained beside the scaling curves, under a reader's hands."""

import re

import pytest
from lab import Explorer, chromium, jupyterlab
from race_page import left, notebook, opened

SHOW = """
from contexture_lite import teach
curves = teach.ScalingExplorer(context=1, width=8)
curves
"""
LEFT = """
import asyncio
left = [t.get_name() for t in asyncio.all_tasks() if t.get_name() == "ScalingExplorer"]
print("left:", left, "running:", curves.running, "trained:", len(curves.live))
"""


class Scaling:
    """The scaling curves on the page."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".contexture-explorer")
        self.explorer = Explorer(page, self.root)
        self.width = self.explorer.sliders()[1]
        self.readout = self.root.locator(".contexture-readout").first
        self.train, self.stop = self.root.locator("button").all()
        self.said = self.root.locator(".widget-label", has_text=re.compile("Nothing|seed"))

    @property
    def step(self):
        """The step that the line beside the bar tells."""
        return int(re.search(r"step (\d+)", self.said.inner_text())[1])

    def wait_for(self, words):
        """Wait until the line beside the bar says this."""
        self.said.filter(has_text=re.compile(words)).wait_for()

    def begin(self, seed):
        """Press the button, and wait for the first picture of this training."""
        self.train.click()
        self.wait_for(rf"seed {seed}: step \d")
        assert self.stop.is_enabled() and self.train.inner_text().strip() == "Start again"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    home = tmp_path_factory.mktemp("scaling")
    folder = home / "notebooks"
    folder.mkdir()
    notebook(folder, "scaling", (SHOW, LEFT))
    with jupyterlab(folder, home) as (address, token), chromium() as page:
        yield opened(page, address, token, "scaling", Scaling)


def test_running_the_notebook_trains_nothing(shown):
    lab, curves = shown
    assert curves.said.inner_text() == "Nothing trained yet" and curves.stop.is_disabled()
    assert left(lab) == "left: [] running: False trained: 0"


def test_the_button_trains_the_chosen_point(shown):
    lab, curves = shown
    before = curves.explorer.pixels()
    curves.begin(seed=5)
    curves.wait_for("30 neighbours, width 8, depth 2, seed 5: step 300 of 300$")
    curves.root.locator(".contexture-readout", has_text="Trained live (seed 5)").wait_for()
    assert curves.stop.is_disabled() and curves.train.inner_text().strip() == "Train this point"
    curves.explorer.wait_for_picture(before)  # there is a star
    assert left(lab) == "left: [] running: False trained: 1"


def test_a_slider_is_answered_during_training(shown):
    lab, curves = shown
    for _ in range(4):  # a wide network, which takes seconds
        curves.width.press("ArrowRight")
    curves.explorer.settle()
    curves.begin(seed=6)
    for key in ("ArrowLeft", "ArrowRight", "ArrowLeft", "ArrowRight"):
        before, step = curves.readout.inner_text(), curves.step
        curves.width.press(key)
        curves.page.wait_for_function("([e, before]) => e.innerText != before",
                                      arg=[curves.readout.element_handle(), before])
        curves.page.wait_for_function(  # it goes on training
            "([e, step]) => +e.innerText.match(/step (\\d+)/)[1] > step",
            arg=[curves.said.element_handle(), step])
    curves.stop.click()
    curves.wait_for("width 128, depth 2, seed 6: .*stopped")
    for _ in range(4):
        curves.width.press("ArrowLeft")
    assert left(lab) == "left: [] running: False trained: 2"


def test_stop_stops(shown):
    lab, curves = shown
    curves.begin(seed=7)
    curves.stop.click()
    curves.wait_for(r"seed 7: step \d+ of 300, stopped")
    said = curves.said.inner_text()
    assert "step 300" not in said and curves.stop.is_disabled()
    curves.explorer.settle()
    assert curves.explorer.settle() == 0, "the picture went on changing"
    assert curves.said.inner_text() == said
    assert left(lab) == "left: [] running: False trained: 3"


def test_the_buttons_work_from_the_keyboard(shown):
    lab, curves = shown
    curves.train.focus()
    curves.page.keyboard.press("Enter")
    curves.wait_for(r"seed 8: step \d")
    curves.stop.focus()
    curves.page.keyboard.press("Space")
    curves.wait_for("seed 8: .*stopped")
    assert left(lab) == "left: [] running: False trained: 4"
