"""The claims of notebooks 04 and 05: worked values, what breaks them, and bad options."""

import numpy as np
import pytest
from scipy.optimize import minimize

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import contrastive, noncontrastive, objectives

CLUSTERS = gallery.clusters(0.85, n_clusters=3, size=3)
MASKED = gallery.masked_tokens(0.6)
WORKED = [  # claim, options beside d, what to add to d; at 3 clusters and d = 2, 3 bits and d = 3
    ("minimum-spectral-contrastive", 0, -0.5220, -0.5400),
    ("minimum-uncentred-spectral-contrastive", 1, -2.0440, -2.0800),
    ("minimum-whitened-non-contrastive", 0, 1.1100, 2.4000),
    ("minimum-covariance-penalty", 0, 0.9560, 1.9200),
    ("minimum-svme", 0, 0.5550, 1.2000),
    ("minimum-svme-both-whitened", 0, 0.6000, 1.3524),
    ("minimum-kise", 0, -1.4450, -1.8000),
    ("minimum-two-towers", 0, -1.4450, -1.8000),
    ("fisher-equality", 0, 10.4144, 9.0000),
]


def uneven(seed=0):
    """A random 6 × 5 context without repeated values."""
    return cl.Context.from_counts(np.random.default_rng(seed).gamma(0.5, size=(6, 5)) + 0.01)


# -- worked values -----------------------------------------------------------------


@pytest.mark.parametrize(("identifier", "more", "clusters", "masked"), WORKED)
def test_worked_values(identifier, more, clusters, masked):
    for context, d, value in ((CLUSTERS, 2, clusters), (MASKED, 3, masked)):
        check = claims.check(identifier, context, d=d + more)
        assert check
        assert [check.sides.left, check.sides.right] == pytest.approx([value] * 2, abs=5e-5)


def test_worked_values_of_infonce():
    for context, value in ((CLUSTERS, -0.7042), (MASKED, -1.2477)):
        check = claims.check("minimum-infonce", context)
        assert check and check.sides.left == pytest.approx(value, abs=5e-5)


def test_every_objective_has_both_claims():
    named = {c.identifier for c in claims.ledger() if c.taught_in in ("04", "05")}
    least = {name.removeprefix("minimum-") for name in named if name.startswith("minimum-")}
    bounds = {name.removeprefix("bound-") for name in named if name.startswith("bound-")}
    assert least == bounds and len(least) == 14


@pytest.mark.parametrize("notebook", ["04", "05"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 1), (2, 2), (7, 3), (3, 7)])
def test_a_survey_of_a_notebook_finds_no_failure(notebook, shape):
    context = cl.Context.from_counts(np.random.default_rng(0).random(shape) + 0.05)
    assert ", 0 fail," in repr(claims.survey(context, taught_in=notebook))


# -- another route to the minima: an optimiser that knows only the loss ------------


def searched(context, loss, rows, d, starts=2):
    """The least loss of encoders (rows, d) that L-BFGS finds from random starts."""
    rng = np.random.default_rng(0)
    return min(
        minimize(lambda z: loss(z.reshape(rows, d)), rng.standard_normal(rows * d)).fun
        for _ in range(starts)
    )


SEARCHED = [claim.identifier for claim in claims.ledger() if claim.identifier.startswith("bound-")]


@pytest.mark.usefixtures("one_spectrum")
@pytest.mark.parametrize("identifier", sorted(set(SEARCHED) - {"bound-infonce"}))
def test_an_optimiser_ends_at_the_minimum(identifier):
    symmetric = uneven().joint[:5] + uneven().joint[:5].T
    graph = identifier == "bound-graph-smoothness"
    context = cl.Context.from_counts(symmetric) if graph else uneven()
    on_a = identifier.removeprefix("bound-") in (
        "spectral-contrastive", "uncentred-spectral-contrastive", "whitened-non-contrastive",
        "covariance-penalty", "denoising",
    )

    def loss(encoder):
        return claims.find(identifier).function(context, encoder=encoder).right

    rows = context.shape[on_a]
    least = claims.check(identifier, context, d=2).sides.left
    assert searched(context, loss, rows, 2) == pytest.approx(least, abs=1e-6)


# -- break it ----------------------------------------------------------------------


def test_a_soft_penalty_switches_modes_off_at_the_threshold():
    values = cl.singular_system(MASKED).values  # .6 three times, .36 three times, .216 in squares
    for strength, alive in ((0.3, 0), (0.5, 3), (0.7, 6), (0.9, 7)):
        check = claims.check("collapse-threshold", MASKED, d=7, strength=strength)
        assert check and np.sum(check.sides.left > 1e-9) == alive
        assert np.array_equal(check.sides.right > 0, 1 - values**2 < strength)
        assert claims.check("minimum-covariance-penalty", MASKED, d=7, strength=strength)


def test_two_copies_beat_two_functions_under_a_small_redundancy_penalty():
    modes = np.array([[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]).T
    squares = [0.9, 0.1, 0.09]
    context = cl.Context((1 + (modes * np.sqrt(squares)) @ modes.T) / 16)
    s = cl.singular_system(context).values
    threshold = ((1 - s[1] ** 2) ** 2 - (1 - s[0] ** 2) ** 2) / (2 * s[0] ** 4)
    assert claims.check("barlow-copies", context, redundancy=1.01 * threshold)
    below = claims.check("barlow-copies", context, redundancy=0.005)
    assert not below.applies and f"has the threshold {threshold:.4f}" in repr(below)
    broken = claims.check("barlow-copies", context, redundancy=0.005, anyway=True)
    assert broken.holds is False
    assert [broken.sides.left, broken.sides.right] == pytest.approx([0.82, 0.0281])


def test_the_alternating_function_fools_a_walk_that_never_rests():
    cycle = gallery.cycle_walk(0, n=8)  # even: the alternating function has λ = −1, s = 1
    assert claims.check("lazy-walk", cycle, d=1)
    broken = claims.check("lazy-walk", cycle, d=1, laziness=0.0, anyway=True)
    assert broken.sides.left == pytest.approx(2)  # the roughest function there is
    assert broken.sides.right == pytest.approx(1 - np.sqrt(0.5))


def test_a_kernel_that_does_not_integrate_to_one_is_no_distribution_of_pairs():
    context = uneven()
    ratio = context.dual_kernel()
    assert claims.check("kise-pair-distance", context, kernel=ratio)
    scaled = claims.check("kise-pair-distance", context, kernel=1.5 * ratio)
    assert not scaled.applies and "misses it by 0.5000" in repr(scaled)
    anyway = claims.check("kise-pair-distance", context, kernel=1.5 * ratio, anyway=True)
    assert anyway.sides.right - anyway.sides.left == pytest.approx(-1, abs=1e-9)  # d (1 − 1.5)


def test_rotating_nested_features_loses_their_order_and_nothing_else():
    context = uneven()
    assert claims.check("nested-prefixes", context, d=3)
    rotated = claims.check("nested-prefixes", context, d=3, angle=0.5)
    gap = rotated.sides.left - rotated.sides.right
    assert rotated.holds is False and gap[0] > 0.01 and np.allclose(gap[1:], 0)


def test_more_outputs_never_lower_a_value_and_enough_of_them_give_all():
    context, s = uneven(), cl.singular_system(uneven()).values
    gains = [claims.check("ritz-more-outputs", context, d=1, extra=n) for n in (1, 2, 3, 4)]
    assert all(gains)
    largest = [gain.sides.right[0] for gain in gains]
    assert largest == sorted(largest) and largest[-1] == pytest.approx(s[0] ** 2)


def test_few_candidates_cannot_show_much_information():
    strong = gallery.identity(5)  # I = log 5
    check = claims.check("infonce-candidates", strong)
    assert check and np.all(check.sides.right == np.log([2, 3]))
    assert np.all(check.sides.left < np.log([2, 3])) and np.all(np.diff(check.sides.left) > 0)
    critic = np.random.default_rng(0).standard_normal((5, 5))
    assert np.all(claims.check("infonce-candidates", strong, critic=critic).sides.left < 0.1)


def test_labels_as_vectors_have_the_kernel_of_their_regression():
    targets = np.random.default_rng(1).standard_normal((5, 2))
    assert claims.check("supervised-kernel", uneven(), targets=targets)
    assert claims.check("supervised-kernel", uneven(), targets=targets[:, 0])


# -- bad options -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "options", "error", "words"),
    [
        ("bound-kise", {"encoder": np.ones(4)}, ValueError, r"encoder has shape \(4,\)"),
        ("bound-kise", {"encoder": np.ones((3, 1))}, ValueError, r"encoder has shape \(3, 1\)"),
        ("bound-kise", {"encoder": np.eye(4)}, ValueError, "encoder has 4 features; it must have"),
        ("bound-kise", {"encoder": np.eye(4)[:, :2], "d": 3}, ValueError, "d is 3, but encoder"),
        ("bound-kise", {"encoder": np.full((4, 1), np.nan)}, ValueError, r"encoder\[0, 0\] is nan"),
        ("bound-kise", {"encoder": np.ones((4, 1))}, ValueError, "encoder has 1 features that can"),
        ("minimum-kise", {"d": 0}, ValueError, "d is 0"),
        ("minimum-svme", {"d": 9}, ValueError, "d is 9; this context has 3"),
        ("bound-infonce", {"critic": np.eye(3)}, ValueError, r"critic has shape \(3, 3\)"),
        ("infonce-candidates", {"critic": np.ones((4, 2))}, ValueError, "it must be (4, 4)"),
        ("supervised-kernel", {"targets": np.ones(3)}, ValueError, "targets has shape"),
        ("minimum-covariance-penalty", {"strength": 0}, ValueError, "strength is 0"),
        ("collapse-threshold", {"strength": "much"}, TypeError, "strength is 'much'"),
        ("barlow-twins", {"redundancy": -1}, ValueError, "redundancy is -1"),
        ("barlow-copies", {"redundancy": -1}, ValueError, "redundancy is -1"),
        ("lazy-walk", {"laziness": 1.0}, ValueError, "laziness is 1; it must be < 1"),
        ("kise-pair-distance", {"kernel": np.eye(3)}, ValueError, "kernel has shape"),
        ("kise-pair-distance", {"kernel": np.ones((4, 2))}, ValueError, "kernel has shape"),
        ("ritz-more-outputs", {"extra": 0}, ValueError, "extra is 0"),
        ("nested-prefixes", {"angle": np.inf}, ValueError, "angle is inf"),
    ],
)
def test_bad_options_are_named(identifier, options, error, words):
    with pytest.raises(error, match=words.replace("(4, 4)", r"\(4, 4\)")):
        claims.check(identifier, gallery.symmetric_channel(0.5), **options)


def test_what_needs_a_graph_or_a_small_table_says_so():
    check = claims.check("minimum-graph-smoothness", uneven())
    assert not check.applies and "needs an undirected graph" in repr(check)
    check = claims.check("infonce-candidates", gallery.gaussian_pair(0.8, 46))
    assert not check.applies and "this one is" in repr(check)


# -- the brute-force losses themselves ---------------------------------------------


def test_losses_on_a_coin_by_hand():
    pairs = np.array([[0.4, 0.1], [0.1, 0.4]])
    f = np.array([[1.0], [-1.0]])
    both = np.c_[f, f]
    assert objectives.squared_distance(pairs, f, f) == pytest.approx(0.2 * 4)
    assert objectives.low_rank(pairs, f, f) == pytest.approx(-1.2 + 1)
    assert contrastive.spectral_contrastive(pairs, f, f) == pytest.approx(-0.6 + 0.5)
    assert contrastive.info_nce(pairs, np.zeros((2, 2))) == 0
    barlow = noncontrastive.barlow_loss(pairs, both, 2.0)
    assert barlow == pytest.approx(2 * 0.4**2 + 4 * 0.6**2)
