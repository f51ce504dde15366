"""The experiments of notebook 13 on digits: moved, turned, and seen by convolutional networks.

``python -m contexture_lite.experiment 13 FILE.csv.gz`` makes the table that the course ships, by
`run`; `shipped` reads it. No network is trained: features are random, only read-outs are fitted.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from contexture_lite import datasets
from contexture_lite._lazy import needed
from contexture_lite.datasets import tables
from contexture_lite.teach.nb13_symmetry.networks import NETWORKS, network, random_filters

SEEDS = range(5)
PLACES, MOVES = 16, (0, 1, 2, 3, 4, 8)  # of the circle; 8: any
PAIRS, NEIGHBOURS, FEATURES, FIRST = 4000, 6, 500, 16
LABELS, TURNED = (100, 1000), 300  # random features of turned digits
SIDE, MARGIN = 12, ((0, 0), (2, 2), (2, 2))  # of the torus of the networks
SHIFTS = {"one pixel": (0, 1), "two pixels": (0, 2), "four and four": (4, 4)}


def run():
    """All experiments over five seeds; a DataFrame: experiment, case, measure, seed, value."""
    pd = needed("pandas")
    made = [moved, turned, which_turn, networks, read_upside_down]
    return pd.DataFrame([{"experiment": part.__name__} | row | {"seed": seed}
                         for part in made for seed in SEEDS for row in part(seed)])


@cache
def shipped():
    """The table of `run` that comes with the course."""
    return tables.shipped(__package__, "experiments.csv.gz")


def means(experiment):
    """Means over the seeds of one experiment: a row for each case, a column for each measure."""
    table = shipped()[shipped().experiment == experiment]
    order = dict(index=table.case.unique(), columns=table.measure.unique())
    return table.pivot_table(index="case", columns="measure", values="value").reindex(**order)


@cache
def _digits():
    digits = datasets.digits()
    return digits.X.reshape(-1, 8, 8) / 16, digits.y


def _split(seed, labelled=1000):
    """(rng, labelled, the rest): positions of digits."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(_digits()[1]))
    return rng, order[:labelled], order[labelled:]


def _relu(X, rng, features):
    """Random features max(0, XW + b): a function of any X."""
    W = rng.standard_normal((X.shape[1], features)) / np.sqrt(X.shape[1])
    b = 0.5 * rng.standard_normal(features)
    return lambda X: np.maximum(X @ W + b, 0)


def ridge(train, y, test, penalty=1.0):
    """Predictions at ``test`` by ridge on standardised features: of numbers, or of classes."""
    mean, scale = train.mean(axis=0), train.std(axis=0) + 1e-3 * train.std()
    classes, numbers = np.unique(y), y.dtype.kind == "f"
    fitted = needed("sklearn.linear_model").Ridge(penalty * len(train)).fit(
        (train - mean) / scale, y if numbers else (y[:, None] == classes) * 1.0)
    told = fitted.predict((test - mean) / scale)
    return told if numbers else classes[told.argmax(axis=1)]


# -- moved: what a learned encoder keeps -------------------------------------------------


def moved(seed, moves=MOVES):
    """Share of digits classified, and R² of where they are, from 16 features learned from pixels.

    Pairs: a digit at a random place of a circle, and one of its nearest neighbours, moved by up
    to ±w. The encoder is the best 16 functions in the span of 500 random features, found from
    the pairs (Rayleigh–Ritz); the probe has 600 labels.
    """
    rng, train, test = _split(seed)
    images, y = _digits()
    flat = images.reshape(len(images), -1)
    tree = needed("sklearn.neighbors").NearestNeighbors(n_neighbors=NEIGHBOURS + 1)
    near = train[tree.fit(flat[train]).kneighbors(flat[train], return_distance=False)[:, 1:]]
    first = rng.integers(len(train), size=PAIRS)
    second = near[first, rng.integers(NEIGHBOURS, size=PAIRS)]
    place, step = rng.integers(PLACES, size=PAIRS), rng.random(PAIRS)
    seen = rng.choice(train, 600), rng.choice(test, 600)
    places = rng.integers(PLACES, size=(2, 600))
    phi = _relu(_placed(train[first], place), rng, FEATURES)
    x = phi(_placed(train[first], place))
    for w in moves:
        width = PLACES if w == PLACES // 2 else 2 * w + 1
        a = phi(_placed(second, place + np.floor(step * width).astype(int) - w))
        encoder = _ritz(x, a, FIRST)
        known, new = (encoder(phi(_placed(*at))) for at in zip(seen, places))
        waves = [np.column_stack([np.cos(angle), np.sin(angle)])
                 for angle in 2 * np.pi * places / PLACES]
        left = waves[1] - ridge(known, waves[0], new, 1e-2)
        yield {"case": w, "measure": "what", "value": np.mean(
            ridge(known, y[seen[0]], new, 1e-2) == y[seen[1]])}
        yield {"case": w, "measure": "where",
               "value": 1 - (left**2).sum() / ((waves[1] - waves[1].mean(axis=0)) ** 2).sum()}


def _placed(positions, places):
    """Digits on a torus of 8 × 16 pixels, at these columns: (n, 128)."""
    images = np.zeros((len(positions), 8, PLACES))
    images[:, :, :8] = _digits()[0][positions]
    columns = (np.arange(PLACES) - places[:, None]) % PLACES
    return np.take_along_axis(images, columns[:, None, :], axis=2).reshape(len(images), -1)


def _ritz(x, a, d):
    """The d best-predicted functions in the span of features that pairs (x, a) share."""
    mean = (x.mean(axis=0) + a.mean(axis=0)) / 2
    x, a = x - mean, a - mean
    covariance = (x.T @ x + a.T @ a) / (2 * len(x))
    shared = (x.T @ a + a.T @ x) / (2 * len(x))
    size = np.eye(len(covariance)) * np.trace(covariance) / len(covariance)
    weights = needed("scipy.linalg").eigh(shared, covariance + 1e-3 * size,
                                          subset_by_index=[len(mean) - d, len(mean) - 1])[1]
    weights = weights / np.std(x @ weights, axis=0)
    return lambda features: (features - mean) @ weights


# -- turned: what invariance costs ---------------------------------------------------------


def _turned(images, turns):
    """Each image turned by so many quarters: (n, 64)."""
    return np.array([np.rot90(image, k) for image, k in zip(images, turns)]).reshape(-1, 64)


def _kinds(seed, rng):
    """{name: a function from images to features} under quarter turns."""
    phi = _relu(np.zeros((1, 64)), rng, TURNED)

    def all_four(images):
        return [phi(np.rot90(images, k, axes=(1, 2)).reshape(-1, 64)) for k in range(4)]

    return {"raw": lambda images: phi(images.reshape(-1, 64)),
            "invariant": lambda images: np.mean(all_four(images), axis=0),
            "equivariant": lambda images: np.hstack(all_four(images))}


def turned(seed):
    """Accuracy of three kinds of random features, upright and turned digits, 100 and 1,000 labels.

    All ten digits; "6 or 9" with the labelled sixes and nines only; and which quarter turn.
    """
    rng, train, test = _split(seed)
    images, y = _digits()
    kinds, turns = _kinds(seed, rng), rng.integers(4, size=len(y))
    shown = {"upright": images, "turned": _turned(images, turns).reshape(-1, 8, 8)}
    for data, kind in ((data, kind) for data in shown for kind in kinds):
        features = kinds[kind](shown[data])
        tasks = {"ten digits": (y, np.arange(len(y)))}
        tasks["6 or 9"] = y, np.flatnonzero((y == 6) | (y == 9))
        if data == "turned":
            tasks["which turn"] = turns, np.arange(len(y))
        for m in LABELS:
            for task, (label, among) in tasks.items():
                known, new = np.intersect1d(train[:m], among), np.intersect1d(test, among)
                told = ridge(features[known], label[known], features[new], 0.1)
                yield {"case": f"{data}, {m} labels, {kind}", "measure": task,
                       "value": np.mean(told == label[new])}


def read_upside_down(seed):
    """What the three nearest upright digits call a six or a nine after a half turn."""
    _, train, test = _split(seed)
    images, y = _digits()
    votes = needed("sklearn.neighbors").KNeighborsClassifier(3)
    votes.fit(images[train].reshape(-1, 64), y[train])
    for digit, other in ((6, 9), (9, 6)):
        told = votes.predict(_turned(images[test][y[test] == digit], 2 * np.ones(400, dtype=int)))
        yield {"case": f"{digit} as {other}", "measure": "share", "value": np.mean(told == other)}


def which_turn(seed):
    """How often the quarter turn of a digit is recognised, or taken for its half turn."""
    rng, train, test = _split(seed)
    images, y = _digits()
    turns = rng.integers(4, size=len(y))
    X = _turned(images, turns)
    phi = _relu(X, rng, FEATURES)
    told = ridge(phi(X[train]), turns[train], phi(X[test]), 0.1)
    flat = images.reshape(len(y), -1)
    alike = (flat * flat[:, ::-1]).sum(axis=1) / (flat**2).sum(axis=1)
    for digit in range(10):
        here = y[test] == digit
        off = (told[here] - turns[test][here]) % 4
        for measure, value in (("recognised", np.mean(off == 0)), ("half turn", np.mean(off == 2)),
                               ("alike", alike[y == digit].mean())):
            yield {"case": digit, "measure": measure, "value": value}


# -- networks: what padding and stride break -------------------------------------------------


def networks(seed, names=None):
    """Accuracy, and the share of answers that stay the same if the image moves."""
    needed("torch").set_num_threads(1)
    rng, train, test = _split(seed)
    images, y = np.pad(_digits()[0], MARGIN), _digits()[1]
    test, filters = test[:400], random_filters(images, seed)
    anywhere = [tuple(by) for by in rng.integers(SIDE, size=(len(test), 2))]
    for name in names or NETWORKS:
        features = network(*NETWORKS[name], filters)
        known, still = features(images[train]), images[test]
        views = {"anywhere": np.array([np.roll(x, by, (0, 1)) for x, by in zip(still, anywhere)])}
        views |= {shift: np.roll(still, by, (1, 2)) for shift, by in SHIFTS.items()}
        first, *told = np.split(ridge(known, y[train], np.vstack(
            [features(part) for part in (still, *views.values())]), 1e-3), 1 + len(views))
        yield {"case": name, "measure": "accuracy", "value": np.mean(first == y[test])}
        yield {"case": name, "measure": "accuracy, moved", "value": np.mean(told[0] == y[test])}
        for view, answers in zip(views, told):
            yield {"case": name, "measure": view, "value": np.mean(answers == first)}
