"""Notebook 07's live picture: two contexts, their strengths, and a mix of the two."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch

from contexture_lite.teach.nb07_mixing.compute import MIXES, PAIRS, step_at
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider, steps

BARS = 7
BAND = "#E3E6E9"
LOOKS = {"first": (style.ORANGE, "--"), "second": (style.PINK, ":"), "mix": (style.INPUT, "-")}
TASK_TEXT, TEXTS = "#007A5A", ("#9A6A00", "#A0417A", style.INPUT)  # dark enough for letters
REGIONS = {"convolve": (0, 2), "combine": (3, 7), "concat.": (8, 10)}  # places in MIXES
MARKS = {0: "3×", 2: "1×", 3: ".1", 5: ".5", 7: ".9", 8: "1×", 10: "3×"}


class MixingExplorer(Explorer):
    """What does a mix of two contexts do to the spectrum, and does it help?

    The mixes run from the weakest to the strongest: the first context chained with itself up
    to twice and then with the second ("convolve"), either of them with some weight, revealed
    ("combine"), one to three draws of the first seen beside the second ("concatenate").

    Panels: s_i² of both parts and of the mix, which must lie in the grey band; the sums
    Σ_{i≤d} s_i² with their band; the error of a ridge probe with noisy labels for every mix
    (its task belongs to the pair of contexts), with both parts as lines. The probe is
    `compute.error`: ridge regression on s_i μ_i with λ = 0.2, labels with noise.

    Keys of `values`: ``chi2``, ``rank`` (effective), ``tau`` and ``error`` of the mix, the same
    with ``_first`` and ``_second``, and ``tight``, at how many places the inequality is one
    of numbers that are equal.
    """

    alt = ("Squared singular values of two contexts and of their mix as bars, inside the band that "
           "the inequality of the mix allows.",
           "Their sums over the first d, and the band of the mix.",
           "The error of a probe for every mix, from the weakest to the strongest, with both parts "
           "as lines.")
    frozen = {"contexts": ("three bits: flips, masks", "three bits: flips, first bit"),
              "mix": MIXES[1:-1], "first": (0.14, 0.5, 0.9), "second": (0.14, 0.5, 0.9)}

    def make_controls(self, contexts="three bits: flips, masks", mix=("convolve", 1),
                      first=0.9, second=0.9):
        options = [(f"{kind} {_amount(kind, amount)}", (kind, amount)) for kind, amount in MIXES]
        return {"contexts": choice("Contexts", list(PAIRS), contexts, "330px"),
                "mix": steps("Mix (weak … strong)", options, mix, "480px"),
                "first": slider("Strength of the first", first, 0.1, 0.98),
                "second": slider("of the second", second, 0.1, 0.98)}

    def compute(self, contexts, mix, first, second):
        return step_at(contexts, mix, first, second)

    def build(self, figure):
        self.spectrum, self.sums, self.curve = (
            style.axes(panel, left=0.12, bottom=0.19) for panel in figure.subfigs)
        self._build_spectrum(self.spectrum)
        self._build_sums(self.sums)
        self._build_curve(self.curve)
        self.legend = self.sums.legend(
            [*self.lines.values(), Patch(facecolor=BAND)], [*3 * [" "], "allowed"],
            loc="upper left", frameon=False, fontsize=12, handlelength=2.2, borderpad=0)

    def _build_spectrum(self, ax):
        style.label(ax, "Squared singular values", "index $i$")
        ax.set(xlim=(0.45, BARS + 0.55), ylim=(0, 1.06), yticks=[0, 0.5, 1])
        self.allowed = self.moving(artists.polygons(ax, facecolors=BAND))
        place = np.arange(1, BARS + 1)
        self.middle = place + 0.21  # of the mix
        self.bars = {name: self.moving(artists.Bars(ax, place + beside, width, LOOKS[name][0]))
                     for name, beside, width in (("first", -0.3, 0.19), ("second", -0.09, 0.19),
                                                 ("mix", 0.21, 0.29))}
        self.edges = self.moving(ax.add_collection(
            LineCollection([], colors=style.INK, linewidths=2.4), autolim=False))

    def _build_sums(self, ax):
        style.label(ax, "The first d, added up", "$d$")
        ax.set(xlim=(0, BARS + 0.15), ylim=(0, BARS + 0.25), yticks=[0, 2, 4, 6],
               xticks=[0, 2, 4, 6])
        self.between = self.moving(artists.polygons(ax, facecolors=BAND))
        self.limit = self.moving(ax.plot([], [], color=style.INK, lw=2, clip_on=False)[0])
        self.lines = {name: self.moving(ax.plot([], [], dashes, color=color, clip_on=False)[0])
                      for name, (color, dashes) in LOOKS.items()}
        self.lines["mix"].set(lw=3, marker="o", ms=5)

    def _build_curve(self, ax):
        ax.set(xlim=(-0.5, len(MIXES) - 0.5), ylim=(0, 1.02), yticks=[0, 0.5, 1])
        self.title = ax.set_title("", color=TASK_TEXT)
        ax.set_xticks(list(MARKS), list(MARKS.values()))
        ax.tick_params(axis="x", length=0)
        for kind, (low, high) in REGIONS.items():
            if kind == "combine":
                ax.axvspan(low - 0.5, high + 0.5, color=style.SHADE, lw=0)
            ax.text((low + high) / 2, -0.16, kind, ha="center", va="center",
                    transform=ax.get_xaxis_transform(), fontsize=12)
        self.parts = {name: self.moving(ax.plot([-0.5, len(MIXES) - 0.5], [0, 0], LOOKS[name][1],
                                                color=LOOKS[name][0])[0])
                      for name in ("first", "second")}
        self.path = self.moving(ax.plot([], [], "-o", color=style.TASK, ms=6)[0])
        self.ring = self.moving(artists.ring(ax))

    def scene(self, step):
        """A new pair changes names, task and the number of functions."""
        return step.contexts

    def set_scene(self, step):
        """Names, and as many places as there are functions."""
        pair, count = PAIRS[step.contexts], len(step.squares["mix"])
        self.title.set_text(f"Error: {pair.task_name}")
        for text, color, name in zip(self.legend.get_texts(), TEXTS, (*pair.names, "mix")):
            text.set(text=name, color=color, fontweight="bold")
        self.spectrum.set_xticks(np.arange(1, count + 1))

    def draw(self, step):
        count = len(step.squares["mix"])
        low, high, least, most = step.band
        for name, bars in self.bars.items():
            bars.set(step.squares[name])
        left, right = self.middle[:count] - 0.2, self.middle[:count] + 0.2
        self.allowed.set_verts(np.stack([np.column_stack(pair) for pair in (
            (left, low), (left, high), (right, high), (right, low))], axis=1))
        shown = {"convolve": [high], "combine": [low, high], "concatenate": [low]}[step.kind]
        self.edges.set_segments([[(a, y), (b, y)] for bound in shown
                                 for a, b, y in zip(left, right, bound)])
        d = np.arange(count + 1)
        least, most = np.append(0, least), np.append(0, most)
        self.between.set_verts([artists.between(d, least, most)])
        self.limit.set_data(d, least if step.kind == "concatenate" else most)
        for name, line in self.lines.items():
            line.set_data(d, np.append(0, np.cumsum(step.squares[name])))
        for name, line in self.parts.items():
            line.set_ydata(2 * [step.errors[name]])
        self.path.set_data(np.arange(len(MIXES)), step.curve)
        self.ring.set_data([MIXES.index((step.kind, step.amount))], [step.errors["mix"]])

    def headline(self, step):
        return f"{step.kind.capitalize()}: {_mix(step)} – {_verdict(step)}"

    def numbers(self, step):
        return {name + ("" if part == "mix" else f"_{part}"): float(score)
                for part, scores in step.scores().items()
                for name, score in zip(("chi2", "rank", "tau", "error"), scores)
                } | {"tight": len(step.tight)}

    def sentence(self, step):
        said = {"convolve": "no s_i² above the bound", "concatenate": "no s_i² below the parts'",
                "combine": "no sum above the average, all together equal"}[step.kind]
        places = ", ".join(map(str, step.tight))
        where = f"at {'d' if step.kind == 'combine' else 'i'} = {places}" if places else "nowhere"
        error = {name: 100 * share for name, share in step.errors.items()}
        return (f"{_mix(step)}: {said} (equal {where}); χ² = {step.squares['mix'].sum():.2f} from "
                f"{step.squares['first'].sum():.2f} and {step.squares['second'].sum():.2f}. The "
                f"probe's error is {error['mix']:.0f} %, of the parts alone {error['first']:.0f} % "
                f"and {error['second']:.0f} %: {_verdict(step)}.")


def _amount(kind, amount):
    return f"{amount:.0%}".replace("%", " %") if kind == "combine" else f"×{amount}"


def _mix(step):
    """The mix in words."""
    first, second = PAIRS[step.contexts].names
    if step.kind == "combine":
        return f"{100 * step.amount:.0f} % {first}, {100 * (1 - step.amount):.0f} % {second}"
    times = f"{first} ×{step.amount}" if step.amount > 1 else first
    chained = step.kind == "convolve"
    return f"{times}, then {second}" if chained else f"{times} and {second} together"


def _verdict(step):
    mix, parts = step.errors["mix"], [step.errors["first"], step.errors["second"]]
    if mix < min(parts) - 0.005:
        return "better than both parts"
    if mix > max(parts) + 0.005:
        return "worse than both parts"
    return "no better than the better part"
