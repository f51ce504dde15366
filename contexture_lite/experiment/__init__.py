"""Experiments on real tables: the protocol they share, contexts of every strength, long work.

``python -m contexture_lite.experiment NUMBER FILE`` makes a shipped table.
"""

from contexture_lite._lazy import on_first_use

# public name -> the module that defines it
_ON_FIRST_USE = {"sweep": "strengths"}

__all__ = [*_ON_FIRST_USE]
__getattr__, __dir__ = on_first_use(__name__, _ON_FIRST_USE)
