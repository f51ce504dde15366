"""Numbers and dates as people write them: "?" for nothing, decimal commas, units, dates."""

from __future__ import annotations

MISSING = {"", "?", "-", "--", ".", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none"}
GROUPS = ",", ".", " '’\u00a0\u202f"  # what stands between thousands: a comma, a dot, others


def number(between, point):
    """The pattern of a number with marks ``between`` its thousands and ``point`` before tenths."""
    return (rf"[+-]?(?:[1-9]\d{{0,2}}(?:[{between}]\d{{3}})+|\d*)(?:[{point}]\d*)?"
            r"(?:[eE][+-]?\d+)?")


# What a whole column may follow, in the order tried: how it is called, and the two marks.
MANNERS = (("numbers", "", "."),
           ("numbers with marks between thousands", GROUPS[0] + GROUPS[2], "."),
           ("numbers with a decimal comma", GROUPS[1] + GROUPS[2], ","))
MONEY = "€$£¥"
UNIT = rf"([+-]?)([{MONEY}]?)\s*([^{MONEY}]*?[\d.,])\s*((?:[^\W\d_]|[{MONEY}%‰°]).*)?"
DATES = "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%H:%M"
SLASHES = "%d/%m/%Y", "%m/%d/%Y"
UNCLEAR = "dates in which day and month cannot be told apart; write them as 2024-03-31"


def numbers(column):
    """(floats with NaN, or None if some entries are words; what to say of it) for a column.

    Of "1,234" the comma is taken to stand between thousands, unless another entry of the column,
    such as "0,5", says that it is a decimal one.
    """
    import pandas as pd
    from pandas.api import types

    known = column.dropna().astype(object)
    if types.infer_dtype(known) == "date":
        return _days(known.map(lambda date: date.toordinal()), column)
    words, missing = _said(known)
    found, how = _read_best(words)
    if found.notna().all() and len(words):
        how += f", {_quoted(missing)} as missing" if len(missing) else ""
        return found.astype(float).reindex(column.index), how
    dates = _dates(words)
    if len(dates) > 1:
        return None, UNCLEAR
    if dates:
        return _days((dates[0] - dates[0].min()) / pd.Timedelta(days=1), column)
    return None, ""


def apart(column):
    """A column of numbers with some words among them, such as "<5", as two columns.

    (floats, NaN where an entry is no number; texts, "a number" where it is one, NaN where there
    is nothing; what to say of it), or None unless more than half of the entries are numbers.
    """
    import pandas as pd

    words, missing = _said(column.dropna().astype(object))
    found, _ = _read_best(words)
    read = int(found.notna().sum())
    if 2 * read <= len(words) + len(missing) or read == len(words):
        return None
    texts = words.where(found.isna(), "a number")
    what = (f"{read} of {len(words) + len(missing)} entries are numbers, the others "
            f"{_quoted(pd.concat([missing, words[found.isna()]]))}")
    return found.astype(float).reindex(column.index), texts.reindex(column.index), what


def _said(known):
    """The entries as texts: those that say something, and those that stand for nothing."""
    said = known.map(str).astype(object).str.strip().str.replace("−", "-")
    missing = said.str.casefold().isin(MISSING)
    return said[~missing], said[missing]


def _read_best(words):
    """`_written`, without a unit that all of them have if this reads more."""
    found, how = _written(words)
    if not found.notna().all():
        bare, unit = _without_unit(words)
        again, manner = _written(bare)
        if unit and again.notna().sum() > found.notna().sum():
            return again, f"{manner} in {unit}"
    return found, how


def _written(words):
    """The words as floats, in the manner that reads most of them, and how it is called."""
    return max(((_read(words, *marks), how) for how, *marks in MANNERS),
               key=lambda tried: tried[0].notna().sum())  # of equal ones the first


def _without_unit(words):
    """The words without the one unit or currency that all of them have, and its name, or ""."""
    parts = words.str.extract(f"^{UNIT}$").fillna("")
    sign, money, bare, unit = (parts[part] for part in parts)
    signs = (money + unit).unique()
    if len(signs) != 1 or not signs[0]:
        return words, ""
    return sign + bare, "percent" if signs[0] == "%" else repr(signs[0])


def _dates(words):
    """The words as dates, in every order of day and month that reads all of them."""
    import pandas as pd

    if not len(words):
        return []
    for manners in ("ISO8601",), *((manner,) for manner in DATES), SLASHES:
        read = [pd.to_datetime(words, format=manner, errors="coerce", utc=True)
                for manner in manners]
        if dates := [dates for dates in read if dates.notna().all()]:
            return dates
    return []


def _read(words, between, point):
    """The words as floats, NaN where one is not a number of this manner."""
    import pandas as pd

    if between:
        words = words.where(words.str.fullmatch(number(between, point)))
        words = words.str.replace(rf"[{between}]", "", regex=True).str.replace(point, ".")
    return pd.to_numeric(words, errors="coerce")


def _days(numbers, column):
    return (numbers - numbers.min()).astype(float).reindex(column.index), "days"


def _quoted(words, most=3):
    """The different words, the most frequent first, shortened."""
    words = words.value_counts().index
    shown = [repr(word if len(word) <= 20 else f"{word[:19]}…") for word in words[:most]]
    return ", ".join(shown) + (f" and {len(words) - most} more" if len(words) > most else "")
