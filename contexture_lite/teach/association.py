"""Notebook 06's live picture: too weak, too strong, and what the spectrum alone can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite.teach.association_numbers import (
    DIMENSIONS,
    FINITE,
    LIVE,
    SCORES,
    Course,
    cases,
    course,
    sources,
)
from contexture_lite.teach.association_panels import Errors, Scores, Spectrum
from contexture_lite.teach.explorer import Explorer, choice, slider
from contexture_lite.teach.headline import Headline


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
        right = self.course.about_right(self.d)
        if self.mean.min() > 0.9:
            return "No strength helps"
        if right.all():
            return "Any strength will do"
        return ("About right" if right[self.at] else
                "Too weak" if self.at < self.best else "Too strong")


class AssociationExplorer(Explorer):
    """Neither too weak nor too strong: spectrum, scores and measured error along the strength.

    Left the squared singular values (blue: the functions that the probe sees), in the middle
    four scores of that spectrum, each on its own range, low where the score calls the context
    useful, with a mark at the strength it points to; right the error that was measured, mean
    and standard error, grey where it is more than 5 % above the best. Any score may point to
    the wrong strength, and the picture shows where.

    ``source`` is a small table, "digits (live)" or "wine (live)", measured on the spot (a
    second at first choice); a finite context, whose scores are exact and whose error is that
    of an encoder learned from 200 sampled pairs and a probe from 30 noisy labels, 200 times;
    or a table of the shipped sweep (`contexture_lite.sweep`), where the notebooks are at hand.
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
        self.panels = [panel(figure.add_axes((left, 0.18, width, 0.59)), self.moving)
                       for panel, left, width in ((Spectrum, 0.05, 0.205), (Scores, 0.305, 0.245),
                                                  (Errors, 0.75, 0.238))]

    def scene(self, step):
        """Only the strength leaves the axes alone."""
        return step.course.source, step.course.case, step.d

    def set_scene(self, step):
        """Curves, ticks and shades of one source, case and d."""
        found = step.course
        ticks = [0, 2, 4, 6, 8, 11] if found.tied is not None else [0, 5, 10, 15, 20, 25]
        for panel in self.panels:
            panel.set_scene(step)
        for panel in self.panels[1:]:
            panel.ax.set_xticks(found.strengths[ticks], [found.place(i, "tick") for i in ticks])
            panel.ax.set_xticks(found.strengths, minor=True)
            panel.ax.set_xlabel("weak  ←  strength  →  strong" if found.tied is None else
                                f"weak  ←  tied to … of {found.points}  →  strong")

    def draw(self, step):
        """Move everything to this strength."""
        self.headline.set(f"{step.verdict}: {_about(step)}")
        for panel in self.panels:
            panel.draw(step)

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        found, at = step.course, step.at
        numbers = {"strength": float(found.strengths[at]), "d": int(found.used[step.d][at]),
                   "error": float(step.mean[at]), "best_error": float(step.mean.min()),
                   "best_strength": float(found.strengths[step.best])}
        for name in SCORES:
            key, value = name.replace(" ", "_"), float(found.scores[name][at])
            if found.points_to(name) is not None:
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
        to = {name: _where(found, name) for name in SCORES}
        tau = ("Scores undefined (independent); τ" if np.isnan(found.missed[at]) else
               f"τ = {found.scores['tau'][at]:.2f}")
        return (f"{_capital(_name(found))}, {found.case}: {where}{found.place(at)}, the error is "
                f"{step.mean[at]:.3f}; best {step.mean.min():.3f} at "
                f"{found.place(step.best, 'short')}. {tau} points {to['tau']}, effective rank "
                f"{to['effective rank']}, log trace {to['log trace']}, decay rate "
                f"{to['decay rate']}.")


def _where(found, score):
    at = found.points_to(score)
    return "nowhere" if at is None else f"to {found.place(at, 'short')}"


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


def _about(step):
    found = step.course
    if found.tied is None:
        return f"{found.source}, {found.case}, strength {found.place(step.at)}"
    return f"{_name(found)}, {found.case}, each point tied to {found.place(step.at)}"
