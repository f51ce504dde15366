"""The training loop: records, Stop, resuming, divergence, threads, the bar."""

import itertools

import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn
from contexture_lite.learn import laws, losses

torch.set_num_threads(1)

CONTEXT = cl.gallery.cycle_walk(0.4, n=6)


def noisy(steps=35, seed=0, **options):
    """A table, and a training whose loss draws random numbers."""
    table = learn.TableEncoder(5, 2)
    def loss(generator):
        noise = torch.randn(5, 2, generator=generator, dtype=torch.float64)
        return ((table() + noise) ** 2).sum()
    return table, learn.train(loss, table, steps=steps, seed=seed, **options)


# Records


@pytest.mark.parametrize("steps, every, expected", [
    (35, 10, [0, 10, 20, 30, 35]), (30, 10, [0, 10, 20, 30]), (3, 10, [0, 3]), (2, 1, [0, 1, 2]),
    (1, 1, [0, 1]),
])
def test_records_come_at_the_start_every_few_steps_and_at_the_end(steps, every, expected):
    _, training = noisy(steps, every=every)
    assert not training.finished and training.history == []
    records = list(training)
    assert [record.step for record in records] == expected
    assert training.history == records and training.finished and training.step == steps
    assert list(training) == []


def test_a_record_is_the_loss_at_these_parameters():
    table = learn.TableEncoder(4, 2)
    for record in learn.train(lambda: (table() ** 2).sum(), table, steps=20, every=5):
        assert record.loss == (table() ** 2).sum().item()


def test_nothing_happens_before_the_first_record():
    table, training = noisy()
    start = table().detach().clone()
    assert training.step == 0
    next(training)
    assert torch.equal(table(), start)
    next(training)
    assert not torch.equal(table(), start)


def test_it_finds_a_minimum_that_is_known():
    """Spectral contrastive on the cycle: −½ Σ s_i⁴, reached from two starts."""
    exact = -0.5 * (cl.singular_system(CONTEXT, 2).values ** 4).sum()
    law = laws.inputs(CONTEXT)
    for seed in range(2):
        table = learn.TableEncoder(6, 2, seed=seed)
        training = learn.train(lambda f=table: losses.spectral_contrastive(law, f(), f()), table,
                               steps=400, learning_rate=0.1)
        assert exact - 1e-9 < list(training)[-1].loss < exact + 1e-6


def test_the_rate_rises_and_falls():
    """The parameter of a constant slope moves by the rate itself: Adam's step has size η."""
    table = learn.TableEncoder(1, 1)
    training = learn.train(lambda: table().sum(), table, steps=100, learning_rate=0.5, every=1)
    places = [table().item() for _ in training]
    moves = [before - after for before, after in itertools.pairwise(places)]
    assert max(moves) == pytest.approx(0.5, rel=0.05)
    assert 20 < moves.index(max(moves)) < 40 and moves[0] < 0.05 and 0 < moves[-1] < 0.005


# Seeds, Stop, and going on


def test_the_seed_decides_the_history():
    one, same, other = (list(noisy(seed=seed)[1]) for seed in (4, 4, 5))
    assert one == same and one != other


def test_records_do_not_disturb_what_is_drawn():
    often, rarely = noisy(every=1), noisy(every=35)
    assert list(often[1])[-1] == list(rarely[1])[-1] and torch.equal(often[0](), rarely[0]())


def test_stop_ends_the_loop_and_a_new_loop_goes_on():
    table, training = noisy()
    for record in training:
        if record.step == 20:
            training.stop()
    assert training.step == 20 and not training.finished
    assert [record.step for record in training] == [30, 35]
    whole = noisy()
    assert list(whole[1]) == training.history and torch.equal(table(), whole[0]())


def test_stop_acts_within_one_step():
    """Also when it is pressed while the steps to the next record are being made."""
    table = learn.TableEncoder(2, 1)
    def loss():
        if training.step == 7:
            training.stop()
        return (table() ** 2).sum()
    training = learn.train(loss, table, steps=1000, every=500)
    assert [record.step for record in training] == [0]
    assert training.step == 8
    assert next(iter(training)).step == 500


@pytest.mark.parametrize("at", [0, 20, 30])
def test_resuming_is_as_if_nothing_had_come_between(at, tmp_path):
    whole_table, whole = noisy()
    list(whole)
    _, first = noisy()
    for record in first:
        if record.step == at:
            break
    torch.save(first.state(), tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    table, second = noisy(seed=99)
    assert second.resume(state) is second
    list(second)
    assert second.history == whole.history and torch.equal(table(), whole_table())


def test_a_state_is_a_copy():
    table, training = noisy()
    next(training)
    state = training.state()
    start = table().detach().clone()
    list(training)
    list(training.resume(state))
    training.resume(state)
    assert torch.equal(table(), start) and [r.step for r in training.history] == [0]


def test_a_state_of_another_training_is_refused():
    _, training = noisy()
    state = noisy(steps=40)[1].state()
    with pytest.raises(ValueError, match="state is of a training with steps=40; here steps is 35"):
        training.resume(state)
    older = {name: part for name, part in training.state().items() if name != "layers"}
    for other in ({}, [], None, older):
        with pytest.raises(TypeError, match=r"state must be what training.state\(\) returned"):
            training.resume(other)


# Looking changes nothing: layers that draw, layers that count


def layered(every=10, seed=0, look=lambda: None):
    """A net with Dropout and BatchNorm, and a loss that draws, from generator and globally."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8),
                                  torch.nn.Dropout(0.5), torch.nn.Linear(8, 2))

    def loss(generator):
        look()
        x = torch.randn(20, 3, generator=generator)
        return ((net(x) - x[:, :2]) ** 2).mean() + 0.1 * (torch.rand(2) * net(x)).mean()

    return net, learn.train(loss, net, steps=40, every=every, seed=seed)


def tensors(net):
    """Weights, and what BatchNorm has counted."""
    return {name: value.clone() for name, value in net.state_dict().items()}


def same(net, expected):
    return all(torch.equal(value, expected[name]) for name, value in net.state_dict().items())


@pytest.fixture(scope="module")
def undisturbed():
    net, training = layered(every=40)
    history = list(training)
    return tensors(net), history[-1]


@pytest.mark.parametrize("every", [1, 5, 7, 20, 40])
def test_the_weights_do_not_depend_on_how_often_one_looks(every, undisturbed):
    net, training = layered(every)
    for _ in training:
        torch.rand(every)  # a picture may draw too
    assert same(net, undisturbed[0]) and training.history[-1] == undisturbed[1]
    assert net[1].num_batches_tracked == 2 * 40


def test_the_global_generator_is_left_alone_and_decides_nothing(undisturbed):
    torch.manual_seed(123)
    before = torch.get_rng_state()
    net, training = layered(5)
    list(training)
    assert torch.equal(torch.get_rng_state(), before) and same(net, undisturbed[0])
    other, training = layered(5, seed=1)
    list(training)
    assert not same(other, undisturbed[0])


@pytest.mark.parametrize("step", [0, 1, 4, 5, 9, 10, 13, 20, 39, 40])
def test_stop_and_resume_at_any_step(step, tmp_path, undisturbed):
    """Stopped while the steps to the next record are being made, saved, taken up elsewhere."""
    def stopping():
        if torch.is_grad_enabled() and training.step == step - 1:
            training.stop()

    net, training = layered(10, look=stopping)
    list(training) if step else next(training)
    assert training.step == step
    torch.save(training.state(), tmp_path / "state.pt")
    torch.rand(7)
    again, second = layered(10, seed=5)
    second.resume(torch.load(tmp_path / "state.pt", weights_only=True))
    list(second)
    assert same(again, undisturbed[0]) and second.history[-1] == undisturbed[1]
    assert [r.step for r in second.history] == [0, 10, 20, 30, 40]
    list(training)  # and here, in the same net
    assert same(net, undisturbed[0]) and training.history == second.history


@pytest.mark.parametrize("call", [1, 2, 6, 7, 8, 30, 45])
def test_an_interrupt_inside_a_look_or_inside_a_step(call, undisturbed):
    """Ctrl-C after the draws and after BatchNorm has counted; then the loop is taken up again."""
    calls = itertools.count(1)
    net, training = layered(5)
    plain = training._loss

    def interrupted(generator):
        value = plain(generator)
        if next(calls) == call:
            raise KeyboardInterrupt
        return value

    training._loss = interrupted
    with pytest.raises(KeyboardInterrupt):
        list(training)
    assert not training.finished
    list(training)
    assert training.finished and next(calls) > call
    assert same(net, undisturbed[0]) and training.history[-1] == undisturbed[1]
    assert [r.step for r in training.history] == list(range(0, 41, 5))


def test_buffers_that_a_layer_replaces_are_put_back_too():
    class Counter(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))
            self.register_buffer("seen", torch.zeros(1))
            self.register_buffer("last", None)

        def forward(self):
            self.seen, self.last = self.seen + 1, torch.ones(1)
            return (self.weight**2).sum()

    net = Counter()
    training = learn.train(net, net, steps=6, every=2)
    next(training)
    assert net.seen == 0 and net.last is None
    list(training)
    assert net.seen == 6


def test_what_the_loss_draws_and_what_layers_draw_are_different_numbers():
    table, drawn = learn.TableEncoder(2, 1), []

    def loss(generator):
        drawn.append((torch.rand(3, generator=generator), torch.rand(3)))
        return (table() ** 2).sum()

    list(learn.train(loss, table, steps=2))
    assert not any(torch.equal(first, second) for first, second in drawn)


def test_after_divergence_it_draws_as_it_did_after_the_last_record():
    """The model is put back; so are the generators."""
    net, training = layered(10)
    plain, broken = training._loss, [True]
    training._loss = lambda generator: plain(generator) * (
        float("nan") if broken and training.step == 17 else 1)
    with pytest.raises(learn.Diverged, match="back at step 10"):
        list(training)
    broken.clear()
    list(training)
    other, whole = layered(10)
    list(whole)
    assert same(net, tensors(other))


# Divergence


def runaway(loss, **options):
    table = learn.TableEncoder(3, 1)
    return table, learn.train(lambda: loss(table()), table, steps=200, every=10, **options)


def test_a_loss_without_lower_bound_is_stopped_and_the_model_put_back():
    table, training = runaway(lambda f: -(f**2).sum() ** 4, learning_rate=1.0)
    seen = {}
    with pytest.raises(learn.Diverged) as error:
        for record in training:
            seen[record.step] = table().detach().clone()
    last = max(seen)
    assert torch.equal(table(), seen[last]) and training.step == last > 0
    message = str(error.value)
    assert f"the model is back at step {last}" in message
    assert "Try learning_rate=0.1 (it was 1)" in message and "bounded below" in message


def test_a_loss_that_becomes_nan_is_stopped():
    table, training = runaway(lambda f: torch.sqrt(f.abs().sum() - 1), learning_rate=1.0)
    with pytest.raises(learn.Diverged, match=r"the loss is nan after \d+ of 200 steps"):
        list(training)
    assert torch.isfinite(table()).all() and torch.isfinite(torch.tensor(training.history[-1].loss))


def test_a_matrix_that_cannot_be_inverted_is_a_divergence_too():
    def loss(f):
        singular = torch.zeros(2, 2, dtype=f.dtype) * f.sum()
        return torch.linalg.solve(singular, singular).sum()
    with pytest.raises(learn.Diverged, match=r"cannot be computed .* before the first step"):
        list(runaway(loss)[1])


def test_a_loss_that_starts_at_nan_says_where_to_look():
    with pytest.raises(learn.Diverged, match=r"the loss is nan before the first step: look for"):
        list(runaway(lambda f: f.sum() * float("nan"))[1])


def test_large_losses_may_fall():
    """What counts is the growth: a loss that starts at 10⁹ has not diverged."""
    _, training = runaway(lambda f: 1e9 * (f**2).sum())
    assert list(training)[-1].loss < training.history[0].loss


# One thread, and the bar


@pytest.mark.parametrize("caller", [1, 2])
def test_one_thread_inside_and_the_callers_setting_afterwards(caller):
    inside = []
    table = learn.TableEncoder(2, 1)
    def loss():
        inside.append(torch.get_num_threads())
        return (table() ** 2).sum() if len(inside) < 20 else table().sum() * float("nan")
    torch.set_num_threads(caller)
    try:
        with pytest.raises(learn.Diverged):
            for _ in learn.train(loss, table, steps=100, every=5):
                assert torch.get_num_threads() == caller
        assert set(inside) == {1} and torch.get_num_threads() == caller
    finally:
        torch.set_num_threads(1)


def test_the_bar_counts_the_steps(capsys):
    list(noisy(progress=True)[1])
    assert "35/35" in capsys.readouterr().err
    list(noisy()[1])
    assert capsys.readouterr().err == ""


def test_the_bar_ends_with_stop_and_goes_on(capsys):
    _, training = noisy(progress=True)
    for record in training:
        if record.step == 20:
            training.stop()
    assert "20/35" in capsys.readouterr().err
    list(training)
    assert "35/35" in capsys.readouterr().err


# Bad input


def test_bad_arguments():
    table = learn.TableEncoder(2, 1)
    def loss():
        return (table() ** 2).sum()
    with pytest.raises(ValueError, match="steps is 0; it must be at least 1"):
        learn.train(loss, table, steps=0)
    with pytest.raises(ValueError, match="every is 0; it must be at least 1"):
        learn.train(loss, table, steps=5, every=0)
    with pytest.raises(ValueError, match="learning_rate is 0; it must be above 0"):
        learn.train(loss, table, steps=5, learning_rate=0)
    with pytest.raises(TypeError, match=r"seed is 0\.5; it must be an integer"):
        learn.train(loss, table, steps=5, seed=0.5)
    with pytest.raises(TypeError, match=r"model is a Parameter; it must be a torch.nn.Module"):
        learn.train(loss, table(), steps=5)
    with pytest.raises(ValueError, match="model has no parameter to train"):
        learn.train(loss, torch.nn.Tanh(), steps=5)
    with pytest.raises(TypeError, match="loss is a Tensor; it must be a function"):
        learn.train(loss(), table, steps=5)
    with pytest.raises(TypeError, match=r"loss needs \(f, g\); it must take nothing, or one"):
        learn.train(lambda f, g: 0, table, steps=5)


def test_a_loss_that_returns_no_scalar():
    table = learn.TableEncoder(2, 1)
    with pytest.raises(TypeError, match="loss returned a float; it must return a tensor"):
        list(learn.train(lambda: 0.5, table, steps=5))
    with pytest.raises(ValueError, match=r"loss returned a tensor of shape \(2, 1\); it must be a"):
        list(learn.train(lambda: table(), table, steps=5))
    with pytest.raises(TypeError, match=r"loss returned a tensor of torch.complex128; it must"):
        list(learn.train(lambda: table().sum() + 0j, table, steps=5))


def test_a_loss_of_another_model():
    table, other = learn.TableEncoder(2, 1), learn.TableEncoder(2, 1)
    other.requires_grad_(False)
    with pytest.raises(ValueError, match="loss does not depend on any parameter of model"):
        list(learn.train(lambda: other().sum(), table, steps=5))


def test_a_loss_with_options_is_called_without_the_generator():
    table = learn.TableEncoder(2, 1)
    def loss(scale=2.0):
        return scale * (table() ** 2).sum()
    assert len(list(learn.train(loss, table, steps=5))) == 2
