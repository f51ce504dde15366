"""Claims about two encoders of the same inputs: do they agree, and why (notebook 08).

Φ and Ψ are drawn at random from ``seed`` unless the reader brings them, as ``encoder`` and
``second``. Δ(Φ, Ψ) = √(d − Σ ρ_i²) is the distance of the spans of two encoders with d features.
"""

from itertools import permutations

import numpy as np
from scipy.linalg import subspace_angles

from contexture_lite import alignment
from contexture_lite._checks import as_count, as_dense
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


def both(context, d, encoder, second, seed, fewer=1):
    """The masses p, Φ and Ψ; a random Ψ has ``fewer`` features less than Φ, but at least one."""
    phi = given.features(context, d, encoder, seed)
    count = max(1, phi.shape[1] - fewer) if second is None else None
    return by_hand.table(context)[1], phi, given.features(context, count, second, seed + 1)


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
def cca_invariance(context, d=None, encoder=None, second=None, seed=0):
    p, phi, psi = both(context, d, encoder, second, seed)
    rho = alignment.canonical_correlations(by_hand.remixed(phi, seed + 2), psi, context.p_x)
    return Sides(np.sum(rho**2), shared(p, phi, psi))


@claim("canonical-angles", "Canonical correlations are the cosines of the angles between the spans",
       r"$\frac1d\sum_{i\le d}\rho_i^2 = \frac1d\sum_{i\le d}\cos^2\theta_i$, $d$ the smaller"
       r" number of features",
       source="Björck & Golub 1973", needs=[HAS_MODE],
       routes=("mean squared canonical correlation", "mean cos² of the principal angles, by SciPy"))
def canonical_angles(context, d=None, encoder=None, second=None, seed=0):
    p, phi, psi = both(context, d, encoder, second, seed)
    angles = subspace_angles(*(np.sqrt(p)[:, None] * by_hand.centred(p, z) for z in (phi, psi)))
    return Sides(float(alignment.squared_cca(phi, psi, context.p_x)), np.mean(np.cos(angles) ** 2))


@claim("cka-whitened", "Between whitened features, CKA is canonical correlation",
       r"$\mathrm{CKA}(\Phi,\Psi) = \sum_i\rho_i^2/\sqrt{d_1d_2}$ if $\mathrm{Cov}\,\Phi=I$ and"
       r" $\mathrm{Cov}\,\Psi=I$",
       source="Kornblith et al. 2019 (arXiv 1905.00414)", needs=[HAS_MODE],
       routes=("CKA of both, whitened", "trace of the product of both projectors, over √(d₁d₂)"))
def cka_whitened(context, d=None, encoder=None, second=None, seed=0):
    p, phi, psi = both(context, d, encoder, second, seed)
    cka = alignment.cka(by_hand.whitened(p, phi), by_hand.whitened(p, psi), context.p_x)
    return Sides(float(cka), shared(p, phi, psi) / np.sqrt(phi.shape[1] * psi.shape[1]))


@claim("cca-by-chance", "Wide features agree by chance: the sum of squared canonical correlations",
       r"$\mathbb{E}\sum_i\rho_i^2 = \frac{d_1d_2}{n-1}$ over all orders of the $n$ inputs in"
       r" $\Psi$, equally weighted", **BY_CHANCE)
def cca_by_chance(context, d=None, encoder=None, second=None, seed=0):
    _, phi, psi = both(context, d, encoder, second, seed)
    p = np.full(len(phi), 1 / len(phi))  # equal weights
    chance = min(phi.shape[1], psi.shape[1]) * alignment.squared_cca(phi, psi).unrelated
    return Sides(chance, over_orders(projector(p, phi), projector(p, psi)))


@claim("cka-by-chance", "Features agree by chance in CKA too, the more the flatter their spectra",
       r"$\mathbb{E}\,\mathrm{CKA} = \frac1{n-1}\frac{\mathrm{tr}\,C_\Phi}{\lVert C_\Phi\rVert_F}"
       r"\frac{\mathrm{tr}\,C_\Psi}{\lVert C_\Psi\rVert_F}$ over all orders of the $n$ inputs in"
       r" $\Psi$, equally weighted", **BY_CHANCE)
def cka_by_chance(context, d=None, encoder=None, second=None, seed=0):
    _, phi, psi = both(context, d, encoder, second, seed)
    A, B = (z @ z.T for z in (phi - phi.mean(axis=0), psi - psi.mean(axis=0)))
    mean = over_orders(A, B) / (np.linalg.norm(A) * np.linalg.norm(B))
    return Sides(alignment.cka(phi, psi).unrelated, mean)


@claim("neighbours-by-chance", "Unrelated features share k of n − 1 neighbours",
       r"$\mathbb{E}\,\frac1k\lvert N_\Phi\cap N_\Psi\rvert = \frac k{n-1}$ over all orders of the"
       r" $n$ inputs in $\Psi$, whatever their weights", **BY_CHANCE)
def neighbours_by_chance(context, d=None, encoder=None, second=None, k=1, seed=0):
    """``k`` neighbours by cosine."""
    p, phi, psi = both(context, d, encoder, second, seed)
    near, other = (_nearest(z, k) for z in (phi, psi))
    chance = alignment.mutual_neighbours(phi, psi, k, context.p_x).unrelated
    return Sides(chance, over_orders(p[:, None] * near, other) / k)


def _nearest(z, k):
    """(n, n) of 0 and 1: who is among whose k nearest by cosine."""
    unit = z / np.linalg.norm(z, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    near = np.zeros(cosines.shape)
    np.put_along_axis(near, np.argsort(-cosines, axis=1)[:, : as_count("k", k)], 1.0, axis=1)
    return near


@claim("plateau-agreement",
       "Near its best ratio trace an encoder has to be near the exact functions",
       r"$(s_d^2-s_{d+1}^2)\,\bigl(d-\sum_i\rho_i^2(\Phi,\mu_{1\dots d})\bigr) \le"
       r" \sum_{i\le d}s_i^2-\mathrm{RT}(\Phi)$",
       needs=[HAS_MODE],
       routes=("gap times the canonical correlation missing", "Σ sᵢ² − tr(C⁻¹B), from the table"))
def plateau_agreement(context, d=None, encoder=None, seed=0):
    """With P_Φ = (p_ij) in the modes, RT = Σ s_i² p_ii and 0 ≤ p_ii ≤ 1."""
    phi = given.features(context, d, encoder, seed)
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
def agreement_of_contexts(context, d=None, encoder=None, second=None, other=None, seed=0):
    """``other`` is the second context."""
    p, phi, psi = both(context, d, encoder, second, seed, fewer=0)
    pair = given.two_contexts(context, other, seed + 2, context.shape[0])
    mu, nu = (by_hand.top_modes(c, phi.shape[1])[1] for c in pair)
    left = by_angles(p, phi, psi) - by_angles(p, mu, nu)
    return Sides(abs(left), chordal(p, phi, mu) + chordal(p, psi, nu), relation="<=")


@claim("new-names", "New names for inputs and context values change nothing",
       r"$s_i' = s_i$ and $k_X'^{+}(x,x') = k_X^{+}(\sigma x,\sigma x')$ for"
       r" $P'(x,a)=P(\sigma x,\pi a)$ with bijections $\sigma$ and $\pi$",
       source=PAPER,
       routes=("sᵢ and kernel of the renamed context", "of the first, from its table"))
def new_names(context, seed=0):
    rng = np.random.default_rng(seed)
    P = by_hand.table(context)[0]
    rows, columns = (rng.permutation(size) for size in P.shape)
    renamed = Context(P[np.ix_(rows, columns)])
    length = min(P.shape) - 1
    kernel = as_dense(renamed.dual_kernel())
    return Sides(
        np.r_[by_hand.package_values(renamed, length), kernel.ravel()],
        np.r_[by_hand.values(context, length), by_hand.kernel(context)[np.ix_(rows, rows)].ravel()],
    )
