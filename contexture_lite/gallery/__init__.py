"""The running cast: contexts whose singular values are known in closed form.

Each function returns a dense `Context` with ``exact_values``, the non-constant singular
values of the formula (largest first, zeros included). The first argument is the strength
of the association: 0 makes X and A independent and 1 is the strongest of the family,
unless the docstring says otherwise. N and M stay the same while the strength moves, except
where a context value loses all its mass (less than 1e-150 is left), as "?" does in an
erasure that keeps everything: such a value is left out, with its label. `orbits` and
`group_steps` begin with the action of a group in the place of a strength.

Arguments out of range raise ValueError, arguments of a wrong kind TypeError; both name the
argument. No context here has more than 25 million cells (200 MB).
"""

from contexture_lite.gallery.actions import group_steps, orbits
from contexture_lite.gallery.channels import (
    binary_channel,
    binomial_thinning,
    erasure,
    gaussian_pair,
    hidden_mixture,
    symmetric_channel,
)
from contexture_lite.gallery.factors import product, reflecting_walk
from contexture_lite.gallery.groups import (
    binary_tree,
    clusters,
    deterministic_label,
    identity,
    independent,
)
from contexture_lite.gallery.masks import masked_tokens
from contexture_lite.gallery.walks import circle_crops, cycle_walk, hypercube

__all__ = [
    "binary_channel", "symmetric_channel", "erasure", "hidden_mixture", "cycle_walk",
    "hypercube", "masked_tokens", "clusters", "binary_tree", "deterministic_label",
    "independent", "identity", "gaussian_pair", "circle_crops", "binomial_thinning",
    "reflecting_walk", "product", "orbits", "group_steps", "examples",
]  # fmt: skip


def examples():
    """Fifteen of them at one setting each: {readable name: Context}.

    A small table of reference: each is used wherever a statement is tried on all contexts.
    """
    return {
        "binary symmetric, flip .1": binary_channel(0.8),
        "3 letters, strength .5": symmetric_channel(0.5, n=3),
        "erasure of 4, keep .6": erasure(0.6, n=4),
        "hidden mixture of 4, strength .6": hidden_mixture(0.6, n=4),
        "8-cycle walk": cycle_walk(0, n=8),
        "lazy 8-cycle": cycle_walk(0.5, n=8),
        "ring of 8, 3 nearest": circle_crops(5 / 8, n=8),
        "3-cube, flip .1": hypercube(0.8, n_bits=3),
        "3 clusters of 3, error .1": clusters(0.85, n_clusters=3, size=3),
        "3 classes of 3, no noise": deterministic_label(3, size=3),
        "3 masked bits, keep .6": masked_tokens(0.6),
        "prefix of 3 bits": masked_tokens(1, kept="prefix"),
        "one of 3 bits hidden": masked_tokens(1, kept="hide_one"),
        "tree of 4 leaves (.6, .3, .1)": binary_tree(0.8, inner=1 / 3),
        "identity of 5": identity(5),
    }
