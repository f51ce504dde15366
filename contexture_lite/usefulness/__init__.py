"""How useful is a context? By its spectrum (`spectra`), or by rehearsal on invented tasks.

A spectrum does not say which functions carry it; `rehearsal` does see them: it needs the functions,
and no label. Its parts are in `contexture_lite.rehearsal`.
"""

from contexture_lite.usefulness.rehearsing import risk
from contexture_lite.usefulness.spectra import (
    Usefulness,
    decay_rate,
    effective_rank,
    log_trace,
    minimax,
    scores,
    tau,
)

__all__ = ["Usefulness", "decay_rate", "effective_rank", "log_trace", "minimax", "rehearsal",
           "scores", "tau"]


def rehearsal(features, X, noise=0.5, tasks=("linear", "smooth", "rules"), each=3, rng=0):
    """The expected risk of a probe on invented tasks, R = mean_t min_d [ e_t(d) + noise d/(m+1) ].

    ``features`` (m, k) are functions of a context, the best first, at m ≥ 20 points that did
    *not* make it, ``X`` (m, columns) these points. ``tasks`` are the kinds that you expect:
    "linear", "smooth", "rules", "classes", or functions of your own, called with (X, rng).
    `contexture_lite.rehearsal.risk` with ``kinds=tasks``, where everything else is explained.

    Returns a `Usefulness`: ``terms`` has R by kind; ``curve`` the mean over all tasks at
    d = 0, 1, 2, 4, … 256.
    """
    return risk(features, X, noise=noise, kinds=tasks, each=each, rng=rng)
