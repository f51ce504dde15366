"""Single numbers, and seeds."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks.arrays import refuse_outside
from contexture_lite._checks.labels import plain


def as_number(name, value, **bounds):
    """The argument as a finite float in the range that is asked for, see `refuse_outside`."""
    kind = np.asarray(plain(name, value)).dtype.kind if np.ndim(value) == 0 else "many"
    if kind not in "uif":
        raise TypeError(f"{name} is {value!r}; it must be a number")
    value = np.array(float(value))
    refuse_outside(name, value, **bounds)
    return float(value)


def as_count(name, value, least=1, most=np.inf):
    """The argument as an integer, at least ``least`` and at most ``most``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}; it must be an integer")
    if value < least:
        raise ValueError(f"{name} is {value}; it must be at least {least}")
    if value > most:
        raise ValueError(f"{name} is {value}; it must be at most {most}")
    return int(value)


def as_generator(name, rng):
    """The argument as a `numpy.random.Generator`."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is {rng!r}; it must be a seed or a numpy.random.Generator "
                        f"({error})") from None
