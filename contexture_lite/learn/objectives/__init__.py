r"""The table of objectives: what each trains on, what it learns, and how low it can go.

The losses are in `contexture_lite.learn.losses`. Minima are over unrestricted encoders in the
population. VICReg, Barlow Twins and stop-gradient make no exact claim: there one measures.

In the statements X is the input, A its context, A⁺ another view of the same input, A⁻ or
X⁻ an independent draw; ψ̃ = ψ − E ψ; the constant function is mode 0 and i runs from 1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

from contexture_lite._checks import as_number, as_numbers
from contexture_lite.learn import laws, losses
from contexture_lite.learn.objectives import optima
from contexture_lite.learn.objectives.collapse import decayed_two_towers, least_squares_predictor
from contexture_lite.learn.objectives.optima import minus_squares
from contexture_lite.learn.objectives.problem import Objective, Problem, Table
from contexture_lite.learn.objectives.regression import (
    balanced_denoising,
    class_balanced,
    denoising,
    masked_reconstruction,
    supervised,
)

__all__ = [
    "Objective", "Problem", "table", "find", "supervised", "class_balanced", "denoising",
    "balanced_denoising", "masked_reconstruction", "covariance_penalty", "kise",
    "least_squares_predictor", "decayed_two_towers",
]


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


def _contrastive():
    def with_constant(context, d):
        _, scaled = _towers(context, d)
        return _both(np.hstack([np.ones((len(scaled), 1)), scaled])[:, :d])

    return [
        Objective(
            "spectral contrastive", "contrastive", losses.spectral_contrastive, laws.views, "a",
            r"$-\mathbb E\langle\tilde\Psi,\tilde\Psi^+\rangle"
            r"+\frac12\mathbb E\langle\tilde\Psi,\tilde\Psi^-\rangle^2\ \ge\ "
            r"-\frac12\sum_{i\le d}s_i^4$",
            "contexture", minimum=lambda c, d: -_fourth_powers(c, d) / 2,
            minimiser=lambda c, d: _both(_towers(c, d)[1]),
        ),
        Objective(
            "uncentred spectral contrastive", "contrastive",
            losses.spectral_contrastive_uncentred, laws.views, "a",
            r"$-2\mathbb E\langle\Psi,\Psi^+\rangle+\mathbb E\langle\Psi,\Psi^-\rangle^2\ \ge\ "
            r"-(1+\sum_{i<d}s_i^4)$",
            "contexture of d − 1, and the constant",
            minimum=lambda c, d: -1 - _fourth_powers(c, d - 1), minimiser=with_constant,
            span=lambda c, d: optima.contexture(c, d - 1),
        ),
        Objective(
            "two towers", "contrastive", losses.low_rank, laws.pairs, "xa",
            r"$-2\mathbb E_{P^+}\langle\tilde\Phi,\tilde\Psi\rangle"
            r"+\mathbb E_{P_X\times P_A}\langle\tilde\Phi,\tilde\Psi\rangle^2\ \ge\ "
            r"-\sum_{i\le d}s_i^2$",
            "contexture", minimum=minus_squares, minimiser=_towers,
        ),
        Objective(
            "nested low rank", "contrastive", losses.nested_low_rank, laws.pairs, "xa",
            r"$\sum_jw_jL_j\ \ge\ -\sum_jw_j\sum_{i\le j}s_i^2$, $L_j$ the two-tower loss of the "
            r"first $j$ coordinates, $w_j=1/d$: coordinate $i$ is $\mu_i$ itself",
            "contexture, in order",
            minimum=lambda c, d: -np.cumsum(optima.singular_values(c, d) ** 2).mean().item(),
            minimiser=_towers,
        ),
        Objective(
            "InfoNCE", "contrastive", losses.info_nce, laws.pairs, "xa",
            r"$-\mathbb E\langle\Phi,\Psi\rangle+\mathbb E_X\log\mathbb E_{A^-}"
            r"e^{\langle\Phi(X),\Psi(A^-)\rangle}\ \ge\ -I(X;A)$, with equality for "
            r"$\langle\Phi,\Psi\rangle=\log\frac{P^+}{P_XP_A}+c(x)$ if $d$ dimensions can hold it; "
            r"where $P^+=0$ it is approached only",
            "the log density ratio",
            minimum=lambda c, d: -c.mutual_information(), minimiser=optima.log_ratio,
        ),
    ]


def _non_contrastive():
    views = partial(Objective, family="non-contrastive", law=laws.views, encodes="a")
    return [
        views(
            "whitened non-contrastive", loss=losses.whitened_distance,
            statement=r"$\mathbb E\|\Psi(A)-\Psi(A^+)\|^2\ \ge\ 2\sum_{i\le d}(1-s_i^2)$ under "
            r"$\mathrm{Cov}\,\Psi=I$",
            learns="contexture", minimum=lambda c, d: 2 * (d + minus_squares(c, d)),
            minimiser=lambda c, d: _both(optima.whitened(c, d, "a")),
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

    def variances(context, d):
        return optima.surviving(context, d, strength)

    return Objective(
        "covariance penalty", "non-contrastive",
        partial(losses.covariance_penalty, strength=strength), laws.views, "a",
        r"$\mathbb E\|\Psi-\Psi^+\|^2+\lambda\|\mathrm{Cov}\,\Psi-I\|_F^2\ \ge\ "
        r"\sum_{i\le d}h(1-s_i^2)$, $h(u)=2u-u^2/\lambda$ for $u<\lambda$, else $\lambda$: "
        r"modes with $1-s_i^2\ge\lambda$ are off, the others have variance $1-(1-s_i^2)/\lambda$",
        "contexture, less the modes switched off", "our derivation",
        minimum=lambda c, d: optima.penalised_minimum(c, d, strength),
        minimiser=lambda c, d: _both(optima.system(c, d)[2] * np.sqrt(variances(c, d))),
        span=lambda c, d: optima.contexture(c, np.count_nonzero(variances(c, d))),
    )


def _graph():
    def law(context):
        optima.refuse_directed(context)
        return laws.pairs(context)

    return Objective(
        "graph smoothness", "graph", losses.graph_smoothness, law, "x",
        r"$\frac12\mathbb E_{(u,v)}\|\Phi(u)-\Phi(v)\|^2\ \ge\ \sum_{i\le d}(1-\lambda_i)$ under "
        r"$\mathrm{Cov}\,\Phi=I$, $\lambda_i$ the *signed* eigenvalues of the walk",
        "signed eigenfunctions of the walk",
        minimum=lambda c, d: d - float(optima.walk(c)[0][:d].sum()),
        minimiser=lambda c, d: _both(optima.leading(optima.walk(c), d)),
        span=lambda c, d: optima.leading(optima.walk(c), d, whole=True),
    )


def kise(kernel=None):
    """KISE on the context's dual kernel k_X⁺, or on any other positive ``kernel`` (N, N)."""
    row = Objective(
        "KISE", "general", losses.kise, laws.inputs, "x",
        r"$-\mathbb E\langle\tilde\Phi,T_k\tilde\Phi\rangle\ \ge\ -\sum_{i\le d}\lambda_i(T_k)$ "
        r"under $\mathrm{Cov}\,\Phi=I$; for $k=k_X^+$, $\lambda_i=s_i^2$",
        "contexture", minimum=minus_squares, minimiser=_whitened_inputs,
    )
    if kernel is None:
        return row
    kernel = as_numbers("kernel", kernel)

    def eigensystem(context):
        if kernel.shape != (context.shape[0],) * 2:
            raise ValueError(f"kernel has shape {kernel.shape}; this context has "
                             f"{context.shape[0]} inputs")
        root = np.sqrt(context.p_x)
        return optima.eigensystem(kernel * np.outer(root, root), context.p_x)

    return replace(
        row, law=lambda c: laws.kernel(kernel, c.p_x), learns="eigenfunctions of the kernel",
        minimum=lambda c, d: -float(eigensystem(c)[0][:d].sum()),
        minimiser=lambda c, d: _both(optima.leading(eigensystem(c), d)),
        span=lambda c, d: optima.top(*eigensystem(c), d),
    )


def _general():
    def svme(context, d):
        mu = optima.whitened(context, d, "x")
        return mu, context.expect_adjoint(mu)

    return [
        Objective(
            "SVME", "general", losses.svme, laws.pairs, "xa",
            r"$\mathbb E_{P^+}\|\tilde\Phi(X)-\tilde\Psi(A)\|^2\ \ge\ \sum_{i\le d}(1-s_i^2)$ "
            r"under $\mathrm{Cov}\,\Phi=I$",
            "contexture", minimum=lambda c, d: d + minus_squares(c, d), minimiser=svme,
        ),
        Objective(
            "SVME, both whitened", "general", losses.svme_both, laws.pairs, "xa",
            r"$\mathbb E_{P^+}\|\tilde\Phi(X)-\tilde\Psi(A)\|^2\ \ge\ 2\sum_{i\le d}(1-s_i)$ under "
            r"$\mathrm{Cov}\,\Phi=\mathrm{Cov}\,\Psi=I$",
            "contexture",
            minimum=lambda c, d: 2 * float((1 - optima.singular_values(c, d)).sum()),
            minimiser=lambda c, d: tuple(optima.whitened(c, d, side) for side in "xa"),
        ),
        kise(),
        Objective(
            "whitened trace", "general", losses.whitened_trace, laws.inputs, "x",
            r"$-\mathrm{tr}(C^{-1}B)\ \ge\ -\sum_{i\le d}s_i^2$, $C=\mathrm{Cov}\,\Phi(X)$, "
            r"$B=\mathrm{Cov}(\Phi(X),\Phi(X^+))$: minus the ratio trace",
            "contexture", minimum=minus_squares, minimiser=_whitened_inputs,
        ),
    ]


def _fourth_powers(context, d):
    return float((optima.singular_values(context, d) ** 4).sum()) if d else 0.0


def _towers(context, d):
    s, mu, nu = optima.system(context, d)
    return mu, s * nu


def _whitened_inputs(context, d):
    return _both(optima.whitened(context, d, "x"))


def _both(functions):
    return functions, functions
