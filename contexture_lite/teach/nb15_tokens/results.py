"""The shipped grid of notebook 15, D-iGPT in miniature: its table, and pictures of the lesson."""

from __future__ import annotations

from functools import cache

import numpy as np

from contexture_lite.datasets.tables import shipped
from contexture_lite.teach.nb15_tokens.digpt import TARGETS, WHOLE
from contexture_lite.teach.nb15_tokens.texts import VOCABULARIES
from contexture_lite.teach.pictures import style

SHORT = dict(zip(TARGETS, ("pixels", "label-free, own", "labels, own", "label-free, whole",
                           "labels, whole")))
COLORS = dict(zip(TARGETS, (style.GREY, style.SKY, style.INPUT, style.ORANGE, style.CONTEXT)))
TICKS = [name.replace("BPE ", "") for name in VOCABULARIES]


@cache
def _grid():
    """The table as `digpt.run` makes it: a row for each student, target, width, labels and seed."""
    return shipped(__package__, "digpt.csv.gz")


def digpt_table(labels, student="closed form", d=16):
    """Mean share right over the seeds: targets × (next, next + visible), as a DataFrame."""
    table = _grid()
    kept = table[(table.labels == labels) & (table.student == student) & (table.d == d)]
    means = kept.groupby(["target", "visible"]).right.mean().unstack()
    return means.rename(columns={False: "next", True: "next + visible"}).reindex(
        [target for target in TARGETS if target in means.index])


def controls(labels):
    """Mean share right of what is no student: pixel PCA with 16 and 48, untrained states."""
    table = _grid()
    kept = table[(table.labels == labels) & table.student.isin(["pixel PCA", "untrained"])]
    means = kept.groupby(["student", "d"]).right.mean()
    return {"untrained transformer": means["untrained", 48],
            "pixel PCA, 16": means["pixel PCA", 16],
            "pixel PCA, 48": means["pixel PCA", 48]}


def picture_digpt(labels=100):
    """Left the closed form, in the middle the transformer, right the closed form along d."""
    fig, (closed, trained, width) = style.panels(3, width=3.9, height=3.9, left=0.425)
    with style.settings():
        known = controls(labels)
        _draw_targets(closed, digpt_table(labels), "Closed form, $d=16$",
                      {"pixel PCA": known["pixel PCA, 16"]})
        _draw_targets(trained, digpt_table(labels, "transformer", 48), "Transformer, $d=48$",
                      {"pixel PCA": known["pixel PCA, 48"],
                       "untrained": known["untrained transformer"]})
        box = width.get_position()
        width.set_position([0.15, box.y0, 0.82, box.height])
        _draw_widths(width, labels)
    rows = "; ".join(f"{SHORT[target]} {' '.join(f'{v:.2f}' for v in row.dropna())}"
                     for target, row in digpt_table(labels).iterrows())
    return style.Picture(fig, f"Share of digits right with {labels} labels, next token and next + "
                              f"visible, closed form with 16 functions: {rows}.")


def _draw_targets(ax, table, title, references):
    """A dot for the next token, a ring for next and visible; lines for the controls."""
    style.label(ax, title, "share right")
    place = np.arange(len(table))[::-1]
    for (name, value), look in zip(references.items(), ("--", ":")):
        ax.axvline(value, 0.31, color=style.INK, ls=look, lw=2, label=name)
    for y, (target, row) in zip(place, table.iterrows()):
        ax.plot(row.dropna(), [y] * row.notna().sum(), color=COLORS[target], lw=3)
        ax.plot(row["next"], y, "o", ms=11, color=COLORS[target], mec=style.INK)
        ax.plot(row["next + visible"], y, "D", ms=9, mfc="white", mec=style.INK, mew=2)
    ax.plot([], [], "o", ms=11, color=style.GREY, mec=style.INK, label="next")
    ax.plot([], [], "D", ms=9, mfc="white", mec=style.INK, mew=2, label="+ visible")
    ax.legend(loc="lower left", frameon=False, handlelength=1.2, borderpad=0, labelspacing=0.2)
    ax.set(yticks=place, xlim=(0.5, 0.95), ylim=(-2.6, len(table) - 0.4))
    ax.set_yticklabels([SHORT[target] for target in table.index])


def _draw_widths(ax, labels):
    """Next token, closed form: each target along the number of functions."""
    style.label(ax, "Closed form, next token", "functions $d$", "share right")
    table = _grid()
    kept = table[(table.student == "closed form") & ~table.visible & (table.labels == labels)]
    for target in TARGETS:
        part = kept[kept.target == target].groupby("d").right.mean()
        ax.plot(part.index, part, marker="o", color=COLORS[target], ms=7,
                ls="--" if target in WHOLE else "-", label=SHORT[target])
    ax.set(xscale="log", ylim=(0, 0.95), xticks=[])
    ax.set_xticks([4, 8, 16, 32], ["4", "8", "16", "32"])
    ax.minorticks_off()
    ax.legend(loc="lower right", frameon=False, handlelength=1.4, borderpad=0, labelspacing=0.2)


def picture_prices(table):
    """Bits a byte held out, with the bill for spelling; s₁ of the text and held out; χ²."""
    mean = table.groupby("tokeniser")[list(table.columns[2:])].mean().loc[list(VOCABULARIES)]
    fig, (bits, first, total) = style.panels(3, left=0.17)
    place = np.arange(len(mean))
    with style.settings():
        style.label(bits, "Bits a byte, held out", "merges")
        bits.bar(place - 0.2, mean.unigram, 0.4, color=style.GREY, label="one token")
        bits.bar(place + 0.2, mean.bigram, 0.4, color=style.INPUT, label="two")
        bits.bar(place + 0.2, mean.spelling, 0.4, color=style.CONTEXT, label="spelling")
        bits.set(ylim=(0, 6.4))
        bits.legend(loc="upper right", frameon=False, ncols=3, handlelength=0.8, columnspacing=0.7,
                    handletextpad=0.3, borderpad=0)
        style.label(first, "Best feature", "merges", "$s_1$")
        first.bar(place, mean.plug_in, 0.6, color=style.INPUT, label="same text, mean")
        every = table.tokeniser.map(dict(zip(VOCABULARIES, place))) + 0.18 * (
            table.seed - table.seed.mean())
        first.plot(every, table.held_out, "o", ms=9, color=style.ORANGE, mec=style.INK,
                   label="held out, each split", clip_on=False)
        first.set(ylim=(0, 1.5), yticks=[0, 0.5, 1])
        first.legend(loc="upper left", frameon=False, borderpad=0, handlelength=1)
        style.label(total, "All features, $\\chi^2$", "merges")
        total.bar(place, mean.chi2, 0.6, color=style.INPUT, label="of the text")
        total.bar(place, mean.chance, 0.6, color=style.GREY, label="by chance")
        total.legend(loc="upper left", frameon=False, borderpad=0, handlelength=1)
        for ax in (bits, first, total):
            ax.set_xticks(place, TICKS)
    said = "; ".join(f"{name}: {row.tokens:.2f} tokens a byte, bigram {row.bigram:.2f} bits a byte"
                     for name, row in mean.iterrows())
    return style.Picture(fig, f"Mean of the splits. {said}.")


def picture_meaning(rows):
    """Neighbours of the same class and of the same spelling: {vocabulary: (class, plural)}."""
    fig, [ax] = style.panels(1, width=6.2, height=3.2, left=0.12)
    place = np.arange(len(rows))
    same, plural = np.transpose(list(rows.values()))
    with style.settings():
        style.label(ax, "The nearest neighbour of a word is …", "vocabulary", "share of words")
        ax.plot(place, same, "-o", color=style.TASK, ms=9, label="of the same kind")
        ax.plot(place, plural, "--s", color=style.CONTEXT, ms=9, label="its own plural")
        ax.set(ylim=(0, 1.02), yticks=[0, 0.5, 1])
        ax.set_xticks(place, list(rows))
        ax.legend(loc="upper right", frameon=False, borderpad=0)
    said = "; ".join(f"{name} {a:.2f} and {b:.2f}" for name, (a, b) in rows.items())
    return style.Picture(fig, f"Neighbour of the same kind, and own plural: {said}.")


def picture_languages(table):
    """Tokens of each language relative to English, by two vocabularies, and bytes."""
    order = table.sort_values("BPE of English").index
    fig, [ax] = style.panels(1, width=7.6, height=4.6, left=0.17)
    place = np.arange(len(order))
    with style.settings():
        style.label(ax, "The same text, relative to English", "times as long")
        ax.barh(place, table["BPE of English"][order], 0.7, color=style.CONTEXT,
                label="tokens of English reviews")
        ax.plot(table["bytes"][order], place, "|", ms=16, mew=3, color=style.INK, label="bytes")
        ax.plot(table["BPE of all"][order], place, "o", ms=9, color=style.SKY, mec=style.INK,
                label="tokens of all fifteen texts")
        ax.set(yticks=place, xlim=(0, 7.3), ylim=(-0.6, len(order) - 0.4))
        ax.set_yticklabels(order)
        ax.legend(loc="lower right", frameon=False)
    said = ", ".join(f"{name} {table['BPE of English'][name]:.2f}" for name in order[::-1][:4])
    return style.Picture(fig, f"Tokens of English reviews, relative to English: {said}, …")
