"""Notebook 07's digits seen by halves: two contexts, each of one half of the picture."""

from functools import lru_cache

import numpy as np

import contexture_lite as cl
from contexture_lite.experiment.protocol import group_ends

SEEN = 600  # pictures that make the contexts; of some of them the probe knows the label


def parts(left, right, order=slice(None)):
    """Contexts of so many neighbours by the left and by the right half of the first pictures.

    ``order`` is another order of all pictures, for another split.
    """
    seen, columns = cl.datasets.digits().X[order][:SEEN], np.arange(64) % 8 < 4
    return [cl.knn_context(seen * columns, k=left), cl.knn_context(seen * ~columns, k=right)]


def misclassified(context, labels, order=slice(None)):
    """Share of the other pictures that a probe on the first 16 functions gets wrong.

    Or on some more, so that no repeated value is cut. What notebook 07 writes out as ``error``.
    """
    return _misclassified(_functions(context, order), labels, order)


def _functions(context, order=slice(None)):
    """The first 16 functions, or some more, of the pictures that make it and of the others."""
    system = cl.singular_system(context)
    d = int(group_ends(system.values, [16])[0])
    new = system.extend(context.conditional_at(cl.datasets.digits().X[order][SEEN:]))
    return system.left[:, :d], new[:, :d]


def _misclassified(functions, labels, order=slice(None)):
    seen, new = functions
    y = cl.datasets.digits().y[order]
    return cl.linear_probe(seen[:labels], y[:labels], test=(new, y[SEEN:]),
                           kind="classification", penalty=1e-3).error


@lru_cache
def overtakes():
    """At how many labels, in hundreds, both halves observed beat one at random; 3 neighbours."""
    pair = parts(3, 3)
    both, one = (_functions(context) for context in (
        cl.concatenate(*pair), cl.convex_combination(pair, [0.5, 0.5])))
    return next(labels for labels in range(100, SEEN + 1, 100)
                if _misclassified(both, labels) < _misclassified(one, labels))
