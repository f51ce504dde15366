"""Every claim of notebook 13 is seen to fail when the package is wrong; and its options."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from broken import (
    ORDINARY,
    another_answer,
    draw,
    everywhere,
    large_values,
    use_system,
)

import contexture_lite as cl
from contexture_lite import claims, gallery, symmetry

use = partial(another_answer, symmetry)
UNIFORM, LAZY = gallery.hypercube(0.6), gallery.cycle_walk(0.6, n=7)
TRUE = {name: getattr(gallery, name) for name in ("orbits", "group_steps")}


def fewer_orbits(monkeypatch, context):
    """Only the first half of the group."""
    monkeypatch.setattr(gallery, "orbits", lambda permutations, p_x: TRUE["orbits"](
        permutations[:1], p_x))


def dimension_twice(monkeypatch, context):
    """Each value once more."""
    monkeypatch.setattr(gallery, "group_steps", lambda *given: replace_exact(given))


def replace_exact(given):
    context = TRUE["group_steps"](*given)
    object.__setattr__(context, "exact_values", np.repeat(context.exact_values[::2], 2)[:7])
    return context


def in_the_wrong_order(monkeypatch, context):
    """Fixed points of products in the place of quotients: gh for g⁻¹h."""
    def wrong(permutations, nu):
        return sum(u * v * (g[h] == np.arange(len(h))).sum()
                   for u, g in zip(nu, permutations) for v, h in zip(nu, permutations))

    monkeypatch.setattr(symmetry, "soft_burnside", wrong)


def of_the_support(monkeypatch, context):
    """The group that the support itself generates."""
    monkeypatch.setattr(symmetry, "forgotten_subgroup", symmetry.group)


def half_the_group(monkeypatch, context):
    """An average over some elements only."""
    monkeypatch.setattr(symmetry, "averaged", lambda f, permutations: np.mean(
        [f[g] for g in permutations[:4]], axis=0))


def features_elsewhere(monkeypatch, context):
    """Features of other inputs."""
    rng = np.random.default_rng(0)
    use_system(monkeypatch, lambda s: replace(s, left=rng.permutation(s.left)))


def squared_compatibility(monkeypatch, context):
    """ρ² in the place of ρ."""
    everywhere(monkeypatch, "compatibility", lambda *given: cl.compatibility(*given) ** 2)


turned_back = use("representation", lambda R: R.T, "turned_back")
MUTATIONS = {  # claim: (context, what is broken)
    "orbit-context": [(UNIFORM, fewer_orbits), (ORDINARY, large_values),
                      (UNIFORM, use("fixed_points", lambda fixed: fixed[1:], "without_one"))],
    "group-spectrum": [(UNIFORM, dimension_twice)],
    "augmentation-counted": [(UNIFORM, in_the_wrong_order),
                             (UNIFORM, use("soft_burnside", lambda count: count - 1, "less_one"))],
    "what-is-forgotten": [(UNIFORM, of_the_support, {"support": (1,)}),
                          (UNIFORM, use("number_of_orbits", lambda count: count + 1, "one_more"))],
    "averaging-helps": [(UNIFORM, half_the_group)],
    "invariance-cost": [(UNIFORM, half_the_group)],
    "equivariant-encoder": [(LAZY, turned_back), (LAZY, features_elsewhere)],
    "content-times-pose": [(ORDINARY, large_values)],
    "compatible-pose": [(LAZY, squared_compatibility)],
    "predicted-pose": [(ORDINARY, large_values)],
    "free-weights": [(UNIFORM, use("free_weights", lambda count: count + 1, "one_more"))],
}
OUTSIDE = {"equivariant-encoder": (LAZY, {"d": 3})}


# -- options -----------------------------------------------------------------------------

CYCLE = symmetry.group([np.roll(np.arange(8), -1)])


def test_a_group_that_is_brought_is_used(monkeypatch):
    mirror = (-np.arange(8)) % 8
    D8 = symmetry.group([CYCLE[1], mirror])
    for permutations in (CYCLE, D8, CYCLE[::4]):
        for identifier in ("group-spectrum", "augmentation-counted", "what-is-forgotten",
                           "invariance-cost"):
            assert claims.check(identifier, UNIFORM, permutations=permutations)
        draw(monkeypatch, {"group_on": permutations})
        for identifier in ("averaging-helps", "free-weights"):
            assert claims.check(identifier, UNIFORM)
    draw(monkeypatch, {"group_on": [np.arange(8), mirror]})
    check = claims.check("orbit-context", UNIFORM)
    assert check and check.sides.left[0] == pytest.approx(5)
    check = claims.check("augmentation-counted", UNIFORM, permutations=CYCLE,
                         distribution=np.eye(8)[3])
    assert check.sides.left == pytest.approx(8)  # a fixed step forgets nothing
    check = claims.check("what-is-forgotten", UNIFORM, permutations=CYCLE, support=(1, 3))
    assert check and check.sides.right == 2


def test_a_group_whose_representations_are_not_known_is_not_tried():
    step, swap = [1, 2, 3, 4, 0, 5, 6, 7], [1, 0, 2, 3, 4, 5, 6, 7]
    places = symmetry.group([step, swap])  # all permutations of five points
    check = claims.check("group-spectrum", UNIFORM, permutations=places)
    assert not check.applies and "commutative half, this one comes with another" in repr(check)


@pytest.mark.parametrize("identifier, options, words", [
    ("group-spectrum", {"permutations": CYCLE[:2]}, "permutations is not a group"),
    ("augmentation-counted", {"distribution": [1.0]}, r"distribution has shape \(1,\)"),
    ("invariance-cost", {"f": [1.0]}, r"f has shape \(1,\)"),
    ("equivariant-encoder", {"d": 0}, "d is 0"),
])
def test_bad_options_are_named(identifier, options, words):
    with pytest.raises(ValueError, match=words):
        claims.check(identifier, gallery.cycle_walk(0.6, n=8), **options)
