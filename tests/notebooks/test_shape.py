"""Every notebook keeps the course's form."""

import re
import statistics

import generate
import pytest
import shape
from execute import normalise

pytestmark = pytest.mark.parametrize("path", shape.PATHS, ids=lambda path: path.stem)


def test_the_first_cell_asks_a_question_and_says_how_long(path):
    assert shape.read(path).cells[0].cell_type == "markdown"
    question, minutes = generate.first_cell(path)
    assert question.endswith("?"), "the title is a question"
    assert minutes


def test_the_reader_is_told_what_they_can_do_afterwards(path):
    opening = "\n".join(cell.source for cell in shape.read(path).cells[:6])
    assert re.search(r"you can|you will be able", opening, re.IGNORECASE)


def test_every_part_of_the_skeleton_is_there(path):
    notebook = shape.read(path)
    found = "\n".join(shape.headings(notebook)).lower()
    assert [part for part in shape.HEADINGS if part not in found] == []
    code = "\n".join(cell.source for cell in shape.code_cells(notebook))
    assert [call for call in shape.CALLS if call not in code] == []


def test_every_exercise_has_a_question_a_check_and_a_solution(path):
    steps = ("prompt", "check", "solution")
    found = [shape.exercises(shape.read(path), path.name[:2], step) for step in steps]
    assert found[0] == found[1] == found[2]
    assert 3 <= len(found[0]) <= 5


def test_every_cell_has_run_and_none_failed(path):
    for number, cell in enumerate(shape.code_cells(shape.read(path))):
        assert cell.execution_count == number + 1, f"code cell {number} was not run in order"
        kinds = [output.output_type for output in cell.outputs]
        assert "error" not in kinds, f"code cell {number} shows a traceback"


def test_it_is_short(path):
    assert len(shape.read(path).cells) <= shape.MOST_CELLS
    lengths = [len(shape.code_lines(cell)) for cell in shape.code_cells(shape.read(path))]
    assert max(lengths) <= shape.LONGEST_CELL
    assert statistics.median(lengths) <= shape.LONGEST_MEDIAN


def test_few_outputs_are_not_compared_and_each_says_why(path):
    cells = shape.code_cells(shape.read(path))
    skipped = [cell for cell in cells if shape.ignored(cell)]
    assert len(skipped) < shape.MOST_IGNORED * len(cells)
    for cell in skipped:
        assert re.search(r"# not compared: \w+", cell.source), cell.source


def test_nothing_is_saved_that_the_next_run_would_change(path):
    notebook = shape.read(path)
    assert normalise(shape.read(path)) == notebook, f"run: make notebooks ({path.name})"
