"""What a notebook of this course looks like, read from its file."""

import re
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
# What every notebook has: a heading, or something to run.
HEADINGS = ["smallest example", "break it", "real data", "exercises", "recap", "references"]
CALLS = ["teach.predict(", ".reveal(", "claims.check(", "Explorer()", "assert "]
EXERCISE = r"teach\.{}\(\"(ex_{}_\d+)\""
LONGEST_CELL, LONGEST_MEDIAN = 20, 4
MOST_IGNORED = 0.05


def read(path):
    return nbformat.read(path, as_version=4)


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
