"""Run notebooks from top to bottom and save them in place, the same way for everybody.

    python tools/execute.py notebooks/*.ipynb

What would change from run to run, or from machine to machine, is not saved: times, the kernel's
version, the state of widgets, and how a printed text was cut into pieces.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# Sums in another order differ in the last digit, and so do the pixels drawn from them.
os.environ["OMP_NUM_THREADS"] = "1"
WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(notebook, folder, **options):
    """Run a notebook with `folder` as its working directory; returns it, changed in place."""
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        **options,
    ).execute()
    return notebook


def normalise(notebook):
    """Drop what a second run would change."""
    notebook.metadata.kernelspec = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.language_info = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            # A live view has a new name in every run and nothing to show once its kernel is gone;
            # without it a reader sees the picture or the words saved beside it.
            output.get("data", {}).pop(WIDGET, None)
    return notebook


def main(paths):
    for path in map(Path, paths):
        print(path, flush=True)
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(normalise(execute(notebook, path.parent)), path)


if __name__ == "__main__":
    main(sys.argv[1:])
