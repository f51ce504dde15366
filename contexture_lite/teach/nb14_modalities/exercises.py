"""Exercises of notebook 14: a prior, relatives, a queue."""

from functools import cache

import numpy as np

from contexture_lite import retrieval
from contexture_lite.teach.nb14_modalities import compute, experiment
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    answer_of,
    array_of,
    close,
    compared,
    is_text,
    shape_of,
)

KEYS, BATCH, LAG, DRIFT = 65_536, 1024, 500, 0.2  # of the queue to be planned


def _logits():
    """(f, q): critics as in-batch InfoNCE learns them, and the marginal of the names."""
    rng = np.random.default_rng(142)
    yield np.log([[0.6 / 0.9, 0.4 / 0.1]]), np.array([0.9, 0.1])
    for shape in ((3, 4), (2, 5)):
        joint = rng.gamma(1.0, size=shape) + 0.05
        joint /= joint.sum()
        q = joint.sum(axis=0)
        f = np.log(joint / np.outer(joint.sum(axis=1), q))
        yield f + rng.standard_normal((shape[0], 1)), q


def _row_centred(scores, *_):
    """What does not matter for a ranking, a constant for every picture, is taken off."""
    if shape_of(scores) and len(shape_of(scores)) == 2 and not is_text(scores):
        scores = np.asarray(scores, dtype=float)
        return scores - scores.mean(axis=1, keepdims=True)
    return scores


RELATIVES = """
from contexture_lite import teach

parts = teach.modality_data.features(0)
subgroups = teach.modality_data.emoji().subgroups[parts.gallery]
nearest = teach.modality_experiment.svd_scores(parts).argmax(axis=0)
answer = np.mean(subgroups[nearest] == subgroups)
"""


@cache
def _relatives():
    """(share of names whose nearest picture has the right subgroup, by chance, from pictures)."""
    by_chance = RELATIVES.replace("subgroups[nearest] ==", "subgroups[:, None] ==")
    return tuple(map(answer_of, (RELATIVES, by_chance, RELATIVES.replace("axis=0", "axis=1"))))


def _check_relatives(answer):
    share, (same, chance, backwards) = float(array_of(answer, (), "the share")), _relatives()
    right = retrieval.recall_at(experiment.svd_scores(compute.features(0)).T, 1)
    if close(share, same, 6e-3):
        return (f"{same:.2f}, by chance {chance:.3f}. Only {right:.2f} are the right picture: most "
                "of what the towers know is what kind of thing a name means.")
    if close(share, right, 6e-3):
        raise Hint("this is recall@1, the right picture itself; its subgroup is asked for.")
    if close(share, chance, 6e-3):
        raise Hint("this is the share by chance; compare the subgroup of the *nearest* picture, "
                   "scores.argmax, with that of the name.")
    if close(share, backwards, 3e-3):
        raise Hint("this goes from picture to name; the rows of scores are pictures, so take the "
                   "best row of every column.")
    raise Hint("positions in the gallery are not positions in the data set: the subgroups of the "
               "gallery are teach.modality_data.emoji().subgroups[parts.gallery].")


def _check_queue(answer):
    try:
        keys, batch, momentum = (float(part) for part in answer)
    except (TypeError, ValueError):
        raise Hint("answer must be three numbers, (keys, batch, momentum).") from None
    if keys < KEYS or batch > BATCH or batch < 1 or keys != int(keys) or batch != int(batch):
        raise Hint(f"at least {KEYS:,} keys and a batch of 1 to {BATCH:,}, whole numbers.")
    if not 0 <= momentum < 1:
        raise Hint("the momentum lies between 0 and 1.")
    age, lag = max(1, int(np.ceil(keys / batch))), momentum / (1 - momentum)
    ratio = retrieval.queue_drift(momentum, age)
    report = f"the oldest keys are {age} steps old, their drift is {ratio:.3f} of the plain one"
    if lag > LAG:
        raise Hint(f"{report}, but the keys come from an encoder {lag:.0f} steps behind, more than "
                   f"{LAG}: a smaller momentum.")
    if ratio >= DRIFT:
        raise Hint(f"{report}; {DRIFT} was wanted. A momentum calms only what is younger than "
                   "about 1/(1 − m) steps: a larger momentum, or a larger batch.")
    return f"{report}, and the encoder is {lag:.0f} steps behind."


EXERCISES = (
    compared(
        "ex_14_1", "The prior comes back",
        "In-batch InfoNCE has learned logits `f` (N, M) for N pictures and M names; `q` (M,) is "
        "how often each name occurs. Set `answer` to a function of `(f, q)` that returns scores "
        "(N, M) which rank the names of every picture by P(name | picture). (A constant for every "
        "picture is free.)",
        """
def answer(f, q):
    return f + np.log(q)
""",
        takes="f, q", what="the scores", cases=_logits, tidy=_row_centred,
        mistakes={
            "f - np.log(q)":
                "you subtracted a correction that training never added: with negatives from the "
                "batch InfoNCE has divided by q already.",
            "f": "this ranks by P(a|x)/q(a). Try P(·|x) = (.6, .4) and q = (.9, .1): the rare "
                 "name would win.",
            "f * q": "these are logits: where probabilities are multiplied, logs are added.",
            "f + q": "logits and logarithms go together: log q.",
        },
        otherwise="f is log P(a|x)/q(a), up to a constant for every x; solve for log P(a|x).",
        right="The log-Q correction chooses between the two; neither is biased.",
    ),
    Exercise(
        "ex_14_2", "The right kind of thing",
        "An experiment. Take split 0, `parts = teach.modality_data.features(0)`, and the scores of "
        "`teach.modality_experiment.svd_scores(parts)`, whose rows are the gallery's pictures and "
        "whose columns its names. For how large a share of the names does the nearest picture "
        "belong to the right *subgroup* (`teach.modality_data.emoji().subgroups`, of which there "
        "are 96)? Set `answer` to it.",
        _check_relatives,
        RELATIVES,
    ),
    Exercise(
        "ex_14_3", "Plan a queue",
        f"Negatives are to come from a queue of at least {KEYS:,} keys, filled by batches of at "
        f"most {BATCH:,}, with keys from an average of the encoder with momentum m. Set `answer` "
        f"to `(keys, batch, momentum)` such that the drift of the oldest keys is below {DRIFT} of "
        f"what it would be without momentum (`cl.retrieval.queue_drift(momentum, age)`, the age "
        f"being keys/batch steps), while the averaged encoder lags m/(1 − m) ≤ {LAG} steps behind.",
        _check_queue,
        """
answer = 65_536, 1024, 0.997
""",
    ),
)
