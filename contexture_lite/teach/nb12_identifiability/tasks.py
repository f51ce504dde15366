"""Notebook 12's many tasks: half-spaces that depend on r of d coordinates, and one gradient step.

x is standard normal in d dimensions, the labels of task t are sign(v_t · z) with z = Mᵀx in r
dimensions; M is drawn with the seed. The network has 64 ReLU neurons and a head a task, and takes
one step of `contexture_lite.identifiability.first_step`; weight decay cancels where it began.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifierCV
from tqdm.auto import tqdm

from contexture_lite import identifiability

R, WIDTH, INPUTS = 3, 64, 2000
TASKS = (1, 2, 3, 10, 30, 100, 300)
DIMENSIONS = (50, 400)
FEW, TESTED = 200, 2000  # labels of a new task, and points that test it


def learned(d, tasks, n=INPUTS, seed=0):
    """(first layer (64, d) after one step, M (d, 3)): ``tasks`` half-spaces label n inputs."""
    rng = np.random.default_rng([seed, d])
    M = np.linalg.qr(rng.standard_normal((d, R)))[0]
    X, V = rng.standard_normal((n, d)), rng.standard_normal((R, max(TASKS)))[:, :tasks]
    start = rng.standard_normal((WIDTH, d)) / np.sqrt(d)
    return identifiability.first_step(X, np.sign(X @ M @ V), start), M


def overlap(layer, M):
    """Mean cos² between the top r directions of a first layer and the span of M."""
    top = np.linalg.svd(layer, full_matrices=False)[2][:M.shape[1]]
    return float(((top @ M) ** 2).sum() / M.shape[1])


def overlaps(dimensions=DIMENSIONS, tasks=TASKS, seeds=range(5), n=INPUTS):
    """cos² for each d and number of tasks, a DataFrame: d, tasks, seed, overlap."""
    return pd.DataFrame([
        {"d": d, "tasks": T, "seed": seed, "overlap": overlap(*learned(d, T, n, seed))}
        for d in dimensions for T in tasks for seed in seeds])


def one_task(kind, n=20_000, d=6):
    """What one task shows: E y x (d,) and E y (xxᵀ − I) (d, d), from n points and their mirror.

    ``kind`` is "half-space", y = sign(x₁), or "parity", y = sign(x₁x₂). The points come with all
    signs of their first two coordinates, so that what is 0 by symmetry is 0.
    """
    x = np.random.default_rng(0).standard_normal((n, d))
    x = np.vstack([x * [a, b, *[c] * (d - 2)] for a in (1, -1) for b in (1, -1) for c in (1, -1)])
    y = np.sign(x[:, 0] * (x[:, 1] if kind == "parity" else 1))
    return y @ x / len(x), (x.T * y) @ x / len(x) - y.mean() * np.eye(d)


def downstream(d, seed, n=None, tasks=30, draws=3):
    """Share of a new task's points that are right: probes on 200 labels, n = 20 d inputs before.

    Ridge on the 64 ReLU features with biases N(0, ¼); a dict from the new task (half-space, or
    the sign of z₁z₂) and the first layer (one step, as drawn, or true directions) to the share.
    """
    layer, M = learned(d, tasks, n or 20 * d, seed)
    rng, right = np.random.default_rng([seed, d, 1]), {}
    layers = {"one step": layer, "as drawn": rng.standard_normal((WIDTH, d)),
              "true directions": rng.standard_normal((WIDTH, R)) @ M.T}
    for _ in range(draws):
        X, v = rng.standard_normal((FEW + TESTED, d)), rng.standard_normal(R)
        z, bias = X @ M, rng.standard_normal(WIDTH) / 2
        new = {"half-space": np.sign(z @ v), "parity": np.sign(z[:, 0] * z[:, 1])}
        for name, W in layers.items():
            W = W * np.sqrt(WIDTH / (W**2).sum())
            features = np.maximum(X @ W.T + bias, 0)
            for task, y in new.items():
                probe = RidgeClassifierCV(np.logspace(-2, 3, 6)).fit(features[:FEW], y[:FEW])
                right.setdefault((task, name), []).append(
                    probe.score(features[FEW:], y[FEW:]))
    return {key: float(np.mean(found)) for key, found in right.items()}


def run(dimensions=(50, 100, 200, 400), seeds=range(5)):
    """`downstream` for each d and seed, a DataFrame: d, seed, task, layer, right."""
    return pd.DataFrame([
        {"d": d, "seed": seed, "task": task, "layer": layer, "right": right}
        for d in tqdm(dimensions) for seed in seeds
        for (task, layer), right in downstream(d, seed).items()])
