"""What a notebook of this course looks like, read from its file."""

import ast
import re
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
# What every notebook has: a heading, or something to run.
HEADINGS = ["smallest example", "break it", "real data", "exercises", "recap", "references"]
CALLS = ["teach.predict(", ".reveal(", "claims.check(", "Explorer(", "assert "]
EXERCISE = r"teach\.{}\(\"(ex_{}_\d+)\""
MOST_CELLS, LONGEST_CELL, LONGEST_MEDIAN = 70, 12, 4
MOST_CARDS = 4
MOST_IGNORED = 0.05
ROUTE = r"In a lecture \(\d+ min\): .+Alone: about \d+ minutes.+◇"
FOLDED = ["Exercises", "◇ What else the package checks"]


def read(path):
    return lesson(nbformat.read(path, as_version=4))


def lesson(notebook):
    """The notebook without the folded cell that fetches the package, which is the same in all."""
    notebook.cells = [cell for cell in notebook.cells if cell.id != "install"]
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def code_lines(cell):
    """The lines of a cell that do something."""
    lines = (line.strip() for line in cell.source.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def headings(notebook):
    """Every heading below the title, in order."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^#{2,} *(.+)$", text, flags=re.MULTILINE)


def tagged(notebook, tag):
    """(number, cell) of the code cells that carry a tag."""
    return [(i, cell) for i, cell in enumerate(code_cells(notebook))
            if tag in cell.metadata.get("tags", [])]


def has_picture(cell):
    """Whether a cell shows a picture, as it is saved."""
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    return any("image/png" in data or "<img" in data.get("text/html", "") for data in shown)


def literals_revealed(notebook):
    """What the calls of `reveal` are given as it stands: an answer that was there to read."""
    code = "\n".join(cell.source for cell in code_cells(notebook))
    given = [node.args for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)
             and isinstance(node.func, ast.Attribute) and node.func.attr == "reveal"]
    parts = [part for args in given for arg in args for part in _answers(arg)]
    return [part.value for part in parts if isinstance(part, ast.Constant)]


def _answers(node):
    """The expressions that are given: what stands in a list, one by one."""
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in _answers(element)]
    return [node]


def exercises(notebook, number, step):
    """Identifiers of the exercises that have a given step: prompt, check or solution."""
    code = "\n".join(cell.source for cell in code_cells(notebook))
    return re.findall(EXERCISE.format(step, number), code)


def ignored(cell):
    """Whether nbval is told not to compare the cell's output."""
    words = ("nbval-ignore-output", "nbval-skip")
    comments = ("NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "PYTEST_VALIDATE_IGNORE_OUTPUT")
    tagged = set(cell.metadata.get("tags", [])) & set(words)
    return bool(tagged) or any(word in cell.source for word in comments)


def said(cell):
    """What a code cell prints and returns, in words and numbers, without addresses."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "")
             for output in cell.outputs]
    return re.sub("0x[0-9a-f]{6,}", "ADDRESS", "\n".join("".join(text) for text in texts))
