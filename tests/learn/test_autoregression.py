"""The tiny causal transformer sees no future, and its loss is the two errors."""

import numpy as np
import pytest
import torch

from contexture_lite import learn

X = torch.randn(5, 4, 6, generator=torch.Generator().manual_seed(0))
TARGETS = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(1))


def test_a_state_depends_on_the_tokens_up_to_it():
    model = learn.CausalTransformer(6, 4, width=8, seed=1)
    with torch.no_grad():
        before = model(X)
        for t in range(4):
            other = X.clone()
            other[:, t] += 1
            moved = (model(other) - before).abs().amax(dim=(0, 2)) > 1e-6
            assert moved.tolist() == [False] * t + [True] * (4 - t)
        assert torch.allclose(model(X[:, :2]), before[:, :2], atol=1e-6)
        assert torch.allclose(model(X.numpy()), before)


def test_the_loss_is_the_two_errors():
    model = learn.CausalTransformer(6, 4, width=8)
    heads = learn.NextToken(model, 3, visible=0.7)
    h = model(X)
    ahead = sum(((TARGETS[:, t + 1] - heads.next(h[:, t])) ** 2).sum(dim=1) for t in range(3)) / 3
    here = sum(((TARGETS[:, t] - heads.last(h[:, t])) ** 2).sum(dim=1) for t in range(4)) / 4
    assert heads(X, TARGETS).item() == pytest.approx((ahead + 0.7 * here).mean().item(), rel=1e-5)
    alone = learn.NextToken(model, 3)
    assert alone(X, TARGETS.numpy()).item() == pytest.approx(ahead.mean().item(), rel=1e-5)


def test_the_same_seed_is_the_same_model_and_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    one, other = (learn.CausalTransformer(6, 4, seed=3) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(map(torch.equal, one.parameters(), other.parameters()))


def test_it_learns_what_the_next_token_is():
    x = torch.nn.functional.one_hot((torch.arange(64)[:, None] + torch.arange(4)) % 3, 3).float()
    heads = learn.NextToken(learn.CausalTransformer(3, 4, width=8, depth=1, heads=2), 3)
    run = learn.train(lambda: heads(x, x), heads, steps=60, learning_rate=0.02, every=60)
    first, last = [record.loss for record in run]
    assert last < 0.1 * first


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: learn.CausalTransformer(6, 4, width=9), ValueError, "width is 9; it must be a mult"),
    (lambda: learn.CausalTransformer(0, 4), ValueError, "inputs is 0"),
    (lambda: learn.CausalTransformer(6, 4, width=8)(X[0]), ValueError, r"x has shape \(4, 6\)"),
    (lambda: learn.CausalTransformer(6, 3, width=8)(X), ValueError, r"at most 3, 6"),
    (lambda: learn.NextToken(learn.CausalTransformer(6, 4, width=8), 3, visible=-1), ValueError,
     "visible is -1"),
    (lambda: learn.NextToken(learn.CausalTransformer(6, 4, width=8), 2)(X, TARGETS), ValueError,
     r"targets has shape \(5, 4, 3\); it must be \(5, 4, 2\)"),
    (lambda: learn.NextToken(learn.CausalTransformer(6, 4, width=8), 2)(X, np.zeros(3)),
     ValueError, "targets has shape"),
])
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
