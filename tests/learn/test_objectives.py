"""Every row of the table of objectives: its minimum, its minimiser, and that training finds both.

Three routes meet: closed forms from the singular system, the loss as an exact sum over the
context, and a table of free values made better from five random starts: by SciPy's L-BFGS, which
needs a tenth of the steps, and once for each row by the course's own training.
"""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from joints import contexts, largest_angle
from scipy.optimize import minimize
from torch.nn.utils import parameters_to_vector, vector_to_parameters

import contexture_lite as cl
from contexture_lite import gallery, learn
from contexture_lite.learn import laws, objectives

torch.set_num_threads(1)

NAMES = [
    "supervised", "class-balanced supervised", "spectral contrastive",
    "uncentred spectral contrastive", "two towers", "nested low rank", "InfoNCE",
    "whitened non-contrastive", "covariance penalty", "VICReg", "Barlow Twins", "stop-gradient",
    "denoising", "balanced denoising", "masked reconstruction", "graph smoothness", "SVME",
    "SVME, both whitened", "KISE", "whitened trace",
]
UNCLAIMED = ["VICReg", "Barlow Twins", "stop-gradient"]
EXACT = [name for name in NAMES if name not in UNCLAIMED]
SPECIAL = ["InfoNCE", "masked reconstruction", "graph smoothness"]  # need a context of their own
GENERAL = [name for name in EXACT if name not in SPECIAL]
STEPS, RATE = 160, 0.3


def random_context(seed, shape=(6, 5)):
    return cl.Context.from_counts(np.random.default_rng(seed).random(shape) ** 3 + 0.01)


def random_graph(seed, n=6):
    weights = np.random.default_rng(seed).random((n, n)) ** 3
    return cl.Context.from_counts(weights + weights.T)


def dependent_strings(seed=0):
    """Masked strings whose tokens predict each other."""
    p = np.random.default_rng(seed).random(8) ** 2 + 0.02
    return gallery.masked_tokens(0.6, 3, 2).with_marginal_x(p)


CLUSTERS, MASKED = gallery.clusters(0.85, 3, 3), gallery.masked_tokens(0.6, 3, 2)
CASES = [  # (row, context, d)
    *[(name, random_context(0), 2) for name in GENERAL],
    *[(name, CLUSTERS, 2) for name in [*GENERAL, "InfoNCE", "graph smoothness"]],
    *[(name, MASKED, 3) for name in [*GENERAL, "masked reconstruction"]],
    ("InfoNCE", random_context(0), 4),
    ("graph smoothness", random_graph(0), 2),
    ("masked reconstruction", dependent_strings(), 2),
]
IDS = [f"{name}-{c.shape[0]}x{c.shape[1]}-d{d}" for name, c, d in CASES]


def value(row, context, features, law=None):
    return float(row.loss(law or row.law(context), *(torch.as_tensor(f) for f in features)))


def trained(row, context, d, seed=0, steps=STEPS):
    problem = row.on(context, d, seed=seed)
    *_, last = learn.train(problem.loss, problem, steps=steps, learning_rate=RATE, every=steps)
    return problem, last.loss


def descended(row, context, d, seed):
    """The problem, and the loss where L-BFGS comes to from this random start."""
    problem = row.on(context, d, seed=seed)
    parameters = list(problem.parameters())

    def loss(values):
        vector_to_parameters(torch.from_numpy(values), parameters)
        value = problem.loss()
        slopes = torch.autograd.grad(value, parameters)
        return value.item(), parameters_to_vector(slopes).numpy()

    start = parameters_to_vector(parameters).detach().numpy()
    end = minimize(loss, start, jac=True, method="L-BFGS-B",
                   options={"maxiter": 500, "maxcor": 20, "ftol": 1e-7, "gtol": 1e-6})
    return problem, loss(end.x)[0]


# The table


def test_the_table_has_every_row_once_and_find_finds_it():
    assert sorted(row.name for row in objectives.table()) == sorted(NAMES)
    assert all(objectives.find(name).name == name for name in NAMES)
    assert {row.family for row in objectives.table()} == {
        "supervised", "contrastive", "non-contrastive", "generative", "graph", "general"}


def test_a_changed_list_leaves_the_table_alone():
    objectives.table().clear()
    assert len(objectives.table()) == len(NAMES)


def test_no_minimum_is_claimed_where_theory_has_none():
    without = [row.name for row in objectives.table() if row.minimum is None]
    assert sorted(without) == sorted(UNCLAIMED)
    assert all(objectives.find(name).minimiser is None for name in UNCLAIMED)


@pytest.mark.parametrize("name", ["infonce", "", None, 3])
def test_an_unknown_name_is_answered_with_the_names_there_are(name):
    with pytest.raises(ValueError, match=r"name is .*spectral contrastive"):
        objectives.find(name)


# Minimum and minimiser


@pytest.mark.parametrize("name, context, d", CASES, ids=IDS)
def test_the_minimiser_attains_the_minimum(name, context, d):
    row = objectives.find(name)
    assert value(row, context, row.minimiser(context, d)) == pytest.approx(
        row.minimum(context, d), abs=1e-8)


@pytest.mark.parametrize("name", GENERAL)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_minimiser_attains_the_minimum_on_random_contexts(name, seed, d):
    row, context = objectives.find(name), random_context(seed)
    least = row.minimum(context, d)
    assert value(row, context, row.minimiser(context, d)) == pytest.approx(least, abs=1e-8)


@pytest.mark.parametrize("name, context, d", CASES, ids=IDS)
def test_nothing_is_below_the_minimum(name, context, d):
    """Random values, and small steps away from the minimiser in random directions."""
    row, rng = objectives.find(name), np.random.default_rng(1)
    least, law = row.minimum(context, d), row.law(context)
    for seed in range(20):
        assert row.on(context, d, seed=seed).loss().item() >= least - 1e-9
    best = row.minimiser(context, d)
    for _ in range(20):
        if row.targets:  # the targets are given; the prediction moves within d dimensions
            w, _ = np.linalg.qr(rng.standard_normal((best[0].shape[1], d)))
            near = (best[0] @ w @ w.T, best[1])
        elif best[0] is best[1]:
            near = (best[0] + 1e-2 * rng.standard_normal(best[0].shape),) * 2
        else:
            near = tuple(f + 1e-2 * rng.standard_normal(f.shape) for f in best)
        assert value(row, context, near, law) >= least - 1e-8


@given(contexts)
@settings(max_examples=40)
def test_minimum_minimiser_and_span_on_any_context(context):
    """Repeated values, zeros, near-identity, one row: a number attained, or a reason."""
    for name in EXACT:
        row, d = objectives.find(name), 2
        try:
            best = row.minimiser(context, d)
        except ValueError as error:
            assert any(word in str(error) for word in ["whitened features exist", "labels",
                       "a graph needs", "not symmetric", "the joint has zeros", "log density"])
            continue
        assert value(row, context, best) == pytest.approx(row.minimum(context, d), abs=1e-7)
        assert len(row.span(context, d)) == context.shape[0]


@pytest.mark.parametrize("name, d_clusters, clusters, d_masked, masked", [
    ("spectral contrastive", 2, -0.5220, 3, -0.5400),
    ("uncentred spectral contrastive", 3, -2.0440, 4, -2.0800),
    ("whitened non-contrastive", 2, 1.1100, 3, 2.4000),
    ("covariance penalty", 2, 0.9560, 3, 1.9200),
    ("SVME", 2, 0.5550, 3, 1.2000),
    ("SVME, both whitened", 2, 0.6000, 3, 1.3524),
    ("KISE", 2, -1.4450, 3, -1.8000),
    ("whitened trace", 2, -1.4450, 3, -1.8000),
    ("two towers", 2, -1.4450, 3, -1.8000),
    ("InfoNCE", 2, -0.7042, 3, -1.2477),
])
def test_known_optimal_values(name, d_clusters, clusters, d_masked, masked):
    """Two contexts whose optima are known to four decimals, from brute-force losses."""
    row = objectives.find(name)
    assert row.minimum(CLUSTERS, d_clusters) == pytest.approx(clusters, abs=5e-5)
    assert row.minimum(MASKED, d_masked) == pytest.approx(masked, abs=5e-5)


# Training


def agreement(features, span, p):
    """Mean squared canonical correlation over the smaller of the two dimensions."""
    return cl.alignment.squared_cca(features, span, p).value


def reached_by(run, name, context, d, seeds):
    row = objectives.find(name)
    if name == "uncentred spectral contrastive":
        d += 1  # the constant takes one dimension, and no repeated value is cut
    least, span = row.minimum(context, d), row.span(context, d)
    if name == "InfoNCE":  # here span is what it is measured against; it learns the log ratio
        span = row.minimiser(context, d)[0]
    for seed in seeds:
        problem, reached = run(row, context, d, seed)
        assert least - 1e-8 <= reached <= least + 1e-3
        features = problem.features()
        if span.shape[1]:
            assert agreement(features, span, context.p_x) >= 0.99
        else:  # masked reconstruction of independent tokens
            assert name == "masked reconstruction" and context is MASKED


@pytest.mark.parametrize("name, context, d", CASES, ids=IDS)
def test_random_starts_reach_minimum_and_span(name, context, d):
    """Five for each row, and two more on its other contexts."""
    first = next(case for case in CASES if case[0] == name)
    reached_by(descended, name, context, d, range(5 if first[1] is context else 2))


@pytest.mark.parametrize("name, context, d", {case[0]: case for case in CASES[::-1]}.values())
def test_the_courses_training_reaches_them_too(name, context, d):
    reached_by(trained, name, context, d, [0])


@pytest.mark.parametrize("strength, alive", [(0.3, 0), (0.5, 2), (1.0, 3)])
def test_a_weak_penalty_switches_modes_off(strength, alive):
    """1 − s² = .4, .4, .64: a mode lives if λ is larger; what is off has no variance left."""
    context = gallery.masked_tokens(0.6, 2)
    s = cl.singular_system(context).values
    row = objectives.covariance_penalty(strength)
    assert row.span(context, 3).shape == (4, alive)
    for seed in range(5):
        problem, reached = descended(row, context, 3, seed)
        assert reached == pytest.approx(row.minimum(context, 3), abs=1e-3)
        psi = problem.encoder().detach().numpy()
        variances = np.linalg.eigvalsh(np.cov(psi.T, aweights=context.p_a, ddof=0))[::-1]
        assert variances == pytest.approx(np.maximum(1 - (1 - s**2) / strength, 0), abs=0.03)


def test_nesting_orders_the_functions():
    """Coordinate i is μ_i itself, where every other row finds the span only."""
    context = random_context(3)
    mu = cl.singular_system(context, 3).left
    for seed in range(5):
        features = descended(objectives.find("nested low rank"), context, 3, seed)[0].features()
        for i in range(3):
            assert agreement(features[:, [i]], mu[:, [i]], context.p_x) > 0.99


def test_infonce_approaches_an_infimum_it_cannot_attain():
    """Masked strings: P has zeros. With f = (x, 1), g = (t a, |K|(log 2 − t)), t → ∞."""
    row = objectives.find("InfoNCE")
    with pytest.raises(ValueError, match="approached, not attained"):
        row.minimiser(MASKED, 4)
    signs = {"0": -1.0, "1": 1.0, "·": 0.0}
    x = np.array([[signs[t] for t in label] for label in MASKED.x_labels])
    a = np.array([[signs[t] for t in label] for label in MASKED.a_labels])
    shown = np.abs(a).sum(1)
    gaps = []
    for t in [1, 3, 5, 10]:
        f = np.column_stack([x, np.ones(8)])
        g = np.column_stack([t * a, shown * (np.log(2) - t)])
        gaps.append(value(row, MASKED, (f, g)) - row.minimum(MASKED, 4))
    assert np.all(np.diff(gaps) < 0) and gaps[0] > 0.01 and 0 < gaps[-1] < 1e-7


def test_infonce_of_too_few_dimensions_makes_no_claim_and_stays_above():
    row, context = objectives.find("InfoNCE"), random_context(0)
    with pytest.raises(ValueError, match=r"d is 2; the log density ratio .* needs d = 4"):
        row.minimiser(context, 2)
    for seed in range(5):
        assert descended(row, context, 2, seed)[1] > row.minimum(context, 2) + 0.01


@pytest.mark.parametrize("name", UNCLAIMED)
def test_rows_without_a_claim_can_be_trained_too(name):
    row, context = objectives.find(name), gallery.hypercube(0.6, 3)
    problem, reached = trained(row, context, 2, steps=100)
    assert np.isfinite(reached) and problem.features().shape == (8, 2)
    assert reached < row.on(context, 2).loss().item()
    assert row.span(context, 2).shape == (8, 3)  # measured against the contexture


# Which rows learn the contexture, and which something else


def test_frequent_classes_weigh_more_without_balance():
    """Unbalanced labels: another span. Balanced classes: the same eigenfunctions."""
    plain, balanced = objectives.find("supervised"), objectives.find("class-balanced supervised")
    misses = [largest_angle(plain.span(c, 2), balanced.span(c, 2), c.p_x)
              for c in map(random_context, range(5))]
    assert min(misses) > 0.01
    assert largest_angle(plain.span(CLUSTERS, 2), balanced.span(CLUSTERS, 2), CLUSTERS.p_x) < 1e-7


def test_weighting_examples_instead_of_coordinates_misses_the_contexture():
    """Negative control: weights 1/√q_a on the examples change the inputs' distribution too."""
    for seed in range(12):
        context = random_context(seed, (7, 4))
        weighted = cl.Context.from_counts(context.joint / np.sqrt(context.p_a))
        other_span = objectives.find("supervised").span(weighted, 2)
        span = objectives.find("class-balanced supervised").span(context, 2)
        assert largest_angle(other_span, span, context.p_x) > 0.005


def test_the_loss_weighted_by_coordinate_is_the_class_balanced_row():
    context = random_context(2)
    row = objectives.find("class-balanced supervised")
    f, g = (torch.as_tensor(v) for v in row.minimiser(context, 2))
    root = torch.as_tensor(np.sqrt(context.p_a))
    x, a = np.nonzero(context.joint)  # f and g hold 1[A = a]/√q_a and its prediction
    squares = (((f * root)[x] - (g * root)[a]) ** 2 / root**2).sum(1)
    by_weight = context.joint[x, a] @ squares.numpy()
    assert float(by_weight) == pytest.approx(row.minimum(context, 2))


def test_any_vector_label_and_any_vector_input():
    """Regression by numpy.linalg.lstsq on all pairs, drawn out as weighted rows."""
    rng = np.random.default_rng(0)
    context, d = random_context(4), 2
    x, a = (v.ravel() for v in np.indices(context.shape))
    weight = np.sqrt(context.joint.ravel())[:, None]
    labels, inputs = rng.standard_normal((5, 3)), rng.standard_normal((6, 3))
    for row, target, position in [(objectives.supervised(lambda c: labels), labels[a], x),
                                  (objectives.denoising(lambda c: inputs), inputs[x], a)]:
        prediction = row.minimiser(context, d)[0]
        error = (weight**2 * (prediction[position] - target) ** 2).sum()
        assert error == pytest.approx(row.minimum(context, d))
        assert np.linalg.matrix_rank(prediction - prediction[0], tol=1e-9) == d
        problem, reached = descended(row, context, d, 0)
        assert reached == pytest.approx(row.minimum(context, d), abs=1e-3)
        features = problem.encoder().detach().numpy()[position]
        design = np.hstack([np.ones((len(x), 1)), features]) * weight
        by_hand = ((design @ np.linalg.lstsq(design, target * weight)[0] - target * weight) ** 2)
        assert problem.loss().item() == pytest.approx(by_hand.sum())


def test_denoising_learns_pca_of_the_inverse_regression():
    """The span on A; the average encoder then spans T of it, and not μ₁ … μ_d."""
    context = random_context(1)
    row = objectives.find("denoising")
    mean = context.expect_adjoint(np.eye(6))
    mean = (mean - context.p_a @ mean) * np.sqrt(context.p_a)[:, None]
    top = np.linalg.eigh(mean @ mean.T)[1][:, -2:] / np.sqrt(context.p_a)[:, None]
    assert largest_angle(row.span(context, 2), context.expect(top), context.p_x) < 1e-6
    mu = cl.singular_system(context, 2).left
    assert largest_angle(row.span(context, 2), mu, context.p_x) > 0.01


def test_masked_reconstruction_predicts_the_hidden_tokens_only():
    """The minimum with as many dimensions as wanted: Σ over hidden bits of Var(bit | shown)."""
    context = dependent_strings(3)
    variance = 0.0
    for k, label in enumerate(context.a_labels):
        given_a = context.joint[:, k] / context.p_a[k]
        for j in range(3):
            if label[j] == "·":
                one = sum(w for w, name in zip(given_a, context.x_labels) if name[j] == "1")
                variance += context.p_a[k] * 2 * one * (1 - one)  # two coordinates, 0 and 1
    assert objectives.masked_reconstruction().minimum(context, 6) == pytest.approx(variance)


def test_masked_reconstruction_of_independent_tokens_learns_nothing():
    row = objectives.find("masked reconstruction")
    assert row.span(MASKED, 3).shape == (8, 0)
    assert row.minimum(MASKED, 1) == pytest.approx(row.minimum(MASKED, 5))


def test_masked_reconstruction_reads_spaced_labels_too():
    context = gallery.masked_tokens(0.5, 2, 11)
    assert " " in context.a_labels[-1]
    targets = objectives.find("masked reconstruction").on(context, 2).targets
    assert targets.shape == (4 * 121, 2 * 11)


@pytest.mark.parametrize("context", [
    CLUSTERS, random_context(0), gallery.circle_crops(0.5, 5), gallery.masked_tokens(1.0, 2)])
def test_masked_reconstruction_needs_hidden_tokens(context):
    with pytest.raises(ValueError, match="no labels with hidden tokens"):
        objectives.find("masked reconstruction").on(context, 2)


def test_graph_smoothness_ranks_by_sign_where_the_contexture_ranks_by_size():
    """An even cycle: the alternating function has s = 1 and is the roughest of all."""
    context = gallery.cycle_walk(0.0, 8)
    alternating = (-1.0) ** np.arange(8)[:, None]
    row = objectives.find("graph smoothness")
    uniform = context.p_x
    assert largest_angle(row.span(context, 2), alternating, uniform) == pytest.approx(np.pi / 2)
    assert cl.alignment.squared_cca(
        objectives.find("KISE").span(context, 1), alternating, uniform).value == pytest.approx(1)
    assert row.minimum(context, 2) == pytest.approx(2 - 2 * np.cos(np.pi / 4))


def test_the_lazy_walk_removes_the_mismatch():
    lazy = gallery.cycle_walk(0.5, 8)
    span = objectives.find("graph smoothness").span(lazy, 2)
    assert largest_angle(span, cl.singular_system(lazy, 2).left, lazy.p_x) < 1e-7


def test_a_bipartite_graph_keeps_its_constant_out():
    """λ = −1 is not repeated: all n − 1 functions have mean zero."""
    span = objectives.find("graph smoothness").minimiser(gallery.cycle_walk(0.0, 6), 5)[0]
    assert np.abs(span.mean(axis=0)).max() < 1e-12


@pytest.mark.parametrize("context, message", [
    (random_context(0), r"context is 6×5; a graph needs a square joint"),
    (random_context(0, (4, 4)), r"not symmetric: joint\[\d, \d\] and joint\[\d, \d\] differ by"),
    (cl.Context.from_counts(sp.csr_array([[1.0, 2.0], [1.0, 1.0]])), r"not symmetric"),
])
def test_graph_smoothness_refuses_what_is_not_a_graph(context, message):
    row = objectives.find("graph smoothness")
    for attempt in (lambda: row.on(context, 1), lambda: row.minimum(context, 1)):
        with pytest.raises(ValueError, match=message):
            attempt()


def test_kise_on_any_positive_kernel():
    context, rng = random_context(0), np.random.default_rng(0)
    features = rng.standard_normal((6, 6))
    row = objectives.kise(features @ features.T)
    assert value(row, context, row.minimiser(context, 2)) == pytest.approx(row.minimum(context, 2))
    for seed in range(5):
        problem, reached = descended(row, context, 2, seed)
        assert reached == pytest.approx(row.minimum(context, 2), abs=1e-3)
        assert agreement(problem.features(), row.span(context, 2), context.p_x) > 0.99


def test_kise_on_the_dual_kernel_is_kise():
    context = random_context(2)
    row, default = objectives.kise(context.dual_kernel()), objectives.find("KISE")
    assert row.minimum(context, 3) == pytest.approx(default.minimum(context, 3))
    assert largest_angle(row.span(context, 3), default.span(context, 3), context.p_x) < 1e-6


def test_a_kernel_of_another_size_is_refused():
    for attempt in ("on", "minimum"):
        with pytest.raises(ValueError, match=r"must be|has shape"):
            getattr(objectives.kise(np.eye(4)), attempt)(CLUSTERS, 2)


@pytest.mark.parametrize("name", NAMES)
def test_span_holds_every_function_of_the_value_at_d(name):
    """The cycle's modes come in pairs; so no span depends on which of a pair is first."""
    if name == "masked reconstruction":
        return
    d = 2 if name == "uncentred spectral contrastive" else 1
    span = objectives.find(name).span(gallery.cycle_walk(0.6, 7), d)
    assert span.shape == (7, 2)


# Problems


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_depends_on_its_seed_and_on_nothing_else(name):
    row, context = objectives.find(name), dependent_strings()
    if name == "graph smoothness":
        context = CLUSTERS
    torch.manual_seed(0)
    first, other = row.on(context, 2, seed=1), row.on(context, 2, seed=2)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = row.on(context, 2, seed=1)
    assert torch.equal(before, torch.get_rng_state())
    assert first.loss().item() == again.loss().item() != other.loss().item()
    assert first.features().shape == (context.shape[0], 2)


def test_features_are_the_average_encoder_of_views_and_a_copy():
    problem = objectives.find("spectral contrastive").on(MASKED, 2)
    psi = problem.encoder().detach().numpy()
    assert problem.features() == pytest.approx(MASKED.expect(psi))
    towers = objectives.find("two towers").on(MASKED, 2)
    before = towers.loss().item()
    towers.features()[:] = 0
    assert towers.loss().item() == before


def test_a_sparse_context_gives_the_same_problem():
    dense = random_context(0)
    sparse = cl.Context(sp.csr_array(dense.joint))
    for name in GENERAL:
        row = objectives.find(name)
        assert row.on(sparse, 2).loss().item() == pytest.approx(row.on(dense, 2).loss().item())
        assert row.minimum(sparse, 2) == pytest.approx(row.minimum(dense, 2))


def test_an_objective_says_what_it_is():
    assert repr(objectives.find("KISE")) == "Objective('KISE', general, learns contexture)"
    for row in objectives.table():
        assert row.statement.count("$") % 2 == 0 and row.learns and row.source


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("d, error", [(0, ValueError), (1.5, TypeError), (True, TypeError)])
def test_a_bad_dimension_is_refused(name, d, error):
    row, context = objectives.find(name), dependent_strings()
    if name == "graph smoothness":
        context = CLUSTERS
    for attempt in (row.on, row.minimum, row.minimiser, row.span):
        with pytest.raises(error, match="d is"):
            attempt(context, d)


def test_a_bad_seed_context_or_strength_is_refused():
    row = objectives.find("SVME")
    with pytest.raises(ValueError, match="seed is -1"):
        row.on(CLUSTERS, 2, seed=-1)
    for attempt in (row.on, row.minimum, row.minimiser, row.span):
        with pytest.raises(TypeError, match="context is a ndarray"):
            attempt(CLUSTERS.joint, 2)
    with pytest.raises(ValueError, match="strength is 0"):
        objectives.covariance_penalty(0)


def test_more_whitened_features_than_points_allow_are_refused():
    for name in ("whitened non-contrastive", "SVME", "KISE", "graph smoothness"):
        with pytest.raises(ValueError, match="d is 9; only 8 whitened features exist on 9 points"):
            objectives.find(name).minimiser(CLUSTERS, 9)


def test_a_row_can_be_varied():
    """Options of a loss are bound with `functools.partial`, a row changed with `replace`."""
    row = replace(objectives.find("KISE"), law=lambda c: laws.kernel(np.eye(9), c.p_x))
    assert row.on(CLUSTERS, 2).loss().item() < 0


def test_the_table_shows_a_line_for_each_objective():
    table = objectives.table()
    lines = table._repr_markdown_().splitlines()[2:]
    assert len(lines) == len(table)
    for line, row in zip(lines, table):
        assert line.startswith(f"| **{row.name}** | {row.family} | ")
        assert line.replace(r"\|", "").count("|") == 5, "a bar inside a cell would end it"
