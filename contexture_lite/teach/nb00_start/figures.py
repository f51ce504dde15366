"""Still pictures of notebook 00: what is drawn as a context, and who is a friend of whom."""

import numpy as np

from contexture_lite._lazy import needed
from contexture_lite.teach.nb00_start.pairs import POINTS, digits_479, nearest
from contexture_lite.teach.pictures import figures, style

DRAWN = 6


def neighbours_drawn(counts, image=2):
    """An image, and six contexts drawn for it, for each number of neighbours in ``counts``."""
    pixels, _ = digits_479()
    fig, axes = style.panels(len(counts), height=2, left=0.03, bottom=0.01, top=0.85)
    for ax, k in zip(axes, counts):
        drawn = nearest()[image, np.random.default_rng(1).integers(0, k, DRAWN)]
        ax.imshow(_mosaic(pixels[image], pixels[drawn]), cmap="Greys", vmin=0, vmax=16)
        style.bare(ax)
        style.label(ax, {1: "1: only itself", POINTS: f"{POINTS}: anyone"}.get(k, f"{k} nearest"))
    shown = ", ".join(map(str, counts))
    return style.Picture(fig, f"A {digits_479()[1][image]} and {DRAWN} contexts drawn for it, from "
                              f"its {shown} nearest images")


def _mosaic(image, drawn):
    """The image, twice as large, and on its right two rows of what was drawn."""
    picture = np.zeros((18, 18 + 9 * DRAWN // 2))
    picture[1:17, :16] = np.kron(image.reshape(8, 8), np.ones((2, 2)))
    for i, other in enumerate(drawn):
        top, left = 9 * (i % 2), 19 + 9 * (i // 2)
        picture[top:top + 8, left:left + 8] = other.reshape(8, 8)
    return picture


def friendships(club, feature):
    """The club as a graph: coloured by ``feature``, one form a side, rings where its sign errs.

    ``club`` is `datasets.karate()`, ``feature`` (34,) a function of the members.
    """
    nx = needed("networkx")
    graph = nx.from_numpy_array(club.X)
    places = np.array(list(nx.spring_layout(graph, seed=4).values()))
    side = np.sign(feature) * np.sign(np.sum(np.sign(feature) * (club.y - 0.5)))
    wrong = (side > 0) != (club.y == 1)
    fig, [ax] = style.panels(1, width=4.4, height=3.4, left=0.02, right=0.98, bottom=0.02, top=0.85)
    for i, j in graph.edges:
        ax.plot(*places[[i, j]].T, color=style.GREY, lw=0.8, zorder=1)
    for y, form in ((0, "o"), (1, "s")):
        ax.scatter(*places[club.y == y].T, c=feature[club.y == y], cmap=figures.SIGNED, marker=form,
                   vmin=-1.5, vmax=1.5, s=150, edgecolors=style.INK, zorder=2)
    ax.scatter(*places[wrong].T, s=480, facecolors="none", edgecolors=style.INK, linewidths=2.5)
    style.bare(ax)
    style.label(ax, "Colour: $\\mu_1$; rings: errors\ncircles and squares: the two sides")
    return style.Picture(fig, f"34 members and their friendships, coloured by a feature whose sign "
                              f"tells the side of all but {wrong.sum()}")
