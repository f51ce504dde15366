"""An answer to an exercise, read with care: what is wrong with it becomes a hint."""

import numpy as np


class Hint(Exception):
    """Raised by a check: what is wrong with the answer, in words that help."""


def refuse(wrong, hint):
    """Say the hint if the answer is wrong in this way."""
    if wrong:
        raise Hint(hint)


class NotAttempted(Exception):
    """The answer is a function that still returns an ellipsis."""


def call(answer, *arguments, takes):
    """Call the reader's function, turning what can go wrong into hints.

    ``takes`` names the arguments in words, as in "joint, g".
    """
    if not callable(answer):
        raise Hint(f"answer must be a function of ({takes}), such as lambda {takes}: ... ; "
                   f"it is a {type(answer).__name__}.")
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        with np.errstate(all="ignore"):
            result = answer(*copies)
    except Exception as error:
        raise Hint(f"your function stopped with {type(error).__name__}: {error}") from error
    if result is None:
        raise Hint("your function returns nothing; is a return missing?")
    if result is ...:
        raise NotAttempted
    return result


def array_of(result, shape, what):
    """``result`` as a finite float array of this shape, or a hint."""
    try:
        if is_text(result):  # NumPy would read "300" as a number
            raise TypeError
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        kind = type(result).__name__
        raise Hint(f"{what} must be an array of numbers; it is a {kind}.") from None
    if result.shape != shape:
        raise Hint(f"{what} must have shape {shape}; yours has {result.shape}.")
    if not np.isfinite(result).all():
        raise Hint(f"{what} contains NaN or infinity; is there a division by zero?")
    return result


def is_text(result):
    """Whether this is text, or a list of texts."""
    return np.asarray(result).dtype.kind in "US"


def shape_of(result):
    """The shape of an array, number or list; None for a ragged list, which has none."""
    try:
        return np.shape(result)
    except ValueError:
        return None


def number_of(result, what):
    """``result`` as a finite float, or a hint."""
    if shape_of(result):
        raise Hint(f"{what} must be one number; yours is an array of shape {shape_of(result)}.")
    return float(array_of(result, (), what))


def close(result, wanted, tolerance=1e-6):
    """Whether two numbers or arrays agree; False if their shapes do not, or for anything else.

    NaN agrees with NaN. Words agree if they are the same, tuples part by part, and the part …
    of ``wanted`` agrees with anything.
    """
    if wanted is ...:
        return True
    if isinstance(wanted, str):
        return isinstance(result, str) and result == wanted
    if isinstance(wanted, tuple):
        parts = tuple(result) if np.iterable(result) else ()
        return len(parts) == len(wanted) and all(map(close, parts, wanted))
    if shape_of(result) != np.shape(wanted) or is_text(result):
        return False
    try:
        result = np.asarray(result, dtype=complex if np.iscomplexobj(result) else float)
    except (TypeError, ValueError):  # words
        return False
    return bool(np.allclose(result, wanted, atol=tolerance, rtol=0, equal_nan=True))
