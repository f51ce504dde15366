"""Claims about robust risks: the worst α, the χ² ball, outliers (notebook 10).

Losses are functions on X, with the masses P_X.
"""

import numpy as np
from scipy.optimize import minimize_scalar

from contexture_lite import shift
from contexture_lite._checks import as_number, as_numbers
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.registry import Hypothesis, Sides, lesson

DORO = "Zhai, Dan, Kolter, Ravikumar 2021 (arXiv 2106.06142)"
DUCHI = "Duchi and Namkoong 2021 (arXiv 1810.08750)"

claim = lesson("10", source=DORO, part=2)

ALPHA, RADIUS, EPS = 0.3, 0.02, 0.1


def by_group(context, losses):
    """(R_max, α) of three groups: the largest mean loss and the smallest mass, by sums."""
    p, groups = by_hand.table(context)[1], np.arange(context.shape[0]) % 3
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
    return filled(np.argsort(-losses), p / alpha) @ losses


@claim("cvar-dual", "The mean of the worst α has a dual in one number",
       r"$\sup_{Q\le P/\alpha}\mathbb{E}_Q\ell = \inf_\eta\bigl\{\eta+\alpha^{-1}"
       r"\mathbb{E}(\ell-\eta)_+\bigr\}$",
       source="Rockafellar and Uryasev 2000",
       routes=("E_Q ℓ under the worst weights, and CVaR",
               "the least over every η among the losses, and Q filled from the largest loss down"))
def cvar_dual(context):
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    primal = shift.cvar_weights(losses, ALPHA, context.p_x) @ losses
    dual = losses + np.maximum(losses[:, None] - losses, 0).T @ p / ALPHA
    return Sides([primal, shift.cvar(losses, ALPHA, context.p_x)],
                 [dual.min(), worst_share(p, losses, ALPHA)])


def chi2_dual_by_search(p, losses, radius):
    """inf_η {η + √(1 + 2ρ) (E(ℓ − η)₊²)^½}, by Brent's method."""
    top, spread = losses.max(), np.ptp(losses)

    def dual(eta):
        return eta + np.sqrt((1 + 2 * radius) * (p @ np.maximum(losses - eta, 0) ** 2))

    if spread == 0:
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
def chi2_dual(context):
    """For ρ = ½."""
    radius = 0.5
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    q = shift.chi2_weights(losses, radius, context.p_x)
    beyond = max(np.sum((q - p) ** 2 / p) / 2 - radius, 0)
    dual = chi2_dual_by_search(p, losses, radius)
    risk = shift.chi2_risk(losses, radius, context.p_x)
    return Sides([q @ losses, risk, beyond], [dual, dual, 0])


def _widest(context):
    """The radius at which the worst Q drops its first point: ½ Var ℓ / (E ℓ − min ℓ)²."""
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    gaps = losses - p @ losses
    if -gaps.min() <= 1e-12 * np.abs(losses).max():  # constant, but for rounding
        return np.inf
    return p @ gaps**2 / gaps.min() ** 2 / 2


UNCLIPPED = Hypothesis(
    "ρ ≤ ½ Var ℓ / (E ℓ − min ℓ)², a Q that keeps every input",
    lambda c: RADIUS <= _widest(c), lambda c: f"allows ρ up to {_widest(c):.4g}")


@claim("chi2-variance", "A small χ² ball asks for the deviation of the loss",
       r"$\sup_Q\mathbb{E}_Q\ell = \mathbb{E}\ell+\sqrt{2\rho\,\mathrm{Var}\,\ell}$"
       r" as long as $Q$ keeps every input",
       source=DUCHI, needs=[UNCLIPPED], routes=("the χ² risk", "mean and variance under P_X"))
def chi2_variance(context):
    """For ρ = .02."""
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    deviation = np.sqrt(p @ by_hand.centred(p, losses) ** 2)
    return Sides(shift.chi2_risk(losses, RADIUS, context.p_x),
                 p @ losses + np.sqrt(2 * RADIUS) * deviation)


@claim("worst-group", "CVaR answers for every group, known or not",
       r"$R_{\max} = \max_g\mathbb{E}[\ell\mid g] \le \mathrm{CVaR}_\alpha$ for $\alpha$ the mass"
       r" of the smallest group",
       routes=("largest mean loss of a group, by sums", "CVaR at the smallest group's mass"))
def group_bound(context):
    losses = given.losses_on(context)
    largest, alpha = by_group(context, losses)
    return Sides(largest, shift.cvar(losses, alpha, context.p_x), relation="<=")


@claim("cvar-in-the-ball", "What CVaR fears lies in a χ² ball",
       r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
       r" $\frac12(\frac1\alpha-1)$",
       source="our derivation",
       routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"))
def cvar_in_the_ball(context):
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    worst = worst_share(p, losses, ALPHA)
    return Sides(worst, shift.chi2_risk(losses, (1 / ALPHA - 1) / 2, context.p_x), relation="<=")


AT_MOST_HALF = Hypothesis(
    "α ≤ ½", lambda c, alpha=ALPHA: alpha <= 0.5, lambda c, alpha=ALPHA: f"has α = {alpha:g}")


@claim("cvar-published-radius", "The published radius needs α ≤ ½",
       r"$\mathrm{CVaR}_\alpha \le \sup_Q\mathbb{E}_Q\ell$ over the ball of radius"
       r" $\frac12(\frac1\alpha-1)^2$, for $\alpha\le\frac12$",
       source=f"{DORO}; the condition on α is our derivation", needs=[AT_MOST_HALF],
       routes=("mean of the worst α, by filling Q", "the χ² risk at that radius"))
def cvar_published_radius(context, alpha=ALPHA, losses=None):
    p, alpha = by_hand.table(context)[1], as_number("alpha", alpha, above=0, most=1)
    losses = given.losses_on(context) if losses is None else as_numbers(
        "losses", losses, f"({len(p)},)")
    worst = worst_share(p, losses, alpha)
    risk = shift.chi2_risk(losses, (1 / alpha - 1) ** 2 / 2, context.p_x)
    return Sides(worst, risk, relation="<=")


@claim("doro-trimming", "The kindest way to take outliers away drops the hardest points",
       r"$\inf\{\mathrm{CVaR}_\alpha(P') : P'\le P/(1-\epsilon)\}$ is the CVaR of $P$ without the"
       r" hardest $\epsilon$ of its mass",
       routes=("DORO", "least over every η of the linear program for P′, filled from the cheapest"))
def doro_trimming(context):
    """For ε = .1."""
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    trimmed = shift.doro(losses, ALPHA, EPS, context.p_x)
    costs = [(eta, np.maximum(losses - eta, 0) / ALPHA) for eta in losses]
    programs = [eta + filled(np.argsort(cost), p / (1 - EPS)) @ cost for eta, cost in costs]
    return Sides(trimmed, min(programs))


@claim("doro-bound", "What DORO sees of a contaminated distribution bounds every clean group",
       r"$R_{\max}(P) \le \max\{3\,\mathrm{CVaR}_{\alpha,\epsilon}(P_{\mathrm{train}}),\;"
       r"\frac{3\sigma}\alpha\sqrt{\frac\epsilon{1-\epsilon}}\}$, $\sigma^2=\mathbb{E}_P\ell^2$,"
       r" for $P_{\mathrm{train}}=(1-\epsilon)P+\epsilon\tilde P$ and $\ell\ge0$",
       routes=("largest mean loss of a group under P_X, by sums",
               "the bound, with a share ε of outliers of one loss added"))
def doro_bound(context):
    """A share of .002 has the loss 100."""
    p, losses = by_hand.table(context)[1], given.losses_on(context)
    eps, (largest, alpha) = 0.002, by_group(context, losses)
    seen = shift.doro(np.r_[losses, 100], alpha, eps, np.r_[(1 - eps) * p, eps])
    noise = 3 / alpha * np.sqrt(p @ losses**2) * np.sqrt(eps / (1 - eps))
    return Sides(largest, max(3 * seen, noise), relation="<=")
