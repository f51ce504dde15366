"""Mixing contexts: closed forms, labels, data, bad input; the inequalities are claims."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from joints import tables
from numpy.testing import assert_allclose

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite.empirical import DataContext
from contexture_lite.mixing import pairs as pair_tables

RNG = np.random.default_rng(0)


def dense(table):
    return table.toarray() if sp.issparse(table) else table


def values(context, length):
    """s₁, s₂, … by a plain SVD, as many as asked for."""
    joint = dense(context.joint)
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    s = np.linalg.svd(joint / root - root, compute_uv=False)
    return np.r_[s, np.zeros(length)][:length]


def random_channel(n, m, rng):
    rows = rng.gamma(0.5, size=(n, m)) + 1e-3
    if n > 1:
        rows[0] = np.arange(m) == 0  # one row that is sure
    return rows / rows.sum(axis=1, keepdims=True)


@st.composite
def pairs(draw):
    """Two contexts with the same inputs and the same number of context values."""
    first = cl.Context.from_counts(draw(tables(largest=5)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return first, cl.Context.from_conditional(random_channel(*first.shape, rng), first.p_x)


shares = st.floats(0.01, 0.99)


# -- convolution -------------------------------------------------------------------


def test_the_second_context_brings_its_channel_only():
    first, second = gallery.erasure(0.5, n=3), gallery.symmetric_channel(0.5, n=4)
    other_inputs = second.with_marginal_x([0.7, 0.1, 0.1, 0.1])
    assert_allclose(cl.convolve(first, second).joint, cl.convolve(first, other_inputs).joint)


def test_which_one_is_first_matters():
    first, second = gallery.erasure(0.5, n=3), cl.Context.from_counts(RNG.random((4, 3)))
    assert cl.convolve(first, second).shape == (3, 3)
    assert cl.convolve(second, first).shape == (4, 4)


def test_gaussian_noise_composes():
    mixed = cl.convolve(gallery.gaussian_pair(0.8, 60), gallery.gaussian_pair(0.6, 60))
    assert_allclose(values(mixed, 6), 0.48 ** np.arange(1, 7), atol=1e-9)


def test_bit_flips_compose():
    mixed = cl.convolve(gallery.hypercube(0.8), gallery.hypercube(0.5))
    assert_allclose(mixed.joint, gallery.hypercube(0.4).joint, atol=1e-15)


# -- convex combination ------------------------------------------------------------


@given(pair=pairs(), share=shares)
def test_hidden_mixture_is_the_average_of_the_tables(pair, share):
    hidden = cl.convex_combination(pair, [share, 1 - share], revealed=False)
    assert_allclose(hidden.joint, share * pair[0].joint + (1 - share) * pair[1].joint, atol=1e-15)


def test_weights_are_divided_by_their_sum_and_three_may_be_mixed():
    contexts = [gallery.hypercube(strength) for strength in (0.2, 0.5, 0.9)]
    mixed = cl.convex_combination(iter(contexts), [1, 1, 2])
    wanted = sum(w * c.chi2() for w, c in zip([0.25, 0.25, 0.5], contexts))
    assert mixed.chi2() == pytest.approx(wanted) and mixed.shape == (8, 24)


# -- concatenation -----------------------------------------------------------------


def test_copies_of_bit_flips():
    channel = gallery.binary_channel(0.6)
    assert values(cl.concatenate(channel, channel), 1)[0] ** 2 == pytest.approx(0.72 / 1.36)


@pytest.mark.parametrize("copies", [2, 3])
def test_copies_of_a_gaussian_are_a_gaussian(copies):
    rho = 0.4
    joined = cl.concatenate(*[gallery.gaussian_pair(rho, 26)] * copies)
    strength = copies * rho**2 / (1 + (copies - 1) * rho**2)
    s = cl.singular_system(joined).values[:3]
    assert_allclose(s, strength ** (np.arange(1, 4) / 2), atol=1e-6)


def test_contexts_of_separate_inputs_multiply_their_values():
    first, second = cl.Context.from_counts(RNG.random((3, 4))), gallery.erasure(0.5, p=[0.8, 0.2])
    both = np.kron(first.p_x, second.p_x)
    lifted = [cl.Context.from_conditional(np.kron(first.conditional(), np.ones((2, 1))), both),
              cl.Context.from_conditional(np.kron(np.ones((3, 1)), second.conditional()), both)]
    s1, s2 = np.r_[1, values(first, 2)], np.r_[1, values(second, 1)]
    wanted = np.sort(np.outer(s1, s2).ravel())[::-1][1:]
    assert_allclose(values(cl.concatenate(*lifted), 5), wanted, atol=1e-9)


def test_three_are_joined_one_after_the_other():
    parts = [cl.Context.from_counts(RNG.random((4, m)) + 0.1).with_marginal_x([1, 2, 3, 4])
             for m in (2, 3, 2)]
    joined, nested = cl.concatenate(*parts), cl.concatenate(parts[0], cl.concatenate(*parts[1:]))
    assert joined.shape == (4, 12)
    assert_allclose(joined.joint, nested.joint, atol=1e-15)


# -- embeddings --------------------------------------------------------------------


def test_arrays_are_put_side_by_side_as_they_are():
    X = RNG.random((3, 2))
    assert_allclose(cl.concatenate_embeddings(X, [1, 2, 3]), np.c_[X, [1, 2, 3]])
    assert_allclose(cl.concatenate_embeddings(X), X)


# -- sparse, labels ----------------------------------------------------------------


def mixes(first, second):
    yield cl.convolve(first, second)
    yield cl.convex_combination([first, second], [0.3, 0.7])
    yield cl.convex_combination([first, second], [0.3, 0.7], revealed=False)
    yield cl.concatenate(first, second)


def test_sparse_contexts_stay_sparse_and_say_the_same():
    first, second = gallery.cycle_walk(0.3, n=12), gallery.circle_crops(7 / 12, n=12)
    thin = [cl.Context(sp.csr_array(context.joint)) for context in (first, second)]
    for table, sparse, half in zip(mixes(first, second), mixes(*thin), mixes(thin[0], second)):
        assert sparse.is_sparse and not half.is_sparse
        assert_allclose(sparse.joint.toarray(), table.joint, atol=1e-15)
        assert_allclose(half.joint, table.joint, atol=1e-15)


def test_products_that_underflow_get_no_column():
    tiny = cl.Context.from_conditional([[1, 1e-200], [1, 0]])
    thin = cl.Context(sp.csr_array(tiny.joint))
    assert cl.concatenate(tiny, tiny).shape == cl.concatenate(thin, thin).shape == (2, 3)


def test_a_very_wide_concatenation_is_made_of_what_occurs():
    ring = cl.Context(sp.csr_array(gallery.identity(2000).joint))
    joined = cl.concatenate(ring, ring, ring)  # 8e9 triples, 2000 of them occur
    assert joined.shape == (2000, 2000) and joined.is_sparse


def named(x, a, seed=0):
    weights = np.random.default_rng(seed).random((len(x), len(a))) + 0.1
    return cl.Context.from_conditional(weights, x_labels=list(x), a_labels=list(a))


def test_labels_go_along():
    first, second = named("uv", "ab"), named("uv", "cd", seed=1)
    chain = cl.convolve(first, named("ab", "cd"))
    assert chain.x_labels == ["u", "v"] and chain.a_labels == ["c", "d"]
    revealed = cl.convex_combination([first, second], [1, 1])
    assert revealed.a_labels == [(0, "a"), (0, "b"), (1, "c"), (1, "d")]
    assert cl.concatenate(first, second).a_labels == [(a, b) for a in "ab" for b in "cd"]
    assert cl.concatenate(first, second).x_labels == ["u", "v"]


def test_labels_that_disagree_are_refused_and_none_are_believed():
    first, second, bare = named("uv", "ab"), named("uv", "cd"), cl.Context(np.eye(2) / 2)
    with pytest.raises(ValueError, match=r"context 1's values: .* 'c', 'd', .* are 'a', 'b'"):
        cl.convex_combination([first, second], [1, 1], revealed=False)
    with pytest.raises(ValueError, match=r"second's inputs: .* 'u', 'v', .* first's .* 'a', 'b'"):
        cl.convolve(first, first)
    hidden = cl.convex_combination([bare, first], [1, 1], revealed=False)
    assert hidden.a_labels == ["a", "b"] and hidden.x_labels == ["u", "v"]
    assert cl.convex_combination([first, first], [1, 1], revealed=False).a_labels == ["a", "b"]
    assert cl.convex_combination([first, bare], [1, 1]).a_labels is None
    assert cl.concatenate(bare, first).a_labels is None
    assert cl.concatenate(bare, first).x_labels == ["u", "v"]


# -- contexts of data --------------------------------------------------------------

X = np.random.default_rng(1).standard_normal((30, 3))
NEW = np.random.default_rng(2).standard_normal((7, 3))
KNN = [cl.knn_context(X, 3), cl.knn_context(X, 8)]
RBF = [cl.rbf_context(X, 0.5), cl.rbf_context(X, 1.5)]


@pytest.mark.parametrize("bases", [KNN, RBF, [KNN[1], RBF[0]]], ids=["knn", "rbf", "both"])
def test_data_contexts_know_old_points(bases):
    for mixed in mixes(*bases):
        assert isinstance(mixed, DataContext)
        assert mixed.is_sparse == all(base.is_sparse for base in bases)
        assert_allclose(dense(mixed.conditional_at(X)), dense(mixed.conditional()), atol=1e-12)


@pytest.mark.parametrize("bases", [KNN, RBF], ids=["knn", "rbf"])
def test_data_contexts_know_new_points(bases):
    """The rows at new points, cell by cell from the rows of the bases."""
    one, two = (dense(base.conditional_at(NEW)) for base in bases)
    chain, revealed, hidden, joined = mixes(*bases)
    assert_allclose(dense(chain.conditional_at(NEW)), one @ dense(bases[1].conditional()))
    assert_allclose(dense(revealed.conditional_at(NEW)), np.c_[0.3 * one, 0.7 * two])
    assert_allclose(dense(hidden.conditional_at(NEW)), 0.3 * one + 0.7 * two)
    rows = joined.conditional_at(NEW)
    assert sp.issparse(rows) == joined.is_sparse
    old = [dense(base.conditional()) for base in bases]
    ever = [(a, b) for a in range(30) for b in range(30) if (old[0][:, a] * old[1][:, b]).any()]
    wanted = np.array([[one[x, a] * two[x, b] for a, b in ever] for x in range(len(NEW))])
    wanted /= wanted.sum(axis=1, keepdims=True)
    assert_allclose(dense(rows), wanted, atol=1e-12)
    for mixed in mixes(*bases):
        features = cl.singular_system(mixed, 5).extend(mixed.conditional_at(NEW))
        assert features.shape == (7, 5) and np.isfinite(features).all()


@pytest.mark.parametrize("sparse", [True, False])
def test_a_pair_of_values_that_was_never_seen(sparse):
    """Each part then tells what it tells alone."""
    shaped = sp.csr_array if sparse else np.array
    first, second = np.array([[1, 0], [0, 1], [0, 1]]) / 3, np.eye(3) / 3

    def ask(*rows):
        """P(a₁, a₂ | x) for new points that have these rows in the two parts."""
        parts = [DataContext(shaped(joint), extension=lambda _, new=new: shaped(new))
                 for joint, new in zip((first, second), map(np.array, rows))]
        joined = cl.concatenate(*parts)
        assert joined.shape == (3, 3)  # the pairs 0·0, 1·1 and 1·2 only
        return dense(joined.conditional_at(None))

    asked = ask([[1, 0], [1, 0], [0.5, 0.5]], [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]])
    assert_allclose(asked[0], [1, 0, 0])  # seen before
    assert_allclose(asked[1], [0.5, 0.5, 0])  # 0 says the first pair, 1 the second
    assert_allclose(asked[2], [0, 0.5, 0.5])  # half of the pairs were seen
    assert_allclose(ask([[0, 1]], [[1, 0, 0]]), [[0.5, 0.25, 0.25]])


def test_parts_made_from_different_features_take_one_array_each():
    parts = [cl.knn_context(X[:, :1], 5), cl.knn_context(X[:, 1:], 5), cl.rbf_context(X, 1.0)]
    given = NEW[:, :1], NEW[:, 1:], NEW
    rows = [dense(part.conditional_at(new)) for part, new in zip(parts, given)]
    revealed = cl.convex_combination(parts, [1, 1, 1])
    assert_allclose(dense(revealed.conditional_at(given)), np.hstack(rows) / 3)
    joined = cl.concatenate(*parts)
    old = X[:, :1], X[:, 1:], X
    assert_allclose(dense(joined.conditional_at(old)), dense(joined.conditional()), atol=1e-12)
    chain = cl.convolve(cl.concatenate(*parts[:2]), gallery.independent(joined.shape[1] // 30, 2))
    assert chain.conditional_at(given[:2]).shape == (7, 2)
    with pytest.raises(ValueError, match="X_new is a tuple of 2; it must be points, or a tuple of"):
        joined.conditional_at(given[:2])
    with pytest.raises(ValueError, match="X_new has parts of different lengths: 7, 7, 2"):
        revealed.conditional_at((*given[:2], NEW[:2]))


def test_contexts_of_data_and_others_make_a_plain_context():
    plain = cl.Context.from_conditional(RNG.random((30, 2)))
    assert type(cl.concatenate(KNN[0], plain)) is cl.Context
    assert type(cl.convolve(plain, gallery.binary_channel(0.5))) is cl.Context
    chain = cl.convolve(KNN[0], cl.Context.from_conditional(RNG.random((30, 2))))
    assert chain.conditional_at(NEW).shape == (7, 2)


# -- bad input ---------------------------------------------------------------------

CUBE, WALK = gallery.hypercube(0.5), gallery.cycle_walk(0.5, n=6)
OTHER_INPUTS = CUBE.with_marginal_x([2, *[1] * 7])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: cl.convolve(CUBE, WALK), ValueError, "first has 8 context values and second 6"),
        (lambda: cl.convolve(CUBE, np.eye(8)), TypeError, "context 1 is a ndarray"),
        (lambda: cl.convolve(None, CUBE), TypeError, "context 0 is a NoneType"),
        (lambda: cl.convex_combination(CUBE, [1]), TypeError, "contexts is a Context"),
        (lambda: cl.convex_combination(3, [1]), TypeError, "contexts is a int"),
        (lambda: cl.convex_combination([CUBE], [1]), ValueError, "contexts has 1 entries"),
        (lambda: cl.convex_combination([CUBE, 3], [1, 1]), TypeError, "context 1 is a int"),
        (lambda: cl.convex_combination([CUBE, WALK], [1, 1]), ValueError, "context 1 has 6 inputs"),
        (lambda: cl.convex_combination([CUBE, OTHER_INPUTS], [1, 1]), ValueError,
         r"context 1 has p_x\[0\] = 0.222222, context 0 has 0.125; use with_marginal_x"),
        (lambda: cl.convex_combination([CUBE, CUBE], [1]), ValueError, r"weights has shape \(1,\)"),
        (lambda: cl.convex_combination([CUBE, CUBE], [1, 0]), ValueError, r"weights\[1\] is 0"),
        (lambda: cl.convex_combination([CUBE, CUBE], [1, -1]), ValueError, r"weights\[1\] is -1"),
        (lambda: cl.convex_combination([CUBE, CUBE], "ab"), TypeError, "weights has dtype"),
        (lambda: cl.convex_combination([CUBE, cl.convolve(CUBE, gallery.independent(8, 3))],
                                       [1, 1], revealed=False), ValueError,
         "context 1 has 3 context values, context 0 has 8; a hidden mixture needs the same"),
        (lambda: cl.concatenate(), ValueError, "contexts has 0 entries"),
        (lambda: cl.concatenate(CUBE), ValueError, "contexts has 1 entries"),
        (lambda: cl.concatenate(CUBE, "x"), TypeError, "context 1 is a str"),
        (lambda: cl.concatenate([CUBE, CUBE]), ValueError, "contexts has 1 entries"),
        (lambda: cl.concatenate(CUBE, WALK), ValueError, "context 1 has 6 inputs"),
        (lambda: cl.concatenate(CUBE, OTHER_INPUTS), ValueError, r"context 1 has p_x\[0\]"),
        (lambda: cl.concatenate_embeddings(), ValueError, "embeddings is empty"),
        (lambda: cl.concatenate_embeddings(3), ValueError, r"embeddings\[0\] has shape \(\)"),
        (lambda: cl.concatenate_embeddings([[1], [1, 2]]), ValueError,
         r"embeddings\[0\] is not a rectangular array"),
        (lambda: cl.concatenate_embeddings(np.eye(3), np.eye(2)), ValueError,
         r"embeddings\[1\] has shape \(2, 2\); it must be \(3,\)"),
        (lambda: cl.concatenate_embeddings(np.eye(2), [[np.nan], [1]]), ValueError,
         r"embeddings\[1\]\[0, 0\] is nan"),
        (lambda: cl.concatenate_embeddings(["a", "b"]), TypeError, r"embeddings\[0\] has dtype"),
        (lambda: cl.concatenate_embeddings(CUBE), TypeError, r"embeddings\[0\] has dtype object"),
    ],
)
def test_bad_input_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_concatenation_too_large_is_refused_before_it_is_made(monkeypatch):
    with pytest.raises(ValueError, match=r"\(400, 400\) and \(400, 400\) make a table of 6.4e\+07"):
        cl.concatenate(gallery.identity(400), gallery.identity(400))
    thin = cl.Context(sp.csr_array(gallery.identity(400).joint))
    assert cl.concatenate(thin, thin).shape == (400, 400)
    monkeypatch.setattr(pair_tables, "LARGEST_TABLE", 399)
    with pytest.raises(ValueError, match="make a table of 400 cells together; at most 399"):
        cl.concatenate(thin, thin)


def test_a_context_of_data_without_extension_says_so():
    bare = DataContext(np.eye(3) / 3)
    with pytest.raises(ValueError, match="without an extension"):
        cl.concatenate(bare, bare).conditional_at(NEW)
