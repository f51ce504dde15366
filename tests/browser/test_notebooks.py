"""Every notebook as a reader meets it: opened, run, its sliders moved."""

import nbformat
import nbformat.v4 as v4
import processor
import pytest
import shape

# Run twice before anything is moved: a new kernel knows nothing of the pictures on the page. One
# plain notebook, and one whose pictures train in the background.
RESTARTED = ("01_expectation_operators", "04_objectives_that_learn_it")
# The picture in the making when the key is let go, and the one of the last value; on busy cores
# also two that were sent and not yet shown. A backlog is most of the thirty that were asked for.
IN_FLIGHT = 4


@pytest.fixture(scope="module", params=shape.PATHS, ids=lambda path: path.stem)
def notebook(lab, request):
    """A notebook opened in JupyterLab and run from top to bottom."""
    lab.open(request.param.name)
    lab.saved = shape.read(request.param)
    lab.run_all()
    if request.param.stem in RESTARTED:
        lab.restart_and_run_all()
    yield lab
    lab.close()


def assert_no_error(lab):
    assert lab.error_outputs() == []
    assert lab.kernel_errors == []
    assert lab.console_errors == []


def test_it_runs(notebook):
    assert "[ ]:" not in notebook.prompts(), "a cell was not run"
    assert_no_error(notebook)


def test_it_says_on_another_processor_what_was_saved(notebook):
    """Before anything is moved; nbval has compared the same on this processor."""
    for saved, run in zip(notebook.saved.cells, shape.lesson(notebook.notebook()).cells):
        assert run.source == saved.source
        if saved.cell_type == "code" and not shape.ignored(saved):
            assert shape.said(run) == shape.said(saved)


def test_its_kernels_do_compute_as_on_another_processor(lab):
    metadata = shape.read(shape.PATHS[0]).metadata  # with no kernel named, JupyterLab may ask
    notebook = v4.new_notebook(cells=[v4.new_code_cell(processor.LOOK)], metadata=metadata)
    nbformat.write(notebook, lab.folder / "look.ipynb")
    lab.open("look.ipynb")
    lab.run_all()
    assert shape.said(lab.notebook().cells[0]) == processor.seen(processor.ANOTHER)


def test_every_slider_moves_its_picture(notebook):
    explorers = notebook.explorers()
    assert explorers, "a notebook has at least one explorer"
    for explorer in explorers:
        assert explorer.sliders(), "an explorer has at least one slider"
        for handle in explorer.sliders():
            before, pixels = explorer.readouts(), explorer.pixels()
            explorer.press(handle, explorer.free_direction(handle))
            explorer.wait_for_change(before, pixels)
    assert_no_error(notebook)


def test_every_menu_changes_its_picture(notebook):
    for explorer in notebook.explorers():
        for menu in explorer.dropdowns():
            pixels = explorer.pixels()
            explorer.choose_another(menu)
            explorer.wait_for_picture(pixels)
    assert_no_error(notebook)


def test_a_held_key_leaves_no_backlog(notebook):
    for explorer in notebook.explorers():
        handle = explorer.sliders()[0]
        key = explorer.free_direction(handle)
        before, pixels = explorer.readouts(), explorer.pixels()
        explorer.hold(handle, key)
        late = explorer.settle()
        if not explorer.trains():
            assert late <= IN_FLIGHT, f"{late} pictures came after the key was let go"
        explorer.wait_for_change(before, pixels)
        explorer.settle()
        numbers, pixels = explorer.readouts(), explorer.pixels()
        for back_and_forth in (opposite(key), key):
            before = explorer.readouts(), explorer.pixels()
            explorer.press(handle, back_and_forth)
            explorer.wait_for_change(*before)
            explorer.settle()
        assert (explorer.readouts(), explorer.pixels()) == (numbers, pixels), (
            "the picture after the held key was not the one of its last numbers"
        )
    assert_no_error(notebook)


def opposite(key):
    return {"ArrowRight": "ArrowLeft", "ArrowLeft": "ArrowRight"}[key]
