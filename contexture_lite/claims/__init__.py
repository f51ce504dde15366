"""Every statement of the course, once, as a function that can be run.

A claim computes the two sides of a statement by different routes: one of them with
the package, the other with brute-force sums, an optimiser or plain linear algebra on
the table itself. `check` runs a claim on a context, and `ledger` lists them all.
"""

from contexture_lite.claims import (  # isort: skip  (importing registers, in teaching order)
    operator,  # noqa: F401
    spectrum,  # noqa: F401
    encoders,  # noqa: F401
    families,  # noqa: F401
    compatibility,  # noqa: F401
    tasks,  # noqa: F401
    supervised,  # noqa: F401
    contrastive,  # noqa: F401
    noncontrastive,  # noqa: F401
    extraction,  # noqa: F401
    usefulness,  # noqa: F401
    mixing,  # noqa: F401
    concatenation,  # noqa: F401
    agreement,  # noqa: F401
    statistics,  # noqa: F401
    shift,  # noqa: F401
)
from contexture_lite.claims.machinery import (
    Check,
    Claim,
    Hypothesis,
    Sides,
    Survey,
    check,
    find,
    ledger,
    survey,
)
from contexture_lite.claims.measured import ledger_table

__all__ = ["check", "survey", "ledger", "ledger_table", "find",
           "Check", "Survey", "Claim", "Hypothesis", "Sides"]
