"""Notebook 03, Break it: an encoder other than the top d that is just as good at its worst."""

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider

HIDDEN = (0.1, 0.4, 0.5)  # how often bit 1, 2, 3 is the one that A does not show
SETS = {"1": (0,), "2": (1,), "3": (2,), "1·2": (0, 1), "1·3": (0, 2), "2·3": (1, 2),
        "1·2·3": (0, 1, 2)}  # bits whose product is a singular function, largest s first
NAMES = list(SETS)
D, EPS = 2, 0.1
PARTNERS = NAMES[D + 1:]
SHARES = np.round(np.linspace(0, 1, 21), 2)


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    partner: str
    share: float  # sin²θ
    held: np.ndarray  # (7,) share of each function in the span of the encoder
    threshold: float  # of sin²θ, from the formula
    error: float
    ratio_trace: float


@cache
def context():
    """Three fair bits, and A shows two of them; which one it hides is drawn from HIDDEN."""
    shown = {(1, 2): HIDDEN[0], (0, 2): HIDDEN[1], (0, 1): HIDDEN[2]}
    return cl.gallery.masked_tokens(1.0, 3, 2, shown)


@cache
def functions():
    """The products of bits, as ±1, in the order of SETS: (8, 7), with their s² (7,)."""
    signs = np.array([[1.0 - 2 * int(bit) for bit in label] for label in context().x_labels])
    products = np.column_stack([signs[:, bits].prod(axis=1) for bits in SETS.values()])
    return products, cl.compatibility(context(), products) ** 2


def encoder(partner, share):
    """(μ₁, cos θ μ₂ + sin θ μ_l) with sin²θ = ``share``; (8, 2)."""
    mu = functions()[0]
    second = np.sqrt(1 - share) * mu[:, 1] + np.sqrt(share) * mu[:, NAMES.index(partner)]
    return np.column_stack([mu[:, 0], second])


def largest_minimax_share(squared, d, j, l):  # noqa: E741 - the formula's own letter
    """Largest sin²θ at which cos θ μ_j + sin θ μ_l in place of μ_j stays minimax optimal.

    (s₁² − s_j²)(s_{d+1}² − s_l²) / ((s₁² − s_{d+1}²)(s_j² − s_l²)), for 2 ≤ j ≤ d < l − 1
    and s_j > s_{d+1}; indices from 1. At most 1. Our derivation.
    """
    first, kept, cut, new = (squared[i - 1] for i in (1, j, d + 1, l))
    return min(1.0, (first - kept) * (cut - new) / ((first - cut) * (kept - new)))


@cache
def curves(partner):
    """(sin²θ, worst-case errors, ratio traces) of the encoder along the rotation."""
    shares = np.union1d(SHARES, threshold(partner))
    encoders = [encoder(partner, share) for share in shares]
    return (shares, np.array([cl.worst_case_error(context(), phi, EPS) for phi in encoders]),
            np.array([cl.ratio_trace(context(), phi) for phi in encoders]))


def threshold(partner):
    """`largest_minimax_share` of a rotation of μ₂ towards this partner."""
    return largest_minimax_share(functions()[1], D, 2, NAMES.index(partner) + 1)


class RotationExplorer(Explorer):
    """Rotate the second of two features away from μ₂, and watch two scores.

    The input is three bits, and the context shows two of them; bit 1, 2, 3 is hidden with
    probability 0.1, 0.4, 0.5, so that s² = 0.9, 0.6, 0.5, 0.5, 0.4, 0.1, 0, and the singular
    functions are products of bits. The encoder is (μ₁, cos θ μ₂ + sin θ μ_l).

    Panels: s_i² (light) and what of it the encoder holds (blue; its sum is the ratio trace);
    the worst-case error over tasks with ρ ≥ 0.9, which stays at its least value for a while; the
    ratio trace, which falls at once.

    Keys of `values`: ``share`` (sin²θ), ``threshold`` (the formula), ``error``,
    ``least_error``, ``ratio_trace``, ``largest_ratio_trace``.
    """

    alt = ("Squared singular values, and what the encoder holds of them.",
           "The encoder's worst-case error along the rotation, flat up to a threshold and rising "
           "after it.",
           "Its ratio trace, falling from the start.")
    frozen = {"share": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
              "partner": tuple(PARTNERS)}

    def make_controls(self):
        squared = functions()[1]
        options = [(f"bits {name}  (s² = {squared[NAMES.index(name)]:.1f})", name)
                   for name in PARTNERS]
        return {"share": slider("Rotation, sin²θ", 0.4),
                "partner": choice("Towards", options, "2·3", "280px")}

    def compute(self, share, partner):
        phi, held = encoder(partner, share), np.zeros(len(NAMES))
        held[[0, 1, NAMES.index(partner)]] = 1, 1 - share, share
        return Step(partner, share, held, threshold(partner),
                    cl.worst_case_error(context(), phi, EPS), cl.ratio_trace(context(), phi))

    def build(self, figure):
        ax, worst, trace = map(style.axes, figure.subfigs)
        self._build_scores(worst, trace)
        style.label(ax, "What the encoder holds", "product of bits", "$s_i^2$")
        ax.set(xlim=(-0.6, 6.6), ylim=(0, 1.04), yticks=[0, 0.5, 1])
        ax.set_xticks(range(7), [name.replace("·", "") for name in NAMES])
        behind, self.held = (artists.Bars(ax, np.arange(7), 0.84) for _ in range(2))
        behind.set(functions()[1], "#CFE0EC")
        self.moving(self.held)
        self.sum = self.moving(artists.note(ax, 0.98, 0.97, "", style.INPUT, ha="right", va="top"))

    def _build_scores(self, worst, trace):
        style.label(worst, f"Worst-case error, ρ ≥ {1 - EPS:.1f}", "rotation, sin²θ")
        style.label(trace, "Ratio trace", "rotation, sin²θ")
        best = functions()[1][:D].sum()
        worst.set(ylim=(0, 0.36), yticks=[0, 0.1, 0.2, 0.3])
        trace.set(ylim=(0, 1.07 * best), yticks=[0, 0.5, 1, 1.5])
        self.flat = artists.Bars(worst, [0.0], 1.0, style.SHADE, zorder=0)
        self.as_good = worst.text(0, 0.04, "", color="#5F6368", va="bottom", ha="center")
        least = cl.minimax_error(context(), D, EPS)
        here = dict(color=style.CONTEXT, ha="center", va="center", fontweight="bold")
        self.scores = []
        for ax, level, color in ((worst, least, style.TASK), (trace, best, style.INPUT)):
            ax.set(xlim=(-0.02, 1.02), xticks=[0, 0.5, 1])
            ax.axhline(level, color=style.GREY, lw=2, ls=":")
            self.scores.append(tuple(map(self.moving, (
                ax.plot([], [], color=color, lw=3.5)[0], artists.ring(ax, 15),
                ax.text(0, 0, "", **here)))))

    def scene(self, step):
        """A new partner has its own threshold."""
        return step.partner

    def set_scene(self, step):
        """Shade the rotations that stay optimal."""
        self.flat.positions, self.flat.width = np.array([step.threshold / 2]), step.threshold
        self.flat.set(np.array([1.0]))
        self.as_good.set_x(step.threshold / 2)
        self.as_good.set_text("as good as\nthe top two" if step.threshold > 0.3 else "")

    def draw(self, step):
        self.held.set(functions()[1] * step.held)
        self.sum.set_text(f"blue: {step.ratio_trace:.2f} in all")
        shares, *scores = curves(step.partner)
        for (line, ring, here), along, value, drop in zip(
                self.scores, scores, (step.error, step.ratio_trace), (0.045, -0.26)):
            line.set_data(shares, along)
            ring.set_data([step.share], [value])
            here.set(position=(np.clip(step.share, 0.13, 0.87), value + drop), text=f"{value:.3f}")

    def headline(self, step):
        if step.share == 0:
            return "The top two functions: the best worst case, the largest ratio trace"
        if step.share <= step.threshold + 1e-9:
            return "Not the top two functions, and still the best possible worst case"
        return "Rotated too far: now the worst case is worse as well"

    def numbers(self, step):
        return {"share": step.share, "threshold": step.threshold, "error": step.error,
                "least_error": cl.minimax_error(context(), D, EPS),
                "ratio_trace": step.ratio_trace,
                "largest_ratio_trace": float(functions()[1][:D].sum())}

    def sentence(self, step):
        least = cl.minimax_error(context(), D, EPS)
        return (f"sin²θ = {step.share:.2f} towards bits {step.partner}: worst-case error "
                f"{step.error:.4f} (least possible: {least:.4f}, kept up to sin²θ = "
                f"{step.threshold:.3f}); ratio trace {step.ratio_trace:.3f} "
                f"(largest: {functions()[1][:D].sum():.3f}, reached at 0 only).")
