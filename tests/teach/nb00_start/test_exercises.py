"""Notebook 00: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints

import contexture_lite as cl

test_a_solution_is_right = agree_with({
    "ex_00_2": lambda joint: cl.Context(joint).conditional(),
    "ex_00_3": lambda n, k: cl.knn_context(np.random.default_rng(n).random((n, 3)), k).chi2(),
})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_00_1": {"1": "other end", "299": "own neighbour", "150": "same set",
                "'all'": "array of numbers", "'300'": "array of numbers", "[300]": "one number"},
    "ex_00_2": {"joint / joint.sum(axis=1)": "stopped with ValueError",
                "2 * joint": "must sum to 1",
                "np.full(joint.shape, 1 / joint.shape[1])": "proportional",
                "def answer(joint):\n    joint / joint.sum()": "return missing",
                "joint.copy()": "still the joint",
                "(joint.T / joint.sum(axis=0)[:, None]).T": "P(x|a)"},
    "ex_00_3": {"9.0": "times k", "np.float64(n) / k": "constant mode"},
    "ex_00_4": {"[[4, 1], [1, 4]]": "is 0.600", "[[1, 1], [1, 1]]": "too easy",
                "[[4, 2], [0, 0]]": "above 0", "[[.4, .2], [.8, .4]]": "whole numbers",
                "[4, 2, 8, 4]": "shape"},
})
