"""What trains in the background: it begins, stops, ends and fails, and leaves nothing behind."""

import asyncio
import threading

import ipywidgets as widgets
import pytest
from background import tasks, until

from contexture_lite.teach.widgets.explorer import whole
from contexture_lite.teach.widgets.training import TrainingExplorer


class Counter(TrainingExplorer):
    """Counts to ``end`` in the background; `broken` makes a piece fail."""

    size, broken = (2, 1), False

    def __init__(self, pause=0.0):
        self.pause, self.count, self.stands, self.threads = pause, 0, [], set()
        super().__init__()

    def make_controls(self):
        return {"end": whole("End", 5, 1, 50)}

    def make_buttons(self):
        self.begin, self.stop = widgets.Button(), widgets.Button()
        self.begin.on_click(lambda _: self._at_home(self._begin))
        self.stop.on_click(lambda _: self._at_home(self._stop))
        return [self.begin, self.stop]

    async def pieces(self):
        while self.count < self.result:
            if self.broken:
                raise ArithmeticError("it cannot count")
            self.count += 1
            self.threads.add(threading.current_thread())
            yield
            await asyncio.sleep(self.pause)

    def status(self):
        self.stands.append((self.count, self.running))

    def build(self, figure):
        self.text = self.moving(figure.text(0.1, 0.5, ""))

    def compute(self, end):
        return end

    def draw(self, result):
        self.text.set_text(str(self.count))

    def numbers(self, result):
        return {"count": self.count}

    def sentence(self, result):
        return f"Counted to {self.count} of {result}."


def test_making_and_showing_it_begins_nothing():
    async def reader():
        counter = Counter()
        counter._repr_mimebundle_()
        counter.update(end=9)
        counter.controls["end"].value = 7
        counter.stop.click()
        await asyncio.sleep(0)
        assert tasks(Counter) == [] and not counter.running and counter.count == 0
        assert counter.bar.children == (counter.begin, counter.stop)

    asyncio.run(reader())


def test_without_an_event_loop_nothing_begins():
    counter = Counter()
    counter.begin.click()
    assert not counter.running and counter.stands == []


def test_it_goes_to_the_end_and_then_says_so():
    counter = Counter()

    async def reader():
        before = counter.png
        counter.begin.click()
        assert counter.running and len(tasks(Counter)) == 1
        await until(lambda: not counter.running)
        await asyncio.sleep(0)
        assert tasks(Counter) == [] and counter.png != before

    asyncio.run(reader())
    assert counter.stands == [(0, True), *((i, True) for i in range(1, 6)), (5, False)]
    assert "Counted to 5 of 5" in counter.line.value


@pytest.mark.parametrize("turns", range(4))
def test_stopped_after_any_turn_it_stays_there_and_can_begin_again(turns):
    """Also before its first turn, when there is a task that has not begun."""
    counter = Counter(pause=1e-4)
    counter.update(end=50)

    async def reader():
        counter.begin.click()
        for _ in range(turns):
            await asyncio.sleep(0)
        halfway = counter.count
        counter.stop.click()
        assert not counter.running and counter.stands[-1] == (halfway, False)
        assert f"Counted to {halfway} of 50" in counter.line.value
        await asyncio.sleep(0.02)
        assert tasks(Counter) == [] and counter.count == halfway < 50
        counter.begin.click()
        await until(lambda: not counter.running)

    asyncio.run(reader())
    assert counter.count == 50


def test_an_error_is_shown_and_raised_by_the_task():
    counter, heard = Counter(), []
    counter.broken = True

    async def reader():
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: heard.append(what))
        counter.begin.click()
        (task,) = tasks(Counter)
        await until(task.done)
        assert isinstance(task.exception(), ArithmeticError)

    asyncio.run(reader())
    assert isinstance(counter.error, ArithmeticError) and "it cannot count" in counter.line.value
    assert counter.stands[-1] == (0, False) and not counter.running
    counter.update()
    assert counter.error is None and "contexture-error" not in counter.line.value


def test_a_button_in_another_thread_is_served_in_the_loops():
    async def reader():
        counter = Counter(pause=0.01)
        await asyncio.to_thread(counter.begin.click)
        await until(lambda: counter.count)
        assert tasks(Counter)
        await asyncio.to_thread(counter.stop.click)
        await until(lambda: not counter.running)
        assert 0 < counter.count < 5 and counter.threads == {threading.current_thread()}

    asyncio.run(reader())


def test_a_loop_that_is_over_is_no_home():
    async def made():
        return Counter()

    counter = asyncio.run(made())
    counter.begin.click()  # plain Python again
    assert not counter.running

    async def reader():
        counter.begin.click()
        await until(lambda: counter.count == 5 and not counter.running)

    asyncio.run(reader())


@pytest.mark.parametrize("turns", range(3))
def test_closing_leaves_nothing_behind(turns):
    counter = Counter(pause=0.01)

    async def reader():
        counter.begin.click()
        for _ in range(turns):
            await asyncio.sleep(0)
        counter.close()
        await asyncio.sleep(0)
        assert tasks(Counter) == []

    asyncio.run(reader())
    assert not counter.running and counter.widget.comm is None
