"""Every statement of the course, once, as a function that can be run.

A claim computes the two sides of a statement by different routes: one of them with
the package, the other with brute-force sums, an optimiser or plain linear algebra on
the table itself. `check` runs a claim on a context, and `ledger` lists them all.

There is a file for each topic, and it registers its claims when it is imported. What several
of them share stands on a shelf: `needs`, `given`, `by_hand` and `objectives`.
"""

from importlib import import_module
from pkgutil import iter_modules

from contexture_lite.claims.checks import Check, Survey, card, check, survey
from contexture_lite.claims.registry import Claim, Hypothesis, Sides, find, ledger
from contexture_lite.claims.table import ledger_table

__all__ = ["check", "card", "survey", "ledger", "ledger_table", "find",
           "Check", "Survey", "Claim", "Hypothesis", "Sides"]

for _file in iter_modules(__path__, f"{__name__}."):
    if not _file.name.endswith("__main__"):
        import_module(_file.name)
