"""D-iGPT in miniature: what is predicted decides what is learned; the grid of notebook 15.

5,000 of MNIST's images at 14 × 14 are four tokens each, quadrants of 7 × 7 in reading order. From
the quadrants so far a student predicts the target of the next one, and perhaps that of the last.
Targets are the pixels, or tokens of a teacher: of the labels (ridge regression on 1,000 labelled
images, which the probe does not use), or of a context without labels (16 functions of the 10
nearest neighbours), of the quadrant itself or of the whole image. A linear probe with 100 or 1,000
labels then tells what the student has learned.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sklearn.linear_model import RidgeClassifierCV

import contexture_lite as cl
from contexture_lite._lazy import needed

TARGETS = ("raw pixels", "label-free teacher, own quadrant", "label teacher, own quadrant",
           "label-free teacher, whole image", "label teacher, whole image")
WHOLE = TARGETS[3:]  # of the same image, so next and visible are the same target
TRAINED, TESTED, LABELLED = 3000, 1500, 1000
WIDTHS, LABELS = (4, 8, 16, 32, 64), (100, 1000)
FEATURES, PENALTY, NEIGHBOURS, FUNCTIONS = 700, 0.01, 10, 16
STEPS, BATCH, RATE = 250, 128, 3e-3  # of the transformer
CLOSED_SEEDS, TRAINED_SEEDS = 5, 3


# -- images as tokens, teachers ---------------------------------------------------------


@lru_cache(maxsize=1)
def _images():
    """(5000, 4, 49): quadrants at 14 × 14, less their mean; and the digits."""
    data = cl.datasets.load("mnist")
    pooled = data.X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    tokens = pooled.reshape(-1, 2, 7, 2, 7).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 49)
    return tokens - tokens.mean(axis=0), data.y


@lru_cache(maxsize=2)
def split(seed):
    """(tokens, digits) of 3,000 images to train on, and of 1,500 others."""
    tokens, y = _images()
    order = np.random.default_rng(seed).permutation(len(y))
    parts = order[:TRAINED], order[TRAINED:TRAINED + TESTED]
    return tuple((tokens[rows], y[rows]) for rows in parts)


@lru_cache(maxsize=16)
def teacher(target, seed):
    """The targets of the training images, (3000, 4, numbers): the teacher's tokens, centred."""
    (tokens, y), _ = split(seed)
    if target == TARGETS[0]:
        return tokens
    make = _of_neighbours if "label-free" in target else _of_labels
    if target in WHOLE:
        targets = np.repeat(make(tokens.reshape(len(tokens), -1), y, seed)[:, None], 4, axis=1)
    else:  # one teacher for the quadrants at all four places
        targets = make(tokens.reshape(-1, 49), np.repeat(y, 4), seed).reshape(len(tokens), 4, -1)
    return targets - targets.mean(axis=0)


def _of_labels(X, y, seed):
    """P(Y | x), by ridge regression on the labels of the first 1,000 images."""
    phi, known = random_features(X, seed), len(X) * LABELLED // TRAINED
    onehot = np.eye(10)[y[:known]]
    return phi @ ridge(phi[:known], onehot - onehot.mean(axis=0))


def _of_neighbours(X, y, seed):
    """s_i μ_i(x) of the context of 10 nearest neighbours, without labels."""
    system = cl.singular_system(cl.knn_context(X, NEIGHBOURS), FUNCTIONS)
    return system.left * system.values


def random_features(X, seed, size=FEATURES):
    """max(0, W x + b) and 1, (n, 701)."""
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((X.shape[1], size)) / np.sqrt(X.var(axis=0).sum())
    return np.c_[np.maximum(0, X @ W + 0.5 * rng.standard_normal(size)), np.ones(len(X))]


def ridge(phi, targets):
    """The weights of ridge regression, (features, numbers)."""
    gram = phi.T @ phi
    scale = PENALTY * np.trace(gram) / len(gram)
    return np.linalg.solve(gram + scale * np.eye(len(gram)), phi.T @ targets)


# -- students -------------------------------------------------------------------------------


def prefixes(tokens):
    """The first k = 1, 2, 3 quadrants, the others blank, and which they are: (3, n, 200)."""
    return np.stack([np.concatenate([np.where(np.arange(4)[:, None] < k, tokens, 0).reshape(
        len(tokens), -1), np.tile(np.arange(4) < k, (len(tokens), 1))], axis=1)
        for k in (1, 2, 3)])


@lru_cache(maxsize=1)
def _seen(seed):
    """Random features of all prefixes, (3, 4500, 700), of training and test images; their Gram."""
    both = np.concatenate([part[0] for part in split(seed)])
    X = prefixes(both)
    phi = random_features(X.reshape(-1, X.shape[2]), seed).reshape(3, len(both), -1)
    fit = phi[:, :TRAINED].reshape(3 * TRAINED, -1)
    return phi, fit


def closed_form(target, visible, seed, d):
    """Features of the 4,500 images, (4500, d), without a network.

    The best student of width d keeps the first d principal components of the regression function
    E[τ | prefix], here fitted by ridge regression; the mean over the three prefixes.
    """
    phi, fit = _seen(seed)
    tau = teacher(target, seed)
    wanted = [np.concatenate([tau[:, k] for k in (1, 2, 3)])]
    if visible:
        wanted.append(np.concatenate([tau[:, k - 1] for k in (1, 2, 3)]))
    weights = ridge(fit, np.concatenate(wanted, axis=1))
    components = np.linalg.svd(fit @ weights, full_matrices=False)[2][:d]
    return (phi.mean(axis=0) @ weights) @ components.T


def training(target, visible, seed, progress=False):
    """(the training of a small causal transformer on a target, its model): `learn.train`'s."""
    learn, torch = cl.learn, needed("torch")
    (tokens, _), _ = split(seed)
    tau = teacher(target, seed)
    x, tau = (torch.as_tensor(part, dtype=torch.float32) for part in (
        tokens / tokens.std(), tau / np.sqrt((tau**2).sum(axis=2).mean())))
    model = learn.CausalTransformer(49, 4, seed=seed)
    heads = learn.NextToken(model, tau.shape[2], float(visible), seed=seed)

    def loss(generator):
        rows = torch.randint(len(x), (BATCH,), generator=generator)
        return heads(x[rows], tau[rows])

    return learn.train(loss, heads, steps=STEPS, learning_rate=RATE, every=25, seed=seed,
                       progress=progress), model


def states(model, seed):
    """The mean of a transformer's four states for each of the 4,500 images, (4500, 48)."""
    both = np.concatenate([part[0] for part in split(seed)])
    with needed("torch").no_grad():
        return model(both / split(seed)[0][0].std()).mean(dim=1).double().numpy()


def pixels(seed, d):
    """The first d principal components of all pixels."""
    both = np.concatenate([part[0] for part in split(seed)]).reshape(TRAINED + TESTED, -1)
    return both @ np.linalg.svd(both[:TRAINED], full_matrices=False)[2][:d].T


def probe(features, seed, labels):
    """Share of the test images that a linear probe with so many labels gets right.

    The labels are of training images that no teacher has used.
    """
    (_, y), (_, y_test) = split(seed)
    rows = slice(LABELLED, LABELLED + labels)
    features = (features - features[:TRAINED].mean(axis=0)) / features[:TRAINED].std(axis=0).mean()
    fitted = RidgeClassifierCV(alphas=10.0 ** np.arange(-4, 4)).fit(features[rows], y[rows])
    return fitted.score(features[TRAINED:], y_test)


# -- the grid ---------------------------------------------------------------------------------


def cells():
    """(target, visible) of every student: for the whole image the two are one."""
    return [(target, visible) for target in TARGETS
            for visible in (False, True)[:1 if target in WHOLE else 2]]


def rows_of(student, target, visible, seed, features, widths):
    """Rows of the table for features of growing width."""
    return [dict(student=student, target=target, visible=visible, seed=seed, d=d, labels=labels,
                 right=probe(features[:, :d], seed, labels)) for d in widths for labels in LABELS]


def closed_rows(target, visible, seed):
    """The rows of one cell in closed form; a teacher of the labels has nine functions in all."""
    features = closed_form(target, visible, seed, WIDTHS[-1])
    widths = [d for d in WIDTHS if d <= max(features.shape[1], 16)]
    return rows_of("closed form", target, visible, seed, features, widths)


def trained_rows(target, visible, seed):
    """The rows of one cell of the transformer."""
    run, model = training(target, visible, seed)
    list(run)
    return rows_of("transformer", target, visible, seed, states(model, seed), (48,))


def run():
    """The whole grid as a DataFrame: five seeds in closed form, three trained, and controls."""
    pd, rows = needed("pandas"), []
    for seed in range(CLOSED_SEEDS):
        for cell in cells():
            rows += closed_rows(*cell, seed)
        rows += rows_of("pixel PCA", "none", False, seed, pixels(seed, 64), (*WIDTHS[:4], 48, 64))
    for seed in range(TRAINED_SEEDS):
        for cell in cells():
            rows += trained_rows(*cell, seed)
        untrained = cl.learn.CausalTransformer(49, 4, seed=seed)
        rows += rows_of("untrained", "none", False, seed, states(untrained, seed), (48,))
    return pd.DataFrame(rows)
