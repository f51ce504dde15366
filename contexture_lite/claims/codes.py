"""Claims about weight decay, codes and distances (notebook 11).

Positive pairs are two views of one input throughout, λ_i = s_i².
"""

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import norm

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.objectives import Row, low_rank, register
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.geometry import soft_threshold, sparse_code
from contexture_lite.spectrum import singular_system

claim = lesson("11", source="our derivation", part=3)

DECAY = 0.1  # of two towers
DECAYS = 0.5, 0.2  # of head and features, λ_W and λ_H
FEW_VALUES = Hypothesis(
    "at most 16 context values", lambda c: c.shape[1] <= 16, lambda c: f"has {c.shape[1]}",
    to_compute=True)


def _decayed(context, phi, psi):
    P, p, q = by_hand.table(context)
    phi, psi = by_hand.centred(p, phi), by_hand.centred(q, psi)
    return low_rank(P, phi, psi) + DECAY * (p @ np.sum(phi**2, 1) + q @ np.sum(psi**2, 1))


def _decayed_modes(context, modes):
    s, mu, nu = modes
    root, turn = np.sqrt(np.maximum(s - DECAY, 0)), by_hand.rotation(len(s), given.rng())
    return mu * root @ turn, nu * root @ turn


def _decayed_second(context, phi):
    """Φ and the Ψ that suits it best, decay counted."""
    P, p, q = by_hand.table(context)
    phi = by_hand.centred(p, phi)
    curve = by_hand.gram(p, phi) + DECAY * np.eye(phi.shape[1])
    return phi, np.linalg.solve(curve, phi.T @ P / q).T


register(claim, Row(
    name="two towers with weight decay", learns="decay soft-thresholds the singular values",
    loss=r"-2\,\mathbb{E}\langle\tilde\Phi,\tilde\Psi\rangle"
         r"+\mathbb{E}_{X\perp A}\langle\tilde\Phi,\tilde\Psi\rangle^2"
         r"+l(\mathbb{E}\lVert\tilde\Phi\rVert^2+\mathbb{E}\lVert\tilde\Psi\rVert^2)",
    minimum=r"-\sum_{i\le d}(s_i-l)_{+}^2", where=", here $l=0.1$",
    attained=r"at $\tilde\Phi=\sqrt{(s_i-l)_{+}}\,\mu_i$, $\tilde\Psi=\sqrt{(s_i-l)_{+}}\,\nu_i$,"
             r" rotated together",
    source="our derivation; factored weight decay as the nuclear norm: Srebro et al. 2004",
    encodes="x", of=_decayed, best=_decayed_modes, completed=_decayed_second,
    least=lambda context, s: -np.sum(np.maximum(s - DECAY, 0) ** 2),
    completion=" with the Ψ that suits it best"))


@claim("classes-vanish", "Weight decay merges rare classes first",
       r"$\min\frac12\mathbb{E}\lVert Wh-e_y\rVert^2+\frac{\lambda_W}2\lVert W\rVert^2"
       r"+\frac{\lambda_H}2\mathbb{E}\lVert h\rVert^2=\frac12\sum_k[\pi_k-(\sqrt{\pi_k}-t)_{+}^2]$,"
       r" $t^2=\lambda_W\lambda_H$: a class of mass $\pi_k\le t^2$ vanishes",
       source="our derivation; for cross-entropy: Fang et al. 2021 (arXiv 2101.12699)",
       needs=[HAS_MODE, FEW_VALUES],
       routes=("alternating ridge regressions from a random start, the context values as classes",
               "the formula"))
def classes_vanish(context):
    """Features are free, one point for each class."""
    mass = by_hand.table(context)[2]
    (head, features), k = DECAYS, len(mass)
    h = given.function_on((k, k))  # column for each class
    one = np.eye(k)
    for _ in range(3000):
        W = np.linalg.solve(h * mass @ h.T + head * one, h * mass).T
        new = np.linalg.solve(W.T @ W + features * one, W.T)
        h, moved = new, np.abs(new - h).max()
        if moved < 1e-12:
            break
    loss = mass @ np.sum((W @ h - one) ** 2, axis=0) + head * np.sum(W**2)
    loss = (loss + features * mass @ np.sum(h**2, axis=0)) / 2
    kept = soft_threshold(np.sqrt(mass), np.sqrt(head * features)) ** 2
    return Sides(loss, np.sum(mass - kept) / 2)


@claim("code-agreement", "Codes that agree, each weighed by its own mass",
       r"$\sum_k\Pr(Z^{+}=k\mid Z=k)\le1+\sum_{i<K}s_i^2$ for a code $Z=z(A)$ with $K$ values;"
       r" plain agreement $\Pr(Z=Z^{+})$ is largest, 1, for a single code",
       source="our derivation; normalised cut: Shi & Malik 2000", needs=[HAS_MODE],
       routes=("a random code; plain agreement", "1 + the first K − 1 squares; 1"))
def code_agreement(context):
    """K is the number of values in use."""
    code = given.groups_on(context.shape[1], 3)
    member = (code[:, None] == np.unique(code)) * 1.0
    together = member.T @ by_hand.views(context) @ member
    own = np.diag(together)
    shares = own / (by_hand.table(context)[2] @ member)
    best = by_hand.package_values(context, len(own) - 1)
    return Sides([shares.sum(), own.sum()], [1 + np.sum(best**2), 1], relation="<=")


@claim("distances", "What distances mean depends on the weights",
       r"features $s_i\nu_i$: $\lVert f(a)-f(a')\rVert^2"
       r"=\sum_x\frac{(P(x\mid a)-P(x\mid a'))^2}{p_x}$, from the centre"
       r" $\chi^2(P(\cdot\mid a)\Vert P_X)$; weights 1 on all functions:"
       r" $\frac1{q_a}+\frac1{q_{a'}}$, every pair equally far",
       source="our derivation; correspondence analysis, and diffusion maps (Coifman & Lafon 2006)",
       needs=[HAS_MODE],
       routes=("distances of the features, the lengths in the diagonal", "from the table"))
def distances(context):
    """Each multiplied by √(q q'), so that rare values count no more than others."""
    P, p, q = by_hand.table(context)
    values, nu = by_hand.view_modes(context)
    rows, f = (P / q).T / np.sqrt(p), nu * np.sqrt(values)
    own = np.sum((rows - np.sqrt(p)) ** 2, axis=1)
    apart = (1 / q[:, None] + 1 / q) * (1 - np.eye(len(q)))
    scale = np.sqrt(np.multiply.outer(q, q))
    of_f, of_nu, of_rows = (cdist(z, z, "sqeuclidean") for z in (f, nu, rows))
    return Sides([scale * (of_f + np.diag(np.sum(f**2, axis=1))), scale * of_nu],
                 [scale * (of_rows + np.diag(own)), scale * apart])


@claim("analogies", "King − man + woman: a matter of logarithms",
       r"two independent factors: with features $s_i\nu_i$ of the pair,"
       r" $\lVert f(a,x)-f(b,x)-f(a,y)+f(b,y)\rVert^2=D_1^2(a,b)\,D_2^2(x,y)$, $D_j$ the distance"
       r" in factor $j$ alone; for inner products $\log k_A^{+}$ it is 0",
       source="our derivation; PMI: Levy & Goldberg 2014", needs=[HAS_MODE, FEW_VALUES],
       routes=("the defect of the pair with a noisy bit, from its singular functions; by"
               " logarithms",
               "the product of the distances; 0"))
def analogies(context):
    """The second factor is a bit that flips with probability 1/5."""
    bit = np.array([[0.8, 0.2], [0.2, 0.8]]) / 2
    pair = Context(np.kron(by_hand.table(context)[0], bit))
    values, nu = by_hand.view_modes(pair)
    f, q = nu * np.sqrt(values), by_hand.table(context)[2]
    sign = np.array([1, -1, -1, 1])
    corners = [0, 2, 1, 3]  # (a, x), (b, x), (a, y), (b, y) of the first two values
    factor, own = (by_hand.view_kernel(c)[:2, :2] for c in (context, Context(bit)))
    apart = np.prod([k[0, 0] + k[1, 1] - 2 * k[0, 1] for k in (factor, own)])
    ratio = by_hand.view_kernel(pair)[np.ix_(corners, corners)]
    logs = np.log(np.where(factor.min() > 0, ratio, 1))
    scale = np.sqrt(q[0] * q[1])
    return Sides([scale * np.sum((sign @ f[corners]) ** 2), sign @ logs @ sign],
                 [scale * apart, 0])


SHORT = Hypothesis(
    "s₁² ≤ .9", lambda c: singular_system(c).values[0] ** 2 <= 0.9,
    lambda c: "has more, and the series is too long", to_compute=True)


@claim("sparse-code", "A sparser code is less accurate, and agrees less between views",
       r"$\mathrm{ReLU}(z-t)$ of $z\sim N(0,1)$, a share $P$ active: $R^2=P^2/\mathrm{Var}$; two"
       r" views of correlation $\rho=s_1^2$ agree by $\sum_k\rho^ka_k^2/\mathrm{Var}$, $a_1=P$,"
       r" $a_k=\varphi(t)\mathrm{He}_{k-2}(t)/\sqrt{k!}$",
       needs=[HAS_MODE, SHORT],
       routes=("R², and agreement × Var", "from the moments of the code; the Hermite series"))
def sparse(context):
    """ρ is the context's; t = 1, 300 terms."""
    t, rho = 1.0, singular_system(context).values[0] ** 2
    code, he = sparse_code(t, rho), [1.0, t]  # normalised: He_n/√n!
    for n in range(1, 300):
        he.append((t * he[n] - np.sqrt(n) * he[n - 1]) / np.sqrt(n + 1))
    k = np.arange(2, len(he) + 2)
    squares = norm.pdf(t) ** 2 * np.array(he) ** 2 / (k * (k - 1))
    z, weight = np.polynomial.legendre.leggauss(100)  # of the normal distribution beyond t
    z, weight = t + (12 - t) * (1 + z) / 2, (12 - t) / 2 * weight
    mass = weight * norm.pdf(z) * (z - t)
    mean, second, cross = mass.sum(), mass @ (z - t), mass @ z
    variance = second - mean**2
    return Sides([code.accuracy, code.agreement * variance],
                 [cross**2 / variance, norm.sf(t) ** 2 * rho + rho**k @ squares])
