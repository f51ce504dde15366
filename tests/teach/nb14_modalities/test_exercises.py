"""Notebook 14: solutions beside oracles, wrong answers beside their hints."""

import numpy as np
from exercising import agree_with, gets_hints


def with_prior(f, q):
    return np.log(np.exp(f) * q / (np.exp(f) @ q)[:, None]) + (
        f.mean(axis=1) + np.log(q).mean()
        - np.log(np.exp(f) * q / (np.exp(f) @ q)[:, None]).mean(axis=1))[:, None]


test_a_solution_is_right = agree_with({"ex_14_1": with_prior})

test_a_wrong_answer_gets_its_hint = gets_hints({
    "ex_14_1": {"f / q": "solve for log P", "np.exp(f) * q": "solve for log P",
                "-f": "solve for log P"},
    "ex_14_2": {"np.mean(subgroups[nearest] == subgroups) → cl.retrieval.recall_at("
                "teach.modality_experiment.svd_scores(parts).T, 1)": "recall@1",
                "np.mean(subgroups[nearest] == subgroups) → np.mean(subgroups[:, None] == "
                "subgroups)": "by chance",
                "argmax(axis=0) → argmax(axis=1)": "from picture to name",
                "subgroups[nearest] == → teach.modality_data.emoji().subgroups[nearest] ==":
                    "positions in the gallery",
                "[0.5, 0.5]": "shape"},
    "ex_14_3": {"0.997 → 0.9": "a larger momentum", "1024, 0.997 → 64, 0.997": "larger batch",
                "0.997 → 0.9999": "a smaller momentum", "65_536 → 1000": "at least 65,536",
                "1024 → 2048": "a batch of 1 to 1,024", "(65_536, 1024, 1.5)": "between 0 and 1",
                "3": "three numbers", "(65_536, 1024)": "three numbers"},
})
