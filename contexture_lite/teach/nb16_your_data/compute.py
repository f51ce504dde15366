"""The numbers of notebook 16's live picture: contexts of one table, rehearsed and tried."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from contexture_lite import datasets
from contexture_lite.contexts import Context
from contexture_lite.experiment import protocol
from contexture_lite.experiment.families import conditionals, perplexity, sampled
from contexture_lite.spectrum import singular_system
from contexture_lite.usefulness import rehearsing as rehearsal

PARTS = 200, 200, 300  # points that make the context, have a label, test
FAMILIES, STRENGTHS = {"rbf": "Gaussian", "knn": "neighbours"}, 6
DIMENSIONS = 1, 4, 16, 64
VIEWS, EXACT = (4, 16, 64), 0  # 0 stands for the whole row
KINDS = "linear", "smooth", "rules", "classes"
EXPECTED = {"linear, smooth, rules": KINDS[:3], "linear": KINDS[:1], "smooth": KINDS[1:2],
            "rules": KINDS[2:3], "many classes": KINDS[3:]}
LABELS = 0, 20, 50, 100, 200


@dataclass(frozen=True, eq=False)
class Tried:
    """One context: R by kind, how many neighbours a point has in effect, its functions."""

    family: str
    place: int
    neighbours: float
    risks: dict
    known: np.ndarray  # functions at the labelled points
    new: np.ndarray  # at the test points
    ends: tuple  # which numbers of functions are tried


@dataclass(frozen=True, eq=False)
class Step:
    """What one setting of the picture comes to."""

    risks: np.ndarray  # (2, STRENGTHS), families in the order of FAMILIES
    errors: np.ndarray  # the same, with the labels in use; without any, with all there are
    neighbours: np.ndarray
    suggested: tuple  # (family, place)
    columns: float  # error of ridge regression on the columns
    both: float  # of columns and the context that rehearsed best side by side
    labels: int
    most: int

    @property
    def cost(self):
        """Error of the suggested context over the least error."""
        return float(self.errors[self.suggested] / self.errors.min())


class Table:
    """X (n, columns) of numbers and y, split once; contexts are made when they are asked for."""

    def __init__(self, X, y, seed=0):
        rng, self.seed = np.random.default_rng(seed), seed
        self.parts = protocol.split(len(X), rng, PARTS)
        self.Z, target = protocol.standardised(X, self.parts[0]), protocol.targets(y)[1]
        self.y, self.y_test = (target[part] for part in self.parts[1:])
        self._tried, self._steps = {}, {}

    def tried(self, views):
        """All contexts of both families, weakest first, each point showing so many views."""
        if views not in self._tried:
            rng = np.random.default_rng([self.seed, views])
            self._tried[views] = [
                self._try(family, place, sampled(channel, views or np.inf, rng))
                for family in FAMILIES
                for place, channel in enumerate(
                    conditionals(family, self.Z, self.parts, STRENGTHS, rng))]
        return self._tried[views]

    def _try(self, family, place, channel):
        system = singular_system(Context.from_conditional(channel[0]))
        known, new = protocol.functions(system, *channel[1:])
        ends = np.unique(protocol.group_ends(system.values[: known.shape[1]],
                                             [d for d in DIMENSIONS if d <= known.shape[1]]))
        risk = rehearsal.risk(known, self.Z[self.parts[1]], kinds=KINDS, each=3,
                              dimensions=ends.tolist(), rng=self.seed)
        return Tried(family, place, perplexity(channel[0]), risk.terms, known, new,
                     tuple(ends.tolist()))

    def probed(self, views, m):
        """(leave-one-out error, test error) of every context with m labels, (2, contexts)."""
        if (views, m) not in self._steps:
            self._steps[views, m] = np.transpose([self._probe(tried, m)
                                                  for tried in self.tried(views)])
        return self._steps[views, m]

    def _probe(self, tried, m):
        cells = [protocol.probe_error(tried.known[:m, :d], tried.new[:, :d], self.y[:m],
                                      self.y_test)[::-1] for d in tried.ends]
        return min(cells)

    def beside(self, views, m, place):
        """Errors with m labels: the columns, and columns and functions side by side."""
        if (views, m, place) not in self._steps:
            tried = self.tried(views)[place]
            Z, new = (self.Z[part] for part in self.parts[1:])
            cells = [protocol.probe_error(np.hstack([Z[:m], tried.known[:m, :d]]), np.hstack(
                [new, tried.new[:, :d]]), self.y[:m], self.y_test)[::-1]
                for d in (0, *tried.ends)]
            self._steps[views, m, place] = cells[0][1], min(cells)[1]
        return self._steps[views, m, place]


@lru_cache(maxsize=8)
def of_course(name):
    """A table of `contexture_lite.datasets.tabular`."""
    data = datasets.load(name)
    return Table(data.X, data.y)


def step_at(table, expected, views, labels):
    """The suggestion for tasks of these kinds, and what it costs."""
    most = len(table.y)
    m = min(labels, most) or most
    tried = table.tried(views)
    risks = np.array([np.mean([t.risks[kind] for kind in EXPECTED[expected]]) for t in tried])
    left_out, errors = table.probed(views, m)
    score = rehearsal.criterion(left_out, risks, m) if labels else risks
    rehearsed, suggested = int(np.argmin(risks)), int(np.argmin(score))
    by_family = [np.reshape(values, (len(FAMILIES), STRENGTHS))
                 for values in (risks, errors, [t.neighbours for t in tried])]
    return Step(*by_family, tuple(map(int, divmod(suggested, STRENGTHS))),
                *table.beside(views, m, rehearsed), labels, most)
