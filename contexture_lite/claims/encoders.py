"""Claims about encoders: when d features learn the contexture (notebook 02)."""

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, PAPER, UNIT, strongest
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import ratio_trace, ritz

claim = lesson("02", source="our derivation", part=2)

CONNECTED = Hypothesis(
    "s₁ < 1, a connected context", lambda c: strongest(c) < 1 - 1e-6,
    lambda c: (f"has {c.components()[0]} components" if c.components()[0] > 1
               else "has s₁ above 0.999999"))


def _top(context):
    """The system of the top d modes, no more than there are positive values."""
    return singular_system(context, min(given.dimension(context), singular_system(context).rank))


@claim("best-picture", "No other d features leave out less",
       r"$\sum_{i>d}s_i^2 \le \mathbb{E}_{X\perp A}\left(\frac{P^{+}}{pq} - 1"
       r" - \langle\Phi(X),\Psi(A)\rangle\right)^2$ for all $\Phi,\Psi$ with $d$ features",
       source="Eckart & Young 1936", needs=[HAS_MODE],
       routes=("sum of sᵢ² beyond d", "error of a random Φ with the Ψ that suits it best"))
def best_picture(context):
    _, p, q = by_hand.table(context)
    phi = given.features(context)
    picture = phi @ by_hand.second_tower(context, phi).T
    left_out = p @ (by_hand.density_ratio(context) - 1 - picture) ** 2 @ q
    values = singular_system(context).values
    return Sides(np.sum(values[phi.shape[1] :] ** 2), left_out, relation="<=")


RATIO_TRACE = r"$\mathrm{RT}(\Phi) = \mathrm{tr}(C_\Phi^{-1}B_\Phi)"


@claim("ratio-trace-bound", "No encoder has a larger ratio trace than the top singular functions",
       RATIO_TRACE + r" \le \sum_{i\le d} s_i^2$ for every encoder with $d$ features",
       source=f"Ky Fan's principle; {PAPER}", needs=[HAS_MODE],
       routes=("tr(C⁻¹B) of a random encoder", "sum of the d largest sᵢ²"))
def ratio_trace_bound(context, d=None):
    phi = given.features(context, d)
    bound = by_hand.squares(context, phi.shape[1]).sum()
    return Sides(ratio_trace(context, phi), bound, relation="<=")


@claim("ratio-trace-equality", "An encoder that learns the contexture reaches the bound",
       RATIO_TRACE + r" = \sum_{i\le d} s_i^2$ if $\Phi$ spans $\mu_1,\dots,\mu_d$ up to constants",
       source=f"Ky Fan's principle; {PAPER}", needs=[HAS_MODE, HAS_ASSOCIATION],
       routes=("tr(C⁻¹B) of μ₁ … μ_d, mixed at random and shifted", "sum of the d largest sᵢ²"))
def ratio_trace_equality(context):
    phi = _top(context).left
    largest = by_hand.squares(context, phi.shape[1]).sum()
    return Sides(ratio_trace(context, by_hand.remixed(phi, given.rng())), largest)


@claim("ratio-trace-invariance", "Mixing and shifting the features does not change the ratio trace",
       r"$\mathrm{RT}(\Phi G + c) = \mathrm{RT}(\Phi)$ for every invertible $G$",
       source="linear algebra", needs=[HAS_MODE],
       routes=("ratio trace of ΦG + c", "tr(C⁻¹B) of Φ, by sums over the table"))
def ratio_trace_invariance(context):
    phi = given.features(context)
    C, B = by_hand.moments(context, phi)
    mixed = by_hand.remixed(phi, given.rng(1))
    return Sides(ratio_trace(context, mixed), np.trace(np.linalg.solve(C, B)))


FISHER = r"$2\,\mathrm{tr}[(C_\Phi-B_\Phi)^{-1}B_\Phi]"


def _fisher(context, phi):
    """2 tr[(C − B)⁻¹ B], infinite if a feature loses nothing on the way to A."""
    C, B = by_hand.moments(context, phi)
    if np.linalg.eigvalsh(C - B)[0] < UNIT * np.linalg.norm(C, 2):
        return np.inf
    return 2 * np.trace(np.linalg.solve(C - B, B))


def _fisher_optimum(values):
    """2 Σ sᵢ² / (1 − sᵢ²), infinite if some sᵢ is 1."""
    return np.inf if values[0] > 1 - UNIT else 2 * np.sum(values**2 / (1 - values**2))


@claim("fisher-bound", "No encoder has a larger Fisher criterion than the top singular functions",
       FISHER + r" \le 2\sum_{i\le d} \frac{s_i^2}{1-s_i^2}$ for every encoder with $d$ features",
       source=f"Fisher's discriminant criterion; {PAPER}", needs=[HAS_MODE, CONNECTED],
       routes=("the criterion of a random encoder", "from the d largest sᵢ"))
def fisher_bound(context):
    phi = given.features(context)
    values = singular_system(context).values[: phi.shape[1]]
    return Sides(_fisher(context, phi), _fisher_optimum(values), relation="<=")


@claim("fisher-equality", "The top singular functions maximise Fisher's criterion too",
       FISHER + r" = 2\sum_{i\le d} \frac{s_i^2}{1-s_i^2}$ if $\Phi$ learns the contexture",
       source=f"Fisher's discriminant criterion; {PAPER}",
       needs=[HAS_MODE, HAS_ASSOCIATION, CONNECTED],
       routes=("the criterion of μ₁ … μ_d, mixed at random and shifted", "from the d largest sᵢ"))
def fisher_equality(context):
    system = _top(context)
    phi = by_hand.remixed(system.left, given.rng())
    return Sides(_fisher(context, phi), _fisher_optimum(system.values))


@claim("rayleigh-ritz", "A spectrum read off an encoder is never too large",
       r"$\lambda_i \le s_i^2$ for every $i$, where $B_\Phi v = \lambda\,C_\Phi v$",
       source=f"Rayleigh–Ritz; {PAPER}", needs=[HAS_MODE],
       routes=("λᵢ of a random encoder", "the d largest sᵢ²"))
def rayleigh_ritz(context):
    phi = given.features(context)
    return Sides(ritz(context, phi).values, by_hand.squares(context, phi.shape[1]), relation="<=")


@claim("rayleigh-ritz-equality", "It is exact as far as the encoder spans the singular functions",
       r"$\lambda_i = s_i^2$ for $i\le k$ if the span of $\Phi$ contains $\mu_1,\dots,\mu_k$",
       source=f"Rayleigh–Ritz; {PAPER}", needs=[HAS_MODE, HAS_ASSOCIATION],
       routes=("k largest λᵢ of μ₁ … μ_k and a random feature, mixed", "the k largest sᵢ²"))
def rayleigh_ritz_equality(context):
    """Here k = d, with one more feature in the span where there is room."""
    phi, p = _top(context).left, by_hand.table(context)[1]
    k = phi.shape[1]
    if k < len(p) - 1:
        phi = by_hand.whitened(p, np.c_[phi, given.function_on(len(p))])
    values = ritz(context, by_hand.remixed(phi, given.rng(1))).values[:k]
    return Sides(values, by_hand.squares(context, k))


def probe_error(context, phi):
    """E ‖T g − best linear probe on Φ‖² for white noise g of mean zero: a sum over a basis."""
    P, p, q = by_hand.table(context)
    return by_hand.probe_errors(context, phi, P @ by_hand.completed(q) / p[:, None]).sum()


@claim("average-probe-error", "The ratio trace tells the average error of a linear probe",
       r"for $f=Tg$ with $g$ white noise of mean zero, the expected squared error of the best"
       r" linear probe on $\Phi$ is $\sum_{i\ge1}s_i^2 - \mathrm{RT}(\Phi)$",
       needs=[HAS_MODE], routes=("least squares, task by task", "sum of all sᵢ² minus tr(C⁻¹B)"))
def average_probe_error(context):
    phi = given.features(context)
    total = np.sum(singular_system(context).values ** 2)
    return Sides(probe_error(context, phi), total - ratio_trace(context, phi))


@claim("average-probe-bound", "On average over tasks no encoder beats the top singular functions",
       r"for $f=Tg$ with $g$ white noise of mean zero, $\sum_{i>d}s_i^2 \le$ the expected squared"
       r" error of the best linear probe on any $\Phi$ with $d$ features",
       needs=[HAS_MODE],
       routes=("sum of sᵢ² beyond d", "least squares on a random encoder"))
def average_probe_bound(context):
    phi = given.features(context)
    beyond = np.sum(singular_system(context).values[phi.shape[1] :] ** 2)
    return Sides(beyond, probe_error(context, phi), relation="<=")


@claim("average-probe-equality",
       "An encoder that learns the contexture reaches the best average error",
       r"for $f=Tg$ with $g$ white noise of mean zero, the expected squared error of the best"
       r" linear probe on $\mu_1,\dots,\mu_d$ is $\sum_{i>d}s_i^2$",
       needs=[HAS_MODE], routes=("least squares on μ₁ … μ_d, task by task", "sum of sᵢ² beyond d"))
def average_probe_equality(context):
    d = given.dimension(context)
    beyond = np.sum(singular_system(context).values[d:] ** 2)
    return Sides(probe_error(context, singular_system(context, d).left), beyond)
