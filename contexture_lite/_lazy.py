"""Public names that are imported when they are first used."""

from importlib import import_module


def on_first_use(package, modules):
    """The ``__getattr__`` and ``__dir__`` of a package (PEP 562).

    ``modules`` maps each public name to the module of the package that defines it; a
    module's own name stands for the module.
    """
    namespace = vars(import_module(package))

    def __getattr__(name):
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(f"{package}.{modules[name]}")
        namespace[name] = module if modules[name] == name else getattr(module, name)
        return namespace[name]

    return __getattr__, lambda: sorted({*namespace, *modules})
