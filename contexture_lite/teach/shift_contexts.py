"""Which contexts survive a shift: made of MNIST's images without labels, tried on other digits.

``python -m contexture_lite.teach.shift_contexts FILE.csv`` makes the table that the course ships,
by `run`; `shipped` reads it, `picture` draws it, `contexts` makes a piece of it.
"""

from __future__ import annotations

import sys

import numpy as np
import scipy.sparse as sp
from scipy.ndimage import affine_transform, gaussian_filter, shift

import contexture_lite as cl
from contexture_lite._checks import as_count
from contexture_lite.empirical import DataContext, masked
from contexture_lite.teach import style
from contexture_lite.teach.shift_data import SIDE, domains
from contexture_lite.teach.shipped import FOLDER, read

SHIPPED = FOLDER / "shift.csv"
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

    Columns context, knows ("MNIST", "changes", "both", or "labels only" for the logistic
    regression on pixels), held_out, digits, seed.
    """
    import pandas as pd

    rng = np.random.default_rng(as_count("seed", seed, least=0))
    names = CONTEXTS if names is None else names
    for name in names:
        if name not in CONTEXTS:
            raise ValueError(f"names has {name!r}; there are {', '.join(CONTEXTS)}")
    source, target = domains()
    parts = np.split(rng.permutation(len(source.X))[: UNLABELLED + LABELLED + HELD_OUT],
                     [UNLABELLED, UNLABELLED + LABELLED])
    free, kept = np.array_split(rng.permutation(len(target.X)), 2)
    images = [source.X[parts[1]], source.X[parts[2]], target.X[kept]]
    y = source.y[parts[1]], source.y[parts[2]], target.y[kept]
    rows = [{"context": "none: pixels", "knows": "labels only"} | _errors(images, y)]
    for name in names:
        knows, make = CONTEXTS[name]
        context = make(source.X[parts[0]], target.X[free], seed)
        system = cl.singular_system(context, FUNCTIONS)
        functions = [system.extend(context.conditional_at(part)) for part in images]
        rows.append({"context": name, "knows": knows} | _errors(functions, y))
    return pd.DataFrame(rows).assign(seed=seed)


def _errors(features, y):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    probe.fit(features[0], y[0])
    return {name: 1 - probe.score(part, labels)
            for name, part, labels in zip(("held_out", "digits"), features[1:], y[1:])}


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


def _on_images(change):
    """The change of a stack of images as one of rows of 64 pixels, grey kept within 0 and 1."""
    return lambda X: np.clip(change(X.reshape(-1, SIDE, SIDE)), 0, 1).reshape(len(X), -1)


def _moved(down, right):
    return _on_images(lambda images: shift(images, (0, down, right), order=1))


def _stretched(tall, wide):
    """About the middle of the image."""
    scale, middle = np.array([1, 1 / tall, 1 / wide]), (SIDE - 1) / 2
    offset = middle * (1 - scale) * [0, 1, 1]
    return _on_images(lambda images: affine_transform(images, scale, offset, order=1))


def _one_after_another(*changes):
    def change(X):
        for step in changes:
            X = step(X)
        return X

    return change


_MOVED = [_moved(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
_BLURRED = [_on_images(lambda images, s=s: gaussian_filter(images, (0, s, s)))
            for s in (0.01, 0.5, 0.8)]
_CONTRAST = [lambda X, power=power: X**power for power in (0.4, 0.7, 1, 1.4)]
_STRETCHED = [_stretched(tall, wide) for tall in (0.85, 1, 1.2) for wide in (0.85, 1, 1.2)]
_ALL = [_one_after_another(move, stretch, contrast)
        for move, stretch in zip(_MOVED, _STRETCHED[::2] * 2) for contrast in _CONTRAST[::2]]
_ALL.append(_one_after_another())  # nothing: so every image is a neighbour of one, its own
CHANGES = {"blurred": _BLURRED, "contrast changed": _CONTRAST, "moved by a pixel": _MOVED,
           "stretched": _STRETCHED, "moved, stretched, contrast": _ALL}


def _neighbours(k):
    return lambda mnist, digits, seed: cl.knn_context(mnist, k)


def _after(changes):
    return lambda mnist, digits, seed: _changed(cl.knn_context(mnist, 5), mnist, changes)


# name: what it knows, and its maker from unlabelled images of both domains
CONTEXTS = {f"{k} neighbours": ("MNIST", _neighbours(k)) for k in (5, 15, 50, 200)} | {
    "15 neighbours, masked": ("MNIST", lambda mnist, digits, seed: masked(
        cl.knn_context, mnist, k=15, n_masks=20, rng=seed)),
    "Gaussian, h = 0.7": ("MNIST", lambda mnist, digits, seed: cl.rbf_context(mnist, 0.7)),
} | {name: ("changes", _after(changes)) for name, changes in CHANGES.items()} | {
    "15 neighbours among both": ("both", lambda mnist, digits, seed: cl.knn_context(
        np.vstack([mnist, digits]), 15)),
    "15 neighbours in each": ("both", lambda mnist, digits, seed: _in_each(mnist, digits, 15)),
}


def run(seeds=range(5)):
    """`contexts` over seeds: the table that the course ships."""
    import pandas as pd

    return pd.concat([contexts(seed) for seed in seeds], ignore_index=True)


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    return read(SHIPPED, "python -m contexture_lite.teach.shift_contexts FILE.csv")


def spectra(seed=0, k=15, images=400):
    """Spectrum of one P(a | x) while MNIST makes room for digits: nine tenths → one tenth.

    The k nearest neighbours among ``images`` of each domain. A
    `contexture_lite.shift.ShiftedSpectrum`; its ratio C/c is 81.
    """
    rng = np.random.default_rng(as_count("seed", seed, least=0))
    both = [data.X[rng.permutation(len(data.X))[:images]] for data in domains()]
    many, few = np.full(images, 0.9), np.full(images, 0.1)
    context = cl.knn_context(np.vstack(both), k).with_marginal_x(
        np.concatenate([many, few]) / images)
    return cl.shift.shifted_spectrum(context, np.concatenate([few, many]) / images)


LOOKS = {"labels only": (style.INK, "s"), "MNIST": (style.INPUT, "o"),
         "changes": (style.TASK, "D"), "both": (style.CONTEXT, "^")}


def picture(table):
    """Error on held-out MNIST against error on digits: means over seeds ± 2 standard errors."""
    found = table.groupby(["knows", "context"], sort=False)[["held_out", "digits"]]
    mean, error = found.mean(), found.sem().fillna(0)
    order = mean.sort_values("digits").index
    fig, (ax,) = style.panels(1, size=(13.5, 6.0), left=0.27, right=0.97, bottom=0.13, top=0.9)
    with style.settings():
        for place, key in enumerate(order):
            color, marker = LOOKS[key[0]]
            for domain, fill in (("held_out", "white"), ("digits", color)):
                ax.errorbar(mean.loc[key, domain], -place, xerr=2 * error.loc[key, domain],
                            color=color, marker=marker, mfc=fill, ms=9, mew=2, lw=2)
        ax.set_yticks(-np.arange(len(order)), [name for _, name in order], fontsize=13)
        for text, (knows, _) in zip(ax.get_yticklabels(), order):
            text.set_color(LOOKS[knows][0])
        ax.axvline(mean.loc[("labels only", "none: pixels"), "digits"], color=style.GREY, lw=1.5,
                   ls="--", zorder=0)
        ax.set_xlim(0, None)
        ax.tick_params(axis="y", length=0)
    style.label(ax, "Hollow: error on held-out MNIST.  Filled: on digits",
                "share of wrong labels (± 2 s.e.)")
    for place, (knows, text) in enumerate((
            ("labels only", "■ no context"), ("MNIST", "● made from MNIST"),
            ("changes", "◆ … and changed images"), ("both", "▲ unlabelled digits too"))):
        ax.text(0.27, 0.97 - 0.068 * place, text, transform=ax.transAxes, ha="left", va="top",
                color=LOOKS[knows][0], fontsize=13, fontweight="bold")
    said = "; ".join(f"{name} {mean.loc[(knows, name), 'held_out']:.3f} and "
                     f"{mean.loc[(knows, name), 'digits']:.3f}" for knows, name in order)
    return style.Picture(fig, f"Errors on held-out MNIST and on digits: {said}.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contexture_lite.teach.shift_contexts FILE.csv")
    run().round(5).to_csv(sys.argv[1], index=False)
