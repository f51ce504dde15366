"""Claims about InfoNCE: what a gallery tells, what a batch hides, which negatives (notebook 14)."""

import numpy as np
from scipy.special import logsumexp

from contexture_lite import retrieval
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.objectives import info_nce
from contexture_lite.claims.registry import Hypothesis, Sides, lesson

claim = lesson("14", source="our derivation", part=2)

CPC = "van den Oord et al. 2018 (arXiv 1807.03748), Poole et al. 2019 (arXiv 1905.06922)"
FEW_INPUTS = 4  # for which a critic is found by Newton's method
LARGE_RATIO, MANY = 1e3, 100  # density ratio; candidates in units of the largest one
DOUBLINGS = 4  # of the candidates, each of which takes one more order of 1/K away


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
        if slope @ step > -1e-17:  # nothing is left to gain
            break
        tried = pair_loss(f + step, P, Q)
        while tried >= loss and np.abs(step).max() > 1e-9:
            step = step / 2
            tried = pair_loss(f + step, P, Q)
        if tried >= loss:
            break
        f, loss = f + step, tried
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


@claim("retrieval-information", "InfoNCE shows what a gallery of K tells about the partner's place",
       r"$\log K-L_K = I(J;X,A_1,\dots,A_K)$, here $K=2$; $J$ is the place of the partner among"
       r" them",
       source=CPC + "; in this wording ours", needs=[HAS_MODE],
       routes=("by the package's integral", "from the table of place, input and gallery"))
def retrieval_information(context):
    """I(J; X, A₁, A₂) by enumeration: given x and a gallery, J = 1 has chance r₁/(r₁ + r₂)."""
    _, p, q = by_hand.table(context)
    information = 0.0
    for r, mass in zip(by_hand.density_ratio(context), p):
        seen = np.add.outer(r, r)
        share = np.divide(r[:, None], seen, where=seen > 0, out=np.full(seen.shape, 0.5))
        sure = share * np.log(2 * np.maximum(share, 1e-300))
        information += mass * q @ (0.5 * seen * (sure + sure.T)) @ q
    return Sides(retrieval.infonce_value(context, 2), information)


@claim("bigger-batch", "A bigger batch does not move the optimum",
       r"for every number $K$ of candidates InfoNCE is least at $f=\log r(x,a)+c(x)$",
       source=CPC, needs=[HAS_MODE],
       routes=("K = 2: log 2 less the package's value, which is that of log r",
               "K = 2: the least loss of any critic, by Newton's method, input by input"))
def bigger_batch(context):
    """With K = 2 no critic does better than log r, which is the best one for K → ∞."""
    P, p, q = by_hand.table(context)
    least = sum(mass * least_pair_loss(row / mass, q) for row, mass in zip(P, p))
    return Sides(np.log(2) - retrieval.infonce_value(context, 2), least)


MODERATE = Hypothesis(
    "a density ratio of at most 1000", lambda c: by_hand.density_ratio(c).max() <= LARGE_RATIO,
    lambda c: f"has {by_hand.density_ratio(c).max():.3g}", to_compute=True)


@claim("batch-bias", "What a batch hides is the spectrum",
       r"$I-(\log K-L_K) = \frac{1}{2K}\sum_{i\ge1}s_i^2+O(K^{-2})$",
       needs=[HAS_MODE, MODERATE],
       routes=("the limit of g(K) = K (I − value), extrapolated from K, 2K, 4K, …",
               "½ Σ sᵢ² by an SVD of the table"))
def batch_bias(context):
    """Richardson's extrapolation, for g is a series in 1/K."""
    cells, r = by_hand.table(context)[0], by_hand.density_ratio(context)
    K = int(MANY * max(2.0, r.max()))
    information = np.sum(cells[cells > 0] * np.log(r[cells > 0]))
    sizes = K * 2 ** np.arange(DOUBLINGS + 1)
    shown = np.array([retrieval.infonce_value(context, int(size)) for size in sizes])
    g = sizes * (information - shown)
    for power in 2.0 ** np.arange(1, DOUBLINGS + 1):
        g = (power * g[1:] - g[:-1]) / (power - 1)
    return Sides(g[0], np.sum(by_hand.squares(context)) / 2, 1e-8)


@claim("recall-ceiling", "Retrieval cannot beat the information",
       r"$\mathrm{recall@1} \le \frac{I+\log 2}{\log n}$ in a gallery of $n$, for every decoder",
       source="Fano's inequality for lists, applied by us",
       routes=("recall of the best decoder, exact, n = 10² and 10⁴", "the ceiling"))
def recall_ceiling(context):
    """The best decoder ranks by r: E ((u + v)ⁿ − uⁿ)/(n v), u and v the mass below and beside r."""
    P, _, q = by_hand.table(context)
    best, sizes = np.zeros(2), np.array([100, 10_000])
    for row, r in zip(P, by_hand.density_ratio(context)):
        _, place = np.unique(np.round(r, 12), return_inverse=True)
        beside, hit = np.bincount(place, q), np.bincount(place, row)
        upto = np.cumsum(beside)
        below = upto - beside
        for i, n in enumerate(sizes):
            best[i] += hit @ ((np.minimum(upto, 1) ** n - below**n) / (n * beside))
    information = context.mutual_information()
    ceiling = [retrieval.information_ceiling(information, int(n)) for n in sizes]
    return Sides(best, ceiling, relation="<=")


# -- negatives --------------------------------------------------------------------------


@claim("log-q", "The log-Q correction chooses a target",
       r"negatives from $Q$: InfoNCE is least at $\log\frac{P(a\mid x)}{Q(a)}+c(x)$; with $-\log Q$"
       r" on all logits at $\log P(a\mid x)+c(x)$",
       source="Bengio & Senécal 2008; Yi et al. 2019; for every K ours", needs=[HAS_MODE],
       routes=("K = 2 loss of the package's two critics", "the least loss, by Newton's method"))
def log_q(context):
    """A random Q, at inputs of most mass; the corrected logits are f − log Q."""
    q = given.rng().dirichlet(np.full(context.shape[1], 2.0)) + 1e-3
    q = q / q.sum()
    negatives = np.tile(q, (context.shape[0], 1))
    plain = retrieval.log_q_critic(context, q)
    corrected = retrieval.log_q_critic(context, q, corrected=True)
    left = [losses_beside_the_least(context, critic, negatives)[0]
            for critic in (plain, corrected - np.log(q))]
    return Sides(left, losses_beside_the_least(context, plain, negatives)[1])


@claim("hard-negatives", "Hard negatives flatten the critic, exactly",
       r"negatives $\propto q\,r^{\beta}$: InfoNCE is least at $(1-\beta)\log r+c(x)$; negatives"
       r" $\propto q\,e^{\beta f}$ of the critic itself: it settles at $\frac{1}{1+\beta}\log r"
       r"+c(x)$",
       source="the distribution: Robinson et al. 2021 (arXiv 2010.04592); the statement is ours",
       needs=[HAS_MODE],
       routes=("K = 2 loss of the package's critics", "the least loss, by Newton's method"))
def hard_negatives(context):
    """β = ½ and 1, and ½ refreshed by the critic."""
    _, _, q = by_hand.table(context)
    r, sides = by_hand.density_ratio(context), []
    for strength, refreshed in ((0.5, False), (1.0, False), (0.5, True)):
        critic = retrieval.hard_critic(context, strength, refreshed=refreshed)
        with np.errstate(divide="ignore"):
            hardness = strength * (critic if refreshed else np.log(r))
        negatives = np.exp(hardness + np.log(q) - logsumexp(
            hardness + np.log(q), axis=1, keepdims=True))
        sides.append(losses_beside_the_least(context, critic, negatives))
    left, right = np.array(sides).transpose(1, 0, 2)
    return Sides(left, right)


@claim("all-negatives", "All negatives at once, through two Gram matrices",
       r"$\sum_{i,j}\langle\Phi_i,\Psi_j\rangle^2 = \langle\Phi^\top\Phi,\Psi^\top\Psi\rangle$;"
       r" without $i=j$ unbiased at every batch size",
       source="HaoChen et al. 2021 (arXiv 2106.04156) for the loss",
       routes=("the package, on drawn pairs", "a double sum over the batch"))
def all_negatives(context):
    """Three random features, 40 drawn pairs."""
    n, rng = 40, given.rng()
    x, a = context.sample(n, rng)
    phi, psi = rng.standard_normal((context.shape[0], 3))[x], rng.standard_normal(
        (context.shape[1], 3))[a]
    products = phi @ psi.T
    off = ~np.eye(n, dtype=bool)
    double = -2 * np.trace(products) / n + np.mean(products[off] ** 2)
    return Sides(retrieval.all_negatives_loss(phi, psi), double)


@claim("modality-gap", "The modality gap is a flat direction of InfoNCE",
       r"$(\sqrt{1-\gamma^2}\,\Phi,\gamma)$ and $(\sqrt{1-\gamma^2}\,\Psi,-\gamma)$ at temperature"
       r" $(1-\gamma^2)T$ have the loss of $\Phi$ and $\Psi$ at $T$",
       source="the phenomenon: Liang et al. 2022 (arXiv 2203.02053); the statement is ours",
       routes=("symmetric loss of the package's separated towers", "of the towers themselves"))
def modality_gap(context):
    """Random unit vectors under P, both directions; γ = .6 and T = .2."""
    rng, P, gamma = given.rng(), by_hand.table(context)[0], 0.6
    phi, psi = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (
        rng.standard_normal((size, 3)) for size in context.shape))

    def loss(f, g, at):
        scores = f @ g.T / at
        return info_nce(P, scores) + info_nce(P.T, scores.T)

    apart = retrieval.with_modality_gap(phi, psi, gamma)
    return Sides(loss(*apart, (1 - gamma**2) * 0.2), loss(phi, psi, 0.2))
