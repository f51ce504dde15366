"""Notebook 09: solutions beside oracles, wrong answers beside their hints."""

from functools import cache

import numpy as np
import pytest
from exercising import agree_with, gets_hints

import contexture_lite as cl
from contexture_lite.teach.nb09_samples import experiment


@pytest.fixture(scope="module", autouse=True)
def functions_once():
    """The answers to ex_09_2 repeat one experiment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "_functions", cache(experiment._functions))
        yield


def risk(energies, d, m, noise):
    return cl.sampling.probe_risk(energies, d, m, noise).total


def fewest(energies, noise, wanted):
    """By trying all numbers of labels; what no function carries comes last."""
    full = np.append(energies, 1 - energies.sum())
    return next((m for m in range(1, 200) for d in range(1, len(full))
                 if risk(full, d, m, noise) <= wanted), np.inf)


test_a_solution_is_right = agree_with({
    "ex_09_1": risk, "ex_09_3": fewest,
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_09_1": {"np.inf if m <= d + 1 else  → ": "return np.inf",
                "m <= d + 1 → m == d + 1": "never negative",
                "missed + (noise + missed) * d / (m - d - 1) → missed": "for energies",
                "(noise + missed) * d / (m - d - 1) → noise * d / m": "exact price",
                # the division by 0 of a float, and two mistakes at once
                "float(energies[d:].sum()) + d / (m - d - 1)": "for energies",
                "energies[d:].sum() + d / (m - d - 1) * (noise + energies[d:].sum())":
                    "return np.inf",
                "energies[d:].sum() + noise * d / (m - d - 1)": "noise to the probe"},
    "ex_09_2": {"least(True) / least(False) → least(False) / least(True)": "other way round",
                "least(True) / least(False) → least(False) - least(True)": "difference",
                "0.9": "average over the seeds", "least(True) / least(False) → [1, 2]": "shape"},
    "ex_09_3": {"(noise + missed) / (wanted - missed)) → (noise + missed) // (wanted - missed))":
                    "round up",
                "np.ceil → ": "round up", "d * (noise + missed) → d * noise": "For each d",
                "fewest = min(fewest, d + 1 → return min(fewest, 1 + d": "for energies",
                "return fewest → return fewest if fewest < np.inf else 0": "no number is enough",
                "return fewest → return np.inf": "it can be done",
                "min((d + 1 + d * (noise + 1 - sum(energies[:d])) / (wanted - 1 + "
                "sum(energies[:d])), d) for d in range(1, 7) if 1 - sum(energies[:d]) < wanted)[1]":
                    "a number of functions"},
    "ex_09_4": {"0.99, 0.01 → 0.999, 0.001": "price of labels",
                "5, 1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01 → 8, 7, 1, .9, .8, .7, .6, .5":
                    "move ℓ_3",
                "0.99, 0.01 → 0.5, 0.5": "the last energy small",
                "([5, 1.3, 1.05, 1.04, 1.03, 1.02, 1.01, 1], [0.97, 0.03, 0, 0, 0, 0, 0, 0])":
                    "less energy",
                "1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01 → 1.01, 1, .05, .04, .03, .02, .01":
                    "more is better",
                "0.99, 0.01 → 1, 1": "sum to 1",
                "1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01 → 1, 1, 1, 1, 1, 1, 1": "A gap may",
                "5, 1.07, 1.06, 1.05, 1.04, 1.03, 1.02, 1.01 → 1, 2, 3, 4, 5, 6, 7, 8": "and fall",
                "5, 1.07 → 1e9, 1.07": "times the last", ", 1.07, 1.06 → ": "yours has (6,)",
                "0.99, 0.01 → 1.1, -0.1": "not negative", "answer = lambda x: x": "two rows of"},
})
