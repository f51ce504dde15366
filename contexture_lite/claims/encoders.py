"""Claims about encoders: when d features learn the contexture (notebook 02)."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_numbers, refuse_cells
from contexture_lite.claims.machinery import Hypothesis, Sides, claim, table
from contexture_lite.claims.operator import HAS_MODE
from contexture_lite.claims.spectrum import HAS_ASSOCIATION, UNIT, dimension, strongest
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import ratio_trace, ritz

PAPER = "Zhai et al. 2025 (arXiv 2505.01557)"

CONNECTED = Hypothesis(
    "s₁ < 1, a connected context",
    lambda context: strongest(context) < 1 - 1e-6,
    lambda context: (
        f"has {context.components()[0]} components"
        if context.components()[0] > 1
        else "has s₁ above 0.999999"
    ),
)


def features(context, d, encoder, seed):
    """The reader's encoder (N, d), or d random features of mean zero and covariance I."""
    p = np.asarray(context.p_x)
    if encoder is None:
        phi = np.random.default_rng(seed).standard_normal((len(p), dimension(context, d)))
        root = np.sqrt(p)[:, None]
        return np.linalg.qr(root * (phi - p @ phi))[0] / root
    phi = as_numbers("encoder", encoder)
    if phi.ndim != 2 or phi.shape[0] != len(p):
        raise ValueError(f"encoder has shape {phi.shape}; it must be ({len(p)}, d)")
    refuse_cells("encoder", phi, lambda v: ~np.isfinite(v), "must be finite")
    count, modes = phi.shape[1], min(context.shape) - 1
    if d is not None and d != count:
        raise ValueError(f"d is {d}, but encoder has {count} features")
    if not 1 <= count <= modes:
        raise ValueError(f"encoder has {count} features; it must have 1 to {modes} here")
    rank = np.linalg.matrix_rank((phi - p @ phi) * np.sqrt(p)[:, None])
    if rank < count:
        raise ValueError(
            f"encoder has {count} features and a covariance of rank {rank}; they must be "
            "linearly independent, and not constant"
        )
    return phi


def moments(context, phi):
    """C = Cov Φ(X) and B = Cov (T*Φ)(A), by sums over the table."""
    P, p, q = table(context)
    centred = phi - p @ phi
    pulled = (P.T @ centred) / q[:, None]
    return centred.T @ (p[:, None] * centred), pulled.T @ (q[:, None] * pulled)


def squares(context, d):
    """s₁² … s_d², from the singular values of the table itself."""
    P, p, q = table(context)
    expected = np.multiply.outer(p, q)
    return np.linalg.svd((P - expected) / np.sqrt(expected), compute_uv=False)[:d] ** 2


def remixed(phi, seed):
    """Φ G + c, with a random G of condition number at most 3 and a random c."""
    rng = np.random.default_rng(seed)
    d = phi.shape[1]
    left, right = (np.linalg.qr(rng.standard_normal((d, d)))[0] for _ in range(2))
    return phi @ (left * rng.uniform(1, 3, d)) @ right + rng.standard_normal(d)


def _top(context, d):
    """The system of the top d modes, no more than there are positive values."""
    rank = singular_system(context).rank
    return singular_system(context, min(dimension(context, d), rank))


@claim(
    "best-picture",
    "No other d features leave out less",
    r"$\sum_{i>d}s_i^2 \le \mathbb{E}_{X\perp A}"
    r"\left(\frac{P^{+}}{pq} - 1 - \langle\Phi(X),\Psi(A)\rangle\right)^2$"
    r" for all $\Phi,\Psi$ with $d$ features",
    source="Eckart & Young 1936",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("sum of sᵢ² beyond d", "error of a random Φ with the Ψ that suits it best"),
)
def best_picture(context, d=None, encoder=None, seed=0):
    """Σ_{i>d} sᵢ² ≤ error of any rank-d picture; least squares finds the best Ψ for Φ."""
    P, p, q = table(context)
    phi = features(context, d, encoder, seed)
    weight = np.sqrt(p)[:, None]
    target = P / np.multiply.outer(p, q) - 1
    psi = np.linalg.lstsq(weight * phi, weight * target, rcond=None)[0]
    left_out = p @ (target - phi @ psi) ** 2 @ q
    values = singular_system(context).values
    return Sides(np.sum(values[phi.shape[1] :] ** 2), left_out, relation="<=")


RATIO_TRACE = r"$\mathrm{RT}(\Phi) = \mathrm{tr}(C_\Phi^{-1}B_\Phi)"


@claim(
    "ratio-trace-bound",
    "No encoder has a larger ratio trace than the top singular functions",
    RATIO_TRACE + r" \le \sum_{i\le d} s_i^2$ for every encoder with $d$ features",
    source=f"Ky Fan's principle; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("tr(C⁻¹B) of the encoder, random unless given", "sum of the d largest sᵢ²"),
)
def ratio_trace_bound(context, d=None, encoder=None, seed=0):
    """RT(Φ) ≤ Σ_{i≤d} sᵢ²."""
    phi = features(context, d, encoder, seed)
    return Sides(ratio_trace(context, phi), squares(context, phi.shape[1]).sum(), relation="<=")


@claim(
    "ratio-trace-equality",
    "An encoder that learns the contexture reaches the bound",
    RATIO_TRACE + r" = \sum_{i\le d} s_i^2$ if $\Phi$ spans $\mu_1,\dots,\mu_d$ up to constants",
    source=f"Ky Fan's principle; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE, HAS_ASSOCIATION],
    routes=("tr(C⁻¹B) of μ₁ … μ_d, mixed at random and shifted", "sum of the d largest sᵢ²"),
)
def ratio_trace_equality(context, d=None, seed=0):
    """RT(μ G + c) = Σ_{i≤d} sᵢ²."""
    phi = _top(context, d).left
    largest = squares(context, phi.shape[1]).sum()
    return Sides(ratio_trace(context, remixed(phi, seed)), largest)


@claim(
    "ratio-trace-invariance",
    "Mixing and shifting the features does not change the ratio trace",
    r"$\mathrm{RT}(\Phi G + c) = \mathrm{RT}(\Phi)$ for every invertible $G$",
    source="linear algebra",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("ratio trace of ΦG + c", "tr(C⁻¹B) of Φ, by sums over the table"),
)
def ratio_trace_invariance(context, d=None, encoder=None, seed=0):
    """RT(Φ G + c) = RT(Φ)."""
    phi = features(context, d, encoder, seed)
    C, B = moments(context, phi)
    return Sides(ratio_trace(context, remixed(phi, seed + 1)), np.trace(np.linalg.solve(C, B)))


FISHER = r"$2\,\mathrm{tr}[(C_\Phi-B_\Phi)^{-1}B_\Phi]"


def _fisher(context, phi):
    """2 tr[(C − B)⁻¹ B], infinite if a feature loses nothing on the way to A."""
    C, B = moments(context, phi)
    if np.linalg.eigvalsh(C - B)[0] < UNIT * np.linalg.norm(C, 2):
        return np.inf
    return 2 * np.trace(np.linalg.solve(C - B, B))


def _fisher_optimum(values):
    """2 Σ sᵢ² / (1 − sᵢ²), infinite if some sᵢ is 1."""
    return np.inf if values[0] > 1 - UNIT else 2 * np.sum(values**2 / (1 - values**2))


@claim(
    "fisher-bound",
    "No encoder has a larger Fisher criterion than the top singular functions",
    FISHER + r" \le 2\sum_{i\le d} \frac{s_i^2}{1-s_i^2}$ for every encoder with $d$ features",
    source=f"Fisher's discriminant criterion; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE, CONNECTED],
    routes=("the criterion of the encoder, random unless given", "from the d largest sᵢ"),
)
def fisher_bound(context, d=None, encoder=None, seed=0):
    """2 tr[(C − B)⁻¹ B] ≤ 2 Σ_{i≤d} sᵢ² / (1 − sᵢ²)."""
    phi = features(context, d, encoder, seed)
    values = singular_system(context).values[: phi.shape[1]]
    return Sides(_fisher(context, phi), _fisher_optimum(values), relation="<=")


@claim(
    "fisher-equality",
    "The top singular functions maximise Fisher's criterion too",
    FISHER + r" = 2\sum_{i\le d} \frac{s_i^2}{1-s_i^2}$ if $\Phi$ learns the contexture",
    source=f"Fisher's discriminant criterion; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE, HAS_ASSOCIATION, CONNECTED],
    routes=("the criterion of μ₁ … μ_d, mixed at random and shifted", "from the d largest sᵢ"),
)
def fisher_equality(context, d=None, seed=0):
    """2 tr[(C − B)⁻¹ B] at Φ = μ G + c."""
    system = _top(context, d)
    phi = remixed(system.left, seed)
    return Sides(_fisher(context, phi), _fisher_optimum(system.values))


@claim(
    "rayleigh-ritz",
    "A spectrum read off an encoder is never too large",
    r"$\lambda_i \le s_i^2$ for every $i$, where $B_\Phi v = \lambda\,C_\Phi v$",
    source=f"Rayleigh–Ritz; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("λᵢ of the encoder, random unless given", "the d largest sᵢ²"),
)
def rayleigh_ritz(context, d=None, encoder=None, seed=0):
    """λᵢ ≤ sᵢ²."""
    phi = features(context, d, encoder, seed)
    return Sides(ritz(context, phi).values, squares(context, phi.shape[1]), relation="<=")


@claim(
    "rayleigh-ritz-equality",
    "It is right as far as the span holds the singular functions",
    r"$\lambda_i = s_i^2$ for $i\le k$ if the span of $\Phi$ contains $\mu_1,\dots,\mu_k$",
    source=f"Rayleigh–Ritz; {PAPER}",
    taught_in="02",
    needs=[HAS_MODE, HAS_ASSOCIATION],
    routes=("k largest λᵢ of μ₁ … μ_k and a random feature, mixed", "the k largest sᵢ²"),
)
def rayleigh_ritz_equality(context, d=None, seed=0):
    """λᵢ = sᵢ² for i ≤ k = d, with one more feature in the span where there is room."""
    phi, p = _top(context, d).left, np.asarray(context.p_x)
    k = phi.shape[1]
    if k < len(p) - 1:
        extra = np.random.default_rng(seed).standard_normal(len(p))
        extra = extra - p @ extra
        extra = extra - phi @ (phi.T @ (p * extra))
        phi = np.c_[phi, extra / np.sqrt(p @ extra**2)]
    return Sides(ritz(context, remixed(phi, seed + 1)).values[:k], squares(context, k))


def probe_errors(context, phi, tasks):
    """‖f − best linear probe on Φ‖² for every task f, by weighted least squares with an intercept.

    ``tasks`` is (N,) for one error or (N, k) for k of them.
    """
    _, p, _ = table(context)
    root = np.sqrt(p)
    design, targets = root[:, None] * np.c_[np.ones(len(p)), phi], (root * tasks.T).T
    fitted = design @ np.linalg.lstsq(design, targets, rcond=None)[0]
    return np.sum((targets - fitted) ** 2, axis=0)


def probe_error(context, phi):
    """E ‖T g − best linear probe on Φ‖² for white noise g of mean zero: a sum over a basis."""
    P, p, q = table(context)
    root_q = np.sqrt(q)
    basis = np.linalg.qr(np.c_[root_q, np.eye(len(q))])[0][:, 1:]  # orthonormal, orthogonal to √q
    return probe_errors(context, phi, P @ (basis / root_q[:, None]) / p[:, None]).sum()


@claim(
    "average-probe-error",
    "The ratio trace tells the average error of a linear probe",
    r"for $f=Tg$ with $g$ white noise of mean zero, the expected squared error of the best linear"
    r" probe on $\Phi$ is $\sum_{i\ge1}s_i^2 - \mathrm{RT}(\Phi)$",
    source="our derivation",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("least squares, task by task", "sum of all sᵢ² minus tr(C⁻¹B)"),
)
def average_probe_error(context, d=None, encoder=None, seed=0):
    """E error = Σ_{i≥1} sᵢ² − RT(Φ)."""
    phi = features(context, d, encoder, seed)
    total = np.sum(singular_system(context).values ** 2)
    return Sides(probe_error(context, phi), total - ratio_trace(context, phi))


@claim(
    "average-probe-bound",
    "On average over tasks no encoder beats the top singular functions",
    r"for $f=Tg$ with $g$ white noise of mean zero, $\sum_{i>d}s_i^2 \le$ the expected squared"
    r" error of the best linear probe on any $\Phi$ with $d$ features",
    source="our derivation",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("sum of sᵢ² beyond d", "least squares on the encoder, random unless given"),
)
def average_probe_bound(context, d=None, encoder=None, seed=0):
    """Σ_{i>d} sᵢ² ≤ E error."""
    phi = features(context, d, encoder, seed)
    beyond = np.sum(singular_system(context).values[phi.shape[1] :] ** 2)
    return Sides(beyond, probe_error(context, phi), relation="<=")


@claim(
    "average-probe-equality",
    "An encoder that learns the contexture reaches the best average error",
    r"for $f=Tg$ with $g$ white noise of mean zero, the expected squared error of the best linear"
    r" probe on $\mu_1,\dots,\mu_d$ is $\sum_{i>d}s_i^2$",
    source="our derivation",
    taught_in="02",
    needs=[HAS_MODE],
    routes=("least squares on μ₁ … μ_d, task by task", "sum of sᵢ² beyond d"),
)
def average_probe_equality(context, d=None):
    """E error of μ₁ … μ_d = Σ_{i>d} sᵢ²."""
    d = dimension(context, d)
    beyond = np.sum(singular_system(context).values[d:] ** 2)
    return Sides(probe_error(context, singular_system(context, d).left), beyond)
