"""Notebook 06's live picture: too weak, too strong, and what the spectrum alone can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite.teach import style
from contexture_lite.teach.association_numbers import (
    DIMENSIONS,
    FINITE,
    LABELS,
    LIVE,
    PAIRS,
    SCORES,
    Course,
    cases,
    course,
    sources,
)
from contexture_lite.teach.explorer import Explorer, choice, slider
from contexture_lite.teach.headline import Headline

BARS = 30
TASK_TEXT = "#007A5A"  # the green of tasks, dark enough for letters
# colour, line, mark and name of every score; those of few letters fit beside the panel
LOOKS = {"tau": (style.INK, "-", "o", "τ"),
         "effective rank": ("#B87A00", "--", "s", "effective rank"),
         "log trace": ("#2B87C3", "-.", "^", "log trace"),
         "decay rate": ("#B0528B", ":", "D", "decay rate")}
MARKS = {"o": 11, "s": 10, "^": 11, "D": 9}  # sizes that look alike
FLOOR = -0.64  # of the scores' panel: below 0 stands what they point to
CEILING = 1.25  # errors above are drawn at the edge: nothing at all has error 1


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    course: Course
    at: int  # position of the strength
    d: object  # a number, "best" or "leave-one-out"

    @property
    def mean(self):
        """Mean error at every strength."""
        return self.course.mean(self.d)

    @property
    def best(self):
        """Position of the least error."""
        return int(self.mean.argmin())

    @property
    def verdict(self):
        """Too weak, about right, too strong; or that the strength does not matter."""
        first, last = self.course.about_right(self.d)
        if self.mean.min() > 0.9:
            return "No strength helps"
        if (first, last) == (0, len(self.mean) - 1):
            return "Any strength will do"
        return ("Too weak" if self.at < first else "Too strong" if self.at > last else
                "About right")


class AssociationExplorer(Explorer):
    """Neither too weak nor too strong: spectrum, scores and measured error along the strength.

    Left the squared singular values (blue: the functions that the probe sees), in the middle
    four scores of that spectrum, each on its own range, low where the score calls the context
    useful, with a mark at the strength it points to; right the error that was measured, mean
    and standard deviation, grey where it is more than 5 % above the best. Any score may point
    to the wrong strength, and the picture shows where.

    ``source`` is a small table, "digits (live)" or "wine (live)", measured on the spot (a
    second at first choice); a finite context, whose scores are exact and whose error is that
    of an encoder learned from 200 sampled pairs and a probe from 30 noisy labels, 200 times;
    or a table of the shipped sweep (`contexture_lite.sweep`, where notebooks/data is there).
    ``case`` is its position in the second list, or its name: the family of contexts, or for
    finite contexts the task. ``strength`` goes from 0, weakest, to 1; the nearest one there is
    counts. ``d`` is a number of functions (all there are, if fewer), "best" (least error on
    the test points) or "leave-one-out" (chosen with the labels alone).

    Keys of `values`: ``strength``, ``d``, ``error``, ``best_error``, ``best_strength``; of
    each score its value and, as in ``tau_points_to``, the strength it calls best; ``tau_missed``
    and ``tau_cost``, τ's terms. Scores of an independent context are undefined and left out.
    """

    alt = ("Three panels: the squared singular values of a context as bars; four scores of this "
           "spectrum along the strength of association, each marked at the strength it calls "
           "best; the measured error of a probe along the strength, with its optimum, and grey "
           "where the context is too weak or too strong.")

    def __init__(self, source="digits (live)", case=1, strength=0.5, d="best"):
        self._named = source
        self._start = source, self._position(source, case), strength, d
        super().__init__()

    def make_controls(self):
        """Source, family or task, strength and d."""
        source, case, strength, d = self._start
        controls = {"source": choice("Source", [(_said(name), name) for name in sources()],
                                     source, "310px"),
                    "case": choice(_kind(source), _numbered(source), case, "250px"),
                    "strength": slider("Strength", strength),
                    "d": choice("d, functions", DIMENSIONS, d, "210px")}
        controls["strength"].layout.width = "300px"
        return controls

    def update(self, **params):
        """Set controls by name and redraw; ``case`` may be the name of a family or task."""
        if isinstance(params.get("case"), str):
            source = params.get("source", self.params["source"])
            self._refuse("source", source)
            params["case"] = self._position(source, params["case"])
        super().update(**params)

    def compute(self, source, case, strength, d):
        """The numbers of one setting."""
        found = course(source, cases(source)[case])
        return Step(found, int(np.abs(found.strengths - strength).argmin()), d)

    def _refresh(self):
        source, control = self.params["source"], self.controls["case"]
        if source != self._named:  # the second list is the source's
            quiet, self._quiet, self._named = self._quiet, True, source
            case = self.params["case"]
            control.options, control.description = _numbered(source), _kind(source)
            control.value, self._quiet = case, quiet
        super()._refresh()
        step = 1 / (len(self.result.course.strengths) - 1)
        self.controls["strength"].step = step  # an arrow key goes to the next strength

    @staticmethod
    def _position(source, case):
        if not isinstance(case, str) or source not in sources():
            return case
        if case not in cases(source):
            raise ValueError(f"case is {case!r}; for {source} it must be one of {cases(source)}")
        return cases(source).index(case)

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        self.headline = Headline(figure)
        self.moving(self.headline.artist)
        self.spectrum, self.scores, self.errors = (
            figure.add_axes((left, 0.18, width, 0.59))
            for left, width in ((0.05, 0.21), (0.315, 0.245), (0.735, 0.25)))
        self._build_spectrum(self.spectrum)
        self._build_scores(self.scores)
        self._build_errors(self.errors)

    def _build_spectrum(self, ax):
        style.label(ax, "Spectrum of the context", "index $i$", "squared singular value $s_i^2$")
        ax.set(ylim=(0, 1.2), yticks=[0, 0.5, 1])
        self.bars = style.Bars(ax, [0], 0.8)
        self.moving(self.bars.artist)
        self.in_use = self.moving(ax.text(0.98, 1.0, "", transform=ax.transAxes, ha="right",
                                          va="top", color=style.INPUT, fontweight="bold"))

    def _build_scores(self, ax):
        style.label(ax, "What scores of it say")
        ax.set(xlim=(-0.04, 1.04), ylim=(FLOOR, 1.08), yticks=[])
        for text, height in (("useful  ←  score", 0.5), ("points to", -0.34)):
            ax.text(-0.08, height, text, rotation=90, ha="center", va="center", fontsize=12.5)
        self.target = ax.axvline(0, color=style.TASK, lw=6, alpha=0.3, zorder=0)
        self.here = self.moving(ax.plot([0, 0], [0, 1], color=style.CONTEXT, lw=2,
                                        transform=ax.get_xaxis_transform())[0])
        self.lines, self.dots, self.read = {}, {}, {}
        for i, (name, (color, line, mark, said)) in enumerate(LOOKS.items()):
            row, top = -0.13 - 0.1 * i, 1.0 - 0.32 * i
            ax.plot([-0.04, 1.04], [row, row], color="#DADDE1", lw=1, zorder=0)
            self.lines[name] = ax.plot([], [], line, color=color,
                                       lw=4 if name == "tau" else 2.8)[0]
            look = dict(color=color, ms=MARKS[mark], mec="white", mew=1, clip_on=False)
            self.dots[name] = ax.plot([0], [row], mark, zorder=5, **look)[0]
            ax.plot([1.1], [top], mark, **look)
            ax.text(1.15, top, said, color=color, fontweight="bold", va="center")
            self.read[name] = self.moving(ax.text(1.15, top - 0.075, "", color=color, va="top"))
        self.star = ax.plot([0], [FLOOR + 0.06], "*", color=style.TASK, ms=17, mec="white", mew=1,
                            clip_on=False, zorder=5)[0]
        ax.plot([1.1], [FLOOR + 0.06], "*", color=style.TASK, ms=17, mec="white", clip_on=False)
        ax.text(1.15, FLOOR + 0.06, "least error", color=TASK_TEXT, fontweight="bold",
                va="center")

    def _build_errors(self, ax):
        style.label(ax, "What a probe gets wrong", "", "")
        ax.set_xlim(-0.04, 1.04)
        self.shades = [ax.axvspan(0, 0, color="#E8EAED", lw=0, zorder=0) for _ in range(2)]
        self.regions = [ax.text(0, 0.03, said, rotation=90, ha="center", va="bottom", fontsize=12,
                                color="#5F6368", transform=ax.get_xaxis_transform())
                        for said in ("too weak", "too strong")]
        self.optimum = ax.axvline(0, color=style.TASK, lw=6, alpha=0.3, zorder=0)
        self.band = ax.fill_between([0, 1], [0, 0], color=style.TASK, alpha=0.22, lw=0)
        self.curve = ax.plot([], [], "-o", color=style.TASK, ms=6)[0]
        self.lowest = ax.text(0.99, 0.985, "", transform=ax.transAxes, ha="right", va="top",
                              color=TASK_TEXT, fontweight="bold")
        self.ring = self.moving(ax.plot([], [], "o", ms=16, mfc="none", mec=style.CONTEXT, mew=3.2,
                                        clip_on=False)[0])
        self.mine = self.moving(ax.text(0.02, 0.985, "", transform=ax.transAxes, va="top",
                                        color=style.CONTEXT, fontweight="bold"))

    def scene(self, step):
        """Only the strength leaves the axes alone."""
        return step.course.source, step.course.case, step.d

    def set_scene(self, step):
        """Curves, ticks and shades of one source, case and d."""
        found = step.course
        self._set_spectrum(found.squares.shape[1])
        self._set_scores(step)
        self._set_errors(step)
        ticks = (0, 2, 4, 6, 8, 11) if found.tied is not None else (0, 5, 10, 15, 20, 25)
        for ax in (self.scores, self.errors):
            ax.set_xticks(found.strengths[list(ticks)], [found.place(i, "tick") for i in ticks])
            ax.set_xticks(found.strengths, minor=True)
            ax.set_xlabel("weak  ←  strength  →  strong" if found.tied is None else
                          f"weak  ←  tied to … of {found.points}  →  strong")

    def _set_spectrum(self, functions):
        shown = min(functions, BARS)
        self.bars.place(np.arange(1, shown + 1))
        self.spectrum.set_xlim(0.3, shown + 0.7)
        self.spectrum.set_xticks(np.arange(1, shown + 1) if shown < 13 else [1, 10, 20, 30])

    def _set_scores(self, step):
        found, at = step.course, step.course.strengths
        for name in SCORES:
            self.lines[name].set_data(at, _scaled(found.scores[name], name == "decay rate"))
            self.dots[name].set_xdata([at[found.points_to(name)]])
        self.target.set_xdata([at[step.best]] * 2)
        self.star.set_xdata([at[step.best]])

    def _set_errors(self, step):
        found, mean, at = step.course, step.mean, step.course.strengths
        around = found.uncertainty(step.d)
        low, high = (mean - around).min(), min((mean + around).max(), CEILING)
        room = max(high - low, 0.02)
        bottom, top = max(low - 0.08 * room, 0), high + 0.25 * room
        self.errors.set_ylim(bottom, top)
        self.ceiling = high
        self.band.set_data(at, *np.minimum([mean - around, mean + around], high))
        self.curve.set_data(at, np.minimum(mean, high))
        self.optimum.set_xdata([at[step.best]] * 2)
        self.lowest.set_text(f"best {mean.min():.3f}")
        self.errors.set_title(_title(step.d))
        first, last = found.about_right(step.d)
        edges = np.concatenate([[-0.04], (at[1:] + at[:-1]) / 2, [1.04]])
        line = (mean - around - bottom) / (top - bottom)
        for shade, text, (left, right) in zip(self.shades, self.regions, (
                (-0.04, edges[first]), (edges[last + 1], 1.04))):
            shade.set_bounds(left, 0, right - left, 1)
            place = _clear_place(at, line, left, right)
            text.set(x=place or 0, visible=place is not None)

    def draw(self, step):
        """Move everything to this strength."""
        found, at = step.course, step.at
        self.headline.set(f"{step.verdict}: {_about(step)}")
        used, shown = found.used[step.d][at], len(self.bars.positions)
        self.bars.set(found.squares[at, :shown],
                      [style.INPUT if i < used else style.GREY for i in range(shown)])
        self.in_use.set_text(f"d = {used} in use")
        here = found.strengths[at]
        self.here.set_xdata([here, here])
        for name in SCORES:
            self.read[name].set_text(_read(found, name, at))
        self.ring.set_data([here], [min(step.mean[at], self.ceiling)])
        self.mine.set_text(f"you are here: {step.mean[at]:.3f}")

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        found, at = step.course, step.at
        numbers = {"strength": float(found.strengths[at]), "d": int(found.used[step.d][at]),
                   "error": float(step.mean[at]), "best_error": float(step.mean.min()),
                   "best_strength": float(found.strengths[step.best])}
        for name in SCORES:
            key, value = name.replace(" ", "_"), float(found.scores[name][at])
            numbers[f"{key}_points_to"] = float(found.strengths[found.points_to(name)])
            if np.isfinite(value):
                numbers[key] = value
        if "tau" in numbers:
            numbers["tau_missed"] = float(found.missed[at])
            numbers["tau_cost"] = numbers["tau"] - numbers["tau_missed"]
        return numbers

    def sentence(self, step):
        """One line of words."""
        found, at = step.course, step.at
        where = "at strength " if found.tied is None else "tied to "
        to = {name: found.place(found.points_to(name), 'short') for name in SCORES}
        tau = ("Scores are undefined here (independent); τ" if np.isnan(found.missed[at]) else
               f"τ = {found.scores['tau'][at]:.2f}")
        return (f"{_capital(_name(found))}, {found.case}: {where}{found.place(at)}, the error is "
                f"{step.mean[at]:.3f}; best {step.mean.min():.3f} at "
                f"{found.place(step.best, 'short')}. {tau} points to {to['tau']}, "
                f"effective rank to {to['effective rank']}, log trace to {to['log trace']}, "
                f"decay rate to {to['decay rate']}.")


def _said(source):
    if source in LIVE:
        name, most = LIVE[source]
        return f"{name}, {most} points, measured now"
    return f"{source} (exact scores)" if source in FINITE else f"{source} (sweep)"


def _name(found):
    return found.source.removesuffix(" (live)")


def _kind(source):
    return "Task" if source in FINITE else "Family"


def _numbered(source):
    return [(name, i) for i, name in enumerate(cases(source))]


def _capital(text):
    return text[0].upper() + text[1:]


def _title(d):
    return {"best": "Error with the best d",
            "leave-one-out": "Error, leave-one-out d"}.get(d, f"Error with d = {d}")


def _about(step):
    found = step.course
    if found.tied is None:
        return (f"{found.source}, strength {found.place(step.at)} "
                f"({PAIRS} pairs, {LABELS} noisy labels)")
    return f"{_name(found)}, {found.case}, each point tied to {found.place(step.at)}"


def _clear_place(at, line, left, right, half=0.045, height=0.45):
    """Middle of a word that stands upright on the floor between left and right, or None.

    ``line`` (k,) are heights that it must stay below, as shares of the panel.
    """
    middles = np.linspace(left + half, right - half, 21) if right - left > 2 * half else []
    found = []
    for middle in middles:
        edges = np.interp([middle - half, middle + half], at, line)
        inside = line[np.abs(at - middle) < half]
        found.append(min(*edges, *inside))
    return middles[int(np.argmax(found))] if found and max(found) > height else None


def _scaled(values, flipped):
    """Onto [0, 1]; 0 is where the score is best. One that hardly varies stays in the middle."""
    low, high = np.nanmin(values), np.nanmax(values)
    height = 0.5 + (values - (low + high) / 2) / max(high - low, 0.05 * np.nanmax(np.abs(values)))
    return 1 - height if flipped else height


def _read(found, name, at):
    """A score's value at one strength, τ with its two terms."""
    value = found.scores[name][at]
    if np.isnan(value):
        return "undefined"
    if name == "tau":
        missed = found.missed[at]
        return f"{value:.2f} = {missed:.2f} + {value - missed:.2f}"
    return f"{value:.1f}" if name == "effective rank" else f"{value:.2f}".replace("-", "−")
