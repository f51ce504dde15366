"""New contexts from old: convolution, convex combination, concatenation.

Convolution weakens, concatenation strengthens, a convex combination lies between
(Zhai et al. 2025, arXiv 2505.01557, and the 2025 dissertation, arXiv 2504.19792).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_dense, as_distribution, as_numbers, scaled
from contexture_lite.contexts import Context
from contexture_lite.empirical import DataContext
from contexture_lite.spectrum import SingularSystem

LARGEST_DENSE = 25_000_000  # cells of a dense table that a concatenation may make
SAME_LAW = 1e-8  # largest difference of two input laws that count as one


def convolve(first, second):
    """X → A → B: the context of ``first`` is handed on through the channel of ``second``.

    P(b | x) = Σ_a P₁(a | x) P₂(b | a), so T = T₁ T₂, the second operator taken under the
    input law P_A of the first. Every singular value falls:
    s_k(T) ≤ min{s_k(T₁) s₁(T₂), s₁(T₁) s_k(T₂)}. For bases that are too strong.

    Parameters
    ----------
    first, second : Context
        ``second`` has one input for each context value of ``first``; only its channel
        P₂(b | a) is used. Which is first matters.

    Returns
    -------
    Context
        N × M₂, sparse if both are; a `DataContext` that extends to new points if ``first``
        is one.
    """
    _refuse_other_than_contexts([first, second])
    if first.shape[1] != second.shape[0]:
        raise ValueError(f"first has {first.shape[1]} context values and second {second.shape[0]} "
                         "inputs; a chain needs one input for each context value")
    channel = second.conditional()
    return _like([first], first.joint @ channel, lambda rows: rows[0] @ channel,
                 first.x_labels, second.a_labels)


def convex_combination(contexts, weights, revealed=True):
    """One of the contexts is drawn with probability w_j, and A is a value of that one.

    Revealed, A = (J, A_J): the tables stand side by side, and the dual kernels mix,
    k_X = Σ_j w_j k_X^{(j)}. Hidden, only A_J is seen (contexts with the same context values):
    P(a | x) = Σ_j w_j P_j(a | x), never stronger than revealed. For bases of which some are
    strong and some weak.

    Parameters
    ----------
    contexts : sequence of Context
        On the same inputs with the same law of the inputs.
    weights : (len(contexts),) array
        Positive; divided by their sum.
    revealed : bool
    """
    contexts = list(contexts)
    _refuse_other_than_contexts(contexts)
    _refuse_other_inputs(contexts)
    weights = as_distribution("weights", weights, len(contexts))
    if not weights.all():
        raise ValueError(f"weights[{int(np.argmin(weights))}] is 0; leave that context out")
    if not revealed:
        _refuse_other_values(contexts)

    def mixed(tables):
        parts = [w * table for w, table in zip(weights, tables)]
        return _side_by_side(parts) if revealed else _summed(parts)

    labels = None
    if revealed and all(context.a_labels for context in contexts):
        labels = [(j, name) for j, context in enumerate(contexts) for name in context.a_labels]
    elif not revealed:
        labels = contexts[0].a_labels
    return _like(contexts, mixed([c.joint for c in contexts]), mixed, contexts[0].x_labels, labels)


def concatenate(*contexts):
    """The contexts observed together, A = (A₁, A₂, …), independent of each other given X.

    P(a₁, a₂ | x) = P₁(a₁ | x) P₂(a₂ | x). Every singular value grows: T T* is at least each
    T_j T_j*. For bases that are too weak. Pairs (a₁, a₂) that never occur get no column.

    The table is as wide as there are pairs: two dense contexts of 800 points have 640,000.
    More than 25 million dense cells are refused; sparse contexts (neighbours) stay sparse.
    """
    _refuse_other_than_contexts(contexts)
    _refuse_other_inputs(contexts)
    width = np.prod([float(context.shape[1]) for context in contexts])
    sparse = all(context.is_sparse for context in contexts)
    if not sparse and width * contexts[0].shape[0] > LARGEST_DENSE:
        raise ValueError(
            f"contexts have {width:.3g} pairs of values together, a table of "
            f"{contexts[0].shape[0]}×{width:.3g} dense cells; at most {LARGEST_DENSE}: take sparse "
            "contexts (neighbours), or concatenate_embeddings")
    joint = scaled(_row_products([c.conditional() for c in contexts]), left=contexts[0].p_x)
    seen = _used_columns(joint)
    joint = _columns(joint, seen)
    p_a = np.asarray(joint.sum(axis=0)).ravel()

    def extended(rows):
        new = _columns(_row_products(rows), seen)
        total = np.asarray(new.sum(axis=1)).ravel()
        unknown = np.flatnonzero(total == 0)
        if unknown.size == 0:
            return scaled(new, left=1 / total)
        new = as_dense(new)  # no pair of values was seen together: such a point tells nothing
        new[unknown], total[unknown] = p_a, 1.0
        return new / total[:, None]

    return _like(contexts, joint, extended, contexts[0].x_labels, None)


def concatenate_embeddings(*embeddings):
    """Features side by side: the span is the sum of the spans, (N, d₁ + d₂ + …).

    Each is a SingularSystem, which gives s_i μ_i(x), so that the inner products add up to
    Σ_j (k_X^{(j)} − 1), each cut after d_j functions; or an (N, d) array of features.
    """
    if not embeddings:
        raise ValueError("embeddings is empty; give at least one")
    parts = []
    for number, part in enumerate(embeddings):
        values = part.left * part.values if isinstance(part, SingularSystem) else as_numbers(
            f"embeddings[{number}]", part)
        if values.ndim != 2 or len(values) != len(parts[0] if parts else values):
            raise ValueError(f"embeddings[{number}] has shape {values.shape}; it must be "
                             f"({len(parts[0]) if parts else 'N'}, d)")
        parts.append(values)
    return np.hstack(parts)


# -- inside ---------------------------------------------------------------------------


def _like(contexts, joint, rows_of, x_labels, a_labels):
    """A context from its joint; of data if every base is, with rows P(a | x) made alike."""
    if not all(isinstance(context, DataContext) for context in contexts):
        return Context(joint, x_labels=x_labels, a_labels=a_labels, drop_empty=True)

    def extension(X_new):
        return rows_of([context.conditional_at(X_new) for context in contexts])

    return DataContext(joint, extension=extension, x_labels=x_labels, a_labels=a_labels)


def _row_products(tables):
    """Row by row, the products of the entries of all tables: (N, M₁ M₂ …)."""
    product = tables[0]
    for table in tables[1:]:
        if sp.issparse(product) and sp.issparse(table):
            product = _sparse_products(sp.csr_array(product), sp.csr_array(table))
        else:
            left, right = as_dense(product), as_dense(table)
            product = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
    return product


def _sparse_products(left, right):
    """Every entry of a row of ``left`` times every entry of the same row of ``right``."""
    row = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))
    partners = np.diff(right.indptr)[row]
    first = np.repeat(np.arange(left.nnz), partners)
    starts = np.cumsum(partners) - partners
    second = np.arange(len(first)) - starts[first] + right.indptr[row][first]
    place = left.indices[first].astype(np.int64) * right.shape[1] + right.indices[second]
    shape = (left.shape[0], left.shape[1] * right.shape[1])
    return sp.csr_array((left.data[first] * right.data[second], (row[first], place)), shape=shape)


def _used_columns(table):
    """Positions of the columns that hold something, in order."""
    return np.unique(table.indices) if sp.issparse(table) else np.flatnonzero(table.any(axis=0))


def _columns(table, kept):
    """The columns at positions ``kept``; a sparse table may be very wide."""
    if not sp.issparse(table):
        return table[:, kept]
    cells = table.tocoo()
    row, column = cells.coords
    place = np.minimum(np.searchsorted(kept, column), len(kept) - 1)
    known = kept[place] == column
    cells = (cells.data[known], (row[known], place[known]))
    return sp.csr_array(cells, shape=(table.shape[0], len(kept)))


def _side_by_side(tables):
    return sp.csr_array(sp.hstack(tables)) if all(map(sp.issparse, tables)) else np.hstack(
        [as_dense(table) for table in tables])


def _summed(tables):
    """The sum, sparse if every table is."""
    return sum(tables if all(map(sp.issparse, tables)) else map(as_dense, tables))


# -- what comes in --------------------------------------------------------------------


def _refuse_other_than_contexts(contexts):
    if len(contexts) < 2:
        raise ValueError(f"contexts has {len(contexts)} entries; mixing takes at least two")
    for number, context in enumerate(contexts):
        if not isinstance(context, Context):
            raise TypeError(f"context {number} is a {type(context).__name__}; it must be a Context")


def _refuse_other_inputs(contexts):
    """Contexts are mixed on the same inputs, under the same law."""
    first = contexts[0]
    for number, context in enumerate(contexts[1:], start=1):
        if context.shape[0] != first.shape[0]:
            raise ValueError(f"context {number} has {context.shape[0]} inputs, context 0 has "
                             f"{first.shape[0]}; they must be on the same inputs")
        gap = np.abs(context.p_x - first.p_x)
        if gap.max() > SAME_LAW:
            x = int(np.argmax(gap))
            raise ValueError(f"context {number} has p_x[{x}] = {context.p_x[x]:.6g}, context 0 has "
                             f"{first.p_x[x]:.6g}; use with_marginal_x to give both one law")


def _refuse_other_values(contexts):
    for number, context in enumerate(contexts[1:], start=1):
        if context.shape[1] != contexts[0].shape[1]:
            raise ValueError(f"context {number} has {context.shape[1]} context values, context 0 "
                             f"has {contexts[0].shape[1]}; a hidden mixture needs the same values "
                             "(revealed=True does not)")
