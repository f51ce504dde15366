"""Pictures, live explorers, predictions and exercises of the course.

What all lessons share is listed here; each room (`nb01_operators`, …) lists its own public
names. Everything is imported when its name is first used, so that ``import
contexture_lite.teach`` costs nothing.
"""

from importlib import import_module
from pkgutil import iter_modules

from contexture_lite._lazy import on_first_use

# public name -> the module that defines it, or that it stands for
_ON_FIRST_USE = {
    "Explorer": "widgets.explorer",
    "predict": "widgets.predictions",
    "check": "widgets.exercises",
    "prompt": "widgets.exercises",
    "solution": "widgets.exercises",
    "figures": "pictures.figures",
    "style": "pictures.style",
}
ROOMS = tuple(sorted(m.name for m in iter_modules(__path__) if m.name.startswith("nb")))
for _room in ROOMS:
    for _name, _module in import_module(f"{__name__}.{_room}").PUBLIC.items():
        _ON_FIRST_USE[_name] = f"{_room}.{_module}"

__all__ = [*_ON_FIRST_USE]
__getattr__, __dir__ = on_first_use(__name__, _ON_FIRST_USE)
