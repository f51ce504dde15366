"""Mixes of two contexts of a reader's table, measured as each of the two was."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite import mixing
from contexture_lite._checks import as_dense
from contexture_lite.contexts import Context
from contexture_lite.diagnosis.measure import (
    contexts,
    features_of,
    measured,
    of_parts,
    probed,
)
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import protocol
from contexture_lite.spectrum import singular_system

MOST_PAIRS = 5_000  # of context values; a concatenation with more is too wide to be measured


def measured_mixes(split, seed, families, positions, dimensions):
    """{mix: error} of two families' contexts, each at its position, on this split.

    The mixes of `contexture_lite.mixing`; `concatenate_embeddings` puts the first functions,
    ``dimensions`` of each, side by side. NaN where a mix cannot be made: a chain whose first
    values are not points, a concatenation of more than MOST_PAIRS pairs.
    """
    parts = [next(contexts(family, split, seed, slice(place, place + 1)))
             for family, place in zip(families, positions)]
    features = []
    for context, d in zip(parts, dimensions):
        known, starts = features_of(context, singular_system(context))
        features.append([part[:, : protocol.cuts(starts, [d])[0]] for part in known])
    both, new = map(mixing.concatenate_embeddings, *features)
    combined = mixing.convex_combination(parts, [1, 1])
    return {
        "convolution": _error(_chain(*parts), split),
        "convex combination": _error(combined, split),
        "concatenation": _error(_together(*parts), split),
        "features side by side": probed(
            protocol.decomposed(both), new, *split.target[1:])["error"],
    }


def _error(context, split):
    return np.nan if context is None else measured(context, split)[0]["error"]


def _chain(first, second):
    """The convolution, or None where the values of the first are not points."""
    if first.a_labels is None:
        return None
    channel = second.conditional()[list(first.a_labels)]
    return mixing.convolve(first, Context.from_conditional(channel, drop_empty=True))


def _together(*parts):
    """The concatenation, or None where it has too many pairs."""
    thin = [DataContext(sp.csr_array(part.joint), extension=lambda place, part=part:
                        sp.csr_array(part.conditional_at(place))) for part in parts]
    if np.prod([np.diff(part.joint.indptr) for part in thin], axis=0).sum() > MOST_PAIRS:
        return None
    mix = mixing.concatenate(*thin)
    rows = [mix.conditional(), *map(mix.conditional_at, (1, 2))]
    return of_parts([as_dense(part) for part in rows])
