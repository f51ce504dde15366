"""What the page of notebook 16 says and offers to copy, beside the package."""

import re
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import numpy as np
from nbclient import NotebookClient

from contexture_lite import rehearsal
from contexture_lite.teach.nb16_your_data.explorer import DiagnosisExplorer
from contexture_lite.teach.widgets.exercises import answer_of, exercise

[PATH] = (Path(__file__).parents[3] / "notebooks").glob("16_*.ipynb")
CELLS = nbformat.read(PATH, as_version=4).cells
TEXT, CODE = ("\n".join(cell.source for cell in CELLS if cell.cell_type == kind)
              for kind in ("markdown", "code"))


def test_the_rule_for_few_labels_is_written_as_the_package_has_it():
    few, worth = rehearsal.FEW, rehearsal.WORTH
    written = re.findall(r"\\frac\{(\d+)\}\{m\}\\log R.*?m<(\d+).*?m\\ge(\d+)", TEXT)
    assert written == [(str(worth), str(few), str(few))]
    task = exercise("ex_16_1")
    for words in (task.prompt, DiagnosisExplorer.__doc__, rehearsal.criterion.__doc__):
        assert f"({worth}/m)" in words and str(few) in words
    solution, rng = answer_of(task.solution), np.random.default_rng(0)
    for m in (20, few - 1, few, 2 * few):
        left_out, risks = rng.uniform(0.2, 1, (2, 50))
        assert solution(left_out, risks, m) == rehearsal.criterion(left_out, risks, m).argmin()


def test_the_sweep_that_one_can_copy_runs_on_two_workers(tmp_path, monkeypatch):
    """The text exactly as it stands, in a kernel, after the two lines of the page it needs."""
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("DASK_DISTRIBUTED__ADMIN__TICK__LIMIT", "10m")
    [copied] = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    [loaded] = re.findall(r"^mix = .+$", CODE, flags=re.MULTILINE)
    call = re.search(r"curves = (cl\.sweep\(.*)\)", copied)[1]
    check = f"""
import pandas as pd, psutil
here = {call}, n_jobs=1)
pd.testing.assert_frame_equal(curves, here, check_exact=True)
left = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
assert all("resource_tracker" in command for command in left), left
"""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in (
        f"import contexture_lite as cl\n{loaded}", copied, check)])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    assert "n_workers=2" in copied and "parallel_config(\"dask\")" in copied
