"""The panels of notebook 04's live picture: the race, its board, values and functions learned."""

from itertools import zip_longest

import numpy as np

from contexture_lite.teach.cast.members import CAST
from contexture_lite.teach.nb04_objectives.race.compute import rotated
from contexture_lite.teach.pictures import artists, style

MOST = 6  # racers that can be told apart
SHOWN = 3  # functions
EXTRA = 1  # exact values shown beyond d
COLORS = (style.TASK, style.ORANGE, style.SKY, style.PINK, style.INK, "#8C564B")
MARKERS = "osD^vP"
LINES = ("-", (0, (6, 1.5)), (0, (3, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (1.2, 1)), "-")
EXACT = "#A9D3EC"  # light blue: the exact answer behind the learned ones


class Curves:
    """The alignment of each against the steps of its training."""

    def __init__(self, ax, moving, length):
        style.label(ax, "Alignment, step by step", "training steps", "")
        ax.set_xscale("function", functions=(np.sqrt, np.square))  # most happens early
        ax.set(xlim=(0, length), ylim=(0, 1.12), xticks=[0, 10, 25, 50, 100, length],
               yticks=[0, 0.5, 1])
        ax.axhline(1, color=style.INPUT, lw=1.2)
        ax.text(length, 1.035, "exact functions", color=style.INPUT, ha="right", fontsize=11.5)
        self.nothing = ax.text(0.5, 0.5, "", transform=ax.transAxes, ha="center", va="center",
                               fontsize=13)
        self.lines = [moving(ax.plot([], [], **_look(i))[0]) for i in range(MOST)]

    def set_scene(self, race):
        self.nothing.set_text("" if race.racers else "The context says nothing\nabout the input:\n"
                              "there is nothing to learn.")

    def draw(self, race):
        for i, (line, racer) in enumerate(zip_longest(self.lines, race.racers)):
            line.set_data(*((racer.steps, racer.alignments) if racer else ([], [])))
            line.set_markevery((i, 8) if race.step else 1)  # at the start every mark is seen


class Board:
    """Who is who, and the alignment of each in numbers."""

    def __init__(self, ax, moving):
        style.bare(ax)
        ax.set(xlim=(0, 1), ylim=(MOST - 0.6, -0.4))
        self.samples = [ax.plot([0.0, 0.07, 0.14], 3 * [i], markevery=[1], **_look(i))[0]
                        for i in range(MOST)]
        self.names = [ax.text(0.17, i, "", va="center") for i in range(MOST)]
        self.scores = moving(artists.Labels(ax, 12))
        self.scores.artist.set_clip_on(False)

    def set_scene(self, race):
        for sample, name, racer in zip_longest(self.samples, self.names, race.racers):
            sample.set_visible(racer is not None)
            name.set_text(racer.name if racer else "")

    def draw(self, race):
        self.scores.set([f"{racer.alignments[-1]:.3f}" for racer in race.racers],
                        [(0.92, i) for i in range(len(race.racers))])


class Values:
    """The Ritz values of each beside the exact squared singular values, as bars."""

    def __init__(self, ax, moving):
        self.ax = ax
        self.bars = moving(artists.Bars(ax, [1], 0.84))
        style.label(ax, x="marks: found $\\lambda_i$, bars: exact $s_i^2$")
        ax.set(ylim=(0, 1.12), yticks=[0, 0.5, 1])
        self.marks = [moving(ax.plot([], [], ls="", marker=MARKERS[i], color=COLORS[i], ms=6,
                                     mec="white", mew=0.6, clip_on=False)[0])
                      for i in range(MOST)]

    def set_scene(self, race):
        """As many bars as functions are wanted, and one more."""
        shown = min(race.d + EXTRA, len(race.system.values))
        self.ax.set(xlim=(0.4, shown + 0.6), xticks=np.arange(1, shown + 1))
        self.bars.place(np.arange(1, shown + 1))

    def draw(self, race):
        """Bars, and the marks side by side."""
        count = len(race.racers)
        for i, (marks, racer) in enumerate(zip_longest(self.marks, race.racers)):
            values = racer.ritz.values if racer else []
            beside = 0.8 * ((i + 0.5) / max(count, 1) - 0.5)
            marks.set_data(np.arange(1, len(values) + 1) + beside, values)
        exact = race.system.values[:len(self.bars.positions)] ** 2
        self.bars.set(exact, [EXACT if i < race.d else style.SHADE for i in range(len(exact))])


class Functions:
    """The first functions of everybody over each other, the exact ones as circles."""

    def __init__(self, axes, moving):
        self.axes, self.learned, self.exact = axes, [], []
        style.label(axes[0], "The functions themselves")
        for i, ax in enumerate(axes):
            style.bare(ax)
            ax.set_ylim(-1.5, 1.5)
            ax.axhline(0, color=style.GREY, lw=0.8, zorder=0)
            ax.text(-0.045, 0.5, f"$\\mu_{i + 1}$", transform=ax.transAxes, ha="center",
                    va="center", fontsize=14)
            self.learned.append([moving(ax.plot([], [], color=color)[0]) for color in COLORS])
            self.exact.append(moving(ax.plot([], [], "o", ms=5, mfc="white", mec=style.INPUT,
                                             mew=1.6, clip_on=False)[0]))

    def set_scene(self, race):
        """The inputs that are shown, and their names under the last axis."""
        channel = race.channel
        self.rows = CAST[race.name].shown(channel.x_labels)
        for i, ax in enumerate(self.axes):
            ax.set_visible(i < race.d)
            ax.set_xlim(-0.6, len(self.rows) - 0.4)
            ax.set_xticks([])
            ax.set_xlabel("")
        if race.d:
            last = self.axes[min(race.d, SHOWN) - 1]
            last.set_xticks(*CAST[race.name].ticks(channel.x_labels))
            last.tick_params(length=0)
            last.set_xlabel("input $x$")

    def draw(self, race):
        """Rotated, where values repeat, to where the exact ones are."""
        functions = [rotated(racer.ritz.functions, race.system) for racer in race.racers]
        along = np.arange(len(self.rows))
        steps = "steps-mid" if CAST[race.name].layout == "bars" else "default"
        for i in range(min(SHOWN, race.d)):
            exact = race.system.left[self.rows, i]
            scale = np.abs(exact).max()
            self.exact[i].set_data(along, exact / scale)
            for k, (line, learned) in enumerate(zip_longest(self.learned[i], functions)):
                there = learned is not None and i < learned.shape[1]
                line.set_data(*((along, learned[self.rows, i] / scale) if there else ([], [])))
                line.set(drawstyle=steps, linewidth=2.2 + 2.8 * max(len(functions) - 1 - k, 0))


def _look(i):
    return {"color": COLORS[i], "ls": LINES[i], "lw": 2.4, "marker": MARKERS[i], "ms": 7,
            "mec": "white", "mew": 0.6, "clip_on": False}
