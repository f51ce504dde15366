"""Exercises of notebook 04: objectives that learn it."""

import numpy as np

from contexture_lite.teach.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    number_of,
    random_joints,
)


def _parts(joint):
    """p, q, and the deflated singular system: μ, s, ν."""
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u, s, vt = np.linalg.svd(joint / root - root, full_matrices=False)
    return p, q, u[:, :-1] / np.sqrt(p)[:, None], s[:-1], vt[:-1].T / np.sqrt(q)[:, None]


def _encoders(seed, on_inputs=False):
    """(joint, features that are neither centred nor white); the square table comes first."""
    rng = np.random.default_rng(seed)
    for joint in reversed(list(random_joints())):
        yield joint, rng.standard_normal((joint.shape[0 if on_inputs else 1], 2)) + 0.5


def _contrastive(views, q, Psi, attract=1.0, repel=0.5):
    gram = Psi.T @ (q[:, None] * Psi)
    return -attract * np.sum(views * (Psi @ Psi.T)) + repel * np.sum(gram**2)


def _check_contrastive(answer):
    for joint, Psi in _encoders(41):
        loss = number_of(call(answer, joint, Psi, takes="joint, Psi"), "the loss")
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        views, centred = joint.T @ (joint / p[:, None]), Psi - q @ Psi
        uniform, n = np.full_like(q, 1 / len(q)), len(q)
        if close(loss, _contrastive(views, q, Psi)):
            raise Hint("centre Ψ first: without it the loss spends a dimension on the constant.")
        if close(loss, _contrastive(views, q, Psi - Psi.mean(axis=0))):
            raise Hint("centre with the weights P(a), not with a plain mean.")
        if close(loss, _contrastive(views, q, centred, 1, 1)):
            raise Hint("the second term has a factor ½.")
        if close(loss, _contrastive(views, q, centred, -1, 0.5)):
            raise Hint("the first term has a minus: pairs of views are pulled together.")
        if close(loss, _contrastive(views, q, centred, 1, 0)):
            raise Hint("the second term is missing or 0. Square ⟨Ψ(a), Ψ(a⁻)⟩ for every pair, and "
                       "only then take the mean: the mean of the products themselves is 0.")
        if close(loss, _contrastive(np.diag(q), q, centred)):
            raise Hint("A and A⁺ are two draws, not one value taken twice: P(a, a⁺) = "
                       "Σ_x P(x, a) P(x, a⁺) / P(x).")
        if close(loss, _contrastive(joint.T @ joint, q, centred)):
            raise Hint("P(a, a⁺) = Σ_x P(x, a) P(x, a⁺) / P(x): your law of two views does not "
                       "sum to 1.")
        if close(loss, _contrastive(views, uniform, centred)) or close(
                loss, _contrastive(views, np.full_like(q, 1.0), centred)):
            raise Hint("A and A⁻ are drawn from P(A): the squares have the weights q(a) q(a⁻).")
        if joint.shape == (n, n) and close(loss, _contrastive(joint, q, centred)):
            raise Hint("that is the law of (X, A). Two views of one input have the law "
                       "Σ_x P(x, a) P(x, a⁺) / P(x).")
        wanted = _contrastive(views, q, centred)
        if not close(loss, wanted):
            raise Hint(f"for one table and one Ψ it is {wanted:.4f}, yours gives {loss:.4f}. "
                       "Centre Ψ; make P(a, a⁺); then −Σ P(a, a⁺) ⟨Ψ(a), Ψ(a⁺)⟩ + "
                       "½ Σ q(a) q(a⁻) ⟨Ψ(a), Ψ(a⁻)⟩².")
    return "Two sums over pairs, and no labels: attract the views of one input, repel the others."


def _check_minimum(answer):
    for values, d in (([0.9, 0.6, 0.3], 2), ([0.8, 0.5, 0.4, 0.1], 3), ([0.7, 0.2], 1)):
        s = np.array(values)
        least = number_of(call(answer, s, d, takes="values, d"), "the minimum")
        wanted = -0.5 * np.sum(s[:d] ** 4)
        if close(least, -wanted):
            raise Hint("right size, but below 0: an encoder that is 0 everywhere has loss 0 "
                       "already.")
        if close(least, 2 * wanted):
            raise Hint("twice too low; where has the ½ gone? For one mode the loss is "
                       "−b s² + ½ b², least at b = s².")
        if close(least, -0.5 * np.sum(s[:d] ** 2)) or close(least, -np.sum(s[:d] ** 2)):
            raise Hint("fourth powers, not squares: a mode of variance b costs −b s² + ½ b², and "
                       "b = s² at the minimum.")
        if close(least, -0.5 * (1 + np.sum(s[: d - 1] ** 4))):
            raise Hint("Ψ is centred, so the constant (s₀ = 1) takes none of the d dimensions.")
        if close(least, -0.5 * (1 + np.sum(s[:d] ** 4))):
            raise Hint("do not count the constant: Ψ is centred.")
        if close(least, -0.5 * np.sum(s**4)):
            raise Hint("d outputs hold d modes; the sum stops at i = d.")
        if not close(least, wanted):
            raise Hint(f"for s = {values} and d = {d} it is {wanted:.4f}, yours gives {least:.4f}. "
                       "Start with one mode: Ψ = √b ν has loss −b s² + ½ b².")
    return ("With B the Gram matrix of Ψ's coefficients on the ν_i and D = diag(s_i²) the loss is "
            "½‖B − D‖² − ½‖D‖²: learning is a best approximation of rank d.")


def _check_average(answer):
    for joint, Psi in _encoders(43):
        p, q = joint.sum(axis=1), joint.sum(axis=0)
        Phi = call(answer, joint, Psi, takes="joint, Psi")
        Phi = array_of(Phi, (len(p), 2), "Φ")
        if close(Phi, joint @ Psi):
            raise Hint("given x the views have the law P(a|x), which sums to 1: divide by P(x).")
        if close(Phi, (joint / q) @ Psi):
            raise Hint("you divided by P(a); the average is over views a of a fixed x.")
        if len(p) == len(q) and close(Phi, joint.T @ Psi / q[:, None]):
            raise Hint("that is T*, which turns functions of x into functions of a. Ψ is a "
                       "function of a.")
        if close(Phi, np.tile(q @ Psi, (len(p), 1))):
            raise Hint("that is E[Ψ(A)] whatever x is; Φ must depend on x.")
        if len(p) == len(q) and close(Phi, Psi[joint.argmax(axis=1)]):
            raise Hint("that takes the most likely view only; take the mean over all views.")
        if not close(Phi, joint @ Psi / p[:, None]):
            raise Hint("Φ(x) = Σ_a P(a|x) Ψ(a), one matrix product.")
    return ("Φ = T Ψ. If Ψ holds ν_1 … ν_d, then Φ holds s_i μ_i: the left functions, with "
            "variances s_i².")


def _check_variances(answer):
    s = np.array([0.95, 0.8, 0.6, 0.3, 0.0])
    for strength in (0.6, 0.2, 3.0):
        v = array_of(call(answer, s, strength, takes="values, strength"), s.shape, "the variances")
        free = 1 - (1 - s**2) / strength
        wanted = np.maximum(0, free)
        if close(v, free) and free.min() < 0:
            raise Hint("a variance is never negative: modes below the threshold are switched off, "
                       "at 0.")
        if close(v, np.maximum(0, 1 - (1 - s) / strength)):
            raise Hint("two views of one input correlate by s², not by s: "
                       "E[ν(A) ν(A⁺)] = ‖T ν‖² = s².")
        if close(v, np.maximum(0, 1 - (1 - s**2) / (2 * strength))):
            raise Hint("E(√v ν(A) − √v ν(A⁺))² = 2 v (1 − s²); is the 2 missing?")
        if close(v, np.maximum(0, 1 - strength * (1 - s**2))):
            raise Hint("the other way: a strong penalty λ keeps the variances near 1.")
        if close(v, np.sqrt(wanted)) and not close(v, wanted):
            raise Hint("these are standard deviations; give the variances.")
        if close(v, (free > 0).astype(float)) and not close(v, wanted):
            raise Hint("the right modes survive, but they shrink, too: minimise "
                       "2 v (1 − s²) + λ (v − 1)² over v.")
        if not close(v, wanted):
            raise Hint(f"for s = {s.tolist()} and λ = {strength:g} the variances are "
                       f"{np.round(wanted, 4).tolist()}. A mode of variance v costs "
                       "2 v (1 − s²) + λ (v − 1)²: minimise that over v ≥ 0.")
    return ("A mode is switched off as soon as λ ≤ 1 − s²: dimensional collapse has an exact "
            "threshold, and the modes that survive shrink.")


def _check_towers(answer):
    for joint in random_joints():
        p, q, mu, s, nu = _parts(joint)
        try:
            Phi, Psi = call(answer, joint, takes="joint")
        except (TypeError, ValueError):
            raise Hint("return two arrays: Phi, Psi.") from None
        Phi = array_of(Phi, (len(p), 2), "Φ")
        Psi = array_of(Psi, (len(q), 2), "Ψ")
        if close(Phi, np.zeros_like(Phi)) or close(Psi, np.zeros_like(Psi)):
            raise Hint("an encoder that is 0 everywhere has loss 0; the minimum is below.")
        Phi, Psi = Phi - p @ Phi, Psi - q @ Psi
        C, D = Phi.T @ (p[:, None] * Phi), Psi.T @ (q[:, None] * Psi)
        loss = -2 * np.sum(joint * (Phi @ Psi.T)) + np.sum(C * D)
        least, product = -np.sum(s[:2] ** 2), Phi @ Psi.T
        if not close(loss, least):
            if close(product, mu[:, :2] @ nu[:, :2].T):
                raise Hint(f"the loss is {loss:.4f}, the minimum {least:.4f}: the singular values "
                           "are missing. Φ Ψᵀ must be Σ s_i μ_i ν_iᵀ.")
            if close(product, (mu[:, :2] * s[:2] ** 2) @ nu[:, :2].T):
                raise Hint(f"the loss is {loss:.4f}, the minimum {least:.4f}: s_i is in there "
                           "twice. Give it to one of the towers, or √s_i to each.")
            if np.linalg.matrix_rank(C, tol=1e-8) < 2 or np.linalg.matrix_rank(D, tol=1e-8) < 2:
                raise Hint(f"the loss is {loss:.4f}, the minimum {least:.4f}: after centring, one "
                           "of your towers has fewer than two dimensions. Is the constant, or a "
                           "copy, among its outputs?")
            raise Hint(f"the loss is {loss:.4f}, the minimum {least:.4f}. Whatever R turns Φ into "
                       "Φ R, Ψ must undo: Φ R (Ψ R⁻ᵀ)ᵀ = Φ Ψᵀ. And μ = u/√p, ν = v/√q.")
        overlap = abs(C[0, 1]) / np.sqrt(C[0, 0] * C[1, 1])
        if close(C, np.eye(2), 1e-3):
            raise Hint("the minimum is reached, but Φ is orthonormal. Multiply it by a matrix R "
                       "that is no rotation, and let Ψ undo it.")
        if overlap < 0.1:
            raise Hint("the minimum is reached, but the two outputs of Φ are uncorrelated "
                       f"(correlation {overlap:.3f}): scales alone are not enough, mix them.")
    return ("Φ = μ R and Ψ = ν diag(s) R⁻ᵀ reach the minimum for every invertible R: the loss "
            "fixes the span of the encoder and nothing else.")


_SVD = """
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u, s, vt = np.linalg.svd(joint / root - root)
    mu, s, nu = u[:, :2] / np.sqrt(p)[:, None], s[:2], vt[:2].T / np.sqrt(q)[:, None]
"""
_LOSS = """
def answer(joint, Psi):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    views = {views}
    Psi = {centred}
    inner = Psi @ Psi.T
    return {loss}
"""


def _loss(views="joint.T @ (joint / p[:, None])", centred="Psi - q @ Psi",
          loss="-np.sum(views * inner) + 0.5 * q @ inner**2 @ q"):
    return _LOSS.format(views=views, centred=centred, loss=loss)


EXERCISES = (
    Exercise(
        "ex_04_1", "The spectral contrastive loss, by hand",
        "Set `answer` to a function of a joint table (N, M) and the values Psi (M, d) of an "
        "encoder on views, not centred, that returns −E⟨Ψ̃(A), Ψ̃(A⁺)⟩ + ½ E⟨Ψ̃(A), Ψ̃(A⁻)⟩² with "
        "Ψ̃ = Ψ − E Ψ(A). A and A⁺ are two views drawn independently from P(a|x) for one x from "
        "P(X); A and A⁻ are independent draws from P(A). numpy only.",
        _check_contrastive,
        _loss(),
        {_loss(centred="Psi"): "spends a dimension",
         _loss(centred="Psi - Psi.mean(axis=0)"): "not with a plain mean",
         _loss(loss="-np.sum(views * inner) + q @ inner**2 @ q"): "factor ½",
         _loss(loss="np.sum(views * inner) + 0.5 * q @ inner**2 @ q"): "has a minus",
         _loss(loss="-np.sum(views * inner) + 0.5 * (q @ inner @ q)**2"): "only then take the mean",
         _loss(views="np.diag(q)"): "two draws",
         _loss(views="joint.T @ joint"): "does not sum to 1",
         _loss(views="joint"): "law of (X, A)",
         _loss(loss="-np.sum(views * inner) + 0.5 * np.mean(inner**2)"): "q(a) q(a⁻)",
         _loss(loss="-np.sum(inner)"): "for one table",
         _loss(loss="inner"): "one number"},
    ),
    Exercise(
        "ex_04_2", "How low it can go",
        "Set `answer` to a function of the non-constant singular values (an array, largest first) "
        "and of d ≤ their number that returns the minimum of the loss of ex_04_1 over all "
        "encoders Ψ with d outputs.",
        _check_minimum,
        "answer = lambda values, d: -0.5 * np.sum(values[:d]**4)",
        {"answer = lambda values, d: -np.sum(values[:d]**4)": "where has the ½ gone",
         "answer = lambda values, d: -0.5 * np.sum(values[:d]**2)": "fourth powers",
         "answer = lambda values, d: -np.sum(values[:d]**2)": "fourth powers",
         "answer = lambda values, d: 0.5 * np.sum(values[:d]**4)": "below 0",
         "answer = lambda values, d: -0.5 * (1 + np.sum(values[:d - 1]**4))": "none of the d",
         "answer = lambda values, d: -0.5 * (1 + np.sum(values[:d]**4))": "do not count",
         "answer = lambda values, d: -0.5 * np.sum(values**4)": "stops at i = d",
         "answer = lambda values, d: -0.5 * values[:d]**4": "one number",
         "answer = lambda values, d: -1.0": "Start with one mode"},
    ),
    Exercise(
        "ex_04_3", "From views back to inputs",
        "Training on views gives Ψ, a function of A. Set `answer` to a function of a joint table "
        "(N, M) and of Psi (M, d) that returns the average encoder Φ(x) = E[Ψ(A) | X = x], an "
        "(N, d) array.",
        _check_average,
        "answer = lambda joint, Psi: joint @ Psi / joint.sum(axis=1, keepdims=True)",
        {"answer = lambda joint, Psi: joint @ Psi": "divide by P(x)",
         "answer = lambda joint, Psi: (joint / joint.sum(axis=0)) @ Psi": "divided by P(a)",
         "answer = lambda joint, Psi: joint.T @ Psi / joint.sum(axis=0)[:, None]": "T*",
         "answer = lambda joint, Psi: np.tile(joint.sum(axis=0) @ Psi, (len(joint), 1))":
             "whatever x is",
         "answer = lambda joint, Psi: Psi[joint.argmax(axis=1)]": "most likely view",
         "answer = lambda joint, Psi: Psi": "one matrix product",
         "answer = lambda joint, Psi: joint @ Psi[:, 0]": "shape"},
    ),
    Exercise(
        "ex_04_4", "Where collapse begins",
        "With a penalty instead of a constraint the loss is E‖Ψ(A) − Ψ(A⁺)‖² + λ‖Cov Ψ − I‖². With "
        "as many outputs as modes its minimiser is Ψ_i = √v_i ν_i. Set `answer` to a function of "
        "the singular values s_i (an array) and of λ that returns the variances v_i.",
        _check_variances,
        "answer = lambda values, strength: np.maximum(0, 1 - (1 - values**2) / strength)",
        {"answer = lambda values, strength: 1 - (1 - values**2) / strength": "never negative",
         "answer = lambda values, strength: np.maximum(0, 1 - (1 - values) / strength)":
             "by s², not by s",
         "answer = lambda values, strength: np.maximum(0, 1 - (1 - values**2) / strength / 2)":
             "is the 2 missing",
         "answer = lambda values, strength: np.maximum(0, 1 - (1 - values**2) / strength)**.5":
             "standard deviations",
         "answer = lambda values, strength: (strength > 1 - values**2) * 1.0": "shrink, too",
         "answer = lambda values, strength: np.maximum(0, .5 - (1 - values**2) / strength)":
             "minimise that over v",
         "answer = lambda values, strength: np.maximum(0, 1 - strength * (1 - values**2) * 2)":
             "minimise that over v",
         "answer = lambda values, strength: 1.0": "shape"},
    ),
    Exercise(
        "ex_04_5", "Optimal, and not orthonormal",
        "The two-tower loss is −2 E⟨Φ̃(X), Ψ̃(A)⟩ + E⟨Φ̃(X), Ψ̃(A⁻)⟩², with (X, A) from the joint, A⁻ "
        "an independent draw from P(A), and both encoders centred. Its minimum for two outputs is "
        "−(s₁² + s₂²). Set `answer` to a function of a joint table that returns `(Phi, Psi)`, "
        "(N, 2) and (M, 2), which reach it, while the two outputs of Φ are clearly correlated "
        "under P(X) (by 0.1 at least, either sign).",
        _check_towers,
        f"""
def answer(joint):{_SVD}
    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return mu @ R, nu * s @ np.linalg.inv(R).T
""",
        {f"""
def answer(joint):{_SVD}
    return mu, nu * s
""": "Φ is orthonormal", f"""
def answer(joint):{_SVD}
    return mu * [1, 5], nu * s / [1, 5]
""": "scales alone", f"""
def answer(joint):{_SVD}
    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return mu @ R, nu @ np.linalg.inv(R).T
""": "singular values are missing", f"""
def answer(joint):{_SVD}
    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return mu * s @ R, nu * s @ np.linalg.inv(R).T
""": "twice", f"""
def answer(joint):{_SVD}
    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return mu @ R, nu * s @ R
""": "must undo", """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    u, s, vt = np.linalg.svd(joint / np.sqrt(np.outer(p, q)))
    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return (u[:, :2] / np.sqrt(p)[:, None] @ R,
            vt[:2].T / np.sqrt(q)[:, None] * s[:2] @ np.linalg.inv(R).T)
""": "constant", """
answer = lambda joint: (np.zeros((len(joint), 2)), np.zeros((joint.shape[1], 2)))
""": "0 everywhere", "answer = lambda joint: (joint, joint)": "shape",
         "answer = lambda joint: joint": "two arrays"},
    ),
)
