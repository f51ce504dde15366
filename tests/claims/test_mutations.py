"""Every claim can fail: what the files test_*_can_fail.py say is wrong, is found out.

Such a file has MUTATIONS = {claim: [(context, what is broken, options), …]}; for the claims with
a hypothesis that can be violated OUTSIDE = {claim: (context, options)}; and may have SURVEYED =
{notebook: (contexts, how many claims hold at least)}. Among the options may be what is there in
the place of a random draw, by its name in `claims.given`. One notebook's alone: ``-k nb11``.
"""

import runpy
from pathlib import Path

import pytest
from broken import draw

from contexture_lite import claims

FILES = [runpy.run_path(str(path)) for path in Path(__file__).parent.glob("test_*_can_fail.py")]
LEDGER = {claim.identifier: claim for claim in claims.ledger()}


def of_all(name):
    """(notebook, identifier or notebook, what stands there) of all files."""
    entries = [entry for file in FILES for entry in file.get(name, {}).items()]
    return sorted(((f"nb{LEDGER[key].taught_in if key in LEDGER else key}", key, value)
                   for key, value in entries), key=lambda entry: entry[:2])


MUTATIONS, OUTSIDE = of_all("MUTATIONS"), of_all("OUTSIDE")
WAYS = [pytest.param(key, *way, id=f"{notebook}-{key}-{way[1].__name__}")
        for notebook, key, ways in MUTATIONS for way in ([*w, {}][:3] for w in ways)]
SURVEYS = [pytest.param(key, context, least, id=f"{notebook}-{context}")
           for notebook, key, (contexts, least) in of_all("SURVEYED") for context in contexts]


def test_every_claim_is_broken_in_one_of_the_files_and_so_is_every_hypothesis():
    assert sorted(key for _, key, _ in MUTATIONS) == sorted(LEDGER)
    can = [key for key, claim in LEDGER.items() if any(not h.to_compute for h in claim.hypotheses)]
    assert sorted(key for _, key, _ in OUTSIDE) == sorted(can)


@pytest.mark.parametrize("identifier, context, mutation, options", WAYS)
def test_a_wrong_package_is_found_out(identifier, context, mutation, options, monkeypatch):
    options = draw(monkeypatch, options)
    assert claims.check(identifier, context, **options)
    broken = mutation(monkeypatch, context) or context
    sides = LEDGER[identifier].function(broken, **options)
    assert not sides.agree and sides.error > 1e-4, sides


@pytest.mark.parametrize("identifier, context, options", [
    pytest.param(key, *value, id=f"{notebook}-{key}") for notebook, key, value in OUTSIDE])
def test_outside_its_hypotheses_a_claim_does_not_apply_and_its_sides_differ(
        identifier, context, options, monkeypatch):
    options = draw(monkeypatch, options)
    assert not claims.check(identifier, context, **options).applies
    check = claims.check(identifier, context, anyway=True, **options)
    assert check.holds is False and not check.applies and check.error > 1e-3
    assert "outside its hypotheses" in repr(check) and "✗" in check._repr_html_()


@pytest.mark.parametrize("notebook, context, least", SURVEYS)
def test_on_any_table_a_notebooks_claims_hold_or_do_not_apply(notebook, context, least):
    survey = claims.survey(context, taught_in=notebook)
    assert all(check.holds or not check.applies for check in survey.checks)
    assert sum(map(bool, survey.checks)) >= least
