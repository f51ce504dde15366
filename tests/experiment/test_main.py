"""The one door to the experiments: how it is called, what it writes, and whom it asks."""

import functools
import inspect
import re
from importlib import import_module
from importlib.resources import files

import joblib
import pandas as pd
import pytest
from sweeping import small

from contexture_lite import teach
from contexture_lite.experiment import __main__ as door
from contexture_lite.experiment import jobs


@pytest.mark.parametrize("arguments", [[], ["06"], ["06", "a.csv", "b.csv"], ["09", "a.csv"]])
def test_it_says_how_it_is_called(arguments):
    kinds = re.escape("|".join(door.EXPERIMENTS))
    with pytest.raises(SystemExit, match=r"^usage: python -m contexture_lite\.experiment "
                                         rf"{kinds} FILE\.csv\.gz$"):
        door.main(arguments)


def test_every_shipped_table_of_a_lesson_has_its_door():
    lessons = {room[2:4] for room in teach.ROOMS
               if any(files(f"contexture_lite.teach.{room}").glob("*.csv*"))}
    assert lessons and lessons <= {number[:2] for number in door.EXPERIMENTS}


@pytest.mark.parametrize("number", door.EXPERIMENTS)
def test_it_writes_what_the_lesson_makes_and_makes_the_folder(number, tmp_path, monkeypatch):
    """A stand-in for each experiment, which take minutes."""
    made, asked = pd.DataFrame({"error": [0.1234567, 2], "name": ["a", "b"]}), []
    module, _, name = door.EXPERIMENTS[number].rpartition(".")
    real = getattr(import_module(module), name)

    @functools.wraps(real)
    def stand_in(**given):
        asked.append(given)
        return made

    monkeypatch.setattr(f"{module}.{name}", stand_in)
    path = tmp_path / "new" / "folder" / "table.csv"
    door.main([number, str(path)])
    slow = "cache" in inspect.signature(real).parameters
    assert asked == [{"cache": f"build/{number}"} if slow else {}]
    assert path.read_text() == "error,name\n0.12346,a\n2,b\n"


@pytest.mark.parametrize("end", ["csv", "csv.gz"])
def test_the_same_table_is_the_same_file(end, tmp_path, monkeypatch):
    made = small()
    monkeypatch.setattr(door, "run", lambda notebook: made)
    first, again = (tmp_path / folder / f"table.{end}" for folder in ("first", "again"))
    door.main(["06", str(first)])
    monkeypatch.setattr("time.time", lambda: 1.7e9)
    door.main(["06", str(again)])
    assert first.read_bytes() == again.read_bytes()  # no time of day in it
    pd.testing.assert_frame_equal(pd.read_csv(again), made, rtol=1e-4, check_dtype=False)


def test_shift_is_measured_seed_by_seed_with_a_bar(monkeypatch, capsys):
    from contexture_lite.teach.nb10_shift import contexts

    monkeypatch.setattr(contexts, "contexts", one_row)
    with joblib.parallel_config("threading"):
        assert contexts.run([3, 5]).to_dict("list") == {"seed": [3, 5]}
    assert "2/2" in capsys.readouterr().err


def one_row(seed):
    return pd.DataFrame({"seed": [seed]})


def test_work_is_returned_in_its_order():
    assert jobs.run(pow, [(2, 3), (3, 2)], cache=None, edition=0, n_jobs=1, progress=False,
                    label=str) == [8, 9]
