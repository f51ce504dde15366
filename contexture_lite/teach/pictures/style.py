"""One look for every picture of the course.

Colours are from the Okabe–Ito palette, which colour-blind readers can tell apart;
each colour keeps its meaning in every notebook, and no statement is made by colour
alone. Nothing here touches matplotlib's global settings: a figure is drawn with
`SETTINGS` and the reader's own plots keep theirs.

A figure is a row of panels of the same size, which a page shows as separate images: side by
side where there is room, one above the other on a phone. An inch is at least 100 pixels of
the page, so that 11.5 points are 16 pixels.
"""

import re

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from contexture_lite._text import said
from contexture_lite.teach.pictures import page

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
_UPWARDS = ["#FFFFFF", "#CFE6F4", "#7FBCE0", INPUT, "#00395A"]
PROBABILITY = LinearSegmentedColormap.from_list("probability", _UPWARDS)

# the same for tables that may fall below zero: vermilion is negative
SIGNED_PROBABILITY = LinearSegmentedColormap.from_list(
    "signed_probability", ["#7A3300", CONTEXT, "#F0A57A", "#FBE3D6", *_UPWARDS])

PANEL, HEIGHT = 3.6, 3.0  # inches, of one panel
DPI = 130
SCALE = 1  # 2: twice the resolution, see `crisp`
SETTINGS = {
    "figure.facecolor": "white", "axes.facecolor": "white", "savefig.facecolor": "white",
    "font.family": "DejaVu Sans", "mathtext.fontset": "dejavusans", "text.usetex": False,
    "font.size": 12, "axes.labelsize": 12, "xtick.labelsize": 12, "ytick.labelsize": 12,
    "legend.fontsize": 12, "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK,
    "xtick.color": INK, "ytick.color": INK, "axes.titlesize": 13, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titlepad": 8, "axes.linewidth": 1.0, "axes.grid": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.unicode_minus": True,
    "lines.linewidth": 2.5, "path.simplify": True, "image.interpolation": "nearest",
}


def settings():
    """Context manager: the course's settings inside, the reader's own afterwards."""
    return rc_context(SETTINGS)


def crisp(scale=2):
    """Pictures made from now on have this many times the resolution, for fine screens.

    A step of a live picture then takes about twice as long. ``crisp(1)`` is as before.
    """
    global SCALE
    if scale not in (1, 2, 3):
        raise ValueError(f"scale is {scale!r}; it must be 1, 2 or 3")
    SCALE = scale


def figure(size):
    """An empty matplotlib Figure with a canvas of its own, outside pyplot.

    ``size`` is (width, height) in inches.
    """
    with settings():
        fig = Figure(size, dpi=DPI * SCALE)
        FigureCanvasAgg(fig)
    return fig


def row(count, height=HEIGHT, width=PANEL):
    """A figure of ``count`` empty panels side by side, its ``subfigs``; sizes in inches each."""
    fig = figure((count * width, height))
    with settings():
        fig.subfigures(1, count, wspace=0)
    return fig


def axes(panel, left=0.2, right=0.97, bottom=None, top=None):
    """New axes in a panel; the margins are fractions of it.

    By default there is room for ticks and labels, and above for a title.
    """
    inch = panel.get_figure(root=True).dpi / panel.bbox.height
    bottom, top = 0.54 * inch if bottom is None else bottom, 1 - 0.34 * inch if top is None else top
    with settings():
        return panel.add_axes((left, bottom, right - left, top - bottom))


def panels(count, *, height=HEIGHT, width=PANEL, **margins):
    """A figure of ``count`` panels and the list of their axes: `row`, then `axes`."""
    fig = row(count, height, width)
    return fig, [axes(panel, **margins) for panel in fig.subfigs]


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


class Picture:
    """A finished figure for a notebook: the image, and ``alt`` as its text.

    The text is what a screen reader gets and what the saved notebook is compared by,
    so write the key numbers into it. The first panel carries it, the others their titles.
    """

    def __init__(self, fig, alt):
        self.figure, self.alt = fig, alt
        with settings():
            fig.canvas.draw()
        self._pixels = np.array(fig.canvas.buffer_rgba())

    @property
    def png(self):
        """The whole picture as PNG bytes."""
        return page.png(self._pixels)

    def __repr__(self):
        return said(self.alt)

    def _repr_mimebundle_(self, include=None, exclude=None):
        alts = [self.alt] + [_title(panel) for panel in self.figure.subfigs[1:]]
        return {"text/html": page.saved(self.figure, self._pixels, alts),
                "image/png": page.base64_of(page.small_png(self._pixels)), "text/plain": self.alt}


def _title(panel):
    titles = [ax.get_title() or ax.get_title("left") for ax in panel.axes]
    return re.sub(r"[$\\{}]", "", " ".join(titles)).strip()
