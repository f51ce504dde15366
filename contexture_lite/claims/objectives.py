"""What every objective with a known minimum has: two claims, made from one row of a table.

The loss is a sum over all pairs, as the course writes it (`population`); the minimum comes
from the singular system. The rows are in `supervised`, `contrastive`, `noncontrastive` (notebook
04) and `extraction` (05).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contexture_lite.claims import population as pop
from contexture_lite.claims.machinery import Sides, claim
from contexture_lite.claims.operator import HAS_MODE
from contexture_lite.claims.spectrum import dimension
from contexture_lite.spectrum import singular_system


@dataclass(frozen=True)
class Row:
    """An objective whose minimum is known: two claims, that it is attained and is the least.

    ``loss``, ``minimum`` and ``where`` are LaTeX: the loss, its smallest value, and what
    the symbols mean. ``of(context, *encoders)`` is the loss by brute force;
    ``best(context, modes, seed)`` gives encoders that attain the minimum
    ``least(context, s)``, from the top d modes (s, μ, ν); ``completed(context, encoder)``
    gives an encoder whatever the loss optimises ``beside`` it: a head, whitening, a
    second encoder.
    """

    name: str
    learns: str
    loss: str
    minimum: str
    where: str
    attained: str
    source: str
    encodes: str
    of: Callable
    best: Callable
    completed: Callable
    least: Callable
    beside: str = ""
    taught_in: str = "04"
    needs: tuple = (HAS_MODE,)


def at_minimum(row, context, d, seed):
    """The loss at the exact minimiser, and the stated minimum."""
    modes = pop.top(context, dimension(context, d))
    return Sides(row.of(context, *row.best(context, modes, seed)), row.least(context, modes[0]))


def of_encoder(row, context, d, encoder, seed):
    """The stated minimum, and the loss of any other encoder."""
    encoder = pop.encoder_on(context, row.encodes, d, encoder, seed)
    loss = row.of(context, *row.completed(context, encoder))
    values = singular_system(context, encoder.shape[1]).values
    return Sides(row.least(context, values), loss, relation="<=")


def register(row, attains=None, bounds=None):
    """The two claims of a row; two functions of the row's own, if they take more options."""

    def minimum(context, d=None, seed=0):
        """The loss at the exact minimiser = the stated minimum."""
        return at_minimum(row, context, d, seed)

    def bound(context, d=None, encoder=None, seed=0):
        """The stated minimum ≤ the loss of the encoder."""
        return of_encoder(row, context, d, encoder, seed)

    slug = row.name.lower().replace(",", "").replace(" ", "-")
    known = {"source": row.source, "taught_in": row.taught_in, "needs": row.needs}
    claim(
        f"minimum-{slug}",
        f"{row.name[0].upper() + row.name[1:]}: {row.learns}",
        rf"$\min\,{row.loss} = {row.minimum}${row.where}, attained {row.attained}",
        routes=("the loss at the exact minimiser, pair by pair", "the closed form"),
        **known,
    )(attains or minimum)
    claim(
        f"bound-{slug}",
        f"{row.name[0].upper() + row.name[1:]}: no encoder goes lower",
        f"${row.minimum} \\le {row.loss}${row.where}, for every encoder with $d$ features",
        routes=("the closed form",
                f"the loss of the encoder, random unless given{row.beside}, pair by pair"),
        **known,
    )(bounds or bound)
