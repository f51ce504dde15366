"""What a notebook says of trained networks holds for other starts than the one it shows."""

import json
from dataclasses import replace
from types import FunctionType

import numpy as np
import pytest
import torch
from shape import FOLDER

import contexture_lite as cl
from contexture_lite import learn


def sources(notebook):
    """The code cells of a notebook."""
    cells = json.loads((FOLDER / notebook).read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def names_of(notebook, *beginnings):
    """What the code cells that begin like this define, run in the order of the notebook."""
    names = {}
    for source in sources(notebook):
        if source.startswith(("import", *beginnings)):
            exec(source, names)
    return names


@pytest.fixture(scope="module")
def pairs_of_digits():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    names = names_of("04_objectives_that_learn_it.ipynb", "digits =", "def train_on_pairs")
    losses = {name: getattr(learn.losses, name)
              for name in ("spectral_contrastive", "vicreg", "info_nce")}
    yield [
        {name: names["train_on_pairs"](loss, seed) for name, loss in losses.items()}
        for seed in (1, 2, 3)
    ]
    torch.set_num_threads(threads)


def test_two_losses_find_the_functions_of_the_digits_and_info_nce_other_ones(pairs_of_digits):
    for found in pairs_of_digits:
        assert found["spectral_contrastive"][0] > 0.9
        assert found["vicreg"][0] > 0.95
        assert found["info_nce"][0] < 0.85


def test_on_unseen_digits_the_order_is_the_same(pairs_of_digits):
    for found in pairs_of_digits:
        assert found["info_nce"][1] < found["spectral_contrastive"][1] < 1
        assert found["vicreg"][1] > 0.85


@pytest.mark.parametrize("split", [1, 2, 3])
def test_seeing_both_halves_of_a_digit_may_be_worse_and_drawing_one_is_better(split):
    """Break it of notebook 07, on other splits of the digits."""
    digits = cl.datasets.digits()
    order = np.random.default_rng(split).permutation(len(digits.y))
    digits = replace(digits, X=digits.X[order], y=digits.y[order])
    names = names_of("07_mixing_contexts.ipynb", "def error", "def mixed", "digits =") | {
        "digits": digits, "seen": digits.X[:600], "unseen": digits.X[600:]}
    for name in ("halves", "error", "mixed"):  # the same functions, looking at this split
        names[name] = FunctionType(names[name].__code__, names, name, names[name].__defaults__)
    few, many = ({name: names["error"](context)
                  for name, context in names["mixed"](*names["halves"](k)).items()}
                 for k in (3, 8))
    assert few["both seen"] > 2 * max(few["left half"], few["right half"])
    assert many["both seen"] < 0.8 * min(many["left half"], many["right half"])
    for found in (few, many):
        assert found["one drawn"] < 0.8 * min(found["left half"], found["right half"])


def found_from(start, name, context, d=3):
    """Share of the exact space that the notebook's training finds from one random start."""
    problem = learn.objectives.find(name).on(context, d, seed=start)
    list(learn.train(problem.loss, problem, steps=500, learning_rate=0.05, every=500))
    exact = problem.objective.span(context, d)
    correlations = cl.alignment.canonical_correlations(problem.features(), exact, context.p_x)
    return (correlations**2).sum() / d


def test_where_the_stop_gradient_learner_ends_depends_on_its_start():
    cube = cl.gallery.masked_tokens(0.6, 3, 2)
    found = [found_from(start, "stop-gradient", cube) for start in range(10, 20)]
    assert max(found) - min(found) > 0.1
    assert sum(share < 0.9 for share in found) > 5


@pytest.mark.parametrize("name", ["VICReg", "Barlow Twins"])
def test_two_losses_without_an_exact_claim_find_the_space_all_the_same(name):
    cube = cl.gallery.masked_tokens(0.6, 3, 2)
    assert min(found_from(start, name, cube) for start in range(10, 15)) > 0.99
