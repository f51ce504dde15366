"""The singular system of a context, and the solvers that find it."""

from contexture_lite.spectrum.repeated import rotation_towards
from contexture_lite.spectrum.system import SingularSystem, singular_system

__all__ = ["SingularSystem", "rotation_towards", "singular_system"]
