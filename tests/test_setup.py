"""The repository itself: two lists of pins, a Makefile for two installers, Binder, the pages."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import generate
import nbformat
import processor
import pytest
import shape
from IPython.core.inputtransformer2 import TransformerManager

import contexture_lite as cl

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
METADATA = PROJECT["project"]
EXTRAS = METADATA["optional-dependencies"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def lines(name):
    """The lines of a list of requirements, without comments."""
    text = (ROOT / name).read_text().splitlines()
    return [line for line in text if line and not line.startswith("#")]


READING, TESTING = lines("requirements.txt"), lines("requirements-test.txt")
PINS = dict(line.split("==") for line in [*READING[:-1], *TESTING[1:]])


def run(command, cwd=ROOT, **environment):
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )


def names(requirements):
    return {re.match(r"[A-Za-z0-9-]+", line)[0] for line in requirements}


def numbers(version):
    return tuple(map(int, version.split(".")))


# The pins


def test_the_tests_need_what_reading_needs_and_tools_of_their_own():
    assert TESTING[0] == "-r requirements.txt"
    assert READING[-1] == "-e ." and "-e ." not in TESTING
    assert len(PINS) == len(READING) - 1 + len(TESTING) - 1, "a package is pinned twice"


def test_the_site_needs_what_reading_needs_and_tools_of_its_own():
    lines = [line for line in (ROOT / "requirements-site.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    assert lines[0] == "-r requirements.txt"
    pins = [re.fullmatch(r"([a-z-]+)==[0-9.]+", line) for line in lines[1:]]
    assert all(pins) and not {pin[1] for pin in pins} & {*PINS}
    packages = json.loads((ROOT / "website/package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"[0-9.]+", number) for number in packages.values())


def test_ci_says_whether_the_sites_tools_or_its_tests_failed():
    text = (ROOT / ".ci/run").read_text()
    assert text.index("make test") < text.index("make .venv/.ready-to-site")
    assert text.index("exit 75") < text.index("make site") < text.index("make try-site")


def test_reading_needs_every_extra_but_the_tests():
    reading = [METADATA["dependencies"], *(v for name, v in EXTRAS.items() if name != "test")]
    assert names(READING[:-1]) == set().union(*map(names, reading))
    assert names(TESTING[1:]) == names(EXTRAS["test"])


def test_this_environment_has_the_pinned_versions():
    installed = {name: version(name).partition("+")[0] for name in PINS}
    assert installed == PINS


def test_the_runtime_needs_scikit_learn_and_what_that_needs():
    needed = {"numpy", "scipy", "threadpoolctl"}
    assert names(METADATA["dependencies"]) == {"scikit-learn"} | needed
    assert needed <= names(requires("scikit-learn"))


def test_the_package_bounds_versions_from_below_only():
    for line in chain(METADATA["dependencies"], *EXTRAS.values()):
        name, _, least = line.partition(">=")
        assert re.fullmatch(r"[a-z0-9-]+", name), line
        assert not least or numbers(least) <= numbers(PINS[name]), line


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    for name in PINS:
        assert re.search(rf'^ +"{name}(>=.+)?", +# \S', text, flags=re.MULTILINE), name


# The Makefile, with stand-ins for the installers


@pytest.fixture
def elsewhere(tmp_path):
    """The set-up files alone, and an empty folder at the front of PATH for stand-ins."""
    for name in ("Makefile", "requirements.txt", "requirements-test.txt", "pyproject.toml"):
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


def set_up(folder, stamp=".ready"):
    """Make the environment with the stand-ins of `folder`."""
    command = ["make", "--no-print-directory", f".venv/{stamp}", f"PYTHON={folder}/bin/python"]
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


def test_make_test_adds_to_what_make_lab_has_set_up(elsewhere):
    stand_in(elsewhere, "python", PYTHON)
    stand_in(elsewhere, "uv", UV)
    set_up(elsewhere)
    (elsewhere / "calls").unlink()
    assert set_up(elsewhere, ".ready-to-test").returncode == 0
    assert (elsewhere / "calls").read_text() == (
        "uv pip install --torch-backend=cpu -r requirements-test.txt\n")
    assert "up to date" in set_up(elsewhere).stdout


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


def test_the_numbers_are_compared_a_second_time_as_on_another_processor():
    # CI calls this from inside `make`, which would then announce the folder in lines of its own.
    lines = run(["make", "-n", "--no-print-directory", "test"], MAKEFLAGS="").stdout.splitlines()
    another = " ".join(f'{name}="{value}"' if " " in value else f"{name}={value}"
                       for name, value in processor.ANOTHER.items())
    assert f"{another} .venv/bin/pytest -m processor" in lines[-1]


# JupyterLite


def test_jupyterlite_gets_the_notebooks_without_torch_and_this_version():
    folder = ROOT / "website/lite"
    settings = json.loads((folder / "jupyter_lite_config.json").read_text())
    given = [(folder / name).resolve() for name in settings["LiteBuildConfig"]["contents"]]
    assert given == [path for path in generate.NOTEBOOKS if not re.search(
        r"\b(torch|learn|digpt)\b",
        "".join(cell.source for cell in shape.code_cells(shape.read(path))))]
    (wheel,) = settings["PipliteAddon"]["piplite_urls"]
    assert wheel == f"../../dist/contexture_lite-{METADATA['version']}-py3-none-any.whl"


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
    steps = (ROOT / "binder/postBuild").read_text().splitlines()
    assert steps[-1].endswith("--torch-backend=cpu -r requirements.txt")


def test_binders_python_can_take_the_pins():
    name, _, number = (ROOT / "binder/runtime.txt").read_text().strip().partition("-")
    assert name == "python"
    least = METADATA["requires-python"].removeprefix(">=")
    assert numbers(number) >= numbers(least)


# README and docs/


@pytest.mark.parametrize("page", generate.PAGES[:2], ids=lambda page: page.name)
def test_the_pages_are_current(page):  # docs/claims.md: tests/claims/test_ledger.py
    text = page.read_text(encoding="utf-8")
    assert generate.render(text) == text, "run: make docs"


def test_the_readme_is_read_in_five_minutes():
    assert len(README.encode()) <= 7 * 1024


def test_the_links_come_from_the_one_address():
    assert generate.binder_link("https://github.com/a/b", "notebooks/00_x.ipynb") == (
        "https://mybinder.org/v2/gh/a/b/release?urlpath=lab%2Ftree%2Fnotebooks%2F00_x.ipynb"
    )
    assert "/v2/git/https%3A%2F%2Fexample.org%2Fb/release" in (
        generate.binder_link("https://example.org/b", "x.ipynb")
    )
    link = generate.classroom_link("https://github.com/a/b", "notebooks/00_x.ipynb")
    assert "repo=https%3A%2F%2Fgithub.com%2Fa%2Fb&branch=release&" in link
    assert link.endswith("urlpath=lab%2Ftree%2Fb%2Fnotebooks%2F00_x.ipynb")


def test_colab_reads_from_github():
    assert generate.colab_link("https://github.com/a/b", "notebooks/00_x.ipynb") == (
        "https://colab.research.google.com/github/a/b/blob/release/notebooks/00_x.ipynb")
    assert generate.colab_link("https://example.org/b", "x.ipynb") == ""


@pytest.mark.parametrize("path", generate.NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_has_the_cell_for_colab(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[1] == generate.install_cell(), "run: make docs"


def test_the_cell_for_colab_installs_only_where_the_package_is_missing():
    cell = TransformerManager().transform_cell(generate.install_cell().source)
    said = []
    shell = SimpleNamespace(run_line_magic=lambda name, line: said.append((name, line)))
    exec(cell, {"get_ipython": lambda: shell})
    assert said == []
    exec(cell.replace('spec("contexture_lite")', 'spec("not_there")'),
         {"get_ipython": lambda: shell})
    ((name, line),) = said
    assert name == "pip" and line.startswith("install -q numpy=={numpy} ")
    extras = re.search(r'"contexture-lite\[(.+)\] @ git\+https://\S+@release"$', line)[1]
    assert {*extras.split(",")} == {*EXTRAS} - {"test"}


@pytest.mark.parametrize("page", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")],
                         ids=lambda page: page.name)
def test_every_path_that_a_page_links_to_exists(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    targets += re.findall(r"^\[\w+\]: (?!https?:)(\S+)$", text, flags=re.MULTILINE)
    for target in targets:
        assert (page.parent / target).exists(), target
    used = set(re.findall(r"\]\[(\w+)\]", text))
    assert used == set(re.findall(r"^\[(\w+)\]: ", text, flags=re.MULTILINE))


def test_the_readme_shows_the_package_as_it_is():
    plan = README.partition("## Where things are")[2].split("```")[1]
    shown = {name.strip("/") for line in plan.strip().splitlines()
             for name in re.split(r"\s{2,}", line)[0:-1] for name in [name.split("/")[0]]}
    assert shown == {path.name.removesuffix(".py") for path in (ROOT / "contexture_lite").iterdir()
                     if not path.name.startswith("_")}


def test_the_readmes_examples_run(tmp_path):
    small, own = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    answer = run([sys.executable, "-c", small])
    assert answer.stdout == "[0.6 0.6 0.6]\n", answer.stderr
    penguins = cl.datasets.penguins()[::4].rename(columns={"body_mass_g": "target"})
    penguins.to_csv(tmp_path / "mine.csv", index=False)
    answer = run([sys.executable, "-c", own], cwd=tmp_path)
    assert answer.stdout.startswith("Diagnosis of 86 × 6: regression"), answer.stderr


def test_the_citation_is_of_this_package_and_of_its_papers():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    own = METADATA["license"].split(" AND ")[0]  # of the code; those of the data stand beside them
    assert f"\nversion: {METADATA['version']}\n" in text and f"\nlicense: {own}\n" in text
    papers = re.findall(r"^    title: \"(.+)\"$|arXiv:([0-9.]+)", text, flags=re.MULTILINE)
    assert len(papers) == 4
    for title, number in papers:
        assert f"*{title}*" in README if title else f"arXiv {number}" in README
