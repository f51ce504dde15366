"""Autoregression on vectors: a tiny causal transformer, and targets of the next token and the last.

At place t the state h_t is a function of the tokens up to t. One linear head predicts the target of
token t + 1 from it, a second one, if asked for, that of token t, which is visible: with pixels as
targets image-GPT, with a teacher's tokens D-iGPT in miniature (Ren et al. 2024, arXiv 2312.02147).
"""

from __future__ import annotations

import torch
from torch import nn

from contexture_lite._checks import as_count, as_number


class CausalTransformer(nn.Module):
    """h = transformer(W x + place), where place t attends to 0 … t only.

    Parameters
    ----------
    inputs, length : int
        Numbers in a token, and tokens at most.
    width, depth, heads : int
        Of PyTorch's encoder layers, normalised first, without dropout.
    seed : int
        Of the starting values; the global generator is left alone.
    """

    def __init__(self, inputs, length, width=48, depth=2, heads=4, seed=0):
        super().__init__()
        inputs, self.length = as_count("inputs", inputs), as_count("length", length)
        width, depth, heads = (as_count(name, value) for name, value in
                               (("width", width), ("depth", depth), ("heads", heads)))
        if width % heads:
            raise ValueError(f"width is {width}; it must be a multiple of heads, {heads}")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(as_count("seed", seed, least=0))
            self.embed = nn.Linear(inputs, width)
            self.place = nn.Parameter(0.1 * torch.randn(length, width))
            layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout=0.0,
                                               batch_first=True, norm_first=True)
            self.layers = nn.TransformerEncoder(layer, depth, nn.LayerNorm(width),
                                                enable_nested_tensor=False)

    def forward(self, x):
        """(n, length, width) states of (n, length, inputs) tokens: a tensor or a NumPy array."""
        weight = self.embed.weight
        x = torch.as_tensor(x, dtype=weight.dtype, device=weight.device)
        wanted = (self.length, weight.shape[1])
        if x.ndim != 3 or not 1 <= x.shape[1] <= wanted[0] or x.shape[2] != wanted[1]:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (n, at most {wanted[0]}, "
                             f"{wanted[1]})")
        size = x.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(size, weight.device, weight.dtype)
        return self.layers(self.embed(x) + self.place[:size], mask=mask, is_causal=True)


class NextToken(nn.Module):
    """E ‖τ_{t+1} − W₁ h_t‖² + λ E ‖τ_t − W₂ h_t‖², the loss of a model with two linear heads.

    ``model`` gives the states, ``targets`` is how many numbers a target τ has, ``visible`` is λ.
    """

    def __init__(self, model, targets, visible=0.0, seed=0):
        super().__init__()
        self.model, self.visible = model, as_number("visible", visible, least=0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(as_count("seed", seed, least=0))
            width = model.embed.out_features
            self.next, self.last = (nn.Linear(width, as_count("targets", targets)) for _ in "12")

    def forward(self, x, targets):
        """The loss, a scalar: (n, length, inputs) tokens, and as many targets."""
        h = self.model(x)
        targets = torch.as_tensor(targets, dtype=h.dtype, device=h.device)
        if targets.shape != (*h.shape[:2], self.next.out_features):
            raise ValueError(f"targets has shape {tuple(targets.shape)}; it must be "
                             f"{(*h.shape[:2], self.next.out_features)}")
        loss = ((targets[:, 1:] - self.next(h[:, :-1])) ** 2).sum(dim=2).mean()
        if self.visible:
            loss = loss + self.visible * ((targets - self.last(h)) ** 2).sum(dim=2).mean()
        return loss
