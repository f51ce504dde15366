"""What the families share: checks of arguments, and the context of a channel."""

from __future__ import annotations

from numbers import Real

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite.contexts import Context

LARGEST_SIDE = 5000
LARGEST_TABLE = LARGEST_SIDE**2
NEVER = 1e-150  # a context value of less mass is left out; its singular value is below 1e-25


def fraction(name, value, least=0, most=1):
    """The argument as a float between ``least`` and ``most``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; it must be a number between {least} and {most}")
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; it must be between {least} and {most}")
    return float(value)


def size_between(name, value, least=1, most=LARGEST_SIDE):
    """The argument as an integer, by default one that may be the side of a table."""
    return as_count(name, value, least, most)


def channel(rows, values, x_labels, a_labels, p_x=None):
    """The context of P(a|x) with its known values, without the a that never occur."""
    joint = rows / len(rows) if p_x is None else rows * p_x[:, None]
    occurs = np.flatnonzero(joint.sum(axis=0) >= NEVER)
    joint = joint[:, occurs]
    known = np.sort(np.clip(np.abs(values), 0, 1))[::-1]
    exact = np.zeros(min(joint.shape) - 1)
    exact[: len(known)] = known[: len(exact)]
    a_labels = [a_labels[j] for j in occurs]
    return Context(joint, x_labels=x_labels, a_labels=a_labels, exact_values=exact)


def names_of(n):
    return [str(i) for i in range(n)]
