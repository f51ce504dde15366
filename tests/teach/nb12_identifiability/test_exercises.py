"""Notebook 12: solutions beside oracles, wrong answers beside their hints."""

from itertools import product

import numpy as np
from exercising import agree_with, gets_hints


def by_sorting(spectra):
    full = [[1.0, *s] for s in spectra]
    modes = sorted(((np.prod([s[k] for s, k in zip(full, ks)]), ks)
                    for ks in product(*(range(len(s)) for s in full)) if any(ks)), reverse=True)
    return {sum(ks) for _, ks in modes[:len(spectra)]} == {1} and len(
        {np.argmax(ks) for _, ks in modes[:len(spectra)]}) == len(spectra)


test_a_solution_is_right = agree_with({"ex_12_1": by_sorting})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_12_1": {"first[-1] > max → first[-1] > 2 * max": "it is True",
                "first[-1] > max → first[-1] > 1.05 * max": "sort them",
                "len({s[0] for s in spectra}) == len(spectra)": "distinct strengths"},
    "ex_12_2": {"FastICA(whiten=\"unit-variance\", random_state=0).fit_transform(features) → "
                "features": "a random rotation",
                "answer = np.ones((144, 2))": "constant", "answer = np.ones(3)": "must have shape",
                "answer = np.column_stack([np.arange(144) // 12, (np.arange(144) // 12) ** 2])":
                    "the same factor"},
    "ex_12_3": {"0.6, 0.4], [0.3, 0.7], [0.2, 0.8 → 0.8, 0.2], [0.5, 0.5], [0.2, 0.8":
                    "names of one",
                "0.6, 0.4], [0.3, 0.7], [0.2, 0.8 → 0.6, 0.4], [0.3, 0.7], [0.3, 0.7":
                    "levels alike",
                "answer = first, second → answer = first, first": "Are the factors",
                "answer = first, second → answer = first": "two contexts",
                "answer = first, second → answer = first, 3": "must be a Context",
                "answer = first, second → answer = first, cl.gallery.independent(3)":
                    "levels alike",
                "answer = first, second → answer = first, cl.gallery.independent(4)":
                    "three inputs"},
})
