"""The training race on a page: its buttons, and how fast they are answered."""

import re

import nbformat.v4 as v4
from execute import normalise
from lab import Explorer, Lab
from nbformat import write

SHOW = """
from contexture_lite import teach
race = teach.TrainingRace()
race
"""
LEFT = """
import asyncio
left = [t.get_name() for t in asyncio.all_tasks() if t.get_name() == "TrainingRace"]
print("left:", left, "running:", race.running, "finished:", race.result.finished)
"""
# From the next key press or mouse click to the frame that shows a change inside an element.
STOPWATCH = """part => {
    window.answered = new Promise(done => {
        let start = null;
        for (const kind of ['keydown', 'mousedown'])
            document.addEventListener(kind, e => { start = e.timeStamp; },
                {capture: true, once: true});
        new MutationObserver((changes, observer) => {
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
        }).observe(part, {childList: true, subtree: true, characterData: true, attributes: true});
    });
}"""


class Race:
    """The race on the page."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".contexture-race")
        self.explorer = Explorer(page, self.root)
        self.strength = self.explorer.sliders()[0]
        self.readout = self.root.locator(".contexture-readout").first
        self.start = self.root.locator("button", has_text="Race")
        self.toggle = self.root.locator("button", has_text=re.compile("Stop|Go on|Start"))

    @property
    def step(self):
        """The step that the progress bar tells."""
        text = self.root.locator(".widget-hprogress .widget-label").inner_text()
        return int(re.match(r"Step (\d+) of 200", text)[1])

    def begin(self):
        """Press Race, and wait until it has begun."""
        self.start.click()
        self.wait_for_begun()

    def wait_for_begun(self):
        """Wait until it can be stopped."""
        self.root.locator("button", has_text="Stop").wait_for()

    def wait_for_end(self):
        """Wait until everybody has arrived and the words say so."""
        self.root.locator(".contexture-readout", has_text="After 200 of 200 steps").wait_for()
        self.wait_for_step(200)

    def wait_for_step(self, step):
        """Wait until the bar has come that far."""
        self.page.wait_for_function(
            "([bar, step]) => +bar.textContent.match(/Step (\\d+)/)[1] >= step",
            arg=[self.root.locator(".widget-hprogress .widget-label").element_handle(), step])


def milliseconds(part, act):
    """From what `act` does to the change it makes in a part of the page."""
    part.evaluate(STOPWATCH)
    act()
    return part.page.evaluate("() => window.answered")


def opened(page, address, token, name="race", shown=Race):
    """The notebook, opened and run: (lab, race)."""
    lab = Lab(page, address, token)
    lab.open(f"{name}.ipynb")
    lab.run_all()
    return lab, shown(page)


def notebook(folder, name="race", sources=(SHOW, LEFT)):
    """A notebook with a race, and a cell that looks for what is left of it."""
    cells = [v4.new_code_cell(source.strip()) for source in sources]
    write(normalise(v4.new_notebook(cells=cells)), folder / f"{name}.ipynb")


def left(lab):
    """Run the second cell again: what it prints, after looking for errors everywhere."""
    cell = lab.page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    before = lab.prompts()
    lab.page.keyboard.press("Control+Enter")
    lab.page.wait_for_function("""before => document.querySelectorAll(
        '.jp-CodeCell .jp-InputArea-prompt')[1].textContent.trim() != before""", arg=before[1])
    lab.wait_idle()
    assert lab.error_outputs() == lab.kernel_errors == lab.console_errors == []
    (output,) = cell.locator(".jp-OutputArea-output").all_inner_texts()
    return output.strip()


def answers(race, presses=10):
    """Milliseconds from a key on the strength slider to new words, while the race is on."""
    taken = []
    race.begin()
    for press in range(presses):
        key = "ArrowRight" if press % 2 == 0 else "ArrowLeft"
        taken.append(milliseconds(race.readout, lambda key=key: race.strength.press(key)))
        assert race.toggle.inner_text().strip() == "Stop", "it must still be training"
        race.wait_for_begun()
    return taken


def stops(race, times=3):
    """Milliseconds from a click on Stop to its new label; after each, nothing moves."""
    taken = []
    for _ in range(times):
        race.begin()
        race.wait_for_step(1)  # before it, there is nothing to go on with
        taken.append(milliseconds(race.toggle, race.toggle.click))
        race.root.locator("button", has_text="Go on").wait_for()
        race.explorer.settle()
        halfway, pixels = race.step, race.explorer.pixels()
        assert race.explorer.settle() == 0, "the picture went on changing"
        assert (race.step, race.explorer.pixels()) == (halfway, pixels) and halfway < 200
    return taken
