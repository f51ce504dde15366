"""Every claim of notebooks 06 and 07 is seen to fail when the package is wrong."""

from dataclasses import replace

import numpy as np
from broken import (
    GRAPH,
    ORDINARY,
    everywhere,
    use_system,
)

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.usefulness import spectra

FLAT = gallery.symmetric_channel(0.4)
BIT = gallery.binary_channel(0.6)
LOOSE = {"next_context": cl.Context.from_conditional(np.eye(5), ORDINARY.p_a)}  # B = A
TRUE = {name: getattr(cl, name) for name in (
    "convolve", "convex_combination", "concatenate", "concatenate_embeddings", "ratio_trace")}


# -- ways to be wrong --------------------------------------------------------------


def small_values(monkeypatch, context):
    """Squares in the place of the singular values."""
    use_system(monkeypatch, lambda s: replace(s, values=s.values**2), spectra)


def large_values(monkeypatch, context):
    """Roots in the place of the singular values."""
    use_system(monkeypatch, lambda s: replace(s, values=np.sqrt(s.values)), spectra)


def wrong_functions(monkeypatch, context):
    """The right values with the functions of other points."""
    use_system(monkeypatch, lambda s: replace(s, left=np.roll(s.left, 1, axis=0)))


def weak_kernel(monkeypatch, context):
    """Kernels too close to 1."""
    true = cl.Context.dual_kernel
    monkeypatch.setattr(cl.Context, "dual_kernel", lambda self: 1 + 0.3 * (true(self) - 1))


def strong_kernel(monkeypatch, context):
    """Kernels too far from 1."""
    true = cl.Context.dual_kernel
    monkeypatch.setattr(cl.Context, "dual_kernel", lambda self: 1 + 3 * (true(self) - 1))


def score(name, change, doc):
    """The score called ``name`` has another value."""

    def wrong_score(monkeypatch, context):
        true = getattr(spectra, name)

        def wrong(*arguments, **options):
            right = true(*arguments, **options)
            return replace(right, value=change(right))

        everywhere(monkeypatch, name, wrong)

    wrong_score.__name__, wrong_score.__doc__ = f"{name}_{doc}", doc
    return wrong_score


def tau_from_zero(monkeypatch, context):
    """The dimension 0 is allowed."""

    def wrong(context_or_values, beta=1.0, d0=512):
        right = spectra.tau(context_or_values, beta, d0)
        s = spectra._values(context_or_values, None)
        return replace(right, value=min(right.value, 1 / (1 - s[0] ** 2)))

    everywhere(monkeypatch, "tau", wrong)


def tau_by_inputs(monkeypatch, context):
    """A score that looks at more than the spectrum."""

    def wrong(context):
        right = spectra.tau(context)
        return replace(right, value=right.value + context.p_x.max())

    everywhere(monkeypatch, "tau", wrong)


def chain_of_joints(monkeypatch, context):
    """The second joint in the place of its channel."""

    def wrong(first, second):
        return cl.Context.from_counts(first.joint @ second.joint)

    everywhere(monkeypatch, "convolve", wrong)


def no_chain(monkeypatch, context):
    """There is no second step at all: B = X."""
    everywhere(monkeypatch, "convolve", lambda first, second: cl.Context(np.diag(first.p_x)))


def mixed_halves(monkeypatch, context):
    """Weights are ignored."""
    everywhere(monkeypatch, "convex_combination", lambda contexts, weights, revealed=True: TRUE[
        "convex_combination"](contexts, [1, 1], revealed))


def mixed_by_concatenation(monkeypatch, context):
    """Both are shown."""
    everywhere(monkeypatch, "convex_combination", lambda contexts, weights, revealed=True: TRUE[
        "concatenate"](*contexts))


def joined_by_mixing(monkeypatch, context):
    """One of them is shown."""
    everywhere(monkeypatch, "concatenate", lambda *contexts: TRUE["convex_combination"](
        contexts, [1] * len(contexts)))


def first_only(monkeypatch, context):
    """The others are forgotten."""
    everywhere(monkeypatch, "concatenate", lambda *contexts: contexts[0])


def joined_backwards(monkeypatch, context):
    """The pairs are in another order."""
    everywhere(monkeypatch, "concatenate", lambda *contexts: TRUE["concatenate"](*contexts[::-1]))


def unscaled_embeddings(monkeypatch, context):
    """μ in the place of s μ."""
    everywhere(monkeypatch, "concatenate_embeddings", lambda *systems: np.hstack(
        [system.left for system in systems]))


def first_embedding_only(monkeypatch, context):
    everywhere(monkeypatch, "concatenate_embeddings",
               lambda *systems: TRUE["concatenate_embeddings"](systems[0]))


def low_ratio_trace(monkeypatch, context):
    everywhere(monkeypatch, "ratio_trace", lambda *given: 0.5 * TRUE["ratio_trace"](*given))


MUTATIONS = {  # claim: (context, what is broken, options), at least one each
    "tau": [(ORDINARY, small_values), (ORDINARY, large_values), (FLAT, tau_from_zero)],
    "tau-bound": [(ORDINARY, score("tau", lambda s: s.curve[0] + s.curve[-1], "too_large"))],
    "tau-flat": [(FLAT, tau_from_zero), (FLAT, small_values)],
    "tau-erasures": [(ORDINARY, tau_from_zero)],
    "scores-mirrored": [(ORDINARY, tau_by_inputs)],
    "log-trace": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "effective-rank": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "effective-rank-bounds": [
        (ORDINARY, score("effective_rank", lambda s: 1.0, "too_small")),
        (ORDINARY, score("effective_rank", lambda s: s.value**3, "too_large")),
    ],
    "too-weak": [(ORDINARY, weak_kernel), (ORDINARY, strong_kernel)],
    "decay-rate": [(ORDINARY, small_values), (ORDINARY, large_values)],
    "minimax-score": [(ORDINARY, score("minimax", lambda s: s.value**0.9, "too_large")),
                      (ORDINARY, score("minimax", lambda s: s.value**1.1, "too_small"))],
    "convolution-operator": [(ORDINARY, chain_of_joints)],
    "convolution-minimum": [(ORDINARY, large_values), (ORDINARY, no_chain)],
    "convolution-products": [(ORDINARY, large_values), (ORDINARY, no_chain)],
    "convolution-shifted": [(ORDINARY, large_values), (ORDINARY, no_chain)],
    "convolution-order": [(ORDINARY, no_chain), (ORDINARY, strong_kernel, LOOSE)],
    "convolution-erasures": [(ORDINARY, chain_of_joints)],
    "two-steps": [(GRAPH, small_values), (GRAPH, chain_of_joints)],
    "mixture-kernel": [(ORDINARY, mixed_halves), (ORDINARY, weak_kernel)],
    "mixture-energy": [(ORDINARY, mixed_halves), (ORDINARY, small_values)],
    "mixture-top": [(ORDINARY, large_values), (ORDINARY, mixed_by_concatenation)],
    "mixture-weyl": [(ORDINARY, large_values), (ORDINARY, mixed_by_concatenation)],
    "mixture-hidden": [(ORDINARY, strong_kernel), (ORDINARY, mixed_by_concatenation)],
    "mixture-erasure": [(ORDINARY, mixed_halves), (ORDINARY, weak_kernel)],
    "concatenation-table": [(ORDINARY, joined_backwards)],
    "concatenation-order": [(ORDINARY, joined_by_mixing), (ORDINARY, first_only)],
    "concatenation-values": [(ORDINARY, small_values), (ORDINARY, joined_by_mixing)],
    "mixture-and-concatenation": [(ORDINARY, first_only)],
    "product-context": [(ORDINARY, small_values), (ORDINARY, joined_by_mixing)],
    "copies-of-an-erasure": [(ORDINARY, first_only), (ORDINARY, joined_by_mixing)],
    "two-noisy-bits": [(BIT, small_values), (BIT, first_only)],
    "embeddings-kernel": [(ORDINARY, unscaled_embeddings), (ORDINARY, wrong_functions)],
    "embeddings-ratio-trace": [(ORDINARY, first_embedding_only), (ORDINARY, low_ratio_trace),
                               (ORDINARY, wrong_functions)],
}
OUTSIDE = {  # claim: (a context outside its hypotheses, options), and the two sides differ
    "tau-bound": (gallery.hypercube(0.9), {"d0": 1}),
    "tau-flat": (gallery.hypercube(0.3), {}),
    "two-noisy-bits": (gallery.erasure(0.6), {}),
}
SURVEYED = dict.fromkeys(["06", "07"], ([ORDINARY, GRAPH, FLAT, BIT], 8))


def test_scores_may_be_claimed_for_other_options():
    for beta, d0 in ((0.3, 2), (5.0, 3)):
        assert claims.check("tau", ORDINARY, beta=beta, d0=d0)
    unbounded = claims.check("tau", gallery.identity(5), d0=2)
    assert not unbounded.applies and "needs s_{d₀+1} < 1, this one has 1.0" in repr(unbounded)
