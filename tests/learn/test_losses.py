"""The losses: each against sums over all pairs, its invariances, and its bias on mini-batches.

Batches of a tiny context are enumerated, each with its multinomial probability, so that the
expectation over batches is exact.
"""

from itertools import combinations
from math import log

import numpy as np
import pytest
import torch
from scipy.special import gammaln

import contexture_lite as cl
from contexture_lite.learn import laws, losses
from contexture_lite.learn.objectives import find

torch.set_num_threads(1)

CONTEXT = cl.Context.from_counts(np.random.default_rng(0).random((5, 4)) ** 2 + 0.02)
P, N, M = CONTEXT.joint, *CONTEXT.shape
PREDICTOR = torch.nn.Linear(2, 2, dtype=torch.float64)
TWO = [  # losses of the law and two feature tables alone
    losses.squared_error, losses.spectral_contrastive, losses.spectral_contrastive_uncentred,
    losses.low_rank, losses.nested_low_rank, losses.info_nce, losses.whitened_distance,
    losses.whitened_trace, losses.covariance_penalty, losses.vicreg, losses.barlow_twins,
    losses.svme, losses.svme_both, losses.kise, losses.graph_smoothness,
]


def tables(n=N, m=M, d=2, seed=0):
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.standard_normal((n, d))), torch.tensor(rng.standard_normal((m, d)))


F, G = tables()


def expect(of, joint=P):
    """E of(x, a) under a table."""
    return sum(joint[i, j] * of(i, j) for i, j in np.ndindex(*joint.shape))


def by_sums(loss, f, g, joint=P):
    """The loss from its definition: loops over pairs, plain NumPy."""
    f, g, p, q = f.numpy(), g.numpy(), joint.sum(1), joint.sum(0)
    apart = np.outer(p, q)
    ft, gt, d = f - p @ f, g - q @ g, f.shape[1]
    covariances = (ft.T * p) @ ft, (gt.T * q) @ gt
    both = sum(covariances) / 2

    def distance(f, g):
        return expect(lambda i, j: ((f[i] - g[j]) ** 2).sum(), joint)

    def whiten(f, C):
        values, vectors = np.linalg.eigh(C)
        return f @ vectors / np.sqrt(values) @ vectors.T

    def rank_loss(k):
        return (-2 * expect(lambda i, j: ft[i, :k] @ gt[j, :k], joint)
                + expect(lambda i, j: (ft[i, :k] @ gt[j, :k]) ** 2, apart))

    if loss is losses.squared_error:
        return distance(f, g)
    if loss is losses.spectral_contrastive:
        return (-expect(lambda i, j: ft[i] @ gt[j], joint)
                + expect(lambda i, j: (ft[i] @ gt[j]) ** 2, apart) / 2)
    if loss is losses.spectral_contrastive_uncentred:
        return (-2 * expect(lambda i, j: f[i] @ g[j], joint)
                + expect(lambda i, j: (f[i] @ g[j]) ** 2, apart))
    if loss is losses.low_rank:
        return rank_loss(d)
    if loss is losses.nested_low_rank:
        return np.mean([rank_loss(k) for k in range(1, d + 1)])
    if loss is losses.info_nce:
        return (-expect(lambda i, j: f[i] @ g[j], joint)
                + sum(p[i] * log(q @ np.exp(g @ f[i])) for i in range(len(p))))
    if loss in (losses.whitened_trace, losses.kise):
        whole = whiten(ft, both), whiten(gt, both)
        return -expect(lambda i, j: whole[0][i] @ whole[1][j], joint)
    if loss in (losses.whitened_distance, losses.graph_smoothness):
        half = 0.5 if loss is losses.graph_smoothness else 1
        return half * distance(whiten(ft, both), whiten(gt, both))
    if loss is losses.covariance_penalty:
        return distance(f, g) + np.linalg.norm(both - np.eye(d)) ** 2
    if loss is losses.vicreg:
        total = 25 * distance(f, g) / d
        for C in covariances:
            total += 25 * np.maximum(0, 1 - np.sqrt(np.diag(C) + 1e-4)).mean() / 2
            total += ((C - np.diag(np.diag(C))) ** 2).sum() / d
        return total
    if loss is losses.barlow_twins:
        deviations = [np.sqrt(np.diag(C)) for C in covariances]
        R = expect(lambda i, j: np.outer(ft[i] / deviations[0], gt[j] / deviations[1]), joint)
        return sum((1 - R[i, i]) ** 2 if i == k else 0.005 * R[i, k] ** 2
                   for i, k in np.ndindex(d, d))
    triangular = (np.linalg.solve(np.linalg.cholesky(covariances[0]), ft.T).T,
                  np.linalg.solve(np.linalg.cholesky(covariances[1]), gt.T).T)
    return distance(triangular[0], gt if loss is losses.svme else triangular[1])


@pytest.mark.parametrize("loss", TWO)
def test_a_loss_is_its_definition_summed_over_all_pairs(loss):
    assert loss(laws.pairs(CONTEXT), F, G).item() == pytest.approx(by_sums(loss, F, G), abs=1e-8)


def test_stop_gradient_is_its_definition_and_stops_the_gradient():
    def cosine(u, v):
        return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))

    with torch.no_grad():
        h_f, h_g = PREDICTOR(F).numpy(), PREDICTOR(G).numpy()
    expected = -expect(lambda i, j: cosine(h_f[i], G[j].numpy())
                       + cosine(h_g[j], F[i].numpy())) / 2
    f, g = F.clone().requires_grad_(), G.clone().requires_grad_()
    loss = losses.stop_gradient(laws.pairs(CONTEXT), f, g, PREDICTOR)
    assert loss.item() == pytest.approx(float(expected))
    constant = losses.stop_gradient(laws.pairs(CONTEXT), f.detach(), g, PREDICTOR)
    whole = torch.autograd.grad(loss, g)[0]  # comes through h(g) alone, f is a target there
    assert torch.allclose(whole, torch.autograd.grad(constant, g)[0])


def test_the_linear_fit_is_the_least_squares_fit():
    x, a = (v.ravel() for v in np.indices(P.shape))
    root = np.sqrt(P.ravel())[:, None]
    design = np.hstack([np.ones((len(x), 1)), F.numpy()[x]])
    expected = design @ np.linalg.lstsq(design * root, G.numpy()[a] * root)[0]
    assert losses.linear_fit(laws.pairs(CONTEXT), F, G).numpy()[x] == pytest.approx(expected)


def test_without_its_penalty_covariance_is_free():
    law = laws.pairs(CONTEXT)
    plain = losses.squared_error(law, F, G)
    assert losses.covariance_penalty(law, F, G, 0.0) == pytest.approx(plain)


# Invariances, and the required absence of some


WHITENED = [losses.whitened_distance, losses.whitened_trace, losses.kise, losses.graph_smoothness]
CENTRED = [*WHITENED, losses.spectral_contrastive, losses.low_rank, losses.nested_low_rank,
           losses.barlow_twins, losses.svme, losses.svme_both]
MAP = torch.tensor([[2.0, 1.0], [-0.5, 0.3]], dtype=torch.float64)
ROTATION = torch.tensor([[0.6, 0.8], [-0.8, 0.6]], dtype=torch.float64)


@pytest.mark.parametrize("loss", TWO)
def test_whitened_losses_see_the_span_only(loss):
    law = laws.pairs(CONTEXT)
    same = loss(law, F @ MAP, G @ MAP).item() == pytest.approx(loss(law, F, G).item(), abs=1e-7)
    assert same == (loss in WHITENED)


@pytest.mark.parametrize("loss", TWO)
def test_constants_count_only_in_losses_that_do_not_centre(loss):
    law = laws.pairs(CONTEXT)
    moved = loss(law, F + 3, G - 1).item()
    assert (moved == pytest.approx(loss(law, F, G).item(), abs=1e-7)) == (loss in CENTRED)


@pytest.mark.parametrize("loss", TWO)
def test_a_rotation_changes_nested_and_coordinatewise_losses_only(loss):
    law = laws.pairs(CONTEXT)
    rotated = loss(law, F @ ROTATION, G @ ROTATION).item()
    same = rotated == pytest.approx(loss(law, F, G).item(), abs=1e-7)
    # svme_both whitens each side by its own triangular root, which a rotation changes
    coordinatewise = [losses.nested_low_rank, losses.vicreg, losses.barlow_twins]
    if loss not in (losses.svme, losses.svme_both):
        assert same == (loss not in coordinatewise)


@pytest.mark.parametrize("loss", TWO)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_collapsed_features_give_a_number_and_a_gradient(loss, dtype):
    """All features one constant, or copies of one: what training may run into."""
    law = laws.pairs(CONTEXT, dtype)
    for d, copy in [(2, False), (2, True), (16, True)]:
        f = torch.ones(N, d, dtype=dtype) * (F[:, :1].to(dtype) if copy else 1)
        g = torch.ones(M, d, dtype=dtype) * (G[:, :1].to(dtype) if copy else 1)
        f.requires_grad_()
        value = loss(law, f, g)
        value.backward()
        assert torch.isfinite(value) and torch.isfinite(f.grad).all()


def test_in_single_precision_collapsed_features_do_not_win():
    """Copies of one function, rounded: the trace must not exceed what that one is worth."""
    law = laws.inputs(CONTEXT, torch.float32)
    one = F[:, :1].float()
    f = one @ torch.ones(1, 16) * (1 + 1e-7 * torch.arange(16))
    alone = losses.whitened_trace(law, one, one)
    assert losses.whitened_trace(law, f, f) >= alone - 1e-2


# Mini-batches


SMALL = np.array([[0.3, 0.15, 0], [0, 0.25, 0], [0, 0, 0.3]])  # four pairs that can occur
SMALL_F, SMALL_G = tables(3, 3, 2, seed=1)


def batches(n, joint=SMALL):
    """All histograms of n pairs, (count, N, M), and their multinomial probabilities."""
    cells, mass = np.argwhere(joint), joint[joint > 0]
    bars = np.array(list(combinations(range(n + len(mass) - 1), len(mass) - 1)))  # stars and bars
    edges = np.pad(bars, [(0, 0), (1, 1)], constant_values=[(0, 0), (-1, n + len(mass) - 1)])
    counts = np.diff(edges, axis=1) - 1
    tables = np.zeros((len(counts), *joint.shape))
    tables[:, *cells.T] = counts
    return np.exp(gammaln(n + 1) - gammaln(counts + 1).sum(1) + counts @ np.log(mass)), tables


def law_of(histogram, n):
    """The law of a batch with these counts: `laws.batch`, with equal pairs added up."""
    share = histogram / n
    return laws.Law(share.sum(1), share.sum(0), lambda f, g: f.T @ share @ g, n)


def mean_over_batches(of, n, joint=SMALL):
    """E of(law) over batches of n pairs, exactly."""
    weights, histograms = batches(n, joint)
    values = torch.vmap(lambda counts: of(law_of(counts, n)))(torch.tensor(histograms))
    return np.tensordot(weights, values.detach().numpy(), 1)


def mean_of(loss, n, f=SMALL_F, g=SMALL_G, **options):
    return mean_over_batches(lambda law: loss(law, f, g, **options), n)


def exact(loss, f=SMALL_F, g=SMALL_G, **options):
    return loss(laws.pairs(cl.Context(SMALL)), f, g, **options).item()


def test_the_batches_are_all_there_are():
    weights, histograms = batches(7)
    assert weights.sum() == pytest.approx(1)
    assert np.tensordot(weights, histograms, 1) == pytest.approx(7 * SMALL)
    assert histograms.min() == 0 and len(np.unique(histograms, axis=0)) == len(weights) == 120


@pytest.mark.parametrize("loss", TWO)
def test_a_batch_is_the_law_of_its_pairs(loss):
    x, a = CONTEXT.sample(30, 0)
    histogram = np.zeros(P.shape)
    np.add.at(histogram, (x, a), 1)
    of_rows = loss(laws.batch(30, torch.float64), F[x], G[a]).item()
    assert loss(law_of(torch.tensor(histogram), 30), F, G).item() == pytest.approx(of_rows)


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("loss, options", [
    (losses.squared_error, {}),
    (losses.stop_gradient, {"predictor": PREDICTOR}),
])
def test_averages_over_pairs_are_unbiased(loss, options, n):
    assert mean_of(loss, n, **options) == pytest.approx(exact(loss, **options))


@pytest.mark.parametrize("n", [2, 3, 8])
def test_bias_of_uncentred_spectral_contrastive(n):
    """(E⟨f, g⟩² − E⟨f, g⁻⟩²)/n."""
    squares = (SMALL_F @ SMALL_G.T).numpy() ** 2
    bias = ((SMALL - np.outer(SMALL.sum(1), SMALL.sum(0))) * squares).sum() / n
    loss = losses.spectral_contrastive_uncentred
    assert mean_of(loss, n) - exact(loss) == pytest.approx(bias)


@pytest.mark.parametrize("n", [2, 8])
def test_covariances_shrink_by_one_nth(n):
    covariances = [mean_over_batches(lambda law, k=k: losses.moments(law, SMALL_F, SMALL_G)[k], n)
             for k in range(3)]
    truth = losses.moments(laws.pairs(cl.Context(SMALL)), SMALL_F, SMALL_G)
    for k in range(3):
        assert covariances[k] == pytest.approx((1 - 1 / n) * truth[k].numpy())


@pytest.mark.parametrize("n", [2, 8])
def test_the_covariance_penalty_penalises_noise(n, strength=0.7):
    """λ‖(1 − 1/n)Cov − I‖² + λ E‖Ĉ − EĈ‖², and the distance without bias."""
    def covariance(law):
        return sum(losses.moments(law, SMALL_F, SMALL_G)[:2]) / 2

    mean = torch.tensor(mean_over_batches(covariance, n))
    noise = mean_over_batches(lambda law: ((covariance(law) - mean) ** 2).sum(), n)
    Cov = covariance(laws.pairs(cl.Context(SMALL))).numpy()
    stated = ((1 - 1 / n) * Cov - np.eye(2)) ** 2
    expected = exact(losses.squared_error) + strength * (stated.sum() + noise)
    assert noise > 0
    assert mean_of(losses.covariance_penalty, n, strength=strength) == pytest.approx(expected)


def fitted_error(law, f, g):
    return losses.squared_error(law, losses.linear_fit(law, f, g), g)


@pytest.mark.parametrize("d, loss", [
    *[(2, loss) for loss in (losses.spectral_contrastive, losses.low_rank,
      losses.nested_low_rank, losses.info_nce, losses.vicreg)],
    # two values of an input are enough to whiten one feature: no degenerate batches to speak of
    *[(1, loss) for loss in (fitted_error, losses.barlow_twins, losses.svme, losses.svme_both,
                             *WHITENED)],
])
def test_the_other_biases_are_of_order_one_nth(loss, d):
    """Twice the pairs, about half the bias."""
    f, g = torch.tensor([[-1.0, 0.5], [0, -1], [1.0, 1]])[:, :d].double(), SMALL_G[:, :d]
    bias = [mean_of(loss, n, f, g) - exact(loss, f, g) for n in (30, 60)]
    assert 1.7 < bias[0] / bias[1] < 2.4
    assert loss is not fitted_error or bias[0] < 0  # fitted to the batch: the error is too small


def test_variances_of_vicreg_divide_by_n_minus_one():
    f = 0.3 * tables(3, 3)[0][:, :1]  # one feature, of two views alike
    expected = 25 * (1 - np.sqrt(f.numpy().var(ddof=1) + 1e-4))
    assert losses.vicreg(laws.batch(3, torch.float64), f, f).item() == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_to_collapse_does_not_pay(dtype):
    """Both SVME losses are the number of directions if f is constant, and so predicts nothing."""
    law, g = laws.batch(6, dtype), tables(6, 6)[1].to(dtype)
    flat = torch.cat([g[:, :1], 1 + 1e-7 * g[:, 1:]], dim=1)
    assert losses.svme(law, torch.ones_like(g), 0 * g).item() == pytest.approx(2)
    assert losses.svme(law, flat, 0 * g).item() == pytest.approx(2)
    assert losses.svme_both(law, torch.ones_like(g), g).item() == pytest.approx(4)


def test_infonce_as_it_is_used_is_the_cross_entropy_of_cosines_over_the_temperature():
    f, g = tables(6, 6)
    cosines = torch.nn.functional.cosine_similarity(f[:, None], g, dim=-1)
    for settings, tau in (({}, 0.5), ({"temperature": 0.1}, 0.1)):
        entropy = torch.nn.functional.cross_entropy(cosines / tau, torch.arange(6)).item()
        batch = losses.info_nce_cosine(laws.batch(6, torch.float64), f, g, **settings).item()
        assert batch + log(6) == pytest.approx(entropy)


def test_infonce_of_a_batch_is_cross_entropy():
    f, g = tables(6, 6)
    entropy = torch.nn.functional.cross_entropy(f @ g.T, torch.arange(6)).item()
    batch = losses.info_nce(laws.batch(6, torch.float64), f, g).item()
    assert batch + log(6) == pytest.approx(entropy)


@pytest.mark.parametrize("sharp", [0.3, 1.0, 3.0])
def test_infonce_never_says_more_than_the_information_or_log_n(sharp):
    """−E loss ≤ min(I, log n), more with more pairs; the critic log P/(p q) sharpened."""
    joint = np.array([[0.46, 0.04], [0.06, 0.44]])
    context = cl.Context(joint)
    f, g = (torch.as_tensor(v) for v in find("InfoNCE").minimiser(context, 2))
    said = []
    for n in range(2, 9):
        said.append(-mean_over_batches(
            lambda law: losses.info_nce(law, sharp * f, g), n, joint))
        assert said[-1] <= min(context.mutual_information(), log(n)) + 1e-12
    assert sharp > 1 or np.all(np.diff(said) > 0)


def test_no_batch_says_more_than_log_n():
    f = 50 * torch.eye(4, dtype=torch.float64)
    said = -losses.info_nce(laws.batch(4, torch.float64), f, f).item()
    assert said == pytest.approx(log(4)) and said <= log(4)
