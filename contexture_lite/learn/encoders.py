"""Encoders: a free value for every point of a finite space, and a small network."""

from __future__ import annotations

import torch
from torch import nn


class TableEncoder(nn.Module):
    """Φ as a table of n × d free values: the unrestricted encoder of the theory.

    Called without an argument it gives the table, called with positions (k,) its rows.
    """

    def __init__(self, n, d, *, seed=0, dtype=torch.float64):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.values = nn.Parameter(torch.randn(n, d, generator=generator, dtype=dtype))

    def forward(self, positions=None):
        """(n, d) values, or (k, d) at the given positions."""
        return self.values if positions is None else self.values[positions]
