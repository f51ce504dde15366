"""Prints everything that the package can be asked to say, in each of the given encodings."""

import runpy
import sys

import numpy as np
import pandas as pd
import torch

import contexture_lite as cl
from contexture_lite import claims, datasets, gallery, learn, sampling, shift, teach
from contexture_lite._lazy import needed
from contexture_lite.claims import table
from contexture_lite.learn import objectives, scaling

context = gallery.binary_channel(0.6)
X = np.random.default_rng(0).normal(size=(60, 3))
mostly = [f"{x:.2f}" if x < 1 else "β" for x in X[:, 1]]
frame = pd.DataFrame({"x": X[:, 0], "a ≤ b": 1, "名": mostly})
model = torch.nn.Linear(3, 2)
run = learn.train(lambda: (model.weight ** 2).sum(), model, steps=2)
guess = teach.predict("p", "Is β ≤ 1?", choices=["≤ 1", "> 1"])
survey = claims.survey(context)

said = [
    context, cl.knn_context(X, 5), cl.singular_system(context), cl.tau(context),
    cl.usefulness.effective_rank(context), cl.alignment.squared_cca(X, X),
    cl.linear_probe(X, X[:, 0]), cl.ritz(context, np.eye(2)), datasets.penguins(),
    datasets.hair_eye_color(), cl.ContextureEmbedding(), shift.estimated_weights(X, X + 0.1),
    shift.shifted_spectrum(context, [0.4, 0.6]), sampling.probe_risk([0.5, 0.2], 1, 30, 0.1),
    sampling.simulate_probe([0.5, 0.2], 1, 30, 0.1, replicates=9), run, *run, *objectives.table(),
    objectives.find("InfoNCE").on(context, 1), scaling.setting("digits", "30 neighbours"),
    *claims.ledger(), *[h for claim in claims.ledger() for h in claim.hypotheses], survey,
    *survey.checks, claims.card("chi-square", context), survey.checks[0].sides,
    cl.diagnose(frame, X[:, 2], {"β": [lambda Z: cl.knn_context(Z, 9)]}, progress=False),
    cl.diagnose(frame, None, ["knn"], progress=False), guess, guess.reveal("≤ 1"),
    teach.style.Picture(teach.style.figure((4, 3)), "s₁ ≤ 1"), teach.RotationExplorer(),
    datasets.emoji(), cl.nearest_neighbours(X, 5), cl.approximate_knn_context(X, 5),
    cl.retrieval.linear_towers(X, X, 1), datasets.universal_declaration(), cl.tokens.Bpe(()),
    teach.Sentences("名 ≤ β", "", 0), cl.geometry.collapse_report(X), cl.geometry.hubness(X),
    cl.geometry.contrastive_optimum(gallery.hypercube(0.5), 0.5),
]
for room in teach.ROOMS:
    for exercise in needed(f"contexture_lite.teach.{room}.exercises").EXERCISES:
        name = exercise.identifier
        said += [exercise, teach.prompt(name), teach.solution(name)]


def failing(*arguments):
    raise ValueError("β ≤ 名")


table.measure = lambda: [(claim, 1, 1e-12) for claim in claims.ledger()]  # it takes a minute
for encoding in sys.argv[1:]:
    sys.stdout.reconfigure(encoding=encoding)
    for thing in said:
        print(thing, repr(thing))
    for answer in (..., 3, 300, failing):
        teach.check("ex_00_1", answer)
        teach.check("ex_01_1", answer)
    runpy.run_module("contexture_lite.claims", run_name="__main__")
    print("said:", *sorted({type(thing).__name__ for thing in said}))
