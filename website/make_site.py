"""The course as a folder of pages: notebooks that move without a kernel, the package, the claims.

    python website/slides.py build/slides --npm build/npm/node_modules
    python website/make_site.py build/site --npm build/npm/node_modules

Sphinx makes the pages from executed notebooks. Nothing is fetched, now or by a reader.
"""

from __future__ import annotations

import argparse
import html
import inspect
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

import generate
import pages

# What a reader may import; modules that `contexture_lite` itself lists are told there.
DOORS = ("contexture_lite", "contexture_lite.gallery", "contexture_lite.datasets",
         "contexture_lite.claims", "contexture_lite.learn", "contexture_lite.teach")


def run_links(path):
    """Where a notebook runs, as HTML, and the same as a line under its title."""
    binder = html.escape(generate.binder_link(generate.repository(), f"notebooks/{path.name}"))
    run = f'<a href="{binder}">run the notebook on Binder</a>'
    others, colab = "", generate.colab_link(generate.repository(), f"notebooks/{path.name}")
    if colab:
        others += f'<a href="{html.escape(colab)}">Open in Colab</a> · '
    if (HERE.parent / f"build/lite/files/{path.name}").exists():
        others += (f'<a href="../../lite/lab/index.html?path={path.name}">JupyterLite</a> '
                   '(<a href="../docs/classroom.html#jupyterlite-untested">untested</a>) · ')
    slides = f"../slides/{path.stem}/index.html"
    line = (f'<p class="contexture-run"><a href="{binder}">Run on Binder</a> · {others}'
            f'<a href="../_static/notebooks/{path.name}" download>Download the notebook</a> · '
            f'<a href="{slides}">Slides</a></p>')
    return run, line


def lay_out_notebooks(source, frozen):
    """Every notebook as a source of Sphinx, and its states in ``frozen``."""
    all_of_them = {path: pages.read(path) for path in pages.notebooks()}
    pages.freeze([call for path, notebook in all_of_them.items()
                  for _, call in pages.live_pictures(notebook, path)], frozen)
    for path, notebook in all_of_them.items():
        run, line = run_links(path)
        pages.without_a_kernel(notebook, path, run)
        title, _, rest = notebook.cells[0].source.partition("\n")
        notebook.cells[0].source = f"{title}\n\n{line}\n{rest}"
        pages.write(notebook, source / "notebooks" / path.name)


def lay_out_package(source):
    """A page for each door of the package, and one for each module that it lists."""
    names, doors = [], list(DOORS)
    for door in doors:
        module = import_module(door)
        lines = [f"{door}\n{'=' * len(door)}\n", f".. automodule:: {door}\n   :no-members:\n"]
        for name in getattr(module, "__all__", _own_names(module)):
            thing = getattr(module, name)
            if inspect.ismodule(thing):
                if thing.__name__ not in doors:
                    doors.append(thing.__name__)
            elif inspect.isclass(thing):
                lines.append(f".. autoclass:: {door}.{name}\n   :members:\n")
            elif callable(thing):
                lines.append(f".. autofunction:: {door}.{name}\n")
        (source / "package").mkdir(exist_ok=True)
        (source / "package" / f"{door}.rst").write_text("\n".join(lines), encoding="utf-8")
        names.append(f"package/{door}")
    return names


def _own_names(module):
    return [name for name, thing in vars(module).items() if not name.startswith("_")
            and getattr(thing, "__module__", None) == module.__name__]


def lay_out_rest(source, package):
    """The first page, the ledger of claims and the other pages of docs/."""
    (source / "docs").mkdir()
    for name in ("claims", "classroom", "architecture", "adding_a_notebook"):
        shutil.copy(pages.ROOT / "docs" / f"{name}.md", source / "docs")
    trees = {"The notebooks": [f"notebooks/{path.stem}" for path in pages.notebooks()],
             "To look up": ["docs/claims", "docs/classroom", "docs/architecture",
                            "docs/adding_a_notebook"],
             "The package": package}
    table = ["| | the question | minutes |", "| --- | --- | ---: |"]
    for path in pages.notebooks():
        question, minutes = generate.first_cell(path)
        table.append(f"| {path.stem[:2]} | [{question}](notebooks/{path.name}) | {minutes} |")
    parts = [(HERE / "index.md").read_text(encoding="utf-8"), "\n".join(table), ""]
    for caption, names in trees.items():
        parts += [f"```{{toctree}}\n:hidden:\n:caption: {caption}\n", *names, "```\n"]
    (source / "index.md").write_text("\n".join(parts), encoding="utf-8")


def lay_out_static(source, npm, frozen):
    """Player, states, styles and MathJax with the paths of its letters."""
    static = source / "static"
    shutil.copytree(frozen, static / "frozen", ignore=pages.ONLY_STATES)
    shutil.copy(HERE / "site.css", static)
    for path in pages.notebooks():  # to be run, so without what running it shows
        notebook = pages.read(path)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        pages.write(notebook, static / "notebooks" / path.name)
    pages.mathjax(static / "mathjax", npm)


def lay_out_slides(out):
    """The decks, with what they share taken from the pages' own."""
    decks, static = out.parent / "slides", out / "_static"
    shutil.copytree(decks / "shared/reveal", static / "reveal")
    for name in ("deck.css", "notebook.css"):
        shutil.copy(decks / "shared" / name, static)
    for deck in decks.glob("*/index.html"):
        (out / "slides" / deck.parent.name).mkdir(parents=True)
        text = deck.read_text(encoding="utf-8").replace("../shared/", "../../_static/")
        (out / "slides" / deck.parent.name / "index.html").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--npm", type=Path, required=True, help="the folder node_modules")
    given = parser.parse_args()
    source, frozen = given.out.parent / "site-source", given.out.parent / "frozen"
    for old in (source, given.out):
        shutil.rmtree(old, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(HERE / "conf.py", source)
    lay_out_notebooks(source, frozen)
    lay_out_rest(source, lay_out_package(source))
    lay_out_static(source, given.npm, frozen)
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-j", "2", "-b", "html", source,
                    given.out], check=True)
    shutil.rmtree(given.out / ".doctrees", ignore_errors=True)
    for unread in given.out.rglob("*.map"):
        unread.unlink()
    lay_out_slides(given.out)
    size = sum(file.stat().st_size for file in given.out.rglob("*") if file.is_file())
    print(f"{given.out}/index.html: {len(pages.notebooks())} notebooks, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
