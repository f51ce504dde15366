"""Notebook 04's live picture of a walk on a ring: singular values are |λ|, smoothness sees λ."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from contexture_lite import gallery
from contexture_lite.teach.cast.members import GRID
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, slider, whole

POINTS = 8
DARK_ORANGE = "#9A6A00"  # for text: the palette's orange is too light to read
FREQUENCIES = (1, 1, 2, 2, 3, 3, 4)


def fourier(n=POINTS):
    """Cosines and sines on a ring of n points (n even), orthonormal: (n, n − 1)."""
    angle = 2 * np.pi * np.arange(n) / n
    waves = [f(k * angle) for k in range(1, n // 2) for f in (np.cos, np.sin)]
    return np.column_stack([*(np.sqrt(2) * np.array(waves)), np.cos(n // 2 * angle)])


@lru_cache(maxsize=256)
def walk_eigenvalues(laziness):
    """λ_i of the walk on the ring, one for each Fourier function: E[f_i · T f_i]."""
    context, waves = gallery.cycle_walk(laziness, POINTS), fourier()
    return np.einsum("xi,xi,x->i", waves, context.expect(waves), context.p_x)


def orders(eigenvalues):
    """Positions by largest |λ|, and by largest λ; the slower wave of two equal ones first."""
    return (np.argsort(-np.round(np.abs(eigenvalues), 9), kind="stable"),
            np.argsort(-np.round(eigenvalues, 9), kind="stable"))


@lru_cache(maxsize=16)
def walk_prices(count):
    """Mean of 1 − λ over the first ``count`` functions of either order, along GRID: (51, 2)."""
    return np.array([[1 - values[order[:count]].mean() for order in orders(values)]
                     for values in map(walk_eigenvalues, GRID)])


@dataclass(frozen=True)
class Signed:
    """Everything the picture shows at one setting."""

    laziness: float
    d: int
    eigenvalues: np.ndarray  # (7,) λ, in the order of FREQUENCIES
    singular: np.ndarray  # (7,) positions by |λ|
    smooth: np.ndarray  # (7,) positions by λ

    @property
    def agree(self):
        """Whether both orders span the same space with d functions."""
        return set(self.singular[:self.d]) == set(self.smooth[:self.d])

    def last(self, order):
        """λ of the d-th function of an order."""
        return float(self.eigenvalues[order[self.d - 1]])

    def price(self, order):
        """Mean smoothness loss 1 − λ of the first d functions of an order."""
        return float(1 - self.eigenvalues[order[:self.d]].mean())


class SignedWalkExplorer(Explorer):
    """A walk on a ring of 8: singular values are |λ|, smoothness looks at λ.

    Laziness is the probability of staying. Panels: λ as bars and s = |λ| as circles for
    the seven Fourier functions, with the d that each order picks marked above and below;
    the d-th function of either order drawn around the ring; the smoothness loss
    ½ E‖f(u) − f(v)‖² = 1 − λ of both choices (mean of d functions) against laziness. From
    laziness ½ on no λ is negative and the orders agree.

    Keys of `values`: ``singular`` and ``smooth`` (λ of the d-th function in either order),
    ``singular_price``, ``smooth_price`` (mean loss) and ``agree`` (1 or 0).
    """

    alt = ("Signed eigenvalues of a walk on eight points as bars, with their absolute values as "
           "circles.",
           "The function that the singular order picks, drawn around the ring, beside the one that "
           "smoothness picks.",
           "The smoothness loss of both, against laziness.")
    frozen = {"laziness": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
              "d": (1, 2, 3, 4)}

    def make_controls(self, laziness=0.0, d=1):
        return {"laziness": slider("Laziness, probability of staying", laziness),
                "d": whole("d, functions", d, 1, POINTS - 1)}

    def compute(self, laziness, d):
        eigenvalues = walk_eigenvalues(round(laziness, 6))
        return Signed(laziness, d, eigenvalues, *orders(eigenvalues))

    def build(self, figure):
        values, rings, price = figure.subfigs
        self._build_values(style.axes(values, left=0.12))
        by_size, by_sign = (rings.add_axes((left, 0.2, 0.46, 0.6)) for left in (0.03, 0.51))
        self.waves = [self._build_ring(*look) for look in (
            (by_size, "Largest s", style.INPUT), (by_sign, "Smoothest", style.ORANGE))]
        self.names = self.moving(artists.Labels(rings, 12))
        self.under = [(0.26, 0.15), (0.74, 0.15)]
        price = style.axes(price, left=0.1)
        style.label(price, "Smoothness loss: 1 − λ", "laziness", "")
        price.set(xlim=(-0.02, 1.02), ylim=(-0.06, 2.06), xticks=[0, 0.5, 1], yticks=[0, 1, 2])
        self.prices = [self.moving(price.plot([], [], look, color=color, lw=width)[0])
                       for look, color, width in (("-", style.INPUT, 4.5),
                                                  ("--", style.ORANGE, 2.5))]
        self.rings = self.moving(artists.ring(price, 14, width=3))
        for y, text, color in ((0.95, "largest s", style.INPUT), (0.85, "smoothest", DARK_ORANGE)):
            artists.note(price, 0.97, y, text, color, ha="right", va="top")

    def _build_values(self, ax):
        style.label(ax, "λ (bars) and s = |λ| (circles)", "frequency of the wave", "")
        place = np.arange(POINTS - 1)
        ax.set(xlim=(-0.6, POINTS - 1.4), ylim=(-1.9, 1.9), yticks=[-1, 0, 1], xticks=place,
               xticklabels=FREQUENCIES)
        ax.tick_params(axis="x", length=0)
        ax.axhline(0, color=style.INK, lw=1)
        for y, text, color in ((1.72, "▼ picked by largest s", style.INPUT),
                               (-1.72, "▲ picked by smoothness", DARK_ORANGE)):
            ax.text(-0.4, y, text, va="center", color=color, fontweight="bold")
        self.bars = self.moving(artists.Bars(ax, place, 0.66, style.GREY))
        self.circles = self.moving(artists.ring(ax, 10, style.INK, 1.9))
        self.picks = [self.moving(ax.plot([], [], mark, color=color, ms=11, clip_on=False)[0])
                      for mark, color in (("v", style.INPUT), ("^", style.ORANGE))]

    def _build_ring(self, ax, title, color):
        style.label(ax, title)
        style.bare(ax)
        ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
        ax.plot(*artists.around(np.zeros(POINTS)), "-o", color=style.GREY, lw=1.2, ms=4)
        return self.moving(ax.plot([], [], "-o", color=color, ms=8, clip_on=False)[0])

    def draw(self, step):
        place = np.arange(POINTS - 1)
        self.bars.set(step.eigenvalues)
        self.circles.set_data(place, np.abs(step.eigenvalues))
        chosen = (step.singular[:step.d], step.smooth[:step.d])
        for marks, picked, height in zip(self.picks, chosen, (1.33, -1.33)):
            marks.set_data(picked, np.full(step.d, height))
        for wave, picked in zip(self.waves, chosen):
            f = fourier()[:, picked[-1]]
            wave.set_data(*artists.around(f / np.abs(f).max()))
        self.names.set([f"{step.d}:  λ = {step.last(picked):.2f}".replace("-", "−")
                        for picked in chosen], self.under, [style.INPUT, DARK_ORANGE])
        for line, curve in zip(self.prices, walk_prices(step.d).T):
            line.set_data(GRID, curve)
        self.rings.set_data([step.laziness] * 2, [step.price(step.singular),
                                                  step.price(step.smooth)])

    def numbers(self, step):
        return {"singular": step.last(step.singular), "smooth": step.last(step.smooth),
                "singular_price": step.price(step.singular),
                "smooth_price": step.price(step.smooth), "agree": int(step.agree)}

    def sentence(self, step):
        parts = [f"frequency {FREQUENCIES[order[step.d - 1]]} (λ = {step.last(order):.2f})"
                 for order in (step.singular, step.smooth)]
        verdict = "pick the same functions" if step.agree else "differ"
        return (f"Laziness {step.laziness:.2f}: function {step.d} by largest s is {parts[0]}, by "
                f"smoothness {parts[1]}; the two orders {verdict}.").replace("-", "−")
