"""Whatever holds numbers, as finite float arrays of the shape that is asked for.

Lists, NumPy arrays, DataFrames and Series of any dtype, polars, PyTorch tensors: nothing is
imported for them, they are known by what they have. What would be lost (a mask, a missing
entry) or what is no number is refused, in the same words at every door.
"""

from __future__ import annotations

from functools import partial
from numbers import Number

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks.labels import as_classes, as_labels, in_order, is_missing, plain

# Distance from 1 to the next number, by the name of the dtype (NumPy's, torch's, pandas', Arrow's)
ROUNDING = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "halffloat": 2.0**-10, "float32": 2.0**-23,
            "float": 2.0**-23}


def as_numbers(name, values, wanted=None, *, empty=False, **bounds):
    """The argument as a new float array, finite and of the shape that is asked for.

    ``wanted`` are the shapes that fit, in the words of the error: "(n,) or (n, d)", "(5, d)". A
    letter stands for any size, 0 only if ``empty``. ``bounds`` are those of `refuse_outside`.
    """
    array = as_array(name, values)
    if array.dtype.kind == "O" and array.ndim:
        array = _from_objects(name, array, getattr(values, "columns", None))
    refuse_dtype(name, array.dtype)
    return _checked(name, array.astype(float), wanted, empty, **bounds)


def _checked(name, array, wanted, empty, **bounds):
    if wanted and not any(_fits(array.shape, one, empty) for one in wanted.split(" or ")):
        filled = "" if 0 not in array.shape or empty else ", and not empty"
        raise ValueError(f"{name} has shape {array.shape}; it must be {wanted}{filled}")
    refuse_outside(name, array, **bounds)
    return array


def as_array(name, values):
    """As NumPy has it; what would lose its mask, or become a useless object, is refused."""
    try:
        return np.asarray(plain(name, values))
    except ValueError:
        raise ValueError(f"{name} is not a rectangular array: its rows have different lengths"
                         ) from None


def _from_objects(name, array, columns):
    """Python's numbers and pandas' nullable ones as floats; or what stands there instead."""
    for place, entry in np.ndenumerate(array):
        if isinstance(entry, Number | np.bool_) and not isinstance(entry, complex):
            continue
        where = f"{name}[{', '.join(map(str, place))}]"
        if is_missing(entry):
            raise ValueError(f"{where} is missing; it must be a number")
        label = None if columns is None else columns[place[-1]]
        advice = (f", in column {label!r}: leave that column out, or make it the index: "
                  f"df.set_index({label!r})") if columns is not None else ""
        raise TypeError(f"{name} has dtype object; it must hold real numbers, and {where} is "
                        f"{entry!r}{advice}")
    try:
        return array.astype(float)
    except OverflowError:
        raise ValueError(f"{name} has an integer that is too large for a float") from None


def _fits(shape, wanted, empty):
    """Whether a shape is "(n, 3)" or the like."""
    sizes = wanted.strip("()").replace(",", " ").split()
    return len(shape) == len(sizes) and all(
        size == int(one) if one.isdigit() else size or empty for size, one in zip(shape, sizes))


def rounding_unit(values):
    """The distance from 1 to the next number in the precision that the argument came with.

    Of the coarsest column of a DataFrame; that of double precision for all that is no float.
    """
    kinds = values.dtypes if hasattr(values, "columns") else [
        values.dtype if hasattr(values, "dtype") else np.asarray(values).dtype]
    names = [str(one).lower().removeprefix("torch.").removesuffix("[pyarrow]") for one in kinds]
    return max((ROUNDING.get(name, 0.0) for name in names), default=0.0) or np.finfo(float).eps


def as_table(name, table, x_labels=None, a_labels=None, wanted="(inputs, values)", *, empty=False):
    """The argument as a finite non-negative (N, M) float table, with its labels."""
    if hasattr(table, "columns"):
        x_labels = table.index if x_labels is None and hasattr(table, "index") else x_labels
        a_labels = table.columns if a_labels is None else a_labels
    if sp.issparse(table):
        refuse_dtype(name, table.dtype)
        table = sp.csr_array(table.astype(float), copy=True)  # floats before duplicates are added
        table.sum_duplicates()
        table.eliminate_zeros()
        if sum(table.shape) + table.nnz <= np.iinfo(np.int32).max:  # a third less to read
            table.indices = table.indices.astype(np.int32, copy=False)
            table.indptr = table.indptr.astype(np.int32, copy=False)
        _checked(name, table, wanted, empty, least=0)
    else:
        table = as_numbers(name, table, wanted, empty=empty, least=0)
    _total(name, table)
    return (table, as_labels("x_labels", x_labels, table.shape[0]),
            as_labels("a_labels", a_labels, table.shape[1]))


def as_distribution(name, p, size, labels=None):
    """The argument as probabilities of shape (size,), divided by their sum.

    A Series is brought into the order of ``labels``, if there are any.
    """
    p = as_numbers(name, in_order(name, p, labels), f"({size},)", least=0)
    total = _total(name, p)
    if total == 0:
        raise ValueError(f"{name} has total 0; at least one probability must be positive")
    return p / total


def as_function(name, values, size, labels=None):
    """The argument as a finite function on ``size`` points, shape (size,) or (size, k).

    The rows of a Series or DataFrame are brought into the order of ``labels``, if there are any.
    """
    wanted = f"({size},) or ({size}, k)"
    return as_numbers(name, in_order(name, values, labels), wanted, empty=True)


def as_target(name, y, quantity=False):
    """The argument as a target, (n,): floats are quantities, all other numbers and texts classes.

    With ``quantity`` all must be numbers. None is missing or infinite.
    """
    y = as_numbers(name, y) if quantity else as_classes(name, y)
    if y.dtype.kind == "f":
        return as_numbers(name, y)
    if y.dtype.kind not in "biuUS":
        raise TypeError(f"{name} has dtype {y.dtype}, {name}[0] is {y[0]!r}; make its labels "
                        "numbers or texts")
    return y


def as_positions(name, rows, size):
    """The argument as an array of positions from 0 to size - 1."""
    rows = np.atleast_1d(as_array(name, rows))
    if rows.dtype.kind == "O":  # pandas' nullable integers
        rows = np.array(rows.tolist())
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise TypeError(f"{name} must be a list of integer positions")
    if rows.size and (rows.min() < 0 or rows.max() >= size):
        raise ValueError(f"{name} runs from {rows.min()} to {rows.max()}; positions are 0 to "
                         f"{size - 1}")
    return rows.astype(int)


def as_singular_values(name, values, wanted):
    """The argument as numbers from 0 to 1, up to rounding."""
    values = as_numbers(name, values, wanted)
    refuse_cells(name, values, lambda v: (v < 0) | (v > 1 + 1e-12), "singular values lie in [0, 1]")
    return values


# -- what is refused ------------------------------------------------------------------


def refuse_dtype(name, dtype):
    if dtype.kind not in "buif":
        raise TypeError(f"{name} has dtype {dtype}; it must hold real numbers")


def refuse_cells(name, table, is_bad, rule):
    """Raise for the first cell of a dense or sparse table that breaks the rule."""
    values = table.data if sp.issparse(table) else table
    bad = np.argwhere(is_bad(values))
    if len(bad):
        first = tuple(bad[0])
        place = (axis[first] for axis in table.tocoo().coords) if sp.issparse(table) else first
        where = f"[{', '.join(map(str, place))}]" if table.ndim else ""
        raise ValueError(f"{name}{where} is {values[first]:.10g}; {rule}")


def refuse_outside(name, table, least=-np.inf, most=np.inf, above=-np.inf, below=np.inf):
    """Raise for the first number that is not finite, or not in the range that is asked for."""
    refuse_cells(name, table, lambda v: ~np.isfinite(v), "it must be finite")
    for is_outside, limit, side in [
            (np.greater, least, "at least"), (np.less, most, "at most"),
            (np.greater_equal, above, "above"), (np.less_equal, below, "below")]:
        if np.isfinite(limit):
            refuse_cells(name, table, partial(is_outside, limit), f"it must be {side} {limit}")


def _total(name, table):
    with np.errstate(over="ignore"):
        total = table.sum()
    if np.isinf(total):
        raise ValueError(f"{name} sums to inf; its numbers are too large to be added up")
    return total
