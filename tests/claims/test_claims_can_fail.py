"""Every claim is seen to fail when the package is wrong, those of 01 to 03 here."""

from dataclasses import replace

import numpy as np
import pytest
from broken import (
    ORDINARY,
    TRUE,
    draw,
    everywhere,
    large_values,
    small_values,
    wrong_functions,
    wrong_marginals,
)
from joints import prescribed

import contexture_lite as cl
from contexture_lite import claims, gallery

RNG = np.random.default_rng(3)
CUBE = gallery.hypercube(0.6)


def wrong_information(monkeypatch, context):
    """Bits instead of nats, and some more."""
    true = cl.Context.mutual_information
    monkeypatch.setattr(cl.Context, "mutual_information", lambda self: true(self) / 0.3)


def wrong_kernel(monkeypatch, context):
    """The joint kernel of two inputs, not its ratio to chance."""
    rows = cl.Context.conditional
    monkeypatch.setattr(cl.Context, "dual_kernel", lambda self: rows(self) @ rows(self).T)


def wrong_matrix(monkeypatch, context):
    """Q without the second marginal's root."""
    monkeypatch.setattr(cl.Context, "matrix", lambda self: self.joint / self.p_x[:, None] ** 0.5)


def kernel_too_large(monkeypatch, context):
    true = cl.Context.dual_kernel
    monkeypatch.setattr(cl.Context, "dual_kernel", lambda self: 2 * true(self))


def wrong_matrix_too_large(monkeypatch, context):
    true = cl.Context.matrix
    monkeypatch.setattr(cl.Context, "matrix", lambda self: 2 * true(self))


def low_compatibility(monkeypatch, context):
    """The square of ρ in the place of ρ."""
    everywhere(monkeypatch, "compatibility", lambda *given: cl.compatibility(*given) ** 2)


def high_compatibility(monkeypatch, context):
    everywhere(monkeypatch, "compatibility", lambda *given: cl.compatibility(*given) ** 0.5)


def low_errors(monkeypatch, context):
    everywhere(monkeypatch, "worst_case_error", lambda *given: 0.8 * cl.worst_case_error(*given))


def high_errors(monkeypatch, context):
    everywhere(monkeypatch, "worst_case_error", lambda *given: 2 * cl.worst_case_error(*given))


def higher_errors(monkeypatch, context):
    everywhere(monkeypatch, "worst_case_error", lambda *given: cl.worst_case_error(*given) ** 0.1)


def wrong_minimax(monkeypatch, context):
    """Singular values in the place of their squares."""

    def wrong(context, d, eps):
        s = TRUE(context).values
        return (s[0] - (1 - eps)) / (s[0] - s[d])

    everywhere(monkeypatch, "minimax_error", wrong)


def high_minimax(monkeypatch, context):
    everywhere(monkeypatch, "minimax_error", lambda *given: cl.minimax_error(*given) ** 0.1)


def uncentred_ritz(monkeypatch, context):
    """The constant is taken for a function of the encoder's."""

    def wrong(context, encoder):
        true = cl.ritz(context, encoder)
        return replace(true, values=np.r_[1.0, true.values[:-1]])

    everywhere(monkeypatch, "ritz", wrong)
    everywhere(monkeypatch, "ratio_trace", lambda *given: wrong(*given).values.sum())


def unweighted_ritz(monkeypatch, context):
    """Inputs count the same, whatever their probability; and the result is halved."""

    def wrong(context, encoder):
        true = cl.ritz(context.with_marginal_x(np.ones(context.shape[0])), encoder)
        return replace(true, values=true.values / 2)

    everywhere(monkeypatch, "ritz", wrong)
    everywhere(monkeypatch, "ratio_trace", lambda *given: wrong(*given).values.sum())


TOP = {"features": TRUE(ORDINARY, 2).left}
WITNESSED = {"unit_task": TRUE(ORDINARY).left[:, 1], "function_on": TRUE(ORDINARY).right[:, 1]}
BEST = {"unit_task": TRUE(ORDINARY).left[:, 0]}
MIXED = {"unit_task": TRUE(ORDINARY).left @ [3, 0, 2, 1] / np.sqrt(14)}  # near the bound for d = 2
NEAR = {"features": 0.01 * RNG.standard_normal((7, 2))}
ONE_LARGE = prescribed(np.sqrt([0.9, 0.02, 0.01, 0.005]), 7, 6)[0]  # the bound is near the error
MUTATIONS = {  # claim: (context, what is broken, options), at least one each
    "adjoint": [(ORDINARY, wrong_marginals)],
    "keeps-constants": [(ORDINARY, wrong_marginals)],
    "keeps-means": [(ORDINARY, wrong_marginals)],
    "contraction": [(gallery.identity(4), wrong_marginals)],
    "total-variance": [(ORDINARY, wrong_marginals)],
    "dual-kernel": [(ORDINARY, wrong_marginals), (ORDINARY, wrong_kernel)],
    "positive-pair-kernel": [(ORDINARY, wrong_marginals)],
    "two-views": [(ORDINARY, wrong_marginals)],
    "chi-square": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "kernel-trace": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "kernel-spread": [(ORDINARY, small_values), (ORDINARY, wrong_kernel)],
    "kernel-diagonal": [(ORDINARY, wrong_marginals), (ORDINARY, wrong_kernel)],
    "information": [(ORDINARY, wrong_information)],
    "view-variance": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "data-processing": [(ORDINARY, large_values, {"channel_from": np.eye(5)})],
    "data-processing-order": [(ORDINARY, kernel_too_large)],
    "coarsening": [(ORDINARY, large_values, {"groups_on": np.arange(6)})],
    "constant-pair": [(ORDINARY, wrong_matrix), (ORDINARY, wrong_matrix_too_large)],
    "singular-system": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "orthonormal": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "expansion": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "kernel-expansions": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "maximal-correlation": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "power-iteration": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "correspondence-analysis": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "components": [(gallery.identity(4), small_values)],
    "truncation-error": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "best-picture": [(ORDINARY, large_values, TOP)],
    "ratio-trace-bound": [(ORDINARY, uncentred_ritz)],
    "ratio-trace-equality": [
        (ORDINARY, unweighted_ritz),
        (ORDINARY, uncentred_ritz),
        (ORDINARY, wrong_functions),
    ],
    "ratio-trace-invariance": [(ORDINARY, wrong_marginals), (ORDINARY, unweighted_ritz)],
    "fisher-bound": [(ORDINARY, small_values, TOP)],
    "fisher-equality": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "rayleigh-ritz": [(ORDINARY, uncentred_ritz)],
    "rayleigh-ritz-equality": [
        (ORDINARY, unweighted_ritz),
        (ORDINARY, uncentred_ritz),
        (ORDINARY, wrong_functions),
    ],
    "average-probe-error": [
        (ORDINARY, small_values),
        (ORDINARY, large_values),
        (ORDINARY, unweighted_ritz),
    ],
    "average-probe-bound": [(ORDINARY, large_values, TOP)],
    "average-probe-equality": [(ORDINARY, small_values), (ORDINARY, wrong_functions)],
    "closed-form": [(CUBE, small_values), (gallery.gaussian_pair(0.8), large_values)],
    "two-by-two": [(gallery.binary_channel(0.7, prior=0.3), small_values)],
    "erasure": [(gallery.erasure(0.6), wrong_marginals)],
    "hermite-modes": [(gallery.gaussian_pair(0.8), wrong_marginals)],
    "fourier-modes": [(gallery.cycle_walk(0.3), wrong_marginals)],
    "fourier-values": [(gallery.cycle_walk(0.3), small_values)],
    "walsh-modes": [(CUBE, wrong_marginals)],
    "walsh-values": [(CUBE, small_values)],
    "symmetric-walk": [(gallery.clusters(0.4), small_values)],
    "deterministic-values": [(gallery.deterministic_label(), small_values)],
    "deterministic-kernel": [
        (gallery.deterministic_label(), wrong_marginals),
        (gallery.deterministic_label(), wrong_kernel),
    ],
    "label-rank": [(gallery.deterministic_label(), wrong_marginals)],
    "independent": [(gallery.independent(4), wrong_marginals)],
    "identity": [(gallery.identity(4), wrong_marginals)],
    "compatibility-bound": [(ORDINARY, low_compatibility, WITNESSED)],
    "compatibility-witness": [
        (ORDINARY, low_compatibility),
        (ORDINARY, high_compatibility),
        (ORDINARY, wrong_marginals),
    ],
    "compatibility-spectrum": [
        (ORDINARY, low_compatibility),
        (ORDINARY, small_values),
        (ORDINARY, wrong_functions),
    ],
    "correlation-ratio": [(ORDINARY, high_compatibility), (ORDINARY, wrong_marginals)],
    "witness-view-variance": [(ORDINARY, high_compatibility, BEST)],
    "worst-case-dual": [(ORDINARY, low_errors), (ORDINARY, high_errors)],
    "minimax-value": [
        (ORDINARY, wrong_minimax),
        (ORDINARY, low_errors),
        (ORDINARY, wrong_functions),
    ],
    "minimax-bound": [(ORDINARY, high_minimax), (ORDINARY, low_errors, TOP)],
    "worst-task": [(ORDINARY, wrong_minimax), (ORDINARY, wrong_functions)],
    "beyond-the-range": [(ORDINARY, low_errors)],
    "per-task-bound": [(ORDINARY, high_compatibility, MIXED), (ORDINARY, wrong_functions, MIXED)],
    "rotated-encoder": [(ORDINARY, wrong_minimax), (ORDINARY, high_errors)],
    "trace-gap-bound": [(ONE_LARGE, higher_errors, NEAR), (ONE_LARGE, uncentred_ritz, NEAR)],
}


OUTSIDE = {  # claim: (a context outside its hypotheses, options), and the two sides differ
    "deterministic-kernel": (gallery.symmetric_channel(0.5), {}),
    "independent": (gallery.symmetric_channel(0.5), {}),
    "identity": (gallery.symmetric_channel(0.5), {}),
    "fisher-bound": (gallery.identity(4), {}),
    "fisher-equality": (gallery.deterministic_label(3, size=2), {}),
    "components": (gallery.hidden_mixture(1 - 1e-15, n=2), {}),
    "erasure": (cl.Context.from_counts([[3, 0, 1], [0, 1, 2]]), {}),
    "fourier-modes": (gallery.binomial_thinning(0.5), {}),
    "fourier-values": (gallery.binary_tree(0.5), {}),
    "walsh-modes": (gallery.cycle_walk(0.3, n=8), {}),
    "walsh-values": (gallery.cycle_walk(0.3, n=8), {}),
    "symmetric-walk": (gallery.binomial_thinning(0.5), {}),
    "deterministic-values": (gallery.symmetric_channel(0.5), {}),
    "rotated-encoder": (prescribed(np.sqrt([0.9, 0.6, 0.5, 0.1]), 7, 6)[0], {"angle": 1.2}),
}


@pytest.mark.parametrize("identifier", MUTATIONS)
def test_a_broken_claim_says_so(identifier, monkeypatch):
    context, mutation, *options = MUTATIONS[identifier][0]
    options = draw(monkeypatch, options[0] if options else {})
    right = claims.check(identifier, context, **options)
    changed = mutation(monkeypatch, context) or context
    check = replace(right, sides=claims.find(identifier).function(changed, **options))
    assert not check and check.applies and check.holds is False
    assert ": fails; " in repr(check) and "✗" in check._repr_html_()
