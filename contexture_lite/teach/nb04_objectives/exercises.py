"""Exercises of notebook 04: objectives that learn it."""

import numpy as np
import torch

import contexture_lite as cl
from contexture_lite.teach.nb04_objectives.copies import assigned, barlow, vicreg
from contexture_lite.teach.nb04_objectives.experiment import strings
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    call,
    close,
    compared,
    marginals,
    number_of,
    random_joints,
    refuse,
)

_PENALTIES = tuple((np.array([0.95, 0.8, 0.6, 0.3, 0.0]), strength) for strength in (0.6, 0.2, 3.0))


def _value(answer, C, B):
    value = call(answer, C, B, takes="C, B")
    refuse(not isinstance(value, torch.Tensor) or value.shape != (), "return one number, as a "
           "torch tensor that depends on C and B: sums and traces.")
    return value


def _refuse_page(answer):
    """A loss that is one of the page's up to a factor and a constant."""
    rng, rows = np.random.default_rng(41), []
    for _ in range(6):
        Z = rng.standard_normal((5, 2, 3))
        C, B = (torch.tensor(M) for M in (Z[:, 0].T @ Z[:, 0] / 5, Z[:, 0].T @ Z[:, 0] / 9))
        gap = C - torch.eye(3, dtype=C.dtype)
        page = -torch.trace(B) + (C**2).sum() / 2, 2 * torch.trace(C - B) + (gap**2).sum()
        rows.append([_value(answer, C, B).item(), *map(float, page)])
    mine, *page = np.array(rows).T
    for other in page:
        design = np.column_stack([other, np.ones(len(other))])
        fit = design @ np.linalg.lstsq(design, mine, rcond=None)[0]
        refuse(close(fit, mine) and np.ptp(mine) > 1e-6, "that is a loss of the page, up to a "
               "factor and a constant; find another.")


def _descended(answer, joint, d, steps=400):
    """The notebook's loop; Ψ centred, (M, d)."""
    p, q = map(torch.tensor, marginals(joint))
    views = torch.tensor(joint).T @ (torch.tensor(joint) / p[:, None])
    psi = torch.randn(len(q), d, dtype=q.dtype, generator=torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam([psi.requires_grad_()], lr=0.05)
    for _ in range(steps):
        f = psi - q @ psi
        loss = _value(answer, f.T @ (q[:, None] * f), f.T @ views @ f)
        refuse(not loss.requires_grad, "the loss must depend on C and B; yours is a constant.")
        refuse(not abs(loss.item()) < 1e6, "the loss runs away: nothing keeps the features from "
               "growing. What charges for a large C?")
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return (psi - q @ psi).detach().numpy()


def _check_loss(answer):
    _refuse_page(answer)
    for context, d in ((strings(), 3), (cl.Context(next(random_joints((6, 7)))), 2)):
        f, q = _descended(answer, context.joint, d), context.p_a
        sizes = np.linalg.svd(np.sqrt(q)[:, None] * f, compute_uv=False)
        refuse(sizes[0] < 0.05, "all features have collapsed to constants: views of one input "
               "agree then. What charges for a small C?")
        refuse(sizes[-1] < 0.05 * sizes[0], "the features depend on each other: they are copies of "
               f"fewer than {d} functions. What makes two outputs differ?")
        found = float(cl.alignment.squared_cca(f, cl.singular_system(context, d).right, q))
        refuse(found < 0.98, f"of the space of ν₁ … ν_{d} it finds {found:.2f} in 400 steps; 0.98 "
               "are wanted.")
    return ("It attracts views, and does not let features collapse or copy each other: that is all "
            "a loss needs in order to find the top singular functions.")


def _check_neighbours(answer):
    k = number_of(answer, "k")
    refuse(k != int(k) or not 1 <= k <= 300, "k is a whole number from 1 to 300.")
    squares = cl.singular_system(cl.knn_context(cl.datasets.digits().X[:300], int(k)), 12).values**2
    refuse(squares[0] > 1 - 1e-9, "with so few neighbours the graph falls into pieces (s₁ = 1); "
           "take more.")
    different = {loss.__name__: np.count_nonzero(assigned(loss, squares, 4))
                 for loss in (vicreg, barlow)}
    for name, count in different.items():
        refuse(count < 4, f"with {k:g} neighbours {name} prefers {count} different functions of 4: "
               "the context is too weak. Take fewer neighbours.")
    return ("With fewer neighbours the first s_i² are near 1 and different functions are cheap; "
            "with more, copies of the first are cheaper. The weights alone do not decide.")


def _check_towers(answer):
    for joint in random_joints():
        p, q = marginals(joint)
        modes = cl.singular_system(cl.Context(joint), 2)
        mu, s, nu = modes.left, modes.values, modes.right
        try:
            Phi, Psi = call(answer, joint, takes="joint")
        except (TypeError, ValueError):
            raise Hint("return two arrays: Phi, Psi.") from None
        Phi = array_of(Phi, (len(p), 2), "Φ")
        Psi = array_of(Psi, (len(q), 2), "Ψ")
        refuse(close(Phi, np.zeros_like(Phi)) or close(Psi, np.zeros_like(Psi)),
               "an encoder that is 0 everywhere has loss 0; the minimum is below.")
        Phi, Psi = Phi - p @ Phi, Psi - q @ Psi
        C, D = Phi.T @ (p[:, None] * Phi), Psi.T @ (q[:, None] * Psi)
        loss = -2 * np.sum(joint * (Phi @ Psi.T)) + np.sum(C * D)
        least, product = -np.sum(s**2), Phi @ Psi.T
        if not close(loss, least):
            said = f"the loss is {loss:.4f}, the minimum {least:.4f}"
            refuse(close(product, mu @ nu.T), f"{said}: the singular values are missing. Φ Ψᵀ must "
                   "be Σ s_i μ_i ν_iᵀ.")
            refuse(close(product, (mu * s**2) @ nu.T), f"{said}: s_i is in there twice. Give it to "
                   "one of the towers, or √s_i to each.")
            refuse(min(np.linalg.matrix_rank(M, tol=1e-8) for M in (C, D)) < 2, f"{said}: after "
                   "centring, one of your towers has fewer than two dimensions. Is the constant, "
                   "or a copy, among its outputs?")
            raise Hint(f"{said}. Whatever R turns Φ into Φ R, Ψ must undo: Φ R (Ψ R⁻ᵀ)ᵀ = Φ Ψᵀ. "
                       "And μ = u/√p, ν = v/√q.")
        overlap = abs(C[0, 1]) / np.sqrt(C[0, 0] * C[1, 1])
        refuse(close(C, np.eye(2), 1e-3), "the minimum is reached, but Φ is orthonormal. Multiply "
               "it by a matrix R that is no rotation, and let Ψ undo it.")
        refuse(overlap < 0.1, "the minimum is reached, but the two outputs of Φ are uncorrelated "
               f"(correlation {overlap:.3f}): scales alone are not enough, mix them.")
    return ("Φ = μ R and Ψ = ν diag(s) R⁻ᵀ reach the minimum for every invertible R: the loss "
            "fixes the span of the encoder and nothing else.")


EXERCISES = (
    Exercise(
        "ex_04_1", "A loss of your own",
        "Change one line of the training loop: set `answer` to a function of two torch tensors "
        "(d, d), C = Cov Ψ(A) and B = Cov(Ψ(A), Ψ(A⁺)), that returns a loss, a scalar tensor, "
        "whose minimum gradient descent finds in 400 steps at the span of ν₁ … ν_d. It must be "
        "neither of the two losses of the page, nor one of them times a number. It is tried on two "
        "contexts, with three and with two features.",
        _check_loss,
        """
import torch

def answer(C, B):
    return -torch.trace(torch.linalg.solve(C, B))
""",
        takes="C, B",
    ),
    Exercise(
        "ex_04_2", "Strong enough not to copy",
        "An experiment with data. Take the first 300 digits, `X = cl.datasets.digits().X[:300]`, "
        "and `cl.knn_context(X, k)`. For which k do VICReg and Barlow Twins, with their published "
        "weights and four outputs of one function each, both prefer four *different* functions, "
        "while the graph of neighbours is still connected (s₁ < 1)? Set `answer` to such a k. "
        "`teach.copies.assigned` counts.",
        _check_neighbours,
        "answer = 15",
    ),
    compared(
        "ex_04_3", "Where collapse begins",
        "With a penalty instead of a constraint the loss is E‖Ψ(A) − Ψ(A⁺)‖² + λ‖Cov Ψ − I‖². With "
        "as many outputs as modes its minimiser is Ψ_i = √v_i ν_i. Set `answer` to a function of "
        "the singular values s_i (an array) and of λ that returns the variances v_i.",
        "answer = lambda values, strength: np.maximum(0, 1 - (1 - values**2) / strength)",
        takes="values, strength", what="the variances", cases=lambda: _PENALTIES,
        mistakes={
            "1 - (1 - values**2) / strength":
                "a variance is never negative: modes below the threshold are switched off, at 0.",
            "values**2 → values":
                "two views of one input correlate by s², not by s: E[ν(A) ν(A⁺)] = ‖T ν‖² = s².",
            "/ strength → / strength / 2":
                "E(√v ν(A) − √v ν(A⁺))² = 2 v (1 − s²); is the 2 missing?",
            "np.maximum(0, 1 - strength * (1 - values**2))":
                "the other way: a strong penalty λ keeps the variances near 1.",
            "strength) → strength)**0.5": "these are standard deviations; give the variances.",
            "(strength > 1 - values**2) * 1.0": "the right modes survive, but they shrink, too: "
                                                "minimise 2 v (1 − s²) + λ (v − 1)² over v.",
        },
        otherwise=lambda wanted, v, s, strength: (
            f"for s = {s.tolist()} and λ = {strength:g} the variances are "
            f"{np.round(wanted, 4).tolist()}. A mode of variance v costs 2 v (1 − s²) + "
            "λ (v − 1)²: minimise that over v ≥ 0."),
        right="A mode is switched off as soon as λ ≤ 1 − s²: dimensional collapse has an exact "
              "threshold, and the modes that survive shrink.",
    ),
    Exercise(
        "ex_04_4", "Optimal, and not orthonormal",
        "The two-tower loss is −2 E⟨Φ̃(X), Ψ̃(A)⟩ + E⟨Φ̃(X), Ψ̃(A⁻)⟩², with (X, A) from the joint, A⁻ "
        "an independent draw from P(A), and both encoders centred. Its minimum for two outputs is "
        "−(s₁² + s₂²). Set `answer` to a function of a joint table that returns `(Phi, Psi)`, "
        "(N, 2) and (M, 2), which reach it, while the two outputs of Φ are clearly correlated "
        "under P(X) (by 0.1 at least, either sign).",
        _check_towers,
        """
def answer(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    root = np.sqrt(np.outer(p, q))
    u, s, vt = np.linalg.svd(joint / root - root)
    mu, s, nu = u[:, :2] / np.sqrt(p)[:, None], s[:2], vt[:2].T / np.sqrt(q)[:, None]

    R = np.array([[1.0, 2.0], [0.0, 1.0]])
    return mu @ R, nu * s @ np.linalg.inv(R).T
""",
        takes="joint",
    ),
)
