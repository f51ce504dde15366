"""The live picture of embeddings: its numbers at known settings, and what its ends must show."""

import numpy as np
import pytest

from contexture_lite.teach.nb11_geometry import compute as model
from contexture_lite.teach.nb11_geometry.explorer import GeometryExplorer

RING, CUBE, CLUSTERS = model.CONTEXTS
MADE = []


def made():
    if not MADE:
        MADE.append(GeometryExplorer())
    return MADE[0]


def show(context, strength, loss, level):
    known = model.WEIGHTS if loss == model.LOSSES[1] else model.TEMPERATURES
    made().update(context=context, strength=strength, loss=loss, level=known.index(level))
    return made().result


@pytest.mark.parametrize("loss, level, mean, w1, alignment, uniformity", [
    (0, 0.02, 0.9162, 0.0838, 0.0217, -0.3074), (0, 0.1, 0.5808, 0.4192, 0.1086, -1.0689),
    (0, 0.2, 0.1617, 0.8383, 0.2171, -1.4776), (0, 0.5, 0, 0.8159, 0.3724, -1.7668),
    (0, 5, 0, 1, 0.2590, -1.5750), (1, 0.1, 0.8115, 0.1885, 0.0488, -0.6167),
    (1, 0.5, 0, 1, 0.2590, -1.5750), (1, 1, 0, 0.6275, 0.5984, -2.0699),
    (1, 1000, 0, 0.1828, 1.3615, -2.3538)])
def test_the_numbers_of_the_lazy_ring(loss, level, mean, w1, alignment, uniformity):
    step = show(RING, 0.5, model.LOSSES[loss], level)
    values = made().values()
    found = [values[name] for name in ("mean_cosine", "w1", "alignment", "uniformity")]
    assert found == pytest.approx([mean, w1, alignment, uniformity], abs=5e-5)
    assert step.critical == pytest.approx(0.2386, abs=5e-5)
    assert f"{mean:.4f}" in made().sentence(step)


def test_cold_is_a_pole_and_hot_is_a_circle():
    cold, hot = (show(RING, 0.5, "InfoNCE", level) for level in (0.02, 20))
    assert (cold.points[:, 2] > 0.95).all() and "cone" in made().headline(cold)
    assert np.allclose(hot.points[:, 2], 0) and hot.rank == 2
    assert np.allclose(np.linalg.norm(hot.points, axis=1), 1)


def test_the_ends_of_strength_and_the_losses_alone():
    assert "Complete collapse" in made().headline(show(CUBE, 0.0, "InfoNCE", 1)) or (
        "complete collapse" in made().headline(made().result))
    assert "critical" not in made().values()
    for context, points in ((RING, 12), (CUBE, 8)):
        step = show(context, 1.0, "InfoNCE", 0.02)
        assert step.mean_cosine == 0 and step.rank == points - 1 and step.alignment < 1e-9
    assert show(RING, 0.5, "alignment only", 0.5).mean_cosine == 1
    spread = [show(RING, s, "uniformity only", 0.5).uniformity for s in (0.2, 0.8)]
    simplex = np.log((1 + 11 * np.exp(-48 / 11)) / 12)
    assert spread == pytest.approx([simplex, simplex], abs=1e-6)


def test_clusters_lie_on_one_point_each():
    points = show(CLUSTERS, 0.85, "InfoNCE", 0.2).points.reshape(3, 4, 3)
    assert np.allclose(points, points[:, :1])


def test_the_path_goes_through_the_point_and_meets_the_wall_at_the_critical_temperature():
    for context, level in ((RING, 0.1), (CUBE, 0.3)):
        step = show(context, 0.8, "InfoNCE", level)
        x, y = step.sweep[:9].T
        assert np.interp(step.alignment, x, y) == pytest.approx(step.uniformity, abs=0.02)
    assert show(CUBE, 0.8, "InfoNCE", 0.3).sweep[8, 0] == pytest.approx(step.wall, abs=1e-3)


def test_levels_have_the_names_of_their_loss_and_others_are_refused():
    show(RING, 0.5, model.LOSSES[1], 1)
    assert made().controls["level"].options[10][0] == "w = 1"
    show(RING, 0.5, "InfoNCE", 0.5)
    assert made().controls["level"].options[10][0] == "τ = 0.5"
    with pytest.raises(ValueError, match=r"level is 0\.51; it must be one of"):
        GeometryExplorer(level=0.51)
