"""One look for every picture of the course.

Colours are from the Okabe–Ito palette, which colour-blind readers can tell apart;
each colour keeps its meaning in every notebook, and no statement is made by colour
alone. Nothing here touches matplotlib's global settings: a figure is drawn with
`SETTINGS` and the reader's own plots keep theirs.
"""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

INPUT = "#0072B2"  # blue: the input X and functions of it
CONTEXT = "#D55E00"  # vermilion: the context A, and "you are here"
TASK = "#009E73"  # green: the downstream task and its error
GREY = "#9AA0A6"  # reference, the rest, what is cut off
INK = "#202124"  # text and axes
SHADE = "#F1F3F4"  # regions behind a curve
BLACK, ORANGE, SKY, YELLOW, PINK = "#000000", "#E69F00", "#56B4E9", "#F0E442", "#CC79A7"
# ten classes: the palette's eight colours, the reference grey and one brown
CLASSES = (INPUT, ORANGE, TASK, PINK, SKY, CONTEXT, YELLOW, BLACK, GREY, "#8C564B")

# probabilities: white is exactly nothing, darker is more
PROBABILITY = LinearSegmentedColormap.from_list(
    "probability", ["#FFFFFF", "#CFE6F4", "#7FBCE0", INPUT, "#00395A"]
)

# the same for tables that may fall below zero: vermilion is negative
SIGNED_PROBABILITY = LinearSegmentedColormap.from_list(
    "signed_probability",
    ["#7A3300", CONTEXT, "#F0A57A", "#FBE3D6", "#FFFFFF", "#CFE6F4", "#7FBCE0", INPUT, "#00395A"],
)

SIZE = (13.5, 4.3)  # inches: as wide as a notebook cell
DPI = 110
SETTINGS = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 1.0,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 12.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 11.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.5,
    "path.simplify": True,
    "image.interpolation": "nearest",
}


def settings():
    """Context manager: the course's settings inside, the reader's own afterwards."""
    return rc_context(SETTINGS)


def figure(size=SIZE, dpi=DPI):
    """An empty matplotlib Figure with a canvas of its own, outside pyplot.

    ``size`` is (width, height) in inches.
    """
    with settings():
        fig = Figure(size, dpi=dpi)
        FigureCanvasAgg(fig)
    return fig


def panels(count, *, size=SIZE, left=0.055, right=0.985, bottom=0.16, top=0.87, gap=0.32):
    """A figure and a list of ``count`` axes side by side.

    ``gap`` is the space between panels relative to their width; the other numbers are
    fractions of the figure.
    """
    fig = figure(size)
    with settings():
        axes = fig.subplots(1, count, squeeze=False, gridspec_kw=dict(
            left=left, right=right, bottom=bottom, top=top, wspace=gap))[0]
    return fig, list(axes)


def label(ax, title="", x="", y=""):
    """Title and axis labels of one panel."""
    with settings():
        ax.set_title(title)
        ax.set_xlabel(x)
        ax.set_ylabel(y)


def bare(ax):
    """Take ticks and frame off, for panels where positions have no unit."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def png(canvas):
    """The canvas as PNG bytes: rows unfiltered, zlib's fastest level.

    Flat pictures gain nothing from the adaptive row filters of general PNG writers;
    without them a slider step is encoded in 7 ms instead of 16, in as many bytes.
    """
    pixels = np.asarray(canvas.buffer_rgba())
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)  # each row starts with filter type 0
    rows[:, 1:] = pixels.reshape(height, 4 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits, RGBA
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks)


class Picture:
    """A finished figure for a notebook: the image, and ``alt`` as its text.

    The text is what a screen reader gets and what the saved notebook is compared by,
    so write the key numbers into it.
    """

    def __init__(self, fig, alt):
        self.figure, self.alt = fig, alt
        with settings():
            fig.canvas.draw()
        self.png = png(fig.canvas)

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.alt}


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
        """Give every bar its height, and optionally its colour."""
        low, high = self.positions - self.width / 2, self.positions + self.width / 2
        zero = np.zeros_like(low)
        along = np.stack([low, low, high, high], axis=1)
        across = np.stack([zero, heights, heights, zero], axis=1)
        self.artist.set_verts(np.stack((along, across), axis=2))
        if colors is not None:
            self.artist.set_facecolors(colors)


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
    """The outline of a bold text in pixels, the middle of its figures at (0, 0)."""
    bold = FontProperties(family="DejaVu Sans", weight="bold")
    path, zero = (TextPath((0, 0), t, size=points * DPI / 72, prop=bold) for t in (text, "0"))
    box, top = path.get_extents(), zero.get_extents().y1
    return Affine2D().translate(-(box.x0 + box.x1) / 2, -top / 2).transform_path(path)


class Labels:
    """Many short bold texts as one artist: ten of them move as fast as one.

    ``on`` is an Axes (places in its data units) or a Figure (places from 0 to 1). Best
    for texts that come back, since each outline is made once.
    """

    def __init__(self, on, points):
        self.points = points
        inside = getattr(on, "transData", None) or on.transFigure
        self.artist = PathCollection([], offset_transform=inside, linewidths=0)
        on.add_artist(self.artist)
        self.artist.set_transform(IdentityTransform())

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
    nudge = 1e-3 * gap * np.column_stack([np.cos(angles), np.sin(angles)])  # no exact ties
    for _ in range(rounds):
        apart = places[:, None] - places[None] + nudge[:, None] - nudge[None]
        distance = np.sqrt((apart**2).sum(axis=2)) + np.eye(n) * 10 * gap
        push = np.maximum(0, gap - distance) / 2
        if not (push > 5e-3 * gap).any():
            break
        places += (apart / distance[..., None] * push[..., None]).sum(axis=1)
        places = np.clip(places, -edge, edge)
    return places
