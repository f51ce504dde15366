"""The pictures of notebook 16; their numbers are those of `results`."""

from __future__ import annotations

import numpy as np

from contexture_lite.teach.nb16_your_data.results import RULES
from contexture_lite.teach.pictures import style

WAYS = {"context by both": "context\nby both", "side by side": "side\nby side",
        "kernel ridge": "kernel\nridge", "forest": "forest"}
VIEWS = {4: "4 views", 16: "16 views", 64: "64 views"}
TICKS = {0.25: "×¼", 0.5: "×½"}
LABELS = {"20": "20 labels", "100": "100 labels", "all": "all labels"}


def costs(found):
    """Cost of every rule, a dot for each table, a bar at the median; a panel for each views."""
    short = dict(zip(RULES, ("R", "effective\nrank", "τ", "middle")))
    blocks = {title: {name: found[(found["views"] == views) & (found["rule"] == rule)]["cost"]
                      for rule, name in short.items()} for views, title in VIEWS.items()}
    return _strips(blocks, "Error ÷ least error", (0.93, 9), (1, 2, 4, 8))


def ratios(found):
    """Error over that of ridge regression on the columns, by way; a panel for each m."""
    blocks = {title: {name: found[(found["labels"] == m) & (found["way"] == way)]["ratio"]
                      for way, name in WAYS.items()} for m, title in LABELS.items()}
    return _strips(blocks, "Error ÷ that of the columns", (0.22, 9), (0.25, 0.5, 1, 2, 4, 8))


@style.settings()
def _strips(blocks, what, limits, ticks):
    """Dots in columns on a logarithmic scale; what lies outside is drawn at the edge."""
    fig, axes = style.panels(len(blocks), height=3.3, left=0.2)
    said = []
    for ax, (title, columns) in zip(axes, blocks.items()):
        ax.axhline(1, color=style.INK, lw=1.2)
        for place, (name, values) in enumerate(columns.items()):
            values = np.sort(values.to_numpy())
            aside = 0.26 * np.sin(2.4 * np.arange(len(values)))  # apart, the same every time
            ax.scatter(place + aside, np.clip(values, 1.03 * limits[0], 0.97 * limits[1]), s=26,
                       color=style.TASK, alpha=0.55, linewidths=0, clip_on=False)
            ax.plot([place - 0.36, place + 0.36], 2 * [np.median(values)], color=style.CONTEXT,
                    lw=3.5, solid_capstyle="butt")
            said.append(f"{title}, {name}: median {np.median(values):.2f}, mean "
                        f"{values.mean():.2f}, worst {values.max():.1f}".replace("\n", " "))
        ax.set(yscale="log", ylim=limits, xlim=(-0.6, len(columns) - 0.4))
        ax.minorticks_off()
        ax.set_yticks(ticks, [TICKS.get(tick, f"×{tick:g}") for tick in ticks])
        ax.set_xticks(range(len(columns)), list(columns))
        style.label(ax, title, y=what)
    return style.Picture(fig, f"{what}, a dot a table, a bar at the median: {'; '.join(said)}.")
