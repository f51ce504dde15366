"""What `contexture_lite.diagnose` returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contexture_lite._text import said
from contexture_lite.usefulness import rehearsing as rehearsal


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """The result of `diagnose`; printed it is a report, in a notebook with its figure.

    Attributes
    ----------
    table : DataFrame
        One row for each family and strength, weakest first: points (the effective number of
        neighbours: the mean perplexity of P(a | x)), s1, chi2, the scores tau,
        effective_rank, log_trace, decay_rate, and rehearsal (the risk on invented tasks of
        `contexture_lite.rehearsal`), all means over the splits. With labels d (median), error,
        se, right (share of classes that are right), worse (error minus that of the family's
        best, which is chosen for each split on the others), worse_se and verdict: "too weak",
        "too strong", "as good as the best" or "cannot tell" (`verdicts.verdicts`).
    best : dict or None
        The context with the least error: family, place (0 the weakest), points, d, error, se;
        honest, what the best context does on a split it was not chosen on, a mean over the
        splits, since the least of many errors is flattered; and right, the same for classes.
    both : dict or None
        The columns and a context's functions side by side: error, se, right, families, points
        and d, one for each split. The context is that of the least rehearsal risk, d the least
        leave-one-out error, 0 among the choices: no test point has a say.
    chosen : dict or None
        The context that the labels of a split choose, no test point having a say: by log LOO +
        (40/m) log R of m < 100 labels, else by leave-one-out (LOO) alone (`rehearsal.criterion`).
        error, se, right, families and points of every split; alone, the error by LOO alone.
    mixes : DataFrame or None
        One row for each mix of the best contexts of the two best families: error, se, change
        (from the best context), change_se, verdict ("better", "worse", "cannot tell", or "not
        measured": a convolution of contexts whose values are not points, a concatenation that
        would be too wide).
    suggestion : dict or None
        mix (None where the rule of notebook 07 names none), parts (two families), states (of
        each: "too weak", "too strong" or "neither").
    comparisons : dict
        What is compared, with change, change_se, verdict: "context, ridge", "both, ridge", "both,
        context" and "…, mean", the first minus the second. The context is ``best``, of fewer than
        100 labels ``chosen``: who has few cannot know which is best.
    """

    table: object
    best: dict | None
    both: dict | None
    chosen: dict | None
    mixes: object | None
    suggestion: dict | None
    comparisons: dict
    errors: dict  # by family, (splits, strengths)
    baseline: np.ndarray  # (splits,): error of ridge regression on the columns themselves
    baseline_right: float  # share of classes that it names rightly
    shape: tuple[int, int]  # of the table
    kind: str | None  # "regression" or "classification"
    sizes: tuple[int, int, int]  # how many points made the context, were labelled, tested
    overlap: float  # number of test points over the number of other rows
    notes: tuple[str, ...]  # what was done to the table
    tasks: tuple[str, ...]  # the kinds of invented tasks

    @property
    def context(self):
        """What is compared as the context: its error and the share of classes that are right."""
        if self.sizes[1] < rehearsal.FEW:
            return self.chosen["error"], self.chosen["right"]
        return self.best["honest"], self.best["right"]

    @property
    def families(self):
        """Names of the families, in the order they were measured."""
        return tuple(self.errors)

    def figure(self):
        """The error along the strength of every family, and what is compared with it."""
        from contexture_lite.diagnosis.figure import draw_diagnosis

        return draw_diagnosis(self)

    def save(self, path):
        """Write figure and report to one file that ends in .html: no scripts, nothing to fetch."""
        from contexture_lite.diagnosis.page import save

        save(self, path)

    def __repr__(self):
        from contexture_lite.diagnosis.report import report

        return said(report(self))

    def _ipython_display_(self):
        """The figure, and the report below it, where there is a notebook to show them."""
        try:
            from contexture_lite.diagnosis.figure import show_diagnosis
        except ImportError:  # without matplotlib there are still the words
            print(self)
        else:
            show_diagnosis(self)
