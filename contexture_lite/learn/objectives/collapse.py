"""Two objectives whose collapse is known exactly: the best predictor, and weight decay.

They stand beside the table of `objectives`, as the covariance penalty of another strength does.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from contexture_lite._checks import as_number
from contexture_lite.learn import laws
from contexture_lite.learn.laws import on_pairs
from contexture_lite.learn.losses import linear_fit, low_rank, moments, squared_error
from contexture_lite.learn.objectives import optima
from contexture_lite.learn.objectives.problem import Objective


def predicted(law, f, g):
    """½E‖W f̃ − g̃‖² with W = Bᵀ C_f⁻¹, the best linear predictor at every moment.

    No gradient goes through g (stop-gradient). W needs none, as it is the best one. In a batch
    the predictor is fitted to the batch itself.
    """
    laws.refuse_others(law, f, g)
    target = g.detach()
    return squared_error(law, linear_fit(law, f, target), target) / 2


@on_pairs
def decayed_low_rank(law, f, g, decay=0.1):
    """`low_rank` + l (E‖f̃‖² + E‖g̃‖²): two towers with weight decay; ``decay`` is l ≥ 0."""
    as_number("decay", decay, least=0)
    C_f, C_g, _ = moments(law, f, g)
    return low_rank(law, f, g) + decay * (C_f.trace() + C_g.trace())


def least_squares_predictor():
    """Two views and the best linear predictor between them, with stop-gradient.

    Cov Ψ does not change under gradient flow and only the top d functions are stable: W then has
    the eigenvalues s_1² … s_d². There is no minimum to claim. (Without the stop Ψ collapses.)
    """
    return Objective(
        "least-squares predictor", "non-contrastive", predicted, laws.views, "a",
        r"$\frac12\mathbb E\|W\Psi-\mathrm{sg}\,\Psi^+\|^2$ with the best linear $W$: not the "
        r"gradient of any loss; $\mathrm{Cov}\,\Psi$ is conserved",
        "contexture", "Tang et al. 2022, arXiv 2212.03319, for linear encoders; our derivation",
    )


def decayed_two_towers(decay=0.1):
    """Two towers with weight decay l = ``decay`` ≥ 0: it learns (s_i − l)₊. Our derivation."""
    decay = as_number("decay", decay, least=0)

    def kept(context, d):
        return np.maximum(optima.singular_values(context, d) - decay, 0)

    def minimiser(context, d):
        _, mu, nu = optima.system(context, d)
        return tuple(side * np.sqrt(kept(context, d)) for side in (mu, nu))

    return Objective(
        "two towers with weight decay", "contrastive", partial(decayed_low_rank, decay=decay),
        laws.pairs, "xa",
        r"$-2\mathbb E_{P^+}\langle\tilde\Phi,\tilde\Psi\rangle"
        r"+\mathbb E_{P_X\times P_A}\langle\tilde\Phi,\tilde\Psi\rangle^2"
        r"+l(\mathbb E\|\tilde\Phi\|^2+\mathbb E\|\tilde\Psi\|^2)\ \ge\ "
        r"-\sum_{i\le d}(s_i-l)_+^2$",
        "contexture, less the modes switched off", "our derivation",
        minimum=lambda c, d: -float((kept(c, d) ** 2).sum()), minimiser=minimiser,
        span=lambda c, d: optima.contexture(c, np.count_nonzero(kept(c, d))),
    )
