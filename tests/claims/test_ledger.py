"""The ledger: every claim on its contexts and on a larger zoo; its table, and the copy in docs/."""

import functools
import re
import runpy
from pathlib import Path

import pytest

from contexture_lite import claims, gallery
from contexture_lite.claims import table as measured

pytestmark = pytest.mark.usefixtures("one_spectrum")
PAGE = Path(__file__).parents[2] / "docs/claims.md"
IDENTIFIERS = [claim.identifier for claim in claims.ledger()]


@pytest.fixture(scope="module")
def checked(zoo):
    """identifier -> {name of a context: Check}, computed once for all tests of this file."""

    @functools.cache
    def checks(identifier):
        there = {name: claims.check(identifier, context) for name, context in zoo.items()}
        return measured.outcomes()[identifier] | there

    return checks


# -- every claim, wherever it applies ----------------------------------------------


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_holds_wherever_it_applies(identifier, checked):
    applied = {name: check for name, check in checked(identifier).items() if check.applies}
    assert applied, "the claim was never tried"
    assert not [f"{name}: {check}" for name, check in applied.items() if not check]


def test_tolerance_is_1e_9_but_for_a_discretised_gaussian_and_a_limit(checked):
    for identifier in IDENTIFIERS:
        for name, check in checked(identifier).items():
            if check.applies:
                wide = "Gaussian" in name and identifier in ("closed-form", "hermite-modes")
                wide = wide or identifier == "batch-bias"  # extrapolated to endless candidates
                assert check.sides.tolerance == (1e-8 if wide else 1e-9)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_both_forms_are_free_of_noise_and_the_same_twice(identifier, checked, zoo):
    """Of its numbers a page says what the repr says: a few pages stand for all."""
    noise = re.compile(r"e-(1\d|2\d|3\d)")
    assert not [check for check in checked(identifier).values() if noise.search(repr(check))]
    for name in [name for name in zoo if checked(identifier)[name].applies][::20]:
        first, second = checked(identifier)[name], claims.check(identifier, zoo[name])
        page = first._repr_html_()
        assert not noise.search(page.partition("<pre>")[0])  # the rest is source text
        assert repr(first) == repr(second) and page == second._repr_html_()


# -- its table ---------------------------------------------------------------------


def rows(table):
    """{claim: (everything but the error, the error's bound)} of a ledger in Markdown."""
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): (cells[:-1], float(cells[-1])) for cells in lines}


@pytest.fixture(scope="module")
def table():
    return claims.ledger_table()


def test_the_ledger_is_tried_on_the_whole_gallery_and_many_random_tables():
    contexts = measured.contexts()
    assert set(gallery.examples()) < set(contexts)
    assert sum(name.startswith("random") for name in contexts) == 40


def test_every_claim_has_a_line_and_was_tried(table):
    lines = rows(table)
    assert list(lines) == IDENTIFIERS
    for known, bound in lines.values():
        assert int(known[4]) >= 1 and 1e-12 <= bound <= 1e-8


def test_every_line_has_as_many_cells_as_the_head(table):
    assert {line.count("|") for line in table.splitlines()} == {7}


@pytest.mark.parametrize(
    ("error", "bound"),
    [(0, 1e-12), (3e-17, 1e-12), (3e-14, 1e-12), (2e-12, 1e-10), (1e-10, 1e-9), (5e-9, 1e-8)],
)
def test_the_printed_bound_leaves_room_for_other_machines(error, bound):
    assert measured.error_bound(error) == pytest.approx(bound)


def test_the_page_is_current(table):
    """All but the worst error letter for letter; the error as measured here within the bound."""
    printed = rows(PAGE.read_text(encoding="utf-8"))
    now = rows(table)
    assert list(printed) == list(now), "run `make docs`"
    for claim, _, error in measured.measure():
        known, bound = printed[claim.identifier]
        assert known == now[claim.identifier][0], "run `make docs`"
        assert error <= bound


def test_the_command_prints_the_ledger(table, capsys):
    runpy.run_module("contexture_lite.claims", run_name="__main__")
    assert capsys.readouterr().out == f"{table}\n"
