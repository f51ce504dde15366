"""The opening picture: one slider from independent to identical, on real digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LinearRegression

import contexture_lite as cl
from contexture_lite._checks import as_dense
from contexture_lite.teach import style
from contexture_lite.teach.explorer import Explorer, steps

NEIGHBOURS = (300, 290, 250, 200, 150, 100, 65, 45, 30, 20, 15, 10, 7, 5, 4, 3, 2, 1)
POINTS = 300  # the first images of the data set; all the others are "unseen"
BARS = 30
BLOCKS = 100  # the table is drawn in blocks of 3 × 3 images


@dataclass(frozen=True)
class Frame:
    """Everything the picture shows at one position of the slider."""

    neighbours: int
    ink: np.ndarray  # (100, 100) how dark P(a|x) is shown, images sorted by digit
    squared: np.ndarray  # (n - 1,) s_i²
    features: np.ndarray  # (n, d) μ_1 … μ_d, sorted by digit
    errors: np.ndarray  # (draws,) share of unseen digits named wrongly


def probe_errors(features, digits, unseen_features, unseen_digits, labels, draws):
    """Share of unseen digits that a linear probe names wrongly, one number a draw.

    ``labels`` random images get their digit; least squares on one-hot digits, no penalty
    to tune, answers with the largest of ten outputs.
    """
    wrong = []
    for draw in range(draws):
        known = np.random.default_rng(draw).choice(len(digits), labels, replace=False)
        probe = LinearRegression().fit(features[known], np.eye(10)[digits[known]])
        named = np.argmax(probe.predict(unseen_features), axis=1)
        wrong.append(np.mean(named != unseen_digits))
    return np.array(wrong)


class StoryExplorer(Explorer):
    """How strongly should an image be tied to its neighbours?

    The context A of a handwritten digit X is a random one of its k nearest images
    (itself included). k = 300 of 300 makes A independent of X, k = 1 makes it
    identical; both ends teach nothing. Four panels follow one slider: the table
    P(a|x), the squared singular values, the two best-predicted features, and the
    error of a linear probe on the first ``d`` features at 1,497 unseen images, from
    ``labels`` labelled ones, averaged over ``draws`` draws of the labels.

    The default d = 9 is what ten classes need. Keys of `values`: ``neighbours``,
    ``s1_squared``, ``chi2``, ``error`` and ``lowest_error``.
    """

    alt = ("Four panels: the conditional table of the digits, its squared singular values as "
           "bars, the two best-predicted features as a cloud with the ten digits marked, and "
           "the error of a probe along the strength of association, high at both ends.")

    def __init__(self, d=9, labels=50, draws=20):
        if not 2 <= d <= BARS:
            raise ValueError(f"d is {d}; it must be from 2 to {BARS}")
        self.d, self.labels, self.draws = d, labels, draws
        self._prepare()
        super().__init__()

    def _prepare(self):
        """One frame for every position of the slider: a second of work, done once."""
        digits = cl.datasets.digits()
        order = np.argsort(digits.y[:POINTS], kind="stable")
        seen, self.digits = digits.X[:POINTS][order], digits.y[:POINTS][order].astype(int)
        unseen, unseen_digits = digits.X[POINTS:], digits.y[POINTS:].astype(int)
        self.frames, previous = {}, None
        for k in NEIGHBOURS:
            context, rows_of_unseen = _neighbours(seen, unseen, k)
            system = cl.singular_system(context)  # all modes, so that ties are settled by the rule
            features, new = system.left[:, :self.d], system.extend(rows_of_unseen)
            if previous is not None:  # the sign nearest to the frame before
                flip = np.where((features * previous).sum(axis=0) < 0, -1, 1)
                features, new = features * flip, new[:, :self.d] * flip
            previous = features
            errors = probe_errors(features, self.digits, new[:, :self.d], unseen_digits,
                                  self.labels, self.draws)
            self.frames[k] = Frame(k, _ink(context), system.values**2, features, errors)
        self.mean = np.array([f.errors.mean() for f in self.frames.values()])
        self.spread = np.array([f.errors.std(ddof=1) for f in self.frames.values()])

    def make_controls(self):
        """One slider, from independent to identical."""
        names = {POINTS: f"{POINTS} of {POINTS}: independent", 1: "1: identical"}
        options = [(names.get(k, str(k)), k) for k in NEIGHBOURS]
        return {"neighbours": steps("Association: neighbours per image", options, 30)}

    def compute(self, neighbours):
        """The frame of this many neighbours."""
        return self.frames[neighbours]

    # ---- drawing

    def build(self, figure):
        """Axes and artists, once."""
        table, bars, cloud, curve = figure.subplots(1, 4, gridspec_kw=dict(
            left=0.045, right=0.985, bottom=0.17, top=0.79, wspace=0.33))
        self.headline = self.moving(figure.text(0.012, 0.93, "", fontsize=18, fontweight="bold"))
        self._build_table(table)
        self._build_bars(bars)
        self._build_cloud(cloud)
        self._build_curve(curve)

    def _build_table(self, ax):
        style.label(ax, "Who predicts whom", "neighbour $a$, sorted by digit",
                    "image $x$, sorted by digit")
        self.cells = style.Cells(ax)
        self.moving(self.cells.artist)
        self.cells.place(BLOCKS, BLOCKS)
        edges = np.searchsorted(self.digits, np.arange(11)) * BLOCKS / POINTS
        centres = (edges[:-1] + edges[1:] - 1) / 2
        ax.set_xticks(centres, range(10))
        ax.set_yticks(centres, range(10))
        ax.tick_params(length=0)

    def _build_bars(self, ax):
        style.label(ax, "How well, feature by feature", f"index $i$  (blue: the {self.d} in use)",
                    "squared singular value $s_i^2$")
        ax.set(xlim=(0.2, BARS + 0.8), ylim=(0, 1.02), xticks=[1, 10, 20, 30])
        self.bars = style.Bars(ax, np.arange(1, BARS + 1), 0.78)
        self.moving(self.bars.artist)
        self.bar_colors = [style.INPUT] * self.d + [style.GREY] * (BARS - self.d)

    def _build_cloud(self, ax):
        style.label(ax, "Best-predicted features", r"first, $\mu_1(x)$", r"second, $\mu_2(x)$")
        ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), xticks=[], yticks=[])
        colors = np.array(style.CLASSES)
        self.dots = self.moving(ax.scatter(*np.zeros((2, len(self.digits))), s=13,
                                           c=colors[self.digits], linewidths=0))
        self.leaders = self.moving(ax.plot([], [], color=style.INK, lw=0.8)[0])
        self.discs = self.moving(ax.scatter(*np.zeros((2, 10)), s=215, c="white",
                                            edgecolors=colors, linewidths=2.2))
        self.names = style.Labels(ax, 12)
        self.moving(self.names.artist)

    def _build_curve(self, ax):
        style.label(ax, "Naming unseen digits", "weak  ←  neighbours  →  strong",
                    f"error, from {self.labels} labels")
        at = np.arange(len(NEIGHBOURS))
        ax.fill_between(at, self.mean - self.spread, self.mean + self.spread, color=style.TASK,
                        alpha=0.22, lw=0)
        ax.plot(at, self.mean, "-o", color=style.TASK, ms=5)
        ax.set(xlim=(-0.6, len(at) - 0.4), ylim=(0, 1.02), yticks=[0, 0.5, 1])
        ax.set_yticklabels(["0 %", "50 %", "100 %"])
        shown = [i for i, k in enumerate(NEIGHBOURS) if k in (300, 100, 30, 10, 3, 1)]
        ax.set_xticks(shown, [NEIGHBOURS[i] for i in shown])
        high = self.mean > 2 * self.mean.min()
        weak, strong = np.argmin(high) - 0.5, len(at) - np.argmin(high[::-1]) - 0.5
        for low, top, text in ((-0.6, weak, "too weak"), (strong, len(at) - 0.4, "too strong")):
            ax.axvspan(low, top, color=style.SHADE, zorder=0)
            ax.text((low + top) / 2, 0.03, text, rotation=90, ha="center", va="bottom",
                    fontsize=11, color="#5F6368")
        self.ring = self.moving(ax.plot([], [], "o", ms=15, mfc="none", mec=style.CONTEXT, mew=3.2,
                                        clip_on=False)[0])
        self.here = self.moving(ax.text((weak + strong) / 2, 0.99, "", color=style.CONTEXT,
                                        fontweight="bold", ha="center", va="top"))

    def draw(self, frame):
        """Move everything to this frame."""
        k = frame.neighbours
        self.headline.set_text(_headline(k))
        self.cells.set(frame.ink, 0, 1)
        self.bars.set(frame.squared[:BARS], self.bar_colors)
        places = 0.85 * _filling(frame.features[:, :2])
        self.dots.set_offsets(places)
        means = np.array([places[self.digits == digit].mean(axis=0) for digit in range(10)])
        labels = style.spread(means, 0.24, edge=1.05)
        self.leaders.set_data(*_segments(means, labels))
        self.discs.set_offsets(labels)
        self.names.set("0123456789", labels)
        at, error = NEIGHBOURS.index(k), frame.errors.mean()
        self.ring.set_data([at], [error])
        self.here.set_text(f"you are here:\n{100 * error:.0f} % wrong")

    # ---- reading

    def numbers(self, frame):
        """Key numbers of one frame."""
        return {"neighbours": frame.neighbours, "s1_squared": float(frame.squared[0]),
                "chi2": float(frame.squared.sum()), "error": float(frame.errors.mean()),
                "lowest_error": float(self.mean.min())}

    def sentence(self, frame):
        """One line of words."""
        best = NEIGHBOURS[int(self.mean.argmin())]
        return (f"With {frame.neighbours} of {len(self.digits)} images as context: s₁² = "
                f"{frame.squared[0]:.3f}, and {100 * frame.errors.mean():.1f} % of the unseen "
                f"digits are named wrongly (lowest: {100 * self.mean.min():.1f} % with {best}).")


def _headline(k):
    if k == 1:
        return "Identical: every image predicts only itself"
    if k == POINTS:
        return "Independent: every image predicts all images alike"
    return f"Every image predicts its {k} nearest images"


def _neighbours(seen, unseen, k):
    """The context of the k nearest images, and P(a|x) at the unseen ones."""
    if k == len(seen):  # everybody: no search, and no dependence
        return cl.gallery.independent(k), np.full((len(unseen), k), 1 / k)
    context = cl.knn_context(seen, k)
    return context, context.conditional_at(unseen)


def _ink(context):
    """Shade of P(a|x), (BLOCKS, BLOCKS), on a log scale from uniform to certain."""
    rows = as_dense(context.conditional())
    side = len(rows) // BLOCKS
    mass = rows.reshape(BLOCKS, side, BLOCKS, side).sum(axis=(1, 3)) / side
    shade = 0.1 + 0.9 * np.log(np.maximum(mass * BLOCKS, 1)) / np.log(BLOCKS)
    return np.where(mass > 0, shade, 0)


def _filling(places):
    """Each coordinate moved and scaled to [-1, 1]; all zero where it does not vary."""
    low, high = places.min(axis=0), places.max(axis=0)
    half = (high - low) / 2
    return np.divide(places - (low + high) / 2, half, out=np.zeros_like(places), where=half > 1e-9)


def _segments(starts, ends):
    """X and y of line pieces from each start to its end, with breaks between."""
    gap = np.full(len(starts), np.nan)
    return (np.column_stack([starts[:, i], ends[:, i], gap]).ravel() for i in (0, 1))
