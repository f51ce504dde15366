"""Claims about distribution shift: weights, spectra, reweighting (notebook 10).

The new distribution p′ of the inputs is p tilted at random.
"""

import numpy as np

from contexture_lite import shift
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, TWO_INPUTS
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import compatibility

REWEIGHTING = "Zhai, Dan, Kolter, Ravikumar 2023 (arXiv 2201.12293)"

claim = lesson("10", source="our derivation")


@claim("importance-weights", "Weights carry means over, at the price of χ²",
       r"$\mathbb{E}_{p'}\ell = \mathbb{E}_p[w\,\ell]$ with $w=p'/p$, and"
       r" $\mathbb{E}_pw^2 = 1+\chi^2(p'\Vert p)$",
       source="change of measure",
       routes=("E_p[w ℓ] and E_p w²", "E_{p′} ℓ, and 1 + Σ (p′ − p)²/p over the inputs"))
def weights_and_means(context):
    p, target = by_hand.table(context)[1], given.new_distribution(context)
    losses = given.losses_on(context, 1)
    w = shift.importance_weights(context.p_x, target)
    return Sides([p @ (w * losses), p @ w**2],
                 [target @ losses, 1 + np.sum((target - p) ** 2 / p)])


@claim("shifted-probe", "A probe's error grows by the largest weight at most",
       r"$\mathrm{err}_{p'}(\Phi,f) \le \mathbb{E}_{p'}(f-\hat f_p)^2 \le \max w\cdot"
       r"\mathrm{err}_p(\Phi,f)$, $\hat f_p$ being the probe fitted under $p$",
       needs=[HAS_MODE],
       routes=("errors under p′ of probes on μ₁ … μ_d fitted under p′ and under p",
               "the residual of projections under p, averaged under p′; max w times its mean under"
               " p"))
def shifted_probe(context, d=None):
    p, target = by_hand.table(context)[1], given.new_distribution(context)
    f = given.function_on(len(p), 1)
    mu = singular_system(context, given.dimension(context, d)).left
    X = np.c_[np.ones(len(p)), mu]
    errors = [target @ (f - X @ shift.reweighted_ridge(X, f, w, 0)) ** 2 for w in (target, p)]
    missed = (f - X @ (X.T @ (p * f))) ** 2
    return Sides(errors, [target @ missed, (target / p).max() * (p @ missed)], relation="<=")


@claim("shifted-spectrum", "A shift of the inputs moves 1 − s² by no more than the weights differ",
       r"$\frac cC(1-s_i^2) \le 1-s_i'^2 \le \frac Cc(1-s_i^2)$ for $c \le p'/p \le C$ and the same"
       r" $P(a\mid x)$",
       needs=[HAS_MODE],
       routes=("bounds below, and s′ᵢ² from the SVD of the new table",
               "the same SVD, bounds above"))
def spectrum_sandwich(context):
    target = given.new_distribution(context)
    bounds = shift.shifted_spectrum(context, target)
    now = by_hand.squares(context.with_marginal_x(target), len(bounds.before))
    return Sides([bounds.low**2, now], [now, bounds.high**2], relation="<=")


@claim("shifted-task", "So does what the context leaves unexplained of any task",
       r"$\frac cC\bigl(1-\rho(f)^2\bigr) \le 1-\rho'(f)^2 \le \frac Cc\bigl(1-\rho(f)^2\bigr)$",
       needs=[TWO_INPUTS],
       routes=("c/C times 1 − ρ² and times 1 − ρ′²",
               "1 − ρ′² and 1 − ρ², by sums over both tables"))
def task_sandwich(context):
    p, target = by_hand.table(context)[1], given.new_distribution(context)
    f = given.function_on(len(p), 1)
    both, ratio = (context, context.with_marginal_x(target)), target / p
    left = [ratio.min() / ratio.max() * (1 - compatibility(c, f) ** 2) for c in both]
    return Sides(left, [by_hand.unexplained(c, f) for c in both[::-1]], relation="<=")


def wide(context):
    """More random features (N, N + 3) than inputs, σ_max = 1.4 and σ_min = 1; labels; weights."""
    rng, size = given.rng(), context.shape[0]
    U, _, Vt = np.linalg.svd(rng.standard_normal((size, size + 3)), full_matrices=False)
    X, f = (U * np.linspace(1, 1.4, size)) @ Vt, given.function_on(size, 1)
    return X, f, (by_hand.table(context)[1] + 1 / size) / 2, rng


@claim("reweighting", "An interpolating model forgets its weights",
       r"$\theta_0+X^{+}(y-X\theta_0)$ is where descent on $\sum_iw_i(x_i\cdot\theta-y_i)^2$"
       r" ends, for fixed, random and loss-dependent $w$ between two positive bounds",
       source=REWEIGHTING, part=3,
       routes=("weighted least squares, and the end of two descents, with as many features"
               " as inputs and three more",
               "the pseudo-inverse, without weights"))
def reweighting(context):
    X, f, fixed, rng = wide(context)
    start = rng.standard_normal(X.shape[1])
    ways = [lambda losses: rng.uniform(1, 2, len(losses)),
            lambda losses: 1 + losses / (losses.max() + 1e-300)]
    ends = [shift.descend(X, f, weights, steps=100, start=start)[-1] for weights in ways]
    inverse = np.linalg.pinv(X)
    end = start + inverse @ (f - X @ start)
    return Sides([shift.reweighted_ridge(X, f, fixed, 0), *ends], [inverse @ f, end, end])


@claim("reweighted-ridge", "A small penalty does not bring the weights back",
       r"$\lVert\theta_\lambda-X^{+}y\rVert \le \lambda\,\lVert X^{+}y\rVert\,/\,"
       r"(\min w\;\sigma_{\min}(X)^2)$",
       source=f"{REWEIGHTING}; the constant is our derivation", part=3,
       routes=("distance of the weighted ridge from the interpolator", "the bound"))
def ridge_stays_near(context):
    """For λ = .001."""
    (X, f, w, _), penalty = wide(context), 1e-3
    end = np.linalg.pinv(X) @ f
    distance = np.linalg.norm(shift.reweighted_ridge(X, f, w, penalty) - end)
    return Sides(distance, penalty * np.linalg.norm(end) / w.min(), relation="<=")  # σ_min = 1
