"""Claims about sample sizes: few labels, transformed kernels (notebook 09)."""

from functools import lru_cache
from itertools import product

import numpy as np
from scipy.integrate import quad
from scipy.stats import chi2

from contexture_lite import sampling
from contexture_lite._checks import as_number
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.probes import linear_probe
from contexture_lite.spectrum import singular_system

claim = lesson("09", source="our derivation", part=2)

STKR = "Zhai, Pukdee, Jin, Balcan, Ravikumar 2024 (arXiv 2402.00645)"
MOST_MODES = 12  # 4096 subsets
LABELS, NOISE = 30, 0.1  # m and σ² of a probe
PENALTY, ETA = 0.1, 0.7  # β and η of a transformed kernel


def labelled_sample(context):
    """Positions of as many drawn points as there are inputs, and random labels."""
    size = context.shape[0]
    labelled, _ = context.sample(size, given.rng())
    return labelled, given.function_on(size)


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


def task_in_range(context):
    """A task f = T g: all of its energy is in the modes."""
    return context.expect(given.function_on(context.shape[1]))


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
    most = np.sqrt(chi2.isf(1e-18, degrees))
    return quad(lambda u: 2 * chi2.pdf(u**2, degrees) / u, 0, most, epsabs=1e-13, limit=200)[0]


@claim("probe-risk", "What a probe pays: what its features miss, and a price for each of them",
       r"$\mathbb{E}\,\mathrm{excess} = \mathrm{err}_d+(\sigma^2+\mathrm{err}_d)\frac{d}{m-d-1}$ if"
       r" the features were Gaussian; $m$ labels, $\mathrm{err}_d$ what the top $d$ functions miss"
       r" of $f=Tg$",
       source="our derivation; the inverse Wishart distribution", needs=[HAS_MODE],
       routes=("from the energies of f in the modes, for every d",
               "err_d by least squares on the table, E tr(ZᵀZ)⁻¹ by an integral"))
def probe_risk_claim(context):
    """E tr (ZᵀZ)⁻¹ = d E 1/χ²_{m−d+1}: the risk for every d with m > d + 1."""
    f, m, noise = task_in_range(context), LABELS, NOISE
    energies, mu = energies_of(context, f)
    few = range(min(len(energies), m - 2) + 1)
    missed = missed_errors(context, mu, f)
    risks = [e + (noise + e) * d * mean_inverse_chi2(m - d + 1) for d, e in zip(few, missed)]
    return Sides([sampling.probe_risk(energies, d, m, noise).total for d in few], risks)


@claim("best-dimension", "The best number of features balances what is missed against what is paid",
       r"$d^{\star} = \arg\min_d\ \mathrm{err}_d+(\sigma^2+\mathrm{err}_d)\frac{d}{m-d-1}$",
       needs=[HAS_MODE],
       routes=("the risk at the package's d*", "least risk of all d, errors by least squares"))
def best_dimension_claim(context):
    f, m, noise = task_in_range(context), LABELS, NOISE
    energies, mu = energies_of(context, f)
    missed = missed_errors(context, mu, f)
    risks = np.array([e + (noise + e) * d / (m - d - 1) for d, e in enumerate(missed)
                      if m > d + 1 or d == 0])
    return Sides(risks[sampling.best_dimension(energies, m, noise)], risks.min())


@claim("kept-modes", "Keep the modes whose energy is worth its label noise",
       r"$\sum_{i\notin S}u_i^2+\lvert S\rvert\frac{\sigma^2}{m}$ is least for"
       r" $S=\{i : u_i^2>\sigma^2/m\}$",
       source="the Gaussian sequence model", needs=[HAS_MODE],
       routes=("the sum for that S, the first 12 modes", "least sum of all subsets S"))
def kept_modes_claim(context):
    """For m = 10 and σ² = ½."""
    f, m, noise = given.function_on(context.shape[0]), 10, 0.5
    u2 = energies_of(context, f)[0][:MOST_MODES]
    subsets = np.array(list(product([False, True], repeat=len(u2))), dtype=bool)
    sums = np.where(subsets, noise / m, u2).sum(axis=1)
    return Sides(np.where(sampling.kept_modes(u2, m, noise), noise / m, u2).sum(), sums.min())


@claim("probe-orbit", "A probe without penalty sees the span only, whatever its basis",
       r"the least-squares predictions from $\Phi G+c$ are those from $\Phi$, for every invertible"
       r" $G$",
       source="elementary; the symmetry of two-stage estimation", needs=[HAS_MODE],
       routes=("√p f̂ of linear_probe on mixed features", "projection of √p y on 1, μ₁, …, μ_d"))
def probe_orbit(context):
    """Labels at every input."""
    p, y = by_hand.table(context)[1], given.function_on(context.shape[0])
    mu = singular_system(context, given.dimension(context)).left
    mixed = by_hand.remixed(mu, given.rng())
    probe = linear_probe(mixed, y, weights=p, test=(mixed, y, p), kind="regression", penalty=0)
    return Sides(np.sqrt(p) * probe.model.predict(mixed), np.sqrt(p) * by_hand.fitted(p, mu, y))


ORTHOGONAL = Hypothesis(
    "a map without stretch", lambda c, stretch=1.0: stretch == 1,
    lambda c, stretch=1.0: f"stretches by {stretch:g}")


@claim("ridge-orbit", "A probe with a penalty sees lengths, too, but no direction",
       r"the ridge predictions from $\Phi R$ are those from $\Phi$ for orthogonal $R$, and for"
       r" other maps they are not",
       source="elementary; the symmetry of two-stage estimation",
       needs=[HAS_MODE, HAS_ASSOCIATION, ORTHOGONAL],
       routes=("√p f̂ by kernel ridge, no basis chosen",
               "√p f̂ by ridge on features sᵢμᵢ, rotated"))
def ridge_orbit(context, stretch=1.0):
    """``stretch`` is the largest of R's singular values, the least is 1."""
    labelled, y = labelled_sample(context)
    every = sampling.truncation(min(context.shape) - 1)
    guess = sampling.transformed_ridge(context, labelled, y, PENALTY, every)
    values, mu = modes_by_hand(context)
    k, stretch = len(values), as_number("stretch", stretch, above=0)
    turn = np.linspace(1, stretch, k)[:, None] * by_hand.rotation(k, given.rng(1))
    features = mu * np.sqrt(values) @ turn
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(root * guess, root * ridge_by_hand(features, labelled, y, PENALTY))


# -- transformed kernels -----------------------------------------------------------


@claim("transformed-ridge", "Kernel ridge with a transformed kernel is ridge on rescaled functions",
       r"$\hat f = v^{\top}\alpha+c$, $(G+n\beta I)\,\alpha+c\mathbf 1=y$, $\mathbf 1^{\top}\alpha"
       r"=0$, is ridge on $\sqrt{s(\lambda_i)}\,\mu_i$, $\lambda_i=s_i^2$; here $s(\lambda)"
       r"=\frac{\lambda}{1-\eta\lambda}$",
       source=STKR,
       routes=("√p f̂ at every input, from the kernel",
               "√p f̂ from the features, by least squares"))
def transformed_ridge_claim(context):
    labelled, y = labelled_sample(context)
    transform = sampling.inverse_laplacian(ETA)
    guess = sampling.transformed_ridge(context, labelled, y, PENALTY, transform)
    values, mu = modes_by_hand(context)
    features = mu * np.sqrt(values / (1 - ETA * values))
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(root * guess, root * ridge_by_hand(features, labelled, y, PENALTY))


@claim("repeated-averaging", "The inverse Laplacian needs no spectrum: average again and again",
       r"$\sum_{i\ge1}\frac{\lambda_i}{1-\eta\lambda_i}\,\mu_i(x)\,\mu_i(x')$ is the kernel of"
       r" $\sum_{p\ge1}\eta^{p-1}\,(TT^{\ast})^{p}$ without its constant",
       source=STKR, needs=[HAS_MODE],
       routes=("√p K √p by repeated averaging over the table", "from the sᵢ and μᵢ"))
def repeated_averaging_claim(context):
    """In 80 steps, which leave out η⁸⁰."""
    averaged, system = sampling.repeated_averaging(context, ETA, 80), singular_system(context)
    scaled = system.left * sampling.inverse_laplacian(ETA)(system.values**2)
    root = np.sqrt(by_hand.table(context)[1])
    return Sides(*(root[:, None] * K * root for K in (averaged, scaled @ system.left.T)))
