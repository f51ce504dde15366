"""What an objective is, and an objective on a finite context, ready to be trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import torch
from torch import nn

from contexture_lite._checks import as_count
from contexture_lite._text import said
from contexture_lite.contexts import as_context
from contexture_lite.learn import losses
from contexture_lite.learn.encoders import TableEncoder
from contexture_lite.learn.objectives import optima

PAPER = "Zhai et al. 2025, arXiv 2505.01557"


@dataclass(frozen=True, eq=False)
class Objective:
    """One row of the table.

    Attributes
    ----------
    name, family : str
        As the field calls them; the families are "supervised", "contrastive",
        "non-contrastive", "generative", "graph" and "general".
    loss : function
        (law, f, g, **options) -> scalar, from `contexture_lite.learn.losses`.
    law : function
        context -> the distribution of the pairs it looks at, a `laws.Law`.
    encodes : str
        Whose encoder is trained: "x" (left functions), "a" (right functions; the average
        encoder T Ψ then gives left ones) or "xa" (two towers).
    statement : str
        The population loss and its minimum, Markdown with LaTeX.
    learns : str
        In a few words: what the features span. "contexture" is μ₁ … μ_d.
    source : str
    minimum : function or None
        (context, d) -> the smallest value. None where theory makes no exact claim.
    minimiser : function or None
        (context, d) -> (f, g), arrays for which ``loss(law, f, g)`` is the minimum.
    span : function
        (context, d) -> (N, d′) left functions that the features must span, or, without an
        exact claim, are measured against. All that share the d-th value, and none of
        value 0, so d′ may differ from d.
    targets : function or None
        context -> values (n, k) that a linear head on the encoder predicts.
    predictor : bool
        Whether the loss takes a predictor between the two branches.
    """

    name: str
    family: str
    loss: Callable
    law: Callable
    encodes: str
    statement: str
    learns: str
    source: str = PAPER
    minimum: Callable | None = None
    minimiser: Callable | None = None
    span: Callable = optima.contexture
    targets: Callable | None = None
    predictor: bool = False

    def __post_init__(self):
        for name in ("minimum", "minimiser", "span"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _checked(getattr(self, name)))

    def __repr__(self):
        return said(f"Objective({self.name!r}, {self.family}, learns {self.learns})")

    def on(self, context, d, *, seed=0):
        """A `Problem`: this objective on a finite context, with free d-dimensional values."""
        return Problem(self, context, d, seed)


class Table(list):
    """A list of objectives that shows itself as a table in a notebook."""

    def _repr_markdown_(self):
        lines = ["| objective | family | loss and smallest value | learns |", "|:--|:--|:--|:--|"]
        for row in self:
            statement = row.statement.replace(r"\|", r"\Vert ").replace("|", r"\mid ")
            learns = row.learns.replace("|", r"\|")
            lines.append(f"| **{row.name}** | {row.family} | {statement} | {learns} |")
        return "\n".join(lines)


class Problem(nn.Module):
    """An objective on a finite context, in the population form, ready to be trained.

    The encoder is a table of free values, (N, d) or (M, d), random at first. Two towers
    have a ``second`` one, stop-gradient a linear ``predictor``. The linear head of a regression
    is the best one for the encoder in every step (`losses.linear_fit`).
    """

    def __init__(self, objective, context, d, seed=0):
        super().__init__()
        self.objective, self.context, self.d = objective, context, as_count("d", d)
        self.law = objective.law(context)
        seed = as_count("seed", seed, least=0)
        n, m = context.shape
        self.encoder = TableEncoder(m if objective.encodes == "a" else n, d, seed=2 * seed)
        self.second = TableEncoder(m, d, seed=2 * seed + 1) if objective.encodes == "xa" else None
        self.targets = self.predictor = None
        if objective.targets:
            self.targets = torch.tensor(objective.targets(context), dtype=torch.float64)
        if objective.predictor:
            self.predictor = _linear(d, d, torch.Generator("cpu").manual_seed(seed))

    def loss(self):
        """The population loss, a scalar tensor."""
        f = g = self.encoder()
        if self.second is not None:
            g = self.second()
        if self.targets is not None:
            g = self.targets.to(f)
            f = losses.linear_fit(self.law, f, g)
        options = {"predictor": self.predictor} if self.predictor is not None else {}
        return self.objective.loss(self.law, f, g, **options)

    def features(self):
        """Left features (N, d), a NumPy array: Φ, or the average encoder T Ψ of views."""
        values = self.encoder().detach().cpu().double().numpy().copy()
        return self.context.expect(values) if self.objective.encodes == "a" else values


def _checked(function):
    """The function of (context, d), after a look at both."""
    @wraps(function)
    def checked(context, d):
        as_context(context)
        return function(context, as_count("d", d))
    return checked


def _linear(inputs, outputs, generator):
    """A linear layer whose random start depends on the generator alone."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=torch.float64)
    nn.init.normal_(layer.weight, std=inputs**-0.5, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
