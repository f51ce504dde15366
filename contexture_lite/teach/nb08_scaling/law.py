"""The scaling law of notebook 08: error(N) ≈ E + κ distance(N), distance(N) ≈ a N^−α.

N counts a network's weights; the distance is what it has left to learn, 1 − alignment with the
exact functions of its context. α is nearly the same in every context of the digits; E, and what
the missing functions are worth, κ, are the context's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from contexture_lite.teach.nb08_scaling.compute import DISTANCE, grid, refuse_unknown
from contexture_lite.teach.nb08_scaling.results import COLOURS, EXACT, LETTERS, MARKS, legend
from contexture_lite.teach.pictures import style

__all__ = ["networks", "power", "worth", "summary", "picture", "SMALL", "LARGE"]

DEEP = 2  # hidden layers, at least
SMALL, LARGE = 30_000, 300_000  # weights: the law is fitted below, and broken above


class Power(NamedTuple):
    """distance ≈ ``scale`` · N^−``exponent``; ``r`` is the correlation of the logarithms."""

    scale: float
    exponent: float
    r: float

    def at(self, weights):
        """The distance at these numbers of weights."""
        return self.scale * np.asarray(weights, dtype=float) ** -self.exponent


class Worth(NamedTuple):
    """error ≈ ``floor`` + ``worth`` · distance; ``r`` is their correlation."""

    floor: float
    worth: float
    r: float

    def at(self, distance):
        """The error at these distances."""
        return self.floor + self.worth * np.asarray(distance)


def networks(table, task="digits", seed=None):
    """The networks of two or more layers: ``weights``, ``distance``, ``error``, ``error_exact``.

    A DataFrame with index (context, depth, width), weakest context first; means over the seeds,
    or those of one ``seed``. Points and steps are the grid's.
    """
    of = grid(table, task)
    if seed is not None:
        refuse_unknown("seed", seed, of.seeds)
    values = of.mean if seed is None else {
        name: of_all[..., of.seeds.index(seed)] for name, of_all in of.values.items()}
    index = pd.MultiIndex.from_product([of.contexts, of.depths, of.widths],
                                       names=["context", "depth", "width"])
    columns = {name: values[name].swapaxes(1, 2).ravel()
               for name in ("parameters", DISTANCE, "error", "error_exact")}
    every = pd.DataFrame(columns, index).rename(columns={"parameters": "weights"})
    return every[index.get_level_values("depth") >= DEEP]


def power(weights, distance):
    """The `Power` through networks: a line by least squares in the logarithms of both."""
    x, y = np.log(weights), np.log(distance)
    slope, height = np.polyfit(x, y, 1)
    return Power(float(np.exp(height)), float(-slope), float(np.corrcoef(x, y)[0, 1]))


def worth(distance, error):
    """The `Worth` of what is missing: a line by least squares."""
    slope, height = np.polyfit(distance, error, 1)
    return Worth(float(height), float(slope), float(np.corrcoef(distance, error)[0, 1]))


def summary(of, below=LARGE):
    """Both laws in every context, fitted to the ``networks`` below so many weights.

    A DataFrame: exponent and r of the distance, E and κ of the error, and the error of the exact
    functions, which was known before any network was trained.
    """
    rows = {}
    for context, mine in of[of["weights"] < below].groupby("context", sort=False):
        falls = power(mine["weights"], mine[DISTANCE])
        costs = worth(mine[DISTANCE], mine["error"])
        rows[context] = {"exponent": falls.exponent, "r": falls.r, "E": costs.floor,
                         "κ": costs.worth, "error_exact": mine["error_exact"].iloc[0]}
    return pd.DataFrame(rows).T.rename_axis("context")


def picture(of, below=SMALL):
    """Distance along the weights, both logarithmic, and error along the distance.

    Lines are fitted to the filled dots, networks of fewer than ``below`` weights; hollow dots
    were predicted. Dashed, in the right panel: the error of the exact functions.
    """
    fig, (left, right) = style.panels(2, left=0.23)
    handles, said = [], []
    for (context, mine), colour, mark, dark in zip(of.groupby("context", sort=False), COLOURS,
                                                   MARKS, LETTERS):
        mine = mine[mine[DISTANCE] > 0]  # five digits are kept
        small = mine["weights"] < below
        falls = power(mine["weights"][small], mine[DISTANCE][small])
        costs = worth(mine[DISTANCE][small], mine["error"][small])
        for ax, x, y in ((left, "weights", DISTANCE), (right, DISTANCE, "error")):
            for part, face in ((small, colour), (~small, "white")):
                ax.plot(mine[x][part], mine[y][part], mark, ms=7, mfc=face, mec=colour, mew=1.4)
        ends = np.array([mine["weights"].min(), mine["weights"].max()])
        left.plot(ends, falls.at(ends), color=colour, lw=2)
        across = np.array([0, mine[DISTANCE].max()])
        right.plot(across, costs.at(across), color=colour, lw=2)
        right.axhline(mine["error_exact"].iloc[0], color=colour, lw=1.6, ls=EXACT, zorder=0)
        handles.append((Line2D([], [], color=colour, marker=mark, lw=2, ms=7), context, dark))
        said.append(f"{context}: distance falls as the power −{falls.exponent:.2f} of the weights, "
                    f"error {costs.floor:.3f} {costs.worth:+.2f} × distance")
    left.set(xscale="log", yscale="log")
    right.set_ylim(*np.array([-0.13, 1.06]) * right.dataLim.y1)  # room for the legend
    style.label(left, "Distance along the size", "weights of the network",
                "distance, 1 − alignment")
    style.label(right, "Error along the distance", "distance, 1 − alignment",
                "error, share of variance")
    legend(right, handles, loc="lower right")
    return style.Picture(fig, f"Fitted below {below:,} weights. " + "; ".join(said))
