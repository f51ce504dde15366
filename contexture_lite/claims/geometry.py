"""Claims about the shape of embeddings: alignment, uniformity, temperature (notebook 11).

Positive pairs are two views of one input throughout, λ_i = s_i².
"""

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from contexture_lite import geometry
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE
from contexture_lite.claims.objectives import info_nce, squared_distance
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.spectrum import singular_system

claim = lesson("11", source="our derivation")


def on_sphere(context):
    """A random encoder of context values, three coordinates, rows of length 1."""
    f = given.function_on((context.shape[1], 3))
    return f / np.linalg.norm(f, axis=1, keepdims=True)


def loss_of(context, f, temperature):
    """InfoNCE of an encoder of unit norm, pair by pair."""
    return info_nce(by_hand.views(context), f @ f.T / temperature)


def least_possible(context, f, temperature):
    """A bound below InfoNCE of *every* unit-norm encoder: its tangent at f, by an eigenvalue.

    The loss is convex in the Gram matrix G = f fᵀ, with gradient D; any other G has trace M, so
    ⟨D, G⟩ ≥ M × the least eigenvalue of D.
    """
    q, gram = by_hand.table(context)[2], f @ f.T
    share = np.exp(gram / temperature - logsumexp(gram / temperature, axis=1, b=q)[:, None]) * q
    gradient = (q[:, None] * share - by_hand.views(context)) / temperature
    gradient = (gradient + gradient.T) / 2
    tangent = len(f) * np.linalg.eigvalsh(gradient)[0] - np.sum(gradient * gram)
    return loss_of(context, f, temperature) + tangent


def tau_c(context):
    """τ_c of a symmetric context, else None."""
    try:
        return geometry.critical_temperature(context)
    except ValueError:
        return None


SYMMETRIC = Hypothesis(
    "views that are invariant under a commutative group which takes every value to every other",
    lambda c: tau_c(c) is not None,
    lambda c: "shows no such symmetry in the order of its values", to_compute=True)
PARTLY_PREDICTED = Hypothesis(
    "0 < s₁ < 1", lambda c: 1e-2 < singular_system(c).values[0] < 1 - 1e-9,
    lambda c: f"has s₁ = {singular_system(c).values[0]:.4g}", to_compute=True)


def clusters_of(context):
    """(K, λ) if the views are those of K equal clusters, else None."""
    kernel = by_hand.views(context) * context.shape[1] ** 2
    same = kernel > kernel.max() - 1e-9
    size = same[0].sum()
    count, value = context.shape[1] // size, 1 - kernel.min()
    expected = np.where(same, 1 + (count - 1) * value, 1 - value)
    even = (same.sum(axis=1) == size).all() and count > 1
    return (count, value) if even and np.abs(kernel - expected).max() < 1e-9 else None


CLUSTERS = Hypothesis(
    "views that stay in one of several equal clusters or move to any other",
    lambda c: clusters_of(c) is not None, lambda c: "has others", to_compute=True)


@claim("alignment-modes", "Alignment is a sum over the singular functions",
       r"$\mathbb{E}\lVert f(A)-f(A^{+})\rVert^2"
       r"=2\sum_{i\ge1}(1-s_i^2)\,\lVert\mathbb{E}f\nu_i\rVert^2$",
       needs=[HAS_MODE],
       routes=("alignment_loss; the sum over all pairs", "from the coefficients on the νᵢ"))
def alignment_modes(context):
    f = on_sphere(context)
    values, nu = by_hand.view_modes(context)
    kept = by_hand.gram(by_hand.table(context)[2], nu, f)
    by_pairs = squared_distance(by_hand.views(context), f, f)
    return Sides([geometry.alignment_loss(context, f), by_pairs],
                 2 * (1 - values) @ np.sum(kept**2, axis=1))


@claim("alignment-wall", "Aligned and uniform exclude each other",
       r"$\mathbb{E}\lVert f-f^{+}\rVert^2\ge2(1-s_1^2)(1-\lVert\mathbb{E}f\rVert^2)$ if all"
       r" $\lVert f(a)\rVert=1$; so at least $2(1-s_1^2)$ if it is uniform on the sphere",
       needs=[HAS_MODE], routes=("2 (1 − s₁²) (1 − ‖E f‖²)", "alignment_loss of a random encoder"))
def alignment_wall(context):
    f = on_sphere(context)
    mean = by_hand.table(context)[2] @ f
    wall = 2 * (1 - singular_system(context).values[0] ** 2) * (1 - mean @ mean)
    return Sides(wall, geometry.alignment_loss(context, f), relation="<=")


@claim("infonce-splits", "InfoNCE is alignment plus uniformity, with t = 1/(2τ)",
       r"$-\frac1\tau\mathbb{E}\langle f,f^{+}\rangle+\mathbb{E}\log\mathbb{E}^{-}"
       r"e^{\langle f,f^{-}\rangle/\tau}=\frac1{2\tau}\mathbb{E}\lVert f-f^{+}\rVert^2"
       r"+\mathbb{E}\log\mathbb{E}^{-}e^{-\lVert f-f^{-}\rVert^2/2\tau}$ if all $\lVert f(a)\rVert"
       r"=1$",
       source="Wang & Isola 2020 (arXiv 2005.10242)",
       routes=("InfoNCE with endless negatives, pair by pair", "the two terms"))
def infonce_splits(context):
    """The limit of many negatives, less the logarithm of their number; τ = .3."""
    f, q, temperature = on_sphere(context), by_hand.table(context)[2], 0.3
    apart = cdist(f, f, "sqeuclidean") / (2 * temperature)
    alignment = geometry.alignment_loss(context, f) / (2 * temperature)
    return Sides(loss_of(context, f, temperature), alignment + q @ logsumexp(-apart, axis=1, b=q))


@claim("contrastive-optimum", "The best contrastive encoder reweighs the singular functions",
       r"$f=\bigoplus_k\sqrt{w_k}\,\nu_k$ with $w=\arg\min-\frac1\tau\sum w_k\lambda_k"
       r"+\log\mathbb{E}_ge^{\frac1\tau\sum w_k\kappa_k(g)}$ minimises InfoNCE among all"
       r" unit-norm encoders",
       needs=[HAS_MODE, SYMMETRIC, PARTLY_PREDICTED],
       routes=("InfoNCE of the package's encoder at τ_c/2 and 2τ_c", "a bound for every encoder"))
def best_contrastive(context):
    sides = []
    for temperature in np.array([0.5, 2.0]) * tau_c(context):
        f = geometry.contrastive_optimum(context, temperature).features
        sides.append((loss_of(context, f, temperature), least_possible(context, f, temperature)))
    return Sides(*np.transpose(sides))


@claim("temperature-line", "Below τ_c, temperature only shrinks the cloud",
       r"$\lVert\mathbb{E}f\rVert^2=(1-\tau/\tau_c)_{+}$ for the best encoder, and its loss does"
       r" not depend on $\tau\le\tau_c$",
       needs=[HAS_MODE, SYMMETRIC, PARTLY_PREDICTED],
       routes=("mean cosine of the best encoder at τ_c/4, 3τ_c/4, 2τ_c; its loss at the second",
               "the line, from the free problem; the loss at the first"))
def temperature_line(context):
    q, parts, losses = by_hand.table(context)[2], np.array([0.25, 0.75, 2.0]), []
    cosines = []
    for temperature in parts * tau_c(context):
        f = geometry.contrastive_optimum(context, temperature).features
        cosines.append(q @ (f @ f.T) @ q)
        losses.append(loss_of(context, f, temperature))
    return Sides([*cosines, losses[1]], [*np.maximum(1 - parts, 0), losses[0]])


@claim("collapse-weight", "Too little uniformity, and one point is the best encoder",
       r"alignment $+\,w\cdot$uniformity is least at a constant encoder iff $wt\le1-s_1^2$",
       needs=[HAS_MODE, SYMMETRIC, PARTLY_PREDICTED],
       routes=("mean cosine of the best encoder for .9 and 1.1 times (1 − s₁²)/t: whether it is 1",
               "yes, no"))
def collapse_weight(context):
    t = 2.0
    at = (1 - singular_system(context).values[0] ** 2) / t
    cosines = [geometry.uniform_optimum(context, part * at, t).mean_cosine for part in (0.9, 1.1)]
    return Sides([float(c > 1 - 1e-9) for c in cosines], [1.0, 0.0])


@claim("cluster-collapse", "InfoNCE puts a whole cluster on one point, without a label",
       r"$K$ equal clusters: cosine 1 inside, $\max(1-\tau\Delta,-\frac1{K-1})$ between,"
       r" $\Delta=\log\frac{1+(K-1)\lambda}{1-\lambda}$, $\tau_c=\frac{K}{(K-1)\Delta}$",
       needs=[HAS_MODE, SYMMETRIC, PARTLY_PREDICTED, CLUSTERS],
       routes=("cosines of the package's encoder at τ_c/2 and 2τ_c; its τ_c", "the closed form"))
def cluster_collapse(context):
    """Also one bit, the channels of n letters, and hidden mixtures of equal letters."""
    count, value = clusters_of(context)
    gap = np.log((1 + (count - 1) * value) / (1 - value))
    same = by_hand.views(context) > by_hand.views(context).max() - 1e-12
    left, right = [tau_c(context)], [count / ((count - 1) * gap)]
    for temperature in (right[0] / 2, 2 * right[0]):
        f = geometry.contrastive_optimum(context, temperature).features
        left.extend(np.ravel(f @ f.T))
        right.extend(np.ravel(np.where(same, 1, max(1 - temperature * gap, -1 / (count - 1)))))
    return Sides(left, right)
