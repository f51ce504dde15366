"""Notebook 11's live picture: the best embedding of a symmetric context, on a ball."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch

from contexture_lite.teach.nb11_geometry import compute as model
from contexture_lite.teach.nb11_geometry.compute import CONTEXTS, LOSSES, TEMPERATURES, WEIGHTS
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, steps

TILT = np.deg2rad(22)  # from which the ball is seen
SIZES = {"ring of 12": 12, "cube of 3 bits": 8, "3 clusters of 4": 12}
RING = [(i, (i + 1) % 12) for i in range(12)]
EDGES = {"ring of 12": RING, "3 clusters of 4": [],
         "cube of 3 bits": [(a, a | b) for a in range(8) for b in (1, 2, 4) if not a & b]}
COLORS = {"ring of 12": colormaps["twilight"](np.linspace(0.08, 0.92, 12)),
          "cube of 3 bits": [style.CLASSES[a] for a in (0, 1, 2, 3, 4, 5, 8, 9)],
          "3 clusters of 4": np.repeat([style.CLASSES[i] for i in (0, 1, 2)], 4)}


class GeometryExplorer(Explorer):
    """The best unit-norm encoder of a symmetric context, whatever its dimension.

    `contexture_lite.geometry.contrastive_optimum` for InfoNCE at a temperature τ, or
    `uniform_optimum` for alignment + w · uniformity, or either alone. The level is τ or w.

    Panels: the points on a ball, whose vertical axis is the constant function and whose
    horizontal ones are those of the largest λ (what lies in other functions is not seen: such a
    point is drawn inside); the weights w_k of the functions beside λ_k = s_k²; alignment and
    uniformity (t = 2) with the path along the temperature and the least alignment 2 (1 − s_1²) of
    an encoder with mean 0.

    Keys of `values`: ``mean_cosine``, ``rank``, ``alignment``, ``uniformity``, ``w1``, ``w2`` and,
    where it is finite, ``critical`` (τ_c).
    """

    alt = ("A ball with the points of an embedding: they gather at a pole or surround the centre.",
           "Bars: weights of the functions in the embedding, beside their eigenvalues.",
           "Alignment against uniformity: a path along the temperature, a wall, a point.")
    height = 3.4
    frozen = ({"context": tuple(CONTEXTS), "strength": (0.2, 0.5, 0.8), "loss": LOSSES[:1],
               "level": tuple(range(len(TEMPERATURES)))},
              {"context": tuple(CONTEXTS), "strength": (0.5,), "loss": LOSSES[1:2],
               "level": tuple(range(len(WEIGHTS)))},
              {"context": tuple(CONTEXTS), "strength": (0.0, 1.0), "loss": LOSSES[:1],
               "level": (0, 4, 10, 18)},
              {"strength": (0.2, 0.5, 0.8), "loss": LOSSES[2:], "level": (10,)})

    _named = None  # the loss whose levels the list shows

    def make_controls(self, context="ring of 12", strength=0.5, loss="InfoNCE", level=0.5):
        known = WEIGHTS if loss == LOSSES[1] else TEMPERATURES
        if level not in known:
            raise ValueError(f"level is {level!r}; it must be one of {known}")
        return {"context": choice("Context", list(CONTEXTS), context, "230px"),
                "strength": slider("Strength", strength, 0, 1, 0.05, "270px"),
                "loss": choice("Loss", list(LOSSES), loss, "290px"),
                "level": steps("Level", _options(loss), known.index(level), "330px")}

    def compute(self, context, strength, loss, level):
        return model.step_at(context, round(strength, 4), loss, level)

    def _refresh(self):
        loss = self.params["loss"]
        if loss != self._named:  # the levels are the loss's
            self._named = loss
            self.rename("level", _options(loss))
        super()._refresh()

    # ---- drawing

    def build(self, figure):
        ball, bars, plane = figure.subfigs
        self._build_ball(style.axes(ball, left=0.02, right=0.98, bottom=0.03, top=0.88))
        self._build_bars(style.axes(bars))
        self._build_plane(style.axes(plane))

    def _build_ball(self, ax):
        style.label(ax, "The embedding on a ball")
        angle = np.linspace(0, 2 * np.pi, 200)
        ax.plot(np.cos(angle), np.sin(angle), color=style.GREY, lw=1.5)
        for part, look in ((angle > np.pi, "-"), (angle <= np.pi, ":")):
            x, y = _seen(np.c_[np.cos(angle), np.sin(angle), 0 * angle][part])
            ax.plot(x, y, look, color=style.GREY, lw=1.2)
        axis = _seen(np.array([[0, 0, -1], [0, 0, 1]]))
        ax.plot(*axis, color=style.GREY, lw=1)
        ax.text(0, 1.05, "the constant function", color="#5F6368", fontsize=12, ha="center")
        ax.set(xlim=(-1.32, 1.32), ylim=(-1.06, 1.24), aspect="equal")
        style.bare(ax)
        self.edges = self.moving(ax.add_collection(
            LineCollection([], colors="#BDC1C6", linewidths=1.4), autolim=False))
        self.mean = self.moving(ax.plot([], [], color=style.CONTEXT, lw=4)[0])
        self.points = self.moving(ax.scatter([], [], s=95, edgecolors=style.INK, linewidths=1))

    def _build_bars(self, ax):
        artists.title(ax, ("Weights ", style.INPUT), ("of the functions", style.INK))
        place = np.arange(model.MOST)
        ax.set(xlim=(-0.6, model.MOST - 0.4), ylim=(0, 1.04), yticks=[0, 0.5, 1])
        ax.set_xticks(place, ["1", *[f"$\\nu_{k}$" for k in place[1:]]])
        self.eigenvalues = self.moving(artists.Bars(ax, place, 0.82, "none"))
        self.eigenvalues.artist.set(linewidth=1.6, edgecolors="#5F6368")
        self.weights = self.moving(artists.Bars(ax, place, 0.5, style.INPUT))
        ax.legend(handles=[Patch(facecolor=style.INPUT), Patch(fill=False, ec="#5F6368", lw=1.6)],
                  labels=["weight $w_k$", "$\\lambda_k=s_k^2$"], loc="upper right", frameon=False)

    def _build_plane(self, ax):
        style.label(ax, "Aligned or uniform", "alignment loss", "uniformity")
        ax.set(xlim=(-0.08, 2.3), ylim=(-2.65, 0.15), xticks=[0, 1, 2], yticks=[0, -1, -2])
        self.wall = self.moving(ax.axvline(0, color=style.INK, lw=1.8, ls="--"))
        self.name = self.moving(ax.text(0, 0.02, "$2(1-s_1^2)$", fontsize=12, va="top"))
        self.path = self.moving(ax.plot([], [], "-", color=style.GREY, lw=2.5)[0])
        self.here = self.moving(artists.ring(ax, 15))

    def draw(self, step):
        x, y = _seen(step.points)
        where = np.c_[x, y]
        self.edges.set_segments([where[list(edge)] for edge in EDGES[step.context]])
        self.points.set_offsets(where)
        self.points.set_facecolors(COLORS[step.context])
        self.mean.set_data(*_seen(np.array([[0, 0, 0], [0, 0, np.sqrt(step.mean_cosine)]])))
        self.eigenvalues.set(step.eigenvalues)
        self.weights.set(step.weights)
        self.wall.set_xdata([step.wall, step.wall])
        self.name.set_x(min(step.wall + 0.05, 1.45))
        self.path.set_data(*step.sweep.T)
        self.here.set_data([step.alignment], [step.uniformity])

    # ---- reading

    def headline(self, step):
        if step.mean_cosine > 1 - 1e-6:
            return "All points coincide: complete collapse"
        if step.mean_cosine > 1e-6:
            return "The points gather around a pole: a cone"
        return f"The points surround the centre, in {step.rank} dimensions"

    def numbers(self, step):
        found = {"mean_cosine": step.mean_cosine, "rank": step.rank,
                 "alignment": step.alignment, "uniformity": step.uniformity,
                 "w1": float(step.weights[1]),
                 "w2": float(step.weights[2]) if len(step.weights) > 2 else 0.0}
        return found | ({"critical": step.critical} if np.isfinite(step.critical) else {})

    def sentence(self, step):
        start = {LOSSES[0]: f"InfoNCE at τ = {step.level:g} (critical: {step.critical:.4f})",
                 LOSSES[1]: f"Alignment + {step.level:g} · uniformity",
                 }.get(step.loss, step.loss.capitalize())
        return (f"{start}: mean cosine of two points {step.mean_cosine:.4f}, rank {step.rank}; "
                f"alignment {step.alignment:.4f}, uniformity {step.uniformity:.4f}.")


def _options(loss):
    """(label, position) of the levels of a loss."""
    if loss == LOSSES[0]:
        return [(f"τ = {t:g}", i) for i, t in enumerate(TEMPERATURES)]
    if loss == LOSSES[1]:
        return [(f"w = {w:g}", i) for i, w in enumerate(WEIGHTS)]
    return [("—", i) for i in range(len(WEIGHTS))]


def _seen(points):
    """(x, y) on the page of points (n, 3): the ball from slightly above."""
    return points[:, 0], points[:, 2] * np.cos(TILT) + points[:, 1] * np.sin(TILT)
