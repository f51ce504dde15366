"""Notebook 06's live picture: too weak, too strong, and what the spectrum alone can tell."""

from dataclasses import dataclass

import numpy as np

from contexture_lite.experiment.protocol import first_least
from contexture_lite.teach.nb06_association import compute
from contexture_lite.teach.nb06_association.compute import FINITE, SCORES, cases, strength_curve
from contexture_lite.teach.nb06_association.panels import Errors, Scores, Spectrum
from contexture_lite.teach.pictures import style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    curve: compute.StrengthCurve
    at: int  # position of the strength
    d: object  # a number, "best" or "leave-one-out"

    @property
    def mean(self):
        """Mean error at every strength."""
        return self.curve.mean(self.d)

    @property
    def best(self):
        """Position of the least error."""
        return int(first_least(self.mean))

    @property
    def verdict(self):
        """Too weak, about right, too strong; or that the strength does not matter."""
        right = self.curve.about_right(self.d)
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
    and standard error, grey where it is above the best by more than 5 % and by more than both
    standard errors. Any score may point to the wrong strength, and the picture shows where.

    ``source`` is a small table, "digits (live)" or "wine (live)", measured on the spot (a
    second at first choice); a finite context, whose scores are exact and whose error is that
    of an encoder learned from 200 sampled pairs and a probe from 30 noisy labels, 200 times;
    or a table of the shipped sweep (`contexture_lite.sweep`).
    ``case`` is its position in the second list, or its name: the family of contexts, or for
    finite contexts the task. ``strength`` goes from 0, weakest, to 1; the nearest one there is
    counts. ``d`` is a number of functions (all there are, if fewer), "best" (least error on
    the test points) or "leave-one-out" (chosen with the labels alone).

    Keys of `values`: ``strength``, ``d``, ``error``, ``best_error``, ``best_strength``; of
    each score its value and, as in ``tau_points_to``, the strength it calls best; ``tau_missed``
    and ``tau_cost``, τ's terms. Scores of an independent context are undefined and left out.
    """

    alt = ("The squared singular values of a context as bars.",
           "Four scores of this spectrum along the strength of association, each marked at the "
           "strength it calls best.",
           "The measured error of a probe along the strength, with its optimum, and grey where the "
           "context is too weak or too strong.")
    height = 3.4
    frozen = {"source": ("ames", "concrete", "digits", "mnist"), "case": (0, 1),  # rbf, knn
              "strength": tuple(round(i / 11, 2) for i in range(12))}

    def __init__(self, source="ames", case="knn", strength=0.18, d="best"):
        self._named = source
        super().__init__(source, self._position(source, case), strength, d)

    def make_controls(self, source, case, strength, d):
        labelled = [(_said(name), name) for name in compute.sources()]
        return {"source": choice("Source", labelled, source, "310px"),
                "case": choice(*_second_list(source), case, "250px"),
                "strength": slider("Strength", strength, width="300px"),
                "d": choice("d, functions", compute.DIMENSIONS, d, "210px")}

    def update(self, **params):
        """Set controls by name and redraw; ``case`` may be the name of a family or task."""
        if isinstance(params.get("case"), str):
            source = params.get("source", self.params["source"])
            self._refuse("source", source)
            params["case"] = self._position(source, params["case"])
        super().update(**params)

    def compute(self, source, case, strength, d):
        curve = strength_curve(source, cases(source)[case])
        return Step(curve, int(np.abs(curve.strengths - strength).argmin()), d)

    def _refresh(self):
        source = self.params["source"]
        if source != self._named:
            self._named = source
            self.controls["case"].description, options = _second_list(source)
            self.rename("case", options)
        super()._refresh()
        step = 1 / (len(self.result.curve.strengths) - 1)
        self.controls["strength"].step = step  # an arrow key goes to the next strength

    @staticmethod
    def _position(source, case):
        if not isinstance(case, str) or source not in compute.sources():
            return case
        if case not in cases(source):
            raise ValueError(f"case is {case!r}; for {source} it must be one of {cases(source)}")
        return cases(source).index(case)

    def build(self, figure):
        spectrum, scores, errors = figure.subfigs
        self.panels = [Spectrum(style.axes(spectrum), self.moving),
                       Scores(style.axes(scores, left=0.12, right=0.96, top=0.67), self.moving),
                       Errors(style.axes(errors), self.moving)]

    def scene(self, step):
        """Only the strength leaves the axes alone."""
        return step.curve.source, step.curve.case, step.d

    def set_scene(self, step):
        """Curves, ticks and shades of one source, case and d."""
        curve = step.curve
        dial, ticks = (("strength", [0, 5, 10, 15, 20, 25]) if curve.neighbours is None else
                       ("neighbours", [0, 2, 4, 6, 8, 11]))
        for panel in self.panels:
            panel.set_scene(step)
        for panel in self.panels[1:]:
            panel.ax.set_xticks(curve.strengths[ticks], [curve.place(i, "tick") for i in ticks])
            panel.ax.set_xticks(curve.strengths, minor=True)
            panel.ax.set_xlabel(f"weak  ←  {dial}  →  strong")

    def draw(self, step):
        for panel in self.panels:
            panel.draw(step)

    def headline(self, step):
        curve = step.curve
        where = (f"strength {curve.place(step.at)}" if curve.neighbours is None else
                 f"{curve.place(step.at)} as neighbours")
        return f"{step.verdict}: {_name(curve)}, {curve.case}, {where}"

    def numbers(self, step):
        curve, at = step.curve, step.at
        numbers = {"strength": float(curve.strengths[at]), "d": int(curve.used[step.d][at]),
                   "error": float(step.mean[at]), "best_error": float(step.mean.min()),
                   "best_strength": float(curve.strengths[step.best])}
        for name in SCORES:
            key, value = name.replace(" ", "_"), float(curve.scores[name][at])
            if curve.points_to(name) is not None:
                numbers[f"{key}_points_to"] = float(curve.strengths[curve.points_to(name)])
            if np.isfinite(value):
                numbers[key] = value
        if "tau" in numbers:
            numbers["tau_missed"] = float(curve.missed[at])
            numbers["tau_cost"] = numbers["tau"] - numbers["tau_missed"]
        return numbers

    def sentence(self, step):
        curve, at = step.curve, step.at
        where = (f"at strength {curve.place(at)}" if curve.neighbours is None else
                 f"with {curve.place(at)} as neighbours")
        places = [curve.points_to(name) for name in SCORES]
        tau, *others = ("nowhere" if place is None else f"to {curve.place(place, 'short')}"
                        for place in places)
        score = ("Scores undefined (independent); τ" if np.isnan(curve.missed[at]) else
                 f"τ = {curve.scores['tau'][at]:.2f}")
        name, rest = _name(curve), ", ".join(map(" ".join, zip(SCORES[1:], others)))
        return (f"{name[0].upper()}{name[1:]}, {curve.case}: {where}, the error is "
                f"{step.mean[at]:.3f}; best {step.mean.min():.3f} at "
                f"{curve.place(step.best, 'short')}. {score} points {tau}, {rest}.")


def _said(source):
    if source in compute.LIVE:
        name, most = compute.LIVE[source]
        return f"{name}, {most} points, measured now"
    return f"{source} (exact scores)" if source in FINITE else f"{source} (sweep)"


def _name(curve):
    return curve.source.removesuffix(" (live)")


def _second_list(source):
    """Its title, and the tasks or families of this source by number."""
    title = "Task" if source in FINITE else "Family"
    return title, [(name, i) for i, name in enumerate(cases(source))]
