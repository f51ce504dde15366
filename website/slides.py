"""A deck for 45 minutes from every notebook, which is itself left alone.

    python website/slides.py build/slides --npm build/npm/node_modules

Headings begin slides, and what no longer fits goes on below. The imports, the exercises, the
references and every section marked ◇ stay out. "In a lecture, ask first: …" becomes a speaker
note, a prediction is answered on the next page, and a live picture has a page to itself. Where
the rules go wrong, a cell's tag decides: ``deck-new`` begins a page, ``deck-skip`` leaves it out.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

import nbformat
import pages
from nbconvert.exporters import SlidesExporter
from traitlets.config import Config

ROOM = 590  # pixels of a page's 720 for its cells, by the estimates below
LETTERS = 92  # to a line
OUT = ("exercises", "references", "everything at once", "◇")
ASK = re.compile(r"\*In a lecture, ask[^*\n]*:\*(?:.+\n?)+")
ROUTE = re.compile(r"^\*In a lecture \(.+\n?", re.M)
SILENT = re.compile(r"teach\.(\w+(?:Explorer|Race)|predict|prompt)\(|\.reveal\(|claims\.card\(")

STYLE = re.compile(r"<style[^>]*>([^<]{9000,})</style>")
LINK = '<link rel="stylesheet" href="../shared/notebook.css">'


def deck(notebook):
    """The notebook's cells with the slide types of nbconvert, and speaker notes."""
    cells, used, out, alone = [], 0, False, False
    for cell in _cut_at_headings(notebook.cells):
        tags = cell.metadata.get("tags", [])
        heading = cell.cell_type == "markdown" and re.match(r"(#+) (.*)", cell.source)
        if heading:
            out = heading[2].lower().startswith(OUT)
        if out or "deck-skip" in tags or _only_imports(cell):
            cells.append(_typed(cell, "skip"))
            continue
        for part in _parts(cell):
            part, notes = _without_notes(part)
            begins = re.match(r"#{1,2} ", part.source) and part.cell_type == "markdown"
            high, picture = height(part), _has_picture(part)
            new = alone or picture or used + high > ROOM or "deck-new" in tags
            kind = "slide" if begins or not cells else "subslide" if new else "-"
            if part.source or part.cell_type == "code":
                cells.append(_typed(part, kind))
                used = high + (used if kind == "-" else 0)
                alone = picture or "teach.predict(" in part.source
            cells += notes
    notebook.cells = cells
    return notebook


def _cut_at_headings(cells):
    """The cells, a text cut where a heading stands in it."""
    for cell in cells:
        if cell.cell_type == "markdown":
            for text in re.split(r"\n+(?=#{1,3} )", cell.source):
                yield nbformat.v4.new_markdown_cell(text, metadata=dict(cell.metadata))
        else:
            yield cell


def _parts(cell):
    """A long text in parts that a page can hold, cut between paragraphs; else the cell."""
    if cell.cell_type != "markdown" or height(cell) <= ROOM:
        return [cell]
    parts = [""]
    for paragraph in re.split(r"\n\n(?! )", cell.source):
        longer = f"{parts[-1]}\n\n{paragraph}".strip()
        if parts[-1] and height(nbformat.v4.new_markdown_cell(longer)) > ROOM:
            parts.append(paragraph)
        else:
            parts[-1] = longer
    return [nbformat.v4.new_markdown_cell(part) for part in parts]


def _without_notes(cell):
    """(the cell without what is said to the lecturer, that as speaker notes)."""
    if cell.cell_type != "markdown":
        return cell, []
    said = [found[0].strip() for rule in (ASK, ROUTE) for found in rule.finditer(cell.source)]
    cell.source = ROUTE.sub("", ASK.sub("", cell.source)).strip()
    return cell, [_typed(nbformat.v4.new_markdown_cell(text), "notes") for text in said]


def _typed(cell, kind):
    cell.metadata["slideshow"] = {"slide_type": kind}
    if cell.cell_type == "code" and SILENT.search(cell.source):
        cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "remove-input"})
    return cell


def _only_imports(cell):
    lines = [line for line in cell.source.splitlines() if line and not line.startswith("#")]
    return cell.cell_type == "code" and not cell.outputs and all(
        re.match(r"import |from |torch\.set_", line) for line in lines)


def _has_picture(cell):
    return any("contexture-frozen" in output.get("data", {}).get("text/html", "")
               for output in cell.get("outputs", []))


def height(cell):
    """About how many pixels a cell takes on a page."""
    if cell.cell_type == "markdown":
        return sum(map(_paragraph, re.split(r"\n\n", cell.source)))
    shown = 0 if SILENT.search(cell.source) else 16 + 25 * (cell.source.count("\n") + 1)
    return shown + sum(map(_output, cell.outputs))


def _paragraph(text):
    if text.startswith("#"):
        return 56
    if text.startswith("$$"):
        return 60 + 30 * text.count(r"\\")
    if text.startswith("|"):
        return 33 * (text.count("\n") + 1)
    return 12 + 33 * sum(-(-len(re.sub(r"\(\S+\)", "", line)) // LETTERS)
                         for line in text.split("\n"))


def _output(output):
    data = output.get("data", {})
    text = data.get("text/html", "")
    if "data:image" in text:
        return 370 if text.count("<img") > 1 else 440
    if "<tr" in text:
        return 20 + 31 * text.count("<tr")
    if text:
        words = re.sub(r"<(?:div|p|br|summary|li)\b[^>]*>", "\n", text.partition("</summary>")[0])
        return 20 + 36 * len(re.findall(r"\n\s*[^\s<]", words))
    if "text/markdown" in data:
        return 60 + 40 * data["text/markdown"].count("\n\n")
    words = data.get("text/markdown", data.get("text/plain", output.get("text", "")))
    return 12 + 30 * sum(-(-len(line) // LETTERS) for line in words.split("\n"))


def linked(notebook):
    """Links to other notebooks lead to their decks."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb(#[^)]*)?\)", r"](../\1/index.html)",
                                 cell.source)
    return notebook


def exporter():
    """The slides of nbconvert with the template ``deck``."""
    config = Config()
    config.TagRemovePreprocessor.remove_input_tags = {"remove-input"}
    config.TagRemovePreprocessor.enabled = True
    return SlidesExporter(config=config, template_name="deck",
                          extra_template_basedirs=[str(HERE)], reveal_theme="white",
                          exclude_input_prompt=True, exclude_output_prompt=True,
                          reveal_url_prefix="../shared/reveal")


def lay_out(out, path):
    """Write a notebook's deck; returns its style, the same 300 kB for every deck."""
    made = deck(linked(pages.without_a_kernel(pages.read(path), path, "run the notebook")))
    text, _ = exporter().from_notebook_node(made, {"metadata": {"name": path.stem}})
    (out / path.stem).mkdir(parents=True)
    (out / path.stem / "index.html").write_text(
        STYLE.sub("", text).replace("</title>", f"</title>{LINK}", 1), encoding="utf-8")
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in made.cells]
    print(f"{path.stem}: {kinds.count('slide') + kinds.count('subslide')} pages", flush=True)
    return "\n".join(STYLE.findall(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--npm", type=Path, required=True, help="the folder node_modules")
    given = parser.parse_args()
    shutil.rmtree(given.out, ignore_errors=True)
    frozen = given.out.parent / "frozen"
    pages.freeze([call for path in pages.notebooks()
                  for _, call in pages.live_pictures(pages.read(path), path)], frozen)
    with ProcessPoolExecutor(2) as pool:
        look, *_ = pool.map(partial(lay_out, given.out), pages.notebooks())
    shared = given.out / "shared"
    shared.mkdir()
    (shared / "notebook.css").write_text(look, encoding="utf-8")
    shutil.copytree(frozen, shared / "frozen", ignore=pages.ONLY_STATES)
    shutil.copy(HERE / "deck/deck.css", shared)
    pages.mathjax(shared / "mathjax", given.npm)
    for part in ("dist", "plugin/notes"):
        shutil.copytree(given.npm / "reveal.js" / part, shared / "reveal" / part,
                        ignore=shutil.ignore_patterns("*.map", "*.esm.js", "*.ttf", "*.eot",
                                                      "league-gothic"))


if __name__ == "__main__":
    main()
