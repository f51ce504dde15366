"""Pictures, live explorers, predictions and exercises of the course.

Everything is imported when its name is first used, so that ``import
contexture_lite.teach`` costs nothing.
"""

from importlib import import_module

# public name -> the module that defines it; a module's own name stands for itself
_ON_FIRST_USE = {
    "StoryExplorer": "story",
    "ChannelExplorer": "channel",
    "SpectrumExplorer": "spectrum_explorer",
    "Explorer": "explorer",
    "predict": "predictions",
    "check": "exercises",
    "prompt": "exercises",
    "solution": "exercises",
    "figures": "figures",
    "style": "style",
}

__all__ = [*_ON_FIRST_USE]


def __getattr__(name):
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module 'contexture_lite.teach' has no attribute {name!r}")
    module = import_module(f"contexture_lite.teach.{_ON_FIRST_USE[name]}")
    value = module if _ON_FIRST_USE[name] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *_ON_FIRST_USE])
