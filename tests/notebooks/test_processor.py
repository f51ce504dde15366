"""The second run of `make test`, as on another processor, reaches the kernels."""

import os

import nbformat.v4 as v4
import processor
import pytest
import shape
from nbclient import NotebookClient


@pytest.mark.processor
def test_a_kernel_computes_as_this_run_was_told():
    notebook = v4.new_notebook(cells=[v4.new_code_cell(processor.LOOK)])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert shape.said(notebook.cells[0]) == processor.seen(os.environ)
