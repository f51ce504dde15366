"""Notebook 01's live picture: a joint table, and what its operator does to a function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach import style
from contexture_lite.teach.cast import CAST, GRID, largest_cell, system_at, systems, ticks
from contexture_lite.teach.explorer import Explorer, choice, slider

CELLS_WITH_NUMBERS = 25
FUNCTIONS = ("one value", "a step", "random", "best predicted")


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    name: str
    strength: float
    channel: cl.Context  # N inputs, M context values
    g: np.ndarray  # (M,) scaled to a largest size of 1
    image: np.ndarray  # (N,) T g
    mean: float  # E[g(A)] = E[(T g)(X)]
    chi2: float
    mutual_information: float
    s1: float
    kept: float  # Var(T g) / Var(g)
    kept_curve: np.ndarray  # the same along GRID


def function_of_a(name, strength, kind):
    """G on the context values, scaled so that its largest drawn size is 1; shape (M,)."""
    context = CAST[name].build(strength)
    values = context.shape[1]
    if kind == "one value":
        g = (np.arange(values) == values // 2).astype(float)
    elif kind == "a step":
        g = np.where(np.arange(values) < values / 2, -1.0, 1.0)
    elif kind == "random":
        g = np.random.default_rng(0).standard_normal(values)
    else:
        g = _best_predicted(name, strength)
    return g / np.abs(g[CAST[name].shown(context.a_labels, values)]).max()


def _best_predicted(name, strength):
    """ν₁; if X and A are independent every g is as good, and the ν₁ at strength ½ is taken."""
    system = system_at(name, strength)
    return (system if system.rank else system_at(name, 0.5)).right[:, 0]


def variance_kept(context, g):
    """Var((T g)(X)) / Var(g(A)): the share of g's variance that X can account for."""
    mean = context.p_a @ g
    return float(context.p_x @ (context.expect(g) - mean) ** 2 / (context.p_a @ (g - mean) ** 2))


@cache
def _curves(name):
    """χ², mutual information and s₁ along GRID."""
    contexts = [CAST[name].build(s) for s in GRID]
    return (np.array([c.chi2() for c in contexts]),
            np.array([c.mutual_information() for c in contexts]),
            np.array([system.values[0] for system in systems(name)]))


@cache
def _kept_curve(name, kind):
    family = CAST[name].build
    return np.array([variance_kept(family(s), function_of_a(name, s, kind)) for s in GRID])


class ChannelExplorer(Explorer):
    """A context as a table, a function g of A, and T g, while the strength moves.

    Four panels: the joint table P⁺(x, a); g on the values of A; (T g)(x) = E[g(A)|x] on
    the inputs, on the same scale; and along the strength, the association (χ² and
    mutual information) above the share of g's variance that survives, with its ceiling
    s₁². g is scaled so that its largest value is ±1.

    Keys of `values`: ``chi2``, ``mutual_information`` (nats), ``s1`` and
    ``variance_kept``.
    """

    alt = ("Four panels: a joint table of X and A; a function g of A as bars; its conditional "
           "expectation T g as bars over X, shrunk towards the mean; and chi-square, mutual "
           "information and the surviving share of variance along the strength.")

    def __init__(self, context="four letters", strength=0.6, g="one value"):
        self._start = context, strength, g
        super().__init__()

    def make_controls(self):
        """Context, strength and g."""
        context, strength, g = self._start
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "g": choice("g", FUNCTIONS, g, "220px")}

    def compute(self, context, strength, g):
        """The numbers of one setting."""
        strength = CAST[context].strength(strength)
        channel, function = CAST[context].build(strength), function_of_a(context, strength, g)
        return Step(context, strength, channel, function, channel.expect(function),
                    float(channel.p_a @ function), channel.chi2(), channel.mutual_information(),
                    float(system_at(context, strength).values[0]),
                    variance_kept(channel, function), _kept_curve(context, g))

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        grid = dict(left=0.052, right=0.985, bottom=0.15, top=0.88, wspace=0.3)
        table, on_a, on_x, tie, share = figure.subplot_mosaic(
            [["table", "a", "x", "tie"], ["table", "a", "x", "share"]],
            gridspec_kw=grid | dict(hspace=0.62)).values()
        self.axes = dict(table=table, a=on_a, x=on_x, tie=tie, share=share)
        style.label(table, "How often x and a meet", "context value $a$", "input $x$")
        table.tick_params(length=0)
        self.cells = style.Cells(table)
        self.moving(self.cells.artist)
        self.in_cells = style.Labels(table, 12)
        self.moving(self.in_cells.artist)
        style.label(on_a, "g: a question about A", "context value $a$  (dashed: mean)", "$g(a)$")
        style.label(on_x, "Tg: what X knows of it", "input $x$  (dashed: mean)",
                    "$(Tg)(x) = E[g(A)\\,|\\,x]$")
        self.on_a, self.on_x = (style.Bars(ax, [0], 0.74, color)
                                for ax, color in ((on_a, style.CONTEXT), (on_x, style.INPUT)))
        self.means = []
        for ax, bars in ((on_a, self.on_a), (on_x, self.on_x)):
            ax.set(ylim=(-1.12, 1.12), yticks=[-1, 0, 1])
            ax.axhline(0, color=style.INK, lw=1)
            self.moving(bars.artist)
            self.means.append(self.moving(ax.plot([], [], "--", color=style.INK, lw=1.8)[0]))
        self._build_curves(tie, share)

    def _build_curves(self, tie, share):
        style.label(tie, "How strong the tie is", "", "")
        style.label(share, "Variance of g that X keeps", "strength  (dotted: at most $s_1^2$)", "")
        self.chi2_line = tie.plot([], [], color=style.INK)[0]
        self.information_line = tie.plot([], [], color=style.GREY)[0]
        for y, text, color in ((0.97, "$\\chi^2$", style.INK), (0.76, "information", "#6B7075")):
            tie.text(0.04, y, text, color=color, fontweight="bold", va="top",
                     transform=tie.transAxes)
        self.ceiling = share.plot([], [], ":", color=style.GREY, lw=2.2)[0]
        for ax in (tie, share):
            ax.set(xlim=(-0.02, 1.02), xticks=[0, 0.5, 1])
        share.set(ylim=(-0.03, 1.05), yticks=[0, 0.5, 1])
        self.kept_line = self.moving(share.plot([], [], color=style.INPUT)[0])
        self.rings = [self.moving(ax.plot([], [], "o", ms=12, mfc="none", mec=style.CONTEXT,
                                          mew=3, clip_on=False)[0]) for ax in (tie, share)]

    def scene(self, step):
        """A new context changes ticks and scales."""
        return step.name

    def set_scene(self, step):
        """Ticks, scales and the curves of one context."""
        member, channel = CAST[step.name], step.channel
        self.rows = member.shown(channel.x_labels, channel.shape[0])
        self.columns = member.shown(channel.a_labels, channel.shape[1])
        rows, columns = len(self.rows), len(self.columns)
        x_ticks = ticks([channel.x_labels[i] for i in self.rows])
        a_ticks = ticks([channel.a_labels[j] for j in self.columns])
        self.cells.place(rows, columns)
        self.axes["table"].set_xticks(*a_ticks)
        in_rows = ticks([channel.x_labels[i] for i in self.rows], room=40)  # rows have more room
        self.axes["table"].set_yticks(*in_rows)
        for ax, bars, line, places, count in (
                (self.axes["a"], self.on_a, self.means[0], a_ticks, columns),
                (self.axes["x"], self.on_x, self.means[1], x_ticks, rows)):
            ax.set_xlim(-0.6, count - 0.4)
            ax.set_xticks(*places)
            bars.place(np.arange(count))
            line.set_xdata([-0.6, count - 0.4])
        chi2, information, s1 = _curves(step.name)
        self.chi2_line.set_data(GRID, chi2)
        self.information_line.set_data(GRID, information)
        self.axes["tie"].set_ylim(-0.03 * chi2.max(), 1.08 * chi2.max())
        self.ceiling.set_data(GRID, s1**2)

    def draw(self, step):
        """Move everything to this setting."""
        joint = step.channel.joint[np.ix_(self.rows, self.columns)]
        self.cells.set(joint, 0, largest_cell(step.name))
        self._draw_numbers(joint, largest_cell(step.name))
        self.on_a.set(step.g[self.columns])
        self.on_x.set(step.image[self.rows])
        for line in self.means:
            line.set_ydata([step.mean, step.mean])
        self.kept_line.set_data(GRID, step.kept_curve)
        self.rings[0].set_data([step.strength], [step.chi2])
        self.rings[1].set_data([step.strength], [step.kept])

    def _draw_numbers(self, joint, largest):
        self.in_cells.artist.set_visible(joint.size <= CELLS_WITH_NUMBERS)
        if joint.size <= CELLS_WITH_NUMBERS:
            places = np.indices(joint.shape)[::-1].reshape(2, -1).T  # (a, x) of every cell
            colors = np.where(joint.ravel() > 0.45 * largest, "white", style.INK)
            self.in_cells.set([_probability(p) for p in joint.ravel()], places, list(colors))

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        return {"chi2": step.chi2, "mutual_information": step.mutual_information,
                "s1": step.s1, "variance_kept": step.kept}

    def sentence(self, step):
        """One line of words."""
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}: χ² = {step.chi2:.3f}, "
                f"mutual information {step.mutual_information:.3f} nats. X keeps "
                f"{100 * step.kept:.1f} % of the variance of g; the ceiling is s₁² = "
                f"{100 * step.s1**2:.1f} %.")


def _probability(p):
    """Three decimals without the leading zero; a bare 0 for nothing at all."""
    return "0" if p == 0 else f"{p:.3f}".lstrip("0") if p < 0.9995 else "1"
