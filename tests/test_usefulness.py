"""Scores of a spectrum: closed forms, the table of examples, limits, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joints import contexts

import contexture_lite as cl
from contexture_lite import gallery, usefulness
from contexture_lite.usefulness import Usefulness, decay_rate, effective_rank, log_trace, minimax

SCORES = [cl.tau, effective_rank, log_trace, decay_rate, lambda given: minimax(given, 1.0, 1)]
spectra = st.lists(st.floats(0.001, 1), min_size=1, max_size=12).map(
    lambda squares: np.sqrt(np.sort(squares)[::-1])
)


def tau_by_hand(values, beta, d0):
    """The formula, one d after the other."""
    squares = [*np.square(values), *[0.0] * (d0 + 1)]
    total = sum(squares[:d0])
    return [
        (1 / (1 - squares[d]) if squares[d] < 1 else np.inf) + beta * sum(squares[:d]) / total
        for d in range(1, d0 + 1)
    ]


# -- tau ---------------------------------------------------------------------------


@given(values=spectra, beta=st.floats(0.01, 10), d0=st.integers(1, 20))
def test_tau_is_the_formula(values, beta, d0):
    found = cl.tau(values, beta=beta, d0=d0)
    curve = tau_by_hand(values, beta, d0)
    assert found.curve == pytest.approx(curve)
    assert found.value == pytest.approx(min(curve)) and found.value == found.curve[found.d - 1]
    assert sum(found.terms.values()) == pytest.approx(found.value)
    assert found.terms["missed"] >= 1 and 0 < found.terms["cost"] <= beta * (1 + 1e-12)


@given(values=spectra, beta=st.floats(0.01, 10))
def test_tau_never_exceeds_one_plus_beta_for_a_finite_rank(values, beta):
    assert 1 < cl.tau(values, beta=beta, d0=len(values)).value <= (1 + beta) * (1 + 1e-12)


@pytest.mark.parametrize("beta", [0.5, 1, 3])
@pytest.mark.parametrize("alpha", [0.01, 0.3, 0.9, 1])
@pytest.mark.parametrize("k", [1, 2, 8])
def test_tau_of_a_flat_spectrum(k, alpha, beta):
    rising = np.inf if alpha == 1 or k == 1 else 1 / (1 - alpha) + beta / k
    found = cl.tau(np.full(k, np.sqrt(alpha)), beta=beta, d0=k)
    assert found.value == pytest.approx(min(rising, 1 + beta))


@pytest.mark.parametrize("r", [0.05, 0.3715, 0.9])
def test_tau_of_a_geometric_spectrum(r):
    d0, d = 30, np.arange(1, 31)
    found = cl.tau(np.sqrt(r ** np.arange(1, 60)), beta=1.5, d0=d0)
    curve = 1 / (1 - r ** (d + 1)) + 1.5 * (1 - r**d) / (1 - r**d0)
    assert found.curve == pytest.approx(curve)


def test_tau_of_gaussians_is_least_at_a_squared_correlation_of_3715():
    from scipy.optimize import brentq

    best = brentq(lambda x: 2 * x - (1 - x**2) ** 2, 0, 1)
    i = np.arange(1, 513)
    tau = {r: cl.tau(r ** (i / 2)) for r in (best - 0.01, best, best + 0.01)}
    assert best == pytest.approx(0.3715, abs=5e-5)
    assert tau[best].value == pytest.approx(1.7886, abs=5e-5) and tau[best].d == 1
    assert tau[best].value == min(score.value for score in tau.values())


def test_one_dominant_weak_mode_scores_one_plus_beta():
    assert cl.tau([0.1, *[1e-4] * 9], beta=2).value == pytest.approx(3, abs=1e-4)


EXAMPLES = {  # a name of gallery.examples(), or a context: τ to four places
    "binary symmetric": (gallery.binary_channel(0.8), 2),
    "uniform plus identity": (gallery.symmetric_channel(0.5, n=3), 1.8333),
    "erasure": (gallery.erasure(0.6), 2),
    "hidden mixture": (gallery.hidden_mixture(0.6), 1.8958),
    "ring of three neighbours": (gallery.circle_crops(5 / 8, n=8), 1.9021),
    "cube with flips of .1": (gallery.hypercube(0.8), 2),
    "labels": (gallery.deterministic_label(), 2),
    "masked bits": (gallery.masked_tokens(0.6), 2),
    "identity": (gallery.identity(5), 2),
    "cycle walk": ([1, *np.sqrt([0.5] * 4)], 2),
    "lazy cycle walk": (np.sqrt([0.7286] * 2 + [0.25] * 2 + [0.0214] * 2), 2),
    "clusters": (np.sqrt([0.7225] * 2), 2),
    "random prefix": (np.sqrt([0.75, 0.5, 0.5, *[0.25] * 4]), 1.9697),
    "one bit hidden": (np.sqrt([2 / 3] * 3 + [1 / 3] * 3), 2),
    "tree": (np.sqrt([0.64, 0.09, 0.09]), 1.8794),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_tau_of_the_examples(name):
    context, tau = EXAMPLES[name]
    assert cl.tau(context).value == pytest.approx(tau, abs=6e-5)


def test_no_example_scores_below_the_limit_of_exercise_06_5():
    from contexture_lite.teach.nb06_association.exercises import SMALL_TAU

    scored = [c for c in gallery.examples().values() if c.chi2() > 1e-9]
    assert min(cl.tau(context).value for context in scored) > SMALL_TAU


def test_a_flat_spectrum_looks_the_better_the_more_useless_it_is():
    """For erasures τ rises with the keep rate, and tends to 1 + β/K as nothing is kept."""
    taus = [cl.tau(gallery.erasure(keep, n=9)).value for keep in np.linspace(0.001, 0.4, 30)]
    assert (np.diff(taus) > 0).all()
    assert taus[0] == pytest.approx(1 + 1 / 8, abs=2e-3)


def test_d0_cuts_the_spectrum_and_d_starts_at_one():
    found = cl.tau([0.9, 0.8, 0.7, 0.6], d0=2)
    assert len(found.curve) == 2
    assert found.curve == pytest.approx([1 / (1 - 0.64) + 81 / 145, 1 / (1 - 0.49) + 1])


def test_all_values_one_is_infinite_until_the_rank():
    assert np.isinf(cl.tau(np.ones(10), d0=5).value)
    assert cl.tau(np.ones(10)).d == 10


def test_a_large_context_needs_no_more_than_d0_values():
    context = gallery.circle_crops(0.6, n=256)
    assert cl.tau(context, d0=3).value == pytest.approx(cl.tau(context.exact_values, d0=3).value)


# -- the others --------------------------------------------------------------------


@given(k=st.integers(1, 30), alpha=st.floats(1e-8, 1))
def test_a_flat_spectrum_of_k_has_effective_rank_k(k, alpha):
    assert effective_rank(np.full(k, np.sqrt(alpha))).value == pytest.approx(k)


@given(values=spectra)
def test_effective_rank_lies_between_one_and_the_rank(values):
    assert 1 - 1e-12 <= effective_rank(values).value <= len(values) + 1e-9


def test_effective_rank_and_tau_do_not_underflow():
    assert effective_rank([1e-120, 1e-120]).value == pytest.approx(2)
    assert cl.tau([1e-160, 1e-160]).value == pytest.approx(1.5)


@given(context=contexts)
def test_log_trace_is_the_log_of_chi2(context):
    if context.chi2() > 1e-8:
        assert log_trace(context).value == pytest.approx(np.log(context.chi2()), abs=1e-7)


@pytest.mark.parametrize("rate", [1e-3, 0.05, 1, 5, 20])
def test_decay_rate_of_an_exponential(rate):
    found = decay_rate(np.exp(-rate * np.arange(1, 600) / 2))
    assert found.value == pytest.approx(rate, rel=1e-6) and found.terms["misfit"] < 1e-12


@given(values=spectra)
def test_no_other_rate_fits_better(values):
    found, place = decay_rate(values, d0=40), np.arange(1, 41)
    squares = np.r_[values**2, np.zeros(40 - len(values))]
    for rate in np.geomspace(1e-5, 20, 300):
        misfit = np.sum((squares - np.exp(-rate * place)) ** 2)
        assert found.terms["misfit"] <= misfit + 1e-9


def test_a_rounding_error_in_the_place_of_a_zero_changes_no_score():
    exact, rounded = [0.9, 0.8, 0.0, 0.0], [0.9, 0.8, 3e-17, 1e-17]
    before, after = usefulness.scores(exact), usefulness.scores(rounded)
    assert {name: score.value for name, score in after.items()} == pytest.approx(
        {name: score.value for name, score in before.items()})


@pytest.mark.parametrize(("d", "value"), [(1, 0.225), (2, 0.1125), (3, 0.1), (9, 0.1)])
def test_minimax_error_by_hand(d, value):
    found = minimax(np.sqrt([0.9, 0.5, 0.1]), 1 - np.sqrt(0.81), d)
    assert found.value == pytest.approx(value) and found.d == d
    assert found.curve == pytest.approx([0.225, 0.1125, 0.1])


@given(context=contexts, eps=st.floats(0, 1), d=st.integers(1, 8))
def test_minimax_is_the_minimax_error_of_the_context(context, eps, d):
    try:
        wanted = cl.minimax_error(context, d, eps)
    except ValueError:  # no tasks, or one input only
        return
    if min(context.shape) > 1 and cl.singular_system(context).values[0] > 1e-4:
        assert minimax(context, eps, d).value == pytest.approx(wanted, abs=1e-6)


def test_minimax_at_the_least_eps_is_zero_and_beyond_the_range_one():
    s = np.sqrt([0.9, 0.5])
    assert minimax(s, 1 - s[0], 1).value == pytest.approx(0, abs=1e-12)
    assert minimax(s, 0.9, 1).value == 1
    assert minimax([0.7, 0.7, 0.2], 0.3, 1).value == 1  # a tie: one feature cannot serve two
    assert minimax([1.0, 1.0], 0.0, 2).value == 0


def test_a_context_without_other_functions_leaves_no_error():
    two_inputs = gallery.binary_channel(0.8)
    assert minimax(two_inputs, 0.5, 1).value == 0
    assert minimax([0.8], 0.5, 1).value == pytest.approx((0.64 - 0.25) / 0.64)


# -- all of them, and how they show themselves --------------------------------------


def test_scores_are_all_of_them_under_their_names():
    found = usefulness.scores(gallery.hypercube(0.8), eps=0.3, d=3)
    names = ["tau", "effective rank", "log trace", "decay rate", "minimax error"]
    assert list(found) == names == [score.name for score in found.values()]
    assert {score.better for score in found.values()} == {"smaller", "larger"}
    wanted = cl.minimax_error(gallery.hypercube(0.8), 3, 0.3)
    assert found["minimax error"].value == pytest.approx(wanted)


def test_scores_leave_out_what_does_not_exist():
    assert "minimax error" not in usefulness.scores([0.5], eps=0.3)


@given(values=spectra)
def test_scores_are_finite_and_the_same_twice(values):
    first, second = usefulness.scores(values), usefulness.scores(values)
    assert {name: float(score) for name, score in first.items()} == {
        name: score.value for name, score in second.items()}
    assert all(np.isfinite(score.value) for score in first.values())


def test_repr():
    assert repr(cl.tau(gallery.symmetric_channel(0.5, n=3))) == (
        "tau = 1.8333 at d = 1 (missed 1.3333, cost 0.5000; smaller is better)"
    )
    assert repr(log_trace([1.0])) == "log trace = 0.0000 (smaller is better)"
    assert isinstance(log_trace([1.0]), Usefulness) and float(log_trace([1.0])) == 0


# -- bad input ---------------------------------------------------------------------


@pytest.mark.parametrize("score", [*SCORES, usefulness.scores])
@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (gallery.independent(3), ValueError, "independent of the input .* is undefined"),
        (cl.Context([[0.5, 0.5]]), ValueError, "independent of the input"),
        ([0.0, 0.0], ValueError, "independent"),
        ([], ValueError, r"context_or_values has shape \(0,\)"),
        ([[0.5]], ValueError, r"context_or_values has shape \(1, 1\)"),
        ([0.5, 1.2], ValueError, r"context_or_values\[1\] is 1.2; singular values lie in"),
        ([0.5, -0.1], ValueError, r"context_or_values\[1\] is -0.1"),
        ([0.5, np.nan], ValueError, r"context_or_values\[1\] is nan"),
        ([0.5, 0.6], ValueError, r"context_or_values\[1\] is 0.6, more than the one before"),
        (["a"], TypeError, "context_or_values has dtype"),
        (None, TypeError, "context_or_values has dtype object"),
    ],
)
def test_what_has_no_spectrum_is_refused(score, given, error, words):
    with pytest.raises(error, match=words):
        score(given)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: cl.tau([0.5], beta=0), ValueError, "beta is 0; it must be above 0"),
        (lambda: cl.tau([0.5], beta="1"), TypeError, "beta is '1'"),
        (lambda: cl.tau([0.5], d0=0), ValueError, "d0 is 0"),
        (lambda: cl.tau([0.5], d0=2.0), TypeError, "d0 is 2.0"),
        (lambda: decay_rate([0.5], d0=0), ValueError, "d0 is 0"),
        (lambda: minimax([0.5], 0.3, 1), ValueError, "eps is 0.3, but no task .* 1 − s₁ = 0.5"),
        (lambda: minimax([0.5], 1.5, 1), ValueError, "eps is 1.5"),
        (lambda: minimax([0.5], 0.6, 0), ValueError, "d is 0"),
        (lambda: usefulness.scores([0.5], eps="x"), TypeError, "eps is 'x'"),
        (lambda: usefulness.scores([0.5], d=0.5), TypeError, "d is 0.5"),
    ],
)
def test_bad_options_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
