"""Claims about the expectation operator, its kernels and χ² (notebook 01)."""

import numpy as np

from contexture_lite._checks import as_dense, as_numbers
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, SECTION_2
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

claim = lesson("01", source=SECTION_2)


@claim("adjoint", "The adjoint of T averages over the input",
       r"$\langle f, Tg\rangle_{P_X} = \langle T^{\ast}f, g\rangle_{P_A}$,"
       r" and both are $\mathbb{E}[f(X)\,g(A)]$",
       routes=("⟨f, Tg⟩, and E[f(X) g(A)] summed over the table", "⟨T*f, g⟩, twice"))
def adjoint(context):
    P, p, q = by_hand.table(context)
    f, g = given.function_on(len(p)), given.function_on(len(q), 1)
    right = np.sum(q * context.expect_adjoint(f) * g)
    return Sides([np.sum(p * f * context.expect(g)), f @ P @ g], [right, right])


@claim("keeps-constants", "Averaging keeps constants",
       r"$T1 = 1$ and $T^{\ast}1 = 1$", routes=("T1, then T*1", "1"))
def keeps_constants(context):
    n, m = context.shape
    return Sides(np.r_[context.expect(np.ones(m)), context.expect_adjoint(np.ones(n))], 1.0)


@claim("keeps-means", "T keeps means: the tower rule",
       r"$\mathbb{E}[(Tg)(X)] = \mathbb{E}[g(A)]$",
       source="the tower rule of conditional expectation",
       routes=("mean of Tg under P_X", "mean of g under P_A"))
def keeps_means(context):
    _, p, q = by_hand.table(context)
    g = given.function_on(len(q))
    return Sides(p @ context.expect(g), q @ g)


@claim("contraction", "T is a contraction",
       r"$\lVert Tg\rVert_{P_X} \le \lVert g\rVert_{P_A}$",
       source="Jensen's inequality for conditional expectations",
       routes=("length of Tg", "length of g"))
def contraction(context, g=None, weights_x=None, weights_a=None):
    """For a random g, with the marginals as weights, unless the reader brings others."""
    _, p, q = by_hand.table(context)
    g = _brought("g", g, given.function_on(len(q)))
    p, q = _brought("weights_x", weights_x, p), _brought("weights_a", weights_a, q)
    return Sides(np.sqrt(p @ context.expect(g) ** 2), np.sqrt(q @ g**2), relation="<=")


def _brought(name, values, otherwise):
    """The reader's numbers, as many as there are otherwise."""
    return otherwise if values is None else as_numbers(name, values, f"({len(otherwise)},)")


@claim("total-variance", "What T loses is the variance inside the rows",
       r"$\mathrm{Var}\,g(A) = \mathrm{Var}\,(Tg)(X) + \mathbb{E}\,\mathrm{Var}(g(A)\mid X)$",
       source="the law of total variance",
       routes=("variance of g under P_A", "variance of Tg, plus the mean variance within a row"))
def total_variance(context):
    P, p, q = by_hand.table(context)
    g = given.function_on(len(q))
    between = p @ by_hand.centred(p, context.expect(g)) ** 2
    return Sides(q @ by_hand.centred(q, g) ** 2, between + by_hand.within_rows(P, g))


@claim("dual-kernel", "The dual kernel is the kernel of TT*",
       r"$(TT^{\ast}f)(x) = \sum_{x'} k_X^{+}(x,x')\,p(x')\,f(x')$",
       routes=("T applied to T* applied to every indicator of an input", "k_X(x, x') p(x')"))
def dual_kernel(context):
    _, p, _ = by_hand.table(context)
    kernel = as_dense(context.dual_kernel())
    return Sides(context.expect(context.expect_adjoint(np.eye(len(p)))), kernel * p)


@claim("positive-pair-kernel", "The positive-pair kernel is the kernel of T*T",
       r"$(T^{\ast}Tg)(a) = \sum_{a'} k_A^{+}(a,a')\,q(a')\,g(a')$",
       routes=("T* applied to T applied to every indicator of a context value", "k_A(a, a') q(a')"))
def positive_pair_kernel(context):
    _, _, q = by_hand.table(context)
    kernel = as_dense(context.positive_pair_kernel())
    return Sides(context.expect_adjoint(context.expect(np.eye(len(q)))), kernel * q)


@claim("two-views", "The positive-pair kernel is the density ratio of two views",
       r"$k_A^{+}(a,a')\,q(a)\,q(a') = \sum_x p(x)\,P(a\mid x)\,P(a'\mid x)$,"
       r" the distribution of two views of one input",
       routes=("k_A(a, a') q(a) q(a')", "input by input: draw x, then a and a' from its row"))
def two_views(context):
    P, p, q = by_hand.table(context)
    kernel = as_dense(context.positive_pair_kernel())
    pairs = sum(mass * np.multiply.outer(row / mass, row / mass) for row, mass in zip(P, p))
    return Sides(kernel * np.multiply.outer(q, q), pairs)


@claim("chi-square", "χ² is the sum of the squared singular values",
       r"$\chi^2(P^{+}\,\Vert\,P_X\times P_A) = \sum_{i\ge1} s_i^2$",
       source="Hirschfeld 1935, Lancaster 1958; " + SECTION_2, needs=[HAS_MODE],
       routes=("summed over the cells: (P − pq)² / (pq)", "sum of sᵢ²"))
def chi_square_of_values(context):
    return Sides(context.chi2(), np.sum(singular_system(context).values ** 2))


@claim("kernel-trace", "The mean of the dual kernel on its diagonal",
       r"$\mathbb{E}\,k_X^{+}(X,X) = 1 + \sum_{i\ge1} s_i^2$",
       needs=[HAS_MODE], routes=("mean of k_X(x, x) under P_X", "1 + sum of sᵢ²"))
def kernel_trace(context):
    P, p, q = by_hand.table(context)
    diagonal = np.sum((P / p[:, None]) ** 2 / q, axis=1)
    return Sides(p @ diagonal, 1 + np.sum(singular_system(context).values ** 2))


@claim("kernel-spread", "How far the dual kernel is from chance, on independent inputs",
       r"$\mathbb{E}_{X\perp X'}(k_X^{+}(X,X')-1)^2 = \sum_{i\ge1} s_i^4$",
       source="Parseval's identity; " + SECTION_2, needs=[HAS_MODE],
       routes=("mean of (k_X − 1)² over independent pairs", "sum of sᵢ⁴"))
def kernel_spread(context):
    _, p, _ = by_hand.table(context)
    kernel = as_dense(context.dual_kernel())
    return Sides(p @ (kernel - 1) ** 2 @ p, np.sum(singular_system(context).values ** 4))


@claim("kernel-diagonal", "The dual kernel's diagonal is the χ² of a row",
       r"$k_X^{+}(x,x) = 1 + \chi^2(P(\cdot\mid x)\,\Vert\,P_A)$",
       routes=("k_X(x, x)", "1 + sum over a of (P(a∣x) − q(a))² / q(a)"))
def kernel_diagonal(context):
    P, p, q = by_hand.table(context)
    kernel = context.dual_kernel()
    chi2 = np.sum((P / p[:, None] - q) ** 2 / q, axis=1)
    return Sides(kernel.diagonal() if context.is_sparse else np.diag(kernel), 1 + chi2)


@claim("information", "χ² bounds the mutual information",
       r"$I(X;A) \le \log(1+\chi^2)$ (in nats)",
       source="Jensen's inequality",
       routes=("mutual information", "log(1 + χ²), with χ² summed over the cells"))
def information(context):
    bound = np.log1p(by_hand.chi_square(context))
    return Sides(context.mutual_information(), bound, relation="<=")


@claim("view-variance", "How much a function differs between two views",
       r"$\mathbb{E}(g(A)-g(A^{+}))^2 = 2\,\mathbb{E}\,\mathrm{Var}(g(A)\mid X)"
       r" = 2\sum_{i\ge1}(1-s_i^2)\,v_i^2$ for $g=\bar g+\sum_i v_i\nu_i$",
       needs=[HAS_MODE],
       routes=("summed over pairs of views, then over the rows", "from the sᵢ and vᵢ, twice"))
def view_variance(context):
    """What no νᵢ with sᵢ > 0 reaches of g counts with s = 0."""
    P, _, q = by_hand.table(context)
    g = given.function_on(len(q))
    by_views = np.sum(by_hand.views(context) * np.subtract.outer(g, g) ** 2)
    system = singular_system(context)
    v = system.right.T @ (q * g)
    spectral = 2 * (q @ by_hand.centred(q, g) ** 2 - np.sum(system.values**2 * v**2))
    return Sides([by_views, 2 * by_hand.within_rows(P, g)], [spectral, spectral])


def _processed(context):
    """The context with its A processed by a random channel, P(a' | a) of shape (M, K)."""
    P, size = by_hand.table(context)[0], context.shape[1]
    channel = given.channel_from(size, max(2, size // 2))
    return Context(P @ channel, drop_empty=True)


@claim("data-processing", "Post-processing A lowers every singular value",
       r"$s_i(X,A') \le s_i(X,A)$ for every $i$ if $A'$ is made from $A$ by a channel",
       source="the data-processing inequality, for singular values", needs=[HAS_MODE],
       routes=("sᵢ of the processed context", "sᵢ of the context, by an SVD of the table"))
def data_processing(context):
    s = by_hand.values(context)
    after = by_hand.package_values(_processed(context), len(s))
    return Sides(after, s, relation="<=")


@claim("data-processing-order", "Post-processing A lowers TT* as an operator",
       r"$T_{A'}T_{A'}^{\ast} \preceq T_A T_A^{\ast}$ if $A'$ is made from $A$ by a channel",
       source="the data-processing inequality, for operators",
       routes=("largest eigenvalue of the difference of the two TT*", "0"))
def data_processing_order(context):
    after = by_hand.package_operator(_processed(context))
    return Sides(by_hand.largest_excess(after, by_hand.operator(context)), 0.0, relation="<=")


@claim("coarsening", "Merging inputs lowers every singular value",
       r"$s_i(h(X),A) \le s_i(X,A)$ for every $i$ and every function $h$ of the input",
       source="the data-processing inequality, for singular values", needs=[HAS_MODE],
       routes=("sᵢ after merging rows", "sᵢ of the context, by an SVD of the table"))
def coarsening(context):
    P, s = by_hand.table(context)[0], by_hand.values(context)
    groups = given.groups_on(len(P), (len(P) + 1) // 2)
    merged = Context(np.array([P[groups == name].sum(axis=0) for name in np.unique(groups)]))
    return Sides(by_hand.package_values(merged, len(s)), s, relation="<=")
