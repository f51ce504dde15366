"""Joint tables for the tests: Hypothesis strategies, and contexts with a prescribed spectrum."""

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

import contexture_lite as cl
from contexture_lite import gallery

DIALS = [  # every function of a strength in [0, 1], at its default sizes
    gallery.binary_channel,
    gallery.symmetric_channel,
    gallery.erasure,
    gallery.hidden_mixture,
    gallery.cycle_walk,
    gallery.hypercube,
    gallery.masked_tokens,
    gallery.clusters,
    gallery.binary_tree,
    gallery.circle_crops,
    gallery.binomial_thinning,
]


@st.composite
def tables(draw, largest=7):
    """Counts without empty rows or columns: sparse, repeating, almost independent, long, …"""
    kind = draw(
        st.sampled_from(["any", "sparse", "repeating", "independent", "identity", "long", "thin"])
    )
    sizes = {"long": (1, 3 * largest), "thin": (3 * largest, 2)}.get(kind, (largest, largest))
    n, m = draw(st.integers(1, sizes[0])), draw(st.integers(1, sizes[1]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if kind == "independent":
        table = np.outer(rng.random(n) + 0.1, rng.random(m) + 0.1) + 1e-6 * rng.random((n, m))
    elif kind == "identity":
        m = n
        table = np.eye(n) + 1e-6 * rng.random((n, n))
    elif kind == "repeating":
        table = rng.integers(0, 2, (n, m)).astype(float)
    elif kind == "sparse":
        table = rng.random((n, m)) * (rng.random((n, m)) < 0.3)
    else:
        table = rng.random((n, m))
    table[np.arange(max(n, m)) % n, np.arange(max(n, m)) % m] += 0.05  # nothing empty
    return table


contexts = tables().map(cl.Context.from_counts)


def orthonormal(weights, k, rng):
    """k functions of mean zero, orthonormal in L²(weights)."""
    root = np.sqrt(weights)[:, None]
    raw = np.hstack([root, rng.standard_normal((len(weights), k))])
    return np.linalg.qr(raw)[0][:, 1:] / root


def prescribed(values, n, m, seed=0):
    """(context, μ, ν) of P = p q (1 + Σ c s_i μ_i ν_i), with c ≤ 1 so small that P ≥ 0.

    The singular values are c times ``values``; they are the context's exact_values.
    """
    rng = np.random.default_rng(seed)
    p, q = rng.random(n) + 0.5, rng.random(m) + 0.5
    p, q = p / p.sum(), q / q.sum()
    mu, nu = orthonormal(p, len(values), rng), orthonormal(q, len(values), rng)
    kernel = (mu * values) @ nu.T
    scale = min(1.0, 0.9 / -kernel.min())
    exact = np.zeros(min(n, m) - 1)
    exact[: len(values)] = scale * np.asarray(values)
    return cl.Context(np.outer(p, q) * (1 + scale * kernel), exact_values=exact), mu, nu


def ring(n, half_width, sparse=True):
    """x on a ring of n, A one of the 2h + 1 points around it; and its singular values."""
    steps = np.arange(-half_width, half_width + 1)
    x = np.repeat(np.arange(n), len(steps))
    a = (np.arange(n)[:, None] + steps).ravel() % n
    joint = sp.csr_array((np.full(len(x), 1 / len(x)), (x, a)), shape=(n, n))
    angles = 2 * np.pi * np.outer(np.arange(1, n), steps) / n
    values = np.sort(np.abs(np.cos(angles).mean(axis=1)))[::-1]
    return cl.Context(joint if sparse else joint.toarray(), exact_values=values)


def cube(bits):
    """x in {0, 1}^bits, A = x with one of its bits flipped, or none; and its singular values."""
    from scipy.special import comb

    x = np.arange(2**bits)
    a = np.concatenate([x, *(x ^ (1 << bit) for bit in range(bits))])
    cells = (np.full(len(a), 1 / len(a)), (np.tile(x, bits + 1), a))
    size = np.arange(1, bits + 1)
    values = np.repeat(np.abs(1 - 2 * size / (bits + 1)), comb(bits, size).astype(int))
    return cl.Context(sp.csr_array(cells, shape=(len(x),) * 2), exact_values=values)


def block_diagonal(*blocks):
    """The disconnected context that is each of the given ones with equal probability."""
    joint = sp.block_diag([sp.csr_array(block.joint) for block in blocks]) / len(blocks)
    return cl.Context(joint)


def largest_angle(f, g, weights):
    """Largest principal angle between two spans of functions in L²(weights)."""
    root = np.sqrt(weights)[:, None]
    f, g = np.linalg.qr(f * root)[0], np.linalg.qr(g * root)[0]
    return np.arcsin(min(1.0, np.linalg.norm(f - g @ (g.T @ f), 2)))
