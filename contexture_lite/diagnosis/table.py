"""A reader's own table made ready for contexts: what each column is, and numbers from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import as_array, columns_of, row_by_row
from contexture_lite._lazy import needed
from contexture_lite.diagnosis import written

LEAST_ROWS = 30
LARGEST = 1e100  # squares of sums of larger numbers overflow
MOST_CATEGORIES = 20  # of a text column; rarer ones share a column
MOST_CLASSES = 20  # integers with more values are quantities


@dataclass(frozen=True, eq=False)
class ReadersTable:
    """The columns that can be used, with the task and what was done to get there."""

    frame: object  # a DataFrame, columns numbered, of floats (NaN where missing) or texts
    shape: tuple[int, int]  # (rows, columns) as given
    kind: str | None  # "regression" or "classification"
    target: np.ndarray | None  # (n, k): a quantity in its own standard deviations, or one-hot
    notes: tuple[str, ...]  # what the reader should know was done

    def points(self, rows, trained):
        """Numbers for the positions ``rows``; what must be learned is learned from ``trained``.

        Missing numbers become the median, a text column becomes one column for each of its
        values, of which "missing" is one.
        """
        from sklearn.compose import make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.preprocessing import OneHotEncoder

        texts = [c for c in self.frame if self.frame[c].dtype == object]
        numbers = [c for c in self.frame if c not in texts]
        encode = OneHotEncoder(max_categories=MOST_CATEGORIES, sparse_output=False,
                               handle_unknown="infrequent_if_exist")
        fill = SimpleImputer(strategy="median", keep_empty_features=True)
        prepare = make_column_transformer((fill, numbers), (encode, texts))
        return prepare.fit(self.frame.iloc[trained]).transform(self.frame.iloc[rows])


def read(X, y):
    """The table that `contexture_lite.diagnose` was given, checked; a ReadersTable.

    Raises ValueError or TypeError that say which column or row, and what to do.
    """
    X, y = row_by_row(X=X, y=y)
    frame = _as_frame(X)
    shape, notes, kind, target = frame.shape, [], None, None
    names = [str(name) for name in frame.columns]
    frame.columns = range(shape[1])
    if y is not None:
        y, how = _without_marks(_as_column(y, len(frame)))
        if how:
            notes.append(f"read as {how}: y")
        labelled = y.notna().to_numpy()
        if not labelled.all():
            frame = frame[labelled]
            notes.append(f"{(~labelled).sum()} rows without a y were left out")
            _refuse_few(len(frame), "rows with a y")
        kind, target = _task(y[labelled], some_missing=not labelled.all())
    columns, dropped, read_as = {}, {}, {}
    for place, name in enumerate(names):
        found, how = _columns(frame[place], f"X[{name!r}]")
        if how and found[-1].dtype == object:
            notes.append(f"{name}: {how}")
        why = _useless(found[0])
        if why:
            dropped.setdefault(why, []).append(name)
            continue
        columns |= {len(columns) + i: column for i, column in enumerate(found)}
        if how and found[-1].dtype != object:
            read_as.setdefault(how, []).append(name)
    gone = [f"left out, {why}: {_listed(which)}" for why, which in dropped.items()]
    notes = [*gone, *(f"read as {how}: {_listed(which)}" for how, which in read_as.items()), *notes]
    if not columns:
        raise ValueError(f"X has no column to make a context from ({'; '.join(gone)}); give at "
                         "least one whose values differ from row to row and come back")
    frame = type(frame)(columns)
    copies = int(frame.duplicated().sum())
    if copies:
        notes.append(f"{copies} rows are copies of another, so a row to test on may be known")
    return ReadersTable(frame, shape, kind, target, tuple(notes))


def _listed(names):
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _refuse_few(count, what):
    if count < LEAST_ROWS:
        raise ValueError(f"X has {count} {what}; diagnose needs at least {LEAST_ROWS}, since three "
                         "fifths make the context, a fifth trains the probe and a fifth tests it")


# -- X --------------------------------------------------------------------------------


def _as_frame(X):
    """A DataFrame of its own of whatever is two-dimensional."""
    pd = needed("pandas")

    if isinstance(X, pd.Series):
        X = X.to_frame()
    if not isinstance(X, pd.DataFrame):
        names, X = columns_of(X), as_array("X", X)
        if X.ndim != 2:
            raise ValueError(f"X has shape {X.shape}; it must be a table, (rows, columns); for one "
                             "column take X.reshape(-1, 1)")
        X = pd.DataFrame(X, columns=names).infer_objects()
    if X.shape[1] == 0:
        raise ValueError("X has no columns")
    _refuse_few(len(X), "rows")
    return X.reset_index(drop=True)


def _columns(column, name):
    """A column as one of floats with NaN or of texts with "missing", and what to say of it.

    Of numbers with some words among them there are two, unless the values are so few that all of
    them can be categories.
    """
    import pandas as pd

    numbers, how = _numbers(column, name)
    if numbers is not None:
        return [pd.Series(numbers, index=column.index)], how
    texts = _text(column.astype(object))
    mixed = None if isinstance(column.dtype, pd.CategoricalDtype) else written.apart(column)
    if mixed is None:
        return [texts], how
    numbers, words, what = mixed
    _moderate(numbers, name)
    if texts.nunique() <= MOST_CATEGORIES:
        return [texts], f"{what}: every value is a category"
    return [numbers, _text(words)], f"{what}: kept as numbers, with the words in a column beside"


def _text(column):
    return column.map(str).where(column.notna(), "missing").astype(object)


def _useless(column):
    """Why a column cannot help, or nothing."""
    known = column[column != "missing"].dropna()
    if len(known) == 0:
        return "no value in any row"
    if known.nunique() < 2 and (column.dtype != object or len(known) == len(column)):
        return "the same value everywhere"
    if column.dtype == object and known.nunique() > max(MOST_CATEGORIES, len(known) / 2):
        return "a text of its own in most rows"
    return ""


def _numbers(column, name):
    """(floats with NaN, or None if it holds texts; what to say of how it was read)."""
    import pandas as pd
    from pandas.api import types

    how, numbers = "", column
    if types.is_complex_dtype(column):
        raise TypeError(f"{name} is complex; give its real and imaginary part as two columns")
    if types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column):
        how, numbers = "days", (column - column.min()) / pd.Timedelta(days=1)
    elif not types.is_numeric_dtype(column):
        if isinstance(column.dtype, pd.CategoricalDtype):
            return None, ""
        numbers, how = written.numbers(column)
        if numbers is None:
            return None, how
    return _moderate(numbers, name), how


def _moderate(column, name):
    """The column as an array of floats, refused if one is infinite or so large that sums are."""
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    bad = np.flatnonzero(np.abs(numbers) > LARGEST)
    if bad.size:
        raise ValueError(f"{name} is {numbers[bad[0]]:g} in row {column.index[bad[0]]}; make what "
                         "is infinite NaN (it then counts as missing), and scale what is huge")
    return numbers


# -- y --------------------------------------------------------------------------------


def _as_column(y, rows):
    """A Series of as many entries as there are rows."""
    import pandas as pd

    if isinstance(y, str):
        raise TypeError(f"y is the text {y!r}; it must hold the labels themselves: "
                        f"diagnose(X.drop(columns={y!r}), X[{y!r}])")
    if not isinstance(y, (pd.Series, pd.DataFrame, pd.Index)):
        given, y = y, as_array("y", y)
        if y.dtype.kind == "U" and isinstance(given, (list, tuple)):  # NaN is "nan" there
            y = np.asarray(given, dtype=object)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y.iloc[:, 0] if isinstance(y, pd.DataFrame) else y[:, 0]
    if y.shape != (rows,):
        raise ValueError(f"y has shape {y.shape}; X has {rows} rows, so it must be ({rows},)")
    return pd.Series(y).reset_index(drop=True)


def _without_marks(y):
    """The labels, none where a text such as "?" stands for it, and how they then were read."""
    from pandas.api import types

    if not (types.is_object_dtype(y) or types.is_string_dtype(y)):
        return y, ""
    numbers, how = _numbers(y, "y")
    if numbers is None or not (np.isnan(numbers) & y.notna()).any():
        return y, ""
    return y.where(~np.isnan(numbers)), how


def _task(y, some_missing):
    """("regression", standardised (n, 1)) or ("classification", one-hot (n, K))."""
    import pandas as pd
    from pandas.api import types

    values = y.nunique()
    if values < 2:
        what = f"y is {y.iloc[0]!r} in every row" if len(y) else "y is missing in every row"
        raise ValueError(f"{what}, so there is nothing to predict; diagnose(X) without y shows the "
                         "spectra")
    numbers = None if types.is_bool_dtype(y) else _numbers(y, "y")[0]
    if numbers is not None:
        whole = some_missing and (numbers == np.round(numbers)).all()  # NaN made integers floats
        asked = (types.is_float_dtype(y) and not whole) or types.is_datetime64_any_dtype(y)
        if asked or values > MOST_CLASSES:
            return "regression", ((numbers - numbers.mean()) / numbers.std())[:, None]
    if values > len(y) / 5:
        raise ValueError(f"y has {values} classes in {len(y)} rows, which is too many to learn; "
                         "give a quantity as floats, or fewer classes")
    labels = pd.factorize(y if numbers is not None else y.astype(object).map(str))[0]
    return "classification", (labels[:, None] == np.arange(values)).astype(float)
