"""Claims about two modalities and their towers (notebook 14)."""

import numpy as np

from contexture_lite.alignment import canonical_correlations
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.objectives import low_rank
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.retrieval import linear_towers
from contexture_lite.spectrum import singular_system

claim = lesson("14", source="our derivation")

FEATURES = 3  # of either modality, at most, where they are random


def random_features(context):
    """Features of X and of A, at most three each, random."""
    rng, (n, m) = given.rng(), context.shape
    return (rng.standard_normal((n, min(FEATURES, n - 1))),
            rng.standard_normal((m, min(FEATURES, m - 1))))


def correlations_on_pairs(context, phi, psi):
    """Canonical correlations of Φ(X) and Ψ(A) under P, by the package's `alignment`."""
    P = by_hand.table(context)[0]
    x, a = np.nonzero(P)
    return canonical_correlations(phi[x], psi[a], P[x, a])


@claim("linear-towers", "Two linear towers are an SVD",
       r"$\min_{W,V}\,-2\,\mathbb{E}\langle\Phi,\Psi\rangle+\mathbb{E}_{X\perp A}\langle\Phi,\Psi"
       r"\rangle^2 = -\sum_{i\le d}\rho_i^2$ for $\Phi=W^\top x$, $\Psi=V^\top a$, centred;"
       r" $\rho_i$ the canonical correlations",
       source="Hotelling 1936; our derivation", needs=[HAS_MODE],
       routes=("the loss of the package's towers, summed over the table",
               "−Σ ρᵢ², canonical correlations of the pairs"))
def linear_towers_claim(context):
    """Random features of inputs and values, towers of the largest possible d."""
    X, A = random_features(context)
    P = by_hand.table(context)[0]
    x, a = np.nonzero(P)
    d = min(X.shape[1], A.shape[1])
    towers = linear_towers(X[x], A[a], d, weights=P[x, a])
    loss = low_rank(P, towers.of_x(X), towers.of_a(A))
    return Sides(loss, -np.sum(correlations_on_pairs(context, X, A) ** 2))


@claim("platonic-bound", "Two modalities agree as far as their joint distribution allows",
       r"$\sum_{i\le d}\rho_i(\Phi(X),\Psi(A))^2 \le \sum_{i\le d}s_i^2$ for any encoders of $d$"
       r" features",
       source="Ky Fan; Huh et al. 2024 (arXiv 2405.07987) for the hypothesis", needs=[HAS_MODE],
       routes=("squared canonical correlations of random encoders, and of (μ, ν) mixed",
               "Σ sᵢ² of the first d"))
def platonic_bound(context):
    """Random encoders, and the best ones mixed with a little of them."""
    d = given.dimension(context)
    s, mu, nu = by_hand.top_modes(context, d)
    rng = given.rng()
    phi, psi = (rng.standard_normal((size, d)) for size in context.shape)
    near = correlations_on_pairs(context, mu + 0.01 * phi, nu + 0.01 * psi)
    some = correlations_on_pairs(context, phi, psi)
    return Sides([np.sum(some**2), np.sum(near**2)], np.sum(s**2), relation="<=")


@claim("platonic-attained", "The singular functions of the joint reach that bound",
       r"$\mathrm{corr}(\mu_i(X),\nu_j(A)) = s_i\,1[i=j]$",
       needs=[HAS_MODE],
       routes=("canonical correlations of (μ, ν) on the pairs, by alignment",
               "s₁ … s_d by an SVD of the table"))
def platonic_attained(context):
    d = given.dimension(context)
    _, mu, nu = by_hand.top_modes(context, d)
    return Sides(correlations_on_pairs(context, mu, nu)[:d], by_hand.values(context, d))


@claim("zero-shot", "Zero-shot classification is exact, with the mean of a class's captions",
       r"$P(y\mid x) = P(y)\left(1+\sum_i s_i\mu_i(x)\,\mathbb{E}[\nu_i(A)\mid y]\right)$ for a"
       r" class $y=y(a)$",
       source="our derivation; the practice: Radford et al. 2021 (arXiv 2103.00020)",
       needs=[HAS_MODE],
       routes=("from the singular system, captions averaged",
               "rows of the table, summed over a class"))
def zero_shot(context):
    """Three classes: every third context value."""
    P, p, q = by_hand.table(context)
    system = singular_system(context)
    classes = np.arange(len(q)) % 3 == np.arange(3)[:, None]
    classes = classes[classes.any(axis=1)]
    mass = classes @ q
    prototypes = (classes * q / mass[:, None]) @ system.right
    told = mass * (1 + (system.left * system.values) @ prototypes.T)
    root = np.sqrt(p)[:, None]
    return Sides(root * told, root * (P / p[:, None]) @ classes.T)
