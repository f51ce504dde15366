"""Claims about contexts whose spectrum is known in closed form (notebook 02)."""

import numpy as np
from scipy.linalg import dft, hadamard

from contexture_lite._checks import as_count, as_dense
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import DETERMINISTIC, HAS_MODE, is_undirected, same, size
from contexture_lite.claims.registry import TOLERANCE, Hypothesis, Sides, lesson
from contexture_lite.spectrum import singular_system

claim = lesson("02", source="elementary", part=3)

SQUARE = Hypothesis(
    "as many inputs as context values", lambda c: c.shape[0] == c.shape[1], size, to_compute=True)
TWO_BY_TWO = Hypothesis(
    "two inputs and two context values", lambda c: c.shape == (2, 2), size, to_compute=True)
KNOWN = Hypothesis(
    "a context that carries its exact values", lambda c: c.exact_values is not None,
    lambda c: "carries none", to_compute=True)


@claim("closed-form", "The computed spectrum is the one of the formula",
       r"$s_1, s_2, \dots$ are as known in closed form: symmetric, erasing and mixing channels,"
       r" cycles, hypercubes, masks, clusters, trees, Gaussians, thinning",
       source="classical for each family: Fourier and Walsh analysis, Mehler's formula,"
              " Efron–Stein", needs=[HAS_MODE, KNOWN],
       routes=("sᵢ by singular value decomposition", "sᵢ by the formula of the family"))
def closed_form(context, modes=None):
    """The first ``modes``, by default all; of a Gaussian pair, whose nodes are few, 8, to 1e-8."""
    gaussian = _is_gaussian(context)
    modes = (8 if gaussian else len(context.exact_values)) if modes is None else modes
    modes, values = as_count("modes", modes), singular_system(context).values
    tolerance = 1e-8 if gaussian else TOLERANCE
    return Sides(values[:modes], context.exact_values[:modes], tolerance)


@claim("two-by-two", "The only singular value of a two-by-two table",
       r"$s_1 = \frac{\lvert\det P\rvert}{\sqrt{p_0\,p_1\,q_0\,q_1}}$",
       source="the φ coefficient of a fourfold table (Pearson, Yule)", needs=[TWO_BY_TWO],
       routes=("s₁", "from the determinant"))
def two_by_two(context):
    P, p, q = by_hand.table(context)
    by_determinant = abs(np.linalg.det(P)) / np.sqrt(p.prod() * q.prod())
    return Sides(singular_system(context).values[0], by_determinant)


def _is_erasure(context):
    P, p, _ = by_hand.table(context)
    return same(P / p[:, None], given.erasing(P[0, 0] / p[0], len(p)))


ERASURE = Hypothesis(
    "an erasure: every input is shown, or replaced by the last context value, at one rate",
    _is_erasure, lambda c: "is none")


@claim("erasure", "An erasure shrinks every function alike, whatever the distribution of the input",
       r"$TT^{\ast}f = r f + (1-r)\,\mathbb{E}f$, so that $s_i=\sqrt r$ for all $i$,"
       r" if $X$ is shown with probability $r$",
       source="our derivation", needs=[ERASURE],
       routes=("T applied to T* applied to every indicator of an input", "r f + (1 − r) E f"))
def erasure(context):
    P, p, _ = by_hand.table(context)
    keep = P[0, 0] / p[0]
    indicators = np.eye(len(p))
    pushed = context.expect(context.expect_adjoint(indicators))
    return Sides(pushed, keep * indicators + (1 - keep) * p)


def _is_gaussian(context):
    labels = context.x_labels or [None]
    if labels != context.a_labels or not all(isinstance(label, float) for label in labels):
        return False
    (P, p, _), x = by_hand.table(context), np.array(labels)
    moments = [p @ x**k for k in range(1, 7)]
    rho = x @ P @ x
    line = np.sqrt(p) @ np.abs(context.expect(x) - rho * x)
    return bool(np.abs(np.subtract(moments, [0, 1, 0, 3, 0, 15])).max() < 1e-6 and line < 1e-6)


GAUSSIAN = Hypothesis(
    "a pair of standard normals, with its nodes as labels", _is_gaussian, lambda c: "is none",
    to_compute=True)


@claim("hermite-modes", "Of a Gaussian pair, T shrinks each Hermite polynomial",
       r"$T h_k = \rho^k h_k$ with $h_k$ the normalised Hermite polynomial of degree $k$,"
       r" if $(X,A)$ are standard normal with correlation $\rho$",
       source="Mehler 1866", needs=[GAUSSIAN],
       routes=("√p Thₖ at the nodes, from the middle outwards", "√p ρᵏ hₖ at the nodes"))
def hermite_modes(context):
    """For k up to 6; ρ is the correlation of the table."""
    P, p, _ = by_hand.table(context)
    x = np.array(context.x_labels)
    k = np.arange(1.0, 7)
    h = np.polynomial.hermite_e.hermevander(x, 6)[:, 1:] / np.sqrt(np.cumprod(k))
    outwards = np.lexsort((x, np.round(np.abs(x), 6)))
    left, right = context.expect(h), h * (x @ P @ x) ** k
    root = np.sqrt(p[outwards])[:, None]
    return Sides(root * left[outwards], root * right[outwards], tolerance=1e-8)


def _moves_first_row(context, place):
    """Whether every row is the first one, moved: P(x, a) = P(0, place(x, a))."""
    P, x = by_hand.table(context)[0], np.arange(context.shape[0])
    return same(P, P[0][place(x[:, None], x)])


CIRCULANT = Hypothesis(
    "a joint that is the same seen from every point of a cycle",
    lambda c: _moves_first_row(c, lambda x, a: a - x),
    lambda c: "has a row that is not the row above moved by one")


@claim("fourier-modes", "On a cycle, T multiplies each wave by a number",
       r"$T e_k = \lambda_k e_k$, with $e_k(a) = e^{2\pi\mathrm{i}ka/N}$ and"
       r" $\lambda_k = \sum_a P(a\mid 0)\,e_k(a)$",
       source="circulant matrices and the discrete Fourier transform", needs=[SQUARE, CIRCULANT],
       routes=("T applied to cosines and sines", "the waves times λₖ"))
def fourier_modes(context):
    P, p, _ = by_hand.table(context)
    waves = dft(len(p)).conj()  # a column for each k
    pushed = context.expect(waves.real), context.expect(waves.imag)
    expected = waves * (P[0] / p[0] @ waves)
    return Sides(pushed, [expected.real, expected.imag])


@claim("fourier-values", "On a cycle, the spectrum is the Fourier transform of one row",
       r"$\{s_i\} = \{\lvert\lambda_k\rvert : k\ne0\}$, $\lambda$ the discrete Fourier transform of"
       r" $P(\cdot\mid 0)$",
       source="circulant matrices and the discrete Fourier transform",
       needs=[HAS_MODE, SQUARE, CIRCULANT],
       routes=("sᵢ", "absolute values of the transform of the first row, sorted"))
def fourier_values(context):
    P, p, _ = by_hand.table(context)
    transform = np.fft.fft(P[0] / p[0])
    return Sides(singular_system(context).values, np.sort(np.abs(transform[1:]))[::-1])


POWER_OF_TWO = Hypothesis(
    "2ⁿ inputs and as many context values",
    lambda c: SQUARE.test(c) and c.shape[0] & (c.shape[0] - 1) == 0, size, to_compute=True)


FLIPS = Hypothesis(
    "a joint that depends only on which bits differ",
    lambda c: _moves_first_row(c, np.bitwise_xor), lambda c: "does not")


@claim("walsh-modes", "On the hypercube, T multiplies each parity by a number",
       r"$T\chi_S = \lambda_S\,\chi_S$, with $\chi_S(a) = (-1)^{\sum_{j\in S}a_j}$ and"
       r" $\lambda_S = \sum_a P(a\mid 0)\,\chi_S(a)$",
       source="Walsh–Fourier analysis on the hypercube", needs=[POWER_OF_TWO, FLIPS],
       routes=("T applied to every parity", "the parities times λ_S"))
def walsh_modes(context):
    P, p, _ = by_hand.table(context)
    parities = hadamard(len(p), float)  # (−1)^(number of bits of a in S), a column for each S
    return Sides(context.expect(parities), parities * (P[0] / p[0] @ parities))


@claim("walsh-values", "On the hypercube, the spectrum is the Walsh transform of one row",
       r"$\{s_i\} = \{\lvert\lambda_S\rvert : S\ne\emptyset\}$, $\lambda$ the Walsh transform of"
       r" $P(\cdot\mid 0)$",
       source="Walsh–Fourier analysis on the hypercube", needs=[HAS_MODE, POWER_OF_TWO, FLIPS],
       routes=("sᵢ", "absolute values of the transform of the first row, sorted"))
def walsh_values(context):
    P, p, _ = by_hand.table(context)
    transform = P[0] / p[0] @ hadamard(len(p))
    return Sides(singular_system(context).values, np.sort(np.abs(transform[1:]))[::-1])


SYMMETRIC = Hypothesis("a symmetric joint, P(x, a) = P(a, x)", is_undirected, lambda c: "is not")


@claim("symmetric-walk",
       "Of a reversible walk, the singular values are the sizes of the eigenvalues",
       r"$\{s_i\} = \{\lvert\lambda_i\rvert\}$, $\lambda_i$ the eigenvalues of the walk"
       r" $P(a\mid x)$ without the constant one, if $P = P^{\top}$",
       source="reversible Markov chains; Zhai et al. 2025 (arXiv 2505.01557) on graphs,"
              " with absolute values", needs=[HAS_MODE, SQUARE, SYMMETRIC],
       routes=("sᵢ", "absolute eigenvalues of the walk's matrix, sorted, one 1 left out"))
def symmetric_walk(context):
    P, p, _ = by_hand.table(context)
    eigenvalues = np.linalg.eigvals(P / p[:, None])
    rest = np.delete(eigenvalues, np.argmin(np.abs(eigenvalues - 1)))
    return Sides(singular_system(context).values, np.sort(np.abs(rest))[::-1])


# -- labels and extremes -----------------------------------------------------------


@claim("deterministic-values", "If A is a function of X, every singular value is 1",
       r"$s_i = 1$ for $i \le \mathrm{card}\,h - 1$ if $A=h(X)$ takes $\mathrm{card}\,h$ values",
       needs=[HAS_MODE, DETERMINISTIC], routes=("sᵢ", "1"))
def deterministic_values(context):
    return Sides(singular_system(context).values, 1.0)


@claim("deterministic-kernel", "If A is a function of X, the dual kernel says: same class or not",
       r"$k_X^{+}(x,x') = \frac{1[h(x)=h(x')]}{P(h(x))}$ if $A=h(X)$",
       taught_in="01", needs=[DETERMINISTIC],
       routes=("k_X", "1 / P(class) inside a class, 0 between classes"))
def deterministic_kernel(context):
    P, _, q = by_hand.table(context)
    label = P.argmax(axis=1)
    kernel = as_dense(context.dual_kernel())
    return Sides(kernel, (label[:, None] == label) / q[label])


@claim("label-rank", "A label with K classes has at most K − 1 features",
       r"$\mathrm{card}\{i\ge1 : s_i>0\} \le K-1$ if $A$ takes $K$ values",
       routes=("rank of P − p qᵀ", "K − 1"))
def label_rank(context):
    expected = np.multiply.outer(context.p_x, context.p_a)
    matrix = (as_dense(context.joint) - expected) / np.sqrt(expected)
    return Sides(np.linalg.matrix_rank(matrix, tol=1e-10), context.shape[1] - 1, relation="<=")


INDEPENDENT = Hypothesis(
    "an input that says nothing about the context",
    lambda c: same(by_hand.table(c)[0], np.multiply.outer(c.p_x, c.p_a)),
    lambda c: f"has χ² = {c.chi2():.4f}")


@claim("independent", "Too weak: without association T averages everything away",
       r"$Tg = \mathbb{E}\,g$ for every $g$, so that $s_i=0$ for $i\ge1$, if $P^{+}=P_X\times P_A$",
       taught_in="01", needs=[INDEPENDENT],
       routes=("T applied to every indicator of a context value", "P_A in every row"))
def independent(context):
    _, _, q = by_hand.table(context)
    return Sides(context.expect(np.eye(len(q))), np.broadcast_to(q, context.shape))


BIJECTION = Hypothesis(
    "A a relabelling of X", lambda c: SQUARE.test(c) and DETERMINISTIC.test(c),
    lambda c: f"{size(c)} with {np.count_nonzero(by_hand.table(c)[0])} positive cells")


@claim("identity", "Too strong: a context that names its input keeps everything",
       r"$\lVert Tg\rVert_{P_X} = \lVert g\rVert_{P_A}$ for every $g$, so that all $s_i=1$,"
       r" if $A$ is a bijection of $X$",
       taught_in="01", needs=[BIJECTION],
       routes=("inner products of T applied to every indicator", "P_A on the diagonal"))
def identity(context):
    _, p, q = by_hand.table(context)
    pushed = context.expect(np.eye(len(q)))
    return Sides(by_hand.gram(p, pushed), np.diag(q))
