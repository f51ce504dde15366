"""Names that are code elsewhere are letters on the page, and no script of theirs runs."""

import nbformat.v4 as v4
import pytest
from execute import normalise
from hostile import NAMES
from lab import Lab, chromium, jupyterlab
from nbformat import write

START = f"""
from dataclasses import replace
from functools import partial
import ipywidgets as widgets
import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown
import contexture_lite as cl
from contexture_lite import claims, gallery, teach

NAMES = {NAMES!r}
rng = np.random.default_rng(0)
numbers = rng.normal(size=(60, 2))
"""
DIAGNOSIS = """
X = pd.DataFrame({"x": numbers[:, 0], "y": numbers[:, 1]})
for name in NAMES:
    X[name] = np.where(np.arange(60) % 9, rng.normal(size=60).astype(str), name)
own = {name: partial(cl.knn_context, k=5 + k) for k, name in enumerate(NAMES[:8])}
cl.diagnose(X, numbers[:, 0], own, progress=False)
"""
# A hypothesis may speak of labels, so a claim is made to speak of these.
CLAIM = """
good = claims.check("chi-square", gallery.binary_channel(0.8))
bad = [replace(good, sides=None, missing=good.claim.hypotheses, because=name) for name in NAMES]
claims.Survey(tuple(bad))
"""
CARDS = """
for one in bad:
    display(replace(one, full=True))
"""
EXERCISE = """
def answer(*arguments):
    raise ValueError(" ".join(NAMES))

teach.check("ex_01_1", answer)
"""
GUESS = """
guess = teach.predict("p", "Which?", choices=NAMES[:8])
guess
"""
REVEAL = """
for name in NAMES[:8]:
    display(guess.reveal(name))
"""
PICTURE = """
class Failing(teach.Explorer):
    alt = ("A picture that cannot be drawn.",)

    def make_controls(self, *start):
        return {"at": widgets.IntSlider(max=len(NAMES))}

    def build(self, figure):
        pass

    def compute(self, at):
        if at:
            raise ValueError(NAMES[at - 1])

    def draw(self, result):
        pass

    def numbers(self, result):
        return {}

    def sentence(self, result):
        return " ".join(NAMES)

failing = Failing()
failing
"""
ERROR = "cl.Context.from_counts(pd.DataFrame([[1] + [0] * len(NAMES)], columns=['', *NAMES]))"
# What a page does with such texts if nobody takes care, so that the absence above means something.
CONTROL = """
display(HTML("<img src=x onerror='window.control=1'> $p$"))
display(Markdown("$q$ and *emphasis*"))
"""
CELLS = [START, DIAGNOSIS, CLAIM, CARDS, EXERCISE, GUESS, REVEAL, PICTURE, CONTROL, ERROR]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The notebook, run, when the control's script has run and its formulas are set."""
    home = tmp_path_factory.mktemp("hostile")
    cells = [v4.new_code_cell(source) for source in CELLS]
    write(normalise(v4.new_notebook(cells=cells)), home / "hostile.ipynb")
    with jupyterlab(home, home) as (address, token), chromium() as page:
        lab = Lab(page, address, token)
        lab.open("hostile.ipynb")
        lab.run_all()
        page.wait_for_function("() => window.control == 1")
        control = output(lab, CONTROL)
        control.locator("em").wait_for()
        for place in (0, 1):
            control.locator("mjx-container").nth(place).wait_for()
        yield lab


def output(lab, source):
    return lab.page.locator(".jp-Notebook .jp-CodeCell").nth(CELLS.index(source)).locator(
        ".jp-OutputArea").first


def text(found):
    """What can be read, also where it is folded; spaces and lines as a stylesheet keeps them."""
    return found.evaluate("e => e.textContent")


@pytest.mark.parametrize("source", [DIAGNOSIS, CLAIM, CARDS, EXERCISE, GUESS, REVEAL])
def test_every_name_is_seen_letter_by_letter(shown, source):
    seen = text(output(shown, source))
    for name in NAMES[:8] if source in (GUESS, REVEAL) else NAMES:
        assert name in seen
    for tag in ("img[src=x]", "script", "a[href^='javascript']", "a[href*='example']", "del"):
        if source != EXERCISE or "example" not in tag:  # JupyterLab makes links of printed text
            assert output(shown, source).locator(tag).count() == 0
    formulas = len(NAMES) if source in (CLAIM, CARDS) else 0  # the statement of the claim itself
    assert output(shown, source).locator("mjx-container").count() == formulas


def test_names_are_seen_in_full_width(shown):
    """Nothing of them is hidden: `innerText` leaves out what a reader does not see."""
    seen = output(shown, CARDS).evaluate("e => e.innerText")
    assert all(name in seen for name in NAMES)


def test_a_guess_is_said_letter_by_letter(shown):
    prediction = shown.page.locator(".contexture-prediction").first
    for place, name in enumerate(NAMES[:8]):
        prediction.locator("input[type=radio]").nth(place).check()
        shown.wait_idle()
        prediction.locator("b", has_text=name).last.wait_for()
        assert f"Your guess: {name}" in text(prediction)
    assert prediction.locator("mjx-container").count() == 0


def test_an_error_in_a_picture_is_said_letter_by_letter(shown):
    """The sentence below it, too."""
    (explorer,) = shown.explorers()
    readout = explorer.root.locator(".contexture-readout").first
    assert all(name in text(readout) for name in NAMES)
    (handle,) = explorer.sliders()
    for name in NAMES:
        explorer.press(handle, "ArrowRight")
        explorer.settle()
        assert f"ValueError: {name} (at=" in text(explorer.root.locator(".contexture-error"))
    assert explorer.root.locator("mjx-container, img[src=x]").count() == 0


def test_an_error_of_the_package_names_the_columns(shown):
    seen = text(output(shown, ERROR))
    assert "has no mass in column" in seen
    assert NAMES[0] in seen and NAMES[2] in seen


def test_no_script_of_a_name_has_run(shown):
    assert shown.page.evaluate("() => [window.control, window.ran ?? null]") == [1, None]
