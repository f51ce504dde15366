"""New contexts from old: convolution, convex combination, concatenation.

Convolution weakens, concatenation strengthens, a convex combination lies between
(Zhai et al. 2025, arXiv 2505.01557, and Zhai's dissertation of 2025, arXiv 2504.19792).
Contexts of data stay contexts of data: ``mixed.conditional_at(X_new)`` has the rows P(a | x)
of new points. Parts made from different features take a tuple, one X_new for each part.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_dense, as_distribution, as_function, as_numbers, scaled, sums
from contexture_lite.contexts import Context
from contexture_lite.empirical import DataContext
from contexture_lite.spectrum import SingularSystem

LARGEST_TABLE = 25_000_000  # cells that a concatenation may fill
SAME_LAW = 1e-8  # two laws of the inputs that differ by no more count as one


def convolve(first, second):
    """X → A → B: the context value of ``first`` is handed on through the channel of ``second``.

    P(b | x) = Σ_a P₁(a | x) P₂(b | a), so T = T₁ T₂, with T₂ under the law P_A of ``first``.
    No singular value grows: s_k(T) ≤ min{s_k(T₁) s₁(T₂), s₁(T₁) s_k(T₂)}. For bases that are
    too strong.

    Parameters
    ----------
    first, second : Context
        ``second`` has one input for each context value of ``first``; only its channel
        P₂(b | a) is used, not its own law of inputs. Which one is first matters.

    Returns
    -------
    Context
        N × M₂, sparse if both are; a `DataContext` that knows new points if ``first`` is one.

    Raises
    ------
    TypeError, ValueError
        For anything but contexts, and for shapes that do not make a chain.
    """
    _refuse_other_than_contexts([first, second])
    if first.shape[1] != second.shape[0]:
        raise ValueError(f"first has {first.shape[1]} context values and second {second.shape[0]} "
                         "inputs; a chain needs one input for each context value")
    channel = second.conditional()
    return _like([first], first.joint @ channel, lambda rows: rows[0] @ channel,
                 x_labels=first.x_labels, a_labels=second.a_labels)


def convex_combination(contexts, weights, revealed=True):
    """One of the contexts is drawn with probability w_j, and A is a value of that one.

    Revealed, A = (J, A_J): the tables stand side by side, and the dual kernels mix,
    k_X = Σ_j w_j k_X^{(j)}, so Σ s_i² is the average of the parts'. Hidden, only A_J is seen:
    P(a | x) = Σ_j w_j P_j(a | x), never stronger than revealed. For bases of which some are
    strong and some weak.

    Parameters
    ----------
    contexts : sequence of Context
        On the same inputs, in the same order, with the same law of the inputs; for a hidden
        mixture also with the same context values.
    weights : (len(contexts),) array
        Positive; divided by their sum.
    revealed : bool
        Whether A says which context was drawn.

    Returns
    -------
    Context
        N × (M₁ + M₂ + …) revealed, N × M hidden; sparse if all parts are; a `DataContext`
        that knows new points if all parts are. Revealed values are labelled (j, a).

    Raises
    ------
    TypeError, ValueError
        Naming the context, or the weight, that does not fit.
    """
    if isinstance(contexts, Context) or not np.iterable(contexts):
        raise TypeError(f"contexts is a {type(contexts).__name__}; it must be a sequence of them")
    contexts = list(contexts)
    _refuse_other_than_contexts(contexts)
    _refuse_other_inputs(contexts)
    weights = as_distribution("weights", weights, len(contexts))
    if not weights.all():
        raise ValueError(f"weights[{int(np.argmin(weights))}] is 0; leave that context out")
    if not revealed:
        _refuse_other_values(contexts)
    together = _side_by_side if revealed else _summed

    def mixed(tables):
        return together([weight * table for weight, table in zip(weights, tables)])

    names = [context.a_labels for context in contexts]
    if not all(names) or not (revealed or all(labels == names[0] for labels in names)):
        a_labels = None
    elif revealed:
        a_labels = [(j, name) for j, labels in enumerate(names) for name in labels]
    else:
        a_labels = names[0]
    return _like(contexts, mixed([context.joint for context in contexts]), mixed,
                 x_labels=_x_labels(contexts), a_labels=a_labels)


def concatenate(*contexts):
    """The contexts observed together, A = (A₁, A₂, …), independent of each other given X.

    P(a₁, a₂ | x) = P₁(a₁ | x) P₂(a₂ | x). No singular value falls: T T* ⪰ T_j T_j* for every
    part. For bases that are too weak. Pairs (a₁, a₂) that never occur get no column.

    Parameters
    ----------
    *contexts : Context
        Two or more, on the same inputs, in the same order, with the same law of the inputs.

    Returns
    -------
    Context
        Sparse if all parts are; a `DataContext` that knows new points if all parts are. There
        the pairs that the old points never showed are left out; at a point that shows no
        other pair, each part tells what it tells alone, the average of P(a₁ | x) P(a₂ | a₁)
        and P(a₂ | x) P(a₁ | a₂). Values are labelled (a₁, a₂).

    Raises
    ------
    TypeError, ValueError
        Naming the context that does not fit. Also for a result of more than 25 million cells:
        it is as wide as there are pairs, so two dense contexts of 800 points would have 512
        million. Contexts of neighbours are sparse, and `concatenate_embeddings` is small.
    """
    _refuse_other_than_contexts(contexts)
    _refuse_other_inputs(contexts)
    joined, steps = contexts[0], []
    for context in contexts[1:]:
        joined, step = _observed_together(joined, context)
        steps.append(step)

    def extended(rows):
        together = rows[0]
        for step, more in zip(steps, rows[1:]):
            together = step(together, more)
        return together

    return _like(contexts, joined.joint, extended,
                 x_labels=joined.x_labels, a_labels=joined.a_labels)


def concatenate_embeddings(*embeddings):
    """Features side by side, (N, d₁ + d₂ + …): the span is the sum of the spans.

    Parameters
    ----------
    *embeddings : SingularSystem, or (N, d) array of features
        A system gives s_i μ_i(x), so that the inner products of the result add up to
        Σ_j (k_X^{(j)} − 1), each kernel cut after d_j functions.

    Returns
    -------
    (N, d₁ + d₂ + …) array

    Raises
    ------
    TypeError, ValueError
        Naming the embedding that is not finite numbers, or has another number of inputs.
    """
    if not embeddings:
        raise ValueError("embeddings is empty; give at least one")
    parts = []
    for number, part in enumerate(embeddings):
        name = f"embeddings[{number}]"
        features = part.left * part.values if isinstance(part, SingularSystem) else part
        features = as_numbers(name, features)
        size = len(parts[0] if parts else np.atleast_1d(features))
        features = as_function(name, features, size)
        parts.append(features if features.ndim == 2 else features[:, None])
    return np.hstack(parts)


# -- inside ---------------------------------------------------------------------------


def _like(contexts, joint, rows_of, **labels):
    """A context from its joint; of data if every base is, with rows P(a | x) made alike."""
    if not all(isinstance(context, DataContext) for context in contexts):
        return Context(joint, **labels)

    def extension(X_new):
        many = len(contexts) > 1 and isinstance(X_new, tuple)
        if many and len(X_new) != len(contexts):
            raise ValueError(f"X_new is a tuple of {len(X_new)}; it must be points, or a tuple of "
                             f"{len(contexts)}, one for each part")
        given = X_new if many else [X_new] * len(contexts)
        rows = [context.conditional_at(points) for context, points in zip(contexts, given)]
        if len({table.shape[0] for table in rows}) > 1:
            raise ValueError("X_new has parts of different lengths: "
                             + ", ".join(str(table.shape[0]) for table in rows))
        return rows_of(rows)

    return DataContext(joint, extension=extension, **labels)


def _x_labels(contexts):
    """Inputs are matched by position; the first who names them is believed."""
    return next((context.x_labels for context in contexts if context.x_labels), None)


def _side_by_side(tables):
    if all(map(sp.issparse, tables)):
        return sp.csr_array(sp.hstack(tables))
    return np.hstack([as_dense(table) for table in tables])


def _summed(tables):
    """The sum, sparse if every table is."""
    return sum(tables if all(map(sp.issparse, tables)) else map(as_dense, tables))


# -- concatenation --------------------------------------------------------------------


def _observed_together(first, second):
    """A = (A₁, A₂): the context of two, and what makes its rows from rows of the two."""
    _refuse_large(first, second)
    joint = _row_products(first.joint, second.conditional())
    kept = _used_columns(joint)
    joint = _columns(joint, kept)
    # place j · M₂ + k holds the pair (j, k); P(a₁, a₂ | a_j) is P(a₁, a₂) / P(a_j)
    positions, p_a = np.divmod(kept, second.shape[1]), sums(joint, axis=0)
    told_by = [sp.csr_array((p_a / part.p_a[place], (place, np.arange(len(kept)))),
                            shape=(part.shape[1], len(kept)))
               for part, place in zip((first, second), positions)]

    def step(*rows):
        new = _columns(_row_products(*rows), kept)
        total = sums(new, axis=1)
        unseen = np.flatnonzero(total == 0)
        if unseen.size == 0:
            return scaled(new, left=1 / total)
        alone = sum(part[unseen] @ told for part, told in zip(rows, told_by)) / 2
        into = sp.csr_array((np.ones(len(unseen)), (unseen, np.arange(len(unseen)))),
                            shape=(len(total), len(unseen)))
        total[unseen] = 1
        return scaled(new, left=1 / total) + into @ alone

    labels = None
    if first.a_labels and second.a_labels:
        labels = [(first.a_labels[j], second.a_labels[k]) for j, k in zip(*positions)]
    return Context(joint, x_labels=_x_labels([first, second]), a_labels=labels), step


def _row_products(left, right):
    """Row by row, every entry of ``left`` times every entry of ``right``: (N, M₁ M₂)."""
    if sp.issparse(left) and sp.issparse(right):
        return _sparse_products(sp.csr_array(left), sp.csr_array(right))
    left, right = as_dense(left), as_dense(right)
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def _sparse_products(left, right):
    row = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))  # of every entry of left
    partners = np.diff(right.indptr)[row]
    first = np.repeat(np.arange(left.nnz), partners)
    starts = np.cumsum(partners) - partners
    second = np.arange(len(first)) - starts[first] + right.indptr[row][first]
    place = left.indices[first].astype(np.int64) * right.shape[1] + right.indices[second]
    shape = (left.shape[0], left.shape[1] * right.shape[1])
    products = sp.csr_array((left.data[first] * right.data[second], (row[first], place)), shape)
    products.eliminate_zeros()
    return products


def _used_columns(table):
    """Positions of the columns that hold something, in order."""
    if not sp.issparse(table):
        return np.flatnonzero(table.any(axis=0))
    places = np.sort(table.indices)
    return places[np.diff(places, prepend=-1) > 0]


def _columns(table, kept):
    """The columns at positions ``kept``; a sparse table may be too wide for an index of all."""
    if not sp.issparse(table):
        return table[:, kept]
    cells = table.tocoo()
    row, column = cells.coords
    place = np.minimum(np.searchsorted(kept, column), len(kept) - 1)
    known = kept[place] == column
    cells = (cells.data[known], (row[known], place[known]))
    return sp.csr_array(cells, shape=(table.shape[0], len(kept)))


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


def _refuse_large(first, second):
    """More cells than memory likes, counted before any of them is made."""
    if first.is_sparse and second.is_sparse:
        filled = [np.diff(context.joint.indptr).astype(float) for context in (first, second)]
        cells = filled[0] @ filled[1]
    else:
        cells = float(first.shape[0]) * first.shape[1] * second.shape[1]
    if cells > LARGEST_TABLE:
        raise ValueError(
            f"contexts of shapes {first.shape} and {second.shape} make a table of {cells:.3g} "
            f"cells together; at most {LARGEST_TABLE}: take contexts with fewer values, or sparse "
            "ones (neighbours), or concatenate_embeddings")
