"""Claims about two modalities: towers, retrieval and negatives (notebook 14)."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from contexture_lite._checks import as_count, as_dense, as_number
from contexture_lite.alignment import canonical_correlations
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.retrieval import (
    all_negatives_loss,
    hard_critic,
    infonce_value,
    information_ceiling,
    linear_towers,
    log_q_critic,
    with_modality_gap,
)
from contexture_lite.spectrum import singular_system

claim = lesson("14", source="our derivation")

CPC = "van den Oord et al. 2018 (arXiv 1807.03748), Poole et al. 2019 (arXiv 1905.06922)"
FEATURES = 3  # of either modality, at most, where they are random
FEW_INPUTS = 4  # for which a critic is found by Newton's method
LARGE_RATIO, MANY = 1e3, 100  # density ratio; candidates in units of the largest one
DOUBLINGS = 4  # of the candidates, each of which takes one more order of 1/K away


# -- by hand -----------------------------------------------------------------------


def ratios(context):
    """The density ratio r = P / (p q), from the table: (N, M)."""
    P, p, q = by_hand.table(context)
    return P / np.multiply.outer(p, q)


def pair_loss(critic, positives, negatives):
    """E log(1 + e^{f(b) − f(a)}), a from the positives and b from the negatives: InfoNCE, K = 2."""
    gaps = np.subtract.outer(critic, critic).T  # [a, b]: f(b) − f(a)
    return positives @ np.logaddexp(0, gaps) @ negatives


def least_pair_loss(positives, negatives, steps=60):
    """The least `pair_loss` of any critic, by Newton's method with halved steps, from f = 0."""
    seen = (positives > 0) & (negatives > 0)
    if seen.sum() < 2:
        return np.log(2) * positives[seen] @ negatives[seen] if seen.any() else 0.0
    P, Q = positives[seen], negatives[seen]
    f, loss = np.zeros(len(P)), pair_loss(np.zeros(len(P)), P, Q)
    for _ in range(steps):
        up = 1 / (1 + np.exp(np.subtract.outer(f, f)))  # σ(f(b) − f(a)) at [a, b]
        flow = np.multiply.outer(P, Q) * up
        slope = flow.sum(axis=0) - flow.sum(axis=1)
        bend = flow * (1 - up)
        bend = bend + bend.T
        step = np.linalg.lstsq(np.diag(bend.sum(axis=1)) - bend, -slope, rcond=1e-15)[0]
        for size in 0.5 ** np.arange(30):
            tried = pair_loss(f + size * step, P, Q)
            if tried < loss:
                break
        else:
            break
        f, loss = f + size * step, tried
    return loss


def losses_beside_the_least(context, critic, negatives):
    """(the critic's pair loss, the least one) for the most likely inputs; ``negatives`` is (N, M).

    Pairs of which one never occurs cost nothing, whatever is said of them.
    """
    P, p, _ = by_hand.table(context)
    pairs = []
    for x in np.argsort(-p, kind="stable")[:FEW_INPUTS]:
        seen = (P[x] > 0) & (negatives[x] > 0)
        positives = P[x] / p[x]
        pairs.append((pair_loss(critic[x][seen], positives[seen], negatives[x][seen]),
                      least_pair_loss(positives, negatives[x])))
    return np.array(pairs).T


def normalised(weights):
    """Every row divided by its sum."""
    return weights / weights.sum(axis=1, keepdims=True)


def random_features(context, seed):
    """Features of X and of A, at most three each, random."""
    rng, (n, m) = np.random.default_rng(seed), context.shape
    return (rng.standard_normal((n, min(FEATURES, n - 1))),
            rng.standard_normal((m, min(FEATURES, m - 1))))


def correlations_on_pairs(context, phi, psi):
    """Canonical correlations of Φ(X) and Ψ(A) under P, by the package's `alignment`."""
    P = by_hand.table(context)[0]
    x, a = np.nonzero(P)
    return canonical_correlations(phi[x], psi[a], P[x, a])


# -- two towers --------------------------------------------------------------------


@claim(
    "linear-towers", "Two linear towers are an SVD",
    r"$\min_{W,V}\,-2\,\mathbb{E}\langle\Phi,\Psi\rangle+\mathbb{E}_{X\perp A}\langle\Phi,\Psi"
    r"\rangle^2 = -\sum_{i\le d}\rho_i^2$ for $\Phi=W^\top x$, $\Psi=V^\top a$, centred; $\rho_i$"
    r" the canonical correlations",
    source="Hotelling 1936; our derivation",
    needs=[HAS_MODE],
    routes=("the loss of the package's towers, summed over the table",
            "−Σ ρᵢ², canonical correlations of the pairs"),
)
def linear_towers_claim(context, seed=0):
    """Random features of inputs and values, towers of the largest possible d."""
    X, A = random_features(context, seed)
    P, p, q = by_hand.table(context)
    x, a = np.nonzero(P)
    d = min(X.shape[1], A.shape[1])
    towers = linear_towers(X[x], A[a], d, weights=P[x, a])
    products = towers.of_x(X) @ towers.of_a(A).T
    loss = -2 * np.sum(P * products) + p @ products**2 @ q
    return Sides(loss, -np.sum(correlations_on_pairs(context, X, A) ** 2))


@claim(
    "platonic-bound", "Two modalities agree as far as their joint distribution allows",
    r"$\sum_{i\le d}\rho_i(\Phi(X),\Psi(A))^2 \le \sum_{i\le d}s_i^2$ for any encoders of $d$"
    r" features",
    source="Ky Fan; Huh et al. 2024 (arXiv 2405.07987) for the hypothesis",
    needs=[HAS_MODE],
    routes=("squared canonical correlations of random encoders, and of (μ, ν) mixed",
            "Σ sᵢ² of the first d"),
)
def platonic_bound(context, d=None, seed=0):
    """Random encoders, and the best ones mixed with a little of them."""
    d = given.dimension(context, d)
    s, mu, nu = by_hand.top_modes(context, d)
    rng = np.random.default_rng(seed)
    phi, psi = (rng.standard_normal((size, d)) for size in context.shape)
    near = correlations_on_pairs(context, mu + 0.01 * phi, nu + 0.01 * psi)
    some = correlations_on_pairs(context, phi, psi)
    return Sides([np.sum(some**2), np.sum(near**2)], np.sum(s**2), relation="<=")


@claim(
    "platonic-attained", "The singular functions of the joint reach that bound",
    r"$\mathrm{corr}(\mu_i(X),\nu_j(A)) = s_i\,1[i=j]$",
    needs=[HAS_MODE],
    routes=("canonical correlations of (μ, ν) on the pairs, by alignment",
            "s₁ … s_d by an SVD of the table"),
)
def platonic_attained(context, d=None):
    """The canonical correlations of the top ``d`` functions are the singular values."""
    d = given.dimension(context, d)
    _, mu, nu = by_hand.top_modes(context, d)
    return Sides(correlations_on_pairs(context, mu, nu)[:d], by_hand.values(context, d))


@claim(
    "zero-shot", "Zero-shot classification is exact, with the mean of a class's captions",
    r"$P(y\mid x) = P(y)\left(1+\sum_i s_i\mu_i(x)\,\mathbb{E}[\nu_i(A)\mid y]\right)$ for a class"
    r" $y=y(a)$",
    source="our derivation; the practice: Radford et al. 2021 (arXiv 2103.00020)",
    needs=[HAS_MODE],
    routes=("from the singular system, captions averaged",
            "rows of the table, summed over a class"),
)
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


# -- InfoNCE and retrieval -------------------------------------------------------------


@claim(
    "retrieval-information", "InfoNCE shows what a gallery of K tells about the partner's place",
    r"$\log K-L_K = I(J;X,A_1,\dots,A_K)$, here $K=2$; $J$ is the place of the partner among"
    r" them",
    source=CPC + "; in this wording ours",
    needs=[HAS_MODE],
    routes=("by the package's integral", "from the table of place, input and gallery"),
)
def retrieval_information(context):
    """I(J; X, A₁, A₂) by enumeration: given x and a gallery, J = 1 has chance r₁/(r₁ + r₂)."""
    _, p, q = by_hand.table(context)
    information = 0.0
    for r, mass in zip(ratios(context), p):
        seen = np.add.outer(r, r)
        share = np.divide(r[:, None], seen, where=seen > 0, out=np.full(seen.shape, 0.5))
        sure = share * np.log(2 * np.maximum(share, 1e-300))
        information += mass * q @ (0.5 * seen * (sure + sure.T)) @ q
    return Sides(infonce_value(context, 2), information)


@claim(
    "bigger-batch", "A bigger batch does not move the optimum",
    r"for every number $K$ of candidates InfoNCE is least at $f=\log r(x,a)+c(x)$",
    source=CPC,
    needs=[HAS_MODE],
    routes=("K = 2: log 2 less the package's value, which is that of log r",
            "K = 2: the least loss of any critic, by Newton's method, input by input"),
)
def bigger_batch(context):
    """With K = 2 no critic does better than log r, which is the best one for K → ∞."""
    P, p, q = by_hand.table(context)
    least = sum(mass * least_pair_loss(row / mass, q) for row, mass in zip(P, p))
    return Sides(np.log(2) - infonce_value(context, 2), least)


def _largest_ratio(context):
    return ratios(context).max()


MODERATE = Hypothesis(
    "a density ratio of at most 1000", lambda context: _largest_ratio(context) <= LARGE_RATIO,
    lambda context: f"has {_largest_ratio(context):.3g}", to_compute=True)


@claim(
    "batch-bias", "What a batch hides is the spectrum",
    r"$I-(\log K-L_K) = \frac{1}{2K}\sum_{i\ge1}s_i^2+O(K^{-2})$",
    needs=[HAS_MODE, MODERATE],
    routes=("the limit of g(K) = K (I − value), extrapolated from K, 2K, 4K, …",
            "½ Σ sᵢ² by an SVD of the table"),
)
def batch_bias(context):
    """Richardson's extrapolation, for g is a series in 1/K."""
    K = int(MANY * max(2.0, _largest_ratio(context)))
    cells, r = by_hand.table(context)[0], ratios(context)
    information = np.sum(cells[cells > 0] * np.log(r[cells > 0]))
    sizes = K * 2 ** np.arange(DOUBLINGS + 1)
    g = np.array([size * (information - infonce_value(context, int(size))) for size in sizes])
    for power in 2.0 ** np.arange(1, DOUBLINGS + 1):
        g = (power * g[1:] - g[:-1]) / (power - 1)
    return Sides(g[0], np.sum(by_hand.squares(context)) / 2, 1e-8)


@claim(
    "recall-ceiling", "Retrieval cannot beat the information",
    r"$\mathrm{recall@1} \le \frac{I+\log 2}{\log n}$ in a gallery of $n$, for every decoder",
    source="Fano's inequality for lists, applied by us",
    routes=("recall of the best decoder, exact, n = 10² and 10⁴", "the ceiling"),
)
def recall_ceiling(context):
    """The best decoder ranks by r: E ((u + v)ⁿ − uⁿ)/(n v), u and v the mass below and beside r."""
    P, _, q = by_hand.table(context)
    best, sizes = np.zeros(2), np.array([100, 10_000])
    for row, r in zip(P, ratios(context)):
        _, place = np.unique(np.round(r, 12), return_inverse=True)
        beside, hit = np.bincount(place, q), np.bincount(place, row)
        upto = np.cumsum(beside)
        below = upto - beside
        for i, n in enumerate(sizes):
            best[i] += hit @ ((np.minimum(upto, 1) ** n - below**n) / (n * beside))
    information = context.mutual_information()
    return Sides(best, [information_ceiling(information, int(n)) for n in sizes], relation="<=")


# -- negatives --------------------------------------------------------------------------


@claim(
    "log-q", "The log-Q correction chooses a target",
    r"negatives from $Q$: InfoNCE is least at $\log\frac{P(a\mid x)}{Q(a)}+c(x)$; with $-\log Q$"
    r" on all logits at $\log P(a\mid x)+c(x)$",
    source="Bengio & Senécal 2008; Yi et al. 2019; for every K ours",
    needs=[HAS_MODE],
    routes=("K = 2 loss of the package's two critics", "the least loss, by Newton's method"),
)
def log_q(context, seed=0):
    """A random Q, at inputs of most mass; the corrected logits are f − log Q."""
    q = np.random.default_rng(seed).dirichlet(np.full(context.shape[1], 2.0)) + 1e-3
    q = q / q.sum()
    negatives = np.tile(q, (context.shape[0], 1))
    plain, corrected = log_q_critic(context, q), log_q_critic(context, q, corrected=True)
    left = [losses_beside_the_least(context, critic, negatives)[0]
            for critic in (plain, corrected - np.log(q))]
    return Sides(left, losses_beside_the_least(context, plain, negatives)[1])


@claim(
    "hard-negatives", "Hard negatives flatten the critic, exactly",
    r"negatives $\propto q\,r^{\beta}$: InfoNCE is least at $(1-\beta)\log r+c(x)$; negatives"
    r" $\propto q\,e^{\beta f}$ of the critic itself: it settles at $\frac{1}{1+\beta}\log r+c(x)$",
    source="the distribution: Robinson et al. 2021 (arXiv 2010.04592); the statement is ours",
    needs=[HAS_MODE],
    routes=("K = 2 loss of the package's critics", "the least loss, by Newton's method"),
)
def hard_negatives(context, beta=0.5):
    """β, twice as much, and β refreshed by the critic."""
    beta = as_number("beta", beta, above=0)
    _, _, q = by_hand.table(context)
    r, sides = ratios(context), []
    for strength, refreshed in ((beta, False), (2 * beta, False), (beta, True)):
        critic = hard_critic(context, strength, refreshed=refreshed)
        with np.errstate(divide="ignore"):
            hardness = strength * (critic if refreshed else np.log(r))
        negatives = np.exp(hardness + np.log(q) - logsumexp(
            hardness + np.log(q), axis=1, keepdims=True))
        sides.append(losses_beside_the_least(context, critic, negatives))
    left, right = np.array(sides).transpose(1, 0, 2)
    return Sides(left, right)


@claim(
    "all-negatives", "All negatives at once, through two Gram matrices",
    r"$\sum_{i,j}\langle\Phi_i,\Psi_j\rangle^2 = \langle\Phi^\top\Phi,\Psi^\top\Psi\rangle$;"
    r" without $i=j$ unbiased at every batch size",
    source="HaoChen et al. 2021 (arXiv 2106.04156) for the loss",
    routes=("the package, on drawn pairs", "a double sum over the batch"),
)
def all_negatives(context, n=40, seed=0):
    """Three random features, ``n`` drawn pairs."""
    n, rng = as_count("n", n, least=2), np.random.default_rng(seed)
    x, a = context.sample(n, rng)
    phi, psi = rng.standard_normal((context.shape[0], 3))[x], rng.standard_normal(
        (context.shape[1], 3))[a]
    products = phi @ psi.T
    off = ~np.eye(n, dtype=bool)
    double = -2 * np.trace(products) / n + np.mean(products[off] ** 2)
    return Sides(all_negatives_loss(phi, psi), double)


@claim(
    "modality-gap", "The modality gap is a flat direction of InfoNCE",
    r"$(\sqrt{1-\gamma^2}\,\Phi,\gamma)$ and $(\sqrt{1-\gamma^2}\,\Psi,-\gamma)$ at temperature"
    r" $(1-\gamma^2)T$ have the loss of $\Phi$ and $\Psi$ at $T$",
    source="the phenomenon: Liang et al. 2022 (arXiv 2203.02053); the statement is ours",
    routes=("symmetric loss of the package's separated towers", "of the towers themselves"),
)
def modality_gap(context, gamma=0.6, temperature=0.2, seed=0):
    """Random unit vectors under P, both directions."""
    gamma = as_number("gamma", gamma, least=0, below=1)
    rng, P = np.random.default_rng(seed), as_dense(context.joint)
    phi, psi = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (
        rng.standard_normal((size, 3)) for size in context.shape))

    def loss(f, g, at):
        scores = f @ g.T / at
        p, q = P.sum(axis=1), P.sum(axis=0)
        both = p @ logsumexp(scores, axis=1, b=q) + q @ logsumexp(scores, axis=0, b=p[:, None])
        return both - 2 * np.sum(P * scores)

    apart = with_modality_gap(phi, psi, gamma)
    return Sides(loss(*apart, (1 - gamma**2) * temperature), loss(phi, psi, temperature))
