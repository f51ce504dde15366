"""The words of a diagnosis: findings with their evidence, as text and as Markdown."""

from __future__ import annotations

from collections import Counter

import numpy as np

from contexture_lite._text import escaped
from contexture_lite.diagnosis.rows import NAMES, bands, by_family, favourites, summary
from contexture_lite.diagnosis.verdicts import advice, best_row, far, sure
from contexture_lite.usefulness.rehearsing import FEW, WORTH

USE = {"ridge": "ridge regression on the columns", "context": "the best context",
       "both": "columns and context side by side"}
MANY = ' If it has many classes, say so: tasks=("classes",).'
WHY = {"convolution": "values that are no points", "concatenation": "too many pairs of values"}


def report(diagnosis):
    """Everything as plain text: findings, then the table."""
    lines = [title(diagnosis), *(f"  {note}" for note in diagnosis.notes), ""]
    lines += [f"* {finding}" for finding in findings(diagnosis)]
    return "\n".join([*lines, "", summary(diagnosis).to_string(index=False)])


def markdown(diagnosis):
    """The same for a notebook, which shows the first finding above the figure."""
    lines = [f"**{title(diagnosis)}**", "", *(f"*{escaped(note)}*  " for note in diagnosis.notes),
             "", *(f"* {escaped(finding)}" for finding in findings(diagnosis)[1:]), ""]
    table = summary(diagnosis)
    rows = [table.columns, ["---"] * table.shape[1], *table.map(escaped).to_numpy()]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def title(diagnosis):
    """What was measured, in a line."""
    rows, columns = diagnosis.shape
    context, labelled, test = diagnosis.sizes
    task = f"{diagnosis.kind}, " if diagnosis.kind else "no y, "
    probe = f", {labelled} with a label, {test} to test" if diagnosis.kind else ""
    return (f"Diagnosis of {rows:,} × {columns}: {task}{len(diagnosis.baseline)} random splits, "
            f"{context} points make the context{probe}")


def headline(diagnosis):
    """What to use, and by how much it is better."""
    if diagnosis.best is None:
        return _without_labels(diagnosis)[0].rstrip(".")
    use, found = advice(diagnosis.comparisons), diagnosis.comparisons
    error = {"ridge": diagnosis.baseline.mean(), "context": diagnosis.context[0],
             "both": diagnosis.both["error"]}
    if use == "nothing":
        return "Nothing measured here predicts y better than its mean"
    if use == "ridge":
        behind = [name for name in ("context", "both")
                  if found[f"{name}, ridge"]["verdict"] == "worse"]
        beside = "better than every context" if "context" in behind else (
            "no context is seen to do better")
        return f"Use ridge regression on the columns: error {error['ridge']:.3f}, {beside}"
    gain = found[f"{use}, ridge"]
    return (f"Use {_named(diagnosis, use)}: error {error[use]:.3f}, better than ridge on the "
            f"columns by {-gain['change']:.3f} ± {gain['change_se']:.3f}")


def _named(diagnosis, use):
    """What to use, in words; of few labels the context is not the best, but the one they choose."""
    few = use == "context" and diagnosis.sizes[1] < FEW
    return "the context that the labels choose" if few else USE[use]


def findings(diagnosis):
    """Sentences, the most important first."""
    if diagnosis.best is None:
        return _without_labels(diagnosis)
    said = [f"{headline(diagnosis)}.", _errors(diagnosis), _both(diagnosis)]
    if diagnosis.sizes[1] < FEW:
        said.append(_few(diagnosis))
    said += along_strength(diagnosis)
    if diagnosis.mixes is not None:
        said += [_rule(diagnosis), _mixes(diagnosis)]
    return [*said, _choices(diagnosis), _certainty(diagnosis)]


def _errors(diagnosis):
    """The three errors side by side, for classes with the share that is right."""
    both, found = diagnosis.both, diagnosis.comparisons
    rows = {"ridge": (diagnosis.baseline.mean(), diagnosis.baseline_right),
            "context": diagnosis.context, "both": (both["error"], both["right"])}

    def told(name):
        error, right = rows[name]
        text = f"{_named(diagnosis, name)} {error:.3f}"
        if np.isfinite(right):
            text += f" ({100 * right:.0f} % of the classes right)"
        if name == "ridge":
            return text
        change = found[f"{name}, ridge"]
        return text + (f" ({change['change']:+.3f} ± {change['change_se']:.3f} beside ridge: "
                       f"{change['verdict']})")

    what = "share of the variance that is missed; 1 is no better than the mean"
    return f"Error ({what}): {', '.join(map(told, rows))}."


def _both(diagnosis):
    """Which context was put beside the columns, and what the error of the best context means."""
    best, both = diagnosis.best, diagnosis.both
    family, times = Counter(both["families"]).most_common(1)[0]
    return (f"The best context is {best['family']} with {best['points']:.0f} of "
            f"{diagnosis.sizes[0]} points as effective neighbours, d = {best['d']}: "
            f"{best['error']:.3f}, which the choice may flatter; the honest estimate, "
            f"{best['honest']:.3f}, is of contexts chosen without the split they are measured "
            "on. Beside the columns stands the context that rehearses best on invented tasks "
            f"({family} in {times} of {len(both['d'])} splits), with {min(both['d'])} to "
            f"{max(both['d'])} functions, as leave-one-out among the labels decides.")


def _few(diagnosis):
    """Which context the few labels choose, rehearsal having its say."""
    chosen, m = diagnosis.chosen, diagnosis.sizes[1]
    family, times = Counter(chosen["families"]).most_common(1)[0]
    return (f"With {m} labels, leave-one-out alone is often a poor guide among many contexts. The "
            f"least sum of its logarithm and {WORTH}/{m} of the rehearsal risk's chooses {family} "
            f"in {times} of {len(chosen['families'])} splits: error {chosen['error']:.3f}, by "
            f"leave-one-out alone {chosen['alone']:.3f}.")


def along_strength(diagnosis):
    """A sentence on every family; without labels on the risk of its strengths."""
    if diagnosis.best is not None:
        return [_family(name, rows) for name, rows in by_family(diagnosis)]
    return [f"{name}: risk on invented tasks {rows['rehearsal'].iloc[0]:.3f} at the weak end, "
            f"{rows['rehearsal'].min():.3f} at the least, {rows['rehearsal'].iloc[-1]:.3f} at the "
            "strong end." for name, rows in by_family(diagnosis)]


def _family(name, rows):
    """The best of a family, and the verdict on every strength."""
    best = best_row(rows)
    text = (f"{name}: best with {best['points']:.0f} neighbours (error "
            f"{best['error']:.3f})")
    if len(rows) == 1:
        return f"{text}, the only strength."
    parts = []
    for verdict, first, last in bands(rows):
        span = " to ".join(dict.fromkeys(f"{row['points']:.0f}" for row in (first, last)))
        end = {"too weak": last, "too strong": first}.get(verdict)
        if end is not None:
            parts.append(f"{verdict} with {span} ({end['worse']:+.3f} ± {end['worse_se']:.3f} at "
                         f"{end['points']:.0f})")
        elif verdict != "cannot tell" and first.name != last.name:
            parts.append(f"{verdict} with {span}")
    if "cannot tell" in set(rows["verdict"]):
        parts.append("about the others the splits cannot tell" if parts else
                     "about the other strengths the splits cannot tell")
    return f"{text}; {', '.join(parts)}."


def _rule(diagnosis):
    """What the rule of notebook 07 says about the two best contexts."""
    asked, named = diagnosis.suggestion, "the rule names no mix"
    state = "; ".join(f"{name}: {state}" if state != "neither" else
                      f"{name}: not seen to be either"
                      for name, state in zip(asked["parts"], asked["states"]))
    if asked["mix"]:
        row = diagnosis.mixes.set_index("mix").loc[asked["mix"]]
        named = f"the rule names {asked['mix']}, which here is {_word(row)}"
    return ("The rule for mixes (both parts too weak: concatenate; both too strong: convolve; one "
            "of each: combine) asks whether the best strength of each of the two best families is "
            f"still too weak or too strong. {state}. So "
            f"{named}.")


def _word(row):
    return {"better": "better than the better part", "worse": "worse than the better part",
            "cannot tell": "not told apart from the better part",
            "not measured": "not measured"}[row["verdict"]]


def _mixes(diagnosis):
    """What every mix of the two did."""
    told = [f"{row.mix} not measured ({WHY[row.mix]})" if row.verdict == "not measured" else
            f"{row.mix} {row.error:.3f} ({row.change:+.3f} ± {row.change_se:.3f}: {row.verdict})"
            for row in diagnosis.mixes.itertuples()]
    return f"Mixes of these two beside the better one: {', '.join(told)}."


def _choices(diagnosis):
    """What each score would choose, and what that costs."""
    told = [f"{NAMES[score]} {row['family']} at {row['points']:.0f} "
            f"({row['error'] - diagnosis.best['error']:+.3f})"
            for score, row in favourites(diagnosis.table).items()]
    return ("What scores that see no y would choose, and what it costs: " + ", ".join(told) + ".")


def _certainty(diagnosis):
    """What ± means, and how many verdicts are wrong by chance."""
    splits = len(diagnosis.baseline)
    strengths = int(diagnosis.table["family"].value_counts().max())
    count = 2 + (0 if diagnosis.mixes is None else int(diagnosis.mixes["error"].notna().sum()))
    return (f"± is one standard error of a difference between two things measured on the same "
            "splits. A strength is called too weak or too strong from "
            f"{far(splits, strengths, diagnosis.overlap):.1f} of them on, which goes wrong in at "
            f"most 5 of 100 families; better and worse count from {sure(splits):.1f} on, so that "
            f"by chance {0.05 * count:.1f} of the {count} comparisons above would be wrong. All "
            f"this holds for {diagnosis.sizes[0]} context points and {diagnosis.sizes[1]} labels; "
            "with more of them stronger contexts may become affordable.")


def _without_labels(diagnosis):
    told = [f"{NAMES[score]} {row['family']} at {row['points']:.0f}"
            for score, row in favourites(diagnosis.table).items()]
    row = favourites(diagnosis.table).get("rehearsal")
    promise = "" if row is None else (
        f" Rehearsed on invented tasks ({', '.join(diagnosis.tasks)}) {row['family']} with "
        f"{row['points']:.0f} effective neighbours has the least risk, {row['rehearsal']:.3f}: the "
        "one to begin with, if your task may be of that kind."
        + (MANY if "classes" not in diagnosis.tasks else ""))
    return [
        "Without y there is no best context: the same spectrum serves one task well and "
        f"another badly. Give y to measure errors.{promise}",
        "What each score prefers, and with how many neighbours: " + ", ".join(told) + ".",
        f"What a spectrum can say: s₁ near 0 is a context that tells nothing about x; an effective "
        f"rank near {diagnosis.sizes[0] - 1} is one in which nearly every point stands for "
        "itself, and nothing is shared with new points.",
    ]
