"""The training race under a reader's hands: it answers while it trains, stops, and goes on."""

import pytest
from lab import chromium, jupyterlab
from race_page import LEFT, SHOW, answers, left, notebook, opened, stops

# How fast it answers is measured by `make bench`. Here it rests longer between two slices, so
# that on a machine busy with other tests it is still training when the answer is looked at.
SLOWLY = """
from contexture_lite.teach.nb04_objectives.race import explorer
explorer.PAUSE = 0.2
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    home = tmp_path_factory.mktemp("race")
    folder = home / "notebooks"
    folder.mkdir()
    notebook(folder, sources=(SLOWLY + SHOW, LEFT))
    with jupyterlab(folder, home) as (address, token), chromium() as page:
        yield opened(page, address, token)


def assert_nothing_left(lab):
    assert left(lab) == "left: [] running: False finished: True"


def test_it_is_complete_when_it_appears(shown):
    lab, race = shown
    assert race.step == 200 and race.toggle.is_disabled()
    assert "After 200 of 200 steps" in race.readout.inner_text()
    assert_nothing_left(lab)


def test_a_slider_is_answered_during_training(shown):
    lab, race = shown
    race.strength.focus()
    answers(race, presses=4)
    race.wait_for_end()
    lab.wait_idle()
    assert_nothing_left(lab)


def test_stop_stops_and_go_on_arrives(shown):
    lab, race = shown
    stops(race)
    halfway = race.step
    race.toggle.click()
    race.wait_for_step(halfway + 1)
    race.wait_for_end()
    assert race.toggle.is_disabled()
    race.explorer.settle()
    assert_nothing_left(lab)


def test_other_menus_start_it_again(shown):
    lab, race = shown
    for menu in race.explorer.dropdowns()[:1]:
        words = race.readout.inner_text()
        race.explorer.choose_another(menu)
        race.wait_for_begun()
        race.wait_for_end()
        assert race.readout.inner_text() != words
    assert_nothing_left(lab)


def test_the_buttons_work_from_the_keyboard(shown):
    lab, race = shown
    race.start.focus()
    race.page.keyboard.press("Enter")
    race.wait_for_begun()
    race.wait_for_step(1)
    race.toggle.focus()
    race.page.keyboard.press("Space")
    race.root.locator("button", has_text="Go on").wait_for()
    race.page.keyboard.press("Space")
    race.wait_for_end()
    assert_nothing_left(lab)
