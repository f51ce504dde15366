"""The race: its numbers, its pictures, and that it starts, stops and goes on as it says."""

import asyncio
import io
import threading

import matplotlib
import numpy as np
import pytest
from background import tasks, until
from PIL import Image

import contexture_lite as cl
from contexture_lite.learn import Diverged, objectives
from contexture_lite.teach.cast import members
from contexture_lite.teach.nb04_objectives.race import compute
from contexture_lite.teach.nb04_objectives.race import explorer as race
from contexture_lite.teach.nb04_objectives.race.compute import aligned, dual, rotated
from contexture_lite.teach.nb04_objectives.race.explorer import FIVE, STEPS, TrainingRace
from contexture_lite.teach.widgets import frozen

NAMES = [row.name for row in objectives.table()]
EVERYWHERE = [name for name in NAMES if name != "masked reconstruction"]


@pytest.fixture(scope="module")
def finished():
    """The race as a reader meets it."""
    return TrainingRace()


@pytest.fixture
def short(monkeypatch):
    """A race of ten steps, for all that does not depend on arriving."""
    monkeypatch.setattr(race, "STEPS", 10)
    return TrainingRace("clusters", 0.5, 2)


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.png)).convert("RGB")).astype(int)


def orthonormal(f, p):
    """An orthonormal basis of the centred features, times √p."""
    return np.linalg.qr(np.sqrt(p)[:, None] * (f - p @ f))[0]


def alignments_of(explorer):
    return [racer.alignments for racer in explorer.result.racers]


# ---- the numbers


def test_it_is_shown_complete_and_always_the_same(finished):
    assert finished.values()["step"] == STEPS and finished.result.finished
    scores = {name: 1.0 for name in FIVE}
    expected = {"step": STEPS, **scores, "largest_gap": 0.0}
    assert {name: round(value, 3) for name, value in finished.values().items()} == expected
    again = TrainingRace()
    assert (repr(again), again.png) == (repr(finished), finished.png)
    assert finished._repr_mimebundle_()["text/plain"] == repr(finished)


def test_it_can_be_shown_before_the_first_step(short):
    early = TrainingRace("clusters", 0.5, 2, finished=False)
    assert early.values()["step"] == 0 and early.toggle.description == "Start"
    assert not early.toggle.disabled and early.values()["largest_gap"] > 0.1
    early.run()
    assert early.values() == short.values() and early.values()["step"] == 10


@pytest.mark.parametrize("seed", [1, 2])  # 0 is the race that is shown
@pytest.mark.parametrize("name, strength, d", [
    ("cycle walk", 0.5, 4), ("masked tokens", 0.5, 3)])
def test_five_families_find_the_same_functions(name, strength, d, seed):
    """From other starts too: the canonical correlations are those of the alignment module."""
    run = compute.at_start(name, strength, d, FIVE, seed, STEPS)
    run.advance()
    context = run.channel
    exact = cl.singular_system(context, d).left
    for racer in run.racers:
        features = racer.problem.features()
        measured = float(cl.alignment.squared_cca(features, exact, weights=context.p_x))
        assert measured > 0.99
        assert racer.alignments[-1] == pytest.approx(measured, abs=1e-9)
    assert compute.largest_gap(run) < 0.01


@pytest.mark.parametrize("name, d", [("cycle walk", 1), ("four letters", 2), ("hypercube", 5)])
def test_a_repeated_value_at_d_is_completed(name, d, finished):
    """Alignment is the mean of the d largest squared correlations with all that share s_d."""
    at_start = finished.compute(name, 0.5, d, FIVE)
    p, values = at_start.channel.p_x, at_start.system.values
    shared = at_start.system.left[:, values > values[d - 1] - 1e-9]
    assert shared.shape[1] > d
    for racer in at_start.racers:
        overlap = orthonormal(racer.problem.features(), p).T @ orthonormal(shared, p)
        rho = np.linalg.svd(overlap, compute_uv=False)
        assert racer.alignments == [pytest.approx(np.mean(rho[:d] ** 2), abs=1e-9)]


def test_a_lost_direction_counts_as_nothing(finished):
    at_start = finished.compute("cycle walk", 0.5, 2, ("KISE",))
    (racer,), p = at_start.racers, at_start.channel.p_x
    one = racer.problem.features()[:, :1]
    exact = at_start.system.left[:, :2]
    rho = cl.alignment.canonical_correlations(one, exact, weights=p)
    for lost, expected in ((one @ [[1.0, 3.0]], np.sum(rho**2) / 2), (np.ones((12, 2)), 0)):
        racer.ritz = cl.ritz(at_start.channel, lost)
        assert aligned(racer.ritz.functions, exact, p, 2) == pytest.approx(expected, abs=1e-9)
        finished._draw(at_start)  # and it can be drawn
    assert finished.numbers(at_start)["largest_gap"] == at_start.system.values[0] ** 2


@pytest.mark.parametrize("name", list(members.CAST))
def test_the_walk_over_contexts_has_the_squares_as_eigenvalues(name):
    context = members.CAST[name].build(0.4)
    walk = dual(context)
    assert np.allclose(walk.joint, walk.joint.T) and np.allclose(walk.p_x, context.p_x)
    s = cl.singular_system(context).values
    values = cl.singular_system(walk).values[:len(s)]
    assert values == pytest.approx(s[:len(values)] ** 2, abs=1e-9)


def test_functions_are_only_rotated_where_values_repeat():
    system = cl.singular_system(cl.gallery.cycle_walk(0.5, 12))
    angle = 0.7
    rotation = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    learned = np.c_[system.left[:, :2] @ rotation, system.left[:, 2:4] @ rotation.T]
    assert np.allclose(rotated(learned, system), system.left[:, :4])
    mixed = system.left[:, [2, 3, 0, 1]]  # in the wrong order: no rotation helps
    assert not np.allclose(rotated(mixed, system), system.left[:, :4])


@pytest.mark.parametrize("name", ["four letters", "hypercube", "clusters"])
def test_independence_leaves_nothing_to_learn(name, short):
    short.update(context=name, strength=0.0)
    assert short.error is None and short.result.racers == [] and short.result.finished
    assert "nothing to learn" in short.line.value and short.toggle.disabled
    assert short.values() == {"step": 10, "largest_gap": 0.0}
    short.update(strength=0.5)
    assert len(short.result.racers) == len(FIVE)


def test_d_is_no_more_than_there_is(short):
    short.update(context="binary channel", strength=0.5, d=6)
    assert short.result.d == 1
    assert all(racer.problem.features().shape == (2, 1) for racer in short.result.racers)


# ---- the picture


def test_every_context_and_every_objective_can_be_drawn(short):
    for name in members.CAST:
        for strength in (0.0, 1.0):
            short.update(context=name, strength=strength, d=3)
            assert short.error is None and all(np.isfinite(v) for v in short.values().values())
            picture = pixels(short)
            for edge in (picture[:2], picture[-2:], picture[:, -2:]):
                assert (edge > 250).all()
    short.update(context="masked tokens", strength=0.5)
    for start in range(0, len(NAMES), race.panels.MOST):
        short.update(objectives=tuple(NAMES[start:start + race.panels.MOST]))
        assert set(NAMES[start:start + race.panels.MOST]) < set(short.values())


def test_a_fast_step_draws_what_a_full_redraw_draws(short):
    short.update(context="cycle walk", d=3)
    short.update(strength=0.8)
    fast = pixels(short)
    short._scenes.clear()
    short._show(short.result)
    assert np.array_equal(fast, pixels(short))


def test_global_settings_stay_the_readers_own(short):
    before = dict(matplotlib.rcParams)
    short.update(d=3)
    assert dict(matplotlib.rcParams) == before


def test_it_has_four_controls_two_buttons_and_a_bar(finished):
    assert list(finished.controls) == ["context", "strength", "d", "objectives"]
    assert all(control.description for control in finished.controls.values())
    assert finished.bar.children == (finished.race, finished.toggle, finished.progress)
    assert finished.bar in finished.widget.children
    assert finished.progress.value == finished.progress.max == STEPS
    assert [image.tooltip for image in finished.images] == list(finished.alt)


# ---- refusals


@pytest.mark.parametrize("chosen, message", [
    ((), "objectives has 0 entries; choose 1 to 6"),
    (tuple(EVERYWHERE[:7]), "objectives has 7 entries"),
    (("InfoNCE", "PCA"), "objectives has 'PCA'; it may have class-balanced"),
    ("PCA", "objectives has 'PCA'"),
])
def test_bad_objectives_are_refused_and_change_nothing(chosen, message, short):
    before, picture = short.params, short.png
    with pytest.raises(ValueError, match=message):
        short.update(objectives=chosen)
    assert (short.params, short.png) == (before, picture)


def test_a_choice_by_hand_that_cannot_race_says_so(short):
    short.update(context="cycle walk")
    for chosen, message in (((), "objectives has 0"), (("masked reconstruction",), "no labels")):
        with pytest.raises(ValueError, match=message):
            short.controls["objectives"].value = chosen
        assert "contexture-error" in short.line.value and short.toggle.disabled
    short.controls["objectives"].value = FIVE[:2]
    assert "contexture-error" not in short.line.value and not short.toggle.disabled


# ---- start, stop, go on


def test_without_an_event_loop_it_waits_for_run(short):
    short.controls["strength"].value = 0.7
    assert short.result.step == 0 and not short.running and short.toggle.description == "Start"
    short.toggle.click()
    assert short.result.step == 0
    short.run()
    by_hand = repr(short)
    short.update(strength=0.2)
    short.update(strength=0.7)
    assert repr(short) == by_hand and short.result.finished


def test_what_was_stopped_goes_on_exactly(short, monkeypatch):
    monkeypatch.setattr(race, "STEPS", 60)
    short.progress.max = 60
    short.update(strength=0.5)
    explorer, wanted = short, (alignments_of(short), short.png, repr(short))

    async def reader():
        said = []
        explorer.toggle.observe(lambda change: said.append(change.new), "description")
        explorer.controls["strength"].value = 0.4
        explorer.controls["strength"].value = 0.5
        assert explorer.running and said == ["Stop"]  # and no "Start" in between
        await until(lambda: explorer.result.step >= 20)
        explorer.toggle.click()
        await asyncio.sleep(0)
        assert tasks(TrainingRace) == []
        assert not explorer.running and explorer.toggle.description == "Go on"
        halfway = explorer.result.step
        assert 20 <= halfway < 60 and explorer.progress.value == halfway
        assert f"After {halfway} of 60 steps" in explorer.line.value
        await asyncio.sleep(0.1)
        assert explorer.result.step == halfway
        explorer.toggle.click()
        assert len(tasks(TrainingRace)) == 1
        await until(lambda: not explorer.running)
        await asyncio.sleep(0)
        assert tasks(TrainingRace) == []

    asyncio.run(reader())
    assert explorer.result.finished and explorer.toggle.disabled
    assert (alignments_of(explorer), explorer.png, repr(explorer)) == wanted  # number for number


def test_a_page_without_a_kernel_has_states_of_it():
    states = frozen.states(TrainingRace(finished=False))
    assert 1 < len(states) <= frozen.MOST and states[0]["step"] == 0


def test_it_can_go_to_a_step(short):
    end = pixels(short)
    for step in (10, 0, 5, 5, 10):
        short.visit(**short.params, step=step)
        assert short.state["step"] == short.result.step == step and not short.running
    assert np.array_equal(pixels(short), end)
    short.visit(context="clusters", strength=0.3, d=2, objectives=FIVE, step=5)
    assert short.values()["step"] == 5
    for wrong in (-1, 11, 2.5):
        with pytest.raises(ValueError, match=f"step is {wrong}; it must be a whole number from 0"):
            short._refuse("step", wrong)


def test_a_hand_on_a_control_starts_again_from_the_same_starts(short, monkeypatch):
    monkeypatch.setattr(race, "STEPS", 60)
    short.update(strength=0.3)
    wanted = alignments_of(short), short.png

    async def reader():
        short.controls["strength"].value = 0.9
        await until(lambda: short.result.step > 0)
        abandoned = short.result
        short.controls["strength"].value = 0.3
        assert short.result.step == 0 and "0.30" in short.line.value
        step = abandoned.step
        assert len(tasks(TrainingRace)) <= 2  # the old one has been told to go
        await asyncio.sleep(0)
        assert len(tasks(TrainingRace)) == 1
        await until(lambda: not short.running)
        assert abandoned.step == step

    asyncio.run(reader())
    assert (alignments_of(short), short.png) == wanted


def test_race_takes_new_starts_and_says_which(short):
    async def reader():
        short.race.click()
        assert "random start 1" in short.progress.description and short.result.step == 0
        await until(lambda: not short.running)
        assert tasks(TrainingRace) == []

    short.update(context="cycle walk")
    before = alignments_of(short)
    asyncio.run(reader())
    assert all(new[0] != old[0] for new, old in zip(alignments_of(short), before))
    short.update()
    assert "random start 1" in short.progress.description


def test_others_have_their_turn_between_slices(short, monkeypatch):
    """Each slice ends with a pause in which everything that waits is done."""
    monkeypatch.setattr(race, "SLICE", 0.0001)  # one record a slice
    turns = []

    async def other():
        while True:
            turns.append(len(pictures))
            await asyncio.sleep(0)

    pictures = []
    short.images[0].observe(lambda change: pictures.append(1), "value")

    async def reader():
        waiting = asyncio.create_task(other())
        short.race.click()
        await until(lambda: not short.running)
        waiting.cancel()

    asyncio.run(reader())
    assert len(pictures) > 8
    assert set(range(1, len(pictures))) <= set(turns)  # somebody looked after every picture


def test_a_hand_in_another_thread_is_served_in_the_loops(monkeypatch):
    """JupyterLab may deliver it in a thread of its own; two must not draw at once."""
    monkeypatch.setattr(race, "STEPS", 10)

    async def reader():
        explorer = TrainingRace("clusters", 0.5, 2)
        threads = []
        explorer.images[0].observe(lambda _: threads.append(threading.current_thread()), "value")

        def hand():
            explorer.controls["strength"].value = 0.8
            explorer.toggle.click()
            explorer.race.click()

        await asyncio.to_thread(hand)
        await until(lambda: threads and explorer.result.finished and not explorer.running)
        assert set(threads) == {threading.current_thread()}
        assert explorer.result.strength == 0.8 and "start 1" in explorer.progress.description

    asyncio.run(reader())


def test_an_error_in_the_race_is_shown_and_not_swallowed(short, monkeypatch):
    heard = []

    async def reader():
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: heard.append(what))
        short.race.click()
        (task,) = tasks(TrainingRace)

        def fail():
            raise Diverged("the loss is nan; try less")

        monkeypatch.setattr(short.result.racers[2].problem.encoder, "forward", fail)
        await until(task.done)
        assert isinstance(task.exception(), Diverged)

    asyncio.run(reader())
    assert isinstance(short.error, Diverged) and not short.running
    assert all(text in short.line.value for text in ("the loss is nan; try less", "-error"))
    assert short.toggle.disabled and not short.race.disabled
    short.update()
    assert short.error is None and short.result.finished


def test_closing_leaves_nothing_behind(short):
    async def reader():
        short.race.click()
        short.close()
        await asyncio.sleep(0)
        assert tasks(TrainingRace) == []

    asyncio.run(reader())
    assert not short.running and short.widget.comm is None


def test_showing_it_again_starts_nothing(short):
    async def reader():
        short._repr_mimebundle_()
        short._repr_mimebundle_()
        assert tasks(TrainingRace) == []

    asyncio.run(reader())
