"""The experiments of notebook 11: networks at many temperatures, four learners, weights of modes.

`shipped` is the table of trained networks; ``python -m contexture_lite.experiment 11 FILE.csv.gz``
makes it anew. `weights` and `sparse` are quick and run on the page.
"""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
import pandas as pd

import contexture_lite as cl
from contexture_lite import datasets, geometry
from contexture_lite.alignment import unit_rows
from contexture_lite.datasets import tables
from contexture_lite.experiment.protocol import standardised

SEEDS = range(5)
TEMPERATURES = {"digits": (0.02, 0.05, 0.1, 0.2, 0.5, 1, 3), "mnist": (0.02, 0.05, 0.1, 0.2),
                "abalone": (0.02, 0.05, 0.1, 0.2)}
LEARNERS = ("best predictor, stop", "best predictor, no stop", "no predictor, stop", "SimSiam",
            "VICReg", "Barlow Twins")
SEEN, LABELLED, OUTPUTS = 1000, 200, 9
SWEEPS, ENCODERS = 4, 36  # of alignment and uniformity


def shipped():
    """The table of `run` as it is shipped; a DataFrame."""
    return tables.shipped(__package__, "networks.csv.gz")


def run():
    """A row for each trained network: temperatures, learners, and weights of the two losses."""
    rows = [at_temperature(data, tau, seed) for data, taus in TEMPERATURES.items()
            for tau in taus for seed in SEEDS]
    rows += [learner(name, seed) for name in LEARNERS for seed in SEEDS]
    rows += [two_losses(sweep, place) for sweep in range(SWEEPS) for place in range(ENCODERS)]
    return pd.DataFrame(rows)


@lru_cache(maxsize=3)
def read(data):
    """(points, context, y, draw): 1000 of them seen, their neighbours, pairs of neighbours."""
    from contexture_lite.learn import draws

    found = datasets.load(data)
    X, y, order = found.X, found.y, np.random.default_rng(0).permutation(len(found.y))
    X, y = X[order][:2000], y[order][:2000]
    if data == "abalone":
        X = standardised(X, np.arange(SEEN))
    else:
        X = X - X[:SEEN].mean(axis=0)
        if data == "mnist":
            X = X @ np.linalg.svd(X[:SEEN], full_matrices=False)[2][:50].T
        X = X / X[:SEEN].std()
    context = cl.knn_context(X[:SEEN], k=30 if data == "abalone" else 15)
    return X, context, y, draws.inputs(context)


def network(data, outputs, loss, seed, *, steps, batch, rate=0.01, beside=()):
    """Features (n, outputs) of all points, of a network trained on pairs of neighbours.

    ``beside`` are modules that are trained with it.
    """
    import torch

    from contexture_lite import learn

    X, _, _, draw = read(data)
    points = torch.tensor(X, dtype=torch.float32)
    net = learn.ResidualMLP(X.shape[1], outputs, width=64, depth=1, seed=seed)

    def of_batch(generator):
        first, second = draw(batch, generator)
        return loss(learn.laws.batch(batch), net(points[first]), net(points[second]))

    whole = torch.nn.ModuleList([net, *beside])
    *_, _ = learn.train(of_batch, whole, steps=steps, learning_rate=rate, every=steps, seed=seed)
    with torch.no_grad():
        return net(points).double().numpy()


def at_temperature(data, tau, seed):
    """InfoNCE of cosines at a temperature; numbers of the unseen points, as a row."""
    from contexture_lite.learn import losses

    loss = partial(losses.info_nce_cosine, temperature=tau)
    f = unit_rows(network(data, 32, loss, seed, steps=200, batch=192))
    report = geometry.collapse_report(f[SEEN:])
    return {"experiment": "temperature", "data": data, "setting": tau, "seed": seed,
            "mean_cosine": report.mean_cosine, "effective_rank": report.effective_rank,
            } | ({} if data == "abalone" else accuracies(f, read(data)[2], seed))


def learner(name, seed):
    """One of the learners without negatives on digits; numbers of the seen points, as a row.

    "SimSiam" has a trained linear predictor, cosines and stop-gradient.
    """
    import torch

    from contexture_lite.alignment import squared_cca
    from contexture_lite.learn import losses
    from contexture_lite.learn.objectives.collapse import predicted

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        trained = torch.nn.Linear(OUTPUTS, OUTPUTS)

    def plain(law, f, g):
        return losses.squared_error(law, f - law.p @ f, (g - law.q @ g).detach()) / 2

    known = {"SimSiam": partial(losses.stop_gradient, predictor=trained),
             "VICReg": losses.vicreg, "Barlow Twins": losses.barlow_twins,
             "no predictor, stop": plain}
    loss = known.get(name, partial(predicted, stop="no stop" not in name))
    f = network("digits", OUTPUTS, loss, seed, steps=400, batch=256, rate=0.004,
                beside=[trained] if name == "SimSiam" else [])
    _, context, y, _ = read("digits")
    spread = f - f[:SEEN].mean(axis=0)
    report = geometry.collapse_report(spread[:SEEN])
    values = cl.ritz(context, spread[:SEEN] / spread[:SEEN].std()).values[:4]
    exact = cl.singular_system(context, OUTPUTS)
    return {"experiment": "learner", "data": "digits", "setting": name, "seed": seed,
            "variance": float(spread[:SEEN].var(axis=0).sum()),
            "effective_rank": report.effective_rank,
            "found": float(squared_cca(spread[:SEEN], exact.left)),
            "spectrum_off": float(np.abs(values - exact.values[:4] ** 2).max()),
            } | accuracies(spread / spread[:SEEN].std(), y, seed)


def two_losses(sweep, place):
    """A random mixture of alignment and uniformity, width and length of training, as a row."""
    import torch

    rng = np.random.default_rng([sweep, place])
    pull, push = rng.exponential(1, 2) * (rng.random(2) > 0.15)
    t, outputs = rng.choice([1.0, 2.0, 4.0]), int(rng.choice([2, 3, 4, 8, 16, 32]))
    steps, rate = int(rng.integers(20, 300)), 10 ** rng.uniform(-3, -1.7)

    def loss(law, f, g):
        f, g = (z / z.norm(dim=1, keepdim=True) for z in (f, g))
        apart = torch.exp(2 * t * (f @ g.T - 1)).mean()
        return pull * ((f - g) ** 2).sum(dim=1).mean() + push * torch.log(apart) + 0 * f.sum()

    f = unit_rows(network("digits", outputs, loss, 100 * sweep + place, steps=steps, batch=128,
                     rate=rate))
    X, context, y, _ = read("digits")
    of_inputs = cl.Context(context.joint.T)  # the points stand where views do
    ink = X.sum(axis=1)
    probe = cl.linear_probe(f[:LABELLED], ink[:LABELLED], test=(f[SEEN:], ink[SEEN:]),
                            penalty=1e-3, kind="regression")
    return {"experiment": "sweep", "data": "digits", "setting": outputs, "seed": sweep,
            "alignment": geometry.alignment_loss(of_inputs, f[:SEEN]),
            "uniformity": geometry.uniformity(f[:SEEN]), "ink": 1 - probe.error,
            } | accuracies(f, y, sweep)


def weights(dimensions=(10, 40, 150), seeds=SEEDS):
    """Neighbours, a probe and hubs on d functions of the digits, weighted by 1 or by s.

    Columns d, weight, seed, ``neighbours`` and ``probe`` (shares of the 797 unseen digits that
    five neighbours and least squares on 200 labels get right), ``skewness`` of the 10-neighbour
    counts of the seen ones. A DataFrame.
    """
    rows, points = [], datasets.digits()
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(points.y))
        X, y = points.X[order], points.y[order]
        context = cl.knn_context(X[:SEEN], k=15)
        system = cl.singular_system(context, max(dimensions))
        new = system.extend(context.conditional_at(X[SEEN:]))
        for d in dimensions:
            for name, power in (("1", 0), ("s", 1)):
                old, unseen = (part[:, :d] * system.values[:d] ** power
                               for part in (system.left, new))
                head = np.linalg.lstsq(np.c_[np.ones(LABELLED), old[:LABELLED]],
                                       np.eye(10)[y[:LABELLED]])[0]
                guess = (np.c_[np.ones(len(unseen)), unseen] @ head).argmax(axis=1)
                rows.append({"d": d, "weight": name, "seed": seed,
                             "neighbours": by_neighbours(old[:LABELLED], y[:LABELLED], unseen,
                                                         y[SEEN:]),
                             "probe": float((guess == y[SEEN:]).mean()),
                             "skewness": geometry.hubness(old).skewness})
    return pd.DataFrame(rows)


def sparse(shares=(1.0, 0.5, 0.3, 0.15, 0.07, 0.02), seeds=SEEDS, units=256, labels=300):
    """Accuracy of a probe on ReLU(z − t) of random features z of digits, along the active share.

    A share of 1 is z itself. Columns share (wanted), ``active`` (measured), seed, ``probe``.
    """
    rows, points = [], datasets.digits()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(points.y))
        X, y = points.X[order] - points.X.mean(axis=0), points.y[order]
        z = X @ rng.standard_normal((X.shape[1], units))
        z = z / z.std(axis=0)
        for share in shares:
            code = z if share == 1 else np.maximum(z - np.quantile(z, 1 - share), 0)
            probe = cl.linear_probe(code[:labels], y[:labels], test=(code[labels:], y[labels:]),
                                    penalty=1e-2)
            rows.append({"share": share, "active": float((code != 0).mean()), "seed": seed,
                         "probe": 1 - probe.error})
    return pd.DataFrame(rows)


def accuracies(f, y, seed):
    """Shares of unseen points that 5 neighbours and a linear probe get right, 200 labels."""
    labelled = np.random.default_rng(seed).permutation(SEEN)[:LABELLED]
    probe = cl.linear_probe(f[labelled], y[labelled], test=(f[SEEN:], y[SEEN:]), penalty=1e-3)
    return {"neighbours": by_neighbours(f[labelled], y[labelled], f[SEEN:], y[SEEN:]),
            "probe": 1 - probe.error}


def by_neighbours(f, y, new, y_new, k=5):
    """Share of new points whose class most of their k nearest labelled points have."""
    apart = (new**2).sum(axis=1)[:, None] + (f**2).sum(axis=1) - 2 * new @ f.T
    near = y[np.argsort(apart.round(10), axis=1, kind="stable")[:, :k]]
    votes = np.array([np.bincount(row, minlength=y.max() + 1) for row in near])
    return float((votes.argmax(axis=1) == y_new).mean())
