"""Columns as people write them: read as the numbers they are, or it is said what is in the way."""

import datetime
import decimal
import io

import numpy as np
import pandas as pd
import pytest

from contexture_lite.diagnosis.table import read
from contexture_lite.diagnosis.written import numbers

VALUES = np.random.default_rng(0).normal(size=80) * 3000


def column(form, marks=()):
    """VALUES as texts, every tenth in turn one of the marks; and which are numbers."""
    texts = [form(value) for value in VALUES]
    for turn, place in enumerate(range(0, 80, 10) if marks else ()):
        texts[place] = marks[turn % len(marks)]
    return texts, np.arange(80) % 10 > 0 if marks else np.full(80, True)


def english(value):
    return f"{value:,.2f}"


def german(value):
    return english(value).translate(str.maketrans(",.", ".,"))


def day(value):
    return datetime.date(2001, 1, 1) + datetime.timedelta(days=int(value))


READ = {
    "question marks": (lambda v: f"{v:.2f}", ["?"], "numbers, '?' as missing"),
    "not available": (lambda v: f" {v:.2f} ", ["N/A"], "numbers, 'N/A' as missing"),
    "many marks": (lambda v: f"{v:.2f}", ["NA", "-", " ", "null", "."],
                   "numbers, 'NA', '-', '' and 2 more as missing"),
    "decimal commas": (lambda v: f"{v:.2f}".replace(".", ","), [], "numbers with a decimal comma"),
    "decimal commas and marks": (german, ["?"], "numbers with a decimal comma, '?' as missing"),
    "thousands": (english, [None], "numbers with marks between thousands"),
    "thousands of spaces": (lambda v: english(v).replace(",", " "), [],
                            "numbers with marks between thousands"),
    "thousands in Bern": (lambda v: english(v).replace(",", "’"), [],
                          "numbers with marks between thousands"),
    "thousands in Paris": (lambda v: german(v).replace(".", "\u202f"), [],
                           "numbers with a decimal comma"),
    "percent": (lambda v: f"{v:.2f}%", ["?"], "numbers in percent, '?' as missing"),
    "percent and a comma": (lambda v: german(v) + " %", [],
                            "numbers with a decimal comma in percent"),
    "prices": (lambda v: german(v) + " €", ["?"],
               "numbers with a decimal comma in '€', '?' as missing"),
    "prices in London": (lambda v: f"£{v:.2f}".replace("£-", "-£"), [], "numbers in '£'"),
    "a unit": (lambda v: f"{v:.2f}kg", ["-"], "numbers in 'kg', '-' as missing"),
    "a true minus": (lambda v: f"{v:.2f}".replace("-", "−"), [], "numbers"),
    "exponents": (lambda v: f"{v:.12e}".replace(".", ","), [], "numbers with a decimal comma"),
    "decimals": (lambda v: decimal.Decimal(f"{v:.2f}"), [None], "numbers"),
    "dates": (day, [None], "days"),
    "dates beyond what nanoseconds can count": (
        lambda v: day(v).replace(year=day(v).year - 1000), [None], "days"),
    "dates as texts": (lambda v: str(day(v)), ["?"], "days"),
    "dates in Berlin": (lambda v: f"{day(v):%d.%m.%Y}", ["-"], "days"),
    "dates in London": (lambda v: f"{day(v):%d/%m/%Y}", [None], "days"),
    "dates in Boston": (lambda v: f"{day(v):%m/%d/%Y}", ["n/a"], "days"),
    "dates in a diary": (lambda v: f"{day(v):%d %b %Y}", [], "days"),
}


@pytest.mark.parametrize("which", READ)
@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_texts_are_read_as_the_numbers_they_are(which, dtype):
    form, marks, how = READ[which]
    texts, written = column(form, marks)
    found, said = numbers(pd.Series(texts, dtype=dtype))
    assert said == how
    assert found.isna().tolist() == (~written).tolist()
    if how == "days":
        days = np.array([day(value).toordinal() for value in VALUES])
        assert np.abs(found - (days - days[written].min()))[written].max() <= 1  # leap years
    else:
        np.testing.assert_allclose(found[written], VALUES[written], rtol=0, atol=0.006)


@pytest.mark.parametrize(("form", "settings"), [
    (english, {"thousands": ","}), (german, {"thousands": ".", "decimal": ","}),
    (lambda v: f"{v:.0f},5", {"decimal": ","}), (lambda v: f"{v:,.0f}", {"thousands": ","}),
])
def test_they_are_what_pandas_reads_when_told_how(form, settings):
    texts, _ = column(form, ["?", "n/a"])
    frame = pd.read_csv(io.StringIO("\n".join(texts)), sep=";", header=None, na_values="?",
                        **settings)
    pd.testing.assert_series_equal(numbers(pd.Series(texts))[0], frame[0], check_names=False)


@pytest.mark.parametrize(("texts", "wanted"), [
    (["1,234", "2,345"], [1234, 2345]), (["1,234", "0,345"], [1.234, 0.345]),
    (["1,234", "2,5"], [1.234, 2.5]), (["1.234", "2.5"], [1.234, 2.5]),
    (["1.234.567", "2.345"], [1234567, 2345]), (["1,234,567", "12"], [1234567, 12]),
    ([",5", "-1,"], [0.5, -1]), (["1 000", "+20"], [1000, 20]),
    (["1e3", "1.5E-2"], [1000, 0.015]), ([True, 3], None), (["1,2,3", "4,5,6"], None),
    (["1,5", "1.5"], None), (["12-05", "13-05"], None), (["3%", "0.03"], None), (["?", "-"], None),
    (["5 kg", "-6 kg"], [5, -6]),
    (["5 kg", "6 g"], None), (["5 kg", "6"], None), (["$5", "$1,000"], [5, 1000]),
    (["$5", "€6"], None), (["A5", "A6"], None), (["5 to 6", "7 to 8"], None),
    (["09:30", "18:00"], [0, 8.5 / 24]), (["1,23,456", "2"], None), ([], None),
])
def test_one_manner_holds_for_a_whole_column(texts, wanted):
    found, _ = numbers(pd.Series(texts, dtype=object))
    assert found is None if wanted is None else found.tolist() == wanted


def frame(texts):
    return pd.DataFrame({"a": VALUES, "b": texts})


def test_words_among_numbers_cost_no_number():
    texts, _ = column(lambda value: f"{value:.2f}", ["low", "high", "low"])
    found = read(frame(texts), None)
    others = ("b: 72 of 80 entries are numbers, the others 'low', 'high': kept as numbers, with "
              "the words in a column beside")
    assert found.notes == (others,)
    numbers, words = (found.frame[place] for place in (1, 2))
    said = [text not in ("low", "high") for text in texts]
    assert numbers.notna().tolist() == said
    assert np.allclose(numbers[said], [float(text) for text in texts if text[-1].isdigit()])
    assert words.tolist() == ["a number" if number else text for number, text in zip(said, texts)]
    texts[3] = "a remark that is long, and longer still"
    assert "b: 71 of 80 entries are numbers, the others 'low', 'high', 'a remark that is lo…'" in (
        read(frame(texts), None).notes[0])


def test_few_values_stay_categories_and_texts_of_their_own_are_left_out():
    texts = [f"{i % 4}" if i % 4 < 3 else "3 or more" for i in range(80)]
    assert read(frame(texts), None).notes == (
        "b: 60 of 80 entries are numbers, the others '3 or more': every value is a category",)
    assert read(frame([f"no {i}" for i in range(80)]), None).notes == (
        "left out, a text of its own in most rows: b",)
    with pytest.raises(ValueError, match=r"X\['b'\] is 1e\+200 in row 5"):
        read(frame(["low", *(f"{i}" for i in range(4)), "1e200", *(f"{i}" for i in range(74))]),
             None)


def test_dates_that_may_begin_with_the_day_or_the_month_are_not_guessed():
    texts = [f"{1 + i % 12:02d}/{1 + i // 12:02d}/2024" for i in range(80)]
    assert any(note.startswith("b: dates in which day and month") for note in read(
        frame(texts), None).notes)


def test_the_reader_is_told_and_the_numbers_are_used():
    texts, written = column(german, ["?"])
    table = read(frame(texts), None)
    assert table.notes == ("read as numbers with a decimal comma, '?' as missing: b",)
    points = table.points(np.arange(80), np.arange(80))[:, 1]
    np.testing.assert_allclose(points[written], VALUES[written], atol=0.006)
    np.testing.assert_allclose(points[~written], np.median(VALUES[written]), atol=0.006)


def test_a_mark_in_y_is_a_missing_y():
    texts, written = column(lambda value: f"{value:.2f}", ["?", "N/A"])
    table = read(frame(VALUES), texts)
    assert table.kind == "regression" and len(table.target) == 72
    wanted = VALUES[written]
    np.testing.assert_allclose(table.target[:, 0], (wanted - wanted.mean()) / wanted.std(),
                               atol=1e-4)
    assert table.notes == ("read as numbers, '?', 'N/A' as missing: y",
                           "8 rows without a y were left out")
    few = read(frame(VALUES), ["1", "2", "?", "3"] * 20)
    assert few.kind == "classification" and few.target.sum(axis=0).tolist() == [20, 20, 20]
    words = read(frame(VALUES), ["yes", "no", "?", "no"] * 20)
    assert words.target.shape == (80, 3)  # among words "?" may be an answer
