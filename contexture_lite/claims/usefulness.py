"""Claims about scores of a spectrum: how useful is a context? (notebook 06)."""

import numpy as np

from contexture_lite._checks import as_count, as_dense, as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, IN_RANGE, MINIMAX, PAPER, UNIT, setting
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.gallery import erasure
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import worst_case_error
from contexture_lite.usefulness import decay_rate, effective_rank, log_trace, minimax, tau

claim = lesson("06", source="our derivation")

TAU = r"\tau_d = \frac{1}{1-s_{d+1}^2}+\beta\frac{\sum_{i\le d}s_i^2}{\sum_{i\le d_0}s_i^2}"


def kernel_sums(context):
    """(Σ s_i², Σ s_i⁴) as E k_X(X, X) − 1 and E (k_X − 1)² over independent inputs."""
    matrix = by_hand.deflated(context)
    return np.sum(matrix**2), np.sum((matrix @ matrix.T) ** 2)


def _after_d0(context, d0):
    """s_{d₀+1}, 0 beyond the last mode."""
    values = singular_system(context).values
    return values[d0] if as_count("d0", d0) < len(values) else 0.0


FINITE = Hypothesis(
    "s_{d₀+1} < 1", lambda c, d0=512: _after_d0(c, d0) < 1 - 1e-6,
    lambda c, d0=512: f"has {_after_d0(c, d0):.6f}", to_compute=True)
FEW_MODES = Hypothesis(
    "at most d₀ modes", lambda c, d0=512: min(c.shape) - 1 <= as_count("d0", d0),
    lambda c: f"has {min(c.shape) - 1}")


def _is_flat(context):
    values = singular_system(context).values
    values = values[values > 1e-6 * values[0]]
    return bool(values[0] - values[-1] < UNIT)


FLAT = Hypothesis(
    "a flat spectrum, all positive sᵢ the same", _is_flat,
    lambda c: "has sᵢ from {:.4g} to {:.4g}".format(*singular_system(c).values[[0, -1]]))


@claim("tau", "The score τ weighs what d functions miss against what they cost",
       rf"$\tau = \min_{{1\le d\le d_0}}\tau_d$, where ${TAU}$",
       source=f"{PAPER}; that d starts at 1: our reading", needs=[HAS_ASSOCIATION, FINITE],
       routes=("τ, then 1/τ₁, 1/τ₂, … as computed", "sum by sum, from an SVD of the table"))
def tau_formula(context, beta=1.0, d0=512):
    """1/τ_d is 0 where s_{d+1} = 1."""
    beta, d0 = as_number("beta", beta, above=0), as_count("d0", d0)
    energies = [*by_hand.squares(context), 0.0]
    curve = [1 / (1 - energies[d]) + beta * sum(energies[:d]) / sum(energies[:d0])
             for d in range(1, min(d0 + 1, len(energies)))]
    score = tau(context, beta, d0)
    return Sides(np.r_[score.value, 1 / score.curve[: len(curve)]],
                 np.r_[min(curve), 1 / np.array(curve)])


@claim("tau-bound", "A score near 1 + β says that nearly everything had to be paid for",
       r"$\tau \le 1+\beta$ if the context has at most $d_0$ modes",
       source="our derivation: take all the modes", needs=[HAS_ASSOCIATION, FEW_MODES],
       routes=("τ", "1 + β"))
def tau_bound(context, d0=512):
    """For β = 1."""
    return Sides(tau(context, d0=d0).value, 2.0, relation="<=")


@claim("tau-flat", "The score of a flat spectrum",
       r"$\tau = \min\left(\frac{1}{1-\alpha}+\frac{\beta}{K},\ 1+\beta\right)$ if"
       r" $s_1^2=\dots=s_K^2=\alpha$ are all there is, and $K\ge2$; $1+\beta$ if $K=1$",
       needs=[HAS_ASSOCIATION, FLAT],
       routes=("τ with d₀ = the number of modes", "with α and K from sums over the kernel"))
def tau_flat(context):
    """K = (Σ sᵢ²)² / Σ sᵢ⁴ and α = Σ sᵢ⁴ / Σ sᵢ², for β = ½."""
    beta, (energy, fourth) = 0.5, kernel_sums(context)
    alpha, count = fourth / energy, energy**2 / fourth
    least = 1 / (1 - alpha) + beta / count if alpha < 1 - UNIT and count > 1.5 else np.inf
    score = tau(context, beta, d0=min(context.shape) - 1)
    return Sides(score.value, min(least, 1 + beta))


@claim("tau-erasures", "Where the score misleads: an erasure scores the better the less it shows",
       r"$\tau = \min\left(\frac{1}{1-r}+\frac{\beta}{K},\ 1+\beta\right)$ if $X$ is shown with"
       r" probability $r$, $K=N-1\ge2$: as $r\to0$ it falls to $1+\frac{\beta}{K}$",
       needs=[Hypothesis("three to 512 inputs", lambda context: 3 <= context.shape[0] <= 512,
                         lambda context: f"has {context.shape[0]}", to_compute=True)],
       routes=("τ of erasures of this X, for several r", "the closed form"))
def tau_erasures(context):
    """For β = 1."""
    p, count, rates = by_hand.table(context)[1], context.shape[0] - 1, [0.001, 0.1, 0.4, 0.9]
    scores = [tau(erasure(r, p=p)).value for r in rates]
    return Sides(scores, [min(1 / (1 - r) + 1 / count, 2) for r in rates])


@claim("scores-mirrored", "A score of the spectrum cannot tell the input from the context",
       r"$\tau$, effective rank and $\log\sum_i s_i^2$ are the same if $X$ and $A$ change places",
       source="T and T* have the same singular values", needs=[HAS_ASSOCIATION],
       routes=("of the context", "of the transposed table"))
def scores_mirrored(context):
    mirrored = Context(by_hand.table(context)[0].T)
    three = (tau, effective_rank, log_trace)
    return Sides([score(context).value for score in three],
                 [score(mirrored).value for score in three])


@claim("log-trace", "The log trace is the logarithm of χ²",
       r"$\log\sum_{i\ge1}s_i^2 = \log\chi^2(P^{+}\,\Vert\,P_X\times P_A)$",
       source="Hirschfeld 1935, Lancaster 1958", needs=[HAS_ASSOCIATION],
       routes=("log trace", "log of (P − pq)² / (pq), summed over the cells"))
def log_trace_is_chi2(context):
    return Sides(log_trace(context).value, np.log(by_hand.chi_square(context)))


@claim("effective-rank", "The effective rank needs no spectrum, only the kernel",
       r"$\frac{(\sum_i s_i^2)^2}{\sum_i s_i^4} ="
       r" \frac{(\mathbb{E}\,k_X^{+}(X,X)-1)^2}{\mathbb{E}_{X\perp X'}(k_X^{+}(X,X')-1)^2}$",
       source="traces of powers of an operator", needs=[HAS_ASSOCIATION],
       routes=("effective rank", "sums over pairs of inputs"))
def effective_rank_by_kernel(context):
    energy, fourth = kernel_sums(context)
    return Sides(effective_rank(context).value, energy**2 / fourth)


@claim("effective-rank-bounds",
       "The effective rank lies between χ² over its largest part and the number of modes",
       r"$\frac{\chi^2}{s_1^2} \le \frac{(\sum_i s_i^2)^2}{\sum_i s_i^4} \le \min(N,M)-1$",
       source="Cauchy–Schwarz", needs=[HAS_ASSOCIATION],
       routes=("χ²/s₁² from an SVD of the table; effective rank",
               "effective rank; number of modes"))
def effective_rank_bounds(context):
    energies, rank = by_hand.squares(context), effective_rank(context).value
    return Sides([energies.sum() / energies[0], rank], [rank, len(energies)], relation="<=")


@claim("too-weak", "Where the kernel is near 1 everywhere the context is too weak",
       r"$\sum_i s_i^2 \le \max\lvert k_X^{+}-1\rvert$, and"
       r" $\mathbb{E}_{X\perp X'}\lvert k_X^{+}-1\rvert \le (\sum_i s_i^4)^{1/2}$",
       source=f"{PAPER}, Section 5", needs=[HAS_ASSOCIATION],
       routes=("sum of sᵢ²; mean of ∣k_X − 1∣ over independent pairs",
               "max ∣k_X − 1∣; root of the sum of sᵢ⁴"))
def too_weak(context):
    p, s = by_hand.table(context)[1], singular_system(context).values
    gap = np.abs(as_dense(context.dual_kernel()) - 1)
    return Sides([np.sum(s**2), p @ gap @ p], [gap.max(), np.sqrt(np.sum(s**4))], relation="<=")


@claim("decay-rate", "The decay rate is that of the exponential that fits best",
       r"$\hat\lambda$ minimises $\sum_{i\le512}(s_i^2-e^{-\lambda i})^2$ over $\lambda>0$",
       source=f"the fit: {PAPER}, Appendix F", needs=[HAS_ASSOCIATION],
       routes=("the sum at λ̂, the sᵢ² from an SVD of the table", "the least sum over 400 other λ"))
def decay_rate_fits(context):
    rates = np.r_[decay_rate(context).value, np.geomspace(1e-5, 100, 400)]
    curves = np.exp(-np.multiply.outer(rates, np.arange(1, 513)))
    misfits = np.sum((curves - by_hand.padded(by_hand.squares(context), 512)) ** 2, axis=1)
    return Sides(misfits[0], misfits[1:].min(), relation="<=")


@claim("minimax-score", "The minimax score is the worst-case error of the top singular functions",
       rf"${MINIMAX} = \mathrm{{err}}(\mu_{{1:d}};\mathcal{{F}}_{{\epsilon}})$",
       source=f"{PAPER}, Theorem 16; the range of ε: our derivation", needs=IN_RANGE,
       routes=("from the sᵢ alone", "the dual for μ₁ … μ_d, mixed at random and shifted"))
def minimax_score(context):
    _, d, c = setting(context)
    phi = by_hand.remixed(by_hand.top_functions(context, d), given.rng())
    return Sides(minimax(context, 1 - c, d).value, worst_case_error(context, phi, 1 - c))
