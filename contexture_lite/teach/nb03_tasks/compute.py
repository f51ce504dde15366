"""What notebook 03's live picture says of a task: energies, errors of probes, worst cases."""

from dataclasses import dataclass
from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.spectrum.system import minimax_curve
from contexture_lite.teach.cast import tasks
from contexture_lite.teach.cast.members import CAST, system_at

MOST = 12  # singular functions shown, and the largest d
RANDOM = 50  # random encoders


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting; a constant task has NaN for numbers."""

    context: str
    strength: float
    task: str
    d: int  # at most the number of functions shown
    system: cl.SingularSystem
    f: np.ndarray  # (N,) the task, E f = 0 and E f² = 1
    caught: np.ndarray  # (N,) its projection on the first d functions
    energy: np.ndarray  # (D,) u_i² of the functions shown
    compatibility: float
    errors: np.ndarray  # (D + 1,) error of the first 0, 1, …, D functions
    random: np.ndarray  # (RANDOM, D + 1) the same for random encoders
    raw: np.ndarray  # (D + 1,) for PCA of the raw inputs
    worst: np.ndarray  # (D + 1,) largest error of a task with this compatibility

    @property
    def repeated(self):
        """(first, end) of each run of equal s > 0 among the functions shown, from 0."""
        end = min(self.system.rank, len(self.energy))
        groups = (group[group < end] for group in self.system.groups())
        return [(int(group[0]), int(group[-1]) + 1) for group in groups if len(group)]

    @property
    def shares(self):
        """(first, end, share of energy, what d catch of it) of each value, and of the rest.

        The rest is everything with s = 0, or beyond the functions shown.
        """
        energy = self.energy
        parts = [(first, end, energy[first:end].sum(), energy[first:min(end, self.d)].sum())
                 for first, end in self.repeated]
        shown, all_of_x = len(energy), len(self.f) - 1
        last = parts[-1][1] if parts else 0
        if last < all_of_x and np.isfinite(self.compatibility):
            first = last if shown == all_of_x else shown
            left = 1 - sum(part[2] for part in parts)
            parts.append((first, max(shown, first + 1), max(left, 0.0), 0.0))
        return parts

    @property
    def other_bases(self):
        """Where the error may lie inside each repeated value, over its bases: polygons."""
        ends = ((first, end, self.errors[first], self.errors[end]) for first, end in self.repeated)
        return [[(first, before), (end - 1, before), (end, after), (first + 1, after)]
                for first, end, before, after in ends if end - first > 1]


def orthonormal(features, p_x):
    """The columns centred and made orthonormal in L²(P_X), one after the other; (N, d)."""
    root = np.sqrt(p_x)[:, None]
    return np.linalg.qr((features - p_x @ features) * root)[0] / root


def probe_errors(functions, f, p_x, most):
    """1 − Σ_{i≤d} ⟨f, φ_i⟩² for d = 0 … most: what a linear probe on the first d misses.

    ``functions`` (…, N, k) are orthonormal, f has mean 0 and E f² = 1. If k is less than
    ``most`` the last error stays.
    """
    energy = (np.swapaxes(functions, -1, -2) @ (p_x * f))[..., :most] ** 2
    around = [(0, 0)] * (energy.ndim - 1) + [(1, most - energy.shape[-1])]
    return np.clip(1 - np.cumsum(np.pad(energy, around), axis=-1), 0, 1)


def worst_errors(system, rho, most):
    """Largest error, for d = 0 … most, of a unit task with compatibility at least ρ.

    `contexture_lite.spectrum.system.minimax_curve`; 0 once d functions are all there are.
    """
    everything = len(system.left) - 1
    squares = np.append(system.values**2, np.zeros(most + 1))[:most + 1]
    worst = minimax_curve(squares, rho)
    if system.rank == everything:
        worst[everything:] = 0
    return worst


def raw_errors(context, f, most):
    """Error of PCA of the raw inputs with d = 0 … most components.

    The k raw coordinates are equally large, so that PCA has no reason to take one first:
    the error is the mean over the choices, 1 − (d/k) · (what all k catch), d ≤ k.
    """
    p_x = CAST[context].build(0.5).p_x
    caught = 1 - probe_errors(_raw(context), f, p_x, most)[-1]
    k = _raw(context).shape[1]
    return 1 - np.minimum(np.arange(most + 1) / k, 1) * caught


@cache
def _raw(context):
    return orthonormal(tasks.raw_inputs(context)[1], CAST[context].build(0.5).p_x)


@cache
def random_encoders(context):
    """RANDOM encoders with independent normal values at every input, orthonormal columns."""
    p_x, rng = CAST[context].build(0.5).p_x, np.random.default_rng(0)
    shape = len(p_x), min(len(p_x) - 1, MOST)
    return np.stack([orthonormal(rng.standard_normal(shape), p_x) for _ in range(RANDOM)])


def step_at(context, strength, title, d, f):
    """The `Step` of a task f, (N,) values, in a context of the cast."""
    strength = CAST[context].strength(strength)
    channel, system = CAST[context].build(strength), system_at(context, strength)
    p_x, most = channel.p_x, min(channel.shape[0] - 1, MOST)
    d, f = min(d, most), f - p_x @ f
    size = np.sqrt(p_x @ f**2)
    if size < 1e-9:
        nothing, none = np.zeros(len(f)), np.full(most + 1, np.nan)
        return Step(context, strength, title, d, system, nothing, nothing, np.zeros(most),
                    np.nan, none, none[None], none, none)
    f = f / size
    functions, rho = system.left[:, :most], cl.compatibility(channel, f)
    along = functions.T @ (p_x * f)
    return Step(context, strength, title, d, system, f, functions[:, :d] @ along[:d], along**2,
                rho, probe_errors(functions, f, p_x, most),
                probe_errors(random_encoders(context), f, p_x, most),
                raw_errors(context, f, most), worst_errors(system, rho, most))
