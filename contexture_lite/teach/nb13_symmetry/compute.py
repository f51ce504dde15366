"""Numbers of notebook 13's live picture: digits at sixteen places of a circle.

X is a digit at a place, A one of the digit's nearest neighbours, moved by up to ±w places. The
singular values are the products s_i(K) |ν̂(k)| of those of the neighbours and those of the moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets

PLACES, DIGITS = 16, 400
NEIGHBOURS = (4, 6, 8, 10, 15, 20, 30, 60)
MODES, LARGEST = 64, 40  # of the content that are kept; products shown
WINDOWS = range(PLACES // 2 + 1)  # 8: anywhere
KINDS = ("what", "where", "both")
SAME = 1e-9
ANCHORS = np.column_stack([np.sin(np.arange(10) * np.pi / 5), np.cos(np.arange(10) * np.pi / 5)])
SIDE = np.where(np.arange(PLACES) < PLACES // 2, 1.0, -1.0)  # left or right half of the circle


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    w: int
    d: int
    values: np.ndarray  # (LARGEST,) the largest products
    kinds: np.ndarray  # (LARGEST,) positions in KINDS
    counts: tuple  # of each kind among the first d
    first: float  # |ν̂(1)|
    errors: dict  # task: error along w
    centres: np.ndarray  # (10, 2) where a linear probe on the features about what puts ten images
    radius: float  # of the ring of its sixteen places
    cut: bool  # whether d cuts through a repeated value


def step_at(w, neighbours, d):
    """The `Step` of one setting."""
    content = _content(neighbours)
    orders = {width: _ordered(neighbours, width) for width in WINDOWS}
    i, k, values = orders[w]
    errors = {task: np.array([1 - energy[orders[v][0][:d], orders[v][1][:d]].sum()
                              for v in WINDOWS]) for task, energy in content.energies.items()}
    kinds = np.where(k == 0, 0, np.where(i == 0, 1, 2))
    inside = set(zip(i[:d].tolist(), k[:d].tolist()))
    return Step(w, d, values[:LARGEST], kinds[:LARGEST],
                tuple(int((kinds[:d] == kind).sum()) for kind in range(3)), waves(w)[1],
                errors, content.centres[(kinds[:d] == 0).sum()],
                waves(w)[1] * ({(0, 1), (0, PLACES - 1)} <= inside),
                bool(values[d - 1] - values[d] < SAME))


@cache
def waves(w):
    """|ν̂(k)| of a uniform move by −w … w places; by any number if w is half of them: (16,)."""
    window = np.zeros(PLACES)
    window[np.arange(-w, w + 1) if w < PLACES // 2 else slice(None)] = 1
    return np.abs(np.fft.fft(window / window.sum()))


@dataclass(frozen=True)
class _Content:
    values: np.ndarray  # (MODES + 1,) the constant's 1 first
    energies: dict  # task: (MODES + 1, PLACES), its share in each product mode
    centres: np.ndarray  # (MODES + 1, 10, 2) from so many of the content's functions


@cache
def _content(neighbours):
    """The context of nearest neighbours among the first 400 digits."""
    digits = datasets.digits()
    X, y = digits.X[:DIGITS], digits.y[:DIGITS]
    system = cl.singular_system(cl.knn_context(X, neighbours))
    classes = np.eye(10)[y] - np.bincount(y, minlength=10) / DIGITS
    energy = np.square(system.left.T @ classes / DIGITS).sum(axis=1)
    for run in system.groups():  # inside a repeated value any order is as good: equal shares
        energy[run] = energy[run].mean()
    energy = np.append(0, energy / (classes**2).mean(axis=0).sum())[:MODES + 1]
    nothing, alone = np.eye(PLACES)[0], np.eye(MODES + 1)[0]
    wave = np.isin(np.arange(PLACES), (1, PLACES - 1)) / 2
    side = np.abs(np.fft.fft(SIDE)) ** 2 / PLACES**2
    energies = {"what": np.outer(energy, nothing), "where": np.outer(alone, wave),
                "side": np.outer(alone, side), "what on which side": np.outer(energy, side)}
    shown = [int(np.flatnonzero(y == digit)[0]) for digit in range(10)]
    weights = system.left.T @ (classes @ ANCHORS) / DIGITS  # of a probe
    steps = system.left[shown].T[:MODES, :, None] * weights[:MODES, None]
    centres = np.concatenate([np.zeros((1, 10, 2)), np.cumsum(steps, axis=0)])
    return _Content(np.append(1, system.values)[:MODES + 1], energies, centres)


@cache
def _ordered(neighbours, w):
    """(i, k, value) of the product modes but the constant, the largest first.

    Repeated values come in a fixed order: content, then places, then both, slow waves first.
    """
    products = np.round(np.multiply.outer(_content(neighbours).values, waves(w)), 12)
    i, k = np.indices(products.shape).reshape(2, -1)[:, 1:]
    wave = np.minimum(k, PLACES - k)
    kind = np.where(k == 0, 0, np.where(i == 0, 1, 2))
    order = np.lexsort((k, i, wave, kind, -products[i, k]))
    return i[order], k[order], products[i, k][order]
