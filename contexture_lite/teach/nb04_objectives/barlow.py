"""Notebook 04's live picture of Barlow Twins: with a small λ, copies of one function."""

from dataclasses import dataclass

import numpy as np
import torch

import contexture_lite as cl
from contexture_lite.learn import laws, losses
from contexture_lite.teach.nb04_objectives import copies
from contexture_lite.teach.nb04_objectives.collapse import minimised
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, steps

PENALTIES = (0.005, 0.0063, 0.008, 0.01, 0.0125, 0.016, 0.02, 0.025, 0.0315, 0.04, 0.05, 0.063,
             0.08, 0.1, 0.125, 0.16, 0.2, 0.25, 0.315, 0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0)
COPIES = (2, 3, 4, 6)  # numbers of outputs
STARTS = 5


def three_letters(first, second):
    """A context with exactly two modes, s₁² = ``first`` and s₂² = ``second``.

    Three equally frequent letters; ν₁ tells c from a and b, ν₂ tells a from b.
    """
    modes = np.array([[1, 1, -2] / np.sqrt(2), [np.sqrt(1.5), -np.sqrt(1.5), 0]])
    rows = (1 + (modes.T * np.sqrt([first, second])) @ modes) / 3
    return cl.Context(rows / 3, x_labels=list("abc"), a_labels=list("abc"))


def rank_one_until(first, second, d):
    """The λ at which d copies of ν₁ stop being a minimum of Barlow Twins.

    (1 − s₁²)(s₁² − s₂²) / (s₁² ((d − 1) s₁² + s₂²)): there the second derivative of the loss
    towards ν₂ changes sign (our derivation).
    """
    return (1 - first) * (first - second) / (first * ((d - 1) * first + second))


def both_cost(first, second, d, penalty):
    """The least Barlow Twins loss with some outputs ν₁ and the others ν₂, at least one each.

    For d = 2 it is (1 − s₁²)² + (1 − s₂²)², whatever λ.
    """
    return np.min([copies.barlow(first, d - k, penalty) + copies.barlow(second, k, penalty)
                   for k in range(1, d)], axis=0)


def barlow_minima(context, d, penalties=PENALTIES, starts=STARTS, seed=0):
    """The best table for every λ, all starts at once: Ψ (λ, M, d) and its loss (λ,)."""
    law, M = laws.views(context), context.shape[1]
    start = np.random.default_rng(seed).standard_normal((starts, len(penalties), M, d))
    each = torch.func.vmap(torch.func.vmap(
        lambda psi, penalty: losses.barlow_twins(law, psi, psi, penalty)), in_dims=(0, None))
    strengths = torch.tensor(penalties, dtype=torch.float64)
    psi = minimised(lambda table: each(table, strengths).sum(), start, maxiter=250, ftol=1e-13)
    psi = psi - np.einsum("a,...ad->...d", context.p_a, psi)[..., None, :]
    psi = psi / np.abs(psi).max(axis=-2, keepdims=True)  # the loss sees neither mean nor scale
    cost = each(torch.tensor(psi), strengths).numpy()
    best, every = cost.argmin(axis=0), np.arange(len(penalties))
    return psi[best, every], cost[best, every]


def in_modes(context, psi):
    """Each output as a unit vector on (ν₁, ν₂), sign fixed and sorted: (λ, 2, d)."""
    system = cl.singular_system(context, 2)
    towards = np.sign(system.right[[2, 0], [0, 1]])  # ν₁ positive on c, ν₂ on a
    unit = np.einsum("am,kad->kmd", system.p_a[:, None] * system.right * towards, psi)
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    leading = np.where(np.abs(unit[:, :1]) > 1e-3, unit[:, :1], unit[:, 1:])
    unit = unit * np.sign(leading)
    order = np.argsort(np.round(unit[:, 1], 6), axis=1, kind="stable")
    return np.take_along_axis(unit, order[:, None], axis=2)


@dataclass(frozen=True)
class Barlow:
    """Everything the picture shows at one setting; losses are per output."""

    d: int
    penalty: float  # λ
    load: np.ndarray  # (λ,) λ (d − 1) along the slider
    vectors: np.ndarray  # (λ, 2, d) the outputs on ν₁ and ν₂
    minimum: np.ndarray  # (λ,)
    copies: np.ndarray  # (λ,)
    both: np.ndarray  # (λ,)
    shares: np.ndarray  # (λ, 2) σ²/d, σ the singular values of the normalised outputs
    until: float  # λ at which copies stop being a minimum

    @property
    def at(self):
        """Position of λ on the slider."""
        return PENALTIES.index(self.penalty)


def barlow_curves(squares, d):
    """Everything about ``d`` outputs, for every λ of the slider."""
    context = three_letters(*squares)
    psi, minimum = barlow_minima(context, d)
    vectors, penalties = in_modes(context, psi), np.array(PENALTIES)
    return dict(d=d, load=penalties * (d - 1), vectors=vectors, minimum=minimum / d,
                copies=copies.barlow(squares[0], d, penalties) / d,
                both=both_cost(*squares, d, penalties) / d,
                shares=np.linalg.svd(vectors, compute_uv=False) ** 2 / d,
                until=rank_one_until(*squares, d))


class BarlowExplorer(Explorer):
    """Barlow Twins with a small λ prefers copies of ν₁ to learning ν₂.

    A context of three letters with s² = (.9, .1) and no further mode, so that every output is a
    vector in the plane of ν₁ and ν₂. Panels, the outer ones against λ(d − 1): the least loss
    from several random starts, beside that of copies of ν₁ and of a split between ν₁ and ν₂
    (per output); the outputs of the minimiser as arrows; the shares of its two directions.

    Keys of `values`: ``minimum``, ``copies``, ``both`` (losses, per output), ``second``
    (share of the second direction), ``load`` (λ(d − 1)) and ``until`` (where copies stop
    being a minimum, on the same scale).
    """

    alt = ("The least Barlow Twins loss, below the loss of copies and that of two different "
           "functions, against lambda times d minus one.",
           "The learned outputs as arrows in the plane of the two singular functions.",
           "The shares of the two directions.")
    squares = (0.9, 0.1)
    frozen = {"penalty": PENALTIES[::2], "d": COPIES}

    def __init__(self, penalty=0.005, d=2):
        self.curves = {k: barlow_curves(self.squares, k) for k in COPIES}
        super().__init__(penalty, d)

    def make_controls(self, penalty, d):
        return {"penalty": steps("λ, redundancy", [(f"{p:g}", p) for p in PENALTIES], penalty),
                "d": steps("d, outputs", [(str(k), k) for k in COPIES], d, "320px")}

    def compute(self, penalty, d):
        return Barlow(penalty=penalty, **self.curves[d])

    def build(self, figure):
        loss, plane, rank = map(style.axes, figure.subfigs)
        style.label(loss, "What each choice costs", "λ (d − 1)", "loss per output")
        style.label(rank, "Directions in use", "λ (d − 1)", "share of the variance")
        for ax in (loss, rank):
            ax.set_xscale("log")
            ax.set(xlim=(0.0044, 11.4), ylim=(-0.03, 1.06), yticks=[0, 0.5, 1],
                   xticks=[0.01, 0.1, 1, 10], xticklabels=["0.01", "0.1", "1", "10"])
            ax.minorticks_off()
        self.shades = [ax.axvspan(0.0044, 0.1, color=style.SHADE, zorder=0) for ax in (loss, rank)]
        self._build_loss(loss)
        self._build_plane(plane)
        self.lines = [self.moving(rank.plot([], [], look, color=style.INPUT, ms=4.5)[0])
                      for look in ("-o", "--o")]
        for y, text, color in ((0.84, "first", style.INPUT), (0.12, "second", style.INPUT),
                               (0.5, "rank one:\ncopies", "#5F6368")):
            artists.note(rank, 0.03, y, text, color, va="center")
        self.rings = [self.moving(artists.ring(ax, 14, width=3)) for ax in (loss, rank)]

    def _build_loss(self, ax):
        looks = {"copies": ("--", style.INK, 2.2, "copies of ν₁"),
                 "both": (":", style.INK, 2.6, "ν₁ and ν₂"),
                 "minimum": ("-", style.INPUT, 4, "least loss")}
        self.costs = {}
        for row, (name, (look, color, width, text)) in enumerate(looks.items()):
            self.costs[name] = self.moving(ax.plot([], [], look, color=color, lw=width)[0])
            y = 0.95 - 0.1 * row
            ax.plot([0.04, 0.15], [y, y], look, color=color, lw=width, transform=ax.transAxes)
            artists.note(ax, 0.175, y, text, color, va="center")

    def _build_plane(self, ax):
        style.label(ax, "The learned outputs")
        style.bare(ax)
        ax.set(xlim=(-0.3, 1.45), ylim=(-1.3, 1.3), aspect="equal", anchor="N")
        angle = np.linspace(-np.pi / 2, np.pi / 2, 100)
        for x, y in ((np.cos(angle), np.sin(angle)), ([0, 1], [0, 0]), ([0, 0], [-1, 1])):
            ax.plot(x, y, color=style.GREY, lw=1.2)
        ax.text(0.5, -1.12, "ν₁ →", ha="center", va="top", fontsize=14)
        ax.text(-0.09, 0.5, "ν₂ ↑", ha="right", va="center", fontsize=14)
        self.shafts = self.moving(ax.plot([], [], color=style.INPUT, lw=4,
                                          solid_capstyle="round")[0])
        self.tips = self.moving(ax.plot([], [], "o", color=style.INPUT, ms=11, clip_on=False)[0])
        self.counts = self.moving(artists.Labels(ax, 14))
        self.counts.artist.set_clip_on(False)

    def scene(self, step):
        """The shaded region depends on d."""
        return step.d

    def set_scene(self, step):
        """Where copies are best."""
        for shade in self.shades:
            shade.set_width(step.until * (step.d - 1) - 0.0044)

    def draw(self, step):
        for name, line in self.costs.items():
            line.set_data(step.load, getattr(step, name))
        for line, share in zip(self.lines, step.shares.T):
            line.set_data(step.load, share)
        vectors, here = step.vectors[step.at], step.load[step.at]
        zero, gap = np.zeros(step.d), np.full(step.d, np.nan)  # between two shafts
        self.shafts.set_data(*(np.column_stack([zero, along, gap]).ravel() for along in vectors))
        self.tips.set_data(*vectors)
        places, counts = np.unique(np.round(vectors.T, 2), axis=0, return_counts=True)
        many = counts > 1
        self.counts.set([f"{c}×" for c in counts[many]], 1.33 * places[many], style.INPUT)
        self.rings[0].set_data([here], [step.minimum[step.at]])
        self.rings[1].set_data([here, here], step.shares[step.at])

    def numbers(self, step):
        at, more = step.at, step.d - 1
        return {"minimum": float(step.minimum[at]), "copies": float(step.copies[at]),
                "both": float(step.both[at]), "second": float(step.shares[at, 1]),
                "load": float(step.load[at]), "until": step.until * more}

    def sentence(self, step):
        at = step.at
        what = (f"{step.d} copies of ν₁, rank one" if step.shares[at, 1] < 1e-4 else
                f"two directions with shares {step.shares[at, 0]:.2f} and {step.shares[at, 1]:.2f}")
        return (f"λ = {step.penalty:g} and d = {step.d}, λ(d − 1) = {step.load[at]:.3g}: the least "
                f"loss, {step.minimum[at]:.3f} per output, is reached by {what} (copies cost "
                f"{step.copies[at]:.3f}, ν₁ and ν₂ {step.both[at]:.3f}).")
