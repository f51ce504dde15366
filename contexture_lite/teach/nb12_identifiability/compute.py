"""Numbers of notebook 12's live picture: two walks of twelve levels, together or one at a time.

Every function is a product of two cosines, c_k(position) c_l(angle), with the value
r₁^{λ_k/λ₁} r₂^{λ_l/λ₁} if both factors step (w = ½ of one of them if one is redrawn each time,
and nobody says which). With n pairs it is estimated among the cosines up to the third.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh

from contexture_lite.identifiability import angle_variance

K, SHOWN, MAPS, SMOOTH = 12, 8, 3, 4
SAME, OWNED = 1e-9, 0.9  # strengths this close tie; the share of an estimated function's owner
DEGREES = np.array([(k, l) for k in range(K) for l in range(K)])[1:]  # noqa: E741
TIED = np.radians([0, 30, 60])  # angles of the rotations that are drawn in a tie
TOGETHER, ALONE = "together", "one at a time"


@dataclass(frozen=True)
class Step:
    """One setting: values (8,), shares (8, 2) of position and of angle, maps (3, 12, 12).

    The maps are the top three functions; in a tie, three of the rotations of the first two.
    """

    r1: float
    r2: float
    n: float
    mode: str
    values: np.ndarray
    shares: np.ndarray
    maps: np.ndarray
    first: tuple  # places of each factor's first function in the exact order, from 1
    wobble: float  # predicted standard deviation of the angle, in degrees; nan if not known

    @property
    def tied(self):
        """Whether the two factors are equally strong."""
        return abs(self.r1 - self.r2) < SAME

    @property
    def both(self):
        """Whether the exact first two functions are the two factors."""
        return sorted(self.first) == [1, 2] and not self.tied


def step_at(r1, r2, n, mode):
    """The `Step` of one setting."""
    values = exact_values(r1, r2, mode)
    order = np.argsort(-values, kind="stable")
    first = tuple(1 + int((values > values[pure] + SAME).sum()) for pure in (K - 1, 0))
    if np.isfinite(n):
        values, functions = estimated(r1, r2, int(n), mode)
    else:
        values, functions = values[order[:SHOWN]], np.eye(len(order))[:, order[:SHOWN]]
    squares, drawn = functions**2, functions[:, :MAPS]
    shares = np.stack([squares[DEGREES[:, 1] == 0].sum(0), squares[DEGREES[:, 0] == 0].sum(0)], 1)
    if np.isinf(n):  # of a repeated value only the span is there
        same = np.abs(np.subtract.outer(values, values)) < SAME
        shares = same @ shares / same.sum(axis=1, keepdims=True)
        if abs(r1 - r2) < SAME:
            drawn = np.eye(len(order))[:, [K - 1, 0]] @ [np.cos(TIED), np.sin(TIED)]
    return Step(r1, r2, n, mode, values, shares, _maps(drawn), first, wobble(r1, r2, n, mode))


def exact_values(r1, r2, mode):
    """The values of all 143 products of cosines, in the order of `DEGREES`."""
    one, two = (r ** powers() for r in (r1, r2))
    if mode == TOGETHER:
        return np.outer(one, two).ravel()[1:]
    alone = np.zeros((K, K))
    alone[:, 0], alone[0] = one / 2, two / 2
    return alone.ravel()[1:]


@lru_cache(maxsize=1)
def powers():
    """λ_k / λ₁ for k = 0 … 11."""
    return (1 - np.cos(np.pi * np.arange(K) / K)) / (1 - np.cos(np.pi / K))


@lru_cache(maxsize=1)
def cosines():
    """c_k at the twelve levels, (12, 12), orthonormal on average."""
    c = np.sqrt(2) * np.cos(np.pi * np.outer(np.arange(K) + 0.5, np.arange(K)) / K)
    c[:, 0] = 1
    return c


def wobble(r1, r2, n, mode):
    """Predicted standard deviation of the first function's angle, in degrees, for both together."""
    if np.isinf(n) or mode == ALONE:
        return 0.0 if np.isinf(n) else np.nan
    values = max(r1, r2), min(r1, r2)
    return float(np.degrees(np.sqrt(angle_variance(values, int(n), symmetric=True))))


@lru_cache(maxsize=256)
def estimated(r1, r2, n, mode):
    """(values (8,), functions (143, 8)) from n drawn pairs, taken both ways.

    Among products of cosines up to the third; a function is given by its coefficients, made
    orthonormal under the drawn points.
    """
    rng = np.random.default_rng(n)
    tables = [(1 + (c := cosines()[:, 1:]) * r ** powers()[1:] @ c.T) / K**2 for r in (r1, r2)]
    if mode == TOGETHER:
        chances = np.kron(*tables)
    else:
        chances = (np.kron(tables[0], np.full((K, K), 1 / K**2))
                   + np.kron(np.full((K, K), 1 / K**2), tables[1])) / 2
    chances = np.maximum(chances.ravel(), 0)
    pairs = rng.multinomial(n, chances / chances.sum()).reshape(K**2, K**2) / n
    pairs = (pairs + pairs.T) / 2
    smooth = np.flatnonzero((DEGREES < SMOOTH).all(axis=1))
    c = np.kron(cosines(), cosines())[:, 1:][:, smooth]
    p = pairs.sum(axis=1)
    c_mean = c - p @ c
    values, vectors = eigh(c_mean.T @ pairs @ c_mean, c_mean.T @ (p[:, None] * c_mean))
    functions = np.zeros((len(DEGREES), SHOWN))
    functions[smooth] = vectors[:, ::-1][:, :SHOWN]
    functions /= np.sqrt((functions**2).sum(axis=0))
    leading = functions[np.abs(functions).argmax(axis=0), np.arange(SHOWN)]
    return np.maximum(values[::-1][:SHOWN], 0), functions * np.sign(leading)


def _maps(combination):
    """Functions as tables (k, angle, position)."""
    c = cosines()
    full = np.vstack([np.zeros(combination.shape[1]), combination]).T.reshape(-1, K, K)
    return (c @ full @ c.T).transpose(0, 2, 1)


def simulated_angles(values, n, replicates=1500, seed=0):
    """Angle (replicates,) of the first function from n pairs, two factors of ±1; pooled both ways.

    A pair (x₁, x₂, a₁, a₂) has E x_j a_j = s_j: 16 cells, whose counts are drawn.
    """
    cells = np.indices((2, 2, 2, 2)).reshape(4, -1).T * 2.0 - 1
    chances = np.prod(1 + cells[:, :2] * cells[:, 2:] * values, axis=1) / 16
    angles = []
    for share in np.random.default_rng(seed).multinomial(n, chances, size=replicates) / n:
        mean = share @ cells
        S = cells.T @ (cells * share[:, None]) - np.outer(mean, mean)
        w = eigh(S[:2, 2:] + S[2:, :2], S[:2, :2] + S[2:, 2:])[1][:, -1]
        angles.append(np.arctan(w[1] / w[0]))
    return np.array(angles)
