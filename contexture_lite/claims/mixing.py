"""Claims about chains and mixtures of contexts (notebook 07).

Each is about the reader's context and a second one, which is random; w₁ = .4.
"""

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, MIXING, TWO_INPUTS, UNDIRECTED
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.mixing import convex_combination, convolve
from contexture_lite.spectrum import singular_system

claim = lesson("07", source=MIXING)


@claim("convolution-operator", "A chain of contexts is a product of operators",
       r"$T = T_1T_2$ for $X\to A\to B$, $P(b\mid x)=\sum_a P_1(a\mid x)\,P_2(b\mid a)$",
       routes=("T of the convolution, on every indicator", "T₁ applied to T₂, on every indicator"))
def convolution_operator(context):
    other = given.next_context(context)
    (P, p, _), (channel, q, _) = by_hand.table(context), by_hand.table(other)
    indicators = np.eye(len(channel.T))
    applied = (channel / q[:, None]) @ indicators
    return Sides(convolve(context, other).expect(indicators), (P / p[:, None]) @ applied)


def chain_and_parts(context):
    """s_k of the chain, by the package, and of its two parts, by SVDs of their tables."""
    other, length = given.next_context(context), min(context.shape) - 1
    chain = by_hand.package_values(convolve(context, other), length)
    return chain, by_hand.values(context, length), by_hand.values(other, length)


@claim("convolution-minimum",
       "Convolution weakens: every value falls at least by the other's first",
       r"$s_k(T_1T_2) \le \min\{s_k(T_1)\,s_1(T_2),\ s_1(T_1)\,s_k(T_2)\}$",
       source="the singular values of a product", needs=[HAS_MODE],
       routes=("s_k of the convolution", "the bound, by SVDs of both tables"))
def convolution_minimum(context):
    chain, first, second = chain_and_parts(context)
    return Sides(chain, np.minimum(first * second[0], first[0] * second), relation="<=")


@claim("convolution-products", "The product of the top values falls, whatever their number",
       r"$\prod_{i\le k}s_i(T_1T_2) \le \prod_{i\le k}s_i(T_1)\,s_i(T_2)$ for every $k$",
       source="Horn 1950", needs=[HAS_MODE],
       routes=("products of the first values of the convolution", "of both, by SVDs of the tables"))
def convolution_products(context):
    chain, first, second = chain_and_parts(context)
    return Sides(np.cumprod(chain), np.cumprod(first * second), relation="<=")


def _shifted(first, second, combine):
    """The least combine(first_i, second_j) over i + j − 1 = k, for every k."""
    return np.array([combine(first[: k + 1], second[k::-1]).min() for k in range(len(first))])


@claim("convolution-shifted",
       "What either context lacks, the chain lacks: Weyl's inequality for products",
       r"$s_{i+j-1}(T_1T_2) \le s_i(T_1)\,s_j(T_2)$",
       source="Weyl's inequalities, for products (Fan)", needs=[HAS_MODE],
       routes=("s_k of the convolution",
               "least product with i + j − 1 = k, by SVDs of both tables"))
def convolution_shifted(context):
    chain, first, second = chain_and_parts(context)
    return Sides(chain, _shifted(first, second, np.multiply), relation="<=")


@claim("convolution-order", "Convolution loses information about every function at once",
       r"$TT^{\ast} \preceq T_1T_1^{\ast}$ for $T=T_1T_2$",
       source="the data-processing inequality, for operators",
       routes=("largest eigenvalue of the difference, through the dual kernel", "0"))
def convolution_order(context):
    chained = convolve(context, given.next_context(context))
    excess = by_hand.largest_excess(by_hand.package_operator(chained), by_hand.operator(context))
    return Sides(excess, 0.0, relation="<=")


@claim("convolution-erasures", "Erasing twice keeps the product",
       r"keep rates $r_1$, then $r_2$ ('?' stays '?'): the chain is the erasure with $r_1r_2$",
       source="our derivation", needs=[TWO_INPUTS],
       routes=("the joint of the convolution, for the context's P_X", "the joint of one erasure"))
def convolution_erasures(context):
    """The two rates are .8 and .5."""
    p, first, second = by_hand.table(context)[1], 0.8, 0.5
    size = len(p)
    again = np.vstack([given.erasing(second, size), np.eye(size + 1)[size]])
    once = Context.from_conditional(given.erasing(first, size), p)
    twice = convolve(once, Context.from_conditional(again, once.p_a))
    return Sides(twice.joint, p[:, None] * given.erasing(first * second, size))


@claim("two-steps", "Two steps of a walk square its values: noise composes",
       r"$s_i(T\,T) = s_i(T)^2$ for an undirected walk: bit flips, diffusions, Gaussians",
       source="spectral theorem", needs=[HAS_MODE, UNDIRECTED],
       routes=("sᵢ of the context convolved with itself", "sᵢ², by an SVD of the table"))
def two_steps(context):
    length = min(context.shape) - 1
    values = by_hand.package_values(convolve(context, context), length)
    return Sides(values, by_hand.squares(context, length))


@claim("mixture-kernel", "A mixture that says which context was drawn mixes the kernels",
       r"$k_X^{+} = w_1k_X^{(1)}+w_2k_X^{(2)}$ for $A=(J,A_J)$",
       routes=("√p k_X √p of the combination", "the average of both, from the tables"))
def mixture_kernel(context):
    both, weights = given.two_contexts(context), given.WEIGHTS
    mixed = by_hand.package_operator(convex_combination(both, weights))
    return Sides(mixed, sum(w * by_hand.operator(c) for w, c in zip(weights, both)))


@claim("mixture-energy", "Mixing averages the strength",
       r"$\sum_i s_i^2 = w_1\sum_i s_i^{(1)2}+w_2\sum_i s_i^{(2)2}$",
       source="the trace is linear", needs=[HAS_MODE],
       routes=("sum of sᵢ² of the combination", "average of both χ², summed over the cells"))
def mixture_energy(context):
    both, weights = given.two_contexts(context), given.WEIGHTS
    strength = np.sum(singular_system(convex_combination(both, weights)).values ** 2)
    return Sides(strength, weights @ [by_hand.chi_square(c) for c in both])


def mixture_and_parts(context):
    """s_k² of a mixture, by the package, and w₁s_k², w₂s_k² of its parts, by SVDs of the tables."""
    both, length = given.two_contexts(context), context.shape[0] - 1
    mixed = by_hand.package_values(convex_combination(both, given.WEIGHTS), length) ** 2
    return mixed, *(w * by_hand.values(c, length) ** 2 for w, c in zip(given.WEIGHTS, both))


@claim("mixture-top", "Mixing flattens: the top d never hold more than on average",
       r"$\sum_{i\le d}s_i^2 \le w_1\sum_{i\le d}s_i^{(1)2}+w_2\sum_{i\le d}s_i^{(2)2}$"
       r" for every $d$",
       source="Fan 1949", needs=[HAS_MODE],
       routes=("sums of the first sᵢ² of the combination", "averages, by SVDs of both tables"))
def mixture_top(context):
    mixed, first, second = mixture_and_parts(context)
    return Sides(np.cumsum(mixed), np.cumsum(first + second), relation="<=")


@claim("mixture-weyl", "No value of a mixture exceeds what its parts can bring together",
       r"$s_{i+j-1}^2 \le w_1s_i^{(1)2}+w_2s_j^{(2)2}$",
       source="Weyl's inequalities, for sums", needs=[HAS_MODE],
       routes=("s_k² of the combination", "least sum with i + j − 1 = k, by SVDs of both tables"))
def mixture_weyl(context):
    mixed, first, second = mixture_and_parts(context)
    return Sides(mixed, _shifted(first, second, np.add), relation="<=")


@claim("mixture-hidden", "Hiding which context was drawn never makes a mixture stronger",
       r"$T_{\mathrm{hidden}}T_{\mathrm{hidden}}^{\ast} \preceq \sum_jw_jT_jT_j^{\ast}$",
       source="the data-processing inequality, for operators",
       routes=("largest eigenvalue of hidden less average, through the dual kernel", "0"))
def mixture_hidden(context):
    """The second context has the same context values."""
    both, weights = given.two_contexts(context, context.shape[1]), given.WEIGHTS
    hidden = by_hand.package_operator(convex_combination(both, weights, revealed=False))
    average = sum(w * by_hand.operator(c) for w, c in zip(weights, both))
    return Sides(by_hand.largest_excess(hidden, average), 0.0, relation="<=")


@claim("mixture-erasure",
       "Everything mixed with nothing: an erasure if it shows, weaker if it is hidden",
       r"$A=X$ with probability $r$, else an independent draw: $TT^{\ast}=r\,I+(1-r)\,\mathbb{E}$"
       r" if $A$ says which it was, $r^2I+(1-r^2)\,\mathbb{E}$ if not",
       source="our derivation", needs=[TWO_INPUTS],
       routes=("√p k_X √p of both combinations, for the context's P_X", "the closed forms"))
def mixture_erasure(context):
    """Here r = w₁."""
    p, weights, kernels, closed = by_hand.table(context)[1], given.WEIGHTS, [], []
    size, root, share = len(p), np.sqrt(p), weights[0]
    both = [Context(np.diag(p)), Context(np.multiply.outer(p, p))]
    for revealed, kept in ((True, share), (False, share**2)):
        kernels.append(by_hand.package_operator(convex_combination(both, weights, revealed)))
        closed.append(kept * np.eye(size) + (1 - kept) * np.multiply.outer(root, root))
    return Sides(kernels, closed)
