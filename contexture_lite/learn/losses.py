"""The objectives of representation learning, each a few lines on the moments of a pair.

Every function takes the distribution of the pairs (``law``, see `contexture_lite.learn.laws`:
exact sums over a finite context, or a mini-batch), features f (n, d) of the first and g (m, d)
of the second member of the pair, and returns a scalar tensor to be made small. With one encoder
for two views, f and g are both its values: the same tensor in the population, the two halves of
the pairs in a batch.

The sums are taken on the features' device and in their precision, at least single.

Moments, all centred: C_f = Cov f(first), C_g = Cov g(second), B = Cov(f(first), g(second)).
What is learned, and the smallest value, is in `objectives.table()`.

On a mini-batch (`laws.batch`) the value is an estimate. `squared_error` and `stop_gradient`
are averages over pairs: unbiased for given features. All others have a bias of order 1/n
for n pairs: the mean is estimated too, E Ĉ = (1 − 1/n) C and likewise B; a product of two
averages has the covariance of the two in it; and an inverse is not linear. Where the bias
has a short form, the function says so.
"""

from __future__ import annotations

import torch

from contexture_lite._checks import as_number
from contexture_lite.learn import laws
from contexture_lite.learn.laws import on_pairs
from contexture_lite.learn.moments import identity, linear_fit, moments, ridged, whitened

__all__ = [
    "moments", "linear_fit", "squared_error", "spectral_contrastive",
    "spectral_contrastive_uncentred", "low_rank", "nested_low_rank", "info_nce",
    "info_nce_cosine", "whitened_distance", "whitened_trace", "covariance_penalty", "vicreg",
    "barlow_twins", "stop_gradient", "svme", "svme_both", "kise", "graph_smoothness",
]

FLOOR = 1e-5  # of a variance that is divided by, relative to the mean one


def _at_least_zero(name, value):
    if not isinstance(value, torch.Tensor):
        as_number(name, value, least=0)


@on_pairs
def squared_error(law, f, g):
    """E‖f − g‖²: regression of the one on the other.

    With a linear head on an encoder as f and the labels as g it is the supervised loss;
    with g = the clean input and f the head's reconstruction from A, denoising.
    """
    squares = law.p @ (f**2).sum(1) + law.q @ (g**2).sum(1)
    return squares - 2 * torch.trace(law.cross(f, g))


@on_pairs
def spectral_contrastive(law, f, g):
    """−E⟨f̃, g̃⟩ + ½ E⟨f̃, g̃⁻⟩² = −tr B + ½⟨C_f, C_g⟩: attract pairs, make others orthogonal.

    The Gram form of the second term costs d² n, not n² d, operations.
    """
    C_f, C_g, B = moments(law, f, g)
    return -torch.trace(B) + 0.5 * (C_f * C_g).sum()


@on_pairs
def spectral_contrastive_uncentred(law, f, g):
    """−2 E⟨f, g⟩ + E⟨f, g⁻⟩², with plain second moments: one dimension learns the constant.

    In a batch of n a row also meets its own partner as if they were independent: the bias is
    (E⟨f, g⟩² − E⟨f, g⁻⟩²)/n exactly.
    """
    gram_f, gram_g = f.T @ (law.p[:, None] * f), g.T @ (law.q[:, None] * g)
    return -2 * torch.trace(law.cross(f, g)) + (gram_f * gram_g).sum()


@on_pairs
def low_rank(law, f, g):
    """−2 E⟨f̃, g̃⟩ + E⟨f̃, g̃⁻⟩² of two towers: the best rank-d picture of P⁺/(p q) − 1."""
    C_f, C_g, B = moments(law, f, g)
    return -2 * torch.trace(B) + (C_f * C_g).sum()


@on_pairs
def nested_low_rank(law, f, g):
    """Σ_j L_j / d, where L_j is `low_rank` of the first j coordinates: these become ordered."""
    C_f, C_g, B = moments(law, f, g)
    d = f.shape[1]
    index = torch.arange(d, device=f.device)
    later = (d - index).to(f) / d  # the share of the L_j that hold coordinate i
    both = later[torch.maximum(index[:, None], index)]  # the L_j that hold both i and k
    return -2 * torch.diagonal(B) @ later + (both * C_f * C_g).sum()


@on_pairs
def info_nce(law, f, g):
    """−E⟨f, g⟩ + E_first log E_second e^⟨f, g⟩: find the partner among independent draws.

    In a batch of n the draws are its n second members, the partner among them; add log n
    for the usual cross-entropy. The mean of minus this value over batches is a lower bound
    of the mutual information, and no batch exceeds log n (van den Oord et al. 2018).
    """
    scores = f @ g.T + torch.log(law.q)
    return -torch.trace(law.cross(f, g)) + law.p @ torch.logsumexp(scores, dim=1)


@on_pairs
def info_nce_cosine(law, f, g, temperature=0.5):
    """InfoNCE as it is used: `info_nce` of cosines, ⟨f, g⟩/(‖f‖ ‖g‖ τ); ``temperature`` is τ.

    A length below 0.003 of the usual one counts as that much.
    """
    if not isinstance(temperature, torch.Tensor):
        as_number("temperature", temperature, above=0)
    return info_nce(law, _unit(f) / temperature, _unit(g))


@on_pairs
def whitened_distance(law, f, g):
    """E‖f̃ − g̃‖² after whitening with the covariance of both: 2 d − 2 tr(C⁻¹ B).

    C = (C_f + C_g)/2. The constraint Cov = I is kept exactly, whatever f and g are.
    """
    return 2 * f.shape[1] + 2 * whitened_trace(law, f, g)


@on_pairs
def whitened_trace(law, f, g):
    """−tr((C + εI)⁻¹ B), C = (C_f + C_g)/2.

    With one encoder on `laws.inputs` this is minus the ratio trace. ε, 1e-10 of the mean
    variance (1e-5 in single precision), only keeps rounding errors of collapsed features small.
    """
    C_f, C_g, B = moments(law, f, g)
    return -torch.trace(torch.linalg.solve(ridged((C_f + C_g) / 2), B))


@on_pairs
def covariance_penalty(law, f, g, strength=1.0):
    """E‖f − g‖² + λ‖Cov − I‖²_F: whitening asked for, not enforced. ``strength`` is λ.

    Cov is the mean of the two covariances. In a batch of n the penalty is, in the mean,
    λ‖(1 − 1/n) Cov − I‖²_F + λ E‖Ĉ − E Ĉ‖²_F: the second term is noise that is penalised too.
    """
    _at_least_zero("strength", strength)
    C_f, C_g, B = moments(law, f, g)
    gap = (C_f + C_g) / 2 - identity(B)
    return _distance(law, f, g, C_f + C_g, B) + strength * (gap**2).sum()


@on_pairs
def vicreg(law, f, g):
    """VICReg: distance of the views, hinge on each standard deviation, squared covariances.

    25 E‖f − g‖²/d + 25 Σ_views mean_i max(0, 1 − √(Var_i + 10⁻⁴))/2 + Σ_views Σ_{i≠k} C_ik²/d
    (Bardes, Ponce, LeCun 2022). Variances divide by n − 1 in a batch, of two pairs or more.
    """
    if law.size == 1:
        raise ValueError("law is a batch of one pair, which has no variance; vicreg needs two")
    C_f, C_g, B = moments(law, f, g)
    d, unbiased = f.shape[1], 1 if law.size is None else law.size / (law.size - 1)
    total = 25 * _distance(law, f, g, C_f + C_g, B) / d
    for C in (unbiased * C_f, unbiased * C_g):
        own = torch.diagonal(C)
        total = total + 25 * torch.relu(1 - torch.sqrt(own + 1e-4)).mean() / 2
        total = total + ((C**2).sum() - (own**2).sum()) / d
    return total


@on_pairs
def barlow_twins(law, f, g, redundancy=0.005):
    """Σ_i (1 − R_ii)² + λ Σ_{i≠k} R_ik², R = correlations of f with g. ``redundancy`` is λ.

    A variance below 10⁻⁵ of the mean over the two views counts as that much: a feature that is
    constant in one view has R = 0 and a gradient of moderate size.
    """
    _at_least_zero("redundancy", redundancy)
    C_f, C_g, B = moments(law, f, g)
    variances = torch.stack([torch.diagonal(C_f), torch.diagonal(C_g)])
    floor = FLOOR * variances.mean(dim=0) + torch.finfo(B.dtype).eps ** 2
    R = B / torch.sqrt(torch.outer(*torch.maximum(variances, floor)))
    own = torch.diagonal(R)
    return ((1 - own) ** 2).sum() + redundancy * ((R**2).sum() - (own**2).sum())


def stop_gradient(law, f, g, predictor):
    """−E cos(h(f), sg(g))/2 − E cos(h(g), sg(f))/2: a predictor h, no gradient to its target.

    SimSiam (Chen & He 2021); with a slow copy as the target, BYOL. No population statement
    is claimed for it. A length below 0.003 of the usual one counts as that much.
    """
    if not callable(predictor):
        raise TypeError(f"predictor is a {type(predictor).__name__}; it must be a function of f, "
                        "such as torch.nn.Linear(d, d)")
    laws.refuse_others(law, f, g)
    return (_half_cosine(law, predictor(f), g.detach())
            + _half_cosine(laws.swapped(law), predictor(g), f.detach()))


@on_pairs
def svme(law, f, g):
    """SVME: E‖f̃ − g̃‖² = d − 2 E⟨f̃, g̃⟩ + E‖g̃‖² with f whitened, and g, a second encoder, free.

    f̃ = C_f^{-1/2}(f − E f). Written so, a direction of f that collapses costs 1, not nothing.
    Zhai et al. 2025, arXiv 2505.01557.
    """
    f, g = f - law.p @ f, g - law.q @ g
    product = torch.trace(law.cross(whitened(f, law.p), g))
    return f.shape[1] - 2 * product + law.q @ (g**2).sum(1)


@on_pairs
def svme_both(law, f, g):
    """E‖f̃ − g̃‖² = 2 d − 2 E⟨f̃, g̃⟩ with both encoders whitened, each by its own covariance."""
    f, g = whitened(f - law.p @ f, law.p), whitened(g - law.q @ g, law.q)
    return 2 * f.shape[1] - 2 * torch.trace(law.cross(f, g))


@on_pairs
def kise(law, f, g):
    """KISE: −E⟨f̃, T_k f̃⟩ with f whitened, on `laws.kernel` or `laws.inputs`.

    = −tr(C⁻¹ B). Zhai et al. 2025, arXiv 2505.01557.
    """
    return whitened_trace(law, f, g)


@on_pairs
def graph_smoothness(law, f, g):
    """½ E‖f̃(u) − f̃(v)‖² over the edges of a graph, with f whitened: d − tr(C⁻¹ B)."""
    return whitened_distance(law, f, g) / 2


@on_pairs
def _half_cosine(law, f, g):
    """−E cos(f, g)/2."""
    return -torch.trace(law.cross(_unit(f), _unit(g))) / 2


def _unit(f):
    squares = (f**2).sum(dim=1, keepdim=True)
    floor = FLOOR * torch.clamp(squares.mean().detach(), min=FLOOR)
    return f * torch.rsqrt(torch.maximum(squares, floor))


def _distance(law, f, g, both, B):
    """E‖f − g‖² = tr(C_f + C_g) − 2 tr B + ‖E f − E g‖², from moments that are there already."""
    return torch.trace(both - 2 * B) + ((law.p @ f - law.q @ g) ** 2).sum()
