import inspect
from itertools import combinations, pairwise, product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import example, given
from hypothesis import strategies as st
from joints import DIALS, ring
from scipy.linalg import expm

import contexture_lite as cl
from contexture_lite import gallery

PUBLIC = [getattr(gallery, name) for name in gallery.__all__]

# strengths near the ends are where closed forms and tables part, if they do
strengths = st.one_of(
    st.sampled_from([0, 1, 0.0, 1.0, 1e-300, 1e-30, 1e-12, 1 - 1e-12, 0.5]), st.floats(0, 1)
)
input_distributions = st.lists(st.floats(1e-6, 1), min_size=2, max_size=7)


def true_values(context):
    """Non-constant singular values by a plain SVD of Q, without the package's solver."""
    return np.linalg.svd(context.matrix(), compute_uv=False)[1:]


def agrees(context, shape=None):
    assert type(context) is cl.Context and not context.is_sparse
    assert shape is None or context.shape == shape
    assert abs(context.joint.sum() - 1) < 1e-12
    assert len(context.x_labels) == len(set(context.x_labels)) == context.shape[0]
    assert len(context.a_labels) == len(set(context.a_labels)) == context.shape[1]
    exact = context.exact_values
    assert exact.shape == (min(context.shape) - 1,) and np.all(np.diff(exact) <= 0)
    assert np.all((exact >= 0) & (exact <= 1))
    assert np.max(np.abs(true_values(context) - exact), initial=0) < 1e-10
    assert context.chi2() == pytest.approx(np.sum(exact**2), abs=1e-9)
    return True


def is_mode(context, f, value, tol=1e-10):
    """T T* f = value² f."""
    assert np.allclose(context.expect(context.expect_adjoint(f)), value**2 * f, atol=tol)
    return True


# -- each context has its exact values (its modes are claims of claims/families) -----------


@given(strengths, st.floats(1e-6, 1 - 1e-6))
def test_binary_channel(strength, prior):
    context = gallery.binary_channel(strength, prior)
    assert agrees(context, (2, 2)) and context.p_x[1] == pytest.approx(prior)


@given(strengths, st.integers(2, 12))
def test_symmetric_channel(strength, n):
    context = gallery.symmetric_channel(strength, n)
    assert agrees(context, (n, n))
    assert np.allclose(context.joint, gallery.hidden_mixture(strength, n).joint, atol=1e-14)


@given(strengths, input_distributions)
def test_erasure_for_any_input_distribution(strength, p):
    context = gallery.erasure(strength, p=p)
    n = len(p)
    assert agrees(context)
    if strength > 1e-100 or strength == 0:  # in between, some inputs are too rare to be seen
        assert context.shape[1] == n * (strength > 0) + (strength < 1)
    assert np.allclose(context.p_x, np.array(p) / sum(p))


@given(strengths, input_distributions)
def test_hidden_mixture_for_any_input_distribution(strength, p):
    context = gallery.hidden_mixture(strength, p=p)
    assert agrees(context, (len(p), len(p)))
    assert np.allclose(context.p_a, context.p_x)
    assert np.allclose(context.exact_values, strength)


def test_the_input_distribution_sets_the_size():
    for channel in (gallery.erasure, gallery.hidden_mixture):
        assert channel(0.5).shape[0] == 4 and channel(0.5, 6).shape[0] == 6
        assert channel(0.5, p=[1, 2, 1]).shape[0] == channel(0.5, 3, [1, 2, 1]).shape[0] == 3


@given(strengths, st.integers(3, 15))
def test_cycle_walk(strength, n):
    assert agrees(gallery.cycle_walk(strength, n), (n, n))


def test_a_plain_walk_on_an_even_ring_is_disconnected():
    assert gallery.cycle_walk(0, 8).components()[0] == 2
    assert gallery.cycle_walk(0, 7).components()[0] == 1


@given(strengths, st.integers(1, 6))
def test_hypercube(strength, n):
    assert agrees(gallery.hypercube(strength, n), (2**n, 2**n))


def test_hypercube_flips_each_bit_alone():
    context = gallery.hypercube(0.8, 2)
    assert context.x_labels == ["00", "01", "10", "11"]
    assert np.allclose(context.conditional()[0], [0.81, 0.09, 0.09, 0.01])


@given(
    strengths,
    st.integers(1, 3),
    st.integers(2, 3),
    st.sampled_from([None, "prefix", "hide_one"]),
)
def test_masked_tokens(keep, n, v, kept):
    assert agrees(gallery.masked_tokens(keep, n, v, kept))


@given(strengths, st.integers(2, 3), st.data())
def test_masked_tokens_under_any_distribution(keep, n, data):
    sets = [K for size in range(n + 1) for K in combinations(range(n), size)]
    weights = np.array([data.draw(st.integers(0, 3)) for _ in sets]) + np.eye(len(sets))[-1]
    kept = {K: w / weights.sum() for K, w in zip(sets, weights)}
    context = gallery.masked_tokens(keep, n, 2, kept)
    assert agrees(context)
    bits = np.array(list(product((0, 1), repeat=n)))
    for S in sets[1:]:
        shown = keep ** len(S) * sum(p for K, p in kept.items() if set(S) <= set(K))
        assert is_mode(context, (-1.0) ** bits[:, S].sum(axis=1), np.sqrt(shown))


def test_masked_tokens_by_hand():
    context = gallery.masked_tokens(0.6, 2)
    assert context.x_labels == ["00", "01", "10", "11"]
    assert context.a_labels == ["··", "0·", "1·", "·0", "·1", "00", "01", "10", "11"]
    row = context.conditional()[1]  # the string 01
    assert np.allclose(row, [0.16, 0.24, 0, 0, 0.24, 0, 0.36, 0, 0])
    assert np.allclose(context.exact_values**2, [0.6, 0.6, 0.36])


def test_masked_tokens_keep_thins_the_sets():
    thinned = gallery.masked_tokens(0.6, 2, kept={(0, 1): 1.0})
    assert np.allclose(thinned.joint, gallery.masked_tokens(0.6, 2).joint)
    same = gallery.masked_tokens(1, 2, kept={(): 0.16, (0,): 0.24, (1,): 0.24, (1, 0): 0.36})
    assert np.allclose(same.joint, thinned.joint)


def test_masked_tokens_of_many_words_stay_readable():
    context = gallery.masked_tokens(0.5, 1, vocabulary=12)
    assert context.x_labels[11] == "11" and context.a_labels[0] == "·"
    assert gallery.masked_tokens(0.5, 2, vocabulary=11).x_labels[-1] == "10 10"


@given(strengths, st.integers(2, 5), st.integers(1, 4))
def test_clusters(strength, k, size):
    context = gallery.clusters(strength, k, size)
    assert agrees(context, (k * size, k * size))
    between = np.repeat(np.arange(k) - (k - 1) / 2, size)
    assert np.allclose(context.expect(between), strength * between)


@given(strengths, st.none() | strengths)
@example(0, 1)
@example(1, 0)
def test_binary_tree(strength, inner):
    context = gallery.binary_tree(strength, inner)
    assert agrees(context, (8, 8))
    leaf = (1 + strength) / 2 * (strength if inner is None else inner)
    assert np.allclose(context.expect(np.repeat([1.0, -1], 4)), strength * np.repeat([1, -1], 4))
    left = np.repeat([1.0, -1, 0, 0], 2)
    assert np.allclose(context.expect(left), leaf * left)


@given(st.integers(2, 6), st.integers(1, 5))
def test_deterministic_label(k, size):
    context = gallery.deterministic_label(k, size)
    assert agrees(context, (k * size, k)) and np.all(context.exact_values == 1)


@given(st.integers(1, 9), st.none() | st.integers(1, 9))
def test_independent(n, m):
    context = gallery.independent(n, m)
    assert agrees(context, (n, m or n)) and not context.exact_values.any()


@given(st.integers(1, 9))
def test_identity(n):
    context = gallery.identity(n)
    assert agrees(context, (n, n)) and np.all(context.exact_values == 1)


@pytest.mark.parametrize("strength", [0, 0.3, 0.5, 1])
@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (5, 0.5), (5, 0.3), (12, 0.8)])
def test_binomial_thinning_modes_are_polynomials(strength, n, p):
    context = gallery.binomial_thinning(strength, n, p)
    assert agrees(context, (n + 1, n + 1 if strength else 1))
    counts = np.arange(n + 1)
    assert context.p_x @ counts == pytest.approx(n * p)
    assert np.allclose(context.expect(np.array(context.a_labels, float)), strength * counts)
    root = np.sqrt(context.p_x)
    krawtchouk, _ = np.linalg.qr(root[:, None] * np.vander(counts / n, increasing=True))
    for k in range(1, len(context.exact_values) + 1):
        assert is_mode(context, krawtchouk[:, k] / root, context.exact_values[k - 1], 1e-6)


@given(strengths, st.integers(1, 50), st.floats(0.01, 0.99))
@example(1e-6, 50, 0.01)
@example(1e-60, 50, 0.01)
@example(1 - 1e-9, 50, 0.99)
def test_binomial_thinning(strength, n, p):
    assert agrees(gallery.binomial_thinning(strength, n, p))


# -- the circle and the Gaussian, which stand for continuous contexts -----------------


@given(strengths, st.integers(3, 40))
def test_circle_crops(strength, n):
    context = gallery.circle_crops(strength, n)
    assert agrees(context, (n, n))
    angle = np.deg2rad(context.x_labels)
    wave = np.column_stack([np.cos(angle), np.sin(angle)])
    ratio = context.expect(wave)[0, 0]
    assert np.allclose(context.expect(wave), ratio * wave, atol=1e-10)
    assert np.min(np.abs(context.exact_values - abs(ratio))) < 1e-10


@pytest.mark.parametrize("strength", [0.05, 0.3, 0.62, 0.9])
def test_circle_crops_tend_to_the_sinc(strength):
    w, k = (1 - strength) * np.pi, np.arange(1, 9)
    limit = np.abs(np.sin(k * w) / (k * w))
    errors = []
    for n in (100, 400):
        context = gallery.circle_crops(strength, n)
        waves = np.cos(np.outer(np.deg2rad(context.x_labels), k))
        seen = np.abs(context.expect(waves)[0])  # waves are 1 at angle 0
        errors.append(np.max(np.abs(seen - limit)))
    assert errors[1] < errors[0] / 4 and errors[1] < 1e-3


def test_circle_crops_are_not_monotone_in_frequency():
    """At w = π/2 frequency 2 is lost altogether, and 3 is not."""
    context = gallery.circle_crops(0.5, 400)
    angle = np.deg2rad(context.x_labels)
    seen = np.abs(context.expect(np.cos(np.outer(angle, [1, 2, 3])))[0])
    assert seen[1] < 1e-3 < seen[2] < seen[0]


@pytest.mark.parametrize("h", [0, 1, 3])
def test_circle_crops_pass_through_the_nearest_neighbours_on_a_ring(h):
    crops, exact = gallery.circle_crops(1 - (2 * h + 1) / 9, 9), ring(9, h, sparse=False)
    assert np.allclose(crops.joint, exact.joint)
    assert np.allclose(crops.exact_values, exact.exact_values)


def gaussian_error(context):
    return np.max(np.abs(true_values(context)[:8] - context.exact_values[:8]))


@given(st.floats(-0.95, 0.95))
@example(0)
@example(0.95)
@example(-0.95)
@example(1e-12)
def test_gaussian_pair_first_eight_values(rho):
    context = gallery.gaussian_pair(rho)
    assert context.shape == (74, 74)  # the same for every rho: a slider may move it
    assert np.array_equal(context.exact_values, np.abs(float(rho)) ** np.arange(1, 74))
    assert gaussian_error(context) < 1e-9


@given(st.floats(-0.95, 0.95), st.integers(0, 40))
@example(0.95, 0)
@example(-0.9, 0)
@example(0.5, 0)
def test_gaussian_pair_with_as_few_nodes_as_allowed(rho, more):
    needed = int(np.ceil(16 + 6 / (1 - abs(rho)) - 1e-9))
    assert gaussian_error(gallery.gaussian_pair(rho, needed + more)) < 1e-8


@pytest.mark.parametrize("rho", [0, 0.3, -0.5, 0.7, 0.9, -0.95])
def test_gaussian_pair_information(rho):
    context = gallery.gaussian_pair(rho)
    assert context.mutual_information() == pytest.approx(-0.5 * np.log(1 - rho**2), abs=1e-9)
    short = rho**2 / (1 - rho**2) - context.chi2()  # what the nodes left out would add
    assert abs(short) < {0.7: 2e-8, 0.9: 0.0065, -0.95: 0.24}.get(rho, 1e-12)


# -- the dial -----------------------------------------------------------------------


@pytest.mark.parametrize("function", DIALS)
def test_zero_is_independence_and_one_is_strongest(function):
    strongest, weakest = function(1), function(0)
    assert agrees(strongest) and agrees(weakest)
    assert strongest.exact_values[0] == pytest.approx(1)
    if function is gallery.cycle_walk:  # its docstring says otherwise: 0 is the plain walk
        assert weakest.exact_values[0] == pytest.approx(1)
    else:
        assert np.max(weakest.exact_values, initial=0) < 1e-13


@pytest.mark.parametrize("function", DIALS)
def test_shape_and_labels_stay_while_the_dial_moves(function):
    contexts = [function(t) for t in (0.01, 0.37, 0.5, 0.99)]
    assert len({c.shape for c in contexts}) == 1
    assert all(c.a_labels == contexts[0].a_labels for c in contexts)
    assert all(c.x_labels == contexts[0].x_labels for c in contexts)


@pytest.mark.parametrize("function", [f for f in DIALS if f is not gallery.cycle_walk])
def test_a_stronger_dial_is_a_stronger_association(function):
    chi2 = [function(t).chi2() for t in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    assert all(weak < strong for weak, strong in pairwise(chi2))


def test_context_values_that_never_occur_are_left_out():
    assert gallery.erasure(0).a_labels == ["?"] and gallery.erasure(0).exact_values.size == 0
    assert gallery.erasure(1).a_labels == ["0", "1", "2", "3"]
    assert gallery.erasure(0.5).a_labels == ["0", "1", "2", "3", "?"]
    assert gallery.masked_tokens(0).a_labels == ["···"]
    assert gallery.masked_tokens(1).a_labels == gallery.masked_tokens(1).x_labels
    assert gallery.binomial_thinning(0).a_labels == [0]


@pytest.mark.parametrize("number", [np.float64(0.5), np.float32(0.5), 0.5])
def test_numpy_numbers_are_numbers(number):
    for function in DIALS:
        assert np.array_equal(function(number).joint, function(0.5).joint)
    assert gallery.identity(np.int64(3)).shape == (3, 3)


# -- the table of examples ------------------------------------------------------------

SQUARES_CHI2_INFORMATION = [  # zeros dropped; nats; four decimals
    ([0.64], 0.64, 0.3681),
    ([0.25] * 2, 0.5, 0.2310),
    ([0.6] * 3, 1.8, 0.8318),
    ([0.36] * 3, 1.08, 0.4458),
    ([1] + [0.5] * 4, 3, 1.3863),
    ([0.7286] * 2 + [0.25] * 2 + [0.0214] * 2, 2, 1.0397),
    ([0.6476] * 2 + [0.1111] * 3 + [0.0191] * 2, 1.6667, 0.9808),
    ([0.64] * 3 + [0.4096] * 3 + [0.2621], 3.4109, 1.1042),
    ([0.7225] * 2, 1.445, 0.7042),
    ([1] * 2, 2, 1.0986),
    ([0.6] * 3 + [0.36] * 3 + [0.216], 3.096, 1.2477),
    ([0.75] + [0.5] * 2 + [0.25] * 4, 2.75, 1.0397),
    ([0.6667] * 3 + [0.3333] * 3, 3, 1.3863),
    ([0.64] + [0.09] * 2, 0.82, 0.4190),
    ([1] * 4, 4, 1.6094),
]


def test_there_are_fifteen_examples():
    assert len(gallery.examples()) == len(SQUARES_CHI2_INFORMATION) == 15


@pytest.mark.parametrize(
    ("name", "row"), list(zip(gallery.examples(), SQUARES_CHI2_INFORMATION))
)
def test_examples_have_the_values_of_the_table(name, row):
    context = gallery.examples()[name]
    squares, chi2, information = row
    assert agrees(context)
    positive = context.exact_values[context.exact_values > 1e-8]
    assert positive**2 == pytest.approx(squares, abs=5.1e-5)
    assert context.chi2() == pytest.approx(chi2, abs=5.1e-5)
    assert context.mutual_information() == pytest.approx(information, abs=5.1e-5)


# -- factors side by side -------------------------------------------------------------


@given(strengths, st.integers(2, 12))
def test_reflecting_walk(strength, n):
    context = gallery.reflecting_walk(strength, n)
    assert agrees(context, (n, n)) and np.allclose(context.joint, context.joint.T)
    if strength > 1e-3:
        path = np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
        laplacian = np.diag(path.sum(axis=1)) - path
        rate = np.log(strength) / (2 - 2 * np.cos(np.pi / n))
        assert np.allclose(context.conditional(), expm(rate * laplacian), atol=1e-10)


def test_reflecting_walk_from_independence_to_identity():
    assert gallery.reflecting_walk(0).chi2() < 1e-12
    assert np.all(gallery.reflecting_walk(1).exact_values == 1)


@given(strengths, strengths)
def test_a_product_has_all_products_of_values_and_of_functions(one, other):
    first, second = gallery.erasure(one, p=[0.5, 0.2, 0.3]), gallery.reflecting_walk(other, 4)
    context = gallery.product(first, second)
    assert agrees(context, tuple(np.multiply(first.shape, second.shape)))
    assert context.x_labels[5] == ("1", "1") and np.isclose(
        context.joint[5, 2], first.joint[1, 0] * second.joint[1, 2])
    f, g = np.array([1.0, -1, 0.5]), np.cos(np.pi * (np.arange(4) + 0.5) / 4)
    assert np.allclose(context.expect_adjoint(np.kron(f, g)),
                       np.kron(first.expect_adjoint(f), second.expect_adjoint(g)))


def test_three_factors_are_a_product_of_a_product_and_unknown_values_stay_unknown():
    bit = gallery.binary_channel(0.5)
    three = gallery.product(gallery.product(bit, bit), bit)
    assert np.allclose(three.joint, gallery.hypercube(0.5).joint)
    assert three.x_labels[6] == ("1", "1", "0")
    unknown = gallery.product(bit, cl.Context([[0.1, 0.4], [0.3, 0.2]]))
    assert unknown.exact_values is None and unknown.x_labels[1] == ("0", "1")


# -- bad input ------------------------------------------------------------------------

NOT_NUMBERS = [("0.5", TypeError), (True, TypeError), ([0.5], TypeError), (1j, TypeError)]
BAD_FRACTIONS = [
    *NOT_NUMBERS, (None, TypeError), (-0.1, ValueError), (1.1, ValueError),
    (np.nan, ValueError), (np.inf, ValueError),
]  # fmt: skip
BAD_SIZES = [
    ("3", TypeError), (True, TypeError), ([3], TypeError), (2.0, TypeError),
    (np.nan, TypeError), (-1, ValueError), (10**9, ValueError),
]  # fmt: skip
NO_SIZE = (None, TypeError)
BAD_INPUTS = [
    ("ab", TypeError), ([0.5, "b"], TypeError), ([-0.5, 1.5], ValueError), ([1, 0], ValueError),
    ([1, 1e-101], ValueError), ([0, 0], ValueError),
    ([np.nan, 1], ValueError), ([np.inf, 1], ValueError), ([1.0], ValueError), (0.5, ValueError),
    ([[0.5, 0.5]], ValueError), ([[0.5], [0.2, 0.3]], ValueError),
]  # fmt: skip
BAD_KEPT = [
    ("suffix", ValueError), (3, TypeError), (["prefix"], TypeError), ({}, ValueError),
    ({0: 1.0}, TypeError), ({(3,): 1.0}, ValueError), ({(-1,): 1.0}, ValueError),
    ({(0.0,): 1.0}, TypeError), ({(0, 0): 1.0}, ValueError),
    ({(0, 1): 0.5, (1, 0): 0.5}, ValueError), ({(0,): 0.5}, ValueError),
    ({(0,): -0.5, (1,): 1.5}, ValueError), ({(0,): np.nan}, ValueError), ({(0,): "1"}, TypeError),
]  # fmt: skip
BAD_PERMUTATIONS = [
    ("ab", TypeError), ([["a", "b"]], TypeError), ([0, 1], ValueError), ([[0.5, 1]], ValueError),
    ([[1, 2]], ValueError), ([[0, 0]], ValueError), ([[0, 1], [0]], ValueError), ([], ValueError),
    ([[0, np.nan]], ValueError),
]  # fmt: skip

BAD_ARGUMENTS = {  # (function, argument): what it refuses besides
    ("binary_channel", "prior"): [*BAD_FRACTIONS, (0, ValueError), (1.0, ValueError),
                                  (1e-200, ValueError)],
    ("symmetric_channel", "n"): [*BAD_SIZES, NO_SIZE, (1, ValueError)],
    ("erasure", "n"): [*BAD_SIZES, (1, ValueError)],
    ("erasure", "p"): BAD_INPUTS,
    ("hidden_mixture", "n"): [*BAD_SIZES, (1, ValueError)],
    ("hidden_mixture", "p"): BAD_INPUTS,
    ("cycle_walk", "n"): [*BAD_SIZES, NO_SIZE, (2, ValueError)],
    ("hypercube", "n_bits"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (13, ValueError)],
    ("masked_tokens", "n_tokens"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (10, ValueError)],
    ("masked_tokens", "vocabulary"): [*BAD_SIZES, NO_SIZE, (1, ValueError), (17, ValueError)],
    ("masked_tokens", "kept"): BAD_KEPT,
    ("clusters", "n_clusters"): [*BAD_SIZES, NO_SIZE, (1, ValueError), (5000, ValueError)],
    ("clusters", "size"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (5000, ValueError)],
    ("binary_tree", "inner"): [bad for bad in BAD_FRACTIONS if bad[0] is not None],
    ("deterministic_label", "n_classes"): [*BAD_SIZES, NO_SIZE, (1, ValueError)],
    ("deterministic_label", "size"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (5000, ValueError)],
    ("independent", "n"): [*BAD_SIZES, NO_SIZE, (0, ValueError)],
    ("independent", "m"): [*BAD_SIZES, (0, ValueError)],
    ("identity", "n"): [*BAD_SIZES, NO_SIZE, (0, ValueError)],
    ("gaussian_pair", "rho"): [*BAD_FRACTIONS[:5], (0.96, ValueError), (-1, ValueError),
                               (np.nan, ValueError), (-np.inf, ValueError)],
    ("gaussian_pair", "n"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (27, ValueError)],
    ("circle_crops", "n"): [*BAD_SIZES, NO_SIZE, (2, ValueError)],
    ("binomial_thinning", "n"): [*BAD_SIZES, NO_SIZE, (0, ValueError), (51, ValueError)],
    ("binomial_thinning", "p"): [*BAD_FRACTIONS, (0, ValueError), (0.999, ValueError)],
    ("reflecting_walk", "strength"): BAD_FRACTIONS,
    ("reflecting_walk", "n"): [*BAD_SIZES, NO_SIZE, (1, ValueError)],
    ("product", "first"): [(None, TypeError), (0.5, TypeError), (np.eye(2) / 2, TypeError)],
    ("product", "second"): [("ab", TypeError), (cl.Context(sp.eye_array(2501) / 2501), ValueError)],
    ("orbits", "permutations"): BAD_PERMUTATIONS,
    ("orbits", "p_x"): BAD_INPUTS[:3] + BAD_INPUTS[5:],
    ("group_steps", "permutations"): [*BAD_PERMUTATIONS, ([[0, 1, 2], [1, 2, 0]], ValueError),
                                      ([[0, 1, 2], [0, 1, 2]], ValueError)],
    ("group_steps", "distribution"): [*BAD_INPUTS[:3], *BAD_INPUTS[5:], ([0.5, 0.6], ValueError),
                                      ([0.5, 0.3, 0.2], ValueError)],
    ("group_steps", "p_x"): [*BAD_INPUTS, ([0.5, 0.3, 0.2], ValueError)],
}  # fmt: skip
FIRST = {"masked_tokens": "keep", "gaussian_pair": "rho"}
for dial in DIALS:
    BAD_ARGUMENTS[dial.__name__, FIRST.get(dial.__name__, "strength")] = BAD_FRACTIONS
GOOD_FIRST = {"strength": 0.5, "keep": 0.5, "rho": 0.5,
              "first": gallery.binary_channel(0.5), "second": gallery.binary_channel(0.5),
              "permutations": [[0, 1, 2], [1, 0, 2]], "distribution": [0.5, 0.5]}


def test_every_argument_of_every_function_is_tried():
    arguments = {(f.__name__, name) for f in PUBLIC for name in inspect.signature(f).parameters}
    assert arguments == set(BAD_ARGUMENTS)


@pytest.mark.parametrize(
    ("function", "argument", "bad", "error"),
    [(*place, *refused) for place, many in BAD_ARGUMENTS.items() for refused in many],
)
def test_bad_argument_is_named(function, argument, bad, error):
    function = getattr(gallery, function)
    arguments = {k: v for k, v in GOOD_FIRST.items() if k in inspect.signature(function).parameters}
    with pytest.raises(error, match=rf"\b{argument}\b"):
        function(**{**arguments, argument: bad})


def test_errors_say_what_is_wrong_and_where():
    with pytest.raises(ValueError, match=r"^strength is 1\.2; it must be between 0 and 1$"):
        gallery.erasure(1.2)
    with pytest.raises(ValueError, match=r"^p\[1\] is 0; it must be at least 1e-100 of the total"):
        gallery.erasure(0.5, p=[1, 0, 1])
    with pytest.raises(ValueError, match=r"^p has 3 probabilities, but n is 4$"):
        gallery.hidden_mixture(0.5, 4, [1, 1, 1])
    with pytest.raises(ValueError, match=r"rho = 0\.9 needs at least 76 nodes"):
        gallery.gaussian_pair(0.9, 40)
    with pytest.raises(ValueError, match=r"rho is 0\.99; it must be between -0\.95 and 0\.95"):
        gallery.gaussian_pair(0.99)
    with pytest.raises(ValueError, match=r"n_tokens = 12 and vocabulary = 2 give 4096 × 531441"):
        gallery.masked_tokens(0.5, 12)
    with pytest.raises(ValueError, match=r"vocabulary \*\* n_tokens is 3\^8 = 6561 strings"):
        gallery.masked_tokens(0.5, 8, 3)
    with pytest.raises(ValueError, match=r"kept sums to 0\.9; its probabilities must sum to 1"):
        gallery.masked_tokens(0.5, kept={(0,): 0.9})


# -- the docstrings -------------------------------------------------------------------


@pytest.mark.parametrize("function", [f for f in PUBLIC if f is not gallery.examples])
def test_docstrings_give_formula_arguments_and_source(function):
    text = inspect.getdoc(function)
    assert "s_" in text or "s₁" in text or "s =" in text or "singular" in text
    assert "Source:" in text
    for name in inspect.signature(function).parameters:
        assert name in text
