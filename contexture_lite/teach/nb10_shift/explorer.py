"""Notebook 10's live picture: which remedy fits which shift, and what does it cost?"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch
from scipy.stats import norm

from contexture_lite.teach.nb10_shift.compute import FAR, METHODS, MINORITY, SPREAD, THETA, step_at
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, slider

NAMES = {"erm": "ERM", "cvar": "CVaR", "doro": "DORO", "known": "groups known"}
COLORS = {"erm": "#5F6368", "cvar": style.ORANGE, "doro": style.PINK, "known": style.TASK}
TEXTS = {"erm": "#5F6368", "cvar": "#9A6A00", "doro": "#A0417A", "known": "#007A5A"}  # for letters
LOOKS = {"erm": dict(lw=6, alpha=0.55), "cvar": dict(lw=3.5), "doro": dict(lw=3, ls=(0, (4, 1.5))),
         "known": dict(lw=2.2, ls=":")}  # all four are seen where they lie on each other
MARKS = {"erm": dict(marker="s", ms=13), "cvar": dict(marker="v", ms=13),
         "doro": dict(marker="D", ms=9), "known": dict(marker="o", ms=7)}
MAJORITY, MINOR, AVERAGE = style.INPUT, style.SKY, "#C3C7CC"
RUGS = {"cvar": -0.19, "doro": -0.46}  # heights of the rows of marks below the population
PITCH = np.array([-0.041, -0.016, 0.009, 0.041])  # in a panel, of the four letters of a number
HEIGHTS = (0, 0.25, 1, 2.25, 4)  # marked on both axes of squared errors
NOTHING = 1e-9  # mass
SAME = 0.005  # errors no further apart than this are called equal


class ShiftExplorer(Explorer):
    """Which remedy fits which shift, and what does it cost?

    Four fifths of the people are a majority around 0, one fifth a minority around ``shift``,
    and a share ``outliers`` of the data are not people at all and lie at −3. One number θ is to
    be near everybody: its loss is (z − θ)². Four methods choose it:

    * ERM, the mean loss;
    * CVaR, the mean of the worst share ``alpha`` of the losses;
    * DORO, the same after the worst share ``epsilon`` has been dropped;
    * "groups known": importance weights from the data to half majority, half minority. No
      weight is left for the outliers, since nobody wants to do well on them.

    Panels: the population with each method's θ, and marks below it for the data that CVaR and
    DORO look at (× is dropped); each risk as a function of θ, its least point marked; the error
    of each θ on the majority, the minority and on average, all without the outliers. Heights
    of errors are roots, so that a bar is as long as the group is far.

    Keys of `values`: ``theta_``, ``worst_`` and ``average_`` followed by ``erm``, ``cvar``,
    ``doro`` and ``known``.
    """

    alt = ("A population of a majority, a minority and outliers, with the θ that each of four "
           "methods chooses and the data that it looks at.",
           "The risks of the methods as curves over θ.",
           "Bars for the error of each method on the majority, on the minority and on average.")
    height = 3.4
    frozen = {"shift": (0.0, 0.4, 0.8, 1.0), "alpha": (0.05, 0.2, 0.5, 1.0),
              "outliers": (0.0, 0.02), "epsilon": (0.0, 0.02, 0.1, 0.25)}

    def make_controls(self, shift=0.8, alpha=0.05, outliers=0.02, epsilon=0.0):
        controls = {"shift": slider("Shift", shift, step=0.05, width="240px"),
                    "alpha": slider("α, the worst share", alpha, 0.05, 1, 0.05, "290px"),
                    "outliers": slider("Outliers", outliers, 0, 0.1, 0.01, "250px"),
                    "epsilon": slider("ε, dropped by DORO", epsilon, 0, 0.3, 0.01, "310px")}
        for name in ("alpha", "outliers", "epsilon"):
            controls[name].readout_format = ".0%"
        return controls

    def compute(self, shift, alpha, outliers, epsilon):
        return step_at(shift, alpha, outliers, epsilon)

    def build(self, figure):
        people, risk, bars = figure.subfigs
        self._build_people(style.axes(people, left=0.03, bottom=0.03))
        self._build_risk(style.axes(risk, left=0.21))
        self._build_bars(style.axes(bars, bottom=0.35, top=0.8))
        self.table = self.moving(artists.Labels(bars, 12))

    def _build_people(self, ax):
        style.label(ax, "The data, and the choices of θ")
        ax.set(xlim=(THETA[0], THETA[-1]), ylim=(-0.65, 1.75), yticks=[], xticks=[])
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.axhline(0, color=style.INK, lw=1)
        self.along = np.linspace(-3.2, 3.2, 65) * SPREAD
        self.hill = norm.pdf(self.along, scale=SPREAD)
        ax.fill(self.along, (1 - MINORITY) * self.hill, fc=MAJORITY, alpha=0.55, lw=0)
        ax.text(-0.75, 1.25, f"majority {_per_cent(1 - MINORITY)}", color=MAJORITY,
                fontweight="bold", ha="right")
        self.minority = self.moving(ax.fill(self.along, self.hill, fc=MINOR, alpha=0.75, lw=0)[0])
        self.spike = self.moving(ax.plot([FAR, FAR], [0, 0], "-o", color=style.INK, lw=4, ms=9,
                                         markevery=[1])[0])
        self.lines = {name: self.moving(ax.plot([0, 0], [0, 1.7], color=COLORS[name],
                                                **LOOKS[name])[0]) for name in METHODS}
        self.names = self.moving(artists.Labels(ax, 12))
        self.rugs = {}
        for name, words in (("cvar", "CVaR looks at"), ("doro", "DORO (drops ×)")):
            ax.text(FAR + 0.12, RUGS[name], words, va="center", color=TEXTS[name])
            self.rugs[name] = self.moving(ax.add_collection(
                LineCollection([], colors=COLORS[name], linewidths=2), autolim=False))
        self.crosses = self.moving(ax.plot([], [], "x", color=style.INK, ms=6, mew=1.5)[0])

    def _build_risk(self, ax):
        style.label(ax, "Each method's risk of θ", "θ", "risk")
        _root_axis(ax, 2.4)
        ax.set(xlim=(THETA[0], THETA[-1]), xticks=range(-3, 3))
        self.risks = {name: self.moving(ax.plot(THETA, 0 * THETA, color=COLORS[name],
                                                **LOOKS[name])[0]) for name in METHODS}
        self.marks = {name: self.moving(ax.plot([], [], color=COLORS[name], ls="", mec="white",
                                                mew=1.5, **MARKS[name])[0])
                      for name in METHODS}
        legend = ax.legend([(self.risks[name], self.marks[name]) for name in METHODS],
                           NAMES.values(), loc="lower left", frameon=False, handlelength=1.6,
                           borderaxespad=0.1, labelspacing=0.25)
        for text, name in zip(legend.get_texts(), METHODS):
            text.set(color=TEXTS[name], fontweight="bold")

    def _build_bars(self, ax):
        style.label(ax, y="mean squared error")
        ax.set_title("The cost, without outliers", pad=30)
        _root_axis(ax, 2.1)
        places = np.arange(len(METHODS))
        ax.set(xlim=(-0.55, 3.55))
        ax.set_xticks(places, [name.replace(" ", "\n") for name in NAMES.values()])
        ax.tick_params(axis="x", length=0)
        for label, name in zip(ax.get_xticklabels(), METHODS):
            label.set(color=TEXTS[name], fontweight="bold")
        colors = {"majority": MAJORITY, "minority": MINOR, "average": AVERAGE}
        self.bars = [self.moving(artists.Bars(ax, places + aside, 0.25, color))
                     for aside, color in zip((-0.27, 0, 0.27), colors.values())]
        ax.legend([Patch(fc=color) for color in colors.values()], colors, loc="lower right",
                  frameon=False, ncol=3, bbox_to_anchor=(1.03, 0.97), borderaxespad=0,
                  handlelength=0.9, columnspacing=0.9, handletextpad=0.4)
        self.cells = [(0.2 + 0.77 * (place + 0.55) / 4.1, y) for place in places
                      for y in (0.15, 0.06)]
        for y, text in zip((0.15, 0.06), ("worst", "mean")):
            ax.figure.text(0.18, y, text, ha="right", va="center", fontsize=12)

    def draw(self, step):
        self.minority.set_xy(np.column_stack([self.along + step.shift, MINORITY * self.hill]))
        self.spike.set_ydata([0, 10 * step.outliers])
        self.spike.set_visible(step.outliers > 0)
        seen = step.looked["cvar"][-1] / step.looked["cvar"].sum()
        self.names.set(
            ["minority", _per_cent(MINORITY), f"outliers {_per_cent(step.outliers)}",
             f"(CVaR: {_per_cent(seen)})"],
            [(min(step.shift + 0.8, 1.45), 0.85), (min(step.shift + 0.8, 1.45), 0.65),
             (FAR + 1.15, 0.42), (FAR + 1.15, 0.2)], 2 * ["#1F7FB0"] + 2 * [style.INK])
        z = step.people.z
        for name, y in RUGS.items():
            self.rugs[name].set_segments([[(at, y - 0.1), (at, y + 0.1)]
                                          for at in z[step.looked[name] > NOTHING]])
        out = z[step.dropped > NOTHING]
        self.crosses.set_data(out, np.full(len(out), RUGS["doro"]))
        for name in METHODS:
            self.lines[name].set_xdata(2 * [step.theta[name]])
            self.risks[name].set_ydata(np.sqrt(step.curves[name]))
            self.marks[name].set_data([step.theta[name]], [np.sqrt(step.least[name])])
        for bars, errors in zip(self.bars, zip(*step.errors.values())):
            bars.set(np.sqrt(errors))
        errors = [error for name in METHODS for error in (step.worst(name), step.errors[name][2])]
        self.table.set("".join(f"{error:.2f}" for error in errors),  # by letter: letters come back
                       [(x + along, y) for x, y in self.cells for along in PITCH])

    def headline(self, step):
        erm, cvar, doro, known = (step.worst(name) for name in METHODS)
        if max(erm, cvar, doro) - known <= SAME:
            return "All four agree: there is nothing to repair"
        follows = cvar > erm + SAME
        if follows:
            said = "CVaR follows the outliers: worst group"
        elif cvar < erm - SAME:
            said = "CVaR helps the worst group:"
        else:
            said = "CVaR is no better than ERM: worst group"
        return f"{said} {cvar:.2f} (ERM {erm:.2f}){_dropped(step, follows)}"

    def numbers(self, step):
        return ({f"theta_{name}": step.theta[name] for name in METHODS}
                | {f"worst_{name}": step.worst(name) for name in METHODS}
                | {f"average_{name}": step.errors[name][2] for name in METHODS})

    def sentence(self, step):
        errors = ", ".join(f"{NAMES[name]} {step.worst(name):.2f} / {step.errors[name][2]:.2f}"
                           for name in METHODS)
        outliers, minority = (_per_cent(part) for part in step.left_out)
        drops = ((f"{outliers} of the outliers and " if step.outliers else "")
                 + f"{minority} of the minority")
        return (f"Worst group / average: {errors}. At its θ, DORO drops "
                f"{drops if step.epsilon else 'nothing'}. {_price(step)}")


def _root_axis(ax, top):
    """Heights of squared errors are roots, so that 0.04 and 4 are both to be seen."""
    ax.set_ylim(0, top)
    ax.set_yticks(np.sqrt(HEIGHTS), [f"{height:g}" for height in HEIGHTS])


def _per_cent(part):
    return f"{100 * part:.0f} %"


def _price(step):
    """What the better of the two remedies that know no groups takes and gives."""
    name = min(("cvar", "doro"), key=step.worst)
    gain = step.worst("erm") - step.worst(name)
    if gain <= SAME:
        return "Neither CVaR nor DORO beats ERM on the worst group."
    price = step.errors[name][2] - step.errors["erm"][2]
    change = f"{abs(price):.2f} {'more' if price > 0 else 'less'} on average"
    if abs(price) <= SAME:
        change = "as much on average"
    return f"{NAMES[name]} against ERM: {gain:.2f} less on the worst group, {change}."


def _dropped(step, named):
    """DORO's part of the headline, or the price; the outliers may have been named already."""
    minority = step.left_out[1]
    if step.epsilon == 0:
        mean = {name: errors[2] for name, errors in step.errors.items()}
        return ("; DORO drops nothing yet" if step.outliers
                else f"; on average {mean['cvar']:.2f} ({mean['erm']:.2f})")
    if step.epsilon < step.outliers:
        return f"; DORO with ε < outliers: {step.worst('doro'):.2f}"
    if step.outliers and minority < 0.5:
        what = "them" if named else "the outliers"
    else:
        what = f"{_per_cent(minority)} of the minority"
    return f"; DORO drops {what}: {step.worst('doro'):.2f}"
