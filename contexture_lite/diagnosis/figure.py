"""The picture of a diagnosis: error along strength with the verdicts, and what is compared."""

from __future__ import annotations

import numpy as np

from contexture_lite._text import drawn, escaped
from contexture_lite.diagnosis.report import along_strength, headline, markdown
from contexture_lite.diagnosis.rows import NAMES, bands, favourites
from contexture_lite.diagnosis.verdicts import far, sure
from contexture_lite.teach.pictures import style
from contexture_lite.usefulness.rehearsing import FEW

DARK = "#5F6368"  # grey that can be read as text
GOOD = "#D9F0E8"
MIXES = {"convex combination": "combination", "features side by side": "features of both"}
SHOWN = "tau", "effective_rank", "rehearsal"  # scores whose choice is marked
PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}  # of words on lines
SHADES = {"too weak": "#E3E6E9", "too strong": "#E3E6E9", "as good as the best": GOOD}
BROKEN = {"too weak": "too\nweak", "too strong": "too\nstrong", "cannot tell": "cannot\ntell",
          "as good as the best": "as good\nas the\nbest"}


def show_diagnosis(diagnosis):
    """What to use, the figure, and the report below it, in a notebook."""
    from IPython.display import Markdown, display

    display(Markdown(f"**{escaped(headline(diagnosis))}.**"))
    display(draw_diagnosis(diagnosis))
    display(Markdown(markdown(diagnosis)))


def draw_diagnosis(diagnosis):
    """A `style.Picture` of a `Diagnosis`: a panel of what is compared, one for each family.

    First, each bar is of a difference: what it is compared with is the line that it touches or
    not. Then the error along the strengths of every family. The band is of the *difference* from
    the family's best, so a strength is worse than that (and is called so, if all beyond it are)
    where the band stays above the green line. Without labels, the risk on invented tasks.
    Letters below name the strength that a score would choose.
    """
    labelled, names = diagnosis.best is not None, diagnosis.families
    fig, axes = style.panels(len(names) + labelled, height=3.8, left=0.13, top=0.91)
    with style.settings():
        if labelled:
            _compared(axes[0], diagnosis)
        limits = _limits(diagnosis)
        for ax, name in zip(axes[labelled:], names):
            rows = diagnosis.table[diagnosis.table["family"] == name].reset_index(drop=True)
            ax.set(ylim=limits, xlim=(-0.5, len(rows) - 0.5))
            what = "error" if labelled else "risk on invented tasks"
            style.label(ax, f"{_short(name)}: {what}", "effective neighbours, weak to strong")
            (_errors if labelled else _risks)(ax, rows, diagnosis)
            _favourites(ax, name, diagnosis)
            shown = {f"{rows['points'][i]:.0f}": i for i in (len(rows) - 1, len(rows) // 2, 0)}
            ax.set_xticks([*shown.values()], [*shown])  # of equal numbers the first
    return style.Picture(fig, " ".join([headline(diagnosis) + ".", *along_strength(diagnosis)]))


def _short(name, room=16):
    """As much of a name as fits above a panel."""
    return drawn(name if len(name) <= room else name[: room - 1] + "…")


def _limits(diagnosis):
    """The same errors in every panel, of what is worth seeing, with room for words."""
    if diagnosis.best is None:
        risk = diagnosis.table["rehearsal"]
        room = risk.max() - risk.min() or 0.1  # below for the words, a line each
        return risk.min() - 0.4 * room, risk.max() + 0.08 * room
    error = diagnosis.table["error"]
    most = min(error.max(), max(1.05, 1.2 * error.median()))
    least = min(error.min(), diagnosis.baseline.mean(), diagnosis.both["error"])
    return least - 0.45 * (most - least), most + 0.42 * (most - least)


def _errors(ax, rows, diagnosis):
    """Error with its band, verdicts as shaded stretches with their words."""
    if len(rows) > 1:
        for verdict, first, last in bands(rows):
            low, high = first["place"] - 0.5, last["place"] + 0.5
            ax.axvspan(low, high, color=SHADES.get(verdict, "white"), lw=0, zorder=0)
            words = verdict if high - low > 3.5 else BROKEN[verdict]
            if first.name == last.name:  # no room for many words
                words = {"as good as the best": "best", "cannot tell": ""}.get(verdict, words)
            ax.text((low + high) / 2, 0.97, words, ha="center", va="top", fontsize=10.5,
                    transform=ax.get_xaxis_transform(), linespacing=0.95)
    ax.axhline(diagnosis.baseline.mean(), color=style.INK, lw=1.2, ls=(0, (4, 3)), zorder=1)
    least = (rows["error"] - rows["worse"]).mean()
    ax.axhline(least, color=style.TASK, lw=1.2, zorder=1)
    band = far(len(diagnosis.baseline), len(rows), diagnosis.overlap) * rows["worse_se"]
    low, high = rows["error"] - band, rows["error"] + band
    ax.fill_between(rows["place"], low, high, color=style.TASK, alpha=0.22, lw=0)
    ax.plot(rows["place"], rows["error"], "o-", color=style.TASK, ms=6)
    if rows["family"][0] == diagnosis.best["family"]:
        best = diagnosis.best
        ax.plot(best["place"], best["error"], "o", ms=14, mfc="none", mec=style.CONTEXT, mew=2.8)


def _risks(ax, rows, _):
    ax.plot(rows["place"], rows["rehearsal"], "o-", color=style.INPUT, ms=6)


def _favourites(ax, name, diagnosis):
    """The names of the scores at the strengths that they would choose."""
    line = 0
    for score, row in favourites(diagnosis.table).items():
        if row["family"] == name and score in SHOWN:
            early = row["place"] < 4
            ax.text(row["place"] + (-0.2 if early else 0.2), 0.02 + 0.085 * line,
                    f"▲ {NAMES[score]}" if early else f"{NAMES[score]} ▲", fontsize=10.5,
                    ha="left" if early else "right", color=DARK, bbox=PAPER,
                    transform=ax.get_xaxis_transform())
            line += 1


def _compared(ax, diagnosis):
    """Errors of what is compared; bars of the difference from ridge, then from the better part."""
    ax.set_position([0.46, 0.155, 0.5, 0.755])
    found, bars = diagnosis.comparisons, sure(len(diagnosis.baseline))
    context = "chosen context" if diagnosis.sizes[1] < FEW else "best context"
    rows = [("ridge, columns", diagnosis.baseline.mean(), 0.0),
            (context, diagnosis.context[0], found["context, ridge"]["change_se"]),
            ("columns + context", diagnosis.both["error"], found["both, ridge"]["change_se"])]
    ax.plot(2 * [rows[0][1]], [-0.4, 2.4], color=style.INK, lw=1.2, ls=(0, (4, 3)))
    if diagnosis.mixes is not None:
        rows += [("better part", diagnosis.best["error"], 0.0)]
        rows += [(MIXES.get(row.mix, row.mix), row.error, row.change_se)
                 for row in diagnosis.mixes.itertuples()]
        ax.plot(2 * [rows[3][1]], [3.6, len(rows) + 0.4], color=style.CONTEXT, lw=1.2)
        ax.text(-0.02, 3.15, "the two best, mixed", fontsize=11, color=DARK,
                ha="right", va="center", transform=ax.get_yaxis_transform())
    places = [place + (place > 2) for place in range(len(rows))]
    for place, (_, error, se) in zip(places, rows):
        color = {0: style.INK, 4: style.CONTEXT}.get(place, style.TASK)
        ax.errorbar(error, place, xerr=bars * se, fmt="o", color=color, ms=8, lw=2.2, capsize=4)
        if not np.isfinite(error):
            ax.text(0.02, place, "not measured", va="center", fontsize=11, color=DARK,
                    transform=ax.get_yaxis_transform(), bbox=PAPER)
    ax.set_yticks(places, [name for name, *_ in rows], fontsize=11)
    ax.set(ylim=(places[-1] + 0.6, -0.6))
    ax.set_xlabel("error")
    ax.set_title("What to use", x=-0.86)
    ax.tick_params(axis="y", length=0)


TRIED = {"context": "The best context alone", "both": "Columns and context"}
LOOKS = {"better": style.TASK, "cannot tell": style.GREY, "worse": style.CONTEXT}


def draw_trial(found):
    """Errors over that of ridge regression on the columns, a dot a data set, best to the left."""
    fig, axes = style.panels(2, width=4.2, height=3.1, left=0.12, bottom=0.05)
    said = []
    for ax, (what, title) in zip(axes, TRIED.items()):
        rows = found[found["what"] == what].sort_values("ratio")
        colors = rows["verdict"].map(LOOKS)
        ax.scatter(range(len(rows)), rows["ratio"], s=70, edgecolors=colors, linewidths=1.8,
                   facecolors=colors.where(rows["verdict"] != "cannot tell", "white"), zorder=3)
        ax.axhline(1, color=style.INK, lw=1.5)
        ax.set(yscale="log", ylim=(0.6, 13), xticks=[])
        ax.set_yticks((1, 2, 4, 8), ["×1", "×2", "×4", "×8"])
        ax.minorticks_off()
        count = rows["verdict"].value_counts().reindex(list(LOOKS), fill_value=0)
        with style.settings():
            ax.text(0.03, 0.03, f"{count['better']} better", color=LOOKS["better"], fontsize=13,
                    fontweight="bold", transform=ax.transAxes)
            ax.text(0.62, 0.93, f"{count['worse']} worse", color=LOOKS["worse"], fontsize=13,
                    ha="right", fontweight="bold", transform=ax.transAxes)
        style.label(ax, f"{title}, ÷ ridge")
        said.append(f"{title}: better on {count['better']}, worse on {count['worse']} of "
                    f"{len(rows)} tables, median ratio {rows['ratio'].median():.2f}")
    return style.Picture(fig, "Error over that of ridge regression on the columns, a dot for each "
                              f"table. {'; '.join(said)}.")
