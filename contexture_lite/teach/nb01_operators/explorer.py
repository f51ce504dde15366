"""Notebook 01's live picture: a joint table, and what its operator does to a function."""

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.cast.members import CAST, GRID, largest_cell, system_at, systems
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider

CELLS_WITH_NUMBERS = 25
FUNCTIONS = ("one value", "a step", "random", "best predicted")


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    name: str
    strength: float
    channel: cl.Context  # N inputs, M context values
    g: np.ndarray  # (M,) scaled to a largest size of 1
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
    else:  # ν₁; if X and A are independent every g is as good, and that at strength ½ is taken
        system = system_at(name, strength)
        g = (system if system.rank else system_at(name, 0.5)).right[:, 0]
    return g / np.abs(g[CAST[name].shown(context.a_labels)]).max()


def variance_kept(context, g):
    """Var((T g)(X)) / Var(g(A)): the share of g's variance that X can account for."""
    mean = context.p_a @ g
    return float(context.p_x @ (context.expect(g) - mean) ** 2 / (context.p_a @ (g - mean) ** 2))


@cache
def _kept_curve(name, kind):
    family = CAST[name].build
    return np.array([variance_kept(family(s), function_of_a(name, s, kind)) for s in GRID])


class ChannelExplorer(Explorer):
    """A context as a table, a function g of A, and T g, while the strength moves.

    Three panels: the joint table P⁺(x, a); g on the values of A, and below it
    (T g)(x) = E[g(A)|x] on the inputs, on the same scale; and along the strength the share of
    g's variance that survives, with its ceiling s₁². g is scaled so that its largest value
    is ±1.

    Keys of `values`: ``chi2``, ``mutual_information`` (nats), ``s1`` and
    ``variance_kept``.
    """

    alt = ("A joint table of the input x and the context a.",
           "A function g of the context as bars; below it its conditional expectation T g, as bars "
           "over the inputs, shrunk towards the mean.",
           "The share of the variance of g that survives, along the strength, below its ceiling.")
    frozen = {"context": ("four letters", "clusters", "cycle walk", "Gaussian pair"),
              "strength": tuple(GRID[::5]), "g": FUNCTIONS}

    def make_controls(self, context="four letters", strength=0.6, g="one value"):
        return {"context": choice("Context", list(CAST), context, "260px"),
                "strength": slider("Strength", strength),
                "g": choice("g", FUNCTIONS, g, "220px")}

    def compute(self, context, strength, g):
        strength = CAST[context].strength(strength)
        channel, function = CAST[context].build(strength), function_of_a(context, strength, g)
        return Step(context, strength, channel, function,
                    float(system_at(context, strength).values[0]),
                    variance_kept(channel, function), _kept_curve(context, g))

    def build(self, figure):
        table, functions, share = figure.subfigs
        self._build_table(style.axes(table))
        self._build_functions(functions)
        self._build_share(style.axes(share))

    def _build_table(self, ax):
        self.table = ax
        style.label(ax, "How often x and a meet", "context value $a$", "input $x$")
        ax.tick_params(length=0)
        self.cells = self.moving(artists.Cells(ax))
        self.in_cells = self.moving(artists.Labels(ax, 12))

    def _build_functions(self, panel):
        self.function_axes = on_a, on_x = [style.axes(panel, bottom=low, top=low + 0.25)
                                           for low in (0.635, 0.18)]
        style.label(on_a, "g: a question about a")
        style.label(on_x, "Tg: what x knows of it", "dashed: the mean, which stays")
        self.bars, self.means = [], []
        for ax, color in ((on_a, style.CONTEXT), (on_x, style.INPUT)):
            ax.set(ylim=(-1.12, 1.12), yticks=[-1, 0, 1])
            ax.axhline(0, color=style.INK, lw=1)
            self.bars.append(self.moving(artists.Bars(ax, [0], 0.74, color)))
            self.means.append(self.moving(ax.plot([], [], "--", color=style.INK, lw=1.8)[0]))

    def _build_share(self, ax):
        style.label(ax, "How much of g arrives", "strength", "share of its variance")
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.05), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        ax.text(0.04, 0.96, "dotted: of the best g, $s_1^2$", va="top", transform=ax.transAxes)
        self.kept_line = self.moving(ax.plot([], [], color=style.INPUT)[0])
        self.ceiling = self.moving(ax.plot([], [], ":", color=style.INK, lw=2.2)[0])
        self.ring = self.moving(artists.ring(ax, 14))

    def scene(self, step):
        """A new context changes ticks and scales."""
        return step.name

    def set_scene(self, step):
        """Ticks, scales and the curves of one context."""
        member, channel = CAST[step.name], step.channel
        self.rows, self.columns = member.shown(channel.x_labels), member.shown(channel.a_labels)
        self.cells.place(len(self.rows), len(self.columns))
        self.table.set_xticks(*member.ticks(channel.a_labels))
        self.table.set_yticks(*member.ticks(channel.x_labels, room=40))  # rows have room
        for ax, labels, bars, line in zip(self.function_axes, (channel.a_labels, channel.x_labels),
                                          self.bars, self.means):
            count = len(member.shown(labels))
            ax.set_xlim(-0.6, count - 0.4)
            ax.set_xticks(*member.ticks(labels))
            bars.place(np.arange(count))
            line.set_xdata([-0.6, count - 0.4])

    def draw(self, step):
        joint = step.channel.joint[np.ix_(self.rows, self.columns)]
        self.cells.set(joint, 0, largest_cell(step.name))
        self.in_cells.artist.set_visible(joint.size <= CELLS_WITH_NUMBERS)
        if joint.size <= CELLS_WITH_NUMBERS:
            places = np.indices(joint.shape)[::-1].reshape(2, -1).T  # (a, x) of every cell
            light = joint.ravel() > 0.45 * largest_cell(step.name)
            self.in_cells.set([_probability(p) for p in joint.ravel()], places,
                              list(np.where(light, "white", style.INK)))
        self.bars[0].set(step.g[self.columns])
        self.bars[1].set(step.channel.expect(step.g)[self.rows])
        for line in self.means:  # E[g(A)] = E[(T g)(X)]
            line.set_ydata([step.channel.p_a @ step.g] * 2)
        self.kept_line.set_data(GRID, step.kept_curve)
        self.ceiling.set_data(GRID, [system.values[0] ** 2 for system in systems(step.name)])
        self.ring.set_data([step.strength], [step.kept])

    def numbers(self, step):
        return {"chi2": step.channel.chi2(),
                "mutual_information": step.channel.mutual_information(),
                "s1": step.s1, "variance_kept": step.kept}

    def sentence(self, step):
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}: of the variance of g "
                f"{100 * step.kept:.1f} % arrives, of the best g {100 * step.s1**2:.1f} %. In all, "
                f"χ² = {step.channel.chi2():.3f}, or {step.channel.mutual_information():.3f} nats "
                "of information.")


def _probability(p):
    """Three decimals without the leading zero; a bare 0 for nothing at all."""
    return "0" if p == 0 else f"{p:.3f}".lstrip("0") if p < 0.9995 else "1"
