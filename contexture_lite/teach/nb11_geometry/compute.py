"""Numbers of notebook 11's live picture: the best encoder of a symmetric context, on a ball."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from contexture_lite import gallery, geometry

CONTEXTS = {"ring of 12": partial(gallery.cycle_walk, n=12),
            "cube of 3 bits": partial(gallery.hypercube, n_bits=3),
            "3 clusters of 4": partial(gallery.clusters, n_clusters=3, size=4)}
LOSSES = "InfoNCE", "alignment + w · uniformity", "alignment only", "uniformity only"
TEMPERATURES = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5,
                10, 20)
WEIGHTS = (0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 30, 100, 1000)
MOST = 8  # frequencies, the constant included
LEAST_WEIGHT, ALL_WEIGHT = 1e-9, 1e9  # of uniformity, where there is one loss only
# where the horizontal coordinates lie on the ball: two as they are, a third one oblique
PLANE = np.array([[1, 0], [0, 1], [0.35, 0.25]])


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    context: str
    loss: str
    level: float  # τ, or w
    critical: float  # τ_c
    points: np.ndarray  # (M, 3): two horizontal coordinates and the height
    weights: np.ndarray
    eigenvalues: np.ndarray
    mean_cosine: float
    rank: int
    alignment: float
    uniformity: float
    wall: float  # least alignment of a centred encoder
    sweep: np.ndarray  # (k, 2): alignment and uniformity along the temperature


@lru_cache(maxsize=64)
def known(name, strength):
    """(context, τ_c, alignment and uniformity along the temperature) of one context."""
    context = CONTEXTS[name](strength)
    critical = geometry.critical_temperature(context)
    start = min(max(critical, TEMPERATURES[0]), TEMPERATURES[-1])
    best = geometry.contrastive_optimum(context, start)
    # below τ_c the same points shrink towards the pole
    flat, own = best.features[:, int(best.weights[0] > 0):], 1 - best.mean_cosine
    shrunk = [np.c_[np.full(len(flat), np.sqrt(1 - part * own)), np.sqrt(part) * flat]
              for part in (np.linspace(0, 1, 9) if critical > 0 else [])]
    hotter = [geometry.contrastive_optimum(context, t).features
              for t in np.geomspace(start, TEMPERATURES[-1], 6)[int(critical > 0):]]
    return context, critical, np.array([numbers(context, f) for f in shrunk + hotter])


def numbers(context, f):
    """Alignment and uniformity (t = 2)."""
    return geometry.alignment_loss(context, f), geometry.uniformity(f)


def step_at(name, strength, loss, place):
    """The `Step` of one setting; ``place`` is a position in `TEMPERATURES` or `WEIGHTS`."""
    context, critical, sweep = known(name, strength)
    level = (TEMPERATURES if loss == LOSSES[0] else WEIGHTS)[place]
    if loss == LOSSES[0]:
        best = geometry.contrastive_optimum(context, level)
    else:
        weight = {LOSSES[2]: LEAST_WEIGHT, LOSSES[3]: ALL_WEIGHT}.get(loss, level)
        best = geometry.uniform_optimum(context, weight)
    return Step(name, loss, level, critical, on_ball(context, best), best.weights,
                best.eigenvalues, best.mean_cosine, best.rank, *numbers(context, best.features),
                2 * (1 - best.eigenvalues[1]), sweep)


def on_ball(context, best):
    """(M, 3): the functions of the largest λ lie flat, the constant is the height."""
    used = np.repeat(best.weights > 0, best.multiplicities)
    every = np.zeros((context.shape[1], len(used)))
    every[:, used] = best.features
    leading = every[:, 1: 3 if best.multiplicities[1] == 2 else 4]
    return np.c_[leading @ PLANE[: leading.shape[1]], every[:, 0]]
