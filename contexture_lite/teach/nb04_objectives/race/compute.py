"""What notebook 04's live picture computes: who races, how far they are, what they learned."""

import time
from dataclasses import dataclass, field

import numpy as np

import contexture_lite as cl
from contexture_lite.alignment import canonical_correlations
from contexture_lite.learn import objectives as known
from contexture_lite.learn import train
from contexture_lite.learn.objectives import optima
from contexture_lite.spectrum import rotation_towards
from contexture_lite.teach.cast.members import CAST, system_at

EVERY, RATE = 5, 0.4  # steps between two records; the learning rate


@dataclass
class Racer:
    """One objective in training: its alignment at every record, and its functions at the last."""

    name: str
    problem: object
    training: object
    steps: list = field(default_factory=list)
    alignments: list = field(default_factory=list)
    ritz: object = None  # `cl.ritz` of the features at the last record

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

    def advance(self, seconds=np.inf, until=np.inf):
        """Train for about this long or up to this step, always the one that is furthest behind."""
        end = time.perf_counter() + seconds
        while not self.finished and self.step < until and time.perf_counter() < end:
            self.record(min(self.racers, key=lambda racer: racer.step))

    def record(self, racer):
        """Train one of them up to its next record."""
        racer.steps.append(next(racer.training).step)
        racer.ritz = cl.ritz(self.channel, racer.problem.features())
        exact = optima.top(self.system.values, self.system.left, self.d)
        racer.alignments.append(aligned(racer.ritz.functions, exact, self.channel.p_x, self.d))


def at_start(name, strength, d, objectives, seed, length):
    """The `Race` of some objectives on a context of the cast, everybody at a random start."""
    strength = CAST[name].strength(strength)
    channel, system = CAST[name].build(strength), system_at(name, strength)
    d = min(d, system.rank)
    race = Race(name, strength, d, length, channel, system, [])
    names = [row.name for row in known.table()]
    for objective in objectives if d else ():
        on = dual(channel) if objective == "graph smoothness" else channel
        own = len(names) * seed + names.index(objective)  # a random start of its own
        problem = known.find(objective).on(on, d, seed=own)
        training = train(problem.loss, problem, steps=length, learning_rate=RATE, every=EVERY)
        race.racers.append(Racer(objective, problem, training))
        race.record(race.racers[-1])
    return race


def aligned(functions, exact, p, d):
    """(1/d) Σ_{i≤d} ρ_i² with the exact functions; a direction that was lost counts as 0."""
    if not functions.size:
        return 0.0
    return float((canonical_correlations(functions, exact, p) ** 2).sum() / d)


def dual(context):
    """The walk x → a → x′: the symmetric context P D_q⁻¹ Pᵀ, with eigenvalues s_i²."""
    half = context.joint / np.sqrt(context.p_a)
    return cl.Context(half @ half.T)


def rotated(functions, system):
    """Learned functions (N, k), signs and bases of repeated values nearest to μ_1 … μ_k."""
    exact = system.left[:, :functions.shape[1]]
    return functions @ rotation_towards(exact, functions, system.p_x, system.groups())


def largest_gap(race):
    """The largest |λ_i − s_i²| over all racers and i ≤ d; a lost direction counts as λ_i = 0."""
    exact = race.system.values[:race.d] ** 2
    found = (np.pad(racer.ritz.values, (0, race.d - len(racer.ritz.values)))
             for racer in race.racers)
    return float(max((np.abs(values - exact).max() for values in found), default=0.0))
