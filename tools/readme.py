"""Write the generated parts of README.md: the table of notebooks, the links, the ledger of claims.

    python tools/readme.py

Each part stands between two markers, `<!-- NAME:start -->` and `<!-- NAME:end -->`. The address of
the repository comes from [project.urls] in pyproject.toml, the questions and minutes from the
first cell of each notebook, the claims from `contexture_lite.claims`.
"""

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
FIRST = "notebooks/00_start_here.ipynb"


def repository():
    """The address that whoever publishes the course has set."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["urls"]["repository"].rstrip("/")


def binder_link(url, path):
    """Open a notebook on Binder."""
    owner = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", url)
    source = f"gh/{owner[1]}" if owner else f"git/{quote(url, safe='')}"
    return f"https://mybinder.org/v2/{source}/HEAD?urlpath={quote(f'lab/tree/{path}', safe='')}"


def classroom_link(url, path):
    """Fetch the course into a reader's home on a hub with nbgitpuller, and open a notebook."""
    target = quote(f"lab/tree/{url.rsplit('/', 1)[1]}/{path}", safe="")
    return (
        "https://YOUR-HUB/hub/user-redirect/git-pull"
        f"?repo={quote(url, safe='')}&branch=main&urlpath={target}"
    )


def first_cell(path):
    """The question and the minutes of a notebook, as its first cell says them."""
    source = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    question = re.match(r"# *(?:\d+ *· *)?(.+)", source)[1].strip()
    minutes = re.search(r"(\d+(?: ?[–-] ?\d+)?) min", source)[1]
    return question, minutes


def notebooks():
    """One line per notebook."""
    lines = ["| notebook | the question | minutes | run it |", "| --- | --- | --- | --- |"]
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        question, minutes = first_cell(path)
        place = f"notebooks/{path.name}"
        link = binder_link(repository(), place)
        lines.append(f"| [{path.stem}]({place}) | {question} | {minutes} | [Binder]({link}) |")
    return "\n".join(lines)


def classroom():
    """The link that a lecturer hands out."""
    return f"```\n{classroom_link(repository(), FIRST)}\n```"


def claims():
    """The ledger of statements, checked anew."""
    from contexture_lite import claims

    return claims.ledger_table()


def render(text):
    """README's text with every generated part renewed."""
    for part in (notebooks, classroom, claims):
        start, end = (f"<!-- {part.__name__}:{where} -->" for where in ("start", "end"))
        head, _, rest = text.partition(start)
        tail = rest.partition(end)[2]
        text = f"{head}{start}\n{part()}\n{end}{tail}"
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(render(readme.read_text(encoding="utf-8")), encoding="utf-8")
