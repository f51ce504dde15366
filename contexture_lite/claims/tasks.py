"""Claims about the worst task that a probe may meet (notebook 03)."""

import numpy as np

from contexture_lite._checks import as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import (
    BEYOND,
    GAP,
    HAS_ASSOCIATION,
    IN_RANGE,
    MINIMAX,
    PAPER,
    ROOM,
    beyond,
    setting,
)
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.tasks import compatibility, minimax_error, ritz, worst_case_error

claim = lesson("03", source="our derivation")

WORST = r"\mathrm{err}(\Phi;\mathcal{F}_{\epsilon})"


def perturbed_encoder(context, d):
    """The top d functions, perturbed at random."""
    return by_hand.top_functions(context, d) + 0.5 * given.features(context, d)


def rho_by_hand(context, f):
    """‖T*f‖ of a task of mean 0 and length 1, by sums over the table."""
    P, _, q = by_hand.table(context)
    return np.sqrt((f @ P) ** 2 @ (1 / q))


def bisected(in_class, high):
    """The two ends, after 52 halvings, of where ``in_class`` goes from False at 0 to True."""
    low = 0.0
    for _ in range(52):
        middle = (low + high) / 2
        low, high = (low, middle) if in_class(middle) else (middle, high)
    return low, high


def searched_task(context, phi, c):
    """The task of compatibility ≥ c, or all but, on which a probe on Φ errs most, by search.

    The tasks in question maximise cos θ · (what Φ misses of f) + sin θ · ρ(f)²; θ is bisected
    until ρ is c. Where ρ jumps past c, the tasks on both sides are mixed.
    """
    P, p, q = by_hand.table(context)
    root = np.sqrt(p)
    plane = root[:, None] * by_hand.completed(p)  # orthogonal to √p
    pulled = plane.T @ (P / root[:, None]) / np.sqrt(q)
    basis = np.linalg.qr(plane.T @ (root[:, None] * phi), mode="complete")[0]
    unseen = basis[:, phi.shape[1] :]
    missed, kept = unseen @ unseen.T, pulled @ pulled.T

    def rho(u):
        return np.linalg.norm(pulled.T @ u) / np.linalg.norm(u)

    def top(matrix):
        return np.linalg.eigh(matrix)[1][:, -1]

    def at(angle):
        return top(np.cos(angle) * missed + np.sin(angle) * kept / strongest)

    below, strongest = unseen @ top(unseen.T @ kept @ unseen), rho(top(kept)) ** 2
    if rho(below) >= c:
        return plane @ below / root
    low, high = bisected(lambda angle: rho(at(angle)) >= c, np.pi / 2)
    below, above = at(low) if low else below, at(high)
    below = below if below @ above >= 0 else -below
    _, share = bisected(lambda share: rho((1 - share) * below + share * above) >= c, 1.0)
    u = (1 - share) * below + share * above
    return plane @ (u / np.linalg.norm(u)) / root


@claim("worst-case-dual", "The worst-case error is a minimum over one multiplier",
       rf"${WORST} = \min_{{t\ge0}}\lambda_{{\max}}(P_{{\perp}} + t(D-(1-\epsilon)^2I))$,"
       r" with $P_{\perp}$ off the features, $D=\mathrm{diag}(s_i^2)$, for $\epsilon>1-s_1$",
       needs=[HAS_ASSOCIATION, ROOM],
       routes=("the minimum, 1 − ε",
               "error and ρ (at most 1 − ε) of the worst task found by search"))
def worst_case_dual(context):
    _, d, c = setting(context)
    phi = perturbed_encoder(context, d)
    f = searched_task(context, phi, c)
    rho = min(rho_by_hand(context, f), c)
    error = by_hand.probe_errors(context, phi, f)
    return Sides([worst_case_error(context, phi, 1 - c), c], [error, rho])


@claim("minimax-value", "The top singular functions have this worst-case error",
       rf"${WORST} = {MINIMAX}$ for $\Phi=(\mu_1,\dots,\mu_d)$",
       source=f"{PAPER}, Theorem 16; the range of ε: our derivation", needs=IN_RANGE,
       routes=("the closed form", "the dual for μ₁ … μ_d, mixed at random and shifted"))
def minimax_value(context, d=None, eps=None):
    _, d, c = setting(context, d, eps)
    phi = by_hand.remixed(by_hand.top_functions(context, d), given.rng())
    return Sides(minimax_error(context, d, 1 - c), worst_case_error(context, phi, 1 - c))


@claim("minimax-bound", "No encoder with d features has a smaller worst-case error",
       rf"${MINIMAX} \le {WORST}$ for every $\Phi$ with $d$ features",
       source=f"{PAPER}, Theorem 16; the range of ε: our derivation", needs=IN_RANGE,
       routes=("the closed form", "the dual for Φ: μ₁ … μ_d perturbed at random"))
def minimax_bound(context):
    _, d, c = setting(context)
    error = worst_case_error(context, perturbed_encoder(context, d), 1 - c)
    return Sides(minimax_error(context, d, 1 - c), error, relation="<=")


@claim("worst-task",
       "The worst task for the top singular functions leans on the first one they leave out",
       r"$f=\sqrt{1-e}\,\mu_1+\sqrt{e}\,\mu_{d+1}$ has $\rho(f)=1-\epsilon$ and"
       rf" $\mathrm{{err}}(\mu_{{1:d}},f) = e = {MINIMAX}$",
       needs=IN_RANGE,
       routes=("ρ(f) and the error of f, from the table by least squares", "1 − ε and e"))
def worst_task(context):
    _, d, c = setting(context)
    e, mu = minimax_error(context, d, 1 - c), by_hand.top_functions(context, d + 1)
    f = np.sqrt(1 - e) * mu[:, 0] + np.sqrt(e) * mu[:, d]
    return Sides([rho_by_hand(context, f), by_hand.probe_errors(context, mu[:, :d], f)], [c, e])


@claim("beyond-the-range",
       "With too many tasks in the class every encoder fails one of them altogether",
       rf"${WORST} = 1$ for every $\Phi$ with $d$ features if $\epsilon\ge1-s_{{d+1}}$",
       needs=[HAS_ASSOCIATION, BEYOND],
       routes=("the dual, and error and ρ (at most 1 − ε) of an f ⊥ Φ in the span of μ₁ … μ_{d+1}",
               "1, 1, 1 − ε"))
def beyond_the_range(context):
    """A unit f in the span of μ₁ … μ_{d+1} and orthogonal to Φ is in the class."""
    p, (_, d, c) = by_hand.table(context)[1], beyond(context)
    phi, mu = perturbed_encoder(context, d), by_hand.top_functions(context, d + 1)
    seen = by_hand.gram(p, by_hand.centred(p, phi), mu)
    f = mu @ np.linalg.svd(seen)[2][-1]  # d conditions on d + 1 coefficients
    rho = min(rho_by_hand(context, f), c)
    error = worst_case_error(context, phi, 1 - c)
    return Sides([error, by_hand.probe_errors(context, phi, f), rho], [1, 1, c])


@claim("per-task-bound", "Every task is served according to its compatibility",
       r"$\mathrm{err}(\mu_{1:d},f) \le \frac{s_1^2-\rho(f)^2}{s_1^2-s_{d+1}^2}$, and"
       r" $\le \frac{1-\rho(f)^2}{1-s_{d+1}^2}$, for $\mathbb{E}f=0$, $\lVert f\rVert=1$",
       needs=[HAS_ASSOCIATION, GAP],
       routes=("least squares on μ₁ … μ_d", "both bounds, from ρ(f) and the sᵢ"))
def per_task_bound(context, d=None):
    s, d, _ = setting(context, d)
    f = given.unit_task(context)
    rho = compatibility(context, f)
    bounds = [(top - rho**2) / (top - s[d] ** 2) for top in (s[0] ** 2, 1.0)]
    error = by_hand.probe_errors(context, by_hand.top_functions(context, d), f)
    return Sides(error, bounds, relation="<=")


# -- encoders that are not the top singular functions ------------------------------


def largest_angle(context, d=None):
    """How far μ_d may be rotated towards μ_{d+2} before the worst-case error rises, in radians."""
    s, d, _ = setting(context, d)
    first, own, left_out, other = s[[0, d - 1, d, d + 1]] ** 2
    if own - other < 1e-12:  # μ_d, μ_{d+1} and μ_{d+2} are as good as one another
        return np.pi / 2
    share = (first - own) * (left_out - other) / ((first - left_out) * (own - other))
    return np.arcsin(np.sqrt(np.clip(share, 0, 1)))


def _is_small(context, d=None, angle=None):
    allowed = np.sin(largest_angle(context, d)) + 1e-12
    return angle is None or abs(np.sin(as_number("angle", angle))) <= allowed


SPREAD = Hypothesis(
    "two features or more, and two functions of X beside them",
    lambda c, **o: 2 <= setting(c, **o)[1] <= c.shape[0] - 3,
    lambda c, **o: (f"has {c.shape[0] - 1} functions for {setting(c, **o)[1]} features"),
    to_compute=True)
SMALL_ANGLE = Hypothesis(
    "sin²θ up to the bound of the statement", _is_small,
    lambda c, d=None: f"allows θ up to {largest_angle(c, d):.4f}")


@claim("rotated-encoder", "For two or more features, others than the top ones are minimax too",
       rf"${WORST} = {MINIMAX}$ also for"
       r" $\Phi=(\mu_1,\dots,\mu_{d-1},\cos\theta\,\mu_d+\sin\theta\,\mu_{d+2})$, up to"
       r" $\sin^2\theta=\frac{(s_1^2-s_d^2)(s_{d+1}^2-s_{d+2}^2)}"
       r"{(s_1^2-s_{d+1}^2)(s_d^2-s_{d+2}^2)}$",
       needs=[HAS_ASSOCIATION, SPREAD, GAP, SMALL_ANGLE],
       routes=("the worst case of the encoder, rotated by the largest θ unless given",
               "the closed form"))
def rotated_encoder(context, d=None, angle=None):
    _, d, c = setting(context, d)
    mu = by_hand.top_functions(context, d + 2)
    angle = largest_angle(context, d) if angle is None else as_number("angle", angle)
    last = np.cos(angle) * mu[:, d - 1] + np.sin(angle) * mu[:, d + 1]
    phi = np.c_[mu[:, : d - 1], last]
    return Sides(worst_case_error(context, phi, 1 - c), minimax_error(context, d, 1 - c))


def trace_gap(context, phi):
    """TG(Φ) = min_k Σ_{i≤k+1} sᵢ² − Σ_{i≤k} θᵢ, k = 0 … d, with θ the Ritz values."""
    squares = setting(context)[0] ** 2
    theta = ritz(context, phi).values
    return min(np.sum(squares[: k + 1]) - np.sum(theta[:k]) for k in range(len(theta) + 1))


def _gap_and_limit(context):
    s, d, _ = setting(context)
    return trace_gap(context, perturbed_encoder(context, d)), s[0] ** 2


SMALL_GAP = Hypothesis(
    "TG(Φ) < s₁²", lambda c: np.divide(*_gap_and_limit(c)) < 1 - 1e-6,
    lambda c: "has TG = {:.4g} and s₁² = {:.4g}".format(*_gap_and_limit(c)),
    to_compute=True)


@claim("trace-gap-bound", "The Ritz values of an encoder bound its worst-case error",
       rf"${WORST} \le"
       r" \frac{s_1^2-(1-\epsilon)^2+s_1\sqrt{\mathrm{TG}}}{s_1^2-\mathrm{TG}}$ with"
       r" $\mathrm{TG}=\min_{k\le d}(\sum_{i\le k+1}s_i^2-\sum_{i\le k}\theta_i)$,"
       r" for $\epsilon\ge1-s_1$",
       source=f"{PAPER}, Theorem 24 with √TG for TG: our derivation",
       needs=[HAS_ASSOCIATION, SMALL_GAP],
       routes=("the dual for Φ: μ₁ … μ_d perturbed at random", "from sᵢ² and θᵢ"))
def trace_gap_bound(context):
    s, d, c = setting(context)
    phi, first = perturbed_encoder(context, d), s[0]
    gap = max(trace_gap(context, phi), 0.0)
    bound = (first**2 - c**2 + first * np.sqrt(gap)) / (first**2 - gap)
    return Sides(worst_case_error(context, phi, 1 - c), bound, relation="<=")
