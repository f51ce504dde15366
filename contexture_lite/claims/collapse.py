"""Claims about collapse and distances: learners without negatives, decay, codes (notebook 11).

Positive pairs are two views of one input throughout, λ_i = s_i².
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from contexture_lite._checks import as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE
from contexture_lite.claims.objectives import Row, low_rank, register
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.geometry import soft_threshold, sparse_code
from contexture_lite.spectrum import singular_system

claim = lesson("11", source="our derivation", part=2)

TANG = "Tang et al. 2022 (arXiv 2212.03319)"
DECAY = 0.1  # of two towers


def modes(context):
    """λ_i and ν_i for i ≥ 1, (M − 1,) and (M, M − 1), with λ = 0 where no mode reaches."""
    system, m = singular_system(context), context.shape[1]
    q = by_hand.table(context)[2]
    nu = by_hand.completed(q, system.right[:, : system.rank])
    return by_hand.padded(system.values[: system.rank] ** 2, m - 1), nu


def best_linear(context, f):
    """(C, B, W): E f fᵀ, E f f⁺ᵀ, and the W of least E‖W f − f⁺‖²."""
    C = by_hand.gram(by_hand.table(context)[2], f)
    B = f.T @ by_hand.views(context) @ f
    return C, B, np.linalg.solve(C, B).T


def whole_features(context, seed):
    """Random features of context values, linearly independent; not centred."""
    d = given.dimension(context, None)
    return by_hand.remixed(given.encoder_on(context, "a", d, None, seed), seed)


FEW_VALUES = Hypothesis(
    "at most 16 context values", lambda c: c.shape[1] <= 16, lambda c: f"has {c.shape[1]}",
    to_compute=True,
)


# -- learners without negatives ----------------------------------------------------


@claim(
    "collapse-rates", "Without a predictor, learning is forgetting",
    r"descent on $\frac12\mathbb{E}\lVert f-f^{+}\rVert^2$ in steps $\eta$ multiplies the part"
    r" of $f$ on $\nu_i$ by $1-2\eta(1-s_i^2)$, with a stopped gradient by $1-\eta(1-s_i^2)$",
    needs=[HAS_MODE],
    routes=("f after three steps on the table of pairs", "its parts on the νᵢ, rescaled"),
)
def collapse_rates(context, rate=0.2, seed=0):
    """The constant stays, the best predicted function dies last."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    start = given.encoder_on(context, "a", None, None, seed)
    values, nu = modes(context)
    left, right = [], []
    for both in (1, 2):
        f = start
        for _ in range(3):
            f = f - both * rate * (f - pairs @ f / q[:, None])
        kept = nu * (1 - both * rate * (1 - values)) ** 3 @ by_hand.gram(q, nu, start)
        left.append(np.sqrt(q)[:, None] * f)
        right.append(np.sqrt(q)[:, None] * (q @ start + kept))
    return Sides(left, right)


@claim(
    "best-predictor-keeps", "With the best predictor and a stopped gradient nothing collapses",
    r"$C=\mathbb{E}ff^{\top}$, $B=\mathbb{E}f{f^{+}}^{\top}$, $W=BC^{-1}$: descent on"
    r" $\frac12\mathbb{E}\lVert Wf-\bar f^{+}\rVert^2$ leaves $C$ as it is; without the stop"
    r" $\dot C=-2(C-BC^{-1}B)$",
    source=f"{TANG} for linear encoders; the form on contexts is our derivation",
    needs=[HAS_MODE],
    routes=("the change of C under the gradient, from the table of pairs", "0; the closed form"),
)
def best_predictor_keeps(context, seed=0):
    """Rates of change at a random encoder, relative to C."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    f = whole_features(context, seed)
    C, B, W = best_linear(context, f)
    miss = f @ W.T - pairs @ f / q[:, None]  # W f − E[f⁺ | A]
    stopped = miss @ W
    back = pairs @ f @ W.T / q[:, None] - f  # what the target is pulled to
    rates = [by_hand.gram(q, -step, f) for step in (stopped, stopped - back)]
    left = [rate + rate.T for rate in rates]
    size = np.abs(C).max()
    return Sides(np.array(left) / size,
                 np.array([0 * C, -2 * (C - B @ np.linalg.solve(C, B))]) / size)


@claim(
    "best-predictor-invasion", "… and only the top d functions are stable",
    r"if $f$ spans the modes $S$, whitened, an absent mode $j$ grows in the place of $i\in S$ at"
    r" the rate $s_i^2(s_j^2-s_i^2)$",
    source="our derivation; that the trace of W² never falls: " + TANG,
    needs=[HAS_MODE],
    routes=("how a bit of ν_j in the place of ν_i grows, from the table", "the formula"),
)
def best_predictor_invasion(context):
    """All pairs i ≠ j, d = 1: f = ν_i + ε ν_j."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    values, nu = (part[..., :6] for part in modes(context))
    size = 1e-5
    left, right = [0.0], [0.0]
    for i, j in ((i, j) for i in range(len(values)) for j in range(len(values)) if i != j):
        f = nu[:, [i]] + size * nu[:, [j]]
        W = best_linear(context, f)[2]
        step = -(f @ W.T - pairs @ f / q[:, None]) @ W
        left.append((q * nu[:, j] @ step).item() / size)
        right.append(values[i] * (values[j] - values[i]))
    return Sides(left, right)


@claim(
    "slow-target", "A slow target alone only slows the collapse",
    r"$\dot f=\bar g^{+}-f$, $\dot g=\beta(f-g)$: the rates of mode $i$ are"
    r" $\frac12\big[-(1+\beta)\pm\sqrt{(1+\beta)^2-4\beta(1-s_i^2)}\big]<0$",
    needs=[HAS_MODE],
    routes=("eigenvalues of the flow on the table", "the formula, with s₀ = 1 for the constant"),
)
def slow_target(context, beta=0.1):
    """β is the share of the encoder that its slow copy takes over."""
    beta = as_number("beta", beta, above=0, most=1)
    q = by_hand.table(context)[2]
    K = by_hand.views(context) / np.sqrt(np.multiply.outer(q, q))
    one = np.eye(len(q))
    flow = np.block([[-one, K], [beta * one, -beta * one]])
    values = np.r_[1, modes(context)[0]]
    root = np.sqrt((1 + beta) ** 2 - 4 * beta * (1 - values))
    return Sides(np.sort(np.linalg.eigvals(flow).real),
                 np.sort(np.r_[-1 - beta - root, root - 1 - beta] / 2))


@claim(
    "predictor-decay", "Weight decay on a trained predictor is a threshold",
    r"predictor and encoder with decay $\eta$ rest at"
    r" $p_{\pm}=\frac12(s_i^2\pm\sqrt{s_i^4-4\eta})$, $f=\sum p_i\nu_i$: modes with"
    r" $s_i^2<2\sqrt\eta$ die",
    source="Tian, Chen, Ganguli 2021 (arXiv 2102.06810), for isotropic data",
    needs=[HAS_MODE, HAS_ASSOCIATION],
    routes=("the flow of the strongest mode at p₊ and p₋, from the table; at 2√η > s₁² the"
            " largest ṗ/p over all p", "0, 0; s₁⁴/4 − η"),
)
def predictor_decay(context, share=0.6):
    """η = (share · s₁²/2)², below the threshold for share < 1; then 1.5 of it."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    value, nu = singular_system(context).values[0] ** 2, modes(context)[1][:, :1]
    eta = (as_number("share", share, above=0, below=1) * value / 2) ** 2
    left = []
    for p in (value + np.array([1, -1]) * np.sqrt(value**2 - 4 * eta)) / 2:
        f = p * nu
        step = p * (pairs @ f / q[:, None] - p * f) - eta * f
        left.append(np.sqrt(q @ step**2).item() / p)
    p = np.linspace(0, value, 20001)
    above = 1.5 * value**2 / 4
    return Sides([*left, (p * (value - p) - above).max()], [0, 0, value**2 / 4 - above])


# -- weight decay, classes, codes --------------------------------------------------


def _decayed(context, phi, psi):
    P, p, q = by_hand.table(context)
    phi, psi = by_hand.centred(p, phi), by_hand.centred(q, psi)
    return low_rank(P, phi, psi) + DECAY * (p @ np.sum(phi**2, 1) + q @ np.sum(psi**2, 1))


def _decayed_modes(context, known, seed):
    s, mu, nu = known
    root, turn = np.sqrt(np.maximum(s - DECAY, 0)), by_hand.rotation(len(s), seed)
    return mu * root @ turn, nu * root @ turn


def _decayed_second(context, phi):
    """Φ and the Ψ that suits it best, decay counted."""
    P, p, q = by_hand.table(context)
    phi = by_hand.centred(p, phi)
    curve = by_hand.gram(p, phi) + DECAY * np.eye(phi.shape[1])
    return phi, np.linalg.solve(curve, phi.T @ P / q).T


register(claim, Row(
    name="two towers with weight decay",
    learns="decay soft-thresholds the singular values",
    loss=r"-2\,\mathbb{E}\langle\tilde\Phi,\tilde\Psi\rangle+\mathbb{E}_{X\perp A}\langle"
    r"\tilde\Phi,\tilde\Psi\rangle^2+l(\mathbb{E}\lVert\tilde\Phi\rVert^2+\mathbb{E}\lVert\tilde\Psi\rVert^2)",
    minimum=r"-\sum_{i\le d}(s_i-l)_{+}^2",
    where=", here $l=0.1$",
    attained=r"at $\tilde\Phi=\sqrt{(s_i-l)_{+}}\,\mu_i$, $\tilde\Psi=\sqrt{(s_i-l)_{+}}\,\nu_i$,"
    r" rotated together",
    source="our derivation; factored weight decay as the nuclear norm: Srebro et al. 2004",
    encodes="x",
    of=_decayed,
    best=_decayed_modes,
    completed=_decayed_second,
    least=lambda context, s: -np.sum(np.maximum(s - DECAY, 0) ** 2),
    completion=" with the Ψ that suits it best",
))


@claim(
    "classes-vanish", "Weight decay merges rare classes first",
    r"$\min\frac12\mathbb{E}\lVert Wh-e_y\rVert^2+\frac{\lambda_W}2\lVert W\rVert^2"
    r"+\frac{\lambda_H}2\mathbb{E}\lVert h\rVert^2=\frac12\sum_k[\pi_k-(\sqrt{\pi_k}-t)_{+}^2]$,"
    r" $t^2=\lambda_W\lambda_H$: a class of mass $\pi_k\le t^2$ vanishes",
    source="our derivation; for cross-entropy: Fang et al. 2021 (arXiv 2101.12699)",
    needs=[HAS_MODE, FEW_VALUES],
    routes=("alternating ridge regressions from a random start, the context values as classes",
            "the formula"),
)
def classes_vanish(context, head=0.5, features=0.2, seed=0):
    """Features are free, one point for each class."""
    mass = by_hand.table(context)[2]
    k, level = len(mass), np.sqrt(head * features)
    h = np.random.default_rng(seed).standard_normal((k, k))  # column for each class
    one = np.eye(k)
    for _ in range(3000):
        W = np.linalg.solve(h * mass @ h.T + head * one, h * mass).T
        new = np.linalg.solve(W.T @ W + features * one, W.T)
        h, moved = new, np.abs(new - h).max()
        if moved < 1e-12:
            break
    loss = mass @ np.sum((W @ h - one) ** 2, axis=0) + head * np.sum(W**2)
    loss = (loss + features * mass @ np.sum(h**2, axis=0)) / 2
    return Sides(loss, np.sum(mass - soft_threshold(np.sqrt(mass), level) ** 2) / 2)


@claim(
    "code-agreement", "Codes that agree, each weighed by its own mass",
    r"$\sum_k\Pr(Z^{+}=k\mid Z=k)\le1+\sum_{i<K}s_i^2$ for a code $Z=z(A)$ with $K$ values; plain"
    r" agreement $\Pr(Z=Z^{+})$ is largest, 1, for a single code",
    source="our derivation; normalised cut: Shi & Malik 2000",
    needs=[HAS_MODE],
    routes=("a code, random unless given; plain agreement", "1 + the first K − 1 squares; 1"),
)
def code_agreement(context, code=None, seed=0):
    """K is the number of values in use."""
    m = context.shape[1]
    if code is None:
        code = np.random.default_rng(seed).integers(0, 3, m)
    code = given.function_on(m, code, "code", seed)
    member = (code[:, None] == np.unique(code)) * 1.0
    together = member.T @ by_hand.views(context) @ member
    own = np.diag(together)
    shares = own / (by_hand.table(context)[2] @ member)
    best = by_hand.package_values(context, len(own) - 1)
    return Sides([shares.sum(), own.sum()], [1 + np.sum(best**2), 1], relation="<=")


# -- distances ---------------------------------------------------------------------


def square_distances(f):
    """‖f(a) − f(a')‖², (M, M)."""
    return np.sum((f[:, None] - f[None]) ** 2, axis=2)


@claim(
    "distances", "What distances mean depends on the weights",
    r"features $s_i\nu_i$: $\lVert f(a)-f(a')\rVert^2"
    r"=\sum_x\frac{(P(x\mid a)-P(x\mid a'))^2}{p_x}$, from the centre"
    r" $\chi^2(P(\cdot\mid a)\Vert P_X)$; weights 1 on all functions:"
    r" $\frac1{q_a}+\frac1{q_{a'}}$, every pair equally far",
    source="our derivation; correspondence analysis, and diffusion maps (Coifman & Lafon 2006)",
    needs=[HAS_MODE],
    routes=("distances of the features, the lengths in the diagonal", "from the table"),
)
def distances(context):
    """Each multiplied by √(q q'), so that rare values count no more than others."""
    P, p, q = by_hand.table(context)
    values, nu = modes(context)
    rows, f = (P / q).T / np.sqrt(p), nu * np.sqrt(values)
    own = np.sum((rows - np.sqrt(p)) ** 2, axis=1)
    apart = (1 / q[:, None] + 1 / q) * (1 - np.eye(len(q)))
    scale = np.sqrt(np.multiply.outer(q, q))
    return Sides([scale * (square_distances(f) + np.diag(np.sum(f**2, axis=1))),
                  scale * square_distances(nu)],
                 [scale * (square_distances(rows) + np.diag(own)), scale * apart])


@claim(
    "analogies", "King − man + woman: a matter of logarithms",
    r"two independent factors: with features $s_i\nu_i$ of the pair, $\lVert f(a,x)-f(b,x)-f(a,y)"
    r"+f(b,y)\rVert^2=D_1^2(a,b)\,D_2^2(x,y)$, $D_j$ the distance in factor $j$ alone; for"
    r" inner products $\log k_A^{+}$ it is 0",
    source="our derivation; PMI: Levy & Goldberg 2014",
    needs=[HAS_MODE, FEW_VALUES],
    routes=("the defect of the pair with a noisy bit, from its singular functions; by logarithms",
            "the product of the distances; 0"),
)
def analogies(context, flip=0.2):
    """The second factor is a bit that flips with probability ``flip``."""
    flip = as_number("flip", flip, above=0, below=0.5)
    bit = np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2
    pair = Context(np.kron(by_hand.table(context)[0], bit))
    values, nu = modes(pair)
    f, q = nu * np.sqrt(values), by_hand.table(context)[2]
    sign = np.array([1, -1, -1, 1])
    corners = [0, 2, 1, 3]  # (a, x), (b, x), (a, y), (b, y) of the first two values
    factor = by_hand.views(context) / np.multiply.outer(q, q)
    apart = factor[0, 0] + factor[1, 1] - 2 * factor[0, 1]
    own = by_hand.views(Context(bit)) * 4
    views, weights = by_hand.views(pair), by_hand.table(pair)[2]
    ratio = (views / np.multiply.outer(weights, weights))[np.ix_(corners, corners)]
    logs = np.log(np.where(factor[np.ix_([0, 1], [0, 1])].min() > 0, ratio, 1))
    scale = np.sqrt(q[0] * q[1])
    return Sides([scale * np.sum((sign @ f[corners]) ** 2), sign @ logs @ sign],
                 [scale * apart * (own[0, 0] + own[1, 1] - 2 * own[0, 1]), 0])


# -- sparse codes ------------------------------------------------------------------


@claim(
    "sparse-code", "A sparser code is less accurate, and agrees less between views",
    r"$\mathrm{ReLU}(z-t)$ of $z\sim N(0,1)$, a share $P$ active: $R^2=P^2/\mathrm{Var}$; two views"
    r" of correlation $\rho=s_1^2$ agree by $\sum_k\rho^ka_k^2/\mathrm{Var}$, $a_1=P$,"
    r" $a_k=\varphi(t)\mathrm{He}_{k-2}(t)/\sqrt{k!}$",
    needs=[HAS_MODE, Hypothesis("s₁² ≤ .9", lambda c: singular_system(c).values[0] ** 2 <= 0.9,
                                lambda c: "has more, and the series is too long",
                                to_compute=True)],
    routes=("R², and agreement × Var", "from the moments of the code; the Hermite series"),
)
def sparse(context, threshold=1.0):
    """ρ is the context's; 300 terms."""
    t, rho = as_number("threshold", threshold, -3, 3), singular_system(context).values[0] ** 2
    code, he = sparse_code(t, rho), [1.0, t]  # normalised: He_n/√n!
    for n in range(1, 300):
        he.append((t * he[n] - np.sqrt(n) * he[n - 1]) / np.sqrt(n + 1))
    k = np.arange(2, len(he) + 2)
    squares = norm.pdf(t) ** 2 * np.array(he) ** 2 / (k * (k - 1))
    mean, second, cross = (quad(lambda z, power=power: norm.pdf(z) * (z - t) * power(z), t, 12,
                                epsabs=1e-13)[0]
                           for power in (lambda z: 1, lambda z: z - t, lambda z: z))
    variance = second - mean**2
    return Sides([code.accuracy, code.agreement * variance],
                 [cross**2 / variance, norm.sf(t) ** 2 * rho + rho**k @ squares])
