"""What notebook 04's live picture computes: who races, how far they are, what they have found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

import contexture_lite as cl
from contexture_lite.learn import objectives as learned
from contexture_lite.learn import train
from contexture_lite.teach.cast import CAST, system_at

EVERY, RATE = 5, 0.4  # steps between two records; the learning rate


@dataclass
class Racer:
    """One objective in training: its alignment at every record, and what it has found."""

    name: str
    problem: object
    training: object
    steps: list = field(default_factory=list)
    alignments: list = field(default_factory=list)
    found: object = None  # the Ritz values and functions at the last record

    @property
    def step(self):
        """Steps made."""
        return self.steps[-1]


@dataclass
class Race:
    """The exact answer at one setting, and who is on the way to it."""

    name: str
    strength: float
    d: int  # at most the number of functions there are
    length: int  # steps
    channel: cl.Context
    system: cl.SingularSystem
    racers: list

    @property
    def step(self):
        """Steps that everybody has made."""
        return min((racer.step for racer in self.racers), default=self.length)

    @property
    def finished(self):
        """Whether everybody has arrived; True if there is nothing to learn."""
        return all(racer.training.finished for racer in self.racers)

    def advance(self, seconds=np.inf):
        """Train for about this long, always the one that is furthest behind."""
        end = time.perf_counter() + seconds
        while not self.finished and time.perf_counter() < end:
            self.record(min(self.racers, key=lambda racer: racer.step))

    def record(self, racer):
        """Train one of them up to its next record."""
        racer.steps.append(next(racer.training).step)
        racer.found = cl.ritz(self.channel, racer.problem.features())
        exact = completed(self.system, self.d)
        racer.alignments.append(aligned(racer.found.functions, exact, self.channel.p_x, self.d))


def at_start(name, strength, d, objectives, seed, length):
    """The `Race` of some objectives on a context of the cast, everybody at a random start."""
    strength = CAST[name].strength(strength)
    channel, system = CAST[name].build(strength), system_at(name, strength)
    d = min(d, system.rank)
    race = Race(name, strength, d, length, channel, system, [])
    names = [row.name for row in learned.table()]
    for objective in objectives if d else ():
        on = dual(channel) if objective == "graph smoothness" else channel
        own = len(names) * seed + names.index(objective)  # a random start of its own
        problem = learned.find(objective).on(on, d, seed=own)
        training = train(problem.loss, problem, steps=length, learning_rate=RATE, every=EVERY)
        race.racers.append(Racer(objective, problem, training))
        race.record(race.racers[-1])
    return race


def completed(system, d):
    """μ_1 … μ_d, and the rest of a tie that d cuts through: an (N, ≥ d) array."""
    groups = [group for group in system.groups() if group[0] < d]
    return system.left[:, :min(groups[-1][-1] + 1, system.rank)]


def aligned(functions, exact, p, d):
    """Mean squared canonical correlation (1/d) Σ_{i≤d} ρ_i² with the exact functions.

    Both arguments hold orthonormal functions in their columns, so Σ ρ_i² is the sum of all
    squared inner products. 1 exactly if d functions were found and all lie in the exact
    span; a direction that was lost counts as 0.
    """
    return min(1.0, float(np.sum((functions.T @ (p[:, None] * exact)) ** 2) / d))


def dual(context):
    """The walk x → a → x′: the symmetric context P D_q⁻¹ Pᵀ, with eigenvalues s_i²."""
    half = context.joint / np.sqrt(context.p_a)
    return cl.Context(half @ half.T)


def turned(functions, system):
    """Learned functions (N, k) with signs, and rotations inside ties, nearest to μ_1 … μ_k."""
    functions = functions.copy()
    k = functions.shape[1]
    for group in system.groups():
        group = group[group < k]
        if group.size:
            overlap = (functions[:, group] * system.p_x[:, None]).T @ system.left[:, group]
            U, _, Vt = np.linalg.svd(overlap)
            functions[:, group] = functions[:, group] @ U @ Vt
    return functions


def largest_gap(race):
    """The largest |λ_i − s_i²| over all racers and i ≤ d; a lost direction counts as λ_i = 0."""
    exact = race.system.values[:race.d] ** 2
    gaps = []
    for racer in race.racers:
        values = np.zeros(race.d)
        values[:len(racer.found.values)] = racer.found.values
        gaps.append(np.abs(values - exact).max())
    return float(max(gaps, default=0.0))
