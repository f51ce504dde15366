"""The contexts of the cast along their strength."""

import numpy as np
import pytest

from contexture_lite.teach.cast import members


@pytest.mark.parametrize("name", ["clusters", "hypercube", "Gaussian pair", "binary tree",
                                  "masked tokens"])
def test_a_small_step_of_the_strength_changes_no_function_much(name):
    """Away from the ends, where functions cross."""
    for before, after in zip(members.systems(name)[10:40], members.systems(name)[11:41]):
        overlap = np.einsum("xi,xi,x->i", before.left, after.left, before.p_x)[:1]
        assert overlap > 0.95
