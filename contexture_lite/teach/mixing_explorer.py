"""Notebook 07's live picture: two contexts, their strengths, and a mix of the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Patch

from contexture_lite import usefulness
from contexture_lite.teach import style
from contexture_lite.teach.explorer import Explorer, choice, slider, steps
from contexture_lite.teach.headline import Headline
from contexture_lite.teach.mixing_pairs import MIXES, PAIRS, bounds, error, mixes, squares

BARS = 7
BAND = "#E3E6E9"
TASK_TEXT, TEXTS = "#007A5A", ("#9A6A00", "#A0417A", style.INPUT)  # dark enough for letters
ROWS, COLUMNS = (0.88, 0.62, 0.36, 0.1), (0.41, 0.665, 0.91)  # of the table of scores
PITCH = np.array([-0.069, -0.034, 0.003, 0.052])  # of the four letters of a number there
TIGHT = 1e-9
REGIONS = {"convolve": (0, 2), "combine": (3, 7), "concatenate": (8, 10)}  # places in MIXES


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    contexts: str
    kind: str  # "convolve", "combine" or "concatenate"
    amount: float  # how often the first, or its weight
    squares: dict  # s_i² of "first", "second" and "mix"
    band: tuple  # as in `bounds`
    errors: dict  # of the same three
    curve: np.ndarray  # error of every mix

    @property
    def tight(self):
        """At which i (or, in a combination, d) the inequality is an equality of more than 0."""
        low, high, _, most = self.band
        mix = self.squares["mix"]
        less, more = {"convolve": (mix, high), "combine": (np.cumsum(mix), most),
                      "concatenate": (low, mix)}[self.kind]
        return 1 + np.flatnonzero((more - less < TIGHT) & (more > TIGHT))

    def scores(self):
        """{name: (χ², effective rank, τ, error)}."""
        return {name: (found.sum(), *_scores(tuple(found)), self.errors[name])
                for name, found in self.squares.items()}


@lru_cache(maxsize=4096)
def _scores(squares):
    values = np.sqrt(squares)
    return usefulness.effective_rank(values).value, usefulness.tau(values).value


class MixingExplorer(Explorer):
    """What does a mix of two contexts do to the spectrum, and does it help?

    The mixes run from the weakest to the strongest: the first context handed on to itself up
    to twice and then to the second ("convolve"), either of them with some weight, revealed
    ("combine"), one to three draws of the first seen beside the second ("concatenate").

    Panels: s_i² of both parts and of the mix, which must lie in the grey band; the sums
    Σ_{i≤d} s_i² with their band; the error of a ridge probe with noisy labels for every mix
    (its task belongs to the pair of contexts), with both parts as lines; and scores.

    Keys of `values`: ``chi2``, ``rank`` (effective), ``tau`` and ``error`` of the mix, the same
    with ``_first`` and ``_second``, and ``tight``, at how many places the inequality is one
    of numbers that are equal.
    """

    alt = ("Four panels: squared singular values of two contexts and of their mix as bars, inside "
           "the band that the inequality of the mix allows; their sums; the error of a probe for "
           "every mix from the weakest to the strongest; a table of scores.")

    def __init__(self, contexts="three bits: flips, masks", mix=("convolve", 1), first=0.9,
                 second=0.9):
        self._start = contexts, mix, first, second
        super().__init__()

    def make_controls(self):
        """The pair of contexts, the mix, two strengths."""
        contexts, mix, first, second = self._start
        options = [(f"{kind} {_amount(kind, amount)}", (kind, amount)) for kind, amount in MIXES]
        controls = {"contexts": choice("Contexts", list(PAIRS), contexts, "330px"),
                    "mix": steps("Mix (weak … strong)", options, mix),
                    "first": slider("Strength of the first", first, 0.1, 0.98),
                    "second": slider("of the second", second, 0.1, 0.98)}
        controls["mix"].layout.width = "480px"
        return controls

    def compute(self, contexts, mix, first, second):
        """The numbers of one setting."""
        kernels, task = mixes(contexts, first, second), PAIRS[contexts].task
        found = {name: kernels[key] for name, key in (
            ("first", "first"), ("second", "second"), ("mix", mix))}
        spectra = {name: squares(kernel) for name, kernel in found.items()}
        return Step(contexts, *mix, spectra, bounds(*mix, spectra["first"], spectra["second"]),
                    {name: error(kernel, task) for name, kernel in found.items()},
                    np.array([error(kernels[key], task) for key in MIXES]))

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        self.headline = Headline(figure)
        self.moving(self.headline.artist)
        self.spectrum, self.sums, self.curve, self.table = (
            figure.add_axes((left, 0.175, width, 0.555)) for left, width in (
                (0.035, 0.255), (0.335, 0.145), (0.535, 0.245), (0.8, 0.19)))
        self._build_spectrum(self.spectrum)
        self._build_sums(self.sums)
        self._build_curve(self.curve)
        self._build_table(self.table)
        self.legend = figure.legend(
            [*self.lines.values(), Patch(facecolor=BAND)], [*3 * [" "], "where the mix may lie"],
            loc="upper left", bbox_to_anchor=(0.027, 0.9), ncols=4, frameon=False, fontsize=13.5,
            handlelength=2.4, borderpad=0)

    def _build_spectrum(self, ax):
        style.label(ax, "Squared singular values", "index $i$", "")
        ax.set(xlim=(0.45, BARS + 0.55), ylim=(0, 1.06), yticks=[0, 0.5, 1])
        self.allowed = PolyCollection([], closed=True, linewidths=0, facecolors=BAND)
        ax.add_collection(self.allowed, autolim=False)
        self.moving(self.allowed)
        place = np.arange(1, BARS + 1)
        self.places = np.column_stack([place - 0.3, place - 0.09, place + 0.21])
        self.bars = {name: style.Bars(ax, self.places[:, j], width, color)
                     for j, (name, color, width) in enumerate((
                         ("first", style.ORANGE, 0.19), ("second", style.PINK, 0.19),
                         ("mix", style.INPUT, 0.29)))}
        for bars in self.bars.values():
            self.moving(bars.artist)
        self.edges = LineCollection([], colors=style.INK, linewidths=2.4)
        ax.add_collection(self.edges, autolim=False)
        self.moving(self.edges)

    def _build_sums(self, ax):
        style.label(ax, "The first d, added up", "$d$", "")
        ax.set(xlim=(0, BARS + 0.15), ylim=(0, BARS + 0.25), yticks=[0, 2, 4, 6],
               xticks=[0, 2, 4, 6])
        self.between = PolyCollection([], closed=True, linewidths=0, facecolors=BAND)
        ax.add_collection(self.between, autolim=False)
        self.moving(self.between)
        self.limit = self.moving(ax.plot([], [], color=style.INK, lw=2, clip_on=False)[0])
        self.lines = {
            name: self.moving(ax.plot([], [], color=color, clip_on=False, **look)[0])
            for name, color, look in (
                ("first", style.ORANGE, dict(lw=2.5, ls="--")),
                ("second", style.PINK, dict(lw=2.5, ls=":")),
                ("mix", style.INPUT, dict(lw=3, marker="o", ms=5)))}

    def _build_curve(self, ax):
        ax.set(xlim=(-0.5, len(MIXES) - 0.5), ylim=(0, 1.02), yticks=[0, 0.5, 1])
        self.title = ax.set_title("", color=TASK_TEXT)
        names = [f"{amount:g}" if kind == "combine" else f"×{amount}" for kind, amount in MIXES]
        ax.set_xticks(range(len(MIXES)), [n.replace("0.", ".") for n in names], fontsize=10.5)
        ax.tick_params(axis="x", length=0)
        for kind, (low, high) in REGIONS.items():
            if kind == "combine":
                ax.axvspan(low - 0.5, high + 0.5, color=style.SHADE, lw=0)
            ax.text((low + high) / 2, -0.2, kind, ha="center", va="center",
                    transform=ax.get_xaxis_transform(), fontsize=11.5)
        self.parts = {name: self.moving(ax.plot([-0.5, len(MIXES) - 0.5], [0, 0], color=color,
                                                lw=2.5, ls=dashes)[0])
                      for name, color, dashes in (("first", style.ORANGE, "--"),
                                                  ("second", style.PINK, ":"))}
        self.path = self.moving(ax.plot([], [], "-o", color=style.TASK, ms=6)[0])
        self.ring = self.moving(ax.plot([], [], "o", ms=16, mfc="none", mec=style.CONTEXT, mew=3.2,
                                        clip_on=False)[0])

    def _build_table(self, ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        style.bare(ax)
        for x, color, name in zip(COLUMNS, TEXTS, ("first", "second", "mix")):
            ax.text(x, 1.045, name, ha="center", va="bottom", fontsize=11.5, color=color,
                    fontweight="bold")
        for y, name in zip(ROWS, ("χ²", "eff. rank", "τ", "error")):
            ax.text(0, y, name, va="center", fontsize=12.5,
                    color=TASK_TEXT if name == "error" else style.INK)
        self.cells = style.Labels(ax, 13)
        self.moving(self.cells.artist)

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
        """Move everything to this setting."""
        self.headline.set(_headline(step))
        count = len(step.squares["mix"])
        low, high, least, most = step.band
        for name, bars in self.bars.items():
            bars.set(np.pad(step.squares[name], (0, BARS - count)))
        left, right = self.places[:count, 2] - 0.2, self.places[:count, 2] + 0.2
        self.allowed.set_verts(np.stack([np.column_stack(pair) for pair in (
            (left, low), (left, high), (right, high), (right, low))], axis=1))
        shown = {"convolve": [high], "combine": [low, high], "concatenate": [low]}[step.kind]
        self.edges.set_segments([[(a, y), (b, y)] for bound in shown
                                 for a, b, y in zip(left, right, bound)])
        d = np.arange(count + 1)
        least, most = np.append(0, least), np.append(0, most)
        self.between.set_verts([np.column_stack([[*d, *d[::-1]], [*least, *most[::-1]]])])
        self.limit.set_data(d, least if step.kind == "concatenate" else most)
        for name, line in self.lines.items():
            line.set_data(d, np.append(0, np.cumsum(step.squares[name])))
        for name, line in self.parts.items():
            line.set_ydata(2 * [step.errors[name]])
        self.path.set_data(np.arange(len(MIXES)), step.curve)
        self.ring.set_data([MIXES.index((step.kind, step.amount))], [step.errors["mix"]])
        self._draw_table(step)

    def _draw_table(self, step):
        """Letter by letter, since these come back and whole numbers do not."""
        texts, places, colors = [], [], []
        for x, color, scores in zip(COLUMNS, TEXTS, step.scores().values()):
            for y, score in zip(ROWS, scores):
                texts += f"{score:.2f}"
                places += [(x + along, y) for along in PITCH]
                colors += 4 * [color]
        self.cells.set(texts, places, colors)

    # ---- reading

    def numbers(self, step):
        """Key numbers of one setting."""
        found = {}
        for part, scores in step.scores().items():
            end = "" if part == "mix" else f"_{part}"
            found |= {name + end: float(score)
                      for name, score in zip(("chi2", "rank", "tau", "error"), scores)}
        return found | {"tight": len(step.tight)}

    def sentence(self, step):
        """One line of words."""
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
    then = step.kind == "convolve"
    return f"{times}, then {second}" if then else f"{times} and {second} together"


def _verdict(step):
    mix, parts = step.errors["mix"], [step.errors["first"], step.errors["second"]]
    if mix < min(parts) - 0.005:
        return "better than both parts"
    if mix > max(parts) + 0.005:
        return "worse than both parts"
    return "no better than the better part"


def _headline(step):
    words = {"convolve": "Convolve", "combine": "Combine", "concatenate": "Concatenate"}
    return f"{words[step.kind]}: {_mix(step)} – {_verdict(step)}"
