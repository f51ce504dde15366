"""Notebook 12's live picture: which of the two hidden factors can this context show?"""

from __future__ import annotations

import numpy as np

from contexture_lite import datasets
from contexture_lite.teach.nb12_identifiability import compute as model
from contexture_lite.teach.nb12_identifiability.compute import ALONE, SHOWN, TOGETHER
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, steps

PAIRS = (1000, 10_000, 100_000, 1_000_000, np.inf)
COLORS, MIXED = (style.INPUT, style.CONTEXT), "#6B7076"
NAMES = "position", "angle"
LOW, HIGH = 0.1, 0.98
PLACES, WIDE, LOWEST = (0.117, 0.412, 0.707), 0.27, 0.415  # of the maps in their panel


class FactorExplorer(Explorer):
    """Which of two hidden factors can this context show?

    144 images of a bar, 12 positions × 12 angles; a pair of images is the context. Both factors
    take a step of a reflecting walk (`contexture_lite.gallery.reflecting_walk`) of strengths r₁
    and r₂, or one of them does while the other is drawn anew. With n pairs the functions are
    estimated among smooth ones (`compute`).

    Panels: the top three functions over position and angle; the first eight values with their
    owners, blue for position, vermilion for angle, grey for interactions and mixtures; the
    strengths, and where the top two functions are the two factors.

    Keys of `values`: ``s1``, ``s2``, ``s3``, ``position`` and ``angle`` (the place of each one's
    first function in the exact order), ``purity`` (of the top two), ``both`` (1 if they are the
    two factors) and ``wobble`` (predicted degrees between the two, from n pairs).
    """

    alt = ("The top three functions as maps over position and angle of the bar.",
           "The first eight singular values, coloured by the factor they belong to.",
           "The square of the two strengths with the region in which the top two functions are "
           "the two factors.")
    height = 3.2
    frozen = (
        {"r1": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.86, 0.9, 0.94, 0.98),
         "r2": (0.3, 0.4, 0.5, 0.6, 0.66, 0.7, 0.8, 0.86, 0.9, 0.94), "mode": (TOGETHER, ALONE)},
        {"r1": (0.72, 0.8, 0.9), "r2": (0.6, 0.7, 0.8), "n": PAIRS},
    )

    def make_controls(self, r1=0.9, r2=0.7, n=np.inf, mode=TOGETHER):
        pairs = [("∞" if np.isinf(n) else f"{n:,}".replace(",", "\u2009"), n) for n in PAIRS]
        return {"r1": slider("Position r₁", r1, LOW, HIGH, 0.02, "265px"),
                "r2": slider("Angle r₂", r2, LOW, HIGH, 0.02, "265px"),
                "n": steps("Pairs n", pairs, n, "265px"),
                "mode": choice("Factors step", [TOGETHER, ALONE], mode, "250px")}

    def compute(self, r1, r2, n, mode):
        return model.step_at(round(r1, 4), round(r2, 4), n, mode)

    def build(self, figure):
        maps, values, square = figure.subfigs
        self._build_maps(maps)
        self._build_values(style.axes(values, left=0.18))
        self._build_square(style.axes(square, left=0.19))

    def _build_maps(self, panel):
        self.cells, self.frames = [], []
        shape = style.PANEL / self.height
        bars = datasets.bars(3).X.reshape(3, 3, 16, 16)  # by position, then angle
        for left in PLACES:
            ax = panel.add_axes((left, LOWEST, WIDE, WIDE * shape))
            style.bare(ax)
            self.cells.append(self.moving(artists.Cells(ax, style.SIGNED_PROBABILITY)))
            self.cells[-1].place(model.K, model.K)
            ax.invert_yaxis()
            side = [-0.5, 11.5, 11.5, -0.5, -0.5]
            self.frames.append(self.moving(ax.plot(
                side, [*side[1:], side[1]], lw=5, clip_on=False)[0]))
            for k in range(3):  # the axes: bars from left to right, below also tilted
                _icon(panel, bars[k, 1], left + k * WIDE / 3, LOWEST - 0.105, shape)
        for k in range(3):
            _icon(panel, bars[1, k], PLACES[0] - 0.1, LOWEST + 0.005 + k * WIDE / 3 * shape, shape)
        panel.text(0.02, 0.94, "The top three functions", fontsize=13, weight="bold", va="center")
        panel.text(0.55, 0.12, "across: position, upwards: angle", ha="center", va="center",
                   fontsize=12)
        self.owners = self.moving(artists.Labels(panel, 12))
        self.sizes = self.moving(artists.Labels(panel, 12))

    def _build_values(self, ax):
        style.label(ax, "", "function $i$", "singular value $s_i$")
        artists.title(ax, ("position", COLORS[0]), (" · ", style.INK), ("angle", COLORS[1]),
                      (" · ", style.INK), ("mixed", MIXED))
        ax.set(xlim=(0.4, SHOWN + 0.6), ylim=(0, 1.08), xticks=range(1, SHOWN + 1),
               yticks=[0, 0.5, 1])
        self.bars = self.moving(artists.Bars(ax, np.arange(1, SHOWN + 1), 0.75))
        self.heights = self.moving(artists.Labels(ax, 11.5))

    def _build_square(self, ax):
        style.label(ax, "Green: both are seen", "position $r_1$", "angle $r_2$")
        ax.set(xlim=(LOW - 0.02, 1), ylim=(LOW - 0.02, 1), xticks=[0.2, 0.4, 0.6, 0.8],
               yticks=[0.2, 0.4, 0.6, 0.8, 1])
        r, far = np.linspace(0, 1, 201), model.powers()[2]
        ax.fill(*np.c_[[r, r**far], [r[::-1] ** far, r[::-1]]], color=style.SHADE, lw=0)
        ax.fill_between(r, r**far, r ** (1 / far), color="#DCEBDD", lw=0)
        ax.plot(r, r, "--", color=style.INK, lw=2)
        ax.plot(r, r**far, color=style.GREY, lw=2)
        ax.plot(r**far, r, color=style.GREY, lw=2)
        ax.text(0.36, 0.42, "tie", rotation=38, fontsize=12, ha="center")
        ax.text(0.985, 0.115, "only\nposition", fontsize=12, ha="right")
        ax.text(0.12, 0.985, "only\nangle", fontsize=12, va="top")
        self.here = self.moving(artists.ring(ax, 17))

    def draw(self, step):
        colors = [color_of(share) for share in step.shares]
        limit, tied = np.abs(step.maps).max(), step.tied and np.isinf(step.n)
        names, sizes = [owner_of(share) for share in step.shares[:3]], step.values[:3]
        framed = colors[:3]
        if tied:
            names, sizes = [f"θ = {a:.0f}°" for a in np.degrees(model.TIED)], step.values[[0] * 3]
            framed = [MIXED] * 3
        for i, frame in enumerate(self.frames):
            self.cells[i].set(step.maps[i], -limit, limit)
            frame.set_color(framed[i])
        self.owners.set(names, [(left + WIDE / 2, 0.8) for left in PLACES], framed)
        self.sizes.set([f"s = {s:.2f}" for s in sizes],
                     [(left + WIDE / 2, 0.235) for left in PLACES])
        self.bars.set(step.values, colors)
        self.heights.set([f"{s:.2f}".lstrip("0") for s in step.values],
                         [(i + 1, s + 0.05) for i, s in enumerate(step.values)])
        self.here.set_data([step.r1], [step.r2])

    def headline(self, step):
        if step.tied:
            return "A tie: every rotation of the two factors is as good"
        if not step.both:
            weak = int(step.first[1] > step.first[0])
            return f"Two functions do not show the {NAMES[weak]}: it comes {_place(step.first)}"
        if step.wobble > 10:
            return "Two factors, but too few pairs to tell them apart"
        return "The top two functions are the two factors"

    def numbers(self, step):
        s1, s2, s3 = map(float, step.values[:3])
        return {"s1": s1, "s2": s2, "s3": s3, "position": step.first[0], "angle": step.first[1],
                "purity": float(step.shares[:2].max(axis=1).mean()), "both": int(step.both)} | (
                    {"wobble": step.wobble} if np.isfinite(step.wobble) else {})

    def sentence(self, step):
        owners = ", ".join(f"{s:.2f} ({owner_of(share)})"
                           for s, share in zip(step.values[:3], step.shares))
        said = f"The first three values: {owners}. "
        if step.tied and np.isinf(step.n):
            return said + ("Drawn are three of the functions cos θ · position + sin θ · angle: all "
                           "have the same value, and no second moment prefers one.")
        pure = float(step.shares[:2].max(axis=1).mean())
        said += f"Purity of the top two: {pure:.2f} (a random rotation: 0.82). "
        if 0 < step.wobble < np.inf:
            said += (f"From {int(step.n):,} pairs the two are rotated into each other by about "
                     f"{min(step.wobble, 90):.0f}° (one standard deviation, predicted).")
        return said


def _icon(panel, image, left, low, shape):
    """A small bar beside an axis."""
    ax = panel.add_axes((left + 0.004, low, 0.082, 0.082 * shape))
    ax.imshow(image, cmap=style.PROBABILITY, vmin=0, vmax=1.4)
    style.bare(ax)


def color_of(share):
    """The factor's colour, or grey for an interaction or a mixture of the two."""
    return COLORS[int(share.argmax())] if share.max() >= model.OWNED else MIXED


def owner_of(share):
    """The factor's name, or what else a function is."""
    if share.max() >= model.OWNED:
        return NAMES[int(share.argmax())]
    return "interaction" if share.sum() < 0.5 else "mixed"


def _place(first):
    names = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    place = max(first)
    return names.get(place, f"as number {place}")
