"""What objectives share: losses as sums over all pairs, and two claims from one row of a table.

The losses are written as the course writes them, over pairs and never over moments. ``pairs``
is the distribution of a pair as a table (n, m) that sums to 1: the joint itself for (X, A),
`views` for two views of one input, a symmetric joint for the edges of a graph. The minimum
comes from the singular system. The rows are in `supervised`, `contrastive`, `noncontrastive`
(notebook 04) and `extraction` (05).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.registry import Sides
from contexture_lite.spectrum import singular_system


def squared_distance(pairs, f, g):
    """E ‖f − g‖² over the pairs."""
    return np.sum(pairs * cdist(f, g, "sqeuclidean"))


def low_rank(pairs, f, g):
    """−2 E⟨f, g⟩ over the pairs + E⟨f, g⟩² over independent draws, not centred."""
    p, q = pairs.sum(axis=1), pairs.sum(axis=0)
    products = f @ g.T
    return -2 * np.sum(pairs * products) + p @ products**2 @ q


def centred_low_rank(pairs, f, g):
    """The same of f − E f and g − E g."""
    p, q = pairs.sum(axis=1), pairs.sum(axis=0)
    return low_rank(pairs, by_hand.centred(p, f), by_hand.centred(q, g))


def info_nce(pairs, critic):
    """−E f(x, a) over the pairs + E_x log E_a e^f over independent a, for a critic f (n, m)."""
    p, q = pairs.sum(axis=1), pairs.sum(axis=0)
    met = pairs > 0
    return -np.sum(pairs[met] * critic[met]) + p @ logsumexp(critic, axis=1, b=q)


def both_views(context, psi):
    """One encoder for both views."""
    return psi, psi


def whitened_alone(context, phi):
    """Φ whitened, for a loss of one encoder."""
    return (by_hand.whitened(by_hand.table(context)[1], phi),)


@dataclass(frozen=True)
class Row:
    """An objective whose minimum is known: two claims, that it is attained and is the least.

    ``loss``, ``minimum`` and ``where`` are LaTeX: the loss, its smallest value, and what
    the symbols mean; ``source`` is the lesson's unless given. ``of(context, *encoders)`` is
    the loss by brute force; ``best(context, modes)`` gives encoders that attain the minimum
    ``least(context, s)``, from the top d modes (s, μ, ν); ``completed(context, encoder)`` gives
    an encoder what the loss optimises with it, in words ``completion``: a head, whitening, a
    second encoder.
    """

    name: str
    learns: str
    loss: str
    minimum: str
    attained: str
    encodes: str
    of: Callable
    best: Callable
    least: Callable
    where: str = ""
    source: str = ""
    completed: Callable = both_views
    completion: str = ""
    needs: tuple = (HAS_MODE,)


def register(claim, row):
    """The two claims of a row."""

    def minimum(context, d=None):
        """The loss at the exact minimiser = the stated minimum."""
        modes = by_hand.top_modes(context, given.dimension(context, d))
        return Sides(row.of(context, *row.best(context, modes)), row.least(context, modes[0]))

    def bound(context, d=None):
        """The stated minimum ≤ the loss of a random encoder."""
        encoder = given.encoder_on(context, row.encodes, d)
        loss = row.of(context, *row.completed(context, encoder))
        values = singular_system(context, encoder.shape[1]).values
        return Sides(row.least(context, values), loss, relation="<=")

    slug = row.name.lower().replace(",", "").replace(" ", "-")
    title = row.name[0].upper() + row.name[1:]
    known = {"needs": row.needs} | ({"source": row.source} if row.source else {})
    claim(
        f"minimum-{slug}",
        f"{title}: {row.learns}",
        rf"$\min\,{row.loss} = {row.minimum}${row.where}, attained {row.attained}",
        routes=("the loss at the exact minimiser, pair by pair", "the closed form"),
        **known,
    )(minimum)
    claim(
        f"bound-{slug}",
        f"{title}: no encoder goes lower",
        f"${row.minimum} \\le {row.loss}${row.where}, for every encoder with $d$ features",
        routes=("the closed form",
                f"the loss of a random encoder{row.completion}, pair by pair"),
        **known,
    )(bound)
