"""Ways in which the package could be wrong, for the tests that every claim can fail.

Each takes pytest's monkeypatch and a context, and may return another one to look at. A file that
uses them has MUTATIONS = {claim: [(context, what is broken, options), …]}, and for the claims
with a hypothesis that can be violated OUTSIDE = {claim: (context, options)}.
"""

import copy
import sys
from dataclasses import replace

import numpy as np

import contexture_lite as cl
from contexture_lite import claims

TRUE = cl.singular_system
_rng = np.random.default_rng(3)
ORDINARY = cl.Context.from_counts(_rng.gamma(0.5, size=(6, 5)) + 0.01)
_square = _rng.gamma(0.5, size=(6, 6)) + 0.01
GRAPH = cl.Context.from_counts(_square + _square.T)


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
    broken = mutation(monkeypatch, context) or context
    sides = claims.find(identifier).function(broken, **options)
    assert not sides.agree and sides.error > 1e-4, sides


def assert_differs_outside(identifier, context, options):
    """Outside its hypotheses the claim does not apply; computed anyway, the sides differ."""
    assert not claims.check(identifier, context, **options).applies
    check = claims.check(identifier, context, anyway=True, **options)
    assert check.holds is False and not check.applies and check.error > 1e-3
    assert "outside its hypotheses" in repr(check) and "✗" in check._repr_html_()


def assert_survey_holds(context, notebook, least=0):
    """On any table the notebook's claims hold or do not apply, and at least so many hold."""
    survey = claims.survey(context, taught_in=notebook)
    assert all(check.holds or not check.applies for check in survey.checks)
    assert sum(map(bool, survey.checks)) >= least
