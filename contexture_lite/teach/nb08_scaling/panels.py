"""The three panels of notebook 08's live picture: error, distance, and what would change it."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from contexture_lite.teach.nb08_scaling.compute import DISTANCE
from contexture_lite.teach.nb08_scaling.results import COLOURS, EXACT, LETTERS, MARKS
from contexture_lite.teach.pictures import artists, style

FAINT = 0.45  # of what is not chosen
GREY_TEXT = "#5F6368"
ROWS = ("distance", "on new points", "error", "weights")
HEIGHTS, COLUMNS = (0.9, 0.63, 0.36, 0.09), (0.68, 1.0)  # of the table
BARS, ROOM = (0.6, 0.08), 0.62  # heights of the two, and length of the longest
WIDE, NARROW = 9.2 / (72 * style.PANEL), 5.3 / (72 * style.PANEL)  # of a panel: a digit, a point


class Curves:
    """What is common to the two panels with curves: height, ring, networks trained live.

    A subclass gives ``_place``, where a network stands across, ``_height``, where the exact
    functions of a context stand, and ``_of``, where one trained live does.
    """

    column = "error"

    def __init__(self, ax, moving):
        self.ax, self.background = ax, []
        self.dashed = moving(ax.plot([0, 1], [0, 0], lw=2.6, ls=EXACT,
                                     transform=ax.get_yaxis_transform())[0])
        self._build(ax, moving)
        self.trail = moving(ax.plot([], [], "o", ms=4.5, color=style.INK, alpha=0.55)[0])
        self.stars, self.unfinished = (
            moving(ax.plot([], [], "*", ms=19, mfc=face, mec=style.INK, mew=1.4,
                           clip_on=False)[0]) for face in (style.YELLOW, "white"))
        self.ring = moving(artists.ring(ax, 17))

    def set_scene(self, step):
        """The networks of all contexts and their heights, faintly."""
        for artist in self.background:
            artist.remove()
        heights = [self._height(step, i) for i in range(len(step.grid.contexts))]
        self.background = [self.ax.axhline(height, color=colour, lw=2, ls=EXACT, alpha=FAINT)
                           for height, colour in zip(heights, COLOURS)]
        self._set_scene(step)

    def draw(self, step, live):
        """Height and ring; ``live`` are the networks trained in front of the reader."""
        colour = COLOURS[step.context]
        self.dashed.set(ydata=2 * [self._height(step, step.context)], color=colour)
        self._draw(step, colour)
        self.ring.set_data([self._place(step.width, step.here("parameters"))],
                           [step.here(self.column)])
        ends = [(run.points[-1], run.finished) for run in live]
        for artist, finished in ((self.stars, True), (self.unfinished, False)):
            self._mark(artist, [point for point, over in ends if over is finished])
        self._mark(self.trail, live[-1].points[:-1] if live else [])

    def _mark(self, artist, points):
        heights = np.clip([self._of(point) for point in points], *self.ax.get_ylim())
        artist.set_data([self._place(point.width, point.parameters) for point in points], heights)


class Errors(Curves):
    """Error along the width: the depths of the chosen context thin, the chosen depth thick."""

    def _build(self, ax, moving):
        looks = [dict(color=style.INK, lw=2.4, ls=EXACT), dict(color=style.GREY, lw=1.5),
                 dict(color="none", marker="*", ms=17, mfc=style.YELLOW, mec=style.INK)]
        ax.legend([Line2D([], [], **look) for look in looks],
                  ["exact functions", "raw columns", "live"], loc="lower left",
                  frameon=False, ncols=2, columnspacing=0.8, handlelength=1.5, borderpad=0)
        style.label(ax, "Error: what it is worth", "width of the network",
                    "error, share of variance")
        ax.set_xscale("log", base=2)
        self.linear = ax.axhline(0, color=style.GREY, lw=1.5, zorder=0)
        self.band = moving(artists.polygons(ax, alpha=0.22))
        self.thin = moving(LineCollection([], linewidths=1.3))
        ax.add_collection(self.thin, autolim=False)
        self.thick = moving(ax.plot([], [], "-o", lw=3.6, ms=8, mec="white", mew=0.8)[0])

    def _place(self, width, parameters):
        return width

    def _height(self, step, context):
        return step.grid.exact["error_exact"][context]

    def _of(self, point):
        return point.error

    def _set_scene(self, step):
        grid, errors = step.grid, step.grid.mean["error"]
        self.linear.set_ydata(2 * [step.grid.linear])
        self.ax.set(ylim=(0, 1.06 * step.grid.highest), xlim=(grid.widths[0] / 1.25,
                                                         grid.widths[-1] * 1.25))
        self.ax.set_xticks(grid.widths, [f"{width:g}" for width in grid.widths])
        self.ax.minorticks_off()
        for lines, colour in zip(errors, COLOURS):
            self.background += self.ax.plot(grid.widths, lines, color=colour, lw=1.1, alpha=FAINT)

    def _draw(self, step, colour):
        widths = np.array(step.grid.widths, dtype=float)
        errors = step.grid.mean["error"][step.context]
        seeds = step.grid.values["error"][step.context, :, step.layer]
        low, high = seeds.min(axis=1), seeds.max(axis=1)
        self.band.set(verts=[artists.between(widths, low, high)], facecolor=colour)
        self.thin.set(segments=[np.column_stack([widths, line]) for line in errors.T],
                      colors=colour)
        self.thick.set(data=(widths, errors[:, step.layer]), color=colour, mec="white",
                       marker=MARKS[step.context])


class Distances(Curves):
    """What is left to learn along the number of weights: every network of the task is a dot."""

    column = DISTANCE

    def _build(self, ax, moving):
        style.label(ax, "Distance: left to learn", "weights of the network",
                    "1 − alignment")
        ax.set_xscale("log")
        self.dots = moving(ax.plot([], [], "o", ms=6.5, mec="white", mew=0.6, clip_on=False)[0])

    def _place(self, width, parameters):
        return parameters

    def _height(self, step, context):
        return 0

    def _of(self, point):
        return 1 - point.cca

    def _set_scene(self, step):
        weights, distances = step.grid.mean["parameters"], step.grid.mean[DISTANCE]
        self.ax.set(xlim=(weights.min() / 1.5, weights.max() * 1.5),
                    ylim=(0, 1.06 * distances.max()))
        names = [Line2D([], [], color=colour, marker=mark, ms=10, lw=0, label=name)
                 for name, colour, mark in zip(step.grid.contexts, COLOURS, MARKS)]
        self.ax.legend(handles=names, labelcolor=LETTERS, loc="upper right", frameon=False,
                       prop=dict(size=12, weight="bold"), handlelength=1,
                       handletextpad=0.4, borderpad=0)
        for here, heights, colour, mark in zip(weights, distances, COLOURS, MARKS):
            self.background += self.ax.plot(here.ravel(), heights.ravel(), mark, ms=5, mew=0,
                                            color=colour, alpha=FAINT, clip_on=False)

    def _draw(self, step, colour):
        here = step.context
        self.dots.set(data=(step.grid.mean["parameters"][here].ravel(),
                            step.grid.mean[DISTANCE][here].ravel()), color=colour, mec="white",
                      marker=MARKS[here])


class Changes:
    """A small table of the chosen network, and how its error would change: two bars.

    Numbers are set letter by letter, since letters come back (`artists.Labels`).
    """

    def __init__(self, table, bars, moving):
        style.bare(table)
        table.set(xlim=(0, 1), ylim=(0, 1))
        for x, name in ((COLUMNS[0], "network"), (COLUMNS[1], "exact")):
            table.text(x, 1.06, name, ha="right", va="bottom", fontweight="bold")
        for y, name in zip(HEIGHTS, ROWS):
            table.text(0, y, name, va="center", fontsize=13)
        style.bare(bars)
        bars.set(ylim=(0, 1), xlim=(-1, 1))
        bars.text(-1, 1.02, "Change of the error", fontweight="bold", fontsize=13, va="bottom")
        for y in BARS:
            bars.plot([0, 0], [y - 0.14, y + 0.14], color=style.INK, lw=1.2)
        self.bars = [moving(bars.barh([y], [0], height=0.2)[0]) for y in BARS]
        self.letters = moving(artists.Labels(bars.figure, 13))
        self.inside = [(ax.transData - bars.figure.transSubfigure) for ax in (table, bars)]

    def draw(self, step):
        """The chosen network."""
        said = []  # text, place, colour of every piece
        for i, text in enumerate(step.cells()):
            column, row = divmod(i, len(ROWS))
            place = self.inside[0].transform((COLUMNS[column], HEIGHTS[row]))
            said += _spelled(text, place, 1, (style.CONTEXT, style.INK)[column])
        colours = (GREY_TEXT, LETTERS[step.other])
        for bar, y, colour, (subject, change) in zip(self.bars, BARS, colours, step.changes()):
            width = ROOM * change / step.grid.most
            bar.set(width=width, color=colour)
            said.append((subject, self.inside[1].transform((0, y + 0.25)), colour))
            end = self.inside[1].transform((width + np.copysign(0.05, width), y))
            size = f"{change:+.3f}".replace("-", "−") if abs(change) >= 5e-4 else "0.000"
            said += _spelled(size, end, width < 0, colour)
        self.letters.set(*zip(*said))


def _spelled(text, place, left, colour):
    """(letter, place, colour) of each letter, in the panel, to the left or right of a place."""
    widths = np.array([NARROW if letter in ".," else WIDE for letter in text])
    middles = place[0] - left * widths.sum() + widths.cumsum() - widths / 2
    return [(letter, (x, place[1]), colour) for letter, x in zip(text, middles)]
