"""Still pictures of notebook 01: where a variance goes, and two kernels as heat maps."""

import numpy as np

from contexture_lite._text import drawn
from contexture_lite.teach.nb01_operators.explorer import variance_kept
from contexture_lite.teach.pictures import figures, style


def variance_split(games):
    """The law of total variance as bars of two colours, one for each {name: (context, g)}."""
    kept = np.array([variance_kept(context, g) for context, g in games.values()])
    fig, [ax] = style.panels(1, height=0.9 + 0.5 * len(kept), width=4.4, left=0.33, bottom=0.3,
                             top=0.85)
    place = -np.arange(len(kept))
    ax.barh(place, kept, 0.7, color=style.INPUT)
    ax.barh(place, 1 - kept, 0.7, left=kept, color=style.GREY)
    for y, share in zip(place, kept):
        side, ha, color = (0.015, "left", style.INK) if share < 0.5 else (-0.015, "right", "white")
        ax.text(share + side, y, f"{share:.3f}", va="center", ha=ha, color=color, fontsize=13)
    ax.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    ax.set_yticks(place, list(map(drawn, games)))
    style.label(ax, "Blue survives, grey is lost", "share of Var g(A)")
    shown = ", ".join(f"{name} {share:.3f}" for name, share in zip(games, kept))
    return style.Picture(fig, f"Share of the variance of g that survives: {shown}")


def kernels(context):
    """k_X and k_A of a small context as heat maps; 1 is chance."""
    fig, axes = style.panels(2)
    for ax, kernel, labels, title in (
            (axes[0], context.dual_kernel(), context.x_labels, "$k_X^+$: two inputs"),
            (axes[1], context.positive_pair_kernel(), context.a_labels,
             "$k_A^+$: two context values")):
        ax.imshow(kernel, cmap=figures.SIGNED, vmin=0, vmax=2, aspect="auto")
        for (i, j), value in np.ndenumerate(kernel):
            ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=15)
        names = list(map(drawn, labels))
        ax.set_xticks(range(len(names)), names)
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(length=0)
        style.label(ax, title)
    return style.Picture(fig, f"Two kernels as heat maps; the first row of k_X is "
                              f"{np.round(context.dual_kernel()[0], 2).tolist()}")
