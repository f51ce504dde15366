"""The protocol of experiments: no d cuts a repeated value; the probe by a second route."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge, RidgeCV
from sweeping import points

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite.experiment import protocol
from contexture_lite.experiment.protocol import cuts, first_least, group_ends, group_starts

# No d cuts a repeated value


@pytest.mark.parametrize("values, starts", [
    ([0.9, 0.5, 0.1], [0, 1, 2]), ([1, 1, 1, 0.5, 0.5], [0, 0, 0, 3, 3]), ([0.7], [0]), ([], []),
    ([1, 1 - 1e-15, 0.5, 0.5 * (1 - 1e-9), 0.5 * (1 - 1e-3)], [0, 0, 2, 2, 4]),
    ([1e-5, 1e-5 * (1 - 1e-3), 0, 0], [0, 1, 2, 2])])  # the tolerance is relative
def test_runs_of_repeated_values(values, starts):
    assert group_starts(np.array(values, dtype=float)).tolist() == starts


@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8), noise=st.integers(0, 99))
def test_every_d_is_rounded_up_to_the_end_of_its_run(sizes, noise):
    """Runs of given lengths, their values off by rounding."""
    values = np.repeat(np.geomspace(1, 1e-3, len(sizes)), sizes)
    values = np.sort(values * (1 + 1e-15 * np.random.default_rng(noise).normal(size=len(values))))
    ends = np.cumsum(sizes)
    wanted = [ends[np.searchsorted(ends, d)] for d in range(1, len(values) + 1)]
    assert group_ends(values[::-1], range(1, len(values) + 1)).tolist() == wanted
    assert group_ends(values[::-1], [len(values) + 7]) == len(values)  # no more than there are
    both = np.array([values[::-1], np.geomspace(1, 0.1, len(values))])
    assert group_ends(both, [1, 2, 3]).shape == (2, 3)
    assert (group_ends(both, [1])[:, 0] == [sizes[0], 1]).all()


def test_an_error_does_not_depend_on_the_basis_inside_a_run():
    """The masked bits have runs of three, three and one: any rotation is a solver's choice."""
    context = gallery.masked_tokens(0.6)
    system, rng = cl.singular_system(context), np.random.default_rng(0)
    assert group_ends(system.values, [1, 2, 4, 8]).tolist() == [3, 3, 6, 7]
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    right = system.right.copy()
    right[:, :3] = right[:, :3] @ rotation
    rotated = cl.spectrum.SingularSystem(system.values, system.left, right, *(
        getattr(system, name) for name in ("p_x", "p_a", "rank", "residual", "solver")))
    rows = context.conditional()[rng.integers(0, 8, 40)]
    y = rng.normal(size=(40, 2))
    one, two = (protocol.errors(which, rows[:25], rows[25:], y[:25], y[25:])
                for which in (system, rotated))
    assert one == pytest.approx(two, nan_ok=True, rel=1e-9)
    assert one["error_1"] == one["error_2"] and np.isnan(one["error_8"])
    assert one["d_loo"] in (1, 4) and one["d_oracle"] in (1, 4)  # of equal ones the smaller


def test_functions_side_by_side_in_turn_are_cut_at_the_ends_of_both():
    """The first d of the whole are the first d/2 of each, rounded up in each."""
    one, two = group_starts(np.array([1, 1, 1, 0.5])), group_starts(np.array([0.9, 0.4, 0.4]))
    starts = np.sort(np.concatenate([2 * one, 2 * two + 1]))
    assert cuts(starts, [1, 2, 4, 6, 8]).tolist() == [3, 3 + 1, 3 + 3, 3 + 3, 4 + 3]


# Equal but for rounding


def test_of_equal_errors_the_first_is_taken():
    assert first_least(np.array([0.5, 0.3 * (1 + 1e-12), 0.3, 0.4])) == 1
    assert first_least(np.array([0.5, 0.3 * (1 + 1e-3), 0.3])) == 2
    assert first_least(np.array([np.nan, 0.4, np.nan])) == 1
    assert first_least(np.array([np.nan, np.nan])) == 0
    assert first_least(np.array([1.0, -2 * (1 - 1e-12), -2])) == 1  # scores may be negative
    assert first_least(np.array([[1, 2.0], [1, 1]]), axis=0).tolist() == [0, 1]


def test_of_equal_penalties_the_largest_is_taken(monkeypatch):
    """A feature that is nowhere but at the labels' mean teaches nothing, whatever the penalty."""
    features, y = np.zeros((20, 1)), points(20, 1)
    guess, left_out = protocol.ridge_probe(features, np.ones((3, 1)), y)
    assert guess == pytest.approx(np.full((3, 1), y.mean()))  # λ = 10⁴, and slope 0
    assert left_out == pytest.approx(y.var() * (20 / 19) ** 2)


# The probe


def plain_error(train, y, new, y_new, penalties):
    """Ridge with the penalty of least leave-one-out error, one point left out at a time."""
    def left_out(penalty):
        misses = []
        for i in range(len(y)):
            rest = np.arange(len(y)) != i
            guess = Ridge(penalty).fit(train[rest], y[rest]).predict(train[i : i + 1])
            misses.append(((y[i] - guess) ** 2).mean())
        return np.mean(misses)

    scores = [left_out(penalty) for penalty in penalties]
    model = Ridge(penalties[int(np.argmin(scores))]).fit(train, y)
    guess = np.clip(model.predict(new).reshape(y_new.shape), y.min(axis=0), y.max(axis=0))
    return ((y_new - guess) ** 2).mean(axis=0).sum() / y_new.var(axis=0).sum(), min(scores)


@pytest.mark.parametrize("m, d, targets", [(20, 3, 1), (12, 30, 1), (15, 14, 3)])
def test_the_probe_is_that_of_a_plain_recomputation(m, d, targets, monkeypatch):
    """Fewer functions than labels, more, and as many as can be told apart."""
    penalties = np.logspace(-3, 2, 4)
    monkeypatch.setattr(protocol, "PENALTIES", penalties)
    X = points(m + 30, d, seed=d)
    y = X[:, :1] + np.random.default_rng(1).normal(size=(m + 30, targets))
    wanted = plain_error(X[:m], y[:m], X[m:], y[m:], penalties)
    assert protocol.probe_error(X[:m], X[m:], y[:m], y[m:]) == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("targets", [1, 4])
def test_the_probe_is_that_of_scikit_learn(targets):
    X, rng = points(300, 40), np.random.default_rng(2)
    y = X[:, :targets] + rng.normal(size=(300, targets))
    model = RidgeCV(protocol.PENALTIES).fit(X[:100], y[:100])
    guess, left_out = protocol.ridge_probe(X[:100], X[100:], y[:100])
    assert guess == pytest.approx(model.predict(X[100:]).reshape(200, targets), rel=1e-9)
    assert left_out == pytest.approx(-model.best_score_)


def test_predictions_stay_in_the_range_of_the_labels():
    """A function that explodes at one new point cannot make the error explode."""
    X = points(80, 2)
    y = X[:, :1] + 0.1
    X[60] = 1e9
    error, _ = protocol.probe_error(X[:40], X[40:], y[:40], y[40:])
    guess = np.clip(y[40:], y[:40].min(), y[:40].max())
    guess[20] = y[:40].max()
    assert error == pytest.approx(((y[40:] - guess) ** 2).mean() / y[40:].var(), rel=1e-3)
    assert protocol.relative_error(y, np.full_like(y, y.mean())) == pytest.approx(1)


def test_an_independent_context_has_no_scores_and_no_errors():
    system = cl.singular_system(cl.Context.from_conditional(np.ones((5, 5))))
    summary = protocol.spectrum_summary(system)
    assert summary["rank"] == summary["s1"] == summary["chi2"] == 0
    assert np.isnan([summary["tau"], summary["effective_rank"], summary["tau_constant"]]).all()
    rows, y = np.full((4, 5), 0.2), points(4, 1)
    errors = protocol.errors(system, rows, rows, y, y)
    assert np.isnan([error for name, error in errors.items() if name.startswith("error")]).all()


# The points


@pytest.mark.parametrize("n, sizes", [(100, (60, 20, 20)), (23, (13, 4, 6)),
                                      (1500, (600, 300, 300)), (5000, (600, 400, 600))])
def test_the_three_parts_do_not_overlap(n, sizes):
    parts = protocol.split(n, np.random.default_rng(1))
    assert tuple(map(len, parts)) == sizes
    assert len(np.unique(np.concatenate(parts))) == sum(sizes)


def test_features_are_standardised_by_the_first_part_and_clipped():
    X = points(40) * [1, 5, 1e3, 1, 0] + 7
    X[30, 0] = 1e6
    Z = protocol.standardised(X, np.arange(20))
    assert Z.shape == (40, 4)  # the constant column is gone
    assert np.allclose(Z[:20].mean(axis=0), 0) and np.allclose(Z[:20].std(axis=0), 1)
    assert Z[30, 0] == 8
