"""Notebook 14's live picture: a name in, the nearest pictures out, and how much of it is real."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle
from scipy.stats import hypergeom

from contexture_lite import retrieval
from contexture_lite._text import drawn
from contexture_lite.alignment import unit_rows
from contexture_lite.teach.nb14_modalities import compute
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, slider, steps, whole

K, SHOWN, NEAREST = 100, 24, 5  # principal components of a side, modes drawn, pictures drawn
WORDS = ("broken heart", "smiling cat with heart-eyes", "nine o’clock", "eleven o’clock",
         "man teacher", "sad face", "red heart", "three o clock", "a green book", "fish soup")
RIDGES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SIZES = np.array([50, 75, 100, 150, 200, 300, 400])
RECALLS = (1, 10)
ABOVE = dict(loc="lower left", bbox_to_anchor=(-0.24, 1.01), ncols=2, frameon=False, borderpad=0,
             handlelength=1.3, handletextpad=0.5, columnspacing=1)  # of a legend
LONGEST = 27  # letters of a name beside its picture


@dataclass(frozen=True, eq=False)
class Step:
    """What one setting shows."""

    words: str
    known: str  # "held out", "training" or "new"
    nearest: np.ndarray
    place: int  # of the picture that bears the name among the 400; −1 if there is none
    training: np.ndarray
    held_out: np.ndarray
    edge: float
    recalls: np.ndarray  # (RECALLS, SIZES)
    matched: float
    d: int


@cache
def _parts():
    """The features of split 0, with their lengths: principal components are uncorrelated."""
    parts = compute.features(0, "pairs", K)
    return parts, [(rows - rows.mean(axis=0), rows.mean(axis=0)) for rows in (parts.x, parts.a)]


@lru_cache(maxsize=64)
def _towers(matched, ridge):
    """(ρ, gallery in x, gallery in a, the map of a): canonical, balanced, all 100 modes.

    A share 1 − ``matched`` of the training captions is handed on in a cycle.
    """
    parts, ((x, x_mean), (a, a_mean)) = _parts()
    n = len(x)
    order, wrong = np.arange(n), round((1 - matched) * n)
    order[:wrong] = np.roll(order[:wrong], 1)
    scales = [1 / np.sqrt(v + ridge * v.mean()) for v in (x.var(axis=0), a.var(axis=0))]
    U, rho, Vt = np.linalg.svd(scales[0][:, None] * (x.T @ a[order] / n) * scales[1])
    root = np.sqrt(rho)
    maps = scales[0][:, None] * U * root, scales[1][:, None] * Vt.T * root
    return rho, (parts.x_new - x_mean) @ maps[0], (parts.a_new - a_mean) @ maps[1], maps[1]


@cache
def _chances():
    """Chance that fewer than k of the g better ones are in a smaller gallery: (k, size, g)."""
    rest, better = compute.GALLERY - 1, np.arange(compute.GALLERY)
    return np.array([[hypergeom.cdf(k - 1, rest, better, size - 1) for size in SIZES]
                     for k in RECALLS])


class ModalityExplorer(Explorer):
    """Type a name: which five of 400 held-out pictures are nearest, and how much of it is real?

    1,201 pictures with their names (`contexture_lite.datasets.emoji`) are the training pairs; the
    400 others are the gallery. Two linear towers on 100 principal components of pixels and of
    letters, by one SVD; a name is any text. A part of the training captions can be handed on to
    other pictures: that weakens the association between pictures and names.

    Panels: the nearest pictures, the right one framed; the correlations of the modes on training
    pairs, on held-out pairs, and the largest that unrelated pairs would show
    (`retrieval.noise_edge`; exact without a ridge); recall at 1 and 10 from name to picture along
    the size of the gallery, with chance.

    Keys of `values`: ``place`` (of the right picture, 1 is the nearest, 0 there is none),
    ``recall1``, ``recall10``, ``training`` and ``held_out`` (correlation of the first mode) and
    ``above`` (modes of the training spectrum above the edge).
    """

    alt = ("A name and the five nearest pictures of the gallery, the right one framed.",
           "Correlation of the modes on training pairs and on held-out pairs, with the edge of "
           "noise.",
           "Recall along the size of the gallery, with chance.")
    height = 3.5
    frozen = ({"words": WORDS, "matched": (0.0, 0.5, 1.0)},
              {"matched": (0.0, 0.2, 0.5, 0.8, 1.0), "d": (4, 16, 48, 100),
               "ridge": (0.0, 0.1, 1.0)})

    def make_controls(self, words=WORDS[0], matched=1.0, d=48, ridge=0.1):
        controls = {
            "words": widgets.Combobox(
                description="Name", placeholder="type any name", value=words, options=WORDS,
                ensure_option=False, continuous_update=False,
                style={"description_width": "initial"}, layout={"width": "320px"}),
            "matched": slider("Matched captions", matched, 0.0, 1.0, 0.05),
            "d": whole("Modes d", d, 1, K),
            "ridge": steps("Ridge", [(f"{value:g}", value) for value in RIDGES], ridge)}
        for name in ("matched", "d", "ridge"):
            controls[name].layout.width = "290px"
        return controls

    def _refuse(self, name, value):
        """Any text is a name."""
        if name == "words":
            if not isinstance(value, str):
                raise TypeError(f"words is {value!r}; it must be a text")
            return
        super()._refuse(name, value)

    def compute(self, words, matched, d, ridge):
        parts, (_, (_, a_mean)) = _parts()
        rho, x, a, towards = _towers(round(matched, 4), ridge)
        pictures, names = unit_rows(x[:, :d]), a[:, :d]
        scores = unit_rows(names) @ pictures.T
        better = (scores > np.diag(scores)[:, None]).sum(axis=1)
        own = (parts.letters([words])[0] - a_mean) @ towards[:, :d]
        nearest = np.argsort(-(pictures @ own), kind="stable")
        all_names = compute.emoji().names
        hit = np.flatnonzero(all_names[parts.gallery] == words)
        known = "held out" if hit.size else "training" if words in all_names else "new"
        place = int(np.flatnonzero(nearest == hit[0])[0]) if hit.size and own.any() else -1
        return Step(words, known, parts.gallery[nearest[:NEAREST]], place, rho,
                    compute.correlations(x, a),
                    retrieval.noise_edge(len(parts.x), K, K), _chances()[:, :, better].mean(axis=2),
                    matched, d)

    def build(self, figure):
        pictures, spectrum, recall = figure.subfigs
        self._build_pictures(style.axes(pictures, left=0.03, right=0.98, bottom=0.03, top=0.86))
        self._build_spectrum(style.axes(spectrum, top=0.7))
        self._build_recall(style.axes(recall, top=0.7))

    def _build_pictures(self, ax):
        style.bare(ax)
        ax.set(xlim=(0, 10), ylim=(NEAREST, 0))
        self.title = self.moving(ax.text(0, -0.24, "", fontsize=13, fontweight="bold"))
        self.thumbs, self.texts = [], []
        for i in range(NEAREST):
            self.thumbs.append(self.moving(ax.imshow(
                np.zeros((16, 16, 3)), extent=(0.15, 1.75, i + 0.92, i + 0.08), aspect="auto",
                interpolation="bilinear")))
            self.texts.append(self.moving(ax.text(2.15, i + 0.5, "", fontsize=12, va="center")))
        ax.set(xlim=(0, 10), ylim=(NEAREST, 0))
        self.frame = self.moving(ax.add_patch(Rectangle(
            (0.06, 0), 1.78, 0.96, fill=False, edgecolor=style.TASK, lw=3.5)))

    def _build_spectrum(self, ax):
        style.label(ax, x="mode $i$", y="correlation")
        ax.set_title("What the modes share", pad=47)
        ax.set(xlim=(0, SHOWN + 1), ylim=(-0.16, 1), xticks=[1, 8, 16, 24], yticks=[0, 0.5, 1])
        ax.axhline(0, color=style.INK, lw=1)
        self.bars = self.moving(artists.Bars(ax, np.arange(1, SHOWN + 1), color=style.GREY))
        self.dots = self.moving(ax.plot([], [], "o", ms=6, color=style.TASK)[0])
        self.edge = self.moving(ax.axhline(0.5, color=style.CONTEXT, ls="--", lw=2.5))
        bars = Rectangle((0, 0), 1, 1, color=style.GREY)
        ax.legend([bars, self.dots, self.edge], ["training", "held out", "pure noise shows"],
                  **ABOVE)

    def _build_recall(self, ax):
        style.label(ax, x="pictures in the gallery", y="recall")
        ax.set_title("Is its picture among …", pad=47)
        ax.set(xscale="log", yscale="log", xlim=(45, 440), ylim=(0.002, 1))
        ax.set_xticks([50, 100, 200, 400], ["50", "100", "200", "400"])
        ax.set_yticks([0.01, 0.1, 1], [".01", ".1", "1"])
        ax.minorticks_off()
        self.lines = []
        for k, color in zip(RECALLS, (style.INPUT, style.TASK)):
            ax.plot(SIZES, k / SIZES, ":", color=color, lw=2)
            self.lines.append(self.moving(ax.plot([], [], "o-", color=color, ms=5)[0]))
        chance = ax.plot([], [], ":", color=style.INK, lw=2)[0]
        ax.legend([*self.lines, chance], ["the nearest", "the ten nearest", "by chance"], **ABOVE)

    def draw(self, step):
        data = compute.emoji()
        self.title.set_text(drawn(_cut(f"“{step.words}”", LONGEST + 6)))
        for image, text, at in zip(self.thumbs, self.texts, step.nearest):
            image.set_data(data.pictures[at])
            text.set_text(drawn(_cut(data.names[at], LONGEST)))
        self.frame.set_visible(0 <= step.place < NEAREST)
        self.frame.set_y(step.place + 0.02)
        colors = [style.GREY if i < step.d else "#E4E6E8" for i in range(SHOWN)]
        self.bars.set(step.training[:SHOWN], colors)
        count = min(step.d, SHOWN)
        self.dots.set_data(np.arange(1, count + 1), np.maximum(step.held_out[:count], -0.14))
        self.edge.set_ydata([step.edge, step.edge])
        for line, recall in zip(self.lines, step.recalls):
            line.set_data(SIZES, np.maximum(recall, 1e-3))

    def headline(self, step):
        recall = step.recalls[0, -1]
        share = f"{recall:.0%}" if recall >= 0.095 else f"{recall:.1%}"
        return (f"{share} of new names are nearest to their own picture, of 400; by chance "
                f"{1 / 400:.2%}")

    def numbers(self, step):
        return {"place": step.place + 1, "recall1": float(step.recalls[0, -1]),
                "recall10": float(step.recalls[1, -1]), "training": float(step.training[0]),
                "held_out": float(step.held_out[0]),
                "above": int((step.training > step.edge).sum())}

    def sentence(self, step):
        name = _cut(f"“{step.words}”", 50)
        where = {
            "held out": f"{name} is a held-out name: its picture is number {step.place + 1} of "
                        "400.",
            "training": f"{name} is the name of a training picture, which is not in the gallery: "
                        "here are its nearest relatives.",
            "new": f"No picture is called {name}: these are the nearest."}[step.known]
        values = self.numbers(step)
        return (f"{where} First mode: correlation {values['training']:.2f} on the training pairs, "
                f"{values['held_out']:.2f} on held-out ones; unrelated pairs would show "
                f"{step.edge:.2f} in training. {values['above']} modes lie above that.")


def _cut(text, length):
    """On one line, not longer than it may be, and in letters that the font has."""
    text = " ".join("".join(c if ord(c) < 0x250 or c in "’“”…" else "□" for c in text).split())
    return text if len(text) <= length else text[:length - 1] + "…"
