"""The contexts that come back in every notebook, each as a function of its strength.

Strength runs over [0, 1] in every explorer. Some members do not reach an end: where a
column of the table would be empty (nothing erased, everything masked), or the Gaussian
pair's nodes too coarse, the nearest strength they do reach is taken, so that the table
keeps its shape while the slider moves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

import contexture_lite as cl
from contexture_lite import gallery

GRID = np.round(np.arange(51) / 50, 2)  # the steps of every strength slider


@dataclass(frozen=True)
class Member:
    """One of the cast: ``family(strength)`` gives the context, from ``low`` to ``high``.

    ``layout`` says how to draw functions of X: "bars" (unordered inputs), "loop" (inputs
    on a closed line) or "curve" (inputs on the real line; those beyond ±3.2 carry next
    to no mass and are left out of pictures).
    """

    family: Callable
    layout: str = "bars"
    low: float = 0.0
    high: float = 1.0

    def strength(self, wanted):
        """The nearest strength this member reaches."""
        return float(np.clip(wanted, self.low, self.high))

    def build(self, strength):
        """The context at this strength; made once, since a Context cannot be changed."""
        return _made(self.family, self.strength(strength))

    def shown(self, labels):
        """Positions of the inputs (or context values) that a picture shows."""
        if self.layout != "curve":
            return np.arange(len(labels))
        return np.flatnonzero(np.abs(np.asarray(labels, dtype=float)) < 3.2)

    def ticks(self, labels, room=28):
        """Places and texts of ticks for those that are shown."""
        return ticks([labels[i] for i in self.shown(labels)], room)


@lru_cache(maxsize=1024)
def _made(family, strength):
    return family(strength)


CAST = {
    "binary channel": Member(gallery.binary_channel),
    "four letters": Member(lambda s: gallery.symmetric_channel(s, 4)),
    "erasure": Member(lambda s: gallery.erasure(s, 4), low=0.01, high=0.99),
    "clusters": Member(lambda s: gallery.clusters(s, 3, 3)),
    "binary tree": Member(gallery.binary_tree),
    "cycle walk": Member(lambda s: gallery.cycle_walk(s, 12), "loop"),
    "hypercube": Member(lambda s: gallery.hypercube(s, 3)),
    "masked tokens": Member(lambda s: gallery.masked_tokens(s, 3, 2), low=0.01, high=0.99),
    "Gaussian pair": Member(gallery.gaussian_pair, "curve", high=0.95),
}


@cache
def systems(name):
    """Singular systems along GRID, signs and repeated values aligned with the step before.

    So a small step of the slider changes a picture little, and the picture depends on the
    setting alone, not on how the slider got there.
    """
    chain = []
    for strength in GRID:
        system = cl.singular_system(CAST[name].build(strength))
        chain.append(system.aligned_with(chain[-1]) if chain else system)
    return tuple(chain)


def system_at(name, strength):
    """The singular system of a member at any strength, aligned as in `systems`."""
    step = int(np.argmin(np.abs(GRID - strength)))
    near = systems(name)[step]
    if np.isclose(GRID[step], strength):
        return near
    return cl.singular_system(CAST[name].build(strength)).aligned_with(near)


@cache
def largest_cell(name):
    """The largest probability in any table of this member, the scale of its picture."""
    return max(float(CAST[name].build(strength).joint.max()) for strength in GRID)


def ticks(labels, room=28):
    """Places and texts of ticks for values with these labels, at most ``room`` letters."""
    count = len(labels)
    if all(isinstance(label, float) for label in labels):  # numbers on a line
        whole = np.arange(np.ceil(min(labels)), np.floor(max(labels)) + 1)
        whole = whole[whole % -(-3 * len(whole) // room) == 0]
        names = [f"{w:.0f}".replace("-", "−") for w in whole]
        return np.interp(whole, labels, np.arange(count)), names
    longest = max(len(str(label)) for label in labels)
    every = -(-count * (longest + 1) // room)
    places = np.arange(0, count, every)
    return places, [str(labels[i]) for i in places]
