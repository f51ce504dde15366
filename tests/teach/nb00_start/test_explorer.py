"""The opening picture: its two ends, its numbers by a second route, what its text says of it."""

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import StoryExplorer, digits_479, drawn_pairs, probe_errors, two_tasks
from contexture_lite.teach.nb00_start.pairs import NEIGHBOURS, learned


@pytest.fixture(scope="module")
def explorer():
    return StoryExplorer()


def test_the_error_is_high_at_both_ends_and_low_in_between(explorer):
    error = dict(zip(NEIGHBOURS, explorer.mean))
    assert max(error[k] for k in (100, 80, 60, 45, 30, 20, 15, 10)) < 0.1
    assert min(error[k] for k in (300, 250, 3, 2, 1)) > 0.6
    assert list(explorer.mean[:6]) == pytest.approx(sorted(explorer.mean[:6])[::-1], abs=0.01)


def test_no_image_is_named_by_a_rounding_error(explorer):
    """Where the pairs fall into pieces the labelled images often have equal features."""
    digit, rng = digits_479()[1], np.random.default_rng(0)
    for k, frame in explorer.frames.items():
        nearly = frame.features * (1 + 1e-14 * rng.standard_normal(frame.features.shape))
        assert probe_errors(nearly, digit) == pytest.approx(probe_errors(frame.features, digit)), k


def test_two_bars_stand_out_where_the_error_is_low_and_no_bar_does_at_the_ends(explorer):
    gap = {k: frame.squared[1] - frame.squared[2] for k, frame in explorer.frames.items()}
    assert min(gap[k] for k in (120, 100, 80, 60, 45, 30, 20)) > 0.1
    assert max(abs(gap[k]) for k in (300, 250, 200, 4, 3, 2, 1)) < 0.02


@pytest.mark.parametrize("seed", range(1, 6))
def test_so_it_is_for_other_pairs(seed):
    def gap(k):
        squared = cl.singular_system(cl.Context.from_counts(drawn_pairs(k, seed))).values ** 2
        return squared[1] - squared[2]

    assert gap(80) > 0.2 and max(gap(300), gap(2)) < 0.02


def test_at_the_weak_end_the_bars_are_those_of_pairs_without_any_association(explorer):
    """Independent pairs have the same bars: what is seen there is chance."""
    rng = np.random.default_rng(0)
    chance = np.zeros((300, 300))
    np.add.at(chance, (np.repeat(np.arange(300), 10), rng.integers(0, 300, 3000)), 1)
    context = cl.Context.from_counts(chance, drop_empty=True)
    assert explorer.frames[250].squared[:3] == pytest.approx(
        cl.singular_system(context).values[:3] ** 2, abs=0.02)


def test_at_the_strong_end_more_than_two_bars_are_one(explorer):
    assert (explorer.frames[3].squared > 1 - 1e-9).sum() > 2
    assert explorer.frames[1].squared == pytest.approx(np.ones(12))


@pytest.mark.parametrize("k", [200, 30, 2])
def test_numbers_equal_direct_computation(k, explorer):
    explorer.update(neighbours=k)
    joint = drawn_pairs(k) / 3000
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    squares = np.linalg.svd((joint - expected) / np.sqrt(expected), compute_uv=False) ** 2
    values = explorer.values()
    assert [values["s2_squared"], values["s3_squared"]] == pytest.approx(squares[1:3])


@pytest.mark.parametrize("k", [300, 30, 1])
def test_pairs_are_drawn_from_the_nearest_images(k):
    pixels, _ = digits_479()
    counts = drawn_pairs(k)
    assert (counts.sum(axis=1) == 10).all() and counts.any(axis=0).all()
    if k == 1:
        assert np.array_equal(counts, 10 * np.eye(300))
    if k == 30:  # no image is drawn that is farther away than the 30th nearest
        away = np.linalg.norm(pixels[:, None] - pixels, axis=2)
        assert counts.shape == (300, 300)
        assert not counts[away > np.sort(away)[:, [29]] + 1e-9].any()


@pytest.mark.parametrize("kinds, labels", [((0, 1, 2), 3), ((3, 5, 8), 5)])
def test_the_u_is_not_a_lucky_choice_of_digits(kinds, labels):
    weak, best, strong = (learned(k, kinds=kinds, labels=labels, samples=2).errors.mean()
                          for k in (300, 45, 1))
    assert min(weak, strong) > 1.5 * best


def test_the_two_tasks_have_equal_classes_and_swap():
    tasks = two_tasks()
    assert all((np.unique(task, return_counts=True)[1] == 100).all() for task in tasks)
    features = [cl.singular_system(cl.label_context(task, noise=0.2), 2).left for task in tasks]
    errors = np.array([[probe_errors(f, task).mean() for task in tasks] for f in features])
    assert (errors.diagonal() < 0.01).all() and errors[[0, 1], [1, 0]].min() > 0.6


def test_the_probe_is_right_where_it_can_be():
    digits = np.arange(40) % 10
    assert (probe_errors(np.eye(10)[digits], digits, labels=2, draws=3) == 0).all()


def test_of_equal_outputs_the_first_counts_whatever_the_rounding():
    """A feature that tells nothing of the others: they all get the first class."""
    errors = probe_errors(np.eye(70)[:, :2], np.repeat(np.arange(7), 10), labels=3, draws=5)
    assert errors[errors > 0.8] == pytest.approx(6 / 7, abs=0.02) and len(errors) == 5
