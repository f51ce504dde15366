"""Claims about the compatibility of a task with a context (notebook 03)."""

import numpy as np

from contexture_lite.claims import by_hand, given
from contexture_lite.claims.needs import HAS_ASSOCIATION, HAS_MODE, PAPER
from contexture_lite.claims.registry import Sides, lesson
from contexture_lite.spectrum import singular_system
from contexture_lite.tasks import compatibility

claim = lesson("03", source=PAPER)

RHO = r"$\rho(f) = "


@claim("compatibility-bound", "Compatibility is the largest correlation: no function of A has more",
       r"$\frac{\langle\tilde f, Tg\rangle}{\lVert\tilde f\rVert\,\lVert g\rVert} \le \rho(f)"
       r" = \frac{\lVert T^{\ast}\tilde f\rVert}{\lVert\tilde f\rVert}$ for every $g$",
       needs=[HAS_MODE],
       routes=("E[f(X) g(A)] over the lengths, summed over the table, g random",
               "ρ(f)"))
def compatibility_bound(context):
    P, _, q = by_hand.table(context)
    f, g = given.unit_task(context), given.function_on(len(q), 1)
    return Sides(abs(f @ P @ g) / np.sqrt(q @ g**2), compatibility(context, f), relation="<=")


@claim("compatibility-witness", "The witness g = T*f reaches ρ(f)",
       RHO + r"\frac{\langle\tilde f, Tg\rangle}{\lVert\tilde f\rVert\,\lVert g\rVert}$ at"
       r" $g = T^{\ast}\tilde f$",
       needs=[HAS_ASSOCIATION],
       routes=("E[f(X) g(A)] over the lengths, summed over the table", "ρ(f)"))
def compatibility_witness(context):
    P, _, q = by_hand.table(context)
    f = given.unit_task(context)
    g = f @ P / q
    return Sides(f @ P @ g / np.sqrt(q @ g**2), compatibility(context, f))


@claim("compatibility-spectrum",
       "ρ² is an average of the squared singular values, weighted by the task's energies",
       RHO + r"\sqrt{\frac{\sum_{i\ge1}s_i^2u_i^2}{\sum_{i\ge1}u_i^2}}$ for"
       r" $\tilde f = \sum_{i\ge1} u_i\mu_i$",
       needs=[HAS_MODE], routes=("ρ(f)²", "from the energies uᵢ² and sᵢ²"))
def compatibility_spectrum(context):
    _, p, _ = by_hand.table(context)
    f, system = given.unit_task(context), singular_system(context)
    energies = (system.left.T @ (p * f)) ** 2
    return Sides(compatibility(context, f) ** 2, system.values**2 @ energies / (p @ f**2))


@claim("correlation-ratio", "ρ² is the correlation ratio of f(X) on A",
       r"$\rho(f)^2 = 1 - \frac{\mathbb{E}\,\mathrm{Var}(f(X)\mid A)}{\mathrm{Var}\,f(X)}$",
       source="the correlation ratio, Pearson 1905", needs=[HAS_MODE],
       routes=("ρ(f)²", "1 − the variance of f that is left within the values of A"))
def correlation_ratio(context):
    f = given.unit_task(context)
    return Sides(compatibility(context, f) ** 2, 1 - by_hand.unexplained(context, f))


@claim("witness-view-variance",
       "A compatible task has a witness that two views of an input agree on",
       r"$\mathbb{E}(g(A)-g(A'))^2 \le 2(1-\rho(f)^2)\lVert g\rVert^2 \le"
       r" 4(1-\rho(f))\lVert g\rVert^2$ for $g = T^{\ast}f$ and two views $A, A'$ of one input",
       source=f"{PAPER}, Theorem 14 for the witness", needs=[HAS_ASSOCIATION],
       routes=("the sum over all pairs of views, then 2(1−ρ²)‖g‖²", "2(1−ρ²)‖g‖², then 4(1−ρ)‖g‖²"))
def witness_view_variance(context):
    P, _, q = by_hand.table(context)
    f = given.unit_task(context)
    g = f @ P / q
    g = g / np.sqrt(q @ g**2)
    rho = compatibility(context, f)
    between = np.sum(by_hand.views(context) * np.subtract.outer(g, g) ** 2)
    middle, outer = 2 * (1 - rho**2), 4 * (1 - rho)
    return Sides([between, middle], [middle, outer], relation="<=")
