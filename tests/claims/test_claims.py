"""Statements on contexts that Hypothesis makes; what a claim needs; how a check shows itself."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import contexture_lite as cl
from contexture_lite import claims, gallery
from contexture_lite.claims import given as drawn
from contexture_lite.claims import registry

pytestmark = pytest.mark.usefixtures("one_spectrum")
PACKAGE = Path(claims.__file__).parent
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
MASKED = gallery.masked_tokens(0.6)
IDENTIFIERS = [claim.identifier for claim in claims.ledger()]


# -- the statements are true (and in test_ledger, on a large zoo) ------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_holds_for_other_random_choices(identifier, seed, zoo, monkeypatch):
    monkeypatch.setattr(drawn, "SEED", seed)
    for context in (MASKED, *map(zoo.get, ("three blocks", "random 4 2x5", "long"))):
        check = claims.check(identifier, context)
        assert check or not check.applies, (context, check)


@pytest.mark.parametrize("d", [1, 2, 3, 7])
@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_holds_for_every_number_of_features(identifier, d, monkeypatch):
    monkeypatch.setattr(drawn, "FEATURES", d)
    for context in (gallery.hypercube(0.6), gallery.cycle_walk(0.3, 8), gallery.cycle_walk(0.3, 5)):
        check = claims.check(identifier, context)
        assert check or not check.applies, (context, check)


@pytest.mark.parametrize(
    "identifier", [claim.identifier for claim in claims.ledger() if "d" in claim.options]
)
def test_holds_for_every_number_of_features_that_is_asked_for(identifier):
    checks = [claims.check(identifier, gallery.cycle_walk(0.3, n=8), d=d) for d in (1, 2, 3, 7)]
    assert all(check or not check.applies for check in checks), checks
    assert any(checks)


counts = hnp.arrays(
    int,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7),
    elements=st.sampled_from([0, 0, 1, 1, 2, 7, 100]),
).filter(lambda table: table.sum() > 0)


@settings(max_examples=30)
@given(table=counts)
def test_all_hold_on_tables_nobody_would_think_of(table):
    context = cl.Context.from_counts(table, drop_empty=True)
    for identifier in IDENTIFIERS:
        check = claims.check(identifier, context)
        assert check or not check.applies, check


def test_an_optimiser_is_not_caught_at_the_smallest_correlation():
    for k in range(1, 40):
        table = cl.Context.from_counts([[0, 1], [k, 0]])  # ±1 are all the correlations there are
        assert claims.check("maximal-correlation", table)


def test_a_thread_too_thin_for_rounding_is_named():
    nearly = gallery.hidden_mixture(1 - 1e-16, p=[0.5, 0.5])
    check = claims.check("components", nearly)
    assert not check.applies and "falls into 2 pieces but for such threads" in repr(check)
    assert claims.check("components", gallery.hidden_mixture(0.999, p=[0.5, 0.5]))


@settings(max_examples=30)
@given(
    strength=st.floats(0, 1),
    p=st.lists(st.floats(0.01, 1), min_size=2, max_size=6),
)
def test_all_hold_from_near_independence_to_near_identity(strength, p):
    context = gallery.hidden_mixture(strength, p=p)
    for identifier in IDENTIFIERS:
        check = claims.check(identifier, context)
        assert check or not check.applies, check


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_sparse_tables_give_the_same_check(identifier):
    for dense in (MASKED, gallery.cycle_walk(0.5), gallery.identity(4)):
        sparse = cl.Context(sp.csr_array(dense.joint), exact_values=dense.exact_values)
        assert repr(claims.check(identifier, sparse)) == repr(claims.check(identifier, dense))


def test_the_reader_may_bring_the_function():
    check = claims.check("contraction", gallery.binary_channel(0.8), g=[1, -1])
    assert np.allclose([check.sides.left, check.sides.right], [0.8, 1])


# -- hypotheses --------------------------------------------------------------------


def test_a_violated_hypothesis_is_reported_not_failed():
    check = claims.check("fisher-bound", gallery.deterministic_label(3))
    assert not check.applies and check.holds is None and check.error is None and not check
    assert repr(check) == (
        "fisher-bound: does not apply: needs s₁ < 1, a connected context, "
        "this one has 3 components"
    )
    assert "✗" not in check._repr_html_() and "has 3 components" in check._repr_html_()


@pytest.mark.parametrize(
    ("identifier", "context", "words"),
    [
        ("chi-square", cl.Context([[0.5, 0.5]]), "this one is 1×2"),
        ("closed-form", cl.Context(np.eye(3) / 3), "this one carries none"),
        ("two-by-two", gallery.identity(3), "this one is 3×3"),
        ("walsh-modes", gallery.identity(6), "this one is 6×6"),
        ("fourier-values", gallery.independent(2, 3), "this one is 2×3"),
        ("power-iteration", gallery.independent(3), "this one has s₁ below 1e-4"),
        ("hermite-modes", gallery.circle_crops(0.5), "this one is none"),
    ],
)
def test_what_cannot_be_computed_is_refused_even_anyway(identifier, context, words):
    assert words in repr(claims.check(identifier, context))
    with pytest.raises(ValueError, match=f"cannot be computed: .*{words}"):
        claims.check(identifier, context, anyway=True)


def test_wrong_weights_break_what_holds_for_the_right_ones():
    uniform = {"weights_x": [0.5, 0.5], "weights_a": [0.5, 0.5]}
    lopsided = cl.Context.from_counts([[9, 0], [1, 1]])
    assert claims.check("contraction", lopsided, g=[1, 0])
    assert not claims.check("contraction", lopsided, g=[1, 0], **uniform)


# -- how it shows itself -----------------------------------------------------------


def test_repr_gives_both_sides_and_never_the_noise():
    context = gallery.binary_channel(0.8)
    assert repr(claims.check("chi-square", context)) == (
        "chi-square: holds; 0.6400 = 0.6400; largest difference below 1e-9"
    )
    assert repr(claims.check("information", context)) == (
        "information: holds; 0.3681 ≤ 0.4947; largest excess below 1e-9"
    )
    assert repr(claims.check("components", gallery.deterministic_label(3))) == (
        "components: holds; 3 = 3; largest difference below 1e-9"
    )
    assert repr(claims.check("closed-form", gallery.cycle_walk(0, n=8))) == (
        "closed-form: holds; 7 numbers; largest difference below 1e-9"
    )


def test_repr_of_a_broken_claim_shows_the_difference():
    check = claims.check("fourier-values", gallery.binary_tree(0.5), anyway=True)
    assert "; 0.0000 ≠ 0.2652, the worst of 7; " in repr(check)
    assert re.search(r"largest difference \d\.\d{4}$", repr(check))
    infinite = claims.check("fisher-bound", gallery.identity(4), anyway=True)
    assert "cannot be compared outside its hypotheses" in repr(infinite)
    assert "∞ ? ∞" in repr(infinite)


@pytest.mark.parametrize("show", [claims.check, claims.card])
def test_a_check_shows_title_statement_numbers_verdict_source_and_routes(show):
    page = show("chi-square", gallery.binary_channel(0.8))._repr_html_()
    claim = claims.find("chi-square")
    for part in ("✓", claim.title, claim.statement, "0.6400", "<b>holds</b>", claim.source):
        assert part in page
    assert "return Sides(context.chi2(), np.sum(singular_system(context)" in page
    assert "Needs s₁ &lt; 1" in show("fisher-bound", gallery.hypercube(0.5))._repr_html_()


def test_what_is_below_and_above_the_line_stands_there_and_names_of_functions_stay():
    page = claims.card("convolution-minimum", gallery.cycle_walk(0.6))._repr_html_()
    assert "s<sub>k</sub> of the convolution" in page
    assert all("<sub>loss" not in claims.card(claim.identifier, MASKED)._repr_html_()
               for claim in claims.ledger() if "alignment_loss" in "".join(claim.routes))


def test_a_check_is_one_line_that_unfolds_and_a_card_is_open():
    line = claims.check("chi-square", gallery.binary_channel(0.8))._repr_html_()
    assert line.startswith("<details><summary>✓ holds (0.6400 = 0.6400) · χ² is the sum of")
    assert line.index("</summary>") < line.index(r"$\chi^2") and line.endswith("</details>")
    card = claims.card("chi-square", gallery.binary_channel(0.8))._repr_html_()
    assert card.count("<details>") == line.count("<details>") - 1 == 1
    assert card.index(r"$\chi^2") < card.index("<details>")


def test_of_an_array_one_sees_its_size_or_the_pair_that_matters():
    def compared(left, right, relation="="):
        return claims.Check(claims.find("chi-square"), claims.Sides(left, right, 1e-9, relation),
                            (), "").compared()

    assert compared(np.ones((16, 7)), np.ones((16, 7)) + 1e-12) == "112 numbers"
    assert compared([1, 2], [1, 3]) == "2 ≠ 3, the worst of 2"
    assert compared([0, 0.5, 1], [0, 0.6, 2], "<=") == "0.5000 ≤ 0.6000, the closest of 3"
    assert compared([0, 0.5, 1], 0.4, "<=") == "1.0000 > 0.4000, the worst of 3"
    assert compared([0, 0], [0, 0], "<=") == "0 ≤ 0, the closest of 2"
    assert compared([1.0, np.nan], [1.0, 1]) == "undefined ? 1.0000, the worst of 2"
    noise = [0.5 + 1e-15, 0.7 - 1e-15]  # which is closest must not hang on it
    assert compared(noise, [0.6, 0.8], "<=") == compared([0.5, 0.7], [0.6, 0.8], "<=")


@pytest.mark.parametrize("claim", claims.ledger(), ids=IDENTIFIERS)
def test_how_the_sides_were_computed_is_told_by_their_source(claim):
    source = claim.how()
    assert "return " in source and "@claim" not in source


@pytest.mark.parametrize("claim", claims.ledger(), ids=IDENTIFIERS)
def test_a_claim_is_written_so_that_it_shows_well(claim):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.identifier)
    assert list(NOTEBOOKS.glob(f"{claim.taught_in}_*.ipynb"))
    assert claim.source and claim.title
    assert "|" not in claim.statement + claim.source + "".join(claim.routes)  # they stand in tables
    assert "\n" not in claim.statement and claim.statement.count("$") % 2 == 0
    assert len(claim.routes) == 2 and claim.routes[0] != claim.routes[1]
    braces = claim.statement.replace(r"\{", "").replace(r"\}", "")
    assert braces.count("{") == braces.count("}")


def test_a_file_of_claims_imports_no_other():
    """What two of them share stands on a shelf; so the ledger does not depend on their order."""
    module = re.compile(r"from contexture_lite\.claims(?:\.(\w+)| import (\w+))")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")}
    topics = {name for name, text in texts.items() if "\nclaim = lesson(" in text}
    assert {claim.function.__module__.split(".")[-1] for claim in claims.ledger()} <= {
        *topics, "objectives"}
    for topic in topics:
        imported = {name for pair in module.findall(texts[topic]) for name in pair}
        assert not imported & topics


def test_a_lesson_has_its_notebook_its_source_and_its_place(monkeypatch):
    monkeypatch.setattr(registry, "_LEDGER", {})
    second = registry.lesson("07", source="theirs", part=2)
    second("late", "", "", routes=())(None)
    registry.lesson("07")("early", "", "", source="ours", routes=())(None)
    second("elsewhere", "", "", taught_in="06", routes=())(None)
    assert [(c.identifier, c.source, c.taught_in) for c in claims.ledger()] == [
        ("elsewhere", "theirs", "06"), ("early", "ours", "07"), ("late", "theirs", "07")]


# -- bad input ---------------------------------------------------------------------


def test_an_unknown_identifier_names_the_near_ones():
    with pytest.raises(ValueError, match=r"identifier is 'chisquare'.*near it: chi-square"):
        claims.check("chisquare", gallery.identity(3))
    with pytest.raises(ValueError, match=r"near it: .*fisher-bound"):
        claims.find("fisher")
    with pytest.raises(ValueError, match="there are: adjoint, "):
        claims.find("zzz")
    with pytest.raises(TypeError, match=r"identifier is 3"):
        claims.find(3)


@pytest.mark.parametrize("context", [np.eye(3) / 3, None, "identity", [[1.0]]])
def test_what_is_not_a_context_is_refused(context):
    with pytest.raises(TypeError, match=r"context is a .*it must be a Context"):
        claims.check("adjoint", context)


def test_a_table_too_large_for_brute_force_is_refused():
    huge = cl.Context(sp.eye_array(2001).tocsr() / 2001)
    with pytest.raises(ValueError, match="context has 2001×2001 cells"):
        claims.check("adjoint", huge)


@pytest.mark.parametrize(
    ("identifier", "options", "error", "words"),
    [
        ("contraction", {"d": 2}, TypeError, "has no option 'd'; it takes g, weights_x"),
        ("keeps-constants", {"g": 1}, TypeError, "no option 'g'; it takes no options"),
        ("contraction", {"g": [1, 2]}, ValueError, r"g has shape \(2,\); it must be \(4,\)"),
        ("contraction", {"g": [1, np.nan, 0, 0]}, ValueError, r"g\[1\] is nan"),
        ("contraction", {"g": ["a"] * 4}, TypeError, "g has dtype"),
        ("contraction", {"weights_x": [1]}, ValueError, "weights_x has shape"),
        ("ratio-trace-bound", {"d": 0}, ValueError, "d is 0"),
        ("ratio-trace-bound", {"d": 9}, ValueError, "d is 9; this context has 3"),
        ("ratio-trace-bound", {"d": 1.5}, TypeError, "d is 1.5"),
        ("closed-form", {"modes": 0}, ValueError, "modes is 0"),
    ],
)
def test_bad_options_are_named(identifier, options, error, words):
    with pytest.raises(error, match=words):
        claims.check(identifier, gallery.symmetric_channel(0.5), **options)


def test_sides_refuse_what_cannot_be_compared():
    with pytest.raises(ValueError, match="relation is '<'"):
        claims.Sides(1, 2, relation="<")
    with pytest.raises(ValueError, match="nothing to compare"):
        _ = claims.Sides([], []).error
    assert claims.Sides(np.nan, 1.0).error == np.inf
    assert claims.Sides([1, 2], [1, 3]).error == pytest.approx(1 / 3)
    assert claims.Sides([1, 2], [1, 3], relation="<=").error == 0
    assert claims.Sides(0.5, 0.25, relation="<=").error == 0.25


def test_a_survey_runs_the_claims_of_a_notebook_and_counts_them():
    survey = claims.survey(gallery.binary_channel(0.8), taught_in="01")
    assert len(survey.checks) == sum(c.taught_in == "01" for c in claims.ledger())
    text = survey._repr_html_()
    assert text.startswith("<details><summary>What else the package checks: ")
    assert text.count("<tr>") == len(survey.checks) and "χ²" in text
    hold = sum(map(bool, survey.checks))
    assert repr(survey).startswith(f"{hold} claims hold, 0 fail, ")
    with pytest.raises(ValueError, match="taught_in is '99'"):
        claims.survey(gallery.binary_channel(0.8), taught_in="99")
    with pytest.raises(TypeError, match="context is a list"):
        claims.survey([[1]])
