"""The claims of notebooks 04 and 05: worked values, what breaks them, and bad options."""

import numpy as np
import pytest
from scipy.optimize import minimize

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import contrastive, given, noncontrastive, objectives

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
def test_an_optimiser_ends_at_the_minimum(identifier, monkeypatch):
    symmetric = uneven().joint[:5] + uneven().joint[:5].T
    graph = identifier == "bound-graph-smoothness"
    context = cl.Context.from_counts(symmetric) if graph else uneven()
    on_a = identifier.removeprefix("bound-") in (
        "spectral-contrastive", "uncentred-spectral-contrastive", "whitened-non-contrastive",
        "covariance-penalty", "denoising",
    )

    def loss(encoder):
        monkeypatch.setattr(given, "encoder_on", lambda *where: encoder)
        return claims.find(identifier).function(context).right

    rows = context.shape[on_a]
    least = claims.check(identifier, context, d=2).sides.left
    assert searched(context, loss, rows, 2) == pytest.approx(least, abs=1e-6)


# -- break it ----------------------------------------------------------------------


def test_a_soft_penalty_switches_modes_off_at_the_threshold(monkeypatch):
    values = cl.singular_system(MASKED).values  # .6 three times, .36 three times, .216 in squares
    for strength, alive in ((0.3, 0), (0.5, 3), (0.7, 6), (0.9, 7)):
        check = claims.check("collapse-threshold", MASKED, d=7, strength=strength)
        assert check and np.sum(check.sides.left > 1e-9) == alive
        assert np.array_equal(check.sides.right > 0, 1 - values**2 < strength)
        monkeypatch.setattr(noncontrastive, "STRENGTH", strength)
        assert claims.check("minimum-covariance-penalty", MASKED, d=7)


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


def test_the_alternating_function_fools_a_walk_that_never_rests(monkeypatch):
    cycle = gallery.cycle_walk(0, n=8)  # even: the alternating function has λ = −1, s = 1
    restless = noncontrastive.roughness(cycle, cl.singular_system(cycle, 1).left)
    assert restless == pytest.approx(2)  # the roughest function there is
    monkeypatch.setattr(given, "FEATURES", 1)
    assert claims.check("lazy-walk", cycle).sides.left == pytest.approx(1 - np.sqrt(0.5))


def test_a_kernel_that_does_not_integrate_to_one_is_no_distribution_of_pairs():
    context = uneven()
    ratio = context.dual_kernel()
    assert claims.check("kise-pair-distance", context, kernel=ratio)
    scaled = claims.check("kise-pair-distance", context, kernel=1.5 * ratio)
    assert not scaled.applies and "misses it by 0.5000" in repr(scaled)
    anyway = claims.check("kise-pair-distance", context, kernel=1.5 * ratio, anyway=True)
    assert anyway.sides.right - anyway.sides.left == pytest.approx(-1, abs=1e-9)  # d (1 − 1.5)


def test_few_candidates_cannot_show_much_information():
    strong = gallery.identity(5)  # I = log 5
    check = claims.check("infonce-candidates", strong)
    assert check and np.all(check.sides.right == np.log([2, 3]))
    assert np.all(check.sides.left < np.log([2, 3])) and np.all(np.diff(check.sides.left) > 0)
    critic = np.random.default_rng(0).standard_normal((5, 5))
    assert np.all(contrastive.estimated_information(strong.joint, critic) < 0.1)


# -- bad options -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "options", "error", "words"),
    [
        ("minimum-kise", {"d": 0}, ValueError, "d is 0"),
        ("minimum-svme", {"d": 9}, ValueError, "d is 9; this context has 3"),
        ("collapse-threshold", {"strength": "much"}, TypeError, "strength is 'much'"),
        ("barlow-copies", {"redundancy": -1}, ValueError, "redundancy is -1"),
        ("kise-pair-distance", {"kernel": np.eye(3)}, ValueError, "kernel has shape"),
        ("kise-pair-distance", {"kernel": np.ones((4, 2))}, ValueError, "kernel has shape"),
    ],
)
def test_bad_options_are_named(identifier, options, error, words):
    with pytest.raises(error, match=words):
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
