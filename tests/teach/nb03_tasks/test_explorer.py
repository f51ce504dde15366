"""Which tasks become easy: every number of the picture by a second route, and drawing by hand."""

from itertools import combinations

import ipywidgets as widgets
import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import TaskExplorer
from contexture_lite.teach.cast import members
from contexture_lite.teach.cast import tasks as task_list
from contexture_lite.teach.nb03_tasks.compute import (
    MOST,
    RANDOM,
    orthonormal,
    random_encoders,
    raw_errors,
    step_at,
)

CONTEXTS, KINDS = task_list.CONTEXTS, task_list.KINDS[:-1]
SETTINGS = [(context, kind, strength) for context in CONTEXTS for kind in KINDS
            for strength in (0.0, 0.34, 0.8, 1.0)]
MADE = []


@pytest.fixture
def explorer():
    """One for the whole module."""
    if not MADE:
        MADE.append(TaskExplorer())
    return MADE[0]


def at(context, kind, strength, d=3):
    return step_at(context, strength, kind, d, task_list.task(context, kind))


def least_squares(features, f, p_x):
    """Error of the best linear probe with intercept, by lstsq."""
    root = np.sqrt(p_x)
    columns = np.column_stack([features, np.ones(len(f))]) * root[:, None]
    w = np.linalg.lstsq(columns, f * root, rcond=None)[0]
    return np.sum((columns @ w - f * root) ** 2)


@pytest.mark.parametrize("context, kind, strength", SETTINGS)
def test_compatibility_and_errors_equal_direct_computation(context, kind, strength):
    step = at(context, kind, strength)
    channel, p_x = members.CAST[context].build(strength), step.system.p_x
    f = task_list.task(context, kind)
    joint, centred = channel.joint, f - p_x @ f
    g = joint.T @ centred / joint.sum(axis=0)
    rho = np.sqrt((joint.sum(axis=0) @ g**2) / (p_x @ centred**2))
    assert step.compatibility == pytest.approx(rho, abs=1e-12)
    for d in range(0, len(step.energy) + 1, 2):
        left = step.system.left[:, :d]
        assert step.errors[d] == pytest.approx(least_squares(left, step.f, p_x), abs=1e-9)
        encoder = random_encoders(context)[7, :, :d]
        assert step.random[7, d] == pytest.approx(least_squares(encoder, step.f, p_x), abs=1e-9)
    assert step.random.shape == (RANDOM, len(step.energy) + 1)
    assert p_x @ (step.f - step.caught) ** 2 == pytest.approx(step.errors[step.d], abs=1e-9)


@pytest.mark.parametrize("context, kind, strength", SETTINGS)
def test_energies_add_up_and_weigh_the_spectrum(context, kind, strength):
    step = at(context, kind, strength, d=2)
    assert sum(share for _, _, share, _ in step.shares) == pytest.approx(1, abs=1e-9)
    caught = sum(part for *_, part in step.shares)
    assert caught == pytest.approx(1 - step.errors[step.d], abs=1e-9)
    everything = step.system.left.T @ (step.system.p_x * step.f)
    rho2 = step.system.values**2 @ everything**2
    assert rho2 == pytest.approx(step.compatibility**2, abs=1e-9)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", ["coarse", "one", "random"])
def test_the_worst_task_is_the_exact_dual(context, kind):
    """The closed form of the line against `worst_case_error` of the drawn encoder."""
    step = at(context, kind, 0.7)
    channel = members.CAST[context].build(0.7)
    for d in range(1, min(step.system.rank, len(step.energy)) + 1, 3):
        exact = cl.worst_case_error(channel, step.system.left[:, :d], 1 - step.compatibility)
        assert step.worst[d] == pytest.approx(exact, abs=1e-5)
    assert (step.errors <= step.worst + 1e-9).all()


@pytest.mark.parametrize("context", CONTEXTS)
def test_inside_a_repeated_value_the_error_is_one_of_the_drawn_choices(context):
    step = at(context, "random", 0.6)
    for first, end in step.repeated:
        values = step.system.values[first:end]
        assert np.ptp(values) < 1e-7 and (values > 0).all()
        inside = step.errors[first:end + 1]
        assert (inside <= inside[0] + 1e-12).all() and (inside >= inside[-1] - 1e-12).all()
    covered = [i for first, end in step.repeated for i in range(first, end)]
    assert covered == list(range(min(step.system.rank, len(step.energy))))


def test_raw_inputs_are_their_own_principal_components():
    for context in CONTEXTS:
        raw, p_x = task_list.raw_inputs(context)[1], members.CAST[context].build(0.5).p_x
        centred = raw - p_x @ raw
        covariance = (centred * p_x[:, None]).T @ centred
        if task_list.raw_inputs(context)[0] == "one-hot":
            whole = np.eye(len(p_x)) - 1 / len(p_x)  # every direction of mean zero alike
            assert np.linalg.matrix_rank(centred) == len(p_x) - 1
            assert np.allclose(covariance, whole[1:, 1:] / len(p_x))
        else:
            assert np.allclose(covariance, covariance[0, 0] * np.eye(len(covariance)))


@pytest.mark.parametrize("context", ["hypercube", "cycle walk", "four letters"])
def test_pca_without_preference_is_the_mean_over_choices(context):
    p_x = members.CAST[context].build(0.5).p_x
    raw = orthonormal(task_list.raw_inputs(context)[1], p_x)
    f = at(context, "one", 0.5).f
    errors = raw_errors(context, f, len(p_x) - 1)
    for d in range(1, raw.shape[1] + 1):
        subsets = combinations(range(raw.shape[1]), d)
        mean = np.mean([least_squares(raw[:, list(s)], f, p_x) for s in subsets])
        assert errors[d] == pytest.approx(mean, abs=1e-9)


def test_inputs_and_their_distribution_do_not_depend_on_the_strength():
    for context in CONTEXTS:  # tasks, random encoders and raw inputs are made once
        member = members.CAST[context]
        reference = member.build(0.5)
        for strength in (0.0, 0.3, 1.0):
            assert member.build(strength).x_labels == reference.x_labels
            assert np.allclose(member.build(strength).p_x, reference.p_x, atol=1e-12)


def test_every_context_names_its_tasks_and_they_differ():
    for context in CONTEXTS:
        assert len(set(task_list.names(context))) == len(task_list.KINDS)
        tasks = [at(context, kind, 0.5).f for kind in KINDS]
        for f, other in combinations(tasks, 2):
            assert np.abs(np.sum(f * other * members.CAST[context].build(0.5).p_x)) < 0.999


def test_what_the_pictures_teach():
    parity = at("hypercube", "finest", 0.8)
    assert parity.errors[6] == pytest.approx(1) and parity.errors[7] == pytest.approx(0, abs=1e-9)
    assert at("hypercube", "coarse", 0.8).errors[3] == pytest.approx(0, abs=1e-9)
    assert (at("clusters", "finest", 0.9).errors == 1).all()
    walk = at("cycle walk", "finest", 0.0)  # a walk that never rests tells even from odd
    assert walk.compatibility == pytest.approx(1) and walk.errors[1] < 1e-9
    lazy = at("cycle walk", "finest", 0.5)
    assert lazy.compatibility < 1e-9 and lazy.errors[-1] == pytest.approx(1)


# ---- drawing by hand


def test_sliders_are_there_for_ones_own_task_only(explorer):
    for context in CONTEXTS:
        handles = explorer.hand.sliders(context)
        knots = len(task_list.KNOTS)
        wanted = knots if context == "Gaussian pair" else members.CAST[context].build(0.5).shape[0]
        assert len(handles) == wanted <= MOST
        assert all(isinstance(h, widgets.FloatSlider) and h.orientation == "vertical" and
                   h.description for h in handles)
    for context in ("Gaussian pair", "hypercube"):
        explorer.update(context=context, task="own")
        assert explorer.hand.box.children[1:] == tuple(explorer.hand.sliders(context))
        explorer.update(task="random")
        assert explorer.hand.box.children == ()


def test_moving_one_slider_redraws_at_once(explorer):
    explorer.update(context="hypercube", task="own", strength=0.8, d=3, drawn=[0.0] * 7 + [1.0])
    before, values, sent = explorer.png, explorer.values(), []
    explorer.images[0].observe(lambda change: sent.append("image"), "value")
    explorer.hand.box.children[1].value = 1.0
    assert explorer.png != before and explorer.values() != values
    assert sent == ["image"]
    explorer.images[0].unobserve_all("value")
    explorer.update(drawn=[0.0] * 7 + [1.0])
    assert explorer.png == before


def test_a_drawn_task_is_the_task(explorer):
    f = task_list.task("hypercube", "finest")
    explorer.update(context="hypercube", task="own", strength=0.6, d=4, drawn=f)
    drawn = explorer.values()
    explorer.update(task="finest")
    assert explorer.values() == pytest.approx(drawn, abs=1e-12)
    on_the_line = task_list.drawn("Gaussian pair", task_list.KNOTS / 3)
    x = np.clip(members.CAST["Gaussian pair"].build(0.5).x_labels, -3, 3)
    assert np.allclose(on_the_line, x / 3)


@pytest.mark.parametrize("height", [0.0, 1.0, -0.3])
def test_a_constant_task_is_told_so(explorer, height):
    explorer.update(context="four letters", task="own", strength=0.6, d=2, drawn=[height] * 4)
    assert np.isnan(explorer.values()["compatibility"])
    assert explorer.error is None and "nothing to predict" in explorer.line.value
    assert "compatibility=nan" in repr(explorer)
    explorer.update(drawn=[0, 0, 0, 1])
    assert explorer.values()["compatibility"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"drawn": [1, 0]}, "it must be 8 numbers"),
        ({"drawn": [2.0] + [0] * 7}, "from −1 to 1"),
        ({"drawn": [np.nan] * 8}, "must be finite"),
        ({"drawn": [[1], [0, 1]]}, "drawn is not a rectangular array"),
        ({"drawn": [0.5] * 8, "context": "weather"}, "context is 'weather'"),
        ({"drawn": [0.5] * 8, "d": 99}, "d is 99"),
        ({"context": "binary channel"}, "context is 'binary channel'"),
        ({"task": "parity"}, "task is 'parity'; it must be one of"),
    ],
)
def test_bad_settings_change_nothing(explorer, params, message):
    explorer.update(context="hypercube", task="own", strength=0.8, d=3, drawn=[0.0] * 7 + [1.0])
    before = explorer.png
    with pytest.raises(ValueError, match=message):
        explorer.update(**params)
    assert explorer.png == before
    assert [handle.value for handle in explorer.hand.box.children[1:]] == [0.0] * 7 + [1.0]


def test_names_follow_the_context_and_the_kind_stays(explorer):
    explorer.update(context="hypercube", task="finest")
    assert explorer.controls["task"].label == "parity of all bits"
    explorer.controls["context"].value = "cycle walk"  # the reader's hand
    assert explorer.controls["task"].value == "finest"
    assert explorer.controls["task"].label == "even or odd place"
    assert explorer.sentence(explorer.result).startswith("Even or odd place, cycle walk")


def test_a_cut_inside_equal_values_is_said(explorer):
    explorer.update(context="hypercube", task="coarse", strength=0.8, d=2)
    assert "d cuts s₁ = s₃" in explorer.sentence(explorer.result)
    explorer.update(d=3)
    assert "cuts" not in explorer.sentence(explorer.result)


def test_two_lines_are_enough_for_every_sentence(explorer):
    """So that nothing jumps under the slider; a line holds some 110 letters in JupyterLab."""
    for context, kind, strength in SETTINGS:
        title, f = task_list.names(context)[KINDS.index(kind)], task_list.task(context, kind)
        for d in (1, 2, 5, MOST):
            said = explorer.sentence(step_at(context, strength, title, d, f))
            assert len(said) <= 205, said


def test_the_rivals_are_shown_where_they_are_asked_for():
    alone, beside = (TaskExplorer(rivals=rivals) for rivals in (False, True))
    assert alone.values() == beside.values() and alone.png != beside.png
    assert "random encoders" in beside.line.value and "random encoders" not in alone.line.value
