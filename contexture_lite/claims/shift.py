"""Claims about distribution shift: weights, robust risks, reweighting (notebook 10).

Losses are functions on X, with the masses P_X; unless the reader brings them, squares of
Gaussian numbers. The new distribution p′ of the inputs is the reader's ``target``, or p tilted
at random.
"""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_distribution, as_number, refuse_cells
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, TWO_INPUTS
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.shift import (
    chi2_risk,
    chi2_weights,
    cvar,
    cvar_weights,
    descend,
    doro,
    importance_weights,
    reweighted_ridge,
)
from contexture_lite.shift.spectra import shifted_spectrum
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import compatibility

DORO = "Zhai, Dan, Kolter, Ravikumar 2021 (arXiv 2106.06142)"
REWEIGHTING = "Zhai, Dan, Kolter, Ravikumar 2023 (arXiv 2201.12293)"
ROCKAFELLAR = "Rockafellar and Uryasev 2000"
OURS = "our derivation"

claim = lesson("10", source=OURS)

ALPHA, RADIUS = 0.3, 0.02


# -- what the claims take when the reader gives nothing ------------------------------


def new_distribution(context, target, seed):
    """p′: the reader's, or p times random factors."""
    p = by_hand.table(context)[1]
    if target is None:
        target = p * np.exp(0.7 * np.random.default_rng(seed).standard_normal(len(p)))
    return as_distribution("target", target, len(p))


def losses_on(context, losses, seed):
    """ℓ: the reader's, or squares of Gaussian numbers."""
    if losses is None:
        return np.random.default_rng(seed).standard_normal(context.shape[0]) ** 2
    return given.function_on(context.shape[0], losses, "losses", seed)


def by_group(context, groups, losses):
    """(R_max, α): the largest mean loss of a group and the smallest mass, by sums."""
    p = by_hand.table(context)[1]
    groups = np.arange(len(p)) % 3 if groups is None else groups
    groups = given.function_on(len(p), groups, "groups", seed=None)
    members = [groups == label for label in np.unique(groups)]
    masses = [p[who].sum() for who in members]
    means = [p[who] @ losses[who] / mass for who, mass in zip(members, masses)]
    return max(means), min(min(masses), 1.0)


def filled(order, most):
    """Probabilities that give each point in turn the most it may have, until 1 is used up."""
    q, left = np.zeros_like(most), 1.0
    for i in order:
        q[i] = min(most[i], left)
        left -= q[i]
    return q


# -- covariate shift ------------------------------------------------------------------


@claim(
    "importance-weights", "Weights carry means over, at the price of χ²",
    r"$\mathbb{E}_{p'}\ell = \mathbb{E}_p[w\,\ell]$ with $w=p'/p$, and"
    r" $\mathbb{E}_pw^2 = 1+\chi^2(p'\Vert p)$",
    source="change of measure",
    routes=("E_p[w ℓ] and E_p w²", "E_{p′} ℓ, and 1 + Σ (p′ − p)²/p over the inputs"),
)
def weights_and_means(context, target=None, losses=None, seed=0):
    """E_{p′} ℓ = E_p[w ℓ], and E_p w² = 1 + χ²."""
    p, target = by_hand.table(context)[1], new_distribution(context, target, seed)
    losses = losses_on(context, losses, seed + 1)
    w = importance_weights(context.p_x, target)
    return Sides([p @ (w * losses), p @ w**2],
                 [target @ losses, 1 + np.sum((target - p) ** 2 / p)])


@claim(
    "shifted-probe", "A probe's error grows by the largest weight at most",
    r"$\mathrm{err}_{p'}(\Phi,f) \le \mathbb{E}_{p'}(f-\hat f_p)^2 \le \max w\cdot"
    r"\mathrm{err}_p(\Phi,f)$, $\hat f_p$ being the probe fitted under $p$",
    needs=[HAS_MODE],
    routes=("errors under p′ of probes on μ₁ … μ_d fitted under p′ and under p",
            "the residual of projections under p, averaged under p′; max w times its mean under p"),
)
def shifted_probe(context, d=None, f=None, target=None, seed=0):
    """err_{p′} ≤ E_{p′}(f − f̂_p)² ≤ max w err_p."""
    p, target = by_hand.table(context)[1], new_distribution(context, target, seed)
    f = given.function_on(len(p), f, "f", seed + 1)
    mu = singular_system(context, given.dimension(context, d)).left
    X = np.c_[np.ones(len(p)), mu]
    now, before = (target @ (f - X @ reweighted_ridge(X, f, w, 0)) ** 2 for w in (target, p))
    residual = f - X @ (X.T @ (p * f))
    largest = (target / p).max()
    return Sides([now, before], [target @ residual**2, largest * (p @ residual**2)],
                 relation="<=")


@claim(
    "shifted-spectrum", "A shift of the inputs moves 1 − s² by no more than the weights differ",
    r"$\frac cC(1-s_i^2) \le 1-s_i'^2 \le \frac Cc(1-s_i^2)$ for $c \le p'/p \le C$ and the same"
    r" $P(a\mid x)$",
    needs=[HAS_MODE],
    routes=("bounds below, and s′ᵢ² from the SVD of the new table", "the same SVD, bounds above"),
)
def spectrum_sandwich(context, target=None, seed=0):
    """low² ≤ s′² ≤ high², the bounds by the package."""
    target = new_distribution(context, target, seed)
    shifted = shifted_spectrum(context, target)
    now = by_hand.squares(context.with_marginal_x(target), len(shifted.before))
    return Sides([shifted.low**2, now], [now, shifted.high**2], relation="<=")


@claim(
    "shifted-task", "So does what the context leaves unexplained of any task",
    r"$\frac cC\bigl(1-\rho(f)^2\bigr) \le 1-\rho'(f)^2 \le \frac Cc\bigl(1-\rho(f)^2\bigr)$",
    needs=[TWO_INPUTS],
    routes=("c/C times 1 − ρ² and times 1 − ρ′²", "1 − ρ′² and 1 − ρ², by sums over both tables"),
)
def task_sandwich(context, f=None, target=None, seed=0):
    """(c/C)(1 − ρ²) ≤ 1 − ρ′² and the other way round."""
    p, target = by_hand.table(context)[1], new_distribution(context, target, seed)
    f = given.function_on(len(p), f, "f", seed + 1)
    both, ratio = (context, context.with_marginal_x(target)), target / p
    left = [ratio.min() / ratio.max() * (1 - compatibility(c, f) ** 2) for c in both]
    return Sides(left, [by_hand.unexplained(c, f) for c in both[::-1]], relation="<=")


# -- robust risks -----------------------------------------------------------------------


@claim(
    "cvar-dual", "The mean of the worst α has a dual in one number",
    r"$\sup_{Q\le P/\alpha}\mathbb{E}_Q\ell = \inf_\eta\bigl\{\eta+\alpha^{-1}"
    r"\mathbb{E}(\ell-\eta)_+\bigr\}$",
    source=ROCKAFELLAR,
    routes=("E_Q ℓ under the worst weights, and CVaR", "the least over every η among the losses, "
            "and Q filled from the largest loss down"),
)
def cvar_dual(context, alpha=ALPHA, losses=None, seed=0):
    """Primal = dual."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    primal = cvar_weights(losses, alpha, context.p_x) @ losses
    dual = losses + np.maximum(losses[:, None] - losses, 0).T @ p / alpha
    sup = filled(np.argsort(-losses), p / alpha) @ losses
    return Sides([primal, cvar(losses, alpha, context.p_x)], [dual.min(), sup])


def chi2_dual_by_search(p, losses, radius):
    """inf_η {η + √(1 + 2ρ) (E(ℓ − η)₊²)^½}, by Brent's method."""
    from scipy.optimize import minimize_scalar

    top, spread = losses.max(), np.ptp(losses)

    def dual(eta):
        return eta + np.sqrt((1 + 2 * radius) * (p @ np.maximum(losses - eta, 0) ** 2))

    if spread == 0 or radius == 0:
        return p @ losses
    lowest = top - spread * (2 + 2 / np.sqrt(2 * radius))  # the best η is never below it
    least = minimize_scalar(dual, bounds=(lowest, top), method="bounded",
                            options={"xatol": 1e-12 * spread, "maxiter": 1000})
    return min(least.fun, top)


@claim(
    "chi2-dual", "So has the worst distribution in a χ² ball",
    r"$\sup\{\mathbb{E}_Q\ell : \frac12\mathbb{E}(\frac{dQ}{dP}-1)^2\le\rho\} = \inf_\eta\bigl\{"
    r"\eta+\sqrt{1+2\rho}\,(\mathbb{E}(\ell-\eta)_+^2)^{1/2}\bigr\}$",
    source="Duchi and Namkoong 2021 (arXiv 1810.08750)",
    routes=("E_Q ℓ of a Q in the ball, the χ² risk, and how far Q leaves the ball",
            "the infimum over η, by Brent's method, twice, and 0"),
)
def chi2_dual(context, radius=0.5, losses=None, seed=0):
    """Primal = dual, for the reader's ``radius`` ρ."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    q = chi2_weights(losses, radius, context.p_x)
    beyond = max(np.sum((q - p) ** 2 / p) / 2 - radius, 0) / max(radius, 1)
    dual = chi2_dual_by_search(p, losses, radius)
    return Sides([q @ losses, chi2_risk(losses, radius, context.p_x), beyond], [dual, dual, 0])


def _widest(context, losses, seed):
    """The radius at which the worst Q drops its first point: ½ Var ℓ / (E ℓ − min ℓ)²."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    mean = p @ losses
    depth = mean - losses.min()
    if depth <= 1e-12 * np.abs(losses).max():  # constant, but for rounding
        return np.inf
    return (p @ (losses - mean) ** 2) / depth**2 / 2


UNCLIPPED = Hypothesis(
    "ρ ≤ ½ Var ℓ / (E ℓ − min ℓ)², a Q that keeps every input",
    lambda context, radius=RADIUS, losses=None, seed=0: (
        radius <= _widest(context, losses, seed)
    ),
    lambda context, losses=None, seed=0: f"allows ρ up to {_widest(context, losses, seed):.4g}",
)


@claim(
    "chi2-variance", "A small χ² ball asks for the deviation of the loss",
    r"$\sup_Q\mathbb{E}_Q\ell = \mathbb{E}\ell+\sqrt{2\rho\,\mathrm{Var}\,\ell}$"
    r" as long as $Q$ keeps every input",
    source="Duchi and Namkoong 2021 (arXiv 1810.08750)",
    needs=[UNCLIPPED],
    routes=("the χ² risk", "mean and variance under P_X"),
)
def chi2_variance(context, radius=RADIUS, losses=None, seed=0):
    """Mean + √(2ρ Var)."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    mean = p @ losses
    spread = np.sqrt(2 * radius * (p @ (losses - mean) ** 2))
    return Sides(chi2_risk(losses, radius, context.p_x), mean + spread)


@claim(
    "worst-group", "CVaR answers for every group, known or not",
    r"$R_{\max} = \max_g\mathbb{E}[\ell\mid g] \le \mathrm{CVaR}_\alpha$ for $\alpha$ the mass of"
    r" the smallest group",
    source=DORO,
    routes=("largest mean loss of a group, by sums", "CVaR at the smallest group's mass"),
)
def group_bound(context, groups=None, losses=None, seed=0):
    """R_max ≤ CVaR_α; ``groups`` holds a number for each input."""
    losses = losses_on(context, losses, seed)
    largest, alpha = by_group(context, groups, losses)
    return Sides(largest, cvar(losses, alpha, context.p_x), relation="<=")


@claim(
    "cvar-in-the-ball", "What CVaR fears lies in a χ² ball",
    r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
    r" $\frac12(\frac1\alpha-1)$",
    routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"),
)
def cvar_in_the_ball(context, alpha=ALPHA, losses=None, seed=0):
    """CVaR ≤ χ² at radius ½(1/α − 1), for every α."""
    alpha = as_number("alpha", alpha, above=0, most=1)
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    worst = filled(np.argsort(-losses), p / alpha) @ losses
    return Sides(worst, chi2_risk(losses, (1 / alpha - 1) / 2, context.p_x), relation="<=")


AT_MOST_HALF = Hypothesis(
    "α ≤ ½",
    lambda context, alpha=ALPHA: alpha <= 0.5,
    lambda context, alpha=ALPHA: f"has α = {alpha:g}",
)


@claim(
    "cvar-published-radius", "The published radius needs α ≤ ½",
    r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
    r" $\frac12(\frac1\alpha-1)^2$, for $\alpha\le\frac12$",
    source=f"{DORO}; the condition on α is our derivation",
    needs=[AT_MOST_HALF],
    routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"),
)
def cvar_published_radius(context, alpha=ALPHA, losses=None, seed=0):
    """CVaR ≤ χ² at radius ½(1/α − 1)²."""
    alpha = as_number("alpha", alpha, above=0, most=1)
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    worst = filled(np.argsort(-losses), p / alpha) @ losses
    return Sides(worst, chi2_risk(losses, (1 / alpha - 1) ** 2 / 2, context.p_x), relation="<=")


@claim(
    "doro-trimming", "The kindest way to take outliers away drops the hardest points",
    r"$\inf\{\mathrm{CVaR}_\alpha(P') : P'\le P/(1-\epsilon)\}$ is the CVaR of $P$ without the"
    r" hardest $\epsilon$ of its mass",
    source=DORO,
    routes=("DORO", "least over every η of the linear program for P′, filled from the cheapest"),
)
def doro_trimming(context, alpha=ALPHA, eps=0.1, losses=None, seed=0):
    """DORO = inf over η and P′; ``eps`` is ε."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    trimmed = doro(losses, alpha, eps, context.p_x)
    costs = [(eta, np.maximum(losses - eta, 0) / alpha) for eta in losses]
    programs = [eta + filled(np.argsort(cost), p / (1 - eps)) @ cost for eta, cost in costs]
    return Sides(trimmed, min(programs))


@claim(
    "doro-bound", "What DORO sees of a contaminated distribution bounds every clean group",
    r"$R_{\max}(P) \le \max\{3\,\mathrm{CVaR}_{\alpha,\epsilon}(P_{\mathrm{train}}),\;"
    r"\frac{3\sigma}\alpha\sqrt{\frac\epsilon{1-\epsilon}}\}$, $\sigma^2=\mathbb{E}_P\ell^2$,"
    r" for $P_{\mathrm{train}}=(1-\epsilon)P+\epsilon\tilde P$ and $\ell\ge0$",
    source=DORO,
    routes=("largest mean loss of a group under P_X, by sums",
            "the bound, with a share ε of outliers of one loss added"),
)
def doro_bound(context, eps=0.002, size=100.0, groups=None, losses=None, seed=0):
    """R_max ≤ max{3 DORO, …}; ``size`` is the loss of the outliers."""
    p, losses = by_hand.table(context)[1], losses_on(context, losses, seed)
    refuse_cells("losses", losses, lambda v: v < 0, "this bound is for losses >= 0")
    eps = as_number("eps", eps, least=0, below=1)
    largest, alpha = by_group(context, groups, losses)
    seen = doro(np.r_[losses, size], alpha, eps, np.r_[(1 - eps) * p, eps])
    noise = 3 / alpha * np.sqrt(p @ losses**2) * np.sqrt(eps / (1 - eps))
    return Sides(largest, max(3 * seen, noise), relation="<=")


# -- reweighting -----------------------------------------------------------------------


def wide(context, f, seed):
    """More random features (N, N + 3) than inputs, σ_max = 1.4 and σ_min = 1; labels; weights."""
    rng, size = np.random.default_rng(seed), context.shape[0]
    U, _, Vt = np.linalg.svd(rng.standard_normal((size, size + 3)), full_matrices=False)
    X, f = (U * np.linspace(1, 1.4, size)) @ Vt, given.function_on(size, f, "f", seed + 1)
    return X, f, (by_hand.table(context)[1] + 1 / size) / 2, rng


@claim(
    "reweighting", "An interpolating model forgets its weights",
    r"$\theta_0+X^{+}(y-X\theta_0)$ is where descent on $\sum_iw_i(x_i\cdot\theta-y_i)^2$ ends, for"
    r" fixed, random and loss-dependent $w$ between two positive bounds",
    source=REWEIGHTING,
    routes=("weighted least squares, and the end of two descents, with as many features as inputs "
            "and three more", "the pseudo-inverse, without weights"),
)
def reweighting(context, f=None, seed=0):
    """All end at the same interpolator; ``f`` holds the labels."""
    X, f, fixed, rng = wide(context, f, seed)
    start = rng.standard_normal(X.shape[1])
    ways = [lambda losses: rng.uniform(1, 2, len(losses)),
            lambda losses: 1 + losses / (losses.max() + 1e-300)]
    ends = [descend(X, f, weights, steps=100, start=start)[-1] for weights in ways]
    inverse = np.linalg.pinv(X)
    end = start + inverse @ (f - X @ start)
    return Sides([reweighted_ridge(X, f, fixed, 0), *ends], [inverse @ f, end, end])


@claim(
    "reweighted-ridge", "A small penalty does not bring the weights back",
    r"$\lVert\theta_\lambda-X^{+}y\rVert \le \lambda\,\lVert X^{+}y\rVert\,/\,"
    r"(\min w\;\sigma_{\min}(X)^2)$",
    source=f"{REWEIGHTING}; the constant is our derivation",
    routes=("distance of the weighted ridge from the interpolator", "the bound"),
)
def ridge_stays_near(context, penalty=1e-3, f=None, seed=0):
    """‖θ_λ − X⁺y‖ = O(λ); ``penalty`` is λ."""
    X, f, w, _ = wide(context, f, seed)
    end = np.linalg.pinv(X) @ f
    distance = np.linalg.norm(reweighted_ridge(X, f, w, penalty) - end)
    return Sides(distance, penalty * np.linalg.norm(end) / w.min(), relation="<=")  # σ_min = 1
