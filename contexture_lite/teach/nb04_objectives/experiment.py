"""Notebook 04's trained encoders: what each loss finds from five random starts.

`shipped` is the table, which ``python -m contexture_lite.experiment 04 FILE.csv`` makes anew.
"""

from functools import lru_cache, partial

import numpy as np
import pandas as pd
import torch

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.alignment import squared_cca
from contexture_lite.datasets import tables
from contexture_lite.learn import ResidualMLP, draws, laws, losses, objectives, train

SEEDS = range(5)
TEMPERATURES = 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0
STRENGTHS = 0.25, 0.5, 0.8
ON_TABLES = [("strings", name, steps) for name in ("VICReg", "Barlow Twins")
             for steps in (500, 3000)] + [("cube", "stop-gradient", 500)] + [
    (f"hypercube {strength}", "InfoNCE", 500) for strength in STRENGTHS]
ON_PAIRS = {"spectral contrastive": losses.spectral_contrastive, "VICReg": losses.vicreg,
            "InfoNCE, raw": losses.info_nce} | {
    f"InfoNCE, τ = {tau:g}": partial(losses.info_nce_cosine, temperature=tau)
    for tau in TEMPERATURES}
SEEN, BATCH = 1000, 256  # images that are learned from, and pairs in a batch
FEW = 100  # labels


def shipped():
    """The table of `run` as it is shipped; a DataFrame."""
    return tables.shipped(__package__, "trained.csv")


def run():
    """A row for each training: tables on finite contexts, networks on pairs of digits."""
    rows = [on_table(*job, seed) for job in ON_TABLES for seed in SEEDS]
    return pd.DataFrame(rows + [on_pairs(name, seed) for name in ON_PAIRS for seed in SEEDS])


def strings():
    """Three bits of which the first is shown most often: no singular value is repeated."""
    kept = {(0, 1, 2): 0.4, (0, 1): 0.3, (0,): 0.3}
    return cl.gallery.masked_tokens(0.8, 3, 2, kept).with_marginal_x([5, 1, 2, 1, 1, 3, 1, 6])


CONTEXTS = {"strings": strings, "cube": lambda: cl.gallery.masked_tokens(0.6, 3, 2)} | {
    f"hypercube {strength}": partial(cl.gallery.hypercube, strength, 3)
    for strength in STRENGTHS}


def on_table(context, name, steps, seed, d=3):
    """Train a table of d free features on one of `CONTEXTS`; a row.

    ``found`` is the mean squared canonical correlation with ν_1 … ν_d, which sees a direction
    however faint; ``alike`` is the smallest correlation of two outputs: 1 says that all are copies.
    """
    where, context = context, CONTEXTS[context]()
    problem = objectives.find(name).on(context, d, seed=seed)
    *_, last = train(problem.loss, problem, steps=steps, learning_rate=0.05, every=steps)
    exact, z = objectives.optima.contexture(context, d), problem.encoder().detach().numpy()
    p = context.p_a if problem.objective.encodes == "a" else context.p_x
    z = np.sqrt(p)[:, None] * (z - p @ z)
    z = z / np.linalg.norm(z, axis=0)
    return {"context": where, "loss": name, "steps": steps, "seed": seed, "value": last.loss,
            "found": float(squared_cca(problem.features(), exact, context.p_x)),
            "alike": np.abs(z.T @ z).min()}


@lru_cache(maxsize=1)
def pairs_of_digits():
    """(images, context, draw, exact, exact_unseen): what the networks are given and judged by."""
    X = datasets.digits().X
    context = cl.knn_context(X[:SEEN], k=15)
    exact = cl.singular_system(context, 9)
    unseen = exact.extend(context.conditional_at(X[SEEN:]))
    images = torch.tensor((X - X[:SEEN].mean(axis=0)) / 5.5, dtype=torch.float32)
    return images, context, draws.inputs(context), exact.left, unseen


def on_pairs(name, seed, steps=300):
    """Train a network on sampled pairs of digits; alignment and probe errors, as a row."""
    images, context, draw, exact, exact_unseen = pairs_of_digits()
    network = ResidualMLP(64, 36, width=128, depth=2, seed=seed)

    def batch(generator):
        first, second = draw(BATCH, generator)
        return ON_PAIRS[name](laws.batch(BATCH), network(images[first]), network(images[second]))

    *_, last = train(batch, network, steps=steps, learning_rate=0.01, every=steps, seed=seed)
    with torch.no_grad():
        features = network(images).double().numpy()
    if "τ" in name:  # the loss sees directions only
        features = features / np.linalg.norm(features, axis=1, keepdims=True)
    ritz = cl.ritz(context, features[:SEEN])
    unseen = ritz.extend(features[SEEN:])[:, :9]
    return {"context": "digits", "loss": name, "steps": steps, "seed": seed, "value": last.loss,
            "found": float(squared_cca(ritz.functions[:, :9], exact)),
            "found_unseen": float(squared_cca(unseen, exact_unseen)),
            "error": error(features, [slice(SEEN)]),
            "error_few": error(features, [slice(i, i + FEW) for i in range(0, SEEN, FEW)])}


def error(features, labelled):
    """Share of unseen digits that a linear probe misclassifies; mean over sets of labels."""
    y = datasets.digits().y
    test = features[SEEN:], y[SEEN:]
    return np.mean([cl.linear_probe(features[rows], y[rows], test=test, penalty=1e-3).error
                    for rows in labelled])
