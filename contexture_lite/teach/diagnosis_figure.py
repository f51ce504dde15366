"""The picture of a diagnosis: error along strength, what scores prefer, and the mixes."""

from __future__ import annotations

import numpy as np

from contexture_lite._diagnosis_text import NAMES, favourites, findings, markdown
from contexture_lite._measured import SCORES
from contexture_lite.teach import style

CURVES = 32  # singular values drawn where there is no error
DARK = "#5F6368"  # grey that can be read as text


def show_diagnosis(diagnosis):
    """The figure, and the report below it, in a notebook."""
    from IPython.display import Markdown, display

    display(draw_diagnosis(diagnosis))
    display(Markdown(markdown(diagnosis)))


def draw_diagnosis(diagnosis):
    """A `style.Picture` of a `Diagnosis`: one panel for each family, and one for the mixes.

    Above, the error with a band of two standard errors, grey where it is too weak or too
    strong, vermilion at the best (without labels: spectra, dark for strong contexts). Below,
    each score along the strengths, dark where it is best, a dot at its favourite.
    """
    mixes = diagnosis.mixes is not None
    count = len(diagnosis.families)
    fig = style.figure()
    with style.settings():
        axes = fig.subplots(2, count + mixes, squeeze=False, gridspec_kw=dict(
            left=0.112, right=0.985, bottom=0.135, top=0.77, wspace=0.1, hspace=0.08,
            height_ratios=[3, 1.35]))
        fig.text(0.012, 0.925, _headline(diagnosis), fontsize=17, fontweight="bold")
        limits = _limits(diagnosis) if diagnosis.best else (0, 1.02)
        for column, name in enumerate(diagnosis.families):
            rows = diagnosis.table[diagnosis.table["family"] == name].reset_index(drop=True)
            above, below = axes[:, column]
            if diagnosis.best:
                _errors(above, rows, diagnosis, name)
            else:
                _spectra(above, diagnosis.values[name])
            about = "" if diagnosis.best else f":  $s_i^2$, i = 1 … {CURVES}, dark: strong"
            above.set(title=_short(name, count + mixes) + about, ylim=limits)
            _scores(below, rows)
            if column:
                above.tick_params(labelleft=False)
                below.tick_params(labelleft=False, left=False)
        axes[0, 0].set_ylabel("test error" if diagnosis.best else "")
        if mixes:
            _mixes(axes[0, -1], axes[1, -1], diagnosis, limits)
            fig.text(0.985, 0.018, "band ± 2 s.e.   - - ridge on the columns", ha="right",
                     fontsize=10.5, color=DARK)
        right = axes[1, count - 1].get_position().x1
        fig.text((0.112 + right) / 2, 0.018, "weak  ←  points that a point is tied to  →  strong",
                 ha="center", fontsize=12.5)
    return style.Picture(fig, " ".join(["Diagnosis.", *findings(diagnosis)[:-1]]))


def _headline(diagnosis):
    if not diagnosis.best:
        return "Without labels: spectra, and scores that cannot see the task"
    best, text = diagnosis.best, ""
    if diagnosis.mixes is not None:
        mix = diagnosis.suggestion["mix"]
        row = diagnosis.mixes.set_index("mix").loc[mix]
        text = {"better": f"; {mix} does better", "worse": f"; {mix} does worse",
                "cannot tell": f"; no gain seen from {mix}", "not measured": ""}[row["verdict"]]
    return (f"Best: {best['family']}, tied to {best['points']:.0f} of {diagnosis.sizes[0]} points"
            f"{text}")


def _short(name, panels):
    """As much of a name as fits above one of so many panels."""
    room = max(5, 95 // panels)
    return name if len(name) <= room else name[: room - 1] + "…"


def _limits(diagnosis):
    """The same errors in every panel, of what is worth seeing, with room for words above."""
    low, high = (diagnosis.table["error"] + sign * 2 * diagnosis.table["se"] for sign in (-1, 1))
    most = min(high.max(), max(1.05, 1.2 * diagnosis.table["error"].median()))
    least = min(low.min(), diagnosis.baseline.mean())
    return max(0, least - 0.05 * (most - least)), most + 0.25 * (most - least)


def _errors(ax, rows, diagnosis, name):
    place, error, band = rows["place"], rows["error"], 2 * rows["se"]
    for at in place[rows["verdict"] != "about right"]:
        ax.axvspan(at - 0.5, at + 0.5, color=style.SHADE, lw=0, zorder=0)
    for verdict, x, side in (("too weak", 0.02, "left"), ("too strong", 0.98, "right")):
        if (rows["verdict"] == verdict).any():
            ax.text(x, 0.985, verdict.replace(" ", "\n"), ha=side, va="top", fontsize=11,
                    transform=ax.transAxes, color=DARK, linespacing=0.95)
    ax.axhline(diagnosis.baseline.mean(), color=style.INK, lw=1.2, ls=(0, (4, 3)), zorder=1)
    ax.fill_between(place, error - band, error + band, color=style.TASK, alpha=0.2, lw=0)
    ax.plot(place, error, "o-", color=style.TASK, ms=5)
    if len(rows) == 1:
        ax.errorbar(place, error, band, color=style.TASK, lw=2.2, capsize=4)
    if name == diagnosis.best["family"]:
        best = diagnosis.best
        ax.plot(best["place"], best["error"], "o", ms=13, mfc="none", mec=style.CONTEXT, mew=2.8)
    ax.set_xlim(-0.5, len(rows) - 0.5)
    ax.set_xticks([])


def _spectra(ax, values):
    """The first squared singular values, lighter for weaker contexts."""
    for number, squared in enumerate(values):
        depth = 0.25 + 0.75 * number / max(1, len(values) - 1)
        first = squared[:CURVES]
        ax.plot(np.linspace(-0.5, len(values) - 0.5, CURVES)[:len(first)], first,
                color=style.PROBABILITY(depth), lw=2)
    ax.set_xlim(-0.5, len(values) - 0.5)
    ax.set_xticks([])


def _scores(ax, rows):
    """One strip for each score, dark where it finds the context useful."""
    if len(rows) == 1:  # nothing to prefer it to
        ax.set(xlim=(-0.5, 0.5), ylim=(0, 1))
        style.bare(ax)
        ax.set_xticks([0], [f"{rows['points'][0]:.0f}"])
        ax.tick_params(length=0)
        return
    table = rows[list(SCORES)].to_numpy(dtype=float).T.copy()
    table[[better == "larger" for better in SCORES.values()]] *= -1
    low, high = (f(table, axis=1, keepdims=True) for f in (np.nanmin, np.nanmax))
    good = 1 - (table - low) / np.where(high > low, high - low, 1)
    ax.imshow(np.nan_to_num(good), cmap=style.PROBABILITY, vmin=0, vmax=1.7, aspect="auto",
              extent=(-0.5, len(rows) - 0.5, len(good) - 0.5, -0.5))
    for line, row in enumerate(favourites(rows).values()):
        ax.plot(row["place"], line, "o", color=style.INK, ms=6)
    ax.set_yticks(range(len(good)), [NAMES[score] for score in SCORES])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    shown = sorted({0, len(rows) // 2, len(rows) - 1})
    ax.set_xticks(shown, [f"{rows['points'][i]:.0f}" for i in shown])


def _mixes(ax, below, diagnosis, limits):
    """The best context and the three mixes of the same two, with two standard errors."""
    best, mixes = diagnosis.best, diagnosis.mixes
    errors, bands = [best["error"], *mixes["error"]], 2 * np.array([best["se"], *mixes["se"]])
    for at, (error, band) in enumerate(zip(errors, bands)):
        color = style.CONTEXT if at == 0 else style.TASK
        ax.errorbar(at, error, band, fmt="o", color=color, ms=8, lw=2.2, capsize=4)
    ax.axhline(best["error"], color=style.CONTEXT, lw=1.2, zorder=0)
    ax.set(title="mixes", xlim=(-0.5, 3.5), ylim=limits)
    ax.set_xticks([])
    ax.tick_params(labelleft=False)
    below.set(xlim=(-0.5, 3.5), ylim=(0, 1))
    style.bare(below)
    for at, name in enumerate(["best alone", *mixes["mix"]]):  # in steps, to have room
        bold = name == diagnosis.suggestion["mix"]
        below.text(at + 0.5 * (at == 3), (0.97, 0.5, 0.97, 0.2)[at], name.replace(" ", "\n"),
                   ha="right" if at == 3 else "center", va="top", fontsize=10.5,
                   linespacing=0.95, fontweight="bold" if bold else "normal")
