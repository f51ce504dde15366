import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from joints import block_diagonal, contexts, largest_angle, prescribed
from scipy.optimize import minimize

import contexture_lite as cl
from contexture_lite import gallery


def random_contexts(count, seed):
    """Dense contexts, long and thin ones among them, with 2 to 8 inputs and context values."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        shape = rng.integers(2, 9, size=2)
        yield cl.Context.from_counts(rng.gamma(0.4, size=shape) + 1e-3), rng


def whole_basis(context, seed=0):
    """s_1, …, s_{N−1} and functions μ_1, …, μ_{N−1}, completed where s = 0."""
    p, n = context.p_x, context.shape[0]
    s, mu = np.zeros(n - 1), np.zeros((n, 0))
    if min(context.shape) > 1:
        system = cl.singular_system(context)
        mu = system.left[:, : system.rank]
        s[: system.rank] = system.values[: system.rank]
    root = np.sqrt(p)[:, None]
    noise = np.random.default_rng(seed).standard_normal((n, n))
    full = np.linalg.qr(np.hstack([root, root * mu, noise]))[0][:, 1:n] / root
    full[:, : mu.shape[1]] = mu
    return s, full


def probe_error(context, encoder, f):
    """min_{w,b} ‖wᵀΦ + b − f‖² in L²(P_X), by least squares."""
    root = np.sqrt(context.p_x)
    design = root[:, None] * np.c_[np.ones(len(root)), encoder]
    return np.sum((root * f - design @ np.linalg.lstsq(design, root * f, rcond=None)[0]) ** 2)


def searched_error(context, encoder, eps, rng, starts=12):
    """The worst-case error by constrained search (SLSQP) over the coefficients of the task."""
    s, mu = whole_basis(context)
    root = np.sqrt(context.p_x)[:, None]
    span = np.linalg.qr(root * (encoder - context.p_x @ encoder))[0]
    miss = mu.T @ (root * (root * mu - span @ (span.T @ (root * mu))))  # P_⊥ in coordinates
    miss, squares, least = (miss + miss.T) / 2, s**2, (1 - eps) ** 2
    best = 0.0
    for start in range(starts):
        u = rng.standard_normal(len(s)) * (s ** (start % 4) if s[0] > 0 else 1)
        solution = minimize(
            lambda u: -u @ miss @ u,
            u / np.linalg.norm(u),
            jac=lambda u: -2 * miss @ u,
            constraints=[
                {"type": "eq", "fun": lambda u: u @ u - 1, "jac": lambda u: 2 * u},
                {
                    "type": "ineq",
                    "fun": lambda u: squares @ u**2 - least,
                    "jac": lambda u: 2 * squares * u,
                },
            ],
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        u = solution.x / np.linalg.norm(solution.x)
        if squares @ u**2 >= least - 1e-10:
            best = max(best, u @ miss @ u)
    return best


def in_range(context, d, share=0.5):
    """An ε inside 1 − s₁ … 1 − s_{d+1}, the nearer to the first end the smaller the share."""
    s = whole_basis(context)[0]
    return 1 - np.sqrt(s[0] ** 2 - share * (s[0] ** 2 - s[d] ** 2))


# -- compatibility -----------------------------------------------------------------


def test_the_singular_functions_have_the_singular_values_as_compatibilities():
    context = gallery.masked_tokens(0.6)
    system = cl.singular_system(context)
    assert np.allclose(cl.compatibility(context, system.left), system.values)


@given(context=contexts, seed=st.integers(0, 100))
def test_compatibility_is_the_spectral_formula(context, seed):
    if context.shape[0] == 1:
        return
    f = np.random.default_rng(seed).standard_normal((context.shape[0], 3))
    s, mu = whole_basis(context)
    u = mu.T @ (context.p_x[:, None] * f)
    expected = np.sqrt(s**2 @ u**2 / (u**2).sum(axis=0))
    assert np.allclose(cl.compatibility(context, f), expected, atol=1e-12)
    assert cl.compatibility(context, f[:, 0]) == pytest.approx(expected[0], abs=1e-12)


def test_compatibility_is_the_largest_correlation():
    for context, rng in random_contexts(30, seed=1):
        f, g = rng.standard_normal(context.shape[0]), rng.standard_normal((context.shape[1], 50))
        f -= context.p_x @ f
        witness = context.expect_adjoint(f)
        g = np.c_[witness, g]
        lengths = np.sqrt((context.p_x @ f**2) * (context.p_a @ g**2))
        correlations = f @ (context.joint @ g) / lengths
        rho = cl.compatibility(context, f)
        assert correlations[0] == pytest.approx(rho, abs=1e-12)
        assert correlations.max() <= rho + 1e-12


def test_shift_and_scale_of_the_task_change_nothing_and_its_shape_does():
    context = gallery.hypercube(0.6)
    f = np.random.default_rng(0).standard_normal(8)
    rho = cl.compatibility(context, f)
    for other in (f + 5, -2 * f, 1e200 * f, 1e-200 * f, f.tolist()):
        assert cl.compatibility(context, other) == pytest.approx(rho)
    assert cl.compatibility(context, f**2) != pytest.approx(rho)
    assert isinstance(rho, float)


def test_compatibility_at_the_extremes():
    rng = np.random.default_rng(0)
    assert cl.compatibility(gallery.identity(5), rng.random(5)) == pytest.approx(1)
    assert cl.compatibility(gallery.independent(5), rng.random(5)) == pytest.approx(0, abs=1e-12)
    labels = gallery.deterministic_label(3, size=3)
    assert cl.compatibility(labels, np.repeat([0, 1, 5], 3)) == pytest.approx(1)
    assert cl.compatibility(labels, np.tile([-1, 0, 1], 3)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (np.ones(4), ValueError, "f is constant"),
        (np.zeros(4), ValueError, "f is constant"),
        (np.c_[np.arange(4), np.full(4, 1e9)], ValueError, r"f\[:, 1\] is constant"),
        (np.arange(3), ValueError, r"f has shape \(3,\); it must be \(4,\)"),
        ([0, 1, np.nan, 2], ValueError, r"f\[2\] is nan"),
        (list("abcd"), TypeError, "f has dtype"),
    ],
)
def test_bad_tasks_are_refused(f, error, words):
    with pytest.raises(error, match=words):
        cl.compatibility(gallery.symmetric_channel(0.5), f)


# -- the minimax error -------------------------------------------------------------


@pytest.mark.parametrize(("d", "expected"), [(1, 0.225), (2, 0.1125)])
def test_worked_numbers(d, expected):
    """s² = (.9, .5, .1) and ε = .1. The joint scales s by k, and 1 − ε is scaled along."""
    values = np.sqrt([0.9, 0.5, 0.1])
    context, mu, _ = prescribed(values, 6, 5)
    k = context.exact_values[0] / values[0]
    eps = 1 - k * 0.9
    assert cl.minimax_error(context, d, eps) == pytest.approx(expected, abs=1e-10)
    assert cl.worst_case_error(context, mu[:, :d], eps) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("context", "d", "expected"),
    [(gallery.clusters(0.85), 2, 0.3080), (gallery.masked_tokens(0.6), 3, 0.4167)],
)
def test_published_rows(context, d, expected):
    """Three clusters of three with 10 % confusion; three bits kept with .6; (1 − ε)² = .5."""
    eps = 1 - np.sqrt(0.5)
    s = context.exact_values
    assert s[0] ** 2 == pytest.approx(0.7225 if d == 2 else 0.6)
    assert round(cl.minimax_error(context, d, eps), 4) == expected
    assert round(cl.worst_case_error(context, cl.singular_system(context, d).left, eps), 4) == (
        expected
    )


@given(context=contexts, d=st.integers(1, 6), share=st.floats(0.001, 0.999))
def test_the_top_functions_reach_the_minimax_error(context, d, share):
    s, mu = whole_basis(context)
    if len(s) <= d or s[0] < 1e-3 or s[0] - s[d] < 1e-3:
        return
    eps = in_range(context, d, share)
    error = cl.minimax_error(context, d, eps)
    assert error == pytest.approx(share, abs=1e-8)
    assert cl.worst_case_error(context, mu[:, :d], eps) == pytest.approx(error, abs=1e-9)


def test_no_encoder_beats_the_top_functions():
    """200 encoders: random ones, and the best one perturbed, by little and by much."""
    tried = 0
    for context, rng in random_contexts(40, seed=2):
        s, mu = whole_basis(context)
        d = min(2, len(s) - 1)
        if d < 1 or s[0] - s[d] < 1e-3:
            continue
        eps = in_range(context, d, share=0.3)
        least = cl.minimax_error(context, d, eps)
        for size in (0.001, 0.01, 0.1, 0.5, 2, np.inf):
            noise = rng.standard_normal((context.shape[0], d))
            encoder = noise if np.isinf(size) else mu[:, :d] + size * noise
            assert cl.worst_case_error(context, encoder, eps) >= least - 1e-10
            tried += 1
    assert tried >= 200


def test_an_optimiser_over_encoders_finds_no_better_one():
    context = cl.Context.from_counts(np.random.default_rng(5).gamma(0.4, size=(4, 5)) + 0.01)
    eps, start = in_range(context, 1), [[0, 1, 0, 2], [1, 0, 3, 0]]
    errors = [
        minimize(
            lambda phi: cl.worst_case_error(context, phi[:, None], eps), phi, method="Powell"
        ).fun
        for phi in start
    ]
    least = cl.minimax_error(context, 1, eps)
    assert least - 1e-9 <= min(errors) <= least + 1e-3


def test_no_error_once_there_are_as_many_features_as_functions():
    context = gallery.binary_channel(0.8)
    assert cl.minimax_error(context, 1, 0.3) == cl.minimax_error(context, 5, 0.3) == 0
    assert cl.worst_case_error(context, [[0], [1]], 0.3) == 0
    assert cl.minimax_error(gallery.identity(4), 3, 0.5) == 0


def test_beyond_the_modes_the_last_singular_value_is_zero():
    """One mode, and five functions of X."""
    context = cl.Context.from_counts(np.random.default_rng(0).random((6, 2)))
    s = cl.singular_system(context).values[0]
    for d in (1, 2, 4):
        assert cl.minimax_error(context, d, 1 - s / 2) == pytest.approx(0.75)
    assert cl.minimax_error(context, 5, 1 - s / 2) == 0
    assert cl.minimax_error(context, 1, 1.0) == 1


def test_the_ends_of_the_range():
    context = gallery.masked_tokens(0.6)
    s = cl.singular_system(context).values
    assert cl.minimax_error(context, 3, 1 - s[0]) == pytest.approx(0, abs=1e-12)
    assert cl.minimax_error(context, 3, 1 - s[3]) == pytest.approx(1)
    with pytest.raises(ValueError, match=r"eps is 0\.1; it must be at least 1 − s₁ = 0\.225403"):
        cl.minimax_error(context, 3, 0.1)
    assert cl.minimax_error(context, 3, 0.5) == cl.minimax_error(context, 3, 1) == 1
    assert s[0] == pytest.approx(s[2]) and cl.minimax_error(context, 2, 0.3) == 1
    encoder = np.random.default_rng(0).standard_normal((context.shape[0], 3))
    assert cl.worst_case_error(context, encoder, 0.5) == pytest.approx(1)
    assert cl.worst_case_error(context, s[None] * np.ones((len(encoder), 1)), 0.3) == 1


@pytest.mark.parametrize(
    ("d", "eps", "error", "words"),
    [
        (0, 0.5, ValueError, "d is 0; it must be at least 1"),
        (1.5, 0.5, TypeError, "d is 1.5; it must be an integer"),
        (1, -0.1, ValueError, "eps is -0.1; it must be at least 0"),
        (1, 1.1, ValueError, "eps is 1.1; it must be at most 1"),
        (1, np.nan, ValueError, "eps is nan"),
        (1, "half", TypeError, "eps is 'half'; it must be a number"),
    ],
)
def test_bad_numbers_are_refused(d, eps, error, words):
    with pytest.raises(error, match=words):
        cl.minimax_error(gallery.symmetric_channel(0.5), d, eps)


# -- the worst-case error of any encoder -------------------------------------------


def test_the_dual_is_the_constrained_search():
    """On 50 random contexts and encoders, the singular functions perturbed or no relation."""
    gaps = []
    for number, (context, rng) in enumerate(random_contexts(50, seed=3)):
        s, mu = whole_basis(context)
        d = int(rng.integers(1, max(2, len(s))))
        encoder = rng.standard_normal((context.shape[0], d))
        if number % 3:
            encoder = mu[:, :d] + rng.choice([0.1, 0.5]) * encoder
        eps = 1 - s[0] * rng.uniform(0.3, 0.999)
        dual = cl.worst_case_error(context, encoder, eps)
        gaps.append(abs(dual - searched_error(context, encoder, eps, rng)))
    assert len(gaps) == 50 and max(gaps) < 1e-6, np.sort(gaps)[-5:]


def test_no_task_of_the_class_has_a_larger_error():
    for context, rng in random_contexts(30, seed=4):
        s, mu = whole_basis(context)
        encoder = mu[:, :1] + 0.5 * rng.standard_normal((context.shape[0], 1))
        eps = 1 - 0.8 * s[0]
        worst = cl.worst_case_error(context, encoder, eps)
        for _ in range(20):
            f = mu @ (rng.standard_normal(len(s)) * s ** rng.integers(0, 4))
            f /= np.sqrt(context.p_x @ f**2)
            if cl.compatibility(context, f) >= 1 - eps:
                assert probe_error(context, encoder, f) <= worst + 1e-10


@pytest.mark.parametrize("functions", [1, 2, 3])
def test_few_functions(functions):
    """No duality gap in dimension 1, 2 or 3; in the plane a scan finds the worst task."""
    rng = np.random.default_rng(functions)
    context = cl.Context.from_counts(rng.random((functions + 1, 5)))
    s, mu = whole_basis(context)
    angle = np.linspace(0, np.pi, 200_001)
    for _ in range(10):
        encoder, eps = rng.standard_normal((functions + 1, 1)), 1 - s[0] * rng.uniform(0.1, 0.99)
        error = cl.worst_case_error(context, encoder, eps)
        if functions == 1:
            assert error == 0
        elif functions == 2:
            seen = (encoder[:, 0] * context.p_x) @ mu
            seen /= np.linalg.norm(seen)
            u = np.array([np.cos(angle), np.sin(angle)])
            allowed = s**2 @ u**2 >= (1 - eps) ** 2
            assert error == pytest.approx((1 - (seen @ u) ** 2)[allowed].max(), abs=1e-4)
        else:
            assert error == pytest.approx(searched_error(context, encoder, eps, rng), abs=1e-7)


def test_only_the_span_counts():
    context = gallery.clusters(0.5)
    rng = np.random.default_rng(0)
    phi = cl.singular_system(context, 2).left + 0.3 * rng.standard_normal((context.shape[0], 2))
    error, trace = cl.worst_case_error(context, phi, 0.55), cl.ratio_trace(context, phi)
    assert 0 < error < 1
    for same in (
        phi @ rng.standard_normal((2, 2)) + [3, -7],
        phi * [1e-6, 1e6],
        np.c_[phi, np.ones(len(phi)), phi @ [1, 2], np.zeros(len(phi))],
        np.asfortranarray(phi),
    ):
        assert cl.worst_case_error(context, same, 0.55) == pytest.approx(error, abs=1e-8)
        assert cl.ratio_trace(context, same) == pytest.approx(trace, abs=1e-8)
    assert cl.worst_case_error(context, phi**3, 0.55) != pytest.approx(error)


def test_a_collapsed_encoder_errs_altogether():
    context = gallery.hypercube(0.6)
    for nothing in (np.ones((8, 3)), np.zeros((8, 2)), np.zeros((8, 0))):
        assert cl.worst_case_error(context, nothing, 0.5) == 1
        assert cl.ratio_trace(context, nothing) == 0
        assert cl.ritz(context, nothing).values.shape == (0,)


def test_more_features_than_functions():
    context = gallery.hypercube(0.6)
    phi = np.random.default_rng(0).standard_normal((8, 20))
    assert cl.worst_case_error(context, phi, 0.5) == 0
    assert cl.ratio_trace(context, phi) == pytest.approx(context.chi2())
    ritz = cl.ritz(context, phi)
    assert ritz.weights.shape == (20, 7) and ritz.functions.shape == (8, 7)


def test_unit_modes_and_independence():
    two = block_diagonal(gallery.symmetric_channel(0.5), gallery.symmetric_channel(0.2))
    blocks = np.repeat([[0.0], [1.0]], 4, axis=0)
    assert cl.worst_case_error(two, blocks, 0.0) == pytest.approx(0, abs=1e-12)
    assert cl.minimax_error(two, 1, 0.0) == 0
    assert cl.worst_case_error(two, np.arange(8.0)[:, None] % 4, 0.0) == 1
    eps = 0.1
    assert cl.worst_case_error(two, blocks, eps) == pytest.approx(cl.minimax_error(two, 1, eps))
    nothing = gallery.independent(4, 3)
    assert cl.worst_case_error(nothing, np.eye(4)[:, :2], 1.0) == 1
    assert cl.worst_case_error(nothing, np.eye(4), 1.0) == 0
    with pytest.raises(ValueError, match=r"eps is 0\.5; it must be at least 1 − s₁ = 1"):
        cl.worst_case_error(nothing, np.eye(4)[:, :2], 0.5)


def test_at_the_top_of_the_class_only_the_first_function_counts():
    context = gallery.hypercube(0.6)  # s₁ = s₂ = s₃ = .6
    s, mu = whole_basis(context)
    assert cl.worst_case_error(context, mu[:, :3], 1 - s[0]) == pytest.approx(0, abs=1e-12)
    assert cl.worst_case_error(context, mu[:, :2], 1 - s[0]) == 1
    tilted = np.cos(0.3) * mu[:, :3] + np.sin(0.3) * mu[:, 3:6]
    assert cl.worst_case_error(context, tilted, 1 - s[0]) == pytest.approx(np.sin(0.3) ** 2)


@given(context=contexts, d=st.integers(1, 4), share=st.floats(0, 1), seed=st.integers(0, 9))
def test_dense_and_sparse_agree_and_stay_between_0_and_1(context, d, share, seed):
    if context.shape[0] == 1:
        return
    encoder = np.random.default_rng(seed).standard_normal((context.shape[0], d))
    s = whole_basis(context)[0]
    sparse = cl.Context(sp.csr_array(context.joint))
    eps = 1 - s[0] * share
    errors = [cl.worst_case_error(c, encoder, eps) for c in (context, sparse)]
    assert 0 <= errors[0] <= 1 and errors[0] == pytest.approx(errors[1], abs=1e-9)
    assert cl.ratio_trace(sparse, encoder) == pytest.approx(cl.ratio_trace(context, encoder))


def test_a_larger_class_is_never_easier():
    for context, rng in random_contexts(10, seed=6):
        s, mu = whole_basis(context)
        encoder = mu[:, :1] + 0.3 * rng.standard_normal((context.shape[0], 1))
        shares = np.r_[np.linspace(1, 0.01, 30), 1 - np.geomspace(1e-15, 1e-3, 13)]
        shares = np.sort(shares)[::-1]
        errors = [cl.worst_case_error(context, encoder, 1 - s[0] * share) for share in shares]
        assert (np.diff(errors) >= -1e-7).all()


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (400, 10)])
def test_hundreds_of_inputs(size):
    rng = np.random.default_rng(0)
    context = cl.Context.from_counts(rng.gamma(0.3, size=size) + 1e-4)
    mu = cl.singular_system(context, 9).left
    eps = in_range(context, 3, share=0.4)
    assert cl.worst_case_error(context, mu[:, :3], eps) == pytest.approx(0.4, abs=1e-8)
    s = cl.singular_system(context).values
    threshold = (s[0] ** 2 - s[2] ** 2) * (s[3] ** 2 - s[8] ** 2)
    threshold /= (s[0] ** 2 - s[3] ** 2) * (s[2] ** 2 - s[8] ** 2)
    for angle in (0.99 * np.arcsin(np.sqrt(min(threshold, 1))), np.pi / 2):
        turned = np.c_[mu[:, :2], np.cos(angle) * mu[:, 2] + np.sin(angle) * mu[:, 8]]
        error, minimax = cl.worst_case_error(context, turned, eps), np.sin(angle) ** 2 < threshold
        assert (abs(error - 0.4) < 1e-8) == minimax and error > 0.4 - 1e-8


# -- where the published statements need care --------------------------------------


@pytest.mark.parametrize(("share", "minimax"), [(0.3, True), (0.6, True), (0.61, False)])
def test_for_two_features_others_than_the_top_ones_are_minimax_too(share, minimax):
    """s² = (.9, .6, .5, .1), ε = .1: μ₂ may turn towards μ₄ up to sin²θ = .6."""
    values = np.sqrt([0.9, 0.6, 0.5, 0.1])
    context, mu, _ = prescribed(values, 7, 6)
    eps = 1 - 0.9 * context.exact_values[0] / values[0]
    encoder = np.c_[mu[:, 0], np.sqrt(1 - share) * mu[:, 1] + np.sqrt(share) * mu[:, 3]]
    error = cl.worst_case_error(context, encoder, eps)
    assert cl.minimax_error(context, 2, eps) == pytest.approx(0.225, abs=1e-9)
    assert (abs(error - 0.225) < 1e-9) == minimax and error > 0.225 - 1e-9
    assert largest_angle(encoder, mu[:, :2], context.p_x) == pytest.approx(np.arcsin(share**0.5))


@pytest.mark.parametrize("seed", range(5))
def test_for_one_feature_only_the_top_one_is_minimax(seed):
    context, mu, _ = prescribed(np.array([0.9, 0.6, 0.3]), 6, 6, seed=seed)
    eps = in_range(context, 1)
    for angle in (0.01, 0.1, 1):
        tilted = np.cos(angle) * mu[:, :1] + np.sin(angle) * mu[:, 2:3]
        assert cl.worst_case_error(context, tilted, eps) > cl.minimax_error(context, 1, eps) + 1e-6


def trace_gap(context, encoder):
    """min_k Σ_{i≤k+1} s_i² − Σ_{i≤k} θ_i, with the Ritz values θ."""
    squares = whole_basis(context)[0][: encoder.shape[1] + 1] ** 2
    theta = cl.ritz(context, encoder).values
    return min(squares[: k + 1].sum() - theta[:k].sum() for k in range(len(theta) + 1))


def test_the_trace_gap_enters_with_its_root():
    """s = (1/2, 0), ε = 1/2, Φ = cos ½ μ₁ + sin ½ μ₂: .230 is above .116, not above .623."""
    mu = np.array([[1, 0, -1], [1, -2, 1]]).T * np.sqrt([3 / 2, 1 / 2])
    context = cl.Context((1 + 0.5 * mu[:, :1] * [1, -1]) / 6)
    s, gap = 0.5, trace_gap(context, encoder := mu @ [[np.cos(0.5)], [np.sin(0.5)]])
    assert cl.singular_system(context).values == pytest.approx([s])
    printed = s * gap / (s**2 - gap**2)
    corrected = s * np.sqrt(gap) / (s**2 - gap)
    errors = [cl.worst_case_error(context, encoder, 0.5), printed, corrected]
    assert np.round(errors, 3) == pytest.approx([0.230, 0.116, 0.623])


# -- ratio trace and Ritz functions ------------------------------------------------


@given(context=contexts, d=st.integers(1, 5), seed=st.integers(0, 100))
def test_ritz_solves_the_generalised_problem(context, d, seed):
    encoder = np.random.default_rng(seed).standard_normal((context.shape[0], d))
    ritz = cl.ritz(context, encoder)
    p, q, k = context.p_x, context.p_a, len(ritz.values)
    assert k == min(d, context.shape[0] - 1)
    assert np.allclose((encoder - ritz.mean) @ ritz.weights, ritz.functions, atol=1e-9)
    assert np.allclose(p @ ritz.functions, 0, atol=1e-9)
    assert np.allclose(ritz.functions.T @ (p[:, None] * ritz.functions), np.eye(k), atol=1e-9)
    pulled = context.expect_adjoint(ritz.functions)
    assert np.allclose(pulled.T @ (q[:, None] * pulled), np.diag(ritz.values), atol=1e-9)
    assert (np.diff(ritz.values) <= 0).all() and (ritz.values >= 0).all()
    squares = whole_basis(context)[0] ** 2
    assert (ritz.values <= squares[:k] + 1e-9).all()


def test_ratio_trace_is_the_trace():
    for context, rng in random_contexts(20, seed=7):
        d = int(rng.integers(1, context.shape[0]))
        phi = rng.standard_normal((context.shape[0], d))
        P, p, q = context.joint, context.p_x, context.p_a
        centred = phi - p @ phi
        pulled = P.T @ centred / q[:, None]
        C, B = centred.T @ (p[:, None] * centred), pulled.T @ (q[:, None] * pulled)
        assert cl.ratio_trace(context, phi) == pytest.approx(np.trace(np.linalg.solve(C, B)))


@pytest.mark.parametrize("name", gallery.examples())
def test_ritz_gives_back_the_singular_system(name):
    """From a mixture of the top functions, with their order, signs and ties."""
    context = gallery.examples()[name]
    system = cl.singular_system(context)
    if system.rank == 0:
        return
    top = [np.r_[np.diff(system.values) < -1e-8, True].nonzero()[0][0] + 1, system.rank]
    for d in top:  # a whole group of ties, and all of them
        mix = np.random.default_rng(d).standard_normal((d, d)) + 3 * np.eye(d)
        ritz = cl.ritz(context, system.left[:, :d] @ mix + 1)
        assert np.allclose(ritz.values, system.values[:d] ** 2, atol=1e-9)
        assert np.allclose(ritz.functions, system.left[:, :d], atol=1e-6)


def test_ritz_at_new_points():
    context = gallery.hypercube(0.6)
    phi = np.random.default_rng(0).standard_normal((8, 3))
    ritz = cl.ritz(context, phi)
    assert np.allclose(ritz.extend(phi), ritz.functions)
    assert ritz.extend(phi[:2] + 1).shape == (2, 3)
    with pytest.raises(ValueError, match=r"features has shape \(2, 2\); it must be \(n, 3\)"):
        ritz.extend(phi[:2, :2])
    with pytest.raises(ValueError, match=r"features\[0, 1\] is nan"):
        ritz.extend([[1, np.nan, 2]])
    with pytest.raises(ValueError, match=r"features has shape \(3,\)"):
        ritz.extend(phi[0])


def test_ritz_says_what_it_found():
    context = gallery.hypercube(0.6)
    phi = np.c_[cl.singular_system(context, 1).left, np.ones(8)]
    assert repr(cl.ritz(context, phi)) == "Ritz(values=[0.3600], 1 of 2 features)"


def test_float32_features_and_frames_are_taken():
    pandas = pytest.importorskip("pandas")
    context = gallery.hypercube(0.6)
    phi = np.random.default_rng(0).standard_normal((8, 3))
    trace = cl.ratio_trace(context, phi)
    assert cl.ratio_trace(context, phi.astype(np.float32)) == pytest.approx(trace, rel=1e-5)
    assert cl.ratio_trace(context, pandas.DataFrame(phi)) == pytest.approx(trace)


@pytest.mark.parametrize(
    ("encoder", "error", "words"),
    [
        (np.ones(4), ValueError, r"encoder has shape \(4,\); it must be \(4, d\)"),
        (np.ones((3, 2)), ValueError, r"encoder has shape \(3, 2\)"),
        ([[0.0], [1], [np.inf], [2]], ValueError, r"encoder\[2, 0\] is inf"),
        ([["a"]] * 4, TypeError, "encoder has dtype"),
    ],
)
def test_bad_encoders_are_refused(encoder, error, words):
    context = gallery.symmetric_channel(0.5)
    for measure in (cl.ritz, cl.ratio_trace, lambda c, e: cl.worst_case_error(c, e, 0.6)):
        with pytest.raises(error, match=words):
            measure(context, encoder)


def test_what_is_not_a_context_is_refused():
    table = np.eye(3) / 3
    for call in (
        lambda: cl.compatibility(table, [0, 1, 2]),
        lambda: cl.minimax_error(table, 1, 0.5),
        lambda: cl.worst_case_error(table, np.eye(3), 0.5),
        lambda: cl.ratio_trace(table, np.eye(3)),
        lambda: cl.ritz(table, np.eye(3)),
    ):
        with pytest.raises(TypeError, match="context is a ndarray; it must be a Context"):
            call()


def test_one_input_has_no_task():
    single = cl.Context([[0.4, 0.6]])
    for call in (
        lambda: cl.minimax_error(single, 1, 0.5),
        lambda: cl.worst_case_error(single, [[1.0]], 0.5),
    ):
        with pytest.raises(ValueError, match="context has one input"):
            call()
    assert cl.ratio_trace(single, [[1.0]]) == 0
    one_value = cl.Context([[0.4], [0.6]])
    assert cl.compatibility(one_value, [0, 1]) == pytest.approx(0, abs=1e-12)
    assert cl.worst_case_error(one_value, [[0.0], [1.0]], 1.0) == 0
    assert cl.ratio_trace(one_value, [[0.0], [1.0]]) == pytest.approx(0, abs=1e-12)
