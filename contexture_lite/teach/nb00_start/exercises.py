"""Exercises of notebook 00."""

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    array_of,
    close,
    compared,
    number_of,
    random_joints,
    refuse,
)


def _check_independent(answer):
    k = number_of(answer, "k")
    refuse(k == 1, "with k = 1 every image is its own and only neighbour: that is identical, the "
           "other end.")
    refuse(k in (299, 0), "count again: an image is its own neighbour too, and everybody has to be "
           "in.")
    refuse(k != 300, "X and A are independent if the neighbours of every image are the same set.")
    return "With all 300 as neighbours, every image has the same neighbours; A says nothing of X."


def _check_silent(answer):
    table = array_of(answer, (2, 2), "the table")
    refuse((table <= 0).any() or (table != table.round()).any(), "each of the four numbers counts "
           "days: whole numbers above 0, please.")
    refuse(close(table[0], table[1]), "that is silent, but too easy: one kind of weather must be "
           "more frequent.")
    first = cl.singular_system(cl.Context.from_counts(table)).values[0]
    refuse(first > 1e-9, f"here the singular value is {first:.3f}. The sky says nothing if the "
           "share of grey days is the same in rain and in sun.")
    return "The rows are proportional, so every average over a row is the same: s₁ = 0."


EXERCISES = (
    Exercise(
        "ex_00_1", "The weak end",
        "The opening picture has 300 images. For which number k of neighbours (each image counts "
        "as its own neighbour) are the image X and its context A independent? "
        "Set `answer` to that number.",
        _check_independent,
        "answer = 300  # everybody is everybody's neighbour",
    ),
    compared(
        "ex_00_2", "From the joint table to P(a|x)",
        "Set `answer` to a function of a joint table (an array that sums to 1, rows are inputs) "
        "that returns the conditional table P(a|x).",
        "answer = lambda joint: joint / joint.sum(axis=1, keepdims=True)",
        takes="joint", what="P(a|x)", cases=random_joints,
        mistakes={
            "joint": "that is still the joint table; each row has to be divided by its sum.",
            "joint / joint.sum(axis=0)": "your columns sum to 1: that is P(x|a). Here the input x "
                                         "is known, so the rows have to sum to 1.",
        },
        otherwise=lambda wanted, rows, joint: (
            "the rows sum to 1, but a row must stay proportional to the joint's row."
            if close(rows.sum(axis=1), np.ones(len(rows))) else
            f"every row must sum to 1; the first of yours sums to {rows[0].sum():.3f}."),
        right="Each row of P(a|x) is the joint's row, divided by P(x).",
    ),
    compared(
        "ex_00_3", "A rule in the numbers",
        "How strong an association is, in one number, is χ² = s₁² + s₂² + …, and "
        "`cl.knn_context(images, k).chi2()` gives it for the k nearest images. Compute it for the "
        "300 images of `images, digit = teach.digits_479()` with k = 150, 100 and 30, then for "
        "`images[:200]`. Set `answer` to a function of n (images) and k (neighbours) that gives χ² "
        "for any of them.",
        "answer = lambda n, k: n / k - 1",
        takes="n, k", what="chi2", cases=lambda: ((12, 1), (30, 6), (25, 10), (40, 39)),
        mistakes={
            "n / k": "nearly: this counts the constant mode as well, which is always there and "
                     "says nothing. What is χ² for k = n?",
            "k / n": "upside down: fewer neighbours make a stronger association.",
        },
        otherwise=lambda wanted, chi2, n, k: (
            f"for n = {n} points and k = {k} neighbours χ² is {wanted:.3f}, and yours is "
            f"{chi2:.3f}. What is χ² times k for k = 150, 100, 30?"),
        right="χ² = n/k − 1 holds for any points, and falls to 0 at k = n.",
    ),
    Exercise(
        "ex_00_4", "A sky that says nothing",
        "Invent days of rain and sun, grey and blue, on which the sky says *nothing* about the "
        "weather. Set `answer` to such a table of counts, two rows and two columns, with no 0 in "
        "it and with rows that are not the same. There are many.",
        _check_silent,
        "answer = [[4, 2], [8, 4]]  # grey on two days of three, in rain and in sun",
    ),
)
