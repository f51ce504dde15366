"""The numbers behind notebook 07's live picture: pairs of contexts, their mixes, a noisy probe."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import contexture_lite as cl
from contexture_lite import gallery, usefulness
from contexture_lite._checks import as_dense

_BITS = 1 - 2 * np.array([[int(bit) for bit in f"{x:03b}"] for x in range(8)])  # as the hypercube's
_ANGLE = 2 * np.pi * np.arange(8) / 8
PENALTY, NOISE = 0.2, 1.0  # λ of the ridge probe, error of all functions without it
TIGHT = 1e-9  # a bound and a value no further apart are equal


@dataclass(frozen=True)
class Pair:
    """Two families of contexts on the same inputs, which are the first's values, and a task."""

    names: tuple[str, str]
    first: Callable
    second: Callable
    task: np.ndarray  # mean 0, variance 1 on uniform inputs
    task_name: str


def _standard(f):
    f = np.asarray(f, dtype=float) - np.mean(f)
    return f / f.std()


def _first_bit(strength):
    """A = the first of three bits, wrong with probability (1 − strength) / 2."""
    right = (1 + strength * _BITS[:, 0]) / 2
    return cl.Context.from_conditional(np.column_stack([right, 1 - right]))


def _group(first):
    """±1, (8,): the four of eight points from ``first`` on, and the others."""
    return np.where(np.isin(np.arange(8), np.arange(first, first + 4)), 1, -1)


def _own_group(group, strength):
    """A = a point of the own group, with probability (1 + strength) / 2, or of the other."""
    return cl.Context.from_conditional((1 + strength * np.outer(group, group)) / 8)


PAIRS = {
    "three bits: flips, masks": Pair(
        ("flips", "masks"), gallery.hypercube, gallery.masked_tokens,
        _standard(_BITS.sum(axis=1)), "how many ones"),
    "three bits: flips, first bit": Pair(
        ("flips", "first bit"), gallery.hypercube, _first_bit,
        _standard(_BITS @ [1, 0.5, 0.5]), "ones, the first counts twice"),
    "ring of 8: windows, jumps": Pair(
        ("windows", "jumps"), lambda s: gallery.circle_crops(s, 8),
        lambda s: gallery.symmetric_channel(s, 8),
        _standard(np.cos(_ANGLE) + 0.4 * np.cos(2 * _ANGLE)), "a wave"),
    "six letters: errors, erasures": Pair(
        ("errors", "erasures"), lambda s: gallery.symmetric_channel(s, 6),
        lambda s: gallery.erasure(s, 6), _standard([1, 1, 1, 0, 0, 0]), "first or second half"),
    "eight points: groups, shifted groups": Pair(
        ("groups", "shifted"), lambda s: _own_group(_group(0), s),
        lambda s: _own_group(_group(1), s), _standard(_group(0) + _group(1)), "left or right"),
}

# from the weakest mix to the strongest: (kind, how often the first, or its weight)
MIXES = (*(("convolve", r) for r in (3, 2, 1)),
         *(("combine", w) for w in (0.1, 0.3, 0.5, 0.7, 0.9)),
         *(("concatenate", r) for r in (1, 2, 3)))


@lru_cache(maxsize=4096)
def part(pair, place, strength):
    """The first (place 0) or the second context of a pair."""
    return (PAIRS[pair].first, PAIRS[pair].second)[place](strength)


@lru_cache(maxsize=2048)
def mixes(pair, first, second):
    """T T* without the constant, for both parts and for every mix: {name or mix: (N, N)}.

    Those of `contexture_lite.mixing`, as the tests show: a convolution multiplies operators, a
    combination averages kernels, and a concatenation multiplies rows P(a | x).
    """
    P, R = (as_dense(part(pair, place, strength).conditional())
            for place, strength in enumerate((first, second)))
    kernels = {"first": _kernel(P), "second": _kernel(R)}
    for kind, amount in MIXES:
        if kind == "combine":
            kernel = amount * kernels["first"] + (1 - amount) * kernels["second"]
        elif kind == "convolve":
            kernel = _kernel(np.linalg.matrix_power(P, amount) @ R)
        else:
            rows = R
            for _ in range(amount):
                rows = (rows[:, :, None] * P[:, None, :]).reshape(len(P), -1)
            kernel = _kernel(rows)
        kernels[kind, amount] = kernel
    return kernels


def _kernel(rows):
    """(k_X − 1) / N of a channel on uniform inputs: its eigenvalues are s_i²."""
    scaled = rows / np.sqrt(np.maximum(rows.sum(axis=0), 1e-300))
    return scaled @ scaled.T - 1 / len(rows)


def squares(kernel):
    """s_i², largest first."""
    return np.clip(np.linalg.eigvalsh(kernel)[:0:-1], 0, 1)


def error(kernel, task):
    """Expected error of a ridge probe on s_i μ_i from noisy labels, over the variance of f.

    Every input is labelled equally often, with noise of variance σ², m labels in all: with
    v = σ²/m and f_i = ⟨f, μ_i⟩ it is Σ_i (λ/(s_i² + λ))² f_i² + v Σ_i (s_i²/(s_i² + λ))²,
    what is missed and what the noise adds. λ = 0.2, and v so that all functions without a
    penalty would have the error 1. Our derivation: with that design μ is orthonormal in the
    sample too.
    """
    n = len(kernel)
    kept = np.linalg.solve(kernel + PENALTY * np.eye(n), kernel)
    return float(np.mean((task - kept @ task) ** 2) + NOISE / (n - 1) * (kept**2).sum())


def bounds(kind, amount, one, two):
    """Between what the mix's s_i² must lie, and its sums Σ_{i≤d} s_i²: four arrays.

    ``one`` and ``two`` are the parts' s_i², ``amount`` as in MIXES. Convolution:
    s_k ≤ min{s_k(T₁) s₁(T₂), s₁(T₁) s_k(T₂)}. Combination: the sums are at most the average
    of the parts', all of them together equal; of a single one, the (i + k − 1)-th is at most
    w₁ s_i²(T₁) + w₂ s_k²(T₂) and the i-th at least w_j s_i²(T_j). Concatenation: at least both
    parts (Zhai et al. 2025, arXiv 2505.01557; of single values in a combination Weyl).
    """
    size = np.arange(len(one))
    if kind == "convolve":
        high = np.minimum(one * two[0], one[0] * two) * one[0] ** (amount - 1)
        return 0 * high, high, 0 * high, np.cumsum(high)
    if kind == "combine":
        one, two = amount * one, (1 - amount) * two
        low, pairs = np.maximum(one, two), np.add.outer(one, two)
        place = np.add.outer(size, size)
        high = np.array([pairs[place == j].min() for j in size])
        return low, np.minimum(high, 1), np.cumsum(low), np.cumsum(one + two)
    low = np.maximum(one, two)
    return low, 1 + 0 * low, np.maximum(np.cumsum(one), np.cumsum(two)), 1.0 + size


@dataclass(frozen=True)
class Step:
    """Everything the picture shows at one setting."""

    contexts: str
    kind: str  # "convolve", "combine" or "concatenate"
    amount: float  # how often the first, or its weight
    squares: dict  # s_i² of "first", "second" and "mix"
    band: tuple  # as of `bounds`
    errors: dict  # of the same three
    curve: np.ndarray  # error of every mix

    @property
    def tight(self):
        """At which i (or, in a combination, d) the inequality is an equality of more than 0."""
        low, high, _, most = self.band
        mix = self.squares["mix"]
        less, more = {"convolve": (mix, high), "combine": (np.cumsum(mix), most),
                      "concatenate": (low, mix)}[self.kind]
        return 1 + np.flatnonzero((more - less < TIGHT) & (more > TIGHT))

    def scores(self):
        """{name: (χ², effective rank, τ, error)}."""
        return {name: (squares.sum(), *_scores(tuple(squares)), self.errors[name])
                for name, squares in self.squares.items()}


@lru_cache(maxsize=4096)
def _scores(squares):
    values = np.sqrt(squares)
    return usefulness.effective_rank(values).value, usefulness.tau(values).value


def step_at(contexts, mix, first, second):
    """The `Step` of a pair, one of MIXES and two strengths."""
    kernels, task = mixes(contexts, first, second), PAIRS[contexts].task
    chosen = {"first": kernels["first"], "second": kernels["second"], "mix": kernels[mix]}
    spectra = {name: squares(kernel) for name, kernel in chosen.items()}
    return Step(contexts, *mix, spectra, bounds(*mix, spectra["first"], spectra["second"]),
                {name: error(kernel, task) for name, kernel in chosen.items()},
                np.array([error(kernels[key], task) for key in MIXES]))
