"""Second moments of a pair of features, and what is made of them: whitening, the linear fit."""

from __future__ import annotations

from functools import partial

import torch

from contexture_lite.learn.laws import on_pairs

# of a covariance that is inverted, relative to its mean variance: above its rounding errors
RIDGE = {torch.float64: 1e-10, torch.float32: 1e-5}


@partial(on_pairs, one_width=False)
def moments(law, f, g):
    """C_f, C_g and B: centred second moments of the two features and between them."""
    one = g is f and law.q is law.p  # one encoder of two members alike: half of the work
    f = f - law.p @ f
    C_f = f.T @ (law.p[:, None] * f)
    if one:
        return C_f, C_f, law.cross(f, f)
    g = g - law.q @ g
    return C_f, g.T @ (law.q[:, None] * g), law.cross(f, g)


@partial(on_pairs, one_width=False)
def linear_fit(law, f, g):
    """W f + b, the best linear prediction of g from f: the head of `squared_error`, solved for.

    W = Cov(g, f) C_f⁻¹. In a batch the fit is to the batch itself, so that the error left is
    too small by order 1/n. The head that is best for an encoder needs no training, and as it is
    best the encoder's gradient is the one at fixed W. Returns (n, k) for g of shape (m, k).
    """
    mean, f = law.q @ g, f - law.p @ f
    return mean + f @ torch.linalg.solve(ridged(f.T @ (law.p[:, None] * f)), law.cross(f, g))


def whitened(f, weights):
    """Whitened features f C^{-1/2}, by Cholesky, for centred f (n, d)."""
    factor = torch.linalg.cholesky(ridged(f.T @ (weights[:, None] * f)))
    return torch.linalg.solve_triangular(factor, f.T, upper=False).T


def ridged(C):
    """C + εI: invertible even if features are collapsed, all of them too."""
    size = torch.diagonal(C).mean() * RIDGE[C.dtype]
    return C + (size + torch.finfo(C.dtype).eps ** 2) * identity(C)


def identity(C):
    """I of the size, precision and device of C."""
    return torch.eye(len(C), dtype=C.dtype, device=C.device)
