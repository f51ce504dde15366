"""Claims about supervised and generative objectives: a linear head on an encoder (notebook 04)."""

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import DETERMINISTIC, HAS_MODE, PAPER
from contexture_lite.claims.objectives import Row, register, squared_distance
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

claim = lesson("04", source=PAPER)


HEAD = ", with its best head"
LABELS = r" with $Y$ the one-hot label $A$, "
MEAN = r"$m(x)=\mathbb{E}[Y\mid x]$ and $\kappa_i$ the eigenvalues of $\mathrm{Cov}\,m(X)$"


def label_error(context, guess, scale=1.0):
    """E Σ_j (guess_j(X) − 1[A = j])² scale_j², label by label."""
    P, _, q = by_hand.table(context)
    return squared_distance(P, guess * scale, np.eye(len(q)) * scale)


def with_head(context, phi):
    """The best affine guess of the one-hot label from Φ(x)."""
    P, p, _ = by_hand.table(context)
    return (by_hand.fitted(p, phi, P / p[:, None]),)


def label_modes(context):
    """Eigenvalues κᵢ and eigenfunctions of ⟨m̃(x), m̃(x')⟩, m(x) = P(·|x), from the modes.

    m − E m = Σ sᵢ μᵢ(x) yᵢ with yᵢ(a) = q(a) νᵢ(a): an SVD of the rows sᵢ yᵢ rotates the μᵢ.
    """
    system = singular_system(context)
    rows = system.values[:, None] * system.right.T * np.asarray(context.p_a)
    U, roots, _ = np.linalg.svd(rows, full_matrices=False)
    return roots**2, system.left @ U


def principal_components(context, d):
    """The top d principal components of m(x), mixed and shifted, with their best head."""
    return with_head(context, by_hand.remixed(label_modes(context)[1][:, :d], given.rng()))


def supervised_least(context, d):
    """E ‖Y − m(X)‖² + Σ_{i>d} κᵢ."""
    P, p, _ = by_hand.table(context)
    return label_error(context, P / p[:, None]) + np.sum(label_modes(context)[0][d:])


def balanced_error(context, guess):
    """The same, each label divided by its mass."""
    return label_error(context, guess, 1 / np.sqrt(by_hand.table(context)[2]))


def swapped(context):
    """The same joint with X and A exchanged: denoising is supervised learning there."""
    return Context(context.joint.T)


register(claim, Row(
    name="supervised",
    learns="squared loss learns the principal components of the regression function",
    loss=r"\mathbb{E}\lVert W\Phi(X)+b-Y\rVert^2",
    minimum=r"\mathbb{E}\lVert Y-m(X)\rVert^2+\sum_{i>d}\kappa_i", where=LABELS + MEAN,
    attained=r"by the top $d$ principal components of $m$", encodes="x", of=label_error,
    best=lambda context, modes: principal_components(context, len(modes[0])),
    completed=with_head, least=lambda context, s: supervised_least(context, len(s)),
    completion=HEAD))

register(claim, Row(
    name="class-balanced supervised",
    learns="dividing each coordinate by its class mass gives the contexture",
    loss=r"\mathbb{E}\sum_a\frac{(W_a\Phi(X)+b_a-1[A=a])^2}{q(a)}",
    minimum=r"M-1-\sum_{i\le d}s_i^2", where=" for $M$ classes",
    attained=r"by any basis of the span of $\mu_1,\dots,\mu_d$",
    source=f"{PAPER}, with weights on coordinates in place of examples: our derivation",
    encodes="x", of=balanced_error,
    best=lambda context, modes: with_head(context, by_hand.remixed(modes[1], given.rng())),
    completed=with_head, least=lambda context, s: context.shape[1] - 1 - np.sum(s**2),
    completion=HEAD))


@claim("supervised-kernel",
       "Supervised learning is principal component analysis of the regression function",
       r"$T\Lambda T^{\ast}$ has the kernel $\langle\tilde m(x),\tilde m(x')\rangle$, where"
       r" $\Lambda$ has the kernel $\langle\tilde y_a,\tilde y_{a'}\rangle$ and $m(x)"
       r"=\mathbb{E}[y_A\mid x]$",
       needs=[HAS_MODE],
       routes=("√p Σᵢⱼ sᵢ μᵢ ⟨νᵢ, Λνⱼ⟩ sⱼ μⱼ √p", "inner products of the centred E[y_A given x]"))
def supervised_kernel(context):
    """Two random numbers y_a for each label."""
    P, p, q = by_hand.table(context)
    targets = given.function_on((len(q), 2))
    system, root = singular_system(context), np.sqrt(p)[:, None]
    between = by_hand.gram(q, system.right, by_hand.centred(q, targets))
    modes = root * (system.left * system.values)
    means = root * by_hand.centred(p, P @ targets / p[:, None])
    return Sides(modes @ (between @ between.T) @ modes.T, means @ means.T)


@claim("class-limit", "K classes need no more than K − 1 features",
       r"with $d=\min(N,K)-1$ features the supervised loss is $\mathbb{E}\lVert Y-m(X)\rVert^2$,"
       r" the noise of the one-hot label $Y$: more features cannot help",
       source="our derivation", needs=[HAS_MODE],
       routes=("loss of the best head on μ₁ … μ_d, label by label",
               "1 minus E m(X)², label by label"))
def class_limit(context):
    P, p, _ = by_hand.table(context)
    (guess,) = with_head(context, singular_system(context).left)
    return Sides(label_error(context, guess), 1 - np.sum(P**2 / p[:, None]))


def _uneven(context):
    q = by_hand.table(context)[2]
    return f"has class masses from {q.min():.4f} to {q.max():.4f}"


EQUAL_CLASSES = Hypothesis(
    "classes of equal mass", lambda c: bool(np.ptp(by_hand.table(c)[2]) < 1e-12), _uneven)


@claim("equal-classes",
       "With equal classes, plain labels order the features as the contexture does",
       r"$\kappa_i = s_i^2/K$ for the eigenvalues of $\mathrm{Cov}\,m(X)$,"
       r" $m(x)=\mathbb{E}[Y\mid x]$, if all $K$ classes have mass $1/K$",
       needs=[HAS_MODE, EQUAL_CLASSES],
       routes=("eigenvalues of the covariance of P(a given x)", "sᵢ²/K"))
def equal_classes(context):
    P, p, q = by_hand.table(context)
    means = np.sqrt(p)[:, None] * by_hand.centred(p, P / p[:, None])
    values = singular_system(context).values
    kappa = np.linalg.eigvalsh(means.T @ means)[::-1][: len(values)]
    return Sides(kappa, values**2 / len(q))


@claim("neural-collapse",
       "Labels without noise: features collapse to classes, weighted by their mass",
       r"$\langle m(x),m(x')\rangle = 1[h(x)=h(x')]$ if $A=h(X)$, and its eigenvalues are the class"
       r" masses",
       needs=[DETERMINISTIC],
       routes=("inner products of T applied to class indicators; their eigenvalues",
               "same class or not; the masses"))
def neural_collapse(context):
    P, p, q = by_hand.table(context)
    means, label = context.expect(np.eye(len(q))), P.argmax(axis=1)
    scaled = np.sqrt(p)[:, None] * means
    kernel, same = means @ means.T, label[:, None] == label
    return Sides(np.r_[kernel.ravel(), np.linalg.eigvalsh(scaled.T @ scaled)],
                 np.r_[same.ravel() * 1.0, np.sort(q)])


@claim("simplex", "Equal classes without noise stand at the corners of a simplex",
       r"$\cos(\tilde m(x),\tilde m(x')) = -\frac{1}{K-1}$ between different classes, if $A=h(X)$"
       r" has $K$ values of mass $1/K$",
       source=f"elementary; after the remark on neural collapse in {PAPER}",
       needs=[HAS_MODE, DETERMINISTIC, EQUAL_CLASSES],
       routes=("cosines of the centred class indicators", "1 in a class, −1/(K − 1) between two"))
def simplex(context):
    P, _, q = by_hand.table(context)
    means, label = context.expect(np.eye(len(q))) - q, P.argmax(axis=1)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    return Sides(unit @ unit.T, np.where(label[:, None] == label, 1.0, -1 / (len(q) - 1)))


register(claim, Row(
    name="denoising", learns="reconstruction learns the principal components of the expected input",
    loss=r"\mathbb{E}\lVert W\Psi(A)+b-Y\rVert^2",
    minimum=r"\mathbb{E}\lVert Y-m(A)\rVert^2+\sum_{i>d}\kappa_i",
    where=r" with $Y$ the one-hot input $X$, $m(a)=\mathbb{E}[Y\mid a]$ and $\kappa_i$ the"
          r" eigenvalues of $\mathrm{Cov}\,m(A)$",
    attained=r"by the top $d$ principal components of $m$", encodes="a",
    of=lambda context, guess: label_error(swapped(context), guess),
    best=lambda context, modes: principal_components(swapped(context), len(modes[0])),
    completed=lambda context, psi: with_head(swapped(context), psi),
    least=lambda context, s: supervised_least(swapped(context), len(s)), completion=HEAD))
