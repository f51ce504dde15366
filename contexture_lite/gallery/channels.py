"""Noisy channels and thinned or correlated numbers."""

from __future__ import annotations

from math import comb

import numpy as np

from contexture_lite._checks import as_numbers, refuse_cells
from contexture_lite.contexts import Context
from contexture_lite.gallery._parts import LARGEST_SIDE, channel, fraction, names_of, size_between

STRONGEST_GAUSSIAN = 0.95
RAREST_INPUT = 1e-100
OUTERMOST_NODE = 10.0  # a standard normal is beyond it with probability 2e-23


def binary_channel(strength, prior=0.5):
    """One bit, flipped with probability ε = (1 − strength) / 2.

    P(a|x) = 1 − ε if a = x, else ε, and P(X = 1) = π. The one singular value is
    s₁ = |1 − 2ε| √(π(1 − π) / (q(1 − q))) with q = P(A = 1) = π(1 − 2ε) + ε.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − 2ε, which is s₁ itself for a fair bit.
    prior : float strictly between 0 and 1, and not below 1e-100
        π.

    Source: the binary symmetric channel (Shannon 1948); its maximal correlation,
    Witsenhausen 1975.
    """
    strength, pi = fraction("strength", strength), fraction("prior", prior)
    if not RAREST_INPUT <= pi < 1:
        raise ValueError(f"prior is {prior}; it must lie strictly between 0 and 1 (>= 1e-100)")
    flip = (1 - strength) / 2
    q = pi * strength + flip
    value = strength * np.sqrt(pi * (1 - pi) / (q * (1 - q)))
    rows = np.array([[1 - flip, flip], [flip, 1 - flip]])
    return channel(rows, [value], ["0", "1"], ["0", "1"], p_x=np.array([1 - pi, pi]))


def symmetric_channel(strength, n=4):
    """One of n letters, sent right with probability 1 − ε, else as any other letter.

    P(a|x) = 1 − ε if a = x, else ε/(n − 1), X uniform. s_i = |1 − εn/(n − 1)| for
    i = 1 … n − 1. It is the hidden mixture of the uniform distribution.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − εn/(n − 1), so ε = (1 − strength)(n − 1)/n.
    n : int from 2 to 5000
        Letters.

    Source: the n-ary symmetric channel (Shannon 1948).
    """
    strength, n = fraction("strength", strength), size_between("n", n, 2)
    error = (1 - strength) * (n - 1) / n
    rows = np.full((n, n), error / (n - 1))
    np.fill_diagonal(rows, 1 - error)
    return channel(rows, np.full(n - 1, strength), names_of(n), names_of(n))


def erasure(strength, n=None, p=None):
    """A shows X with probability 1 − δ, and "?" otherwise.

    P(x|x) = 1 − δ, P(?|x) = δ. s_i = √(1 − δ) for i = 1 … n − 1, whatever the
    distribution of X. A is told whether it is informative: a revealed mixture.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − δ, the probability of being kept. At 1 the column "?" never occurs and is
        left out, at 0 it is the only one; in between the context is n × (n + 1).
    n : int from 2 to 5000, optional
        Inputs; 4 unless p says otherwise.
    p : (n,) array, optional
        Distribution of X, divided by its sum, then at least 1e-100; uniform by default.

    Source: the erasure channel (Elias 1955); for any p our derivation.
    """
    keep, p = fraction("strength", strength), _input_distribution(n, p)
    n = len(p)
    rows = np.column_stack([keep * np.eye(n), np.full(n, 1 - keep)])
    return channel(rows, np.full(n - 1, np.sqrt(keep)), names_of(n), [*names_of(n), "?"], p_x=p)


def hidden_mixture(strength, n=None, p=None):
    """A is X with probability α, else a fresh draw from the distribution of X; nobody says which.

    P(a|x) = α 1[a = x] + (1 − α) p(a). s_i = α for i = 1 … n − 1, whatever p; the
    erasure, which says which, has √α.

    Parameters
    ----------
    strength : float in [0, 1]
        α.
    n : int from 2 to 5000, optional
        Inputs; 4 unless p says otherwise.
    p : (n,) array, optional
        Distribution of X, divided by its sum, then at least 1e-100; uniform by default.

    Source: the noise operator T_ρ (O'Donnell, Analysis of Boolean Functions, 2014, ch. 8).
    """
    alpha, p = fraction("strength", strength), _input_distribution(n, p)
    n = len(p)
    rows = alpha * np.eye(n) + (1 - alpha) * p
    return channel(rows, np.full(n - 1, alpha), names_of(n), names_of(n), p_x=p)


def gaussian_pair(rho, n=140):
    """Two standard normals with correlation ρ, at Gauss–Hermite nodes.

    P(x_i, a_j) ∝ w_i w_j r(x_i, a_j), with nodes x and weights w of the normal distribution and
    Mehler's density ratio
    r(x, a) = Σ_k ρ^k h_k(x) h_k(a) = exp(−(ρ²(x² + a²) − 2ρxa) / (2(1 − ρ²))) / √(1 − ρ²),
    h_k the normalised Hermite polynomials. s_k = |ρ|^k, and h_k (times sign(ρ)^k on A)
    are the singular functions. Computed from logarithms, so nothing overflows.

    Parameters
    ----------
    rho : float in [−0.95, 0.95]
        ρ. Nearer to ±1 the ridge r is narrower than the distance between the nodes.
    n : int from 16 + 6/(1 − |ρ|) to 300
        Nodes of the rule. The default is enough for every allowed ρ, a smaller n makes a
        smaller picture. The range keeps the first 8 singular values right to 1e-8; the
        later ones, which need x farther out, are approximate. Nodes beyond ±10 (mass
        below 1e-22) are left out: the default has 74 points. Then Σ s_i² falls short of
        ρ²/(1 − ρ²) by 1e-8 at ρ = 0.7, .006 at 0.9 and .23 at 0.95; the mutual
        information is −½ log(1 − ρ²) to 1e-9 for all ρ.

    The labels are the nodes themselves, as floats. Source: Mehler 1866; Lancaster 1958.
    """
    rho = fraction("rho", rho, -STRONGEST_GAUSSIAN, STRONGEST_GAUSSIAN)
    n = size_between("n", n, 1, 300)
    needed = int(np.ceil(16 + 6 / (1 - abs(rho)) - 1e-9))
    if n < needed:
        raise ValueError(
            f"n is {n}; rho = {rho:g} needs at least {needed} nodes (16 + 6/(1 - |rho|))"
        )
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    inside = np.abs(nodes) <= OUTERMOST_NODE
    nodes, log_w = nodes[inside], np.log(weights[inside])
    squares, products = np.add.outer(nodes**2, nodes**2), np.multiply.outer(nodes, nodes)
    log_ratio = -(rho**2 * squares - 2 * rho * products) / (2 * (1 - rho**2))
    labels = nodes.tolist()
    return Context.from_counts(
        np.exp(np.add.outer(log_w, log_w) + log_ratio),
        x_labels=labels,
        a_labels=labels,
        exact_values=np.abs(rho) ** np.arange(1, len(nodes)),
    )


def binomial_thinning(strength, n=5, p=0.5):
    """X counts n tosses of a p-coin; A is what is left when each head survives with chance r.

    X ~ Bin(n, p), A | X ~ Bin(X, r). s_k = (r(1 − p)/(1 − pr))^{k/2} for k = 1 … n; the
    singular functions are Krawtchouk polynomials of degree k.

    Parameters
    ----------
    strength : float in [0, 1]
        r. At 0 only A = 0 is left and the context is (n + 1) × 1, else
        (n + 1) × (n + 1); a tiny r loses the high counts.
    n : int from 1 to 50
    p : float in [0.01, 0.99]

    The labels are the counts. Source: thinning (Rényi 1956); polynomial expansions of
    bivariate distributions, Eagleson 1964.
    """
    r, n = fraction("strength", strength), size_between("n", n, 1, 50)
    p = fraction("p", p, 0.01, 0.99)
    counts = list(range(n + 1))
    rows = np.array([_binomial(x, r, n) for x in counts])
    values = (r * (1 - p) / (1 - p * r)) ** (np.arange(1, n + 1) / 2)
    return channel(rows, values, counts, counts, p_x=_binomial(n, p, n))


def _input_distribution(n, p):
    """The distribution of X from the arguments n and p, of which either may be None."""
    if n is not None:
        n = size_between("n", n, 2)
    if p is None:
        return np.full(n or 4, 1 / (n or 4))
    p = as_numbers("p", p, "(n,)")
    if not 2 <= len(p) <= LARGEST_SIDE:
        raise ValueError(f"p has shape {p.shape}; it must be (n,) with n from 2 to {LARGEST_SIDE}")
    if n is not None and n != len(p):
        raise ValueError(f"p has {len(p)} probabilities, but n is {n}")
    rule = f"it must be at least {RAREST_INPUT:g} of the total (or leave that input out)"
    refuse_cells("p", p, lambda value: value <= max(0, RAREST_INPUT * p.sum()), rule)
    return p / p.sum()


def _binomial(n, p, most):
    """Probabilities of 0 … most successes in n tosses."""
    chances = [comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)]
    return np.array(chances + [0.0] * (most - n))
