"""Negatives: critics on a table of scores, and where the negatives come from.

``scores`` is a (B, B) tensor of logits f(x_i, a_j) of a batch of pairs: column i is the partner of
query i, and the other columns, partners of the others, are its negatives: draws from q. Every loss
is a scalar tensor to be made small. *Target* is the critic with the least population loss, where r
is the density ratio and c(x) any function of x (`contexture_lite.retrieval` computes them):

* `n_pair` (InfoNCE): log r(x, a) + c(x), for every number of candidates;
* `n_pair` of `log_q` scores, negatives from any Q: log P(a|x) + c(x);
* `hard_negatives`: log r / (1 + β) + c(x), for many negatives;
* `triplet`, logistic: log r + c(x); with a margin m: a staircase, all differences multiples of m;
* `proxy`: log P(class|x) + c(x), so at most (classes − 1) features, however wide the encoder;
* `all_negatives_loss`: ⟨φ, ψ⟩ is the best picture of r with d features;
* a `Queue` changes none of them: its keys are draws from q, but of an encoder some steps old.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from contexture_lite._checks import as_count, as_number


def n_pair(scores):
    """Mean of −log softmax of the partner: the batch is the gallery (Sohn 2016; InfoNCE)."""
    _square(scores)
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


def log_q(scores, log_q):
    """The scores less log Q(a_j) of every candidate, the partner's too; then `n_pair`.

    ``log_q`` is (B,). It chooses the target log P(a|x); without it in-batch negatives give log r.
    Bengio & Senécal 2008.
    """
    _square(scores)
    if not isinstance(log_q, torch.Tensor) or log_q.shape != scores.shape[1:]:
        raise ValueError(f"log_q must be a tensor of shape ({scores.shape[1]},), one for each "
                         "candidate")
    return scores - log_q


def hard_negatives(scores, beta):
    """`n_pair` with negatives weighed ∝ e^{βf} by the critic itself, without a gradient.

    −f_ii + log(e^{f_ii} + (B − 1) Σ_{j≠i} w_ij e^{f_ij}), w_i = softmax_{j≠i}(β f_ij). β = 0 is
    `n_pair`. Robinson et al. 2021, arXiv 2010.04592.
    """
    _square(scores)
    own, others = _apart(scores)
    weights = torch.log_softmax(as_number("beta", beta, least=0) * others.detach(), dim=1)
    hard = torch.logsumexp(weights + others, dim=1) + torch.log(scores.new_tensor(len(own) - 1.0))
    return (torch.logaddexp(own, hard) - own).mean()


def triplet(scores, margin=None):
    """Mean over i ≠ j of [m + f_ij − f_ii]₊, or log(1 + e^{f_ij − f_ii}) without a margin m."""
    _square(scores)
    own, others = _apart(scores)
    if margin is None:
        return functional.softplus(others - own[:, None]).mean()
    return torch.relu(as_number("margin", margin, above=0) + others - own[:, None]).mean()


def proxy(scores, classes):
    """Cross-entropy of ``scores`` (B, C) against one proxy for each class; ``classes`` is (B,)."""
    _table(scores)
    if not isinstance(classes, torch.Tensor) or classes.shape != scores.shape[:1]:
        raise ValueError(f"classes must be a tensor of shape ({len(scores)},), one for each row")
    return functional.cross_entropy(scores, classes)


def all_negatives_loss(phi, psi):
    """−2 mean_i ⟨φ_i, ψ_i⟩ + mean_{i≠j} ⟨φ_i, ψ_j⟩², through the two Gram matrices: n d², not n² d.

    Unbiased at every n ≥ 2; `contexture_lite.retrieval.all_negatives_loss` is the same in NumPy.
    """
    for name, rows in (("phi", phi), ("psi", psi)):
        _table(rows, name)
    n = len(phi)
    if psi.shape != phi.shape or n < 2:
        raise ValueError(f"phi has shape {tuple(phi.shape)}, psi {tuple(psi.shape)}; they must be "
                         "(n, d), n at least 2")
    own = (phi * psi).sum(dim=1)
    squares = ((phi.T @ phi) * (psi.T @ psi)).sum() - (own**2).sum()
    return -2 * own.mean() + squares / (n * (n - 1))


class Queue:
    """The newest ``size`` keys, without their gradients (He et al. 2020, arXiv 1911.05722).

    ``keys`` is the (n, d) tensor, oldest first, None at the beginning; `push` appends a batch.
    With B keys a step they are up to size/B steps old.
    """

    def __init__(self, size):
        self.size, self.keys = as_count("size", size), None

    def push(self, keys):
        """Append a batch of keys (B, d); the oldest fall out."""
        keys = _table(keys, "keys").detach()
        if self.keys is not None and keys.shape[1] != self.keys.shape[1]:
            raise ValueError(f"keys has {keys.shape[1]} columns, those in the queue "
                             f"{self.keys.shape[1]}")
        self.keys = (keys if self.keys is None else torch.cat([self.keys, keys]))[-self.size:]


def _apart(scores):
    """The partners' scores (B,), and those of the negatives (B, B − 1)."""
    n = len(scores)
    off = ~torch.eye(n, dtype=torch.bool, device=scores.device)
    return torch.diagonal(scores), scores[off].reshape(n, n - 1)


def _table(scores, name="scores"):
    if not isinstance(scores, torch.Tensor) or not scores.is_floating_point():
        raise TypeError(f"{name} must be a tensor of floating-point numbers")
    if scores.ndim != 2 or 0 in scores.shape:
        raise ValueError(f"{name} has shape {tuple(scores.shape)}; it must be a table with rows")
    return scores


def _square(scores):
    if _table(scores).shape[0] != scores.shape[1] or len(scores) < 2:
        raise ValueError(f"scores has shape {tuple(scores.shape)}; it must be (B, B), B at least "
                         "2: every query against every partner of the batch")
