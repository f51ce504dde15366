"""Claims about SVME, KISE and what is read off an encoder afterwards (notebook 05)."""

import numpy as np

from contexture_lite._checks import as_dense, as_numbers
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, PAPER, TWO_MODES
from contexture_lite.claims.objectives import (
    Row,
    low_rank,
    register,
    squared_distance,
    whitened_alone,
)
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.tasks import ritz

claim = lesson("05", source=PAPER)


def pair_distance(context, phi, psi):
    """E ‖Φ(X) − Ψ(A)‖², pair by pair."""
    return squared_distance(by_hand.table(context)[0], phi, psi)


def _best_pair(context, modes):
    """O μ + c, and its mean."""
    phi = by_hand.rotated(modes[1], given.rng())
    return phi, by_hand.pulled_back(context, phi)


def _with_its_mean(context, phi):
    """Φ whitened, and Ψ = T*Φ."""
    phi = by_hand.whitened(by_hand.table(context)[1], phi)
    return phi, by_hand.pulled_back(context, phi)


def _best_white_pair(context, modes):
    """O μ and O ν, with the same O."""
    turn = by_hand.rotation(len(modes[0]), given.rng())
    return modes[1] @ turn, modes[2] @ turn


def _with_nearest_white(context, phi):
    """Φ whitened, and of all whitened Ψ the one nearest to T*Φ: an orthogonal Procrustes."""
    _, p, q = by_hand.table(context)
    phi, basis = by_hand.whitened(p, phi), by_hand.completed(q)
    aligned = by_hand.gram(q, basis, by_hand.pulled_back(context, phi))
    U, _, Vt = np.linalg.svd(aligned, full_matrices=False)
    return phi, basis @ U @ Vt


PAIRS = r"\mathbb{E}\lVert\Phi(X)-\Psi(A)\rVert^2"

register(claim, Row(
    name="SVME", learns="pairs and two encoders learn the left functions", loss=PAIRS,
    minimum=r"\sum_{i\le d}(1-s_i^2)", where=r" under $\mathrm{Cov}\,\Phi=I$",
    attained=r"at $\tilde\Phi=O(\mu_1,\dots,\mu_d)$ and $\Psi=T^{\ast}\Phi$", encodes="x",
    of=pair_distance, best=_best_pair, completed=_with_its_mean,
    least=lambda context, s: np.sum(1 - s**2), completion=", whitened, with Ψ = T*Φ"))

register(claim, Row(
    name="SVME, both whitened", learns="whitening both encoders learns both sides", loss=PAIRS,
    minimum=r"2\sum_{i\le d}(1-s_i)", where=r" under $\mathrm{Cov}\,\Phi=\mathrm{Cov}\,\Psi=I$",
    attained=r"at $\tilde\Phi=O(\mu_1,\dots,\mu_d)$ and $\tilde\Psi=O(\nu_1,\dots,\nu_d)$",
    source="canonical correlation analysis (Hotelling 1936)", encodes="x", of=pair_distance,
    best=_best_white_pair, completed=_with_nearest_white,
    least=lambda context, s: 2 * np.sum(1 - s),
    completion=", whitened, with the whitened Ψ nearest to it"))


@claim("svme-second-encoder", "SVME: the best second encoder averages the first",
       rf"${PAIRS}"
       r" = \mathbb{E}\lVert\Phi(X)-(T^{\ast}\Phi)(A)\rVert^2"
       r" + \mathbb{E}\lVert\Psi(A)-(T^{\ast}\Phi)(A)\rVert^2$, so that $\Psi=T^{\ast}\Phi$ is"
       r" best",
       needs=[HAS_MODE],
       routes=("the distance of Φ from a random Ψ, pair by pair",
               "its distance from T*Φ, plus the distance of Ψ from T*Φ"))
def svme_second_encoder(context, d=None):
    q = by_hand.table(context)[2]
    phi = given.encoder_on(context, "x", d)
    psi = given.rng(1).standard_normal((len(q), phi.shape[1]))
    mean = context.expect_adjoint(phi)
    beyond = np.sum(q @ (psi - mean) ** 2)
    return Sides(pair_distance(context, phi, psi), pair_distance(context, phi, mean) + beyond)


@claim("svme-half", "SVME has half the minimum of two views",
       r"$\min\,\mathbb{E}\lVert\Phi(X)-\Psi(A)\rVert^2 ="
       r" \tfrac12\min\,\mathbb{E}\lVert\Psi(A)-\Psi(A^{+})\rVert^2$, the first under"
       r" $\mathrm{Cov}\,\Phi=I$, the second under $\mathrm{Cov}\,\Psi=I$",
       source="our derivation", needs=[HAS_MODE],
       routes=("SVME at μ₁ … μ_d, pair by pair", "half the distance of two views at ν₁ … ν_d"))
def svme_half(context, d=None):
    _, mu, nu = by_hand.top_modes(context, given.dimension(context, d))
    phi, psi = by_hand.rotated(mu, given.rng()), by_hand.rotated(nu, given.rng(1))
    two = squared_distance(by_hand.views(context), psi, psi)
    return Sides(pair_distance(context, phi, by_hand.pulled_back(context, phi)), two / 2)


# -- KISE: a kernel, one encoder ---------------------------------------------------


def agreement(context, kernel, phi):
    """E⟨Φ̃, T_k Φ̃⟩ = Σ p(x) p(x') k(x, x') ⟨Φ̃(x), Φ̃(x')⟩."""
    p = by_hand.table(context)[1]
    phi = by_hand.centred(p, phi)
    return p @ (kernel * (phi @ phi.T)) @ p


register(claim, Row(
    name="KISE", learns="a kernel and one encoder learn the left functions",
    loss=r"-\mathbb{E}\langle\tilde\Phi,T_k\tilde\Phi\rangle", minimum=r"-\sum_{i\le d}s_i^2",
    where=r" with $k=k_X^{+}$, under $\mathrm{Cov}\,\Phi=I$",
    attained=r"at $\tilde\Phi=O(\mu_1,\dots,\mu_d)$", encodes="x",
    of=lambda context, phi: -agreement(context, as_dense(context.dual_kernel()), phi),
    best=lambda context, modes: (by_hand.rotated(modes[1], given.rng()),), completed=whitened_alone,
    least=lambda context, s: -np.sum(s**2), completion=" and whitened"))


def _given_kernel(context, kernel):
    """The reader's kernel, or k_X⁺."""
    n = context.shape[0]
    if kernel is None:
        return as_dense(context.dual_kernel())
    return as_numbers("kernel", kernel, f"({n}, {n})")


def _largest_miss(context, kernel=None):
    """Largest absolute value of T_k 1 − 1."""
    return float(np.abs(_given_kernel(context, kernel) @ context.p_x - 1).max())


DENSITY_RATIO = Hypothesis(
    "a kernel with T_k 1 = 1", lambda c, kernel=None: _largest_miss(c, kernel) < 1e-9,
    lambda c, kernel=None: f"misses it by {_largest_miss(c, kernel):.4f}")


@claim("kise-pair-distance", "KISE is a distance of pairs, if the kernel is a density ratio",
       r"$\tfrac12\,\mathbb{E}_{k}\lVert\Phi(X)-\Phi(X')\rVert^2 ="
       r" d-\mathbb{E}\langle\tilde\Phi,T_k\tilde\Phi\rangle$ under $\mathrm{Cov}\,\Phi=I$ if"
       r" $T_k1=1$",
       needs=[HAS_MODE, DENSITY_RATIO],
       routes=("squared distances weighted with p p' k, pair by pair", "d − E⟨Φ̃, T_k Φ̃⟩"))
def kise_pair_distance(context, d=None, kernel=None):
    """For k_X⁺ or the reader's kernel (N, N)."""
    P, p, q = by_hand.table(context)
    phi = by_hand.whitened(p, given.encoder_on(context, "x", d))
    values = _given_kernel(context, kernel)
    pairs = P / q @ P.T if kernel is None else np.multiply.outer(p, p) * values
    distance = squared_distance(pairs, phi, phi) / 2
    return Sides(distance, phi.shape[1] - agreement(context, values, phi))


# -- after training: from a span to ordered functions ------------------------------


@claim("ritz-functions", "A generalised eigenproblem turns a span into ordered functions",
       r"with $B_\Phi v_i=\lambda_iC_\Phi v_i$, the functions $e_i=v_i^{\top}\tilde\Phi$ have"
       r" $\langle e_i,TT^{\ast}e_j\rangle=s_i^2\,1[i=j]$ and $\langle e_i,e_j\rangle=1[i=j]$ if"
       r" $\Phi$ spans $\mu_1,\dots,\mu_d$",
       source=f"Rayleigh–Ritz; {PAPER}", needs=[HAS_MODE],
       routes=("inner products of the functions read off a mixed span", "diag(sᵢ²); the identity"))
def ritz_functions(context):
    d = given.dimension(context)
    _, p, q = by_hand.table(context)
    s, mu, _ = by_hand.top_modes(context, d)
    e = ritz(context, by_hand.remixed(mu, given.rng())).functions
    grams = [by_hand.gram(q, by_hand.pulled_back(context, e)), by_hand.gram(p, e)]
    return Sides(grams, [np.diag(s**2), np.eye(d)])


@claim("ritz-more-outputs", "More outputs than needed only help: no value read off goes down",
       r"$\lambda_i(\Phi) \le \lambda_i((\Phi,\Phi'))$ for $i\le d$, whatever outputs $\Phi'$ join",
       source="Cauchy's interlacing theorem; our reading", needs=[TWO_MODES],
       routes=("λᵢ of a random encoder", "the largest λᵢ with one more output"))
def ritz_more_outputs(context, d=1):
    """One more random output joins, if there is room."""
    p, phi = by_hand.table(context)[1], given.features(context, d)
    others = given.rng(1).standard_normal((len(p), min(1, len(p) - 1 - phi.shape[1])))
    larger = by_hand.whitened(p, np.c_[phi, others])
    values = ritz(context, larger).values[: phi.shape[1]]
    return Sides(ritz(context, phi).values, values, relation="<=")


@claim("nested-prefixes", "Nested features are ordered: the first j of them are the best j",
       r"$L_j = -\sum_{i\le j}s_i^2$ for every $j\le d$, $L_j$ the two-tower loss of the first $j$"
       r" coordinates of the nested minimiser",
       source="Ryu et al. 2024 (arXiv 2402.03655)", needs=[HAS_MODE],
       routes=("the loss of the first j coordinates, pair by pair, for j = 1 … d",
               "−Σ sᵢ² up to j"))
def nested_prefixes(context):
    P, d = by_hand.table(context)[0], given.dimension(context)
    s, mu, nu = by_hand.top_modes(context, d)
    losses = [low_rank(P, mu[:, :j], (nu * s)[:, :j]) for j in range(1, d + 1)]
    return Sides(np.array(losses), -np.cumsum(s**2))
