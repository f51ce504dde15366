"""Every claim of notebooks 04 and 05 is seen to fail when the package is wrong."""

import numpy as np
import pytest
from broken import (
    GRAPH,
    ORDINARY,
    TRUE,
    draw,
    everywhere,
    large_values,
    small_values,
    wrong_functions,
    wrong_marginals,
)

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims.noncontrastive import walk_modes
from contexture_lite.claims.supervised import label_modes

CUBE = gallery.hypercube(0.6)
CLASSES = gallery.deterministic_label(3, size=2)
WEAK = gallery.symmetric_channel(0.4)


# -- ways to be wrong --------------------------------------------------------------


def small_information(monkeypatch, context):
    true = cl.Context.mutual_information
    monkeypatch.setattr(cl.Context, "mutual_information", lambda self: true(self) / 3)


def weak_kernel(monkeypatch, context):
    """Kernels too close to 1."""
    for name in ("dual_kernel", "positive_pair_kernel"):
        true = getattr(cl.Context, name)
        monkeypatch.setattr(cl.Context, name, lambda self, true=true: 0.9 + true(self) / 10)


def no_whitening(monkeypatch, context):
    """Ritz values of B alone."""

    def wrong(context, phi):
        back = context.expect_adjoint(phi - context.p_x @ phi)
        values, vectors = np.linalg.eigh(back.T @ (context.p_a[:, None] * back))
        functions = (phi - context.p_x @ phi) @ vectors[:, ::-1]
        return cl.tasks.Ritz(values[::-1], functions, vectors[:, ::-1], context.p_x @ phi)

    everywhere(monkeypatch, "ritz", wrong)


# -- encoders that attain the minimum ----------------------------------------------


def exact(context, side, scale=None):
    """The top two functions of a side, whitened or scaled."""
    system = TRUE(context, 2)
    functions = {"x": system.left, "a": system.right}[side]
    return functions if scale is None else functions * scale(system.values)


def components(context, side):
    """The top two principal components of the regression on one-hot labels."""
    context = context if side == "x" else cl.Context(context.joint.T)
    return label_modes(context)[1][:, :2]


LOG_RATIO = np.log(ORDINARY.joint / np.multiply.outer(ORDINARY.p_x, ORDINARY.p_a))
EXACT = {  # bound: (context, the encoder that attains it)
    "supervised": (ORDINARY, components(ORDINARY, "x")),
    "class-balanced-supervised": (ORDINARY, exact(ORDINARY, "x")),
    "spectral-contrastive": (ORDINARY, exact(ORDINARY, "a", lambda s: s)),
    "uncentred-spectral-contrastive": (
        ORDINARY, np.c_[np.ones(5), TRUE(ORDINARY, 1).right * TRUE(ORDINARY, 1).values]),
    "two-towers": (ORDINARY, exact(ORDINARY, "x")),
    "nested-low-rank": (ORDINARY, exact(ORDINARY, "x")),
    "whitened-non-contrastive": (ORDINARY, exact(ORDINARY, "a")),
    "covariance-penalty": (ORDINARY, exact(ORDINARY, "a", lambda s: s)),  # 1 − (1 − s²)/1 = s²
    "denoising": (ORDINARY, components(ORDINARY, "a")),
    "graph-smoothness": (GRAPH, walk_modes(GRAPH)[1][:, :2]),
    "svme": (ORDINARY, exact(ORDINARY, "x")),
    "svme-both-whitened": (ORDINARY, exact(ORDINARY, "x")),
    "kise": (ORDINARY, exact(ORDINARY, "x")),
}


def bound(name, mutation):
    context, encoder = EXACT[name]
    return [(context, mutation, {"encoder_on": encoder})]


BOTH = [(ORDINARY, small_values), (ORDINARY, wrong_functions)]
MUTATIONS = {  # claim: (context, what is broken, options), at least one each
    **{f"minimum-{name}": BOTH for name in EXACT},
    **{f"bound-{name}": bound(name, small_values) for name in EXACT},
    "bound-supervised": bound("supervised", large_values),
    "bound-denoising": bound("denoising", large_values),
    "minimum-graph-smoothness": [(GRAPH, small_values), (GRAPH, wrong_functions)],
    "supervised-kernel": BOTH,
    "class-limit": [(ORDINARY, wrong_functions)],
    "equal-classes": [(CUBE, small_values), (CUBE, large_values)],
    "neural-collapse": [(CLASSES, wrong_marginals)],
    "simplex": [(CLASSES, wrong_marginals)],
    "completed-square": BOTH,
    "minimum-infonce": [*BOTH, (ORDINARY, small_information)],
    "bound-infonce": [(ORDINARY, small_information, {"function_on": LOG_RATIO})],
    "infonce-candidates": [(ORDINARY, small_information)],
    "infonce-more-candidates": [(ORDINARY, small_information)],
    "infonce-and-spectral": [(WEAK, weak_kernel)],
    "average-encoder": BOTH,
    "collapse-threshold": [(*case, {"strength": 1.0}) for case in BOTH],
    "barlow-twins": BOTH,
    "barlow-copies": [(ORDINARY, large_values)],
    "lazy-walk": [(GRAPH, small_values), (GRAPH, wrong_functions)],
    "svme-second-encoder": [(ORDINARY, wrong_marginals)],
    "svme-half": [(ORDINARY, wrong_functions)],
    "kise-pair-distance": [(ORDINARY, weak_kernel)],
    "ritz-functions": [*BOTH, (ORDINARY, no_whitening)],
    "ritz-more-outputs": [(ORDINARY, no_whitening, {"features": 10 * exact(ORDINARY, "x")})],
    "nested-prefixes": BOTH,
}


OUTSIDE = {  # claim: (a context outside its hypotheses, options), and the two sides differ
    "equal-classes": (cl.Context.from_counts([[3, 0], [0, 1]]), {}),
    "neural-collapse": (gallery.symmetric_channel(0.5), {}),
    "simplex": (cl.Context.from_counts([[2, 0, 0], [0, 1, 0], [0, 0, 1]]), {}),
    "infonce-and-spectral": (gallery.identity(3), {}),
    "barlow-copies": (gallery.binomial_thinning(0.5), {"redundancy": 0.0}),
    "kise-pair-distance": (gallery.identity(3), {"kernel": np.eye(3)}),
}


@pytest.mark.parametrize("name", EXACT)
def test_the_bounds_are_tight_and_the_minimisers_local(name, monkeypatch):
    """At the exact encoder the loss is the bound; a little beside it, a little above."""
    tight(monkeypatch, f"bound-{name}", EXACT[name][0], "encoder_on", EXACT[name][1])


def test_the_best_critic_is_a_minimum_too(monkeypatch):
    tight(monkeypatch, "bound-infonce", ORDINARY, "function_on", LOG_RATIO)


def tight(monkeypatch, identifier, context, name, best):
    def gap(drawn):
        draw(monkeypatch, {name: drawn})
        sides = claims.check(identifier, context).sides
        return sides.right - sides.left

    assert gap(best) == pytest.approx(0, abs=1e-9)
    for step in np.random.default_rng(0).standard_normal((20, *best.shape)):
        assert 1e-7 < gap(best + 0.01 * step) < 0.1
