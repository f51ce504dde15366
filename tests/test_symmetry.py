"""Groups that act on inputs: counts by listing, representations by their definition."""

from itertools import product

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite import gallery, symmetry
from contexture_lite.gallery.representations import multiplicities

PIXELS = 1 << np.arange(9)
IMAGES = (np.arange(512)[:, None] & PIXELS > 0).astype(int).reshape(-1, 3, 3)
TURN = np.rot90(IMAGES, axes=(1, 2)).reshape(-1, 9) @ PIXELS
MIRROR = IMAGES[:, :, ::-1].reshape(-1, 9) @ PIXELS
D4, C4 = symmetry.group([TURN, MIRROR]), symmetry.group([TURN])


def cycle(n):
    return symmetry.group([np.roll(np.arange(n), -1)])


def beside(*groups):
    """The product of groups, each on points of its own."""
    rows = []
    for choice in product(*groups):
        ends = np.cumsum([0, *map(len, choice)])
        rows.append(np.concatenate([g + end for g, end in zip(choice, ends)]))
    return np.array(rows)


def symmetric_group(n):
    return symmetry.group([np.roll(np.arange(n), -1), [1, 0, *range(2, n)]])


QUATERNIONS = symmetry.group([[1, 2, 3, 0, 5, 6, 7, 4], [4, 7, 6, 5, 2, 1, 0, 3]])
GROUPS = {"one": cycle(1), "two": cycle(2), "five": cycle(5), "twelve": cycle(12), "D4": D4,
          "D3": symmetric_group(3), "Q8": QUATERNIONS, "Z2 Z4": beside(cycle(2), cycle(4)),
          "Z2 Z2 Z3": beside(cycle(2), cycle(2), cycle(3)),
          "D3 Z4": beside(symmetric_group(3), cycle(4))}


# -- counting ----------------------------------------------------------------------------


def listed_orbits(permutations):
    """By following every point until nothing new comes."""
    left, count = set(range(len(permutations[0]))), 0
    while left:
        new = {left.pop()}
        while new:
            new = {int(g[x]) for g in permutations for x in new} & left
            left -= new
        count += 1
    return count


def test_numbers_that_are_known():
    assert len(D4) == 8 and len(C4) == 4 and len(symmetric_group(4)) == 24
    assert symmetry.fixed_points(D4).sum() / 8 == 102 and symmetry.fixed_points(C4).mean() == 140
    assert symmetry.number_of_orbits(D4) == 102 and symmetry.number_of_orbits([TURN]) == 140
    for n, necklaces in ((4, 6), (6, 14), (8, 36)):
        strings = np.arange(2**n)
        step = (strings << 1) % 2**n | strings >> (n - 1)
        assert symmetry.number_of_orbits([step]) == necklaces


@pytest.mark.parametrize("name", GROUPS)
def test_orbits_are_listed_and_burnside_counts_them(name):
    places = GROUPS[name]
    assert symmetry.number_of_orbits(places) == listed_orbits(places)
    assert symmetry.fixed_points(places).mean() == pytest.approx(listed_orbits(places))


def test_a_group_is_closed_and_begins_with_the_identity():
    for places in GROUPS.values():
        assert (places[0] == np.arange(places.shape[1])).all()
        known = set(map(bytes, places))
        assert all(bytes(g[h]) in known for g in places for h in places)
    assert (cycle(7)[3] == (np.arange(7) + 3) % 7).all()  # powers come in order


# -- representations ---------------------------------------------------------------------


@pytest.mark.parametrize("name", GROUPS)
def test_representations_are_all_there_and_are_what_they_are_called(name):
    places, known = GROUPS[name], symmetry.irreducibles(GROUPS[name])
    position = {bytes(g): i for i, g in enumerate(places)}
    assert sum(D.shape[1] ** 2 for D in known) == len(places)
    assert (known[0] == 1).all() and np.all(np.diff([D.shape[1] for D in known]) >= 0)
    for D in known:
        for g, h in product(range(len(places)), repeat=2):
            assert np.allclose(D[position[bytes(places[g][places[h]])]], D[g] @ D[h], atol=1e-12)
    traces = np.array([np.trace(D, axis1=1, axis2=2) for D in known])
    assert np.allclose(traces @ traces.conj().T / len(places), np.eye(len(known)), atol=1e-12)


def test_multiplicities_of_the_512_images():
    known = symmetry.irreducibles(D4)
    counts = multiplicities(known, symmetry.fixed_points(D4))
    assert sorted(zip([D.shape[1] for D in known], counts.tolist())) == [
        (1, 38), (1, 66), (1, 66), (1, 102), (2, 120)]


def test_other_groups_have_no_known_values():
    places = symmetric_group(4)
    assert symmetry.irreducibles(places) is None
    context = gallery.group_steps(places, np.full(24, 1 / 24))
    assert context.exact_values is None and np.allclose(context.joint, 1 / 16)


# -- contexts ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("seed", range(3))
def test_the_spectrum_of_random_steps_is_exact(name, seed):
    places, rng = GROUPS[name], np.random.default_rng(seed)
    nu = rng.dirichlet(np.ones(len(places)))
    p = symmetry.averaged(rng.random(places.shape[1]), places) if seed else None
    context = gallery.group_steps(places, nu, p)
    values = np.linalg.svd(context.matrix(), compute_uv=False)[1:]
    assert np.abs(values - context.exact_values).max(initial=0) < 1e-10
    assert 1 + context.chi2() == pytest.approx(symmetry.soft_burnside(places, nu))


def test_a_step_goes_where_the_permutation_says():
    context = gallery.group_steps(cycle(3), [0.5, 0.3, 0.2])
    assert np.allclose(3 * context.joint[0], [0.5, 0.3, 0.2])
    assert np.allclose(3 * context.joint[2], [0.3, 0.2, 0.5])


@pytest.mark.parametrize("seed", range(4))
def test_the_orbit_context_is_exact_under_any_distribution(seed):
    p = np.random.default_rng(seed).dirichlet(np.ones(512))
    p[:seed * 20] = 0  # the points that are left out
    context = gallery.orbits([TURN, MIRROR], p)
    values = np.linalg.svd(context.matrix(), compute_uv=False)[1:]
    assert np.abs(values - context.exact_values).max() < 1e-10
    occupied = len({min(D4[:, x]) for x in np.flatnonzero(p)})
    assert context.exact_values.sum() == occupied - 1


def test_forgotten_is_what_differences_generate():
    turns = symmetry.group([TURN])
    assert len(symmetry.forgotten_subgroup(turns[[1]])) == 1  # one fixed turn: nothing
    assert len(symmetry.forgotten_subgroup(turns[[1, 3]])) == 2  # half turns only
    assert len(symmetry.forgotten_subgroup(turns[[0, 1]])) == 4
    rng = np.random.default_rng(0)
    for _ in range(6):
        support = rng.choice(8, size=rng.integers(1, 4), replace=False)
        nu = np.zeros(8)
        nu[support] = rng.dirichlet(np.full(len(support), 3.0))
        values = np.linalg.svd(gallery.group_steps(D4, nu).matrix(), compute_uv=False)
        left = symmetry.forgotten_subgroup(D4[support])
        assert (values > 1 - 1e-9).sum() == listed_orbits(left)


# -- equivariance ------------------------------------------------------------------------


def test_encoders_of_a_symmetric_table_move_along_and_cut_ones_do_not():
    """D4 on 16 pixels and 9 pixels: R is orthogonal and a homomorphism; a cut is of order one."""
    def acting(side):
        grid = np.arange(side**2).reshape(side, side)
        return symmetry.group([np.rot90(grid).ravel(), grid[:, ::-1].ravel()])

    on_x, on_a = acting(4), acting(3)
    rng = np.random.default_rng(2)
    joint = rng.random((16, 9)) ** 4
    context = cl.Context.from_counts(sum(joint[np.ix_(g, a)] for g, a in zip(on_x, on_a)))
    system = cl.singular_system(context)
    ends = [group[-1] + 1 for group in system.groups() if group[-1] < system.rank - 1]
    position = {bytes(g): i for i, g in enumerate(on_x)}
    for d in range(1, ends[-1]):
        error = symmetry.equivariance_error(system.left[:, :d], on_x, context.p_x)
        assert error < 1e-10 if d in ends else error > 0.05, (d, error)
    phi = system.left[:, :ends[2]]
    R = [symmetry.representation(phi, g, context.p_x) for g in on_x]
    for g, h in product(range(8), repeat=2):
        assert np.allclose(R[position[bytes(on_x[h][on_x[g]])]], R[g] @ R[h], atol=1e-9) or (
            np.allclose(R[position[bytes(on_x[g][on_x[h]])]], R[g] @ R[h], atol=1e-9))
        assert np.allclose(R[g] @ R[g].T, np.eye(len(R[g])), atol=1e-9)
        assert np.allclose(R[g], phi[on_x[g]].T @ (context.p_x[:, None] * phi), atol=1e-9)


def test_features_that_stretch_as_they_move_have_a_representation_too():
    step = np.roll(np.arange(6), -1)
    angle = 2 * np.pi * np.arange(6) / 6
    phi = np.column_stack([np.cos(angle), 3 * np.sin(angle)])
    assert symmetry.equivariance_error(phi, [step]) < 1e-12
    assert symmetry.equivariance_error(phi[:, :1], [step]) > 0.5
    R = symmetry.representation(phi, step)
    assert np.allclose(phi[step], phi @ R.T) and not np.allclose(R @ R.T, np.eye(2))


@pytest.mark.parametrize("noise", [0, 1e-16, 1e-14, 1e-12])
def test_a_feature_that_repeats_others_but_for_rounding_is_none(noise):
    rng, group = np.random.default_rng(0), cycle(8)
    phi = rng.standard_normal((8, 2))
    more = np.c_[phi, 1e-6 * phi @ rng.standard_normal((2, 2))]  # in a small unit, too
    more *= 1 + noise * rng.standard_normal(more.shape)
    left = [phi[g] - phi @ np.linalg.solve(phi.T @ phi, phi.T @ phi[g]) for g in group]
    wanted = max(map(np.linalg.norm, left)) / np.linalg.norm(phi)
    assert symmetry.equivariance_error(more, group) == pytest.approx(wanted, rel=1e-9)
    R = symmetry.representation(more, group[1])
    assert np.allclose(more @ R[:2].T, phi[group[1]] - left[1], atol=1e-9)


@pytest.mark.parametrize("x, y, count", [
    (cycle(10), cycle(10), 10), ("D4 4", "D4 4", 36), ("D4 3", "D4 4", 21), ("C4 3", "C4 3", 21)])
def test_free_weights_are_the_null_space_of_the_equations(x, y, count):
    def read(name):
        if not isinstance(name, str):
            return name
        grid = np.arange(int(name[-1]) ** 2).reshape(2 * [int(name[-1])])
        turns = [np.rot90(grid, k).ravel() for k in range(4)]
        return np.array(turns + [g[grid[:, ::-1].ravel()] for g in turns] * (name[0] == "D"))

    x, y = read(x), read(y)
    n, m = x.shape[1], y.shape[1]
    rows = np.concatenate([np.kron(np.eye(m)[b], np.eye(n)) - np.kron(np.eye(m), np.eye(n)[:, a])
                           for a, b in zip(x, y)])
    assert symmetry.free_weights(x, y) == count == n * m - np.linalg.matrix_rank(rows)


# -- bad input ---------------------------------------------------------------------------

Z3 = cycle(3)
BAD = [
    (symmetry.group, {"generators": [[0, 0, 1]]}, r"generators\[0\] is no permutation; .* 0 to 2"),
    (symmetry.group, {"generators": [0, 1]}, r"generators has shape \(2,\)"),
    (symmetry.group, {"generators": [np.roll(np.arange(9), 1), [1, 0, *range(2, 9)]]},
     "generators have more than 5000 products"),
    (symmetry.fixed_points, {"permutations": [[0, 1.5]]}, r"permutations\[0\] is no permutation"),
    (symmetry.number_of_orbits, {"permutations": [[0, 1], [0]]}, "permutations is not a rectang"),
    (symmetry.soft_burnside, {"permutations": Z3, "distribution": [0.5, 0.5]},
     r"distribution has shape \(2,\); it must be \(3,\)"),
    (symmetry.soft_burnside, {"permutations": Z3, "distribution": [0.5, 0.5, 0.5]},
     "distribution sums to 1.5; probabilities must sum to 1"),
    (symmetry.forgotten_subgroup, {"support": [[0, 3]]}, r"support\[0\] is no permutation"),
    (symmetry.averaged, {"f": np.ones(3), "permutations": Z3[:2]},
     r"permutations is not a group: some product of its 2 elements .* symmetry\.group"),
    (symmetry.averaged, {"f": np.ones(3), "permutations": Z3[[0, 1, 2, 1]]},
     r"permutations\[3\] is an element that came before"),
    (symmetry.averaged, {"f": np.ones(4), "permutations": Z3}, r"f has shape \(4,\)"),
    (symmetry.representation, {"features": np.ones((4, 1)), "permutation": [0, 1, 2]},
     r"features has shape \(4, 1\)"),
    (symmetry.representation, {"features": np.ones(3), "permutation": [0, 1, 2]},
     r"features has shape \(3,\); it must be \(3, d\)"),
    (symmetry.equivariance_error, {"features": np.zeros((3, 1)), "permutations": Z3},
     "features are all 0"),
    (symmetry.equivariance_error, {"features": np.ones((3, 1)), "permutations": Z3,
                                   "p_x": [1, -1, 1]}, r"p_x\[1\] is -1"),
    (symmetry.free_weights, {"permutations_x": Z3, "permutations_y": Z3[:2]},
     "permutations_x has 3 elements and permutations_y 2"),
    (symmetry.free_weights, {"permutations_x": Z3, "permutations_y": cycle(4)[:3]},
     "permutations_x beside permutations_y is not a group"),
    (symmetry.irreducibles, {"permutations": Z3[:2]}, "permutations is not a group"),
    (gallery.group_steps, {"permutations": Z3, "distribution": np.ones(3) / 3,
                           "p_x": [0.5, 0.3, 0.2]},
     r"p_x is not invariant: element 1 moves point 0 of probability 0.5 to point 1 of"),
]


@pytest.mark.parametrize("door, given, words", BAD, ids=lambda case: getattr(case, "__name__", ""))
def test_bad_input_is_named(door, given, words):
    with pytest.raises(ValueError, match=words):
        door(**given)
