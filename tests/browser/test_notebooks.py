"""Every notebook as a reader meets it: opened, run, its sliders moved."""

import pytest
import shape

TIMEOUT = 180


@pytest.fixture(scope="module", params=shape.PATHS, ids=lambda path: path.stem)
def notebook(lab, request):
    """A notebook opened in JupyterLab and run from top to bottom."""
    lab.open(request.param.name)
    lab.run_all(TIMEOUT)
    return lab


def assert_no_error(lab):
    assert lab.error_outputs() == []
    assert lab.kernel_errors == []
    assert lab.console_errors == []


def test_it_runs(notebook):
    assert "[ ]:" not in notebook.prompts(), "a cell was not run"
    assert_no_error(notebook)


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
        explorer.wait_for_change(before, pixels)
        assert explorer.settle() < 2, "the picture went on changing after the key was let go"
        numbers, pixels = explorer.readouts(), explorer.pixels()
        for back_and_forth in (opposite(key), key):
            before = explorer.readouts(), explorer.pixels()
            explorer.press(handle, back_and_forth)
            explorer.wait_for_change(*before)
        explorer.settle()  # the words come in a message of their own, after the picture
        assert (explorer.readouts(), explorer.pixels()) == (numbers, pixels), (
            "the picture after the held key was not the one of its last numbers"
        )
    assert_no_error(notebook)


def test_it_runs_again_on_a_new_kernel(notebook):
    notebook.restart_and_run_all(TIMEOUT)
    assert "[ ]:" not in notebook.prompts(), "a cell was not run"
    assert_no_error(notebook)


def opposite(key):
    return {"ArrowRight": "ArrowLeft", "ArrowLeft": "ArrowRight"}[key]
