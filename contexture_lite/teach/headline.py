"""The bold line above a live picture, fast enough to change at every step."""

from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from contexture_lite.teach import style

BOLD = FontProperties(family="DejaVu Sans", weight="bold")


class Headline:
    """One bold line at the top left of a figure, drawn as outlines.

    A text of that size takes 7 ms a step as a matplotlib Text, most of it for laying
    pixels, and under 3 ms as filled outlines.
    """

    def __init__(self, figure, points=18):
        self.size = points * style.DPI / 72
        width, height = figure.canvas.get_width_height()
        self.artist = PathPatch(TextPath((0, 0), "0", size=self.size), facecolor=style.INK,
                                linewidth=0, transform=Affine2D().translate(0.012 * width,
                                                                            0.925 * height))
        figure.add_artist(self.artist)

    def set(self, text):
        """Show this text."""
        self.artist.set_path(TextPath((0, 0), text, size=self.size, prop=BOLD))
