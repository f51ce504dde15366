"""A shift of the inputs that a reader can see: handwritten digits from two sources.

MNIST's images are resampled to the 8 × 8 pixels of scikit-learn's digits, on one scale of grey.
What is learnt on the first is tried on the second.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from contexture_lite import datasets
from contexture_lite._checks import as_count, read_only
from contexture_lite.teach.pictures import style

SIDE = 8
HELD_OUT_SHARE = 0.3  # of the baselines


@lru_cache(maxsize=1)  # reading MNIST takes seconds
def domains():
    """(source, target): 5,000 images of MNIST and the 1,797 of scikit-learn, grey from 0 to 1.

    Two `contexture_lite.datasets.Dataset` of 64 columns. An image of MNIST is a box of
    20 × 20 pixels in a margin of 4; the margin is cut off, and each of the 8 × 8 new pixels is the
    mean of the area that it covers. The other images were made from 32 × 32 black and white
    ones by counting, so they fill their box in height, and strokes are bolder.
    """
    mnist, digits = datasets.load("mnist"), datasets.digits()
    boxes = mnist.X.reshape(-1, 28, 28)[:, 4:24, 4:24] / 255
    area = _area(20, SIDE)
    small = (area @ boxes @ area.T).reshape(-1, SIDE * SIDE)
    source = datasets.Dataset(small, mnist.y, digits.names,
                              mnist.source + ", resampled to 8 × 8", mnist.licence)
    target = datasets.Dataset(digits.X / 16, digits.y, digits.names, digits.source,
                              digits.licence)
    for data in (source, target):
        read_only(data.X)  # the next caller gets the same
    return source, target


def _area(old, new):
    """(new, old) table of shares: new pixel i is the mean of the old ones that it covers."""
    edges, pixel = np.linspace(0, old, new + 1), np.arange(old)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return np.clip(covered, 0, None) * new / old


def baselines(seed=0):
    """Accuracy of logistic regression and 5-NN on held-out MNIST and on scikit-learn's digits.

    Trained on 70 % of the resampled MNIST, stratified; scikit-learn's settings. A DataFrame:
    models × ("held-out MNIST", "digits").
    """
    seed = as_count("seed", seed, least=0)
    source, target = domains()
    X, X_test, y, y_test = train_test_split(source.X, source.y, test_size=HELD_OUT_SHARE,
                                            random_state=seed, stratify=source.y)
    models = {"logistic regression": LogisticRegression(max_iter=2000),
              "5 nearest neighbours": KNeighborsClassifier(5)}
    return pd.DataFrame({name: {"held-out MNIST": model.fit(X, y).score(X_test, y_test),
                                "digits": model.score(target.X, target.y)}
                         for name, model in models.items()}).T


def picture(seed=0):
    """Each digit from both sources, drawn at random: rows of images."""
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    fig = style.row(2, height=1.75)
    with style.settings():
        axes = [panel.subplots(2, 5, gridspec_kw=dict(left=0.02, right=0.98, bottom=0.02, top=0.83,
                                                      wspace=0.08, hspace=0.08)).ravel()
                for panel in fig.subfigs]
    for row, data, name in zip(axes, domains(), ("MNIST, resampled", "scikit-learn's digits")):
        style.label(row[0], name)
        for digit, ax in enumerate(row):
            style.bare(ax)
            image = data.X[rng.choice(np.flatnonzero(data.y == digit))]
            ax.imshow(image.reshape(SIDE, SIDE), cmap="Greys", vmin=0, vmax=1)
    means = [data.X.mean() for data in domains()]
    return style.Picture(fig, "The digits 0 to 9 at 8 × 8 pixels, left from MNIST, right from "
                         "scikit-learn: bolder, and as tall as their box; mean grey "
                         f"{means[0]:.3f} left, {means[1]:.3f} right.")
