"""The ledger of claims as a table: every claim run on many contexts (for docs/claims.md)."""

import math
from functools import lru_cache

import numpy as np

from contexture_lite import gallery
from contexture_lite.claims.checks import check, power
from contexture_lite.claims.registry import ledger
from contexture_lite.contexts import Context

RANDOM_CONTEXTS = 40
SMALLEST_BOUND = 1e-12  # what another machine's rounding may reach
LARGEST_BOUND = 1e-8  # the widest tolerance of any claim


def random_contexts(count=RANDOM_CONTEXTS, seed=0):
    """{name: Context}: random tables of up to 12 × 12, every fourth one with many zeros."""
    rng = np.random.default_rng(seed)
    tables = {}
    for number in range(count):
        shape = rng.integers(1, 13, size=2)
        if number % 4:
            weights = rng.gamma(0.5, size=shape) + 1e-3
        else:
            weights = rng.integers(0, 3, size=shape) * 1.0
            weights[0, 0] += 1  # never an empty table
        tables[f"random {number + 1}"] = Context.from_counts(weights, drop_empty=True)
    return tables


def contexts():
    """{name: Context}: the whole gallery and the random ones, on which the ledger is measured."""
    others = {
        "unfair bit": gallery.binary_channel(0.6, prior=0.2),
        "erasure of an uneven distribution": gallery.erasure(0.6, p=[0.6, 0.3, 0.1]),
        "crops of a circle": gallery.circle_crops(0.7, n=16),
        "thinned coin tosses": gallery.binomial_thinning(0.5),
        "Gaussian pair": gallery.gaussian_pair(0.8, n=46),
        "negative Gaussian pair": gallery.gaussian_pair(-0.8, n=46),
        "names changed": Context([[0, 0.2, 0], [0, 0, 0.5], [0.3, 0, 0]]),
        "independent": gallery.independent(3, 4),
    }
    return gallery.examples() | others | random_contexts()


@lru_cache(maxsize=1)
def outcomes():
    """{identifier: {name of a context: Check}}: every claim on every one of the `contexts`."""
    tried = contexts()
    return {
        claim.identifier: {name: check(claim.identifier, tried[name]) for name in tried}
        for claim in ledger()
    }


@lru_cache(maxsize=1)
def measure():
    """((claim, number of contexts it applies to, worst error), …) over the `contexts`."""
    rows = []
    for claim in ledger():
        checks = outcomes()[claim.identifier].values()
        errors = [outcome.error for outcome in checks if outcome.applies]
        rows.append((claim, len(errors), max(errors)))
    return tuple(rows)


def error_bound(error):
    """Ten times the next power of ten, so that it also covers other machines.

    Never below 1e-12, nor above the 1e-8 that every claim must keep anyway.
    """
    if error <= 0:
        return SMALLEST_BOUND
    bound = 10.0 ** (math.ceil(math.log10(error)) + 1)
    return min(max(bound, SMALLEST_BOUND), LARGEST_BOUND)


def ledger_line(claim, count, error):
    """One line of the table."""
    known = f"`{claim.identifier}` | {claim.statement} | {claim.source} | {claim.taught_in}"
    return f"| {known} | {count} | {power(error_bound(error))} |"


def ledger_table():
    """Every claim as a Markdown table: statement, source, where it is taught, how checked."""
    head = ["| claim | statement | source | notebook | contexts | error at most |",
            "| --- | --- | --- | --- | ---: | ---: |"]
    return "\n".join([*head, *(ledger_line(*row) for row in measure())])
