"""Notebook 05's live picture: reading the spectrum off an encoder, and being fooled by luck."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.lines import Line2D

from contexture_lite.teach.cast.members import CAST, system_at
from contexture_lite.teach.cast.sampled import CONTEXTS, DRAWS, readings
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, steps, whole

SIZES = (50, 100, 200, 500, 1000, 2000, 5000, 20000, np.inf)  # sampled pairs; ∞: the distribution
LARGEST_D = 6
LIMITS = (-0.2, 1.2)  # of the axes; single values from few fresh pairs lie beyond
WAYS = ("same", "fresh", "exact")
LOOKS = {"same": (style.CONTEXT, "^", "same pairs"), "fresh": (style.INPUT, "o", "fresh pairs"),
         "exact": (style.INK, "D", "exact C and B")}
TRUTH = ("#6B7075", "s", "truth: $s_i^2$")
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

    def average(self, way):
        """Mean over the draws at this n."""
        return float(self.curves[way][SIZES.index(self.pairs)].mean())


@lru_cache(maxsize=256)
def _measured(name, strength, d):
    """Everything that does not depend on n: shown values by size, and the curves."""
    context = CAST[name].build(strength)
    samples = [readings(context, d, size)[1] for size in SIZES]
    curves = {way: np.array([values[way].mean(axis=1) for values in samples]) for way in WAYS}
    return [{way: values[way][0] for way in WAYS} for values in samples], curves


class ExtractionExplorer(Explorer):
    """Rayleigh–Ritz after training: the spectrum read off an encoder in three ways.

    The encoder minimises SVME on n sampled pairs (x, a), exactly: the first d singular
    functions of the sample. Then B v = λ C v is solved with C and B from the same pairs
    (as a rule too high: the encoder was chosen to look good on them), from as many fresh
    pairs, and with the exact C and B (never above s²). Panels: the λ_i of one sample beside s_i²;
    their average over i ≤ d against n, mean ± standard deviation of 20 samples.

    The average is tr(C⁻¹B)/d. Single values from fresh pairs are still pulled apart by
    being sorted, their sum is not. Values beyond the axis are drawn at its end.

    Keys of `values`: ``truth`` (average of s_i²), ``same``, ``fresh`` and ``exact``
    (average λ, mean of the samples).
    """

    alt = ("The values read off one encoder with the same pairs, with fresh pairs and with exact "
           "moments, as marks on bars of the exact squared singular values.",
           "The average of these values against the number of pairs, with bands over 20 samples, "
           "beside the truth.")
    frozen = {"context": ("hypercube", "clusters"), "strength": (0.3, 0.6), "n": SIZES,
              "d": (1, 2, 3, 6)}

    def make_controls(self, context="hypercube", strength=0.6, n=200, d=3):
        sizes = [(_size(size), size) for size in SIZES]
        return {"context": choice("Context", list(CONTEXTS), context, "260px"),
                "strength": slider("Strength", strength),
                "n": steps("n, sampled pairs", sizes, n, "420px"),
                "d": whole("d, outputs", d, 1, LARGEST_D)}

    def compute(self, context, strength, n, d):
        strength = CAST[context].strength(strength)
        system = system_at(context, strength)
        d = min(d, len(system.values))
        shown, curves = _measured(context, strength, d)
        return Step(context, strength, n, system.values[:d] ** 2, curves, shown[SIZES.index(n)])

    def build(self, figure):
        bars, curve = (style.axes(panel, top=0.7) for panel in figure.subfigs)
        self._build_bars(bars)
        self._build_curve(curve)
        for ax in (bars, curve):
            ax.legend(handles=[Line2D([], [], marker=mark, color=color, ms=SIZE[mark], ls="none",
                                      label=text)
                               for color, mark, text in (*LOOKS.values(), TRUTH)],
                      loc="lower left", bbox_to_anchor=(-0.24, 1.13), ncols=2, frameon=False,
                      fontsize=12, handletextpad=0.2, columnspacing=1, borderaxespad=0)

    def _build_bars(self, ax):
        style.label(ax, "Read off one encoder", "index $i$", "value $\\lambda_i$")
        ax.set(xlim=(0.4, LARGEST_D + 0.6), ylim=LIMITS, yticks=[0, 0.5, 1],
               xticks=np.arange(1, LARGEST_D + 1))
        ax.axhline(0, color=style.INK, lw=1)
        self.bars = self.moving(artists.Bars(ax, np.arange(1, LARGEST_D + 1), 0.84, "#D3D7DB"))
        self.marks = {
            way: self.moving(ax.plot([], [], mark, color=color, ms=SIZE[mark], clip_on=False)[0])
            for way, (color, mark, _) in LOOKS.items()}

    def _build_curve(self, ax):
        at = np.arange(len(SIZES))
        style.label(ax, "Average of the values read", "n, sampled pairs", "")
        ax.set(xlim=(-0.4, len(at) - 0.6), ylim=LIMITS, yticks=[0, 0.5, 1])
        ax.set_xticks(at, [_size(size) if i % 2 == 0 else "" for i, size in enumerate(SIZES)])
        self.truth = self.moving(ax.plot([], [], color=style.GREY, lw=6, alpha=0.6)[0])
        self.bands = {way: self.moving(ax.fill_between(at, at, at, color=LOOKS[way][0], alpha=0.18,
                                                       lw=0)) for way in ("same", "fresh")}
        look = dict(ms=6, lw=2, clip_on=False)
        self.lines = {way: self.moving(ax.plot([], [], marker=mark, color=color, **look)[0])
                      for way, (color, mark, _) in LOOKS.items()}
        self.rings = self.moving(artists.ring(ax, 15, width=3))

    def draw(self, step):
        at, place = np.arange(len(SIZES)), np.arange(1, LARGEST_D + 1)
        d, here = len(step.squares), SIZES.index(step.pairs)
        self.bars.set(step.squares)
        for way, offset in zip(WAYS, (-0.25, 0, 0.25)):
            self.marks[way].set_data(place[:d] + offset, np.clip(step.values[way], *LIMITS))
            mean = step.curves[way].mean(axis=1)
            self.lines[way].set_data(at, mean)
            if way in self.bands:
                spread = step.curves[way].std(axis=1, ddof=1)
                self.bands[way].set_data(at, *np.clip([mean - spread, mean + spread], *LIMITS))
        self.truth.set_data([-0.4, len(at) - 0.6], 2 * [step.squares.mean()])
        self.rings.set_data([here, here], [step.average("same"), step.average("fresh")])

    def numbers(self, step):
        return {"truth": float(step.squares.mean())} | {way: step.average(way) for way in WAYS}

    def sentence(self, step):
        truth, pairs = step.squares.mean(), _size(step.pairs)
        said = ("off the same pairs", "off fresh ones", "with exact C and B")
        read = ", ".join(f"{round(step.average(way), 3) + 0:.3f} {how}"
                         for way, how in zip(WAYS, said))
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}, encoder of "
                f"{len(step.squares)} fitted to {pairs} pairs: the values average {read}; the "
                f"truth is {truth:.3f} (means of {DRAWS} samples; the picture shows one)."
                ).replace("-", "−")


def _size(size):
    return "∞" if np.isinf(size) else f"{size:,}" if size < 1000 else f"{size / 1000:g}k"
