"""Sampled pairs for mini-batches: which rows belong together.

Each function makes a drawing function once, for a context of any size, dense or sparse;
``draw(n, generator)`` then gives two arrays of n positions.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch

from contexture_lite._checks import as_count
from contexture_lite.contexts import as_context


def pairs(context):
    """Draw (x, a) from P⁺: an input and its context."""
    start, forward, _ = _steps(context)
    return lambda n, generator: (x := start(n, generator), forward(x, generator))


def inputs(context):
    """Draw (x, x⁺): (x, a) from P⁺, then another input of the same a, from P(x | a)."""
    start, forward, back = _steps(context)
    return lambda n, generator: (
        x := start(n, generator), back(forward(x, generator), generator))


def _steps(context):
    """Functions that draw x from P_X, a from P(a | x), and x from P(x | a)."""
    as_context(context)
    joint = sp.csr_array(context.joint)
    cumulative = np.cumsum(context.p_x)

    def start(n, generator):
        places = cumulative[-1] * _uniform(as_count("n", n), generator)
        return np.searchsorted(cumulative, places, side="right")

    return start, _row_draw(joint), _row_draw(sp.csr_array(joint.T))


def _row_draw(table):
    """Draw a column of each of the given rows, in proportion to the entries of the row.

    All rows lie on one line, one after the other, each as long as its mass.
    """
    ends = np.cumsum(table.data)
    bounds = np.append(0.0, ends)[table.indptr]  # where each row begins, and the last one ends

    def draw(rows, generator):
        low, high = bounds[rows], bounds[rows + 1]
        cell = np.searchsorted(ends, low + (high - low) * _uniform(len(rows), generator), "right")
        cell = np.clip(cell, table.indptr[rows], table.indptr[rows + 1] - 1)  # rounding at an end
        return table.indices[cell]

    return draw


def _uniform(n, generator):
    if not isinstance(generator, torch.Generator):
        raise TypeError(f"generator is a {type(generator).__name__}; it must be a torch.Generator")
    device = generator.device
    return torch.rand(n, generator=generator, dtype=torch.float64, device=device).cpu().numpy()
