"""A browser on a JupyterLab of its own, serving a copy of the notebooks."""

import os
import shutil

import pytest
import shape
from lab import Lab, chromium, find_chromium, jupyterlab


def pytest_collection_modifyitems(items):
    """Every test of this folder drives a browser."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker("browser")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab in headless Chromium, on a copy: nothing done here reaches the repository."""
    if find_chromium() is None:
        message = "no Chromium on this machine, so the live pictures were not tried"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    if shape.FOLDER.exists():
        shutil.copytree(shape.FOLDER, folder)
    else:
        folder.mkdir()
    with jupyterlab(folder, home) as (address, token), chromium() as page:
        yield Lab(page, address, token)
