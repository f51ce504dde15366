"""Artists that are moved, not made anew: bars, cells, rings, labels.

`Explorer.moving` takes a class of these or a plain artist, and returns what it was given.
"""

from functools import lru_cache

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from contexture_lite.teach.pictures.style import CONTEXT, GREY, INK, INPUT, PROBABILITY


class Bars:
    """Bars as one artist, so that thirty of them move as fast as one.

    ``positions`` are the centres, ``width`` is in the same unit.
    """

    def __init__(self, ax, positions, width=0.8, color=INPUT, **kwargs):
        self.width = width
        self.artist = PolyCollection([], closed=True, facecolors=color, edgecolors="none", **kwargs)
        self.artist.set_linewidth(0)
        ax.add_collection(self.artist, autolim=False)
        self.place(positions)

    def place(self, positions):
        """Put the bars at new ``positions`` (centres), with height zero."""
        self.positions = np.asarray(positions, dtype=float)
        self.set(np.zeros(len(self.positions)))

    def set(self, heights, colors=None):
        """Give the bars their heights (0 where no more are given), and optionally colours."""
        low, high = self.positions - self.width / 2, self.positions + self.width / 2
        zero, tall = np.zeros((2, len(low)))
        tall[:len(heights)] = heights
        along = np.stack([low, low, high, high], axis=1)
        across = np.stack([zero, tall, tall, zero], axis=1)
        self.artist.set_verts(np.stack((along, across), axis=2))
        if colors is not None:
            self.artist.set_facecolors(colors)

    def set_spectrum(self, squares, d):
        """Bars of s²: the first ``d`` blue, in use, the rest grey."""
        count = len(self.positions)
        self.set(squares[:count], [INPUT if i < d else GREY for i in range(count)])


def ring(ax, size=16, color=CONTEXT, width=3.2):
    """An empty circle that nothing hides: "you are here", or in ink a closed form."""
    return ax.plot([], [], "o", ms=size, mfc="none", mec=color, mew=width, clip_on=False)[0]


def note(ax, x, y, text="", color=INK, **look):
    """Bold words in a panel, at a place from 0 to 1; `Text` takes the rest."""
    return ax.text(x, y, text, color=color, fontweight="bold", transform=ax.transAxes, **look)


def polygons(ax, **look):
    """Filled polygons, placed by ``set_verts``; the limits of the axes stay as they are."""
    return ax.add_collection(PolyCollection([], closed=True, linewidths=0, **look), autolim=False)


def between(x, low, high):
    """Corners of the area between two curves along x, for `polygons`."""
    return np.column_stack([[*x, *x[::-1]], [*low, *high[::-1]]])


def around(values, size=0.42):
    """(x, y) of a closed line around the unit circle: values in [−1, 1], outwards and inwards."""
    angle = 2 * np.pi * np.arange(len(values) + 1) / len(values)
    radius = 1 + size * np.append(values, values[0])
    return radius * np.sin(angle), radius * np.cos(angle)


class Cells:
    """A table as one image; coloured here, cell by cell, which is faster than by pixel."""

    def __init__(self, ax, colors=PROBABILITY):
        self._ax, self._colors = ax, colors
        self.artist = ax.imshow(np.zeros((1, 1, 4), dtype=np.uint8), aspect="auto")

    def place(self, rows, columns):
        """Make room for a table of this shape; cell (i, j) is centred at x = j, y = i."""
        self.artist.set_extent((-0.5, columns - 0.5, rows - 0.5, -0.5))
        self._ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))

    def set(self, values, low, high):
        """Colour the cells by ``values``, an array, on a scale from ``low`` to ``high``."""
        self.artist.set_data(self._colors((values - low) / (high - low), bytes=True))


@lru_cache(maxsize=4096)
def _outline(text, points):
    """The outline of a bold text in points, the middle of its figures at (0, 0)."""
    bold = FontProperties(family="DejaVu Sans", weight="bold")
    path, zero = (TextPath((0, 0), t, size=points, prop=bold) for t in (text, "0"))
    box, top = path.get_extents(), zero.get_extents().y1
    return Affine2D().translate(-(box.x0 + box.x1) / 2, -top / 2).transform_path(path)


class Labels:
    """Many short bold texts as one artist: ten of them move as fast as one.

    ``on`` is an Axes (places in its data units) or a panel (places from 0 to 1). Best
    for texts that come back, since each outline is made once.
    """

    def __init__(self, on, points):
        self.points = points
        inside = getattr(on, "transData", None) or on.transSubfigure
        self.artist = PathCollection([], offset_transform=inside, linewidths=0)
        on.add_artist(self.artist)
        self.artist.set_transform(Affine2D().scale(on.get_figure(root=True).dpi / 72))

    def set(self, texts, places, colors=INK):
        """Centre each text at its place, an (x, y) pair."""
        self.artist.set_paths([_outline(text, self.points) for text in texts])
        self.artist.set_offsets(np.reshape(places, (-1, 2)))
        self.artist.set_facecolors(colors)


def spread(points, gap, edge=np.inf, rounds=200):
    """Move labels apart until no two centres are closer than ``gap``.

    ``points`` is (n, 2), ``gap`` is in the same unit, and labels are kept within
    ``edge`` of the origin in each coordinate. Labels that do not collide stay where
    they are; the answer depends on nothing but the arguments.
    """
    places = np.array(points, dtype=float)
    n = len(places)
    angles = 2 * np.pi * np.arange(n) / max(n, 1)
    nudge = 1e-3 * gap * np.column_stack([np.cos(angles), np.sin(angles)])  # all differ
    for _ in range(rounds):
        apart = places[:, None] - places[None] + nudge[:, None] - nudge[None]
        distance = np.sqrt((apart**2).sum(axis=2)) + np.eye(n) * 10 * gap
        push = np.maximum(0, gap - distance) / 2
        if not (push > 5e-3 * gap).any():
            break
        places += (apart / distance[..., None] * push[..., None]).sum(axis=1)
        places = np.clip(places, -edge, edge)
    return places


def title(ax, *parts):
    """A title whose parts, (text, colour), look like what they name, and so are the legend."""
    words = [TextArea(text, textprops=dict(color=color, fontsize=13, fontweight="bold"))
             for text, color in parts]
    line = HPacker(children=words, align="baseline", pad=0, sep=0)
    ax.add_artist(AnchoredOffsetbox("lower left", child=line, frameon=False, pad=0, borderpad=0,
                                    bbox_to_anchor=(0, 1.03), bbox_transform=ax.transAxes))
