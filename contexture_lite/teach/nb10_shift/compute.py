"""What notebook 10's live picture computes: one parameter, two groups, outliers, four remedies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

MINORITY, SPREAD, FAR = 0.2, 0.2, -3.0  # share; standard deviation of a group; the outliers' place
ATOMS = 60  # of each group
METHODS = ("erm", "cvar", "doro", "known")
THETA = np.linspace(-3.4, 2.2, 113)


@dataclass(frozen=True)
class Population:
    """Atoms ``z`` of mass ``p``: ATOMS of the majority, as many of the minority, one far away."""

    z: np.ndarray  # (2·ATOMS + 1,)
    p: np.ndarray
    target: np.ndarray  # half majority, half minority, no outliers


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting; dicts run over METHODS."""

    shift: float
    alpha: float
    outliers: float
    epsilon: float
    people: Population
    curves: dict  # risk at every θ of the grid
    theta: dict  # where it is least
    least: dict  # the least risk
    errors: dict  # (majority, minority, average) of the clean population at that θ
    looked: dict  # mass of each atom that the risk averages over, at that θ
    dropped: np.ndarray  # mass of each atom that DORO leaves out

    def worst(self, method):
        """Error of the group with the larger error."""
        return max(self.errors[method][:2])

    @property
    def left_out(self):
        """(share of the outliers, share of the minority) that DORO drops."""
        minority = slice(ATOMS, 2 * ATOMS)
        return (float(self.dropped[-1] / self.people.p[-1]) if self.outliers else 0.0,
                float(self.dropped[minority].sum() / self.people.p[minority].sum()))


def population(shift, outliers, spread=SPREAD):
    """(1 − outliers) · [0.8 N(0, spread²) + 0.2 N(shift, spread²)] + outliers at FAR, as atoms.

    A group is a set of equally likely normal quantiles, scaled to its exact variance.
    """
    u = norm.ppf((np.arange(ATOMS) + 0.5) / ATOMS)
    u *= spread / np.sqrt(np.mean(u**2))
    groups = np.repeat([1 - MINORITY, MINORITY], ATOMS) / ATOMS
    return Population(np.concatenate([u, shift + u, [FAR]]),
                      np.append((1 - outliers) * groups, outliers),
                      np.append(np.full(2 * ATOMS, 0.5 / ATOMS), 0))


def split(losses, p, alpha=1.0, epsilon=0.0):
    """(dropped, looked): the hardest ε of the mass, and the hardest α of what is left.

    ``losses`` is (…, N) and ``p`` (N,). The mean of the losses over ``looked``, whose mass is
    α (1 − ε), is the DORO risk (Zhai, Dan, Kolter, Ravikumar 2021, arXiv 2106.06142); with
    ε = 0 it is CVaR, with α = 1 as well the mean. Two arrays (…, N).
    """
    order = np.argsort(-losses, axis=-1)
    until = np.cumsum(p[order], axis=-1)
    dropped, looked = np.empty((2, *losses.shape))
    beyond = epsilon + alpha * (1 - epsilon)
    before = until - p[order]
    out = np.minimum(until, epsilon) - np.minimum(before, epsilon)
    both = np.minimum(until, beyond) - np.minimum(before, beyond)
    np.put_along_axis(dropped, order, out, axis=-1)
    np.put_along_axis(looked, order, both - out, axis=-1)
    return dropped, looked


def risks(theta, z, p, alpha=1.0, epsilon=0.0):
    """DORO risk of the squared loss (z − θ)² for every θ: `split`, averaged; (len(theta),)."""
    losses = (z - np.asarray(theta)[:, None]) ** 2
    looked = split(losses, p, alpha, epsilon)[1]
    return np.einsum("tn,tn->t", looked, losses) / (alpha * (1 - epsilon))


def least(theta, curve, *risk):
    """(θ, risk) at the least point of a risk, on the grid and once more inside its cell."""
    middle, cell = theta[np.argmin(curve)], theta[1] - theta[0]
    fine = middle + np.linspace(-cell, cell, 101)
    values = risks(fine, *risk)
    return float(fine[np.argmin(values)]), float(values.min())


def step_at(shift, alpha, outliers, epsilon, spread=SPREAD):
    """The `Step` of one setting."""
    people = population(shift, outliers, spread)
    risk = {"erm": (people.p,), "cvar": (people.p, alpha), "doro": (people.p, alpha, epsilon),
            "known": (people.target,)}
    curves = {name: risks(THETA, people.z, *how) for name, how in risk.items()}
    points = {name: least(THETA, curves[name], people.z, *how) for name, how in risk.items()}
    theta = {name: point[0] for name, point in points.items()}
    parts = {name: split((people.z - theta[name]) ** 2, *how) for name, how in risk.items()}
    return Step(shift, alpha, outliers, epsilon, people, curves, theta,
                {name: point[1] for name, point in points.items()},
                {name: clean_errors(there, shift, spread) for name, there in theta.items()},
                {name: looked for name, (_, looked) in parts.items()}, parts["doro"][0])


def clean_errors(theta, shift, spread=SPREAD):
    """Mean squared error without outliers: (majority, minority, average)."""
    majority, minority = spread**2 + theta**2, spread**2 + (theta - shift) ** 2
    return majority, minority, (1 - MINORITY) * majority + MINORITY * minority
