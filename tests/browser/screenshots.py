"""Pictures of notebooks as a reader sees them in JupyterLab, to be looked at by a person.

    python tests/browser/screenshots.py FOLDER notebooks/*.ipynb [--saved]

Each notebook is copied, opened and run (--saved: shown as saved, not run). FOLDER receives
NAME-01.png, NAME-02.png, ... from top to bottom with a little overlap, and
NAME-explorer-1.png, ... for every explorer alone. A lecture room is --width 1280 --height 720,
there also with --zoom 1.5; a phone is --width 390 --height 844 --saved.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from lab import Lab, chromium, find_chromium, jupyterlab

SCROLLER = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer"


def shoot(lab, notebook, folder, saved=False, closed=False):
    """Save the pictures of one notebook; returns their paths."""
    lab.open(notebook.name)
    if closed:
        lab.page.keyboard.press("Control+b")
    if not saved:
        lab.run_all()
    lab.page.locator(SCROLLER).evaluate("e => e.scrollTo(0, 0)")
    lab.page.wait_for_timeout(500)
    paths = [_save(lab, folder / f"{notebook.stem}-01.png")]
    while lab.page.locator(SCROLLER).evaluate(
        """e => { const before = e.scrollTop;
                  e.scrollBy(0, e.clientHeight - 80);
                  return e.scrollTop - before > 4; }"""
    ):
        lab.page.wait_for_timeout(300)
        paths.append(_save(lab, folder / f"{notebook.stem}-{len(paths) + 1:02d}.png"))
    for i, explorer in enumerate(lab.explorers(), start=1):
        paths.append(folder / f"{notebook.stem}-explorer-{i}.png")
        explorer.screenshot(paths[-1])
    return paths


def _save(lab, path):
    lab.screenshot(path)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("notebooks", type=Path, nargs="+")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=1800)
    parser.add_argument("--zoom", type=float, default=1, help="as with Ctrl and +; 1.5 is 150 %%")
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    parser.add_argument("--closed", action="store_true", help="the file browser closed")
    parser.add_argument("--saved", action="store_true", help="show the saved outputs, do not run")
    options = parser.parse_args()
    if find_chromium() is None:
        parser.exit(1, "Chromium is not installed, so there is nothing to take pictures with\n")
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        served = Path(tmp) / "notebooks"
        for parent in {path.resolve().parent for path in options.notebooks}:
            shutil.copytree(parent, served, dirs_exist_ok=True)
        with (
            jupyterlab(served, Path(tmp), f"JupyterLab {'Dark' if options.dark else 'Light'}") as (
                address, token),
            chromium(options.width, options.height, options.zoom) as page,
        ):
            lab = Lab(page, address, token)
            for notebook in options.notebooks:
                for path in shoot(lab, notebook, options.folder, options.saved, options.closed):
                    print(path)
                for error in lab.error_outputs() + lab.console_errors + lab.kernel_errors:
                    print(f"{notebook.name}: {error}")


if __name__ == "__main__":
    main()
