"""What a student does most: guess, see the answer, try an exercise, unfold its solution."""

import pytest


@pytest.fixture(scope="module")
def opened(lab):
    lab.open("00_start_here.ipynb")
    lab.run_all()
    lab.page.evaluate("window.jupyterapp.commands.execute('notebook:expand-all-headings')")
    return lab


def cell_with(lab, text):
    return lab.page.locator(".jp-Notebook .jp-CodeCell", has_text=text).first


def run(lab, cell):
    cell.locator(".cm-content").click()
    lab.page.keyboard.press("Shift+Enter")
    lab.wait_idle()


def output(cell):
    return " ".join(cell.locator(".jp-OutputArea-output").all_inner_texts())


def answer(lab, cell, line):
    """Replace the first line of a cell, and run it."""
    cell.locator(".cm-content").click()
    for key in ("Control+Home", "Shift+End"):
        lab.page.keyboard.press(key)
    lab.page.keyboard.type(line)
    run(lab, cell)


def test_a_guess_by_keyboard_is_scored(opened):
    prediction = opened.page.locator(".contexture-prediction").first
    prediction.locator("[role=slider]").first.focus()
    for _ in range(20):
        opened.page.keyboard.press("ArrowRight")
    prediction.get_by_text("Your guess: 0.7").wait_for()
    reveal = cell_with(opened, "guess.reveal")
    run(opened, reveal)
    reveal.get_by_text("you said 0.7, the answer is 1").wait_for()


def test_an_exercise_hints_and_then_says_right(opened):
    exercise = cell_with(opened, 'teach.check("ex_00_1"')
    assert "not attempted" in output(exercise)
    answer(opened, exercise, "answer = 200")
    exercise.get_by_text("not yet").wait_for()
    answer(opened, exercise, "answer = 300")
    exercise.get_by_text("✓ right").wait_for()


def test_a_solution_unfolds(opened):
    solution = cell_with(opened, 'teach.solution("ex_00_1"')
    code = solution.locator("pre", has_text="answer = 300")
    assert not code.is_visible()
    solution.locator("summary").click()
    code.wait_for(state="visible")
    assert opened.error_outputs() == opened.kernel_errors == opened.console_errors == []
