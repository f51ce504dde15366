"""Exercises of notebook 11: distances, a code, too many functions."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.teach.nb11_geometry import experiment
from contexture_lite.teach.widgets.exercises import (
    Exercise,
    Hint,
    array_of,
    compared,
    number_of,
    random_joints,
    shape_of,
)

PLAIN, NORMALISED = 0.98, 1.25  # agreement of the open exercise's code
DIMENSIONS, LOST = (10, 40, 80, 150), 0.05


def _tables():
    """A context for each random table."""
    for joint in random_joints((4, 3), (5, 4), (3, 6)):
        yield (cl.Context(joint),)


def _distances(result, context):
    """The squared distances of an embedding: how it is rotated or moved does not matter."""
    shape, m = shape_of(result), context.shape[1]
    if shape is None or len(shape) != 2:
        raise Hint("embed(context) must return an array of shape (values, k), a row for each.")
    points = array_of(result, shape, "the embedding")
    if len(points) != m and len(points) != context.shape[0]:
        raise Hint(f"embed(context) must have {m} rows, one for each context value; yours has "
                   f"{len(points)}.")
    return np.sum((points[:, None] - points[None]) ** 2, axis=2)


def _check_code(answer):
    context = cl.graph_context(datasets.karate().X)
    values, code = np.unique(array_of(answer, (34,), "a code of the 34 members"),
                             return_inverse=True)
    if len(values) != 2:
        raise Hint(f"your code uses {len(values)} values; it must use two, both of them.")
    plain, normalised = agreements(context, code)
    if plain < PLAIN:
        raise Hint(f"plain agreement is {plain:.3f}, normalised {normalised:.3f}. Two views of one "
                   "member disagree wherever the code cuts a friendship: how few can it cut?")
    if normalised > NORMALISED:
        raise Hint(f"plain agreement {plain:.3f} is enough, but normalised {normalised:.3f} is "
                   "still too good: the small part keeps its own views. Choose someone who "
                   "never meets himself.")
    return (f"plain agreement {plain:.3f}, normalised {normalised:.3f}. The split of the club has "
            "{:.3f} and {:.3f}: self-consistency alone prefers the worthless code.".format(
                *agreements(context, datasets.karate().y)))


def agreements(context, code):
    """(Pr(Z = Z⁺), Σ_k Pr(Z⁺ = k | Z = k)) of a code of the context values."""
    member = np.eye(int(code.max()) + 1)[code]
    means = context.expect(member)  # of the code, for each input
    together = np.sum(context.p_x[:, None] * means**2, axis=0)
    return float(together.sum()), float((together / (context.p_a @ member)).sum())


@cache
def _losses():
    """How much accuracy whitening costs five neighbours, by number of functions."""
    table = experiment.weights(DIMENSIONS, seeds=[0])
    accuracy = table.pivot(index="d", columns="weight", values="neighbours")
    return (accuracy["s"] - accuracy["1"]).to_dict()


def _check_too_many(answer):
    answer, lost = number_of(answer, "the number of functions"), _losses()
    fewest = min(d for d, loss in lost.items() if loss > LOST)
    said = ", ".join(f"{loss:+.3f} at {d}" for d, loss in lost.items())
    if answer == fewest:
        return (f"whitening loses {said}. The last functions hold next to nothing of the context, "
                "and whitening makes them as loud as the first.")
    if answer in lost:
        raise Hint(f"at d = {answer:g} whitening costs {lost[answer]:.3f}; asked is the smallest d "
                   f"at which it costs more than {LOST:g}.")
    raise Hint(f"d must be one of {DIMENSIONS}; pivot the table by d and weight.")


EXERCISES = (
    compared(
        "ex_11_1", "Distances that mean something",
        "Set `answer` to a function `embed(context)` that returns a row for each context value, "
        "such that squared Euclidean distances are the χ² distances of what the values say about "
        "the input, $\\sum_x(P(x\\mid a)-P(x\\mid a'))^2/p_x$. Use `cl.singular_system(context)`: "
        "`values`, `left`, `right`. Rotations and shifts do not matter.",
        """
def answer(context):
    system = cl.singular_system(context)
    return system.values * system.right
""",
        takes="context", what="the distances", cases=_tables, tidy=_distances,
        mistakes={
            "system.values * → ": "all your points are equally far apart, up to their masses: "
                                  "1/q + 1/q′. You whitened the geometry away.",
            "system.values * → system.values**2 *":
                "that is one averaging step further, the diffusion distance of two steps.",
            "system.values * → np.sqrt(system.values) *":
                "features enter a distance by their squares: what must the square of the weight "
                "be?",
            "system.right → system.left":
                "you embedded the inputs; the distances asked for are between context values.",
            "system.values * system.right → (system.values * system.right)[:, :2]":
                "right weights, but a part is missing: every function with s > 0 contributes.",
        },
        otherwise="compare your squared distances with the sum over x, computed from "
                  "context.joint / context.p_a.",
        right="Weights s, all functions: correspondence analysis. Weights 1 would keep every "
              "linear probe and lose every neighbour.",
    ),
    Exercise(
        "ex_11_2", "A perfect, worthless code",
        "Open. The karate club's graph is a context (`cl.graph_context("
        "cl.datasets.karate().X)`): from a member to a friend. Set `answer` to a code of the 34 "
        f"members with two values whose plain agreement Pr(Z = Z⁺) is at least {PLAIN:g} while the "
        f"normalised one, Σ Pr(Z⁺ = k | Z = k), is at most {NORMALISED:g}. What does that say "
        "about self-consistency as an objective?",
        _check_code,
        """
friends = cl.datasets.karate().X.sum(axis=1)
answer = (np.arange(34) == friends.argmin()).astype(int)  # one member with one friend
""",
    ),
    Exercise(
        "ex_11_3", "Too many functions",
        "An experiment. `teach.geometry_experiment.weights(dimensions, seeds=[0])` compares "
        f"functions of the digits with weights 1 and s. Set `answer` to the smallest d of "
        f"{DIMENSIONS} at which whitening (weight 1) costs five nearest neighbours more than "
        f"{LOST:g} of accuracy.",
        _check_too_many,
        f"""
from contexture_lite import teach

table = teach.geometry_experiment.weights({DIMENSIONS}, seeds=[0])
accuracy = table.pivot(index="d", columns="weight", values="neighbours")
lost = accuracy["s"] - accuracy["1"]
answer = int(lost.index[lost > {LOST}].min())
""",
    ),
)
