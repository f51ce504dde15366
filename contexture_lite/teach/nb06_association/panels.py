"""The three panels of notebook 06's live picture: spectrum, scores, measured error."""

import numpy as np

from contexture_lite.teach.nb06_association.compute import LABELS, PAIRS, SCORES
from contexture_lite.teach.pictures import artists, style

BARS = 30
TASK_TEXT = "#007A5A"  # the green of tasks, dark enough for letters
# colour, line, mark, size of the mark (so that they look alike), x and row in the legend above
LOOKS = {"tau": (style.INK, "-", "o", 11, (0, 2)),
         "effective rank": ("#B87A00", "--", "s", 10, (0, 1)),
         "log trace": ("#2B87C3", "-.", "^", 11, (0, 0)),
         "decay rate": ("#B0528B", ":", "D", 9, (0.5, 0))}
FLOOR = -0.64  # of the scores' panel: below 0 stands what they point to
SPAN = 0.15  # least range of the error's axis, so that noise looks like noise
CEILING = 1.25  # errors above are drawn at the edge: guessing the mean has error 1


class Spectrum:
    """s_i² as bars, blue for the functions in use; ``moving`` registers what moves."""

    def __init__(self, ax, moving):
        self.ax = ax
        style.label(ax, "Spectrum of the context", "index $i$", "squared value $s_i^2$")
        ax.set(ylim=(0, 1.2), yticks=[0, 0.5, 1])
        self.bars = moving(artists.Bars(ax, [0], 0.8))
        self.in_use = moving(artists.note(ax, 0.98, 1.0, "", style.INPUT, ha="right", va="top"))

    def set_scene(self, step):
        shown = min(step.curve.squares.shape[1], BARS)
        self.bars.place(np.arange(1, shown + 1))
        self.ax.set_xlim(0.3, shown + 0.7)
        self.ax.set_xticks(np.arange(1, shown + 1) if shown < 13 else [1, 10, 20, 30])

    def draw(self, step):
        used = step.curve.used[step.d][step.at]
        self.bars.set_spectrum(step.curve.squares[step.at], used)
        self.in_use.set_text(f"d = {used} in use")


class Scores:
    """Each score on its own range, and below, in a row each, the strength it points to."""

    def __init__(self, ax, moving):
        self.ax = ax
        ax.set_title("Scores of the spectrum", pad=63)
        ax.set(xlim=(-0.04, 1.04), ylim=(FLOOR, 1.08), yticks=[])
        for text, height in (("low: useful", 0.63), ("points to", -0.34)):
            ax.text(-0.08, height, text, rotation=90, ha="center", va="center")
        self.target = ax.axvline(0, color=style.TASK, lw=6, alpha=0.3, zorder=0)
        self.here = moving(ax.plot([0, 0], [-0.06, 1.08], color=style.CONTEXT, lw=2.5)[0])
        self.lines, self.marks, self.read = {}, {}, {}
        for i, (name, (color, line, mark, size, place)) in enumerate(LOOKS.items()):
            row = -0.13 - 0.1 * i
            ax.plot([-0.04, 1.04], [row, row], color="#DADDE1", lw=1, zorder=0)
            width = 4 if name == "tau" else 2.8
            self.lines[name] = ax.plot([], [], line, color=color, lw=width)[0]
            self.marks[name], said = self._mark(mark, row, place, color=color, ms=size)
            self.read[name] = moving(said)
        self.star, said = self._mark("*", FLOOR + 0.06, (0.62, 1), color=style.TASK, ms=17)
        said.set(text="least error", color=TASK_TEXT)

    def _mark(self, mark, row, place, color, ms):
        """A mark in its row, and above the panel the same mark with a text beside it."""
        look = dict(color=color, ms=ms, mec="white", mew=1, clip_on=False, zorder=5)
        x, y = place[0], 1.06 + 0.13 * place[1]
        self.ax.plot([x], [y], mark, transform=self.ax.transAxes, **look)
        said = self.ax.text(x + 0.04, y, "", transform=self.ax.transAxes, color=color, va="center")
        return self.ax.plot([0], [row], mark, **look)[0], said

    def set_scene(self, step):
        curve, at = step.curve, step.curve.strengths
        for name in SCORES:
            self.lines[name].set_data(at, scaled(curve.scores[name], name == "decay rate"))
            lowest = curve.points_to(name)
            self.marks[name].set_xdata([np.nan if lowest is None else at[lowest]])
        self.target.set_xdata([at[step.best]] * 2)
        self.star.set_xdata([at[step.best]])

    def draw(self, step):
        self.here.set_xdata([step.curve.strengths[step.at]] * 2)
        for name in SCORES:
            self.read[name].set_text(_read(step.curve, name, step.at))


class Errors:
    """Mean error and its standard error; grey where it is clearly above the best."""

    def __init__(self, ax, moving):
        self.ax = ax
        style.label(ax, " ")
        ax.set_xlim(-0.04, 1.04)
        self.shades = artists.polygons(ax, facecolors="#E8EAED", zorder=0,
                                       transform=ax.get_xaxis_transform())
        self.regions = [ax.text(0, 0.03, said, rotation=90, ha="center", va="bottom", fontsize=12,
                                color="#5F6368", transform=ax.get_xaxis_transform())
                        for said in ("too weak", "too strong")]
        self.target = ax.axvline(0, color=style.TASK, lw=6, alpha=0.3, zorder=0)
        self.band = ax.fill_between([0, 1], [0, 0], color=style.TASK, alpha=0.22, lw=0)
        self.curve = ax.plot([], [], "-o", color=style.TASK, ms=6)[0]
        self.lowest = artists.note(ax, 0.99, 0.985, "", TASK_TEXT, ha="right", va="top")
        self.ring = moving(artists.ring(ax))
        self.mine = moving(artists.note(ax, 0.02, 0.985, "", style.CONTEXT, va="top"))

    def set_scene(self, step):
        curve, mean, at = step.curve, step.mean, step.curve.strengths
        around = curve.uncertainty(step.d)
        low, high = (mean - around).min(), min((mean + around).max(), CEILING)
        pad = max(SPAN - (high - low), 0) / 2
        low, self.ceiling = low - pad, high + pad
        room = self.ceiling - low
        bottom, top = max(low - 0.08 * room, 0), self.ceiling + 0.25 * room
        self.ax.set_ylim(bottom, top)
        self.band.set_data(at, *np.minimum([mean - around, mean + around], self.ceiling))
        self.curve.set_data(at, np.minimum(mean, self.ceiling))
        self.target.set_xdata([at[step.best]] * 2)
        self.lowest.set_text(f"best {mean.min():.3f}")
        titles = {"best": "Error with the best d", "leave-one-out": "Error, leave-one-out d"}
        self.ax.set_title(titles.get(step.d, f"Error with d = {step.d}"))
        self.ax.set_ylabel("error, share of variance" if curve.neighbours is not None else
                           f"{PAIRS} pairs, {LABELS} noisy labels")
        self._shade(at, curve.about_right(step.d), step.best, (mean - bottom) / (top - bottom))

    def _shade(self, at, right, best, line):
        """Grey behind what is not about right, and the two words where they fit."""
        ends = np.concatenate([[-0.04], (at[1:] + at[:-1]) / 2, [1.04]])
        spans = stretches(~right)
        self.shades.set_verts([[(ends[first], 0), (ends[first], 1), (ends[last + 1], 1),
                                (ends[last + 1], 0)] for first, last in spans])
        sides = ([s for s in spans if s[1] < best], [s for s in spans if s[0] > best])
        for text, side in zip(self.regions, sides):
            first, last = max(side, key=lambda s: s[1] - s[0], default=(0, -1))
            place = clear_place(at, line, ends[first], ends[last + 1])
            text.set(x=place or 0, visible=place is not None)

    def draw(self, step):
        error = step.mean[step.at]
        self.ring.set_data([step.curve.strengths[step.at]], [min(error, self.ceiling)])
        self.mine.set_text(f"here: {error:.3f}")


def stretches(flags):
    """(first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2])]


def clear_place(at, line, left, right, half=0.04, height=0.4):
    """Middle of a word that stands upright on the floor between left and right, or None.

    ``line`` (k,) are heights that it must stay below, as shares of the panel.
    """
    middles = np.linspace(left + half, right - half, 21) if right - left > 2 * half else []
    rooms = []
    for middle in middles:
        edges = np.interp([middle - half, middle + half], at, line)
        rooms.append(min(*edges, *line[np.abs(at - middle) < half]))
    return middles[int(np.argmax(rooms))] if rooms and max(rooms) > height else None


def scaled(values, flipped):
    """Onto [0, 1]; 0 is where the score is best. One that hardly varies stays in the middle."""
    low, high = np.nanmin(values), np.nanmax(values)
    height = 0.5 + (values - (low + high) / 2) / max(high - low, 0.05 * np.nanmax(np.abs(values)))
    return 1 - height if flipped else height


def _read(curve, name, at):
    """A score's name and value at one strength, τ with its two terms."""
    value = curve.scores[name][at]
    if np.isnan(value):
        return f"{name} undefined"
    if name == "tau":
        missed = curve.missed[at]
        return f"τ {value:.2f} = missed {missed:.2f} + cost {value - missed:.2f}"
    digits = 1 if name == "effective rank" else 2
    return f"{name} {value:.{digits}f}".replace("-", "−")
