"""Every statement of the course, once, as a function that can be run.

A claim computes the two sides of a statement by different routes: one of them with
the package, the other with brute-force sums, an optimiser or plain linear algebra on
the table itself. `check` runs a claim on a context, and `ledger` lists them all.
"""

# isort: off
from contexture_lite.claims.machinery import Check, Claim, Hypothesis, Sides, check, find, ledger
from contexture_lite.claims import operator, spectrum, encoders, families  # noqa: F401  (they register)

# isort: on

__all__ = ["Check", "Claim", "Hypothesis", "Sides", "check", "find", "ledger"]
