"""The words of a diagnosis: findings with their evidence, as text and as Markdown."""

from __future__ import annotations

from contexture_lite._measured import SCORES
from contexture_lite._verdicts import SURE

NAMES = {"tau": "τ", "effective_rank": "effective rank", "log_trace": "log trace",
         "decay_rate": "decay rate"}


def report(diagnosis):
    """Everything as plain text: findings, then the table."""
    lines = [title(diagnosis), *(f"  {note}" for note in diagnosis.notes), ""]
    lines += [f"* {finding}" for finding in findings(diagnosis)]
    return "\n".join([*lines, "", summary(diagnosis).to_string(index=False)])


def markdown(diagnosis):
    """The same for a notebook."""
    lines = [f"**{title(diagnosis)}**", "", *(f"*{note}*  " for note in diagnosis.notes), ""]
    lines += [f"* {finding}" for finding in findings(diagnosis)]
    table = summary(diagnosis)
    rows = [table.columns, ["---"] * table.shape[1], *table.to_numpy()]
    return "\n".join([*lines, "", *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def title(diagnosis):
    """What was measured, in a line."""
    rows, columns = diagnosis.shape
    context, labelled, test = diagnosis.sizes
    task = f"{diagnosis.kind}, " if diagnosis.kind else "no y, "
    probe = f", {labelled} with a label, {test} to test" if diagnosis.kind else ""
    return (f"Diagnosis of {rows:,} × {columns}: {task}{len(diagnosis.baseline)} random splits, "
            f"{context} points make the context{probe}")


def findings(diagnosis):
    """Sentences, the most important first."""
    if diagnosis.best is None:
        return _without_labels(diagnosis)
    best = diagnosis.best
    found = [
        f"Best: {best['family']}, a point tied to about {best['points']:.0f} of "
        f"{diagnosis.sizes[0]}, d = {best['d']}: error {best['error']:.3f} ± {best['se']:.3f} (1 "
        "is no better than the mean). Chosen without the split it is measured on, "
        f"{best['fresh']:.3f}; ridge regression on the columns, {diagnosis.baseline.mean():.3f}.",
    ]
    if best["fresh"] + SURE * best["se"] >= 1:
        found.append("No context is seen to predict y better than its mean does, so that what "
                     "follows is about noise: more rows, or other columns, would help more.")
    elif best["beside_ridge"] > SURE * best["beside_ridge_se"]:
        found.append(
            f"Ridge regression on the columns does better than every context here (the best is "
            f"{best['beside_ridge']:+.3f} ± {best['beside_ridge_se']:.3f} beside it): use that.")
    found += [_family(name, rows) for name, rows in _by_family(diagnosis)]
    if diagnosis.mixes is not None:
        found.append(_mix(diagnosis))
    found.append(_choices(diagnosis))
    found.append(
        f"± is one standard error, and a difference counts from two. All this holds for "
        f"{diagnosis.sizes[0]} context points and {diagnosis.sizes[1]} labels; with more of them "
        "stronger contexts may become affordable.")
    return found


def _by_family(diagnosis):
    return [(name, diagnosis.table[diagnosis.table["family"] == name])
            for name in diagnosis.families]


def _family(name, rows):
    """What is too weak, about right and too strong, with the evidence at the ends."""
    best = rows.loc[rows["error"].idxmin()]
    beside = f"{best['behind']:+.3f} ± {best['behind_se']:.3f} beside the best of all"
    if len(rows) == 1:
        return (f"{name}: {best['verdict']}, tied to {best['points']:.0f} points (error "
                f"{best['error']:.3f}, {beside}).")
    right = rows[rows["verdict"] == "about right"]
    parts = []
    for verdict, end in (("too weak", rows.iloc[0]), ("too strong", rows.iloc[-1])):
        if end.name == best.name:
            continue
        change = f"{end['worse']:+.3f} ± {end['worse_se']:.3f} at {end['points']:.0f}"
        parts.append(f"the {'weak' if verdict == 'too weak' else 'strong'} end is "
                     + (f"{verdict} ({change})" if end["verdict"] == verdict else
                        f"not told apart from the best ({change})"))
    if (rows["verdict"] == "about right").all():
        parts.insert(0, "cannot tell strengths apart")
    span = f"{right['points'].iloc[0]:.0f}"
    if len(right) > 1:
        span += f" to {right['points'].iloc[-1]:.0f}"
    return (f"{name}: about right when tied to {span} points, best at {best['points']:.0f} "
            f"(error {best['error']:.3f}{', ' + beside if best['behind'] else ''}); "
            + "; ".join(parts) + ".")


def _mix(diagnosis):
    """The suggestion, whether it helped, and what the other mixes did."""
    asked, mixes = diagnosis.suggestion, diagnosis.mixes.set_index("mix")
    first, second = asked["parts"]

    def result(mix):
        row = mixes.loc[mix]
        return (f"{row['error']:.3f} ({row['change']:+.3f} ± {row['change_se']:.3f}: "
                f"{row['verdict']})")

    row = mixes.loc[asked["mix"]]
    helps = {"better": "and it helps", "worse": "but here it hurts: stay with the best context",
             "cannot tell": "but no gain can be seen: stay with the best context",
             "not measured": "but these values are not points that a chain could go on from",
             }[row["verdict"]]
    others = ", ".join(f"{mix} {result(mix)}" for mix in mixes.index
                       if mix != asked["mix"] and row.notna().all())
    return (f"Mix suggested by theory: {asked['mix']} of {first} and {second}, since "
            f"{asked['why']}; {helps}: {result(asked['mix'])} beside the best context. "
            f"The others: {others}.")


def _choices(diagnosis):
    """What each score would choose, and what that costs."""
    table, least = diagnosis.table, diagnosis.best["error"]
    told = []
    for score, row in favourites(table).items():
        told.append(f"{NAMES[score]} {row['family']} at {row['points']:.0f} "
                    f"({row['error'] - least:+.3f})")
    return ("What scores of the spectrum alone would choose, and what it costs: "
            + ", ".join(told) + ". They do not see y.")


def _without_labels(diagnosis):
    told = [f"{NAMES[score]} {row['family']} at {row['points']:.0f}"
            for score, row in favourites(diagnosis.table).items()]
    return [
        "Without y there is no best context: the same spectrum serves one task well and "
        "another badly. Give y to measure errors.",
        "What each score prefers (a point is tied to so many): " + ", ".join(told) + ".",
        f"What a spectrum can say: s₁ near 0 is a context that tells nothing about x; an effective "
        f"rank near {diagnosis.sizes[0] - 1} is one in which nearly every point stands for "
        "itself, and nothing is shared with new points.",
    ]


def favourites(table):
    """{score: the row that it likes best}, among contexts that are not independent."""
    known = table.dropna(subset=list(SCORES))
    return {score: known.loc[known[score].idxmin() if better == "smaller" else
                             known[score].idxmax()]
            for score, better in SCORES.items() if len(known)}


def summary(diagnosis):
    """The ends and the best of each family (without y the middle), as texts."""
    import pandas as pd

    rows = []
    for _, block in _by_family(diagnosis):
        middle = block["error"].idxmin() if diagnosis.best else block.index[len(block) // 2]
        for index in sorted({block.index[0], middle, block.index[-1]}):
            row = block.loc[index]
            cells = {"family": row["family"], "points": f"{row['points']:.0f}",
                     "s₁": f"{row['s1']:.3f}", "Σs²": f"{row['chi2']:.2f}"}
            cells |= {NAMES[score]: f"{row[score]:.3g}" for score in SCORES}
            if diagnosis.best:
                mark = " (best)" if index == middle else ""
                cells |= {"error": f"{row['error']:.3f} ± {row['se']:.3f}",
                          "verdict": row["verdict"] + mark}
            rows.append(cells)
    return pd.DataFrame(rows)
