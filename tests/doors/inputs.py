"""What the examples of test_doors.py are made of; a lesson's examples lie beside this file."""

from dataclasses import dataclass

import numpy as np

import contexture_lite as cl

RNG = np.random.default_rng(0)


@dataclass
class Made:
    """An argument that is itself made from arrays."""

    by: object
    arguments: tuple
    then: dict


def made(by, *arguments, **then):
    return Made(by, arguments, then)


COUNTS = RNG.integers(1, 9, (6, 5))
CONTEXT = made(cl.Context.from_counts, COUNTS)
CHAIN = made(cl.Context.from_counts, RNG.integers(1, 9, (5, 3)))
OTHER = made(cl.Context.from_conditional, RNG.random((6, 5)) + 0.1, COUNTS.sum(axis=1) / 1.0)
OF_X, OF_A = RNG.standard_normal(6), RNG.standard_normal(5)
ENCODER = RNG.standard_normal((6, 4))
POINTS, MORE = RNG.standard_normal((40, 4)), RNG.standard_normal((30, 4))
ANSWERS, WEIGHTS = RNG.standard_normal(40), RNG.random(40) + 0.1
CLASSES = np.where(POINTS[:, 0] + 0.3 * RNG.standard_normal(40) > 0, "u", "v")
NEW_CLASSES, NEW_WEIGHTS = np.where(MORE[:, 0] > 0, "u", "v"), RNG.random(30) + 0.1
GRAPH = (lambda half: half + half.T)(RNG.integers(1, 5, (7, 7)))
ENERGIES, EIGENVALUES = np.array([0.6, 0.5, 0.4, 0.3]), np.array([5.0, 3.0, 2.0, 1.0])
LOSSES = RNG.exponential(size=40)
VALUES = np.array([0.9, 0.6, 0.3])
KNN, RBF = made(cl.knn_context, POINTS, 5), made(cl.rbf_context, POINTS, 1.0)
SYSTEM = made(lambda counts: cl.singular_system(cl.Context.from_counts(counts)), COUNTS)
ABOUT_LOSSES = {"losses": LOSSES, "weights": WEIGHTS}
A_PROBE = {"energies": ENERGIES, "m": 20, "noise": 1.0}
TWO_SETS = {"f": POINTS, "g": RNG.standard_normal((40, 3)) + POINTS[:, :3], "weights": WEIGHTS}
A_LINE = {"X": POINTS, "y": ANSWERS, "weights": WEIGHTS}
