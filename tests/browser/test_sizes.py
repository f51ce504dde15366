"""Panels in a room, zoomed, and on a phone: they wrap, and their words can be read."""

import nbformat.v4 as v4
import pytest
from execute import normalise
from lab import Lab, chromium, jupyterlab
from nbformat import write

from contexture_lite import teach
from contexture_lite.teach.pictures import style

SOURCES = ("from contexture_lite import teach\nteach.SpectrumExplorer()",
           "from contexture_lite import gallery, singular_system\n"
           "clock = singular_system(gallery.cycle_walk(0.5), 3)\n"
           "teach.figures.functions_on_circle(clock.left, clock.values)")
SMALLEST = 11.5  # points: of the smallest words in a picture
# What an <img> takes of the page, how many pixels it has, and its words.
BOXES = """images => images.map(img => {
    const box = img.getBoundingClientRect();
    return {x: box.x, y: box.y, width: box.width, height: box.height, pixels: img.naturalWidth,
            words: img.alt || img.title};
})"""
NARROW_ENOUGH = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def boxes(page, images, readable=16):
    """Where the images are; all have words, their proportions, and letters large enough."""
    found = page.locator(images).evaluate_all(BOXES)
    for box in found:
        letters = SMALLEST * style.DPI / 72 * box["width"] / box["pixels"]
        assert letters >= readable - 0.1, f"letters of {letters:.1f} pixels"
        assert box["words"]
    return found


def rows(found):
    """How many images stand in each row."""
    tops = [round(box["y"]) for box in found]
    return [tops.count(top) for top in sorted(set(tops))]


def wait_for_rows(page, images, count):
    """Wait until the images stand in so many rows: JupyterLab lays out again after a change."""
    page.wait_for_function("""([images, count]) => new Set([...document.querySelectorAll(images)]
        .map(img => Math.round(img.getBoundingClientRect().y))).size == count""",
                           arg=[images, count])


@pytest.fixture(scope="module")
def browser():
    with chromium(1280, 720, zoom=1.5) as page:
        yield page


def shown(page, width, *bundles):
    page.set_viewport_size({"width": width, "height": 844})
    page.set_content("<body style='margin:8px'>" + "".join(b["text/html"] for b in bundles))
    page.evaluate("Promise.all([...document.images].map(img => img.decode()))")


@pytest.fixture(scope="module")
def bundle():
    return teach.ShiftExplorer()._repr_mimebundle_()


@pytest.mark.parametrize("width, expected", [(1280, [3]), (1100, [3]), (848, [2, 1]),
                                             (421, [1, 1, 1])])
def test_a_saved_picture_wraps(browser, bundle, width, expected):
    shown(browser, width, bundle)
    found = boxes(browser, "img")
    assert rows(found) == expected
    assert browser.evaluate(NARROW_ENOUGH)
    assert max(box["width"] for box in found) - min(box["width"] for box in found) < 1


def test_a_saved_picture_on_a_phone(browser, bundle):
    shown(browser, 390, bundle, teach.shift_data.picture()._repr_mimebundle_())
    assert rows(boxes(browser, "img")) == 5 * [1]
    assert browser.evaluate(NARROW_ENOUGH)
    assert browser.get_by_text("Worst group / average").is_visible()


@pytest.fixture(scope="module")
def zoomed(browser, tmp_path_factory):
    """A lecture room's screen at 150 %, the file browser open."""
    home = tmp_path_factory.mktemp("zoomed")
    folder = home / "notebooks"
    folder.mkdir()
    write(normalise(v4.new_notebook(cells=[v4.new_code_cell(s) for s in SOURCES])),
          folder / "sizes.ipynb")
    browser.set_viewport_size({"width": 853, "height": 480})
    with jupyterlab(folder, home) as (address, token):
        lab = Lab(browser, address, token)
        lab.open("sizes.ipynb")
        lab.run_all()
        yield lab


def test_zoom_makes_a_picture_larger(zoomed):
    """853 × 480 pixels of the page are left, 421 of them for outputs."""
    page, panels = zoomed.page, ".contexture-explorer img"
    wait_for_rows(page, panels, 3)
    assert rows(boxes(page, ".jp-RenderedHTML img")) == rows(boxes(page, panels)) == [1, 1, 1]
    page.set_viewport_size({"width": 1280, "height": 720})  # at 100 %
    wait_for_rows(page, panels, 2)
    boxes(page, panels)
    page.keyboard.press("Control+b")  # the file browser is closed
    wait_for_rows(page, panels, 1)
    boxes(page, panels)
    assert zoomed.console_errors == zoomed.error_outputs() == []


def test_nothing_below_jumps_when_the_words_grow(zoomed):
    (explorer,) = zoomed.explorers()
    (strength, *_) = explorer.sliders()
    before = explorer.root.bounding_box()
    for key in ("ArrowRight", "End", "Home"):
        numbers, pixels = explorer.readouts(), explorer.pixels()
        explorer.press(strength, key)
        explorer.wait_for_change(numbers, pixels)
        explorer.settle()
        now = explorer.root.bounding_box()
        assert (now["width"], now["height"]) == (before["width"], before["height"])
