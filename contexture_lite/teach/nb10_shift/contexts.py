"""Which contexts survive a shift: made of MNIST's images without labels, tried on other digits.

``python -m contexture_lite.experiment 10 FILE.csv`` makes the table that the course ships,
by `run`; `shipped` reads it, `picture` draws it, `contexts` makes a piece of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite._checks import as_count
from contexture_lite.datasets import tables
from contexture_lite.empirical import DataContext, masked
from contexture_lite.experiment import jobs
from contexture_lite.experiment.protocol import earlier_of_class
from contexture_lite.teach.nb10_shift.changes import ALL, CHANGES
from contexture_lite.teach.nb10_shift.data import domains
from contexture_lite.teach.pictures import style

UNLABELLED, LABELLED, HELD_OUT = 1000, 1000, 1500
FUNCTIONS = 64


def contexts(seed=0, names=None):
    """Probe errors on held-out MNIST and on digits, context by context; a DataFrame.

    A context is made of 1,000 images of MNIST without labels ("unlabelled digits too": and as
    many of the digits as are not kept for the test, half of them). Its first 64 functions reach
    any image by P(a | x); a logistic regression on them learns from 1,000 other images of
    MNIST with labels. Errors are shares of wrong labels, on 1,500 other images of MNIST
    and on half of the digits. In a context of changed images, A is one of the 5 nearest
    neighbours of the image after a random change. All take half a minute; ``names`` asks for
    some only.

    The rivals learn from the same 1,000 labels without a context: logistic regression on the
    pixels, the vote of the 5 nearest labelled images, and the same vote when every labelled image
    is there in all its changed forms, too.

    Columns context, knows ("MNIST", "changes", "both", or "labels only" for the rivals),
    held_out, digits, seed.
    """
    names = CONTEXTS if names is None else names
    for name in names:
        if name not in CONTEXTS:
            raise ValueError(f"names has {name!r}; there are {', '.join(CONTEXTS)}")
    split = _split(seed)
    many = np.vstack([change(split.images[0]) for change in ALL])
    labelled, nearest = (split.images[0], split.y[0]), KNeighborsClassifier(5)
    rivals = {"none: pixels": (_probe(), *labelled), "none: 5 nearest": (nearest, *labelled),
              "none: 5 nearest, changed": (nearest, many, np.tile(split.y[0], len(ALL)))}
    rows = [(name, "labels only", *_errors(model.fit(X, y), split.images, split.y))
            for name, (model, X, y) in rivals.items()]
    for name in names:
        functions = _functions(split, name, seed)
        probe = _probe().fit(functions[0], split.y[0])
        rows.append((name, CONTEXTS[name][0], *_errors(probe, functions, split.y)))
    return pd.DataFrame(rows, columns=["context", "knows", "held_out", "digits"]).assign(seed=seed)


def refitted(seed=0, name="moved, stretched, contrast", labels=(20, 50, 100, 200, 400)):
    """The last layer fitted again with a few labels of the target; a DataFrame.

    The functions stay those of the context ``name``, made from MNIST as in `contexts`; the
    logistic regression on them learns from ``labels`` digits, as many of each class as can be, and
    is tried on the half that is kept. So is one on the pixels. ``labels`` 0 stands for the 1,000
    labels of MNIST. Columns labels, functions, pixels (errors), seed.
    """
    split, errors = _split(seed), {}
    labels = [0, *(as_count("labels", m) for m in labels)]
    order = np.argsort(earlier_of_class(split.free.y), kind="stable")[:max(labels)]
    images, y = [split.images[0], split.images[2], split.free.X[order]], split.free.y[order]
    for kind, (mnist, kept, few) in (("functions", _functions(split, name, seed, images)),
                                     ("pixels", images)):
        errors[kind] = [1 - _probe().fit(*((few[:m], y[:m]) if m else (mnist, split.y[0]))).score(
            kept, split.y[2]) for m in labels]
    return pd.DataFrame({"labels": labels} | errors).assign(seed=seed)


@dataclass(frozen=True)
class _Split:
    """Images with labels for training, held out, and of the target; the rest has no labels."""

    images: list
    y: list
    unlabelled: np.ndarray  # of MNIST
    free: datasets.Dataset  # the half of the digits that is not kept for the test


def _split(seed):
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    source, target = domains()
    parts = np.split(rng.permutation(len(source.X))[: UNLABELLED + LABELLED + HELD_OUT],
                     [UNLABELLED, UNLABELLED + LABELLED])
    free, kept = np.array_split(rng.permutation(len(target.X)), 2)
    return _Split([source.X[parts[1]], source.X[parts[2]], target.X[kept]],
                  [source.y[parts[1]], source.y[parts[2]], target.y[kept]], source.X[parts[0]],
                  replace(target, X=target.X[free], y=target.y[free]))


def _functions(split, name, seed, images=None):
    """The context's first functions at each stack of images."""
    context = CONTEXTS[name][1](split.unlabelled, split.free.X, seed)
    system = cl.singular_system(context, FUNCTIONS)
    return [system.extend(context.conditional_at(part)) for part in images or split.images]


def _probe():
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def _errors(model, features, y):
    """On held-out MNIST and on digits."""
    return [1 - model.score(part, labels) for part, labels in zip(features[1:], y[1:])]


def _changed(context, X, changes):
    """P(a | x) = mean over changes t of the context's P(a | t(x))."""
    def rows_at(X_new):
        return sum(context.conditional_at(change(X_new)) for change in changes) / len(changes)

    return DataContext(rows_at(X) / len(X), extension=rows_at)


def _in_each(first, second, k):
    """A = a neighbour in the one domain or in the other, by a fair coin."""
    sides = [cl.knn_context(part, k) for part in (first, second)]

    def rows_at(X_new):
        return sp.csr_array(sp.hstack([side.conditional_at(X_new) / 2 for side in sides]))

    X = np.vstack([first, second])
    return DataContext(rows_at(X) / len(X), extension=rows_at)


# name: what it knows, and its maker from unlabelled images of both domains
CONTEXTS = {
    f"{k} neighbours": ("MNIST", lambda mnist, digits, seed, k=k: cl.knn_context(mnist, k))
    for k in (5, 15, 50, 200)} | {
    "15 neighbours, masked": ("MNIST", lambda mnist, digits, seed: masked(
        cl.knn_context, mnist, k=15, n_masks=20, rng=seed)),
    "Gaussian, h = 0.7": ("MNIST", lambda mnist, digits, seed: cl.rbf_context(mnist, 0.7)),
} | {
    name: ("changes", lambda mnist, digits, seed, changes=changes: _changed(
        cl.knn_context(mnist, 5), mnist, changes)) for name, changes in CHANGES.items()} | {
    "15 neighbours among both": ("both", lambda mnist, digits, seed: cl.knn_context(
        np.vstack([mnist, digits]), 15)),
    "15 neighbours in each": ("both", lambda mnist, digits, seed: _in_each(mnist, digits, 15)),
}


def run(seeds=range(5)):
    """`contexts` over seeds, with a bar: the table that the course ships."""
    tables = jobs.run(contexts, [(seed,) for seed in seeds], cache=None, edition=1, n_jobs=-1,
                      progress=True, label=str)
    return pd.concat(tables, ignore_index=True)


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return tables.shipped(__package__, "shift.csv")


def spectra(seed=0, k=15, images=400):
    """Spectrum of one P(a | x) while MNIST makes room for digits: nine tenths → one tenth.

    The k nearest neighbours among ``images`` of each domain. A
    `contexture_lite.shift.ShiftedSpectrum`; its ratio C/c is 81.
    """
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    both = [data.X[rng.permutation(len(data.X))[:images]] for data in domains()]
    before, after = (np.repeat(shares, images) / images for shares in ([0.9, 0.1], [0.1, 0.9]))
    context = cl.knn_context(np.vstack(both), k).with_marginal_x(before)
    return cl.shift.shifted_spectrum(context, after)


LOOKS = {"labels only": (style.INK, "s", "■ no context"),
         "MNIST": (style.INPUT, "o", "● made from MNIST"),
         "changes": (style.TASK, "D", "◆ … and changed images"),
         "both": (style.CONTEXT, "^", "▲ unlabelled digits too")}


def picture(table):
    """Error on held-out MNIST against error on digits: means over seeds ± 2 standard errors."""
    groups = table.groupby(["knows", "context"], sort=False)[["held_out", "digits"]]
    mean, error = groups.mean(), groups.sem().fillna(0)
    order = mean.sort_values("digits").index
    fig, (ax,) = style.panels(1, width=4.4, height=8.2, left=0.05, bottom=0.07, top=0.85)
    with style.settings():
        for place, key in enumerate(order):
            color, marker, _ = LOOKS[key[0]]
            for domain, fill in (("held_out", "white"), ("digits", color)):
                ax.errorbar(mean.loc[key, domain], -place, xerr=2 * error.loc[key, domain],
                            color=color, marker=marker, mfc=fill, ms=9, mew=2, lw=2)
            ax.annotate(key[1], (0.005, -place), (0, 8), textcoords="offset points", color=color)
        ax.set(yticks=[], ylim=(0.5 - len(order), 0.9))
        ax.axvline(mean.loc[("labels only", "none: pixels"), "digits"], color=style.GREY, lw=1.5,
                   ls="--", zorder=0)
        ax.set_xlim(0, None)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_title("Hollow: held-out MNIST; filled: digits", pad=74)
        ax.set_xlabel("share of wrong labels (± 2 s.e.)")
    for place, (color, _, text) in enumerate(LOOKS.values()):
        ax.text(0, 1.105 - 0.034 * place, text, transform=ax.transAxes, va="bottom",
                color=color, fontsize=12, fontweight="bold")
    said = "; ".join(f"{name} {mean.loc[(knows, name), 'held_out']:.3f} and "
                     f"{mean.loc[(knows, name), 'digits']:.3f}" for knows, name in order)
    return style.Picture(fig, f"Errors on held-out MNIST and on digits: {said}.")
