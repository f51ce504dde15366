"""Claims about sample sizes: complexity, few labels, transformed kernels (notebook 09)."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product

import numpy as np

from contexture_lite._checks import as_count, as_number, as_positions
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, SAME
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.gallery import masked_tokens
from contexture_lite.probes import linear_probe
from contexture_lite.sampling import (
    best_dimension,
    chance_chi2,
    complexity,
    kept_modes,
    probe_risk,
)
from contexture_lite.sampling.transforms import (
    inverse_laplacian,
    repeated_averaging,
    transformed_ridge,
    truncation,
)
from contexture_lite.spectrum import singular_system

claim = lesson("09", source="our derivation")

RKHS = "Zhai, Liu, Risteski, Kolter, Ravikumar 2024 (arXiv 2306.00788)"
STKR = "Zhai, Pukdee, Jin, Balcan, Ravikumar 2024 (arXiv 2402.00645)"
MOST_PAIRS, MOST_SIGNS, MOST_MODES = 7, 12, 12  # 5040 permutations, 4096 signs and subsets


# -- by hand -----------------------------------------------------------------------


def drawn(context, n, seed, most, name):
    """Pairs drawn from the context: positions (x, a)."""
    if as_count(name, n, least=2) > most:
        raise ValueError(f"{name} is {n}; it must be at most {most}, for all cases are tried")
    return context.sample(n, np.random.default_rng(seed))


def labelled_sample(context, y, labelled, seed):
    """Positions with labels, and the labels: the reader's, or random ones, as many as inputs."""
    size = context.shape[0]
    if labelled is None:
        labelled, _ = context.sample(size, np.random.default_rng(seed))
    labelled = as_positions("labelled", labelled, size)
    return labelled, given.function_on(len(labelled), y, "y", seed)


def ridge_by_hand(features, labelled, y, penalty):
    """Predictions at every input of the w, c with least mean (y − w·φ − c)² + penalty ‖w‖²."""
    n, k = len(y), features.shape[1]
    mean, y_mean = features[labelled].mean(axis=0), y.mean()
    design = np.vstack([features[labelled] - mean, np.sqrt(n * penalty) * np.eye(k)])
    w = np.linalg.lstsq(design, np.append(y - y_mean, np.zeros(k)), rcond=None)[0]
    return (features - mean) @ w + y_mean


def modes_by_hand(context):
    """(λ_i, μ_i) from the eigenvectors of √p (k_X − 1) √p: (N,) and (N, N)."""
    matrix = by_hand.deflated(context)
    values, vectors = np.linalg.eigh(matrix @ matrix.T)
    return np.clip(values, 0, 1), vectors / np.sqrt(by_hand.table(context)[1])[:, None]


def task_in_range(context, g, seed):
    """A task f = T g: all of its energy is in the modes."""
    return context.expect(given.function_on(context.shape[1], g, "g", seed))


def energies_of(context, f):
    """Energies ⟨f, μ_i⟩² in the modes of positive value; and these functions."""
    system = singular_system(context)
    mu = system.left[:, : system.rank]
    return (mu.T @ (context.p_x * f)) ** 2, mu


def missed_errors(context, mu, f):
    """err_d for d = 0, 1, …, by least squares on 1, μ_1, …, μ_d."""
    p = by_hand.table(context)[1]
    root = np.sqrt(p)[:, None]
    design, target = root * np.column_stack([np.ones(len(p)), mu]), root[:, 0] * f
    basis = np.linalg.qr(design)[0]
    rest = target @ target - np.cumsum((basis.T @ target) ** 2)
    return np.maximum(rest, 0)


@lru_cache(maxsize=256)
def mean_inverse_chi2(degrees):
    """E 1/χ² with that many degrees of freedom, ∫ 2 p(u²)/u du by quadrature; they are ≥ 3."""
    from scipy.integrate import quad
    from scipy.stats import chi2

    most = np.sqrt(chi2.isf(1e-18, degrees))
    return quad(lambda u: 2 * chi2.pdf(u**2, degrees) / u, 0, most, epsabs=1e-13, limit=200)[0]


# -- complexity --------------------------------------------------------------------


@claim(
    "complexity", "The complexity of a context is the largest value of its kernel",
    r"$\kappa^2 = \max_x k_X^{+}(x,x) = \max_{x,x'}\lvert k_X^{+}(x,x')\rvert"
    r" = 1+\max_x\chi^2(P(\cdot\mid x)\,\Vert\,P_A)$",
    source=RKHS + "; Cauchy–Schwarz",
    routes=("κ²", "largest entry of the kernel; 1 + largest χ² of a row, from the table"),
)
def largest_of_the_kernel(context):
    """κ² by the package, over all pairs, and from the rows."""
    P, p, q = by_hand.table(context)
    rows = 1 + np.sum((P / p[:, None] - q) ** 2 / q, axis=1)
    return Sides(complexity(context), [np.abs(by_hand.kernel(context)).max(), rows.max()])


@claim(
    "complexity-bound", "Strong contexts are complex",
    r"$1+\sum_{i\ge1}s_i^2 \le \kappa^2 \le \frac{1}{\min_x P_X(x)}$",
    source="a mean is at most the largest; data processing from A = X",
    needs=[HAS_MODE],
    routes=("(1 + Σ sᵢ²) / κ² from the spectrum; κ² min P_X from the table", "1"),
)
def complexity_bound(context):
    """1 + Σ sᵢ² ≤ κ² ≤ 1 / min p, each side divided by the larger one."""
    p, kappa2 = by_hand.table(context)[1], complexity(context)
    energy = 1 + np.sum(singular_system(context).values ** 2)
    return Sides([energy / kappa2, kappa2 * p.min()], 1.0, relation="<=")


def _keep_rate(context):
    """(r, n) of masked binary tokens: the columns shown by one input only have mass rⁿ."""
    inputs = context.shape[0]
    n = inputs.bit_length() - 1
    if inputs != 2**n or n == 0 or context.shape[1] not in (1, 2**n, 3**n):
        return None
    P, _, _ = by_hand.table(context)
    whole = P[:, np.count_nonzero(P, axis=0) == 1].sum()
    return whole ** (1 / n), n


def _is_masked(context):
    rate = _keep_rate(context)
    if rate is None:
        return False
    keep, n = min(rate[0], 1.0), rate[1]
    masked = masked_tokens(keep if keep < 1 - SAME else 1.0, n)
    return masked.shape == context.shape and bool(
        np.abs(by_hand.table(masked)[0] - by_hand.table(context)[0]).max() <= SAME
    )


MASKED = Hypothesis(
    "uniform strings of bits, each shown or hidden independently of the others at one rate",
    _is_masked,
    lambda context: "is none",
    to_compute=True,
)


@claim(
    "complexity-masked", "Masking: the complexity is exponential in the number of tokens",
    r"$\kappa^2 = (1+r)^n$ for $n$ uniform bits, each shown with probability $r$",
    source=RKHS,
    needs=[MASKED],
    routes=("κ²", "(1 + r)ⁿ, r from the mass of the strings shown whole"),
)
def complexity_masked(context):
    """κ² = (1 + r)ⁿ."""
    keep, n = _keep_rate(context)
    return Sides(complexity(context), (1 + keep) ** n)


@claim(
    "rademacher", "How well a ball of smooth functions fits coin tosses",
    r"$\mathbb{E}_\sigma\sup_{\lVert f\rVert_{\mathcal H}\le B}\frac1n\sum_j\sigma_jf(x_j)"
    r" \le \frac Bn\sqrt{\operatorname{tr}K} \le \frac{B\kappa}{\sqrt n}$",
    source="Rademacher complexity of a kernel ball; " + RKHS,
    routes=("mean over all 2ⁿ signs of B √(σᵀKσ)/n; B √tr K/n", "B √tr K/n; Bκ/√n"),
)
def rademacher(context, n=8, radius=1.0, seed=0):
    """R̂ ≤ B √tr K / n ≤ B κ / √n on ``n`` drawn inputs; ``radius`` is B."""
    x, _ = drawn(context, n, seed, MOST_SIGNS, "n")
    radius, gram = as_number("radius", radius, above=0), by_hand.kernel(context)[np.ix_(x, x)]
    signs = np.array(list(product([-1, 1], repeat=n)))
    squares = np.sum(signs @ gram * signs, axis=1)
    exact = radius * np.sqrt(np.maximum(squares, 0)).mean() / n
    trace = radius * np.sqrt(np.trace(gram)) / n
    return Sides([exact, trace], [trace, radius * np.sqrt(complexity(context) / n)], relation="<=")


@claim(
    "chance-chi-square", "Few pairs show an association even where there is none",
    r"$\mathbb{E}\sum_i\hat s_i^2 = \frac{(N-1)(M-1)}{n-1}$ over all pairings of $n$ draws in"
    r" which $N$ inputs and $M$ context values occur",
    source="Pearson's statistic with fixed margins, classical",
    routes=("mean χ² of the tables of all n! pairings of drawn pairs", "the formula"),
)
def chance_chi_square(context, n=6, seed=0):
    """The mean over n! permutations of ``n`` drawn pairs."""
    x, a = drawn(context, n, seed, MOST_PAIRS, "n")
    (_, x, n_x), (_, a, n_a) = (
        np.unique(v, return_inverse=True, return_counts=True) for v in (x, a)
    )
    orders = np.array(list(permutations(range(n))))
    tables = np.zeros((len(orders), len(n_x), len(n_a)))
    np.add.at(tables, (np.arange(len(orders))[:, None], x, a[orders]), 1)
    expected = np.multiply.outer(n_x, n_a) / n
    chi2 = np.sum((tables - expected) ** 2 / expected, axis=(1, 2)) / n
    return Sides(chi2.mean(), chance_chi2(len(n_x), len(n_a), n))


# -- a probe on few labels ---------------------------------------------------------


@claim(
    "probe-risk", "What a probe pays: what its features miss, and a price for each of them",
    r"$\mathbb{E}\,\mathrm{excess} = \mathrm{err}_d+(\sigma^2+\mathrm{err}_d)\frac{d}{m-d-1}$ if"
    r" the features were Gaussian; $m$ labels, $\mathrm{err}_d$ what the top $d$ functions miss of"
    r" $f=Tg$",
    source="our derivation; the inverse Wishart distribution",
    needs=[HAS_MODE],
    routes=("from the energies of f in the modes, for every d",
            "err_d by least squares on the table, E tr(ZᵀZ)⁻¹ by an integral"),
)
def probe_risk_claim(context, g=None, m=30, noise=0.1, seed=0):
    """E tr (ZᵀZ)⁻¹ = d E 1/χ²_{m−d+1}: the risk for every d with m > d + 1."""
    f, m = task_in_range(context, g, seed), as_count("m", m, least=3)
    energies, mu = energies_of(context, f)
    few = range(min(len(energies), m - 2) + 1)
    missed = missed_errors(context, mu, f)
    risks = [e + (noise + e) * d * mean_inverse_chi2(m - d + 1) for d, e in zip(few, missed)]
    return Sides([probe_risk(energies, d, m, noise).total for d in few], risks)


@claim(
    "best-dimension", "The best number of features balances what is missed against what is paid",
    r"$d^{\star} = \arg\min_d\ \mathrm{err}_d+(\sigma^2+\mathrm{err}_d)\frac{d}{m-d-1}$",
    needs=[HAS_MODE],
    routes=("the risk at the package's d*", "least risk of all d, errors by least squares"),
)
def best_dimension_claim(context, g=None, m=30, noise=0.1, seed=0):
    """The risk at d* is the least one."""
    f, m = task_in_range(context, g, seed), as_count("m", m)
    energies, mu = energies_of(context, f)
    missed = missed_errors(context, mu, f)
    risks = np.array([e + (noise + e) * d / (m - d - 1) for d, e in enumerate(missed)
                      if m > d + 1 or d == 0])
    return Sides(risks[best_dimension(energies, m, noise)], risks.min())


@claim(
    "kept-modes", "Keep the modes whose energy is worth its label noise",
    r"$\sum_{i\notin S}u_i^2+\lvert S\rvert\frac{\sigma^2}{m}$ is least for"
    r" $S=\{i : u_i^2>\sigma^2/m\}$",
    source="the Gaussian sequence model",
    needs=[HAS_MODE],
    routes=("the sum for that S, the first 12 modes", "least sum of all subsets S"),
)
def kept_modes_claim(context, f=None, m=10, noise=0.5, seed=0):
    """No subset of modes has a smaller sum."""
    f = given.function_on(context.shape[0], f, "f", seed)
    m, noise = as_count("m", m), as_number("noise", noise, least=0)
    u2 = energies_of(context, f)[0][:MOST_MODES]
    subsets = np.array(list(product([False, True], repeat=len(u2))), dtype=bool)
    sums = np.where(subsets, noise / m, u2).sum(axis=1)
    return Sides(np.where(kept_modes(u2, m, noise), noise / m, u2).sum(), sums.min())


@claim(
    "probe-orbit", "A probe without penalty sees the span only, whatever its basis",
    r"the least-squares predictions from $\Phi G+c$ are those from $\Phi$, for every invertible"
    r" $G$",
    source="elementary; the symmetry of two-stage estimation",
    needs=[HAS_MODE],
    routes=("√p f̂ of linear_probe on mixed features", "projection of √p y on 1, μ₁, …, μ_d"),
)
def probe_orbit(context, y=None, d=3, seed=0):
    """Least squares on the first ``d`` functions, mixed; labels at every input."""
    y, p = given.function_on(context.shape[0], y, "y", seed), by_hand.table(context)[1]
    mu = singular_system(context).left[:, : as_count("d", d)]
    mixed = by_hand.remixed(mu, seed)
    probe = linear_probe(mixed, y, weights=p, test=(mixed, y, p), kind="regression", penalty=0)
    return Sides(np.sqrt(p) * probe.model.predict(mixed), np.sqrt(p) * by_hand.fitted(p, mu, y))


ORTHOGONAL = Hypothesis(
    "a map without stretch",
    lambda context, stretch=1.0: stretch == 1,
    lambda context, stretch=1.0: f"stretches by {stretch:g}",
)


@claim(
    "ridge-orbit", "A probe with a penalty sees lengths, too, but no direction",
    r"the ridge predictions from $\Phi R$ are those from $\Phi$ for orthogonal $R$, and for"
    r" other maps they are not",
    source="elementary; the symmetry of two-stage estimation",
    needs=[HAS_MODE, HAS_ASSOCIATION, ORTHOGONAL],
    routes=("√p f̂ by kernel ridge, no basis chosen", "√p f̂ by ridge on features sᵢμᵢ, rotated"),
)
def ridge_orbit(context, y=None, labelled=None, penalty=0.1, stretch=1.0, seed=0):
    """Ridge on ΦR; ``stretch`` is the largest of R's singular values, the least is 1."""
    labelled, y = labelled_sample(context, y, labelled, seed)
    every = truncation(min(context.shape) - 1)
    guess = transformed_ridge(context, labelled, y, penalty, every)
    values, mu = modes_by_hand(context)
    k, stretch = len(values), as_number("stretch", stretch, above=0)
    features = (mu * np.sqrt(values) * np.linspace(1, stretch, k)) @ by_hand.rotation(k, seed + 1)
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(root * guess, root * ridge_by_hand(features, labelled, y, penalty))


# -- transformed kernels -----------------------------------------------------------


@claim(
    "transformed-ridge", "Kernel ridge with a transformed kernel is ridge on rescaled functions",
    r"$\hat f = v^{\top}\alpha+c$, $(G+n\beta I)\,\alpha+c\mathbf 1=y$, $\mathbf 1^{\top}\alpha=0$,"
    r" is ridge on $\sqrt{s(\lambda_i)}\,\mu_i$, $\lambda_i=s_i^2$;"
    r" here $s(\lambda)=\frac{\lambda}{1-\eta\lambda}$",
    source=STKR,
    routes=("√p f̂ at every input, from the kernel", "√p f̂ from the features, by least squares"),
)
def transformed_ridge_claim(context, y=None, labelled=None, penalty=0.1, eta=0.7, seed=0):
    """K_s in the dual and √s(λ) μ in the primal form."""
    labelled, y = labelled_sample(context, y, labelled, seed)
    guess = transformed_ridge(context, labelled, y, penalty, inverse_laplacian(eta))
    values, mu = modes_by_hand(context)
    features = mu * np.sqrt(values / (1 - eta * values))
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(root * guess, root * ridge_by_hand(features, labelled, y, penalty))


@claim(
    "repeated-averaging", "The inverse Laplacian needs no spectrum: average again and again",
    r"$\sum_{i\ge1}\frac{\lambda_i}{1-\eta\lambda_i}\,\mu_i(x)\,\mu_i(x')$ is the kernel of"
    r" $\sum_{p\ge1}\eta^{p-1}\,(TT^{\ast})^{p}$ without its constant",
    source=STKR,
    needs=[HAS_MODE],
    routes=("√p K √p by repeated averaging over the table", "from the sᵢ and μᵢ"),
)
def repeated_averaging_claim(context, eta=0.7, steps=80):
    """The power series, with η^steps left out, and the spectral sum."""
    averaged, system = repeated_averaging(context, eta, steps), singular_system(context)
    scaled = system.left * inverse_laplacian(eta)(system.values**2)
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(*(root[:, None] * K * root for K in (averaged, scaled @ system.left.T)))
