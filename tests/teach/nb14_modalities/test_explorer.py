"""The live picture of pictures and names: the package's towers, counts by brute force."""

import numpy as np
import pytest

from contexture_lite import retrieval
from contexture_lite.teach.nb14_modalities import compute, explorer

MADE = []


def made():
    if not MADE:
        MADE.append(explorer.ModalityExplorer())
    return MADE[0]


def towers(d, ridge):
    parts = compute.features(0, "pairs", explorer.K)
    return parts, retrieval.linear_towers(parts.x, parts.a, d, ridge=ridge)


@pytest.mark.parametrize(("d", "ridge"), [(48, 0.1), (4, 0.0), (100, 1.0)])
def test_it_is_the_packages_towers(d, ridge):
    parts, own = towers(d, ridge)
    step = made().compute("sad face", 1.0, d, ridge)
    scores = own.scores(parts.x_new, parts.a_new).T
    assert step.training[:d] == pytest.approx(own.values)
    for k, along in zip(explorer.RECALLS, step.recalls):
        assert along[-1] == pytest.approx(retrieval.recall_at(scores, k), abs=2e-3)
    typed = own.scores(parts.x_new, parts.letters(["sad face"]))[:, 0]
    assert (step.nearest == parts.gallery[np.argsort(-typed)[:5]]).all()
    x, a = own.of_x(parts.x_new), own.of_a(parts.a_new)
    wanted = [np.corrcoef(f, g)[0, 1] for f, g in zip(x.T, a.T)]
    assert step.held_out[:d] == pytest.approx(wanted)


def test_recall_in_a_smaller_gallery_is_the_mean_over_drawn_ones():
    parts, own = towers(48, 0.1)
    scores = own.scores(parts.x_new, parts.a_new).T
    rng, drawn = np.random.default_rng(0), []
    for _ in range(200):
        rows = rng.permutation(400)[:50]
        drawn.append(retrieval.recall_at(scores[np.ix_(rows, rows)], 1))
    along = made().compute("x", 1.0, 48, 0.1).recalls[0]
    assert along[0] == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / 200**0.5)


def test_a_name_that_was_never_seen_is_found_and_other_words_have_relatives():
    live = made()
    live.update(words="broken heart", matched=1.0, d=48, ridge=0.1)
    names = compute.emoji().names[live.result.nearest]
    assert live.values()["place"] == 1 and names[0] == "broken heart"
    assert sum("heart" in name for name in names) == 5
    assert "broken heart" not in compute.emoji().names[compute.split(0)[0]]
    live.update(words="three o clock")
    assert sum("o’clock" in name or "thirty" in name for name in
               compute.emoji().names[live.result.nearest]) == 5
    assert live.values()["place"] == 0 and "No picture is called" in live.sentence(live.result)
    live.update(words="grinning face")
    assert "training picture" in live.sentence(live.result)


@pytest.mark.parametrize("words", ["", "   ", "$x$ <b>", "名", "a" * 300, "two\nlines"])
def test_any_text_may_be_typed(words):
    live = made()
    live.update(words=words)
    assert live.error is None and "\n" not in live.sentence(live.result)
    with pytest.raises(TypeError, match="it must be a text"):
        live.update(words=3)
    live.update(words="broken heart")


def test_without_an_association_the_training_spectrum_finds_one_all_the_same():
    """In noise the first correlation is at the edge; retrieval is at chance."""
    live = made()
    live.update(matched=0.0, ridge=0.0, d=48)
    values = live.values()
    assert values["training"] == pytest.approx(live.result.edge, abs=0.03)
    assert abs(values["held_out"]) < 0.2 and values["recall1"] < 0.01 and values["above"] <= 1


def test_less_association_less_recall():
    live, recall = made(), []
    for matched in (1.0, 0.8, 0.5, 0.2, 0.0):
        live.update(matched=matched, d=48, ridge=0.1)
        recall.append(live.values()["recall10"])
    assert (np.diff(recall) < 0).all()
