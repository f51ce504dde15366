"""Exercises of notebook 05: SVME and KISE."""

import numpy as np
from scipy.linalg import eigh

from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
    random_joints,
)


def _marginals(joint):
    return joint.sum(axis=1), joint.sum(axis=0)


def _moments(joint, Phi):
    """C = Cov Φ(X) under p and B = Cov (T*Φ)(A) under q."""
    p, q = _marginals(joint)
    Phi = Phi - p @ Phi
    back = joint.T @ Phi / q[:, None]
    return Phi.T @ (p[:, None] * Phi), back.T @ (q[:, None] * back)


def _encoders(seed):
    """(joint, features of the inputs, neither centred nor white); the square table first."""
    rng = np.random.default_rng(seed)
    for joint in reversed(list(random_joints())):
        yield joint, rng.standard_normal((joint.shape[0], 2)) + 0.5


def _check_partner(answer):
    for joint, Phi in _encoders(51):
        p, q = _marginals(joint)
        Psi = array_of(call(answer, joint, Phi, takes="joint, Phi"), (len(q), 2), "Ψ")
        wanted = joint.T @ Phi / q[:, None]
        if close(Psi, joint.T @ Phi):
            raise Hint("given a the inputs have the law P(x|a), which sums to 1: divide by P(a).")
        if close(Psi, (joint / p[:, None]).T @ Phi):
            raise Hint("you divided by P(x); given a, divide by P(a).")
        if len(p) == len(q) and close(Psi, joint @ Phi / p[:, None]):
            raise Hint("that is T, which averages functions of a. Φ is a function of x: T*.")
        if close(Psi, np.tile(p @ Phi, (len(q), 1))):
            raise Hint("that is the best constant; Ψ may depend on a.")
        centred = wanted - q @ wanted
        if close(Psi, centred):
            raise Hint("do not centre: here Φ is as it is, and so is its best prediction.")
        if close(Psi, wanted / np.sqrt(q @ wanted**2)) or close(
                Psi, centred / np.sqrt(q @ centred**2)):
            raise Hint("Ψ has no constraint here: do not normalise it.")
        if not close(Psi, wanted):
            loss, least = (np.sum(joint * ((Phi[:, None] - g) ** 2).sum(axis=-1))
                           for g in (Psi, wanted))
            raise Hint(f"your Ψ has the loss {loss:.4f}, the best one {least:.4f}. What is the "
                       "best prediction of Φ(X), in squared error, if A = a is known?")
    return ("Ψ = T*Φ, the conditional mean. What remains is E‖Φ‖² − E‖T*Φ‖²: SVME makes Φ as "
            "predictable as it can be.")


def _check_ratio_trace(answer):
    for joint, Phi in _encoders(52):
        p, q = _marginals(joint)
        value = number_of(call(answer, joint, Phi, takes="joint, Phi"), "the ratio trace")
        C, B = _moments(joint, Phi)
        wanted = np.trace(np.linalg.solve(C, B))
        plain_C, back = Phi.T @ (p[:, None] * Phi), joint.T @ Phi / q[:, None]
        plain_B = back.T @ (q[:, None] * back)
        if close(value, np.trace(B)):
            raise Hint("tr B alone grows with the scale of Φ; divide by C: tr(C⁻¹ B).")
        if close(value, np.trace(B) / np.trace(C)):
            raise Hint("the trace of C⁻¹ B is not the ratio of the traces.")
        if close(value, np.trace(C @ B)):
            raise Hint("C has to be inverted.")
        if close(value, np.trace(np.linalg.solve(plain_C, plain_B))):
            raise Hint("centre Φ first: the constant is predicted perfectly and adds up to 1.")
        if close(value, np.trace(np.linalg.solve(np.cov(Phi.T), np.cov(back.T)))) or close(
                value, np.trace(np.linalg.solve(np.cov(Phi.T, ddof=0), np.cov(back.T, ddof=0)))):
            raise Hint("np.cov treats all rows alike; C has the weights P(x), B the weights P(a).")
        if close(value, 2 - wanted):
            raise Hint("that is the SVME loss of the whitened Φ, d − RT; the ratio trace is what "
                       "it falls short of d.")
        if not close(value, wanted):
            raise Hint(f"for one table and one Φ it is {wanted:.4f}, yours gives {value:.4f}. "
                       "C = Cov Φ(X) with weights P(x), B = Cov (T*Φ)(A) with weights P(a).")
    return "RT does not change under Φ ↦ Φ G + c, and is at most s₁² + … + s_d²."


def _check_ritz(answer):
    for joint, Phi in _encoders(53):
        C, B = _moments(joint, np.column_stack([Phi, Phi[:, 0] ** 2])[:, :2 + (len(joint) > 3)])
        d, wanted = len(C), eigh(B, C, eigvals_only=True)[::-1]
        try:
            values, V = call(answer, C, B, takes="C, B")
        except (TypeError, ValueError):
            raise Hint("return two things: values, V.") from None
        if np.iscomplexobj(values) and close(np.imag(values), np.zeros(d)):
            values, V = np.real(values), np.real(V)
        values, V = array_of(values, (d,), "values"), array_of(V, (d, d), "V")
        if close(values, wanted[::-1]):
            raise Hint("right values, but largest first, please, and the columns of V with them.")
        if close(values, np.sqrt(wanted)):
            raise Hint("these are s_i; λ_i estimates s_i².")
        if close(values, np.linalg.eigvalsh(B)[::-1]) or close(values, np.linalg.eigvalsh(B)):
            raise Hint("these are the eigenvalues of B alone, which depend on the scale of Φ. "
                       "Solve B v = λ C v.")
        if close(values, 1 / wanted[::-1]) or close(values, 1 / wanted):
            raise Hint("these are 1/λ: B and C have changed places.")
        if close(np.sort(values), np.sort(wanted)) and not close(values, wanted):
            raise Hint("right values, but largest first, please, and the columns of V with them.")
        if not close(values, wanted):
            raise Hint(f"for one pair (C, B) they are {np.round(wanted, 4).tolist()}, yours "
                       f"{np.round(values, 4).tolist()}. Solve B v = λ C v; "
                       "scipy.linalg.eigh(B, C) does.")
        if close(V @ C @ V.T, np.eye(d)) and not close(V.T @ C @ V, np.eye(d)):
            raise Hint("V is transposed: the vectors are its columns.")
        if not close(B @ V, C @ V * values):
            rows = close(B @ V.T, C @ V.T * values)
            raise Hint("V is transposed: the vectors are its columns." if rows else
                       "column i of V has to go with value i: B v_i = λ_i C v_i.")
        if not close(V.T @ C @ V, np.eye(d)):
            raise Hint("the directions are right, their lengths are not: with Vᵀ C V = I the "
                       "functions Φ̃ v_i are orthonormal under P(X).")
    return ("Φ̃ V are the ordered functions that the span of Φ holds; λ_i ≤ s_i², with equality for "
            "i ≤ k as soon as μ_1 … μ_k are in the span.")


def _kise(kernel, p, d, centred=True):
    root = np.sqrt(p)
    S = root[:, None] * kernel * root
    H = np.eye(len(p)) - np.outer(root, root) if centred else np.eye(len(p))
    return np.sort(np.linalg.eigvalsh(H @ S @ H))[::-1][:d]


def _check_kise(answer):
    rng, cases = np.random.default_rng(54), []
    for joint in random_joints():
        p, q = _marginals(joint)
        cases.append(((joint / q) @ joint.T / np.outer(p, p), p))  # k_X⁺
    points, p = rng.standard_normal((7, 2)), rng.random(7) + 0.1
    gaps = ((points[:, None] - points) ** 2).sum(axis=-1)
    cases.append((np.exp(-gaps), p / p.sum()))  # its integral is not 1
    for number, (kernel, p) in enumerate(cases):
        d, own = 2, number < len(cases) - 1
        n = len(p)
        value = call(answer, kernel, p, d, takes="kernel, p, d")
        wanted = _kise(kernel, p, d)
        if close(value, wanted):
            raise Hint("one number, please: the sum of these.")
        value = number_of(value, "the maximum")
        if close(value, wanted.sum()):
            continue
        uniform = np.full(n, 1 / n)
        if close(value, _kise(kernel, p, d, centred=False).sum()):
            raise Hint("the constant is counted: Φ̃ is centred, so its eigenvalue is not to be "
                       "had.")
        if not own and close(value, _kise(kernel, p, d + 1, centred=False)[1:].sum()):
            raise Hint("right if the kernel integrates to 1; here the largest eigenvalue does not "
                       "belong to the constant. Project √p out on both sides instead.")
        if not own and close(value, _kise(kernel - 1, p, d, centred=False).sum()):
            raise Hint("k − 1 is centred only if the kernel integrates to 1. Project √p out on "
                       "both sides instead.")
        if close(value, _kise(kernel, uniform, d).sum()):
            raise Hint("that treats all inputs alike; X and X' are drawn from p.")
        if close(value, np.sort(np.linalg.eigvalsh(kernel))[::-1][:d].sum()):
            raise Hint("these are eigenvalues of the bare matrix. (T_k f)(x) = Σ p(x') k(x, x') "
                       "f(x'): in orthonormal coordinates √p k √p.")
        if close(value, np.sqrt(np.maximum(wanted, 0)).sum()):
            raise Hint("no roots: for k_X⁺ the eigenvalues are s_i², and it is those that add up.")
        if close(value, _kise(kernel, p, n).sum()):
            raise Hint("d outputs reach d eigenvalues, the largest ones; that is the sum of all.")
        raise Hint(f"for one kernel and d = {d} it is {wanted.sum():.4f}, yours gives "
                   f"{value:.4f}. Take the eigenvalues of H √p k √p H with H = I − √p √pᵀ, and "
                   "add the d largest.")
    return ("Σ_{i≤d} λ_i of the centred kernel; for k_X⁺ it is s₁² + … + s_d², the largest ratio "
            "trace there is.")


def _fresh_joints():
    rng = np.random.default_rng(55)
    for shape in ((8, 6), (7, 9)):
        table = rng.random(shape) ** 2
        yield table / table.sum()


def _check_hidden(answer):
    for joint in _fresh_joints():
        p, q = _marginals(joint)
        root = np.sqrt(np.outer(p, q))
        u, s, _ = np.linalg.svd(joint / root - root, full_matrices=False)
        mu = u[:, :2] / np.sqrt(p)[:, None]
        Phi = array_of(call(answer, joint, takes="joint"), (len(p), 4), "Φ")
        Phi = Phi - p @ Phi
        spread = np.sqrt(p @ Phi**2)
        if spread.min() < 1e-9:
            raise Hint(f"output {spread.argmin()} of Φ is constant; after centring nothing is "
                       "left of it.")
        Phi = Phi / spread
        C, B = _moments(joint, Phi)
        if np.linalg.eigvalsh(C)[0] < 1e-9:
            raise Hint("the four outputs depend on each other: after centring they span fewer than "
                       "four dimensions.")
        overlap = np.abs(Phi.T @ (p[:, None] * mu))
        if overlap.max() > 0.99:
            i, j = np.unravel_index(overlap.argmax(), overlap.shape)
            raise Hint(f"output {i} of Φ is μ_{j + 1}, or nearly so (correlation "
                       f"{overlap[i, j]:.3f}); mix the outputs.")
        found = eigh(B, C, eigvals_only=True)[::-1]
        if not close(found[:2], s[:2] ** 2):
            turned = Phi * spread / np.sqrt(p)[:, None]
            if close(eigh(*_moments(joint, turned)[::-1], eigvals_only=True)[::-1][:2],
                     s[:2] ** 2):
                raise Hint("almost: your functions are in orthonormal coordinates. μ = u/√p.")
            raise Hint(f"the Ritz values are {found[0]:.4f} and {found[1]:.4f}, but s₁² = "
                       f"{s[0]**2:.4f} and s₂² = {s[1]**2:.4f}: μ₁ and μ₂ are not both in the "
                       "span.")
    return ("λ₁ = s₁² and λ₂ = s₂² to the last digit: what is in the span can be extracted, "
            "however well it is hidden.")


_MOMENTS = """
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    Phi = Phi - p @ Phi
    Psi = joint.T @ Phi / q[:, None]
    C, B = Phi.T @ (p[:, None] * Phi), Psi.T @ (q[:, None] * Psi)
"""
_KISE = """
def answer(kernel, p, d):
    root = np.sqrt({weights})
    H = np.eye(len(p)) - {constant}
    S = H @ (root[:, None] * kernel * root) @ H
    return {result}
"""
_MODES = """
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u = np.linalg.svd(joint / root - root)[0][:, :4]
    mu = u / np.sqrt(p)[:, None]
"""


def _kise_source(weights="p", constant="np.outer(root, root)",
                 result="np.sort(np.linalg.eigvalsh(S))[-d:].sum()"):
    return _KISE.format(weights=weights, constant=constant, result=result)


EXERCISES = (
    Exercise(
        "ex_05_1", "The best partner",
        "SVME minimises E‖Φ(X) − Ψ(A)‖² over pairs (X, A), and Ψ is free. Set `answer` to a "
        "function of a joint table (N, M) and Phi (N, d) that returns the best Psi for this Φ, an "
        "(M, d) array.",
        _check_partner,
        "answer = lambda joint, Phi: joint.T @ Phi / joint.sum(axis=0)[:, None]",
        {"answer = lambda joint, Phi: joint.T @ Phi": "divide by P(a)",
         "answer = lambda joint, Phi: (joint / joint.sum(1, keepdims=True)).T @ Phi":
             "divided by P(x)",
         "answer = lambda joint, Phi: joint @ Phi / joint.sum(1)[:, None]": "that is T,",
         "answer = lambda joint, Phi: np.tile(joint.sum(1) @ Phi, (joint.shape[1], 1))":
             "best constant",
         "answer = lambda joint, Phi: joint.T @ (Phi - joint.sum(1) @ Phi) / joint.sum(0)[:, None]":
             "do not centre", """
def answer(joint, Phi):
    q = joint.sum(axis=0)
    Psi = joint.T @ Phi / q[:, None]
    return Psi / np.sqrt(q @ Psi**2)
""": "do not normalise",
         "answer = lambda joint, Phi: np.zeros((joint.shape[1], 2))": "has the loss",
         "answer = lambda joint, Phi: joint.T @ Phi[:, 0]": "shape"},
    ),
    Exercise(
        "ex_05_2", "The ratio trace",
        "Set `answer` to a function of a joint table and of Phi (N, d), not centred, that returns "
        "RT(Φ) = tr(C⁻¹ B): C is the covariance of Φ(X), with weights P(x), and B that of "
        "(T*Φ)(A), with weights P(a). numpy only.",
        _check_ratio_trace,
        f"""
def answer(joint, Phi):{_MOMENTS}
    return np.trace(np.linalg.solve(C, B))
""",
        {f"def answer(joint, Phi):{_MOMENTS}\n    return np.trace(B)": "grows with the scale",
         f"def answer(joint, Phi):{_MOMENTS}\n    return np.trace(B) / np.trace(C)":
             "ratio of the traces",
         f"def answer(joint, Phi):{_MOMENTS}\n    return np.trace(C @ B)": "inverted",
         f"def answer(joint, Phi):{_MOMENTS}\n    return 2 - np.trace(np.linalg.solve(C, B))":
             "d − RT",
         f"def answer(joint, Phi):{_MOMENTS}\n    return np.linalg.solve(C, B)": "one number",
         f"def answer(joint, Phi):{_MOMENTS}\n    return np.linalg.det(np.linalg.solve(C, B))":
             "for one table", """
def answer(joint, Phi):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    Psi = joint.T @ Phi / q[:, None]
    C, B = Phi.T @ (p[:, None] * Phi), Psi.T @ (q[:, None] * Psi)
    return np.trace(np.linalg.solve(C, B))
""": "centre Φ first", """
def answer(joint, Phi):
    Psi = joint.T @ Phi / joint.sum(axis=0)[:, None]
    return np.trace(np.linalg.solve(np.cov(Phi.T), np.cov(Psi.T)))
""": "np.cov"},
    ),
    Exercise(
        "ex_05_3", "From a span to ordered functions",
        "A trained encoder Φ gives C and B as in ex_05_2. Set `answer` to a function of `(C, B)` "
        "that returns `(values, V)`: λ₁ ≥ λ₂ ≥ … of B v = λ C v, and the vectors as columns with "
        "Vᵀ C V = I, so that the functions (Φ − E Φ) V are orthonormal. numpy or scipy only.",
        _check_ritz,
        """
from scipy.linalg import eigh

def answer(C, B):
    values, V = eigh(B, C)
    return values[::-1], V[:, ::-1]
""",
        {"from scipy.linalg import eigh\nanswer = lambda C, B: eigh(B, C)": "largest first",
         "answer = lambda C, B: (np.linalg.eigvalsh(B)[::-1], np.linalg.eigh(B)[1][:, ::-1])":
             "B alone",
         "from scipy.linalg import eigh\nanswer = lambda C, B: eigh(C, B)": "changed places",
         "from scipy.linalg import eigh\nanswer = lambda C, B: (eigh(B, C)[0][::-1]**.5, "
         "eigh(B, C)[1][:, ::-1])": "these are s_i",
         "from scipy.linalg import eigh\nanswer = lambda C, B: (eigh(B, C)[0][::-1], "
         "eigh(B, C)[1])": "go with value i",
         "from scipy.linalg import eigh\nanswer = lambda C, B: (eigh(B, C)[0][::-1], "
         "eigh(B, C)[1][:, ::-1].T)": "transposed", """
def answer(C, B):
    values, V = np.linalg.eig(np.linalg.solve(C, B))
    order = np.argsort(-values)
    return values[order], V[:, order]
""": "their lengths are not",
         "answer = lambda C, B: (np.ones(len(C)), np.eye(len(C)))": "scipy.linalg.eigh(B, C)",
         "answer = lambda C, B: np.trace(np.linalg.solve(C, B))": "two things"},
    ),
    Exercise(
        "ex_05_4", "What KISE can reach",
        "KISE needs no pairs, only a kernel. X and X' are independent with law p, and over "
        "encoders Φ with d outputs and Cov Φ = I it maximises E[k(X, X') ⟨Φ̃(X), Φ̃(X')⟩], with "
        "Φ̃ = Φ − E Φ(X). Set `answer` to a function of a positive semidefinite kernel matrix "
        "(N, N), of p (N,) and of d that returns the maximum. It need not be k_X⁺: the kernel may "
        "have any integral. numpy only.",
        _check_kise,
        _kise_source(),
        {_kise_source(result="np.sort(np.linalg.eigvalsh(S))[::-1][:d]"): "sum of these",
         _kise_source(constant="0"): "constant is counted",
         "answer = lambda k, p, d: np.sort(np.linalg.eigvals(k * p).real)[::-1][1:d + 1].sum()":
             "largest eigenvalue does not",
         "answer = lambda k, p, d: np.sort(np.linalg.eigvals((k - 1) * p).real)[::-1][:d].sum()":
             "k − 1 is centred only",
         _kise_source(weights="np.full(len(p), 1 / len(p))"): "all inputs alike",
         "answer = lambda k, p, d: np.linalg.eigvalsh(k)[-d:].sum()": "bare matrix",
         _kise_source(result="np.sqrt(np.sort(np.linalg.eigvalsh(S))[-d:]).sum()"): "no roots",
         _kise_source(result="np.trace(S)"): "sum of all",
         _kise_source(result="np.sort(np.linalg.eigvalsh(S))[:d].sum()"): "d largest"},
    ),
    Exercise(
        "ex_05_5", "Hidden in the span",
        "Invent an encoder with four outputs whose span holds μ₁ and μ₂ although no single output "
        "resembles either of them: set `answer` to a function of a joint table that returns Phi "
        "(N, 4), linearly independent after centring, such that no output has a correlation above "
        "0.99 with μ₁ or μ₂ (either sign, under P(X)), and the two largest Ritz values of ex_05_3 "
        "are exactly s₁² and s₂². It is tried on tables with N ≥ 7 and M ≥ 6.",
        _check_hidden,
        f"""
def answer(joint):{_MODES}
    mix = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    return mu @ mix + 3
""",
        {f"def answer(joint):{_MODES}\n    return mu": "mix the outputs",
         f"def answer(joint):{_MODES}\n    return -5 * mu[:, ::-1] + 1": "mix the outputs",
         f"def answer(joint):{_MODES}\n    return mu @ np.ones((4, 4))": "depend on each other",
         f"def answer(joint):{_MODES}\n    return mu @ np.ones((4, 4)) * 0 + 1": "is constant",
         f"def answer(joint):{_MODES}\n    return u @ (np.ones((4, 4)) - 2 * np.eye(4))":
             "orthonormal coordinates",
         "answer = lambda joint: np.random.default_rng(0).standard_normal((len(joint), 4))":
             "not both in the span",
         f"def answer(joint):{_MODES}\n    return mu[:, :3]": "shape"},
    ),
)
