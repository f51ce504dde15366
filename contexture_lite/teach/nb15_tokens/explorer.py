"""Notebook 15's live picture: one text, one slider, two opposite moves that are called merging."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from matplotlib.collections import PolyCollection

from contexture_lite.teach.nb15_tokens import compute as model
from contexture_lite.teach.nb15_tokens.sentences import ENGLISH, OTHER, Sentences
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, steps

LINES, COLUMNS = 9, 25  # of the text that is shown
TINTS = ("#FFFFFF", "#CFE6F4", "#9CCBE8", "#6FB1DC")  # tokens of 1, 2, 3, 4 letters and more
CLASSES = ("#F6C9A8", "#BFE3D3", "#CFE6F4", "#EBCFE0", "#FBF3B0", "#E0D2C3", "#DADDE0", "#F2A48C",
           "#9BD1B8", "#A9C9EC")
PLACE = {merges: merges / 3 if merges < 0 else i - 28 for i, merges in enumerate(model.LADDER)}
TICKS = (-28, 0, 40, 100, 250)


class TokenExplorer(Explorer):
    """20,000 letters of reviews: letters merged into classes, or into longer tokens.

    Parameters
    ----------
    merges : int
        Below 0 so many merges of the next *letter*, the cheapest in χ² first; above 0 so many
        merges of byte pair encoding.
    given : 1 or 2
        Tokens from which the next one is predicted.
    weight : {"contexture", "one-hot loss"}
        What ranks the features: s_i, or the share of the squared loss on one-hot tokens.
    shuffle : bool
        The tokens in random order: nothing is left but chance.

    Two sentences of the reader's own are cut and priced by the same tokens below the picture.
    """

    alt = ("The beginning of the text, its tokens as coloured boxes.",
           "The first ten singular values, those of the shuffled text, and held-out ones.",
           "Bits a letter along the number of merges.")
    height = 3.4
    frozen = ({"merges": model.LADDER, "weight": model.WEIGHTS},
              {"merges": model.LADDER, "shuffle": (False, True)},
              {"merges": model.LADDER, "given": (1, 2)})

    def __init__(self, merges=100, given=1, weight="contexture", shuffle=False):
        self.own = [widgets.Text(value=text, description=name, layout={"width": "98%"},
                                 style={"description_width": "initial"})
                    for name, text in (("Your sentence", ENGLISH), ("In another language", OTHER))]
        self.pasted = widgets.HTML(layout={"width": "98%"})
        super().__init__(merges, given, weight, shuffle)
        for box in self.own:
            box.observe(lambda change: self._paste(), names="value")
        self.widget.children += (*self.own, self.pasted)

    def make_controls(self, merges, given, weight, shuffle):
        return {
            "merges": steps("Merge letters ← 0 → text",
                            [(f"{m}".replace("-", "−"), m) for m in model.LADDER], merges),
            "given": choice("Given", [("the previous token", 1), ("the two previous", 2)], given,
                            "250px"),
            "weight": choice("Features ranked by", list(model.WEIGHTS), weight, "280px"),
            "shuffle": choice("Order", [("as written", False), ("shuffled", True)], shuffle,
                              "200px")}

    def compute(self, merges, given, weight, shuffle):
        return model.step_at(merges, given, weight, shuffle)

    # -- a reader's own sentences

    def _paste(self):
        """What the tokens of the picture make of the two sentences."""
        first, other = (box.value for box in self.own)
        self.pasted.value = Sentences(
            first, other, max(self.params["merges"], 0))._repr_html_()

    def _show(self, result):
        super()._show(result)
        self._paste()

    # -- the picture

    def build(self, figure):
        text, spectrum, cost = figure.subfigs
        self._build_text(style.axes(text, left=0.03, bottom=0.03))
        self._build_spectrum(style.axes(spectrum))
        self._build_cost(style.axes(cost, left=0.17))

    def _build_text(self, ax):
        ax.set_title("The text, cut")
        style.bare(ax)
        ax.set(xlim=(0, COLUMNS), ylim=(LINES, 0))
        self.boxes = self.moving(ax.add_collection(
            PolyCollection([], linewidths=1, edgecolors=style.GREY), autolim=False))
        self.letters = self.moving(artists.Labels(ax, 13))

    def _build_spectrum(self, ax):
        style.label(ax, "Features of the next token", "function $i$", "$s_i$")
        place = np.arange(1, model.SHOWN + 1)
        ax.set(xlim=(0.4, model.SHOWN + 0.6), ylim=(0, 1.32), xticks=[1, 5, 10],
               yticks=[0, 0.5, 1])
        self.bars = self.moving(artists.Bars(ax, place, 0.7))
        self.null = self.moving(ax.plot(place, place * 0, "--", color=style.INK, lw=2)[0])
        self.held = self.moving(ax.plot(place, place * 0, "o", color=style.ORANGE, ms=8,
                                        mec=style.INK)[0])
        ax.legend([self.held, self.null], ["held out", "shuffled"], loc="upper right",
                  frameon=False, handlelength=1.6, borderpad=0)

    def _build_cost(self, ax):
        style.label(ax, "Bits a letter", "merges")
        ax.set(xlim=(-10.2, 11), ylim=(0, 4.9), yticks=[0, 1, 2, 3, 4])
        ax.set_xticks([PLACE[m] for m in TICKS], [str(m).replace("-", "−") for m in TICKS])
        ax.axvline(PLACE[0], 0.42, color=style.GREY, lw=1)
        looks = {"unigram": dict(color=style.GREY), "bigram": dict(color=style.INPUT, ls=":"),
                 "held-out": dict(color=style.INPUT, lw=3.2)}
        self.curves = {name: self.moving(ax.plot([], [], **look)[0])
                       for name, look in looks.items()}
        ax.legend(self.curves.values(), ["one token", "two, same text", "two, held out"],
                  loc="lower right", frameon=False, handlelength=1.6, borderpad=0)
        self.ring = self.moving(artists.ring(ax))

    def draw(self, step):
        self._draw_text(step)
        self.bars.set(step.values)
        self.null.set_ydata(step.null)
        there = step.values > 1e-6
        self.held.set_ydata(np.where(there, np.clip(step.held_out, 0, 1), np.nan))
        found = model.bits(self.params["shuffle"])
        for name, curve in self.curves.items():
            known = [m for m in model.LADDER if name in found[m]]
            curve.set_data([PLACE[m] for m in known], [found[m][name] for m in known])
        self.ring.set_data([PLACE[step.merges]], [_cost(step)])

    def _draw_text(self, step):
        """Boxes for the tokens, line by line, and their letters; no token is cut by a line."""
        boxes, colors, letters, places, row, column = [], [], [], [], 0, 0
        for i, piece in enumerate(step.pieces):
            if column + len(piece) > COLUMNS:
                row, column = row + 1, 0
            if row >= LINES:
                break
            left, right = column + 0.04, column + len(piece) - 0.04
            boxes.append([(left, row + 0.08), (left, row + 0.92), (right, row + 0.92),
                          (right, row + 0.08)])
            colors.append(TINTS[min(len(piece), 4) - 1] if step.marks is None
                          else CLASSES[step.marks[i] % len(CLASSES)])
            shown = [k for k, letter in enumerate(piece) if letter != " "]
            letters += [piece[k] for k in shown]
            places += [(column + k + 0.5, row + 0.5) for k in shown]
            column += len(piece)
        self.boxes.set_verts(boxes)
        self.boxes.set_facecolors(colors)
        self.letters.set(letters, places)

    def headline(self, step):
        first = model.step_at(0, *(self.params[name] for name in ("given", "weight", "shuffle")))
        moved = f"s₁ {first.values[0]:.2f} → {step.values[0]:.2f}"
        if step.merges == 0:
            return f"Letters: s₁ = {step.values[0]:.2f}"
        if step.merges < 0:
            return f"Letters merged into {step.size} classes: {moved}"
        return f"{step.merges} merges of the text: {moved}"

    def numbers(self, step):
        values = {"tokens": step.size, "per_letter": step.per_letter}
        values |= {f"s{i}": float(step.values[i - 1]) for i in (1, 2, 3)}
        values |= {"held_out": float(step.held_out[0]), "chi2": step.chi2, "chance": step.chance}
        return values | {f"bits_{name.replace('-', '_')}": bits for name, bits in step.bits.items()}

    def sentence(self, step):
        pair = " → ".join(f"“{name}”" for name in step.pair)
        said = (f"{step.size} tokens, {step.per_letter:.2f} a letter. The best-predicted pair is "
                f"{pair}: s₁ = {step.values[0]:.2f}, {step.held_out[0]:.2f} held out. χ² = "
                f"{step.chi2:.2f}, of which {step.chance:.2f} by chance. ")
        bits = step.bits
        if step.merges < 0:
            return said + (f"A letter's class costs {bits['unigram']:.2f} bits, "
                           f"{bits['bigram']:.2f} after the letter before: it no longer spells the "
                           "text.")
        return said + (f"A letter costs {bits['unigram']:.2f} bits by one token, "
                       f"{bits['bigram']:.2f} by two in the same text, {bits['held-out']:.2f} "
                       "held out.")


def _cost(step):
    return step.bits.get("held-out", step.bits["bigram"])
