"""The functions that a network has learned, and how near they come to the exact ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from contexture_lite import tasks
from contexture_lite.alignment import canonical_correlations
from contexture_lite.learn.scaling.settings import D


class Functions(NamedTuple):
    """What a network has learned: functions, at most 15, that `tasks.ritz` takes from it."""

    values: np.ndarray  # (≤ 15,) their λ_i
    training: np.ndarray  # (n, ≤ 15) the functions at the points of the setting
    labelled: np.ndarray
    held_out: np.ndarray
    rank: int  # how many independent outputs there are to take them from


def functions(setting, network):
    """The `Functions` of a network, as it stands."""
    with torch.no_grad():
        outputs, *elsewhere = (network(torch.tensor(X)).numpy().astype(float) for X in (
            setting.points, setting.labelled, setting.held_out))
    directions = _independent(outputs)
    ritz = tasks.ritz(setting.context, outputs @ directions)
    labelled, held_out = (ritz.extend(rows @ directions)[:, :D] for rows in elsewhere)
    return Functions(ritz.values[:D], ritz.functions[:, :D], labelled, held_out,
                     rank=len(ritz.values))


def scores(setting, network):
    """The scores of a `Point`; functions that a narrow network does not have count as 0."""
    learned = functions(setting, network)

    def cca(f, exact):
        return float((canonical_correlations(f, exact) ** 2).sum() / D)

    return {
        "cca": cca(learned.training, setting.system.left),
        "cca_held_out": cca(learned.held_out, setting.exact_held_out),
        "ratio_trace": float(learned.values.sum() / D),
        "error": setting.error(learned.labelled, learned.held_out),
    }


def _independent(outputs):
    """(64, r) directions of outputs that are more than their rounding errors.

    A narrow network has fewer independent outputs than 64. In single precision the others
    are noise, which Ritz would scale up to functions of variance 1.
    """
    _, size, directions = np.linalg.svd(outputs - outputs.mean(axis=0), full_matrices=False)
    noise = 10 * np.sqrt(len(outputs)) * np.finfo(np.float32).eps
    return directions[size > noise * size[0]].T
