"""What losses take: any precision, device and batch; and what they say of anything else.

All public losses are found in the module, so that a new one is tested without being named.
"""

import inspect
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch import nn

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.learn import laws, losses

torch.set_num_threads(1)

CONTEXT = cl.Context.from_counts(np.random.default_rng(0).random((5, 5)) ** 2 + 0.02)
SPARSE = cl.Context(sp.csr_array(CONTEXT.joint))
EXACT = {"pairs": laws.pairs, "views": laws.views, "inputs": laws.inputs,
         "swapped": lambda c: laws.swapped(laws.pairs(c)),
         "kernel": lambda c: laws.kernel(c.dual_kernel(), c.p_x)}


def predictor(f):
    return f @ torch.tensor([[1.0, 0.3], [-0.2, 0.8]], dtype=f.dtype, device=f.device)


DOORS = {name: function for name, function in vars(losses).items()
         if inspect.isfunction(function) and not name.startswith("_")
         and list(inspect.signature(function).parameters)[:3] == ["law", "f", "g"]}
FREE_WIDTH = ["moments", "linear_fit"]
LOSSES = {name: partial(loss, predictor=predictor) if name == "stop_gradient" else loss
          for name, loss in DOORS.items() if name not in FREE_WIDTH}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
F, G = (torch.tensor(v) for v in np.random.default_rng(1).standard_normal((2, 5, 2)))


def test_the_doors_are_found():
    assert len(LOSSES) >= 17 and {"vicreg", "kise", "stop_gradient"} <= set(LOSSES)


def value_and_gradient(loss, law, f, g):
    f, g = f.clone().requires_grad_(), g.clone().requires_grad_()
    value = loss(law, f, g)
    value.backward()
    return value.detach(), f.grad


# -- precision


@every_loss
@pytest.mark.parametrize("make", EXACT.values(), ids=EXACT)
def test_a_float32_network_on_an_exact_distribution(loss, make):
    """Also where the table is sparse: value and gradient of float64, as far as float32 goes."""
    exact, slope = value_and_gradient(loss, make(CONTEXT), F, G)
    for context in (CONTEXT, SPARSE):
        value, gradient = value_and_gradient(loss, make(context), F.float(), G.float())
        assert value.dtype == gradient.dtype == torch.float32
        assert value.item() == pytest.approx(exact.item(), rel=1e-4, abs=1e-4)
        assert torch.allclose(gradient.double(), slope, rtol=1e-3, atol=1e-3)


@every_loss
def test_a_float64_network_loses_nothing_to_a_batch_made_in_float32(loss):
    exact = loss(laws.batch(5, torch.float64), F, G)
    assert torch.equal(loss(laws.batch(5), F, G), exact)
    assert loss(laws.batch(5), F.float(), G).item() == pytest.approx(exact.item(), rel=1e-5)


@every_loss
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_half_precision_is_summed_in_single(loss, half):
    f, g = F.to(half), G.to(half)
    exact = loss(laws.views(CONTEXT), f.double(), g.double())
    value = loss(laws.views(CONTEXT), f, g)
    assert value.dtype == torch.float32
    room = 2e-3 if isinstance(loss, partial) else 1e-4  # stop_gradient's predictor is of half too
    assert value.item() == pytest.approx(exact.item(), rel=room, abs=room)


@every_loss
@pytest.mark.parametrize("law", [laws.views(CONTEXT), laws.views(SPARSE), laws.batch(5)])
def test_under_autocast(loss, law):
    """The network's products are of bfloat16, the loss's are not."""
    net = learn.ResidualMLP(3, 2, width=8, depth=1)
    x, y = torch.tensor(np.random.default_rng(2).standard_normal((2, 5, 3)), dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        f, g = net(x), net(y)
        value = loss(law, f, g)
    assert f.dtype == torch.bfloat16 and value.dtype == torch.float32
    value.backward()
    exact = loss(law, f.detach().double(), g.detach().double())
    # the ridge of float32 is 1e-5; the predictor of stop_gradient is a network too
    room = 2e-2 if isinstance(loss, partial) else 1e-3
    assert value.item() == pytest.approx(exact.item(), rel=room, abs=room)
    slopes = torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None])
    assert torch.isfinite(slopes).all() and slopes.any()


def test_a_distribution_is_made_once_for_each_precision():
    law = laws.inputs(SPARSE)
    assert law.like(F) is law and law.like(F.float()) is law.like(G.float())
    assert torch.equal(law.like(F.float()).p, torch.tensor(CONTEXT.p_x, dtype=torch.float32))
    twice = laws.swapped(laws.pairs(CONTEXT)).like(F.float())
    assert twice.size is None and torch.equal(twice.p.double().round(decimals=5),
                                              torch.tensor(CONTEXT.p_a).round(decimals=5))


def test_a_distribution_of_ones_own_says_what_it_needs():
    law = laws.Law(torch.full((5,), 0.2), torch.full((5,), 0.2), lambda f, g: f.T @ g / 5)
    assert torch.isfinite(losses.vicreg(law, F.float(), G.float()))
    with pytest.raises(TypeError, match=r"law holds torch.float32 on cpu, the features are torch"
                                        r".float64 on cpu; make the law with their dtype"):
        losses.vicreg(law, F, G)


# -- devices: "meta" holds no numbers, but what is made elsewhere than the features fails there


@every_loss
@pytest.mark.parametrize("make", [*EXACT.values(), lambda c: laws.batch(5, torch.float64)])
def test_nothing_is_made_on_the_default_device(loss, make):
    dense, thin = make(CONTEXT), make(SPARSE)
    expected = loss(dense, F, G)
    with torch.device("meta"):
        for law in (dense, thin):
            assert torch.allclose(loss(law, F, G), expected)
            assert loss(law, F.float(), G.float()).device.type == "cpu"


@every_loss
@pytest.mark.parametrize("make", [*EXACT.values(), lambda c: laws.batch(5)])
def test_the_distribution_follows_the_features_to_their_device(loss, make):
    law = make(CONTEXT)
    assert loss(law, F.to("meta"), G.to("meta")).device.type == "meta"
    assert law.p.device.type == "cpu"


def test_what_else_is_made_has_its_device():
    expected = learn.objectives.find("supervised").on(CONTEXT, 2).loss()
    with torch.device("meta"):
        assert learn.TableEncoder(3, 2).values.device.type == "cpu"
        x, a = learn.draws.pairs(CONTEXT)(4, torch.Generator("cpu").manual_seed(0))
        assert len(x) == len(a) == 4
    assert learn.laws.pairs(CONTEXT, device="meta").p.device.type == "meta"
    problem = learn.objectives.find("supervised").on(CONTEXT, 2).float()
    assert problem.loss().item() == pytest.approx(expected.item(), rel=1e-5)
    assert problem.features().dtype == np.float64
    meta = learn.objectives.find("stop-gradient").on(CONTEXT, 2).to("meta")
    assert meta.loss().device.type == "meta"


# -- degenerate features


@every_loss
def test_one_pair(loss):
    """No variance: VICReg, which divides by n − 1, says so; the others give a number."""
    f, g = F[:1].clone().requires_grad_(), G[:1].clone().requires_grad_()
    if loss is losses.vicreg:
        with pytest.raises(ValueError, match="law is a batch of one pair, which has no variance"):
            loss(laws.batch(1), f, g)
        return
    value = loss(laws.batch(1), f, g)
    value.backward()
    assert torch.isfinite(value) and torch.isfinite(f.grad).all() and torch.isfinite(g.grad).all()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("constant", [0.0, 3.0])
def test_a_unit_that_is_constant_in_one_view_has_a_moderate_gradient(loss, dtype, constant):
    """Above 10⁵ times the usual one Adam, which remembers it, would stand still for long."""
    silent = G.clone()
    silent[:, 1] = constant
    for pair in ((F, silent), (silent, F)):
        f, g = (v.to(dtype, copy=True).requires_grad_() for v in pair)
        value = loss(laws.views(CONTEXT), f, g)
        value.backward()
        assert torch.isfinite(value)
        assert max(f.grad.abs().max(), g.grad.abs().max()) < 5e5


def test_barlow_twins_wakes_a_unit_that_is_constant_in_one_view():
    """Two towers of two units, one of them silent at the start: both correlations come to s_i."""
    s = cl.singular_system(CONTEXT, 2).values
    for seed in range(2):
        first, second = (learn.TableEncoder(5, 2, seed=2 * seed + k) for k in (0, 1))
        with torch.no_grad():
            second.values[:, 1] = 3.0
        law = laws.pairs(CONTEXT)
        list(learn.train(lambda f=first, g=second, law=law: losses.barlow_twins(law, f(), g(), 1.0),
                         nn.ModuleList([first, second]), steps=300, learning_rate=0.1))
        C_f, C_g, B = losses.moments(law, first(), second())
        R = torch.diagonal(B) / torch.sqrt(torch.diagonal(C_f) * torch.diagonal(C_g))
        assert 0.5 * s[1] < R[1].item() <= s[0] + 1e-6


def test_barlow_twins_does_not_see_the_scale():
    law = laws.views(CONTEXT)
    plain = losses.barlow_twins(law, F, G).item()
    for size in (1e-6, 1e6):
        assert losses.barlow_twins(law, size * F, size * G).item() == pytest.approx(plain)
    sizes = torch.logspace(-3, 3, F.shape[1], dtype=F.dtype)  # a unit's size is its own affair
    assert losses.barlow_twins(law, sizes * F + 1, sizes * G).item() == pytest.approx(plain)


def test_stop_gradient_of_a_silent_row_and_of_a_predictor_that_starts_at_zero():
    f = F.clone()
    f[0] = 0
    f.requires_grad_()
    net = nn.Linear(2, 2, bias=False, dtype=torch.float64)
    for scale in (1.0, 0.0):
        with torch.no_grad():
            net.weight.mul_(scale)
        losses.stop_gradient(laws.views(CONTEXT), f, f, net).backward()
        assert torch.isfinite(f.grad).all() and f.grad.abs().max() < 1e6
        assert net.weight.grad.abs().max() < 1e6


# -- errors


def message(error, words, call, *arguments, **options):
    with pytest.raises(error, match=words):
        call(*arguments, **options)


@pytest.mark.parametrize("name", DOORS)
def test_features_that_do_not_belong_to_the_distribution(name):
    loss = LOSSES.get(name, DOORS[name])
    law = laws.pairs(CONTEXT)
    message(TypeError, "law is a Context; it must be a distribution", loss, CONTEXT, F, G)
    message(TypeError, "f is a ndarray; it must be a torch tensor", loss, law, F.numpy(), G)
    message(TypeError, "g has dtype torch.int64; it must hold", loss, law, F, G.long())
    message(TypeError, "g has dtype torch.complex128", loss, law, F, G + 0j)
    message(ValueError, r"f has shape \(3, 2\); on this law it must be \(5, d\)", loss, law,
            F[:3], G)
    message(ValueError, r"g has shape \(5,\); on this law", loss, law, F, G[:, 0])
    message(ValueError, r"f has shape \(5, 0\)", loss, law, F[:, :0], G[:, :0])
    message(ValueError, "f is on cpu and g on meta; move one", loss, law, F, G.to("meta"))
    message(ValueError, r"f has shape \(5, 2\); on this law it must be \(4, d\)", loss,
            laws.batch(4), F, G[:4])


@pytest.mark.parametrize("name", DOORS)
def test_features_of_two_widths(name):
    wide = torch.hstack([F, F[:, :1]])
    if name in FREE_WIDTH:
        DOORS[name](laws.pairs(CONTEXT), wide, G)
        return
    options = {"predictor": lambda f: f} if name == "stop_gradient" else {}
    for pair in ((wide, G), (F, G[:, :1])):
        message(ValueError, r"f has \d columns and g \d; .* compares them column by column",
                DOORS[name], laws.pairs(CONTEXT), *pair, **options)


def test_options_that_mean_nothing():
    law = laws.pairs(CONTEXT)
    message(ValueError, "strength is -1; it must be at least 0", losses.covariance_penalty, law,
            F, G, -1)
    message(TypeError, "redundancy is '1'; it must be a number", losses.barlow_twins, law, F, G,
            "1")
    message(ValueError, "temperature is 0; it must be above 0", losses.info_nce_cosine, law, F,
            G, 0)
    message(TypeError, "predictor is a NoneType; it must be a function", losses.stop_gradient,
            law, F, G, None)
    message(TypeError, "law is a Context; it must be a Law", laws.swapped, CONTEXT)
