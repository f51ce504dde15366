"""What every notebook keeps for a room, a phone and a reader alone."""

import re
from itertools import pairwise

import nbformat.v4 as v4
import pytest
import shape

each = pytest.mark.parametrize("path", shape.PATHS, ids=lambda path: path.stem)


@each
def test_the_first_cell_gives_a_route_for_a_lecture_and_the_minutes_alone(path):
    assert re.search(shape.ROUTE, shape.read(path).cells[0].source)


@each
def test_the_first_picture_is_on_the_first_screen(path):
    notebook = shape.read(path)
    [first, *_] = [i for i, cell in enumerate(notebook.cells)
                   if cell.cell_type == "code" and shape.has_picture(cell)]
    before = notebook.cells[:first]
    assert sum(cell.cell_type == "code" for cell in before) < 3
    text = "\n".join(cell.source for cell in before if cell.cell_type == "markdown")
    assert len(re.findall(r"^#+ ", text, flags=re.MULTILINE)) < 3


@each
def test_the_mechanism_stands_on_the_page_and_the_package_agrees(path):
    notebook = shape.read(path)
    cells, mechanisms = shape.code_cells(notebook), shape.tagged(notebook, "mechanism")
    assert mechanisms, "tag the cell that does it by hand: mechanism"
    for i, cell in mechanisms:
        assert re.search(r"\b(np|torch)\.", cell.source)
        compared = "\n".join(c.source for c in cells[i:i + 2])
        assert re.search(r"^ *assert ", compared, flags=re.MULTILINE), "hold it to the package"


@each
def test_few_claims_stand_open_and_what_else_is_checked_is_folded(path):
    notebook = shape.read(path)
    code = "\n".join(cell.source for cell in shape.code_cells(notebook))
    assert code.count("claims.card(") <= shape.MOST_CARDS
    headings = [cell for cell in notebook.cells if cell.cell_type == "markdown"
                and cell.source.startswith(tuple(f"## {title}" for title in shape.FOLDED))]
    assert len(headings) == 1 + ("claims.survey(" in code)
    assert all(cell.metadata.get("jp-MarkdownHeadingCollapsed") for cell in headings)


@each
def test_no_prediction_has_its_answer_in_the_code(path):
    assert shape.literals_revealed(shape.read(path)) == []


@each
def test_a_link_leads_to_a_notebook_that_is_there(path):
    text = "\n".join(cell.source for cell in shape.read(path).cells if cell.cell_type == "markdown")
    linked = re.findall(r"\]\(([^):]+\.ipynb)", text)
    assert [name for name in linked if not (path.parent / name).exists()] == []


def test_every_notebook_ends_with_a_way_on():
    for path, following in pairwise(shape.PATHS):
        text = "\n".join(cell.source for cell in shape.read(path).cells)
        assert re.search(rf"^\*\*Next:\*\* .*\({following.name}\)", text, re.MULTILINE), path.name


def test_the_map_of_the_course_has_every_notebook():
    start, *others = shape.PATHS
    text = "\n".join(cell.source for cell in shape.read(start).cells)
    assert [path.name for path in others if f"({path.name})**" not in text] == []


@pytest.mark.parametrize(("source", "found"), [
    ("guess.reveal('more')", ["more"]), ("guess.reveal(4)", [4]),
    ("guess.reveal(['a', name])", ["a"]), ("guess.reveal(x.chi2())", []),
    ("guess.reveal('more' if x > 2 else 'less')", []),
])
def test_an_answer_in_the_code_is_found(source, found):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    assert shape.literals_revealed(notebook) == found
