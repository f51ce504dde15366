"""The running cast: contexts whose singular values are known in closed form.

Each function returns a dense `Context` with ``exact_values``, the non-constant singular
values of the formula (largest first, zeros included). The first argument is the strength
of the association: 0 makes X and A independent and 1 is the strongest of the family,
unless the docstring says otherwise. N and M stay the same while the strength moves, except
where a context value loses all its mass (less than 1e-150 is left), as "?" does in an
erasure that keeps everything: such a value is left out, with its label.

Arguments out of range raise ValueError, arguments of a wrong kind TypeError; both name the
argument. No context here has more than 25 million cells (200 MB).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product
from math import comb
from numbers import Real

import numpy as np

from contexture_lite._checks import as_count, as_numbers, refuse_cells
from contexture_lite.contexts import SUM_TOLERANCE, Context

LARGEST_SIDE = 5000
LARGEST_TABLE = LARGEST_SIDE**2
STRONGEST_GAUSSIAN = 0.95
RAREST_INPUT = 1e-100
NEVER = 1e-150  # a context value of less mass is left out; its singular value is below 1e-25
OUTERMOST_NODE = 10.0  # a standard normal is beyond it with probability 2e-23


def binary_channel(strength, prior=0.5):
    """One bit, flipped with probability ε = (1 − strength) / 2.

    P(a|x) = 1 − ε if a = x, else ε, and P(X = 1) = π. The one singular value is
    s₁ = |1 − 2ε| √(π(1 − π) / (q(1 − q))) with q = P(A = 1) = π(1 − 2ε) + ε.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − 2ε, which is s₁ itself for a fair bit.
    prior : float strictly between 0 and 1, and not below 1e-100
        π.

    Source: the binary symmetric channel (Shannon 1948); its maximal correlation,
    Witsenhausen 1975.
    """
    strength, pi = _fraction("strength", strength), _fraction("prior", prior)
    if not RAREST_INPUT <= pi < 1:
        raise ValueError(f"prior is {prior}; it must lie strictly between 0 and 1 (>= 1e-100)")
    flip = (1 - strength) / 2
    q = pi * strength + flip
    value = strength * np.sqrt(pi * (1 - pi) / (q * (1 - q)))
    rows = np.array([[1 - flip, flip], [flip, 1 - flip]])
    return _channel(rows, [value], ["0", "1"], ["0", "1"], p_x=np.array([1 - pi, pi]))


def symmetric_channel(strength, n=4):
    """One of n letters, sent right with probability 1 − ε, else as any other letter.

    P(a|x) = 1 − ε if a = x, else ε/(n − 1), X uniform. s_i = |1 − εn/(n − 1)| for
    i = 1 … n − 1. It is the hidden mixture of a uniform law.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − εn/(n − 1), so ε = (1 − strength)(n − 1)/n.
    n : int from 2 to 5000
        Letters.

    Source: the n-ary symmetric channel (Shannon 1948).
    """
    strength, n = _fraction("strength", strength), _size("n", n, 2)
    error = (1 - strength) * (n - 1) / n
    rows = np.full((n, n), error / (n - 1))
    np.fill_diagonal(rows, 1 - error)
    return _channel(rows, np.full(n - 1, strength), _names(n), _names(n))


def erasure(strength, n=None, p=None):
    """A shows X with probability 1 − δ, and "?" otherwise.

    P(x|x) = 1 − δ, P(?|x) = δ. s_i = √(1 − δ) for i = 1 … n − 1, whatever the law of
    X. A is told whether it is informative: a revealed mixture.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − δ, the probability of being kept. At 1 the column "?" never occurs and is
        left out, at 0 it is the only one; in between the context is n × (n + 1).
    n : int from 2 to 5000, optional
        Inputs; 4 unless p says otherwise.
    p : (n,) array, optional
        Law of X, divided by its sum, then at least 1e-100; uniform by default.

    Source: the erasure channel (Elias 1955); any input law, our derivation.
    """
    keep, p = _fraction("strength", strength), _input_law(n, p)
    n = len(p)
    rows = np.column_stack([keep * np.eye(n), np.full(n, 1 - keep)])
    return _channel(rows, np.full(n - 1, np.sqrt(keep)), _names(n), [*_names(n), "?"], p_x=p)


def hidden_mixture(strength, n=None, p=None):
    """A is X with probability α, else a fresh draw from the law of X; nobody says which.

    P(a|x) = α 1[a = x] + (1 − α) p(a). s_i = α for i = 1 … n − 1, whatever p; the
    erasure, which says which, has √α.

    Parameters
    ----------
    strength : float in [0, 1]
        α.
    n : int from 2 to 5000, optional
        Inputs; 4 unless p says otherwise.
    p : (n,) array, optional
        Law of X, divided by its sum, then at least 1e-100; uniform by default.

    Source: the noise operator T_ρ (O'Donnell, Analysis of Boolean Functions, 2014, ch. 8).
    """
    alpha, p = _fraction("strength", strength), _input_law(n, p)
    n = len(p)
    rows = alpha * np.eye(n) + (1 - alpha) * p
    return _channel(rows, np.full(n - 1, alpha), _names(n), _names(n), p_x=p)


def cycle_walk(strength, n=8):
    """One step of a walk on a ring of n points that stays put with probability r.

    P(x|x) = r, P(x ± 1|x) = (1 − r)/2, X uniform. s = |r + (1 − r) cos(2πk/n)| for
    k = 1 … n − 1; the singular functions are the Fourier modes of frequency k.

    Parameters
    ----------
    strength : float in [0, 1]
        r: 0 is the plain walk, ½ the lazy one, 1 the identity. The plain walk is not
        independence; on an even ring it even has a second value 1, since it always
        changes colour on the two-coloured ring.
    n : int from 3 to 5000

    Source: circulant matrices; random walks on groups (Diaconis 1988).
    """
    stay, n = _fraction("strength", strength), _size("n", n, 3)
    step = np.zeros(n)
    step[[0, 1, -1]] = stay, (1 - stay) / 2, (1 - stay) / 2
    values = stay + (1 - stay) * np.cos(2 * np.pi * np.arange(1, n) / n)
    return _channel(_circulant(step), values, _names(n), _names(n))


def ring_neighbours(half_width, n=8):
    """A is uniform among X and its h neighbours on either side, on a ring of n points.

    P(x + j|x) = 1/(2h + 1) for |j| ≤ h, X uniform.
    s = |1 + 2 Σ_{j≤h} cos(2πkj/n)| / (2h + 1) for k = 1 … n − 1; Fourier modes.

    Parameters
    ----------
    half_width : int from 0 to (n − 1)/2
        h; here *smaller* is stronger: 0 is the identity, and with n = 2h + 1 X and A are
        independent.
    n : int from 3 to 5000

    Source: circulant matrices; the sum is Dirichlet's kernel.
    """
    n = _size("n", n, 3)
    h = _size("half_width", half_width, 0, (n - 1) // 2)
    offsets = np.arange(-h, h + 1)
    window = np.zeros(n)
    window[offsets] = 1 / (2 * h + 1)
    values = np.cos(2 * np.pi * np.outer(np.arange(1, n), offsets) / n).mean(axis=1)
    return _channel(_circulant(window), values, _names(n), _names(n))


def hypercube(strength, n_bits=3):
    """A string of uniform bits, each flipped independently with probability f.

    P(a|x) = f^D (1 − f)^(n − D) with D the number of bits where a and x differ.
    s_S = (1 − 2f)^|S|, one for each non-empty set S of bits; the singular functions are
    the Walsh functions Π_{j∈S} (−1)^{x_j}.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − 2f.
    n_bits : int from 1 to 12

    Source: Walsh functions; the noise operator (O'Donnell 2014, ch. 2).
    """
    strength, n = _fraction("strength", strength), _size("n_bits", n_bits, 1, 12)
    flip = (1 - strength) / 2
    rows = np.ones((1, 1))
    for _ in range(n):
        rows = np.kron(rows, [[1 - flip, flip], [flip, 1 - flip]])
    sizes = np.repeat(np.arange(1, n + 1), [comb(n, j) for j in range(1, n + 1)])
    names = ["".join(bits) for bits in product("01", repeat=n)]
    return _channel(rows, strength**sizes, names, names)


def masked_tokens(keep, n_tokens=3, vocabulary=2, law=None):
    """A string of uniform tokens with some hidden: A = (K, x_K) for a random kept set K.

    X is uniform on v^n strings. For each non-empty set S of positions
    s_S² = Pr(S ⊆ K), (v − 1)^|S| times; for v = 2 the singular functions of X are the
    Walsh functions. K is drawn in two steps: the law draws a set L, then each position
    of L is kept with probability ``keep``, so that Pr(S ⊆ K) = keep^|S| Pr(S ⊆ L).

    Parameters
    ----------
    keep : float in [0, 1]
        Without a law, the probability that a token is shown. With keep = 1 the kept
        set is the law's own, K = L. Kept sets that never occur have no column, so M is
        (1 + v)^n in between, less at 0 and, for most laws, at 1.
    n_tokens, vocabulary : int
        n ≥ 1 and v ≥ 2, with v^n ≤ 5000.
    law : None, "prefix", "hide_one" or dict
        None: L is the whole string. "prefix": its first ℓ tokens, ℓ uniform on 0 … n
        (Pr(S ⊆ L) = 1 − max S/(n + 1), positions counted from 1). "hide_one": all but
        one, uniformly (Pr(S ⊆ L) = 1 − |S|/n). Else {tuple of kept positions, from 0:
        probability}, summing to 1 within 1e-8.

    Labels show the hidden tokens as "·". Source: our derivation, from the decomposition
    of Efron and Stein 1981.
    """
    keep = _fraction("keep", keep)
    n, v = _size("n_tokens", n_tokens, 1, 12), _size("vocabulary", vocabulary, 2)
    if v**n > LARGEST_SIDE:
        raise ValueError(
            f"vocabulary ** n_tokens is {v}^{n} = {v**n} strings; at most {LARGEST_SIDE}"
        )
    law = _mask_law(law, n)
    kept_sets = _thinned_sets(law, keep)
    columns = sum(v ** len(kept) for kept in kept_sets)
    if v**n * columns > LARGEST_TABLE:
        raise ValueError(
            f"n_tokens = {n} and vocabulary = {v} give {v**n} × {columns} cells; "
            f"at most {LARGEST_TABLE} in all"
        )
    strings = np.array(list(product(range(v), repeat=n)))
    blocks, a_labels = [], []
    for kept, probability in kept_sets.items():
        code = strings[:, kept] @ v ** np.arange(len(kept))[::-1]
        blocks.append(probability * (code[:, None] == np.arange(v ** len(kept))))
        a_labels += [
            _masked_name(kept, shown, n, v) for shown in product(range(v), repeat=len(kept))
        ]
    subsets = [set(S) for size in range(1, n + 1) for S in combinations(range(n), size)]
    shown = [keep ** len(S) * sum(w for L, w in law.items() if S <= set(L)) for S in subsets]
    values = np.repeat(np.sqrt(shown), [(v - 1) ** len(S) for S in subsets])
    x_labels = [_masked_name(range(n), string, n, v) for string in product(range(v), repeat=n)]
    return _channel(np.hstack(blocks), values, x_labels, a_labels)


def clusters(strength, n_clusters=3, size=3):
    """Equal clusters; A is a random point of X's own cluster, or of another one.

    A is uniform on the own cluster with probability 1 − ε, else uniform on all points of
    the other k − 1. s_i = |1 − εk/(k − 1)| for i = 1 … k − 1, the rest 0; the left
    functions that count are constant on clusters.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − εk/(k − 1), so ε = (1 − strength)(k − 1)/k.
    n_clusters : int, k ≥ 2
    size : int ≥ 1
        Points of each cluster; at most 5000 points in all.

    Source: the balanced stochastic block model (Holland, Laskey and Leinhardt 1983).
    """
    strength = _fraction("strength", strength)
    k, size = _size("n_clusters", n_clusters, 2), _size("size", size, 1)
    _refuse_large("n_clusters * size", k * size)
    error = (1 - strength) * (k - 1) / k
    between = np.full((k, k), error / ((k - 1) * size))
    np.fill_diagonal(between, (1 - error) / size)
    names = _cluster_names(k, size)
    rows = np.kron(between, np.ones((size, size)))
    return _channel(rows, np.full(k - 1, strength), names, names)


def binary_tree(strength, inner=None):
    """Eight points: two halves, each of two leaves, each of two points.

    A falls into X's own half with probability (1 + t)/2; if so, into the own leaf with
    probability (1 + u)/2; and is uniform inside the part so chosen. With a, b, g the
    probabilities of the own leaf, the sibling leaf and the other half, the singular
    values are |a + b − g| = t for the halves, |a − b| = u(1 + t)/2 twice, for the
    leaves within each half, and 0 four times, for the points within each leaf.

    Parameters
    ----------
    strength : float in [0, 1]
        t.
    inner : float in [0, 1], optional
        u; equal to t by default. With strength = 0 and inner > 0 the halves are mixed
        but the leaves are not.

    Source: hierarchical block models; our derivation.
    """
    t = _fraction("strength", strength)
    u = t if inner is None else _fraction("inner", inner)
    own, sibling, other = (1 + t) * (1 + u) / 4, (1 + t) * (1 - u) / 4, (1 - t) / 4
    half = np.array([[own, sibling], [sibling, own]])
    across = np.full((2, 2), other)
    rows = np.kron(np.block([[half, across], [across, half]]), np.full((2, 2), 0.5))
    names = [f"{half}{leaf}{point}" for half, leaf, point in product("LR", "LR", "12")]
    return _channel(rows, [t, u * (1 + t) / 2, u * (1 + t) / 2], names, names)


def deterministic_label(n_classes=3, size=3):
    """A is the class of X, without noise: A = h(X).

    P(a|x) = 1[a = h(x)], X uniform. s_i = 1 for i = 1 … k − 1, and there are no others:
    the dual kernel is 1[h(x) = h(x')] / P(h(x)). Always the strongest association with k
    context values, so it has no strength.

    Parameters
    ----------
    n_classes : int, k ≥ 2
    size : int ≥ 1
        Inputs of each class; at most 5000 in all.

    Source: Zhai et al. 2025, arXiv 2505.01557 (labels as a context).
    """
    k, size = _size("n_classes", n_classes, 2), _size("size", size, 1)
    _refuse_large("n_classes * size", k * size)
    rows = np.kron(np.eye(k), np.ones((size, 1)))
    a_labels = [f"class {c + 1}" for c in range(k)]
    return _channel(rows, np.ones(k - 1), _cluster_names(k, size), a_labels)


def independent(n=5, m=None):
    """X and A uniform and independent: s_i = 0 for all i; the context teaches nothing.

    n and m (n by default) are the numbers of inputs and of context values, 1 to 5000.
    Source: the weakest case.
    """
    n = _size("n", n, 1)
    m = n if m is None else _size("m", m, 1)
    return _channel(np.full((n, m), 1 / m), [], _names(n), _names(m))


def identity(n=5):
    """A = X, uniform on n points: s_i = 1 for i = 1 … n − 1; nothing is left out, or grouped.

    n is an integer from 1 to 5000. Source: the strongest case.
    """
    n = _size("n", n, 1)
    return _channel(np.eye(n), np.ones(n - 1), _names(n), _names(n))


def gaussian_pair(rho, n=140):
    """Two standard normals with correlation ρ, at Gauss–Hermite nodes.

    P(x_i, a_j) ∝ w_i w_j r(x_i, a_j), with nodes x and weights w of the normal law and
    Mehler's density ratio
    r(x, a) = Σ_k ρ^k h_k(x) h_k(a) = exp(−(ρ²(x² + a²) − 2ρxa) / (2(1 − ρ²))) / √(1 − ρ²),
    h_k the normalised Hermite polynomials. s_k = |ρ|^k, and h_k (times sign(ρ)^k on A)
    are the singular functions. Computed from logarithms, so nothing overflows.

    Parameters
    ----------
    rho : float in [−0.95, 0.95]
        ρ. Nearer to ±1 the ridge r is narrower than the distance between the nodes.
    n : int from 16 + 6/(1 − |ρ|) to 300
        Nodes of the rule. The default is enough for every allowed ρ, a smaller n makes a
        smaller picture. The range keeps the first 8 singular values right to 1e-8; the
        later ones, which need x farther out, are approximate. Nodes beyond ±10 (mass
        below 1e-22) are left out: the default has 74 points. Then Σ s_i² falls short of
        ρ²/(1 − ρ²) by 1e-8 at ρ = 0.7, .006 at 0.9 and .23 at 0.95; the mutual
        information is −½ log(1 − ρ²) to 1e-9 for all ρ.

    The labels are the nodes themselves, as floats. Source: Mehler 1866; Lancaster 1958.
    """
    rho = _fraction("rho", rho, -STRONGEST_GAUSSIAN, STRONGEST_GAUSSIAN)
    n = _size("n", n, 1, 300)
    needed = int(np.ceil(16 + 6 / (1 - abs(rho)) - 1e-9))
    if n < needed:
        raise ValueError(
            f"n is {n}; rho = {rho:g} needs at least {needed} nodes (16 + 6/(1 - |rho|))"
        )
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    inside = np.abs(nodes) <= OUTERMOST_NODE
    nodes, log_w = nodes[inside], np.log(weights[inside])
    squares, products = np.add.outer(nodes**2, nodes**2), np.multiply.outer(nodes, nodes)
    log_ratio = -(rho**2 * squares - 2 * rho * products) / (2 * (1 - rho**2))
    labels = nodes.tolist()
    return Context.from_counts(
        np.exp(np.add.outer(log_w, log_w) + log_ratio),
        x_labels=labels,
        a_labels=labels,
        exact_values=np.abs(rho) ** np.arange(1, len(nodes)),
    )


def circle_crops(strength, n=64):
    """X is a direction, A the centre of a crop that looks up to w to either side of it.

    X is uniform on n equally spaced points of a circle, A uniform in the window
    X ± w, w = (1 − strength)π, and rounded to the nearest point: a point that the window
    covers only in part has that part of the weight. In steps of 2π/n the window reaches
    h = n(1 − strength)/2 (a narrower one than h = ½ is rounded to X itself), which is
    m + ½ + f with an integer m and 0 ≤ f < 1, and for k = 1 … n − 1
    s_k = |D_m(θ) + 2f cos((m + 1)θ)| / (2h), θ = 2πk/n, D_m(θ) = sin((m + ½)θ) / sin(θ/2).
    As n grows s_k → |sin(kw)/(kw)|, which is not monotone in the frequency k; the
    singular functions are the Fourier modes.

    Parameters
    ----------
    strength : float in [0, 1]
        1: the crop is where X is; 0: anywhere on the circle.
    n : int from 3 to 5000

    The labels are angles in degrees, as floats. Source: the Fourier series of a window
    (Dirichlet's kernel; sinc in the limit).
    """
    strength, n = _fraction("strength", strength), _size("n", n, 3)
    h = max(n * (1 - strength) / 2, 0.5)
    offsets = np.arange(-n, n + 1)
    covered = np.clip(h + 0.5 - np.abs(offsets), 0, 1) / (2 * h)
    window = np.bincount(offsets % n, weights=covered, minlength=n)
    labels = (360 * np.arange(n) / n).tolist()
    return _channel(_circulant(window), _crop_values(h, n), labels, labels)


def binomial_thinning(strength, n=5, p=0.5):
    """X counts n tosses of a p-coin; A is what is left when each head survives with chance r.

    X ~ Bin(n, p), A | X ~ Bin(X, r). s_k = (r(1 − p)/(1 − pr))^{k/2} for k = 1 … n; the
    singular functions are Krawtchouk polynomials of degree k.

    Parameters
    ----------
    strength : float in [0, 1]
        r. At 0 only A = 0 is left and the context is (n + 1) × 1, else
        (n + 1) × (n + 1); a tiny r loses the high counts.
    n : int from 1 to 50
    p : float in [0.01, 0.99]

    The labels are the counts. Source: thinning (Rényi 1956); polynomial expansions of
    bivariate laws, Eagleson 1964.
    """
    r, n, p = _fraction("strength", strength), _size("n", n, 1, 50), _fraction("p", p, 0.01, 0.99)
    counts = list(range(n + 1))
    rows = np.array([_binomial(x, r, n) for x in counts])
    values = (r * (1 - p) / (1 - p * r)) ** (np.arange(1, n + 1) / 2)
    return _channel(rows, values, counts, counts, p_x=_binomial(n, p, n))


def examples():
    """Fifteen of them at one setting each: {readable name: Context}.

    A small table of reference: each is used wherever a statement is tried on all contexts.
    """
    return {
        "binary symmetric, flip .1": binary_channel(0.8),
        "3 letters, strength .5": symmetric_channel(0.5, n=3),
        "erasure of 4, keep .6": erasure(0.6, n=4),
        "hidden mixture of 4, strength .6": hidden_mixture(0.6, n=4),
        "8-cycle walk": cycle_walk(0, n=8),
        "lazy 8-cycle": cycle_walk(0.5, n=8),
        "ring of 8, 3 nearest": ring_neighbours(1, n=8),
        "3-cube, flip .1": hypercube(0.8, n_bits=3),
        "3 clusters of 3, error .1": clusters(0.85, n_clusters=3, size=3),
        "3 classes of 3, no noise": deterministic_label(3, size=3),
        "3 masked bits, keep .6": masked_tokens(0.6),
        "prefix of 3 bits": masked_tokens(1, law="prefix"),
        "one of 3 bits hidden": masked_tokens(1, law="hide_one"),
        "tree of 4 leaves (.6, .3, .1)": binary_tree(0.8, inner=1 / 3),
        "identity of 5": identity(5),
    }


# -- checks -----------------------------------------------------------------------


def _fraction(name, value, least=0, most=1):
    """The argument as a float between ``least`` and ``most``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; it must be a number between {least} and {most}")
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; it must be between {least} and {most}")
    return float(value)


def _size(name, value, least, most=LARGEST_SIDE):
    value = as_count(name, value, least)
    if value > most:
        raise ValueError(f"{name} is {value}; it must be at most {most}")
    return value


def _refuse_large(name, side):
    if side > LARGEST_SIDE:
        raise ValueError(f"{name} is {side}; it must be at most {LARGEST_SIDE}")


def _input_law(n, p):
    """The law of the inputs from the arguments n and p of which either may be None."""
    if n is not None:
        n = _size("n", n, 2)
    if p is None:
        return np.full(n or 4, 1 / (n or 4))
    p = as_numbers("p", p)
    if p.ndim != 1 or not 2 <= len(p) <= LARGEST_SIDE:
        raise ValueError(f"p has shape {p.shape}; it must be (n,) with n from 2 to {LARGEST_SIDE}")
    if n is not None and n != len(p):
        raise ValueError(f"p has {len(p)} probabilities, but n is {n}")
    refuse_cells("p", p, lambda value: ~np.isfinite(value), "must be finite")
    rule = f"must be at least {RAREST_INPUT:g} of the total (or leave that input out)"
    refuse_cells("p", p, lambda value: value <= max(0, RAREST_INPUT * p.sum()), rule)
    return p / p.sum()


def _mask_law(law, n):
    """The argument ``law`` as {sorted tuple of positions: positive probability}."""
    if law is None:
        return {tuple(range(n)): 1.0}
    if isinstance(law, str):
        if law not in ("prefix", "hide_one"):
            raise ValueError(f"law is {law!r}; it must be None, 'prefix', 'hide_one' or a dict")
        if law == "prefix":
            return {tuple(range(length)): 1 / (n + 1) for length in range(n + 1)}
        return {tuple(j for j in range(n) if j != hidden): 1 / n for hidden in range(n)}
    if not isinstance(law, Mapping):
        raise TypeError(f"law is a {type(law).__name__}; it must be None, a name or a dict")
    clean = {}
    for kept, probability in law.items():
        if not isinstance(kept, tuple):
            raise TypeError(f"law has the key {kept!r}; keys are tuples of kept positions")
        positions = [_size(f"position {j!r} in law[{kept!r}]", j, 0, n - 1) for j in kept]
        positions = tuple(sorted(positions))
        if len(set(positions)) < len(positions) or positions in clean:
            raise ValueError(f"law names the kept set {kept!r} or one of its positions twice")
        clean[positions] = _fraction(f"law[{kept!r}]", probability)
    total = sum(clean.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"law sums to {total:.10g}; its probabilities must sum to 1")
    return {kept: probability / total for kept, probability in clean.items() if probability > 0}


# -- channels ---------------------------------------------------------------------


def _channel(rows, values, x_labels, a_labels, p_x=None):
    """The context of P(a|x) with its known values, without the a that never occur."""
    joint = rows / len(rows) if p_x is None else rows * p_x[:, None]
    occurs = np.flatnonzero(joint.sum(axis=0) >= NEVER)
    joint = joint[:, occurs]
    known = np.sort(np.clip(np.abs(values), 0, 1))[::-1]
    exact = np.zeros(min(joint.shape) - 1)
    exact[: len(known)] = known[: len(exact)]
    a_labels = [a_labels[j] for j in occurs]
    return Context(joint, x_labels=x_labels, a_labels=a_labels, exact_values=exact)


def _circulant(step):
    """P(a|x) = step[x − a mod n]; every step here is as likely as its reverse."""
    positions = np.arange(len(step))
    return step[np.subtract.outer(positions, positions) % len(step)]


def _crop_values(h, n):
    """Closed form of `circle_crops` for k = 1 … n − 1; h ≥ ½ in steps of the ring."""
    theta = 2 * np.pi * np.arange(1, n) / n
    m = np.floor(h - 0.5)
    dirichlet = np.sin((m + 0.5) * theta) / np.sin(theta / 2)
    return (dirichlet + 2 * (h - 0.5 - m) * np.cos((m + 1) * theta)) / (2 * h)


def _binomial(n, p, most):
    """Probabilities of 0 … most successes in n tosses."""
    chances = [comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)]
    return np.array(chances + [0.0] * (most - n))


def _thinned_sets(law, keep):
    """{kept set: probability}, smallest sets first, when each position survives with ``keep``."""
    sets = {}
    for full, weight in law.items():
        for size in range(len(full) + 1):
            probability = weight * keep**size * (1 - keep) ** (len(full) - size)
            if probability > 0:
                for kept in combinations(full, size):
                    sets[kept] = sets.get(kept, 0.0) + probability
    return dict(sorted(sets.items(), key=lambda item: (len(item[0]), item[0])))


# -- names ------------------------------------------------------------------------


def _names(n):
    return [str(i) for i in range(n)]


def _cluster_names(n_clusters, size):
    return [f"{c + 1}.{i + 1}" for c in range(n_clusters) for i in range(size)]


def _masked_name(kept, shown, n, vocabulary):
    tokens = ["·"] * n
    for position, token in zip(kept, shown):
        tokens[position] = str(token)
    return ("" if vocabulary <= 10 else " ").join(tokens)
