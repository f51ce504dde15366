import pickle
import tracemalloc
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from joints import block_diagonal, contexts, cube, largest_angle, prescribed, ring
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

import contexture_lite as cl
from contexture_lite import gallery
from contexture_lite.spectrum import graph, lanczos, rotation_towards, solvers
from contexture_lite.spectrum.repeated import settled

ITERATIVE = ["lanczos", "shift-invert"]
EYES = np.array([[68, 119, 26, 7], [20, 84, 17, 94], [15, 54, 14, 10], [5, 29, 14, 16]])


def as_sparse(context):
    return cl.Context(sp.csr_array(context.joint))


def deflated(context):
    Q = context.matrix()
    Q = Q.toarray() if context.is_sparse else Q
    return Q - np.outer(np.sqrt(context.p_x), np.sqrt(context.p_a))


def is_singular_system(system, context, tol=1e-9):
    """Everything the definition asks for, by plain products."""
    k, s, p, q = system.rank, system.values, system.p_x, system.p_a
    mu, nu = system.left[:, :k], system.right[:, :k]
    assert np.allclose(mu.T @ (p[:, None] * mu), np.eye(k), atol=tol)
    assert np.allclose(nu.T @ (q[:, None] * nu), np.eye(k), atol=tol)
    assert np.allclose(p @ mu, 0, atol=tol) and np.allclose(q @ nu, 0, atol=tol)
    if k:
        root_p, root_q = np.sqrt(p)[:, None], np.sqrt(q)[:, None]
        assert np.allclose(root_p * (context.expect(nu) - s[:k] * mu), 0, atol=tol)
        assert np.allclose(root_q * (context.expect_adjoint(mu) - s[:k] * nu), 0, atol=tol)
    assert np.all(np.diff(s) <= 1e-12) and np.all((s >= 0) & (s <= 1))
    assert np.all(s[:k] > 0) and not s[k:].any()
    assert not system.left[:, k:].any() and not system.right[:, k:].any()
    assert system.residual <= tol
    return True


# -- the definition -------------------------------------------------------------------


@given(contexts)
def test_definition_and_values(context):
    truth = np.linalg.svd(deflated(context), compute_uv=False)[: min(context.shape) - 1]
    for one in (context, as_sparse(context)):
        system = cl.singular_system(one)
        assert system.solver == "dense"
        assert is_singular_system(system, one)
        assert np.allclose(system.values, truth, atol=1e-11)
        assert np.sum(system.values**2) == pytest.approx(one.chi2(), abs=1e-10)


@given(contexts, st.data())
def test_every_solver_dense_or_sparse_gives_the_same(context, data):
    modes = min(context.shape) - 1
    if modes == 0:
        return
    d = data.draw(st.integers(1, modes))
    truth = cl.singular_system(context)
    for one in (context, as_sparse(context)):
        for solver in solvers.SOLVERS:
            system = cl.singular_system(one, d, solver=solver)
            assert system.solver == solver and system.left.shape == (context.shape[0], d)
            assert is_singular_system(system, one, 1e-7)
            assert np.allclose(system.values, truth.values[:d], atol=2e-7)
            gap = truth.values[d - 1] - truth.values[d] if d < modes else truth.values[d - 1]
            if gap > 1e-3:
                side = truth.left[:, :d], system.left
                assert largest_angle(*side, context.p_x) < 1e-6
                side = truth.right[:, :d], system.right
                assert largest_angle(*side, context.p_a) < 1e-6


@pytest.mark.parametrize("solver", solvers.SOLVERS)
@pytest.mark.parametrize("shape", [(12, 9), (9, 12), (6, 80), (80, 6), (400, 350)])
def test_prescribed_values_and_spaces(solver, shape):
    context, mu, nu = prescribed([0.9, 0.6, 0.6, 0.3], *shape)
    system = cl.singular_system(context, 4, solver=solver)
    assert np.allclose(system.values, context.exact_values[:4], atol=1e-12)
    for group in ([0], [1, 2], [3]):  # spans: of a repeated value single vectors mean nothing
        assert largest_angle(system.left[:, group], mu[:, group], context.p_x) < 1e-7
        assert largest_angle(system.right[:, group], nu[:, group], context.p_a) < 1e-7


@pytest.mark.parametrize("solver", solvers.SOLVERS)
def test_correspondence_analysis_by_hand(solver):
    """Principal inertias and coordinates of the SVD of standardised residuals."""
    P = EYES / EYES.sum()
    r, c = P.sum(1), P.sum(0)
    U, s, Vt = np.linalg.svd((P - np.outer(r, c)) / np.sqrt(np.outer(r, c)))
    system = cl.singular_system(cl.Context.from_counts(EYES), 3, solver=solver)
    assert np.allclose(system.values, s[:3], atol=1e-12)
    assert np.allclose(np.abs(system.left), np.abs(U[:, :3] / np.sqrt(r)[:, None]), atol=1e-7)
    assert np.allclose(np.abs(system.right), np.abs(Vt[:3].T / np.sqrt(c)[:, None]), atol=1e-7)


def test_canonical_correlations_of_one_hot_labels():
    """scikit-learn's CCA of the two one-hot tables finds the same first correlation."""
    from sklearn.cross_decomposition import CCA

    x, a = np.indices(EYES.shape).reshape(2, -1)
    x, a = np.repeat(x, EYES.ravel()), np.repeat(a, EYES.ravel())
    X, A = np.eye(4)[x][:, 1:], np.eye(4)[a][:, 1:]
    one, other = CCA(n_components=1, scale=False, tol=1e-12, max_iter=5000).fit_transform(X, A)
    system = cl.singular_system(cl.Context.from_counts(EYES), 1)
    correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
    assert correlation == pytest.approx(system.values[0], abs=1e-8)


@given(contexts, st.data())
def test_eckart_young(context, data):
    modes = min(context.shape) - 1
    full = cl.singular_system(context)
    assert np.allclose(full.reconstruct(), context.joint, atol=1e-12)
    if modes:
        d = data.draw(st.integers(1, modes))
        joint = cl.singular_system(context, d).reconstruct()
        assert np.allclose(full.reconstruct(d), joint, atol=1e-12)
        p, q = context.p_x, context.p_a
        error = np.sum((joint - context.joint) ** 2 / np.outer(p, q))
        assert error == pytest.approx(np.sum(full.values[d:] ** 2), abs=1e-10)
        assert np.allclose(joint.sum(1), p, atol=1e-12)
        assert np.allclose(joint.sum(0), q, atol=1e-12)


# -- repeated values, components, rank -----------------------------------------------------------


@pytest.mark.parametrize("solver", solvers.SOLVERS)
@pytest.mark.parametrize(
    "n, half_width, d", [(64, 1, 6), (501, 4, 10), (400, 50, 12), (1000, 3, 1)]
)
def test_rings_have_their_pairs(solver, n, half_width, d):
    context = ring(n, half_width)
    system = cl.singular_system(context, d, solver=solver)
    assert is_singular_system(system, context, 1e-7)
    assert np.allclose(system.values, context.exact_values[:d], atol=1e-11)


@pytest.mark.parametrize("d", [3, 12, 13, 20, 40])
def test_a_large_hypercube_has_its_thirteen_twins(d):
    context = cube(12)
    system = cl.singular_system(context, d)
    assert system.solver == "lanczos"
    assert is_singular_system(system, context, 1e-7)
    assert np.allclose(system.values, context.exact_values[:d], atol=1e-11)


@pytest.mark.parametrize("solver", ITERATIVE)
@pytest.mark.parametrize("d", [1, 2, 3, 6, 11, 20])
def test_twins_close_to_others_are_not_missed(solver, d):
    """The values of a ring of 400 lie so close that a short check overlooks twins."""
    context = ring(400, 1)
    for one, seed in ((context, 0), (context, 1), (ring(400, 1, sparse=False), 2)):
        system = cl.singular_system(one, d, solver=solver, rng=seed)
        assert np.allclose(system.values, context.exact_values[:d], atol=1e-11)


def test_symmetry_is_noticed_and_its_absence_too():
    def noticed(context):
        roots = np.sqrt(context.p_a)
        return solvers._may_be_symmetric(context.matrix(), roots, np.random.default_rng(0))

    rng = np.random.default_rng(1)
    weights = sp.random_array((2000, 2000), density=0.005, rng=rng) + sp.eye_array(2000)
    assert not noticed(cl.Context.from_counts(weights))
    assert not noticed(cl.Context.from_counts(rng.random((400, 300))))
    assert noticed(ring(400, 1)) and noticed(cube(9))
    copied = cl.Context.from_counts(np.repeat(rng.random((40, 30)), 10, axis=1))
    assert not noticed(copied)


@pytest.mark.parametrize("solver", ITERATIVE)
@pytest.mark.parametrize("parts", [2, 3])
def test_a_few_equal_parts_of_a_large_context_are_looked_for(solver, parts):
    """Of five columns each, beside 600 others: three pieces repeat values, two do not."""
    rng = np.random.default_rng(2)
    rest = sp.random_array((600, 600), density=0.05, rng=rng) + 0.1 * sp.eye_array(600)
    piece = np.eye(5) + np.roll(np.eye(5), 1, axis=0) + np.diag(rng.random(5))
    table = sp.block_diag([rest / rest.sum(), *[0.01 * piece / piece.sum()] * parts]).tolil()
    table[0, 600 + 5 * np.arange(parts)] = 1e-4
    context = cl.Context.from_counts(sp.csr_array(table))
    expected = cl.singular_system(context, 8, solver="dense").values
    repeats = len(expected) - len(np.unique(np.round(expected, 9)))
    assert repeats >= 2 if parts == 3 else repeats == 0
    for seed in range(3):
        found = cl.singular_system(context, 8, solver=solver, rng=seed)
        assert np.allclose(found.values, expected, atol=1e-9)


@pytest.mark.parametrize("solver", ITERATIVE)
def test_values_that_repeat_without_any_symmetry(solver):
    """Two factors of unlike tables have the same first value: their product has it twice."""
    factors = [prescribed(values, n, n, seed=n)[0]
               for values, n in (([0.9, 0.5, 0.3], 20), ([0.9, 0.4, 0.2], 25))]
    least = min(factor.exact_values[0] for factor in factors)
    weaker = []
    for factor in factors:
        k, chance = least / factor.exact_values[0], np.outer(factor.p_x, factor.p_a)
        weaker.append(cl.Context(k * factor.joint + (1 - k) * chance))
    context = gallery.product(*weaker)
    expected = cl.singular_system(context, 4, solver="dense").values
    assert expected[0] == pytest.approx(expected[1], abs=1e-12)
    for one in (context, cl.Context(sp.csr_array(context.joint))):
        found = [cl.singular_system(one, 4, solver=solver, rng=seed).values for seed in range(3)]
        assert np.allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("d", [1, 5, 12])
def test_the_short_search_keeps_off_what_was_found_as_the_full_one_does(d):
    """Taken away now and then or at every step: the same values of T, to what they are used for."""
    A, vectors = symmetric(np.linspace(0.9, 0, 400) ** 2)
    known, start = vectors[:d], np.random.default_rng(d).standard_normal(400)
    tops = []
    for residual in (None, lanczos.TOLERANCE):
        noisy = known + 1e-9 * np.random.default_rng(0).standard_normal(known.shape)
        noisy /= np.linalg.norm(noisy, axis=1)[:, None]
        steps = lanczos._steps(A.__matmul__, start, noisy, residual)
        V, a, b = next(step for step in steps if len(step[1]) == lanczos.LOOK)
        assert np.abs(V[0][:lanczos.LOOK] @ noisy.T).max() < 1e-4
        tops.append(lanczos._top(a, b, 1)[0])
    assert np.allclose(*tops, atol=1e-8)


def test_a_hypercube_by_shift_invert():
    context = cube(8)
    system = cl.singular_system(context, 20, solver="shift-invert")
    assert np.allclose(system.values, context.exact_values[:20], atol=1e-11)


@pytest.mark.parametrize("solver", ITERATIVE)
@pytest.mark.parametrize("copies, d", [(2, 1), (2, 6), (5, 3), (5, 4), (5, 5), (5, 14)])
def test_equal_blocks(solver, copies, d):
    block = ring(100, 2)
    context = block_diagonal(*[block] * copies)
    values = np.sort(np.concatenate([np.ones(copies - 1), *[block.exact_values] * copies]))[::-1]
    system = cl.singular_system(context, d, solver=solver)
    assert is_singular_system(system, context, 1e-7)
    assert np.allclose(system.values, values[:d], atol=1e-11)
    # functions of value 1 are constant on components
    _, of_x, _ = context.components()
    for block in range(copies):
        ones = system.left[:, : min(d, copies - 1)][of_x == block]
        assert np.ptp(ones, axis=0).max() < 1e-9


@given(contexts, contexts, st.floats(0.05, 0.95))
def test_disconnected_contexts(first, second, weight):
    joint = np.zeros(np.add(first.shape, second.shape))
    joint[: first.shape[0], : first.shape[1]] = weight * first.joint
    joint[first.shape[0] :, first.shape[1] :] = (1 - weight) * second.joint
    context = cl.Context(joint)
    truth = np.linalg.svd(deflated(context), compute_uv=False)
    for solver in solvers.SOLVERS:
        system = cl.singular_system(context, 1, solver=solver)
        assert is_singular_system(system, context, 1e-7)
        assert system.values[0] == pytest.approx(1, abs=1e-12)
        d = min(3, min(context.shape) - 1)
        values = cl.singular_system(context, d, solver=solver).values
        assert np.allclose(values, truth[:d], atol=2e-7)


def test_the_identity_on_many_points():
    n = 100_000
    system = cl.singular_system(cl.Context(sp.eye_array(n) / n), 3)
    assert is_singular_system(system, cl.Context(sp.eye_array(n) / n))
    assert np.array_equal(system.values, np.ones(3))


@pytest.mark.parametrize("solver", solvers.SOLVERS)
def test_beyond_the_rank_there_are_flagged_zeros(solver):
    context, mu, _ = prescribed([0.9, 0.5], 30, 20)
    system = cl.singular_system(context, 7, solver=solver)
    assert system.rank == 2 and system.values.shape == (7,)
    assert is_singular_system(system, context, 1e-7)
    assert largest_angle(system.left[:, :2], mu, context.p_x) < 1e-7
    independent = cl.Context(np.outer(context.p_x, context.p_a))
    system = cl.singular_system(independent, 4, solver=solver)
    assert system.rank == 0 and system.residual == 0
    assert not system.values.any() and not system.left.any() and not system.right.any()


def test_weak_but_real_associations_are_kept():
    for size in (1e-3, 1e-6, 1e-9):
        context, _, _ = prescribed([size, size / 2], 30, 20)
        system = cl.singular_system(context, 3)
        assert system.rank == 2
        assert np.allclose(system.values[:2], context.exact_values[:2], rtol=1e-4)
    context, _, _ = prescribed([1e-5, 5e-6], 400, 350)
    for solver in ITERATIVE:
        system = cl.singular_system(context, 2, solver=solver)
        assert np.allclose(system.values, context.exact_values[:2], rtol=1e-3)


def test_modes_of_tiny_values_keep_mean_zero():
    system = cl.singular_system(cl.gallery.gaussian_pair(-0.4, 140))
    assert system.values[system.rank - 1] < 1e-11
    for functions, weights in ((system.left, system.p_x), (system.right, system.p_a)):
        functions = functions[:, : system.rank]
        assert np.abs(weights @ functions).max() < 1e-14
        gram = functions.T @ (weights[:, None] * functions)
        assert np.allclose(gram, np.eye(system.rank), atol=1e-12)


def test_all_shapes_of_one_value():
    assert cl.singular_system(cl.Context([[1.0]])).values.shape == (0,)
    for shape in ((1, 5), (5, 1)):
        system = cl.singular_system(cl.Context(np.full(shape, 0.2)))
        assert system.left.shape == (shape[0], 0) and system.right.shape == (shape[1], 0)
        assert system.rank == 0 and system.groups()[0].size == 0
        assert np.allclose(system.reconstruct(), 0.2)
        assert system.extend(np.full((2, shape[1]), 1 / shape[1])).shape == (2, 0)


# -- signs and repeated values -------------------------------------------------------------------


def test_signs_follow_the_rule():
    for seed in range(20):
        context = cl.Context.from_counts(np.random.default_rng(seed).random((6, 5)))
        system = cl.singular_system(context)
        u = np.sqrt(context.p_x)[:, None] * system.left
        largest = np.argmax(np.abs(u), axis=0)
        assert np.all(u[largest, np.arange(4)] > 0)


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_the_rule_does_not_depend_on_the_basis(seed, size):
    rng = np.random.default_rng(seed)
    u = np.linalg.qr(rng.standard_normal((9, size + 2)))[0]
    v = np.linalg.qr(rng.standard_normal((8, size + 2)))[0]
    s = np.array([0.9, *[0.5] * size, 0.1])
    expected = settled(u, s, v)
    R = np.eye(size + 2)
    R[1:-1, 1:-1] = ortho_group.rvs(size, random_state=rng) if size > 1 else -1
    R[0, 0] = -1
    left, right = settled(u @ R, s, v @ R)
    assert np.allclose(left, expected[0], atol=1e-9)
    assert np.allclose(right, expected[1], atol=1e-9)
    assert np.allclose(left * s @ right.T, u * s @ v.T, atol=1e-12)


def test_repeated_values_are_settled_alike_by_every_solver():
    for context, d in ((ring(64, 2), 6), (cube(6), 7), (block_diagonal(*[ring(9, 1)] * 3), 8)):
        systems = [cl.singular_system(context, d, solver=solver) for solver in solvers.SOLVERS]
        for system in systems[1:]:
            assert np.allclose(system.left, systems[0].left, atol=1e-6)
            assert np.allclose(system.right, systems[0].right, atol=1e-6)


@pytest.mark.parametrize("rng", [0, 7, 9])
def test_where_values_crowd_the_starts_do_not_choose_the_basis(rng):
    """Of a cycle's functions Lanczos knows some 1e-5: inputs tie that differ by no more."""
    context = gallery.cycle_walk(0.5, n=600)
    exact = cl.singular_system(context, 6, solver="dense")
    found = cl.singular_system(context, 6, solver="lanczos", rng=rng)
    assert np.allclose(found.left, exact.left, atol=1e-4)
    assert np.allclose(found.right, exact.right, atol=1e-4)


def test_relabelling_the_inputs_relabels_the_functions():
    context = cl.Context.from_counts(np.random.default_rng(3).random((7, 6)))
    order = np.random.default_rng(4).permutation(7)
    moved = cl.singular_system(cl.Context(context.joint[order]))
    assert np.allclose(moved.left, cl.singular_system(context).left[order], atol=1e-10)


def test_groups():
    system = cl.singular_system(ring(9, 1))
    assert [group.tolist() for group in system.groups()] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert len(system.groups(tol=1)) == 1
    system = cl.singular_system(cl.Context.from_counts(EYES))
    assert [group.tolist() for group in system.groups(0)] == [[0], [1], [2]]


def test_aligned_with_undoes_rotations_inside_repeated_values():
    context = ring(12, 1, sparse=False)
    system = cl.singular_system(context)
    rng = np.random.default_rng(0)
    rotated = replace(system, left=system.left.copy(), right=system.right.copy())
    for group in system.groups():
        R = ortho_group.rvs(group.size, random_state=rng) if group.size > 1 else [[-1.0]]
        rotated.left[:, group] = system.left[:, group] @ R
        rotated.right[:, group] = system.right[:, group] @ R
    back = rotated.aligned_with(system)
    assert np.allclose(back.left, system.left, atol=1e-10)
    assert np.allclose(back.right, system.right, atol=1e-10)
    assert is_singular_system(back, context)


def test_rotation_towards_is_the_procrustes_of_each_group():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(9))
    functions, target = rng.standard_normal((2, 9, 5))
    groups = [np.array([0]), np.array([1, 2, 3]), np.array([4, 5]), np.array([6])]
    R = rotation_towards(target, functions, p, groups)
    root = np.sqrt(p)[:, None]
    for group in ([0], [1, 2, 3], [4]):  # what lies beyond the fifth function is left out
        expected, _ = orthogonal_procrustes(root * functions[:, group], root * target[:, group])
        assert np.allclose(R[np.ix_(group, group)], expected, atol=1e-12)
    assert np.count_nonzero(R) == 11


def test_aligned_with_keeps_values_and_only_flips_simple_ones():
    context = cl.Context.from_counts(EYES)
    system = cl.singular_system(context)
    flipped = replace(system, left=-system.left, right=-system.right)
    aligned = system.aligned_with(flipped)
    assert np.allclose(aligned.left, flipped.left) and np.allclose(aligned.right, flipped.right)
    assert np.array_equal(aligned.values, system.values)
    fewer = cl.singular_system(context, 1)
    assert system.aligned_with(fewer).left.shape == (4, 3)
    assert fewer.aligned_with(system).left.shape == (4, 1)


# -- extension ------------------------------------------------------------------------


@given(contexts)
def test_extend_at_the_old_inputs_is_left(context):
    for one in (context, as_sparse(context)):
        system = cl.singular_system(one)
        clear = system.values > 1e-4
        extended = system.extend(one.conditional())
        assert np.allclose(extended[:, clear], system.left[:, clear], atol=1e-8)
        assert not extended[:, system.rank :].any()


def test_extend_at_new_inputs_is_the_formula():
    context = cl.Context.from_counts(EYES)
    system = cl.singular_system(context)
    rows = np.random.default_rng(0).dirichlet(np.ones(4), 3)
    slow = [[sum(row[a] * system.right[a, i] for a in range(4)) / system.values[i]
             for i in range(3)] for row in rows]  # fmt: skip
    assert np.allclose(system.extend(rows), slow, atol=1e-12)
    assert np.allclose(system.extend(sp.coo_array(rows)), slow, atol=1e-12)
    middle = (context.conditional()[0] + context.conditional()[1]) / 2
    assert np.allclose(system.extend([middle])[0], (system.left[0] + system.left[1]) / 2)


# -- which solver, and how --------------------------------------------------------------


def test_auto_takes_the_solver_that_fits():
    rng = np.random.default_rng(0)
    assert cl.singular_system(cl.Context.from_counts(rng.random((300, 400))), 3).solver == "dense"
    assert cl.singular_system(cl.Context.from_counts(rng.random((400, 400))), 3).solver == "lanczos"
    assert cl.singular_system(cl.Context.from_counts(rng.random((400, 400))), 300).solver == "dense"
    assert cl.singular_system(ring(4000, 2), 3).solver == "shift-invert"
    assert cl.singular_system(cube(9), 3).solver == "lanczos"


def test_levels_of_the_graph():
    assert max(graph.graph_levels(ring(100, 1).joint)[1]) <= 4
    assert len(graph.graph_levels(ring(1000, 1).joint)[1]) == pytest.approx(500, rel=0.1)
    order, widths = graph.graph_levels(cube(8).joint)
    assert sorted(order) == list(range(512)) and widths.sum() == 512
    assert len(widths) == 10 and max(widths) >= 70
    path = sp.csr_array(np.eye(5) + np.eye(5, k=1))
    assert graph.graph_levels(path)[1].tolist() == [1] * 10


@pytest.mark.parametrize("shape", [(50_000, 3), (3, 50_000), (3000, 350)])
def test_tall_and_wide(shape):
    context, mu, _ = prescribed([0.9, 0.4], *shape)
    for solver in ["auto", "dense", "lanczos"]:
        system = cl.singular_system(context, 2, solver=solver)
        assert np.allclose(system.values, context.exact_values[:2], atol=1e-10)
        assert largest_angle(system.left, mu, context.p_x) < 1e-6


def test_a_hub_is_not_for_shift_invert():
    """One context value that every input knows: QQᵀ would have 10⁸ entries."""
    n = 10_000
    x = np.repeat(np.arange(n), 2)
    a = x.copy()
    a[1::2] = 0
    hub = cl.Context.from_counts(sp.csr_array((np.ones(2 * n), (x, a)), shape=(n, n)))
    tracemalloc.start()
    system = cl.singular_system(hub, 4)
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()
    assert system.solver == "lanczos" and is_singular_system(system, hub, 1e-7)


@pytest.mark.parametrize(
    "context", [ring(30_000, 2), cube(14)], ids=["ring", "cube"]
)
def test_large_and_sparse_within_memory(context):
    tracemalloc.start()
    system = cl.singular_system(context, 8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # the dense table would take 7 or 2 GB
    assert np.allclose(system.values, context.exact_values[:8], atol=1e-11)
    assert system.residual < 1e-7


def test_everything_of_a_large_sparse_context_is_refused():
    with pytest.raises(ValueError, match="d must be given"):
        cl.singular_system(ring(10_000, 1))


def test_the_same_every_time_and_for_every_seed():
    context = cube(9)
    one, two = (cl.singular_system(context, 10, rng=0) for _ in range(2))
    assert np.array_equal(one.left, two.left)
    other = cl.singular_system(context, 10, rng=np.random.default_rng(7))
    assert np.allclose(one.left, other.left, atol=1e-6)


def test_a_bad_result_raises(monkeypatch):
    context = cl.Context.from_counts(EYES)

    def wrong(*given):
        u, s, v, smallest = solvers.dense(*given)
        return u, s + 1e-3, v, smallest

    monkeypatch.setitem(solvers.SOLVERS, "dense", wrong)
    with pytest.raises(RuntimeError, match=r"dense solver left a residual of 1.*e-03"):
        cl.singular_system(context, 2)


def test_no_convergence_raises(monkeypatch):
    monkeypatch.setattr(lanczos, "RESTARTS", 2)
    with pytest.raises(RuntimeError, match="did not converge"):
        cl.singular_system(ring(3000, 1), 8, solver="lanczos")


def symmetric(values, seed=0):
    """A symmetric matrix with these eigenvalues, and its eigenvectors (rows)."""
    vectors = ortho_group.rvs(len(values), random_state=seed)
    return (vectors.T * values) @ vectors, vectors


def far_apart(n=300):
    """Three eigenvalues stand out: while Lanczos works on the fourth it finds them again."""
    return np.concatenate([[1, 0.8, 0.5, 0.102], np.linspace(0.1, 0, n - 4)])


def test_without_restarts_it_finds_what_numpy_finds_and_copies_count_once(monkeypatch):
    monkeypatch.setattr(lanczos, "with_restarts", None)  # not needed here
    for seed in range(5):
        A, vectors = symmetric(far_apart(), seed)
        start = np.random.default_rng(seed).standard_normal(300)
        for known, first in ((np.empty((0, 300)), 0), (vectors[:2], 2)):
            d = 4 - first
            values, found, _ = lanczos.without_restarts(A.__matmul__, start, d, known)
            assert np.allclose(values, far_apart()[first:4], atol=1e-10)
            assert np.allclose(found @ found.T, np.eye(d), atol=1e-12)
            assert np.allclose(found @ A, values[:, None] * found, atol=1e-8)


def tridiagonals():
    """Values that repeat to the last digits: in pieces, glued together, and as Lanczos makes them.

    Pieces are Wilkinson's W21, with pairs of values that differ by 1e-15 to 1e-8 of the largest.
    """
    W, beside = np.abs(np.arange(-10.0, 11)), np.ones(20)
    for copies in (1, 3, 5, 10):
        for glue in (1e-3, 1e-8, 1e-14, 0):
            yield np.tile(W, copies), np.concatenate([np.append(beside, glue)] * copies)[:-1]
    rng = np.random.default_rng(0)
    yield np.ones(150), 10 ** rng.uniform(-17, 0, 149)
    yield 10 ** np.linspace(0, -15, 60), 10 ** np.linspace(-1, -16, 59)
    for values in (np.arange(1, 101.0) ** -1, far_apart(), np.repeat([1, 0.5, 0.2], 100)):
        start = rng.standard_normal(len(values))
        steps = lanczos._steps(values.__mul__, start, np.empty((0, len(values))))
        for _, a, b in steps:
            if len(a) == 120 or b[-1] < lanczos.NOISE:
                break
        yield np.array(a), np.array(b[:-1])


@pytest.mark.parametrize("top", [1, 16, 48])
def test_of_a_tridiagonal_matrix_no_large_value_is_left_out(top):
    """Beside numpy's eigh of the whole matrix."""
    for a, b in tridiagonals():
        T = np.diag(a) + np.diag(b, 1) + np.diag(b, -1)
        values, y, _ = lanczos._top(a, np.append(b, 0), top)
        size = np.abs(a).max()
        assert np.allclose(values, np.linalg.eigvalsh(T)[::-1][:top], rtol=0, atol=1e-13 * size)
        assert np.allclose(T @ y, y * values, rtol=0, atol=1e-12 * size)
        assert np.allclose(y.T @ y, np.eye(len(values)), atol=1e-11)


@pytest.mark.parametrize("name, value", [("MEMORY", 300 * 80), ("NOISE", 1e9), ("COPIES", 0)])
def test_where_it_does_not_end_well_arpack_is_asked(monkeypatch, name, value):
    """No room; no step to make; copies that are taken for values of their own."""
    asked, restarts = [], lanczos.with_restarts
    monkeypatch.setattr(lanczos, "with_restarts", lambda *a: asked.append(1) or restarts(*a))
    monkeypatch.setattr(lanczos, name, value)
    A, _ = symmetric(far_apart())
    start = np.random.default_rng(0).standard_normal(300)
    values, found, _ = lanczos.without_restarts(A.__matmul__, start, 4, np.empty((0, 300)))
    assert asked
    assert np.allclose(values, far_apart()[:4], atol=1e-10)
    assert np.allclose(found @ A, values[:, None] * found, atol=1e-7)


@pytest.mark.parametrize("search", [lanczos.with_restarts, lanczos.without_restarts])
@pytest.mark.parametrize("repeated", [2, 3, 5])
def test_repeated_eigenvalues_are_completed(search, repeated):
    """From one start each gives one vector; the others are looked for."""
    values = np.concatenate([[1], np.full(repeated, 0.9), np.linspace(0.5, 0, 249 - repeated)])
    A, vectors = symmetric(values)
    rng = np.random.default_rng(1)
    found = lanczos.complete(search, A.__matmul__, rng.standard_normal(250), repeated + 2,
                             np.empty((0, 250)), rng, True)
    overlap = np.linalg.svd(found @ vectors[: repeated + 2].T, compute_uv=False)
    assert np.allclose(overlap, 1, atol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_what_the_search_for_twins_is_kept_off_hides_none(seed):
    """More of the Krylov space: unit vectors without any of the twin, which the start did not show.

    Then a search kept off them ends sooner, with the twin or without one.
    """
    values = np.concatenate([[1, 0.9, 0.9], np.linspace(0.899, 0, 497)])
    A, vectors = symmetric(values, seed)
    rng = np.random.default_rng(seed)
    start = rng.standard_normal(500)
    found, rows, beside = lanczos.without_restarts(A.__matmul__, start, 2, np.empty((0, 500)), 6)
    assert np.allclose(found, [1, 0.9]) and beside.shape == (6, 500)
    both = np.vstack([rows, beside])
    assert np.allclose(both @ both.T, np.eye(8), atol=1e-9)
    twin = vectors[1] * (rows[1] @ vectors[2]) - vectors[2] * (rows[1] @ vectors[1])
    assert np.abs(beside @ twin).max() < 1e-6
    least = 0.9 * (1 - 1e-8)
    steps = []

    def product(v):
        steps[-1] += 1
        return A @ v

    for off, hidden in ((rows, False), (both, False), (np.vstack([both, twin]), True),
                        (np.vstack([rows, twin]), True)):
        steps.append(0)
        vector = lanczos._missed(product, rng.standard_normal(500), off, least, True)
        assert (vector is None) == hidden
    assert steps[2] < steps[3]


def test_a_short_graph_is_searched_once_a_long_one_from_its_end():
    context = ring(4000, 1)
    whole = graph.graph_levels(context.joint)[1]
    assert list(graph.graph_levels(context.joint, least=300)[1]) == list(whole)
    assert whole.sum() == 8000 and len(whole) > 2000
    short = cl.Context.from_counts(np.random.default_rng(0).random((50, 40)))
    for least in (0, 300):
        assert graph.graph_levels(sp.csr_array(short.joint), least)[1].sum() == 90


@pytest.mark.parametrize("seed", range(3))
def test_known_vectors_stay_away_though_they_are_taken_away_now_and_then(seed):
    """Of all vectors of Lanczos, and T is as if always; left alone, rounding brings them back."""
    values = np.concatenate([[1, 0.99, 0.98], np.linspace(0.6, 0, 397)])
    A, vectors = symmetric(values, seed)
    known, start = vectors[:3], np.random.default_rng(seed).standard_normal(400)
    made = {}
    for residual in (None, lanczos.ROUNDING):
        steps = lanczos._steps(A.__matmul__, start, known, residual)
        V, a, b = next(step for step in steps if len(step[1]) == 60)
        assert np.abs(V[0][:60] @ known.T).max() < 1e-7
        made[residual] = np.array(a), np.array(b)
    assert np.allclose(made[None], made[lanczos.ROUNDING], atol=1e-12)
    without = lanczos._steps(A.__matmul__, start - (known @ start) @ known, known[:0])
    V = next(V for V, a, _ in without if len(a) == 60)
    assert np.abs(V[0][:60] @ known.T).max() > 1e-2


def test_where_nothing_is_left_rounding_is_no_mode():
    """One side of each part has one value: all modes are 0, but for the contrast of the parts."""
    row = np.array([[0.69, 0.32, 0.09]])
    for parts in ((row, row.T), (row, row), (row.T, np.eye(2))):
        context = cl.Context.from_counts(sp.csr_array(sp.block_diag(parts)))
        for d in range(1, min(context.shape)):
            one, two = (cl.singular_system(context, d, solver=solver).values
                        for solver in ("dense", "lanczos"))
            assert np.allclose(one, two, atol=1e-9)


def test_the_graph_is_surveyed_whatever_comes_first():
    """A pair apart before a ring: its components, and the levels of the ring."""
    ring_alone = ring(4000, 1)
    table = sp.csr_array(sp.block_diag([[[0.1]], 0.5 * ring_alone.joint, 0.4 * np.eye(2) / 2]))
    for x in (np.arange(4003), np.random.default_rng(0).permutation(4003)):
        context = cl.Context(table[x])
        (count, of_x, of_a), widths = graph.survey(context, 300)
        known, known_x, known_a = context.components()
        assert count == known == 4
        pairs = set(zip(np.append(of_x, of_a), np.append(known_x, known_a)))
        assert len(pairs) == 4  # the same up to their numbers
        assert widths.sum() == 8000 and len(widths) > 2000
        assert cl.singular_system(context, 6).solver == "shift-invert"


def test_positions_of_64_bits_give_the_same():
    context = as_sparse(cl.Context.from_counts(np.random.default_rng(0).random((400, 400)) ** 6))
    wide = sp.csr_array(context.joint)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    one, two = (cl.singular_system(cl.Context(table), 5, solver="lanczos")
                for table in (context.joint, wide))
    assert np.allclose(one.left, two.left, atol=1e-9)


def test_frozen_and_picklable():
    system = cl.singular_system(cl.Context.from_counts(EYES))
    with pytest.raises(FrozenInstanceError):
        system.values = 0
    again = pickle.loads(pickle.dumps(system))
    assert np.array_equal(again.left, system.left) and again.rank == 3
    assert repr(system).startswith("SingularSystem(values=[0.")


# -- bad input ------------------------------------------------------------------------


@pytest.mark.parametrize("d, error, message", [
    (0, ValueError, "d is 0; it must be at least 1"),
    (-2, ValueError, "d is -2"),
    (4, ValueError, r"d is 4; a 4×4 context has 3 non-constant"),
    (2.0, TypeError, "d is 2.0; it must be an integer"),
    (True, TypeError, "d is True"),
    ("2", TypeError, "d is '2'"),
    ([2], TypeError, "d is"),
    (np.nan, TypeError, "d is nan"),
])  # fmt: skip
@pytest.mark.parametrize("solver", ["auto", *solvers.SOLVERS])
def test_bad_d(solver, d, error, message):
    with pytest.raises(error, match=message):
        cl.singular_system(cl.Context.from_counts(EYES), d, solver=solver)


@pytest.mark.parametrize("context", [EYES / EYES.sum(), None, "context", [[1.0]]])
def test_bad_context(context):
    with pytest.raises(TypeError, match=r"context is a .*; it must be a Context"):
        cl.singular_system(context)


@pytest.mark.parametrize("solver", ["arpack", "", None, 3, ["dense"]])
def test_bad_solver(solver):
    with pytest.raises((TypeError, ValueError), match=r"solver is .*'auto', 'dense', 'lanczos'"):
        cl.singular_system(cl.Context.from_counts(EYES), 1, solver=solver)


@pytest.mark.parametrize("solver", ITERATIVE)
def test_iterative_solvers_want_a_d(solver):
    with pytest.raises(ValueError, match=f"d must be given for the {solver} solver"):
        cl.singular_system(cl.Context.from_counts(EYES), solver=solver)


def test_bad_previous():
    system = cl.singular_system(cl.Context.from_counts(EYES), 1)
    other = cl.singular_system(cl.Context.from_counts(EYES[:3]))
    with pytest.raises(TypeError, match="previous is a ndarray"):
        system.aligned_with(np.ones(4))
    with pytest.raises(ValueError, match="previous has 3 inputs"):
        system.aligned_with(other)


@pytest.mark.parametrize("rng", ["seed", -1, 1.5])
def test_bad_rng(rng):
    with pytest.raises(TypeError, match="rng is"):
        cl.singular_system(cl.Context.from_counts(EYES), 1, rng=rng)


@pytest.mark.parametrize("tol", [-1, np.nan, np.inf, "small", None, 1j, True, [0.1]])
def test_bad_tolerance(tol):
    system = cl.singular_system(cl.Context.from_counts(EYES))
    with pytest.raises((TypeError, ValueError), match="tol is"):
        system.groups(tol)
    with pytest.raises((TypeError, ValueError), match="tol is"):
        system.aligned_with(system, tol)


@pytest.mark.parametrize("rows, error, message", [
    (np.ones(4) / 4, ValueError, r"p_a_given_x has shape \(4,\); it must be \(n, 4\)"),
    (np.ones((2, 3)) / 3, ValueError, r"p_a_given_x has shape \(2, 3\)"),
    ([[0.5, 0.5, 0, np.nan]], ValueError, r"p_a_given_x\[0, 3\] is nan"),
    ([[0.5, 0.5, 0, np.inf]], ValueError, r"p_a_given_x\[0, 3\] is inf"),
    ([[0.5, 0.75, 0, -0.25]], ValueError, r"p_a_given_x\[0, 3\] is -0.25"),
    ([[1, 0, 0, 0], [0.5, 0, 0, 0]], ValueError, "row 1 of p_a_given_x sums to 0.5"),
    ([["a"] * 4], TypeError, "p_a_given_x has dtype"),
    (np.ones((1, 4)) * 0.25j, TypeError, "p_a_given_x has dtype complex128"),
    (sp.csr_array(np.ones((1, 4)) * 0.25j), TypeError, "p_a_given_x has dtype complex128"),
    (sp.csr_array([[0.5, 0.75, 0, -0.25]]), ValueError, r"p_a_given_x\[0, 3\] is -0.25"),
    (sp.csr_array([[0.5, 0.75, 0]]), ValueError, r"p_a_given_x has shape \(1, 3\)"),
    ([[1], [1, 2]], ValueError, "p_a_given_x is not a rectangular array"),
])  # fmt: skip
def test_bad_rows_to_extend(rows, error, message):
    system = cl.singular_system(cl.Context.from_counts(EYES))
    with pytest.raises(error, match=message):
        system.extend(rows)
    with pytest.raises(ValueError, match="shape"):
        system.extend(np.ones((2, 0)))


def test_no_new_inputs():
    system = cl.singular_system(cl.Context.from_counts(EYES))
    assert system.extend(np.ones((0, 4))).shape == (0, 3)


def test_a_table_on_which_the_fast_svd_gives_up(monkeypatch):
    """Met once in 4,752 contexts of real tables, and there it hung on where the numbers lay."""
    matrix, context = np.random.default_rng(0).normal(size=(7, 4)), cl.gallery.hypercube(0.6)
    wanted = np.linalg.svd(matrix, full_matrices=False)[1]

    def gives_up(*_, **__):
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(np.linalg, "svd", gives_up)
    u, s, vt = solvers.thin_svd(matrix)
    assert s == pytest.approx(wanted) and (u * s) @ vt == pytest.approx(matrix)
    assert cl.singular_system(context).values == pytest.approx(context.exact_values)
