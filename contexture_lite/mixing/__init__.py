"""New contexts from old: convolution, convex combination, concatenation.

Convolution weakens, concatenation strengthens, a convex combination lies between
(Zhai et al. 2025, arXiv 2505.01557, and Zhai's dissertation of 2025, arXiv 2504.19792).
Contexts of data stay contexts of data: ``mixed.conditional_at(X_new)`` has the rows P(a | x)
of new points. Parts made from different features take a tuple, one X_new for each part.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_dense,
    as_distribution,
    as_numbers,
    names_among,
    order_of,
    row_by_row,
)
from contexture_lite.contexts import Context, as_context
from contexture_lite.empirical import DataContext
from contexture_lite.mixing.pairs import observed_together
from contexture_lite.spectrum import SingularSystem

SAME = 1e-8  # two distributions of the inputs that differ by no more count as one


def convolve(first, second):
    """X → A → B: the context value of ``first`` is handed on through the channel of ``second``.

    P(b | x) = Σ_a P₁(a | x) P₂(b | a), so T = T₁ T₂, with T₂ under the P_A of ``first``.
    No singular value grows: s_k(T) ≤ min{s_k(T₁) s₁(T₂), s₁(T₁) s_k(T₂)}. For bases that are
    too strong.

    ``second`` has one input for each context value of ``first``; only its channel P₂(b | a) is
    used, not its own P_X. Where both name these values, they are matched by name. Which one is
    first matters. The result is N × M₂, sparse if both are, and a `DataContext` that knows new
    points if ``first`` is one.
    """
    _refuse_other_than_contexts([first, second])
    if first.shape[1] != second.shape[0]:
        raise ValueError(f"first has {first.shape[1]} context values and second {second.shape[0]} "
                         "inputs; a chain needs one input for each context value")
    channel = _in_order(second, "second", "first's values", x_labels=first.a_labels).conditional()
    return _like([first], first.joint @ channel, partial(_chained, channel),
                 x_labels=first.x_labels, a_labels=second.a_labels)


def convex_combination(contexts, weights, revealed=True):
    """One of the contexts is drawn with probability w_j, and A is a value of that one.

    Revealed, A = (J, A_J): the tables stand side by side, and the dual kernels mix,
    k_X = Σ_j w_j k_X^{(j)}, so Σ s_i² is the average of the parts'. Hidden, only A_J is seen:
    P(a | x) = Σ_j w_j P_j(a | x), never stronger than revealed. For bases of which some are
    strong and some weak.

    ``contexts`` are on the same inputs with the same P_X, and for a hidden mixture also with the
    same context values: matched by name where they have names, else in the same order.
    ``weights`` are positive and divided by their sum; ``revealed`` is whether A says which
    context was drawn. The result is N × (M₁ + M₂ + …) revealed, with values labelled (j, a),
    N × M hidden; sparse if all parts are; a `DataContext` that knows new points if all parts are.
    """
    if isinstance(contexts, Context) or not np.iterable(contexts):
        raise TypeError(f"contexts is a {type(contexts).__name__}; it must be a sequence of them")
    contexts = list(contexts)
    _refuse_other_than_contexts(contexts)
    contexts = _on_the_same_inputs(contexts, values=not revealed)
    weights = as_distribution("weights", weights, len(contexts))
    if not weights.all():
        raise ValueError(f"weights[{int(np.argmin(weights))}] is 0; leave that context out")

    rows_of, names = partial(_mixed, weights, revealed), [each.a_labels for each in contexts]
    a_labels = names_among(*names)
    if revealed:
        a_labels = [(j, a) for j, of in enumerate(names) for a in of] if all(names) else None
    return _like(contexts, rows_of([context.joint for context in contexts]), rows_of,
                 x_labels=_x_labels(contexts), a_labels=a_labels)


def concatenate(*contexts):
    """The contexts observed together, A = (A₁, A₂, …), independent of each other given X.

    P(a₁, a₂ | x) = P₁(a₁ | x) P₂(a₂ | x). No singular value falls: T T* ⪰ T_j T_j* for every
    part. For bases that are too weak. Pairs (a₁, a₂) that never occur get no column.

    Takes two or more contexts on the same inputs with the same P_X, matched by name where they
    have names, else in the same order. The result, with values labelled (a₁, a₂), is sparse if
    all parts are, and a `DataContext` that knows new points if all parts are. There the pairs
    that the old points never showed are left out; at a point that shows no other pair, each
    part tells what it tells alone, the average of P(a₁ | x) P(a₂ | a₁) and P(a₂ | x) P(a₁ | a₂).

    More than 25 million cells are refused (ValueError): a concatenation is as wide as there are
    pairs, so two dense contexts of 800 points would have 512 million. Contexts of neighbours
    are sparse, and `concatenate_embeddings` is small.
    """
    _refuse_other_than_contexts(contexts)
    contexts = _on_the_same_inputs(contexts)
    joined, steps = contexts[0], []
    for context in contexts[1:]:
        joint, step, a_labels = observed_together(joined, context)
        joined = Context(joint, x_labels=_x_labels(contexts), a_labels=a_labels)
        steps.append(step)
    return _like(contexts, joined.joint, partial(_together, steps),
                 x_labels=joined.x_labels, a_labels=joined.a_labels)


def concatenate_embeddings(*embeddings):
    """Features side by side, (N, d₁ + d₂ + …): the span is the sum of the spans.

    Each is an (N, d) array of features or a SingularSystem, which gives s_i μ_i(x), so that the
    inner products of the result add up to Σ_j (k_X^{(j)} − 1), each kernel cut after d_j
    functions.
    """
    if not embeddings:
        raise ValueError("embeddings is empty; give at least one")
    given = {f"embeddings[{number}]": part.left * part.values
             if isinstance(part, SingularSystem) else part
             for number, part in enumerate(embeddings)}
    parts, rows = [], "N"
    for name, part in zip(given, row_by_row(**given)):
        part = as_numbers(name, part, f"({rows},) or ({rows}, d)", empty=True)
        rows = len(part)
        parts.append(part.reshape(rows, -1))
    return np.hstack(parts)


# -- inside ---------------------------------------------------------------------------


def _like(contexts, joint, rows_of, **labels):
    """A context from its joint; of data if every base is, with rows P(a | x) made alike.

    What makes rows is a function of this module with arguments, so that contexts can be pickled.
    """
    if not all(isinstance(context, DataContext) for context in contexts):
        return Context(joint, **labels)
    return DataContext(joint, extension=partial(_rows_at, contexts, rows_of), **labels)


def _rows_at(contexts, rows_of, X_new):
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


def _chained(channel, rows):
    return rows[0] @ channel


def _mixed(weights, revealed, tables):
    tables = [weight * table for weight, table in zip(weights, tables)]
    thin = all(map(sp.issparse, tables))
    tables = tables if thin else list(map(as_dense, tables))
    if not revealed:
        return sum(tables)
    return sp.csr_array(sp.hstack(tables)) if thin else np.hstack(tables)


def _together(steps, rows):
    together = rows[0]
    for step, more in zip(steps, rows[1:]):
        together = step(together, more)
    return together


def _columns(order, rows):
    return rows[0][:, order]


# -- by name --------------------------------------------------------------------------


def _x_labels(contexts):
    return names_among(*(context.x_labels for context in contexts))


def _in_order(context, name, other, x_labels=None, a_labels=None):
    """The context with its inputs and its values in the order of these labels."""
    x = order_of(f"{name}'s inputs", context.x_labels, other, x_labels)
    a = order_of(f"{name}'s values", context.a_labels, other, a_labels)
    if x is None and a is None:
        return context
    x, a = (slice(None) if order is None else order for order in (x, a))
    return _like([context], context.joint[x][:, a], partial(_columns, a),
                 x_labels=x_labels or context.x_labels, a_labels=a_labels or context.a_labels)


def _on_the_same_inputs(contexts, values=False):
    """The contexts with inputs, and for a hidden mixture values, in one order; or an error."""
    x_labels = _x_labels(contexts)
    a_labels = names_among(*(context.a_labels for context in contexts)) if values else None
    contexts = [_in_order(context, f"context {number}", "the first with names", x_labels, a_labels)
                for number, context in enumerate(contexts)]
    _refuse_other_inputs(contexts, values)
    return contexts


# -- what comes in --------------------------------------------------------------------


def _refuse_other_than_contexts(contexts):
    if len(contexts) < 2:
        raise ValueError(f"contexts has {len(contexts)} entries; mixing takes at least two")
    for number, context in enumerate(contexts):
        as_context(context, f"context {number}")


def _refuse_other_inputs(contexts, values=False):
    """Contexts are mixed on the same inputs, under the same distribution; hidden, also values."""
    first = contexts[0]
    for number, context in enumerate(contexts[1:], start=1):
        if context.shape[0] != first.shape[0]:
            raise ValueError(f"context {number} has {context.shape[0]} inputs, context 0 has "
                             f"{first.shape[0]}; they must be on the same inputs")
        gap = np.abs(context.p_x - first.p_x)
        x = int(np.argmax(gap))
        if gap[x] > SAME:
            raise ValueError(f"context {number} has p_x[{x}] = {context.p_x[x]:.6g}, context 0 has "
                             f"{first.p_x[x]:.6g}; use with_marginal_x to give both the same")
        if values and context.shape[1] != first.shape[1]:
            raise ValueError(f"context {number} has {context.shape[1]} context values, context 0 "
                             f"has {first.shape[1]}; a hidden mixture needs the same values "
                             "(revealed=True does not)")
