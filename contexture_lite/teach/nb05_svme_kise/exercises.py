"""Exercises of notebook 05: SVME and KISE."""

import numpy as np
from scipy.linalg import eigh

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    compared,
    moments,
    random_joints,
    refuse,
    with_functions,
)


def _moment_pairs():
    for joint, Phi in with_functions(53, 0, 2):
        yield moments(joint, np.column_stack([Phi, Phi[:, 0] ** 2])[:, :2 + (len(joint) > 3)])


def _ritz(C, B):
    values, V = eigh(B, C)
    return values[::-1], V[:, ::-1]


def _with_our_signs(result, C, B):
    """Real values, and the solution's vectors if those of the result are the same or negative."""
    try:
        values, V = result
        if np.iscomplexobj(values) and close(np.imag(values), np.zeros(len(C))):
            values, V = np.real(values), np.real(V)
        ours = _ritz(C, B)[1]
        return values, ours if close(np.abs(ours.T @ C @ V), np.eye(len(C))) else V
    except (TypeError, ValueError):
        return result


def _not_ritz(wanted, result, C, B):
    try:
        values, V = result
    except (TypeError, ValueError):
        return "return two things: values, V."
    d, wanted = len(C), wanted[0]
    values, V = array_of(values, (d,), "values"), array_of(V, (d, d), "V")
    if close(np.sort(values), np.sort(wanted)) and not close(values, wanted):
        return "right values, but largest first, please, and the columns of V with them."
    if not close(values, wanted):
        return (f"for one pair (C, B) they are {np.round(wanted, 4).tolist()}, yours "
                f"{np.round(values, 4).tolist()}. Solve B v = λ C v; scipy.linalg.eigh(B, C) does.")
    if close(V @ C @ V.T, np.eye(d)) or close(B @ V.T, C @ V.T * values):
        return "V is transposed: the vectors are its columns."
    if not close(B @ V, C @ V * values):
        return "column i of V has to go with value i: B v_i = λ_i C v_i."
    return ("the directions are right, their lengths are not: with Vᵀ C V = I the functions Φ̃ v_i "
            "are orthonormal under P(X).")


def _kernels():
    """(kernel, p, d): the dual kernels of three tables, and one whose integral is not 1."""
    for joint in random_joints():
        context = cl.Context(joint)
        yield context.dual_kernel(), context.p_x, 2
    rng = np.random.default_rng(54)
    points, p = rng.standard_normal((7, 2)), rng.random(7) + 0.1
    yield np.exp(-((points[:, None] - points) ** 2).sum(axis=-1)), p / p.sum(), 2


def _check_hidden(answer):
    for joint in random_joints((8, 6), (7, 9)):
        p = joint.sum(axis=1)
        modes = cl.singular_system(cl.Context(joint), 2)
        mu, best = modes.left, modes.values**2
        given = array_of(call(answer, joint, takes="joint"), (len(p), 4), "Φ")
        Phi = given - p @ given
        spread = np.sqrt(p @ Phi**2)
        refuse(spread.min() < 1e-9, f"output {spread.argmin()} of Φ is constant; after centring "
               "nothing is left of it.")
        Phi = Phi / spread
        C, B = moments(joint, Phi)
        refuse(np.linalg.eigvalsh(C)[0] < 1e-9, "the four outputs depend on each other: after "
               "centring they span fewer than four dimensions.")
        overlap = np.abs(Phi.T @ (p[:, None] * mu))
        if overlap.max() > 0.99:
            i, j = np.unravel_index(overlap.argmax(), overlap.shape)
            raise Hint(f"output {i} of Φ is μ_{j + 1}, or nearly so (correlation "
                       f"{overlap[i, j]:.3f}); mix the outputs.")
        values = _ritz(C, B)[0][:2]
        if not close(values, best):
            refuse(close(_ritz(*moments(joint, given / np.sqrt(p)[:, None]))[0][:2], best),
                   "almost: your functions are in orthonormal coordinates. μ = u/√p.")
            raise Hint(f"the Ritz values are {values[0]:.4f} and {values[1]:.4f}, but s₁² = "
                       f"{best[0]:.4f} and s₂² = {best[1]:.4f}: μ₁ and μ₂ are not both in the "
                       "span.")
    return ("λ₁ = s₁² and λ₂ = s₂² to the last digit: what is in the span can be extracted, "
            "however well it is hidden.")


def _pairs_of_codes():
    """(x, a): island and sex, species and island of penguins in random order; independent pairs."""
    rng, birds = np.random.default_rng(55), cl.datasets.penguins().dropna()
    birds = birds.iloc[rng.permutation(len(birds))]
    for x, a in (("island", "sex"), ("species", "island")):
        yield tuple(np.unique(birds[name], return_inverse=True)[1] for name in (x, a))
    yield tuple(np.r_[0:4, rng.integers(4, size=76)] for _ in range(2))


EXERCISES = (
    compared(
        "ex_05_1", "From a span to ordered functions",
        "A trained encoder Φ gives C = Cov Φ(X) and B = Cov E[Φ(X) | A]. Set `answer` to a "
        "function of `(C, B)` that returns `(values, V)`: λ₁ ≥ λ₂ ≥ … of B v = λ C v, and the "
        "vectors as columns with Vᵀ C V = I, so that the functions (Φ − E Φ) V are orthonormal. "
        "numpy or scipy only.",
        """
from scipy.linalg import eigh

def answer(C, B):
    values, V = eigh(B, C)
    return values[::-1], V[:, ::-1]
""",
        takes="C, B", what="values, V", cases=_moment_pairs,
        tidy=_with_our_signs,
        mistakes={
            "values[::-1], V[:, ::-1] → np.sqrt(values[::-1]), ...":
                "these are s_i; λ_i estimates s_i².",
            ("(np.linalg.eigvalsh(B)[::-1], ...)", "(np.linalg.eigvalsh(B), ...)"):
                "these are the eigenvalues of B alone, which depend on the scale of Φ. Solve B v = "
                "λ C v.",
            ("values[::-1], V[:, ::-1] → 1 / values, ...",
             "values[::-1], V[:, ::-1] → 1 / values[::-1], ..."):
                "these are 1/λ: B and C have changed places.",
        },
        otherwise=_not_ritz,
        right="Φ̃ V are the ordered functions that the span of Φ holds; λ_i ≤ s_i², with equality "
              "for i ≤ k as soon as μ_1 … μ_k are in the span.",
    ),
    compared(
        "ex_05_2", "What KISE can reach",
        "KISE needs no pairs, only a kernel. X and X' are independent with distribution p, and "
        "over encoders Φ with d outputs and Cov Φ = I it maximises E[k(X, X') ⟨Φ̃(X), Φ̃(X')⟩], with "
        "Φ̃ = Φ − E Φ(X). Set `answer` to a function of a positive semidefinite kernel matrix "
        "(N, N), of p (N,) and of d that returns the maximum. It need not be k_X⁺: the kernel may "
        "have any integral. numpy only.",
        """
def answer(kernel, p, d):
    root = np.sqrt(p)
    H = np.eye(len(p)) - np.outer(root, root)
    S = H @ (root[:, None] * kernel * root) @ H
    return np.sort(np.linalg.eigvalsh(S))[-d:].sum()
""",
        takes="kernel, p, d", what="the maximum", cases=_kernels,
        mistakes={
            "[-d:].sum() → [::-1][:d]": "one number, please: the sum of these.",
            "np.outer(root, root) → 0":
                "the constant is counted: Φ̃ is centred, so its eigenvalue is not to be had.",
            "np.sort(np.linalg.eigvals(kernel * p).real)[::-1][1:d + 1].sum()":
                "right if the kernel integrates to 1; here the largest eigenvalue does not belong "
                "to the constant. Project √p out on both sides instead.",
            "np.sort(np.linalg.eigvals((kernel - 1) * p).real)[::-1][:d].sum()":
                "k − 1 is centred only if the kernel integrates to 1. Project √p out on both sides "
                "instead.",
            "np.sqrt(p) → np.full(len(p), len(p)**-0.5)":
                "that treats all inputs alike; X and X' are drawn from p.",
            "np.linalg.eigvalsh(kernel)[-d:].sum()":
                "these are eigenvalues of the bare matrix. (T_k f)(x) = Σ p(x') k(x, x') f(x'): in "
                "orthonormal coordinates √p k √p.",
            "np.sort(np.linalg.eigvalsh(S))[-d:] → np.sqrt(np.linalg.eigvalsh(S)[-d:])":
                "no roots: for k_X⁺ the eigenvalues are s_i², and it is those that add up.",
            "[-d:] → ": "d outputs reach d eigenvalues, the largest ones; that is the sum of all.",
        },
        otherwise=lambda wanted, value, kernel, p, d: (
            f"for one kernel and d = {d} it is {wanted:.4f}, yours gives {value:.4f}. Take the "
            "eigenvalues of H √p k √p H with H = I − √p √pᵀ, and add the d largest."),
        right="Σ_{i≤d} λ_i of the centred kernel; for k_X⁺ it is s₁² + … + s_d², the largest ratio "
              "trace there is.",
    ),
    compared(
        "ex_05_3", "Luck among the penguins",
        "Does the island of a penguin tell its sex? An honest first singular value: set `answer` "
        "to a function of two arrays x and a, the codes 0, 1, … of n pairs, that fits μ₁ and ν₁ to "
        "the first half of the pairs (`cl.Context.from_counts` of their table, then "
        "`cl.singular_system`) and returns the correlation of μ₁(x) and ν₁(a) over the *second* "
        "half. It is tried on the penguins and on pairs drawn independently; every code occurs in "
        "the first half.",
        """
def answer(x, a):
    half = len(x) // 2
    table = np.zeros((x.max() + 1, a.max() + 1))
    np.add.at(table, (x[:half], a[:half]), 1)
    first = cl.singular_system(cl.Context.from_counts(table), 1)

    return np.corrcoef(first.left[x[half:], 0], first.right[a[half:], 0])[0, 1]
""",
        takes="x, a", what="the correlation", cases=lambda: _pairs_of_codes(),
        mistakes={
            ("[half:] → [:half]",
             "np.corrcoef(first.left[x[half:], 0], first.right[a[half:], 0])[0, 1] → "
             "first.values[0]"):
                "that reads the value off the pairs to which the functions were fitted: it is s₁ "
                "of these pairs, luck and all.",
            ("[:half] → ", "(x[:half], a[:half]) → (x, a)"):
                "the functions have seen the second half, too: fit them to the first half only.",
            "np.corrcoef(first.left[x[half:], 0], first.right[a[half:], 0])[0, 1] → "
            "np.corrcoef(first.left[x[half:], 0], first.right[a[half:], 0])[0, 1] ** 2":
                "that estimates s₁², and makes bad luck look like an association: give the "
                "correlation itself, which may be negative.",
        },
        otherwise=lambda wanted, value, x, a: (
            f"for {len(x)} pairs it is {wanted:.4f}, yours gives {value:.4f}. Fit μ₁ and ν₁ to the "
            "table of the first half, look up μ₁(x) and ν₁(a) of the second, correlate."),
        right="Species and island are associated beyond doubt; of island and sex the fitted half "
              "shows some association, as it always does, and the other half next to none.",
    ),
    Exercise(
        "ex_05_4", "Hidden in the span",
        "Invent an encoder with four outputs whose span holds μ₁ and μ₂ although no single output "
        "resembles either of them: set `answer` to a function of a joint table that returns Phi "
        "(N, 4), linearly independent after centring, such that no output has a correlation above "
        "0.99 with μ₁ or μ₂ (either sign, under P(X)), and the two largest Ritz values of ex_05_1 "
        "are exactly s₁² and s₂². It is tried on tables with N ≥ 7 and M ≥ 6.",
        _check_hidden,
        """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u = np.linalg.svd(joint / root - root)[0][:, :4]
    mu = u / np.sqrt(p)[:, None]

    mix = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    return mu @ mix + 3
""",
        takes="joint",
    ),
)
