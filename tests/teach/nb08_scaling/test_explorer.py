"""The live picture of scaling: numbers of its table, its message, a training beside it."""

import asyncio
import html
import threading
import time

import live
import numpy as np
import pytest
from background import tasks, until
from scaling_table import EXACT, made_up

from contexture_lite._text import escaped
from contexture_lite.learn import Diverged, scaling
from contexture_lite.teach.nb08_scaling import compute
from contexture_lite.teach.nb08_scaling import explorer as scaling_explorer
from contexture_lite.teach.nb08_scaling.explorer import ScalingExplorer
from contexture_lite.teach.widgets.training import running_loop

START = dict(data="digits", context=1, width=8, depth=2)
TABLE = made_up()


@pytest.fixture(scope="module")
def shown():
    """For all that trains nothing."""
    return ScalingExplorer(TABLE)


@pytest.fixture(scope="module")
def trained():
    """For all that trains; see `as_new`."""
    return ScalingExplorer(TABLE)


def as_new(explorer):
    """As it was made, in this thread's loop."""
    explorer._stop()
    explorer.live, explorer._seed, explorer._home = [], 2, running_loop()
    explorer.update(**START)
    explorer.status()
    return explorer


@pytest.fixture
def explorer(monkeypatch, trained):
    """With trainings that are three points of the table's row, a hundredth above it."""
    monkeypatch.setattr(scaling_explorer, "training", pretended)
    return as_new(trained)


def pretended(task, context, width, depth, seed, steps, samples, wait=0.0):
    known = TABLE.query("task == @task and context == @context and width == @width and "
                        "depth == @depth and steps == @steps and samples == @samples and seed == 0")
    row = known.iloc[0].to_dict() | {"seed": seed}
    for made in (0, steps // 2, steps):
        time.sleep(wait)
        yield scaling.Point(**row | {"steps": made, "error": row["error"] + 0.01 + steps - made,
                                     "ratio_trace": row["ratio_trace"] * made / steps})


# -- the picture --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_those_of_the_table(seed, shown):
    rng = np.random.default_rng(seed)
    data = str(rng.choice(list(EXACT)))
    name = str(rng.choice(list(EXACT[data])))
    width, depth = int(rng.choice(scaling.WIDTHS)), int(rng.choice(scaling.DEPTHS))
    shown.update(data=data, context=name, width=width, depth=depth)
    same = TABLE[(TABLE.task == data) & (TABLE.depth == depth) & (TABLE.steps == 300)
                 & (TABLE.samples == 1000)]
    means = same.groupby(["context", "width"]).mean(numeric_only=True)
    here, values = means.loc[name, width], shown.values()
    for key, column in (("error", "error"), ("error_exact", "error_exact"),
                        ("error_linear", "error_linear"), ("ratio_trace", "ratio_trace"),
                        ("ratio_trace_exact", "ratio_trace_exact"), ("weights", "parameters")):
        assert values[key] == pytest.approx(here[column], abs=1e-12)
    assert values["distance"] == pytest.approx(1 - here["cca"], abs=1e-12)
    assert values["distance_held_out"] == pytest.approx(1 - here["cca_held_out"], abs=1e-12)
    others = means.loc[name]
    to = others.index[np.isclose(others["parameters"] / here["parameters"], values["times"])]
    assert len(to) == 1
    assert values["change_by_weights"] == pytest.approx(others.error[to[0]] - here.error)
    names = list(EXACT[data])
    other = names[-2] if name == names[-1] else names[-1]
    assert values["change_by_context"] == pytest.approx(means.error[other, width] - here.error)


def test_ten_times_the_weights_or_at_the_end_a_tenth(shown):
    for depth in scaling.DEPTHS:
        for width in scaling.WIDTHS:
            times = shown.compute("digits", 1, width, depth).bigger()[0]
            assert 3 <= times <= 30 or 1 / 30 <= times <= 1 / 3, (width, depth)
        assert times < 1  # the widest has only smaller ones beside it


def test_the_headline_says_the_message(shown):
    said = []
    for params in (dict(data="abalone", context="30 neighbours", width=128, depth=2),
                   dict(context="100 neighbours, whitened", width=512),
                   dict(data="digits", context=0, width=4, depth=1)):
        shown.update(**params)
        said.append(shown.headline(shown.result))
        assert escaped(said[-1]) in shown.top.value
    assert said == [
        "Little left to learn: 12 times the weights gain 0.001; the best context gains 0.170",
        "Little left to learn: 12 times fewer weights lose 0.001; "
        "the next best context loses 0.170",
        "Much left to learn: 8 times the weights gain 0.044; the best context gains 0.300"]


def test_a_change_the_other_way_is_a_loss():
    """On abalone the context's own answer is worse than that of a small network."""
    worse = TABLE.assign(error=2 * TABLE.error_exact - TABLE.error)
    explorer = ScalingExplorer(worse, "abalone", 1, width=4)
    assert explorer.values()["change_by_weights"] > 0.01
    assert compute.headline(explorer.result).split(";")[0].endswith(
        f"lose {explorer.values()['change_by_weights']:.3f}")


def test_axes_stay_put_within_a_task(shown):
    for data in EXACT:
        limits = set()
        for params in live.settings(shown, 8):
            shown.update(**params | {"data": data})
            limits.add(tuple((ax.get_xlim(), ax.get_ylim()) for ax in shown.figure.axes))
        assert len(limits) == 1


def test_the_names_of_the_contexts_are_the_datas(shown):
    for data in EXACT:
        shown.update(data=data, context=2)
        assert shown.params["context"] == 2
        names = [name for name, _ in shown.controls["context"].options]
        assert names == list(EXACT[data]) == shown.result.grid.contexts
        assert names[2] in shown.line.value
    shown.controls["data"].value = "abalone"  # the reader's hand
    assert "100 neighbours, whitened" in shown.line.value


def test_it_shows_the_shipped_table_by_default(monkeypatch, shown):
    monkeypatch.setattr(scaling_explorer, "shipped", lambda: TABLE)
    explorer = ScalingExplorer()
    shown.update(**explorer.params)
    assert repr(explorer) == repr(shown)


# -- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize("params, message", [
    (dict(data="moons"), "data is 'moons'"),
    (dict(context=3), "context is 3"),
    (dict(context="5 neighbours"), "context is '5 neighbours'; for digits it must be one of"),
    (dict(width=5), "width is 5"),
    (dict(depth=9), "depth is 9"),
    (dict(seed=1), "'seed' is not a control"),
])
def test_bad_settings_are_refused_and_change_nothing(params, message, shown):
    shown.update(**START)
    picture = shown.png
    with pytest.raises(ValueError, match=message):
        shown.update(**params)
    assert (shown.params, shown.png) == (START, picture)
    if "seed" not in params:
        with pytest.raises(ValueError, match=message):
            ScalingExplorer(TABLE, **START | params)


def test_an_error_is_shown_and_goes_away(shown, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(shown, "compute", lambda **params: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shown.controls["width"].value = 16
        assert "contexture-error" in shown.line.value
    shown.update(**START)
    assert "contexture-error" not in shown.line.value


# -- a network trained in front of the reader -----------------------------------------------


def test_run_adds_a_star_with_a_seed_of_its_own(explorer):
    explorer.update(**START)
    before, known = explorer.png, explorer.values()
    point = explorer.run()
    assert (point.seed, point.steps, explorer.live[-1].finished) == (3, 300, True)
    values = explorer.values()
    assert values == known | {"live_error": point.error, "live_distance": 1 - point.cca}
    assert values["live_error"] == pytest.approx(known["error"] + 0.01 - 0.001)
    assert explorer.png != before and f"Trained live (seed 3): error {point.error:.3f}" in (
        html.unescape(explorer.line.value))
    assert explorer.errors.stars.get_data()[0] == [8]
    assert explorer.distances.stars.get_data()[1] == [1 - point.cca]
    assert explorer.errors.trail.get_ydata().max() <= explorer.errors.ax.get_ylim()[1]
    explorer.update(width=16)  # the star stays, the words are of the chosen point
    assert "live" not in explorer.line.value and "live_error" not in explorer.values()
    assert explorer.errors.stars.get_data()[0] == [8]
    explorer.update(data="abalone")
    assert len(explorer.errors.stars.get_data()[0]) == 0
    explorer.update(**START)
    assert explorer.run().seed == 4 and explorer.errors.stars.get_data()[0] == [8, 8]
    assert not explorer.running and explorer.stop.disabled


def test_a_real_training_is_that_of_the_package():
    table = made_up(widths=(4, 8), depths=(1, 2), cuts=False).assign(steps=20)
    explorer = ScalingExplorer(table, "digits", "10 neighbours", 8, 2)
    point = explorer.run()
    *_, wanted = scaling.train(scaling.setting("digits", "10 neighbours", 3), 8, 2, steps=20,
                               seed=3)
    for name in ("error", "error_exact", "ratio_trace", "cca", "parameters", "steps", "seed"):
        assert getattr(point, name) == getattr(wanted, name)
    assert [p.steps for p in explorer.live[-1].points] == [0, 10, 20]


def test_making_and_showing_it_trains_nothing(monkeypatch):
    monkeypatch.setattr(scaling_explorer, "training", None)  # would fail

    async def reader():
        explorer = ScalingExplorer(TABLE)
        for _ in range(2):
            explorer._repr_mimebundle_()
        explorer.update(width=4)
        explorer.controls["width"].value = 512
        explorer.stop.click()
        assert tasks(ScalingExplorer) == [] and not explorer.running and explorer.live == []

    asyncio.run(reader())


def test_without_an_event_loop_the_button_waits_for_run(explorer):
    explorer.train.click()
    assert not explorer.running and explorer.live == []


def test_it_trains_to_the_end_beside_the_reader(monkeypatch, trained):
    """The loop is free meanwhile: the sliders are answered, and the star goes where it belongs."""
    monkeypatch.setattr(scaling_explorer, "training", lambda *of: pretended(*of, wait=0.1))

    async def reader():
        explorer = as_new(trained)
        explorer.train.click()
        assert explorer.running and not explorer.stop.disabled
        assert explorer.train.description == "Start again" and "making" in explorer.said.value
        answered = 0
        while explorer.running:
            explorer.controls["width"].value = scaling.WIDTHS[answered % 8]
            answered += 1
            await asyncio.sleep(0.001)
        assert answered >= 4  # more than there are points
        assert "step 300 of 300" in explorer.said.value and "stopped" not in explorer.said.value
        assert explorer.progress.value == explorer.progress.max == 300
        assert explorer.train.description == "Train this point" and explorer.stop.disabled
        assert explorer.errors.stars.get_data()[0] == [8]
        explorer.update(**START)
        assert "Trained live (seed 3)" in explorer.line.value
        await asyncio.sleep(0)
        assert tasks(ScalingExplorer) == []

    asyncio.run(reader())


def test_stop_leaves_it_where_it_is(monkeypatch, trained):
    made = []

    def slow(*of):
        for point in pretended(*of, wait=0.1):
            made.append(point)
            yield point

    monkeypatch.setattr(scaling_explorer, "training", slow)

    async def reader():
        explorer = as_new(trained)
        explorer.train.click()
        await until(lambda: explorer.live[-1].points)
        explorer.stop.click()
        assert not explorer.running and explorer.stop.disabled
        assert "step 0 of 300, stopped" in explorer.said.value
        await asyncio.sleep(0.3)
        assert tasks(ScalingExplorer) == []
        assert len(made) <= 2 and len(explorer.live[-1].points) == 1
        assert not explorer.live[-1].finished and "live_error" not in explorer.values()
        assert explorer.errors.unfinished.get_data()[0] == [8]  # a white star
        assert len(explorer.errors.stars.get_data()[0]) == 0

    asyncio.run(reader())


def test_stopped_before_the_first_point_nothing_is_left(explorer):
    async def reader():
        as_new(explorer)
        explorer.train.click()
        explorer.stop.click()
        await asyncio.sleep(0.05)
        assert tasks(ScalingExplorer) == []
        assert explorer.live == [] and "Nothing" in explorer.said.value

    asyncio.run(reader())


def test_started_twice_only_the_second_goes_on(monkeypatch, trained):
    monkeypatch.setattr(scaling_explorer, "training", lambda *of: pretended(*of, wait=0.05))

    async def reader():
        explorer = as_new(trained)
        explorer.train.click()
        await until(lambda: explorer.live[-1].points)
        explorer.controls["width"].value = 64
        explorer.train.click()
        await asyncio.sleep(0)
        assert len(tasks(ScalingExplorer)) == 1 and "width 64" in explorer.said.value
        await until(lambda: not explorer.running)
        first, second = explorer.live
        assert (first.width, first.finished) == (8, False)
        assert (second.width, second.seed, second.finished) == (64, 4, True)

    asyncio.run(reader())


def test_a_button_in_another_thread_is_served_in_the_loops(monkeypatch, trained):
    """JupyterLab may deliver it in a thread of its own; the task belongs to the loop."""
    monkeypatch.setattr(scaling_explorer, "training", pretended)

    async def reader():
        explorer = as_new(trained)
        threads = set()
        explorer.images[0].observe(lambda _: threads.add(threading.current_thread()), "value")
        await asyncio.to_thread(explorer.train.click)
        await until(lambda: explorer.live and explorer.live[-1].finished)
        assert threads == {threading.current_thread()}

    asyncio.run(reader())


def test_a_training_that_diverges_says_so(monkeypatch, trained):
    def diverging(*of):
        points = pretended(*of)
        yield next(points)
        raise Diverged("the loss is nan; try less")

    monkeypatch.setattr(scaling_explorer, "training", diverging)
    heard = []

    async def reader():
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: heard.append(what))
        explorer = as_new(trained)
        explorer.train.click()
        (task,) = tasks(ScalingExplorer)
        await until(task.done)
        assert isinstance(task.exception(), Diverged)
        assert "the loss is nan; try less" in explorer.line.value
        assert not explorer.running and explorer.stop.disabled
        explorer.update(width=16)
        assert explorer.error is None and "the loss" not in explorer.line.value

    asyncio.run(reader())
    explorer = as_new(trained)
    with pytest.raises(Diverged):
        explorer.run()


def test_closing_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(scaling_explorer, "training", lambda *of: pretended(*of, wait=0.05))

    async def reader():
        explorer = ScalingExplorer(TABLE, **START)
        explorer.train.click()
        explorer.close()
        await asyncio.sleep(0.1)
        assert tasks(ScalingExplorer) == []
        assert not explorer.running and explorer.widget.comm is None

    asyncio.run(reader())
