"""The repository itself: one list of pins, a Makefile for two installers, Binder, README."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import readme

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIREMENTS = (ROOT / "requirements.txt").read_text()
PINS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", REQUIREMENTS, flags=re.MULTILINE))


def run(command, cwd=ROOT, **environment):
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )


def names(requirements):
    return {re.match(r"[A-Za-z0-9-]+", line)[0] for line in requirements}


# The pins


def test_every_requirement_is_pinned_and_the_package_comes_last():
    lines = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "-e ."
    assert len(PINS) == len(lines) - 1


def test_this_environment_has_the_pinned_versions():
    found = {name: version(name).partition("+")[0] for name in PINS}
    assert found == PINS


def test_pins_and_metadata_name_the_same_packages():
    metadata = names(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        metadata |= names(extra)
    assert set(PINS) == metadata


def test_the_runtime_needs_three_packages_and_no_versions():
    assert PROJECT["project"]["dependencies"] == ["numpy", "scipy", "scikit-learn"]


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    for name in PINS:
        assert re.search(rf'^ +"{name}", +# \S', text, flags=re.MULTILINE), name


# The import


def test_the_import_brings_in_no_heavy_package():
    heavy = ["torch", "matplotlib", "ipywidgets", "IPython", "pandas", "sklearn"]
    code = f"import sys, contexture_lite; print([m for m in {heavy} if m in sys.modules])"
    assert run([sys.executable, "-c", code]).stdout.strip() == "[]"


# The Makefile, with stand-ins for the installers


@pytest.fixture
def elsewhere(tmp_path):
    """The set-up files alone, and an empty folder at the front of PATH for stand-ins."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def stand_in(folder, name, script):
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def search_path(folder):
    """The stand-ins of `folder` first, then what make itself needs."""
    tools = [os.path.dirname(shutil.which(name)) for name in ("make", "sh", "touch")]
    return os.pathsep.join([str(folder / "bin"), *dict.fromkeys(tools)])


def set_up(folder):
    """Make the environment with the stand-ins of `folder`."""
    command = ["make", "--no-print-directory", ".venv/.ready", f"PYTHON={folder}/bin/python"]
    return run(command, folder, PATH=search_path(folder), MAKEFLAGS="")


RECORD = 'echo "$(basename $0) $@" >> calls'
UV = f"{RECORD}; mkdir -p .venv"
PYTHON = f'{RECORD}; case "$*" in *venv*) mkdir -p .venv/bin; cp $0 .venv/bin;; esac'


def test_with_uv_torch_is_the_cpu_build(elsewhere):
    stand_in(elsewhere, "python", PYTHON)
    stand_in(elsewhere, "uv", UV)
    answer = set_up(elsewhere)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "setup: uv found, so it installs, with the CPU build of torch\n"
    calls = (elsewhere / "calls").read_text()
    assert "uv pip install --torch-backend=cpu -r requirements.txt" in calls


def test_without_uv_pip_installs_and_says_what_that_means(elsewhere):
    if shutil.which("uv", path=search_path(elsewhere)):
        pytest.skip("uv lies beside make, so it cannot be hidden")
    stand_in(elsewhere, "python", PYTHON)
    answer = set_up(elsewhere)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("setup: no uv, so plain pip installs")
    assert answer.stdout.count("\n") == 1
    assert "pip install" in (elsewhere / "calls").read_text()


def test_setup_runs_again_only_when_its_description_changed(elsewhere):
    stand_in(elsewhere, "python", PYTHON)
    stand_in(elsewhere, "uv", UV)
    set_up(elsewhere)
    assert "up to date" in set_up(elsewhere).stdout
    later = (elsewhere / ".venv/.ready").stat().st_mtime + 10
    os.utime(elsewhere / "requirements.txt", (later, later))
    assert set_up(elsewhere).stdout.startswith("setup:")


def test_an_old_python_is_named(elsewhere):
    old = "import sys; sys.version_info = (3, 9)"
    stand_in(elsewhere, "python", f'exec {sys.executable} -c "{old}; exec(sys.argv[1])" "$2"')
    answer = set_up(elsewhere)
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer; this is 3.9" in answer.stderr
    assert not (elsewhere / ".venv").exists()


# Binder


def test_binder_builds_with_every_pin(tmp_path):
    """The Dockerfile names Binder's steps; none needs Docker to be printed."""
    for name in ("binder", "requirements.txt", "pyproject.toml"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    answer = run(command, tmp_path)
    dockerfile = answer.stdout + answer.stderr
    assert answer.returncode == 0, dockerfile
    # The whole repository, its requirements.txt with it, is there before postBuild runs.
    copied = dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    assert copied < dockerfile.index("RUN ./binder/postBuild")
    runtime = (ROOT / "binder/runtime.txt").read_text().strip()
    assert f"Building conda environment for {runtime.replace('-', '=')}\n" in dockerfile
    assert os.access(tmp_path / "binder/postBuild", os.X_OK)
    lines = (ROOT / "binder/postBuild").read_text().splitlines()
    assert lines[-1].endswith("--torch-backend=cpu -r requirements.txt")


def test_binders_python_can_take_the_pins():
    name, _, number = (ROOT / "binder/runtime.txt").read_text().strip().partition("-")
    assert name == "python"
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert tuple(map(int, number.split("."))) >= tuple(map(int, least.split(".")))


# The README


def test_the_readme_is_current():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.render(text) == text, "run: make readme"


def test_the_links_come_from_the_one_address():
    assert readme.binder_link("https://github.com/a/b", "notebooks/00_x.ipynb") == (
        "https://mybinder.org/v2/gh/a/b/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F00_x.ipynb"
    )
    assert "/v2/git/https%3A%2F%2Fexample.org%2Fb/HEAD" in (
        readme.binder_link("https://example.org/b", "x.ipynb")
    )
    link = readme.classroom_link("https://github.com/a/b", "notebooks/00_x.ipynb")
    assert "repo=https%3A%2F%2Fgithub.com%2Fa%2Fb&" in link
    assert link.endswith("urlpath=lab%2Ftree%2Fb%2Fnotebooks%2F00_x.ipynb")


def test_every_path_the_readme_links_to_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / target).exists(), target


def test_the_readmes_examples_run(tmp_path):
    small, own = re.findall(r"```python\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    answer = run([sys.executable, "-c", small])
    assert answer.stdout == "[0.6 0.6 0.6]\n", answer.stderr
    penguins = (ROOT / "notebooks" / "data" / "penguins.csv").read_text()
    (tmp_path / "mine.csv").write_text(penguins.replace("body_mass_g", "target"))
    answer = run([sys.executable, "-c", own], cwd=tmp_path)
    assert answer.stdout.startswith("Diagnosis of 344 × 6: regression"), answer.stderr
