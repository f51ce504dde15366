"""The law of a pair, as far as an objective needs to know it.

An objective looks at pairs: an input with its context (X, A), two views (A, A⁺) of one
input, or two inputs (X, X⁺) that share a context value. It needs three things of their
law: the two marginals, and the cross moment E[f(first) g(second)ᵀ]. A finite context
knows them exactly (*population* form); a *mini-batch* of n pairs has its averages. So
every objective is written once and serves both.

A law is made with a ``dtype`` and a ``device``; a loss takes it to its features' (`Law.like`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, partial, wraps

import torch
from torch.autograd.function import once_differentiable

from contexture_lite._checks import as_count, as_dense, as_distribution, as_numbers
from contexture_lite.contexts import as_context


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a pair (first, second).

    Attributes
    ----------
    p, q : (n,) and (m,) tensors
        Marginal probabilities of the first and of the second.
    cross : function
        (f, g) -> E[f(first) g(second)ᵀ], a (d, k) tensor, for f of shape (n, d) and g
        of shape (m, k).
    size : int or None
        Number of sampled pairs; None if the law is exact.
    again : function or None
        (dtype, device) -> the same law in that precision, on that device.
    """

    p: torch.Tensor
    q: torch.Tensor
    cross: Callable
    size: int | None = None
    again: Callable | None = None

    def like(self, f):
        """The same law in the precision of features f and on their device, made once for each."""
        own, theirs = ((t.dtype, t.device) for t in (self.p, f))
        if own == theirs:
            return self
        if self.again is None:
            raise TypeError(
                f"law holds {own[0]} on {own[1]}, the features are {theirs[0]} on {theirs[1]}; "
                "make the law with their dtype and device, or by a function of learn.laws")
        return self.again(*theirs)


def pairs(context, dtype=torch.float64, device=None):
    """(X, A): an input and its context. f has N rows, g has M."""
    forward, _, p, q = _tensors(context, dtype, device)
    return Law(p, q, lambda f, g: f.T @ forward(g), again=cache(partial(pairs, context)))


def swapped(law):
    """The same pairs as (second, first), for objectives that predict the first member."""
    if not isinstance(law, Law):
        raise TypeError(f"law is a {type(law).__name__}; it must be a Law, as pairs(context) is")
    again = law.again and cache(lambda dtype, device: swapped(law.again(dtype, device)))
    return Law(law.q, law.p, lambda f, g: law.cross(g, f).T, law.size, again)


def views(context, dtype=torch.float64, device=None):
    """(A, A⁺): two views of one input, with law q q k_A⁺. Both have M rows.

    E[f(A) g(A⁺)ᵀ] = E[(T f)(X) (T g)(X)ᵀ], since the views are independent given X.
    """
    forward, _, p, q = _tensors(context, dtype, device)
    return Law(q, q, _by_means(forward, p), again=cache(partial(views, context)))


def inputs(context, dtype=torch.float64, device=None):
    """(X, X⁺): two inputs of one context value, with law p p k_X⁺. Both have N rows.

    E[f(X) g(X⁺)ᵀ] = E[(T* f)(A) (T* g)(A)ᵀ].
    """
    _, back, p, q = _tensors(context, dtype, device)
    return Law(p, p, _by_means(back, q), again=cache(partial(inputs, context)))


def kernel(values, p, dtype=torch.float64, device=None):
    """A kernel k in the place of a law: E over independent X, X′ of k(X, X′) f(X) g(X′)ᵀ.

    ``values`` is (N, N), positive semidefinite; ``p`` is (N,), the law of the inputs.
    With k = k_X⁺ this is `inputs`; in general k need be no density ratio.
    """
    values = as_numbers("values", as_dense(values))
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ValueError(f"values has shape {values.shape}; a kernel must be square")
    p = as_distribution("p", p, len(values))
    weighted = _tensor(p[:, None] * values * p, dtype, device)
    weights = _tensor(p, dtype, device)
    return Law(weights, weights, lambda f, g: f.T @ (weighted @ g),
               again=cache(lambda *kind: kernel(values, p, *kind)))


def batch(n, dtype=torch.float32, device=None):
    """A mini-batch of n pairs: row i of f and row i of g belong together.

    The averages over the batch stand for the expectations, with every row against
    every row for two independent draws (also row i against itself, a bias of order 1/n).
    """
    weight = torch.full((as_count("n", n),), 1 / n, dtype=dtype, device=device)
    return Law(weight, weight, lambda f, g: f.T @ g / len(f), len(weight), cache(partial(batch, n)))


def on_pairs(function, one_width=True):
    """The loss of (law, f, g) after a look at the three, with all of them on one device.

    Computed in the features' precision, at least single: half precision, also that of
    `torch.autocast`, is for networks and too coarse for a covariance.
    """
    @wraps(function)
    def checked(law, f, g, *options, **named):
        refuse_others(law, f, g)
        if one_width and f.shape[1] != g.shape[1]:
            raise ValueError(f"f has {f.shape[1]} columns and g {g.shape[1]}; {function.__name__} "
                             "compares them column by column")
        dtype = torch.promote_types(torch.promote_types(f.dtype, g.dtype), torch.float32)
        one, f = g is f, f.to(dtype)
        g = f if one else g.to(dtype)
        with _full_precision(f.device.type):
            return function(law.like(f), f, g, *options, **named)
    return checked


def refuse_others(law, f, g):
    """Raise unless ``law`` is one, and f and g are features of its two members."""
    if not isinstance(law, Law):
        raise TypeError(f"law is a {type(law).__name__}; it must be a distribution of pairs, such "
                        "as laws.pairs(context) or laws.batch(n)")
    for name, values, n in (("f", f, len(law.p)), ("g", g, len(law.q))):
        if not isinstance(values, torch.Tensor):
            raise TypeError(f"{name} is a {type(values).__name__}; it must be a torch tensor")
        if not values.is_floating_point():
            raise TypeError(f"{name} has dtype {values.dtype}; it must hold floating-point numbers")
        if values.ndim != 2 or len(values) != n or values.shape[1] == 0:
            raise ValueError(f"{name} has shape {tuple(values.shape)}; on this law it must be "
                             f"({n}, d): a row for each of {n} values, and a column at least")
    if f.device != g.device:
        raise ValueError(f"f is on {f.device} and g on {g.device}; move one of them")


def _full_precision(device):
    on = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
    return torch.autocast(device, enabled=False) if on else nullcontext()


def _by_means(product, weights):
    """E[m_f m_gᵀ] of the conditional means m w = ``product``; of f alone it is taken once."""
    def cross(f, g):
        mean = product(f)
        return mean.T @ ((mean if g is f else product(g)) / weights[:, None])
    return cross


def _tensors(context, dtype, device):
    """The products g -> P g and f -> Pᵀ f, and p and q as tensors."""
    as_context(context)
    p, q = _tensor(context.p_x, dtype, device), _tensor(context.p_a, dtype, device)
    if not context.is_sparse:
        joint = _tensor(context.joint, dtype, device)
        return joint.__matmul__, joint.T.__matmul__, p, q
    joint, transpose = (_sparse(table, dtype, device) for table in (context.joint, context.joint.T))
    return (lambda g: _Product.apply(g, joint, transpose),
            lambda f: _Product.apply(f, transpose, joint), p, q)


def _tensor(values, dtype, device):
    return torch.tensor(as_dense(values), dtype=dtype, device=device)


def _sparse(joint, dtype, device):
    joint = joint.tocsr()
    parts = (torch.tensor(part, device=device) for part in (
        joint.indptr, joint.indices, joint.data))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(*parts, joint.shape, dtype=dtype, device=device,
                                       check_invariants=True)


class _Product(torch.autograd.Function):
    """matrix @ f, whose gradient takes the transpose that lies ready.

    Torch would transpose a sparse matrix anew in every step, which takes ten times as long
    as the product.
    """

    @staticmethod
    def forward(ctx, f, matrix, transpose):
        ctx.transpose = transpose
        return matrix @ f

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        return ctx.transpose @ gradient.contiguous(), None, None
