"""Encoders: shapes, seeds, the skip, and what stays untouched."""

import numpy as np
import pytest
import torch

from contexture_lite import learn

torch.set_num_threads(1)

X = np.random.default_rng(0).standard_normal((7, 3))


def values(model):
    return torch.cat([p.flatten() for p in model.parameters()])


def test_a_table_gives_its_rows():
    table = learn.TableEncoder(6, 2, seed=3)
    assert table().shape == (6, 2) and table().dtype == torch.float64
    assert torch.equal(table(torch.tensor([4, 0, 4])), table()[[4, 0, 4]])


def test_repeated_positions_add_their_gradients():
    table = learn.TableEncoder(3, 1)
    table(torch.tensor([0, 0, 2])).sum().backward()
    assert table.values.grad.flatten().tolist() == [2, 0, 1]


@pytest.mark.parametrize("make", [
    lambda seed: learn.TableEncoder(5, 2, seed=seed),
    lambda seed: learn.ResidualMLP(3, 2, width=4, seed=seed),
])
def test_the_seed_decides_and_the_global_generator_is_left_alone(make):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, same, other = make(0), make(0), make(1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(values(first), values(same))
    assert not torch.equal(values(first), values(other))


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_network_has_the_layers_it_says(depth):
    net = learn.ResidualMLP(3, 4, width=8, depth=depth)
    count = (3 * 4 + 4) + (3 * 8 + 8) + (depth - 1) * (8 * 8 + 8) + 8 * 4
    assert sum(p.numel() for p in net.parameters()) == count
    assert net(X).shape == (7, 4) and net(X).dtype == torch.float32


def test_the_network_is_its_formula():
    net = learn.ResidualMLP(3, 4, width=8, depth=3, seed=1)
    weights = {name: p.detach().numpy().astype(float) for name, p in net.named_parameters()}
    h = np.tanh(X @ weights["first.weight"].T + weights["first.bias"])
    for k in (0, 1):
        h = h + np.tanh(h @ weights[f"inner.{k}.weight"].T + weights[f"inner.{k}.bias"])
    by_hand = X @ weights["skip.weight"].T + weights["skip.bias"] + h @ weights["last.weight"].T
    assert np.allclose(net(X).detach().numpy(), by_hand, atol=1e-5)


def test_with_the_hidden_part_off_the_network_is_linear():
    net = learn.ResidualMLP(3, 2)
    with torch.no_grad():
        net.last.weight.zero_()
        middle = net((X[:1] + X[1:2]) / 2)
        assert torch.allclose(middle, (net(X[:1]) + net(X[1:2])) / 2, atol=1e-6)


@pytest.mark.parametrize("name", ["inputs", "outputs", "width", "depth"])
def test_sizes_that_are_no_sizes(name):
    sizes = dict(inputs=3, outputs=2, width=4, depth=2)
    with pytest.raises(ValueError, match=f"{name} is 0; it must be at least 1"):
        learn.ResidualMLP(**sizes | {name: 0})
    with pytest.raises(TypeError, match=f"{name} is 2.5; it must be an integer"):
        learn.ResidualMLP(**sizes | {name: 2.5})


def test_points_with_the_wrong_number_of_columns():
    with pytest.raises(ValueError, match=r"x has shape \(7, 2\); it must be \(n, 3\)"):
        learn.ResidualMLP(3, 2)(X[:, :2])


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_network_takes_points_to_its_own_precision(dtype):
    net = learn.ResidualMLP(3, 2, width=4).to(dtype)
    assert net(X).dtype == net(torch.tensor(X)).dtype == dtype
    assert net.to("meta")(X).device.type == "meta"


@pytest.mark.parametrize("name", ["n", "d", "seed"])
def test_a_table_of_no_size(name):
    sizes = dict(n=3, d=2, seed=0)
    with pytest.raises(ValueError, match=f"{name} is -1; it must be at least"):
        learn.TableEncoder(**sizes | {name: -1})
    with pytest.raises(TypeError, match=f"{name} is 2.5; it must be an integer"):
        learn.TableEncoder(**sizes | {name: 2.5})
