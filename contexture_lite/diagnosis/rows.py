"""Rows of a diagnosis's table that are read: families, runs of one verdict, favourites, ends."""

from __future__ import annotations

import numpy as np

from contexture_lite.experiment.protocol import SCORE_NAMES, SCORES, first_least

NAMES = SCORE_NAMES | {"rehearsal": "rehearsal"}
FAVOURS = SCORES | {"rehearsal": "smaller"}


def by_family(diagnosis):
    """(name, its rows) of every family."""
    return [(name, diagnosis.table[diagnosis.table["family"] == name])
            for name in diagnosis.families]


def bands(rows):
    """Runs of strengths with one verdict, weakest first: (verdict, first row, last row)."""
    verdict = rows["verdict"].to_numpy()
    ends = [*np.flatnonzero(verdict[1:] != verdict[:-1]), len(rows) - 1]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [(verdict[start], rows.iloc[start], rows.iloc[end]) for start, end in zip(starts, ends)]


def favourites(table):
    """{score: the row that it likes best}, among contexts that are not independent."""
    known, sign = table.dropna(subset=list(SCORES)), {"smaller": 1, "larger": -1}
    return {score: known.iloc[first_least(sign[better] * known[score].to_numpy())]
            for score, better in FAVOURS.items() if len(known)}


def summary(diagnosis):
    """The ends and the best of each family (without y of the least rehearsal risk), as texts."""
    import pandas as pd

    rows, column = [], "error" if diagnosis.best else "rehearsal"
    for _, block in by_family(diagnosis):
        middle = block.index[first_least(block[column].to_numpy())]
        for index in sorted({block.index[0], middle, block.index[-1]}):
            row = block.loc[index]
            cells = {"family": row["family"], "points": f"{row['points']:.0f}",
                     "Σs²": f"{row['chi2']:.2f}"}
            cells |= {NAMES[score]: f"{row[score]:.3g}"
                      for score in ("tau", "effective_rank", "rehearsal")}
            if diagnosis.best:
                cells["error"] = f"{row['error']:.3f} ± {row['se']:.3f}"
                if diagnosis.kind == "classification":
                    cells["right"] = f"{100 * row['right']:.0f} %"
                cells["verdict"] = "best" if index == middle else row["verdict"]
            rows.append(cells)
    return pd.DataFrame(rows)
