"""The pictures with their names."""

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite import datasets


def test_there_are_1601_pictures_with_different_names():
    pairs = cl.datasets.emoji()
    assert pairs.pictures.shape == (1601, 16, 16, 3) and pairs.pictures.dtype == np.uint8
    assert len(set(pairs.names)) == len(set(pairs.characters)) == 1601
    assert len(set(pairs.groups)) == 8 and len(set(pairs.subgroups)) == 96
    assert pairs.names[0] == "grinning face" and pairs.subgroups[0] == "face-smiling"
    assert "1601 pictures of 16 × 16" in repr(pairs) and "OFL" in pairs.licence


def test_pictures_differ_and_are_neither_empty_nor_shared():
    first, second = datasets.emoji(), datasets.emoji()
    assert first.pictures.reshape(1601, -1).std(axis=1).min() > 1
    assert not np.shares_memory(first.pictures, second.pictures)
    with pytest.raises(AttributeError):
        first.names = ()


def test_the_licence_lies_beside_the_file():
    from importlib import resources

    text = (resources.files("contexture_lite.datasets") / "emoji.LICENSE.txt").read_text()
    for words in ("SIL OPEN FONT LICENSE Version 1.1", "Google Inc., Arjen Nienhuis",
                  "16 x 16 pixels on white", "1991-2022 Unicode, Inc.", "PERMISSION NOTICE"):
        assert words in text
