"""Labels: of points, where none may be missing; and of axes, where two labelled things meet."""

from __future__ import annotations

from numbers import Number

import numpy as np
import scipy.sparse as sp

# -- of points: classes and groups ----------------------------------------------------


def as_classes(name, labels):
    """The argument as a one-dimensional array of labels of one kind, none missing.

    Numbers and texts as NumPy's own; periods and other labels as objects.
    """
    labels = plain(name, labels)
    labels = labels if np.iterable(labels) else np.asarray(labels)
    shape = tuple(np.shape(labels))
    if len(shape) != 1:
        raise ValueError(f"{name} has shape {shape}; it must be (n,), one label a point")
    if shape == (0,):
        raise ValueError(f"{name} is empty; it needs at least one label")
    dates = getattr(getattr(labels, "dtype", None), "kind", "") in ("m", "M")
    # tolist makes Python's own of everything, but integers of dates
    entries = labels.tolist() if hasattr(labels, "tolist") and not dates else list(labels)
    for place, entry in enumerate(entries):  # as given: NumPy makes a missing text the text "nan"
        if is_missing(entry):
            raise ValueError(f"{name}[{place}] is missing; every point needs a label")
        if kind_of_label(entry) != kind_of_label(entries[0]):
            raise TypeError(f"{name}[0] is {entries[0]!r} and {name}[{place}] is {entry!r}; "
                            "labels must be of one kind")
    if kind_of_label(entries[0]) in ("number", "text"):
        array = np.asarray(entries)
        return array.astype(float) if array.dtype == object else array
    return np.fromiter(entries, dtype=object, count=len(entries))


def kind_of_label(label):
    """Labels of two kinds are never equal, whatever NumPy makes of them in one array."""
    if isinstance(label, Number | np.bool_):
        return "number"
    return "text" if isinstance(label, str) else type(label).__name__


def is_missing(entry):
    """None, NaN, NaT or pandas' NA."""
    if entry is None or type(entry).__name__ == "NAType":
        return True
    try:
        return bool(entry != entry)
    except (TypeError, ValueError):
        return False


def plain(name, values):
    """The argument, a tensor as an array; TypeError for what NumPy would drop or wrap."""
    if sp.issparse(values) or "sparse" in str(getattr(values, "layout", "")):
        way = "toarray" if sp.issparse(values) else "to_dense"
        raise TypeError(f"{name} is sparse; give a dense array: {name}.{way}()")
    parts = [values, *values] if isinstance(values, list | tuple) else [values]
    if any(isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part) for part in parts):
        raise TypeError(f"{name} has masked entries; fill them with {name}.filled(value), or leave "
                        f"their points out")
    if hasattr(values, "detach"):  # NumPy does not know all of PyTorch's floats
        values = values.detach().cpu()
        values = (values.double() if values.is_floating_point() else values).numpy()
    return values


# -- of axes: what belongs together has the same label ------------------------------------


def as_labels(name, labels, size):
    if labels is None:
        return None
    if isinstance(labels, str) or not np.iterable(labels):
        raise TypeError(f"{name} is {labels!r}; it must be a sequence of {size} labels")
    labels = list(labels)
    if len(labels) != size:
        raise ValueError(f"{name} has {len(labels)} labels for {size} positions")
    return labels


def order_of(name, labels, other, wanted):
    """The positions that bring ``labels`` into the order of ``wanted``; None if none are to move.

    None if either has no labels, or bare positions (0, 1, … or "0", "1", …) beside the other's
    names. Other labels than ``wanted``, or bare positions beside the same in another order, are
    refused: what belongs together cannot be known. (Lengths are compared elsewhere.)
    """
    if labels is None or wanted is None or len(labels) != len(wanted):
        return None
    labels, wanted = list(labels), list(wanted)
    if labels == wanted:
        return None
    place = {label: position for position, label in enumerate(labels)}
    same = len(place) == len(labels) and place.keys() == set(wanted)
    bare = _bare(labels) or _bare(wanted)
    if same != bare:
        return [place[label] for label in wanted] if same else None
    first = next(i for i, pair in enumerate(zip(labels, wanted)) if pair[0] != pair[1])
    raise ValueError(f"{name}: its labels are {_shown(labels, first)}, those of {other} are "
                     f"{_shown(wanted, first)}; bring them into one order, or take one's away")


def _bare(labels):
    return labels in (list(range(len(labels))), list(map(str, range(len(labels)))))


def names_among(*several):
    """The first that are names, and not bare positions; else the first that are anything."""
    given = [labels for labels in several if labels is not None]
    return next((labels for labels in given if not _bare(labels)), given[0] if given else None)


def _shown(labels, first):
    """Some labels, the first that differs among them."""
    start = max(0, first - 2)
    some = [repr(label) for label in labels[start : start + 5]]
    return ", ".join(["…"] * (start > 0) + some + ["…"] * (start + 5 < len(labels)))


def in_order(name, values, labels, other="context"):
    """A Series or DataFrame with its rows in the order of ``labels``; anything else as it is."""
    order = order_of(name, values.index, other, labels) if hasattr(values, "iloc") else None
    return values if order is None else values.iloc[order]


def row_by_row(**given):
    """The arguments, with their rows in the order of the first that names them (pandas)."""
    indices = {name: list(of.index) for name, of in given.items() if hasattr(of, "iloc")}
    labels = names_among(*indices.values())
    first = next((name for name in indices if indices[name] is labels), None)
    return [in_order(name, values, labels, first) for name, values in given.items()]


def index_of(values):
    """The names of the rows of a Series or DataFrame; None where it only counts them."""
    names = list(values.index) if hasattr(values, "iloc") else None
    return None if names is None or _bare(names) else names


def columns_of(values):
    """The names of the columns of a DataFrame (pandas' or polars'), else None."""
    return list(values.columns) if hasattr(values, "columns") else None


def in_columns(name, values, wanted, other="context"):
    """A DataFrame with its columns in the order of ``wanted``; anything else as it is."""
    order = order_of(name, columns_of(values), other, wanted)
    return values if order is None else values[list(wanted)]
