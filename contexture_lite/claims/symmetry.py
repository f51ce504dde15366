"""Claims about groups that act on the inputs: what is forgotten, what moves along (notebook 13)."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_count
from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, SAME, UNIT, size
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.gallery import group_steps, orbits
from contexture_lite.spectrum import singular_system
from contexture_lite.symmetry import (
    averaged,
    fixed_points,
    forgotten_subgroup,
    free_weights,
    group,
    irreducibles,
    number_of_orbits,
    representation,
    soft_burnside,
)
from contexture_lite.tasks import compatibility

claim = lesson("13", source="our derivation")

DIACONIS = "Diaconis 1988 (random walks on groups); for any action our derivation"
BURNSIDE = "the lemma of Burnside, Cauchy and Frobenius"
SMALL = 40  # inputs and context values, for three poses of each


# -- a group to try it with ----------------------------------------------------------


def group_on(context, permutations, seed):
    """The reader's group on the inputs, or a random one of pairs and triples equally likely."""
    if permutations is not None:
        return permutations
    p = by_hand.table(context)[1]
    order = np.random.default_rng(seed).permutation(len(p))
    order = order[np.argsort(np.round(p[order] / p.max(), 10), kind="stable")]
    jumps = np.abs(np.diff(p[order])) > SAME / 10 * p[order][1:]
    alike = np.split(order, np.flatnonzero(jumps) + 1)
    return powers([part for points in alike for part in pairs_and_triples(points)], len(p))


def pairs_and_triples(points):
    """The points cut into two, three, two, … and what is left."""
    ends = np.cumsum(np.tile([2, 3], len(points)))
    return np.split(points, ends[ends < len(points)])


def powers(cycles, n):
    """The group of the one permutation of n points that has these cycles."""
    step = np.arange(n)
    for cycle in cycles:
        step[cycle] = np.roll(cycle, -1)
    return group([step])


def distribution_on(permutations, distribution, seed):
    """The reader's distribution on the group, or a random one."""
    if distribution is not None:
        return distribution
    return np.random.default_rng(seed).dirichlet(np.ones(len(permutations)))


def values_of(context):
    """All singular values but the constant's, by the package."""
    return singular_system(context).values if min(context.shape) > 1 else np.zeros(0)


def stepped(context, permutations, nu):
    """The table of A = gX by sums: P(x, a) = p(x) ν{g : gx = a}."""
    p = by_hand.table(context)[1]
    joint = np.zeros((len(p), len(p)))
    for weight, moved in zip(nu, permutations):
        joint[np.arange(len(p)), moved] += weight * p
    return Context(joint)


# -- what is forgotten ---------------------------------------------------------------


@claim(
    "orbit-context", "A random element of the orbit tells the orbit and nothing else",
    r"$TT^{\ast} = P_{\mathcal O}$, all $s_i\in\{0,1\}$, and with $s_0$ as many ones as orbits,"
    r" $\frac1{\lvert G\rvert}\sum_g\#\{x : gx=x\}$",
    source=BURNSIDE,
    routes=("Σ sᵢ² with s₀, and Σ sᵢ(1 − sᵢ)", "the mean number of fixed points, and 0"),
)
def orbit_context(context, permutations=None, seed=0):
    """The spectrum of the orbit context under the distribution of the inputs."""
    permutations = group_on(context, permutations, seed)
    s = values_of(orbits(permutations, context.p_x))
    return Sides([1 + s @ s, s @ (1 - s)], [fixed_points(permutations).mean(), 0])


KNOWN = Hypothesis(
    "a group that is commutative or has a commutative half",
    lambda context, permutations=None: permutations is None
    or irreducibles(permutations) is not None,
    lambda context: "comes with another one",
    to_compute=True,
)


@claim(
    "group-spectrum", "The distribution of the transformation is the dial",
    r"$A=gX$: the singular values of $\hat\nu(\lambda)=\sum_g\nu(g)D_\lambda(g)$, each $m_\lambda$"
    r" times, $m_\lambda=\frac1{\lvert G\rvert}\sum_g\overline{\chi_\lambda(g)}\,\#\{x : gx=x\}$",
    source=DIACONIS,
    needs=[HAS_MODE, KNOWN],
    routes=("representations and fixed points", "SVD of the table"),
)
def group_spectrum(context, permutations=None, distribution=None, seed=0):
    """The closed form of `gallery.group_steps` and a plain SVD."""
    permutations = group_on(context, permutations, seed)
    nu = distribution_on(permutations, distribution, seed)
    exact = group_steps(permutations, nu, context.p_x).exact_values
    table = by_hand.deflated(stepped(context, permutations, nu))
    return Sides(exact, np.linalg.svd(table, compute_uv=False)[:-1])


@claim(
    "augmentation-counted", "What an augmentation leaves, by counting",
    r"$1+\chi^2 = \mathbb{E}_{g,h\sim\nu}\,\#\{x : gx=hx\}$ for $A=gX$",
    routes=("the mean over two draws", "1 + χ² of the table"),
)
def augmentation_counted(context, permutations=None, distribution=None, seed=0):
    """Points on which two draws of the transformation agree."""
    permutations = group_on(context, permutations, seed)
    nu = distribution_on(permutations, distribution, seed)
    table = stepped(context, permutations, nu)
    return Sides(soft_burnside(permutations, nu), 1 + by_hand.chi_square(table))


@claim(
    "what-is-forgotten", "Forgotten is what g⁻¹h generates, not what g does",
    r"$\#\{i\ge0 : s_i=1\}$ is the number of orbits of the group generated by"
    r" $\{g^{-1}h : g,h\in\mathrm{supp}\,\nu\}$",
    routes=("values 1 of A = gX, with s₀", "orbits of the group that g⁻¹h generates"),
)
def what_is_forgotten(context, permutations=None, support=(1, -1), seed=0):
    """ν random on the elements of the group at the places ``support``."""
    permutations = np.asarray(group_on(context, permutations, seed))
    places = sorted({place % len(permutations) for place in support})
    nu = np.zeros(len(permutations))
    nu[places] = np.random.default_rng(seed).dirichlet(np.full(len(places), 5.0))
    s = values_of(group_steps(permutations, nu, context.p_x))
    left = forgotten_subgroup(permutations[places])
    return Sides(1 + np.sum(s > 1 - UNIT), number_of_orbits(left))


# -- what an invariant model gains and loses ------------------------------------------


@claim(
    "averaging-helps", "If the answer is invariant, averaging any predictor over the group helps",
    r"$\lVert f-f^{\star}\rVert^2 = \lVert P_{\mathcal O}f-f^{\star}\rVert^2"
    r" + \lVert f-P_{\mathcal O}f\rVert^2$ for invariant $f^{\star}$",
    source="Elesedy and Zaidi 2021 (arXiv 2102.10333); Pythagoras",
    routes=("error of f", "error of the average, and what averaging takes away"),
)
def averaging_helps(context, f=None, permutations=None, seed=0):
    """Random f and f*; f* is made invariant by summing over orbits."""
    permutations = group_on(context, permutations, seed)
    p, n = by_hand.table(context)[1], context.shape[0]
    f = given.function_on(n, f, "f", seed)
    star = on_orbits(permutations, p, np.random.default_rng(seed + 1).standard_normal(n))
    mean = averaged(f, permutations)
    return Sides(p @ (f - star) ** 2, p @ (mean - star) ** 2 + p @ (f - mean) ** 2)


def on_orbits(permutations, p, f):
    """The conditional mean of f on the orbit of X."""
    n = len(p)
    reached = np.zeros((n, n))
    for moved in permutations:
        reached[np.arange(n), moved] = 1  # a group: in one step
    return reached @ (p * f) / (reached @ p)


@claim(
    "invariance-cost", "What an invariant model loses",
    r"$\min_{h\ \mathrm{invariant}}\lVert f-h\rVert^2 = \lVert f-P_{\mathcal O}f\rVert^2"
    r" = \mathbb{E}\,\mathrm{Var}(f\mid\mathrm{orbit})$",
    source="Pythagoras",
    routes=("‖f − P f‖², averaged over the group", "variance within orbits, from sums"),
)
def invariance_cost(context, f=None, permutations=None, seed=0):
    """The best invariant predictor is the mean over the group."""
    permutations = group_on(context, permutations, seed)
    p = by_hand.table(context)[1]
    f = given.function_on(context.shape[0], f, "f", seed)
    within = on_orbits(permutations, p, f**2) - on_orbits(permutations, p, f) ** 2
    return Sides(p @ (f - averaged(f, permutations)) ** 2, p @ within)


# -- what moves along ------------------------------------------------------------------


def _keeps_step(context):
    P = by_hand.table(context)[0]
    return P.shape[0] == P.shape[1] and bool(np.abs(np.roll(P, (1, 1), (0, 1)) - P).max() <= SAME)


ON_A_CYCLE = Hypothesis(
    "a square table that stays the same if X and A take one step round the cycle",
    _keeps_step,
    lambda context: "does not",
    to_compute=True,
)


def _cut(context, d):
    """The reader's d, at most the rank; by default the length of the first repeated value."""
    system = singular_system(context)
    first = len(system.groups(UNIT)[0]) if d is None else as_count("d", d)
    return min(first, system.rank)


def _cuts_no_repeat(context, d=None):
    s = np.append(singular_system(context).values, 0)
    d = _cut(context, d)
    return s[d - 1] - s[d] > 1e-6


WHOLE = Hypothesis(
    "d features that cut through no repeated value", _cuts_no_repeat,
    lambda context, d=None: f"has s_d = s_{{d+1}} for d = {_cut(context, d)}",
)


@claim(
    "equivariant-encoder", "A context that moves along has an encoder that moves along",
    r"$P(gx,ga)=P(x,a)$ and $s_d>s_{d+1}$: $\Phi(gx)=R(g)\,\Phi(x)$, $R(gh)=R(g)R(h)$,"
    r" $R(g)=\mathbb{E}[\Phi(gX)\Phi(X)^{\top}]$",
    source="Schur's lemma",
    needs=[HAS_MODE, HAS_ASSOCIATION, ON_A_CYCLE, WHOLE],
    routes=("the features at every shifted input", "powers of R for one step, times the features"),
)
def equivariant_encoder(context, d=None):
    """The first d functions under all shifts of a cycle, from R of a single step."""
    n, d = context.shape[0], _cut(context, d)
    features = singular_system(context, d).left
    step = np.roll(np.arange(n), -1)
    R = representation(features, step, context.p_x)
    left, right = [features], [features]
    for _ in range(min(n, 12)):
        left.append(left[-1][step])
        right.append(right[-1] @ R.T)
    return Sides(left, right)


ENOUGH = Hypothesis(
    f"at most {SMALL} inputs and context values", lambda c: max(c.shape) <= SMALL, size,
    to_compute=True,
)


@claim(
    "content-times-pose", "One dial for both: content and pose",
    r"$A=(c',g+h)$ for $X=(c,g)$: the spectrum is $\{s_i(K)\,\lvert\hat\nu(k)\rvert\}$",
    needs=[ENOUGH],
    routes=("singular values of the pair", "products of the two spectra"),
)
def content_times_pose(context, distribution=None, seed=0):
    """The context as content, and as many poses as ``distribution`` (3 by default) has."""
    nu = distribution_on(range(3), distribution, seed)
    n = len(nu)
    pose = sum(weight * np.roll(np.eye(n), h, axis=1) for h, weight in enumerate(nu)) / n
    both = Context(np.kron(by_hand.table(context)[0], pose))
    content = np.append(1, np.linalg.svd(by_hand.deflated(context), compute_uv=False))
    products = np.multiply.outer(content[:min(context.shape)], np.abs(np.fft.fft(nu)))
    return Sides(values_of(both), np.sort(products.ravel())[::-1][1:])


@claim(
    "compatible-pose", "Invariance is not yes or no",
    r"$\rho(f)^2 = \sum_k\lvert\hat\nu(k)\rvert^2\lVert f_k\rVert^2 \big/"
    r" \sum_k\lVert f_k\rVert^2$ for a task of mean zero on a cycle",
    needs=[HAS_MODE, ON_A_CYCLE],
    routes=("ρ² of the package", "energies of the waves, from Fourier transforms"),
)
def compatible_pose(context, f=None, seed=0):
    """A task is a sum of waves f_k; each keeps |ν̂(k)|² of its energy."""
    f, p = given.unit_task(context, f, seed), by_hand.table(context)[1]
    P = by_hand.table(context)[0]
    energies = np.abs(np.fft.fft(f)) ** 2
    kept = np.abs(np.fft.fft(P[0] / p[0])) ** 2
    return Sides(compatibility(context, f) ** 2, kept @ energies / energies.sum())


@claim(
    "predicted-pose", "Predicting the transformation needs a natural pose",
    r"$X=gX_0$, $A=g$ uniform on a cycle: $s_k^2=\sum_o w_o\,\lvert\hat b_o(k)\rvert^2$, $b_o$ the"
    r" distribution of the natural pose in the orbit $o$",
    routes=("sᵢ² of the table of (gX₀, g)", "Fourier transforms, orbit by orbit"),
)
def predicted_pose(context, seed=0):
    """X₀ has the distribution of the inputs; the group has cycles of two and three of them."""
    p, n = by_hand.table(context)[1], context.shape[0]
    permutations = powers(pairs_and_triples(np.random.default_rng(seed).permutation(n)), n)
    joint = np.zeros((n, len(permutations)))
    for g, moved in enumerate(permutations):
        joint[moved, g] = p / len(permutations)
    natural = p[permutations]  # poses, seen from each point: (|G|, N)
    waves = np.abs(np.fft.fft(natural, axis=0)) ** 2 / natural.sum(axis=0)
    squares = np.zeros(len(permutations))
    squares[:min(joint.shape)] = np.append(1, values_of(Context(joint)) ** 2)
    return Sides(squares, np.sort(waves.mean(axis=1) * n / len(permutations))[::-1])


@claim(
    "free-weights", "How many weights an equivariant layer has",
    r"linear maps that commute with $G$ have dimension"
    r" $\frac1{\lvert G\rvert}\sum_g\mathrm{fix}_X(g)\,\mathrm{fix}_Y(g)$, the number of orbits on"
    r" pairs",
    source="Ravanbakhsh et al. 2017 (arXiv 1702.08389)",
    needs=[ENOUGH],
    routes=("from fixed points", "orbits on pairs, listed"),
)
def free_weights_claim(context, permutations=None, seed=0):
    """A layer from the inputs to the inputs."""
    permutations = np.asarray(group_on(context, permutations, seed))
    n = permutations.shape[1]
    pairs = (permutations[:, :, None] * n + permutations[:, None, :]).reshape(len(permutations), -1)
    return Sides(free_weights(permutations, permutations), len(np.unique(pairs.min(axis=0))))
