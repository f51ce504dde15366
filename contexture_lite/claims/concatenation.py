"""Claims about contexts, and embeddings, that are looked at together (notebook 07).

The second context is random, as in `mixing`.
"""

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import as_dense
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, MIXING, PAPER, TWO_INPUTS, same, size
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.mixing import concatenate, concatenate_embeddings, convex_combination
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import ratio_trace

claim = lesson("07", source="our derivation", part=2)

LARGEST_PRODUCT = 200_000  # cells of the table of two separate inputs

NOT_LARGE = Hypothesis(
    "a table of at most 33,000 cells",
    lambda c: 6 * np.prod(c.shape) <= LARGEST_PRODUCT, size, to_compute=True)


FAIR_FLIP = Hypothesis(
    "a fair bit that is shown as it is, or flipped, at one rate",
    lambda c: c.shape == (2, 2) and same(by_hand.table(c)[0], by_hand.table(c)[0][::-1, ::-1]),
    lambda c: "is none")


@claim("concatenation-table",
       "Contexts observed together: pairs of values, independent given the input",
       r"$P(a_1,a_2\mid x) = P_1(a_1\mid x)\,P_2(a_2\mid x)$",
       source=MIXING,
       routes=("the joint of the concatenation", "input by input, without pairs that never occur"))
def concatenation_table(context):
    both = given.two_contexts(context)
    (P, p, _), (other_P, _, _) = map(by_hand.table, both)
    pairs = np.array([np.multiply.outer(a, b).ravel() / mass
                      for a, b, mass in zip(P, other_P, p)])
    return Sides(as_dense(concatenate(*both).joint), pairs[:, pairs.any(axis=0)])


@claim("concatenation-order",
       "Two observations tell at least what each tells, about every function",
       r"$TT^{\ast} \succeq T_jT_j^{\ast}$ for $A=(A_1,A_2)$ and both parts",
       source="the data-processing inequality, for operators",
       routes=("largest eigenvalue of each part less the concatenation, through its kernel", "0"))
def concatenation_order(context):
    both = given.two_contexts(context)
    joined = by_hand.package_operator(concatenate(*both))
    excess = [by_hand.largest_excess(by_hand.operator(c), joined) for c in both]
    return Sides(excess, 0.0, relation="<=")


@claim("concatenation-values", "Concatenation strengthens: every value grows",
       r"$s_i^{(j)} \le s_i(X,(A_1,A_2))$ for every $i$ and both parts",
       source="the data-processing inequality, for singular values", needs=[HAS_MODE],
       routes=("sᵢ of both parts, by SVDs of the tables", "sᵢ of the concatenation"))
def concatenation_values(context):
    both, length = given.two_contexts(context), context.shape[0] - 1
    joined = by_hand.package_values(concatenate(*both), length)
    return Sides([by_hand.values(c, length) for c in both], joined, relation="<=")


@claim("mixture-and-concatenation", "Drawing one of two contexts tells no more than seeing both",
       r"$\sum_jw_jT_jT_j^{\ast} \preceq TT^{\ast}$ for $A=(A_1,A_2)$",
       routes=("largest eigenvalue of the mixture less the concatenation, through their kernels",
               "0"))
def mixture_and_concatenation(context):
    both = given.two_contexts(context)
    mixed = by_hand.package_operator(convex_combination(both, given.WEIGHTS))
    joined = by_hand.package_operator(concatenate(*both))
    return Sides(by_hand.largest_excess(mixed, joined), 0.0, relation="<=")


@claim("product-context", "Contexts of separate inputs multiply their values",
       r"$s$ of $((X_1,X_2),(A_1,A_2))$ are the products $s_i^{(1)}s_j^{(2)}$, $i,j\ge0$, if the"
       r" pairs $(X_1,A_1)$ and $(X_2,A_2)$ are independent",
       source="singular values of a Kronecker product", needs=[HAS_MODE, NOT_LARGE],
       routes=("sᵢ of the concatenation on pairs of inputs", "products, by SVDs of both tables"))
def product_context(context):
    """The second context has three inputs of its own, and two context values."""
    second = Context.from_counts(given.rng().gamma(0.5, size=(3, 2)) + 0.01)
    p = np.kron(context.p_x, second.p_x)
    one = np.kron(as_dense(context.conditional()), np.ones((3, 1)))
    two = np.kron(np.ones((context.shape[0], 1)), second.conditional())
    joined = concatenate(*(Context.from_conditional(rows, p) for rows in (one, two)))
    values = [np.r_[1, by_hand.values(c, min(c.shape) - 1)] for c in (context, second)]
    products = np.sort(np.multiply.outer(*values).ravel())[::-1][1:]
    return Sides(by_hand.package_values(joined, len(products)), products)


@claim("copies-of-an-erasure", "Copies of an erasure miss only what all of them miss",
       r"$m$ copies, independent given $X$, of the erasure with keep rate $r$:"
       r" $TT^{\ast} = r'I+(1-r')\,\mathbb{E}$, $r'=1-(1-r)^m$",
       needs=[TWO_INPUTS],
       routes=("√p k_X √p of the concatenation, for the context's P_X", "the closed form"))
def copies_of_an_erasure(context):
    """For m = 3 and r = .4."""
    p = by_hand.table(context)[1]
    root, kept = np.sqrt(p), 1 - (1 - 0.4) ** 3
    one = Context(sp.csr_array(p[:, None] * given.erasing(0.4, len(p))))
    closed = kept * np.eye(len(p)) + (1 - kept) * np.multiply.outer(root, root)
    return Sides(by_hand.package_operator(concatenate(*[one] * 3)), closed)


@claim("two-noisy-bits", "Two noisy looks at a bit",
       r"$s_1^2 = \frac{2\rho^2}{1+\rho^2}$ for two observations of a fair bit, each flipped so"
       r" that its $s_1$ is $\rho$",
       needs=[HAS_MODE, FAIR_FLIP],
       routes=("s₁² of the context concatenated with itself", "with ρ² by an SVD of the table"))
def two_noisy_bits(context):
    rho = by_hand.squares(context, 1)[0]
    return Sides(singular_system(concatenate(context, context)).values[0] ** 2, 2 * rho / (1 + rho))


@claim("embeddings-kernel", "Embeddings side by side add their kernels",
       r"$\langle\Phi(x),\Phi(x')\rangle = (k_X^{(1)}-1)+(k_X^{(2)}-1)$ if $\Phi$ holds all"
       r" $s_i^{(1)}\mu_i^{(1)}$ and all $s_i^{(2)}\mu_i^{(2)}$",
       source=MIXING, needs=[HAS_MODE],
       routes=("√p ⟨Φ, Φ⟩ √p of the concatenated embeddings", "from both tables"))
def embeddings_kernel(context):
    both, root = given.two_contexts(context), np.sqrt(by_hand.table(context)[1])
    phi = root[:, None] * concatenate_embeddings(*map(singular_system, both))
    return Sides(phi @ phi.T, sum(map(by_hand.operator, both)) - 2 * np.multiply.outer(root, root))


@claim("embeddings-ratio-trace", "Embeddings side by side lose nothing of either part",
       r"$\mathrm{RT}_j(\Phi) \ge \sum_{i\le d}s_i^{(j)2}$ if $\Phi$ holds"
       r" $s_i^{(1)}\mu_i^{(1)}$ and $s_i^{(2)}\mu_i^{(2)}$, $i\le d$",
       source=f"our derivation, with the ratio trace of {PAPER}", needs=[HAS_MODE],
       routes=("sums of sᵢ² of both parts, by SVDs of the tables",
               "ratio trace of the concatenated embeddings under each part"))
def embeddings_ratio_trace(context):
    both, d = given.two_contexts(context), given.dimension(context)
    counts = [min(d, min(c.shape) - 1) for c in both]
    phi = concatenate_embeddings(*(singular_system(c, k) for c, k in zip(both, counts)))
    own = [np.sum(by_hand.squares(c, k)) for c, k in zip(both, counts)]
    return Sides(own, [ratio_trace(c, phi) for c in both], relation="<=")
