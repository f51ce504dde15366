"""Pictures with their names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np

from contexture_lite._text import said


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pictures with their names: row i of the one belongs to entry i of the other.

    Attributes
    ----------
    pictures : (n, side, side, 3) array
        Red, green and blue from 0 to 255.
    names, groups, subgroups : (n,) arrays of texts
        What each picture is called, and where it belongs, coarsely and finely.
    characters : (n,) array of texts
        As Unicode writes it.
    source, licence : str
    """

    pictures: np.ndarray
    names: np.ndarray
    groups: np.ndarray
    subgroups: np.ndarray
    characters: np.ndarray
    source: str
    licence: str

    def __repr__(self):
        return said(f"Pairs({len(self.names)} pictures of {self.pictures.shape[1]} × "
                    f"{self.pictures.shape[2]} with their names; {self.source})")


def emoji():
    """1,601 pictures of 16 × 16 pixels with their English names, as a `Pairs`; needs NumPy only.

    The file is under the SIL Open Font License, with a notice of Unicode for the names:
    emoji.LICENSE.txt lies beside it.
    """
    with (resources.files(__package__) / "emoji.npz").open("rb") as file:
        parts = dict(np.load(file))
    return Pairs(**parts, source="Noto Color Emoji 2.042 at 16 × 16, names of Unicode 15.0",
                 licence="OFL-1.1 (names: Unicode-DFS-2016)")
