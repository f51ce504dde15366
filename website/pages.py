"""Saved notebooks as pages that no kernel stands behind: live pictures move, the rest says so."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PICTURE = re.compile(r"\w+(?:Explorer|Race)\(")  # how the saved words of a live picture begin
ONLY_STATES = shutil.ignore_patterns("*.html", "package")  # of a folder of frozen ones
# letters that no formula of the course has; the browser test finds one that is missed
UNUSED = ("cyrillic*", "braille*", "hebrew*", "cherokee*", "phonetics*", "devanagari*", "arabic*",
          "greek*", "latin*", "monospace*", "sans-serif*", "PUA*")
UNANSWERED = re.compile(r"^(ex_\w+): not attempted yet", re.M)


def notebooks():
    """The paths of all notebooks there are."""
    return sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def read(path):
    """A notebook, as nbformat reads it."""
    return nbformat.read(path, as_version=4)


class Call:
    """A cell's live picture: ``teach.NAME(arguments)``, with arguments written out."""

    def __init__(self, source):
        last = ast.parse(source).body[-1].value
        if not isinstance(last, ast.Call) or not isinstance(last.func, ast.Attribute):
            raise ValueError("its last line must be teach.NAME(…)")
        self.what = last.func.attr
        self.args = [ast.literal_eval(one) for one in last.args]
        self.kwargs = {one.arg: ast.literal_eval(one.value) for one in last.keywords}
        own = hashlib.sha256(ast.unparse(last).encode()).hexdigest()[:6]
        self.name = f"{self.what}-{own}" if self.args or self.kwargs else self.what

    def freeze(self, folder):
        """Draw all its states into a folder."""
        from contexture_lite import teach

        getattr(teach, self.what)(*self.args, **self.kwargs).freeze(folder, self.name)
        return self.name


def live_pictures(notebook, path):
    """[(output, its `Call`)] of a notebook's live pictures."""
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if PICTURE.match(output.get("data", {}).get("text/plain", "")):
                try:
                    found.append((output, Call(cell.source)))
                except (ValueError, AttributeError) as error:
                    raise SystemExit(f"{path.name}, cell {number}: its live picture cannot be "
                                     f"frozen; {error}") from error
    return found


def package():
    """A fingerprint of the package: the same as long as it draws the same."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "contexture_lite").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def freeze(calls, folder):
    """Freeze all that are not there yet, two at a time; what another package drew is dropped."""
    stamp, now = folder / "package", package()
    if not stamp.exists() or stamp.read_text() != now:
        for old in folder.glob("*.js"):
            old.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(now)
    wanted = {call.name: call for call in calls if not (folder / f"{call.name}.js").exists()}
    with ProcessPoolExecutor(2) as pool:
        for name in pool.map(Call.freeze, wanted.values(), [folder] * len(wanted)):
            print(f"frozen: {name}", flush=True)


def without_a_kernel(notebook, path, run):
    """The notebook with its live pictures frozen; ``run`` is HTML that says where it runs."""
    notebook.cells = [cell for cell in notebook.cells if cell.id != "install"]
    for output, call in live_pictures(notebook, path):
        saved = output.data.get("text/html", "")
        output.data = nbformat.from_dict({
            "text/html": f'<div class="contexture-frozen" data-name="{call.name}">{saved}</div>',
            "text/plain": output.data["text/plain"]})
    for cell in notebook.cells:
        if cell.source.startswith(("teach.prompt(", "teach.solution(")):
            cell.metadata.tags = [*cell.metadata.get("tags", []), "remove-input"]
        for output in cell.get("outputs", []):
            text = output.get("text", "")
            if output.output_type == "stream" and (found := UNANSWERED.search(text)):
                output.update(nbformat.v4.new_output("display_data", {
                    "text/html": f"<p><i>{found[1]}: {run} to answer; it is checked there.</i></p>",
                    "text/plain": text}))
                output.pop("text")
                output.pop("name")
            output.get("data", {}).pop("image/png", None)  # text/html has the same picture
    return notebook


def write(notebook, path):
    """Save a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def mathjax(folder, npm):
    """What a formula needs of MathJax: its program, its macros and its letters as paths."""
    (folder / "a11y").mkdir(parents=True)
    for file in ("tex-svg.js", "a11y/assistive-mml.js"):
        shutil.copy(npm / "mathjax" / file, folder / file)
    shutil.copytree(npm / "mathjax/input/tex", folder / "input/tex")
    shutil.copytree(npm / "@mathjax/mathjax-newcm-font/svg", folder / "newcm/svg",
                    ignore=shutil.ignore_patterns(*UNUSED))
