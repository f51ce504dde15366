"""The singular system of a context, and the solvers that find it."""

from contexture_lite.spectrum.system import SingularSystem, rotation_towards, singular_system

__all__ = ["SingularSystem", "rotation_towards", "singular_system"]
