"""The one door to the experiments: how it is called, what it writes, and whom it asks."""

import re
import sys
from importlib import import_module
from types import SimpleNamespace

import joblib
import pandas as pd
import pytest
from sweeping import small

from contexture_lite.experiment import __main__ as door
from contexture_lite.experiment import jobs

# notebook: the module of its experiment, the function in it, where finished work is kept
LESSONS = {
    "04": ("contexture_lite.teach.nb04_objectives.experiment", "run", {}),
    "05": ("contexture_lite.teach.nb05_svme_kise.networks", "table", {}),
    "06": ("contexture_lite.experiment.strengths", "sweep", {"cache": "build/sweep"}),
    "06-sampled": ("contexture_lite.teach.nb06_association.weak_contexts", "make",
                   {"cache": "build/sampled"}),
    "07": ("contexture_lite.teach.nb07_mixing.experiment", "run", {"cache": "build/mixing"}),
    "08": ("contexture_lite.learn.scaling", "grid_and_cuts", {"cache": "build/scaling"}),
    "10": ("contexture_lite.teach.nb10_shift.contexts", "run", {}),
    "11": ("contexture_lite.teach.nb11_geometry.experiment", "run", {}),
    "12": ("contexture_lite.teach.nb12_identifiability.results", "run", {}),
    "07-trial": ("contexture_lite.diagnosis.trial", "run", {}),
    "13": ("contexture_lite.teach.nb13_symmetry.experiment", "run", {}),
    "14": ("contexture_lite.teach.nb14_modalities.experiment", "run", {}),
    "15": ("contexture_lite.teach.nb15_tokens.digpt", "run", {}),
    "16": ("contexture_lite.diagnosis.choices", "run", {"cache": "build/choices"}),
}


@pytest.mark.parametrize("arguments", [[], ["06"], ["06", "a.csv", "b.csv"], ["09", "a.csv"]])
def test_it_says_how_it_is_called(arguments):
    kinds = re.escape("|".join(door.EXPERIMENTS))
    with pytest.raises(SystemExit, match=r"^usage: python -m contexture_lite\.experiment "
                                         rf"{kinds} FILE\.csv\.gz$"):
        door.main(arguments)


def test_there_is_a_door_for_every_experiment():
    assert set(door.EXPERIMENTS) == LESSONS.keys()


@pytest.mark.parametrize("notebook", LESSONS)
def test_it_writes_what_the_lesson_makes_and_makes_the_folder(notebook, tmp_path, monkeypatch):
    """A stand-in for each experiment, which take minutes."""
    module, name, settings = LESSONS[notebook]
    made, asked = pd.DataFrame({"error": [0.1234567, 2], "name": ["a", "b"]}), []

    def stand_in(**given):
        asked.append(given)
        return made

    lesson, (package, _, last) = SimpleNamespace(**{name: stand_in}), module.rpartition(".")
    monkeypatch.setitem(sys.modules, module, lesson)
    monkeypatch.setattr(import_module(package), last, lesson, raising=False)
    path = tmp_path / "new" / "folder" / "table.csv"
    door.main([notebook, str(path)])
    assert asked == [settings]
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
