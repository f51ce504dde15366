"""The experiment of notebook 07: on real tables, does a mix of two contexts beat the better part?

``python -m contexture_lite.teach.mixing_results FILE.csv.gz`` makes the table that the course
ships; `shipped` reads it, `verdicts` and `counts` judge it, `figure` draws it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

import contexture_lite as cl
from contexture_lite import datasets as real
from contexture_lite._checks import as_count, as_dense, scaled
from contexture_lite.empirical import DataContext
from contexture_lite.experiment import SMALLEST, errors, standardised
from contexture_lite.teach import style

SHIPPED = Path(__file__).parents[2] / "notebooks" / "data" / "mixing.csv.gz"
DATASETS = ("abalone", "cells", "college", "computers", "concrete", "diamonds")
POINTS = 150, 400, 600  # that make the context, have a label, test
# neighbours of each part: few is strong, many is weak
PAIRS = {"strong + strong": ((2, 2), (4, 4)), "strong + weak": ((2, 120), (4, 75)),
         "weak + weak": ((75, 75), (120, 120)), "medium + medium": ((12, 12),)}
RULE = {"strong + strong": "convolution", "strong + weak": "combination",
        "weak + weak": "concatenation"}
SHORT = {"convolution": "con-\nvolve", "combination": "com-\nbine",
         "concatenation": "concat.\ncontexts", "embeddings": "concat.\nembedd."}
LOOKS = {"better": style.TASK, "same": style.GREY, "worse": style.CONTEXT}
TICKS = (0.5, 0.7, 1, 1.4, 2)
VIEWS = ("halves", "same columns")
MIXES = ("convolution", "combination", "concatenation", "embeddings")


def run(datasets=DATASETS, pairs=PAIRS, views=VIEWS, mixes=MIXES, seeds=range(5), *, n_jobs=-1,
        progress=True):
    """Two contexts of neighbours and their mixes: probe errors; a DataFrame.

    The parts are `contexture_lite.knn_context` of 150 points. Views "halves": one knows a
    random half of the columns, the other the other half; "same columns": both know all. The
    mixes are `convolve` (the first part first), `convex_combination` with equal weights,
    revealed, `concatenate`, and `concatenate_embeddings` of d/2 functions each. Points,
    probe and error are those of `contexture_lite.sweep`, with 150 points for the context,
    400 with a label and 600 to test on (60/20/20 % of smaller tables); the number of
    functions and the penalty are chosen by leave-one-out.

    Parameters
    ----------
    datasets : sequence of names
        As in `contexture_lite.datasets.tabular`.
    pairs : dict from str to sequence of (int, int)
        Numbers of neighbours of the two parts, by the name of the kind of pair.
    views : sequence of str
        Some of "halves", "same columns".
    mixes : sequence of str
        Some of "convolution", "combination", "concatenation", "embeddings".
    seeds : sequence of int
        One split of the points and of the columns each.
    n_jobs : int
        Workers of `joblib.Parallel`; the result does not depend on it.
    progress : bool
        Show a bar.

    Returns
    -------
    pandas.DataFrame
        One row for each table, view, pair, seed and context ("first", "second" and the
        mixes), with columns dataset, views, pair, k_first, k_second, seed, context, chi2 and
        tau (empty for embeddings, which have no spectrum), d, error, and error_best, the
        least over d of the test error.
    """
    import joblib
    import pandas as pd
    from tqdm.auto import tqdm

    for name, given, known in (("views", views, VIEWS), ("mixes", mixes, MIXES)):
        for entry in given:
            if entry not in known:
                raise ValueError(f"{name} has {entry!r}; there are {', '.join(known)}")
    sizes = [tuple(as_count("k", k) for k in pair) for kind in pairs.values() for pair in kind]
    tables = {name: real.load(name) for name in datasets}
    jobs = [(name, table.X, table.y, view, sizes, tuple(mixes), as_count("seed", seed, least=0))
            for name, table in tables.items() for view in views for seed in seeds]
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(
        joblib.delayed(_unit)(*job) for job in jobs)
    bar = tqdm(work, total=len(jobs), unit="unit", disable=not progress)
    found = pd.DataFrame([row for rows in bar for row in rows])
    names = {pair: kind for kind, entries in pairs.items() for pair in entries}
    found.insert(2, "pair", [names[pair] for pair in zip(found.k_first, found.k_second)])
    return found


def shipped():
    """The table of `run` that the course ships, a DataFrame."""
    import pandas as pd

    if not SHIPPED.exists():
        raise FileNotFoundError(f"{SHIPPED} is not there: it comes with the notebooks, and "
                                "python -m contexture_lite.teach.mixing_results FILE.csv.gz "
                                "makes it")
    return pd.read_csv(SHIPPED)


def verdicts(table):
    """Each mix against the better part: a DataFrame, one row for each table, view, pair and mix.

    The better part is the one with the smaller mean error over seeds. Columns ``ratio``, of
    mean errors, mix to better part; ``gap``, the mean difference over seeds, and ``se``, its
    standard error; ``verdict``, "better" or "worse" if the gap is beyond 2 ``se``, else
    "same". With five seeds that happens by chance in about one case of nine where there is no
    difference; and seeds of a small table share points, so ``se`` is rather too small.
    """
    import pandas as pd

    if table.seed.nunique() < 2:
        raise ValueError("table has one seed only; a standard error needs two or more")
    case = ["dataset", "views", "pair", "k_first", "k_second"]
    rows = []
    for key, found in table.groupby(case, sort=False):
        errors = found.pivot(index="seed", columns="context", values="error")
        part = errors[errors[["first", "second"]].mean().idxmin()]
        for mix in (mix for mix in MIXES if mix in errors):
            gaps = errors[mix] - part
            gap, se = gaps.mean(), gaps.std() / np.sqrt(len(gaps))
            verdict = "better" if gap < -2 * se else "worse" if gap > 2 * se else "same"
            rows.append(dict(zip(case, key)) | {
                "mix": mix, "ratio": errors[mix].mean() / part.mean(), "gap": gap, "se": se,
                "verdict": verdict})
    return pd.DataFrame(rows)


def counts(table):
    """How often each mix is better, the same, worse than the better part: pairs × mixes."""
    found = verdicts(table)
    many = found.groupby(["pair", "mix", "verdict"]).size().unstack(fill_value=0)
    many = many.reindex(columns=["better", "same", "worse"], fill_value=0)
    text = many.apply(lambda row: ", ".join(f"{n} {name}" for name, n in row.items()), axis=1)
    return text.unstack("mix").loc[list(found.pair.unique()), list(found.mix.unique())]


def figure(table):
    """One point for each case, error of the mix over that of the better part, by kind of pair."""
    found = verdicts(table)
    pairs, mixes = found.pair.unique(), list(found.mix.unique())
    fig, axes = style.panels(len(pairs), size=(13.5, 5.0), left=0.06, bottom=0.14, top=0.75,
                             gap=0.1)
    low, high = 0.93 * found.ratio.min(), 1.04 * found.ratio.max()
    for ax, pair in zip(axes, pairs):
        style.label(ax, pair.replace("+", "and"), "", "error ÷ better part's" * (ax is axes[0]))
        ax.set(yscale="log", ylim=(low, high), xlim=(-0.55, len(mixes) - 0.45))
        ax.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS] if ax is axes[0] else [])
        ax.minorticks_off()
        ax.axhline(1, color=style.INK, lw=1.5)
        for place, mix in enumerate(mixes):
            _column(ax, place, found[(found.pair == pair) & (found.mix == mix)])
        ax.set_xticks(range(len(mixes)), [SHORT[mix] for mix in mixes], fontsize=10.5)
        ax.tick_params(axis="x", length=0)
        if pair in RULE and RULE[pair] in mixes:
            place = mixes.index(RULE[pair])
            ax.axvspan(place - 0.5, place + 0.5, color=style.SHADE, lw=0, zorder=0)
            ax.text(place, -0.13, "the rule", transform=ax.get_xaxis_transform(), ha="center",
                    va="center", fontweight="bold")
    _legend(fig)
    said = "; ".join(f"{pair}: " + ", ".join(f"{mix} {text}" for mix, text in row.items())
                     for pair, row in counts(table).iterrows())
    return style.Picture(fig, f"Mixes against the better part, beyond 2 standard errors. {said}.")


def _column(ax, place, found):
    """The cases of one mix, best to the left; how many are better and worse above."""
    found = found.sort_values("ratio")
    across = place + np.linspace(-0.34, 0.34, len(found)) if len(found) > 1 else [place]
    for x, case in zip(across, found.itertuples()):
        color = LOOKS[case.verdict]
        ax.plot([x], [case.ratio], "o" if case.views == "halves" else "D", ms=6.5, mec=color,
                mfc="white" if case.verdict == "same" else color, mew=1.5, zorder=3)
    for y, verdict in ((1.07, "better"), (1.0, "worse")):
        ax.text(place, y, str((found.verdict == verdict).sum()), ha="center", va="top",
                color=LOOKS[verdict], fontweight="bold", fontsize=13,
                transform=ax.get_xaxis_transform())


def _legend(fig):
    marks = [("o", LOOKS["better"], "mix better (and how often)"), ("o", None, "no difference"),
             ("o", LOOKS["worse"], "mix worse (and how often)"),
             ("o", style.INK, "halves of the columns"), ("D", style.INK, "same columns")]
    with style.settings():
        handles = [Line2D([], [], ls="", marker=mark, ms=9, mec=color or style.GREY, mew=1.5,
                          mfc=color or "white") for mark, color, _ in marks]
        fig.legend(handles, [text for *_, text in marks], loc="upper left", frameon=False,
                   bbox_to_anchor=(0.045, 1.0), ncols=5, fontsize=12.5, handletextpad=0.2,
                   columnspacing=1.4)


def _unit(name, X, y, view, sizes, mixes, seed):
    """The rows of one table, view and seed."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        points, target, sides = _points(X, y, view, np.random.default_rng(seed))
        parts = {}
        for place, columns in enumerate(sides):
            for k in {pair[place] for pair in sizes}:
                context = _knows(columns, cl.knn_context(points[0][:, columns], k))
                parts[place, k] = context, _solved(context, points)
        rows = []
        for first, second in sizes:
            pair = parts[0, first], parts[1, second]
            about = {"dataset": name, "views": view, "k_first": first, "k_second": second,
                     "seed": seed}
            for label, solved in _everything(pair, mixes, points):
                rows.append(about | {"context": label} | _judged(solved, target))
        return rows


def _points(X, y, view, rng):
    """The three parts of the points, targets of the last two, the columns of each context."""
    sizes = POINTS
    if len(X) < sum(sizes):
        sizes = np.minimum(sizes, (np.array([0.6, 0.2, 0.2]) * len(X)).astype(int))
    ends = np.cumsum(sizes)
    parts = np.split(rng.permutation(len(X))[: ends[2]], ends[:2])
    Z = standardised(X, parts[0])
    y = y[:, None] if y.dtype.kind == "f" else (y[:, None] == np.unique(y)).astype(float)
    everything = rng.permutation(Z.shape[1])
    sides = [everything, everything]
    if view == "halves":
        sides = np.array_split(everything, 2)
    return [Z[part] for part in parts], [y[part] for part in parts[1:]], map(np.sort, sides)


def _knows(columns, context):
    """The same context for points with more columns than it looks at."""
    return DataContext(context.joint, extension=lambda X: context.conditional_at(X[:, columns]))


def _everything(pair, mixes, points):
    """(name, `_Solved`) of both parts and of every mix."""
    (first, one), (second, two) = pair
    yield "first", one
    yield "second", two
    if "convolution" in mixes:
        yield "convolution", _solved(cl.convolve(first, second), points)
    if "combination" in mixes:
        yield "combination", _solved(cl.convex_combination([first, second], [1, 1]), points)
    if "concatenation" in mixes:
        yield "concatenation", _solved(cl.concatenate(first, second), points)
    if "embeddings" in mixes:
        yield "embeddings", _together(one, two)


@dataclass(frozen=True)
class _Solved:
    """What `errors` takes: ``rows @ right / values`` are functions at labelled and test points."""

    values: np.ndarray
    right: np.ndarray
    rows: list
    spectrum: np.ndarray  # empty if there is none

    def functions(self):
        """μ at labelled and at test points."""
        return [rows @ self.right / self.values for rows in self.rows]


def _solved(context, points):
    """μ at labelled and test points, by kernels.

    A concatenation is as wide as there are pairs of neighbours, so it is not decomposed but
    its kernel of 150 points is: s² and μ are eigen of k_X − 1, and
    μ(x) = s⁻² Σ_x' p(x') k_X(x, x') μ(x').
    """
    root = np.sqrt(context.p_x)
    kernel = as_dense(context.dual_kernel())
    squares, u = np.linalg.eigh(root[:, None] * (kernel - 1) * root)
    squares, u = squares[::-1], u[:, ::-1] / root[:, None]
    kept = squares > SMALLEST**2
    values = np.sqrt(np.minimum(squares[kept], 1))
    told = scaled(context.joint, right=1 / context.p_a).T  # P(x | a)
    rows = [_product(context.conditional_at(part), told) for part in points[1:]]
    return _Solved(values, u[:, kept] / values, rows, values)


def _product(rows, told):
    """Of sparse tables; as dense ones where much is filled, which is several times faster."""
    if rows.nnz > 0.1 * np.prod(rows.shape):
        return rows.toarray() @ told.toarray()
    return (rows @ told).toarray()


def _together(one, two):
    """Functions of both side by side, in turn, so that the first d are d/2 of each."""
    order = np.argsort(np.concatenate([np.arange(len(s.values)) for s in (one, two)]),
                       kind="stable")
    rows = [cl.concatenate_embeddings(*pair)[:, order]
            for pair in zip(one.functions(), two.functions())]
    return _Solved(np.ones(len(order)), np.eye(len(order)), rows, np.array([]))


def _judged(solved, target):
    found = errors(solved, *solved.rows, *target)
    scores = {"chi2": np.nan, "tau": np.nan}
    if solved.spectrum.size:
        scores = {"chi2": (solved.spectrum**2).sum(), "tau": cl.tau(solved.spectrum).value}
    return scores | {"d": found["d_loo"], "error": found["error_loo"],
                     "error_best": found["error_oracle"]}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contexture_lite.teach.mixing_results FILE.csv.gz")
    run().round(5).to_csv(sys.argv[1], index=False, compression={"method": "gzip", "mtime": 0})
