"""Encoders: a free value for every point of a finite space, and a small network."""

from __future__ import annotations

import torch
from torch import nn

from contexture_lite._checks import as_count


class TableEncoder(nn.Module):
    """Φ as a table of n × d free values: the unrestricted encoder of the theory.

    Called without an argument it gives the table, called with positions (k,) its rows.
    """

    def __init__(self, n, d, *, seed=0, dtype=torch.float64):
        super().__init__()
        n, d = as_count("n", n), as_count("d", d)
        generator = torch.Generator("cpu").manual_seed(as_count("seed", seed, least=0))
        values = torch.randn(n, d, generator=generator, dtype=dtype, device="cpu")
        self.values = nn.Parameter(values)

    def forward(self, positions=None):
        """(n, d) values, or (k, d) at the given positions."""
        return self.values if positions is None else self.values[positions]


class ResidualMLP(nn.Module):
    """Φ(x) = L₀ x + L₁ h_depth, h_{k+1} = h_k + tanh(W_k h_k + b_k), h₀ = tanh(W x + b).

    A small smooth network. The skip from the input makes every linear feature available
    from the start, the inner skips make depth easy to train. It expects standardised
    inputs (mean 0, standard deviation 1 in each column): tanh is flat beyond ±3.

    Parameters
    ----------
    inputs, outputs : int
        Columns of x and of Φ(x).
    width, depth : int
        Hidden units, and hidden layers in all, at least one.
    seed : int
        Of the starting values; the global generator is left alone.
    """

    def __init__(self, inputs, outputs, width=128, depth=2, seed=0):
        super().__init__()
        inputs, outputs = as_count("inputs", inputs), as_count("outputs", outputs)
        self.width, self.depth = as_count("width", width), as_count("depth", depth)
        self.seed = as_count("seed", seed, least=0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self.skip = nn.Linear(inputs, outputs)
            self.first = nn.Linear(inputs, self.width)
            self.inner = nn.ModuleList(
                nn.Linear(self.width, self.width) for _ in range(self.depth - 1))
            self.last = nn.Linear(self.width, outputs, bias=False)

    def forward(self, x):
        """(n, outputs) features of (n, inputs) points: a tensor or a NumPy array.

        In the network's precision, float32 at first, and on its device.
        """
        weight = self.first.weight
        x, inputs = torch.as_tensor(x, dtype=weight.dtype, device=weight.device), weight.shape[1]
        if x.ndim != 2 or x.shape[1] != inputs:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (n, {inputs})")
        h = torch.tanh(self.first(x))
        for layer in self.inner:
            h = h + torch.tanh(layer(h))
        return self.skip(x) + self.last(h)
