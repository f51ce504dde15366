import subprocess
import sys
from pathlib import Path

import pytest

from contexture_lite import claims, gallery
from contexture_lite.claims import measured

README = Path(__file__).parents[2] / "README.md"


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
    found = rows(table)
    assert list(found) == [claim.identifier for claim in claims.ledger()]
    for known, bound in found.values():
        assert int(known[4]) >= 1 and 1e-12 <= bound <= 1e-8


def test_every_line_has_as_many_cells_as_the_head(table):
    assert {line.count("|") for line in table.splitlines()} == {7}


@pytest.mark.parametrize(
    ("error", "bound"),
    [(0, 1e-12), (3e-17, 1e-12), (3e-14, 1e-12), (2e-12, 1e-10), (1e-10, 1e-9), (5e-9, 1e-8)],
)
def test_the_printed_bound_leaves_room_for_other_machines(error, bound):
    assert measured.error_bound(error) == pytest.approx(bound)


def test_the_readme_is_current(table):
    """All but the worst error letter for letter; the error as measured here within the bound."""
    printed = README.read_text(encoding="utf-8").partition("<!-- claims:start -->")[2]
    printed = rows(printed.partition("<!-- claims:end -->")[0])
    now = rows(table)
    assert list(printed) == list(now), "run `make readme`"
    for claim, _, error in measured.measure():
        known, bound = printed[claim.identifier]
        assert known == now[claim.identifier][0], "run `make readme`"
        assert error <= bound


def test_the_command_prints_the_ledger(table):
    command = [sys.executable, "-m", "contexture_lite.claims"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert list(rows(done.stdout)) == list(rows(table))
