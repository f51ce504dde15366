"""Claims about hidden factors: products, ties, relabellings, one factor at a time (notebook 12)."""

from itertools import permutations

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import CLEAR, HAS_ASSOCIATION, HAS_MODE
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.gallery import independent, product
from contexture_lite.identifiability import pure_modes, relabellings, separates
from contexture_lite.mixing import convex_combination
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import compatibility

claim = lesson("12", source="our derivation")

ANCESTORS = "ours in this form; Singer 2006, Sprekeler, Zito and Wiskott 2014"
MOST_INPUTS, MOST_CELLS = 6, 40_000  # 720 permutations; of the product


def second_factor(other):
    """The reader's context of the second factor, or a random one on 3 × 3."""
    if other is not None:
        return other
    return Context.from_counts(given.rng().gamma(0.6, size=(3, 3)) + 0.05)


def all_products(context, other):
    """The products of 1, s₁, … of both but 1 · 1, falling."""
    one, two = (np.append(1, by_hand.values(factor)) for factor in (context, other))
    return np.sort(np.outer(one, two).ravel())[::-1][1:]


def levels(context, other):
    """(N₁N₂, 2): the two factors of each input of a product."""
    return np.indices((context.shape[0], other.shape[0])).reshape(2, -1).T


SMALL_PRODUCT = Hypothesis(
    "a product of at most 40,000 cells",
    lambda c, other=None: (
        np.prod(c.shape) * (9 if other is None else np.prod(other.shape)) <= MOST_CELLS),
    lambda c: f"has {np.prod(c.shape)} cells for its factor alone", to_compute=True)
FEW_INPUTS = Hypothesis(
    "at most 6 inputs, for all permutations are tried", lambda c: c.shape[0] <= MOST_INPUTS,
    lambda c: f"has {c.shape[0]}", to_compute=True)


def _no_ties(context, other=None):
    """Whether the first three values of the product, those that decide, are apart."""
    top = all_products(context, second_factor(other))[:3]
    return len(top) == 3 and bool((-np.diff(top) > CLEAR).all())


NO_TIES = Hypothesis(
    "three distinct values at the top of the product", _no_ties, lambda c: "repeats one of them")
SIMPLE = Hypothesis(
    "distinct positive singular values",
    lambda c: bool((-np.diff(np.append(by_hand.values(c) ** 2, 0)) > 1e-3).all()),
    lambda c: "repeats one, or nearly", to_compute=True)


@claim("product-spectrum", "Independent factors: all products of singular values",
       r"$T=T_1\otimes T_2$ has the values $s_{1,k}\,s_{2,l}$, $s_{j,0}=1$, whatever names inputs"
       r" and context values have",
       source=ANCESTORS, needs=[HAS_MODE, SMALL_PRODUCT],
       routes=("values of the product, its rows and columns shuffled",
               "products of the factors' values, by SVD of their tables"))
def product_spectrum(context, other=None):
    """``other`` is the second factor's context."""
    other, rng = second_factor(other), given.rng()
    table = product(context, other).joint
    table = table[rng.permutation(len(table))][:, rng.permutation(table.shape[1])]
    found = singular_system(Context(table)).values
    return Sides(found, by_hand.padded(all_products(context, other), len(found)))


@claim("one-per-factor", "When are the first two functions the two factors?",
       r"the first $m$ functions belong to one factor each iff"
       r" $\sigma_m>\max(\sigma_1\sigma_2,\ \max_js_{j,2})$, $\sigma$ the sorted $s_{j,1}$",
       source=ANCESTORS, needs=[HAS_MODE, SMALL_PRODUCT, NO_TIES],
       routes=("the rule, for m = 2",
               "owners of the product's first two functions, by main effects"))
def one_per_factor(context, other=None):
    """1 if one each; ``other`` is the second factor's context."""
    other = second_factor(other)
    system = singular_system(product(context, other))
    owners = pure_modes(system, levels(context, other))[:2]
    return Sides(separates([by_hand.values(context), by_hand.values(other)]),
                 np.sort(owners).tolist() == [0, 1])


@claim("tied-factors", "Equal strengths: every rotation of the two factors is as good",
       r"$f_\theta=\cos\theta\,\mu(z_1)+\sin\theta\,\mu(z_2)$ has $\rho(f_\theta)=s_1$ for all"
       r" $\theta$, but $\kappa_4(f_\theta)=(\cos^4\theta+\sin^4\theta)\,\kappa_4(\mu)$",
       needs=[HAS_MODE, HAS_ASSOCIATION, SMALL_PRODUCT],
       routes=("ρ by the package, fourth moment under P_X, for 5 angles",
               "s₁ and κ₄ of one factor, by SVD of its table"))
def tied_factors(context):
    """The context beside itself: what second moments leave open, fourth moments show."""
    U, values, _ = np.linalg.svd(by_hand.deflated(context))
    p = by_hand.table(context)[1]
    mu = U[:, 0] / np.sqrt(p)
    both, ones = product(context, context), np.ones(len(mu))
    kappa, found, wanted = p @ mu**4 - 3, [], []
    for angle in np.linspace(0, np.pi / 2, 5):
        c, s = np.cos(angle), np.sin(angle)
        f = c * np.kron(mu, ones) + s * np.kron(ones, mu)
        found += [compatibility(both, f), both.p_x @ f**4 - 3]
        wanted += [values[0], (c**4 + s**4) * kappa]
    return Sides(found, wanted)


@claim("one-at-a-time", "Show one factor at a time, and there are no interactions",
       r"$A=(J,A_J)$ with $P(J=j)=w_j$: the values are $\sqrt{w_j}\,s_{j,k}$, and no others",
       needs=[HAS_MODE, SMALL_PRODUCT],
       routes=("values of the revealed mixture, over the inputs of the product",
               "√w_j s_{j,k}, by SVD of the factors' tables"))
def one_at_a_time(context, other=None):
    """The first factor is shown with probability .4."""
    other, w = second_factor(other), given.WEIGHTS
    hidden = [Context(factor.p_x[:, None], x_labels=factor.x_labels)
              for factor in (context, other)]
    mixed = convex_combination([product(context, hidden[1]), product(hidden[0], other)], w)
    found = singular_system(mixed).values
    values = np.concatenate([
        np.sqrt(share) * by_hand.values(factor) for share, factor in zip(w, (context, other))])
    size = max(len(found), len(values))
    return Sides(by_hand.padded(found, size), by_hand.padded(np.sort(values)[::-1], size))


@claim("relabellings", "What no learner can tell apart is a group of relabellings",
       r"$\Phi\circ\sigma$ is as good as $\Phi$ to every objective of $P_X$ and $k_X$, for each"
       r" $\sigma$ with $P_X\circ\sigma=P_X$ and $k_X(\sigma x,\sigma x')=k_X(x,x')$",
       needs=[FEW_INPUTS],
       routes=("their number / N!, found input by input",
               "all N! permutations of the table's kernel"))
def relabellings_claim(context):
    p, kernel = by_hand.table(context)[1], by_hand.kernel(context)
    every = np.array(list(permutations(range(len(p)))))
    same = np.abs(p[every] - p).max(axis=1) < 1e-9
    moved = kernel[every[:, :, None], every[:, None, :]]
    same &= np.abs(moved - kernel).max(axis=(1, 2)) < 1e-9
    return Sides(len(relabellings(context)) / len(every), same.mean())


@claim("unrotate", "Identified is not delivered: PCA takes the rotation back",
       r"features $O\,\mathrm{diag}(s)\,\mu$ with any orthogonal $O$: their principal components"
       r" are the $s_i\mu_i$, with variances $s_i^2$",
       needs=[HAS_MODE, SIMPLE],
       routes=("s² and (√p μ)² of the singular system",
               "PCA of the features after a random rotation"))
def unrotate(context):
    """Squares of the functions, since signs are free."""
    system, p = singular_system(context), by_hand.table(context)[1]
    U, values, _ = np.linalg.svd(by_hand.deflated(context), full_matrices=False)
    k = len(system.values)
    features = (U[:, :k] * values[:k]) @ by_hand.rotation(k, given.rng()) / np.sqrt(p)[:, None]
    variances, axes = np.linalg.eigh(features.T @ (p[:, None] * features))
    scores = (features @ axes)[:, ::-1] ** 2 * p[:, None]
    return Sides([*system.values**2, *(p[:, None] * (system.left * system.values) ** 2).ravel()],
                 [*variances[::-1], *scores.ravel()])


@claim("unseen-factor",
       "A factor that the context does not show can be scrambled inside each level",
       r"beside two letters that the context does not show there are $\lvert G\rvert\cdot2^N$"
       r" relabellings, if no two inputs have the same kernel row; $G$ those of the context alone",
       needs=[FEW_INPUTS, Hypothesis(
             "inputs that the kernel tells apart",
             lambda c: len(np.unique(by_hand.kernel(c).round(7), axis=0)) == c.shape[0],
             lambda c: "has two that are alike")],
       routes=("relabellings of the product", "those of the factor times 2^N"))
def unseen_factor(context):
    """The wreath product, counted; as a share of the second route."""
    both = product(context, independent(2, 2))
    scrambled = len(relabellings(context)) * 2 ** context.shape[0]
    return Sides(len(relabellings(both)) / scrambled, 1.0)
