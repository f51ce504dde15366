"""The opening picture: one slider from independent to identical, on real digits."""

import numpy as np

from contexture_lite.teach.nb00_start.pairs import BARS, NEIGHBOURS, POINTS, digits_479, frames
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, steps

D = 2  # features in use: what three kinds of digits need


class StoryExplorer(Explorer):
    """How strong should the association of an image with its neighbours be?

    The context A of a handwritten 4, 7 or 9 is a random one of its k nearest images (itself
    included). k = 300 of 300 makes A independent of X, k = 1 makes it identical; both ends
    teach nothing. Three panels follow one slider: the error of a linear probe on two features
    at the images without a label, from three labels of each digit, averaged over samples of
    pairs and draws of labels; the squared singular values estimated from 3,000 sampled pairs;
    and the two best-predicted features themselves.

    Keys of `values`: ``neighbours``, ``s2_squared``, ``s3_squared``, ``error`` and
    ``lowest_error``.
    """

    alt = (
        "Error of a probe along the strength of the association, high at both ends.",
        "Squared singular values of the sampled pairs as bars; in between two stand out.",
        "Every image at its two best-predicted features; in between 4, 7 and 9 are three clouds.",
    )
    height = 2.5
    frozen = {"neighbours": NEIGHBOURS}

    def __init__(self):
        _, self.digit = digits_479()
        self.frames = frames()
        self.mean = np.array([frame.errors.mean() for frame in self.frames.values()])
        super().__init__()

    def make_controls(self):
        names = {POINTS: f"{POINTS} of {POINTS}: independent", 1: "1: identical"}
        options = [(names.get(k, str(k)), k) for k in NEIGHBOURS]
        return {"neighbours": steps("Association: neighbours per image", options, 80)}

    def compute(self, neighbours):
        return self.frames[neighbours]

    def build(self, figure):
        curve, bars, cloud = (style.axes(panel, left, bottom=0.22, top=0.87)
                              for panel, left in zip(figure.subfigs, (0.26, 0.2, 0.12)))
        self._build_curve(curve)
        style.label(bars, "Singular values, squared", f"index $i$  (blue: the {D} in use)",
                    "its square, $s_i^2$")
        bars.set(xlim=(0.2, BARS + 0.8), ylim=(0, 1.02), yticks=[0, 0.5, 1],
                 xticks=[1, 2, 3, 6, 9, 12])
        self.bars = self.moving(artists.Bars(bars, np.arange(1, BARS + 1), 0.78))
        self._build_cloud(cloud)

    def _build_cloud(self, ax):
        style.label(ax, "Where each image goes", r"best predicted, $\mu_1(x)$",
                    r"second best, $\mu_2(x)$")
        ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[])
        colors = np.array(style.CLASSES)
        self.dots = self.moving(ax.scatter(*np.zeros((2, POINTS)), s=16, c=colors[self.digit],
                                           linewidths=0))
        self.kinds = np.unique(self.digit)
        self.discs = self.moving(ax.scatter(*np.zeros((2, len(self.kinds))), s=260, c="white",
                                            edgecolors=colors[self.kinds], linewidths=2.4))
        self.names = self.moving(artists.Labels(ax, 13))

    def _build_curve(self, ax):
        style.label(ax, "Classifying the others", "weak  ←  neighbours  →  strong", "error in %")
        at = np.arange(len(NEIGHBOURS))
        ax.axhline(2 / 3, color=style.GREY, lw=1.5, ls="--")
        ax.plot(at, self.mean, "-o", color=style.TASK, ms=5)
        ax.set(xlim=(-0.6, len(at) - 0.4), ylim=(0, 1.02), yticks=[0, 0.25, 0.5, 2 / 3, 1],
               yticklabels=["0", "25", "50", "guess", "100"])
        shown = [i for i, k in enumerate(NEIGHBOURS) if k in (300, 150, 80, 30, 10, 4, 1)]
        ax.set_xticks(shown, [NEIGHBOURS[i] for i in shown])
        high = self.mean > 2 * self.mean.min()
        weak, strong = np.argmin(high) - 0.5, len(at) - np.argmin(high[::-1]) - 0.5
        for low, top, text in ((-0.6, weak, "too\nweak"), (strong, len(at) - 0.4, "too\nstrong")):
            ax.axvspan(low, top, color=style.SHADE, zorder=0)
            ax.text((low + top) / 2, 0.72, text, ha="center", va="bottom", color="#5F6368")
        self.ring = self.moving(artists.ring(ax, 15))
        self.here = self.moving(ax.text((weak + strong) / 2, 0.99, "", color=style.CONTEXT,
                                        fontweight="bold", ha="center", va="top"))

    def draw(self, frame):
        self.bars.set_spectrum(frame.squared, D)
        low, high = frame.features.min(axis=0), frame.features.max(axis=0)
        places = np.zeros_like(frame.features)  # or scaled to ±0.9, where something varies
        np.divide(1.8 * frame.features - 0.9 * (low + high), high - low, out=places,
                  where=high - low > 2e-9)
        self.dots.set_offsets(places)
        means = np.array([places[self.digit == kind].mean(axis=0) for kind in self.kinds])
        labels = artists.spread(means, 0.26, edge=1.05)
        self.discs.set_offsets(labels)
        self.names.set([str(kind) for kind in self.kinds], labels)
        self.ring.set_data([NEIGHBOURS.index(frame.neighbours)], [frame.errors.mean()])
        self.here.set_text(f"you are here:\n{100 * frame.errors.mean():.0f} % wrong")

    def headline(self, frame):
        if frame.neighbours == 1:
            return "Identical: every image predicts only itself"
        if frame.neighbours == POINTS:
            return "Independent: every image predicts all images alike"
        return f"The context of an image: one of its {frame.neighbours} nearest images"

    def numbers(self, frame):
        return {"neighbours": frame.neighbours, "s2_squared": float(frame.squared[1]),
                "s3_squared": float(frame.squared[2]), "error": float(frame.errors.mean()),
                "lowest_error": float(self.mean.min())}

    def sentence(self, frame):
        return (f"With {frame.neighbours} of {POINTS} images as context the second bar is "
                f"{frame.squared[1]:.2f} and the third {frame.squared[2]:.2f}; from two features "
                f"and three labels of each digit, {100 * frame.errors.mean():.0f} % of the other "
                "images are misclassified (guessing: 67 %).")
