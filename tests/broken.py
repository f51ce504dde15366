"""Ways in which the package could be wrong, for the tests that every claim can fail.

Each takes pytest's monkeypatch and a context, and returns the context to look at.
"""

import copy
import sys
from dataclasses import replace

import numpy as np

import contexture_lite as cl
from contexture_lite import claims

TRUE = cl.singular_system


def use_system(monkeypatch, change):
    """Every module of claims gets a singular system that is changed."""

    def wrong(context, *arguments, **options):
        return change(TRUE(context, *arguments, **options))

    for name, module in list(sys.modules.items()):
        if name.startswith("contexture_lite.claims.") and hasattr(module, "singular_system"):
            monkeypatch.setattr(module, "singular_system", wrong)


def small_values(monkeypatch, context):
    """Singular values too small, and functions too long."""
    use_system(
        monkeypatch,
        lambda s: replace(s, values=0.9 * s.values**2, left=1.1 * s.left, right=1.1 * s.right),
    )
    return context


def large_values(monkeypatch, context):
    """Singular values too large."""
    use_system(monkeypatch, lambda s: replace(s, values=1.1 * np.sqrt(s.values)))
    return context


def wrong_functions(monkeypatch, context):
    """The right values with the functions of other points."""
    use_system(
        monkeypatch,
        lambda s: replace(s, left=np.roll(s.left, 1, axis=0), right=np.roll(s.right, 1, axis=0)),
    )
    return context


def wrong_marginals(monkeypatch, context):
    """The context divides by half of its marginals."""
    broken = copy.copy(context)
    object.__setattr__(broken, "p_x", context.p_x / 2)
    object.__setattr__(broken, "p_a", context.p_a / 2)
    return broken


def another_answer(module, name, wrong, doc="wrong"):
    """The module's function ``name`` has another answer, wrong(the true one)."""
    true = getattr(module, name)

    def mutation(monkeypatch, context):
        monkeypatch.setattr(module, name, lambda *given, **options: wrong(true(*given, **options)))
        return context

    mutation.__name__ = f"{name}_{doc}"
    return mutation


def cases(mutations):
    """(identifier, context, mutation, options) of {identifier: list of the rest}, for pytest."""
    return [(name, *case) for name, ways in mutations.items() for case in ways]


def name_of(case):
    """What pytest calls it."""
    return f"{case[0]}-{case[2].__name__}"


def assert_found_out(case, monkeypatch):
    """The claim holds, and no longer once the package is broken."""
    identifier, context, mutation = case[:3]
    options = case[3] if len(case) > 3 else {}
    assert claims.check(identifier, context, **options)
    broken = mutation(monkeypatch, context)
    sides = claims.find(identifier).function(broken, **options)
    assert not sides.agree and sides.error > 1e-4, sides
