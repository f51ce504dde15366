"""Ways in which the package could be wrong, for the tests that every claim can fail.

Each takes pytest's monkeypatch and a context, and may return another one to look at. What a file
`tests/claims/test_*_can_fail.py` holds, `tests/claims/test_mutations.py` tries for all of them.
"""

import copy
import sys
from dataclasses import replace

import numpy as np

import contexture_lite as cl
from contexture_lite.claims import given

TRUE = cl.singular_system
_rng = np.random.default_rng(3)
ORDINARY = cl.Context.from_counts(_rng.gamma(0.5, size=(6, 5)) + 0.01)
_square = _rng.gamma(0.5, size=(6, 6)) + 0.01
GRAPH = cl.Context.from_counts(_square + _square.T)


def draw(monkeypatch, options):
    """The options of a claim; what is called as in `claims.given` is drawn there from now on."""
    drawn = [name for name in options if hasattr(given, name)]
    for name in drawn:
        monkeypatch.setattr(given, name, lambda *where, value=options[name], **more: value)
    return {name: value for name, value in options.items() if name not in drawn}


def everywhere(monkeypatch, name, wrong):
    """Every module of claims that uses the package's ``name`` gets a wrong one."""
    for path, module in list(sys.modules.items()):
        if path.startswith("contexture_lite.claims.") and hasattr(module, name):
            monkeypatch.setattr(module, name, wrong)


def use_system(monkeypatch, change, *others):
    """Every module of claims, and the other modules, get a singular system that is changed."""

    def wrong(context, *arguments, **options):
        return change(TRUE(context, *arguments, **options))

    everywhere(monkeypatch, "singular_system", wrong)
    for module in others:
        monkeypatch.setattr(module, "singular_system", wrong)


def small_values(monkeypatch, context):
    """Singular values too small, and functions too long."""
    use_system(
        monkeypatch,
        lambda s: replace(s, values=0.9 * s.values**2, left=1.1 * s.left, right=1.1 * s.right),
    )


def large_values(monkeypatch, context):
    """Singular values too large."""
    use_system(monkeypatch, lambda s: replace(s, values=1.1 * np.sqrt(s.values)))


def wrong_functions(monkeypatch, context):
    """The right values with the functions of other points."""
    use_system(
        monkeypatch,
        lambda s: replace(s, left=np.roll(s.left, 1, axis=0), right=np.roll(s.right, 1, axis=0)),
    )


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

    mutation.__name__ = f"{name}_{doc}"
    return mutation
