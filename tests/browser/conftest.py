"""A browser on a JupyterLab of its own, serving a copy of the notebooks."""

import os
import shutil

import pytest
import shape
from lab import Lab, chromium, find_chromium, jupyterlab
from processor import ANOTHER, WITHOUT_SPINNING

NO_BROWSER = "no Chromium on this machine, so the live pictures were not tried"


def pytest_collection_modifyitems(items):
    """Every test of this folder drives a browser; where there is none, all are skipped as one."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker("browser")
            if find_chromium() is None and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab in headless Chromium, on a copy: nothing done here reaches the repository.

    Its kernels compute as on another processor; nbval runs the notebooks as on this one.
    """
    assert find_chromium(), NO_BROWSER
    home = tmp_path_factory.mktemp("lab")
    folder = shutil.copytree(shape.FOLDER, home / "notebooks")
    with (jupyterlab(folder, home, **ANOTHER, **WITHOUT_SPINNING) as (address, token),
          chromium() as page):
        lab = Lab(page, address, token)
        lab.folder = folder
        yield lab
