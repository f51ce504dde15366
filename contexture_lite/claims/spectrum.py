"""Claims about the singular system of a context (notebook 02)."""

import numpy as np
from scipy.optimize import minimize

from contexture_lite._checks import as_dense
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, SECTION_2, TWO_MODES, UNIT
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system

claim = lesson("02", source=SECTION_2)


@claim("constant-pair", "The constant pair is the largest, with s₀ = 1",
       r"$1 = s_0 \ge s_1 \ge s_2 \ge \dots \ge 0$, and $T$ takes $\nu_0=1$ to $\mu_0=1$",
       routes=("largest singular value of D_p^{-1/2} P D_q^{-1/2}", "1"))
def constant_pair(context):
    matrix = as_dense(context.matrix())
    return Sides(np.linalg.norm(matrix, 2), 1.0)


@claim("singular-system", "The singular functions map to each other",
       r"$T\nu_i = s_i\mu_i$ and $T^{\ast}\mu_i = s_i\nu_i$",
       needs=[HAS_MODE],
       routes=("√p Tνᵢ and √q T*μᵢ, averaging rows and columns", "√p sᵢμᵢ and √q sᵢνᵢ"))
def singular_functions(context):
    P, p, q = by_hand.table(context)
    system = singular_system(context)
    root = np.sqrt(np.r_[p, q])[:, None]
    left = np.vstack([(P / p[:, None]) @ system.right, (P / q).T @ system.left])
    right = np.vstack([system.left, system.right]) * system.values
    return Sides(root * left, root * right)


@claim("orthonormal", "The singular functions are orthonormal, and have mean zero",
       r"$\langle\mu_i,\mu_j\rangle_{P_X} = \langle\nu_i,\nu_j\rangle_{P_A} = 1[i=j]$,"
       r" with the constants $\mu_0=\nu_0=1$ among them",
       needs=[HAS_MODE],
       routes=("weighted sums of products, the constant first", "identity matrices"))
def orthonormal(context):
    _, p, q = by_hand.table(context)
    system = singular_system(context)
    left = np.c_[np.ones(len(p)), system.left[:, : system.rank]]
    right = np.c_[np.ones(len(q)), system.right[:, : system.rank]]
    return Sides([by_hand.gram(p, left), by_hand.gram(q, right)], np.eye(system.rank + 1))


@claim("expansion", "The joint is the sum of its modes",
       r"$\frac{P^{+}(x,a)}{p(x)\,q(a)} = 1 + \sum_{i\ge1} s_i\,\mu_i(x)\,\nu_i(a)$",
       source="Hirschfeld 1935, Lancaster 1958; " + SECTION_2, needs=[HAS_MODE],
       routes=("P / √(pq), cell by cell", "√(pq) (1 + all the modes)"))
def expansion(context):
    P, p, q = by_hand.table(context)
    root = np.sqrt(np.multiply.outer(p, q))
    return Sides(P / root, singular_system(context).reconstruct() / root)


@claim("kernel-expansions", "Both kernels are sums of the same modes",
       r"$k_X^{+}(x,x') = 1+\sum_{i\ge1} s_i^2\mu_i(x)\mu_i(x')$ and"
       r" $k_A^{+}(a,a') = 1+\sum_{i\ge1} s_i^2\nu_i(a)\nu_i(a')$",
       source="Mercer's expansion; " + SECTION_2, needs=[HAS_MODE],
       routes=("√p k_X √p, then √q k_A √q, from the table", "from the modes and sᵢ²"))
def kernel_expansions(context):
    P, p, q = by_hand.table(context)
    system = singular_system(context)
    left, right = [], []
    for joint, own, other, modes in ((P, p, q, system.left), (P.T, q, p, system.right)):
        root = np.sqrt(np.multiply.outer(own, own))
        left.append((joint / other @ joint.T / root).ravel())
        right.append((root * (1 + (modes * system.values**2) @ modes.T)).ravel())
    return Sides(np.concatenate(left), np.concatenate(right))


def _largest_correlation(P, p, q):
    """The largest corr(f(X), g(A)), by L-BFGS over f and g, from three random starts."""
    rng = given.rng()
    n, root_p, root_q = len(p), np.sqrt(p), np.sqrt(q)
    cells = P / np.multiply.outer(root_p, root_q)

    def minus_correlation(z):  # z holds √p f and √q g; both are centred, then scaled
        u, v = z[:n] - root_p * (root_p @ z[:n]), z[n:] - root_q * (root_q @ z[n:])
        length_u, length_v = np.linalg.norm(u), np.linalg.norm(v)
        u, v = u / length_u, v / length_v
        forward, backward = cells @ v, cells.T @ u
        correlation = u @ forward
        slope_u = (forward - root_p * (root_p @ forward) - correlation * u) / length_u
        slope_v = (backward - root_q * (root_q @ backward) - correlation * v) / length_v
        return -correlation, -np.r_[slope_u, slope_v]

    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 0.0, "gtol": 1e-12, "maxcor": 30}
    best = 0.0
    for _ in range(3):
        start = rng.standard_normal(n + len(q))
        if minus_correlation(start)[0] > 0:  # −1 is flat too: begin on the other side
            start[:n] *= -1
        best = max(best, -minimize(minus_correlation, start, jac=True, method="L-BFGS-B",
                                   options=options).fun)
    return best


@claim("maximal-correlation", "s₁ is the maximal correlation",
       r"$s_1 = \max_{f,g}\ \mathrm{corr}(f(X), g(A))$",
       source="Hirschfeld 1935, Gebelein 1941, Rényi 1959", needs=[HAS_MODE],
       routes=("s₁", "largest correlation an optimiser finds"))
def maximal_correlation(context):
    largest = _largest_correlation(*by_hand.table(context))
    return Sides(singular_system(context).values[0], largest)


@claim("power-iteration", "Alternating conditional expectations are power iteration",
       r"$g\leftarrow T^{\ast}f,\ f\leftarrow Tg$ multiplies"
       r" $\langle f,\mu_2\rangle / \langle f,\mu_1\rangle$ by $(s_2/s_1)^2$ each round",
       source="alternating conditional expectations (ACE): Breiman & Friedman 1985",
       needs=[TWO_MODES, HAS_ASSOCIATION],
       routes=("ratio after three rounds over ratio before, by averaging rows and columns",
               "(s₂/s₁)² to the power of three"))
def power_iteration(context):
    P, p, q = by_hand.table(context)
    system = singular_system(context)
    first, second = by_hand.top_functions(context, 2).T  # where s₂ = 0, any μ₂ will do
    noise = given.function_on(len(p))
    f = first + second + noise - system.left @ (system.left.T @ (p * noise))
    f = f + (1 - p @ (f * second)) * second
    for _ in range(3):
        f = f - p @ f
        g = P.T @ f / q
        g = g - q @ g
        f = P @ g / p
        f = f / (p @ (f * first))  # the component along μ₁ is put back to 1
    ratio = system.values[1] / system.values[0]
    return Sides(p @ (f * second), ratio**6)


@claim("correspondence-analysis", "The sᵢ² are the principal inertias of correspondence analysis",
       r"$s_i^2$ are the variances of the row profiles $P(\cdot\mid x)$ along their principal axes,"
       r" in the metric $\sum_a(\cdot)^2/q(a)$",
       source="correspondence analysis (Benzécri)", needs=[HAS_MODE],
       routes=("eigenvalues of the profiles' weighted scatter", "sᵢ²"))
def correspondence_analysis(context):
    P, p, q = by_hand.table(context)
    system = singular_system(context)
    profiles = (P / p[:, None] - q) / np.sqrt(q)
    inertias = np.linalg.eigvalsh(by_hand.gram(p, profiles))[::-1][: len(system.values)]
    return Sides(inertias, system.values**2)


def _pieces(context, least):
    """Connected components when cells of Q up to ``least`` count as empty."""
    P, p, q = by_hand.table(context)
    cells = P > least * np.sqrt(np.multiply.outer(p, q))
    return Context.from_counts(cells * 1.0, drop_empty=True).components()[0]


NO_THREAD = Hypothesis(
    "pieces that are apart, or joined by more than a thread of 1e-6",
    lambda c: _pieces(c, 1e-6) == c.components()[0],
    lambda c: f"falls into {_pieces(c, 1e-6)} pieces but for such threads")


@claim("components", "Unit singular values count connected components",
       r"$\mathrm{card}\{i\ge0 : s_i=1\}$ is the number of connected components of the graph"
       r" that joins $x$ and $a$ where $P^{+}(x,a)>0$",
       source="Perron–Frobenius, for a bipartite graph", needs=[NO_THREAD],
       routes=("1 + number of sᵢ equal to 1", "components found by walking through the table"))
def components(context):
    cells = by_hand.table(context)[0] > 0
    together = cells @ cells.T  # inputs that share a context value: one step
    for _ in range(len(cells).bit_length()):
        together = together @ together  # twice as many steps
    ones = np.sum(by_hand.package_values(context) > 1 - UNIT)
    return Sides(1 + ones, len(np.unique(together, axis=0)))


@claim("truncation-error", "What d modes leave out",
       r"$\chi^2$-distance of $P^{+}$ from $p\,q\,(1+\sum_{i\le d}s_i\mu_i\nu_i)$"
       r" is $\sum_{i>d}s_i^2$",
       source="Parseval's identity", needs=[HAS_MODE],
       routes=("squared differences over pq, cell by cell", "sum of sᵢ² beyond d"))
def truncation_error(context):
    (P, p, q), d = by_hand.table(context), given.dimension(context)
    picture = singular_system(context, d).reconstruct()
    values = singular_system(context).values
    return Sides(np.sum((P - picture) ** 2 / np.multiply.outer(p, q)), np.sum(values[d:] ** 2))
