"""Claims about collapse: what keeps learners without negatives from it (notebook 11).

Positive pairs are two views of one input throughout, λ_i = s_i².
"""

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.spectrum import singular_system

claim = lesson("11", source="our derivation", part=2)

TANG = "Tang et al. 2022 (arXiv 2212.03319)"


def best_linear(context, f):
    """(C, B, W): E f fᵀ, E f f⁺ᵀ, and the W of least E‖W f − f⁺‖²."""
    C = by_hand.gram(by_hand.table(context)[2], f)
    B = f.T @ by_hand.views(context) @ f
    return C, B, np.linalg.solve(C, B).T


def whole_features(context):
    """Random features of context values, linearly independent; not centred."""
    return by_hand.remixed(given.encoder_on(context, "a"), given.rng())


@claim("collapse-rates", "Without a predictor, learning is forgetting",
       r"descent on $\frac12\mathbb{E}\lVert f-f^{+}\rVert^2$ in steps $\eta$ multiplies the part"
       r" of $f$ on $\nu_i$ by $1-2\eta(1-s_i^2)$, with a stopped gradient by $1-\eta(1-s_i^2)$",
       needs=[HAS_MODE],
       routes=("f after three steps on the table of pairs", "its parts on the νᵢ, rescaled"))
def collapse_rates(context):
    """The constant stays, the best predicted function dies last; η = 1/5."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    start = given.encoder_on(context, "a")
    values, nu = by_hand.view_modes(context)
    left, right = [], []
    for rate in (0.2, 0.4):
        f = start
        for _ in range(3):
            f = f - rate * (f - pairs @ f / q[:, None])
        kept = nu * (1 - rate * (1 - values)) ** 3 @ by_hand.gram(q, nu, start)
        left.append(np.sqrt(q)[:, None] * f)
        right.append(np.sqrt(q)[:, None] * (q @ start + kept))
    return Sides(left, right)


@claim("best-predictor-keeps", "With the best predictor and a stopped gradient nothing collapses",
       r"$C=\mathbb{E}ff^{\top}$, $B=\mathbb{E}f{f^{+}}^{\top}$, $W=BC^{-1}$: descent on"
       r" $\frac12\mathbb{E}\lVert Wf-\bar f^{+}\rVert^2$ leaves $C$ as it is; without the stop"
       r" $\dot C=-2(C-BC^{-1}B)$",
       source=f"{TANG} for linear encoders; the form on contexts is our derivation",
       needs=[HAS_MODE],
       routes=("the change of C under the gradient, from the table of pairs", "0; the closed form"))
def best_predictor_keeps(context):
    """Rates of change at a random encoder, relative to C."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    f = whole_features(context)
    C, B, W = best_linear(context, f)
    miss = f @ W.T - pairs @ f / q[:, None]  # W f − E[f⁺ | A]
    stopped = miss @ W
    back = pairs @ f @ W.T / q[:, None] - f  # what the target is pulled to
    rates = [by_hand.gram(q, -step, f) for step in (stopped, stopped - back)]
    left = [rate + rate.T for rate in rates]
    size = np.abs(C).max()
    return Sides(np.array(left) / size,
                 np.array([0 * C, -2 * (C - B @ np.linalg.solve(C, B))]) / size)


@claim("best-predictor-invasion", "… and only the top d functions are stable",
       r"if $f$ spans the modes $S$, whitened, an absent mode $j$ grows in the place of $i\in S$ at"
       r" the rate $s_i^2(s_j^2-s_i^2)$",
       source="our derivation; that the trace of W² never falls: " + TANG, needs=[HAS_MODE],
       routes=("how a bit of ν_j in the place of ν_i grows, from the table", "the formula"))
def best_predictor_invasion(context):
    """All pairs i ≠ j, d = 1: f = ν_i + ε ν_j."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    values, nu = (part[..., :6] for part in by_hand.view_modes(context))
    size = 1e-5
    left, right = [0.0], [0.0]
    for i, j in ((i, j) for i in range(len(values)) for j in range(len(values)) if i != j):
        f = nu[:, [i]] + size * nu[:, [j]]
        W = best_linear(context, f)[2]
        step = -(f @ W.T - pairs @ f / q[:, None]) @ W
        left.append((q * nu[:, j] @ step).item() / size)
        right.append(values[i] * (values[j] - values[i]))
    return Sides(left, right)


@claim("slow-target", "A slow target alone only slows the collapse",
       r"$\dot f=\bar g^{+}-f$, $\dot g=\beta(f-g)$: the rates of mode $i$ are"
       r" $\frac12\big[-(1+\beta)\pm\sqrt{(1+\beta)^2-4\beta(1-s_i^2)}\big]<0$",
       needs=[HAS_MODE],
       routes=("eigenvalues of the flow on the table", "the formula, with s₀ = 1 for the constant"))
def slow_target(context):
    """β is the share of the encoder that its slow copy takes over."""
    beta, q = 0.1, by_hand.table(context)[2]
    K = by_hand.views(context) / np.sqrt(np.multiply.outer(q, q))
    one = np.eye(len(q))
    flow = np.block([[-one, K], [beta * one, -beta * one]])
    values = np.r_[1, by_hand.view_modes(context)[0]]
    root = np.sqrt((1 + beta) ** 2 - 4 * beta * (1 - values))
    return Sides(np.sort(np.linalg.eigvals(flow).real),
                 np.sort(np.r_[-1 - beta - root, root - 1 - beta] / 2))


@claim("predictor-decay", "Weight decay on a trained predictor is a threshold",
       r"predictor and encoder with decay $\eta$ rest at"
       r" $p_{\pm}=\frac12(s_i^2\pm\sqrt{s_i^4-4\eta})$, $f=\sum p_i\nu_i$: modes with"
       r" $s_i^2<2\sqrt\eta$ die",
       source="Tian, Chen, Ganguli 2021 (arXiv 2102.06810), for isotropic data",
       needs=[HAS_MODE, HAS_ASSOCIATION],
       routes=("the flow of the strongest mode at p₊ and p₋, from the table; at 2√η > s₁² the"
               " largest ṗ/p over all p",
               "0, 0; s₁⁴/4 − η"))
def predictor_decay(context):
    """η = (.6 s₁²/2)², below the threshold; then 1.5 times the threshold."""
    q, pairs = by_hand.table(context)[2], by_hand.views(context)
    value, nu = singular_system(context).values[0] ** 2, by_hand.view_modes(context)[1][:, :1]
    eta = (0.6 * value / 2) ** 2
    left = []
    for p in (value + np.array([1, -1]) * np.sqrt(value**2 - 4 * eta)) / 2:
        f = p * nu
        step = p * (pairs @ f / q[:, None] - p * f) - eta * f
        left.append(np.sqrt(q @ step**2).item() / p)
    p = np.linspace(0, value, 20001)
    above = 1.5 * value**2 / 4
    return Sides([*left, (p * (value - p) - above).max()], [0, 0, value**2 / 4 - above])
