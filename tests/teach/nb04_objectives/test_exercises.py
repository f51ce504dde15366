"""Notebook 04: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
import pytest
from exercising import agree_with, gets_hints

from contexture_lite.teach.widgets.exercises import answer_of, verdict


def variance(s, strength):
    """The v >= 0 with the smallest 2 v (1 − s²) + λ (v − 1)², by trying many."""
    v = np.linspace(0, 1, 1_000_001)
    return [v[np.argmin(2 * v * (1 - each**2) + strength * (v - 1) ** 2)] for each in s]


test_a_solution_is_right = agree_with({"ex_04_3": variance})

TORCH = "import torch\nanswer = lambda C, B: "
test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_04_1": {TORCH + "3 - 2 * torch.trace(B) + (C**2).sum()": "a loss of the page",
                TORCH + "2 * torch.trace(C - B) + ((C - torch.eye(len(C)))**2).sum()":
                    "a loss of the page",
                TORCH + "-torch.trace(B)**3": "runs away",
                TORCH + "torch.trace(C - B)": "collapsed",
                TORCH + "-torch.trace(B) / torch.trace(C)": "depend on each other",
                TORCH + "torch.tensor(1.0)": "a constant",
                TORCH + "C - B": "one number", TORCH + "torch.trace(C).item()": "one number",
                TORCH + "((C - torch.eye(len(C)))**2).sum()": "it finds"},
    "ex_04_2": {"5": "pieces", "40": "too weak", "20": "barlow prefers 3", "2.5": "whole number",
                "'many'": "number"},
    "ex_04_3": {"np.maximum(0, .5 - (1 - values**2) / strength)": "minimise that over v",
                "np.maximum(0, 1 - strength * (1 - values**2) * 2)": "minimise that over v",
                "np.where(strength > 1 - values**2, 1, 0)": "shrink, too"},
    "ex_04_4": {"mu @ R, nu * s @ np.linalg.inv(R).T → mu, nu * s": "Φ is orthonormal",
                "mu @ R, nu * s @ np.linalg.inv(R).T → mu * [1, 5], nu * s / [1, 5]":
                    "scales alone",
                "nu * s → nu": "singular values are missing",
                "mu @ R → mu * s @ R": "twice", "np.linalg.inv(R).T → R": "must undo",
                # the constant is still there, and comes first
                "np.linalg.svd(joint / root - root) → np.linalg.svd(joint / root)": "constant",
                "(np.zeros((len(joint), 2)), np.zeros((joint.shape[1], 2)))": "0 everywhere",
                "(joint, joint)": "shape", "joint": "two arrays"},
})


@pytest.mark.parametrize("loss", [
    "torch.trace(C - B) - torch.logdet(C)",
    "torch.trace(C - B) + 5 * ((C - torch.eye(len(C)))**2).sum()",
    "-2 * torch.trace(B) + torch.trace(C @ C @ C)"])
def test_many_losses_are_right(loss):
    assert verdict("ex_04_1", answer_of(TORCH + loss))[0] == "right"
