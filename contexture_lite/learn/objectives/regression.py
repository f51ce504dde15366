"""Rows of the table that predict a label, or the clean input, by a linear head with bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from contexture_lite.learn import laws, losses
from contexture_lite.learn.objectives import optima
from contexture_lite.learn.objectives.problem import Objective


def supervised(values=lambda context: np.eye(context.shape[1])):
    """Regression of a vector label U(A) = ``values(context)``, one-hot A by default, on Φ(X)."""
    return Objective(
        "supervised", "supervised", losses.squared_error, laws.pairs, "x",
        r"$\mathbb E\|W\Phi(X)+b-U(A)\|^2\ \ge\ \mathbb E\|U-m(X)\|^2+\sum_{i>d}\kappa_i$, "
        r"$m(x)=\mathbb E[U|x]$, $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(X)$",
        "PCA of E[U|X]",
        minimum=lambda c, d: optima.regression_minimum(c, values(c), "x", d),
        minimiser=lambda c, d: (optima.best_prediction(c, values(c), "x", d), values(c)),
        span=lambda c, d: optima.regression_span(c, values(c), "x", d),
        targets=values,
    )


def class_balanced():
    """`supervised` on one-hot labels, the squared error of coordinate a weighted by 1/q_a.

    The weight is put into the labels, 1[A = a]/√q_a, and the head follows. (Weighting examples
    instead would change the distribution of the inputs, and miss the contexture.)
    """
    return _balanced(
        supervised, "class-balanced supervised", lambda context: context.p_a,
        r"$\mathbb E\sum_a(W_a\Phi(X)+b_a-1[A=a])^2/q_a\ \ge\ M-1-\sum_{i\le d}s_i^2$")


def denoising(values=lambda context: np.eye(context.shape[0])):
    """Regression of the clean input U(X) = ``values(context)``, one-hot X by default, on Ψ(A)."""
    return _reconstruction(
        "denoising",
        r"$\mathbb E\|W\Psi(A)+b-U(X)\|^2\ \ge\ \mathbb E\|U-m(A)\|^2+\sum_{i>d}\kappa_i$, "
        r"$m(a)=\mathbb E[U|a]$, $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(A)$",
        lambda context: (context, values(context)),
    )


def balanced_denoising():
    """`denoising` of one-hot X, the squared error of coordinate x weighted by 1/p_x."""
    return _balanced(
        denoising, "balanced denoising", lambda context: context.p_x,
        r"$\mathbb E\sum_x(W_x\Psi(A)+b_x-1[X=x])^2/p_x\ \ge\ N-1-\sum_{i\le d}s_i^2$")


def masked_reconstruction():
    """Regression of the hidden tokens, and no others, on features of the masked string.

    Needs the labels of `gallery.masked_tokens`. The target is one-hot, centred, and 0
    where a token is shown. Where tokens are independent the hidden ones cannot be
    predicted from the others: nothing is learned, and `span` is empty.
    """
    return _reconstruction(
        "masked reconstruction",
        r"$\mathbb E\|W\Psi(A)+b-U(X,A)\|^2\ \ge\ \mathbb E\|U-m(A)\|^2+\sum_{i>d}\kappa_i$, "
        r"$U$ the tokens that $A$ hides, $m(a)=\mathbb E[U|a]$",
        optima.hidden_tokens,
    )


def _balanced(row, name, probabilities, statement):
    """``row`` on one-hot targets scaled by 1/√probability: its span is the contexture."""
    return replace(
        row(lambda context: np.diag(probabilities(context) ** -0.5)),
        name=name, statement=statement, learns="contexture", span=optima.contexture,
        minimum=lambda c, d: len(probabilities(c)) - 1 + optima.minus_squares(c, d))


def _reconstruction(name, statement, seen):
    """Regression on A; ``seen(context)`` is the context of what is predicted, and targets."""

    def minimiser(context, d):
        whole, values = seen(context)
        return optima.best_prediction(whole, values, "a", d), values

    def span(context, d):
        whole, values = seen(context)
        return context.expect(optima.regression_span(whole, values, "a", d))

    return Objective(
        name, "generative", losses.squared_error,
        lambda c: laws.swapped(laws.pairs(seen(c)[0])), "a",
        statement, "T applied to PCA of E[U|A]",
        minimum=lambda c, d: optima.regression_minimum(*seen(c), "a", d),
        minimiser=minimiser, span=span, targets=lambda c: seen(c)[1],
    )
