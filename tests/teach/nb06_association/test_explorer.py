"""Neither too weak nor too strong: the numbers behind the picture, by a second route."""

from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import contexture_lite as cl
from contexture_lite import datasets, usefulness
from contexture_lite.experiment import families, protocol
from contexture_lite.teach import AssociationExplorer
from contexture_lite.teach.cast import members, tasks
from contexture_lite.teach.cast.sampled import learned, samples
from contexture_lite.teach.nb06_association import compute, results
from contexture_lite.teach.nb06_association.compute import (
    DIMENSIONS,
    FINITE,
    SCORES,
    StrengthCurve,
    cases,
    contexts,
    probe_runs,
    strength_curve,
)
from contexture_lite.teach.nb06_association.explorer import Step
from contexture_lite.teach.nb06_association.panels import clear_place, scaled, stretches


@pytest.fixture(autouse=True, scope="module")
def shipped(swept):
    """One table stands for all that are shipped, forty repetitions for two hundred."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "shipped", lambda: swept)
        patch.setattr(compute, "probe_runs", partial(probe_runs, runs=40))
        for made in (compute.shipped, strength_curve):
            made.cache_clear()
        yield
    for made in (compute.shipped, strength_curve):
        made.cache_clear()


@pytest.fixture(scope="module")
def explorer():
    """One for the whole module."""
    return AssociationExplorer("digits (live)", "knn", 0.5)


def first_task(name):
    return tasks.task(name, "coarse")


# ---- the small experiment on a finite context


@pytest.mark.parametrize("name, strength", [
    ("hypercube", 0.6), ("cycle walk", 0.2), ("erasure", 0.3), ("four letters", 0.0),
    ("hypercube", 1.0)])  # the last has seven values of 1, and no d cuts them
def test_probe_runs_equal_ridge_regression_run_by_run(name, strength):
    context, f = members.CAST[name].build(members.CAST[name].strength(strength)), first_task(name)
    pairs, labels, noise, runs, seed = 150, 12, 0.7, 4, 5
    errors, left_out, used = probe_runs(context, f, pairs, labels, noise, runs, seed)
    p_x = context.p_x
    f = (f - p_x @ f) / np.sqrt(p_x @ (f - p_x @ f) ** 2)
    most = min(context.shape) - 1
    features, squares = learned(samples(context, pairs, runs, [seed, 0]), most)
    rng = np.random.default_rng([seed, 1])
    x = rng.choice(len(p_x), (runs, labels), p=p_x)
    y = f[x] + noise * rng.standard_normal(x.shape)
    for run in range(runs):
        for d in range(1, most + 1, 2):
            count = int(used[d - 1, run])
            assert squares[run, count - 1] == pytest.approx(squares[run, d - 1], abs=1e-9) and (
                count == most or squares[run, count] < squares[run, count - 1] - 1e-9)
            phi, ridge = features[run, :, :count], Ridge(alpha=noise**2)
            guess = ridge.fit(phi[x[run]], y[run]).predict(phi)
            assert errors[d - 1, run] == pytest.approx(p_x @ (guess - f) ** 2, abs=1e-9)
            misses = []
            for left in range(labels):
                others = np.arange(labels) != left
                ridge.fit(phi[x[run][others]], y[run][others])
                misses.append(y[run][left] - ridge.predict(phi[x[run][left]][None])[0])
            assert left_out[d - 1, run] == pytest.approx(np.mean(np.square(misses)), abs=1e-9)


@pytest.mark.parametrize("name", FINITE)
def test_with_all_pairs_and_many_labels_only_what_is_missed_remains(name):
    """The error of the exact functions, by least squares on the whole population."""
    context, f = members.CAST[name].build(0.5), first_task(name)
    errors, *_ = probe_runs(context, f, pairs=np.inf, labels=20000, noise=0.1, runs=2)
    system, p_x = cl.singular_system(context), context.p_x
    f = (f - p_x @ f) / np.sqrt(p_x @ (f - p_x @ f) ** 2)
    for group in system.groups():
        d = int(group[-1]) + 1  # at the end of a repeated value, where the span has a meaning
        if d <= min(system.rank, len(errors)):
            missed = 1 - (((p_x * f) @ system.left[:, :d]) ** 2).sum()
            assert errors[d - 1].mean() == pytest.approx(missed, abs=0.01)


@pytest.mark.parametrize("name", FINITE)
def test_scores_and_spectra_are_those_of_the_exact_context(name):
    found = strength_curve(name, cases(name)[0])
    for at in (1, 9, 25):
        context = members.CAST[name].build(found.strengths[at])
        values = cl.singular_system(context).values
        assert found.squares[at] == pytest.approx(values**2, abs=1e-9)
        tau = usefulness.tau(context)
        exact = (tau, usefulness.effective_rank(context), usefulness.log_trace(context),
                 usefulness.decay_rate(context))
        for score in exact:
            assert found.scores[score.name][at] == pytest.approx(score.value, rel=1e-4)
        assert found.missed[at] == pytest.approx(tau.terms["missed"])


def test_beyond_all_functions_d_is_all_of_them(monkeypatch):
    monkeypatch.setattr(compute, "probe_runs", probe_runs)  # all two hundred repetitions
    found = compute._finite("hypercube", "first bit")
    assert (found.used[8] == 7).all() and (found.errors[512] == found.errors[8]).all()
    for at in range(len(found.strengths)):
        assert found.mean("best")[at] <= min(found.mean(d)[at] for d in (1, 2, 4, 8)) + 1e-6
        assert found.mean("best")[at] <= found.mean("leave-one-out")[at] + 1e-12


# ---- what the pictures teach, over seeds


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["hypercube", "cycle walk", "masked tokens"])
def test_both_ends_are_worse_on_finite_contexts(name, seed):
    ends_and_middle = [0.0, {"cycle walk": 0.3}.get(name, 0.68), 1.0]
    made = [members.CAST[name].build(members.CAST[name].strength(s)) for s in ends_and_middle]
    weak, right, strong = (
        probe_runs(c, first_task(name), seed=seed)[0].mean(axis=1).min() for c in made)
    assert weak > 1.05 * right and strong > 1.05 * right


@pytest.mark.parametrize("seed", range(3))
def test_not_every_context_can_be_too_strong(seed):
    errors = [probe_runs(members.CAST["clusters"].build(s), first_task("clusters"), seed=seed)[0]
              .mean(axis=1).min() for s in (0.0, 0.5, 1.0)]
    assert errors[0] > errors[1] > errors[2]


def test_on_the_digits_no_score_finds_the_right_strength():
    """Seed by seed: every score prefers a weak context, the probe a strong one."""
    rows = compute._table("digits (live)", "knn")[1]
    assert rows.seed.nunique() == 3
    for _, run in rows.groupby("seed"):
        run = run.sort_values("strength")
        smaller = run[["tau", "effective_rank", "log_trace"]].assign(decay=-run.decay_rate)
        assert smaller.to_numpy().argmin(axis=0).max() <= 3
        for error in (run.error_oracle.to_numpy(), run.error_16.to_numpy()):
            assert 6 <= error.argmin() <= 10
            assert error[0] > 1.5 * error.min() and error[-1] > 1.05 * error.min()


# ---- tables


@pytest.mark.parametrize("family", families.FAMILIES)
def test_spectra_of_a_table_are_those_of_the_sweep(swept, family):
    rows = swept[(swept.family == family) & (swept.seed == 0)]
    found = strength_curve("wine", family)
    columns = {"tau": "tau", "effective rank": "effective_rank", "log trace": "log_trace",
               "decay rate": "decay_rate"}
    for score, column in columns.items():
        assert found.scores[score] == pytest.approx(rows[column].to_numpy(), rel=1e-3, abs=2e-5)
    assert found.squares.sum(axis=1) == pytest.approx(rows.chi2.to_numpy(), rel=1e-4)
    X = datasets.load("wine").X
    for at, context in enumerate(contexts(X, family)):
        if at in (2, 7):
            values = cl.singular_system(context).values
            assert found.squares[at] == pytest.approx(values**2, abs=1e-9)


@pytest.mark.parametrize("family", families.FAMILIES)
def test_errors_of_a_table_are_those_of_the_sweep(swept, family):
    rows = swept[swept.family == family].sample(frac=1, random_state=0)  # in any order
    found = strength_curve("wine", family)
    for seed in range(3):
        for at, strength in enumerate(found.strengths):
            (_, row), = rows[(rows.seed == seed) & (rows.strength == strength)].iterrows()
            assert found.errors["best"][seed, at] == row.error_oracle
            assert found.errors["leave-one-out"][seed, at] == row.error_loo
            there = [d for d in protocol.DIMENSIONS if not np.isnan(row[f"error_{d}"])]
            for d in protocol.DIMENSIONS:
                last = max(k for k in there if k <= d)
                assert found.errors[d][seed, at] == row[f"error_{last}"]
                squares = found.squares[at][found.squares[at] > 0]
                same = np.isclose(squares, squares[last - 1], rtol=1e-6, atol=0)
                assert seed or found.used[d][at] == 1 + np.flatnonzero(same)[-1] >= last
    assert found.points == int(0.6 * rows.n.iloc[0])
    assert found.neighbours == pytest.approx(
        rows.groupby("strength").share.mean().to_numpy() * found.points)


def test_with_copies_some_contexts_have_fewer_functions():
    """Of equal points those that are nobody's neighbour are left out of the context."""
    found = compute._curve("a", "b", [np.array([0.5, 0.2]), np.array([0.9])], strengths=None,
                           neighbours=None, points=3, errors={}, used={})
    assert found.squares == pytest.approx(np.array([[0.25, 0.04], [0.81, 0]]))
    X = np.repeat(np.random.default_rng(0).standard_normal((20, 2)), 4, axis=0)
    shapes = [context.shape for context in contexts(X, "knn")]
    assert shapes[0] == (48, 48) and shapes[-1][1] < 48


# ---- reading a curve


def made_up(errors, tau):
    """A curve with these errors (r, k) and this τ."""
    k = len(tau)
    scores = {name: np.asarray(tau, dtype=float) for name in SCORES}
    return StrengthCurve(
        "made up", "task", np.linspace(0, 1, k), None, 50, np.zeros((k, 3)), scores, np.ones(k),
        {"best": np.array(errors, dtype=float)}, {"best": np.ones(k, int)})


def test_mean_and_its_standard_error():
    found = made_up([[1, 4], [3, 4]], [1, 2])
    assert found.mean("best").tolist() == [2, 4]
    assert found.uncertainty("best") == pytest.approx([1, 0])  # √2 / √2


@pytest.mark.parametrize(
    "errors, verdicts",
    [
        ([0.9, 0.5, 0.52, 0.8], ["Too weak", "About right", "About right", "Too strong"]),
        ([0.5, 0.9, 0.51, 0.8], ["About right", "Too strong", "About right", "Too strong"]),
        ([0.5, 0.52, 0.51, 0.5], ["Any strength will do"] * 4),
        ([0.97, 1.1, 1.0, 1.0], ["No strength helps"] * 4),
    ],
)
def test_verdicts(errors, verdicts):
    found = made_up([errors, errors], np.arange(1, 5))
    assert [Step(found, at, "best").verdict for at in range(4)] == verdicts


def test_what_the_repetitions_do_not_tell_apart_is_about_right():
    found = made_up([[0.20, 0.18, 0.3], [0.22, 0.23, 0.3]], np.arange(1, 4))
    assert found.about_right("best").tolist() == [True, True, False]  # .21 ± .01, .205 ± .025
    sure = made_up([[0.224, 0.2129, 0.3], [0.2241, 0.213, 0.3]], np.arange(1, 4))
    assert sure.about_right("best").tolist() == [False, True, False]


def test_a_score_points_to_its_best_strength():
    found = made_up(np.ones((2, 4)), [np.nan, 3.0, 1.0, 1.0 + 1e-9])
    assert found.points_to("tau") == 2  # of several the weakest
    assert found.points_to("decay rate") == 1  # where larger is better
    assert made_up(np.ones((2, 3)), [2.0, 2.0, 2.0]).points_to("tau") is None


def test_scores_on_their_own_range():
    values = np.array([np.nan, 1.0, 3.0, 2.0])
    assert scaled(values, False) == pytest.approx([np.nan, 0, 1, 0.5], nan_ok=True)
    assert scaled(values, True) == pytest.approx([np.nan, 1, 0, 0.5], nan_ok=True)
    nearly = scaled(np.array([2.0, 1.999, 2.0]), False)  # rounding must not look like a valley
    assert np.abs(nearly - 0.5).max() < 0.02


def test_stretches():
    assert stretches(np.array([True, True, False, True])) == [(0, 1), (3, 3)]
    assert stretches(np.zeros(3, dtype=bool)) == []


def test_a_word_stands_under_the_curve_or_nowhere():
    at = np.linspace(0, 1, 11)
    line = np.where(at < 0.35, 0.9, 0.1)
    place = clear_place(at, line, 0.0, 0.6)
    assert place is not None and place + 0.04 <= 0.4
    assert clear_place(at, line, 0.4, 0.9) is None
    assert clear_place(at, line, 0.0, 0.05) is None


# ---- the controls and the words


def test_the_second_list_is_the_sources(explorer):
    explorer.update(source="hypercube", case="parity of all bits")
    assert explorer.controls["case"].description == "Task" and explorer.params["case"] == 2
    explorer.controls["source"].value = "wine"  # the reader's hand
    assert explorer.controls["case"].description == "Family"
    assert explorer.controls["case"].label == "masked rbf"
    assert [label for label, _ in explorer.controls["case"].options] == list(families.FAMILIES)
    assert explorer.sentence(explorer.result).startswith("Wine, masked rbf: with ")


def test_an_arrow_key_goes_to_the_next_strength(explorer):
    for source, steps in (("wine", 11), ("hypercube", 25)):
        explorer.update(source=source, strength=0.0)
        visited = []
        for k in range(steps + 1):
            explorer.update(strength=min(k * explorer.controls["strength"].step, 1.0))
            visited.append(explorer.result.at)
        assert visited == list(range(steps + 1))


def test_numbers_are_those_of_the_curve(explorer):
    rng = np.random.default_rng(0)
    for _ in range(10):
        source = str(rng.choice(["wine", "hypercube", "cycle walk"]))
        case, d = int(rng.integers(2)), DIMENSIONS[rng.integers(len(DIMENSIONS))]
        explorer.update(source=source, case=case, strength=float(rng.uniform(0.1, 1)), d=d)
        found, values = strength_curve(source, cases(source)[case]), explorer.values()
        at = int(np.flatnonzero(found.strengths == values["strength"])[0])
        assert values["error"] == pytest.approx(found.errors[d][:, at].mean())
        assert values["best_error"] == found.mean(d).min()
        assert values["tau"] == pytest.approx(values["tau_missed"] + values["tau_cost"])
        direct = usefulness.tau(np.sqrt(found.squares[at]))
        assert values["tau"] == pytest.approx(direct.value)
        assert values["effective_rank"] == pytest.approx(
            found.squares[at].sum() ** 2 / (found.squares[at] ** 2).sum())


def test_independence_is_said_so(explorer):
    explorer.update(source="hypercube", case=0, strength=0.0, d="best")
    assert "Scores undefined" in explorer.sentence(explorer.result)
    assert not set(explorer.values()) & {"tau", "tau_cost", "effective_rank", "log_trace"}
    assert explorer.values()["tau_points_to"] > 0
    explorer.update(source="four letters", strength=0.5)
    assert "effective rank nowhere" in explorer.sentence(explorer.result)


def test_two_lines_are_enough_for_every_sentence(explorer):
    """So that nothing jumps under the slider; a line holds some 110 letters in JupyterLab."""
    for source in (*FINITE, "wine"):
        for case in cases(source)[:3]:
            found = strength_curve(source, case)
            for at in (0, 5, len(found.strengths) - 1):
                said = explorer.sentence(Step(found, at, "best"))
                assert len(said) <= 210, said


@pytest.mark.parametrize(
    "params, message",
    [
        ({"source": "weather"}, "source is 'weather'; it must be one of"),
        ({"source": "weather", "case": "knn"}, "source is 'weather'"),
        ({"source": "hypercube", "case": "knn"}, "case is 'knn'; for hypercube it must be one of"),
        ({"case": 7}, "case is 7"),
        ({"d": 3}, "d is 3"),
        ({"strength": 2}, "strength is 2"),
    ],
)
def test_bad_settings_change_nothing(explorer, params, message):
    explorer.update(source="hypercube", case=0, strength=0.5, d=2)
    before = explorer.png
    with pytest.raises(ValueError, match=message):
        explorer.update(**params)
    assert explorer.png == before and explorer.params["source"] == "hypercube"

