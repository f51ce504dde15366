"""Losses on a table of scores: values by hand, and what is learned from all pairs of a context."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import retrieval
from contexture_lite.learn import negatives

COUNTS = np.array([[60, 20, 10, 10], [10, 30, 40, 20], [15, 15, 15, 55]])
CONTEXT = cl.Context.from_counts(COUNTS)
SCORES = torch.tensor(np.random.default_rng(0).standard_normal((5, 5)))


def learned(loss):
    """The (3, 4) critic, made centred row by row, with the least ``loss`` of all pairs' scores."""
    x, a = np.repeat(np.indices(COUNTS.shape).reshape(2, -1), COUNTS.ravel(), axis=1)
    f = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    step = torch.optim.Adam([f], lr=0.1)
    for number in range(150):
        step.param_groups[0]["lr"] = 0.1 * (1 - number / 150)
        step.zero_grad()
        loss(f[x][:, a], a).backward()
        step.step()
    f = f.detach().numpy()
    return f - f.mean(axis=1, keepdims=True)


def centred(critic):
    return critic - critic.mean(axis=1, keepdims=True)


def test_in_batch_negatives_learn_the_log_ratio():
    critic = learned(lambda scores, a: negatives.n_pair(scores))
    assert np.allclose(critic, centred(retrieval.log_q_critic(CONTEXT)), atol=0.02)


def test_the_log_q_correction_learns_the_log_probability():
    log_q = torch.log(torch.tensor(CONTEXT.p_a))
    critic = learned(lambda scores, a: negatives.n_pair(negatives.log_q(scores, log_q[a])))
    assert np.allclose(critic, centred(retrieval.log_q_critic(CONTEXT, corrected=True)), atol=0.02)


@pytest.mark.parametrize("beta", [0.0, 0.5])
def test_hard_negatives_learn_a_flatter_critic(beta):
    critic = learned(lambda scores, a: negatives.hard_negatives(scores, beta))
    wanted = centred(retrieval.hard_critic(CONTEXT, beta, refreshed=True))
    assert np.allclose(critic, wanted, atol=0.03)


def test_the_logistic_triplet_learns_the_log_ratio_and_the_hinge_a_staircase():
    critic = learned(lambda scores, a: negatives.triplet(scores))
    assert np.allclose(critic, centred(retrieval.log_q_critic(CONTEXT)), atol=0.03)
    P, q = np.array([0.5, 0.3, 0.2]), np.full(3, 1 / 3)  # ratios 1.5, 0.9, 0.6

    def hinge(f):
        return P @ np.maximum(0, 1 + np.subtract.outer(f, f).T) @ q

    def without_own(f):  # a negative that is the positive costs the margin, whatever f
        return hinge(np.array(f)) - P @ q

    steps = [(0, i, j) for i in range(-3, 4) for j in range(-3, 4)]
    best = min(steps, key=without_own)
    assert best == (0, -1, -1) and without_own(best) == pytest.approx(0.5)
    finer = [(0, i / 4, j / 4) for i in range(-12, 13) for j in range(-12, 13)]
    assert min(map(without_own, finer)) == pytest.approx(0.5)


def test_values_by_hand():
    S, off = SCORES.numpy(), ~np.eye(5, dtype=bool)
    gaps = S - np.diag(S)[:, None]
    nce = (np.log(np.exp(S).sum(axis=1)) - np.diag(S)).mean()
    assert float(negatives.n_pair(SCORES)) == pytest.approx(nce)
    assert float(negatives.hard_negatives(SCORES, 0)) == pytest.approx(nce)
    weights = np.where(off, np.exp(2 * S), 0)
    weights /= weights.sum(axis=1, keepdims=True)
    hard = np.log(np.exp(np.diag(S)) + 4 * (weights * np.exp(S)).sum(axis=1)) - np.diag(S)
    assert float(negatives.hard_negatives(SCORES, 2.0)) == pytest.approx(hard.mean())
    assert float(negatives.triplet(SCORES, 0.7)) == pytest.approx(
        np.maximum(0, 0.7 + gaps[off]).mean())
    assert float(negatives.triplet(SCORES)) == pytest.approx(np.log1p(np.exp(gaps[off])).mean())
    classes = torch.tensor([0, 1, 1, 4, 2])
    log_sums = np.log(np.exp(S).sum(axis=1))
    assert float(negatives.proxy(SCORES, classes)) == pytest.approx(
        (log_sums - S[np.arange(5), classes.numpy()]).mean())


def test_all_negatives_loss_is_numpys_and_has_a_gradient():
    phi, psi = np.random.default_rng(1).standard_normal((2, 30, 4))
    f, g = (torch.tensor(rows, requires_grad=True) for rows in (phi, psi))
    loss = negatives.all_negatives_loss(f, g)
    assert float(loss.detach()) == pytest.approx(retrieval.all_negatives_loss(phi, psi), abs=1e-12)
    loss.backward()
    assert torch.autograd.gradcheck(negatives.all_negatives_loss, (f[:4], g[:4]))


def test_a_queue_holds_the_newest_keys_without_gradients():
    queue = negatives.Queue(5)
    assert queue.keys is None
    for start in (0, 3, 6):
        queue.push(torch.arange(start, start + 3.0, requires_grad=True)[:, None] * torch.ones(1, 2))
    assert queue.keys[:, 0].tolist() == [4, 5, 6, 7, 8] and not queue.keys.requires_grad
    with pytest.raises(ValueError, match="keys has 3 columns, those in the queue 2"):
        queue.push(torch.ones(2, 3))
    assert len(queue.keys) == 5


@pytest.mark.parametrize(("call", "words"), [
    (lambda: negatives.n_pair(SCORES[:, :3]), r"scores has shape \(5, 3\)"),
    (lambda: negatives.n_pair(np.eye(3)), "scores must be a tensor"),
    (lambda: negatives.n_pair(SCORES[:1, :1]), "B at least 2"),
    (lambda: negatives.hard_negatives(SCORES, -1), "beta is -1"),
    (lambda: negatives.triplet(SCORES, 0), "margin is 0"),
    (lambda: negatives.log_q(SCORES, torch.ones(4)), r"log_q must be a tensor of shape \(5,\)"),
    (lambda: negatives.proxy(SCORES, torch.tensor([1])), "classes must be a tensor"),
    (lambda: negatives.all_negatives_loss(SCORES, SCORES[:3]), "phi has shape"),
    (lambda: negatives.Queue(0), "size is 0"),
])
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
