"""D-iGPT in miniature: the shipped grid, what the page says of it, and some of it made again."""

from itertools import pairwise

import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach.nb15_tokens import digpt, results

RAW, LOCAL, OWN, FREE, WHOLE = digpt.TARGETS


def seeds(student, labels, d):
    """{(target, visible): share right of every seed}."""
    table = results._grid()
    kept = table[(table.student == student) & (table.labels == labels) & (table.d == d)]
    return {key: part.sort_values("seed").right.to_numpy()
            for key, part in kept.groupby(["target", "visible"])}


def test_the_grid_is_complete():
    table = results._grid()
    assert len(table) == 394 and table.right.between(0.2, 0.93).all()
    for student, count in (("closed form", 5), ("transformer", 3), ("untrained", 3),
                           ("pixel PCA", 5)):
        assert table[table.student == student].seed.nunique() == count
    assert set(map(tuple, table[table.student == "transformer"][["target", "visible"]].to_numpy())
               ) == set(digpt.cells())


def test_the_order_of_targets_in_closed_form_in_every_seed():
    right = seeds("closed form", 100, 16)
    order = [right[key] for key in ((RAW, False), (RAW, True), (OWN, False), (OWN, True),
                                    (WHOLE, False))]
    assert all((low < high).all() for low, high in pairwise(order))
    right = seeds("closed form", 1000, 16)  # the last two tie
    order = [right[key] for key in ((RAW, False), (RAW, True), (OWN, False), (OWN, True))]
    assert all((low < high).all() for low, high in pairwise(order))
    assert abs((right[WHOLE, False] - right[OWN, True]).mean()) < 0.01


def test_the_order_of_targets_of_the_transformer():
    for labels in (100, 1000):
        right = seeds("transformer", labels, 48)
        assert (right[RAW, False] < right[OWN, False] - 0.03).all()
        assert (right[OWN, False] < right[OWN, True] - 0.02).all()
        assert right[RAW, False].mean() < right[RAW, True].mean() + 0.001
        assert abs((right[WHOLE, False] - right[OWN, True]).mean()) < 0.02  # a tie


def test_the_controls_are_the_lesson():
    for labels in (100, 1000):
        right, known = seeds("transformer", labels, 48), results.controls(labels)
        pixels = right[RAW, False].mean()
        assert abs(pixels - known["untrained transformer"]) < 0.025
        assert pixels < known["pixel PCA, 48"] - 0.04
    right = seeds("transformer", 100, 48)
    above = {key for key, values in right.items() if (values > known_pca(100) + 0.03).all()}
    assert above == {(OWN, True), (WHOLE, False)}
    free = seeds("transformer", 1000, 48)[FREE, False].mean()
    assert abs(free - known_pca(1000)) < 0.03


def test_the_visible_tokens_help_every_local_target():
    for student, d, most in (("closed form", 16, 0.09), ("transformer", 48, 0.095)):
        for labels in (100, 1000):
            right = seeds(student, labels, d)
            for target in (RAW, LOCAL, OWN):
                gain = (right[target, True] - right[target, False]).mean()
                assert (0.05 if d == 16 else 0.005) < gain < most


def known_pca(labels):
    return results.controls(labels)["pixel PCA, 48"]


def test_a_teacher_without_labels_of_the_same_quadrant_adds_nothing_to_the_next_token():
    for labels in (100, 1000):
        right = seeds("closed form", labels, 16)
        gain = right[LOCAL, False] - right[RAW, False]
        assert abs(gain.mean()) < 0.015
        assert (right[FREE, False] - right[RAW, False] > 0.1).all()
        right = seeds("transformer", labels, 48)
        assert 0.005 < (right[LOCAL, False] - right[RAW, False]).mean() < 0.035


def test_a_semantic_target_is_a_reordering():
    """The gain over pixels shrinks once there is room for more functions."""
    gains = [seeds("closed form", 1000, d)[OWN, False].mean()
             - seeds("closed form", 1000, d)[RAW, False].mean() for d in (8, 16)]
    later = (seeds("closed form", 1000, 16)[OWN, False].mean()
             - seeds("closed form", 1000, 32)[RAW, False].mean())
    assert gains[0] > 0.2 > gains[1] > 0.12 > later > 0.05


@pytest.mark.processor
@pytest.mark.parametrize(("target", "visible"), [(RAW, True), (OWN, False)])
def test_cells_in_closed_form_are_made_again(target, visible):
    table = results._grid()
    kept = table[(table.student == "closed form") & (table.target == target) & (table.seed == 0)
                 & (table.visible == visible)]
    again = digpt.closed_rows(target, visible, 0)
    assert [row["right"] for row in again] == pytest.approx(kept.right.tolist(), abs=0.012)


def test_a_cell_of_the_transformer_can_be_stopped_and_ends_as_shipped():
    run, model = digpt.training(OWN, True, 0)
    for record in run:
        if record.step == 50:
            break
    assert run.step == 50
    list(run)
    assert run.finished
    table = results._grid()
    kept = table[(table.student == "transformer") & (table.target == OWN) & (table.seed == 0)
                 & (table.labels == 100) & table.visible]
    right = digpt.probe(digpt.states(model, 0), 0, 100)
    assert right == pytest.approx(kept.right.item(), abs=0.04)


def test_quadrants_are_quadrants_and_prefixes_are_blank_after_them():
    images = cl.datasets.load("mnist").X[0].reshape(28, 28)
    pooled = images.reshape(14, 2, 14, 2).mean(axis=(1, 3)) / 255
    tokens = digpt._images()[0]
    mean = tokens[0, 1] - pooled[:7, 7:].ravel()
    other = cl.datasets.load("mnist").X[1].reshape(14, 2, 14, 2).mean(axis=(1, 3)) / 255
    assert np.allclose(tokens[1, 1] - other[:7, 7:].ravel(), mean)
    seen = digpt.prefixes(tokens[:2])
    assert seen.shape == (3, 2, 200) and (seen[0, :, 49:196] == 0).all()
    assert (seen[1, :, :98] == tokens[:2, :2].reshape(2, -1)).all()
    assert seen[:, 0, 196:].tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]


def test_the_closed_form_is_the_best_student_of_its_width():
    """No other d functions of the same random features leave less of the fitted targets."""
    target = digpt.teacher(OWN, 0)
    _, fit = digpt._seen(0)
    wanted = np.concatenate([target[:, k] for k in (1, 2, 3)])
    m = fit @ digpt.ridge(fit, wanted)
    values = np.linalg.svd(m, compute_uv=False)
    components = np.linalg.svd(m, full_matrices=False)[2][:4]
    left = ((m - m @ components.T @ components) ** 2).sum()
    assert left == pytest.approx((values[4:] ** 2).sum())
