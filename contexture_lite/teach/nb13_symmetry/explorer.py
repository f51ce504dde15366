"""Notebook 13's live picture: one slider from "where" to "what"."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps

from contexture_lite.teach.nb13_symmetry import compute as model
from contexture_lite.teach.nb13_symmetry.compute import KINDS, LARGEST, NEIGHBOURS, PLACES, WINDOWS
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, steps, whole

COLORS = {"what": style.INPUT, "where": style.ORANGE, "both": "#7A8087"}
PALE = {"what": "#BBD7EA", "where": "#F7DFB2", "both": "#DADDE0"}  # beyond the first d
LETTERS = {"what": style.INPUT, "where": "#9A6A00", "both": "#5F6368"}
TASKS = {"which digit": "what", "where it is": "where", "left or right": "side",
         "which digit, signed by side": "what on which side"}
ROUND = 0.24  # radius of the ring of sixteen places where nothing is forgotten
ANGLE = 2 * np.pi * np.arange(PLACES) / PLACES


class SymmetryExplorer(Explorer):
    """What should the representation of a digit at one of sixteen places know?

    X is one of 400 digits at one of sixteen places of a circle; A is one of the digit's ``k``
    nearest neighbours, moved by up to ±``w`` places (8: to any). The singular values are the
    products of those of the neighbours and those of the moves; a feature is about what is shown,
    about where, or about both. The representation holds the first ``d``.

    Panels: the spectrum; ten digits as the representation has them: a numeral stands where a
    linear probe puts the image that should stand on the clock face, and the slowest wave about
    where spreads its sixteen places to a ring; the error of a linear probe along w.

    Keys of `values`: ``what``, ``where``, ``both`` (numbers of features), ``error`` (of the
    chosen task), ``error_what``, ``error_where``, ``wave`` (|ν̂(1)|).
    """

    alt = ("Bars of the largest singular values, coloured by whether the feature is about what is "
           "shown, about where it is, or about both.",
           "Ten digits as numerals on a clock face, each with a ring of dots for sixteen places.",
           "Errors of a linear probe along the largest move, for what is shown and for where.")
    height = 3.4
    frozen = ({"w": tuple(WINDOWS), "d": (2, 8, 16, 17, 24, 40)},
              {"w": tuple(WINDOWS), "neighbours": NEIGHBOURS},
              {"w": tuple(WINDOWS), "task": tuple(TASKS)})

    def make_controls(self, w=2, neighbours=10, d=24, task="which digit"):
        controls = {"w": whole("Largest move w", w, WINDOWS[0], WINDOWS[-1]),
                    "neighbours": steps("Neighbours k", [(str(k), k) for k in NEIGHBOURS],
                                        neighbours),
                    "d": whole("Features d", d, 1, LARGEST),
                    "task": choice("Task", list(TASKS), task)}
        for control in controls.values():
            control.layout.width = "280px"
        return controls

    def compute(self, w, neighbours, d, task):
        return model.step_at(w, neighbours, d), task

    def build(self, figure):
        spectrum, images, errors = figure.subfigs
        self._build_spectrum(style.axes(spectrum, top=0.84))
        self._build_images(style.axes(images, left=0.03, right=0.97, bottom=0.03))
        self._build_errors(style.axes(errors, top=0.84))

    def _build_spectrum(self, ax):
        style.label(ax, x="features, best first", y="singular value")
        artists.title(ax, *((f"{kind}   ", LETTERS[kind]) for kind in KINDS))
        ax.set(xlim=(0, LARGEST + 1), ylim=(0, 1.06), xticks=[1, 10, 20, 30, 40],
               yticks=[0, 0.5, 1])
        self.bars = self.moving(artists.Bars(ax, np.arange(1, LARGEST + 1)))
        self.chosen = self.moving(ax.axvline(0, color=style.CONTEXT, lw=2.5, ls=":"))

    def _build_images(self, ax):
        style.label(ax, "Ten digits, sixteen places each")
        style.bare(ax)
        ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
        self.dots = self.moving(ax.scatter(np.zeros(10 * PLACES), np.zeros(10 * PLACES), s=26,
                                           c=np.tile(colormaps["twilight"](ANGLE / (2 * np.pi)),
                                                     (10, 1)), linewidths=0))
        self.numerals = self.moving(artists.Labels(ax, 13))

    def _build_errors(self, ax):
        style.label(ax, x="largest move $w$", y="error of a probe")
        artists.title(ax, ("what", style.TASK), (" or ", style.INK), ("where", LETTERS["where"]),
                      ("?", style.INK))
        ax.set(xlim=(-0.3, WINDOWS[-1] + 0.3), ylim=(-0.03, 1.06), xticks=list(WINDOWS),
               yticks=[0, 0.5, 1])
        self.curves = {"what": self.moving(ax.plot([], [], "-o", color=style.TASK, ms=6)[0]),
                       "where": self.moving(ax.plot([], [], "--s", color=style.ORANGE, ms=6)[0])}
        self.other = self.moving(ax.plot([], [], ":", color=style.INK, lw=2.5)[0])
        self.here = self.moving(artists.ring(ax, 17))

    def draw(self, result):
        step, task = result
        names = [KINDS[kind] for kind in step.kinds]
        self.bars.set(step.values, [(COLORS if place < step.d else PALE)[name]
                                    for place, name in enumerate(names)])
        self.chosen.set_xdata([step.d + 0.5, step.d + 0.5])
        ring = ROUND * step.radius * np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])
        self.dots.set_offsets((step.centres[:, None] + ring).reshape(-1, 2))
        self.numerals.set([str(digit) for digit in range(10)], artists.spread(step.centres, 0.2))
        for name, curve in self.curves.items():
            curve.set_data(WINDOWS, step.errors[name])
        error = step.errors[TASKS[task]]
        self.other.set_data(*((WINDOWS, error) if TASKS[task] not in self.curves else ([], [])))
        self.here.set_data([step.w], [error[step.w]])

    def headline(self, result):
        step, _ = result
        what, where, both = step.counts
        if what == step.d:
            return f"All {step.d} features are about what is shown: where it is, is forgotten"
        return f"{step.d} features: {what} about what, {where} about where, {both} about both"

    def numbers(self, result):
        step, task = result
        return dict(zip(KINDS, step.counts)) | {
            "error": float(step.errors[TASKS[task]][step.w]),
            "error_what": float(step.errors["what"][step.w]),
            "error_where": float(step.errors["where"][step.w]), "wave": float(step.first)}

    def sentence(self, result):
        step, task = result
        moved = (f"moves of up to {step.w} of {PLACES} places" if step.w < WINDOWS[-1]
                 else "moves to any place")
        if step.w == 0:
            moved = "no moves: all waves about where have the value 1, and their order is arbitrary"
        cut = (" d cuts through a repeated value: half of a wave does not move along."
               if step.cut else "")
        return (f"With {moved}, the slowest wave has |ν̂(1)| = {step.first:.2f}; a linear probe "
                f"misses {step.errors['what'][step.w]:.2f} of which digit it is and "
                f"{step.errors['where'][step.w]:.2f} of where it is; "
                f"“{task}”: {step.errors[TASKS[task]][step.w]:.2f}.{cut}")
