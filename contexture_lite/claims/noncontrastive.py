"""Claims about objectives that only attract: views of one input, neighbours in a graph (04)."""

import numpy as np

from contexture_lite._checks import as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, PAPER, TWO_MODES, UNDIRECTED
from contexture_lite.claims.objectives import (
    Row,
    both_views,
    register,
    squared_distance,
    whitened_alone,
)
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context

claim = lesson("04", source="our derivation", part=3)


def _white_modes(context, modes):
    """O ν + c, for both views."""
    return both_views(context, by_hand.rotated(modes[2], given.rng()))


def _whitened_twice(context, psi):
    return both_views(context, by_hand.whitened(by_hand.table(context)[2], psi))


register(claim, Row(
    name="whitened non-contrastive",
    learns="agreement of views under whitening learns the right functions",
    loss=r"\mathbb{E}\lVert\Psi(A)-\Psi(A^{+})\rVert^2", minimum=r"2\sum_{i\le d}(1-s_i^2)",
    where=r" under $\mathrm{Cov}\,\Psi=I$",
    attained=r"at $\tilde\Psi=O(\nu_1,\dots,\nu_d)$, $O$ orthogonal", source=PAPER, encodes="a",
    of=lambda context, f, g: squared_distance(by_hand.views(context), f, g), best=_white_modes,
    completed=_whitened_twice, least=lambda context, s: 2 * np.sum(1 - s**2),
    completion=" and whitened"))


@claim("average-encoder",
       "The average of a view encoder over the views of an input learns the left functions",
       r"$\Phi(x)=\mathbb{E}[\Psi(A)\mid x]$ with $\tilde\Psi=O(\nu_1,\dots,\nu_d)$ has a"
       r" covariance with eigenvalues $s_1^2,\dots,s_d^2$, all of it in the span of"
       r" $\mu_1,\dots,\mu_d$",
       source=PAPER, needs=[HAS_MODE],
       routes=("eigenvalues of Cov Φ; variance of Φ in the span of the μᵢ", "sᵢ²; their sum"))
def average_encoder(context, d=None):
    P, p, _ = by_hand.table(context)
    s, mu, nu = by_hand.top_modes(context, given.dimension(context, d))
    psi, _ = _white_modes(context, (s, mu, nu))
    phi = by_hand.centred(p, P @ psi / p[:, None])
    eigenvalues = np.linalg.eigvalsh(by_hand.gram(p, phi))[::-1]
    inside = np.sum(by_hand.gram(p, phi, mu) ** 2)
    return Sides(np.r_[eigenvalues, inside], np.r_[s**2, np.sum(s**2)])


def _left_over(s, strength):
    """Variance that the penalty leaves to each mode: (1 − (1 − sᵢ²)/λ)₊."""
    return np.maximum(1 - (1 - s**2) / strength, 0)


STRENGTH = 1.0  # of the covariance penalty


def _penalised_modes(context, modes):
    s, mu, nu = modes
    return _white_modes(context, (s, mu, nu * np.sqrt(_left_over(s, STRENGTH))))


def _penalised(context, f, g, strength):
    """E‖f − g‖² over two views + λ‖Cov f − I‖²."""
    q = by_hand.table(context)[2]
    gap = by_hand.gram(q, by_hand.centred(q, f)) - np.eye(f.shape[1])
    return squared_distance(by_hand.views(context), f, g) + strength * np.sum(gap**2)


def _h(u, strength):
    """h_λ(u) = 2u − u²/λ for u < λ, else λ."""
    return np.where(u < strength, 2 * u - u**2 / strength, strength)


register(claim, Row(
    name="covariance penalty",
    learns="whitening only asked for shrinks the features, and switches some off",
    loss=r"\mathbb{E}\lVert\Psi(A)-\Psi(A^{+})\rVert^2"
         r"+\lambda\lVert\mathrm{Cov}\,\Psi-I\rVert_F^2",
    minimum=r"\sum_{i\le d}h_\lambda(1-s_i^2)",
    where=r" with $h_\lambda(u)=2u-u^2/\lambda$ for $u<\lambda$ and $\lambda$ beyond",
    attained=r"by the $\nu_i$ with variances $(1-\frac{1-s_i^2}{\lambda})_{+}$",
    source="our derivation; the penalty in place of the one of VICReg (arXiv 2105.04906)",
    encodes="a", of=lambda context, f, g: _penalised(context, f, g, STRENGTH),
    best=_penalised_modes, least=lambda context, s: np.sum(_h(1 - s**2, STRENGTH))))


@claim("collapse-threshold", "A soft penalty switches off every mode beyond a threshold",
       r"of all multiples of $\nu_i$, the one with variance"
       r" $\left(1-\frac{1-s_i^2}{\lambda}\right)_{+}$ has the least penalised loss:"
       r" none is left if $1-s_i^2\ge\lambda$",
       needs=[HAS_MODE],
       routes=("lowest point of the parabola through the losses of 0, νᵢ and 2νᵢ, pair by pair",
               "the closed form"))
def collapse_threshold(context, d=None, strength=0.5):
    """``strength`` is λ."""
    strength = as_number("strength", strength, above=0)
    s, _, functions = by_hand.top_modes(context, given.dimension(context, d))
    lowest = []
    for nu in functions.T:
        none, one, four = (_penalised(context, *[c * nu[:, None]] * 2, strength) for c in range(3))
        curve = (four - none - 4 * (one - none)) / 12  # the loss is a parabola of the variance c²
        lowest.append(max((curve - (one - none)) / (2 * curve), 0))
    return Sides(np.array(lowest), _left_over(s, strength))


BARLOW = "our derivation; Barlow Twins: Zbontar et al. 2021 (arXiv 2103.03230)"


def barlow_loss(pairs, f, redundancy):
    """Σ_i (1 − R_ii)² + λ Σ_{i≠j} R_ij², R_ij = corr(f_i, f_j) over symmetric pairs."""
    p = pairs.sum(axis=0)
    f = by_hand.centred(p, f) / np.sqrt(p @ by_hand.centred(p, f) ** 2)
    R = f.T @ pairs @ f
    own = np.diag(R)
    return np.sum((1 - own) ** 2) + redundancy * (np.sum(R**2) - np.sum(own**2))


@claim("barlow-twins", "Barlow Twins: what the right functions cost",
       r"$\sum_i(1-R_{ii})^2+\lambda\sum_{i\ne j}R_{ij}^2 = \sum_{i\le d}(1-s_i^2)^2$ at"
       r" $\psi_i=\nu_i$, with $R_{ij}=\mathrm{corr}(\psi_i(A),\psi_j(A^{+}))$",
       source=BARLOW, needs=[HAS_MODE],
       routes=("the loss at ν₁ … ν_d, pair by pair", "Σ (1 − sᵢ²)²"))
def barlow_twins(context):
    """For λ = 1."""
    s, _, nu = by_hand.top_modes(context, given.dimension(context))
    return Sides(barlow_loss(by_hand.views(context), nu, 1.0), np.sum((1 - s**2) ** 2))


def _threshold(context):
    """The λ at which ν₁, ν₂ and ν₁, ν₁ cost the same."""
    s = by_hand.top_modes(context, 2)[0]
    return ((1 - s[1] ** 2) ** 2 - (1 - s[0] ** 2) ** 2) / (2 * s[0] ** 4)


def _redundancy(context, redundancy):
    """The reader's λ, or the threshold."""
    redundancy = _threshold(context) if redundancy is None else redundancy
    return as_number("redundancy", redundancy, least=0)


ENOUGH_REDUNDANCY = Hypothesis(
    "λ at or above the threshold",
    lambda c, redundancy=None: _redundancy(c, redundancy) >= _threshold(c),
    lambda c, redundancy=None: f"has the threshold {_threshold(c):.4f}")


@claim("barlow-copies", "Barlow Twins: a small penalty prefers two copies of the first function",
       r"$\nu_1,\nu_2$ cost at most as much as $\nu_1,\nu_1$ if $\lambda \ge"
       r" \frac{(1-s_2^2)^2-(1-s_1^2)^2}{2s_1^4}$, and more below",
       source=BARLOW, needs=[TWO_MODES, HAS_ASSOCIATION, ENOUGH_REDUNDANCY],
       routes=("the loss at ν₁, ν₂, pair by pair", "the loss at ν₁, ν₁"))
def barlow_copies(context, redundancy=None):
    """``redundancy`` is λ, by default the threshold itself."""
    _, _, nu = by_hand.top_modes(context, 2)
    redundancy, pairs = _redundancy(context, redundancy), by_hand.views(context)
    copies = barlow_loss(pairs, nu[:, [0, 0]], redundancy)
    return Sides(barlow_loss(pairs, nu, redundancy), copies, relation="<=")


# -- graphs ------------------------------------------------------------------------


def walk_modes(context):
    """Eigenvalues λᵢ and eigenfunctions of a reversible walk, from its modes: (N − 1), signed.

    In the basis of the μᵢ the walk is sᵢ⟨νᵢ, μⱼ⟩.
    """
    s, mu, nu = by_hand.top_modes(context, context.shape[0] - 1)
    walk = s[:, None] * (nu.T @ (np.asarray(context.p_x)[:, None] * mu))
    values, vectors = np.linalg.eigh((walk + walk.T) / 2)
    return values[::-1], mu @ vectors[:, ::-1]


def _smooth_modes(context, modes):
    """O times the top d signed eigenfunctions of the walk, + c."""
    return (by_hand.rotated(walk_modes(context)[1][:, : len(modes[0])], given.rng()),)


def roughness(context, phi):
    """½ Σ P(u, v) ‖Φ(u) − Φ(v)‖²."""
    return squared_distance(by_hand.table(context)[0], phi, phi) / 2


register(claim, Row(
    name="graph smoothness", learns="it ranks the functions of a walk by signed eigenvalues",
    loss=r"\tfrac12\,\mathbb{E}_{(u,v)}\lVert\Phi(u)-\Phi(v)\rVert^2",
    minimum=r"\sum_{i\le d}(1-\lambda_i)",
    where=r" over the edges of a graph, under $\mathrm{Cov}\,\Phi=I$, with"
          r" $\lambda_1\ge\lambda_2\ge\dots$ the walk's eigenvalues",
    attained=r"by the top $d$ signed eigenfunctions",
    source="Laplacian eigenmaps: Belkin & Niyogi 2003; Zhai et al. 2025 (arXiv 2505.01557), with"
           " signed eigenvalues", encodes="x", of=roughness, best=_smooth_modes,
    completed=whitened_alone, least=lambda context, s: np.sum(1 - walk_modes(context)[0][: len(s)]),
    needs=(HAS_MODE, UNDIRECTED), completion=" and whitened"))


@claim("lazy-walk", "A lazy walk ranks the functions as smoothness does",
       r"the top $d$ singular functions of the lazy walk $\tfrac12(I+T)$ have the least"
       r" $\tfrac12\,\mathbb{E}\lVert\Phi(u)-\Phi(v)\rVert^2$, which is"
       r" $\sum_{i\le d}(1-\lambda_i)$",
       needs=[HAS_MODE, UNDIRECTED],
       routes=("the loss at the lazy walk's singular functions, edge by edge",
               "sum of 1 − λᵢ, from the eigenvalues of the walk's matrix"))
def lazy_walk(context):
    d, (P, p, _) = given.dimension(context), by_hand.table(context)
    lazy = Context((np.diag(p) + P) / 2)
    eigenvalues = np.linalg.eigvalsh(P / np.sqrt(np.multiply.outer(p, p)))[::-1]
    phi = by_hand.top_modes(lazy, d)[1]
    return Sides(roughness(context, phi), np.sum(1 - eigenvalues[1 : d + 1]))
