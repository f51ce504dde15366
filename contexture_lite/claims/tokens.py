"""Claims about tokens: merging symbols, blocks of a chain, and what a teacher's tokens add (15)."""

from itertools import combinations

import numpy as np
from scipy.special import entr

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_MODE, TWO_MODES, same, size
from contexture_lite.claims.registry import Hypothesis, Sides, lesson
from contexture_lite.contexts import Context
from contexture_lite.spectrum import singular_system
from contexture_lite.tokens import merge_cost

claim = lesson("15", source="our derivation")

MOST_STATES, LENGTHS = 9, (1, 2, 3)  # tables of 9³ blocks at most
TWO_VALUES = Hypothesis("at least two context values", lambda c: c.shape[1] > 1,
                        lambda c: "has one", to_compute=True)


def merged(P, groups):
    """The table with the columns of each group added, (N, number of groups)."""
    return np.array([P[:, groups == name].sum(axis=1) for name in np.unique(groups)]).T


def pairs_of(context):
    """Every pair of context values, the first 40 of them."""
    return list(combinations(range(context.shape[1]), 2))[:40]


def one_less(P, a, b):
    """The table with value b counted as a."""
    return merged(P, np.where(np.arange(P.shape[1]) == b, a, np.arange(P.shape[1])))


def entropy(p):
    """−Σ p log p, in nats."""
    return entr(p).sum()


def chain(P, length):
    """The distribution of that many states one after another, an array of as many axes."""
    W, path = P / P.sum(axis=1, keepdims=True), P.sum(axis=1)
    for _ in range(length - 1):
        path = path[..., None] * W
    return path


def teacher(context, features):
    """Tokens of every context value and of every input, at random."""
    rng = given.rng()
    return [rng.standard_normal((size, features)) for size in context.shape[::-1]]


@claim("merge-cost", "What counting two symbols as one costs, exactly",
       r"$\chi^2-\chi'^2=\frac{q_aq_b}{q_a+q_b}\sum_x p_x\Big(\frac{P(a\mid x)}{q_a}"
       r"-\frac{P(b\mid x)}{q_b}\Big)^2$",
       source="Ward's merging cost, in the coordinates of correspondence analysis",
       needs=[TWO_VALUES],
       routes=("the formula, for pairs of context values", "χ² of the table before and after"))
def cost_of_a_merge(context):
    P, plain, pairs = by_hand.table(context)[0], Context(context.joint), pairs_of(context)
    after = [by_hand.chi_square(Context(one_less(P, a, b))) for a, b in pairs]
    return Sides([merge_cost(plain, a, b) for a, b in pairs],
                 by_hand.chi_square(context) - np.array(after))


@claim("merge-interlacing",
       "A vocabulary of K symbols loses at most M − K ranks, and gains nothing",
       r"$s_{i+M-K}\le s_i'\le s_i$ for every map of $M$ symbols onto $K$, so "
       r"$\sum_i s_i'^2\le\sum_{i<K}s_i^2$",
       source="Cauchy's interlacing", needs=[HAS_MODE],
       routes=("sᵢ′ after the merge, and the sᵢ₊M₋K", "sᵢ of the context, and the sᵢ′"))
def interlacing(context):
    """Two to M symbols remain, at random."""
    P, M, rng = by_hand.table(context)[0], context.shape[1], given.rng()
    K = rng.integers(2, M + 1)
    groups = rng.permutation(np.r_[np.arange(K), rng.integers(0, K, size=M - K)])
    s = by_hand.values(context)
    after = by_hand.package_values(Context(merged(P, groups)), len(s))
    lost = by_hand.padded(s[M - K:], len(s))
    return Sides([*after, *lost, (after**2).sum()], [*s, *after, (s[:K - 1] ** 2).sum()],
                 relation="<=")


@claim("merge-information", "What a merge costs in information",
       r"$I-I'=(q_a+q_b)\,\mathrm{JS}_w\big(P(x\mid a),P(x\mid b)\big)$, weights"
       r" $w\propto q_a,q_b$",
       source="the chain rule; Brown et al. 1992 merge by this loss", needs=[TWO_VALUES],
       routes=("mutual information before and after", "Jensen–Shannon divergences"))
def information(context):
    P, _, q = by_hand.table(context)
    pairs, before = pairs_of(context), context.mutual_information()
    losses = [before - Context(one_less(P, a, b)).mutual_information() for a, b in pairs]
    divergences = []
    for a, b in pairs:
        w = q[[a, b]] / (q[a] + q[b])
        rows = P[:, [a, b]].T / q[[a, b], None]
        divergences.append((q[a] + q[b]) * (entropy(w @ rows) - w @ list(map(entropy, rows))))
    return Sides(losses, divergences)


STATIONARY = Hypothesis(
    "a stationary chain: X and A among the same states, with the same distribution",
    lambda c: c.shape[0] == c.shape[1] and same(*by_hand.table(c)[1:]), lambda c: "is none")
SQUARE = Hypothesis(f"as many context values as inputs, from 2 to {MOST_STATES}",
                    lambda c: c.shape[0] == c.shape[1] and 1 < c.shape[0] <= MOST_STATES,
                    size, to_compute=True)


@claim("token-blocks", "Longer tokens of a Markov chain: the same spectrum, other bookkeeping",
       r"cut into blocks of $\ell$, the $s_i$ of (block, next block) are those of one step, and the"
       r" unigram cost of a symbol is $h+I(X_1;X_2)/\ell$",
       needs=[SQUARE, STATIONARY],
       routes=("tables of blocks, summed along the chain", "the table of one step"))
def blocks(context):
    P, p, _ = by_hand.table(context)
    N, left, right = len(P), [], []
    rate, shared = entropy(P) - entropy(p), 2 * entropy(p) - entropy(P)
    for length in [k for k in LENGTHS if N**k <= MOST_STATES**2]:
        both = chain(P, 2 * length).reshape(N**length, N**length)
        table = Context.from_counts(both[both.sum(axis=1) > 0][:, both.sum(axis=0) > 0])
        left += [*by_hand.package_values(table, N - 1), entropy(both.sum(axis=1)) / length]
        right += [*by_hand.values(context, N - 1), rate + shared / length]
    return Sides(left, right)


@claim("cosine-loss", "What a student learns by the cosine from a teacher's tokens",
       r"$\min_f\mathbb{E}\,[2-2\cos(f(X),\tau(A))]=2-2\,\mathbb{E}\,\big\lVert\mathbb{E}\big["
       r"\tau/\lVert\tau\rVert\mid X\big]\big\rVert$",
       routes=("the mean of the normalised tokens",
               "the least loss over all directions, from three"))
def cosine_loss(context):
    """Tokens in the plane: along the angle of f the loss is a sine, known from three values."""
    P, p, _ = by_hand.table(context)
    tokens = teacher(context, 2)[0]
    unit = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    closed = 2 - 2 * context.p_x @ np.linalg.norm(context.expect(unit), axis=1)
    angles = 2 * np.pi * np.arange(3) / 3
    losses = P / p[:, None] @ (2 - 2 * unit @ [np.cos(angles), np.sin(angles)])  # (N, 3)
    swing = np.abs(losses @ np.exp(1j * angles)) * 2 / 3
    return Sides(closed, p @ (losses.mean(axis=1) - swing))


@claim("next-and-visible", "Predicting the visible tokens, too, adds their kernel",
       r"the least $\mathbb{E}\lVert\tau(A)-W_1\Phi\rVert^2+\lambda\,\mathbb{E}\lVert v(X)-W_2\Phi"
       r"\rVert^2$ keeps the top eigenfunctions of $\langle m,m'\rangle"
       r"+\lambda\langle v,v'\rangle$, $m=\mathbb{E}[\tau\mid X]$",
       needs=[TWO_MODES],
       routes=("both heads fitted to the eigenfunctions", "what the other eigenvalues leave"))
def next_and_visible(context):
    """For λ = .7 and two features."""
    (P, p, q), weight, d = by_hand.table(context), 0.7, 2
    tau, v = teacher(context, 3)
    root = np.sqrt(p)[:, None]
    seen = np.c_[context.expect(tau), np.sqrt(weight) * v]
    phi = np.linalg.svd(root * by_hand.centred(p, seen))[0][:, :d] / root
    guess = by_hand.fitted(p, phi, context.expect(tau))
    next_loss = np.sum(P * np.sum((tau[None] - guess[:, None]) ** 2, axis=2))
    loss = next_loss + weight * np.sum(p @ (v - by_hand.fitted(p, phi, v)) ** 2)
    m, tau, v = (by_hand.centred(w, f) for w, f in ((p, P @ tau / root**2), (q, tau), (p, v)))
    kept = np.linalg.eigvalsh(root * (m @ m.T + weight * v @ v.T) * root.T)[-d:].sum()
    return Sides(loss, (q @ tau**2).sum() + weight * (p @ v**2).sum() - kept)


@claim("teacher-reorders", "A teacher made of the same context reorders, and adds nothing",
       r"if the teacher's tokens are $\tau_i=\sqrt{c_i}\,\nu_i$, $c_i\ge0$, the student's functions"
       r" are the same $\mu_i$, now in the order of $c_is_i^2$",
       needs=[HAS_MODE],
       routes=("the spectrum of T τ for random cᵢ; what T τ has beside the μᵢ",
               "cᵢ sᵢ² from the table; nothing"))
def reorders(context):
    system = singular_system(context)
    c = given.rng().random(system.rank)
    nu, mu = system.right[:, :system.rank], system.left[:, :system.rank]
    m = context.expect(nu * np.sqrt(c))
    got = np.linalg.eigvalsh(by_hand.gram(context.p_x, m))
    rest = context.p_x @ (m - mu @ by_hand.gram(context.p_x, mu, m)) ** 2
    right = np.sort(c * by_hand.squares(context, system.rank))
    return Sides([*got, rest.sum()], [*right, 0])
