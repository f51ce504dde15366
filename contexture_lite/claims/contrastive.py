"""Claims about contrastive objectives: attract pairs, part the others (notebook 04)."""

import numpy as np

from contexture_lite._checks import as_dense
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, PAPER, size
from contexture_lite.claims.objectives import (
    Row,
    both_views,
    centred_low_rank,
    info_nce,
    low_rank,
    register,
)
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.spectrum import singular_system

claim = lesson("04", source="van den Oord et al. 2018 (arXiv 1807.03748)", part=2)


VIEWS = r" for two views $A,A^{+}$ of one input and an independent $A^{-}$"
FREE_SECOND = " with the Ψ that suits it best"


def spectral_contrastive(pairs, f, g):
    """−E⟨f̃, g̃⟩ over the pairs + ½ E⟨f̃, g̃⟩² over independent draws."""
    return centred_low_rank(pairs, f, g) / 2


def _scaled_modes(context, modes):
    """O diag(s) ν + c, for both views."""
    s, _, nu = modes
    return both_views(context, by_hand.rotated(nu * s, given.rng()))


def _first_modes(context, modes):
    """O diag(1, s₁ … s_{d−1}) (1, ν₁ … ν_{d−1}), for both views."""
    s, _, nu = modes
    psi = np.c_[np.ones(len(nu)), nu * s][:, : len(s)]
    return both_views(context, psi @ by_hand.rotation(len(s), given.rng()))


def _factors(context, modes):
    """μ R + 1 and ν diag(s) R⁻ᵀ, for a random R."""
    s, mu, nu = modes
    R = by_hand.mixing(len(s), given.rng())
    return mu @ R + 1, nu * s @ np.linalg.inv(R).T


def _second_tower(context, phi):
    """Φ̃ and the Ψ that suits it best."""
    phi = by_hand.centred(by_hand.table(context)[1], phi)
    return phi, by_hand.second_tower(context, phi)


def two_towers(context, phi, psi):
    """The loss of two towers, pair by pair."""
    return centred_low_rank(by_hand.table(context)[0], phi, psi)


register(claim, Row(
    name="spectral contrastive",
    learns="it learns the right functions, scaled by the singular values",
    loss=r"-\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{+}\rangle"
         r"+\tfrac12\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{-}\rangle^2",
    minimum=r"-\tfrac12\sum_{i\le d}s_i^4", where=VIEWS,
    attained=r"at $\tilde\Psi=O\,\mathrm{diag}(s)\,(\nu_1,\dots,\nu_d)$, $O$ orthogonal",
    source=f"HaoChen et al. 2021 (arXiv 2106.04156); {PAPER}, with the scales sᵢ", encodes="a",
    of=lambda context, f, g: spectral_contrastive(by_hand.views(context), f, g), best=_scaled_modes,
    least=lambda context, s: -np.sum(s**4) / 2))

register(claim, Row(
    name="uncentred spectral contrastive", learns="one feature is spent on the constant",
    loss=r"-2\,\mathbb{E}\langle\Psi,\Psi^{+}\rangle+\mathbb{E}\langle\Psi,\Psi^{-}\rangle^2",
    minimum=r"-\left(1+\sum_{i<d}s_i^4\right)", where=VIEWS,
    attained=r"at $\Psi=O\,\mathrm{diag}(1,s_1,\dots,s_{d-1})\,(1,\nu_1,\dots,\nu_{d-1})$",
    source="HaoChen et al. 2021 (arXiv 2106.04156)", encodes="a",
    of=lambda context, f, g: low_rank(by_hand.views(context), f, g), best=_first_modes,
    least=lambda context, s: -1 - np.sum(s[:-1] ** 4)))

register(claim, Row(
    name="two towers", learns="they draw the best picture of the density ratio with d features",
    loss=r"-2\,\mathbb{E}\langle\tilde\Phi(X),\tilde\Psi(A)\rangle"
         r"+\mathbb{E}_{X\perp A}\langle\tilde\Phi(X),\tilde\Psi(A)\rangle^2",
    minimum=r"-\sum_{i\le d}s_i^2",
    attained=r"where $\langle\tilde\Phi(x),\tilde\Psi(a)\rangle=\sum_{i\le d}s_i\mu_i(x)\nu_i(a)$",
    source=f"Eckart & Young 1936; {PAPER}", encodes="x", of=two_towers, best=_factors,
    completed=_second_tower, least=lambda context, s: -np.sum(s**2), completion=FREE_SECOND))


@claim("completed-square", "The spectral contrastive loss is a completed square",
       r"$-\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{+}\rangle"
       r"+\tfrac12\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{-}\rangle^2"
       r" = \tfrac12\lVert G-D\rVert_F^2-\tfrac12\lVert D\rVert_F^2$, with $D=\mathrm{diag}(s_i^2)$"
       r" and $G=W^{\top}W$, $W$ the coefficients of $\tilde\Psi$ on the $\nu_i$",
       source=f"{PAPER}, with the factor ½", needs=[HAS_MODE],
       routes=("the loss of a random encoder, pair by pair",
               "the completed square"))
def completed_square(context, d=None):
    """On a complete basis of the context values."""
    psi = given.encoder_on(context, "a", d)
    values, nu = by_hand.view_modes(context)
    W, D = by_hand.gram(by_hand.table(context)[2], psi, nu), np.diag(values)
    square = np.sum((W.T @ W - D) ** 2) - np.sum(D**2)
    return Sides(spectral_contrastive(by_hand.views(context), psi, psi), square / 2)


def _log_ratio(P, ratio):
    """The log of P⁺/(p q) where P⁺ > 0, −∞ elsewhere."""
    return np.where(P > 0, np.log(np.maximum(ratio, 1e-300)), -np.inf)


INFO_NCE = r"-\mathbb{E}f(X,A)+\mathbb{E}_X\log\mathbb{E}_{A^{-}}e^{f(X,A^{-})}"
VARIATIONAL = "van den Oord et al. 2018 (arXiv 1807.03748); the variational form of I"


@claim("minimum-infonce", "InfoNCE: with infinitely many negatives it learns the log density ratio",
       rf"$\min\,{INFO_NCE} = -I(X;A)$, attained at $f=\log\frac{{P^{{+}}}}{{P_XP_A}}+c(x)$",
       source=VARIATIONAL, needs=[HAS_MODE],
       routes=("the loss at log(1 + Σ sᵢ μᵢ νᵢ) + c(x), pair by pair", "−I(X; A)"))
def minimum_infonce(context):
    P, p, q = by_hand.table(context)
    ratio = singular_system(context).reconstruct() / np.multiply.outer(p, q)
    critic = _log_ratio(P, ratio) + given.function_on(len(p))[:, None]
    return Sides(info_nce(P, critic), -context.mutual_information())


@claim("bound-infonce", "InfoNCE: no critic goes lower",
       rf"$-I(X;A) \le {INFO_NCE}$ for every critic $f$",
       source=VARIATIONAL,
       routes=("−I(X; A)", "the loss of a random critic, pair by pair"))
def bound_infonce(context):
    loss = info_nce(by_hand.table(context)[0], given.function_on(context.shape))
    return Sides(-context.mutual_information(), loss, relation="<=")


SMALL = Hypothesis(
    "a table small enough to enumerate triples of candidates, N M³ at most 200 000",
    lambda c: c.shape[0] * c.shape[1] ** 3 <= 200_000, size, to_compute=True)


def estimated_information(P, critic):
    """For K = 2 and 3, log K − L_K: one true and K − 1 independent candidates, enumerated."""
    q = P.sum(axis=0)
    score = np.exp(critic - critic.max(axis=1, keepdims=True))
    x, a = np.nonzero(P)
    own, weight = score[x, a], P[x, a]
    two = own[:, None] + score[x]
    three = two[:, :, None] + score[x][:, None, :]
    gains = np.log(2 * own[:, None] / two) @ q, np.log(3 * own[:, None, None] / three) @ q @ q
    return np.array([weight @ gain for gain in gains])


@claim("infonce-candidates", "InfoNCE: K candidates never show more than log K",
       r"$\log K - L_K \le \min(I(X;A),\,\log K)$ for $K=2,3$ candidates and every critic",
       needs=[SMALL],
       routes=("all candidates enumerated, for the log density ratio",
               "the smaller of I and log K"))
def infonce_candidates(context):
    P = by_hand.table(context)[0]
    critic = _log_ratio(P, by_hand.density_ratio(context))
    most = np.minimum(context.mutual_information(), np.log([2, 3]))
    return Sides(estimated_information(P, critic), most, relation="<=")


@claim("infonce-more-candidates", "InfoNCE: more candidates show more of the information",
       r"$\log 2 - L_2 \le \log 3 - L_3 \le I(X;A)$ at the log density ratio",
       needs=[SMALL],
       routes=("K = 2, then K = 3, all candidates enumerated", "K = 3, then I(X; A)"))
def infonce_more_candidates(context):
    P = by_hand.table(context)[0]
    two, three = estimated_information(P, _log_ratio(P, by_hand.density_ratio(context)))
    return Sides([two, three], [three, context.mutual_information()], relation="<=")


def _largest_excess(context):
    return float(np.abs(as_dense(context.positive_pair_kernel()) - 1).max())


NEAR_CHANCE = Hypothesis(
    "a weak context, with k_A⁺ between ½ and 3⁄2 everywhere",
    lambda c: _largest_excess(c) <= 0.5, lambda c: f"is {_largest_excess(c):.4f} off")


@claim("infonce-and-spectral",
       "InfoNCE and the spectral loss learn nearly the same kernel when the context is weak",
       r"$\left\vert\log k_A^{+}-(k_A^{+}-1)\right\vert \le (k_A^{+}-1)^2$"
       r" where $\left\vert k_A^{+}-1\right\vert\le\tfrac12$",
       source="Taylor's formula; our derivation", needs=[NEAR_CHANCE],
       routes=("distance of log k from k − 1, pair by pair", "(k − 1)²"))
def infonce_and_spectral(context):
    kernel = by_hand.view_kernel(context)
    return Sides(np.abs(np.log(kernel) - (kernel - 1)),
                 (as_dense(context.positive_pair_kernel()) - 1) ** 2, relation="<=")


def _nested(context, phi, psi):
    """Σ_j L_j / d, where L_j is the two-tower loss of the first j coordinates."""
    d = phi.shape[1]
    return np.mean([two_towers(context, phi[:, :j], psi[:, :j]) for j in range(1, d + 1)])


def _ordered(context, modes):
    """Coordinate k: a multiple of μₖ, and νₖ sₖ over the same multiple."""
    s, mu, nu = modes
    scale = given.rng().uniform(1, 3, len(s))
    return mu * scale, nu * s / scale


def _second_ordered(context, phi):
    """Φ̃ and the Ψ with the least nested loss, where its slope is zero.

    Σ_k n_jk C_jk ψ_k = n_jj (T* Φ̃)_j with n_jk the number of L that hold both j and k.
    """
    p = by_hand.table(context)[1]
    phi = by_hand.centred(p, phi)
    index = np.arange(phi.shape[1])
    both = len(index) - np.maximum(index[:, None], index)
    right = by_hand.pulled_back(context, phi) * np.diag(both)
    return phi, np.linalg.lstsq(both * by_hand.gram(p, phi), right.T, rcond=None)[0].T


register(claim, Row(
    name="nested low rank", learns="nesting learns the functions one by one, in order",
    loss=r"\frac1d\sum_{j\le d}L_j", minimum=r"-\frac1d\sum_{j\le d}\sum_{i\le j}s_i^2",
    where=r", $L_j$ the two-tower loss of the first $j$ coordinates",
    attained=r"where coordinate $k$ is a multiple of $\mu_k$ and of $\nu_k$",
    source="Ryu et al. 2024 (arXiv 2402.03655)", encodes="x", of=_nested, best=_ordered,
    completed=_second_ordered, least=lambda context, s: -np.mean(np.cumsum(s**2)),
    completion=FREE_SECOND))
