"""Notebook 04: outputs that copy each other, and when published weights prefer that.

If every output holds one right function ν_i, the losses add up function by function: n outputs
that share ν_i cost what `barlow` or `vicreg` says here. Our derivation.
"""

import numpy as np

VARIANCES = np.linspace(0, 1, 2001)


def barlow(square, n, redundancy=0.005):
    """Barlow Twins of n copies of a function, n (1 − s²)² + λ n (n − 1) s⁴; ``square`` is s²."""
    return n * (1 - square) ** 2 + redundancy * n * (n - 1) * square**2


def vicreg(square, n):
    """VICReg of n copies, times d: min_v n [50 v (1 − s²) + 25 (1 − √(v + 10⁻⁴))₊ + 2 (n − 1) v²].

    v is the variance of each, with the published weights 25, 25 and 1.
    """
    v = VARIANCES
    hinge = np.maximum(0, 1 - np.sqrt(v + 1e-4))
    return n * (50 * v * (1 - square) + 25 * hinge + 2 * (n - 1) * v**2).min()


def assigned(cost, squares, d):
    """How many of d outputs hold each function, where together they cost least: (functions,).

    Output by output, the function that makes the loss grow least. That is the best assignment
    as far as each further copy of a function costs more than the one before.
    """
    counts = np.zeros(len(squares), dtype=int)
    more = [cost(s, 1) for s in squares]
    for _ in range(d):
        i = int(np.argmin(more))
        counts[i] += 1
        more[i] = cost(squares[i], counts[i] + 1) - cost(squares[i], counts[i])
    return counts
