"""Claims about robust risks: the worst α, the χ² ball, outliers (notebook 10).

Losses are functions on X, with the masses P_X.
"""

import numpy as np
from scipy.optimize import minimize_scalar

from contexture_lite import shift
from contexture_lite._checks import as_number, refuse_cells
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.registry import Hypothesis, Sides, lesson

DORO = "Zhai, Dan, Kolter, Ravikumar 2021 (arXiv 2106.06142)"
DUCHI = "Duchi and Namkoong 2021 (arXiv 1810.08750)"

claim = lesson("10", source=DORO, part=2)

ALPHA, RADIUS = 0.3, 0.02


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


def worst_share(p, losses, alpha):
    """The largest E_Q ℓ of all Q ≤ P/α: Q filled from the largest loss down."""
    most = p / as_number("alpha", alpha, above=0, most=1)
    return filled(np.argsort(-losses), most) @ losses


@claim("cvar-dual", "The mean of the worst α has a dual in one number",
       r"$\sup_{Q\le P/\alpha}\mathbb{E}_Q\ell = \inf_\eta\bigl\{\eta+\alpha^{-1}"
       r"\mathbb{E}(\ell-\eta)_+\bigr\}$",
       source="Rockafellar and Uryasev 2000",
       routes=("E_Q ℓ under the worst weights, and CVaR",
               "the least over every η among the losses, and Q filled from the largest loss down"))
def cvar_dual(context, alpha=ALPHA, losses=None, seed=0):
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    primal = shift.cvar_weights(losses, alpha, context.p_x) @ losses
    dual = losses + np.maximum(losses[:, None] - losses, 0).T @ p / alpha
    return Sides([primal, shift.cvar(losses, alpha, context.p_x)],
                 [dual.min(), worst_share(p, losses, alpha)])


def chi2_dual_by_search(p, losses, radius):
    """inf_η {η + √(1 + 2ρ) (E(ℓ − η)₊²)^½}, by Brent's method."""
    top, spread = losses.max(), np.ptp(losses)

    def dual(eta):
        return eta + np.sqrt((1 + 2 * radius) * (p @ np.maximum(losses - eta, 0) ** 2))

    if spread == 0 or radius == 0:
        return p @ losses
    lowest = top - spread * (2 + 2 / np.sqrt(2 * radius))  # the best η is never below it
    least = minimize_scalar(dual, bounds=(lowest, top), method="bounded",
                            options={"xatol": 1e-12 * spread, "maxiter": 1000})
    return min(least.fun, top)


@claim("chi2-dual", "So has the worst distribution in a χ² ball",
       r"$\sup\{\mathbb{E}_Q\ell : \frac12\mathbb{E}(\frac{dQ}{dP}-1)^2\le\rho\} = \inf_\eta\bigl\{"
       r"\eta+\sqrt{1+2\rho}\,(\mathbb{E}(\ell-\eta)_+^2)^{1/2}\bigr\}$",
       source=DUCHI,
       routes=("E_Q ℓ of a Q in the ball, the χ² risk, and how far Q leaves the ball",
               "the infimum over η, by Brent's method, twice, and 0"))
def chi2_dual(context, radius=0.5, losses=None, seed=0):
    """``radius`` is ρ."""
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    q = shift.chi2_weights(losses, radius, context.p_x)
    beyond = max(np.sum((q - p) ** 2 / p) / 2 - radius, 0) / max(radius, 1)
    dual = chi2_dual_by_search(p, losses, radius)
    risk = shift.chi2_risk(losses, radius, context.p_x)
    return Sides([q @ losses, risk, beyond], [dual, dual, 0])


def _widest(context, losses=None, seed=0, **others):
    """The radius at which the worst Q drops its first point: ½ Var ℓ / (E ℓ − min ℓ)²."""
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    gaps = losses - p @ losses
    if -gaps.min() <= 1e-12 * np.abs(losses).max():  # constant, but for rounding
        return np.inf
    return p @ gaps**2 / gaps.min() ** 2 / 2


UNCLIPPED = Hypothesis(
    "ρ ≤ ½ Var ℓ / (E ℓ − min ℓ)², a Q that keeps every input",
    lambda c, radius=RADIUS, **o: radius <= _widest(c, **o),
    lambda c, **o: f"allows ρ up to {_widest(c, **o):.4g}")


@claim("chi2-variance", "A small χ² ball asks for the deviation of the loss",
       r"$\sup_Q\mathbb{E}_Q\ell = \mathbb{E}\ell+\sqrt{2\rho\,\mathrm{Var}\,\ell}$"
       r" as long as $Q$ keeps every input",
       source=DUCHI, needs=[UNCLIPPED], routes=("the χ² risk", "mean and variance under P_X"))
def chi2_variance(context, radius=RADIUS, losses=None, seed=0):
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    deviation = np.sqrt(p @ by_hand.centred(p, losses) ** 2)
    return Sides(shift.chi2_risk(losses, radius, context.p_x),
                 p @ losses + np.sqrt(2 * radius) * deviation)


@claim("worst-group", "CVaR answers for every group, known or not",
       r"$R_{\max} = \max_g\mathbb{E}[\ell\mid g] \le \mathrm{CVaR}_\alpha$ for $\alpha$ the mass"
       r" of the smallest group",
       routes=("largest mean loss of a group, by sums", "CVaR at the smallest group's mass"))
def group_bound(context, groups=None, losses=None, seed=0):
    """``groups`` holds a number for each input."""
    losses = given.losses_on(context, losses, seed)
    largest, alpha = by_group(context, groups, losses)
    return Sides(largest, shift.cvar(losses, alpha, context.p_x), relation="<=")


@claim("cvar-in-the-ball", "What CVaR fears lies in a χ² ball",
       r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
       r" $\frac12(\frac1\alpha-1)$",
       source="our derivation",
       routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"))
def cvar_in_the_ball(context, alpha=ALPHA, losses=None, seed=0):
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    worst = worst_share(p, losses, alpha)
    return Sides(worst, shift.chi2_risk(losses, (1 / alpha - 1) / 2, context.p_x), relation="<=")


AT_MOST_HALF = Hypothesis(
    "α ≤ ½", lambda c, alpha=ALPHA: alpha <= 0.5, lambda c, alpha=ALPHA: f"has α = {alpha:g}")


@claim("cvar-published-radius", "The published radius needs α ≤ ½",
       r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
       r" $\frac12(\frac1\alpha-1)^2$, for $\alpha\le\frac12$",
       source=f"{DORO}; the condition on α is our derivation", needs=[AT_MOST_HALF],
       routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"))
def cvar_published_radius(context, alpha=ALPHA, losses=None, seed=0):
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    worst = worst_share(p, losses, alpha)
    risk = shift.chi2_risk(losses, (1 / alpha - 1) ** 2 / 2, context.p_x)
    return Sides(worst, risk, relation="<=")


@claim("doro-trimming", "The kindest way to take outliers away drops the hardest points",
       r"$\inf\{\mathrm{CVaR}_\alpha(P') : P'\le P/(1-\epsilon)\}$ is the CVaR of $P$ without the"
       r" hardest $\epsilon$ of its mass",
       routes=("DORO", "least over every η of the linear program for P′, filled from the cheapest"))
def doro_trimming(context, alpha=ALPHA, eps=0.1, losses=None, seed=0):
    """``eps`` is ε."""
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    trimmed = shift.doro(losses, alpha, eps, context.p_x)
    costs = [(eta, np.maximum(losses - eta, 0) / alpha) for eta in losses]
    programs = [eta + filled(np.argsort(cost), p / (1 - eps)) @ cost for eta, cost in costs]
    return Sides(trimmed, min(programs))


@claim("doro-bound", "What DORO sees of a contaminated distribution bounds every clean group",
       r"$R_{\max}(P) \le \max\{3\,\mathrm{CVaR}_{\alpha,\epsilon}(P_{\mathrm{train}}),\;"
       r"\frac{3\sigma}\alpha\sqrt{\frac\epsilon{1-\epsilon}}\}$, $\sigma^2=\mathbb{E}_P\ell^2$,"
       r" for $P_{\mathrm{train}}=(1-\epsilon)P+\epsilon\tilde P$ and $\ell\ge0$",
       routes=("largest mean loss of a group under P_X, by sums",
               "the bound, with a share ε of outliers of one loss added"))
def doro_bound(context, eps=0.002, size=100.0, groups=None, losses=None, seed=0):
    """``size`` is the loss of the outliers."""
    p, losses = by_hand.table(context)[1], given.losses_on(context, losses, seed)
    refuse_cells("losses", losses, lambda v: v < 0, "this bound is for losses >= 0")
    eps = as_number("eps", eps, least=0, below=1)
    largest, alpha = by_group(context, groups, losses)
    seen = shift.doro(np.r_[losses, size], alpha, eps, np.r_[(1 - eps) * p, eps])
    noise = 3 / alpha * np.sqrt(p @ losses**2) * np.sqrt(eps / (1 - eps))
    return Sides(largest, max(3 * seen, noise), relation="<=")
