"""What is published works without the repository: the wheel, unpacked elsewhere and put first."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import generate
import pytest

from contexture_lite._lazy import EXTRAS
from contexture_lite.experiment.__main__ import EXPERIMENTS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The wheel, made from the source distribution, in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "contexture_lite", folder / "source/contexture_lite",
                    ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "made", "source"]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (folder / "made").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder


def answers(code, elsewhere, **environment):
    """What a Python that takes the wheel's package says, line by line."""
    code += """
import os, sys
files = {module.__file__ for name, module in sys.modules.items() if name.startswith("contexture_")}
print("only the wheel:", os.path.commonpath(files))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True,
        env={**os.environ, **environment, "PYTHONPATH": str(elsewhere / "site")})
    assert run.returncode == 0, run.stderr
    *lines, last = run.stdout.splitlines()
    assert last == f"only the wheel: {elsewhere / 'site/contexture_lite'}"
    return [line.split(": ", 1) for line in lines]


# Everything installed


EVERYTHING = """
from pathlib import Path
import contexture_lite as cl
from contexture_lite import teach
from contexture_lite.datasets.tables import shipped
from contexture_lite.teach.widgets.explorer import offered
from sklearn.utils.estimator_checks import check_estimator

for name in teach.__all__:
    kind = getattr(teach, name)
    if name != "Explorer" and isinstance(kind, type) and issubclass(kind, teach.Explorer):
        explorer = kind()
        before = explorer.png
        name, control = next(iter(explorer.controls.items()))
        values = offered(control) or [control.min, control.max]
        explorer.update(**{name: next(value for value in values if value != control.value)})
        print("moves", kind.__name__, explorer.png != before, sep=": ")
home = Path(cl.__file__).parents[1]
for path in home.rglob("*.csv*"):
    package = ".".join(path.parent.relative_to(home).parts)
    print("rows", path.name, len(shipped(package, path.name)), sep=": ")
for name in ("knn", "rbf"):
    results = check_estimator(cl.ContextureEmbedding(name), on_skip=None, on_fail="raise")
    print("checks", name, sorted({result["status"] for result in results}), len(results), sep=": ")
"""


@pytest.fixture(scope="module")
def everything(elsewhere):
    """In one process: its answers by kind."""
    said = answers(EVERYTHING, elsewhere, SCIPY_ARRAY_API="1", PYTHONWARNINGS="error")
    return {kind: dict(rest.split(": ", 1) for first, rest in said if first == kind)
            for kind in ("moves", "rows", "checks")}


def test_every_explorer_is_made_and_moves(everything):
    code = "".join("".join(cell["source"]) for path in (ROOT / "notebooks").glob("*.ipynb")
                   for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
    wanted = set(re.findall(r"teach\.(\w+Explorer|TrainingRace)\(", code))
    assert len(wanted) >= 11
    assert wanted <= set(everything["moves"]) and set(everything["moves"].values()) == {"True"}


def test_every_table_comes_with_it(everything):
    tables = {path.name for path in (ROOT / "contexture_lite").rglob("*.csv*")}
    assert set(everything["rows"]) == tables
    assert min(map(int, everything["rows"].values())) >= 10


def test_scikit_learns_checks_in_full_nothing_skipped(everything):
    assert set(everything["checks"]) == {"knn", "rbf"}
    for outcome in everything["checks"].values():
        statuses, count = outcome.split(": ")
        assert statuses == "['passed']" and int(count) > 40


# Nothing of it installed, and a notebook is opened


IN_A_NOTEBOOK = """
import sys
from importlib.util import find_spec
import nbformat
from IPython.core.interactiveshell import InteractiveShell

assert not find_spec("contexture_lite")
cells = nbformat.read(sys.argv[1], as_version=4).cells
for cell in [cell for cell in cells if cell.cell_type == "code"][:3]:
    result = InteractiveShell.instance().run_cell(cell.source)
    result.raise_error()
print(type(result.result).__name__, sys.modules["contexture_lite"].__file__)
"""


def test_a_notebooks_first_cell_brings_the_package(elsewhere, tmp_path):
    """As on Colab, where only the notebook and what the package needs are.

    Git takes a repository of this machine for the one that the cell names.
    """
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", elsewhere / "source"]
    for command in (["init", "-q", "-b", generate.BRANCH], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], check=True)
    venv.create(tmp_path, with_pip=find_spec("pip") is None, symlinks=True)
    [packages] = tmp_path.glob("lib/*/site-packages")
    (packages / "others.pth").write_text(
        f"import sys; sys.path.insert(0, {sysconfig.get_path('purelib')!r})")
    run = subprocess.run(
        [tmp_path / "bin/python", "-c", IN_A_NOTEBOOK, generate.NOTEBOOKS[0]],
        cwd=tmp_path, capture_output=True, text=True, env={
            **{name: it for name, it in os.environ.items() if name != "PYTHONPATH"},
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": generate.repository(),
            "GIT_CONFIG_KEY_0": f"url.{(elsewhere / 'source').as_uri()}.insteadOf",
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "PIP_NO_INDEX": "1", "PIP_NO_COMPILE": "1",
            "PIP_NO_BUILD_ISOLATION": "0"})  # which pip reads as: no isolation
    assert run.returncode == 0, run.stdout + run.stderr
    last = run.stdout.splitlines()[-1]
    assert last == f"StoryExplorer {packages / 'contexture_lite/__init__.py'}"


# Nothing installed but the three packages it depends on


DOORS = """
import sys
import numpy as np
import contexture_lite as cl
from contexture_lite._lazy import EXTRAS
from contexture_lite.experiment import __main__ as experiment

class Missing:
    def find_spec(name, path=None, target=None):
        if name in EXTRAS.keys() - {"joblib"}:  # that comes with scikit-learn
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing)
doors = {
    "teach": lambda: cl.teach.Explorer, "teach.ChannelExplorer": lambda: cl.teach.ChannelExplorer,
    "teach.predict": lambda: cl.teach.predict, "teach.check": lambda: cl.teach.check,
    "learn.train": lambda: cl.learn.train, "learn.laws": lambda: cl.learn.laws,
    "diagnose": lambda: cl.diagnose(np.eye(40)), "sweep": lambda: cl.sweep(["wine"]),
    "datasets.crimtab": cl.datasets.crimtab, "datasets.karate": cl.datasets.karate,
    "datasets.abalone": cl.datasets.abalone, "datasets.penguins": cl.datasets.penguins,
    "datasets.hair_eye_color": cl.datasets.hair_eye_color,
} | {f"datasets.load({name})": lambda name=name: cl.datasets.load(name)
     for name in ("mnist", "wage", "abalone")
} | {f"experiment {number}": lambda number=number: experiment.main([number, "table.csv"])
     for number in experiment.EXPERIMENTS}
for door, enter in doors.items():
    try:
        enter()
    except ImportError as error:
        print(door, error, sep=": ")
"""


def test_every_door_names_the_extra_that_is_missing(elsewhere):
    extras = {door: re.search(r"pip install contexture-lite\[(.+)\] brings it$", message)[1]
              for door, message in answers(DOORS, elsewhere)}
    experiments = {door for door in extras if door.startswith("experiment")}
    assert len(experiments) == len(EXPERIMENTS)  # which of several is named depends on the order
    assert {extras.pop(door) for door in experiments} <= {*EXTRAS.values()}
    assert extras == {
        "teach": "course", "teach.ChannelExplorer": "course", "teach.predict": "course",
        "teach.check": "course", "learn.train": "learn", "learn.laws": "learn",
        "diagnose": "sweep", "sweep": "sweep", "datasets.crimtab": "data",
        "datasets.karate": "data", "datasets.abalone": "data", "datasets.penguins": "sweep",
        "datasets.hair_eye_color": "data", "datasets.load(mnist)": "data",
        "datasets.load(wage)": "data", "datasets.load(abalone)": "data"}
