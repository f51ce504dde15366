r"""The table of objectives: what each trains on, what it learns, and how low it can go.

`table()` drives the notebooks and the tests; the losses are in
`contexture_lite.learn.losses`. Minima are over unrestricted encoders in the population.
Rows without a minimum (VICReg's hinge, Barlow Twins, stop-gradient) make no exact claim:
there one measures.

In the statements X is the input, A its context, A⁺ another view of the same input, A⁻ or
X⁻ an independent draw; ψ̃ = ψ − E ψ; the constant function is mode 0 and i runs from 1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

from contexture_lite._checks import as_number, as_numbers
from contexture_lite.learn import _optima, laws, losses
from contexture_lite.learn._problem import Objective, Problem

__all__ = [
    "Objective", "Problem", "table", "find", "supervised", "class_balanced", "denoising",
    "balanced_denoising", "masked_reconstruction", "covariance_penalty", "kise",
]


class Table(list):
    """A list of objectives that shows itself as a table in a notebook."""

    def _repr_markdown_(self):
        lines = ["| objective | family | loss and smallest value | learns |", "|:--|:--|:--|:--|"]
        for row in self:
            statement = row.statement.replace(r"\|", r"\Vert ").replace("|", r"\mid ")
            learns = row.learns.replace("|", r"\|")
            lines.append(f"| **{row.name}** | {row.family} | {statement} | {learns} |")
        return "\n".join(lines)


def table():
    """All objectives with their default options, a `Table` in teaching order."""
    return Table(_rows())


@cache
def _rows():
    return (
        supervised(), class_balanced(), *_contrastive(), *_non_contrastive(), denoising(),
        balanced_denoising(), masked_reconstruction(), _graph(), *_general(),
    )


def find(name):
    """The objective of that name; a ValueError lists the names there are."""
    for row in table():
        if row.name == name:
            return row
    raise ValueError(f"name is {name!r}; it must be one of {[row.name for row in table()]}")


# -- regression on a label or on the clean input ----------------------------------


def supervised(targets=lambda context: np.eye(context.shape[1])):
    """Regression of a vector label U(A) on features of X, by a linear head with bias.

    ``targets`` is an array (M, k) or a function context -> array; one-hot A by default.
    """
    values = partial(_optima.as_targets, targets, side="a")
    return Objective(
        "supervised", "supervised", losses.squared_error, laws.pairs, "x",
        r"$\mathbb E\|W\Phi(X)+b-U(A)\|^2\ \ge\ \mathbb E\|U-m(X)\|^2+\sum_{i>d}\kappa_i$, "
        r"$m(x)=\mathbb E[U|x]$, $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(X)$",
        "PCA of E[U|X]",
        minimum=lambda c, d: _optima.regression_minimum(c, values(c), "x", d),
        minimiser=lambda c, d: (_optima.best_prediction(c, values(c), "x", d), values(c)),
        span=lambda c, d: _optima.regression_span(c, values(c), "x", d),
        targets=values,
    )


def class_balanced():
    """`supervised` on one-hot labels, the squared error of coordinate a weighted by 1/q_a.

    The weight is put into the labels, 1[A = a]/√q_a, and the head follows. (Weighting
    examples instead would change the law of the inputs, and miss the contexture.)
    """
    return replace(
        supervised(lambda context: np.diag(context.p_a**-0.5)),
        name="class-balanced supervised",
        statement=r"$\mathbb E\sum_a(W_a\Phi(X)+b_a-1[A=a])^2/q_a\ \ge\ M-1-\sum_{i\le d}s_i^2$",
        learns="contexture",
        minimum=lambda c, d: c.shape[1] - 1 + _minus_squares(c, d),
        span=_optima.contexture,
    )


def denoising(targets=lambda context: np.eye(context.shape[0])):
    """Regression of the clean input, or a vector U(X) of it, on features of A.

    ``targets`` is an array (N, k) or a function context -> array; one-hot X by default.
    """
    values = partial(_optima.as_targets, targets, side="x")
    return _reconstruction(
        "denoising",
        r"$\mathbb E\|W\Psi(A)+b-U(X)\|^2\ \ge\ \mathbb E\|U-m(A)\|^2+\sum_{i>d}\kappa_i$, "
        r"$m(a)=\mathbb E[U|a]$, $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(A)$",
        lambda context: (context, values(context)),
    )


def balanced_denoising():
    """`denoising` of one-hot X, the squared error of coordinate x weighted by 1/p_x."""
    return replace(
        denoising(lambda context: np.diag(context.p_x**-0.5)),
        name="balanced denoising",
        statement=r"$\mathbb E\sum_x(W_x\Psi(A)+b_x-1[X=x])^2/p_x\ \ge\ N-1-\sum_{i\le d}s_i^2$",
        learns="contexture",
        minimum=lambda c, d: c.shape[0] - 1 + _minus_squares(c, d),
        span=_optima.contexture,
    )


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
        _optima.hidden_tokens,
    )


def _reconstruction(name, statement, seen):
    """Regression on A; ``seen(context)`` is the context of what is predicted, and targets."""

    def minimiser(context, d):
        whole, values = seen(context)
        return _optima.best_prediction(whole, values, "a", d), values

    def span(context, d):
        whole, values = seen(context)
        return context.expect(_optima.regression_span(whole, values, "a", d))

    return Objective(
        name, "generative", losses.squared_error,
        lambda c: laws.swapped(laws.pairs(seen(c)[0])), "a",
        statement, "T applied to PCA of E[U|A]",
        minimum=lambda c, d: _optima.regression_minimum(*seen(c), "a", d),
        minimiser=minimiser, span=span, targets=lambda c: seen(c)[1],
    )


# -- contrastive ------------------------------------------------------------------


def _contrastive():
    def scaled(context, d):
        s, _, nu = _optima.system(context, d)
        return _both(s * nu)

    def with_constant(context, d):
        s, _, nu = _optima.system(context, d)
        return _both(np.hstack([np.ones((len(nu), 1)), s * nu])[:, :d])

    return [
        Objective(
            "spectral contrastive", "contrastive", losses.spectral_contrastive, laws.views, "a",
            r"$-\mathbb E\langle\tilde\Psi,\tilde\Psi^+\rangle"
            r"+\frac12\mathbb E\langle\tilde\Psi,\tilde\Psi^-\rangle^2\ \ge\ "
            r"-\frac12\sum_{i\le d}s_i^4$",
            "contexture", minimum=lambda c, d: -_fourth_powers(c, d) / 2, minimiser=scaled,
        ),
        Objective(
            "uncentred spectral contrastive", "contrastive",
            losses.spectral_contrastive_uncentred, laws.views, "a",
            r"$-2\mathbb E\langle\Psi,\Psi^+\rangle+\mathbb E\langle\Psi,\Psi^-\rangle^2\ \ge\ "
            r"-(1+\sum_{i<d}s_i^4)$",
            "contexture of d − 1, and the constant",
            minimum=lambda c, d: -1 - _fourth_powers(c, d - 1), minimiser=with_constant,
            span=lambda c, d: _optima.contexture(c, d - 1),
        ),
        Objective(
            "two towers", "contrastive", losses.low_rank, laws.pairs, "xa",
            r"$-2\mathbb E_{P^+}\langle\tilde\Phi,\tilde\Psi\rangle"
            r"+\mathbb E_{P_X\times P_A}\langle\tilde\Phi,\tilde\Psi\rangle^2\ \ge\ "
            r"-\sum_{i\le d}s_i^2$",
            "contexture", minimum=_minus_squares, minimiser=_towers,
        ),
        Objective(
            "nested low rank", "contrastive", losses.nested_low_rank, laws.pairs, "xa",
            r"$\sum_jw_jL_j\ \ge\ -\sum_jw_j\sum_{i\le j}s_i^2$, $L_j$ the two-tower loss of the "
            r"first $j$ coordinates, $w_j=1/d$: coordinate $i$ is $\mu_i$ itself",
            "contexture, in order",
            minimum=lambda c, d: -np.cumsum(_optima.singular_values(c, d) ** 2).mean().item(),
            minimiser=_towers,
        ),
        Objective(
            "InfoNCE", "contrastive", losses.info_nce, laws.pairs, "xa",
            r"$-\mathbb E\langle\Phi,\Psi\rangle+\mathbb E_X\log\mathbb E_{A^-}"
            r"e^{\langle\Phi(X),\Psi(A^-)\rangle}\ \ge\ -I(X;A)$, with equality for "
            r"$\langle\Phi,\Psi\rangle=\log\frac{P^+}{P_XP_A}+c(x)$ if $d$ dimensions can hold it; "
            r"where $P^+=0$ it is approached only",
            "the log density ratio",
            minimum=lambda c, d: -c.mutual_information(), minimiser=_optima.log_ratio,
        ),
    ]


# -- non-contrastive --------------------------------------------------------------


def _non_contrastive():
    views = partial(Objective, family="non-contrastive", law=laws.views, encodes="a")
    return [
        views(
            "whitened non-contrastive", loss=losses.whitened_distance,
            statement=r"$\mathbb E\|\Psi(A)-\Psi(A^+)\|^2\ \ge\ 2\sum_{i\le d}(1-s_i^2)$ under "
            r"$\mathrm{Cov}\,\Psi=I$",
            learns="contexture", minimum=lambda c, d: 2 * (d + _minus_squares(c, d)),
            minimiser=lambda c, d: _both(_optima.whitened(c, d, "a")),
        ),
        covariance_penalty(),
        views(
            "VICReg", loss=losses.vicreg, learns="no exact claim",
            statement="distance of two views, a hinge on each standard deviation and squared "
            "covariances; a minimum is not claimed",
            source="Bardes, Ponce & LeCun 2022, arXiv 2105.04906",
        ),
        views(
            "Barlow Twins", loss=losses.barlow_twins, learns="no exact claim",
            statement=r"$\sum_i(1-R_{ii})^2+\lambda\sum_{i\ne k}R_{ik}^2$, $R$ the correlations of "
            r"two views; with a small $\lambda(d-1)$ copies of one function are cheaper than "
            r"several functions",
            source="Zbontar et al. 2021, arXiv 2103.03230",
        ),
        views(
            "stop-gradient", loss=losses.stop_gradient, learns="no exact claim", predictor=True,
            statement=r"$-\mathbb E\cos(h(\Psi),\mathrm{sg}\,\Psi^+)$ with a predictor $h$: not "
            r"the gradient of any loss, so there is no minimum to claim",
            source="Chen & He 2021, arXiv 2011.10566",
        ),
    ]


def covariance_penalty(strength=1.0):
    """Whitening asked for by a penalty of ``strength`` λ > 0, not enforced. Our derivation."""
    strength = as_number("strength", strength, above=0)

    def minimiser(context, d):
        nu = _optima.system(context, d)[2]
        return _both(nu * np.sqrt(_optima.surviving(context, d, strength)))

    def span(context, d):
        alive = np.count_nonzero(_optima.surviving(context, d, strength))
        return _optima.contexture(context, alive)

    return Objective(
        "covariance penalty", "non-contrastive",
        partial(losses.covariance_penalty, strength=strength), laws.views, "a",
        r"$\mathbb E\|\Psi-\Psi^+\|^2+\lambda\|\mathrm{Cov}\,\Psi-I\|_F^2\ \ge\ "
        r"\sum_{i\le d}h(1-s_i^2)$, $h(u)=2u-u^2/\lambda$ for $u<\lambda$, else $\lambda$: "
        r"modes with $1-s_i^2\ge\lambda$ are off, the others have variance $1-(1-s_i^2)/\lambda$",
        "contexture, less the modes switched off", "our derivation",
        minimum=lambda c, d: _optima.penalised_minimum(c, d, strength),
        minimiser=minimiser, span=span,
    )


# -- graphs, and the two general objectives ---------------------------------------


def _graph():
    def law(context):
        _optima.refuse_directed(context)
        return laws.pairs(context)

    return Objective(
        "graph smoothness", "graph", losses.graph_smoothness, law, "x",
        r"$\frac12\mathbb E_{(u,v)}\|\Phi(u)-\Phi(v)\|^2\ \ge\ \sum_{i\le d}(1-\lambda_i)$ under "
        r"$\mathrm{Cov}\,\Phi=I$, $\lambda_i$ the *signed* eigenvalues of the walk",
        "signed eigenfunctions of the walk",
        minimum=lambda c, d: d - float(_optima.walk(c)[0][:d].sum()),
        minimiser=lambda c, d: _both(_optima.leading(_optima.walk(c), d)),
        span=lambda c, d: _optima.leading(_optima.walk(c), d, ties=True),
    )


def kise(kernel=None):
    """KISE on the context's dual kernel k_X⁺, or on any other positive ``kernel`` (N, N)."""
    row = Objective(
        "KISE", "general", losses.kise, laws.inputs, "x",
        r"$-\mathbb E\langle\tilde\Phi,T_k\tilde\Phi\rangle\ \ge\ -\sum_{i\le d}\lambda_i(T_k)$ "
        r"under $\mathrm{Cov}\,\Phi=I$; for $k=k_X^+$, $\lambda_i=s_i^2$",
        "contexture", minimum=_minus_squares, minimiser=_whitened_inputs,
    )
    if kernel is None:
        return row
    kernel = as_numbers("kernel", kernel)

    def eigensystem(context):
        if kernel.shape != (context.shape[0],) * 2:
            raise ValueError(f"kernel has shape {kernel.shape}; this context has "
                             f"{context.shape[0]} inputs")
        root = np.sqrt(context.p_x)
        return _optima.eigensystem(kernel * np.outer(root, root), context.p_x)

    return replace(
        row, law=lambda c: laws.kernel(kernel, c.p_x), learns="eigenfunctions of the kernel",
        minimum=lambda c, d: -float(eigensystem(c)[0][:d].sum()),
        minimiser=lambda c, d: _both(_optima.leading(eigensystem(c), d)),
        span=lambda c, d: _optima.top(*eigensystem(c), d),
    )


def _general():
    def svme(context, d):
        mu = _optima.whitened(context, d, "x")
        return mu, context.expect_adjoint(mu)

    def svme_both(context, d):
        return _optima.whitened(context, d, "x"), _optima.whitened(context, d, "a")

    return [
        Objective(
            "SVME", "general", losses.svme, laws.pairs, "xa",
            r"$\mathbb E_{P^+}\|\tilde\Phi(X)-\tilde\Psi(A)\|^2\ \ge\ \sum_{i\le d}(1-s_i^2)$ "
            r"under $\mathrm{Cov}\,\Phi=I$",
            "contexture", minimum=lambda c, d: d + _minus_squares(c, d), minimiser=svme,
        ),
        Objective(
            "SVME, both whitened", "general", losses.svme_both, laws.pairs, "xa",
            r"$\mathbb E_{P^+}\|\tilde\Phi(X)-\tilde\Psi(A)\|^2\ \ge\ 2\sum_{i\le d}(1-s_i)$ under "
            r"$\mathrm{Cov}\,\Phi=\mathrm{Cov}\,\Psi=I$",
            "contexture",
            minimum=lambda c, d: 2 * float((1 - _optima.singular_values(c, d)).sum()),
            minimiser=svme_both,
        ),
        kise(),
        Objective(
            "whitened trace", "general", losses.whitened_trace, laws.inputs, "x",
            r"$-\mathrm{tr}(C^{-1}B)\ \ge\ -\sum_{i\le d}s_i^2$, $C=\mathrm{Cov}\,\Phi(X)$, "
            r"$B=\mathrm{Cov}(\Phi(X),\Phi(X^+))$: minus the ratio trace",
            "contexture", minimum=_minus_squares, minimiser=_whitened_inputs,
        ),
    ]


def _minus_squares(context, d):
    return -float((_optima.singular_values(context, d) ** 2).sum())


def _fourth_powers(context, d):
    return float((_optima.singular_values(context, d) ** 4).sum()) if d else 0.0


def _towers(context, d):
    s, mu, nu = _optima.system(context, d)
    return mu, s * nu


def _whitened_inputs(context, d):
    return _both(_optima.whitened(context, d, "x"))


def _both(functions):
    return functions, functions
