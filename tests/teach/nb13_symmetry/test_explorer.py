"""The live picture of symmetry: its numbers are those of the pair of contexts, taken apart."""

from functools import cache

import numpy as np
import pytest
from joints import ring

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.teach.nb13_symmetry import compute as model
from contexture_lite.teach.nb13_symmetry.explorer import SymmetryExplorer


@pytest.mark.parametrize("w", [1, 2, 7])
def test_waves_are_those_of_the_gallery(w):
    exact = ring(model.PLACES, w).exact_values
    assert np.allclose(np.sort(model.waves(w)[1:])[::-1], exact)


def test_the_whole_circle_forgets_every_wave():
    assert np.allclose(model.waves(8), np.eye(16)[0])


def test_errors_are_those_of_least_squares_on_the_joint_features(monkeypatch):
    """24 digits, all 16 places: the singular functions of the pair, and probes on them."""
    monkeypatch.setattr(model, "DIGITS", 24)
    monkeypatch.setattr(model, "MODES", 23)
    for name in ("_content", "_ordered"):  # caches of their own, for 24 digits
        monkeypatch.setattr(model, name, cache(getattr(model, name).__wrapped__))
    digits, w, k = datasets.digits(), 2, 6
    content = cl.knn_context(digits.X[:24], k)
    move = np.zeros(16)
    move[np.arange(-w, w + 1)] = 1 / (2 * w + 1)
    circle = cl.gallery.group_steps(cl.symmetry.group([np.roll(np.arange(16), -1)]), move)
    joint = np.kron(np.asarray(content.joint.toarray() if content.is_sparse else content.joint),
                    circle.joint)
    both = cl.Context(joint)
    system = cl.singular_system(both)
    classes = np.eye(10)[digits.y[:24]]
    angle = 2 * np.pi * np.arange(16) / 16
    tasks = {"what": np.repeat(classes, 16, axis=0),
             "where": np.tile(np.cos(angle), 24)[:, None],
             "side": np.tile(model.SIDE, 24)[:, None],
             "what on which side": np.kron(classes - classes.mean(axis=0), model.SIDE[:, None])}
    ends = [group[-1] + 1 for group in system.groups(1e-9)]
    for d in [d for d in ends if d < 60]:
        step = model.step_at(w, k, d)
        assert np.allclose(step.values[:min(d, 40)], system.values[:min(d, 40)])
        phi = np.column_stack([np.ones(len(joint)), system.left[:, :d]])
        for task, f in tasks.items():
            left = f - phi @ np.linalg.lstsq(phi, f, rcond=None)[0]
            wanted = (left**2).sum() / ((f - f.mean(axis=0)) ** 2).sum()
            assert step.errors[task][w] == pytest.approx(wanted, abs=1e-8), (task, d)


def test_first_the_picture_shows_that_the_window_trades_where_for_what():
    explorer = SymmetryExplorer()
    what, where = (explorer.result[0].errors[name] for name in ("what", "where"))
    assert what[0] > where[0] and what[-1] < where[-1]  # the lines cross
    assert (np.diff(what) <= 1e-12).all() and (np.diff(where) >= -1e-12).all()
    assert 0 < explorer.values()["where"] < explorer.values()["what"] and explorer.params["w"] == 2
    explorer.update(w=8)
    assert explorer.values()["what"] == 24 and explorer.values()["wave"] == 0
    assert "forgotten" in explorer.headline(explorer.result)
    explorer.update(w=0)
    assert explorer.values()["where"] == 15 and "arbitrary" in explorer.sentence(explorer.result)


def test_a_cut_wave_is_said():
    explorer = SymmetryExplorer()
    step = explorer.result[0]
    first = int(np.flatnonzero(step.kinds == 1)[0])
    explorer.update(d=first + 1)
    assert explorer.result[0].cut and "does not move along" in explorer.sentence(explorer.result)
    assert explorer.values()["error_where"] == pytest.approx(0.5)
    explorer.update(d=first + 2)
    assert not explorer.result[0].cut
