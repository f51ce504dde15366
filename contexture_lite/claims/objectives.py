"""Claims about objectives: what each learns, and how low it can go (notebook 04).

The losses are sums over all pairs, as the course writes them (`population`); the minima
come from the singular system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import as_dense, as_function, as_number
from contexture_lite.claims import population as pop
from contexture_lite.claims.encoders import PAPER
from contexture_lite.claims.families import DETERMINISTIC
from contexture_lite.claims.machinery import Hypothesis, Sides, claim, table
from contexture_lite.claims.operator import HAS_MODE
from contexture_lite.claims.spectrum import HAS_ASSOCIATION, TWO_MODES, dimension
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

# -- a row of the table of objectives, and its two claims --------------------------


@dataclass(frozen=True)
class Row:
    """An objective whose minimum is known: two claims, that it is attained and is the least.

    ``loss``, ``minimum`` and ``where`` are LaTeX: the loss, its smallest value, and what
    the symbols mean. ``of(context, *encoders)`` is the loss by brute force;
    ``best(context, d, seed)`` gives encoders that attain the minimum
    ``least(context, d)``; ``completed(context, encoder)`` gives an encoder whatever the
    loss optimises beside it: a head, whitening, a second encoder.
    """

    name: str
    learns: str
    loss: str
    minimum: str
    where: str
    attained: str
    source: str
    encodes: str
    of: Callable
    best: Callable
    completed: Callable
    least: Callable
    beside: str = ""
    taught_in: str = "04"
    needs: tuple = (HAS_MODE,)


def at_minimum(row, context, d, seed):
    """The loss at the exact minimiser, and the stated minimum."""
    d = dimension(context, d)
    return Sides(row.of(context, *row.best(context, d, seed)), row.least(context, d))


def of_encoder(row, context, d, encoder, seed):
    """The stated minimum, and the loss of any other encoder."""
    encoder = pop.encoder_on(context, row.encodes, d, encoder, seed)
    loss = row.of(context, *row.completed(context, encoder))
    return Sides(row.least(context, encoder.shape[1]), loss, relation="<=")


def register(row, attains=None, bounds=None):
    """The two claims of a row; two functions of the row's own, if they take more options."""

    def minimum(context, d=None, seed=0):
        """The loss at the exact minimiser = the stated minimum."""
        return at_minimum(row, context, d, seed)

    def bound(context, d=None, encoder=None, seed=0):
        """The stated minimum ≤ the loss of the encoder."""
        return of_encoder(row, context, d, encoder, seed)

    slug = row.name.lower().replace(",", "").replace(" ", "-")
    known = {"source": row.source, "taught_in": row.taught_in, "needs": row.needs}
    claim(
        f"minimum-{slug}",
        f"{row.name[0].upper() + row.name[1:]}: {row.learns}",
        rf"$\min\,{row.loss} = {row.minimum}${row.where}, attained {row.attained}",
        routes=("the loss at the exact minimiser, pair by pair", "the closed form"),
        **known,
    )(attains or minimum)
    claim(
        f"bound-{slug}",
        f"{row.name[0].upper() + row.name[1:]}: no encoder goes lower",
        f"${row.minimum} \\le {row.loss}${row.where}, for every encoder with $d$ features",
        routes=("the closed form",
                f"the loss of the encoder, random unless given{row.beside}, pair by pair"),
        **known,
    )(bounds or bound)


def _values(context, d):
    return singular_system(context, d).values


# -- supervised --------------------------------------------------------------------

HEAD = ", with its best head"
LABELS = r" with $Y$ the one-hot label $A$, "
MEAN = r"$m(x)=\mathbb{E}[Y\mid x]$ and $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(X)$"


def label_error(context, guess, scale=1.0):
    """E Σ_j (guess_j(X) − 1[A = j])² scale_j², label by label."""
    P, _, q = table(context)
    return pop.squared_distance(P, guess * scale, np.eye(len(q)) * scale)


def with_head(context, phi):
    """The best affine guess of the one-hot label from Φ(x)."""
    P, p, _ = table(context)
    return (pop.fitted(p, phi, P / p[:, None]),)


def label_noise(context):
    """E ‖Y − m(X)‖²."""
    P, p, _ = table(context)
    return label_error(context, P / p[:, None])


def principal_components(context, d, seed):
    """The top d principal components of m(x), mixed and shifted, with their best head."""
    scores = pop.label_modes(context)[1][:, :d]
    return with_head(context, scores @ pop.mix(d, seed) + pop.shift(d, seed))


def supervised_least(context, d):
    """E ‖Y − m(X)‖² + Σ_{i>d} κᵢ."""
    return label_noise(context) + np.sum(pop.label_modes(context)[0][d:])


def over_root_mass(context):
    """1/√q(a): the scale that balances the classes."""
    return 1 / np.sqrt(table(context)[2])


def swapped(context):
    """The same joint with X and A exchanged: denoising is supervised learning there."""
    return Context(context.joint.T)


register(Row(
    name="supervised",
    learns="squared loss learns the principal components of the regression function",
    loss=r"\mathbb{E}\lVert W\Phi(X)+b-Y\rVert^2",
    minimum=r"\mathbb{E}\lVert Y-m(X)\rVert^2+\sum_{i>d}\kappa_i",
    where=LABELS + MEAN,
    attained=r"by the top $d$ principal components of $m$",
    source=PAPER,
    encodes="x",
    of=label_error,
    best=principal_components,
    completed=with_head,
    least=supervised_least,
    beside=HEAD,
))

register(Row(
    name="class-balanced supervised",
    learns=r"one over the class mass in each coordinate gives the contexture",
    loss=r"\mathbb{E}\sum_a\frac{(W_a\Phi(X)+b_a-1[A=a])^2}{q(a)}",
    minimum=r"M-1-\sum_{i\le d}s_i^2",
    where=" for $M$ classes",
    attained=r"by any basis of the span of $\mu_1,\dots,\mu_d$",
    source=f"{PAPER}, with weights on coordinates in place of examples: our derivation",
    encodes="x",
    of=lambda context, guess: label_error(context, guess, over_root_mass(context)),
    best=lambda context, d, seed: with_head(
        context, pop.top(context, d)[1] @ pop.mix(d, seed) + pop.shift(d, seed)
    ),
    completed=with_head,
    least=lambda context, d: context.shape[1] - 1 - np.sum(_values(context, d) ** 2),
    beside=HEAD,
))


@claim(
    "supervised-kernel",
    "Supervised learning is principal component analysis of the regression function",
    r"$T\Lambda T^{\ast}$ has the kernel $\langle\tilde m(x),\tilde m(x')\rangle$, where $\Lambda$"
    r" has the kernel $\langle\tilde y_a,\tilde y_{a'}\rangle$ and $m(x)=\mathbb{E}[y_A\mid x]$",
    source=PAPER,
    taught_in="04",
    needs=[HAS_MODE],
    routes=("√p Σᵢⱼ sᵢ μᵢ ⟨νᵢ, Λνⱼ⟩ sⱼ μⱼ √p", "inner products of the centred E[y_A given x]"),
)
def supervised_kernel(context, targets=None):
    """TΛT* from the modes, and from the regression function; one-hot labels by default."""
    P, p, q = table(context)
    targets = np.eye(len(q)) if targets is None else as_function("targets", targets, len(q))
    targets = targets.reshape(len(q), -1)
    system, root = singular_system(context), np.sqrt(p)[:, None]
    between = system.right.T @ (q[:, None] * pop.centred(q, targets))
    modes = root * (system.left * system.values)
    means = root * pop.centred(p, P @ targets / p[:, None])
    return Sides(modes @ (between @ between.T) @ modes.T, means @ means.T)


@claim(
    "class-limit",
    "K classes need no more than K − 1 features",
    r"with $d=\min(N,K)-1$ features the supervised loss is $\mathbb{E}\lVert Y-m(X)\rVert^2$,"
    r" the noise of the one-hot label $Y$: more features cannot help",
    source="our derivation",
    taught_in="04",
    needs=[HAS_MODE],
    routes=("loss of the best head on μ₁ … μ_d, label by label", "1 minus E m(X)², label by label"),
)
def class_limit(context):
    """The loss with all modes = 1 − E ‖m(X)‖²."""
    P, p, _ = table(context)
    (guess,) = with_head(context, singular_system(context).left)
    return Sides(label_error(context, guess), 1 - np.sum(P**2 / p[:, None]))


def _uneven(context):
    q = table(context)[2]
    return f"has class masses from {q.min():.4f} to {q.max():.4f}"


EQUAL_CLASSES = Hypothesis(
    "classes of equal mass", lambda context: bool(np.ptp(table(context)[2]) < 1e-12), _uneven
)


@claim(
    "equal-classes",
    "With equal classes, plain labels order the features as the contexture does",
    r"$\kappa_i = s_i^2/K$ for the eigenvalues of $\mathrm{Cov}\,m(X)$,"
    r" $m(x)=\mathbb{E}[Y\mid x]$, if all $K$ classes have mass $1/K$",
    source=PAPER,
    taught_in="04",
    needs=[HAS_MODE, EQUAL_CLASSES],
    routes=("eigenvalues of the covariance of P(a given x)", "sᵢ²/K"),
)
def equal_classes(context):
    """κᵢ = sᵢ² / K."""
    P, p, q = table(context)
    means = np.sqrt(p)[:, None] * pop.centred(p, P / p[:, None])
    values = singular_system(context).values
    found = np.linalg.eigvalsh(means.T @ means)[::-1][: len(values)]
    return Sides(found, values**2 / len(q))


@claim(
    "neural-collapse",
    "Labels without noise: features collapse to classes, weighted by their mass",
    r"$\langle m(x),m(x')\rangle = 1[h(x)=h(x')]$ if $A=h(X)$, and its eigenvalues are the class"
    r" masses",
    source=PAPER,
    taught_in="04",
    needs=[DETERMINISTIC],
    routes=("inner products of T applied to class indicators; their eigenvalues",
            "same class or not; the masses"),
)
def neural_collapse(context):
    """⟨m, m'⟩ = 1[same class], with eigenvalues q."""
    P, p, q = table(context)
    means, label = context.expect(np.eye(len(q))), P.argmax(axis=1)
    scaled = np.sqrt(p)[:, None] * means
    kernel, same = means @ means.T, label[:, None] == label
    return Sides(np.r_[kernel.ravel(), np.linalg.eigvalsh(scaled.T @ scaled)],
                 np.r_[same.ravel() * 1.0, np.sort(q)])


@claim(
    "simplex",
    "Equal classes without noise stand at the corners of a simplex",
    r"$\cos(\tilde m(x),\tilde m(x')) = -\frac{1}{K-1}$ between different classes, if $A=h(X)$ has"
    r" $K$ values of mass $1/K$",
    source=f"elementary; after the remark on neural collapse in {PAPER}",
    taught_in="04",
    needs=[HAS_MODE, DETERMINISTIC, EQUAL_CLASSES],
    routes=("cosines of the centred class indicators", "1 in a class, −1/(K − 1) between two"),
)
def simplex(context):
    """Cosine −1/(K − 1)."""
    P, _, q = table(context)
    means, label = context.expect(np.eye(len(q))) - q, P.argmax(axis=1)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    return Sides(unit @ unit.T, np.where(label[:, None] == label, 1.0, -1 / (len(q) - 1)))


# -- contrastive -------------------------------------------------------------------

VIEWS = r" for two views $A,A^{+}$ of one input and an independent $A^{-}$"


def _scaled_modes(context, d, seed):
    """O diag(s) ν + c, twice: one encoder for both views."""
    s, _, nu = pop.top(context, d)
    psi = nu * s @ pop.turn(d, seed) + pop.shift(d, seed)
    return psi, psi


def _first_modes(context, d, seed):
    """O diag(1, s₁ … s_{d−1}) (1, ν₁ … ν_{d−1})."""
    s, _, nu = pop.top(context, d)
    psi = np.c_[np.ones(len(nu)), nu * s][:, :d] @ pop.turn(d, seed)
    return psi, psi


def _factors(context, d, seed):
    """μ R and ν diag(s) R⁻ᵀ, an R of our choice."""
    s, mu, nu = pop.top(context, d)
    R = pop.mix(d, seed)
    return mu @ R + pop.shift(d, seed), nu * s @ np.linalg.inv(R).T


def _second_tower(context, phi):
    """Φ̃ and the Ψ that suits it best: least squares for P⁺/(p q) − 1."""
    P, p, q = table(context)
    phi, root = pop.centred(p, phi), np.sqrt(p)[:, None]
    psi = np.linalg.lstsq(root * phi, root * (P / np.multiply.outer(p, q) - 1), rcond=None)[0].T
    return phi, psi


def _centred_low_rank(context, phi, psi):
    P, p, q = table(context)
    return pop.low_rank(P, pop.centred(p, phi), pop.centred(q, psi))


register(Row(
    name="spectral contrastive",
    learns="scales the right functions by their singular values",
    loss=r"-\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{+}\rangle"
    r"+\tfrac12\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{-}\rangle^2",
    minimum=r"-\tfrac12\sum_{i\le d}s_i^4",
    where=VIEWS,
    attained=r"at $\tilde\Psi=O\,\mathrm{diag}(s)\,(\nu_1,\dots,\nu_d)$, $O$ orthogonal",
    source=f"HaoChen et al. 2021 (arXiv 2106.04156); {PAPER}, with the scales sᵢ",
    encodes="a",
    of=lambda context, f, g: pop.spectral_contrastive(pop.views(context), f, g),
    best=_scaled_modes,
    completed=lambda context, psi: (psi, psi),
    least=lambda context, d: -np.sum(_values(context, d) ** 4) / 2,
))

register(Row(
    name="uncentred spectral contrastive",
    learns="spends one feature on the constant",
    loss=r"-2\,\mathbb{E}\langle\Psi,\Psi^{+}\rangle+\mathbb{E}\langle\Psi,\Psi^{-}\rangle^2",
    minimum=r"-\left(1+\sum_{i<d}s_i^4\right)",
    where=VIEWS,
    attained=r"at $\Psi=O\,\mathrm{diag}(1,s_1,\dots,s_{d-1})\,(1,\nu_1,\dots,\nu_{d-1})$",
    source="HaoChen et al. 2021 (arXiv 2106.04156)",
    encodes="a",
    of=lambda context, f, g: pop.low_rank(pop.views(context), f, g),
    best=_first_modes,
    completed=lambda context, psi: (psi, psi),
    least=lambda context, d: -1 - np.sum(_values(context, d)[: d - 1] ** 4),
))

register(Row(
    name="two towers",
    learns="draws the best picture of the density ratio with d features",
    loss=r"-2\,\mathbb{E}\langle\tilde\Phi(X),\tilde\Psi(A)\rangle"
    r"+\mathbb{E}_{X\perp A}\langle\tilde\Phi(X),\tilde\Psi(A)\rangle^2",
    minimum=r"-\sum_{i\le d}s_i^2",
    where="",
    attained=r"where $\langle\tilde\Phi(x),\tilde\Psi(a)\rangle=\sum_{i\le d}s_i\mu_i(x)\nu_i(a)$",
    source=f"Eckart & Young 1936; {PAPER}",
    encodes="x",
    of=_centred_low_rank,
    best=_factors,
    completed=_second_tower,
    least=lambda context, d: -np.sum(_values(context, d) ** 2),
    beside=" with the Ψ that suits it best",
))


@claim(
    "completed-square",
    "The spectral contrastive loss is a completed square",
    r"$-\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{+}\rangle"
    r"+\tfrac12\mathbb{E}\langle\tilde\Psi,\tilde\Psi^{-}\rangle^2"
    r" = \tfrac12\lVert B-D\rVert_F^2-\tfrac12\lVert D\rVert_F^2$, with $D=\mathrm{diag}(s_i^2)$ and"
    r" $B=C^{\top}C$, $C$ the coefficients of $\tilde\Psi$ on the $\nu_i$",
    source=f"{PAPER}, with the factor ½",
    taught_in="04",
    needs=[HAS_MODE],
    routes=("the loss of the encoder, random unless given, pair by pair", "the completed square"),
)
def completed_square(context, d=None, encoder=None, seed=0):
    """loss = ½‖B − D‖² − ½‖D‖², on a complete basis of the context values."""
    q = table(context)[2]
    psi = pop.encoder_on(context, "a", d, encoder, seed)
    system = singular_system(context)
    squares = np.zeros(len(q) - 1)  # s² = 0 on the functions of A that no mode reaches
    squares[: len(system.values)] = system.values**2
    basis = pop.completed_basis(q, system.right, system.rank)
    C = psi.T @ (q[:, None] * basis)
    D = np.diag(squares)
    square = np.sum((C.T @ C - D) ** 2) - np.sum(D**2)
    return Sides(pop.spectral_contrastive(pop.views(context), psi, psi), square / 2)


def _critic(context, critic, seed):
    """The reader's critic f(x, a), or a random one."""
    if critic is None:
        return np.random.default_rng(seed).standard_normal(context.shape)
    critic = as_function("critic", critic, context.shape[0])
    if critic.shape != context.shape:
        raise ValueError(f"critic has shape {critic.shape}; it must be {context.shape}")
    return critic


def _log_ratio(P, ratio):
    """log P⁺/(p q) where P⁺ > 0, −∞ elsewhere."""
    return np.where(P > 0, np.log(np.maximum(ratio, 1e-300)), -np.inf)


INFO_NCE = r"-\mathbb{E}f(X,A)+\mathbb{E}_X\log\mathbb{E}_{A^{-}}e^{f(X,A^{-})}"
INFO_NCE_SOURCE = "van den Oord et al. 2018 (arXiv 1807.03748); the variational form of I"


@claim(
    "minimum-infonce",
    "InfoNCE: with infinitely many negatives it learns the log density ratio",
    rf"$\min\,{INFO_NCE} = -I(X;A)$, attained at $f=\log\frac{{P^{{+}}}}{{P_XP_A}}+c(x)$",
    source=INFO_NCE_SOURCE,
    taught_in="04",
    needs=[HAS_MODE],
    routes=("the loss at log(1 + Σ sᵢ μᵢ νᵢ) + c(x), pair by pair", "−I(X; A)"),
)
def minimum_infonce(context, seed=0):
    """The loss at the log density ratio = −I."""
    P, p, q = table(context)
    ratio = singular_system(context).reconstruct() / np.multiply.outer(p, q)
    critic = _log_ratio(P, ratio) + pop.shift(len(p), seed)[:, None]
    return Sides(pop.info_nce(P, critic), -context.mutual_information())


@claim(
    "bound-infonce",
    "InfoNCE: no critic goes lower",
    rf"$-I(X;A) \le {INFO_NCE}$ for every critic $f$",
    source=INFO_NCE_SOURCE,
    taught_in="04",
    routes=("−I(X; A)", "the loss of the critic, random unless given, pair by pair"),
)
def bound_infonce(context, critic=None, seed=0):
    """−I ≤ the loss of any critic f (N, M)."""
    loss = pop.info_nce(table(context)[0], _critic(context, critic, seed))
    return Sides(-context.mutual_information(), loss, relation="<=")


SMALL = Hypothesis(
    "a table small enough to enumerate triples of candidates, N M³ at most 200 000",
    lambda context: context.shape[0] * context.shape[1] ** 3 <= 200_000,
    lambda context: f"is {context.shape[0]}×{context.shape[1]}",
    to_compute=True,
)


def estimated_information(P, critic):
    """log K − L_K for K = 2 and 3: one true and K − 1 independent candidates, enumerated."""
    p, q = pop.marginals(P)
    score = np.exp(critic - critic.max(axis=1, keepdims=True))
    x, a = np.nonzero(P)
    own, weight = score[x, a], P[x, a]
    two = own[:, None] + score[x]
    three = two[:, :, None] + score[x][:, None, :]
    found = np.log(2 * own[:, None] / two) @ q, np.log(3 * own[:, None, None] / three) @ q @ q
    return np.array([weight @ found[0], weight @ found[1]])


@claim(
    "infonce-candidates",
    "InfoNCE: K candidates never show more than log K",
    r"$\log K - L_K \le \min(I(X;A),\,\log K)$ for $K=2,3$ candidates and every critic",
    source="van den Oord et al. 2018 (arXiv 1807.03748)",
    taught_in="04",
    needs=[SMALL],
    routes=("all candidates enumerated, for the log density ratio unless a critic is given",
            "the smaller of I and log K"),
)
def infonce_candidates(context, critic=None):
    """log K − L_K ≤ min(I, log K) for K = 2, 3."""
    P, p, q = table(context)
    if critic is None:
        critic = _log_ratio(P, P / np.multiply.outer(p, q))
    else:
        critic = _critic(context, critic, seed=None)
    most = np.minimum(context.mutual_information(), np.log([2, 3]))
    return Sides(estimated_information(P, critic), most, relation="<=")


@claim(
    "infonce-more-candidates",
    "InfoNCE: more candidates show more of the information",
    r"$\log 2 - L_2 \le \log 3 - L_3 \le I(X;A)$ at the log density ratio",
    source="our derivation",
    taught_in="04",
    needs=[SMALL],
    routes=("K = 2, then K = 3, all candidates enumerated", "K = 3, then I(X; A)"),
)
def infonce_more_candidates(context):
    """log K − L_K grows with K, up to I."""
    P, p, q = table(context)
    found = estimated_information(P, _log_ratio(P, P / np.multiply.outer(p, q)))
    return Sides(found, np.r_[found[1], context.mutual_information()], relation="<=")


def _largest_excess(context):
    return float(np.abs(as_dense(context.positive_pair_kernel()) - 1).max())


NEAR_CHANCE = Hypothesis(
    "a weak context, with k_A⁺ between ½ and 3⁄2 everywhere",
    lambda context: _largest_excess(context) <= 0.5,
    lambda context: f"is {_largest_excess(context):.4f} off",
)


@claim(
    "infonce-and-spectral",
    "InfoNCE and the spectral loss learn nearly the same kernel when the context is weak",
    r"$\left\vert\log k_A^{+}-(k_A^{+}-1)\right\vert \le (k_A^{+}-1)^2$"
    r" where $\left\vert k_A^{+}-1\right\vert\le\tfrac12$",
    source="Taylor's formula; our derivation",
    taught_in="04",
    needs=[NEAR_CHANCE],
    routes=("distance of log k from k − 1, pair by pair", "(k − 1)²"),
)
def infonce_and_spectral(context):
    """|log k − (k − 1)| ≤ (k − 1)² for every pair of views."""
    q = table(context)[2]
    kernel = pop.views(context) / np.multiply.outer(q, q)
    return Sides(np.abs(np.log(kernel) - (kernel - 1)),
                 (as_dense(context.positive_pair_kernel()) - 1) ** 2, relation="<=")


# -- non-contrastive ---------------------------------------------------------------


def _white_modes(context, d, seed):
    """O ν + c."""
    psi = pop.top(context, d)[2] @ pop.turn(d, seed) + pop.shift(d, seed)
    return psi, psi


def _whitened_twice(context, psi):
    psi = pop.whitened(table(context)[2], psi)
    return psi, psi


register(Row(
    name="whitened non-contrastive",
    learns="agreement of views under whitening learns the right functions",
    loss=r"\mathbb{E}\lVert\Psi(A)-\Psi(A^{+})\rVert^2",
    minimum=r"2\sum_{i\le d}(1-s_i^2)",
    where=r" under $\mathrm{Cov}\,\Psi=I$",
    attained=r"at $\tilde\Psi=O(\nu_1,\dots,\nu_d)$, $O$ orthogonal",
    source=PAPER,
    encodes="a",
    of=lambda context, f, g: pop.squared_distance(pop.views(context), f, g),
    best=_white_modes,
    completed=_whitened_twice,
    least=lambda context, d: 2 * np.sum(1 - _values(context, d) ** 2),
    beside=" and whitened",
))


@claim(
    "average-encoder",
    "The average of a view encoder over the views of an input learns the left functions",
    r"$\Phi(x)=\mathbb{E}[\Psi(A)\mid x]$ with $\tilde\Psi=O(\nu_1,\dots,\nu_d)$ has a covariance"
    r" with eigenvalues $s_1^2,\dots,s_d^2$, all of it in the span of $\mu_1,\dots,\mu_d$",
    source=PAPER,
    taught_in="04",
    needs=[HAS_MODE],
    routes=("eigenvalues of Cov Φ; variance of Φ in the span of the μᵢ", "sᵢ²; their sum"),
)
def average_encoder(context, d=None, seed=0):
    """Cov(TΨ) has eigenvalues sᵢ², and the μᵢ hold all of its variance."""
    d = dimension(context, d)
    P, p, _ = table(context)
    s, mu, _ = pop.top(context, d)
    phi = pop.centred(p, P @ _white_modes(context, d, seed)[0] / p[:, None])
    eigenvalues = np.linalg.eigvalsh(phi.T @ (p[:, None] * phi))[::-1]
    inside = np.sum((phi.T @ (p[:, None] * mu)) ** 2)
    return Sides(np.r_[eigenvalues, inside], np.r_[s**2, np.sum(s**2)])


def _left_over(context, d, strength):
    """Variance that the penalty leaves to each mode: (1 − (1 − sᵢ²)/λ)₊."""
    return np.maximum(1 - (1 - _values(context, d) ** 2) / strength, 0)


def _penalised_modes(context, d, seed, strength):
    nu = pop.top(context, d)[2] * np.sqrt(_left_over(context, d, strength))
    psi = nu @ pop.turn(d, seed) + pop.shift(d, seed)
    return psi, psi


def _penalised(context, f, g, strength):
    """E‖f − g‖² over two views + λ‖Cov f − I‖²."""
    q = table(context)[2]
    f_centred = pop.centred(q, f)
    gap = f_centred.T @ (q[:, None] * f_centred) - np.eye(f.shape[1])
    return pop.squared_distance(pop.views(context), f, g) + strength * np.sum(gap**2)


def _h(u, strength):
    """h_λ(u) = 2u − u²/λ for u < λ, else λ."""
    return np.where(u < strength, 2 * u - u**2 / strength, strength)


def penalty(strength):
    """The row of the covariance penalty with λ = ``strength``."""
    strength = as_number("strength", strength, above=0)
    return Row(
        name="covariance penalty",
        learns="whitening only asked for shrinks the features, and switches some off",
        loss=r"\mathbb{E}\lVert\Psi(A)-\Psi(A^{+})\rVert^2"
        r"+\lambda\lVert\mathrm{Cov}\,\Psi-I\rVert_F^2",
        minimum=r"\sum_{i\le d}h_\lambda(1-s_i^2)",
        where=r" with $h_\lambda(u)=2u-u^2/\lambda$ for $u<\lambda$ and $\lambda$ beyond",
        attained=r"by the $\nu_i$ with variances $(1-\frac{1-s_i^2}{\lambda})_{+}$",
        source="our derivation; the penalty in place of the one of VICReg (arXiv 2105.04906)",
        encodes="a",
        of=lambda context, f, g: _penalised(context, f, g, strength),
        best=lambda context, d, seed: _penalised_modes(context, d, seed, strength),
        completed=lambda context, psi: (psi, psi),
        least=lambda context, d: np.sum(_h(1 - _values(context, d) ** 2, strength)),
    )


def minimum_penalty(context, d=None, seed=0, strength=1.0):
    """The loss at the exact minimiser = Σ h_λ(1 − sᵢ²); ``strength`` is λ."""
    return at_minimum(penalty(strength), context, d, seed)


def bound_penalty(context, d=None, encoder=None, seed=0, strength=1.0):
    """Σ h_λ(1 − sᵢ²) ≤ the loss of the encoder; ``strength`` is λ."""
    return of_encoder(penalty(strength), context, d, encoder, seed)


register(penalty(1.0), minimum_penalty, bound_penalty)


@claim(
    "collapse-threshold",
    "A soft penalty switches off every mode beyond a threshold",
    r"of all multiples of $\nu_i$, the one with variance $\left(1-\frac{1-s_i^2}{\lambda}\right)_{+}$"
    r" has the least penalised loss: none is left if $1-s_i^2\ge\lambda$",
    source="our derivation",
    taught_in="04",
    needs=[HAS_MODE],
    routes=("lowest point of the parabola through the losses of 0, νᵢ and 2νᵢ, pair by pair",
            "the closed form"),
)
def collapse_threshold(context, d=None, strength=0.5):
    """The best variance of a multiple of νᵢ; ``strength`` is λ."""
    strength = as_number("strength", strength, above=0)
    d = dimension(context, d)
    found = []
    for nu in pop.top(context, d)[2].T:
        none, one, four = (_penalised(context, *[c * nu[:, None]] * 2, strength) for c in range(3))
        curve = (four - none - 4 * (one - none)) / 12  # the loss is a parabola of the variance c²
        found.append(max((curve - (one - none)) / (2 * curve), 0))
    return Sides(found, _left_over(context, d, strength))


@claim(
    "barlow-twins",
    "Barlow Twins: what the right functions cost",
    r"$\sum_i(1-R_{ii})^2+\lambda\sum_{i\ne j}R_{ij}^2 = \sum_{i\le d}(1-s_i^2)^2$ at"
    r" $\psi_i=\nu_i$, with $R_{ij}=\mathrm{corr}(\psi_i(A),\psi_j(A^{+}))$",
    source="our derivation; Barlow Twins: Zbontar et al. 2021 (arXiv 2103.03230)",
    taught_in="04",
    needs=[HAS_MODE],
    routes=("the loss at ν₁ … ν_d, pair by pair", "Σ (1 − sᵢ²)²"),
)
def barlow_twins(context, d=None, redundancy=1.0):
    """The loss at ν = Σ (1 − sᵢ²)²; ``redundancy`` is λ."""
    redundancy = as_number("redundancy", redundancy, least=0)
    s, _, nu = pop.top(context, dimension(context, d))
    return Sides(pop.barlow_twins(pop.views(context), nu, redundancy), np.sum((1 - s**2) ** 2))


@claim(
    "barlow-copies",
    "Barlow Twins: a small penalty prefers two copies of the first function",
    r"$\nu_1,\nu_2$ cost at most as much as $\nu_1,\nu_1$ if $\lambda \ge"
    r" \frac{(1-s_2^2)^2-(1-s_1^2)^2}{2s_1^4}$, and more below",
    source="our derivation; Barlow Twins: Zbontar et al. 2021 (arXiv 2103.03230)",
    taught_in="04",
    needs=[TWO_MODES, HAS_ASSOCIATION],
    routes=("the loss at ν₁, ν₂, pair by pair", "the loss at ν₁, ν₁"),
)
def barlow_copies(context, redundancy=None):
    """Two functions ≤ two copies; ``redundancy`` is λ, by default the threshold itself."""
    s, _, nu = pop.top(context, 2)
    if redundancy is None:
        redundancy = ((1 - s[1] ** 2) ** 2 - (1 - s[0] ** 2) ** 2) / (2 * s[0] ** 4)
    redundancy, law = as_number("redundancy", redundancy, least=0), pop.views(context)
    copies = pop.barlow_twins(law, nu[:, [0, 0]], redundancy)
    return Sides(pop.barlow_twins(law, nu, redundancy), copies, relation="<=")


# -- generative --------------------------------------------------------------------

register(Row(
    name="denoising",
    learns="reconstruction learns the principal components of the expected input",
    loss=r"\mathbb{E}\lVert W\Psi(A)+b-Y\rVert^2",
    minimum=r"\mathbb{E}\lVert Y-m(A)\rVert^2+\sum_{i>d}\kappa_i",
    where=r" with $Y$ the one-hot input $X$, $m(a)=\mathbb{E}[Y\mid a]$ and $\kappa_i$ the"
    r" eigenvalues of $\mathrm{Cov}\,m(A)$",
    attained=r"by the top $d$ principal components of $m$",
    source=PAPER,
    encodes="a",
    of=lambda context, guess: label_error(swapped(context), guess),
    best=lambda context, d, seed: principal_components(swapped(context), d, seed),
    completed=lambda context, psi: with_head(swapped(context), psi),
    least=lambda context, d: supervised_least(swapped(context), d),
    beside=HEAD,
))

# -- graphs ------------------------------------------------------------------------


def _is_undirected(context):
    if context.shape[0] != context.shape[1]:
        return False
    P = table(context)[0]
    return bool(np.abs(P - P.T).max() <= 1e-12)


UNDIRECTED = Hypothesis(
    "an undirected graph, P(x, a) = P(a, x)", _is_undirected, lambda c: "is not", to_compute=True
)


def _smooth_modes(context, d, seed):
    """O times the top d signed eigenfunctions of the walk, + c."""
    functions = pop.walk_modes(context)[1][:, :d]
    phi = functions @ pop.turn(d, seed) + pop.shift(d, seed)
    return (phi,)


def roughness(context, phi):
    """½ Σ P(u, v) ‖Φ(u) − Φ(v)‖²."""
    return pop.squared_distance(table(context)[0], phi, phi) / 2


register(Row(
    name="graph smoothness",
    learns="it ranks the functions of a walk by signed eigenvalues",
    loss=r"\tfrac12\,\mathbb{E}_{(u,v)}\lVert\Phi(u)-\Phi(v)\rVert^2",
    minimum=r"\sum_{i\le d}(1-\lambda_i)",
    where=r" over the edges of a graph, under $\mathrm{Cov}\,\Phi=I$, with"
    r" $\lambda_1\ge\lambda_2\ge\dots$ the walk's eigenvalues",
    attained=r"by the top $d$ signed eigenfunctions",
    source="Laplacian eigenmaps: Belkin & Niyogi 2003; Zhai et al. 2025 (arXiv 2505.01557), with"
    " signed eigenvalues",
    encodes="x",
    of=roughness,
    best=_smooth_modes,
    completed=lambda context, phi: (pop.whitened(table(context)[1], phi),),
    least=lambda context, d: np.sum(1 - pop.walk_modes(context)[0][:d]),
    needs=(HAS_MODE, UNDIRECTED),
    beside=" and whitened",
))


@claim(
    "lazy-walk",
    "A lazy walk ranks the functions as smoothness does",
    r"the top $d$ singular functions of the lazy walk $\tfrac12(I+T)$ have the least"
    r" $\tfrac12\,\mathbb{E}\lVert\Phi(u)-\Phi(v)\rVert^2$, which is $\sum_{i\le d}(1-\lambda_i)$",
    source="our derivation",
    taught_in="04",
    needs=[HAS_MODE, UNDIRECTED],
    routes=("the loss at the lazy walk's singular functions, edge by edge",
            "sum of 1 − λᵢ, from the eigenvalues of the walk's matrix"),
)
def lazy_walk(context, d=None, laziness=0.5):
    """Smoothness of the lazy walk's functions; with ``laziness`` 0 their order is another."""
    laziness, d = as_number("laziness", laziness, least=0, below=1), dimension(context, d)
    P, p, _ = table(context)
    lazy = Context(laziness * np.diag(p) + (1 - laziness) * P)
    eigenvalues = np.linalg.eigvalsh(P / np.sqrt(np.multiply.outer(p, p)))[::-1]
    return Sides(roughness(context, pop.top(lazy, d)[1]), np.sum(1 - eigenvalues[1 : d + 1]))


# -- ordered -----------------------------------------------------------------------


def _nested(context, phi, psi):
    """Σ_j L_j / d, where L_j is the two-tower loss of the first j coordinates."""
    d = phi.shape[1]
    return np.mean([_centred_low_rank(context, phi[:, :j], psi[:, :j]) for j in range(1, d + 1)])


def _ordered(context, d, seed):
    """Coordinate k: a multiple of μₖ, and νₖ sₖ over the same multiple."""
    s, mu, nu = pop.top(context, d)
    scale = np.random.default_rng(seed).uniform(1, 3, d)
    return mu * scale, nu * s / scale


def _second_ordered(context, phi):
    """Φ̃ and the Ψ with the least nested loss, where its slope is zero.

    Σ_k n_jk C_jk ψ_k = n_jj (T* Φ̃)_j with n_jk the number of L that hold both j and k.
    """
    P, p, q = table(context)
    phi = pop.centred(p, phi)
    index = np.arange(phi.shape[1])
    both = len(index) - np.maximum(index[:, None], index)
    C, pulled = phi.T @ (p[:, None] * phi), (P.T @ phi) / q[:, None]
    return phi, np.linalg.lstsq(both * C, (pulled * np.diag(both)).T, rcond=None)[0].T


register(Row(
    name="nested low rank",
    learns="nesting learns the functions one by one, in order",
    loss=r"\frac1d\sum_{j\le d}L_j",
    minimum=r"-\frac1d\sum_{j\le d}\sum_{i\le j}s_i^2",
    where=r", $L_j$ the two-tower loss of the first $j$ coordinates",
    attained=r"where coordinate $k$ is a multiple of $\mu_k$ and of $\nu_k$",
    source="Ryu et al. 2024 (arXiv 2402.03655)",
    encodes="x",
    of=_nested,
    best=_ordered,
    completed=_second_ordered,
    least=lambda context, d: -np.mean(np.cumsum(_values(context, d) ** 2)),
    beside=" with the Ψ that suits it best",
))
