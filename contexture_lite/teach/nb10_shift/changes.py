"""Changes that leave a digit what it is: an image moved, stretched, blurred, darker or lighter.

Each takes rows of 64 pixels, grey from 0 to 1, to such rows.
"""

from functools import reduce

import numpy as np
from scipy.ndimage import affine_transform, gaussian_filter, shift

from contexture_lite.teach.nb10_shift.data import SIDE


def on_images(change):
    """The change of a stack of images as one of rows of 64 pixels, grey kept within 0 and 1."""
    return lambda X: np.clip(change(X.reshape(-1, SIDE, SIDE)), 0, 1).reshape(len(X), -1)


def moved(down, right):
    """By so many pixels, grey between them shared out."""
    return on_images(lambda images: shift(images, (0, down, right), order=1))


def stretched(tall, wide):
    """So many times as tall and as wide, about the middle of the image."""
    scale, middle = np.array([1, 1 / tall, 1 / wide]), (SIDE - 1) / 2
    offset = middle * (1 - scale) * [0, 1, 1]
    return on_images(lambda images: affine_transform(images, scale, offset, order=1))


def one_after_another(*changes):
    """All of them, the first one first; of none, nothing is changed."""
    return lambda X: reduce(lambda X, change: change(X), changes, X)


MOVED = [moved(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
BLURRED = [on_images(lambda images, s=s: gaussian_filter(images, (0, s, s)))
           for s in (0.01, 0.5, 0.8)]
CONTRAST = [lambda X, power=power: X**power for power in (0.4, 0.7, 1, 1.4)]
STRETCHED = [stretched(tall, wide) for tall in (0.85, 1, 1.2) for wide in (0.85, 1, 1.2)]
ALL = [one_after_another(move, stretch, contrast)
       for move, stretch in zip(MOVED, STRETCHED[::2] * 2) for contrast in CONTRAST[::2]]
ALL.append(one_after_another())  # nothing: so every image is a neighbour of one, its own
CHANGES = {"blurred": BLURRED, "contrast changed": CONTRAST, "moved by a pixel": MOVED,
           "stretched": STRETCHED, "moved, stretched, contrast": ALL}
