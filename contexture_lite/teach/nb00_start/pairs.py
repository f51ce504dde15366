"""What the opening picture is made of: digits, pairs drawn from neighbours, and a probe."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

import contexture_lite as cl
from contexture_lite.probes import ROUNDING

NEIGHBOURS = (300, 250, 200, 150, 120, 100, 80, 60, 45, 30, 20, 15, 10, 7, 5, 4, 3, 2, 1)
POINTS = 300
PAIRS = 10  # drawn for every image: 3,000 in all
SAMPLES = 6  # of the pairs; the error is their mean
LABELS, DRAWS = 3, 20  # labelled images of each kind, and how often they are drawn
BARS = 12


@dataclass(frozen=True)
class Frame:
    """What is learned from the neighbours at one position of the slider."""

    neighbours: int
    squared: np.ndarray  # (BARS,) s_i² of the first sample of pairs
    features: np.ndarray  # (POINTS, 2) μ_1 and μ_2 of the same
    errors: np.ndarray  # (SAMPLES,) share misclassified, each the mean of DRAWS draws of labels


@cache
def digits_479(kinds=(4, 7, 9)):
    """(pixels, digit): the first 300 images of three digits that are easily confused."""
    digits = cl.datasets.digits()
    chosen = np.flatnonzero(np.isin(digits.y, kinds))[:POINTS]
    return digits.X[chosen], digits.y[chosen].astype(int)


def two_tasks(kinds=(4, 7, 9), each=100):
    """(digit, darkness) of 300 images, a hundred of each digit and of each of three shades.

    ``darkness`` is 0 for the third with the least ink, 2 for the third with the most.
    """
    digits = cl.datasets.digits()
    chosen = np.concatenate([np.flatnonzero(digits.y == kind)[:each] for kind in kinds])
    darkness = np.argsort(np.argsort(digits.X[chosen].sum(axis=1), kind="stable")) // each
    return digits.y[chosen].astype(int), darkness


@cache
def nearest(kinds=(4, 7, 9)):
    """(300, 300): of every image all images, the nearest first, itself in front."""
    pixels, _ = digits_479(kinds)
    squares = ((pixels[:, None] - pixels) ** 2).sum(axis=2)
    return squares.argsort(axis=1, kind="stable")


def drawn_pairs(neighbours, seed=0, kinds=(4, 7, 9)):
    """Counts of 3,000 pairs (image, one of its nearest images), without columns never drawn.

    For every image ten times one of its ``neighbours`` nearest, itself included. From pairs a
    learner knows the table; it never sees which images are near.
    """
    places = np.random.default_rng(seed).integers(0, neighbours, (POINTS, PAIRS))
    rows, counts = np.arange(POINTS)[:, None], np.zeros((POINTS, POINTS))
    np.add.at(counts, (rows, nearest(kinds)[rows, places]), 1)
    return counts[:, counts.any(axis=0)]


def probe_errors(features, task, labels=LABELS, draws=DRAWS):
    """Share of the other inputs that a linear probe misclassifies, one number a draw.

    ``labels`` random inputs of each class get their label; least squares on one-hot classes
    answers with the largest output. What the labelled differ in by rounding only is no feature.
    """
    classes, kind = np.unique(task, return_inverse=True)
    design, errors = np.column_stack([np.ones(len(kind)), features]), []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        known = np.concatenate([rng.choice(np.flatnonzero(kind == c), labels, replace=False)
                                for c in range(len(classes))])
        targets = np.eye(len(classes))[kind[known]]
        weights = np.linalg.lstsq(design[known], targets, rcond=ROUNDING)[0]
        outputs = (design @ weights).round(9)  # if equal but for rounding: the first
        errors.append(np.delete(outputs.argmax(axis=1) != kind, known).mean())
    return np.array(errors)


def learned(neighbours, *, kinds=(4, 7, 9), labels=LABELS, samples=SAMPLES):
    """The `Frame`: two features from each sample of pairs, and what they are worth."""
    _, digit = digits_479(kinds)
    systems = [cl.singular_system(cl.Context.from_counts(drawn_pairs(neighbours, seed, kinds)))
               for seed in range(samples)]
    errors = [probe_errors(system.left[:, :2], digit, labels).mean() for system in systems]
    first = systems[0]
    return Frame(neighbours, first.values[:BARS] ** 2, first.left[:, :2], np.array(errors))


@cache
def frames():
    """{number of neighbours: `Frame`} for every position of the slider."""
    story = [learned(k) for k in NEIGHBOURS]
    for before, frame in pairwise(story):  # the sign nearest to the frame before
        frame.features[:] *= np.where((frame.features * before.features).sum(axis=0) < 0, -1, 1)
    return dict(zip(NEIGHBOURS, story))
