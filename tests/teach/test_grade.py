"""Grading a class: what was answered, and what harms nobody."""

import csv
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from contexture_lite.teach import grade
from contexture_lite.teach.widgets import exercises
from contexture_lite.teach.widgets.exercises import exercise

IDS = [task.identifier for task in exercises.of_lesson("01")]


def notebook(answers, path, before=()):
    """A notebook with some cells and an answer for each exercise; None leaves its cell out."""
    cells = ["import numpy as np\nimport contexture_lite as cl\nfrom contexture_lite import teach",
             "%matplotlib inline\nuseful = 2", *before]
    cells += [f'{answer}\nteach.check("{name}", answer)' for name, answer in answers.items()
              if answer is not None]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]), path)


def statuses(rows, student):
    return {row["exercise"]: row["status"] for row in rows if row["student"] == student}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of three: one who answered, one who does harm, one whose file is none."""
    folder = tmp_path_factory.mktemp("class")
    right = exercise(IDS[0]).solution
    notebook({IDS[0]: right, IDS[1]: "answer = lambda *joint: np.zeros(useful)",
              IDS[2]: "answer = ...", IDS[3]: None}, folder / "ada.ipynb")
    victim = folder / "ada.ipynb"
    harm = {
        IDS[0]: "answer = lambda joint: 0\nwhile True: pass",
        IDS[1]: f"import shutil, os\nos.remove({str(victim)!r})\nanswer = 1",
        IDS[2]: "answer = bytearray(1 << 40)",
        IDS[3]: "import os\nos._exit(3)",
    }
    notebook(harm, folder / "bob" / "01.ipynb", before=["import subprocess", right])
    (folder / "carl.ipynb").write_text("no notebook")
    rows = grade.marks(folder, seconds=4, memory=4096)
    assert victim.exists()
    return rows


def test_the_verdicts_are_taken_cell_by_cell(graded):
    assert statuses(graded, "ada") == dict(zip(IDS, ["right", "wrong", "untouched", "missing"]))
    message = next(row["message"] for row in graded if row["status"] == "right")
    assert message and "✓" not in message


def test_what_does_harm_is_stopped_and_said(graded):
    rows = {row["exercise"]: row for row in graded if row["student"] == "bob"}
    assert [rows[name]["status"] for name in IDS] == ["stopped", "error", "error", "stopped"]
    assert "longer than it may" in rows[IDS[0]]["message"]
    assert "PermissionError: os.remove outside the notebook's folder" in rows[IDS[1]]["message"]
    assert "MemoryError" in rows[IDS[2]]["message"]
    assert "ended by itself (3)" in rows[IDS[3]]["message"]


def test_a_file_that_is_no_notebook_has_a_line(graded):
    (row,) = [row for row in graded if row["student"] == "carl"]
    assert row["status"] == "error" and "no notebook" in row["message"]


def test_what_an_earlier_cell_made_is_there_and_a_seed_gives_other_tables(tmp_path):
    remembers = exercise(IDS[0]).solution + "\nseen.append(1)"
    notebook({IDS[0]: remembers, IDS[1]: "answer = lambda *_: open('/tmp/graded', 'w')"},
             tmp_path / "dora.ipynb", before=["seen = []"])
    command = [sys.executable, "-m", "contexture_lite.teach.grade", str(tmp_path), "--seed", "7"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(made.stdout.splitlines()))
    assert statuses(rows, "dora")[IDS[0]] == "right"
    assert [*rows[0]] == [*grade.FIELDS]
    assert "PermissionError" in rows[1]["message"] and not Path("/tmp/graded").exists()


def test_the_seed_changes_the_tables(monkeypatch):
    before = next(exercises.random_joints())
    monkeypatch.setattr(exercises, "SEED", 7)
    assert (next(exercises.random_joints()) != before).any()
    for name in IDS:  # and the solutions hold on them
        task = exercise(name)
        task.check(exercises.answer_of(task.solution))


def test_an_empty_folder_is_refused(tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match=r"holds no STUDENT\.ipynb"):
        grade.marks(tmp_path)
    with pytest.raises(SystemExit):
        grade.main([str(tmp_path)])
    assert "holds no STUDENT.ipynb" in capsys.readouterr().err
