"""The law of a pair, as far as an objective needs to know it.

An objective looks at pairs: an input with its context (X, A), two views (A, A⁺) of one
input, or two inputs (X, X⁺) that share a context value. It needs three things of their
law: the two marginals, and the cross moment E[f(first) g(second)ᵀ]. A finite context
knows them exactly (*population* form); a *mini-batch* of n pairs has its averages. So
every objective is written once and serves both.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.autograd.function import once_differentiable

from contexture_lite._checks import as_count, as_dense, as_distribution, as_numbers
from contexture_lite.contexts import Context


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
    """

    p: torch.Tensor
    q: torch.Tensor
    cross: Callable
    size: int | None = None


def pairs(context, dtype=torch.float64):
    """(X, A): an input and its context. f has N rows, g has M."""
    forward, _, p, q = _tensors(context, dtype)
    return Law(p, q, lambda f, g: f.T @ forward(g))


def swapped(law):
    """The same pairs as (second, first), for objectives that predict the first member."""
    return Law(law.q, law.p, lambda f, g: law.cross(g, f).T, law.size)


def views(context, dtype=torch.float64):
    """(A, A⁺): two views of one input, with law q q k_A⁺. Both have M rows.

    E[f(A) g(A⁺)ᵀ] = E[(T f)(X) (T g)(X)ᵀ], since the views are independent given X.
    """
    forward, _, p, q = _tensors(context, dtype)
    return Law(q, q, lambda f, g: forward(f).T @ (forward(g) / p[:, None]))


def inputs(context, dtype=torch.float64):
    """(X, X⁺): two inputs of one context value, with law p p k_X⁺. Both have N rows.

    E[f(X) g(X⁺)ᵀ] = E[(T* f)(A) (T* g)(A)ᵀ].
    """
    _, back, p, q = _tensors(context, dtype)
    return Law(p, p, lambda f, g: back(f).T @ (back(g) / q[:, None]))


def kernel(values, p, dtype=torch.float64):
    """A kernel k in the place of a law: E over independent X, X′ of k(X, X′) f(X) g(X′)ᵀ.

    ``values`` is (N, N), positive semidefinite; ``p`` is (N,), the law of the inputs.
    With k = k_X⁺ this is `inputs`; in general k need be no density ratio.
    """
    values = as_numbers("values", values)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ValueError(f"values has shape {values.shape}; a kernel must be square")
    p = torch.as_tensor(as_distribution("p", p, len(values)), dtype=dtype)
    weighted = p[:, None] * torch.as_tensor(values, dtype=dtype) * p
    return Law(p, p, lambda f, g: f.T @ (weighted @ g))


def batch(n, dtype=torch.float32):
    """A mini-batch of n pairs: row i of f and row i of g belong together.

    The averages over the batch stand for the expectations, with every row against
    every row for two independent draws (also row i against itself, a bias of order 1/n).
    """
    weight = torch.full((as_count("n", n),), 1 / n, dtype=dtype)
    return Law(weight, weight, lambda f, g: f.T @ g / len(f), size=len(weight))


def _tensors(context, dtype):
    """The products g -> P g and f -> Pᵀ f, and p and q as tensors."""
    if not isinstance(context, Context):
        raise TypeError(f"context is a {type(context).__name__}; it must be a Context")
    p, q = _tensor(context.p_x, dtype), _tensor(context.p_a, dtype)
    if not context.is_sparse:
        joint = _tensor(context.joint, dtype)
        return joint.__matmul__, joint.T.__matmul__, p, q
    joint, transpose = _sparse(context.joint, dtype), _sparse(context.joint.T, dtype)
    return (lambda g: _Product.apply(g, joint, transpose),
            lambda f: _Product.apply(f, transpose, joint), p, q)


def _tensor(values, dtype):
    return torch.tensor(as_dense(values), dtype=dtype)


def _sparse(joint, dtype):
    joint = joint.tocsr()
    parts = (torch.tensor(part) for part in (joint.indptr, joint.indices, joint.data))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(*parts, joint.shape, dtype=dtype, check_invariants=True)


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
