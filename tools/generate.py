"""Write what is generated: README's table, links, the ledger, the folded cell of every notebook.

    python tools/generate.py

Each part of a page stands between two markers, `<!-- NAME:start -->` and `<!-- NAME:end -->`; the
cell is the second of its notebook. The address of the repository comes from [project.urls] in
pyproject.toml, the questions and minutes from the first cell of each notebook, the claims from
`contexture_lite.claims`.
"""

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import quote

import nbformat

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "docs/classroom.md", ROOT / "docs/claims.md"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
BRANCH = "release"  # moves at releases only, so that a link given to a class stays what it was


def repository():
    """The address that whoever publishes the course has set."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["urls"]["repository"].rstrip("/")


def binder_link(url, path):
    """Open a notebook on Binder."""
    owner = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", url)
    source = f"gh/{owner[1]}" if owner else f"git/{quote(url, safe='')}"
    return f"https://mybinder.org/v2/{source}/{BRANCH}?urlpath={quote(f'lab/tree/{path}', safe='')}"


def colab_link(url, path):
    """Open a notebook in Colab, which reads from GitHub only."""
    owner = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", url)
    there = "https://colab.research.google.com/github"
    return f"{there}/{owner[1]}/blob/{BRANCH}/{path}" if owner else ""


def classroom_link(url, path):
    """Fetch the course into a reader's home on a hub with nbgitpuller, and open a notebook."""
    target = quote(f"lab/tree/{url.rsplit('/', 1)[1]}/{path}", safe="")
    return (
        "https://YOUR-HUB/hub/user-redirect/git-pull"
        f"?repo={quote(url, safe='')}&branch={BRANCH}&urlpath={target}"
    )


def first_cell(path):
    """The question and the minutes of a notebook, as its first cell says them."""
    source = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    question = re.match(r"# *(?:\d+ *· *)?(.+)", source)[1].strip()
    # "Alone: about 50 minutes" counts, not what of it a lecture takes
    alone = re.sub(r"In a lecture \(\d+ min\)", "", source)
    minutes = re.search(r"(\d+(?: ?[–-] ?\d+)?) min", alone)[1]
    return question, minutes


def notebooks():
    """One line a notebook."""
    lines = ["| notebook | the question | minutes |", "| --- | --- | ---: |"]
    for path in NOTEBOOKS:
        question, minutes = first_cell(path)
        lines.append(f"| [{path.stem}][{path.stem[:2]}] | {question} | {minutes} |")
    return "\n".join(lines)


def links():
    """Where the table's links lead, and Binder's."""
    lines = [f"[{path.stem[:2]}]: notebooks/{path.name}" for path in NOTEBOOKS]
    start = binder_link(repository(), f"notebooks/{NOTEBOOKS[0].name}")
    return "\n".join([*lines, f"[binder]: {start}"])


def binder():
    """Every notebook on Binder."""
    lines = (f"* [{path.stem}]({binder_link(repository(), f'notebooks/{path.name}')})"
             for path in NOTEBOOKS)
    return "\n".join(lines)


def hub():
    """The link that a lecturer hands out."""
    return f"```\n{classroom_link(repository(), f'notebooks/{NOTEBOOKS[0].name}')}\n```"


def colab():
    """Where a notebook opens in Colab."""
    return colab_link(repository(), "notebooks/NAME.ipynb") or (
        "(It opens notebooks from GitHub only.)")


def install_cell():
    """The folded cell below a title, which fetches the package where that is missing.

    `make notebooks` leaves it alone, since there the package is.
    """
    package = f"contexture-lite[course,learn,sweep,data] @ git+{repository()}@{BRANCH}"
    source = ("# @title On Colab: fetch the package\n"
              "from importlib.metadata import version\n"
              "from importlib.util import find_spec\n\n"
              'if not find_spec("contexture_lite"):\n'
              '    numpy = version("numpy")  # what is loaded was built for this one\n'
              f'    %pip install -q numpy=={{numpy}} "{package}"')
    return nbformat.v4.new_code_cell(source, id="install", metadata={
        "cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["skip-execution"]})


def with_install_cell(notebook):
    """The notebook with that cell as its second."""
    title, *rest = [cell for cell in notebook.cells if cell.id != "install"]
    notebook.cells = [title, install_cell(), *rest]
    return notebook


def claims():
    """The ledger of statements, checked anew, by notebook."""
    from contexture_lite import claims

    head, rule, *lines = claims.ledger_table().splitlines()
    parts = []
    for path in NOTEBOOKS:
        own = [line for line in lines if line.split(" | ")[-3] == path.stem[:2]]  # taught in
        if own:
            parts += [f"## {path.stem[:2]} · {first_cell(path)[0]}", "", head, rule, *own, ""]
    return "\n".join(parts).rstrip()


def render(text):
    """A page's text with every generated part renewed."""
    def renewed(match):
        return f"{match[1]}\n{globals()[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- (\w+):start -->).*?(<!-- \2:end -->)", renewed, text, flags=re.DOTALL)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(render(page.read_text(encoding="utf-8")), encoding="utf-8")
    for path in NOTEBOOKS:
        nbformat.write(with_install_cell(nbformat.read(path, as_version=4)), path)
