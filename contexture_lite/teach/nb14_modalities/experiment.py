"""Notebook 14's experiment: one SVD beside trained towers, over splits; for `emoji.csv`."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from contexture_lite import retrieval
from contexture_lite._lazy import needed
from contexture_lite.datasets.tables import shipped
from contexture_lite.learn import negatives
from contexture_lite.teach.nb14_modalities import compute

SEEDS = range(5)
D, RIDGE, K = 48, 0.1, 200  # modes, ridge and principal components of either side
TEMPERATURE, NOISE, RATE = 0.1, 0.5, 0.01
PAIRS = 150 * 400  # that a training sees, unless it is said to stop early
METHODS = {  # what is handed to `trained`; the first is no training
    "one SVD": None,
    "InfoNCE": {},
    "hard negatives, β = 0.3": {"beta": 0.3},
    "hard negatives, β = 1": {"beta": 1.0},
    "batch 64, as many pairs": {"batch": 64},
    "batch 64, as many steps": {"batch": 64, "steps": 150},
}


def svd_scores(parts, d=D, ridge=RIDGE):
    """Scores of the gallery's pictures (rows) and names by `retrieval.linear_towers`."""
    towers = retrieval.linear_towers(parts.x, parts.a, d, ridge=ridge)
    return towers.scores(parts.x_new, parts.a_new)


def trained(parts, seed, *, batch=400, steps=None, beta=0.0, d=D):
    """The same scores by linear towers that are trained with InfoNCE in both directions.

    Cosines over a temperature of 0.1; noise on the inputs is their ridge. Adam.
    """
    steps, generator = steps or PAIRS // batch, torch.Generator().manual_seed(seed)
    x, a = (_standard(rows, rows) for rows in (parts.x, parts.a))
    maps = [torch.nn.Parameter(torch.randn(rows.shape[1], d, generator=generator)
                               / rows.shape[1] ** 0.5) for rows in (x, a)]
    adam, unit = torch.optim.Adam(maps, lr=RATE), torch.nn.functional.normalize
    for _ in range(steps):
        drawn = torch.randperm(len(x), generator=generator)[:batch]
        near = [rows[drawn] + NOISE * torch.randn(batch, rows.shape[1], generator=generator)
                for rows in (x, a)]
        phi, psi = (unit(rows @ tower, dim=1) for rows, tower in zip(near, maps))
        scores = phi @ psi.T / TEMPERATURE
        loss = sum(negatives.hard_negatives(s, beta) for s in (scores, scores.T)) / 2
        adam.zero_grad()
        loss.backward()
        adam.step()
    new = _standard(parts.x_new, parts.x), _standard(parts.a_new, parts.a)
    with torch.no_grad():
        phi, psi = (unit(rows @ tower, dim=1) for rows, tower in zip(new, maps))
        return (phi @ psi.T).double().numpy()


def _standard(rows, of):
    return torch.tensor(rows / of.std(axis=0), dtype=torch.float32)


def row(hold_out, seed, method):
    """One row of the table: recall at 1 and 10 from picture to name, at 10 the other way."""
    parts, options = compute.features(seed, hold_out, K), METHODS[method]
    scores = svd_scores(parts) if options is None else trained(parts, seed, **options)
    recall = {"recall@1": (scores, 1), "recall@10": (scores, 10), "back@10": (scores.T, 10)}
    return {"hold_out": hold_out, "seed": seed, "method": method} | {
        name: round(retrieval.recall_at(*given), 5) for name, given in recall.items()}


def run(seeds=SEEDS, methods=METHODS):
    """The whole table: both kinds of split, five of each, every method."""
    pd = needed("pandas")
    torch.set_num_threads(1)
    return pd.DataFrame([row(hold_out, seed, method) for hold_out in compute.HOLD_OUT
                         for seed in seeds for method in methods])


@cache
def table():
    """The shipped table."""
    return shipped(__package__, "emoji.csv")


def summary(hold_out="pairs"):
    """Mean and standard deviation over the splits, method by method."""
    some = table()[table().hold_out == hold_out].drop(columns=["hold_out", "seed"])
    return some.groupby("method", sort=False).agg(["mean", "std"]).round(3)


def as_if_gaussian(parts, d=D, ridge=RIDGE, seed=0):
    """(information, recall@1) of Gaussian modalities with the correlations of the gallery.

    The towers' d correlations on held-out pairs, negative ones as 0: I = −½ Σ log(1 − r_i²), and
    the recall of the best score in a gallery of 400, mean of ten draws.
    """
    towers = retrieval.linear_towers(parts.x, parts.a, d, ridge=ridge)
    r = np.maximum(held_out_correlations(towers, parts), 0)
    rng, recall = np.random.default_rng(seed), []
    for _ in range(10):
        x, noise = rng.standard_normal((2, compute.GALLERY, d))
        scores = retrieval.best_gaussian_score(x, r * x + np.sqrt(1 - r**2) * noise, r)
        recall.append(retrieval.recall_at(scores, 1))
    return float(-0.5 * np.log(1 - r**2).sum()), float(np.mean(recall))


def held_out_correlations(towers, parts):
    """Correlation of the two towers on the gallery, mode by mode: (d,)."""
    return compute.correlations(towers.of_x(parts.x_new), towers.of_a(parts.a_new))
