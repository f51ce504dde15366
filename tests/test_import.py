import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from types import SimpleNamespace

import pytest

import contexture_lite as cl
from contexture_lite import teach
from contexture_lite._lazy import EXTRAS, needed

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def modules_after(statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_brings_in_nothing_heavy():
    heavy = {"torch", "matplotlib", "ipywidgets", "IPython", "pandas", "sklearn", "PIL"}
    assert not modules_after("import contexture_lite") & heavy


def test_a_decomposition_brings_in_nothing_heavy():
    heavy = {"torch", "matplotlib", "ipywidgets", "IPython", "pandas", "sklearn", "PIL"}
    statement = (
        "import contexture_lite as cl; cl.singular_system(cl.Context([[.5, 0], [.25, .25]]))"
    )
    assert not modules_after(statement) & heavy


def test_every_public_name_is_there():
    assert set(cl.__all__) <= set(dir(cl))
    for name in ("Context", "SingularSystem", "singular_system"):
        assert getattr(cl, name).__doc__
    with pytest.raises(AttributeError, match="no_such_name"):
        cl.no_such_name  # noqa: B018


# What is not installed is named


def test_what_is_broken_is_not_called_missing(tmp_path, monkeypatch):
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'contexture_lite\.weather'$"):
        needed("contexture_lite.weather")
    broken = {"headless": "import headless._C", "unlinked": "raise ImportError('so')"}
    for name, body in broken.items():
        (tmp_path / f"{name}.py").write_text(body)
        monkeypatch.setitem(EXTRAS, name, "learn")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'headless\._C'"):
        needed("headless")
    with pytest.raises(ImportError, match=r"^so$"):
        needed("unlinked")


@pytest.mark.parametrize("version", ["7.8.5", "8.0.7"])
def test_an_old_ipywidgets_is_refused(version, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", SimpleNamespace(__version__=version))
    source = Path(teach.__path__[0], "widgets/__init__.py").read_text(encoding="utf-8")
    with pytest.raises(ImportError, match=f"ipywidgets 8.1 or newer, this is {version}"):
        exec(source, {})


def names(requirements):
    return {re.match(r"[\w-]+", line)[0] for line in requirements}


def imported():
    """The packages that are not ours, by module and everywhere in it, of all our modules."""
    for path in Path(cl.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module.partition(".")[0]


def test_every_package_that_is_imported_belongs_to_an_extra():
    ours = {"contexture_lite", "numpy", "scipy", "sklearn", "threadpoolctl"}
    others = set(imported()) - ours - set(sys.stdlib_module_names)
    assert others <= set(EXTRAS)
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    brought = names(requires("ipywidgets"))
    for module, extra in EXTRAS.items():
        name = {"sklego": "scikit-lego", "IPython": "ipython", "PIL": "pillow"}.get(module, module)
        assert name in names(extras[extra]) | (brought if extra == "course" else set()), module
