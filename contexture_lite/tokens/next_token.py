"""The context of a text, its spectrum in held-out text, and what a text costs in bits a byte."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_classes, as_count, as_positions
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system
from contexture_lite.tokens.bpe import Bpe, as_text

DISCOUNT = 0.75  # of Kneser and Ney


def next_token_context(tokens, order=1):
    """The context of a text: X the ``order`` tokens before, A the next token; counts, sparse.

    ``tokens`` is an array of integers, a list of labels, or a text, which is one of letters. The
    labels are the tokens that occur, and for order > 1 tuples of them. Of n tokens that have
    nothing to do with each other the χ² is about `sampling.chance_chi2`: see `held_out_values`.
    """
    names, codes = _coded(tokens)
    order = as_count("order", order)
    if len(codes) <= order:
        raise ValueError(f"tokens has {len(codes)} entries; with order {order} it needs at least "
                         f"{order + 1}")
    before = np.stack([codes[i:len(codes) - order + i] for i in range(order)], axis=1)
    seen, x = np.unique(before, axis=0, return_inverse=True)
    following, a = np.unique(codes[order:], return_inverse=True)
    counts = sp.coo_array((np.ones(len(a)), (x.ravel(), a)), shape=(len(seen), len(following)))
    labels = [tuple(names[i] for i in row) if order > 1 else names[row[0]] for row in seen]
    return Context.from_counts(counts, x_labels=labels, a_labels=[names[i] for i in following])


def held_out_values(tokens, d, block=50):
    """(s_i of one half of a text, correlations of its μ_i(X), ν_i(A) in the other half), (d,) each.

    Every other block of tokens is in the same half. The second are 0 on average where X
    says nothing about A, the first are not. Where a token did not occur its functions are 0.
    Functions of a repeated value have one correlation, Σ cov / √(Σ var Σ var) over all of them,
    since no single one has a meaning.
    """
    codes, block = _coded(tokens)[1], as_count("block", block, least=2)
    if len(codes) < block + 2:
        raise ValueError(f"tokens has {len(codes)} entries; with blocks of {block} at least "
                         f"{block + 2} are needed")
    before, (fit, new) = np.r_[-1, codes[:-1]], alternate_blocks(len(codes), block)
    (kinds, x), (names, a) = (np.unique(of[fit], return_inverse=True) for of in (before, codes))
    counts = sp.coo_array((np.ones(len(x)), (x, a)))
    system = _up_to_a_gap(Context.from_counts(counts), as_count("d", d))
    f, g = (functions_at(before[new], kinds, system.left),
            functions_at(codes[new], names, system.right))
    return system.values[:d], pooled_correlations(f, g, system.groups())[:d]


def alternate_blocks(n, block, order=1):
    """Places of a text of ``n`` tokens, in every other block of it and in those between.

    Only places that have ``order`` tokens before them in the same block.
    """
    place = np.arange(n)
    whole, half = place % block >= order, place // block % 2
    return np.flatnonzero(whole & (half == 0)), np.flatnonzero(whole & (half == 1))


def functions_at(wanted, kinds, functions):
    """Functions on ``kinds``, which are sorted, at the ``wanted`` ones; 0 where that is none."""
    place = np.minimum(np.searchsorted(kinds, wanted), len(kinds) - 1)
    return functions[place] * (kinds[place] == wanted)[:, None]


def pooled_correlations(f, g, groups):
    """Σ cov / √(Σ var Σ var) over each group of columns of f and g, (d,)."""
    f, g = f - f.mean(axis=0), g - g.mean(axis=0)
    found = np.empty(f.shape[1])
    for group in groups:
        covariance, *variances = ((a[:, group] * b[:, group]).sum() for a, b in (
            (f, g), (f, f), (g, g)))
        length = np.sqrt(np.prod(variances))
        found[group] = covariance / length if length > 0 else 0
    return found


def _up_to_a_gap(context, d):
    """The singular system of d functions, and of all others of the d-th value."""
    most, more = min(context.shape) - 1, d
    while True:
        system = singular_system(context, more)
        if more >= most or system.values[-1] < system.values[d - 1] - 1e-8:
            return system
        more = min(2 * more + 8, most)


def ngram_bits(tokens, held_out, size, order=1):
    """−Σ log₂ P(token | the one before) over a held-out text, of a model fitted to another.

    Interpolated Kneser–Ney with discount ¾: ``order`` 1 is a bigram, 0 a unigram. Below both lies
    1/``size``, the number of tokens that there are, so that none is impossible. ``tokens`` and
    ``held_out`` are arrays of integers, at least two each.
    """
    size = as_count("size", size)
    fit, new = (as_positions(name, values, size)
                for name, values in (("tokens", tokens), ("held_out", held_out)))
    if as_count("order", order, least=0) > 1:
        raise ValueError(f"order is {order}; it must be 0 (unigram) or 1 (bigram)")
    for name, values in (("tokens", fit), ("held_out", new)):
        if len(values) < 2:
            raise ValueError(f"{name} has {len(values)} tokens; at least 2 are needed")
    if order == 0:
        return float(-np.log2(_discounted(np.bincount(fit, minlength=size))[new]).sum())
    pairs, times = np.unique(fit[:-1] * size + fit[1:], return_counts=True)
    continuing = _discounted(np.bincount(pairs % size, minlength=size))
    total = np.bincount(fit[:-1], minlength=size)
    kinds = np.bincount(pairs // size, minlength=size)
    wanted = new[:-1] * size + new[1:]
    place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    seen = np.where(pairs[place] == wanted, times[place] - DISCOUNT, 0)
    n = np.maximum(total, 1)[new[:-1]]
    left = np.where(total[new[:-1]] > 0, DISCOUNT * kinds[new[:-1]] / n, 1)
    p = seen / n + left * continuing[new[1:]]
    return float(-np.log2(p).sum() - np.log2(continuing[new[0]]))


def _discounted(counts):
    """Counts as probabilities: ¾ taken from each that is there, and shared among all."""
    p = np.maximum(counts - DISCOUNT, 0) + DISCOUNT * np.count_nonzero(counts) / len(counts)
    return p / counts.sum()


def bits_per_byte(bpe, text, held_out, order=1):
    """Bits that a byte of the held-out text costs with this tokeniser: `ngram_bits` / bytes.

    The model is fitted to ``text``. Losses per token are no measure of that: longer tokens are
    fewer. It is an upper bound: other segmentations of the same text have a probability, too.
    """
    if not isinstance(bpe, Bpe):
        raise TypeError(f"bpe is a {type(bpe).__name__}; it must be a Bpe")
    fit, new = bpe.encode(as_text("text", text)), bpe.encode(as_text("held_out", held_out))
    return ngram_bits(fit, new, len(bpe.vocabulary), order) / len(held_out.encode())


def _coded(tokens):
    """The different tokens, in order, and every token as its place among them."""
    if type(tokens) is not np.ndarray or tokens.dtype.kind not in "iu":
        tokens = as_classes("tokens", list(tokens) if isinstance(tokens, str) else tokens)
    names, codes = np.unique(tokens, return_inverse=True)
    return names.tolist(), codes
