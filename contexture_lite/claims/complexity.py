"""Claims about complexity, and associations that are there by chance (notebook 09)."""

from itertools import permutations, product

import numpy as np

from contexture_lite import sampling
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, SAME, same
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.gallery import masked_tokens
from contexture_lite.spectrum import singular_system

claim = lesson("09", source="our derivation")

RKHS = "Zhai, Liu, Risteski, Kolter, Ravikumar 2024 (arXiv 2306.00788)"
PAIRS, INPUTS = 6, 8  # drawn: 720 permutations, 256 signs


@claim("complexity", "The complexity of a context is the largest value of its kernel",
       r"$\kappa^2 = \max_x k_X^{+}(x,x) = \max_{x,x'}\lvert k_X^{+}(x,x')\rvert"
       r" = 1+\max_x\chi^2(P(\cdot\mid x)\,\Vert\,P_A)$",
       source=RKHS + "; Cauchy–Schwarz",
       routes=("κ²", "largest entry of the kernel; 1 + largest χ² of a row, from the table"))
def largest_of_the_kernel(context):
    P, p, q = by_hand.table(context)
    rows = 1 + np.sum((P / p[:, None] - q) ** 2 / q, axis=1)
    return Sides(sampling.complexity(context), [np.abs(by_hand.kernel(context)).max(), rows.max()])


@claim("complexity-bound", "Strong contexts are complex",
       r"$1+\sum_{i\ge1}s_i^2 \le \kappa^2 \le \frac{1}{\min_x P_X(x)}$",
       source="a mean is at most the largest; data processing from A = X", needs=[HAS_MODE],
       routes=("(1 + Σ sᵢ²) / κ² from the spectrum; κ² min P_X from the table", "1"))
def complexity_bound(context):
    """Each side divided by the larger one."""
    p, kappa2 = by_hand.table(context)[1], sampling.complexity(context)
    energy = 1 + np.sum(singular_system(context).values ** 2)
    return Sides([energy / kappa2, kappa2 * p.min()], 1.0, relation="<=")


def keep_rate(context):
    """(r, n) of n uniform bits that are masked, from the mass of the strings shown whole, or None.

    A column shows a whole string if one input only can show it; they have mass rⁿ.
    """
    (inputs, values), n = context.shape, context.shape[0].bit_length() - 1
    if inputs != 2**n or n == 0 or values not in (1, 2**n, 3**n):
        return None
    P = by_hand.table(context)[0]
    keep = min(P[:, np.count_nonzero(P, axis=0) == 1].sum() ** (1 / n), 1.0)
    masked = by_hand.table(masked_tokens(keep if keep < 1 - SAME else 1.0, n))[0]
    return (keep, n) if same(masked, P) else None


MASKED = Hypothesis(
    "uniform strings of bits, each shown or hidden independently of the others at one rate",
    lambda c: keep_rate(c) is not None, lambda c: "is none", to_compute=True)


@claim("complexity-masked", "Masking: the complexity is exponential in the number of tokens",
       r"$\kappa^2 = (1+r)^n$ for $n$ uniform bits, each shown with probability $r$",
       source=RKHS, needs=[MASKED],
       routes=("κ²", "(1 + r)ⁿ, r from the mass of the strings shown whole"))
def complexity_masked(context):
    keep, n = keep_rate(context)
    return Sides(sampling.complexity(context), (1 + keep) ** n)


@claim("rademacher", "How well a ball of smooth functions fits coin tosses",
       r"$\mathbb{E}_\sigma\sup_{\lVert f\rVert_{\mathcal H}\le B}\frac1n\sum_j\sigma_jf(x_j)"
       r" \le \frac Bn\sqrt{\operatorname{tr}K} \le \frac{B\kappa}{\sqrt n}$",
       source="Rademacher complexity of a kernel ball; " + RKHS,
       routes=("mean over all 2ⁿ signs of B √(σᵀKσ)/n; B √tr K/n", "B √tr K/n; Bκ/√n"))
def rademacher(context):
    """On 8 drawn inputs, B = 1."""
    x, _ = context.sample(INPUTS, given.rng())
    gram = by_hand.kernel(context)[np.ix_(x, x)]
    signs = np.array(list(product([-1, 1], repeat=INPUTS)))
    squares = np.sum(signs @ gram * signs, axis=1)
    exact = np.sqrt(np.maximum(squares, 0)).mean() / INPUTS
    trace = np.sqrt(np.trace(gram)) / INPUTS
    bound = np.sqrt(sampling.complexity(context) / INPUTS)
    return Sides([exact, trace], [trace, bound], relation="<=")


@claim("chance-chi-square", "Few pairs show an association even where there is none",
       r"$\mathbb{E}\sum_i\hat s_i^2 = \frac{(N-1)(M-1)}{n-1}$ over all pairings of $n$ draws in"
       r" which $N$ inputs and $M$ context values occur",
       source="Pearson's statistic with fixed margins, classical",
       routes=("mean χ² of the tables of all n! pairings of drawn pairs", "the formula"))
def chance_chi_square(context):
    n = PAIRS
    x, a = context.sample(n, given.rng())
    (_, x, n_x), (_, a, n_a) = (
        np.unique(v, return_inverse=True, return_counts=True) for v in (x, a)
    )
    orders = np.array(list(permutations(range(n))))
    tables = np.zeros((len(orders), len(n_x), len(n_a)))
    np.add.at(tables, (np.arange(len(orders))[:, None], x, a[orders]), 1)
    expected = np.multiply.outer(n_x, n_a) / n
    chi2 = np.sum((tables - expected) ** 2 / expected, axis=(1, 2)) / n
    return Sides(chi2.mean(), sampling.chance_chi2(len(n_x), len(n_a), n))
