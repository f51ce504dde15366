"""The pages as a reader without a network has them: from a folder, on a screen and on a phone.

Run where the pages were built: make site, then make try-site.
"""

import html
import re
import statistics

import nbformat
import pages
import pytest
from lab import chromium, find_chromium

SITE = pages.ROOT / "build/site"
SCREEN, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
NOTEBOOKS = [path.stem for path in pages.notebooks()]
_SETTLED = """() => window.MathJax?.startup?.promise.then(() =>
    ![...document.querySelectorAll('.contexture-frozen')].some(box => {
        const near = box.getBoundingClientRect().top < 800;
        return near && !box.dataset.shown;
    })) ?? true"""
_WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? null : [...document
    .querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
_LOOK = """box => [[...box.querySelectorAll('img')].map(img => img.dataset.number).join(),
    box.querySelector('.contexture-line').textContent, +box.dataset.shown]"""

# By how many pixels a layer is not where its panel is.
_OFF = """box => Math.max(...[...box.querySelectorAll('.contexture-panel img')].map(img =>
    Math.round(Math.abs(img.getBoundingClientRect().top
                        - img.parentElement.getBoundingClientRect().top))))"""
_VALUES = """box => [...box.querySelectorAll("input, select")].map(
    it => it.selectedIndex ?? it.value)"""
_BACK = """(box, values) => [...box.querySelectorAll('input, select')].forEach((it, i) => {
    it['selectedIndex' in it ? 'selectedIndex' : 'value'] = values[i];
    it.dispatchEvent(new Event('input'));
})"""


@pytest.fixture(scope="module")
def reader():
    """A browser that reads files and nothing else, and `wrong`, what it complained of."""
    assert (SITE / "index.html").exists(), "not built: run make site"
    assert find_chromium(), "no Chromium on this machine"
    with chromium(**SCREEN) as page:
        page.wrong = []
        page.set_default_timeout(60_000)
        page.route(re.compile("^(?!file:|data:|blob:)"), lambda route: (
            page.wrong.append(f"asked for {route.request.url}"), route.abort()))
        page.on("requestfailed", lambda asked: page.wrong.append(f"failed: {asked.url}"))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.wrong.append(said.text))
        yield page


def show(page, name):
    page.set_viewport_size(SCREEN)
    page.goto((SITE / name).as_uri())
    page.wait_for_function(_SETTLED)


def check(page, name):
    """Nothing went wrong, and nothing is wider than a screen or a phone."""
    for size in (SCREEN, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate(_WIDER) is None, (name, size)
    assert not page.wrong, name


def frozen_everywhere(page, times):
    """Move every control of every live picture of this page by its keys."""
    boxes = page.locator(".contexture-frozen")
    for i in range(boxes.count()):
        box = boxes.nth(i)
        box.scroll_into_view_if_needed()
        page.wait_for_function("box => box.dataset.shown", arg=box.element_handle())
        inputs = box.locator("input, select")
        assert inputs.count(), "a live picture without a control"
        start, name, said = box.evaluate(_VALUES), box.get_attribute("data-name"), set()
        for j in range(inputs.count()):
            pictures, sentences = moves(page, box, inputs.nth(j), times)
            assert len(pictures) > 1, (name, j)
            assert box.evaluate(_OFF) == 0, name
            said |= sentences  # at some settings one control changes no number
            box.evaluate(_BACK, start)
            assert box.evaluate(_VALUES) == start
        assert len(said) > 1, name


def in_the_dark(page):
    """No layer of a picture hides another when the page is dark."""
    looks = page.evaluate("""() => { document.documentElement.dataset.theme = 'dark';
        return [...document.querySelectorAll('.contexture-panel img')].map(img => {
            const {backgroundColor, filter} = getComputedStyle(img);
            return `${backgroundColor} ${filter}`; }); }""")
    assert {*looks} == {"rgba(0, 0, 0, 0) none"}


def moves(page, box, control, times):
    """The pictures and sentences that come while an arrow key is pressed, until both change."""
    key = "ArrowDown" if control.evaluate("it => it.tagName") == "SELECT" else "ArrowRight"
    handle = box.element_handle()
    control.focus()
    pressed(page, handle, control, "Home")
    pictures, sentences = set(), set()
    while True:
        picture, sentence, _ = handle.evaluate(_LOOK)
        pictures.add(picture)
        sentences.add(sentence)
        if (len(pictures) > 1 and len(sentences) > 1) or not pressed(page, handle, control, key):
            return pictures, sentences
        times.append(float(box.get_attribute("data-ms")))


def pressed(page, box, control, key):
    """Press a key and wait for the picture; False if the control stands at its end."""
    value = "it => it.selectedIndex ?? it.value"
    before, shown = control.evaluate(value), box.evaluate(_LOOK)[2]
    control.press(key)
    if control.evaluate(value) == before:
        return False
    page.wait_for_function("([box, shown]) => +box.dataset.shown > shown", arg=[box, shown])
    return True


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_moves_without_a_kernel(reader, name):
    times = []
    reader.wrong.clear()
    show(reader, f"notebooks/{name}.html")
    check(reader, name)
    frozen_everywhere(reader, times)
    in_the_dark(reader)
    assert not reader.wrong
    if times:
        print(f"{name}: {len(times)} keys, from key to picture {statistics.median(times):.0f} ms "
              f"(median), {max(times):.0f} ms (most)")


def test_every_live_picture_of_every_notebook_is_there():
    for path in pages.notebooks():
        calls = [call.name for _, call in pages.live_pictures(pages.read(path), path)]
        page = (SITE / f"notebooks/{path.stem}.html").read_text(encoding="utf-8")
        assert re.findall(r'class="contexture-frozen" data-name="([^"]+)"', page) == calls
        assert "not attempted yet" not in page
        saved = page.count("data:image/webp")  # in it, until the states have come
        assert saved >= len(calls)


def test_every_other_page(reader):
    names = [file.relative_to(SITE).as_posix() for file in SITE.rglob("*.html")
             if file.parent.name in ("docs", "package", SITE.name)]
    assert {"index.html", "docs/claims.html", "package/contexture_lite.html"} <= {*names}
    for name in names:
        reader.wrong.clear()
        show(reader, name)
        check(reader, name)


def test_the_search_finds_a_word_of_each_page(reader):
    for path in pages.notebooks():
        text = html.unescape(" ".join(cell.source for cell in pages.read(path).cells
                                      if cell.cell_type == "markdown"))
        word = max(re.findall(r"\b[a-z]{6,14}\b", re.sub(r"\$.*?\$|\(.*?\)", "", text)), key=len)
        reader.goto((SITE / "search.html").as_uri() + f"?q={word}")
        reader.wait_for_selector(f"#search-results a[href*='{path.stem}']")


def test_the_pages_are_no_heavier_than_they_should_be():
    size = sum(file.stat().st_size for file in SITE.rglob("*") if file.is_file()) / 1e6
    print(f"the site: {size:.0f} MB")
    assert size <= 60


# ---- the slides

TALL = 700  # of the 720 pixels of a projector


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_deck_fits_its_projector(reader, name):
    """From the site's own copy: every page is shown, none is too tall, nothing is missing."""
    reader.wrong.clear()
    show(reader, f"slides/{name}/index.html")
    reader.wait_for_function("() => window.Reveal?.isReady() && MathJax.startup.promise")
    assert reader.evaluate("Reveal.getScale()") > 0.97  # as large as the projector
    heights = []
    for number in range(reader.evaluate("Reveal.getTotalSlides()")):
        reader.wait_for_function("""() => { const page = Reveal.getCurrentSlide();
            const box = page.querySelector('.contexture-frozen');
            return (!box || box.dataset.shown) && page.textContent.trim(); }""")
        reader.wait_for_function("() => Reveal.getCurrentSlide().dataset.fitted")
        high, wide, zoom = reader.evaluate("""() => { const page = Reveal.getCurrentSlide();
            const box = page.getBoundingClientRect();
            return [box.height / Reveal.getScale(), page.scrollWidth - page.clientWidth,
                    +page.style.zoom]; }""")
        heights.append(high)
        assert high <= TALL and zoom >= 0.75 and wide <= 1, (number, high, zoom, wide)
        if reader.evaluate("!!Reveal.getCurrentSlide().querySelector('.contexture-frozen')"):
            before = reader.evaluate("Reveal.getIndices()")
            box = reader.locator("section.present .contexture-frozen").last
            assert box.evaluate(_OFF) == 0, number
            pictures, _ = moves(reader, box, box.locator("input, select").first, [])
            assert len(pictures) > 1
            assert reader.evaluate("Reveal.getIndices()") == before  # the page was not turned
            reader.evaluate("document.activeElement.blur()")
        reader.keyboard.press("Space")
    assert not reader.wrong
    print(f"{name}: {len(heights)} pages, the tallest {max(heights):.0f} of {TALL} pixels")


def test_what_is_for_the_lecturer_is_not_on_the_pages():
    for path in pages.notebooks():
        text = (SITE / f"slides/{path.stem}/index.html").read_text(encoding="utf-8")
        shown = re.sub(r'<aside class="notes">.*?</aside>', "", text, flags=re.S)
        assert "In a lecture" not in shown and not re.search(r"ex_\d\d_", shown), path.name
        assert ("contexture-frozen" in shown) == bool(pages.live_pictures(pages.read(path), path))


# ---- what the pages are made from


def cell(source, text):
    output = nbformat.v4.new_output("execute_result", {"text/plain": text, "text/html": "<img>"})
    return nbformat.v4.new_code_cell(source, outputs=[output])


def test_a_call_is_read_from_its_cell():
    call = pages.Call("import x\nteach.MixingExplorer(first=0.3)")
    assert (call.what, call.args, call.kwargs) == ("MixingExplorer", [], {"first": 0.3})
    assert call.name.startswith("MixingExplorer-")
    assert pages.Call("teach.MixingExplorer()").name == "MixingExplorer"


@pytest.mark.parametrize("source", ["explorer", "teach.MixingExplorer(first=strength)", "x = 1"])
def test_a_live_picture_that_cannot_be_read_is_refused(source):
    notebook = nbformat.v4.new_notebook(cells=[cell(source, "MixingExplorer(first=0.3): x=1")])
    with pytest.raises(SystemExit, match="cell 0: its live picture cannot be frozen"):
        pages.live_pictures(notebook, pages.ROOT / "99_x.ipynb")
