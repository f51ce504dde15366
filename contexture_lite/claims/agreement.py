"""Claims about two encoders of the same inputs: do they agree, and why (notebook 08).

Φ and Ψ are random, but for two claims to which the reader may bring them, as ``encoder`` and
``second``. Δ(Φ, Ψ) = √(d − Σ ρ_i²) is the distance of the spans of two encoders with d features.
"""

from itertools import permutations

import numpy as np
from scipy.linalg import subspace_angles

from contexture_lite import alignment
from contexture_lite._checks import as_dense, as_numbers, in_order
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, PAPER
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

claim = lesson("08", source="our derivation")

MOST_POINTS = 7  # whose orders can all be tried

FEW_POINTS = Hypothesis(
    f"at most {MOST_POINTS} inputs, whose orders can all be tried",
    lambda c: c.shape[0] <= MOST_POINTS, lambda c: f"has {c.shape[0]}", to_compute=True)


def both(context):
    """The masses p, and random Φ and Ψ; Ψ has one feature less than Φ, but at least one."""
    phi = given.features(context)
    psi = given.features(context, max(1, phi.shape[1] - 1), place=1)
    return by_hand.table(context)[1], phi, psi


def brought(context, encoder):
    """The reader's encoder (N, d), of rank d."""
    size, modes = context.shape[0], min(context.shape) - 1
    encoder = in_order("encoder", encoder, context.x_labels)
    encoder, p = as_numbers("encoder", encoder, f"({size}, d)"), by_hand.table(context)[1]
    least = 1e-12 * np.linalg.norm(encoder)
    rank = np.linalg.matrix_rank(np.sqrt(p)[:, None] * by_hand.centred(p, encoder), tol=least)
    if not rank == encoder.shape[1] <= modes:
        raise ValueError(
            f"encoder has {encoder.shape[1]} features and a covariance of rank {rank}; it must "
            f"have at most {modes} here, linearly independent and not constant")
    return encoder


def projector(p, phi):
    """Onto the span of Φ̃ in orthonormal coordinates: U Uᵀ with √p Φ̃ = U R."""
    basis = np.linalg.qr(np.sqrt(p)[:, None] * by_hand.centred(p, phi))[0]
    return basis @ basis.T


def shared(p, phi, psi):
    """Σ ρ_i², as the trace of the product of both projectors."""
    return np.sum(projector(p, phi) * projector(p, psi))


def chordal(p, phi, psi):
    """Δ(Φ, Ψ), as the distance of both projectors: ‖·‖_F / √2."""
    return np.linalg.norm(projector(p, phi) - projector(p, psi)) / np.sqrt(2)


def by_angles(p, phi, psi):
    """Δ(Φ, Ψ) = (Σ sin² θ_i)^{1/2} by the package, whose small angles keep their digits."""
    return np.linalg.norm(np.sin(alignment.principal_angles(phi, psi, p)))


BY_CHANCE = {"needs": [HAS_MODE, FEW_POINTS], "routes": (
    "value for unrelated features, without trying any", "mean over all n! orders")}


def over_orders(A, B):
    """Mean of Σ_ij A_ij B_π(i)π(j) over all n! orders π of the points."""
    orders = np.array(list(permutations(range(len(A)))))
    return np.tensordot(B[orders[:, :, None], orders[:, None, :]], A).mean()


@claim("cca-invariance", "Canonical correlations see the span and nothing else",
       r"$\sum_i\rho_i^2(\Phi G+c,\Psi) = \sum_i\rho_i^2(\Phi,\Psi)$ for every invertible $G$",
       source="Hotelling 1936", needs=[HAS_MODE],
       routes=("ρᵢ² of ΦG + c and Ψ, summed", "trace of the product of both projectors"))
def cca_invariance(context):
    p, phi, psi = both(context)
    rho = alignment.canonical_correlations(by_hand.remixed(phi, given.rng(2)), psi, context.p_x)
    return Sides(np.sum(rho**2), shared(p, phi, psi))


@claim("canonical-angles", "Canonical correlations are the cosines of the angles between the spans",
       r"$\frac1d\sum_{i\le d}\rho_i^2 = \frac1d\sum_{i\le d}\cos^2\theta_i$, $d$ the smaller"
       r" number of features",
       source="Björck & Golub 1973", needs=[HAS_MODE],
       routes=("mean squared canonical correlation", "mean cos² of the principal angles, by SciPy"))
def canonical_angles(context):
    p, phi, psi = both(context)
    angles = subspace_angles(*(np.sqrt(p)[:, None] * by_hand.centred(p, z) for z in (phi, psi)))
    return Sides(float(alignment.squared_cca(phi, psi, context.p_x)), np.mean(np.cos(angles) ** 2))


@claim("cka-whitened", "Between whitened features, CKA is canonical correlation",
       r"$\mathrm{CKA}(\Phi,\Psi) = \sum_i\rho_i^2/\sqrt{d_1d_2}$ if $\mathrm{Cov}\,\Phi=I$ and"
       r" $\mathrm{Cov}\,\Psi=I$",
       source="Kornblith et al. 2019 (arXiv 1905.00414)", needs=[HAS_MODE],
       routes=("CKA of both, whitened", "trace of the product of both projectors, over √(d₁d₂)"))
def cka_whitened(context):
    p, phi, psi = both(context)
    cka = alignment.cka(by_hand.whitened(p, phi), by_hand.whitened(p, psi), context.p_x)
    return Sides(float(cka), shared(p, phi, psi) / np.sqrt(phi.shape[1] * psi.shape[1]))


@claim("cca-by-chance", "Wide features agree by chance: the sum of squared canonical correlations",
       r"$\mathbb{E}\sum_i\rho_i^2 = \frac{d_1d_2}{n-1}$ over all orders of the $n$ inputs in"
       r" $\Psi$, equally weighted", **BY_CHANCE)
def cca_by_chance(context):
    _, phi, psi = both(context)
    p = np.full(len(phi), 1 / len(phi))  # equal weights
    chance = min(phi.shape[1], psi.shape[1]) * alignment.squared_cca(phi, psi).unrelated
    return Sides(chance, over_orders(projector(p, phi), projector(p, psi)))


@claim("cka-by-chance", "Features agree by chance in CKA too, the more the flatter their spectra",
       r"$\mathbb{E}\,\mathrm{CKA} = \frac1{n-1}\frac{\mathrm{tr}\,C_\Phi}{\lVert C_\Phi\rVert_F}"
       r"\frac{\mathrm{tr}\,C_\Psi}{\lVert C_\Psi\rVert_F}$ over all orders of the $n$ inputs in"
       r" $\Psi$, equally weighted", **BY_CHANCE)
def cka_by_chance(context):
    _, phi, psi = both(context)
    A, B = (z @ z.T for z in (phi - phi.mean(axis=0), psi - psi.mean(axis=0)))
    mean = over_orders(A, B) / (np.linalg.norm(A) * np.linalg.norm(B))
    return Sides(alignment.cka(phi, psi).unrelated, mean)


@claim("neighbours-by-chance", "Unrelated features share k of n − 1 neighbours",
       r"$\mathbb{E}\,\frac1k\lvert N_\Phi\cap N_\Psi\rvert = \frac k{n-1}$ over all orders of the"
       r" $n$ inputs in $\Psi$, whatever their weights", **BY_CHANCE)
def neighbours_by_chance(context):
    """The nearest neighbour by cosine, k = 1; and two of them, where there are as many."""
    p, phi, psi = both(context)
    chance, found = [], []
    for k in range(1, min(3, len(p))):
        near, other = (nearest(z, k) for z in (phi, psi))
        chance.append(alignment.mutual_neighbours(phi, psi, k, context.p_x).unrelated)
        found.append(over_orders(p[:, None] * near, other) / k)
    return Sides(chance, found)


def nearest(z, k):
    """(n, n) of 0 and 1: who is among whose k nearest by cosine."""
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    near = np.zeros(cosines.shape)
    np.put_along_axis(near, np.argsort(-cosines, axis=1)[:, : k], 1.0, axis=1)
    return near


@claim("plateau-agreement",
       "Near its best ratio trace an encoder has to be near the exact functions",
       r"$(s_d^2-s_{d+1}^2)\,\bigl(d-\sum_i\rho_i^2(\Phi,\mu_{1\dots d})\bigr) \le"
       r" \sum_{i\le d}s_i^2-\mathrm{RT}(\Phi)$",
       needs=[HAS_MODE],
       routes=("gap times the canonical correlation missing", "Σ sᵢ² − tr(C⁻¹B), from the table"))
def plateau_agreement(context, encoder=None):
    """With P_Φ = (p_ij) in the modes, RT = Σ s_i² p_ii and 0 ≤ p_ii ≤ 1."""
    phi = given.features(context) if encoder is None else brought(context, encoder)
    d, values = phi.shape[1], np.r_[singular_system(context).values, 0.0]
    missing = by_angles(context.p_x, phi, by_hand.top_modes(context, d)[1]) ** 2
    C, B = by_hand.moments(context, phi)
    best = by_hand.squares(context, d).sum()
    gap = values[d - 1] ** 2 - values[d] ** 2
    return Sides(gap * missing, best - np.trace(np.linalg.solve(C, B)), relation="<=")


@claim("agreement-of-contexts",
       "Encoders near the exact functions of two contexts agree as far as those do",
       r"$\lvert\Delta(\Phi,\Psi)-\Delta(\mu,\mu')\rvert \le \Delta(\Phi,\mu)+\Delta(\Psi,\mu')$"
       r" with $\Delta^2 = d-\sum_i\rho_i^2$, $\mu$ and $\mu'$ the $d$ top functions of two"
       r" contexts",
       source="our derivation; Δ is the chordal distance", needs=[HAS_MODE],
       routes=("from the principal angles", "from distances of projectors"))
def agreement_of_contexts(context, encoder=None, second=None, other=None):
    """``other`` is the second context."""
    p = by_hand.table(context)[1]
    phi = given.features(context) if encoder is None else brought(context, encoder)
    psi = given.features(context, phi.shape[1], 1) if second is None else brought(context, second)
    other = given.second_context(context, len(p), place=2) if other is None else other
    mu, nu = (by_hand.top_modes(c, phi.shape[1])[1] for c in (context, other))
    left = by_angles(p, phi, psi) - by_angles(p, mu, nu)
    return Sides(abs(left), chordal(p, phi, mu) + chordal(p, psi, nu), relation="<=")


@claim("new-names", "New names for inputs and context values change nothing",
       r"$s_i' = s_i$ and $k_X'^{+}(x,x') = k_X^{+}(\sigma x,\sigma x')$ for"
       r" $P'(x,a)=P(\sigma x,\pi a)$ with bijections $\sigma$ and $\pi$",
       source=PAPER,
       routes=("sᵢ and kernel of the renamed context", "of the first, from its table"))
def new_names(context):
    P, rng = by_hand.table(context)[0], given.rng()
    rows, columns = (rng.permutation(size) for size in P.shape)
    renamed = Context(P[np.ix_(rows, columns)])
    length = min(P.shape) - 1
    kernel = as_dense(renamed.dual_kernel())
    return Sides(
        np.r_[by_hand.package_values(renamed, length), kernel.ravel()],
        np.r_[by_hand.values(context, length), by_hand.kernel(context)[np.ix_(rows, rows)].ravel()],
    )
