"""Every claim of notebook 08 is seen to fail when the package is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from broken import (
    ORDINARY,
    TRUE,
    large_values,
    small_values,
    wrong_functions,
)

import contexture_lite as cl
from contexture_lite import alignment, claims, gallery

RNG = np.random.default_rng(3)
SECOND = cl.Context.from_conditional(  # not far from the first
    ORDINARY.conditional() + 0.1 * RNG.random((6, 5)), ORDINARY.p_x)
TOP = TRUE(ORDINARY, 2).left
NEXT = {"encoder": TRUE(ORDINARY, 3).left[:, [0, 2]]}  # the bound is reached here
TILTED = {"encoder": TRUE(ORDINARY, 3).left @ [[1, 0], [0, np.cos(0.5)], [0, np.sin(0.5)]]}
TWICE_TOP = {"encoder": TOP, "second": TOP, "other": SECOND}
MEASURES = ("canonical_correlations", "principal_angles", "squared_cca", "cka",
            "mutual_neighbours")
RIGHT = {name: getattr(alignment, name) for name in MEASURES}


def measure(name, change):
    """A measure of `contexture_lite.alignment` is changed."""

    def broken(monkeypatch, context):
        monkeypatch.setattr(alignment, name, lambda *given: change(RIGHT[name], *given))

    broken.__name__ = f"{name}_{change.__name__}"
    return broken


def equally_weighted(measure, f, g, weights=None):
    return measure(f, g)


def not_whitened(measure, f, g, weights=None):
    """Directions count by their size, as in a plain product of both."""
    root = np.sqrt(weights)[:, None]
    f, g = (root * (z - weights @ z) for z in (f, g))
    return np.linalg.svd(f.T @ g, compute_uv=False)


def not_squared(measure, f, g, weights=None):
    return np.mean(RIGHT["canonical_correlations"](f, g, weights))


def doubled(measure, f, g, weights=None):
    return 2 * measure(f, g, weights)


def not_centred(measure, f, g, weights=None):
    """The constant counts as a feature that both have."""
    root = np.sqrt(weights)[:, None]
    f, g = (root * (z + 1) for z in (f, g))
    return np.linalg.norm(f.T @ g) ** 2 / (np.linalg.norm(f.T @ f) * np.linalg.norm(g.T @ g))


def of_n_points(measure, f, g, *given):
    """n in the place of n − 1."""
    right, n = measure(f, g, *given), len(f)
    return replace(right, unrelated=right.unrelated * (n - 1) / n)


def without_spectra(measure, f, g, *given):
    """As if the features were whitened."""
    d = np.sqrt(f.shape[1] * g.shape[1])
    return replace(measure(f, g, *given), unrelated=d / (len(f) - 1))


def by_position(monkeypatch, context):
    """The kernel is looked up in the order of the table's first names."""
    true = cl.Context.dual_kernel
    order = np.argsort(context.p_x)
    monkeypatch.setattr(cl.Context, "dual_kernel", lambda self: true(self)[order])


MUTATIONS = {  # claim: (context, what is broken, options), at least one each
    "cca-invariance": [
        (ORDINARY, measure("canonical_correlations", equally_weighted)),
        (ORDINARY, measure("canonical_correlations", not_whitened)),
    ],
    "canonical-angles": [
        (ORDINARY, measure("squared_cca", not_squared)),
        (ORDINARY, measure("squared_cca", equally_weighted)),
    ],
    "cka-whitened": [
        (ORDINARY, measure("cka", not_centred)),
        (ORDINARY, measure("cka", equally_weighted)),
    ],
    "cca-by-chance": [(ORDINARY, measure("squared_cca", of_n_points))],
    "cka-by-chance": [
        (ORDINARY, measure("cka", of_n_points)),
        (ORDINARY, measure("cka", without_spectra)),
    ],
    "neighbours-by-chance": [(ORDINARY, measure("mutual_neighbours", of_n_points))],
    "plateau-agreement": [
        (ORDINARY, wrong_functions, NEXT),
        (ORDINARY, large_values, NEXT),
        (ORDINARY, measure("principal_angles", doubled), TILTED),
    ],
    "agreement-of-contexts": [
        (ORDINARY, measure("principal_angles", doubled), TWICE_TOP),
    ],
    "new-names": [
        (ORDINARY, small_values),
        (ORDINARY, by_position),
    ],
}
SURVEYED = {"08": ([ORDINARY, gallery.hypercube(0.6), gallery.identity(3)], 6)}


# -- where the bounds are reached, and where they are far ------------------------------


def test_the_plateau_bound_is_reached_by_the_next_function_in_the_place_of_the_last():
    check = claims.check("plateau-agreement", ORDINARY, **NEXT)
    s = TRUE(ORDINARY).values ** 2
    assert np.allclose([check.sides.left, check.sides.right], s[1] - s[2])


def test_nothing_is_missing_at_the_top():
    check = claims.check("plateau-agreement", ORDINARY, encoder=TOP)
    assert check and np.allclose([check.sides.left, check.sides.right], 0)


def test_two_copies_of_one_networks_functions_are_as_far_apart_as_the_contexts():
    check = claims.check("agreement-of-contexts", ORDINARY, **TWICE_TOP)
    apart = np.sin(alignment.principal_angles(TOP, TRUE(SECOND, 2).left, ORDINARY.p_x))
    assert np.allclose([check.sides.left, check.sides.right], np.linalg.norm(apart))


def test_with_one_context_the_exact_functions_are_the_same():
    phi, psi = TOP + 0.05 * RNG.standard_normal((2, 6, 2))
    check = claims.check("agreement-of-contexts", ORDINARY, encoder=phi, second=psi,
                         other=ORDINARY)
    assert check and 0 < check.sides.left < check.sides.right < 0.5


# -- what the reader may bring ---------------------------------------------------------


@pytest.mark.parametrize(("encoder", "words"), [
    (np.ones((4, 2)), r"encoder has shape \(4, 2\); it must be \(6, d\)"),
    (np.ones(6), r"encoder has shape \(6,\)"),
    (np.full((6, 1), np.nan), r"encoder\[0, 0\] is nan"),
    (np.ones((6, 1)), "encoder has 1 features and a covariance of rank 0"),
    (np.eye(6), "encoder has 6 features and a covariance of rank 5; it must have at most 4"),
])
def test_an_encoder_that_does_not_fit_is_named(encoder, words):
    with pytest.raises(ValueError, match=words):
        claims.check("plateau-agreement", ORDINARY, encoder=encoder)
    with pytest.raises(ValueError, match=words):
        claims.check("agreement-of-contexts", ORDINARY, second=encoder)


def test_orders_can_be_tried_of_few_inputs_only():
    assert "at most 7 inputs, whose orders can all be tried, this one has 8" in repr(
        claims.check("cca-by-chance", gallery.hypercube(0.6)))
