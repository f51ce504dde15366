"""What comes in at the public doors is checked here, once; and tables have one face.

Every check returns clean NumPy or scipy.sparse data or raises an error that names the
argument, the place and the value. The last section hides whether a table is dense.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def as_table(name, table, x_labels, a_labels):
    """The argument as a finite non-negative (N, M) float table, with its labels."""
    is_frame = hasattr(table, "columns") and hasattr(table, "index")  # without importing pandas
    if is_frame:
        x_labels = list(table.index) if x_labels is None else x_labels
        a_labels = list(table.columns) if a_labels is None else a_labels
        table = table.to_numpy()
    if sp.issparse(table):
        refuse_dtype(name, table.dtype)
        table = sp.csr_array(table, dtype=float, copy=True)
        table.sum_duplicates()
        table.eliminate_zeros()
    else:
        table = as_numbers(name, table)
    if table.ndim != 2:
        raise ValueError(
            f"{name} has shape {table.shape}; it must be two-dimensional, inputs × context values"
        )
    if 0 in table.shape:
        raise ValueError(
            f"{name} has shape {table.shape}; it needs at least one row and one column"
        )
    refuse_cells(name, table, lambda v: ~np.isfinite(v), "must be finite")
    refuse_cells(name, table, lambda v: v < 0, "probabilities and counts must be >= 0")
    refuse_overflow(name, table)
    return (
        table,
        as_labels("x_labels", x_labels, table.shape[0]),
        as_labels("a_labels", a_labels, table.shape[1]),
    )


def as_numbers(name, values):
    """The argument as a new float array, or an error that names it."""
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is not a rectangular array: {error}") from None
    refuse_dtype(name, values.dtype)
    return values.astype(float)


def refuse_dtype(name, dtype):
    if dtype.kind not in "buif":
        raise TypeError(f"{name} has dtype {dtype}; it must hold real numbers")


def refuse_cells(name, table, is_bad, rule):
    """Raise for the first cell of a dense or sparse table that breaks the rule."""
    if sp.issparse(table):
        bad = np.flatnonzero(is_bad(table.data))
        if bad.size:
            cells = table.tocoo()
            x, a, value = cells.coords[0][bad[0]], cells.coords[1][bad[0]], cells.data[bad[0]]
            raise ValueError(f"{name}[{x}, {a}] is {value:g}; {rule}")
        return
    wrong = is_bad(table)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"{name}[{', '.join(map(str, place))}] is {table[place]:g}; {rule}")


def refuse_overflow(name, table):
    with np.errstate(over="ignore"):
        if np.isinf(table.sum()):
            raise ValueError(f"{name} sums to inf; its numbers are too large to be added up")


def as_labels(name, labels, size):
    if labels is None:
        return None
    if isinstance(labels, str) or not np.iterable(labels):
        raise TypeError(f"{name} is {labels!r}; it must be a sequence of {size} labels")
    labels = list(labels)
    if len(labels) != size:
        raise ValueError(f"{name} has {len(labels)} labels for {size} positions")
    return labels


def refuse_empty(name, kind, empty, labels):
    if empty.any():
        where = [str(labels[i] if labels else i) for i in np.flatnonzero(empty)]
        shown = ", ".join(where[:5]) + (f" and {len(where) - 5} more" if len(where) > 5 else "")
        raise ValueError(
            f"{name} has no mass in {kind} {shown}; pass drop_empty=True to leave such {kind}s out"
        )


def without_empty(name, table, x_labels, a_labels, drop_empty):
    """Refuse, or drop, rows and columns that sum to zero."""
    empty_x, empty_a = sums(table, axis=1) == 0, sums(table, axis=0) == 0
    if not drop_empty:
        refuse_empty(name, "row", empty_x, x_labels)
        refuse_empty(name, "column", empty_a, a_labels)
        return table, x_labels, a_labels
    x, a = np.flatnonzero(~empty_x), np.flatnonzero(~empty_a)
    x_labels = (
        [(x_labels or range(table.shape[0]))[i] for i in x] if x_labels or empty_x.any() else None
    )
    a_labels = (
        [(a_labels or range(table.shape[1]))[i] for i in a] if a_labels or empty_a.any() else None
    )
    return table[x][:, a], x_labels, a_labels


def as_distribution(name, p, size):
    """The argument as probabilities of shape (size,), divided by their sum."""
    p = as_numbers(name, p)
    if p.shape != (size,):
        raise ValueError(f"{name} has shape {p.shape}; it must be ({size},)")
    refuse_cells(name, p, lambda v: ~np.isfinite(v), "must be finite")
    refuse_cells(name, p, lambda v: v < 0, "probabilities must be >= 0")
    refuse_overflow(name, p)
    if p.sum() <= 0:
        raise ValueError(f"{name} has total 0; at least one probability must be positive")
    return p / p.sum()


def as_function(name, values, size):
    """The argument as a finite function on ``size`` points, shape (size,) or (size, k)."""
    values = as_numbers(name, values)
    if values.ndim not in (1, 2) or values.shape[0] != size:
        raise ValueError(f"{name} has shape {values.shape}; it must be ({size},) or ({size}, k)")
    refuse_cells(name, values, lambda v: ~np.isfinite(v), "must be finite")
    return values


def as_number(name, value, least=-np.inf, most=np.inf, above=-np.inf, below=np.inf):
    """The argument as a finite float in the range that is asked for."""
    kind = np.asarray(value).dtype.kind if np.ndim(value) == 0 else "many"
    if kind not in "uif":
        raise TypeError(f"{name} is {value!r}; it must be a number")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value}; it must be finite")
    for holds, rule in [(value >= least, f">= {least}"), (value <= most, f"<= {most}"),
                        (value > above, f"> {above}"), (value < below, f"< {below}")]:
        if not holds:
            raise ValueError(f"{name} is {value}; it must be {rule}")
    return float(value)


def as_count(name, value, least=1):
    """The argument as an integer, at least ``least``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}; it must be an integer")
    if value < least:
        raise ValueError(f"{name} is {value}; it must be at least {least}")
    return int(value)


def as_positions(name, rows, size):
    """The argument as an array of positions from 0 to size - 1."""
    try:
        rows = np.atleast_1d(rows)
    except ValueError:
        raise TypeError(f"{name} must be a list of integer positions") from None
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise TypeError(f"{name} must be a list of integer positions")
    if rows.size and (rows.min() < 0 or rows.max() >= size):
        raise ValueError(
            f"{name} runs from {rows.min()} to {rows.max()}; positions are 0 to {size - 1}"
        )
    return rows.astype(int)


def as_generator(name, rng):
    """The argument as a `numpy.random.Generator`."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {rng!r}; it must be a seed or a numpy.random.Generator ({error})"
        ) from None


def as_exact_values(values, shape):
    if values is None:
        return None
    values = as_numbers("exact_values", values)
    if values.shape != (min(shape) - 1,):
        raise ValueError(
            f"exact_values has shape {values.shape}; a {shape[0]}×{shape[1]} context has "
            f"{min(shape) - 1} non-constant singular values"
        )
    refuse_cells(
        "exact_values",
        values,
        lambda v: ~((v >= 0) & (v <= 1 + 1e-12)),
        "singular values lie in [0, 1]",
    )
    return read_only(np.sort(values)[::-1])


# -- dense and sparse tables behind one face --------------------------------------


def sums(table, axis):
    return np.asarray(table.sum(axis=axis)).ravel()


def as_dense(table):
    """The table as a dense array; a dense one is not copied."""
    return table.toarray() if sp.issparse(table) else table


def scaled(table, left=None, right=None):
    """diag(left) · table · diag(right), dense or sparse as the table is."""
    left = np.ones(table.shape[0]) if left is None else left
    right = np.ones(table.shape[1]) if right is None else right
    if sp.issparse(table):
        return sp.csr_array(sp.diags_array(left) @ table @ sp.diags_array(right))
    result = table * left[:, None]
    result *= right
    return result


def column(weights, values):
    return weights if values.ndim == 1 else weights[:, None]


def kernel_of(features, rows, name):
    """Features @ featuresᵀ, or only the rows asked for."""
    if rows is None:
        return features @ features.T
    return features[as_positions(name, rows, features.shape[0])] @ features.T


def read_only(table):
    """The table with writing switched off, so that a Context cannot change."""
    parts = (table.data, table.indices, table.indptr) if sp.issparse(table) else (table,)
    for part in parts:
        part.flags.writeable = False
    return table
