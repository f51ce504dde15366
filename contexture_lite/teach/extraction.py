"""Notebook 05's live picture: reading the spectrum off an encoder, and being fooled by luck."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.lines import Line2D

from contexture_lite.teach import style
from contexture_lite.teach.cast import CAST, system_at, ticks
from contexture_lite.teach.explorer import Explorer, choice, slider, steps, whole
from contexture_lite.teach.readings import DRAWS, readings

SIZES = (50, 100, 200, 500, 1000, 2000, 5000, 20000, np.inf)  # sampled pairs; ∞: the law itself
LARGEST_D = 6
CONTEXTS = tuple(name for name in CAST if name != "Gaussian pair")  # 74 × 74 is too large to repeat
LIMITS = (-0.2, 1.2)  # of the axes; single values from few fresh pairs lie beyond
WAYS = ("same", "fresh", "exact")
LOOKS = {"same": (style.CONTEXT, "^", "same pairs"), "fresh": (style.INPUT, "o", "fresh pairs"),
         "exact": (style.INK, "D", "exact C and B")}
SIZE = {"^": 10, "o": 9, "D": 7, "s": 9}  # of the marks, so that they look alike


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    name: str
    strength: float
    pairs: float  # n
    squares: np.ndarray  # (d,) s_i²
    curves: dict  # way -> (sizes, draws) mean of λ_1 … λ_d
    values: dict  # way -> (d,) of the sample that is shown
    function: np.ndarray  # (N,) the first learned function, mean 0, largest size 1
    nearest: np.ndarray  # (N,) its part in the span of the functions tied with μ₁
    share: float  # of its variance in that part; 0 if there is nothing

    def average(self, way):
        """Mean over the draws at this n."""
        return float(self.curves[way][SIZES.index(self.pairs)].mean())


@lru_cache(maxsize=256)
def _measured(name, strength, d):
    """Everything that does not depend on n: shown values, functions and curves, by size."""
    context = CAST[name].build(strength)
    found = [readings(context, d, size) for size in SIZES]
    curves = {way: np.array([r[way].mean(axis=1) for _, r in found]) for way in WAYS}
    return [(phi[0], {way: r[way][0] for way in WAYS}) for phi, r in found], curves


def first_function(system, features):
    """φ₁ centred, its part in the span of the functions tied with μ₁, and that part's share."""
    f = features[:, 0] - system.p_x @ features[:, 0]
    tied = system.left[:, system.groups(1e-6)[0]] if system.rank else np.zeros((len(f), 1))
    near = tied @ (tied.T @ (system.p_x * f))
    variance = system.p_x @ f**2
    share = float(system.p_x @ near**2 / variance) if variance > 1e-12 else 0.0
    scale = max(np.abs(f).max(), 1e-12)
    return f / scale, near / scale, share


class ExtractionExplorer(Explorer):
    """Rayleigh–Ritz after training: the spectrum read off an encoder in three ways.

    The encoder minimises SVME on n sampled pairs (x, a), exactly: the first d singular
    functions of the sample. Then B v = λ C v is solved with C and B from the same pairs
    (as a rule too high: the encoder was chosen to look good on them), from as many fresh
    pairs, and with the exact C and B (never above s²). Panels: the λ_i of one sample beside s_i²;
    their average over i ≤ d against n, mean ± standard deviation of 20 samples; the first
    learned function beside the nearest one of the span that belongs to s₁.

    The average is tr(C⁻¹B)/d. Single values from fresh pairs are still pulled apart by
    being sorted, their sum is not. Values beyond the axis are drawn at its end.

    Keys of `values`: ``truth`` (average of s_i²), ``same``, ``fresh`` and ``exact``
    (average λ, mean of the samples), ``share`` (of the first function's variance that
    belongs to s₁).
    """

    alt = ("Three panels: the values read off an encoder with the same pairs, fresh pairs and "
           "exact moments, beside the exact squared singular values; their average against the "
           "number of pairs; the first learned function beside the exact one.")

    def __init__(self, context="hypercube", strength=0.6, n=200, d=3):
        self._start = context, strength, n, d
        super().__init__()

    def make_controls(self):
        """Context, strength, number of pairs and number of outputs."""
        context, strength, n, d = self._start
        sizes = [(_size(size), size) for size in SIZES]
        controls = {"context": choice("Context", list(CONTEXTS), context, "260px"),
                    "strength": slider("Strength", strength),
                    "n": steps("n, sampled pairs", sizes, n),
                    "d": whole("d, outputs", d, 1, LARGEST_D)}
        controls["n"].layout.width = "420px"
        return controls

    def compute(self, context, strength, n, d):
        """The numbers of one setting."""
        strength = CAST[context].strength(strength)
        system = system_at(context, strength)
        d = min(d, len(system.values))
        shown, curves = _measured(context, strength, d)
        features, values = shown[SIZES.index(n)]
        return Step(context, strength, n, system.values[:d] ** 2, curves, values,
                    *first_function(system, features))

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        bars, curve, function = figure.subplots(1, 3, gridspec_kw=dict(
            left=0.055, right=0.985, bottom=0.17, top=0.8, wspace=0.24,
            width_ratios=[1, 1.35, 0.95]))
        self._build_legend(figure)
        self._build_bars(bars)
        self._build_curve(curve)
        self._build_function(function)

    def _build_bars(self, ax):
        self.spectrum = ax
        style.label(ax, "Read off one encoder", "index $i$",
                    "value $\\lambda_i$")
        ax.set(xlim=(0.4, LARGEST_D + 0.6), ylim=LIMITS, yticks=[0, 0.5, 1],
               xticks=np.arange(1, LARGEST_D + 1))
        ax.axhline(0, color=style.INK, lw=1)
        self.bars = style.Bars(ax, np.arange(1, LARGEST_D + 1), 0.84, "#D3D7DB")
        self.moving(self.bars.artist)
        self.marks = {way: self.moving(ax.plot([], [], mark, color=color, ms=SIZE[mark],
                                               ls="none", clip_on=False)[0])
                      for way, (color, mark, _) in LOOKS.items()}

    def _build_curve(self, ax):
        at = np.arange(len(SIZES))
        style.label(ax, "Average of the values read", "n, sampled pairs", "")
        ax.set(xlim=(-0.4, len(at) - 0.6), ylim=LIMITS, yticks=[0, 0.5, 1])
        ax.set_xticks(at, [_size(size) for size in SIZES])
        self.truth = self.moving(ax.plot([], [], color=style.GREY, lw=6, alpha=0.6)[0])
        self.bands, self.lines = {}, {}
        for way in ("same", "fresh"):
            self.bands[way] = self.moving(ax.fill_between(at, at, at, color=LOOKS[way][0],
                                                          alpha=0.18, lw=0))
        for way, (color, mark, _) in LOOKS.items():
            self.lines[way] = self.moving(ax.plot([], [], marker=mark, color=color, ms=6,
                                                  lw=2, clip_on=False)[0])
        self.rings = self.moving(ax.plot([], [], "o", ms=15, mfc="none", mec=style.CONTEXT, mew=3,
                                         ls="none", clip_on=False)[0])

    def _build_legend(self, figure):
        """One row for the two panels on the left, clear of every curve."""
        looks = [*LOOKS.values(), ("#6B7075", "s", "truth: $s_i^2$ of the context")]
        for at, (color, mark, text) in zip((0.062, 0.19, 0.325, 0.475), looks):
            figure.add_artist(Line2D([at], [0.949], marker=mark, color=color, ms=SIZE[mark]))
            figure.text(at + 0.012, 0.947, text, color=color, fontweight="bold", va="center")

    def _build_function(self, ax):
        self.ax = ax
        ax.spines[:].set_visible(False)
        style.label(ax, "First learned function", " ", "")
        self.zero = ax.plot([], [], color=style.GREY, lw=1.2)[0]
        self.function_bars = style.Bars(ax, [0], 0.74, style.INPUT)
        self.moving(self.function_bars.artist)
        self.loop = self.moving(ax.plot([], [], "-o", color=style.INPUT, ms=5, clip_on=False)[0])
        self.target = self.moving(ax.plot([], [], "o", color=style.INK, ms=9, mfc="none", mew=1.8,
                                          clip_on=False)[0])
        box = ax.get_position()
        self.share, self.under = style.Labels(ax.figure, 12), ((box.x0 + box.x1) / 2, 0.045)
        self.moving(self.share.artist)

    def scene(self, step):
        """A new context changes ticks and layouts."""
        return step.name

    def set_scene(self, step):
        """Ticks, scales and layouts of one context."""
        count = len(step.function)
        if CAST[step.name].layout == "loop":
            turn = np.linspace(0, 2 * np.pi, 100)
            self.zero.set_data(np.sin(turn), np.cos(turn))
            self.ax.set(xlim=(-1.46, 1.46), ylim=(-1.46, 1.46), aspect="equal",
                        xticks=[], yticks=[])
            return
        self.function_bars.place(np.arange(count))
        self.zero.set_data([-0.6, count - 0.4], [0, 0])
        self.ax.set(xlim=(-0.6, count - 0.4), ylim=(-1.12, 1.12), aspect="auto", yticks=[])
        self.ax.set_xticks(*ticks(CAST[step.name].build(step.strength).x_labels))
        self.ax.tick_params(length=0)

    def draw(self, step):
        """Move everything to this setting."""
        at, place = np.arange(len(SIZES)), np.arange(1, LARGEST_D + 1)
        d, here = len(step.squares), SIZES.index(step.pairs)
        self.bars.set(np.pad(step.squares, (0, LARGEST_D - d)))
        for way, offset in zip(WAYS, (-0.25, 0, 0.25)):
            self.marks[way].set_data(place[:d] + offset, np.clip(step.values[way], *LIMITS))
            mean = step.curves[way].mean(axis=1)
            self.lines[way].set_data(at, mean)
            if way in self.bands:
                spread = step.curves[way].std(axis=1, ddof=1)
                self.bands[way].set_data(at, *np.clip([mean - spread, mean + spread], *LIMITS))
        self.truth.set_data([-0.4, len(at) - 0.6], 2 * [step.squares.mean()])
        self.rings.set_data([here, here], [step.average("same"), step.average("fresh")])
        self._draw_function(step)

    def _draw_function(self, step):
        loop, f, near = CAST[step.name].layout == "loop", step.function, step.nearest
        self.loop.set_visible(loop)
        self.function_bars.artist.set_visible(not loop)
        self.target.set_visible(step.share > 0)
        self.target.set_linestyle("--" if loop else "none")
        if loop:
            for line, values in ((self.loop, f), (self.target, near)):
                radius = 1 + 0.42 * np.append(values, values[0])
                turn = 2 * np.pi * np.arange(len(f) + 1) / len(f)
                line.set_data(radius * np.sin(turn), radius * np.cos(turn))
        else:
            self.function_bars.set(f)
            self.target.set_data(np.arange(len(f)), near)
        self.share.set(["no μ₁: X and A are independent" if step.squares[0] == 0 else
                        "the sample shows nothing" if not step.function.any() else
                        f"○ the exact span holds {100 * step.share:.0f} %"],
                       [self.under], style.INPUT)

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        return {"truth": float(step.squares.mean()), "same": step.average("same"),
                "fresh": step.average("fresh"), "exact": step.average("exact"),
                "share": step.share}

    def sentence(self, step):
        """One line of words."""
        truth, pairs = step.squares.mean(), _size(step.pairs)
        read = ", ".join(f"{round(step.average(way), 3) + 0:.3f} {said}" for way, said in (
            ("same", "off the same pairs"), ("fresh", "off fresh ones"),
            ("exact", "with exact C and B")))
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}, encoder of "
                f"{len(step.squares)} fitted to {pairs} pairs: the values average {read}; the "
                f"truth is {truth:.3f} (means of {DRAWS} samples).").replace("-", "−")


def _size(size):
    return "∞" if np.isinf(size) else f"{size:,}" if size < 1000 else f"{size / 1000:g}k"
