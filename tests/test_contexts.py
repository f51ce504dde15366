import pickle
import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from joints import block_diagonal, contexts, ring, tables
from scipy.stats import chi2_contingency, chisquare
from sklearn.metrics import mutual_info_score

import contexture_lite as cl

EYES = np.array([[68, 119, 26, 7], [20, 84, 17, 94], [15, 54, 14, 10], [5, 29, 14, 16]])
BINARY = np.array([[0.45, 0.05], [0.1, 0.4]])


def small():
    return cl.Context(BINARY)


def as_sparse(context):
    return cl.Context(sp.csr_array(context.joint))


def dense(table):
    return table.toarray() if sp.issparse(table) else table


# -- making one -----------------------------------------------------------------------


@given(tables())
def test_marginals_and_conditional(table):
    context = cl.Context.from_counts(table)
    assert context.shape == table.shape and not context.is_sparse
    assert np.allclose(context.joint, table / table.sum(), atol=1e-15)
    assert np.allclose(context.p_x, table.sum(1) / table.sum(), atol=1e-14)
    assert np.allclose(context.p_a, table.sum(0) / table.sum(), atol=1e-14)
    assert np.allclose(context.conditional().sum(1), 1, atol=1e-13)


@given(tables())
def test_from_conditional_inverts_conditional(table):
    context = cl.Context.from_counts(table)
    for one in (context, as_sparse(context)):
        again = cl.Context.from_conditional(one.conditional(), one.p_x)
        assert again.is_sparse == one.is_sparse
        assert np.allclose(dense(again.joint), context.joint, atol=1e-14)


def test_from_conditional_is_uniform_and_normalises():
    context = cl.Context.from_conditional([[2, 2], [0, 1]])
    assert np.allclose(context.joint, [[0.25, 0.25], [0, 0.5]])
    context = cl.Context.from_conditional([[1, 1], [0, 3]], [3, 1])
    assert np.allclose(context.joint, [[0.375, 0.375], [0, 0.25]])


def test_the_sum_may_be_off_by_1e8_and_no_more():
    assert cl.Context(BINARY * (1 + 5e-9)).joint.sum() == pytest.approx(1, abs=1e-15)
    with pytest.raises(ValueError, match=r"joint sums to 1\.00000002"):
        cl.Context(BINARY * (1 + 2e-8))


def test_integers_booleans_and_lists_are_numbers():
    assert np.allclose(cl.Context.from_counts([[1, 0], [1, 2]]).joint, [[0.25, 0], [0.25, 0.5]])
    assert np.allclose(cl.Context.from_counts(np.eye(2, dtype=bool)).joint, np.eye(2) / 2)
    assert np.allclose(cl.Context.from_counts(np.eye(2, dtype=np.float32)).joint, np.eye(2) / 2)


def test_one_by_one():
    context = cl.Context([[1.0]])
    assert context.shape == (1, 1)
    assert context.chi2() == context.mutual_information() == 0
    assert context.components()[0] == 1
    assert np.allclose(context.expect([3.0]), [3.0])


@pytest.mark.parametrize(
    "sparse_type", [sp.csr_matrix, sp.csc_array, sp.coo_array, sp.lil_array, sp.dok_array]
)
def test_every_sparse_type_stays_sparse(sparse_type):
    context = cl.Context(sparse_type(BINARY))
    assert context.is_sparse and isinstance(context.joint, sp.csr_array)
    assert np.allclose(context.joint.toarray(), BINARY)


def test_sparse_duplicates_add_up_and_zeros_go():
    cells = ([0.25, 0.25, 0.5, 0.0], ([0, 0, 1, 0], [0, 0, 1, 1]))
    context = cl.Context(sp.coo_array(cells, shape=(2, 2)))
    assert context.joint.nnz == 2
    assert np.allclose(context.joint.toarray(), np.eye(2) / 2)


def test_labels():
    context = cl.Context(BINARY, x_labels=("red", "blue"), a_labels=np.array([10, 20]))
    assert context.x_labels == ["red", "blue"] and context.a_labels == [10, 20]
    assert small().x_labels is None and small().a_labels is None


def test_a_dataframe_brings_its_labels():
    import pandas as pd

    frame = pd.DataFrame(
        EYES, index=["black", "brown", "red", "blond"], columns=["brown", "blue", "hazel", "green"]
    )
    context = cl.Context.from_counts(frame)
    assert context.x_labels == ["black", "brown", "red", "blond"]
    assert context.a_labels == ["brown", "blue", "hazel", "green"]
    assert cl.Context.from_counts(frame, x_labels=list("abcd")).x_labels == list("abcd")
    assert cl.Context(frame / frame.to_numpy().sum()).x_labels == context.x_labels
    assert cl.Context.from_conditional(frame).a_labels == context.a_labels


@pytest.mark.parametrize("wrap", [np.array, sp.csr_array])
def test_drop_empty_keeps_the_labels_right(wrap):
    table = wrap([[1.0, 0, 2], [0, 0, 0], [3, 0, 0]])
    context = cl.Context.from_counts(
        table, x_labels=["a", "b", "c"], a_labels=["u", "v", "w"], drop_empty=True
    )
    assert context.x_labels == ["a", "c"] and context.a_labels == ["u", "w"]
    assert np.allclose(dense(context.joint), np.array([[1, 2], [3, 0]]) / 6)
    context = cl.Context(table / 6, drop_empty=True)
    assert context.x_labels == [0, 2] and context.a_labels == [0, 2]
    assert cl.Context(BINARY, drop_empty=True).x_labels is None


def test_drop_empty_in_a_conditional():
    context = cl.Context.from_conditional(
        [[1, 0, 0], [0, 0, 1], [0, 0, 0]], [0.5, 0.5, 0], drop_empty=True
    )
    assert context.shape == (2, 2) and context.x_labels == [0, 1] and context.a_labels == [0, 2]


def test_empty_rows_and_columns_are_named():
    with pytest.raises(ValueError, match=r"table has no mass in row 1; pass drop_empty=True"):
        cl.Context.from_counts([[1, 2], [0, 0]])
    with pytest.raises(ValueError, match=r"joint has no mass in column hazel"):
        cl.Context([[1.0, 0.0]], a_labels=["blue", "hazel"])
    with pytest.raises(ValueError, match=r"p_a_given_x has no mass in row 1"):
        cl.Context.from_conditional([[1, 2], [0, 0]])
    with pytest.raises(ValueError, match=r"row 1, 2, 3, 4, 5 and 4 more"):
        cl.Context.from_counts(np.vstack([[1, 1], np.zeros((9, 2))]))


def test_nothing_can_be_changed():
    source = BINARY.copy()
    for context in (cl.Context(source), cl.Context(sp.csr_array(source))):
        source[:] = 0
        assert np.allclose(dense(context.joint), BINARY)
        for name in ("joint", "p_x", "anything"):
            with pytest.raises(AttributeError, match=name):
                setattr(context, name, 1)
        with pytest.raises(ValueError, match="read-only"):
            (context.joint.data if context.is_sparse else context.joint)[0] = 9
        with pytest.raises(ValueError, match="read-only"):
            context.p_x[0] = 9
        with pytest.raises(ValueError, match="read-only"):
            context.p_a[0] = 9
        source[:] = BINARY


def test_deleting_and_the_lists_change_nothing():
    labels = ["a", "b"]
    context = cl.Context(BINARY, x_labels=labels)
    labels[0] = "z"
    assert context.x_labels == ["a", "b"]
    with pytest.raises(AttributeError):
        del context.joint


@pytest.mark.parametrize("wrap", [np.array, sp.csr_array])
def test_pickle(wrap):
    context = cl.Context(wrap(BINARY), x_labels=["a", "b"], exact_values=[0.6])
    again = pickle.loads(pickle.dumps(context))
    assert np.array_equal(dense(again.joint), dense(context.joint))
    assert again.x_labels == ["a", "b"] and again.exact_values[0] == 0.6
    with pytest.raises(AttributeError):
        again.joint = 0


def test_repr():
    assert repr(small()) == "Context(2 inputs × 2 context values, dense)"
    assert "sparse" in repr(as_sparse(small()))


# -- what it computes -----------------------------------------------------------------


@given(contexts, st.integers(0, 2**31))
def test_expectations_adjoint_contraction_constants(context, seed):
    rng = np.random.default_rng(seed)
    n, m = context.shape
    g, f = rng.standard_normal((m, 2)), rng.standard_normal((n, 3))
    for one in (context, as_sparse(context)):
        slow = np.einsum("xa,ak->xk", context.joint, g) / one.p_x[:, None]
        assert np.allclose(one.expect(g), slow, atol=1e-12)
        assert np.allclose(one.expect(g[:, 0]), slow[:, 0], atol=1e-12)
        inner_x = np.einsum("x,xi,xj->ij", one.p_x, f, one.expect(g))
        inner_a = np.einsum("a,ai,aj->ij", one.p_a, one.expect_adjoint(f), g)
        assert np.allclose(inner_x, inner_a, atol=1e-12)
        assert np.all(one.p_x @ one.expect(g) ** 2 <= one.p_a @ g**2 + 1e-12)
        assert np.all(one.p_a @ one.expect_adjoint(f) ** 2 <= one.p_x @ f**2 + 1e-12)
        assert np.allclose(one.expect(np.ones(m)), 1, atol=1e-13)
        assert np.allclose(one.expect_adjoint(np.ones(n)), 1, atol=1e-13)


@given(contexts)
def test_matrix(context):
    Q = context.joint / np.sqrt(np.outer(context.p_x, context.p_a))
    for one in (context, as_sparse(context)):
        assert np.allclose(dense(one.matrix()), Q, atol=1e-13)


@given(contexts)
def test_kernels_against_sums(context):
    P, p, q = context.joint, context.p_x, context.p_a
    k_x = np.einsum("xa,ya,a->xy", P, P, 1 / q) / np.outer(p, p)
    k_a = np.einsum("xa,xb,x->ab", P, P, 1 / p) / np.outer(q, q)
    for one in (context, as_sparse(context)):
        assert np.allclose(dense(one.dual_kernel()), k_x, rtol=1e-11, atol=1e-11)
        assert np.allclose(dense(one.positive_pair_kernel()), k_a, rtol=1e-11, atol=1e-11)
        assert sp.issparse(one.dual_kernel()) == one.is_sparse
    # the distribution of two views of one input
    assert np.allclose((k_a * np.outer(q, q)).sum(1), q, atol=1e-12)
    assert np.allclose(p @ np.diag(k_x), 1 + context.chi2(), rtol=1e-9, atol=1e-12)


@given(contexts)
def test_chi2_is_the_sum_of_squares_and_bounds_the_information(context):
    s = np.linalg.svd(context.matrix(), compute_uv=False)
    assert context.chi2() == pytest.approx(np.sum(s[1:] ** 2), abs=1e-10)
    assert as_sparse(context).chi2() == pytest.approx(context.chi2(), abs=1e-10)
    P, outer = context.joint, np.outer(context.p_x, context.p_a)
    slow = sum(P[i] * np.log(P[i] / outer[i]) for i in np.ndindex(P.shape) if P[i] > 0)
    assert context.mutual_information() == pytest.approx(slow, abs=1e-12)
    assert as_sparse(context).mutual_information() == pytest.approx(slow, abs=1e-12)
    assert context.mutual_information() <= np.log1p(context.chi2()) + 1e-12


@pytest.mark.parametrize("wrap", [np.array, sp.csr_array])
def test_real_tables_against_scipy_and_sklearn(wrap):
    n = EYES.sum()
    context = cl.Context.from_counts(wrap(EYES))
    assert context.chi2() == pytest.approx(
        chi2_contingency(EYES, correction=False).statistic / n, abs=1e-10
    )
    x, a = np.indices(EYES.shape).reshape(2, -1)
    labels = np.repeat(x, EYES.ravel()), np.repeat(a, EYES.ravel())
    assert context.mutual_information() == pytest.approx(mutual_info_score(*labels), abs=1e-10)


def test_tiny_association_is_not_lost_to_cancellation():
    context = cl.gallery.binary_channel(1e-9)
    assert context.chi2() == pytest.approx(1e-18, rel=1e-6)


@given(tables())
def test_components_count_the_unit_values(table):
    context = cl.Context.from_counts(np.where(table > 1e-3, table, 0) + 0.0)
    s = np.linalg.svd(context.matrix(), compute_uv=False)
    for one in (context, as_sparse(context)):
        count, of_x, of_a = one.components()
        assert count == np.sum(s > 1 - 1e-9)
        x, a = np.nonzero(context.joint)
        assert np.array_equal(of_x[x], of_a[a])
        assert set(of_x) == set(of_a) == set(range(count))


def test_components_of_blocks():
    count, of_x, of_a = block_diagonal(small(), ring(4, 1), small()).components()
    assert count == 3
    assert of_x.tolist() == of_a.tolist() == [0] * 2 + [1] * 4 + [2] * 2


@pytest.mark.parametrize("wrap", [np.array, sp.csr_array])
def test_samples_follow_the_joint(wrap):
    context = cl.Context.from_counts(wrap(EYES))
    x, a = context.sample(20_000, rng=5)
    drawn = np.zeros(EYES.shape)
    np.add.at(drawn, (x, a), 1)
    assert chisquare(drawn.ravel(), 20_000 * dense(context.joint).ravel()).pvalue > 1e-3
    again = context.sample(20_000, np.random.default_rng(5))
    assert np.array_equal(x, again[0]) and np.array_equal(a, again[1])
    assert not np.array_equal(x, context.sample(20_000, rng=6)[0])


def test_samples_stay_on_the_support():
    x, a = cl.Context(np.eye(3) / 3).sample(50, 0)
    assert np.array_equal(x, a) and len(x) == 50


@given(tables(), st.integers(0, 2**31))
def test_with_marginal_x_keeps_the_channel(table, seed):
    context = cl.Context.from_counts(table, x_labels=list(range(len(table))))
    weights = np.random.default_rng(seed).random(len(table)) + 0.01
    for one in (context, cl.Context.from_counts(sp.csr_array(table), x_labels=context.x_labels)):
        moved = one.with_marginal_x(weights)
        assert np.allclose(moved.p_x, weights / weights.sum(), atol=1e-13)
        assert np.allclose(dense(moved.conditional()), context.conditional(), atol=1e-12)
        assert moved.x_labels == context.x_labels and moved.is_sparse == one.is_sparse


def test_large_sparse_contexts_are_never_densified():
    n = 100_000
    tracemalloc.start()
    context = ring_of_pairs(n)
    assert context.chi2() > 0 and context.mutual_information() > 0
    assert context.components()[0] == 1
    assert context.matrix().nnz == context.joint.nnz == 2 * n
    assert max(context.dual_kernel().nnz, context.positive_pair_kernel().nnz) < 4 * n
    context.sample(10, 0), context.with_marginal_x(np.ones(n)), context.conditional()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6  # one dense row of vectors is .8 MB, the dense table 80 GB


def ring_of_pairs(n):
    x = np.repeat(np.arange(n), 2)
    a = (x + np.tile([0, 1], n)) % n
    return cl.Context(sp.csr_array((np.full(2 * n, 0.5 / n), (x, a)), shape=(n, n)))


# -- bad input ------------------------------------------------------------------------

BAD_TABLES = [
    ([[0.5, np.nan], [0.25, 0.25]], ValueError, r"\[0, 1\] is nan; it must be finite"),
    ([[0.5, 0], [np.inf, 0.25]], ValueError, r"\[1, 0\] is inf; it must be finite"),
    (
        [[0.5, 0.2], [0.5, -0.2]],
        ValueError,
        r"\[1, 1\] is -0.2; it must be at least 0",
    ),
    ([0.5, 0.5], ValueError, r"shape \(2,\); it must be \(inputs, values\)"),
    (0.5, ValueError, r"shape \(\); it must be \(inputs, values\)"),
    (np.ones((2, 2, 2)) / 8, ValueError, r"shape \(2, 2, 2\)"),
    (np.ones((0, 3)), ValueError, r"shape \(0, 3\); it must be .*, and not empty"),
    ([[]], ValueError, r"shape \(1, 0\); it must be .*, and not empty"),
    ([[0.5], [0.25, 0.25]], ValueError, "not a rectangular array"),
    ([["a", "b"], ["c", "d"]], TypeError, "must hold real numbers"),
    ("table", TypeError, "must hold real numbers"),
    (None, TypeError, "must hold real numbers"),
    (np.eye(2) * 1j, TypeError, "complex128; it must hold real numbers"),
    ([[{}, {}]], TypeError, "must hold real numbers"),
    (sp.csr_array(np.array([[0.5, np.nan], [0, 0.5]])), ValueError, r"\[0, 1\] is nan"),
    (sp.csr_array(np.array([[0.5, 0], [-0.5, 1]])), ValueError, r"\[1, 0\] is -0.5"),
    (sp.csr_array((0, 2)), ValueError, r"shape \(0, 2\)"),
    (sp.csr_array(np.eye(2) * 1j), TypeError, "complex128"),
]


@pytest.mark.parametrize(
    "door, name",
    [
        (cl.Context, "joint"),
        (cl.Context.from_counts, "table"),
        (cl.Context.from_conditional, "p_a_given_x"),
    ],
)
@pytest.mark.parametrize("table, error, message", BAD_TABLES)
def test_bad_tables(door, name, table, error, message):
    with pytest.raises(error, match=message) as caught:
        door(table)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize("door", [cl.Context, cl.Context.from_counts, cl.Context.from_conditional])
@pytest.mark.parametrize(
    "labels, error, message",
    [
        (["a"], ValueError, "has 1 labels for 2 positions"),
        (list("abc"), ValueError, "has 3 labels for 2 positions"),
        ("ab", TypeError, "is 'ab'; it must be a sequence"),
        (3, TypeError, "must be a sequence"),
    ],
)
def test_bad_labels(door, labels, error, message):
    for name in ("x_labels", "a_labels"):
        with pytest.raises(error, match=f"{name}.*{message}"):
            door(BINARY, **{name: labels})


def test_bad_sums():
    with pytest.raises(ValueError, match=r"joint sums to 4.*from_counts"):
        cl.Context(np.ones((2, 2)))
    with pytest.raises(ValueError, match="joint sums to 0"):
        cl.Context(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="table has total 0"):
        cl.Context.from_counts(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="table sums to inf"):
        cl.Context.from_counts(np.full((2, 2), 1e308))


def test_subnormal_mass():
    with pytest.raises(ValueError, match="no mass in row 1"):
        cl.Context.from_counts([[1e300, 1e300], [1e-300, 1e-300]])


@pytest.mark.parametrize(
    "values, error, message",
    [
        ([0.5, 0.5], ValueError, r"exact_values has shape \(2,\)"),
        ("x", TypeError, "exact_values"),
        ([np.nan], ValueError, r"exact_values\[0\] is nan"),
        ([1.5], ValueError, r"exact_values\[0\] is 1.5"),
        ([-0.5], ValueError, r"exact_values\[0\] is -0.5"),
    ],
)
def test_bad_exact_values(values, error, message):
    with pytest.raises(error, match=message):
        cl.Context(BINARY, exact_values=values)


@pytest.mark.parametrize(
    "p_x, error, message",
    [
        ([0.5, 0.25, 0.25], ValueError, r"p_x has shape \(3,\); it must be \(2,\)"),
        (0.5, ValueError, r"p_x has shape \(\)"),
        ([[0.5, 0.5]], ValueError, r"p_x has shape \(1, 2\)"),
        ([np.nan, 1], ValueError, r"p_x\[0\] is nan; it must be finite"),
        ([1, np.inf], ValueError, r"p_x\[1\] is inf"),
        ([1.5, -0.5], ValueError, r"p_x\[1\] is -0.5; it must be at least 0"),
        ([0, 0], ValueError, "p_x has total 0"),
        (["a", "b"], TypeError, "p_x has dtype"),
        ([1, 1j], TypeError, "p_x has dtype complex128"),
    ],
)
def test_bad_marginals(p_x, error, message):
    with pytest.raises(error, match=message):
        small().with_marginal_x(p_x)
    with pytest.raises(error, match=message):
        cl.Context.from_conditional(BINARY, p_x)


def test_a_marginal_without_an_input():
    with pytest.raises(ValueError, match="no mass in row 0"):
        small().with_marginal_x([0, 1])


@pytest.mark.parametrize("method, name", [("expect", "g"), ("expect_adjoint", "f")])
@pytest.mark.parametrize(
    "values, error, message",
    [
        ([1, 2, 3], ValueError, r"has shape \(3,\); it must be \(2,\) or \(2, k\)"),
        (1.0, ValueError, r"has shape \(\)"),
        (np.ones((2, 2, 2)), ValueError, r"has shape \(2, 2, 2\)"),
        ([1, np.nan], ValueError, r"\[1\] is nan; it must be finite"),
        ([[1, 1], [1, -np.inf]], ValueError, r"\[1, 1\] is -inf"),
        (["a", "b"], TypeError, "has dtype"),
        ([1, 1j], TypeError, "has dtype complex128"),
        ([[1], [1, 2]], ValueError, "is not a rectangular array"),
    ],
)
def test_bad_functions(method, name, values, error, message):
    with pytest.raises(error, match=message) as caught:
        getattr(small(), method)(values)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize(
    "n, error",
    [
        (0, ValueError),
        (-1, ValueError),
        (1.5, TypeError),
        (True, TypeError),
        ("3", TypeError),
        (None, TypeError),
        (np.nan, TypeError),
    ],
)
def test_bad_sample_sizes(n, error):
    with pytest.raises(error, match="n is"):
        small().sample(n, 0)


@pytest.mark.parametrize("rng", ["seed", -1, 1.5])
def test_bad_generators(rng):
    with pytest.raises((TypeError, ValueError), match="rng is"):
        small().sample(3, rng)
